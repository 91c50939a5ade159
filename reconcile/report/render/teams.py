"""Lays out a report as an Adaptive Card for Microsoft Teams, in the envelope of its Workflows. Pure.

A workflow takes a message with attachments, each an Adaptive Card; what it posts may hold 28 KB:
https://learn.microsoft.com/connectors/teams/#known-issues-and-limitations-with-actions. A message of 24 KB
can be too much already, and whoever sends it never learns of that:
https://github.com/MicrosoftDocs/msteams-docs/issues/11274

Teams reads Markdown in TextBlock, Fact.title and Fact.value, and its clients differ in what a backslash
escapes: https://learn.microsoft.com/microsoftteams/platform/task-modules-and-cards/cards/cards-format and
https://github.com/MicrosoftDocs/msteams-docs/issues/5793. The runs of a RichTextBlock have none:
https://learn.microsoft.com/adaptive-cards/authoring-cards/text-features. So whatever a report holds stands
in runs, and only this program's own words and numbers elsewhere. A mention needs an entity beside it, which
no card has.
"""

import json
import re
from collections.abc import Iterator
from typing import Any

from reconcile.report.message import HAVE_IT, Message
from reconcile.report.parts import ReportState
from reconcile.report.render.digest import Digest, digest_of
from reconcile.report.render.webhook import test_words
from reconcile.report.view.build import view_of
from reconcile.report.view.model import ReportView

MOST_BYTES = 8_000

# Steps and new findings; the last shows none, so that it always fits.
_CAPS = ((3, 5), (2, 3), (1, 1), (0, 0))
# https://learn.microsoft.com/adaptive-cards/schema-explorer/container
_STYLES: dict[ReportState, str] = {
    "ok": "good",
    "known": "warning",
    "action": "attention",
    "incomplete": "attention",
}
# Some clients replace {{DATE(…)}} and {{TIME(…)}} in any text.
# https://learn.microsoft.com/adaptive-cards/authoring-cards/text-features#datetime-formatting-and-localization
_FUNCTION = re.compile(r"\{(?=\{)")

Element = dict[str, Any]


def compose(message: Message) -> dict[str, Any]:
    """Return a report's message."""
    return lay_out(view_of(message.report), message)


def lay_out(view: ReportView, message: Message) -> dict[str, Any]:
    """Return a report's message with its card; one line on a quiet day.

    Nothing in a report can format the card, link or call anybody.
    """
    composed: dict[str, Any] = {}
    for steps, new in _CAPS:
        digest = digest_of(view, message, steps, new)
        composed = _enveloped(_body(digest), digest.link)
        if len(encode(composed)) <= MOST_BYTES:
            break
    return composed


def compose_test(stage: str) -> dict[str, Any]:
    """Return the message of a test."""
    return _enveloped([_line(_run(test_words(stage)))])


def encode(message: dict[str, Any]) -> bytes:
    """Return a message as the bytes that are sent."""
    return json.dumps(message, ensure_ascii=False, separators=(",", ":")).encode()


def _enveloped(body: list[Element], link: str = "") -> dict[str, Any]:
    """Return a message whose card is as wide as the channel, with a button where there is a link."""
    card: Element = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.5",
        "msteams": {"width": "Full"},
        "body": body,
    }
    if link:
        card["actions"] = [{"type": "Action.OpenUrl", "title": "Open the report", "url": link}]
    return {
        "type": "message",
        "attachments": [{"contentType": "application/vnd.microsoft.card.adaptive", "content": card}],
    }


def _body(digest: Digest) -> list[Element]:
    where = [] if digest.link else [_line(_run(_where(digest), isSubtle=True))]
    if digest.quiet:
        line = " · ".join(filter(None, (digest.line, digest.week)))
        return [_container(digest.state, _line(_run(line)), *where)]
    return [*_parts(digest), *where, _line(_run(digest.run, isSubtle=True, size="Small"))]


def _parts(digest: Digest) -> Iterator[Element]:
    said = [digest.warning, digest.verdict, *digest.notes]
    heading = _line(_run(digest.heading, weight="Bolder", size="Large"))
    yield _container(digest.state, heading, *(_line(_run(text)) for text in said if text))
    yield {
        "type": "FactSet",
        "facts": [{"title": label, "value": number} for label, number in digest.numbers],
    }
    if digest.steps:
        yield _title("Do first")
    for step in digest.steps:
        first = _run(" · ".join(filter(None, (f"{step.number}. {step.title}", step.effect))))
        command = [_run(f" · {step.command}", fontType="Monospace")] if step.command else []
        yield _line(first, *command)
    if digest.new or digest.new_left_out:
        yield _title("New")
    for finding in digest.new:
        yield _line(_run(f"• {finding.title} · {finding.mark}"))
    if digest.new_left_out:
        yield _line(_run(f"+{digest.new_left_out:,}"))


def _where(digest: Digest) -> str:
    """Say where the report is that has no button."""
    return f"The report is at {digest.place}" if digest.place else HAVE_IT


def _container(state: ReportState, *items: Element) -> Element:
    return {"type": "Container", "style": _STYLES[state], "bleed": True, "items": list(items)}


def _title(words: str) -> Element:
    return {"type": "TextBlock", "text": words, "weight": "Bolder", "wrap": True, "spacing": "Medium"}


def _line(*runs: Element) -> Element:
    return {"type": "RichTextBlock", "inlines": list(runs), "spacing": "Small"}


def _run(text: str, **looks: Any) -> Element:
    """Return a run of text, which no client formats."""
    return {"type": "TextRun", "text": _FUNCTION.sub("{ ", text), **looks}
