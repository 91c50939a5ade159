"""Where reports are kept: in memory, in a directory, in a bucket; what was saved is what is loaded."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from reconcile.model.errors import SourceError
from reconcile.stores.ports import ReportsStore
from reconcile.stores.reports import DirectoryReports, S3Reports
from reconcile.wiring import Wiring
from tests.contract.conftest import unique
from tests.contract.harness import at_once
from tests.contract.lookalike import Lookalike, listing, s3_error
from tests.contract.loopback import Answer, Loopback
from tests.doubles.memory_state import MemoryReports

FILES = {"report.json": '{"schema": "1.0"}\n', "report.html": "<p>Ä \U0001f3a5</p>", "summary.json": "{}"}
RUNS = [f"202603{day:02}T120000000Z-abc" for day in (3, 1, 10, 2)]


@pytest.fixture(params=["memory", "directory", "bucket", "prefix"])
def reports(request: pytest.FixtureRequest, tmp_path: Path) -> ReportsStore:
    """A place for reports of each kind."""
    if request.param == "memory":
        return MemoryReports()
    if request.param == "directory":
        return DirectoryReports(tmp_path / "some" / "reports")
    wiring: Wiring = request.getfixturevalue("aws")
    bucket = unique("reports")
    wiring.s3.create_bucket(Bucket=bucket)
    return S3Reports(wiring.s3, bucket, "" if request.param == "bucket" else "/some day/reports/")


def test_a_new_place_holds_no_runs_and_can_be_prepared_twice(reports: ReportsStore) -> None:
    assert reports.run_ids() == []
    reports.prepare()
    reports.prepare()
    assert reports.run_ids() == []


def test_what_was_saved_is_loaded_letter_by_letter(reports: ReportsStore) -> None:
    files = FILES | {"lines.txt": "a\r\nb\rc\n\u2028", "empty.txt": ""}
    place = reports.save(RUNS[0], files)
    assert RUNS[0] in place
    assert {name: reports.load(RUNS[0], name) for name in files} == files


def test_what_is_saved_in_pieces_is_loaded_whole_whatever_its_size(reports: ReportsStore) -> None:
    long = ["Ä" * 999_999, "", "b" * 4_000_000, "c"]
    reports.save(RUNS[0], {"long.txt": iter(long), "short.txt": iter("ab"), "empty.txt": iter(())})
    assert reports.load(RUNS[0], "long.txt") == "".join(long)
    assert (reports.load(RUNS[0], "short.txt"), reports.load(RUNS[0], "empty.txt")) == ("ab", "")


def test_what_is_not_there_is_none(reports: ReportsStore) -> None:
    assert reports.load("nothing", "report.json") is None
    reports.save(RUNS[0], FILES)
    assert reports.load(RUNS[0], "nothing.json") is None
    assert reports.load("nothing", "report.json") is None


def test_a_file_beside_the_runs_is_kept_replaced_and_no_run(reports: ReportsStore) -> None:
    assert reports.published("index.html") is None
    reports.publish("index.html", "<p>first</p>")
    reports.save(RUNS[0], FILES)
    reports.publish("index.html", "<p>Ä \U0001f3a5\r\n</p>")
    assert reports.published("index.html") == "<p>Ä \U0001f3a5\r\n</p>"
    assert reports.published("nothing.html") is None
    assert reports.run_ids() == [RUNS[0]]
    assert reports.load(RUNS[0], "index.html") is None


def test_many_writers_of_one_file_leave_a_whole_one(tmp_path: Path) -> None:
    reports, texts = DirectoryReports(tmp_path), [letter * 200_000 for letter in "abcdef"]
    with ThreadPoolExecutor(len(texts)) as pool:
        list(pool.map(lambda text: reports.publish("index.html", text), texts * 5))
    assert reports.published("index.html") in texts
    assert [path.name for path in tmp_path.iterdir()] == ["index.html"]


def test_runs_come_newest_first(reports: ReportsStore) -> None:
    for run in RUNS:
        reports.save(run, FILES)
    assert reports.run_ids() == sorted(RUNS, reverse=True)


def test_saving_a_run_again_replaces_its_files(reports: ReportsStore) -> None:
    reports.save(RUNS[0], FILES)
    reports.save(RUNS[0], FILES | {"report.json": "second"})
    assert reports.load(RUNS[0], "report.json") == "second"
    assert reports.run_ids() == [RUNS[0]]


def test_half_a_surrogate_pair_does_not_lose_the_report(reports: ReportsStore) -> None:
    reports.save(RUNS[0], {"report.json": '{"title": "\ud83c"}'})
    assert reports.load(RUNS[0], "report.json") in ('{"title": "\\ud83c"}', '{"title": "\ud83c"}')


def test_a_saved_directory_holds_whole_files_and_no_others(tmp_path: Path) -> None:
    place = DirectoryReports(tmp_path).save(RUNS[0], FILES)
    assert sorted(path.name for path in Path(place).iterdir()) == sorted(FILES)


def test_a_run_without_its_report_is_no_run(tmp_path: Path) -> None:
    (tmp_path / "unfinished").mkdir()
    (tmp_path / "notes.txt").write_text("x")
    assert DirectoryReports(tmp_path).run_ids() == []


def test_reports_in_a_bucket_have_their_content_types(aws: Wiring) -> None:
    bucket = unique("reports")
    aws.s3.create_bucket(Bucket=bucket)
    files = {**FILES, "findings.csv": "run\r\n"}
    assert S3Reports(aws.s3, bucket, "r").save("run", files) == f"s3://{bucket}/r/run"
    kinds = {name: aws.s3.head_object(Bucket=bucket, Key=f"r/run/{name}")["ContentType"] for name in files}
    assert kinds == {
        "findings.csv": "text/csv; charset=utf-8",
        "report.json": "application/json",
        "report.html": "text/html; charset=utf-8",
        "summary.json": "application/json",
    }


def test_a_neighbouring_prefix_holds_other_runs(aws: Wiring) -> None:
    bucket = unique("reports")
    aws.s3.create_bucket(Bucket=bucket)
    S3Reports(aws.s3, bucket, "live").save("one", FILES)
    S3Reports(aws.s3, bucket, "live-before").save("two", FILES)
    assert S3Reports(aws.s3, bucket, "live").run_ids() == ["one"]


CALLS: dict[str, Callable[[ReportsStore], object]] = {
    "prepare": lambda reports: reports.prepare(),
    "save": lambda reports: reports.save("run", FILES),
    "load": lambda reports: reports.load("run", "report.json"),
    "run_ids": lambda reports: reports.run_ids(),
    "publish": lambda reports: reports.publish("index.html", "<p>"),
    "published": lambda reports: reports.published("index.html"),
}


@pytest.mark.parametrize("call", ["prepare", "save", "publish"])
def test_a_directory_that_cannot_be_written_to_is_named(tmp_path: Path, call: str) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(SourceError, match=str(tmp_path / "file" / "reports")):
        CALLS[call](DirectoryReports(tmp_path / "file" / "reports"))


def test_a_directory_without_the_right_to_write_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Whoever runs the tests may be allowed everything.
    monkeypatch.setattr("reconcile.stores.reports.os.access", lambda *_: False)
    with pytest.raises(SourceError, match=f"{tmp_path} cannot be written to"):
        DirectoryReports(tmp_path).prepare()


def test_a_file_that_is_no_text_is_handed_on_as_it_stands(tmp_path: Path) -> None:
    """Whoever reads it sees that it is no report; it is no fault of the place, which holds others."""
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "report.json").write_bytes(b"\xff{")
    assert DirectoryReports(tmp_path).load("run", "report.json") == "\ufffd{"


def test_a_folder_in_the_place_of_a_file_is_no_file(tmp_path: Path) -> None:
    (tmp_path / "run" / "report.json").mkdir(parents=True)
    assert DirectoryReports(tmp_path).load("run", "report.json") is None


@pytest.mark.parametrize("call", CALLS)
def test_a_bucket_that_is_not_there_is_named(aws: Wiring, call: str) -> None:
    with pytest.raises(SourceError, match=r"missing-bucket.*NoSuchBucket"):
        CALLS[call](S3Reports(aws.s3, "missing-bucket", "reports", sleep=at_once))


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize(
    "answer",
    [s3_error(403, "AccessDenied", "no right"), Answer(500), Answer(lost=True)],
    ids=["denied", "500", "lost"],
)
def test_a_bucket_that_refuses_is_named(scripted: Loopback, stage: Wiring, call: str, answer: Answer) -> None:
    scripted.answer = lambda _: answer
    with pytest.raises(SourceError, match="mine"):
        CALLS[call](S3Reports(stage.s3, "mine", "reports", sleep=at_once))


@pytest.mark.parametrize("page", [1, 2, 1000])
def test_runs_of_every_page_are_listed(scripted: Loopback, stage: Wiring, page: int) -> None:
    keys = [f"reports/{run}/{name}" for run in RUNS for name in FILES]
    scripted.answer = Lookalike({"mine": dict.fromkeys(keys, b"")}, page, empty_every=3).answer
    assert S3Reports(stage.s3, "mine", "reports", sleep=at_once).run_ids() == sorted(RUNS, reverse=True)


def test_a_list_of_runs_that_goes_in_circles_is_a_source_error(scripted: Loopback, stage: Wiring) -> None:
    scripted.answer = lambda _: listing([("reports/one/", None)], more=True, token="same")
    with pytest.raises(SourceError, match="the store's listing"):
        S3Reports(stage.s3, "mine", "reports", sleep=at_once).run_ids()


def test_a_report_that_is_cut_short_is_a_source_error(scripted: Loopback, stage: Wiring) -> None:
    scripted.answer = lambda _: Answer(200, b"0123456789" * 10, cut=True)
    with pytest.raises(SourceError, match=r"reading s3://mine/reports/run/report\.json"):
        S3Reports(stage.s3, "mine", "reports", sleep=at_once).load("run", "report.json")
