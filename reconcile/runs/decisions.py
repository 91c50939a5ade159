"""Decisions of people: ignore a finding, mark it as known, assign a recording, restore a program."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from reconcile.collect.resolve import locate
from reconcile.compare.recording.ownership import Pointers
from reconcile.model.catalog import GroupKey, Program, Show, show_key
from reconcile.model.clock import parse_time
from reconcile.model.decision import Decision, decision_id
from reconcile.model.errors import UsageError
from reconcile.model.extent import Extent, extent_of
from reconcile.model.finding import OPEN, Finding
from reconcile.model.parse import parse_items
from reconcile.model.recording import Recording, RecordingKey
from reconcile.model.snapshot import LedgerEntry
from reconcile.model.verdict_table import label_of
from reconcile.report.data import Report
from reconcile.report.not_checked import UNKNOWN
from reconcile.runs.archive import newest_report, with_recordings
from reconcile.runs.environment import standing
from reconcile.runs.memory import Memory
from reconcile.runs.ports import Lookup
from reconcile.runs.user import user_name
from reconcile.stores.ports import StateStore

KNOWN_FOR = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class Assigned:
    """An assignment as it was kept, and where the recording's program is filed by it."""

    decision: Decision
    recording: Recording
    show: Show
    group_id: str


def ignore(
    memory: Memory, finding: str, until: str | None, reason: str, *, until_worse: bool = False
) -> tuple[str, Decision]:
    """Ignore a finding of the last report, or what it did not check; repairs leave it alone.

    It is ignored until a date, or until it gets worse than it is in that report, or until one of both.
    Returns what it is (a finding's kind, or `unknown`), and the decision.

    Raises UsageError for an unknown finding, for a date that is none or is over, without an end, and without
    a memory; SourceError.
    """
    if until is None and not until_worse:
        raise UsageError("an ignored finding comes back: say when with --until DAY, --until-worse, or both")
    state, report = _decided_on(memory)
    end = _date(until, memory.clock()) if until is not None else None
    kind = _kinds(report).get(finding)
    if kind is None:
        raise UsageError(
            f"the last report ({report.run.id}) has no finding {finding!r}: "
            "reconcile report lists its findings"
        )
    extent = _extent(finding, report) if until_worse else None
    decision = Decision("ignore", finding, user_name(), reason, end, memory.clock(), worse_than=extent)
    state.decide([decision])
    return kind, decision


def _extent(name: str, report: Report) -> Extent:
    """Return how bad a finding is in a report; raises UsageError for one that nobody could compare later."""
    finding = next((finding for finding in (*report.findings, *report.carried) if finding.id == name), None)
    if finding is None:
        raise UsageError(f"{name} was not checked, so nobody can see it get worse: use --until DAY")
    explained = {cause.finding: cause.number for cause in report.causes}
    if finding.subject.type == "system" and name not in explained:
        raise UsageError(
            f"the last report ({report.run.id}) does not say how many findings {name} explains: undo the "
            f"decision on it (reconcile decisions --undo {name}), or run reconcile check, then ignore it"
        )
    return extent_of(finding, explained.get(name, 0))


def _kinds(report: Report) -> dict[str, str]:
    """Return, by the ids that a report prints, what each is: of findings, and of what was not checked."""
    kinds = {unchecked.id: unchecked.kind for reason in report.not_checked for unchecked in reason.subjects}
    return kinds | {finding.id: finding.kind for finding in (*report.carried, *report.findings)}


def baseline(memory: Memory, until: str | None, reason: str) -> tuple[list[Finding], datetime]:
    """Call everything that is open in the last report known until a date, but no misconfiguration.

    Repairs go on, and a misconfiguration, which makes findings every day, is still reported.
    Returns what is known from now on, and until when. Raises as `ignore` does.
    """
    state, report = _decided_on(memory)
    now = memory.clock()
    end = _date(until, now) if until else now + KNOWN_FOR
    decided = state.decisions()
    findings = [
        finding
        for finding in _open(report)
        if finding.id not in decided or not decided[finding.id].is_active(now)
    ]
    state.decide(Decision("know", finding.id, user_name(), reason, end, now) for finding in findings)
    return findings, end


def assign(
    memory: Memory,
    lookup: Lookup,
    named: str,
    show_id: str,
    group_id: str | None,
    until: str | None,
    reason: str,
) -> Assigned:
    """Set the show of a recording by hand, permanently or until a date.

    Raises UsageError unless recording, show and group stand in the stores now; SourceError.
    """
    state, now = _state(memory), memory.clock()
    end = _date(until, now) if until else None
    recording = _recording(lookup, named)
    show = _show(lookup, show_id, memory.environment.table)
    group = _group(lookup, show, group_id)
    name = decision_id("assign", recording.key)
    decision = Decision(
        "assign", name, user_name(), reason, end, now, *recording.key, show=show_id, group=group_id or ""
    )
    state.decide([decision])
    return Assigned(decision, recording, show, group)


def restore(memory: Memory, lookup: Lookup, named: str, until: str | None, reason: str) -> Decision:
    """Allow the deleted program of a recording to be created again, once.

    Raises UsageError where the recording is not there, has a program, or is not known to be retired;
    SourceError.
    """
    state, now = _state(memory), memory.clock()
    end = _date(until, now) if until else None
    key = _recording(lookup, named).key
    _refuse_unless_retired(memory, lookup, key, state.ledger_entry(key))
    decision = Decision("restore", decision_id("restore", key), user_name(), reason, end, now, *key)
    state.decide([decision])
    return decision


def decided(memory: Memory, *, ended: bool = False) -> list[Decision]:
    """Return the decisions that hold, or with `ended` all, newest first; raises UsageError, SourceError."""
    now = memory.clock()
    decisions = (
        decision for decision in _state(memory).decisions().values() if ended or decision.is_active(now)
    )
    return sorted(decisions, key=lambda decision: (-decision.at.timestamp(), decision.id))


def undo(memory: Memory, name: str) -> Decision:
    """Undo a decision; raises UsageError for one that does not hold, SourceError."""
    state, now = _state(memory), memory.clock()
    decision = state.decisions().get(name)
    if decision is None:
        raise UsageError(f"there is no decision {name!r}: reconcile decisions lists those in force")
    if not decision.is_active(now):
        ended = f"{decision.until:%Y-%m-%d %H:%M} UTC"
        how = f"{decision.undone_by} undid it on {ended}" if decision.undone_by else f"it expired on {ended}"
        raise UsageError(f"the decision {name} is no longer in force: {how}")
    taken_back = decision.undone(user_name(), now)
    state.decide([taken_back])
    return taken_back


def _recording(lookup: Lookup, named: str) -> Recording:
    return locate(named, lookup.buckets, lookup.media, lookup.recordings)


def _show(lookup: Lookup, show_id: str, table: str) -> Show:
    key = show_key(show_id)
    show = parse_items(lookup.rows.rows([key]).values()).shows.get(show_id) if show_id else None
    if show is None:
        raise UsageError(f"there is no show {show_id!r} in the table {table}: name its showId")
    if show.unreadable:
        raise UsageError(f"the show {show_id} cannot be read: {show.unreadable}; correct its row first")
    if show.producer_id is None:
        raise UsageError(f"the show {show_id} has no producer, so nobody can own its program: name another")
    return show


def _group(lookup: Lookup, show: Show, group_id: str | None) -> str:
    group_name = group_id or show.group_id
    if group_name is None:
        raise UsageError(
            f"the show {show.show_id} names no group: name one of its producer's with --group. Where the "
            "show has findings of its own, reconcile repair --repair group-missing creates one"
        )
    key = GroupKey(show.producer_id or "", group_name).row
    groups = parse_items(lookup.rows.rows([key]).values()).groups.values()
    if not any(group.real for group in groups):
        whose = "" if group_id else f", which the show {show.show_id} names,"
        raise UsageError(
            f"the group {group_name!r}{whose} does not belong to the producer {show.producer_id}: name "
            "one that with --group"
        )
    return group_name


def _refuse_unless_retired(
    memory: Memory, lookup: Lookup, key: RecordingKey, entry: LedgerEntry | None
) -> None:
    """Use the stores if the ledger has the program's owner, else the last report."""
    program = next(_programs_now(lookup, key, entry), None) if entry else None
    if program:
        raise UsageError(
            f"it has a program: {program.program_id} of the user {program.owner}; there is nothing to restore"
        )
    if entry:
        return
    report = newest_report(memory.reports, memory.stage)
    report = with_recordings(report, memory.reports) if report and memory.reports else report
    line = next((line for line in report.recordings if line.key == key), None) if report else None
    if report is None or line is None:
        raise UsageError(
            "no earlier program of it is known: run reconcile check --full, and see whether its report lists "
            "the recording as “Program was deleted”"
        )
    if line.verdict != "retired":
        label = label_of("recording", line.verdict)
        raise UsageError(f"its program was not deleted: the last report ({report.run.id}) says “{label}”")


def _programs_now(lookup: Lookup, key: RecordingKey, entry: LedgerEntry) -> Iterator[Program]:
    """Yield the programs that a recording has now with those who ever had one, as far as is remembered."""
    pointers = Pointers({key}, lookup.media)
    for owner, program_id in entry.programs.items():
        programs = parse_items(lookup.rows.rows_of(f"u#{owner}#programs")).programs.values()
        yield from (
            program for program in programs if program.program_id == program_id or key in pointers.of(program)
        )


def _open(report: Report) -> Iterable[Finding]:
    open_findings = (finding for finding in (*report.findings, *report.carried) if finding.status in OPEN)
    return (
        finding for finding in open_findings if finding.subject.type != "system" and finding.kind != UNKNOWN
    )


def _state(memory: Memory) -> StateStore:
    state = memory.require_state("decisions are kept in the state table")
    standing(memory.environment, state)
    return state


def _decided_on(memory: Memory) -> tuple[StateStore, Report]:
    """Return where decisions on findings are kept, and the report that names the findings."""
    if memory.state is not None:
        memory.require_reports("decisions are about findings of archived reports")
    state = _state(memory)
    report = newest_report(memory.reports, memory.stage)
    if report is None:
        raise UsageError("no report is archived yet: run reconcile check first")
    return state, report


def _date(text: str, now: datetime) -> datetime:
    try:
        moment = parse_time(text)
    except ValueError as error:
        raise UsageError(f"--until {text!r} is not a date: write it as {now + KNOWN_FOR:%Y-%m-%d}") from error
    if moment <= now:
        raise UsageError(f"--until {text} is in the past: name a future day")
    return moment
