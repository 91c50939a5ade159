"""The law that what an owner deleted is never brought back."""

from datetime import timedelta

from reconcile.model.clock import write_time
from tests.laws.worlds import OURS, programs, repairing
from tests.scenario.cycle import Cycle
from tests.scenario.meddling import meddled
from tests.scenario.small import BUCKET, DOMAIN, PREFIX, Small, agreeing, lacking_a_program

ROW = ("u#ann#programs", "p#program-of-show1")
TWIN = "dddddddddddd/eeeeeeeeeeee/ffffffffffff/composite"
URL = f"https://{DOMAIN}/{PREFIX}/media/hls/multivariant.m3u8"


def populated(small: Small) -> Small:
    """Return a world with others' uploads besides, so that one row less is no collapse."""
    small.populate(20)
    return small


def nothing_comes_back(cycle: Cycle) -> None:
    """Repair for some nights, with whatever awaits approval approved; raises AssertionError for a program."""
    for _ in range(3):
        cycle.now += timedelta(hours=12)
        last = cycle.repair()
        if last.report.approvals:
            cycle.repair(approve=last.report.run.id)
        assert programs(cycle) == []


def what_the_job_made_and_its_owner_deleted_stays_deleted() -> None:
    """Only the ledger remembers it."""
    cycle = repairing(populated(lacking_a_program()))
    cycle.repair()
    assert programs(cycle) == [OURS]
    cycle.delete_program(OURS)
    nothing_comes_back(cycle)


def what_a_run_saw_once_and_its_owner_deleted_stays_deleted() -> None:
    """Also what the live processor made, and where a check was all that ran."""
    cycle = repairing(populated(agreeing()))
    cycle.check()
    cycle.delete_program(ROW)
    nothing_comes_back(cycle)


def what_a_search_record_tells_of_stays_deleted_when_the_record_goes() -> None:
    """No run saw the program; its record outlived it for a while."""
    cycle = repairing(populated(lacking_a_program()))
    cycle.index.hits["gone"] = {"objectID": "gone", "programId": "gone", "userId": "ann", "program_url": URL}
    nothing_comes_back(cycle)
    del cycle.index.hits["gone"]
    nothing_comes_back(cycle)


def what_a_recording_row_tells_of_stays_deleted() -> None:
    """The show's row of the recording names a program that is not there."""
    small = populated(lacking_a_program())
    start, end = (write_time(small.now - timedelta(hours=hours)) for hours in (3, 2))
    small.put({"pk": "show#show1", "sk": f"recording#{start}#r1", "recordingId": "r1", "showId": "show1",
               "startTime": start, "endTime": end, "status": "completed", "programId": "gone",
               "s3Bucket": BUCKET, "s3Key": f"{PREFIX}/media/hls/multivariant.m3u8"})  # fmt: skip
    nothing_comes_back(repairing(small))


def a_twin_of_what_was_deleted_gets_no_program() -> None:
    """Nor once the deleted one's own recording has expired."""
    small = populated(lacking_a_program())
    small.record_broadcast(TWIN)
    cycle = repairing(small)
    cycle.repair()
    for key in programs(cycle):
        cycle.delete_program(key)
    nothing_comes_back(cycle)


def a_twin_of_what_was_deleted_and_has_expired_gets_no_program() -> None:
    """Then only the ledger knows what time of which show the deleted program covered."""
    small = populated(lacking_a_program())
    small.record_broadcast(TWIN)
    cycle = repairing(small)
    cycle.repair()
    (made,) = programs(cycle)
    kept = cycle.table.items[made]["s3Key"]["S"].partition("/media/")[0]
    cycle.delete_program(made)
    cycle.repair()
    for address in [one for one in cycle.buckets.objects if one[1].startswith(kept)]:
        del cycle.buckets.objects[address]
    nothing_comes_back(cycle)


def a_record_whose_row_goes_while_it_is_written_goes_as_well() -> None:
    """Search never shows a program again that its owner deleted at that moment."""
    small = agreeing()
    small.records["program-of-show1"]["title"] = "An older title"
    cycle = meddled(small, lambda cycle, number: cycle.delete_program(ROW) if number == 1 else None)
    cycle.repair()
    assert cycle.index.hits == {}
