"""The page of a report: everything that the report says is in it, and no text of it becomes markup."""

import json
import re
from dataclasses import replace

import pytest
from hypothesis import example, given, settings

from reconcile.model.verdict_table import verdict_kind
from reconcile.report.data import Report
from reconcile.report.formatting import clean, two_values
from reconcile.report.render.html import render_html
from reconcile.report.view.build import view_of
from tests.unit.page import Page, poisoned
from tests.unit.page_text import PageText
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
from tests.unit.strategies import hostile_titles


def headings(html: str) -> list[str]:
    """Return a page's headings of sections, from top to bottom, without their numbers."""
    return [re.sub(r" [\d,]+$", "", line[3:]) for line in PageText(html).lines if line.startswith("## ")]


def test_a_clean_run_says_that_it_ran_and_what_it_checked() -> None:
    """The run, the sentence, the verdicts, what each source gave, and how long all of it took."""
    html = render_html(clean_report())
    page = PageText(html)
    assert "staging Recording health 4 Mar 2026 05:05 UTC · check, last 3 d" in page.lines
    assert "No open problems." in page.lines
    told = "recordings OK 180 Second recording of a broadcast 12 Program was deleted 6 Guest feed 3"
    assert f"{told} Still recording 2 198 checked, total 203" in page.text
    assert "DynamoDB table “app-of-the-test” 12 s read completely · 1,912 items" in page.text
    assert "skipped folders sessions/, users/" in page.text
    assert f"Run {RUN} took 42 s · reconcile 0.1.0 · exit 0 (nothing to do)" in page.lines
    assert headings(html) == ["Open problems", "Recordings", "Coverage"]


def test_the_sections_stand_in_their_order() -> None:
    """What awaits a person is above what was done, and that above what is for looking up."""
    html = render_html(busy_report())
    assert headings(html) == [
        "Awaiting approval",
        "Open problems",
        "Repaired",
        "Other findings and decisions",
        "Recordings",
        "Coverage",
    ]
    folded = [
        line for line in PageText(html).lines if re.fullmatch(r"(Resolved|Deleted.*|Not re-.*) \d+", line)
    ]
    assert folded == ["Resolved 1", "Deleted by their owner 1", "Not re-checked 1"]


@pytest.mark.parametrize(
    ("report", "state"),
    [
        (clean_report(), "ok"),
        (clean_report(findings=(finding("program-missing", recording(1), {}, "repaired"),)), "ok"),
        (clean_report(findings=(finding("program-missing", recording(1), {}, "failed"),)), "action"),
        (busy_report(), "action"),
        (incomplete_report(), "incomplete"),
        (clean_report(sources=(source("algolia:programs", 1, doubt="it shrank"),)), "incomplete"),
        (clean_report(run=run_facts(exit_code=3)), "incomplete"),
    ],
)
def test_the_verdict_has_its_colour(report: Report, state: str) -> None:
    """The one that the view decided on."""
    assert view_of(report).verdict.state == state
    assert f'class="verdict {state}"' in render_html(report)


def test_a_finding_says_its_subject_its_evidence_since_when_and_what_to_do() -> None:
    """What a kind means and what to do about it stand once, above its lines."""
    text = PageText(render_html(busy_report())).text
    assert "Morning Jazz 2026-03-03T09:04:07.000Z · 1 h 2 min 6 d" in text
    assert (
        f"s3://media-of-the-test/{prefix(2)} Matched by: a session's own stage (level 1 of 5, strongest), "
        "show show-2, session session-2" in " ".join(text.split())
    )
    assert text.count(verdict_kind("recording", "group-missing").means) == 1
    assert text.count(verdict_kind("recording", "group-missing").step) == 1
    assert "repair failed" in text
    assert '| title: "Morning Jazz‹› (final)‹›" | "Morning Jazz‹›"' in text
    assert '| duration: 3720 | "3720"' in text
    assert 'tags: ["recording", "ivs"] | nothing' in text


def test_what_was_written_stands_with_before_after_and_whether_it_was_verified() -> None:
    """The part that differs is set apart."""
    text = PageText(render_html(busy_report())).text
    assert "program completed verified u#user-anna#programs  p#program-22 | before | after" in text
    assert '| groupId: "‹›Recordings‹›" | "‹›group-22‹›"' in text
    assert "not verified: not read back: the index did not answer program-21" in text
    assert "and 12 more in the JSON report" in text


def test_what_awaits_approval_stands_with_its_reason_and_the_exact_commands() -> None:
    """Once for the shell and once for the function."""
    page = PageText(render_html(busy_report()))
    assert f"reconcile repair --approve {RUN}" in page.commands
    assert any(
        one.startswith("aws lambda invoke --function-name reconcile-repair-staging") for one in page.commands
    )
    assert "60 It ended before repairs were first made here." in page.lines


def test_a_check_says_what_a_repair_would_leave_for_approval_and_names_no_run() -> None:
    """Nothing awaits approval before a repair was tried."""
    found = finding("program-missing", recording(1), evidence(1))
    report = clean_report(findings=(found,), would_need_approval={found.id: "it is too much"})
    text = PageText(render_html(report)).text
    assert "## Would need approval 1" in text
    assert "1 It is too much." in text
    assert "--approve" not in text


def test_what_was_not_checked_is_named() -> None:
    """With the reason, the source, and the bound of the window or of the request."""
    text = PageText(render_html(incomplete_report())).text
    assert "read only partly: listing the bucket media-of-the-test: AccessDenied" in text
    assert "looks incomplete: it gave 40 items, and 214 when it was last believed" in text
    assert "This run keeps no history" in text
    assert "older than 1 Mar 2026 04:51 UTC" in PageText(render_html(busy_report())).text
    text = PageText(render_html(clean_report(run=run_facts(only=("record-stale",))))).text
    assert "Only record-stale was requested" in text


def test_a_run_that_found_empty_stores_does_not_pass_for_a_sound_one() -> None:
    """It says that there was nothing."""
    report = clean_report(counts={"recording": {"agrees": 0, "population": 0}})
    assert "Nothing was found to check" in PageText(render_html(report)).text


def test_values_that_part_late_are_shortened_around_that_place() -> None:
    """So that the difference is seen."""
    left, right = two_values("a" * 500 + "left", "a" * 500 + "right")
    assert left.endswith('left"')
    assert right.endswith('right"')
    assert max(len(left), len(right)) < 100


PLAIN = Page(render_html(busy_report(titles="x", withheld=2)))


@settings(max_examples=60, deadline=None)
@given(hostile_titles)
@example("</title><script>alert(1)</script>")
@example("</script><script>alert(1)</script>")
@example("\ud800")
def test_no_title_changes_the_tree(text: str) -> None:
    """The page's elements are the same, it can be written, and the title can be read."""
    title = f"T{text}T"
    html = render_html(busy_report(titles=title, withheld=2))
    assert Page(html).shape == PLAIN.shape
    assert clean(title)[:100] in PageText(html).text.replace("\u2068", "")
    html.encode()


@pytest.mark.parametrize("report", [clean_report(), busy_report(withheld=2), incomplete_report(3)])
def test_no_text_of_a_report_becomes_markup(report: Report) -> None:
    """Every text that the program does not choose itself has markup at its end."""
    hostile = Report.from_json(json.dumps(poisoned(json.loads(report.to_json()))))
    html = render_html(hostile)
    assert not [part for part in Page(html).shape if part.endswith("/i")]
    assert PageText(html).text.count("<i>&\"'") > 20


def test_an_unlisted_write_is_no_finding() -> None:
    """What this run repaired is counted by findings."""
    assert "## Repaired" not in PageText(render_html(replace(busy_report(), findings=()))).text
