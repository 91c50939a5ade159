"""A store that is down for one run makes nothing new, resolves nothing, and moves no alarm."""

from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from reconcile.metrics import figures
from reconcile.model.decision import Decision
from reconcile.model.errors import Exit
from reconcile.model.run import Receipt
from reconcile.model.sighting import Sighting
from reconcile.report.data import Report
from reconcile.report.not_checked import pending
from reconcile.runs.finish import Outcome
from reconcile.sandbox.world import build
from tests.scenario.cycle import Cycle
from tests.scenario.small import PREFIX, Small, lacking_a_program

NOW = datetime(2026, 5, 20, 3, 0, tzinfo=UTC)
DAY = timedelta(days=1)
WHY = "it did not answer, 5 times"


def down(source: str) -> Receipt:
    return Receipt(source, whole=False, why=WHY)


def break_s3(cycle: Cycle) -> Callable[[], None]:
    whole = cycle.buckets.list_recordings
    receipts = [down(f"s3:{bucket}") for bucket in cycle.world.buckets]
    cycle.buckets.list_recordings = lambda: ([], receipts)  # type: ignore[method-assign]
    return lambda: setattr(cycle.buckets, "list_recordings", whole)


def break_table(cycle: Cycle) -> Callable[[], None]:
    whole = cycle.table.scan
    cycle.table.scan = lambda read: ([], down(f"dynamodb:{cycle.world.table}"))  # type: ignore[method-assign]
    return lambda: setattr(cycle.table, "scan", whole)


def break_index(cycle: Cycle) -> Callable[[], None]:
    whole = cycle.index.browse
    cycle.index.browse = lambda tell=None: ([], down(f"algolia:{cycle.world.index}"))  # type: ignore[method-assign]
    return lambda: setattr(cycle.index, "browse", whole)


def break_media(cycle: Cycle) -> Callable[[], None]:
    whole = cycle.buckets.exist
    failed = Sighting("failed", WHY)
    cycle.buckets.exist = lambda addresses: dict.fromkeys(addresses, failed)  # type: ignore[method-assign]
    return lambda: setattr(cycle.buckets, "exist", whole)


OUTAGES = {"s3": break_s3, "dynamodb": break_table, "algolia": break_index, "media": break_media}


def told(outcome: Outcome) -> Counter[str]:
    return Counter(one.status for one in outcome.report.findings)


def ages(report: Report) -> dict[str, datetime]:
    return {one.id: one.first_seen for one in report.findings}


@pytest.mark.parametrize("lookback", [None, timedelta(days=3)])
@pytest.mark.parametrize("store", OUTAGES)
def test_an_outage_of_one_run_is_no_news_on_either_side(store: str, lookback: timedelta | None) -> None:
    cycle = Cycle.of(build(3, now=NOW, recordings=80))
    first = cycle.check(lookback=lookback)
    assert told(first)["new"] > 20
    mend = OUTAGES[store](cycle)
    during = cycle.check(lookback=lookback)
    assert (during.exit_code, told(during)["new"], during.report.resolved) == (Exit.INCOMPLETE, 0, ())
    assert not [one for one in during.report.findings if one.kind == "unknown"]
    held = {one.id: one.first_seen for one in pending(during.report.not_checked)}
    seen = ages(during.report)
    for name, since in ages(first.report).items():
        assert {**held, **seen}[name] == since
    mend()
    after = cycle.check(lookback=lookback)
    assert (told(after)["new"], after.report.resolved, after.report.not_checked) == (0, (), ())
    assert ages(after.report) == ages(first.report)
    assert figures(after, scheduled=True)["OpenFindings"] == figures(first, scheduled=True)["OpenFindings"]
    assert figures(after, scheduled=True)["OpenAboveWeekLow"] == 0


def test_an_outage_sets_no_baseline_for_the_rising_alarm() -> None:
    cycle = Cycle.of(build(3, now=NOW, recordings=80))
    mend = break_table(cycle)
    during = cycle.check()
    assert figures(during, scheduled=True)["OpenFindings"] == len(during.report.findings)
    mend()
    assert figures(cycle.check(), scheduled=True)["OpenAboveWeekLow"] == 0


def unreadable(small: Small) -> Cycle:
    """Return a world whose one recording's events file cannot be read: its key is gone."""
    from reconcile.model.errors import SourceError

    cycle = Cycle.of(small.world())
    whole = cycle.buckets.read

    def read(bucket: str, key: str, limit: int) -> bytes:
        if key.startswith(f"{PREFIX}/events/"):
            raise SourceError(f"reading s3://{bucket}/{key}: KMS.NotFoundException: the key is gone.")
        return whole(bucket, key, limit)

    cycle.buckets.read = read  # type: ignore[method-assign]
    return cycle


def ignore(cycle: Cycle, name: str) -> None:
    decision = Decision("ignore", name, "root", "its key is gone", cycle.now + 99 * DAY, cycle.now)
    cycle.state.decide([decision])


def test_an_unreadable_object_that_is_ignored_lets_runs_be_whole_again() -> None:
    """It neither exits with 3 nor holds the window."""
    cycle = unreadable(lacking_a_program())
    first = cycle.repair(lookback=timedelta(days=3))
    (left,) = pending(first.report.not_checked)
    assert (first.exit_code, left.subject["prefix"]) == (Exit.INCOMPLETE, PREFIX)
    assert cycle.state.environment().last_whole_repair is None  # type: ignore[union-attr]
    ignore(cycle, left.id)
    second = cycle.repair(lookback=timedelta(days=3))
    assert second.exit_code == Exit.AGREES
    assert [one.ignored for reason in second.report.not_checked for one in reason.subjects] == [True]
    assert cycle.state.environment().last_whole_repair is not None  # type: ignore[union-attr]
    cycle.now += 30 * DAY
    assert cycle.repair(lookback=timedelta(days=3)).exit_code == Exit.AGREES
    last = cycle.repair(lookback=timedelta(days=3)).report
    assert (last.counts["recording"]["outside-window"], last.not_checked) == (1, ())


def test_what_was_not_checked_stays_in_the_window_until_it_was_judged() -> None:
    """For months, and without any repair that was whole."""
    cycle = unreadable(lacking_a_program())
    for _ in range(4):
        report = cycle.check(lookback=timedelta(days=3)).report
        assert report.counts["recording"]["unknown"] == 1
        cycle.now += 40 * DAY
    cycle.buckets.read = type(cycle.buckets).read.__get__(cycle.buckets)  # type: ignore[method-assign]
    found = cycle.check(lookback=timedelta(days=3)).report.findings
    assert [(one.kind, one.subject["prefix"]) for one in found] == [("program-missing", PREFIX)]


def test_what_was_not_checked_stays_in_the_window_where_the_report_between_was_lost() -> None:
    cycle = unreadable(lacking_a_program())
    cycle.check(lookback=timedelta(days=3))
    cycle.reports.files.clear()
    cycle.now += 40 * DAY
    assert cycle.check(lookback=timedelta(days=3)).report.counts["recording"]["unknown"] == 1


def test_a_whole_table_that_was_unread_once_widens_no_window() -> None:
    """What is older than the window was left out before, and is left out again."""
    small = lacking_a_program()
    cycle = Cycle.of(small.world())
    cycle.now += 40 * DAY
    for asked in ({"lookback": timedelta(days=3)}, {"lookback": None}):
        mend = break_table(cycle)
        cycle.check(**asked)
        mend()
        report = cycle.check(lookback=timedelta(days=3)).report
        assert report.counts["recording"]["outside-window"] == 1


def test_known_problems_are_never_called_agreement() -> None:
    cycle = Cycle.of(lacking_a_program().world())
    (finding,) = cycle.check().report.findings
    know = Decision("know", finding.id, "root", "known", cycle.now + 90 * DAY, cycle.now)
    cycle.state.decide([know])
    after: Any = cycle.check()
    assert after.exit_code == Exit.AGREES
    assert after.report.headline == "Nothing new. 1 ignored problem."
    (known,) = after.report.findings
    assert (known.status, known.commands) == ("ignored", ("reconcile repair",))
