"""What the examples of how to run the job have in common: settings, times, and the guide that names them."""

import re

import pytest
from botocore.validate import ParamValidator

from reconcile.settings.settings import PREFIX, Settings, setting_names
from tests.deploy.examples import EXAMPLES, WORKFLOWS, documents, files, settings_of, text, unit
from tests.deploy.runbook import call, of_tool
from tests.deploy.stack import template

NEEDED = {f"{PREFIX}{name.upper()}" for name, field in Settings.model_fields.items() if field.is_required()}
MEMORY = {f"{PREFIX}STATE_TABLE", f"{PREFIX}REPORTS"}


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
