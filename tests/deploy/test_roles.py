"""What each function is given and allowed: every setting, and the rights of its mode and no more."""

from collections.abc import Iterator

import pytest

from reconcile.model.run import Mode
from reconcile.permissions import partitions
from reconcile.settings.settings import PREFIX, Settings
from tests.deploy.evaluator import like
from tests.deploy.rights import (
    FUNCTIONS,
    MODES,
    ROLES,
    SECRETS,
    allowed,
    environment,
    lambdas_own,
    needed,
    settings,
    statements,
)
from tests.deploy.stack import ACCOUNT, LOOKED_AT, Stack, deployed

NEVER_SET = {
    "algolia_host": "stands in for Algolia's own hosts, which no account has",
    "export": "names exports of one night, and the functions' roles may read none",
}
"""The settings that no deployment makes, and why."""

MAIL = {"EmailFrom": "reports@example.net", "EmailTo": "ann@example.net,bob@example.net"}


@pytest.fixture(scope="module")
def stack() -> Iterator[Stack]:
    """Give tests a stack that sends mail, repairs, and looks at the application's functions."""
    with deployed(RepairEnabled="true", **MAIL, **LOOKED_AT) as made:
        yield made


@pytest.mark.parametrize("mode", MODES)
def test_every_setting_is_set_or_listed_with_the_reason_why_not(stack: Stack, mode: Mode) -> None:
    """And nothing is set that is no setting."""
    wanted = {f"{PREFIX}{name.upper()}" for name in Settings.model_fields if name not in NEVER_SET}
    assert set(environment(stack, mode)) == wanted


@pytest.mark.parametrize("mode", MODES)
def test_the_function_can_read_its_settings(
    stack: Stack, mode: Mode, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With its own secret, the stack's table and bucket, and the mode that its name says."""
    read = settings(stack, mode, monkeypatch)
    assert (read.mode, read.stage, read.table) == (mode, "prod", "app-table")
    assert read.bucket == ("recordings-one", "recordings-two")
    assert read.state_table == "reconcile-state-prod"
    assert read.reports == f"s3://{stack.physical('ReportBucket')}/reports"
    assert read.algolia_api_key.get_secret_value() == f"secretsmanager:{SECRETS[mode]}#algolia_api_key"
    assert read.email_to == ("ann@example.net", "bob@example.net")
    assert (read.processor_function, read.composer_function) == tuple(LOOKED_AT.values())
    assert not read.slack_webhook.get_secret_value()
    assert not read.webhook.get_secret_value()


@pytest.mark.parametrize("mode", MODES)
def test_what_is_left_out_stands_at_the_settings_default(
    stack: Stack, mode: Mode, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A parameter's default never differs from the setting's."""
    read = settings(stack, mode, monkeypatch)
    left = [
        name.removeprefix(PREFIX).lower() for name, value in environment(stack, mode).items() if not value
    ]
    assert "media_routes" in left
    for name in (*left, "old_domains", "skip_roots", "algolia_index", "notify", "read_units"):
        assert getattr(read, name) == Settings.model_fields[name].default, name


@pytest.mark.parametrize("mode", MODES)
def test_a_role_may_do_what_its_mode_declares_and_no_more(stack: Stack, mode: Mode) -> None:
    """Besides that, Lambda logs and keeps the events of failed runs as the role."""
    assert allowed(stack, ROLES[mode]) == needed(stack, mode) | lambdas_own(stack, mode)


@pytest.mark.parametrize("mode", MODES)
def test_a_role_may_write_into_the_partitions_that_its_mode_declares_and_no_others(
    stack: Stack, mode: Mode
) -> None:
    """Of its memory; the partition of decisions is in no list."""
    table, found = stack.attribute("StateTable", "Arn"), dict[str, tuple[str, ...]]()
    for statement in statements(stack, mode):
        for action in statement.actions if table in statement.resources else ():
            assert action not in found
            found[action] = statement.partitions
    written = {action: names for action, names in found.items() if action in partitions(mode)}
    assert written == partitions(mode)
    assert not any(like("decision", name) for names in written.values() for name in names)
    reading = {"dynamodb:GetItem", "dynamodb:Query", "dynamodb:ConditionCheckItem"}
    assert set(found) - set(written) <= reading


def test_who_checks_can_write_to_nothing_but_its_memory_and_its_reports(stack: Stack) -> None:
    """And cannot read the secret with the key that writes to the index."""
    reading = ("Get", "List", "Scan", "Query", "BatchGet")
    own = (stack.attribute("StateTable", "Arn"), f"{stack.attribute('ReportBucket', 'Arn')}/*")
    for action, resource in allowed(stack, "ReaderRole") - lambdas_own(stack, "check"):
        verb = action.split(":")[1]
        assert (
            action in ("ses:SendEmail", "ses:SendRawEmail") or verb.startswith(reading) or resource in own
        ), f"{action} {resource}"
        assert SECRETS["repair"] not in resource


@pytest.mark.parametrize("role", ["ReaderRole", "WriterRole", "SchedulerRole"])
def test_no_role_deletes_and_none_has_a_right_without_a_bound(stack: Stack, role: str) -> None:
    """No action ends with a star, and no resource is one."""
    rights = allowed(stack, role)
    assert rights
    assert not [action for action, _ in rights if "Delete" in action or "*" in action]
    assert not [resource for _, resource in rights if resource == "*"]


def test_the_schedules_may_start_the_two_functions_and_keep_what_started_none(stack: Stack) -> None:
    """Nobody else's schedules may use the role."""
    functions = {stack.attribute(name, "Arn") for name in FUNCTIONS.values()}
    queue = stack.attribute("UnstartedRuns", "Arn")
    expected = {("lambda:InvokeFunction", function) for function in functions} | {("sqs:SendMessage", queue)}
    assert allowed(stack, "SchedulerRole") == expected
    (trust,) = stack["SchedulerRole"]["AssumeRolePolicyDocument"]["Statement"]
    assert trust["Principal"] == {"Service": "scheduler.amazonaws.com"}
    assert trust["Condition"] == {"StringEquals": {"aws:SourceAccount": ACCOUNT}}
