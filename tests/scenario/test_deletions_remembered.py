"""A deletion that one trace alone remembers is remembered when the trace, and the recording, are gone."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from reconcile.model.clock import write_time
from reconcile.model.decision import Decision, decision_id
from reconcile.model.finding import recording_subject
from reconcile.model.recording import RecordingKey
from reconcile.model.run import Receipt
from reconcile.model.snapshot import LedgerEntry
from reconcile.sandbox.world import build
from reconcile.stores.ports import ignore
from tests.scenario.cycle import Cycle
from tests.scenario.small import BUCKET, DOMAIN, PREFIX, Small

TWIN = "dddddddddddd/eeeeeeeeeeee/ffffffffffff/composite"
KEY = RecordingKey(BUCKET, PREFIX)
MANIFEST = f"{PREFIX}/media/hls/multivariant.m3u8"
URL = f"https://{DOMAIN}/{MANIFEST}"


def repairing() -> Cycle:
    """Return a world in which repairs have been made for hours, and whose show has no recording yet."""
    small = Small()
    small.show()
    small.populate(30)
    cycle = Cycle.of(small.world())
    cycle.repair()
    cycle.now += timedelta(hours=6)
    return cycle


def broadcast(cycle: Cycle, *prefixes: str) -> None:
    """Let IVS record an hour, under one or more prefixes."""
    later = Small(now=cycle.now)
    for prefix in prefixes:
        later.record_broadcast(prefix)
    for stored in later.objects.values():
        cycle.buckets.objects[BUCKET, stored.key] = (stored.body, stored.modified)


def copy_in(pk: str, sk: str) -> Callable[[Cycle], Callable[[], object]]:
    """Leave a copy of the deleted program, as networks, playlists and tracklists do."""

    def leave(cycle: Cycle) -> Callable[[], object]:
        texts = {"pk": pk, "sk": sk, "programId": "gone", "ownerId": "ann", "program_url": URL}
        cycle.table.items[pk, sk] = {name: {"S": text} for name, text in texts.items()}
        cycle.index.hits["n_gone"] = {"objectID": "n_gone"}
        return lambda: cycle.table.items.pop((pk, sk))

    return leave


def record(cycle: Cycle) -> Callable[[], object]:
    """Leave the search record."""
    hit = {"objectID": "gone", "programId": "gone", "userId": "ann", "program_url": URL}
    cycle.index.hits["gone"] = hit
    return lambda: cycle.index.hits.pop("gone")


def recording_row(cycle: Cycle) -> Callable[[], object]:
    """Leave the show's recording row, which names the program."""
    start = write_time(cycle.now - timedelta(hours=3))
    texts = {"pk": "show#show1", "sk": f"recording#{start}#r1", "recordingId": "r1", "showId": "show1",
             "startTime": start, "endTime": write_time(cycle.now - timedelta(hours=2)),
             "status": "completed", "programId": "gone", "s3Bucket": BUCKET, "s3Key": MANIFEST}  # fmt: skip
    key = (texts["pk"], texts["sk"])
    cycle.table.items[key] = {name: {"S": text} for name, text in texts.items()}
    return lambda: cycle.table.items.pop(key)


TRACES: dict[str, Callable[[Cycle], Callable[[], object]]] = {
    "network copy": copy_in("n#net#programs", "p#gone"),
    "playlist copy": copy_in("n#net#ch#c#pl#l", "p#gone"),
    "tracklist copy": copy_in("tracklist#t", "program#00000#gone"),
    "search record": record,
    "recording row": recording_row,
}


def programs(cycle: Cycle) -> list[Any]:
    return [key for key in cycle.table.items if key[0] == "u#ann#programs"]


def verdicts(cycle: Cycle) -> dict[str, str]:
    found = cycle.judge().verdicts()
    return {subject["prefix"]: verdict for subject, verdict in found.items() if subject.type == "recording"}


@pytest.mark.parametrize("trace", TRACES)
@pytest.mark.parametrize("first", ["check", "repair"])
def test_a_deletion_that_one_trace_remembers_is_remembered_without_it(trace: str, first: str) -> None:
    """Also when the recording has expired, and only its twin is left."""
    cycle = repairing()
    broadcast(cycle, PREFIX, TWIN)
    remove = TRACES[trace](cycle)
    getattr(cycle, first)()
    entry = cycle.state.ledger()[KEY]
    assert (entry.how, entry.programs, entry.show) == ("told", {"ann": "gone"}, "show1")
    assert entry.start is not None
    assert entry.end == entry.start + timedelta(hours=1)
    assert TWIN not in {prefix for _, prefix in cycle.state.ledger()}
    remove()
    for _ in range(2):
        cycle.repair()
        assert programs(cycle) == []
    assert verdicts(cycle) == {PREFIX: "retired", TWIN: "retired"}
    for name in [name for name in cycle.buckets.objects if name[1].startswith(PREFIX)]:
        del cycle.buckets.objects[name]
    for _ in range(3):
        # It is one of few: the first run doubts the listing that became so much shorter.
        cycle.repair()
        assert programs(cycle) == []
    assert verdicts(cycle) == {TWIN: "retired"}


def test_a_deletion_before_the_window_is_remembered_as_well() -> None:
    """The report advises to delete an orphaned record, however old its recording is."""
    cycle = repairing()
    broadcast(cycle, PREFIX)
    remove = record(cycle)
    cycle.now += timedelta(days=30)
    assert cycle.repair(lookback=timedelta(days=3)).report.counts["record"]["record-orphaned"] == 1
    remove()
    cycle.repair()
    assert programs(cycle) == []
    assert verdicts(cycle) == {PREFIX: "retired"}


def test_an_assignment_ends_that_a_deleted_program_covers_a_twin() -> None:
    cycle = repairing()
    broadcast(cycle, PREFIX, TWIN)
    record(cycle)
    cycle.repair()
    key = RecordingKey(BUCKET, TWIN)
    one = Decision("assign", decision_id("assign", key), "ann", "", None, cycle.now, *key, show="show1")
    cycle.state.decide([one])
    cycle.repair()
    assert len(programs(cycle)) == 1


def test_doubted_evidence_enters_nothing() -> None:
    cycle = repairing()
    broadcast(cycle, PREFIX)
    record(cycle)
    browse = cycle.index.browse

    def cut_off(tell: Any = ignore) -> Any:
        found, receipt = browse(tell)
        return found, replace(receipt, whole=False, why="it broke off")

    cycle.index.browse = cut_off  # type: ignore[method-assign]
    cycle.check()
    scan = cycle.table.scan

    def broken_off(read: Any) -> Any:
        return scan(read)[0], Receipt(f"dynamodb:{cycle.table.name}", whole=False, why="no")

    cycle.table.scan = broken_off  # type: ignore[method-assign]
    cycle.check()
    assert cycle.state.ledger().get(KEY) is None


def test_what_a_restore_was_carried_out_for_stays_marked() -> None:
    """The program that was made again, and deleted again, is not made a third time."""
    cycle = repairing()
    broadcast(cycle, PREFIX)
    record(cycle)
    cycle.repair()
    one = Decision("restore", decision_id("restore", KEY), "ann", "", None, cycle.now, *KEY)
    cycle.state.decide([one])
    cycle.repair()
    (made,) = programs(cycle)
    mark = cycle.state.ledger()[KEY].restored
    assert mark
    cycle.delete_program(made)
    for _ in range(2):
        cycle.repair()
    assert programs(cycle) == []
    assert cycle.state.ledger()[KEY].restored == mark


def test_an_entry_that_another_run_made_meanwhile_stands() -> None:
    cycle = repairing()
    broadcast(cycle, PREFIX)
    record(cycle)
    other = LedgerEntry(KEY, {"ann": "another"}, "made")
    ledger = cycle.state.ledger

    def then_entered() -> Any:
        found = ledger()
        cycle.state.entries[KEY] = other
        return found

    cycle.state.ledger = then_entered  # type: ignore[method-assign]
    cycle.check()
    cycle.state.ledger = ledger  # type: ignore[method-assign]
    assert cycle.state.ledger()[KEY].programs == other.programs


def test_in_a_world_no_deletion_is_forgotten_when_all_that_told_of_it_goes() -> None:
    """An operator deletes every copy, every note and every record that is left of deleted programs."""
    world = build(105, now=datetime(2026, 11, 22, 2, tzinfo=UTC))
    gone = {key for key, truth in world.truth.recordings.items() if truth.verdict == "retired"}
    assert len({world.truth.recordings[key].story for key in gone}) >= 6
    cycle = Cycle.of(world)
    cycle.repair()
    items = cycle.table.items
    told = [
        key for key in items if key[0].startswith(("n#", "tracklist#")) or key[1].startswith("recording#")
    ]
    for key in told:
        del items[key]
    programs = {item["programId"]["S"] for item in items.values() if "S" in item.get("programId", {})}
    for name in [name for name in cycle.index.hits if name not in programs]:
        del cycle.index.hits[name]
    for _ in range(2):
        # So much less is doubted at first.
        withheld = cycle.repair()
    if withheld.report.approvals:
        cycle.repair(approve=withheld.report.run.id)
    verdicts = cycle.judge().verdicts()
    assert {verdicts[recording_subject(RecordingKey(*key))] for key in gone} == {"retired"}
