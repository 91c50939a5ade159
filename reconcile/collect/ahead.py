"""Reads events files and looks for media while the table is still being scanned: its pace leaves the time.

Only what is needed whatever the rest of the table says is read ahead. When the scan is over, what is left is
read in its order of importance.
"""

from collections.abc import Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from queue import SimpleQueue
from threading import Event
from types import TracebackType

from reconcile.collect.events import EventsFiles, read_files
from reconcile.collect.media import MediaSeen, look_ahead
from reconcile.collect.stores import Stores
from reconcile.compare.events_needed import surely_needed
from reconcile.model.catalog import Catalog
from reconcile.model.deadline import ENDLESS, Deadline
from reconcile.model.facts import FactFiles, Remembered
from reconcile.model.recording import Recording
from reconcile.model.run import Receipt
from reconcile.model.snapshot import Rules, Snapshot


class ReadAhead:
    """Reads ahead from the moment when the recordings are listed until it is stopped."""

    def __init__(
        self, rules: Rules, stores: Stores, deadline: Deadline = ENDLESS, *, facts: FactFiles | None = None
    ) -> None:
        self._rules, self._stores, self._deadline = rules, stores, deadline
        self.facts = facts
        self._remembered: Future[Remembered] | None = None
        self._stopped = Event()
        self._parsed: SimpleQueue[Catalog | None] = SimpleQueue()
        self._pool = ThreadPoolExecutor(3)
        self._events: Future[EventsFiles] | None = None
        self._media: Future[MediaSeen] | None = None

    def __enter__(self) -> "ReadAhead":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop()
        self._pool.shutdown()

    def listed(
        self, recordings: Iterable[Recording], receipts: Iterable[Receipt], *, scanned: bool = False
    ) -> None:
        """Find out what facts say of these recordings; begin to read ahead, unless the table is `scanned`."""
        known = {recording.key: recording for recording in recordings}
        self._remembered = self._pool.submit(self._remember, known.values())
        if scanned:
            return
        self._events = self._pool.submit(self._read_events, Snapshot(recordings=known))
        self._media = self._pool.submit(self._look, Snapshot(recordings=known, receipts=tuple(receipts)))

    def parsed(self, page: Catalog) -> None:
        """Take note of a part of the table; from any thread."""
        self._parsed.put(page)

    def stop(self) -> tuple[EventsFiles, MediaSeen, Remembered]:
        """Begin nothing more; return what was read when what is under way has ended, and what facts say."""
        self._stop()
        events = self._events.result() if self._events else EventsFiles()
        media = self._media.result() if self._media else MediaSeen()
        return events, media, self._facts_say()

    def _stop(self) -> None:
        self._stopped.set()
        self._parsed.put(None)

    def _is_over(self) -> bool:
        return self._stopped.is_set() or self._deadline.ends_reading

    def _remember(self, recordings: Iterable[Recording]) -> Remembered:
        """Return what earlier runs know; whoever asks for everything wants it read."""
        if self.facts is None or self._rules.window_start is None:
            return Remembered()
        return self.facts.remembered(recordings, self._rules.now)

    def _facts_say(self) -> Remembered:
        return self._remembered.result() if self._remembered else Remembered()

    def _read_events(self, snapshot: Snapshot) -> EventsFiles:
        keys = surely_needed(snapshot.recordings.values(), self._rules)
        known = self._facts_say().events
        unknown = [key for key in keys if key not in known]
        files = read_files(unknown, snapshot.recordings, self._stores.recordings, self._is_over)
        return replace(files, events=files.events | {key: known[key] for key in keys if key in known})

    def _look(self, snapshot: Snapshot) -> MediaSeen:
        pages = iter(self._parsed.get, None)
        programs = (tuple(page.programs.values()) for page in pages)
        seen = self._facts_say().media
        return look_ahead(programs, snapshot, self._rules, self._stores.objects, self._is_over, seen)
