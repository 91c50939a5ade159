"""A world that calls for every kind of repair at once, each of a show of its own."""

from datetime import timedelta
from typing import Any

from reconcile.model.clock import write_time
from tests.scenario.cycle import Cycle
from tests.scenario.small import STAGE, Small

OPT_IN: dict[str, Any] = {"opt_in": ("group-missing", "count-drift")}
"""What a repair is asked for that it does not do by itself."""

LOST, INCOMPLETE, GROUPLESS, MISCOUNTED, STUCK = "lost", "incomplete", "groupless", "miscounted", "stuck"


def prefix_of(show: str) -> str:
    """Return the prefix of the recording of a show's one broadcast."""
    return f"account/{show}/day/composite"


def every_repair() -> Small:
    """Return the world: a lost and an incomplete program, a show without group, a wrong count, a stuck row.

    Of the search records one is missing and one is stale.
    """
    small = Small()
    for show in (LOST, INCOMPLETE, GROUPLESS, MISCOUNTED, STUCK):
        stage = STAGE.replace("stage1", show)
        small.show(show, show, "group1", stage)
        small.record_broadcast(prefix_of(show), stage)
    for show in (INCOMPLETE, MISCOUNTED, STUCK):
        small.program(prefix_of(show), show, show)
    incomplete = small.items[f"u#{INCOMPLETE}#programs", f"p#program-of-{INCOMPLETE}"]
    del incomplete["groupId"], incomplete["program_url"]
    del small.items[f"show#{GROUPLESS}", "info"]["groupId"]
    del small.items[f"u#{GROUPLESS}#groups", "g#group1"]
    small.items[f"u#{MISCOUNTED}#groups", "g#group1"]["programsCount"] = {"N": "7"}
    _row(small, STUCK)
    _row(small, LOST)
    small.populate(20)
    small.records["upload-0"]["title"] = "An older title"
    del small.records["upload-1"]
    return small


def _row(small: Small, show: str) -> None:
    start, end = (write_time(small.now - timedelta(hours=hours)) for hours in (3, 2))
    small.put({"pk": f"show#{show}", "sk": f"recording#{start}#row", "recordingId": "row", "showId": show,
               "startTime": start, "endTime": end, "status": "processing"})  # fmt: skip


def due() -> Cycle:
    """Return the world in memory, such that a repair does all of it: its first one was days ago."""
    cycle = Cycle.of(every_repair().world())
    cycle.check(**OPT_IN)
    cycle.state.mark_first_repair(cycle.now - timedelta(days=1))
    return cycle
