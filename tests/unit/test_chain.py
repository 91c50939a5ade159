"""The chain counts each link once, names what is lost, and calls nothing well that was not read."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconcile.compare.verdicts import Comparison, compare
from reconcile.engines.pandas import PANDAS
from reconcile.model.cause import Cause
from reconcile.model.configuration import NotSeen
from reconcile.model.recording import RecordingKey
from reconcile.model.snapshot import Rules, Snapshot
from reconcile.report.chain import chain_of
from reconcile.report.parts import ChainLink
from tests.unit.builders import (
    BUCKET,
    COMPOSITE,
    HOUR,
    NOW,
    canonical_records,
    channel,
    composition,
    events,
    group_item,
    ledger,
    program_item,
    recording,
    row_item,
    rules,
    session_item,
    show_item,
    snapshot,
)
from tests.unit.setups import MASTER, PROCESSOR, SOUND, rule, told_by
from tests.unit.strategies import Seen, damaged_worlds, doubting, few, worlds

KEYS = ("ended", "trigger", "program", "media", "row", "search")
SHOWN = [show_item(), group_item(), session_item(ivs={"compositionArn": composition("comp1")})]
PLAYS = {RecordingKey(BUCKET, COMPOSITE): ""}
WELL = snapshot({COMPOSITE: events()}, [*SHOWN, program_item()])
LOST = snapshot({COMPOSITE: events()}, SHOWN, manifests=PLAYS)


def chain(seen: Snapshot, judged_by: Rules | None = None, *causes: Cause) -> Mapping[str, ChainLink]:
    comparison = compare(seen, judged_by or rules(), PANDAS)
    return links(comparison, *causes)


def links(comparison: Comparison, *causes: Cause) -> Mapping[str, ChainLink]:
    found = chain_of(comparison, causes, {one.id for one in comparison.findings})
    assert tuple(link.key for link in found) == KEYS
    return {link.key: link for link in found}


def numbers(link: ChainLink) -> tuple[int, int, int]:
    return link.number, link.lost, link.not_known


def test_where_all_is_well_everything_comes_through() -> None:
    found = chain(replace(WELL, configuration=SOUND))
    assert {key: numbers(link) for key, link in found.items()} == {
        "ended": (1, 0, 0),
        "trigger": (1, 0, 0),
        "program": (1, 0, 0),
        "media": (1, 0, 0),
        "row": (0, 0, 0),
        "search": (1, 0, 0),
    }
    assert all(link.checked and not (link.cause or link.findings or link.suffixes) for link in found.values())


def test_a_recording_without_a_program_is_lost_there_and_nowhere_later() -> None:
    found = chain(LOST)
    (finding,) = compare(LOST, rules(), PANDAS).findings
    assert numbers(found["program"]) == (0, 1, 0)
    assert found["program"].findings == (finding.id,)
    assert [numbers(found[key]) for key in ("ended", "media", "search")] == [(1, 0, 0), (0, 0, 0), (0, 0, 0)]


def test_a_missing_trigger_names_its_suffix_and_its_cause() -> None:
    seen = replace(LOST, configuration=told_by(rules=[rule(MASTER)]))
    comparison = compare(seen, rules(), PANDAS)
    (missing,) = (one for one in comparison.findings if one.verdict == "program-missing")
    (trigger,) = (one for one in comparison.findings if one.verdict == "trigger-misconfigured")
    cause = Cause(
        trigger.verdict, "certain", "the trigger", "no rule", (missing.id,), "Add it.", (), trigger.id
    )
    found = links(comparison, cause)
    assert numbers(found["trigger"]) == (0, 1, 0)
    assert (found["trigger"].findings, found["trigger"].suffixes) == ((trigger.id,), ("multivariant.m3u8",))
    assert found["trigger"].cause == found["program"].cause == "the trigger: no rule"


def test_a_trigger_that_no_recording_has_missed_yet_is_named_all_the_same() -> None:
    found = chain(replace(snapshot({}), configuration=told_by(rules=[rule(MASTER)])))
    assert numbers(found["trigger"]) == (0, 0, 0)
    assert found["trigger"].suffixes == ("multivariant.m3u8",)
    assert len(found["trigger"].findings) == 1


def test_a_processor_that_is_gone_loses_every_recording() -> None:
    gone = replace(SOUND.processor, gone=True) if SOUND.processor else None
    assert gone is not None
    assert gone.name == PROCESSOR
    found = chain(replace(WELL, configuration=replace(SOUND, processor=gone)))
    assert numbers(found["trigger"]) == (0, 1, 0)


@pytest.mark.parametrize(
    ("configuration", "why"),
    [
        (None, "nobody looked at its bucket's notifications"),
        (
            replace(SOUND, notifications={BUCKET: NotSeen("s3:GetBucketNotification is missing")}),
            "is missing",
        ),
    ],
)
def test_a_configuration_that_nobody_saw_is_not_checked(configuration: Any, why: str) -> None:
    link = chain(replace(WELL, configuration=configuration))["trigger"]
    assert (numbers(link), link.checked) == ((0, 0, 1), False)
    assert link.cause.startswith("not checked: ")
    assert why in link.cause


@pytest.mark.parametrize(
    ("changes", "lost"),
    [
        ({"program_url": None}, 1),
        ({"program_url": f"https://old.test/{COMPOSITE}/media/hls/multivariant.m3u8"}, 1),
        ({"groupId": "Recordings"}, 0),
    ],
)
def test_a_program_is_lost_without_its_url_or_the_domain_of_today(changes: Any, lost: int) -> None:
    changes = {"s3Bucket": BUCKET, "s3Key": f"{COMPOSITE}/media/hls/multivariant.m3u8", **changes}
    seen = snapshot({COMPOSITE: events()}, [*SHOWN, program_item(**changes)], manifests=PLAYS)
    link = chain(seen)["media"]
    assert numbers(link) == (1 - lost, lost, 0)
    assert len(link.findings) == lost


def test_failed_recordings_and_sessions_without_one_are_lost_at_the_first_link() -> None:
    lost = session_item("lost", ivs={"compositionArn": composition("gone")})
    seen = snapshot({COMPOSITE: events(duration=0)}, [*SHOWN, lost])
    link = chain(seen)["ended"]
    assert (numbers(link), len(link.findings)) == ((0, 2, 0), 2)


def test_what_waits_what_a_guest_sent_and_what_the_window_leaves_out_is_not_of_the_chain() -> None:
    seen = snapshot(
        [
            recording("one/two/three/2026-05-19T03-00-00Z"),
            recording("s2/comp2/dest2/composite", ended_seen=None),
            recording("s3/comp3/dest3/composite", ended_seen=NOW),
            recording(),
        ],
        told={RecordingKey(BUCKET, COMPOSITE): events()},
        manifests=PLAYS,
    )
    inside, outside = chain(seen), chain(seen, rules(window_start=NOW - HOUR))
    assert [numbers(link) for link in inside.values()] == [(1, 0, 0), (0, 0, 1), (0, 1, 0), *[(0, 0, 0)] * 3]
    assert {numbers(link) for link in outside.values()} == {(0, 0, 0)}


def test_a_second_recording_and_one_whose_program_was_deleted_want_no_program() -> None:
    twin = "ivs/v1/111111111111/chan1/2026/5/19/3/0/rec1"
    claims = {"compositionArn": composition("comp1"), "programChannelArn": channel("chan1")}
    shown = [show_item(), group_item(), session_item(ivs=claims), program_item()]
    found = chain(snapshot({COMPOSITE: events(), twin: events()}, shown))
    assert [numbers(found[key]) for key in ("ended", "program", "media")] == [(2, 0, 0), (1, 0, 0), (1, 0, 0)]
    deleted = chain(replace(LOST, ledger=ledger(COMPOSITE)))
    assert [numbers(deleted[key]) for key in ("ended", "program")] == [(1, 0, 0), (0, 0, 0)]


@pytest.mark.parametrize(
    ("changes", "counted"),
    [
        ({"status": "completed", "programId": "program1"}, (1, 0, 0)),
        ({"status": "processing"}, (0, 1, 0)),
        ({"status": "completed"}, (0, 1, 0)),
    ],
)
def test_a_row_comes_through_when_it_names_its_program_as_completed(changes: Any, counted: Any) -> None:
    seen = snapshot({COMPOSITE: events()}, [*SHOWN, program_item(), row_item(**changes)])
    assert numbers(chain(seen)["row"]) == counted


def test_a_row_of_no_program_is_not_of_the_chain() -> None:
    seen = snapshot({COMPOSITE: events()}, [*SHOWN, row_item(status="processing")], manifests=PLAYS)
    assert numbers(chain(seen)["row"]) == (0, 0, 0)


def test_a_record_that_is_missing_or_shared_is_lost_and_an_outdated_one_is_found() -> None:
    missing = chain(snapshot({COMPOSITE: events()}, [*SHOWN, program_item()], records=()))
    assert numbers(missing["search"]) == (0, 1, 0)
    assert len(missing["search"].findings) == 1
    old = [{**one, "title": "Old"} for one in canonical_records([program_item()])]
    outdated = chain(snapshot({COMPOSITE: events()}, [*SHOWN, program_item()], records=old))
    assert numbers(outdated["search"]) == (1, 0, 0)


@few
@given(one=st.one_of(worlds, damaged_worlds()))
def test_the_numbers_add_up_and_each_loss_has_its_findings(one: Seen) -> None:
    """Each population is counted anew from the verdicts; what is lost at a link is what its findings say."""
    comparison = compare(one.snapshot, one.rules, PANDAS)
    found = links(comparison)
    counts = comparison.counts()
    recordings, left_out = counts["recording"], ("other", "outside-window", "settling", "in-progress")
    checked = recordings["population"] - sum(recordings[name] for name in left_out)
    sessions = counts["session"]["recording-missing"]
    failed = recordings["failed"] + recordings["unfinished"]
    assert sum(numbers(found["ended"])) == checked + sessions
    assert found["ended"].lost == failed + sessions == len(found["ended"].findings)
    assert sum(numbers(found["trigger"])) == checked - failed
    wanting = checked - failed - recordings["twin"] - recordings["retired"]
    assert sum(numbers(found["program"])) == wanting
    assert found["program"].lost == len(found["program"].findings)
    shown = ("agrees", "program-duplicated", "program-misfiled", "program-incomplete")
    assert found["program"].number == sum(recordings[name] for name in shown)
    assert sum(numbers(found["media"])) == wanting - found["program"].lost
    assert sum(numbers(found["search"])) <= wanting - found["program"].lost
    assert found["row"].lost == counts["recording-row"]["recording-row-stale"] == len(found["row"].findings)
    assert (
        found["row"].not_known == counts["recording-row"]["unknown"] + counts["recording-row"]["unreadable"]
    )
    findings = {judgement.id for judgement in comparison.findings}
    for link in found.values():
        assert set(link.findings) <= findings
        assert bool(link.lost) <= bool(link.findings)
        assert bool(link.not_known or not link.checked) == ("not checked: " in link.cause)


@few
@given(one=worlds, kind=st.sampled_from(("s3", "dynamodb", "algolia")))
def test_what_was_not_read_is_not_checked(one: Seen, kind: str) -> None:
    """No link that is read from a doubted source claims that anything came through or was lost."""
    found = chain(doubting(one.snapshot, kind), one.rules)
    unread = {"s3": KEYS, "dynamodb": ("program", "media", "row", "search"), "algolia": ("search",)}[kind]
    for key in unread:
        link = found[key]
        assert not link.checked
        assert link.cause.startswith("not checked: ")
        if key != "ended":
            assert (link.number, link.lost) == (0, 0)


def test_of_a_report_on_some_kinds_only_what_it_holds_is_named() -> None:
    comparison = compare(LOST, rules(), PANDAS)
    (program,) = (link for link in chain_of(comparison, (), ()) if link.key == "program")
    assert (program.lost, program.findings) == (1, ())
