"""What a run cost, in words: the amount, its lines, and the month so far. Pure."""

from dataclasses import dataclass
from datetime import date

from reconcile.model.usage import MonthCost, Usage
from reconcile.report.facts import Fact
from reconcile.report.formatting import dollars, plural, quantity


@dataclass(frozen=True, slots=True)
class CostView:
    """What a run cost: `run` is the amount, and `month` what the month cost so far ("": nothing is archived).

    `facts` say what each item came to, and by which prices.
    """

    run: str
    month: str
    facts: tuple[Fact, ...]

    @property
    def words(self) -> str:
        """The amount and the month in a line."""
        return f"{self.run}; {self.month}" if self.month else self.run


def cost_view(usage: Usage) -> CostView | None:
    """Return what a run cost in words; None of a report that was written before costs were counted."""
    cost = usage.cost
    if cost is None:
        return None
    lines = (Fact(line.label, (f"{dollars(line.usd)} for {quantity(line.quantity)}",)) for line in cost.lines)
    elsewhere = "" if usage.lambda_gb_seconds is not None else "; not run in Lambda"
    prices = Fact("Prices", (f"of {_day(cost.prices_as_of)}, without free tiers{elsewhere}",))
    return CostView(dollars(cost.usd), _month(cost.month) if cost.month else "", (*lines, prices))


def _month(month: MonthCost) -> str:
    """Return `November 2026 so far USD 0.10 in 30 runs`, and what of it is not known."""
    name = f"{date.fromisoformat(f'{month.name}-01'):%B %Y}"
    since = f" since {_day(month.since)}" if month.since else " so far"
    unknown = f", {month.not_known:,} more of unknown cost" if month.not_known else ""
    return f"{name}{since} {dollars(month.usd)} in {plural(month.runs, 'run')}{unknown}"


def _day(text: str) -> str:
    day = date.fromisoformat(text)
    return f"{day.day} {day:%b %Y}"
