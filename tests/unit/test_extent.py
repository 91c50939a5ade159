"""What rises when a finding gets worse: its severity, or what its kind counts."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconcile.model.catalog import RowKey
from reconcile.model.extent import Extent, extent_of
from reconcile.model.finding import Subject, group_subject, recording_subject, system_subject
from reconcile.model.recording import RecordingKey
from tests.unit.samples import finding

RECORDING = recording_subject(RecordingKey("bucket", "a/b/c/composite"))
GROUP = group_subject(RowKey("u#ann#groups", "g#g1"))
TRIGGER = system_subject("s3://bucket notifications")


@pytest.mark.parametrize(
    ("kind", "subject", "told", "explained", "size"),
    [
        ("trigger-misconfigured", TRIGGER, {"also": ["x"]}, 8, 8),
        ("trigger-misconfigured", TRIGGER, {}, 0, 0),
        ("count-drift", GROUP, {"programsCount": 3, "found": 7}, 0, 4),
        ("count-drift", GROUP, {"programsCount": 7.5, "found": 7}, 0, 0.5),
        ("count-drift", GROUP, {"programsCount": "not a number", "found": 7}, 0, 1),
        ("program-duplicated", RECORDING, {"programs": [{}, {}]}, 0, 2),
        ("program-duplicated", RECORDING, {"programs": [{}], "same_time": ["s3://a/b"], "also": ["x"]}, 0, 2),
        ("unplayable", RECORDING, {}, 5, 1),
        ("unplayable", RECORDING, {"also": ["group-missing", "ambiguous"]}, 0, 3),
    ],
)
def test_the_size_is_what_rises_for_the_kind(
    kind: str, subject: Subject, told: Mapping[str, Any], explained: int, size: float
) -> None:
    assert extent_of(finding(kind, subject, told), explained).size == size


def test_a_rise_of_severity_or_of_size_is_worse_and_is_told() -> None:
    before = Extent("medium", 2)
    assert replace(before, severity="high").rise_from(before) == "severity medium to high"
    assert replace(before, size=3.5).rise_from(before) == "size 2 to 3.5"
    assert Extent("high", 3).rise_from(before) == "severity medium to high, size 2 to 3"


extents = st.builds(
    Extent, st.sampled_from(("none", "low", "medium", "high")), st.integers(0, 9) | st.floats(0, 9)
)


@given(one=extents, other=extents)
def test_what_is_worse_says_what_rose_and_what_is_not_says_nothing(one: Extent, other: Extent) -> None:
    assert one.is_worse_than(other) == bool(one.rise_from(other))
    assert not one.is_worse_than(one)
    assert one.is_worse_than(other) or other.is_worse_than(one) or one == other
