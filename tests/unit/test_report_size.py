"""The report of a large archive: the same bytes as ever, written without holding them."""

import json
import tracemalloc
from collections.abc import Callable, Iterator
from dataclasses import asdict, replace
from datetime import datetime, timedelta
from functools import cache
from itertools import islice
from pathlib import Path

import pytest

from reconcile.model.clock import write_time
from reconcile.report.csv import findings_csv, recordings_csv
from reconcile.report.data import RecordingLine, Report, adapter
from reconcile.report.json_text import SCHEMA, Batches, pieces_of
from reconcile.report.view.build import view_of
from reconcile.stores.reports import DirectoryReports
from tests.unit.golden import GOLDEN
from tests.unit.samples import NOW, busy_report, clean_report

MANY = 100_000


def line(number: int, verdict: str) -> RecordingLine:
    return RecordingLine(
        bucket="recordings",
        prefix=f"aaaaaaaaaaaa/{number:012}/cccccccccccc/composite",
        start=NOW - timedelta(minutes=number),
        show=f"show-{number}",
        title="An evening",
        owner=f"owner-{number}",
        verdict=verdict,
        program_id=f"program-{number}",
        last_event=NOW - timedelta(minutes=number),
    )


@cache
def large(verdict: str) -> Report:
    """Return a report of many recordings, all of one verdict."""
    return replace(clean_report(), recordings=tuple(line(number, verdict) for number in range(MANY)))


def peak(do: Callable[[], object]) -> int:
    """Return the bytes that something takes at most, besides what is there before."""
    tracemalloc.start()
    try:
        do()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("name", sorted(GOLDEN))
def test_the_pieces_are_the_whole_reports_own_bytes(name: str) -> None:
    """Sorted and indented as the json module does it with the whole report at once."""
    report = GOLDEN[name]()
    listed = Report.from_json(report.to_json())
    body = adapter().dump_python(listed, by_alias=True)
    body |= {"state": report.state, "numbers": asdict(report.numbers)}
    ordered = json.loads(json.dumps(body, sort_keys=True, default=as_text))
    assert report.to_json() == json.dumps({"schema": SCHEMA, **ordered}, indent=1) + "\n"


def as_text(value: object) -> str:
    return write_time(value) if isinstance(value, datetime) else str(value)


def test_lists_in_batches_are_written_as_any_other() -> None:
    lists: dict[str, list[object]] = {
        "a": [],
        "b": [1],
        "c": [{"x": [1, "\n"], "y": {}}, [], {}, None],
        "d": list(range(5)),
    }
    batches = {name: Batches([items[:1], [], items[1:]]) for name, items in lists.items()}
    assert "".join(pieces_of(batches)) == "".join(pieces_of(lists))


def test_recordings_that_agree_are_counted_in_the_json_and_all_in_the_csv(tmp_path: Path) -> None:
    report = large("agrees")
    assert len(report.to_json()) < 20_000
    assert "".join(recordings_csv(report)).count("\r\n") == 1 + MANY


@pytest.mark.slow
@pytest.mark.parametrize("name", ["json", "csv"])
def test_a_large_report_is_written_in_a_fraction_of_the_memory_of_its_text(tmp_path: Path, name: str) -> None:
    """Traced is a seventh of it, for the sake of the time: who held the text would hold a seventh."""
    write: dict[str, Callable[[], Iterator[str]]] = {
        "json": large("program-missing").json_pieces,
        "csv": lambda: recordings_csv(large("agrees")),
    }
    sizes = [len(piece) for piece in write[name]()]
    assert sum(sizes) > {"json": 30, "csv": 9}[name] * 2**20
    part = {"report": islice(write[name](), len(sizes) // 7)}
    assert peak(lambda: DirectoryReports(tmp_path).save("run", part)) < sum(sizes) / 15
    assert (tmp_path / "run" / "report").stat().st_size == sum(sizes[: len(sizes) // 7])


def test_findings_are_listed_without_a_table_of_all_recordings() -> None:
    report = large("agrees")
    assert peak(lambda: findings_csv(report)) < 2**20


def test_a_report_that_is_written_twice_gives_the_same_pieces() -> None:
    report = busy_report()
    assert "".join(report.json_pieces()) == "".join(report.json_pieces()) == report.to_json()


def test_a_view_of_a_large_archive_lists_a_part_of_its_recordings() -> None:
    view = view_of(large("agrees"))
    assert (len(view.recordings), view.recordings_number) == (20_000, MANY)
