"""The set rules on a million recordings: on pandas, on DuckDB, and the same in SQL that is written by hand.

`python -m tests.bench.engines [NUMBER] [spark]` takes another number of recordings, and Spark as well.
"""

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from random import Random
from typing import TYPE_CHECKING, Any

from reconcile.compare import set_rules
from reconcile.compare.engine import Engine, Schema
from reconcile.compare.narrow import rules
from reconcile.compare.number_table import NumberTable
from reconcile.engines.registry import opened
from tests.bench.sheet import Sheet, peak_memory

if TYPE_CHECKING:
    from reconcile.compare.engine import Frame

RECORDINGS = 1_000_000
MOST_TIMES_SQL, MOST_TIMES_NARROWING = 1.2, 4
ROUNDS = 3
HOUR = 3_600_000
FLAGS = ("sound", "plain", "tells")
TEXTS = ("objectID", "pk", "sk", "owner", "group", "lists")

Rows = Iterator[tuple[Any, ...]]
Tables = dict[str, tuple[tuple[str, ...], Callable[[], Rows]]]
Found = dict[str, int]


def tables(number: int) -> Tables:
    """Return the columns and the rows of an archive of so many recordings, each hundredth odd."""
    shows = max(1, number // 20)

    def odd(n: int) -> bool:
        return n * 2_654_435_761 % 100 == 7

    def time_of(n: int) -> tuple[int, int]:
        start = n // shows * 24 * HOUR
        return start, start + (25 * HOUR if odd(n) else HOUR)

    def shuffled() -> list[int]:
        numbers = list(range(number))
        Random(1).shuffle(numbers)
        return numbers

    return {
        "names": (("n", "name"), lambda: ((n, n) for n in shuffled())),
        "claims": (
            ("name", "show", "sound", "level"),
            lambda: ((n, n % shows, True, 1) for n in shuffled()),
        ),
        "pointed": (("n", "show", "program", "sound"), lambda: ((n, n % shows, n, True) for n in shuffled())),
        "timed": (("n", "start", "stop", "plain"), lambda: ((n, *time_of(n), True) for n in shuffled())),
        "rows": (
            ("r", "show", "program", "start", "stop", "tells"),
            lambda: ((n, n % shows, n, *time_of(n), not odd(n + 1)) for n in shuffled()),
        ),
        "calls": (("objectID", "digest"), lambda: ((f"program-{n:09}", n) for n in shuffled())),
        "records": (
            ("objectID", "digest"),
            lambda: ((f"program-{n:09}", n + odd(n)) for n in shuffled()),
        ),
        "programs": (
            ("pk", "sk", "owner", "group", "sound", "lists"),
            lambda: (
                (
                    f"u#{n % 999}#programs",
                    f"p#{n:09}",
                    f"{n % 999}",
                    f"g{n % 99}",
                    not odd(n),
                    f"{n % 999}-{n % 99}",
                )
                for n in shuffled()
            ),
        ),
        "groups": (
            ("owner", "group", "lists"),
            lambda: ((f"{u}", f"g{g}", f"{u}-{g}") for u in range(999) for g in range(99)),
        ),
    }


def made_rows(number: int) -> dict[str, tuple[Schema, Sequence[tuple[Any, ...]] | NumberTable]]:
    """Return the schema and the rows of each table, as a run has them at hand."""
    schemas = {name: (schema_of(columns), rows) for name, (columns, rows) in tables(number).items()}
    return {
        name: (schema, list(rows()) if str in schema.values() else NumberTable(schema, rows()))
        for name, (schema, rows) in schemas.items()
    }


def schema_of(columns: tuple[str, ...]) -> Schema:
    """Return a table's schema: flags and texts by their names, whole numbers else."""
    return {name: bool if name in FLAGS else str if name in TEXTS else int for name in columns}


def by_rules(engine: Engine, held: "dict[str, Frame]") -> Found:
    """Return how many rows each rule finds, in the order in which a run asks them."""
    nobody = engine.frame(schema_of(("n", "channel", "half_day", "start")), ())
    columns = ("channel", "half_day", "start", "stop", "show", "sound", "level")
    turns = engine.frame(schema_of(columns), ())
    claims = engine.keep(rules.claims_on_recordings(held["names"], held["claims"], nobody, turns))
    possible = engine.keep(rules.possible_shows(claims, held["pointed"]))
    spans = engine.keep(rules.spans_by_show(possible, held["timed"]))
    certain = engine.keep(rules.certain_programs(claims, held["pointed"]))
    alone = engine.keep(rules.recordings_alone(certain, spans, []))
    groups, programs = held["groups"].select("owner", "group"), held["programs"]
    found = {
        "alone": alone.select("n"),
        "told": rules.rows_told(held["rows"], alone),
        "meeting": rules.rows_meeting(held["rows"], spans),
        "differing": set_rules.records_that_differ(held["calls"], held["records"]),
        "out of place": set_rules.programs_out_of_place(programs, groups),
    }
    return {name: len(set(engine.rows(frame))) for name, frame in found.items()}


SQL_KEPT = {
    "kept_claims": 'SELECT n, "show", sound, level FROM names JOIN claims USING (name)',
    "kept_possible": 'SELECT n, "show" FROM kept_claims UNION SELECT n, "show" FROM pointed',
    "kept_spans": """
        SELECT *, coalesce(lag(reached) OVER w, -(1::BIGINT << 60)) AS before FROM (
            SELECT n, "show", start, stop, plain, max(stop) OVER w AS reached,
                coalesce(lead(start) OVER w, 1::BIGINT << 60) AS after
            FROM kept_possible JOIN timed USING (n) WHERE "show" <> -1
            WINDOW w AS (PARTITION BY "show" ORDER BY start, n ROWS UNBOUNDED PRECEDING)
        ) WINDOW w AS (PARTITION BY "show" ORDER BY start, n)""",
    "kept_alone": """
        SELECT kept_spans.*, program FROM kept_spans JOIN (
            SELECT n, max(program) AS program FROM (
                SELECT n, "show", sound, -1 AS program, 0 AS one FROM kept_claims
                UNION ALL SELECT n, "show", sound, program, 1 FROM pointed
            ) GROUP BY n HAVING min("show") <> -1 AND min("show") = max("show")
                AND bool_and(sound) AND sum(one) = 1
        ) USING (n) WHERE plain AND before <= start AND after >= stop""",
}
SQL = {
    "alone": "SELECT n FROM kept_alone",
    "told": """
        SELECT r FROM "rows" JOIN kept_alone AS a USING ("show", program)
        WHERE tells AND "rows".start < a.stop - 1 AND "rows".stop - 1 > a.start
        AND before <= "rows".start AND after >= "rows".stop""",
    "meeting": """
        SELECT r FROM (
            SELECT r, start, stop,
                max(reach) OVER (PARTITION BY "show" ORDER BY start, r ROWS UNBOUNDED PRECEDING) AS reached,
                min(begin) OVER (PARTITION BY "show" ORDER BY start, r
                    ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING) AS next
            FROM (
                SELECT "show", start, stop, r, -(1::BIGINT << 60) AS reach, 1::BIGINT << 60 AS begin
                FROM "rows" UNION ALL SELECT "show", start, stop, -1, stop, start FROM kept_spans)
        ) WHERE r >= 0 AND (reached > start OR next < stop)""",
    "differing": """
        SELECT objectID FROM (
            SELECT objectID, digest, 1 AS called FROM calls UNION ALL SELECT objectID, digest, 0 FROM records
        ) WHERE objectID IS NOT NULL GROUP BY objectID, digest
        HAVING NOT (count(*) = 2 AND sum(called) = 1 AND digest IS NOT NULL)""",
    "out of place": """
        SELECT pk, sk FROM programs LEFT JOIN (SELECT owner, "group", 1 AS real FROM "groups") AS g
        USING (owner, "group") WHERE NOT sound OR ("group" IS NOT NULL AND real IS NULL)""",
}


def by_sql(connection: Any) -> Found:
    """Return what the same questions find in SQL, on the tables that the connection knows by their names."""
    for name, query in SQL_KEPT.items():
        connection.register(name, connection.sql(query).to_arrow_table())
    return {name: len(set(connection.sql(query).fetchall())) for name, query in SQL.items()}


def measure(name: str, number: int) -> dict[str, Any]:
    """Return what an engine takes, in this process; for DuckDB what SQL takes beside it, in turns.

    In seconds of processors, all threads together: others on the machine make every other time longer. Spark
    computes in processes of its own, so that its time is the wall's.
    """
    clock = time.perf_counter if name == "spark" else time.process_time
    with opened(name) as engine:
        started, made = clock(), made_rows(number)
        took: dict[str, Any] = {"rows": clock() - started, "rules": [], "sql": []}
        # What an engine imports is not of the tables.
        engine.rows(engine.frame({"n": int}, ()))
        started = clock()
        held = {table: engine.frame(schema, rows) for table, (schema, rows) in made.items()}
        took["frames"] = clock() - started
        connection: Any = getattr(engine, "_connection", None)
        for table, frame in held.items() if connection else ():
            connection.register(table, frame.to_native().to_arrow_table())
        for _ in range(ROUNDS):
            started = clock()
            took["found"] = by_rules(engine, held)
            took["rules"].append(clock() - started)
            if connection:
                started = clock()
                took["same"] = by_sql(connection) == took["found"]
                took["sql"].append(clock() - started)
    return {**took, "peak": peak_memory()}


def main(arguments: list[str]) -> int:
    """Print the figures; 1 when the rules take much longer on DuckDB than SQL, or engines differ."""
    number = next((int(one) for one in arguments if one.isdigit()), RECORDINGS)
    names = ["pandas", "duckdb", *(["spark"] if "spark" in arguments else [])]
    sheet = Sheet(f"The set rules on {number:,} recordings, programs, rows and records, by engine")
    figures = {}
    for name in names:
        command = [sys.executable, "-m", "tests.bench.engines", "only", name, str(number)]
        ended = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
        figures[name] = json.loads(ended.stdout.splitlines()[-1])
    heads = (
        f"best of {ROUNDS}",
        "making rows, CPU s",
        "frames of them, CPU s",
        "rules, CPU s",
        "SQL by hand, CPU s",
        "peak MB",
    )
    best = {name: (min(one["rules"]), min(one["sql"], default=None)) for name, one in figures.items()}
    sheet.table(
        heads,
        [
            (name, one["rows"], one["frames"], best[name][0], best[name][1] or "", one["peak"])
            for name, one in figures.items()
        ],
    )
    found = figures["pandas"]["found"]
    sheet.tell(", ".join(f"{name} {n:,}" for name, n in found.items()))
    sheet.law("every engine finds the same", sum(one["found"] != found for one in figures.values()))
    sheet.law("SQL finds the same", int(not figures["duckdb"]["same"]))
    rules_s, sql_s = best["duckdb"]
    sheet.hold("rules through Narwhals on DuckDB, times SQL by hand", rules_s / (sql_s or 0), MOST_TIMES_SQL)
    narrowing = rules_s + figures["duckdb"]["frames"]
    sheet.hold(
        "narrowing on DuckDB, frames and rules, times SQL by hand on the same tables",
        narrowing / (sql_s or 0),
        MOST_TIMES_NARROWING,
    )
    return sheet.exit_code


if __name__ == "__main__":
    if sys.argv[1:2] == ["only"]:
        print(json.dumps(measure(sys.argv[2], int(sys.argv[3]))))
    else:
        sys.exit(main(sys.argv[1:]))
