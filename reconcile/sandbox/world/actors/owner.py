"""Owners of programs: upload, rename, move to another group."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from reconcile.sandbox.world import formats
from reconcile.sandbox.world.actors import functions
from reconcile.sandbox.world.actors.producer import make_group, recount
from reconcile.sandbox.world.builder import WorldBuilder
from reconcile.sandbox.world.truth import Key


def rename(builder: WorldBuilder, program: Key, title: str, at: datetime, *, synced: bool = True) -> None:
    """Edit a program's title; `synced`: the stream sync tells the index."""
    builder.update(program, title=title, updatedAt=formats.javascript_time(at))
    if synced:
        functions.sync(builder, program)


def move(
    builder: WorldBuilder, program: Key, at: datetime, *, record_lost: bool = False, counted: bool = False
) -> str:
    """Move a program to another group: the function deletes the row and puts it again; answers the group.

    `record_lost`: both came in one batch of the stream, and the sync saves first and deletes last.
    `counted`: the owner's client tells both groups their numbers, which the function leaves alone.
    """
    owner = program[0].split("#")[1]
    group_id = make_group(builder, owner, at)
    row = functions.remove(builder, program)
    left = row["groupId"]
    row |= {
        "groupId": group_id,
        "GSI1PK": f"u#{owner}#g#{group_id}",
        "updatedAt": formats.javascript_time(at),
    }
    builder.put(**row)
    functions.sync(builder, program)
    if record_lost:
        builder.drop_record(str(row["programId"]))
    if counted:
        recount(builder, owner, left, -1, at)
        recount(builder, owner, group_id, 1, at)
    return group_id


def upload(
    builder: WorldBuilder,
    at: datetime,
    *,
    owner: str | None = None,
    name: str | None = None,
    counted: bool = True,
    **more: Any,
) -> Key:
    """A client uploads a file and posts a program for it, with few attributes and no date.

    The function does not count; `counted`: the client does so afterwards.
    """
    owner, name = owner or builder.uuid(), name or f"show-reel-{builder.ivs_id().lower()}"
    stamp = int(at.timestamp() * 1000)
    path = f"users/{owner}/programs/files/{stamp}-Take {builder.rng.randint(1, 9)} (final) + extra.mp4"
    builder.put_object(builder.uploads, f"public/{path}", b"\x00" * 64, at)
    attributes: dict[str, Any] = {
        "entityType": "program", "programId": f"{name}-{stamp}-0", "title": name.replace("-", " ").title(),
        "groupId": make_group(builder, owner, at), "groupName": "Reels", "ownerId": owner,
        "broadcast_type": "Video mp4", "program_url": formats.playback_url(path), "imageFiles": [],
        "mediaFiles": [formats.playback_url(path)], "duration": builder.rng.randint(4, 4000),
    }  # fmt: skip
    group_id = attributes["groupId"]
    keys = {"GSI1PK": f"u#{owner}#g#{group_id}", "GSI1SK": f"p#{attributes['programId']}"}
    made = builder.put(
        f"u#{owner}#programs", f"p#{attributes['programId']}", **{**keys, **attributes, **more}
    )
    builder.notes.plays[made] = frozenset({(builder.uploads, f"public/{path}")})
    functions.sync(builder, made)
    if counted:
        recount(builder, owner, group_id, 1, at)
    return made
