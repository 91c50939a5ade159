"""Precedence: of all verdicts that hold, the first of the table wins and the others stand beside it."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from reconcile.compare.recording.attribution import Attribution
from reconcile.compare.recording.claims import Claim
from reconcile.compare.recording.judge import RecordingEvidence, judge_recording
from reconcile.compare.records import RecordEvidence, judge_record
from reconcile.compare.sessions import SessionEvidence, judge_session
from reconcile.model.catalog import Group, Program, Session, Show
from reconcile.model.finding import Judgement, judgement, record_subject
from reconcile.model.media import ObjectAddress
from reconcile.model.recording import RecordingKey
from reconcile.model.search_record import Record
from reconcile.model.sighting import Archived
from reconcile.model.verdict_table import TYPES, VERDICTS, verdict_kind, verdicts_of
from tests.unit.builders import BEFORE, BUCKET, COMPOSITE, NOW, events, recording

SETTLE = timedelta(minutes=15)


def program(name: str = "p1", **changes: Any) -> Program:
    whole = Program(
        pk="u#o#programs", sk=f"p#{name}", owner="o", program_id=name, object_id=name, digest=1, url="u",
        s3_bucket=None, s3_key=None, media_elsewhere=False, group_id="g", source_show="a", source_type=None,
        source_recording=None, updated_at=None,
    )  # fmt: skip
    return replace(whole, **changes)


SHOW = Show("a", "o", "g", "A Title")
GROUP = Group("o", "g", real=True)
STORED = Archived(ObjectAddress(BUCKET, f"{COMPOSITE}/media/hls/720p/0.ts"), "GLACIER")
KNOWN = Attribution(1, (Claim("a", "s1"),))
WANTED = RecordingEvidence(
    recording=recording(), events=events(), state="ended", outside=False, judged_fully=True,
    attribution=KNOWN, show=SHOW, group=GROUP, placement="kept",
)  # fmt: skip
"""A recording that ended, is known to be a show's, and has no program."""
SHOWN = replace(WANTED, programs=(program(),))
"""The same with the program that it should have."""

RECORDING: list[tuple[RecordingEvidence, dict[str, Any], str]] = [
    (SHOWN, {}, "agrees"),
    (SHOWN, {"unreadable": "why"}, "unreadable"),
    (SHOWN, {"doubt": "why"}, "unknown"),
    (SHOWN, {"unread": "why"}, "unknown"),
    (SHOWN, {"index_doubt": "why"}, "agrees"),
    (SHOWN, {"state": "other"}, "other"),
    (SHOWN, {"state": "settling"}, "settling"),
    (SHOWN, {"state": "in-progress"}, "in-progress"),
    (SHOWN, {"programs": (program(), program("p2"))}, "program-duplicated"),
    (SHOWN, {"doubles": (RecordingKey(BUCKET, "else"),)}, "program-duplicated"),
    (SHOWN, {"misfiled": "show b"}, "program-misfiled"),
    (SHOWN, {"faults": ("groupId",)}, "program-incomplete"),
    (SHOWN, {"state": "failed"}, "failed"),
    (SHOWN, {"state": "unfinished"}, "unfinished"),
    (SHOWN, {"state": "eventless"}, "unfinished"),
    (SHOWN, {"state": "eventless", "judged_fully": False}, "agrees"),
    (SHOWN, {"attribution": Attribution(), "show": None, "placement": None}, "agrees"),
    (SHOWN, {"group": None, "unplayable": "gone"}, "agrees"),
    (WANTED, {}, "program-missing"),
    (WANTED, {"doubt": "why"}, "unknown"),
    (WANTED, {"index_doubt": "why"}, "unknown"),
    (WANTED, {"unread": "why"}, "unknown"),
    (WANTED, {"outside": True}, "outside-window"),
    (WANTED, {"outside": True, "state": "failed"}, "outside-window"),
    (WANTED, {"outside": True, "index_doubt": "why"}, "outside-window"),
    (WANTED, {"outside": True, "doubt": "why"}, "unknown"),
    (WANTED, {"state": "failed", "index_doubt": "why"}, "failed"),
    (WANTED, {"state": "unfinished"}, "unfinished"),
    (WANTED, {"state": "eventless"}, "unfinished"),
    (WANTED, {"placement": "settling"}, "settling"),
    (WANTED, {"placement": "retired"}, "retired"),
    (WANTED, {"placement": "retired", "index_doubt": "why"}, "retired"),
    (WANTED, {"attribution": Attribution(), "show": None, "placement": None}, "unattributed"),
    (
        WANTED,
        {"attribution": Attribution(1, (Claim(None, "s"),)), "show": None, "placement": None},
        "unattributed",
    ),
    (
        WANTED,
        {"attribution": Attribution(5, (Claim("a", "s"), Claim("b", "t"))), "show": None, "placement": None},
        "ambiguous",
    ),
    (WANTED, {"rivals": (program(),)}, "ambiguous"),
    (WANTED, {"rivals": (program(),), "placement": "twin"}, "twin"),
    (WANTED, {"show": None}, "show-missing"),
    (WANTED, {"show": replace(SHOW, producer_id=None)}, "show-missing"),
    (WANTED, {"placement": "twin"}, "twin"),
    (WANTED, {"placement": "overlapping"}, "overlapping"),
    (WANTED, {"placement": "overlapping", "index_doubt": "why"}, "unknown"),
    (WANTED, {"group": None}, "group-missing"),
    (WANTED, {"group": replace(GROUP, real=False)}, "group-missing"),
    (WANTED, {"unplayable": "gone", "placement": None}, "unplayable"),
    (WANTED, {"unplayable": "it lies in GLACIER", "archived": STORED, "placement": None}, "media-archived"),
]


@pytest.mark.parametrize(("evidence", "changes", "verdict"), RECORDING)
def test_each_verdict_on_a_recording_follows_from_its_evidence(
    evidence: RecordingEvidence, changes: dict[str, Any], verdict: str
) -> None:
    assert judge_recording(replace(evidence, **changes)).verdict == verdict


TWO = (program(), program("p2"))
NOBODYS = {"attribution": Attribution(), "show": None, "placement": None}
BOTH = {"attribution": Attribution(5, (Claim("a", "s"), Claim("b", "t"))), "show": None, "placement": None}

BESIDE: list[tuple[RecordingEvidence, dict[str, Any], tuple[str, ...]]] = [
    (SHOWN, {"unreadable": "x", "doubt": "y"}, ("unreadable", "unknown")),
    (SHOWN, {"doubt": "y", "state": "other"}, ("unknown", "other")),
    (SHOWN, {"doubt": "y", "faults": ("domain",)}, ("unknown", "program-incomplete")),
    (SHOWN, {"unread": "y", "faults": ("domain",)}, ("unknown", "program-incomplete")),
    (SHOWN, {"state": "settling", "programs": TWO}, ("settling", "program-duplicated")),
    (SHOWN, {"state": "in-progress", "faults": ("groupId",)}, ("in-progress", "program-incomplete")),
    (SHOWN, {"programs": TWO, "misfiled": "show b"}, ("program-duplicated", "program-misfiled")),
    (SHOWN, {"misfiled": "show b", "faults": ("domain",)}, ("program-misfiled", "program-incomplete")),
    (SHOWN, {"faults": ("domain",), "state": "failed"}, ("program-incomplete", "failed")),
    (SHOWN, {"programs": TWO, "state": "unfinished"}, ("program-duplicated", "unfinished")),
    (SHOWN, {"state": "failed"}, ("failed",)),
    (WANTED, {"unreadable": "x", "outside": True}, ("unreadable", "outside-window")),
    (WANTED, {"doubt": "x"}, ("unknown", "program-missing")),
    (WANTED, {"doubt": "x", "placement": "retired"}, ("unknown", "retired")),
    (WANTED, {"index_doubt": "x", "group": None}, ("unknown", "group-missing")),
    (WANTED, {"state": "other", "outside": True}, ("other", "outside-window")),
    (WANTED, {"outside": True, "state": "settling"}, ("outside-window", "settling")),
    (WANTED, {"placement": "settling", "group": None}, ("settling", "group-missing")),
    (WANTED, {"placement": "retired", "group": None}, ("retired", "group-missing")),
    (WANTED, NOBODYS | {"unplayable": "gone"}, ("unattributed", "unplayable")),
    (WANTED, BOTH | {"unplayable": "gone"}, ("ambiguous", "unplayable")),
    (WANTED, {"rivals": TWO, "show": None}, ("ambiguous", "show-missing")),
    (WANTED, {"rivals": TWO, "group": None}, ("ambiguous", "group-missing")),
    (WANTED, {"show": None, "placement": "twin"}, ("show-missing", "twin")),
    (WANTED, {"placement": "twin", "group": None}, ("twin", "group-missing")),
    (WANTED, {"placement": "overlapping", "group": None}, ("overlapping", "group-missing")),
    (WANTED, {"group": None, "unplayable": "gone", "placement": None}, ("group-missing", "unplayable")),
    (WANTED, {"group": None, "archived": STORED, "placement": None}, ("group-missing", "media-archived")),
    (WANTED, {"show": None, "group": None}, ("show-missing",)),
    (WANTED, {"outside": True, "group": None}, ("outside-window",)),
]


@pytest.mark.parametrize(("evidence", "changes", "holding"), BESIDE)
def test_of_several_verdicts_on_a_recording_the_first_of_the_table_wins(
    evidence: RecordingEvidence, changes: dict[str, Any], holding: tuple[str, ...]
) -> None:
    found = judge_recording(replace(evidence, **changes))
    assert (found.verdict, *found.also) == holding
    assert list(holding) == sorted(holding, key=verdicts_of("recording").index)


def test_every_verdict_on_a_recording_is_reached() -> None:
    assert {verdict for _, _, verdict in RECORDING} == set(verdicts_of("recording"))
    assert {verdict for _, verdict, _ in RECORD} == set(verdicts_of("record"))
    assert {verdict for _, verdict, _ in SESSION} == set(verdicts_of("session"))


def test_the_verdicts_stand_in_the_order_of_the_design() -> None:
    assert verdicts_of("recording") == (
        "unreadable", "unknown", "other", "outside-window", "settling", "in-progress", "program-duplicated",
        "program-misfiled", "program-incomplete", "failed", "unfinished", "agrees", "retired", "unattributed",
        "ambiguous", "show-missing", "twin", "overlapping", "group-missing", "media-archived", "unplayable",
        "program-missing",
    )  # fmt: skip
    assert verdicts_of("program") == (
        "unreadable", "unknown", "url-missing", "media-missing", "media-archived", "unreachable",
        "group-dangling", "index-blind", "settling", "agrees",
    )  # fmt: skip
    assert verdicts_of("session") == ("unreadable", "unknown", "recording-missing", "agrees")
    assert verdicts_of("record") == (
        "unreadable", "unknown", "record-contested", "settling", "record-missing", "record-stale",
        "record-orphaned", "agrees",
    )  # fmt: skip


def test_only_the_losses_and_a_provable_note_are_mended_by_themselves() -> None:
    answers = {
        kind.name: kind.response
        for kind in VERDICTS
        if kind.response not in ("count", "report", "not-checked")
    }
    assert answers == {
        "program-incomplete": "repair",
        "program-missing": "create",
        "recording-row-stale": "repair",
        "record-missing": "write",
        "record-stale": "write",
    }
    assert all(bool(kind.remedy) is (kind.response != "count") for kind in VERDICTS)
    with pytest.raises(KeyError):
        verdict_kind("recording", "record-missing")


def test_what_holds_besides_is_told_and_agreeing_is_not() -> None:
    subject = record_subject("x")
    found = judgement(subject, {"agrees": True, "record-stale": True, "record-contested": True}, {})
    assert (found.verdict, found.also) == ("record-contested", ("record-stale",))
    with pytest.raises(ValueError):
        judgement(subject, {"record-stale": False}, {})


@pytest.mark.parametrize("media", [True, False])
def test_a_failed_recording_tells_what_is_left_of_it_and_not_that_nothing_is(media: bool) -> None:
    """Media may lie there whole: IVS told no duration."""
    failed = replace(
        SHOWN,
        state="failed",
        programs=(),
        events=replace(SHOWN.events, duration=None) if SHOWN.events else None,
        recording=replace(SHOWN.recording, has_media=media),
    )
    told = judge_recording(failed)
    assert told.verdict == "failed"
    listed = "media is listed" if media else "no media is listed"
    assert told.evidence["seen"] == f"its last event reports no duration; {listed} under it"
    assert "before you tell the producer" in told.remedy.step


@pytest.mark.parametrize(
    ("subject", "name", "claim"),
    [
        ("session", "recording-missing", "the broadcast is lost"),
        ("program", "group-dangling", "no list shows it"),
        ("recording", "failed", "none of it is left"),
        ("recording", "retired", "its owner deleted it"),
        ("recording", "show-missing", "has been deleted"),
        ("recording", "twin", "has the program."),
        ("record", "record-contested", "Two rows"),
        ("system", "trigger-misconfigured", "programs are not made"),
    ],
)
def test_no_verdict_claims_what_nobody_saw(subject: str, name: str, claim: str) -> None:
    kind = verdict_kind(subject, name)
    assert claim not in f"{kind.means} {kind.remedy}"


def test_a_recording_s_evidence_is_told() -> None:
    told = judge_recording(replace(SHOWN, faults=("groupId",), doubt="the table was not read whole")).evidence
    assert told == {
        "start": "2026-05-19T03:00:00.000Z",
        "end": "2026-05-19T04:00:00.000Z",
        "duration_ms": 3600000,
        "last_event": "2026-05-19T04:00:00.000Z",
        "attribution": KNOWN.to_evidence(),
        "title": "A Title",
        "owner": "o",
        "programs": [{"pk": "u#o#programs", "sk": "p#p1", "programId": "p1"}],
        "lacks": ["groupId"],
        "why": "the table was not read whole",
    }


ROW = program()
STANDING = RecordEvidence("p1", (ROW,), Record("p1", 1, None, None, None), {}, "", NOW, SETTLE)
FRESH = program(updated_at=NOW - timedelta(minutes=1))
OTHER = Record("p1", 2, None, None, None)

RECORD: list[tuple[dict[str, Any], str, tuple[str, ...]]] = [
    ({}, "agrees", ()),
    ({"record": None}, "record-missing", ()),
    ({"record": OTHER}, "record-stale", ()),
    ({"rows": ()}, "record-orphaned", ()),
    ({"rows": (ROW, program("p2"))}, "record-contested", ()),
    ({"rows": (ROW, program("p2")), "record": None}, "record-contested", ("record-missing",)),
    ({"rows": (FRESH,)}, "agrees", ()),
    ({"rows": (FRESH,), "record": None}, "settling", ("record-missing",)),
    ({"rows": (FRESH,), "record": OTHER}, "settling", ("record-stale",)),
    ({"rows": (replace(FRESH, updated_at=NOW - SETTLE),), "record": None}, "record-missing", ()),
    ({"rows": (FRESH, ROW), "record": None}, "record-contested", ("settling", "record-missing")),
    ({"doubt": "why"}, "unknown", ()),
    ({"doubt": "why", "record": None}, "unknown", ("record-missing",)),
    ({"doubt": "why", "rows": ()}, "unknown", ("record-orphaned",)),
    ({"rows": (program(unreadable="title is no text"),)}, "unreadable", ()),
    (
        {"rows": (program(unreadable="x"), ROW), "record": None, "doubt": "why"},
        "unreadable",
        ("unknown", "record-contested", "record-missing"),
    ),
]


@pytest.mark.parametrize(("changes", "verdict", "also"), RECORD)
def test_each_verdict_on_a_record_follows_from_its_evidence(
    changes: dict[str, Any], verdict: str, also: tuple[str, ...]
) -> None:
    found = judge_record(replace(STANDING, **changes))
    assert (found.verdict, found.also) == (verdict, also)


def test_a_record_s_evidence_is_told() -> None:
    rows = (program("b"), program("a"))
    contested = judge_record(replace(STANDING, rows=rows, differing={"title": {"row": 1, "record": 2}}))
    assert contested.evidence == {
        "rows": [{"pk": "u#o#programs", "sk": "p#a"}, {"pk": "u#o#programs", "sk": "p#b"}],
        "fields": {"title": {"row": 1, "record": 2}},
    }
    orphan = judge_record(replace(STANDING, rows=(), record=Record("p1", 1, "u", None, None)))
    assert orphan.evidence == {"rows": [], "program_url": "u"}


LIVE = Session("s1", "a", "ACTIVE", BEFORE, None, composition_arn="x:composition/comp1")
STARTED = SessionEvidence(
    LIVE, in_a_prefix=False, has_recording=False, doubt="", now=BEFORE + timedelta(hours=13)
)

SESSION: list[tuple[dict[str, Any], str, tuple[str, ...]]] = [
    ({}, "recording-missing", ()),
    ({"now": BEFORE + timedelta(hours=12)}, "agrees", ()),
    ({"now": BEFORE + timedelta(hours=12, seconds=1)}, "recording-missing", ()),
    ({"in_a_prefix": True}, "agrees", ()),
    ({"has_recording": True}, "agrees", ()),
    ({"session": replace(LIVE, composition_arn=None)}, "agrees", ()),
    ({"session": replace(LIVE, status="ENDED")}, "recording-missing", ()),
    ({"session": replace(LIVE, created_at=None)}, "unreadable", ()),
    ({"session": replace(LIVE, created_at=None, composition_arn=None)}, "agrees", ()),
    ({"session": replace(LIVE, unreadable="showId is no text")}, "unreadable", ("recording-missing",)),
    ({"doubt": "why"}, "unknown", ("recording-missing",)),
    ({"doubt": "why", "has_recording": True}, "unknown", ()),
    ({"unread": "why"}, "unknown", ("recording-missing",)),
    ({"unread": "why", "has_recording": True}, "agrees", ()),
    (
        {"doubt": "why", "session": replace(LIVE, unreadable="x")},
        "unreadable",
        ("unknown", "recording-missing"),
    ),
]


@pytest.mark.parametrize(("changes", "verdict", "also"), SESSION)
def test_each_verdict_on_a_session_follows_from_its_evidence(
    changes: dict[str, Any], verdict: str, also: tuple[str, ...]
) -> None:
    found = judge_session(replace(STARTED, **changes))
    assert (found.verdict, found.also) == (verdict, also)


def test_a_session_s_evidence_is_told() -> None:
    assert judge_session(replace(STARTED, unread="not read")).evidence == {
        "composition": "comp1",
        "createdAt": "2026-05-19T03:00:00.000Z",
        "showId": "a",
        "why": "not read",
    }


def test_a_finding_keeps_its_id_from_run_to_run() -> None:
    one = Judgement(record_subject("x"), "record-stale")
    assert one.id == Judgement(record_subject("x"), "record-stale", evidence={"a": 1}).id
    assert (
        len(
            {
                one.id,
                Judgement(record_subject("x"), "record-missing").id,
                Judgement(record_subject("y"), "record-stale").id,
            }
        )
        == 3
    )
    assert judge_recording(WANTED).subject.to_json() == {
        "type": "recording",
        "bucket": BUCKET,
        "prefix": COMPOSITE,
    }


def test_verdicts_of_one_name_share_their_label_and_no_two_names_of_a_type_do() -> None:
    """A label can be found by the name alone, and says which verdict it is."""
    labels = {(kind.name, kind.label) for kind in VERDICTS}
    assert len(labels) == len({name for name, _ in labels})
    for subject in TYPES:
        mine = [kind.label for kind in VERDICTS if kind.subject == subject]
        assert len(mine) == len(set(mine))
