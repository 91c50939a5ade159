"""Whole files under a directory or a prefix of a bucket: read as they stand, replaced in one go."""

import secrets
import time
from collections.abc import Callable
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from botocore.exceptions import ClientError

from reconcile.model.errors import SourceError
from reconcile.stores.aws import FAULTS, Patience, code_of, source_error
from reconcile.stores.pages import patiently
from reconcile.stores.timeouts import endless

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

T = TypeVar("T")

PERMISSIONS = (
    ("s3:PutObject", "arn:aws:s3:::{reports}/*"),
    ("s3:GetObject", "arn:aws:s3:::{reports}/*"),
    ("s3:ListBucket", "arn:aws:s3:::{reports}"),
)


class DirectoryFiles:
    """Files under a local directory, by their names; a name may lead into a folder."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def write(self, name: str, data: bytes) -> None:
        """Put a file in place of the one of its name; raises SourceError."""
        folder, _, last = name.rpartition("/")
        try:
            (self.root / folder).mkdir(parents=True, exist_ok=True)
            # A reader never meets half a file, and two writers never the same unfinished one.
            unfinished = self.root / folder / f".{last}.{secrets.token_hex(4)}.part"
            unfinished.write_bytes(data)
            unfinished.replace(self.root / name)
        except OSError as error:
            raise SourceError(f"{last} cannot be kept in {self.root / folder}: {error}") from error

    def read(self, name: str, limit: int = -1) -> bytes | None:
        """Return a file, or at most so many bytes of it, or None; raises SourceError."""
        path = self.root / name
        try:
            with path.open("rb") as file:
                return file.read(limit)
        except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
            return None
        except (OSError, ValueError) as error:
            raise SourceError(f"the file {path} cannot be read: {error}") from error


class S3Files:
    """Files under a prefix of a bucket, by what follows the prefix; `left` returns the seconds for calls."""

    def __init__(
        self,
        client: "S3Client",
        bucket: str,
        prefix: str,
        left: Callable[[], float] = endless,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._client, self.bucket = client, bucket
        self._patience = Patience(tries=6, sleep=sleep, left=left)
        self.prefix = f"{prefix.strip('/')}/" if prefix.strip("/") else ""

    def write(self, name: str, body: bytes, kind: str) -> None:
        """Put a file of a media type in place of the one of its name; raises SourceError."""
        key = f"{self.prefix}{name}"
        put = partial(self._client.put_object, Bucket=self.bucket, Key=key, Body=body, ContentType=kind)
        answer = self.ask(lambda: self._patience.call("writing", put))
        # S3 tells the ETag of what it keeps. A success without one may be anybody's: reading back proves it.
        if not answer.get("ETag") and self.read(name) != body:
            raise SourceError(f"the reports' bucket {self.bucket} does not keep what is written to it")

    def read(self, name: str, limit: int | None = None) -> bytes | None:
        """Return a file, or at most so many bytes of it, or None; raises SourceError."""
        key = f"{self.prefix}{name}"
        doing = f"reading s3://{self.bucket}/{key}"

        def _body() -> bytes:
            # Not `with body`: that hands out the bare stream, which checks no length.
            with closing(self._client.get_object(Bucket=self.bucket, Key=key)["Body"]) as body:
                return body.read(limit)

        try:
            return self._patience.call(doing, _body)
        except FAULTS as error:
            if isinstance(error, ClientError) and code_of(error) in ("NoSuchKey", "404", "NotFound"):
                return None
            raise source_error(error, doing) from error

    def listing(self) -> Callable[..., Any]:
        """Return what lists what is there, a page at a time."""
        listing = partial(self._client.list_objects_v2, Bucket=self.bucket, Prefix=self.prefix)
        return patiently(listing, self._patience)

    def ask(self, request: Callable[[], T]) -> T:
        """Make a request of the bucket; raises SourceError that names it."""
        try:
            return request()
        except (*FAULTS, SourceError) as error:
            raise source_error(error, f"using the reports' bucket {self.bucket}") from error
