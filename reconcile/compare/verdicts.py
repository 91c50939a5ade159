"""Gives every subject its verdict: narrows the stores to suspects, judges those, counts all."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from reconcile.compare import suspects
from reconcile.compare.claims import last_part
from reconcile.compare.dossier import Dossiers
from reconcile.compare.groups import Groups
from reconcile.compare.judge_record import RecordEvidence, judge_record
from reconcile.compare.judge_recording import judge_recording
from reconcile.compare.judge_session import SessionEvidence, judge_session
from reconcile.compare.judge_system import judge_system
from reconcile.compare.programs import Programs
from reconcile.compare.rows import Rows
from reconcile.model.catalog import Copy, Program
from reconcile.model.finding import Judgement, Subject, record_subject, session_subject
from reconcile.model.snapshot import Rules, Snapshot
from reconcile.model.verdict_table import verdicts_of


@dataclass(frozen=True, slots=True)
class Comparison:
    """The verdicts of a run: judgements for all that was judged closely, and how many agree besides."""

    judged: Mapping[Subject, Judgement]
    unsuspected: Mapping[str, int]
    dossiers: Dossiers

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
            counted[subject_type] = {name: tally[name] for name in verdicts_of(subject_type)}
            counted[subject_type]["population"] = tally.total()
        return counted


def compare(snapshot: Snapshot, rules: Rules, *, narrow: bool = True) -> Comparison:
    """Judge every subject of a snapshot; `narrow` False judges each one closely."""
    dossiers, catalog = Dossiers(snapshot, rules), snapshot.catalog
    keys = dossiers.suspects() if narrow else set(snapshot.recordings)
    calls = calls_by_object(snapshot)
    names = set(calls) | set(snapshot.records)
    wanted = _record_suspects(snapshot, calls) if narrow else names
    sessions, system = list(judge_sessions(snapshot, rules, dossiers)), judge_system(snapshot)
    judged: dict[str, tuple[list[Judgement], int]] = {
        "recording": ([judge_recording(dossiers.evidence(key)) for key in sorted(keys)], len(dossiers.views)),
        "session": (sessions, len(sessions)),
        "record": ([_judge_record(name, calls, snapshot, rules) for name in sorted(wanted)], len(names)),
        "recording-row": (Rows(snapshot, rules, dossiers).judged(narrow=narrow), len(catalog.rows)),
        "program": (Programs(snapshot, rules, dossiers).judged(narrow=narrow), len(catalog.programs)),
        "group": (Groups(snapshot, rules).judged(narrow=narrow), len(catalog.groups)),
        **({"system": (system, len(system))} if snapshot.configuration else {}),
    }
    return Comparison(
        {judgement.subject: judgement for found, _ in judged.values() for judgement in found},
        {subject_type: population - len(found) for subject_type, (found, population) in judged.items()},
        dossiers,
    )


def judge_sessions(snapshot: Snapshot, rules: Rules, dossiers: Dossiers) -> Iterable[Judgement]:
    """Judge every session of a snapshot."""
    segments = {part for _, prefix in snapshot.recordings for part in prefix.split("/")}
    owning = dossiers.sessions_with_recordings()
    doubt = snapshot.doubts("s3", "dynamodb")
    for session in snapshot.catalog.sessions.values():
        composition = session.composition_arn
        failure = snapshot.why_unread(session_subject(session.session_id))
        yield judge_session(
            SessionEvidence(
                session,
                in_a_prefix=bool(composition) and last_part(composition or "") in segments,
                has_recording=session.session_id in owning,
                doubt=doubt or failure,
                now=rules.now,
                unread=dossiers.unread_since(session.created_at),
            )
        )


def calls_by_object(snapshot: Snapshot) -> dict[str, list[Program | Copy]]:
    """Return the rows that call for each objectID."""
    calls: defaultdict[str, list[Program | Copy]] = defaultdict(list)
    rows: list[Program | Copy] = [*snapshot.catalog.programs.values(), *snapshot.catalog.copies.values()]
    for row in rows:
        if row.object_id:
            calls[row.object_id].append(row)
    return dict(calls)


def _record_suspects(snapshot: Snapshot, calls: Mapping[str, list[Program | Copy]]) -> set[str]:
    if snapshot.doubts("dynamodb", "algolia"):
        return set(calls) | set(snapshot.records)
    import pandas as pd

    rows = [(name, row.digest) for name, held in calls.items() for row in held]
    found = [(record.object_id, record.digest) for record in snapshot.records.values()]
    differing = suspects.records_that_differ(
        pd.DataFrame(rows, columns=["objectID", "digest"], dtype="object"),
        pd.DataFrame(found, columns=["objectID", "digest"], dtype="object"),
    )
    unreadable = {name for name, held in calls.items() if any(row.unreadable for row in held)}
    unread = (*snapshot.failures, *snapshot.unconfirmed)
    failed = {subject["objectID"] for subject in unread if subject.type == "record"}
    return differing | unreadable | failed


def _judge_record(
    name: str, calls: Mapping[str, list[Program | Copy]], snapshot: Snapshot, rules: Rules
) -> Judgement:
    failure = snapshot.why_unread(record_subject(name))
    return judge_record(
        RecordEvidence(
            name,
            tuple(calls.get(name, ())),
            snapshot.records.get(name),
            snapshot.differing.get(name, {}),
            snapshot.doubts("dynamodb", "algolia") or failure,
            rules.now,
            rules.settle,
        )
    )
