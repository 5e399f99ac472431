"""Columns of exact integers: int64 where the numbers fit, Python integers where they do not, never a wrap."""

from __future__ import annotations

from typing import Any, Literal, cast

import numpy as np
import numpy.typing as npt

IntColumn = npt.NDArray[np.int64]
AnyIntColumn = npt.NDArray[Any]
Mode = Literal["half_up", "half_even", "half_down", "up", "down", "ceiling", "floor"]
MODES: tuple[Mode, ...] = ("half_up", "half_even", "half_down", "up", "down", "ceiling", "floor")
LIMIT = 2**63


def bound(column: AnyIntColumn | int) -> int:
    """The largest absolute value in a column of integers; 0 for an empty one."""
    if isinstance(column, int):
        return abs(column)
    if column.size == 0:
        return 0
    return max(abs(int(column.max())), abs(int(column.min())))


def _wide(column: AnyIntColumn | int) -> AnyIntColumn | int:
    return column if isinstance(column, int) else column.astype(object)


def multiply(left: AnyIntColumn, right: AnyIntColumn | int) -> AnyIntColumn:
    """The product of two columns, exact whatever its size."""
    if isinstance(right, int) and right == 1:
        return left
    if left.dtype != object and _is_narrow(right) and bound(left) * bound(right) < LIMIT:
        return cast(AnyIntColumn, left * right)
    return cast(AnyIntColumn, _wide(left) * _wide(right))


def add(left: AnyIntColumn, right: AnyIntColumn | int) -> AnyIntColumn:
    """The sum of two columns, exact whatever its size."""
    if left.dtype != object and _is_narrow(right) and bound(left) + bound(right) < LIMIT:
        return cast(AnyIntColumn, left + right)
    return cast(AnyIntColumn, _wide(left) + _wide(right))


def _is_narrow(column: AnyIntColumn | int) -> bool:
    if isinstance(column, int):
        return -LIMIT <= column < LIMIT
    return column.dtype != object


def divide(numerator: AnyIntColumn, denominator: AnyIntColumn | int, mode: Mode) -> AnyIntColumn:
    """The quotient of integers, rounded to an integer once; the denominator is positive.

    ``half_up`` and ``half_down`` mean away from and towards zero, as on a payslip; ``up`` and ``down`` likewise.
    """
    if numerator.dtype == object or not _is_narrow(denominator) or 2 * bound(denominator) >= LIMIT:
        numerator, denominator = numerator.astype(object), _wide(denominator)
    if mode == "half_up" and isinstance(denominator, int) and bound(numerator) + denominator < LIMIT:
        return _half_up(numerator, denominator)
    quotient = numerator // denominator
    remainder = numerator - quotient * denominator
    return cast(AnyIntColumn, quotient + _carries(numerator, quotient, remainder, denominator, mode))


def _half_up(numerator: AnyIntColumn, denominator: int) -> AnyIntColumn:
    """The usual rounding in one division: half a denominator more, rounded down; negative numbers mirror it."""
    half = denominator // 2
    if numerator.size and numerator.min() < 0:
        size = (np.abs(numerator) + half) // denominator
        return np.where(numerator < 0, -size, size)
    return (numerator + half) // denominator


def _carries(
    numerator: AnyIntColumn,
    quotient: AnyIntColumn,
    remainder: AnyIntColumn,
    denominator: AnyIntColumn | int,
    mode: Mode,
) -> AnyIntColumn:
    """1 where the floor quotient must go up by one under the mode, else 0."""
    if mode == "floor":
        return np.zeros(len(numerator), dtype=np.int64)
    if mode == "ceiling":
        goes_up = remainder > 0
    elif mode == "up":
        goes_up = (remainder > 0) & (numerator > 0)
    elif mode == "down":
        goes_up = (remainder > 0) & (numerator < 0)
    else:
        doubled = 2 * remainder
        tie = doubled == denominator
        if mode == "half_up":
            tie_goes_up = numerator >= 0
        elif mode == "half_down":
            tie_goes_up = numerator < 0
        else:
            tie_goes_up = quotient % 2 != 0
        goes_up = (doubled > denominator) | (tie & tie_goes_up)
    return goes_up.astype(np.int64)


def narrow(column: AnyIntColumn) -> IntColumn | None:
    """The column as int64, or nothing when a number in it does not fit."""
    if column.dtype != object:
        return column.astype(np.int64, copy=False)
    if column.size and not (int(column.min()) >= -LIMIT and int(column.max()) < LIMIT):
        return None
    return column.astype(np.int64)


def total(column: AnyIntColumn) -> int:
    """The sum of a column as a Python integer, exact whatever its size."""
    if column.dtype != object and bound(column) * max(len(column), 1) < LIMIT:
        return int(column.sum())
    return sum(column.tolist())


def multiply_divide(
    column: AnyIntColumn, factor: AnyIntColumn | int, divisor: AnyIntColumn | int
) -> tuple[AnyIntColumn, AnyIntColumn]:
    """The whole quotient and the remainder of column x factor / divisor, exact whatever the size of the product.

    None is negative, and the divisor is positive. The product need not fit int64: a float tells the quotient to within
    one or two, and the remainder, found in arithmetic that wraps around, then tells it exactly.
    """
    narrow_ones = column.dtype != object and _is_narrow(factor) and _is_narrow(divisor)
    if narrow_ones and bound(divisor) < LIMIT // 4:
        estimate = np.floor(column.astype(np.float64) * factor / divisor)
        if not column.size or float(estimate.max()) < 2.0**50:
            quotient: AnyIntColumn = estimate.astype(np.int64)
            remainder: AnyIntColumn = column * factor - quotient * divisor
            for _ in range(2):
                less = (remainder < 0).astype(np.int64)
                quotient, remainder = quotient - less, remainder + less * divisor
                more = (remainder >= divisor).astype(np.int64)
                quotient, remainder = quotient + more, remainder - more * divisor
            return quotient, remainder
    product = _wide(column) * _wide(factor)
    whole = product // _wide(divisor)
    return _narrowed(whole), _narrowed(product - whole * _wide(divisor))


def _narrowed(column: AnyIntColumn | int) -> AnyIntColumn:
    """The column as int64 where it fits."""
    wide = np.asarray(column)
    fits = narrow(wide)
    return wide if fits is None else fits


def compare_products(
    left: AnyIntColumn, left_factor: AnyIntColumn | int, right: AnyIntColumn, right_factor: AnyIntColumn | int
) -> AnyIntColumn:
    """-1, 0 or 1 in each row: how left x left_factor compares with right x right_factor, exact whatever their size."""
    a = _float(left) * _float(left_factor)
    b = _float(right) * _float(right_factor)
    signs: IntColumn = np.sign(a - b).astype(np.int64)
    unsure = np.flatnonzero(np.abs(a - b) <= (np.abs(a) + np.abs(b)) * 2.0**-48)
    if unsure.size:
        exact_left = _rows(left, unsure) * _rows(left_factor, unsure)
        exact_right = _rows(right, unsure) * _rows(right_factor, unsure)
        signs[unsure] = (exact_left > exact_right).astype(np.int64) - (exact_left < exact_right).astype(np.int64)
    return signs


def _float(column: AnyIntColumn | int) -> Any:
    return float(column) if isinstance(column, int) else column.astype(np.float64)


def _rows(column: AnyIntColumn | int, rows: IntColumn) -> Any:
    return column if isinstance(column, int) else column[rows].astype(object)
