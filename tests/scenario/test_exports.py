"""A night on an export of the table: the same verdicts, and nothing false about what it cannot show yet."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import pairwise

import pytest

from reconcile.collect.ahead import ReadAhead
from reconcile.collect.snapshot import collect
from reconcile.model.catalog import RowKey
from reconcile.model.errors import Exit, SourceError
from reconcile.model.finding import recording_subject
from reconcile.model.recording import RecordingKey
from reconcile.model.search_record import Image
from reconcile.model.snapshot import Rules, Snapshot
from reconcile.runs.finish import Outcome
from reconcile.sandbox.world import World, build
from reconcile.stores.exports import ExportedRows, ExportedTable
from tests.doubles.exports import REGION, ExportBucket, Items, changes
from tests.scenario.cycle import STEP, Cycle
from tests.scenario.meddling import approve
from tests.scenario.small import BUCKET, PREFIX, TABLE, Small, agreeing, lacking_a_program

HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
RECORDING = RecordingKey(BUCKET, PREFIX)
PROGRAM = ("u#ann#programs", "p#program-of-show1")
NIGHT = datetime.fromisoformat("2026-11-22T02:00:00+00:00")
OTHER = "aaaaaaaaaaaa/bbbbbbbbbbbb/dddddddddddd/composite"


def export(cycle: Cycle, at: datetime, *earlier: tuple[Items, datetime]) -> ExportBucket:
    """Let a cycle read its table by an export as of a moment, in a chain that begins with earlier states.

    Returns the bucket that holds them.
    """
    exports, table = ExportBucket(cycle.table.name), dict(cycle.table.items)
    states = [*earlier, (table, at)]
    addresses = [exports.full(states[0][0].values(), states[0][1])]
    for (before, since), (after, until) in pairwise(states):
        addresses.append(exports.incremental(changes(before, after, since), since, until))
    exported = ExportedTable(cycle.table.name, REGION, tuple(addresses))
    cycle.rows = ExportedRows(exported, exports, cycle.table, lambda: cycle.now)
    return exports


def collected(cycle: Cycle) -> Snapshot:
    """Return what a cycle reads of the stores before anything is compared."""
    stores = cycle.ports().stores
    return collect(stores, {}, {}, lambda *_: None, ReadAhead(Rules(cycle.now, cycle.media), stores))


def beside_others(small: Small) -> World:
    """Return a small world with a program of somebody else, by which index and table know each other."""
    small.populate(1)
    return small.world()


def kinds(outcome: Outcome) -> list[str]:
    return [finding.kind for finding in outcome.report.findings]


def verdict(cycle: Cycle) -> str:
    return cycle.judge().verdicts()[recording_subject(RECORDING)]


@pytest.mark.parametrize("seed", [101, 102])
def test_an_export_of_this_moment_gives_the_verdicts_of_a_scan(seed: int) -> None:
    """Every subject is judged as by the table itself, whether it is exported whole or in a chain."""
    world = build(seed, now=NIGHT)
    scanned = Cycle.of(world).judge().verdicts()
    whole, chained = Cycle.of(world), Cycle.of(world)
    export(whole, whole.now)
    half = dict(list(chained.table.items.items())[::2])
    export(chained, chained.now, (half, chained.now - HOUR))
    assert whole.judge().verdicts() == scanned
    assert chained.judge().verdicts() == scanned


def test_what_is_missing_in_an_export_is_found_confirmed_and_created() -> None:
    cycle = Cycle.of(beside_others(lacking_a_program()))
    export(cycle, cycle.now - HOUR)
    cycle.repair()
    outcome = approve(cycle)
    assert [(finding.kind, finding.status) for finding in outcome.report.findings] == [
        ("program-missing", "repaired")
    ]
    assert sum(pk == "u#ann#programs" for pk, _ in cycle.table.items) == 1
    assert outcome.report.sources[1].as_of == cycle.now - HOUR - 2 * STEP


def test_what_this_job_created_since_the_export_is_neither_missing_nor_deleted() -> None:
    """The ledger names the program, the export does not: it is looked for in the table itself."""
    cycle = Cycle.of(beside_others(lacking_a_program()))
    export(cycle, cycle.now - HOUR)
    cycle.repair()
    approve(cycle)
    made, ledger = cycle.contents(), dict(cycle.state.entries)
    outcome = cycle.repair()
    assert (kinds(outcome), outcome.report.counts["recording"]["agrees"]) == ([], 1)
    assert (cycle.contents(), cycle.state.entries) == (made, ledger)


def test_a_program_that_was_made_and_indexed_since_the_export_is_not_taken_for_a_deleted_one() -> None:
    """Its search record is no trace of a program that is gone, and no record that was left over."""
    small = agreeing()
    cycle = Cycle.of(small.world())
    row = cycle.table.items.pop(PROGRAM)
    export(cycle, cycle.now - HOUR)
    cycle.table.items[PROGRAM] = row
    outcome = cycle.check()
    counts = outcome.report.counts
    assert kinds(outcome) == []
    assert (counts["recording"]["agrees"], counts["recording"]["retired"]) == (1, 0)
    assert (counts["record"]["agrees"], counts["record"]["population"]) == (1, 1)
    assert cycle.state.entries[RECORDING].how == "seen"


def test_a_copy_in_a_network_that_was_made_since_the_export_has_its_record() -> None:
    small = agreeing()
    small.put({**{name: value["S"] for name, value in small.items[PROGRAM].items()},
               "pk": "n#net1#programs", "ownerId": "ann"})  # fmt: skip
    copy = ("n#net1#programs", PROGRAM[1])
    small.index(copy)
    cycle = Cycle.of(small.world())
    row = cycle.table.items.pop(copy)
    export(cycle, cycle.now - HOUR)
    cycle.table.items[copy] = row
    assert kinds(cycle.check()) == []


def test_a_program_that_was_made_since_the_export_is_not_made_twice() -> None:
    """Neither the ledger nor the index knows it: the partition is read before anything is created."""
    cycle = Cycle.of(beside_others(agreeing()))
    row = cycle.table.items.pop(PROGRAM)
    record = cycle.index.hits.pop("program-of-show1")
    export(cycle, cycle.now - HOUR)
    cycle.table.items[PROGRAM] = row
    outcome = cycle.repair()
    assert kinds(outcome) == ["record-missing"]
    assert sum(pk == "u#ann#programs" for pk, _ in cycle.table.items) == 1
    assert cycle.index.hits["program-of-show1"] == record


def test_a_recording_that_ended_after_the_export_waits_for_the_next_one() -> None:
    """Its session is not in the export yet: it is not called unattributed, and it is not forgotten."""
    small = agreeing()
    small.show("show2", "bob", stage="arn:aws:ivs:us-east-1:000000000000:stage/stage2")
    cycle = Cycle.of(small.world())
    session = cycle.table.items.pop(("session#of-show2", "info"))
    export(cycle, cycle.now - HOUR)
    cycle.table.items["session#of-show2", "info"] = session
    late = Small(small.now)
    late.record_broadcast(OTHER, "arn:aws:ivs:us-east-1:000000000000:stage/stage2", ended=HOUR / 2)
    for key, stored in late.objects.items():
        cycle.buckets.objects[BUCKET, key] = (stored.body, stored.modified)
    outcome = cycle.check(lookback=timedelta(days=3))
    assert (kinds(outcome), outcome.report.counts["recording"]["settling"]) == ([], 1)
    cycle.now += timedelta(days=7)
    export(cycle, cycle.now - HOUR)
    assert kinds(cycle.check(lookback=timedelta(days=3))) == ["program-missing"]


def test_what_was_put_right_since_the_export_is_no_finding() -> None:
    small = agreeing()
    small.items[PROGRAM]["program_url"] = {"S": ""}
    cycle = Cycle.of(small.world())
    export(cycle, cycle.now - HOUR)
    cycle.table.items[PROGRAM] = agreeing().items[PROGRAM]
    assert kinds(cycle.check()) == []


def test_the_record_of_a_program_that_was_deleted_since_the_export_is_not_written_again() -> None:
    cycle = Cycle.of(agreeing().world())
    export(cycle, cycle.now - HOUR)
    cycle.delete_program(PROGRAM)
    cycle.repair()
    assert cycle.index.hits == {}
    assert PROGRAM not in cycle.table.items


def test_an_export_that_is_too_old_decides_nothing_and_ties_the_state_table_to_nothing() -> None:
    cycle = Cycle.of(lacking_a_program().world())
    export(cycle, cycle.now - 27 * HOUR)
    outcome = cycle.repair()
    assert (outcome.exit_code, kinds(outcome)) == (Exit.INCOMPLETE, [])
    receipt = next(one for one in outcome.report.sources if one.source == f"dynamodb:{TABLE}")
    assert receipt.doubt.startswith("its export shows it as of ")
    assert cycle.state.settled is None or cycle.state.settled.table == ""
    assert not [pk for pk, _ in cycle.table.items if pk == "u#ann#programs"]


def test_rows_newer_than_the_export_that_cannot_be_read_leave_the_table_read_partly(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    cycle = Cycle.of(agreeing().world())
    del cycle.table.items[PROGRAM]
    export(cycle, cycle.now - HOUR)

    def failing(keys: object) -> dict[object, object]:
        raise SourceError("no")

    monkeypatch.setattr(cycle.table, "rows", failing)
    outcome = cycle.check()
    receipt = next(one for one in outcome.report.sources if one.source == f"dynamodb:{TABLE}")
    assert (receipt.whole, receipt.why) == (False, "rows that are newer than its export: no")
    assert (outcome.exit_code, kinds(outcome)) == (Exit.INCOMPLETE, [])


@pytest.mark.parametrize("name", ["p" * 1023, "\ud83c"], ids=["too long", "half a character"])
def test_a_record_that_no_row_can_have_made_hides_no_row_that_is_newer(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """The table refuses a whole batch for one key that no row can have."""
    cycle = Cycle.of(agreeing().world())
    cycle.index.hits[name] = {"objectID": name, "programId": name, "userId": "ann"}
    row = cycle.table.items.pop(PROGRAM)
    export(cycle, cycle.now - HOUR)
    cycle.table.items[PROGRAM] = row
    strict = cycle.table.rows

    def rows(keys: Sequence[RowKey]) -> dict[RowKey, Image]:
        if any(name in key.sk for key in keys):
            raise SourceError("ValidationException")
        return strict(keys)

    monkeypatch.setattr(cycle.table, "rows", rows)
    snapshot = collected(cycle)
    assert [(receipt.source, receipt.why) for receipt in snapshot.receipts if not receipt.whole] == []
    assert snapshot.catalog.programs.keys() == {RowKey(*PROGRAM)}


@pytest.mark.parametrize("age", [HOUR, 27 * HOUR], ids=["read partly", "too old"])
def test_an_export_that_decides_nothing_makes_no_reads_of_the_live_table(
    monkeypatch: pytest.MonkeyPatch, age: timedelta
) -> None:
    """Most programs may be missing in it: they would be read one by one, without a pace."""
    cycle = Cycle.of(beside_others(agreeing()))
    if age > 26 * HOUR:
        cycle.table.items.pop(PROGRAM)
    exports = export(cycle, cycle.now - age)
    if age == HOUR:
        for key in [key for key in exports.objects if "/data/" in key]:
            del exports.objects[key]
    asked: list[RowKey] = []

    def rows(keys: Sequence[RowKey]) -> dict[RowKey, Image]:
        asked.extend(keys)
        return {}

    monkeypatch.setattr(cycle.table, "rows", rows)
    collected(cycle)
    assert asked == []


def test_an_export_that_shrank_is_not_believed_for_saying_so_twice() -> None:
    """Another export that agrees is believed, the same one is no second opinion."""
    small = agreeing()
    small.populate(20)
    cycle = Cycle.of(small.world())
    export(cycle, cycle.now - HOUR)
    assert cycle.check().report.sources[1].trusted
    for number in range(20):
        cycle.delete_program((f"u#other{number}#programs", f"p#upload-{number}"))
    export(cycle, cycle.now - HOUR / 2)
    for _ in range(2):
        assert "when it was last accepted" in cycle.check().report.sources[1].doubt
    export(cycle, cycle.now - MINUTE)
    assert cycle.check().report.sources[1].trusted
