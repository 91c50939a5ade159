"""A show whose broadcasts are all recorded twice costs a comparison no more than its size, in any shape."""

import cProfile
import pstats
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest

from reconcile.compare.verdicts import compare
from reconcile.engines.pandas import PANDAS
from reconcile.model.recording import Events, RecordingKey
from reconcile.model.snapshot import Snapshot
from tests.unit.builders import (
    BEFORE,
    MINUTE,
    NOW,
    events,
    group_item,
    iso,
    item,
    medialess_item,
    program_item,
    recording,
    rules,
    session_item,
    show_item,
    snapshot,
    stage,
)

MOST = 2.2
SHAPES = ("shown", "one never ends", "rows never stopped", "programs without media")


def a_show(number: int, shape: str) -> Snapshot:
    """Return one show with so many broadcasts, each recorded twice, with a row and a program."""
    session = session_item(ivs={"rawStageArn": stage("s")}, createdAt=iso(BEFORE - timedelta(days=60)))
    items, recordings = [show_item(), group_item(), session], []
    told: dict[RecordingKey, Events] = {}
    for count in range(number):
        start = NOW - timedelta(days=50) + 30 * count * MINUTE
        for twin, length in (("a", 20), ("b", 19.9)):
            one = recording(
                f"{twin}/c{count}/d/composite", started_seen=start, ended_seen=start + 20 * MINUTE
            )
            recordings.append(one)
            told[one.key] = events(start, length * MINUTE, stage_arn=stage("s"))
        items += rows_of(count, start, shape)
    if shape == "one never ends":
        live = recording("x/y/z/composite", started_seen=NOW - timedelta(hours=50), ended_seen=None)
        recordings.append(live)
        told[live.key] = events(NOW - timedelta(days=50), stage_arn=stage("s"), ended_at=None)
    return snapshot(recordings, items, told=told)


def rows_of(count: int, start: Any, shape: str) -> list[dict[str, Any]]:
    end = None if shape == "rows never stopped" else iso(start + 20 * MINUTE)
    times = {"recordingId": f"r{count}", "startTime": iso(start), "endTime": end, "status": "processing"}
    row = item("show#show1", f"recording#{iso(start)}#r{count}", **times)
    if shape == "programs without media":
        named = {"sourceRecordingId": f"r{count}"} if count % 2 else {}
        return [row, medialess_item(f"p{count}", createdAt=iso(start + 60 * MINUTE), **named)]
    url = f"https://play.test/a/c{count}/d/composite/media/hls/multivariant.m3u8"
    return [row, program_item(f"p{count}", program_url=url)]


def calls(number: int, shape: str) -> int:
    seen, profile = a_show(number, shape), cProfile.Profile()
    profile.enable()
    compare(seen, rules(), PANDAS)
    profile.disable()
    return int(pstats.Stats(profile, stream=StringIO()).total_calls)  # type: ignore[attr-defined]


@pytest.mark.parametrize("shape", SHAPES)
def test_twice_the_broadcasts_of_one_show_cost_twice_the_steps(shape: str) -> None:
    """Inner steps are counted, not seconds."""
    calls(20, shape)
    assert calls(240, shape) <= MOST * calls(120, shape)
