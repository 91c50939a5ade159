"""Gives every subject its verdict: narrows the stores to suspects, judges those, counts all."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import chain

from reconcile.compare.configuration.judge import judge_system
from reconcile.compare.engine import Engine
from reconcile.compare.groups import Groups
from reconcile.compare.narrow.closure import Closure, closure
from reconcile.compare.narrow.suspects import LeftOut, Narrowed, Suspects, narrow_down
from reconcile.compare.narrow.tables import tables_of
from reconcile.compare.programs import Programs
from reconcile.compare.recording.attribution import BY_PATH, NOBODYS, Attribution
from reconcile.compare.recording.claims import Claim
from reconcile.compare.recording.evidence import Dossiers
from reconcile.compare.recording.judge import judge_recording
from reconcile.compare.recording.view import View, state_of
from reconcile.compare.records import judge_records, names_of_records
from reconcile.compare.rows import Rows
from reconcile.compare.sessions import judge_sessions
from reconcile.model.catalog import Program
from reconcile.model.finding import Judgement, Subject, record_subject, recording_subject
from reconcile.model.recording import Events, RecordingKey
from reconcile.model.snapshot import Rules, Snapshot
from reconcile.model.verdict_table import verdicts_of

FEW = 600
"""So few recordings, programs or rows are all judged sooner than tables of them are made."""

MOST_SUSPECTS = 0.5
"""Where more of the recordings than this need a close look, gathering what they rest on is no gain."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """The verdicts of a run: judgements for all that was judged closely, and how many agree besides.

    `dossiers` hold the evidence on what was judged, and perhaps on no more; `snapshot` is all that was
    compared, and `engine` narrowed it (None: every subject was judged).
    """

    judged: Mapping[Subject, Judgement]
    unsuspected: Mapping[str, int]
    dossiers: Dossiers
    snapshot: Snapshot
    engine: Engine | None
    narrowed: Narrowed

    @property
    def fine(self) -> Mapping[RecordingKey, Program]:
        """The recordings that agree without being judged, with their one program."""
        return self.narrowed.fine

    @property
    def left_out(self) -> Mapping[RecordingKey, LeftOut]:
        """The recordings that need no decision, and were not judged either."""
        return self.narrowed.left_out

    @property
    def rules(self) -> Rules:
        """What it was judged by besides the snapshot."""
        return self.dossiers.rules

    @property
    def findings(self) -> list[Judgement]:
        """The judgements that somebody should hear of, in order."""
        return sorted((j for j in self.judged.values() if j.is_finding), key=lambda j: (j.subject, j.verdict))

    @property
    def not_checked(self) -> list[Judgement]:
        """The subjects of which nothing is claimed, in order; `why` in their evidence says the reason."""
        return sorted((j for j in self.judged.values() if j.verdict == "unknown"), key=lambda j: j.subject)

    def counts(self) -> dict[str, dict[str, int]]:
        """Return {type: {verdict: n, …, "population": n}}; the verdicts of a type sum to its population."""
        counted: dict[str, dict[str, int]] = {}
        for subject_type, agreeing in self.unsuspected.items():
            tally = Counter(j.verdict for j in self.judged.values() if j.subject.type == subject_type)
            tally["agrees"] += agreeing
            if subject_type == "recording":
                tally.update(left.verdict for left in self.left_out.values())
            counted[subject_type] = {name: tally[name] for name in verdicts_of(subject_type)}
            counted[subject_type]["population"] = tally.total()
        return counted

    def verdict_on(self, key: RecordingKey) -> str:
        """Return the verdict on a recording of the snapshot, judged closely or not."""
        judgement = self.judgement_on(key)
        if judgement:
            return judgement.verdict
        return self.left_out[key].verdict if key in self.left_out else "agrees"

    def judgement_on(self, key: RecordingKey) -> Judgement | None:
        """Return what a recording of the snapshot was judged as; None where it was not judged closely."""
        # Most are not, and making a subject of each costs more than all else that is asked of it.
        if key in self.fine or key in self.left_out:
            return None
        return self.judged.get(recording_subject(key))

    def views(self) -> Iterator[View]:
        """Yield every recording of the snapshot with its programs and its show, as `view` does."""
        return (self.view(key) for key in self.snapshot.recordings)

    def view_if_known(self, key: RecordingKey) -> View | None:
        """Return a recording as `view` does; None where the snapshot does not have it."""
        return self.view(key) if key in self.snapshot.recordings else None

    def view(self, key: RecordingKey) -> View:
        """Return a recording with its programs and its show; of one not judged nothing else is known."""
        recording = self.snapshot.recordings[key]
        if key in self.fine:
            events = self.snapshot.events.get(key)
            known = events if isinstance(events, Events) else None
            return View(recording, known, "ended", NOBODYS, (self.fine[key],))
        if key in self.left_out:
            show_id = self.left_out[key].show_id
            whose = Attribution(BY_PATH, (Claim(show_id, None),)) if show_id else NOBODYS
            state = state_of(recording, None, self.dossiers.rules)
            return View(recording, None, state, whose)
        return self.dossiers.views[key]


@dataclass(frozen=True, slots=True)
class Examined:
    """What a run read of the stores, what it judged that by, and the verdicts that it came to."""

    rules: Rules
    snapshot: Snapshot
    comparison: Comparison


@dataclass(frozen=True, slots=True)
class Narrowing:
    """What a snapshot was narrowed to, and by how much of it the suspects are judged."""

    narrowed: Narrowed
    closed: Closure


def compare(
    snapshot: Snapshot, rules: Rules, engine: Engine | None, narrowing: Narrowing | None = None
) -> Comparison:
    """Judge the subjects that an engine narrows a snapshot to; without one, or of few, all of them.

    `narrowing` is what `narrowed_before` told of the same snapshot.
    """
    shelves = (snapshot.recordings, snapshot.catalog.programs, snapshot.catalog.rows)
    few = all(len(shelf) < FEW for shelf in shelves)
    if few or engine is None or snapshot.failures or snapshot.doubts("s3", "dynamodb"):
        return judge_all(snapshot, rules, engine)
    narrowing = narrowing or _narrowed_now(snapshot, rules, engine)
    return judge_suspects(snapshot, narrowing, rules, engine)


def _narrowed_now(snapshot: Snapshot, rules: Rules, engine: Engine) -> Narrowing:
    tables = tables_of(snapshot, rules)
    narrowed = narrow_down(snapshot, rules, tables, engine)
    if len(narrowed.suspects.recordings) > MOST_SUSPECTS * len(tables.keys):
        return Narrowing(narrowed, Closure(snapshot, tables.following))
    return Narrowing(narrowed, closure(snapshot, tables, narrowed))


def narrowed_before(earlier: Comparison, snapshot: Snapshot) -> Narrowing | None:
    """Return what an earlier comparison narrowed a snapshot to of which parts were read again since.

    None where it judged everything, or where what was read again may make other subjects suspects.
    """
    before = earlier.dossiers
    judged_all = len(earlier.narrowed.suspects.recordings) == len(earlier.snapshot.recordings)
    if judged_all or not _suspects_are_the_same(earlier, snapshot):
        return None
    if before.snapshot is earlier.snapshot:
        return Narrowing(earlier.narrowed, Closure(snapshot, before.following))
    small = replace(
        snapshot,
        recordings=before.snapshot.recordings,
        catalog=before.snapshot.catalog,
        records=before.snapshot.records,
        ledger=before.snapshot.ledger,
    )
    return Narrowing(earlier.narrowed, Closure(small, before.following))


def _suspects_are_the_same(earlier: Comparison, snapshot: Snapshot) -> bool:
    """Whether two snapshots differ in nothing but whether recordings without a program play, and in failures.

    Only suspects are without a program, and only they were to be read again.
    """
    before = earlier.snapshot
    like_before = replace(
        snapshot,
        manifests=before.manifests,
        archived=before.archived,
        unread_manifests=before.unread_manifests,
        unconfirmed=before.unconfirmed,
        differing=before.differing,
        configuration=before.configuration,
    )
    read_again = (*snapshot.unconfirmed, *map(record_subject, snapshot.differing))
    return like_before == before and all(subject in earlier.judged for subject in read_again)


def judge_all(snapshot: Snapshot, rules: Rules, engine: Engine | None = None) -> Comparison:
    """Judge every subject of a snapshot closely."""
    catalog = snapshot.catalog
    everything = Suspects(
        frozenset(snapshot.recordings),
        frozenset(catalog.sessions),
        frozenset(names_of_records(snapshot)),
        frozenset(catalog.rows),
        frozenset(catalog.programs),
        frozenset(catalog.groups),
    )
    return _comparison(snapshot, Narrowed(everything), Dossiers(snapshot, rules), engine)


def judge_suspects(snapshot: Snapshot, narrowing: Narrowing, rules: Rules, engine: Engine) -> Comparison:
    """Judge the suspects of a snapshot by all that their verdicts can depend on."""
    closed = narrowing.closed
    dossiers = Dossiers(closed.snapshot, rules, closed.following)
    return _comparison(snapshot, narrowing.narrowed, dossiers, engine)


def _comparison(
    snapshot: Snapshot, narrowed: Narrowed, dossiers: Dossiers, engine: Engine | None
) -> Comparison:
    """Judge suspects by their dossiers, and count the rest of the whole snapshot."""
    suspects, small, rules, catalog = narrowed.suspects, dossiers.snapshot, dossiers.rules, snapshot.catalog
    system = judge_system(snapshot)
    judged = {
        "recording": [judge_recording(dossiers.evidence(key)) for key in sorted(suspects.recordings)],
        "session": list(
            judge_sessions(sorted(suspects.sessions), small, rules, dossiers.views.values(), dossiers.unread)
        ),
        "record": judge_records(suspects.records, small, rules),
        "recording-row": Rows(small, rules, dossiers).judged(suspects.rows),
        "program": Programs(small, rules, dossiers).judged(suspects.programs),
        "group": Groups(small, rules).judged(suspects.groups),
        **({"system": system} if snapshot.configuration else {}),
    }
    populations = {
        "recording": len(snapshot.recordings) - len(narrowed.left_out),
        "session": len(catalog.sessions),
        "record": len(names_of_records(snapshot)),
        "recording-row": len(catalog.rows),
        "program": len(catalog.programs),
        "group": len(catalog.groups),
        "system": len(system),
    }
    return Comparison(
        {judgement.subject: judgement for judgement in chain.from_iterable(judged.values())},
        {kind: populations[kind] - len(judgements) for kind, judgements in judged.items()},
        dossiers,
        snapshot,
        engine,
        replace(narrowed, claims=(), spans=(), unsettled=()),
    )
