"""Where facts are kept: in memory, in a directory, in a bucket; beside the reports, and no report."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from reconcile.model.errors import SourceError
from reconcile.stores import facts as adapters
from reconcile.stores.facts import DirectoryFacts, S3Facts
from reconcile.stores.ports import FactsStore
from reconcile.stores.reports import DirectoryReports, S3Reports
from reconcile.wiring import Wiring
from tests.contract.conftest import unique
from tests.contract.harness import at_once
from tests.contract.lookalike import s3_error
from tests.contract.loopback import Answer, Loopback
from tests.doubles.memory_state import MemoryFacts

NAME, DATA = "events-2026-11.jsonl.gz", bytes(range(256))


@pytest.fixture(params=["memory", "directory", "bucket", "prefix"])
def facts(request: pytest.FixtureRequest, tmp_path: Path) -> FactsStore:
    """A place for facts of each kind."""
    if request.param == "memory":
        return MemoryFacts()
    if request.param == "directory":
        return DirectoryFacts(tmp_path / "reports", "prod")
    wiring: Wiring = request.getfixturevalue("aws")
    bucket = unique("facts")
    wiring.s3.create_bucket(Bucket=bucket)
    return S3Facts(wiring.s3, bucket, "" if request.param == "bucket" else "/some day/reports/", "prod")


def test_what_is_saved_is_loaded_and_replaced(facts: FactsStore) -> None:
    assert (facts.names(), facts.load(NAME)) == ([], None)
    facts.save(NAME, b"before")
    facts.save(NAME, DATA)
    facts.save("media-2026-11-29.jsonl.gz", b"")
    assert facts.names() == [NAME, "media-2026-11-29.jsonl.gz"]
    assert (facts.load(NAME), facts.load("media-2026-11-29.jsonl.gz")) == (DATA, b"")


def test_stages_keep_their_facts_apart_and_beside_the_runs(aws: Wiring, tmp_path: Path) -> None:
    bucket = unique("facts")
    aws.s3.create_bucket(Bucket=bucket)
    places: list[tuple[Callable[[str], FactsStore], DirectoryReports | S3Reports]] = [
        (lambda stage: DirectoryFacts(tmp_path, stage), DirectoryReports(tmp_path)),
        (lambda stage: S3Facts(aws.s3, bucket, "here", stage), S3Reports(aws.s3, bucket, "here")),
    ]
    for of_stage, reports in places:
        of_stage("prod").save(NAME, DATA)
        of_stage("production").save("events-2026-10.jsonl.gz", DATA)
        reports.save("run1", {"report.json": "{}"})
        assert of_stage("prod").names() == [NAME]
        assert reports.run_ids() == ["run1"]


def test_of_a_file_that_is_too_large_only_a_part_is_read(
    facts: FactsStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    if isinstance(facts, MemoryFacts):
        pytest.skip("a test's own memory holds what the test puts there")
    monkeypatch.setattr(adapters, "MOST_STORED", 100)
    facts.save(NAME, DATA)
    assert facts.load(NAME) == DATA[:100]


def test_many_writers_of_one_file_leave_a_whole_one(tmp_path: Path) -> None:
    facts, contents = DirectoryFacts(tmp_path, "prod"), [bytes([number]) * 200_000 for number in range(6)]
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda data: facts.save(NAME, data), contents * 5))
    assert facts.load(NAME) in contents
    assert facts.names() == [NAME]


CALLS: dict[str, Callable[[FactsStore], object]] = {
    "names": lambda facts: facts.names(),
    "load": lambda facts: facts.load(NAME),
    "save": lambda facts: facts.save(NAME, DATA),
}


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize(
    "answer",
    [s3_error(403, "AccessDenied", "no right"), Answer(500), Answer(lost=True)],
    ids=["denied", "500", "lost"],
)
def test_a_bucket_that_refuses_is_named(scripted: Loopback, stage: Wiring, call: str, answer: Answer) -> None:
    scripted.answer = lambda _: answer
    with pytest.raises(SourceError, match="mine"):
        CALLS[call](S3Facts(stage.s3, "mine", "reports", "prod", sleep=at_once))


def test_a_directory_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(SourceError, match=str(tmp_path / "file")):
        DirectoryFacts(tmp_path / "file", "prod").save(NAME, DATA)
