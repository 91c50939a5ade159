"""What the operations guide tells an operator to type: its names, options and events all exist."""

import json
import re

import pytest
import typer.main
from botocore.validate import ParamValidator

from reconcile.artefact import INTO
from reconcile.cli.app import app
from reconcile.metrics import BY_KIND, METRICS, NAMESPACE
from reconcile.model.run import Mode
from reconcile.report.data import approve_invocation
from reconcile.runs.order import asks_for_doctor, read_event
from reconcile.settings.settings import PREFIX
from tests.deploy.runbook import GUIDE, Call, call, calls, commands, of_tool, overrides, section
from tests.deploy.stack import PARAMETERS, TEMPLATE, template

RUNBOOK = GUIDE
COMMANDS = typer.main.get_group(app).commands
NAMING = ("FunctionName", "Name", "TableName", "LogGroupName", "AlarmName")
STACK = "reconcile-prod"
FUNCTIONS: dict[str, Mode] = {"reconcile-check-prod": "check", "reconcile-repair-prod": "repair"}


def named() -> set[str]:
    """Return the names that the template gives to what it makes for the stage prod."""
    properties = [resource["Properties"] for resource in template()["Resources"].values()]
    written = [one[naming] for one in properties for naming in NAMING if naming in one]
    return {one["Fn::Sub"].replace("${Stage}", "prod") for one in written if "Fn::Sub" in one}


def alarms() -> set[str]:
    """Return what the names of the template's alarms end with."""
    return {name.removeprefix(f"{STACK}-") for name in named() if name.startswith(f"{STACK}-")}


def table_of_alarms() -> list[list[str]]:
    rows = [line.strip("|").split("|") for line in section("The bad day").splitlines() if line[:1] == "|"]
    return [[cell.strip() for cell in row] for row in rows[2:]]


def test_the_lines_are_found() -> None:
    """The other tests have something to look at."""
    tools = {words[0].rpartition("/")[2] for words in commands(RUNBOOK)}
    assert tools == {"aws", "sam", "reconcile", "python", "pip", "git", "jq", "."}
    assert len(calls(RUNBOOK)) > 15
    assert "@@" not in GUIDE


@pytest.mark.parametrize("words", of_tool(RUNBOOK, "aws"), ids=" ".join)
def test_the_aws_cli_knows_each_option_and_takes_what_is_given(words: list[str]) -> None:
    """As the models of the services tell it."""
    asked = call(words)
    if asked.shape:
        report = ParamValidator().validate(asked.arguments, asked.shape)
        assert not report.has_errors(), report.generate_report()


def test_an_option_that_the_aws_cli_does_not_have_would_be_found() -> None:
    """And one that lacks."""
    with pytest.raises(KeyError):
        call(["lambda", "invoke", "--function", "reconcile-check-prod", "reply.json"])
    lacking = call(["lambda", "put-function-concurrency", "--function-name", "reconcile-check-prod"])
    assert lacking.shape is not None
    assert ParamValidator().validate(lacking.arguments, lacking.shape).has_errors()


def test_every_name_is_one_that_the_template_gives() -> None:
    """Functions, schedules, the table and the logs; the stack's own is the deployer's choice."""
    told = set(re.findall(r"(?:/aws/lambda/)?reconcile-(?:\w+-)*prod\b", RUNBOOK))
    assert told - {STACK} <= named()
    assert {*FUNCTIONS, "reconcile-state-prod", "reconcile-nightly-prod"} <= told


@pytest.mark.parametrize("words", of_tool(RUNBOOK, "reconcile"), ids=" ".join)
def test_the_command_line_takes_each_command_with_its_options(words: list[str]) -> None:
    """What it would do is not done."""
    name, *arguments = words
    context = COMMANDS[name].make_context(name, list(arguments))
    assert context.command is COMMANDS[name]


@pytest.mark.parametrize(
    "asked", [one for one in calls(RUNBOOK) if one.operation == "invoke"], ids=lambda one: str(one.arguments)
)
def test_the_function_knows_each_event(asked: Call) -> None:
    """For the mode that the function has; its reply goes somewhere."""
    assert_known(asked)


def assert_known(asked: Call) -> None:
    """An invocation names a function of the template, and an event that it takes."""
    mode = FUNCTIONS[asked.arguments["FunctionName"]]
    event = json.loads(asked.arguments["Payload"])
    assert asks_for_doctor(event) or read_event(event, mode, "prod").order.mode == mode
    assert len(asked.rest) == 1


def test_the_function_knows_the_event_that_a_report_tells_to_approve_its_repairs() -> None:
    """The guide says the same in one line."""
    run = "20260301T033000000Z-abcdef"
    (words,) = of_tool(f"```sh\n{approve_invocation(run, 'prod')}\n```".replace("\\\n", ""), "aws")
    assert_known(call(words))
    assert [word.replace(run, "RUN") for word in words] in of_tool(section("The bad day"), "aws")


@pytest.mark.parametrize("words", of_tool(RUNBOOK, "sam"), ids=" ".join)
def test_a_deployment_gives_parameters_that_the_template_has(words: list[str]) -> None:
    """It deploys this template, and keeps the stack's name."""
    assert words[0] == "deploy"
    assert words[words.index("--template-file") + 1] == TEMPLATE.name
    assert words[words.index("--stack-name") + 1] == STACK
    for name, value in overrides(words).items():
        parameter = template()["Parameters"][name]
        items = value.split(",") if parameter["Type"] == "CommaDelimitedList" else [value]
        assert all(re.fullmatch(parameter.get("AllowedPattern", ".*"), item) for item in items), name
        assert value in parameter.get("AllowedValues", [value])


SAM_CUTS = [
    ("Nightly=rate(1 minute)", {"Nightly": "rate(1"}),
    ("EmailFromName=Night watch", {"EmailFromName": "Night"}),
    ('MediaRoutes={"ivs/*": "b"}', {"MediaRoutes": "{"}),
    ('Nightly="cron(0 4 * * ? *)"', {"Nightly": "cron(0 4 * * ? *)"}),
    ('MediaRoutes="{\\"ivs/*\\": \\"b\\"}"', {"MediaRoutes": '{"ivs/*": "b"}'}),
    ('OldDomains=""', {"OldDomains": ""}),
]
"""What SAM makes of a word: it cuts at spaces and quotes, without a word of it."""


@pytest.mark.parametrize(("word", "read"), SAM_CUTS)
def test_a_value_with_a_space_or_a_quote_needs_quotes_of_its_own(word: str, read: dict[str, str]) -> None:
    """As SAM's own parser does it, where it is installed."""
    words = ["deploy", "--parameter-overrides", word]
    assert overrides(words) == read
    types = pytest.importorskip("samcli.cli.types", reason="SAM's own parser is not installed here")
    assert types.CfnParameterOverridesType().convert(tuple(words[2:]), None, None) == read


@pytest.mark.parametrize("words", of_tool(RUNBOOK, "sam"), ids=" ".join)
def test_sam_reads_each_deployment_as_it_is_meant(words: list[str]) -> None:
    """By its own parser: what is checked against the template is what is deployed."""
    given = words[words.index("--parameter-overrides") + 1 :] if "--parameter-overrides" in words else []
    assert len(overrides(words)) == len(given)
    types = pytest.importorskip("samcli.cli.types", reason="SAM's own parser is not installed here")
    assert types.CfnParameterOverridesType().convert(tuple(given), None, None) == overrides(words)


def test_the_first_deployment_gives_all_that_has_no_default() -> None:
    """Built into the folder that the template deploys."""
    first, *_ = of_tool(section("Deploy"), "sam")
    assert set(PARAMETERS) <= set(overrides(first))
    (build,) = of_tool(section("Deploy"), "python")
    assert build == ["-m", "reconcile.artefact"]
    assert f"CodeUri: {INTO}\n" in TEMPLATE.read_text(encoding="utf-8")


def test_every_parameter_that_is_named_is_one() -> None:
    """In sentences too; what else is written like one is an output or a metric."""
    parameters, outputs = template()["Parameters"], template()["Outputs"]
    metrics = {*METRICS, BY_KIND, NAMESPACE, "Mode", "Kind"}
    named = set(re.findall(r"`([A-Z]\w+)(?:=\w+)?`", RUNBOOK)) - {"ERROR_MESSAGE", "ROLLBACK_COMPLETE"}
    told = {name for name in named if not name.startswith(PREFIX)}
    assert told <= {*parameters, *outputs, *metrics}
    assert metrics <= told
    assert {"Nightly", "Weekly", "TimeZone", "RepairEnabled", "SchedulesEnabled", "CheckAfterDeploys"} <= told
    assert (
        set(re.findall(r"\*([A-Z][a-z]+Runs)\*", RUNBOOK)) == {"FailedRuns", "UnstartedRuns"} <= set(outputs)
    )


def test_every_alarm_stands_in_the_table_with_what_to_do() -> None:
    """And no other."""
    rows = table_of_alarms()
    assert {name for row in rows for name in re.findall(r"`([^`]+)`", row[0])} == alarms()
    assert all(meaning.endswith(".") and step.endswith(".") for _, meaning, step in rows)


def test_what_an_alarm_sends_the_reader_to_is_there() -> None:
    """Each heading that is named in italics is one of the bad day's, or of the report's."""
    steps = " ".join(step for *_, step in table_of_alarms())
    headings = re.findall(r"^\*\*([^*]+)\.\*\*", section("The bad day"), re.MULTILINE)
    named_steps = set(re.findall(r"\*([A-Z][^*]+)\*", steps))
    known = {*headings, "Not checked", "Sources read", "UnstartedRuns", "Task timed out"}
    assert named_steps <= known
