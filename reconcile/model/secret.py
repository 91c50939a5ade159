"""The format of secrets and of references to them."""

import re

KEPT = "secretsmanager:"
"""Begins a secret that is kept in AWS Secrets Manager: secretsmanager:NAME[#field]."""

_API_KEY = re.compile(r"[A-Za-z0-9+/=_.~-]+")


def plain(value: str) -> str:
    """Return a secret unchanged; raises ValueError, without quoting it, if it is malformed.

    Surrounding white space is not removed: it may belong to the secret.
    """
    if not value.strip():
        raise ValueError("it is empty: put the secret there")
    if value != value.strip():
        raise ValueError("it begins or ends with white space, often a line end: store it without")
    if not value.isprintable():
        raise ValueError("it holds a line end or another character that cannot be seen: store it without")
    return value


def api_key(value: str) -> str:
    """Validate an API key; raises ValueError, without quoting it."""
    if not _API_KEY.fullmatch(plain(value)):
        raise ValueError("it holds characters that no key has: set it to the key alone")
    return value
