"""The runs of a place as its index lists them: read from their summaries, newest first. Pure."""

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from math import fsum
from typing import Any, get_args

from reconcile.model.clock import parse_time, write_time
from reconcile.model.documents import JsonObject
from reconcile.model.errors import Exit
from reconcile.model.finding import NEEDS_A_PERSON
from reconcile.model.usage import MonthCost
from reconcile.report.parts import ReportState

LIST = "index.json"
"""The file that the pages are made of, so that not every summary is read again."""
FRONT = "index.html"
MOST_OF_A_STAGE = 400
MOST = 1_000
UNDO = "undo"
"""The mode of a run that takes another one back."""
STATES: tuple[ReportState, ...] = get_args(ReportState)

_UNSAFE = re.compile(r"[^A-Za-z0-9._-]")
_LONGEST = 80
_MOST_AMOUNT = 1e12


@dataclass(frozen=True, slots=True)
class RunEntry:
    """One run: how it went, its numbers, its length and its cost. None: its summary does not say."""

    id: str
    stage: str
    mode: str
    scope: str
    started_at: datetime | None
    state: ReportState
    headline: str
    exit_code: int
    new: int = 0
    open: int = 0
    awaiting_approval: int = 0
    repaired: int = 0
    seconds: float | None = None
    cost_usd: float | None = None

    @property
    def page(self) -> str:
        """The file that shows the run: an undo has no report."""
        return "undo.json" if self.mode == UNDO else "report.html"

    @classmethod
    def of(cls, summary: JsonObject) -> "RunEntry | None":
        """Read the summary of a run, or what to_json wrote, of any version; None for anything else."""
        if not all(isinstance(summary.get(name), str) and summary[name] for name in ("id", "stage")):
            return None
        code = summary.get("exit_code")
        numbers = _numbers(summary)
        states = {str(name): name for name in STATES}
        return cls(
            id=summary["id"],
            stage=summary["stage"],
            mode=str(summary.get("mode", "")),
            scope=str(summary.get("scope", "")),
            started_at=_moment(summary.get("started_at")),
            state=states.get(str(summary.get("state"))) or _state(code, numbers, summary),
            headline=str(summary.get("headline", "")),
            exit_code=code if isinstance(code, int) else int(Exit.CRASHED),
            seconds=_amount(summary.get("seconds")),
            cost_usd=_amount(summary.get("cost_usd")),
            **numbers,
        )

    def to_json(self) -> dict[str, Any]:
        """Return what `of` reads."""
        fields = asdict(self)
        numbers = {name: fields.pop(name) for name in _NUMBERS}
        started = write_time(self.started_at) if self.started_at else None
        return {**fields, "started_at": started, "numbers": numbers}


_NUMBERS = ("new", "open", "awaiting_approval", "repaired")


def _numbers(summary: JsonObject) -> dict[str, int]:
    """Return a run's numbers; the first summaries had statuses only, by other names."""
    numbers = summary.get("numbers")
    if not isinstance(numbers, Mapping):
        statuses = summary.get("statuses")
        counted = statuses if isinstance(statuses, Mapping) else {}
        numbers = {
            "new": counted.get("new"),
            "open": sum(_number(counted.get(name)) for name in NEEDS_A_PERSON),
            "awaiting_approval": counted.get("withheld") or counted.get("awaiting-approval"),
            "repaired": counted.get("mended") or counted.get("repaired"),
        }
    return {name: _number(numbers.get(name)) for name in _NUMBERS}


def _number(value: object) -> int:
    return value if isinstance(value, int) and value > 0 else 0


def _amount(value: object) -> float | None:
    """Return an amount as it can be shown and added; None for anything else."""
    number = isinstance(value, int | float) and not isinstance(value, bool)
    # NaN and what is infinite fail.
    return float(value) if number and 0 <= value <= _MOST_AMOUNT else None  # type: ignore[arg-type, operator]


def _state(code: object, numbers: Mapping[str, int], summary: JsonObject) -> ReportState:
    """Return how a run went whose summary does not say it in a word."""
    if code in (Exit.INCOMPLETE, Exit.CRASHED):
        return "incomplete"
    if numbers["open"] or numbers["awaiting_approval"]:
        return "action"
    statuses = summary.get("statuses")
    return "known" if isinstance(statuses, Mapping) and statuses.get("ignored") else "ok"


def _moment(text: object) -> datetime | None:
    try:
        return parse_time(str(text))
    except ValueError:
        return None


def month_cost(month: str, stage: str, entries: Iterable[RunEntry], since: str = "") -> MonthCost:
    """Return what the runs of a stage cost in a month (YYYY-MM, UTC), as far as their entries say."""
    runs = [
        entry
        for entry in entries
        if entry.stage == stage and entry.started_at and f"{entry.started_at:%Y-%m}" == month
    ]
    known = [entry.cost_usd for entry in runs if entry.cost_usd is not None]
    return MonthCost(month, fsum(known), len(known), len(runs) - len(known), since)


def page_of(stage: str) -> str:
    """Return the name of a stage's page: letters and digits alone, and another for every stage."""
    return f"index-{_in_a_name(stage)}.html"


def newest_of(stage: str) -> str:
    """Return the name of the page that is a stage's newest report, named as its list is."""
    return f"newest-{_in_a_name(stage)}.html"


def _in_a_name(stage: str) -> str:
    plain = _UNSAFE.sub("_", stage)[:_LONGEST]
    # Some file systems do not distinguish capitals from small letters.
    if plain != stage or plain != plain.lower():
        plain = f"{plain}-{hashlib.sha256(stage.encode('utf-8', 'replace')).hexdigest()[:12]}"
    return plain


def entries_of(text: str | None) -> dict[str, RunEntry]:
    """Read the list of runs, by id; what is torn, foreign or of another version is read from summaries."""
    try:
        listed = json.loads(text or "")
    except (ValueError, RecursionError):
        return {}
    runs = listed.get("runs") if isinstance(listed, dict) else None
    parts = (run for run in runs if isinstance(run, dict)) if isinstance(runs, list) else ()
    return {entry.id: entry for part in parts if (entry := RunEntry.of(part))}


def text_of(entries: Iterable[RunEntry]) -> str:
    """Write the list of runs."""
    runs = [entry.to_json() for entry in entries]
    return json.dumps({"schema": "1.0", "runs": runs}, sort_keys=True) + "\n"
