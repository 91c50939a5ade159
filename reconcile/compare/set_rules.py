"""The set rules: whole stores as frames in, the keys worth judging out. No verdict is named here."""

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

import narwhals as nw

from reconcile.model.catalog import GroupKey, RowKey
from reconcile.model.recording import RecordingKey

if TYPE_CHECKING:
    from narwhals.typing import IntoDataFrame

PREFIX = ["bucket", "prefix"]
KEY = ["pk", "sk"]

Key = TypeVar("Key")


def recordings_without_one_sound_program(
    recordings: "IntoDataFrame", programs: "IntoDataFrame"
) -> set[RecordingKey]:
    """Return the recordings that have no program, several, or one that is not sound.

    `recordings`: bucket, prefix. `programs`: bucket, prefix, sound (bool).
    """
    whole = nw.from_native(recordings, eager_only=True).select(PREFIX)
    sound_programs = (
        nw.from_native(programs, eager_only=True)
        .with_columns(unsound=(~nw.col("sound")).cast(nw.Int64))
        .group_by(PREFIX)
        .agg(nw.len().alias("n"), nw.col("unsound").sum())
    )
    beside = whole.join(sound_programs, on=PREFIX, how="left")
    wanting = beside.filter(nw.col("n").is_null() | (nw.col("n") != 1) | (nw.col("unsound") > 0))
    return _keys(wanting, PREFIX, RecordingKey)


def recordings_to_look_at(recordings: "IntoDataFrame") -> set[RecordingKey]:
    """Return those that did not simply end, or share their show with another recording.

    `recordings`: bucket, prefix, ended (bool), show (nullable text).
    """
    frame = nw.from_native(recordings, eager_only=True)
    sharing = ~nw.col("show").is_null() & nw.col("show").is_duplicated()
    return _keys(frame.filter(sharing | ~nw.col("ended")), PREFIX, RecordingKey)


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
    contested = rows.filter(nw.col("objectID").is_duplicated())
    return {str(name) for frame in (differing, orphaned, contested) for name in frame["objectID"].to_list()}


def programs_out_of_place(programs: "IntoDataFrame", groups: "IntoDataFrame") -> set[RowKey]:
    """Return the programs that are not sound, or whose group does not exist.

    `programs`: pk, sk, owner, group (nullable text), sound (bool). `groups`: owner, group, of the real ones.
    """
    frame = nw.from_native(programs, eager_only=True)
    filed = frame.filter(~nw.col("group").is_null())
    real = nw.from_native(groups, eager_only=True)
    dangling = filed.join(real, on=["owner", "group"], how="anti")
    unsound = frame.filter(~nw.col("sound").cast(nw.Boolean))
    return _keys(dangling, KEY, RowKey) | _keys(unsound, KEY, RowKey)


def groups_that_miscount(groups: "IntoDataFrame", programs: "IntoDataFrame") -> set[GroupKey]:
    """Return those whose count is no number, or not that of the programs listed under it.

    `groups`: owner, group, lists (the key), count (nullable number). `programs`: owner, lists (nullable).
    """
    listed = nw.from_native(programs, eager_only=True).filter(~nw.col("lists").is_null())
    numbers = listed.group_by(["owner", "lists"]).agg(nw.len().alias("n"))
    beside = nw.from_native(groups, eager_only=True).join(numbers, on=["owner", "lists"], how="left")
    counted = nw.col("n").cast(nw.Float64).fill_null(0.0)
    miscounting = beside.filter(nw.col("count").is_null() | (nw.col("count") != counted))
    return _keys(miscounting, ["owner", "group"], GroupKey)


def rows_to_look_at(rows: "IntoDataFrame", programs: "IntoDataFrame") -> set[RowKey]:
    """Return the recording rows that may have to name a program of their show and do not surely so.

    `rows`: pk, sk, show, program (nullable text), stuck (bool). `programs`: show, program, those that are the
    one program of a recording.
    """
    frame = nw.from_native(rows, eager_only=True)
    narrow_programs = nw.from_native(programs, eager_only=True)
    numbers = narrow_programs.group_by("show").agg(nw.len().alias("n"))
    lone = narrow_programs.join(numbers.filter(nw.col("n") == 1), on="show", how="semi")
    concerned = frame.join(numbers, on="show", how="semi")
    sure = concerned.filter(~nw.col("stuck").cast(nw.Boolean), ~nw.col("program").is_null())
    sure = sure.join(lone, on=["show", "program"], how="semi")
    return _keys(concerned, KEY, RowKey) - _keys(sure, KEY, RowKey)


def _keys(
    frame: "nw.DataFrame[IntoDataFrame]", columns: list[str], key: Callable[[str, str], Key]
) -> set[Key]:
    """Return the keys that two columns of a frame hold."""
    first, second = columns
    return set(map(key, frame[first].to_list(), frame[second].to_list()))
