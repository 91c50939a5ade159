"""The evidence of a finding in words: facts with a label and the values that can be read. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from reconcile.model.documents import Evidence
from reconcile.model.texts import apart as apart
from reconcile.model.texts import clean as clean
from reconcile.model.verdict_table import label_of
from reconcile.report.formatting import LONGEST_VALUE, line_of, value_words

MOST_VALUES = 8


_LACKS = {
    "program_url": "URL",
    "groupId": "group",
    "domain": "current domain in its URL",
    "group": "group of its show",
    "program": "program",
    "record": "search record",
}


_LABELS = {
    "why": "Why",
    "attribution": "Matched by",
    "seen": "Seen",
    "lacks": "Missing in the program",
    "filed_under": "Filed under",
    "programs": "Programs",
    "candidates": "Candidates",
    "same_time": "Covers the same time",
    "overlaps": "Overlaps",
    "remembered": "Known from",
    "manifest": "Manifest",
    "stage_arn": "Stage",
    "channel_arn": "Channel",
    "composition": "Composition",
    "showId": "Show",
    "rows": "Rows",
    "manifests": "Missing suffixes",
    "recordings": "Recordings without notification",
    "rules": "Rules",
    "rules_in_all": "Number of rules",
    "event_bridge": "Sent to EventBridge",
    "processor": "Processor",
    "function": "Function",
    "storage_configuration": "Storage configuration",
    "bucket": "Bucket",
    "may_write": "Write access",
    "settings": "Settings",
    "not_told": "Not reported by the index",
    "looked_for": "Searched at",
    "playback": "Playback",
    "groupId": "Group",
    "index_keys": "Index keys",
    "programsCount": "Count shown",
    "found": "Actual count",
    "phantom": "Not a real group",
    "status": "State",
    "programId": "Program named",
    "sourceType": "Created as",
    "sourceShowId": "Created for show",
    "recording": "Belongs to recording",
    "undecided": "Recording uncertain",
    "may_be": "Possible recordings",
    "program": "Its program",
    "program_url": "URL",
    "owner": "Owner",
    "also": "Also",
    "decided": "Decision",
}


_LEVELS = {1: " (level 1 of 5, strongest)"} | {level: f" (level {level} of 5)" for level in range(2, 6)}
_IN_SUBJECT = ("title", "start", "end", "duration_ms", "createdAt", "last_event", "fields", "remedy")


@dataclass(frozen=True, slots=True)
class Fact:
    """A label and what stands beside it."""

    label: str
    values: tuple[str, ...]


def facts_of(evidence: Evidence, subject_type: str = "") -> tuple[Fact, ...]:
    """Return the evidence of a finding, most important first; what has no label keeps its own name.

    The type of its subject lets the verdicts beside it be named by their labels.
    """
    names = [name for name in _LABELS if name in evidence]
    names += sorted(name for name in evidence if name not in _LABELS and name not in _IN_SUBJECT)
    facts = (
        fact(_LABELS.get(name, clean(name)), _values_of(name, evidence[name], subject_type)) for name in names
    )
    return tuple(fact for fact in facts if fact.values)


def fact(label: str, values: Iterable[str]) -> Fact:
    """Return a fact that holds no more values than can be read."""
    every = tuple(values)
    if len(every) <= MOST_VALUES:
        return Fact(label, every)
    return Fact(label, (*every[:MOST_VALUES], f"and {len(every) - MOST_VALUES:,} more in the JSON report"))


def _values_of(name: str, value: Any, subject_type: str) -> list[str]:
    if name == "attribution" and isinstance(value, Mapping):
        return _attribution_words(value)
    if name == "index_keys" and isinstance(value, Mapping):
        return [_index_key_words(key, pair) for key, pair in value.items()]
    parts = value if isinstance(value, list | tuple) else [value]
    if name == "lacks":
        return [missing_words(part) for part in parts]
    if name == "also" and subject_type:
        return [line_of(label_of(subject_type, str(part))) for part in parts]
    return [_part_words(part) for part in parts]


def missing_words(part: object) -> str:
    """Return what a program lacks, or was given, in words."""
    return _LACKS.get(str(part), line_of(part))


def _part_words(part: Any) -> str:
    if isinstance(part, Mapping) and {"pk", "sk"} <= part.keys():
        return line_of(f"{part['pk']}  {part['sk']}", 2 * LONGEST_VALUE)
    return line_of(part, 2 * LONGEST_VALUE) if isinstance(part, str) else value_words(part)


def _index_key_words(key: str, value: Any) -> str:
    pair = value if isinstance(value, Mapping) else {}
    return f"{line_of(key)} is {value_words(pair.get('is'))}, should be {value_words(pair.get('should_be'))}"


def _attribution_words(value: Evidence) -> list[str]:
    level = value.get("level")
    strength = _LEVELS.get(level, "") if isinstance(level, int) else ""
    parts = [f"{line_of(value.get('rests_on', 'nothing known'))}{strength}"]
    for name, noun in (("shows", "show"), ("sessions", "session")):
        listed = [line_of(listed_name) for listed_name in value.get(name) or ()]
        if listed:
            more = f" and {len(listed) - MOST_VALUES:,} more" if len(listed) > MOST_VALUES else ""
            parts.append(f"{noun}{'s' if len(listed) > 1 else ''} {', '.join(listed[:MOST_VALUES])}{more}")
    return parts
