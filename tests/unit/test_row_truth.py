"""The truth about recording rows, programs and groups follows what the actors did, and nothing else."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from reconcile.sandbox.world import formats
from reconcile.sandbox.world.actors import functions, owner
from reconcile.sandbox.world.actors.producer import delete_group, recount, save_recording_row
from reconcile.sandbox.world.builder import Stage
from reconcile.sandbox.world.chapters.scene import Evening, evening, note, note_row, program_id
from reconcile.sandbox.world.truth import Key

NOW = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
AT = NOW - timedelta(days=2)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def stage() -> Stage:
    return Stage(5, NOW, ("shelcaster-media-manager",))


def shown(stage: Stage) -> tuple[Evening, Key]:
    night = evening(stage, AT, length=40 * MINUTE)
    program = functions.process(stage, night.composite, night.show, AT + MINUTE)
    note(stage, night.composite, "agrees", night.show, [program])
    return night, program


def test_a_program_agrees_until_its_file_is_gone(stage: Stage) -> None:
    """An upload's file decides, in whatever bucket it lies; moments after a change nothing is decided."""
    upload = owner.upload(stage, AT)
    assert stage.truth().programs[upload].verdict == "agrees"
    ((bucket, key),) = stage.notes.plays[upload]
    stage.drop_object(bucket, key)
    assert stage.truth().programs[upload].verdict == "media-missing"
    stage.update(upload, updatedAt=formats.javascript_time(NOW - 14 * MINUTE))
    assert stage.truth().programs[upload].verdict == "settling"
    stage.update(upload, program_url=None, updatedAt=formats.javascript_time(AT))
    assert stage.truth().programs[upload].verdict == "agrees"


def test_a_recording_without_media_has_the_finding_itself(stage: Stage) -> None:
    """A program whose manifest alone is gone lacks its media; where all is gone, its recording failed."""
    night, program = shown(stage)
    stage.drop_object(night.composite.bucket, night.composite.manifest)
    assert stage.truth().programs[program].verdict == "media-missing"
    for key in night.composite.media:
        stage.drop_object(night.composite.bucket, key)
    assert stage.truth().programs[program].verdict == "agrees"


def test_a_program_is_in_a_group_that_exists(stage: Stage) -> None:
    """A group that was deleted, or that only a counter made again, is none."""
    night, program = shown(stage)
    delete_group(stage, night.show)
    assert stage.truth().programs[program].verdict == "group-dangling"
    functions.count(stage, night.show, AT)
    assert stage.truth().programs[program].verdict == "group-dangling"
    stage.update(program, groupId="")
    assert stage.truth().programs[program].verdict == "agrees"


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
def test_a_recordings_program_is_listed(stage: Stage, changed: dict[str, object], verdict: str) -> None:
    """By its own group; where it has none, that is its recording's finding."""
    _, program = shown(stage)
    stage.update(program, **changed)
    assert stage.truth().programs[program].verdict == verdict


def test_a_row_of_the_old_shape_is_never_listed(stage: Stage) -> None:
    """Not even where its group is its recording's finding."""
    night = evening(stage, AT)
    program = functions.process_before_groups(stage, night.composite, night.show, AT + MINUTE)
    note(stage, night.composite, "program-incomplete", night.show, [program])
    assert stage.truth().programs[program].verdict == "index-blind"


def test_a_group_counts_what_is_listed_under_it(stage: Stage) -> None:
    """A number more or less drifts, absent is none, text is no number; fresh programs are waited for."""
    upload = owner.upload(stage, AT)
    who = upload[0].split("#")[1]
    group = (f"u#{who}#groups", f"g#{stage.rows[upload]['groupId']}")
    assert stage.truth().groups[group] == "agrees"
    recount(stage, who, group[1].removeprefix("g#"), 1, AT)
    assert stage.truth().groups[group] == "count-drift"
    stage.update(upload, updatedAt=formats.javascript_time(NOW))
    assert stage.truth().groups[group] == "settling"
    stage.update(group, programsCount="1")
    stage.delete(upload)
    assert stage.truth().groups[group] == "count-drift"
    stage.forget(group, "programsCount")
    assert stage.truth().groups[group] == "agrees"


def test_a_recording_row_is_what_its_scene_says_of_it(stage: Stage) -> None:
    """No rule tells whose a row is: whoever wrote it knows. A row that has gone has no truth."""
    night, program = shown(stage)
    row = save_recording_row(stage, night.show, AT, AT + 40 * MINUTE)
    note_row(stage, row, "recording-row-stale", program)
    told = stage.truth().rows[row]
    assert (told.verdict, told.program_id) == ("recording-row-stale", program_id(program))
    stage.delete(row)
    assert row not in stage.truth().rows
