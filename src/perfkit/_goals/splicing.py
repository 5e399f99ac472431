"""Goals put into columns of goals, or in the place of others there, without looking at all of them again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar

import numpy as np
from attrs import evolve

from perfkit._goals.columns import NUMBERS, AnyColumn, GoalColumns, IntColumn, check_family, columns_of, places_of
from perfkit._goals.definition import Goal

Value = TypeVar("Value")


def spliced(columns: GoalColumns, goal: Goal, *, under: int = -1, instead_of: int | None = None) -> GoalColumns:
    """The columns with one more goal and all below it, last under another, or with it in the place of another.

    Raises:
        GoalTreeError: for an id used twice, or parts that do not make the goal above.
    """
    kept = np.ones(len(columns), dtype=np.bool_)
    if instead_of is None:
        at = _after(columns, under)
    else:
        under = int(columns.above[instead_of])
        kept[_family(columns, instead_of)] = False
        at = int(kept[:instead_of].sum())
    more = columns_of([goal])
    moved = np.cumsum(kept) - 1
    moved += np.where(moved >= at, len(more), 0)
    line = [int(moved[place]) for place in columns.line(under)]

    def joined(mine: AnyColumn, theirs: AnyColumn) -> AnyColumn:
        mine = mine[kept]
        return np.concatenate([mine[:at], theirs, mine[at:]])

    def listed(mine: Sequence[Value], theirs: Sequence[Value]) -> list[Value]:
        left = [mine[place] for place in np.flatnonzero(kept).tolist()] if instead_of is not None else list(mine)
        return [*left[:at], *theirs, *left[at:]]

    ids = listed(columns.ids, more.ids)
    above = joined(
        np.where(columns.above < 0, -1, moved[columns.above]),
        np.where(more.above < 0, line[0] if line else -1, more.above + at),
    )
    unit_names, units = _numbered_on(columns.unit_names, more.unit_names, more.units)
    periods, period = _numbered_on(columns.periods, more.periods, more.period)
    # A row of a table stands for none of what is put there: those goals are looked up as goals.
    added = more.rich if columns.goals is not None else dict(enumerate(more.goals or ()))
    rich = {int(moved[place]): goal for place, goal in columns.rich.items() if kept[place]}
    table = columns.table
    if table is not None:
        table = {name: joined(column, np.zeros(len(more), column.dtype)) for name, column in table.items()}
    found = evolve(
        columns,
        ids=ids,
        places=places_of(ids),
        above=above,
        numbers={name: joined(columns.numbers[name], more.numbers[name]) for name in NUMBERS},
        roll_up=joined(columns.roll_up, more.roll_up),
        over_time=joined(columns.over_time, more.over_time),
        kind=joined(columns.kind, more.kind),
        units=joined(columns.units, units),
        unit_names=unit_names,
        periods=periods,
        period=joined(columns.period, period),
        rich=rich | {place + at: goal for place, goal in added.items()},
        goals=None if columns.goals is None else listed(columns.goals, more.goals or ()),
        table=table,
        stale=frozenset({int(moved[place]) for place in columns.stale if kept[place]}.union(line)),
    )
    if line:
        check_family(found, line[0])
    return found


def _after(columns: GoalColumns, under: int) -> int:
    """Where the goals below a goal end, where each goal comes before its own parts; the end for none."""
    if under < 0:
        return len(columns)
    while parts := columns.parts(under):
        under = max(parts)
    return under + 1


def _family(columns: GoalColumns, place: int) -> list[int]:
    family = [place]
    for one in family:
        family.extend(columns.parts(one))
    return family


def _numbered_on(known: tuple[Any, ...], more: tuple[Any, ...], places: IntColumn) -> tuple[tuple[Any, ...], IntColumn]:
    """Further values after those known, and the place of each of theirs among all."""
    every = {value: place for place, value in enumerate(known)}
    number = np.array([every.setdefault(value, len(every)) for value in more], dtype=np.int64).reshape(-1)
    return tuple(every), np.where(places < 0, -1, number[places]) if len(number) else places
