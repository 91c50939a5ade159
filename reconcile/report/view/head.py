"""The head of a report's view: the run, the verdict, the numbers, the trend and what to do first."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from reconcile.report.parts import ReportState

Tone = Literal["high", "medium", "low", "none", "good", "approval"]
TileKey = Literal["new", "open", "approval", "repaired"]


@dataclass(frozen=True, slots=True)
class RunBar:
    """Which run this is; `previous` is the id of the run before it in the trend ("": none)."""

    stage: str
    run: str
    mode: str
    scope: str
    started_at: datetime
    seconds: float
    exit_code: int
    exit_words: str
    version: str
    reason: str
    previous: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """How things are: `words` name the state, `headline` is the one sentence, `summary` the numbers in words.

    `notes` are what has to be known beside it, such as a source that was not read.
    """

    state: ReportState
    words: str
    headline: str
    summary: str
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Tile:
    """One of the four numbers; `detail` says what it is made of, `change` the difference to the last run."""

    key: TileKey
    number: int
    label: str
    detail: str
    tone: Tone
    change: int | None = None


@dataclass(frozen=True, slots=True)
class TrendNight:
    """The numbers of one run; `known` are the open findings that were not new."""

    run: str
    started_at: datetime
    state: ReportState
    known: int
    new: int
    repaired: int
    awaiting: int

    @property
    def open(self) -> int:
        """All open findings."""
        return self.known + self.new


@dataclass(frozen=True, slots=True)
class Trend:
    """Up to 30 runs, oldest first, and what they show in a sentence."""

    nights: tuple[TrendNight, ...]
    words: str


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to do first; `effect` is what it brings, in two or three words, and `findings` their ids."""

    number: int
    title: str
    effect: str
    words: str
    commands: tuple[str, ...]
    findings: tuple[str, ...]
    tone: Tone
