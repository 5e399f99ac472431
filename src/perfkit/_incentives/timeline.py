"""Pay over dated segments: a transfer in May, a raise in July, part time from September."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from fractions import Fraction
from itertools import pairwise
from typing import Any

import numpy as np
from attrs import field, frozen

from perfkit._core.checks import several
from perfkit._core.days import DayCount, day_count
from perfkit._core.notebook import definition
from perfkit._core.numbers import Number, exact, plain
from perfkit._incentives import views
from perfkit.errors import DefinitionError
from perfkit.money import Money


def _facts(facts: Mapping[str, Any] | Iterable[tuple[str, Any]]) -> tuple[tuple[str, Any], ...]:
    pairs = facts.items() if isinstance(facts, Mapping) else facts
    return tuple((str(name), _fact(name, value)) for name, value in pairs)


def _fact(name: str, value: Any) -> Any:
    """A fact as it can be stored: text, true or false, money, a date, or the shortest number that reads the same."""
    if isinstance(value, (str, bool, Money, date)) or value is None:
        return str(value) if isinstance(value, str) else value
    return bool(value) if isinstance(value, np.bool_) else plain(exact(value, what=f"the fact {name!r}"))


def _time(value: Number) -> Fraction:
    return exact(value, what="working_time", path="working_time")


def _check_plan(_: object, __: object, plan: Any) -> None:
    if plan is not None and not (hasattr(plan, "pay_one") and hasattr(plan, "currency")):
        raise DefinitionError(f"plan of a segment must be a plan of pay (got {plan!r})", path="plan")


@frozen
class Segment:
    """A stretch of days in which nothing changes: an assignment, with its salary, target, plan, working time.

    Args:
        start: the first day.
        end: the last day.
        facts: what the plan reads, by column: as a row for ``pay_one`` of a plan.
        working_time: the share of full time, 0 to 1.
        plan: the plan that holds in it, if another.

    Raises:
        DefinitionError: if it ends before it starts, or for a working time outside 0 to 1.

    Example:
        >>> Segment(date(2026, 1, 1), date(2026, 4, 30), {"salary": 6_000_000}).days
        120
    """

    _repr_html_ = definition

    start: date
    end: date
    facts: tuple[tuple[str, Any], ...] = field(default=(), converter=_facts)
    working_time: Fraction = field(default=Fraction(1), converter=_time, kw_only=True)
    plan: Any = field(default=None, validator=_check_plan, kw_only=True)

    def __attrs_post_init__(self) -> None:
        for what, day in (("start", self.start), ("end", self.end)):
            if type(day) is not date:
                raise DefinitionError(f"{what} of a segment must be a date (got {day!r})", path=what)
        if self.end < self.start:
            raise DefinitionError(f"a segment must not end ({self.end}) before it starts ({self.start})", path="end")
        if not 0 <= self.working_time <= 1:
            raise DefinitionError(
                f"working_time must be between 0 and 1 (got {plain(self.working_time)})", path="working_time"
            )

    @property
    def days(self) -> int:
        """How many days, both ends included."""
        return (self.end - self.start).days + 1


def _segments(segments: Segment | Iterable[Segment]) -> tuple[Segment, ...]:
    listed = several(segments)
    odd = [segment for segment in listed if not isinstance(segment, Segment)]
    if odd:
        raise DefinitionError(f"a timeline must hold segments (got {odd[0]!r})", path="segments")
    return listed


@frozen
class Timeline:
    """One person's segments, by date, none over another; days in none of them earn nothing.

    Args:
        segments: by increasing date.

    Raises:
        DefinitionError: for no segments, or segments that overlap.

    Example:
        >>> spring, autumn = (date(2026, 1, 1), date(2026, 4, 30)), (date(2026, 6, 1), date(2026, 12, 31))
        >>> year = Timeline([Segment(*spring), Segment(*autumn)])
        >>> year.gaps(date(2026, 1, 1), date(2026, 12, 31))
        ((datetime.date(2026, 5, 1), datetime.date(2026, 5, 31)),)
    """

    segments: tuple[Segment, ...] = field(converter=_segments)

    def __attrs_post_init__(self) -> None:
        if not self.segments:
            raise DefinitionError("a timeline needs at least one segment (got none)", path="segments")
        for before, after in pairwise(self.segments):
            if after.start < before.start:
                raise DefinitionError(
                    f"segments must be in the order of their dates (got {after.start} after {before.start})",
                    path="segments",
                )
            if after.start <= before.end:
                raise DefinitionError(
                    f"segments must not overlap (got one to {before.end} and the next from {after.start})",
                    path="segments",
                )

    def within(self, start: date, end: date) -> tuple[Segment, ...]:
        """The segments, cut to a period."""
        return tuple(
            Segment(
                max(part.start, start), min(part.end, end), part.facts, working_time=part.working_time, plan=part.plan
            )
            for part in self.segments
            if part.start <= end and part.end >= start
        )

    def gaps(self, start: date, end: date) -> tuple[tuple[date, date], ...]:
        """The days of a period that are in no segment, as stretches with both ends included."""
        day, found = start, []
        for part in self.within(start, end):
            if part.start > day:
                found.append((day, part.start - timedelta(days=1)))
            day = part.end + timedelta(days=1)
        if day <= end:
            found.append((day, end))
        return tuple(found)

    def _repr_html_(self) -> str:
        return views.timeline_html(self)


def share_of(segment: Segment, start: date, end: date, convention: DayCount) -> tuple[Fraction, Fraction]:
    """The time of a segment and the time of the whole period, in the units of a convention."""
    by = int(day_count(segment.start, segment.end, convention)[0])
    of = 365 if convention == "actual/365" else int(day_count(start, end, convention)[0])
    if of == 0:
        raise DefinitionError(
            f"the period {start} to {end} has no time by {convention!r}; choose days", path="convention"
        )
    return by * segment.working_time, Fraction(of)
