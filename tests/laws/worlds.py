"""Small worlds of the laws: lost programs, and repairs that began before anything was lost."""

from datetime import timedelta

from reconcile.model.recording import RecordingKey, program_id_of
from tests.scenario.cycle import Cycle
from tests.scenario.small import ACCOUNT, BUCKET, PREFIX, Small

OURS = ("u#ann#programs", f"p#{program_id_of(RecordingKey(BUCKET, PREFIX))}")
"""The key of the program that a repair makes for the recording without one."""
GROUP = ("u#ann#groups", "g#group1")


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


def repairing(small: Small) -> Cycle:
    """Return a world in which repairs were made for days before anything in it was recorded."""
    cycle = Cycle.of(small.world())
    environment = cycle.ports().memory.environment
    cycle.state.bind_environment(environment)
    cycle.state.mark_first_repair(cycle.now - timedelta(days=9))
    cycle.state.mark_index_met(cycle.now - timedelta(days=9))
    return cycle


def programs(cycle: Cycle, owner: str = "ann") -> list[tuple[str, str]]:
    """Return the keys of an owner's programs."""
    return sorted(key for key in cycle.table.items if key[0] == f"u#{owner}#programs")
