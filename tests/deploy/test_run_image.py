"""The container image: its Dockerfile as a linter reads it, and what is put into it, run by itself."""

import json
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from reconcile.artefact.contents import PACKAGE, Project
from reconcile.artefact.image import fill, main
from reconcile.artefact.lock import Pin
from reconcile.model.errors import ReconcileError
from reconcile.sandbox.serving import Served, served
from reconcile.settings.settings import PREFIX, Settings
from tests.deploy.examples import EXAMPLES, ROOT, text, tool

DOCKERFILE = "docker/Dockerfile"
BASE = 115_000_000
"""Bytes of Debian's slim image with its python3: measured on a minimal Debian 13 without documents."""

LIMIT = 250_000_000


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give tests the folder that the image holds."""
    folder = tmp_path_factory.mktemp("image") / "app"
    command = [word.replace("/app", str(folder)) for word in filling()]
    assert command[0] == "/venv/bin/python"
    subprocess.run([sys.executable, *command[1:]], cwd=ROOT, check=True, timeout=600)
    return folder


def instructions() -> list[tuple[str, str]]:
    """Return the instructions and what they are given, without comments, each on one line."""
    lines = "\n".join(line for line in text(DOCKERFILE).splitlines() if not line.startswith("#"))
    joined = re.sub(r" *\\\n *", " ", lines).splitlines()
    return [(name, given) for name, _, given in (line.partition(" ") for line in joined if line)]


def filling() -> list[str]:
    """Return the command that fills the folder."""
    (command,) = (given for name, given in instructions() if name == "RUN" and "artefact" in given)
    return command.split()


def last_stage() -> list[tuple[str, str]]:
    """Return the instructions of the image itself."""
    every = instructions()
    begin = max(place for place, (name, _) in enumerate(every) if name == "FROM")
    return every[begin:]


def run(app: Path, environ: Mapping[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the image's entrance as it stands there, where nothing but the folder is to be found."""
    (entrance,) = (json.loads(given) for name, given in last_stage() if name == "ENTRYPOINT")
    assert entrance[0] == "python3"
    # -P -s: only the folder and the standard library; -S: not what is installed on this machine either.
    command = [sys.executable, "-S", "-s", "-P", *entrance[1:], *arguments]
    given = {"PYTHONPATH": str(app), "PYTHONDONTWRITEBYTECODE": "1", "HOME": "/tmp", **environ}
    return subprocess.run(
        command, env=given, cwd="/", capture_output=True, text=True, check=False, timeout=180
    )


def test_hadolint_takes_the_dockerfile() -> None:
    """And would find an image without a tag."""
    path = EXAMPLES / DOCKERFILE
    done = subprocess.run([tool("hadolint"), str(path)], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")
    wrong = text(DOCKERFILE).replace("debian:trixie-slim", "debian")
    found = subprocess.run([tool("hadolint"), "-"], input=wrong, capture_output=True, text=True, check=False)
    assert "DL3006" in found.stdout


def test_the_image_runs_as_nobody_and_checks_where_nothing_else_is_said() -> None:
    stage = dict(last_stage())
    assert stage["USER"] == "65532:65532"
    assert (json.loads(stage["ENTRYPOINT"]), json.loads(stage["CMD"])) == (
        ["python3", "-m", "reconcile"],
        ["check"],
    )
    assert "PYTHONPATH=/app" in stage["ENV"].split()


def test_the_image_takes_nothing_from_the_build_but_the_folder() -> None:
    """Whose packages were checked against the lock's hashes, as were those that it was built with."""
    assert [given for name, given in last_stage() if name == "COPY"] == ["--from=build /app /app"]
    (locked,) = (given for name, given in instructions() if name == "RUN" and "requirements.lock" in given)
    assert "--require-hashes" in locked


def test_what_the_build_copies_is_sent_to_it() -> None:
    """The list of what is left out leaves these in, and no environment or report goes along."""
    copied = {word for name, given in instructions() if name == "COPY" for word in given.split()[:-1]}
    first, *rest = text("docker/Dockerfile.dockerignore").split()
    assert first == "*"
    assert copied - {"--from=build", "/app"} <= {line[1:] for line in rest if line.startswith("!")}


def test_the_image_stays_below_250_mb(app: Path) -> None:
    """Without the packages that only the demo or the tests need."""
    size = sum(path.stat().st_size for path in app.rglob("*") if path.is_file())
    print(f"{size:,} bytes, and {BASE:,} of Debian and its Python")
    assert BASE + size < LIMIT
    assert not {"moto", "flask", "pytest", "mypy"} & {path.name for path in app.iterdir()}
    assert {path.name for path in (app / "reconcile").iterdir()} & {"sandbox", "artefact", "docs"} == set()


def test_without_settings_one_screen_says_what_to_set(app: Path) -> None:
    """With the exit code of a wrong setting, and the next step last."""
    done = run(app, {}, "check")
    assert (done.returncode, done.stdout) == (64, "")
    fields = Settings.model_fields.items()
    needed = {f"{PREFIX}{name.upper()}" for name, field in fields if field.is_required()}
    assert needed <= set(re.findall(rf"{PREFIX}[A-Z_]+(?= is not set)", done.stderr))
    assert "`reconcile doctor`" in done.stderr.splitlines()[-1]
    assert len(done.stderr.splitlines()) <= 24


def test_the_image_checks_the_stores_and_writes_every_form_of_the_report(
    app: Path, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    with served(seed=1, recordings=12, reports=tmp_path_factory.mktemp("reports")) as stores:
        environ = own(stores)
        page, summary = tmp_path / "report.html", tmp_path / "summary.md"
        done = run(app, environ, "check", "--html", str(page), "--markdown", str(summary))
        assert done.returncode == 2, done.stderr
        listed = run(app, environ, "runs", "--json", "-")
    assert page.read_text("utf-8").startswith("<!")
    assert summary.read_text("utf-8").startswith("## ")
    assert len(json.loads(listed.stdout)) == 1


def own(stores: Served) -> dict[str, str]:
    return {**stores.environ, "RECONCILE_MODE": "check"}


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """Let the folder hold one small dependency, so that it is filled in no time."""
    (six,) = (pin for pin in Project.of(PACKAGE).run_time_pins() if pin.name == "six")
    monkeypatch.setattr(Project, "run_time_pins", lambda project: [six])
    return monkeypatch


@pytest.mark.usefixtures("small")
def test_the_folder_holds_the_package_with_its_templates_and_the_pins(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "app"
    assert main([str(folder)]) == 0
    assert re.fullmatch(rf"{folder}: [\d,]+ bytes\n", capsys.readouterr().out)
    assert (folder / "six.py").is_file()
    assert (folder / "reconcile/report/render/templates/mail.html.j2").is_file()
    assert (folder / "reconcile/cli/app.py").is_file()


def test_a_folder_that_is_there_is_left_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(tmp_path)]) == 64
    assert "is there already" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_a_file_whose_hash_is_not_the_locks_does_not_get_in(
    tmp_path: Path, small: pytest.MonkeyPatch
) -> None:
    forged = Pin("six", "1.17.0", (f"sha256:{'0' * 64}",))
    small.setattr(Project, "run_time_pins", lambda project: [forged])
    with pytest.raises(ReconcileError, match="pip could not install the dependencies"):
        fill(tmp_path / "app")
