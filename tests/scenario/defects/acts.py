"""A small world made by actors, a check of it, and what a repair and its approval leave."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from reconcile.model.catalog import RowKey
from reconcile.model.finding import (
    Judgement,
    Subject,
    group_subject,
    program_subject,
    record_subject,
    recording_subject,
    row_subject,
    session_subject,
)
from reconcile.model.recording import RecordingKey
from reconcile.model.search_record import plain
from reconcile.model.verdict_table import verdict_kind
from reconcile.sandbox.world.actors.host import HostSession
from reconcile.sandbox.world.actors.ivs import IvsRecording
from reconcile.sandbox.world.builder import WorldBuilder
from reconcile.sandbox.world.chapters.scene import program_id
from tests.scenario.cycle import Contents, Cycle

NOW = datetime(2026, 11, 22, 2, tzinfo=UTC)
AT = NOW - timedelta(days=2)
"""When a defect's show is on."""
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
BUCKET = "shelcaster-media-manager"
Key = tuple[str, str]
Row = Mapping[str, Any]


def empty_stage() -> WorldBuilder:
    """Return a stage with nothing on it."""
    return WorldBuilder(7, NOW, (BUCKET,))


@dataclass
class Seen:
    """What runs made of a world: verdicts before and after an approved repair, and the stores likewise."""

    findings: Sequence[Judgement]
    before: Mapping[Subject, str]
    after: Mapping[Subject, str]
    first: Contents
    last: Contents

    @property
    def told(self) -> dict[str, int]:
        """The findings of the check: each verdict, how often."""
        return _findings(self.before)

    @property
    def left(self) -> dict[str, int]:
        """The findings that are left after the repair and its approval."""
        return _findings(self.after)

    @property
    def untouched(self) -> bool:
        """Whether the repair wrote nothing to the application's stores."""
        return self.first == self.last

    def recording(self, recording: IvsRecording) -> tuple[str, str]:
        """A recording's verdict before and after."""
        return self._of(recording_subject(RecordingKey(recording.bucket, recording.prefix)))

    def session(self, session: HostSession) -> tuple[str, str]:
        """A session's verdict before and after."""
        return self._of(session_subject(session.session_id))

    def record(self, object_id: str) -> tuple[str, str]:
        """A search record's verdict before and after."""
        return self._of(record_subject(object_id))

    def note(self, key: Key) -> tuple[str, str]:
        """A recording row's verdict before and after."""
        return self._of(row_subject(RowKey(*key)))

    def program(self, key: Key) -> tuple[str, str]:
        """A program's verdict before and after."""
        return self._of(program_subject(RowKey(*key), program_id(key)))

    def group(self, owner: str, group_id: str | None) -> tuple[str, str]:
        """A group's verdict before and after."""
        return self._of(group_subject(RowKey(f"u#{owner}#groups", f"g#{group_id}")))

    def _of(self, subject: Subject) -> tuple[str, str]:
        return self.before[subject], self.after[subject]

    def row(self, key: Key) -> Row:
        """A row as it stands in the end."""
        return {name: plain(value) for name, value in self.last.items[key].items()}

    def made_for(self, recording: IvsRecording) -> list[Row]:
        """The programs that the job made for a recording, as they stand in the end."""
        new = (self.row(key) for key in self.last.items.keys() - self.first.items.keys())
        return [row for row in new if str(row.get("s3Key")).startswith(f"{recording.prefix}/")]

    def evidence(self, verdict: str) -> Mapping[str, Any]:
        """The evidence of the one finding of this verdict that the check told."""
        (finding,) = (one for one in self.findings if one.verdict == verdict)
        return finding.evidence


def seen(builder: WorldBuilder, *opt_in: str, nights: int = 1) -> Seen:
    """Check what the actors left, each night repair it and approve what is withheld, and judge it again.

    `opt_in` names the verdicts that the repairs are asked to mend besides.
    """
    cycle = Cycle.of(builder.world())
    first, judged = cycle.contents(), cycle.judge()
    for _ in range(nights):
        withheld = cycle.repair(opt_in=opt_in).report
        if withheld.approvals:
            cycle.repair(approve=withheld.run.id, opt_in=opt_in)
    after = cycle.judge().verdicts()
    return Seen(judged.comparison.findings, judged.verdicts(), after, first, cycle.contents())


def _findings(verdicts: Mapping[Subject, str]) -> dict[str, int]:
    found = Counter(
        verdict
        for subject, verdict in verdicts.items()
        if verdict_kind(subject.type, verdict).response != "count"
    )
    return dict(found)
