"""Renders the lists of runs as pages that need nothing but themselves: one for each stage, one in front."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from urllib.parse import quote

from markupsafe import Markup

from reconcile.report.formatting import NOT_KNOWN, clean, dollars, lasting_seconds, line_of, plural, when
from reconcile.report.render.markup import source_of, template, text_of_file
from reconcile.report.run_list import FRONT, MOST_OF_A_STAGE, RunEntry, page_of

LONGEST_HEADLINE = 400
MOST_IN_FRONT = 100

_STATES = {"ok": "OK", "known": "Nothing new", "action": "Action needed", "incomplete": "Incomplete"}


@dataclass(frozen=True, slots=True)
class RunRow:
    """A run in words, and the address of its report, as seen from the list."""

    href: str
    stage: str
    started: str
    mode: str
    state: str
    words: str
    headline: str
    numbers: str
    spent: str


@dataclass(frozen=True, slots=True)
class StageRow:
    """A stage, the address of its page, and its newest run."""

    name: str
    href: str
    newest: RunRow
    runs: str


def render_stage(stage: str, entries: Sequence[RunEntry]) -> str:
    """Return the page of a stage, whose runs these are, newest first: the newest large, then the others."""
    rows = [_row(entry) for entry in entries[:MOST_OF_A_STAGE]]
    return _page(clean(stage), newest=rows[:1], rows=rows[1:], stages=(), back=FRONT)


def render_front(entries: Sequence[RunEntry]) -> str:
    """Return the page in front: the stages, each with its newest run, and the newest runs of all."""
    by_stage: dict[str, list[RunEntry]] = {}
    for entry in entries:
        by_stage.setdefault(entry.stage, []).append(entry)
    stages = [
        StageRow(line_of(name), page_of(name), _row(runs[0]), plural(len(runs), "run"))
        for name, runs in sorted(by_stage.items())
    ]
    rows = [_row(entry) for entry in entries[:MOST_IN_FRONT]]
    return _page("All stages", newest=(), rows=rows, stages=stages, back="")


def _page(
    title: str, newest: Iterable[RunRow], rows: Iterable[RunRow], stages: Iterable[StageRow], back: str
) -> str:
    style = text_of_file("index.css")
    return template("index.html.j2").render(
        title=title,
        newest=tuple(newest),
        rows=tuple(rows),
        stages=tuple(stages),
        back=back,
        style=Markup(style),
        policy=f"default-src 'none'; style-src {source_of(style)}; base-uri 'none'; form-action 'none'",
    )


def _row(entry: RunEntry) -> RunRow:
    counted = (
        (entry.new, "new"),
        (entry.open, "open"),
        (entry.awaiting_approval, "to approve"),
        (entry.repaired, "repaired"),
    )
    return RunRow(
        href=f"{quote(entry.id, safe='', errors='surrogatepass')}/{entry.page}",
        stage=line_of(entry.stage),
        started=when(entry.started_at) if entry.started_at else clean(entry.id),
        mode=clean(f"{entry.mode}, {entry.scope}" if entry.scope else entry.mode),
        state=entry.state,
        words=_STATES[entry.state],
        headline=line_of(entry.headline, LONGEST_HEADLINE),
        numbers=", ".join(f"{number:,} {words}" for number, words in counted if number) or "no findings open",
        spent=f"took {_known(entry.seconds, lasting_seconds)}, cost {_known(entry.cost_usd, dollars)}",
    )


def _known(amount: float | None, words: Callable[[float], str]) -> str:
    return NOT_KNOWN if amount is None else words(amount)
