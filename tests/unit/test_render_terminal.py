"""The terminal: a report on one screen, or the whole of it; plain when piped, safe from what titles hold."""

import io
import json
import re
import shlex
import sys
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console

from reconcile.model.usage import Cost, Usage
from reconcile.report.data import Report
from reconcile.report.render.runs import print_runs
from reconcile.report.render.terminal import print_report
from reconcile.report.render.terminal_head import next_command
from reconcile.report.render.terminal_screen import MOST_LINES, screen
from reconcile.report.view.build import view_of
from tests.unit.golden import GOLDEN
from tests.unit.samples import (
    RUN,
    busy_report,
    clean_report,
    every_kind_report,
    evidence,
    finding,
    ids_of,
    incomplete_report,
    prefix,
    recording,
    run_facts,
)
from tests.unit.strategies import hostile_titles
from tests.unit.test_report_counts import reports

STORED = Path(__file__).parent / "stored" / "terminal"
AFTER = (f"Report: s3://harbour-reports/{RUN}/report.html", "Sent by email.")
FEW = settings(max_examples=30, deadline=None)


def printed(
    report: Report,
    *,
    width: int = 80,
    whole: bool = False,
    after: Sequence[str] = AFTER,
    terminal: bool = False,
) -> str:
    """Return what a report prints into a pipe, or on a terminal."""
    out = io.StringIO()
    console = Console(
        file=out, width=width, force_terminal=terminal, color_system="standard" if terminal else None
    )
    print_report(report, console, whole=whole, after=after)
    return out.getvalue()


def folded(text: str) -> str:
    """Return text without its white space, which wrapping changes."""
    return "".join(text.split())


# ---- Golden files: python -m tests.unit.test_render_terminal writes them anew


def golden_texts() -> dict[str, str]:
    """Return what each golden file holds."""
    screens = {f"{name}.txt": printed(report()) for name, report in GOLDEN.items()}
    # The whole of 5,000 findings is no text that anybody would compare.
    wholes = {f"{name}-all.txt": printed(GOLDEN[name](), whole=True) for name in GOLDEN if name != "many"}
    return screens | wholes


def test_each_golden_report_prints_its_golden_file() -> None:
    texts = golden_texts()
    assert {path.name for path in STORED.iterdir()} == texts.keys()
    for name, text in texts.items():
        assert (STORED / name).read_text(encoding="utf-8") == text, name


# ---- One screen


@pytest.mark.parametrize("name", GOLDEN)
def test_a_report_is_a_screen_that_begins_with_the_verdict_and_ends_with_the_next_command(name: str) -> None:
    report = GOLDEN[name]()
    lines = printed(report).splitlines()
    assert len(lines) <= MOST_LINES
    assert lines[0].startswith("[staging] ")
    assert lines[1].startswith(report.headline[:40])
    if report.findings:
        assert lines[-1].startswith("Next: reconcile ")
        assert lines[-3] == AFTER[0]


def test_the_golden_screens_are_as_long_as_they_are_today() -> None:
    """A screen that grows does so on purpose."""
    lengths = {name: printed(report()).count("\n") for name, report in GOLDEN.items()}
    assert max(lengths.values()) <= 32
    assert lengths["all_well"] <= 9


def numbers_on(text: str) -> dict[str, int]:
    """Return the numbers of a screen by their names."""
    patterns = {
        "new": r"^New \(([\d,]+)\)$",
        "open": r"^Open ([\d,]+)",
        "awaiting_approval": r"^Awaiting approval ([\d,]+)",
        "repaired": r"^Repaired ([\d,]+)",
        "resolved": r"^Also .*?([\d,]+) resolved",
        "ignored": r"^Also .*?([\d,]+) ignored",
    }
    found = {name: re.search(pattern, text, re.MULTILINE) for name, pattern in patterns.items()}
    return {name: int(match[1].replace(",", "")) if match else 0 for name, match in found.items()}


def controls_in(text: str) -> list[str]:
    """Return what could steer a terminal; lines may end."""
    return [char for char in text if char != "\n" and unicodedata.category(char) in ("Cc", "Cs", "Zl", "Zp")]


def assert_screen(report: Report) -> None:
    """Assert what holds for the screen of any report, in 80 columns."""
    text, numbers = printed(report), report.numbers
    lines = text.splitlines()
    assert len(lines) <= MOST_LINES
    assert not [
        char for char in text.replace("\n", "") if unicodedata.category(char) in ("Cc", "Cs", "Zl", "Zp")
    ]
    told = numbers_on(text)
    assert told == {name: getattr(numbers, name) for name in told}
    view = view_of(report)
    for new in view.new[:1]:
        assert [line for line in lines if line.endswith(f" {new.id}")]
    for line in lines:
        copied = re.search(r"(^| )(reconcile|aws|Report:) ", line)
        assert line == line.rstrip()
        assert cell_len(line) <= 80 or copied, line
    checked = re.search(r"^([\d,]+) of ([\d,]+) subjects", text, re.MULTILINE)
    assert checked
    assert int(checked[2].replace(",", "")) == view.coverage.total


@FEW
@given(title=hostile_titles, withheld=st.integers(0, 3))
def test_whatever_titles_hold_the_screen_stays_one_and_says_the_reports_numbers(
    title: str, withheld: int
) -> None:
    assert_screen(busy_report(titles=title, withheld=withheld))
    assert_screen(every_kind_report(title=title))


@FEW
@given(report=reports())
def test_the_screen_of_any_report_says_its_numbers(report: Report) -> None:
    assert_screen(report)


@FEW
@given(text=hostile_titles)
def test_whatever_a_run_is_called_its_screen_stays_one(text: str) -> None:
    """Stage, reason, why a source was not read, and what cut the run short."""
    report = GOLDEN["incomplete"]()
    run = replace(report.run, stage=text or "x", reason=text, cut_short=text)
    sources = tuple(replace(source, why=text) for source in report.sources)
    actions = tuple(
        replace(one, title=text, effect=text, step=text) for one in GOLDEN["new_problems"]().actions
    )
    assert_screen(replace(report, run=run, sources=sources, headline=text, actions=actions * 3))


@pytest.mark.parametrize("name", GOLDEN)
def test_a_narrow_or_wide_screen_breaks_no_id_and_no_command(name: str) -> None:
    report = GOLDEN[name]()
    view = view_of(report)
    for width in (40, 60, 70, 120, 200):
        lines = [line.plain for line in screen(view, width, AFTER)]
        for new in view.new[:1]:
            assert [line for line in lines if line.endswith(f" {new.id}")]
        for line in lines:
            assert cell_len(line) <= width or re.search(r"(^| )(reconcile|Report:) ", line)
        if report.findings:
            assert lines[-1] == f"Next: {next_command(view)}"


def test_a_long_command_is_left_to_explain_which_shows_it_whole() -> None:
    report = GOLDEN["new_problems"]()
    (trigger,) = (one for one in report.findings if one.kind == "trigger-misconfigured")
    text = printed(report)
    assert f"reconcile explain {trigger.id}" in text
    assert "aws s3api" not in text
    assert trigger.commands[0] in printed(report, whole=True)


def test_without_findings_there_is_nothing_to_run_next() -> None:
    assert "Next:" not in printed(GOLDEN["all_well"]())


def test_a_source_that_was_not_read_leads_to_doctor() -> None:
    assert printed(GOLDEN["incomplete"]()).endswith("\nNext: reconcile doctor\n")


def test_what_awaits_approval_leads_to_its_command_also_without_steps() -> None:
    report = replace(GOLDEN["awaiting_approval"](), actions=())
    assert printed(report).endswith(f"\nNext: reconcile repair --approve {RUN}\n")


def test_colours_are_for_terminals() -> None:
    report = incomplete_report()
    assert "\x1b[1;31mINCOMPLETE" in printed(report, terminal=True)
    for whole in (False, True):
        assert "\x1b" not in printed(report, whole=whole)


def test_no_color_means_no_colour(monkeypatch: pytest.MonkeyPatch) -> None:
    """https://no-color.org: bold and underlined are no colours."""
    monkeypatch.setenv("NO_COLOR", "1")
    shown = printed(GOLDEN["new_problems"](), terminal=True)
    assert not re.search(r"\x1b\[[0-9;]*\b(3[0-7]|9[0-7])\b[0-9;]*m", shown)


# ---- The whole of it


def test_the_sections_of_the_whole_stand_in_their_order() -> None:
    text = printed(GOLDEN["awaiting_approval"](), whole=True)
    heads = [
        *("Do first", "From recording to search", "Awaiting approval (14)", "Decide", "Ask the producer"),
        *("Fix with a command", "Inspect", "Repaired (2)", "Resolved since the last report (1)"),
        *("Coverage", "Sources read", "Delivery"),
    ]
    places = [re.search(f"^{re.escape(head)}", text, re.MULTILINE) for head in heads]
    assert [head for head, place in zip(heads, places, strict=True) if place is None] == []
    starts = [place.start() for place in places if place]
    assert starts == sorted(starts)


@pytest.mark.parametrize("report", [busy_report(withheld=15), incomplete_report(15), every_kind_report()])
def test_the_whole_tells_every_finding_and_what_to_do_about_it(report: Report) -> None:
    text = printed(report, whole=True)
    listed = [*report.findings, *report.resolved, *report.carried]
    assert ids_of(one for one in listed if one.id in text) == ids_of(listed)
    for one in report.findings:
        if one.status in ("new", "came-back", "open", "partly-repaired", "failed"):
            assert all(command in text for command in one.commands)
            assert folded(one.step) in folded(text)
    for source in report.sources:
        assert folded(source.why or source.doubt) in folded(text)


def test_the_commands_that_approve_stand_on_lines_of_their_own() -> None:
    lines = [line.strip() for line in printed(busy_report(withheld=1), whole=True).splitlines()]
    assert f"reconcile repair --approve {RUN}" in lines
    (line,) = (line for line in lines if line.startswith("aws lambda invoke"))
    words = shlex.split(line)
    assert words[:5] == ["aws", "lambda", "invoke", "--function-name", "reconcile-repair-staging"]
    assert json.loads(words[words.index("--payload") + 1]) == {"approve": RUN}


def test_in_the_whole_no_address_is_broken_and_words_are_wrapped() -> None:
    lines = printed(busy_report(), whole=True).splitlines()
    assert all(line == line.rstrip() for line in lines)
    assert [line.strip() for line in lines if line.strip() == f"s3://media-of-the-test/{prefix(1)}"]
    for line in lines:
        copied = re.search(r"(^| )(s3://|https://|aws |reconcile |Report:|u#|before  |after  |the r)", line)
        assert cell_len(line) <= 80 or copied, line


def test_a_path_of_1024_bytes_stays_in_one_piece() -> None:
    long = "p" * 1015 + "/composite"
    subject = recording(1).from_json({"type": "recording", "bucket": "b", "prefix": long})
    report = clean_report(findings=(finding("program-missing", subject, evidence(1)),))
    assert f"s3://b/{long}\n" in printed(report, whole=True)


@pytest.mark.parametrize("whole", [False, True])
@pytest.mark.parametrize(
    "title", ["[bold red]x[/bold red]", "[/]", "[link=http://a.test]x", ":smile: [!]", "\\["]
)
def test_a_title_is_never_read_as_markup(title: str, whole: bool) -> None:
    report = clean_report(findings=(finding("group-missing", recording(1), evidence(1, title), "new"),))
    assert title in printed(report, whole=whole)


def test_control_characters_are_shown_and_not_obeyed() -> None:
    title = "a\x1b[2J\x1b]0;owned\x07\r\nb\x9b31m\u202ec"
    report = clean_report(findings=(finding("group-missing", recording(1), evidence(1, title)),))
    assert r"a\x1b[2J\x1b]0;owned\x07\r\nb\x9b31m\u202ec" in printed(report, whole=True)


@FEW
@given(title=hostile_titles)
@example("\x85\u2028\u2029\ud800")
def test_no_title_reaches_the_whole_with_a_control_character(title: str) -> None:
    assert controls_in(printed(busy_report(titles=title, withheld=1), whole=True)) == []


# ---- The list of runs


def runs_printed(*summaries: Mapping[str, Any], terminal: int | None = None) -> str:
    """Return what is printed into a pipe, or without its colours on a terminal of so many columns."""
    out = io.StringIO()
    on = {"force_terminal": True, "color_system": None} if terminal else {}
    print_runs(summaries, Console(file=out, width=terminal or 80, **on))  # type: ignore[arg-type]
    return re.sub(r"\x1b\[[0-9;]*m", "", out.getvalue())


def priced(report: Report, usd: float) -> Report:
    """Return a report whose run cost so much."""
    return replace(report, usage=Usage(cost=Cost(usd, (), "2026-11-30")))


def test_the_list_of_runs_is_a_table_with_verdicts_and_numbers() -> None:
    reports = [priced(GOLDEN[name](), 0.0034) for name in ("new_problems", "awaiting_approval", "all_well")]
    head, *rows, empty, last = runs_printed(*(report.summary() for report in reports)).splitlines()
    assert head.split() == ["Run", "Mode", "Verdict", "New", "Open", "Approval", "Repaired", "Took", "USD"]
    for row, report in zip(rows, reports, strict=True):
        numbers = report.numbers
        counted = (numbers.new, numbers.open, numbers.awaiting_approval, numbers.repaired)
        assert row.split()[:2] == [RUN, report.run.mode]
        assert row.split()[-6:] == [*map(str, counted), "0:42", "0.0034"]
    assert [row.split("  ")[2].strip() or row.split("  ")[3].strip() for row in rows][:2] == [
        "action needed"
    ] * 2
    assert " OK " in rows[2]
    assert (empty, last) == ("", f"Next: reconcile report {RUN}")


def test_the_list_of_runs_fits_into_80_columns_of_a_terminal() -> None:
    reports = [priced(GOLDEN[name](), 0.00034) for name in ("new_problems", "awaiting_approval", "all_well")]
    head, *rows, _, _ = runs_printed(*(report.summary() for report in reports), terminal=80).splitlines()
    assert head.split() == ["Run", "Mode", "Verdict", "New", "Appr.", "Rep.", "Took", "USD"]
    for row, report in zip(rows, reports, strict=True):
        numbers = report.numbers
        counted = (numbers.new, numbers.awaiting_approval, numbers.repaired)
        assert row.split()[-5:] == [*map(str, counted), "0:42", "0.00034"]
        assert cell_len(row) <= 80


def test_a_hostile_summary_steers_nothing_and_an_old_one_is_read() -> None:
    hostile = clean_report(run=run_facts(id="[red]run\x1b", exit_code=2), headline="[/] \x1b[31mwell")
    old = {"id": "20260101T000000000Z-abcdef", "stage": "staging", "mode": "check", "statuses": {"open": 3}}
    text = runs_printed(hostile.summary(), old)
    assert r"[red]run\x1b" in text
    assert "\x1b" not in text
    assert re.search(r"abcdef  check +action needed +0 +3 +0 +0 +– +–$", text, re.MULTILINE)


def test_without_runs_the_list_says_so() -> None:
    assert runs_printed() == "No report is archived yet: reconcile check makes one.\n"


if __name__ == "__main__":
    STORED.mkdir(exist_ok=True)
    for file, content in golden_texts().items():
        (STORED / file).write_text(content, encoding="utf-8")
        sys.stdout.write(f"{file}: {content.count(chr(10))} lines\n")
