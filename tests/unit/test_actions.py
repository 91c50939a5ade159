"""What to do first: at most five steps, the most helpful first, and none that claims what it does not do."""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconcile.compare.verdicts import Examined, compare
from reconcile.engines.pandas import PANDAS
from reconcile.model.decision import Decision
from reconcile.model.finding import OPEN
from reconcile.model.run import Order
from reconcile.model.snapshot import Snapshot
from reconcile.model.usage import Usage
from reconcile.repair.kinds import KINDS
from reconcile.repair.plan import make_plan
from reconcile.repair.planned import Plan, RepairScope
from reconcile.report.actions import MOST, actions_of
from reconcile.report.build import Results, build_report
from reconcile.report.data import Report
from reconcile.report.history import History
from reconcile.report.parts import Action
from tests.unit.builders import (
    BUCKET,
    COMPOSITE,
    HOUR,
    NOW,
    composition,
    events,
    group_item,
    program_item,
    rules,
    session_item,
    show_item,
    snapshot,
)
from tests.unit.setups import MASTER, rule, told_by
from tests.unit.strategies import Seen, damaged_worlds, few, seen
from tests.unit.test_history import facts_of

DAY = timedelta(days=1)


@dataclass(frozen=True)
class Told:
    """A report with the plan that its run made."""

    report: Report
    plan: Plan
    examined: Examined

    @property
    def actions(self) -> tuple[Action, ...]:
        return actions_of(self.report, self.plan, self.examined)


def told(
    snapshot: Snapshot,
    mode: Any = "check",
    judged_by: Any = None,
    scope: RepairScope | None = None,
    ignored: Collection[str] = (),
) -> Told:
    """Return the report of a run over a snapshot; a repair's writes are left out."""
    judged_by = judged_by or rules()
    order = Order(mode, lookback=None)
    examined = Examined(judged_by, snapshot, compare(snapshot, judged_by, PANDAS))
    plan = make_plan(examined, replace(scope or RepairScope(None), left_alone=frozenset(ignored)), KINDS)
    decisions = {name: Decision("ignore", name, "ann", "known", None, NOW) for name in ignored}
    results = Results(
        run=facts_of(order, NOW, "run1", judged_by),
        order=order,
        examined=examined,
        plan=plan,
        repairs=(),
        history=History(),
        usage=Usage(),
        decisions=decisions,
    )
    return Told(build_report(results), plan, examined)


SHOWN = [show_item(), group_item(), session_item(ivs={"compositionArn": composition("comp1")})]
LOST = snapshot({COMPOSITE: events()}, SHOWN, manifests={(BUCKET, COMPOSITE): ""})


def by_title(actions: Collection[Action]) -> Mapping[str, Action]:
    return {one.title: one for one in actions}


def test_a_check_says_to_repair_and_what_then_needs_approval() -> None:
    (action,) = told(LOST).actions
    (finding,) = told(LOST).report.findings
    assert action.title == "Run a repair, then approve 1 new program"
    assert action.effect == "1 needs approval"
    assert "Recorded before the first repair run" in action.step
    assert (action.commands, action.findings) == (("reconcile repair",), (finding.id,))


def test_a_check_says_what_a_repair_makes_at_once() -> None:
    (action,) = told(LOST, scope=RepairScope(NOW - 400 * DAY)).actions
    assert action.title == "Run a repair: 1 new program"
    assert action.effect == "makes 1 recording watchable"
    assert action.commands == ("reconcile repair",)


def test_a_repair_says_what_to_approve() -> None:
    (action,) = told(LOST, "repair").actions
    assert action.title == "Approve 1 new program"
    assert action.effect == "makes 1 recording watchable"
    assert action.commands == ("reconcile repair --approve run1",)
    assert "Recorded before the first repair run" in action.step


def test_a_cause_stands_beside_the_approval_that_does_not_remove_it() -> None:
    configured = replace(LOST, configuration=told_by(rules=[rule(MASTER)]))
    situation = told(configured, "repair")
    approve, cause = situation.actions
    assert approve.title == "Approve 1 new program"
    assert (cause.title, cause.effect) == ("Add the missing S3 event trigger", "root cause of 1")
    assert set(approve.findings) < set(cause.findings)
    assert cause.commands[0].startswith("aws s3api put-bucket-notification-configuration")
    assert "for every multivariant.m3u8" in cause.step


def test_a_cause_that_explains_nothing_claims_nothing_and_goes_before_what_is_only_shown_wrong() -> None:
    """The next recording is lost by it; what it lost before, no step brings back."""
    counts = [group_item(f"owner{one}", programsCount=7) for one in range(3)]
    configured = replace(snapshot({}, counts), configuration=told_by(rules=[rule(MASTER)]))
    cause, recount = told(configured, "repair").actions
    assert (cause.title, cause.effect) == ("Add the missing S3 event trigger", "clears 1")
    assert cause.step.startswith(
        "No S3 notification invokes make-programs for every multivariant.m3u8 (s3://"
    )
    assert recount.effect == "clears 3"


def test_shows_without_a_group_are_one_step_however_many_recordings_wait() -> None:
    keys = [f"one/comp{number}/dest1/composite" for number in range(3)]
    items = [
        show_item(groupId=None),
        *(session_item(f"s{n}", ivs={"compositionArn": composition(f"comp{n}")}) for n in range(3)),
    ]
    found = {key: events(NOW - DAY - n * 3 * HOUR) for n, key in enumerate(keys)}
    (action,) = told(snapshot(found, items, manifests={(BUCKET, key): "" for key in keys})).actions
    assert (action.title, action.effect) == ("Create groups for 1 show", "clears 3")
    assert action.commands == ("reconcile repair --repair group-missing", "reconcile repair")
    assert len(action.findings) == 3


@pytest.mark.parametrize(("number", "effect"), [(25, "clears 25"), (26, "26 need approval")])
def test_counts_that_exceed_the_limit_are_not_said_to_be_cleared(number: int, effect: str) -> None:
    items = [group_item(f"owner{one}", programsCount=7) for one in range(number)]
    (action,) = told(snapshot({}, items)).actions
    assert (action.title, action.effect) == (f"Correct {number} program counts", effect)
    assert action.commands == ("reconcile repair --repair count-drift",)


def test_a_count_that_is_no_number_is_nothing_that_a_command_corrects() -> None:
    assert told(snapshot({}, [group_item(programsCount="many")])).actions == ()


def test_decisions_of_one_kind_are_one_step_that_explains_the_first() -> None:
    twice = [*SHOWN, program_item("p1"), program_item("p2")]
    situation = told(snapshot({COMPOSITE: events()}, twice))
    duplicated = [one for one in situation.report.findings if one.kind == "program-duplicated"]
    action = by_title(situation.actions)["Decide on 1 duplicate program"]
    assert action.commands == (f"reconcile explain {duplicated[0].id}",)
    assert action.findings == (duplicated[0].id,)


def test_what_is_ignored_gives_no_step() -> None:
    (finding,) = told(LOST).report.findings
    assert told(LOST, ignored=[finding.id]).actions == ()
    assert told(LOST, "repair", ignored=[finding.id]).actions == ()


def test_the_demo_world_is_told_in_the_order_of_what_helps_most() -> None:
    world = seen(1)
    situation = told(world.snapshot, "repair", world.rules, RepairScope(None))
    titles = [one.title for one in situation.actions]
    assert len(titles) == MOST
    assert titles[0].startswith("Approve ")
    first = situation.actions[0]
    created = sum(one.kind == "program-missing" for one in situation.report.findings)
    assert first.effect == f"makes {created} recordings watchable"


scopes = st.builds(
    lambda first, opt_in: RepairScope(first, opt_in=opt_in),
    st.sampled_from((None, NOW - 400 * DAY)),
    st.sampled_from(((), ("count-drift",), ("group-missing", "count-drift"))),
)


@few
@given(one=damaged_worlds(), mode=st.sampled_from(("check", "repair")), scope=scopes, ignoring=st.booleans())
def test_no_step_names_what_it_does_not_help(
    one: Seen, mode: Any, scope: RepairScope, ignoring: bool
) -> None:
    """Each finding of a step is there, and open or awaiting approval; no two steps do the same."""
    situation = told(one.snapshot, mode, one.rules, scope)
    if ignoring:
        names = [finding.id for finding in situation.report.findings][::3]
        situation = told(one.snapshot, mode, one.rules, scope, names)
    findings = {finding.id: finding for finding in situation.report.findings}
    explained = {
        frozenset(name for name in (cause.finding, *cause.explains) if name)
        for cause in situation.report.causes
    }
    actions = situation.actions
    assert len(actions) <= MOST
    for action in actions:
        assert action.title
        assert action.effect
        assert action.step
        assert action.findings
        assert len(set(action.findings)) == len(action.findings)
        assert {findings[name].status for name in action.findings} <= set(OPEN)
    beside = Counter(
        name
        for action in actions
        if not any(set(action.findings) <= names for names in explained)
        for name in action.findings
    )
    assert [name for name, number in beside.items() if number > 1] == []
    assert len({action.title for action in actions}) == len(actions)
