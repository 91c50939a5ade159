"""Builds an explanation: the verdict, its evidence, what the stores have, and what follows."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from reconcile.collect.stores import Stores
from reconcile.compare.choices import BETWEEN, Candidates
from reconcile.compare.verdicts import Comparison, Examined
from reconcile.explain.entities import Entity
from reconcile.explain.levels import LevelAnswer, weigh_levels
from reconcile.explain.lookup import subject_of_finding, subjects_called
from reconcile.explain.next import explain_command, name_of
from reconcile.explain.planned_writes import PlannedWrite, would_write
from reconcile.explain.related import RelatedItems, related_to
from reconcile.model.documents import Attributes, Candidate, Evidence
from reconcile.model.errors import UsageError
from reconcile.model.finding import Judgement, Subject
from reconcile.model.recording import RecordingKey
from reconcile.model.remedy import Remedy
from reconcile.model.search_record import canonical, plain
from reconcile.model.snapshot import Snapshot
from reconcile.model.texts import clean
from reconcile.model.verdict_table import label_of
from reconcile.repair.planned import Plan

SCHEMA = "1.0"


@dataclass(frozen=True, slots=True)
class SubjectVerdict:
    """The verdict on a subject in the table's words; `remedy` is what to do about it.

    `became` says what a run did about it, according to a report ("": nothing yet).
    `explained_by` is the command that explains it by itself; none where no shell could take it.
    """

    subject: Subject
    verdict: str
    also: tuple[str, ...]
    means: str
    remedy: Remedy
    evidence: Evidence
    became: str = ""
    candidates: tuple[Candidate, ...] = ()
    explained_by: tuple[str, ...] = ()

    @classmethod
    def of(
        cls,
        judged: Judgement,
        withheld: Mapping[str, str],
        candidates: Mapping[str, tuple[Candidate, ...]],
    ) -> "SubjectVerdict":
        """Return a judgement with its remedy; `withheld` says why its repair needs approval."""
        why = withheld.get(judged.id)
        approval = f"A repair needs approval, and prints the command for it: {why}."
        remedy = Remedy(approval, ("reconcile repair",)) if why else judged.remedy
        return cls(
            judged.subject,
            judged.verdict,
            judged.also,
            judged.kind.means,
            remedy,
            judged.evidence,
            candidates=candidates.get(judged.id, ()),
        )

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON can hold it; `remedy` is one text, and `step` and `commands` besides."""
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
            "candidates": [dict(candidate) for candidate in self.candidates],
            "explained_by": list(self.explained_by),
        }


@dataclass(frozen=True, slots=True)
class Explanation:
    """The explanation of one subject; `others` are the related ones.

    `levels` weigh a recording's evidence. `stores` holds what is stored in `s3`, `dynamodb` and `algolia`,
    and `writes` what a repair would write, or why it would not.
    `whatever_age` is the verdict of a run that judges everything, where it is another one, and `todo` what to
    do then. `note` says what the text asked for is, where it is no name of the subject.
    """

    query: str
    main: SubjectVerdict
    others: tuple[SubjectVerdict, ...]
    levels: tuple[LevelAnswer, ...]
    stores: Mapping[str, tuple[Attributes, ...]]
    writes: tuple[PlannedWrite, ...]
    doubts: str
    whatever_age: str = ""
    todo: Remedy = field(default_factory=Remedy)
    note: str = ""

    def to_json(self) -> dict[str, Any]:
        """Return the explanation as JSON can hold it, the schema first."""
        return {
            "schema": SCHEMA,
            "asked": self.query,
            **self.main.to_json(),
            "whatever_age": self.whatever_age,
            "whatever_age_step": self.todo.step,
            "whatever_age_commands": list(self.todo.commands),
            "note": self.note,
            "levels": [dict(level) for level in self.levels],
            "stores": {name: [dict(entry) for entry in entries] for name, entries in self.stores.items()},
            "would_write": [dict(write) for write in self.writes],
            "others": [other.to_json() for other in self.others],
            "not_to_be_relied_on": self.doubts,
        }


@dataclass(frozen=True, slots=True)
class Listing:
    """What lies at a show, a user, a stage, a channel or a title, with the verdicts on it.

    `more` is how many older broadcasts of a title are not listed, `todo` what to do about all together.
    """

    query: str
    entities: tuple[Entity, ...]
    verdicts: tuple[SubjectVerdict, ...]
    doubts: str
    more: int = 0
    todo: Remedy = field(default_factory=Remedy)

    def to_json(self) -> dict[str, Any]:
        """Return the listing as JSON can hold it, the schema first."""
        return {
            "schema": SCHEMA,
            "asked": self.query,
            "things": [entity.to_json() for entity in self.entities],
            "told": [verdict.to_json() for verdict in self.verdicts],
            "more": self.more,
            "step": self.todo.step,
            "commands": list(self.todo.commands),
            "not_to_be_relied_on": self.doubts,
        }


def explain(query: str, examined: Examined, plan: Plan, stores: Stores) -> Explanation:
    """Explain the subject that a text names, where every subject was judged closely.

    Raises UsageError when no subject is called so, SourceError.
    """
    rules, snapshot, comparison = examined.rules, examined.snapshot, examined.comparison
    named, note = _named(query, examined)
    related = related_to(named[0], snapshot, comparison)
    subjects = _with_related(named, related)
    verdicts = _verdicts_of(subjects, comparison, plan)
    return Explanation(
        query=query,
        main=verdicts.pop(named[0]),
        others=tuple(verdicts.values()),
        levels=weigh_levels(named[0], rules, snapshot, comparison),
        stores=_standing(related, snapshot, comparison, stores),
        writes=tuple(would_write(subjects, comparison, plan, rules, stores)),
        doubts=snapshot.doubts("s3", "dynamodb", "algolia"),
        note=note,
    )


def subjects_explained(query: str, examined: Examined) -> tuple[Subject, ...]:
    """Return the subjects whose verdicts the explanation of a text holds; raises UsageError as `explain`."""
    named, _ = _named(query, examined)
    return _with_related(named, related_to(named[0], examined.snapshot, examined.comparison))


def _with_related(named: tuple[Subject, ...], related: RelatedItems) -> tuple[Subject, ...]:
    return tuple(dict.fromkeys((*named, *related.subjects)))


def _named(query: str, examined: Examined) -> tuple[tuple[Subject, ...], str]:
    """Return the subjects that a text names, and what it is where it is no name of theirs."""
    snapshot, comparison, name = examined.snapshot, examined.comparison, query.strip()
    named = subjects_called(query, snapshot, comparison, examined.rules.media) if name else ()
    if named:
        return named, ""
    if match := subject_of_finding(name, comparison):
        subject, kind = match
        label = f"“{label_of(subject.type, kind)}” ({kind})"
        return (subject,), f"{clean(name)} is the id of its finding {label}, which does not apply now."
    raise UsageError(unknown(query))


def listed(
    query: str, entities: Iterable[Entity], subjects: Iterable[Subject], examined: Examined, plan: Plan
) -> Listing:
    """Return the verdicts on the subjects of some entities, in the order given, each with its command."""
    verdicts = _verdicts_of(dict.fromkeys(subjects), examined.comparison, plan).values()
    named = tuple(
        replace(verdict, explained_by=explain_command(name_of(verdict.subject, examined)))
        for verdict in verdicts
    )
    return Listing(query, tuple(entities), named, examined.snapshot.doubts("s3", "dynamodb", "algolia"))


NAME_IT = (
    "name a recording by its prefix, key or URL, or give an id or a title of the report; for a resolved "
    "finding use --run last"
)
"""What a person can ask for."""


def unknown(query: str) -> str:
    """Say that nothing that was read has this name, and what a name may be."""
    return (
        f"{clean(query)!r} matches nothing that was read: no recording, program, record, session, show, "
        f"group, user, stage, channel, title or open finding; {NAME_IT}"
    )


def _verdicts_of(
    subjects: Iterable[Subject], comparison: Comparison, plan: Plan
) -> dict[Subject, SubjectVerdict]:
    judged = [comparison.judged[subject] for subject in subjects if subject in comparison.judged]
    chosen = Candidates(comparison) if any(judgement.verdict in BETWEEN for judgement in judged) else None
    candidates = (
        {judgement.id: chosen.of(judgement) for judgement in judged if judgement.verdict in BETWEEN}
        if chosen
        else {}
    )
    return {
        judgement.subject: SubjectVerdict.of(judgement, plan.withheld, candidates) for judgement in judged
    }


def _standing(
    related: RelatedItems, snapshot: Snapshot, comparison: Comparison, stores: Stores
) -> Mapping[str, tuple[Attributes, ...]]:
    """Read the rows and records again, and return what each of the three stores has."""
    images = stores.rows.rows(sorted(related.rows)) if related.rows else {}
    called = {str(canonical(image)["objectID"]) for image in images.values() if "programId" in image}
    names = sorted(related.records | {name for name in called if name in snapshot.records})
    hits = stores.records.records(names) if names and not snapshot.doubts("algolia") else {}
    return {
        "s3": tuple(_recording(key, comparison) for key in sorted(related.recordings)),
        "dynamodb": tuple(_plain(image) for _, image in sorted(images.items())),
        "algolia": tuple(hits[name] for name in sorted(hits)),
    }


def _recording(key: RecordingKey, comparison: Comparison) -> Attributes:
    view, manifests = comparison.dossiers.views[key], comparison.dossiers.snapshot.manifests
    evidence = {
        "bucket": key.bucket,
        "prefix": key.prefix,
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


def _plain(image: Attributes) -> Attributes:
    values: Iterable[tuple[str, Any]] = ((name, plain(value)) for name, value in image.items())
    return {name: value for name, value in values if value is not None}
