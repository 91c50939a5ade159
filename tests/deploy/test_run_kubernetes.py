"""The example for Kubernetes: its schemas take it, and what the pods start runs."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from reconcile.model.errors import Exit
from reconcile.sandbox.serving import Served
from tests.deploy.examples import (
    CODES,
    LINTERS,
    documents,
    machine,
    reports_of,
    settings_of,
    text,
    that_ends_with,
)


def cron_jobs() -> list[Any]:
    return [one for one in documents("kubernetes/reconcile.yaml") if one["kind"] == "CronJob"]


def container(job: Any) -> Any:
    """Return the one container of a CronJob."""
    (one,) = job["spec"]["jobTemplate"]["spec"]["template"]["spec"]["containers"]
    return one


@pytest.mark.parametrize("version", ["1.31", "1.37"])
def test_the_schemas_of_kubernetes_take_each_part(version: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """And know every field in it; a field that they do not know would be found."""
    monkeypatch.syspath_prepend(str(LINTERS))
    validate = pytest.importorskip("kubernetes_validate", reason="kubernetes-validate is not installed here")
    parts = list(yaml.safe_load_all(text("kubernetes/reconcile.yaml")))[1:]
    assert [one["kind"] for one in parts][-2:] == ["CronJob", "CronJob"]
    for one in parts:
        validate.validate(one, version, strict=True)
    wrong = {**parts[-1], "spec": {**parts[-1]["spec"], "concurrency": "Forbid"}}
    with pytest.raises(validate.ValidationError):
        validate.validate(wrong, version, strict=True)


def test_night_and_week_differ_in_name_time_and_scope_alone() -> None:
    nightly, weekly = (json.dumps(job) for job in cron_jobs())
    for here, there in (
        ("30 5 * * 0", "30 3 * * *"),
        ("reconcile-weekly", "reconcile-nightly"),
        ("--full ", ""),
    ):
        weekly = weekly.replace(here, there)
    assert weekly == nightly


def test_a_pod_may_do_little_and_writes_nowhere_but_in_its_tmp() -> None:
    """What the restricted standard asks, and a root that is read only.

    https://kubernetes.io/docs/concepts/security/pod-security-standards/
    """
    spec = cron_jobs()[0]["spec"]["jobTemplate"]["spec"]["template"]["spec"]
    assert spec["securityContext"]["runAsNonRoot"] == "true"
    assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert container(cron_jobs()[0])["securityContext"] == {
        "allowPrivilegeEscalation": "false",
        "readOnlyRootFilesystem": "true",
        "capabilities": {"drop": ["ALL"]},
    }
    assert container(cron_jobs()[0])["volumeMounts"] == [{"name": "tmp", "mountPath": "/tmp"}]


@pytest.mark.parametrize("code", CODES)
@pytest.mark.parametrize(("job", "options"), [(0, ""), (1, " --full")])
def test_a_pod_succeeds_where_the_run_did_its_work(tmp_path: Path, code: int, job: int, options: str) -> None:
    """Otherwise it keeps the code, by which a second try is made or not."""
    one, on = container(cron_jobs()[job]), machine(tmp_path, that_ends_with(code))
    done = on.run([*one["command"], *map(on.here, one["args"])], {"RECONCILE_MODE": "repair"})
    assert done.returncode == (0 if code in (0, 2, 5) else code)
    assert done.stdout == f"called: repair{options}\n"


def test_no_second_try_is_made_where_it_cannot_help() -> None:
    """A code that stays as it is, or whose report would be sent twice."""
    rules = cron_jobs()[0]["spec"]["jobTemplate"]["spec"]["podFailurePolicy"]["rules"]
    (codes,) = (rule["onExitCodes"]["values"] for rule in rules if "onExitCodes" in rule)
    assert {int(code) for code in codes} == {Exit.UNDELIVERED, Exit.USAGE}


def test_a_pod_checks_the_stores(tmp_path: Path, small_stores: Served) -> None:
    """With what the ConfigMap and the Secret set."""
    on, one = machine(tmp_path), container(cron_jobs()[0])
    environ = {**settings_of("kubernetes/reconcile.yaml"), **small_stores.environ, "RECONCILE_MODE": "check"}
    before = set(reports_of(small_stores))
    done = on.run([*one["command"], *map(on.here, one["args"])], environ)
    assert done.returncode == 0, done.stderr
    assert len(set(reports_of(small_stores)) - before) == 1
