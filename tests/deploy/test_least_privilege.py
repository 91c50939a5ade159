"""Least privilege, both ways: no run needs a right that it has not, and no role has one that no run uses."""

from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pytest

from reconcile.cli.app import app
from reconcile.doctor import optional_rights
from reconcile.model.decision import Decision
from reconcile.model.errors import Denied
from reconcile.model.run import Mode
from reconcile.sandbox.setup import ACCOUNT, REGION
from reconcile.stores.lease import DynamoLease
from reconcile.stores.state import DynamoState
from tests.contract.harness import AT, journal_entry
from tests.deploy.demands import Place
from tests.deploy.evaluator import Grant
from tests.deploy.guard import Principal
from tests.deploy.nights import days, play
from tests.deploy.rights import MODES
from tests.deploy.runbook import commands_of_people
from tests.deploy.runs import Runs, runs_over
from tests.scenario.small import TABLE

ASKED_BY_AWS = {
    ("logs:CreateLogStream", ":log-group:"): "Lambda writes the log as the role",
    ("logs:PutLogEvents", ":log-group:"): "Lambda writes the log as the role",
    ("sqs:SendMessage", ":sqs:"): "Lambda keeps the events of failed runs as the role",
    ("kms:Decrypt", ":key/"): "the stores ask for it where such a key encrypts what is read",
    ("kms:GenerateDataKey", ":key/"): "the stores ask for it where such a key encrypts what is written",
    ("ses:SendEmail", ":configuration-set/"): "SES asks for it where the sender has a configuration set",
    ("ses:SendRawEmail", ":configuration-set/"): "SES asks for it where the sender has a configuration set",
}
"""What no call of the job names, and why a role needs it all the same."""

ELSEWHERE = {
    "demo": "runs over stores of its own, without AWS",
}
"""The commands that are not run here, and why."""


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Runs]:
    """Let some days pass in a deployment, once for all tests."""
    with runs_over(days().world(), tmp_path_factory.mktemp("runs")) as made:
        play(made)
        yield made


def refusals(runs: Runs, *, of_doctor: bool) -> set[str]:
    """Return what was refused while the days passed: who was refused which action."""
    return {
        f"{who}: {demand.action}"
        for who, demands in runs.guard.refused.items()
        for demand in demands
        if ("doctor" in who) is of_doctor
    }


# ---- The runs


def test_no_run_needs_a_right_that_whoever_runs_it_has_not(runs: Runs) -> None:
    """Commands and functions, each under the rights that the template and the guide give for it."""
    assert refusals(runs, of_doctor=False) == set()
    assert runs.guard.not_understood == []


def test_every_function_and_command_did_its_work_under_these_rights(runs: Runs) -> None:
    """A run that was refused something would end with 3, a command with its error."""
    ends = [("check", 2), ("check", 2), ("repair", 5), ("repair", 0), ("repair", 5), ("repair", 0)]
    assert runs.ends == ends
    assert {words for words, code in runs.codes.items() if code not in (0, 2, 5)} == set()
    groups = [group.typer_instance for group in app.registered_groups]
    commands = {str(one.name) for group in groups if group for one in group.registered_commands}
    ran = {words[1] for words in runs.codes}
    assert ran <= commands
    assert commands - ran - set(ELSEWHERE) == set()


def test_the_guide_gives_people_the_rights_under_which_each_command_ran(runs: Runs) -> None:
    """Row by row: a check's, those and the right to decide, a repair's, those and the right to an export."""
    deployment = runs.deployment
    principals = (
        (deployment.person("check"), deployment.doctor("check", "a person")),
        (deployment.decider(),),
        (deployment.person("repair"),),
        (deployment.undoer(TABLE),),
        (deployment.exporter("check", ""),),
    )
    for told, people in zip(commands_of_people(), principals, strict=True):
        names = {person.name for person in people}
        ran = {words[1:] for words in runs.codes if words[0] in names}
        without_options = {words[0] for words in ran}
        options = {f"{words[0]} {option}" for words in ran for option in words if option.startswith("--")}
        assert told <= without_options | options
        assert without_options <= {command.split(" ")[0] for command in told}


@pytest.mark.parametrize("mode", MODES)
def test_a_role_has_no_right_that_no_run_of_its_function_uses(runs: Runs, mode: Mode) -> None:
    """Down to one partition of one action on one table; what AWS asks for by itself is listed, and why."""
    role = runs.deployment.role(mode)
    granted = {grant for statement in role.statements for grant in statement.grants()}
    unused = granted - runs.guard.used[role.name]
    excused = {grant: one for grant in unused for one in ASKED_BY_AWS if is_of(grant, *one)}
    assert unused - set(excused) == set()
    assert set(excused.values()) == set(ASKED_BY_AWS)


def is_of(grant: Grant, action: str, part: str) -> bool:
    return grant.action == action and part in grant.resource


def test_the_right_to_decide_is_used_by_who_decides(runs: Runs) -> None:
    """The policy in the guide grants nothing else."""
    decider, reader = runs.deployment.decider(), runs.deployment.person("check")
    added = {grant for one in decider.statements for grant in one.grants()}
    added -= {grant for one in reader.statements for grant in one.grants()}
    table = Place(REGION, ACCOUNT).table(runs.deployment.state_table)
    assert added == {Grant("dynamodb:PutItem", table, "decision")}
    assert added <= runs.guard.used[decider.name]


def test_the_rights_to_take_back_are_used_by_who_does_and_no_role_has_them(runs: Runs) -> None:
    """The policy in the guide grants nothing else."""
    undoer = runs.deployment.undoer(TABLE)
    roles = {grant for mode in MODES for one in runs.deployment.statements[mode] for grant in one.grants()}
    added = {grant for one in undoer.statements for grant in one.grants()} - roles
    assert {grant.action for grant in added} == {"dynamodb:DeleteItem", "dynamodb:PutItem"}
    assert added <= runs.guard.used[undoer.name]


def test_a_command_of_somebody_without_rights_reads_and_writes_nothing(runs: Runs) -> None:
    """The guard stands before every client that a run makes."""
    before = memory(runs)
    runs.command(Principal("nobody", []), "check")
    assert runs.codes.pop(("nobody", "check")) == 3
    assert runs.guard.refused.pop("nobody")
    assert not runs.guard.used["nobody"]
    assert memory(runs) == before


# ---- The state table


def memory(runs: Runs) -> dict[tuple[str, str], Any]:
    """Return the rows of the state table as they stand."""
    client: Any = boto3.client("dynamodb")
    pages = client.get_paginator("scan").paginate(TableName=runs.deployment.state_table)
    rows = {(row["pk"]["S"], row["sk"]["S"]): row for page in pages for row in page["Items"]}
    client.close()
    return rows


def take_the_lease(client: Any, table: str) -> None:
    with DynamoLease(client, table, "run"):
        pass


def enter_a_write(client: Any, table: str) -> None:
    DynamoState(client, table).enter_all([journal_entry(1)])


def decide(client: Any, table: str) -> None:
    DynamoState(client, table).decide([Decision("assign", "x", "ann", "", None, AT, "b", "p", show="s")])


@pytest.mark.parametrize(
    ("mode", "write", "changed"),
    [
        ("check", take_the_lease, None),
        ("check", enter_a_write, None),
        ("check", decide, None),
        ("repair", take_the_lease, "lease"),
        ("repair", enter_a_write, "journal#run"),
        ("repair", decide, None),
    ],
)
def test_who_checks_touches_neither_lease_nor_journal_and_no_role_decides(
    runs: Runs, mode: Mode, write: Callable[[Any, str], None], changed: str | None
) -> None:
    """What is refused leaves the table as it was."""
    before, table = memory(runs), runs.deployment.state_table
    client = boto3.client("dynamodb")
    with runs.guard.acts(Principal("somebody with a role", runs.deployment.statements[mode])):
        if changed:
            write(client, table)
        else:
            with pytest.raises(Denied, match="not authorized to perform: dynamodb:PutItem"):
                write(client, table)
    client.close()
    runs.guard.refused.pop("somebody with a role", None)
    after = memory(runs)
    assert {key[0] for key in after if after[key] != before.get(key)} == ({changed} if changed else set())


# ---- Doctor


@pytest.mark.parametrize("mode", MODES)
def test_doctor_in_a_function_finds_that_its_role_may_do_all_that_it_needs(runs: Runs, mode: Mode) -> None:
    """Conditions of the policies are no failures; what it asks for beyond that is no more than a warning."""
    lines = runs.doctor(mode, mode)
    assert [line for line in lines.values() if line["state"] == "failed"] == []
    for action in ("PutItem", "UpdateItem"):
        line = lines[f"dynamodb:{action} on {runs.deployment.state_table}"]
        assert (line["state"], line["found"]) == ("ok", "allowed; nothing was written")
    asked = {refused.rpartition(": ")[2] for refused in refusals(runs, of_doctor=True)}
    assert asked == {action for action, _ in optional_rights.PERMISSIONS}


def test_doctor_names_the_partition_that_a_role_may_not_write_into(runs: Runs) -> None:
    """A repair with the rights of a check: without this, the policy would look right."""
    lines, table = runs.doctor("repair", "check"), runs.deployment.state_table
    put, update = (lines[f"dynamodb:{action} on {table}"] for action in ("PutItem", "UpdateItem"))
    assert (put["state"], update["state"]) == ("failed", "failed")
    assert put["found"].endswith("(where pk is journal#doctor)")
    assert update["found"].endswith("(where pk is journal#doctor)")
    assert put["step"] == f"Grant dynamodb:PutItem on arn:aws:dynamodb:*:*:table/{table}."


def test_doctor_leaves_nothing_in_the_state_table(runs: Runs) -> None:
    before = memory(runs)
    runs.doctor("repair", "repair")
    assert memory(runs) == before
