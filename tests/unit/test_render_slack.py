"""The message for Slack: the verdict first, at most 12 blocks and 8 KB, and titles are only words."""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given

from reconcile.model.texts import apart, clean
from reconcile.report.message import Message
from reconcile.report.render.slack import MOST_BLOCKS, MOST_BYTES, compose_test, encode, lay_out
from reconcile.report.view.model import ReportView
from tests.contract.slack_desk import escapes, faults, texts
from tests.unit.samples import RUN, clean_report
from tests.unit.strategies import hostile_titles
from tests.unit.views import line, nights, step, tiles, view

LINK = "https://reports.example/staging/run/report.html"
PLACE = "s3://bucket/reports/run"


def composed(of: ReportView, link: str = LINK, **more: Any) -> dict[str, Any]:
    """Return a report's message, which keeps all limits and calls nobody."""
    message = lay_out(of, Message(clean_report(), lambda: "<html>", link, **more))
    assert faults(message) == []
    assert escapes(message) == []
    assert len(message["blocks"]) <= MOST_BLOCKS
    assert len(encode(message)) <= MOST_BYTES
    assert json.loads(encode(message)) == message
    return message


def lines(message: Mapping[str, Any]) -> list[str]:
    """Return what a reader sees, from top to bottom."""
    return [one for text in texts(message["blocks"]) for one in text["text"].split("\n")]


def plain(text: str) -> str:
    """Return marked text as Slack shows it."""
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def busy(title: str = "Morning Jazz", **changes: Any) -> ReportView:
    """Return a view with everything that a message shows, and more of each than it holds."""
    new = [line(number, title) for number in range(8)]
    steps = [step(number, f"Approve “{title}”") for number in range(1, 6)]
    return view("action", tiles(8, 89, 14, 29), new, steps, **changes)


def test_a_message_reads_from_the_verdict_to_the_run() -> None:
    message = composed(busy())
    assert message["text"] == (
        "[staging] Action needed: 14 to approve · 8 new — 14 broadcasts are recorded but cannot be watched."
    )
    assert lines(message) == [
        "[staging] Action needed: 14 to approve · 8 new",
        "14 broadcasts are recorded but cannot be watched.",
        f"<{LINK}|Open the report>",
        *("*New*", "8 (+5)", "*Open*", "89", "*Awaiting approval*", "14", "*Repaired*", "29"),
        "*Do first*",
        *(
            f"{number}. Approve “Morning Jazz” · clears 14 · `reconcile repair --approve {RUN}`"
            for number in (1, 2, 3)
        ),
        "*New*",
        *["• Morning Jazz · 3 Mar 09:06 UTC · No program"] * 5,
        "+3",
        f"repair, last 3 days · run {RUN} · all sources read",
    ]
    assert [block["type"] for block in message["blocks"]] == [
        *("header", "section", "section", "section", "section", "context")
    ]


@pytest.mark.parametrize("state", ["ok", "known"])
def test_a_quiet_day_is_one_line_with_what_the_week_brought(state: Any) -> None:
    of = view(state, trend=replace(view().trend, nights=nights(30)))
    message = composed(of)
    week = "Last 7 days: 7 runs, 7 new, 14 repaired."
    assert lines(message) == [f"[staging] {of.verdict.headline} · {week} · <{LINK}|Open the report>"]


def test_what_is_not_there_has_no_heading() -> None:
    told = lines(composed(view("incomplete")))
    assert not {"*Do first*", "*New*"} & set(told[11:])
    assert len(told) == 12


def test_what_has_to_be_known_beside_the_verdict_stands_under_it() -> None:
    verdict = replace(view("incomplete").verdict, notes=("Algolia was read only partly.", "Another."))
    assert lines(composed(view("incomplete", verdict=verdict)))[2] == "• Algolia was read only partly."


@pytest.mark.parametrize(
    ("link", "place", "told"),
    [
        (f"{LINK}?a=1&b=2", PLACE, f"<{LINK}?a=1&amp;b=2|Open the report>"),
        (f"{LINK}?a>b|c<d e", PLACE, f"<{LINK}?a%3Eb%7Cc%3Cd%20e|Open the report>"),
        ("", PLACE, f"The report is at `{PLACE}`"),
        ("javascript:alert(1)", PLACE, f"The report is at `{PLACE}`"),
        ("", "", "For the whole report, run the check again with --html FILE."),
    ],
)
def test_the_report_is_linked_or_its_place_is_said(link: str, place: str, told: str) -> None:
    assert lines(composed(busy(), link, place=place))[2] == told


def test_a_report_that_is_archived_nowhere_says_so() -> None:
    told = lines(composed(view("ok"), "", not_kept="no space is left"))
    assert told[1] == "*The report was not archived: no space is left*"


@given(title=hostile_titles)
def test_no_title_changes_the_message(title: str) -> None:
    """As many lines in as many blocks as for any other title, and in them how the title begins."""
    shape = [one["text"].count("\n") for one in texts(composed(busy()))]
    # A view has clean texts, set apart where they run to the left.
    shown = clean(title)
    message = composed(busy(apart(shown)))
    assert [one["text"].count("\n") for one in texts(message)] == shape
    text = plain("\n".join(lines(message))).replace("\u2068", "")
    assert f"• {shown[:30].replace('`', 'ˋ')}" in text


def test_every_text_at_its_longest_keeps_the_limits() -> None:
    """What takes most bytes: emoji, and signs that have to be escaped."""
    for sign in ("🎷", "夜", "&", '"', "\\", "`", "<"):
        verdict = replace(view().verdict, headline=sign * 9_000, words=sign * 9_000, notes=(sign * 9_000,))
        bar = replace(view().bar, stage=sign * 900, run=sign * 900, mode=sign * 900)
        longest = busy(sign * 9_000, verdict=verdict, bar=bar)
        steps = [step(n, sign * 9_000, effect=sign * 9_000, commands=(sign * 90,)) for n in range(1, 9)]
        for link in (f"{LINK}{'<' * 940}", ""):
            told = lines(composed(replace(longest, steps=tuple(steps)), link, place=sign * 9_000))
            assert told[0].startswith("[")


def test_a_test_message_is_a_message() -> None:
    message = compose_test("a <b> & `c`")
    assert faults(message) == []
    assert escapes(message) == []
    assert plain(message["text"]).startswith("[a <b> & ˋcˋ] This is a test message")
