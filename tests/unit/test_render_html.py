"""The page: right at one glance, the same tree whatever the titles are, and nothing fetched."""

import json
from dataclasses import replace
from html import escape

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from reconcile.model.finding import finding_id
from reconcile.model.verdict_table import verdict_kind
from reconcile.report.data import Report
from reconcile.report.formatting import clean, two_values
from reconcile.report.render.html import MOST_ITEMS, render_html
from reconcile.report.summary import glance
from tests.unit.page import Page, poisoned
from tests.unit.samples import (
    RUN,
    busy_report,
    clean_report,
    evidence,
    finding,
    incomplete_report,
    prefix,
    recording,
    run_facts,
    source,
)


def headings(html: str) -> list[str]:
    """Return the ids of a page's sections, from top to bottom."""
    return [value for tag, name, value in Page(html).attributes if (tag, name) == ("section", "id")]


def test_a_clean_run_says_that_it_ran_and_what_it_looked_at() -> None:
    html = render_html(clean_report())
    text = Page(html).text
    assert "staging check, last 3 d 4 Mar 2026 05:05 UTC took 42 s" in text
    assert "OK No problems found; checked 214 search records" in text
    told = "recordings OK 180 Second recording of a broadcast 12 Program was deleted 6 Guest feed 3"
    assert f"{told} Still recording 2 203 in total = 198 checked + 5 not checked" in text
    assert "dynamodb:app-of-the-test read completely 1,912 items 7 requests 410.5 units 12 s spent" in text
    assert "skipped folders sessions/, users/" in text
    assert headings(html) == ["unchecked", "counts", "receipts"]


def test_the_sections_stand_in_their_order() -> None:
    assert headings(render_html(busy_report())) == [
        "needs",
        "withheld",
        "repaired",
        "unchecked",
        "deleted",
        "resolved",
        "carried",
        "counts",
        "receipts",
    ]


def test_the_severe_stand_first_and_the_unknown_last() -> None:
    unknown = finding("unknown", recording(30), evidence(30))
    mild = finding("overlapping", recording(31), evidence(31))
    severe = finding("group-missing", recording(32), evidence(32))
    text = Page(render_html(clean_report(findings=(unknown, mild, severe)))).text
    assert text.index(severe.id) < text.index(mild.id) < text.index(unknown.id)


@pytest.mark.parametrize(
    ("report", "state"),
    [
        (clean_report(), "agrees"),
        (clean_report(findings=(finding("program-missing", recording(1), {}, "repaired"),)), "agrees"),
        (clean_report(findings=(finding("program-missing", recording(1), {}, "ignored"),)), "known"),
        (clean_report(findings=(finding("program-missing", recording(1), {}, "open", 3),)), "attention"),
        (clean_report(findings=(finding("program-missing", recording(1), {}, "failed"),)), "attention"),
        (busy_report(), "withheld"),
        (incomplete_report(), "incomplete"),
        (clean_report(sources=(source("algolia:programs", 1, doubt="it shrank"),)), "incomplete"),
        (clean_report(run=run_facts(exit_code=3)), "incomplete"),
    ],
)
def test_the_verdict_is_told_by_what_was_found_and_by_what_was_read(report: Report, state: str) -> None:
    """An exit code of 0 does not make a run agree whose open findings were only not asked about."""
    assert glance(report).state == state
    assert f'class="verdict {state}"' in render_html(report)


def test_a_finding_tells_its_subject_its_evidence_since_when_and_what_to_do() -> None:
    text = Page(render_html(busy_report())).text
    assert "“Morning Jazz”, 3 Mar 2026 09:04 UTC, 1 h 2 min since 26 Feb 2026 05:06 UTC (6 d)" in text
    assert (
        f"s3://media-of-the-test/{prefix(2)} Matched by a session's own stage (level 1 of 5, strongest) "
        "show show-2 session" in text
    )
    assert verdict_kind("recording", "group-missing").means in text
    assert verdict_kind("recording", "group-missing").step in text
    assert "shows show-1, show-2 sessions session-1, session-2 Candidates u#user-anna#programs" in text
    assert "repair failed, since 3 Mar 2026 05:06 UTC (1 d)" in text
    assert 'title "Morning Jazz (final)" "Morning Jazz" duration 3720 "3720"' in text
    assert 'tags ["recording", "ivs"] nothing' in text


def test_what_was_written_stands_with_before_after_and_whether_it_was_verified() -> None:
    text = Page(render_html(busy_report())).text
    assert "program completed verified u#user-anna#programs p#program-22 field before after" in text
    assert 'groupId "Recordings" "group-22"' in text
    assert "search record written not verified: not read back: the index did not answer program-21" in text
    assert "and 12 more in the JSON report" in text


def test_a_write_is_told_of_even_when_its_finding_is_not_listed() -> None:
    text = Page(render_html(replace(busy_report(), findings=()))).text
    assert "program created verified u#user-anna#programs p#program-20" in text


def test_withheld_repairs_stand_with_their_reason_and_the_exact_command() -> None:
    html = render_html(busy_report())
    assert f"<pre><code>reconcile repair --approve {RUN}</code></pre>" in html
    assert "<pre><code>aws lambda invoke --function-name reconcile-repair-staging" in html
    assert "No program 60 repairs It ended before repairs were first made here." in Page(html).text


def test_a_check_tells_what_a_repair_would_withhold_and_names_no_run_to_approve() -> None:
    found = finding("program-missing", recording(1), evidence(1))
    report = clean_report(findings=(found,), would_need_approval={found.id: "it is too much"})
    text = Page(render_html(report)).text
    assert "Would need approval" in text
    assert "No program 1 repair It is too much." in text
    assert "--approve" not in text


def test_a_long_group_is_capped_and_says_how_many_more_there_are() -> None:
    report = busy_report(withheld=230)
    text = Page(render_html(report)).text
    shown = [one.id for one in report.findings if one.status == "awaiting-approval" and one.id in text]
    assert len(shown) == MOST_ITEMS
    assert "and 180 more in the JSON report" in text


def test_what_was_not_checked_is_named() -> None:
    text = Page(render_html(incomplete_report())).text
    assert "read only partly: listing the bucket media-of-the-test: AccessDenied" in text
    assert "looks incomplete: it gave 40 items, and 214 when it was last believed" in text
    assert "70 recordings s3:media-of-the-test: listing the bucket" in text
    assert f"finding {finding_id('unknown', recording(0))}" in text
    assert "65 more in the JSON report, with their ids" in text
    assert "This run keeps no history" in text
    text = Page(render_html(busy_report())).text
    assert "70 recordings: Outside the window" in text
    assert "The window begins 1 Mar 2026 04:51 UTC" in text
    text = Page(render_html(clean_report(run=run_facts(only=("record-stale",))))).text
    assert "Only record-stale was requested" in text


def test_counts_that_do_not_add_up_are_shown_as_such() -> None:
    report = clean_report(counts={"record": {"agrees": 3, "population": 5}})
    assert "3 in total, but there are 5" in Page(render_html(report)).text


def test_a_run_that_found_empty_stores_does_not_pass_for_a_sound_one() -> None:
    report = clean_report(counts={"recording": {"agrees": 0, "population": 0}})
    assert "Nothing was found to check" in Page(render_html(report)).text


def test_the_page_needs_nothing_but_itself() -> None:
    page = Page(render_html(busy_report(), link="report.json"))
    assert not {"script", "link", "img", "iframe", "object", "form", "base"} & {
        part.rpartition("/")[2] for part in page.shape
    }
    leading = {value for _, name, value in page.attributes if name in ("href", "src")}
    assert {value for value in leading if not value.startswith("#")} == {"report.json"}
    assert not [name for _, name, _ in page.attributes if name.startswith("on") or name == "style"]
    assert "url(" not in render_html(busy_report())
    assert "@import" not in render_html(busy_report())


@pytest.mark.parametrize("link", ["javascript:alert(1)", " javascript:alert(1)", "data:text/html,x"])
def test_an_address_that_could_run_something_is_left_out(link: str) -> None:
    assert "JSON report</a>" not in render_html(busy_report(), link=link)


def test_values_that_part_late_are_shortened_around_that_place() -> None:
    left, right = two_values("a" * 500 + "left", "a" * 500 + "right")
    assert left.endswith('left"')
    assert right.endswith('right"')
    assert max(len(left), len(right)) < 100


PLAIN = Page(render_html(busy_report(titles="x", withheld=2)))


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=60))
@example("</title><script>alert(1)</script>")
@example('"><img src=x onerror=alert(1)>')
@example("{{ 7 * 7 }}{% raw %}")
@example("<!-- \x00 \x1b[2J \u202e ]]> &amp; &#60;b&#62;")
@example("\ud800")
def test_no_title_changes_the_tree(text: str) -> None:
    title = f"T{text}T"
    html = render_html(busy_report(titles=title, withheld=2))
    page = Page(html)
    assert page.shape == PLAIN.shape
    assert f"“{clean(title)}”" in "".join(page.texts)
    if escape(title) != title:
        assert title not in html
    html.encode()


@pytest.mark.parametrize("report", [clean_report(), busy_report(withheld=2), incomplete_report(3)])
def test_no_text_of_a_report_becomes_markup(report: Report) -> None:
    hostile = Report.from_json(json.dumps(poisoned(json.loads(report.to_json()))))
    page = Page(render_html(hostile))
    assert not [part for part in page.shape if part.endswith("/i")]
    assert page.text.count("<i>&\"'") > 20
