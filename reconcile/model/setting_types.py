"""Validate settings: one function per type.

Each function takes text and returns the normalised value, or raises ValueError that says what is wrong and
what to write instead. Text that may be a misplaced secret is never quoted.
"""

import ipaddress
import re
from collections.abc import Callable
from urllib.parse import SplitResult, urlsplit, urlunsplit

from reconcile.model.s3_address import SCHEME, bucket_and_key
from reconcile.model.secret import KEPT, plain

MOST_RECIPIENTS = 50
"""How many addresses SES takes in one mail. https://docs.aws.amazon.com/ses/latest/dg/quotas.html"""

_LABEL = r"[a-z0-9](?:[a-z0-9_-]{0,61}[a-z0-9])?"
_DOMAIN = re.compile(rf"(?=.{{4,253}}\Z)(?:{_LABEL}\.)+[a-z](?:[a-z0-9-]{{0,61}}[a-z0-9])")
_HOST = re.compile(rf"(?=.{{1,253}}\Z){_LABEL}(?:\.{_LABEL})*", re.IGNORECASE)
# https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
_BUCKET = re.compile(r"(?!.*\.\.)[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
_IP_LIKE = re.compile(r"\d+\.\d+\.\d+\.\d+")
# https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.NamingRulesDataTypes.html
_TABLE = re.compile(r"[A-Za-z0-9_.-]{3,255}")
# Its name, its ARN or a part of that; https://docs.aws.amazon.com/lambda/latest/api/API_GetFunctionConfiguration.html
_FUNCTION = re.compile(
    r"(?:arn:aws[a-z-]*:lambda:)?(?:[a-z]{2}(?:-[a-z]+)+-\d:)?(?:\d{12}:)?(?:function:)?"
    r"[A-Za-z0-9_-]{1,64}(?::(?:\$LATEST|[A-Za-z0-9_-]{1,128}))?"
)
_MEANT_AS_KEPT = re.compile(r"\s*(?:arn:aws[a-z-]*:)?secrets?[ _-]?manager\b", re.IGNORECASE)
_STAGE = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._ -]{0,62}[A-Za-z0-9])?")
_APP_ID = re.compile(r"[A-Za-z0-9]{1,31}")
_LIKE_A_KEY = re.compile(r"[0-9a-f]{32}")
# The name of a secret, or its ARN. https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_GetSecretValue.html
_SECRET = re.compile(r"(?:arn:aws[a-z-]*:secretsmanager:[a-z0-9-]+:\d{12}:secret:)?[A-Za-z0-9/_+=.@-]{1,512}")
# https://www.rfc-editor.org/rfc/rfc5322#section-3.2.3, in ASCII, as SES takes it
_LOCAL = re.compile(r"(?=.{1,64}\Z)[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_MAILBOX = re.compile(r'(?:(?P<quoted>"[^"\\<>]*")|(?P<name>[^"\\<>]*?))\s*<(?P<address>[^<>]*)>')
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
# https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/DownloadDistValuesCacheBehavior.html
_PATH_PATTERN = re.compile(r"[A-Za-z0-9_.*?$/~\"'@:+&-]{1,255}")
# https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/S3DataExport.Output.html
_EXPORT = re.compile(r"(?:.+/)?AWSDynamoDB/[0-9A-Za-z-]+")
_SIGNAL = re.compile(r"start|fail|log|\d{1,3}", re.IGNORECASE)
_CONNECTORS = ("outlook.office.com", "outlook.office365.com", "webhook.office.com")


def tidy(text: str) -> str:
    """Return text without surrounding white space; raises ValueError for invisible characters."""
    stripped = text.strip()
    if not stripped.isprintable():
        raise ValueError("it holds a line end or another character that cannot be seen: take it out")
    return stripped


def bucket_name(text: str) -> str:
    """Validate the name of an S3 bucket."""
    if not _BUCKET.fullmatch(text) or _IP_LIKE.fullmatch(text):
        raise ValueError(
            f"{_quoted(text)} is no name of a bucket: 3 to 63 lower-case letters, digits, dots and hyphens"
        )
    return text


def table_name(text: str) -> str:
    """Validate the name of a DynamoDB table."""
    if not _TABLE.fullmatch(text):
        raise ValueError("it is no name of a table: 3 to 255 letters, digits and _ . -, without white space")
    return text


def index_name(text: str) -> str:
    """Validate the name of a search index."""
    if not text or text != text.strip() or not text.isprintable() or "/" in text or len(text.encode()) > 256:
        raise ValueError("it is no name of an index: write it without white space around it and without /")
    return text


def function_name(text: str) -> str:
    """Validate the name or the ARN of a Lambda function."""
    name = tidy(text)
    if not _FUNCTION.fullmatch(name):
        raise ValueError("it is no name and no ARN of a function: write it as aws lambda list-functions does")
    return name


def stage_name(text: str) -> str:
    """Validate the name of a stage, which is used in subjects, headers and metrics."""
    name = tidy(text)
    if not _STAGE.fullmatch(name):
        raise ValueError("it is no name of a stage: up to 64 letters, digits, spaces and . _ - such as prod")
    return name


def domain(text: str) -> str:
    """Return a domain in lower case."""
    name = tidy(text).lower()
    if not _DOMAIN.fullmatch(name):
        raise ValueError(
            f"{_quoted(text)} is no domain: write it without https:// and without a path, "
            "as d111.cloudfront.net"
        )
    return name


def root(text: str) -> str:
    """Validate a top-level folder of a bucket: the first part of keys."""
    name = tidy(text).strip("/")
    if not name or "/" in name or not name.isprintable():
        raise ValueError(f"{_quoted(text)} is no root of a bucket: write the first part of keys, without /")
    return name


def app_id(text: str) -> str:
    """Validate the id of an Algolia application; never quoted, since it may be a misplaced key."""
    name = tidy(text)
    if _LIKE_A_KEY.fullmatch(name):
        raise ValueError(
            "it looks like an API key: set it to the id, which is shorter, and the key on its own"
        )
    if not _APP_ID.fullmatch(name):
        raise ValueError("it is no id of an Algolia application: letters and digits, as in its dashboard")
    return name


def mailbox(text: str) -> str:
    """Validate an email address, `a@b` or `Name <a@b>`; SES accepts only ASCII addresses.

    https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_SendEmail.html
    """
    whole = tidy(text)
    named = _MAILBOX.fullmatch(whole)
    local, _, host = (named["address"] if named else whole).rpartition("@")
    plain = not named or named["name"] is None or not re.search(r"[,;@:]", named["name"])
    if not (plain and _LOCAL.fullmatch(local) and _DOMAIN.fullmatch(host.lower())):
        raise ValueError(
            f"{_quoted(text)} is no mail address: write it as ann@example.com or Ann <ann@example.com>"
        )
    return whole


def web_address(text: str) -> str:
    """Validate an http or https base URL for links; returned without a trailing slash."""
    address = tidy(text).rstrip("/")
    if _web(address) is None or "?" in address or "#" in address:
        raise ValueError("it is no web address: begin with https://, and write no query")
    return address


def private_base(text: str) -> str:
    """Validate the base URL of a service that receives a key: https, or a loopback address."""
    address = private_address(text).rstrip("/")
    if "?" in address or "#" in address:
        raise ValueError("it is no base URL: write no query")
    return address


def private_address(text: str) -> str:
    """Validate a URL that contains or receives a secret: https, or loopback. It is never quoted."""
    address = tidy(text)
    parts = _web(address)
    if parts is None:
        raise ValueError("it is no address: begin with https://, and write no user and no white space")
    if parts.scheme == "http" and not is_loopback(parts.hostname or ""):
        raise ValueError("what is secret would travel there unencrypted: begin with https://")
    return address


def workflow_address(text: str) -> str:
    """Return the address of a workflow of Microsoft Teams, which is a secret; it is never quoted.

    Office 365 connectors, whose addresses have other hosts, are retired:
    https://devblogs.microsoft.com/microsoft365dev/retirement-of-office-365-connectors-within-microsoft-teams/
    """
    address = private_address(text)
    host = (urlsplit(address).hostname or "").lower()
    if host in _CONNECTORS or host.endswith(".webhook.office.com"):
        raise ValueError("it belongs to an Office 365 connector, which are retired: make a workflow instead")
    return address


def ping_address(text: str) -> str:
    """Return the ping URL of a check, which is a secret and never quoted, without a slash at its end.

    The signals /start, /fail, /log and /EXIT-CODE are put behind it: https://healthchecks.io/docs/http_api/
    """
    address = private_address(text)
    parts = urlsplit(address)
    path = parts.path.rstrip("/")
    if _SIGNAL.fullmatch(path.rpartition("/")[2]):
        raise ValueError("it ends with a signal such as /start or /fail: set it to the ping URL itself")
    if "#" in address:
        raise ValueError("it holds a #, and what stands behind that is never sent: leave it out")
    return urlunsplit(parts._replace(path=path))


def is_loopback(host: str) -> bool:
    """Whether a host is a loopback address."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def report_place(text: str) -> str:
    """Validate the location of reports: s3://bucket[/prefix], or a local directory."""
    place = text.strip()
    if not place:
        raise ValueError(
            "it is empty, so no report is kept and a repair is refused: set it to s3://bucket/prefix or to a "
            "directory, or leave it out"
        )
    if any(ord(letter) < 32 or 127 <= ord(letter) < 160 for letter in place):
        raise ValueError("it holds a line end or another control character: take it out")
    if place.startswith(SCHEME):
        bucket, prefix = bucket_and_key(place)
        if not bucket:
            raise ValueError("it names no bucket: write s3://bucket/prefix")
        bucket_name(bucket)
        tidy(prefix)
    elif _SCHEME.match(place):
        raise ValueError("it is no place for reports: write s3://bucket/prefix, or the path of a directory")
    elif place.startswith("~"):
        raise ValueError("nothing stands in for ~ here: write the whole path of the directory")
    return place


def export_address(text: str) -> str:
    """Validate the address of a DynamoDB export, s3://bucket/[prefix/]AWSDynamoDB/EXPORT_ID."""
    address = tidy(text).removesuffix("/").removesuffix("/manifest-summary.json")
    bucket, key = bucket_and_key(address)
    if not address.startswith(SCHEME) or not _EXPORT.fullmatch(key):
        raise ValueError(f"{_quoted(text)} is no export: write s3://bucket/prefix/AWSDynamoDB/EXPORT_ID")
    bucket_name(bucket)
    return address


def path_pattern(text: str) -> str:
    """Validate a CloudFront path pattern."""
    if not _PATH_PATTERN.fullmatch(text):
        raise ValueError(f"{_quoted(text)} is no path pattern: write it as the distribution has it, as ivs/*")
    return text


def key_prefix(text: str) -> str:
    """Validate a key prefix; returned with a trailing slash unless it is empty."""
    prefix = tidy(text).strip("/")
    if len(prefix.encode(errors="replace")) > 1_000:
        raise ValueError("a key prefix is longer than keys are")
    return f"{prefix}/" if prefix else ""


def kept_or(rule: Callable[[str], str]) -> Callable[[str], str]:
    """Return the rule for a secret that is given as itself, by `rule`, or as secretsmanager:NAME[#field]."""

    def check(text: str) -> str:
        """Validate the secret, or the name of the place where it is stored."""
        if not text.startswith(KEPT):
            if _MEANT_AS_KEPT.match(text):
                raise ValueError(f"it is no secret itself: write where it is kept as {KEPT}NAME#field")
            return rule(plain(text))
        name, mark, field = text.removeprefix(KEPT).partition("#")
        if not _SECRET.fullmatch(name) or (mark and not field) or not field.isprintable():
            raise ValueError(f"it names no secret: write {KEPT}NAME or {KEPT}NAME#field")
        return text

    return check


def _web(address: str) -> SplitResult | None:
    """Return the parts of an address of http or https in ASCII, without a user; None for any other text."""
    if not address.isascii() or not address.isprintable() or re.search(r'[\s"<>\\^`{|}]', address):
        return None
    try:
        parts = urlsplit(address)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return None
    known = parts.scheme in ("http", "https") and port != 0 and "@" not in parts.netloc
    return parts if known and (_HOST.fullmatch(host) or _is_ip(host)) else None


def _is_ip(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _quoted(text: str) -> str:
    """Return a value as an error may show it: short, and with nothing in it that steers a terminal."""
    return ascii(text if len(text) <= 60 else f"{text[:59]}…")
