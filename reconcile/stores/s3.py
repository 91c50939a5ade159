"""Read the buckets that IVS records into: list recordings without their media, read small objects."""

import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from reconcile.model.archive import ARCHIVES, TIERING, archive_of
from reconcile.model.errors import SourceError
from reconcile.model.media_listing import MediaListing
from reconcile.model.parallel import at_once
from reconcile.model.recording import Recording, RecordingKey
from reconcile.model.run import Receipt
from reconcile.stores.aws import FAULTS, Meter, Patience, code_of, source_error
from reconcile.stores.pages import Pages, patiently
from reconcile.stores.s3_listing import DELIMITER, Gathered, ListedKey, NotHonoured, Walk
from reconcile.stores.timeouts import endless

if TYPE_CHECKING:
    from botocore.response import StreamingBody
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import ObjectTypeDef

PERMISSIONS = (
    ("s3:ListBucket", "arn:aws:s3:::{bucket}"),
    ("s3:GetObject", "arn:aws:s3:::{bucket}/*"),
)

BUCKETS = 4
"""How many buckets are listed at once."""
_MEDIA_PAGES = 200


class S3Recordings:
    """Reads the recordings of several buckets; `skip_roots` hold no IVS recordings and are jumped over.

    `left` tells how many seconds there still are for calls, and `sleep` waits between tries.
    """

    def __init__(
        self,
        client: "S3Client",
        buckets: Sequence[str],
        skip_roots: Sequence[str],
        meter: Meter,
        left: Callable[[], float] = endless,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._client, self._buckets, self._meter = client, tuple(buckets), meter
        self._patience = Patience(tries=6, sleep=sleep, left=left)
        self._roots = tuple(sorted(root.strip("/") + "/" for root in skip_roots))

    def list_recordings(self) -> tuple[list[Recording], list[Receipt]]:
        """List every bucket, rolled up; one receipt per bucket."""
        listings = list(at_once(self._list_bucket, self._buckets, BUCKETS))
        return [recording for recordings, _ in listings for recording in recordings], [
            receipt for _, receipt in listings
        ]

    def _list_bucket(self, bucket: str) -> tuple[list[Recording], Receipt]:
        begun, cost = time.monotonic(), Meter()
        pages = self._pages_of(bucket, cost)
        walk, gathered, why = Walk(pages, self._roots), Gathered(bucket), ""
        try:
            try:
                walk.rolled_up(gathered.add)
            except NotHonoured:
                walk, gathered = Walk(pages, self._roots), Gathered(bucket)
                walk.skipping(gathered.add)
        except (*FAULTS, SourceError) as error:
            why = str(source_error(error, f"listing the bucket {bucket}"))
        recordings = gathered.recordings()
        return recordings, Receipt(
            source=f"s3:{bucket}",
            whole=not why,
            why=why,
            items=len(recordings),
            requests=int(cost.total("requests")),
            bytes=int(cost.total("bytes")),
            seconds=round(time.monotonic() - begun, 3),
            detail={
                "jumped_over": sorted(walk.jumped),
                "way": walk.way,
                "kinds": dict(sorted(Counter(recording.kind.value for recording in recordings).items())),
                "other_objects": gathered.others,
            },
        )

    def read(self, bucket: str, key: str, limit: int) -> bytes:
        """Return at most `limit` + 1 bytes of an object; raises KeyError without one, SourceError else."""
        doing = f"reading s3://{bucket}/{key}"

        def _data() -> bytes:
            answer = self._client.get_object(Bucket=bucket, Key=key)
            # Not `with body`: that hands out the bare stream, which checks no length.
            with closing(answer["Body"]) as body:
                return _read_up_to(body, limit + 1)

        try:
            data = self._patience.call(doing, _data)
        except FAULTS as error:
            if isinstance(error, ClientError) and code_of(error) in ("NoSuchKey", "404", "NotFound"):
                raise KeyError(key) from error
            raise source_error(error, doing) from error
        self._meter.add("s3:bytes", len(data))
        return data

    def archive_of(self, bucket: str, key: str) -> str:
        """Return the archive that an object lies in, "" where it can be read."""
        doing = f"looking for s3://{bucket}/{key}"
        try:
            answer = self._patience.call(doing, lambda: self._client.head_object(Bucket=bucket, Key=key))
        except FAULTS as error:
            if isinstance(error, ClientError) and code_of(error) in ("NoSuchKey", "404", "NotFound"):
                raise KeyError(key) from error
            raise source_error(error, doing) from error
        return archive_of(answer.get("StorageClass"), answer.get("Restore"), answer.get("ArchiveStatus"))

    def find(self, key: RecordingKey) -> Recording | None:
        """Return the recording with a prefix, or None; raises SourceError."""
        bucket, prefix = key
        below = self._pages_of(bucket)
        gathered = Gathered(bucket)
        try:
            for page in Pages(partial(below, Prefix=f"{prefix}/events/")):
                for item in page.get("Contents", []):
                    gathered.add(ListedKey.of(item))
            for page in islice(Pages(partial(below, Prefix=f"{prefix}{DELIMITER}", MaxKeys=1)), 1):
                if page.get("Contents"):
                    gathered.add(ListedKey(f"{prefix}{DELIMITER}", None, media_of=prefix))
        except (*FAULTS, SourceError) as error:
            raise source_error(error, f"looking for {key.address}") from error
        return next((recording for recording in gathered.recordings() if recording.prefix == prefix), None)

    def list_media(self, key: RecordingKey) -> MediaListing:
        """List a recording's media and add it up, if it takes no more than 200 pages; raises SourceError."""
        bucket, prefix = key
        size, keys, empty, in_question = 0, list[str](), list[str](), list[str]()
        below = partial(self._pages_of(bucket), Prefix=f"{prefix}{DELIMITER}")
        pages = Pages(partial(below, OptionalObjectAttributes=["RestoreStatus"]))
        try:
            for page in islice(pages, _MEDIA_PAGES):
                for item in page.get("Contents", []):
                    size += item["Size"]
                    keys.append(item["Key"])
                    empty += [item["Key"]] * (not item["Size"])
                    in_question += [item["Key"]] * may_be_archived(item)
        except (*FAULTS, SourceError) as error:
            raise source_error(error, f"listing the media of {key.address}") from error
        whole = not pages.more
        return MediaListing(
            size if whole else None,
            best_thumbnail(keys),
            frozenset(keys) if whole else None,
            frozenset(empty),
            frozenset(in_question),
        )

    def _pages_of(self, bucket: str, cost: Meter | None = None) -> Callable[..., Any]:
        """Return what asks for a page of a bucket's listing; `cost` counts what these requests alone cost."""

        def _page(**place: Any) -> Any:
            if cost is None:
                return self._client.list_objects_v2(Bucket=bucket, **place)
            cost.add("requests")
            answer: Any = self._client.list_objects_v2(Bucket=bucket, **place)
            cost.add("bytes", answer["ResponseMetadata"].get("BodyBytes", 0))
            return answer

        return patiently(_page, self._patience)


def may_be_archived(item: "ObjectTypeDef") -> bool:
    """Whether an object of a listing may lie in an archive; only a HEAD request tells for sure.

    Stores that know no archives name no class, or one that is read at once.
    """
    restored = item.get("RestoreStatus", {}).get("IsRestoreInProgress") is False
    return item.get("StorageClass") == TIERING or (item.get("StorageClass") in ARCHIVES and not restored)


def best_thumbnail(keys: Iterable[str]) -> str | None:
    """Return the thumbnail among media keys that shows a recording best: the latest, else the first."""
    thumbnails = [key for key in keys if "thumb" in key and key.endswith((".jpg", ".jpeg", ".png"))]
    latest = [key for key in thumbnails if "/latest_thumbnail/" in key]
    return min(latest or thumbnails, default=None)


def _read_up_to(body: "StreamingBody", size: int) -> bytes:
    """Read at most `size` bytes; only who reads on to the end is told that an answer was cut short."""
    parts, left = [], size
    while left and (part := body.read(left)):
        parts.append(part)
        left -= len(part)
    return b"".join(parts)
