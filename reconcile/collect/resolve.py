"""Finds the one recording that a person means by a prefix, a key or a URL, in the buckets as they are now."""

from collections.abc import Iterable
from urllib.parse import urlsplit

from reconcile.model.errors import UsageError
from reconcile.model.media import MediaMap, Spot
from reconcile.model.recording import Kind, Recording, RecordingKey, parse_key
from reconcile.stores.ports import RecordingsReader


def locate(text: str, buckets: Iterable[str], media: MediaMap, recordings: RecordingsReader) -> Recording:
    """Return the recording at, or above, what a text names.

    The text may be a prefix, a key under it, s3://BUCKET/PREFIX, or a URL that plays it. Raises UsageError
    where it names none, several, or one that is never published; SourceError.
    """
    keys = _keys(text.strip(), tuple(buckets), media)
    recordings_found = [match for key in keys if (match := recordings.find(key))]
    if not recordings_found:
        where = ", ".join(key.address for key in keys)
        raise UsageError(f"there is no recording at {where}: reconcile check --full lists them")
    if len(recordings_found) > 1:
        places = " or ".join(recording.key.address for recording in recordings_found)
        raise UsageError(f"{text} may be several recordings: name one of {places}")
    if recordings_found[0].kind is Kind.PARTICIPANT:
        raise UsageError(f"{recordings_found[0].key.address} is a guest's raw feed, which is never published")
    return recordings_found[0]


def _keys(text: str, buckets: tuple[str, ...], media: MediaMap) -> list[RecordingKey]:
    """Return the recordings that a text may mean, whether they exist or not."""
    named = urlsplit(text).netloc if text.startswith("s3://") else ""
    if named and named not in buckets:
        raise UsageError(f"the bucket {named} is not in RECONCILE_BUCKET ({', '.join(buckets)})")
    spots: Iterable[Spot] = media.spots_of(text) if "://" in text else [(None, text.strip("/"))]
    keys = {
        RecordingKey(name, place.prefix)
        for bucket, key in spots
        if (place := parse_key(key))
        # A URL whose route leads to a bucket of others can only mean one of these all the same.
        for name in ([bucket] if bucket in buckets else buckets)
    }
    if not keys:
        raise UsageError(
            f"{text} matches no recording: name its prefix, such as ivs/v1/…/RECORDING or …/composite, "
            "a key under it, s3://BUCKET/PREFIX, or the URL that plays it"
        )
    return sorted(keys)
