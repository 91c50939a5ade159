"""Scenes about whole programs: every shape of address, owners' choices, doubles, and strangers' programs."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from reconcile.sandbox.world import formats
from reconcile.sandbox.world.actors import functions, ivs, owner
from reconcile.sandbox.world.actors.producer import delete_group, make_show
from reconcile.sandbox.world.builder import Stage
from reconcile.sandbox.world.chapters.scene import Scene, channel_evening, evening, note

_DAY, _MINUTE = timedelta(days=1), timedelta(minutes=1)


def _exported_with(stage: Stage, at: datetime, encoded: bool) -> None:
    night = evening(stage, at)
    key = night.composite.manifest
    url = formats.encoded_url(key) if encoded else formats.playback_url(key)
    program = functions.export(
        stage, night.show, at + timedelta(hours=2), url, stage.uuid(), plays=night.composite
    )
    note(stage, night.composite, "agrees", night.show, [program])


def exported(stage: Stage, at: datetime) -> None:
    """The studio exported a recording row with its address; no key is stored, the address tells."""
    _exported_with(stage, at, encoded=False)


def exported_percent_encoded(stage: Stage, at: datetime) -> None:
    """The same, the address percent-encoded by the client."""
    _exported_with(stage, at, encoded=True)


def exported_with_bucket_urls(stage: Stage, at: datetime) -> None:
    """The event handler writes addresses of S3 itself into recording rows, and exports take them over."""
    for number in range(3):
        start = at - number * _DAY
        night = evening(stage, start)
        url = formats.bucket_urls(night.composite.bucket, night.composite.manifest)[number]
        program = functions.export(
            stage, night.show, start + timedelta(hours=2), url, stage.uuid(), plays=night.composite
        )
        note(stage, night.composite, "agrees", night.show, [program])


def moved_by_its_owner(stage: Stage, at: datetime) -> None:
    """The owner put the program into another of his groups."""
    night = evening(stage, at)
    program = functions.process(stage, night.composite, night.show, at + stage.seconds(20, 70))
    owner.move(stage, program, at + timedelta(hours=2), counted=True)
    note(stage, night.composite, "agrees", night.show, [program])


def moved_and_lost_from_the_index(stage: Stage, at: datetime) -> None:
    """The same, and the sync took delete and put in the wrong order: the row has no record."""
    night = evening(stage, at)
    program = functions.process(stage, night.composite, night.show, at + stage.seconds(20, 70))
    owner.move(stage, program, at + timedelta(hours=2), record_lost=True)
    note(stage, night.composite, "agrees", night.show, [program])


def renamed_by_its_owner(stage: Stage, at: datetime) -> None:
    """The owner gave the program a title of his own."""
    night = evening(stage, at)
    program = functions.process(stage, night.composite, night.show, at + stage.seconds(20, 70))
    owner.rename(stage, program, "Best night <i>ever</i> & more", at + timedelta(hours=2))
    note(stage, night.composite, "agrees", night.show, [program])


def group_of_a_program_deleted(stage: Stage, at: datetime) -> None:
    """The owner deleted the group that the program names: its group differs, which is no fault of it."""
    night = evening(stage, at)
    program = functions.process(stage, night.composite, night.show, at + stage.seconds(20, 70))
    delete_group(stage, night.show)
    note(stage, night.composite, "agrees", night.show, [program])


def processed_again(stage: Stage, at: datetime) -> None:
    """The event came twice, and the duplicate check looks at one row only."""
    night = evening(stage, at)
    minutes = (_MINUTE, timedelta(minutes=4))
    programs = [functions.process(stage, night.composite, night.show, at + later) for later in minutes]
    note(stage, night.composite, "program-duplicated", night.show, programs)


def processed_by_both_manifests(stage: Stage, at: datetime) -> None:
    """A channel recording has two manifests, and each made a program."""
    night = channel_evening(stage, at)
    at += _MINUTE
    programs = [
        functions.process(stage, night.channel, night.show, at, manifest=manifest)
        for manifest in (night.channel.manifest, night.channel.byte_range)
    ]
    note(stage, night.channel, "program-duplicated", night.show, programs)


def processed_and_exported(stage: Stage, at: datetime) -> None:
    """Processor and export made a program each, linked by nothing but the address."""
    night = evening(stage, at)
    made = functions.process(stage, night.composite, night.show, at + _MINUTE)
    url = formats.playback_url(night.composite.manifest)
    again = functions.export(
        stage, night.show, at + timedelta(hours=2), url, stage.uuid(), plays=night.composite
    )
    note(stage, night.composite, "program-duplicated", night.show, [made, again])


def _misfiled(stage: Stage, at: datetime, **more: Any) -> None:
    night, stranger = evening(stage, at), make_show(stage, at)
    program = functions.process(stage, night.composite, stranger, at + stage.seconds(20, 70), **more)
    note(stage, night.composite, "program-misfiled", night.show, [program])


def filed_under_another_show(stage: Stage, at: datetime) -> None:
    """The processor took the first session that matched, of another producer's show."""
    _misfiled(stage, at)


def filed_under_another_owner(stage: Stage, at: datetime) -> None:
    """The same, and the program names no show: whose partition it is in tells."""
    _misfiled(stage, at, sourceShowId=None)


def processed_by_the_other_manifest(stage: Stage, at: datetime) -> None:
    """The one program of a channel recording plays the byte-range manifest: as good as the other."""
    night = channel_evening(stage, at)
    manifest = night.channel.byte_range
    program = functions.process(stage, night.channel, night.show, at + _MINUTE, manifest=manifest)
    note(stage, night.channel, "agrees", night.show, [program])


def address_of_the_owners_choice(stage: Stage, at: datetime) -> None:
    """The owner put the address of his own cut there; the key still tells whose program it is."""
    night = evening(stage, at)
    url = "https://video.elsewhere.example/watch?v=director's-cut"
    program = functions.process(stage, night.composite, night.show, at + _MINUTE, program_url=url)
    note(stage, night.composite, "agrees", night.show, [program])


def posted_back_to_its_owner(stage: Stage, at: datetime) -> None:
    """A client put the whole row on a network, whose function then wrote it back over the original."""
    night = evening(stage, at)
    network: dict[str, Any] = {
        "entityType": "network#program",
        "networkId": stage.uuid(),
        "dateCreated": "2026-01-01",
    }
    program = functions.process(stage, night.composite, night.show, at + _MINUTE, **network)
    note(stage, night.composite, "agrees", night.show, [program])


def nobodys_with_program(stage: Stage, at: datetime) -> None:
    """The session's row has gone, the program that was made is still there."""
    night = evening(stage, at)
    program = functions.process(stage, night.composite, night.show, at + _MINUTE)
    stage.delete(night.session.key)
    stage.notes.sessions.pop(night.session.session_id)
    note(stage, night.composite, "agrees", night.show, [program])


def program_of_garbage(stage: Stage, at: datetime) -> None:
    """The manifest was overwritten with garbage after its program was made: media is not looked at again."""
    night = evening(stage, at)
    program = functions.process(stage, night.composite, night.show, at + _MINUTE)
    ivs.spoil(stage, night.composite, night.composite.manifest, b"garbage")
    note(stage, night.composite, "agrees", night.show, [program])


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
