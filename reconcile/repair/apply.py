"""Applies planned repairs: each write is conditional, idempotent, and has a journal entry."""

from reconcile.model.errors import LeaseLost, SourceError
from reconcile.model.run import Repair
from reconcile.repair.apply_records import TOGETHER, Owed, write_records
from reconcile.repair.planned import Plan
from reconcile.repair.writing import RepairPorts, failed, faulty


def apply(plan: Plan, ports: RepairPorts) -> list[Repair]:
    """Apply the repairs in order; return the outcome of each write.

    A lost lease ends the work; when time runs out, what was begun is finished and nothing more is begun.
    """
    done, owed = list[Repair](), list[Owed]()
    for number, planned in enumerate(plan.repairs, 1):
        if ports.out_of_time():
            break
        try:
            for result in plan.kind_of(planned).apply(planned, ports):
                # The writes before a failure must be reported.
                if isinstance(result, Owed):
                    owed.append(result)
                else:
                    done.append(result)
        except LeaseLost as error:
            done.append(failed(planned.finding, str(error)))
            break
        except SourceError as error:
            done.append(faulty(planned.finding, error))
        if len(owed) >= TOGETHER:
            done += write_records(owed, ports)
            owed.clear()
        ports.progress("repairing", number, len(plan.repairs))
    return done + write_records(owed, ports)
