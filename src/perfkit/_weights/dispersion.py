"""Weights by the spread of columns: standard deviation, and CRITIC, which also counts what others do not say."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any, Literal

import numpy as np

from perfkit._core.checks import one_of
from perfkit._weights.columns import Constant, Floats, Learner, MapLike, gathered, learner
from perfkit._weights.found import Found, figure, figures, shares_on_grid
from perfkit._weights.sums import LIMB_BITS, Moments, moments, moments_of, moments_of_arrays
from perfkit.errors import DataError

Scaling = Literal["min_max", "mean", "none"]
RangeScaling = Literal["min_max", "none"]
Correlation = Literal["pearson", "spearman"]
_UNIT = float(2 ** (2 * LIMB_BITS))
# A column that says the same as all others but for this much says nothing of its own.
_NOTHING = 1e-12


def standard_deviation(
    data: Any,
    of: Iterable[str] | Mapping[str, str],
    *,
    scaling: Scaling = "min_max",
    constant: Constant = "refuse",
    map: MapLike = map,
) -> Found:
    """Weights by the standard deviation of each column, after it was scaled."""
    one_of(scaling, ("min_max", "mean", "none"), "scaling")
    learned = learner(data, of, constant=constant, map=map)
    deviations = scaled_deviations(learned, moments_learned(learned, across=False), scaling)
    source = {
        "min_max": "standard deviation of min-max scores",
        "mean": "coefficient of variation",
        "none": "standard deviation in raw units",
    }[scaling]
    quality = (("standard_deviations", figures(deviations)),)
    return Found(shares_on_grid(deviations), source, learned.inputs(), quality, learned=True)


def critic(
    data: Any,
    of: Iterable[str] | Mapping[str, str],
    *,
    lower_is_better: Iterable[str],
    correlation: Correlation = "pearson",
    scaling: RangeScaling = "min_max",
    constant: Constant = "refuse",
    map: MapLike = map,
) -> Found:
    """Weights by standard deviation times the sum of one minus each correlation (Diakoulaki et al. 1995)."""
    one_of(correlation, ("pearson", "spearman"), "correlation")
    one_of(scaling, ("min_max", "none"), "scaling")
    learned = learner(data, of, lower_is_better=lower_is_better, constant=constant, map=map)
    sums = moments_learned(learned)
    deviations = scaled_deviations(learned, sums, scaling)
    ranked = sums if correlation == "pearson" else moments_of_arrays([ranks(column) for column in gathered(learned)])
    together = correlations(ranked, learned.lower)
    conflicts = {
        name: math.fsum(1 - r for j, r in enumerate(together[i]) if j != i) for i, name in enumerate(learned.names)
    }
    names = learned.names
    pairs = tuple((names[i], names[j], figure(together[i][j])) for i in range(len(names)) for j in range(i))
    if len(names) == 1:
        conflicts = {names[0]: 1.0}
    if max(conflicts.values()) < _NOTHING:
        raise DataError(
            f"columns {', '.join(repr(name) for name in names)} say the same: every correlation is 1, so that CRITIC "
            "gives zero weights everywhere; keep one of them, or use standard deviation weights",
            column=learned.columns[0],
        )
    sizes = {name: deviations[name] * conflicts[name] for name in names}
    source = "CRITIC" if correlation == "pearson" else "CRITIC with Spearman's correlation"
    if scaling == "none":
        source += ", in raw units"
    quality = (
        ("standard_deviations", figures(deviations)),
        ("conflicts", figures(conflicts)),
        ("correlations", pairs),
    )
    return Found(shares_on_grid(sizes), source, learned.inputs(), quality, learned=True)


def moments_learned(learned: Learner, *, across: bool = True) -> Moments:
    """The exact moments of all chunks; without ``across`` only the squares of each column."""
    return moments(learned.over_chunks(moments_of, least=learned.least, greatest=learned.greatest, across=across))


def scaled_deviations(learned: Learner, sums: Moments, scaling: Scaling) -> dict[str, float]:
    """The standard deviation of each column of the population, over its range, its mean, or as it is."""
    deviations = {}
    for i, name in enumerate(learned.names):
        size = math.sqrt(sums.covariance(i, i)) / sums.n / _UNIT
        span = learned.greatest[i] - learned.least[i]
        if scaling == "mean":
            mean = learned.least[i] + span * (sums.first[i] / sums.n / _UNIT)
            if learned.least[i] < 0 or mean <= 0:
                raise DataError(
                    f"column {learned.columns[i]!r} must not be negative for a coefficient of variation "
                    f"(got {learned.least[i]!r}); use scaling='min_max'",
                    column=learned.columns[i],
                )
            size = size * span / mean
        elif scaling == "none":
            size *= span
        deviations[name] = size
    return deviations


def correlations(sums: Moments, lower: tuple[bool, ...]) -> list[list[float]]:
    """The correlation of each two columns, each turned so that more is better."""
    k = len(sums.first)
    sizes = [math.sqrt(sums.covariance(i, i)) for i in range(k)]
    return [
        [
            max(-1.0, min(1.0, sums.covariance(i, j) / (sizes[i] * sizes[j]))) * (-1 if lower[i] != lower[j] else 1)
            for j in range(k)
        ]
        for i in range(k)
    ]


def ranks(column: Floats) -> Floats:
    """The rank of each value, twice over so that it is whole; tied values have the mean of their ranks."""
    ordered = np.sort(column)
    below = np.searchsorted(ordered, column, side="left")
    up_to = np.searchsorted(ordered, column, side="right")
    return (below + up_to).astype(np.float64)
