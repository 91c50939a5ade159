"""The set rules: whole stores as frames in, the keys worth judging out. No verdict is named here."""

from typing import TYPE_CHECKING

import narwhals as nw

if TYPE_CHECKING:
    from narwhals.typing import IntoDataFrame

PREFIX = ["bucket", "prefix"]


def recordings_without_one_sound_program(
    recordings: "IntoDataFrame", programs: "IntoDataFrame"
) -> set[tuple[str, str]]:
    """Return bucket and prefix of recordings that have no program, several, or one that is not sound.

    `recordings`: bucket, prefix. `programs`: bucket, prefix, sound (bool).
    """
    whole = nw.from_native(recordings, eager_only=True).select(PREFIX)
    held = (
        nw.from_native(programs, eager_only=True)
        .with_columns(unsound=(~nw.col("sound")).cast(nw.Int64))
        .group_by(PREFIX)
        .agg(nw.len().alias("n"), nw.col("unsound").sum())
    )
    beside = whole.join(held, on=PREFIX, how="left")
    return _pairs(beside.filter(nw.col("n").is_null() | (nw.col("n") != 1) | (nw.col("unsound") > 0)))


def recordings_to_look_at(recordings: "IntoDataFrame") -> set[tuple[str, str]]:
    """Return those that did not simply end, or share their show with another recording.

    `recordings`: bucket, prefix, ended (bool), show (nullable text).
    """
    frame = nw.from_native(recordings, eager_only=True)
    named = frame.filter(~nw.col("show").is_null()).select(*PREFIX, "show")
    times = named.group_by("show").agg(nw.len().alias("n"))
    crowded = times.filter(nw.col("n") > 1).select("show")
    sharing = named.join(crowded, on="show", how="semi")
    unfinished = frame.filter(~nw.col("ended"))
    return _pairs(sharing) | _pairs(unfinished)


def records_that_differ(calls: "IntoDataFrame", records: "IntoDataFrame") -> set[str]:
    """Return the objectIDs that only one side has, that differ in digest, or that two rows call for.

    `calls` and `records`: objectID, digest.
    """
    rows = nw.from_native(calls, eager_only=True).filter(~nw.col("objectID").is_null())
    index = nw.from_native(records, eager_only=True).filter(~nw.col("objectID").is_null())
    beside = rows.join(index, on="objectID", how="left", suffix="_found")
    unlike = nw.col("digest").is_null() | nw.col("digest_found").is_null()
    differing = beside.filter(unlike | (nw.col("digest") != nw.col("digest_found")))
    orphaned = index.join(rows, on="objectID", how="anti")
    times = rows.group_by("objectID").agg(nw.len().alias("n"))
    contested = times.filter(nw.col("n") > 1)
    return {str(name) for frame in (differing, orphaned, contested) for name in frame["objectID"].to_list()}


def _pairs(frame: "nw.DataFrame[IntoDataFrame]") -> set[tuple[str, str]]:
    return set(zip(frame["bucket"].to_list(), frame["prefix"].to_list(), strict=True))
