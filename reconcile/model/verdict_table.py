"""The verdict table: every verdict a subject can get, what it means and what follows from it."""

from dataclasses import dataclass
from functools import cache
from typing import Literal

from reconcile.model.remedy import Remedy

Response = Literal["count", "not-checked", "report", "create", "repair", "write"]
Severity = Literal["high", "medium", "low", "none"]
Task = Literal["decide", "ask", "fix", "inspect"]
"""What a person does about a finding: decide, ask the producer, run a command, or inspect the data."""


@dataclass(frozen=True, slots=True)
class VerdictKind:
    """One line of the table; `step` and `commands`, what to do, may name {fields} of a finding's subject.

    `name` is the slug that machines read; `label` is what people read.
    `opt_in`: it is only reported, unless a repair is asked for it by name.
    """

    subject: str
    name: str
    label: str
    response: Response
    severity: Severity
    means: str
    step: str = ""
    commands: tuple[str, ...] = ()
    opt_in: bool = False
    task: Task = "inspect"

    @property
    def remedy(self) -> Remedy:
        """What to do about it, with the names of {fields} still in it."""
        return Remedy(self.step, self.commands)


_REPAIR = "reconcile repair"
_IGNORE = 'reconcile ignore {id} --until DAY --reason "REASON"'
_ASSIGN = 'reconcile assign {address} --show SHOW --reason "REASON"'
_FILL_IN = "with the show's id in place of SHOW and your reason in place of REASON"
_ARCHIVED = (
    "The command asks S3 to restore it, which takes hours and costs money{then}. To keep it playable, copy "
    "it to a storage class that is read at once, and exclude it from the lifecycle rule."
)


def _counted(subject: str, name: str, label: str, means: str) -> VerdictKind:
    return VerdictKind(subject, name, label, "count", "none", means)


def _ok(subject: str, means: str) -> VerdictKind:
    return _counted(subject, "agrees", "OK", means)


def _just_changed(
    subject: str, means: str = "It changed moments ago: the next run checks it."
) -> VerdictKind:
    return _counted(subject, "settling", "Just changed", means)


def _anything(subject: str) -> tuple[VerdictKind, ...]:
    return (
        VerdictKind(
            subject,
            "unreadable",
            "Unreadable data",
            "report",
            "high",
            "Data is present but cannot be parsed (see Why).",
            "Open the object or row that Why names, and correct it by hand.",
        ),
        VerdictKind(
            subject,
            "unknown",
            "Not checked",
            "not-checked",
            "none",
            "Not checked: a source it depends on was not read completely, or looks incomplete. "
            "It is not a finding.",
            "Fix what Why or the sources name, then run again.",
            ("reconcile check",),
        ),
    )


VERDICTS: tuple[VerdictKind, ...] = (
    *_anything("recording"),
    _counted("recording", "other", "Guest feed", "A guest's raw feed: never published."),
    _counted(
        "recording", "outside-window", "Outside the window", "It has no program and is older than the window."
    ),
    _just_changed("recording", "It, or what it depends on, changed moments ago: the next run checks it."),
    _counted("recording", "in-progress", "Still recording", "It is still being recorded."),
    VerdictKind(
        "recording",
        "program-duplicated",
        "Duplicate programs",
        "report",
        "medium",
        "Several programs show the same broadcast.",
        "Decide from the candidates which program to keep, and delete the others in the Media Manager.",
        task="decide",
    ),
    VerdictKind(
        "recording",
        "program-misfiled",
        "Program under the wrong show",
        "report",
        "high",
        "Its program is filed under another show or user than the evidence names.",
        "Move the program to the producer and group of the show that the evidence names.",
        task="decide",
    ),
    VerdictKind(
        "recording",
        "program-incomplete",
        "Incomplete program",
        "repair",
        "high",
        "Its program has no URL or no group, or its URL uses an old domain.",
        "A repair sets the URL; the group too, once its show has one.",
        (_REPAIR,),
        task="fix",
    ),
    VerdictKind(
        "recording",
        "failed",
        "Recording failed",
        "report",
        "medium",
        "IVS reported no duration, or no media is listed.",
        "Check whether another recording shows this broadcast, and whether media is left under its prefix, "
        "before you tell the producer that it was not kept.",
        task="ask",
    ),
    VerdictKind(
        "recording",
        "unfinished",
        "Recording without an end",
        "report",
        "low",
        "No end event was written: it began more than 54 hours ago, or it has media and no events.",
        "Check its objects in S3: IVS may have stopped, or lost its permission to write.",
    ),
    _ok("recording", "It has exactly one program, with a URL and a group; no evidence names another show."),
    _counted(
        "recording",
        "retired",
        "Program was deleted",
        "Its program existed and is gone: never recreated, unless restored.",
    ),
    VerdictKind(
        "recording",
        "unattributed",
        "Show unknown",
        "report",
        "medium",
        "No session or show in the table explains it.",
        f"Find out whose broadcast it is; then run this, {_FILL_IN}.",
        (_ASSIGN,),
        task="decide",
    ),
    VerdictKind(
        "recording",
        "ambiguous",
        "Show or program ambiguous",
        "report",
        "medium",
        "The evidence names more than one show, or more than one program or recording matches.",
        f"Decide from the candidates; then run this, {_FILL_IN}.",
        (_ASSIGN,),
        task="decide",
    ),
    VerdictKind(
        "recording",
        "show-missing",
        "Show is missing",
        "report",
        "medium",
        "The show that was recorded is not in the table, or has no producer.",
        "Ask the producer whether the recording is still wanted.",
        task="decide",
    ),
    _counted(
        "recording",
        "twin",
        "Second recording of a broadcast",
        "Another recording of its show covers the same time, and has or gets the program.",
    ),
    VerdictKind(
        "recording",
        "overlapping",
        "Overlapping recording",
        "report",
        "low",
        "It covers partly the same time as another recording of its show.",
        f"Watch both; if this one is wanted too, run this, {_FILL_IN}.",
        (_ASSIGN,),
        task="decide",
    ),
    VerdictKind(
        "recording",
        "group-missing",
        "Show has no group",
        "report",
        "high",
        "Its show has no group, or the group does not exist, so there is nowhere to file a program.",
        "The command creates a group for a show that names none. Where the group that the show names does "
        "not exist, set groupId on the show's row to a group of its producer.",
        (f"{_REPAIR} --repair group-missing",),
        opt_in=True,
        task="fix",
    ),
    VerdictKind(
        "recording",
        "media-archived",
        "Media is archived",
        "report",
        "high",
        "Its media is in an archive storage class: nobody can play it until it is restored.",
        _ARCHIVED.format(then="; the next repair after that creates the program"),
        task="fix",
    ),
    VerdictKind(
        "recording",
        "unplayable",
        "Recording does not play",
        "report",
        "high",
        "Its manifest, or a part that the manifest names, is missing, empty, or no complete HLS playlist.",
        "Open the playlist that Why names, which says what is wrong with it.",
    ),
    VerdictKind(
        "recording",
        "program-missing",
        "No program",
        "create",
        "high",
        "It ended, its playlists and segments are there, and no program shows it.",
        "A repair creates the program.",
        (_REPAIR,),
        task="fix",
    ),
    *_anything("session"),
    VerdictKind(
        "session",
        "recording-missing",
        "No recording found",
        "report",
        "high",
        "It started a composition more than 12 hours ago, and no recording of it was found.",
        "Ask whether anybody went live. If so, the broadcast was not recorded: check the storage "
        "configuration and the bucket policy of that time. If nobody did, nothing is missing: ignore it, "
        "with a day such as 2027-01-31 in place of DAY and your reason in place of REASON.",
        (_IGNORE,),
        task="ask",
    ),
    _ok("session", "Its recording was found, it started no composition, or it began less than 12 hours ago."),
    *_anything("record"),
    VerdictKind(
        "record",
        "record-contested",
        "Search record shared by programs",
        "report",
        "high",
        "More than one row uses the same search record (objectID).",
        "Decide from the candidates which row keeps the record; give the others a programId of their own, or "
        "delete them.",
        task="decide",
    ),
    _just_changed("record", "Its row changed moments ago: the next run checks it."),
    VerdictKind(
        "record",
        "record-missing",
        "No search record",
        "write",
        "high",
        "A program has no search record: search cannot find it.",
        "A repair writes it.",
        (_REPAIR,),
        task="fix",
    ),
    VerdictKind(
        "record",
        "record-stale",
        "Outdated search record",
        "write",
        "medium",
        "The search record differs from the row.",
        "A repair writes it again.",
        (_REPAIR,),
        task="fix",
    ),
    VerdictKind(
        "record",
        "record-orphaned",
        "Search record without a program",
        "report",
        "medium",
        "No row uses this search record: search shows a program that is not in the table.",
        "Delete the record objectID {objectID} from the index.",
        task="fix",
    ),
    _ok("record", "It matches its row."),
    *_anything("recording-row"),
    _just_changed("recording-row"),
    VerdictKind(
        "recording-row",
        "recording-row-stale",
        "Outdated recording row",
        "repair",
        "low",
        "The show's row about a recording was never completed, or does not name the recording's program.",
        "A repair completes it.",
        (_REPAIR,),
        task="fix",
    ),
    _ok("recording-row", "Nothing in it is known to be wrong, or nothing was recorded at its time."),
    *_anything("program"),
    VerdictKind(
        "program",
        "url-missing",
        "Program without a URL",
        "report",
        "high",
        "Its playback URL is missing or names nothing, and no repair of a recording gives it one.",
        "Find out what it should play; the command helps. Set program_url on its row to that, or delete the "
        "program in the Media Manager.",
        ("reconcile explain -- {programId}",),
    ),
    VerdictKind(
        "program",
        "media-missing",
        "Media is missing",
        "report",
        "high",
        "No media was found, or only an empty file, at every place that its URL or key leads to.",
        "Ask the owner to upload the media again, or to delete the program in the Media Manager.",
        task="ask",
    ),
    VerdictKind(
        "program",
        "media-archived",
        "Media is archived",
        "report",
        "high",
        "Its media is in an archive storage class: nobody can play it until it is restored.",
        _ARCHIVED.format(then=""),
        task="fix",
    ),
    VerdictKind(
        "program",
        "unreachable",
        "URL does not play",
        "report",
        "high",
        "Its playback URL does not answer with media, though the media is there.",
        "Check the distribution's behaviors and its access to the bucket, for the URL in the evidence.",
    ),
    VerdictKind(
        "program",
        "group-dangling",
        "Group does not exist",
        "report",
        "medium",
        "It is filed under a group that does not exist.",
        "Ask the owner for a group that exists, and move the program there in the Media Manager.",
        task="ask",
    ),
    VerdictKind(
        "program",
        "index-blind",
        "Program not listed",
        "report",
        "medium",
        "Its row's index keys (GSI) are missing or wrong, so lists do not show it.",
        "Give the row {pk} {sk} the index keys that the evidence names, or have it uploaded again.",
        task="fix",
    ),
    _just_changed("program"),
    _ok(
        "program",
        "Its media is there, its group exists, an index lists it. Its recording's finding may say more.",
    ),
    *_anything("group"),
    _just_changed("group", "It, or one of its programs, changed moments ago: the next run checks it."),
    VerdictKind(
        "group",
        "count-drift",
        "Wrong program count",
        "report",
        "low",
        "The group's program count is wrong (see Count shown and Actual count).",
        "Only the number shown is wrong. The command corrects it.",
        (f"{_REPAIR} --repair count-drift",),
        opt_in=True,
        task="fix",
    ),
    _ok("group", "Its program count is right."),
    VerdictKind(
        "system",
        "trigger-misconfigured",
        "S3 event trigger incomplete",
        "report",
        "high",
        "The bucket's notifications do not invoke the processor for every recording.",
        "Add the missing notification rules.",
    ),
    VerdictKind(
        "system",
        "storage-misconfigured",
        "Recording storage misconfigured",
        "report",
        "high",
        "Compositions are not recorded into the bucket.",
        "Correct the storage configuration or the bucket policy.",
    ),
    VerdictKind(
        "system",
        "index-settings-drift",
        "Search index misconfigured",
        "report",
        "medium",
        "The search index's settings are not those that the application needs.",
        "Correct the index's settings.",
    ),
    _ok("system", "It is set up as the application needs it."),
)
"""In order of precedence within each subject type."""

TYPES: tuple[str, ...] = tuple(dict.fromkeys(kind.subject for kind in VERDICTS))

_NOUNS = {
    "record": "search record",
    "recording-row": "recording row",
    "system": "configuration part",
}


_BY_NAME = {(kind.subject, kind.name): kind for kind in VERDICTS}


@cache
def verdicts_of(subject_type: str) -> tuple[str, ...]:
    """Return the verdicts of a subject type, the most telling first."""
    return tuple(kind.name for kind in VERDICTS if kind.subject == subject_type)


def verdict_kind(subject_type: str, name: str) -> VerdictKind:
    """Return the line of the table for a verdict; raises KeyError for one that does not exist."""
    return _BY_NAME[subject_type, name]


def label_of(subject_type: str, name: str) -> str:
    """Return a verdict in the words that people read; one that the table does not know as it stands."""
    kind = _BY_NAME.get((subject_type, name))
    return kind.label if kind else name


def label_of_name(name: str) -> str:
    """Return the label of a verdict whose subject is not known; verdicts of one name share it."""
    return next((kind.label for kind in VERDICTS if kind.name == name), name)


def noun_of(subject_type: str) -> str:
    """Return a subject type in the words that people read; one that the table does not know as it stands."""
    return _NOUNS.get(subject_type, subject_type)
