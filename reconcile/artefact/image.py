"""Fills a folder with what a container image runs: `python -m reconcile.artefact.image FOLDER`.

Unlike the artefact it has the command line, and is for the machine and the Python that it is made on.
"""

import argparse
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from reconcile.artefact.contents import PACKAGE, PIP, Project
from reconcile.artefact.pack import weight
from reconcile.artefact.trim import trim
from reconcile.model.errors import ReconcileError, UsageError

_LEFT_OUT = ("__pycache__", "docs", "sandbox", "artefact")


def fill(folder: Path) -> int:
    """Fill a folder that is not there yet, and return its bytes.

    Raises UsageError when the folder or the environment is not fit for it, ReconcileError when pip fails.
    """
    if folder.exists():
        raise UsageError(f"{folder} is there already: name a folder that is not")
    pins = Project.of(PACKAGE).run_time_pins()
    with TemporaryDirectory() as workshop:
        listed = Path(workshop) / "requirements.txt"
        listed.write_text("".join(f"{pin}\n" for pin in pins), encoding="utf-8")
        command = (sys.executable, "-m", "pip", "install", *PIP, f"--target={folder}")
        if subprocess.run((*command, f"--requirement={listed}"), check=False).returncode:
            raise ReconcileError("pip could not install the dependencies: what it says stands above")
    shutil.copytree(PACKAGE, folder / PACKAGE.name, ignore=shutil.ignore_patterns(*_LEFT_OUT))
    trim(folder)
    return weight(folder)


def main(arguments: Sequence[str] | None = None) -> int:
    """Fill the folder, say how large it became, and return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m reconcile.artefact.image", description=__doc__)
    parser.add_argument("folder", type=Path, help="the folder that is made")
    folder = parser.parse_args(arguments).folder
    try:
        size = fill(folder)
    except ReconcileError as error:
        sys.stderr.write(f"{error}\n")
        return error.exit_code
    sys.stdout.write(f"{folder}: {size:,} bytes\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
