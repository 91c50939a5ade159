"""The guards of undo, and what stands in their place where they are neutralised."""

from tests.laws import undoing
from tests.laws.guards_texts import plain_sides
from tests.laws.law import Guard

UNDO = (
    Guard(
        "reconcile.stores.journal_items._sides",
        "journals what stood in a row as the table types it",
        plain_sides,
        undoing.a_repair_undone_at_once_leaves_all_as_before,
    ),
    Guard(
        "reconcile.undo.rows._counted_down",
        "gives groups their counts back",
        lambda raised, stored, at: ((), ""),
        undoing.a_repair_undone_at_once_leaves_all_as_before,
    ),
    Guard(
        "reconcile.model.attributes.differing",
        "finds what somebody changed in a row since the run wrote it",
        lambda first, second, but=frozenset(): (),
        undoing.what_somebody_changed_since_stays,
    ),
    Guard(
        "reconcile.repair.planned.RepairScope.why_undone",
        "holds back repairs of what was taken back",
        lambda scope, findings: (),
        undoing.what_was_undone_is_not_repaired_again_unless_approved,
    ),
)
