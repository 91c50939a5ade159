"""Small tables with nulls wherever the set rules allow one, and what every engine must find in them.

The rules on numbers have none: NOBODY and NEVER stand for what is not there.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from reconcile.compare import set_rules
from reconcile.compare.engine import Engine, Schema
from reconcile.compare.narrow import rules
from reconcile.compare.narrow.numbers import NEVER, NOBODY

if TYPE_CHECKING:
    from reconcile.compare.engine import Frame

Row = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Case:
    """A rule, its tables and `more` that it takes, and the rows that it returns."""

    rule: Callable[..., "Frame"]
    tables: tuple[tuple[Schema, list[Row]], ...]
    expected: set[Row]
    more: tuple[Any, ...] = ()

    def rows(self, engine: Engine) -> list[Row]:
        """Return what an engine makes of it, sorted."""
        frame = self.rule(*(engine.frame(schema, rows) for schema, rows in self.tables), *self.more)
        return sorted(set(engine.rows(frame)))


DIGESTS: Schema = {"objectID": str, "digest": str}
PROGRAMS: Schema = {"pk": str, "sk": str, "owner": str, "group": str, "sound": bool}
GROUPS: Schema = {"owner": str, "group": str}
COUNTED: Schema = {"owner": str, "group": str, "lists": str, "count": float}
LISTED: Schema = {"owner": str, "lists": str}

TEXT_CASES = (
    Case(
        set_rules.records_that_differ,
        (
            (
                DIGESTS,
                [
                    ("alike", "1"),
                    ("different", "1"),
                    ("called only", "1"),
                    ("called twice", "1"),
                    ("called twice", "1"),
                    ("no digest called", None),
                    ("no digest at all", None),
                    ("no digest found", "1"),
                    (None, "1"),
                ],
            ),
            (
                DIGESTS,
                [
                    ("alike", "1"),
                    ("different", "2"),
                    ("called twice", "1"),
                    ("found only", "1"),
                    ("no digest called", "1"),
                    ("no digest at all", None),
                    ("no digest found", None),
                    (None, "1"),
                ],
            ),
        ),
        {
            ("different",),
            ("called only",),
            ("called twice",),
            ("found only",),
            ("no digest called",),
            ("no digest at all",),
            ("no digest found",),
        },
    ),
    Case(
        set_rules.programs_out_of_place,
        (
            (
                PROGRAMS,
                [
                    ("u", "filed", "o", "g", True),
                    ("u", "in no group", "o", None, True),
                    ("u", "in no group, unsound", "o", None, False),
                    ("u", "dangling", "o", "h", True),
                    ("u", "in another's group", "p", "g", True),
                    ("u", "unsound", "o", "g", False),
                ],
            ),
            (GROUPS, [("o", "g")]),
        ),
        {
            ("u", "in no group, unsound"),
            ("u", "dangling"),
            ("u", "in another's group"),
            ("u", "unsound"),
        },
    ),
    Case(
        set_rules.groups_that_miscount,
        (
            (
                COUNTED,
                [
                    ("o", "right", "r", 2.0),
                    ("o", "empty", "e", 0.0),
                    ("o", "too many", "t", 5.0),
                    ("o", "not a number", "n", None),
                    ("o", "not a number, empty", "m", None),
                ],
            ),
            (LISTED, [("o", "r"), ("o", "r"), ("o", "t"), ("o", "n"), ("o", None), ("p", "e")]),
        ),
        {("o", "too many"), ("o", "not a number"), ("o", "not a number, empty")},
    ),
)


FLAGS = ("sound", "plain", "tells")


def _numbers(*columns: str) -> Schema:
    """Return the schema of a table of flags, by their names, and whole numbers else."""
    return {name: bool if name in FLAGS else int for name in columns}


ROWS = _numbers("r", "show", "program", "start", "stop", "tells")
ALONE = _numbers("n", "show", "program", "start", "stop", "before", "after")
SPANS = _numbers("n", "show", "start", "stop", "before", "after", "plain")

NUMBER_CASES = (
    Case(
        rules.claims_on_recordings,
        (
            (_numbers("n", "name"), [(1, 10), (2, 11), (3, 12)]),
            (
                _numbers("name", "show", "sound", "level"),
                [(10, 100, True, 1), (11, 101, False, 2), (11, 102, True, 3)],
            ),
            (_numbers("n", "channel", "half_day", "start"), [(4, 7, 3, 50), (5, 7, 4, 50), (6, 8, 3, 50)]),
            (
                _numbers("channel", "half_day", "start", "stop", "show", "sound", "level"),
                [
                    (7, 3, 51, 50, 103, True, 5),
                    (7, 3, 52, 90, 104, True, 5),
                    (7, 3, 10, 49, 105, True, 5),
                ],
            ),
        ),
        {
            (1, 100, True, 1),
            (2, 101, False, 2),
            (2, 102, True, 3),
            (4, 103, True, 5),
        },
    ),
    Case(
        rules.possible_shows,
        (
            (_numbers("n", "show"), [(1, 5), (1, 5), (2, NOBODY)]),
            (_numbers("n", "show"), [(1, 5), (1, 6), (3, NOBODY)]),
        ),
        {(1, 5), (1, 6), (2, NOBODY), (3, NOBODY)},
    ),
    Case(
        rules.spans_by_show,
        (
            (_numbers("n", "show"), [(1, 5), (2, 5), (3, 5), (4, NOBODY), (5, 6), (6, 6)]),
            (
                _numbers("n", "start", "stop", "plain"),
                [(1, 0, 10, True), (2, 5, 20, True), (3, 30, 40, False), (4, 0, 1, True), (5, 0, 1, True)],
            ),
        ),
        {
            (1, 5, 0, 10, True, 10, 5, -NEVER),
            (2, 5, 5, 20, True, 20, 30, 10),
            (3, 5, 30, 40, False, 40, NEVER, 20),
            (5, 6, 0, 1, True, 1, NEVER, -NEVER),
        },
    ),
    Case(
        rules.certain_programs,
        (
            (
                _numbers("n", "show", "sound"),
                [(1, 5, True), (2, 5, True), (2, 6, True), (3, 5, False), (9, NOBODY, True)],
            ),
            (
                _numbers("n", "show", "program", "sound"),
                [(n, 5, 70 + n, True) for n in (1, 2, 3, 4, 4, 6, 7)]
                + [(8, 8, 78, True), (9, NOBODY, 79, True)],
            ),
        ),
        {(n, 70 + n) for n in (1, 6, 7, 8)},
    ),
    Case(
        rules.recordings_alone,
        (
            (_numbers("n", "program"), [(n, 70 + n) for n in (1, 6, 7, 8)]),
            (
                SPANS,
                [
                    (1, 5, 10, 20, 10, 20, True),
                    *((n, 5, 10, 20, -NEVER, NEVER, n != 6) for n in (2, 3, 4, 5, 6, 9)),
                    (7, 5, 10, 20, 11, NEVER, True),
                    (8, 8, 10, 20, -NEVER, NEVER, True),
                ],
            ),
        ),
        {(1, 5, 10, 20, 10, 20, True, 71)},
        ([8],),
    ),
    Case(
        rules.rows_told,
        (
            (
                ROWS,
                [
                    (1, 5, 70, 12, 18, True),
                    (2, 5, 70, 12, 18, False),
                    (3, 5, NOBODY, 12, 18, True),
                    (4, 5, 70, 19, 30, True),
                    (5, 6, 70, 12, 18, True),
                    (6, 5, 71, 12, 18, True),
                ],
            ),
            (ALONE, [(1, 5, 70, 10, 20, -NEVER, NEVER), (2, 5, 71, 10, 20, 15, NEVER)]),
        ),
        {(1,)},
    ),
    Case(
        rules.rows_naming,
        (
            (ROWS, [(1, 5, 70, 0, 1, True), (2, 5, NOBODY, 0, 1, False), (3, 6, 70, 0, 1, True)]),
            (_numbers("show", "program"), [(5, 70), (5, 70), (6, 71)]),
        ),
        {(1,)},
    ),
    Case(
        rules.rows_meeting,
        (
            (
                ROWS,
                [
                    (1, 5, NOBODY, 0, 5, False),
                    (2, 5, NOBODY, 0, 11, False),
                    (3, 5, NOBODY, 19, 30, False),
                    (4, 5, NOBODY, 20, 30, False),
                    (5, 6, NOBODY, 0, 90, False),
                ],
            ),
            (SPANS, [(1, 5, 10, 20, -NEVER, NEVER, True)]),
        ),
        {(2,), (3,)},
    ),
)
CASES = (*TEXT_CASES, *NUMBER_CASES)
NAMES = [case.rule.__name__ for case in CASES]
