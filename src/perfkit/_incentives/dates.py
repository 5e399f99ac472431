"""Dates in columns, and the share of a period since one of them."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt
from attrs import field, frozen

from perfkit._core.checks import optional_text, text
from perfkit._core.columns import Need, Rows
from perfkit._core.days import DayCount, check_convention, day_count
from perfkit._core.notebook import definition
from perfkit._core.ratios import Ratios
from perfkit.errors import DefinitionError
from perfkit.explain import AnyRecorder

Days = npt.NDArray[np.datetime64]


def read_days(rows: Rows, name: str) -> Days:
    """A column of dates; NaT where a value is missing.

    Raises:
        DataError: for what is no date.
    """
    column = rows.raw(name)
    if column.dtype.kind == "M":
        return column.astype("datetime64[D]")
    names = rows.category(name)
    days = np.empty(rows.n, dtype="datetime64[D]")
    good = np.ones(rows.n, dtype=np.bool_)
    for row, value in enumerate(names.tolist()):
        try:
            days[row] = np.datetime64("NaT") if value in (None, "NaT") else np.datetime64(value).astype("datetime64[D]")
        except ValueError:
            good[row] = False
    rows.require(good, name, "must hold dates, such as 2026-03-31", "make dates of it first")
    return days


def as_day(value: Any, what: str) -> date:
    """A date, and nothing that only looks like one."""
    if type(value) is not date:
        raise DefinitionError(f"{what} must be a date (got {value!r})", path=what)
    return value


@frozen
class ShareOfPeriod:
    """The share of a period that somebody was there for, by dates: what a raise or a bonus is prorated by.

    It is never below 0 or above 1: whoever starts after the period has none of it.

    Args:
        start: the column of first days, such as the day of hire; who has none was there all the time.
        first: the first day of the period.
        last: the last day of the period.
        end: the column of last days; who has none is still there.
        convention: how time is counted; see :func:`perfkit.day_count`.

    Raises:
        DefinitionError: for a period that ends before it starts, or has no time by the convention.

    Example:
        >>> year = ShareOfPeriod("hired", first=date(2026, 1, 1), last=date(2026, 12, 31), convention="whole_months")
        >>> [need.name for need in year.needs()]
        ['hired']
    """

    _repr_html_ = definition

    start: str = field(converter=text)
    first: date = field(kw_only=True)
    last: date = field(kw_only=True)
    end: str | None = field(default=None, converter=optional_text, kw_only=True)
    convention: DayCount = field(default="days", kw_only=True)

    def __attrs_post_init__(self) -> None:
        check_convention(self.convention)
        for what in ("first", "last"):
            as_day(getattr(self, what), what)
        if self.last < self.first:
            raise DefinitionError(f"a period must not end ({self.last}) before it starts ({self.first})", path="last")
        if self.whole == 0:
            raise DefinitionError(
                f"the period {self.first} to {self.last} has no time by {self.convention!r}; choose days",
                path="convention",
            )

    @property
    def on(self) -> str:
        """The column of first days."""
        return self.start

    @property
    def whole(self) -> int:
        """The time of the period in the units of the convention."""
        return 365 if self.convention == "actual/365" else int(day_count(self.first, self.last, self.convention)[0])

    def needs(self) -> tuple[Need, ...]:
        """The columns of dates."""
        return tuple(Need(name, "category") for name in (self.start, self.end) if name is not None)

    def exact(self, rows: Rows, record: AnyRecorder) -> Ratios:
        """The share of each row."""
        first, last = np.datetime64(self.first, "D"), np.datetime64(self.last, "D")
        starts = read_days(rows, self.start)
        starts = np.where(np.isnat(starts), first, np.maximum(starts, first))
        ends = np.full(rows.n, last) if self.end is None else read_days(rows, self.end)
        ends = np.where(np.isnat(ends), last, np.minimum(ends, last))
        there = ends >= starts
        time = np.zeros(rows.n, dtype=np.int64)
        if there.any():
            time[there] = day_count(starts[there], ends[there], self.convention)
        # A leap year has more than 365 days.
        shares = Ratios(np.minimum(time, self.whole), self.whole)
        if record:
            by, of = Fraction(int(shares.numerator[0])), Fraction(self.whole)
            record.leaf("prorate", by / of, label=self.start, by=by, of=of)
        return shares
