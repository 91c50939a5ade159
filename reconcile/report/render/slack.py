"""Composes a report's message for Slack: the counts in its first line, then what needs a person first. Pure.

The limits are those of https://docs.slack.dev/reference/block-kit/blocks and of its text objects; beyond them
Slack refuses a message of some 13,000 characters, and at times of fewer:
https://github.com/slackapi/bolt-js/issues/2509 and https://github.com/slackapi/bolt-js/issues/2867
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from reconcile.report.data import Report
from reconcile.report.formatting import Caps, clean, line_of, plural
from reconcile.report.groups import FindingGroup, Item
from reconcile.report.message import HAVE_IT, Message
from reconcile.report.render.webhook import in_brackets, test_words
from reconcile.report.sections import LONGEST_REASON, Section, kinds_of, sections, unchecked_lines
from reconcile.report.summary import glance, run_line, tallies

MOST_BLOCKS = 50
MOST_CHARACTERS = 11_000
"""What all blocks may hold together."""
LONGEST_TEXT = 3_000
LONGEST_HEADER = 150

_LONGEST_LINE = 400
_LONGEST_NAME = 100
_LONGEST_LINK = 2_000
_LONGEST_COMMAND = 2_500
_SHORT = 300
_MOST_NOTES = 4
# Items of a group and groups of a section; the last shows numbers only, so that it always fits.
_CAPS = ((3, 25), (2, 25), (1, 25), (0, 25), (0, 5), (0, 0))
_IN_SHORT = ("repaired", "ignored", "deleted", "resolved")
# Slack has escapes for the first three only; a grave accent could begin code that swallows what follows.
_ESCAPES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "`": "ˋ"}
_IN_LINKS = {ord(character): f"%{ord(character):02X}" for character in ' "<>|\\`'} | {ord("&"): "&amp;"}

Block = dict[str, Any]


def compose(message: Message) -> dict[str, Any]:
    """Return a report's message; of each group it shows as many items, up to 3, as let it fit.

    Nothing in a report can format the message, link or call anybody.
    """
    parts, blocks = sections(message.report), list[Block]()
    for items, lines in _CAPS:
        blocks = list(_blocks(message, parts, Caps(items, lines, message.rest)))
        if _fits(blocks):
            break
    return {"text": escaped(_notification(message.report)), "blocks": blocks}


def _notification(report: Report) -> str:
    return f"[{clean(report.run.stage)}] {clean(report.headline)}"


def compose_test(stage: str) -> dict[str, Any]:
    """Return the message of a test."""
    return {"text": escaped(test_words(stage))}


def escaped(text: str, longest: int = _LONGEST_LINE) -> str:
    """Return clean text so that it stands for itself in Slack's markup, in at most `longest` characters."""
    return _shortened([_ESCAPES.get(character, character) for character in text], longest)


def _shortened(parts: Iterable[str], longest: int) -> str:
    """Join parts, none of which is ever broken, to a text of at most this many characters."""
    told, ends, size = list(parts), 0, 0
    for place, part in enumerate(told):
        size += _size(part)
        if size > longest:
            return "".join(told[:ends]) + "…"
        if size < longest:
            ends = place + 1
    return "".join(told)


def _size(text: str) -> int:
    """Count characters as JavaScript does, which finds two where others find one emoji."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def _blocks(message: Message, parts: Sequence[Section], caps: Caps) -> Iterator[Block]:
    report, held = message.report, {part.key: part for part in parts}
    first = _shortened(_first_line(report), LONGEST_HEADER)
    yield {"type": "header", "text": {"type": "plain_text", "text": first}}
    if message.warning:
        yield _section(f"*{escaped(message.warning, LONGEST_REASON)}*")
    yield _section(escaped(clean(report.headline), LONGEST_REASON), _where(message))
    notes = glance(report).notes
    if notes:
        shown = min(caps.lines, _MOST_NOTES)
        told = [f"• {escaped(note, LONGEST_REASON)}" for note in notes[:shown]]
        yield _section(*told, caps.left_out(len(notes), shown, "note"))
    for key in ("needs", "withheld"):
        if key in held:
            yield {"type": "divider"}
            yield from _whole(held[key], message, caps)
    rest = [_in_short(held[key]) for key in _IN_SHORT if key in held]
    rest.append(_not_checked(report, caps))
    if any(rest):
        yield {"type": "divider"}
        yield _section(*rest)
    yield {"type": "context", "elements": [_mrkdwn(escaped(" · ".join(run_line(report.run))))]}


def _first_line(report: Report) -> str:
    """Return the stage, the verdict unless the numbers say it, and the numbers that a glance takes in."""
    counts = [f"{one.number:,} {one.label}" for one in tallies(report) if one.number and one.tone != "none"]
    seen = glance(report)
    verdict = [] if seen.state == "attention" else [seen.words]
    return f"{in_brackets(report.run.stage)} {': '.join([*verdict, *filter(None, [', '.join(counts)])])}"


def _where(message: Message) -> str:
    """Say where the whole report is.

    A link that looks like a button would show a warning to whoever follows it, unless Slack could ask back:
    https://github.com/slackapi/node-slack-sdk/issues/869
    """
    link = message.followed.translate(_IN_LINKS)
    if link and _size(link) <= _LONGEST_LINK:
        return f"<{link}|Read the whole report>"
    kept = message.followed or message.place
    return f"The whole report is at {_code(kept, LONGEST_REASON)}" if kept else HAVE_IT


def _whole(section: Section, message: Message, caps: Caps) -> Iterator[Block]:
    """Tell a section with its groups; that people are needed is said by the message's first line."""
    if section.key != "needs":
        yield _section(f"*{section.title}* {section.number:,}", escaped(section.means))
    inline = section.key == "needs"
    for group in section.groups[: caps.lines]:
        yield _section(*_group_lines(group, message, caps, inline=inline))
    if more := caps.left_out(len(section.groups), caps.lines, "group"):
        yield _section(more)
    yield from _commands(section.groups, inline=inline)


def _commands(groups: Iterable[FindingGroup], *, inline: bool) -> Iterator[Block]:
    """Tell in one block the commands that stand at no group; what Slack would change or cut is left out."""
    every = dict.fromkeys(command for group in groups for command in group.commands)
    told = [one for one in every if not (inline and _is_short(one))]
    sound = [_as_it_is(one) for one in told if "`" not in one and _size(_as_it_is(one)) <= _LONGEST_COMMAND]
    if sound:
        yield _section("\n".join(["```", *sound, "```"]))
    if left := len(told) - len(sound):
        yield _section(f"{plural(left, 'longer command')} in the whole report")


def _is_short(command: str) -> bool:
    """Whether a command stands as it is in a line of its group."""
    return "`" not in command and _size(_as_it_is(command)) <= _SHORT


def _as_it_is(text: str) -> str:
    return "".join(_ESCAPES.get(character, character) for character in text)


def _group_lines(group: FindingGroup, message: Message, caps: Caps, *, inline: bool) -> Iterator[str]:
    told = (escaped(group.about, _LONGEST_NAME), _code(group.slug, _LONGEST_NAME))
    yield " · ".join((f"*{escaped(group.name, _LONGEST_NAME)}*", *filter(None, told)))
    yield escaped(group.means)
    for fact in group.facts:
        yield escaped(f"{fact.label}: {'; '.join(fact.values)}")
    if group.step:
        yield f"→ *{escaped(group.step)}*"
    yield from (f"`{_as_it_is(one)}`" for one in group.commands if inline and _is_short(one))
    # A report that is kept nowhere leaves no other trace of where to look.
    alone = not (message.followed or message.place)
    for item in group.items[: caps.items]:
        yield from _item_lines(item, with_place=alone)
    yield caps.left_out(len(group.items), caps.items)


def _item_lines(item: Item, *, with_place: bool) -> Iterator[str]:
    told = (escaped(item.title), escaped(item.mark, _LONGEST_NAME), _code(item.id, _LONGEST_NAME))
    yield f"• {' · '.join(filter(None, told))}"
    if with_place and item.place:
        yield _code(item.place, _LONGEST_LINE)
    if item.step:
        yield f"→ {escaped(item.step)}"
    yield from (f"`{_as_it_is(one)}`" for one in item.commands if _is_short(one))


def _in_short(section: Section) -> str:
    """Tell a section in a line: how many there are of each kind."""
    counted = kinds_of(section)
    return f"*{section.title}*: {escaped(counted)}" if counted else ""


def _not_checked(report: Report, caps: Caps) -> str:
    """Tell what was not checked, a line for each reason."""
    reasons = report.not_checked[: min(caps.lines, _MOST_NOTES)]
    told = zip(reasons, unchecked_lines(report), strict=False)
    lines = [f"• {escaped(f'{about}: {line_of(one.reason, LONGEST_REASON)}')}" for one, about in told]
    number = sum(len(one.subjects) for one in report.not_checked)
    more = caps.left_out(len(report.not_checked), len(lines), "reason")
    return "\n".join(filter(None, (f"*Not checked* {number:,}", *lines, more))) if number else ""


def _section(*lines: str) -> Block:
    return {"type": "section", "text": _mrkdwn("\n".join(filter(None, lines)))}


def _mrkdwn(text: str) -> Block:
    """Return a text whose plain words are left alone: `@here` calls nobody, an address is no link."""
    return {"type": "mrkdwn", "text": text, "verbatim": True}


def _code(text: str, longest: int) -> str:
    return f"`{escaped(text, longest)}`" if text else ""


def _fits(blocks: Sequence[Block]) -> bool:
    held = [one for block in blocks for one in (block.get("text"), *block.get("elements", ())) if one]
    sizes = [_size(one["text"]) for one in held]
    return len(blocks) <= MOST_BLOCKS and max(sizes) <= LONGEST_TEXT and sum(sizes) <= MOST_CHARACTERS
