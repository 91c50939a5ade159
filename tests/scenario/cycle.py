"""A world in the in-memory stores with a clock of its own, and the job's own runs over it."""

from collections.abc import Mapping
from contextlib import AbstractContextManager
from copy import deepcopy
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, TypeVar

from reconcile.collect.stores import Stores
from reconcile.compare.engine import Engine
from reconcile.compare.records import calls_by_object
from reconcile.compare.verdicts import Examined
from reconcile.engines.pandas import PANDAS
from reconcile.job import check, examine, repair
from reconcile.model.finding import (
    Subject,
    group_subject,
    program_subject,
    record_subject,
    recording_subject,
    row_subject,
    session_subject,
)
from reconcile.model.media import MediaMap, default_routes
from reconcile.model.recording import RecordingKey
from reconcile.model.run import Order
from reconcile.model.usage import Usage
from reconcile.repair.writing import RepairPorts
from reconcile.runs.finish import Outcome
from reconcile.runs.history import recall
from reconcile.runs.memory import Memory
from reconcile.runs.ports import Ports, Tools
from reconcile.sandbox.world import World
from reconcile.sandbox.world.copies import copied
from reconcile.settings.settings import Settings
from reconcile.stores.ports import ConfigurationReader, Environment, RowsReader
from reconcile.stores.write_ports import Lease
from reconcile.undo.ports import UndoStores, UndoTools, UndoWriters
from reconcile.undo.request import UndoOrder
from reconcile.undo.undo import UndoOutcome, take_back
from tests.doubles.memory import MemoryBuckets, MemoryIndex, MemoryTable
from tests.doubles.memory_state import MemoryFacts, MemoryLease, MemoryReports, MemoryState

STEP = timedelta(seconds=1)
SKIP_ROOTS: tuple[str, ...] = Settings.model_fields["skip_roots"].default
T = TypeVar("T")
Item = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Contents:
    """All that the application's stores hold at one moment, comparable with another moment's."""

    objects: Mapping[tuple[str, str], tuple[bytes, datetime]]
    items: Mapping[tuple[str, str], Item]
    records: Mapping[str, Item]


class Judged(Examined):
    """What a run made of every subject."""

    def verdicts(self) -> dict[Subject, str]:
        """Return the verdict of every subject; those that no set rule suspected agree."""
        snapshot = self.snapshot
        subjects = [recording_subject(key) for key in snapshot.recordings]
        subjects += map(session_subject, snapshot.catalog.sessions)
        subjects += map(record_subject, {*calls_by_object(snapshot), *snapshot.records})
        catalog = snapshot.catalog
        subjects += (row_subject(key) for key in catalog.rows)
        subjects += (program_subject(key, one.program_id) for key, one in catalog.programs.items())
        subjects += (group_subject(group.key) for group in catalog.groups.values())
        judged, left_out = self.comparison.judged, self.comparison.left_out
        others = {recording_subject(key): left.verdict for key, left in left_out.items()}
        return {
            one: judged[one].verdict if one in judged else others.get(one, "agrees")
            for one in {*subjects, *judged}
        }

    def shows(self) -> dict[RecordingKey, str | None]:
        """Return the show that each recording was attributed to, by its own evidence."""
        return {view.key: view.show_id for view in self.comparison.views()}


@dataclass
class Cycle:
    """The stores that a world fills, and the runs over them; `now` may be set, and moves on with each run.

    `rows` reads the table otherwise than as it stands, such as by an export.
    """

    world: World
    now: datetime
    buckets: MemoryBuckets
    table: MemoryTable
    index: MemoryIndex
    state: MemoryState
    reports: MemoryReports = field(default_factory=MemoryReports)
    facts: MemoryFacts | None = field(default_factory=MemoryFacts)
    configuration: ConfigurationReader | None = None
    rows: RowsReader | None = None
    engine: Engine = PANDAS
    runs: int = 0

    @classmethod
    def of(cls, world: World) -> "Cycle":
        """Fill stores of their own with a world."""
        state = MemoryState()
        objects = {(one.bucket, one.key): (one.body, one.modified) for one in world.objects}
        classes = {(one.bucket, one.key): one.headers for one in world.objects if one.headers}
        items = {(item["pk"]["S"], item["sk"]["S"]): copied(item) for item in world.items}
        records = {str(record["objectID"]): copied(record) for record in world.records}
        return cls(
            world,
            world.now,
            MemoryBuckets(world.buckets, objects, SKIP_ROOTS, classes=classes),
            MemoryTable(world.table, items, state),
            MemoryIndex(world.index, records),
            state,
        )

    def check(self, **asked: Any) -> Outcome:
        """Run a check of everything, or as `asked` of an Order says."""
        order = Order("check", **{"lookback": None, **asked})
        return self._moving(check(order, self.ports()))

    def repair(self, **asked: Any) -> Outcome:
        """Run a repair of everything, or as `asked` of an Order says."""
        order = Order("repair", **{"lookback": None, **asked})
        ports = self.ports()
        return self._moving(repair(order, ports, self.tools(ports)))

    def judge(self, **asked: Any) -> Judged:
        """Collect, compare and confirm as a check does, and keep all that it found."""
        order, ports = Order("check", **{"lookback": None, **asked}), self.ports()
        past = recall(order, ports.memory, self.now)
        examined = examine(order, past, ports, self.now)
        return self._moving(Judged(examined.rules, examined.snapshot, examined.comparison))

    def _moving(self, result: T) -> T:
        self.now += STEP
        return result

    def ports(self) -> Ports:
        """Return what the next check works with."""
        self.runs += 1
        world = self.world
        environment = Environment("memory", world.table, world.index, tuple(sorted(world.buckets)))
        return Ports(
            run=f"{self.now:%Y%m%dT%H%M%S}000Z-{self.runs:06x}",
            memory=Memory(environment, self.state, self.reports, lambda: self.now, self.facts),
            stores=Stores(
                self.buckets,
                self.rows or self.table,
                self.index,
                self.buckets,
                configuration=self.configuration,
            ),
            media=self.media,
            usage=Usage,
            progress=lambda step, done, total: None,
            engine=self.engine,
        )

    def tools(self, ports: Ports) -> Tools:
        """Return what a repair with these ports has besides."""

        def lease() -> AbstractContextManager[Lease]:
            return MemoryLease(self.state, ports.run, lambda: ports.memory.clock().timestamp())

        def repair_ports(held: Lease) -> RepairPorts:
            self.table.lease = held
            return RepairPorts(
                recordings=self.buckets,
                rows=self.table,
                rows_writer=self.table,
                records=self.index,
                records_writer=self.index,
                journal=self.state,
                media=ports.media,
                run=ports.run,
                clock=ports.memory.clock,
                check_lease=held.check,
            )

        return Tools(self.state, self.reports, lease, repair_ports)

    def undo(self, run: str, finding: str = "") -> UndoOutcome:
        """Take a run back, or what it did for one finding."""
        return self._moving(take_back(UndoOrder(run, "a bad night", finding), *self.undo_ports()))

    def undo_ports(self) -> tuple[UndoStores, UndoTools]:
        """Return what the next undo works with."""
        ports = self.ports()

        def lease() -> AbstractContextManager[Lease]:
            return MemoryLease(self.state, ports.run, lambda: ports.memory.clock().timestamp())

        def writers(held: Lease) -> UndoWriters:
            self.table.lease = held
            return UndoWriters(self.table, self.index, self.state, held.check)

        stores = UndoStores(self.table, self.index, ports.memory, self.state)
        return stores, UndoTools(ports.run, lease, writers)

    @property
    def media(self) -> MediaMap:
        """The distribution that plays the world's recordings, its routes as the settings guess them."""
        world = self.world
        routes = default_routes(world.buckets[0])
        return MediaMap(world.playback_domain, world.old_domains, routes, guessed=True)

    def again(self) -> "Cycle":
        """Return the same world, untouched by what is done to this one; nobody changes the buckets."""
        state = deepcopy(self.state)
        table = MemoryTable(self.table.name, copied(self.table.items), state)
        index = MemoryIndex(self.index.name, copied(self.index.hits))
        reports, facts = deepcopy(self.reports), deepcopy(self.facts)
        return replace(self, table=table, index=index, state=state, reports=reports, facts=facts)

    def contents(self) -> Contents:
        """Return a copy of what the application's stores hold now."""
        return Contents(dict(self.buckets.objects), copied(self.table.items), copied(self.index.hits))

    def delete_program(self, key: tuple[str, str]) -> None:
        """Delete a program as its owner does: the row goes, and the stream sync takes its record out."""
        row = self.table.items.pop(key)
        self.index.hits.pop(row["programId"]["S"], None)
