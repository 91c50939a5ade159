"""How the live system writes things down: times, names of AWS resources, addresses, DynamoDB's JSON."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

ACCOUNT = "111122223333"
REGION = "us-east-1"
TABLE = "shelcaster-app"
INDEX = "programs"
UPLOADS = "shelcaster-v2"
PLAYBACK_DOMAIN = "play.lanternfish.example"
OLD_DOMAIN = "old-play.lanternfish.example"


def javascript_time(at: datetime) -> str:
    """A time as the Node functions write it: milliseconds and a Z."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03d}Z"


def python_time(at: datetime) -> str:
    """A time as the Python functions write it: microseconds, no zone, meant as UTC."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")


def event_time(at: datetime) -> str:
    """A time as IVS writes it into its events: RFC 3339 in whole seconds."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def arn(kind: str, name: str) -> str:
    """The ARN of an IVS resource, `kind` being channel, stage or composition."""
    return f"arn:aws:ivs:{REGION}:{ACCOUNT}:{kind}/{name}"


def last_part(of: str) -> str:
    """The id at the end of an ARN."""
    return of.rpartition("/")[2]


def playback_url(key: str, domain: str = PLAYBACK_DOMAIN) -> str:
    """The address of a key at the content network, as the processor writes it: not percent-encoded."""
    return f"https://{domain}/{key}"


def encoded_url(key: str) -> str:
    """The address of a key as a browser's client writes it when it encodes the key as one component."""
    return f"https://{PLAYBACK_DOMAIN}/{quote(key, safe='')}"


def bucket_urls(bucket: str, key: str) -> tuple[str, ...]:
    """The addresses S3 itself has for a key: by host name without and with the region, and by path."""
    return (
        f"https://{bucket}.s3.amazonaws.com/{key}",
        f"https://{bucket}.s3.{REGION}.amazonaws.com/{key}",
        f"https://s3.{REGION}.amazonaws.com/{bucket}/{key}",
    )


def typed(value: Any) -> dict[str, Any]:
    """A value in DynamoDB's JSON: `{"S": ...}`, `{"N": ...}` and so on; frozensets are string sets."""
    if isinstance(value, bool):
        return {"BOOL": value}
    if isinstance(value, str):
        return {"S": value}
    if isinstance(value, int | float):
        return {"N": str(value)}
    if value is None:
        return {"NULL": True}
    if isinstance(value, frozenset):
        return {"SS": sorted(value)}
    if isinstance(value, list):
        return {"L": [typed(element) for element in value]}
    if isinstance(value, dict):
        return {"M": {name: typed(element) for name, element in value.items()}}
    raise TypeError(f"no attribute type for {type(value).__name__}")
