"""Says of each finding what this run did about it, what is left, and what to do then. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from reconcile.model.decision import Decision
from reconcile.model.finding import UNTOUCHED, Finding, Judgement, Status
from reconcile.model.journal import GROUP_CREATED, PROGRAM_CREATED, RECORD_WRITTEN, SHOW_GROUPED
from reconcile.model.remedy import Remedy, written
from reconcile.model.run import Repair
from reconcile.repair.planned import Plan
from reconcile.report.data import approve_command

AGAIN = "reconcile repair"
MAKE_GROUPS = "reconcile repair --repair group-missing"

_WRITES: Mapping[str, str] = {
    GROUP_CREATED: "group",
    SHOW_GROUPED: "group",
    PROGRAM_CREATED: "program",
    RECORD_WRITTEN: "record",
}
"""What a write gave its finding, by the write's name; of a completed program the fields that it got."""


@dataclass(frozen=True, slots=True)
class RepairWork:
    """What a run planned and wrote. `decisions` are those that hold, by id; `repairing`: it could write.

    `outgrown` says, of the findings that were ignored until they got worse and did, what was decided.
    """

    run: str
    repairing: bool
    plan: Plan
    repairs: tuple[Repair, ...] = ()
    decisions: Mapping[str, Decision] = field(default_factory=dict)
    outgrown: Mapping[str, str] = field(default_factory=dict)

    def is_silenced(self, finding: str, subject_type: str) -> bool:
        """Whether a person called a finding known, or ignores it."""
        decision = self.decisions.get(finding)
        return decision is not None and decision.silences(subject_type)

    def of(self, finding: str) -> list[Repair]:
        """Return the writes that were made or tried for a finding."""
        return [repair for repair in self.repairs if repair.finding == finding]


def is_sound(repair: Repair) -> bool:
    """Whether a write was made, and read back as it was written or at least taken by the index."""
    return repair.outcome == "made" and (repair.verified or repair.sent)


def statuses(judged: Iterable[Judgement], work: RepairWork) -> dict[str, Status]:
    """Say of each finding that a person decided on, or that something was done about, what became of it."""
    statuses: dict[str, Status] = {
        judgement.id: "ignored"
        for judgement in judged
        if work.is_silenced(judgement.id, judgement.subject.type)
    }
    statuses |= dict.fromkeys(work.outgrown, "came-back")
    if not work.repairing:
        return statuses
    partial = work.plan.partial
    made: defaultdict[str, bool] = defaultdict(lambda: True)
    for repair in work.repairs:
        made[repair.finding] &= is_sound(repair)
    statuses |= {name: "repaired" for name, sound in made.items() if sound and name not in partial}
    statuses |= {name: "failed" for name, sound in made.items() if not sound}
    statuses |= dict.fromkeys({planned.finding for planned in work.plan.repairs} - set(made), "failed")
    # What waits for approval is counted there alone, whatever else was tried for it.
    return statuses | dict.fromkeys(work.plan.withheld, "awaiting-approval")


def with_outcome(finding: Finding, work: RepairWork) -> Finding:
    """Return a finding with what this run repaired of it, what is left, and what to do about that."""
    finding = _with_remaining(finding, work) if finding.status != "repaired" else finding
    if finding.repaired and finding.left and finding.status in UNTOUCHED:
        finding = replace(finding, status="partly-repaired")
    decided = (
        decided_words(work.decisions[finding.id])
        if finding.status == "ignored"
        else work.outgrown.get(finding.id)
    )
    if decided:
        finding = replace(finding, evidence={**finding.evidence, "decided": decided})
    remedy = _remedy(finding, work)
    return finding if remedy is None else finding.with_remedy(remedy)


def _with_remaining(finding: Finding, work: RepairWork) -> Finding:
    """Tell the state after the run's writes: evidence of what was lacking names only what still is."""
    lacked = [str(field) for field in finding.evidence.get("lacks", ())]
    sound = [repair for repair in work.of(finding.id) if is_sound(repair)]
    # A record that follows its program repairs nothing of the finding.
    given = (repair.what for repair in sound if repair.what in _WRITES and repair.what != RECORD_WRITTEN)
    repaired = dict.fromkeys(_WRITES[what] for what in given)
    completions = [repair for repair in sound if repair.what not in _WRITES]
    repaired |= dict.fromkeys(name for name in lacked if any(_gave(repair, name) for repair in completions))
    if finding.id in _grouped(work):
        repaired |= {"group": None}
    if not repaired:
        return finding
    left = [name for name in lacked if name not in repaired] or _remaining(finding, work)
    evidence = {**finding.evidence, "lacks": left} if lacked else finding.evidence
    return replace(finding, evidence=evidence, repaired=tuple(repaired), left=tuple(left))


def _gave(repair: Repair, fault: str) -> bool:
    return {"domain": "program_url"}.get(fault, fault) in repair.after


def _remaining(finding: Finding, work: RepairWork) -> list[str]:
    """Return what a finding that lacked no field of a program still waits for."""
    unsound = {
        _WRITES[repair.what]
        for repair in work.of(finding.id)
        if not is_sound(repair) and repair.what in _WRITES
    }
    if unsound:
        return sorted(unsound)
    return ["program"] if finding.kind in ("group-missing", "program-missing") else []


def _grouped(work: RepairWork) -> set[str]:
    """Return the findings whose show got its group."""
    failed = {repair.finding for repair in work.repairs if not is_sound(repair)}
    grouped = {repair.finding for repair in work.repairs if _WRITES.get(repair.what) == "group"} - failed
    return {name for repair in work.plan.repairs if repair.finding in grouped for name in repair.findings}


def _remedy(finding: Finding, work: RepairWork) -> Remedy | None:
    """Return, where a repair would stop, what to do instead of the usual; None where the usual holds."""
    if finding.status == "ignored":
        return None
    if finding.id in work.plan.withheld:
        return _approval(work.plan.withheld[finding.id], work)
    if finding.id in _grouped(work):
        return Remedy("The group was created: run reconcile repair again.", (AGAIN,))
    if finding.id in work.plan.waiting:
        return Remedy(f"Not repaired: {work.plan.waiting[finding.id]}.")
    if finding.status == "failed":
        notes = [repair.note.rstrip(".") for repair in work.of(finding.id) if repair.note]
        why = "; ".join(notes) or "the run ended before it"
        return Remedy(f"The repair failed: {why}. Repair again.", (AGAIN,))
    return _remaining_remedy(finding, work)


def _approval(reason: str, work: RepairWork) -> Remedy:
    if not work.repairing:
        return Remedy(f"A repair needs approval: {reason}.", (AGAIN,))
    return written(f"Awaiting approval: {reason}. Review it, then approve it.", (approve_command(work.run),))


def _remaining_remedy(finding: Finding, work: RepairWork) -> Remedy | None:
    if not finding.repaired:
        return None
    planned = (repair for repair in work.plan.repairs if repair.finding == finding.id)
    left = {name: why for repair in planned for name, why in repair.not_repaired.items()}
    if not left:
        return None
    step = f"Not repaired: {'; '.join(left.values())}."
    if "groupId" not in left:
        return Remedy(step)
    return Remedy(
        f"{step} The first command creates a group for a show that names none.", (MAKE_GROUPS, AGAIN)
    )


def decided_words(decision: Decision, rise: str = "") -> str:
    """Say who decided what of a finding, until when and why; `rise` says what rose where that ended it."""
    ends = [f"{decision.until:%Y-%m-%d %H:%M} UTC"] if decision.until and not rise else []
    ends += [f"it got worse ({rise})" if rise else "it gets worse"] if decision.worse_than else []
    until = f" until {' or until '.join(ends)}" if ends else ""
    what = "Marked as known" if decision.what == "know" else "Ignored"
    return f"{what} by {decision.by}{until}: {decision.reason or 'no reason given'}."
