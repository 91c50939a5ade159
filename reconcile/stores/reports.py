"""The archive of reports: a directory, or a prefix in a bucket; one folder per run."""

import os
import secrets
import time
from collections.abc import Callable, Mapping
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from botocore.exceptions import ClientError

from reconcile.model.errors import SourceError
from reconcile.stores.aws import FAULTS, Patience, code_of, source_error
from reconcile.stores.pages import Pages, patiently
from reconcile.stores.timeouts import endless

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

T = TypeVar("T")

PERMISSIONS = (
    ("s3:PutObject", "arn:aws:s3:::{reports}/*"),
    ("s3:GetObject", "arn:aws:s3:::{reports}/*"),
    ("s3:ListBucket", "arn:aws:s3:::{reports}"),
)

_TYPES = {
    ".json": "application/json",
    ".html": "text/html; charset=utf-8",
    ".csv": "text/csv; charset=utf-8",
}


class DirectoryReports:
    """Stores reports in a local directory."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def prepare(self) -> None:
        """Check that reports can be stored; raises SourceError."""
        try:
            self._root.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise SourceError(f"the reports' directory {self._root} cannot be made: {error}") from error
        if not os.access(self._root, os.W_OK):
            raise SourceError(f"the reports' directory {self._root} cannot be written to")

    def save(self, run: str, files: Mapping[str, str]) -> str:
        """Save a run's files (name -> text); return their location. Raises SourceError."""
        self._write(self._root / run, files)
        return self.place(run)

    def publish(self, name: str, text: str) -> None:
        """Keep a file beside the runs, in place of the one of that name; raises SourceError."""
        self._write(self._root, {name: text})

    def _write(self, folder: Path, files: Mapping[str, str]) -> None:
        try:
            folder.mkdir(parents=True, exist_ok=True)
            for name, text in files.items():
                # A reader never meets half a file, and two writers never the same unfinished one.
                unfinished = folder / f".{name}.{secrets.token_hex(4)}.part"
                unfinished.write_bytes(_encoded(text))
                unfinished.replace(folder / name)
        except OSError as error:
            raise SourceError(f"the report cannot be kept in {folder}: {error}") from error

    def place(self, run: str) -> str:
        """Return the location of a run's files."""
        return str(self._root / run)

    def load(self, run: str, name: str) -> str | None:
        """Return one file of a run, or None; raises SourceError."""
        return self._read(self._root / run / name)

    def published(self, name: str) -> str | None:
        """Return a file beside the runs, or None; raises SourceError."""
        return self._read(self._root / name)

    def _read(self, path: Path) -> str | None:
        try:
            return path.read_bytes().decode(errors="replace")
        except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
            return None
        except (OSError, ValueError) as error:
            raise SourceError(f"the file {path} cannot be read: {error}") from error

    def run_ids(self) -> list[str]:
        """Return the runs that have reports, newest first; raises SourceError."""
        if not self._root.is_dir():
            return []
        folders = (path.parent.name for path in self._root.glob("*/report.json"))
        return sorted(folders, reverse=True)


class S3Reports:
    """Stores reports under a prefix of a bucket; `left` returns the seconds left for calls."""

    def __init__(
        self,
        client: "S3Client",
        bucket: str,
        prefix: str,
        left: Callable[[], float] = endless,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._client, self._bucket = client, bucket
        self._patience = Patience(tries=6, sleep=sleep, left=left)
        self._prefix = f"{prefix.strip('/')}/" if prefix.strip("/") else ""

    def prepare(self) -> None:
        """Check that reports can be stored; raises SourceError."""
        self._asked(lambda: self._listing()(MaxKeys=1))

    def save(self, run: str, files: Mapping[str, str]) -> str:
        """Save a run's files (name -> text); return their location. Raises SourceError."""
        for name, text in files.items():
            self._put(f"{run}/{name}", text)
        return self.place(run)

    def publish(self, name: str, text: str) -> None:
        """Keep a file beside the runs, in place of the one of that name; raises SourceError."""
        self._put(name, text)

    def _put(self, name: str, text: str) -> None:
        key, body = f"{self._prefix}{name}", _encoded(text)
        kind = _TYPES.get(Path(name).suffix, "text/plain; charset=utf-8")
        put = partial(self._client.put_object, Bucket=self._bucket, Key=key, Body=body, ContentType=kind)
        answer = self._asked(lambda: self._patience.call("writing", put))
        # S3 tells the ETag of what it keeps. A success without one may be anybody's: reading back proves it.
        if not answer.get("ETag") and self._bytes(key) != body:
            raise SourceError(f"the reports' bucket {self._bucket} does not keep what is written to it")

    def place(self, run: str) -> str:
        """Return the location of a run's files."""
        return f"s3://{self._bucket}/{self._prefix}{run}"

    def load(self, run: str, name: str) -> str | None:
        """Return one file of a run, or None; raises SourceError."""
        return self._text(f"{run}/{name}")

    def published(self, name: str) -> str | None:
        """Return a file beside the runs, or None; raises SourceError."""
        return self._text(name)

    def _text(self, name: str) -> str | None:
        body = self._bytes(f"{self._prefix}{name}")
        return None if body is None else body.decode(errors="replace")

    def _bytes(self, key: str) -> bytes | None:
        doing = f"reading s3://{self._bucket}/{key}"

        def _body() -> bytes:
            # Not `with body`: that hands out the bare stream, which checks no length.
            with closing(self._client.get_object(Bucket=self._bucket, Key=key)["Body"]) as body:
                return body.read()

        try:
            return self._patience.call(doing, _body)
        except FAULTS as error:
            if isinstance(error, ClientError) and code_of(error) in ("NoSuchKey", "404", "NotFound"):
                return None
            raise source_error(error, doing) from error

    def run_ids(self) -> list[str]:
        """Return the runs that have reports, newest first; raises SourceError."""
        pages = Pages(partial(self._listing(), Delimiter="/"))
        folders = self._asked(
            lambda: [folder["Prefix"] for page in pages for folder in page.get("CommonPrefixes", [])]
        )
        return sorted((folder.removeprefix(self._prefix).strip("/") for folder in folders), reverse=True)

    def _listing(self) -> Callable[..., Any]:
        listing = partial(self._client.list_objects_v2, Bucket=self._bucket, Prefix=self._prefix)
        return patiently(listing, self._patience)

    def _asked(self, request: Callable[[], T]) -> T:
        try:
            return request()
        except (*FAULTS, SourceError) as error:
            raise source_error(error, f"using the reports' bucket {self._bucket}") from error


def _encoded(text: str) -> bytes:
    # A title may hold half a surrogate pair: no reason to lose the report over it.
    return text.encode("utf-8", "backslashreplace")
