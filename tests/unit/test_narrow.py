"""Laws of narrowing: what is judged, and by how little, changes no verdict and no count."""

from dataclasses import replace
from datetime import timedelta
from random import Random
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from reconcile.compare.narrow.closure import Closure, closure
from reconcile.compare.narrow.suspects import Narrowed, narrow_down
from reconcile.compare.narrow.tables import Tables, tables_of
from reconcile.compare.verdicts import Comparison, Narrowing, compare, judge_suspects, narrowed_before
from reconcile.confirm.pieces import pieces_of
from reconcile.engines.pandas import PANDAS
from reconcile.model.finding import Subject, recording_key, recording_subject
from reconcile.model.recording import Events, Recording, RecordingKey
from reconcile.model.snapshot import LedgerEntry, Rules, Snapshot
from tests.unit.archives import archive
from tests.unit.builders import (
    BEFORE,
    BUCKET,
    COMPOSITE,
    HOUR,
    MINUTE,
    OWNER,
    SHOW,
    composition,
    events,
    group_item,
    iso,
    medialess_item,
    program_item,
    recording,
    row_item,
    rules,
    session_item,
    show_item,
)
from tests.unit.builders import snapshot as made_snapshot
from tests.unit.strategies import Seen, damaged_worlds, few, seen, worlds

archives = st.builds(archive, st.integers(0, 10**6))


def said(comparison: Comparison, subject: Subject) -> str:
    """Return what a comparison says of a subject, judged closely or not."""
    if subject.type == "recording":
        return comparison.verdict_on(recording_key(subject))
    judgement = comparison.judged.get(subject)
    return judgement.verdict if judgement else "agrees"


def hold_the_laws(snapshot: Snapshot, rules: Rules) -> None:
    """Hold narrowing, with all evidence and with that of the closure, against judging everything."""
    # What earlier runs read, here everything, is read again with what rests on it: that too is no less.
    every = compare(snapshot, rules, None)
    for narrowed in (compare(snapshot, rules, PANDAS), *by_everything_and_by_closure(snapshot, rules)):
        assert {one: every.judged[one] for one in narrowed.judged} == dict(narrowed.judged)
        assert {one: said(narrowed, one) for one in every.judged} == {
            one: judgement.verdict for one, judgement in every.judged.items()
        }
        assert narrowed.counts() == every.counts()
        for finding in narrowed.findings:
            wanted = set(pieces_of(finding, narrowed.dossiers))
            assert wanted == set(pieces_of(finding, every.dossiers))
        for whole, view in zip(every.views(), narrowed.views(), strict=True):
            assert (view.key, view.state, view.events) == (whole.key, whole.state, whole.events)
            assert (view.show_id, view.programs) == (whole.show_id, whole.programs)


def by_everything_and_by_closure(snapshot: Snapshot, rules: Rules) -> list[Comparison]:
    """Judge the suspects by the whole snapshot and, however many they are, by their closure."""
    if snapshot.failures:
        return []
    tables, narrowed = narrowed_from(snapshot, rules)
    closures = (Closure(snapshot, tables.following), closure(snapshot, tables, narrowed))
    return [judge_suspects(snapshot, Narrowing(narrowed, closed), rules, PANDAS) for closed in closures]


def narrowed_from(snapshot: Snapshot, rules: Rules) -> tuple[Tables, Narrowed]:
    """Return the tables of a snapshot, and what they tell."""
    tables = tables_of(snapshot, rules)
    return tables, narrow_down(snapshot, rules, tables, PANDAS)


@few
@given(st.one_of(worlds, damaged_worlds()))
def test_narrowing_first_changes_no_verdict_and_no_count(one: Seen) -> None:
    hold_the_laws(one.snapshot, one.rules)


@few
@given(archives)
def test_narrowing_first_changes_nothing_in_archives_of_many_recordings_a_show(
    made: tuple[Snapshot, Rules],
) -> None:
    hold_the_laws(*made)


def test_counterexamples_of_earlier_rules_hold() -> None:
    # A show that cannot be read, which only the program of its recording names.
    for seed in (74, 134):
        hold_the_laws(*archive(seed))


def test_most_of_a_sound_archive_is_neither_judged_nor_part_of_the_closure() -> None:
    snapshot, rules = archive(6)
    tables, narrowed = narrowed_from(snapshot, rules)
    small = closure(snapshot, tables, narrowed).snapshot
    assert len(snapshot.recordings) > 100
    assert len(narrowed.suspects.recordings) < 0.2 * len(snapshot.recordings)
    assert len(small.recordings) < 0.3 * len(snapshot.recordings)
    assert len(narrowed.suspects.rows) < 0.2 * len(snapshot.catalog.rows)
    assert len(small.catalog.sessions) < 0.4 * len(snapshot.catalog.sessions)


def test_every_recording_is_a_suspect_or_fine_or_left_out() -> None:
    snapshot, rules = archive(6)
    tables, narrowed = narrowed_from(snapshot, replace(rules, window_start=rules.now - timedelta(days=3)))
    assert narrowed.fine.keys().isdisjoint(narrowed.left_out)
    assert narrowed.suspects.recordings.isdisjoint({*narrowed.fine, *narrowed.left_out})
    assert {*narrowed.suspects.recordings, *narrowed.fine, *narrowed.left_out} == set(tables.keys)


def read_again(snapshot: Snapshot, comparison: Comparison, random: Random) -> Snapshot:
    """Return what a run knows once it read again what its findings rest on: manifests, and what failed."""
    findings = [finding for finding in comparison.findings if random.random() < 0.5]
    keys = [recording_key(one.subject) for one in findings if one.subject.type == "recording"]
    played = {key: random.choice(("", "it is not there")) for key in keys}
    unread = {key: "it failed" for key in keys if key not in snapshot.manifests and random.random() < 0.2}
    return replace(
        snapshot,
        manifests={**snapshot.manifests, **{key: why for key, why in played.items() if key not in unread}},
        unread_manifests={**snapshot.unread_manifests, **unread},
        unconfirmed={**snapshot.unconfirmed, **{one.subject: "it failed" for one in findings[::3]}},
    )


@few
@given(st.integers(0, 10**6))
def test_what_was_read_again_is_judged_by_the_same_closure(seed: int) -> None:
    random = Random(seed)
    one = seen(random.randint(1, 3), random.choice((None, 3.0)))
    snapshot, rules = random.choice(((one.snapshot, one.rules), archive(seed), archive(seed)))
    for earlier in by_everything_and_by_closure(snapshot, rules):
        after = read_again(snapshot, earlier, random)
        narrowing = narrowed_before(earlier, after)
        every, again = compare(after, rules, None), compare(after, rules, PANDAS)
        if narrowing is not None:
            again = judge_suspects(after, narrowing, rules, PANDAS)
        assert {one: every.judged[one] for one in again.judged} == dict(again.judged)
        assert again.counts() == every.counts()


def test_what_says_something_else_when_read_again_is_narrowed_anew() -> None:
    snapshot, rules = archive(6)
    earlier = by_everything_and_by_closure(snapshot, rules)[-1]
    assert narrowed_before(earlier, snapshot) is not None
    programs = dict(list(snapshot.catalog.programs.items())[1:])
    changed = replace(snapshot, catalog=replace(snapshot.catalog, programs=programs))
    assert narrowed_before(earlier, changed) is None
    fine = next(iter(earlier.fine))
    unread = replace(snapshot, unconfirmed={**snapshot.unconfirmed, recording_subject(fine): "it failed"})
    assert narrowed_before(earlier, unread) is None


def with_traces(*rows: dict[str, Any], **others: Any) -> Snapshot:
    """Return a show's recording without a program, whose session is known, and what remembers one."""
    session = session_item(ivs={"compositionArn": composition("comp1")})
    return made_snapshot({COMPOSITE: events()}, [show_item(), group_item(), session, *rows], **others)


def test_an_expired_recording_goes_on_covering_what_the_closure_holds() -> None:
    key = RecordingKey(BUCKET, "one/gone/dest1/composite")
    entry = LedgerEntry(key, {OWNER: "lost"}, "told", "", SHOW, "", BEFORE, BEFORE + HOUR)
    hold_the_laws(made := with_traces(ledger={key: entry}), rules())
    (closed, *_) = reversed(by_everything_and_by_closure(made, rules()))
    assert closed.verdict_on(RecordingKey(BUCKET, COMPOSITE)) == "retired"


def test_a_row_that_only_touches_a_recording_and_points_at_it_is_part_of_the_closure() -> None:
    times = {"startTime": iso(BEFORE - HOUR), "endTime": iso(BEFORE)}
    place = {"s3Bucket": BUCKET, "s3Key": f"{COMPOSITE}/media/hls/multivariant.m3u8"}
    made = with_traces(row_item(programId="lost", status="completed", **times, **place))
    hold_the_laws(made, rules())
    (closed, *_) = reversed(by_everything_and_by_closure(made, rules()))
    assert closed.verdict_on(RecordingKey(BUCKET, COMPOSITE)) == "retired"
    assert not narrowed_from(made, rules())[1].unsettled


def test_a_row_of_another_time_that_names_a_program_tied_to_a_recording_is_a_suspect() -> None:
    times = {"startTime": iso(BEFORE - 100 * HOUR), "endTime": iso(BEFORE - 99 * HOUR)}
    place = {"s3Bucket": BUCKET, "s3Key": f"{COMPOSITE}/media/hls/multivariant.m3u8"}
    lost = medialess_item("lost", createdAt=iso(BEFORE + HOUR))
    made = with_traces(lost, row_item(programId="lost", status="processing", **times, **place))
    hold_the_laws(made, rules())
    assert narrowed_from(made, rules())[1].suspects.rows == made.catalog.rows.keys()


LATER = "one/comp2/dest1/composite"


def beside_a_fine_one(first: Recording, told: Events, *items: dict[str, Any]) -> Snapshot:
    """Return a recording of an hour that a fine one of the same show follows at once."""
    url = f"https://play.test/{LATER}/media/hls/multivariant.m3u8"
    second = session_item("session2", ivs={"compositionArn": composition("comp2")}, createdAt=iso(BEFORE))
    made = with_traces(second, program_item("later", program_url=url), *items)
    later = recording(LATER, started_seen=BEFORE + HOUR, ended_seen=BEFORE + 2 * HOUR)
    return replace(
        made,
        recordings={first.key: first, later.key: later},
        events={first.key: told, later.key: events(BEFORE + HOUR)},
    )


def test_what_is_read_again_with_a_suspect_is_part_of_the_closure() -> None:
    # Its events files were written when the next recording had begun.
    late = beside_a_fine_one(recording(ended_seen=BEFORE + HOUR + MINUTE), events())
    # It failed, and holds nothing of the time that another recording holds.
    told = events(BEFORE + HOUR, duration=0)
    failed = beside_a_fine_one(
        recording(ended_seen=BEFORE + HOUR / 2), told, program_item("early", groupId=None)
    )
    for made in (late, failed):
        hold_the_laws(made, rules())
        _, narrowed = narrowed_from(made, rules())
        assert set(narrowed.fine) == {RecordingKey(BUCKET, LATER)}
