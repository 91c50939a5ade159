"""Builds the artefact from the shell: `python -m reconcile.artefact`."""

import argparse
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import reconcile.artefact
from reconcile.artefact.build import INTO, LAMBDA_LIMIT, LIMIT, PYTHON, ZIP_LIMIT, Artefact, build
from reconcile.model.errors import ReconcileError


def main(arguments: Sequence[str] | None = None) -> int:
    """Build, say what was built and how large it became, and return the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m reconcile.artefact", description=reconcile.artefact.__doc__
    )
    parser.add_argument("--into", type=Path, default=INTO, help=f"the folder that is made (default {INTO})")
    parser.add_argument("--python", default=PYTHON, help=f"the Python that it is for (default {PYTHON})")
    parser.add_argument(
        "--zip", type=Path, metavar="FILE", help="also write it as a zip archive (default: none)"
    )
    chosen = parser.parse_args(arguments)
    try:
        built = build(chosen.python, chosen.into, chosen.zip)
    except ReconcileError as error:
        sys.stderr.write(f"{error}\n")
        return error.exit_code
    for line in _told(built, chosen.python, chosen.zip):
        sys.stdout.write(f"{line}\n")
    return 0


def _told(built: Artefact, python: str, archive: Path | None) -> Iterator[str]:
    left_out = built.installed - built.size
    yield (
        f"{built.folder}: for Python {python}, {built.size:,} bytes unzipped of {LIMIT:,} "
        f"(Lambda takes {LAMBDA_LIMIT:,}); {left_out:,} of {built.installed:,} installed bytes were left out"
    )
    if archive:
        yield f"{archive}: {built.zipped:,} bytes zipped of {ZIP_LIMIT:,}"
    yield f"{built.bill}: its bill of materials (CycloneDX 1.6)"


if __name__ == "__main__":
    sys.exit(main())
