"""Entropy weights: the more unevenly a column is shared among the rows, the more it tells them apart."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from perfkit._weights.columns import Constant, MapLike, column_blocks, columns_of, learner, require_at_least_zero
from perfkit._weights.found import Found, figure, figures, shares_on_grid
from perfkit._weights.sums import GRID_SCALE, grid_total
from perfkit.errors import DataError

_ROWS = 16_384  # each value is at most 1, so a block adds up to at most 2^14
_TINY = 1e-300


def entropy(
    data: Any, of: Iterable[str] | Mapping[str, str], *, constant: Constant = "refuse", map: MapLike = map
) -> Found:
    """Weights by ``1 - e``, where e is the entropy of a column's shares over its greatest possible one.

    With v a column on any scale, V its sum and n the rows, ``1 - e = (sum(v ln v) / V - ln(V / n)) / ln n``.
    """
    learned = learner(data, of, constant=constant, map=map)
    require_at_least_zero(learned, "entropy")
    parts = learned.over_chunks(entropy_sums, greatest=learned.greatest, has_zero=min(learned.least) == 0)
    divergences = {}
    for place, name in enumerate(learned.names):
        total = sum(part[0][place] for part in parts) / GRID_SCALE
        logs = sum(part[1][place] for part in parts) / GRID_SCALE
        divergences[name] = (logs / total - math.log(total / learned.rows)) / math.log(learned.rows)
    flat = [name for name, divergence in divergences.items() if divergence < 1e-15]
    if flat:
        raise DataError(
            f"column {flat[0]!r} is shared so evenly that its entropy is the greatest there is, to the last bit of a "
            "float; leave it out of of=, or use CRITIC or standard deviation weights, which look at the range",
            column=flat[0],
        )
    quality = (
        ("entropies", figures({name: 1 - divergence for name, divergence in divergences.items()})),
        ("mean_divergence", figure(math.fsum(divergences.values()) / len(divergences))),
    )
    return Found(shares_on_grid(divergences), "entropy", learned.inputs(), quality, learned=True)


def entropy_sums(
    table: Any, columns: tuple[str, ...], greatest: tuple[float, ...], has_zero: bool
) -> tuple[list[int], list[int]]:
    """The sums of v and of v ln v of each column, where v is a column over the power of two above its greatest."""
    rows, arrays = columns_of(table, columns)
    # A power of two, so that dividing by it rounds nothing.
    scales = [2.0 ** -math.frexp(high)[1] for high in greatest]
    totals, logs = [0] * len(arrays), [0] * len(arrays)
    scaled, logarithms = np.empty(_ROWS), np.empty(_ROWS)
    for pieces in column_blocks(arrays, rows.n, _ROWS):
        v, y = scaled[: len(pieces[0])], logarithms[: len(pieces[0])]
        for j, piece in enumerate(pieces):
            np.multiply(piece, scales[j], out=v)
            np.log(np.maximum(v, _TINY, out=y) if has_zero else v, out=y)
            np.multiply(y, v, out=y)
            logs[j] += grid_total(y)
            totals[j] += grid_total(v)
    return totals, logs
