"""Laws that hold for every world and for every damage done to one."""

from dataclasses import replace
from datetime import timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconcile.compare.events_needed import wanted_events
from reconcile.compare.verdicts import compare
from reconcile.engines.pandas import PANDAS
from reconcile.model.catalog import Catalog
from reconcile.model.finding import (
    record_subject,
    recording_key,
    recording_subject,
    session_subject,
)
from reconcile.model.recording import RecordingKey
from reconcile.model.snapshot import Rules, Snapshot
from tests.laws.judging import OF_THE_STORES, hold_order, hold_partition, hold_what_broke_off, verdicts
from tests.unit.strategies import Seen, damaged_worlds, doubting, few, lose_events, seen, worlds

LOSSES = {
    *("program-missing", "recording-missing", "record-missing", "record-orphaned", "media-missing"),
    *("group-dangling", "index-blind", "recording-row-stale", "count-drift", "url-missing", "media-archived"),
}
NOT_SEEN = ("unplayable", "media-archived", "twin")


@few
@given(damaged_worlds())
def test_every_subject_gets_exactly_one_verdict_and_the_counts_sum(one: Seen) -> None:
    hold_partition(one.snapshot, one.rules)


@few
@given(st.one_of(worlds, damaged_worlds()), st.integers(0, 10**6))
def test_the_order_of_what_was_read_decides_nothing(one: Seen, seed: int) -> None:
    hold_order(one.snapshot, one.rules, seed)


@few
@given(st.one_of(worlds, damaged_worlds()), st.sampled_from(("s3", "dynamodb", "algolia")))
def test_a_source_that_broke_off_makes_nothing_missing_and_nothing_agree(one: Seen, kind: str) -> None:
    hold_what_broke_off(one, kind)


def without(one: Seen, kind: str) -> Snapshot:
    """Return what a run knows to which a store gave nothing at all."""
    told = doubting(one.snapshot, kind)
    if kind == "s3":
        return replace(told, recordings={}, events={})
    return replace(told, catalog=Catalog()) if kind == "dynamodb" else replace(told, records={})


@pytest.mark.parametrize("kind", ["s3", "dynamodb", "algolia"])
@pytest.mark.parametrize("days", [None, 3.0])
def test_a_source_that_gave_nothing_makes_nothing_missing_and_nothing_agree(
    kind: str, days: float | None
) -> None:
    for seed in (1, 2, 3):
        one = seen(seed, days)
        whole = verdicts(compare(one.snapshot, one.rules, None))
        broken = verdicts(compare(without(one, kind), one.rules, None))
        changed = {name for subject, name in broken.items() if whole.get(subject) != name}
        assert not changed & (LOSSES | {"agrees", "record-stale", "program-incomplete"})


@few
@given(worlds, st.integers(0, 10**6))
def test_events_that_could_not_be_read_make_nothing_missing_and_nothing_agree(one: Seen, seed: int) -> None:
    whole = verdicts(compare(one.snapshot, one.rules, None))
    broken = verdicts(compare(lose_events(one, Random(seed)), one.rules, PANDAS))
    changed = {subject: name for subject, name in broken.items() if whole.get(subject) != name}
    assert not set(changed.values()) & (LOSSES | {"agrees", "program-incomplete"})


@few
@given(damaged_worlds(), st.floats(0, 40))
def test_no_damage_makes_the_comparison_raise(one: Seen, days: float) -> None:
    rules = replace(one.rules, window_start=one.rules.now - timedelta(days=days))
    unread = replace(one.snapshot, events={})
    wanted = wanted_events(unread, rules)
    assert wanted <= set(one.snapshot.recordings)
    assert compare(unread, rules, PANDAS).counts().keys() == set(OF_THE_STORES)


def windowed(one: Seen, rules: Rules) -> Snapshot:
    """Return what a run with this window knows: the events that it wants, and no others."""
    unread = replace(one.snapshot, events={})
    wanted = wanted_events(unread, rules)
    return replace(unread, events={k: v for k, v in one.snapshot.events.items() if k in wanted})


@few
@given(st.integers(1, 3), st.floats(0, 60))
def test_the_window_hides_recordings_and_changes_no_other_verdict(seed: int, days: float) -> None:
    one = seen(seed)
    rules = replace(one.rules, window_start=one.rules.now - timedelta(days=days))
    whole = verdicts(compare(one.snapshot, one.rules, None))
    narrow = verdicts(compare(windowed(one, rules), rules, None))
    changed = {(whole[subject], name) for subject, name in narrow.items() if whole[subject] != name}
    # A recording may lose to one that wants a program; outside the window that one gets none.
    spared = {("twin", "program-missing"), ("overlapping", "program-missing"), ("overlapping", "twin")}
    # One without any events file is judged only where everything is.
    spared |= {("unfinished", "agrees")}
    # A program without a URL is told of by recordings that it may belong to, unless nobody judges them.
    spared |= {("agrees", "url-missing")}
    assert {pair for pair in changed if pair[1] != "outside-window"} <= spared


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_every_window_edge_leaves_what_was_retired_retired(seed: int) -> None:
    one = seen(seed)
    whole = verdicts(compare(one.snapshot, one.rules, None))
    retired = {subject for subject, name in whole.items() if name == "retired"}
    assert retired
    for subject in retired:
        recording = one.snapshot.recordings[recording_key(subject)]
        assert recording.last_event is not None
        rules = replace(one.rules, window_start=recording.last_event)
        narrow = verdicts(compare(windowed(one, rules), rules, None))
        assert {narrow[one] for one in retired} <= {"retired", "outside-window"}


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("days", [None, 3.0])
def test_a_world_is_judged_as_it_truly_is(seed: int, days: float | None) -> None:
    one = seen(seed, days)
    truth = one.world.truth
    said = verdicts(compare(one.snapshot, one.rules, None))
    # Nobody has looked at the manifests yet: what does not play looks like one that does.
    hidden = {key for key, told in truth.recordings.items() if told.verdict in NOT_SEEN}
    told = {
        recording_subject(RecordingKey(*key)): one_truth.under(one.rules.window_start)
        for key, one_truth in truth.recordings.items()
        if key not in hidden and one_truth.verdict != "program-missing"
    }
    assert {subject: said[subject] for subject in told} == told
    assert {name: said[session_subject(name)] for name in truth.sessions} == dict(truth.sessions)
    assert {name: said[record_subject(name)] for name in truth.records} == dict(truth.records)
