"""Puts the evidence on every program together, and judges those that need a close look."""

from collections import defaultdict
from typing import Literal

from reconcile.compare import suspects
from reconcile.compare.dossier import Dossiers
from reconcile.compare.judge_program import ProgramEvidence, group_of, index_faults, judge_program
from reconcile.compare.judge_recording import judge_recording
from reconcile.compare.views import View
from reconcile.compare.whereabouts import Whereabouts
from reconcile.model.catalog import Program, RecordingRow
from reconcile.model.finding import Judgement, program_subject
from reconcile.model.recording import RecordingKey
from reconcile.model.snapshot import Rules, Snapshot

RowKey = tuple[str, str]


class Programs:
    """The evidence on the programs of a snapshot."""

    def __init__(self, snapshot: Snapshot, rules: Rules, dossiers: Dossiers) -> None:
        self._snapshot, self._rules, self._dossiers = snapshot, rules, dossiers
        self._doubt = snapshot.doubts("dynamodb")
        self._listing_doubt = snapshot.doubts("s3")
        self._index_doubt = snapshot.doubts("algolia")
        self._whereabouts = Whereabouts(snapshot, rules, dossiers.pointers)
        self._candidates = dossiers.candidates()
        self._claims: dict[RecordingKey, Judgement] = {}
        self._tied: defaultdict[RowKey, list[View]] = defaultdict(list)
        for view in dossiers.views.values():
            for program in view.programs:
                self._tied[program.key].append(view)
        self._rows_of: defaultdict[str, list[RecordingRow]] = defaultdict(list)
        for row in snapshot.catalog.rows.values():
            if row.recording_id:
                self._rows_of[row.recording_id].append(row)

    def judged(self, *, narrow: bool) -> list[Judgement]:
        """Return the verdicts on the programs that may not agree, or on every one."""
        every = self._snapshot.catalog.programs
        keys = self._suspects() if narrow else set(every)
        return [judge_program(self._evidence(every[key])) for key in sorted(keys)]

    def _suspects(self) -> set[RowKey]:
        catalog = self._snapshot.catalog
        unread = (*self._snapshot.failures, *self._snapshot.unconfirmed)
        if self._doubt:
            return set(catalog.programs)
        import pandas as pd

        rows = [(*key, one.owner, group_of(one), self._sound(one)) for key, one in catalog.programs.items()]
        groups = [key for key, group in catalog.groups.items() if group.real]
        unsound = suspects.programs_out_of_place(
            pd.DataFrame(rows, columns=["pk", "sk", "owner", "group", "sound"], dtype="object"),
            pd.DataFrame(groups, columns=["owner", "group"], dtype="object"),
        )
        failed = {(one["pk"], one["sk"]) for one in unread if one.type == "program"}
        return unsound | (failed & catalog.programs.keys())

    def _sound(self, program: Program) -> bool:
        """Whether all is well with a program as far as itself and its media tell."""
        reply = self._snapshot.replies.get(program.url or "")
        return not (
            program.unreadable
            or self._whereabouts.look(program).state in ("none", "gone", "archived", "unknown")
            or (reply and reply.state != "plays")
            or index_faults(program, tied=False)
        )

    def _evidence(self, program: Program) -> ProgramEvidence:
        snapshot, tied = self._snapshot, self._tied.get(program.key, [])
        group = snapshot.catalog.groups.get((program.owner, program.group_id or ""))
        subject = program_subject(program.pk, program.sk, program.program_id)
        return ProgramEvidence(
            program=program,
            media=self._whereabouts.look(program),
            reply=snapshot.replies.get(program.url or ""),
            group_exists=group is not None and group.real,
            tied=bool(tied),
            without_media=any(not view.recording.has_media for view in tied),
            doubt=self._doubt or snapshot.why_unread(subject),
            tie_doubt=self._tie_doubt(program),
            claimed=self._claimed(program),
            claim_doubt=self._claim_doubt(program),
            now=self._rules.now,
            settle=self._rules.settle,
        )

    def _claimed(self, program: Program) -> Literal["", "told", "waits"]:
        """Whether recordings that a program without media may be of are findings, or are judged later."""
        found = [self._judged(key) for key in self._candidates.get(program.key, ())]
        if any(one.is_finding for one in found):
            return "told"
        return "waits" if any(one.verdict in ("settling", "in-progress") for one in found) else ""

    def _claim_doubt(self, program: Program) -> str:
        if any(self._judged(key).verdict == "unknown" for key in self._candidates.get(program.key, ())):
            return "whether it belongs to a recording of its show could not be told"
        claimable = program.source_show or program.source_recording
        return self._listing_doubt or (self._dossiers.unread if claimable else "")

    def _judged(self, key: RecordingKey) -> Judgement:
        if key not in self._claims:
            self._claims[key] = judge_recording(self._dossiers.evidence(key))
        return self._claims[key]

    def _tie_doubt(self, program: Program) -> str:
        # A program that points at nothing is given to a recording by what the others leave over.
        rest = (self._unread(program) or self._index_doubt) if program.without_media else ""
        return self._listing_doubt or rest

    def _unread(self, program: Program) -> str:
        """Say which recording, whose events could not be read, a program without media may be of."""
        if not (self._dossiers.unread and (program.source_show or program.source_recording)):
            return ""
        rows = self._rows_of.get(program.source_recording or "", ())
        shows = dict.fromkeys([*(row.show_id for row in rows), program.source_show])
        return next((why for show in shows if show and (why := self._dossiers.unread_of(show))), "")
