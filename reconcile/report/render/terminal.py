"""Prints a report to a terminal or a pipe: one screen of it, or all of it."""

from collections.abc import Sequence

from rich.console import Console

from reconcile.report.data import Report
from reconcile.report.render.terminal_screen import screen
from reconcile.report.render.terminal_whole import print_whole
from reconcile.report.view.build import view_of


def print_report(report: Report, console: Console, *, whole: bool = False, after: Sequence[str] = ()) -> None:
    """Print a report on one screen, or the `whole` of it.

    `after` are lines about the report itself, such as where it is; only the next command comes after them.
    """
    view = view_of(report)
    if whole:
        print_whole(view, console, after)
        return
    for line in screen(view, console.width, after):
        console.print(line, soft_wrap=True)
