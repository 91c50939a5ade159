"""How those parts of a report are read and written whose JSON differs from their dataclasses. Pure.

Everything else is written field by field; a field that is missing is read as the dataclass's default.
What reads a part raises KeyError, TypeError, AttributeError or ValueError for another shape.
"""

from typing import Annotated, Any

from pydantic import BeforeValidator, PlainSerializer, WrapSerializer
from pydantic import SerializerFunctionWrapHandler as Fields

from reconcile.model.cause import Cause
from reconcile.model.documents import JsonObject
from reconcile.model.finding import Finding, Subject

JsonSubject = Annotated[Subject, BeforeValidator(Subject.from_json), PlainSerializer(Subject.to_json)]
"""{"type": …, field: …} with the fields that identify the subject."""


def _read_finding(data: JsonObject) -> dict[str, Any]:
    return {**data, "subject": Subject.from_json(data["subject"])}


def _write_finding(finding: Finding, fields: Fields) -> dict[str, Any]:
    words = {"label": finding.label, "title": finding.title}
    return {**fields(finding), **words, "subject": finding.subject.to_json()}


JsonFinding = Annotated[Finding, BeforeValidator(_read_finding), WrapSerializer(_write_finding)]
"""With its label and title besides."""


def _write_cause(cause: Cause, fields: Fields) -> dict[str, Any]:
    return {**fields(cause), "number": cause.number}


JsonCause = Annotated[Cause, WrapSerializer(_write_cause)]
"""With how many findings it explains."""
