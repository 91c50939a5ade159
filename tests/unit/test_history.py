"""What becomes of findings from run to run: new, open, resolved, carried; and what a run exits with."""

import json
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from reconcile.compare.verdicts import Examined
from reconcile.model.errors import Exit, most_severe
from reconcile.model.finding import Finding, Judgement, Status, recording_subject
from reconcile.model.recording import RecordingKey
from reconcile.model.run import Order, Repair
from reconcile.model.snapshot import Rules, Snapshot
from reconcile.model.usage import Usage
from reconcile.repair.kinds import KINDS
from reconcile.repair.plan import make_plan
from reconcile.repair.planned import RepairScope
from reconcile.report.build import Results, build_report
from reconcile.report.data import Report, RunFacts, approve_command
from reconcile.report.history import History
from reconcile.report.not_checked import pending
from tests.unit.builders import (
    BEFORE,
    BUCKET,
    CHANNEL,
    COMPOSITE,
    HOUR,
    MINUTE,
    NOW,
    WHOLE,
    composition,
    events,
    group_item,
    judge,
    ledger,
    program_item,
    recording,
    session_item,
    show_item,
    snapshot,
)

LONG_AGO = BEFORE - timedelta(days=400)
DAY = timedelta(days=1)
SHOWN = [show_item(), group_item(), session_item(ivs={"compositionArn": composition("comp1")})]
PLAYS: dict[RecordingKey, str] = {RecordingKey(BUCKET, COMPOSITE): ""}
MISSING = snapshot({COMPOSITE: events()}, SHOWN, manifests=PLAYS)
MADE = snapshot({COMPOSITE: events()}, [*SHOWN, program_item()])
CHECK, REPAIR = Order("check", lookback=None), Order("repair", lookback=None)


@dataclass(frozen=True)
class Run:
    """A run that is told in a report, on the day after NOW of that number."""

    day: int = 0
    order: Order = CHECK
    before: Report | None = None
    repairs: tuple[Repair, ...] = ()
    first_repair: Any = LONG_AGO
    rules: dict[str, Any] = field(default_factory=dict)

    def report(self, seen: Snapshot) -> Report:
        history = History.of(self.before)
        comparison = judge(seen, unresolved=history.unresolved, **self.rules)
        rules, at = comparison.dossiers.rules, NOW + self.day * DAY
        examined = Examined(rules, seen, comparison)
        results = Results(
            run=facts_of(self.order, at, f"run{self.day}", rules),
            order=self.order,
            examined=examined,
            plan=make_plan(examined, RepairScope(self.first_repair), KINDS),
            repairs=self.repairs,
            history=history,
            usage=Usage(),
            decisions={},
        )
        return build_report(results)


def facts_of(order: Order, at: datetime, run: str, rules: Rules) -> RunFacts:
    """Return which run it is, before its exit code is known."""
    return RunFacts(
        run, "test", order.mode, order.scope, "", at, at, rules.window_start, "0.1.0", 0, order.only
    )


def only(report: Report) -> Finding:
    (finding,) = report.findings
    return finding


def made(report: Report, outcome: Any = "made", *, verified: bool = True, note: str = "") -> Repair:
    return Repair("program created", only(report).id, {}, {}, {}, outcome, verified, note)


FIRST = Run().report(MISSING)


def test_a_finding_nobody_told_of_before_is_new() -> None:
    finding = only(FIRST)
    assert (finding.kind, finding.status, finding.severity) == ("program-missing", "new", "high")
    assert finding.first_seen == finding.last_seen == NOW
    assert (FIRST.run.exit_code, FIRST.resolved, FIRST.carried) == (2, (), ())


def test_a_finding_told_before_is_open_since_then() -> None:
    third = Run(2, before=Run(1, before=FIRST).report(MISSING)).report(MISSING)
    finding = only(third)
    assert (finding.status, finding.first_seen, finding.last_seen) == ("open", NOW, NOW + 2 * DAY)


def test_a_finding_that_is_gone_is_resolved_once() -> None:
    second = Run(1, before=FIRST).report(MADE)
    assert (second.findings, second.carried, second.run.exit_code) == ((), (), 0)
    assert [(one.kind, one.last_seen) for one in second.resolved] == [("program-missing", NOW + DAY)]
    third = Run(2, before=second).report(MADE)
    assert (third.findings, third.resolved, third.carried) == ((), (), ())


def test_a_finding_that_returns_after_it_was_resolved_came_back() -> None:
    """It is as old as it was, and the next report has it open."""
    gone = Run(1, before=FIRST).report(MADE)
    later = Run(40, before=gone).report(MADE)
    assert [(one.id, one.first_seen, one.resolved_at) for one in later.resolved_before] == [
        (only(FIRST).id, NOW, NOW + DAY)
    ]
    returned = Run(60, replace(CHECK, fail_on="new"), later).report(MISSING)
    finding = only(returned)
    assert (finding.status, finding.first_seen, returned.run.exit_code) == ("came-back", NOW, 2)
    assert (returned.numbers.new, returned.numbers.open, returned.resolved_before) == (1, 1, ())
    again = only(Run(61, before=returned).report(MISSING))
    assert (again.status, again.first_seen) == ("open", NOW)


@pytest.mark.parametrize(("day", "status"), [(91, "came-back"), (92, "new")])
def test_what_was_resolved_is_remembered_for_90_days(day: int, status: Status) -> None:
    gone = Run(1, before=FIRST).report(MADE)
    assert only(Run(day, before=gone).report(MISSING)).status == status
    assert bool(Run(day, before=gone).report(MADE).resolved_before) is (status == "came-back")


def test_what_was_resolved_is_remembered_through_json_and_narrow_runs() -> None:
    gone = Report.from_json(Run(1, before=FIRST).report(MADE).to_json())
    narrow = Run(2, replace(CHECK, only=("record-stale",)), gone).report(MISSING)
    assert (narrow.findings, len(narrow.resolved_before)) == ((), 1)
    assert only(Run(3, before=narrow).report(MISSING)).status == "came-back"


def test_what_was_not_checked_meanwhile_neither_resolved_nor_came_back() -> None:
    broken = tuple(replace(receipt, whole=False, why="broke off") for receipt in WHOLE)
    unsure = Run(1, before=FIRST).report(snapshot({}, SHOWN, receipts=broken))
    finding = only(Run(2, before=unsure).report(MISSING))
    assert (unsure.resolved, unsure.resolved_before, finding.status) == ((), (), "open")


def test_another_verdict_on_the_same_subject_is_a_new_finding() -> None:
    other = Run(1, before=FIRST).report(snapshot({COMPOSITE: events()}, [*SHOWN, program_item(groupId="")]))
    assert (only(other).kind, only(other).status) == ("program-incomplete", "new")
    assert [one.kind for one in other.resolved] == ["program-missing"]


def test_a_finding_whose_subject_is_gone_is_resolved_where_all_was_read() -> None:
    assert len(Run(1, before=FIRST).report(snapshot({}, SHOWN)).resolved) == 1
    broken = tuple(replace(receipt, whole=False, why="broke off") for receipt in WHOLE)
    unsure = Run(1, before=FIRST).report(snapshot({}, SHOWN, receipts=broken))
    assert (unsure.resolved, len(unsure.carried)) == ((), 1)


@pytest.mark.parametrize(
    "later",
    [
        snapshot({COMPOSITE: events()}, SHOWN, receipts=(replace(WHOLE[1], whole=False, why="x"),)),
        snapshot(
            [recording(ended_seen=NOW - MINUTE)], SHOWN, told={RecordingKey(BUCKET, COMPOSITE): events()}
        ),
        snapshot(
            [recording(ended_seen=None)], SHOWN, told={RecordingKey(BUCKET, COMPOSITE): events(ended_at=None)}
        ),
    ],
)
def test_a_finding_whose_subject_was_not_judged_is_carried_with_its_history(later: Snapshot) -> None:
    second = Run(1, before=FIRST).report(later)
    assert second.resolved == ()
    assert second.carried == FIRST.findings
    third = only(Run(2, before=second).report(MISSING))
    assert (third.status, third.first_seen) == ("open", NOW)


def test_a_run_that_looked_for_other_verdicts_resolves_nothing() -> None:
    narrow = Run(1, Order("check", lookback=None, only=("record-stale",)), FIRST).report(MADE)
    assert (narrow.findings, narrow.resolved, narrow.carried) == ((), (), FIRST.findings)
    named = Run(1, Order("check", lookback=None, only=("program-missing",)), FIRST).report(MADE)
    assert len(named.resolved) == 1


def test_what_is_unknown_keeps_its_first_day_and_widens_no_window() -> None:
    """An outage that lasts is told since when, and what it left unknown is judged by its age again."""
    unsure = Run().report(
        snapshot({COMPOSITE: events()}, SHOWN, receipts=(replace(WHOLE[1], whole=False, why="x"),))
    )
    assert (unsure.findings, [one.kind for one in pending(unsure.not_checked)]) == ((), ["unknown"] * 3)
    history = History.of(unsure)
    assert (history.left_open, set(history.unchecked.values())) == ({}, {NOW})
    assert history.unresolved == frozenset()


def test_open_findings_and_waiting_recordings_are_looked_at_again() -> None:
    live = [recording(), recording(CHANNEL, ended_seen=None)]
    told = {RecordingKey(BUCKET, COMPOSITE): events(), RecordingKey(BUCKET, CHANNEL): events(ended_at=None)}
    history = History.of(Run().report(snapshot(live, SHOWN, told=told)))
    assert history.unresolved == {(BUCKET, CHANNEL), RecordingKey(BUCKET, COMPOSITE)}
    assert History.of(FIRST).unresolved == {RecordingKey(BUCKET, COMPOSITE)}
    assert History.of(None).unresolved == frozenset()


def test_history_survives_the_report_s_json() -> None:
    assert History.of(Report.from_json(FIRST.to_json())) == History.of(FIRST)


def test_a_retired_recording_is_shown_once() -> None:
    gone = snapshot({COMPOSITE: events()}, SHOWN, ledger=ledger(COMPOSITE))
    first = Run().report(gone)
    assert [(line.prefix, line.remembered) for line in first.retired] == [
        (COMPOSITE, ("the ledger: program program1 was seen",))
    ]
    second = Run(1, before=first).report(gone)
    assert (second.retired, second.run.exit_code) == ((), 0)


def test_every_recording_has_a_line_and_the_json_lists_those_that_do_not_simply_agree() -> None:
    """A guest's own feed is no recording that anybody looks up; old ones are read for their time only."""
    feed, old = "one/comp1/guest/2026-05-19T03-00-00Z", CHANNEL.replace("rec1", "rec0")
    recordings = [recording(), recording(CHANNEL), recording(feed), recording(old, ended_seen=BEFORE)]
    told = {RecordingKey(BUCKET, COMPOSITE): events(), RecordingKey(BUCKET, CHANNEL): events()}
    seen = snapshot(recordings, [*SHOWN, program_item()], told=told)
    report = Run(rules={"window_start": BEFORE + HOUR}).report(seen)
    lines = {line.prefix: line for line in report.recordings}
    assert {prefix: line.verdict for prefix, line in lines.items()} == {
        COMPOSITE: "agrees",
        CHANNEL: "unattributed",
        old: "outside-window",
    }
    assert (lines[old].start, lines[old].last_event) == (None, BEFORE)
    assert json.loads(report.to_json())["recordings"] == [
        {"prefix": CHANNEL, "bucket": BUCKET, "show": None, "title": None, "owner": None,
         "verdict": "unattributed", "programId": None, "again": False,
         "start": "2026-05-19T03:00:00.000Z", "last_event": "2026-05-19T04:00:00.000Z"}
    ]  # fmt: skip
    assert [line.prefix for line in Report.from_json(report.to_json()).recordings] == [CHANNEL]


@pytest.mark.parametrize(
    ("outcome", "verified", "status", "code"),
    [
        ("made", True, "repaired", 0),
        ("made", False, "failed", 2),
        ("already", True, "failed", 2),
        ("refused", False, "failed", 2),
        ("failed", False, "failed", 2),
    ],
)
def test_a_repair_mends_only_what_was_made_and_read_back(
    outcome: Any, verified: bool, status: Status, code: int
) -> None:
    repaired = Run(1, REPAIR, FIRST, (made(FIRST, outcome, verified=verified, note="why"),)).report(MISSING)
    assert (only(repaired).status, repaired.run.exit_code) == (status, code)
    assert only(repaired).first_seen == NOW
    assert ("why" in only(repaired).remedy) is (status == "failed")


def test_one_failed_step_of_a_repair_makes_it_failed() -> None:
    steps = (made(FIRST), made(FIRST, "failed", verified=False, note="the index is full"))
    assert only(Run(1, REPAIR, FIRST, steps).report(MISSING)).status == "failed"
    assert only(Run(1, REPAIR, FIRST, steps[::-1]).report(MISSING)).status == "failed"


def test_a_planned_repair_that_was_never_reached_has_failed() -> None:
    assert only(Run(1, REPAIR, FIRST).report(MISSING)).status == "failed"


def test_a_repaired_finding_that_returns_came_back() -> None:
    repaired = Run(1, REPAIR, FIRST, (made(FIRST),)).report(MISSING)
    finding = only(Run(2, before=repaired).report(MISSING))
    assert (finding.status, finding.first_seen) == ("came-back", NOW)


@pytest.mark.parametrize(
    ("fail_on", "known", "code"), [("any", True, 2), ("new", True, 0), ("new", False, 2)]
)
def test_a_finding_that_is_repaired_in_part_still_needs_a_person(
    fail_on: Any, known: bool, code: int
) -> None:
    """What is left of it is no news where an earlier report said it already."""
    half = program_item(program_url=None, s3Key=f"{COMPOSITE}/media/x", groupId=None)
    seen = snapshot({COMPOSITE: events()}, [SHOWN[0], SHOWN[2], half], manifests=PLAYS)
    first = Run().report(seen)
    order, url = replace(REPAIR, fail_on=fail_on), {"program_url": "https://play.test/x"}
    repair = replace(made(first), what="program mended", after=url)
    repaired = Run(1, order, first if known else None, (repair,)).report(seen)
    finding = only(repaired)
    assert (finding.status, finding.repaired, finding.left) == (
        *("partly-repaired", ("program_url",), ("groupId",)),
    )
    assert repaired.run.exit_code == code
    assert only(Run(2, before=repaired).report(seen)).status == "open"


def test_what_is_withheld_names_the_command_that_approves_it() -> None:
    withheld = Run(1, REPAIR, FIRST, first_repair=None).report(MISSING)
    finding = only(withheld)
    assert (finding.status, withheld.run.exit_code) == ("awaiting-approval", 5)
    assert approve_command("run1") == "reconcile repair --approve run1"
    assert finding.commands == (approve_command("run1"),)
    assert (set(withheld.approvals), dict(withheld.would_need_approval)) == ({finding.id}, {})
    assert only(Run(2, before=withheld).report(MISSING)).status == "open"


def test_a_check_tells_what_a_repair_would_withhold() -> None:
    checked = Run(first_repair=None).report(MISSING)
    finding = only(checked)
    assert (finding.status, checked.run.exit_code) == ("new", 2)
    assert (dict(checked.approvals), set(checked.would_need_approval)) == ({}, {finding.id})
    assert "needs approval" in finding.remedy


def test_a_finding_that_waits_says_why() -> None:
    nowhere = snapshot({COMPOSITE: events()}, [SHOWN[0], SHOWN[2], program_item(groupId=None)])
    assert only(Run().report(nowhere)).remedy == "Not repaired: its show has no group to file it under."


@pytest.mark.parametrize(
    ("fail_on", "before", "code"), [("any", None, 2), ("any", FIRST, 2), ("new", None, 2), ("new", FIRST, 0)]
)
def test_open_findings_count_only_where_any_does(fail_on: Any, before: Report | None, code: int) -> None:
    order = replace(CHECK, fail_on=fail_on)
    assert Run(1, order, before).report(MISSING).run.exit_code == code


def test_an_incomplete_run_exits_3_before_all_that_is_less_severe() -> None:
    broken = replace(MISSING, receipts=(replace(WHOLE[2], whole=False, why="x"),))
    assert Run(0, REPAIR, first_repair=None).report(broken).run.exit_code == 3
    failed = replace(MISSING, failures={recording_subject(RecordingKey(BUCKET, COMPOSITE)): "x"})
    assert Run().report(failed).run.exit_code == 3


@pytest.mark.parametrize(
    ("codes", "code"),
    [
        (set(), Exit.AGREES),
        ({Exit.FINDINGS, Exit.AGREES}, Exit.FINDINGS),
        ({Exit.AWAITING_APPROVAL, Exit.FINDINGS}, Exit.AWAITING_APPROVAL),
        ({Exit.UNDELIVERED, Exit.AWAITING_APPROVAL}, Exit.UNDELIVERED),
        ({Exit.INCOMPLETE, Exit.UNDELIVERED}, Exit.INCOMPLETE),
        ({Exit.USAGE, Exit.INCOMPLETE}, Exit.USAGE),
        ({Exit.CRASHED, Exit.USAGE, Exit.FINDINGS}, Exit.CRASHED),
    ],
)
def test_the_most_severe_code_wins(codes: set[Exit], code: Exit) -> None:
    assert most_severe(codes) is code


@pytest.mark.parametrize(
    ("report", "headline"),
    [
        (
            FIRST,
            "1 broadcast is recorded but cannot be watched. 1 new problem: no program (1).",
        ),
        (
            Run(1, before=FIRST).report(MISSING),
            "Nothing new. 1 known problem. 1 broadcast is recorded but cannot be watched.",
        ),
        (
            Run().report(MADE),
            "The only recording is published and searchable.",
        ),
        (
            Run(1, REPAIR, FIRST, (made(FIRST),)).report(MISSING),
            "The only recording is published and searchable after 1 repair.",
        ),
        (
            Run(1, REPAIR, FIRST, first_repair=None).report(MISSING),
            "1 broadcast is recorded but cannot be watched: it awaits your approval.",
        ),
        (
            Run(1, before=FIRST).report(MADE),
            "The only recording is published and searchable.",
        ),
        (
            Run(1, REPAIR, FIRST).report(MISSING),
            "1 repair failed: no program (1).",
        ),
    ],
)
def test_the_headline_says_how_things_are(report: Report, headline: str) -> None:
    assert report.headline == headline


def test_the_headline_never_says_that_all_agrees_where_a_source_is_doubted() -> None:
    doubted = snapshot({}, [], receipts=(replace(WHOLE[2], doubt="it shrank"),))
    assert Run().report(doubted).headline == "Incomplete: Algolia looks incomplete."


def test_a_remedy_s_braces_are_filled_from_the_subject_alone_and_quoted_for_the_shell() -> None:
    orphan = snapshot({}, [], records=[{"objectID": "{title} {0.__class__}"}])
    finding = only(Run().report(orphan))
    assert finding.remedy == "Delete the record objectID “{title} {0.__class__}” from the index."


def test_beside_verdicts_stand_in_the_evidence() -> None:
    told = History().findings_of(
        [Judgement(recording_subject(RecordingKey("b", "p")), "ambiguous", ("twin",), {"a": 1})], {}, NOW
    )
    assert told[0].evidence == {"a": 1, "also": ["twin"]}


def test_times_are_those_of_the_window() -> None:
    windowed = Run(rules={"window_start": BEFORE + 2 * HOUR}).report(MISSING)
    assert (windowed.run.window_start, windowed.findings) == (BEFORE + 2 * HOUR, ())
    assert windowed.counts["recording"]["outside-window"] == 1
