"""Scenes about whole programs: every shape of address, owners' choices, doubles, and strangers' programs."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from reconcile.sandbox.world import formats
from reconcile.sandbox.world.actors import functions, ivs, owner
from reconcile.sandbox.world.actors.producer import delete_group, make_show
from reconcile.sandbox.world.builder import WorldBuilder
from reconcile.sandbox.world.chapters.scene import Scene, channel_evening, evening, note

_DAY, _MINUTE = timedelta(days=1), timedelta(minutes=1)


def _exported_with(builder: WorldBuilder, at: datetime, encoded: bool) -> None:
    night = evening(builder, at)
    key = night.composite.manifest
    url = formats.encoded_url(key) if encoded else formats.playback_url(key)
    program = functions.export(
        builder, night.show, at + timedelta(hours=2), url, builder.uuid(), plays=night.composite
    )
    note(builder, night.composite, "agrees", night.show, [program])


def exported(builder: WorldBuilder, at: datetime) -> None:
    """The studio exported a recording row with its address; no key is stored, the address tells."""
    _exported_with(builder, at, encoded=False)


def exported_percent_encoded(builder: WorldBuilder, at: datetime) -> None:
    """The same, the address percent-encoded by the client."""
    _exported_with(builder, at, encoded=True)


def exported_with_bucket_urls(builder: WorldBuilder, at: datetime) -> None:
    """The event handler writes addresses of S3 itself into recording rows, and exports take them over."""
    for number in range(3):
        start = at - number * _DAY
        night = evening(builder, start)
        url = formats.bucket_urls(night.composite.bucket, night.composite.manifest)[number]
        program = functions.export(
            builder, night.show, start + timedelta(hours=2), url, builder.uuid(), plays=night.composite
        )
        note(builder, night.composite, "agrees", night.show, [program])


def moved_by_its_owner(builder: WorldBuilder, at: datetime) -> None:
    """The owner put the program into another of his groups."""
    night = evening(builder, at)
    program = functions.process(builder, night.composite, night.show, at + builder.seconds(20, 70))
    owner.move(builder, program, at + timedelta(hours=2), counted=True)
    note(builder, night.composite, "agrees", night.show, [program])


def moved_and_lost_from_the_index(builder: WorldBuilder, at: datetime) -> None:
    """The same, and the sync took delete and put in the wrong order: the row has no record."""
    night = evening(builder, at)
    program = functions.process(builder, night.composite, night.show, at + builder.seconds(20, 70))
    owner.move(builder, program, at + timedelta(hours=2), record_lost=True)
    note(builder, night.composite, "agrees", night.show, [program])


def renamed_by_its_owner(builder: WorldBuilder, at: datetime) -> None:
    """The owner gave the program a title of his own."""
    night = evening(builder, at)
    program = functions.process(builder, night.composite, night.show, at + builder.seconds(20, 70))
    owner.rename(builder, program, "Best night <i>ever</i> & more", at + timedelta(hours=2))
    note(builder, night.composite, "agrees", night.show, [program])


def group_of_a_program_deleted(builder: WorldBuilder, at: datetime) -> None:
    """The owner deleted the group that the program names: its group differs, which is no fault of it."""
    night = evening(builder, at)
    program = functions.process(builder, night.composite, night.show, at + builder.seconds(20, 70))
    delete_group(builder, night.show)
    note(builder, night.composite, "agrees", night.show, [program])


def processed_again(builder: WorldBuilder, at: datetime) -> None:
    """The event came twice, and the duplicate check looks at one row only."""
    night = evening(builder, at)
    minutes = (_MINUTE, timedelta(minutes=4))
    programs = [functions.process(builder, night.composite, night.show, at + later) for later in minutes]
    note(builder, night.composite, "program-duplicated", night.show, programs)


def processed_by_both_manifests(builder: WorldBuilder, at: datetime) -> None:
    """A channel recording has two manifests, and each made a program."""
    night = channel_evening(builder, at)
    at += _MINUTE
    programs = [
        functions.process(builder, night.channel, night.show, at, manifest=manifest)
        for manifest in (night.channel.manifest, night.channel.byte_range)
    ]
    note(builder, night.channel, "program-duplicated", night.show, programs)


def processed_and_exported(builder: WorldBuilder, at: datetime) -> None:
    """Processor and export made a program each, linked by nothing but the address."""
    night = evening(builder, at)
    made = functions.process(builder, night.composite, night.show, at + _MINUTE)
    url = formats.playback_url(night.composite.manifest)
    again = functions.export(
        builder, night.show, at + timedelta(hours=2), url, builder.uuid(), plays=night.composite
    )
    note(builder, night.composite, "program-duplicated", night.show, [made, again])


def _misfiled(builder: WorldBuilder, at: datetime, **more: Any) -> None:
    night, stranger = evening(builder, at), make_show(builder, at)
    program = functions.process(builder, night.composite, stranger, at + builder.seconds(20, 70), **more)
    note(builder, night.composite, "program-misfiled", night.show, [program])


def filed_under_another_show(builder: WorldBuilder, at: datetime) -> None:
    """The processor took the first session that matched, of another producer's show."""
    _misfiled(builder, at)


def filed_under_another_owner(builder: WorldBuilder, at: datetime) -> None:
    """The same, and the program names no show: whose partition it is in tells."""
    _misfiled(builder, at, sourceShowId=None)


def processed_by_the_other_manifest(builder: WorldBuilder, at: datetime) -> None:
    """The one program of a channel recording plays the byte-range manifest: as good as the other."""
    night = channel_evening(builder, at)
    manifest = night.channel.byte_range
    program = functions.process(builder, night.channel, night.show, at + _MINUTE, manifest=manifest)
    note(builder, night.channel, "agrees", night.show, [program])


def address_of_the_owners_choice(builder: WorldBuilder, at: datetime) -> None:
    """The owner put the address of his own cut there; the key still tells whose program it is."""
    night = evening(builder, at)
    url = "https://video.elsewhere.example/watch?v=director's-cut"
    program = functions.process(builder, night.composite, night.show, at + _MINUTE, program_url=url)
    note(builder, night.composite, "agrees", night.show, [program])


def posted_back_to_its_owner(builder: WorldBuilder, at: datetime) -> None:
    """A client put the whole row on a network, whose function then wrote it back over the original."""
    night = evening(builder, at)
    network: dict[str, Any] = {
        "entityType": "network#program",
        "networkId": builder.uuid(),
        "dateCreated": "2026-01-01",
    }
    program = functions.process(builder, night.composite, night.show, at + _MINUTE, **network)
    note(builder, night.composite, "agrees", night.show, [program])


def nobodys_with_program(builder: WorldBuilder, at: datetime) -> None:
    """The session's row has gone, the program that was made is still there."""
    night = evening(builder, at)
    program = functions.process(builder, night.composite, night.show, at + _MINUTE)
    builder.delete(night.session.key)
    builder.notes.sessions.pop(night.session.session_id)
    note(builder, night.composite, "agrees", night.show, [program])


def program_of_garbage(builder: WorldBuilder, at: datetime) -> None:
    """The manifest was overwritten with garbage after its program was made: media is not looked at again."""
    night = evening(builder, at)
    program = functions.process(builder, night.composite, night.show, at + _MINUTE)
    ivs.spoil(builder, night.composite, night.composite.manifest, b"garbage")
    note(builder, night.composite, "agrees", night.show, [program])


SCENES = (
    Scene(processed_by_the_other_manifest, anywhere=True),
    Scene(address_of_the_owners_choice, anywhere=True),
    Scene(posted_back_to_its_owner, anywhere=True),
    Scene(nobodys_with_program, anywhere=True),
    Scene(program_of_garbage, anywhere=True),
    Scene(exported),
    Scene(exported_percent_encoded),
    Scene(exported_with_bucket_urls),
    Scene(moved_by_its_owner, anywhere=True),
    Scene(moved_and_lost_from_the_index, anywhere=True),
    Scene(renamed_by_its_owner, anywhere=True),
    Scene(group_of_a_program_deleted),
    Scene(processed_again, anywhere=True),
    Scene(processed_by_both_manifests, anywhere=True),
    Scene(processed_and_exported),
    Scene(filed_under_another_show, anywhere=True),
    Scene(filed_under_another_owner, anywhere=True),
)
