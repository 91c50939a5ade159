"""Doctor looks at every way to people, sends each one test message if asked, and never tells a secret."""

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from reconcile.cli.app import run
from reconcile.deliver.webhook import signature_of
from reconcile.doctor import Line
from reconcile.sandbox.embedded import API_KEY
from tests.contract import ping_desk, teams_desk
from tests.contract.loopback import Answer, Asked
from tests.contract.ping_desk import PingDesk
from tests.contract.slack_desk import SECRET, Desk, slack
from tests.contract.teams_desk import RUN_ID, TeamsDesk, words, workflow
from tests.scenario.clinic import Clinic
from tests.scenario.conftest import Shells
from tests.scenario.small import agreeing
from tests.scenario.test_delivery import READER, SENDER, embedded_ses, with_mail


def takes_posts(asked: Asked) -> Answer:
    """Answer as Slack does, and a look as a server does that has nothing but posts to take."""
    return slack(asked) if asked.method == "POST" else Answer(405)


@pytest.fixture
def clinic(shell_on: Shells) -> Clinic:
    """A system in which all is well."""
    clinic = Clinic(shell_on(agreeing().world()))
    clinic.secrets += [SECRET, teams_desk.SECRET]
    return clinic


@pytest.fixture
def desk() -> Iterator[Desk]:
    """Start a server that takes messages."""
    with Desk(takes_posts) as desk:
        yield desk


def production(clinic: Clinic, *, allowed: bool = True, **more: Any) -> None:
    """Let SES tell of an account that may send, out of the sandbox or in it."""
    account = {"SendingEnabled": True, "ProductionAccessEnabled": allowed, "EnforcementStatus": "HEALTHY"}
    clinic.answer("GetAccount", **account | more)


def failed(lines: dict[str, Line]) -> list[str]:
    return [what for what, line in lines.items() if line.state == "failed"]


# ---- Test messages


def test_every_channel_gets_one_test_message_and_nobody_anything_else(clinic: Clinic, desk: Desk) -> None:
    """Each says that it is a test, of which stage; the servers get no other request, and all is ok."""
    with_mail(clinic.shell)
    production(clinic)
    clinic.set(slack_webhook=desk.address, webhook_secret="sign-with-this")
    clinic.secrets.append("sign-with-this")
    with Desk(lambda asked: Answer(204)) as receiver, TeamsDesk() as teams:
        clinic.set(webhook=receiver.address, teams_webhook=teams.address)
        lines = clinic.look(send=True)
    assert clinic.unwell() == {}
    assert [lines[f"test message by {name}"].found for name in ("slack", "webhook")] == ["sent", "sent"]
    assert lines["test message by teams"].found == f"sent, as {RUN_ID}"
    (to_slack,), (notice,), (mail,) = desk.asked, receiver.asked, embedded_ses().sent_messages
    (card,) = teams.asked
    assert words(card.document) == ["[sandbox] This is a test message of reconcile doctor; nothing is wrong."]
    assert lines["test message by email"].found == f"sent, as {mail.id}"
    assert "[sandbox] This is a test message of reconcile doctor" in to_slack.document["text"]
    assert "[sandbox] This is a test message of reconcile doctor" in json.dumps(notice.document)
    assert notice.headers["x-reconcile-signature"] == signature_of(notice.body, "sign-with-this")
    assert mail.destinations["ToAddresses"] == [READER]


def test_without_being_asked_nothing_is_sent(clinic: Clinic, desk: Desk) -> None:
    """The servers are asked for their heads; SES gets no mail; what only a message tells is not called ok."""
    with_mail(clinic.shell)
    production(clinic)
    clinic.set(slack_webhook=desk.address, webhook=desk.address)
    lines = clinic.look()
    assert [asked.method for asked in desk.asked] == ["HEAD", "HEAD"]
    assert embedded_ses().sent_messages == []
    asked_of_ses = {f"{action} on {SENDER}" for action in ("ses:SendEmail", "ses:SendRawEmail")}
    assert clinic.unwell() == dict.fromkeys(asked_of_ses, "warning")
    assert lines[f"ses:SendEmail on {SENDER}"].found.startswith("not checked")
    assert "reconcile doctor --send" in lines[f"ses:SendEmail on {SENDER}"].step
    assert clinic.code == 2


def test_the_dead_man_switch_gets_a_line_in_its_log_and_no_ping(clinic: Clinic) -> None:
    """Neither success nor failure: doctor is no run."""
    clinic.secrets.append(ping_desk.SECRET)
    with PingDesk() as switch:
        clinic.set(ping_url=switch.address)
        lines = clinic.look(send=True)
        assert switch.signals == ["log"]
        assert "[sandbox] This is a test message" in switch.told[0].body
    assert (clinic.unwell(), lines["test ping"].state) == ({}, "ok")


def test_without_being_asked_the_dead_man_switch_hears_nothing(clinic: Clinic) -> None:
    """Any request to the ping URL would be a success: its server alone is looked for."""
    clinic.secrets.append(ping_desk.SECRET)
    with PingDesk() as switch:
        clinic.set(ping_url=switch.address)
        lines = clinic.look()
    assert [(asked.method, asked.path) for asked in switch.asked] == [("HEAD", "/")]
    assert lines["server of RECONCILE_PING_URL"].state == "ok"


@pytest.mark.parametrize("answer", [Answer(500), Answer(200, b"OK (not found)"), Answer(lost=True)])
def test_a_dead_man_switch_that_takes_no_ping_fails_the_test(clinic: Clinic, answer: Answer) -> None:
    clinic.secrets.append(ping_desk.SECRET)
    with PingDesk() as switch:
        clinic.set(ping_url=switch.address)
        switch.script.extend([answer] * 3)
        lines = clinic.look(send=True)
    assert failed(lines) == ["test ping"]
    assert "RECONCILE_PING_URL" in lines["test ping"].found


# ---- Servers


def test_without_being_asked_no_workflow_is_started(clinic: Clinic) -> None:
    """Whatever is asked of its address may start it: its server alone is looked for."""
    with TeamsDesk(lambda asked: workflow(asked) if asked.method == "POST" else Answer(404)) as desk:
        clinic.set(teams_webhook=desk.address)
        clinic.look()
    assert [(asked.method, asked.path, asked.query) for asked in desk.asked] == [("HEAD", "/", {})]


@pytest.mark.parametrize("status", [404, 410, 500, 503])
def test_a_server_that_has_nothing_there_is_warned_of_and_fails_the_test_message(
    clinic: Clinic, desk: Desk, status: int
) -> None:
    clinic.set(webhook=desk.address)
    desk.script.append(Answer(status))
    line = clinic.look()["server of RECONCILE_WEBHOOK"]
    assert line.state == "warning"
    assert str(status) in line.found
    desk.script.append(Answer(status, b"secret-path was not found"))
    lines = clinic.look(send=True)
    assert failed(lines) == ["test message by webhook"]
    assert str(status) in lines["test message by webhook"].found
    assert clinic.code == 3


def test_a_slack_channel_that_was_archived_is_named_when_a_message_is_sent(
    clinic: Clinic, desk: Desk
) -> None:
    clinic.set(slack_webhook=desk.address)
    desk.script.append(Answer(410, b"channel_is_archived"))
    lines = clinic.look(send=True)
    assert failed(lines) == ["test message by slack"]
    assert "channel_is_archived" in lines["test message by slack"].found


@pytest.mark.parametrize("send", [False, True])
def test_a_server_that_hangs_is_given_up(clinic: Clinic, desk: Desk, send: bool) -> None:
    """It fails, and the rest is told all the same."""
    clinic.limits = replace(clinic.limits, server=1.0, sending=1.0)
    clinic.set(webhook=desk.address)
    desk.script.append(desk.hang)
    lines = clinic.look(send=send)
    assert failed(lines) == ["test message by webhook" if send else "server of RECONCILE_WEBHOOK"]
    assert lines["browse on programs"].state == "ok"


@pytest.mark.parametrize("setting", ["slack_webhook", "teams_webhook", "webhook"])
def test_a_server_that_is_not_there(clinic: Clinic, setting: str) -> None:
    clinic.set(**{setting: f"http://127.0.0.1:9/{SECRET}"})
    lines = clinic.look()
    (line,) = (lines[what] for what in failed(lines))
    assert line.what == f"server of RECONCILE_{setting.upper()}"
    assert "can be reached from here" in line.step


def test_a_way_on_which_reports_can_be_read_is_refused(clinic: Clinic) -> None:
    clinic.set(webhook=f"http://192.0.2.1/{SECRET}")
    line = clinic.look()["RECONCILE_WEBHOOK"]
    assert (line.state, "unencrypted" in line.found) == ("failed", True)


# ---- Mail


def test_a_sender_that_ses_has_not_verified(clinic: Clinic) -> None:
    """Its step names the setting; nothing is sent, and the account is looked at all the same."""
    with_mail(clinic.shell, verified=False)
    production(clinic)
    lines = clinic.look()
    assert failed(lines) == [f"sender {SENDER}"]
    assert "RECONCILE_EMAIL_FROM" in lines[f"sender {SENDER}"].step
    assert lines["SES account"].found == "may send"
    assert embedded_ses().sent_messages == []


def test_a_sender_of_a_verified_domain_is_verified(clinic: Clinic) -> None:
    with_mail(clinic.shell, verified=False)
    embedded_ses().create_email_identity_v2("example.net", [], {}, None)
    assert clinic.look()[f"sender {SENDER}"].found == "verified, as example.net"


@pytest.mark.parametrize("reader_too", [False, True])
def test_in_the_sandbox_of_ses_readers_must_be_verified(clinic: Clinic, reader_too: bool) -> None:
    with_mail(clinic.shell)
    if reader_too:
        embedded_ses().create_email_identity_v2(READER, [], {}, None)
    else:
        clinic.set(email_to="bob@example.org")
    production(clinic, allowed=False)
    line = clinic.look()["SES account"]
    assert line.state == ("warning" if reader_too else "failed")
    assert "in the sandbox" in line.found
    assert "production access" in line.step
    assert ("bob@example.org" in line.found) is not reader_too


@pytest.mark.parametrize(
    ("more", "state", "told"),
    [
        ({"SendingEnabled": False}, "failed", "paused"),
        ({"EnforcementStatus": "SHUTDOWN"}, "failed", "paused"),
        ({"EnforcementStatus": "PROBATION"}, "warning", "PROBATION"),
    ],
)
def test_an_account_that_may_not_send(clinic: Clinic, more: dict[str, Any], state: str, told: str) -> None:
    with_mail(clinic.shell)
    production(clinic, **more)
    line = clinic.look()["SES account"]
    assert line.state == state
    assert told in line.found
    assert "SES console" in line.step


def test_an_endpoint_that_does_not_tell_is_not_called_ok(clinic: Clinic) -> None:
    """The embedded SES knows no account."""
    with_mail(clinic.shell)
    line = clinic.look()["SES account"]
    assert (line.state, line.found) == ("warning", "not checked: this endpoint does not report it")


# ---- Secrets that are kept elsewhere


def test_secrets_that_are_kept_elsewhere_are_fetched_and_not_shown(clinic: Clinic, desk: Desk) -> None:
    kept = {"algolia_api_key": API_KEY, "slack_webhook": desk.address, "webhook_secret": "sign-with-this"}
    clinic.keep_secret("all-of-them", json.dumps(kept))
    clinic.secrets.append("sign-with-this")
    clinic.set(**{name: f"secretsmanager:all-of-them#{name}" for name in kept})
    with Desk(lambda asked: Answer(204)) as receiver:
        clinic.set(webhook=receiver.address)
        lines = clinic.look(send=True)
    assert clinic.unwell() == {}
    assert lines["RECONCILE_ALGOLIA_API_KEY"].found == "kept in secretsmanager:all-of-them#algolia_api_key"
    assert lines["RECONCILE_SLACK_WEBHOOK in all-of-them#slack_webhook"].found == "it can be read"
    assert (len(desk.arrived), len(receiver.arrived)) == (1, 1)


def test_a_secret_that_is_gone_is_named_and_what_rests_on_it_is_not_looked_at(clinic: Clinic) -> None:
    clinic.set(algolia_api_key="secretsmanager:no/such#field", webhook="secretsmanager:no/such#hook")
    lines = clinic.look(send=True)
    assert failed(lines) == [
        "RECONCILE_ALGOLIA_API_KEY in no/such#field",
        "RECONCILE_WEBHOOK in no/such#hook",
    ]
    line = lines["RECONCILE_ALGOLIA_API_KEY in no/such#field"]
    assert "ResourceNotFoundException" in line.found
    assert "RECONCILE_ALGOLIA_API_KEY" in line.step
    assert clinic.unwell() == dict.fromkeys(failed(lines), "failed") | {
        "index programs": "warning",
        "configuration": "warning",
        "server of RECONCILE_WEBHOOK": "warning",
        "test message by webhook": "warning",
    }
    assert lines["index programs"].found.endswith("it needs RECONCILE_ALGOLIA_API_KEY in no/such#field")


@pytest.mark.parametrize(
    "text", ['{"other": "told-nowhere"}', "told-nowhere", '{"field": 5}', '{"field": "told-nowhere\\n2"}']
)
def test_a_malformed_secret_is_named_and_not_told(clinic: Clinic, text: str) -> None:
    clinic.secrets.append("told-nowhere")
    clinic.keep_secret("malformed", text)
    clinic.set(algolia_api_key="secretsmanager:malformed#field")
    lines = clinic.look()
    (what,) = failed(lines)
    assert what == "RECONCILE_ALGOLIA_API_KEY in malformed#field"
    assert "RECONCILE_ALGOLIA_API_KEY" in lines[what].step


def test_a_secret_that_is_no_address(clinic: Clinic) -> None:
    clinic.secrets.append("told-nowhere")
    clinic.keep_secret("no-address", "told-nowhere")
    clinic.set(slack_webhook="secretsmanager:no-address")
    lines = clinic.look()
    assert failed(lines) == ["RECONCILE_SLACK_WEBHOOK in no-address"]
    assert "https://" in lines["RECONCILE_SLACK_WEBHOOK in no-address"].found


def test_the_command_sends_when_asked(clinic: Clinic, desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    clinic.set(slack_webhook=desk.address)
    assert run(["doctor", "--send"]) == 0
    assert len(desk.arrived) == 1
    assert "ok       test message by slack: sent\n" in capsys.readouterr().out
