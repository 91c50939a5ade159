"""Defects of those who write the search index, and what the job makes of its records."""

from reconcile.sandbox.world import formats
from reconcile.sandbox.world.actors import curator, functions, owner
from reconcile.sandbox.world.actors.functions import Index
from reconcile.sandbox.world.builder import Stage
from reconcile.sandbox.world.chapters.scene import evening, program_id
from reconcile.sandbox.world.truth import Key
from tests.scenario.defects.acts import AT, HOUR, MINUTE, NOW, empty_stage, seen

NO_DATE_MS = -2208988800000


def processed(stage: Stage, index: Index = Index.SYNC) -> Key:
    """Let the processor make a program of an evening."""
    night = evening(stage, AT)
    return functions.process(stage, night.composite, night.show, AT + MINUTE, index=index)


def lost(stage: Stage, program: Key) -> str:
    """Lose a program's record, and answer its objectID."""
    object_id = str(stage.rows[program]["programId"])
    stage.drop_record(object_id)
    return object_id


def test_b02_a_batch_saves_first_and_deletes_last() -> None:
    """A move's delete and put came in one batch, so the program has no record: the job writes it."""
    stage = empty_stage()
    program = processed(stage)
    group = owner.move(stage, program, AT + HOUR, record_lost=True, counted=True)
    result = seen(stage)
    assert result.told == {"record-missing": 1}
    assert result.left == {}
    assert result.last.records[program_id(program)]["groupId"] == group


def test_b11_the_old_sync_wrote_networks_over_users() -> None:
    """The user's record holds a network for a user, the copy has none: the job writes both."""
    stage = empty_stage()
    program = processed(stage)
    copy = curator.add_to_network(stage, program, "net", AT + HOUR, synced=False)
    functions.old_sync(stage, copy)
    result = seen(stage)
    assert result.told == {"record-stale": 1, "record-missing": 1}
    assert result.left == {}
    assert result.last.records[program_id(program)]["userId"] == program[0].split("#")[1]
    assert result.last.records[f"n_net_{program_id(program)}"]["networkId"] == "net"


def test_b12_the_processor_writes_a_poorer_record() -> None:
    """It came last, so search cannot filter by user: the job writes the whole record again."""
    stage = empty_stage()
    program = processed(stage, Index.PROCESSOR)
    assert "userId" not in stage.records[program_id(program)]
    result = seen(stage)
    assert result.told == {"record-stale": 1}
    assert result.left == {}
    assert result.last.records[program_id(program)]["userId"] == program[0].split("#")[1]


def test_b12b_a_failure_to_index_is_only_logged() -> None:
    """No key in the environment, or an error: there is no record, and the job writes it."""
    stage = empty_stage()
    program = processed(stage, Index.NOBODY)
    result = seen(stage)
    assert result.record(program_id(program)) == ("record-missing", "agrees")


def test_b12c_one_record_that_cannot_be_saved_holds_up_all_behind_it() -> None:
    """Whatever stood in the batch behind it was lost: the job writes every one of them."""
    stage = empty_stage()
    names = [lost(stage, owner.upload(stage, AT + late * MINUTE)) for late in range(3)]
    result = seen(stage)
    assert result.told == {"record-missing": 3}
    assert result.left == {}
    assert set(names) <= set(result.last.records)


def test_b12d_a_group_without_a_name_is_told_by_its_id() -> None:
    """The record shows the group's id, as the row lets it: it says the same as its row, so it agrees."""
    stage = empty_stage()
    program = processed(stage)
    record = stage.records[program_id(program)]
    assert record["groupName"] == record["groupId"]
    result = seen(stage)
    assert result.told == {}
    assert result.untouched


def test_b12e_a_row_without_an_id_is_not_indexed() -> None:
    """It calls for no record; and where a user's id holds a hash sign, its first part is the user's."""
    stage = empty_stage()
    nameless = owner.upload(stage, AT)
    object_id = lost(stage, nameless)
    stage.forget(nameless, "programId")
    hashed = owner.upload(stage, AT, owner="ann#2")
    result = seen(stage)
    assert result.told == {}
    assert object_id not in result.last.records
    assert result.last.records[program_id(hashed)]["userId"] == "ann"


def test_b12f_a_missing_date_sorts_last_and_an_invalid_one_is_none() -> None:
    """Records of both kinds are what their rows make them: the job claims nothing about them."""
    stage = empty_stage()
    undated, invalid = owner.upload(stage, AT), owner.upload(stage, AT + MINUTE, created_date="some day")
    result = seen(stage)
    assert result.told == {}
    assert result.last.records[program_id(undated)]["created_timestamp"] == NO_DATE_MS
    assert result.last.records[program_id(invalid)]["created_timestamp"] is None


def test_b12g_what_was_there_before_the_stream_has_no_record() -> None:
    """No tool ever filled in users' programs: the job does."""
    stage = empty_stage()
    names = [lost(stage, owner.upload(stage, AT)), lost(stage, processed(stage))]
    result = seen(stage)
    assert result.told == {"record-missing": 2}
    assert set(names) <= set(result.last.records)
    assert result.left == {}


def test_b12h_the_networks_script_never_deletes() -> None:
    """A record whose row is gone is told; the job deletes nothing."""
    stage = empty_stage()
    copy = curator.add_to_network(stage, owner.upload(stage, AT), "net", AT + HOUR)
    functions.remove(stage, copy, seen=False)
    result = seen(stage)
    assert result.told == result.left == {"record-orphaned": 1}
    assert result.untouched


def test_b12i_a_throttled_stream_is_late() -> None:
    """A row that changed moments ago may still be on its way into the index: nothing is claimed."""
    stage = empty_stage()
    upload = owner.upload(stage, NOW - 4 * MINUTE, updatedAt=formats.javascript_time(NOW - 4 * MINUTE))
    name = lost(stage, upload)
    result = seen(stage)
    assert result.record(name) == ("settling", "settling")
    assert result.told == {}
