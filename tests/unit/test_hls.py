"""Recordings made by a grammar of HLS: valid ones play, and each that is broken has its reason."""

from datetime import UTC, datetime
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconcile.confirm.playable import play
from reconcile.model.hls import NoPlaylist, parse_playlist
from reconcile.model.recording import Events, Kind, Recording
from tests.doubles.memory import MemoryBuckets
from tests.unit.hls_grammar import BREAKINGS, MANIFEST, Made, valid

BUCKET, PREFIX = "videos", "a/b/c/composite"
NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
RECORDING = Recording(BUCKET, PREFIX, Kind.COMPOSITE, has_media=True)
SEEDS = st.integers(0, 2**32)


def why(made: Made) -> str:
    """Return why a recording does not play, "" if it does."""
    held = {(BUCKET, f"{PREFIX}/media/hls/{name}"): (body.encode(), NOW) for name, body in made.files.items()}
    events = Events(None, None, NOW, NOW, 1000, f"media/hls/{MANIFEST}")
    return play(RECORDING, events, MemoryBuckets((BUCKET,), held)).why


@given(SEEDS)
def test_a_valid_recording_plays_whatever_else_stands_in_its_playlists(seed: int) -> None:
    made = valid(Random(seed))
    assert why(made) == "", made


@given(SEEDS)
def test_a_recording_plays_exactly_as_long_as_all_that_it_plays_is_there(seed: int) -> None:
    random = Random(seed)
    made = valid(random)
    for name in random.sample(made.played, min(4, len(made.played))):
        assert "is not there" in why(made.without(name)), (name, made)


@pytest.mark.parametrize("how", BREAKINGS)
@given(seed=SEEDS)
def test_a_broken_recording_has_a_reason(how: str, seed: int) -> None:
    random = Random(seed)
    made = BREAKINGS[how](random, valid(random))
    assert why(made), made


@given(SEEDS, st.data())
def test_no_bytes_in_a_playlist_end_the_run(seed: int, data: st.DataObject) -> None:
    made = valid(Random(seed))
    name = data.draw(st.sampled_from([one for one in made.files if one.endswith(".m3u8")]))
    body = made.files[name]
    at = data.draw(st.integers(0, len(body)))
    assert isinstance(why(made.saying(name, body[:at] + data.draw(st.text(max_size=40)) + body[at:])), str)


def test_a_long_line_that_is_no_attribute_list_takes_no_time() -> None:
    text = "#EXTM3U\n#EXT-X-MEDIA:" + "a" * 2_000_000 + "\n#EXTINF:1,\n0.ts\n#EXT-X-ENDLIST\n"
    assert parse_playlist(text).parts == ("0.ts",)


VARIABLES = '#EXTM3U\n#EXT-X-DEFINE:NAME="a",VALUE="x"\n#EXTINF:1,\n{$a}/{$b}.ts\n#EXT-X-ENDLIST\n'


def test_a_variable_is_what_the_playlist_or_the_one_before_it_says() -> None:
    with pytest.raises(NoPlaylist, match="nothing defines the variable 'b'"):
        parse_playlist(VARIABLES)
    imported = VARIABLES.replace("#EXTINF", '#EXT-X-DEFINE:IMPORT="b"\n#EXTINF')
    assert parse_playlist(imported, {"b": "y"}).parts == ("x/y.ts",)
    asked = VARIABLES.replace("#EXTINF", '#EXT-X-DEFINE:QUERYPARAM="b"\n#EXTINF')
    assert parse_playlist(asked, {}, "b=z").parts == ("x/z.ts",)


def test_braces_are_braces_where_no_variable_is_defined() -> None:
    assert parse_playlist("#EXTM3U\n#EXTINF:1,\n{$a}.ts\n").parts == ("{$a}.ts",)


def test_only_line_feeds_and_carriage_returns_end_a_line() -> None:
    text = "#EXTM3U\r\n#EXTINF:1,a\u2028b\x85c\x0bd\r\n0.ts\r\n"
    assert parse_playlist(text).parts == ("0.ts",)
