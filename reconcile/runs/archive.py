"""Loads stored reports, by one rule for everything that reads them: of one's own stage, and whole.

Stages may share a place for their reports, and a folder may be torn or foreign: neither may stand in the way
of a stage's own reports, or be taken for one.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from itertools import islice
from typing import Any

from reconcile.model.errors import UsageError
from reconcile.model.parallel import at_once
from reconcile.report.csv import read_recordings
from reconcile.report.data import Report
from reconcile.report.run_list import UNDO
from reconcile.stores.ports import ReportsStore

MOST_LOOKED_AT = 1_000
"""How many of the newest runs are asked for their stage before it is said that there is none of one's own."""
_SEQUENCE_LOOKED_FOR, _SEQUENCES_ENOUGH = 200, 10
_AT_ONCE = 8
_RUN = re.compile(r"\d{8}T\d{9}Z-[0-9a-f]{6}")


def is_run(text: str) -> bool:
    """Whether a text is the id of a run, such as 20261129T153833309Z-50e1f8."""
    return _RUN.fullmatch(text.strip()) is not None


def load_report(reports: ReportsStore | None, stage: str, run: str | None = None) -> Report:
    """Return a stage's report of a run, or its newest that can be read; raises UsageError, SourceError."""
    reports = _set(reports)
    if run is None:
        newest = newest_report(reports, stage)
        if newest is None:
            raise UsageError(
                f"there is no readable report of the stage {stage} yet: run reconcile check first"
            )
        return with_recordings(newest, reports)
    text = reports.load(run, "report.json") if _is_id(run) else None
    if text is None:
        if _is_id(run) and (_summary(reports, run) or {}).get("mode") == UNDO:
            raise UsageError(f"the run {run} is an undo: {reports.place(run)}/undo.json says what it did")
        raise UsageError(f"there is no report of a run {run!r}: reconcile runs lists them")
    try:
        report = Report.from_json(text)
    except ValueError as error:
        raise UsageError(f"the report of the run {run} cannot be read: {error}") from error
    if report.run.stage != stage:
        raise UsageError(
            f"the run {run} is of the stage {report.run.stage}, and RECONCILE_STAGE is {stage}: "
            "reconcile runs lists those of this stage"
        )
    return with_recordings(report, reports)


def with_recordings(report: Report, reports: ReportsStore) -> Report:
    """Return a stored report with the recordings that only the CSV beside it lists: those that simply agree.

    Without the CSV, or with a torn one, the report is complete but for them. Raises SourceError.
    """
    try:
        listed = list(read_recordings(reports.load(report.run.id, "recordings.csv") or "", report))
    except ValueError:
        return report
    lines = {line.key: line for line in (*listed, *report.recordings)}
    return replace(report, recordings=tuple(lines[key] for key in sorted(lines)))


def newest_report(reports: ReportsStore | None, stage: str) -> Report | None:
    """Return the stage's newest report that can be read, or None; raises SourceError."""
    return next(_of(reports, stage), None) if reports else None


def summaries(reports: ReportsStore | None, stage: str, limit: int) -> list[dict[str, Any]]:
    """Return the summaries of the stage's newest runs, newest first; raises UsageError, SourceError."""
    return list(islice(_summaries(_set(reports), stage), limit))


def highest_sequence(reports: ReportsStore | None, stage: str) -> int:
    """Return the highest sequence number that the stage's newest reports carry, 0 without one.

    Of runs that overlap, the one that began last may not have the highest number. Raises SourceError.
    """
    newest = islice(_summaries(reports, stage), _SEQUENCE_LOOKED_FOR) if reports else ()
    # Who checks without a state table leaves reports without a number.
    numbers = (
        number for summary in newest if isinstance(number := summary.get("sequence"), int) and number > 0
    )
    return max(islice(numbers, _SEQUENCES_ENOUGH), default=0)


def _set(reports: ReportsStore | None) -> ReportsStore:
    if reports is None:
        raise UsageError("no reports are archived: set RECONCILE_REPORTS")
    return reports


def _summaries(reports: ReportsStore, stage: str) -> Iterator[dict[str, Any]]:
    """Yield the summaries of a stage's runs, newest first."""
    for summary in at_once(partial(run_summary, reports), reports.run_ids()[:MOST_LOOKED_AT], _AT_ONCE):
        if summary and summary["stage"] == stage:
            yield summary


def run_summary(reports: ReportsStore, run: str) -> dict[str, Any] | None:
    """Return the summary of a run, made of its report where it is lost; None without either.

    Raises SourceError.
    """
    summary = _summary(reports, run)
    report = _report(reports, run) if summary is None else None
    return {**report.summary(), "sequence": report.run.sequence} if report else summary


def _of(reports: ReportsStore, stage: str) -> Iterator[Report]:
    """Yield the reports of a stage that can be read, newest first."""
    for run in reports.run_ids()[:MOST_LOOKED_AT]:
        # The summary is small: other stages may keep their reports in the same place.
        summary = _summary(reports, run)
        if summary is not None and summary["stage"] != stage:
            continue
        report = _report(reports, run)
        if report is not None and report.run.stage == stage:
            yield report


def _summary(reports: ReportsStore, run: str) -> dict[str, Any] | None:
    """Return a run's summary, or None where it is lost or is none: the report itself has it then."""
    try:
        summary = json.loads(reports.load(run, "summary.json") or "")
    except (ValueError, RecursionError):
        return None
    named = isinstance(summary, dict) and all(isinstance(summary.get(name), str) for name in ("id", "stage"))
    return summary if named else None


def _report(reports: ReportsStore, run: str) -> Report | None:
    try:
        return Report.from_json(reports.load(run, "report.json") or "")
    except ValueError:
        return None


def _is_id(run: str) -> bool:
    """Whether a text can be the id of a run: it names a folder, and must lead nowhere else."""
    return bool(run) and run.isprintable() and "/" not in run and "\\" not in run and run not in (".", "..")
