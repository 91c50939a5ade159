"""Scenes about the search index: who wrote a record last, and from what."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from reconcile.sandbox.world.actors import curator, functions, owner
from reconcile.sandbox.world.actors.functions import Index
from reconcile.sandbox.world.builder import Stage
from reconcile.sandbox.world.chapters.scene import Evening, Scene, evening, note, program_id
from reconcile.sandbox.world.truth import Key

_HOUR = timedelta(hours=1)


def _processed(stage: Stage, at: datetime, index: Index = Index.SYNC) -> tuple[Evening, Key]:
    night = evening(stage, at)
    at += stage.seconds(20, 70)
    program = functions.process(stage, night.composite, night.show, at, index=index)
    note(stage, night.composite, "agrees", night.show, [program])
    return night, program


def processor_had_the_last_word(stage: Stage, at: datetime) -> None:
    """The processor's poorer record came after the sync's."""
    _processed(stage, at, Index.PROCESSOR)


def never_indexed(stage: Stage, at: datetime) -> None:
    """The stream was throttled, or not attached yet."""
    _processed(stage, at, Index.NOBODY)


def edit_never_indexed(stage: Stage, at: datetime) -> None:
    """The owner's new title never reached the index."""
    _, program = _processed(stage, at)
    owner.rename(stage, program, "Renamed behind the index", at + 2 * _HOUR, synced=False)


def on_a_network(stage: Stage, at: datetime) -> None:
    """A network, a playlist and a tracklist took the program over; only the network's copy has a record."""
    _, program = _processed(stage, at)
    copy = curator.add_to_network(stage, program, stage.uuid(), at + 2 * _HOUR)
    curator.add_to_playlist(stage, copy, at + 2 * _HOUR)
    curator.add_to_tracklist(stage, program, at + 2 * _HOUR)


def back_from_a_playlist(stage: Stage, at: datetime) -> None:
    """A playlist dropped a program: its snapshot was written over the network's row, which was synced."""
    _, program = _processed(stage, at)
    copy = curator.add_to_network(stage, program, stage.uuid(), at + 2 * _HOUR)
    curator.return_from_playlist(stage, copy, at + 3 * _HOUR)


def network_copy_never_indexed(stage: Stage, at: datetime) -> None:
    """A network's copy from before it had records, never touched again."""
    _, program = _processed(stage, at)
    curator.add_to_network(stage, program, stage.uuid(), at + 2 * _HOUR, synced=False)


def overwritten_by_a_network(stage: Stage, at: datetime) -> None:
    """The old sync wrote a network's copy over the user's record."""
    _, program = _processed(stage, at)
    copy = curator.add_to_network(stage, program, stage.uuid(), at + 2 * _HOUR, synced=False)
    functions.old_sync(stage, copy)


def removed_with_a_network_copy(stage: Stage, at: datetime) -> None:
    """When a network dropped its copy, the old sync deleted the user's record."""
    _, program = _processed(stage, at)
    copy = curator.add_to_network(stage, program, stage.uuid(), at + 2 * _HOUR)
    functions.remove(stage, copy)
    stage.drop_record(program_id(program))


def leftover_of_a_network(stage: Stage, at: datetime) -> None:
    """The user's row has gone, the record that the old sync wrote in its name is still there."""
    upload = owner.upload(stage, at)
    copy = curator.add_to_network(stage, upload, stage.uuid(), at + _HOUR, synced=False)
    functions.remove(stage, upload)
    functions.old_sync(stage, copy)


def indexed_by_the_old_sync(stage: Stage, at: datetime) -> None:
    """Uploads of before network ids, untouched since: their records lack what the sync writes today."""
    for _ in range(3):
        upload = owner.upload(stage, at)
        stage.forget(upload, "imageFiles", "mediaFiles", "duration")
        functions.old_sync(stage, upload, whole=True)
    empty = owner.upload(stage, at, imageFiles=[], mediaFiles=None, program_image=None)
    stage.forget(empty, "duration")
    functions.old_sync(stage, empty, whole=True)


def files_unknown_to_the_old_sync(stage: Stage, at: datetime) -> None:
    """The same, but the rows hold files or a length, which nobody finds in the index."""
    for more in ({"imageFiles": ["cover.png"]}, {"mediaFiles": ["one.mp4"]}, {"duration": 61}):
        upload = owner.upload(stage, at)
        stage.forget(upload, "imageFiles", "mediaFiles", "duration")
        stage.update(upload, **more)
        functions.old_sync(stage, upload)


def orphaned_upload(stage: Stage, at: datetime) -> None:
    """An upload deleted before the sync existed."""
    functions.remove(stage, owner.upload(stage, at), seen=False)


def orphaned_network_copy(stage: Stage, at: datetime) -> None:
    """A network's record whose row has gone."""
    upload = owner.upload(stage, at)
    functions.remove(stage, curator.add_to_network(stage, upload, stage.uuid(), at + _HOUR), seen=False)


def one_id_of_two_owners(stage: Stage, at: datetime) -> None:
    """Two clients made the same id from title and time; both rows call for one record."""
    name = f"trailer-{stage.ivs_id().lower()}"
    for _ in range(2):
        owner.upload(stage, at, name=name)


def odd_uploads(stage: Stage, at: datetime) -> None:
    """Clients post what they like; the sync makes a whole record of each."""
    oddities: tuple[dict[str, Any], ...] = (
        {"title": "", "description": "", "groupId": "", "groupName": "", "broadcast_type": ""},
        {"tags": ["live", 7, 2.5, True, None, {"name": "nested"}, "", "täg #1"], "imageFiles": None},
        {"tags": frozenset({"jazz", "blues", "Ärger"}), "mediaFiles": "one.mp4"},
        {"created_date": "some day", "createdAt": "2026-02-13T01:07:53.504Z"},
        {"created_date": "", "dateCreated": "2026-02-13"},
        {"created_date": None, "createdAt": "2026-02-13T01:07:53.504+01:00"},
        {"createdAt": "2026-02-13T01:07:53.504123"},
        {"premium": 0, "price": 0, "frequency": None, "duration": "12:30", "program_image": None},
        {"premium": True, "price": 12.5, "frequency": "monthly", "duration": 0, "title": "100% <Vinyl>"},
        {"premium": "yes", "price": "4.99", "title": 2026, "groupName": None},
        {"program_url": None, "mediaFiles": [], "tags": []},
        {"ownerId": "somebody-else", "entityType": "group", "GSI1PK": "u#somebody-else#g#theirs"},
    )
    for more in oddities:
        owner.upload(stage, at, **more)
    bare = owner.upload(stage, at)
    stage.forget(bare, "title", "groupId", "groupName", "broadcast_type", "program_url", "imageFiles")
    functions.sync(stage, bare)


def plain_uploads(stage: Stage, at: datetime) -> None:
    """Clients upload files; some of the programs go on a network."""
    for _ in range(4):
        upload = owner.upload(stage, at + stage.minutes(0, 300))
        if stage.rng.random() < 0.5:
            stage.update(upload, ownerId="none")
            functions.sync(stage, upload)
            curator.add_to_network(stage, upload, stage.uuid(), stage.settled(at + 6 * _HOUR))


SCENES = (
    Scene(processor_had_the_last_word, anywhere=True),
    Scene(never_indexed, anywhere=True),
    Scene(edit_never_indexed, anywhere=True),
    Scene(on_a_network),
    Scene(back_from_a_playlist),
    Scene(network_copy_never_indexed),
    Scene(overwritten_by_a_network),
    Scene(removed_with_a_network_copy),
    Scene(leftover_of_a_network),
    Scene(indexed_by_the_old_sync),
    Scene(files_unknown_to_the_old_sync),
    Scene(orphaned_upload),
    Scene(orphaned_network_copy),
    Scene(one_id_of_two_owners),
    Scene(odd_uploads),
    Scene(plain_uploads),
)
