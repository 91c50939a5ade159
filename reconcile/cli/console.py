"""What the command line puts on the screen and into files: reports, progress, complaints."""

import json as encoder
import os
import re
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from reconcile.model.errors import UsageError

if TYPE_CHECKING:
    from rich.console import Console

    from reconcile.collect.stores import Progress
    from reconcile.report.data import Report
    from reconcile.report.message import Message
    from reconcile.runs.finish import Outcome
    from reconcile.stores.ports import Text

_APART = re.compile("([\u2068\u2069])")


def console(*, stderr: bool = False) -> "Console":
    """Return the screen, or the other stream when standard output is for JSON."""
    from rich.console import Console

    return Console(stderr=stderr)


def say(text: str) -> None:
    """Print a sentence; what could steer a terminal is made visible, titles set apart stay so."""
    from reconcile.report.formatting import clean

    parts = _APART.split(text)
    safe = "".join(part if _APART.fullmatch(part) else clean(part) for part in parts)
    console().print(safe, markup=False, highlight=False, soft_wrap=True)


@dataclass(frozen=True, slots=True)
class Files:
    """Where a report is to be written, in each form: a file, `-` for standard output, None for nowhere.

    `metrics`: the run's metrics go to standard output, if nothing else does.
    """

    json: str | None = None
    html: Path | None = None
    markdown: Path | None = None
    csv: str | None = None
    metrics: bool = False

    @property
    def take_the_screen(self) -> bool:
        """Whether one of them is standard output, so that nothing else may be printed there."""
        return self.metrics or "-" in (self.json, self.csv)


def show(message: "Message", files: Files, *, whole: bool, after: Sequence[str] = ()) -> None:
    """Show a report, and write it where it was asked for; raises UsageError when that cannot be done.

    `whole`: all of it, not one screen. `after` are lines about the report itself, at its end.
    """
    from reconcile.report.render.terminal import print_report

    save(message, files)
    print_report(message.report, console(stderr=files.take_the_screen), whole=whole, after=after)


def save(message: "Message", files: Files) -> None:
    """Write a report where it was asked for; raises UsageError when that cannot be done."""
    from reconcile.report.csv import findings_csv
    from reconcile.report.render.markdown import render_markdown

    if files.json:
        write(files.json, message.report.json_pieces())
    if files.html:
        write(str(files.html), message.page())
    if files.markdown:
        write(str(files.markdown), render_markdown(message))
    if files.csv:
        write(files.csv, findings_csv(message.report))


T = TypeVar("T", str, Path)


def target(value: T | None) -> T | None:
    """Check, before anything is read or written, that a result can go to a file; raises UsageError."""
    where = str(value) if value is not None else "-"
    if where == "-":
        return value
    why = _unwritable(where)
    if why:
        raise UsageError(
            f"{where!r} cannot be written: {why}; name a file in a folder that can be written to"
        )
    return value


def _unwritable(where: str) -> str:
    """Say why a file cannot be written, "" where it can."""
    if not where.strip():
        return "it names no file"
    try:
        path = Path(where).resolve()
        if path.is_dir():
            return "it is a folder"
        if path.exists():
            return "" if os.access(path, os.W_OK) else "there is no right to"
        if not path.parent.is_dir():
            return "there is no such folder"
        return "" if os.access(path.parent, os.W_OK | os.X_OK) else "there is no right to write to its folder"
    except (OSError, RuntimeError, ValueError) as error:
        return getattr(error, "strerror", None) or "it cannot be the name of a file"


def write(where: str, text: "Text") -> None:
    """Write a text to a file, or to standard output for `-`; raises UsageError."""
    pieces = [text] if isinstance(text, str) else text
    if where == "-":
        if sys.stdout is None:
            raise UsageError("standard output is closed: name a file instead of -")
        sys.stdout.writelines(pieces)
        return
    try:
        with Path(where).open("w", encoding="utf-8", errors="backslashreplace", newline="") as file:
            file.writelines(pieces)
    except OSError as error:
        raise UsageError(f"{where} cannot be written: {error.strerror}") from error


def write_json(where: str | None, value: object) -> None:
    """Write a value as JSON in ASCII, if it was asked for; raises UsageError."""
    if where:
        write(where, encoder.dumps(value, indent=1, default=str) + "\n")


def delivered(report: "Report") -> list[str]:
    """Say through which channels a report reached people, a line an outcome; what failed is a complaint."""
    from reconcile.report.formatting import clean

    for delivery in report.deliveries:
        if delivery.outcome == "failed":
            complain(f"not sent by {delivery.channel}: {clean(delivery.detail)}")
    sent = [clean(delivery.channel) for delivery in report.deliveries if delivery.outcome == "sent"]
    quiet = [
        clean(delivery.channel)
        for delivery in report.deliveries
        if delivery.outcome not in ("sent", "failed")
    ]
    lines = [f"Sent by {', '.join(sent)}."] if sent else []
    return [*lines, f"Nothing to report, so not sent by {', '.join(quiet)}."] if quiet else lines


def print_not_archived(outcome: "Outcome") -> None:
    """Complain when a run could not be kept, or is missing in the list of runs."""
    if outcome.not_kept:
        complain(f"the run was not archived: {outcome.not_kept}")
    elif outcome.not_listed:
        complain(f"the list of runs (index.html) was not updated: {outcome.not_listed}")


@contextmanager
def progress(screen: "Console") -> "Iterator[Progress]":
    """Show bars on a terminal, and nothing anywhere else."""
    from reconcile.collect.stores import silent

    if not (screen.is_terminal and sys.stderr.isatty()):
        yield silent
        return
    from rich.console import Console

    with bars(Console(stderr=True)) as move:
        yield move


@contextmanager
def bars(screen: "Console") -> "Iterator[Progress]":
    """Show a bar for each step: how much of how much, how many a second, and how long it still takes."""
    from rich.progress import BarColumn, MofNCompleteColumn, TaskID, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bars

    tasks: dict[str, TaskID] = {}
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}"),
        TimeRemainingColumn(),
    )
    with Bars(*columns, console=screen, transient=True) as shown:

        def _move(step: str, done: int, total: int) -> None:
            if step not in tasks:
                tasks[step] = shown.add_task(step, total=total or None, rate="")
            speed = shown.tasks[shown.task_ids.index(tasks[step])].speed
            rate = f"{speed:,.1f}/s" if speed else ""
            shown.update(tasks[step], completed=done, total=total or None, rate=rate)

        yield _move


def complain(text: str) -> None:
    """Tell the person at the keyboard what is wrong; what could steer a terminal is made visible."""
    from reconcile.report.formatting import clean

    if sys.stderr is not None:
        sys.stderr.write(f"reconcile: {chr(10).join(map(clean, text.splitlines()))}\n")
