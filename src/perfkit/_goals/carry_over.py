"""What goes on into the next period, and from where."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from fractions import Fraction
from math import prod
from typing import Any

import numpy as np
from attrs import evolve

from perfkit._core.numbers import exact
from perfkit._goals.columns import CODES, GoalColumns
from perfkit._goals.definition import Goal
from perfkit._goals.effective import changed, is_there
from perfkit._goals.families import Driver, Families
from perfkit._goals.index import index_of
from perfkit._goals.period import Period
from perfkit._goals.report import GoalReport
from perfkit._goals.snapshots import nested, ties
from perfkit.errors import SHOWN, DefinitionError, GoalTreeError


def carried(
    columns: GoalColumns, report: GoalReport, period: Period, keep: Iterable[str] | None, start: str
) -> tuple[Goal, ...]:
    """The goals that go on into a period; see :meth:`perfkit.GoalTree.carry_over`."""
    families, day = Families.of(columns), period.start
    # Where goals changed, they are judged by what held at the close, not by the mean of the time.
    close = report.slices[-1][1] if report.slices else report
    above = {place: _above(columns, place, day) for place in range(len(columns)) if _goes_on(columns, place, day)}
    kept = _kept(families, close, above, keep, day)
    order = sorted(kept, key=index_of(columns, day).rank_of, reverse=True)
    goals: dict[int, Goal] = {}
    under: dict[str, str | None] = {}
    for place in order:
        goal = columns.goal(place)
        drivers = [one for one in families.drivers(place, day) if one.place in kept and one.share]
        now = {name: value for name, value in changed(goal, day).items() if name != "under"}
        now |= ties(goal, {columns.ids[one] for one in kept})
        upper = None if now.pop("drives_nothing_above", False) else above[place]
        now |= {
            "children": (),
            "plan": None,
            "period": _next_period(goal, report, period) if goal.period is not None or upper is None else None,
            "changes": [change for change in goal.changes if change.on > day],
            "joined": goal.joined if goal.joined is not None and goal.joined > day else None,
        }
        value = close.value[close.columns.place(goal.id)]
        known = None if np.isnan(value) else exact(float(value))
        fresh = evolve(goal, **{**now, "changes": (), "threshold": None, "stretch": None})
        whole = fresh.target is not None and bool(drivers)
        if whole and columns.roll_up[place] in (CODES["sum"], CODES["product"]):
            now |= _of_parts(fresh, drivers, goals)
        elif start == "value" and known is not None and fresh.is_linear:
            held = above[place] is not None and columns.roll_up[above[place] or 0] == CODES["product"]
            now |= _from_where_it_stands(fresh, known, held=held)
        now |= _points(evolve(fresh, **{**now, "changes": (), "threshold": None, "stretch": None}), goal, fresh)
        under[goal.id] = None if upper is None else columns.ids[upper]
        try:
            goals[place] = evolve(goal, **now)
        except DefinitionError as error:
            raise GoalTreeError(f"{goal.id!r} cannot go on as it is: {error}", path=goal.id) from error
    return nested({goals[place].id: goals[place] for place in sorted(kept)}, under)


def _next_period(goal: Goal, report: GoalReport, period: Period) -> Period:
    """The next period, or for a part with a shorter one its place there: the first quarter stays the first quarter."""
    place = report.columns.place(goal.id)
    while report.columns.above[place] >= 0:
        place = int(report.columns.above[place])
    whole = report.period_of(report.columns.ids[place])
    if goal.period is None or whole is None or goal.period == whole:
        return period
    months = 12 * (period.start.year - whole.start.year) + period.start.month - whole.start.month
    try:
        moved = [_later(day, months) for day in (whole.start, whole.end, goal.period.start, goal.period.end)]
        if Period(moved[0], moved[1]) == period:
            return Period(moved[2], moved[3])
    except ValueError:
        pass
    raise GoalTreeError(
        f"{goal.id!r} has the period {goal.period} within {whole}, which has no like within {period}; "
        "give it the period that it goes on in first, with replace()",
        path=goal.id,
    )


def _later(day: date, months: int) -> date:
    """The same day so many months later; the last of a month stays the last."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    last = (date(year + (month == 11), (month + 1) % 12 + 1, 1) - timedelta(days=1)).day
    is_last = (day + timedelta(days=1)).month != day.month
    return date(year, month + 1, last if is_last else day.day)


def _above(columns: GoalColumns, place: int, day: date) -> int | None:
    """The goal above on the first day of the next period, if it is there then."""
    under = changed(columns.rich[place], day).get("under") if place in columns.rich else None
    above = int(columns.above[place]) if under is None else columns.places[under]
    return above if above >= 0 and _goes_on(columns, above, day) else None


def _goes_on(columns: GoalColumns, place: int, day: date) -> bool:
    """Whether a goal has not left by the next period; one that joins later is there."""
    goal = columns.rich.get(place)
    return goal is None or is_there(goal, day) or (goal.joined is not None and goal.joined > day)


def _kept(
    families: Families, close: GoalReport, above: dict[int, int | None], keep: Iterable[str] | None, day: date
) -> set[int]:
    columns = families.columns
    if keep is None:
        upper = set(above.values())
        bottom = [place for place in above if place not in upper]
        chosen = [place for place in bottom if not _reached(close, columns.ids[place])]
        if not chosen:
            raise GoalTreeError("nothing goes on into the next period: every goal was reached")
    else:
        chosen = [columns.place(id) for id in keep]
        gone = [columns.ids[place] for place in chosen if place not in above]
        if gone:
            raise GoalTreeError(
                f"{', '.join(map(repr, gone[:SHOWN]))} left before {day} and cannot go on "
                f"({len(gone)} such goals); take them out of keep=",
                path=gone[0],
            )
        if not chosen:
            raise GoalTreeError("nothing goes on into the next period: keep= names no goal; leave it out, or name one")
    kept: set[int] = set()
    waiting = list(chosen)
    while waiting:
        place: int | None = waiting.pop()
        if place is None or place in kept:
            continue
        kept.add(place)
        upper_one = above[place]
        waiting.extend([] if upper_one is None else [upper_one])
        if place in columns.rich:
            driven = [columns.places[part.to] for part in columns.rich[place].contributes]
            waiting.extend(one for one in driven if one in above and not _reached(close, columns.ids[one]))
        if columns.roll_up[place] == CODES["product"]:
            # A product without one of its factors would be another number.
            waiting.extend(one.place for one in families.drivers(place, day) if one.place in above)
    return kept


def _reached(close: GoalReport, id: str) -> bool:
    return bool(close.progress[close.columns.place(id)] >= 1)


def _of_parts(goal: Goal, drivers: list[Driver], goals: dict[int, Goal]) -> dict[str, Any]:
    """A goal that its parts make is to reach what those that go on are to reach, and starts where they start."""
    reach = [(one.share, goals[one.place].target or Fraction(0)) for one in drivers]
    starts = [(one.share, goals[one.place].baseline) for one in drivers]
    if goal.roll_up == "product":
        target, baseline = (prod((number for _, number in numbers), start=Fraction(1)) for numbers in (reach, starts))
    else:
        target, baseline = (
            sum((share * number for share, number in numbers), Fraction(0)) for numbers in (reach, starts)
        )
    over = goal.over_assignment
    if not goal.is_linear:
        return {"target": target / (1 + over)}
    target = (target + over * baseline) / (1 + over)
    found: dict[str, Any] = {"target": target, "baseline": baseline}
    if target == baseline:
        found["zero_span"] = "reached"
    elif goal.direction is not None:
        found["direction"] = "decrease" if target < baseline else "increase"
    return found


def _from_where_it_stands(goal: Goal, value: Fraction, *, held: bool) -> dict[str, Any]:
    """The last value as the baseline; who is there already keeps theirs, or holds the value as a factor.

    What is summed up over a period starts at nothing in the next, where the rest of it is to be reached.
    """
    if goal.target is None or goal.target == goal.baseline:
        return {}
    if goal.over_time == "sum":
        return {"baseline": Fraction(0), "target": goal.target - value} if value < goal.target else {}
    if value < goal.target if goal.target > goal.baseline else value > goal.target:
        return {"baseline": value}
    return {"baseline": value, "target": value, "zero_span": "reached"} if held else {}


def _points(now: Goal, before: Goal, fresh: Goal) -> dict[str, Any]:
    """The threshold and the stretch that are still ahead; of a target that its parts made anew there are none."""
    if now.target != fresh.target:
        return {"threshold": None, "stretch": None}
    if before.threshold is None or not now.is_linear or now.target is None:
        return {}
    passed = now.baseline <= before.threshold if now.lower_is_better else now.baseline >= before.threshold
    return {"threshold": None} if passed else {}
