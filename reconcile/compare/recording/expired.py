"""Ledger entries of deleted programs whose recordings have expired: they still cover twins."""

from collections import defaultdict
from collections.abc import Iterator

from reconcile.compare.recording.coverage import Member
from reconcile.compare.recording.retirement import ProgramTraces
from reconcile.model.clock import Interval
from reconcile.model.snapshot import LedgerEntry, Rules, Snapshot


class Expired:
    """The ledger's entries of recordings that are in no bucket any more, by show."""

    def __init__(self, snapshot: Snapshot, rules: Rules, memory: ProgramTraces) -> None:
        self._shows, self._memory = snapshot.catalog.shows, memory
        self._of_show: defaultdict[str, list[LedgerEntry]] = defaultdict(list)
        for key, entry in snapshot.ledger.items():
            # An assignment or a restore ends its coverage.
            if entry.show and key not in snapshot.recordings and key not in rules.decided:
                self._of_show[entry.show].append(entry)

    def members(self, show_id: str) -> Iterator[Member]:
        """Yield those of a show whose programs are gone, as its recordings that nobody wants back."""
        show = self._shows.get(show_id)
        producer = show.producer_id if show else None
        for entry in self._of_show.get(show_id, ()) if producer else ():
            if entry.start and entry.end and self._memory.is_gone(entry, str(producer)):
                length = round((entry.end - entry.start).total_seconds() * 1000)
                yield Member(
                    entry.key,
                    Interval(entry.start, entry.end),
                    length=length,
                    composite=False,
                    session_id=entry.session or None,
                    standing="retired",
                )
