"""What a mail is cut and laid out by: bytes, columns, rows of a CSV, pixels, and commands of one line."""

import csv
import io
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconcile.report.render.mail_content import LONGEST_COMMAND, bars_of, brief, command_of
from reconcile.report.render.mail_files import first_rows
from reconcile.report.render.mail_text import WIDTH, columns, wrapped
from reconcile.report.view.head import Step, Tone, Trend, TrendNight

APPROVE = "reconcile repair --approve 20261129T065254976Z-f5639b"
NIGHT = datetime(2026, 11, 29, 6, 52, tzinfo=UTC)


@given(st.text(), st.integers(20, 200))
def test_a_text_is_cut_by_its_bytes(text: str, most: int) -> None:
    short = brief(text.encode(errors="ignore").decode(), most)
    assert len(short.encode()) <= most + 3 * short.count("\u2069")
    assert short == text or short.rstrip("\u2069").endswith("…")


def test_a_name_that_runs_to_the_left_stays_set_apart_where_it_is_cut() -> None:
    short = brief(f"of “\u2068{'שלום ' * 50}\u2069”", 60)
    assert short.startswith("of “\u2068שלום")
    assert short.endswith("…\u2069")


@given(st.lists(st.text(st.characters(categories=("L", "N", "P", "So", "Lo")), min_size=1, max_size=120)))
def test_no_line_is_wider_than_the_mail_and_no_word_is_lost(words: list[str]) -> None:
    lines = list(wrapped(" ".join(words), "- ", "  "))
    assert [line for line in lines if columns(line) > WIDTH and not line.lstrip("- ").isascii()] == []
    assert "".join("".join(lines).split()) == "".join(["-", *" ".join(words).split()])


@pytest.mark.parametrize(
    "word", [APPROVE.split()[-1], "s3://media/" + "x" * 90, "https://a.test/" + "y" * 99]
)
def test_an_id_a_key_and_an_address_are_never_broken(word: str) -> None:
    lines = list(wrapped(f"{'word ' * 14}{word} and more-hyphened-words"))
    assert any(word in line.split() for line in lines)


def test_wide_characters_take_two_columns_and_marks_none() -> None:
    assert (columns("夜のラジオ"), columns("e\u0301"), columns("\u2068ab\u2069"), columns("🎷")) == (
        10,
        1,
        2,
        2,
    )
    assert [columns(line) for line in wrapped("夜" * 60)] == [78, 42]


CELLS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=30)


@given(st.lists(st.tuples(CELLS, CELLS), max_size=12), st.integers(0, 600))
def test_a_table_is_cut_between_rows_never_between_the_lines_of_one(
    rows: list[tuple[str, str]], most: int
) -> None:
    out = io.StringIO(newline="")
    csv.writer(out).writerows([("id", "title"), *rows])
    kept, shown, every = first_rows(out.getvalue(), most)
    assert every == len(rows)
    assert len(kept.encode()) <= most
    read = [tuple(row) for row in csv.reader(io.StringIO(kept, newline=""))]
    assert read == ([("id", "title"), *rows[:shown]] if kept else [])


def test_what_fits_is_whole() -> None:
    table = 'id,title\r\n1,"a\r\nb"\r\n2,c\r\n'
    assert first_rows(table, len(table)) == (table, 2, 2)
    assert first_rows(table, len(table) - 1) == ('id,title\r\n1,"a\r\nb"\r\n', 1, 2)
    assert first_rows("", 9) == ("", 0, 0)


def night(known: int, new: int) -> TrendNight:
    """Return a night of the trend."""
    return TrendNight("run", NIGHT, "known", known, new, 0, 0)


@given(st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 10**6)), max_size=30))
def test_each_bar_stands_in_the_chart_and_what_there_is_can_be_seen(numbers: list[tuple[int, int]]) -> None:
    bars = list(bars_of(Trend(tuple(night(*pair) for pair in numbers), "")))
    assert len(bars) == 30
    for bar, (known, new) in zip(bars, [(0, 0)] * (30 - len(numbers)) + numbers, strict=True):
        assert 0 <= bar.new + bar.known <= 40
        assert (bar.new > 0, bar.known > 0) == (new > 0, known > 0)


def step(*commands: str, findings: tuple[str, ...] = ("467e37bc5087",), tone: Tone = "high") -> Step:
    """Return a step with these commands."""
    return Step(1, "Do it", "", "", commands, findings, tone)


@pytest.mark.parametrize(
    ("of", "command"),
    [
        (step("reconcile repair"), "reconcile repair"),
        (step("x" * LONGEST_COMMAND), "x" * LONGEST_COMMAND),
        (step("x" * (LONGEST_COMMAND + 1)), "reconcile explain 467e37bc5087"),
        (step("one", "then another"), "reconcile explain 467e37bc5087"),
        (step(APPROVE, "aws lambda invoke …", tone="approval"), APPROVE),
        (step(), "reconcile explain 467e37bc5087"),
        (step("x" * 99, findings=()), ""),
    ],
)
def test_a_command_is_one_line_that_can_be_copied(of: Step, command: str) -> None:
    assert command_of(of) == command
