"""Names runs by the time at which they begin."""

import secrets
from datetime import UTC, datetime


def now() -> datetime:
    """Return the time."""
    return datetime.now(UTC)


def new_run_id(moment: datetime) -> str:
    """Return an id that sorts by time and that no two runs share."""
    return f"{moment:%Y%m%dT%H%M%S}{moment.microsecond // 1000:03d}Z-{secrets.token_hex(3)}"
