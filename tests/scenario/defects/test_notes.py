"""Defects of a show's own notes of its recordings, and which of them the job can prove and mend."""

from datetime import timedelta

from reconcile.sandbox.world.actors import functions
from reconcile.sandbox.world.actors.producer import save_recording_row
from reconcile.sandbox.world.builder import WorldBuilder
from reconcile.sandbox.world.chapters.scene import Evening, evening, program_id
from reconcile.sandbox.world.truth import Key
from tests.scenario.defects.acts import AT, MINUTE, empty_stage, seen

LENGTH = 45 * MINUTE


def shown(builder: WorldBuilder, late: timedelta = timedelta(0)) -> tuple[Evening, Key]:
    """Record and show an evening."""
    night = evening(builder, AT + late, length=LENGTH)
    return night, functions.process(builder, night.composite, night.show, AT + late + MINUTE)


def test_b14_a_row_that_was_stopped_is_never_completed() -> None:
    """Stop comes before the event, which looks for rows that were not stopped: the job completes it."""
    builder = empty_stage()
    night, program = shown(builder)
    row = save_recording_row(builder, night.show, AT, AT + LENGTH)
    result = seen(builder)
    assert result.note(row) == ("recording-row-stale", "agrees")
    mended = result.row(row)
    assert (mended["status"], mended["programId"]) == ("completed", program_id(program))
    assert (mended["s3Bucket"], mended["s3Key"]) == (night.composite.bucket, night.composite.manifest)
    assert mended["playbackUrl"] == builder.rows[program]["program_url"]
    assert result.left == {}


def test_b14b_the_handler_lists_too_few_keys_to_find_a_manifest() -> None:
    """A recording of more than a hundred segments left its row in processing: the job completes it."""
    builder = empty_stage()
    night, program = shown(builder)
    folder = night.composite.file("/playlist.m3u8").removesuffix("playlist.m3u8")
    for number in range(3, 120):
        builder.put_object(builder.bucket, f"{folder}{number}.ts", b"\x47", AT)
    row = save_recording_row(builder, night.show, AT, AT + LENGTH, "processing")
    result = seen(builder)
    assert result.note(row) == ("recording-row-stale", "agrees")
    assert result.row(row)["programId"] == program_id(program)


def test_b14c_rows_that_name_one_channel_get_the_same_media() -> None:
    """One show's media stands in the rows of two: the job gives each row its own show's."""
    builder = empty_stage()
    rows = {}
    for late in (0 * MINUTE, 2 * MINUTE):
        night, program = shown(builder, late)
        row = save_recording_row(
            builder, night.show, AT, AT + LENGTH, "recording", channel_arn=builder.shared_channel
        )
        rows[row] = (night, program)
    foreign = next(iter(rows.values()))[0].composite
    for row in rows:
        functions.note_in_row(builder, row, foreign, None, AT + 50 * MINUTE)
    result = seen(builder)
    assert result.told == {"recording-row-stale": 2}
    for row, (night, program) in rows.items():
        assert result.row(row)["programId"] == program_id(program)
        assert result.row(row)["s3Key"] == night.composite.manifest
    assert result.left == {}


def test_b14d_the_handler_reads_one_page_and_drops_the_length() -> None:
    """A row still in recording, its end known: the job completes it."""
    builder = empty_stage()
    night, program = shown(builder)
    row = save_recording_row(builder, night.show, AT, AT + LENGTH, "recording")
    result = seen(builder)
    assert result.note(row) == ("recording-row-stale", "agrees")
    assert result.row(row)["programId"] == program_id(program)


def test_b14e_a_start_without_a_stop_proves_nothing() -> None:
    """A row without an end could be of any recording: it is reported, and left as it is."""
    builder = empty_stage()
    night, _ = shown(builder)
    row = save_recording_row(builder, night.show, AT, None, "recording")
    result = seen(builder)
    assert result.note(row) == ("recording-row-stale", "recording-row-stale")
    assert result.told == {"recording-row-stale": 1}
    assert result.untouched


def test_b14f_a_status_that_is_made_up_when_read_leaves_no_trace() -> None:
    """What users are shown is computed from a prefix that never exists: what lies there is no recording."""
    builder = empty_stage()
    night, program = shown(builder)
    row = save_recording_row(builder, night.show, AT, AT + LENGTH)
    functions.note_in_row(builder, row, night.composite, program, AT + 46 * MINUTE)
    builder.put_object(builder.bucket, "ivs-recordings/channel/master.m3u8", b"#EXTM3U", AT)
    result = seen(builder)
    assert result.told == {}
    assert result.untouched
