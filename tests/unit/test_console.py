"""Progress on a terminal: how much of how much, how many a second, and how long it still takes."""

import io
import time

from rich.console import Console

from reconcile.cli.console import bars


def test_a_bar_tells_how_much_is_done_how_fast_and_how_long_it_takes() -> None:
    """Of 100 repairs, 40 are made: the rate and the time left follow from the time that they took."""
    out = io.StringIO()
    screen = Console(file=out, force_terminal=True, width=100, color_system=None)
    with bars(screen) as move:
        for done in range(41):
            move("repairing", done, 100)
            time.sleep(0.005)
    shown = out.getvalue()
    assert "40/100" in shown
    assert "/s" in shown
    assert "0:00:0" in shown


def test_a_step_whose_size_is_not_known_has_a_bar_without_an_end() -> None:
    out = io.StringIO()
    with bars(Console(file=out, force_terminal=True, width=100, color_system=None)) as move:
        move("reading", 3, 0)
    assert "3/?" in out.getvalue()
