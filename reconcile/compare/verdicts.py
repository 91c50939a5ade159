"""Gives every subject its verdict: narrows the stores to suspects, judges those, counts all."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from reconcile.compare.configuration.judge import judge_system
from reconcile.compare.engine import Engine
from reconcile.compare.groups import Groups
from reconcile.compare.programs import Programs
from reconcile.compare.recording.evidence import Dossiers
from reconcile.compare.recording.judge import judge_recording
from reconcile.compare.records import _judge_record, _record_suspects, calls_by_object
from reconcile.compare.rows import Rows
from reconcile.compare.sessions import judge_sessions
from reconcile.model.finding import Judgement, Subject
from reconcile.model.snapshot import Rules, Snapshot
from reconcile.model.verdict_table import verdicts_of


@dataclass(frozen=True, slots=True)
class Comparison:
    """The verdicts of a run: judgements for all that was judged closely, and how many agree besides.

    `engine` narrowed the stores to what was judged; None where every subject was.
    """

    judged: Mapping[Subject, Judgement]
    unsuspected: Mapping[str, int]
    dossiers: Dossiers
    engine: Engine | None

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


@dataclass(frozen=True, slots=True)
class Examined:
    """What a run read of the stores, what it judged that by, and the verdicts that it came to."""

    rules: Rules
    snapshot: Snapshot
    comparison: Comparison


def compare(snapshot: Snapshot, rules: Rules, engine: Engine | None) -> Comparison:
    """Judge the subjects of a snapshot that an engine narrows it to, or every one, where it is None."""
    dossiers, catalog = Dossiers(snapshot, rules), snapshot.catalog
    keys = dossiers.suspects(engine) if engine else set(snapshot.recordings)
    calls = calls_by_object(snapshot)
    names = set(calls) | set(snapshot.records)
    wanted = _record_suspects(snapshot, calls, engine) if engine else names
    sessions, system = list(judge_sessions(snapshot, rules, dossiers)), judge_system(snapshot)
    judged: dict[str, tuple[list[Judgement], int]] = {
        "recording": ([judge_recording(dossiers.evidence(key)) for key in sorted(keys)], len(dossiers.views)),
        "session": (sessions, len(sessions)),
        "record": ([_judge_record(name, calls, snapshot, rules) for name in sorted(wanted)], len(names)),
        "recording-row": (Rows(snapshot, rules, dossiers).judged(engine), len(catalog.rows)),
        "program": (Programs(snapshot, rules, dossiers).judged(engine), len(catalog.programs)),
        "group": (Groups(snapshot, rules).judged(engine), len(catalog.groups)),
        **({"system": (system, len(system))} if snapshot.configuration else {}),
    }
    return Comparison(
        {judgement.subject: judgement for judgements, _ in judged.values() for judgement in judgements},
        {
            subject_type: population - len(judgements)
            for subject_type, (judgements, population) in judged.items()
        },
        dossiers,
        engine,
    )
