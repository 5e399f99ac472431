"""The random index: the mean inconsistency of random comparisons, which a consistency ratio is measured against.

Four tables are in use, and a ratio close to its limit can pass by one and fail by another; so the table is named.
"""

from __future__ import annotations

from bisect import bisect_right
from types import MappingProxyType
from typing import Literal

from perfkit._core.checks import one_of
from perfkit.errors import DefinitionError

RandomIndex = Literal["saaty_1980", "saaty_2005", "donegan_dodd", "tummala_ling"]


def _from_three(*values: float) -> dict[int, float]:
    return dict(enumerate(values, start=3))


# Saaty 1980, The Analytic Hierarchy Process; Saaty 2005, Theory and Applications of the Analytic Network Process,
# p. 31; Donegan & Dodd 1991, Mathl Comput. Modelling 15(10); Tummala & Ling 1998, Theory and Decision 44(3).
TABLES = MappingProxyType(
    {
        "saaty_1980": _from_three(0.58, 0.90, 1.12, 1.24, 1.32, 1.41, 1.45, 1.49, 1.51, 1.48, 1.56, 1.57, 1.59),
        "saaty_2005": _from_three(0.52, 0.89, 1.11, 1.25, 1.35, 1.40, 1.45, 1.49, 1.52, 1.54, 1.56, 1.58, 1.59),
        "donegan_dodd": _from_three(
            *(0.4914, 0.8286, 1.0591, 1.1797, 1.2519, 1.3171, 1.3733, 1.4055, 1.4213, 1.4497),
            *(1.4643, 1.4822, 1.4969, 1.5078, 1.5153, 1.5262, 1.5313, 1.5371),
        )
        | {25: 1.5619, 30: 1.5772, 40: 1.5976, 50: 1.6102, 60: 1.6178, 70: 1.6237, 80: 1.6277, 90: 1.6213, 100: 1.6339},
        "tummala_ling": _from_three(
            0.5799, 0.8921, 1.1159, 1.2358, 1.3322, 1.3952, 1.4537, 1.4882, 1.5117, 1.5356, 1.5571, 1.5714, 1.5831
        ),
    }
)


def random_index_of(n: int, table: RandomIndex, missing: int = 0) -> float:
    """The random index for n things of which some pairs are not compared; 0 where nothing can be inconsistent.

    Between two sizes of a table it is interpolated. With missing pairs it falls, nearly on a line, to zero for a tree
    (Agoston & Csato 2022, Omega 108, "Inconsistency thresholds for incomplete pairwise comparison matrices").

    Example:
        >>> random_index_of(4, "saaty_1980"), random_index_of(4, "saaty_1980", missing=1)
        (0.9, 0.6)
    """
    one_of(table, TABLES, "random_index")
    if n < 3:
        return 0.0
    values = TABLES[table]
    if n > max(values):
        raise DefinitionError(
            f"random_index {table!r} goes to {max(values)} things (got {n}); "
            "use 'donegan_dodd', which goes to 100, or a hierarchy",
            path="random_index",
        )
    if n in values:
        full = values[n]
    else:
        sizes = sorted(values)
        place = bisect_right(sizes, n)
        below, above = sizes[place - 1], sizes[place]
        full = values[below] + (values[above] - values[below]) * (n - below) / (above - below)
    independent = (n - 1) * (n - 2) // 2
    return full * (independent - missing) / independent
