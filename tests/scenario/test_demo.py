"""The demo shows what the README promises, through the very command that a newcomer types."""

import json
import re
import subprocess
import sys
from pathlib import Path


def test_the_demo_checks_withholds_approves_and_says_where_its_report_is(tmp_path: Path) -> None:
    """Four runs, their verdicts in order, and a page and JSON that exist."""
    ended = subprocess.run(
        [sys.executable, "-m", "reconcile", "demo", "--reports", str(tmp_path)],
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert (ended.returncode, ended.stderr) == (0, "")
    assert re.findall(r"exit code (\d+)", ended.stdout) == ["2", "5", "2", "2"]
    told = ended.stdout.replace("\n", " ")
    page, data = (Path(found) for found in re.findall(r"(/\S+/report\.(?:html|json))", told))
    assert "<html" in page.read_text(encoding="utf-8")
    report = json.loads(data.read_text(encoding="utf-8"))
    assert report["counts"]["recording"]["program-missing"] == 0
    assert {finding["status"] for finding in report["findings"]} == {"open"}
