"""The generator of labelled worlds: the same for the same seed, whole, and true to the facts."""

from __future__ import annotations

import ast
import json
import re
import sys
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import process_time
from typing import Any

import pytest

import reconcile.sandbox.world as world_package
from reconcile.sandbox.world import RecordingTruth, World, build
from reconcile.sandbox.world.actors import curator, owner
from reconcile.sandbox.world.builder import WorldBuilder
from reconcile.sandbox.world.script import SCENES
from reconcile.sandbox.world.search_record import canonical

NOW = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
BUCKETS = ("shelcaster-media-manager", "second-bucket")
PREFIXES = re.compile(
    r"^("
    r"[^/]+/[^/]+/[^/]+/composite"
    r"|ivs/v1/\d+/[^/]+/\d{4}/\d{1,2}/\d{1,2}/\d{1,2}/\d{1,2}/[^/]+"
    r"|ivs/\d+/[^/]+/\d{4}-[^/]+Z/[^/]+"
    r"|[^/]+/[^/]+/[^/]+/\d{4}-\d\d-\d\dT[\d-]+Z"
    r")/(events|media)/"
)
RECORDING_VERDICTS = {
    "unreadable", "other", "settling", "in-progress", "program-duplicated", "program-misfiled",
    "program-incomplete", "failed", "unfinished", "agrees", "retired", "unattributed", "ambiguous",
    "show-missing", "twin", "overlapping", "group-missing", "media-archived", "unplayable",
    "program-missing",
}  # fmt: skip
WITHOUT_MEDIA = {
    "exported_before_the_media", "exported_without_media", "exported_from_an_open_row",
    "processed_without_media", "exported_twice_recorded", "one_exported_beside_one_that_is_whole",
    "two_exported_of_one_channel",
}  # fmt: skip
RECORD_VERDICTS = {
    "unreadable", "agrees", "record-contested", "record-missing", "record-stale", "record-orphaned",
}  # fmt: skip
PROGRAM_VERDICTS = {
    "unreadable", "url-missing", "media-missing", "media-archived", "group-dangling", "index-blind",
    "settling", "agrees",
}  # fmt: skip
MEDIA_LOST = {"program_of_garbage", "manifest_of_a_program_gone"}
MEDIA_GONE = {
    "bucket_cleaned_up", "uploaded_file_gone", "file_gone_from_an_old_domain", "manifest_of_a_program_gone",
    "recording_gone_and_exported", "file_empty",
}  # fmt: skip


@pytest.fixture(scope="module")
def world() -> World:
    return build(1, now=NOW)


@pytest.fixture(scope="module", params=range(2, 6))
def any_world(request: pytest.FixtureRequest) -> World:
    return build(request.param, now=NOW, buckets=BUCKETS)


def plain(value: dict[str, Any]) -> Any:
    """A value of DynamoDB's JSON as Python has it; numbers as they are written."""
    ((kind, inner),) = value.items()
    if kind == "M":
        return {name: plain(element) for name, element in inner.items()}
    if kind == "L":
        return [plain(element) for element in inner]
    return None if kind == "NULL" else inner


def rows(world: World) -> list[dict[str, Any]]:
    return [{name: plain(value) for name, value in item.items()} for item in world.items]


def programs(world: World) -> dict[str, dict[str, Any]]:
    """The rows of users' partitions, by the end of their sort key."""
    found = (row for row in rows(world) if re.fullmatch(r"u#.*#programs", row["pk"]))
    return {row["sk"].partition("#")[2]: row for row in found}


def body(world: World, truth: RecordingTruth, name: str) -> bytes | None:
    key = f"{truth.prefix}/{name}"
    return next((o.body for o in world.objects if (o.bucket, o.key) == (truth.bucket, key)), None)


def test_the_same_seed_makes_the_same_bytes(world: World) -> None:
    """Same seed, same bytes; another seed, another world."""
    assert repr(build(1, now=NOW)) == repr(world)
    assert build(2, now=NOW).objects != world.objects


def test_every_scene_and_verdict_occurs(world: World, any_world: World) -> None:
    """At 340 recordings every scene that makes recordings is played, and every verdict is true of some."""
    for a_world in (world, any_world):
        truths = a_world.truth.recordings.values()
        assert {truth.verdict for truth in truths} == RECORDING_VERDICTS
        assert set(a_world.truth.records.values()) == RECORD_VERDICTS
        assert set(a_world.truth.sessions.values()) == {"agrees", "recording-missing"}
        noted = {row.verdict for row in a_world.truth.rows.values()}
        assert noted == {"settling", "recording-row-stale", "agrees"}
        assert {program.verdict for program in a_world.truth.programs.values()} == PROGRAM_VERDICTS
        assert set(a_world.truth.groups.values()) == {"settling", "count-drift", "agrees"}
        assert {truth.story for truth in truths} == recording_stories()
        assert 340 <= len(a_world.truth.recordings) <= 410


def recording_stories() -> set[str]:
    """The names of the scenes that make recordings, each played on an empty stage."""
    names = set()
    for scene in SCENES:
        builder = WorldBuilder(7, NOW, BUCKETS)
        scene.play(builder, NOW - timedelta(days=5))
        if builder.notes.recordings:
            names.add(scene.name)
    return names


def test_healthy_recordings_are_the_bulk(world: World) -> None:
    """No verdict is as frequent as `agrees`, and nearly all records agree."""
    counted = Counter(truth.verdict for truth in world.truth.recordings.values())
    assert counted.most_common(1)[0][0] == "agrees"
    assert Counter(world.truth.records.values())["agrees"] > 0.8 * len(world.truth.records)


def test_the_population_of_recordings_is_what_lies_in_the_buckets(any_world: World) -> None:
    """Every prefix in the shape of a recording has its truth, and every truth its prefix."""
    found = {(o.bucket, hit[1]) for o in any_world.objects if (hit := PREFIXES.match(o.key))}
    assert found == set(any_world.truth.recordings)
    assert all((t.bucket, t.prefix) == key for key, t in any_world.truth.recordings.items())


def test_the_populations_of_records_and_sessions(any_world: World) -> None:
    """Records: every objectID that a row calls for or that exists; sessions: every row of one."""
    called = set()
    for row in rows(any_world):
        if "#programs" in row["pk"] and row.get("programId"):
            kind, name, _ = row["pk"].split("#")
            called.add(f"n_{name}_{row['programId']}" if kind == "n" else row["programId"])
    existing = {record["objectID"] for record in any_world.records}
    assert called | existing == set(any_world.truth.records)
    assert called - existing == {i for i, v in any_world.truth.records.items() if v == "record-missing"}
    assert existing - called == {i for i, v in any_world.truth.records.items() if v == "record-orphaned"}
    sessions = {row["sessionId"] for row in rows(any_world) if row["pk"].startswith("session#")}
    assert sessions == set(any_world.truth.sessions)


def test_the_populations_of_rows_programs_and_groups(any_world: World) -> None:
    """Every row of a recording, of a user's programs and of a group, phantoms included, has its truth."""
    keys = {(row["pk"], row["sk"]) for row in rows(any_world)}
    truth = any_world.truth
    assert set(truth.rows) == {key for key in keys if key[1].startswith("recording#")}
    assert set(truth.programs) == {key for key in keys if re.fullmatch(r"u#.*#programs", key[0])}
    assert set(truth.groups) == {key for key in keys if re.fullmatch(r"u#.*#groups", key[0])}
    assert set(truth.stories) == keys


def test_uploads_lie_in_a_bucket_of_their_own(any_world: World) -> None:
    """What clients upload is in the bucket of the default media routes, and no recording is in it."""
    assert any_world.media_buckets == ("shelcaster-v2",)
    uploads = [o.key for o in any_world.objects if o.bucket == "shelcaster-v2"]
    assert len(uploads) > 20
    assert all(key.startswith("public/users/") for key in uploads)


def test_media_is_there_unless_a_scene_takes_it(any_world: World) -> None:
    """Every object to which a program's address leads exists, but in the scenes that are about its loss."""
    truth = any_world.truth
    gone = {truth.stories[key] for key, one in truth.programs.items() if one.verdict == "media-missing"}
    assert gone == MEDIA_GONE


def test_keys_are_unique(any_world: World) -> None:
    """No two objects, items or records share their key, and no key is too long for S3."""
    for keys in (
        [(o.bucket, o.key) for o in any_world.objects],
        [(item["pk"]["S"], item["sk"]["S"]) for item in any_world.items],
        [record["objectID"] for record in any_world.records],
    ):
        assert len(keys) == len(set(keys))
    assert max(len(o.key.encode()) for o in any_world.objects) == 1024


def test_records_and_items_are_json(any_world: World) -> None:
    """What is sent to the stores can be written as JSON, without NaN."""
    assert json.dumps([*any_world.items, *any_world.records], allow_nan=False)


def test_truth_of_programs_holds_in_the_table(any_world: World) -> None:
    """A recording's programs are in users' partitions, and no other program leads to it."""
    rows_by_id = programs(any_world)
    texts = {i: f"{row.get('s3Key')} {row.get('program_url')}" for i, row in rows_by_id.items()}
    for truth in any_world.truth.recordings.values():
        assert truth.has_program == bool(truth.program_ids)
        assert set(truth.program_ids) <= set(rows_by_id)
        leading = {i for i, text in texts.items() if f"{truth.prefix}/" in text.replace("%2F", "/")}
        assert leading <= set(truth.program_ids), truth.story
        if leading != set(truth.program_ids):
            assert truth.story in WITHOUT_MEDIA


def test_wanted_and_mended_follow_from_the_verdict(any_world: World) -> None:
    """What is missing is wanted and knows its show; only the incomplete can be mended, not all of it."""
    truths = any_world.truth.recordings.values()
    for truth in truths:
        assert truth.wanted == (truth.verdict == "program-missing")
        assert not truth.wanted or (truth.show_id and truth.owner and not truth.has_program)
        assert not truth.mended or truth.verdict == "program-incomplete"
        assert not truth.deleted_without_trace or truth.wanted
        assert truth.verdict != "unattributed" or truth.show_id is None
    incomplete = Counter(truth.mended for truth in truths if truth.verdict == "program-incomplete")
    assert incomplete[True] > incomplete[False] > 0


def test_a_window_hides_old_recordings_without_a_program(world: World) -> None:
    """Under a window, what has no program and ended before it is outside; guests and programs are judged."""
    start = NOW - timedelta(days=3)
    for truth in world.truth.recordings.values():
        assert truth.under(None) == truth.verdict
        old = truth.last_event is None or truth.last_event < start
        if truth.verdict == "other" or not old:
            assert truth.under(start) == truth.verdict
        elif not truth.has_program:
            assert truth.under(start) == "outside-window"
        elif truth.last_event is None:
            assert truth.under(start) == "agrees"
        else:
            assert truth.under(start) == truth.verdict


def test_about_a_third_lies_in_the_last_three_days(any_world: World) -> None:
    """The default window has work, and nothing lies near its edge or more than 60 days back."""
    ages = [NOW - t.last_event for t in any_world.truth.recordings.values() if t.last_event]
    recent = sum(age < timedelta(days=3) for age in ages)
    assert 0.2 < recent / len(ages) < 0.5
    assert not [age for age in ages if abs(age - timedelta(days=3)) < timedelta(minutes=45)]
    assert max(ages) < timedelta(days=60)


def test_only_what_goes_on_right_now_is_young(any_world: World) -> None:
    """All recordings ended an hour ago or more but those on air and just ended; nothing is in the future."""
    assert max(o.modified for o in any_world.objects) <= NOW
    for truth in any_world.truth.recordings.values():
        if "on_air" in truth.story or "a_moment_ago" in truth.story:
            continue
        assert truth.last_event is None or truth.last_event <= NOW - timedelta(hours=1)
        if truth.end and truth.last_event and truth.story != "failed_to_start":
            assert timedelta(0) < truth.last_event - truth.end < timedelta(seconds=10)
    settling = [t for t in any_world.truth.recordings.values() if t.story == "ended_a_moment_ago"]
    assert settling
    assert all(t.last_event and NOW - t.last_event < timedelta(minutes=3) for t in settling)


def test_rows_were_left_alone_for_an_hour(any_world: World) -> None:
    """No row was touched within the last hour but sessions that are on and what is under way."""
    young = NOW - timedelta(hours=1)
    for row in rows(any_world):
        if updated := row.get("updatedAt"):
            at = datetime.fromisoformat(updated)
            story = any_world.truth.stories[row["pk"], row["sk"]]
            left_alone = (at if at.tzinfo else at.replace(tzinfo=UTC)) <= young
            assert left_alone or row.get("status") == "ACTIVE" or story.endswith(("ago", "under_way"))


def test_whole_recordings_play(any_world: World) -> None:
    """The manifest that the end event names leads to a closed playlist and its segments."""
    for truth in any_world.truth.recordings.values():
        if truth.verdict not in ("agrees", "program-missing") or truth.story in MEDIA_LOST:
            continue
        event = body(any_world, truth, "events/recording-ended.json") or body(
            any_world, truth, "events/recording-failed.json"
        )
        assert event, truth.story
        told = json.loads(event)
        hls = told["media"]["hls"]
        assert told["version"] == "v1"
        assert truth.start
        assert told["recording_started_at"] == f"{truth.start:%Y-%m-%dT%H:%M:%SZ}"
        assert hls["duration_ms"] > 0
        manifest = body(any_world, truth, f"{hls['path']}/{hls['playlist']}")
        rendition = hls["renditions"][0]
        assert manifest
        assert f"{rendition['path']}/{rendition['playlist']}" in manifest.decode().splitlines()
        playlist = body(any_world, truth, f"{hls['path']}/{rendition['path']}/{rendition['playlist']}")
        assert playlist
        lines = playlist.decode().splitlines()
        assert (lines[0], lines[-1]) == ("#EXTM3U", "#EXT-X-ENDLIST")
        segments = [line for line in lines if not line.startswith("#")]
        assert segments
        assert all(body(any_world, truth, f"{hls['path']}/{rendition['path']}/{name}") for name in segments)


def test_events_name_a_stage_or_a_channel(world: World) -> None:
    """A composite's events name its stage only, a channel's its channel only, a participant's his session."""
    kinds: Counter[str] = Counter()
    for o in world.objects:
        if o.key.endswith("/events/recording-started.json"):
            told = json.loads(o.body)
            kind = "composite" if "/composite/" in o.key else "ivs" if o.key.startswith("ivs/") else "guest"
            kinds[kind] += 1
            assert ("stage_arn" in told) == (kind != "ivs")
            assert ("channel_arn" in told) == (kind == "ivs")
            assert ("participant_id" in told) == (kind == "guest")
            assert told["recording_status"] == "RECORDING_STARTED"
    assert set(kinds) == {"composite", "ivs", "guest"}


def test_noise_lies_beside_the_recordings(any_world: World) -> None:
    """Each bucket has MediaLive's folders, images, uploads and keys with odd letters."""
    for bucket in BUCKETS:
        keys = [o.key for o in any_world.objects if o.bucket == bucket]
        for start in (
            "sessions/",
            "recordings/",
            "shows/",
            "tracklists/",
            "users/",
            "public/",
            "test-recordings/",
        ):
            assert [key for key in keys if key.startswith(start)], start
        assert "recording-started-latest.json" in keys
        assert [key for key in keys if " " in key and "+" in key and "%" in key and not key.isascii()]


def test_several_buckets_share_the_recordings(any_world: World) -> None:
    """Some recordings are in the second bucket, and their programs say so; an export never does."""
    elsewhere = [t for t in any_world.truth.recordings.values() if t.bucket == BUCKETS[1]]
    assert 3 < len(elsewhere) < 100
    stored = programs(any_world)
    for truth in elsewhere:
        rows_ = (stored[i] for i in truth.program_ids)
        told = [row["s3Bucket"] for row in rows_ if row.get("sourceType") != "recording-export"]
        assert set(told) <= {BUCKETS[1]}


def test_what_the_sync_wrote_is_canonical(any_world: World) -> None:
    """A record that agrees has the fields of its row; one that the processor wrote has no userId."""
    by_id = {record["objectID"]: record for record in any_world.records}
    for program_id, row in programs(any_world).items():
        if any_world.truth.records.get(program_id) == "agrees":
            assert by_id[program_id]["userId"] == row["pk"].split("#")[1]
            assert by_id[program_id]["title"] in (row.get("title"), "Untitled Program", 2026)
            assert by_id[program_id].get("program_url") == row.get("program_url")
    assert [record for record in any_world.records if "userId" not in record and "ownerId" in record]


def test_canonical_defaults() -> None:
    """What a row leaves out or empty has a default; what is undefined is left out; no date is 1900."""
    assert canonical({"pk": "u#me#programs", "sk": "p#1", "programId": "1", "title": "", "price": None}) == {
        "objectID": "1", "programId": "1", "title": "Untitled Program", "description": "", "price": None,
        "broadcast_type": "Video mp4", "premium": False, "tags": [], "groupId": "General",
        "groupName": "General", "imageFiles": [], "mediaFiles": [], "created_timestamp": -2208988800000,
        "userId": "me",
    }  # fmt: skip


def test_canonical_dates() -> None:
    """The first date that is not empty counts, to the millisecond and as UTC; an invalid one is null."""
    row = {"pk": "u#me#programs", "sk": "p#1", "programId": "1"}
    dated = canonical(
        {**row, "created_date": "", "dateCreated": "2026-02-13T01:07:53.504Z", "createdAt": "x"}
    )
    assert (dated["created_date"], dated["created_timestamp"]) == ("2026-02-13T01:07:53.504Z", 1770944873504)
    assert canonical({**row, "createdAt": "2026-02-13T01:07:53.504999"})["created_timestamp"] == 1770944873504
    invalid = canonical({**row, "createdAt": "some day"})
    assert (invalid["created_date"], invalid["created_timestamp"]) == ("some day", None)


def test_canonical_lists() -> None:
    """In lists numbers become strings; maps, nulls, empty strings null; string sets stay as they came."""
    row = {
        "pk": "n#net#programs",
        "sk": "p#1",
        "programId": "1",
        "ownerId": "",
        "imageFiles": frozenset("ab"),
    }
    record = canonical({**row, "tags": ["a", 7, 2.5, True, None, "", {"b": "c"}, ["d"]]})
    assert record["tags"] == ["a", "7", "2.5", True, None, None, None, None]
    assert record["imageFiles"] == {"SS": ["a", "b"]}
    assert (record["objectID"], record["networkId"], record["userId"]) == ("n_net_1", "net", None)


def test_the_notes_on_records_follow_the_acts() -> None:
    """A record agrees once synced, is stale after an unseen edit, contested while two rows call for it."""
    builder = WorldBuilder(1, NOW, BUCKETS)
    upload = owner.upload(builder, NOW)
    program_id = builder.rows[upload]["programId"]

    def verdict() -> str:
        return builder.truth().records[program_id]

    assert verdict() == "agrees"
    owner.rename(builder, upload, "New", NOW, synced=False)
    assert verdict() == "record-stale"
    owner.rename(builder, upload, "Newer", NOW)
    copy = curator.add_to_network(builder, upload, "net", NOW, synced=False)
    assert (verdict(), builder.truth().records[f"n_net_{program_id}"]) == ("agrees", "record-missing")
    other = builder.put("u#other#programs", f"p#{program_id}", programId=program_id)
    assert verdict() == "record-contested"
    for key in (other, upload, copy):
        builder.delete(key)
    assert verdict() == "record-orphaned"


def test_worlds_of_other_sizes() -> None:
    """A small world has as many recordings as asked, a large one plays every scene thrice."""
    assert 20 <= len(build(3, now=NOW, recordings=20).truth.recordings) <= 32
    large = build(3, now=NOW, recordings=1020)
    assert 1020 <= len(large.truth.recordings) <= 1230
    stories = Counter(truth.story for truth in large.truth.recordings.values())
    assert min(stories.values()) >= 3


def test_a_world_is_small_and_quick() -> None:
    """340 recordings take under a second and 8,000 objects."""
    began = process_time()
    world = build(9, now=NOW)
    assert process_time() - began < 1
    assert 1000 < len(world.objects) < 8000


def test_a_naive_time_or_no_bucket_is_refused() -> None:
    """A world needs an aware time and a bucket."""
    with pytest.raises(ValueError, match="aware"):
        build(1, now=datetime(2026, 3, 4))  # noqa: DTZ001
    with pytest.raises(ValueError, match="bucket"):
        build(1, now=NOW, buckets=())


def test_the_generator_knows_nothing_of_the_job() -> None:
    """Its modules import the standard library and each other, nothing else of the project or from outside."""
    root = Path(world_package.__file__).parent
    for path in root.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            modules = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom):
                assert node.level == 0
                modules = [node.module or ""]
            for module in modules:
                own = module.startswith("reconcile.sandbox.world")
                assert own or module.partition(".")[0] in sys.stdlib_module_names, f"{path.name}: {module}"
        assert len(path.read_text().splitlines()) < 300
