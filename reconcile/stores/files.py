"""Whole files under a directory or a prefix of a bucket: read as they stand, replaced in one go."""

import secrets
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from functools import partial
from io import BytesIO
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import TYPE_CHECKING, Any, BinaryIO, TypeVar

from botocore.exceptions import ClientError

from reconcile.model.errors import SourceError
from reconcile.stores.aws import FAULTS, Patience, code_of, source_error
from reconcile.stores.pages import patiently
from reconcile.stores.timeouts import endless

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

T = TypeVar("T")

Data = bytes | Iterable[bytes]
"""What a file holds, whole or in pieces that are asked for once."""

_HELD = 4 * 2**20
"""Bytes of a file that are held in memory until S3 has them; a longer one waits in a temporary file."""

PERMISSIONS = (
    ("s3:PutObject", "arn:aws:s3:::{reports}/*"),
    ("s3:GetObject", "arn:aws:s3:::{reports}/*"),
    ("s3:ListBucket", "arn:aws:s3:::{reports}"),
)


class DirectoryFiles:
    """Files under a local directory, by their names; a name may lead into a folder."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def write(self, name: str, data: Data) -> None:
        """Put a file in place of the one of its name; raises SourceError."""
        folder, _, last = name.rpartition("/")
        try:
            (self.root / folder).mkdir(parents=True, exist_ok=True)
            # A reader never meets half a file, and two writers never the same unfinished one.
            unfinished = self.root / folder / f".{last}.{secrets.token_hex(4)}.part"
            with unfinished.open("wb") as file:
                file.writelines(_pieces(data))
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

    def write(self, name: str, data: Data, kind: str) -> None:
        """Put a file of a media type in place of the one of its name; raises SourceError."""
        key = f"{self.prefix}{name}"
        with _readable(data) as opened:

            def put() -> Any:
                with opened() as body:
                    return self._client.put_object(Bucket=self.bucket, Key=key, Body=body, ContentType=kind)

            answer = self.ask(lambda: self._patience.call("writing", put))
            # S3 tells the ETag of what it keeps. A success without one may be anybody's: it is read back.
            if not answer.get("ETag") and self.read(name) != _whole(opened):
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


@contextmanager
def _readable(data: Data) -> Iterator[Callable[[], BinaryIO]]:
    """Give what opens data anew for each try: one that was given up may still be reading."""
    pieces = iter(_pieces(data))
    head = b"".join(_up_to(pieces, _HELD))
    if len(head) <= _HELD:
        yield partial(BytesIO, head)
        return
    with NamedTemporaryFile() as file:
        file.write(head)
        file.writelines(pieces)
        file.flush()
        yield partial(_open, Path(file.name))


def _pieces(data: Data) -> Iterable[bytes]:
    return [data] if isinstance(data, bytes) else data


def _up_to(pieces: Iterator[bytes], size: int) -> Iterator[bytes]:
    """Yield pieces until they are more bytes than this, or all."""
    for piece in pieces:
        yield piece
        size -= len(piece)
        if size < 0:
            return


def _open(path: Path) -> BinaryIO:
    return path.open("rb")


def _whole(opened: Callable[[], BinaryIO]) -> bytes:
    with opened() as body:
        return body.read()
