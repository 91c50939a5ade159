"""Reads the times in AWS's answers: botocore's own way takes most of the work of listing a bucket."""

from datetime import datetime

from botocore.utils import parse_timestamp

_SHORTEST = len("2026-03-01T03:30:00Z")


def aws_time(value: str | float) -> datetime:
    """Return the time that a text, or a number of seconds since 1970, names.

    Times as S3 lists them, "2026-03-01T03:30:00.000Z", are read by Python itself, a hundred times as fast;
    everything else by botocore. Raises ValueError for what is no time.
    """
    if isinstance(value, str) and len(value) >= _SHORTEST and value[10] == "T" and value[-1] == "Z":
        try:
            return datetime.fromisoformat(value)
        except ValueError:
            pass
    read: datetime = parse_timestamp(value)  # type: ignore[arg-type]
    return read
