"""How long `reconcile demo` takes from the shell: stores started and filled, four runs, the reports."""

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from reconcile.model.clock import parse_time
from tests.bench.sheet import Sheet

MOST_SECONDS = 30.0
FOREIGN = ("AWS_", "RECONCILE_")


def main() -> int:
    """Print the figures; 1 when the demo fails, leaves no report, or takes too long."""
    sheet = Sheet("reconcile demo")
    environment = {name: text for name, text in os.environ.items() if not name.startswith(FOREIGN)}
    with tempfile.TemporaryDirectory() as folder:
        reports = Path(folder) / "reports"
        command = [sys.executable, "-m", "reconcile", "demo", "--reports", str(reports)]
        started = time.perf_counter()
        ended = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        seconds = time.perf_counter() - started
        kept = [json.loads(path.read_text("utf-8")) for path in sorted(reports.rglob("report.json"))]
        pages = len(list(reports.rglob("report.html")))
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    sheet.table(("run", "seconds", "requests", "exit code"), [_row(report) for report in kept])
    for report in kept:
        sheet.tell(report["headline"])
    sheet.tell(f"CPU seconds of the job and the stores: {used.ru_utime + used.ru_stime:.1f}\n")
    if ended.returncode:
        print(ended.stdout[-2000:], ended.stderr[-2000:], sep="\n")
    sheet.law("the demo ends well", int(ended.returncode != 0))
    sheet.law("each of its four runs leaves its data and its page", abs(8 - len(kept) - pages))
    sheet.hold("the whole demo", seconds, MOST_SECONDS, " s")
    return sheet.exit_code


def _row(report: dict[str, Any]) -> tuple[object, ...]:
    run = report["run"]
    took = parse_time(run["finished_at"]) - parse_time(run["started_at"])
    name = f"{run['mode']}{' --approve' * bool(run['approved'])}"
    return name, took.total_seconds(), sum(report["usage"]["requests"].values()), run["exit_code"]


if __name__ == "__main__":
    sys.exit(main())
