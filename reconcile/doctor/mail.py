"""Check the sender and the account in SES; no mail is sent."""

from collections.abc import Iterator
from email.utils import parseaddr
from typing import Any

from botocore.exceptions import ClientError

from reconcile.doctor.clients import ImpatientWiring
from reconcile.doctor.optional_rights import ask_if_allowed
from reconcile.doctor.permission_requests import Resource
from reconcile.doctor.result import Line, failed, not_looked_at, not_told, ok, warning
from reconcile.doctor.trials import trials_on, tried
from reconcile.stores.aws import code_of


def mail_lines(wiring: ImpatientWiring, *, ask: bool) -> Iterator[Line]:
    """Check the sender, the account, and, unless a mail is sent anyway, whether one may be."""
    sender = parseaddr(wiring.settings.email_from)[1]
    resource = Resource("identity", sender, "RECONCILE_EMAIL_FROM")
    verified = ask_if_allowed(
        f"sender {sender}", "ses:GetEmailIdentity", resource, lambda: _verified(wiring, sender)
    )
    if isinstance(verified, Line) and verified.state == "failed":
        yield verified
        yield not_looked_at("SES account and permissions", "SES failed")
        return
    yield verified if isinstance(verified, Line) else _sender(sender, verified)
    yield _account(wiring, resource)
    if ask:
        # A sender that has a configuration set needs the right to it as well; the refusal names it.
        yield from tried(trials_on(wiring, resource))


def _verified(wiring: ImpatientWiring, sender: str) -> str:
    """Return the identity, of the address or of a domain above it, that is verified; "" without one.

    https://docs.aws.amazon.com/ses/latest/dg/creating-identities.html
    """
    domain = sender.partition("@")[2]
    labels = domain.split(".")
    domains = (".".join(labels[start:]) for start in range(max(1, len(labels) - 1)))
    return next((name for name in (sender, *domains) if _is_verified(wiring, name)), "")


def _is_verified(wiring: ImpatientWiring, identity: str) -> bool:
    try:
        answer = wiring.ses.get_email_identity(EmailIdentity=identity)
    except ClientError as error:
        if code_of(error) == "NotFoundException":
            return False
        raise
    return answer.get("VerifiedForSendingStatus", False) or answer.get("VerificationStatus") == "SUCCESS"


def _sender(sender: str, identity: str) -> Line:
    what = f"sender {sender}"
    if identity:
        return ok(what, f"verified, as {identity}")
    step = f"Verify {sender} or its domain in SES in this region, or set RECONCILE_EMAIL_FROM to one that is."
    return failed(what, "SES has not verified it: every mail would be refused", step)


def _account(wiring: ImpatientWiring, resource: Resource) -> Line:
    """Check the account: https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_GetAccount.html."""
    what = "SES account"
    account: Any = ask_if_allowed(what, "ses:GetAccount", resource, lambda: wiring.ses.get_account())
    if isinstance(account, Line):
        return account
    status = account.get("EnforcementStatus", "HEALTHY")
    if account.get("SendingEnabled") is False or status == "SHUTDOWN":
        return failed(what, "sending is paused", "Check the account's health in the SES console.")
    if "SendingEnabled" not in account:
        return not_told(what)
    if account.get("ProductionAccessEnabled") is False:
        return _in_sandbox(what, wiring, resource)
    if status != "HEALTHY":
        return warning(what, f"its standing is {status}", "Check the account's health in the SES console.")
    return ok(what, "may send")


def _in_sandbox(what: str, wiring: ImpatientWiring, resource: Resource) -> Line:
    """Check whether the recipients are verified.

    https://docs.aws.amazon.com/ses/latest/dg/request-production-access.html
    """
    readers = [parseaddr(reader)[1] for reader in wiring.settings.email_to]
    unverified = ask_if_allowed(
        what,
        "ses:GetEmailIdentity",
        resource,
        lambda: [reader for reader in readers if not _verified(wiring, reader)],
    )
    if isinstance(unverified, Line):
        return unverified
    if unverified:
        named = ", ".join(unverified)
        text = f"in the sandbox, where only verified addresses get mail, and {named} is not"
        return failed(what, text, f"Verify {named} in SES, or ask AWS for production access.")
    text = "in the sandbox: 200 mails a day, to verified addresses alone, as RECONCILE_EMAIL_TO's are"
    return warning(what, text, "Ask AWS for production access, before anybody else is to get mail.")
