"""Runs the set rules on Spark: on a cluster, or on this machine where none is named.

Spark's own settings say where: spark-submit's --master, spark-defaults.conf, or PYSPARK_SUBMIT_ARGS. The
executors need no Python: the rules run as Spark's own expressions.
"""

import os
import shutil
import socket
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from reconcile.compare.engine import Schema
from reconcile.compare.number_table import NumberTable
from reconcile.engines.arrow import arrow_table, number_table
from reconcile.model.errors import EngineError

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

    from reconcile.compare.engine import Frame

SETTINGS: Mapping[str, str | bool] = {"spark.log.level": "ERROR", "spark.ui.showConsoleProgress": False}
"""What keeps Spark from writing between the lines of the report."""

PROBE_SECONDS = 5.0


class Spark:
    """Spark by a session that somebody started."""

    name = "spark"

    def __init__(self, session: "SparkSession") -> None:
        self._session = session

    def frame(self, schema: Schema, rows: Iterable[Sequence[object]]) -> "Frame":
        """Send the rows to Spark as an Arrow table; raises EngineError where Spark fails."""
        import narwhals as nw

        with _typed("could not take the stores in"):
            return nw.from_native(self._session.createDataFrame(arrow_table(schema, rows)))

    def keep(self, frame: "Frame") -> "Frame":
        """Let the executors keep what they compute of a frame, until the session ends."""
        import narwhals as nw

        with _typed("could not keep a frame"):
            kept: Frame = nw.from_native(frame.to_native().persist())
            return kept

    def rows(self, frame: "Frame") -> Sequence[tuple[Any, ...]]:
        """Compute a frame, and return its rows; raises EngineError where Spark fails."""
        with _typed("could not compare the stores"):
            return frame.collect().rows()

    def numbers(self, frame: "Frame") -> NumberTable:
        """Compute a frame of whole numbers; raises EngineError where Spark fails."""
        with _typed("could not compare the stores"):
            return number_table(frame.collect("pyarrow").to_native())


@contextmanager
def opened() -> Iterator[Spark]:
    """Yield Spark on the cluster that its settings name; raises EngineError where it cannot start."""
    session = _session()
    try:
        yield Spark(session)
    finally:
        session.stop()


def _session() -> "SparkSession":
    from pyspark import SparkConf, SparkContext
    from pyspark.sql import SparkSession

    _require_java()
    with _typed("could not start"):
        # Spark's settings are known to its own process alone, and it takes a minute to give up a dead master.
        SparkContext._ensure_initialized()
        _require_master(SparkConf().get("spark.master") or "")
        return SparkSession.builder.appName("reconcile").config(map=dict(SETTINGS)).getOrCreate()


def _require_java() -> None:
    """Raise EngineError unless there is a Java to start, or Spark has started this process itself."""
    home = os.environ.get("JAVA_HOME")
    java = shutil.which(str(Path(home, "bin", "java")) if home else "java")
    if not java and "PYSPARK_GATEWAY_PORT" not in os.environ:
        raise EngineError(
            "Spark needs Java 17 or later, and there is none: install it (Debian: openjdk-17-jre-headless) "
            "or set JAVA_HOME"
        )


def _require_master(master: str) -> None:
    """Raise EngineError unless somebody answers where a standalone cluster's master should be."""
    if not master.startswith("spark://"):
        return
    for address in master.removeprefix("spark://").split(","):
        host, _, port = address.rpartition(":")
        try:
            with socket.create_connection((host.strip("[]"), int(port)), PROBE_SECONDS):
                return
        except (OSError, ValueError):
            continue
    raise EngineError(f"nothing answers at Spark's master {master}: start it, or name another with --master")


@contextmanager
def _typed(what: str) -> Iterator[None]:
    """Raise what Spark raises as an EngineError that says what it could not do."""
    from py4j.protocol import Py4JError
    from pyspark.errors import PySparkException

    try:
        yield
    except (Py4JError, PySparkException, OSError) as error:
        first = str(error).strip().partition("\n")[0]
        raise EngineError(
            f"Spark {what}: {first}. Its own log says more; look at the master and its workers, or try "
            "--engine duckdb"
        ) from error
