"""The live system's own way over the labelled worlds, beside the job's: what is right, wrong and doubled."""

import argparse
import sys
import time
from collections import Counter
from collections.abc import Iterable, Sequence

from reconcile.model.recording import RecordingKey, parse_key
from reconcile.sandbox.world import RecordingTruth, World
from tests.bench.baseline_processor import PAGE_BYTES, Filed, replay
from tests.bench.sheet import Sheet
from tests.bench.verdicts import world_of
from tests.scenario.cycle import Cycle
from tests.scenario.laws import made_in, text_of, truths_of

RIGHT, MISSED, WRONG, DOUBLED = "right", "missed", "wrong", "doubled"
UNWANTED, REVIVED, AGAIN = "of what wants none", "revived", "made again, deleted without a trace"
ROWS = {
    RIGHT: "made once, under the right show",
    MISSED: "missed: it wants a program and has none",
    WRONG: "wrong: under another show or owner, or under a guess",
    DOUBLED: "doubled: beside a program of the same broadcast",
    UNWANTED: "of what wants none: unplayable, unfinished, no group, not known whose",
    REVIVED: "revived: its owner deleted it, and a store remembers",
    AGAIN: "made again after a deletion that no store remembers",
}
# Of a broadcast that nobody can see, the twin's program is as good as any.
_WANTED = ("program-missing", "twin", "overlapping")
_UNDECIDED = ("settling", "in-progress", "unreadable")


def main(arguments: Sequence[str] | None = None) -> int:
    """Print both ways side by side; 1 when the job's own is wrong anywhere."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=10, help="how many worlds")
    parser.add_argument("--first", type=int, default=1, help="the first seed")
    parser.add_argument("--page", type=int, default=PAGE_BYTES, help="bytes of an index page")
    asked = parser.parse_args(arguments)
    sheet = Sheet(f"The live system's own way, replayed, and the job's, over {asked.seeds} worlds")
    live, ours, wanted, started = Counter[str](), Counter[str](), 0, time.perf_counter()
    for seed in range(asked.first, asked.first + asked.seeds):
        world = world_of(seed)
        wanted += sum(truth.wanted for truth in world.truth.recordings.values())
        live += tally(world, replay(world, asked.page))
        ours += tally(world, reconciled(world))
    heads = (f"of {wanted:,} recordings that want a program", "live system", "reconcile")
    sheet.table(heads, [(name, live[kind], ours[kind]) for kind, name in ROWS.items()])
    for kind in (MISSED, WRONG, DOUBLED, UNWANTED, REVIVED):
        sheet.law(f"reconcile: {ROWS[kind].partition(':')[0]}: none", ours[kind])
    sheet.tell(f"{time.perf_counter() - started:,.0f} seconds")
    return sheet.exit_code


def reconciled(world: World) -> list[Filed]:
    """Let the job repair a world and approve what it withholds; return the programs that it made."""
    cycle = Cycle.of(world)
    withheld = cycle.repair().report
    if withheld.approvals:
        cycle.repair(approve=withheld.run.id)
    return [
        Filed(*(text_of(item, name) for name in ("s3Bucket", "s3Key", "sourceShowId", "ownerId")))
        for item in made_in(cycle).values()
    ]


def tally(world: World, made: Iterable[Filed]) -> Counter[str]:
    """Count what programs made over a world are, and the recordings that still have none.

    Left out: first programs of what is still going on, and of what nobody can read.
    """
    truths, counted, done = truths_of(world), Counter[str](), set[RecordingKey]()
    shown = {key for key, truth in truths.items() if truth.has_program}
    for filed in made:
        place = parse_key(filed.key)
        key = RecordingKey(filed.bucket, place.prefix if place else "")
        truth = truths.get(key)
        if truth is None or (filed.show_id, filed.owner) != (truth.show_id, truth.owner):
            counted[WRONG] += 1
            continue
        same = {key, *(other for other, one in truths.items() if _same_broadcast(truth, one))}
        if truth.verdict == "retired":
            counted[REVIVED] += 1
        elif shown & same:
            counted[DOUBLED] += 1
        elif truth.verdict in _WANTED:
            done |= same
        elif truth.verdict not in _UNDECIDED:
            counted[UNWANTED] += 1
        shown.add(key)
    wanting = {key for key, truth in truths.items() if truth.wanted}
    again = {key for key in wanting & done if truths[key].deleted_without_trace}
    counted += Counter({RIGHT: len(wanting & done - again), AGAIN: len(again)})
    counted[MISSED] = len(wanting - done)
    return counted


def _same_broadcast(truth: RecordingTruth, other: RecordingTruth) -> bool:
    """Whether one of two recordings of a show is a twin of the other, as far as their times tell."""
    if truth.show_id != other.show_id or "twin" not in (truth.verdict, other.verdict):
        return False
    if truth.start is None or truth.end is None or other.start is None or other.end is None:
        return False
    return truth.start < other.end and other.start < truth.end


if __name__ == "__main__":
    sys.exit(main())
