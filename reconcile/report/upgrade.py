"""Brings a stored report of the schema 1.0 into the shape of 2.0: from one JSON value to another. Pure.

What 2.0 says besides and nobody can know now stays empty: trend, actions, chain, links.
"""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from reconcile.model.documents import JsonObject
from reconcile.model.finding import UNTOUCHED

_RENAMED = {"withheld": "approvals", "would_withhold": "would_need_approval"}
_STATUSES = {"mended": "repaired", "withheld": "awaiting-approval"}
_LISTS = ("findings", "resolved", "carried")
_UNKNOWN = "unknown"


def upgraded(data: JsonObject) -> dict[str, Any]:
    """Return the parts of a report of 1.0 in the shape of 2.0; keys that nobody knows stay.

    Raises KeyError, TypeError or AttributeError where a part has another shape.
    """
    body = {_RENAMED.get(name, name): part for name, part in data.items() if name != "schema"}
    lists = {name: body.get(name, []) for name in _LISTS}
    unknown = [
        finding for name in ("findings", "carried") for finding in lists[name] if finding["kind"] == _UNKNOWN
    ]
    return {
        **body,
        **{
            name: [_finding(finding) for finding in findings if finding["kind"] != _UNKNOWN]
            for name, findings in lists.items()
        },
        "run": {"result": data["run"]["exit_code"], **data["run"]},
        "causes": [_with_steps(cause) for cause in data["causes"]],
        "not_checked": [*body.get("not_checked", []), *_reasons(unknown)],
    }


def _finding(data: JsonObject) -> dict[str, Any]:
    status = _STATUSES.get(data["status"], data["status"])
    if status in UNTOUCHED and data.get("repaired") and data.get("left"):
        status = "partly-repaired"
    return {**_with_steps(data), "status": status}


def _with_steps(data: JsonObject) -> dict[str, Any]:
    """Say what to do in a step and in commands: the first reports had both in one text, `remedy`."""
    step, *commands = str(data.get("remedy", "")).split("\n")
    rest = {name: value for name, value in data.items() if name != "remedy"}
    return {"step": step, "commands": commands, **rest}


def _reasons(unknown: Iterable[JsonObject]) -> list[dict[str, Any]]:
    """List what was not checked by reason: the first reports had it among the findings, as `unknown`.

    So none of it was ever open, nor resolves.
    """
    by_reason: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
    for finding in unknown:
        known = {name: finding[name] for name in ("id", "kind", "subject", "first_seen")}
        why = str(finding["evidence"].get("why", ""))
        by_reason[why].append({**known, "ignored": finding["status"] == "ignored"})
    return [{"reason": why, "subjects": subjects} for why, subjects in by_reason.items()]
