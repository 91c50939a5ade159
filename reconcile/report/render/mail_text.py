"""Lays out a report's mail as text, in the order of its HTML part. Pure."""

import unicodedata
from collections.abc import Iterable, Iterator

from reconcile.report.render.mail_content import Content, MailStep, NewLine

WIDTH = 78


def text_of(content: Content) -> str:
    """Return the text part: paragraphs of WIDTH columns; commands, addresses and ids stand unbroken."""
    return "\n".join(line for block in _blocks(content) for line in (*block, ""))


def wrapped(text: str, first: str = "", rest: str = "") -> Iterator[str]:
    """Yield a text as lines; the first begins with `first`, the others with `rest`.

    A word of ASCII is never broken, for it may be an id, a key or an address; one in a script without
    spaces is.
    """
    line, empty = first, True
    for word in text.split():
        for part in _parts(word, WIDTH - columns(rest)):
            if not empty and columns(line) + 1 + columns(part) > WIDTH:
                yield line
                line, empty = rest, True
            line, empty = (f"{line}{part}" if empty else f"{line} {part}"), False
    yield line


def columns(text: str) -> int:
    """Return how many columns of a terminal a text takes.

    https://www.unicode.org/reports/tr11/
    """
    return sum(map(_columns, text))


def _columns(char: str) -> int:
    if unicodedata.combining(char) or unicodedata.category(char) == "Cf":
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


def _parts(word: str, room: int) -> Iterator[str]:
    """Yield a word in parts that fit into a line."""
    if word.isascii() or columns(word) <= room:
        yield word
        return
    part = ""
    for char in word:
        if columns(part) + _columns(char) > room:
            yield part
            part = ""
        part += char
    yield part


def _blocks(content: Content) -> Iterator[list[str]]:
    """Yield the paragraphs."""
    if content.warning:
        yield [*wrapped(content.warning, "! ", "  ")]
    yield [*wrapped(" · ".join((*content.head, content.state_words)))]
    yield [*wrapped(content.headline), *wrapped(content.summary)]
    yield ["   ".join(f"{tile.number:,} {tile.label.lower()}" for tile in content.tiles)]
    if content.trend:
        yield [*wrapped(content.trend)]
    where = [f"Open the report: {content.link}"] if content.link else []
    where += [line for place in content.places for line in wrapped(place)]
    if where:
        yield where
    if content.notes:
        yield [line for note in content.notes for line in wrapped(note, "! ", "  ")]
    yield from _steps(content.steps)
    yield from _new(content)
    for line in content.foot:
        yield [*wrapped(f"{line.label}: {line.words}")]
    if content.files:
        yield [*wrapped(f"Attached: {', '.join(content.files)}.")]
    yield [*wrapped(content.run)]
    yield [*wrapped(content.why)]


def _steps(steps: Iterable[MailStep]) -> Iterator[list[str]]:
    if steps:
        yield ["DO THESE FIRST"]
    for step in steps:
        first, rest = f"{step.number}. ", "   "
        effect = f" ({step.effect})" if step.effect else ""
        block = [*wrapped(f"{step.title}{effect}", first, rest)]
        if step.words:
            block += wrapped(step.words, rest, rest)
        yield [*block, f"{rest}{step.command}"] if step.command else block


def _new(content: Content) -> Iterator[list[str]]:
    block = [f"NEW ({content.new_number:,})"] if content.new else []
    block += [line for finding in content.new for line in wrapped(_in_one_line(finding), "- ", "  ")]
    block += wrapped(content.more) if content.more else []
    if block:
        yield block


def _in_one_line(line: NewLine) -> str:
    when = f" · {line.when}" if line.when else ""
    return f"{line.title}{when} · {line.label}"
