"""Groups of people by the values of a column: their names, and the number of each row's group."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from perfkit._core.columns import Rows
from perfkit._core.tables import AnyColumn

IntColumn = npt.NDArray[np.int64]
# Whole numbers that lie within this many of each other are looked up in a table.
_RANGE = 2**21


class GroupIndex:
    """The groups that a rule knows, and where in them each row is.

    Args:
        names: of the groups, by number.
        known: which of them count as known; all when not given.
    """

    def __init__(self, names: tuple[str, ...], known: npt.NDArray[np.bool_] | None = None) -> None:
        keep = np.ones(len(names), dtype=np.bool_) if known is None else known
        self._codes: dict[Any, int] = {
            name: code for code, (name, is_known) in enumerate(zip(names, keep.tolist(), strict=True)) if is_known
        }
        self._start, self._table = _whole_numbers(self._codes)

    def codes(self, rows: Rows, column: str) -> IntColumn:
        """The number of each row's group; -1 for a group that is not known, and where there is none."""
        raw = rows.raw(column)
        if raw.dtype.kind in "iu" and self._table is not None:
            place = raw.astype(np.int64) - self._start
            inside = (place >= 0) & (place < len(self._table))
            return np.where(inside, self._table[np.where(inside, place, 0)], -1)
        return _looked_up(raw, rows, column, self._codes)


def _whole_numbers(codes: Mapping[str, int]) -> tuple[int, IntColumn | None]:
    """A table from whole number to group, where every name is one and they lie close together."""
    if not codes or not all(name.removeprefix("-").isdecimal() and str(int(name)) == name for name in codes):
        return 0, None
    numbers = [int(name) for name in codes]
    start = min(numbers)
    if max(numbers) - start >= _RANGE:
        return 0, None
    table = np.full(max(numbers) - start + 1, -1, dtype=np.int64)
    table[np.array(numbers, dtype=np.int64) - start] = list(codes.values())
    return start, table


def _looked_up(raw: AnyColumn, rows: Rows, column: str, codes: Mapping[Any, int]) -> IntColumn:
    values = raw.tolist()
    if raw.dtype.kind != "U":
        try:
            distinct = set(values)
        except TypeError:
            distinct = None
        if distinct is None or not all(type(value) is str for value in distinct):
            values = rows.category(column).tolist()
    return np.fromiter((codes.get(value, -1) for value in values), dtype=np.int64, count=len(values))


def grouped(rows: Rows, column: str) -> tuple[tuple[str, ...], IntColumn]:
    """The groups of a population, sorted by name, and the number of each row's group; -1 where there is none."""
    raw = rows.raw(column)
    if raw.dtype.kind in "iu" and len(raw) and int(raw.max()) - int(raw.min()) < _RANGE:
        start = int(raw.min())
        place = (raw.astype(np.int64) - start) if start else raw.astype(np.int64, copy=False)
        numbers = np.flatnonzero(np.bincount(place)) + start
        names = sorted(map(str, numbers.tolist()))
        table = np.full(int(raw.max()) - start + 1, -1, dtype=np.int64)
        table[np.array([int(name) for name in names], dtype=np.int64) - start] = np.arange(len(names))
        return tuple(names), table[place]
    categories = raw.tolist() if raw.dtype.kind == "U" else rows.category(column).tolist()
    names = sorted({name for name in categories if name is not None})
    codes = {name: code for code, name in enumerate(names)}
    return tuple(names), np.fromiter((codes.get(name, -1) for name in categories), np.int64, len(categories))
