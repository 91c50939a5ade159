"""Reads a date as the JavaScript of the live functions does, so that timestamps agree to the millisecond."""

import math
import re
from datetime import date
from typing import Any

from reconcile.model.jsdate_freeform import Moment, read_freeform

_LATEST = 8_640_000_000_000_000
_EPOCH = date(1970, 1, 1).toordinal()
_CYCLE_DAYS = 146_097

_DATE = re.compile(
    r"(\d{4}|\+\d{6}|-(?!0{6})\d{6})(?!\d)(?:-(?:(0[1-9]|1[0-2])(?!\d)(?:-(?:(0[1-9]|[12]\d|3[01])(?!\d))?)?)?)?",
    re.ASCII,
)
_TIME = re.compile(
    r"t(\d\d):(\d\d)(?::(\d\d)(?:\.(\d+))?)?(?:z|([+-])(\d\d):?(\d\d))?", re.ASCII | re.IGNORECASE
)


def epoch_milliseconds(value: Any) -> int | None:
    """Return `new Date(value).getTime()`; None stands for NaN.

    A time without an offset is local time there, and the live functions run in UTC. The forms that are read
    are those of ISO 8601 and, for all other texts, those of V8, the engine that the functions run on.
    """
    if isinstance(value, int | float):
        return int(value) if math.isfinite(value) and abs(value) <= _LATEST else None
    moment = _moment(value) if isinstance(value, str) else None
    return _milliseconds(moment) if moment else None


def _moment(text: str) -> Moment | None:
    found = _DATE.match(text)
    rest = text[found.end() :] if found else text
    days = [int(part) for part in found.groups() if part] if found else []
    if found and rest[:1] in ("T", "t"):
        return _with_time(days, _TIME.fullmatch(rest))
    if found and not rest and not text.endswith("-"):
        return Moment(*[*days, 1, 1][:3])
    return read_freeform(rest, days)


def _with_time(days: list[int], clock: re.Match[str] | None) -> Moment | None:
    if clock is None:
        return None
    hour, minute, second = (int(part or 0) for part in clock.group(1, 2, 3))
    millisecond = int((clock[4] or "0")[:3].ljust(3, "0"))
    away_hour, away_minute = (int(part or 0) for part in clock.group(6, 7))
    midnight = (hour, minute, second, millisecond) == (24, 0, 0, 0)
    if not (hour < 24 or midnight) or max(minute, second, away_minute) > 59 or away_hour > 23:
        return None
    away = (away_hour * 60 + away_minute) * (-1 if clock[5] == "-" else 1)
    year, month, day = [*days, 1, 1][:3]
    return Moment(year, month, day, hour, minute, second, millisecond, away)


def _milliseconds(moment: Moment) -> int | None:
    # The calendar repeats every 400 years, and the days that a month lacks are those of the next.
    first = date(2000 + moment.year % 400, moment.month, 1).toordinal()
    days = first + (moment.year // 400 - 5) * _CYCLE_DAYS - _EPOCH + moment.day - 1
    minutes = (days * 24 + moment.hour) * 60 + moment.minute - moment.away
    total = (minutes * 60 + moment.second) * 1000 + moment.millisecond
    return total if abs(total) <= _LATEST else None
