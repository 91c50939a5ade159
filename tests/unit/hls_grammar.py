"""Makes HLS recordings by a grammar of RFC 8216bis: valid ones with all that may stand there, broken ones.

https://datatracker.ietf.org/doc/html/draft-pantos-hls-rfc8216bis
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from random import Random
from urllib.parse import quote

MANIFEST = "multivariant.m3u8"
_WORDS = ("plain", "two words", "it's", "50%", "a+b", "日本", "x.y", "q=1")
_TITLES = ("", "a title", "a, b", "\u2028 a line that is none", "\x85", "日本 «1»")
_UNKNOWN = ('X-NEW="a,b=c"', "X-NUMBER=0x1F", "X-SIZE=1x2", "REQ-NEW=YES", 'X-EMPTY=""')
_ANYWHERE = (
    "#EXT-X-VERSION:12", "#EXT-X-INDEPENDENT-SEGMENTS", "#EXT-X-START:TIME-OFFSET=-4.5,PRECISE=YES",
    "# a comment", "#", "", "#EXTRA: no tag that anybody knows", "#EXT-X-FUTURE:URI=\"not/loaded.bin\"",
    '#EXT-X-SESSION-DATA:DATA-ID="com.example.title",VALUE="A, B",LANGUAGE="en"',
)  # fmt: skip
_MULTIVARIANT = (
    '#EXT-X-SESSION-DATA:DATA-ID="com.example.lyrics",URI="lyrics.json"',
    '#EXT-X-SESSION-KEY:METHOD=SAMPLE-AES,URI="skd://key",KEYFORMAT="com.apple.streamingkeydelivery"',
    '#EXT-X-CONTENT-STEERING:SERVER-URI="/steering?video=1",PATHWAY-ID="CDN-A"',
    '#EXT-X-I-FRAME-STREAM-INF:BANDWIDTH=86000,URI="iframes.m3u8",CODECS="avc1.4d001f"',
    '#EXT-X-IMAGE-STREAM-INF:BANDWIDTH=8000,RESOLUTION=320x180,CODECS="jpeg",URI="images.m3u8"',
    '#EXT-X-MEDIA:TYPE=CLOSED-CAPTIONS,GROUP-ID="cc",NAME="English",INSTREAM-ID="CC1"',
    '#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="muxed",NAME="muxed",DEFAULT=YES',
)  # fmt: skip
_MEDIA = (
    "#EXT-X-TARGETDURATION:6", "#EXT-X-MEDIA-SEQUENCE:0", "#EXT-X-DISCONTINUITY-SEQUENCE:3",
    "#EXT-X-PLAYLIST-TYPE:VOD", "#EXT-X-DISCONTINUITY", "#EXT-X-BITRATE:800", "#EXT-X-ALLOW-CACHE:YES",
    "#EXT-X-PROGRAM-DATE-TIME:2026-03-01T12:00:00.000Z", "#EXT-X-PROGRAM-DATE-TIME:2026-03-01T12:00:00+0100",
    '#EXT-X-DATERANGE:ID="ad",CLASS="com.apple.hls.interstitial",START-DATE="2026-03-01T12:00:00Z",'
    'DURATION=15.0,X-ASSET-URI="https://ads.example/a.m3u8",X-RESTRICT="SKIP,JUMP"',
    "#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,PART-HOLD-BACK=1.0,CAN-SKIP-UNTIL=12.0",
    "#EXT-X-PART-INF:PART-TARGET=0.33334", '#EXT-X-PART:DURATION=0.33334,URI="part0.mp4",INDEPENDENT=YES',
    '#EXT-X-PRELOAD-HINT:TYPE=PART,URI="part1.mp4",BYTERANGE-START=0',
    '#EXT-X-RENDITION-REPORT:URI="../other/waiting.m3u8",LAST-MSN=273,LAST-PART=2',
    "#EXT-X-SKIP:SKIPPED-SEGMENTS=0", "#EXT-X-KEY:METHOD=NONE", "#EXT-X-CUE-OUT:30.000", "#EXT-X-CUE-IN",
    '#EXT-X-KEY:METHOD=AES-128,URI="https://keys.example/1",IV=0x1234',
    '#EXT-X-KEY:METHOD=SAMPLE-AES,URI="skd://key",KEYFORMAT="com.apple.streamingkeydelivery"',
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Made:
    """A recording's files by their names under media/hls; `played` are what no player can do without."""

    files: Mapping[str, str] = field(default_factory=dict)
    played: tuple[str, ...] = ()

    def without(self, name: str) -> "Made":
        """Return it with a file gone."""
        return replace(self, files={key: body for key, body in self.files.items() if key != name})

    def saying(self, name: str, body: str) -> "Made":
        """Return it with other words in a file."""
        return replace(self, files={**self.files, name: body})


def valid(random: Random) -> Made:
    """Make a recording that plays to its end."""
    if random.random() < 0.2:
        body, beside = _media(random, "", {})
        return Made({**beside, MANIFEST: body}, (MANIFEST, *beside))
    variables = {"path": random.choice(_WORDS)} if random.random() < 0.3 else {}
    lines = [f'#EXT-X-DEFINE:NAME="{name}",VALUE="{quote(value)}"' for name, value in variables.items()]
    files: dict[str, str] = {}
    for number in range(random.randint(1, 3)):
        folder = f"{random.choice(_WORDS)}-{number}"
        name, reference = f"{folder}/playlist.m3u8", _reference(random, "", f"{folder}/playlist.m3u8")
        lines += _some(random, (*_ANYWHERE, *_MULTIVARIANT))
        if number and random.random() < 0.4:
            kind = random.choice(("AUDIO", "VIDEO", "SUBTITLES"))
            lines.append(f'#EXT-X-MEDIA:TYPE={kind},GROUP-ID="g",NAME="n",URI="{reference}"')
        else:
            lines += [
                f"#EXT-X-STREAM-INF:{_attributes(random)}",
                *_some(random, ("", "# between")),
                reference,
            ]
        body, inner = _media(random, folder, variables)
        files |= {name: body, **inner}
    return Made({**files, MANIFEST: _text(random, lines)}, (MANIFEST, *files))


def _media(random: Random, folder: str, variables: Mapping[str, str]) -> tuple[str, dict[str, str]]:
    """Return a media playlist, and the segments, maps and keys that it plays."""
    lines = [f'#EXT-X-DEFINE:IMPORT="{name}"' for name in variables]
    files: dict[str, str] = {}
    ending = random.choice((".ts", ".mp4", ".m4s", ".aac"))
    for number in range(random.randint(1, 5)):
        lines += _some(random, (*_ANYWHERE, *_MEDIA))
        if random.random() < 0.2:
            uri = _play(random, files, folder, f"init{number}.mp4", variables)
            more = "".join(f",{one}" for one in _some(random, (*_UNKNOWN, 'BYTERANGE="812@0"')))
            lines.append(f'#EXT-X-MAP:URI="{uri}"{more}')
        if random.random() < 0.1:
            uri = _play(random, files, folder, f"key{number}.bin", variables)
            lines.append(f'#EXT-X-KEY:METHOD=AES-128,URI="{uri}",IV=0x{number:032x}')
        lines.append(f"#EXTINF:{_duration(random)}")
        lines += _some(random, (f"#EXT-X-BYTERANGE:{random.randint(1, 9)}@0",))
        if number and random.random() < 0.15:
            lines += ["#EXT-X-GAP", f"never-written-{number}{ending}"]
        else:
            lines.append(_play(random, files, folder, f"{random.choice(_WORDS)}{number}{ending}", variables))
    place = random.choice((len(lines), len(lines), 0))
    lines.insert(place, "#EXT-X-ENDLIST")
    return _text(random, lines), files


def _duration(random: Random) -> str:
    return random.choice(("6", "6.006", "0.5", " 6", ".5")) + random.choice(
        ("", ",", f",{random.choice(_TITLES)}")
    )


def _play(random: Random, files: dict[str, str], folder: str, name: str, variables: Mapping[str, str]) -> str:
    """Put a file, and return a reference to it."""
    if variables and random.random() < 0.3:
        inner = f"{variables['path']}/{name}"
        files[f"{folder}/{inner}" if folder else inner] = "x"
        return "{$path}/" + quote(name)
    whole = f"{folder}/{name}" if folder else name
    files[whole] = "x"
    return _reference(random, folder, whole)


def _reference(random: Random, folder: str, name: str) -> str:
    """Return one of the ways to refer to a file from a folder."""
    way = name.removeprefix(f"{folder}/") if folder else name
    if folder and random.random() < 0.2:
        way = f"../{name}"
    if random.random() < 0.2:
        way = f"./{way}"
    return quote(way) + random.choice(("", "", "", "?token=a%2Fb", "#t=10", "?a=b#c"))


def _attributes(random: Random) -> str:
    """Return attributes of a variant; a bandwidth is wanted by the RFC, and played without."""
    known = ("BANDWIDTH=2684700", "BANDWIDTH=66406.2", 'CODECS="avc1.4D401F,mp4a.40.2"',
             "RESOLUTION=1280x720",
             "FRAME-RATE=30.000", 'VIDEO-RANGE=SDR', 'SCORE=1.5', 'AUDIO="g"', "PROGRAM-ID=1")  # fmt: skip
    chosen = [one for one in (*known, *_UNKNOWN) if random.random() < 0.5]
    return random.choice((",", ", ")).join(chosen)


def _some(random: Random, lines: tuple[str, ...]) -> Iterator[str]:
    yield from (line for line in lines if random.random() < 1.5 / (len(lines) + 2))


def _text(random: Random, lines: list[str]) -> str:
    end = random.choice(("\n", "\n", "\r\n"))
    head = random.choice(("", "", "", "\ufeff"))
    return head + end.join(("#EXTM3U", *lines)) + random.choice((end, ""))


Breaking = Callable[[Random, Made], Made]


def _on_a_playlist(change: Callable[[str], str]) -> Breaking:
    def broken(random: Random, made: Made) -> Made:
        name = random.choice([one for one in made.played if one.endswith(".m3u8")])
        return made.saying(name, change(made.files[name]))

    return broken


def _on_every_media_playlist(change: Callable[[str], str]) -> Breaking:
    def broken(random: Random, made: Made) -> Made:
        media = [one for one in made.played if one.endswith(".m3u8") and "#EXTINF" in made.files[one]]
        name = random.choice(media)
        return made.saying(name, change(made.files[name]))

    return broken


def _without_a_file(random: Random, made: Made) -> Made:
    return made.without(random.choice(made.played))


def _with_an_empty_file(random: Random, made: Made) -> Made:
    return made.saying(random.choice(made.played), "")


BREAKINGS: Mapping[str, Breaking] = {
    "a file is gone": _without_a_file,
    "a file is empty": _with_an_empty_file,
    "no header": _on_a_playlist(lambda text: text.replace("#EXTM3U", "#EXTINF:1,", 1)),
    "a page of a proxy": _on_a_playlist(lambda text: "<html>Service Unavailable</html>"),
    "a page before the header": _on_a_playlist(lambda text: f"<html></html>\n{text}"),
    "no end": _on_every_media_playlist(lambda text: text.replace("#EXT-X-ENDLIST", "# no end")),
    "cut in the middle": _on_every_media_playlist(lambda text: text[: text.index("#EXTINF") + 7]),
    "a segment without its name": _on_every_media_playlist(lambda text: f"{text}\n#EXTINF:6,\n"),
    "no duration": _on_every_media_playlist(lambda text: text.replace("#EXTINF:", "#EXTINF:long", 1)),
    "a map that is none": _on_every_media_playlist(lambda text: f"{text}\n#EXT-X-MAP:BYTERANGE=5"),
    "both kinds at once": _on_every_media_playlist(lambda text: f"{text}\n#EXT-X-STREAM-INF:A=1\nx.m3u8"),
    "a variant without its name": _on_a_playlist(lambda text: f"{text}\n#EXT-X-STREAM-INF:BANDWIDTH=1"),
    "a variable without a value": _on_a_playlist(lambda text: f'{text}\n#EXT-X-DEFINE:QUERYPARAM="none"'),
    "another host's segment": _on_every_media_playlist(
        lambda text: f"{text}\n#EXTINF:6,\nhttps://elsewhere.example/1.ts"
    ),
    "out of the recording": _on_every_media_playlist(lambda text: f"{text}\n#EXTINF:6,\n../../../../../1.ts"),
}
"""What makes of each valid recording one that does not play to its end."""
