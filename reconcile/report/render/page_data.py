"""Packs the findings and recordings of a page for its script, small and safe to embed. Pure.

The data is one JSON object:

- `texts`: every text once. Elsewhere a text is its place in this list.
- `fields`: the names of the fields of a finding and of a recording, in their order in a row.
- `searched`: so many fields of a row are searched, the first of them.
- `lists`: by the name of a list its rows. A row holds one text, or list of lists of texts, for each field.
- `sets`: by the name of a step or of a link of the chain the ids of its findings.
"""

import base64
import gzip
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from reconcile.model.clock import write_time
from reconcile.model.finding import NEEDS_A_PERSON, UNTOUCHED
from reconcile.report.choices import Choice
from reconcile.report.facts import Fact
from reconcile.report.formatting import lasting_seconds
from reconcile.report.view.model import (
    Difference,
    FindingLine,
    Link,
    ListEntry,
    RecordingEntry,
    ReportView,
    SideBySide,
)

MOST_PLAIN = 200_000
"""Data of more characters is compressed."""

Packed = int | list["Packed"]
"""The place of a text, or a list of such."""

_TRIED = tuple(status for status in NEEDS_A_PERSON if status not in UNTOUCHED)
"""A repair was tried, and it is not repaired: its line says so."""

_BESIDE = 12
"""So many characters of what is the same stand before a difference in a line."""

_FINDING = (
    *("id", "severity", "title", "at", "length", "age", "status", "mark", "label", "kind", "place", "facts"),
    *("tables", "change", "step", "commands", "links", "cause"),
)
_RECORDING = ("title", "at", "status", "tone", "program", "place", "finding")

_ESCAPES = {ord(char): f"\\u{ord(char):04x}" for char in "<>&\u2028\u2029"}
"""What could end the script element that holds the data, or a line of it."""


@dataclass(frozen=True, slots=True)
class PageData:
    """The data as it stands in the page: JSON, or gzipped JSON in base64."""

    body: str
    packed: bool


@dataclass(slots=True)
class _Texts:
    """Gives every text its place in one list."""

    places: dict[str, int] = field(default_factory=dict)

    def pack(self, value: "str | Sequence[Nested]") -> Packed:
        """Return a text's place, or those of all texts of a list of lists."""
        if isinstance(value, str):
            return self.places.setdefault(value, len(self.places))
        return [self.pack(part) for part in value]


Nested = str | Sequence["Nested"]


def embedded(view: ReportView) -> PageData:
    """Return what the script of the page shows of a report."""
    body = _json_of(view)
    if len(body) <= MOST_PLAIN:
        return PageData(body.translate(_ESCAPES), packed=False)
    # Without a time in its head the same data is the same page.
    small = gzip.compress(body.encode(), compresslevel=9, mtime=0)
    return PageData(base64.b64encode(small).decode(), packed=True)


def _json_of(view: ReportView) -> str:
    texts = _Texts()
    lists = {name: [texts.pack(_line(line)) for line in lines] for name, lines in lists_of(view).items()}
    lists["recordings"] = [texts.pack(_recording(row)) for row in view.recordings]
    data: dict[str, object] = {
        "fields": {"findings": _FINDING, "recordings": _RECORDING},
        "searched": _FINDING.index("change"),
        "lists": lists,
        "sets": {
            **{f"step-{step.number}": texts.pack(step.findings) for step in view.steps},
            **{f"chain-{link.key}": texts.pack(link.findings) for link in view.chain},
        },
    }
    return json.dumps({"texts": list(texts.places), **data}, ensure_ascii=False, separators=(",", ":"))


def lists_of(view: ReportView) -> dict[str, Sequence[FindingLine | ListEntry]]:
    """Return every list of the page by its name, in reading order."""
    named: dict[str, Sequence[FindingLine | ListEntry]] = {}
    if view.approval:
        named["approval"] = view.approval.lines
    for shelf in view.shelves:
        for place, group in enumerate(shelf.groups):
            named[f"{shelf.key}-{place}"] = group.lines
    for place, group in enumerate(view.repaired):
        named[f"repaired-{place}"] = group.lines
    for place, reason in enumerate(view.coverage.not_checked):
        named[f"not-checked-{place}"] = reason.lines
    return named | {
        "resolved": view.resolved,
        "ignored": view.ignored,
        "decisions": view.decisions,
        "deleted": view.deleted,
        "not-rechecked": view.not_rechecked,
    }


def _line(line: FindingLine | ListEntry) -> Sequence[Nested]:
    if isinstance(line, ListEntry):
        head: tuple[str, ...] = (line.id, "none", line.title, "", "", "", "", line.mark, "", "", line.place)
        return (*head, _facts(line.facts), (), (), "", (), (), "")
    return (
        line.id,
        line.severity,
        line.title,
        write_time(line.recorded_at) if line.recorded_at else "",
        "" if line.seconds is None else lasting_seconds(line.seconds),
        line.age,
        line.status_words if line.status in _TRIED else "",
        line.mark,
        line.label,
        line.kind,
        line.place or line.subject,
        _facts(line.facts),
        (*_choice(line.choice), *map(_comparison, line.comparisons)),
        _change(line) if line.status == "repaired" else (),
        line.step,
        line.commands,
        tuple((link.label, link.url) for link in followed(line.links)),
        line.cause,
    )


def followed(links: Iterable[Link]) -> tuple[Link, ...]:
    """Return the links that a page may hold: no script, no file."""
    return tuple(link for link in links if link.url.startswith(("https://", "http://")))


def _facts(facts: Iterable[Fact]) -> Sequence[Nested]:
    return tuple((fact.label, fact.values) for fact in facts)


def _choice(choice: Choice | None) -> Sequence[Nested]:
    """Return candidates as a table: the rows in which they differ are marked, the others have one cell."""
    if choice is None:
        return ()
    rows = list[Sequence[Nested]]()
    for label, texts in (*choice.rows, ("Stored at", choice.places)):
        same = len(set(texts)) == 1
        rows.append(
            (label, "" if same else "differs", tuple((text, "", "") for text in texts[: 1 if same else None]))
        )
    return (("", "", "", "", choice.heads, rows, choice.more),)


def _comparison(table: SideBySide) -> Sequence[Nested]:
    """Return two sides as a table, each value in three parts: the middle one differs."""
    rows = list[Sequence[Nested]]()
    for row in table.rows:
        start, left, right, end = _parted(row)
        sides = (
            ((row.left, "", ""), (row.right, "", ""))
            if row.tolerated
            else ((start, left, end), (start, right, end))
        )
        rows.append((row.field, "tolerated" if row.tolerated else "", sides))
    return (
        table.what,
        table.mark,
        table.tone,
        table.target,
        table.columns,
        rows,
        "",
    )


def _change(line: FindingLine) -> Sequence[Nested]:
    """Return the first difference of what was repaired: the part that differs, and what stands beside it."""
    rows = [row for comparison in line.comparisons for row in comparison.rows if not row.tolerated]
    if not rows:
        return ()
    start, left, right, end = _parted(rows[0])
    return (f"{rows[0].field}: {start[-_BESIDE:]}", left, right, end)


def _parted(row: Difference) -> tuple[str, str, str, str]:
    """Return how both sides begin, what only the left and only the right has, and how both end."""
    start = _shared(row.left, row.right)
    left, right = row.left[start:], row.right[start:]
    end = _shared(left[::-1], right[::-1])
    return row.left[:start], left[: len(left) - end], right[: len(right) - end], left[len(left) - end :]


def _shared(left: str, right: str) -> int:
    """Return how many characters two texts begin with that are the same."""
    pairs = enumerate(zip(left, right, strict=False))
    return next((place for place, (first, other) in pairs if first != other), min(len(left), len(right)))


def _recording(row: RecordingEntry) -> Sequence[Nested]:
    at = write_time(row.recorded_at) if row.recorded_at else ""
    place = f"s3://{row.bucket}/{row.prefix}"
    return (row.title, at, row.status, row.tone, row.program_id, place, row.finding)
