"""A person's decision about a finding or a recording, and until when it is active."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any, Literal

from reconcile.model.clock import write_time
from reconcile.model.extent import Extent
from reconcile.model.recording import RecordingKey

What = Literal["ignore", "know", "assign", "restore", "undone"]
ABOUT_FINDINGS: tuple[What, ...] = ("ignore", "know")
ABOUT_RECORDINGS: tuple[What, ...] = ("assign", "restore")


@dataclass(frozen=True, slots=True)
class Decision:
    """One decision; `until` None is for good, and `undone_by` ("": nobody) took it back then.

    `ignore` keeps repairs off a finding; `know` (a baseline's) does not: their `id` is the finding's.
    `assign` says whose broadcast a recording is ("" as `group`: the show's own), and `restore` that it wants
    its program again: their `id` is decision_id's. `undone` makes the repair of a `finding` await approval,
    because somebody took it back: its `id` is undone_id's.
    An ignore also ends when its finding is worse than `worse_than` says that it was (None: it does not).
    """

    what: What
    id: str
    by: str
    reason: str
    until: datetime | None
    at: datetime
    bucket: str = ""
    prefix: str = ""
    show: str = ""
    group: str = ""
    undone_by: str = ""
    finding: str = ""
    worse_than: Extent | None = None

    @property
    def recording(self) -> RecordingKey:
        """Bucket and prefix of the recording that it is about."""
        return RecordingKey(self.bucket, self.prefix)

    @property
    def mark(self) -> str:
        """Tells it from one that was made on the same recording before or after it."""
        return f"{self.id} {write_time(self.at)}"

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON; `until` null is for good, and what does not apply is left out."""
        until = write_time(self.until) if self.until else None
        fields = {**asdict(self), "at": write_time(self.at), "until": until}
        left_out = {name for name, value in fields.items() if value == "" and name != "reason"}
        left_out |= {"worse_than"} if self.worse_than is None else set()
        return {name: value for name, value in fields.items() if name not in left_out}

    @property
    def ends_by_a_run(self) -> bool:
        """Whether a run may end it: because its finding got worse, or its repair was approved."""
        return (self.worse_than is not None or self.what == "undone") and not self.undone_by

    def is_active(self, now: datetime) -> bool:
        """Whether it has neither run out nor been undone."""
        return self.until is None or now < self.until

    def silences(self, subject_type: str) -> bool:
        """Whether a finding on a subject of this type is known or ignored by it.

        A misconfiguration goes on making findings, so no baseline calls it known.
        """
        return self.what == "ignore" or (self.what == "know" and subject_type != "system")

    def undone(self, by: str, now: datetime) -> "Decision":
        """Return it as it stands when somebody takes it back."""
        return replace(self, until=now, undone_by=by)


def with_outgrown(decisions: Mapping[str, Decision], outgrown: Iterable[Decision]) -> dict[str, Decision]:
    """Return decisions by id as they stand after runs ended some: outgrown, or approved.

    Nothing else can be ended so: not what was decided anew since, nor what holds however bad a finding gets.
    """
    standing = dict(decisions)
    for ended in outgrown:
        decision = standing.get(ended.id)
        if decision and ended.until and decision.ends_by_a_run and decision.at == ended.at:
            standing[ended.id] = decision.undone(ended.undone_by, ended.until)
    return standing


def undone_id(finding: str) -> str:
    """Return the id of the decision that a finding's repair waits: another than that to ignore it."""
    return hashlib.sha256(json.dumps(["undone", finding]).encode()).hexdigest()[:12]


def decision_id(what: What, key: RecordingKey) -> str:
    """Return the id of a decision on a recording: the same whenever it is made again."""
    return hashlib.sha256(json.dumps([what, *key]).encode()).hexdigest()[:12]
