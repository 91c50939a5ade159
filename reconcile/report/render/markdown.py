"""Lays out a report as Markdown, for places such as the step summary of a CI job. Pure.

This is a few KB, and GitHub takes 1 MiB a step:
https://docs.github.com/actions/using-workflows/workflow-commands-for-github-actions#step-isolation-and-limits
"""

import re
from collections.abc import Iterator

from reconcile.report.message import HAVE_IT, Message
from reconcile.report.render.digest import Digest, DigestStep, digest_of
from reconcile.report.view.build import view_of
from reconcile.report.view.model import ReportView

MOST_NEW = 20

# A backslash before any of these makes it a plain sign: https://spec.commonmark.org/0.31.2/#backslash-escapes
# The other punctuation means nothing without one of them.
_MARKS = re.compile(r"([]!#$&()*+.:<=>@[\\_`{|}~-])")
# GitHub looks for @names and #numbers only after that, so nothing but a sign between them helps.
_REFERENCE = re.compile(r"([@#])(?=\w)")
_WORD_JOINER = "\u2060"
_IN_LINKS = {ord(sign): f"%{ord(sign):02X}" for sign in ' "<>()\\`|'}


def render_markdown(message: Message) -> str:
    """Return a report's Markdown: the verdict, four numbers, what to do first, what is new."""
    return lay_out(view_of(message.report), message)


def lay_out(view: ReportView, message: Message) -> str:
    """Return the same; nothing in a report can format it, link, or call anybody."""
    return "\n\n".join(_blocks(digest_of(view, message, new=MOST_NEW))) + "\n"


def escaped(text: str) -> str:
    """Return clean text so that it stands for itself, wherever a line of Markdown holds it."""
    return _MARKS.sub(r"\\\1", _REFERENCE.sub(rf"\1{_WORD_JOINER}", text.strip()))


def code(text: str) -> str:
    """Return clean text as code, between more backticks than it has in a row."""
    fence = "`" * (1 + max(map(len, re.findall("`+", text)), default=0))
    return f"{fence} {text} {fence}" if "`" in text else f"{fence}{text}{fence}"


def _blocks(digest: Digest) -> Iterator[str]:
    yield f"## {escaped(digest.heading)}"
    yield from (f"**{escaped(text)}**" for text in (digest.warning, digest.verdict) if text)
    yield from map(escaped, digest.notes)
    labels, numbers = (" | ".join(map(escaped, cells)) for cells in zip(*digest.numbers, strict=True))
    yield f"| {labels} |\n|{'---:|' * len(digest.numbers)}\n| {numbers} |"
    if digest.steps:
        yield "### Do first"
        yield "\n".join(map(_step, digest.steps))
    if digest.new or digest.new_left_out:
        yield "### New"
        more = [f"- and {digest.new_left_out:,} more"] if digest.new_left_out else []
        yield "\n".join([*(f"- {escaped(one.title)} · {escaped(one.mark)}" for one in digest.new), *more])
    yield _where(digest)
    yield escaped(digest.run)


def _step(step: DigestStep) -> str:
    parts = (escaped(step.title), escaped(step.effect), step.command and code(step.command))
    return f"{step.number}. {' · '.join(filter(None, parts))}"


def _where(digest: Digest) -> str:
    if digest.link:
        return f"[Open the report](<{digest.link.translate(_IN_LINKS)}>)"
    return f"The report is at {code(digest.place)}" if digest.place else escaped(HAVE_IT)
