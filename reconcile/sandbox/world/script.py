"""The script of a world: which scenes are played, when, and in which bucket, until it is full."""

from __future__ import annotations

from datetime import datetime

from reconcile.sandbox.world.actors import operator
from reconcile.sandbox.world.builder import Stage
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
    stage = Stage(seed, now, buckets)
    stage.story = "clutter"
    for bucket in buckets:
        operator.clutter_bucket(stage, bucket, _time(stage, When.OLD))
    operator.clutter_table(stage, _time(stage, When.OLD))
    for _ in range(max(1, recordings // ROUND)):
        for scene in stage.rng.sample(SCENES, len(SCENES)):
            if len(stage.notes.recordings) < recordings:
                _play(stage, scene)
    enough = max(recordings, len(stage.notes.recordings) + recordings // HEALTHY)
    while len(stage.notes.recordings) < enough:
        _play(stage, stage.rng.choice(healthy.SCENES))
    return stage.world()


def build_by_chance(
    seed: int,
    *,
    now: datetime,
    recordings: int = ROUND,
    buckets: tuple[str, ...] = ("shelcaster-media-manager",),
) -> World:
    """A world like `build`'s in which chance alone plays: no scene but those that it decides."""
    stage = Stage(seed, now, buckets)
    while len(stage.notes.recordings) < recordings:
        _play(stage, stage.rng.choice(chance.SCENES))
    return stage.world()


def _play(stage: Stage, scene: Scene) -> None:
    stage.story = scene.name
    stage.bucket = stage.buckets[0]
    if scene.anywhere and len(stage.buckets) > 1 and stage.rng.random() < ELSEWHERE:
        stage.bucket = stage.rng.choice(stage.buckets[1:])
    scene.play(stage, _time(stage, scene.when))


def _time(stage: Stage, when: When) -> datetime:
    """When the scene's show goes on air.

    Scenes reach back 26 hours at most and forward 4, so that nothing lies near the edge of three days.
    """
    if when is When.NOW:
        return stage.now
    if when is When.ANY and stage.rng.random() < 0.35:
        return stage.now - stage.minutes(7 * 60, 45 * 60)
    return stage.now - stage.minutes(80 * 60, 56 * 24 * 60)
