"""What the services charge: one dated price table, and how a setting replaces single prices of it.

A setting names a price as the providers quote it, such as `s3_get_per_1000`. Free tiers are not taken off.
"""

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Literal

from reconcile.model.setting_json import read_json

PricedItem = Literal[
    "s3_get",
    "s3_list_put",
    "dynamodb_read_units",
    "dynamodb_write_units",
    "lambda_gb_second",
    "lambda_requests",
    "ses_mails",
    "secrets_manager_calls",
    "cloudfront_requests",
    "algolia_requests",
]
"""What is counted and charged."""

MOST_USD = 1_000_000
_AS_OF = "as_of"
_EXAMPLE = 'write {"s3_get_per_1000": 0.0004, "as_of": "2026-11-30"}'


@dataclass(frozen=True, slots=True)
class Price:
    """What `per` of an item cost, in USD; `source` is the page that says so."""

    item: PricedItem
    label: str
    usd: float
    per: int
    source: str

    @property
    def name(self) -> str:
        """The name that a setting replaces it by."""
        return f"{self.item}_per_{self.per}" if self.per > 1 else self.item

    def of(self, quantity: float) -> float:
        """Return what a quantity of the item costs, in USD."""
        return self.usd * quantity / self.per


LIST_PRICES = (
    Price("s3_get", "S3 GET and HEAD", 0.0004, 1_000, "https://aws.amazon.com/s3/pricing/"),
    Price("s3_list_put", "S3 LIST and PUT", 0.005, 1_000, "https://aws.amazon.com/s3/pricing/"),
    Price(
        *("dynamodb_read_units", "DynamoDB read units", 0.125, 1_000_000),
        "https://aws.amazon.com/dynamodb/pricing/on-demand/",
    ),
    Price(
        *("dynamodb_write_units", "DynamoDB write units", 0.625, 1_000_000),
        "https://aws.amazon.com/dynamodb/pricing/on-demand/",
    ),
    Price("lambda_gb_second", "Lambda GB-seconds", 0.0000166667, 1, "https://aws.amazon.com/lambda/pricing/"),
    Price("lambda_requests", "Lambda requests", 0.20, 1_000_000, "https://aws.amazon.com/lambda/pricing/"),
    Price("ses_mails", "Mails, one a recipient", 0.10, 1_000, "https://aws.amazon.com/ses/pricing/"),
    Price(
        *("secrets_manager_calls", "Secrets Manager calls", 0.05, 10_000),
        "https://aws.amazon.com/secrets-manager/pricing/",
    ),
    Price(
        *("cloudfront_requests", "Playback requests", 0.01, 10_000),
        "https://aws.amazon.com/cloudfront/pricing/",
    ),
    # What a request costs depends on the plan, and most plans include these: 0 until a setting says more.
    Price("algolia_requests", "Algolia requests", 0.0, 1_000, "https://www.algolia.com/pricing"),
)
"""List prices of us-east-1 without free tiers: tables on demand, of the standard class; Lambda on x86."""


@dataclass(frozen=True, slots=True)
class Prices:
    """The price table that a run's cost is counted by, and the day it is of (YYYY-MM-DD)."""

    as_of: str = "2026-11-30"
    table: tuple[Price, ...] = LIST_PRICES

    def of(self, item: PricedItem) -> Price:
        """Return the price of an item."""
        return next(price for price in self.table if price.item == item)

    def __str__(self) -> str:
        """Say which prices these are: of which day, and which of them are not the list's."""
        own = [f"{price.name} {price.usd:g}" for price in self.table if price not in LIST_PRICES]
        return ", ".join([f"list prices of {self.as_of}", *own]).replace(", ", ", but ", 1)


def read_prices(value: Any) -> Prices:
    """Return the price table with the prices that a setting names in place of its own; raises ValueError."""
    if isinstance(value, Prices):
        return value
    if isinstance(value, str):
        value = read_json(value, _EXAMPLE, _twice)
    if not isinstance(value, Mapping) or not value:
        raise ValueError(f"it names no prices: {_EXAMPLE}")
    known = {price.name for price in LIST_PRICES}
    for name in value:
        if name not in {*known, _AS_OF}:
            raise ValueError(_unknown(name, [*known, _AS_OF]))
    given = {name: _dollars(name, value[name]) for name in value if name != _AS_OF}
    table = tuple(replace(price, usd=given.get(price.name, price.usd)) for price in LIST_PRICES)
    as_of = _day(value[_AS_OF]) if _AS_OF in value else Prices().as_of
    return Prices(as_of, table)


def _twice(name: str) -> str:
    return f"{name[:60]!a} stands there twice: write it once"


def _unknown(name: object, known: Sequence[str]) -> str:
    near = difflib.get_close_matches(str(name)[:100], known, n=1, cutoff=0.0)[0]
    return f"{str(name)[:60]!a} is no price; did you mean {near}?"


def _dollars(name: str, value: object) -> float:
    """Return a price; anything but a number from 0 to a million is refused."""
    number = isinstance(value, int | float) and not isinstance(value, bool)
    # NaN fails both comparisons.
    if not (number and 0 <= value <= MOST_USD):  # type: ignore[operator]
        raise ValueError(f"{name} must be a number of USD, from 0 to {MOST_USD:,}, such as 0.0004")
    return float(value)  # type: ignore[arg-type]


def _day(value: object) -> str:
    try:
        if isinstance(value, str) and len(value) == len("2026-11-30"):
            return date.fromisoformat(value).isoformat()
    except ValueError:
        pass
    if isinstance(value, date) and not isinstance(value, datetime):
        return value.isoformat()
    raise ValueError(f"{_AS_OF} must be the day that the prices are of, such as 2026-11-30")
