"""Reads the three stores at the same time, then the events files that verdicts need; keeps the receipts."""

import gc
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

from reconcile.collect.pages import PageParser
from reconcile.compare.events_needed import events_to_read
from reconcile.model.deadline import ENDLESS, Deadline
from reconcile.model.errors import ObjectArchived, OutOfTime, SourceError
from reconcile.model.finding import Subject, recording_subject
from reconcile.model.parse import merged
from reconcile.model.recording import (
    MAX_EVENTS_BYTES,
    Events,
    Recording,
    RecordingKey,
    Unreadable,
    parse_events,
)
from reconcile.model.run import Receipt, SourceCount
from reconcile.model.snapshot import LedgerEntry, Rules, Snapshot
from reconcile.stores.ports import (
    ConfigurationReader,
    ObjectsReader,
    PlaybackReader,
    RecordingsReader,
    RecordsReader,
    RowsReader,
)

_READERS = 16
SHRUNK_TO = 0.80
AGREES_WITHIN = 0.05

Progress = Callable[[str, int, int], None]
"""Called with the name of a step, how much of it is done, and how much there is (0: not known)."""


def silent(step: str, done: int, total: int) -> None:
    """Show no progress."""


@dataclass(frozen=True, slots=True)
class Stores:
    """The three stores, reading; media one by one, and how the live system is set up.

    None of it: nobody asks for playback URLs, or looks at the configuration.
    """

    recordings: RecordingsReader
    rows: RowsReader
    records: RecordsReader
    objects: ObjectsReader
    playback: PlaybackReader | None = None
    configuration: ConfigurationReader | None = None


def collect(
    stores: Stores,
    ledger: Mapping[RecordingKey, LedgerEntry],
    earlier: Mapping[str, list[SourceCount]],
    progress: Progress,
) -> Snapshot:
    """Read every store whole, at the same time; what failed or is doubted stands in the receipts.

    `earlier` holds, by source, the counts of earlier runs, newest first.
    """
    gc.unfreeze()
    progress("reading the stores", 0, 3)
    pages = PageParser()
    with ThreadPoolExecutor(4) as pool:
        listing = pool.submit(stores.recordings.list_recordings)
        scan = pool.submit(stores.rows.scan, pages.parse)
        browse = pool.submit(stores.records.browse, pages.hide)
        setup = pool.submit(stores.configuration.read) if stores.configuration else None
        recordings, listed = listing.result()
        progress("reading the stores", 1, 3)
        parsed, scanned = scan.result()
        progress("reading the stores", 2, 3)
        records, browsed = browse.result()
        pages.hide(browsed.not_compared)
        configuration = setup.result() if setup else None
    progress("reading the stores", 3, 3)
    snapshot = Snapshot(
        recordings={recording.key: recording for recording in recordings},
        catalog=merged(page() for page in parsed),
        records={record.object_id: record for record in records},
        ledger=ledger,
        receipts=tuple(
            doubted(receipt, earlier.get(receipt.source, [])) for receipt in (*listed, scanned, browsed)
        ),
        configuration=configuration,
    )
    # It lives to the end of the run: the search for garbage need not walk through all of it again and again.
    gc.freeze()
    return snapshot


def doubted(receipt: Receipt, earlier: list[SourceCount]) -> Receipt:
    """Doubt a source that shrank or emptied since the last run, until a later whole read agrees with it."""
    whole = [count for count in earlier if count.whole]
    believed = next((count for count in whole if not count.doubted), None)
    if not receipt.whole or believed is None:
        return receipt
    if receipt.items >= SHRUNK_TO * believed.items:
        return receipt
    last = whole[0]
    if last.doubted and abs(receipt.items - last.items) <= AGREES_WITHIN * max(last.items, receipt.items):
        return receipt
    was = f"it returned {receipt.items:,} items, and {believed.items:,} when it was last accepted"
    return replace(receipt, doubt=f"{was}; the next run accepts it if it returns as many again")


def read_events(
    snapshot: Snapshot,
    rules: Rules,
    reader: RecordingsReader,
    progress: Progress,
    deadline: Deadline = ENDLESS,
) -> Snapshot:
    """Read the events files that verdicts need and that were not read yet; one that cannot be is a failure.

    Those that time does not suffice for are not read either: the oldest of those that are no news.
    """
    keys = events_to_read(snapshot, rules)
    events: dict[RecordingKey, Events | Unreadable] = dict(snapshot.events)
    failures: dict[Subject, str] = dict(snapshot.failures)
    late = list[RecordingKey]()
    for done, (key, outcome) in enumerate(_read_all(keys, snapshot.recordings, reader, deadline), 1):
        if outcome is None:
            late.append(key)
        elif isinstance(outcome, str):
            failures[recording_subject(key)] = outcome
        else:
            events[key] = outcome
            failures.pop(recording_subject(key), None)
        progress("reading events", done, len(keys))
    why = f"time ran out: {len(late):,} of {len(keys):,} events files were not read"
    failures |= {recording_subject(key): why for key in late}
    return replace(snapshot, events=events, failures=failures)


def _parsed_twice(reader: RecordingsReader, bucket: str, name: str) -> Events | Unreadable:
    """Read an events file; one that is not understood is read again, for an answer may be garbage once."""
    events = parse_events(reader.read(bucket, name, MAX_EVENTS_BYTES))
    if isinstance(events, Unreadable):
        return parse_events(reader.read(bucket, name, MAX_EVENTS_BYTES))
    return events


def _read_all(
    keys: Iterable[RecordingKey],
    recordings: Mapping[RecordingKey, Recording],
    reader: RecordingsReader,
    deadline: Deadline,
) -> Iterable[tuple[RecordingKey, Events | Unreadable | str | None]]:
    """Yield each recording with its events, or why they could not be read (None: there was no time left)."""

    def _read(key: RecordingKey) -> tuple[RecordingKey, Events | Unreadable | str | None]:
        if deadline.ends_reading:
            return key, None
        name = recordings[key].events_file or ""
        try:
            return key, _parsed_twice(reader, key.bucket, name)
        except KeyError:
            return key, f"{name} was listed and is not there any more"
        except OutOfTime:
            return key, None
        except ObjectArchived:
            return key, Unreadable(f"{name} lies in an archive: restore it (aws s3api restore-object)")
        except SourceError as error:
            return key, str(error)

    with ThreadPoolExecutor(_READERS) as pool:
        yield from pool.map(_read, keys)
