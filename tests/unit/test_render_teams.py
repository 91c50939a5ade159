"""The card for Teams: the verdict first, four facts, one button, under 8 KB, and titles are only words."""

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given

from reconcile.model.texts import apart, clean
from reconcile.report.message import Message
from reconcile.report.render.teams import MOST_BYTES, compose_test, encode, lay_out
from reconcile.report.view.model import ReportView
from tests.contract.teams_desk import card_of, elements, faults, marked, words
from tests.unit.samples import RUN, clean_report
from tests.unit.strategies import hostile_titles
from tests.unit.test_render_slack import LINK, PLACE, busy
from tests.unit.views import nights, step, tiles, view


def composed(of: ReportView, link: str = LINK, **more: Any) -> dict[str, Any]:
    """Return a report's message, which Teams takes and in which nothing is formatted."""
    envelope = lay_out(of, Message(clean_report(), lambda: "<html>", link, **more))
    assert faults(envelope) == []
    assert marked(envelope) == []
    assert len(encode(envelope)) <= MOST_BYTES
    assert json.loads(encode(envelope)) == envelope
    return envelope


def test_a_card_reads_from_the_verdict_to_the_run() -> None:
    envelope = composed(busy())
    assert words(envelope) == [
        "[staging] Action needed: 14 to approve · 8 new",
        "14 broadcasts are recorded but cannot be watched.",
        *("New 8 (+5)", "Open 89", "Awaiting approval 14", "Repaired 29"),
        "Do first",
        *(
            f"{number}. Approve “Morning Jazz” · clears 14 · reconcile repair --approve {RUN}"
            for number in (1, 2, 3)
        ),
        "New",
        *["• Morning Jazz · 3 Mar 09:06 UTC · No program"] * 5,
        "+3",
        f"repair, last 3 days · run {RUN} · all sources read",
    ]
    card = card_of(envelope)
    assert card["actions"] == [{"type": "Action.OpenUrl", "title": "Open the report", "url": LINK}]
    assert card["msteams"] == {"width": "Full"}


@pytest.mark.parametrize(
    ("state", "style"),
    [("ok", "good"), ("known", "warning"), ("action", "attention"), ("incomplete", "attention")],
)
def test_the_colour_says_the_state(state: Any, style: str) -> None:
    for of in (view(state), view(state, tiles(repaired=1))):
        (container,) = elements(card_of(composed(of)), "Container")
        assert container["style"] == style


@pytest.mark.parametrize("state", ["ok", "known"])
def test_a_quiet_day_is_one_line_with_what_the_week_brought(state: Any) -> None:
    of = view(state, trend=replace(view().trend, nights=nights(30)))
    week = "Last 7 days: 7 runs, 7 new, 14 repaired."
    assert words(composed(of)) == [f"[staging] {of.verdict.headline} · {week}"]
    assert card_of(composed(of))["actions"][0]["url"] == LINK


@pytest.mark.parametrize(
    ("link", "place", "told"),
    [
        ("", PLACE, f"The report is at {PLACE}"),
        ("javascript:alert(1)", PLACE, f"The report is at {PLACE}"),
        ("", "", "For the whole report, run the check again with --html FILE."),
    ],
)
def test_without_a_link_there_is_no_button_and_the_place_is_said(link: str, place: str, told: str) -> None:
    for of in (busy(), view("ok")):
        envelope = composed(of, link, place=place)
        assert told in words(envelope)
        assert "actions" not in card_of(envelope)


def test_a_report_that_is_archived_nowhere_says_so() -> None:
    assert words(composed(view("ok"), "", not_kept="no space is left"))[1] == (
        "The report was not archived: no space is left"
    )


@given(title=hostile_titles)
def test_no_title_changes_the_card(title: str) -> None:
    """As many elements as for any other title, in the same looks, and in them how the title begins."""
    shown = clean(title)
    envelope = composed(busy(apart(shown)))
    kinds = ("TextBlock", "RichTextBlock", "TextRun", "Container", "FactSet", "Action.OpenUrl")

    def shape(of: dict[str, Any]) -> list[dict[str, Any]]:
        return [
            {name: value for name, value in one.items() if isinstance(value, bool) or name == "type"}
            for one in elements(card_of(of), *kinds)
        ]

    assert shape(envelope) == shape(composed(busy()))
    texts = [one.replace("{ {", "{{").replace("\u2068", "") for one in words(envelope)]
    assert any(text.startswith(f"• {shown[:30]}") for text in texts)


def test_every_text_at_its_longest_keeps_the_limits() -> None:
    """What takes most bytes: emoji, and signs that JSON has to escape."""
    for sign in ("🎷", "夜", "&", '"', "\\", "{"):
        verdict = replace(view().verdict, headline=sign * 9_000, words=sign * 9_000, notes=(sign * 9_000,))
        bar = replace(view().bar, stage=sign * 900, run=sign * 900, mode=sign * 900)
        steps = [step(n, sign * 9_000, effect=sign * 9_000, commands=(sign * 90,)) for n in range(1, 9)]
        longest = busy(sign * 9_000, verdict=verdict, bar=bar)
        for link in (f"{LINK}{'x' * 940}", ""):
            told = words(composed(replace(longest, steps=tuple(steps)), link, place=sign * 9_000))
            assert told[0].startswith("[")


def test_a_test_message_is_a_card() -> None:
    envelope = compose_test("*a* [b](http://c) {{DATE(2026-01-01T00:00:00Z)}}")
    assert faults(envelope) == []
    assert marked(envelope) == []
    assert words(envelope)[0].startswith("[*a* [b](http://c) { {DATE")
