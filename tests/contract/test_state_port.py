"""The job's own memory: what is fixed once, what another run entered, and what comes back in which order."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from reconcile.model.attributes import same_image
from reconcile.model.catalog import RowKey
from reconcile.model.decision import Decision, undone_id
from reconcile.model.environment import RemovedBucket
from reconcile.model.errors import SourceError
from reconcile.model.extent import Extent
from reconcile.model.journal import Counted, JournalEntry, LedgerWritten, RecordWritten, RowWritten
from reconcile.model.recording import RecordingKey, program_id_of
from reconcile.model.snapshot import LedgerEntry
from reconcile.stores.attributes import to_item, typed
from reconcile.stores.ports import Environment
from reconcile.stores.state import DynamoState
from reconcile.wiring import Wiring
from tests.contract.harness import AT, Desk, Item, Memory, RealDesk, journal_entry, ledger_entry
from tests.contract.loopback import Answer, Asked, Loopback, json_answer, refusal
from tests.doubles.memory_state import MemoryState

WANTED = Environment("staging", "application", "programs", ("videos",))


@pytest.fixture(params=["memory", "real"])
def state(request: pytest.FixtureRequest) -> Memory:
    """The job's memory, in memory and for real."""
    if request.param == "memory":
        return MemoryState()
    wiring: Wiring = request.getfixturevalue("aws")
    make_table: Callable[[], str] = request.getfixturevalue("make_table")
    return DynamoState(wiring.dynamodb, make_table())


def test_a_new_memory_knows_nothing(state: Memory) -> None:
    assert (state.environment(), state.ledger(), state.runs(10)) == (None, {}, [])


def test_the_first_run_fixes_the_environment(state: Memory) -> None:
    assert state.bind_environment(WANTED) == WANTED
    other = Environment("production", "other", "others", ("videos",))
    assert state.bind_environment(other) == WANTED
    assert state.environment() == WANTED


def test_buckets_are_added_and_never_taken_away(state: Memory) -> None:
    assert state.bind_environment(replace(WANTED, buckets=("videos", "archive"))).buckets == (
        "archive",
        "videos",
    )
    assert state.bind_environment(replace(WANTED, buckets=("more",))).buckets == (
        "archive",
        "more",
        "videos",
    )
    assert state.bind_environment(WANTED).buckets == ("archive", "more", "videos")


def test_the_first_repair_is_remembered_once_and_outlives_new_buckets(state: Memory) -> None:
    state.bind_environment(WANTED)
    first = datetime(2026, 3, 1, 12, 0, 0, 123_456, tzinfo=UTC)
    stands = first.replace(microsecond=123_000)
    assert state.mark_first_repair(first) == stands
    assert state.mark_first_repair(first + timedelta(days=1)) == stands
    state.bind_environment(replace(WANTED, buckets=("more",)))
    environment = state.environment()
    assert environment is not None
    assert environment.first_repair == stands


def test_a_first_repair_without_an_environment_is_refused(state: Memory) -> None:
    with pytest.raises(SourceError):
        state.mark_first_repair(AT)
    assert state.environment() is None


@pytest.mark.parametrize("prefix", ["a/b/c/composite", "é" * 512, "x" * 1024, "a b+%&#\U0001f3a5", "p#q"])
def test_the_ledger_keeps_any_prefix(state: Memory, prefix: str) -> None:
    entries = [
        LedgerEntry(RecordingKey(bucket, prefix), {"ann": "one", "bob#x": "two"}, "seen")
        for bucket in ("videos", "other")
    ]
    assert state.remember((entry, None) for entry in entries) == 2
    assert state.ledger() == {entry.key: entry for entry in entries}


def test_a_ledger_of_many_entries_comes_back_whole(state: Memory) -> None:
    entries = [
        ledger_entry(RecordingKey("videos", f"{'p' * 1000}/{number}"), ann="x" * 5000)
        for number in range(250)
    ]
    assert state.remember((entry, None) for entry in entries) == 250
    assert state.ledger() == {entry.key: entry for entry in entries}


KEY = RecordingKey("videos", "a/b/c/composite")
READ, NEW = LedgerEntry(KEY, {"ann": "one"}, "seen"), LedgerEntry(KEY, {"ann": "one", "bob": "two"}, "seen")


@pytest.mark.parametrize(
    ("standing", "read", "stands"),
    [
        (None, None, NEW),
        (READ, READ, NEW),
        (READ, None, READ),
        (None, READ, None),
        (LedgerEntry(KEY, {"ann": "other"}, "made"), READ, LedgerEntry(KEY, {"ann": "other"}, "made")),
        (LedgerEntry(KEY, {"ann": "one"}, "made"), READ, NEW),
    ],
)
def test_what_another_run_entered_meanwhile_stands(
    state: Memory, standing: LedgerEntry | None, read: LedgerEntry | None, stands: LedgerEntry | None
) -> None:
    if standing:
        state.remember([(standing, None)])
    assert state.remember([(NEW, read)]) == (1 if stands == NEW else 0)
    assert state.ledger().get(KEY) == stands


def test_runs_come_newest_first_and_no_more_than_asked_for(state: Memory) -> None:
    names = [f"202603{day:02}T120000000Z-abc" for day in (3, 1, 10, 2)]
    for name in names:
        state.save_run(name, {"id": name, "whole": True})
    assert [run["id"] for run in state.runs(3)] == sorted(names, reverse=True)[:3]
    assert len(state.runs(99)) == 4
    assert state.runs(0) == []


def test_a_runs_summary_comes_back_as_it_was(state: Memory) -> None:
    summary = {
        "id": "run",
        "exit_code": 2,
        "headline": "Ä \U0001f3a5",
        "whole": False,
        "ratio": 0.1,
        "sources": {"s3:videos": {"items": 12, "whole": True, "doubted": False, "why": None}, "empty": {}},
        "list": [1, "", None],
    }
    state.save_run("run", {"id": "before"})
    state.save_run("run", summary | {"nothing": None})
    (kept,) = state.runs(1)
    assert kept == summary
    assert type(kept["exit_code"]) is int


def test_runs_are_found_beyond_the_first_page(state: Memory) -> None:
    for number in range(12):
        state.save_run(f"run-{number:02}", {"id": number, "headline": "x" * 200_000})
    assert [run["id"] for run in state.runs(11)] == list(range(11, 0, -1))


def test_journal_entries_come_back_in_their_order(desk: Desk) -> None:
    for number in (2, 1, 10, 9):
        desk.state.enter_all([journal_entry(number, what=f"write {number}")])
    desk.state.enter_all([journal_entry(3, run="another")])
    written = [entry.what for entry in desk.state.journal("run")]
    assert written == ["write 1", "write 2", "write 9", "write 10"]
    assert desk.state.journal("nobody") == []


ODD: Item = {
    "absent in the record": {"NULL": True},
    "set": {"SS": ["a", "b"]},
    "numbers": {"NS": ["1", "2.50"]},
    "bytes": {"B": b"\x00\xff"},
    "byte strings": {"BS": [b"a", b"\xfe"]},
    "large": {"N": "12345678901234567890123456789012345678"},
    "small": {"N": "-1.2345678901234567890123456789012345678E-100"},
    "list": {"L": [{"N": "1"}, {"NULL": True}, {"M": {"deep": {"SS": ["x"]}}}, {"BOOL": False}]},
    "empty": {"M": {}},
    "text": {"S": ""},
}
"""Values of every type, which plain ones of Python do not tell apart or hold."""
ROW = RowKey("u#ann#programs", "p#one")


def journaled(state: Memory, *entries: JournalEntry) -> list[JournalEntry]:
    state.enter_all(entries)
    return state.journal("run")


@pytest.mark.parametrize("name", ODD)
def test_what_stood_in_a_row_is_journaled_as_the_table_types_it(state: Memory, name: str) -> None:
    before, after = {"x": ODD[name], "same": {"S": "a"}}, {"x": {"S": "new"}, "y": ODD[name]}
    (kept,) = journaled(state, replace(journal_entry(), written=RowWritten(ROW, before, after)))
    assert isinstance(kept.written, RowWritten)
    assert same_image(kept.written.before or {}, before)
    assert same_image(kept.written.after or {}, after)


@pytest.mark.parametrize("before", [None, {}], ids=["no row", "a row without the attributes"])
@pytest.mark.parametrize("after", [None, {}], ids=["deleted", "nothing set"])
def test_a_row_that_did_not_exist_is_told_from_one_without_the_attributes(
    state: Memory, before: Any, after: Any
) -> None:
    entry = replace(journal_entry(), written=RowWritten(ROW, before, after))
    assert journaled(state, entry) == [entry]


@pytest.mark.parametrize("before", [None, {"N": "4"}, {"N": "0"}])
def test_a_raised_count_is_journaled_with_what_it_said_before(state: Memory, before: Any) -> None:
    counted = Counted.one_more(RowKey("u#ann#groups", "g#g1"), before)
    entry = replace(journal_entry(), written=RowWritten(ROW, None, {}, counted))
    assert journaled(state, entry) == [entry]


@pytest.mark.parametrize(
    "before", [None, LedgerEntry(KEY, {"bob": "two"}, "told", "d1 then", "show1", "", AT, AT)]
)
def test_what_the_ledger_said_is_journaled(state: Memory, before: LedgerEntry | None) -> None:
    ledger = LedgerWritten(before, ledger_entry(KEY, ann="one"))
    entry = replace(journal_entry(), written=RowWritten(ROW, None, {}, None, ledger))
    assert journaled(state, entry) == [entry]


RECORDS: list[Any] = [
    None,
    {},
    {"price": 9.5, "tags": [None, ["a"]], "premium": False, "none": None, "deep": {"x": {}}},
    {"large": 2**70, "tiny": 1e-7, "title": "Ä \U0001f3a5", "half": "\ud83c"},
]


@pytest.mark.parametrize("record", RECORDS, ids=["none", "empty", "nested", "odd"])
def test_a_record_is_journaled_as_it_was_with_the_row_that_it_is_made_from(
    state: Memory, record: Any
) -> None:
    entry = replace(journal_entry(), written=RecordWritten("one", ROW, record, {"title": "Noon"}))
    assert journaled(state, entry) == [entry]
    taken_back = replace(entry, number=2, written=RecordWritten("one", ROW, {"title": "Noon"}, record))
    assert journaled(state, taken_back) == [entry, taken_back]


def test_a_journal_entry_comes_back_whole(desk: Desk) -> None:
    """What its values are made of changes afterwards; what was written does not."""
    before = {"title": {"S": "Noon"}}
    entry = replace(
        journal_entry(), findings=("f1", "f2"), written=RowWritten(ROW, before, {}), done=False, previous=7
    )
    desk.state.enter_all([entry])
    before["title"] = {"S": "Night"}
    whole = replace(entry, written=RowWritten(ROW, {"title": {"S": "Noon"}}, {}))
    assert desk.state.journal("run") == [whole]
    desk.state.mark_done([entry])
    assert desk.state.journal("run") == [replace(whole, done=True)]


def former(what: str, target: Item, before: Item, after: Item) -> Item:
    """Return an entry as the version before wrote it: plain values, and no format."""
    values = {
        "what": what,
        "target": target,
        "before": before,
        "after": after,
        "at": "2026-03-01T12:00:00.000Z",
    }
    return to_item({"pk": "journal#run", "sk": "000001", **values, "done": True})


def test_an_entry_of_the_version_before_is_read_with_what_it_proves(real_desk: RealDesk) -> None:
    """Texts and nulls came through unchanged, and what is not named was absent."""
    before, after = {"status": "processing", "programId": None}, {"status": "completed", "programId": "one"}
    real_desk.put_memory(former("recording row linked", ROW._asdict(), before, after))
    (entry,) = real_desk.state.journal("run")
    assert entry == JournalEntry(
        "run", 1, "recording row linked", (), RowWritten(ROW, typed(before), typed(after)), AT
    )


@pytest.mark.parametrize("value", [{"SS": ["a"]}, 1.5, 2**60, ["a"]], ids=str)
def test_what_the_version_before_did_not_keep_exactly_is_doubted(real_desk: RealDesk, value: Any) -> None:
    real_desk.put_memory(
        former("programs counted", ROW._asdict(), {"programsCount": value}, {"programsCount": 1})
    )
    (entry,) = real_desk.state.journal("run")
    assert "did not keep programsCount exactly" in entry.doubt


def test_a_record_of_the_version_before_is_proved_only_where_there_was_none(real_desk: RealDesk) -> None:
    after = {"objectID": "one", "price": 9.5}
    real_desk.put_memory(former("record written", {"objectID": "one"}, {}, after))
    (entry,) = real_desk.state.journal("run")
    assert (entry.written, entry.doubt) == (RecordWritten("one", None, None, after), "")
    real_desk.put_memory(former("record written", {"objectID": "one"}, {"title": "Old"}, after))
    (entry,) = real_desk.state.journal("run")
    assert "did not keep the whole record" in entry.doubt


def test_a_program_of_the_version_before_names_its_group_and_its_recording(real_desk: RealDesk) -> None:
    name = program_id_of(KEY)
    program = {
        "pk": "u#ann#programs",
        "sk": f"p#{name}",
        "programId": name,
        "ownerId": "ann",
        "groupId": "g1",
        "GSI1PK": "u#ann#g#g1",
        "s3Bucket": KEY.bucket,
        "s3Key": f"{KEY.prefix}/media/hls/a.m3u8",
    }
    target = {"pk": program["pk"], "sk": program["sk"]}
    real_desk.put_memory(former("program created", target, {}, program))
    (entry,) = real_desk.state.journal("run")
    counted = Counted(RowKey("u#ann#groups", "g#g1"), None, None)
    ledger = LedgerWritten(None, ledger_entry(KEY, ann=name))
    written = RowWritten(RowKey(*target.values()), None, typed(program), counted, ledger)
    assert (entry.written, entry.doubt) == (written, "")


def test_an_entry_of_the_same_run_and_number_takes_the_earlier_ones_place(desk: Desk) -> None:
    desk.state.enter_all([journal_entry(what="first")])
    desk.state.enter_all([journal_entry(what="second")])
    assert [entry.what for entry in desk.state.journal("run")] == ["second"]


Calls = dict[str, Callable[[Memory], Any]]
CALLS: Calls = {
    "environment": lambda state: state.environment(),
    "bind_environment": lambda state: state.bind_environment(WANTED),
    "mark_first_repair": lambda state: state.mark_first_repair(AT),
    "ledger": lambda state: state.ledger(),
    "ledger_entry": lambda state: state.ledger_entry(KEY),
    "remember": lambda state: state.remember([(READ, None)]),
    "runs": lambda state: state.runs(1),
    "enter_all": lambda state: state.enter_all([journal_entry()]),
    "save_run": lambda state: state.save_run("run", {}),
}


def scripted_state(scripted: Loopback, stage: Wiring, answer: Callable[[Asked], Answer]) -> DynamoState:
    scripted.answer = answer
    return DynamoState(stage.dynamodb, "memory", sleep=lambda _: None)


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (refusal("ResourceNotFoundException", "no such table"), "ResourceNotFoundException: no such table"),
        (
            refusal("AccessDeniedException", "no right"),
            "AccessDeniedException: no right. Grant the permission",
        ),
        (refusal("ThrottlingException", "slower"), "8 times: ThrottlingException: slower"),
        (Answer(lost=True), "8 times: ConnectionClosedError"),
    ],
    ids=["no-table", "denied", "throttled", "lost"],
)
def test_a_memory_that_cannot_be_used_is_named(
    scripted: Loopback, stage: Wiring, call: str, answer: Answer, told: str
) -> None:
    state = scripted_state(scripted, stage, lambda _: answer)
    with pytest.raises(SourceError, match="the state table memory") as caught:
        CALLS[call](state)
    assert told in str(caught.value)


def test_the_memory_is_read_strongly_consistent(scripted: Loopback, stage: Wiring) -> None:
    def stale(asked: Asked) -> Answer:
        fresh = asked.document.get("ConsistentRead") is True
        if asked.operation == "GetItem":
            item = {"stage": "s", "table": "t", "index": "i"}
            texts = {name: {"S": value} for name, value in item.items()}
            return json_answer({"Item": texts | {"buckets": {"L": []}}} if fresh else {})
        entry = {"pk": "ledger#0", "bucket": "videos", "prefix": "p", "how": "made"}
        texts = {name: {"S": value} for name, value in entry.items()}
        return json_answer({"Items": [texts | {"programs": {"M": {"ann": {"S": "one"}}}}] if fresh else []})

    state = scripted_state(scripted, stage, stale)
    assert state.environment() == Environment("s", "t", "i", ())
    assert state.ledger() == {
        RecordingKey("videos", "p"): ledger_entry(RecordingKey("videos", "p"), ann="one")
    }


@pytest.mark.parametrize("trouble", [refusal("TransactionConflictException"), refusal("ThrottlingException")])
def test_a_memory_that_is_busy_for_a_moment_is_asked_again(
    scripted: Loopback, stage: Wiring, trouble: Answer
) -> None:
    answers = [trouble, trouble, json_answer({})]
    state = scripted_state(scripted, stage, lambda _: answers.pop(0))
    assert state.remember([(READ, None)]) == 1
    assert answers == []


def test_the_last_whole_repair_is_the_newest_that_was_marked(state: Memory) -> None:
    """Each whole repair takes the place of the one before, beside the first repair that stays."""
    state.bind_environment(WANTED)
    first, last = datetime(2026, 5, 1, tzinfo=UTC), datetime(2026, 5, 2, tzinfo=UTC)
    state.mark_first_repair(first)
    for moment in (first, last):
        state.mark_whole_repair(moment)
    assert state.environment() == replace(WANTED, first_repair=first, last_whole_repair=last)


def test_a_run_is_found_by_its_id(state: Memory) -> None:
    state.save_run("b", {"mode": "check"})
    assert (state.run("b"), state.run("a")) == ({"mode": "check"}, None)


def test_a_journal_is_told_in_order_and_by_run(state: Memory) -> None:
    for number in (2, 1):
        state.enter_all([journal_entry(number, what=f"step {number}")])
    state.enter_all([journal_entry(1, run="another")])
    assert sorted(entry.what for entry in state.journal("run")) == ["step 1", "step 2"]
    assert state.journal("nobody") == []


def test_a_decision_comes_back_as_it_was_made_and_the_later_one_stands(state: Memory) -> None:
    first = Decision("know", "f1", "ann", "a “reason”", AT + timedelta(days=90), AT)
    later = replace(first, what="ignore", by="bob", until=AT + timedelta(days=1))
    state.decide([first, replace(first, id="f2")])
    state.decide([later])
    assert state.decisions() == {"f1": later, "f2": replace(first, id="f2")}


def test_an_ignore_until_worse_comes_back_with_how_bad_its_finding_was(state: Memory) -> None:
    for size in (3, 0.5):
        decision = Decision("ignore", "f1", "ann", "", None, AT, worse_than=Extent("medium", size))
        state.decide([decision])
        assert state.decisions() == {"f1": decision}


UNTIL_WORSE = Decision("ignore", "f1", "ann", "", None, AT, worse_than=Extent("medium", 3))
BY_A_RUN = UNTIL_WORSE.undone("the job", AT + timedelta(days=1))


def test_a_decision_that_a_run_ended_comes_back_as_ended(state: Memory) -> None:
    known = Decision("know", "f2", "ann", "", None, AT)
    state.decide([UNTIL_WORSE, known])
    state.end_outgrown([BY_A_RUN])
    assert state.decisions() == {"f1": BY_A_RUN, "f2": known}


@pytest.mark.parametrize(
    "decided",
    [
        replace(UNTIL_WORSE, at=AT + timedelta(days=2)),
        UNTIL_WORSE.undone("bob", AT + timedelta(hours=1)),
        replace(UNTIL_WORSE, worse_than=None),
        Decision("assign", "f1", "ann", "", None, AT, "videos", "a/b/c/composite", show="s1"),
    ],
    ids=["made anew", "undone before", "for good", "on a recording"],
)
def test_a_run_can_end_no_decision_but_the_one_that_it_saw_outgrown(state: Memory, decided: Decision) -> None:
    """What it keeps lies apart from what people decided, and does not replace it."""
    state.decide([decided])
    state.end_outgrown([BY_A_RUN])
    assert state.decisions() == {"f1": decided}


def test_a_run_can_make_no_decision(state: Memory) -> None:
    state.end_outgrown([BY_A_RUN])
    assert state.decisions() == {}


def test_that_a_repair_was_taken_back_stands_beside_what_is_decided_on_its_finding(state: Memory) -> None:
    """And a run ends it, once it is approved; another undo after that stands again."""
    ignored = Decision("ignore", "f1", "ann", "", None, AT)
    undone = Decision("undone", undone_id("f1"), "bob", "a bad night", None, AT, finding="f1")
    state.decide([ignored, undone])
    assert state.decisions() == {"f1": ignored, undone.id: undone}
    ended = undone.undone("carl", AT + timedelta(days=1))
    state.end_outgrown([ended])
    assert state.decisions() == {"f1": ignored, undone.id: ended}
    again = replace(undone, at=AT + timedelta(days=2))
    state.decide([again])
    assert state.decisions()[undone.id] == again


def test_decisions_on_recordings_come_back_as_they_were_made(state: Memory) -> None:
    key = ("videos", "stage1/comp1/dest1/composite")
    assigned = Decision("assign", "a1", "ann", "", None, AT, *key, show="s1", group="g1")
    restored = Decision("restore", "r1", "ann", "by mistake", AT + timedelta(days=1), AT, *key)
    state.decide([assigned, restored])
    assert state.decisions() == {"a1": assigned, "r1": restored}
    ended = restored.undone("bob", AT + timedelta(hours=1))
    state.decide([ended])
    assert state.decisions() == {"a1": assigned, "r1": ended}


def test_a_decision_from_before_there_were_any_on_recordings_is_read(real_desk: RealDesk) -> None:
    texts = {
        "pk": "decision",
        "sk": "finding#f1",
        "what": "know",
        "finding": "f1",
        "by": "ann",
        "reason": "known",
        "until": "2026-06-01T12:00:00.000Z",
        "at": "2026-03-01T12:00:00.000Z",
    }
    real_desk.put_memory({name: {"S": value} for name, value in texts.items()})
    until = datetime(2026, 6, 1, 12, tzinfo=UTC)
    assert real_desk.state.decisions() == {"f1": Decision("know", "f1", "ann", "known", until, AT)}


def test_a_ledger_entry_keeps_the_decision_under_which_a_program_was_made_again(state: Memory) -> None:
    restored = replace(READ, how="restored", restored="d1 then")
    assert state.remember([(restored, None)]) == 1
    assert state.ledger() == {READ.key: restored}
    assert state.remember([(READ, READ)]) == 0
    assert state.remember([(READ, restored)]) == 1


def test_what_was_not_read_yet_is_tied_later_and_by_nobody_else(state: Memory) -> None:
    state.bind_environment(Environment("staging", "", "programs", ()))
    assert state.environment() == Environment("staging", "", "programs", ())
    state.bind_environment(replace(WANTED, stage="production"))
    assert state.environment() == Environment("staging", "", "programs", ())
    assert state.bind_environment(WANTED) == WANTED


def test_each_run_that_writes_raises_the_number(state: Memory) -> None:
    state.bind_environment(WANTED)
    assert [state.raise_sequence(0).sequence for _ in range(3)] == [1, 2, 3]
    assert state.raise_sequence(3) == replace(WANTED, sequence=4)


def test_a_number_below_a_reports_is_remembered_until_a_person_accepts_it(state: Memory) -> None:
    state.bind_environment(WANTED)
    assert state.raise_sequence(9) == replace(WANTED, sequence=10, behind=9)
    assert state.raise_sequence(10) == replace(WANTED, sequence=11, behind=9)
    assert state.accept(11, "ann", "restored on purpose", AT) == replace(WANTED, sequence=11)
    assert state.raise_sequence(11) == replace(WANTED, sequence=12)


def test_what_is_accepted_counts_from_the_reports_number(state: Memory) -> None:
    """A person may accept before any run found out."""
    state.bind_environment(WANTED)
    assert state.accept(7, "ann", "restored on purpose", AT).sequence == 7
    assert state.raise_sequence(7).behind == 0


def test_a_bucket_is_taken_back_and_makes_its_shows_wait_until_it_is_named_again(state: Memory) -> None:
    both = replace(WANTED, buckets=("archive", "videos"))
    state.bind_environment(both)
    taken = RemovedBucket("archive", ("show1",), "ann", "a typo", AT)
    assert state.remove_bucket(taken, wait=True) == replace(WANTED, removed_buckets=(taken,))
    assert state.remove_bucket(taken, wait=True).removed_buckets == (taken,)
    assert state.bind_environment(both) == both
    assert state.remove_bucket(taken, wait=False) == WANTED


def test_that_index_and_table_met_is_remembered_once(state: Memory) -> None:
    state.bind_environment(WANTED)
    for moment in (AT, AT + timedelta(days=1)):
        state.mark_index_met(moment)
    assert state.environment() == replace(WANTED, index_met=AT)


def test_of_runs_that_change_the_environment_at_the_same_moment_none_is_lost(
    scripted: Loopback, stage: Wiring
) -> None:
    """The number that another run raised meanwhile is read again, not written over."""
    numbers, written = ["4", "5"], list[Any]()

    def answer(asked: Asked) -> Answer:
        if asked.operation == "GetItem":
            texts = {"stage": {"S": "s"}, "table": {"S": "t"}, "index": {"S": "i"}, "buckets": {"L": []}}
            return json_answer({"Item": texts | {"sequence": {"N": numbers[0]}}})
        written.append(asked.document)
        if len(numbers) > 1:
            numbers.pop(0)
            return refusal("ConditionalCheckFailedException")
        return json_answer({})

    scripted_state(scripted, stage, answer).raise_sequence(0)
    assert [
        value
        for document in written
        for name, value in document["ExpressionAttributeValues"].items()
        if name.startswith(":s")
    ] == [{"N": "5"}, {"N": "6"}]


def test_many_journal_entries_are_entered_at_once_and_say_later_that_they_are_done(state: Memory) -> None:
    entries = [replace(journal_entry(n, what=f"step {n}"), done=False) for n in range(1, 251)]
    state.enter_all(entries)
    assert [one.done for one in state.journal("run")] == [False] * 250
    state.mark_done(entries[:120])
    journal = state.journal("run")
    assert [one.what for one in journal] == [f"step {n}" for n in range(1, 251)]
    assert [one.done for one in journal] == [True] * 120 + [False] * 130
    state.enter_all([])
    state.mark_done([])


def test_large_journal_entries_are_entered_in_portions_that_a_transaction_takes(state: Memory) -> None:
    written = RecordWritten("one", ROW, {"text": "é" * 60_000}, {})
    large = [replace(journal_entry(n), written=written) for n in range(1, 41)]
    state.enter_all(large)
    assert len(state.journal("run")) == 40


def test_an_entry_of_a_transaction_is_done(desk: Desk) -> None:
    desk.state.enter_all([journal_entry()])
    assert [one.done for one in desk.state.journal("run")] == [True]
