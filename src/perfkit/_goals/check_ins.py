"""Check-ins: dated observations of goals, with the confidence that was stated, and what they come to on a day."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from fractions import Fraction
from operator import eq
from typing import Any

import numpy as np
import numpy.typing as npt
from attrs import evolve, field, frozen

from perfkit._core.checks import instance
from perfkit._core.columns import is_missing_value, read_numbers
from perfkit._core.notebook import count, definition, grid, heading, in_words, left_out, view
from perfkit._core.numbers import Number, exact, plain
from perfkit._core.tables import as_array
from perfkit._goals.columns import TIMES, FloatColumn, GoalColumns, IntColumn
from perfkit._goals.definition import Goal
from perfkit._goals.measures import Ratio
from perfkit._goals.period import Period
from perfkit.errors import SHOWN, DataError, DefinitionError, did_you_mean, row_list

Observed = Number | Ratio | bool | Mapping[str, Number] | Sequence[str]
Days = npt.NDArray[np.datetime64]


def _as_told(value: Any) -> Any:
    """An observation that stays as it was told: a list of milestones as a tuple, a gap as None."""
    if isinstance(value, np.generic):
        value = value.item()
    if is_missing_value(value):
        return None
    if isinstance(value, Mapping):
        return {str(name): part for name, part in value.items()}
    return tuple(value) if isinstance(value, (list, set, frozenset)) else value


def _confidence(value: Number | None) -> Fraction | None:
    return None if value is None else exact(value, what="confidence", path="confidence")


_ROWS = 10


@frozen
class CheckIn:
    """What somebody saw of a goal on a day, and how sure they are that it will be reached.

    Args:
        goal: the id of the goal.
        on: the day.
        value: the actual: a number, a :class:`perfkit.Ratio`, True or False, or the milestones that are done.
        confidence: how likely it is that the goal will be reached, 0 to 1; None where nobody said.
        note: in words.
        by: who says so.
    """

    _repr_html_ = definition

    goal: str = field(validator=instance(str))
    on: date = field(validator=instance(date))
    value: Any = field(converter=_as_told)
    confidence: Fraction | None = field(default=None, converter=_confidence, kw_only=True)
    note: str = field(default="", validator=instance(str), kw_only=True)
    by: str = field(default="", validator=instance(str), kw_only=True)

    def __attrs_post_init__(self) -> None:
        if type(self.on) is not date:
            raise DefinitionError(
                f"the day of a check-in must be a date (got {self.on!r}); take .date() of it", path="on"
            )
        if self.confidence is not None and not 0 <= self.confidence <= 1:
            raise DefinitionError(
                f"confidence must be between 0 and 1 (got {plain(self.confidence)})", path="confidence"
            )


def _told(check_ins: CheckIn | Iterable[CheckIn]) -> tuple[CheckIn, ...]:
    return (check_ins,) if isinstance(check_ins, CheckIn) else tuple(check_ins)


@frozen(eq=False, repr=False)
class CheckIns(Sequence[CheckIn]):
    """Check-ins in the order of their days, from a list of them or from columns.

    Args:
        told: the check-ins.

    Raises:
        DataError: for days out of order for a goal.

    Example:
        >>> seen = CheckIns([CheckIn("logos", date(2026, 3, 31), 20), CheckIn("logos", date(2026, 6, 30), 64)])
        >>> len(seen), seen[1].value
        (2, 64)
    """

    told: tuple[CheckIn, ...] = field(default=(), converter=_told)
    _columns: Mapping[str, Any] = field(default=None, kw_only=True)

    def __attrs_post_init__(self) -> None:
        if self._columns is None:
            odd = [one for one in self.told if not isinstance(one, CheckIn)]
            if odd:
                raise DefinitionError(f"check-ins must be of CheckIn (got {odd[0]!r})")
            columns = {
                "goal": [one.goal for one in self.told],
                "on": np.array([one.on for one in self.told], dtype="datetime64[D]"),
                "value": _objects([one.value for one in self.told]),
                "confidence": np.array(
                    [np.nan if one.confidence is None else float(one.confidence) for one in self.told], dtype=np.float64
                ),
            }
            object.__setattr__(self, "_columns", columns)
        _refuse_disorder(self._columns["goal"], self._columns["on"])

    @classmethod
    def from_columns(
        cls, *, goal: Any, on: Any, value: Any, denominator: Any | None = None, confidence: Any | None = None
    ) -> CheckIns:
        """Check-ins from columns of one length, one row each.

        Args:
            goal: the ids.
            on: the days, as dates or datetime64.
            value: the actuals; numerators, where there are denominators.
            denominator: of ratios; NaN for those that are none.
            confidence: 0 to 1; NaN or None for none.
        """
        given = {"goal": goal, "on": on, "value": value, "denominator": denominator, "confidence": confidence}
        arrays = {name: as_array(name, column) for name, column in given.items() if column is not None}
        if len({len(column) for column in arrays.values()}) > 1:
            lengths = ", ".join(f"{name} {len(column)}" for name, column in arrays.items())
            raise DataError(f"columns of check-ins must be of one length (got {lengths})")
        n = len(arrays["goal"])
        try:
            days = arrays["on"].astype("datetime64[D]")
        except (TypeError, ValueError) as error:
            raise DataError(f"column 'on' of check-ins must hold dates ({error})", column="on") from error
        columns: dict[str, Any] = {
            "goal": [str(name) for name in arrays["goal"].tolist()],
            "on": days,
            "value": arrays["value"],
            "confidence": np.full(n, np.nan),
        }
        if "denominator" in arrays:
            columns["denominator"] = read_numbers("denominator", arrays["denominator"], range(n))
        if "confidence" in arrays:
            columns["confidence"] = read_numbers("confidence", arrays["confidence"], range(n))
            stated = columns["confidence"]
            bad = np.flatnonzero((stated < 0) | (stated > 1))
            if len(bad):
                raise DataError(
                    f"column 'confidence' must be between 0 and 1: {row_list(bad[:SHOWN].tolist(), len(bad))}",
                    column="confidence",
                    rows=bad.tolist(),
                )
        return cls((), columns=columns)

    def __len__(self) -> int:
        return len(self._columns["goal"])

    def __getitem__(self, row: Any) -> Any:
        if isinstance(row, slice):
            return CheckIns([self[one] for one in range(*row.indices(len(self)))])
        if self.told:
            return self.told[row]
        columns = self._columns
        value, confidence = columns["value"][row], columns["confidence"][row]
        value = value.item() if isinstance(value, np.generic) else value
        if "denominator" in columns and not np.isnan(columns["denominator"][row]):
            value = Ratio(value, float(columns["denominator"][row]))
        return CheckIn(
            columns["goal"][row],
            columns["on"][row].item(),
            value,
            confidence=None if np.isnan(confidence) else float(confidence),
        )

    def __iter__(self) -> Iterator[CheckIn]:
        return (self[row] for row in range(len(self)))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, CheckIns) and len(self) == len(other) and all(map(eq, self, other))

    def __hash__(self) -> int:
        return hash(tuple(self._columns["goal"]))

    def __repr__(self) -> str:
        return f"<CheckIns: {len(self):,} of {len(set(self._columns['goal'])):,} goals>"

    def _repr_html_(self) -> str:
        first = [self[row] for row in range(min(len(self), _ROWS))]
        rows = [
            (one.goal, one.on, in_words(one.value), "" if one.confidence is None else in_words(one.confidence))
            for one in first
        ]
        goals = count(len(set(self._columns["goal"])), "goal")
        return view(
            heading("check-ins", f"{len(self):,} of {goals}"),
            grid(("goal", "on", "value", "confidence"), rows, left=(0, 1), more=left_out(len(self), _ROWS)),
        )


@frozen(eq=False)
class Told:
    """Check-ins with a value or without, by place of their goal; NaN where they state no confidence."""

    places: IntColumn
    on: Days
    confidence: FloatColumn

    def where(self, kept: npt.NDArray[np.bool_]) -> Told:
        """Some of them."""
        return Told(self.places[kept], self.on[kept], self.confidence[kept])


@frozen(eq=False)
class Bound:
    """Check-ins of a value by place of their goal, as numbers: the value, and both parts of a ratio.

    Attributes:
        told: all check-ins, those without a value too.
    """

    places: IntColumn
    on: Days
    value: FloatColumn
    numerator: FloatColumn
    denominator: FloatColumn
    told: Told

    @property
    def stated(self) -> Told:
        """The check-ins that state a confidence."""
        return self.told.where(~np.isnan(self.told.confidence))

    def until(self, day: date | None) -> Bound:
        """Those up to a day."""
        if day is None:
            return self
        last = np.datetime64(day)
        return evolve(self.where(self.on <= last), told=self.told.where(self.told.on <= last))

    def of(self, place: int) -> Bound:
        """Those of a goal."""
        return self.where(self.places == place)

    def where(self, kept: npt.NDArray[np.bool_]) -> Bound:
        """Some of them."""
        return Bound(
            self.places[kept],
            self.on[kept],
            self.value[kept],
            self.numerator[kept],
            self.denominator[kept],
            self.told,
        )

    def refuse_outside(self, columns: GoalColumns, periods: Sequence[Period], period: IntColumn) -> None:
        """Refuse check-ins on days outside the period of their goal."""
        told = self.told
        if not len(told.places) or not periods:
            return
        ends = np.array([[one.start, one.end] for one in periods], dtype="datetime64[D]")
        own = period[told.places]
        has = own >= 0
        early = has & (told.on < ends[own, 0])
        late = has & (told.on > ends[own, 1])
        for rows, where, cure in (
            (np.flatnonzero(early), "before", "change its day, or the period"),
            (np.flatnonzero(late), "after", "date it on the last day, or observe the goal of the next period"),
        ):
            if len(rows):
                row = int(rows[0])
                side = periods[int(own[row])].start if where == "before" else periods[int(own[row])].end
                raise DataError(
                    f"{columns.ids[int(told.places[row])]!r} is checked in on {told.on[row]}, {where} the "
                    f"{'start' if where == 'before' else 'end'} of its period ({side}): "
                    f"{row_list(rows[:SHOWN].tolist(), len(rows))}; {cure}",
                    column="on",
                    rows=rows.tolist(),
                )

    def totals(self, columns: GoalColumns) -> tuple[FloatColumn, FloatColumn, FloatColumn, FloatColumn]:
        """What they come to, by place: the actual by each goal's rule over time, both parts of ratios, the last day."""
        n = len(columns)
        value, numerator, denominator, seen = (np.full(n, np.nan) for _ in range(4))
        value[self.places] = self.value
        seen = np.zeros(n)
        # The days are in order, so that the last to be written is the last that was seen.
        seen[self.places] = self.on.astype(np.int64) + _EPOCH
        rule = columns.over_time[self.places]
        for name in ("sum", "mean", "maximum", "minimum"):
            rows = np.flatnonzero(rule == TIMES[name])
            if len(rows):
                _over_time(name, value, self.places[rows], self.value[rows])
        ratios = ~np.isnan(self.denominator)
        if ratios.any():
            summed = ratios & (rule == TIMES["ratio"])
            last = ratios & (rule != TIMES["ratio"])
            for column, parts in ((numerator, self.numerator), (denominator, self.denominator)):
                column[self.places[last]] = parts[last]
                column[self.places[summed]] = 0.0
                np.add.at(column, self.places[summed], parts[summed])
            value = np.where(np.isnan(denominator), value, numerator / denominator)
        return value, numerator, denominator, seen


def bound(check_ins: CheckIns, columns: GoalColumns) -> Bound:
    """The check-ins of the goals of a tree, as numbers.

    Raises:
        DataError: for goals that are not in the tree, that are not measured, or values that are no actuals.
    """
    names, raw = check_ins._columns["goal"], check_ins._columns["value"]
    found = [columns.places.get(name) for name in names]
    if None in found:
        raise _unknown(columns, names, [row for row, place in enumerate(found) if place is None])
    places = np.array(found, dtype=np.int64).reshape(-1)
    denominator = check_ins._columns.get("denominator")
    if raw.dtype.kind in "iuf":
        value = read_numbers("value", raw, range(len(check_ins)))
        numerator = value.copy()
        denominator = np.full(len(check_ins), np.nan) if denominator is None else denominator
    else:
        read = actuals_of(columns, [(int(place), one) for place, one in zip(places, raw, strict=True)])
        value, numerator, parts = np.array(read, dtype=np.float64).reshape(-1, 3).T
        denominator = parts if denominator is None else np.where(np.isnan(denominator), parts, denominator)
    with np.errstate(divide="ignore", invalid="ignore"):
        value = np.where(np.isnan(denominator), value, numerator / denominator)
    _check_ratios(columns, places, denominator)
    told = Told(places, check_ins._columns["on"], check_ins._columns["confidence"])
    seen = Bound(places, told.on, value, numerator, denominator, told)
    # A check-in may be no more than a word and a confidence.
    return seen if not np.isnan(value).any() else seen.where(~np.isnan(value))


_EPOCH = date(1970, 1, 1).toordinal()


def _over_time(rule: str, actual: FloatColumn, places: IntColumn, values: FloatColumn) -> None:
    """What observations over time come to, by the rule of their goals."""
    if rule in ("sum", "mean"):
        actual[places] = 0.0
        np.add.at(actual, places, values)
        if rule == "mean":
            counts = np.bincount(places, minlength=len(actual))
            actual[:] = np.where(counts > 0, actual / np.maximum(counts, 1), actual)
        return
    actual[places] = -np.inf if rule == "maximum" else np.inf
    (np.maximum if rule == "maximum" else np.minimum).at(actual, places, values)


def actual_of(goal: Goal, value: Any) -> tuple[float, float, float]:
    """An observed value as a number, and both parts of a ratio (NaN for what is none).

    Raises:
        DataError: for what is no actual of the goal.
    """
    if is_missing_value(value):
        return np.nan, np.nan, np.nan
    if not goal.is_measured:
        raise DataError(f"{goal.id!r} was observed but has no target to measure it against", column=goal.id)
    if isinstance(value, Ratio):
        return float(value.value), float(value.numerator), float(value.denominator)
    try:
        if isinstance(value, (Mapping, list, tuple, set, frozenset)):
            if goal.direction != "milestones":
                raise DataError(f"{goal.id!r} has no milestones (got {value!r}); observe a number", column=goal.id)
            return float(goal.credit_of(value)), np.nan, np.nan
        number = float(read_numbers(goal.id, np.array([value], dtype=object), range(1))[0])
        if goal.direction in ("binary", "milestones"):
            goal.progress_of(number)
    except DefinitionError as error:
        raise DataError(str(error), column=goal.id) from error
    return number, np.nan, np.nan


def actuals_of(columns: GoalColumns, told: Sequence[tuple[int, Any]]) -> list[tuple[float, float, float]]:
    """Observed values by place of their goal, each as by :func:`actual_of`.

    Raises:
        DataError: for those that are no actuals: the first ones, and how many.
    """
    read, wrong = [], []
    for row, (place, value) in enumerate(told):
        try:
            read.append(actual_of(columns.goal(place), value))
        except DataError as error:
            wrong.append((row, str(error), error))
    if len(wrong) == 1:
        raise DataError(wrong[0][1], column=wrong[0][2].column, rows=[wrong[0][0]]) from wrong[0][2]
    if wrong:
        first = "; ".join(message for _, message, _ in wrong[:SHOWN])
        raise DataError(
            f"{len(wrong)} values are no actuals: {first}",
            column=wrong[0][2].column,
            rows=[row for row, _, _ in wrong],
        ) from wrong[0][2]
    return read


def _unknown(columns: GoalColumns, names: Sequence[str], rows: Sequence[int]) -> DataError:
    """The error for goals that are not in the tree: the first ones, and how many."""
    ids = list(dict.fromkeys(names[row] for row in rows))
    shown = ", ".join(f"{id!r}{did_you_mean(id, columns.places)}" for id in ids[:SHOWN])
    more = f" and {len(ids) - SHOWN:,} more goals" if len(ids) > SHOWN else ""
    return DataError(
        f"no goal is called {shown}{more}: {row_list(list(rows[:SHOWN]), len(rows))} of the check-ins; "
        "leave them out, or add the goal",
        column=ids[0],
        rows=rows,
    )


def _check_ratios(columns: GoalColumns, places: IntColumn, denominator: FloatColumn) -> None:
    rows = np.flatnonzero(~(denominator > 0) & ~np.isnan(denominator))
    if len(rows):
        raise DataError(
            f"column 'denominator' must be positive: {row_list(rows[:SHOWN].tolist(), len(rows))}",
            column="denominator",
            rows=rows.tolist(),
        )
    bare = np.flatnonzero((columns.over_time[places] == TIMES["ratio"]) & np.isnan(denominator))
    if len(bare):
        id = columns.ids[int(places[bare[0]])]
        raise DataError(
            f"{id!r} is a ratio over time, so each check-in needs both parts; give Ratio(numerator, denominator)",
            column=id,
            rows=bare.tolist(),
        )


def _objects(values: Sequence[Any]) -> npt.NDArray[Any]:
    column = np.empty(len(values), dtype=object)
    for row, value in enumerate(values):
        column[row] = value
    return column


def _refuse_disorder(goals: Sequence[str], on: Days) -> None:
    if np.isnat(on).any():
        rows = np.flatnonzero(np.isnat(on)).tolist()
        raise DataError(f"a check-in needs its day: {row_list(rows[:SHOWN], len(rows))}", column="on", rows=rows)
    if bool((on[1:] >= on[:-1]).all()):
        return
    last: dict[str, Any] = {}
    bad = []
    for row, (goal, day) in enumerate(zip(goals, on, strict=True)):
        if goal in last and day < last[goal]:
            bad.append(row)
        last[goal] = max(day, last.get(goal, day))
    if bad:
        raise DataError(
            f"check-ins of a goal must be in the order of their days: {goals[bad[0]]!r} on {on[bad[0]]} comes after "
            f"{last[goals[bad[0]]]} ({row_list(bad[:SHOWN], len(bad))}); sort them",
            column="on",
            rows=bad,
        )
