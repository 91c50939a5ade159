"""The application's table, writing: one transaction or nothing, whatever stands in the way."""

import copy
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from reconcile.model.attributes import Value
from reconcile.model.catalog import RowKey
from reconcile.model.errors import LeaseLost, Refused, SourceError
from reconcile.model.journal import Counted, RowWritten
from reconcile.model.recording import RecordingKey
from reconcile.model.snapshot import LedgerEntry
from reconcile.stores.attributes import typed
from reconcile.stores.dynamodb_writing import DynamoWriter
from reconcile.stores.transactions import Transactions
from reconcile.stores.write_ports import GroupGain, Update, WriteOutcome
from reconcile.wiring import Wiring
from tests.contract.harness import ABSENT, Desk, Item, journal_entry, ledger_entry, row, update
from tests.contract.loopback import Answer, Asked, Loopback, json_answer, refusal
from tests.doubles.memory_state import MemoryLease, MemoryState

RECORDING = RecordingKey("videos", "stage1/comp1/dest1/composite")
LEDGER = ledger_entry(RECORDING, ann="one")
STORED: Item = {
    "pk": {"S": "u#ann#programs"},
    "sk": {"S": "p#one"},
    "programId": {"S": "one"},
    "title": {"S": "Noon"},
    "premium": {"BOOL": False},
    "price": {"NULL": True},
    "duration": {"N": "3600"},
    "tags": {"L": []},
}
PROGRAM_KEY, GROUP_KEY = RowKey("u#ann#programs", "p#one"), RowKey("u#ann#groups", "g#g1")
FOUR = {"N": "4"}
RAISED = GroupGain(GROUP_KEY, Counted.one_more(GROUP_KEY, FOUR))
GROUP = row(*GROUP_KEY, groupId="g1", name="Shows", programsCount=4, updatedAt="2026-01-01T00:00:00.000Z")


def create(
    desk: Desk,
    *,
    count: Value | None = FOUR,
    countable: bool = True,
    ledger: LedgerEntry = LEDGER,
    expected: LedgerEntry | None = None,
    number: int = 1,
) -> WriteOutcome:
    gain = GroupGain(GROUP_KEY, Counted.one_more(GROUP_KEY, count) if countable else None)
    return desk.writer.create_program(STORED, gain, ledger, expected, journal_entry(number))


def world(desk: Desk) -> Any:
    """Return all that a write may change."""
    return copy.deepcopy((desk.items(), desk.state.ledger(), desk.state.journal("run")))


def test_a_program_is_made_with_its_ledger_entry_its_groups_count_and_its_journal_entry(desk: Desk) -> None:
    desk.put(GROUP)
    assert create(desk) == "made"
    written_at = {"S": "2026-03-01T12:00:00.000Z"}
    assert desk.items() == {
        PROGRAM_KEY: STORED,
        GROUP_KEY: GROUP | {"programsCount": {"N": "5"}, "updatedAt": written_at},
    }
    assert desk.state.ledger() == {RECORDING: LEDGER}
    assert desk.state.journal("run") == [journal_entry()]


@pytest.mark.parametrize("group", [[], [row(*GROUP_KEY, programsCount=4)]], ids=["gone", "phantom"])
@pytest.mark.parametrize("countable", [True, False])
def test_without_its_group_nothing_is_written(desk: Desk, group: list[Item], countable: bool) -> None:
    desk.put(*group)
    before = world(desk)
    assert create(desk, countable=countable) == "group-changed"
    assert world(desk) == before


def test_a_second_creation_changes_nothing(desk: Desk) -> None:
    desk.put(GROUP)
    create(desk)
    before = world(desk)
    assert create(desk, number=2) == "already"
    assert world(desk) == before


def test_a_program_whose_owner_deleted_it_is_not_made_again(desk: Desk) -> None:
    desk.put(GROUP)
    desk.state.remember([(LEDGER, None)])
    before = world(desk)
    assert create(desk) == "already"
    assert world(desk) == before


def test_a_row_that_is_there_is_not_overwritten(desk: Desk) -> None:
    desk.put(GROUP, row(*PROGRAM_KEY, title="somebody else's"))
    before = world(desk)
    assert create(desk) == "already"
    assert world(desk) == before


def test_a_ledger_entry_as_read_gives_way_to_the_new_one(desk: Desk) -> None:
    desk.put(GROUP)
    read = LedgerEntry(RECORDING, {"bob": "two"}, "seen")
    desk.state.remember([(read, None)])
    new = ledger_entry(RECORDING, bob="two", ann="one")
    assert create(desk, ledger=new, expected=read) == "made"
    assert desk.state.ledger() == {RECORDING: new}


@pytest.mark.parametrize("standing", [None, LedgerEntry(RECORDING, {"bob": "two", "ann": "x"}, "made")])
def test_a_ledger_entry_that_is_not_as_read_stays(desk: Desk, standing: LedgerEntry | None) -> None:
    desk.put(GROUP)
    if standing:
        desk.state.remember([(standing, None)])
    before = world(desk)
    read = LedgerEntry(RECORDING, {"bob": "two"}, "seen")
    assert create(desk, ledger=ledger_entry(RECORDING, bob="two", ann="one"), expected=read) == "already"
    assert world(desk) == before


@pytest.mark.parametrize(
    ("count", "after"),
    [
        (None, "1"),
        ({"N": "0"}, "1"),
        ({"N": "-1"}, "0"),
        ({"N": "2.5"}, "3.5"),
        ({"N": "12345678901234567890123456789012345678"}, "12345678901234567890123456789012345679"),
    ],
)
def test_a_count_is_raised_by_one_from_whatever_number_it_is(desk: Desk, count: Any, after: str) -> None:
    desk.put(row(*GROUP_KEY, groupId="g1", **({"programsCount": count} if count else {})))
    assert create(desk, count=count) == "made"
    assert desk.items()[GROUP_KEY]["programsCount"] == {"N": after}


@pytest.mark.parametrize("count", [{"S": "four"}, {"NULL": True}, {"L": []}], ids=str)
def test_a_count_that_is_no_number_is_left_alone(desk: Desk, count: Any) -> None:
    group = row(*GROUP_KEY, groupId="g1", programsCount=count)
    desk.put(group)
    assert create(desk, countable=False) == "made"
    assert desk.items() == {PROGRAM_KEY: STORED, GROUP_KEY: group}


@pytest.mark.parametrize("count", [{"S": "four"}, {"NULL": True}, {"N": "5"}, None], ids=str)
def test_a_count_that_somebody_changed_since_it_was_read_is_not_written_over(desk: Desk, count: Any) -> None:
    """The journal would not tell what stood there before."""
    desk.put(row(*GROUP_KEY, groupId="g1", **({"programsCount": count} if count else {})))
    before = world(desk)
    assert create(desk) == "group-changed"
    assert world(desk) == before


def test_a_count_that_appeared_since_it_was_read_is_not_written_over(desk: Desk) -> None:
    desk.put(GROUP)
    before = world(desk)
    assert create(desk, count=None) == "group-changed"
    assert world(desk) == before


def test_a_number_with_too_many_digits_to_be_raised_counts_as_none() -> None:
    assert Counted.one_more(GROUP_KEY, {"N": "9" * 37}) is not None
    assert Counted.one_more(GROUP_KEY, {"N": "9" * 38}) is None
    assert Counted.one_more(GROUP_KEY, {"N": f"{'9' * 37}.5"}) is None


@pytest.mark.parametrize("value", [{"SS": ["b", "a"]}, {"B": b"\x00\xff"}, {"NS": ["2", "1.0"]}], ids=str)
def test_a_row_is_changed_on_values_of_any_type(desk: Desk, value: Any) -> None:
    """Sets have no order, and numbers that are the same are the same however they are written."""
    desk.put(row(*PROGRAM_KEY, odd=value, title="Noon"))
    read = {kind: held[::-1] if isinstance(held, list) else held for kind, held in value.items()}
    change = Update(PROGRAM_KEY, {"odd": {"S": "new"}}, {"odd": read, "absent": None})
    assert desk.writer.change_row(change, None, journal_entry()) == "made"
    assert desk.items()[PROGRAM_KEY] == row(*PROGRAM_KEY, odd="new", title="Noon")
    assert desk.writer.change_row(change, None, journal_entry()) == "changed"


VALUES = [ABSENT, None, "", "General"]
NAMES = ["absent", "null", "empty", "text"]


@pytest.mark.parametrize("stored", VALUES, ids=NAMES)
@pytest.mark.parametrize("read", VALUES, ids=NAMES)
def test_a_row_is_mended_only_if_it_still_says_what_was_read(desk: Desk, stored: Any, read: Any) -> None:
    held: Any = {None: {"NULL": True}, "": {"S": ""}, "General": {"S": "General"}}.get(stored)
    before = row(*PROGRAM_KEY, title="Noon") | ({"groupId": held} if held else {})
    desk.put(before)
    change = update(PROGRAM_KEY, {"groupId": "g1", "updatedAt": "now"}, {"groupId": read})
    outcome = desk.writer.change_row(change, None, journal_entry(what="program mended"))
    if read is stored:
        assert outcome == "made"
        assert desk.items()[PROGRAM_KEY] == row(*PROGRAM_KEY, title="Noon", groupId="g1", updatedAt="now")
        assert [entry.what for entry in desk.state.journal("run")] == ["program mended"]
    else:
        assert outcome == "changed"
        assert (desk.items()[PROGRAM_KEY], desk.state.journal("run")) == (before, [])


def test_a_row_that_has_gone_is_not_mended_into_a_ghost(desk: Desk) -> None:
    change = update(PROGRAM_KEY, {"groupId": "g1"}, {"groupId": ABSENT})
    assert desk.writer.change_row(change, None, journal_entry()) == "changed"
    assert world(desk) == ({}, {}, [])


def test_a_mended_row_rests_on_every_value_that_was_read(desk: Desk) -> None:
    desk.put(row(*PROGRAM_KEY, groupId="g1", program_url="there"))
    change = update(PROGRAM_KEY, {"title": "Noon"}, {"groupId": "g1", "program_url": "here"})
    assert desk.writer.change_row(change, None, journal_entry()) == "changed"
    assert "title" not in desk.items()[PROGRAM_KEY]


@pytest.mark.parametrize("there", [True, False])
def test_a_row_is_mended_only_beside_the_rows_that_it_rests_on(desk: Desk, there: bool) -> None:
    """A note is not told of a program that goes at that moment."""
    desk.put(row(*PROGRAM_KEY, title="Noon"), *([GROUP] if there else []))
    before = world(desk)
    change = update(PROGRAM_KEY, {"title": "Night"}, {"title": "Noon"}, beside=(GROUP_KEY,))
    assert desk.writer.change_row(change, None, journal_entry()) == ("made" if there else "changed")
    assert desk.items()[PROGRAM_KEY]["title"] == {"S": "Night" if there else "Noon"}
    assert (world(desk) == before) is not there


def test_a_mend_can_raise_the_groups_count(desk: Desk) -> None:
    desk.put(GROUP, row(*PROGRAM_KEY))
    change = update(PROGRAM_KEY, {"groupId": "g1"}, {"groupId": ABSENT})
    assert desk.writer.change_row(change, RAISED, journal_entry()) == "made"
    assert desk.items()[GROUP_KEY]["programsCount"] == {"N": "5"}
    assert desk.items()[PROGRAM_KEY]["groupId"] == {"S": "g1"}


def test_a_mend_whose_group_has_gone_changes_nothing(desk: Desk) -> None:
    desk.put(row(*PROGRAM_KEY))
    before = world(desk)
    change = update(PROGRAM_KEY, {"groupId": "g1"}, {"groupId": ABSENT})
    assert desk.writer.change_row(change, RAISED, journal_entry()) == "group-changed"
    assert world(desk) == before


def test_a_run_that_lost_its_lease_writes_nothing(desk: Desk) -> None:
    desk.put(GROUP, row(*PROGRAM_KEY, title="Noon"))
    desk.lose_lease()
    before = world(desk)
    with pytest.raises(LeaseLost):
        create(desk)
    with pytest.raises(LeaseLost):
        desk.writer.change_row(update(PROGRAM_KEY, {"title": "x"}, {"title": "Noon"}), None, journal_entry())
    assert world(desk) == before


def test_numbers_of_every_kind_can_be_written_and_journaled(desk: Desk) -> None:
    desk.put(GROUP, row(*PROGRAM_KEY, price=1))
    numbers = {"price": 9.99, "size": 2**60, "small": 1e-7, "huge": 1e300, "parts": [1.5, {"deep": 0.1}]}
    entry = replace(journal_entry(), written=RowWritten(PROGRAM_KEY, {}, typed(numbers)))
    change = update(PROGRAM_KEY, {"price": 9.99}, {"price": 1})
    assert desk.writer.change_row(change, None, entry) == "made"
    assert desk.items()[PROGRAM_KEY]["price"] == {"N": "9.99"}
    (written,) = desk.state.journal("run")
    # What DynamoDB has no number for is kept as text.
    assert written == replace(entry, written=RowWritten(PROGRAM_KEY, {}, typed(numbers)))
    assert typed(numbers)["huge"] == {"S": "1e+300"}


def held_lease() -> MemoryLease:
    """Return a lease that is surely held."""
    return MemoryLease(MemoryState(), "run").__enter__()


Script = Callable[[Callable[[Asked], Answer]], DynamoWriter]


@pytest.fixture
def scripted_writer(scripted: Loopback, stage: Wiring) -> Script:
    """Makes a writer to a scripted table; nobody really sleeps."""

    def made(answer: Callable[[Asked], Answer]) -> DynamoWriter:
        scripted.answer = answer
        return DynamoWriter(
            Transactions(stage.dynamodb, "application", "state", held_lease(), sleep=lambda _: None)
        )

    return made


def cancelled(*codes: str) -> Answer:
    """Return a cancelled transaction with a reason for each of its actions."""
    reasons = [{"Code": code, "Message": f"because of {code}"} for code in codes]
    return refusal("TransactionCanceledException", "cancelled", CancellationReasons=reasons)


def write(writer: DynamoWriter) -> WriteOutcome:
    return writer.create_program(STORED, RAISED, LEDGER, None, journal_entry())


OK, NO, CONFLICT = "None", "ConditionalCheckFailed", "TransactionConflict"
TROUBLES = [
    cancelled(OK, OK, OK, CONFLICT, OK, OK),
    cancelled(OK, OK, OK, OK, OK, CONFLICT),
    cancelled("ThrottlingError", OK, OK, OK, OK, OK),
    cancelled(OK, OK, "ProvisionedThroughputExceeded", OK, OK, OK),
    refusal("TransactionInProgressException"),
    refusal("ThrottlingException"),
    refusal("InternalServerError", status=500),
    Answer(lost=True),
]


@pytest.mark.parametrize("trouble", TROUBLES)
def test_what_stands_in_the_way_for_a_moment_is_tried_again(scripted_writer: Script, trouble: Answer) -> None:
    answers = [trouble, trouble, json_answer({})]
    tokens = []

    def answer(asked: Asked) -> Answer:
        tokens.append(asked.document["ClientRequestToken"])
        return answers.pop(0)

    assert write(scripted_writer(answer)) == "made"
    assert len(tokens) == 3
    assert len(set(tokens)) == 1


@pytest.mark.parametrize("trouble", TROUBLES)
def test_what_stays_in_the_way_is_a_source_error(scripted_writer: Script, trouble: Answer) -> None:
    with pytest.raises(SourceError, match="writing to the table application, 8 times: "):
        write(scripted_writer(lambda _: trouble))


@pytest.mark.parametrize(
    ("codes", "outcome"),
    [
        ((NO, OK, OK, OK, OK, OK), "already"),
        ((OK, NO, OK, OK, OK, OK), "already"),
        ((OK, OK, NO, OK, OK, OK), "already"),
        ((OK, OK, OK, NO, OK, OK), "group-changed"),
        ((NO, NO, NO, NO, OK, OK), "already"),
        ((CONFLICT, OK, OK, NO, OK, OK), "group-changed"),
    ],
)
def test_the_reasons_of_a_cancelled_transaction_are_told_apart(
    scripted_writer: Script, codes: tuple[str, ...], outcome: str
) -> None:
    assert write(scripted_writer(lambda _: cancelled(*codes))) == outcome


def test_a_lost_lease_goes_before_every_other_reason(scripted_writer: Script) -> None:
    with pytest.raises(LeaseLost):
        write(scripted_writer(lambda _: cancelled(NO, NO, NO, NO, OK, NO)))


def test_a_writer_whose_lease_is_not_surely_held_sends_nothing(scripted: Loopback, stage: Wiring) -> None:
    asked: list[Asked] = []

    def answer(one: Asked) -> Answer:
        asked.append(one)
        return json_answer({})

    scripted.answer = answer
    writer = DynamoWriter(
        Transactions(stage.dynamodb, "application", "state", MemoryLease(MemoryState(), "run"))
    )
    with pytest.raises(LeaseLost):
        write(writer)
    assert asked == []


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (cancelled(OK, OK, OK, "DuplicateItem", OK, OK), "TransactionCanceledException: cancelled"),
        (
            refusal("AccessDeniedException", "no dynamodb:PutItem"),
            "no dynamodb:PutItem. Grant the permission",
        ),
        (refusal("ResourceNotFoundException", "no table"), "ResourceNotFoundException: no table"),
        (refusal("IdempotentParameterMismatchException", "other"), "IdempotentParameterMismatchException"),
    ],
    ids=["unknown", "denied", "no-table", "mismatch"],
)
def test_a_refused_transaction_is_a_source_error_at_once(
    scripted_writer: Script, answer: Answer, told: str
) -> None:
    asked = []

    def refuse(one: Asked) -> Answer:
        asked.append(one)
        return answer

    with pytest.raises(SourceError, match="writing to the table application: ") as caught:
        write(scripted_writer(refuse))
    assert told in str(caught.value)
    assert len(asked) == 1


@pytest.mark.parametrize("code", ["ValidationError", "ItemCollectionSizeLimitExceeded"])
@pytest.mark.parametrize(
    ("place", "item"),
    [(2, "u#ann#programs p#one of the table application"), (4, "journal#run 000001 of the table state")],
    ids=["a row", "the journal entry"],
)
def test_what_an_item_cannot_take_is_refused_in_the_reason_s_words_and_not_tried_again(
    scripted_writer: Script, code: str, place: int, item: str
) -> None:
    """It would be larger than 400 KB, say: other writes are not concerned."""
    codes, asked = [OK] * 6, []
    codes[place] = code

    def refuse(one: Asked) -> Answer:
        asked.append(one)
        return cancelled(*codes)

    with pytest.raises(Refused) as caught:
        write(scripted_writer(refuse))
    told = f"writing {item}: {code}: because of {code}. Shorten or correct it."
    assert (str(caught.value), len(asked)) == (told, 1)


def test_a_new_item_that_is_too_large_is_refused_though_no_action_is_named(scripted_writer: Script) -> None:
    """The sizes of what is put are looked at before anything else."""
    answer = refusal("ValidationException", "Item size has exceeded the maximum allowed size")
    with pytest.raises(Refused, match=r"the maximum allowed size\. Shorten what is written\."):
        write(scripted_writer(lambda _: answer))


def test_a_table_that_takes_no_transactions_is_a_fault_of_the_table(scripted_writer: Script) -> None:
    """Every write would end so: the run is incomplete."""
    answer = refusal("ValidationException", "TransactWriteItems is not supported on this table")
    with pytest.raises(SourceError) as caught:
        write(scripted_writer(lambda _: answer))
    assert not isinstance(caught.value, Refused)


class Idempotent:
    """A table as DynamoDB keeps it: a transaction with a known token has been made already, and says so."""

    def __init__(self, *losses: int) -> None:
        self.items: dict[tuple[str, str, str], Item] = {}
        self._losses, self._asked, self._tokens = losses, 0, set[str]()

    def answer(self, asked: Asked) -> Answer:
        """Carry a transaction out; the answers whose numbers are in `losses` are lost on the way."""
        self._asked += 1
        body = asked.document
        puts = [action["Put"] for action in body["TransactItems"] if "Put" in action]
        if body["ClientRequestToken"] not in self._tokens:
            if any("ConditionExpression" in put and self._key(put) in self.items for put in puts):
                return cancelled(NO, OK, OK, OK, OK, OK)
            self.items |= {self._key(put): put["Item"] for put in puts}
            self._tokens.add(body["ClientRequestToken"])
        return Answer(lost=True) if self._asked in self._losses else json_answer({})

    def _key(self, put: Any) -> tuple[str, str, str]:
        return (put["TableName"], put["Item"]["pk"]["S"], put["Item"]["sk"]["S"])


def test_a_write_whose_answer_was_lost_is_not_told_as_somebody_elses(scripted_writer: Script) -> None:
    table = Idempotent(1, 2)
    writer = scripted_writer(table.answer)
    assert write(writer) == "made"
    assert table.items["application", *PROGRAM_KEY] == STORED
    assert write(writer) == "already"


def test_the_lease_is_part_of_the_transaction(desk: Desk) -> None:
    desk.put(GROUP)
    assert create(desk) == "made"
    desk.lose_lease()
    with pytest.raises(LeaseLost, match="nothing more was written"):
        create(desk, ledger=ledger_entry(RecordingKey("videos", "other"), ann="one"))
    assert set(desk.state.ledger()) == {RECORDING}


SHOW_KEY, NEW_GROUP = (
    RowKey("show#s1", "info"),
    {"pk": "u#ann#groups", "sk": "g#new", "groupId": "new", "name": None},
)
UNGROUPED = update(SHOW_KEY, {"groupId": "new"}, {"groupId": ABSENT, "producerId": "ann"})


def make_group(desk: Desk, show: Update = UNGROUPED) -> WriteOutcome:
    entries = (journal_entry(1, what="group created"), journal_entry(2, what="show given its group"))
    return desk.writer.create_group(typed(NEW_GROUP), show, entries)


def test_a_group_is_made_and_named_by_its_show_with_an_entry_for_each(desk: Desk) -> None:
    desk.put(row(*SHOW_KEY, producerId="ann", title="Noon"))
    assert make_group(desk) == "made"
    assert desk.items() == {
        SHOW_KEY: row(*SHOW_KEY, producerId="ann", title="Noon", groupId="new"),
        ("u#ann#groups", "g#new"): row("u#ann#groups", "g#new", groupId="new", name={"NULL": True}),
    }
    assert [one.what for one in desk.state.journal("run")] == ["group created", "show given its group"]


@pytest.mark.parametrize("stored", VALUES, ids=NAMES)
@pytest.mark.parametrize("read", VALUES, ids=NAMES)
def test_a_group_is_made_only_for_a_show_that_still_says_what_was_read(
    desk: Desk, stored: Any, read: Any
) -> None:
    held: Any = {None: {"NULL": True}, "": {"S": ""}, "General": {"S": "General"}}.get(stored)
    desk.put(row(*SHOW_KEY, producerId="ann") | ({"groupId": held} if held else {}))
    before = world(desk)
    outcome = make_group(desk, update(SHOW_KEY, {"groupId": "new"}, {"groupId": read}))
    assert outcome == ("made" if read is stored else "changed")
    assert (world(desk) == before) == (outcome == "changed")


@pytest.mark.parametrize("show", [[], [row(*SHOW_KEY, producerId="bob")]], ids=["gone", "given away"])
def test_without_its_show_or_under_another_producer_no_group_is_made(desk: Desk, show: list[Item]) -> None:
    desk.put(*show)
    before = world(desk)
    assert make_group(desk) == "changed"
    assert world(desk) == before


def test_a_row_where_the_group_belongs_is_not_overwritten(desk: Desk) -> None:
    desk.put(row(*SHOW_KEY, producerId="ann"), row("u#ann#groups", "g#new", programsCount=4))
    before = world(desk)
    assert make_group(desk) == "already"
    assert world(desk) == before


def test_a_run_that_lost_its_lease_makes_no_group(desk: Desk) -> None:
    desk.put(row(*SHOW_KEY, producerId="ann"))
    desk.lose_lease()
    before = world(desk)
    with pytest.raises(LeaseLost):
        make_group(desk)
    assert world(desk) == before


@pytest.mark.parametrize(
    ("read", "standing"),
    [("", "d1 then"), ("d1 then", ""), ("d1 then", "d1 later")],
    ids=["restored since", "seen since", "restored again since"],
)
def test_a_restore_rests_on_the_decision_that_was_read(desk: Desk, read: str, standing: str) -> None:
    """The program that is made again has the id that it had: the entry's programs do not tell them apart."""
    desk.put(GROUP)
    desk.state.remember([(replace(LEDGER, restored=standing), None)])
    before = world(desk)
    again = replace(LEDGER, how="restored", restored="d1 now")
    assert create(desk, ledger=again, expected=replace(LEDGER, restored=read)) == "already"
    assert world(desk) == before
    assert create(desk, ledger=again, expected=replace(LEDGER, restored=standing)) == "made"
    assert desk.state.ledger() == {RECORDING: again}
