"""A distribution: how many people lie where."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from perfkit._core.layout import width_of
from perfkit._core.numbers import decimal_text
from perfkit._plots.axes import (
    INK,
    LETTER,
    LIGHT,
    RED,
    axes_or_new,
    numbers_along,
    plain_numbers,
    read_column,
    whole_numbers,
    width_in_points,
    without_frame,
)
from perfkit.errors import DataError
from perfkit.incentives import Outcomes, Payouts
from perfkit.metrics import Scores
from perfkit.money import minor_per_major

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def distribution(
    values: Any, *, floors: Mapping[str, float] | None = None, label: str = "", ax: Axes | None = None
) -> Axes:
    """How many people lie where: scores, payouts or any column of numbers.

    Args:
        values: ``Scores``, ``Payouts`` or ``Outcomes`` such as raises (drawn in major units), or a column of
            numbers; NaN is left out.
        floors: places to mark with their names, such as the floors of a rating scale.
        label: what the numbers are; told by the values when not given.
        ax: where to draw; a new figure when not given.

    Returns:
        the axes. The median is a dashed line; marked places are dotted ones.

    Raises:
        DataError: where there is no number at all.

    Example:
        >>> from matplotlib.figure import Figure
        >>> ax = distribution([0.7, 0.9, 1.3], floors={"solid": 0.8}, label="score", ax=Figure().add_subplot())
        >>> ax.get_xlabel(), ax.get_ylabel()
        ('score', 'people')
    """
    if isinstance(values, Payouts):
        currency = values.plan.currency
        column, told = values.minor / minor_per_major(currency), f"{values.plan.name} in {currency}"
    elif isinstance(values, Outcomes):
        if values.currency is None:
            raise DataError(f"{values.name!r} has actions and no amounts; give a column of numbers", column="values")
        column = values.minor / minor_per_major(values.currency)
        told = f"{values.name} in {values.currency}"
    elif isinstance(values, Scores):
        column, told = values.values, f"score of {values.card.name}"
    else:
        column, told = read_column(values, "values"), ""
    known = column[np.isfinite(column)]
    if not len(known):
        raise DataError("a distribution needs at least one number (got none)", column="values")
    ax = axes_or_new(ax, 6.5, 3.6)
    # A count of bars by the number of people, as many as can be told apart.
    bins = int(min(40, max(5, np.ceil(np.sqrt(len(known))))))
    counts, edges = np.histogram(known, bins)
    ax.bar(edges[:-1], counts, width=np.diff(edges), align="edge", color=LIGHT, edgecolor=INK, linewidth=0.6)
    middle = float(np.median(known))
    ax.axvline(middle, color=INK, linestyle="--", linewidth=1.6, label=f"median {decimal_text(float(f'{middle:.6g}'))}")
    if floors:
        # Room for the names above the bars.
        ax.set_ylim(top=1.4 * float(counts.max()))
    for place in (floors or {}).values():
        ax.axvline(float(place), color=RED, linestyle=":", linewidth=1.6)
    for name, place, down in _beside(ax, floors or {}):
        ax.annotate(
            name,
            (place, 1),
            xycoords=("data", "axes fraction"),
            xytext=(3, -2 - down),
            textcoords="offset points",
            rotation=90,
            verticalalignment="top",
            annotation_clip=True,
        )
    ax.set_xlabel(label or told)
    ax.set_ylabel("people")
    numbers_along(ax)
    ax.yaxis.set_major_formatter(plain_numbers())
    ax.yaxis.set_major_locator(whole_numbers())
    ax.legend(frameon=False, loc="lower right", bbox_to_anchor=(1, 1), borderaxespad=0)
    without_frame(ax)
    return ax


def _beside(ax: Axes, floors: Mapping[str, float]) -> list[tuple[str, float, float]]:
    """Each name with its place, and how far down it starts, in points: below the one before where both are close."""
    low, high = ax.get_xlim()
    scale = width_in_points(ax) / (high - low)
    told: list[tuple[str, float, float]] = []
    for name, place in sorted(floors.items(), key=lambda pair: float(pair[1])):
        down = 0.0
        if told and scale * (float(place) - told[-1][1]) < _LINE:
            down = told[-1][2] + LETTER * (width_of(told[-1][0]) + 2)
        told.append((name, float(place), down))
    return told


_LINE = 12
