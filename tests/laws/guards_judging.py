"""The guards of judging and reading, and what stands in their place where they are neutralised."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from reconcile.compare.recording.coverage import rank_of
from reconcile.compare.verdicts import Comparison, compare
from reconcile.model.finding import Judgement, Subject, judgement
from reconcile.model.recording import Events, RecordingKey
from reconcile.model.snapshot import Snapshot
from reconcile.stores.algolia import AlgoliaRecords
from tests.laws import judging, reading
from tests.laws.law import Guard


def _by_the_last(
    subject: Subject, holding: Mapping[str, bool], evidence: Any, *more: Any, _judge: Any = judgement
) -> Judgement:
    first: Judgement = _judge(subject, holding, evidence, *more)
    *others, last = (first.verdict, *first.also)
    return replace(first, verdict=last, also=tuple(others))


def _counts_of_judged(comparison: Comparison) -> dict[str, dict[str, int]]:
    counted: dict[str, Counter[str]] = {kind: Counter() for kind in comparison.unsuspected}
    for judged in comparison.judged.values():
        counted[judged.subject.type] += Counter({judged.verdict: 1, "population": 1})
    return {kind: dict(tally) for kind, tally in counted.items()}


PARTITION = (
    Guard(
        "reconcile.model.finding.judgement",
        "takes the first verdict of the table that applies, and lists the others beside it",
        _by_the_last,
        judging.each_subject_has_one_verdict,
    ),
    Guard(
        "reconcile.compare.records.names_of_records",
        "names every search record that exists or should exist",
        lambda snapshot: set(snapshot.records),
        judging.each_subject_has_one_verdict,
    ),
    Guard(
        "reconcile.compare.verdicts.Comparison.counts",
        "counts what was not judged closely beside what was",
        _counts_of_judged,
        judging.what_is_not_judged_closely_is_counted,
    ),
    Guard(
        "reconcile.compare.records.record_suspects",
        "leaves no search record unjudged that differs from its row",
        lambda snapshot, engine: set(),
        judging.what_is_not_judged_closely_is_counted,
    ),
)


def _without_its_key(key: RecordingKey, *places: Any, _rank: Any = rank_of, **told: Any) -> Any:
    return _rank(RecordingKey("", ""), *places, **told)


def _until_the_next_listed(snapshot: Snapshot) -> dict[RecordingKey, datetime]:
    following, last = dict[RecordingKey, datetime](), dict[str, RecordingKey]()
    for key, read in snapshot.events.items():
        recording = snapshot.recordings.get(key)
        if recording and recording.channel_id and isinstance(read, Events) and read.started_at:
            if recording.channel_id in last:
                following[last[recording.channel_id]] = read.started_at
            last[recording.channel_id] = key
    return following


ORDER = (
    Guard(
        "reconcile.compare.recording.view.in_order",
        "lists a recording's programs by their keys, however the table was read",
        tuple,
        judging.of_several_programs_the_same_one_is_told,
    ),
    Guard(
        "reconcile.compare.recording.view.until_the_next",
        "takes the recordings of a channel by their times, however they were listed",
        _until_the_next_listed,
        judging.what_is_read_in_another_order_is_judged_the_same,
    ),
    Guard(
        "reconcile.compare.recording.coverage.rank_of",
        "decides between two recordings of one broadcast, by their keys where nothing else differs",
        _without_its_key,
        judging.twins_of_the_same_length_are_told_apart,
    ),
)


def _unconfirmed(snapshot: Any, rules: Any, stores: Any, state: Any, engine: Any, *_: Any) -> Any:
    return snapshot, compare(snapshot, rules, engine)


def _walked_as_if_whole(adapter: AlgoliaRecords, *collected: Any, _walk: Any = AlgoliaRecords._walk) -> int:
    _walk(adapter, *collected)
    return 0


READ_WHOLE = (
    Guard(
        "reconcile.model.snapshot.Snapshot.doubts",
        "says which sources were not read completely, or are not believed",
        lambda snapshot, *kinds: "",
        judging.a_source_that_broke_off_makes_nothing_missing,
    ),
    Guard(
        "reconcile.stores.algolia.AlgoliaRecords._walk",
        "counts how many records a browse of the index must bring at least",
        _walked_as_if_whole,
        reading.an_index_that_ends_too_early_makes_nothing_missing,
    ),
    Guard(
        "reconcile.collect.snapshot.doubted",
        "does not believe a source that shrank, before a later run agrees",
        lambda receipt, earlier: receipt,
        reading.a_source_that_shrank_is_not_believed_at_once,
    ),
    Guard(
        "reconcile.model.snapshot.Snapshot.why_unread",
        "says which subjects rest on a read that failed",
        lambda snapshot, subject: "",
        reading.a_read_that_fails_leaves_its_subject_not_checked,
    ),
    Guard(
        "reconcile.compare.recording.unread.Unread.beside",
        "finds the recording of the same time whose events could not be read",
        lambda unread, view, *, shown: "",
        reading.a_twin_of_what_cannot_be_read_is_not_missing_its_program,
    ),
    Guard(
        "reconcile.confirm.findings.confirm",
        "reads again, strongly consistent, what each finding rests on",
        _unconfirmed,
        reading.a_program_that_is_made_while_the_run_reads_is_not_missing,
    ),
    Guard(
        "reconcile.model.snapshot.Rules.settled_before",
        "lets what ended moments ago wait for the next run",
        property(lambda rules: rules.now + timedelta(days=1)),
        reading.a_recording_that_ended_moments_ago_is_not_missing_its_program,
    ),
)
