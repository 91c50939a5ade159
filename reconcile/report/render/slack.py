"""Lays out a report's message for Slack, in at most 12 blocks and 8 KB. Pure.

The limits of single texts are those of https://docs.slack.dev/reference/block-kit/blocks and of its text
objects, which count as JavaScript does.
"""

import json
from collections.abc import Iterable, Iterator
from typing import Any

from reconcile.report.message import HAVE_IT, Message
from reconcile.report.render.digest import LONGEST_COMMAND, Digest, DigestFinding, DigestStep, digest_of
from reconcile.report.render.webhook import test_words
from reconcile.report.view.build import view_of
from reconcile.report.view.model import ReportView

MOST_BLOCKS = 12
MOST_BYTES = 8_000
LONGEST_HEADER = 150
"""The longest header that Slack takes."""

_LONGEST_LINE = 400
_LONGEST_TITLE = 240
_LONGEST_MARK = 120
_LONGEST_LINK = 1_500
# A command is never cut, whatever of it has to be escaped.
_LONGEST_CODE = 5 * LONGEST_COMMAND
# Steps and new findings; the last shows none, so that it always fits.
_CAPS = ((3, 5), (2, 3), (1, 1), (0, 0))
# Slack has escapes for the first three only; a grave accent could begin code that swallows what follows.
_ESCAPES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "`": "ˋ"}
_IN_LINKS = {ord(character): f"%{ord(character):02X}" for character in ' "<>|\\`'} | {ord("&"): "&amp;"}

Block = dict[str, Any]


def compose(message: Message) -> dict[str, Any]:
    """Return a report's message."""
    return lay_out(view_of(message.report), message)


def lay_out(view: ReportView, message: Message) -> dict[str, Any]:
    """Return a report's message; one line on a quiet day.

    Nothing in a report can format the message, link or call anybody.
    """
    composed: dict[str, Any] = {}
    for steps, new in _CAPS:
        composed = _composed(digest_of(view, message, steps, new))
        if len(encode(composed)) <= MOST_BYTES:
            break
    return composed


def compose_test(stage: str) -> dict[str, Any]:
    """Return the message of a test."""
    return {"text": escaped(test_words(stage))}


def encode(message: dict[str, Any]) -> bytes:
    """Return a message as the bytes that are sent."""
    return json.dumps(message, ensure_ascii=False, separators=(",", ":")).encode()


def escaped(text: str, longest: int = _LONGEST_LINE) -> str:
    """Return clean text so that it stands for itself in Slack's markup, in at most `longest` characters."""
    return _shortened([_ESCAPES.get(character, character) for character in text], longest)


def _shortened(parts: Iterable[str], longest: int) -> str:
    """Join parts, none of which is ever broken, to a text of at most this many characters."""
    every, ends, size = list(parts), 0, 0
    for place, part in enumerate(every):
        size += _size(part)
        if size > longest:
            return "".join(every[:ends]) + "…"
        if size < longest:
            ends = place + 1
    return "".join(every)


def _size(text: str) -> int:
    """Count characters as JavaScript does, which finds two where others find one emoji."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def _composed(digest: Digest) -> dict[str, Any]:
    line = escaped(digest.line)
    if digest.quiet:
        quiet = " · ".join(filter(None, (line, escaped(digest.week), _where(digest))))
        return {"text": line, "blocks": [_section(quiet)]}
    return {"text": line, "blocks": list(_blocks(digest))}


def _blocks(digest: Digest) -> Iterator[Block]:
    heading = _shortened(digest.heading, LONGEST_HEADER)
    yield {"type": "header", "text": {"type": "plain_text", "text": heading}}
    if digest.warning:
        yield _section(f"*{escaped(digest.warning)}*")
    yield _section(escaped(digest.verdict), *(f"• {escaped(note)}" for note in digest.notes), _where(digest))
    numbers = [_mrkdwn(f"*{escaped(label)}*\n{escaped(number)}") for label, number in digest.numbers]
    yield {"type": "section", "fields": numbers}
    if digest.steps:
        yield _section("*Do first*", *map(_step_line, digest.steps))
    if digest.new or digest.new_left_out:
        more = f"+{digest.new_left_out:,}" if digest.new_left_out else ""
        yield _section("*New*", *map(_new_line, digest.new), more)
    yield {"type": "context", "elements": [_mrkdwn(escaped(digest.run))]}


def _step_line(step: DigestStep) -> str:
    command = f"`{escaped(step.command, _LONGEST_CODE)}`" if step.command else ""
    parts = (escaped(step.title, _LONGEST_TITLE), escaped(step.effect, _LONGEST_MARK), command)
    return f"{step.number}. {' · '.join(filter(None, parts))}"


def _new_line(finding: DigestFinding) -> str:
    return f"• {escaped(finding.title, _LONGEST_TITLE)} · {escaped(finding.mark, _LONGEST_MARK)}"


def _where(digest: Digest) -> str:
    """Say where the whole report is.

    A link that looks like a button would show a warning to whoever follows it, unless Slack could ask back:
    https://github.com/slackapi/node-slack-sdk/issues/869
    """
    link = digest.link.translate(_IN_LINKS)
    if link and len(link) <= _LONGEST_LINK:
        return f"<{link}|Open the report>"
    return f"The report is at `{escaped(digest.place)}`" if digest.place else HAVE_IT


def _section(*lines: str) -> Block:
    return {"type": "section", "text": _mrkdwn("\n".join(filter(None, lines)))}


def _mrkdwn(text: str) -> Block:
    """Return a text whose plain words are left alone: `@here` calls nobody, an address is no link."""
    return {"type": "mrkdwn", "text": text, "verbatim": True}
