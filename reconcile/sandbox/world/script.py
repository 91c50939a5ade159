"""The script of a world: which scenes are played, when, and in which bucket, until it is full."""

from __future__ import annotations

from datetime import datetime

from reconcile.sandbox.world.actors import operator
from reconcile.sandbox.world.builder import WorldBuilder
from reconcile.sandbox.world.chapters import (
    broken,
    chance,
    channels,
    coverage,
    groups,
    healthy,
    incomplete,
    life,
    media,
    missing,
    notes,
    programs,
    reconnects,
    records,
    retired,
    sessions,
    twins,
    unclear,
    waiting,
)
from reconcile.sandbox.world.chapters.scene import Scene, When
from reconcile.sandbox.world.model import World

CHAPTERS = (
    healthy, life, chance, missing, channels, retired, coverage, waiting, unclear, broken, incomplete,
    programs, records, sessions, notes, media, groups, twins, reconnects,
)  # fmt: skip
SCENES: tuple[Scene, ...] = tuple(scene for chapter in CHAPTERS for scene in chapter.SCENES)
ROUND = 340
HEALTHY = 6
ELSEWHERE = 0.3


def build(
    seed: int,
    *,
    now: datetime,
    recordings: int = ROUND,
    buckets: tuple[str, ...] = ("shelcaster-media-manager",),
) -> World:
    """A world of about `recordings` recordings as it stands at `now` (aware, UTC); same seed, same bytes.

    Every scene plays once per 340 recordings (in a smaller world, as many of them as fit); the rest, and a
    sixth of `recordings` at least, is healthy: 340 make about 380. Raises ValueError for a naive `now` or
    when there is no bucket.
    """
    if now.tzinfo is None or not buckets:
        raise ValueError("a world needs an aware time and a bucket")
    builder = WorldBuilder(seed, now, buckets)
    builder.story = "clutter"
    for bucket in buckets:
        operator.clutter_bucket(builder, bucket, _time(builder, When.OLD))
    operator.clutter_table(builder, _time(builder, When.OLD))
    for _ in range(max(1, recordings // ROUND)):
        for scene in builder.rng.sample(SCENES, len(SCENES)):
            if len(builder.notes.recordings) < recordings:
                _play(builder, scene)
    enough = max(recordings, len(builder.notes.recordings) + recordings // HEALTHY)
    while len(builder.notes.recordings) < enough:
        _play(builder, builder.rng.choice(healthy.SCENES))
    return builder.world()


def build_by_chance(
    seed: int,
    *,
    now: datetime,
    recordings: int = ROUND,
    buckets: tuple[str, ...] = ("shelcaster-media-manager",),
) -> World:
    """A world like `build`'s in which chance alone plays: no scene but those that it decides."""
    builder = WorldBuilder(seed, now, buckets)
    while len(builder.notes.recordings) < recordings:
        _play(builder, builder.rng.choice(chance.SCENES))
    return builder.world()


def _play(builder: WorldBuilder, scene: Scene) -> None:
    builder.story = scene.name
    builder.bucket = builder.buckets[0]
    if scene.anywhere and len(builder.buckets) > 1 and builder.rng.random() < ELSEWHERE:
        builder.bucket = builder.rng.choice(builder.buckets[1:])
    scene.play(builder, _time(builder, scene.when))


def _time(builder: WorldBuilder, when: When) -> datetime:
    """When the scene's show goes on air.

    Scenes reach back 26 hours at most and forward 4, so that nothing lies near the edge of three days.
    """
    if when is When.NOW:
        return builder.now
    if when is When.ANY and builder.rng.random() < 0.35:
        return builder.now - builder.minutes(7 * 60, 45 * 60)
    return builder.now - builder.minutes(80 * 60, 56 * 24 * 60)
