"""Whether a recording plays to its end is told from its manifest, its playlists and their segments."""

from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconcile.model.recording import Events, Kind, Recording
from reconcile.playing import why_it_does_not_play
from reconcile.sandbox.memory import MemoryBuckets

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

    def why(self, manifest: str | None = MANIFEST) -> str:
        """Return why it does not play."""
        held = {
            (BUCKET, f"{PREFIX}/media/hls/{name}"): (body.encode(), NOW)
            for name, body in self.objects.items()
        }
        events = Events(None, None, NOW, NOW, 1000, manifest)
        return why_it_does_not_play(RECORDING, events, MemoryBuckets((BUCKET,), held))


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
