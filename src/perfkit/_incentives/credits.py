"""Credits for what was sold: split among people, grouped by period, and counted so far."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from math import lcm
from typing import Any

import numpy as np

from perfkit._core import integers
from perfkit._core.columns import Rows, read_rows
from perfkit._core.integers import IntColumn
from perfkit._core.ratios import Ratios
from perfkit.errors import DataError, DefinitionError, row_list


def split_credits(amount: IntColumn, shares: Mapping[str, Any], *, overlay: bool = False) -> dict[str, IntColumn]:
    """Each transaction's credit split among people or roles, adding up to the transaction exactly.

    Args:
        amount: int64 minor units of each transaction.
        shares: for each name a number, or a column of numbers; they add up to 1 in each row.
        overlay: whether shares may add up to another whole, as where an overlay is credited besides; the credits of
            a row then add up to that share of the transaction, rounded half up.

    Returns:
        int64 minor units for each name; what is left of a cent goes to the largest remainders, then in the order of
        the names.

    Raises:
        DataError: for shares that are negative, or do not add up to 1.

    Example:
        >>> split_credits(np.array([10_000, 10_001]), {"ana": 0.5, "ben": 0.5})
        {'ana': array([5000, 5001]), 'ben': array([5000, 5000])}
    """
    if not shares:
        raise DefinitionError("a credit needs at least one share (got none)", path="shares")
    # A name that no share has.
    own = f"amount of {'/'.join(map(str, shares))}"
    rows = read_rows({own: amount}, [own], shares)
    minor = rows.money(own)
    parts = [rows.exact(name) for name in shares]
    whole = parts[0]
    for name, part in zip(shares, parts, strict=True):
        rows.require(np.asarray(part.numerator >= 0, dtype=np.bool_), name, "must not be negative", "check the shares")
        whole = whole if part is parts[0] else whole.plus(part)
    if not overlay:
        adds_up = np.asarray(whole.numerator == whole.denominator, dtype=np.bool_)
        rows.require(adds_up, next(iter(shares)), "and the other shares must add up to 1", "or say overlay=True")
    # Credits of what is taken back mirror those of what was sold.
    sign = np.where(minor < 0, -1, 1)
    size = Ratios(np.abs(minor if integers.bound(minor) < integers.LIMIT else minor.astype(object)), 1)
    quotas = [size.times(part) for part in parts]
    total = _whole(size.times(whole), "half_up")
    floors = [_whole(quota, "floor") for quota in quotas]
    left = total - np.sum(floors, axis=0)
    common = lcm(*(int(quota.denominator) for quota in quotas))
    remainders = [
        integers.add(
            integers.multiply(quota.numerator, common // int(quota.denominator)), integers.multiply(floor, -common)
        )
        for quota, floor in zip(quotas, floors, strict=True)
    ]
    rank = _rank(np.array(remainders, dtype=object if any(r.dtype == object for r in remainders) else np.int64))
    return {name: sign * (floor + (place < left)) for name, floor, place in zip(shares, floors, rank, strict=True)}


def _whole(amounts: Ratios, mode: integers.Mode) -> IntColumn:
    narrow = integers.narrow(integers.divide(amounts.numerator, amounts.denominator, mode))
    if narrow is None:
        raise DataError("a credit does not fit int64 minor units; check the units of the columns")
    return narrow


def _rank(remainders: Any) -> Any:
    """The place of each share in its row, the largest remainder first, ties in the order of the shares."""
    order = np.argsort(-remainders, axis=0, kind="stable")
    return np.argsort(order, axis=0, kind="stable")


def group_credits(data: Any, *, by: Sequence[str], amount: str) -> dict[str, Any]:
    """Credits added up for each group, such as a person in a quarter: the grouped scope of a commission.

    Args:
        data: a mapping of columns or a data frame.
        by: the columns that say which group a row is in.
        amount: the column of int64 minor units.

    Returns:
        the columns of ``by``, one row a group in sorted order, and the sums: the same whatever the order of the rows.

    Example:
        >>> group_credits({"rep": ["b", "a", "b"], "sold": [1, 2, 3]}, by=["rep"], amount="sold")
        {'rep': array(['a', 'b'], dtype=object), 'sold': array([2, 4])}
    """
    rows = read_rows(data, [*by, amount])
    groups, member = _groups(rows, by)
    minor = rows.money(amount)
    if integers.bound(minor) * max(rows.n, 1) >= integers.LIMIT:
        sums = [0] * len(groups)
        for group, value in zip(member.tolist(), minor.tolist(), strict=True):
            sums[group] += value
        if any(abs(value) >= integers.LIMIT for value in sums):
            raise DataError("a sum of credits does not fit int64 minor units; check the units", column=amount)
        totals = np.array(sums, dtype=np.int64)
    else:
        totals = np.zeros(len(groups), dtype=np.int64)
        np.add.at(totals, member, minor)
    keys = {name: np.array([group[i] for group in groups], dtype=object) for i, name in enumerate(by)}
    return {**keys, amount: totals}


def credits_so_far(data: Any, *, by: Sequence[str], order: str, amount: str) -> IntColumn:
    """For each row the credits of its group before it: what the cumulative scope of a commission reads.

    Args:
        data: a mapping of columns or a data frame.
        by: the columns that say which group a row is in.
        order: the column of numbers or dates that says what came before what; different within a group.
        amount: the column of int64 minor units.

    Returns:
        int64 minor units, in the order of the rows.

    Raises:
        DataError: where two rows of a group have the same place in the order, so that their order would decide.

    Example:
        >>> credits_so_far({"rep": ["b", "a", "b"], "day": [9, 1, 2], "sold": [1, 2, 3]},
        ...                by=["rep"], order="day", amount="sold")
        array([3, 0, 0])
    """
    rows = read_rows(data, [*by, order, amount])
    _, member = _groups(rows, by)
    place, minor = _ranks(_in_order(rows, order)), rows.money(amount)
    sequence = np.lexsort((place, member))
    same = (np.diff(member[sequence]) == 0) & (np.diff(place[sequence]) == 0)
    if same.any():
        bad = sorted(sequence[1:][same].tolist())
        raise DataError(
            f"column {order!r} must differ within a group: {row_list(bad, len(bad))}; "
            "add the rows up, or give an order that tells them apart",
            column=order,
            rows=bad,
        )
    before = np.zeros(rows.n, dtype=np.int64)
    if rows.n and integers.bound(minor) * rows.n >= integers.LIMIT:
        raise DataError("credits so far may not fit int64 minor units; check the units", column=amount)
    running = np.cumsum(minor[sequence]) - minor[sequence]
    starts = np.r_[True, np.diff(member[sequence]) != 0] if rows.n else np.zeros(0, dtype=np.bool_)
    base = np.maximum.accumulate(np.where(starts, np.arange(rows.n), 0))
    before[sequence] = running - running[base]
    return before


def _in_order(rows: Rows, order: str) -> list[Any]:
    """What says what came before what: numbers, or dates."""
    column = rows.raw(order)
    if column.dtype.kind == "M" or (column.size and column.dtype == object and isinstance(column[0], date)):
        days = column.astype("datetime64[us]")
        rows.require(~np.isnat(days), order, "must not be missing", "fill it")
        return list(days.astype(np.int64).tolist())
    return list(rows.exact(order).numerator.tolist())


def _ranks(values: list[Any]) -> IntColumn:
    """The place of each value in order, equal ones alike."""
    ranks = {value: rank for rank, value in enumerate(sorted(set(values)))}
    return np.array([ranks[value] for value in values], dtype=np.int64)


def _groups(rows: Rows, by: Sequence[str]) -> tuple[list[tuple[str, ...]], IntColumn]:
    """The groups in sorted order, and the number of each row's group."""
    if not by or isinstance(by, str):
        raise DefinitionError(f"by must name the columns that make a group, such as ['rep'] (got {by!r})", path="by")
    names = [rows.category(name) for name in by]
    for name, column in zip(by, names, strict=True):
        rows.require(
            np.array([value is not None for value in column], dtype=np.bool_), name, "must not be missing", "fill it"
        )
    keys = list(zip(*(column.tolist() for column in names), strict=True))
    groups = sorted(set(keys))
    number = {group: place for place, group in enumerate(groups)}
    return groups, np.array([number[key] for key in keys], dtype=np.int64)
