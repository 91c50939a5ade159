"""The truth about recording rows, programs and groups follows what the actors did, and nothing else."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from reconcile.sandbox.world import formats
from reconcile.sandbox.world.actors import functions, owner
from reconcile.sandbox.world.actors.producer import delete_group, recount, save_recording_row
from reconcile.sandbox.world.builder import WorldBuilder
from reconcile.sandbox.world.chapters.scene import Evening, evening, note, note_row, program_id
from reconcile.sandbox.world.truth import Key

NOW = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
AT = NOW - timedelta(days=2)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def builder() -> WorldBuilder:
    return WorldBuilder(5, NOW, ("shelcaster-media-manager",))


def shown(builder: WorldBuilder) -> tuple[Evening, Key]:
    night = evening(builder, AT, length=40 * MINUTE)
    program = functions.process(builder, night.composite, night.show, AT + MINUTE)
    note(builder, night.composite, "agrees", night.show, [program])
    return night, program


def test_a_program_agrees_until_its_file_is_gone(builder: WorldBuilder) -> None:
    """An upload's file decides, in whatever bucket it lies; moments after a change nothing is decided."""
    upload = owner.upload(builder, AT)
    assert builder.truth().programs[upload].verdict == "agrees"
    ((bucket, key),) = builder.notes.plays[upload]
    builder.drop_object(bucket, key)
    assert builder.truth().programs[upload].verdict == "media-missing"
    builder.update(upload, updatedAt=formats.javascript_time(NOW - 14 * MINUTE))
    assert builder.truth().programs[upload].verdict == "settling"
    builder.update(upload, program_url=None, updatedAt=formats.javascript_time(AT))
    assert builder.truth().programs[upload].verdict == "agrees"


def test_a_recording_without_media_has_the_finding_itself(builder: WorldBuilder) -> None:
    """A program whose manifest alone is gone lacks its media; where all is gone, its recording failed."""
    night, program = shown(builder)
    builder.drop_object(night.composite.bucket, night.composite.manifest)
    assert builder.truth().programs[program].verdict == "media-missing"
    for key in night.composite.media:
        builder.drop_object(night.composite.bucket, key)
    assert builder.truth().programs[program].verdict == "agrees"


def test_a_program_is_in_a_group_that_exists(builder: WorldBuilder) -> None:
    """A group that was deleted, or that only a counter made again, is none."""
    night, program = shown(builder)
    delete_group(builder, night.show)
    assert builder.truth().programs[program].verdict == "group-dangling"
    functions.count(builder, night.show, AT)
    assert builder.truth().programs[program].verdict == "group-dangling"
    builder.update(program, groupId="")
    assert builder.truth().programs[program].verdict == "agrees"


@pytest.mark.parametrize(
    ("changed", "verdict"),
    [
        ({"entityType": "network#program"}, "index-blind"),
        ({"GSI1SK": None}, "index-blind"),
        ({"GSI1PK": 7}, "index-blind"),
        ({"GSI1PK": "u#somebody#g#else"}, "index-blind"),
        ({"groupId": None, "GSI1PK": None}, "agrees"),
        ({"title": 2026}, "agrees"),
    ],
)
def test_a_recordings_program_is_listed(
    builder: WorldBuilder, changed: dict[str, object], verdict: str
) -> None:
    """By its own group; where it has none, that is its recording's finding."""
    _, program = shown(builder)
    builder.update(program, **changed)
    assert builder.truth().programs[program].verdict == verdict


def test_a_row_of_the_old_shape_is_never_listed(builder: WorldBuilder) -> None:
    """Not even where its group is its recording's finding."""
    night = evening(builder, AT)
    program = functions.process_before_groups(builder, night.composite, night.show, AT + MINUTE)
    note(builder, night.composite, "program-incomplete", night.show, [program])
    assert builder.truth().programs[program].verdict == "index-blind"


def test_a_group_counts_what_is_listed_under_it(builder: WorldBuilder) -> None:
    """A number more or less drifts, absent is none, text is no number; fresh programs are waited for."""
    upload = owner.upload(builder, AT)
    who = upload[0].split("#")[1]
    group = (f"u#{who}#groups", f"g#{builder.rows[upload]['groupId']}")
    assert builder.truth().groups[group] == "agrees"
    recount(builder, who, group[1].removeprefix("g#"), 1, AT)
    assert builder.truth().groups[group] == "count-drift"
    builder.update(upload, updatedAt=formats.javascript_time(NOW))
    assert builder.truth().groups[group] == "settling"
    builder.update(group, programsCount="1")
    builder.delete(upload)
    assert builder.truth().groups[group] == "count-drift"
    builder.forget(group, "programsCount")
    assert builder.truth().groups[group] == "agrees"


def test_a_recording_row_is_what_its_scene_says_of_it(builder: WorldBuilder) -> None:
    """No rule tells whose a row is: whoever wrote it knows. A row that has gone has no truth."""
    night, program = shown(builder)
    row = save_recording_row(builder, night.show, AT, AT + 40 * MINUTE)
    note_row(builder, row, "recording-row-stale", program)
    told = builder.truth().rows[row]
    assert (told.verdict, told.program_id) == ("recording-row-stale", program_id(program))
    builder.delete(row)
    assert row not in builder.truth().rows
