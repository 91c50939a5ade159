"""The parts of a plan: repairs, each of a kind, and the properties of each kind. Pure."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from reconcile.compare.verdicts import Comparison, Examined
from reconcile.model.catalog import RowKey
from reconcile.model.documents import Attributes
from reconcile.model.finding import Judgement
from reconcile.model.search_record import Image
from reconcile.model.snapshot import Rules
from reconcile.repair.guards import Guards

if TYPE_CHECKING:
    from reconcile.model.run import Repair
    from reconcile.repair.apply_records import Owed
    from reconcile.repair.writing import RepairPorts


@dataclass(frozen=True, slots=True)
class Planned:
    """A repair that is planned for a finding; each kind of repair has a class of its own."""

    finding: str

    @property
    def findings(self) -> tuple[str, ...]:
        """All findings that it is planned for."""
        return (self.finding,)

    @property
    def is_decided(self) -> bool:
        """Whether a person asked for just this repair, by a decision on its subject."""
        return False

    @property
    def not_repaired(self) -> Mapping[str, str]:
        """By fault of its finding that it leaves, why it cannot be repaired now."""
        return {}

    def without_record(self) -> "Planned":
        """Return the repair without the search record that would be written after it."""
        return self


P = TypeVar("P", bound=Planned)


@dataclass(frozen=True, slots=True)
class Limit:
    """More repairs of a kind than this are implausible: max(number, share of a population)."""

    number: int
    share: float
    of: str

    def allows(self, number: int, population: int) -> bool:
        """Whether so many repairs are plausible."""
        return number <= self.ceiling(population)

    def ceiling(self, population: int) -> int:
        """Return the most that is let through."""
        return max(self.number, int(self.share * population))


@dataclass(frozen=True, slots=True)
class RepairScope:
    """What a plan may include.

    `first_repair` is since when repairs are made here (None: never yet). `approved` and `left_alone` hold
    findings: those that a person let through, and those that a person keeps repairs off. `only` names the
    verdicts that are asked for, and `opt_in` those that are repaired because somebody said so.
    `undone` says, of the findings whose repair somebody took back, who and why: they wait for a person too.
    `guards` say what else does.
    """

    first_repair: datetime | None
    approved: frozenset[str] = frozenset()
    left_alone: frozenset[str] = frozenset()
    only: tuple[str, ...] = ()
    opt_in: tuple[str, ...] = ()
    undone: Mapping[str, str] = field(default_factory=dict)
    guards: Guards = field(default_factory=Guards)

    def lets(self, finding: Judgement) -> bool:
        """Whether a finding may be repaired, if it can be."""
        in_scope = not self.only or finding.verdict in self.only
        opted_in = not finding.kind.opt_in or finding.verdict in self.opt_in or finding.id in self.approved
        return in_scope and opted_in and finding.id not in self.left_alone

    def why_undone(self, findings: Iterable[str]) -> Iterable[str]:
        """Yield who took the repair of one of these findings back, and why."""
        yield from dict.fromkeys(self.undone[finding] for finding in findings if finding in self.undone)

    def lets_create_group(self, finding: Judgement, *, repaired: bool) -> bool:
        """Whether the show of a program without group may get one; `repaired`: another repair is planned.

        A person who approved what has no other repair approved just that.
        """
        requested = "group-missing" in self.opt_in or (finding.id in self.approved and not repaired)
        return requested and "groupId" in finding.evidence.get("lacks", ())


@dataclass(frozen=True, slots=True)
class Description:
    """What a repair would write: what the write is called, and the attributes that it would set."""

    what: str
    sets: Attributes


Planner = Callable[[Judgement, Comparison], tuple[Planned | None, str]]
"""Plans the repair of one finding; or says why there is none."""

ReadRow = Callable[[RowKey], Image | None]
"""Reads the row of a key (partition, sort) as it stands now; raises SourceError."""


def _nothing_waits(planned: Any, scope: RepairScope) -> Iterable[str]:
    return ()


def _as_planned(planned: Iterable[P]) -> list[P]:
    return list(planned)


def _repairs_wholly(planned: Any) -> bool:
    return False


@dataclass(frozen=True, slots=True)
class RepairKind(Generic[P]):
    """A row of the table of kinds: everything that is peculiar to one kind of repair.

    `planned` is the class of its planned repairs. `apply` makes one, yields what became of each write and
    which search records are to be written after it, and raises LeaseLost or SourceError. `describe` tells
    what it would write.

    `plan` holds, by verdict, what plans it. `combine` puts together those that are one repair. `guard` yields
    why one waits for a person, whatever the limit says. More than `limit` (None: any number) of `population`
    await approval together. `partial` says whether the finding still holds after the repair.
    """

    planned: type[P]
    apply: "Callable[[P, RepairPorts], Iterable[Repair | Owed]]"
    describe: Callable[[P, Rules, ReadRow], Description]
    plan: Mapping[str, Planner] = field(default_factory=dict)
    combine: Callable[[Iterable[P]], list[P]] = _as_planned
    guard: Callable[[P, RepairScope], Iterable[str]] = _nothing_waits
    limit: Limit | None = None
    population: Callable[[Examined], int] = lambda examined: 0
    partial: Callable[[P], bool] = _repairs_wholly


@dataclass(frozen=True, slots=True)
class Plan:
    """What a repair does, in order.

    `withheld` says by finding why its repair awaits approval, `waiting` why there is none yet. `kinds` is the
    table that the repairs are of. `over_limit` are the findings withheld for the limit of their kind.
    """

    repairs: tuple[Planned, ...] = ()
    withheld: Mapping[str, str] = field(default_factory=dict)
    waiting: Mapping[str, str] = field(default_factory=dict)
    kinds: Sequence[RepairKind[Any]] = field(default=(), repr=False, compare=False)
    over_limit: frozenset[str] = frozenset()

    def kind_of(self, planned: Planned) -> RepairKind[Any]:
        """Return the kind of one of the repairs; raises KeyError for one that is in no row of the table."""
        return {kind.planned: kind for kind in self.kinds}[type(planned)]

    @property
    def partial(self) -> frozenset[str]:
        """The findings that still hold after what is planned for them was made."""
        return frozenset(repair.finding for repair in self.repairs if self.kind_of(repair).partial(repair))
