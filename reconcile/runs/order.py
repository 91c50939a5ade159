"""Reads what is asked of a run, by an event or by options, and refuses what cannot be meant."""

import difflib
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from reconcile.model.clock import parse_duration, parse_time
from reconcile.model.errors import UsageError
from reconcile.model.run import Mode, Order
from reconcile.model.verdict_table import VERDICTS
from reconcile.report.formatting import shorten

FIELDS = (
    "scope",
    "lookback",
    "only",
    "approve",
    "repair",
    "reason",
    "fail_on",
    "schedule_arn",
    "scheduled_time",
    "mode",
)
"""What an event may hold; everything is optional, and null is the same as nothing."""

_RUN_ID = re.compile(r"[0-9A-Za-z][0-9A-Za-z-]{0,99}")


@dataclass(frozen=True, slots=True)
class Request:
    """The order that an event gives, and the run key under which it is done once ("": every time)."""

    order: Order
    run_key: str = ""


def read_event(event: object, mode: Mode, stage: str) -> Request:
    """Return what an event asks of a function of this mode; raises UsageError that names the field."""
    fields = {} if event is None else _only_one(event)
    if not isinstance(fields, Mapping):
        raise UsageError("the event is not a JSON object: send {} or the fields of the operations guide")
    if "doctor" in fields:
        raise UsageError('"doctor" stands alone and is true: {"doctor": true}')
    _refuse_unknown_fields(fields)
    _refuse_another_mode(_text(fields, "mode"), mode, stage)
    scope, approve = _text(fields, "scope"), fields.get("approve")
    if scope not in ("", "recent", "full"):
        raise UsageError(f'"scope" is "recent" or "full", not {shorten(repr(scope))}')
    if approve is not None:
        if mode == "check":
            raise UsageError(f'"approve" is a repair\'s, and this function only checks; {_invoke(stage)}')
        if not _RUN_ID.fullmatch(_text(fields, "approve")):
            raise UsageError(f'"approve" names no run: {shorten(repr(approve))} is not the id of one')
    order = make_order(
        mode,
        lookback=_text(fields, "lookback"),
        full=scope == "full",
        only=_texts(fields, "only"),
        approve=approve,
        repair=_asked_repairs(fields, mode, stage),
        reason=_text(fields, "reason"),
        fail_on=_text(fields, "fail_on") or "any",
        named=lambda name: f'"{name.replace("-", "_")}"',
    )
    return Request(order, _run_key(fields))


def _only_one(event: object) -> object:
    """Return the event itself; EventBridge Pipes hand over a list, of one here.

    https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-pipes-batching-concurrency.html
    """
    return event[0] if isinstance(event, list) and len(event) == 1 else event


def _run_key(fields: Mapping[Any, Any]) -> str:
    """Return the key under which a scheduled run is made once; "" for a run that no schedule asks for.

    Refuses a time that is none: with a placeholder that nobody filled in, every later run would seem to be
    the first one again.
    """
    schedule, moment = _text(fields, "schedule_arn"), _text(fields, "scheduled_time")
    if not moment:
        return ""
    try:
        parse_time(moment)
    except ValueError:
        raise UsageError(
            f'"scheduled_time" is no time: {shorten(repr(moment))}. A schedule fills it in from '
            "<aws.scheduler.scheduled-time>; leave it out of an event sent by hand"
        ) from None
    return f"{schedule} {moment}" if schedule else ""


def asks_for_doctor(event: object) -> bool:
    """Whether an event asks for doctor instead of a run; `read_event` refuses whatever else names it."""
    return isinstance(event, Mapping) and dict(event) == {"doctor": True}


def is_scheduled(event: object) -> bool:
    """Whether an event comes from a schedule or a rule, which nobody waits beside, and not by hand."""
    # What a rule sends that was set up without the template names its type.
    return isinstance(event, Mapping) and any(event.get(name) for name in ("schedule_arn", "detail-type"))


def make_order(
    mode: Mode,
    *,
    lookback: str,
    full: bool,
    only: Iterable[str],
    reason: str,
    named: Callable[[str], str],
    settle: str = "15m",
    fail_on: str = "any",
    approve: str | None = None,
    repair: Iterable[str] = (),
) -> Order:
    """Return the order that these texts ask for; raises UsageError that names the wrong one.

    `lookback` may be "", which is three days; each of `only` and `repair` may hold several verdicts, apart by
    spaces or commas; `named` turns a name into how whoever asks writes it.
    """
    if full and lookback:
        raise UsageError(
            f"{named('full')} checks everything, so it cannot be combined with {named('lookback')}"
        )
    if fail_on not in ("any", "new"):
        raise UsageError(f"{named('fail-on')} is any or new, not {shorten(repr(fail_on))}")
    try:
        reach = None if full else parse_duration(lookback or "3d")
        calm = parse_duration(settle)
    except ValueError as error:
        raise UsageError(shorten(error)) from error
    verdicts = tuple(name for part in only for name in part.replace(",", " ").split())
    _refuse_unknown_verdicts(verdicts, named("only"))
    fail_on_kind: Literal["any", "new"] = "new" if fail_on == "new" else "any"
    return Order(mode, reach, calm, verdicts, fail_on_kind, approve, reason, opt_in(repair, named("repair")))


def opt_in(texts: Iterable[str], repair: str) -> tuple[str, ...]:
    """Return the verdicts to repair that are otherwise only reported; raises UsageError for any other."""
    names = tuple(name for part in texts for name in part.replace(",", " ").split())
    opt_in_kinds = [kind.name for kind in VERDICTS if kind.opt_in]
    for name in names:
        if name not in opt_in_kinds:
            raise UsageError(
                f"{repair} {shorten(name)}: that cannot be repaired on request; did you mean "
                f"{_nearest(name, opt_in_kinds)}?"
            )
    return tuple(dict.fromkeys(names))


def _refuse_unknown_verdicts(names: Sequence[str], only: str) -> None:
    verdicts = sorted({kind.name for kind in VERDICTS if kind.response != "count"})
    for name in names:
        if name not in verdicts:
            raise UsageError(
                f"{only} {shorten(name)}: there is no such verdict; did you mean {_nearest(name, verdicts)}?"
            )


def _refuse_unknown_fields(fields: Mapping[Any, Any]) -> None:
    for name in fields:
        if name not in FIELDS:
            near = _nearest(str(name), FIELDS)
            raise UsageError(f'"{shorten(name)}" is not a field of an event; did you mean "{near}"?')


def _refuse_another_mode(requested: str, mode: Mode, stage: str) -> None:
    if requested in ("", mode):
        return
    if mode == "check" and requested == "repair":
        raise UsageError(f"this function only checks; {_invoke(stage)}")
    raise UsageError(f'"mode" is "{mode}" here and cannot be {shorten(repr(requested))}: leave it out')


def _asked_repairs(fields: Mapping[Any, Any], mode: Mode, stage: str) -> list[str]:
    names = _texts(fields, "repair")
    if mode == "check" and any(names):
        raise UsageError(f'"repair" is a repair\'s, and this function only checks; {_invoke(stage)}')
    return names


def _invoke(stage: str) -> str:
    return f"invoke reconcile-repair-{stage}"


def _nearest(name: str, names: Sequence[str]) -> str:
    return difflib.get_close_matches(name[:100], names, n=1, cutoff=0.0)[0]


def _text(fields: Mapping[Any, Any], name: str) -> str:
    value = fields.get(name)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise UsageError(f'"{name}" must be a text, not {shorten(repr(value))}')
    return value


def _texts(fields: Mapping[Any, Any], name: str) -> list[str]:
    value = fields.get(name)
    parts = value if isinstance(value, list | tuple) else [_text(fields, name)]
    if not all(isinstance(part, str) for part in parts):
        raise UsageError(f'"{name}" must be a list of texts, not {shorten(repr(value))}')
    return list(parts)


def parse_day(text: str | None) -> date | None:
    """Return a day such as 2027-01-31 (None: none was named); raises UsageError."""
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise UsageError(f"--date {text!r} is no day: write it as 2027-01-31") from error
