"""Ranks on the published grid, by counting where the scores lie close together."""

from __future__ import annotations

from fractions import Fraction
from typing import Literal

import numpy as np
import numpy.typing as npt

from perfkit._core.blocks import blocks
from perfkit._core.checks import one_of

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
    if there.all():
        _rank(values, grid, ties, codes, ranks)
    elif there.any():
        some = np.empty(int(there.sum()))
        _rank(values[there], grid, ties, None if codes is None else codes[there], some)
        ranks[there] = some
    return ranks


def _rank(values: FloatColumn, grid: Fraction, ties: RankTies, codes: IntColumn | None, ranks: FloatColumn) -> None:
    per_unit = float(1 / grid)
    least, most = (float(values.min()), float(values.max())) if len(values) else (0.0, 0.0)
    span = (most - least) * per_unit
    fits = max(abs(most), abs(least)) * per_unit < 2.0**50
    if codes is None and fits and span < 2 * max(len(values), 2**16):
        _count(values, per_unit, least, round(span) + 1, ties, ranks)
    else:
        _sort(values, per_unit if fits and span < 2.0**32 else None, least, ties, codes, ranks)


def _count(values: FloatColumn, per_unit: float, least: float, bins: int, ties: RankTies, ranks: FloatColumn) -> None:
    """Every multiple of the grid has a counter, so that nothing is sorted."""
    start = round(least * per_unit)
    counts = np.zeros(bins, dtype=np.int64)
    for block in blocks(len(values), max(bins // 4, 2**16)):
        counts += np.bincount(_units(values[block], per_unit, start), minlength=bins)
    table = _of_runs(counts[::-1], ties)[::-1]
    for block in blocks(len(values)):
        np.take(table, _units(values[block], per_unit, start), out=ranks[block])


def _units(values: FloatColumn, per_unit: float, start: int) -> npt.NDArray[np.intp]:
    places = values * per_unit
    np.rint(places, out=places)
    places -= start
    return places.astype(np.intp)


def _of_runs(counts: npt.NDArray[np.signedinteger], ties: RankTies) -> FloatColumn:
    """The rank of each run of people who are alike, from the highest down."""
    if ties == "dense":
        return np.cumsum(counts > 0, dtype=np.float64)
    ranks = np.cumsum(counts, dtype=np.float64)
    if ties == "competition":
        ranks -= counts
        ranks += 1
    elif ties == "average":
        ranks -= (counts - 1) / 2
    return ranks


def _sort(
    values: FloatColumn,
    per_unit: float | None,
    least: float,
    ties: RankTies,
    codes: IntColumn | None,
    ranks: FloatColumn,
) -> None:
    """From the highest down, group by group; NumPy sorts integers of 16 bits by counting, two passes for 32."""
    if per_unit is None:
        order = np.argsort(-values, kind="stable")
    else:
        places = np.rint(values * per_unit)
        places -= round(least * per_unit)
        keys = (places.max(initial=0.0) - places).astype(np.uint32)
        order = np.argsort((keys & np.uint32(0xFFFF)).astype(np.uint16), kind="stable")
        order = order[np.argsort((keys >> np.uint32(16)).astype(np.uint16)[order], kind="stable")]
    starts = np.zeros(1, dtype=np.int64)
    if codes is not None:
        narrow = codes.astype(np.uint16) if len(codes) and codes.max() < 2**16 else codes
        order = order[np.argsort(narrow[order], kind="stable")]
        in_order = codes[order]
        starts = np.flatnonzero(np.diff(in_order, prepend=-1))
    sorted_values = values[order]
    first = np.ones(len(order), dtype=np.bool_)
    np.not_equal(sorted_values[1:], sorted_values[:-1], out=first[1:])
    first[starts[starts < len(order)]] = True
    runs = np.flatnonzero(first)
    counts = np.diff(runs, append=len(order))
    found = _of_runs(counts, ties)
    if codes is not None:
        # The ranks of each group start anew.
        group_run = np.searchsorted(runs, starts)
        before = (found[group_run] - 1.0) if ties in ("dense", "competition") else starts.astype(np.float64)
        lengths = np.diff(group_run, append=len(runs))
        found -= np.repeat(before, lengths)
    ranks[order] = np.repeat(found, counts)
