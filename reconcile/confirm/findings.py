"""Read the evidence of each finding again, strongly consistent, and drop the findings resolved meanwhile."""

from collections.abc import Collection, Iterable
from dataclasses import replace
from math import inf

from reconcile.collect.stores import Stores
from reconcile.compare.engine import Engine
from reconcile.compare.verdicts import Comparison, Examined, compare, narrowed_before
from reconcile.confirm.pieces import BY_ITS_FILE
from reconcile.confirm.reread import Rereading
from reconcile.model.deadline import ENDLESS, Deadline
from reconcile.model.finding import Judgement, Subject, recording_key
from reconcile.model.snapshot import Rules, Snapshot
from reconcile.stores.ports import StateStore

_ROUNDS = 8


def confirm(
    snapshot: Snapshot,
    rules: Rules,
    stores: Stores,
    state: StateStore | None,
    engine: Engine,
    deadline: Deadline = ENDLESS,
) -> tuple[Snapshot, Comparison]:
    """Compare, read again what the findings rest on, and compare again until nothing new turns up.

    A finding whose evidence cannot be read again, or not in time, becomes `unknown`, and so do those alone
    whose verdict the answer could change.
    """
    return _confirmed(snapshot, compare(snapshot, rules, engine), Rereading(stores, state, deadline))


def confirm_some(
    subjects: Collection[Subject],
    examined: Examined,
    stores: Stores,
    state: StateStore | None,
    deadline: Deadline = ENDLESS,
) -> Examined:
    """Confirm the findings on some subjects alone, as `confirm` does; each subject was judged closely."""
    rereading = Rereading(stores, state, deadline)
    snapshot, comparison = _confirmed(examined.snapshot, examined.comparison, rereading, subjects)
    return Examined(examined.rules, snapshot, comparison)


def _confirmed(
    snapshot: Snapshot,
    comparison: Comparison,
    rereading: Rereading,
    subjects: Collection[Subject] | None = None,
) -> tuple[Snapshot, Comparison]:
    """Confirm the findings on some subjects (None: on all), until nothing new turns up."""
    rules = comparison.rules
    confirmed: set[tuple[Subject, str]] = set()

    def unconfirmed(comparison: Comparison) -> list[Judgement]:
        """Return the findings that are not confirmed yet, of the subjects asked for."""
        return [
            finding
            for finding in comparison.findings
            if (subjects is None or finding.subject in subjects)
            and _needs_confirming(finding, confirmed, snapshot)
        ]

    for _ in range(_ROUNDS):
        open_findings = unconfirmed(comparison)
        if not open_findings:
            break
        ordered = _in_order(open_findings, snapshot, rules)
        before, snapshot = snapshot, rereading.read(snapshot, ordered, comparison.dossiers)
        confirmed |= {(finding.subject, finding.verdict) for finding in open_findings}
        if snapshot == before:
            # The verdicts on what stands as it did are the same.
            continue
        narrowing, engine = narrowed_before(comparison, snapshot), comparison.engine
        # Two comparisons of a whole archive at once would take twice the memory.
        del comparison
        comparison = compare(snapshot, rules, engine, narrowing)
    unstable = {
        judgement.subject: "its data changed each time it was read" for judgement in unconfirmed(comparison)
    }
    if unstable:
        snapshot = replace(snapshot, unconfirmed={**snapshot.unconfirmed, **unstable})
        narrowing, engine = narrowed_before(comparison, snapshot), comparison.engine
        comparison = compare(snapshot, rules, engine, narrowing)
    return snapshot, comparison


def _needs_confirming(finding: Judgement, confirmed: set[tuple[Subject, str]], snapshot: Snapshot) -> bool:
    if (finding.subject, finding.verdict) in confirmed:
        return False
    # What rests on an events file and the listing alone was read in this run, unless an earlier one read it.
    subject = finding.subject
    remembered = subject.type == "recording" and snapshot.is_remembered(recording_key(subject))
    return finding.verdict not in BY_ITS_FILE or remembered


def _in_order(findings: Iterable[Judgement], snapshot: Snapshot, rules: Rules) -> list[Judgement]:
    """Return findings in the order in which they are confirmed: those longest unchecked, then the newest."""

    def order(finding: Judgement) -> tuple[float, float, Subject, str]:
        """Return the sort key: the longest undecided first, then the newest recording."""
        subject, age = finding.subject, 0.0
        if subject.type == "recording":
            last = snapshot.recordings[recording_key(subject)].last_event
            age = -last.timestamp() if last else 0.0
        since = rules.undecided.get(subject)
        return (since.timestamp() if since else inf, age, subject, finding.verdict)

    return sorted(findings, key=order)
