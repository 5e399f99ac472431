"""A goal as it is on a day: what its dated changes make of it, whether it is there, and what it drives then."""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction
from typing import Any

from attrs import evolve

from perfkit._goals.columns import GoalColumns
from perfkit._goals.definition import Goal
from perfkit._goals.period import Period

_CHANGING = ("weight", "target", "baseline", "owner", "under")


def changed(goal: Goal, day: date | None) -> dict[str, Any]:
    """What is other than at first about a goal on a day."""
    found: dict[str, Any] = {}
    for change in goal.changes:
        if day is not None and change.on <= day:
            found |= {name: value for name in _CHANGING if (value := getattr(change, name)) is not None}
    return found


def goal_on(goal: Goal, day: date | None) -> Goal:
    """A goal by itself with the weight, target, baseline and owner of a day; as defined when none is given."""
    now = changed(goal, day)
    # Which goal it is under is the tree's to say.
    now.pop("under", None)
    return evolve(goal, children=(), changes=(), **now) if now else goal


def is_there(goal: Goal, day: date | None) -> bool:
    """Whether a goal counts on a day: it has joined by then, and has not left; always when no day is given."""
    if day is None:
        return True
    return (goal.joined is None or goal.joined <= day) and (goal.left is None or day <= goal.left)


def days_there(goal: Goal, period: Period) -> Period | None:
    """The days of a period on which a goal counts; None where there are none."""
    start = period.start if goal.joined is None else max(period.start, goal.joined)
    end = period.end if goal.left is None else min(period.end, goal.left)
    return Period(start, end) if start <= end else None


def own_period(goal: Goal, period: Period) -> Period:
    """The time that a goal has to be attained in: from when it joined, where that is later than its period."""
    late = goal.joined is not None and period.start < goal.joined <= period.end
    return Period(goal.joined, period.end) if goal.joined is not None and late else period


def stretches_of(goal: Goal, period: Period, *names: str) -> list[tuple[Period, Goal]]:
    """The days of a period on which a goal counts, cut where fields of it change, with the goal as it is in each."""
    there = days_there(goal, period)
    if there is None:
        return []
    cuts = [one.on for one in goal.changes if any(getattr(one, name) is not None for name in names)]
    starts = [there.start, *(day for day in cuts if there.start < day <= there.end)]
    ends = [day - timedelta(days=1) for day in starts[1:]] + [there.end]
    return [(Period(start, end), goal_on(goal, start)) for start, end in zip(starts, ends, strict=True)]


def line_on(columns: GoalColumns, place: int, day: date | None) -> list[int]:
    """The place of a goal, and of each goal that it drives on a day, up to the top.

    A goal drives the one above it, as long as a share of it counts there; else the one that it contributes most to.
    """
    line: list[int] = []
    while place >= 0 and place not in line:
        line.append(place)
        place = _driven(columns, place, day)
    return line


def _driven(columns: GoalColumns, place: int, day: date | None) -> int:
    above, goal = int(columns.above[place]), columns.rich.get(place)
    if goal is None:
        return above
    above = columns.places.get(changed(goal, day).get("under", ""), above)
    if not goal.contributes or (above >= 0 and share_above(goal) > 0):
        return above
    return columns.places[max(goal.contributes, key=lambda part: part.share).to]


def share_above(goal: Goal) -> Fraction:
    """How much of a goal counts in the goal above it: what it says, or what its contributions leave."""
    return 1 - sum((part.share for part in goal.contributes), Fraction(0)) if goal.share is None else goal.share
