"""The proof in the other direction: whether a goal is reached when all that drives it is."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from fractions import Fraction
from math import prod

import numpy as np
from attrs import frozen

from perfkit._core.notebook import definition
from perfkit._goals.columns import CODES, GoalColumns
from perfkit._goals.effective import changed, is_there
from perfkit._goals.families import Families


@frozen
class Shortfall:
    """A goal whose parts do not add up to it, even if each of them hits its target.

    Attributes:
        id: of the goal.
        target: what the goal is to reach, with what its parts deliberately reach more; or where it starts.
        parts: what its parts reach together, or where they start.
        measure: which number it is about: ``target`` or ``baseline``.
        since: the first day of those on which it is so; None for the first day of all.
        until: the last day of those on which it is so; None for the last day of all.
        lower_is_better: whether the goal is to go down, so that parts that reach more leave something open.
    """

    _repr_html_ = definition

    id: str
    target: Fraction
    parts: Fraction
    measure: str = "target"
    since: date | None = None
    until: date | None = None
    lower_is_better: bool = False

    @property
    def missing(self) -> Fraction:
        """How much the parts leave open; negative where they go further than the goal."""
        return self.parts - self.target if self.lower_is_better else self.target - self.parts


def shortfalls(columns: GoalColumns) -> Iterator[Shortfall]:
    """The goals that sum or multiply parts and would not be reached if every part hit its target, day by day."""
    families = Families.of(columns)
    top = [columns.periods[place] for place in np.unique(columns.period[columns.above < 0]).tolist() if place >= 0]
    first, last = min((one.start for one in top), default=None), max((one.end for one in top), default=None)
    for place in np.flatnonzero(np.isin(columns.roll_up, (CODES["sum"], CODES["product"]))).tolist():
        yield from _of_goal(families, place, first, last)


def _of_goal(families: Families, place: int, first: date | None, last: date | None) -> Iterator[Shortfall]:
    days = families.days(place)
    if first is not None and days[0] is not None:
        inside = [day for day in days if day is not None and day > first and (last is None or day <= last)]
        days = [first, *inside]
    ends = [None if day is None else day - timedelta(days=1) for day in days[1:]] + [None]
    open_ones: dict[str, Shortfall] = {}
    for at, (day, end) in enumerate(zip(days, ends, strict=True)):
        found = dict(_on_day(families, place, day))
        for measure in ("target", "baseline"):
            numbers, before = found.get(measure), open_ones.get(measure)
            if before is not None and numbers != (before.target, before.parts, before.lower_is_better):
                yield open_ones.pop(measure)
                before = None
            if numbers is None:
                continue
            since = (day if at else None) if before is None else before.since
            target, parts, lower = numbers
            open_ones[measure] = Shortfall(families.columns.ids[place], target, parts, measure, since, end, lower)
    yield from open_ones.values()


def _on_day(families: Families, place: int, day: date | None) -> Iterator[tuple[str, tuple[Fraction, Fraction, bool]]]:
    columns = families.columns
    goal = columns.goal(place)
    now = changed(goal, day)
    target, start = now.get("target", goal.target), now.get("baseline", goal.baseline)
    drivers = [driver for driver in families.drivers(place, day) if driver.target is not None]
    if target is None or not drivers or not is_there(goal, day):
        return
    by_product = columns.roll_up[place] == CODES["product"]
    if by_product:
        reached = prod((driver.target or Fraction(0) for driver in drivers), start=Fraction(1))
        starts = prod((driver.baseline for driver in drivers), start=Fraction(1))
    else:
        reached = sum((driver.share * (driver.target or Fraction(0)) for driver in drivers), Fraction(0))
        starts = sum((driver.share * driver.baseline for driver in drivers), Fraction(0))
    linear = goal.is_linear and all(columns.kind[driver.place] == 1 for driver in drivers)
    lower = target < start if goal.is_linear else goal.lower_is_better
    whole = target + goal.over_assignment * (target - start if goal.is_linear else target)
    if reached != whole:
        yield "target", (whole, reached, lower)
    if linear and starts != start:
        yield "baseline", (start, starts, lower)
