"""Writes the list of the dashboard's widgets from the template: python -m tests.deploy.widgets_page."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from tests.deploy.dashboard import metrics_of, widgets
from tests.deploy.stack import deployed

PAGE = Path(__file__).parents[2] / "reconcile" / "docs" / "dashboard.md"

_INTRODUCTION = """# The dashboard

`schedule.yaml` makes one dashboard a stage, `reconcile-STAGE`, of the last 30 days; the stack's output
`Dashboard` is its address, and `NewestReport` that of the newest report. This list is made from the template
by `python -m tests.deploy.widgets_page`. Places and sizes are in the dashboard's 24 columns.

![The dashboard: links, the verdicts of the last runs, the alarms, and five charts](dashboard.png)

The picture is drawn from the dashboard's JSON with the figures of the demo's four runs, each as a night
(`python -m tests.picture`); CloudWatch's own looks a little different.

| widget | kind | place | size | what it shows |
|---|---|---|---|---|
"""
_END = """
*Findings by state* and *New, repaired, awaiting approval* show the runs of the mode that is scheduled:
`repair` once repairs are enabled. The query is saved in Logs Insights as `reconcile/STAGE/last-runs`. What
the metrics mean: [Operations](operations.md#metrics).
"""


def page(found: Iterable[dict[str, Any]]) -> str:
    """Return the page that lists these widgets."""
    return f"{_INTRODUCTION}{''.join(map(_row, found))}{_END}"


def _row(widget: dict[str, Any]) -> str:
    title = widget["properties"].get("title", "Links")
    place, size = (f"{widget[a]}, {widget[b]}" for a, b in (("x", "y"), ("width", "height")))
    return f"| {title} | {widget['type']} | {place} | {size} | {_SHOWN[widget['type']](widget)} |\n"


def _metrics(widget: dict[str, Any]) -> str:
    found = list(metrics_of(widget["properties"]))
    names = ", ".join(f"{metric.label}: `{metric.name}` of `{metric.dimensions['Mode']}`" for metric in found)
    limits = widget["properties"].get("annotations", {}).get("horizontal", [])
    beside = "".join(f"; {limit['label']}: {limit['value']}" for limit in limits)
    return f"{found[0].stat.lower()} a day of {names}{beside}"


def _alarms(widget: dict[str, Any]) -> str:
    return ", ".join(f"`{name.rpartition('reconcile-prod-')[2]}`" for name in widget["properties"]["alarms"])


def _log(widget: dict[str, Any]) -> str:
    query = widget["properties"]["query"].partition("| fields ")[2].replace("|", "\\|")
    return f"`fields {query}`"


def _text(_: dict[str, Any]) -> str:
    return "the newest report, and the steps of the operations guide"


_SHOWN = {"metric": _metrics, "alarm": _alarms, "log": _log, "text": _text}


def main() -> None:
    """Write the page."""
    with deployed() as stack:
        PAGE.write_text(page(widgets(stack)), encoding="utf-8")


if __name__ == "__main__":
    main()
