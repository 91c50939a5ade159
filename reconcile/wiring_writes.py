"""Carries out an order, and wires what a repair and an undo write with: a check is given none of it."""

from contextlib import AbstractContextManager

from reconcile import job
from reconcile.compare.engine import Engine
from reconcile.engines.pandas import PANDAS
from reconcile.model.errors import UsageError
from reconcile.model.run import Order
from reconcile.repair.writing import RepairPorts
from reconcile.runs.finish import Outcome
from reconcile.runs.ports import Tools
from reconcile.stores.algolia_writing import AlgoliaWriter
from reconcile.stores.dynamodb_undoing import DynamoUndoer
from reconcile.stores.dynamodb_writing import DynamoWriter
from reconcile.stores.lease import DynamoLease
from reconcile.stores.state import DynamoState
from reconcile.stores.transactions import Transactions
from reconcile.stores.write_ports import Lease
from reconcile.undo.ports import UndoStores, UndoTools, UndoWriters
from reconcile.wiring import Wiring


def carry_out(order: Order, wiring: Wiring, run: str, engine: Engine = PANDAS) -> Outcome:
    """Check or repair, as ordered. Raises what the job raises: AlreadyRunning, SourceError, UsageError."""
    ports = wiring.ports(run, engine)
    return (
        job.check(order, ports)
        if order.mode == "check"
        else job.repair(order, ports, repair_tools(wiring, run))
    )


def repair_tools(wiring: Wiring, run: str) -> Tools:
    """Return what a repair has besides; raises UsageError without a memory or a place for reports."""
    state = _memory_of(wiring, "a repair needs its memory")
    reports = wiring.memory.require_reports("a repair needs a place for its report")

    def _ports(lease: Lease) -> RepairPorts:
        stores, records = wiring.stores, wiring.index(AlgoliaWriter)
        return RepairPorts(
            recordings=stores.recordings,
            rows=stores.rows,
            rows_writer=DynamoWriter(_transactions(wiring, lease)),
            records=records,
            records_writer=records,
            journal=state,
            media=wiring.settings.media,
            run=run,
            clock=wiring.clock,
            check_lease=lease.check,
            out_of_time=lambda: wiring.deadline.ends_writing,
            progress=wiring.progress,
        )

    return Tools(state, reports, lambda: _lease(wiring, run), _ports)


def undo_stores(wiring: Wiring) -> UndoStores:
    """Return what undo reads; raises UsageError without a memory, or where the search key cannot be one."""
    wiring.refuse_wrong_key()
    state = wiring.memory.require_state("what a run wrote is kept in the state table")
    return UndoStores(wiring.rows, wiring.stores.records, wiring.memory, state)


def undo_tools(wiring: Wiring, run: str) -> UndoTools:
    """Return what undo has besides; raises UsageError without a memory."""
    state = _memory_of(wiring, "undo keeps a journal")

    def _writers(lease: Lease) -> UndoWriters:
        undoer = DynamoUndoer(_transactions(wiring, lease))
        return UndoWriters(undoer, wiring.index(AlgoliaWriter), state, lease.check)

    return UndoTools(
        run,
        lambda: _lease(wiring, run),
        _writers,
        out_of_time=lambda: wiring.deadline.ends_writing,
        progress=wiring.progress,
        usage=wiring.meter.usage,
        billing=wiring.billing,
    )


def _memory_of(wiring: Wiring, why: str) -> DynamoState:
    """Return the job's memory; raises UsageError, with why it is needed, where none is set."""
    if wiring.state is None:
        raise UsageError(f"{why}: set RECONCILE_STATE_TABLE")
    return wiring.state


def _transactions(wiring: Wiring, lease: Lease) -> Transactions:
    """Return what makes the transactions of a run that holds a lease."""
    tables = (wiring.settings.table, wiring.settings.state_table)
    return Transactions(wiring.dynamodb, *tables, lease, wiring.sleep, wiring.budget.left)


def _lease(wiring: Wiring, run: str) -> AbstractContextManager[Lease]:
    """Return the lease of a run, to be taken."""
    table, left = wiring.settings.state_table, wiring.budget.own
    return DynamoLease(wiring.dynamodb, table, run, wiring.seconds, left=left, sleep=wiring.sleep)
