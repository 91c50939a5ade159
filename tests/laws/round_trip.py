"""The law that what is stored is read back as it was written."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from reconcile.model.catalog import RowKey
from reconcile.model.decision import Decision
from reconcile.model.extent import Extent
from reconcile.model.facts import FactFiles, events_file_of, events_line, file_of
from reconcile.model.journal import Counted, JournalEntry, LedgerWritten, RecordWritten, RowWritten
from reconcile.model.recording import Events, Kind, Recording, RecordingKey, Unreadable
from reconcile.model.search_record import Image
from reconcile.model.snapshot import LedgerEntry
from reconcile.report.csv import read_recordings, recordings_csv
from reconcile.report.data import RecordingLine, Report
from reconcile.stores import ledger_items, state_items
from reconcile.stores.attributes import from_item
from reconcile.stores.journal_items import journal_item, journal_of
from tests.laws.escaping import TITLES
from tests.unit.samples import busy_report, clean_report, every_kind_report, incomplete_report

AT = datetime(2026, 11, 29, 2, 3, 4, 567_000, tzinfo=UTC)
KEY = RecordingKey("videos", "a/b/c/composite")
ROW = RowKey("u#ann#programs", "p#one")
TYPED: Image = {
    "text": {"S": "é\u2028"},
    "number": {"N": "123456789012345678901234567890"},
    "binary": {"B": b"\x00\xff"},
    "names": {"SS": ["a", "b"]},
    "numbers": {"NS": ["1", "2.5"]},
    "nothing": {"NULL": True},
    "list": {"L": [{"M": {"x": {"BOOL": False}}}]},
}
"""Attributes of which the plain values would lose something."""


def a_report_is_read_back_as_it_was_written() -> None:
    """Each report comes back whole from its JSON, and gives the same bytes again."""
    reports = [clean_report(), incomplete_report(), every_kind_report(), *map(busy_report, TITLES)]
    for report in reports:
        assert Report.from_json(report.to_json()) == report
        assert Report.from_json(report.to_json()).to_json() == report.to_json()


def recordings_are_read_back_from_their_csv() -> None:
    """Whatever their titles are; controls alone are replaced."""
    for number, title in enumerate(("'=1", "=1+1", "-", 'say "it"', "a\nb", "'quoted'", "夜")):
        line = RecordingLine(
            bucket=KEY.bucket,
            prefix=f"{KEY.prefix}-{number}",
            start=AT,
            show=None,
            title=title,
            owner=None,
            verdict="agrees",
            program_id="=p",
        )
        sources = tuple(
            replace(one, source=f"s3:{KEY.bucket}") if one.source.startswith("s3:") else one
            for one in clean_report().sources
        )
        report = replace(clean_report(), sources=sources, recordings=(line,))
        assert list(read_recordings("".join(recordings_csv(report)), report)) == [line]


def the_journal_is_read_back_type_by_type() -> None:
    """What stood there before comes back as the table types it, and records as their JSON says."""
    before = LedgerEntry(KEY, {"ann": "one"}, "made")
    after = replace(before, restored="mark", how="restored")
    group = RowKey("u#ann#groups", "g#one")
    rows: tuple[RowWritten, ...] = (
        RowWritten(ROW, {}, TYPED),
        RowWritten(ROW, None, TYPED, Counted(group, None, {"N": "1"}), LedgerWritten(None, before)),
        RowWritten(ROW, TYPED, None, Counted(group, {"N": "1"}, {"N": "2"}), LedgerWritten(before, after)),
    )
    record = {"objectID": "one", "title": "夜\ud800", "n": 1.5, "none": None}
    records = (RecordWritten("one", ROW, None, record), RecordWritten("one", ROW, record, None))
    both: tuple[RowWritten | RecordWritten, ...] = (*rows, *records)
    for number, written in enumerate(both, 1):
        entry = JournalEntry(
            "run", number, "what", ("f1", "f2"), written, AT, done=False, previous=number - 1
        )
        assert journal_of(journal_item(entry)) == entry


def the_ledger_is_read_back_whole() -> None:
    """With what time of which show a deleted program covered, to the millisecond."""
    bare = LedgerEntry(KEY, {"ann": "one", "bob": "two"}, "seen")
    covering = replace(bare, show="s", session="x", start=AT, end=AT + timedelta(hours=1), restored="mark")
    for entry in (bare, covering, replace(bare, how="undone")):
        assert ledger_items.ledger_of(from_item(ledger_items.ledger_item(entry))) == entry


def decisions_are_read_back_whole() -> None:
    """Also until when they hold, and how bad a finding was when it was ignored."""
    first = Decision("ignore", "f1", "ann", "known", None, AT, worse_than=Extent("low", 3))
    others = (
        Decision("assign", "f2", "ann", "", AT + timedelta(days=9), AT, *KEY, show="s", group="g"),
        first.undone("bob", AT),
    )
    for decision in (first, *others):
        assert state_items.decision_of(from_item(state_items.decision_item(decision))) == decision


def facts_are_read_back_while_the_listing_vouches_for_them() -> None:
    """Of a file with the same ETag, size and date; of one that differs in any of them nothing is known."""
    read: tuple[Events | Unreadable, ...] = (
        Events("arn", None, AT - timedelta(hours=1), AT, 3_600_000, "hls/main.m3u8"),
        Unreadable("the events file is not JSON"),
    )
    for events in read:
        one = Recording(*KEY, Kind.COMPOSITE, ended_seen=AT, end_etag="tag", end_size=7)
        assert one.version
        name = events_file_of(AT)
        files = FactFiles("prod", {name: file_of([events_line(one.key, one.version, events)], name, "prod")})
        assert files.events_of([one]).items == {one.key: events}
        others = (
            replace(one, end_etag="other"),
            replace(one, end_size=8),
            replace(one, ended_seen=AT + timedelta(seconds=1)),
        )
        for other in others:
            assert files.events_of([other]).items == {}
