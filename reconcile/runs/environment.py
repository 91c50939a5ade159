"""The environment of the state table: runs bind it to what they read; a person can unbind a bucket."""

import shlex
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from reconcile.model.catalog import Catalog, Copy, Program, RecordingRow
from reconcile.model.environment import Environment, RemovedBucket
from reconcile.model.errors import SourceError, UsageError
from reconcile.model.media import MediaMap
from reconcile.model.parse import merged, parse_items
from reconcile.model.recording import RecordingKey
from reconcile.model.run import Receipt
from reconcile.model.snapshot import LedgerEntry, Snapshot
from reconcile.repair.guards import NEVER_MET, index_meets_table
from reconcile.runs.archive import highest_sequence
from reconcile.runs.memory import Memory
from reconcile.runs.past import Past
from reconcile.runs.ports import Lookup
from reconcile.runs.user import user_name
from reconcile.stores.ports import StateStore

_SHOWN = 5
_MOST_SHOWS = 1_000


def bind(configured: Environment, state: StateStore, read: Environment | None = None) -> Environment:
    """Bind the state table to the wanted sources that were read (None: all); return the binding.

    Raises UsageError where it belongs to another environment, SourceError.
    """
    standing(configured, state)
    bound = state.bind_environment(read or configured)
    # Another stage's first run may have been faster, or the first look was answered with nothing.
    refuse_mismatch(bound, configured)
    return bound


def standing(configured: Environment, state: StateStore) -> Environment:
    """Return what the state table is bound to; raises UsageError for another environment, SourceError."""
    bound = state.environment()
    if bound is not None:
        refuse_mismatch(bound, configured)
    return bound or Environment(configured.stage, "", "", ())


def refuse_mismatch(standing: Environment, configured: Environment) -> None:
    """Raise UsageError if the state table belongs to another environment than the settings name."""
    pairs = (
        ("RECONCILE_STAGE", standing.stage, configured.stage),
        ("RECONCILE_TABLE", standing.table, configured.table),
        ("RECONCILE_ALGOLIA_INDEX", standing.index, configured.index),
    )
    for name, has, wants in pairs:
        # A source that no run has read completely is not bound yet.
        if has and has != wants:
            raise UsageError(
                f"the state table belongs to another environment: it was created with {name}={has}, "
                f"and {wants} is set now. Use that environment's own state table."
            )
    gone = sorted(set(standing.buckets) - set(configured.buckets))
    if gone:
        raise UsageError(
            f"the state table knows the bucket {', '.join(gone)}, which RECONCILE_BUCKET "
            f"({', '.join(configured.buckets)}) does not name. Name it again, or remove it: "
            f"reconcile state --remove-bucket {shlex.quote(gone[0])}"
        )


def bind_sources(past: Past, memory: Memory, snapshot: Snapshot, now: datetime) -> Past:
    """Bind the state table to the sources read completely, and count the run; return the updated past.

    Raises UsageError if another run bound it to another environment meanwhile, SourceError.
    """
    configured, state = memory.environment, memory.state
    read = read_whole(configured, snapshot.receipts)
    if state is None or not (read.table or read.index or read.buckets):
        return past
    if bind(configured, state, read).index_met is None and (
        index_meets_table(snapshot) or _is_approved(past)
    ):
        state.mark_index_met(now)
    return replace(past, environment=state.raise_sequence(past.reported))


def read_whole(configured: Environment, receipts: Iterable[Receipt]) -> Environment:
    """Return the part of the settings' environment that was read completely and is not in doubt."""
    trusted = {receipt.source for receipt in receipts if receipt.trusted}
    return Environment(
        configured.stage,
        configured.table if f"dynamodb:{configured.table}" in trusted else "",
        configured.index if f"algolia:{configured.index}" in trusted else "",
        tuple(bucket for bucket in configured.buckets if f"s3:{bucket}" in trusted),
    )


def mark_first_repair(past: Past, memory: Memory, now: datetime) -> Past:
    """Record when repairs first ran here, once all sources are bound; raises SourceError."""
    if memory.state is None or not past.environment.is_bound_to(memory.environment):
        return past
    first = memory.state.mark_first_repair(now)
    return replace(past, environment=replace(past.environment, first_repair=first))


def _is_approved(past: Past) -> bool:
    """Whether a person approved writes that waited until index and table were known to match."""
    return any(NEVER_MET in reason for reason in past.approved_for)


@dataclass(frozen=True, slots=True)
class Binding:
    """What a state table is bound to (None: nothing yet), and the highest number of a stored report."""

    environment: Environment | None
    reported: int

    @property
    def behind(self) -> int:
        """The number of a stored report that the table is older than; 0 where it is not."""
        return self.environment.older_than(self.reported) if self.environment else self.reported

    def to_json(self) -> dict[str, Any]:
        """Return it as plain values; removed buckets keep the name that the state table has for them."""
        tied_to = asdict(self.environment) if self.environment else None
        if tied_to:
            tied_to["taken_back"] = tied_to.pop("removed_buckets")
        return {"tied_to": tied_to, "behind": self.behind}


@dataclass(frozen=True, slots=True)
class Use:
    """What points into a bucket, in words, and the shows whose programs may lie there (none: any)."""

    what: str
    shows: frozenset[str]


def binding(memory: Memory) -> Binding:
    """Return what the state table is bound to, whatever the settings say; raises UsageError, SourceError."""
    reported = highest_sequence(memory.reports, memory.stage)
    return Binding(_state(memory).environment(), reported)


def remove_bucket(memory: Memory, lookup: Lookup, bucket: str, reason: str, *, force: bool) -> Environment:
    """Unbind a bucket; raises UsageError if it is not bound or is still used, SourceError.

    With `force` it is unbound although something points there; creations for those shows then need approval.
    """
    state = _state(memory)
    bound = state.environment()
    if bound is None or bucket not in bound.buckets:
        buckets = ", ".join(bound.buckets) if bound else ""
        raise UsageError(
            f"the state table is not bound to a bucket {bucket!r}, only to: {buckets or 'none at all'}"
        )
    _refuse_another(bound, memory.environment)
    if force and not reason.strip():
        raise UsageError("--force needs a --reason: it is shown in every report that makes a creation wait")
    uses = list(_uses(bucket, lookup, state.ledger()))
    if uses and not force:
        shown = "; ".join(use.what for use in uses[:_SHOWN])
        more = f"; and {len(uses) - _SHOWN:,} more" if len(uses) > _SHOWN else ""
        raise UsageError(
            f"{len(uses):,} rows or entries point into the bucket {bucket}: {shown}{more}. Name it in "
            "RECONCILE_BUCKET, or remove it all the same with --force --reason TEXT: creations for those "
            "shows then await approval"
        )
    shows = {show for use in uses for show in use.shows}
    unknown = any(not use.shows for use in uses) or len(shows) > _MOST_SHOWS
    removed = RemovedBucket(
        bucket, () if unknown else tuple(sorted(shows)), user_name(), reason, memory.clock()
    )
    return state.remove_bucket(removed, wait=bool(uses))


def accept(memory: Memory, reason: str) -> Environment:
    """Let creations happen for which the table made them wait; raises UsageError, SourceError."""
    if not reason.strip():
        raise UsageError("--accept needs a --reason: why the state table is right as it is")
    bound = binding(memory)
    if bound.environment is None:
        raise UsageError("the state table is not bound yet: run reconcile check first")
    refuse_mismatch(bound.environment, memory.environment)
    return _state(memory).accept(bound.reported, user_name(), reason, memory.clock())


def _refuse_another(standing: Environment, configured: Environment) -> None:
    """Refuse another environment's table; its buckets are what is about to change."""
    refuse_mismatch(Environment(standing.stage, standing.table, standing.index, ()), configured)


def _uses(bucket: str, lookup: Lookup, ledger: Mapping[RecordingKey, LedgerEntry]) -> Iterator[Use]:
    """Yield what points into a bucket; raises SourceError where not everything could be read."""
    pages, receipt = lookup.rows.scan(parse_items)
    if not receipt.whole:
        raise SourceError(f"the table was not read completely, so the bucket stays bound: {receipt.why}")
    catalog = merged(pages)
    shows_of = _shows_by_producer(catalog)
    yield from _rows_in(bucket, catalog, lookup.media, shows_of)
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
    by_producer: dict[str, set[str]] = {}
    for show in catalog.shows.values():
        if show.producer_id:
            by_producer.setdefault(show.producer_id, set()).add(show.show_id)
    return {producer: frozenset(shows) for producer, shows in by_producer.items()}


def _state(memory: Memory) -> StateStore:
    return memory.require_state("no state table is set")
