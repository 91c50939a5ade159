"""Every verdict over many seeds of the world against the truth, then the laws of a whole life in memory."""

import argparse
import sys
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta

from reconcile.model.verdict_table import TYPES, verdicts_of
from reconcile.sandbox.world import World, build
from tests.bench.sheet import Sheet
from tests.scenario.laws import LAWS, Cell, Judging, Life, judging, live

NOW = datetime(2026, 11, 22, 2, tzinfo=UTC)
RECORDINGS = 200
BUCKETS = ("shelcaster-media-manager", "another-bucket")
WINDOWS = {"full": None, "3-day window": timedelta(days=3)}
TOLD = 12


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the figures; 1 when a verdict is off the diagonal or a law is broken."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=50, help="how many worlds")
    parser.add_argument("--first", type=int, default=1, help="the first seed")
    asked = parser.parse_args(arguments)
    sheet = Sheet(
        f"Verdicts and laws over {asked.seeds} worlds of {RECORDINGS} recordings, half of them in 2 buckets"
    )
    judged: dict[str, list[Judging]] = {name: [] for name in WINDOWS}
    lives, started = [], time.perf_counter()
    for seed in range(asked.first, asked.first + asked.seeds):
        world = build(seed, now=NOW, recordings=RECORDINGS, buckets=BUCKETS[: 1 + seed % 2])
        for name, lookback in WINDOWS.items():
            judged[name].append(judging(world, lookback))
        lives.append(live(world))
    for name, results in judged.items():
        tell_judging(sheet, name, results)
    tell_lives(sheet, lives, [life.world for life in lives])
    sheet.tell(f"{time.perf_counter() - started:,.0f} seconds for {asked.seeds} worlds")
    return sheet.exit_code


def tell_judging(sheet: Sheet, name: str, results: Sequence[Judging]) -> None:
    """Print the confusion matrix by type: every cell that holds something."""
    cells: Counter[Cell] = sum((result.cells for result in results), Counter())
    for kind in TYPES:
        rows = [(cell[1], cell[2], n) for cell, n in cells.items() if cell[0] == kind]
        order = {verdict: number for number, verdict in enumerate(verdicts_of(kind))}
        rows.sort(key=lambda row: (order.get(row[0], -1), order.get(row[1], -1)))
        marked = [(expected, got, n, "" if expected == got else "<-- wrong") for expected, got, n in rows]
        sheet.table((f"{kind}, {name}: expected", "got", "subjects", ""), marked)
        unseen = set(order) - {expected for expected, _, _ in rows}
        sheet.tell(f"never expected: {', '.join(sorted(unseen)) or 'nothing'}\n")
    wrong = [text for result in results for text in result.wrong]
    misattributed = [text for result in results for text in result.misattributed]
    show_faults(sheet, (*wrong, *misattributed))
    sheet.law(f"{name}: every verdict as the world knows it ({cells.total():,} subjects)", len(wrong))
    sheet.law(f"{name}: no wrong attribution", len(misattributed))
    by_program = sum(len(result.not_attributed) for result in results)
    sheet.tell(f"         {by_program:,} recordings whose show only their program tells\n")


def tell_lives(sheet: Sheet, lives: Sequence[Life], worlds: Sequence[World]) -> None:
    """Print what was made, what was made though it should not have been, and which laws hold."""
    truths = [truth for world in worlds for truth in world.truth.recordings.values()]
    rows = [
        ("recordings that want a program", sum(truth.wanted for truth in truths)),
        ("programs made", sum(life.created for life in lives)),
        ("false creations", sum(len(life.broken[LAWS[3]]) for life in lives)),
        ("revivals of what is remembered", sum(len(life.broken[LAWS[4]]) for life in lives)),
        ("deletions without a trace (cannot be told, approved)", sum(life.without_trace for life in lives)),
        ("programs to mend", sum(truth.mended for truth in truths)),
    ]
    sheet.table(("check, repair, repair --approve, check, repair", "number"), rows)
    show_faults(sheet, [text for life in lives for told in life.broken.values() for text in told])
    for law in LAWS:
        sheet.law(law, sum(len(life.broken[law]) for life in lives))


def show_faults(sheet: Sheet, faults: Iterable[str]) -> None:
    """Print the first faults."""
    for number, text in enumerate(faults):
        if number < TOLD:
            sheet.tell(text[:400])


if __name__ == "__main__":
    sys.exit(main())
