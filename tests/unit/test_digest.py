"""What a chat message says: what is wrong, what to do first, what is new; little on a quiet day."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from reconcile.model.run import Interrupted
from reconcile.report.message import Message
from reconcile.report.render.digest import Digest, digest_of, week_words
from reconcile.report.view.model import ReportView
from tests.unit.samples import NOW, RUN, clean_report, run_facts
from tests.unit.views import approval, line, nights, sources, step, tiles, view


def digest(of: ReportView, **more: Any) -> Digest:
    return digest_of(of, Message(clean_report(), lambda: "", **more))


@pytest.mark.parametrize(
    ("of", "heading"),
    [
        (view("ok"), "[staging] OK"),
        (view("known", tiles(open=84)), "[staging] Nothing new: 84 open"),
        (view("action", tiles(8, 89, 14, 29)), "[staging] Action needed: 14 to approve · 8 new"),
        (view("action", tiles(8, 89)), "[staging] Action needed: 8 new · 89 open"),
        (view("incomplete", tiles(open=1_084)), "[staging] Incomplete: 1,084 open"),
        (
            view(numbers=tiles(8, 89, 14), approval=replace(approval(14), commands=())),
            "[staging] Action needed: 8 new · 89 open",
        ),
    ],
)
def test_the_heading_has_the_stage_the_state_and_the_two_numbers_that_matter(
    of: ReportView, heading: str
) -> None:
    assert digest(of).heading == heading


def test_the_four_numbers_are_those_of_the_tiles_with_what_changed() -> None:
    assert digest(view(numbers=tiles(8, 1_089, 14, 29))).numbers == (
        ("New", "8 (+5)"),
        ("Open", "1,089"),
        ("Awaiting approval", "14"),
        ("Repaired", "29"),
    )


def test_it_names_three_steps_and_five_new_findings_and_counts_the_other_new_ones() -> None:
    of = view(steps=map(step, range(1, 6)), new=(line(number, f"Show {number}") for number in range(8)))
    made = digest(of)
    assert [one.number for one in made.steps] == [1, 2, 3]
    assert [one.title for one in made.new] == [f"Show {number}" for number in range(5)]
    assert made.new_left_out == 3


def test_a_new_finding_stands_with_its_time_and_its_label() -> None:
    assert [one.mark for one in digest(view(new=[line(), line(recorded_at=None)])).new] == [
        "3 Mar 09:06 UTC · No program",
        "No program",
    ]


@pytest.mark.parametrize(
    ("changes", "command"),
    [
        ({}, f"reconcile repair --approve {RUN}"),
        ({"commands": ("aws s3api put-bucket x \\\n  --json '{}'",)}, "reconcile explain 0123456789ab"),
        ({"commands": ("aws " + "x" * 100,)}, "reconcile explain 0123456789ab"),
        ({"commands": ("reconcile explain `id`",)}, "reconcile explain 0123456789ab"),
        ({"commands": ()}, "reconcile explain 0123456789ab"),
        ({"commands": (), "findings": ()}, ""),
    ],
)
def test_a_step_has_one_short_command_that_can_be_copied(changes: dict[str, Any], command: str) -> None:
    (made,) = digest(view(steps=[step(**changes)])).steps
    assert made.command == command


@pytest.mark.parametrize(
    ("of", "quiet"),
    [
        (view("ok"), True),
        (view("known", tiles(open=84)), True),
        (view("known", tiles(open=84, repaired=1)), False),
        (view("ok", tiles(repaired=1)), False),
        (view("action", tiles(open=84)), False),
        (view("incomplete"), False),
        (view("known", tiles(open=84, approval=3)), False),
        (view("known", tiles(open=84, approval=3), approval=replace(approval(3), commands=())), True),
    ],
)
def test_a_day_is_quiet_where_nothing_is_new_and_nothing_was_done(of: ReportView, quiet: bool) -> None:
    assert digest(of).quiet is quiet


def test_a_quiet_day_is_one_sentence_with_its_stage() -> None:
    assert digest(view("known", tiles(open=84))).line == "[staging] Nothing new. 84 known problems."
    assert digest(view("action", tiles(8))).line == (
        "[staging] Action needed: 8 new — 14 broadcasts are recorded but cannot be watched."
    )


def test_a_day_is_not_quiet_where_a_run_did_not_come_to_its_end() -> None:
    killed = (Interrupted("earlier", "repair", NOW, 3),)
    for run in (run_facts(interrupted=killed), run_facts(cut_short="time ran out")):
        of = view(
            "ok", verdict=replace(view("ok").verdict, notes=("It was killed.", "Only x was requested."))
        )
        made = digest_of(of, Message(clean_report(run=run), lambda: ""))
        assert (made.quiet, made.notes) == (False, of.verdict.notes)
        assert digest(of).notes == ()


def test_no_day_is_quiet_whose_report_could_not_be_archived() -> None:
    made = digest(view("ok"), not_kept="no space is left")
    assert (made.quiet, made.warning) == (False, "The report was not archived: no space is left")


def test_the_week_counts_the_runs_of_seven_days_and_no_older_one() -> None:
    assert week_words(nights(30), NOW) == "Last 7 days: 7 runs, 7 new, 14 repaired."
    assert week_words(nights(1, new=0, repaired=0), NOW) == "Last 7 days: 1 run, 0 new, 0 repaired."
    assert week_words(nights(2, state="incomplete"), NOW).endswith(", 2 incomplete.")
    assert week_words(nights(3, NOW - timedelta(days=9)), NOW) == ""


def test_the_run_is_named_with_the_sources_that_were_not_read() -> None:
    unread = replace(view().coverage, sources=sources("S3", "Algolia"))
    assert digest(view()).run == f"repair, last 3 days · run {RUN} · all sources read"
    assert digest(view(coverage=unread)).run.endswith(" · not read completely: S3, Algolia")


@pytest.mark.parametrize(
    ("link", "place", "made"),
    [
        ("https://reports.example/r", "s3://b/r", ("https://reports.example/r", "s3://b/r")),
        ("javascript:alert(1)", "s3://b/r", ("", "s3://b/r")),
        (f"https://reports.example/{'x' * 999}", "s3://b/r", ("", "s3://b/r")),
        ("", "", ("", "")),
    ],
)
def test_the_report_is_linked_or_its_place_is_said(link: str, place: str, made: tuple[str, str]) -> None:
    one = digest(view(), link=link, place=place)
    assert (one.link, one.place) == made


def test_a_long_title_that_runs_to_the_left_is_cut_and_stays_set_apart() -> None:
    (made,) = digest(view(new=[line(title="\u2068" + "שלום " * 90 + "\u2069")])).new
    assert (made.title[0], made.title[-2:]) == ("\u2068", "…\u2069")
    assert len(made.title) <= 62
