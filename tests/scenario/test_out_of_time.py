"""A run whose stores hang, or take too long, ends in its own time, keeps its report and says OUT OF TIME."""

import time

import pytest

from reconcile.sandbox.algolia import Fault
from tests.scenario.conftest import Shells
from tests.scenario.function import Context, Function
from tests.scenario.small import agreeing

FASTER = 20.0
Capture = pytest.CaptureFixture[str]


class OwnClock(Context):
    """A function whose clock is faster than the wall's; its time begins with the first look."""

    def __init__(self, seconds: float) -> None:
        super().__init__(seconds)
        self._begun = 0.0

    def left(self) -> float:
        """Return the seconds that are left."""
        self._begun = self._begun or time.monotonic()
        return self.seconds - (time.monotonic() - self._begun) * FASTER

    def get_remaining_time_in_millis(self) -> int:
        """Return what is left, as Lambda does."""
        return int(self.left() * 1000)


@pytest.mark.parametrize("mode", ["check", "repair"])
def test_a_run_whose_index_hangs_ends_in_time_and_says_so(
    shell_on: Shells, capsys: Capture, mode: str
) -> None:
    shell = shell_on(agreeing().world())
    # What is imported when it is first needed takes its time on the wall, none on this run's clock.
    Function(shell, capsys, mode)({})
    shell.stores.algolia.fail(Fault("slow", "browse", 99, seconds=30.0))
    clock = OwnClock(200.0)
    reply = Function(shell, capsys, mode).failing({}, clock)
    assert clock.left() > 0
    assert reply["exit_code"] == 3
    function = Function(shell, capsys, mode)
    report = function.kept()[reply["run"]]
    assert "OUT OF TIME: not everything was read" in report["run"]["cut_short"]
    (browse,) = (one for one in report["sources"] if one["source"].startswith("algolia:"))
    assert (browse["whole"], "OUT OF TIME" in browse["why"]) == (False, True)
