"""A program by itself: is its media there, does it play, is its group real, does an index list it?"""

import shlex
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from reconcile.collect.media import media_of
from reconcile.compare.verdicts import compare
from reconcile.engines.pandas import PANDAS
from reconcile.model.catalog import RowKey
from reconcile.model.finding import Judgement, program_subject, recording_subject
from reconcile.model.media import ObjectAddress
from reconcile.model.recording import RecordingKey
from reconcile.model.run import Receipt
from reconcile.model.sighting import GONE, NO_BUCKET, THERE, Reply, Sighting, archived, empty
from reconcile.model.snapshot import Snapshot
from tests.unit.builders import (
    BEFORE,
    BUCKET,
    COMPOSITE,
    HOUR,
    MEDIA,
    MINUTE,
    NOW,
    OWNER,
    WHOLE,
    composition,
    events,
    group_item,
    iso,
    item,
    judge,
    medialess_item,
    program_item,
    recording,
    rules,
    session_item,
    show_item,
    snapshot,
    verdict,
)

SHOWN = [show_item(), group_item(), session_item(ivs={"compositionArn": composition("comp1")})]
KEY = f"{COMPOSITE}/media/hls/multivariant.m3u8"
URL = f"https://play.test/{KEY}"
UPLOAD = "https://play.test/users/u1/a film.mp4"
UPLOADED = ObjectAddress("uploads-here", "public/users/u1/a film.mp4")
LATER = "two/comp1/dest1/composite"
SUBJECT = program_subject(RowKey(f"u#{OWNER}#programs", "p#program1"), "program1")


def judged(*rows: Any, seen: Snapshot | None = None, **others: Any) -> Judgement:
    """Judge the one program among these rows."""
    known = seen or snapshot({}, [group_item(), *rows], **others)
    (found,) = (j for s, j in judge(known).judged.items() if s.type == "program")
    return found


def upload(**attributes: Any) -> dict[str, Any]:
    """Return the row of an upload, which belongs to no recording."""
    return program_item(**({"program_url": UPLOAD, "sourceShowId": None, "sourceType": None} | attributes))


def looked(*sightings: tuple[ObjectAddress, Sighting]) -> dict[str, Any]:
    return {"media": dict(sightings)}


def test_a_program_whose_media_group_and_keys_are_there_agrees() -> None:
    found = judged(upload())
    assert (found.verdict, found.also) == ("agrees", ())


def test_media_that_is_nowhere_is_missing_and_the_evidence_names_where_it_was_looked_for() -> None:
    found = judged(upload(), **looked((UPLOADED, GONE)))
    assert (found.verdict, found.evidence["program_url"]) == ("media-missing", UPLOAD)
    assert found.evidence["looked_for"] == ["s3://uploads-here/public/users/u1/a film.mp4"]
    assert found.evidence["title"] == "A Show - Recording"


@pytest.mark.parametrize(
    "url", ["https://play.test/users/u1/a%20film.mp4", "https://play.test/users/u1/a+film.mp4"]
)
def test_media_is_there_if_any_reading_of_its_url_is(url: str) -> None:
    plain = ObjectAddress("uploads-here", "public/" + url.partition("test/")[2])
    assert judged(upload(program_url=url), **looked((plain, GONE), (UPLOADED, THERE))).verdict == "agrees"
    assert (
        judged(upload(program_url=url), **looked((plain, GONE), (UPLOADED, GONE))).verdict == "media-missing"
    )


def test_media_is_there_if_the_url_or_the_key_leads_to_it() -> None:
    elsewhere = ObjectAddress("another-bucket", "films/one.mp4")
    row = upload(s3Bucket="another-bucket", s3Key="films/one.mp4")
    assert judged(row, **looked((UPLOADED, GONE), (elsewhere, THERE))).verdict == "agrees"
    assert judged(row, **looked((UPLOADED, THERE), (elsewhere, GONE))).verdict == "agrees"
    assert judged(row, **looked((UPLOADED, GONE), (elsewhere, GONE))).verdict == "media-missing"


def test_a_key_without_a_bucket_is_looked_for_in_every_bucket_that_is_known() -> None:
    row = upload(program_url=None, s3Key="films/one.mp4")
    places = [(BUCKET, "films/one.mp4"), ("uploads-here", "films/one.mp4")]
    assert judged(row, media=dict.fromkeys(places, GONE)).verdict == "media-missing"
    assert judged(row, media={places[0]: GONE, places[1]: THERE}).verdict == "agrees"


def test_a_url_that_the_routes_lead_astray_means_the_bucket_that_holds_its_recording() -> None:
    """Routes that nobody set know one bucket; the job itself writes such URLs for the others."""
    seen = snapshot({COMPOSITE: events()}, [*SHOWN, program_item()])
    (one,) = seen.recordings.values()
    other = {RecordingKey("second-bucket", COMPOSITE): replace(one, bucket="second-bucket")}
    moved = replace(
        seen,
        recordings=other,
        events={},
        media={ObjectAddress(BUCKET, KEY): GONE, ObjectAddress("second-bucket", KEY): THERE},
    )
    assert judged(seen=moved).verdict == "agrees"
    assert judged(seen=replace(moved, media=dict.fromkeys(moved.media, GONE))).verdict == "media-missing"


def test_media_on_a_foreign_host_is_nobody_s_business_here() -> None:
    assert judged(upload(program_url="https://elsewhere.test/film.mp4")).verdict == "agrees"
    both = upload(program_url="https://elsewhere.test/film.mp4", s3Bucket=BUCKET, s3Key="gone.mp4")
    assert judged(both, **looked((ObjectAddress(BUCKET, "gone.mp4"), GONE))).verdict == "agrees"


NOTHING = (None, "", "  ", "undefined", "[object Object]")


@pytest.mark.parametrize("url", [*NOTHING, "absent"])
@pytest.mark.parametrize(
    ("source", "severity"),
    [("recording-export", "high"), ("ivs-recording", "high"), ("upload", "low"), (None, "low")],
)
def test_a_program_that_points_at_nothing_lacks_its_url(
    url: str | None, source: str | None, severity: str
) -> None:
    """The severity is high where its source says that it was made from a recording."""
    row = upload(program_url=url, sourceType=source, mediaFiles=[])
    if url == "absent":
        del row["program_url"]
    seen = snapshot({}, [group_item(), row])
    for narrow in (True, False):
        found = compare(seen, rules(), PANDAS if narrow else None).judged[SUBJECT]
        assert (found.verdict, found.severity) == ("url-missing", severity)
        assert found.remedy.commands == ("reconcile explain -- program1",)


@pytest.mark.parametrize(
    ("name", "value", "verdict"),
    [
        ("mediaFiles", ["users/u1/film.mp4"], "agrees"),
        ("mediaFiles", {"users/u1/film.mp4"}, "agrees"),
        ("mediaFiles", [{"key": "users/u1/film.mp4"}], "agrees"),
        ("fileUrl", "https://elsewhere.test/film.mp3", "agrees"),
        ("mediaFiles", [""], "url-missing"),
        ("mediaFiles", [None, {}, [], " "], "url-missing"),
        ("mediaFiles", {"key": ""}, "url-missing"),
        ("mediaFiles", False, "url-missing"),
        ("fileUrl", 0, "url-missing"),
        ("s3Key", "", "url-missing"),
        ("s3Key", None, "url-missing"),
        ("s3Key", ["films/one.mp4"], "unreadable"),
        ("s3Key", 5, "unreadable"),
    ],
)
def test_only_fields_that_name_media_stand_in_for_a_url(name: str, value: Any, verdict: str) -> None:
    assert judged(upload(program_url="", **{name: value})).verdict == verdict


def test_a_program_without_url_beside_recordings_that_all_have_theirs_is_a_finding() -> None:
    """The export took a recording row that never got its address, and its recording has another program."""
    rows = [*SHOWN, program_item("program2"), medialess_item()]
    assert judge(snapshot({COMPOSITE: events()}, rows)).judged[SUBJECT].verdict == "url-missing"


def test_a_program_without_url_of_a_show_that_has_no_recording_is_a_finding() -> None:
    assert judged(*SHOWN[:1], medialess_item()).verdict == "url-missing"


def test_a_program_whose_recording_is_the_finding_is_not_told_twice() -> None:
    one = snapshot({COMPOSITE: events()}, [*SHOWN, medialess_item()])
    assert verdict(one) == "program-incomplete"
    assert judged(seen=one).verdict == "agrees"
    two = snapshot({COMPOSITE: events(), LATER: events(BEFORE + 3 * HOUR)}, [*SHOWN, medialess_item()])
    assert {verdict(two), verdict(two, LATER)} == {"ambiguous"}
    assert judged(seen=two).verdict == "agrees"


def test_a_program_without_url_is_a_finding_where_the_window_leaves_its_candidates_out() -> None:
    """Nobody else would tell of it."""
    two = snapshot({COMPOSITE: events(), LATER: events(BEFORE + 3 * HOUR)}, [*SHOWN, medialess_item()])
    found = judge(two, window_start=NOW).judged
    assert found[recording_subject(RecordingKey(BUCKET, COMPOSITE))].verdict == "outside-window"
    assert found[SUBJECT].verdict == "url-missing"


def test_a_program_without_url_waits_for_a_recording_of_its_show_that_is_not_done() -> None:
    running = recording(ended_seen=None)
    seen = snapshot([running], [*SHOWN, medialess_item()], told={running.key: events(ended_at=None)})
    assert verdict(seen) == "in-progress"
    assert judged(seen=seen).verdict == "settling"


def test_a_program_without_url_that_changed_moments_ago_waits() -> None:
    assert judged(upload(program_url=None, updatedAt=iso(NOW - MINUTE))).verdict == "settling"


def test_no_url_is_called_missing_while_a_listing_or_an_events_file_was_not_read() -> None:
    seen = snapshot({}, [group_item(), upload(program_url=None)])
    assert judged(seen=replace(seen, receipts=doubting("s3"))).verdict == "unknown"
    assert judged(seen=replace(seen, receipts=doubting("algolia"))).verdict == "url-missing"
    failures = {recording_subject(RecordingKey(BUCKET, COMPOSITE)): "it broke off"}
    unread = snapshot([recording()], [*SHOWN, medialess_item(sourceShowId="show2")], failures=failures)
    assert judged(seen=unread).verdict == "unknown"
    nobodys = upload(program_url=None)
    assert judged(seen=snapshot([recording()], [*SHOWN, nobodys], failures=failures)).verdict == "url-missing"


def test_media_in_an_archive_is_archived_and_the_command_restores_it() -> None:
    found = judged(upload(), **looked((UPLOADED, archived(UPLOADED.key, "DEEP_ARCHIVE"))))
    assert found.verdict == "media-archived"
    assert found.evidence["why"] == "public/users/u1/a film.mp4 lies in DEEP_ARCHIVE"
    (command,) = found.remedy.commands
    assert shlex.split(command)[:7] == [
        *("aws", "s3api", "restore-object", "--bucket", "uploads-here", "--key", UPLOADED.key)
    ]


def test_a_recordings_segments_in_an_archive_are_restored_together() -> None:
    segment = f"{COMPOSITE}/media/hls/720p/0.ts"
    sighting = archived(segment, "GLACIER")
    seen = snapshot(
        {COMPOSITE: events()}, [*SHOWN, program_item()], **looked((ObjectAddress(BUCKET, KEY), sighting))
    )
    found = judged(seen=seen)
    assert (found.verdict, verdict(seen)) == ("media-archived", "agrees")
    assert f"--prefix {COMPOSITE}/media/ " in found.remedy.commands[0]


def test_media_that_is_there_at_another_place_is_not_archived() -> None:
    elsewhere = ObjectAddress("another-bucket", "films/one.mp4")
    row = upload(s3Bucket="another-bucket", s3Key="films/one.mp4")
    stored = archived(UPLOADED.key, "GLACIER")
    assert judged(row, **looked((UPLOADED, stored), (elsewhere, THERE))).verdict == "agrees"
    assert judged(row, **looked((UPLOADED, stored), (elsewhere, GONE))).verdict == "media-archived"


def test_an_empty_file_is_no_media() -> None:
    found = judged(upload(), **looked((UPLOADED, empty(UPLOADED.key))))
    assert (found.verdict, found.evidence["why"]) == ("media-missing", "public/users/u1/a film.mp4 is empty")


def test_a_recording_that_holds_no_media_is_the_recording_s_finding() -> None:
    seen = snapshot(
        {COMPOSITE: events()}, [*SHOWN, program_item()], **looked((ObjectAddress(BUCKET, KEY), GONE))
    )
    assert judged(seen=seen).verdict == "media-missing"
    bare = {key: replace(one, has_media=False) for key, one in seen.recordings.items()}
    assert judged(seen=replace(seen, recordings=bare)).verdict == "agrees"


def test_what_could_not_be_looked_for_is_unknown_and_says_why() -> None:
    denied = Sighting("denied", "looking there is denied: grant it")
    found = judged(upload(), **looked((UPLOADED, denied)))
    assert (found.verdict, found.evidence["why"]) == ("unknown", "looking there is denied: grant it")
    assert judged(upload(), **looked((UPLOADED, Sighting("failed", "it broke off")))).verdict == "unknown"
    unlooked = replace(snapshot({}, [group_item(), upload()]), media={})
    assert judged(seen=unlooked).verdict == "unknown"


@pytest.mark.parametrize(
    ("guessed", "bucket", "verdict"),
    [
        (False, "uploads-here", "media-missing"),
        (True, "uploads-here", "agrees"),
        (True, "named-by-the-row", "media-missing"),
        (True, BUCKET, "media-missing"),
    ],
)
def test_a_bucket_that_does_not_exist_says_nothing_where_only_guessed_routes_lead_to_it(
    guessed: bool, bucket: str, verdict: str
) -> None:
    row = upload(program_url=None, s3Bucket=bucket, s3Key="films/one.mp4")
    seen = snapshot({}, [group_item(), row], **looked((ObjectAddress(bucket, "films/one.mp4"), NO_BUCKET)))
    by = replace(rules(), media=replace(MEDIA, guessed=guessed))
    assert compare(seen, by, None).judged[SUBJECT].verdict == verdict


def test_a_manifest_is_looked_for_though_the_rest_of_its_recordings_media_was_listed() -> None:
    """The listing folds the media into one line, so it does not tell which of its files are there."""
    seen = snapshot({COMPOSITE: events()}, [group_item(), *SHOWN, program_item()])
    (program,) = seen.catalog.programs.values()
    assert (BUCKET, f"{COMPOSITE}/media/hls/multivariant.m3u8") in media_of([program], seen, rules())


def test_a_url_that_no_route_leads_on_is_unknown() -> None:
    by = replace(rules(), media=replace(MEDIA, routes=MEDIA.routes[:2]))
    seen = snapshot({}, [group_item(), upload()])
    found = compare(seen, by, None).judged[SUBJECT]
    assert (found.verdict, "RECONCILE_MEDIA_ROUTES" in found.evidence["why"]) == ("unknown", True)


REPLIES = [
    (Reply("plays"), "agrees"),
    (Reply("refused", "it answers 404"), "unreachable"),
    (Reply("none", "play.test answers 503, 3 times"), "unknown"),
]


@pytest.mark.parametrize(("reply", "verdict"), REPLIES)
def test_a_url_that_was_asked_and_refused_is_unreachable(reply: Reply, verdict: str) -> None:
    seen = snapshot({}, [group_item(), upload()], replies={UPLOAD: reply})
    for narrow in (True, False):
        found = compare(seen, rules(), PANDAS if narrow else None)
        assert found.counts()["program"][verdict] == 1
        if verdict != "agrees":
            assert reply.why in found.judged[SUBJECT].evidence.values()


def test_missing_media_is_certain_whatever_the_url_answers() -> None:
    silent = {UPLOAD: Reply("none", "no answer")}
    assert judged(upload(), **looked((UPLOADED, GONE)), replies=silent).verdict == "media-missing"
    refused = judged(
        upload(), **looked((UPLOADED, GONE)), replies={UPLOAD: Reply("refused", "it answers 403")}
    )
    assert (refused.verdict, refused.also) == ("media-missing", ("unreachable",))


@pytest.mark.parametrize(
    ("groups", "verdict"),
    [
        ([group_item()], "agrees"),
        ([], "group-dangling"),
        ([group_item("another")], "group-dangling"),
        ([group_item() | {"groupId": {"NULL": True}}], "group-dangling"),
    ],
)
def test_a_program_of_a_group_that_its_owner_does_not_have_dangles(groups: list[Any], verdict: str) -> None:
    found = judged(seen=snapshot({}, [*groups, upload()]))
    assert found.verdict == verdict
    assert found.evidence.get("groupId") == ("group1" if groups != [group_item()] else None)


@pytest.mark.parametrize("group", [None, "", "Recordings"])
def test_a_program_without_a_group_dangles_from_none(group: str | None) -> None:
    keys = {"GSI1PK": f"u#{OWNER}#g#{group}" if group else "u#x#g#y", "GSI1SK": "p#program1"}
    assert judged(upload(groupId=group, **keys)).verdict == "agrees"


@pytest.mark.parametrize(
    ("attributes", "name", "now", "wanted"),
    [
        ({"entityType": "Program"}, "entityType", "Program", "program"),
        ({"entityType": None}, "entityType", None, "program"),
        ({"GSI1PK": None}, "GSI1PK", None, f"u#{OWNER}#g#group1"),
        ({"GSI1PK": 5}, "GSI1PK", None, f"u#{OWNER}#g#group1"),
        ({"GSI1PK": f"u#{OWNER}#g#another"}, "GSI1PK", f"u#{OWNER}#g#another", f"u#{OWNER}#g#group1"),
        ({"GSI1PK": "u#somebody#g#group1"}, "GSI1PK", "u#somebody#g#group1", f"u#{OWNER}#g#group1"),
        ({"GSI1SK": ""}, "GSI1SK", None, "p#program1"),
    ],
)
def test_a_program_without_the_index_keys_of_its_group_is_listed_nowhere(
    attributes: dict[str, Any], name: str, now: Any, wanted: str
) -> None:
    found = judged(upload(**attributes))
    assert found.verdict == "index-blind"
    assert found.evidence["index_keys"] == {name: {"is": now, "should_be": wanted}}


NO_KEYS: dict[str, Any] = {"entityType": None, "GSI1PK": None, "GSI1SK": None, "groupId": "Recordings"}


def test_the_keys_of_a_recording_s_program_without_a_group_come_with_its_group() -> None:
    """Completing the program sets them; an upload, or a row of the old shape, gets none by that."""
    told = snapshot({COMPOSITE: events()}, [*SHOWN, program_item(**NO_KEYS)])
    assert judged(seen=told).verdict == "agrees"
    assert judged(upload(**NO_KEYS)).verdict == "index-blind"
    old = program_item(**NO_KEYS) | {"sk": {"S": "program#program1"}}
    assert judged(seen=snapshot({COMPOSITE: events()}, [*SHOWN, old])).verdict == "index-blind"
    grouped = program_item(**(NO_KEYS | {"groupId": "group1"}))
    assert judged(seen=snapshot({COMPOSITE: events()}, [*SHOWN, grouped])).verdict == "index-blind"


@pytest.mark.parametrize(("minutes", "verdict"), [(14, "settling"), (-14, "settling"), (15, "media-missing")])
def test_a_program_that_changed_moments_ago_waits_unless_all_is_well(minutes: int, verdict: str) -> None:
    row = upload(updatedAt=iso(NOW - minutes * MINUTE))
    assert judged(row, **looked((UPLOADED, GONE))).verdict == verdict
    assert judged(row).verdict == "agrees"


def test_an_unreadable_program_is_its_recording_s_finding_if_it_belongs_to_one() -> None:
    assert judged(upload(sourceShowId=["x"])).verdict == "unreadable"
    odd = program_item(sourceShowId=["x"], GSI1SK=None)
    found = judged(seen=snapshot({COMPOSITE: events()}, [*SHOWN, odd]))
    assert (found.verdict, found.evidence.get("why")) == ("index-blind", None)


def doubting(kind: str) -> tuple[Receipt, ...]:
    return tuple(
        replace(one, whole=False, why="it broke off") if one.source.startswith(kind) else one for one in WHOLE
    )


@pytest.mark.parametrize(
    ("row", "sightings", "kind", "verdict"),
    [
        (upload(), {}, "dynamodb", "unknown"),
        (upload(groupId="none-such"), {}, "dynamodb", "unknown"),
        (upload(), {UPLOADED: GONE}, "s3", "unknown"),
        (upload(), {}, "s3", "agrees"),
        (upload(groupId="none-such"), {}, "s3", "group-dangling"),
        (upload(**NO_KEYS), {}, "s3", "unknown"),
        (upload(sourceShowId=5), {}, "s3", "unknown"),
        (medialess_item(**NO_KEYS), {}, "algolia", "unknown"),
        (upload(**NO_KEYS), {}, "algolia", "index-blind"),
    ],
)
def test_nothing_is_claimed_that_rests_on_a_source_which_is_doubted(
    row: Any, sightings: Any, kind: str, verdict: str
) -> None:
    seen = snapshot({}, [group_item(), row], media=sightings, receipts=doubting(kind))
    for narrow in (True, False):
        assert compare(seen, rules(), PANDAS if narrow else None).counts()["program"][verdict] == 1


def test_a_program_that_could_not_be_read_again_is_unknown() -> None:
    assert judged(upload(), failures={SUBJECT: "it broke off"}).evidence["why"] == "it broke off"


def test_network_copies_and_playlists_are_no_programs() -> None:
    rows = [item("n#net#programs", "p#p", programId="p"), item("tracklist#t", "program#0#p", programId="p")]
    assert judge(snapshot({}, rows)).counts()["program"]["population"] == 0


def test_a_time_of_the_far_future_keeps_no_program_waiting() -> None:
    row = upload(updatedAt=iso(NOW + timedelta(days=400)), groupId="none-such")
    assert judged(row).verdict == "group-dangling"
