"""A stretch of days, how much of it has passed, and how it falls into quarters, months or weeks."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from fractions import Fraction
from typing import Literal

import numpy as np
from attrs import frozen

from perfkit._core.checks import one_of
from perfkit._core.days import day_count as days_between
from perfkit._core.notebook import definition
from perfkit.errors import DefinitionError, GoalTreeError

Elapsed = Literal["inclusive", "exclusive", "30/360", "business_days"]
ELAPSED: tuple[Elapsed, ...] = ("inclusive", "exclusive", "30/360", "business_days")


@frozen(order=True)
class Period:
    """A stretch of days, both ends included.

    Args:
        start: the first day.
        end: the last day.

    Raises:
        GoalTreeError: if it ends before it starts.

    Example:
        >>> Period(date(2026, 1, 1), date(2026, 12, 31)).days
        365
        >>> Period.year(2026).elapsed(date(2026, 7, 1))
        Fraction(182, 365)
    """

    _repr_html_ = definition

    start: date
    end: date

    def __attrs_post_init__(self) -> None:
        for what, day in (("start", self.start), ("end", self.end)):
            if type(day) is not date:
                cure = "; give its .date()" if isinstance(day, datetime) else ""
                raise DefinitionError(f"{what} of a period must be a date (got {day!r}){cure}", path=what)
        if self.end < self.start:
            raise GoalTreeError(f"a period must not end ({self.end}) before it starts ({self.start})", path="end")

    @classmethod
    def year(cls, year: int) -> Period:
        """A calendar year."""
        return cls(date(year, 1, 1), date(year, 12, 31))

    @property
    def days(self) -> int:
        """How many days, both ends included."""
        return (self.end - self.start).days + 1

    def __contains__(self, day: date) -> bool:
        return self.start <= day <= self.end

    def elapsed(self, as_of: date, day_count: Elapsed = "inclusive", holidays: Sequence[date] = ()) -> Fraction:
        """The share of the period that has passed on a day: 0 before the start, 1 from the end on.

        Args:
            as_of: the day.
            day_count: ``inclusive`` counts the day itself; ``exclusive`` counts the nights, so that it is 0 on the
                first day; ``30/360`` counts every month as 30 days; ``business_days`` counts Monday to Friday.
            holidays: days that are no business days either.

        Example:
            >>> april = Period(date(2026, 4, 1), date(2026, 4, 30))
            >>> april.elapsed(date(2026, 4, 15)), april.elapsed(date(2026, 4, 15), "exclusive")
            (Fraction(1, 2), Fraction(14, 29))
        """
        one_of(day_count, ELAPSED, "day_count")
        if as_of < self.start:
            return Fraction(0)
        if as_of >= self.end:
            return Fraction(1)
        if day_count == "inclusive":
            return Fraction((as_of - self.start).days + 1, self.days)
        if day_count == "exclusive":
            return Fraction((as_of - self.start).days, self.days - 1)
        if day_count == "30/360":
            gone, whole = (int(days_between(self.start, day, "30/360")[0]) for day in (as_of, self.end))
        else:
            gone, whole = (_business_days(self.start, day, holidays) for day in (as_of, self.end))
        return Fraction(gone, whole) if whole else Fraction(1)

    def months(self) -> tuple[Period, ...]:
        """The calendar months, the first and the last cut to the period.

        Example:
            >>> [str(month.end) for month in Period(date(2026, 1, 15), date(2026, 3, 10)).months()]
            ['2026-01-31', '2026-02-28', '2026-03-10']
        """
        return self._cut(1)

    def quarters(self) -> tuple[Period, ...]:
        """The calendar quarters, the first and the last cut to the period."""
        return self._cut(3)

    def weeks(self) -> tuple[Period, ...]:
        """The weeks from Monday to Sunday, the first and the last cut to the period."""
        starts = [self.start]
        monday = self.start + timedelta(days=7 - self.start.weekday())
        while monday <= self.end:
            starts.append(monday)
            monday += timedelta(days=7)
        return self._from(starts)

    def _cut(self, months: int) -> tuple[Period, ...]:
        starts, month = [self.start], self.start.year * 12 + self.start.month - 1
        while True:
            month = (month // months + 1) * months
            start = date(month // 12, month % 12 + 1, 1)
            if start > self.end:
                return self._from(starts)
            starts.append(start)

    def _from(self, starts: Sequence[date]) -> tuple[Period, ...]:
        ends = [start - timedelta(days=1) for start in starts[1:]] + [self.end]
        return tuple(Period(start, end) for start, end in zip(starts, ends, strict=True))

    def __str__(self) -> str:
        return f"{self.start} to {self.end}"


def _business_days(start: date, end: date, holidays: Sequence[date]) -> int:
    return int(np.busday_count(start, end + timedelta(days=1), holidays=list(holidays)))
