"""What must hold over any labelled world: every verdict as the world knows it, and the laws of repairing."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import unquote, urlsplit

from reconcile.model.catalog import RowKey
from reconcile.model.finding import (
    Subject,
    group_subject,
    program_subject,
    record_subject,
    recording_subject,
    row_subject,
    session_subject,
)
from reconcile.model.recording import RecordingKey
from reconcile.sandbox.world import RecordingTruth, World
from tests.scenario.cycle import Contents, Cycle, Item

Cell = tuple[str, str, str]
"""Type of subject, expected verdict, given verdict."""

NOT_THERE = "(not there)"


@dataclass(frozen=True, slots=True)
class Judging:
    """How a judging of a world compares with its truth; `wrong` names what is off the diagonal."""

    cells: Counter[Cell]
    wrong: tuple[str, ...]
    misattributed: tuple[str, ...]
    not_attributed: tuple[str, ...]


def judging(world: World, lookback: timedelta | None) -> Judging:
    """Judge a world as it stands, and hold each verdict against the truth."""
    judged = Cycle.of(world).judge(lookback=lookback)
    recordings, shows = truths_of(world), judged.shows()
    expected, given = expectations(world, judged.rules.window_start), judged.verdicts()
    pairs = {one: (expected.get(one, NOT_THERE), given.get(one, NOT_THERE)) for one in {*expected, *given}}
    return Judging(
        Counter((subject.type, *pair) for subject, pair in pairs.items()),
        tuple(sorted(_told(world, one, *pair) for one, pair in pairs.items() if pair[0] != pair[1])),
        tuple(
            f"world {world.seed}, {one.story}: {key.prefix} is of {one.show_id}, not of {shows[key]}"
            for key, one in recordings.items()
            if shows.get(key) is not None and shows[key] != one.show_id
        ),
        tuple(
            f"world {world.seed}, {one.story}: {key.prefix} is of {one.show_id}, which was not found"
            for key, one in recordings.items()
            if one.show_id and shows.get(key) is None
        ),
    )


def truths_of(world: World) -> dict[RecordingKey, RecordingTruth]:
    """Return the truth about every recording; a world itself knows nothing of the job's types."""
    return {RecordingKey(*key): truth for key, truth in world.truth.recordings.items()}


def expectations(world: World, window_start: datetime | None) -> dict[Subject, str]:
    """Return the true verdict of every subject of a world under a window."""
    truth = world.truth
    expected = {recording_subject(key): one.under(window_start) for key, one in truths_of(world).items()}
    expected |= {session_subject(name): verdict for name, verdict in truth.sessions.items()}
    expected |= {record_subject(name): verdict for name, verdict in truth.records.items()}
    expected |= {row_subject(RowKey(*key)): one.verdict for key, one in truth.rows.items()}
    expected |= {
        program_subject(RowKey(*key), one.program_id): one.under(window_start, truth.recordings)
        for key, one in truth.programs.items()
    }
    expected |= {group_subject(RowKey(*key)): verdict for key, verdict in truth.groups.items()}
    return expected


def _told(world: World, subject: Subject, expected: str, given: str) -> str:
    truth, fields = world.truth, dict(subject.fields)
    recording = truth.recordings.get((fields.get("bucket", ""), fields.get("prefix", "")))
    row = (fields.get("pk", ""), fields.get("sk", ""))
    story = recording.story if recording else truth.stories.get(row, "")
    where = " ".join(fields.values())
    return f"world {world.seed}, {story}: {subject.type} {where}: expected {expected}, got {given}"


LAWS = (
    "a check writes nothing to the application's stores",
    "a first repair creates nothing that was not approved",
    "each wanted recording ends with exactly one program, which plays and is filed under its show",
    "no other recording gets a program",
    "what an owner deleted, and any store remembers, is not made again",
    "each program that can be mended is mended",
    "nothing is removed, and nothing is changed but what a repair may change",
    "in the end no search record is missing or stale",
    "a second repair writes nothing",
    "a created program that its owner deletes stays deleted, and its twins with it",
    "each note that is provably one recording's names its program in the end, and no other is changed",
    "a repair that is asked to sets the groups' counts right, and no other does",
)


@dataclass
class Life:
    """What became of a world under check, repair, approval, check, repair, and deletion of what was made."""

    world: World
    created: int = 0
    without_trace: int = 0
    broken: dict[str, list[str]] = field(default_factory=lambda: {law: [] for law in LAWS})

    def breaks(self, number: int, faults: Iterable[str]) -> None:
        """Note what breaks a law, counted from 1."""
        told = (f"world {self.world.seed}: {fault}" for fault in faults)
        self.broken[LAWS[number - 1]].extend(told)


def live(world: World) -> Life:
    """Let the job work on a world for its whole life, and note each law that it breaks."""
    life, cycle = Life(world), Cycle.of(world)
    first = cycle.contents()
    cycle.check()
    life.breaks(1, _differences(first, cycle.contents()))
    withheld = cycle.repair()
    # Three days hold so few that nothing but the rule for a first repair withholds them.
    recent = Cycle.of(world)
    recent.repair(lookback=timedelta(days=3))
    life.breaks(2, (str(key) for key in (*made_in(cycle), *made_in(recent))))
    _hold_counts(life, recent)
    if withheld.report.approvals:
        cycle.repair(approve=withheld.report.run.id)
    hold_creations(life, cycle)
    last = cycle.contents()
    cycle.check()
    life.breaks(1, _differences(last, cycle.contents()))
    _hold_mends(life, cycle, first)
    cycle.repair()
    life.breaks(9, _differences(last, cycle.contents()))
    _hold_notes(life, cycle, first)
    _hold_deletions(life, cycle)
    return life


def made_in(cycle: Cycle) -> dict[tuple[str, str], Item]:
    return {key: item for key, item in cycle.table.items.items() if "reconcileRunId" in item}


def text_of(item: Item, name: str) -> str:
    return str(item.get(name, {}).get("S", ""))


def _recording_of(item: Item, truths: Mapping[RecordingKey, RecordingTruth]) -> RecordingKey | None:
    bucket, key = text_of(item, "s3Bucket"), text_of(item, "s3Key")
    return next((one for one in truths if one.bucket == bucket and key.startswith(f"{one.prefix}/")), None)


def hold_creations(life: Life, cycle: Cycle) -> None:
    """Hold that each wanted recording has its one program, and that no other has any."""
    truths, found = truths_of(life.world), defaultdict[RecordingKey | None, list[Item]](list)
    for item in made_in(cycle).values():
        found[_recording_of(item, truths)].append(item)
    for key, truth in truths.items():
        items = found.pop(key, [])
        life.created += len(items)
        life.without_trace += bool(items) and truth.deleted_without_trace
        if truth.wanted:
            life.breaks(3, _faults_of_creation(truth, items, cycle))
        elif items:
            life.breaks(5 if truth.verdict == "retired" else 4, [f"{truth.story}: {key.prefix}"])
    life.breaks(4, (str(items) for items in found.values()))


def _faults_of_creation(truth: RecordingTruth, items: list[Item], cycle: Cycle) -> Iterator[str]:
    name = f"{truth.story}: {truth.prefix}"
    if len(items) != 1:
        yield f"{name} has {len(items)} programs"
        return
    item = items[0]
    if (text_of(item, "sourceShowId"), text_of(item, "ownerId")) != (truth.show_id, truth.owner):
        yield f"{name} is filed under {text_of(item, 'sourceShowId')} of {text_of(item, 'ownerId')}"
    if text_of(item, "pk") != f"u#{truth.owner}#programs":
        yield f"{name} lies in {text_of(item, 'pk')}"
    show = cycle.table.items[f"show#{truth.show_id}", "info"]
    if text_of(item, "groupId") != text_of(show, "groupId"):
        yield f"{name} is in the group {text_of(item, 'groupId')}"
    url = urlsplit(text_of(item, "program_url"))
    if url.hostname != cycle.world.playback_domain:
        yield f"{name} plays from {url.hostname}"
    if (truth.bucket, unquote(url.path).lstrip("/")) not in cycle.buckets.objects:
        yield f"{name} plays nothing: {url.path}"


def _hold_mends(life: Life, cycle: Cycle, first: Contents) -> None:
    judged, truths = cycle.judge(), truths_of(life.world)
    verdicts = judged.verdicts()
    for key, truth in truths.items():
        verdict = verdicts[recording_subject(key)]
        if truth.mended and verdict != "agrees":
            life.breaks(6, [f"{truth.story}: {key.prefix} is {verdict}"])
    life.breaks(7, touched(first, cycle, truths))
    left = (
        f"{one['objectID']}: {verdict}"
        for one, verdict in verdicts.items()
        if one.type == "record" and verdict in ("record-missing", "record-stale")
    )
    life.breaks(8, left)


MAY_CHANGE = {
    "programs": {"program_url", "groupId", "GSI1PK", "GSI1SK", "updatedAt"},
    "groups": {"programsCount", "updatedAt"},
    "recording": {"status", "s3Bucket", "s3Key", "playbackUrl", "programId", "size", "updatedAt"},
}


def touched(first: Contents, cycle: Cycle, truths: Mapping[RecordingKey, RecordingTruth]) -> Iterator[str]:
    """Tell of everything that a repair touched and must not touch."""
    now, made = cycle.contents(), made_in(cycle)
    if now.objects != first.objects:
        yield "the buckets have changed"
    yield from (f"row {key} has gone" for key in first.items.keys() - now.items.keys())
    yield from (f"row {key} is new" for key in now.items.keys() - first.items.keys() - made.keys())
    yield from (f"record {name} has gone" for name in first.records.keys() - now.records.keys())
    incomplete = {
        name for t in truths.values() if t.verdict == "program-incomplete" for name in t.program_ids
    }
    for key in first.items.keys() & now.items.keys():
        before, after = first.items[key], now.items[key]
        if before != after:
            changed = {name for name in {*before, *after} if before.get(name) != after.get(name)}
            kind = "recording" if key[1].startswith("recording#") else key[0].rpartition("#")[2]
            owned = kind == "programs" and text_of(before, "programId") not in incomplete
            if owned or not changed <= MAY_CHANGE.get(kind, set()):
                yield f"row {key} has other {sorted(changed)}"


def _hold_notes(life: Life, cycle: Cycle, first: Contents) -> None:
    """Hold that stale notes were completed, and others changed only where the job made the program."""
    made = {text_of(item, "programId") for item in made_in(cycle).values()}
    for key, truth in life.world.truth.rows.items():
        before, now = first.items[key], cycle.table.items[key]
        named = text_of(now, "programId")
        if truth.verdict == "recording-row-stale" and truth.program_id:
            if (text_of(now, "status"), named) != ("completed", truth.program_id) or "size" not in now:
                life.breaks(11, [f"{key} is {text_of(now, 'status')} and names {named or 'no program'}"])
        elif before != now and named not in made and truth.program_id != named:
            life.breaks(11, [f"{key} was changed and names {named or 'no program'}"])


def _hold_counts(life: Life, cycle: Cycle) -> None:
    """Hold that a first repair, which made no program, counted nothing, and that one asked to count does."""
    drifting, days = _drifting(life.world), timedelta(days=3)
    told = {key: cycle.table.items[key].get("programsCount") for key in drifting}
    life.breaks(12, (f"{key} was counted" for key in drifting if told[key] != drifting[key]))
    asked: dict[str, Any] = {"lookback": days, "only": ("count-drift",), "opt_in": ("count-drift",)}
    withheld = cycle.repair(**asked).report
    if withheld.approvals:
        cycle.repair(approve=withheld.run.id, **asked)
    listed = Counter((key[0], text_of(item, "GSI1PK")) for key, item in cycle.table.items.items())
    for (pk, sk), before in drifting.items():
        owner = pk.removeprefix("u#").removesuffix("#groups")
        number = listed[f"u#{owner}#programs", f"u#{owner}#g#{sk.removeprefix('g#')}"]
        now = cycle.table.items[pk, sk].get("programsCount")
        # What is no number was written by somebody who meant something: it is only told.
        wanted = before if before and "N" not in before else {"N": str(number)}
        if now != wanted:
            life.breaks(12, [f"{life.world.truth.stories[pk, sk]}: {pk} {sk} tells {now}, not {wanted}"])


def _drifting(world: World) -> dict[tuple[str, str], Item | None]:
    """Return the groups that miscount, with the count that each tells."""
    drifts = {key for key, verdict in world.truth.groups.items() if verdict == "count-drift"}
    rows = {(item["pk"]["S"], item["sk"]["S"]): item for item in world.items}
    return {key: rows[key].get("programsCount") for key in sorted(drifts)}


def _hold_deletions(life: Life, cycle: Cycle) -> None:
    """Delete every program that was made, and see that none comes back, nor one for a recording like it."""
    truths, made = truths_of(life.world), made_in(cycle)
    gone = [truths[key] for item in made.values() if (key := _recording_of(item, truths))]
    for program in made:
        cycle.delete_program(program)
    before = cycle.contents()
    after_deletion = cycle.repair()
    if after_deletion.report.approvals:
        cycle.repair(approve=after_deletion.report.run.id)
    life.breaks(10, _differences(before, cycle.contents()))
    verdicts = cycle.judge().verdicts()
    for truth in truths.values():
        verdict = verdicts[recording_subject(RecordingKey(truth.bucket, truth.prefix))]
        if verdict != "retired" and (truth in gone or _is_twin_of(truth, gone)):
            life.breaks(10, [f"{truth.story}: {truth.prefix} is {verdict}"])


def _is_twin_of(truth: RecordingTruth, others: Iterable[RecordingTruth]) -> bool:
    """Whether a recording is the twin of one of these: of one show, and most of its time at the same time."""
    if truth.verdict != "twin" or truth.start is None or truth.end is None:
        return False
    for other in others:
        if other.show_id == truth.show_id and other.start and other.end:
            shared = min(truth.end, other.end) - max(truth.start, other.start)
            if shared >= 0.95 * (truth.end - truth.start):
                return True
    return False


def _differences(before: Contents, after: Contents) -> Iterator[str]:
    """Name everything in which two moments of the stores differ."""
    pairs = ((before.objects, after.objects), (before.items, after.items), (before.records, after.records))
    for old, new in pairs:
        for key in sorted({*old, *new}, key=str):
            if old.get(key) != new.get(key):
                yield f"{key} has changed"
