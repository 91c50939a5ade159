"""A repair with every source and sink failing in every way, once and always; writes the page of the guide."""

import argparse
import sys
import time
from collections.abc import Sequence

from tests.bench.sheet import Sheet
from tests.faults.cells import CELLS, LAWS, Table, Tried
from tests.faults.page import PAGE, read, written
from tests.faults.runs import prepare
from tests.faults.sources import SOURCES
from tests.faults.world import world

TOLD = 300


def main(arguments: Sequence[str] | None = None) -> int:
    """Print how many cells were tried and held; 1 when any law was broken in any."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", choices=tuple(SOURCES), action="append", help="one source, may be repeated")
    parser.add_argument("--keep-page", action="store_true", help="leave the page as it is")
    asked = parser.parse_args(arguments)
    cells = [cell for cell in CELLS if not asked.only or cell.source in asked.only]
    sheet = Sheet("Faults: a repair of everything while one source or sink fails in one way")
    started = time.perf_counter()
    with world() as made:
        prepare(made)
        table = Table.of(made)
        tried = [_told(sheet, table.attempt(cell)) for cell in cells]
    held = sum(not one.broken for one in tried)
    seconds = time.perf_counter() - started
    sheet.tell(f"{len(tried):,} fault cells tried, {held:,} held, in {seconds:,.0f} s")
    for law in LAWS:
        sheet.law(f"in every cell: {law}", sum(law in one.broken for one in tried))
    if not asked.keep_page:
        _write(tried)
    return sheet.exit_code


def _told(sheet: Sheet, tried: Tried) -> Tried:
    sheet.tell(f"{', '.join(tried.cell)}: {tried.code} {tried.words}")
    for law, faults in tried.broken.items():
        sheet.tell(f"  BROKEN: {law}: {faults[0][-TOLD:]}")
    return tried


def _write(tried: Sequence[Tried]) -> None:
    """Write the page; cells that were not tried stay as it tells of them."""
    known = read(PAGE.read_text(encoding="utf-8")) if PAGE.exists() else {}
    told = {**known, **{one.cell: one.told for one in tried}}
    PAGE.write_text(written({cell: text for cell, text in told.items() if cell in CELLS}), encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
