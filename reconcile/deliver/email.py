"""Sends reports by e-mail, through Amazon SES."""

import hashlib
import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from email.utils import formataddr, parseaddr
from html import escape
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from reconcile.deliver.channel import ChannelKind, ChannelParts
from reconcile.deliver.http_post import MAY_HAVE_ARRIVED
from reconcile.model.errors import DeliveryError, SourceError
from reconcile.report.formatting import shorten
from reconcile.report.message import Message
from reconcile.report.render.mail import Mail, compose
from reconcile.report.render.mail_files import Attachment
from reconcile.report.render.webhook import header_value, labels, test_words
from reconcile.settings.settings import Settings
from reconcile.stores.aws import FAULTS, LOST, Patience, source_error

if TYPE_CHECKING:
    from mypy_boto3_sesv2 import SESV2Client
    from mypy_boto3_sesv2.type_defs import MessageTypeDef

# A sender to whom a configuration set belongs needs the right to it as well. It is not documented which of
# the two actions SES checks for Simple content with attachments, and reports differ: both are asked for.
# https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonsimpleemailservicev2.html
# https://github.com/anymail/django-anymail/issues/384
PERMISSIONS = tuple(
    (action, f"arn:aws:ses:*:*:{resource}/*")
    for action in ("ses:SendEmail", "ses:SendRawEmail")
    for resource in ("identity", "configuration-set")
)

_TRIES = 4
_LONGEST_READ = 20.0
_LONGEST_FAULT = 600
_VERIFY = (
    "Verify RECONCILE_EMAIL_FROM in SES; while the account is in the SES sandbox, every address of "
    "RECONCILE_EMAIL_TO must be verified too, or production access be asked for."
)
_QUOTA = "SES takes no more mails at this rate or on this day: look at the account's sending quota."
_PAUSED = "Look at the account's status in the SES console: sending has to be allowed again there."
_STEPS: Mapping[str, str] = {
    "AccountSuspendedException": _PAUSED,
    "LimitExceededException": _QUOTA,
    "MailFromDomainNotVerifiedException": "Verify the MAIL FROM domain of RECONCILE_EMAIL_FROM in SES.",
    "MessageRejected": _VERIFY,
    "NotFoundException": _VERIFY,
    "SendingPausedException": _PAUSED,
    "TooManyRequestsException": _QUOTA,
}


class Email:
    """Mails reports to everybody at once; `seconds` says how long that may take, waiting included.

    `client` repeats nothing by itself.
    """

    name = "email"

    def __init__(
        self,
        client: "SESV2Client",
        sender: str,
        recipients: Sequence[str],
        seconds: Callable[[], float],
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._client, self._seconds, self._sleep, self._clock = client, seconds, sleep, clock
        self._sender, self._recipients = _mailbox(sender), [_mailbox(recipient) for recipient in recipients]

    def send(self, message: Message) -> str:
        """Send a report once; return the message's id in SES. Raises DeliveryError."""
        run, mail = message.report.run, compose(message)
        thread = thread_of(run.stage, self._sender)
        headers = labels(run.stage, run.id) | {"X-Reconcile-Counts": header_value(mail.numbers)}
        return self._post(mail, headers | {"In-Reply-To": thread, "References": thread})

    def test(self, stage: str) -> str:
        """Send a test message, with an attachment as reports have one; return as `send` does."""
        words = test_words(stage)
        page = f"<p>{escape(words)}</p>"
        file = Attachment("report-test.html", page.encode(), "text/html", "")
        return self._post(Mail(words, page, words, "", (file,)), labels(stage))

    def _post(self, mail: Mail, headers: Mapping[str, str]) -> str:
        ends, message = self._clock() + self._seconds(), _message(mail, headers)

        def left() -> float:
            return ends - self._clock()

        patience = Patience(tries=_TRIES, base=0.5, sleep=self._sleep, left=left, sure_only=True)
        try:
            with self._hurried(left):
                answer = patience.call(
                    "sending the mail",
                    lambda: self._client.send_email(
                        FromEmailAddress=self._sender,
                        Destination={"ToAddresses": self._recipients},
                        Content={"Simple": message},
                    ),
                )
        except (SourceError, *FAULTS) as error:
            raise _failed(error) from error
        return answer["MessageId"]

    @contextmanager
    def _hurried(self, left: Callable[[], float]) -> Iterator[None]:
        """Wait for an answer no longer than there is time; the client's own patience is for stores."""

        def hurry(context: dict[str, Any], **_: object) -> None:
            context["read_timeout"] = max(1.0, min(_LONGEST_READ, left()))

        events = self._client.meta.events
        events.register("before-call.sesv2.SendEmail", hurry)
        try:
            yield
        finally:
            events.unregister("before-call.sesv2.SendEmail", hurry)


def _make(settings: Settings, parts: ChannelParts) -> Email:
    client = parts.client("sesv2")
    return Email(client, settings.email_from, settings.email_to, parts.seconds, parts.sleep)


EMAIL = ChannelKind("email", "by mail", ("email_from", "email_to"), _make, permissions=PERMISSIONS)


def thread_of(stage: str, sender: str) -> str:
    """Return the message id that all mails of a stage refer to; no mail has it.

    SES gives every mail a Message-ID of its own and refuses another one, but takes references:
    https://docs.aws.amazon.com/ses/latest/dg/header-fields.html

    A client that threads by references shows a stage as one thread, as Thunderbird does:
    https://wiki.mozilla.org/MailNews:Message_Threading
    Gmail threads only those mails that have the same subject as well, so quiet nights:
    https://workspaceupdates.googleblog.com/2019/03/threading-changes-in-gmail-conversation-view.html
    Exchange and Outlook begin a conversation with each new subject:
    https://learn.microsoft.com/en-us/previous-versions/office/developer/exchange-server-2010/ff406135(v=exchg.140)
    """
    name = hashlib.sha256(stage.encode("utf-8", "backslashreplace")).hexdigest()[:16]
    domain = parseaddr(sender)[1].rpartition("@")[2]
    return f"<reconcile.{name}@{domain if re.fullmatch('[A-Za-z0-9.-]+', domain) else 'reconcile.invalid'}>"


def _mailbox(text: str) -> str:
    """Return an address whose display name is ASCII, as SES demands it.

    https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_SendEmail.html
    """
    name, address = parseaddr(text)
    return formataddr((name, address)) if address.isascii() and not name.isascii() else text


def _message(mail: Mail, headers: Mapping[str, str]) -> "MessageTypeDef":
    message: MessageTypeDef = {
        "Subject": {"Data": mail.subject, "Charset": "UTF-8"},
        "Body": {
            "Html": {"Data": mail.html, "Charset": "UTF-8"},
            "Text": {"Data": mail.text, "Charset": "UTF-8"},
        },
        "Headers": [{"Name": name, "Value": value} for name, value in headers.items()],
    }
    if mail.files:
        message["Attachments"] = [
            {
                "FileName": file.name,
                "RawContent": file.body,
                "ContentType": file.kind,
                "ContentDisposition": "ATTACHMENT",
                "ContentTransferEncoding": "BASE64",
            }
            for file in mail.files
        ]
    return message


def _failed(error: Exception) -> DeliveryError:
    """Say why a mail was not sent, whether it may have arrived all the same, and what to do."""
    text = str(error if isinstance(error, SourceError) else source_error(error, "sending the mail"))
    parts = [f"{shorten(text, _LONGEST_FAULT).rstrip('.')}."]
    status = error.response["ResponseMetadata"]["HTTPStatusCode"] if isinstance(error, ClientError) else 0
    if isinstance(error, LOST) or status >= 500:
        parts.append(f"The mail {MAY_HAVE_ARRIVED}.")
    if " AccessDeniedException:" in text:
        parts.append(f"Grant {_denied_action(text)} on the sender's identity.")
    parts += [step for code, step in _STEPS.items() if f" {code}:" in text]
    return DeliveryError(" ".join(parts))


def _denied_action(text: str) -> str:
    """Return the action that SES says is lacking; both where it names none."""
    named = re.search(r"ses:[A-Za-z]+", text)
    return named[0] if named else "ses:SendEmail and ses:SendRawEmail"
