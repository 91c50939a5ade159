"""The law that a repair can be taken back: at once wholly, later as far as nobody changed what it wrote."""

from datetime import timedelta

from reconcile.model.errors import Exit
from tests.scenario.bad_night import LOST, OPT_IN, differences, program_key, repaired

LATER = timedelta(hours=1)


def a_repair_undone_at_once_leaves_all_as_before() -> None:
    """Every row and every search record says again what it said, type by type; what was absent is absent."""
    cycle, before, run = repaired()
    outcome = cycle.undo(run)
    assert differences(before, cycle.contents()) == []
    assert outcome.exit_code == Exit.AGREES


def what_somebody_changed_since_stays() -> None:
    """A program that its owner edited is the owner's, whoever made it."""
    cycle, _, run = repaired()
    cycle.table.items[program_key(LOST)]["title"] = {"S": "Edited by its owner"}
    cycle.undo(run)
    assert program_key(LOST) in cycle.table.items
    assert cycle.table.items[program_key(LOST)]["title"] == {"S": "Edited by its owner"}


def what_was_undone_is_not_repaired_again_unless_approved() -> None:
    """The next night leaves everything as it is; an approval brings it back."""
    cycle, _, run = repaired()
    cycle.undo(run)
    undone = cycle.contents()
    cycle.now += LATER
    night = cycle.repair(**OPT_IN)
    assert differences(undone, cycle.contents()) == []
    assert night.exit_code == Exit.AWAITING_APPROVAL
    cycle.repair(approve=night.report.run.id, **OPT_IN)
    assert program_key(LOST) in cycle.table.items
