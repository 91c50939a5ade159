"""The view of a report: clean texts, numbers and times in reading order. Renderings only lay it out.

Every text is clean (no control character, no line break, bounded, right-to-left runs set apart) but not
escaped: each rendering escapes for its own markup. Times are aware datetimes in UTC.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from reconcile.model.verdict_types import Severity, Task
from reconcile.report.choices import Choice
from reconcile.report.facts import Fact
from reconcile.report.view.cost import CostView
from reconcile.report.view.head import RunBar, Step, Tile, Tone, Trend, Verdict

Age = Literal["new", "came-back", "known"]


@dataclass(frozen=True, slots=True)
class Difference:
    """One field with its value on both sides; `tolerated`: the difference is no fault."""

    field: str
    left: str
    right: str
    tolerated: bool = False


@dataclass(frozen=True, slots=True)
class SideBySide:
    """Fields side by side under their columns' names: a write (before, after) or row and search record.

    `what` and `target` name a write ("" where two values are only compared), `mark` whether it was verified.
    """

    what: str
    target: str
    mark: str
    tone: Tone
    columns: tuple[str, str]
    rows: tuple[Difference, ...]


@dataclass(frozen=True, slots=True)
class Link:
    """Where to look at a thing: `key` is s3, table, search or playback."""

    key: str
    label: str
    url: str


@dataclass(frozen=True, slots=True)
class FindingLine:
    """One finding: a line, and the evidence that is shown when it is opened.

    `title` is the show's or row's name, else the thing's own. `recorded_at`: when it was recorded, and
    `seconds` how long it lasts, where it is a recording. `age` and `days` say since when it is known.
    `mark` is the same in words: "new", "came back", "6 d". `place` is its address or key.
    """

    id: str
    kind: str
    label: str
    title: str
    severity: Severity
    status: str
    status_words: str
    age: Age
    days: int
    mark: str
    first_seen: datetime
    recorded_at: datetime | None = None
    seconds: float | None = None
    subject: str = ""
    place: str = ""
    step: str = ""
    commands: tuple[str, ...] = ()
    facts: tuple[Fact, ...] = ()
    choice: Choice | None = None
    comparisons: tuple[SideBySide, ...] = ()
    links: tuple[Link, ...] = ()
    cause: str = ""


@dataclass(frozen=True, slots=True)
class FindingGroup:
    """The findings of one kind; `kind` is the slug for machines; step and commands hold for all lines."""

    kind: str
    label: str
    means: str
    severity: Severity
    number: int
    new: int
    lines: tuple[FindingLine, ...]
    step: str = ""
    commands: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Shelf:
    """Open findings by what a person does about them."""

    key: Task
    title: str
    number: int
    groups: tuple[FindingGroup, ...]


@dataclass(frozen=True, slots=True)
class Approval:
    """What awaits approval, or, in a check, would need it; `commands` approve all of it, shell first.

    `reasons` are pairs of (why, how many).
    """

    title: str
    means: str
    number: int
    reasons: tuple[tuple[str, int], ...]
    commands: tuple[str, ...]
    lines: tuple[FindingLine, ...]


@dataclass(frozen=True, slots=True)
class RecordingEntry:
    """A recording as support looks it up; `finding` is the id of its open finding ("": none)."""

    title: str
    recorded_at: datetime | None
    status: str
    tone: Tone
    program_id: str
    bucket: str
    prefix: str
    finding: str


@dataclass(frozen=True, slots=True)
class ChainStep:
    """One link of the chain from a recording to the search; `words` say what is lost there, and why.

    Not `checked`: its source was not read, so that none is lost says nothing. `suffixes` are the names of
    manifests for which no trigger is in place.
    """

    key: str
    label: str
    number: int
    lost: int
    not_known: int
    words: str
    tone: Tone
    cause: str
    findings: tuple[str, ...]
    suffixes: tuple[str, ...] = ()
    checked: bool = True


@dataclass(frozen=True, slots=True)
class Segment:
    """A part of the coverage bar."""

    label: str
    number: int
    tone: Tone


@dataclass(frozen=True, slots=True)
class SourceLine:
    """A source, whether it was read completely, and what reading it cost."""

    name: str
    items: int
    seconds: float
    state: str
    tone: Tone
    why: str
    details: tuple[Fact, ...]


@dataclass(frozen=True, slots=True)
class NotChecked:
    """Why some subjects were not checked, how many (`words`), and the first of them."""

    reason: str
    number: int
    words: str
    lines: tuple[FindingLine, ...]


@dataclass(frozen=True, slots=True)
class CountTable:
    """The verdicts of one subject type by label; they add up to `total`, `checked` of which were checked."""

    title: str
    rows: tuple[tuple[str, int], ...]
    checked: int
    total: int


@dataclass(frozen=True, slots=True)
class CoverageView:
    """What was checked and what was not, in one bar over all subjects; `words` say it in short."""

    checked: int
    total: int
    segments: tuple[Segment, ...]
    words: str
    sources: tuple[SourceLine, ...]
    setup: tuple[SourceLine, ...]
    not_checked: tuple[NotChecked, ...]
    tables: tuple[CountTable, ...]


@dataclass(frozen=True, slots=True)
class ListEntry:
    """One line of a closed list: what, when or who, and the rest on opening."""

    title: str
    mark: str
    place: str = ""
    facts: tuple[Fact, ...] = ()
    id: str = ""


@dataclass(frozen=True, slots=True)
class ReportView:
    """A report in reading order.

    `new` are the new and returned lines, most severe first. `repaired` holds what this run repaired wholly,
    with its writes. `recordings` holds those with findings, then the newest; `unlisted` counts the others.
    `cost` None: it was not counted.
    """

    bar: RunBar
    verdict: Verdict
    tiles: tuple[Tile, ...]
    trend: Trend
    steps: tuple[Step, ...]
    chain: tuple[ChainStep, ...]
    approval: Approval | None
    shelves: tuple[Shelf, ...]
    new: tuple[FindingLine, ...]
    repaired: tuple[FindingGroup, ...]
    repaired_words: str
    resolved: tuple[FindingLine, ...]
    ignored: tuple[ListEntry, ...]
    decisions: tuple[ListEntry, ...]
    deleted: tuple[ListEntry, ...]
    not_rechecked: tuple[FindingLine, ...]
    coverage: CoverageView
    recordings: tuple[RecordingEntry, ...]
    deliveries: tuple[Fact, ...]
    usage: tuple[Fact, ...]
    cost: CostView | None = None
    unlisted: int = 0

    @property
    def recordings_number(self) -> int:
        """How many recordings there are, listed or not."""
        return len(self.recordings) + self.unlisted

    @property
    def open(self) -> tuple[FindingLine, ...]:
        """Every open finding, in reading order."""
        return tuple(line for shelf in self.shelves for group in shelf.groups for line in group.lines)

    def tile(self, key: str) -> Tile:
        """Return one of the tiles by its key."""
        return next(tile for tile in self.tiles if tile.key == key)
