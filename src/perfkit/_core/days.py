"""How many days, months or days of 360 lie between two dates: the named conventions."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from perfkit._core.integers import IntColumn
from perfkit.errors import DataError, DefinitionError, did_you_mean

DayCount = Literal["days", "actual/365", "whole_months", "months_by_15th", "30/360"]
CONVENTIONS: tuple[DayCount, ...] = ("days", "actual/365", "whole_months", "months_by_15th", "30/360")
Days = npt.NDArray[np.datetime64]


def day_count(start: Any, end: Any, convention: DayCount = "days") -> IntColumn:
    """How much time lies between two days, both included, in the units of a convention; each row by itself.

    Args:
        start: the first days, as dates or datetime64.
        end: the last days.
        convention: ``days`` and ``actual/365`` count days, and pay divides them by the days of the period or by 365;
            ``whole_months`` counts calendar months that lie wholly inside, so that a month in which something changes
            counts for neither side; ``months_by_15th`` counts months whose 15th lies inside; ``30/360`` counts every
            month as 30 days, up to the day after the end.

    Returns:
        int64; days, or months for the conventions of months. Days and 30/360 add up over a partition of time.

    Example:
        >>> from datetime import date
        >>> day_count([date(2026, 1, 1)], [date(2026, 2, 14)], "30/360")
        array([44])
    """
    check_convention(convention)
    first, last = _days(start), _days(end)
    if (last < first).any():
        raise DataError("days must not end before they start", rows=np.flatnonzero(last < first).tolist())
    after = last + np.timedelta64(1, "D")
    if convention in ("days", "actual/365"):
        return (after - first).astype(np.int64)
    if convention == "30/360":
        return _days_360(after) - _days_360(first)
    month, day = _month_and_day(first)
    if convention == "whole_months":
        end_month, _ = _month_and_day(after)
        return np.asarray(np.maximum(end_month - month - (day > 1), 0), dtype=np.int64)
    last_month, last_day = _month_and_day(last)
    return np.asarray(np.maximum(last_month - (last_day < 15) - month - (day > 15) + 1, 0), dtype=np.int64)


def check_convention(convention: str) -> None:
    """Refuse a day count that has no name."""
    if convention not in CONVENTIONS:
        raise DefinitionError(
            f"convention must be one of {', '.join(CONVENTIONS)} (got {convention!r})"
            f"{did_you_mean(str(convention), CONVENTIONS)}",
            path="convention",
        )


def _days(days: Any) -> Days:
    column = np.atleast_1d(np.asarray(days, dtype="datetime64[D]"))
    if np.isnat(column).any():
        raise DataError("days must not be missing; leave these rows out, or end an open segment with the period")
    return column


def _month_and_day(days: Days) -> tuple[IntColumn, IntColumn]:
    months = days.astype("datetime64[M]")
    return months.astype(np.int64), (days - months.astype("datetime64[D]")).astype(np.int64) + 1


def _days_360(days: Days) -> IntColumn:
    month, day = _month_and_day(days)
    return 30 * month + np.minimum(day, 30)
