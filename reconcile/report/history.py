"""What earlier reports say of today's findings: since when, and which are gone. Pure."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime

from reconcile.model.finding import UNRESOLVED, Finding, Judgement, Status, Subject, recording_key
from reconcile.model.recording import RecordingKey
from reconcile.report.data import Report
from reconcile.report.not_checked import UNKNOWN, pending


@dataclass(frozen=True, slots=True)
class History:
    """The findings that earlier runs left open, and the recordings that were waiting or retired.

    `unchecked` says by id since when a subject of which nothing was known has not been checked, `undecided`
    since when all that the last run did not check and that nobody ignores. `run` is the last run ("": none).
    """

    left_open: dict[str, Finding] = field(default_factory=dict)
    waiting: frozenset[RecordingKey] = frozenset()
    retired: frozenset[RecordingKey] = frozenset()
    unchecked: dict[str, datetime] = field(default_factory=dict)
    undecided: dict[Subject, datetime] = field(default_factory=dict)
    run: str = ""

    @classmethod
    def of(cls, report: Report | None) -> "History":
        """Read the history out of the last report, which carries what it did not judge itself."""
        if report is None:
            return cls()
        told = (*report.findings, *report.carried)
        left = (f for f in told if f.status in UNRESOLVED and f.kind != UNKNOWN)
        again = (line.key for line in report.recordings if line.again)
        # Reports were kept that told what was not checked as findings: those never were open, nor resolve.
        unchecked = {one.id: one.first_seen for one in told if one.kind == UNKNOWN}
        every = (one for reason in report.not_checked for one in reason.subjects)
        unchecked |= {one.id: one.first_seen for one in every if one.kind == UNKNOWN}
        return cls(
            {finding.id: finding for finding in left},
            frozenset(again),
            frozenset(report.retired_known),
            unchecked,
            {one.subject: one.first_seen for one in pending(report.not_checked)},
            report.run.id,
        )

    @property
    def unresolved(self) -> frozenset[RecordingKey]:
        """The recordings that are judged again whatever their age."""
        known = (f.subject for f in self.left_open.values())
        return self.waiting | {recording_key(one) for one in known if one.type == "recording"}

    def told(self, judged: Iterable[Judgement], statuses: dict[str, Status], now: datetime) -> list[Finding]:
        """Turn judgements into findings with their history; without a status they are new or open."""
        return [self._finding(judgement, statuses.get(judgement.id), now) for judgement in judged]

    def _finding(self, judgement: Judgement, status: Status | None, now: datetime) -> Finding:
        before = self.left_open.get(judgement.id)
        evidence = {**judgement.evidence}
        if judgement.also:
            evidence["also"] = list(judgement.also)
        return Finding(
            id=judgement.id,
            kind=judgement.verdict,
            severity=judgement.severity,
            subject=judgement.subject,
            evidence=evidence,
            # What a person ignored until yesterday is told again as if it were new.
            status=status or ("open" if before and before.status != "ignored" else "new"),
            first_seen=before.first_seen if before else now,
            last_seen=now,
            step=judgement.remedy.step,
            commands=judgement.remedy.commands,
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
