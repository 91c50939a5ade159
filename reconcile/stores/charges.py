"""Counts what requests of AWS clients are charged by besides their number: DynamoDB's units, and mails.

DynamoDB tells what a request took where it is asked to; a store that does not tell is not counted.
https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_ConsumedCapacity.html
"""

from collections.abc import Callable, Mapping
from typing import Any

READ_UNITS, WRITE_UNITS, MAILS = "read units", "write units", "mails"
"""The counters of a meter."""

Count = Callable[[str, float], None]

_WRITES = ("PutItem", "UpdateItem", "DeleteItem", "TransactWriteItems", "BatchWriteItem")
_ASKED = "ReturnConsumedCapacity"
_TOLD = "ConsumedCapacity"
_RECIPIENTS = "reconcile recipients"


def watch_charges(client: Any, service: str, add: Count) -> None:
    """Count what a client's requests are charged by, where its service is charged by more than requests."""
    events = client.meta.events
    if service == "dynamodb":
        events.register("before-parameter-build.dynamodb", _ask)
        events.register("after-call.dynamodb", lambda **call: _count_units(add, **call))
    if service == "sesv2":
        events.register("before-parameter-build.sesv2.SendEmail", _note_recipients)
        events.register("after-call.sesv2.SendEmail", lambda **call: _count_mails(add, **call))


def _ask(params: dict[str, Any], model: Any, **_: object) -> None:
    """Ask to be told what a request takes, where the operation can tell it."""
    if _ASKED in model.input_shape.members:
        params.setdefault(_ASKED, "TOTAL")


def _count_units(add: Count, *, model: Any, parsed: Mapping[str, Any], **_: object) -> None:
    told = parsed.get(_TOLD)
    for taken in told if isinstance(told, list) else [told]:
        if isinstance(taken, Mapping):
            reads, writes = _number(taken, "ReadCapacityUnits"), _number(taken, "WriteCapacityUnits")
            if not reads and not writes:
                units = _number(taken, "CapacityUnits")
                reads, writes = (0.0, units) if model.name in _WRITES else (units, 0.0)
            add(READ_UNITS, reads)
            add(WRITE_UNITS, writes)


def _number(taken: Mapping[str, Any], name: str) -> float:
    units = taken.get(name)
    return float(units) if isinstance(units, int | float) and units > 0 else 0.0


def _note_recipients(params: Mapping[str, Any], context: dict[str, Any], **_: object) -> None:
    """Note how many a mail goes to: SES charges for each. https://aws.amazon.com/ses/pricing/"""
    lists = params.get("Destination", {}).values()
    context[_RECIPIENTS] = sum(len(addresses) for addresses in lists)


def _count_mails(add: Count, *, http_response: Any, context: Mapping[str, Any], **_: object) -> None:
    if http_response.status_code < 300:
        add(MAILS, context.get(_RECIPIENTS, 0))
