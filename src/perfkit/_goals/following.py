"""Following goals up: how they came to stand where they do, where each will end, and who has not looked lately."""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
from attrs import evolve, frozen

from perfkit._core.numbers import Number, exact
from perfkit._goals.check_ins import Bound
from perfkit._goals.columns import CODES, TIMES, FloatColumn, GoalColumns, periods_of
from perfkit._goals.confidence import ConfidenceJudgement, brier_score
from perfkit._goals.definition import Goal
from perfkit._goals.effective import goal_on, own_period, stretches_of
from perfkit._goals.forecasting import (
    Forecast,
    ForecastMethod,
    Limits,
    Pacing,
    Projection,
    checked_level,
    mean_of_all,
    open_ended,
    projected,
    required_rate,
    run_rate,
    settled,
    told,
)
from perfkit._goals.index import BoolColumn, GoalIndex
from perfkit._goals.period import Period
from perfkit._goals.rolling import Actuals, Put, ahead_of, bottom, covered, observed, rolled, values_of
from perfkit.errors import DataError

if TYPE_CHECKING:
    from perfkit._goals.report import GoalReport

_LEVELS = ("mean", "ratio", "maximum", "minimum")
_UNKNOWN_BEFORE = ("refuse", "carry")


def start_of(goal: Goal) -> Fraction:
    """Where the value of a goal that adds up starts: a sum at nothing, a standing at its baseline."""
    return Fraction(0) if goal.over_time == "sum" or goal.direction == "milestones" else goal.baseline


@frozen
class Reading:
    """Where a goal stood on a day, off the grid; the value is NaN where it is not measured."""

    on: date
    progress: float
    value: float


def readings_of(report: GoalReport, check_ins: Bound, id: str) -> list[Reading]:
    """Where a goal stood at the end of each day with a check-in or an override of it or below it.

    Each day is rolled up by itself, with the definitions of each stretch of days up to then. An override counts from
    its day on; one without a day is left to the day of the report. Where missing goals are refused or carried, nothing
    is known of days on which they were missing: a refused day is left out, and a carried one rolled up without them.
    """
    place = report.columns.place(id)
    family = _family(report, place)
    mine = check_ins.where(family[check_ins.places])
    days = {day.item() for day in np.unique(mine.on)}
    days |= {one.on for goal, one in report.by_hand.items() if family[goal] and one.on is not None}
    found = []
    for day in sorted(days):
        reading = _standing_on(report, Actuals(*mine.until(day).totals(report.columns)), place, day)
        if reading is not None:
            found.append(reading)
    return found


def _family(report: GoalReport, place: int) -> BoolColumn:
    """Which goals are a goal, or drive it at any time, at any depth."""
    family = np.zeros(len(report.columns), dtype=np.bool_)
    family[place] = True
    child, parent = (
        np.concatenate([getattr(index.edges, name) for index in _indexes(report)]) for name in ("child", "parent")
    )
    while True:
        more = family[parent] & ~family[child]
        if not more.any():
            return family
        family[child[more]] = True


def _indexes(report: GoalReport) -> list[GoalIndex]:
    return [part.index for _, part in report.slices] or [report.index]


def _standing_on(
    report: GoalReport, actuals: Actuals, place: int, day: date | None, *, by_hand: bool = True
) -> Reading | None:
    """Where a goal stands on a day: by the days of each stretch up to then; None where nothing is known."""
    rules = report.rules
    if rules.missing in _UNKNOWN_BEFORE:
        rules = evolve(rules, missing="redistribute")
    ahead = ahead_of(report.columns, day or report.as_of)
    gained = valued = 0.0
    counted = 0
    for stretch, part in report.slices or ((None, report),):
        if stretch is not None and day is not None and stretch.start > day:
            break
        index, rank = part.index, part.index.rank_of(place)
        put = _put_by(part, day) if by_hand else None
        waits = None if ahead is None else index.by_rank(ahead)
        standing = rolled(index, observed(index, actuals, rules, ahead=waits), rules, put)
        progress = float(standing.progress[rank])
        there = index.here is None or bool(index.here[rank])
        if np.isnan(progress) or not there:
            continue
        if report.rules.missing == "refuse" and by_hand and not _is_whole(part, actuals, rank, put, ahead):
            return None
        days = 1 if stretch is None else ((min(stretch.end, day) if day else stretch.end) - stretch.start).days + 1
        value = float(values_of(index, standing, index.by_rank(actuals.value), put)[rank])
        gained, valued, counted = gained + days * progress, valued + days * value, counted + days
    if not counted:
        return None
    return Reading(day or date.max, gained / counted, valued / counted)


def _put_by(part: GoalReport, day: date | None) -> Put | None:
    """What was put in by hand by a day."""
    if part.put is None or day is None:
        return part.put
    late = [place for place, one in part.by_hand.items() if one.on is None or one.on > day]
    progress, value = part.put.progress.copy(), part.put.value.copy()
    for place in late:
        rank = part.index.rank_of(place)
        progress[rank] = value[rank] = np.nan
    return Put(value=value, progress=progress)


def _is_whole(part: GoalReport, actuals: Actuals, rank: int, put: Put | None, ahead: BoolColumn | None) -> bool:
    """Whether nothing of a goal was missing."""
    known = ~np.isnan(actuals.value)
    if part.index.here is not None:
        known &= part.index.by_place(part.index.here)
    ranked = part.index.by_rank(known)
    if ahead is not None:
        ranked = ranked | (part.index.by_rank(ahead) & bottom(part.index))
    if put is not None:
        ranked = ranked | ~np.isnan(put.progress)
    return bool(covered(part.index, ranked)[rank] == 1)


def forecast_of(report: GoalReport, id: str, method: ForecastMethod, level: Number) -> Forecast | None:
    """Where a goal will stand at the end of its period; see :meth:`perfkit.GoalReport.forecast`."""
    sure, place = checked_level(level), report.columns.place(id)
    period, day = report.period_of(id), report.as_of
    if day is None or period is None or day < period.start:
        return None
    goal = goal_on(report.columns.goal(place), day)
    period = own_period(goal, period)
    if day < period.start:
        return None
    is_own = not np.isnan(report.actuals.value[place]) and place not in report.by_hand
    found = (_of_own if is_own else _of_parts)(report, place, goal, period, min(day, period.end), method)
    if found is None:
        return None
    projection, model, count, measured = found
    within = _attained(report.columns.goal(place), period) if measured else (Fraction(1), None)
    return told(projection, model, period.end, count, sure, within, _bounds(report, place, goal, measured=measured))


_Found = tuple[Projection, ForecastMethod, int, bool]


def _of_own(
    report: GoalReport, place: int, goal: Goal, period: Period, day: date, method: ForecastMethod
) -> _Found | None:
    """Where a goal that is observed itself will end, by what its measure is."""
    seen = report.check_ins
    if seen is None:
        actual = exact(float(report.actuals.value[place]))
        days, standings, readings = [day], [actual], [(actual, Fraction(1))]
    else:
        mine = seen.of(place)
        mine = mine.where((mine.on >= np.datetime64(period.start)) & (mine.on <= np.datetime64(period.end)))
        days, standings, readings = _running(mine, goal)
        if not days:
            return None
    last, count = standings[-1], len(readings)
    if day >= period.end:
        return settled(last), "level" if goal.is_level else method, count, True
    if goal.direction == "binary" or (goal.direction == "milestones" and last >= 1):
        # What is done stays done, and of what is not nothing tells when it will be.
        return (settled(last) if last >= 1 else open_ended(last)), "level", count, True
    if goal.over_time in ("mean", "ratio"):
        return mean_of_all(readings, period.elapsed(days[-1])), "level", count, True
    if goal.over_time in ("maximum", "minimum"):
        return _extreme(goal, last), "level", count, True
    model: ForecastMethod = "level" if method == "run_rate" and goal.is_level else method
    found = projected(days, standings, period, day, start_of(goal), model, _paced(goal, period))
    return None if found is None else (*found, len(standings), True)


def _paced(goal: Goal, period: Period) -> Pacing | None:
    """The share of a goal that is expected by each share of the days, by its pacing or its dated plan."""
    plan = goal.plan
    if goal.pacing is not None or plan is None or goal.target is None or not goal.is_linear:
        return goal.pacing

    def expected(share: Fraction) -> Fraction:
        day = period.start + timedelta(days=int(share * period.days) - 1)
        return goal.progress_of(plan.expected(day, start=period.start, baseline=goal.baseline)) or Fraction(0)

    due = [goal.progress_of(value + (goal.baseline if plan.windowed else 0)) or 0 for _, value in plan.cumulative()]
    # A plan that goes back on the way is no measure of time.
    return expected if all(before <= after for before, after in pairwise([0, *due])) else None


def _extreme(goal: Goal, value: Fraction) -> Projection:
    """An extreme can only move one way: once it is past its target for good, nothing is open any more."""
    least, most = _attained_by(goal)
    if goal.over_time == "maximum":
        decided = value >= least if least is not None else most is not None and value > most
    else:
        decided = value <= most if most is not None else least is not None and value < least
    return settled(value) if decided and (least is None or most is None) else open_ended(value)


def _running(mine: Bound, goal: Goal) -> tuple[list[date], list[Fraction], list[tuple[Fraction, Fraction]]]:
    """What stood at the end of each day with a check-in, and every reading as a numerator and a denominator."""
    pairs: list[tuple[Fraction, Fraction]] = []
    standings: dict[date, Fraction] = {}
    above = below = stands = Fraction(0)
    for on, value, numerator, denominator in zip(mine.on, mine.value, mine.numerator, mine.denominator, strict=True):
        pair = (exact(float(value)), Fraction(1))
        if not np.isnan(denominator):
            pair = (exact(float(numerator)), exact(float(denominator)))
        above, below, now = above + pair[0], below + pair[1], exact(float(value))
        if goal.over_time == "sum":
            stands += now
        elif goal.over_time in ("mean", "ratio"):
            stands = above / below
        elif goal.over_time in ("maximum", "minimum") and pairs:
            stands = max(stands, now) if goal.over_time == "maximum" else min(stands, now)
        else:
            stands = now
        pairs.append(pair)
        standings[on.item()] = stands
    return list(standings), list(standings.values()), pairs


def _of_parts(
    report: GoalReport, place: int, goal: Goal, period: Period, day: date, method: ForecastMethod
) -> _Found | None:
    """Where a goal that its parts make will end: parts that are levels stay, and the others go on at their rate.

    The rate is that from where the goal would stand had what adds up not yet begun, so that levels bring none.
    """
    now = Reading(day, float(report.standing.progress[report.index.rank_of(place)]), float(report.raw_value[place]))
    if np.isnan(now.progress):
        return None
    measured = bool(report.columns.kind[place]) and not np.isnan(now.value)
    history = [] if report.check_ins is None else readings_of(report, report.check_ins, report.columns.ids[place])
    history = [one for one in history if one.on in period and one.on <= day]
    # What was put in by hand without a day stands from the day of the report on.
    if report.check_ins is None or not history or _is_put_undated(report, place):
        history = [*(one for one in history if one.on < day), now]
    days, standings = [one.on for one in history], [exact(one.value if measured else one.progress) for one in history]
    if day >= period.end:
        return settled(exact(now.value if measured else now.progress)), method, len(days), measured
    if report.columns.roll_up[place] in (CODES["all"], CODES["any"]):
        return open_ended(standings[-1]), "level", len(days), measured
    start = _standing_on(report, _not_begun(report), place, None, by_hand=False)
    origin = Fraction(0)
    if measured:
        origin = goal.baseline if start is None or np.isnan(start.value) else exact(start.value)
    elif start is not None:
        origin = exact(start.progress)
    found = projected(days, standings, period, day, origin, method, _paced(goal, period))
    return None if found is None else (*found, len(days), measured)


def _is_put_undated(report: GoalReport, place: int) -> bool:
    late = [goal for goal, one in report.by_hand.items() if one.on is None or (report.as_of and one.on > report.as_of)]
    return bool(late) and bool(_family(report, place)[late].any())


def _not_begun(report: GoalReport) -> Actuals:
    """What was observed, with all that adds up put back to where it starts."""
    columns, actuals = report.columns, report.actuals
    value = actuals.value.copy()
    begun = ~np.isnan(value) & ~np.isin(columns.over_time, [TIMES[name] for name in _LEVELS])
    for place, goal in columns.rich.items():
        if begun[place] and goal.is_level:
            begun[place] = False
    summed = columns.over_time == TIMES["sum"]
    value[begun] = np.where(summed, 0.0, columns.numbers["baseline"])[begun]
    return evolve(actuals, value=value)


def _bounds(report: GoalReport, place: int, goal: Goal, *, measured: bool) -> Limits:
    """What a forecast cannot be beyond: the credit of milestones, and progress that the rules or the parts bound."""
    columns, rules = report.columns, report.rules
    if measured and goal.direction in ("binary", "milestones"):
        # What is done stays done.
        return exact(float(report.raw_value[place])), Fraction(1)
    if measured:
        return None, None
    bottom = _family(report, place) & (columns.kind > 0)
    bottom[columns.above[columns.above >= 0]] = False
    if bottom.any() and bool((columns.kind[bottom] == 2).all()):
        return Fraction(0), Fraction(1)
    least = Fraction(0) if rules.below_baseline == "zero" else None
    return least, Fraction(1) if rules.above_target == "cap" else None


def _attained(goal: Goal, period: Period) -> Limits:
    """Within which a goal is attained at the end of its period.

    Where its points change on the way, progress is that of each stretch by its days, and the target in its unit is the
    value at which this comes to 1.
    """
    stretches = stretches_of(goal, period, "target", "baseline")
    last = stretches[-1][1] if stretches else goal_on(goal, period.end)
    if len(stretches) < 2 or not last.is_linear or last.target is None:
        return _attained_by(last)
    each = [(stretch.days, one.baseline, (one.target or Fraction(0)) - one.baseline) for stretch, one in stretches]
    if any(span == 0 or (span > 0) != (each[-1][2] > 0) for _, _, span in each):
        return _attained_by(last)
    slope = sum((days / span for days, _, span in each), Fraction(0))
    aim = (sum((days + days * start / span for days, start, span in each), Fraction(0))) / slope
    return (None, aim) if last.lower_is_better else (aim, None)


def _attained_by(goal: Goal) -> Limits:
    """Within which a goal as it is on a day is attained."""
    if goal.direction in ("binary", "milestones"):
        return Fraction(1), None
    if goal.direction == "maintain":
        return goal.band or (goal.target, goal.target)
    return (None, goal.target) if goal.lower_is_better else (goal.target, None)


def run_rate_of(report: GoalReport, place: int, value: float | None) -> float | None:
    """How much the value of a goal that adds up has moved a day; None for a level, which has no rate."""
    id, day = report.columns.ids[place], report.as_of
    period, goal = report.period_of(id), goal_on(report.columns.goal(place), day)
    if value is None or period is None or day is None or goal.is_level:
        return None
    period = own_period(goal, period)
    return (
        None if day < period.start else run_rate(value, start_of(goal), start=period.start, as_of=min(day, period.end))
    )


def required_rate_of(report: GoalReport, place: int, value: float | None) -> float | None:
    """How much the value of a goal that adds up has to move a day to be attained; None for a level."""
    goal, period, day = report.columns.goal(place), report.period_of(report.columns.ids[place]), report.as_of
    if value is None or period is None or day is None or goal.is_level:
        return None
    least, most = _attained(goal, period)
    aim = least if most is None else most
    return None if aim is None else required_rate(value, aim, as_of=day, end=period.end)


def expected_value_of(goal: Goal, due: Fraction, day: date, period: Period) -> Fraction | None:
    """What the value of a goal should be, from the exact share that is due; all of the target for a level."""
    if goal.target is None:
        return None
    if goal.is_due_in_full:
        return goal.target
    if goal.plan is not None and day >= period.start:
        return goal.plan.expected(day, start=period.start, baseline=goal.baseline)
    return goal.baseline + due * (goal.target - goal.baseline)


def confidence_judged(report: GoalReport) -> ConfidenceJudgement:
    """How well stated confidence met what came of it; see :meth:`perfkit.GoalReport.judge_confidence`."""
    stated = None if report.check_ins is None else report.check_ins.stated
    if stated is None or not len(stated.places):
        raise DataError("no check-in states a confidence; give confidence= with check-ins")
    columns, day = report.columns, report.as_of
    places = list(dict.fromkeys(stated.places.tolist()))
    ends = {place: report.period_of(columns.ids[place]) for place in places}
    # An open goal at its target is not judged either: of those still open, only the ones that do well would be.
    still_open = [place for place, period in ends.items() if day is not None and (period is None or day < period.end)]
    unseen = [place for place in places if place not in still_open and np.isnan(report.progress[place])]
    names = tuple(tuple(columns.ids[place] for place in group) for group in (still_open, unseen))
    rows = [row for row, place in enumerate(stated.places.tolist()) if place not in {*still_open, *unseen}]
    if not rows:
        raise DataError(_nothing_to_judge(*names), column="confidence")
    attained = [bool(report.progress[stated.places[row]] >= 1) for row in rows]
    judged = brier_score(stated.confidence[rows].tolist(), attained)
    return evolve(judged, still_open=names[0], not_observed=names[1])


def _nothing_to_judge(still_open: tuple[str, ...], not_observed: tuple[str, ...]) -> str:
    told = [
        f"{len(ids)} {what}, such as {ids[0]!r}"
        for ids, what in ((still_open, "still open"), (not_observed, "never observed"))
        if ids
    ]
    return (
        f"no goal with a stated confidence has closed and was observed ({'; '.join(told)}); "
        "judge confidence once their period is over"
    )


def stale_of(report: GoalReport, days: int) -> tuple[str, ...]:
    """The goals that nobody has checked in on for long; see :meth:`perfkit.GoalReport.stale`."""
    seen, day = report._observed_on, report.as_of
    if day is None or seen is None:
        raise DataError("to say what is stale takes check-ins and as_of; give them to roll_up")
    today, columns = day.toordinal(), report.columns
    since, over = _running_since(columns, day)
    # Where nobody has looked yet, the days count from the first one on which somebody could have.
    last = np.where(seen > 0, seen, since)
    old = (last > 0) & (today - last > days) & ~over & (columns.roll_up != CODES["none"])
    measured = columns.kind > 0
    for index in _indexes(report):
        for group in index.groups:
            below = index.by_rank(measured)
            parents = index.place_of(np.arange(len(columns))[group.parents])
            has = np.bincount(group.into, below[group.children], minlength=group.count) > 0
            measured[parents] |= has
    return tuple(columns.ids[int(place)] for place in np.flatnonzero(old & ((seen > 0) | measured)))


def _running_since(columns: GoalColumns, day: date) -> tuple[FloatColumn, BoolColumn]:
    """The day before the first one of each goal, as an ordinal, 0 for none; and whether it is over."""
    n = len(columns)
    since, over = np.zeros(n), np.zeros(n, dtype=np.bool_)
    period = periods_of(columns)
    if columns.periods:
        starts = np.array([one.start.toordinal() - 1 for one in columns.periods], dtype=np.float64)
        ended = np.array([one.end < day for one in columns.periods])
        since, over = np.where(period >= 0, starts[period], 0.0), (period >= 0) & ended[period]
    for place, goal in columns.rich.items():
        if goal.joined is not None:
            since[place] = max(since[place], goal.joined.toordinal() - 1)
        if goal.left is not None and goal.left < day:
            over[place] = True
    return since, over
