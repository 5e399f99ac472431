"""CILOS: a column weighs more the less is lost in it where the others are at their best (Zavadskas & Podvezko 2016)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction
from math import fsum
from typing import Any

import numpy as np

from perfkit._weights.columns import Constant, Learner, MapLike, columns_of, learner, require_positive
from perfkit._weights.found import Found, figures, shares_on_grid
from perfkit.errors import DataError


def cilos(
    data: Any,
    of: Iterable[str] | Mapping[str, str],
    *,
    lower_is_better: Iterable[str],
    constant: Constant = "refuse",
    map: MapLike = map,
) -> Found:
    """Weights by the criterion impact loss.

    A column of which less is better counts as its least value over the value. Where several rows share the best value
    of a column, the mean of what they have in the others counts, so that no order of rows decides.
    """
    learned = learner(data, of, lower_is_better=lower_is_better, constant=constant, map=map)
    require_positive(learned, "CILOS")
    losses = _losses(learned)
    weights = _balanced(losses, learned)
    quality = (("losses", figures({name: fsum(losses[:, j]) for j, name in enumerate(learned.names)})),)
    return Found(shares_on_grid(weights), "CILOS", learned.inputs(), quality, learned=True)


def best_rows(
    table: Any, columns: tuple[str, ...], best: tuple[float, ...], lower: tuple[bool, ...]
) -> tuple[list[int], list[list[Fraction]]]:
    """How many rows have the best value of each column, and the exact sum of what these have in every column."""
    _, arrays = columns_of(table, columns)
    counts, sums = [], []
    for column, top in zip(arrays, best, strict=True):
        rows = np.flatnonzero(column == top)
        counts.append(len(rows))
        sums.append(
            [
                sum((Fraction(value) for value in _upward(other[rows], top_of, low).tolist()), Fraction(0))
                for other, top_of, low in zip(arrays, best, lower, strict=True)
            ]
        )
    return counts, sums


def _upward(values: Any, best: float, is_lower_better: bool) -> Any:
    """Values over the best of their column, or the other way round where less is better: at most 1."""
    return best / values if is_lower_better else values / best


def _losses(learned: Learner) -> Any:
    best = tuple(
        low if is_low else high
        for low, high, is_low in zip(learned.least, learned.greatest, learned.lower, strict=True)
    )
    parts = learned.over_chunks(best_rows, best=best, lower=learned.lower)
    k = len(learned.names)
    losses = np.zeros((k, k))
    for i in range(k):
        count = sum(part[0][i] for part in parts)
        for j in range(k):
            if i != j:
                losses[i, j] = float(1 - sum((part[1][i][j] for part in parts), Fraction(0)) / count)
    return losses


def _balanced(losses: Any, learned: Learner) -> dict[str, float]:
    """The weights at which what each column loses to the others balances what the others lose to it."""
    k = len(losses)
    if k == 1:
        return {learned.names[0]: 1.0}
    system = losses - np.diag([fsum(losses[:, j]) for j in range(k)])
    system[-1] = 1.0
    try:
        solved = np.linalg.solve(system, np.eye(k)[-1])
    except np.linalg.LinAlgError:
        solved = np.zeros(k)
    if not (solved > 0).all():
        raise DataError(
            "CILOS finds no positive weights: one row is the best in several columns, so that they lose nothing to "
            "each other; use entropy or CRITIC weights",
            column=learned.columns[int(np.argmin(solved))],
        )
    return dict(zip(learned.names, solved.tolist(), strict=True))
