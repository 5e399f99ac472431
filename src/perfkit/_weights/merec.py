"""MEREC: a column weighs what its removal does to the scores of the rows (Keshavarz-Ghorabaee et al. 2021)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from perfkit._weights.columns import Constant, MapLike, column_blocks, columns_of, learner, require_positive
from perfkit._weights.found import Found, figures, shares_on_grid
from perfkit._weights.sums import GRID_SCALE, grid_total

_ROWS = 2048  # a removal is worth at most 8, so a block adds up to at most 2^14
# Logarithms are put on a grid of 2^-36 before they are added across a row: the order of columns decides nothing.
_ANCHOR = 1.5 * 2.0**16


def merec(
    data: Any,
    of: Iterable[str] | Mapping[str, str],
    *,
    lower_is_better: Iterable[str],
    constant: Constant = "refuse",
    map: MapLike = map,
) -> Found:
    """Weights by the sum over the rows of what the logarithmic score loses without a column."""
    learned = learner(data, of, lower_is_better=lower_is_better, constant=constant, map=map)
    require_positive(learned, "MEREC")
    references = tuple(
        high if low_is_better else low
        for low, high, low_is_better in zip(learned.least, learned.greatest, learned.lower, strict=True)
    )
    parts = learned.over_chunks(removal_sums, references=references)
    effects = {
        name: sum(part[place] for part in parts) / GRID_SCALE / learned.rows for place, name in enumerate(learned.names)
    }
    quality = (("removal_effects", figures(effects)),)
    return Found(shares_on_grid(effects), "MEREC", learned.inputs(), quality, learned=True)


def removal_sums(table: Any, columns: tuple[str, ...], references: tuple[float, ...]) -> list[int]:
    """The sum of each column's removal effects.

    With a the size of the logarithm of a value over its reference and T the sum of a across the row of k columns, the
    score is ``ln(1 + T / k)``, and a removal takes ``-ln(1 - a / (k + T))`` off it.
    """
    rows, arrays = columns_of(table, columns)
    k = len(arrays)
    totals = [0] * k
    logarithms = np.empty((k, _ROWS))
    for pieces in column_blocks(arrays, rows.n, _ROWS):
        size = len(pieces[0])
        whole = np.full(size, float(k))
        for j, piece in enumerate(pieces):
            a = logarithms[j, :size]
            np.divide(piece, references[j], out=a)
            np.log(a, out=a)
            np.abs(a, out=a)
            a += _ANCHOR
            a -= _ANCHOR
            whole += a
        for j in range(k):
            a = logarithms[j, :size]
            a /= whole
            np.subtract(1.0, a, out=a)
            np.log(a, out=a)
            totals[j] -= grid_total(a)
    return totals
