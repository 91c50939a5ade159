"""A whole check of 10,000 recordings, 50,000 programs and 50,000 records in memory: time by step; memory.

With `--against COMMIT` both this tree and that commit's are timed, in turns, each in processes of its own.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from unittest.mock import patch

from reconcile import job
from reconcile.model.clock import write_time
from reconcile.model.search_record import canonical
from reconcile.sandbox.world.model import Truth, World
from tests.bench.made_up import BUCKET, MEDIA, NOW, Chance
from tests.bench.sheet import Sheet, peak_memory
from tests.bench.trees import HERE, tree_of
from tests.doubles.memory import MemoryBuckets, MemoryIndex, MemoryTable
from tests.doubles.memory_state import MemoryState
from tests.scenario.cycle import Cycle

RECORDINGS, PROGRAMS = 10_000, 50_000
UPLOADS, OWNERS = "shelcaster-v2", 2_000
HOUR = timedelta(hours=1)
MOST_MEMORY = 500.0
STEPS = (
    *("recall", "collect", "read_events", "check_media", "confirm"),
    *("make_plan", "build_report", "keep", "remember"),
)
"""The functions that `job.check` calls, in its order; what it does besides is told as the rest."""

ROUNDS = 3
MOST_TIMES = 1.0
SECONDS = "SECONDS"
"""Stands before the figure that a process which was asked for it alone prints last."""
TIMED = f"""
import time
from tests.bench import whole
cycle, _ = whole.filled()
started = time.perf_counter(), time.process_time()
cycle.check()
print("{SECONDS}", time.perf_counter() - started[0], time.process_time() - started[1])
"""

PLAYLIST = b"#EXTM3U\n#EXTINF:6,\n0.ts\n#EXT-X-ENDLIST\n"
MASTER = b"#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\n720p/playlist.m3u8\n"


def main() -> int:
    """Print the figures; 1 when the check takes too much memory, or does not find what is missing."""
    sheet = Sheet(
        f"A whole check of {RECORDINGS:,} recordings, {PROGRAMS:,} programs and {PROGRAMS:,} records"
    )
    cycle, lacking = filled()
    held = peak_memory()
    took: dict[str, float] = {}
    started = time.perf_counter()
    with timed(took):
        report = cycle.check().report
    seconds = time.perf_counter() - started
    took["the rest"] = seconds - sum(took.values())
    rows = [(name, one, 100 * one / seconds) for name, one in took.items()]
    sheet.table(("step", "seconds", "%"), [*rows, ("whole", seconds, 100)])
    subjects = sum(tally["population"] for tally in report.counts.values())
    sheet.tell(f"{subjects:,} subjects, {len(report.findings):,} findings: {report.headline}")
    sheet.tell(f"{subjects / seconds:,.0f} subjects a second; {held:,.0f} MB hold the stores and the imports")
    found = sum(finding.kind == "program-missing" for finding in report.findings)
    sheet.law(f"{lacking:,} recordings that lack a program are found", abs(found - lacking))
    sheet.hold("peak memory, stores in memory included", peak_memory(), MOST_MEMORY, " MB")
    return sheet.exit_code


def against(commit: str) -> int:
    """Print how long a check takes here and with a commit's code; 1 when it is slower here.

    What is held is the time of the processor, of which others on the machine take nothing; the best of some
    rounds of each, in turns.
    """
    sheet = Sheet(f"A whole check of {RECORDINGS:,} recordings, here and at {commit}")
    with tree_of(commit) as there:
        took = {tree: list[tuple[float, float]]() for tree in (there, HERE)}
        for _ in range(ROUNDS):
            for tree, figures in took.items():
                figures.append(_seconds(tree))
    rows = [
        (name, *(min(column) for column in zip(*took[tree], strict=True)))
        for name, tree in ((commit, there), ("here", HERE))
    ]
    sheet.table((f"best of {ROUNDS}", "seconds", "seconds of the processor"), rows)
    sheet.tell(
        f"ratio of the medians of the processor's time: {_median(took[HERE]) / _median(took[there]):.2f}"
    )
    sheet.hold(f"times the processor's time of {commit}", rows[1][2] / rows[0][2], MOST_TIMES)
    return sheet.exit_code


def _median(figures: list[tuple[float, float]]) -> float:
    return statistics.median(processor for _, processor in figures)


def _seconds(tree: Path) -> tuple[float, float]:
    """Time one check by a tree's own code: seconds, and those of the processor."""
    environment = {**os.environ, "PYTHONPATH": str(tree)}
    ended = subprocess.run(
        [sys.executable, "-c", TIMED], cwd=tree, env=environment, check=True, capture_output=True, text=True
    )
    _, seconds, processor = ended.stdout.splitlines()[-1].split()
    return float(seconds), float(processor)


@contextmanager
def timed(took: dict[str, float]) -> Iterator[None]:
    """Time the steps of the job while it runs."""
    with ExitStack() as stack:
        for name in STEPS:
            stack.enter_context(patch.object(job, name, _stopwatch(name, getattr(job, name), took)))
        yield


def _stopwatch(name: str, work: Callable[..., Any], took: dict[str, float]) -> Callable[..., Any]:
    def run(*given: Any, **named: Any) -> Any:
        started = time.perf_counter()
        try:
            return work(*given, **named)
        finally:
            took[name] = took.get(name, 0.0) + time.perf_counter() - started

    return run


class Shelves:
    """The stores while they are being filled."""

    def __init__(self) -> None:
        self.chance = Chance(4)
        self.items: dict[tuple[str, str], dict[str, Any]] = {}
        self.objects: dict[tuple[str, str], tuple[bytes, datetime]] = {}
        self.programs: Counter[str] = Counter()
        self._texts: dict[str, dict[str, str]] = {}

    def put(self, **attributes: Any) -> None:
        """Put a row; numbers and maps are given as DynamoDB's JSON."""
        item = {
            # What many rows say stands once: the stores are not what is measured.
            name: self._texts.setdefault(value, {"S": value}) if isinstance(value, str) else value
            for name, value in attributes.items()
        }
        self.items[attributes["pk"], attributes["sk"]] = item

    def put_broadcast(self, number: int) -> bool:
        """Put a recording with its show and session, and its program but for one in a thousand."""
        start, prefix = NOW - timedelta(minutes=10 * (number + 12)), self.chance.prefix()
        owner, show, composition = f"owner-{number % OWNERS}", f"show-{number}", prefix.split("/")[1]
        arn = f"arn:aws:ivs:us-east-1:111122223333:composition/{composition}"
        ivs = {"M": {"compositionArn": {"S": arn}}}
        times = {"createdAt": write_time(start), "updatedAt": write_time(start + HOUR)}
        self.put(pk=f"session#{composition}", sk="info", showId=show, status="ENDED", ivs=ivs, **times)
        self.put(pk=f"show#{show}", sk="info", producerId=owner, groupId="all", title="An evening")
        self._record(prefix, start)
        odd = self.chance.odd()
        if not odd:
            key = f"{prefix}/media/hls/multivariant.m3u8"
            self.put_program(owner, BUCKET, key, sourceShowId=show, sourceType="ivs-recording")
        return odd

    def _record(self, prefix: str, start: datetime) -> None:
        end = start + HOUR
        hls = {"path": "media/hls", "playlist": "multivariant.m3u8", "duration_ms": 3_600_000}
        told = {
            "version": "v1",
            "recording_started_at": write_time(start),
            "recording_ended_at": write_time(end),
            "media": {"hls": hls},
        }
        parts = {
            "events/recording-started.json": (b"{}", start),
            "events/recording-ended.json": (json.dumps(told).encode(), end),
            "media/hls/multivariant.m3u8": (MASTER, end),
            "media/hls/720p/playlist.m3u8": (PLAYLIST, end),
            "media/hls/720p/0.ts": (b"G", end),
        }
        self.objects |= {(BUCKET, f"{prefix}/{name}"): stored for name, stored in parts.items()}

    def put_upload(self, number: int) -> None:
        """Put a program that somebody uploaded, with its media."""
        name = f"users/{number % OWNERS}/programs/files/{self.chance.name()}.mp4"
        self.objects[UPLOADS, f"public/{name}"] = (b"x", NOW)
        url = f"https://{MEDIA.domain}/{name}"
        self.put_program(f"owner-{number % OWNERS}", "", "", program_url=url)

    def put_program(self, owner: str, bucket: str, key: str, **more: str) -> None:
        """Put a program that agrees with everything."""
        name, created = self.chance.uuid(), write_time(NOW - timedelta(days=90))
        told = {
            "entityType": "program",
            "GSI1PK": f"u#{owner}#g#all",
            "GSI1SK": f"p#{name}",
            "programId": name,
            "groupId": "all",
            "title": "An evening - Recording",
            "created_date": created,
            "updatedAt": created,
        }
        played = {"program_url": MEDIA.url_of(bucket, key), "s3Bucket": bucket, "s3Key": key} if key else {}
        self.put(pk=f"u#{owner}#programs", sk=f"p#{name}", **told, **played, **more)
        self.programs[owner] += 1

    def put_groups(self) -> None:
        """Put the group of every owner, which tells as many programs as it has."""
        for owner, number in self.programs.items():
            count = {"N": str(number)}
            self.put(pk=f"u#{owner}#groups", sk="g#all", groupId="all", ownerId=owner, programsCount=count)

    def records(self) -> dict[str, dict[str, Any]]:
        """Return the record of every program."""
        programs = (item for (pk, _), item in self.items.items() if pk.endswith("#programs"))
        return {record["objectID"]: record for record in map(canonical, programs)}


def filled(recordings: int = RECORDINGS, programs: int = PROGRAMS) -> tuple[Cycle, int]:
    """Return stores that hold the world, and how many of its recordings lack a program."""
    shelves = Shelves()
    lacking = sum(shelves.put_broadcast(number) for number in range(recordings))
    for number in range(programs - sum(shelves.programs.values())):
        shelves.put_upload(number)
    shelves.put_groups()
    world = World(0, NOW, (BUCKET,), "app", "programs", MEDIA.domain, (), (), (), (), Truth({}, {}, {}))
    state = MemoryState()
    table = MemoryTable("app", shelves.items, state)
    buckets = MemoryBuckets((BUCKET,), shelves.objects)
    return Cycle(world, NOW, buckets, table, MemoryIndex("programs", shelves.records()), state), lacking


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--against", metavar="COMMIT", help="time that commit too, and print the ratio")
    asked = parser.parse_args().against
    sys.exit(against(asked) if asked else main())
