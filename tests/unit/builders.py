"""Makes the small pieces that the unit tests are built of: rows, recordings, events, snapshots, rules."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from reconcile.collect.media import media_of
from reconcile.compare.verdicts import Comparison, compare
from reconcile.model.finding import Judgement, record_subject, recording_subject, session_subject
from reconcile.model.media import MediaMap, default_routes
from reconcile.model.parse import parse_items
from reconcile.model.recording import Events, Recording, RecordingKey, Unreadable, parse_key
from reconcile.model.run import Receipt
from reconcile.model.search_record import canonical, parse_record
from reconcile.model.sighting import THERE
from reconcile.model.snapshot import LedgerEntry, Rules, Snapshot

NOW = datetime(2026, 5, 20, 3, 0, tzinfo=UTC)
BUCKET = "recordings-here"
MEDIA = MediaMap("play.test", ("old.test", "older.test"), default_routes(BUCKET, "uploads-here"))
HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
BEFORE = NOW - timedelta(days=1)
"""When the broadcasts of the unit tests begin, unless they say otherwise."""

COMPOSITE = "one/comp1/dest1/composite"
CHANNEL = "ivs/v1/111111111111/chan1/2026/5/19/3/0/rec1"
SHOW, OWNER, GROUP = "show1", "owner1", "group1"


def typed(value: Any) -> dict[str, Any]:
    """Return a plain value as DynamoDB sends it; what is typed already stays."""
    if isinstance(value, bool):
        return {"BOOL": value}
    if isinstance(value, str):
        return {"S": value}
    if isinstance(value, int | float):
        return {"N": str(value)}
    if value is None:
        return {"NULL": True}
    if isinstance(value, set):
        return {"SS": sorted(value)}
    if isinstance(value, list):
        return {"L": [typed(part) for part in value]}
    return {"M": {name: typed(part) for name, part in value.items()}}


def item(pk: str, sk: str, **attributes: Any) -> dict[str, Any]:
    """Return an item of the table in DynamoDB's JSON."""
    return {name: typed(value) for name, value in {"pk": pk, "sk": sk, **attributes}.items()}


def iso(moment: datetime) -> str:
    """Return a time as the live functions write it."""
    return moment.strftime("%Y-%m-%dT%H:%M:%S.000Z")


def stage(name: str) -> str:
    """Return a stage's ARN."""
    return f"arn:aws:ivs:us-east-1:111111111111:stage/{name}"


def channel(name: str) -> str:
    """Return a channel's ARN."""
    return f"arn:aws:ivs:us-east-1:111111111111:channel/{name}"


def composition(name: str) -> str:
    """Return a composition's ARN."""
    return f"arn:aws:ivs:us-east-1:111111111111:composition/{name}"


def show_item(show: str = SHOW, **attributes: Any) -> dict[str, Any]:
    """Return a show's row."""
    told = {"showId": show, "producerId": OWNER, "groupId": GROUP, "title": "A Show"} | attributes
    return item(f"show#{show}", "info", **told)


def session_item(
    session: str = "session1", show: str | None = SHOW, ivs: Any = None, **attributes: Any
) -> dict[str, Any]:
    """Return a session's row."""
    told = {"sessionId": session, "showId": show, "ivs": ivs or {}, "status": "ACTIVE"}
    return item(f"session#{session}", "info", **(told | {"createdAt": iso(BEFORE)} | attributes))


def group_item(owner: str = OWNER, group: str = GROUP, **attributes: Any) -> dict[str, Any]:
    """Return a group's row; `snapshot` counts its programs unless a count is told here."""
    told = {"groupId": group} | attributes
    return item(f"u#{owner}#groups", f"g#{group}", **told)


def program_item(program: str = "program1", owner: str = OWNER, **attributes: Any) -> dict[str, Any]:
    """Return a program's row as the live processor writes it, of the composite unless told otherwise."""
    told = {
        "programId": program,
        "title": "A Show - Recording",
        "groupId": GROUP,
        "program_url": f"https://play.test/{COMPOSITE}/media/hls/multivariant.m3u8",
        "sourceType": "ivs-recording",
        "sourceShowId": SHOW,
    } | attributes
    listed = {"GSI1PK": f"u#{owner}#g#{told['groupId'] or GROUP}", "GSI1SK": f"p#{program}"}
    return item(f"u#{owner}#programs", f"p#{program}", **({"entityType": "program"} | listed | told))


def medialess_item(program: str = "program1", **attributes: Any) -> dict[str, Any]:
    """Return the row of an exported program that points at no media."""
    return program_item(program, **({"program_url": None, "sourceType": "recording-export"} | attributes))


def row_item(row: str = "row1", show: str = SHOW, **attributes: Any) -> dict[str, Any]:
    """Return a show's recording row, of the hour in which the unit tests' broadcasts take place."""
    told = {"recordingId": row, "startTime": iso(BEFORE), "endTime": iso(BEFORE + HOUR)} | attributes
    return item(f"show#{show}", f"recording#{iso(BEFORE)}#{row}", **told)


def recording(prefix: str = COMPOSITE, bucket: str = BUCKET, **attributes: Any) -> Recording:
    """Return a recording that has ended two hours after BEFORE, unless told otherwise."""
    place = parse_key(prefix)
    assert place is not None, prefix
    told: dict[str, Any] = {"started_seen": BEFORE, "ended_seen": BEFORE + HOUR, "has_media": True}
    return Recording(bucket, prefix, place.kind, place.channel_id, **(told | attributes))


def events(start: datetime = BEFORE, length: timedelta = HOUR, **attributes: Any) -> Events:
    """Return what the events file of a complete recording says."""
    told: dict[str, Any] = {
        "stage_arn": None,
        "channel_arn": None,
        "started_at": start,
        "ended_at": start + length,
        "duration": int(length.total_seconds() * 1000),
        "manifest": "media/hls/multivariant.m3u8",
    }
    return Events(**(told | attributes))


WHOLE = (
    Receipt(f"s3:{BUCKET}", whole=True, items=1),
    Receipt("dynamodb", whole=True, items=1),
    Receipt("algolia", whole=True, items=1),
)


def snapshot(
    recordings: Mapping[str, Events | Unreadable | None] | Iterable[Recording] = (),
    items: Iterable[Mapping[str, Any]] = (),
    *,
    told: Mapping[RecordingKey, Events | Unreadable] | None = None,
    records: Iterable[Mapping[str, Any]] | None = None,
    **others: Any,
) -> Snapshot:
    """Return a snapshot; `recordings` by prefix with their events, or as they are; records canonical.

    Groups tell the number of their programs, and all media is there, unless something else is told.
    """
    rows = _counted(list(items))
    if isinstance(recordings, Mapping):
        found = [recording(prefix) for prefix in recordings]
        known = {
            RecordingKey(BUCKET, prefix): said for prefix, said in recordings.items() if said is not None
        }
    else:
        found, known = list(recordings), {}
    hits = canonical_records(rows) if records is None else records
    parsed = [parse_record(hit) for hit in hits]
    seen = Snapshot(
        recordings={one.key: one for one in found},
        catalog=parse_items(rows),
        records={one.object_id: one for one in parsed},
        receipts=others.pop("receipts", WHOLE),
        events={**known, **(told or {})},
        **others,
    )
    places = media_of(seen.catalog.programs.values(), seen, rules())
    return replace(seen, media={**dict.fromkeys(places, THERE), **seen.media})


def _counted(rows: list[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Let the groups that tell no number of programs tell the right one."""
    listed = Counter(row["GSI1PK"].get("S") for row in rows if "GSI1PK" in row)
    return [
        {**row, "programsCount": typed(listed[f"{row['pk']['S'].removesuffix('#groups')}#{row['sk']['S']}"])}
        if row["pk"]["S"].endswith("#groups") and "programsCount" not in row
        else row
        for row in rows
    ]


def canonical_records(items: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return the records that the stream sync wrote for these rows."""
    calling = (row for row in items if "#programs" in row["pk"]["S"] and row.get("programId", {}).get("S"))
    return [canonical(row) for row in calling]


def rules(**attributes: Any) -> Rules:
    """Return what the unit tests judge by; no window unless one is given."""
    return Rules(NOW, MEDIA, **attributes)


def ledger(prefix: str, owner: str = OWNER, program: str = "program1") -> dict[RecordingKey, LedgerEntry]:
    """Return a ledger that remembers one program."""
    key = RecordingKey(BUCKET, prefix)
    return {key: LedgerEntry(key, {owner: program}, "seen")}


def judge(seen: Snapshot, **attributes: Any) -> Comparison:
    """Compare with the unit tests' rules, every subject closely."""
    return compare(seen, rules(**attributes), None)


def verdict(seen: Snapshot, prefix: str = COMPOSITE, **attributes: Any) -> str:
    """Return the verdict on one recording of a snapshot."""
    return of_recording(judge(seen, **attributes), prefix).verdict


def of_recording(comparison: Comparison, prefix: str = COMPOSITE) -> Judgement:
    """Return the judgement on a recording."""
    return comparison.judged[recording_subject(RecordingKey(BUCKET, prefix))]


def of_session(comparison: Comparison, session: str = "session1") -> Judgement:
    """Return the judgement on a session."""
    return comparison.judged[session_subject(session)]


def of_record(comparison: Comparison, name: str = "program1") -> Judgement:
    """Return the judgement on a record."""
    return comparison.judged[record_subject(name)]
