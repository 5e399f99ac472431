"""Ranks on the published grid, by counting where the scores lie close together."""

from __future__ import annotations

from fractions import Fraction
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from perfkit._core.blocks import blocks
from perfkit._core.checks import one_of
from perfkit._core.statistics import by_group

FloatColumn = npt.NDArray[np.float64]
IntColumn = npt.NDArray[np.int64]
RankTies = Literal["competition", "dense", "average", "modified"]
RANK_TIES: tuple[RankTies, ...] = ("competition", "dense", "average", "modified")


def ranked(values: FloatColumn, grid: Fraction, ties: RankTies, codes: IntColumn | None) -> FloatColumn:
    """The rank of each value, 1 for the highest; NaN where there is none.

    Args:
        values: on the grid, NaN where missing.
        grid: their grid.
        ties: how values that are alike are ranked.
        codes: the number of each row's group, -1 for none; one group when not given.
    """
    one_of(ties, RANK_TIES, "ties")
    ranks = np.full(len(values), np.nan)
    there = ~np.isnan(values)
    if codes is not None:
        there &= codes >= 0
    if len(values) and there.all():
        _rank(values, grid, ties, codes, ranks)
    elif there.any():
        some = np.empty(int(there.sum()))
        _rank(values[there], grid, ties, None if codes is None else codes[there], some)
        ranks[there] = some
    return ranks


def _rank(values: FloatColumn, grid: Fraction, ties: RankTies, codes: IntColumn | None, ranks: FloatColumn) -> None:
    per_unit = float(1 / grid)
    least, most = float(values.min()), float(values.max())
    span = (most - least) * per_unit
    fits = max(abs(most), abs(least)) * per_unit < 2.0**50
    if codes is None and fits and span < 2 * max(len(values), 2**16):
        _count(values, per_unit, least, round(span) + 1, ties, ranks)
    else:
        _sort(values, per_unit if fits and span * len(values) < 2.0**61 else None, least, ties, codes, ranks)


def _count(values: FloatColumn, per_unit: float, least: float, bins: int, ties: RankTies, ranks: FloatColumn) -> None:
    """Every multiple of the grid has a counter, so that nothing is sorted."""
    start = round(least * per_unit)
    counts: npt.NDArray[Any] = np.zeros(bins, dtype=np.uint32 if len(values) < 2**32 else np.uint64)
    for block in blocks(len(values), max(bins // 4, 2**16)):
        found = np.bincount(_units(values[block], per_unit, start))
        counts[: len(found)] += found.astype(counts.dtype)
        del found
    table = _of_counts(counts[::-1], ties)[::-1]
    for block in blocks(len(values)):
        np.take(table, _units(values[block], per_unit, start), out=ranks[block])


def _units(values: FloatColumn, per_unit: float, start: int) -> npt.NDArray[np.intp]:
    places = values * per_unit
    np.rint(places, out=places)
    places -= start
    return places.astype(np.intp)


def _of_counts(counts: npt.NDArray[Any], ties: RankTies) -> FloatColumn:
    """The rank of people who are alike, from how many of them there are, from the highest down."""
    if ties == "dense":
        return np.cumsum(counts > 0, dtype=np.float64)
    ranks = np.cumsum(counts, dtype=np.float64)
    if ties == "competition":
        ranks -= counts
        ranks += 1
    elif ties == "average":
        for block in blocks(len(counts)):
            ranks[block] -= (counts[block] - 1.0) / 2
    return ranks


def _sort(
    values: FloatColumn,
    per_unit: float | None,
    least: float,
    ties: RankTies,
    codes: IntColumn | None,
    ranks: FloatColumn,
) -> None:
    """From the highest down, group by group; beside the ranks two columns are held, and the rest by blocks."""
    order = _order(values, per_unit, least, codes)
    # Where people who are alike start, and the end of the last of them.
    starts = _changes(order, values) if codes is None else _changes(order, values, codes)
    groups = np.zeros(1, dtype=np.int64) if codes is None else _changes(order, codes)[:-1]
    for some in blocks(len(starts) - 1):
        start, end = starts[some], starts[some.start + 1 : some.stop + 1]
        group = groups[np.searchsorted(groups, start, side="right") - 1]
        found: npt.NDArray[Any]
        if ties == "dense":
            found = np.arange(some.start, some.stop) - np.searchsorted(starts, group) + 1.0
        elif ties == "average":
            found = (start + 1 + end) / 2 - group
        else:
            found = (start + 1.0 if ties == "competition" else end) - group
        ranks[order[start[0] : end[-1]]] = np.repeat(found, end - start)


def _order(values: FloatColumn, per_unit: float | None, least: float, codes: IntColumn | None) -> IntColumn:
    """The numbers of the rows, group by group, from the highest value down."""
    if per_unit is None:
        order = np.argsort(-values, kind="stable")
        return order if codes is None else order.take(by_group(codes.take(order)))
    n, start = len(values), round(least * per_unit)
    top, row_bits = round(float(values.max()) * per_unit) - start, max(len(values) - 1, 1).bit_length()
    bits = top.bit_length() + row_bits
    fits = codes is not None and int(codes.max()).bit_length() + bits < 63
    order = np.empty(n, dtype=np.int64)
    for block in blocks(n):
        # Each row as one whole number: its group, how far it lies below the highest, and which row it is.
        key = top - _units(values[block], per_unit, start)
        key <<= row_bits
        if codes is not None and fits:
            key |= codes[block] << bits
        key |= np.arange(block.start, block.stop)
        order[block] = key
    order.sort()
    order &= (1 << row_bits) - 1
    return order if codes is None or fits else order.take(by_group(codes.take(order)))


def _changes(order: IntColumn, *columns: FloatColumn | IntColumn) -> IntColumn:
    """The places at which any column in some order changes, the first of them, and its length."""
    changes = np.zeros(len(order) + 1, dtype=np.bool_)
    changes[0] = changes[-1] = True
    for block in blocks(len(order) - 1):
        rows = order[block.start : block.stop + 1]
        for column in columns:
            some = column.take(rows)
            changes[block.start + 1 : block.stop + 1] |= some[1:] != some[:-1]
    return np.flatnonzero(changes)
