"""How large the artefact for Lambda is, what takes the room, and how long building it takes."""

import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from reconcile.artefact.build import LIMIT, PYTHON, ZIP_LIMIT, build
from tests.bench.sheet import Sheet

SHOWN = 8
MEGA = 1e6


def main() -> int:
    """Print the figures; 1 when it is too large."""
    sheet = Sheet(f"Artefact for Python {PYTHON}")
    with TemporaryDirectory() as folder:
        begun = time.perf_counter()
        built = build(PYTHON, Path(folder) / "artefact", Path(folder) / "artefact.zip")
        took = time.perf_counter() - begun
        sizes = {path.name: bytes_of(path) for path in built.folder.iterdir()}
    largest = sorted(sizes.items(), key=lambda one: -one[1])[:SHOWN]
    sheet.table(("in it", "MB"), [(name, bytes_ / MEGA) for name, bytes_ in largest])
    sheet.tell(
        f"built and zipped in {took:.0f} s, {built.installed / MEGA:.0f} MB before anything is left out"
    )
    sheet.hold("unzipped", built.size / MEGA, LIMIT / MEGA, " MB")
    sheet.hold("zipped", (built.zipped or 0) / MEGA, ZIP_LIMIT / MEGA, " MB")
    return sheet.exit_code


def bytes_of(path: Path) -> int:
    """Return the bytes of a file, or of all files in a folder."""
    files = path.rglob("*") if path.is_dir() else (path,)
    return sum(one.stat().st_size for one in files if one.is_file())


if __name__ == "__main__":
    sys.exit(main())
