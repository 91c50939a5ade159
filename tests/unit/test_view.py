"""The view says everything that a report holds, once, in one order, and counts nothing differently."""

from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reconcile.model.finding import NEEDS_A_PERSON
from reconcile.report.data import Report
from reconcile.report.view.build import view_of
from reconcile.report.view.model import FindingLine, ReportView
from reconcile.report.view.sources import name_of
from tests.unit import samples

REPORTS = {
    "clean": samples.clean_report(),
    "busy": samples.busy_report(),
    "incomplete": samples.incomplete_report(),
    "every kind": samples.every_kind_report(),
}


def lines_of(view: ReportView) -> list[FindingLine]:
    """Return every line of a finding of today."""
    repaired = [line for group in view.repaired for line in group.lines]
    return [*view.open, *repaired]


@pytest.mark.parametrize("name", REPORTS)
def test_every_finding_stands_in_exactly_one_place(name: str) -> None:
    """Open ones on a shelf, repaired, awaiting approval and ignored ones in their sections."""
    report = REPORTS[name]
    view = view_of(report)
    awaiting = [line.id for line in view.approval.lines] if view.approval and report.approvals else []
    shown = Counter([*(line.id for line in lines_of(view)), *awaiting, *(entry.id for entry in view.ignored)])
    assert shown == Counter(finding.id for finding in report.findings)


@pytest.mark.parametrize("name", REPORTS)
def test_tiles_groups_and_shelves_have_the_numbers_of_the_report(name: str) -> None:
    """No number is counted a second way."""
    report = REPORTS[name]
    view, numbers = view_of(report), report.numbers
    new = {line.id for line in view.new}
    assert view.tile("new").number == numbers.new == len(view.new)
    assert view.tile("open").number == numbers.open == len(view.open)
    assert numbers.open == sum(shelf.number for shelf in view.shelves)
    assert view.tile("repaired").number == numbers.repaired == sum(one.number for one in view.repaired)
    assert view.tile("approval").number == (view.approval.number if view.approval else 0)
    for shelf in view.shelves:
        assert shelf.number == sum(group.number for group in shelf.groups)
        for group in shelf.groups:
            assert group.number == len(group.lines)
            assert group.new == sum(line.id in new for line in group.lines)
    assert len(view.resolved) == numbers.resolved
    assert view.coverage.total - view.coverage.checked == numbers.not_checked
    assert sum(segment.number for segment in view.coverage.segments) == view.coverage.total


@pytest.mark.parametrize("name", REPORTS)
def test_a_recording_with_a_finding_comes_before_any_without_and_then_the_newest(name: str) -> None:
    """Support finds first what is wrong, then what was recorded last."""
    rows = view_of(REPORTS[name]).recordings
    found = [bool(row.finding) for row in rows]
    assert found == sorted(found, reverse=True)
    for wanted in (True, False):
        times = [row.recorded_at for row in rows if bool(row.finding) is wanted and row.recorded_at]
        assert times == sorted(times, reverse=True)
    assert len(rows) == len(REPORTS[name].recordings)


@settings(max_examples=40, deadline=None)
@given(st.permutations(range(len(samples.busy_report().findings))))
def test_the_order_of_findings_in_a_report_changes_nothing(order: list[int]) -> None:
    """What comes first follows from what is said, not from how it was stored."""
    report = samples.busy_report()
    mixed = replace(report, findings=tuple(report.findings[place] for place in order))
    assert view_of(mixed).shelves == view_of(report).shelves


def test_new_and_severe_findings_come_first() -> None:
    """In each group the new lines, and the severe group before the mild one."""
    view = view_of(samples.busy_report())
    for shelf in view.shelves:
        ranks = [("high", "medium", "low", "none").index(group.severity) for group in shelf.groups]
        assert ranks == sorted(ranks)
        for group in shelf.groups:
            known = [line.age == "known" for line in group.lines]
            assert known == sorted(known)


def test_sources_have_the_names_that_people_use() -> None:
    """The identifiers of sources stay in the JSON."""
    assert name_of("algolia:programs") == "Algolia index “programs”"
    assert name_of("dynamodb") == "DynamoDB"
    assert name_of("s3") == "S3"
    assert name_of("something new") == "something new"


def test_a_check_says_what_would_need_approval_and_no_command_approves_it() -> None:
    """Only a repair's report can be approved."""
    for report in REPORTS.values():
        view = view_of(report)
        if view.approval and not report.approvals:
            assert view.approval.commands == ()
            assert "Would" in view.approval.title


def open_ids(report: Report) -> set[str]:
    """Return the ids of the findings that need a person."""
    return {finding.id for finding in report.findings if finding.status in NEEDS_A_PERSON}


@pytest.mark.parametrize("name", REPORTS)
def test_steps_lead_to_findings_that_are_there(name: str) -> None:
    """At most five, and each clears something that is open or awaits approval."""
    report = REPORTS[name]
    view = view_of(report)
    assert len(view.steps) <= 5
    assert [step.number for step in view.steps] == list(range(1, len(view.steps) + 1))
    for step in view.steps:
        assert set(step.findings) <= open_ids(report) | set(report.approvals) | set(
            report.would_need_approval
        )
