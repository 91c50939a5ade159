"""Which engines there are, and what has to be installed for each."""

from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from importlib.util import find_spec

from reconcile.compare.engine import Engine
from reconcile.engines.pandas import PANDAS
from reconcile.model.errors import UsageError

PACKAGES = {"duckdb": ("duckdb", "pyarrow"), "spark": ("pyspark", "pyarrow")}
"""What each engine besides pandas imports. It is a module of this room, and an extra of the package."""


@contextmanager
def opened(name: str) -> Iterator[Engine]:
    """Yield the engine of a name, and close it afterwards.

    Raises UsageError where there is none, or it is not installed, and EngineError where it cannot start.
    """
    if name == PANDAS.name:
        yield PANDAS
        return
    if name not in PACKAGES:
        raise UsageError(f"--engine is pandas, {' or '.join(PACKAGES)}, not {name[:40]!r}")
    if missing := [package for package in PACKAGES[name] if find_spec(package) is None]:
        raise UsageError(
            f"--engine {name} needs {' and '.join(missing)}: install it with pip install 'reconcile[{name}]'"
        )
    with import_module(f"reconcile.engines.{name}").opened() as engine:
        yield engine
