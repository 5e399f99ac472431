"""A control chart: a history between its limits, with signals."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from perfkit._core.numbers import decimal_text
from perfkit._plots.axes import (
    BLUE,
    INK,
    RED,
    axes_or_new,
    plain_numbers,
    read_column,
    turned,
    whole_numbers,
    without_frame,
)
from perfkit.errors import DataError
from perfkit.reviews import ControlChart, EwmaChart

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def control_chart(
    points: Any,
    *,
    centre: Any = None,
    lower: Any = None,
    upper: Any = None,
    signals: Any = (),
    labels: Sequence[Any] = (),
    title: str = "",
    ax: Axes | None = None,
) -> Axes:
    """A control chart: points in their order, the centre and limits that they are held against, and signals.

    Args:
        points: a chart of :func:`perfkit.xmr` or :func:`perfkit.ewma`, which has its own lines, signals and days (the
            points of ``ewma`` are the averages); or the values; NaN leaves a gap.
        centre: the centre line; a number, or one for each point. Values must have one.
        lower: the lower limit; a number, one for each point, or None for none.
        upper: the upper limit; likewise.
        signals: which points are signals: truths, one for each point, or the positions of those that are.
        labels: what stands below each point, such as months or dates.
        title: above the chart.
        ax: where to draw; a new figure when not given.

    Returns:
        the axes. The centre is a line, limits are dashed, and a signal is a large open square.

    Raises:
        DataError: for no points, or lines, signals or labels that are not one for each point.

    Example:
        >>> from matplotlib.figure import Figure
        >>> ax = control_chart([5, 6, 5, 12], centre=5.5, lower=2, upper=9, signals=[3], ax=Figure().add_subplot())
        >>> [line.get_label() for line in ax.get_lines()][1:]
        ['centre 5.5', 'limits 2 and 9', '_child3', 'signal']
    """
    own = isinstance(points, (ControlChart, EwmaChart))
    if own and (centre is not None or lower is not None or upper is not None):
        raise DataError("a chart has its own centre and limits; leave them out", column="centre")
    if isinstance(points, EwmaChart):
        centre, lower, upper = points.center, points.lower, points.upper
        signals, labels, points = points.signals, labels or points.days, points.smoothed
    elif isinstance(points, ControlChart):
        centre, lower, upper = (_ends(points, name) for name in ("center", "lower", "upper"))
        signals, labels = [signal.at for signal in points.signals], labels or points.days
        points = [float(value) for value in points.values]
    elif centre is None:
        raise DataError(
            f"a control chart needs a chart of xmr() or ewma(), or values with centre=, lower= and upper= "
            f"(got {type(points).__name__} without a centre)",
            column="centre",
        )
    values = read_column(points, "points")
    if not len(values):
        raise DataError("a control chart needs at least one point (got none)", column="points")
    ax = axes_or_new(ax, 7, 3.4)
    x = np.arange(len(values))
    ax.plot(x, values, "-o", color=INK, linewidth=1.2, markersize=4.5, markerfacecolor=INK)
    # What changes between two values does so at once.
    style: dict[str, Any] = {"linewidth": 1.4, "drawstyle": "steps-mid"}
    ax.plot(x, _line_of(centre, len(values), "centre"), "-", color=BLUE, label=_told("centre", centre), **style)
    limits = [(which, limit) for which, limit in (("lower", lower), ("upper", upper)) if limit is not None]
    for place, (which, limit) in enumerate(limits):
        told = _told("limits", *(one for _, one in limits)) if place == 0 else None
        ax.plot(x, _line_of(limit, len(values), which), "--", color=RED, label=told, **style)
    marked = _marked(signals, len(values))
    if marked.any():
        ax.plot(
            x[marked],
            values[marked],
            "s",
            color=RED,
            markerfacecolor="none",
            markersize=12,
            markeredgewidth=1.8,
            label="signal",
        )
    if len(values) == 1 and not len(labels):
        ax.set_xticks([0])
    elif len(labels):
        if len(labels) != len(values):
            raise DataError(f"labels must be one for each of {len(values)} points (got {len(labels)})", column="labels")
        step = max(1, -(-len(labels) // 12))
        ax.set_xticks(x[::step], [str(label) for label in labels[::step]])
        turned(ax, [str(label) for label in labels[::step]])
    else:
        ax.xaxis.set_major_locator(whole_numbers())
    # Above the legend, which may be as wide as the picture.
    ax.set_title(title, loc="left", pad=26)
    ax.yaxis.set_major_formatter(plain_numbers())
    ax.legend(frameon=False, loc="lower left", bbox_to_anchor=(0, 1), ncols=3, borderaxespad=0, columnspacing=1.2)
    without_frame(ax)
    return ax


def _ends(chart: ControlChart, name: str) -> Any:
    """A line of a chart: one number, one for each point where limits were worked out anew, or None for none."""
    found = [getattr(one, name) for one in chart.limits]
    if len(found) == 1:
        return None if found[0] is None else float(found[0])
    ends = [getattr(chart.limits_at(place), name) for place in range(len(chart.values))]
    return None if not any(end is not None for end in ends) else [np.nan if e is None else float(e) for e in ends]


def _told(name: str, *lines: Any) -> str:
    """A line with its value where it has a single one."""
    if any(np.ndim(line) for line in lines):
        return name
    return f"{name} {' and '.join(decimal_text(float(f'{float(line):.6g}')) for line in lines)}"


def _line_of(line: Any, n: int, name: str) -> npt.NDArray[np.float64]:
    values = np.full(n, float(line)) if np.ndim(line) == 0 else read_column(line, name)
    if len(values) != n:
        raise DataError(f"{name} must be a number or one for each of {n} points (got {len(values)})", column=name)
    return values


def _marked(signals: Any, n: int) -> npt.NDArray[np.bool_]:
    given = np.asarray(signals)
    if given.dtype == bool:
        if given.shape != (n,):
            raise DataError(f"signals must be one for each of {n} points (got {given.size})", column="signals")
        return given
    marked = np.zeros(n, dtype=bool)
    places = given.astype(np.int64) if given.size else np.zeros(0, dtype=np.int64)
    if ((places < 0) | (places >= n)).any():
        raise DataError(f"signals must be positions of the {n} points (got {places.tolist()})", column="signals")
    marked[places] = True
    return marked
