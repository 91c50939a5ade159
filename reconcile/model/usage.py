"""What a run used of the services that charge for it, and what that costs. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from math import fsum

from reconcile.model.prices import PricedItem, Prices

_DIGITS = 12
"""Decimals of an amount: a single request costs less than a millionth of a dollar."""

_FREE = ("Delete", "Abort")
_LIST_PUT = ("List", "Put", "Copy", "Create", "Upload", "Complete", "Restore")
"""How operations of S3 begin that cost nothing, or as much as a LIST; the others cost as much as a GET.
https://aws.amazon.com/s3/pricing/
"""


@dataclass(frozen=True, slots=True)
class CostLine:
    """What one item of the price table came to; `quantity` is how many of them were used."""

    item: PricedItem
    label: str
    quantity: float
    usd: float


@dataclass(frozen=True, slots=True)
class MonthCost:
    """What the archived runs of a stage cost in a calendar month (UTC), as far as it is known.

    `name` is YYYY-MM, `usd` sums so many `runs`, and of `not_known` more it is not known what they cost.
    `since` is the day (YYYY-MM-DD) of the first run that was looked at, "" where all of the month were.
    """

    name: str
    usd: float
    runs: int
    not_known: int = 0
    since: str = ""

    def and_this(self, usd: float) -> "MonthCost":
        """Return the month with one run more, which cost so much."""
        return replace(self, usd=round(self.usd + usd, _DIGITS), runs=self.runs + 1)


@dataclass(frozen=True, slots=True)
class Cost:
    """What a run cost, in USD: the lines add up to `usd`. `month` includes it; None: nothing is archived."""

    usd: float
    lines: tuple[CostLine, ...]
    prices_as_of: str
    month: MonthCost | None = None


@dataclass(frozen=True, slots=True)
class Usage:
    """What a run used: requests by kind, such as `s3:GetObject`, DynamoDB units, and bytes that were read.

    `mails` counts recipients, as SES charges. `lambda_gb_seconds` None: it did not run in Lambda.
    """

    requests: Mapping[str, int] = field(default_factory=dict)
    read_units: float = 0.0
    write_units: float = 0.0
    bytes: int = 0
    mails: int = 0
    lambda_gb_seconds: float | None = None
    cost: Cost | None = None


@dataclass(frozen=True, slots=True)
class Billing:
    """By what prices a run is charged, and the memory that it has in Lambda (in GB; None: not in Lambda)."""

    prices: Prices = field(default_factory=Prices)
    lambda_gb: float | None = None

    def charged(self, usage: Usage, seconds: float, earlier: MonthCost | None) -> Usage:
        """Return what a run of so many seconds used, with what that cost beside the month's earlier runs."""
        gb_seconds = None if self.lambda_gb is None else round(self.lambda_gb * max(0.0, seconds), 3)
        used = replace(usage, lambda_gb_seconds=gb_seconds)
        cost = cost_of(used, self.prices)
        return replace(used, cost=replace(cost, month=earlier.and_this(cost.usd) if earlier else None))


def cost_of(usage: Usage, prices: Prices) -> Cost:
    """Return what was used at these prices; what nothing was used of has no line."""
    lines = []
    for item, quantity in _quantities(usage):
        if quantity > 0:
            price = prices.of(item)
            lines.append(CostLine(item, price.label, quantity, round(price.of(quantity), _DIGITS)))
    return Cost(round(fsum(line.usd for line in lines), _DIGITS), tuple(lines), prices.as_of)


def _quantities(usage: Usage) -> Iterator[tuple[PricedItem, float]]:
    """Yield how much was used of each item."""
    gets = lists = 0
    for kind, number in usage.requests.items():
        service, _, operation = kind.partition(":")
        if service == "s3" and operation.startswith(_LIST_PUT):
            lists += number
        elif service == "s3" and not operation.startswith(_FREE):
            gets += number
    yield "s3_get", gets
    yield "s3_list_put", lists
    yield "dynamodb_read_units", usage.read_units
    yield "dynamodb_write_units", usage.write_units
    yield "lambda_gb_second", usage.lambda_gb_seconds or 0.0
    yield "lambda_requests", 0 if usage.lambda_gb_seconds is None else 1
    yield "ses_mails", usage.mails
    yield "secrets_manager_calls", _of("secretsmanager", usage)
    yield "cloudfront_requests", _of("playback", usage)
    yield "algolia_requests", _of("algolia", usage)


def _of(service: str, usage: Usage) -> int:
    return sum(number for kind, number in usage.requests.items() if kind.partition(":")[0] == service)
