"""Slack, Teams and the webhook against servers that take, refuse, delay, lose and never answer."""

import hashlib
import hmac
import socket
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from threading import Event, Thread
from typing import Any

import pytest
from urllib3.util import connection

from reconcile.deliver.channel import Channel
from reconcile.deliver.slack import Slack
from reconcile.deliver.teams import Teams
from reconcile.deliver.webhook import Webhook
from reconcile.model.errors import DeliveryError, SourceError
from reconcile.report.message import Message
from tests.contract import teams_desk
from tests.contract.loopback import Answer, Asked
from tests.contract.slack_desk import PATH, SECRET, Desk, escapes
from tests.contract.teams_desk import RUN_ID, TeamsDesk, marked, words
from tests.unit.samples import RUN, busy_report, findings_report, run_facts

SIGNING = "sign-with-this"
MESSAGE = Message(busy_report(), lambda: "<html>", link="https://reports.example/run/report.html")
PERHAPS = "may have arrived all the same, so it is not sent again"


def signed(asked: Asked, secret: str = SIGNING) -> bool:
    """Whether a request's signature is that of exactly its bytes."""
    made = hmac.new(secret.encode(), asked.body, hashlib.sha256).hexdigest()
    return asked.headers.get("x-reconcile-signature") == f"sha256={made}"


def receiver(asked: Asked) -> Answer:
    """Answer as a webhook does that believes only what is signed."""
    return Answer(202) if signed(asked) and asked.method == "POST" else Answer(401)


@dataclass
class Bench:
    """One channel at its desk. `seconds` are allowed; what is waited is noted in `naps`, and not spent."""

    kind: str
    desk: Desk
    seconds: float = 5.0
    naps: list[float] = field(default_factory=list)

    def channel(self, address: str | None = None) -> Channel:
        """Return the channel, for the desk unless another address is given."""
        where = self.desk.address if address is None else address
        waiting = (lambda: self.seconds, self.naps.append, self._clock)
        if self.kind == "slack":
            return Slack(lambda: where, *waiting)
        if self.kind == "teams":
            return Teams(lambda: where, *waiting)
        return Webhook(lambda: where, lambda: SIGNING, *waiting)

    def _clock(self) -> float:
        return time.monotonic() + sum(self.naps)

    def failing(self, channel: Channel | None = None) -> str:
        """Send where it fails; return what is told, which never holds the address."""
        with pytest.raises(DeliveryError) as caught:
            (channel or self.channel()).send(MESSAGE)
        told = "".join(traceback.format_exception(caught.value))
        assert not [secret for secret in (SECRET, teams_desk.SECRET) if secret in told]
        assert "127.0.0.1" not in told
        return str(caught.value)


DESKS: dict[str, Callable[[], Desk]] = {
    "slack": Desk,
    "teams": TeamsDesk,
    "webhook": lambda: Desk(receiver),
}
SETTINGS = {
    "slack": "RECONCILE_SLACK_WEBHOOK",
    "teams": "RECONCILE_TEAMS_WEBHOOK",
    "webhook": "RECONCILE_WEBHOOK",
}


@pytest.fixture(params=DESKS)
def bench(request: pytest.FixtureRequest) -> Iterator[Bench]:
    """Each channel at its desk."""
    with DESKS[request.param]() as desk:
        yield Bench(request.param, desk)


@pytest.fixture
def slack() -> Iterator[Bench]:
    """Slack alone."""
    with Desk() as desk:
        yield Bench("slack", desk)


@pytest.fixture
def teams() -> Iterator[Bench]:
    """Teams alone."""
    with DESKS["teams"]() as desk:
        yield Bench("teams", desk)


@pytest.fixture
def webhook() -> Iterator[Bench]:
    """The webhook alone."""
    with DESKS["webhook"]() as desk:
        yield Bench("webhook", desk)


def test_a_report_arrives_once(bench: Bench) -> None:
    assert bench.channel().send(MESSAGE) == (RUN_ID if bench.kind == "teams" else "")
    assert (len(bench.desk.asked), len(bench.desk.arrived), bench.naps) == (1, 1, [])


def test_a_test_message_arrives_and_says_that_it_is_one(bench: Bench) -> None:
    bench.channel().test("staging")
    (message,) = bench.desk.arrived
    if bench.kind == "teams":
        (text,) = words(message.document)
    else:
        text = message.document["text" if bench.kind == "slack" else "message"]
    assert text == "[staging] This is a test message of reconcile doctor; nothing is wrong."


@pytest.mark.parametrize("number", [0, 1, 50, 5_000])
def test_slack_takes_a_report_however_many_findings_it_has(slack: Bench, number: int) -> None:
    slack.channel().send(Message(findings_report(number), lambda: "<html>", place="s3://bucket/reports/run"))
    (message,) = slack.desk.arrived
    assert escapes(message.document) == []
    assert "s3://bucket/reports/run" in message.body.decode()


@pytest.mark.parametrize("number", [0, 1, 50, 5_000])
def test_teams_takes_a_report_however_many_findings_it_has(teams: Bench, number: int) -> None:
    teams.channel().send(Message(findings_report(number), lambda: "<html>", place="s3://bucket/reports/run"))
    (message,) = teams.desk.arrived
    assert marked(message.document) == []
    assert "s3://bucket/reports/run" in message.body.decode()
    assert message.headers["content-type"] == "application/json; charset=utf-8"


def test_the_webhook_signs_exactly_the_bytes_that_it_sends(webhook: Bench) -> None:
    """Non-ASCII titles included; the headers say which run of which stage it is."""
    webhook.channel().send(Message(findings_report(50), lambda: "<html>"))
    (message,) = webhook.desk.arrived
    assert signed(message)
    assert not signed(message, "another")
    assert "夜のラジオ" in message.body.decode()
    assert message.document["run"]["id"] == RUN
    assert message.headers["content-type"] == "application/json"
    told = {name: message.headers[f"x-reconcile-{name}"] for name in ("stage", "run")}
    assert told == {"stage": "staging", "run": RUN}


def test_a_stage_that_no_header_can_hold_is_told_with_escapes(webhook: Bench) -> None:
    report = replace(busy_report(), run=run_facts(stage="prod é\r\nX-Evil: 1"))
    webhook.channel().send(Message(report, lambda: "<html>"))
    (message,) = webhook.desk.arrived
    assert message.headers["x-reconcile-stage"] == r"prod \xe9\r\nX-Evil: 1"
    assert "x-evil" not in message.headers


@pytest.mark.parametrize("asked", [0, 3])
def test_a_server_that_asks_to_wait_is_waited_for(bench: Bench, asked: int) -> None:
    """As long as it asks, and a moment at least."""
    bench.seconds = 60
    bench.desk.script += [Answer(429, headers={"Retry-After": str(asked)})] * 2
    bench.channel().send(MESSAGE)
    assert len(bench.desk.arrived) == 1
    assert len(bench.naps) == 2
    assert all(max(asked, 0.3) <= nap <= max(asked, 2.0) for nap in bench.naps)


def test_a_server_may_name_the_moment_to_wait_for(bench: Bench) -> None:
    bench.seconds = 60
    moment = format_datetime(datetime.now(UTC) + timedelta(seconds=30), usegmt=True)
    bench.desk.script.append(Answer(429, headers={"Retry-After": moment}))
    bench.channel().send(MESSAGE)
    assert len(bench.desk.arrived) == 1
    assert 25 < bench.naps[0] <= 30


@pytest.mark.parametrize(
    "header", [{}, {"Retry-After": "soon"}, {"Retry-After": "-5"}, {"Retry-After": "9" * 5000}]
)
def test_a_server_that_names_no_time_is_waited_for_a_little(bench: Bench, header: dict[str, str]) -> None:
    bench.desk.script.append(Answer(429, headers=header))
    bench.channel().send(MESSAGE)
    assert len(bench.desk.arrived) == 1
    assert 0.3 <= bench.naps[0] <= 1.0


def test_no_longer_is_waited_than_there_is_time(bench: Bench) -> None:
    """Two seconds each, and five in all: the third answer is the last that is heard."""
    bench.desk.script += [Answer(429, headers={"Retry-After": "2"})] * 9
    told = bench.failing()
    assert "429 Too Many Requests" in told
    assert "reconcile report RUN --send" in told
    assert (len(bench.desk.asked), sum(bench.naps)) == (3, 4)


def test_a_server_that_asks_for_more_than_there_is_time_is_not_asked_again(bench: Bench) -> None:
    bench.desk.script.append(Answer(429, headers={"Retry-After": "3600"}))
    assert "429 Too Many Requests" in bench.failing()
    assert (len(bench.desk.asked), bench.naps) == (1, [])


def test_a_server_that_always_asks_to_wait_is_given_up(bench: Bench) -> None:
    bench.seconds = 3600
    bench.desk.script += [Answer(429)] * 99
    assert "4 times" in bench.failing()
    assert len(bench.desk.asked) == 4


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_what_a_broken_server_may_have_taken_is_not_sent_again(bench: Bench, status: int) -> None:
    bench.desk.script.append(Answer(status, f"cannot POST {PATH}".encode()))
    told = bench.failing()
    assert str(status) in told
    assert PERHAPS in told
    assert len(bench.desk.asked) == 1


def test_what_was_lost_on_the_way_is_not_sent_again(bench: Bench) -> None:
    """The connection broke after the message was sent; nobody knows what became of it."""
    bench.desk.script.append(Answer(lost=True))
    assert PERHAPS in bench.failing()
    assert len(bench.desk.asked) == 1


def test_a_server_that_never_answers_is_left_in_time(bench: Bench) -> None:
    bench.seconds = 0.5
    bench.desk.script.append(bench.desk.hang)
    begun = time.monotonic()
    assert PERHAPS in bench.failing()
    assert time.monotonic() - begun < 2
    assert len(bench.desk.asked) == 1


@contextmanager
def dripping() -> Iterator[str]:
    """A server that answers one header after another, and never comes to an end; yields its address."""
    ended, listening = Event(), socket.create_server(("127.0.0.1", 0))

    def drip() -> None:
        connection, _ = listening.accept()
        with connection, suppress(ConnectionError):
            connection.sendall(b"HTTP/1.1 200 OK\r\n")
            while not ended.wait(0.05):
                connection.sendall(b"X-More: to come\r\n")

    thread = Thread(target=drip)
    with listening:
        thread.start()
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}{PATH}"
        finally:
            ended.set()
            thread.join()


def test_a_server_that_never_ends_its_answer_is_left_in_time(bench: Bench) -> None:
    """Each of its bytes comes soon enough for a socket, and the last never does."""
    bench.seconds = 0.5
    with dripping() as address:
        begun = time.monotonic()
        assert PERHAPS in bench.failing(bench.channel(address))
        assert time.monotonic() - begun < 2


def test_a_connection_that_is_refused_is_tried_again_and_then_told(bench: Bench) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"http://127.0.0.1:{taken.getsockname()[1]}{PATH}"
    bench.seconds = 60
    told = bench.failing(bench.channel(address))
    assert "no connection could be made" in told
    assert "4 times" in told
    assert PERHAPS not in told
    assert len(bench.naps) == 3


def test_a_name_that_nobody_knows_is_no_connection(bench: Bench) -> None:
    assert "NameResolutionError" in bench.failing(bench.channel(f"https://nobody.invalid{PATH}"))


def test_a_server_that_comes_up_meanwhile_gets_the_message(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its port is closed at the first try, and open at the second."""
    address, seen = bench.desk.address, list[str]()
    real = connection.create_connection

    def later(*arguments: Any, **more: Any) -> socket.socket:
        seen.append("tried")
        if len(seen) == 1:
            raise ConnectionRefusedError
        return real(*arguments, **more)

    monkeypatch.setattr(connection, "create_connection", later)
    bench.channel(address).send(MESSAGE)
    assert (len(seen), len(bench.desk.arrived)) == (2, 1)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_told_and_not_followed(bench: Bench, status: int) -> None:
    """Elsewhere nobody should see a signed report, nor a secret path."""
    with Desk() as other:
        bench.desk.script.append(Answer(status, headers={"Location": other.address}))
        told = bench.failing()
        assert (len(bench.desk.asked), other.asked) == (1, [])
    assert str(status) in told
    assert "Redirects are not followed" in told


def test_no_proxy_of_the_environment_hears_of_it(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    with Desk() as proxy:
        for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, proxy.address)
        bench.channel().send(MESSAGE)
        assert (len(bench.desk.arrived), proxy.asked) == (1, [])


def test_a_server_without_a_certificate_gets_nothing(bench: Bench) -> None:
    address = bench.desk.address.replace("http://", "https://")
    assert "certificate" in bench.failing(bench.channel(address))
    assert bench.desk.arrived == []


NO_ADDRESSES = [
    "",
    "https://",
    "hooks.example/secret-path",
    "ftp://hooks.example/secret-path",
    "http://[::1/secret-path",
    "https://hooks.example:99999/secret-path",
    "https://hooks..example/secret-path",
    "https://hooks\x00.example/secret-path",
    f"https://{'h' * 70}.example/secret-path",
]


@pytest.mark.parametrize("address", NO_ADDRESSES)
def test_what_is_no_address_is_told_with_its_setting(bench: Bench, address: str) -> None:
    """A secret may hold anything; whatever it is, the delivery fails and the run goes on."""
    told = bench.failing(bench.channel(address))
    assert told.startswith(f"{SETTINGS[bench.kind]}: ")
    assert "https://" in told


def gone() -> str:
    raise SourceError("the secret hooks has no field 'slack'.")


def test_a_secret_that_is_gone_is_told(bench: Bench) -> None:
    channels: dict[str, Channel] = {
        "slack": Slack(gone, lambda: 5.0),
        "teams": Teams(gone, lambda: 5.0),
        "webhook": Webhook(gone, gone, lambda: 5.0),
    }
    assert "the secret hooks has no field 'slack'" in bench.failing(channels[bench.kind])


def test_a_signing_secret_that_is_gone_is_told_and_nothing_is_sent_unsigned(webhook: Bench) -> None:
    channel = Webhook(lambda: webhook.desk.address, gone, lambda: 5.0)
    assert webhook.failing(channel).startswith("RECONCILE_WEBHOOK_SECRET: ")
    assert webhook.desk.asked == []


@pytest.mark.parametrize(
    ("status", "code", "step"),
    [
        (400, "invalid_payload", "report it"),
        (400, "invalid_blocks", "report it"),
        (400, "no_text", "report it"),
        (403, "action_prohibited", "administrator"),
        (403, "invalid_token", "new incoming webhook"),
        (404, "no_service", "new incoming webhook"),
        (404, "channel_not_found", "new incoming webhook"),
        (410, "channel_is_archived", "Unarchive"),
    ],
)
def test_what_slack_refuses_is_named_with_the_step_to_take(
    slack: Bench, status: int, code: str, step: str
) -> None:
    slack.desk.script.append(Answer(status, code.encode()))
    told = slack.failing()
    assert f"{status} " in told
    assert code in told
    assert step in told
    assert len(slack.desk.asked) == 1


@pytest.mark.parametrize(
    "answer", [Answer(404, f"Cannot POST {PATH}".encode()), Answer(418, b"\xff\xfe" * 999)]
)
def test_a_refusal_in_other_words_is_told_by_its_status_alone(bench: Bench, answer: Answer) -> None:
    """Many servers repeat the address that they do not know."""
    bench.desk.script.append(answer)
    told = bench.failing()
    assert str(answer.status) in told
    assert "POST" not in told


@pytest.mark.parametrize(
    "answer", [Answer(200, b"<html>Sign in"), Answer(200), Answer(200, b"okok", cut=True)]
)
def test_what_does_not_answer_as_slack_does_is_not_taken_for_slack(slack: Bench, answer: Answer) -> None:
    slack.desk.script.append(answer)
    told = slack.failing()
    assert "not as Slack does" in told
    assert PERHAPS in told


@pytest.mark.parametrize(
    ("status", "code", "step"),
    [
        (400, "TriggerInputSchemaMismatch", "When a Teams webhook request is received"),
        (401, "DirectApiAuthorizationRequired", "Let Anyone trigger the workflow"),
        (401, "AuthorizationFailed", "ends with a signature"),
        (403, "Forbidden", "Let Anyone trigger the workflow"),
        (404, "WorkflowNotFound", "switched on"),
        (410, "Gone", "new workflow"),
        (413, "RequestEntityTooLarge", "report it"),
    ],
)
def test_what_a_workflow_refuses_is_named_with_the_step_to_take(
    teams: Bench, status: int, code: str, step: str
) -> None:
    """Its own words are not repeated: they may quote the address."""
    teams.desk.script.append(Answer(status, f'{{"error": {{"code": "{code}"}}}}'.encode()))
    told = teams.failing()
    assert told.startswith(f"RECONCILE_TEAMS_WEBHOOK: the workflow answers {status} ")
    assert step in told
    assert len(teams.desk.asked) == 1


def test_an_address_without_its_signature_is_refused(teams: Bench) -> None:
    assert "ends with a signature" in teams.failing(teams.channel(teams.desk.address.partition("&sig")[0]))


def test_a_workflow_that_answers_with_words_of_its_own_has_taken_the_message(teams: Bench) -> None:
    """One with an action that answers; what is no id of a run is not told."""
    for run, told in ((RUN_ID, RUN_ID), ("<b>", "")):
        teams.desk.script.append(Answer(200, b"thanks", {"X-MS-Workflow-Run-Id": run}))
        assert teams.channel().send(MESSAGE) == told
    teams.desk.script.append(Answer(202))
    assert teams.channel().send(MESSAGE) == ""


@pytest.mark.parametrize("answer", [Answer(200, b"<html>Sign in"), Answer(200, b"1"), Answer(204)])
def test_what_does_not_answer_as_a_workflow_does_is_not_taken_for_one(teams: Bench, answer: Answer) -> None:
    teams.desk.script.append(answer)
    told = teams.failing()
    assert "not as a workflow does" in told
    assert PERHAPS in told


def test_a_webhook_has_taken_what_it_says_that_it_took(webhook: Bench) -> None:
    """Also where the rest of its answer is lost."""
    for answer in (Answer(200, b"thanks", cut=True), Answer(204), Answer(201, b"x" * 100_000)):
        webhook.desk.script.append(answer)
        assert webhook.channel().send(MESSAGE) == ""


@pytest.mark.parametrize(
    ("status", "step"),
    [
        (400, "receiver's log"),
        (401, "RECONCILE_WEBHOOK_SECRET"),
        (403, "RECONCILE_WEBHOOK_SECRET"),
        (404, "Set RECONCILE_WEBHOOK"),
        (410, "Set RECONCILE_WEBHOOK"),
        (413, "256,000 bytes"),
        (409, "receiver's log"),
    ],
)
def test_what_a_webhook_refuses_is_told_with_the_step_to_take(webhook: Bench, status: int, step: str) -> None:
    webhook.desk.script.append(Answer(status))
    told = webhook.failing()
    assert f"{status} " in told
    assert step in told
    assert len(webhook.desk.asked) == 1


def test_a_receiver_that_knows_another_secret_refuses(webhook: Bench) -> None:
    channel = Webhook(lambda: webhook.desk.address, lambda: "another", lambda: 5.0)
    assert "401 Unauthorized" in webhook.failing(channel)
