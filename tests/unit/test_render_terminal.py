"""The terminal: the facts of the page in 80 columns, plain when piped, safe from what titles hold."""

import io
import json
import re
import shlex
import unicodedata
from html import unescape

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console

from reconcile.report.data import Report
from reconcile.report.render.html import render_html
from reconcile.report.render.terminal import MOST_ITEMS, print_report, print_runs
from tests.unit.samples import (
    RUN,
    busy_report,
    clean_report,
    evidence,
    finding,
    ids_of,
    incomplete_report,
    prefix,
    recording,
    run_facts,
)


def printed(report: Report, *, terminal: bool = False) -> str:
    """Return what a report prints in 80 columns."""
    out = io.StringIO()
    console = Console(file=out, width=80, force_terminal=True, color_system="standard")
    print_report(report, console if terminal else Console(file=out, width=80))
    return out.getvalue()


def folded(text: str) -> str:
    """Return text without its white space, which wrapping changes."""
    return "".join(text.split())


def test_a_clean_run_says_that_it_ran_and_what_it_looked_at() -> None:
    text = printed(clean_report())
    assert text.startswith("staging  check, last 3 d, 4 Mar 2026 05:05 UTC")
    assert "\nOK\nNo problems found; checked 214 search records" in text
    assert folded(
        "180 OK, 12 Second recording of a broadcast, 6 Program was deleted, 3 Guest feed"
    ) in folded(text)
    assert folded("203 in total = 198 checked + 5 not checked") in folded(text)
    assert "s3:media-of-the-test: read completely; 203 items, 1 request" in text


def test_the_sections_stand_in_their_order() -> None:
    text = printed(busy_report())
    found = re.findall(r"^([A-Z][A-Za-z ]+) \([\d,]+\)$|^(Coverage|Sources read)$", text, re.MULTILINE)
    assert [one or other for one, other in found] == [
        "Action needed",
        "Awaiting approval",
        "Repaired",
        "Not checked",
        "Deleted by their owners",
        "Resolved since the last report",
        "Not checked again",
        "Coverage",
        "Sources read",
    ]


@pytest.mark.parametrize("report", [busy_report(withheld=15), incomplete_report(15), clean_report()])
def test_page_and_terminal_tell_the_same_findings_and_remedies(report: Report) -> None:
    page, text = unescape(render_html(report)), printed(report)
    every = [*report.findings, *report.resolved, *report.carried]
    assert ids_of(one for one in every if one.id in page) == ids_of(every)
    assert ids_of(one for one in every if one.id in text) == ids_of(every)
    needing = [one for one in report.findings if one.status in ("new", "open", "failed")]
    for one in needing:
        for told in (one.step, *one.commands):
            assert folded(told) in folded(text)
            assert folded(told) in folded(page)
    for source in report.sources:
        assert folded(source.why or source.doubt) in folded(text)


def test_the_command_that_approves_stands_on_a_line_of_its_own() -> None:
    lines = printed(busy_report(withheld=1)).splitlines()
    assert f"reconcile repair --approve {RUN}" in [line.strip() for line in lines]


def test_the_invocation_that_approves_can_be_copied_as_it_stands() -> None:
    """It is one line."""
    lines = (line.strip() for line in printed(busy_report(withheld=1)).splitlines())
    (line,) = (line for line in lines if line.startswith("aws lambda invoke"))
    command = shlex.split(line)
    assert command[:5] == ["aws", "lambda", "invoke", "--function-name", "reconcile-repair-staging"]
    assert json.loads(command[command.index("--payload") + 1]) == {"approve": RUN}


def test_a_long_group_is_capped_and_says_how_many_more_there_are() -> None:
    report = busy_report(withheld=230)
    text = printed(report)
    shown = [one.id for one in report.findings if one.status == "awaiting-approval" and one.id in text]
    assert len(shown) == MOST_ITEMS
    assert "and 210 more in the JSON report" in text


WHOLE = ("s3://", "aws ", "reconcile ")
"""How lines begin that are to be copied, and so are never broken."""


def test_a_pipe_gets_plain_text_of_80_columns_in_which_no_address_is_broken() -> None:
    text = printed(busy_report())
    assert "\x1b" not in text
    lines = text.splitlines()
    assert all(cell_len(line) <= 80 for line in lines if not line.strip().startswith(WHOLE))
    assert all(line == line.rstrip() for line in lines)
    assert [line.strip() for line in lines if line.strip() == f"s3://media-of-the-test/{prefix(1)}"]


def test_a_path_of_1024_bytes_stays_in_one_piece() -> None:
    long = "p" * 1015 + "/composite"
    subject = recording(1).from_json({"type": "recording", "bucket": "b", "prefix": long})
    text = printed(clean_report(findings=(finding("program-missing", subject, evidence(1)),)))
    assert f"s3://b/{long}\n" in text


def test_a_terminal_gets_colours() -> None:
    assert "\x1b[1;31mINCOMPLETE" in printed(incomplete_report(), terminal=True)


@pytest.mark.parametrize(
    "title", ["[bold red]x[/bold red]", "[/]", "[link=http://a.test]x", ":smile: [!]", "\\["]
)
def test_a_title_is_never_read_as_markup(title: str) -> None:
    found = finding("group-missing", recording(1), evidence(1, title))
    assert f"“{title}”" in printed(clean_report(findings=(found,)))


def test_control_characters_are_shown_and_not_obeyed() -> None:
    title = "a\x1b[2J\x1b]0;owned\x07\r\nb\x9b31m\u202ec"
    found = finding("group-missing", recording(1), evidence(1, title))
    text = printed(clean_report(findings=(found,)))
    assert r"“a\x1b[2J\x1b]0;owned\x07\r\nb\x9b31m\u202ec”" in text


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=60))
@example("\x85\u2028\u2029\ud800")
def test_no_title_reaches_the_terminal_with_a_control_character(title: str) -> None:
    text = printed(busy_report(titles=title, withheld=1)).replace("\n", "")
    assert not [char for char in text if unicodedata.category(char) in ("Cc", "Cs", "Zl", "Zp")]


def test_the_list_of_runs_tells_each_run_in_a_few_lines() -> None:
    out = io.StringIO()
    hostile = clean_report(run=run_facts(id="[red]run\x1b", exit_code=2), headline="[/] all is \x1b[31mwell")
    print_runs([busy_report().summary(), hostile.summary()], Console(file=out, width=80))
    text = out.getvalue()
    assert text.startswith(f"{RUN}  staging repair recent, 4 Mar 2026 05:05 UTC, exit 5")
    assert r"[red]run\x1b  staging check recent" in text
    assert folded("exit 2 (action needed)") in folded(text)
    assert r"  [/] all is \x1b[31mwell" in text


def test_without_runs_the_list_says_so() -> None:
    out = io.StringIO()
    print_runs([], Console(file=out, width=80))
    assert out.getvalue() == "No report is archived yet.\n"
