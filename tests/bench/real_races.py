"""Repairs at once by the real clients on a store with real transactions, while the live platform writes."""

import argparse
import signal
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from threading import Event, Thread
from typing import Any
from unittest.mock import patch

from reconcile.model.errors import LeaseLost
from reconcile.model.journal import PROGRAM_CREATED, JournalEntry, RecordWritten, RowWritten
from reconcile.model.run import Order
from reconcile.model.search_record import canonical
from reconcile.runs.finish import Outcome
from reconcile.runs.run_id import new_run_id
from reconcile.sandbox.embedded import LOOPBACK
from reconcile.sandbox.world import World
from reconcile.settings.load import load_settings
from reconcile.stores.journal_items import journal_of
from reconcile.stores.lease import AlreadyRunning
from reconcile.wiring import Wiring
from reconcile.wiring_writes import carry_out
from tests.bench.live_platform import (
    ASLEEP,
    NOBODY,
    STOPPED,
    AnswersLost,
    Between,
    LivePlatform,
    Tally,
)
from tests.bench.ministack import PINNED, Clock, Place, filled, ministack, upload
from tests.bench.sheet import Sheet
from tests.scenario.interleaving import RECORDINGS, approved
from tests.scenario.platform import Key, Row, text

LAWS = (
    "at most one program of ours for each recording",
    "each group tells as many programs as lie in it",
    "each program that a journal says was made was made, once, and each that was made is in one",
    "no owner's edit is overwritten",
    "what an owner deleted stays deleted",
    "search records agree with their rows",
    "a second repair writes nothing",
    "the lease is free in the end",
    "a run whose lease is gone or another's writes no row",
    "a repair ends, or is told that another one runs or that its lease is lost",
)
KINDS = (NOBODY, STOPPED, NOBODY, NOBODY, ASLEEP, NOBODY)
TRIES, AGAIN, TOLD = 20, 0.25, 12


def run(
    clock: Clock, watch: Callable[[Any], None] = lambda client: None, approve: str | None = None
) -> Outcome:
    """Repair everything by the real adapters, with a client that is watched; raises as a repair does."""
    wiring = Wiring(load_settings(None), clock=clock)
    watch(wiring.dynamodb)
    name = new_run_id(clock())
    try:
        return carry_out(Order("repair", None, approve=approve), wiring, name)
    finally:
        wiring.dynamodb.close()
        wiring.s3.close()


@contextmanager
def place_of(world: World, url: str, number: int) -> Iterator[Place]:
    """Fill tables and an index of a round's own, and point the job at them."""
    world = replace(world, table=f"{world.table}-{number}")
    with (
        filled(world, url, f"state-{number}") as place,
        TemporaryDirectory() as reports,
        patch.dict("os.environ", place.environ(Path(reports))),
    ):
        yield place


def race(place: Place, tally: Tally, runs: int, kind: str) -> None:
    """Repair at once while the platform goes on, come to rest, and hold every law."""
    random, clock = Random(tally.round), Clock()
    platform = LivePlatform(place, random, dict(RECORDINGS), clock)
    between = Between(place, platform, clock, random, tally, kind, random.choice((1, 2)))
    withheld, over = run(clock).report.run.id, Event()

    def live() -> None:
        pause = random.choice((0.2, 1.0, 4.0))
        while not over.wait(pause * 2 * random.random()):
            platform.step()

    def told(work: Callable[[], None]) -> None:
        try:
            work()
        except Exception as error:
            tally.breaks(10, repr(error))

    works = [live, *[lambda: _try(clock, between, withheld, tally)] * runs]
    actor, *threads = (Thread(target=told, args=(work,)) for work in works)
    for thread in (actor, *threads):
        thread.start()
    for thread in threads:
        thread.join()
    over.set()
    actor.join()
    tally.tried.update({f"others' steps: {name}": n for name, n in platform.steps.items()})
    platform.settle()
    judge(place, platform, clock, tally)


def _try(clock: Clock, between: Between, withheld: str, tally: Tally) -> None:
    """Repair; who is told that another one runs tries again, some times."""
    for _ in range(TRIES):
        try:
            outcome = run(clock, between.watch, withheld)
            tally.count(f"runs that ended with {int(outcome.exit_code)}")
        except AlreadyRunning:
            tally.count("runs refused: another one runs")
            time.sleep(AGAIN)
            continue
        except LeaseLost:
            tally.count("runs refused: the lease is lost")
        return


def judge(place: Place, platform: LivePlatform, clock: Clock, tally: Tally) -> None:
    """Repair in quiet to the end, and hold every law."""
    clock.jump(timedelta(hours=1))
    held = []
    for _ in range(2):
        outcome = run(clock)
        if outcome.report.approvals:
            run(clock, approve=outcome.report.run.id)
        held.append((place.rows(), place.records()))
    rows, records = held[0]
    if held[1] != held[0]:
        tally.breaks(7, "rows or records have changed")
    hold_rows(rows, tally)
    hold_journals(place, rows, platform.deleted, tally)
    for key, title in platform.edited.items():
        if text(rows.get(key, {}), "title") != title:
            tally.breaks(4, f"{key} lost the title {title}")
    for key in sorted(platform.deleted & rows.keys()):
        tally.breaks(5, f"{key} is back")
    wanted = {text(row, "programId"): canonical(row) for key, row in rows.items() if key[1].startswith("p#")}
    for name in sorted(wanted.keys() | records.keys()):
        if wanted.get(name) != records.get(name):
            tally.breaks(6, f"{name}: {records.get(name)} instead of {wanted.get(name)}")
    lease = place.rows(place.state).get(("lease", "lease"))
    if lease and float(lease["until"]["N"]) > clock().timestamp():
        tally.breaks(8, str(lease))


def hold_rows(rows: dict[Key, Row], tally: Tally) -> None:
    """Hold that no recording has two programs of ours, and that groups' counts are right."""
    ours = Counter(text(row, "s3Key").split("/media/")[0] for row in rows.values() if "reconcileRunId" in row)
    for prefix, number in ours.items():
        if number > 1:
            tally.breaks(1, f"{prefix} has {number}")
    lying = Counter(text(row, "GSI1PK") for key, row in rows.items() if key[1].startswith("p#"))
    for (pk, sk), row in rows.items():
        if sk.startswith("g#"):
            told, listed = row["programsCount"]["N"], lying[f"{pk.removesuffix('#groups')}#{sk}"]
            if told != str(listed):
                tally.breaks(2, f"{pk} {sk} tells {told}, not {listed}")


def journals(place: Place) -> list[JournalEntry]:
    """Return all that the runs wrote down as done."""
    state = place.rows(place.state)
    entries = [journal_of(item) for (pk, _), item in state.items() if pk.startswith("journal#")]
    return [entry for entry in entries if entry.done]


def _stands(written: RecordWritten, rows: dict[Key, Row]) -> bool:
    return written.row is not None and (written.row.pk, written.row.sk) in rows


def hold_journals(place: Place, rows: dict[Key, Row], deleted: set[Key], tally: Tally) -> None:
    """Hold that what is written down as done was done, and the other way round for programs."""
    made, records = defaultdict[Key, list[str]](list), place.records()
    for entry in journals(place):
        written = entry.written
        if isinstance(written, RowWritten) and entry.what == PROGRAM_CREATED:
            made[written.key.pk, written.key.sk].append(entry.run)
        elif (
            isinstance(written, RecordWritten) and _stands(written, rows) and written.object_id not in records
        ):
            tally.breaks(3, f"{written.object_id} is not in the index")
    ours = {key: [text(row, "reconcileRunId")] for key, row in rows.items() if "reconcileRunId" in row}
    for key in sorted(ours.keys() | made.keys()):
        if len(made[key]) != 1 or (key not in deleted and made[key] != ours.get(key)):
            tally.breaks(3, f"{key} was made by {made[key]}, and stands by {ours.get(key)}")
    tally.count("programs made", len(made))


def lost_answers(world: World, url: str, sheet: Sheet) -> None:
    """Lose each transaction's answer: with its token it is one write; with another, it is refused."""
    for number, renewing in enumerate((False, True)):
        with place_of(world, url, -1 - number) as place:
            clock, lost, tally = Clock(), AnswersLost(renewing), Tally()
            repairs = run(clock, lost.watch, run(clock).report.run.id).report.repairs
            hold_rows(place.rows(), tally)
            hold_journals(place, place.rows(), set(), tally)
        ends = Counter(one.outcome for one in repairs)
        sheet.tell(f"{len(lost.sent)} transactions sent {lost.sent.total()} times; told: {dict(ends)}")
        for _, why in tally.broken:
            sheet.tell(why)
        twice = set(lost.sent.values()) == {2}
        once = not tally.broken and tally.tried["programs made"] == 2
        if renewing:
            sheet.law("answers lost, with another token on each try: refused (control)", int("made" in ends))
        else:
            law = "answers lost: each one write, one journal entry, counted once, told as made"
            sheet.law(law, int(not (twice and once and set(ends) == {"made"})))


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the figures; 1 when a law is broken."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=30, help="how many (default 30)")
    parser.add_argument("--first", type=int, default=0, help="the first round, which is the seed")
    command = f"what starts it; without, {PINNED} is installed in a temporary folder"
    parser.add_argument("--ministack", default="", metavar="COMMAND", help=command)
    asked = parser.parse_args(arguments)
    # Whoever ends the bench ends ministack too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    sheet, tally = Sheet("Real clients: two to eight repairs at once on real transactions"), Tally()
    world, started, loopback = (
        approved()[0].world,
        time.time(),
        dict.fromkeys(("NO_PROXY", "no_proxy"), LOOPBACK),
    )
    with patch.dict("os.environ", loopback), ministack(asked.ministack) as url:
        upload(world, url)
        lost_answers(world, url, sheet)
        for number in range(asked.first, asked.first + asked.rounds):
            tally.round, runs = number, 2 + number % 7
            tally.tried.update({"rounds": 1, "runs at once": runs})
            with place_of(world, url, number) as place:
                race(place, tally, runs, KINDS[number % len(KINDS)])
    tell(sheet, tally)
    sheet.tell(f"{time.time() - started:,.0f} s, from round {asked.first} on")
    return sheet.exit_code


def tell(sheet: Sheet, tally: Tally) -> None:
    """Print what was tried and what held."""
    sheet.table(("what", "number"), sorted(tally.tried.items()))
    for _, why in tally.broken[:TOLD]:
        sheet.tell(why[:400])
    faults = Counter(law for law, _ in tally.broken)
    for number, law in enumerate(LAWS, 1):
        sheet.law(law, faults[number])


if __name__ == "__main__":
    sys.exit(main())
