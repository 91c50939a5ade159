"""This tree, and that of a commit beside it, for benches that compare the two."""

import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

HERE = Path(__file__).parents[2]


@contextmanager
def tree_of(commit: str) -> Iterator[Path]:
    """Check a commit out into a folder of its own, and remove it again."""
    with tempfile.TemporaryDirectory() as folder:
        there = Path(folder) / "tree"
        subprocess.run(["git", "-C", HERE, "worktree", "add", "-q", "--detach", there, commit], check=True)
        try:
            yield there
        finally:
            subprocess.run(["git", "-C", HERE, "worktree", "remove", "--force", there], check=True)
