"""The job's own memory, its reports and its lease in memory: the same ports as the real adapters."""

import copy
import secrets
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from reconcile.model.clock import parse_time, write_time
from reconcile.model.decision import Decision, with_outgrown
from reconcile.model.environment import Environment, RemovedBucket
from reconcile.model.errors import LeaseLost, SourceError
from reconcile.model.journal import JournalEntry
from reconcile.model.recording import RecordingKey
from reconcile.model.snapshot import LedgerEntry
from reconcile.stores.journal_items import journal_item, journal_of
from reconcile.stores.lease import SECONDS, AlreadyRunning
from reconcile.stores.ports import Text


@dataclass(frozen=True, slots=True)
class LeaseItem:
    """What the memory says of the lease: who holds it, and until which second."""

    run: str
    token: str
    until: float


@dataclass
class MemoryState:
    """The job's own memory."""

    settled: Environment | None = None
    entries: dict[RecordingKey, LedgerEntry] = field(default_factory=dict)
    summaries: dict[str, dict[str, Any]] = field(default_factory=dict)
    journaled: dict[tuple[str, int], JournalEntry] = field(default_factory=dict)
    decided: dict[str, Decision] = field(default_factory=dict)
    outgrown: dict[str, Decision] = field(default_factory=dict)
    lease: LeaseItem | None = None

    def environment(self) -> Environment | None:
        """Return the environment, or None before the first run."""
        return self.settled

    def bind_environment(self, wanted: Environment) -> Environment:
        """Tie the names that nobody has tied, and add buckets."""
        standing = self.settled or Environment("", "", "", ())
        if standing.contradicts(wanted):
            return standing
        added = set(wanted.buckets) - set(standing.buckets)
        self.settled = replace(
            standing,
            stage=standing.stage or wanted.stage,
            table=standing.table or wanted.table,
            index=standing.index or wanted.index,
            buckets=tuple(sorted({*standing.buckets, *wanted.buckets})),
            removed_buckets=tuple(one for one in standing.removed_buckets if one.bucket not in added),
        )
        return self.settled

    def remove_bucket(self, removed: RemovedBucket, *, wait: bool) -> Environment:
        """Untie a bucket; with `wait`, creations of the shows wait from now on."""
        standing = self._standing()
        if removed.bucket in standing.buckets:
            kept = tuple(sorted(set(standing.buckets) - {removed.bucket}))
            told = replace(removed, at=parse_time(write_time(removed.at)))
            waiting = (*standing.removed_buckets, told) if wait else standing.removed_buckets
            self.settled = replace(standing, buckets=kept, removed_buckets=waiting)
        return self._standing()

    def raise_sequence(self, reported: int) -> Environment:
        """Count one more run that writes."""
        standing = self._standing()
        behind = max(standing.behind, reported) if standing.sequence < reported else standing.behind
        sequence = max(standing.sequence, reported) + 1
        self.settled = replace(standing, sequence=sequence, behind=behind)
        return self.settled

    def accept(self, reported: int, by: str, reason: str, moment: datetime) -> Environment:
        """Let creations happen again for which the table made them wait."""
        standing = self._standing()
        sequence = max(standing.sequence, reported)
        self.settled = replace(standing, sequence=sequence, behind=0, removed_buckets=())
        return self.settled

    def mark_index_met(self, moment: datetime) -> None:
        """Remember since when the search index is known to be the table's, unless it is known."""
        standing = self._standing()
        met = standing.index_met or parse_time(write_time(moment))
        self.settled = replace(standing, index_met=met)

    def _standing(self) -> Environment:
        if self.settled is None:
            raise SourceError("the memory is tied to nothing yet: run reconcile check")
        return self.settled

    def mark_first_repair(self, moment: datetime) -> datetime:
        """Remember when the first repair began, unless it is known; to the millisecond, as all is written."""
        standing = self._standing()
        first = standing.first_repair or parse_time(write_time(moment))
        self.settled = replace(standing, first_repair=first)
        return first

    def mark_whole_repair(self, moment: datetime) -> None:
        """Remember when the newest repair began that read everything to its end."""
        self.settled = replace(self._standing(), last_whole_repair=parse_time(write_time(moment)))

    def ledger(self) -> dict[RecordingKey, LedgerEntry]:
        """Return the whole ledger."""
        return dict(self.entries)

    def ledger_entry(self, key: RecordingKey) -> LedgerEntry | None:
        """Return what the ledger says of one recording, or None."""
        return self.entries.get(key)

    def remember(self, entries: Iterable[tuple[LedgerEntry, LedgerEntry | None]]) -> int:
        """Enter what was seen in place of what was read."""
        entered = [new for new, old in entries if self.stands(new.key, old)]
        self.entries.update((entry.key, entry) for entry in entered)
        return len(entered)

    def stands(self, key: RecordingKey, read: LedgerEntry | None) -> bool:
        """Whether a recording's entry still tells of what was read, or there is still none."""
        standing = self.entries.get(key)
        if standing is None or read is None:
            return standing is read
        return (standing.programs, standing.restored) == (read.programs, read.restored)

    def runs(self, limit: int) -> list[dict[str, Any]]:
        """Return the newest runs' summaries, newest first."""
        return [self.summaries[run] for run in sorted(self.summaries, reverse=True)][:limit]

    def run(self, run: str) -> dict[str, Any] | None:
        """Return one run's summary, or None."""
        return self.summaries.get(run)

    @property
    def written(self) -> list[JournalEntry]:
        """The journal entries of all runs, in the order in which they were entered."""
        return list(self.journaled.values())

    def enter(self, entry: JournalEntry) -> None:
        """Write a journal entry; later changes of what it was made of do not reach it."""
        self.journaled[entry.run, entry.number] = copy.deepcopy(entry)

    def enter_all(self, entries: Sequence[JournalEntry]) -> None:
        """Write many journal entries."""
        for entry in entries:
            self.enter(entry)

    def mark_done(self, entries: Sequence[JournalEntry]) -> None:
        """Say of entries that their writes happened."""
        for entry in entries:
            key = (entry.run, entry.number)
            self.journaled[key] = replace(self.journaled[key], done=True)

    def holder(self, now: datetime) -> str | None:
        """Return the run that holds the lease, or None."""
        return self.lease.run if self.lease and self.lease.until > now.timestamp() else None

    def journal(self, run: str) -> list[JournalEntry]:
        """Return a run's journal, in order, with the values as the real table gives them back."""
        mine = sorted((one for one in self.written if one.run == run), key=lambda one: one.number)
        return [journal_of(journal_item(one)) for one in mine]

    def decisions(self) -> dict[str, Decision]:
        """Return what people decided, by its id, as it stands after runs ended some of it."""
        return with_outgrown(self.decided, self.outgrown.values())

    def decide(self, decisions: Iterable[Decision]) -> None:
        """Keep decisions."""
        self.decided.update((decision.id, decision) for decision in decisions)

    def end_outgrown(self, decisions: Iterable[Decision]) -> None:
        """Keep that a run ended decisions."""
        self.outgrown.update((decision.id, decision) for decision in decisions)

    def save_run(self, run: str, summary: Mapping[str, Any]) -> None:
        """Keep a run's summary; absent and None are the same."""
        self.summaries[run] = {name: value for name, value in summary.items() if value is not None}


@dataclass
class MemoryReports:
    """Reports in a dictionary: run -> name -> text."""

    files: dict[str, dict[str, str]] = field(default_factory=dict)
    pages: dict[str, str] = field(default_factory=dict)

    def prepare(self) -> None:
        """Nothing has to be prepared."""

    def save(self, run: str, files: Mapping[str, Text]) -> str:
        """Keep a run's files."""
        self.files[run] = {name: "".join(text) for name, text in files.items()}
        return self.place(run)

    def place(self, run: str) -> str:
        """Return where a run's files are."""
        return f"memory:{run}"

    def load(self, run: str, name: str) -> str | None:
        """Return one file of a run, or None."""
        return self.files.get(run, {}).get(name)

    def run_ids(self) -> list[str]:
        """Return the runs that have reports, newest first."""
        return sorted(self.files, reverse=True)

    def publish(self, name: str, text: str) -> None:
        """Keep a file beside the runs."""
        self.pages[name] = text

    def published(self, name: str) -> str | None:
        """Return a file beside the runs, or None."""
        return self.pages.get(name)


@dataclass
class MemoryFacts:
    """Facts by the name of their file; `loads` and `saves` count what was asked."""

    files: dict[str, bytes] = field(default_factory=dict)
    loads: int = 0
    saves: int = 0

    def names(self) -> list[str]:
        """Return the names of the files."""
        return sorted(self.files)

    def load(self, name: str) -> bytes | None:
        """Return a file, or None."""
        self.loads += 1
        return self.files.get(name)

    def save(self, name: str, data: bytes) -> None:
        """Put a file in place of the one of its name."""
        self.saves += 1
        self.files[name] = data


class MemoryLease:
    """Takes the lease of a memory for 60 seconds, renews it whenever it is told to, and gives it back."""

    def __init__(self, state: MemoryState, run: str, clock: Callable[[], float] = time.time) -> None:
        self._state, self._run, self._clock = state, run, clock
        self._token, self._until = secrets.token_hex(8), 0.0

    @property
    def token(self) -> str:
        """What each write checks."""
        return self._token

    def check(self) -> None:
        """Return if the lease is surely held; raises LeaseLost if another run may have it."""
        if self._clock() >= self._until:
            raise LeaseLost("the lease could not be renewed in time: nothing more was written")

    def renew(self) -> None:
        """Hold the lease for another 60 seconds, unless another run has it."""
        if self._ours():
            self._write(self._clock() + SECONDS)
        else:
            self._until = 0.0

    def __enter__(self) -> "MemoryLease":
        """Take the lease; raises AlreadyRunning."""
        standing = self._state.lease
        if standing and standing.until >= self._clock() and not self._ours():
            raise AlreadyRunning
        self._write(self._clock() + SECONDS)
        return self

    def __exit__(self, *_: object) -> None:
        if self._ours():
            self._write(0.0)
        self._until = 0.0

    def _ours(self) -> bool:
        standing = self._state.lease
        return standing is not None and standing.token == self._token

    def _write(self, until: float) -> None:
        self._state.lease, self._until = LeaseItem(self._run, self._token, until), until
