"""Sums whose bits depend on the rows alone: never on their order, nor on how they are shared among chunks.

Floats are put on a fixed grid first, row by row. Numbers on a grid add up without rounding, in whatever order and by
whatever kernel, as long as no partial sum leaves 53 or 64 bits; and the totals of blocks are whole numbers of Python.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from perfkit._core.blocks import blocks
from perfkit._weights.columns import Floats, columns_of

# Adding 1.5 * 2^4 to a float of at most 8 in size leaves it in the last bits of the sum, rounded to 2^-48.
_ANCHOR = 24.0
_ANCHOR_BITS = int(np.float64(_ANCHOR).view(np.uint64))
GRID_BITS = 48
GRID_SCALE = 2**GRID_BITS

_LIMB = 2.0**20
_INVERSE = 2.0**-20
LIMB_BITS = 20
MOMENT_ROWS = 8192  # (2^20)^2 * 8192 = 2^53: a product of two limbs adds up exactly in a float
_ALONE = 2**18  # multiplications of one product
_FLUSH = 512  # blocks of at most 2^53 in 2^63


def grid_total(values: Floats) -> int:
    """The sum of values in units of 2^-48, exactly.

    Args:
        values: of at most 8 in size, adding up to at most 2^14; they are overwritten.
    """
    np.add(values, _ANCHOR, out=values)
    total = int(np.add.reduce(values.view(np.uint64)))
    # The bits of the anchor are taken off again; what wrapped around wraps back.
    wrapped = (total - len(values) * _ANCHOR_BITS) % 2**64
    return wrapped - 2**64 if wrapped >= 2**63 else wrapped


class Moments(NamedTuple):
    """Exact sums of columns that were put on a grid of 2^-40 of their range.

    Attributes:
        n: how many rows.
        first: the sum of each column.
        second: the sum of the products of each two columns.
    """

    n: int
    first: tuple[int, ...]
    second: tuple[tuple[int, ...], ...]

    def covariance(self, i: int, j: int) -> int:
        """The rows times the sum of the products of deviations from the mean; exact."""
        return self.n * self.second[i][j] - self.first[i] * self.first[j]


def moments_of(
    table: Any,
    columns: tuple[str, ...],
    least: tuple[float, ...],
    greatest: tuple[float, ...],
    across: bool = True,
) -> tuple[int, list[int], list[list[int]]]:
    """The sums of one table; see :func:`moments`. Without ``across`` only the squares."""
    rows, arrays = columns_of(table, columns)
    return _moments(rows.n, arrays, least, greatest, across)


def moments(parts: list[tuple[int, list[int], list[list[int]]]]) -> Moments:
    """The sums of several tables together."""
    n = sum(part[0] for part in parts)
    first = tuple(sum(values) for values in zip(*(part[1] for part in parts), strict=True))
    second = tuple(
        tuple(sum(values) for values in zip(*lines, strict=True))
        for lines in zip(*(part[2] for part in parts), strict=True)
    )
    return Moments(n, first, second)


def moments_of_arrays(arrays: list[Floats]) -> Moments:
    """The sums of whole columns in memory."""
    least = tuple(float(column.min()) for column in arrays)
    greatest = tuple(float(column.max()) for column in arrays)
    return moments([_moments(len(arrays[0]), arrays, least, greatest)])


def _moments(
    n: int, arrays: list[Floats], least: tuple[float, ...], greatest: tuple[float, ...], across: bool = True
) -> tuple[int, list[int], list[list[int]]]:
    k = len(arrays)
    spans = [high - low for low, high in zip(least, greatest, strict=True)]
    first, second = _zeros(2 * k), _zeros((2 * k, 2 * k))
    some_first, some_second, waiting = np.zeros(2 * k, np.int64), np.zeros((2 * k, 2 * k), np.int64), 0
    # Products are taken in widths that no matrix kernel shares out among threads, which would only wait for each other.
    width = max(64, 2 ** int(math.log2(max(1, min(MOMENT_ROWS, _ALONE // (2 * k) ** 2)))))
    limbs = np.zeros((2 * k, MOMENT_ROWS if n > MOMENT_ROWS else -(-n // width) * width))
    places = np.arange(2 * k).reshape(2, k)
    own = places[:, None], places[None, :]
    wide = limbs.reshape(2 * k, -1, width).transpose(1, 0, 2)
    for block in blocks(n, MOMENT_ROWS):
        size = block.stop - block.start
        limbs[:, size:] = 0.0
        for j, column in enumerate(arrays):
            high, low = limbs[j, :size], limbs[k + j, :size]
            np.subtract(column[block], least[j], out=low)
            np.divide(low, spans[j], out=low)
            np.multiply(low, _LIMB, out=low)
            np.rint(low, out=high)
            np.subtract(low, high, out=low)
            np.multiply(low, _LIMB, out=low)
            np.rint(low, out=low)
        # Whole numbers that add up to at most 2^53: exact, whatever kernel and order a matrix product takes.
        if across:
            some_second += np.matmul(wide, wide.transpose(0, 2, 1)).sum(axis=0).astype(np.int64)
        else:
            halves = limbs.reshape(2, k, -1)
            some_second[own] += np.einsum("akb,ckb->ack", halves, halves).astype(np.int64)
        some_first += limbs.sum(axis=1).astype(np.int64)
        waiting += 1
        if waiting == _FLUSH:
            first, second = first + some_first, second + some_second
            some_first[:], some_second[:], waiting = 0, 0, 0
    first, second = first + some_first, second + some_second
    # A value is its high limb times 2^20 and its low limb.
    whole = 2**LIMB_BITS
    joined = whole * first[:k] + first[k:]
    crossed = whole * whole * second[:k, :k] + whole * (second[:k, k:] + second[k:, :k]) + second[k:, k:]
    return n, joined.tolist(), crossed.tolist()


def _zeros(shape: Any) -> npt.NDArray[Any]:
    """Zeros of Python's own whole numbers, which do not overflow."""
    return np.zeros(shape, dtype=np.int64).astype(object)
