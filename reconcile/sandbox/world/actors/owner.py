"""Owners of programs: upload, rename, move to another group."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from reconcile.sandbox.world import formats
from reconcile.sandbox.world.actors import functions
from reconcile.sandbox.world.actors.producer import make_group, recount
from reconcile.sandbox.world.builder import Stage
from reconcile.sandbox.world.truth import Key


def rename(stage: Stage, program: Key, title: str, at: datetime, *, synced: bool = True) -> None:
    """Edit a program's title; `synced`: the stream sync tells the index."""
    stage.update(program, title=title, updatedAt=formats.javascript_time(at))
    if synced:
        functions.sync(stage, program)


def move(
    stage: Stage, program: Key, at: datetime, *, record_lost: bool = False, counted: bool = False
) -> str:
    """Move a program to another group: the function deletes the row and puts it again; answers the group.

    `record_lost`: both came in one batch of the stream, and the sync saves first and deletes last.
    `counted`: the owner's client tells both groups their numbers, which the function leaves alone.
    """
    owner = program[0].split("#")[1]
    group_id = make_group(stage, owner, at)
    row = functions.remove(stage, program)
    left = row["groupId"]
    row |= {
        "groupId": group_id,
        "GSI1PK": f"u#{owner}#g#{group_id}",
        "updatedAt": formats.javascript_time(at),
    }
    stage.put(**row)
    functions.sync(stage, program)
    if record_lost:
        stage.drop_record(str(row["programId"]))
    if counted:
        recount(stage, owner, left, -1, at)
        recount(stage, owner, group_id, 1, at)
    return group_id


def upload(
    stage: Stage,
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
    owner, name = owner or stage.uuid(), name or f"show-reel-{stage.ivs_id().lower()}"
    stamp = int(at.timestamp() * 1000)
    path = f"users/{owner}/programs/files/{stamp}-Take {stage.rng.randint(1, 9)} (final) + extra.mp4"
    stage.put_object(stage.uploads, f"public/{path}", b"\x00" * 64, at)
    attributes: dict[str, Any] = {
        "entityType": "program", "programId": f"{name}-{stamp}-0", "title": name.replace("-", " ").title(),
        "groupId": make_group(stage, owner, at), "groupName": "Reels", "ownerId": owner,
        "broadcast_type": "Video mp4", "program_url": formats.playback_url(path), "imageFiles": [],
        "mediaFiles": [formats.playback_url(path)], "duration": stage.rng.randint(4, 4000),
    }  # fmt: skip
    group_id = attributes["groupId"]
    keys = {"GSI1PK": f"u#{owner}#g#{group_id}", "GSI1SK": f"p#{attributes['programId']}"}
    made = stage.put(f"u#{owner}#programs", f"p#{attributes['programId']}", **{**keys, **attributes, **more})
    stage.notes.plays[made] = frozenset({(stage.uploads, f"public/{path}")})
    functions.sync(stage, made)
    if counted:
        recount(stage, owner, group_id, 1, at)
    return made
