"""The table of repair kinds: a kind is one row, and nothing else has to know of it."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from reconcile.compare.verdicts import Examined
from reconcile.model.catalog import RowKey
from reconcile.model.finding import recording_subject
from reconcile.model.journal import GROUP_CREATED, RowWritten
from reconcile.model.recording import RecordingKey
from reconcile.model.run import Repair
from reconcile.model.snapshot import Rules, Snapshot
from reconcile.model.verdict_table import VERDICTS
from reconcile.repair.apply import apply
from reconcile.repair.kinds import KINDS
from reconcile.repair.plan import make_plan
from reconcile.repair.plan_groups import GroupCreation, group_id_of
from reconcile.repair.planned import Description, Limit, Plan, Planned, ReadRow, RepairKind, RepairScope
from reconcile.repair.writing import Change, RepairPorts, change
from tests.doubles.memory import MemoryBuckets, MemoryIndex, MemoryTable
from tests.doubles.memory_state import MemoryLease, MemoryState
from tests.unit.builders import (
    BEFORE,
    BUCKET,
    COMPOSITE,
    MEDIA,
    NOW,
    composition,
    events,
    judge,
    program_item,
    rules,
    session_item,
    show_item,
    snapshot,
)

PROGRAM = RowKey("u#owner1#programs", "p#program1")


def planned_for(seen: Snapshot, kinds: tuple[RepairKind[Any], ...], *opt_in: str) -> Plan:
    comparison = judge(seen)
    examined = Examined(comparison.dossiers.rules, seen, comparison)
    return make_plan(examined, RepairScope(BEFORE, opt_in=opt_in), kinds)


def test_every_verdict_that_the_job_repairs_has_one_kind_of_repair_and_no_other_verdict_has() -> None:
    repaired = {one.name for one in VERDICTS if one.opt_in or one.response in ("create", "repair", "write")}
    planned = [verdict for kind in KINDS for verdict in kind.plan]
    assert sorted(planned) == sorted(repaired)


def test_every_kind_that_is_planned_from_findings_has_a_limit() -> None:
    assert [kind.planned.__name__ for kind in KINDS if kind.plan and kind.limit is None] == []


def test_a_group_that_would_be_created_is_described_as_the_row_that_it_becomes() -> None:
    shown = [show_item(groupId=None), session_item(ivs={"compositionArn": composition("comp1")})]
    seen = snapshot({COMPOSITE: events()}, shown, manifests={RecordingKey(BUCKET, COMPOSITE): ""})
    plan = planned_for(seen, KINDS, "group-missing")
    (creation,) = plan.repairs
    assert isinstance(creation, GroupCreation)
    assert creation.finding in plan.partial
    described = plan.kind_of(creation).describe(creation, rules(), lambda key: None)
    assert described.what == GROUP_CREATED
    assert {name: described.sets[name] for name in ("pk", "sk", "groupId", "programsCount")} == {
        "pk": "u#owner1#groups",
        "sk": f"g#{group_id_of('show1')}",
        "groupId": group_id_of("show1"),
        "programsCount": 0,
    }
    assert not described.sets.keys() & {"createdAt", "updatedAt", "reconcileRunId"}


@dataclass(frozen=True, slots=True)
class Retitling(Planned):
    """A row to give a title: a kind of repair that no table of the package knows."""

    title: str


def retitle(planned: Retitling, ports: RepairPorts) -> Iterable[Repair]:
    set_to, image = {"title": planned.title}, ports.read_rows([PROGRAM])[PROGRAM]
    yield change(Change(planned.finding, "retitled", PROGRAM, set_to, ("title",), image), ports)


def describe_retitling(planned: Retitling, judged_by: Rules, read: ReadRow) -> Description:
    return Description("retitled", {"title": planned.title})


RETITLING = RepairKind(Retitling, apply=retitle, describe=describe_retitling)


def test_a_kind_that_is_not_planned_from_findings_is_made_through_the_same_conditional_change() -> None:
    state = MemoryState()
    row = {name: dict(value) for name, value in program_item(title="old").items()}
    items: dict[tuple[str, str], dict[str, Any]] = {PROGRAM: row}
    lease = MemoryLease(state, "run1").__enter__()
    table, index = MemoryTable("programs", items, state, lease), MemoryIndex("programs")
    ports = RepairPorts(
        recordings=MemoryBuckets((BUCKET,), {}, ()),
        rows=table,
        rows_writer=table,
        records=index,
        records_writer=index,
        journal=state,
        media=MEDIA,
        run="run1",
        clock=lambda: NOW,
        check_lease=lease.check,
    )
    plan = Plan((Retitling("finding", "new"),), kinds=(RETITLING,))
    (made,) = apply(plan, ports)
    assert (made.outcome, made.before, made.after) == ("made", {"title": "old"}, {"title": "new"})
    assert table.items[PROGRAM]["title"] == {"S": "new"}
    (entry,) = state.journal("run1")
    written = RowWritten(PROGRAM, {"title": {"S": "old"}}, {"title": {"S": "new"}})
    assert (entry.what, entry.findings, entry.written) == ("retitled", ("finding",), written)
    assert plan.partial == frozenset()


def test_a_kind_of_ones_own_is_planned_and_limited_like_any_other() -> None:
    seen = snapshot({COMPOSITE: events()}, [], manifests={})
    (finding,) = judge(seen).findings
    assert finding.subject == recording_subject(RecordingKey(BUCKET, COMPOSITE))

    def kind(limit: int) -> RepairKind[Retitling]:
        return RepairKind(
            Retitling,
            apply=retitle,
            describe=describe_retitling,
            plan={finding.verdict: lambda one, comparison: (Retitling(one.id, "new"), "")},
            limit=Limit(limit, 0.0, "things"),
        )

    assert planned_for(seen, (kind(1),)).repairs == (Retitling(finding.id, "new"),)
    held = planned_for(seen, (kind(0),))
    assert (held.repairs, list(held.withheld)) == ((), [finding.id])
