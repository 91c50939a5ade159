"""The set rules on Spark: on a cluster of a master and two workers, and what is said where none answers."""

import pickle
import subprocess
import sys
from pathlib import Path

import pytest

from reconcile.engines.pandas import PANDAS
from reconcile.engines.registry import opened
from reconcile.model.errors import EngineError
from tests.engines.cases import CASES, NAMES
from tests.engines.cluster import HOST, cluster, environment, free_ports
from tests.engines.installed import needs
from tests.engines.on_spark import ARCHIVE, WORLD
from tests.engines.worlds import live, narrowed

MOST_SECONDS = 540


def on_spark(environ: dict[str, str], into: Path) -> "subprocess.CompletedProcess[str]":
    """Run the rules and the job in a process of its own."""
    command = [sys.executable, "-m", "tests.engines.on_spark", str(into)]
    return subprocess.run(
        command, env=environ, capture_output=True, text=True, timeout=MOST_SECONDS, check=False
    )


@needs("spark")
def test_a_cluster_finds_what_pandas_finds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rule by rule where values are null, suspect by suspect in an archive, and byte by byte in a report."""
    into = tmp_path / "found"
    with cluster(tmp_path) as master:
        done = on_spark(environment(master), into)
    assert (done.returncode, done.stderr[-2000:] if done.returncode else "") == (0, "")
    cases, suspects, report = pickle.loads(into.read_bytes())
    expected = {name: sorted(case.expected) for name, case in zip(NAMES, CASES, strict=True)}
    assert dict(zip(NAMES, cases, strict=True)) == expected
    by_pandas = narrowed(ARCHIVE, PANDAS)
    assert suspects == by_pandas
    assert all((by_pandas.fine, by_pandas.left_out, by_pandas.claims, by_pandas.spans, by_pandas.unsettled))
    kinds = by_pandas.suspects
    assert all((kinds.recordings, kinds.sessions, kinds.records, kinds.rows, kinds.programs))
    monkeypatch.setattr("reconcile.compare.verdicts.FEW", 0)
    assert report == live(*WORLD, PANDAS, "check")
    log = (tmp_path / "master.log").read_text()
    assert log.count("Registering worker") == 2
    assert "Registered app reconcile" in log


@needs("spark")
def test_a_master_that_is_not_there_is_named_at_once_with_the_next_step(tmp_path: Path) -> None:
    """Spark itself would try for a minute, and then say that its own objects are null."""
    (port,) = free_ports(1)
    done = on_spark(environment(f"spark://{HOST}:{port}"), tmp_path / "found")
    wanted = (
        f"nothing answers at Spark's master spark://{HOST}:{port}: start it, or name another with --master"
    )
    assert (done.returncode, done.stderr.splitlines()[-1]) == (3, wanted)


@needs("spark")
def test_without_java_the_package_to_install_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    with pytest.raises(EngineError) as raised, opened("spark"):
        pass
    assert raised.value.exit_code == 3
    assert "Spark needs Java 17 or later" in str(raised.value)
    assert "openjdk-17-jre-headless" in str(raised.value)
