"""A workflow on loopback that posts to Teams: takes what keeps every rule, refuses the rest.

The real one answers 202 as soon as it has a message with attachments, and fails in its run where Teams
refuses the card; here whatever Teams refuses is refused at once, so that no test can miss it.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from tests.contract.loopback import Answer, Asked
from tests.contract.slack_desk import Desk

SECRET = "secret-signature"
PATH = "/workflows/0a1b/triggers/manual/paths/invoke"
RUN_ID = "08584321098765432109876543210CU01"
MOST_BYTES = 28 * 1024
"""https://learn.microsoft.com/connectors/teams/#known-issues-and-limitations-with-actions"""
CARD = "application/vnd.microsoft.card.adaptive"
EVERY = frozenset(("type", "id", "spacing", "separator", "height", "isVisible", "fallback", "requires"))
# https://learn.microsoft.com/adaptive-cards/schema-explorer/adaptive-card, version 1.5
ELEMENTS: Mapping[str, frozenset[str]] = {
    "TextBlock": EVERY
    | {"text", "color", "fontType", "horizontalAlignment", "isSubtle", "maxLines", "size", "weight", "wrap"}
    | {"style"},
    "RichTextBlock": EVERY | {"inlines", "horizontalAlignment"},
    "FactSet": EVERY | {"facts"},
    "Container": EVERY
    | {"items", "selectAction", "style", "verticalContentAlignment", "bleed", "backgroundImage", "minHeight"}
    | {"rtl"},
}
RUN = frozenset(
    ("type", "text", "color", "fontType", "highlight", "isSubtle", "italic", "selectAction", "size")
) | {"strikethrough", "underline", "weight"}
CHOICES: Mapping[str, frozenset[str]] = {
    "style": frozenset(("default", "emphasis", "good", "attention", "warning", "accent", "heading")),
    "size": frozenset(("Default", "Small", "Medium", "Large", "ExtraLarge")),
    "weight": frozenset(("Default", "Lighter", "Bolder")),
    "fontType": frozenset(("Default", "Monospace")),
    "spacing": frozenset(("Default", "None", "Small", "Medium", "Large", "ExtraLarge", "Padding")),
}
ROOT = frozenset(
    ("$schema", "type", "version", "body", "actions", "msteams", "fallbackText", "speak", "lang")
)
# What Teams reads as Markdown in a TextBlock and in facts, and what some clients replace in any text.
# https://learn.microsoft.com/microsoftteams/platform/task-modules-and-cards/cards/cards-format
MARKDOWN = re.compile(r"[*_\[\]`~<>#\\]|^\s*(?:[-+]|\d+[.)])\s|https?:|\{\{|&\w+;|&#")


def elements(value: Any, *kinds: str) -> Iterator[dict[str, Any]]:
    """Yield everything in a card that has one of these types, wherever it stands."""
    if isinstance(value, dict):
        if value.get("type") in kinds:
            yield value
        value = list(value.values())
    for part in value if isinstance(value, list) else ():
        yield from elements(part, *kinds)


def card_of(envelope: Any) -> dict[str, Any]:
    """Return the card of a message."""
    card: dict[str, Any] = envelope["attachments"][0]["content"]
    return card


def words(envelope: Any) -> list[str]:
    """Return what a reader sees, a line for each text and fact, from top to bottom."""
    lines = []
    for part in elements(card_of(envelope)["body"], "TextBlock", "RichTextBlock", "FactSet"):
        if part["type"] == "FactSet":
            lines += [f"{fact['title']} {fact['value']}" for fact in part["facts"]]
        else:
            lines.append(part.get("text") or "".join(run["text"] for run in part["inlines"]))
    return lines


def marked(envelope: Any) -> list[str]:
    """Return what Teams would take for more than words: Markdown, mentions, functions, foreign addresses."""
    card = card_of(envelope)
    loose = [block["text"] for block in elements(card, "TextBlock") if MARKDOWN.search(block["text"])]
    for facts in elements(card, "FactSet"):
        both = [text for fact in facts["facts"] for text in (fact["title"], fact["value"])]
        loose += [text for text in both if MARKDOWN.search(text)]
    loose += [run["text"] for run in elements(card, "TextRun") if "{{" in run["text"]]
    return loose + [str(mention) for mention in card.get("msteams", {}).get("entities", ())]


def faults(envelope: Any) -> list[str]:
    """Return which rules a message breaks."""
    if not isinstance(envelope, dict) or envelope.get("type") != "message":
        return ["no message"]
    attachments = envelope.get("attachments")
    if not isinstance(attachments, list) or len(attachments) != 1 or not isinstance(attachments[0], dict):
        return ["one attachment is expected"]
    if attachments[0].get("contentType") != CARD or not isinstance(attachments[0].get("content"), dict):
        return ["no adaptive card"]
    card = attachments[0]["content"]
    found = [f"a card has no {name}" for name in card.keys() - ROOT]
    if (card.get("type"), card.get("version")) != ("AdaptiveCard", "1.5"):
        found.append("no card of version 1.5")
    if card.get("msteams", {}).get("width", "Full") != "Full":
        found.append("no such width")
    found += _items(card.get("body"), "body")
    found += [fault for action in card.get("actions", ()) for fault in _action_faults(action)]
    size = len(json.dumps(envelope, ensure_ascii=False).encode())
    return found + ([f"{size} bytes"] if size > MOST_BYTES else [])


def _items(items: Any, where: str) -> list[str]:
    if not isinstance(items, list) or not items:
        return [f"{where}: nothing is in it"]
    return [fault for item in items for fault in _element_faults(item)]


def _element_faults(element: Any) -> Iterator[str]:
    kind = str(element.get("type")) if isinstance(element, dict) else ""
    if kind not in ELEMENTS:
        yield f"{kind!r} is no element"
        return
    yield from (f"a {kind} has no {name}" for name in element.keys() - ELEMENTS[kind])
    yield from _choice_faults(element)
    if kind == "TextBlock" and not _text(element.get("text")):
        yield "a text block has a text"
    if kind == "Container":
        yield from _items(element.get("items"), kind)
    if kind == "FactSet":
        facts = element.get("facts") or [{}]
        yield from ("a fact has a title and a value" for fact in facts if fact.keys() != {"title", "value"})
        yield from ("a fact is text" for fact in facts if not all(map(_text, fact.values())))
    if kind == "RichTextBlock":
        yield from (fault for run in element.get("inlines") or [{}] for fault in _run_faults(run))


def _run_faults(run: Mapping[str, Any]) -> Iterator[str]:
    if run.get("type") != "TextRun" or not _text(run.get("text")):
        yield "a text run has a text"
    yield from (f"a text run has no {name}" for name in run.keys() - RUN)
    yield from _choice_faults(run)


def _choice_faults(element: Mapping[str, Any]) -> Iterator[str]:
    for name, choices in CHOICES.items():
        if element.get(name, next(iter(choices))) not in choices:
            yield f"{element[name]!r} is no {name}"


def _action_faults(action: Any) -> Iterator[str]:
    if not isinstance(action, dict) or action.get("type") != "Action.OpenUrl":
        yield "no action that opens an address"
    elif action.keys() != {"type", "title", "url"} or not _text(action["title"]):
        yield "an action has a title and an address"
    elif urlsplit(action["url"]).scheme not in ("http", "https"):
        yield "an action leads to an address"


def _text(value: Any) -> bool:
    return isinstance(value, str) and bool(value)


def workflow(asked: Asked) -> Answer:
    """Answer as a workflow does.

    https://learn.microsoft.com/azure/logic-apps/logic-apps-http-endpoint
    """
    if asked.path != PATH:
        return _error(404, "WorkflowNotFound")
    if asked.query.get("sig") != SECRET:
        return _error(401, "AuthorizationFailed")
    if asked.method != "POST" or not asked.headers.get("content-type", "").startswith("application/json"):
        return _error(400, "InvalidRequest")
    try:
        found = faults(asked.document)
    except ValueError:
        found = ["no JSON"]
    if found:
        return _error(400, "TriggerInputSchemaMismatch", found[0])
    return Answer(202, headers={"x-ms-workflow-run-id": RUN_ID})


def _error(status: int, code: str, message: str = "scripted") -> Answer:
    body = json.dumps({"error": {"code": code, "message": message}}).encode()
    return Answer(status, body, {"Content-Type": "application/json"})


class TeamsDesk(Desk):
    """A server with a workflow behind one signed address; otherwise like the one of Slack."""

    def __init__(self, judge: Callable[[Asked], Answer] = workflow) -> None:
        super().__init__(judge)

    @property
    def address(self) -> str:
        """The workflow's address, whose signature is its secret."""
        return f"{self._server.url}{PATH}?api-version=2016-06-01&sp=%2Ftriggers%2Fmanual%2Frun&sig={SECRET}"
