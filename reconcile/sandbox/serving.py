"""The embedded stores in a process of their own, so that they and the job do not wait for one interpreter."""

import gc
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path

from reconcile.sandbox.world import build

_NEEDED_BY_A_RUN = ("pandas", "narwhals", "boto3", "algoliasearch.search.client")


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
    # What a shell says of AWS (a profile, an endpoint) would lead the stores themselves elsewhere.
    environ = {name: text for name, text in os.environ.items() if not name.startswith(("RECONCILE_", "AWS_"))}
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, env=environ) as process:
        if process.stdin is None or process.stdout is None:
            raise RuntimeError("the embedded stores have no pipes")
        try:
            for name in _NEEDED_BY_A_RUN:
                # While the stores start, this process can load what takes long.
                import_module(name)
            line = process.stdout.readline()
            if not line:
                raise RuntimeError("the embedded stores did not start; the lines above say why")
            yield Served(**json.loads(line))
        finally:
            process.stdin.close()
            process.terminate()


def serve(seed: int, recordings: int, reports: Path) -> None:
    """Fill the stores with a world, tell where they are on standard output, and wait for its input to end."""
    world = build(seed, now=datetime.now(UTC), recordings=recordings)
    from reconcile.sandbox.embedded import embedded
    from reconcile.sandbox.setup import INCIDENT

    with embedded(world, INCIDENT) as stores:
        served = Served(stores.environ(reports), len(world.objects), len(world.items), len(world.records))
        # What is there now stays: moto copies whole tables, and nothing of it is worth collecting.
        gc.freeze()
        gc.disable()
        sys.stdout.write(json.dumps({name: getattr(served, name) for name in served.__slots__}) + "\n")
        sys.stdout.flush()
        # If the other process dies without a word, this is where it is noticed.
        sys.stdin.read()


if __name__ == "__main__":
    serve(int(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3]))
