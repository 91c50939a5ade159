"""An SES on loopback: makes what keeps its rules into a mail as it arrives, and refuses the rest."""

import base64
import json
import quopri
import re
from collections import deque
from collections.abc import Mapping, Sequence
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import parseaddr
from threading import Event
from typing import Any, Self

from reconcile.report.render.mail import Mail
from tests.contract.loopback import Answer, Asked, Loopback

SENDER = "reconcile@example.net"
SET_BY_SES = {
    *("bcc", "cc", "content-disposition", "content-type", "date", "from", "message-id", "mime-version"),
    *("reply-to", "return-path", "subject", "to"),
}
"""https://docs.aws.amazon.com/ses/latest/dg/header-fields.html"""
MOST_ADDRESSES, MOST_HEADERS, LONGEST_HEADER, MOST_BYTES = 50, 15, 996, 40_000_000


def refused(code: str, message: str = "scripted", status: int = 400) -> Answer:
    """Return SES's way of saying no."""
    return Answer(status, json.dumps({"message": message}).encode(), {"x-amzn-ErrorType": code})


def encoded_size(mail: Mail) -> int:
    """Return the bytes of both parts of a mail, each in the larger of the two encodings that it may get."""
    parts = (mail.html.encode(), mail.text.encode())
    return sum(max(len(quopri.encodestring(part)), len(base64.encodebytes(part))) for part in parts)


def _fault(asked: Asked) -> Answer | None:
    """Return how SES refuses what breaks its rules.

    https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_SendEmail.html and
    https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_MessageHeader.html
    """
    told = asked.document
    addresses, message = told["Destination"]["ToAddresses"], told["Content"]["Simple"]
    if parseaddr(told["FromEmailAddress"])[1] != SENDER:
        return refused("MessageRejected", "Email address is not verified.")
    if not 1 <= len(addresses) <= MOST_ADDRESSES:
        return refused("BadRequestException", "Recipient count exceeds 50.")
    if not all(one.isascii() and one.isprintable() for one in (told["FromEmailAddress"], *addresses)):
        return refused("BadRequestException", "Local address contains control or whitespace")
    headers = message.get("Headers", [])
    if len(headers) > MOST_HEADERS or not all(map(_is_header, headers)):
        return refused("BadRequestException", "A header is not valid.")
    if len(asked.body) > MOST_BYTES:
        return refused("BadRequestException", "Message length is more than 41943040 bytes long.")
    return None


def _is_header(header: Mapping[str, str]) -> bool:
    name, value = header["Name"], header["Value"]
    sound = re.fullmatch("[!-9;-@A-~]{1,126}", name) and re.fullmatch("[ -~]{1,995}", value)
    return bool(sound) and name.lower() not in SET_BY_SES and len(name) + len(value) <= LONGEST_HEADER


def _arrived(told: Mapping[str, Any], number: int) -> EmailMessage:
    """Return the mail that a request becomes, as a mailbox reads it; raises ValueError for a broken line."""
    # The standard library folds a header in a way that its own parser gives back with a space more.
    mail, message = EmailMessage(policy.SMTP.clone(max_line_length=998)), told["Content"]["Simple"]
    mail["From"], mail["To"] = told["FromEmailAddress"], ", ".join(told["Destination"]["ToAddresses"])
    mail["Subject"] = message["Subject"]["Data"]
    mail["Message-ID"] = f"<0100{number:012x}-000000@eu-west-1.amazonses.com>"
    for header in message.get("Headers", []):
        mail[header["Name"]] = header["Value"]
    mail.set_content(message["Body"]["Text"]["Data"])
    mail.add_alternative(message["Body"]["Html"]["Data"], subtype="html")
    for part in message.get("Attachments", []):
        kind, _, subtype = part["ContentType"].partition("/")
        body = base64.b64decode(part["RawContent"], validate=True)
        mail.add_attachment(body, maintype=kind, subtype=subtype, filename=part["FileName"])
    return message_from_bytes(mail.as_bytes(), policy=policy.default)


class Desk:
    """The server, a context manager. What `script` holds is answered first; `hung` ends every wait."""

    def __init__(self, script: Sequence[Answer] = ()) -> None:
        self.script = deque(script)
        self.asked: list[Asked] = []
        self.mails: list[EmailMessage] = []
        self.hangs = False
        self.hung = Event()
        self.server = Loopback(self._answer)

    def __enter__(self) -> Self:
        self.server.__enter__()
        return self

    def __exit__(self, *reason: object) -> None:
        self.hung.set()
        self.server.__exit__(*reason)

    def _answer(self, asked: Asked) -> Answer:
        self.asked.append(asked)
        if self.hangs:
            self.hung.wait(20)
        if self.script:
            return self.script.popleft()
        if (asked.method, asked.path) != ("POST", "/v2/email/outbound-emails"):
            return refused("UnknownOperationException", status=404)
        if fault := _fault(asked):
            return fault
        self.mails.append(_arrived(asked.document, len(self.mails) + 1))
        return Answer(200, json.dumps({"MessageId": f"message-{len(self.mails)}"}).encode())
