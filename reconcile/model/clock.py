"""Reads and writes the times and durations that the stores and the command line use."""

import re
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import NamedTuple

_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
LONGEST = timedelta(days=36_500)
"""No setting and no recording lasts longer."""
# Days from the ends of the calendar, so that a session's length can be added to any time that is read.
_EARLIEST, _LATEST = datetime(1, 1, 8, tzinfo=UTC), datetime(9999, 12, 24, tzinfo=UTC)


class Interval(NamedTuple):
    """A span of time from a start to an end, both in UTC."""

    start: datetime
    end: datetime

    def overlaps(self, other: "Interval") -> bool:
        """Whether both hold some time; those that only touch do not overlap."""
        return self.start < other.end and self.end > other.start

    def touches(self, other: "Interval") -> bool:
        """Whether they overlap, or one ends when the other begins."""
        return self.start <= other.end and self.end >= other.start


@lru_cache(maxsize=1024)
def parse_time(text: str) -> datetime:
    """Return an ISO 8601 time as UTC; a time without an offset is UTC, as the Python functions write it.

    Raises ValueError when the text is no time.
    """
    moment = datetime.fromisoformat(text)
    try:
        if moment.tzinfo is not UTC:
            moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except OverflowError as error:
        raise ValueError(f"{text!r} is out of range") from error
    if not _EARLIEST <= moment <= _LATEST:
        raise ValueError(f"{text!r} is out of range")
    return moment


def write_time(moment: datetime) -> str:
    """Return the form that the live JavaScript functions write: 2026-02-13T01:07:53.504Z."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def parse_duration(text: str) -> timedelta:
    """Return the length that `0s`, `15m`, `36h` or `3d` names; raises ValueError for anything else."""
    match = re.fullmatch(r"(\d{1,9})([smhd])", text.strip())
    if match is None:
        raise ValueError(f"{text!r} is no duration: write a whole number and s, m, h or d, such as 15m or 3d")
    length = timedelta(**{_UNITS[match[2]]: int(match[1])})
    if length > LONGEST:
        raise ValueError(f"{text!r} is too long a duration: at most {LONGEST.days}d")
    return length


def write_duration(length: timedelta) -> str:
    """Return the shortest of `0s`, `15m`, `36h`, `3d` that says the length in whole units."""
    seconds = int(length.total_seconds())
    for size, unit in ((86_400, "d"), (3_600, "h"), (60, "m")):
        if seconds and seconds % size == 0:
            return f"{seconds // size}{unit}"
    return f"{seconds}s"
