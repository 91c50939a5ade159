"""The set rules: whole stores as frames in, the keys worth judging out. No verdict is named here.

They run on any engine. Engines disagree on comparisons with a null, so each comparison names that case. Where
it is enough to count, two frames are put one below the other: a join costs several times more.
"""

from typing import TYPE_CHECKING

import narwhals as nw

if TYPE_CHECKING:
    from reconcile.compare.engine import Frame

KEY = ["pk", "sk"]


def records_that_differ(calls: "Frame", records: "Frame") -> "Frame":
    """Return the objectIDs that one side lacks, that differ in digest, or that two rows call for: objectID.

    `calls` and `records`: objectID, digest (both nullable); of the records, each objectID once.
    """
    columns = ["objectID", "digest"]
    both = nw.concat(
        [calls.select(*columns, called=nw.lit(1)), records.select(*columns, called=nw.lit(0))]
    ).filter(~nw.col("objectID").is_null())
    pairs = both.group_by(columns).agg(nw.len().alias("n"), nw.col("called").sum())
    alike = (nw.col("n") == 2) & (nw.col("called") == 1) & ~nw.col("digest").is_null()
    return pairs.filter(~alike).select("objectID")


def programs_out_of_place(programs: "Frame", groups: "Frame") -> "Frame":
    """Return the programs that are not sound, or whose group does not exist: pk, sk.

    `programs`: pk, sk, owner, group (nullable text), sound (bool). `groups`: owner, group, of the real ones.
    """
    real = groups.with_columns(real=nw.lit(1))
    beside = programs.join(real, on=["owner", "group"], how="left")
    dangling = ~nw.col("group").is_null() & nw.col("real").is_null()
    return beside.filter(dangling | ~nw.col("sound")).select(KEY)


def groups_that_miscount(groups: "Frame", programs: "Frame") -> "Frame":
    """Return those whose count is no number, or not that of the programs listed under it: owner, group.

    `groups`: owner, group, lists (the key), count (nullable number). `programs`: owner, lists (nullable).
    """
    listed = programs.filter(~nw.col("lists").is_null()).group_by(["owner", "lists"])
    beside = groups.join(listed.agg(nw.len().alias("n")), on=["owner", "lists"], how="left")
    counted = nw.col("n").cast(nw.Float64).fill_null(0.0)
    return beside.filter(nw.col("count").is_null() | (nw.col("count") != counted)).select("owner", "group")
