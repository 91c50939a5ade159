"""The message for Slack: its first line tells everything, it keeps every limit, and titles are only words."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from reconcile.model.verdict_table import verdict_kind
from reconcile.report.data import Report
from reconcile.report.formatting import clean
from reconcile.report.message import Message
from reconcile.report.render.slack import compose, compose_test
from tests.contract.slack_desk import escapes, faults, length, texts
from tests.unit.page import poisoned
from tests.unit.samples import (
    RUN,
    busy_report,
    clean_report,
    evidence,
    finding,
    findings_report,
    incomplete_report,
    prefix,
    recording,
    run_facts,
)

LINK = "https://reports.example/staging/run/report.html"
PLACE = "s3://bucket/reports/run"
MORE = "(see the whole report)"


def composed(report: Report, link: str = LINK, **more: str) -> dict[str, Any]:
    """Return a report's message, which keeps all limits and calls nobody."""
    message = compose(Message(report, "<html>", link, **more))
    assert faults(message) == []
    assert escapes(message) == []
    return message


def lines(message: Mapping[str, Any]) -> list[str]:
    """Return what a reader sees, from top to bottom."""
    return [line for one in texts(message["blocks"]) for line in one["text"].split("\n")]


def plain(text: str) -> str:
    """Return marked text as Slack shows it."""
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


@pytest.mark.parametrize("number", [0, 1, 50, 5_000])
def test_a_message_keeps_every_limit_however_many_findings_there_are(number: int) -> None:
    message = composed(findings_report(number))
    size = sum(length(one["text"]) for one in texts(message["blocks"]))
    print(f"Slack, {number:,} findings: {len(message['blocks'])} blocks, {size:,} characters")
    assert len(message["blocks"]) < 20
    assert size < 5_000


@pytest.mark.parametrize(
    ("report", "first"),
    [
        (clean_report(), "[staging] OK"),
        (findings_report(1), "[staging] 1 open (1 new)"),
        (
            busy_report(),
            "[staging] Awaiting approval: 12 open (7 new), 2 repaired, 60 awaiting approval, 1 resolved",
        ),
        (incomplete_report(), "[staging] Incomplete"),
        (clean_report(run=run_facts(exit_code=3)), "[staging] Incomplete"),
        (
            clean_report(findings=(finding("program-missing", recording(1), {}, "repaired"),)),
            "[staging] OK after repairs: 1 repaired",
        ),
    ],
)
def test_the_first_line_tells_the_stage_the_verdict_and_the_counts(report: Report, first: str) -> None:
    assert lines(composed(report))[0] == first


def test_the_notification_is_the_stage_and_the_headline() -> None:
    report = busy_report()
    assert composed(report)["text"] == f"[staging] {report.headline}"
    assert lines(composed(report))[1] == report.headline


def test_a_run_that_found_nothing_is_told_in_four_lines() -> None:
    told = lines(composed(clean_report()))
    assert told[1:3] == [clean_report().headline, f"<{LINK}|Read the whole report>"]
    assert told[3].startswith("check, last 3 d · 4 Mar 2026 05:05 UTC · took 42 s · run ")
    assert len(told) == 4


def test_what_needs_a_person_stands_first_and_the_severe_before_the_mild() -> None:
    told = lines(composed(busy_report()))
    order = [
        "*Unreadable data*",
        "*Show has no group*",
        "*Show or program ambiguous*",
        "*Awaiting approval*",
        "```",
        "*Repaired*",
        "repair, last 3 d",
    ]
    places = [next(place for place, line in enumerate(told) if line.startswith(name)) for name in order]
    assert places == sorted(places)


def test_a_group_tells_what_it_means_what_to_do_and_each_finding_with_its_age() -> None:
    told = lines(composed(busy_report()))
    first = told.index("*Show has no group* · 2 recordings, severity high · `group-missing`")
    new, old = busy_report().findings[:2]
    assert told[first + 1 : first + 6] == [
        verdict_kind("recording", "group-missing").means,
        f"→ *{verdict_kind('recording', 'group-missing').step}*",
        "`reconcile repair --repair group-missing`",
        f"• “Morning Jazz”, 3 Mar 2026 09:05 UTC, 1 h 2 min · new · `{new.id}`",
        f"• “Morning Jazz”, 3 Mar 2026 09:04 UTC, 1 h 2 min · since 26 Feb 2026 05:06 UTC (6 d) · `{old.id}`",
    ]


def test_steps_that_differ_stand_with_their_findings() -> None:
    told = lines(composed(busy_report()))
    failed = next(place for place, line in enumerate(told) if line.startswith("• Search record program-21"))
    assert told[failed + 1].startswith("→ The repair failed: not read back: the index did not answer.")


def test_a_long_group_is_capped_and_says_how_many_more_there_are() -> None:
    findings = tuple(finding("unplayable", recording(number), evidence(number)) for number in range(183))
    told = lines(composed(clean_report(findings=findings)))
    assert sum(line.startswith("• ") for line in told) == 3
    assert f"and 180 more {MORE}" in told


def test_the_command_that_approves_stands_once_and_exactly() -> None:
    """For the shell and for the function, whatever reasons the repairs were withheld for."""
    report = busy_report()
    ids = list(report.approvals)
    report = replace(report, approvals={**report.approvals, ids[0]: "there are more than are plausible"})
    message = composed(report)
    (code,) = (one["text"] for one in texts(message["blocks"]) if one["text"].startswith("```"))
    assert f"\nreconcile repair --approve {RUN}\n" in code
    assert f'{{"approve": "{RUN}"}}' in code
    told = lines(message)
    assert "*No program* · 59 repairs" in told
    assert "*No program* · 1 repair" in told
    assert "There are more than are plausible." in told


def test_a_check_tells_what_a_repair_would_withhold_and_names_no_run_to_approve() -> None:
    found = finding("program-missing", recording(1), evidence(1))
    told = lines(composed(clean_report(findings=(found,), would_need_approval={found.id: "it is too much"})))
    assert told[told.index("*Would need approval* 1") + 2 :][:2] == [
        "*No program* · 1 repair",
        "It is too much.",
    ]
    assert "--approve" not in "".join(told)


def test_what_was_written_in_vain_does_not_count_as_mended() -> None:
    told = lines(composed(busy_report()))
    assert "*Repaired*: Incomplete program (1), No program (1)" in told
    assert "*Deleted by their owners*: Program was deleted (1)" in told
    assert "*Resolved since the last report*: No program (1)" in told


def test_sources_that_are_not_to_be_relied_on_are_named_before_the_findings() -> None:
    told = lines(composed(incomplete_report()))
    assert told[3].startswith("• s3:media-of-the-test: read only partly: listing the bucket")
    assert told[4].startswith("• algolia:programs: looks incomplete: it gave 40 items")
    assert told.index("*Not checked* 70") > 4
    assert any(line.startswith("• 70 recordings: s3:media-of-the-test: listing the bucket") for line in told)


def test_many_notes_are_capped() -> None:
    first = clean_report().sources[0]
    broken = tuple(replace(first, source=f"s3:bucket-{n}", whole=False, why="&" * 900) for n in range(40))
    told = lines(composed(clean_report(sources=broken)))
    assert any(line.startswith("and 36 more notes") for line in told)


@pytest.mark.parametrize(
    ("link", "place", "told"),
    [
        (f"{LINK}?a=1&b=2", PLACE, f"<{LINK}?a=1&amp;b=2|Read the whole report>"),
        (f"{LINK}?a>b|c<d e", PLACE, f"<{LINK}?a%3Eb%7Cc%3Cd%20e|Read the whole report>"),
        ("", PLACE, f"The whole report is at `{PLACE}`"),
        ("javascript:alert(1)", PLACE, f"The whole report is at `{PLACE}`"),
        ("", "", "For the whole report, run the check again with --html FILE."),
    ],
)
def test_the_whole_report_is_linked_or_its_place_is_told(link: str, place: str, told: str) -> None:
    assert lines(composed(busy_report(), link, place=place))[2] == told


def test_a_link_that_is_too_long_for_slack_is_told_in_short() -> None:
    told = lines(composed(busy_report(), f"https://reports.example/{'x' * 5_000}"))
    assert told[2].startswith("The whole report is at `https://reports.example/xxx")


def test_a_report_that_is_kept_nowhere_says_so_and_where_to_look() -> None:
    """The message is the only trace of the run, so it tells where each recording lies."""
    told = lines(composed(busy_report(), "", not_kept="no space is left"))
    assert told[1] == "*The report was not archived: no space is left*"
    assert f"`s3://media-of-the-test/{prefix(1)}`" in told
    assert "and 57 more (not shown here, and not archived)" in told
    assert f"`s3://media-of-the-test/{prefix(1)}`" not in lines(composed(busy_report()))


SHAPE = [one["text"].count("\n") for one in texts(composed(busy_report("x", withheld=2)))]


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=60))
@example("<!channel> <@U024BE7LH> <#C024BE7LR> @here @everyone #general")
@example("*bold* _it_ ~no~ `code` ```\nblock\n``` > quote :fire:")
@example("صباح الخير\u202e يا بيروت")
@example("👩‍👩‍👧‍👦" * 15)
@example("&amp;&lt;b&gt; &#60;!here&#62; https://evil.example|x")
@example("\x00\x1b[2J\r\n\u2028\ud800")
def test_no_title_changes_the_message(text: str) -> None:
    """As many lines in as many blocks as for any other title, and in them the title itself."""
    title = f"T{text}T"
    message = composed(busy_report(title, withheld=2))
    assert [one["text"].count("\n") for one in texts(message)] == SHAPE
    assert f"“{clean(title).replace('`', 'ˋ')}”" in plain("\n".join(lines(message)))
    json.dumps(message).encode()


@pytest.mark.parametrize("report", [clean_report(), busy_report(withheld=2), incomplete_report(3)])
def test_no_text_of_a_report_becomes_markup(report: Report) -> None:
    message = composed(Report.from_json(json.dumps(poisoned(json.loads(report.to_json())))))
    assert escapes(message) == []


def endless(number: int) -> Iterator[Any]:
    """Yield findings of so many kinds that no table knows, each with more words than can be read."""
    for place in range(number):
        one = finding("unplayable", recording(place), evidence(place, "&" * 5_000, why="<" * 5_000))
        yield replace(one, kind=f"kind-{place}-{'`' * 900}", step="😀" * 5_000, status="failed")


@pytest.mark.parametrize("kinds", [1, 10, 40, 400])
def test_a_report_of_another_version_keeps_the_limits_too(kinds: int) -> None:
    """Whatever its kinds are called and however long its words are; what is left out is counted."""
    run = run_facts(stage="s" * 900, id="r" * 900, reason="&" * 900, mode="repair")
    found = tuple(endless(kinds))
    withheld = {one.id: f"{one.id}{'&' * 900}" for one in found}
    report = clean_report(run=run, headline="&" * 9_000, findings=found, approvals=withheld)
    told = lines(composed(report, place="p" * 9_000))
    assert told[0].startswith("[sss")
    assert kinds < 40 or any("groups" in line and MORE in line for line in told)


def test_many_kinds_of_few_words_keep_the_limit_of_blocks() -> None:
    """Where 40 kinds need a person and 40 reasons withhold, not all of them have a block of their own."""
    found = tuple(replace(finding("unplayable", recording(n), {}), kind=f"kind-{n}") for n in range(40))
    told = lines(composed(clean_report(findings=found, approvals={one.id: one.id for one in found})))
    assert told.count(f"and 35 more groups {MORE}") == 2


def test_a_group_of_long_findings_keeps_the_limit_of_a_block() -> None:
    """Three of them would not fit with their own steps and places; what fits is shown, the rest counted."""
    found = tuple(
        finding("unplayable", recording(n), evidence(n, "&" * 120, why="w" * 900), remedy=f"{n}{'&' * 900}")
        for n in range(3)
    )
    told = lines(composed(clean_report(findings=found), ""))
    assert sum(line.startswith("• ") for line in told) == 2
    assert "and 1 more (not shown here, and not archived)" in told


def test_the_same_report_gives_the_same_message() -> None:
    assert composed(findings_report(500)) == composed(findings_report(500))


def test_a_test_message_is_a_message() -> None:
    message = compose_test("a <b> & `c`")
    assert faults(message) == []
    assert escapes(message) == []
    assert plain(message["text"]).startswith("[a <b> & ˋcˋ] This is a test message")
