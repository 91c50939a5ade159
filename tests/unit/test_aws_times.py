"""Times in AWS's answers are read as botocore reads them, only faster."""

from datetime import datetime
from typing import Any

import pytest
from botocore.utils import parse_timestamp
from hypothesis import given, settings
from hypothesis import strategies as st

from reconcile.stores import aws_times
from reconcile.stores.aws_times import aws_time

TIMES = (
    "2026-03-01T03:30:00.000Z",
    "2026-03-01T03:30:00Z",
    "2026-03-01T03:30:00.123456789Z",
    "2026-03-01T03:30:00.5Z",
    "2026-03-01T03:30:00.000+01:00",
    "2026-03-01",
    "20260301T033000.000000Z",
    "Sun, 01 Mar 2026 03:30:00 GMT",
    "1772335800",
    "1772335800.25",
    1772335800,
    1772335800.25,
)
NO_TIMES = ("", "2026-13-01T03:30:00.000Z", "----------T---------Z")


@pytest.mark.parametrize("value", TIMES)
def test_a_time_is_what_botocore_reads(value: Any) -> None:
    assert aws_time(value) == parse_timestamp(value)


@settings(max_examples=100, deadline=None)
@given(st.datetimes(datetime.fromisoformat("1970-01-02"), datetime.fromisoformat("2200-01-01")))
def test_every_time_as_s3_lists_it_is_what_botocore_reads(time: datetime) -> None:
    for text in (f"{time:%Y-%m-%dT%H:%M:%S}.000Z", f"{time.isoformat()}Z"):
        assert aws_time(text) == parse_timestamp(text)


@pytest.mark.parametrize("value", NO_TIMES)
def test_what_is_no_time_is_refused(value: str) -> None:
    with pytest.raises(ValueError):
        aws_time(value)


def test_botocore_is_not_asked_for_a_time_as_s3_lists_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(aws_times, "parse_timestamp")
    assert aws_time("2026-03-01T03:30:00.000Z").isoformat() == "2026-03-01T03:30:00+00:00"
