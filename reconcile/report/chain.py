"""The chain from a recording to the search: where broadcasts get lost, and why. Pure.

It is of the recordings that the run checks: not of guests' feeds, of those that the window leaves out, and of
those that still change. Each link has a population, and `number`, `lost` and `not_known` add up to it:

- `ended`: the recordings, and the sessions that left none. Lost are those that failed or never ended, and the
  sessions.
- `trigger`: the recordings but for those lost before. Through came those for whose manifest a notification of
  their bucket invokes the processor today; the others are lost, though a repair may give them their program.
- `program`: of the same, those that want a program of their own: neither second recordings of a broadcast nor
  those whose owner deleted it. Lost are those that have none.
- `media`: of those, the ones that have a program. Through came those of which a program has a URL that leads
  to media; lost are those of which each program lacks the URL, the current domain in it, or the media.
- `row`: the shows' recording rows that name a program, or should, and did not change moments ago. Lost are
  those that are outdated.
- `search`: of the recordings that have a program, those of which one is to be found. Through came those of
  which a search record is there, be it outdated; lost are those without one, or with one that another shares.

What is not known at one link is not known at those after it; nor is a program or record that changed moments
ago. A link whose source was not read, or whose configuration was not looked at, is not `checked`: it says so,
and never that all is well.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

from reconcile.compare.verdicts import Comparison
from reconcile.model.cause import Cause
from reconcile.model.finding import (
    Judgement,
)
from reconcile.model.snapshot import Snapshot
from reconcile.report.fates import Chain, Fate
from reconcile.report.parts import ChainLink

_LABELS: Mapping[str, str] = {
    "ended": "Recording ended",
    "trigger": "Trigger in place",
    "program": "Program exists",
    "media": "URL set, media there",
    "row": "Recording row completed",
    "search": "In search",
}
_SOURCES: Mapping[str, tuple[str, ...]] = {
    "ended": ("s3",),
    "trigger": ("s3",),
    "program": ("s3", "dynamodb"),
    "media": ("s3", "dynamodb", "media"),
    "row": ("s3", "dynamodb"),
    "search": ("s3", "dynamodb", "algolia"),
}
"""What each link is read from."""


def chain_of(
    comparison: Comparison, causes: Iterable[Cause], reported: Collection[str]
) -> tuple[ChainLink, ...]:
    """Return the links of the chain, in order, of what was compared.

    `causes` explain findings; `reported` are the ids of those that the report holds, for it may have been
    asked for some kinds alone.
    """
    chain, links = Chain(comparison), Links(comparison.snapshot, tuple(causes), reported)
    ended = chain.ended()
    there = [(view, fate) for view, fate in ended if view and not fate.lost_by]
    programs = chain.programs(there)
    shown = [(view, fate) for view, fate in programs if not fate.lost_by]
    return (
        links.link("ended", [fate for _, fate in ended]),
        links.link(
            "trigger", chain.triggers(there), chain.misconfigured(), next(iter(chain.unseen.values()), "")
        ),
        links.link("program", [fate for _, fate in programs]),
        links.link("media", [fate if fate.why else chain.media(view) for view, fate in shown]),
        links.link("row", list(chain.rows())),
        links.link("search", chain.searches(shown)),
    )


@dataclass(frozen=True, slots=True)
class Links:
    """Makes links of what became of things, of the causes that explain it, and of the findings reported."""

    snapshot: Snapshot
    causes: tuple[Cause, ...]
    reported: Collection[str]

    def link(
        self, key: str, fates: Collection[Fate], beside: Collection[Judgement] = (), unseen: str = ""
    ) -> ChainLink:
        """Count what became of things; `beside` are findings on the link itself, should it lose none.

        `unseen` says why the configuration that it needs was not looked at ("": it was).
        """
        findings = dict.fromkeys(
            judgement.id
            for judgement in (*beside, *(judgement for fate in fates for judgement in fate.lost_by))
        )
        unknown = Counter(fate.why for fate in fates if fate.why)
        lost = sum(bool(fate.lost_by) for fate in fates)
        unread = self.snapshot.doubts(*_SOURCES[key]) or unseen
        suffixes = (name for judgement in beside for name in judgement.evidence.get("manifests", ()))
        return ChainLink(
            key=key,
            label=_LABELS[key],
            number=len(fates) - lost - unknown.total(),
            lost=lost,
            not_known=unknown.total(),
            cause="; ".join((*self._explaining(findings), *_not_checked(unknown, unread))),
            findings=tuple(name for name in findings if name in self.reported),
            suffixes=tuple(dict.fromkeys(suffixes)),
            checked=not unread,
        )

    def _explaining(self, findings: Mapping[str, None]) -> Iterator[str]:
        """Say what certainly explains findings."""
        for cause in self.causes:
            if cause.certainty == "certain" and {cause.finding, *cause.explains} & findings.keys():
                yield f"{cause.what}: {cause.why}"


def _not_checked(reasons: Counter[str], unread: str) -> Iterator[str]:
    (first, _), *others = reasons.most_common() or [(unread, 0)]
    if first:
        yield f"not checked: {first}{', and other reasons' if others else ''}"
