"""Where the facts of a stage are kept: in a folder beside its reports."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from reconcile.model.errors import SourceError
from reconcile.stores.files import DirectoryFiles, S3Files
from reconcile.stores.pages import Pages
from reconcile.stores.timeouts import endless

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

FACTS = "facts"
"""The folder beside the runs that holds a folder for each stage."""

MOST_STORED = 64 * 1024 * 1024
"""The most bytes of a file that are read: of a larger one a part, which is of no use."""


class DirectoryFacts:
    """Keeps facts in a local directory, beside the reports of `root`."""

    def __init__(self, root: Path, stage: str) -> None:
        self._files = DirectoryFiles(root / FACTS / stage)

    def names(self) -> list[str]:
        """Return the names of the files, in order; raises SourceError."""
        folder = self._files.root
        try:
            return sorted(path.name for path in folder.iterdir() if path.is_file()) if folder.is_dir() else []
        except OSError as error:
            raise SourceError(f"the directory {folder} cannot be read: {error}") from error

    def load(self, name: str) -> bytes | None:
        """Return a file as it stands, or None; raises SourceError."""
        return self._files.read(name, MOST_STORED)

    def save(self, name: str, data: bytes) -> None:
        """Put a file in place of the one of its name; raises SourceError."""
        self._files.write(name, data)


class S3Facts:
    """Keeps facts in a bucket, beside the reports of `prefix`; `left` returns the seconds left for calls."""

    def __init__(
        self,
        client: "S3Client",
        bucket: str,
        prefix: str,
        stage: str,
        left: Callable[[], float] = endless,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._files = S3Files(client, bucket, f"{prefix.strip('/')}/{FACTS}/{stage}", left, sleep)

    def names(self) -> list[str]:
        """Return the names of the files, in order; raises SourceError."""
        files, pages = self._files, Pages(self._files.listing())
        keys = files.ask(lambda: [item["Key"] for page in pages for item in page.get("Contents", [])])
        return sorted(key.removeprefix(files.prefix) for key in keys)

    def load(self, name: str) -> bytes | None:
        """Return a file as it stands, or None; raises SourceError."""
        return self._files.read(name, MOST_STORED)

    def save(self, name: str, data: bytes) -> None:
        """Put a file in place of the one of its name; raises SourceError."""
        self._files.write(name, data, "application/gzip")
