"""What a refusal by AWS means: a permission that lacks, a wrong name, wrong credentials, no way there."""

from botocore.exceptions import (
    ClientError,
    CredentialRetrievalError,
    NoCredentialsError,
    ParamValidationError,
    PartialCredentialsError,
    TokenRetrievalError,
)

from reconcile.model.errors import Denied, SourceError
from reconcile.stores.aws import FAULTS, code_of, told

TROUBLE = (*FAULTS, SourceError)
"""Whatever a request, or an adapter that makes it, raises."""

NOT_TOLD = "not told by this endpoint"

_CREDENTIALS = frozenset(
    (
        "ExpiredToken",
        "ExpiredTokenException",
        "IncompleteSignature",
        "InvalidAccessKeyId",
        "InvalidClientTokenId",
        "InvalidSignatureException",
        "MissingAuthenticationToken",
        "RequestExpired",
        "RequestTimeTooSkewed",
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
    ("404", "405", "501", "MethodNotAllowed", "NotImplemented", "UnknownOperation", "UnknownOperationException")
)

CREDENTIALS_STEP = "Give AWS credentials that are valid: AWS_PROFILE, or the role of whoever runs this."


def said(error: Exception) -> str:
    """Return what an error says, without what was signed: that may hold a session's token."""
    if not isinstance(error, ClientError):
        return str(error if isinstance(error, SourceError) else told(error, "the request failed"))
    code = code_of(error)
    if code in _CREDENTIALS:
        return f"{code}: AWS does not take the credentials"
    message = str(error.response.get("Error", {}).get("Message", ""))
    return f"{code}: {message}" if message else code


def is_denied(error: Exception) -> bool:
    """Whether a permission is missing."""
    return isinstance(told(error, ""), Denied)


def is_unknown(error: Exception) -> bool:
    """Whether an endpoint, a stand-in, does not know what it was asked for."""
    return isinstance(error, ClientError) and code_of(error) in _UNKNOWN


def step_after(error: Exception, setting: str) -> str:
    """Return what to do about an error that is no missing permission; `setting` names what was asked for."""
    if isinstance(error, _NO_CREDENTIALS):
        return CREDENTIALS_STEP
    if isinstance(error, ParamValidationError):
        return f"Set {setting} to a name that AWS takes."
    if isinstance(error, SourceError):
        return "Mend what it names, then run reconcile doctor again."
    if not isinstance(error, ClientError):
        return "See that AWS can be reached from here: network, AWS_DEFAULT_REGION, AWS_ENDPOINT_URL."
    if code_of(error) in _CREDENTIALS:
        return CREDENTIALS_STEP
    if code_of(error) in _GONE:
        return f"Set {setting} to one that exists in this account and region, or make it."
    return f"Look at what the answer says, and at {setting}; then run reconcile doctor again."
