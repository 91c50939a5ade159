"""The mail channel against the embedded SES, and against one that throttles, refuses, hangs or is away."""

import re
import socket
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from email.message import EmailMessage
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from moto.backends import get_backend
from urllib3.util import connection

from reconcile.deliver.email import Email, thread_of
from reconcile.model.errors import DeliveryError
from reconcile.report.csv import findings_csv
from reconcile.report.message import Message
from reconcile.report.render.html import render_html
from reconcile.report.render.mail import compose
from reconcile.report.render.mail_files import MOST_PAGE
from reconcile.stores.aws import Meter, connect
from reconcile.wiring import Wiring
from tests.contract.conftest import environ
from tests.contract.loopback import Answer
from tests.contract.mail_desk import SENDER, Desk, refused
from tests.unit.golden import GOLDEN
from tests.unit.samples import RUN, busy_report, clean_report, run_facts
from tests.unit.strategies import hostile_titles

READERS = ("ann@example.net", "bob@example.net")
MESSAGE = Message(
    busy_report(), lambda: render_html(busy_report()), "https://reports.example/run/report.html"
)
PERHAPS = "may have arrived all the same, so it is not sent again"
THROTTLE = refused("TooManyRequestsException", "Maximum sending rate exceeded.", 429)


@dataclass
class Post:
    """The channel for a server; `seconds` are allowed; what is waited is noted in `naps`, and not spent."""

    url: str
    seconds: float = 60.0
    naps: list[float] = field(default_factory=list)

    def channel(self, sender: str = SENDER, readers: tuple[str, ...] = READERS) -> Email:
        """Return the channel, its client made as a run makes it."""
        with environ(self.url):
            client = connect("sesv2", Meter(), retries=1)
        return Email(client, sender, readers, lambda: self.seconds, self.naps.append, self._clock)

    def _clock(self) -> float:
        return time.monotonic() + sum(self.naps)

    def failing(self, message: Message = MESSAGE, **who: Any) -> str:
        """Send where it fails; return what is told."""
        with pytest.raises(DeliveryError) as caught:
            self.channel(**who).send(message)
        return str(caught.value)


@pytest.fixture
def desk() -> Iterator[Desk]:
    """An SES that knows the sender."""
    with Desk() as desk:
        yield desk


@pytest.fixture
def post(desk: Desk) -> Post:
    """The channel at that desk."""
    return Post(desk.server.url)


def body(mail: EmailMessage, kind: str) -> list[str]:
    """Return the lines of a mail's part."""
    part = mail.get_body((kind,))
    assert part is not None
    return str(part.get_content()).splitlines()


def attached(mail: EmailMessage) -> dict[str, Any]:
    """Return what is attached, by name, as bytes."""
    return {str(part.get_filename()): part.get_payload(decode=True) for part in mail.iter_attachments()}


@pytest.mark.parametrize("name", GOLDEN)
def test_the_mail_arrives_as_it_was_composed(desk: Desk, post: Post, name: str) -> None:
    """Both parts, the findings as a file, the subject, and the headers of the run; to all readers at once."""
    report = GOLDEN[name]()
    message = replace(MESSAGE, report=report)
    assert post.channel().send(message) == "message-1"
    (mail,), made = desk.mails, compose(message)
    assert body(mail, "html") == made.html.splitlines()
    assert body(mail, "plain") == made.text.splitlines()
    assert attached(mail) == {file.name: file.body for file in made.files}
    assert (mail["Subject"], mail["X-Reconcile-Counts"]) == (made.subject, made.numbers)
    assert mail["To"] == "ann@example.net, bob@example.net"
    assert (mail["X-Reconcile-Stage"], mail["X-Reconcile-Run"]) == (report.run.stage, report.run.id)


def test_the_findings_arrive_as_a_file_and_the_link_in_the_mail(desk: Desk, post: Post) -> None:
    post.channel().send(MESSAGE)
    (mail,) = desk.mails
    assert attached(mail) == {"findings.csv": findings_csv(MESSAGE.report).encode()}
    assert [part.get_content_type() for part in mail.iter_attachments()] == ["text/csv"]
    assert f"Open the report: {MESSAGE.link}" in body(mail, "plain")


def test_an_attached_page_of_nearly_3_megabytes_arrives_intact(desk: Desk, post: Post) -> None:
    page = "é\r\n.\n\x00" * (MOST_PAGE // 8)
    post.channel().send(replace(MESSAGE, page=lambda: page, link=""))
    assert attached(desk.mails[0])[f"report-{RUN}.html"] == page.encode()


def test_a_page_that_is_too_large_is_not_attached(desk: Desk, post: Post) -> None:
    post.channel().send(replace(MESSAGE, page=lambda: "x" * MOST_PAGE, link="", place="/var/reports/run"))
    (mail,) = desk.mails
    assert set(attached(mail)) == {"findings.csv"}
    assert "The report is archived at /var/reports/run" in body(mail, "plain")


def test_all_mails_of_a_stage_refer_to_one_message(desk: Desk, post: Post) -> None:
    """None bears its id, for SES gives each its own; those of another stage, or sender, refer to another."""
    staging, prod = busy_report(), replace(clean_report(), run=run_facts(stage="prod"))
    later = replace(clean_report(), run=run_facts(id="later"))
    for report in (staging, later, prod):
        post.channel().send(replace(MESSAGE, report=report))
    threads = [(mail["References"], mail["In-Reply-To"]) for mail in desk.mails]
    assert threads[0] == threads[1] != threads[2]
    assert all(references == reply for references, reply in threads)
    assert all(re.fullmatch(r"<reconcile\.[0-9a-f]{16}@example\.net>", reply) for _, reply in threads)
    ids = [mail["Message-ID"] for mail in desk.mails]
    assert len(set(ids)) == 3
    assert not {reply for _, reply in threads} & set(ids)


@pytest.mark.parametrize("sender", ["", "nobody", "a@exämple.net", "a@[127.0.0.1]", "x <a@b.test>\r\nBcc: c"])
def test_the_id_that_mails_refer_to_is_one_whatever_the_sender(sender: str) -> None:
    assert re.fullmatch(r"<reconcile\.[0-9a-f]{16}@[A-Za-z0-9.-]+>", thread_of("\ud800\r\n", sender))


def test_names_that_are_not_ascii_arrive(desk: Desk, post: Post) -> None:
    """On the wire they are ASCII, for SES refuses them otherwise."""
    post.channel(f"Nächtliche Prüfung <{SENDER}>", ("Zoë Ångström <zoe@example.net>", READERS[0])).send(
        MESSAGE
    )
    (mail,) = desk.mails
    assert mail["From"].addresses[0].display_name == "Nächtliche Prüfung"
    assert [one.display_name for one in mail["To"].addresses] == ["Zoë Ångström", ""]
    assert [one.addr_spec for one in mail["To"].addresses] == ["zoe@example.net", "ann@example.net"]


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(hostile_titles)
def test_no_stage_and_no_title_breaks_the_mail_or_adds_a_header(desk: Desk, post: Post, text: str) -> None:
    """What arrives has each header once, on one line, and both parts as they were made."""
    report = replace(busy_report(text), run=run_facts(stage=text, reason=text))
    desk.mails.clear()
    message = replace(MESSAGE, report=report, link="", place=f"/var/{text}")
    post.channel().send(message)
    post.channel().test(text)
    report_mail, test_mail = desk.mails
    for mail in desk.mails:
        assert [one.addr_spec for one in mail["To"].addresses] == list(READERS)
        assert mail["Bcc"] is None
        assert mail["Subject"].startswith("[")
        assert len(set(mail.keys())) == len(mail.keys())
        assert [value for value in mail.values() if len(str(value).splitlines()) > 1] == []
    assert len(report_mail["Subject"]) <= 60
    composed = compose(message)
    assert body(report_mail, "html") == composed.html.splitlines()
    assert body(report_mail, "plain") == composed.text.splitlines()
    assert test_mail["References"] is None


def test_a_test_message_says_that_it_is_one(desk: Desk, post: Post) -> None:
    """It has all that a report's mail has, so that nothing is refused later."""
    assert post.channel().test("prod") == "message-1"
    (mail,) = desk.mails
    told = "[prod] This is a test message of reconcile doctor; nothing is wrong."
    assert (mail["Subject"], body(mail, "plain"), body(mail, "html")) == (told, [told], [f"<p>{told}</p>"])
    assert attached(mail) == {"report-test.html": f"<p>{told}</p>".encode()}
    assert (mail["X-Reconcile-Stage"], mail["X-Reconcile-Run"]) == ("prod", None)


def test_what_was_throttled_is_sent_again_a_little_later_each_time(desk: Desk, post: Post) -> None:
    desk.script.extend([THROTTLE, THROTTLE])
    assert post.channel().send(MESSAGE) == "message-1"
    assert (len(desk.asked), len(desk.mails)) == (3, 1)
    first, second = post.naps
    assert 0.5 <= first <= 1 <= second <= 2


def test_an_ses_that_throttles_for_ever_is_left(desk: Desk, post: Post) -> None:
    desk.script.extend([THROTTLE] * 9)
    told = post.failing()
    assert "4 times" in told
    assert "look at the account's sending quota" in told
    assert PERHAPS not in told
    assert (len(desk.asked), desk.mails) == (4, [])


def test_no_longer_is_waited_than_there_is_time(desk: Desk, post: Post) -> None:
    desk.script.extend([THROTTLE] * 9)
    post.seconds = 2.5
    post.failing()
    assert sum(post.naps) <= 2.5
    assert len(desk.asked) == len(post.naps) + 1 < 4


@pytest.mark.parametrize(
    ("code", "status", "step"),
    [
        ("MessageRejected", 400, "Verify RECONCILE_EMAIL_FROM in SES"),
        ("NotFoundException", 404, "Verify RECONCILE_EMAIL_FROM in SES"),
        ("MailFromDomainNotVerifiedException", 400, "Verify the MAIL FROM domain"),
        ("AccessDeniedException", 403, "ses:SendEmail"),
        ("SendingPausedException", 400, "SES console"),
        ("AccountSuspendedException", 400, "SES console"),
        ("LimitExceededException", 400, "sending quota"),
        ("BadRequestException", 400, "BadRequestException: scripted"),
    ],
)
def test_a_refusal_is_told_with_what_to_do_and_not_repeated(
    desk: Desk, post: Post, code: str, status: int, step: str
) -> None:
    desk.script.append(refused(code, status=status))
    told = post.failing()
    assert f"sending the mail: {code}: scripted." in told
    assert step in told
    assert PERHAPS not in told
    assert (len(desk.asked), desk.mails) == (1, [])


def test_the_action_that_a_denial_names_is_the_one_to_grant(desk: Desk, post: Post) -> None:
    """SES may ask for the permission of raw mails where a mail has an attachment."""
    words = "User is not authorized to perform `ses:SendRawEmail' on resource `arn:aws:ses:eu:1:identity/x'"
    desk.script.append(refused("AccessDeniedException", words, status=403))
    assert "Grant ses:SendRawEmail on the sender's identity." in post.failing()


def test_a_sender_that_is_not_verified_is_named(desk: Desk, post: Post) -> None:
    told = post.failing(sender="somebody@example.net")
    assert "Email address is not verified." in told
    assert "Verify RECONCILE_EMAIL_FROM in SES" in told
    assert desk.mails == []


@pytest.mark.parametrize(
    "answer",
    [
        Answer(500, b"{}"),
        Answer(503, b"<html>", {"x-amzn-ErrorType": "ServiceUnavailable"}),
        Answer(200, b"no JSON at all"),
        Answer(200, b'{"MessageId": "m"}' * 9, cut=True),
        Answer(lost=True),
    ],
    ids=["500", "503", "no JSON", "cut off", "connection lost"],
)
def test_what_may_have_arrived_is_not_sent_again(desk: Desk, post: Post, answer: Answer) -> None:
    """SES has no token that tells a repeated request from a new one."""
    desk.script.append(answer)
    assert PERHAPS in post.failing()
    assert len(desk.asked) == 1


def test_an_ses_that_never_answers_is_left_in_time(desk: Desk, post: Post) -> None:
    """The mail may have been taken, so there is no second."""
    desk.hangs, post.seconds = True, 1.0
    begun = time.monotonic()
    assert PERHAPS in post.failing()
    assert time.monotonic() - begun < 4
    assert len(desk.asked) == 1


def test_a_connection_that_is_refused_is_tried_again_and_then_told() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        post = Post(f"http://127.0.0.1:{taken.getsockname()[1]}")
    told = post.failing()
    assert "Could not connect to the endpoint URL" in told
    assert "4 times" in told
    assert PERHAPS not in told
    assert len(post.naps) == 3


def test_an_ses_that_comes_up_meanwhile_gets_the_mail(
    desk: Desk, post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its port is closed at the first try, and open at the second."""
    seen, real = list[str](), connection.create_connection

    def later(*arguments: Any, **more: Any) -> socket.socket:
        seen.append("tried")
        if len(seen) == 1:
            raise ConnectionRefusedError
        return real(*arguments, **more)

    monkeypatch.setattr(connection, "create_connection", later)
    post.channel().send(MESSAGE)
    assert (len(seen), len(desk.mails)) == (2, 1)


@pytest.fixture
def embedded(aws: Wiring) -> Iterator[tuple[Post, Any]]:
    """The channel at the embedded SES, and the memory of that, which is new."""
    memory = get_backend("ses")["123456789012"]["us-east-1"]
    memory.reset()
    yield Post(aws.s3.meta.endpoint_url), memory
    memory.reset()


def test_the_embedded_ses_takes_one_mail_for_all_readers(embedded: tuple[Post, Any]) -> None:
    post, memory = embedded
    with environ(post.url):
        client = connect("sesv2", Meter(), retries=1)
    client.create_email_identity(EmailIdentity=SENDER)
    number = post.channel().send(MESSAGE)
    (message,) = memory.sent_messages
    assert (message.id, message.source) == (number, SENDER)
    assert message.subject == compose(MESSAGE).subject
    assert message.body == compose(MESSAGE).html
    assert message.destinations["ToAddresses"] == list(READERS)


def test_the_embedded_ses_refuses_a_sender_that_it_does_not_know(embedded: tuple[Post, Any]) -> None:
    post, memory = embedded
    assert "Verify RECONCILE_EMAIL_FROM in SES" in post.failing()
    assert memory.sent_messages == []
