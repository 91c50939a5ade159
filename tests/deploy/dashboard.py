"""The dashboard of the template, as CloudWatch gets it: its widgets and what each metric is."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tests.deploy.stack import Stack


@dataclass(frozen=True, slots=True)
class Metric:
    """One line of a widget: `dimensions` by name, and its statistic over a period in seconds."""

    namespace: str
    name: str
    dimensions: dict[str, str]
    stat: str
    period: int
    label: str


def widgets(stack: Stack) -> list[dict[str, Any]]:
    """Return the widgets of a deployed stack's dashboard."""
    body: dict[str, Any] = json.loads(stack["Dashboard"]["DashboardBody"])
    return list(body["widgets"])


def titled(stack: Stack, title: str) -> dict[str, Any]:
    """Return the properties of the widget of a title."""
    (found,) = (one["properties"] for one in widgets(stack) if one["properties"].get("title") == title)
    return dict(found)


def of_kind(stack: Stack, kind: str) -> list[dict[str, Any]]:
    """Return the widgets of a kind."""
    return [one for one in widgets(stack) if one["type"] == kind]


def shown(stack: Stack, title: str) -> list[Metric]:
    """Return the metrics of the widget of a title."""
    return list(metrics_of(titled(stack, title)))


def metrics_of(properties: dict[str, Any]) -> Iterator[Metric]:
    """Yield the metrics of a widget by its properties; a dot stands for that part of the metric before.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html
    """
    before = list[str]()
    for line in properties["metrics"]:
        *given, options = line
        parts = [before[place] if part == "." else part for place, part in enumerate(given)]
        before = parts
        namespace, name, *pairs = parts
        dimensions = dict(zip(pairs[::2], pairs[1::2], strict=True))
        yield Metric(namespace, name, dimensions, properties["stat"], properties["period"], options["label"])
