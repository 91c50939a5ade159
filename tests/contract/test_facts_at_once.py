"""Two runs that keep their facts at the same time, on threads: in a directory and in a bucket."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from threading import Barrier

import pytest

from reconcile.model.facts import lines_of
from reconcile.report.data import Report
from reconcile.stores.facts import DirectoryFacts, S3Facts
from reconcile.stores.ports import FactsStore
from reconcile.wiring import Wiring
from tests.contract.conftest import unique
from tests.scenario.cycle import Cycle
from tests.scenario.test_time_runs_out import archive, prefix_of

STAGE = "memory"
PATIENCE = 60.0


class Together:
    """Facts of which nothing is written before both runs have read what is stored, and want to write."""

    def __init__(self, store: FactsStore, both: Barrier) -> None:
        self._store, self._both = store, both
        self.names, self.load = store.names, store.load

    def save(self, name: str, data: bytes) -> None:
        """Write a file at the same moment as the other run."""
        self._both.wait(PATIENCE)
        self._store.save(name, data)


@pytest.fixture(params=["directory", "bucket"])
def facts(request: pytest.FixtureRequest, tmp_path: Path) -> FactsStore:
    """A place for facts that two runs can write to."""
    if request.param == "directory":
        return DirectoryFacts(tmp_path, STAGE)
    wiring: Wiring = request.getfixturevalue("aws")
    bucket = unique("facts")
    wiring.s3.create_bucket(Bucket=bucket)
    return S3Facts(wiring.s3, bucket, "reports", STAGE)


def without(number: int) -> Cycle:
    """Return an archive of four recordings, one of which is not there."""
    cycle = archive(4, with_program=range(4))
    gone = [place for place in cycle.buckets.objects if place[1].startswith(prefix_of(number))]
    for place in gone:
        del cycle.buckets.objects[place]
    return cycle


def night(cycle: Cycle, facts: FactsStore) -> Report:
    """Check with these facts."""
    cycle.facts = facts  # type: ignore[assignment]
    return cycle.check(lookback=timedelta(days=3)).report


def lines_in(facts: FactsStore, name: str) -> set[str]:
    """Return the recordings that a file of facts tells of; it can be read to its end."""
    return {line[1].partition("/media/")[0] for line in lines_of(facts.load(name) or b"", name, STAGE)}


def test_each_file_is_whole_and_one_run_s_and_the_next_night_reads_what_it_lacks(facts: FactsStore) -> None:
    both, cycles = Barrier(2), [without(0), without(3)]
    with ThreadPoolExecutor(2) as pool:
        reports = list(pool.map(lambda cycle: night(cycle, Together(facts, both)), cycles))
    assert [
        receipt.detail for report in reports for receipt in report.sources if receipt.source == "facts"
    ] == [
        {},
        {},
    ]
    learned = [{prefix_of(n) for n in (1, 2, 3)}, {prefix_of(n) for n in (0, 1, 2)}]
    assert len(facts.names()) == 2
    assert all(lines_in(facts, name) in learned for name in facts.names())
    night(archive(4, with_program=range(4)), facts)
    assert all(lines_in(facts, name) == learned[0] | learned[1] for name in facts.names())
