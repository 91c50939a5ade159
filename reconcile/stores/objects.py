"""Check whether objects exist, in any bucket and in parallel, without reading them."""

import re
import time
from collections.abc import Callable, Collection
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Lock
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from reconcile.model.archive import archive_of
from reconcile.model.errors import Denied, SourceError
from reconcile.model.media import ObjectAddress
from reconcile.model.recording import is_segment, media_folder_of
from reconcile.model.sighting import GONE, NO_BUCKET, THERE, Sighting, archived, empty
from reconcile.stores.aws import FAULTS, Meter, Patience, code_of, source_error
from reconcile.stores.s3 import may_be_archived
from reconcile.stores.timeouts import endless

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

# Without the right to list a bucket, what is not there is denied as well.
# https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadObject.html
PERMISSIONS = (
    ("s3:GetObject", "arn:aws:s3:::{media_bucket}/*"),
    ("s3:ListBucket", "arn:aws:s3:::{media_bucket}"),
)

LOOKERS = 32
_MOST_FAILURES = 50
_LONGEST_KEY = 1024
# A rendition's folder sorts before or right behind the few playlists beside it.
_FIRST_KEYS = 25
_BUCKET = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{1,253}[A-Za-z0-9]", re.ASCII)
_ABSENT = ("404", "NoSuchKey", "NotFound", "NoSuchBucket")
_UNKNOWN_HERE = ("405", "501", "MethodNotAllowed", "NotImplemented")


class S3Objects:
    """Checks objects with HEAD requests; stops after many failures in a row."""

    def __init__(
        self,
        client: "S3Client",
        meter: Meter,
        left: Callable[[], float] = endless,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._client, self._meter = client, meter
        self._patience = Patience(tries=3, sleep=sleep, left=left)
        self._buckets: dict[str, Sighting] = {}
        self._failed: list[Sighting] = []
        self._listings = 0
        self._lock = Lock()

    def requests(self) -> int:
        """Return the number of requests so far, retries included."""
        heads = self._meter.total("s3:HeadObject") + self._meter.total("s3:HeadBucket")
        return int(heads) + self._listings

    def exist(self, addresses: Collection[ObjectAddress]) -> dict[ObjectAddress, Sighting]:
        """Check objects; each sighting says whether the object exists, or what failed."""
        wanted = sorted(addresses)
        with ThreadPoolExecutor(LOOKERS) as pool:
            return dict(zip(wanted, pool.map(self._look_unless_hopeless, wanted), strict=True))

    def _look_unless_hopeless(self, address: ObjectAddress) -> Sighting:
        failed = self._failed
        if len(failed) >= _MOST_FAILURES:
            return failed[0]
        sighting = self._look(*address)
        if sighting.state == "failed":
            self._failed.append(sighting)
        else:
            # A new list: another thread may be about to take the first of the old one.
            self._failed = []
        return sighting

    def _look(self, bucket: str, key: str) -> Sighting:
        sighting = self._look_at(bucket, key)
        folder = media_folder_of(key)
        if sighting.state == "there" and folder:
            return self._look_at_segment(bucket, folder)
        return sighting

    def _look_at(self, bucket: str, key: str) -> Sighting:
        if not _BUCKET.fullmatch(bucket):
            return NO_BUCKET
        if not 0 < len(key.encode(errors="replace")) <= _LONGEST_KEY:
            return GONE
        try:
            answer = self._patience.call("a look", lambda: self._client.head_object(Bucket=bucket, Key=key))
        except (*FAULTS, SourceError) as error:
            code = code_of(error) if isinstance(error, ClientError) else ""
            if code in _ABSENT:
                return self._absent_from(bucket)
            return self._listed(bucket, key) if code in _UNKNOWN_HERE else _kept_from(bucket, error)
        if archive := archive_of(
            answer.get("StorageClass"), answer.get("Restore"), answer.get("ArchiveStatus")
        ):
            return archived(key, archive)
        # What does not say when it was written is no object of S3's.
        return empty(key) if answer.get("ContentLength") == 0 and "LastModified" in answer else THERE

    def _look_at_segment(self, bucket: str, folder: str) -> Sighting:
        """Look at the first segment beside a manifest that is there: by one listing, seldom by HEAD too."""
        with self._lock:
            self._listings += 1
        listing = partial(self._client.list_objects_v2, Bucket=bucket, Prefix=folder, MaxKeys=_FIRST_KEYS)
        try:
            page = self._patience.call("a look", partial(listing, OptionalObjectAttributes=["RestoreStatus"]))
        except (*FAULTS, SourceError) as error:
            return _kept_from(bucket, error)
        segments = (entry for entry in page.get("Contents", []) if is_segment(entry.get("Key", "")))
        first = next(segments, None)
        if first is None:
            return THERE
        if first.get("Size") == 0:
            return empty(first["Key"])
        return self._look_at(bucket, first["Key"]) if may_be_archived(first) else THERE

    def _listed(self, bucket: str, key: str) -> Sighting:
        """Look for an object in the listing, where a store answers no HEAD request."""
        try:
            page = self._patience.call(
                "a look", lambda: self._client.list_objects_v2(Bucket=bucket, Prefix=key, MaxKeys=1)
            )
        except (*FAULTS, SourceError) as error:
            absent = isinstance(error, ClientError) and code_of(error) in _ABSENT
            return NO_BUCKET if absent else _kept_from(bucket, error)
        keys = (entry.get("Key") for entry in page.get("Contents", []))
        return THERE if key in keys else GONE

    def _absent_from(self, bucket: str) -> Sighting:
        """Distinguish a missing object from a missing bucket; HEAD returns 404 for both."""
        with self._lock:
            if bucket not in self._buckets:
                sighting = self._look_for_bucket(bucket)
                if sighting.state == "failed":
                    return sighting
                self._buckets[bucket] = sighting
            return self._buckets[bucket]

    def _look_for_bucket(self, bucket: str) -> Sighting:
        try:
            self._patience.call("a look", lambda: self._client.head_bucket(Bucket=bucket))
        except (*FAULTS, SourceError) as error:
            code = code_of(error) if isinstance(error, ClientError) else ""
            if code in _ABSENT:
                return NO_BUCKET
            sighting = self._listed(bucket, "") if code in _UNKNOWN_HERE else _kept_from(bucket, error)
            # Whoever is told that an object is not there, may know: the bucket itself is.
            return GONE if sighting.state == "denied" else sighting
        return GONE


def _kept_from(bucket: str, error: Exception) -> Sighting:
    """Say what kept the job from looking, in the same words for every object of a bucket."""
    fault = source_error(error, f"looking for media in s3://{bucket}")
    if isinstance(fault, Denied):
        grant = f"grant s3:GetObject on arn:aws:s3:::{bucket}/* and s3:ListBucket on arn:aws:s3:::{bucket}"
        return Sighting("denied", f"looking for media in s3://{bucket} is denied: {grant}")
    return Sighting("failed", str(fault))
