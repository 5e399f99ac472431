"""A payout curve with people on it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from perfkit._core.layout import width_of
from perfkit._plots.axes import (
    BLUE,
    INK,
    LETTER,
    axes_or_new,
    numbers_along,
    plain_numbers,
    points_of,
    read_column,
    without_frame,
)
from perfkit.curves import Curve
from perfkit.errors import DataError, DefinitionError
from perfkit.incentives import IncentivePlan

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def payout_curve(
    curve: Any,
    people: Any = None,
    *,
    column: str | None = None,
    given: Mapping[str, Any] | None = None,
    labels: Sequence[str] = (),
    start: float | None = None,
    end: float | None = None,
    ax: Axes | None = None,
) -> Axes:
    """A payout curve with people on it: where everybody stands, and what that gives.

    Args:
        curve: the curve, or an ``IncentivePlan``, whose pay is drawn along a column.
        column: for a plan, the column that it is drawn along.
        given: for a plan, a row with every other column that it reads.
        people: the place of each person on the x axis; NaN is left out.
        labels: a name for each of them, for a few; written beside their marks.
        start: where the picture starts; a little before the first breakpoint and person when not given.
        end: where it ends.
        ax: where to draw; a new figure when not given.

    Returns:
        the axes. A leap is dotted, the value at its breakpoint is a filled circle, the other end an open one, and a
        person a cross; many people are faint strokes.

    Raises:
        DataError: for labels that are not one for each person.
        DefinitionError: for what is no curve, or a plan without a column.

    Example:
        >>> from matplotlib.figure import Figure
        >>> curve = Curve.through((0.8, 0.5), (1, 1), (1.2, 2), below=0)
        >>> ax = payout_curve(curve, [0.7, 1.1], labels=["ana", "ben"], ax=Figure().add_subplot())
        >>> ax.get_xlabel(), ax.get_ylabel()
        ('result', 'payout')
    """
    curve = _curve(curve, column, given)
    places = np.zeros(0) if people is None else read_column(people, "people")
    if len(labels) and len(labels) != len(places):
        raise DataError(f"labels must be one for each of {len(places)} people (got {len(labels)})", column="labels")
    ax = axes_or_new(ax, 6.5, 4)
    known = places[np.isfinite(places)]
    low, high = _range(curve, known, start, end)
    knots = [float(knot.x) for knot in curve.knots]
    edges = [low, *(x for x in knots if low < x < high), high]
    for left, right in pairwise(edges):
        # Just inside the ends, where the value of a leap does not reach.
        inset = (right - left) * 1e-9
        ends = curve(np.array([left + inset, right - inset]))
        ax.plot([left, right], ends, color=INK, linewidth=2, solid_capstyle="round")
    for knot in curve.knots:
        x = float(knot.x)
        if not low <= x <= high or knot.is_continuous:
            continue
        values = [float(value) for value in dict.fromkeys((knot.below, knot.at, knot.above))]
        ax.plot([x, x], [min(values), max(values)], color=INK, linewidth=1, linestyle=":")
        for value in values:
            face = INK if value == float(knot.at) else "white"
            ax.plot([x], [value], "o", color=INK, markerfacecolor=face, markersize=6, zorder=3)
    if len(known):
        many = len(known) > _FEW
        style: dict[str, Any] = {"color": BLUE, "linestyle": "none", "zorder": 4}
        if many:
            ax.plot(known, curve(known), "|", **style, markersize=9, alpha=max(0.05, min(1.0, 60 / len(known))))
        else:
            ax.plot(known, curve(known), "X", **style, markersize=9, markeredgecolor="white")
    ax.set_xlabel(column or "result")
    ax.set_ylabel("payout")
    ax.margins(y=0.12)
    numbers_along(ax)
    ax.yaxis.set_major_formatter(plain_numbers())
    _name(ax, [(name, x, float(curve(float(x)))) for name, x in zip(labels, places, strict=False) if np.isfinite(x)])
    without_frame(ax)
    return ax


_FEW = 40


def _curve(rule: Any, column: str | None, given: Mapping[str, Any] | None) -> Curve:
    if isinstance(rule, Curve):
        return rule
    if not isinstance(rule, IncentivePlan):
        raise DefinitionError(
            f"a payout curve needs a Curve or an IncentivePlan (got {type(rule).__name__}); give the curve itself"
        )
    if column is None:
        names = ", ".join(need.name for need in rule.needs())
        raise DefinitionError(
            f"plan {rule.name!r} pays along several columns; say which with column= (it reads {names}), and the "
            "others with given=",
            path="column",
        )
    return rule.curve(column, given or {})


def _range(curve: Curve, known: npt.NDArray[np.float64], start: float | None, end: float | None) -> tuple[float, float]:
    shown = [float(knot.x) for knot in curve.knots] + ([float(known.min()), float(known.max())] if len(known) else [])
    low, high = min(shown), max(shown)
    margin = (high - low) / 8 or abs(high) / 4 or 1.0
    low = low - margin if start is None else float(start)
    high = high + margin if end is None else float(end)
    if not high > low:
        raise DefinitionError(f"a picture must end after it starts (got {low:g} to {high:g})", path="end")
    return low, high


def _name(ax: Axes, people: Iterable[tuple[str, float, float]]) -> None:
    """Names beside marks, each where it covers no other: close by, else further up or down, with a line to the mark."""
    scale = points_of(ax)
    taken: list[tuple[float, float, float, float]] = []
    for name, x, y in sorted(people, key=lambda person: person[1:]):
        across, up = (scale * float(place) for place in ax.transData.transform((x, y)))
        width = LETTER * width_of(name)
        box, offset, to_left = _free(across, up, width, taken)
        taken.append(box)
        is_far = abs(offset[1]) > _NEAR
        ax.annotate(
            name,
            (x, y),
            xytext=offset,
            textcoords="offset points",
            horizontalalignment="right" if to_left else "left",
            verticalalignment="center",
            arrowprops={"arrowstyle": "-", "color": INK, "linewidth": 0.6, "shrinkB": 4} if is_far else None,
            zorder=5,
        )


_NEAR, _HEIGHT, _MOST_STEPS = 14, 13, 12
Box = tuple[float, float, float, float]


def _free(across: float, up: float, width: float, taken: Sequence[Box]) -> tuple[Box, tuple[float, float], bool]:
    """The nearest place for a name that no other name has, with its offset from the mark; in points."""
    tried = [
        (side, way * (8 + 4 * (way < 0) + _HEIGHT * step))
        for step in range(_MOST_STEPS)
        for way in (1, -1)
        for side in (-8, 8)
    ]
    boxes = []
    for side, rise in tried:
        left = across + side - (width if side < 0 else 0)
        box = (left, left + width, up + rise - _HEIGHT / 2, up + rise + _HEIGHT / 2)
        boxes.append((box, (float(side), float(rise)), side < 0))
        if all(box[0] >= one[1] or one[0] >= box[1] or box[2] >= one[3] or one[2] >= box[3] for one in taken):
            return boxes[-1]
    return boxes[0]
