"""What facts save: a second night over archives in which nothing is wrong and 144 recordings are new.

`python -m tests.bench.facts` prints the requests of archives of 10,000 and 50,000 recordings (sizes name
others), and how long it takes to read the facts of 100,000.
"""

import hashlib
import math
import sys
import time
import tracemalloc
from collections import defaultdict
from collections.abc import Sequence
from datetime import timedelta
from unittest.mock import patch

from reconcile.model.facts import (
    MEDIA_RECHECK,
    FactFiles,
    FactLine,
    MediaLook,
    events_file_of,
    events_line,
    file_of,
    media_file_of,
    media_line,
)
from reconcile.model.media import ObjectAddress
from reconcile.model.recording import Events, Kind, Recording
from tests.bench import scale_night
from tests.bench.made_up import BUCKET, NOW, Chance
from tests.bench.sheet import Sheet

SIZES, LINES, STAGE = (10_000, 50_000), 100_000, "bench"
NIGHTS = MEDIA_RECHECK // timedelta(days=1)
COLUMNS = ("events", "heads", "facts read", "facts written", "facts MB", "CPU s", "more MB")


def main(arguments: Sequence[str]) -> int:
    """Print the figures; 1 when a night asks for more than what is new, and a part of the media."""
    sheet, new = (
        Sheet("A second night with facts: nothing is wrong, 144 recordings are new"),
        scale_night.NIGHTLY,
    )
    nights = {size: _night(size) for size in (list(map(int, arguments)) or SIZES)}
    rows = [(f"{size:,}", *(night[name] for name in COLUMNS)) for size, night in nights.items()]
    sheet.table(("recordings", *COLUMNS), rows)
    for size, night in nights.items():
        sheet.hold(f"events files read at {size:,}", night["events"], 2 * new)
        sheet.hold(f"media looked for at {size:,}", night["heads"], math.ceil(size / NIGHTS) + 2 * new)
    _read(sheet)
    return sheet.exit_code


def _night(size: int) -> dict[str, float]:
    with patch.object(Chance, "odd", lambda _: False):
        return scale_night.measure(size)


def _read(sheet: Sheet) -> None:
    """Print how long the facts of an archive take to be read, and what memory they need."""
    recordings, facts = _made_up()
    started = time.process_time()
    remembered = facts.remembered(recordings, NOW)
    seconds = time.process_time() - started
    known = len(remembered.events), len(remembered.media)
    del remembered
    tracemalloc.start()
    remembered = facts.remembered(recordings, NOW)
    held, peak = (figure / 1e6 for figure in tracemalloc.get_traced_memory())
    tracemalloc.stop()
    del remembered
    size = sum(map(len, facts.files.values())) / 1e6
    sheet.tell(
        f"{known[0]:,} recordings and {known[1]:,} objects in {len(facts.files)} files of {size:.1f} MB:"
    )
    sheet.tell(f"read in {seconds:.2f} s of the processor; {held:.0f} MB of memory, {peak:.0f} at most")


def _made_up() -> tuple[list[Recording], FactFiles]:
    chance, recordings = Chance(7), list[Recording]()
    lines: defaultdict[str, list[FactLine]] = defaultdict(list)
    for number in range(LINES):
        end, prefix = NOW - timedelta(minutes=10 * number), chance.prefix()
        etag = hashlib.md5(prefix.encode(), usedforsecurity=False).hexdigest()
        one = Recording(BUCKET, prefix, Kind.COMPOSITE, ended_seen=end, end_etag=etag, end_size=900)
        stage = f"arn:aws:ivs:us-east-1:111122223333:stage/{chance.name()}"
        said = Events(stage, None, end - timedelta(hours=1), end, 3_600_000, "media/hls/multivariant.m3u8")
        seen = NOW - timedelta(days=number % NIGHTS)
        address = ObjectAddress(BUCKET, f"{prefix}/{said.manifest}")
        if one.version:
            lines[events_file_of(end)].append(events_line(one.key, one.version, said))
        lines[media_file_of(seen)].append(media_line(address, MediaLook(seen, there=True)))
        recordings.append(one)
    files = {name: file_of(part, name, STAGE) for name, part in lines.items()}
    return recordings, FactFiles(STAGE, files)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
