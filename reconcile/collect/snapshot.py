"""Reads the three stores at the same time, and ahead what they leave time for; keeps the receipts."""

import gc
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from reconcile.collect.ahead import ReadAhead
from reconcile.collect.blocks import give_back_large_blocks
from reconcile.collect.newer_rows import with_newer_rows
from reconcile.collect.pages import PageParser
from reconcile.collect.stores import Progress, Stores
from reconcile.model.facts import FactFiles, Remembered
from reconcile.model.parse import merged
from reconcile.model.recording import RecordingKey
from reconcile.model.run import Receipt, SourceCount
from reconcile.model.snapshot import LedgerEntry, Snapshot

SHRUNK_TO = 0.80
AGREES_WITHIN = 0.05


def collect(
    stores: Stores,
    ledger: Mapping[RecordingKey, LedgerEntry],
    earlier: Mapping[str, list[SourceCount]],
    progress: Progress,
    ahead: ReadAhead,
) -> Snapshot:
    """Read every store whole, at the same time; what failed or is doubted stands in the receipts.

    `earlier` holds, by source, the counts of earlier runs, newest first. What was read `ahead` is part of the
    snapshot; whoever asks for events and media next reads what is left.
    """
    gc.unfreeze()
    give_back_large_blocks()
    progress("reading the stores", 0, 3)
    pages = PageParser(ahead.parsed)
    with ahead, ThreadPoolExecutor(4) as pool:
        listing = pool.submit(stores.recordings.list_recordings)
        scan = pool.submit(stores.rows.scan, pages.parse)
        browse = pool.submit(stores.records.browse, pages.hide)
        setup = pool.submit(stores.configuration.read) if stores.configuration else None
        recordings, listed = listing.result()
        ahead.listed(recordings, listed, scanned=scan.done())
        progress("reading the stores", 1, 3)
        parsed, scanned = scan.result()
        progress("reading the stores", 2, 3)
        records, browsed = browse.result()
        pages.hide(browsed.not_compared)
        configuration = setup.result() if setup else None
        events, media, remembered = ahead.stop()
    progress("reading the stores", 3, 3)
    snapshot = Snapshot(
        recordings={recording.key: recording for recording in recordings},
        catalog=merged(page.result() for page in parsed),
        records={record.object_id: record for record in records},
        ledger=ledger,
        receipts=(
            *(
                doubted(receipt, earlier.get(receipt.source, []))
                for receipt in (*listed, scanned, browsed, *media.receipts)
            ),
            *_facts(ahead.facts, remembered),
        ),
        events=events.events,
        events_read=events.events.keys() - remembered.events.keys(),
        failures=events.failures,
        media=media.media,
        configuration=configuration,
        facts=ahead.facts,
        remembered=remembered,
    )
    snapshot = with_newer_rows(snapshot, stores.rows)
    # It lives to the end of the run: the search for garbage need not walk through all of it again and again.
    gc.freeze()
    return snapshot


def _facts(facts: FactFiles | None, remembered: Remembered) -> Iterator[Receipt]:
    """Yield what the facts of earlier runs gave: the events files that need not be read.

    Fewer than before are no doubt: a check of everything takes none of them, and reads the files themselves.
    """
    if facts is not None:
        yield Receipt(
            source="facts",
            whole=True,
            items=len(remembered.events),
            requests=facts.requests,
            bytes=sum(map(len, facts.files.values())),
            seconds=facts.seconds,
            detail={"not_usable": list(remembered.faults)} if remembered.faults else {},
        )


def doubted(receipt: Receipt, earlier: list[SourceCount]) -> Receipt:
    """Doubt a source that shrank or emptied since the last run, until a later whole read agrees with it."""
    whole = [count for count in earlier if count.whole]
    believed = next((count for count in whole if not count.doubted), None)
    if not receipt.whole or believed is None:
        return receipt
    if receipt.items >= SHRUNK_TO * believed.items:
        return receipt
    last = whole[0]
    # The same export tells the same twice: that is no second opinion.
    another = receipt.as_of is None or receipt.as_of != last.as_of
    agrees = abs(receipt.items - last.items) <= AGREES_WITHIN * max(last.items, receipt.items)
    if last.doubted and another and agrees:
        return receipt
    was = f"it returned {receipt.items:,} items, and {believed.items:,} when it was last accepted"
    shrunk = f"{was}; the next run accepts it if it returns as many again"
    return replace(receipt, doubt="; ".join(filter(None, (receipt.doubt, shrunk))))
