"""Stores for the examples of how to run the job."""

from collections.abc import Iterator

import pytest

from reconcile.sandbox.serving import Served, served


@pytest.fixture(scope="session")
def small_stores(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Give tests embedded stores in another process; in their small world findings are open."""
    with served(seed=1, recordings=12, reports=tmp_path_factory.mktemp("reports")) as running:
        yield running
