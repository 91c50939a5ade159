"""Read objects of any size from S3, part by part: a part that does not arrive is asked for again, not all."""

import time
from collections.abc import Callable, Iterator
from contextlib import closing
from functools import partial
from threading import Lock
from typing import TYPE_CHECKING, Protocol

from botocore.exceptions import ClientError

from reconcile.stores.aws import FAULTS, Patience, code_of, source_error
from reconcile.stores.responses import demand
from reconcile.stores.timeouts import endless

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

PERMISSIONS = (("s3:GetObject", "arn:aws:s3:::{export}/*"),)
"""Of those alone who name exports: the roles of the functions read none."""

PART = 4 * 2**20


class ObjectParts(Protocol):
    """Objects that are read from their beginning to their end; the requests and the bytes so far."""

    requests: int
    size: int

    def read(self, bucket: str, key: str) -> Iterator[bytes]:
        """Yield an object's bytes, some at a time; raises KeyError without one, SourceError else."""
        ...


class S3ObjectParts:
    """Reads objects by ranges of 4 MB, from any thread; counts the requests and the bytes so far."""

    def __init__(
        self,
        client: "S3Client",
        left: Callable[[], float] = endless,
        sleep: Callable[[float], None] = time.sleep,
        part: int = PART,
    ) -> None:
        self._client, self._part = client, part
        self._patience = Patience(tries=6, sleep=sleep, left=left)
        self._lock = Lock()
        self.requests = self.size = 0

    def read(self, bucket: str, key: str) -> Iterator[bytes]:
        """Yield an object's bytes, some at a time; raises KeyError without one, SourceError else."""
        begin, size = 0, 1
        while begin < size:
            data, size = self._asked(bucket, key, begin)
            begin += len(data)
            yield data

    def _asked(self, bucket: str, key: str, begin: int) -> tuple[bytes, int]:
        doing = f"reading s3://{bucket}/{key}"
        try:
            data, size = self._patience.call(doing, partial(self._range, bucket, key, begin))
        except FAULTS as error:
            code = code_of(error) if isinstance(error, ClientError) else ""
            if code in ("NoSuchKey", "404", "NotFound"):
                raise KeyError(key) from error
            # No range of an object that holds nothing can be given.
            # https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html
            if code in ("InvalidRange", "416") and begin == 0:
                return b"", 0
            raise source_error(error, doing) from error
        with self._lock:
            self.size += len(data)
        return data, size

    def _range(self, bucket: str, key: str, begin: int) -> tuple[bytes, int]:
        """Ask for one range; return it and the size of the whole object."""
        with self._lock:
            self.requests += 1
        answer = self._client.get_object(
            Bucket=bucket, Key=key, Range=f"bytes={begin}-{begin + self._part - 1}"
        )
        # Not `with body`: that hands out the bare stream, which checks no length.
        with closing(answer["Body"]) as body:
            data = body.read()
        size = int(answer["ContentRange"].rpartition("/")[2])
        demand(len(data) == min(self._part, size - begin), "the range that was asked for")
        return data, size
