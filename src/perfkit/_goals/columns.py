"""Goals as columns: from nested goals or from a table, checked all at once, a million as one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from fractions import Fraction
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
from attrs import evolve, field, fields, frozen

from perfkit._core.columns import is_missing_value
from perfkit._core.numbers import exact
from perfkit._core.tables import as_array
from perfkit._goals.definition import Goal, with_children
from perfkit._goals.measures import OVER_TIME
from perfkit._goals.period import Period
from perfkit._goals.relations import ROLL_UPS, Contribution
from perfkit.errors import SHOWN, DefinitionError, GoalTreeError, did_you_mean, row_list

FloatColumn = npt.NDArray[np.float64]
IntColumn = npt.NDArray[np.int64]
AnyColumn = npt.NDArray[Any]

# What a plain goal is made of; a row that says anything else is read as a Goal.
NUMBERS = ("baseline", "target", "threshold", "stretch", "weight", "weights_add_up_to", "share", "over_assignment")
TEXTS = ("title", "owner", "level", "perspective", "measure", "unit")
PLAIN = (*NUMBERS, *TEXTS, "roll_up", "period", "direction", "over_time")
_DEFAULTS = {"baseline": 0.0, "weight": 1.0, "over_assignment": 0.0}
_EXACT = {"baseline": Fraction(0), "weight": Fraction(1), "over_assignment": Fraction(0)}
CODES: Mapping[str, int] = {name: code for code, name in enumerate(ROLL_UPS)}
OF_VALUES = tuple(CODES[name] for name in ("sum", "product", "ratio"))
TIMES: Mapping[str, int] = {name: code for code, name in enumerate(OVER_TIME)}
_LINES: Mapping[str, int] = {"increase": 1, "decrease": 2}


@frozen(eq=False)
class GoalColumns:
    """Goals by place, in the order in which they were given.

    Attributes:
        ids: of the goals.
        above: the place of the goal above each; -1 at the top.
        numbers: the numbers of plain goals, NaN where none is given; an automatic weight is NaN too.
        roll_up: the code of each goal's roll-up.
        over_time: the code of how each goal's observations over time make its actual.
        kind: how it is measured: 0 not at all, 1 from a baseline to a target, 2 otherwise.
        units: the place of each goal's unit among all units.
        unit_names: all units that occur.
        periods: all periods that occur.
        period: the place of each goal's own period; -1 for none.
        rich: the goals that say more than plain ones, by place.
        goals: the goals themselves, where they were given as such.
        stale: the places of those whose parts have been replaced since.
        table: the columns, where they were given as such.
    """

    ids: Sequence[str]
    places: Mapping[str, int] = field(repr=False)
    above: IntColumn
    numbers: Mapping[str, FloatColumn]
    roll_up: npt.NDArray[np.int8]
    over_time: npt.NDArray[np.int8]
    kind: npt.NDArray[np.int8]
    units: IntColumn
    unit_names: tuple[str, ...]
    periods: tuple[Period, ...]
    period: IntColumn
    rich: Mapping[int, Goal]
    goals: Sequence[Goal] | None = None
    table: Mapping[str, AnyColumn] | None = None
    stale: frozenset[int] = frozenset()

    def __len__(self) -> int:
        return len(self.ids)

    def place(self, id: str | int) -> int:
        """The place of a goal; a number is the text that it reads as, as it is in a column of ids.

        Raises:
            GoalTreeError: if no goal has the id.
        """
        if id not in self.places:
            known = _name(id) if isinstance(id, (int, np.integer)) and not isinstance(id, bool) else str(id)
            if known not in self.places:
                raise GoalTreeError(f"no goal is called {id!r}{_hint(str(id), self.places)}", path=str(id))
            return self.places[known]
        return self.places[str(id)]

    def goal(self, place: int) -> Goal:
        """A goal by itself, without the goals below it where it comes from a table."""
        if self.goals is not None:
            return self.goals[place]
        return self.rich[place] if place in self.rich else _goal_of(self.ids, self.table or {}, place)

    def number(self, name: str, place: int) -> Fraction | None:
        """A number of a goal, exactly; None where none is given, or for an automatic weight."""
        if self.goals is not None or place in self.rich:
            found: Fraction | None = getattr(self.goal(place), name)
            return found
        value = None if self.table is None or name not in self.table else self.table[name][place]
        if is_missing_value(value):
            return _EXACT.get(name)
        return None if isinstance(value, str) else exact(value)

    def text(self, name: str, place: int) -> str:
        """A text of a goal, such as its owner."""
        if self.table is None or place in self.rich:
            return str(getattr(self.goal(place), name))
        return "" if name not in self.table or is_missing_value(value := self.table[name][place]) else str(value)

    @cached_property
    def below(self) -> tuple[IntColumn, IntColumn]:
        """The places of all goals sorted by the goal above, and where the parts of each begin among them."""
        order = np.argsort(self.above, kind="stable")
        starts = np.searchsorted(self.above[order], np.arange(len(self) + 1)).astype(np.int64)
        return order.astype(np.int64), starts

    def parts(self, place: int) -> list[int]:
        """The places of the goals right below, in their order; those at the top for -1."""
        order, starts = self.below
        if place < 0:
            return [int(part) for part in order[: starts[0]]]
        return [int(part) for part in order[starts[place] : starts[place + 1]]]

    def line(self, place: int) -> list[int]:
        """The place of a goal and of each goal above it."""
        line = []
        while place >= 0:
            line.append(place)
            place = int(self.above[place])
        return line

    def tree(self, place: int) -> Goal:
        """A goal with all goals below it."""
        family = [place]
        for above in family:
            # Where a goal was given as such and nothing below it has changed, it has its parts already.
            family.extend(() if self._is_whole(above) else self.parts(above))
        made: dict[int, Goal] = {}
        for one in reversed(family):
            goal = self.goal(one)
            parts = [] if self._is_whole(one) else [made.pop(part) for part in self.parts(one)]
            made[one] = goal if self._is_whole(one) else with_children(goal, parts)
        return made[place]

    def _is_whole(self, place: int) -> bool:
        return self.goals is not None and place not in self.stale


def columns_of(roots: Iterable[Goal]) -> GoalColumns:
    """Nested goals as columns, each goal before its own parts.

    Raises:
        GoalTreeError: for an id used twice.
    """
    goals: list[Goal] = []
    above: list[int] = []
    waiting = [(root, -1) for root in reversed(list(roots))]
    while waiting:
        goal, parent = waiting.pop()
        above.append(parent)
        waiting.extend((child, len(goals)) for child in reversed(goal.children))
        goals.append(goal)
    ids = [goal.id for goal in goals]
    numbers = {
        name: np.array([_float(getattr(goal, name)) for goal in goals], dtype=np.float64).reshape(-1)
        for name in NUMBERS
    }
    periods, period = _numbered([goal.period for goal in goals])
    unit_names, units = _numbered([goal.unit for goal in goals])
    return GoalColumns(
        ids,
        places_of(ids),
        np.array(above, dtype=np.int64),
        numbers,
        np.array([CODES[goal.roll_up] for goal in goals], dtype=np.int8),
        np.array([TIMES[goal.over_time] for goal in goals], dtype=np.int8),
        np.array([_kind(goal) for goal in goals], dtype=np.int8),
        units,
        tuple(unit_names),
        tuple(periods),
        period,
        {place: goal for place, goal in enumerate(goals) if not _is_plain(goal)},
        goals=goals,
    )


def read_columns(id: Any, parent: Any, given: Mapping[str, Any]) -> GoalColumns:
    """A table of goals as columns, one row a goal, in any order.

    Raises:
        GoalTreeError: for unknown columns or parents, columns of unequal length, ids used twice, and rows that make
            no goal: the first ones and how many.
    """
    known = [attribute.name for attribute in fields(Goal) if attribute.name not in ("id", "children")]
    odd = [name for name in given if name not in known]
    if odd:
        dated = "; give period=, a Period(start, end) in each row" if odd[0] in ("start", "end") else ""
        hint = dated or f"{did_you_mean(odd[0], known)}; it has {', '.join(known)}"
        raise GoalTreeError(f"a goal has no {odd[0]!r}{hint}", path=odd[0])
    names, above_names = _listed("id", id), _listed("parent", parent)
    table = {name: _column(name, column) for name, column in given.items()}
    lengths = {"id": len(names), "parent": len(above_names), **{name: len(column) for name, column in table.items()}}
    if len(set(lengths.values())) > 1:
        raise GoalTreeError(f"columns of goals must be of one length (got {lengths})")
    ids = named(names)
    _check_ids(ids)
    places = places_of(ids)
    return _checked(ids, places, _above(ids, places, above_names), table)


def _column(name: str, column: Any) -> AnyColumn:
    array = as_array(name, column)
    if array.ndim == 0:
        raise GoalTreeError(f"column {name!r} of goals must be a sequence, one value a goal")
    # A copy, for a tree does not change when its caller's arrays do.
    return array.copy()


def _listed(name: str, column: Any) -> list[Any]:
    """A column of names as a list; a list stays one, for making an array of a million texts and back takes a second."""
    return column if type(column) is list else list(_column(name, column).tolist())


def _checked(ids: list[str], places: dict[str, int], above: IntColumn, table: Mapping[str, AnyColumn]) -> GoalColumns:
    n = len(ids)
    suspects = np.zeros(n, dtype=np.bool_)
    numbers = {}
    for name in NUMBERS:
        numbers[name], odd = _numbers(table.get(name), n, _DEFAULTS.get(name, np.nan))
        suspects |= odd
    extra = [table[name] for name in table if name not in PLAIN]
    for column in extra:
        suspects |= np.fromiter((not is_missing_value(value) for value in column), dtype=np.bool_, count=n)
    roll_up, odd = _codes(table.get("roll_up"), n, CODES)
    suspects |= odd | ~(numbers["weight"] > 0) | (numbers["target"] == numbers["baseline"])
    times, odd = _codes(table.get("over_time"), n, TIMES)
    suspects |= odd
    line, odd = _codes(table.get("direction"), n, _LINES)
    rises = numbers["target"] > numbers["baseline"]
    suspects |= odd | ((line == 1) & ~rises) | ((line == 2) & ~(numbers["target"] < numbers["baseline"]))
    periods, period = _numbered(table["period"].tolist()) if "period" in table else ([], np.full(n, -1, np.int64))
    strange = [place for place, one in enumerate(periods) if not isinstance(one, Period)]
    suspects |= np.isin(period, strange)
    suspects |= ~(numbers["share"] > 0) & ~np.isnan(numbers["share"])
    suspects |= (numbers["share"] > 1) | (numbers["over_assignment"] < 0) | _unordered(numbers)
    rich, problems = _rich(ids, table, np.flatnonzero(suspects))
    if problems:
        first = [f"row {place}: {problem}" for place, problem in problems[:SHOWN]]
        raise GoalTreeError(
            f"{len(problems)} of {n:,} rows make no goal: {'; '.join(first)}", path=ids[problems[0][0]], problems=first
        )
    for place, goal in rich.items():
        roll_up[place] = CODES[goal.roll_up]
        times[place] = TIMES[goal.over_time]
        for name in NUMBERS:
            numbers[name][place] = _float(getattr(goal, name))
    kind = np.where(np.isnan(numbers["target"]), 0, 1).astype(np.int8)
    for place, goal in rich.items():
        kind[place] = _kind(goal)
    unit_names, units = [""], np.zeros(n, dtype=np.int64)
    if "unit" in table:
        unit_names, units = _numbered(named(table["unit"].tolist()))
    columns = GoalColumns(
        ids,
        places,
        above,
        numbers,
        roll_up,
        times,
        kind,
        units,
        tuple(unit_names),
        tuple(periods),
        period,
        {place: goal for place, goal in rich.items() if not _is_plain(goal)},
        table=table,
    )
    _check_families(columns)
    return columns


def _check_families(columns: GoalColumns) -> None:
    """What a goal asks of the goals below it, as far as their numbers can break it; told by the goal itself."""
    child = np.flatnonzero(columns.above >= 0)
    parent = columns.above[child]
    code, target = columns.roll_up[parent], columns.numbers["target"]
    sums = code == CODES["sum"]
    bad = sums & (columns.units[child] != columns.units[parent])
    bad |= (sums | (code == CODES["product"])) & np.isnan(target[child])
    own = np.isin(code, [CODES[name] for name in ("sum", "product", "ratio", "own")])
    bad |= (own & np.isnan(target[parent])) | (code == CODES["ratio"])
    bad |= np.isnan(columns.numbers["weight"][child]) | ~np.isnan(columns.numbers["weights_add_up_to"][parent])
    found: list[tuple[str, GoalTreeError]] = []
    for place in np.unique(parent[bad]).tolist():
        try:
            check_family(columns, place)
        except GoalTreeError as error:
            found.append((columns.ids[place], error))
    if found:
        id, first = found[0]
        others = ", ".join(repr(other) for other, _ in found[1:SHOWN])
        more = f"; so do {len(found) - 1} more goals: {others}" if len(found) > 1 else ""
        more += ", ..." if len(found) > SHOWN else ""
        raise GoalTreeError(
            f"{first}{more}", path=id, problems=[problem for _, error in found for problem in error.problems]
        ) from first


def check_family(columns: GoalColumns, place: int) -> None:
    """What a goal asks of the goals right below it, told by the goal itself.

    Raises:
        GoalTreeError: for parts that do not make the goal.
    """
    try:
        # Only their own fields matter here, so that no deep tree is built.
        evolve(columns.goal(place), children=[columns.goal(part) for part in columns.parts(place)])
    except DefinitionError as error:
        raise GoalTreeError(str(error), path=columns.ids[place], problems=error.problems) from error


def _rich(
    ids: Sequence[str], table: Mapping[str, AnyColumn], places: IntColumn
) -> tuple[dict[int, Goal], list[tuple[int, str]]]:
    goals, problems = {}, []
    for place in places.tolist():
        try:
            goals[place] = _goal_of(ids, table, place)
        except (DefinitionError, TypeError) as error:
            problems.append((place, str(error)))
    return goals, problems


def _goal_of(ids: Sequence[str], table: Mapping[str, AnyColumn], place: int) -> Goal:
    given: dict[str, Any] = {}
    for name, column in table.items():
        value = column[place]
        if not is_missing_value(value):
            # A number may name an owner, as it may name a goal.
            given[name] = str(value) if name in TEXTS else _value(value)
    return Goal(ids[place], **given)


def _value(value: Any) -> Any:
    if isinstance(value, np.datetime64):
        # A column of days is often one of moments at midnight.
        day = value.astype("datetime64[D]")
        return day.item() if day == value else value.astype("datetime64[us]").item()
    return value.item() if isinstance(value, np.generic) else value


def _float(value: Any) -> float:
    return np.nan if value is None else float(value)


def _kind(goal: Goal) -> int:
    if not goal.is_measured:
        return 0
    return 1 if goal.is_linear and goal.target != goal.baseline else 2


def _is_plain(goal: Goal) -> bool:
    """Whether the columns say all that a roll-up has to know."""
    return _kind(goal) < 2 and not (
        goal.contributes
        or goal.changes
        or goal.joined
        or goal.left
        or goal.plan
        or goal.pacing
        or goal.curve
        or goal.contributors
        or goal.supports
    )


def _numbers(column: AnyColumn | None, n: int, default: float) -> tuple[FloatColumn, npt.NDArray[np.bool_]]:
    """A column of numbers, NaN or the default where missing, and the rows that are to be looked at one by one."""
    if column is None:
        return np.full(n, default), np.zeros(n, dtype=np.bool_)
    if column.dtype.kind in "iuf":
        values = column.astype(np.float64)
        odd = np.isinf(values)
        return (np.where(np.isnan(values), default, values) if default == default else values), odd
    missing = np.fromiter((is_missing_value(value) for value in column), dtype=np.bool_, count=n)
    values = np.full(n, default)
    odd = np.zeros(n, dtype=np.bool_)
    for row in np.flatnonzero(~missing).tolist():
        value = column[row]
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            values[row] = value
            odd[row] = np.isinf(values[row])
        else:
            odd[row] = True
    return values, odd


def _codes(
    column: AnyColumn | None, n: int, known: Mapping[str, int]
) -> tuple[npt.NDArray[np.int8], npt.NDArray[np.bool_]]:
    """The code of each name, the first where there is none, and the rows whose name is not known."""
    if column is None:
        return np.zeros(n, dtype=np.int8), np.zeros(n, dtype=np.bool_)
    codes = np.array(
        [0 if is_missing_value(name) else known.get(name, -1) for name in column.tolist()], dtype=np.int8
    ).reshape(-1)
    return np.maximum(codes, 0).astype(np.int8), codes < 0


def _unordered(numbers: Mapping[str, FloatColumn]) -> npt.NDArray[np.bool_]:
    """Goals with a threshold or a stretch; their order is told by the goal itself."""
    return np.asarray(~np.isnan(numbers["threshold"]) | ~np.isnan(numbers["stretch"]))


def named(values: list[Any]) -> list[str]:
    """Names as texts, a missing one as an empty text; numbers name goals too."""
    if set(map(type, values)) == {str}:
        return list(values)
    return ["" if is_missing_value(value) else _name(value) for value in values]


def id_hint(id: Any, places: Mapping[str, int]) -> str:
    """What may have been meant by an id that no goal has: ids are text."""
    if isinstance(id, str):
        return _hint(id, places)
    return f" (ids are text: give {str(id)!r})" if str(id) in places else " (ids are text)"


def _name(value: Any) -> str:
    # Whole numbers are floats in a column in which one is missing.
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _check_ids(ids: list[str]) -> None:
    if not all(map(str.strip, ids)):
        rows = [row for row, id in enumerate(ids) if not id.strip()]
        raise GoalTreeError(f"id of a goal must be a text that is not empty (row {rows[0]}, {len(rows)} in all)")


def places_of(ids: Sequence[str]) -> dict[str, int]:
    """The place of each goal by its id.

    Raises:
        GoalTreeError: for an id used twice, with its rows.
    """
    places = dict(zip(ids, range(len(ids)), strict=True))
    if len(places) < len(ids):
        rows: dict[str, list[int]] = {}
        for row, id in enumerate(ids):
            rows.setdefault(id, []).append(row)
        twice = {id: found for id, found in rows.items() if len(found) > 1}
        shown = "; ".join(f"{id!r} twice, {row_list(found, len(found))}" for id, found in list(twice.items())[:SHOWN])
        raise GoalTreeError(f"ids of goals must differ (got {shown}; {len(twice)} in all)", path=next(iter(twice)))
    return places


def _hint(name: str, known: Mapping[str, int]) -> str:
    # To look through a million names for one that is alike takes longer than all the rest.
    return did_you_mean(name, known) if len(known) <= _SEARCHED else ""


_SEARCHED = 100_000


def _above(ids: Sequence[str], places: Mapping[str, int], names: list[Any]) -> IntColumn:
    try:
        above = list(map(places.get, names))
    except TypeError:
        # What cannot be looked up is told as the text that it reads as.
        return _above(ids, places, named(names))
    lost = []
    for row in [row for row, place in enumerate(above) if place is None] if None in above else ():
        name = names[row]
        above[row] = -1 if is_missing_value(name) or name == "" else places.get(_name(name))
        if above[row] is None:
            lost.append(row)
    if lost:
        name = str(names[lost[0]])
        raise GoalTreeError(
            f"goal {ids[lost[0]]!r} is under {name!r}, which is no goal{_hint(name, places)}; "
            f"{len(lost):,} of {len(ids):,} goals, {row_list(lost, len(lost))}",
            path=str(ids[lost[0]]),
        )
    return np.array(above, dtype=np.int64).reshape(-1)


def _numbered(values: Sequence[Any]) -> tuple[list[Any], IntColumn]:
    """The different values, and the place of each among them; -1 for None."""
    different: dict[Any, int] = {}
    places = [
        -1 if value is None or value != value else different.setdefault(value, len(different)) for value in values
    ]
    return list(different), np.array(places, dtype=np.int64).reshape(-1)


def further(columns: GoalColumns) -> list[tuple[int, Contribution]]:
    """What goals contribute to besides the goal above them, by the place of the goal.

    Raises:
        GoalTreeError: for contributions to goals that are not there, to the goal itself, or to the goal above.
    """
    found = []
    for place, goal in columns.rich.items():
        for part in goal.contributes:
            target = columns.places.get(part.to)
            if target is None:
                hint = did_you_mean(part.to, columns.places)
                raise GoalTreeError(f"{goal.id!r} contributes to {part.to!r}, which is no goal{hint}", path=goal.id)
            if target in (place, columns.above[place]):
                where = "itself" if target == place else "the goal above it, which it drives already"
                raise GoalTreeError(f"{goal.id!r} contributes to {where}; take it out of contributes", path=goal.id)
            found.append((place, part))
        for name in goal.supports:
            if name not in columns.places:
                hint = did_you_mean(name, columns.places)
                raise GoalTreeError(f"{goal.id!r} supports {name!r}, which is no goal{hint}", path=goal.id)
    return found


def dates_of(goal: Goal) -> set[date]:
    """The days from which on a goal is other than before."""
    days = {change.on for change in goal.changes}
    days |= {goal.joined} if goal.joined is not None else set()
    return days | ({date.fromordinal(goal.left.toordinal() + 1)} if goal.left is not None else set())


def dates_of_change(columns: GoalColumns) -> list[date]:
    """The days on which something about a goal changes, in order."""
    return sorted(set().union(*map(dates_of, columns.rich.values())))


def periods_of(columns: GoalColumns) -> IntColumn:
    """The place of each goal's period: its own, or that of the nearest goal above that has one; -1 for none."""
    period, above = columns.period.copy(), columns.above.copy()
    while True:
        rows = np.flatnonzero((period < 0) & (above >= 0))
        if not len(rows):
            return period
        # Each look reaches twice as far as the one before.
        period[rows], above[rows] = period[above[rows]], above[above[rows]]
