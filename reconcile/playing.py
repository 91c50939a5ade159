"""Tells whether a recording plays to its end: its manifest, every playlist that names, and every segment."""

import posixpath
from collections.abc import Iterator
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from reconcile.model.recording import Events, Recording, manifest_key
from reconcile.stores.ports import MediaListing, RecordingsReader

if TYPE_CHECKING:
    import m3u8

_MANIFEST_BYTES = 1024 * 1024
# Two days in segments of two seconds, https://docs.aws.amazon.com/ivs/latest/RealTimeUserGuide/rt-composite-recording.html
_PLAYLIST_BYTES = 32 * 1024 * 1024


class _Broken(Exception):
    """Raised where playing would stop; its text says what is wrong."""


def why_it_does_not_play(recording: Recording, events: Events | None, reader: RecordingsReader) -> str:
    """Return what keeps a recording from playing to its end, or "" when nothing does; raises SourceError.

    Players need https://www.rfc-editor.org/rfc/rfc8216: a manifest whose playlists and segments exist, and an
    end in every playlist, without which they take it for live.
    """
    if events is None or not events.manifest:
        return "the events file names no manifest"
    try:
        _follow(recording, manifest_key(recording, events), reader)
    except _Broken as broken:
        return str(broken)
    return ""


def _follow(recording: Recording, name: str, reader: RecordingsReader) -> None:
    manifest = _parsed(recording, name, _MANIFEST_BYTES, reader)
    media = reader.list_media(recording.key)
    if not manifest.is_variant:
        _hold(name, manifest, media)
        return
    for uri in _playlists(manifest):
        inner = _resolved(recording, name, uri)
        _hold(inner, _parsed(recording, inner, _PLAYLIST_BYTES, reader), media)


def _playlists(manifest: "m3u8.M3U8") -> Iterator[str]:
    """Yield what a manifest plays, each once: its variants, and the sound or pictures beside them."""
    named = (*(one.uri for one in manifest.playlists), *(one.uri for one in manifest.media))
    yield from dict.fromkeys(uri for uri in named if uri)


def _hold(name: str, playlist: "m3u8.M3U8", media: MediaListing) -> None:
    """Raise when a playlist has no end, or something that it plays is not there."""
    if not playlist.is_endlist:
        raise _Broken(f"{name} has no end (EXT-X-ENDLIST): players take it for live")
    if not playlist.segments:
        raise _Broken(f"{name} lists no segment")
    wanted = [*(one.uri for one in playlist.segments), *(one.uri for one in playlist.segment_map)]
    missing = [uri for uri in dict.fromkeys(wanted) if uri and not media.has(_readings(name, uri))]
    if missing:
        raise _Broken(f"{name} plays {missing[0][:200]}, which is not there{_more(len(missing) - 1)}")


def _more(number: int) -> str:
    return f", as are {number:,} more" if number else ""


def _parsed(recording: Recording, name: str, limit: int, reader: RecordingsReader) -> "m3u8.M3U8":
    import m3u8

    try:
        body = reader.read(recording.bucket, name, limit)
    except KeyError:
        raise _Broken(f"{name} is not there") from None
    if len(body) > limit:
        raise _Broken(f"{name} is larger than {limit:,} bytes")
    try:
        text = body.decode()
        playlist = m3u8.loads(text)
    except (ValueError, m3u8.ParseError) as error:
        raise _Broken(f"{name} does not parse: {str(error)[:200]}") from error
    if not text.lstrip("\ufeff").startswith("#EXTM3U") or not (playlist.playlists or playlist.segments):
        raise _Broken(f"{name} is no HLS manifest: it lists no rendition and no segment")
    return playlist


def _resolved(recording: Recording, name: str, uri: str) -> str:
    """Return the key that a playlist's URI leads to; raises _Broken when that is out of the recording."""
    key = _readings(name, uri)[-1]
    if urlsplit(uri).scheme or not key.startswith(f"{recording.prefix}/"):
        raise _Broken(f"{name} leads out of the recording, to {uri[:200]}")
    return key


def _readings(name: str, uri: str) -> tuple[str, str]:
    """Return the keys that a relative URI may mean: as written, and percent-decoded."""
    path = uri.split("?", 1)[0]
    folder = posixpath.dirname(name)
    written, decoded = (posixpath.normpath(posixpath.join(folder, one)) for one in (path, unquote(path)))
    return written, decoded
