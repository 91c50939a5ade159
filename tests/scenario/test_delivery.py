"""Reports reach people: kept first, sent once, told what became of it, and sent again when asked."""

import hashlib
import hmac
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html import unescape
from typing import Any

import boto3
import pytest
from moto.backends import get_backend

from reconcile import wiring
from reconcile.cli.app import run
from tests.contract.loopback import Answer, Asked, Loopback
from tests.scenario.conftest import Shell, Shells
from tests.scenario.small import agreeing, lacking_a_program

SENDER, READER = "reconcile@example.net", "ann@example.net"


@dataclass
class Desk:
    """Where messages arrive: a server that keeps what it accepted, and can refuse."""

    status: int = 200
    arrived: list[Asked] = field(default_factory=list)
    server: Loopback = field(init=False)

    def __post_init__(self) -> None:
        self.server = Loopback(self._answer)

    def _answer(self, asked: Asked) -> Answer:
        if self.status < 300:
            self.arrived.append(asked)
        return Answer(self.status, b"ok" if self.status < 300 else b"scripted refusal")

    @property
    def address(self) -> str:
        """The webhook's address, whose path is its secret."""
        return f"{self.server.url}/services/T0/B0/secret-path"


@pytest.fixture
def desk() -> Iterator[Desk]:
    """Start a server that takes messages."""
    desk = Desk()
    with desk.server:
        yield desk


def embedded_ses() -> Any:
    """Return the memory of the embedded SES, which outlives the tests of a process."""
    backends: Any = get_backend("ses")
    return backends["123456789012"]["us-east-1"]


def with_mail(shell: Shell, *, verified: bool = True) -> None:
    """Set the mail channel, with a sender that the embedded SES, which is new, knows or does not know."""
    embedded_ses().reset()
    if verified:
        client = boto3.client("sesv2")
        client.create_email_identity(EmailIdentity=SENDER)
        client.close()
    shell.monkeypatch.setenv("RECONCILE_EMAIL_FROM", SENDER)
    shell.monkeypatch.setenv("RECONCILE_EMAIL_TO", READER)


def outcomes(report: dict[str, Any]) -> dict[str, str]:
    return {one["channel"]: one["outcome"] for one in report["deliveries"]}


def kept(shell: Shell, name: str) -> dict[str, Any]:
    report: dict[str, Any] = json.loads((shell.folder / "reports" / name / "report.json").read_text())
    return report


def test_one_message_arrives_on_each_channel_and_the_kept_report_says_so(
    shell_on: Shells, desk: Desk
) -> None:
    """Slack, the webhook and SES each took one; the kept report and the returned one are the same."""
    shell = shell_on(lacking_a_program().world())
    with_mail(shell)
    shell.monkeypatch.setenv("RECONCILE_SLACK_WEBHOOK", f"{desk.address}/slack")
    shell.monkeypatch.setenv("RECONCILE_WEBHOOK", f"{desk.address}/generic")
    shell.monkeypatch.setenv("RECONCILE_WEBHOOK_SECRET", "sign-with-this")
    code, report = shell("check")
    assert code == 2
    assert outcomes(report) == {"email": "sent", "slack": "sent", "webhook": "sent"}
    assert kept(shell, report["run"]["id"]) == report
    slack, generic = desk.arrived
    assert "sandbox" in slack.document["text"]
    assert report["headline"] in json.dumps(slack.document)
    assert generic.document["run"]["id"] == report["run"]["id"]
    signature = hmac.new(b"sign-with-this", generic.body, hashlib.sha256).hexdigest()
    assert generic.headers["x-reconcile-signature"] == f"sha256={signature}"


def test_the_embedded_ses_took_one_mail_with_stage_and_counts_in_its_subject(shell_on: Shells) -> None:
    """And with the headline in the mail."""
    shell = shell_on(lacking_a_program().world())
    with_mail(shell)
    report = shell("check")[1]
    (message,) = embedded_ses().sent_messages
    assert message.subject.startswith("[sandbox] ")
    assert f"{report['numbers']['new']:,} new" in message.subject
    assert report["headline"] in unescape(message.body)
    assert message.destinations["ToAddresses"] == [READER]


def test_what_could_not_be_sent_ends_with_4_and_is_sent_again_by_hand(
    shell_on: Shells, desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    """The report is kept with the failure; after `report --send` it says sent, and its code is the work's."""
    shell = shell_on(lacking_a_program().world())
    shell.monkeypatch.setenv("RECONCILE_SLACK_WEBHOOK", desk.address)
    desk.status = 404
    code, report = shell("check")
    assert (code, outcomes(report), report["run"]["exit_code"]) == (4, {"slack": "failed"}, 4)
    assert kept(shell, report["run"]["id"]) == report
    page = (shell.folder / "reports" / report["run"]["id"] / "report.html").read_text()
    assert re.search(r"<dt>slack</dt>\s*<dd>(<[^>]+>)?failed, ", page)
    told = capsys.readouterr()
    assert "not sent by slack" in told.err
    shell("report", report["run"]["id"], "--all")
    whole = capsys.readouterr().out
    assert "slack: failed, " in whole
    assert "secret-path" not in told.err + told.out + whole + json.dumps(report)
    desk.status = 200
    code, again = shell("report", report["run"]["id"], "--send")
    assert (code, outcomes(again), again["run"]["exit_code"]) == (0, {"slack": "sent"}, 2)
    assert kept(shell, report["run"]["id"]) == again
    assert len(desk.arrived) == 1
    assert again["findings"] == report["findings"]


def test_report_send_without_a_channel_is_refused(
    shell_on: Shells, capsys: pytest.CaptureFixture[str]
) -> None:
    shell = shell_on(agreeing().world())
    shell("check")
    assert run(["report", "--send"]) == 64
    assert "RECONCILE_SLACK_WEBHOOK" in capsys.readouterr().err


def test_a_quiet_run_sends_nothing_after_the_first(shell_on: Shells, desk: Desk) -> None:
    """Where all agrees one message a week proves that the job lives; `always` sends every time."""
    shell = shell_on(agreeing().world())
    shell.monkeypatch.setenv("RECONCILE_SLACK_WEBHOOK", desk.address)
    assert [outcomes(shell("check")[1])["slack"] for _ in range(3)] == ["sent", "quiet", "quiet"]
    shell.monkeypatch.setenv("RECONCILE_NOTIFY", "always")
    assert outcomes(shell("check")[1])["slack"] == "sent"
    assert len(desk.arrived) == 2


@pytest.mark.parametrize(
    ("setting", "named"),
    [("RECONCILE_SLACK_WEBHOOK", "slack"), ("RECONCILE_WEBHOOK", "webhook")],
)
def test_a_secret_that_is_gone_costs_its_channel_only(shell_on: Shells, setting: str, named: str) -> None:
    """The work is done, the report kept, and the delivery says which secret is missing."""
    shell = shell_on(lacking_a_program().world())
    shell.monkeypatch.setenv(setting, "secretsmanager:no/such/secret#field")
    code, report = shell("check")
    assert (code, outcomes(report)) == (4, {named: "failed"})
    assert "no/such/secret" in report["deliveries"][0]["detail"]
    assert [finding["kind"] for finding in report["findings"]] == ["program-missing"]


@pytest.mark.parametrize(
    ("named", "text", "told"),
    [
        ("#field", '{"other": "x-secret"}', "it has other"),
        ("#field", "plain-secret words", "no JSON object"),
        ("#field", '{"field": 5}', "is no text"),
        ("#field", '{"field": "two-secret\\nlines"}', "cannot be seen"),
        ("#field", '{"field": "x-secret\\n"}', "white space"),
        ("", '{"algolia_api_key": "x-secret", "webhook": "y-secret"}', "algolia_api_key, webhook"),
        ("", ' {"a": {"b": "x-secret"}} ', "name one of its fields (a)"),
        ("", '["x-secret"]', "JSON"),
        ("", "x-secret\n", "white space"),
        ("", '"x-secret"', "no key has"),
        ("", "", "empty"),
    ],
)
def test_a_kept_secret_that_can_be_no_search_key_is_refused_and_sent_nowhere(
    shell_on: Shells, desk: Desk, capsys: pytest.CaptureFixture[str], named: str, text: str, told: str
) -> None:
    """Refused before anything is read; the error names fields and never values, and no store hears any."""
    shell = shell_on(lacking_a_program().world())
    client = boto3.client("secretsmanager")
    client.create_secret(Name="search", SecretString=text or " ")
    shell.monkeypatch.setenv("RECONCILE_ALGOLIA_API_KEY", f"secretsmanager:search{named}")
    shell.monkeypatch.setenv("RECONCILE_ALGOLIA_HOST", desk.server.url)
    code, report = shell("check")
    client.delete_secret(SecretId="search", ForceDeleteWithoutRecovery=True)
    client.close()
    assert (code, report, desk.arrived) == (64, {}, [])
    said = capsys.readouterr().err
    assert "the secret search" in said
    assert told in said
    assert "-secret" not in said


def test_a_kept_secret_that_is_no_address_is_sent_nowhere_and_the_report_is_kept(shell_on: Shells) -> None:
    """A channel's secret keeps no run from its work: the report says what is wrong with it."""
    shell = shell_on(lacking_a_program().world())
    client = boto3.client("secretsmanager")
    client.create_secret(Name="hook", SecretString='{"slack_webhook": "https://hooks.slack.com/x-secret"}')
    shell.monkeypatch.setenv("RECONCILE_SLACK_WEBHOOK", "secretsmanager:hook")
    code, report = shell("check")
    client.delete_secret(SecretId="hook", ForceDeleteWithoutRecovery=True)
    client.close()
    assert (code, outcomes(report)) == (4, {"slack": "failed"})
    assert "name one of its fields (slack_webhook)" in report["deliveries"][0]["detail"]
    assert "x-secret" not in json.dumps(report)


def test_a_search_key_that_is_kept_as_a_secret_is_used(shell_on: Shells) -> None:
    shell = shell_on(agreeing().world())
    client = boto3.client("secretsmanager")
    client.create_secret(Name="right", SecretString=json.dumps({"field": "sandbox-key"}))
    shell.monkeypatch.setenv("RECONCILE_ALGOLIA_API_KEY", "secretsmanager:right#field")
    assert shell("check")[0] == 0
    client.delete_secret(SecretId="right", ForceDeleteWithoutRecovery=True)
    client.close()


def test_a_sender_that_ses_does_not_know_is_named(shell_on: Shells) -> None:
    shell = shell_on(lacking_a_program().world())
    with_mail(shell, verified=False)
    code, report = shell("check")
    assert (code, outcomes(report)) == (4, {"email": "failed"})
    assert "RECONCILE_EMAIL_FROM" in report["deliveries"][0]["detail"]


def test_a_webhook_that_never_answers_does_not_hold_the_run(
    shell_on: Shells, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The run ends soon after its patience does; the message may have arrived, so it is not repeated."""
    from threading import Event

    shell, hung = shell_on(lacking_a_program().world()), Event()
    took: list[Asked] = []

    def hang(asked: Asked) -> Answer:
        took.append(asked)
        hung.wait(20)
        return Answer(200, b"late")

    monkeypatch.setattr(wiring, "_LONGEST_SENDING", 1.0)
    desk.server.answer = hang
    shell.monkeypatch.setenv("RECONCILE_SLACK_WEBHOOK", desk.address)
    try:
        code, report = shell("check")
    finally:
        hung.set()
    assert (code, outcomes(report), len(took)) == (4, {"slack": "failed"}, 1)


def test_a_report_that_cannot_be_kept_is_sent_all_the_same(
    shell_on: Shells, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its message is the only trace of the run, and says so; the run ends with 3."""
    from reconcile.model.errors import SourceError
    from reconcile.stores.reports import DirectoryReports

    def full(*_: object) -> str:
        raise SourceError("no space is left")

    shell = shell_on(lacking_a_program().world())
    monkeypatch.setattr(DirectoryReports, "save", full)
    shell.monkeypatch.setenv("RECONCILE_SLACK_WEBHOOK", desk.address)
    assert shell("check")[0] == 3
    (message,) = desk.arrived
    assert "no space is left" in json.dumps(message.document)


@pytest.mark.parametrize(
    ("values", "named"),
    [
        ({"RECONCILE_EMAIL_FROM": SENDER}, "RECONCILE_EMAIL_TO"),
        ({"RECONCILE_EMAIL_TO": READER}, "RECONCILE_EMAIL_FROM"),
        ({"RECONCILE_EMAIL_FROM": "nobody", "RECONCILE_EMAIL_TO": READER}, "RECONCILE_EMAIL_FROM"),
        ({"RECONCILE_SLACK_WEBHOOK": "hooks.slack.com/secret-path"}, "RECONCILE_SLACK_WEBHOOK"),
        ({"RECONCILE_NOTIFY": "sometimes"}, "RECONCILE_NOTIFY"),
        ({"RECONCILE_MODE": "delete"}, "RECONCILE_MODE"),
    ],
)
def test_a_wrong_channel_is_refused_before_the_run(
    shell_on: Shells, capsys: pytest.CaptureFixture[str], values: dict[str, str], named: str
) -> None:
    shell = shell_on(agreeing().world())
    for name, value in values.items():
        shell.monkeypatch.setenv(name, value)
    assert shell("check")[0] == 64
    told = capsys.readouterr().err
    assert named in told
    assert "secret-path" not in told
