"""Checks whether a recording plays to its end: its manifest, every playlist, and every segment."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from reconcile.model.errors import ObjectArchived
from reconcile.model.hls import NoPlaylist, Playlist, parse_playlist
from reconcile.model.media import ObjectAddress
from reconcile.model.media_listing import MediaListing
from reconcile.model.recording import Events, Recording, manifest_key
from reconcile.model.sighting import Archived
from reconcile.stores.ports import RecordingsReader

_MANIFEST_BYTES = 1024 * 1024
# Two days in segments of two seconds, https://docs.aws.amazon.com/ivs/latest/RealTimeUserGuide/rt-composite-recording.html
_PLAYLIST_BYTES = 32 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Playing:
    """What keeps a recording from playing to its end ("": nothing); `archived` where that is an archive."""

    why: str = ""
    archived: Archived | None = None


class _Broken(Exception):
    """Raised where playing would stop; its text says what is wrong."""


class _Stored(Exception):
    """Raised where playing would stop at an archived object."""

    def __init__(self, archived: Archived) -> None:
        super().__init__(f"{archived.address.key} lies in {archived.archive}")
        self.archived = archived


def play(recording: Recording, events: Events | None, reader: RecordingsReader) -> Playing:
    """Return what keeps a recording from playing to its end; raises SourceError.

    Players need https://www.rfc-editor.org/rfc/rfc8216: a manifest whose playlists and segments exist and
    can be read, and an end in every playlist, without which they take it for live. Keys elsewhere, session
    data, pictures for fast-forward, partial segments and the lengths of byte ranges are not looked at.
    """
    if events is None or not events.manifest:
        return Playing("the events file names no manifest")
    try:
        _follow(_MediaReader(recording, reader), manifest_key(recording, events))
    except _Broken as broken:
        return Playing(str(broken))
    except _Stored as stored:
        return Playing(str(stored), stored.archived)
    return Playing()


@dataclass(frozen=True, slots=True)
class _MediaReader:
    """A recording's media, and what reads it."""

    recording: Recording
    reader: RecordingsReader

    def read(self, key: str, limit: int) -> bytes:
        """Return an object that is there; raises _Broken, _Stored, SourceError."""
        try:
            return self.reader.read(self.recording.bucket, key, limit)
        except KeyError:
            raise _Broken(f"{key} is not there") from None
        except ObjectArchived:
            raise self.stored(key, self.archive_of(key) or "an archive") from None

    def archive_of(self, key: str) -> str:
        """Return the archive that an object lies in, "" for one that can be read or is not there."""
        try:
            return self.reader.archive_of(self.recording.bucket, key)
        except KeyError:
            return ""

    def stored(self, key: str, archive: str) -> _Stored:
        """Return what is raised for an object that lies in an archive."""
        return _Stored(Archived(ObjectAddress(self.recording.bucket, key), archive))


def _follow(media: _MediaReader, name: str) -> None:
    """Raise what keeps it from playing: what lies in an archive before anything else."""
    manifest = _parsed(media, name, _MANIFEST_BYTES, None, "")
    listing = media.reader.list_media(media.recording.key)
    if not manifest.renditions:
        _hold(media, name, manifest, listing)
        return
    broken: list[_Broken] = []
    for uri in manifest.renditions:
        try:
            inner = _resolved(media.recording, name, uri)
            query = urlsplit(uri).query
            playlist = _parsed(media, inner, _PLAYLIST_BYTES, manifest.variables, query)
            _hold(media, inner, playlist, listing)
        except _Broken as fault:
            broken.append(fault)
    if broken:
        raise broken[0]


def _hold(media: _MediaReader, name: str, playlist: Playlist, listing: MediaListing) -> None:
    """Raise when a playlist has no end, or something that it plays is not there or cannot be read."""
    keys = {uri: _readings(name, uri) for uri in playlist.parts}
    # What decrypts may lie with whoever it belongs to.
    decrypting = ((uri, _readings(name, uri)) for uri in playlist.keys)
    keys |= {uri: readings for uri, readings in decrypting if _is_inside(media.recording, readings)}
    in_question = [key for readings in keys.values() for key in readings or () if key in listing.in_question]
    for key in dict.fromkeys((*in_question[:1], *in_question[-1:])):
        if archive := media.archive_of(key):
            raise media.stored(key, archive)
    if not playlist.ended:
        raise _Broken(f"{name} has no end (EXT-X-ENDLIST): players take it for live")
    outside = [uri for uri, readings in keys.items() if not _is_inside(media.recording, readings)]
    if outside:
        raise _Broken(f"{name} leads out of the recording, to {outside[0][:200]}{_more(len(outside) - 1)}")
    missing = [uri for uri, readings in keys.items() if not listing.has(readings or ())]
    if missing:
        raise _Broken(f"{name} plays {missing[0][:200]}, which is not there{_more(len(missing) - 1)}")
    hollow = [uri for uri, readings in keys.items() if listing.empty.intersection(readings or ())]
    if hollow:
        raise _Broken(f"{name} plays {hollow[0][:200]}, which is empty{_more(len(hollow) - 1)}")


def _more(number: int) -> str:
    return f", as are {number:,} more" if number else ""


def _parsed(
    media: _MediaReader, name: str, limit: int, imports: Mapping[str, str] | None, query: str
) -> Playlist:
    """Read a playlist; one that is none is read once more, for an answer may be garbage once."""
    try:
        return _parsed_once(media, name, limit, imports, query)
    except _Broken:
        return _parsed_once(media, name, limit, imports, query)


def _parsed_once(
    media: _MediaReader, name: str, limit: int, imports: Mapping[str, str] | None, query: str
) -> Playlist:
    body = media.read(name, limit)
    if len(body) > limit:
        raise _Broken(f"{name} is larger than {limit:,} bytes")
    if not body:
        raise _Broken(f"{name} is empty: it is no HLS manifest")
    try:
        return parse_playlist(body.decode(), imports, query)
    except UnicodeDecodeError as error:
        raise _Broken(f"{name} does not parse: {error}") from error
    except NoPlaylist as error:
        raise _Broken(f"{name} is no HLS manifest: {error}") from error


def _resolved(recording: Recording, name: str, uri: str) -> str:
    """Return the key that a playlist's URI leads to; raises _Broken when that is out of the recording."""
    readings = _readings(name, uri)
    if readings is None or not _is_inside(recording, readings):
        raise _Broken(f"{name} leads out of the recording, to {uri[:200]}")
    return readings[-1]


def _is_inside(recording: Recording, readings: Iterable[str] | None) -> bool:
    return readings is not None and any(key.startswith(f"{recording.prefix}/") for key in readings)


def _readings(name: str, uri: str) -> tuple[str, str] | None:
    """Return the keys that a URI may mean, as written and percent-decoded; None for another host's.

    A query and a fragment are no part of a key: https://www.rfc-editor.org/rfc/rfc3986#section-5.3
    """
    try:
        parts = urlsplit(uri)
    except ValueError:
        return None
    if parts.scheme or parts.netloc:
        return None
    folder = "" if parts.path.startswith("/") else name.rpartition("/")[0] + "/"
    return _without_dots(folder + parts.path), _without_dots(folder + unquote(parts.path))


def _without_dots(path: str) -> str:
    """Follow `.` and `..`; unlike those of a file system, empty parts of a key count."""
    parts: list[str] = []
    for part in path.removeprefix("/").split("/"):
        if part == "..":
            del parts[-1:]
        elif part != ".":
            parts.append(part)
    return "/".join(parts)
