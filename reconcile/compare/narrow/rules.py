"""The set rules for recordings and their rows: whose they are, which stand alone, which rows are settled."""

from typing import TYPE_CHECKING

import narwhals as nw

from reconcile.compare.narrow.numbers import NEVER, NOBODY

if TYPE_CHECKING:
    from reconcile.compare.engine import Frame


def claims_on_recordings(names: "Frame", claims: "Frame", begun: "Frame", turns: "Frame") -> "Frame":
    """Return every claim on a recording, at whatever level: n, show, sound, level."""
    columns = ["n", "show", "sound", "level"]
    by_name = names.join(claims, on="name", how="inner").select(columns)
    on_air = begun.join(turns, on=["channel", "half_day"], how="inner", suffix="_turn")
    during = on_air.filter(nw.col("start") + 1 >= nw.col("start_turn"), nw.col("start") <= nw.col("stop"))
    return nw.concat([by_name, during.select(columns)])


def possible_shows(claims: "Frame", pointed: "Frame") -> "Frame":
    """Return the shows that a recording may be of, by claims and programs: n, show (NOBODY: none)."""
    columns = ["n", "show"]
    both = nw.concat([claims.select(columns), pointed.select(columns)])
    # To take them by unique() numbers the rows of each first, on engines of SQL: twice the time.
    return both.group_by(columns).agg(nw.len().alias("times")).select(columns)


def spans_by_show(shows: "Frame", timed: "Frame") -> "Frame":
    """Return when the recordings that may be a show's hold something: show, n, start, stop, before, after.

    `before` is when all those that began earlier had ended, and `after` when the next one began.
    """
    spans = shows.filter(nw.col("show") != NOBODY).join(timed, on="n", how="inner")
    order = {"order_by": ["start", "n"]}
    spans = spans.with_columns(
        reached=nw.col("stop").cum_max().over("show", **order),
        after=nw.col("start").shift(-1).over("show", **order).fill_null(NEVER),
    )
    return spans.with_columns(before=nw.col("reached").shift(1).over("show", **order).fill_null(-NEVER))


def certain_programs(claims: "Frame", pointed: "Frame") -> "Frame":
    """Return the recordings with one sound program, of one certain show: n, program."""
    columns = ("n", "show", nw.col("sound").cast(nw.Int32))
    evidence = nw.concat(
        [
            claims.select(*columns, program=nw.lit(NOBODY, nw.Int64), one=nw.lit(0)),
            pointed.select(*columns, "program", one=nw.lit(1)),
        ]
    )
    whose = evidence.group_by("n").agg(
        nw.col("show").min().alias("first"),
        nw.col("show").max().alias("last"),
        nw.col("sound").min(),
        nw.col("one").sum().alias("programs"),
        nw.col("program").max(),
    )
    certain = whose.filter(
        nw.col("first") != NOBODY,
        nw.col("first") == nw.col("last"),
        nw.col("sound") == 1,
        nw.col("programs") == 1,
    )
    return certain.select("n", "program")


def recordings_alone(certain: "Frame", spans: "Frame", tied: list[int]) -> "Frame":
    """Return the recordings with one certain program, at a time that is theirs alone.

    `tied` are the shows whose recordings other programs may be tied to. Returned: n, show, program, start,
    stop, before, after.
    """
    alone = spans.filter(
        nw.col("plain"),
        nw.col("before") <= nw.col("start"),
        nw.col("after") >= nw.col("stop"),
        ~nw.col("show").is_in(tied),
    )
    return alone.join(certain, on="n", how="inner")


def rows_told(rows: "Frame", alone: "Frame") -> "Frame":
    """Return the recording rows that tell of the program of the one recording that they overlap: r.

    `rows`: r, show, program, start, stop, tells.
    """
    told = rows.filter(nw.col("tells"))
    own = told.join(alone, on=["show", "program"], how="inner", suffix="_recording")
    # A stop may be told too late by a part of a millisecond, which an overlap may not rest on.
    return own.filter(
        nw.col("start") < nw.col("stop_recording") - 1,
        nw.col("stop") - 1 > nw.col("start_recording"),
        nw.col("before") <= nw.col("start"),
        nw.col("after") >= nw.col("stop"),
    ).select("r")


def rows_naming(rows: "Frame", named: "Frame") -> "Frame":
    """Return the rows that name a program of their show's recordings: r. `named`: show, program."""
    return rows.join(named, on=["show", "program"], how="inner").select("r")


def rows_meeting(rows: "Frame", spans: "Frame") -> "Frame":
    """Return the recording rows whose time may meet that of a recording of their show: r."""
    columns = ["show", "start", "stop", "r", "reach", "begin"]
    probes = rows.select("show", "start", "stop", "r", reach=nw.lit(-NEVER), begin=nw.lit(NEVER))
    # Most shows have no such row.
    targets = spans.join(rows.select("show"), on="show", how="semi").select(
        "show", "start", "stop", r=nw.lit(-1, nw.Int64), reach=nw.col("stop"), begin=nw.col("start")
    )
    both = nw.concat([probes.select(columns), targets.select(columns)])
    order = {"order_by": ["start", "r"]}
    both = both.with_columns(
        reached=nw.col("reach").cum_max().over("show", **order),
        next=nw.col("begin").cum_min(reverse=True).over("show", **order),
    )
    meets = (nw.col("reached") > nw.col("start")) | (nw.col("next") < nw.col("stop"))
    return both.filter(nw.col("r") >= 0, meets).select("r")
