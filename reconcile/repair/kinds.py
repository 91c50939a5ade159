"""The kinds of repair, a row each: how it is planned and limited, what makes it, and what it would write."""

from collections.abc import Iterable
from typing import Any

from reconcile.compare.verdicts import Examined
from reconcile.repair.apply_groups import create_group
from reconcile.repair.apply_programs import complete_program, create_program
from reconcile.repair.apply_records import Owed
from reconcile.repair.apply_rows import link_row, recount_group
from reconcile.repair.describe import (
    describe_completion,
    describe_creation,
    describe_group,
    describe_link,
    describe_record,
    describe_recount,
)
from reconcile.repair.plan_groups import GroupCreation, one_for_each_show, plan_group
from reconcile.repair.plan_programs import (
    Completion,
    Creation,
    ended_recordings,
    plan_completion,
    plan_creation,
    why_creation_waits,
)
from reconcile.repair.plan_records import RecordWrite, plan_record, why_record_waits
from reconcile.repair.plan_rows import Recount, RowLink, plan_link, plan_recount
from reconcile.repair.planned import Limit, RepairKind
from reconcile.repair.writing import RepairPorts


def _write_record(write: RecordWrite, ports: RepairPorts) -> Iterable[Owed]:
    """Leave a record to those that are written together."""
    return [Owed(write.finding, write.row)]


def _shows(examined: Examined) -> int:
    return len(examined.snapshot.catalog.shows)


def _groups(examined: Examined) -> int:
    return len(examined.snapshot.catalog.groups)


def _programs(examined: Examined) -> int:
    return len(examined.snapshot.catalog.programs)


def _records(examined: Examined) -> int:
    return len(examined.snapshot.records)


KINDS: tuple[RepairKind[Any], ...] = (
    RepairKind(
        GroupCreation,
        plan={"group-missing": plan_group},
        combine=one_for_each_show,
        limit=Limit(25, 0.20, "shows"),
        population=_shows,
        apply=create_group,
        describe=describe_group,
        # The group is made for a program, which the next run creates or completes.
        partial=lambda creation: True,
    ),
    RepairKind(
        Recount,
        plan={"count-drift": plan_recount},
        limit=Limit(25, 0.20, "groups"),
        population=_groups,
        apply=recount_group,
        describe=describe_recount,
    ),
    RepairKind(
        Creation,
        plan={"program-missing": plan_creation},
        guard=why_creation_waits,
        limit=Limit(25, 0.20, "ended recordings checked"),
        population=ended_recordings,
        apply=create_program,
        describe=describe_creation,
    ),
    RepairKind(
        Completion,
        plan={"program-incomplete": plan_completion},
        limit=Limit(25, 0.05, "programs"),
        population=_programs,
        apply=complete_program,
        describe=describe_completion,
        partial=lambda completion: not completion.complete,
    ),
    RepairKind(
        RowLink,
        plan={"recording-row-stale": plan_link},
        limit=Limit(25, 0.05, "programs"),
        population=_programs,
        apply=link_row,
        describe=describe_link,
    ),
    RepairKind(
        RecordWrite,
        plan={"record-missing": plan_record, "record-stale": plan_record},
        guard=why_record_waits,
        limit=Limit(200, 0.20, "search records"),
        population=_records,
        apply=_write_record,
        describe=describe_record,
    ),
)
"""In the order in which repairs are made: groups are counted before the creations that count themselves."""
