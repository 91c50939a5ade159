"""What a person has to decide between stands side by side, with what the decision rests on."""

import io

from rich.console import Console

from reconcile.compare.choices import THE_JOB, candidates_of
from reconcile.explain.from_report import explain_stored
from reconcile.explain.render import print_verdicts
from reconcile.model.recording import RecordingKey, program_id_of
from reconcile.report.choices import MOST, choice_of, in_columns
from reconcile.report.render.html import render_html
from tests.unit.builders import (
    BEFORE,
    BUCKET,
    COMPOSITE,
    GROUP,
    MEDIA,
    OWNER,
    canonical_records,
    composition,
    events,
    group_item,
    iso,
    item,
    judge,
    program_item,
    session_item,
    show_item,
    snapshot,
)
from tests.unit.samples import every_kind_report
from tests.unit.test_history import Run

SHOWN = [show_item(), group_item(name="Evenings"), session_item(ivs={"compositionArn": composition("comp1")})]
MADE = program_id_of(RecordingKey(BUCKET, COMPOSITE))
JOBS = program_item(MADE, createdAt=iso(BEFORE), duration=3600, reconcileRunId="run7")
PROCESSORS = program_item("made2", duration=0)
COPY = item("n#net1#programs", f"p#{MADE}", programId=MADE, ownerId=OWNER, GSI1PK=f"p#{MADE}")
LINED_UP = item("n#net1#pr#list1", f"p#{MADE}", programId=MADE, ownerId=OWNER)
ROWS = [*SHOWN, JOBS, PROCESSORS, COPY, LINED_UP]
TWICE = snapshot({COMPOSITE: events()}, ROWS, records=canonical_records([JOBS, COPY]))


def test_two_programs_of_a_recording_tell_who_made_them_when_and_what_depends_on_them() -> None:
    comparison = judge(TWICE)
    (found,) = (one for name, one in candidates_of(comparison).items() if len(one) == 2)
    jobs, processors = sorted(found, key=lambda one: one["made_by"] != THE_JOB)
    assert (jobs["made_by"], jobs["run"], jobs["created"]) == (THE_JOB, "run7", "2026-05-19T03:00:00.000Z")
    assert (jobs["duration_s"], jobs["groupId"], jobs["group"]) == (3600, GROUP, "Evenings")
    assert (jobs["in_search"], jobs["copies"], jobs["playlists"]) == (True, 1, 1)
    assert (processors["made_by"], processors["in_search"]) == ("recording processor", False)
    assert (processors["copies"], processors["playlists"]) == (0, 0)


def test_the_report_of_such_a_recording_holds_them_in_every_rendering() -> None:
    report = Run().report(TWICE)
    (finding,) = (one for one in report.findings if one.kind == "program-duplicated")
    assert [one["programId"] for one in finding.candidates] == sorted([MADE, "made2"])
    page = render_html(report)
    told = io.StringIO()
    print_verdicts(explain_stored(finding.id, report, MEDIA), Console(file=told, width=100))
    for text in (page, told.getvalue()):
        for words in (
            THE_JOB,
            "recording processor",
            "Created by",
            "In search",
            "Network copies",
            "In playlists",
        ):
            assert words in text


def test_shows_between_which_nobody_decided_are_candidates() -> None:
    """Their producers, groups and numbers of recordings tell which it was."""
    sessions = [
        session_item("s1", "show1", ivs={"stageArn": "arn:aws:ivs:us-east-1:1:stage/st"}),
        session_item("s2", "show2", ivs={"stageArn": "arn:aws:ivs:us-east-1:1:stage/st"}),
    ]
    shows = [show_item("show1", title="One"), show_item("show2", title="Two", producerId="bob")]
    seen = snapshot(
        {COMPOSITE: events(stage_arn="arn:aws:ivs:us-east-1:1:stage/st")}, [*shows, group_item(), *sessions]
    )
    comparison = judge(seen)
    (found,) = candidates_of(comparison).values()
    assert [(one["what"], one["title"], one["owner"]) for one in found] == [
        ("show", "One", OWNER),
        ("show", "Two", "bob"),
    ]


def test_rows_that_use_one_search_record_are_candidates() -> None:
    """The record is the one's that says the same."""
    one, two = program_item("same"), program_item("same", owner="bob", title="Another", program_url="u")
    seen = snapshot({}, [one, two], records=canonical_records([one]))
    comparison = judge(seen)
    (name,) = (j.id for j in comparison.findings if j.verdict == "record-contested")
    assert [(c["owner"], c["in_search"]) for c in candidates_of(comparison)[name]] == [
        ("bob", False),
        (OWNER, True),
    ]


def test_many_candidates_are_cut_and_columns_keep_a_narrow_terminal() -> None:
    many = [{"what": "program", "pk": "u#a#programs", "sk": f"p#{n}", "title": "T" * 30} for n in range(9)]
    choice = choice_of(many)
    assert choice is not None
    assert (len(choice.heads), choice.more) == (MOST, "and 5 more candidates in the JSON report")
    assert choice_of([]) is None
    assert any("A" in line and "D" in line for line in in_columns(choice, 80))


def test_no_candidates_leave_the_report_as_it_was() -> None:
    assert all(not one.candidates for one in every_kind_report().findings)


def test_what_is_alike_or_unknown_is_no_ground_to_decide_and_one_candidate_has_no_letter() -> None:
    """The live processor stores a duration of nought, which is none."""
    pair = [{"what": "program", "pk": "u#a#programs", "sk": f"p#{n}", "owner": "ann"} for n in (1, 2)]
    choice = choice_of([{**pair[0], "duration_s": 0}, {**pair[1], "duration_s": 62}])
    assert choice is not None
    assert choice.rows == (("Duration", ("not stored (0)", "1 min 2 s")),)
    alone = choice_of(pair[:1])
    assert alone is not None
    assert (alone.heads, ("Owner", ("ann",)) in alone.rows) == (("program",), True)
