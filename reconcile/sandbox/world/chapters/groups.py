"""Scenes about groups: what they count, whether they exist, and which index lists their programs."""

from __future__ import annotations

from datetime import datetime, timedelta

from reconcile.sandbox.world import formats
from reconcile.sandbox.world.actors import functions, owner
from reconcile.sandbox.world.actors.producer import GroupFate, make_group, make_show
from reconcile.sandbox.world.builder import WorldBuilder
from reconcile.sandbox.world.chapters.scene import Scene, When, evening, note

_MINUTE, _HOUR = timedelta(minutes=1), timedelta(hours=1)


def upload_not_counted(builder: WorldBuilder, at: datetime) -> None:
    """create-user-programs leaves the group's count alone, and so did the client."""
    owner.upload(builder, at, counted=False)


def count_of_the_owners_choice(builder: WorldBuilder, at: datetime) -> None:
    """A client wrote a number of its own over the group's count."""
    upload = owner.upload(builder, at)
    _tell(builder, upload[0], builder.rows[upload]["groupId"], at, programsCount=builder.rng.randint(5, 90))


def count_in_words(builder: WorldBuilder, at: datetime) -> None:
    """A client wrote the count as text: it is no number, so it is not the right one."""
    upload = owner.upload(builder, at)
    _tell(builder, upload[0], builder.rows[upload]["groupId"], at, programsCount="1")


def _tell(builder: WorldBuilder, programs: str, group_id: str, at: datetime, **attributes: object) -> None:
    key = (programs.replace("#programs", "#groups"), f"g#{group_id}")
    builder.update(key, updatedAt=formats.javascript_time(at), **attributes)


def group_that_never_counted(builder: WorldBuilder, at: datetime) -> None:
    """Clients make groups without a count: of nothing that is right, of one program it is not."""
    who = builder.uuid()
    builder.forget((f"u#{who}#groups", f"g#{make_group(builder, who, at)}"), "programsCount")
    upload = owner.upload(builder, at, owner=who, counted=False)
    builder.forget((f"u#{who}#groups", f"g#{builder.rows[upload]['groupId']}"), "programsCount")


def counter_lost(builder: WorldBuilder, at: datetime) -> None:
    """The program was put, its count failed, and the container that would try again thinks it is done."""
    night = evening(builder, at)
    program = functions.process(builder, night.composite, night.show, at + _MINUTE, counted=False)
    note(builder, night.composite, "agrees", night.show, [program])


def moved_between_groups(builder: WorldBuilder, at: datetime) -> None:
    """The owner moved a program, and neither group's count did."""
    night = evening(builder, at)
    program = functions.process(builder, night.composite, night.show, at + _MINUTE)
    owner.move(builder, program, at + 2 * _HOUR)
    note(builder, night.composite, "agrees", night.show, [program])


def phantom_alone(builder: WorldBuilder, at: datetime) -> None:
    """A counter made a group's row, and the program that it counted is gone since."""
    make_show(builder, at, GroupFate.PHANTOM)


def moved_a_moment_ago(builder: WorldBuilder, now: datetime) -> None:
    """The owner moves a program right now: the client may still be counting."""
    upload = owner.upload(builder, now - timedelta(days=2))
    owner.move(builder, upload, now - builder.minutes(1, 8))


def group_of_an_upload_deleted(builder: WorldBuilder, at: datetime) -> None:
    """The owner deleted a group; what was in it is in no group."""
    upload = owner.upload(builder, at)
    builder.delete((upload[0].replace("#programs", "#groups"), f"g#{builder.rows[upload]['groupId']}"))


def listed_under_another_group(builder: WorldBuilder, at: datetime) -> None:
    """The client's object overrode the keys: the index lists it where its groupId does not say."""
    who = builder.uuid()
    elsewhere = make_group(builder, who, at)
    owner.upload(builder, at, owner=who, counted=False, GSI1PK=f"u#{who}#g#{elsewhere}")


def listed_nowhere(builder: WorldBuilder, at: datetime) -> None:
    """Clients posted rows without one of the index's keys."""
    for name in ("entityType", "GSI1PK", "GSI1SK"):
        upload = owner.upload(builder, at)
        builder.forget(upload, name)
        functions.sync(builder, upload)


def listed_a_moment_ago(builder: WorldBuilder, now: datetime) -> None:
    """The same, posted moments ago."""
    at = now - builder.minutes(1, 8)
    owner.upload(builder, at, counted=False, GSI1SK=7, updatedAt=formats.javascript_time(at))


SCENES = (
    Scene(upload_not_counted),
    Scene(count_of_the_owners_choice),
    Scene(count_in_words),
    Scene(group_that_never_counted),
    Scene(counter_lost, anywhere=True),
    Scene(moved_between_groups),
    Scene(phantom_alone),
    Scene(moved_a_moment_ago, When.NOW),
    Scene(group_of_an_upload_deleted),
    Scene(listed_under_another_group),
    Scene(listed_nowhere),
    Scene(listed_a_moment_ago, When.NOW),
)
