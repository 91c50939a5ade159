"""Turns times, numbers, values and what a finding rests on into words that are safe to show anywhere."""

import json
import sys
from dataclasses import dataclass
from datetime import datetime, timedelta

from reconcile.model.clock import parse_time
from reconcile.model.documents import Evidence
from reconcile.model.finding import Subject, recording_key
from reconcile.model.texts import apart as apart
from reconcile.model.texts import clean as clean
from reconcile.model.verdict_table import noun_of

LONGEST_TITLE = 120
NOT_KNOWN = "\u2013"
"""Stands where an old summary says nothing."""

LONGEST_VALUE = 160
LONGEST_REASON = 600

_STATUSES = {
    "came-back": "came back",
    "partly-repaired": "partly repaired",
    "awaiting-approval": "awaiting approval",
    "failed": "repair failed",
}
_ROWS = {"program": "Program", "group": "Group", "recording-row": "Recording row"}


@dataclass(frozen=True, slots=True)
class Caps:
    """The largest number of items of a group, and of lines of other lists; `rest` says where the rest is."""

    items: int
    lines: int = sys.maxsize
    rest: str = "in the JSON report"

    def left_out(self, number: int, shown: int, noun: str = "") -> str:
        """Say how many of a list are left out where so many are shown; "" when none is."""
        if number <= shown:
            return ""
        if not shown:
            return f"{plural(number, noun) if noun else f'{number:,} in total'} {self.rest}"
        left = number - shown
        return f"and {plural(left, f'more {noun}') if noun else f'{left:,} more'} {self.rest}"


def shorten(text: object, longest: int = LONGEST_VALUE) -> str:
    """Return clean text of at most this many characters, or a few more where an escape was made visible."""
    whole = str(text)
    return clean(whole) if len(whole) <= longest else clean(whole[: longest - 1]) + "…"


def titled(title: object) -> str:
    """Return a title in its quotation marks, set apart where it runs to the left."""
    return apart(f"“{shorten(title, LONGEST_TITLE)}”")


def line_of(text: object, longest: int = LONGEST_VALUE) -> str:
    """Return any text for a line among others: clean, short, and set apart where it runs to the left."""
    return apart(shorten(text, longest))


def status_words(status: str) -> str:
    """Return what became of a finding in the words that people read."""
    return _STATUSES.get(status, clean(status))


def plural(number: int, noun: str) -> str:
    """Return `1 recording`, `2,000 recordings`."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def when(moment: datetime) -> str:
    """Return `4 Mar 2026 05:06 UTC`."""
    return f"{moment.day} {moment:%b %Y %H:%M} UTC"


def when_written(value: object) -> str:
    """Return a time of the report's JSON in words; what is no time is returned as it stands."""
    try:
        return when(parse_time(str(value)))
    except ValueError:
        return line_of(value)


def lasting(length: timedelta) -> str:
    """Return a length in its two largest units: `12 s`, `3 min 5 s`, `1 h 2 min`, `2 d 3 h`."""
    total = max(0, round(length.total_seconds()))
    parts = []
    for size, unit in ((86_400, "d"), (3_600, "h"), (60, "min"), (1, "s")):
        count, total = divmod(total, size)
        if count:
            parts.append(f"{count:,} {unit}")
        elif parts:
            break
    return " ".join(parts[:2]) or "0 s"


def lasting_seconds(seconds: float) -> str:
    """Return a length in words; below ten seconds with a decimal."""
    return f"{seconds:.1f} s" if 0 <= seconds < 10 else lasting(timedelta(seconds=seconds))


def dollars(amount: float) -> str:
    """Return `USD 12.30`, and below a dollar two digits that say something: `USD 0.0034`."""
    if not amount:
        return "USD 0"
    exponent = int(f"{amount:.1e}".partition("e")[2])
    return f"USD {amount:,.{max(2, 1 - exponent)}f}"


def clock_time(seconds: float) -> str:
    """Return a length as `0:42`, `12:05` or `1:02:03`, for a column of a table."""
    minutes, rest = divmod(max(0, round(seconds)), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:,}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def quantity(number: object) -> str:
    """Return a number with thousands apart and at most one decimal; anything else as it stands."""
    if isinstance(number, bool) or not isinstance(number, int | float):
        return value_words(number)
    return f"{number:,}" if isinstance(number, int) else f"{number:,.1f}".removesuffix(".0")


def value_words(value: object) -> str:
    """Return a stored value so that text, number and nothing can be told apart: `"5"`, `5`, `nothing`."""
    return "nothing" if value is None else apart(shorten(_written(value)))


def two_values(left: object, right: object) -> tuple[str, str]:
    """Return two differing values in words, shortened so that the place where they part is seen."""
    if left is None or right is None:
        return value_words(left), value_words(right)
    texts = [_written(left), _written(right)]
    pairs = enumerate(zip(*texts, strict=False))
    shared = next((place for place, (first, other) in pairs if first != other), min(map(len, texts)))
    if max(map(len, texts)) <= LONGEST_VALUE or shared < LONGEST_VALUE // 2:
        return apart(shorten(texts[0])), apart(shorten(texts[1]))
    first = shared - LONGEST_VALUE // 4
    return apart("…" + shorten(texts[0][first:])), apart("…" + shorten(texts[1][first:]))


def _written(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, default=str)


def place_of_subject(subject: Subject) -> str:
    """Return where a recording lies, as an S3 address, or a row, by its keys; other subjects lie nowhere."""
    if subject.type == "recording":
        return clean(recording_key(subject).address)
    if subject.type in _ROWS:
        return clean(f"{subject['pk']}  {subject['sk']}")
    return ""


def subject_words(subject: Subject, evidence: Evidence) -> str:
    """Name a subject as a person would: a recording by its show, its time and its length."""
    if subject.type == "recording":
        return _recording_words(evidence)
    if subject.type in _ROWS:
        return _row_words(subject, evidence)
    name = ", ".join(line_of(value) for _, value in subject.fields)
    if subject.type == "system":
        return name
    created = evidence.get("createdAt")
    begun = f", created {when_written(created)}" if created else ""
    noun = noun_of(subject.type)
    return f"{noun[:1].upper()}{noun[1:]} {name}{begun}"


def _row_words(subject: Subject, evidence: Evidence) -> str:
    """Name a program or a group by its title and owner, a recording row by its show and time."""
    title, start, owner = (evidence.get(name) for name in ("title", "start", "owner"))
    named = titled(title) if title else "without a name"
    if subject.type == "recording-row":
        begun = when_written(start) if start else "without a time"
        return f"{_ROWS[subject.type]} of {named if title else 'a show'}, {begun}"
    whose = f" of user {line_of(owner)}" if owner else ""
    return f"{_ROWS[subject.type]} {named}{whose}"


def _recording_words(evidence: Evidence) -> str:
    title = evidence.get("title")
    named = titled(title) if title else "A recording"
    start, last, length = (evidence.get(name) for name in ("start", "last_event", "duration_ms"))
    seen = f"last event {when_written(last)}" if last else "at an unknown time"
    parts = [named, when_written(start) if start else seen]
    if isinstance(length, int | float) and 0 < length < 10**12:
        parts.append(lasting(timedelta(milliseconds=length)))
    return ", ".join(parts)
