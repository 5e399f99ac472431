"""A goal as it is on a day, where something about it changes over time."""

from __future__ import annotations

from datetime import date

from attrs import evolve

from perfkit._goals.definition import Goal

# What a change may change about a goal itself; which goal it is under belongs to the tree.
_OWN = ("weight", "target", "baseline", "owner")


def in_force(goal: Goal, day: date | None) -> Goal:
    """A goal with what holds on a day, by itself; as it was defined at first when no day is given.

    Example:
        >>> from perfkit import Change
        >>> goal = Goal("logos", target=10, changes=Change(date(2026, 5, 1), target=20))
        >>> in_force(goal, date(2026, 4, 30)).target, in_force(goal, date(2026, 5, 1)).target
        (Fraction(10, 1), Fraction(20, 1))
    """
    if not goal.changes:
        return goal
    held = {
        name: value
        for change in goal.changes
        if day is not None and change.on <= day
        for name in _OWN
        if (value := getattr(change, name)) is not None
    }
    return evolve(goal, changes=(), **held) if held else goal
