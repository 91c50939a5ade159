"""The verdict table: every verdict a subject can get, what it means and what follows from it."""

from dataclasses import dataclass
from typing import Literal

Response = Literal["count", "report", "create", "mend", "write"]
Severity = Literal["high", "medium", "low", "none"]


@dataclass(frozen=True, slots=True)
class VerdictKind:
    """One line of the table; `remedy` may name {fields} of a finding's subject and evidence.

    `opt_in`: it is only reported, unless a repair is asked for it by name.
    """

    subject: str
    name: str
    response: Response
    severity: Severity
    means: str
    remedy: str = ""
    opt_in: bool = False


def _recording(
    name: str, response: Response, severity: Severity, means: str, remedy: str = "", *, opt_in: bool = False
) -> VerdictKind:
    return VerdictKind("recording", name, response, severity, means, remedy, opt_in)


def _anything(subject: str) -> tuple[VerdictKind, ...]:
    unreadable = "Something it rests on is there but cannot be understood; the evidence says what."
    unknown = "A source it rests on was not read whole, or is doubted: nothing is claimed about it."
    look = "Look at what the evidence names, and mend or remove it by hand."
    again = "Mend what the evidence or the sources name, then run again."
    return (
        VerdictKind(subject, "unreadable", "report", "high", unreadable, look),
        VerdictKind(subject, "unknown", "report", "medium", unknown, again),
    )


VERDICTS: tuple[VerdictKind, ...] = (
    *_anything("recording"),
    _recording("other", "count", "none", "A guest's raw feed: never published."),
    _recording("outside-window", "count", "none", "It has no program and is older than the window."),
    _recording(
        "settling", "count", "none", "It, or what it depends on, changed moments ago: judged next time."
    ),
    _recording("in-progress", "count", "none", "It is still being recorded."),
    _recording(
        "program-duplicated",
        "report",
        "medium",
        "Several programs show the same broadcast.",
        "Decide which of the programs in the evidence to keep, and delete the others in the Media Manager.",
    ),
    _recording(
        "program-misfiled",
        "report",
        "high",
        "Its program is filed under another show than the one that was recorded.",
        "Move the program to the producer and group of the show that the evidence names.",
    ),
    _recording(
        "program-incomplete",
        "mend",
        "high",
        "Its program lacks the URL or the group, or its URL has an old domain.",
        "reconcile repair mends it; a group it can only name when the show has one.",
    ),
    _recording(
        "failed",
        "report",
        "medium",
        "Nothing was recorded, or none of it is left.",
        "Tell the producer: this broadcast was not kept.",
    ),
    _recording(
        "unfinished",
        "report",
        "low",
        "It began, or left media, and never ended.",
        "Look at the recording in S3: IVS may have crashed or lost its permission to write.",
    ),
    _recording("agrees", "count", "none", "It has exactly one program, complete and filed under its show."),
    _recording(
        "retired",
        "count",
        "none",
        "Its program existed and its owner deleted it: never made again, unless restored.",
    ),
    _recording(
        "unattributed",
        "report",
        "medium",
        "No session or show of the table explains it.",
        "Find out whose broadcast it is; then: reconcile assign {prefix} --show SHOW --reason TEXT.",
    ),
    _recording(
        "ambiguous",
        "report",
        "medium",
        "The evidence points at more than one show, or more than one program or recording fits.",
        "Decide from the evidence, which names the candidates: reconcile assign {prefix} --show SHOW "
        "--reason TEXT.",
    ),
    _recording(
        "show-missing",
        "report",
        "medium",
        "The show that was recorded has been deleted.",
        "Ask the producer whether the recording is still wanted.",
    ),
    _recording("twin", "count", "none", "Another recording of the same broadcast has the program."),
    _recording(
        "overlapping",
        "report",
        "low",
        "It shows partly the same time as another recording of its show.",
        "Watch both; if this one is wanted too: reconcile assign {prefix} --show SHOW --reason TEXT.",
    ),
    _recording(
        "group-missing",
        "report",
        "high",
        "Its show has no group, or the group is gone, so there is nowhere to file a program.",
        "Make a group for a show that names none: reconcile repair --repair group-missing. Where the group "
        "that the show names is gone, set groupId on the show's row to a group of its producer.",
        opt_in=True,
    ),
    _recording(
        "unplayable",
        "report",
        "high",
        "Its manifest, or a part that the manifest names, is missing or is no complete HLS playlist.",
        "Look at the manifest that the evidence names: no player can show it to its end.",
    ),
    _recording(
        "program-missing",
        "create",
        "high",
        "It was recorded completely and nobody can see it: no program exists.",
        "reconcile repair makes the program.",
    ),
    *_anything("session"),
    VerdictKind(
        "session",
        "recording-missing",
        "report",
        "high",
        "A composition was started and no recording of it exists.",
        "Check the storage configuration and the bucket policy of the time; the broadcast is lost.",
    ),
    VerdictKind("session", "agrees", "count", "none", "Its recordings exist, or it made none."),
    *_anything("record"),
    VerdictKind(
        "record",
        "record-contested",
        "report",
        "high",
        "Two rows call for the same search record.",
        "Give one of the rows in the evidence a programId of its own, or delete it.",
    ),
    VerdictKind("record", "settling", "count", "none", "Its row changed moments ago: judged next time."),
    VerdictKind(
        "record",
        "record-missing",
        "write",
        "high",
        "A program has no search record: search cannot find it.",
        "reconcile repair writes it.",
    ),
    VerdictKind(
        "record",
        "record-stale",
        "write",
        "medium",
        "The search record says something else than the row.",
        "reconcile repair writes it again.",
    ),
    VerdictKind(
        "record",
        "record-orphaned",
        "report",
        "medium",
        "A search record has no row: search finds what is gone.",
        "Delete the record objectID {objectID} from the index.",
    ),
    VerdictKind("record", "agrees", "count", "none", "It says the same as its row."),
    *_anything("recording-row"),
    VerdictKind("recording-row", "settling", "count", "none", "It changed moments ago: judged next time."),
    VerdictKind(
        "recording-row",
        "recording-row-stale",
        "mend",
        "low",
        "The show's note of a recording is stuck, or does not name the program that the recording has.",
        "reconcile repair completes it.",
    ),
    VerdictKind("recording-row", "agrees", "count", "none", "It says what is so, or is provably nobody's."),
    *_anything("program"),
    VerdictKind(
        "program",
        "media-missing",
        "report",
        "high",
        "The media that a program points at is not there: it cannot be played.",
        "Ask the owner: upload the media again, or delete the program in the Media Manager.",
    ),
    VerdictKind(
        "program",
        "unreachable",
        "report",
        "high",
        "Its playback URL does not answer with media, though the media is there.",
        "Look at the distribution's behaviours and its access to the bucket, for the URL in the evidence.",
    ),
    VerdictKind(
        "program",
        "group-dangling",
        "report",
        "medium",
        "It is filed under a group that does not exist: no list shows it.",
        "Ask the owner for a group that exists, and move the program there in the Media Manager.",
    ),
    VerdictKind(
        "program",
        "index-blind",
        "report",
        "medium",
        "Its row lacks the keys of the table's indexes, so the Media Manager does not list it.",
        "Give the row {pk} {sk} the index keys that the evidence names, or have it uploaded again.",
    ),
    VerdictKind("program", "settling", "count", "none", "It changed moments ago: judged next time."),
    VerdictKind(
        "program",
        "agrees",
        "count",
        "none",
        "What it points at is there, the group that it names exists, and an index lists it.",
    ),
    *_anything("group"),
    VerdictKind(
        "group",
        "settling",
        "count",
        "none",
        "It, or one of its programs, changed moments ago: judged next time.",
    ),
    VerdictKind(
        "group",
        "count-drift",
        "report",
        "low",
        "The number of programs that it tells is not the number that it has.",
        "reconcile repair --repair count-drift sets it right; nothing else depends on it.",
        opt_in=True,
    ),
    VerdictKind("group", "agrees", "count", "none", "It tells the number of programs that it has."),
    VerdictKind(
        "system",
        "trigger-misconfigured",
        "report",
        "high",
        "The bucket does not tell the processor of every recording, so programs are not made.",
        "{remedy}",
    ),
    VerdictKind(
        "system",
        "storage-misconfigured",
        "report",
        "high",
        "Compositions cannot be recorded into the bucket.",
        "{remedy}",
    ),
    VerdictKind(
        "system",
        "index-settings-drift",
        "report",
        "medium",
        "The search index is set up otherwise than the application needs it.",
        "{remedy}",
    ),
    VerdictKind("system", "agrees", "count", "none", "It is set up as it must be."),
)
"""In order of precedence within each subject type."""

TYPES: tuple[str, ...] = tuple(dict.fromkeys(kind.subject for kind in VERDICTS))


def verdicts_of(subject_type: str) -> tuple[str, ...]:
    """Return the verdicts of a subject type, the most telling first."""
    return tuple(kind.name for kind in VERDICTS if kind.subject == subject_type)


def verdict_kind(subject_type: str, name: str) -> VerdictKind:
    """Return the line of the table for a verdict; raises KeyError for one that does not exist."""
    for kind in VERDICTS:
        if (kind.subject, kind.name) == (subject_type, name):
            return kind
    raise KeyError(f"{subject_type} {name}")
