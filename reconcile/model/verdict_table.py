"""The verdict table: every verdict a subject can get, what it means and what follows from it."""

from functools import cache

from reconcile.model.verdict_types import VerdictKind
from reconcile.model.verdicts_recordings import RECORDINGS
from reconcile.model.verdicts_rows import ROWS
from reconcile.model.verdicts_system import SYSTEM

VERDICTS: tuple[VerdictKind, ...] = (*RECORDINGS, *ROWS, *SYSTEM)
"""In order of precedence within each subject type."""

TYPES: tuple[str, ...] = tuple(dict.fromkeys(kind.subject for kind in VERDICTS))

_NOUNS = {
    "record": "search record",
    "recording-row": "recording row",
    "system": "configuration part",
}


_BY_NAME = {(kind.subject, kind.name): kind for kind in VERDICTS}


@cache
def verdicts_of(subject_type: str) -> tuple[str, ...]:
    """Return the verdicts of a subject type, the most telling first."""
    return tuple(kind.name for kind in VERDICTS if kind.subject == subject_type)


def verdict_kind(subject_type: str, name: str) -> VerdictKind:
    """Return the line of the table for a verdict; raises KeyError for one that does not exist."""
    return _BY_NAME[subject_type, name]


def label_of(subject_type: str, name: str) -> str:
    """Return a verdict in the words that people read; one that the table does not know as it stands."""
    kind = _BY_NAME.get((subject_type, name))
    return kind.label if kind else name


def label_of_name(name: str) -> str:
    """Return the label of a verdict whose subject is not known; verdicts of one name share it."""
    return next((kind.label for kind in VERDICTS if kind.name == name), name)


def noun_of(subject_type: str) -> str:
    """Return a subject type in the words that people read; one that the table does not know as it stands."""
    return _NOUNS.get(subject_type, subject_type)
