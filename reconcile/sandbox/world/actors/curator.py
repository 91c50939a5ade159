"""Those who line programs up: networks, playlists and tracklists, each with copies of its own."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from reconcile.sandbox.world import formats
from reconcile.sandbox.world.actors import functions
from reconcile.sandbox.world.builder import WorldBuilder
from reconcile.sandbox.world.truth import Key

_COPIED = (
    "programId", "title", "description", "broadcast_type", "program_url", "program_image", "duration",
    "premium", "tags", "created_date", "groupId", "ownerId", "sourceType", "sourceShowId",
)  # fmt: skip


def _copy(builder: WorldBuilder, program: Key) -> dict[str, Any]:
    row = builder.rows[program]
    return {name: row[name] for name in _COPIED if name in row}


def add_to_network(
    builder: WorldBuilder, program: Key, network_id: str, at: datetime, *, synced: bool = True
) -> Key:
    """A network takes a program over; `synced`: the stream sync gives the copy a record of its own."""
    copied = _copy(builder, program)
    pk, sk = f"n#{network_id}#programs", f"p#{copied['programId']}"
    made = builder.put(
        pk, sk, entityType="network#program", GSI1PK=sk, GSI1SK=pk, networkId=network_id,
        dateCreated=formats.javascript_time(at), **copied,
    )  # fmt: skip
    if synced:
        functions.sync(builder, made)
    return made


def add_to_playlist(builder: WorldBuilder, program: Key, at: datetime) -> Key:
    """A network's playlist gets a snapshot of a program; such rows have no record."""
    pk, copied = f"n#{builder.uuid()}#ch#{builder.uuid()}#pl#{builder.uuid()}", _copy(builder, program)
    return builder.put(
        pk, f"p#{copied['programId']}", entityType="network#playlist#program", order=0,
        GSI1PK=f"p#{copied['programId']}", GSI1SK=pk, dateCreated=formats.javascript_time(at), **copied,
    )  # fmt: skip


def return_from_playlist(builder: WorldBuilder, network_row: Key, at: datetime) -> None:
    """A playlist drops a program: the snapshot replaces the network's row, the playlist's keys ride along."""
    snapshot = add_to_playlist(builder, network_row, at)
    row = builder.delete(snapshot) | {"pk": network_row[0], "sk": network_row[1], "GSI2PK": snapshot[0]}
    builder.put(**row)
    functions.sync(builder, network_row)


def add_to_tracklist(builder: WorldBuilder, program: Key, at: datetime) -> Key:
    """A producer's tracklist gets a snapshot of a program; such rows have no record."""
    pk, copied = f"tracklist#{builder.uuid()}", _copy(builder, program)
    builder.put(
        pk, "info", tracklistId=pk.partition("#")[2], programCount=1, createdAt=formats.javascript_time(at)
    )
    return builder.put(
        pk, f"program#00000#{copied['programId']}", entityType="tracklistProgram", index=0, **copied
    )  # fmt: skip
