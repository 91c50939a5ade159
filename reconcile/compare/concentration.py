"""Finds concentrations of a kind of finding: on one show, channel, owner or day, beyond chance."""

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from reconcile.compare.traits import TRAITS, Traits, population, traits_of
from reconcile.compare.verdicts import Comparison
from reconcile.model.finding import Finding, recording_key

LEAST = 5
SHARE = 0.60
CHANCE = 0.05
"""The highest probability of a chance concentration that still counts as an explanation."""


@dataclass(frozen=True, slots=True)
class Concentration:
    """The findings of a kind that share a trait, and how many of the kind there are in all.

    `base` is the share of all subjects of the type, sound ones included, that have the trait.
    """

    kind: str
    trait: str
    value: str
    findings: tuple[Finding, ...]
    of: int
    base: float


def concentrations(findings: Iterable[Finding], comparison: Comparison) -> Iterator[Concentration]:
    """Yield the concentrations of findings, at most one for each kind; unknown traits are skipped."""
    by_kind: defaultdict[tuple[str, str], list[Finding]] = defaultdict(list)
    for finding in findings:
        if finding.kind != "unknown" and finding.subject.type != "system":
            by_kind[finding.subject.type, finding.kind].append(finding)
    for (subject_type, kind), of_kind in sorted(by_kind.items()):
        if len(of_kind) >= LEAST:
            since = _since(subject_type, of_kind, comparison)
            concentration = _concentration(
                kind, of_kind, comparison, list(population(subject_type, comparison, since))
            )
            if concentration:
                yield concentration


def _since(subject_type: str, of_kind: Iterable[Finding], comparison: Comparison) -> datetime | None:
    """Return since when the subjects count beside which these findings stand (None: all do)."""
    window = comparison.rules.window_start
    if subject_type != "recording" or window is None:
        return None
    views = (comparison.view_if_known(recording_key(finding.subject)) for finding in of_kind)
    last = [view.recording.last_event for view in views if view]
    return window if all(moment and moment >= window for moment in last) else None


def _concentration(
    kind: str, of_kind: list[Finding], comparison: Comparison, beside: list[Traits]
) -> Concentration | None:
    traits = [(finding, traits_of(finding, comparison)) for finding in of_kind]
    for trait in TRAITS:
        counted = Counter(own[trait] for _, own in traits if trait in own)
        for value, number in counted.most_common(1):
            if number < LEAST or number < SHARE * len(of_kind):
                continue
            base = _base(trait, value, beside)
            if _by_chance(number, len(of_kind), base) <= CHANCE:
                mine = tuple(finding for finding, own in traits if own.get(trait) == value)
                return Concentration(kind, trait, value, mine, len(of_kind), base)
    return None


def _base(trait: str, value: str, beside: Iterable[Traits]) -> float:
    values = [other[trait] for other in beside if trait in other]
    return values.count(value) / len(values) if values else 1.0


def _by_chance(number: int, of: int, base: float) -> float:
    """Return an upper bound of the probability of so many findings sharing the trait by chance.

    Chernoff's bound on the tail of a binomial distribution,
    https://en.wikipedia.org/wiki/Binomial_distribution#Tail_bounds
    """
    share = number / of
    if share <= base or base == 0:
        return 1.0
    inside = share * math.log(share / base)
    outside = (1 - share) * math.log((1 - share) / (1 - base)) if share < 1 else 0.0
    return math.exp(-of * (inside + outside))
