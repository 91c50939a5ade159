"""The types of the settings: how each is read from text, and what it may be."""

import math
from collections.abc import Callable
from datetime import timedelta
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BeforeValidator,
    SecretStr,
)

from reconcile.model import setting_types as types
from reconcile.model.clock import parse_duration
from reconcile.model.media import Route
from reconcile.model.prices import Prices, read_prices
from reconcile.model.routes import read_routes
from reconcile.model.secret import api_key, plain


def _optional(rule: Callable[[str], str]) -> Callable[[str], str]:
    """Return the rule for a text that may be empty, which is the same as not set."""
    return lambda text: rule(text) if text else text


class SecretRule:
    """The rule for a secret that may be empty, or kept elsewhere; what is wrong is never quoted."""

    def __init__(self, rule: Callable[[str], str]) -> None:
        self.rule = rule

    def __call__(self, secret: SecretStr) -> SecretStr:
        text = secret.get_secret_value()
        return SecretStr(types.kept_or(self.rule)(text)) if text else secret


def _listed(value: Any) -> Any:
    """Return a list's parts, once each: a text is divided at its commas, spaces around them are dropped."""
    if isinstance(value, str):
        value = [part.strip(" ") for part in value.split(",")]
    if not isinstance(value, list | tuple) or not all(isinstance(part, str) for part in value):
        raise ValueError("it must be a list of texts, or one text with commas between")
    return tuple(dict.fromkeys(part for part in value if part))


def no_truth_value(value: Any) -> Any:
    """Refuse true and false where a number is wanted."""
    if isinstance(value, bool):
        raise ValueError("it must be a number, not true or false")
    return value


def finite(value: float) -> float:
    """Refuse what is infinite or no number."""
    if not math.isfinite(value):
        raise ValueError("it must be a number that ends")
    return value


def recheck(value: Any) -> timedelta:
    """Return the length that a text such as 28d names, a day at least."""
    length = parse_duration(value) if isinstance(value, str) else value
    if not isinstance(length, timedelta):
        raise ValueError("it must be a duration such as 28d")
    if length < timedelta(days=1):
        raise ValueError("it is shorter than a day: what is seen counts for a day at least, such as 28d")
    return length


def _listed_names(value: Any) -> Any:
    if isinstance(value, str) and value != value.strip():
        raise ValueError("it begins or ends with white space: write it without")
    return _listed(value)


_Listed = BeforeValidator(_listed)
Tidied = BeforeValidator(lambda value: types.tidy(value) if isinstance(value, str) else value)
Buckets = Annotated[
    tuple[Annotated[str, AfterValidator(types.bucket_name)], ...], BeforeValidator(_listed_names)
]
Domains = Annotated[tuple[Annotated[str, AfterValidator(types.domain)], ...], _Listed]
Roots = Annotated[tuple[Annotated[str, AfterValidator(types.root)], ...], _Listed]
Mailboxes = Annotated[tuple[Annotated[str, AfterValidator(types.mailbox)], ...], _Listed]
Exports = Annotated[tuple[Annotated[str, AfterValidator(types.export_address)], ...], _Listed]
PriceTable = Annotated[Prices, BeforeValidator(read_prices)]
Routes = Annotated[tuple[Route, ...], BeforeValidator(read_routes)]
Recheck = Annotated[timedelta, BeforeValidator(recheck)]
Stage = Annotated[str, AfterValidator(types.stage_name)]
TableName = Annotated[str, AfterValidator(types.table_name)]
OptionalTable = Annotated[str, AfterValidator(_optional(types.table_name))]
Domain = Annotated[str, AfterValidator(types.domain)]
AppId = Annotated[str, AfterValidator(types.app_id)]
IndexName = Annotated[str, AfterValidator(types.index_name)]
PrivateBase = Annotated[str, AfterValidator(_optional(types.private_base))]
WebAddress = Annotated[str, AfterValidator(_optional(types.web_address))]
Mailbox = Annotated[str, AfterValidator(_optional(types.mailbox))]
FunctionName = Annotated[str, AfterValidator(_optional(types.function_name))]
ApiKey = Annotated[SecretStr, AfterValidator(SecretRule(api_key))]
Address = Annotated[SecretStr, AfterValidator(SecretRule(types.private_address))]
Workflow = Annotated[SecretStr, AfterValidator(SecretRule(types.workflow_address))]
PingAddress = Annotated[SecretStr, AfterValidator(SecretRule(types.ping_address))]
Signature = Annotated[SecretStr, AfterValidator(SecretRule(plain))]
