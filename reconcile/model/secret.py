"""How a secret is given, and what one may consist of."""

KEPT = "secretsmanager:"
"""Begins a secret that is kept in AWS Secrets Manager: secretsmanager:NAME[#field]."""


def sendable(value: str) -> str:
    """Return a key without the white space around it; raises ValueError, not telling it, if it is no key."""
    stripped = value.strip()
    if not stripped or not stripped.isascii() or not stripped.isprintable():
        raise ValueError("it is empty, or holds characters that no key has")
    return stripped
