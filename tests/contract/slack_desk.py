"""A webhook on loopback that plays Slack: takes what keeps every limit, refuses the rest as Slack does."""

import re
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from threading import Event
from typing import Any, Self

from tests.contract.loopback import Answer, Asked, Loopback

SECRET = "secret-path"
PATH = f"/services/T0/B0/{SECRET}"
SPREADING = frozenset(("type", "block_id"))
KEYS: Mapping[str, frozenset[str]] = {
    "header": SPREADING | {"text"},
    "section": SPREADING | {"text", "fields", "accessory", "expand"},
    "context": SPREADING | {"elements"},
    "divider": SPREADING,
    "mrkdwn": frozenset(("type", "text", "verbatim")),
    "plain_text": frozenset(("type", "text", "emoji")),
}
MOST_BLOCKS, MOST_CHARACTERS = 50, 11_000
LINK = re.compile(r"https?://[^\s<>|]+\|[^<>|]+")


def length(text: str) -> int:
    """Count characters in the way that finds the most of them."""
    return max(len(text), len(text.encode("utf-16-le")) // 2)


def texts(value: Any) -> Iterator[dict[str, Any]]:
    """Yield every text object of a message, wherever it stands."""
    if isinstance(value, dict):
        if value.get("type") in ("mrkdwn", "plain_text"):
            yield value
        value = list(value.values())
    for part in value if isinstance(value, list) else ():
        yield from texts(part)


def _text_fault(text: Any, kinds: tuple[str, ...], most: int) -> str:
    if not isinstance(text, dict) or text.get("type") not in kinds:
        return f"a text of {kinds} is expected"
    if extra := text.keys() - KEYS[text["type"]]:
        return f"a text has no {extra}"
    if not isinstance(text.get("text"), str) or not 1 <= length(text["text"]) <= most:
        return f"a text has 1 to {most} characters, not {length(str(text.get('text')))}"
    return ""


def _block_faults(block: Any) -> Iterator[str]:
    kind = str(block.get("type")) if isinstance(block, dict) else ""
    if kind not in KEYS or kind in ("mrkdwn", "plain_text"):
        yield f"{kind!r} is no block"
        return
    if extra := block.keys() - KEYS[kind]:
        yield f"a {kind} has no {extra}"
    either = ("mrkdwn", "plain_text")
    if kind == "header":
        yield _text_fault(block.get("text"), ("plain_text",), 150)
    if kind == "section":
        fields = block.get("fields", [])
        if "text" in block or not fields:
            yield _text_fault(block.get("text"), either, 3_000)
        yield "a section has 10 fields" if len(fields) > 10 else ""
        yield from (_text_fault(field, either, 2_000) for field in fields)
    if kind == "context":
        elements = block.get("elements", [])
        yield "" if 1 <= len(elements) <= 10 else "a context has 1 to 10 elements"
        yield from (_text_fault(one, either, 3_000) for one in elements)


def faults(message: Any) -> list[str]:
    """Return which limits a message breaks, each with the word that Slack has for it.

    https://docs.slack.dev/reference/block-kit/blocks
    """
    if not isinstance(message, dict):
        return ["invalid_payload: no JSON object"]
    blocks = message.get("blocks", [])
    # Slack itself takes blocks without it, and then has nothing to show in a notification.
    found = [] if isinstance(message.get("text"), str) and message["text"] else ["no_text: it has none"]
    if not isinstance(blocks, list) or ("blocks" in message and not blocks):
        return [*found, "invalid_blocks_format: no list of blocks"]
    if len(blocks) > MOST_BLOCKS:
        found.append(f"invalid_blocks: {len(blocks)} blocks")
    found += [f"invalid_blocks: {fault}" for block in blocks for fault in _block_faults(block) if fault]
    whole = sum(length(str(one.get("text"))) for one in texts(blocks))
    return found + ([f"msg_blocks_too_long: {whole} characters"] if whole > MOST_CHARACTERS else [])


def escapes(message: Mapping[str, Any]) -> list[str]:
    """Return what Slack would take for more than words: mentions, links that lead nowhere, loose entities."""
    marked = [message["text"], *(one["text"] for one in texts(message) if one["type"] == "mrkdwn")]
    loose = [one["text"] for one in texts(message) if one["type"] == "mrkdwn" and not one.get("verbatim")]
    for text in marked:
        loose += [part for part in re.findall(r"<([^>]*)>?", text) if not LINK.fullmatch(part)]
        loose += re.findall(r"&(?!amp;|lt;|gt;).{0,5}", text)
        loose += [text] if text.count("<") != text.count(">") else []
    return loose


def slack(asked: Asked) -> Answer:
    """Answer as Slack does."""
    if (asked.method, asked.path) != ("POST", PATH):
        return Answer(404, b"no_service")
    if asked.headers.get("content-type") != "application/json":
        return Answer(400, b"invalid_payload")
    try:
        found = faults(asked.document)
    except ValueError:
        found = ["invalid_payload: no JSON"]
    return Answer(400, found[0].partition(":")[0].encode()) if found else Answer(200, b"ok")


class Desk:
    """A server that takes messages, a context manager; `judge` answers unless `script` holds something else.

    `asked` holds every request, and `arrived` those that the judge took.
    """

    def __init__(self, judge: Callable[[Asked], Answer] = slack) -> None:
        self.asked: list[Asked] = []
        self.arrived: list[Asked] = []
        self.script: deque[Answer | Callable[[], Answer]] = deque()
        self._judge, self._ended = judge, Event()
        self._server = Loopback(self._answer)

    @property
    def address(self) -> str:
        """The webhook's address, whose path is its secret."""
        return f"{self._server.url}{PATH}"

    def hang(self) -> Answer:
        """Answer nothing before the end."""
        self._ended.wait(30)
        return Answer(200, b"ok")

    def __enter__(self) -> Self:
        self._server.__enter__()
        return self

    def __exit__(self, *error: object) -> None:
        self._ended.set()
        self._server.__exit__(*error)

    def _answer(self, asked: Asked) -> Answer:
        self.asked.append(asked)
        if self.script:
            scripted = self.script.popleft()
            return scripted if isinstance(scripted, Answer) else scripted()
        answer = self._judge(asked)
        if answer.status < 300:
            self.arrived.append(asked)
        return answer
