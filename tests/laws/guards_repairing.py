"""The guards of repairing, and what stands in their place where they are neutralised."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from uuid import uuid4

from reconcile.compare.recording.coverage import Member, Placement
from reconcile.model.attributes import Value, counted_on
from reconcile.model.catalog import RowKey
from reconcile.model.journal import Counted, JournalEntry
from reconcile.model.snapshot import Rules
from reconcile.repair.apply_records import _made, _write
from reconcile.repair.duplicates import DuplicateCheck
from reconcile.repair.writing import RepairPorts
from reconcile.runs.history import rules_for
from reconcile.stores.dynamodb_writing import DynamoWriter
from reconcile.stores.write_ports import Update
from tests.laws import concurrency, deleting, repairing
from tests.laws.law import Guard


def _two_more(group: RowKey, before: Value | None) -> Counted | None:
    after = counted_on(before, 2)
    return Counted(group, before, after) if after is not None else None


IDEMPOTENCE = (
    Guard(
        "reconcile.model.search_record.digest",
        "compares a search record with its row by what both say, in one canonical shape",
        lambda record, hidden=frozenset(): uuid4().hex,
        repairing.a_second_repair_writes_nothing,
    ),
    Guard(
        "reconcile.model.journal.Counted.one_more",
        "raises a group's count by exactly one for each program that it gains",
        staticmethod(_two_more),
        repairing.a_second_repair_writes_nothing,
    ),
    Guard(
        "reconcile.compare.recording.row_matching.names_program",
        "takes a recording row that names its program for completed",
        lambda row, program_id: False,
        repairing.a_second_repair_writes_nothing,
    ),
)


def _window_of_today(order: Any, past: Any, media: Any, now: Any, _rules: Any = rules_for) -> Rules:
    rules: Rules = _rules(order, past, media, now)
    start = None if order.lookback is None else now - order.lookback
    return replace(rules, window_start=start, unresolved=frozenset())


class _Late:
    """Ports whose journal is entered only once what it tells of was written."""

    def __init__(self, ports: RepairPorts) -> None:
        self._ports = ports

    def __getattr__(self, name: str) -> Any:
        return getattr(self._ports, name)

    def enter_ahead(self, entries: Sequence[JournalEntry]) -> None:
        """Enter nothing yet."""

    def mark_done(self, entries: Sequence[JournalEntry]) -> None:
        """Enter and mark at once."""
        self._ports.enter_ahead(entries)
        self._ports.mark_done(entries)


def _journaled_afterwards(
    pending: Any, before: Any, orders: Any, ports: RepairPorts, _write: Any = _write
) -> Any:
    return _write(pending, before, orders, _Late(ports))


CONVERGENCE = (
    Guard(
        "reconcile.repair.apply_records._write",
        "journals a search record before it is written, for the index knows no transactions",
        _journaled_afterwards,
        repairing.a_run_that_is_killed_at_a_record_is_completed_by_the_next,
    ),
    Guard(
        "reconcile.stores.lease.SECONDS",
        "lets the lease of a dead run expire",
        10**9,
        repairing.a_run_that_is_killed_at_a_record_is_completed_by_the_next,
    ),
    Guard(
        "reconcile.runs.history.rules_for",
        "lets the window reach back to the last repair that came to its end",
        _window_of_today,
        repairing.what_no_run_could_repair_is_looked_for_until_one_has,
    ),
)

LIMITS = (
    Guard(
        "reconcile.repair.planned.Limit.allows",
        "says how many repairs of a kind are plausible",
        lambda limit, number, population: True,
        repairing.more_than_the_limit_awaits_approval_and_nothing_else_is_approved,
    ),
    Guard(
        "reconcile.repair.plan._is_asked_for",
        "lets an approval count for what it was given for, and nothing else",
        lambda planned, scope: bool(scope.approved),
        repairing.more_than_the_limit_awaits_approval_and_nothing_else_is_approved,
    ),
    Guard(
        "reconcile.repair.guards.Guards.on_creation",
        "holds back programs of recordings from before the first repair",
        lambda guards, *asked, decided: (),
        repairing.a_first_repair_creates_nothing_that_was_not_approved,
    ),
    Guard(
        "reconcile.repair.guards.index_meets_table",
        "holds back writes to an index that never held a record of the table",
        lambda snapshot: True,
        repairing.an_index_that_never_held_a_record_of_the_table_is_not_written_to,
    ),
    Guard(
        "reconcile.model.environment.Environment.older_than",
        "notices a state table that is older than an archived report",
        lambda environment, reported: 0,
        repairing.a_state_table_that_is_older_than_a_report_lets_nothing_be_created,
    ),
    Guard(
        "reconcile.repair.planned.RepairScope.lets",
        "keeps repairs off what a person ignores, or did not ask for",
        lambda scope, finding: True,
        repairing.what_a_person_ignores_is_not_repaired,
    ),
)


def _left_in_the_index(row: Any, findings: Any, record: Any, ports: Any) -> Any:
    return _made(row, {}, record)


def _kept_only_if_it_stands(member: Member, placement: Placement) -> bool:
    return placement == "kept"


def _unconditional(
    writer: DynamoWriter, update: Update, _update: Any = DynamoWriter._update
) -> dict[str, Any]:
    action: dict[str, Any] = _update(writer, Update(update.key, update.set_to, {}, update.beside))
    return {name: value for name, value in action.items() if name != "ConditionExpression"}


NEVER_REVIVE = (
    Guard(
        "reconcile.compare.recording.retirement.ProgramTraces.of",
        "finds every trace of a former program: ledger, copies, search records, recording rows",
        lambda traces, key, producer, show_id, time: (),
        deleting.what_the_job_made_and_its_owner_deleted_stays_deleted,
    ),
    Guard(
        "reconcile.runs.ledger.programs_to_remember",
        "enters every program that a run sees into the ledger",
        lambda snapshot, comparison: (),
        deleting.what_a_run_saw_once_and_its_owner_deleted_stays_deleted,
    ),
    Guard(
        "reconcile.runs.ledger.retirements_to_remember",
        "enters what a trace tells of into the ledger, before the trace goes",
        lambda snapshot, comparison: (),
        deleting.what_a_search_record_tells_of_stays_deleted_when_the_record_goes,
    ),
    Guard(
        "reconcile.compare.recording.retirement._same_time",
        "takes a recording row of the same time that names a program for its trace",
        lambda row, time: False,
        deleting.what_a_recording_row_tells_of_stays_deleted,
    ),
    Guard(
        "reconcile.compare.recording.coverage._is_kept",
        "lets a deleted program's recording go on covering its twins",
        _kept_only_if_it_stands,
        deleting.a_twin_of_what_was_deleted_gets_no_program,
    ),
    Guard(
        "reconcile.compare.recording.expired.Expired.members",
        "remembers what time a deleted program covered after its recording has expired",
        lambda expired, show_id: iter(()),
        deleting.a_twin_of_what_was_deleted_and_has_expired_gets_no_program,
    ),
    Guard(
        "reconcile.repair.apply_records._taken_back",
        "removes the search record of a row that went while it was written",
        _left_in_the_index,
        deleting.a_record_whose_row_goes_while_it_is_written_goes_as_well,
    ),
    Guard(
        "reconcile.stores.dynamodb_writing.DynamoWriter._update",
        "changes a row only on condition that it exists and says what was read",
        _unconditional,
        concurrency.a_row_that_goes_before_it_is_completed_stays_away,
    ),
)


def _whoever_holds_it(lease: Any) -> str:
    lock = lease._lock
    key = {name: lock._item[name] for name in ("pk", "sk")}
    return str(lock._client.get_item(TableName=lock._table, Key=key)["Item"]["token"]["S"])


def _taken_by_anybody(lock: Any, what: str, free: str = "", **values: str) -> None:
    lock._write("attribute_exists(pk) OR attribute_not_exists(pk) OR #t = :t", lock._end())
    lock._keeper.start()


CONCURRENCY = (
    Guard(
        "reconcile.stores.ledger_items.ledger_as_read",
        "creates a program only while the ledger says of its recording what was read",
        lambda expected: {},
        concurrency.what_another_run_entered_is_not_made_again,
    ),
    Guard(
        "reconcile.stores.dynamodb_writing.ABSENT",
        "creates a program only where no row stands under its key",
        {},
        concurrency.what_stands_under_the_new_program_s_key_is_not_overwritten,
        only_there=True,
    ),
    Guard(
        "reconcile.model.recording.program_id_of",
        "gives a recording's program the same id in every run",
        lambda key: str(uuid4()),
        concurrency.what_stands_under_the_new_program_s_key_is_not_overwritten,
    ),
    Guard(
        "reconcile.stores.lease.RenewingLock.take",
        "lets one run have the lease at a time",
        _taken_by_anybody,
        concurrency.of_two_repairs_at_once_one_runs,
    ),
    Guard(
        "reconcile.stores.lease.DynamoLease.token",
        "makes each transaction on condition that the lease is still this run's",
        property(_whoever_holds_it),
        concurrency.a_run_whose_lease_another_took_writes_no_row,
    ),
    Guard(
        "reconcile.stores.lease.DynamoLease.check",
        "stops a run whose lease may have run out, by its own clock",
        lambda lease: None,
        concurrency.a_run_whose_lease_ran_out_writes_no_record,
    ),
    Guard(
        "reconcile.repair.duplicates.made_meanwhile",
        "looks, right before a creation, for a program that somebody else made since",
        lambda creation, ports: "",
        concurrency.a_program_that_the_processor_makes_before_ours_is_the_only_one,
    ),
    Guard(
        "reconcile.repair.duplicates.check_duplicates",
        "looks again, at the end of the run, whether what was made stands alone",
        lambda repairs, planned, comparison, ports: DuplicateCheck(tuple(repairs)),
        concurrency.a_program_that_the_processor_makes_beside_ours_is_reported_by_the_same_run,
    ),
    Guard(
        "reconcile.stores.transactions.as_expected",
        "changes attributes of a row only while they are as they were read",
        lambda expected, names: ([], {}),
        concurrency.what_an_owner_changed_meanwhile_stands,
    ),
    Guard(
        "reconcile.repair.apply_records._TRIES",
        "writes a search record again whose row changed while it was written",
        1,
        concurrency.a_record_says_what_its_row_says_last,
    ),
    Guard(
        "reconcile.repair.writing._TRIES",
        "reads a group's count again that others raised meanwhile",
        1,
        concurrency.a_count_that_others_raise_meanwhile_is_raised_from_what_it_is_then,
    ),
)
