"""Draws the dashboard as a page, with the figures of runs as its metrics: for the picture in the guide."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from html import escape
from typing import Any

from reconcile import metrics
from reconcile.report.data import Report
from reconcile.runs.finish import Outcome
from tests.deploy.dashboard import Metric, metrics_of

CELL_WIDTH, CELL_HEIGHT = 52, 44
COLOURS = ("#1f77b4", "#ff7f0e", "#2ca02c", "#9467bd", "#d62728")
_STYLE = f"""
body {{ margin: 12px; background: #f2f3f3; font: 13px/1.4 system-ui, sans-serif; color: #16191f }}
main {{ position: relative; width: {24 * CELL_WIDTH}px }}
section {{ position: absolute; box-sizing: border-box; padding: 4px; overflow: hidden }}
section > div {{ background: #fff; border: 1px solid #d5dbdb; height: 100%; box-sizing: border-box;
  padding: 8px 12px }}
h2 {{ font-size: 14px; margin: 0 0 6px }} table {{ border-collapse: collapse; width: 100%; font-size: 12px }}
th, td {{ text-align: left; padding: 2px 8px; border-bottom: 1px solid #eaeded; white-space: nowrap;
  max-width: 760px; overflow: hidden; text-overflow: ellipsis }}
.alarms span {{ display: inline-block; margin: 2px; padding: 3px 8px; background: #f2f3f3;
  border: 1px solid #aab7b8 }}
.key {{ font-size: 12px }} .key b {{ display: inline-block; width: 10px; height: 10px; margin: 0 4px 0 12px }}
svg text {{ font-size: 11px; fill: #545b64 }}
"""


def page(widgets: Sequence[Mapping[str, Any]], runs: Sequence[Report]) -> str:
    """Return the dashboard as HTML: each run, oldest first, is a night."""
    height = max(one["y"] + one["height"] for one in widgets) * CELL_HEIGHT
    body = "".join(_section(one, runs) for one in widgets)
    head = f'<!doctype html><meta charset="utf-8"><style>{_STYLE}</style>'
    return f'{head}<main style="height:{height}px">{body}</main>'


def _section(widget: Mapping[str, Any], runs: Sequence[Report]) -> str:
    properties = widget["properties"]
    left, top = widget["x"] * CELL_WIDTH, widget["y"] * CELL_HEIGHT
    width, height = widget["width"] * CELL_WIDTH, widget["height"] * CELL_HEIGHT
    inside = _INSIDE[widget["type"]]
    title = f"<h2>{escape(properties['title'])}</h2>" if "title" in properties else ""
    place = f"left:{left}px;top:{top}px;width:{width}px;height:{height}px"
    shown = inside(properties, runs, width - 40, height - 90)
    return f'<section style="{place}"><div>{title}{shown}</div></section>'


def _text(properties: Mapping[str, Any], runs: Sequence[Report], width: int, height: int) -> str:
    title, _, words = properties["markdown"].partition("\n")
    linked = re.sub(r"\[([^\]]+)\]\(([^)]*)\)", r'<a href="\2">\1</a>', escape(words))
    return f"<h2>{escape(title.lstrip('# '))}</h2>{linked}"


def _alarms(properties: Mapping[str, Any], runs: Sequence[Report], width: int, height: int) -> str:
    names = (name.rpartition("reconcile-prod-")[2] for name in properties["alarms"])
    return f"<p class=alarms>{''.join(f'<span>{escape(name)}</span>' for name in names)}</p>"


def _log(properties: Mapping[str, Any], runs: Sequence[Report], width: int, height: int) -> str:
    heads = "".join(f"<th>{name}</th>" for name in ("@timestamp", "mode", "message", "exit_code", "headline"))
    lines = ("".join(f"<td>{escape(cell)}</td>" for cell in _cells(run)) for run in runs[::-1])
    return f"<table><tr>{heads}</tr>{''.join(f'<tr>{line}</tr>' for line in lines)}</table>"


def _cells(run: Report) -> Iterator[str]:
    yield f"{run.run.finished_at:%Y-%m-%d %H:%M:%S}"
    yield from (run.run.mode, "finished", str(int(run.run.exit_code)), run.headline)


def _chart(properties: Mapping[str, Any], runs: Sequence[Report], width: int, height: int) -> str:
    found = list(metrics_of(dict(properties)))
    lines = [_values(metric, runs) for metric in found]
    limits = properties.get("annotations", {}).get("horizontal", [])
    highest = max([1e-9, *(value for line in lines for _, value in line), *(one["value"] for one in limits)])
    step = (width - 60) / max(1, len(runs) - 1)

    def at(night: int, value: float) -> str:
        return f"{50 + night * step:.0f},{height - 4 - value / highest * (height - 30):.0f}"

    drawn = [_axis(highest, height, width)]
    for line, colour in zip(lines, COLOURS, strict=False):
        points = [at(night, value) for night, value in line]
        drawn.append(
            f'<polyline points="{" ".join(points)}" fill="none" stroke="{colour}" stroke-width="2"/>'
        )
        drawn += [_dot(point, colour) for point in points]
    drawn += [_limit(at(0, limit["value"]), limit["label"], width) for limit in limits]
    key = "".join(
        f'<b style="background:{colour}"></b>{escape(metric.label)}'
        for metric, colour in zip(found, COLOURS, strict=False)
    )
    return f'<svg width="{width}" height="{height}">{"".join(drawn)}</svg><div class=key>{key}</div>'


def _limit(point: str, label: str, width: int) -> str:
    y = int(point.partition(",")[2])
    line = f'<path d="M50 {y}H{width}" stroke="#d62728"/>'
    return f'{line}<text x="60" y="{y + 14}">{escape(label)}</text>'


def _dot(point: str, colour: str) -> str:
    x, _, y = point.partition(",")
    return f'<circle cx="{x}" cy="{y}" r="3" fill="{colour}"/>'


def _axis(highest: float, height: int, width: int) -> str:
    words = f"{highest:,.0f}" if highest >= 10 else f"{highest:.2g}"
    line = f'<path d="M50 {height - 4}H{width}" stroke="#d5dbdb"/>'
    return f'{line}<text x="0" y="30">{words}</text><text x="0" y="{height - 4}">0</text>'


def _values(metric: Metric, runs: Sequence[Report]) -> list[tuple[int, float]]:
    """Return the values of a metric by night; a run of another mode has none."""
    told = enumerate(metrics.figures(Outcome(run), scheduled=True) for run in runs)
    modes = [run.run.mode for run in runs]
    return [
        (night, values[metric.name])
        for night, values in told
        if modes[night] == metric.dimensions["Mode"] and metric.name in values
    ]


_Inside = Callable[[Mapping[str, Any], Sequence[Report], int, int], str]
_INSIDE: Mapping[str, _Inside] = {"metric": _chart, "log": _log, "alarm": _alarms, "text": _text}
