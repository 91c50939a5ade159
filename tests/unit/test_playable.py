"""Whether a recording plays to its end is told from its manifest, its playlists and their segments."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconcile.collect.events import read_events
from reconcile.confirm.playable import Playing, play
from reconcile.model.media import MediaMap, ObjectAddress, default_routes
from reconcile.model.recording import Events, Kind, Recording, Unreadable
from reconcile.model.sighting import Archived
from reconcile.model.snapshot import Rules, Snapshot
from tests.doubles.memory import MemoryBuckets

BUCKET, PREFIX = "videos", "a/b/c/composite"
NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
MANIFEST = "media/hls/multivariant.m3u8"
RECORDING = Recording(BUCKET, PREFIX, Kind.COMPOSITE, has_media=True)
MASTER = (
    "#EXTM3U\n"
    "#EXT-X-STREAM-INF:BANDWIDTH=1\n720p/playlist.m3u8\n"
    "#EXT-X-STREAM-INF:BANDWIDTH=2\n480p/playlist.m3u8\n"
)
VARIANT = '#EXTM3U\n#EXT-X-MAP:URI="init.mp4"\n#EXTINF:2,\n0.mp4\n#EXTINF:2,\n1.mp4\n#EXT-X-ENDLIST\n'


@dataclass
class Media:
    """A recording's objects, by their key under media/hls."""

    objects: dict[str, str] = field(default_factory=dict)
    classes: dict[tuple[str, str], Mapping[str, str]] = field(default_factory=dict)

    def why(self, manifest: str | None = MANIFEST) -> str:
        """Return why it does not play."""
        return self.played(manifest).why

    def played(self, manifest: str | None = MANIFEST) -> Playing:
        """Return what keeps it from playing."""
        held = {
            (BUCKET, f"{PREFIX}/media/hls/{name}"): (body.encode(), NOW)
            for name, body in self.objects.items()
        }
        events = Events(None, None, NOW, NOW, 1000, manifest)
        return play(RECORDING, events, MemoryBuckets((BUCKET,), held, classes=self.classes))


@pytest.fixture
def media() -> Media:
    """Give tests a recording of two renditions that plays."""
    found = {"multivariant.m3u8": MASTER}
    for rendition in ("720p", "480p"):
        found |= {f"{rendition}/{name}": "x" for name in ("init.mp4", "0.mp4", "1.mp4")}
        found[f"{rendition}/playlist.m3u8"] = VARIANT
    return Media(found)


def test_a_whole_recording_plays(media: Media) -> None:
    assert media.why() == ""


@pytest.mark.parametrize(
    ("gone", "told"),
    [
        ("multivariant.m3u8", "multivariant.m3u8 is not there"),
        ("480p/playlist.m3u8", "480p/playlist.m3u8 is not there"),
        ("480p/1.mp4", "480p/playlist.m3u8 plays 1.mp4, which is not there"),
        ("720p/init.mp4", "720p/playlist.m3u8 plays init.mp4, which is not there"),
    ],
)
def test_each_part_that_is_missing_is_named(media: Media, gone: str, told: str) -> None:
    del media.objects[gone]
    assert media.why().endswith(told)


def test_the_number_of_other_missing_segments_is_told(media: Media) -> None:
    del media.objects["480p/0.mp4"], media.objects["480p/1.mp4"]
    assert media.why().endswith("plays 0.mp4, which is not there, as are 1 more")


@pytest.mark.parametrize(
    ("name", "body", "told"),
    [
        ("480p/playlist.m3u8", VARIANT.replace("#EXT-X-ENDLIST\n", ""), "has no end (EXT-X-ENDLIST)"),
        ("480p/playlist.m3u8", "#EXTM3U\n#EXT-X-ENDLIST\n", "lists no rendition and no segment"),
        ("480p/playlist.m3u8", "<html>not found</html>", "is no HLS manifest"),
        ("480p/playlist.m3u8", MASTER, "has no end"),
        ("multivariant.m3u8", "", "is no HLS manifest"),
        ("multivariant.m3u8", MASTER.replace("480p/", "../../../other/"), "leads out of the recording"),
        ("multivariant.m3u8", MASTER.replace("480p/", "https://example.net/"), "leads out of the recording"),
        ("multivariant.m3u8", "#EXTM3U\n" + "#" * 1_100_000, "is larger than"),
    ],
)
def test_each_playlist_that_stops_a_player_is_named(media: Media, name: str, body: str, told: str) -> None:
    media.objects[name] = body
    assert told in media.why()


def test_a_manifest_may_be_the_playlist_itself(media: Media) -> None:
    """Its segments lie beside it then."""
    whole = Media({"multivariant.m3u8": VARIANT, "init.mp4": "x", "0.mp4": "x", "1.mp4": "x"})
    assert whole.why() == ""
    del whole.objects["0.mp4"]
    assert "plays 0.mp4" in whole.why()


def test_a_segment_whose_name_is_encoded_or_has_a_query_is_found(media: Media) -> None:
    media.objects["480p/a b.mp4"] = "x"
    media.objects["480p/playlist.m3u8"] = VARIANT.replace("1.mp4", "a%20b.mp4?start=0")
    assert media.why() == ""


def test_sound_beside_the_pictures_must_be_there(media: Media) -> None:
    sound = '#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="a",NAME="a",URI="sound/playlist.m3u8"\n'
    media.objects["multivariant.m3u8"] = MASTER.replace("#EXTM3U\n", f"#EXTM3U\n{sound}")
    assert media.why().endswith("sound/playlist.m3u8 is not there")


def test_an_events_file_without_a_manifest_names_nothing_to_play(media: Media) -> None:
    assert media.why(None) == "the events file names no manifest"


@given(st.text(max_size=300), st.text(max_size=300))
def test_whatever_stands_in_the_playlists_it_is_answered(master: str, variant: str) -> None:
    """No bytes of a manifest make the run crash."""
    found = Media({"multivariant.m3u8": master.encode("utf-8", "replace").decode()})
    found.objects["480p/playlist.m3u8"] = variant.encode("utf-8", "replace").decode()
    assert found.why()
    found.objects["multivariant.m3u8"] = MASTER.replace("720p", "480p")
    assert isinstance(found.why(), str)


GAP = "#EXTM3U\n#EXTINF:2,\n0.mp4\n#EXT-X-GAP\n#EXTINF:2,\nnever-written.mp4\n#EXT-X-ENDLIST\n"


def test_a_gap_names_a_segment_that_players_do_not_load(media: Media) -> None:
    media.objects["480p/playlist.m3u8"] = GAP
    assert media.why() == ""
    media.objects["480p/playlist.m3u8"] = GAP.replace("#EXT-X-GAP\n", "")
    assert media.why().endswith("plays never-written.mp4, which is not there")


def test_a_playlist_of_nothing_but_gaps_plays_nothing(media: Media) -> None:
    media.objects["480p/playlist.m3u8"] = "#EXTM3U\n#EXT-X-GAP\n#EXTINF:2,\n0.mp4\n#EXT-X-ENDLIST\n"
    assert media.why().endswith("every segment of it is marked as a gap")


@pytest.mark.parametrize("name", ["1.mp4#t=0", "1.mp4?a=b#c", "./1.mp4", "../480p/1.mp4", "%31.mp4"])
def test_a_segment_is_found_by_every_way_to_name_it(media: Media, name: str) -> None:
    media.objects["480p/playlist.m3u8"] = VARIANT.replace("1.mp4", name)
    assert media.why() == ""


def test_empty_parts_of_a_key_are_not_passed_over(media: Media) -> None:
    """A distribution asks S3 for the key as the URL has it."""
    media.objects["480p/playlist.m3u8"] = VARIANT.replace("1.mp4", "more//1.mp4")
    assert media.why().endswith("which is not there")
    media.objects["480p/more//1.mp4"] = "x"
    assert media.why() == ""


@pytest.mark.parametrize("name", ["1.mp4", "init.mp4", "playlist.m3u8"])
def test_what_holds_nothing_does_not_play(media: Media, name: str) -> None:
    media.objects[f"480p/{name}"] = ""
    assert "empty" in media.why()


def test_an_empty_manifest_does_not_play(media: Media) -> None:
    media.objects["multivariant.m3u8"] = ""
    assert "multivariant.m3u8 is empty" in media.why()


RESTORED = {"StorageClass": "GLACIER", "Restore": 'ongoing-request="false", expiry-date="Fri, 21 Dec 2029"'}
RESTORING = {"StorageClass": "DEEP_ARCHIVE", "Restore": 'ongoing-request="true"'}
TIERED = {"StorageClass": "INTELLIGENT_TIERING"}


@pytest.mark.parametrize(
    ("headers", "archive"),
    [
        ({"StorageClass": "GLACIER"}, "GLACIER"),
        ({"StorageClass": "DEEP_ARCHIVE"}, "DEEP_ARCHIVE"),
        (RESTORING, "DEEP_ARCHIVE"),
        (TIERED | {"ArchiveStatus": "DEEP_ARCHIVE_ACCESS"}, "DEEP_ARCHIVE_ACCESS"),
        (RESTORED, ""),
        (TIERED, ""),
        ({"StorageClass": "GLACIER_IR"}, ""),
        ({"StorageClass": "STANDARD_IA"}, ""),
    ],
)
@pytest.mark.parametrize("name", ["multivariant.m3u8", "480p/playlist.m3u8", "720p/init.mp4", "480p/1.mp4"])
def test_archived_media_is_told_from_media_that_can_be_read(
    media: Media, name: str, headers: Mapping[str, str], archive: str
) -> None:
    address = ObjectAddress(BUCKET, f"{PREFIX}/media/hls/{name}")
    media.classes[address] = headers
    found = media.played()
    assert found.archived == (Archived(address, archive) if archive else None)
    assert found.why == (f"{address.key} lies in {archive}" if archive else "")


def test_an_archive_is_told_before_what_is_missing_beside_it(media: Media) -> None:
    del media.objects["720p/0.mp4"]
    media.classes[BUCKET, f"{PREFIX}/media/hls/480p/0.mp4"] = {"StorageClass": "GLACIER"}
    assert media.played().archived


def test_a_thumbnail_in_an_archive_keeps_nothing_from_playing(media: Media) -> None:
    media.objects["thumb0.jpg"] = "x"
    media.classes[BUCKET, f"{PREFIX}/media/hls/thumb0.jpg"] = {"StorageClass": "GLACIER"}
    assert media.why() == ""


@dataclass
class OnceGarbage(MemoryBuckets):
    """Buckets whose first answer for each object is a proxy's page."""

    read_before: set[str] = field(default_factory=set)

    def read(self, bucket: str, key: str, limit: int) -> bytes:
        if key in self.read_before:
            return super().read(bucket, key, limit)
        self.read_before.add(key)
        return b"<html>Service busy</html>"


def test_a_playlist_that_is_garbage_once_is_read_again(media: Media) -> None:
    held = {
        (BUCKET, f"{PREFIX}/media/hls/{name}"): (body.encode(), NOW) for name, body in media.objects.items()
    }
    events = Events(None, None, NOW, NOW, 1000, MANIFEST)
    assert play(RECORDING, events, OnceGarbage((BUCKET,), held)).why == ""


def test_an_events_file_is_read_twice_before_it_is_called_unreadable() -> None:
    said = b'{"version": "v1", "recording_started_at": "2026-11-20T10:00:00Z"}'
    key = f"{PREFIX}/events/recording-started.json"
    recording = replace(RECORDING, started_seen=NOW)
    seen = Snapshot(recordings={recording.key: recording})
    rules = Rules(NOW, MediaMap("play.test", (), default_routes(BUCKET)))
    for buckets in (MemoryBuckets, OnceGarbage):
        reader = buckets((BUCKET,), {(BUCKET, key): (said, NOW)})
        found = read_events(seen, rules, reader, lambda *_: None).events[recording.key]
        assert isinstance(found, Events)
    broken = OnceGarbage((BUCKET,), {(BUCKET, key): (b"{", NOW)})
    assert isinstance(read_events(seen, rules, broken, lambda *_: None).events[recording.key], Unreadable)


def test_an_archived_events_file_says_that_it_has_to_be_restored() -> None:
    key = f"{PREFIX}/events/recording-started.json"
    recording = replace(RECORDING, started_seen=NOW)
    reader = MemoryBuckets((BUCKET,), {(BUCKET, key): (b"{}", NOW)})
    reader.classes[BUCKET, key] = {"StorageClass": "GLACIER"}
    rules = Rules(NOW, MediaMap("play.test", (), default_routes(BUCKET)))
    seen = read_events(Snapshot(recordings={recording.key: recording}), rules, reader, lambda *_: None)
    found = seen.events[recording.key]
    assert isinstance(found, Unreadable)
    assert "restore it" in found.reason
