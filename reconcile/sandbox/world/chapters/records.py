"""Scenes about the search index: who wrote a record last, and from what."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from reconcile.sandbox.world.actors import curator, functions, owner
from reconcile.sandbox.world.actors.functions import Index
from reconcile.sandbox.world.builder import WorldBuilder
from reconcile.sandbox.world.chapters.scene import Evening, Scene, evening, note, program_id
from reconcile.sandbox.world.truth import Key

_HOUR = timedelta(hours=1)


def _processed(builder: WorldBuilder, at: datetime, index: Index = Index.SYNC) -> tuple[Evening, Key]:
    night = evening(builder, at)
    at += builder.seconds(20, 70)
    program = functions.process(builder, night.composite, night.show, at, index=index)
    note(builder, night.composite, "agrees", night.show, [program])
    return night, program


def processor_had_the_last_word(builder: WorldBuilder, at: datetime) -> None:
    """The processor's poorer record came after the sync's."""
    _processed(builder, at, Index.PROCESSOR)


def never_indexed(builder: WorldBuilder, at: datetime) -> None:
    """The stream was throttled, or not attached yet."""
    _processed(builder, at, Index.NOBODY)


def edit_never_indexed(builder: WorldBuilder, at: datetime) -> None:
    """The owner's new title never reached the index."""
    _, program = _processed(builder, at)
    owner.rename(builder, program, "Renamed behind the index", at + 2 * _HOUR, synced=False)


def on_a_network(builder: WorldBuilder, at: datetime) -> None:
    """A network, a playlist and a tracklist took the program over; only the network's copy has a record."""
    _, program = _processed(builder, at)
    copy = curator.add_to_network(builder, program, builder.uuid(), at + 2 * _HOUR)
    curator.add_to_playlist(builder, copy, at + 2 * _HOUR)
    curator.add_to_tracklist(builder, program, at + 2 * _HOUR)


def back_from_a_playlist(builder: WorldBuilder, at: datetime) -> None:
    """A playlist dropped a program: its snapshot was written over the network's row, which was synced."""
    _, program = _processed(builder, at)
    copy = curator.add_to_network(builder, program, builder.uuid(), at + 2 * _HOUR)
    curator.return_from_playlist(builder, copy, at + 3 * _HOUR)


def network_copy_never_indexed(builder: WorldBuilder, at: datetime) -> None:
    """A network's copy from before it had records, never touched again."""
    _, program = _processed(builder, at)
    curator.add_to_network(builder, program, builder.uuid(), at + 2 * _HOUR, synced=False)


def overwritten_by_a_network(builder: WorldBuilder, at: datetime) -> None:
    """The old sync wrote a network's copy over the user's record."""
    _, program = _processed(builder, at)
    copy = curator.add_to_network(builder, program, builder.uuid(), at + 2 * _HOUR, synced=False)
    functions.old_sync(builder, copy)


def removed_with_a_network_copy(builder: WorldBuilder, at: datetime) -> None:
    """When a network dropped its copy, the old sync deleted the user's record."""
    _, program = _processed(builder, at)
    copy = curator.add_to_network(builder, program, builder.uuid(), at + 2 * _HOUR)
    functions.remove(builder, copy)
    builder.drop_record(program_id(program))


def leftover_of_a_network(builder: WorldBuilder, at: datetime) -> None:
    """The user's row has gone, the record that the old sync wrote in its name is still there."""
    upload = owner.upload(builder, at)
    copy = curator.add_to_network(builder, upload, builder.uuid(), at + _HOUR, synced=False)
    functions.remove(builder, upload)
    functions.old_sync(builder, copy)


def indexed_by_the_old_sync(builder: WorldBuilder, at: datetime) -> None:
    """Uploads of before network ids, untouched since: their records lack what the sync writes today."""
    for _ in range(3):
        upload = owner.upload(builder, at)
        builder.forget(upload, "imageFiles", "mediaFiles", "duration")
        functions.old_sync(builder, upload, whole=True)
    empty = owner.upload(builder, at, imageFiles=[], mediaFiles=None, program_image=None)
    builder.forget(empty, "duration")
    functions.old_sync(builder, empty, whole=True)


def files_unknown_to_the_old_sync(builder: WorldBuilder, at: datetime) -> None:
    """The same, but the rows hold files or a length, which nobody finds in the index."""
    for more in ({"imageFiles": ["cover.png"]}, {"mediaFiles": ["one.mp4"]}, {"duration": 61}):
        upload = owner.upload(builder, at)
        builder.forget(upload, "imageFiles", "mediaFiles", "duration")
        builder.update(upload, **more)
        functions.old_sync(builder, upload)


def orphaned_upload(builder: WorldBuilder, at: datetime) -> None:
    """An upload deleted before the sync existed."""
    functions.remove(builder, owner.upload(builder, at), seen=False)


def orphaned_network_copy(builder: WorldBuilder, at: datetime) -> None:
    """A network's record whose row has gone."""
    upload = owner.upload(builder, at)
    functions.remove(builder, curator.add_to_network(builder, upload, builder.uuid(), at + _HOUR), seen=False)


def one_id_of_two_owners(builder: WorldBuilder, at: datetime) -> None:
    """Two clients made the same id from title and time; both rows call for one record."""
    name = f"trailer-{builder.ivs_id().lower()}"
    for _ in range(2):
        owner.upload(builder, at, name=name)


def odd_uploads(builder: WorldBuilder, at: datetime) -> None:
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
        owner.upload(builder, at, **more)
    bare = owner.upload(builder, at)
    builder.forget(bare, "title", "groupId", "groupName", "broadcast_type", "program_url", "imageFiles")
    functions.sync(builder, bare)


def plain_uploads(builder: WorldBuilder, at: datetime) -> None:
    """Clients upload files; some of the programs go on a network."""
    for _ in range(4):
        upload = owner.upload(builder, at + builder.minutes(0, 300))
        if builder.rng.random() < 0.5:
            builder.update(upload, ownerId="none")
            functions.sync(builder, upload)
            curator.add_to_network(builder, upload, builder.uuid(), builder.settled(at + 6 * _HOUR))


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
