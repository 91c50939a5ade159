"""Interpret AWS errors: missing permission, wrong name, wrong credentials, no connection."""

import re
from fnmatch import fnmatchcase

from botocore.exceptions import (
    ClientError,
    CredentialRetrievalError,
    NoCredentialsError,
    ParamValidationError,
    PartialCredentialsError,
    TokenRetrievalError,
)

from reconcile.model.errors import Denied, SourceError
from reconcile.stores.aws import FAULTS, code_of, source_error

TROUBLE = (*FAULTS, SourceError)
"""Whatever a request, or an adapter that makes it, raises."""

_SKEWED = frozenset(("RequestTimeTooSkewed", "RequestExpired"))
# DynamoDB and its like have no code of their own for a signature of another time.
_OF_ANOTHER_TIME = ("Signature expired", "Signature not yet current")
_CREDENTIALS = frozenset(
    (
        "ExpiredToken",
        "ExpiredTokenException",
        "IncompleteSignature",
        "InvalidAccessKeyId",
        "InvalidClientTokenId",
        "InvalidSignatureException",
        "MissingAuthenticationToken",
        "SignatureDoesNotMatch",
        "UnrecognizedClientException",
    )
)
_NO_CREDENTIALS = (
    NoCredentialsError,
    PartialCredentialsError,
    CredentialRetrievalError,
    TokenRetrievalError,
)
_GONE = frozenset(("NoSuchBucket", "ResourceNotFoundException"))
_UNKNOWN = frozenset(
    (
        "404",
        "405",
        "501",
        "MethodNotAllowed",
        "NotImplemented",
        "UnknownOperation",
        "UnknownOperationException",
    )
)
# https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html; SES quotes the names.
_REFUSED = re.compile(
    r"not authorized to perform:? [`'\"]?(?P<action>[\w-]+:\w+)['\"]?"
    r" on resource:? [`'\"]?(?P<arn>arn:[^\s'\"]*[^\s'\".])"
)

CREDENTIALS_STEP = "Give AWS credentials that are valid: AWS_PROFILE, or the role of whoever runs this."
CLOCK_STEP = "Set this machine's clock by a time server: AWS refuses what is signed five minutes off."


def error_text(error: Exception) -> str:
    """Return an error's message without the signed request, which may contain a session token."""
    if isinstance(error, SourceError) and isinstance(error.__cause__, ClientError):
        return error_text(error.__cause__)
    if not isinstance(error, ClientError):
        return str(error if isinstance(error, SourceError) else source_error(error, "the request failed"))
    code, message = code_of(error), _message(error)
    if is_skewed(error):
        return f"{code}: AWS does not take the time at which the request was signed"
    if code in _CREDENTIALS:
        return f"{code}: AWS does not take the credentials"
    return f"{code}: {message}" if message else code


def _message(error: ClientError) -> str:
    return str(error.response.get("Error", {}).get("Message", ""))


def is_denied(error: Exception) -> bool:
    """Whether a permission is missing."""
    return isinstance(source_error(error, ""), Denied)


def is_unknown(error: Exception) -> bool:
    """Whether an AWS-compatible endpoint does not support the operation."""
    return isinstance(error, ClientError) and code_of(error) in _UNKNOWN


def is_skewed(error: ClientError) -> bool:
    """Whether AWS refused a request because it was signed too early or too late."""
    return code_of(error) in _SKEWED or _message(error).startswith(_OF_ANOTHER_TIME)


def grant_after(error: Exception, action: str, arn: str) -> str:
    """Return what to do about a missing permission on an ARN, which may hold stars.

    A refusal that names another one than was asked for, such as that of the key of an encrypted bucket, is
    believed.
    """
    cause = error if isinstance(error, ClientError) else error.__cause__
    message = _message(cause) if isinstance(cause, ClientError) else ""
    named = _REFUSED.search(message)
    if named and not (named["action"] == action and fnmatchcase(named["arn"], arn)):
        action, arn = named["action"], named["arn"]
    if "Access to KMS is not allowed" in message:
        # Secrets Manager does not name the key.
        action, arn = "kms:Decrypt", "the key that encrypts it"
    if "explicit deny" in message:
        return f"Stop denying {action} on {arn} in the policy that the refusal names."
    return f"Grant {action} on {arn}."


def step_after(error: Exception, setting: str) -> str:
    """Return how to fix an error other than a missing permission; `setting` names the resource."""
    if isinstance(error, _NO_CREDENTIALS):
        return CREDENTIALS_STEP
    if isinstance(error, ParamValidationError):
        return f"Set {setting} to a name that AWS takes."
    if isinstance(error, SourceError):
        return (
            step_after(error.__cause__, setting)
            if isinstance(error.__cause__, FAULTS)
            else "Fix what it names, then run reconcile doctor again."
        )
    if not isinstance(error, ClientError):
        return "See that AWS can be reached from here: network, AWS_DEFAULT_REGION, AWS_ENDPOINT_URL."
    if is_skewed(error):
        return CLOCK_STEP
    if code_of(error) in _CREDENTIALS:
        return CREDENTIALS_STEP
    if code_of(error) in _GONE:
        return f"Set {setting} to a name that exists in this account and region, or make what it names."
    return f"Check what the answer says, and {setting}; then run reconcile doctor again."
