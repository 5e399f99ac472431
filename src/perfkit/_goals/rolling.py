"""The roll-up itself: a pass of arrays for each level, from the deepest up."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from fractions import Fraction

import numpy as np
from attrs import frozen

from perfkit._core.grid import publish
from perfkit._goals.columns import CODES, OF_VALUES, FloatColumn, GoalColumns, IntColumn, periods_of
from perfkit._goals.definition import Goal
from perfkit._goals.index import BoolColumn, GoalIndex, Group
from perfkit._goals.measures import limits_of
from perfkit._goals.rules import GoalRules
from perfkit.errors import SHOWN, DataError


@frozen(eq=False)
class Standing:
    """Where goals stand, by rank.

    Attributes:
        progress: not yet on the grid; NaN where nothing is known.
        value: what was observed, or what the parts come to; None where no roll-up reads it, so that it is worked out
            when somebody asks.
        numerator: of ratios.
        denominator: of ratios.
        seen: the day of the last observation, as an ordinal; 0 for none.
    """

    progress: FloatColumn
    value: FloatColumn | None
    numerator: FloatColumn | None
    denominator: FloatColumn | None
    seen: FloatColumn | None


@frozen(eq=False)
class Put:
    """Progress and values that somebody put in by hand; NaN where nobody did."""

    value: FloatColumn
    progress: FloatColumn


def rolled(index: GoalIndex, standing: Standing, rules: GoalRules, put: Put | None = None) -> Standing:
    """Where every goal stands, from what was observed of some.

    Args:
        index: the goals.
        standing: what is known of goals themselves, NaN where nothing is; what comes of it is written there.
        rules: the choices.
        put: what was put in by hand, which no part and no rule changes.
    """
    progress, value = standing.progress, standing.value
    _settle(standing, slice(None), rules, put)
    for group in index.groups:
        if group.code not in _KERNELS:
            continue
        parents = group.parents
        if standing.seen is not None:
            np.maximum.at(standing.seen[parents], group.into, standing.seen[group.children])
        fresh = np.isnan(progress[parents])
        if group.takes is not None:
            fresh &= group.takes
        if not fresh.any():
            continue
        with np.errstate(divide="ignore", invalid="ignore"):
            values, found = _KERNELS[group.code](Level(index, group, standing, rules))
        if value is not None:
            if group.code not in _OF_VALUES:
                values = _value_at(index, parents, found)
            np.copyto(value[parents], values, where=fresh)
        np.copyto(progress[parents], found, where=fresh)
        _settle(standing, parents, rules, put)
    return standing


def _value_at(index: GoalIndex, rows: slice, progress: FloatColumn) -> FloatColumn:
    """The value that progress stands for; NaN where goals are not measured on a line."""
    return np.where(index.kind[rows] == 1, index.baseline[rows] + progress * index.span[rows], np.nan)


def values_of(index: GoalIndex, standing: Standing, actual: FloatColumn, put: Put | None) -> FloatColumn:
    """The value of every goal, by rank: what was observed or put in, or what its progress stands for."""
    if standing.value is not None:
        return standing.value
    values = np.where(np.isnan(actual), _value_at(index, slice(None), standing.progress), actual)
    return values if put is None else np.where(np.isnan(put.progress), values, put.value)


def covered(index: GoalIndex, known: BoolColumn) -> FloatColumn:
    """The share of every goal that was observed, by rank, from which goals were."""
    coverage = known.astype(np.float64)
    for group in index.groups:
        if group.code not in _KERNELS:
            continue
        below = coverage[group.children]
        if bool((below == 1).all()):
            found = np.ones(group.count)
        else:
            total = np.bincount(group.into, minlength=group.count)
            whole = np.bincount(group.into, below == 1, minlength=group.count) == total
            # Never all of it while the least part is open, however the last bits fall.
            part = np.minimum(np.bincount(group.into, group.size * below, minlength=group.count), _ALMOST)
            found = np.where(whole, 1.0, part)
        fresh = ~known[group.parents] if group.takes is None else ~known[group.parents] & group.takes
        np.copyto(coverage[group.parents], found, where=fresh)
    return coverage


_ALMOST = np.nextafter(1.0, 0.0)
_EVERY = slice(None)


def _settle(standing: Standing, rows: slice, rules: GoalRules, put: Put | None) -> None:
    """What the rules and people make of numbers that were just worked out."""
    progress = standing.progress[rows]
    if rules.below_baseline == "zero":
        np.maximum(progress, 0.0, out=progress)
    if rules.above_target == "cap":
        np.minimum(progress, 1.0, out=progress)
    if rules.round_each:
        progress[:] = publish(progress, rules.grid)
    if put is not None:
        by_hand = ~np.isnan(put.progress[rows])
        progress[by_hand] = put.progress[rows][by_hand]
        if standing.value is not None:
            # Where progress stands for no value, what was observed stays.
            by_hand = ~np.isnan(put.value[rows])
            standing.value[rows][by_hand] = put.value[rows][by_hand]


@frozen(eq=False)
class Level:
    """What a kernel is given: the goals of a level that are rolled up in one way, and where their parts stand."""

    index: GoalIndex
    group: Group
    standing: Standing
    rules: GoalRules

    def total(self, values: FloatColumn) -> FloatColumn:
        """The sum for each goal of the level, part after part."""
        return np.asarray(np.bincount(self.group.into, values, minlength=self.group.count), dtype=np.float64)

    def shared(self, values: FloatColumn) -> FloatColumn:
        """Values of the parts, as far as they count."""
        return values if self.group.share is None else self.group.share * values

    def progress_at(self, value: FloatColumn) -> FloatColumn:
        """The progress of goals of the level that have come to a value."""
        rows = self.group.parents
        return measured(self.index, value, rows)

    def values(self) -> FloatColumn:
        """The values of the parts."""
        return np.asarray(self.standing.value)[self.group.children]


Kernel = Callable[[Level], tuple[FloatColumn, FloatColumn]]


def _mean(level: Level) -> tuple[FloatColumn, FloatColumn]:
    group, rules = level.group, level.rules
    progress, weight, whole = level.standing.progress[group.children], group.weight, group.whole
    if rules.equal_weights:
        weight = np.ones(len(weight)) if group.share is None else group.share
        whole = level.total(weight)
    gained = level.total(weight * progress)
    # A part that is not known makes the sum NaN: only then is it looked for.
    if not np.isnan(gained).any():
        mean = gained / whole
        return mean, mean
    known = ~np.isnan(progress)
    if rules.missing == "even":
        lost = level.total(np.where(known, 0.0, weight)) / level.total(known.astype(np.float64))
        weight = weight + lost[group.into]
    weight = np.where(known, weight, 0.0)
    mean = level.total(weight * np.where(known, progress, 0.0)) / level.total(weight)
    return mean, mean


def _sum(level: Level) -> tuple[FloatColumn, FloatColumn]:
    value = level.values()
    reached = level.total(level.shared(value))
    if np.isnan(reached).any():
        known = ~np.isnan(value)
        reached = level.total(level.shared(np.where(known, value, _assumed(level, value, known))))
    return reached, level.progress_at(reached)


def _assumed(level: Level, value: FloatColumn, known: BoolColumn) -> FloatColumn:
    """What unknown parts would be, if they stood like the known ones together; their mean, where nothing is a way."""
    start, span = level.index.baseline[level.group.children], level.index.span[level.group.children]
    gained = level.total(level.shared(np.where(known, value - start, 0.0)))
    spans = level.total(level.shared(np.where(known, span, 0.0)))
    heads = level.total(known.astype(np.float64))
    mean = level.total(np.where(known, value - start, 0.0)) / heads
    alike, mean = (gained / np.where(spans == 0, 1.0, spans))[level.group.into], mean[level.group.into]
    assumed: FloatColumn = start + np.where((spans == 0)[level.group.into], mean, alike * span)
    return np.where((heads == 0)[level.group.into], np.nan, assumed)


def _product(level: Level) -> tuple[FloatColumn, FloatColumn]:
    group, value = level.group, level.values()
    known = ~np.isnan(value)
    reached = np.ones(group.count)
    index, children = level.index, group.children
    # A driver that is not known is taken to stand where it started, or where it is to be held.
    start, linear = index.baseline[children], index.kind[children] == 1
    assumed = np.where(linear, start, start + index.span[children])
    np.multiply.at(reached, group.into, np.where(known, value, assumed))
    reached[level.total(known.astype(np.float64)) == 0] = np.nan
    return reached, level.progress_at(reached)


def _ratio(level: Level) -> tuple[FloatColumn, FloatColumn]:
    group, standing = level.group, level.standing
    if standing.numerator is None or standing.denominator is None:
        unknown = np.full(group.count, np.nan)
        return unknown, unknown
    columns = (standing.numerator, standing.denominator)
    numerator, denominator = (level.total(level.shared(np.nan_to_num(column[group.children]))) for column in columns)
    known = denominator > 0
    for column, whole in zip(columns, (numerator, denominator), strict=True):
        mine = column[group.parents]
        mine[known & np.isnan(mine)] = whole[known & np.isnan(mine)]
    value = np.where(known, numerator / denominator, np.nan)
    return value, level.progress_at(value)


def _least(level: Level) -> tuple[FloatColumn, FloatColumn]:
    return _extreme(level, np.minimum, np.inf)


def _greatest(level: Level) -> tuple[FloatColumn, FloatColumn]:
    return _extreme(level, np.maximum, -np.inf)


def _extreme(level: Level, choose: np.ufunc, start: float) -> tuple[FloatColumn, FloatColumn]:
    progress = level.standing.progress[level.group.children]
    found = np.full(level.group.count, start)
    choose.at(found, level.group.into, np.where(np.isnan(progress), start, progress))
    found[np.isinf(found)] = np.nan
    return found, found


def _all(level: Level) -> tuple[FloatColumn, FloatColumn]:
    return _decided(level, by=0.0)


def _any(level: Level) -> tuple[FloatColumn, FloatColumn]:
    return _decided(level, by=1.0)


def _decided(level: Level, by: float) -> tuple[FloatColumn, FloatColumn]:
    """All or any of the parts reached: one part decides it, or else all have to be known."""
    progress = level.standing.progress[level.group.children]
    # Whether a target is reached is decided on the published number, as everything is.
    reached = np.where(np.isnan(progress), np.nan, (publish(progress) >= 1).astype(np.float64))
    decided = level.total((reached == by).astype(np.float64)) > 0
    unknown = level.total(np.isnan(progress).astype(np.float64)) > 0
    found = np.where(decided, by, np.where(unknown, np.nan, 1.0 - by))
    return found, found


def _latest(level: Level) -> tuple[FloatColumn, FloatColumn]:
    group, standing = level.group, level.standing
    progress = standing.progress[group.children]
    seen = np.zeros(len(progress)) if standing.seen is None else standing.seen[group.children]
    known = ~np.isnan(progress)
    last = np.zeros(group.count)
    np.maximum.at(last, group.into, np.where(known, seen, 0.0))
    # Of those observed on the same day, or on no day that is known, their mean: no order of siblings decides.
    weight = np.where(known & (seen == last[group.into]), group.weight, 0.0)
    latest = level.total(weight * np.where(known, progress, 0.0)) / level.total(weight)
    return latest, latest


_KERNELS: Mapping[int, Kernel] = {
    CODES["weighted_mean"]: _mean,
    CODES["mean"]: _mean,
    CODES["worst_status"]: _mean,
    CODES["sum"]: _sum,
    CODES["product"]: _product,
    CODES["ratio"]: _ratio,
    CODES["minimum"]: _least,
    CODES["maximum"]: _greatest,
    CODES["all"]: _all,
    CODES["any"]: _any,
    CODES["latest"]: _latest,
}


@frozen(eq=False)
class Actuals:
    """What was observed of each goal, by place; NaN for nothing.

    Attributes:
        value: the actual.
        numerator: of ratios.
        denominator: of ratios.
        seen: the day of the last observation, as an ordinal; 0 for none.
    """

    value: FloatColumn
    numerator: FloatColumn | None = None
    denominator: FloatColumn | None = None
    seen: FloatColumn | None = None


def ahead_of(columns: GoalColumns, as_of: date | None) -> BoolColumn | None:
    """The goals whose period has not started on a day, by place; None where there are none."""
    if as_of is None or not columns.periods:
        return None
    starts = np.array([as_of < one.start for one in columns.periods])
    if not starts.any():
        return None
    period = periods_of(columns)
    ahead: BoolColumn = (period >= 0) & starts[period]
    return ahead


def observed(
    index: GoalIndex,
    actuals: Actuals,
    rules: GoalRules,
    before: Actuals | None = None,
    ahead: BoolColumn | None = None,
) -> Standing:
    """What is known of goals before any is rolled up, by rank: actuals, and what the rules put in their place.

    Args:
        index: the goals.
        actuals: what was observed, by place.
        rules: the choices.
        before: what the last report knew, by rank: progress as the value, and both parts of ratios.
        ahead: the goals whose period has not started, by rank: nothing is missing there, they stand at their start.

    Raises:
        DataError: for goals without an observation, where the rules refuse them.
    """
    order = index.order
    actual = actuals.value if order is None else actuals.value[order]
    if index.here is not None:
        actual = np.where(index.here, actual, np.nan)
    others = (actuals.numerator, actuals.denominator, actuals.seen)
    numerator, denominator, seen = (
        None if column is None else (column.copy() if order is None else column[order]) for column in others
    )
    standing = Standing(
        measured(index, actual), actual.copy() if index.by_value else None, numerator, denominator, seen
    )
    if rules.missing not in ("zero", "carry", "refuse") and ahead is None:
        return standing
    unknown = np.isnan(standing.progress) & bottom(index)
    if ahead is not None:
        waits = unknown & ahead
        # What is to be held has no start to stand at: until then it is out of the count.
        waits[[rank for rank, goal in index.odd.items() if goal.is_held]] = False
        _stand(index, standing, np.flatnonzero(waits), 0.0)
        unknown &= ~ahead
    rows = np.flatnonzero(unknown)
    if rules.missing == "refuse" and len(rows):
        _refuse(index, np.sort(index.place_of(rows)))
    elif rules.missing == "zero":
        _stand(index, standing, rows, 0.0)
    elif rules.missing == "carry" and before is not None:
        _stand(index, standing, rows, before.value[rows])
        for column, known in ((standing.numerator, before.numerator), (standing.denominator, before.denominator)):
            if column is not None and known is not None:
                column[rows] = known[rows]
    return standing


def bottom(index: GoalIndex) -> BoolColumn:
    """The goals that are to be observed themselves, by rank: those there without parts that make them."""
    found = index.counts.copy()
    for group in index.groups:
        if group.code in _KERNELS:
            found[group.parents] &= False if group.takes is None else ~group.takes
    return found if index.here is None else found & index.here


def _stand(index: GoalIndex, standing: Standing, rows: IntColumn, progress: FloatColumn | float) -> None:
    """Let goals stand at a progress that nobody observed."""
    standing.progress[rows] = progress
    if standing.value is None:
        return
    standing.value[rows] = index.baseline[rows] + progress * index.span[rows]
    for rank in rows[np.isin(rows, index.odd_ranks)].tolist():
        if index.odd[rank].is_held and standing.progress[rank] == 0:
            standing.value[rank] = _worst(index.odd[rank])


def _worst(goal: Goal) -> float:
    """The value at which nothing of a goal that is to be held is left."""
    numbers = {name: getattr(goal, name) for name in ("target", "threshold", "band", "limits")}
    zero_low, _, _, zero_high = limits_of(str(goal.direction), numbers)
    return float((zero_high if zero_low is None else zero_low) or 0)


def _refuse(index: GoalIndex, places: IntColumn) -> None:
    names = [index.ids[int(place)] for place in places[:SHOWN]]
    shown = ", ".join(map(repr, names)) + (" and more" if len(places) > SHOWN else "")
    raise DataError(
        f"{len(places)} goal{'s were' if len(places) > 1 else ' was'} not observed: {shown}; "
        "observe what is missing, or choose another missing= rule",
        column=names[0],
        rows=places.tolist(),
    )


# These come to a value first and to progress by it; the others the other way round.
_OF_VALUES = frozenset(OF_VALUES)


def measured(index: GoalIndex, value: FloatColumn, rows: slice = _EVERY) -> FloatColumn:
    """Progress of values by the measure of each goal; NaN where there is none.

    Args:
        index: the goals.
        value: of the goals in these rows.
        rows: the ranks that the values are of; all of them when not given.
    """
    span = index.span[rows]
    with np.errstate(divide="ignore", invalid="ignore"):
        # In place from here on: a million new numbers cost more than working them out.
        progress = value - index.baseline[rows] if index.has_baseline else value / span
        if index.has_baseline:
            np.divide(progress, span, out=progress)
    if index.all_linear:
        return progress
    progress[index.kind[rows] != 1] = np.nan
    first, last, _ = rows.indices(len(index.kind))
    start, end = np.searchsorted(index.odd_ranks, (first, last))
    for rank in index.odd_ranks[start:end].tolist():
        if not np.isnan(value[rank - first]):
            found = index.odd[rank].progress_of(Fraction(str(float(value[rank - first]))))
            progress[rank - first] = np.nan if found is None else float(found)
    return progress
