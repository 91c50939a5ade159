"""Names for values whose members this package does not fix: foreign documents, evidence, attributes."""

from collections.abc import Mapping
from typing import Any

JsonObject = Mapping[str, Any]
"""A JSON object as another system, or another version of this one, has it."""

Evidence = Mapping[str, Any]
"""What a verdict rests on, by name, as JSON can hold it; each judge names its own.

`reconcile/report/facts.py` has the words for the names.
"""

Candidate = Mapping[str, Any]
"""What a person may choose, as `reconcile/compare/choices.py` describes it, by name."""

Attributes = Mapping[str, Any]
"""Attributes of a row or a record by name, as plain values: not DynamoDB's typed ones."""
