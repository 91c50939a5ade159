"""Tells which earlier findings a run judged again, and lists what it did not check. Pure."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from reconcile.compare.configuration.judge import looks
from reconcile.compare.verdicts import Comparison
from reconcile.model.finding import UNDECIDED, Finding, Subject, recording_key
from reconcile.model.snapshot import Snapshot
from reconcile.report.history import History
from reconcile.report.not_checked import UNKNOWN, Reason, Unchecked, by_reason

_READ_FROM = {"recording": ("s3",), "record": ("dynamodb", "algolia")}
"""By subject type, the sources that show whether it exists at all; for the other types, the table."""


@dataclass(frozen=True, slots=True)
class Coverage:
    """What a run looked at, as far as earlier findings are concerned; `only` names the verdicts asked for."""

    snapshot: Snapshot
    comparison: Comparison
    only: tuple[str, ...] = ()

    def was_judged(self, finding: Finding) -> bool:
        """Whether this run looked at an earlier finding's subject well enough to call it resolved."""
        if self.only and finding.kind not in self.only:
            return False
        judgement = self.comparison.judged.get(finding.subject)
        if judgement is not None:
            return judgement.verdict not in UNDECIDED
        if finding.subject.type == "recording" and recording_key(finding.subject) in self.comparison.left_out:
            return False
        return not self.why_not_checked(finding.subject)

    def why_not_checked(self, subject: Subject) -> str:
        """Say why nothing is known of a subject; "" where something is, or where it only waits."""
        judgement = self.comparison.judged.get(subject)
        if judgement is not None:
            return str(judgement.evidence.get("why", "")) if judgement.verdict == UNKNOWN else ""
        if subject.type == "system":
            # No doubt about the stores, and no trust in them, tells of a part that was not looked at.
            seen = {look.what: look.why for look in looks(self.snapshot)}
            return seen.get(subject["name"]) or "nobody looked at this part of the configuration"
        return self.snapshot.doubts(*_READ_FROM.get(subject.type, ("dynamodb",)))


def not_checked(
    coverage: Coverage,
    carried: Iterable[Finding],
    history: History,
    is_ignored: Callable[[str, Subject], bool],
    now: datetime,
) -> tuple[Reason, ...]:
    """List what was not checked: each subject, or the earlier findings on it, `carried`, that may still hold.

    `is_ignored` takes an id and its subject.
    """
    known: defaultdict[Subject, list[Finding]] = defaultdict(list)
    for finding in carried:
        known[finding.subject].append(finding)
    unknown = {judgement.subject: judgement.id for judgement in coverage.comparison.not_checked}
    unchecked: list[Unchecked] = []
    for subject in {*unknown, *known}:
        why = coverage.why_not_checked(subject)
        if why:
            ids = {unknown.get(subject, ""), *(finding.id for finding in known[subject])} - {""}
            ignored = any(is_ignored(name, subject) for name in ids)
            unchecked += _entries(
                subject, known[subject], unknown.get(subject, ""), why, ignored, history, now
            )
    return by_reason(unchecked)


def _entries(
    subject: Subject,
    known: Collection[Finding],
    name: str,
    why: str,
    ignored: bool,
    history: History,
    now: datetime,
) -> Iterator[Unchecked]:
    for finding in known:
        yield Unchecked(finding.id, finding.kind, subject, finding.first_seen, why, ignored)
    if not known:
        yield Unchecked(name, UNKNOWN, subject, history.unchecked.get(name, now), why, ignored)
