"""A run that narrows the stores first says and writes the same as one that judges everything."""

import pytest

from reconcile.compare import verdicts
from reconcile.engines.pandas import PANDAS
from tests.engines.worlds import live

STEPS = ("check", "repair", "check", "repair")


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_reports_and_stores_are_the_same(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    all_judged = live(seed, 120, PANDAS, *STEPS)
    monkeypatch.setattr(verdicts, "FEW", 0)
    by_everything = live(seed, 120, PANDAS, *STEPS)
    monkeypatch.setattr(verdicts, "MOST_SUSPECTS", 2.0)
    by_closure = live(seed, 120, PANDAS, *STEPS)
    for narrowed in (by_everything, by_closure):
        for report, other in zip(all_judged.reports, narrowed.reports, strict=True):
            assert other == report
        assert narrowed.stores == all_judged.stores
