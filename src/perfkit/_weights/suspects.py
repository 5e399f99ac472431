"""Which judgement spoils it: the comparison and the triad that fit the others worst, and what would mend them."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import numpy.typing as npt

from perfkit._weights.comparisons import Comparisons
from perfkit._weights.found import Facts, figure
from perfkit._weights.pairwise import least_squares_weights, leverages

# Judgements closer than this to what the others say are taken to agree: typed decimals of thirds differ by less.
_AGREES = 1e-6
_TIED = 1e-9


def worst_judgement(comparisons: Comparisons) -> tuple[tuple[int, int], float] | None:
    """The pair whose judgement is furthest from what all others say about it, and what they say; none if all agree.

    In logarithms a judgement's distance from the least-squares fit of the others alone is its residual divided by one
    minus its leverage, so nothing has to be fitted again. With three names every judgement is as far from what the
    other two say, so none is the worst.
    """
    if len(comparisons.names) < 4:
        return None
    matrix = comparisons.matrix()
    weights, leverage = least_squares_weights(matrix), leverages(matrix)
    found: tuple[tuple[int, int], float] | None = None
    furthest = _AGREES
    for i, j in sorted(comparisons.ratios, key=lambda pair: sorted(comparisons.names[place] for place in pair)):
        if leverage[i, j] > 1 - _TIED:
            continue
        off = float(np.log(matrix[i, j] * weights[j] / weights[i]) / (1 - leverage[i, j]))
        if abs(off) > furthest + _TIED:
            furthest, found = abs(off), ((i, j), float(matrix[i, j] * np.exp(-off)))
    return found


def worst_triad(comparisons: Comparisons) -> tuple[tuple[int, int, int], float] | None:
    """The three names whose judgements contradict each other most, and ``a_ij * a_jk / a_ik``, which should be 1.

    This is Koczkodaj's (1993) triad; none where no triad was judged or all of them agree.
    """
    matrix = comparisons.matrix()
    with np.errstate(invalid="ignore"):
        logs = np.log(matrix)
    found: tuple[tuple[int, int, int], float] | None = None
    furthest = _AGREES
    order = sorted(range(len(matrix)), key=lambda place: comparisons.names[place])
    for triad in combinations(order, 3):
        i, j, k = sorted(triad)
        off = float(logs[i, j] + logs[j, k] - logs[i, k])
        if abs(off) > furthest + _TIED:
            furthest, found = abs(off), ((i, j, k), float(np.exp(off)))
    return found


def mended(comparisons: Comparisons, pair: tuple[int, int], value: float) -> npt.NDArray[np.float64]:
    """The matrix with one judgement put to another value."""
    matrix = comparisons.matrix()
    i, j = pair
    matrix[i, j], matrix[j, i] = value, 1 / value
    return matrix


def triad_facts(comparisons: Comparisons) -> Facts:
    """The worst triad, for the record: its names, and by which factor it contradicts itself."""
    triad = worst_triad(comparisons)
    if triad is None:
        return ()
    places, product = triad
    names = tuple(comparisons.names[place] for place in places)
    return (("worst_triad", names), ("worst_triad_product", figure(product)))
