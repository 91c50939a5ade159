"""Views of reports made by hand, for renderings that lay them out."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from reconcile.report.parts import ReportState
from reconcile.report.view.head import RunBar, Step, Tile, Trend, TrendNight, Verdict
from reconcile.report.view.model import Approval, CoverageView, FindingLine, ReportView, SourceLine
from tests.unit.samples import NOW, RUN

HEADLINES: dict[ReportState, tuple[str, str]] = {
    "ok": ("OK", "All 180 recordings are published and searchable."),
    "known": ("Nothing new", "Nothing new. 84 known problems."),
    "action": ("Action needed", "14 broadcasts are recorded but cannot be watched."),
    "incomplete": ("Incomplete", "Incomplete: Algolia could not be read."),
}


def line(number: int = 1, title: str = "Morning Jazz", **changes: Any) -> FindingLine:
    """Return a new finding on a recording."""
    finding = FindingLine(
        id=f"{number:012x}",
        kind="program-missing",
        label="No program",
        title=title,
        severity="high",
        status="new",
        status_words="new",
        age="new",
        days=0,
        mark="new",
        first_seen=NOW,
        recorded_at=NOW - timedelta(hours=20),
        seconds=3_720.0,
    )
    return replace(finding, **changes)


def step(number: int = 1, title: str = "Approve 14 new programs", **changes: Any) -> Step:
    """Return something to do first."""
    done = Step(
        number=number,
        title=title,
        effect="clears 14",
        words="Review them first.",
        commands=(f"reconcile repair --approve {RUN}",),
        findings=("0123456789ab",),
        tone="approval",
    )
    return replace(done, **changes)


def nights(
    number: int, now: datetime = NOW, new: int = 1, repaired: int = 2, state: ReportState = "known"
) -> tuple[TrendNight, ...]:
    """Return the numbers of so many nights up to now, oldest first."""
    return tuple(
        TrendNight(f"run-{day}", now - timedelta(days=day), state, 5, new, repaired, 0)
        for day in reversed(range(number))
    )


def tiles(new: int = 0, open: int = 0, approval: int = 0, repaired: int = 0) -> tuple[Tile, ...]:
    """Return the four numbers; there were five fewer new ones in the last run."""
    return (
        Tile("new", new, "New", "", "high", 5 if new else None),
        Tile("open", open, "Open", "", "medium"),
        Tile("approval", approval, "Awaiting approval", "", "approval"),
        Tile("repaired", repaired, "Repaired", "", "good"),
    )


def approval(number: int, *commands: str) -> Approval:
    """Return what so many repairs await."""
    return Approval("Awaiting approval", "", number, (), commands or ("reconcile repair --approve RUN",), ())


def sources(*unread: str) -> tuple[SourceLine, ...]:
    """Return the sources of a run, of which these were not read completely."""
    return tuple(
        SourceLine(
            name,
            100,
            1.0,
            "unread" if name in unread else "read",
            "high" if name in unread else "good",
            "",
            (),
        )
        for name in ("S3", "DynamoDB", "Algolia")
    )


def view(
    state: ReportState = "action",
    numbers: Iterable[Tile] = (),
    new: Iterable[FindingLine] = (),
    steps: Iterable[Step] = (),
    **changes: Any,
) -> ReportView:
    """Return a view with little in it; `changes` are further fields."""
    words, headline = HEADLINES[state]
    shown = tuple(numbers) or tiles()
    made = ReportView(
        bar=RunBar("staging", RUN, "repair", "last 3 days", NOW, 42.0, 2, "findings remain", "1.0", ""),
        verdict=Verdict(state, words, headline, "8 new, 81 known, 29 repaired, all sources read"),
        tiles=shown,
        trend=Trend(nights(7), "steady"),
        steps=tuple(steps),
        chain=(),
        approval=approval(shown[2].number) if shown[2].number else None,
        shelves=(),
        new=tuple(new),
        repaired=(),
        repaired_words="",
        resolved=(),
        ignored=(),
        decisions=(),
        deleted=(),
        not_rechecked=(),
        coverage=CoverageView(180, 180, (), "180 of 180 checked", sources(), (), (), ()),
        recordings=(),
        deliveries=(),
        usage=(),
    )
    return replace(made, **changes)
