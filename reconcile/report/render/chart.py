"""Places the bars of the page's two pictures: the last runs, and what was checked. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass

from reconcile.report.view.head import Trend, TrendNight
from reconcile.report.view.model import Segment

MOST_NIGHTS = 30
WIDTH, HEIGHT = 390, 118
_TOP, _GAP = 18, 4
_WIDEST, _FILLED = 36, 0.7
"""A run has at most so much room, and its bar so much of that."""

_APART = 100
"""The numbers of two runs that are nearer would cover each other."""

_LEAST = 2
"""So many units high is the smallest number that is not zero: it has to be seen."""


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar in the units of the picture; `tone` is its class: known, new, repaired or unread."""

    x: float
    y: float
    width: float
    height: float
    tone: str


@dataclass(frozen=True, slots=True)
class Night:
    """A run in the picture: the whole column that answers to the mouse, and the bars in it."""

    night: TrendNight
    column: Bar
    bars: tuple[Bar, ...]


@dataclass(frozen=True, slots=True)
class Chart:
    """The last runs, oldest first, the newest at the right; `axis` is the height of the line between.

    `both`: there is room for the numbers of the first run and of the last.
    """

    nights: tuple[Night, ...]
    axis: float
    both: bool
    width: int = WIDTH
    height: int = HEIGHT


def chart_of(trend: Trend) -> Chart | None:
    """Return the picture of a trend; None where there is nothing to compare yet.

    Open findings stand on the line and repaired ones hang from it, all to one scale.
    """
    nights = trend.nights[-MOST_NIGHTS:]
    if len(nights) < 2:
        return None
    above = max(max(night.open for night in nights), 1)
    below = max(night.repaired for night in nights)
    scale = (HEIGHT - _TOP - _GAP - 2 * _LEAST) / (above + below)
    axis = _TOP + above * scale + _LEAST
    step = min(_WIDEST, WIDTH / len(nights))
    bar = round(step * _FILLED, 1)
    first = WIDTH - (len(nights) - 1) * step - bar
    return Chart(
        tuple(_night(night, first + place * step, bar, axis, scale) for place, night in enumerate(nights)),
        round(axis, 1),
        both=(len(nights) - 1) * step > _APART,
    )


def _night(night: TrendNight, x: float, width: float, axis: float, scale: float) -> Night:
    known, new, repaired = (_height(number, scale) for number in (night.known, night.new, night.repaired))
    if night.state == "incomplete":
        # Its numbers are those of what was read: it is drawn as a gap, not as a good night.
        bars: tuple[Bar, ...] = (_bar(x, _TOP, width, axis - _TOP, "unread"),)
    else:
        parts = (
            (known, axis - known, "known"),
            (new, axis - known - new, "new"),
            (repaired, axis + _GAP, "repaired"),
        )
        bars = tuple(_bar(x, y, width, height, tone) for height, y, tone in parts if height)
    return Night(night, _bar(x, 0, width, HEIGHT, "column"), bars)


def _height(number: int, scale: float) -> float:
    return max(number * scale, _LEAST) if number else 0


def _bar(x: float, y: float, width: float, height: float, tone: str) -> Bar:
    return Bar(round(x, 1), round(y, 1), width, round(height, 1), tone)


def coverage_bars(segments: Iterable[Segment]) -> tuple[Bar, ...]:
    """Return the parts of the coverage bar, in percent of its width."""
    parts = [segment for segment in segments if segment.number > 0]
    total = sum(part.number for part in parts)
    bars, x = list[Bar](), 0.0
    for part in parts:
        width = 100 * part.number / total
        bars.append(Bar(round(x, 2), 0, round(width, 2), 100, part.tone))
        x += width
    return tuple(bars)
