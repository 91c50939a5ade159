"""Decides what a report's mail says: as little as a reader needs to know what to do first. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from reconcile.report.formatting import clean, lasting, plural, when
from reconcile.report.message import HAVE_IT, Message
from reconcile.report.parts import ReportState
from reconcile.report.render.mail_files import Attachment
from reconcile.report.view.head import Step, Tile, Tone, Trend
from reconcile.report.view.model import ChainStep, FindingLine, ReportView

MOST_STEPS = 3
MOST_NEW = 5
MOST_NOTES = 3
LONGEST_COMMAND = 74
"""A longer command is not copied from a mail: `reconcile explain` prints it."""

_CHART_HEIGHT, _NIGHTS = 40, 30
_BEGIN, _END = "\u2068", "\u2069"
# In bytes of UTF-8, so that a mail in any script and with any emoji stays as small.
_LONGEST_TITLE, _LONGEST_WORDS, _LONGEST_SENTENCE = 160, 240, 400


@dataclass(frozen=True, slots=True)
class NightBar:
    """One night of the chart: the heights in pixels of its new and of its known findings."""

    new: int
    known: int


@dataclass(frozen=True, slots=True)
class MailStep:
    """One thing to do first; `command` is one line ("": there is none)."""

    number: int
    title: str
    effect: str
    words: str
    command: str
    tone: Tone


@dataclass(frozen=True, slots=True)
class NewLine:
    """A finding that is new: the show, when it was recorded and for how long, and what is wrong."""

    title: str
    when: str
    label: str
    tone: Tone


@dataclass(frozen=True, slots=True)
class FootLine:
    """What was repaired, what was checked, or the chain, in a line."""

    label: str
    words: str
    tone: Tone = "none"


@dataclass(frozen=True, slots=True)
class Content:
    """What a mail says, in this order. Texts are clean, bounded, and not escaped.

    `link` is the address behind the button ("": there is none), and `places` say where else the report is.
    `more` says how many new findings are left out, and how many are known.
    """

    warning: str
    head: tuple[str, ...]
    state: ReportState
    state_words: str
    headline: str
    summary: str
    tiles: tuple[Tile, ...]
    bars: tuple[NightBar, ...]
    trend: str
    link: str
    places: tuple[str, ...]
    notes: tuple[str, ...]
    steps: tuple[MailStep, ...]
    new: tuple[NewLine, ...]
    new_number: int
    more: str
    foot: tuple[FootLine, ...]
    files: tuple[str, ...]
    run: str
    why: str


def content_of(view: ReportView, message: Message, files: Sequence[Attachment]) -> Content:
    """Return what the mail of a view says; `files` are attached to it."""
    bar, verdict = view.bar, view.verdict
    stage = brief(bar.stage, _LONGEST_TITLE)
    return Content(
        warning=brief(message.warning, _LONGEST_SENTENCE),
        head=(stage, f"{bar.started_at:%a} {when(bar.started_at)}", f"{bar.mode}, {bar.scope}"),
        state=verdict.state,
        state_words=verdict.words,
        headline=brief(verdict.headline, _LONGEST_SENTENCE),
        summary=brief(verdict.summary, _LONGEST_SENTENCE),
        tiles=view.tiles,
        bars=tuple(bars_of(view.trend)),
        trend=view.trend.words if len(view.trend.nights) > 1 else "",
        link=message.followed,
        places=_places(message, files),
        notes=tuple(_first(verdict.notes, MOST_NOTES, "note")),
        steps=tuple(map(_step, view.steps[:MOST_STEPS])),
        new=tuple(_new_line(line, bar.started_at) for line in view.new[:MOST_NEW]),
        new_number=len(view.new),
        more=_more(view),
        foot=tuple(_foot(view)),
        files=tuple(file.words for file in files),
        run=f"Run {bar.run}, reconcile {brief(bar.version, _LONGEST_TITLE)}",
        why=_why(stage),
    )


def brief(text: str, most: int) -> str:
    """Return clean text of at most so many bytes of UTF-8; what was set apart stays so where it is cut."""
    body = text.encode()
    if len(body) <= most:
        return text
    cut = body[: most - 6].decode(errors="ignore")
    return f"{cut}…{_END * (cut.count(_BEGIN) - cut.count(_END))}"


def day_time(moment: datetime) -> str:
    """Return `28 Nov, 11:13 UTC`."""
    return f"{moment.day} {moment:%b, %H:%M} UTC"


def bars_of(trend: Trend) -> Iterable[NightBar]:
    """Yield the nights of a trend, the newest last, the highest as high as the chart; others are empty."""
    yield from [NightBar(0, 0)] * (_NIGHTS - len(trend.nights))
    most = max((night.open for night in trend.nights), default=0) or 1
    for night in trend.nights:
        new = max(2, round(_CHART_HEIGHT * night.new / most)) if night.new else 0
        new = min(new, _CHART_HEIGHT - 1) if night.known else new
        known = max(1, round(_CHART_HEIGHT * night.known / most)) if night.known else 0
        yield NightBar(new, min(known, _CHART_HEIGHT - new))


def command_of(step: Step) -> str:
    """Return the command of a step, if it is one line that can be copied; else the one that prints it.

    Of commands that approve, each does so alone.
    """
    alone = len(step.commands) == 1 or (step.commands and step.tone == "approval")
    if alone and len(step.commands[0]) <= LONGEST_COMMAND:
        return step.commands[0]
    return f"reconcile explain {step.findings[0]}" if step.findings else ""


def _step(step: Step) -> MailStep:
    return MailStep(
        number=step.number,
        title=brief(step.title, _LONGEST_TITLE),
        effect=brief(step.effect, _LONGEST_TITLE),
        words=brief(step.words, _LONGEST_WORDS),
        command=command_of(step),
        tone=step.tone,
    )


def _new_line(line: FindingLine, now: datetime) -> NewLine:
    parts = ["came back"] if line.age == "came-back" else []
    if line.recorded_at:
        year = f" {line.recorded_at.year}" if line.recorded_at.year != now.year else ""
        parts.append(f"{day_time(line.recorded_at)}{year}")
    if line.seconds:
        parts.append(lasting(timedelta(seconds=line.seconds)))
    title, label = brief(line.title, _LONGEST_TITLE), brief(line.label, _LONGEST_TITLE)
    # Where a line has to be wrapped, a time and a length stay whole.
    return NewLine(title, " · ".join(part.replace(" ", "\u00a0") for part in parts), label, line.severity)


def _more(view: ReportView) -> str:
    """Say how many findings the report has beside those that the mail shows."""
    left = len(view.new) - MOST_NEW
    known = view.tile("open").number - view.tile("new").number
    parts = [f"{left:,} more"] if left > 0 else []
    parts += [plural(known, "known problem")] if known > 0 else []
    return f"{' and '.join(parts)} in the report" if parts else ""


def _foot(view: ReportView) -> Iterable[FootLine]:
    if view.bar.mode == "repair":
        words = brief(view.repaired_words, _LONGEST_WORDS)
        yield FootLine(f"Repaired {view.tile('repaired').number:,}", words, "good")
    yield FootLine("Coverage", brief(view.coverage.words, _LONGEST_SENTENCE))
    if view.chain:
        yield FootLine("Chain", brief(_chain(view.chain), _LONGEST_SENTENCE))
    if view.cost:
        yield FootLine("Cost", view.cost.words)


def _chain(steps: Iterable[ChainStep]) -> str:
    """Return the chain from a recording to the search in one line."""
    return " → ".join(map(_chain_link, steps))


def _chain_link(step: ChainStep) -> str:
    notes = [f"{step.lost:,} lost"] if step.lost else []
    if step.not_known or not step.checked:
        notes.append(f"{step.not_known:,} not checked" if step.not_known else "not checked")
    beside = f" ({', '.join(notes)})" if notes else ""
    return f"{step.label} {step.number:,}{beside}"


def _first(texts: Sequence[str], most: int, noun: str) -> Iterable[str]:
    yield from (brief(text, _LONGEST_SENTENCE) for text in texts[:most])
    if len(texts) > most:
        yield f"and {plural(len(texts) - most, f'more {noun}')} in the report"


def _places(message: Message, files: Iterable[Attachment]) -> tuple[str, ...]:
    """Say where the report is when no link leads to it; what is attached is named as such."""
    if message.followed:
        return ()
    if message.place:
        return (f"The report is archived at {brief(clean(message.place), _LONGEST_SENTENCE)}",)
    return () if any(file.kind == "text/html" for file in files) else (HAVE_IT,)


def _why(stage: str) -> str:
    return (
        f"Why you get this: RECONCILE_EMAIL_TO of the stage {stage} holds your address, and RECONCILE_NOTIFY "
        "says which reports are sent. Whoever deploys reconcile can change both."
    )
