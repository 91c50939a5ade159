"""Turns findings into the items and groups that every rendering shows. Pure."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from reconcile.model.finding import NEEDS_A_PERSON, UNTOUCHED, Finding
from reconcile.model.texts import is_clean
from reconcile.model.verdict_table import VERDICTS, VerdictKind, label_of, noun_of
from reconcile.report.choices import Choice, choice_of
from reconcile.report.formatting import (
    Fact,
    apart,
    clean,
    facts_of,
    lacking_words,
    lasting,
    line_of,
    place_of_subject,
    plural,
    status_words,
    subject_words,
    two_values,
    when,
)

Tone = Literal["high", "medium", "low", "none", "good"]

MOST_CHANGES = 8

_SEVERITIES = ("high", "medium", "low", "none")
KIND_TABLE: Mapping[tuple[str, str], VerdictKind] = {(kind.subject, kind.name): kind for kind in VERDICTS}
_SIDE_BY_SIDE = ("programs", "candidates", "rows")
_ORDER = {key: place for place, key in enumerate(KIND_TABLE)}
_TOLD_FIRST = ("title", "program_url", "groupId", "programId", "duration", "created_date", "status")


@dataclass(frozen=True, slots=True)
class Changes:
    """Fields with two values each, under their columns' names; `made_new` where nothing stood before.

    `what` and `target` tell of a write, and are empty where two values are only compared.
    """

    what: str
    target: str
    mark: str
    tone: Tone
    columns: tuple[str, str]
    rows: tuple[tuple[str, str, str], ...]
    made_new: bool = False


@dataclass(frozen=True, slots=True)
class Item:
    """One line of a group: what it is about, since when, what it rests on, and what to do."""

    title: str
    id: str = ""
    mark: str = ""
    tone: Tone = "none"
    place: str = ""
    facts: tuple[Fact, ...] = ()
    changes: tuple[Changes, ...] = ()
    step: str = ""
    commands: tuple[str, ...] = ()
    choice: Choice | None = None


@dataclass(frozen=True, slots=True)
class FindingGroup:
    """Items of one kind; `number` counts its subjects; facts, step and commands hold for all of them.

    `slug` is the kind's name for machines, which a person types after --only or --repair.
    """

    name: str
    about: str
    number: int
    slug: str = ""
    means: str = ""
    tone: Tone = "none"
    items: tuple[Item, ...] = ()
    facts: tuple[Fact, ...] = ()
    step: str = ""
    commands: tuple[str, ...] = ()


def by_kind(
    findings: Iterable[Finding], item: "Callable[[Finding], Item] | None" = None
) -> tuple[FindingGroup, ...]:
    """Group findings by subject type and kind: the severe first, then as in the table of verdicts."""
    held: defaultdict[tuple[str, str], list[Finding]] = defaultdict(list)
    for finding in findings:
        held[finding.subject.type, finding.kind].append(finding)

    def order(key: tuple[str, str]) -> tuple[bool, int, int, tuple[str, str]]:
        # Of what is unknown nothing is claimed, so whatever is known goes before it.
        severity = min(_SEVERITIES.index(finding.severity) for finding in held[key])
        return (key[1] == "unknown", severity, _ORDER.get(key, len(_ORDER)), key)

    return tuple(_group(key, held[key], item or finding_item) for key in sorted(held, key=order))


def _group(key: tuple[str, str], findings: list[Finding], item: Callable[[Finding], Item]) -> FindingGroup:
    kind = KIND_TABLE.get(key)
    items = tuple(item(finding) for finding in findings)
    steps = {one.step for one in items}
    reasons = {tuple(fact for fact in one.facts if fact.label == "Why") for one in items}
    shared = reasons.pop() if len(items) > 1 and len(reasons) == 1 else ()
    step = steps.pop() if len(steps) == 1 else ""
    ways = {one.commands for one in items}
    commands = ways.pop() if step and len(ways) == 1 else ()
    return FindingGroup(
        name=clean(label_of(*key)),
        about=plural(len(items), clean(noun_of(key[0]))),
        number=len(items),
        slug=clean(key[1]),
        means=kind.means if kind else "",
        tone=findings[0].severity,
        items=tuple(
            replace(
                one,
                step="" if step else one.step,
                commands=() if commands else one.commands,
                facts=tuple(fact for fact in one.facts if fact not in shared),
            )
            for one in items
        ),
        facts=shared,
        step=step,
        commands=commands,
    )


def finding_item(finding: Finding) -> Item:
    """Return one finding as a reader sees it: what, since when, what it rests on, what to do."""
    return Item(
        title=subject_words(finding.subject, finding.evidence),
        id=clean(finding.id),
        mark=_since(finding),
        tone=finding.severity,
        place=place_of_subject(finding.subject),
        facts=(*_progress(finding), *_evidence(finding)),
        changes=_differences(finding.evidence.get("fields")),
        step=apart(clean(finding.step)),
        commands=pasteable(finding.commands),
        choice=choice_of(finding.candidates),
    )


def _evidence(finding: Finding) -> tuple[Fact, ...]:
    """Return the evidence of a finding, without what is shown beside it: candidates, and what is left."""
    told = (*(_SIDE_BY_SIDE if finding.candidates else ()), *(("lacks",) if finding.left else ()))
    evidence = {name: value for name, value in finding.evidence.items() if name not in told}
    return facts_of(evidence, finding.subject.type)


def in_short(finding: Finding) -> Item:
    """Return one finding without what it rests on and what to do about it."""
    return replace(finding_item(finding), facts=(), step="", commands=(), choice=None)


def pasteable(commands: Iterable[str]) -> tuple[str, ...]:
    """Return the commands that are the same when they are copied from where they are shown."""
    return tuple(filter(is_clean, commands))


def _since(finding: Finding) -> str:
    age = finding.last_seen - finding.first_seen
    known = finding.status == "open" or age
    since = f"since {when(finding.first_seen)} ({lasting(age)})" if known else "new"
    tried = finding.status in NEEDS_A_PERSON and finding.status not in UNTOUCHED
    return f"{status_words(finding.status)}, {since}" if tried or finding.status == "came-back" else since


def _progress(finding: Finding) -> tuple[Fact, ...]:
    """Say what this run repaired of a finding, and what is left of it."""
    told = (("Repaired in this run", finding.repaired), ("Still missing", finding.left))
    return tuple(Fact(label, tuple(map(lacking_words, names))) for label, names in told if names)


def _differences(fields: Any) -> tuple[Changes, ...]:
    if not isinstance(fields, Mapping) or not fields:
        return ()
    pairs = {
        name: (value.get("row"), value.get("record"))
        for name, value in fields.items()
        if isinstance(value, Mapping)
    }
    return (Changes("", "", "", "none", ("the row has", "the record has"), change_rows(pairs)),)


def change_rows(pairs: Mapping[str, tuple[Any, Any]]) -> tuple[tuple[str, str, str], ...]:
    """Return (field, one value, other value) for each pair, the telling fields first, cut where too many."""
    rank = {name: place for place, name in enumerate(_TOLD_FIRST)}
    names = sorted(pairs, key=lambda name: (rank.get(name, len(rank)), name))
    rows = [(line_of(name), *two_values(*pairs[name])) for name in names[:MOST_CHANGES]]
    if len(names) > MOST_CHANGES:
        rows.append((f"and {len(names) - MOST_CHANGES:,} more in the JSON report", "", ""))
    return tuple(rows)
