"""From what was observed to where every goal stands: once, or in each stretch of days in which nothing changed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

import numpy as np
from attrs import evolve

from perfkit._core.columns import read_numbers
from perfkit._goals.check_ins import Bound, CheckIn, CheckIns, Observed, actual_of, bound
from perfkit._goals.columns import CODES, FloatColumn, GoalColumns, dates_of_change, id_hint, periods_of
from perfkit._goals.index import GoalIndex, index_of
from perfkit._goals.period import Period
from perfkit._goals.report import GoalReport, Override, descendants
from perfkit._goals.rolling import Actuals, Put, Standing, ahead_of, measured, observed, rolled
from perfkit._goals.rules import GoalMissing, GoalRules
from perfkit.errors import SHOWN, DataError

Seen = Mapping[str, Observed | None] | CheckIns | Sequence[CheckIn] | Sequence[float] | FloatColumn


def report_of(
    columns: GoalColumns,
    index: GoalIndex,
    seen: Seen,
    *,
    as_of: date | None,
    rules: GoalRules,
    missing: GoalMissing | None = None,
    previous: GoalReport | None = None,
    overrides: Override | Iterable[Override] = (),
) -> GoalReport:
    """Where every goal stands; see :meth:`perfkit.GoalTree.roll_up`."""
    rules = rules if missing is None else _with_missing(rules, missing)
    if rules.missing == "carry" and previous is None:
        raise DataError("to carry what was known takes the last report; give it as previous=")
    _check_day(columns, as_of)
    actuals, check_ins = _actuals(columns, seen, as_of)
    unmeasured = np.flatnonzero(~np.isnan(actuals.value) & (columns.kind == 0))
    if len(unmeasured):
        id = columns.ids[int(unmeasured[0])]
        raise DataError(
            f"{id!r} was observed but has no target to measure it against ({len(unmeasured)} such goals)",
            column=id,
            rows=unmeasured.tolist(),
        )
    _check_ratios(columns, index, actuals)
    before = None if previous is None else _before(columns, previous)
    ahead = ahead_of(columns, as_of)
    by_hand = _by_hand(columns, index, overrides, check_ins, actuals, as_of)
    kept = {place: override for place, (override, _, _) in by_hand.items()}

    def standing_on(there: GoalIndex, put: Put | None) -> Standing:
        waits = None if ahead is None else there.by_rank(ahead)
        earlier = None if before is None else _ranked(there, before)
        return rolled(there, observed(there, actuals, rules, earlier, waits), rules, put)

    stretches = _stretches(columns, as_of)
    if len(stretches) < 2:
        there = index if not stretches else index_of(columns, stretches[0].start)
        put = _put(there, by_hand)
        computed = None if put is None else there.by_place(standing_on(there, None).progress)
        standing = standing_on(there, put)
        return GoalReport(columns, there, standing, computed, put, kept, actuals, check_ins, as_of, rules, ahead)
    slices = []
    for stretch in stretches:
        there = index_of(columns, stretch.start)
        put = _put(there, by_hand)
        standing = standing_on(there, put)
        part = GoalReport(columns, there, standing, None, put, kept, actuals, None, stretch.end, rules, ahead)
        slices.append((stretch, part))
    whole = _over_time(slices, lambda part: part.index.by_place(part.standing.progress))
    computed = None
    if by_hand:
        computed = _over_time(slices, lambda part: part.index.by_place(standing_on(part.index, None).progress))
    return _of_slices(slices, whole, computed, check_ins, as_of)


def _of_slices(
    slices: Sequence[tuple[Period, GoalReport]],
    progress: FloatColumn,
    computed: FloatColumn | None,
    check_ins: Bound | None,
    as_of: date | None,
) -> GoalReport:
    """The report of the whole time, with each stretch of it."""
    _, last = slices[-1]
    index = last.index
    value = _over_time(slices, lambda part: part.raw_value)
    coverage = _over_time(slices, lambda part: part.raw_coverage)
    final = last.standing
    standing = Standing(index.by_rank(progress), index.by_rank(value), final.numerator, final.denominator, final.seen)
    return GoalReport(
        last.columns,
        index,
        standing,
        computed,
        last.put,
        last.by_hand,
        last.actuals,
        check_ins,
        as_of,
        last.rules,
        last.ahead,
        tuple(slices),
        np.nan_to_num(coverage),
    )


def _with_missing(rules: GoalRules, missing: GoalMissing) -> GoalRules:
    if missing not in ("redistribute", "even", "zero", "carry", "refuse"):
        raise DataError(f"missing must be redistribute, even, zero, carry or refuse (got {missing!r})")
    return evolve(rules, missing=missing)


def _check_day(columns: GoalColumns, as_of: date | None) -> None:
    if as_of is not None and type(as_of) is not date:
        raise DataError(f"as_of must be a date (got {as_of!r})")
    if as_of is None:
        return
    used = [columns.periods[place] for place in np.unique(columns.period).tolist() if place >= 0]
    if not used or min(one.start for one in used) <= as_of <= max(one.end for one in used):
        return
    if len(used) == 1:
        id = columns.ids[int(np.flatnonzero(columns.period >= 0)[0])]
        raise DataError(f"as_of must be within the period of {id!r}, {used[0]} (got {as_of})")
    whole = Period(min(one.start for one in used), max(one.end for one in used))
    raise DataError(f"as_of must be within the {len(used)} periods of the goals, {whole} (got {as_of})")


def _actuals(columns: GoalColumns, seen: Seen, as_of: date | None) -> tuple[Actuals, Bound | None]:
    seen = _labelled(columns, seen)
    if isinstance(seen, Mapping):
        return _from_mapping(columns, seen), None
    if not isinstance(seen, CheckIns):
        # Before the first check-in there is a list without any.
        if (
            (isinstance(seen, Sequence) and not len(seen))
            or isinstance(seen, CheckIn)
            or (not isinstance(seen, np.ndarray) and any(isinstance(one, CheckIn) for one in seen))
        ):
            seen = CheckIns(seen)  # type: ignore[arg-type]
        else:
            column = np.asarray(seen)
            if column.shape != (len(columns),):
                raise DataError(
                    f"observed values must be one for each of the {len(columns):,} goals, in the order of tree.ids "
                    f"(got shape {column.shape}); or give a mapping from id to value, or check-ins"
                )
            # A copy, for a report does not change when its caller's array does.
            return Actuals(np.array(read_numbers("observed", column, range(len(column))))), None
    found = bound(seen, columns)
    found.refuse_outside(columns, columns.periods, periods_of(columns))
    found = found.until(as_of)
    return Actuals(*found.totals(columns)), found


def _labelled(columns: GoalColumns, seen: Any) -> Any:
    """A series with labels as a mapping by them, unless it only counts its rows; anything else as it is."""
    labels = getattr(seen, "index", None)
    if not hasattr(seen, "to_numpy") or labels is None or not hasattr(labels, "tolist"):
        return seen
    names = [str(name) for name in labels.tolist()]
    counts_rows = names == [str(row) for row in range(len(columns))]
    if counts_rows and not all(name in columns.places for name in names):
        return seen.to_numpy()
    if len(set(names)) < len(names):
        twice = next(name for row, name in enumerate(names) if name in names[:row])
        raise DataError(f"observed values must have each goal once (got {twice!r} twice)", column=twice)
    return dict(zip(names, seen.tolist(), strict=True))


def _from_mapping(columns: GoalColumns, seen: Mapping[str, Any]) -> Actuals:
    refuse_unknown(columns, seen)
    value = np.full(len(columns), np.nan)
    numerator = denominator = None
    problems: list[DataError] = []
    for id, actual in seen.items():
        place = columns.places[id]
        if type(actual) is float and columns.kind[place] == 1 and np.isfinite(actual):
            value[place] = actual
            continue
        try:
            value[place], above, below = actual_of(columns.goal(place), actual)
        except DataError as error:
            problems.append(error)
            continue
        if not np.isnan(below):
            if numerator is None or denominator is None:
                numerator, denominator = np.full(len(columns), np.nan), np.full(len(columns), np.nan)
            numerator[place], denominator[place] = above, below
    if problems:
        more = f" (and {len(problems) - 1:,} more goals)" if len(problems) > 1 else ""
        raise DataError(f"{problems[0]}{more}", column=problems[0].column, count=len(problems))
    return Actuals(value, numerator, denominator)


def refuse_unknown(columns: GoalColumns, ids: Iterable[Any]) -> None:
    """Refuse ids of goals that are not in the tree: the first of them, what may have been meant, and how many."""
    lost = [id for id in ids if id not in columns.places]
    if lost:
        named = ", ".join(f"{id!r}{id_hint(id, columns.places)}" for id in lost[:SHOWN])
        raise DataError(
            f"no goal is called {named} ({len(lost):,} in all); tree.ids names the goals that there are",
            column=str(lost[0]),
            count=len(lost),
        )


def _check_ratios(columns: GoalColumns, index: GoalIndex, actuals: Actuals) -> None:
    """Refuse a bare number of what a goal above sums up by numerators and denominators."""
    edges = index.edges
    into = columns.roll_up[edges.parent] == CODES["ratio"]
    bare = ~np.isnan(actuals.value[edges.child])
    if actuals.denominator is not None:
        bare &= np.isnan(actuals.denominator[edges.child])
    rows = np.unique(edges.child[into & bare])
    if len(rows):
        ids = ", ".join(repr(columns.ids[place]) for place in rows[:SHOWN].tolist())
        raise DataError(
            f"a ratio above sums up both parts of {ids} ({len(rows):,} in all), so each observation needs both; "
            "give Ratio(numerator, denominator)",
            column=columns.ids[int(rows[0])],
            rows=rows.tolist(),
        )


def _stretches(columns: GoalColumns, as_of: date | None) -> list[Period]:
    """The time so far, cut where something about a goal changes; none where nothing does."""
    days = dates_of_change(columns)
    if not days:
        return []
    top = [columns.periods[place] for place in np.unique(columns.period[columns.above < 0]).tolist() if place >= 0]
    if not top:
        id = next(goal.id for goal in columns.rich.values() if goal.changes or goal.joined or goal.left)
        raise DataError(
            f"{id!r} changes over time, so the goals at the top need a period to weigh each stretch of it by",
            column=id,
        )
    start, end = min(one.start for one in top), max(one.end for one in top)
    end = end if as_of is None else as_of
    starts = [start, *(day for day in days if start < day <= end)]
    ends = [day - timedelta(days=1) for day in starts[1:]] + [end]
    return [Period(first, last) for first, last in zip(starts, ends, strict=True)]


def _over_time(
    slices: Sequence[tuple[Period, GoalReport]], column_of: Callable[[GoalReport], FloatColumn]
) -> FloatColumn:
    """A column of stretches of days, weighted by their days; where a goal was not there, the others count."""
    gained = counted = np.zeros(0)
    for stretch, part in slices:
        column = column_of(part)
        there = ~np.isnan(column)
        if part.index.here is not None:
            there &= part.index.by_place(part.index.here)
        days = np.where(there, stretch.days, 0.0)
        more = np.where(there, stretch.days * column, 0.0)
        gained, counted = (more, days) if not len(gained) else (gained + more, counted + days)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(gained / counted)


ByHand = dict[int, tuple[Override, float, float]]


def _by_hand(
    columns: GoalColumns,
    index: GoalIndex,
    overrides: Override | Iterable[Override],
    check_ins: Bound | None,
    actuals: Actuals,
    as_of: date | None,
) -> ByHand:
    """The overrides that hold, by place, with their value and progress."""
    listed = (overrides,) if isinstance(overrides, Override) else tuple(overrides)
    refuse_unknown(columns, (override.goal for override in listed))
    named = [override.goal for override in listed]
    twice = [goal for row, goal in enumerate(named) if goal in named[:row]]
    if twice:
        raise DataError(f"{twice[0]!r} is overridden twice; give one override", column=twice[0])
    _check_ratio_overrides(columns, index, listed)
    found: ByHand = {}
    for override in listed:
        place = columns.places[override.goal]
        if as_of is not None and override.on is not None and override.on > as_of:
            continue
        if not override.sticky and _is_overtaken(index, override, place, check_ins):
            continue
        rank = index.rank_of(place)
        column = np.full(len(columns), np.nan)
        if override.value is not None:
            column[rank] = float(override.value)
            progress = float(measured(index, column)[rank])
            if np.isnan(progress):
                raise DataError(
                    f"{override.goal!r} has no measure to override by value; give progress", column=override.goal
                )
            found[place] = (override, float(override.value), progress)
        else:
            progress = float(override.progress or 0)
            linear = index.kind[rank] == 1
            value = float(index.baseline[rank] + progress * index.span[rank]) if linear else actuals.value[place]
            found[place] = (override, value, progress)
    return found


def _check_ratio_overrides(columns: GoalColumns, index: GoalIndex, overrides: Sequence[Override]) -> None:
    into = np.unique(index.edges.child[columns.roll_up[index.edges.parent] == CODES["ratio"]])
    parts = set(into.tolist())
    for override in overrides:
        if columns.places[override.goal] in parts:
            raise DataError(
                f"{override.goal!r} cannot be overridden: a ratio above sums up its numerator and denominator; "
                "observe it as Ratio(numerator, denominator), or override the ratio above",
                column=override.goal,
            )


def _is_overtaken(index: GoalIndex, override: Override, place: int, check_ins: Bound | None) -> bool:
    if check_ins is None:
        return False
    if override.on is None:
        raise DataError(
            f"the override of {override.goal!r} gives way to later check-ins, so it needs its day; give on=",
            column=override.goal,
        )
    family = np.array(descendants(index, place))
    later = np.isin(check_ins.places, family) & (check_ins.on > np.datetime64(override.on))
    return bool(later.any())


def _put(index: GoalIndex, by_hand: ByHand) -> Put | None:
    if not by_hand:
        return None
    put = Put(np.full(len(index.ids), np.nan), np.full(len(index.ids), np.nan))
    for place, (_, value, progress) in by_hand.items():
        rank = index.rank_of(place)
        put.value[rank], put.progress[rank] = value, progress
    return put


def _before(columns: GoalColumns, previous: GoalReport) -> Actuals:
    """The progress that the last report knew, and the parts of ratios, by place; unknown where it had no such goal."""
    by_place, standing = previous.index.by_place, previous.standing
    known = [previous.progress, standing.numerator, standing.denominator]
    known[1:] = [None if column is None else by_place(column) for column in known[1:]]
    if previous.ids != columns.ids:
        earlier = np.array([previous.columns.places.get(id, -1) for id in columns.ids], dtype=np.int64)
        known = [None if column is None else np.where(earlier < 0, np.nan, column[earlier]) for column in known]
    progress, numerator, denominator = known
    return Actuals(np.asarray(progress), numerator, denominator)


def _ranked(index: GoalIndex, known: Actuals) -> Actuals:
    columns = (known.value, known.numerator, known.denominator)
    value, numerator, denominator = (None if column is None else index.by_rank(column) for column in columns)
    return Actuals(np.asarray(value), numerator, denominator)
