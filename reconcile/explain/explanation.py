"""Puts an explanation together: the verdict, what it rests on, what stands in the stores, what follows."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from reconcile.collect import Stores
from reconcile.compare.attribution import LEVELS, Claims
from reconcile.compare.verdicts import Comparison
from reconcile.explain.kin import Kin, kin_of
from reconcile.explain.naming import subjects_called
from reconcile.explain.writes import would_write
from reconcile.model.errors import UsageError
from reconcile.model.finding import Judgement, Subject, recording_key
from reconcile.model.record import canonical, plain
from reconcile.model.remedy import Remedy
from reconcile.model.snapshot import Rules, Snapshot
from reconcile.repair.plan import Plan

SCHEMA = "1.0"


@dataclass(frozen=True, slots=True)
class Told:
    """The verdict on a subject in the table's words; `remedy` is what to do about it.

    `became` says what a run did about it, where a report tells that ("": nobody did anything yet).
    """

    subject: Subject
    verdict: str
    also: tuple[str, ...]
    means: str
    remedy: Remedy
    evidence: Mapping[str, Any]
    became: str = ""

    @classmethod
    def of(cls, judged: Judgement, withheld: Mapping[str, str]) -> "Told":
        """Return a judgement as it is told; `withheld` says why a repair would not follow it at once."""
        why = withheld.get(judged.id)
        held = f"reconcile repair withholds it, and prints the command that approves it: {why}."
        remedy = Remedy(held, ("reconcile repair",)) if why else judged.remedy
        return cls(judged.subject, judged.verdict, judged.also, judged.kind.means, remedy, judged.evidence)

    def to_json(self) -> dict[str, Any]:
        """Return what the dataclass holds; `remedy` is told as one text and as `step` and `commands`."""
        return {
            "subject": self.subject.to_json(),
            "verdict": self.verdict,
            "also": list(self.also),
            "means": self.means,
            "remedy": str(self.remedy),
            "step": self.remedy.step,
            "commands": list(self.remedy.commands),
            "evidence": dict(self.evidence),
            "became": self.became,
        }


@dataclass(frozen=True, slots=True)
class Explanation:
    """All that can be told of one subject; `others` are those that hang together with it.

    `levels` weigh a recording's evidence: {"level", "rests_on", "shows", "sessions", "decides"}.
    `stores` tells what stands in `s3`, `dynamodb` and `algolia`, and `writes` what a repair would write, or
    why it would not.
    `whatever_age` is the verdict of a run that judges everything, where it is another one.
    """

    asked: str
    main: Told
    others: tuple[Told, ...]
    levels: tuple[Mapping[str, Any], ...]
    stores: Mapping[str, tuple[Mapping[str, Any], ...]]
    writes: tuple[Mapping[str, Any], ...]
    doubts: str
    whatever_age: str = ""

    def to_json(self) -> dict[str, Any]:
        """Return the explanation as JSON can hold it, the schema first."""
        return {
            "schema": SCHEMA,
            "asked": self.asked,
            **self.main.to_json(),
            "whatever_age": self.whatever_age,
            "levels": [dict(level) for level in self.levels],
            "stores": {name: [dict(one) for one in held] for name, held in self.stores.items()},
            "would_write": [dict(one) for one in self.writes],
            "others": [one.to_json() for one in self.others],
            "not_to_be_relied_on": self.doubts,
        }


def explain(
    asked: str, rules: Rules, snapshot: Snapshot, comparison: Comparison, plan: Plan, stores: Stores
) -> Explanation:
    """Explain what a text names, where `comparison` judged every subject closely.

    Raises UsageError when nothing in the stores is called so, SourceError.
    """
    named = subjects_called(asked, snapshot, comparison, rules.media) if asked.strip() else ()
    if not named:
        raise UsageError(
            f"nothing in the stores is called {asked!r}: name a recording by its prefix, key or URL, or give "
            "the id of a program, session or record; of a finding that holds no more, --run last may tell"
        )
    kin = kin_of(named[0], snapshot, comparison)
    others = [subject for subject in dict.fromkeys((*named[1:], *kin.subjects)) if subject != named[0]]
    judged = (comparison.judged[one] for one in (named[0], *others) if one in comparison.judged)
    told = {one.subject: Told.of(one, plan.withheld) for one in judged}
    return Explanation(
        asked=asked,
        main=told.pop(named[0]),
        others=tuple(told.values()),
        levels=weighed(named[0], rules, snapshot, comparison),
        stores=_standing(kin, snapshot, comparison, stores),
        writes=tuple(would_write((named[0], *others), comparison, plan, rules, stores)),
        doubts=snapshot.doubts("s3", "dynamodb", "algolia"),
    )


def weighed(
    subject: Subject, rules: Rules, snapshot: Snapshot, comparison: Comparison
) -> tuple[Mapping[str, Any], ...]:
    """Return what each level says of a recording, and which decides; nothing for other subjects."""
    if subject.type != "recording":
        return ()
    view = comparison.dossiers.views[recording_key(subject)]
    answers = Claims(snapshot.catalog, rules.settle, rules.assigned).weighed(view.recording, view.events)
    decides = next((level for level in LEVELS if answers.get(level)), None)
    return tuple(
        {
            "level": level,
            "rests_on": words,
            "shows": sorted({claim.show_id for claim in answers.get(level, ()) if claim.show_id}),
            "sessions": sorted({claim.session_id for claim in answers.get(level, ()) if claim.session_id}),
            "decides": level == decides,
        }
        for level, words in LEVELS.items()
    )


def _standing(
    kin: Kin, snapshot: Snapshot, comparison: Comparison, stores: Stores
) -> Mapping[str, tuple[Mapping[str, Any], ...]]:
    """Read the rows and records again, and put what the three stores hold side by side."""
    images = stores.rows.rows(sorted(kin.rows)) if kin.rows else {}
    called = {str(canonical(one)["objectID"]) for one in images.values() if "programId" in one}
    names = sorted(kin.records | {name for name in called if name in snapshot.records})
    hits = stores.records.records(names) if names and not snapshot.doubts("algolia") else {}
    return {
        "s3": tuple(_recording(key, comparison) for key in sorted(kin.recordings)),
        "dynamodb": tuple(_plain(image) for _, image in sorted(images.items())),
        "algolia": tuple(hits[name] for name in sorted(hits)),
    }


def _recording(key: tuple[str, str], comparison: Comparison) -> Mapping[str, Any]:
    view, manifests = comparison.dossiers.views[key], comparison.dossiers.snapshot.manifests
    evidence = {
        "bucket": key[0],
        "prefix": key[1],
        "kind": view.recording.kind.value,
        "state": view.state,
        "has_media": view.recording.has_media,
        "start": view.events.started_at if view.events else None,
        "end": view.events.ended_at if view.events else None,
        "duration_ms": view.events.duration if view.events else None,
        "manifest": view.events.manifest if view.events else None,
        "plays": None if key not in manifests else manifests[key] or "yes",
    }
    return {name: value for name, value in evidence.items() if value is not None}


def _plain(image: Mapping[str, Any]) -> Mapping[str, Any]:
    values: Iterable[tuple[str, Any]] = ((name, plain(value)) for name, value in image.items())
    return {name: value for name, value in values if value is not None}
