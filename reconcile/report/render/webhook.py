"""Renders a report as the JSON that a webhook gets: bounded, with the findings that need a person first."""

import json
from collections.abc import Mapping
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

from reconcile.model.clock import write_time
from reconcile.model.documents import JsonObject
from reconcile.model.finding import NEEDS_A_PERSON, NEW, Finding
from reconcile.model.texts import is_clean
from reconcile.report.data import Report
from reconcile.report.formatting import shorten
from reconcile.report.json_text import SCHEMA
from reconcile.report.message import Message

MOST_BYTES = 256_000
"""What a notice may hold as UTF-8; many receivers take no more than 256 KiB."""

_LONGEST_STAGE = 60
_MOST_UNCHECKED = 3
_MOST_RUNS = 7
_LONGEST_URL = 1_000
_LONGEST_NAME = 60
# SES takes 996 characters of a header and its name.
# https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_MessageHeader.html
_LONGEST_HEADER = 900
_LONGER = "Its command is too long for a notice: see the whole report."
# Findings; characters of a text; entries of any other list or table. The last always fits.
_CAPS = ((100, 4_000, 200), (50, 2_000, 200), (25, 1_000, 100), (10, 500, 50), (3, 250, 50), (0, 250, 25))


def compose(message: Message, sent_at: datetime) -> dict[str, Any]:
    """Return a report's notice; it holds as many findings, up to 100, as let it fit into MOST_BYTES.

    The run, findings, actions, trend and chain have the shape that they have in the report's JSON. A
    finding's `url` is its place on the report's page ("": no address leads there).
    """
    notice: dict[str, Any] = {}
    for findings, longest, most in _CAPS:
        notice = _cut(_whole(message, findings), longest, most)
        for finding in (*notice["findings"], *notice["new"]):
            finding["url"] = _url(message, finding["id"])
        notice |= {"sent_at": write_time(sent_at)}
        if len(encode(notice)) <= MOST_BYTES:
            break
    return notice


def compose_test(stage: str, sent_at: datetime) -> dict[str, Any]:
    """Return the notice of a test, which has a message instead of a report."""
    return {
        "schema": SCHEMA,
        "event": "test",
        "stage": shorten(stage, _LONGEST_STAGE),
        "message": test_words(stage),
        "sent_at": write_time(sent_at),
    }


def test_words(stage: str) -> str:
    """Return what a test message says, on whatever channel."""
    return f"{in_brackets(stage)} This is a test message of reconcile doctor; nothing is wrong."


def in_brackets(stage: str) -> str:
    """Return the mark of an environment with which every message begins."""
    return f"[{shorten(stage, _LONGEST_STAGE)}]"


def encode(notice: JsonObject) -> bytes:
    """Return a notice as the bytes that are sent and signed."""
    return json.dumps(notice, ensure_ascii=False, separators=(",", ":")).encode()


def labels(stage: str, run: str = "") -> dict[str, str]:
    """Return the headers that say what a message is about, in printable ASCII; a test is of no run."""
    headers = {"X-Reconcile-Stage": header_value(stage), "X-Reconcile-Run": header_value(run)}
    return {name: value for name, value in headers.items() if value}


def header_value(text: str) -> str:
    """Return a text as the value of a header: one line of printable ASCII, other characters as escapes."""
    return shorten(text).encode("ascii", "backslashreplace").decode()[:_LONGEST_HEADER].strip()


def _whole(message: Message, most: int) -> dict[str, Any]:
    """Return everything that a notice says, with so many findings: new ones first, then what is open."""
    report = message.report
    ordered = sorted(report.findings, key=_urgency)
    body = json.loads(_short(replace(report, findings=tuple(ordered[:most]))).to_json())
    return {
        "schema": SCHEMA,
        "event": "report",
        "stage": report.run.stage,
        "run": body["run"],
        "state": report.state,
        "headline": report.headline,
        "numbers": asdict(report.numbers),
        "actions": body["actions"],
        "trend": body["trend"][-_MOST_RUNS:],
        "chain": body["chain"],
        "counts": body["counts"],
        "not_checked": [
            {**reason, "subjects": reason["subjects"][:_MOST_UNCHECKED]} for reason in body["not_checked"]
        ],
        "new": [_named(finding) for finding in ordered if finding.status in NEW],
        "resolved": [_named(finding) for finding in report.resolved],
        "findings": body["findings"],
        "findings_left_out": len(ordered) - len(body["findings"]),
        "report": message.link or message.place,
        "not_kept": message.not_kept,
    }


def _urgency(finding: Finding) -> tuple[bool, bool]:
    return finding.status not in NEW, finding.status not in NEEDS_A_PERSON


def _named(finding: Finding) -> dict[str, str]:
    return {"id": finding.id, "title": finding.title}


def _url(message: Message, finding: str) -> str:
    url = message.finding_link(finding)
    return url if len(url) <= _LONGEST_URL else ""


def _is_todo(value: JsonObject) -> bool:
    """Whether an object says what to do; evidence may happen to use one of its names."""
    commands = value.get("commands")
    texts = isinstance(commands, list) and all(isinstance(command, str) for command in commands)
    return texts and isinstance(value.get("step"), str)


def _todo(value: JsonObject, longest: int) -> dict[str, Any]:
    """Return what to do without the commands that are too long to be shown whole, with a note of that."""
    step, commands = str(value["step"]), [command for command in value["commands"] if is_clean(command)]
    sound = [command for command in commands if len(command) <= longest]
    step = shorten(step if len(sound) == len(commands) else f"{step} {_LONGER}", longest)
    return {"step": step, "commands": sound}


def _short(report: Report) -> Report:
    """Return a report without the lists of which a notice has the lengths only."""
    return replace(report, resolved=(), carried=(), repairs=(), recordings=(), retired=(), retired_known=())


def _cut(value: Any, longest: int, most: int) -> Any:
    """Return a value whose texts are clean and short and whose lists and tables are no longer than that."""
    if isinstance(value, str):
        return shorten(value, longest)
    if isinstance(value, Mapping):
        pairs = list(value.items())[:most]
        shown = {shorten(name, _LONGEST_NAME): _cut(part, longest, most) for name, part in pairs}
        return shown | (_todo(value, longest) if _is_todo(value) else {})
    if isinstance(value, list):
        return [_cut(part, longest, most) for part in value[:most]]
    return value
