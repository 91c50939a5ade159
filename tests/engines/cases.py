"""Small tables with nulls wherever the set rules allow one, and what every engine must find in them."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from reconcile.compare import set_rules
from reconcile.compare.engine import Engine, Schema

if TYPE_CHECKING:
    from reconcile.compare.engine import Frame

Row = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Case:
    """A rule, its tables, and the rows that it returns; those that have to do with a null say so."""

    rule: Callable[..., "Frame"]
    tables: tuple[tuple[Schema, list[Row]], ...]
    expected: set[Row]

    def rows(self, engine: Engine) -> list[Row]:
        """Return what an engine makes of it, sorted."""
        frame = self.rule(*(engine.frame(schema, rows) for schema, rows in self.tables))
        return sorted(set(engine.rows(frame)))


PROGRAMS_OF_RECORDINGS: Schema = {"bucket": str, "prefix": str, "sound": bool}
RECORDINGS: Schema = {"bucket": str, "prefix": str, "ended": bool, "show": str}
DIGESTS: Schema = {"objectID": str, "digest": str}
PROGRAMS: Schema = {"pk": str, "sk": str, "owner": str, "group": str, "sound": bool}
GROUPS: Schema = {"owner": str, "group": str}
COUNTED: Schema = {"owner": str, "group": str, "lists": str, "count": float}
LISTED: Schema = {"owner": str, "lists": str}
ROWS: Schema = {"pk": str, "sk": str, "show": str, "program": str, "stuck": bool}
OF_SHOWS: Schema = {"show": str, "program": str}

CASES = (
    Case(
        set_rules.recordings_without_one_sound_program,
        (
            (RECORDINGS, [("b", name, True, None) for name in ("one", "none", "two", "unsound")]),
            (
                PROGRAMS_OF_RECORDINGS,
                [
                    ("b", "one", True),
                    ("b", "two", True),
                    ("b", "two", True),
                    ("b", "unsound", False),
                    ("b", "of no recording", False),
                ],
            ),
        ),
        {("b", "none"), ("b", "two"), ("b", "unsound")},
    ),
    Case(
        set_rules.recordings_to_look_at,
        (
            (
                RECORDINGS,
                [
                    ("b", "alone", True, "s"),
                    ("b", "first of a show", True, "t"),
                    ("b", "second of a show", True, "t"),
                    ("b", "of no show", True, None),
                    ("b", "of no show either", True, None),
                    ("b", "not ended, of no show", False, None),
                ],
            ),
        ),
        {("b", "first of a show"), ("b", "second of a show"), ("b", "not ended, of no show")},
    ),
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
    Case(
        set_rules.rows_to_look_at,
        (
            (
                ROWS,
                [
                    ("s", "sure", "one", "p", False),
                    ("s", "names none", "one", None, False),
                    ("s", "names another", "one", "q", False),
                    ("s", "stuck", "one", "p", True),
                    ("s", "of two", "two", "q", False),
                    ("s", "of two, names none", "two", None, False),
                    ("s", "of no program", "three", None, False),
                ],
            ),
            (OF_SHOWS, [("one", "p"), ("two", "q"), ("two", "r")]),
        ),
        {
            ("s", "names none"),
            ("s", "names another"),
            ("s", "stuck"),
            ("s", "of two"),
            ("s", "of two, names none"),
        },
    ),
)
NAMES = [case.rule.__name__ for case in CASES]
