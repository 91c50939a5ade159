"""The laws of judging: partition, order independence, and that what was not read is never called missing."""

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from random import Random
from typing import Any
from unittest.mock import patch

from reconcile.compare.verdicts import Comparison, compare
from reconcile.engines.pandas import PANDAS
from reconcile.model.catalog import Copy, Program
from reconcile.model.finding import (
    Subject,
    group_subject,
    program_subject,
    record_subject,
    recording_subject,
    row_subject,
    session_subject,
)
from reconcile.model.snapshot import Rules, Snapshot
from reconcile.model.verdict_table import TYPES, verdicts_of
from reconcile.report.csv import recordings_csv
from reconcile.sandbox.world import build
from tests.scenario.cycle import Cycle
from tests.unit.archives import archive
from tests.unit.builders import (
    BUCKET,
    COMPOSITE,
    composition,
    events,
    group_item,
    judge,
    program_item,
    recording,
    session_item,
    show_item,
)
from tests.unit.builders import snapshot as made_snapshot
from tests.unit.strategies import NOW, Seen, damaged, doubting, seen

OF_THE_STORES = tuple(kind for kind in TYPES if kind != "system")
"""The types that are counted where nobody looked at how the live system is set up."""
SEEDS = (1, 2)
KEY = f"{COMPOSITE}/media/hls/multivariant.m3u8"


def verdicts(comparison: Comparison) -> dict[Subject, str]:
    """Return the verdict of each subject that was judged."""
    return {subject: judged.verdict for subject, judged in comparison.judged.items()}


def population(snapshot: Snapshot) -> set[Subject]:
    """Return every subject that a snapshot has, found without the code that judges them."""
    catalog = snapshot.catalog
    rows: list[Program | Copy] = [*catalog.programs.values(), *catalog.copies.values()]
    called = {row.object_id for row in rows}
    return {
        *(recording_subject(key) for key in snapshot.recordings),
        *(session_subject(name) for name in catalog.sessions),
        *(record_subject(name) for name in {*called, *snapshot.records} if name is not None),
        *(row_subject(key) for key in catalog.rows),
        *(program_subject(key, program.program_id) for key, program in catalog.programs.items()),
        *(group_subject(group.key) for group in catalog.groups.values()),
    }


# ---- Partition


def hold_partition(snapshot: Snapshot, rules: Rules) -> None:
    """Hold that each subject has one verdict, the first that applies, and that the counts add up."""
    comparison = compare(snapshot, rules, None)
    assert set(comparison.judged) == population(snapshot)
    tally = Counter((subject.type, judged.verdict) for subject, judged in comparison.judged.items())
    sizes = Counter(subject.type for subject in comparison.judged)
    _hold_counts(comparison, tally, sizes)
    for subject, judged in comparison.judged.items():
        order = verdicts_of(subject.type)
        also = [order.index(name) for name in judged.also]
        assert sorted(also) == also
        assert all(order.index(judged.verdict) < place for place in also), (subject, judged.also)


def hold_counts_of_narrowed(snapshot: Snapshot, rules: Rules) -> None:
    """Hold that what is counted without being judged closely is counted as if it were."""
    every = compare(snapshot, rules, None)
    with patch("reconcile.compare.verdicts.FEW", 0):
        narrowed = compare(snapshot, rules, PANDAS)
    assert narrowed.counts() == every.counts()
    assert dict(narrowed.judged) == {one: every.judged[one] for one in narrowed.judged}


def _hold_counts(comparison: Comparison, tally: Mapping[Any, int], sizes: Mapping[str, int]) -> None:
    assert comparison.counts().keys() == set(OF_THE_STORES)
    for kind in OF_THE_STORES:
        counts = comparison.counts()[kind]
        assert counts.pop("population") == sum(counts.values()) == sizes[kind]
        assert counts == {name: tally[kind, name] for name in counts}


def each_subject_has_one_verdict() -> None:
    """Every subject of a world has one verdict, and counts add up, however its data was damaged."""
    for seed in SEEDS:
        one = seen(seed)
        for state in (one, damaged(one, seed)):
            hold_partition(state.snapshot, state.rules)


def what_is_not_judged_closely_is_counted() -> None:
    """An archive that is narrowed to suspects has the counts of one that is judged whole."""
    snapshot, rules = archive(6)
    hold_counts_of_narrowed(snapshot, replace(rules, window_start=rules.now - timedelta(days=3)))


# ---- Order


def hold_order(read: Snapshot, rules: Rules, seed: int) -> None:
    """Hold that what was read in another order is judged the same, down to the evidence."""
    random = Random(seed)

    def mixed(held: Mapping[Any, Any]) -> dict[Any, Any]:
        pairs = list(held.items())
        random.shuffle(pairs)
        return dict(pairs)

    shelves: dict[str, Any] = {
        name: mixed(getattr(read.catalog, name))
        for name in ("sessions", "shows", "groups", "programs", "copies", "rows")
    }
    shuffled = replace(
        read,
        recordings=mixed(read.recordings),
        records=mixed(read.records),
        events=mixed(read.events),
        catalog=replace(read.catalog, **shelves),
    )
    first, second = (compare(snapshot, rules, PANDAS) for snapshot in (read, shuffled))
    assert dict(second.judged) == dict(first.judged)
    assert second.findings == first.findings
    assert second.not_checked == first.not_checked


def what_is_read_in_another_order_is_judged_the_same() -> None:
    """Shuffled recordings, rows, events and records give the same verdicts, evidence and lists."""
    for seed in SEEDS:
        one = seen(seed)
        hold_order(one.snapshot, one.rules, seed)
        hold_order(*archive(seed), seed)


def twins_of_the_same_length_are_told_apart() -> None:
    """Of two recordings that differ only in their prefix, the same one is kept whatever comes first."""
    one, other = recording("one/comp1/dest1/composite"), recording("two/comp1/dest1/composite")
    items = (session_item(ivs={"compositionArn": composition("comp1")}), show_item(), group_item())
    kept = set()
    for held in ([one, other], [other, one]):
        told = {each.key: events() for each in held}
        judged = judge(made_snapshot(held, items, told=told))
        found = {one["prefix"]: name for one, name in verdicts(judged).items() if one.type == "recording"}
        assert sorted(found.values()) == ["program-missing", "twin"]
        kept.add(min(found, key=found.__getitem__))
    assert len(kept) == 1


def of_several_programs_the_same_one_is_told() -> None:
    """Of two programs that cannot be read the finding names the same one, however the table was scanned."""
    broken = [program_item(name, program_url={"N": "7"}, s3Bucket=BUCKET, s3Key=KEY) for name in ("p1", "p2")]
    items = (session_item(ivs={"compositionArn": composition("comp1")}), show_item(), group_item())
    told = set()
    for rows in (broken, broken[::-1]):
        judged = judge(made_snapshot({COMPOSITE: events()}, [*items, *rows]))
        (found,) = (one for subject, one in judged.judged.items() if subject.type == "recording")
        assert found.verdict == "unreadable"
        told.add(found.evidence["why"])
    assert len(told) == 1


def rows_and_records_in_another_order_make_the_same_report() -> None:
    """A table and an index that hand out their rows in reverse make the same report, byte for byte."""
    world = build(5, now=NOW, recordings=25)
    reverse = replace(world, items=world.items[::-1], records=world.records[::-1])
    first, second = (Cycle.of(each).check().report for each in (world, reverse))
    assert _untimed(second.to_json()) == _untimed(first.to_json())
    assert "".join(recordings_csv(second)) == "".join(recordings_csv(first))


def _untimed(report: str) -> str:
    """Return a report without how long its sources took to read: that differs each time."""
    return re.sub(r'"seconds": [\d.e-]+', '"seconds": 0', report)


# ---- Sources that were not read whole


def hold_what_broke_off(one: Seen, kind: str) -> None:
    """Hold that a source that was not read whole leaves its subjects not checked, and says nothing else."""
    whole = verdicts(compare(one.snapshot, one.rules, None))
    broken = verdicts(compare(doubting(one.snapshot, kind), one.rules, PANDAS))
    changed = {subject: name for subject, name in broken.items() if whole[subject] != name}
    assert set(changed.values()) <= {"unknown"}
    missing = {one: name for one, name in broken.items() if name in RESTS_ON[kind]}
    assert missing == {}


RESTS_ON: Mapping[str, frozenset[str]] = {
    "s3": frozenset({"program-missing", "recording-missing"}),
    "dynamodb": frozenset({"program-missing", "record-missing", "record-orphaned"}),
    "algolia": frozenset({"program-missing", "record-missing"}),
}
"""By kind of source, the verdicts that nobody can give without all of it."""


def a_source_that_broke_off_makes_nothing_missing() -> None:
    """Of a store that was read in part, nothing is called missing."""
    for kind in RESTS_ON:
        hold_what_broke_off(seen(1), kind)
