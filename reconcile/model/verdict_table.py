"""The verdict table: every verdict a subject can get, what it means and what follows from it."""

from dataclasses import dataclass
from functools import cache
from typing import Literal

from reconcile.model.remedy import Remedy

Response = Literal["count", "not-checked", "report", "create", "mend", "write"]
Severity = Literal["high", "medium", "low", "none"]


@dataclass(frozen=True, slots=True)
class VerdictKind:
    """One line of the table; `step` and `commands`, what to do, may name {fields} of a finding's subject.

    `opt_in`: it is only reported, unless a repair is asked for it by name.
    """

    subject: str
    name: str
    response: Response
    severity: Severity
    means: str
    step: str = ""
    opt_in: bool = False
    commands: tuple[str, ...] = ()

    @property
    def remedy(self) -> Remedy:
        """What to do about it, with the names of {fields} still in it."""
        return Remedy(self.step, self.commands)


def _recording(
    name: str,
    response: Response,
    severity: Severity,
    means: str,
    step: str = "",
    *commands: str,
    opt_in: bool = False,
) -> VerdictKind:
    return VerdictKind("recording", name, response, severity, means, step, opt_in, commands)


_REPAIR = "reconcile repair"
_IGNORE = 'reconcile ignore {id} --until DAY --reason "REASON"'
_ASSIGN = 'reconcile assign {address} --show SHOW --reason "REASON"'
_FILL_IN = "with the show's id in place of SHOW and your reason in place of REASON"


def _anything(subject: str) -> tuple[VerdictKind, ...]:
    unreadable = "Data is there but cannot be parsed; the evidence says what."
    unknown = "Not checked: what it rests on was not read whole, or is doubted. It is no finding."
    look = "Open the object or row that the evidence names, and correct it by hand."
    again = "Fix what the evidence or the sources name, then run again."
    return (
        VerdictKind(subject, "unreadable", "report", "high", unreadable, look),
        VerdictKind(subject, "unknown", "not-checked", "none", unknown, again, False, ("reconcile check",)),
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
        "Decide from the candidates which program to keep, and delete the others in the Media Manager.",
    ),
    _recording(
        "program-misfiled",
        "report",
        "high",
        "Its program is filed under another show or user than the one that the evidence names.",
        "Move the program to the producer and group of the show that the evidence names.",
    ),
    _recording(
        "program-incomplete",
        "mend",
        "high",
        "Its program lacks the URL or the group, or its URL has an old domain.",
        "A repair sets the URL, and the group once its show has one.",
        _REPAIR,
    ),
    _recording(
        "failed",
        "report",
        "medium",
        "IVS reported no duration for it, or no media of it is listed.",
        "See whether another recording shows this broadcast, and whether media is left under its prefix, "
        "before you tell the producer that it was not kept.",
    ),
    _recording(
        "unfinished",
        "report",
        "low",
        "No end event was written: it began more than 54 hours ago, or it has media and no events.",
        "Look at its objects in S3: IVS may have stopped, or lost its permission to write.",
    ),
    _recording(
        "agrees",
        "count",
        "none",
        "It has exactly one program, which has a URL and a group; no evidence names another show.",
    ),
    _recording(
        "retired",
        "count",
        "none",
        "Its program existed and is gone: never made again, unless restored.",
    ),
    _recording(
        "unattributed",
        "report",
        "medium",
        "No session or show of the table explains it.",
        f"Find out whose broadcast it is; then run this, {_FILL_IN}.",
        _ASSIGN,
    ),
    _recording(
        "ambiguous",
        "report",
        "medium",
        "The evidence points at more than one show, or more than one program or recording fits.",
        f"Decide from the candidates; then run this, {_FILL_IN}.",
        _ASSIGN,
    ),
    _recording(
        "show-missing",
        "report",
        "medium",
        "The show that was recorded is not in the table, or has no producer.",
        "Ask the producer whether the recording is still wanted.",
    ),
    _recording(
        "twin", "count", "none", "Another recording of its show holds its time, and has or gets the program."
    ),
    _recording(
        "overlapping",
        "report",
        "low",
        "It shows partly the same time as another recording of its show.",
        f"Watch both; if this one is wanted too, run this, {_FILL_IN}.",
        _ASSIGN,
    ),
    _recording(
        "group-missing",
        "report",
        "high",
        "Its show has no group, or the group is gone, so there is nowhere to file a program.",
        "The command makes a group for a show that names none. Where the group that the show names is gone, "
        "set groupId on the show's row to a group of its producer.",
        f"{_REPAIR} --repair group-missing",
        opt_in=True,
    ),
    _recording(
        "media-archived",
        "report",
        "high",
        "Its media lies in an archive: nobody can play it until it is restored.",
        "The command asks S3 to restore it, which takes hours and costs money; the next repair after that "
        "makes the program. To keep it playable, copy it into a class that is read at once, and exclude it "
        "from the lifecycle rule.",
    ),
    _recording(
        "unplayable",
        "report",
        "high",
        "Its manifest, or a part that the manifest names, is missing, empty, or no complete HLS playlist.",
        "Look at the playlist that the evidence names, which says what was found wrong.",
    ),
    _recording(
        "program-missing",
        "create",
        "high",
        "It ended, its playlists and segments are there, and no program shows it.",
        "A repair makes the program.",
        _REPAIR,
    ),
    *_anything("session"),
    VerdictKind(
        "session",
        "recording-missing",
        "report",
        "high",
        "It started a composition more than 12 hours ago, and no recording of it was found.",
        "Ask whether anybody went live. If so, the broadcast was not recorded there: check the storage "
        "configuration and the bucket policy of that time. If nobody did, nothing is missing: ignore it, "
        "with a day such as 2027-01-31 in place of DAY and your reason in place of REASON.",
        False,
        (_IGNORE,),
    ),
    VerdictKind(
        "session",
        "agrees",
        "count",
        "none",
        "A recording of it was found, it started no composition, or it began less than 12 hours ago.",
    ),
    *_anything("record"),
    VerdictKind(
        "record",
        "record-contested",
        "report",
        "high",
        "More than one row uses the same search record (objectID).",
        "Decide from the candidates which row keeps the record; give the others a programId of their own, or "
        "delete them.",
    ),
    VerdictKind("record", "settling", "count", "none", "Its row changed moments ago: judged next time."),
    VerdictKind(
        "record",
        "record-missing",
        "write",
        "high",
        "A program has no search record: search cannot find it.",
        "A repair writes it.",
        False,
        (_REPAIR,),
    ),
    VerdictKind(
        "record",
        "record-stale",
        "write",
        "medium",
        "The search record says something else than the row.",
        "A repair writes it again.",
        False,
        (_REPAIR,),
    ),
    VerdictKind(
        "record",
        "record-orphaned",
        "report",
        "medium",
        "No row uses this search record: search shows a program that is not in the table.",
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
        "A repair completes it.",
        False,
        (_REPAIR,),
    ),
    VerdictKind(
        "recording-row",
        "agrees",
        "count",
        "none",
        "Nothing in it is known to be wrong, or it is provably nobody's.",
    ),
    *_anything("program"),
    VerdictKind(
        "program",
        "url-missing",
        "report",
        "high",
        "Its playback URL is missing or names nothing, and no repair of a recording gives it one.",
        "Find out what it should play, which the command helps with. Set program_url on its row to that, or "
        "delete the program in the Media Manager.",
        False,
        ("reconcile explain -- {programId}",),
    ),
    VerdictKind(
        "program",
        "media-missing",
        "report",
        "high",
        "No media was found, or only an empty file, at every place that its URL or key leads to.",
        "Ask the owner to upload the media again, or to delete the program in the Media Manager.",
    ),
    VerdictKind(
        "program",
        "media-archived",
        "report",
        "high",
        "Its media lies in an archive: nobody can play it until it is restored.",
        "The command asks S3 to restore it, which takes hours and costs money. To keep it playable, copy it "
        "into a class that is read at once, and exclude it from the lifecycle rule.",
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
        "It is filed under a group that does not exist.",
        "Ask the owner for a group that exists, and move the program there in the Media Manager.",
    ),
    VerdictKind(
        "program",
        "index-blind",
        "report",
        "medium",
        "Its row's index keys are missing or differ, so lists that read the index do not show it.",
        "Give the row {pk} {sk} the index keys that the evidence names, or have it uploaded again.",
    ),
    VerdictKind("program", "settling", "count", "none", "It changed moments ago: judged next time."),
    VerdictKind(
        "program",
        "agrees",
        "count",
        "none",
        "Its media is there, its group exists, an index lists it: as far as its recording's finding does not "
        "say otherwise.",
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
        "The group's program count is not the number of programs that it has.",
        "Only the number shown is wrong. The command corrects it.",
        True,
        (f"{_REPAIR} --repair count-drift",),
    ),
    VerdictKind("group", "agrees", "count", "none", "It tells the number of programs that it has."),
    VerdictKind(
        "system",
        "trigger-misconfigured",
        "report",
        "high",
        "The bucket's notifications do not invoke the processor for every recording.",
        "Add the missing notification rules.",
    ),
    VerdictKind(
        "system",
        "storage-misconfigured",
        "report",
        "high",
        "As it is set up, compositions are not recorded into the bucket.",
        "Correct the storage configuration or the bucket policy.",
    ),
    VerdictKind(
        "system",
        "index-settings-drift",
        "report",
        "medium",
        "The search index is set up otherwise than the application needs it.",
        "Correct the index's settings.",
    ),
    VerdictKind(
        "system", "agrees", "count", "none", "What was looked at is set up as the application needs it."
    ),
)
"""In order of precedence within each subject type."""

TYPES: tuple[str, ...] = tuple(dict.fromkeys(kind.subject for kind in VERDICTS))


_BY_NAME = {(kind.subject, kind.name): kind for kind in VERDICTS}


@cache
def verdicts_of(subject_type: str) -> tuple[str, ...]:
    """Return the verdicts of a subject type, the most telling first."""
    return tuple(kind.name for kind in VERDICTS if kind.subject == subject_type)


def verdict_kind(subject_type: str, name: str) -> VerdictKind:
    """Return the line of the table for a verdict; raises KeyError for one that does not exist."""
    return _BY_NAME[subject_type, name]
