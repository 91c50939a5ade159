"""The archive of reports: a directory, or a prefix in a bucket; one folder per run."""

import os
import time
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from reconcile.model.errors import SourceError
from reconcile.stores.facts import FACTS
from reconcile.stores.files import DirectoryFiles, S3Files
from reconcile.stores.pages import Pages
from reconcile.stores.ports import Text
from reconcile.stores.timeouts import endless

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_TYPES = {
    ".json": "application/json",
    ".html": "text/html; charset=utf-8",
    ".csv": "text/csv; charset=utf-8",
}


class DirectoryReports:
    """Stores reports in a local directory."""

    def __init__(self, root: Path) -> None:
        self._root, self._files = root, DirectoryFiles(root)

    def prepare(self) -> None:
        """Check that reports can be stored; raises SourceError."""
        try:
            self._root.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise SourceError(f"the reports' directory {self._root} cannot be made: {error}") from error
        if not os.access(self._root, os.W_OK):
            raise SourceError(f"the reports' directory {self._root} cannot be written to")

    def save(self, run: str, files: Mapping[str, Text]) -> str:
        """Save a run's files (name -> text); return their location. Raises SourceError."""
        for name, text in files.items():
            self._files.write(f"{run}/{name}", _encoded(text))
        return self.place(run)

    def publish(self, name: str, text: str) -> None:
        """Keep a file beside the runs, in place of the one of that name; raises SourceError."""
        self._files.write(name, _encoded(text))

    def place(self, run: str) -> str:
        """Return the location of a run's files."""
        return str(self._root / run)

    def load(self, run: str, name: str) -> str | None:
        """Return one file of a run, or None; raises SourceError."""
        return _decoded(self._files.read(f"{run}/{name}"))

    def published(self, name: str) -> str | None:
        """Return a file beside the runs, or None; raises SourceError."""
        return _decoded(self._files.read(name))

    def run_ids(self) -> list[str]:
        """Return the runs that have reports or summaries, newest first; raises SourceError."""
        if not self._root.is_dir():
            return []
        # An undo has a summary and no report.
        files = (path for name in ("report.json", "summary.json") for path in self._root.glob(f"*/{name}"))
        return sorted({path.parent.name for path in files}, reverse=True)


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
        self._files = S3Files(client, bucket, prefix, left, sleep)

    def prepare(self) -> None:
        """Check that reports can be stored; raises SourceError."""
        self._files.ask(lambda: self._files.listing()(MaxKeys=1))

    def save(self, run: str, files: Mapping[str, Text]) -> str:
        """Save a run's files (name -> text); return their location. Raises SourceError."""
        for name, text in files.items():
            self.publish(f"{run}/{name}", text)
        return self.place(run)

    def publish(self, name: str, text: Text) -> None:
        """Keep a file beside the runs, in place of the one of that name; raises SourceError."""
        kind = _TYPES.get(Path(name).suffix, "text/plain; charset=utf-8")
        self._files.write(name, _encoded(text), kind)

    def place(self, run: str) -> str:
        """Return the location of a run's files."""
        return f"s3://{self._files.bucket}/{self._files.prefix}{run}"

    def load(self, run: str, name: str) -> str | None:
        """Return one file of a run, or None; raises SourceError."""
        return _decoded(self._files.read(f"{run}/{name}"))

    def published(self, name: str) -> str | None:
        """Return a file beside the runs, or None; raises SourceError."""
        return _decoded(self._files.read(name))

    def run_ids(self) -> list[str]:
        """Return the runs that have reports, newest first; raises SourceError."""
        files = self._files
        pages = Pages(partial(files.listing(), Delimiter="/"))
        folders = files.ask(
            lambda: [folder["Prefix"] for page in pages for folder in page.get("CommonPrefixes", [])]
        )
        names = (folder.removeprefix(files.prefix).strip("/") for folder in folders)
        return sorted((name for name in names if name != FACTS), reverse=True)


def _encoded(text: Text) -> Iterator[bytes]:
    for piece in [text] if isinstance(text, str) else text:
        # A title may hold half a surrogate pair: no reason to lose the report over it.
        yield piece.encode("utf-8", "backslashreplace")


def _decoded(data: bytes | None) -> str | None:
    return None if data is None else data.decode(errors="replace")
