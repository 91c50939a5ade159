"""The Markdown of a report: the verdict first, numbers, steps, what is new, and titles are only words."""

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import example, given
from markdown_it import MarkdownIt
from markdown_it.token import Token

from reconcile.model.texts import apart, clean
from reconcile.report.message import Message
from reconcile.report.render.markdown import code, escaped, lay_out
from reconcile.report.view.model import ReportView
from tests.unit.samples import RUN, clean_report
from tests.unit.strategies import hostile_titles
from tests.unit.test_render_slack import LINK, PLACE, busy
from tests.unit.views import view

PARSER = MarkdownIt("commonmark").enable(["table", "strikethrough"])
# What GitHub links beside what CommonMark knows: https://github.github.com/gfm/#autolinks-extension-
LINKED = re.compile(r"(?<!\\)(www\.|://)|[@#]\w")


def composed(of: ReportView, link: str = LINK, **more: Any) -> str:
    """Return a report's Markdown."""
    return lay_out(of, Message(clean_report(), lambda: "<html>", link, **more))


def tokens(text: str) -> Iterator[Token]:
    """Yield what the text consists of, as CommonMark reads it, with the tables of GitHub."""
    for token in PARSER.parse(text):
        yield token
        yield from token.children or ()


def words(text: str) -> list[str]:
    """Return what a reader sees, a line for each block of text."""
    inline = (token.children or [] for token in PARSER.parse(text) if token.type == "inline")
    return ["".join(part.content for part in parts) for parts in inline]


def test_a_summary_reads_from_the_verdict_to_the_run() -> None:
    assert words(composed(busy())) == [
        "[staging] Action needed: 14 to approve · 8 new",
        "14 broadcasts are recorded but cannot be watched.",
        *("New", "Open", "Awaiting approval", "Repaired", "8 (+5)", "89", "14", "29"),
        "Do first",
        *[f"Approve “Morning Jazz” · clears 14 · reconcile repair --approve {RUN}"] * 3,
        "New",
        *["Morning Jazz · 3 Mar 09:06 UTC · No program"] * 8,
        "Open the report",
        f"repair, last 3 days · run {RUN} · all sources read",
    ]


def test_what_is_not_there_has_no_heading() -> None:
    assert not {"Do first", "New"} & set(words(composed(view("ok")))[6:])


def test_of_many_new_findings_the_first_are_listed_and_the_others_counted() -> None:
    of = busy()
    told = words(composed(replace(of, new=of.new * 5)))
    assert sum(line.startswith("Morning Jazz") for line in told) == 20
    assert "and 20 more" in told


@pytest.mark.parametrize(
    ("link", "place", "told"),
    [
        ("", PLACE, f"The report is at {PLACE}"),
        ("javascript:alert(1)", PLACE, f"The report is at {PLACE}"),
        ("", "a `tick``", "The report is at a `tick``"),
        ("", "", "For the whole report, run the check again with --html FILE."),
    ],
)
def test_without_a_link_the_place_is_said(link: str, place: str, told: str) -> None:
    assert told in words(composed(busy(), link, place=place))


@pytest.mark.parametrize("more", ["", "?a=1&b=2", "?a>b|c<d e", ")](http://eve.test", '"onclick="x'])
def test_there_is_one_link_and_it_leads_to_the_report(more: str) -> None:
    (link,) = (token for token in tokens(composed(busy(), LINK + more)) if token.type == "link_open")
    assert str(link.attrs["href"]).startswith(LINK)


def test_a_report_that_is_archived_nowhere_says_so() -> None:
    assert words(composed(view("ok"), "", not_kept="no space is left"))[1] == (
        "The report was not archived: no space is left"
    )


@given(title=hostile_titles)
@example(title="| a | `b` <script>alert(1)</script> </td>")
@example(title="- 1. # > ~~a~~ **b** __c__ ![d](http://e.test) [f]: http://g.test")
@example(title="<!-- a\\")
@example(title="@octocat closes #1 www.eve.test https://eve.test eve@eve.test $x$ &lt; &#64;")
def test_no_title_changes_the_summary(title: str) -> None:
    """The same tokens as for any other title, none of them HTML, and in them how the title begins."""
    shown = clean(title)
    text = composed(busy(apart(shown)))
    kinds = [token.type for token in tokens(text) if token.type not in ("text", "text_special")]
    assert kinds == [
        token.type for token in tokens(composed(busy())) if token.type not in ("text", "text_special")
    ]
    assert not any("html" in kind for kind in kinds)
    assert LINKED.search(text.replace(f"<{LINK}>", "")) is None
    told = "\n".join(words(text)).replace("\u2060", "").replace("\u2068", "")
    assert shown[:30].strip() in told


@pytest.mark.parametrize("text", ["a", "`", "``a`", "a ` b", "a\\b", "<b>", "a  b"])
def test_code_is_read_as_it_was(text: str) -> None:
    (one,) = (token for token in tokens(f"- {code(text)}") if token.type == "code_inline")
    assert one.content == text


def test_a_text_is_read_as_it_was_in_every_place() -> None:
    text = "".join(map(chr, range(33, 127)))
    for line in ("{}", "- {}", "## {}", "**{}**", "| {} |\n|---|\n| x |"):
        assert words(line.format(escaped(text)))[0].replace("\u2060", "") == text
