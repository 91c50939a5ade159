"""A small world that has one of everything that a repair writes, and what is done to it from outside."""

import copy
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from reconcile.model.clock import write_time
from reconcile.model.recording import RecordingKey, program_id_of
from reconcile.runs.finish import Outcome
from tests.doubles.memory import MemoryIndex, MemoryTable
from tests.scenario.cycle import Contents, Cycle, Item
from tests.scenario.small import ACCOUNT, BUCKET, PREFIX, Small

OPT_IN = ("group-missing", "count-drift")
OURS = ("u#ann#programs", f"p#{program_id_of(RecordingKey(BUCKET, PREFIX))}")
"""The key of the program that a repair makes for the recording without one."""
GROUP = ("u#ann#groups", "g#group1")
STAMPS = ("updatedAt", "createdAt", "reconcileRunId", "dateCreated")
"""What a write says of its own time and run."""


def stage_of(show: str) -> str:
    """Return the stage of a show's session."""
    return f"arn:aws:ivs:us-east-1:{ACCOUNT}:stage/{show}"


def prefix_of(show: str) -> str:
    """Return the prefix under which a show was recorded."""
    return f"{show:a<12}/bbbbbbbbbbbb/cccccccccccc/composite"


def lost(*shows: str) -> Small:
    """Return a world in which the recording of each show has no program, and others have uploads."""
    small = Small()
    small.populate(8)
    for number, show in enumerate(shows):
        small.record_broadcast(prefix_of(show), stage_of(show), timedelta(hours=3 + number))
        small.show(show, show, "group1", stage_of(show))
    return small


def damaged() -> Small:
    """Return a world in which every kind of repair has something to write."""
    small = Small()
    small.populate(8)
    small.show()
    small.record_broadcast()
    _note(small, "show1", "row1")
    for show, producer in (("incomplete", "bob"), ("moved", "cem"), ("noted", "dia")):
        small.show(show, producer, "group1", stage_of(show))
        small.record_broadcast(prefix_of(show), stage_of(show))
        small.program(prefix_of(show), show, producer)
    incomplete = small.items["u#bob#programs", "p#program-of-incomplete"]
    incomplete["groupId"] = {"S": "Recordings"}
    moved = small.items["u#cem#programs", "p#program-of-moved"]
    moved["program_url"] = {"S": moved["program_url"]["S"].replace("play.", "old.")}
    small.index(("u#bob#programs", "p#program-of-incomplete"))
    small.index(("u#cem#programs", "p#program-of-moved"))
    _note(small, "noted", "row2")
    small.show("groupless", "eve", "group1", stage_of("groupless"))
    del small.items["show#groupless", "info"]["groupId"], small.items["u#eve#groups", "g#group1"]
    small.record_broadcast(prefix_of("groupless"), stage_of("groupless"))
    small.items["u#other0#groups", "g#uploads"]["programsCount"] = {"N": "7"}
    small.records["upload-1"]["title"] = "An older title"
    del small.records["upload-2"]
    return small


def _note(small: Small, show: str, name: str) -> None:
    """Let a show's row tell that its broadcast was begun, and not that it ended."""
    end = small.now - timedelta(hours=2)
    start = write_time(end - timedelta(hours=1))
    row = {"pk": f"show#{show}", "sk": f"recording#{start}#{name}", "recordingId": name, "showId": show}
    small.put(row | {"status": "processing", "startTime": start, "endTime": write_time(end)})


def repaired(cycle: Cycle, **asked: Any) -> Outcome:
    """Repair, and approve what a first repair withholds."""
    first = cycle.repair(**asked)
    if not first.report.approvals:
        return first
    return cycle.repair(approve=first.report.run.id, **asked)


def repairing(small: Small) -> Cycle:
    """Return a world in which repairs were made for days before anything in it was recorded."""
    cycle = Cycle.of(small.world())
    environment = cycle.ports().memory.environment
    cycle.state.bind_environment(environment)
    cycle.state.mark_first_repair(cycle.now - timedelta(days=9))
    cycle.state.mark_index_met(cycle.now - timedelta(days=9))
    return cycle


def again(cycle: Cycle) -> Cycle:
    """Return the same world, untouched by what is done to the first."""
    state = copy.deepcopy(cycle.state)
    table = MemoryTable(cycle.table.name, copy.deepcopy(cycle.table.items), state)
    index = MemoryIndex(cycle.index.name, copy.deepcopy(cycle.index.hits))
    return replace(
        cycle,
        table=table,
        index=index,
        state=state,
        reports=copy.deepcopy(cycle.reports),
        facts=copy.deepcopy(cycle.facts),
    )


def programs(cycle: Cycle, owner: str = "ann") -> list[tuple[str, str]]:
    """Return the keys of an owner's programs."""
    return sorted(key for key in cycle.table.items if key[0] == f"u#{owner}#programs")


def unstamped(contents: Contents) -> tuple[Mapping[Any, Any], Mapping[str, Any]]:
    """Return rows and records without what they say of the time and the run that wrote them."""

    def bare(shelf: Mapping[Any, Item]) -> dict[Any, Item]:
        return {
            key: {name: value for name, value in held.items() if name not in STAMPS}
            for key, held in shelf.items()
        }

    return bare(contents.items), bare(contents.records)
