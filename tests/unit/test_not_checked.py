"""What was not checked is coverage: counted, listed by reason, and never a finding."""

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconcile.compare.verdicts import Examined, compare
from reconcile.engines.pandas import PANDAS
from reconcile.explain.from_report import explain_stored
from reconcile.model.catalog import RowKey
from reconcile.model.decision import Decision
from reconcile.model.finding import Subject, finding_id, program_subject
from reconcile.model.run import Order
from reconcile.model.sighting import GONE, THERE, Sighting
from reconcile.model.snapshot import Snapshot
from reconcile.model.usage import Usage
from reconcile.model.verdict_table import TYPES
from reconcile.repair.kinds import KINDS
from reconcile.repair.plan import make_plan
from reconcile.repair.planned import RepairScope
from reconcile.report.build import Results, build_report
from reconcile.report.data import Report
from reconcile.report.history import History
from reconcile.report.not_checked import Unchecked
from tests.unit.samples import subject_of

from tests.unit.test_programs import SUBJECT, UPLOADED, upload  # isort: skip
from tests.unit.builders import BUCKET, COMPOSITE, MEDIA, NOW, WHOLE, group_item, rules, snapshot
from tests.unit.test_history import CHECK, DAY, MADE, MISSING, SHOWN, facts_of

OUTAGE = replace(WHOLE[1], whole=False, why="it is down")


def told(
    seen: Snapshot, day: int = 0, before: Report | None = None, *decisions: Decision, order: Order = CHECK
) -> Report:
    """Return the report of a run on a day, after the stored one before it."""
    history = History.of(Report.from_json(before.to_json()) if before else None)
    judged_by = rules(unresolved=history.unresolved)
    examined, at = Examined(judged_by, seen, compare(seen, judged_by, PANDAS)), NOW + day * DAY
    return build_report(
        Results(
            run=facts_of(order, at, f"run{day}", judged_by),
            order=order,
            examined=examined,
            plan=make_plan(examined, RepairScope(NOW), KINDS),
            repairs=(),
            history=history,
            usage=Usage(),
            decisions={one.id: one for one in decisions},
        )
    )


def listed(report: Report) -> dict[str, Unchecked]:
    return {one.id: one for reason in report.not_checked for one in reason.subjects}


def ignoring(name: str, what: Any = "ignore") -> Decision:
    return Decision(what, name, "root", "it is gone for good", NOW + timedelta(days=99), NOW)


def media(**sightings: Sighting) -> Snapshot:
    rows = [group_item(), upload()]
    return snapshot({}, rows, media=dict.fromkeys([UPLOADED], sightings["seen"]))


DENIED = Sighting("denied", "looking for media in s3://uploads is denied: grant s3:GetObject")


@pytest.mark.parametrize("subject_type", TYPES)
@given(name=st.text(max_size=40))
def test_a_subject_is_the_same_after_its_json_was_sorted_and_read(subject_type: str, name: str) -> None:
    subject = subject_of(subject_type, name)
    read = Subject.from_json(json.loads(json.dumps(subject.to_json(), sort_keys=True)))
    assert (read, hash(read)) == (subject, hash(subject))
    assert finding_id("x", read) == finding_id("x", subject)


@given(st.permutations(program_subject(RowKey("u#1#programs", "p#2"), "2").fields))
def test_the_order_in_which_a_subject_s_fields_are_given_is_no_part_of_it(
    fields: list[tuple[str, str]],
) -> None:
    assert Subject("program", tuple(fields)) == program_subject(RowKey("u#1#programs", "p#2"), "2")


def test_a_finding_whose_subject_could_not_be_checked_keeps_its_id_and_its_first_day() -> None:
    """Media is missing, then its bucket denies, then it is missing again: one finding, three days old."""
    first = told(media(seen=GONE))
    (missing,) = (one for one in first.findings if one.kind == "media-missing")
    second = told(media(seen=DENIED), 1, first)
    assert (second.resolved, second.findings) == ((), ())
    kept = listed(second)[missing.id]
    assert (kept.kind, kept.first_seen, kept.subject) == ("media-missing", NOW, SUBJECT)
    assert kept.why == DENIED.why
    third = told(media(seen=GONE), 2, second)
    (again,) = third.findings
    assert (again.id, again.status, again.first_seen) == (missing.id, "open", NOW)
    fourth = told(media(seen=THERE), 3, second)
    assert [one.id for one in fourth.resolved] == [missing.id]


def test_what_was_not_checked_is_no_finding_new_open_or_resolved() -> None:
    down = replace(MISSING, receipts=(OUTAGE,))
    first = told(down)
    assert (first.findings, first.run.exit_code) == ((), 3)
    assert first.summary()["statuses"] == {}
    assert first.counts["recording"]["unknown"] == 1
    assert {one.kind for one in listed(first).values()} == {"unknown"}
    assert told(MADE, 1, first).resolved == ()
    second = told(down, 1, first)
    assert {name: one.first_seen for name, one in listed(second).items()} == dict.fromkeys(listed(first), NOW)


def test_a_stored_report_that_told_of_what_was_unknown_as_findings_never_resolves_it() -> None:
    first = told(replace(MISSING, receipts=(OUTAGE,)))
    (name,) = [one.id for one in listed(first).values() if one.subject.type == "recording"]
    stored = json.loads(told(MISSING).to_json())
    del stored["not_checked"]
    stored |= {"schema": "1.0", "withheld": stored.pop("approvals")}
    stored["findings"][0] |= {"kind": "unknown", "id": name, "severity": "medium"}
    old = Report.from_json(json.dumps(stored))
    after = told(MADE, 1, old)
    assert (after.resolved, after.carried) == ((), ())
    assert listed(told(replace(MISSING, receipts=(OUTAGE,)), 1, old))[name].first_seen == NOW


def test_what_was_not_checked_stands_by_reason_in_the_json_and_comes_back_from_it() -> None:
    report = told(replace(MISSING, receipts=(OUTAGE,)))
    data = json.loads(report.to_json())
    assert data["schema"] == "2.0"
    (reason,) = data["not_checked"]
    assert reason["reason"] == "dynamodb: it is down"
    assert (
        reason["number"]
        == len(reason["subjects"])
        == sum(tally["unknown"] for tally in report.counts.values())
    )
    assert {"id", "kind", "subject", "first_seen", "ignored"} == reason["subjects"][0].keys()
    assert Report.from_json(report.to_json()) == report


def unread(prefix: str = COMPOSITE) -> Snapshot:
    subject = Subject("recording", (("bucket", BUCKET), ("prefix", prefix)))
    name = f"s3://{BUCKET}/{prefix}/events/recording-ended.json"
    return snapshot(
        {prefix: None}, SHOWN, failures={subject: f"reading {name}: KMS.NotFoundException: the key is gone."}
    )


def test_objects_that_fail_alike_are_one_reason_whatever_their_names() -> None:
    one, other = unread(), unread("one/comp2/three/composite")
    both = replace(
        one, recordings={**one.recordings, **other.recordings}, failures={**one.failures, **other.failures}
    )
    reasons = [reason.reason for reason in told(both).not_checked]
    assert f"reading s3://{BUCKET}/…: KMS.NotFoundException: the key is gone." in reasons
    assert len(reasons) == len(set(reasons)) <= 2


def test_what_is_ignored_makes_no_run_incomplete_and_is_still_listed() -> None:
    first = told(unread())
    assert first.run.exit_code == 3
    decisions = [ignoring(name) for name in listed(first)]
    second = told(unread(), 1, first, *decisions)
    assert second.run.exit_code == 0
    assert {one.ignored for one in listed(second).values()} == {True}
    assert listed(second).keys() == listed(first).keys()
    assert second.summary()["not_checked"] == 0
    assert not any(line.again for line in second.recordings)
    assert first.summary()["not_checked"] == len(listed(first))
    assert any(line.again for line in first.recordings)


def test_an_ignored_finding_is_ignored_too_while_it_cannot_be_checked() -> None:
    first = told(media(seen=GONE))
    decision = ignoring(first.findings[0].id)
    second = told(media(seen=DENIED), 1, told(media(seen=GONE), 0, first, decision), decision)
    assert (second.run.exit_code, [one.ignored for one in listed(second).values()]) == (0, [True])


def test_no_baseline_silences_a_misconfiguration() -> None:
    """It makes findings every day; only who ignores it by name hears no more of it."""
    know, ignore = ignoring("x", "know"), ignoring("x")
    assert (know.silences("system"), ignore.silences("system")) == (False, True)
    assert all(one.silences(name) for one in (know, ignore) for name in TYPES if name != "system")


def test_what_was_not_checked_is_explained_from_the_report_by_its_id() -> None:
    report = told(unread())
    name = next(iter(listed(report)))
    (found,) = explain_stored(name, report, MEDIA)
    assert (found.verdict, found.became) == ("unknown", "not checked in the run run0")
    assert "KMS.NotFoundException" in found.evidence["why"]


def test_what_only_waits_or_was_not_asked_for_is_not_called_unchecked() -> None:
    first = told(MISSING)
    narrow = told(MADE, 1, first, order=replace(CHECK, only=("record-stale",)))
    assert (len(narrow.carried), narrow.not_checked) == (1, ())
