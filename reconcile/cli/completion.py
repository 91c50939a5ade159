"""What a shell completes: names of verdicts, and runs whose reports are archived in a directory."""

import contextlib
import io
from collections.abc import Iterator
from pathlib import Path

from reconcile.model.verdict_table import VERDICTS

Completions = list[tuple[str, str]]

_MOST_RUNS = 30


def reported_verdicts(incomplete: str) -> Completions:
    """Return the verdicts that a report can hold, each with its label."""
    return _verdicts({kind.name: kind.label for kind in VERDICTS if kind.response != "count"}, incomplete)


def opt_in_verdicts(incomplete: str) -> Completions:
    """Return the verdicts that are repaired on request alone, each with its label."""
    return _verdicts({kind.name: kind.label for kind in VERDICTS if kind.opt_in}, incomplete)


def _verdicts(labels: dict[str, str], incomplete: str) -> Completions:
    return [(name, label) for name, label in sorted(labels.items()) if name.startswith(incomplete)]


def runs(incomplete: str) -> Completions:
    """Return the newest runs whose reports are in a directory of this machine, each with its result.

    Nothing where reports are in S3: a shell must not wait for the network, nor ask for credentials.
    """
    try:
        # A complaint on either stream would end up in the command line that is being typed.
        with contextlib.redirect_stderr(io.StringIO()), contextlib.redirect_stdout(io.StringIO()):
            return [run for run in _runs() if run[0].startswith(incomplete)]
    except Exception:
        return []


def _runs() -> Iterator[tuple[str, str]]:
    from reconcile.report.formatting import shorten
    from reconcile.runs.archive import summaries
    from reconcile.settings.load import load_settings
    from reconcile.stores.reports import DirectoryReports

    settings = load_settings()
    if not settings.reports or settings.reports.startswith("s3://"):
        return
    for summary in summaries(DirectoryReports(Path(settings.reports)), settings.stage, _MOST_RUNS):
        words = f"{summary.get('mode', '')}: {summary.get('headline', '')}"
        yield str(summary["id"]), shorten(words, 60)
