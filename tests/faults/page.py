"""The page of the guide on what a night does when a source fails: made from what was tried, and read."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import get_args

from tests.faults.cells import Cell, Times
from tests.faults.kinds import FAULTS
from tests.faults.sources import SOURCES

PAGE = Path(__file__).parents[2] / "reconcile" / "docs" / "faults.md"

NOT_POSSIBLE = "–"

_INTRODUCTION = """# When a store fails

What one `reconcile repair` does while one source or sink fails in one way, once or always. Each cell was
tried with the real adapters against stand-ins on loopback, on a world that calls for every kind of repair
(8 findings, 12 writes, a report by mail, to Slack and to a webhook), in the 900 seconds that a function
has. This page is made by `python -m tests.bench faults`, which also holds each cell to what may never be:

- no run crashes, and each ends before its deadline;
- nothing is called missing that is there;
- nothing is written but what a run without faults writes, and no message is sent twice;
- what was not found, written, archived or sent is never passed over: the exit code is 3 or 4.

A cell begins with the [exit code](../../README.md#exit-codes); without any fault it is 2, because one
repair needs a second run. *As without the fault*: the same findings, repairs and messages. A run that
came to no report says why. What rests on a source that was *not read* is not checked. What was left is
done by the next run.

- **throttled, 5xx, denied**: refused in the service's own words, and not carried out.
- **timeout, reset, empty, malformed, wrong shape**: a write is carried out, and its answer is lost or
  garbled.
- **cut**: half of the answer comes. **empty, malformed, wrong shape**: a 200 without content, with
  garbage, or as another service would answer. A malformed object is a damaged one, and is reported as
  that.
- **partial batch**: the store does half and names the rest. **page twice**: asked to go on, it begins
  anew.
- **page missing**: a store leaves a page out and says that this was all. Nobody can tell that from a
  store that holds less, so the run may end with 2; nothing is called missing for it, because everything
  is read again by key.
"""


def written(told: Mapping[Cell, str]) -> str:
    """Return the page, from what is told of each cell."""
    return "\n".join([_INTRODUCTION, *(_section(name, told) for name in SOURCES)])


def _section(name: str, told: Mapping[Cell, str]) -> str:
    lines = [f"## {name}", "", "| fault | once | always |", "|---|---|---|"]
    for fault in FAULTS:
        cells = (told.get(Cell(name, fault, times), NOT_POSSIBLE) for times in get_args(Times))
        lines.append(f"| {fault} | {' | '.join(cells)} |")
    return "\n".join([*lines, ""])


def read(page: str) -> dict[Cell, str]:
    """Return what a page tells of each cell; what is not possible is told too."""
    told = dict[Cell, str]()
    for section in re.split(r"^## ", page, flags=re.MULTILINE)[1:]:
        name, *lines = section.splitlines()
        rows = [line.strip("| ").split(" | ") for line in lines if line.startswith("| ")]
        for fault, *cells in rows[1:]:
            for times, cell in zip(get_args(Times), cells, strict=True):
                told[Cell(name, fault, times)] = cell
    return told
