"""Which object a URL plays, and which URL plays an object."""

from dataclasses import replace
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconcile.model.media import MediaMap, Route, Spot, default_routes

HERE, UPLOADS = "recordings-here", "uploads-here"
MEDIA = MediaMap("play.test", ("old.test", "older.test"), default_routes(HERE, UPLOADS))
KEY = "a/b/c/composite/media/hls/multivariant.m3u8"


@pytest.mark.parametrize(
    ("path", "spot"),
    [
        (KEY, (HERE, KEY)),
        (
            "ivs/v1/1/c/2026/2/3/4/5/r/media/hls/master.m3u8",
            (HERE, "ivs/v1/1/c/2026/2/3/4/5/r/media/hls/master.m3u8"),
        ),
        ("recordings/1/index.m3u8", (HERE, "recordings/1/index.m3u8")),
        ("shows/1/images/2-a.png", (HERE, "shows/1/images/2-a.png")),
        ("users/1/programs/files/1-song.mp3", (UPLOADS, "public/users/1/programs/files/1-song.mp3")),
        ("AWSLogs/x", (UPLOADS, "AWSLogs/x")),
        ("found-music/x", (UPLOADS, "found-music/x")),
        ("world-of-acappella/x", (UPLOADS, "world-of-acappella/x")),
        ("shows/1/other", (UPLOADS, "public/shows/1/other")),
        ("a/b/c/2026-02-13T01-07-53Z/media/x", (UPLOADS, "public/a/b/c/2026-02-13T01-07-53Z/media/x")),
    ],
)
def test_the_first_route_that_fits_leads_to_bucket_and_key(path: str, spot: Spot) -> None:
    for domain in ("play.test", "old.test", "older.test", "PLAY.test", "play.test:443"):
        assert spot in MEDIA.spots_of(f"https://{domain}/{path}")
    assert spot in MEDIA.spots_of(f"http://play.test/{path}?x=1#y")


def test_a_path_that_no_route_fits_keeps_its_key_without_a_bucket() -> None:
    bare = MediaMap("play.test", (), (Route("ivs/*", HERE),))
    assert bare.spots_of("https://play.test/else/x") == {(None, "else/x")}


@pytest.mark.parametrize(
    "address",
    [
        f"https://some.bucket.s3.amazonaws.com/{KEY}",
        f"https://some.bucket.s3.us-east-1.amazonaws.com/{KEY}",
        f"https://some.bucket.s3-us-west-2.amazonaws.com/{KEY}",
        f"https://some.bucket.s3.dualstack.us-east-1.amazonaws.com/{KEY}",
        f"https://some.bucket.s3-accelerate.amazonaws.com/{KEY}",
        f"https://some.bucket.s3-accelerate.dualstack.amazonaws.com/{KEY}",
        f"https://some.bucket.s3-fips.us-east-1.amazonaws.com/{KEY}",
        f"https://some.bucket.s3.cn-north-1.amazonaws.com.cn/{KEY}",
        f"http://some.bucket.s3-website-us-east-1.amazonaws.com/{KEY}",
        f"https://s3.amazonaws.com/some.bucket/{KEY}",
        f"https://s3.us-east-1.amazonaws.com/some.bucket/{KEY}",
        f"https://s3-us-west-2.amazonaws.com/some.bucket/{KEY}",
        f"https://s3.dualstack.us-east-1.amazonaws.com/some.bucket/{KEY}",
        f"https://some.bucket.s3.amazonaws.com/{KEY}?X-Amz-Expires=60&X-Amz-Date=x",
        f"s3://some.bucket/{KEY}",
    ],
)
def test_an_address_of_s3_itself_names_bucket_and_key(address: str) -> None:
    assert ("some.bucket", KEY) in MEDIA.spots_of(address)


def test_a_bucket_may_be_named_like_the_service() -> None:
    assert ("s3.tapes", KEY) in MEDIA.spots_of(f"https://s3.tapes.s3.us-east-1.amazonaws.com/{KEY}")


@pytest.mark.parametrize(
    ("written", "key"),
    [
        ("a/b/c/composite/my%20file.m3u8", "a/b/c/composite/my file.m3u8"),
        ("a/b/c/composite/my file.m3u8", "a/b/c/composite/my file.m3u8"),
        ("a/b/c/composite/my+file.m3u8", "a/b/c/composite/my file.m3u8"),
        ("a/b/c/composite/my+file.m3u8", "a/b/c/composite/my+file.m3u8"),
        ("a/b/c/composite/my%2Bfile.m3u8", "a/b/c/composite/my+file.m3u8"),
        ("a/b/c/composite/100%.m3u8", "a/b/c/composite/100%.m3u8"),
        ("a/b/c/composite/100%2525.m3u8", "a/b/c/composite/100%25.m3u8"),
        ("a/b/c/composite/what?.m3u8", "a/b/c/composite/what?.m3u8"),
        ("a/b/c/composite/no#1.m3u8", "a/b/c/composite/no#1.m3u8"),
        ("a/b/c/composite/no%231%3F.m3u8", "a/b/c/composite/no#1?.m3u8"),
        ("a/b/c/composite/x.m3u8?v=1", "a/b/c/composite/x.m3u8"),
        ("a/b/c/composite/日本🎬.m3u8", "a/b/c/composite/日本🎬.m3u8"),
        (quote("a/b/c/composite/日本🎬.m3u8"), "a/b/c/composite/日本🎬.m3u8"),
        ("a%2Fb%2Fc%2Fcomposite%2Fx.m3u8", "a/b/c/composite/x.m3u8"),
        ("/a/b/c/composite/x.m3u8", "a/b/c/composite/x.m3u8"),
    ],
)
def test_a_path_is_read_as_it_stands_and_decoded(written: str, key: str) -> None:
    assert (HERE, key) in MEDIA.spots_of(f"https://play.test/{written}")
    assert ("b", key) in MEDIA.spots_of(f"https://b.s3.amazonaws.com/{written}")


@pytest.mark.parametrize(
    "url",
    ["", "nonsense", f"https://elsewhere.test/{KEY}", f"https://play.test.evil.test/{KEY}", f"ftp://play.test/{KEY}",
     f"//play.test/{KEY}", f"/{KEY}", KEY, f"https://[::1/{KEY}", f"https://[bad]/{KEY}", f"https://play.test\u2100/{KEY}",
     f"https://b.s3x.amazonaws.com/{KEY}", f"https://s3.evil.test/{KEY}", "https://", "javascript:alert(1)",
     f"https://b.s3.amazonaws.com.evil.test/{KEY}", "https://s3.amazonaws.com/", f"file:///{KEY}"],
)  # fmt: skip
def test_a_foreign_or_broken_address_plays_nothing(url: str) -> None:
    assert not any(key.startswith("a/") for _, key in MEDIA.spots_of(url))
    assert not MEDIA.has_old_domain(url)


def test_an_old_domain_is_told_and_replaced_and_the_rest_stays() -> None:
    for old in (
        "https://old.test/",
        "http://older.test/",
        "HTTPS://OLD.test/",
        "https://old.test:443/",
        " https://old.test/",
    ):
        url = f"{old}{KEY}?a=%20b#c"
        assert MEDIA.has_old_domain(url)
        assert MEDIA.on_new_domain(url) == f"https://play.test/{KEY}?a=%20b#c"
    assert not MEDIA.has_old_domain(f"https://play.test/{KEY}")


def test_the_mended_address_plays_the_same_object() -> None:
    for path in ("a/b/c/composite/my file+%.m3u8", "ivs/v1/x", "a/b/c/composite/a%20b?c#d"):
        old = f"https://old.test/{path}"
        assert MEDIA.spots_of(MEDIA.on_new_domain(old)) == MEDIA.spots_of(old)
        assert not MEDIA.has_old_domain(MEDIA.on_new_domain(old))


def test_a_new_address_is_percent_encoded() -> None:
    assert MEDIA.url_of(HERE, "a b/c+d/é?#%/composite/x.m3u8") == (
        "https://play.test/a%20b/c%2Bd/%C3%A9%3F%23%25/composite/x.m3u8"
    )


@given(st.text(min_size=1, max_size=30))
def test_the_address_of_any_key_of_a_recording_leads_back_to_it(name: str) -> None:
    key = f"a/{name}/c/composite/media/hls/x.m3u8"
    assert (HERE, key) in MEDIA.spots_of(MEDIA.url_of(HERE, key) or "")


@given(
    st.one_of(
        st.text(), st.text().map(lambda text: f"https://{text}"), st.text().map(lambda t: f"https://[{t}")
    )
)
def test_no_text_makes_the_map_raise(url: str) -> None:
    assert isinstance(MEDIA.spots_of(url), frozenset)
    assert MEDIA.has_old_domain(url) in (True, False)


def test_a_set_route_with_a_key_prefix_is_followed_backwards() -> None:
    """The URL of an object is the one that the routes lead to that object."""
    routes = (Route("v1/*", HERE, "ivs/"), Route("*", "uploads", "public/"))
    media = replace(MEDIA, routes=routes, guessed=False)
    url = media.url_of(HERE, "ivs/v1/1/x.m3u8")
    assert url == "https://play.test/v1/1/x.m3u8"
    assert media.spots_of(url or "") == {(HERE, "ivs/v1/1/x.m3u8")}


def test_an_object_that_no_set_route_leads_to_has_no_url() -> None:
    """Only where nobody set routes, the plain URL is guessed."""
    assert replace(MEDIA, guessed=False).url_of("another", "a/b/c/composite/x.m3u8") is None
    guessed = replace(MEDIA, guessed=True).url_of("another", "a/b/c/composite/x.m3u8")
    assert guessed == "https://play.test/a/b/c/composite/x.m3u8"
