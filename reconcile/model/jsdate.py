"""Reads a date as the JavaScript of the live functions does, so that timestamps agree to the millisecond."""

import math
import re
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

_TOKENS = re.compile(
    r"(?P<number>[0-9]+)|(?P<word>[^\x00-@\s\ufeff]+)|(?P<sign>[+-])|(?P<other>.)", re.DOTALL
)

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")

_HALVES = {"am": 0, "pm": 12}

_ZONES = {"ut": 0, "utc": 0, "gmt": 0, "z": 0}
_ZONES |= {"edt": -4, "est": -5, "cdt": -5, "cst": -6, "mdt": -6, "mst": -7, "pdt": -7, "pst": -8}


@dataclass(frozen=True, slots=True)
class Moment:
    """A date and time of day; `away` is how many minutes its clock is ahead of UTC."""

    year: int
    month: int
    day: int
    hour: int = 0
    minute: int = 0
    second: int = 0
    millisecond: int = 0
    away: int = 0


class _NoDate(Exception):
    """Raised when a text turns out to be no date."""


def read_freeform(text: str, days: list[int]) -> Moment | None:
    """Return the moment that a text names; None when it names none.

    `days` are the year, month and day that stood before the text, as far as they were those of an ISO date.
    """
    tokens = [(match.lastgroup or "", match[0]) for match in _TOKENS.finditer(text)]
    reader = _DateReader(tokens, days, any_number=bool(days))
    try:
        return reader.read()
    except _NoDate:
        return None


def _number(text: str) -> int:
    return int(text.lstrip("0")[:9] or "0")


@dataclass(slots=True)
class _DateReader:
    """Goes through the pieces of a text, and sorts its numbers into day, time and offset."""

    tokens: list[tuple[str, str]]
    days: list[int]
    times: list[int] = field(default_factory=list)
    month: int | None = None
    half: int | None = None
    away_sign: int = 0
    away_hour: int | None = None
    away_minute: int | None = None
    any_number: bool = False

    def read(self) -> Moment:
        """Return the moment; raises _NoDate."""
        while self.tokens:
            kind, text = self.tokens.pop(0)
            if kind == "number":
                self._read_number(text)
            elif kind == "word":
                self._read_word(text.lower())
            elif kind == "sign" and (self.times or (self.away_hour, self.away_minute) == (0, 0)):
                self._read_offset(text)
            elif kind == "sign" or text == ")":
                self._refuse(self.any_number)
            elif text == "(":
                self._skip_parentheses()
        return self._moment()

    def _read_number(self, text: str) -> None:
        self.any_number = True
        number = _number(text)
        if self._skip(":"):
            self._refuse(len(self.times) >= 4)
            self.times.append(number)
            if self._skip(":"):
                self._refuse(len(self.times) > 1)
                self.times.append(0)
            else:
                self._skip(".")
        elif self._skip(".") and self._time_expects(number):
            self.times.append(number)
            self._refuse(self._next()[0] != "number")
            self._finish_time(int(self.tokens.pop(0)[1][:3].ljust(3, "0")))
        elif self.away_hour is not None and self.away_minute is None and number < 60:
            self.away_minute = number
        elif self._time_expects(number):
            self._finish_time(number)
            kind, after = self._next()
            self._refuse(kind not in ("", "sign") and not after.isspace() and after.lower() != "z")
        else:
            self._refuse(len(self.days) == 3)
            self.days.append(number)
            self._skip("-")

    def _time_expects(self, number: int) -> bool:
        return len(self.times) in (1, 2, 3) and number < (60, 60, 1000)[len(self.times) - 1]

    def _finish_time(self, number: int) -> None:
        self.times = [*self.times, number, 0, 0, 0][:4]

    def _read_word(self, word: str) -> None:
        if word in _HALVES and self.times:
            self.half = _HALVES[word]
        elif word[:3] in _MONTHS:
            self.month = _MONTHS.index(word[:3]) + 1
            self._skip("-")
        elif word in _ZONES and self.any_number:
            zone = _ZONES[word]
            self.away_sign, self.away_hour, self.away_minute = -1 if zone < 0 else 1, abs(zone), 0
        else:
            self._refuse(self.any_number or self._next()[0] == "number")

    def _read_offset(self, sign: str) -> None:
        self.away_sign, self.any_number = -1 if sign == "-" else 1, True
        text = self.tokens.pop(0)[1] if self._next()[0] == "number" else ""
        number = _number(text)
        if self._next()[1] == ":":
            self.away_hour, self.away_minute = number, None
            return
        self._refuse(not 1 <= len(text) <= 4)
        self.away_hour, self.away_minute = divmod(number, 100) if len(text) > 2 else (number, 0)

    def _skip_parentheses(self) -> None:
        depth = 1
        while depth and self.tokens:
            text = self.tokens.pop(0)[1]
            depth += (text == "(") - (text == ")")

    def _next(self) -> tuple[str, str]:
        return self.tokens[0] if self.tokens else ("", "")

    def _skip(self, symbol: str) -> bool:
        matches = self._next()[1] == symbol
        if matches:
            self.tokens.pop(0)
        return matches

    def _refuse(self, wrong: bool) -> None:
        if wrong:
            raise _NoDate

    def _moment(self) -> Moment:
        self._refuse(not self.days)
        first, second, third = [*self.days, 1, 1][:3]
        if self.month:
            year, month, day = self._with_month(first, second, self.month)
        elif 1 <= first <= 31:
            year, month, day = third, first, second
        else:
            year, month, day = first, second, third
        if 0 <= year < 100:
            year += 2000 if year < 50 else 1900
        self._refuse(not (1 <= month <= 12 and 1 <= day <= 31))
        away = self.away_sign * ((self.away_hour or 0) * 60 + (self.away_minute or 0))
        return Moment(year, month, day, *self._clock(), away)

    def _with_month(self, first: int, second: int, month: int) -> tuple[int, int, int]:
        if not 1 <= first <= 31:
            return first, month, second
        return second, month, first

    def _clock(self) -> tuple[int, int, int, int]:
        hour, minute, second, millisecond = [*self.times, 0, 0, 0, 0][:4]
        if self.half is not None:
            self._refuse(hour > 12)
            hour = hour % 12 + self.half
        midnight = (hour, minute, second, millisecond) == (24, 0, 0, 0)
        self._refuse(not (hour < 24 or midnight) or minute > 59 or second > 59 or millisecond > 999)
        return hour, minute, second, millisecond


_LATEST = 8_640_000_000_000_000
_PLAIN = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", re.ASCII)
_SINCE, _MILLISECOND = datetime(1970, 1, 1, tzinfo=UTC), timedelta(milliseconds=1)
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
    if not isinstance(value, str):
        return None
    plain = _milliseconds_of_plain(value)
    if plain is not None:
        return plain
    moment = _moment(value)
    return _milliseconds(moment) if moment else None


def _milliseconds_of_plain(text: str) -> int | None:
    """Return the same for a moment as JavaScript writes it, as nearly all are; None for any other text."""
    if not _PLAIN.fullmatch(text):
        return None
    try:
        return (datetime.fromisoformat(text) - _SINCE) // _MILLISECOND
    except ValueError:
        return None


def _moment(text: str) -> Moment | None:
    date_match = _DATE.match(text)
    rest = text[date_match.end() :] if date_match else text
    days = [int(part) for part in date_match.groups() if part] if date_match else []
    if date_match and rest[:1] in ("T", "t"):
        return _with_time(days, _TIME.fullmatch(rest))
    if date_match and not rest and not text.endswith("-"):
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
