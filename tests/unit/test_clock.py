"""Times and durations as the stores and the command line write them."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconcile.model.clock import parse_duration, parse_time, write_duration, write_time

MOMENT = datetime(2026, 2, 13, 1, 7, 53, 504000, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-02-13T01:07:53.504Z", MOMENT),
        ("2026-02-13T01:07:53.504000", MOMENT),
        ("2026-02-13T01:07:53Z", MOMENT.replace(microsecond=0)),
        ("2026-02-13T02:07:53.504+01:00", MOMENT),
        ("2026-02-13T01:07:53.504123", MOMENT.replace(microsecond=504123)),
        ("2026-02-13T01:07:53.504123789Z", MOMENT.replace(microsecond=504123)),
        ("2026-02-13", datetime(2026, 2, 13, tzinfo=UTC)),
    ],
)
def test_every_writer_s_times_are_read_as_utc(text: str, moment: datetime) -> None:
    assert parse_time(text) == moment
    assert parse_time(text).tzinfo is UTC


@pytest.mark.parametrize(
    "text",
    ["", "yesterday", "2026-02-30", "13.02.2026", "2026-02-13T25:00:00Z", "0001-01-01T00:00:00+23:00",
     "0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "9999-12-31T23:59:59-12:00"],
)  # fmt: skip
def test_what_is_no_time_or_too_far_away_is_a_value_error(text: str) -> None:
    with pytest.raises(ValueError):
        parse_time(text)


@given(st.datetimes(timezones=st.just(UTC)))
def test_a_session_s_length_can_be_added_to_every_time_that_is_read(moment: datetime) -> None:
    try:
        read = parse_time(moment.isoformat())
    except ValueError:
        return
    assert read - timedelta(days=3) < read < read + timedelta(days=3)


def test_times_are_written_as_the_live_functions_write_them() -> None:
    assert write_time(MOMENT) == "2026-02-13T01:07:53.504Z"
    away = MOMENT.astimezone(timezone(timedelta(hours=5)))
    assert write_time(away) == "2026-02-13T01:07:53.504Z"
    assert write_time(MOMENT.replace(microsecond=0)) == "2026-02-13T01:07:53.000Z"


@given(st.datetimes(timezones=st.just(UTC)).filter(lambda moment: 1000 <= moment.year < 9000))
def test_what_is_written_is_read_again_to_the_millisecond(moment: datetime) -> None:
    assert parse_time(write_time(moment)) == moment.replace(microsecond=moment.microsecond // 1000 * 1000)


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("0s", timedelta(0)),
        ("15m", timedelta(minutes=15)),
        ("36h", timedelta(hours=36)),
        ("3d", timedelta(days=3)),
        (" 90s ", timedelta(seconds=90)),
        ("36500d", timedelta(days=36_500)),
    ],
)
def test_durations_are_a_whole_number_and_a_unit(text: str, length: timedelta) -> None:
    assert parse_duration(text) == length


@pytest.mark.parametrize(
    "text", ["", "3", "d", "-1d", "1.5h", "3 d", "3w", "1h30m", "3D", "36501d", "999999999d"]
)
def test_other_durations_are_a_value_error(text: str) -> None:
    with pytest.raises(ValueError):
        parse_duration(text)


@pytest.mark.parametrize(
    ("length", "text"),
    [
        (timedelta(0), "0s"),
        (timedelta(seconds=90), "90s"),
        (timedelta(minutes=15), "15m"),
        (timedelta(hours=36), "36h"),
        (timedelta(hours=72), "3d"),
    ],
)
def test_durations_are_written_in_the_largest_whole_unit(length: timedelta, text: str) -> None:
    assert write_duration(length) == text
    assert parse_duration(text) == length
