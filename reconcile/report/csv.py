"""A report's findings and recordings as CSV: for spreadsheets, safe to open there, and read back. Pure.

The format is that of RFC 4180, https://www.rfc-editor.org/rfc/rfc4180. A spreadsheet runs a cell that begins
with = + - @ as a formula, and so one that begins with a tab or a carriage return; an apostrophe before it
makes it a text: https://owasp.org/www-community/attacks/CSV_Injection
"""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from itertools import chain, islice
from typing import Any

from reconcile.model.catalog import RowKey
from reconcile.model.clock import parse_time, write_time
from reconcile.model.finding import NEW, Finding, Subject, recording_key
from reconcile.model.recording import RecordingKey
from reconcile.model.verdict_table import label_of, verdicts_of
from reconcile.report.data import RecordingLine, Report

FINDINGS = (
    *("run", "stage", "id", "status", "new", "age_days", "severity", "kind", "label", "title", "recorded_at"),
    *("duration_s", "show_id", "owner_id", "subject", "step", "command", "url"),
)
RECORDINGS = ("title", "recorded_at", "status", "programId", "prefix", "finding")

_BATCH = 200

_FORMULA = re.compile(r"'*[=+\-@\t\r]")
_GUARDED = re.compile(r"'+[=+\-@\t\r]")
_UNWRITABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")


def findings_csv(report: Report, page: str = "") -> str:
    """Return the findings, a line each, in the report's order; `page` is the web address of its page.

    `url` leads to the finding on the page; without an address of the page to a console that shows its thing.
    """
    subjects = {finding.subject for finding in report.findings}
    found = {recording_key(subject) for subject in subjects if subject.type == "recording"}
    shows = {key: line.show for line in report.recordings if (key := line.key) in found}
    cells = (_finding_cells(finding, report, shows, page) for finding in report.findings)
    return "".join(_table(FINDINGS, cells))


def _finding_cells(
    finding: Finding, report: Report, shows: Mapping[RecordingKey, str | None], page: str
) -> Mapping[str, object]:
    evidence = finding.evidence
    return {
        "run": report.run.id,
        "stage": report.run.stage,
        "id": finding.id,
        "status": finding.status,
        "new": "yes" if finding.status in NEW else "no",
        "age_days": max(0, (finding.last_seen - finding.first_seen).days),
        "severity": finding.severity,
        "kind": finding.kind,
        "label": finding.label,
        "title": finding.title,
        "recorded_at": evidence.get("start"),
        "duration_s": _seconds(evidence.get("duration_ms")),
        "show_id": _show_of(finding, shows),
        "owner_id": _owner_of(finding),
        "subject": _place(finding.subject),
        "step": finding.step,
        "command": "\n".join(finding.commands),
        "url": f"{page}#f-{finding.id}" if page else next(iter(finding.links.values()), ""),
    }


def _seconds(milliseconds: Any) -> str:
    """Return seconds with as many decimals as there are, at most three."""
    if not isinstance(milliseconds, int | float):
        return ""
    return f"{milliseconds / 1000:.3f}".rstrip("0").rstrip(".")


def _show_of(finding: Finding, shows: Mapping[RecordingKey, str | None]) -> object:
    subject, evidence = finding.subject, finding.evidence
    if subject.type == "recording":
        return shows.get(recording_key(subject))
    if subject.type == "recording-row":
        return subject["pk"].removeprefix("show#")
    return evidence.get("showId") or evidence.get("sourceShowId")


def _owner_of(finding: Finding) -> object:
    owner = finding.evidence.get("owner")
    if owner or finding.subject.type not in ("program", "group"):
        return owner
    return finding.subject["pk"].removeprefix("u#").rpartition("#")[0]


def _place(subject: Subject) -> str:
    """Return what a subject is called in the stores: an address, keys, or its own id."""
    if subject.type == "recording":
        return recording_key(subject).address
    names = dict(subject.fields)
    if "pk" in names:
        return " ".join(RowKey(names["pk"], names["sk"]))
    return " ".join(names.values())


def recordings_csv(report: Report) -> Iterator[str]:
    """Yield every recording of a report as CSV, a line each, with its verdict's label and its finding's id.

    Where the report is of several buckets, the bucket stands before the prefix: s3://BUCKET/PREFIX.
    """
    found = (finding for finding in report.findings if finding.subject.type == "recording")
    findings = {recording_key(finding.subject): finding.id for finding in found}
    several = len(_buckets(report)) != 1
    yield from _table(RECORDINGS, (_recording_cells(line, findings, several) for line in report.recordings))


def _recording_cells(
    line: RecordingLine, findings: Mapping[RecordingKey, str], several: bool
) -> Mapping[str, object]:
    return {
        "title": line.title,
        "recorded_at": line.start,
        "status": label_of("recording", line.verdict),
        "programId": line.program_id,
        "prefix": line.key.address if several else line.prefix,
        "finding": findings.get(line.key),
    }


def read_recordings(text: str, report: Report) -> Iterator[RecordingLine]:
    """Read the recordings that recordings_csv wrote beside a report; a line that is none is left out.

    Raises ValueError for what is no CSV.
    """
    buckets = _buckets(report)
    only = next(iter(buckets)) if len(buckets) == 1 else ""
    try:
        for row in csv.DictReader(io.StringIO(text, newline=""), strict=True):
            line = _line({name: _plain(row.get(name) or "") for name in RECORDINGS}, only)
            if line:
                yield line
    except csv.Error as error:
        raise ValueError(f"it is no CSV: {error}") from error


_VERDICTS: Mapping[str, str] = {label_of("recording", name): name for name in verdicts_of("recording")}


def _line(cells: Mapping[str, str], bucket: str) -> RecordingLine | None:
    prefix = cells["prefix"]
    if not bucket:
        bucket, _, prefix = prefix.removeprefix("s3://").partition("/")
    verdict = _VERDICTS.get(cells["status"])
    if not (bucket and prefix and verdict):
        return None
    return RecordingLine(
        bucket=bucket,
        prefix=prefix,
        start=_moment(cells["recorded_at"]),
        show=None,
        title=cells["title"] or None,
        owner=None,
        verdict=verdict,
        program_id=cells["programId"] or None,
    )


def _moment(text: str) -> datetime | None:
    try:
        return parse_time(text)
    except ValueError:
        return None


def _buckets(report: Report) -> frozenset[str]:
    sources = (receipt.source.partition(":") for receipt in report.sources)
    return frozenset(name for kind, _, name in sources if kind == "s3")


def _table(columns: tuple[str, ...], rows: Iterable[Mapping[str, object]]) -> Iterator[str]:
    """Yield the lines of a table, some at a time; the first holds the names of its columns."""
    lines = chain([columns], ([cell_of(row[name]) for name in columns] for row in rows))
    while some := list(islice(lines, _BATCH)):
        text = io.StringIO(newline="")
        csv.writer(text).writerows(some)
        yield text.getvalue()


def cell_of(value: object) -> str:
    """Return a value as a cell that no spreadsheet runs: times in UTC, nothing as an empty cell."""
    text = write_time(value) if isinstance(value, datetime) else "" if value is None else str(value)
    # A text that is printable has none of these, and is asked sooner.
    sound = text if text.isprintable() else _UNWRITABLE.sub("\ufffd", text)
    return f"'{sound}" if _FORMULA.match(sound) else sound


def _plain(cell: str) -> str:
    """Return a cell without the apostrophe that guards it."""
    return cell[1:] if _GUARDED.match(cell) else cell
