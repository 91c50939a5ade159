"""Reads a date as the JavaScript of the live functions does, so that timestamps agree to the millisecond."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

from dateutil import parser as dates

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_ISO = re.compile(
    r"(\d{4})(?:-(\d\d)(?:-(\d\d))?)?"
    r"(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:\.(\d+))?)?\s*(Z|[+-]\d\d:?\d\d)?)?"
)


def epoch_milliseconds(value: Any) -> int | None:
    """Return `new Date(value).getTime()`; None stands for NaN.

    A time without an offset is local time there, and the live functions run in UTC.
    """
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, int | float):
        return int(value)
    if not isinstance(value, str):
        return None
    match = _ISO.fullmatch(value.strip())
    try:
        moment = _iso(match) if match else _other(value)
    except (ValueError, OverflowError):
        return None
    return None if moment is None else (moment - _EPOCH) // timedelta(milliseconds=1)


def _iso(match: re.Match[str]) -> datetime:
    year, month, day, hour, minute, second, fraction, offset = match.groups()
    microsecond = int((fraction or "0")[:3].ljust(3, "0")) * 1000
    # 24:00 is the end of the day there.
    late = hour == "24"
    moment = datetime(
        int(year),
        int(month or 1),
        int(day or 1),
        0 if late else int(hour or 0),
        int(minute or 0),
        int(second or 0),
        microsecond,
        tzinfo=UTC,
    )
    if offset and offset != "Z":
        sign = -1 if offset[0] == "+" else 1
        digits = offset[1:].replace(":", "")
        moment += sign * timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return moment + timedelta(days=1) if late else moment


def _other(text: str) -> datetime | None:
    # Feeds write RFC 2822 dates and people write 2/13/2026; without a year a text is no date here.
    if not re.search(r"\d{4}", text) or not re.search(r"[A-Za-z]{3}|/|-", text):
        return None
    try:
        moment: datetime = dates.parse(text, default=datetime(2001, 1, 1, tzinfo=UTC))
    except dates.ParserError:
        return None
    return moment.astimezone(UTC)
