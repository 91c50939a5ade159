"""One cell of the table of faults: a repair while a source fails in one way, held to what must hold."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from threading import Lock
from typing import Literal, NamedTuple, get_args

from reconcile.model.attributes import same_value
from reconcile.model.errors import Exit
from reconcile.model.finding import Finding
from reconcile.model.search_record import canonical
from reconcile.report.not_checked import pending
from tests.contract.loopback import Answer, Asked
from tests.faults.clock import TOTAL, Clock
from tests.faults.kinds import FAULTS, Struck, Truth
from tests.faults.runs import Ended, run
from tests.faults.sources import SOURCES
from tests.faults.world import Records, Rows, World

Times = Literal["once", "always"]

LAWS = (
    "no run crashes",
    "nothing is called missing that is there",
    "nothing is written but what a run without faults writes",
    "what was not found, not written or not read makes the run incomplete",
    "no message is sent twice",
    "a run ends before its deadline",
    "each fault strikes",
)

_WHEN_OR_WHO = {"createdAt", "updatedAt", "reconcileRunId"}
_LONGEST = 60


class Cell(NamedTuple):
    """A source, the way in which it fails, and how often."""

    source: str
    fault: str
    times: Times


CELLS: tuple[Cell, ...] = tuple(
    Cell(source.name, fault, times)
    for source in SOURCES.values()
    for fault in source.faults
    for times in get_args(Times)
)
"""Every cell that is one: not every source can fail in every way."""


@dataclass
class Failing:
    """A server that fails as a cell says, and tells the truth otherwise."""

    cell: Cell
    truth: Truth
    clock: Clock
    struck: int = 0
    _lock: Lock = field(default_factory=Lock)

    def __call__(self, asked: Asked) -> Answer:
        """Answer one request."""
        if not self._strikes(asked):
            return self.truth(asked)
        source = SOURCES[self.cell.source]
        struck = Struck(asked, self.truth, source.dialect, self.clock, source.writes)
        return FAULTS[self.cell.fault].answer(struck)

    def _strikes(self, asked: Asked) -> bool:
        source, fault = SOURCES[self.cell.source], FAULTS[self.cell.fault]
        if not (source.asks(asked) and fault.strikes(asked)):
            return False
        here = self.cell.times == "always" or source.victim in f"{asked.path} {asked.body!r}"
        with self._lock:
            if not here or (self.cell.times == "once" and self.struck):
                return False
            self.struck += 1
            return True


@dataclass(frozen=True, slots=True)
class Tried:
    """What came of a cell: the exit code, what the report says in a few words, and what broke which law."""

    cell: Cell
    code: int
    words: str
    broken: dict[str, list[str]]

    @property
    def told(self) -> str:
        """What the page says of it."""
        return f"**{self.code}** {self.words}".replace("|", "/")


@dataclass
class Table:
    """The world in which cells are tried, and how a run without any fault ends there."""

    world: World
    undisturbed: Ended

    @classmethod
    def of(cls, world: World) -> "Table":
        """Run without a fault."""
        world.restore()
        return cls(world, run(world))

    def attempt(self, cell: Cell) -> Tried:
        """Try a cell."""
        world, clock = self.world, Clock()
        world.restore()
        before = world.rows(), world.records()
        failing = Failing(cell, world.truth, clock)
        world.server.answer = failing
        try:
            ended = run(world, clock=clock, hasty=cell.fault == "timeout")
        finally:
            world.server.answer = world.truth
        faults = (
            [ended.crash] if ended.crash else [],
            list(self.false_missing(ended.findings, self.undisturbed.findings)),
            list(self._wrong_writes(ended, *before)),
            list(self._unsaid(cell, ended)),
            [name for name, number in Counter(world.posted).items() if number > 1],
            [f"{ended.seconds:.0f} s"] if ended.seconds > TOTAL else [],
            [] if failing.struck else ["no request was struck"],
        )
        broken = {law: told for law, told in zip(LAWS, faults, strict=True) if told}
        return Tried(cell, ended.code, self._words(ended), broken)

    @staticmethod
    def false_missing(found: Mapping[str, Finding], true: Mapping[str, Finding]) -> Iterator[str]:
        """Name what is called missing and is not among the true findings."""
        for name, finding in found.items():
            if finding.kind.endswith("-missing") and name not in true:
                yield f"{finding.kind}: {dict(finding.subject.fields)}"

    def _wrong_writes(self, ended: Ended, rows: Rows, records: Records) -> Iterator[str]:
        """Name what is neither as it stood nor as a run without faults leaves it."""
        right = self.undisturbed
        for key in {*rows, *ended.rows}:
            row, old, new = (held.get(key, {}) for held in (ended.rows, rows, right.rows))
            for name in {*row, *old} - _WHEN_OR_WHO:
                if not any(same_value(row.get(name), one.get(name)) for one in (old, new)):
                    yield f"{key}: {name} is {row.get(name)}"
        programs = [row for row in ended.rows.values() if "S" in row.get("programId", {})]
        called_for = {row["programId"]["S"]: canonical(row) for row in programs}
        for name in {*records, *ended.records}:
            held = ended.records.get(name)
            if held not in (records.get(name), called_for.get(name)):
                yield f"record {name}: {held}"

    def _unsaid(self, cell: Cell, ended: Ended) -> Iterator[str]:
        """Name what a run does not say that left out some of what a run without faults finds or repairs."""
        if ended.code in (Exit.INCOMPLETE, Exit.CRASHED):
            return
        if ended.report is None:
            yield f"no report, and the exit code {ended.code}"
            return
        if ended.outcome and ended.outcome.not_kept:
            yield f"not archived: {ended.outcome.not_kept}"
        if any(one.outcome != "sent" for one in ended.report.deliveries) and ended.code != Exit.UNDELIVERED:
            yield "a report that was not delivered"
        # A store that leaves a page out and says that this was all cannot be told from one that holds less.
        if cell.fault != "page missing" and not self._damaged(ended):
            yield from self._passed_over(ended)

    def _damaged(self, ended: Ended) -> bool:
        """Whether a run reports that what it read is damaged: then it has no other findings of that."""
        more = ended.findings.keys() - self.undisturbed.findings.keys()
        return any(ended.findings[name].kind in ("unreadable", "unplayable") for name in more)

    def _passed_over(self, ended: Ended) -> Iterator[str]:
        status = {name: one.status for name, one in ended.findings.items()}
        for name, finding in self.undisturbed.findings.items():
            if status.get(name) != finding.status:
                yield f"{finding.kind} is {status.get(name, 'not found')}, not {finding.status}"

    def _words(self, ended: Ended) -> str:
        if ended.report is None:
            return f"no report: {_shortened(ended.error or ended.crash.splitlines()[-1])}"
        return "; ".join(self._differences(ended)) or "as without the fault"

    def _differences(self, ended: Ended) -> Iterator[str]:
        report, true = ended.report, self.undisturbed.findings
        if report is None:
            return
        unread = sorted({one.source.partition(":")[0] for one in report.sources if not one.trusted})
        # How much of a source was read before it broke off differs from run to run.
        if (number := len(list(pending(report.not_checked)))) and not unread:
            yield f"{number} not checked"
        if unfound := len(true.keys() - ended.findings.keys()):
            yield f"{unfound} of {len(true)} not found"
        status = Counter(one.status for one in ended.findings.values())
        usual = Counter(true[name].status for name in true.keys() & ended.findings.keys())
        yield from (f"{number} {name}" for name, number in sorted((status - usual).items()))
        more = Counter(one.kind for name, one in ended.findings.items() if name not in true)
        yield from (f"{number} {kind}" for kind, number in sorted(more.items()))
        if unread:
            yield f"not read: {', '.join(unread)}"
        if unseen := [one.what.rpartition("/")[2] for one in report.configuration if not one.looked_at]:
            yield f"not looked at: {', '.join(sorted(unseen))}"
        if report.run.cut_short:
            yield _shortened(report.run.cut_short)
        if ended.outcome and ended.outcome.not_kept:
            yield "not archived"
        if ended.outcome and ended.outcome.not_listed:
            yield "list of runs not written"
        yield from (f"{one.channel} {one.outcome}" for one in report.deliveries if one.outcome != "sent")


def _shortened(text: str) -> str:
    """Return the beginning of an error, without what differs from run to run."""
    plain = re.sub(r"\s+", " ", re.sub(r"http://127\.0\.0\.1:\d+\S*|\d{8}T\d{9}Z-\w+", "…", text))
    return plain if len(plain) <= _LONGEST else f"{plain[:_LONGEST].rstrip()}…"
