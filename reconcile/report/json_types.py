"""How those parts of a report are read and written whose JSON differs from their dataclasses. Pure.

Everything else is written field by field; a field that is missing is read as the dataclass's default.
What reads a part raises KeyError, TypeError, AttributeError or ValueError for another shape.
"""

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import BeforeValidator, PlainSerializer, SerializerFunctionWrapHandler, WrapSerializer

from reconcile.model.cause import Cause
from reconcile.model.finding import Finding, Subject

JsonSubject = Annotated[Subject, BeforeValidator(Subject.from_json), PlainSerializer(Subject.to_json)]
"""{"type": …, field: …} with the fields that identify the subject."""


def _read_remedy(data: Mapping[str, Any]) -> dict[str, Any]:
    """Return step and commands; the first reports told both in one text."""
    first, *others = str(data.get("remedy", "")).split("\n")
    return {"step": data.get("step", first), "commands": data.get("commands", others)}


_STATUSES = {"mended": "repaired", "withheld": "awaiting-approval"}
"""What statuses were called in earlier reports."""


def _read_finding(data: Mapping[str, Any]) -> dict[str, Any]:
    status = _STATUSES.get(data["status"], data["status"])
    return {**data, **_read_remedy(data), "status": status, "subject": Subject.from_json(data["subject"])}


def _write_finding(finding: Finding, fields: SerializerFunctionWrapHandler) -> dict[str, Any]:
    return {**fields(finding), "subject": finding.subject.to_json(), "remedy": finding.remedy}


JsonFinding = Annotated[Finding, BeforeValidator(_read_finding), WrapSerializer(_write_finding)]
"""With its remedy as one text besides step and commands."""


def _read_cause(data: Mapping[str, Any]) -> dict[str, Any]:
    return {**data, **_read_remedy(data)}


def _write_cause(cause: Cause, fields: SerializerFunctionWrapHandler) -> dict[str, Any]:
    return {**fields(cause), "number": cause.number, "remedy": cause.remedy}


JsonCause = Annotated[Cause, BeforeValidator(_read_cause), WrapSerializer(_write_cause)]
"""With its remedy as one text, and how many findings it explains."""
