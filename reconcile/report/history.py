"""What earlier reports say of today's findings: since when, and which are gone. Pure."""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from reconcile.model.finding import UNRESOLVED, Finding, Judgement, Status, Subject, recording_key
from reconcile.model.recording import RecordingKey
from reconcile.report.data import Report
from reconcile.report.not_checked import UNKNOWN, pending
from reconcile.report.parts import ResolvedBefore

REMEMBERED = timedelta(days=90)
"""How long a finding that was resolved is remembered: one that returns within that time came back."""


@dataclass(frozen=True, slots=True)
class History:
    """The findings that earlier runs left open, and the recordings that were waiting or retired.

    `resolved` holds by id the findings that were resolved or repaired, and remembered for 90 days.
    `unchecked` says by id since when a subject of which nothing was known has not been checked, `undecided`
    since when all that the last run did not check and that nobody ignores. `run` is the last run ("": none).
    """

    left_open: dict[str, Finding] = field(default_factory=dict)
    waiting: frozenset[RecordingKey] = frozenset()
    retired: frozenset[RecordingKey] = frozenset()
    unchecked: dict[str, datetime] = field(default_factory=dict)
    undecided: dict[Subject, datetime] = field(default_factory=dict)
    run: str = ""
    resolved: dict[str, ResolvedBefore] = field(default_factory=dict)

    @classmethod
    def of(cls, report: Report | None) -> "History":
        """Read the history out of the last report, which carries what it did not judge itself."""
        if report is None:
            return cls()
        left = (f for f in (*report.findings, *report.carried) if f.status in UNRESOLVED)
        settled = (*report.resolved, *(f for f in report.findings if f.status == "repaired"))
        now_resolved = (ResolvedBefore(f.id, f.first_seen, f.last_seen) for f in settled)
        every = (item for reason in report.not_checked for item in reason.subjects)
        return cls(
            left_open={finding.id: finding for finding in left},
            waiting=frozenset(line.key for line in report.recordings if line.again),
            retired=frozenset(report.retired_known),
            unchecked={item.id: item.first_seen for item in every if item.kind == UNKNOWN},
            undecided={item.subject: item.first_seen for item in pending(report.not_checked)},
            run=report.run.id,
            resolved={resolved.id: resolved for resolved in (*report.resolved_before, *now_resolved)},
        )

    @property
    def unresolved(self) -> frozenset[RecordingKey]:
        """The recordings that are judged again whatever their age."""
        known = (f.subject for f in self.left_open.values())
        return self.waiting | {recording_key(subject) for subject in known if subject.type == "recording"}

    def open_on(self, subject_type: str, kinds: Collection[str]) -> frozenset[Subject]:
        """Return the subjects of a type that an earlier run left with a finding of one of these kinds."""
        left = self.left_open.values()
        return frozenset(f.subject for f in left if f.subject.type == subject_type and f.kind in kinds)

    def findings_of(
        self, judged: Iterable[Judgement], statuses: dict[str, Status], now: datetime
    ) -> list[Finding]:
        """Turn judgements into findings with their history; without a status they are new or open."""
        return [self._finding(judgement, statuses.get(judgement.id), now) for judgement in judged]

    def _finding(self, judgement: Judgement, status: Status | None, now: datetime) -> Finding:
        before, resolved = self.left_open.get(judgement.id), self._resolved(judgement.id, now)
        earlier = before or resolved
        usual: Status = "open" if before else "came-back" if resolved else "new"
        evidence = {**judgement.evidence}
        if judgement.also:
            evidence["also"] = list(judgement.also)
        return Finding(
            id=judgement.id,
            kind=judgement.verdict,
            severity=judgement.severity,
            subject=judgement.subject,
            evidence=evidence,
            # What a person ignored until yesterday is reported again as if it were new.
            status=status or ("new" if before and before.status == "ignored" else usual),
            first_seen=earlier.first_seen if earlier else now,
            last_seen=now,
            step=judgement.remedy.step,
            commands=judgement.remedy.commands,
        )

    def _resolved(self, name: str, now: datetime) -> ResolvedBefore | None:
        before = self.resolved.get(name)
        return before if before and now - before.resolved_at <= REMEMBERED else None

    def resolved_before(self, findings: Iterable[Finding], now: datetime) -> tuple[ResolvedBefore, ...]:
        """Return the findings that earlier reports resolved and this one has not, as long as remembered."""
        present = {finding.id for finding in findings}
        kept = (resolved for resolved in self.resolved.values() if now - resolved.resolved_at <= REMEMBERED)
        return tuple(
            sorted(
                (resolved for resolved in kept if resolved.id not in present),
                key=lambda resolved: resolved.id,
            )
        )

    def gone(
        self, findings: Iterable[Finding], was_judged: Callable[[Finding], bool], now: datetime
    ) -> tuple[list[Finding], list[Finding]]:
        """Return the earlier findings that are resolved, and those whose subject was not judged."""
        present = {finding.id for finding in findings}
        absent = [finding for finding in self.left_open.values() if finding.id not in present]
        absent.sort(key=lambda finding: (finding.subject, finding.kind))
        resolved = [replace(finding, last_seen=now) for finding in absent if was_judged(finding)]
        return resolved, [finding for finding in absent if not was_judged(finding)]
