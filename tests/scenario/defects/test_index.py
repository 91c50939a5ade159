"""Defects of those who write the search index, and what the job makes of its records."""

from reconcile.sandbox.world import formats
from reconcile.sandbox.world.actors import curator, functions, owner
from reconcile.sandbox.world.actors.functions import Index
from reconcile.sandbox.world.builder import WorldBuilder
from reconcile.sandbox.world.chapters.scene import evening, program_id
from reconcile.sandbox.world.truth import Key
from tests.scenario.defects.acts import AT, HOUR, MINUTE, NOW, empty_stage, seen

NO_DATE_MS = -2208988800000


def processed(builder: WorldBuilder, index: Index = Index.SYNC) -> Key:
    """Let the processor make a program of an evening."""
    night = evening(builder, AT)
    return functions.process(builder, night.composite, night.show, AT + MINUTE, index=index)


def lost(builder: WorldBuilder, program: Key) -> str:
    """Lose a program's record, and answer its objectID."""
    object_id = str(builder.rows[program]["programId"])
    builder.drop_record(object_id)
    return object_id


def test_b02_a_batch_saves_first_and_deletes_last() -> None:
    """A move's delete and put came in one batch, so the program has no record: the job writes it."""
    builder = empty_stage()
    program = processed(builder)
    group = owner.move(builder, program, AT + HOUR, record_lost=True, counted=True)
    result = seen(builder)
    assert result.told == {"record-missing": 1}
    assert result.left == {}
    assert result.last.records[program_id(program)]["groupId"] == group


def test_b11_the_old_sync_wrote_networks_over_users() -> None:
    """The user's record holds a network for a user, the copy has none: the job writes both."""
    builder = empty_stage()
    program = processed(builder)
    copy = curator.add_to_network(builder, program, "net", AT + HOUR, synced=False)
    functions.old_sync(builder, copy)
    result = seen(builder)
    assert result.told == {"record-stale": 1, "record-missing": 1}
    assert result.left == {}
    assert result.last.records[program_id(program)]["userId"] == program[0].split("#")[1]
    assert result.last.records[f"n_net_{program_id(program)}"]["networkId"] == "net"


def test_b12_the_processor_writes_a_poorer_record() -> None:
    """It came last, so search cannot filter by user: the job writes the whole record again."""
    builder = empty_stage()
    program = processed(builder, Index.PROCESSOR)
    assert "userId" not in builder.records[program_id(program)]
    result = seen(builder)
    assert result.told == {"record-stale": 1}
    assert result.left == {}
    assert result.last.records[program_id(program)]["userId"] == program[0].split("#")[1]


def test_b12b_a_failure_to_index_is_only_logged() -> None:
    """No key in the environment, or an error: there is no record, and the job writes it."""
    builder = empty_stage()
    program = processed(builder, Index.NOBODY)
    result = seen(builder)
    assert result.record(program_id(program)) == ("record-missing", "agrees")


def test_b12c_one_record_that_cannot_be_saved_holds_up_all_behind_it() -> None:
    """Whatever stood in the batch behind it was lost: the job writes every one of them."""
    builder = empty_stage()
    names = [lost(builder, owner.upload(builder, AT + late * MINUTE)) for late in range(3)]
    result = seen(builder)
    assert result.told == {"record-missing": 3}
    assert result.left == {}
    assert set(names) <= set(result.last.records)


def test_b12d_a_group_without_a_name_is_told_by_its_id() -> None:
    """The record shows the group's id, as the row lets it: it says the same as its row, so it agrees."""
    builder = empty_stage()
    program = processed(builder)
    record = builder.records[program_id(program)]
    assert record["groupName"] == record["groupId"]
    result = seen(builder)
    assert result.told == {}
    assert result.untouched


def test_b12e_a_row_without_an_id_is_not_indexed() -> None:
    """It calls for no record; and where a user's id holds a hash sign, its first part is the user's."""
    builder = empty_stage()
    nameless = owner.upload(builder, AT)
    object_id = lost(builder, nameless)
    builder.forget(nameless, "programId")
    hashed = owner.upload(builder, AT, owner="ann#2")
    result = seen(builder)
    assert result.told == {}
    assert object_id not in result.last.records
    assert result.last.records[program_id(hashed)]["userId"] == "ann"


def test_b12f_a_missing_date_sorts_last_and_an_invalid_one_is_none() -> None:
    """Records of both kinds are what their rows make them: the job claims nothing about them."""
    builder = empty_stage()
    undated, invalid = owner.upload(builder, AT), owner.upload(builder, AT + MINUTE, created_date="some day")
    result = seen(builder)
    assert result.told == {}
    assert result.last.records[program_id(undated)]["created_timestamp"] == NO_DATE_MS
    assert result.last.records[program_id(invalid)]["created_timestamp"] is None


def test_b12g_what_was_there_before_the_stream_has_no_record() -> None:
    """No tool ever filled in users' programs: the job does."""
    builder = empty_stage()
    names = [lost(builder, owner.upload(builder, AT)), lost(builder, processed(builder))]
    result = seen(builder)
    assert result.told == {"record-missing": 2}
    assert set(names) <= set(result.last.records)
    assert result.left == {}


def test_b12h_the_networks_script_never_deletes() -> None:
    """A record whose row is gone is told; the job deletes nothing."""
    builder = empty_stage()
    copy = curator.add_to_network(builder, owner.upload(builder, AT), "net", AT + HOUR)
    functions.remove(builder, copy, seen=False)
    result = seen(builder)
    assert result.told == result.left == {"record-orphaned": 1}
    assert result.untouched


def test_b12i_a_throttled_stream_is_late() -> None:
    """A row that changed moments ago may still be on its way into the index: nothing is claimed."""
    builder = empty_stage()
    upload = owner.upload(builder, NOW - 4 * MINUTE, updatedAt=formats.javascript_time(NOW - 4 * MINUTE))
    name = lost(builder, upload)
    result = seen(builder)
    assert result.record(name) == ("settling", "settling")
    assert result.told == {}
