"""Groups of people by the values of a column: their names, and the number of each row's group."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from perfkit._core.columns import Rows
from perfkit._core.tables import AnyColumn

IntColumn = npt.NDArray[np.int64]
# Whole numbers that lie within this many of each other are looked up in a table.
_RANGE = 2**21
_LARGEST = 2**63 - 1


class GroupIndex:
    """The groups that a rule knows, and where in them each row is.

    Args:
        names: of the groups, by number.
        known: which of them count as known; all when not given.
    """

    def __init__(self, names: tuple[str, ...], known: npt.NDArray[np.bool_] | None = None) -> None:
        self._names, self._known = names, known
        self._start, self._table = _whole_numbers(names, known)

    @cached_property
    def _codes(self) -> dict[Any, int]:
        known = range(len(self._names)) if self._known is None else np.flatnonzero(self._known).tolist()
        return {self._names[code]: code for code in known}

    def codes(self, rows: Rows, column: str) -> IntColumn:
        """The number of each row's group; -1 for a group that is not known, and where there is none."""
        raw = rows.raw(column)
        if raw.dtype.kind in "iu" and self._table is not None:
            # What fits no int64 is no group of the table.
            place = (np.minimum(raw, _LARGEST) if raw.dtype == np.uint64 else raw).astype(np.int64)
            place -= self._start
            return self._table.take(place, mode="clip")
        return _looked_up(raw, rows, column, self._codes)


def _whole_numbers(names: tuple[str, ...], known: npt.NDArray[np.bool_] | None) -> tuple[int, IntColumn | None]:
    """A table from whole number to group, where every name is one and they lie close together; -1 at both its ends."""
    try:
        numbers = list(map(int, names))
    except ValueError:
        return 0, None
    if not numbers or tuple(map(str, numbers)) != names:
        return 0, None
    start = min(numbers) - 1
    if max(numbers) - start > _RANGE or start < -_LARGEST or max(numbers) >= _LARGEST:
        return 0, None
    codes = np.arange(len(names))
    table = np.full(max(numbers) - start + 2, -1, dtype=np.int64)
    table[np.array(numbers, dtype=np.int64) - start] = codes if known is None else np.where(known, codes, -1)
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
        # Short integers are made long first, lest their differences overflow.
        place = raw.astype(np.int64, copy=False) if raw.dtype != np.uint64 else raw
        place = (place - place.min() if start else place).astype(np.int64, copy=False)
        numbers = np.flatnonzero(np.bincount(place)).tolist()
        names = sorted([str(start + number) for number in numbers])
        table = np.full(numbers[-1] + 1, -1, dtype=np.int64)
        table[[int(name) - start for name in names]] = np.arange(len(names))
        return tuple(names), table.take(place)
    categories = raw.tolist() if raw.dtype.kind == "U" else rows.category(column).tolist()
    names = sorted({name for name in categories if name is not None})
    codes = {name: code for code, name in enumerate(names)}
    return tuple(names), np.fromiter((codes.get(name, -1) for name in categories), np.int64, len(categories))
