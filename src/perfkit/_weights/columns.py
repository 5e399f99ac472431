"""Columns that weights are learned from: read in chunks, bounded, and refused where nothing can be learned."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from typing import Any, Literal, NamedTuple

import numpy as np
import numpy.typing as npt

from perfkit._core.blocks import blocks
from perfkit._core.checks import one_of
from perfkit._core.columns import Rows, read_rows, require
from perfkit._weights.found import Facts, distinct
from perfkit.errors import DataError, DefinitionError, did_you_mean

Floats = npt.NDArray[np.float64]
MapLike = Callable[..., Iterable[Any]]
Constant = Literal["refuse", "leave_out"]
_BLOCK = 32_768
_ELEMENTS = 65_536  # of all columns together, where they are copied
# Beyond this a range, or a number scaled to it, leaves what floats hold.
_LARGEST = 1e300
_SMALLEST = 1e-290


class Bounds(NamedTuple):
    """How many rows there are, and the least and the greatest value of each column."""

    n: int
    least: tuple[float, ...]
    greatest: tuple[float, ...]


class Learner(NamedTuple):
    """Columns that something can be learned from, with their bounds.

    Attributes:
        names: the names that get weights.
        columns: the column of each.
        rows: how many rows there are in all chunks.
        least: the least value of each.
        greatest: the greatest value of each.
        lower: whether less is better, of each.
        left_out: names whose column is constant.
        chunks: the tables.
        map: what maps over them.
    """

    names: tuple[str, ...]
    columns: tuple[str, ...]
    rows: int
    least: tuple[float, ...]
    greatest: tuple[float, ...]
    lower: tuple[bool, ...]
    left_out: tuple[str, ...]
    chunks: tuple[Any, ...]
    map: MapLike

    def over_chunks(self, part: Callable[..., Any], **options: Any) -> list[Any]:
        """What a function of a module gives for each chunk: it is handed the table and these columns."""
        return list(self.map(partial(part, columns=self.columns, **options), self.chunks))

    def inputs(self) -> Facts:
        """What the weights were learned from, for the record."""
        facts: list[tuple[str, Any]] = [("rows", self.rows)]
        if self.columns != self.names:
            facts.append(("columns", tuple(zip(self.names, self.columns, strict=True))))
        facts.append(("ranges", tuple(zip(self.names, zip(self.least, self.greatest, strict=True), strict=True))))
        if any(self.lower):
            facts.append(("lower_is_better", tuple(n for n, low in zip(self.names, self.lower, strict=True) if low)))
        if self.left_out:
            facts.append(("left_out", self.left_out))
        return tuple(facts)


def learner(
    data: Any,
    of: Iterable[str] | Mapping[str, str],
    *,
    lower_is_better: Iterable[str] = (),
    constant: Constant = "refuse",
    map: MapLike = map,
) -> Learner:
    """The columns that weights are to be learned from, after one pass over them.

    Args:
        data: a table, or a list of tables that together hold the rows.
        of: the names to weigh, each the name of its column, or a mapping from name to column.
        lower_is_better: those of which less is better.
        constant: what to do about a column with one value only: ``refuse``, or ``leave_out`` of the weights.
        map: what maps a function over the tables.
    """
    one_of(constant, ("refuse", "leave_out"), "constant")
    names = distinct(of, "of")
    columns = tuple(str(of[name]) for name in names) if isinstance(of, Mapping) else names
    lower = distinct(lower_is_better, "lower_is_better") if (lower_is_better := _listed(lower_is_better)) else ()
    unknown = [f"{name!r}{did_you_mean(name, names)}" for name in lower if name not in names]
    if unknown:
        raise DefinitionError(f"lower_is_better must name things that are weighed; not so: {', '.join(unknown)}")
    chunks = tuple(data) if isinstance(data, (list, tuple)) or hasattr(data, "__next__") else (data,)
    if not chunks:
        raise DataError("data must be a table, or a list of tables (got an empty list)")
    found = [bounds for bounds in map(partial(bounds_of, columns=columns), chunks) if bounds.n]
    rows = sum(bounds.n for bounds in found)
    if rows < 2:
        raise DataError(
            f"weights can be learned from two rows or more (got {rows}); give more rows, or use elicited weights",
            count=rows,
        )
    least = tuple(min(ends) for ends in zip(*(bounds.least for bounds in found), strict=True))
    greatest = tuple(max(ends) for ends in zip(*(bounds.greatest for bounds in found), strict=True))
    flat = [name for name, low, high in zip(names, least, greatest, strict=True) if low == high]
    _check_flat(flat, names, constant)
    _check_sizes(columns, least, greatest)
    kept = [place for place, name in enumerate(names) if name not in flat]
    return Learner(
        tuple(names[k] for k in kept),
        tuple(columns[k] for k in kept),
        rows,
        tuple(least[k] for k in kept),
        tuple(greatest[k] for k in kept),
        tuple(names[k] in lower for k in kept),
        tuple(flat),
        chunks,
        map,
    )


def _listed(names: Iterable[str]) -> Any:
    return names if isinstance(names, (str, bytes)) or not isinstance(names, Iterable) else tuple(names)


def _check_flat(flat: list[str], names: tuple[str, ...], constant: Constant) -> None:
    if not flat or (constant == "leave_out" and len(flat) < len(names)):
        return
    told = ", ".join(repr(name) for name in flat)
    if len(flat) == len(names):
        raise DataError(
            f"every column is constant: {told}; nothing tells rows apart, so use elicited weights", column=flat[0]
        )
    raise DataError(
        f"{'columns' if len(flat) > 1 else 'column'} {told} must vary to be weighed by data: every row has the same "
        "value; leave them out of of=, or say constant='leave_out'",
        column=flat[0],
    )


def _check_sizes(columns: tuple[str, ...], least: tuple[float, ...], greatest: tuple[float, ...]) -> None:
    for name, low, high in zip(columns, least, greatest, strict=True):
        if max(abs(low), abs(high)) > _LARGEST or (low < high and max(abs(low), abs(high)) < _SMALLEST):
            raise DataError(
                f"column {name!r} must be within 1e-290 and 1e300 in size (got {low!r} to {high!r}); use other units",
                column=name,
            )


def require_at_least_zero(learned: Learner, what: str) -> None:
    """Refuse columns with negative values, naming their rows."""
    for name, low in zip(learned.columns, learned.least, strict=True):
        if low < 0:
            _name_rows(learned, name, lambda column: column >= 0, f"must not be negative for {what}")


def require_positive(learned: Learner, what: str) -> None:
    """Refuse columns with values that are not positive, naming their rows."""
    for name, low in zip(learned.columns, learned.least, strict=True):
        if low <= 0:
            _name_rows(learned, name, lambda column: column > 0, f"must be positive for {what}")


def _name_rows(learned: Learner, name: str, is_good: Callable[[Floats], Any], expected: str) -> None:
    cure = "measure it from its natural zero, leave it out, or choose another method"
    good = np.concatenate([is_good(read_rows(chunk, [name]).number(name)) for chunk in learned.chunks])
    require(good, name, expected, cure, range(len(good)))


def columns_of(table: Any, columns: tuple[str, ...]) -> tuple[Rows, list[Floats]]:
    """Columns of a table as float64, as they lie in memory where they are that."""
    rows = read_rows(table, columns)
    return rows, [
        rows.raw(name) if rows.raw(name).dtype == np.dtype(np.float64) else rows.number(name) for name in columns
    ]


def bounds_of(table: Any, columns: tuple[str, ...]) -> Bounds:
    """The bounds of the columns of one table.

    Raises:
        DataError: for missing, infinite and other values that are no numbers.
    """
    rows, arrays = columns_of(table, columns)
    if not rows.n:
        return Bounds(0, (), ())
    found = np.array(
        [[(piece.min(), piece.max()) for piece in pieces] for pieces in column_blocks(arrays, rows.n, _BLOCK)]
    )
    # A missing value is in both of these, since it is neither less nor greater than anything.
    least, greatest = found[:, :, 0].min(axis=0), found[:, :, 1].max(axis=0)
    for name, low, high in zip(columns, least, greatest, strict=True):
        if not (np.isfinite(low) and np.isfinite(high)):
            rows.require(~np.isnan(rows.number(name)), name, "must not be missing", "fill it, or leave these rows out")
    return Bounds(rows.n, tuple(least.tolist()), tuple(greatest.tolist()))


def column_blocks(arrays: list[Floats], n: int, rows: int) -> Iterator[list[Floats]]:
    """Blocks of rows, each a list of columns that lie in one piece.

    Columns of a matrix that holds rows are copied out, in blocks so short that all of them are read from the cache.
    """
    scattered = [j for j, column in enumerate(arrays) if column.strides != (column.itemsize,)]
    if scattered:
        rows = max(1, min(rows, _ELEMENTS // len(arrays)))
    copies = np.empty((len(scattered), rows))
    for block in blocks(n, rows):
        pieces = [column[block] for column in arrays]
        for line, j in zip(copies, scattered, strict=True):
            piece = line[: len(pieces[j])]
            piece[:] = pieces[j]
            pieces[j] = piece
        yield pieces


def gathered(learned: Learner) -> list[Floats]:
    """Whole columns, from all chunks together."""
    parts = [columns_of(chunk, learned.columns)[1] for chunk in learned.chunks]
    return [np.concatenate(column) for column in zip(*parts, strict=True)]
