"""The JSON Schema of a report: made from its dataclasses, and from what their writers add or leave out. Pure.

It is as strict as can be: every key that a report has is required, and no other is allowed but in what a
source, a judge or a repair has to say for itself: `detail`, `evidence`, `before`, `after`, `usage`.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import TypeAdapter
from pydantic.json_schema import GenerateJsonSchema
from pydantic_core import core_schema

from reconcile.model.cause import Cause
from reconcile.model.decision import Decision
from reconcile.model.finding import Finding
from reconcile.report.data import DecisionLine, Report, RunFacts
from reconcile.report.json_text import SCHEMA
from reconcile.report.not_checked import Reason, Unchecked
from reconcile.report.numbers import Numbers
from reconcile.report.parts import ReportState

Schema = dict[str, Any]

DIALECT = "https://json-schema.org/draft/2020-12/schema"

_TEXT: Schema = {"type": "string"}
_SUBJECTS: Mapping[str, tuple[str, ...]] = {
    "recording": ("bucket", "prefix"),
    "session": ("sessionId",),
    "record": ("objectID",),
    "recording-row": ("pk", "sk"),
    "program": ("pk", "sk", "programId"),
    "group": ("pk", "sk"),
    "system": ("name",),
}
"""By type, the fields that identify a subject."""
_ALWAYS_DECIDED = ("what", "id", "by", "reason", "until", "at")
_PARTS: dict[str, Any] = {
    "Report": Report,
    "RunFacts": RunFacts,
    "Finding": Finding,
    "Cause": Cause,
    "Reason": Reason,
    "Unchecked": Unchecked,
    "Decision": Decision,
    "DecisionLine": DecisionLine,
    "Numbers": Numbers,
    "State": ReportState,
}
"""What the schema is made of, besides what stands in these and is written field by field."""


class _Strict(GenerateJsonSchema):
    """Requires every field of a dataclass and allows no other; names and defaults say nothing besides."""

    def dataclass_schema(self, schema: core_schema.DataclassSchema) -> Schema:
        return {**super().dataclass_schema(schema), "additionalProperties": False}

    def field_is_required(self, field: Any, total: bool) -> bool:
        return True

    def field_title_should_be_set(self, schema: Any) -> bool:
        return False

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> Schema:
        return self.generate_inner(schema["schema"])


def json_schema() -> Schema:
    """Return the JSON Schema (2020-12) of the reports that this version writes."""
    adapters = [(name, "serialization", TypeAdapter(part)) for name, part in _PARTS.items()]
    parts, rest = TypeAdapter.json_schemas(adapters, schema_generator=_Strict)  # type: ignore[arg-type]
    shapes: dict[str, Schema] = rest["$defs"]
    shapes["Subject"] = _subject()
    _change(shapes["RunFacts"], {"window": _window(shapes["RunFacts"])}, without=("window_start",))
    _change(shapes["Finding"], {"label": _TEXT, "title": _TEXT})
    _change(shapes["Cause"], {"number": {"type": "integer"}})
    _change(shapes["Unchecked"], {"subject": _ref("Subject")}, optional=("why",))
    _change(shapes["Reason"], {"number": {"type": "integer"}})
    decision, became = shapes["Decision"], shapes.pop("DecisionLine")["properties"]
    del became["decision"]
    _change(decision, became, optional=({*decision["properties"], *became} - {*_ALWAYS_DECIDED}))
    report = shapes.pop("Report")
    findings = dict.fromkeys(("findings", "resolved", "carried"), _list("Finding"))
    lists = {"causes": _list("Cause"), "decisions": _list("Decision"), "not_checked": _list("Reason")}
    fixed = {"run": _ref("RunFacts"), "numbers": _ref("Numbers"), "state": parts["State", "serialization"]}
    _change(report, {"schema": {"const": SCHEMA}, **fixed, **lists, **findings})
    return {"$schema": DIALECT, **report, "title": f"Report of reconcile, schema {SCHEMA}", "$defs": shapes}


def _change(
    shape: Schema, added: Mapping[str, Any], *, without: Iterable[str] = (), optional: Iterable[str] = ()
) -> None:
    """Say what a writer makes of a dataclass: keys that it adds or writes otherwise, or leaves out."""
    left_out, sometimes = {*without}, {*optional}
    properties = {**shape["properties"], **added}
    shape["properties"] = {name: part for name, part in sorted(properties.items()) if name not in left_out}
    shape["required"] = [name for name in shape["properties"] if name not in sometimes]


def _subject() -> Schema:
    """Return what identifies a subject, by its type."""
    kinds = [
        {
            "type": "object",
            "properties": {"type": {"const": subject_type}, **dict.fromkeys(fields, _TEXT)},
            "required": ["type", *fields],
            "additionalProperties": False,
        }
        for subject_type, fields in _SUBJECTS.items()
    ]
    return {"title": "Subject", "description": "What a verdict is about.", "oneOf": kinds}


def _window(run: Schema) -> Schema:
    """Return since when recordings without a program were checked; a start of null is everything."""
    start = run["properties"]["window_start"]
    return {
        "type": "object",
        "properties": {"start": start},
        "required": ["start"],
        "additionalProperties": False,
    }


def _ref(name: str) -> Schema:
    return {"$ref": f"#/$defs/{name}"}


def _list(name: str) -> Schema:
    return {"type": "array", "items": _ref(name)}
