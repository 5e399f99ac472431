"""What everybody must have in common before a fund, a budget or seats are shared among them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise

import numpy as np

from perfkit._core.columns import FILL, Need, Rows, read_categories
from perfkit._core.integers import IntColumn
from perfkit._incentives.cuts import Keys
from perfkit.errors import DataError, row_list


def check_keys(rows: Rows, key: str) -> None:
    """Refuse a person with two rows, or a row for nobody."""
    column = rows.raw(key)
    if column.dtype.kind in "iu":
        ordered = np.sort(column)
        twice = bool((ordered[1:] == ordered[:-1]).any())
    else:
        names = rows.category(key).tolist()
        rows.require(
            np.array([name is not None for name in names], dtype=np.bool_), key, "must say who a row is for", FILL
        )
        twice = len(set(names)) < rows.n
    if twice:
        first: dict[str, int] = {}
        again = [row for row, name in enumerate(rows.category(key).tolist()) if first.setdefault(name, row) != row]
        name = rows.category(key)[again[0]]
        raise DataError(
            f"a person must have one row (got {name!r} again): {row_list(again, len(again))}; "
            "leave out or add up what is there twice",
            column=key,
            rows=again,
        )


def check_one_currency(rows: Rows, needs: Iterable[Need], currency: str | None) -> None:
    """Refuse columns of ``Money`` in several currencies, or in another than that of the rule."""
    for need in needs:
        column = rows.raw(need.name)
        if column.dtype == object:
            codes = [getattr(value, "currency", None) for value in column]
            wanted = currency or next((code for code in codes if code is not None), None)
            same = np.array([code in (None, wanted) for code in codes], dtype=np.bool_)
            rows.require(same, need.name, f"must be money of one currency, {wanted}", "convert it first")


def group_names(rows: Rows, on: str | None) -> list[str]:
    """The group of each row; one group without a name where there are none.

    Raises:
        DataError: for rows that do not say.
    """
    if on is None:
        return [""] * rows.n
    names = rows.category(on).tolist()
    there = np.array([name is not None for name in names], dtype=np.bool_)
    rows.require(there, on, "must say which group a row is in", FILL)
    return [str(name) for name in names]


def key_text(rows: Rows, key: str, members: IntColumn | None = None) -> Keys:
    """The keys of some of the members as text, read only for those who are asked for."""
    column = rows.raw(key)
    return lambda some: read_categories(column[some if members is None else members[some]]).astype(object)


def members_of(names: Sequence[str]) -> dict[str, IntColumn]:
    """The rows of each group, in one pass, by the names of the groups in order."""
    groups = sorted(set(names))
    places = {name: place for place, name in enumerate(groups)}
    which = np.array([places[name] for name in names], dtype=np.int64)
    return dict(zip(groups, rows_of(which, len(groups)), strict=True))


def rows_of(which: IntColumn, count: int) -> list[IntColumn]:
    """The rows of each of so many places, in one pass."""
    order = np.argsort(which, kind="stable")
    ends = [0, *np.searchsorted(which[order], np.arange(count), side="right").tolist()]
    return [order[start:end] for start, end in pairwise(ends)]


def checked_ids(rows: Rows, name: str) -> list[str]:
    """The ids of a column, each once.

    Raises:
        DataError: for ids that are missing or repeat.
    """
    ids = checked_names(rows, name)
    first: dict[str, int] = {}
    twice = [row for row, one in enumerate(ids) if first.setdefault(one, row) != row]
    if twice:
        raise DataError(
            f"column {name!r} must tell the rows apart (got {ids[twice[0]]!r} twice): {row_list(twice, len(twice))}; "
            "nothing is taken twice",
            column=name,
            rows=twice,
        )
    return ids


def checked_names(rows: Rows, name: str) -> list[str]:
    """The names of a column, none missing."""
    names = rows.category(name)
    rows.require(np.array([value is not None for value in names], dtype=np.bool_), name, "must not be missing", FILL)
    return [str(value) for value in names]
