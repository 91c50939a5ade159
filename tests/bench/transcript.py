"""A transcript of steps: what was done, when, what was seen, and whether it held."""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from tests.bench.sheet import BROKEN, HELD


@dataclass
class Transcript:
    """Steps that were taken, each of which held or did not; `lines` is what was printed of them."""

    lines: list[str] = field(default_factory=list)
    held: int = 0
    broken: int = 0

    def take(self, what: str, step: Callable[[], Iterable[str]]) -> None:
        """Take a step and tell what it saw; one that raises is told as broken, and the next ones go on."""
        began = time.monotonic()
        self.tell(f"\n{datetime.now(UTC):%H:%M:%S} {what}")
        try:
            for seen in step():
                self.tell(f"           {seen}")
        except Exception as error:
            self.broken += 1
            self.tell(f"{BROKEN} after {time.monotonic() - began:.1f} s: {type(error).__name__}: {error}")
        else:
            self.held += 1
            self.tell(f"{HELD} in {time.monotonic() - began:.1f} s")

    def tell(self, line: str) -> None:
        """Print a line, and keep it."""
        self.lines += line.splitlines()
        print(line, flush=True)

    @property
    def sum(self) -> str:
        """How many steps held."""
        return f"{self.held} of {self.held + self.broken} steps held"
