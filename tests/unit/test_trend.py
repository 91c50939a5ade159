"""The trend: which runs it shows, in which order, and what it makes of summaries of any version."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from reconcile.model.clock import write_time
from reconcile.report.data import Report
from reconcile.report.trend import MOST, earlier_runs, trend_of
from tests.unit.samples import NOW, busy_report, clean_report, run_facts

STAGE = "staging"


def summary(day: int, **changes: Any) -> dict[str, Any]:
    """Return the summary of a run so many days ago."""
    at = NOW - timedelta(days=day)
    run = run_facts(id=f"{at:%Y%m%dT%H%M%S}000Z-abcdef", started_at=at)
    return {**busy_report(withheld=2).summary(), "id": run.id, "started_at": write_time(at), **changes}


def without(told: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in told.items() if name not in names}


def test_a_report_shows_the_29_newest_runs_before_it_and_then_itself() -> None:
    report = clean_report()
    trend = trend_of(report, earlier_runs([summary(day) for day in range(1, 60)], STAGE))
    assert len(trend) == MOST == 30
    assert [one.started_at for one in trend] == sorted(one.started_at for one in trend)
    assert (trend[0].started_at, trend[-1].run) == (NOW - timedelta(days=29), report.run.id)
    assert (trend[-1].state, trend[-1].open, trend[-1].started_at) == ("ok", 0, report.run.started_at)
    assert (trend[0].new, trend[0].awaiting_approval, trend[0].repaired) == (
        *(busy_report().numbers.new, 2, busy_report().numbers.repaired),
    )
    assert Report.from_json(replace(report, trend=trend).to_json()).trend == trend


def test_runs_that_looked_for_some_verdicts_alone_are_left_out() -> None:
    narrow = clean_report(run=run_facts(only=("record-stale",)))
    earlier = earlier_runs([summary(2), summary(1, only=["record-stale"])], STAGE)
    assert [one.started_at for one in trend_of(narrow, earlier)] == [NOW - timedelta(days=2)]


def test_runs_of_other_stages_and_runs_without_a_report_are_left_out() -> None:
    crashed = without(summary(3, exit_code=1), "numbers", "statuses", "state")
    begun = without(summary(4), "numbers", "statuses", "state", "exit_code")
    foreign = [summary(1, stage="prod"), {"id": "x"}, {}, summary(2, started_at="yesterday")]
    assert earlier_runs([crashed, begun, *foreign], STAGE) == ()


def test_summaries_of_1_0_are_read_by_their_statuses() -> None:
    statuses = {"new": 2, "open": 3, "failed": 1, "mended": 4, "withheld": 5, "ignored": 6}
    old = without(summary(1, statuses=statuses), "numbers", "state")
    (night,) = earlier_runs([old], STAGE)
    assert (night.new, night.open, night.awaiting_approval, night.repaired) == (2, 6, 5, 4)
    assert night.state == "action"
    (unread,) = earlier_runs([{**old, "exit_code": 3}], STAGE)
    assert unread.state == "incomplete"


def test_a_run_is_shown_once_whatever_tells_of_it() -> None:
    report = clean_report()
    told = summary(0, id=report.run.id)
    assert [one.run for one in trend_of(report, earlier_runs([told, told], STAGE))] == [report.run.id]


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


@settings(max_examples=60, deadline=None)
@given(name=st.sampled_from(sorted(summary(1))), value=anything)
def test_a_torn_summary_stands_in_no_run_s_way(name: str, value: Any) -> None:
    trend = trend_of(clean_report(), earlier_runs([summary(1, **{name: value}), summary(2)], STAGE))
    assert len(trend) in (2, 3)
    assert all(min(one.new, one.open, one.awaiting_approval, one.repaired) >= 0 for one in trend)
