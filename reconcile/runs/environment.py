"""Shows what the state table is tied to, takes a bucket back, and accepts a table that made repairs wait."""

import getpass
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from reconcile.model.catalog import Catalog, Copy, Program, RecordingRow
from reconcile.model.environment import Environment, TakenBack
from reconcile.model.errors import SourceError, UsageError
from reconcile.model.media import MediaMap
from reconcile.model.parse import parse_items
from reconcile.model.recording import RecordingKey
from reconcile.model.snapshot import LedgerEntry
from reconcile.runs.archive import highest_sequence
from reconcile.runs.history import refuse_mismatch
from reconcile.stores.ports import State
from reconcile.wiring import Wiring

_SHOWN = 5
_MOST_SHOWS = 1_000


@dataclass(frozen=True, slots=True)
class Tied:
    """What a state table is tied to (None: nothing yet), and the highest number that a stored report has."""

    environment: Environment | None
    reported: int

    @property
    def behind(self) -> int:
        """The number of a stored report that the table is older than; 0 where it is not."""
        standing = self.environment
        if standing is None:
            return self.reported
        return standing.behind or (self.reported if self.reported > standing.sequence else 0)

    def to_json(self) -> dict[str, Any]:
        """Return it as plain values."""
        return {"tied_to": asdict(self.environment) if self.environment else None, "behind": self.behind}


@dataclass(frozen=True, slots=True)
class Use:
    """What points into a bucket, in words, and the shows whose programs may lie there (none: any)."""

    what: str
    shows: frozenset[str]


def tied(wiring: Wiring) -> Tied:
    """Return what the state table is tied to, whatever the settings say; raises UsageError, SourceError."""
    reported = highest_sequence(wiring.reports, wiring.settings.stage)
    return Tied(_state(wiring).environment(), reported)


def remove_bucket(wiring: Wiring, bucket: str, reason: str, *, force: bool) -> Environment:
    """Untie a bucket; raises UsageError where it is not tied or is still used, SourceError.

    With `force` it is untied although something points there; creations for those shows wait from then on.
    """
    state = _state(wiring)
    standing = state.environment()
    if standing is None or bucket not in standing.buckets:
        known = ", ".join(standing.buckets) if standing else ""
        raise UsageError(
            f"the state table is not tied to a bucket {bucket!r}, only to: {known or 'none at all'}"
        )
    _refuse_another(standing, wiring.environment)
    if force and not reason.strip():
        raise UsageError("--force needs a --reason: it is told in every report that makes a creation wait")
    uses = list(_uses(bucket, wiring, state.ledger()))
    if uses and not force:
        shown = "; ".join(use.what for use in uses[:_SHOWN])
        more = f"; and {len(uses) - _SHOWN:,} more" if len(uses) > _SHOWN else ""
        raise UsageError(
            f"{len(uses):,} things point into the bucket {bucket}: {shown}{more}. Name the bucket in "
            "RECONCILE_BUCKET, or take it back all the same with --force --reason TEXT: creations for those "
            "shows then wait for approval"
        )
    shows = {show for use in uses for show in use.shows}
    unknown = any(not use.shows for use in uses) or len(shows) > _MOST_SHOWS
    taken = TakenBack(bucket, () if unknown else tuple(sorted(shows)), _who(), reason, wiring.clock())
    return state.take_back(taken, wait=bool(uses))


def accept(wiring: Wiring, reason: str) -> Environment:
    """Let creations happen for which the table made them wait; raises UsageError, SourceError."""
    if not reason.strip():
        raise UsageError("--accept needs a --reason: why the state table is right as it is")
    found = tied(wiring)
    if found.environment is None:
        raise UsageError("the state table is tied to nothing yet: run reconcile check first")
    refuse_mismatch(found.environment, wiring.environment)
    return _state(wiring).accept(found.reported, _who(), reason, wiring.clock())


def _refuse_another(standing: Environment, wanted: Environment) -> None:
    """Refuse another environment's table; its buckets are what is about to change."""
    refuse_mismatch(Environment(standing.stage, standing.table, standing.index, ()), wanted)


def _uses(bucket: str, wiring: Wiring, ledger: Mapping[RecordingKey, LedgerEntry]) -> Iterator[Use]:
    """Yield what points into a bucket; raises SourceError where not everything could be read."""
    images, receipt = wiring.stores.rows.scan()
    if not receipt.whole:
        raise SourceError(f"the table was not read whole, so that the bucket stays tied: {receipt.why}")
    catalog = parse_items(images)
    shows_of = _shows_by_producer(catalog)
    yield from _rows_in(bucket, catalog, wiring.settings.media, shows_of)
    for key, entry in sorted(ledger.items()):
        if key.bucket == bucket:
            shows = (shows_of.get(owner, frozenset()) for owner in entry.programs)
            yield Use(f"the ledger's {key.address}", frozenset[str]().union(*shows))


def _rows_in(
    bucket: str, catalog: Catalog, media: MediaMap, shows_of: Mapping[str, frozenset[str]]
) -> Iterator[Use]:
    rows: Iterable[Program | Copy | RecordingRow] = (
        *catalog.programs.values(),
        *catalog.copies.values(),
        *catalog.rows.values(),
    )
    for row in rows:
        if bucket not in _buckets_of(row, media):
            continue
        show = row.show_id if isinstance(row, RecordingRow) else getattr(row, "source_show", None)
        owner = "" if isinstance(row, RecordingRow) else row.owner or ""
        shows = frozenset((show,)) if show else shows_of.get(owner, frozenset())
        yield Use(f"{row.pk} {row.sk}", shows)


def _buckets_of(row: Program | Copy | RecordingRow, media: MediaMap) -> set[str | None]:
    stored = {row.s3_bucket} if row.s3_key else set()
    url = None if isinstance(row, RecordingRow) else row.url
    return stored | ({name for name, _ in media.spots_of(url)} if url else set())


def _shows_by_producer(catalog: Catalog) -> Mapping[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for show in catalog.shows.values():
        if show.producer_id:
            found.setdefault(show.producer_id, set()).add(show.show_id)
    return {producer: frozenset(shows) for producer, shows in found.items()}


def _state(wiring: Wiring) -> State:
    if wiring.state is None:
        raise UsageError("there is no state table to look at: set RECONCILE_STATE_TABLE")
    return wiring.state


def _who() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        # A container may run under a number that has no name.
        return "somebody"
