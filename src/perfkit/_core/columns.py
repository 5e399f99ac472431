"""Columns in: a mapping, a structured array, or any data frame, by duck typing alone."""

from __future__ import annotations

import numbers
from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any, Literal, cast

import numpy as np
import numpy.typing as npt
from attrs import field, frozen

from perfkit._core import integers
from perfkit._core.integers import IntColumn
from perfkit._core.numbers import exact
from perfkit._core.ratios import Ratios
from perfkit._core.tables import AnyColumn, as_array, column_names, column_of, label_of
from perfkit.errors import SHOWN, DataError, DefinitionError, MissingColumnsError, did_you_mean, row_list

FloatColumn = npt.NDArray[np.float64]
BoolColumn = npt.NDArray[np.bool_]
Kind = Literal["number", "money", "flag", "category"]
KINDS: tuple[Kind, ...] = ("number", "money", "flag", "category")
Positions = Sequence[int] | AnyColumn
_PRIME = np.uint64(1_099_511_628_211)
FILL = "fill it or leave these rows out; where a plan pays them, it may say missing='unpaid'"
FINITE = "a missing value is NaN or None, never infinite"


@frozen
class Need:
    """A column that a rule reads, and what it must hold.

    Args:
        name: the column.
        kind: ``number`` (any real number), ``money`` (int64 minor units), ``flag`` (true or false), ``category``.
        choices: the values that a category may have, where the rule knows them.
    """

    name: str
    kind: Kind = "number"
    choices: tuple[str, ...] = ()

    def __attrs_post_init__(self) -> None:
        if self.kind not in KINDS:
            raise DefinitionError(f"kind of column {self.name!r} must be one of {', '.join(KINDS)} (got {self.kind!r})")


@frozen(eq=False)
class Rows:
    """n rows of named columns, read-only; what every rule is given.

    Columns are read as what the rule says they are: :meth:`number`, :meth:`money`, :meth:`flag`, :meth:`category`,
    or :meth:`exact` for fractions. A value that is not of that kind is a :class:`DataError` that names the rows.

    Attributes:
        columns: the columns as they came, each of length n.
        n: how many rows.
        positions: the row numbers in the data as handed in, so that an error in a block names the caller's rows.
    """

    columns: Mapping[str, AnyColumn]
    n: int
    positions: Positions = field()
    _read: dict[tuple[str, str], Any] = field(factory=dict, repr=False, init=False)

    @positions.default
    def _every_row(self) -> Sequence[int]:
        return range(self.n)

    def __len__(self) -> int:
        return self.n

    def __getitem__(self, rows: slice | AnyColumn) -> Rows:
        """Some of the rows: a slice, or an array of row numbers."""
        kept = {name: _frozen(column[rows]) for name, column in self.columns.items()}
        positions = self.positions[rows] if isinstance(rows, slice) else _picked(self.positions, rows)
        return Rows(kept, len(positions), positions)

    def replacing(self, columns: Mapping[str, AnyColumn]) -> Rows:
        """These rows with some columns instead of theirs, or besides; what was read of the others is kept."""
        given = {name: _frozen(column) for name, column in columns.items()}
        rows = Rows({**self.columns, **given}, self.n, self.positions)
        rows._read.update({key: read for key, read in self._read.items() if key[1] not in given})
        return rows

    def repeated(self, times: int) -> Rows:
        """These rows several times over, one after the other; what was read of them is kept."""
        if times == 1:
            return self
        rows = Rows(
            {name: _frozen(np.tile(column, times)) for name, column in self.columns.items()},
            self.n * times,
            np.tile(np.asarray(self.positions), times),
        )
        rows._read.update({key: _tiled(read, times) for key, read in self._read.items()})
        return rows

    def raw(self, name: str) -> AnyColumn:
        """A column as it came."""
        if name not in self.columns:
            raise missing_columns([name], self.columns)
        return self.columns[name]

    def number(self, name: str) -> FloatColumn:
        """A column of numbers as float64; NaN where a value is missing.

        Raises:
            DataError: text, dates or other things that are no numbers; infinite values.
        """
        return cast(FloatColumn, self._cached("number", name, read_numbers))

    def complete(self, name: str) -> FloatColumn:
        """A column of numbers in which nothing is missing."""
        column = self.number(name)
        self.require(~np.isnan(column), name, "must not be missing", FILL)
        return column

    def exact(self, name: str) -> Ratios:
        """A column of numbers as exact fractions: each the shortest decimal that prints it."""
        return cast(Ratios, self._cached("exact", name, read_exact))

    def money(self, name: str) -> IntColumn:
        """A column of money as int64 minor units.

        Raises:
            DataError: floats, text or missing values; the message says how to make minor units of them.
        """
        return cast(IntColumn, self._cached("money", name, read_money))

    def flag(self, name: str) -> BoolColumn:
        """A column of true and false; 1 and 0 are taken for them."""
        return cast(BoolColumn, self._cached("flag", name, read_flags))

    def category(self, name: str) -> AnyColumn:
        """A column of names, as an array of str; None where a value is missing."""
        return cast(AnyColumn, self._cached("category", name, lambda _, column, __: read_categories(column)))

    def is_missing(self, name: str) -> BoolColumn:
        """Where a column has no value."""
        column = self.raw(name)
        if column.dtype.kind == "f":
            return np.isnan(column)
        if column.dtype.kind == "M":
            return np.isnat(column)
        if column.dtype == object:
            return np.fromiter((is_missing_value(value) for value in column), dtype=np.bool_, count=len(column))
        return np.zeros(self.n, dtype=np.bool_)

    def checksum(self) -> npt.NDArray[np.uint64]:
        """A number of each row that changes when its columns do; columns of objects do not take part."""
        sums = np.zeros(self.n, dtype=np.uint64)
        for column in self.columns.values():
            if column.dtype.kind in "biuf" and column.dtype.itemsize <= 8:
                # Wraps around, as a checksum may.
                sums *= _PRIME
                sums += np.ascontiguousarray(column).view(f"u{column.dtype.itemsize}")
        return sums

    def require(self, good: BoolColumn, name: str, expected: str, cure: str) -> None:
        """Raise a :class:`DataError` that names the first rows in which a column is not as expected.

        Args:
            good: true in every row that is as it should be.
            name: the column at fault.
            expected: what was expected, such as ``"must be positive"``.
            cure: what the caller can do about it.
        """
        require(good, name, expected, cure, self.positions)

    def _cached(self, kind: str, name: str, read: Callable[[str, AnyColumn, Positions], Any]) -> Any:
        if (kind, name) not in self._read:
            # What one policy is given another may be given too, so nobody may write to it.
            self._read[(kind, name)] = _locked(read(name, self.raw(name), self.positions))
        return self._read[(kind, name)]


def read_rows(data: Any, names: Iterable[str], given: Mapping[str, Any] | None = None) -> Rows:
    """The named columns of a table, as rows.

    Args:
        data: a mapping of columns, a NumPy structured array, a pandas or polars frame, a pyarrow table, or rows.
        names: the columns to read; every other column is left alone.
        given: further columns by name; a single value stands for every row.

    Raises:
        MissingColumnsError: with every missing column, and what may have been meant.
        DataError: columns of unequal length, or a column given twice.
    """
    given = dict(given or {})
    known = list(data.columns) if isinstance(data, Rows) else column_names(data)
    wanted = _present(names, known, given, "the data")
    columns = {
        name: data.raw(name) if isinstance(data, Rows) else column_of(data, name)
        for name in wanted
        if name not in given
    }
    singles = {}
    for name, value in given.items():
        column = as_array(name, value)
        if column.ndim == 0:
            singles[name] = column
        else:
            columns[name] = column
    n = _length(data, columns)
    columns |= {name: np.broadcast_to(column, (n,)) for name, column in singles.items()}
    positions = data.positions if isinstance(data, Rows) else range(n)
    return Rows({name: _frozen(column) for name, column in columns.items()}, n, positions)


def read_row(row: Any, names: Iterable[str], given: Mapping[str, Any] | None = None) -> Rows:
    """One row, a mapping from name to value, as a batch of one."""
    given = dict(given or {})
    if not isinstance(row, np.void) and not hasattr(row, "keys"):
        raise DataError(f"a row must be a mapping from column to value (got {type(row).__name__})")
    known = [str(label) for label in _labels(row)]
    wanted = _present(names, known, given, "the row")
    columns = {}
    for name in [*wanted, *(name for name in given if name not in wanted)]:
        single = as_array(name, given[name] if name in given else row[label_of(_labels(row), name)])
        if single.size != 1:
            raise DataError(f"column {name!r} of a single row must hold one value (got {single.size})", column=name)
        columns[name] = _frozen(single.reshape(1))
    return Rows(columns, 1)


def _picked(positions: Positions, rows: AnyColumn) -> AnyColumn:
    if isinstance(positions, range) and rows.dtype.kind == "i":
        # A range of a million written out for a handful of rows would cost more than the rows.
        return positions.start + positions.step * rows
    return np.asarray(positions)[rows]


def _labels(row: Any) -> list[Any]:
    return list(row.dtype.names or ()) if isinstance(row, np.void) else list(row.keys())


def _present(names: Iterable[str], known: list[str], given: Mapping[str, Any], where: str) -> list[str]:
    """The names wanted, all of them there, and none of them twice."""
    twice = [name for name in given if name in known]
    if twice:
        raise DataError(
            f"column {twice[0]!r} is given by name and is in {where} as well; give it once", column=twice[0]
        )
    wanted = list(dict.fromkeys(names))
    absent = [name for name in wanted if name not in known and name not in given]
    if absent:
        raise missing_columns(absent, [*known, *given])
    return wanted


def missing_columns(absent: list[str], known: Iterable[str]) -> MissingColumnsError:
    """The error for columns that are not there."""
    known = list(known)
    named = ", ".join(f"{name!r}{did_you_mean(name, known)}" for name in absent)
    have = ", ".join(repr(str(name)) for name in known[:12]) or "none"
    more = f" and {len(known) - 12} more" if len(known) > 12 else ""
    return MissingColumnsError(
        f"{len(absent)} column{'s are' if len(absent) > 1 else ' is'} missing: {named}; "
        f"the data have {have}{more}; add or rename columns",
        columns=absent,
    )


def _frozen(column: AnyColumn) -> AnyColumn:
    view = column.view()
    view.flags.writeable = False
    return view


def _length(data: Any, columns: Mapping[str, AnyColumn]) -> int:
    names = [] if isinstance(data, Rows) else column_names(data)
    if isinstance(data, Rows):
        first, n = "the rows", data.n
    elif names:
        first = next((name for name in columns if name in names), names[0])
        n = len(columns[first]) if first in columns else len(column_of(data, first))
    else:
        first = next(iter(columns), "")
        n = len(columns[first]) if columns else 0
    for name, column in columns.items():
        if len(column) != n:
            raise DataError(
                f"columns must be of one length: {first!r} has {n} rows and {name!r} has {len(column)}", column=name
            )
    return n


def _tiled(read: Any, times: int) -> Any:
    if not isinstance(read, Ratios):
        return _locked(np.tile(read, times))
    denominator = read.denominator if isinstance(read.denominator, int) else np.tile(read.denominator, times)
    return _locked(Ratios(np.tile(read.numerator, times), denominator))


def _locked(read: Any) -> Any:
    for array in (read.numerator, read.denominator) if isinstance(read, Ratios) else (read,):
        if isinstance(array, np.ndarray):
            array.flags.writeable = False
    return read


def is_missing_value(value: object) -> bool:
    """Whether one value of an object column says that there is none: None, NaN, NA or NaT."""
    if value is None or type(value).__name__ in {"NAType", "NaTType"}:
        return True
    if isinstance(value, Decimal):
        return value.is_nan()
    return isinstance(value, (float, np.floating)) and value != value


def require(good: BoolColumn, name: str, expected: str, cure: str, positions: Positions) -> None:
    """Raise a :class:`DataError` for the rows that are not good; see :meth:`Rows.require`."""
    if bool(np.all(good)):
        return
    bad = np.flatnonzero(~good)
    rows = [int(positions[int(row)]) for row in bad[:SHOWN]]
    raise DataError(
        f"column {name!r} {expected}: {row_list(rows, len(bad))}; {cure}", column=name, rows=rows, count=len(bad)
    )


def read_numbers(name: str, column: AnyColumn, positions: Positions) -> FloatColumn:
    """A column as float64, NaN where missing; see :meth:`Rows.number`."""
    if column.dtype.kind in "biuf":
        if column.dtype.kind == "f" and column.dtype.itemsize < 8:
            # Whoever typed 0.7 into a float32 column meant 0.7, not its widening to float64.
            column = np.array([float(str(value)) for value in column], dtype=np.float64)
        numbers_ = column.astype(np.float64, copy=False)
        if column.dtype.kind == "f":
            require(~np.isinf(numbers_), name, "must be finite", FINITE, positions)
        return numbers_
    values = _objects(name, column, "numbers")
    good = np.fromiter((is_missing_value(v) or _is_number(v) for v in values), dtype=np.bool_, count=len(values))
    _require_numbers(good, name, values, positions)
    floats = np.fromiter(
        (np.nan if is_missing_value(v) else _float(v) for v in values), dtype=np.float64, count=len(values)
    )
    require(~np.isinf(floats), name, "must be finite", FINITE, positions)
    return floats


def read_exact(name: str, column: AnyColumn, positions: Positions) -> Ratios:
    """A column as exact fractions in which nothing is missing; see :meth:`Rows.exact`."""
    if column.dtype.kind in "bi" or (column.dtype.kind == "u" and column.dtype.itemsize < 8):
        return Ratios(column.astype(np.int64), 1)
    if column.dtype.kind == "u":
        column = column.astype(object)
    if column.dtype.kind == "f":
        floats = read_numbers(name, column, positions)
        _require_present(~np.isnan(floats), name, positions)
        # Whoever typed 0.1 into a float32 column meant a tenth, not its widening to float64.
        if column.dtype.itemsize < 8:
            return Ratios.of_decimals([Decimal(str(value)) for value in column])
        return Ratios.of_floats(floats)
    values = _objects(name, column, "numbers")
    _require_present(
        ~np.fromiter((is_missing_value(v) for v in values), dtype=np.bool_, count=len(values)), name, positions
    )
    _require_numbers(
        np.fromiter((_is_number(v) for v in values), dtype=np.bool_, count=len(values)), name, values, positions
    )
    read_numbers(name, column, positions)
    return Ratios.of_fractions([_typed(value) for value in values])


def _typed(value: Any) -> Fraction:
    if isinstance(value, (bool, np.bool_)):
        return Fraction(int(value))
    return exact(value if isinstance(value, (numbers.Real, Decimal)) else float(value))


def read_money(name: str, column: AnyColumn, positions: Positions) -> IntColumn:
    """A column as int64 minor units; see :meth:`Rows.money`."""
    cure = f"make minor units of it once, with minor_units(values, currency), and give {name!r} as that"
    if column.dtype.kind == "i" or column.size == 0:
        return column.astype(np.int64, copy=False)
    if column.dtype.kind == "u":
        require(column < np.uint64(integers.LIMIT), name, "must fit int64 minor units", "use larger units", positions)
        return column.astype(np.int64)
    if column.dtype.kind == "f":
        raise DataError(f"column {name!r} of money must be int64 minor units (got {column.dtype}); {cure}", column=name)
    values = _objects(name, column, "int64 minor units")
    _require_present(
        ~np.fromiter((is_missing_value(v) for v in values), dtype=np.bool_, count=len(values)), name, positions
    )
    minors = [getattr(value, "minor", value) for value in values]
    good = [isinstance(minor, (int, np.integer)) and not isinstance(minor, bool) for minor in minors]
    if not all(good):
        odd = values[good.index(False)]
        row = positions[good.index(False)]
        raise DataError(
            f"column {name!r} of money must be int64 minor units (got {odd!r} in row {row}); {cure}",
            column=name,
            rows=[int(positions[row]) for row, is_good in enumerate(good) if not is_good],
        )
    fits = np.fromiter((-integers.LIMIT <= m < integers.LIMIT for m in minors), dtype=np.bool_, count=len(minors))
    require(fits, name, "must fit int64 minor units", "no pay is that large; check the currency's units", positions)
    return np.asarray(minors, dtype=np.int64)


def read_flags(name: str, column: AnyColumn, positions: Positions) -> BoolColumn:
    """A column as true and false; see :meth:`Rows.flag`."""
    if column.dtype.kind == "b":
        return column
    if column.dtype.kind in "iuf":
        good = (column == 0) | (column == 1)
    else:
        values = _objects(name, column, "true or false")
        good = np.fromiter(
            (isinstance(v, (bool, np.bool_)) or (_is_number(v) and v in (0, 1)) for v in values),
            dtype=np.bool_,
            count=len(values),
        )
    cure = "a missing answer is no answer: fill it or leave the row out"
    require(good, name, "must be true or false (1 or 0)", cure, positions)
    return np.asarray(column == 1, dtype=np.bool_)


def read_categories(column: AnyColumn) -> AnyColumn:
    """A column as names, None where missing; see :meth:`Rows.category`."""
    if column.dtype.kind == "U":
        return column
    names, values = np.empty(len(column), dtype=object), column.tolist()
    if set(map(type, values)) == {str}:
        names[:] = values
        return names
    names[:] = [None if is_missing_value(value) else _category(value) for value in values]
    return names


def _category(value: Any) -> str | None:
    if isinstance(value, str):
        return str(value)
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    # A rating of perfkit goes by its label, and has none where it rates nothing.
    label = getattr(value, "label", value)
    return None if label is None else str(label)


def _objects(name: str, column: AnyColumn, expected: str) -> list[Any]:
    if column.dtype.kind not in "OU":
        raise DataError(f"column {name!r} must hold {expected} (got {column.dtype})", column=name)
    return list(column)


def _is_number(value: object) -> bool:
    if isinstance(value, (numbers.Real, Decimal, np.bool_)):
        return True
    # A score of perfkit, or anything else that says it is a number.
    return hasattr(value, "__float__") and not isinstance(value, (np.ndarray, np.generic, str, bytes))


def _float(value: Any) -> float:
    try:
        return float(value)
    except OverflowError:
        return np.inf


def _require_numbers(good: BoolColumn, name: str, values: list[Any], positions: Positions) -> None:
    if not good.all():
        odd = values[int(np.flatnonzero(~good)[0])]
        odd = str(odd) if isinstance(odd, str) else odd
        cure = "turn text into numbers first; a missing value is NaN or None"
        require(good, name, f"must hold numbers (got {odd!r})", cure, positions)


def _require_present(good: BoolColumn, name: str, positions: Positions) -> None:
    require(good, name, "must not be missing", FILL, positions)
