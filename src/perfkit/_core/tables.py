"""Tables in: a mapping, a structured array, a pandas or polars frame, an arrow table, by duck typing alone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from perfkit.errors import DataError

AnyColumn = npt.NDArray[Any]


def column_names(data: Any) -> list[str]:
    """The names of a table's columns, in its own order."""
    if isinstance(data, Mapping):
        return [str(name) for name in data]
    if isinstance(data, np.ndarray):
        names = data.dtype.names
    elif hasattr(data, "collect") and hasattr(data, "collect_schema"):
        raise DataError("data must be collected first (got a lazy frame); call collect() on it")
    else:
        # An arrow table calls its names column_names, and its columns columns.
        arrow = getattr(data, "column_names", None)
        names = arrow if isinstance(arrow, list) else getattr(data, "columns", None)
        if names is None:
            names = getattr(getattr(data, "schema", None), "names", None)
    if names is None or isinstance(names, (str, bytes)) or not hasattr(names, "__iter__"):
        raise DataError(
            "data must be a mapping of columns, a NumPy structured array, a data frame or an arrow table "
            f"(got {type(data).__name__}); for a single row use the method for one, such as score_one or pay_one"
        )
    return [str(name) for name in names]


def column_of(data: Any, name: str) -> AnyColumn:
    """One column of a table as a one-dimensional array."""
    if isinstance(data, Mapping):
        column = data[label_of(data, name)]
    elif isinstance(getattr(data, "column_names", None), list):
        column = data.column(name)
    else:
        column = data[label_of(data.columns if hasattr(data, "columns") else [name], name)]
    array = as_array(name, column)
    if array.ndim == 0:
        raise DataError(
            f"column {name!r} must be a sequence of values (got {column!r}); for a single row use the method for "
            "one, such as score_one or pay_one",
            column=name,
        )
    return array


def label_of(labels: Any, name: str) -> Any:
    """The label that a name stands for: itself, or one that reads like it, such as a number."""
    return name if name in labels else next((label for label in labels if str(label) == name), name)


def as_array(name: str, column: Any) -> AnyColumn:
    """A column of any container as an array; missing whole numbers leave the others whole."""
    if isinstance(column, (set, frozenset, dict)):
        raise DataError(f"column {name!r} must be a sequence of values (got a {type(column).__name__})", column=name)
    if isinstance(column, np.ma.MaskedArray):
        array = np.asarray(column.data)
        if np.ma.is_masked(column):
            array = array.astype(object)
            array[np.ma.getmaskarray(column)] = None
    elif isinstance(column, np.ndarray):
        array = column
    elif hasattr(column, "to_pylist"):
        array = _from_arrow(column)
    elif hasattr(column, "to_numpy"):
        if getattr(column, "ndim", 1) != 1 or not hasattr(column, "dtype"):
            raise DataError(f"column {name!r} must be one column (got {type(column).__name__})", column=name)
        array = _from_series(column)
    elif hasattr(column, "__array__") or np.isscalar(column) or column is None:
        array = np.asarray(column)
    elif isinstance(column, Iterable):
        array = _from_sequence(list(column))
    else:
        array = np.empty((), dtype=object)
        array[()] = column
    if array.ndim > 1:
        raise DataError(f"column {name!r} must have one dimension (got shape {array.shape})", column=name)
    return array


def _from_arrow(column: Any) -> AnyColumn:
    kind = str(column.type)
    if column.null_count == 0 and kind.startswith(("int", "uint", "bool", "float", "double", "halffloat")):
        whole = column.combine_chunks() if hasattr(column, "combine_chunks") else column
        return np.asarray(whole.to_numpy(zero_copy_only=False))
    if kind.startswith(("float", "double", "halffloat")):
        whole = column.combine_chunks() if hasattr(column, "combine_chunks") else column
        return np.asarray(whole.to_numpy(zero_copy_only=False), dtype=np.float64)
    return _objects(column.to_pylist())


def _from_series(column: Any) -> AnyColumn:
    """A column of pandas or polars; whole numbers of which some are missing stay whole, as objects."""
    kind = getattr(column.dtype, "kind", "")
    if hasattr(column, "isna"):
        if kind in ("i", "u", "b") and bool(column.isna().any()):
            return np.asarray(column.to_numpy(dtype=object))
    elif hasattr(column, "null_count") and column.dtype.is_integer() and column.null_count():
        return _objects(column.to_list())
    return np.asarray(column.to_numpy())


def _from_sequence(values: list[Any]) -> AnyColumn:
    types = {type(value) for value in values}
    if not values or types == {float}:
        return np.asarray(values, dtype=np.float64)
    if types == {bool}:
        return np.asarray(values)
    if types == {int}:
        try:
            return np.asarray(values, dtype=np.int64)
        except OverflowError:
            return _objects(values)
    if types == {int, float} and all(abs(value) < 2**53 for value in values if type(value) is int):
        return np.asarray(values, dtype=np.float64)
    return _objects(values)


def _objects(values: list[Any]) -> AnyColumn:
    array = np.empty(len(values), dtype=object)
    for row, value in enumerate(values):
        array[row] = value
    return array
