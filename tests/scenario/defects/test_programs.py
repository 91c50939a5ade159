"""Defects of programs, groups and their copies, and what the job makes of the rows that they leave."""

from reconcile.sandbox.world.actors import curator, functions, owner
from reconcile.sandbox.world.actors.operator import clutter_table
from reconcile.sandbox.world.actors.producer import delete_group, delete_show, make_group, recount
from reconcile.sandbox.world.builder import WorldBuilder
from reconcile.sandbox.world.chapters.scene import Evening, evening, program_id
from reconcile.sandbox.world.truth import Key
from tests.scenario.defects.acts import AT, HOUR, MINUTE, empty_stage, seen


def processed(builder: WorldBuilder) -> tuple[Evening, Key]:
    """Let the processor make a program of an evening."""
    night = evening(builder, AT)
    return night, functions.process(builder, night.composite, night.show, AT + MINUTE)


def test_b13_a_posted_object_overrides_the_keys() -> None:
    """The index lists the program under another group than its groupId says: told, and not touched."""
    builder = empty_stage()
    elsewhere = make_group(builder, "ann", AT)
    upload = owner.upload(builder, AT, owner="ann", counted=False, GSI1PK=f"u#ann#g#{elsewhere}")
    recount(builder, "ann", elsewhere, 1, AT)
    result = seen(builder)
    assert result.program(upload) == ("index-blind", "index-blind")
    assert result.told == {"index-blind": 1}
    assert result.untouched


def test_b13_a_networks_function_writes_a_users_row_back() -> None:
    """The row came back with the entity type of a network's copy, so no list of programs shows it."""
    builder = empty_stage()
    _, program = processed(builder)
    builder.update(program, entityType="network#program", networkId="net")
    functions.sync(builder, program)
    result = seen(builder)
    assert result.program(program) == ("index-blind", "index-blind")
    assert result.told == {"index-blind": 1}


def miscounted(builder: WorldBuilder) -> tuple[Key, Key]:
    """Post a program that nobody counts, delete one that somebody counted; return both groups' keys."""
    upload, gone = owner.upload(builder, AT, counted=False), owner.upload(builder, AT)
    groups = [
        (key[0].replace("#programs", "#groups"), f"g#{builder.rows[key]['groupId']}")
        for key in (upload, gone)
    ]
    functions.remove(builder, gone)
    return groups[0], groups[1]


def test_b15_most_functions_do_not_count() -> None:
    """Uploads and deletions leave the group's number as it was: told in both directions, and not touched."""
    builder = empty_stage()
    few, many = miscounted(builder)
    result = seen(builder)
    assert result.told == result.left == {"count-drift": 2}
    assert [result.row(group)["programsCount"] for group in (few, many)] == [0, 1]
    assert result.untouched


def test_b15_counts_are_set_right_on_request() -> None:
    """A repair that is asked to writes the numbers that the index lists."""
    builder = empty_stage()
    few, many = miscounted(builder)
    result = seen(builder, "count-drift")
    assert result.left == {}
    assert [result.row(group)["programsCount"] for group in (few, many)] == [1, 0]


def test_b15b_a_move_that_broke_off_loses_the_program() -> None:
    """Deleted and never put again: no store remembers it, and once approved it is made again."""
    builder = empty_stage()
    night, program = processed(builder)
    functions.remove(builder, program)
    recount(builder, night.show.producer, str(night.show.group_id), -1, AT + HOUR)
    result = seen(builder)
    assert result.told == {"program-missing": 1}
    assert len(result.made_for(night.composite)) == 1
    assert result.left == {}


def test_b15b_a_move_caught_in_the_middle_makes_no_second_program() -> None:
    """The row is gone for a moment and its record is not: a program was there, so none is made."""
    builder = empty_stage()
    night, program = processed(builder)
    functions.remove(builder, program, seen=False)
    recount(builder, night.show.producer, str(night.show.group_id), -1, AT + HOUR)
    result = seen(builder)
    assert result.recording(night.composite) == ("retired", "retired")
    assert result.told == {"record-orphaned": 1}
    assert result.untouched


def test_b15c_copies_are_snapshots() -> None:
    """A network's and a playlist's copy keep the old title: copies are their curators' own."""
    builder = empty_stage()
    _, program = processed(builder)
    copy = curator.add_to_network(builder, program, "net", AT + HOUR)
    curator.add_to_playlist(builder, copy, AT + HOUR)
    owner.rename(builder, program, "Another title", AT + 2 * HOUR)
    result = seen(builder)
    assert result.told == {}
    assert result.last.records[f"n_net_{program_id(program)}"]["title"] != "Another title"


def test_b15d_a_playlist_writes_its_snapshot_over_the_networks_row() -> None:
    """The network's row is older than it was, and its record says the same: nothing is claimed."""
    builder = empty_stage()
    _, program = processed(builder)
    copy = curator.add_to_network(builder, program, "net", AT + HOUR)
    curator.return_from_playlist(builder, copy, AT + 2 * HOUR)
    result = seen(builder)
    assert "GSI2PK" in result.row(copy)
    assert result.told == {}


def test_b15e_what_a_batch_left_unwritten_is_in_no_store() -> None:
    """The file was uploaded, the row never written: a file alone is nobody's program."""
    builder = empty_stage()
    builder.put_object(builder.uploads, "public/users/ann/programs/files/1-take.mp4", b"\x00", AT)
    owner.upload(builder, AT, owner="ann")
    result = seen(builder)
    assert result.told == {}
    assert result.untouched


def test_b15f_a_key_with_a_missing_hash_sign_finds_nothing_and_changes_nothing() -> None:
    """A reader's typing error leaves no trace: nothing is claimed."""
    builder = empty_stage()
    processed(builder)
    result = seen(builder)
    assert result.told == {}
    assert result.untouched


def test_b15g_a_refused_request_changes_nothing() -> None:
    """A network's function fails before it removes: the copy and its record stay, and agree."""
    builder = empty_stage()
    _, program = processed(builder)
    curator.add_to_network(builder, program, "net", AT + HOUR)
    result = seen(builder)
    assert result.record(f"n_net_{program_id(program)}") == ("agrees", "agrees")
    assert result.told == {}


def test_b15h_rows_under_a_key_that_nobody_writes_any_more() -> None:
    """A legacy row of a network's program is a copy without a record, and calls for none."""
    builder = empty_stage()
    legacy = "n#net#pr#old-line-up"
    builder.put(legacy, legacy, programId="old-line-up", title="Old line-up")
    result = seen(builder)
    assert result.told == {}
    assert not [subject for subject in result.before if subject.type == "record"]


def test_b15i_functions_of_which_nothing_is_known_leave_nothing_to_claim() -> None:
    """Rows of networks, channels, playlists, users and guests: none of them is a subject of the job."""
    builder = empty_stage()
    clutter_table(builder, AT)
    result = seen(builder)
    assert {subject.type for subject in result.before} <= {"program"}
    # The one program among them was posted without id, keys and media: that it has no media comes first.
    assert set(result.told) == {"url-missing"}
    assert result.untouched


def test_b15j_nothing_is_deleted_with_what_it_belongs_to() -> None:
    """A program outlives its show unharmed; one that outlives its group is in none."""
    builder = empty_stage()
    (showless, first), (groupless, second) = processed(builder), processed(builder)
    delete_show(builder, showless.show)
    delete_group(builder, groupless.show)
    result = seen(builder)
    assert result.recording(showless.composite) == ("agrees", "agrees")
    assert result.program(first) == ("agrees", "agrees")
    assert result.program(second) == ("group-dangling", "group-dangling")
    assert result.told == {"group-dangling": 1}


def test_b15k_tracklists_are_deleted_and_put_again() -> None:
    """A tracklist that tells of two programs and holds one: tracklists are no subject of the job."""
    builder = empty_stage()
    _, program = processed(builder)
    copy = curator.add_to_tracklist(builder, program, AT + HOUR)
    builder.update((copy[0], "info"), programCount=2)
    result = seen(builder)
    assert result.told == {}
    assert result.untouched
