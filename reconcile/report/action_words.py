"""The words of steps: what repairs write, what people decide on or ask, and what fixes a cause. Pure."""

from collections.abc import Iterable, Mapping

from reconcile.model.cause import Cause
from reconcile.model.verdict_table import label_of
from reconcile.report.formatting import plural

WRITTEN: Mapping[str, str] = {
    "program-missing": "new program",
    "group-missing": "new group",
    "program-incomplete": "incomplete program",
    "record-missing": "new search record",
    "record-stale": "outdated search record",
    "recording-row-stale": "recording row",
    "count-drift": "program count",
}
"""What a repair writes, by the verdict that it repairs; an `s` behind it makes the plural."""

_DECIDED: Mapping[str, tuple[str, str]] = {
    "program-duplicated": ("duplicate program", "duplicate programs"),
    "program-misfiled": ("program under the wrong show", "programs under the wrong show"),
    "unattributed": ("recording of an unknown show", "recordings of unknown shows"),
    "ambiguous": ("ambiguous recording", "ambiguous recordings"),
    "show-missing": ("recording of a missing show", "recordings of missing shows"),
    "overlapping": ("overlapping recording", "overlapping recordings"),
    "record-contested": ("shared search record", "shared search records"),
}
_ASKED: Mapping[str, tuple[str, str]] = {
    "failed": ("failed recording", "failed recordings"),
    "recording-missing": ("session without a recording", "sessions without a recording"),
    "media-missing": ("program without its media", "programs without their media"),
    "group-dangling": ("program in a missing group", "programs in missing groups"),
}

_FIXES: Mapping[str, tuple[str, str]] = {
    "trigger-misconfigured": ("Add the missing S3 event trigger", "Repair the S3 event trigger"),
    "storage-misconfigured": ("Correct where compositions are recorded",) * 2,
    "index-settings-drift": ("Correct the search index's settings",) * 2,
}
"""What fixes a cause, by its kind: with its commands, and where it has none."""


def about(subject_type: str, kind: str, number: int) -> str:
    """Return `Decide on 5 duplicate programs`."""
    return f"Decide on {_counted(_DECIDED, subject_type, kind, number)}"


def asked(subject_type: str, kind: str, number: int) -> str:
    """Return `Ask the producers about 3 failed recordings`."""
    whom = "producer" if number == 1 else "producers"
    return f"Ask the {whom} about {_counted(_ASKED, subject_type, kind, number)}"


def _counted(words: Mapping[str, tuple[str, str]], subject_type: str, kind: str, number: int) -> str:
    if kind not in words:
        return f"{number:,}: {label_of(subject_type, kind)}"
    singular, several = words[kind]
    return f"{number:,} {singular if number == 1 else several}"


def fix_of(cause: Cause) -> str:
    """Name what fixes a cause; of what findings only have in common, where to look."""
    if cause.kind in _FIXES:
        with_commands, without = _FIXES[cause.kind]
        return with_commands if cause.commands else without
    trait = cause.what.split(" ")[0]
    return f"Check the {trait} that {plural(cause.number, 'finding')} share"


def need_approval(number: int) -> str:
    """Return `1 needs approval`, `26 need approval`."""
    return f"{number:,} {'needs' if number == 1 else 'need'} approval"


def listed(parts: Iterable[str]) -> str:
    """Return `a`, `a and b`, `a, b and c`."""
    *first, last = parts
    return f"{', '.join(first)} and {last}" if first else last


def sentence(text: str) -> str:
    """Return a text as a sentence."""
    ended = text if text.endswith((".", "!", "?")) else f"{text}."
    return f"{ended[:1].upper()}{ended[1:]}"
