"""Gini weights: a column weighs by its Gini coefficient, how unequally it is shared among the rows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import Any

import numpy as np

from perfkit._weights.columns import Constant, Floats, MapLike, gathered, learner, require_at_least_zero
from perfkit._weights.found import Found, figures, shares_on_grid


def gini(
    data: Any, of: Iterable[str] | Mapping[str, str], *, constant: Constant = "refuse", map: MapLike = map
) -> Found:
    """Weights by the Gini coefficient of each column."""
    learned = learner(data, of, constant=constant, map=map)
    require_at_least_zero(learned, "a Gini coefficient")
    coefficients = {
        name: gini_coefficient(column) for name, column in zip(learned.names, gathered(learned), strict=True)
    }
    quality = (("coefficients", figures(coefficients)),)
    return Found(shares_on_grid(coefficients), "Gini coefficient", learned.inputs(), quality, learned=True)


def gini_coefficient(column: Floats) -> Fraction:
    """``sum((2 i - n - 1) x_i) / (n sum(x))`` over the sorted values.

    The values are sorted first, so the sum is taken in the one order that any order of rows leads to.

    Example:
        >>> gini_coefficient(np.array([5.0, 5.5, 4.0])).limit_denominator(100)
        Fraction(2, 29)
    """
    ordered = np.sort(column)
    n = len(ordered)
    turns = np.arange(1 - n, n, 2, dtype=np.float64)
    return Fraction(float((turns * (ordered / ordered[-1])).sum())) / (
        n * Fraction(float((ordered / ordered[-1]).sum()))
    )
