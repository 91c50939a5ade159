"""The CSV of a report: its columns, cells that no spreadsheet runs, and recordings that are read back."""

import csv
import io
import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconcile.model.catalog import RowKey
from reconcile.model.finding import group_subject, program_subject, recording_subject, row_subject
from reconcile.model.recording import RecordingKey
from reconcile.model.verdict_table import label_of, verdicts_of
from reconcile.report.csv import FINDINGS, RECORDINGS, findings_csv, read_recordings, recordings_csv
from reconcile.report.data import RecordingLine, Report
from tests.unit.samples import BUCKET, NOW, clean_report, evidence, finding, findings_report, recording
from tests.unit.strategies import wild_texts

FORMULA = re.compile(r"[=+\-@\t\r]")


def read(text: str) -> list[dict[str, str]]:
    """Return the rows of a CSV as a spreadsheet's import sees them."""
    return list(csv.DictReader(io.StringIO(text, newline=""), strict=True))


def of(*findings: object, **changes: object) -> Report:
    return replace(clean_report(), findings=findings, **changes)  # type: ignore[arg-type]


def line(number: int = 1, **changes: object) -> RecordingLine:
    """Return a recording as a report lists it."""
    told = RecordingLine(
        bucket=BUCKET,
        prefix=f"Stg{number}/Cmp/Dst/composite",
        start=NOW - timedelta(hours=number),
        show="show-1",
        title="Harbour Lights",
        owner="ann",
        verdict="agrees",
        program_id="program-1",
    )
    return replace(told, **changes)  # type: ignore[arg-type]


def test_a_finding_is_a_line_with_every_column_in_its_order() -> None:
    told = evidence(1, "Harbour Lights") | {"start": "2026-05-19T03:00:00.000Z", "duration_ms": 5_400_500}
    one = replace(
        finding("program-missing", recording(1), told, "open", days=6),
        links={"s3": "https://console.test/s3", "table": "https://console.test/table"},
    )
    key = RecordingKey(one.subject["bucket"], one.subject["prefix"])
    report = of(one, recordings=(line(prefix=key.prefix, bucket=key.bucket, show="show-7"),))
    text = findings_csv(report)
    assert text.splitlines()[0] == (
        "run,stage,id,status,new,age_days,severity,kind,label,title,recorded_at,duration_s,show_id,"
        "owner_id,subject,step,command,url"
    )
    assert text.endswith("\r\n")
    (row,) = read(text)
    assert row == {
        "run": report.run.id,
        "stage": report.run.stage,
        "id": one.id,
        "status": "open",
        "new": "no",
        "age_days": "6",
        "severity": "high",
        "kind": "program-missing",
        "label": "No program",
        "title": "Harbour Lights",
        "recorded_at": "2026-05-19T03:00:00.000Z",
        "duration_s": "5400.5",
        "show_id": "show-7",
        "owner_id": str(told.get("owner") or ""),
        "subject": key.address,
        "step": "A repair creates the program.",
        "command": "reconcile repair",
        "url": "https://console.test/s3",
    }


def test_a_page_that_is_served_is_linked_at_the_finding() -> None:
    one = finding("program-missing", recording(1), {})
    (row,) = read(findings_csv(of(one), "https://reports.test/run1/report.html"))
    assert (row["url"], row["new"]) == (f"https://reports.test/run1/report.html#f-{one.id}", "yes")


@pytest.mark.parametrize(
    ("one", "expected"),
    [
        (
            finding("media-missing", program_subject(RowKey("u#ann#programs", "p#p1"), "p1"), {}),
            {"subject": "u#ann#programs p#p1", "owner_id": "ann", "show_id": ""},
        ),
        (
            finding("count-drift", group_subject(RowKey("u#a#b#groups", "g#g1")), {"owner": None}),
            {"subject": "u#a#b#groups g#g1", "owner_id": "a#b", "duration_s": ""},
        ),
        (
            finding("recording-row-stale", row_subject(RowKey("show#s1", "recording#x")), {}, "came-back", 3),
            {"show_id": "s1", "new": "yes", "age_days": "3", "status": "came-back"},
        ),
    ],
)
def test_each_subject_is_named_as_the_stores_name_it(one: object, expected: Mapping[str, str]) -> None:
    (row,) = read(findings_csv(of(one)))
    assert {name: row[name] for name in expected} == expected


def test_several_commands_stand_in_one_cell_a_line_each() -> None:
    one = replace(finding("program-missing", recording(1), {}), commands=("first 'x'", 'second "y"'))
    (row,) = read(findings_csv(of(one)))
    assert row["command"] == "first 'x'\nsecond \"y\""


@pytest.mark.parametrize(
    ("title", "cell"),
    [
        ("=cmd()|' /C calc'!A0", "'=cmd()|' /C calc'!A0"),
        ("+1", "'+1"),
        ("-1", "'-1"),
        ("@SUM(1)", "'@SUM(1)"),
        ("\t=1", "'\t=1"),
        ("\r=1", "'\r=1"),
        ("'=1", "''=1"),
        ("'quoted'", "'quoted'"),
        ("a=1", "a=1"),
        ('say "it", all\nof it', 'say "it", all\nof it'),
        ("nul\x00 esc\x1b[2J half\ud83c", "nul\ufffd esc\ufffd[2J half\ufffd"),
    ],
)
def test_no_cell_is_a_formula_and_what_no_file_holds_is_replaced(title: str, cell: str) -> None:
    (row,) = read(findings_csv(of(finding("program-missing", recording(1), evidence(1, title)))))
    assert row["title"] == cell


titles = st.one_of(
    wild_texts,
    st.text(max_size=40),
    st.builds(lambda sign, text: sign + text, st.sampled_from("=+-@\t\r'"), wild_texts),
    st.just("x" * 10_000),
).filter(lambda text: bool(text.strip()))
_UNWRITABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")


@given(title=titles)
def test_hostile_titles_are_read_back_from_their_own_cell(title: str) -> None:
    """Every row has every column, no cell begins a formula, and nothing else of a title is changed."""
    report = of(finding("program-missing", recording(1), evidence(1, title)), recordings=(line(title=title),))
    sound = _UNWRITABLE.sub("\ufffd", title)
    for text, columns in ((findings_csv(report), FINDINGS), ("".join(recordings_csv(report)), RECORDINGS)):
        text.encode()
        (row,) = read(text)
        assert tuple(row) == columns
        assert not [cell for cell in row.values() if FORMULA.match(cell)]
        assert row["title"] in (sound, f"'{sound}")
    (back,) = read_recordings("".join(recordings_csv(report)), report)
    assert back.title == sound


lines = st.builds(
    lambda number, title, verdict, program, start: line(
        number, title=title, verdict=verdict, program_id=program, start=start, show=None, owner=None
    ),
    st.integers(1, 10**6),
    st.one_of(st.none(), titles.map(lambda text: _UNWRITABLE.sub("x", text))),
    st.sampled_from(verdicts_of("recording")),
    st.one_of(st.none(), st.sampled_from(("p1", "=p2", "-"))),
    st.one_of(st.none(), st.integers(0, 10**12).map(lambda ms: NOW - timedelta(milliseconds=ms))),
)


@given(found=st.lists(lines, max_size=5, unique_by=lambda one: one.prefix), several=st.booleans())
def test_recordings_come_back_as_they_were_written(found: list[RecordingLine], several: bool) -> None:
    """By the label of their verdict, with the bucket where there are several; times to the millisecond."""
    report = of(recordings=tuple(found))
    if several:
        other = replace(report.sources[0], source="s3:another-bucket")
        report = replace(report, sources=(*report.sources, other))
    back = list(read_recordings("".join(recordings_csv(report)), report))
    assert [replace(one, start=None) for one in back] == [replace(one, start=None) for one in found]
    for one, other_line in zip(back, found, strict=True):
        assert (one.start is None) == (other_line.start is None)
        if one.start and other_line.start:
            assert abs(one.start - other_line.start) < timedelta(milliseconds=1)


def test_every_verdict_on_a_recording_has_a_label_of_its_own() -> None:
    names = verdicts_of("recording")
    assert len({label_of("recording", name) for name in names}) == len(names)


def test_a_recording_names_its_finding() -> None:
    one = finding("program-missing", recording(1), {})
    key = RecordingKey(one.subject["bucket"], one.subject["prefix"])
    known = line(prefix=key.prefix, bucket=key.bucket, verdict="program-missing", program_id=None)
    rows = read("".join(recordings_csv(of(one, recordings=(known, line(2))))))
    assert [(row["status"], row["finding"]) for row in rows] == [("No program", one.id), ("OK", "")]
    assert recording_subject(key) == one.subject


@pytest.mark.parametrize("text", ["", "x", "title\r\nx\r\n", "a,b\n1,2\n", "title,status,prefix\n,OK,\n"])
def test_a_foreign_file_gives_no_recording(text: str) -> None:
    assert list(read_recordings(text, clean_report())) == []


@pytest.mark.parametrize("text", ['title,prefix\n"x', 'title,prefix\n"x"y', f"title\n{'x' * 200_000}"])
def test_a_torn_file_is_none(text: str) -> None:
    with pytest.raises(ValueError, match="no CSV"):
        list(read_recordings(text, clean_report()))


def test_five_thousand_findings_are_five_thousand_lines() -> None:
    report = findings_report(5_000)
    assert len(read(findings_csv(report))) == 5_000
