"""Defects of the processor and of what wakes it, and what the job makes of the rows that they leave."""

from reconcile.sandbox.world.actors import functions, host
from reconcile.sandbox.world.actors.producer import (
    GroupFate,
    delete_show,
    group_key,
    make_show,
    save_recording_row,
    show_key,
)
from reconcile.sandbox.world.chapters.scene import channel_evening, evening
from tests.scenario.defects.acts import AT, DAY, MINUTE, empty_stage, seen


def test_b01_the_check_for_doubles_looks_at_one_row() -> None:
    """An event that comes twice makes two programs: the job tells it, and takes neither away."""
    stage = empty_stage()
    night = evening(stage, AT)
    programs = [functions.process(stage, night.composite, night.show, AT + late * MINUTE) for late in (1, 4)]
    result = seen(stage)
    assert result.told == result.left == {"program-duplicated": 1}
    assert len(result.evidence("program-duplicated")["programs"]) == len(programs)
    assert result.untouched


def test_b01b_every_overwrite_of_the_manifest_is_an_event() -> None:
    """A manifest written three times makes three programs: one finding names them all."""
    stage = empty_stage()
    night = evening(stage, AT)
    for late in (1, 20, 40):
        functions.process(stage, night.composite, night.show, AT + late * MINUTE)
    result = seen(stage)
    assert result.told == result.left == {"program-duplicated": 1}
    assert len(result.evidence("program-duplicated")["programs"]) == 3


def test_b01c_a_channel_recording_has_two_manifests() -> None:
    """Master and byte-range manifest make a program each: they are one recording's, so it has two."""
    stage = empty_stage()
    night = channel_evening(stage, AT)
    for manifest in (night.channel.manifest, night.channel.byte_range):
        functions.process(stage, night.channel, night.show, AT + MINUTE, manifest=manifest)
    result = seen(stage)
    assert result.recording(night.channel) == ("program-duplicated", "program-duplicated")
    assert result.told == {"program-duplicated": 1}


def test_b03_a_retry_in_the_same_container_does_nothing() -> None:
    """The put failed and the retry believed it done: no program exists, and the job makes the one."""
    stage = empty_stage()
    night = evening(stage, AT)
    result = seen(stage)
    assert result.told == {"program-missing": 1}
    assert result.left == {}
    (made,) = result.made_for(night.composite)
    assert made["sourceShowId"] == night.show.show_id


def test_b04_sessions_beyond_the_first_page_are_never_found() -> None:
    """The job reads every session, however many stand before the one that counts."""
    stage = empty_stage()
    for number in range(60):
        host.open_session(stage, make_show(stage, AT), AT - number * MINUTE)
    night = evening(stage, AT)
    result = seen(stage)
    assert result.told == {"program-missing": 1}
    (made,) = result.made_for(night.composite)
    assert made["pk"] == night.show.programs


def test_b05_first_match_wins_files_under_the_wrong_show() -> None:
    """A session that shares the channel came first: the program is a stranger's, which only he can move."""
    stage = empty_stage()
    night, stranger = evening(stage, AT), make_show(stage, AT)
    program = functions.process(stage, night.composite, stranger, AT + MINUTE)
    result = seen(stage)
    assert result.told == result.left == {"program-misfiled": 1}
    assert result.evidence("program-misfiled")["filed_under"] == f"show {stranger.show_id}"
    assert result.row(program)["ownerId"] == stranger.producer
    assert result.untouched


def test_b05b_persistent_channels_are_never_compared() -> None:
    """No recording of a host's own channel gets a program: the job attributes it by channel and time."""
    stage = empty_stage()
    night = channel_evening(stage, AT)
    result = seen(stage)
    assert result.told == {"program-missing": 1}
    (made,) = result.made_for(night.channel)
    assert (made["pk"], made["groupId"]) == (night.show.programs, night.show.group_id)


def test_b05c_a_second_start_makes_the_session_forget_the_first() -> None:
    """The first composite's stage still tells whose it is: it gets its program beside the second's."""
    stage = empty_stage()
    night = evening(stage, AT, length=30 * MINUTE)
    again = host.broadcast(stage, night.session, AT + 33 * MINUTE, 40 * MINUTE)
    functions.process(stage, again, night.show, AT + 34 * MINUTE)
    result = seen(stage)
    assert result.recording(night.composite) == ("program-missing", "agrees")
    assert result.recording(again) == ("agrees", "agrees")
    assert result.left == {}


def test_b05d_the_recording_begins_before_the_row_knows_of_it() -> None:
    """The processor found no session and dropped the event for good: the stage tells whose it is."""
    stage = empty_stage()
    show = make_show(stage, AT)
    session = host.open_session(stage, show, AT - MINUTE)
    recording = host.broadcast(stage, session, AT, 40 * MINUTE, remembered=False)
    result = seen(stage)
    assert result.recording(recording) == ("program-missing", "agrees")
    assert result.made_for(recording)[0]["sourceSessionId"] == session.session_id


def test_b06_counting_up_a_group_that_is_gone_makes_a_phantom() -> None:
    """The phantom counts its program rightly, but is no group: the program is in none that exists."""
    stage = empty_stage()
    show = make_show(stage, AT, GroupFate.ROWLESS)
    night = evening(stage, AT, show=show)
    functions.process(stage, night.composite, show, AT + MINUTE)
    assert "groupId" not in stage.rows[group_key(show)]
    result = seen(stage)
    assert result.told == result.left == {"group-dangling": 1}
    assert result.group(show.producer, show.group_id) == ("agrees", "agrees")
    assert result.untouched


def test_b07_shows_without_a_group_are_skipped() -> None:
    """There is nowhere to file the program: the job says so and makes none."""
    stage = empty_stage()
    night = evening(stage, AT, group=GroupFate.NONE)
    result = seen(stage)
    assert result.recording(night.composite) == ("group-missing", "group-missing")
    assert result.told == {"group-missing": 1}
    assert result.untouched


def test_b07_a_show_gets_a_group_on_request() -> None:
    """A repair that is asked to makes the show's group, and the next night's the program in it."""
    stage = empty_stage()
    night = evening(stage, AT, group=GroupFate.NONE)
    result = seen(stage, "group-missing", nights=2)
    assert result.recording(night.composite) == ("group-missing", "agrees")
    (made,) = result.made_for(night.composite)
    show = result.row(show_key(night.show))
    assert made["groupId"] == show["groupId"]
    group = result.row((f"u#{night.show.producer}#groups", f"g#{show['groupId']}"))
    assert (group["programsCount"], group["showId"]) == (1, night.show.show_id)


def test_b07b_a_deleted_show_and_a_throttled_read_look_the_same_to_it() -> None:
    """To the job they do not: the one is reported, the other gets its program."""
    stage = empty_stage()
    deleted, throttled = evening(stage, AT), evening(stage, AT)
    delete_show(stage, deleted.show)
    result = seen(stage)
    assert result.recording(deleted.composite) == ("show-missing", "show-missing")
    assert result.recording(throttled.composite) == ("program-missing", "agrees")
    assert not result.made_for(deleted.composite)


def test_b08_the_newest_row_gets_the_media_of_another_recording() -> None:
    """Yesterday's row stays stuck, today's is overwritten until it is right: the job mends the first."""
    stage = empty_stage()
    yesterday = evening(stage, AT - DAY, length=45 * MINUTE)
    first = functions.process(stage, yesterday.composite, yesterday.show, AT - DAY + MINUTE)
    today = evening(stage, AT, show=yesterday.show, length=40 * MINUTE)
    second = functions.process(stage, today.composite, today.show, AT + MINUTE)
    stuck = save_recording_row(stage, today.show, AT - DAY, AT - DAY + 45 * MINUTE)
    newest = save_recording_row(stage, today.show, AT, AT + 40 * MINUTE)
    functions.note_in_row(stage, newest, yesterday.composite, first, AT + MINUTE)
    functions.note_in_row(stage, newest, today.composite, second, AT + 41 * MINUTE)
    result = seen(stage)
    assert result.told == {"recording-row-stale": 1}
    assert result.left == {}
    mended = result.row(stuck)
    assert (mended["status"], mended["programId"]) == ("completed", first[1].removeprefix("p#"))
    assert mended["s3Key"] == yesterday.composite.manifest
    assert result.row(newest)["s3Key"] == today.composite.manifest


def test_b09_the_put_holds_though_the_counter_failed() -> None:
    """The retry made a second program: the double is told, and that the group counts one too few."""
    stage = empty_stage()
    night = evening(stage, AT)
    functions.process(stage, night.composite, night.show, AT + MINUTE, counted=False)
    functions.process(stage, night.composite, night.show, AT + 3 * MINUTE)
    result = seen(stage)
    assert result.told == result.left == {"program-duplicated": 1, "count-drift": 1}
    assert result.untouched
