"""The embedded stores in a process of their own, so that they and the job do not wait for one interpreter."""

import gc
import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from reconcile.sandbox.embedded import embedded
from reconcile.sandbox.world import build
from reconcile.wiring import now


@dataclass(frozen=True, slots=True)
class Served:
    """Stores that run in another process: what points at them, and what they hold."""

    environ: Mapping[str, str]
    objects: int
    rows: int
    records: int


@contextmanager
def served(seed: int, recordings: int, reports: Path) -> Iterator[Served]:
    """Start the stores with a world in another process, and stop it in the end.

    Raises RuntimeError when they do not start.
    """
    command = [sys.executable, "-m", "reconcile.sandbox.serving", str(seed), str(recordings), str(reports)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        if process.stdin is None or process.stdout is None:
            raise RuntimeError("the embedded stores have no pipes")
        try:
            line = process.stdout.readline()
            if not line:
                raise RuntimeError("the embedded stores did not start; the lines above say why")
            yield Served(**json.loads(line))
        finally:
            # The process ends when nobody can speak to it any more, whatever becomes of this one.
            process.stdin.close()


def serve(seed: int, recordings: int, reports: Path) -> None:
    """Fill the stores with a world, tell where they are on standard output, and wait for its input to end."""
    world = build(seed, now=now(), recordings=recordings)
    with embedded(world) as stores:
        told = Served(stores.environ(reports), len(world.objects), len(world.items), len(world.records))
        # What is there now stays: moto copies whole tables, and nothing of it is worth collecting.
        gc.freeze()
        gc.set_threshold(100_000, 20, 20)
        sys.stdout.write(json.dumps({name: getattr(told, name) for name in told.__slots__}) + "\n")
        sys.stdout.flush()
        sys.stdin.read()


if __name__ == "__main__":
    serve(int(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3]))
