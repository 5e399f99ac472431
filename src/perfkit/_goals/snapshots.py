"""Goals as they are on a day, nested again: with what holds then, and without who is not there."""

from __future__ import annotations

from collections.abc import Container, Mapping
from datetime import date
from fractions import Fraction
from typing import Any

from attrs import evolve

from perfkit._goals.columns import GoalColumns, periods_of
from perfkit._goals.definition import Goal
from perfkit._goals.effective import changed, is_there, share_above


def goals_on(columns: GoalColumns, day: date) -> tuple[Goal, ...]:
    """The goals at the top on a day, each with its own below.

    Who is under a goal that is not there drives nothing, as in a roll-up, and so stands at the top.
    """
    there = {place for place in range(len(columns)) if place not in columns.rich or is_there(columns.rich[place], day)}
    ids = {columns.ids[place] for place in there}
    periods = periods_of(columns)
    goals: dict[str, Goal] = {}
    under: dict[str, str | None] = {}
    for place in sorted(there):
        goal = columns.goal(place)
        now = changed(goal, day)
        above = now.pop("under", columns.ids[columns.above[place]] if columns.above[place] >= 0 else None)
        now |= {"children": (), "changes": (), "joined": None, "left": None, **ties(goal, ids)}
        if above is not None and (above not in ids or now.pop("drives_nothing_above", False)):
            above = None
            # The period of the goal above goes on to hold for it.
            now["period"] = columns.periods[periods[place]] if periods[place] >= 0 else None
        now.pop("drives_nothing_above", None)
        under[goal.id] = above
        goals[goal.id] = evolve(goal, **now)
    return nested(goals, under)


def ties(goal: Goal, there: Container[str]) -> dict[str, Any]:
    """What is left of a goal's ties to others, of whom only some are there; no share of it goes to anybody else.

    ``drives_nothing_above`` says that it drove only goals that are not there, for no share can be nothing.
    """
    kept = tuple(part for part in goal.contributes if part.to in there)
    found: dict[str, Any] = {"contributes": kept, "supports": tuple(id for id in goal.supports if id in there)}
    if len(kept) < len(goal.contributes):
        rest = share_above(goal)
        found |= {"share": rest} if rest else {"drives_nothing_above": True}
    return found


def nested(goals: Mapping[str, Goal], under: Mapping[str, str | None]) -> tuple[Goal, ...]:
    """Goals without parts put under each other; those under nobody are at the top."""
    below: dict[str | None, list[str]] = {}
    for id in goals:
        below.setdefault(under[id], []).append(id)
    order = list(below.get(None, []))
    for id in order:
        order.extend(below.get(id, []))
    made: dict[str, Goal] = {}
    for id in reversed(order):
        parts = [made[part] for part in below.get(id, [])]
        made[id] = evolve(goals[id], children=parts, **_weights(goals[id], parts)) if parts else goals[id]
    return tuple(made[id] for id in below.get(None, []))


def _weights(goal: Goal, parts: list[Goal]) -> dict[str, Any]:
    """What weights add up to holds for all parts together, and says nothing while some are not there."""
    fixed = [part.weight for part in parts if part.weight is not None]
    if goal.weights_add_up_to is None or len(fixed) < len(parts):
        return {}
    return {} if sum(fixed, Fraction(0)) == goal.weights_add_up_to else {"weights_add_up_to": None}
