"""Gathers the evidence on every program, and judges those that need a close check."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from reconcile.compare import set_rules
from reconcile.compare.engine import Engine, keys_of
from reconcile.compare.media_locations import MediaLocations, MediaStatus
from reconcile.compare.recording.evidence import Dossiers
from reconcile.compare.recording.judge import judge_recording
from reconcile.compare.recording.ownership import MADE_FROM_RECORDINGS, Pointers
from reconcile.compare.recording.view import View
from reconcile.model.archive import restore_all, restore_object
from reconcile.model.catalog import GroupKey, Program, RecordingRow, RowKey, index_key_of
from reconcile.model.finding import WAITING, Judgement, judgement, program_subject, row_key
from reconcile.model.parse import changed_within
from reconcile.model.recording import RecordingKey, parse_key
from reconcile.model.remedy import Remedy, written
from reconcile.model.sighting import Archived, Reply
from reconcile.model.snapshot import Rules, Snapshot
from reconcile.model.verdict_table import verdict_kind
from reconcile.model.verdict_types import Severity

_ITS_RECORDING_S = (
    "It belongs to a recording, which the command names. Set program_url on its row to that recording's URL, "
    "or to null: then a repair sets it."
)


@dataclass(frozen=True, slots=True)
class ProgramEvidence:
    """A program, what is known of its media, and what its playback URL answered (None: nobody asked).

    `group_exists`: the owner has a real group of its id. `tied`: it belongs to a recording, and
    `without_media`: to one that holds none, whose finding that is. `claimed`: it points at nothing, and may
    belong to a recording that is a finding ("reported") or is judged later ("waits"). `doubt` shakes every
    verdict, `tie_doubt` whether it belongs to a recording, `claim_doubt` whether any may claim it.
    """

    program: Program
    media: MediaStatus
    reply: Reply | None
    group_exists: bool
    tied: bool
    without_media: bool
    doubt: str
    tie_doubt: str
    claimed: Literal["", "reported", "waits"]
    claim_doubt: str
    now: datetime
    settle: timedelta


def judge_program(evidence: ProgramEvidence) -> Judgement:
    """Give a program its verdict."""
    program, faults = evidence.program, faults_of_program(evidence)
    fresh = changed_within(program.updated_at, evidence.now, evidence.settle.total_seconds())
    doubt = _doubt(evidence, faults)
    holding = {
        "unreadable": bool(program.unreadable) and not evidence.tied and not evidence.tie_doubt,
        "unknown": bool(doubt),
        **{name: holds and not fresh for name, holds in faults.items()},
        "settling": (fresh and any(faults.values())) or evidence.claimed == "waits",
        "agrees": not any(faults.values()),
    }
    why = program.unreadable if holding["unreadable"] else doubt or _why_not_played(evidence, faults)
    subject = program_subject(program.key, program.program_id)
    made = program.source_type in MADE_FROM_RECORDINGS
    weights: dict[str, Severity] = {"url-missing": "high" if made else "low"}
    return judgement(subject, holding, {**_facts(evidence, faults), "why": why}, _advice(evidence), weights)


def group_of(program: Program) -> str | None:
    """Return the group that a program is filed under; `Recordings` was written where there was none."""
    return None if program.group_id == "Recordings" else program.group_id


def faults_of_program(evidence: ProgramEvidence) -> Mapping[str, bool]:
    """Return the verdicts that name a fault, and whether each holds."""
    program, reply = evidence.program, evidence.reply
    # What a recording's program lacks is the recording's finding; a URL that is there is not repaired.
    reported_elsewhere = evidence.claimed or (evidence.tied and not program.url)
    return {
        "url-missing": evidence.media.state == "none" and not reported_elsewhere,
        "media-archived": evidence.media.state == "archived",
        "media-missing": evidence.media.state == "gone" and not evidence.without_media,
        "unreachable": reply is not None and reply.state == "refused",
        "group-dangling": group_of(program) is not None and not evidence.group_exists,
        "index-blind": bool(index_faults(program, tied=evidence.tied)),
    }


def index_faults(program: Program, *, tied: bool) -> Mapping[str, Mapping[str, str | None]]:
    """Return the keys that keep a program out of the table's indexes: {name: {"is": …, "should_be": …}}.

    A recording's program without a group gets its keys when that is repaired; not so a row of the old shape.
    """
    if tied and group_of(program) is None and program.sk.startswith("p#"):
        return {}
    group = program.group_id or "GROUP"
    wanted = index_key_of(program.owner, group)
    listed = program.listed_under and (not program.group_id or program.listed_under == wanted)
    faults = {
        "entityType": (program.entity_type == "program", program.entity_type, "program"),
        "GSI1PK": (listed, program.listed_under, wanted),
        "GSI1SK": (program.listed_as, program.listed_as, f"p#{program.program_id}"),
    }
    return {name: {"is": now, "should_be": then} for name, (sound, now, then) in faults.items() if not sound}


def _doubt(evidence: ProgramEvidence, faults: Mapping[str, bool]) -> str:
    """Say why the verdict is in doubt; certainty about other things does not remove it."""
    media, reply = evidence.media, evidence.reply
    if evidence.doubt:
        return evidence.doubt
    rests_on_tie = (
        bool(evidence.program.unreadable)
        or media.state == "gone"
        or index_faults(evidence.program, tied=True) != index_faults(evidence.program, tied=False)
    )
    if evidence.tie_doubt and rests_on_tie:
        return evidence.tie_doubt
    if media.state == "unknown" and not evidence.without_media:
        return media.why
    if media.state == "none" and not evidence.tied and evidence.claim_doubt:
        return evidence.claim_doubt
    return reply.why if reply and reply.state == "none" and not faults["media-missing"] else ""


def _facts(evidence: ProgramEvidence, faults: Mapping[str, bool]) -> dict[str, Any]:
    program, media = evidence.program, evidence.media
    looked = media.state in ("gone", "archived", "unknown")
    return {
        "title": program.title,
        "owner": program.owner,
        "program_url": program.url,
        "sourceType": program.source_type if faults["url-missing"] else None,
        "sourceShowId": program.source_show if faults["url-missing"] else None,
        "looked_for": _addresses(media) if looked else None,
        "playback": evidence.reply.why if faults["unreachable"] and evidence.reply else None,
        "groupId": program.group_id if faults["group-dangling"] or faults["index-blind"] else None,
        "index_keys": dict(index_faults(program, tied=evidence.tied)) or None,
    }


def _why_not_played(evidence: ProgramEvidence, faults: Mapping[str, bool]) -> str | None:
    """Say why its media does not play, where it is more than missing."""
    return evidence.media.why or None if faults["media-archived"] or faults["media-missing"] else None


def _advice(evidence: ProgramEvidence) -> Mapping[str, Remedy]:
    if evidence.tied and evidence.media.state == "none":
        usual = Remedy(_ITS_RECORDING_S, verdict_kind("program", "url-missing").commands)
        return {"url-missing": usual.filled({"programId": evidence.program.program_id})}
    archived = evidence.media.archived
    if archived is None:
        return {}
    return {
        "media-archived": written(verdict_kind("program", "media-archived").step, (_restoring(archived),))
    }


def _restoring(archived: Archived) -> str:
    """Return the command that restores a file, or all media of its recording."""
    bucket, key = archived.address
    parsed = parse_key(key)
    if parsed and key.startswith(f"{parsed.prefix}/media/"):
        return restore_all(bucket, f"{parsed.prefix}/media/", archived.archive)
    return restore_object(bucket, key, archived.archive)


def _addresses(media: MediaStatus) -> list[str] | None:
    return [address.uri for address in media.places.addresses] or None


class Programs:
    """The evidence on the programs of a snapshot."""

    def __init__(self, snapshot: Snapshot, rules: Rules, dossiers: Dossiers) -> None:
        self._snapshot, self._rules, self._dossiers = snapshot, rules, dossiers
        self._doubt = snapshot.doubts("dynamodb")
        self._listing_doubt = snapshot.doubts("s3")
        self._index_doubt = snapshot.doubts("algolia")
        self._locations = MediaLocations(snapshot, rules, dossiers.pointers)
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

    def judged(self, keys: Iterable[RowKey]) -> list[Judgement]:
        """Return the verdicts on some programs."""
        programs = self._snapshot.catalog.programs
        return [judge_program(self._evidence(programs[key])) for key in sorted(keys)]

    def _evidence(self, program: Program) -> ProgramEvidence:
        snapshot, tied = self._snapshot, self._tied.get(program.key, [])
        group = snapshot.catalog.groups.get(GroupKey(program.owner, program.group_id or ""))
        subject = program_subject(program.key, program.program_id)
        return ProgramEvidence(
            program=program,
            media=self._locations.status_of(program),
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

    def _claimed(self, program: Program) -> Literal["", "reported", "waits"]:
        """Whether recordings that a program without media may be of are findings, or are judged later."""
        judgements = [self._judged(key) for key in self._candidates.get(program.key, ())]
        if any(judgement.is_finding for judgement in judgements):
            return "reported"
        return "waits" if any(judgement.verdict in WAITING for judgement in judgements) else ""

    def _claim_doubt(self, program: Program) -> str:
        """Say why it is not known whether any recording may claim a program without media; "" where it is."""
        if any(self._judged(key).verdict == "unknown" for key in self._candidates.get(program.key, ())):
            return "it is unclear whether it belongs to a recording of its show"
        claimable = program.source_show or program.source_recording
        return self._listing_doubt or (self._dossiers.unread.any if claimable else "")

    def _judged(self, key: RecordingKey) -> Judgement:
        if key not in self._claims:
            self._claims[key] = judge_recording(self._dossiers.evidence(key))
        return self._claims[key]

    def _tie_doubt(self, program: Program) -> str:
        """Say why it is not known whether a program belongs to a recording; "" where it is."""
        # A program that points at nothing is matched to a recording by elimination.
        rest = (self._unread(program) or self._index_doubt) if program.without_media else ""
        return self._listing_doubt or rest

    def _unread(self, program: Program) -> str:
        """Say which recording, whose events could not be read, a program without media may be of."""
        if not (self._dossiers.unread.any and (program.source_show or program.source_recording)):
            return ""
        rows = self._rows_of.get(program.source_recording or "", ())
        shows = dict.fromkeys([*(row.show_id for row in rows), program.source_show])
        return next((why for show in shows if show and (why := self._dossiers.unread.of_show(show))), "")


def program_suspects(snapshot: Snapshot, rules: Rules, pointers: Pointers, engine: Engine) -> set[RowKey]:
    """Return the programs that something is wrong with, or not known, as far as tables tell."""
    catalog = snapshot.catalog
    if snapshot.doubts("dynamodb"):
        return set(catalog.programs)
    whereabouts = MediaLocations(snapshot, rules, pointers)
    rows = (
        (*key, program.owner, group_of(program), _sound(program, snapshot, whereabouts))
        for key, program in catalog.programs.items()
    )
    groups = [key for key, group in catalog.groups.items() if group.real]
    unsound = set_rules.programs_out_of_place(
        engine.frame({"pk": str, "sk": str, "owner": str, "group": str, "sound": bool}, rows),
        engine.frame({"owner": str, "group": str}, groups),
    )
    unread = (*snapshot.failures, *snapshot.unconfirmed)
    failed = {row_key(subject) for subject in unread if subject.type == "program"}
    return keys_of(engine, unsound, RowKey) | (failed & catalog.programs.keys())


def _sound(program: Program, snapshot: Snapshot, whereabouts: MediaLocations) -> bool:
    """Whether all is well with a program as far as itself and its media tell."""
    reply = snapshot.replies.get(program.url or "") if snapshot.replies else None
    if program.unreadable or (reply and reply.state != "plays") or index_faults(program, tied=False):
        return False
    lacking = ("none", "gone", "archived", "unknown")
    return whereabouts.is_there(program) or whereabouts.status_of(program).state not in lacking
