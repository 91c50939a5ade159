"""The mutable stores while the actors act, and the source of everything random in a world."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random
from string import ascii_letters, digits
from typing import Any
from uuid import UUID

from reconcile.sandbox.world import formats, row_truth
from reconcile.sandbox.world.copies import copied
from reconcile.sandbox.world.model import StoredObject, Truth, World
from reconcile.sandbox.world.truth import Key, Notebook

Item = dict[str, Any]
_IVS_ALPHABET = ascii_letters + digits


class WorldBuilder:
    """Bucket, table and index as they are being filled; one per world, closed by `world()`."""

    def __init__(self, seed: int, now: datetime, buckets: tuple[str, ...]) -> None:
        self.seed = seed
        self.rng = Random(seed)
        self.now = now.astimezone(UTC).replace(microsecond=0)
        self.buckets = buckets
        self.bucket = buckets[0]
        self.uploads = formats.UPLOADS
        self.story = ""
        self.notes = Notebook()
        self.objects: dict[Key, StoredObject] = {}
        self.rows: dict[Key, Item] = {}
        self.records: dict[str, dict[str, Any]] = {}
        self.shared_channel = ""
        self._shared_days: list[int] = []
        self.open_shared_channel()

    # -- chance ---------------------------------------------------------------------------------------

    def uuid(self) -> str:
        """A random version 4 UUID."""
        return str(UUID(int=self.rng.getrandbits(128), version=4))

    def ivs_id(self) -> str:
        """An id as IVS makes them: twelve letters and digits."""
        return "".join(self.rng.choices(_IVS_ALPHABET, k=12))

    def seconds(self, least: int, most: int) -> timedelta:
        """A random length of time, in whole seconds."""
        return timedelta(seconds=self.rng.randint(least, most))

    def minutes(self, least: int, most: int) -> timedelta:
        """A random length of time, to the second, between two numbers of minutes."""
        return self.seconds(least * 60, most * 60)

    def settled(self, at: datetime) -> datetime:
        """The time itself, but at least an hour ago, so that nothing written then is still fresh."""
        return min(at, self.now - timedelta(hours=1))

    def open_shared_channel(self) -> None:
        """The operators make a new channel that all shows share from here on."""
        self.shared_channel = formats.arn("channel", self.ivs_id())
        self._shared_days = list(range(4, 58))
        self.rng.shuffle(self._shared_days)

    def shared_slot(self) -> datetime:
        """A time at which nobody else is on the shared channel, half a day before and after."""
        if not self._shared_days:
            self.open_shared_channel()
        return self.now - timedelta(days=self._shared_days.pop(), hours=3) + self.seconds(0, 3600)

    # -- the bucket -----------------------------------------------------------------------------------

    def put_object(self, bucket: str, key: str, body: bytes, modified: datetime) -> None:
        """Store an object, in place of the one that had this key."""
        self.objects[bucket, key] = StoredObject(bucket, key, body, modified)

    def archive_object(
        self, bucket: str, key: str, storage_class: str, restore: str = "", archive_status: str = ""
    ) -> None:
        """Move an object to another storage class, as a lifecycle rule does; headers as HEAD tells them."""
        stored = self.objects[bucket, key]
        self.objects[bucket, key] = replace(
            stored, storage_class=storage_class, restore=restore, archive_status=archive_status
        )

    def drop_object(self, bucket: str, key: str) -> None:
        """Delete an object, if it is there."""
        self.objects.pop((bucket, key), None)

    # -- the table ------------------------------------------------------------------------------------

    def put(self, pk: str, sk: str, **attributes: Any) -> Key:
        """Put a row, in place of the one that had this key; answers the key."""
        self.rows[pk, sk] = {"pk": pk, "sk": sk, **attributes}
        self._note_row(pk, sk)
        return pk, sk

    def update(self, key: Key, **attributes: Any) -> None:
        """Set attributes of a row; as in DynamoDB, a missing row is made (a ghost)."""
        row = self.rows.setdefault(key, {"pk": key[0], "sk": key[1]})
        row.update(attributes)
        self._note_row(*key)

    def forget(self, key: Key, *names: str) -> None:
        """Remove attributes from a row."""
        for name in names:
            self.rows[key].pop(name, None)
        self._note_row(*key)

    def delete(self, key: Key) -> Item:
        """Delete a row and answer what it held."""
        row = self.rows.pop(key)
        if object_id := object_id_of(row):
            self.notes.records.row_deleted(object_id, key)
        return row

    def _note_row(self, pk: str, sk: str) -> None:
        self.notes.stories.setdefault((pk, sk), self.story)
        if object_id := object_id_of(self.rows[pk, sk]):
            self.notes.records.row_written(object_id, (pk, sk))

    # -- the index ------------------------------------------------------------------------------------

    def put_record(self, record: dict[str, Any], *, current: bool) -> None:
        """Save a record; `current` when it was written from the whole of its row as it stands."""
        self.records[record["objectID"]] = copied(record)
        self.notes.records.record_written(record["objectID"], current=current)

    def drop_record(self, object_id: str) -> None:
        """Delete a record, if it is there."""
        self.records.pop(object_id, None)
        self.notes.records.record_deleted(object_id)

    # -- the end --------------------------------------------------------------------------------------

    def world(self) -> World:
        """The finished world, in the order of keys."""
        return World(
            seed=self.seed,
            now=self.now,
            buckets=self.buckets,
            table=formats.TABLE,
            index=formats.INDEX,
            playback_domain=formats.PLAYBACK_DOMAIN,
            old_domains=(formats.OLD_DOMAIN,),
            objects=tuple(self.objects[key] for key in sorted(self.objects)),
            items=tuple(
                {name: formats.typed(value) for name, value in self.rows[key].items()}
                for key in sorted(self.rows)
            ),
            records=tuple(self.records[object_id] for object_id in sorted(self.records)),
            truth=self.truth(),
            media_buckets=(self.uploads,),
        )

    def truth(self) -> Truth:
        """The truth as it stands."""
        return row_truth.close(self.notes, self.rows, self.objects, self.now)


def object_id_of(row: Item) -> str | None:
    """The objectID that the stream sync gives a row, None for rows that it does not index."""
    pk, program_id = row["pk"], row.get("programId")
    if "#programs" not in pk or not program_id:
        return None
    if pk.startswith("n#"):
        return f"n_{pk.split('#')[1]}_{program_id}"
    return str(program_id)
