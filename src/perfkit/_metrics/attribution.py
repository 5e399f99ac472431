"""What each of several inputs brings to a number that is no plain sum of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import combinations
from math import factorial

import numpy as np
import numpy.typing as npt

FloatColumn = npt.NDArray[np.float64]
# Up to here all the 2^n combinations are taken; beyond, nothing is attributed rather than guessed.
MANY = 10


def shapley(
    score: Callable[[list[FloatColumn]], FloatColumn], columns: Sequence[FloatColumn], reference: Sequence[FloatColumn]
) -> list[FloatColumn]:
    """The Shapley value of each column: what it adds on average over every order in which columns leave a reference.

    They add up to the score less that of the reference. Exact: all combinations are taken.

    Args:
        score: from columns to the score of each row.
        columns: of each input.
        reference: of each input, what it is compared with.

    Example:
        >>> scores = [np.array([80.0]), np.array([60.0]), np.array([100.0])]
        >>> parts = shapley(np.minimum.reduce, scores, [np.array([70.0])] * 3)
        >>> [float(part[0]) for part in parts]
        [0.0, -10.0, 0.0]
    """
    n = len(columns)
    worth: dict[frozenset[int], FloatColumn] = {}
    for size in range(n + 1):
        for chosen in combinations(range(n), size):
            taken = frozenset(chosen)
            worth[taken] = score([columns[i] if i in taken else reference[i] for i in range(n)])
    parts = []
    for i in range(n):
        brought = np.zeros(len(columns[i]))
        others = [j for j in range(n) if j != i]
        for size in range(n):
            orders = factorial(size) * factorial(n - size - 1)
            for chosen in combinations(others, size):
                taken = frozenset(chosen)
                brought += orders * (worth[taken | {i}] - worth[taken])
        parts.append(brought / factorial(n))
    return parts
