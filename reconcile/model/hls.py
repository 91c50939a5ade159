"""Parse an HLS playlist as far as playback depends on it: its URIs, and whether it ends.

By https://datatracker.ietf.org/doc/html/draft-pantos-hls-rfc8216bis (RFC 8216 and what came after it). Only
URIs and the few tags that affect them are read; other tags and attributes are ignored, as the RFC requires.
A library that parses all attributes rejects valid playlists.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qsl

_HEADER = re.compile(r"#EXTM3U(?:[ \t].*)?")
_ATTRIBUTE = re.compile(r'\s*([A-Za-z0-9_-]+)\s*=\s*("[^"]*"|[^,]*)\s*(?:,|\Z)')
_REFERENCE = re.compile(r"\{\$([A-Za-z0-9_-]+)\}")
_DURATION = re.compile(r"\s*(?:\d+\.?\d*|\.\d+)\s*(?:,|\Z)", re.ASCII)


class NoPlaylist(ValueError):
    """Raised for text that is not a valid playlist; the message says why."""


@dataclass(frozen=True, slots=True)
class Playlist:
    """The URIs in a playlist, each once and in order.

    `renditions` are other playlists: the variants, and the sound, pictures or subtitles beside them. `parts`
    are what a media playlist plays: segments and initialisation sections; `keys` are what decrypts them, but
    for keys of a service, which players know how to get. Segments marked as gaps are left out: players do not
    load them. `ended`: no player waits for more. `variables` are those that its renditions may import.
    """

    renditions: tuple[str, ...] = ()
    parts: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()
    ended: bool = False
    variables: Mapping[str, str] = field(default_factory=dict)


def parse_playlist(text: str, imports: Mapping[str, str] | None = None, query: str = "") -> Playlist:
    """Parse the text of a playlist; raises NoPlaylist.

    `imports` are the variables of the playlist that led here (None: none did), `query` the query of the URI
    by which it did.
    """
    lines = _lines(text)
    if not _HEADER.fullmatch(next(lines, "")):
        raise NoPlaylist("its first line is not #EXTM3U")
    reader = _ManifestReader(imports, dict(parse_qsl(query, keep_blank_values=True)))
    for line in lines:
        reader.take(line)
    return reader.playlist()


def _lines(text: str) -> Iterator[str]:
    """Yield the lines; only line feeds and carriage returns end one, and players skip a byte order mark."""
    for line in re.split(r"[\r\n]", text.removeprefix("\ufeff")):
        yield line.strip(" \t")


class _ManifestReader:
    """Parses a playlist line by line; keeps the kind of the next URI as its state."""

    def __init__(self, imports: Mapping[str, str] | None, query: Mapping[str, str]) -> None:
        self._imports, self._query = imports, query
        self._variables: dict[str, str] = {}
        self._defines = False
        self._renditions: dict[str, None] = {}
        self._parts: dict[str, None] = {}
        self._keys: dict[str, None] = {}
        self._loose: list[str] = []
        self._expected = ""
        self._gap = False
        self._segments = self._gaps = 0
        self._ended = False

    def take(self, line: str) -> None:
        """Parse one line."""
        name, _, value = line.partition(":")
        if not line.startswith("#"):
            if line:
                self._take_uri(self._filled(line))
        elif name in ("#EXT-X-STREAM-INF", "#EXTINF"):
            self._expect(name, value)
        elif name == "#EXT-X-GAP":
            self._gap = True
        elif name == "#EXT-X-ENDLIST":
            self._ended = True
        elif name in ("#EXT-X-MEDIA", "#EXT-X-MAP", "#EXT-X-KEY", "#EXT-X-DEFINE"):
            self._take_attributes(name, self._attributes(value))

    def _expect(self, name: str, value: str) -> None:
        self._nothing_hangs()
        if name == "#EXTINF" and not _DURATION.match(value):
            raise NoPlaylist("an EXTINF tells no duration")
        self._expected = name

    def _nothing_hangs(self) -> None:
        if self._expected:
            raise NoPlaylist(f"no URI follows an {self._expected.removeprefix('#')}")

    def _take_uri(self, uri: str) -> None:
        if self._expected == "#EXT-X-STREAM-INF":
            self._renditions[uri] = None
        elif self._expected:
            self._segments += 1
            self._gaps += self._gap
            if not self._gap:
                self._parts[uri] = None
        else:
            self._loose.append(uri)
        self._expected, self._gap = "", False

    def _take_attributes(self, name: str, attributes: Mapping[str, str]) -> None:
        uri = attributes.get("URI", "")
        if name == "#EXT-X-DEFINE":
            self._define(attributes)
        elif name == "#EXT-X-MEDIA":
            if uri and attributes.get("TYPE") != "CLOSED-CAPTIONS":
                self._renditions[uri] = None
        elif name == "#EXT-X-MAP":
            if not uri:
                raise NoPlaylist("an EXT-X-MAP names no URI")
            self._parts[uri] = None
        elif (
            uri
            and attributes.get("METHOD") != "NONE"
            and attributes.get("KEYFORMAT", "identity") == "identity"
        ):
            self._keys[uri] = None

    def _define(self, attributes: Mapping[str, str]) -> None:
        self._defines = True
        if name := attributes.get("NAME"):
            self._variables[name] = attributes.get("VALUE", "")
            return
        source = self._imports or {} if "IMPORT" in attributes else self._query
        name = attributes.get("IMPORT") or attributes.get("QUERYPARAM") or ""
        if name not in source:
            raise NoPlaylist(f"nothing gives the variable {name[:80]!r} a value")
        self._variables[name] = source[name]

    def _attributes(self, value: str) -> dict[str, str]:
        """Return an attribute list; references to variables stand in quoted values only."""
        attributes: dict[str, str] = {}
        place = 0
        while place < len(value):
            match = _ATTRIBUTE.match(value, place)
            if match:
                text = match[2].strip()
                quoted = text.startswith('"')
                attributes.setdefault(match[1], self._filled(text.strip('"')) if quoted else text)
            # What is no attribute is passed over, up to the next comma.
            place = match.end() if match else (value.find(",", place) + 1 or len(value))
        return attributes

    def _filled(self, text: str) -> str:
        """Return a text with variables replaced; where the playlist defines none, braces are only braces."""
        return _REFERENCE.sub(self._value, text) if self._defines else text

    def _value(self, reference: re.Match[str]) -> str:
        if reference[1] not in self._variables:
            raise NoPlaylist(f"nothing defines the variable {reference[1][:80]!r}")
        return self._variables[reference[1]]

    def playlist(self) -> Playlist:
        """Return the parsed playlist; raises NoPlaylist if it is invalid."""
        self._nothing_hangs()
        if self._renditions and self._segments:
            raise NoPlaylist("it is a multivariant and a media playlist at once")
        if not self._renditions:
            # Some players take a URI without EXTINF for a segment, others pass over it.
            self._parts |= dict.fromkeys(self._loose)
            self._segments += len(self._loose)
        if not (self._renditions or self._segments):
            raise NoPlaylist("it lists no rendition and no segment")
        if self._segments and self._gaps == self._segments:
            raise NoPlaylist("every segment of it is marked as a gap")
        renditions, parts, keys = map(tuple, (self._renditions, self._parts, self._keys))
        return Playlist(renditions, parts, keys, self._ended, self._variables)
