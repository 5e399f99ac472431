"""Where goals stand: what was observed, rolled up to the strategy, paced, judged, and why."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from fractions import Fraction
from functools import cached_property

import numpy as np
import numpy.typing as npt
from attrs import field, frozen

from perfkit._core.grid import GRID, publish, snap
from perfkit._core.notebook import definition
from perfkit._core.numbers import Number, exact
from perfkit._goals.check_ins import Bound
from perfkit._goals.columns import CODES, TIMES, FloatColumn, GoalColumns, IntColumn, id_hint, periods_of
from perfkit._goals.confidence import ConfidenceJudgement
from perfkit._goals.definition import Goal
from perfkit._goals.effective import goal_on, own_period
from perfkit._goals.explanation import explained
from perfkit._goals.following import (
    confidence_judged,
    expected_value_of,
    forecast_of,
    readings_of,
    required_rate_of,
    run_rate_of,
    stale_of,
)
from perfkit._goals.forecasting import Forecast, ForecastMethod
from perfkit._goals.index import GoalIndex
from perfkit._goals.measures import Zone
from perfkit._goals.period import Period
from perfkit._goals.rolling import Actuals, Put, Standing, bottom, covered, values_of
from perfkit._goals.rules import GoalRules
from perfkit._goals.views import report_html, report_text
from perfkit.errors import DataError
from perfkit.explain import Explanation


@frozen
class Override:
    """A standing that somebody puts in by hand, in place of what is worked out; both stay in sight.

    Args:
        goal: the id of the goal.
        progress: what its progress is said to be; or give a value.
        value: what its actual is said to be.
        sticky: whether it stays whatever is observed; one that is not gives way to a check-in below the goal that is
            later than ``on``.
        on: the day on which it was put in.
        reason: in words.
        by: who put it in.
    """

    _repr_html_ = definition

    goal: str
    progress: Number | None = field(default=None, kw_only=True)
    value: Number | None = field(default=None, kw_only=True)
    sticky: bool = field(default=True, kw_only=True)
    on: date | None = field(default=None, kw_only=True)
    reason: str = field(default="", kw_only=True)
    by: str = field(default="", kw_only=True)

    def __attrs_post_init__(self) -> None:
        if (self.progress is None) == (self.value is None):
            raise DataError(f"an override of {self.goal!r} needs either a progress or a value", column=self.goal)
        exact(self.progress if self.value is None else self.value, what=f"the override of {self.goal!r}")


@frozen
class GoalStatus:
    """Where a goal stands.

    Attributes:
        id: of the goal.
        value: what was observed, or what its parts come to, those that are not known standing like the others; None
            where nothing is known, or without a target.
        progress: (value - baseline) / (target - baseline), on a grid of 1e-6; None where nothing is known.
        attainment: value / target, or 2 - value / target where lower is better.
        score: progress through the goal's curve.
        zone: which zone the value falls into.
        expected: how much progress was due by the day; of a goal that joined later, by its own time.
        pace: progress / expected.
        gap: expected - progress; negative where it is ahead.
        health: the state by the rules' bands; None where nothing says so.
        coverage: the share of the goal that was observed, 0..1.
        computed: the progress without what was put in by hand.
        override: what was put in by hand, if anything.
        observed_on: the day of the last check-in of it or below it.
    """

    _repr_html_ = definition

    id: str
    value: float | None
    progress: float | None
    attainment: float | None
    score: float | None
    zone: Zone | None
    expected: float | None
    pace: float | None
    gap: float | None
    health: str | None
    coverage: float
    computed: float | None
    override: Override | None
    observed_on: date | None
    _report: GoalReport = field(eq=False, repr=False)

    @property
    def goal(self) -> Goal:
        """The goal, with the goals below it."""
        return self._report.columns.tree(self._report.columns.place(self.id))

    @property
    def _plain(self) -> Goal:
        return self._report.columns.goal(self._place)

    @property
    def _place(self) -> int:
        return self._report.columns.place(self.id)

    @property
    def expected_value(self) -> float | None:
        """What its value should be by the day: on the way to the target, or all of it where it is a level."""
        report, period = self._report, self._report.period_of(self.id)
        if report.as_of is None or period is None:
            return None
        goal = goal_on(self._plain, report.day)
        period = own_period(goal, period)
        value = expected_value_of(goal, _due(goal, period, report.as_of, report.rules), report.as_of, period)
        return None if value is None else _published(float(value))

    @property
    def forecast(self) -> Forecast | None:
        """Where it will stand at the end of its period, by run rate; see :meth:`GoalReport.forecast`."""
        return self._report.forecast(self.id)

    @property
    def run_rate(self) -> float | None:
        """How much its value has moved for each day so far; None where it is a level, such as a mean."""
        return run_rate_of(self._report, self._place, self.value)

    @property
    def required_rate(self) -> float | None:
        """How much its value has to move each day from now on to be attained; None once no day is left.

        None where it is a level, such as a mean. Where the target changes on the way, it is attained at the value at
        which the progress of all stretches of days comes to 1.
        """
        return required_rate_of(self._report, self._place, self.value)


@frozen(eq=False, repr=False)
class GoalReport(Mapping[str, GoalStatus]):
    """Where every goal of a tree stands: a mapping from id to status, and columns in the order of the goals.

    Attributes:
        as_of: the day, where one was given.
        rules: the choices it was rolled up by.
        slices: for goals that change over time, the report of each stretch of days in which none of them did.
    """

    columns: GoalColumns
    index: GoalIndex
    standing: Standing
    computed: FloatColumn | None
    put: Put | None
    by_hand: Mapping[int, Override]
    actuals: Actuals
    check_ins: Bound | None
    as_of: date | None
    rules: GoalRules
    ahead: npt.NDArray[np.bool_] | None = None
    slices: tuple[tuple[Period, GoalReport], ...] = ()
    _coverage: FloatColumn | None = None

    @property
    def ids(self) -> Sequence[str]:
        """The goals, in the order of the columns."""
        return self.columns.ids

    @cached_property
    def raw_value(self) -> FloatColumn:
        """The value of each goal as it was worked out, last bits and all."""
        index = self.index
        return index.by_place(values_of(index, self.standing, index.by_rank(self.actuals.value), self.put))

    @cached_property
    def value(self) -> FloatColumn:
        """What was observed, or what the parts come to; NaN where nothing is known."""
        return _tidy(self.raw_value)

    @cached_property
    def progress(self) -> FloatColumn:
        """The progress of each goal, on the grid; NaN where nothing is known."""
        return self.index.by_place(publish(self.standing.progress, self.rules.grid))

    @cached_property
    def coverage(self) -> FloatColumn:
        """The share of each goal that was observed, on a grid of 1e-6: 1 only where nothing is missing, 0 where all is.

        A goal whose period has not started misses nothing.
        """
        raw = self.raw_coverage
        inside = (raw > 0) & (raw < 1)
        return np.where(inside, np.clip(publish(raw), float(GRID), 1 - float(GRID)), raw)

    @cached_property
    def raw_coverage(self) -> FloatColumn:
        """The coverage of each goal as it was worked out, last bits and all."""
        if self._coverage is not None:
            return self._coverage
        known = self.index.by_rank(~np.isnan(self.actuals.value))
        if self.ahead is not None:
            known = known | (self.index.by_rank(self.ahead) & bottom(self.index))
        if self.index.here is not None:
            known = known & self.index.here
        return self.index.by_place(covered(self.index, known))

    @cached_property
    def _observed_on(self) -> FloatColumn | None:
        """The day of the last check-in of each goal or below it, as an ordinal; 0 for none."""
        return None if self.standing.seen is None else self.index.by_place(self.standing.seen)

    @cached_property
    def expected(self) -> FloatColumn:
        """How much progress was due by the day; NaN without a day or a period."""
        return publish(self._due)

    @cached_property
    def _due(self) -> FloatColumn:
        due = np.full(len(self.columns), np.nan)
        if self.as_of is None:
            return due
        rules, columns = self.rules, self.columns
        shares = [float(one.elapsed(self.as_of, rules.day_count, rules.holidays)) for one in columns.periods]
        period = periods_of(columns)
        if shares:
            due = np.where(period >= 0, np.array(shares)[period], np.nan)
            begun = np.array([self.as_of >= one.start for one in columns.periods])
            level = np.isin(columns.over_time, [TIMES["mean"], TIMES["ratio"]]) | (columns.roll_up == CODES["ratio"])
            due = np.where(level & (period >= 0) & begun[period], 1.0, due)
        for place, goal in columns.rich.items():
            if period[place] >= 0 and (goal.plan or goal.pacing or goal.is_held or goal.changes or goal.joined):
                there = goal_on(goal, self.as_of)
                mine = own_period(goal, columns.periods[int(period[place])])
                due[place] = float(_due(there, mine, self.as_of, rules))
        return due

    @cached_property
    def _progress(self) -> FloatColumn:
        """Progress off the grid, by place: what is divided and compared is published once, at the end."""
        return self.index.by_place(self.standing.progress)

    @cached_property
    def pace(self) -> FloatColumn:
        """Progress over expected progress; NaN where nothing was due."""
        with np.errstate(divide="ignore", invalid="ignore"):
            pace = self._progress / self._due
        return publish(np.where(np.isinf(pace), np.nan, pace))

    @cached_property
    def health(self) -> npt.NDArray[np.object_]:
        """The state of each goal by the bands of the rules; None where nothing says so."""
        states = np.array([*self.rules.health.states, None], dtype=object)
        return states[self._health_codes]

    @cached_property
    def _health_codes(self) -> IntColumn:
        """The place of each goal's state among the states, from best to worst; -1 for none."""
        bands = self.rules.health
        codes = self._own_health()
        place_of = {state: place for place, state in enumerate(bands.states)}
        by_worst = np.zeros(len(self.columns), dtype=np.bool_)
        by_worst[self.columns.roll_up == CODES["worst_status"]] = True
        if bands.roll_up == "worst":
            by_worst[:] = True
        if not by_worst.any():
            return codes
        ranked, chosen = self.index.by_rank(codes).copy(), self.index.by_rank(by_worst)
        for group in self.index.groups:
            worst = np.full(group.count, -1, dtype=np.int64)
            np.maximum.at(worst, group.into, ranked[group.children])
            taken = chosen[group.parents] & (worst >= 0) & (ranked[group.parents] != place_of["not_started"])
            ranked[group.parents] = np.where(taken, worst, ranked[group.parents])
        return self.index.by_place(ranked)

    def _own_health(self) -> IntColumn:
        bands = self.rules.health
        place_of = {state: place for place, state in enumerate(bands.states)}
        floors = np.array([float(floor) for _, floor in bands.floors])
        names = np.array([place_of[bands.lowest], *(place_of[name] for name, _ in bands.floors)])
        if bands.on == "progress":
            number = self.progress
        elif bands.on == "lead":
            number = publish(self._progress - self._due)
        elif bands.on == "stretch":
            number = publish(self._progress * self._to_stretch, self.rules.grid)
        else:
            # Where nothing was due yet, nobody is behind.
            number = np.where((self.expected == 0) & ~np.isnan(self.progress), 1.0, self.pace)
        codes = np.where(np.isnan(number), -1, names[np.searchsorted(floors, number, side="right")])
        for state in reversed(bands.precedence):
            codes = np.where(self._is(state), place_of[state], codes)
        return codes.astype(np.int64)

    @property
    def _to_stretch(self) -> FloatColumn:
        """How much of the way to the stretch the way to the target is; 1 where there is none."""
        way = self.columns.numbers["stretch"] - self.index.by_place(self.index.baseline)
        with np.errstate(divide="ignore", invalid="ignore"):
            share = self.index.by_place(self.index.span) / way
        return np.where(np.isfinite(share) & (self.columns.kind == 1), share, 1.0)

    def _is(self, state: str) -> npt.NDArray[np.bool_]:
        """Where one of the states holds that come before the bands."""
        if state == "pending":
            return np.asarray((self.coverage == 0) & np.isnan(self.progress))
        reached = self.progress >= 1
        period, as_of = periods_of(self.columns), self.as_of
        started = np.ones(len(period), dtype=np.bool_)
        over = np.zeros(len(period), dtype=np.bool_)
        if as_of is not None and self.columns.periods:
            begun = np.array([as_of >= one.start for one in self.columns.periods])
            done = np.array([as_of >= one.end for one in self.columns.periods])
            started = (period < 0) | begun[period]
            over = (period >= 0) & done[period]
        if state == "not_started":
            for place, goal in self.columns.rich.items():
                if as_of is not None and goal.joined is not None and as_of < goal.joined:
                    started[place] = False
            return np.asarray(~started)
        if state == "missed":
            return np.asarray(over & ~reached)
        if state == "achieved":
            if self.rules.missing != "zero":
                # What nobody knows may still fail.
                reached &= self.coverage == 1
            # A state that is to be held is not achieved before the end.
            for place, goal in self.columns.rich.items():
                if goal.is_held and not over[place]:
                    reached[place] = False
            return np.asarray(reached)
        seen = self._observed_on
        if self.rules.health.stale_after is None or as_of is None or seen is None:
            return np.zeros(len(period), dtype=np.bool_)
        return np.asarray((seen > 0) & (as_of.toordinal() - seen > self.rules.health.stale_after) & ~over)

    def stale(self, days: int) -> tuple[str, ...]:
        """The goals whose last check-in, or that of all below them, is older than a number of days.

        A goal that nobody has checked in on yet is as old as its period has been running, or it has been there. What
        is over, and what cannot be measured at all, is not stale.

        Raises:
            DataError: without a day and check-ins to tell it by.
        """
        return stale_of(self, days)

    @property
    def day(self) -> date | None:
        """The day whose definitions hold: that of the report, or else the last one."""
        return date.max if self.as_of is None and self.slices else self.as_of

    def _place(self, id: str) -> int:
        if id not in self.columns.places:
            raise KeyError(f"no goal is called {id!r}{id_hint(id, self.columns.places)}")
        return self.columns.places[id]

    def __getitem__(self, id: str) -> GoalStatus:
        place = self._place(id)
        goal = goal_on(self.columns.goal(place), self.day)
        value, progress = _known(self.value[place]), _known(self.progress[place])
        attainment = None if value is None else goal.attainment_of(value)
        expected = _known(self.expected[place])
        gap = _known(publish(self._due[place : place + 1] - self._progress[place : place + 1])[0])
        by_hand = self.by_hand.get(place)
        computed = progress
        if self.computed is not None:
            computed = _known(publish(self.computed[place : place + 1], self.rules.grid)[0])
        seen = 0.0 if self._observed_on is None else float(self._observed_on[place])
        return GoalStatus(
            id=id,
            value=value,
            progress=progress,
            attainment=None if attainment is None else _published(float(attainment)),
            score=_score(goal, progress),
            zone=None if value is None else goal.zone_of(value),
            expected=expected,
            pace=_known(self.pace[place]),
            gap=gap,
            health=self.health[place],
            coverage=float(self.coverage[place]),
            computed=computed,
            override=by_hand,
            observed_on=date.fromordinal(int(seen)) if seen else None,
            report=self,
        )

    def __iter__(self) -> Iterator[str]:
        return iter(self.columns.ids)

    def __len__(self) -> int:
        return len(self.columns)

    def period_of(self, id: str) -> Period | None:
        """The period of a goal: its own, or that of the nearest goal above that has one."""
        place = int(periods_of(self.columns)[self.columns.place(id)])
        return None if place < 0 else self.columns.periods[place]

    def explain(self, id: str) -> Explanation:
        """Why a goal stands where it does, down to what was observed; the parts add up to its progress.

        A goal by weighted mean has its parts' weighted progress; a sum the progress that each part brings to it; one
        whose definition changed over time its progress in each stretch of days, by their number.
        """
        self._place(id)
        return explained(self, id)

    def history(self, id: str) -> tuple[tuple[date, float], ...]:
        """The progress of a goal after each day with a check-in of it or below it, on the grid.

        Each day is what a report as of it would say: where goals change over time, the stretches up to then by their
        days, and what was put in by hand by then. Where missing goals are refused, days on which one was are left out.

        Raises:
            DataError: without check-ins.
        """
        if self.check_ins is None:
            raise DataError("a history takes check-ins; give them to roll_up")
        return tuple((one.on, _published(one.progress)) for one in readings_of(self, self.check_ins, id))

    def forecast(
        self, id: str, *, method: ForecastMethod = "run_rate", level: Number = Fraction(8, 10)
    ) -> Forecast | None:
        """Where a goal will stand at the end of its period, with an interval and the probability of attainment.

        A goal that is measured itself is forecast in its own unit, one that only its parts make in progress. What adds
        up over the period, a sum or a standing on its way from a baseline, goes on at its rate, or along its trend.
        What is to be held goes on at the level of its readings, and a mean or a ratio at what it is so far; they are
        attained within their limits. A maximum or minimum so far stays, and so does a binary that is or is not done.
        Milestones go on at their rate, up to 1. A goal that its parts make goes on at the rate of those that add up.
        Once the period is over, the forecast is what the report says.

        Args:
            id: of the goal.
            method: ``run_rate`` or ``trend``, of what adds up; a trend of what is held follows its readings too.
            level: how probable it is that the end lies within the interval.

        Returns:
            None without a day, a period, or an observation.
        """
        return forecast_of(self, id, method, level)

    def judge_confidence(self) -> ConfidenceJudgement:
        """How well the confidence stated in check-ins matched what came of it, by the Brier score, at the close.

        Goals are judged whose period is over by the day of the report; without a day, it is that of the close. Those
        that are open are named and left out, even at their target: of the open ones only those that do well would
        count. What nobody has observed is named too.

        Raises:
            DataError: without check-ins that state a confidence, and where none of their goals has closed.
        """
        return confidence_judged(self)

    def text(self, *, depth: int | None = None, rows: int = 500) -> str:
        """The tree as a table: what each goal is, who owns it, and where it stands.

        Args:
            depth: how many levels to show; all when not given.
            rows: how many goals to show at most; the rest is counted.
        """
        return report_text(self, depth, rows)

    def __str__(self) -> str:
        return self.text()

    def _repr_html_(self) -> str:
        return report_html(self)

    def __repr__(self) -> str:
        return f"<GoalReport of {len(self):,} goals>"


def descendants(index: GoalIndex, place: int) -> list[int]:
    """A goal and every goal that drives it, at any depth."""
    family, seen = [place], {place}
    for one in family:
        for child in index.edges.child[index.edges.into(one)].tolist():
            if child not in seen:
                seen.add(child)
                family.append(child)
    return family


def _due(goal: Goal, period: Period, as_of: date, rules: GoalRules) -> Fraction:
    """How much progress of a goal is due by a day, by its plan or its pacing."""
    if as_of < period.start:
        return Fraction(0)
    if goal.is_held:
        return Fraction(1)
    if goal.plan is not None:
        stands = goal.plan.expected(as_of, start=period.start, baseline=goal.baseline)
        return goal.progress_of(stands) or Fraction(0)
    if goal.is_due_in_full and goal.pacing is None:
        return Fraction(1)
    share = period.elapsed(as_of, rules.day_count, rules.holidays)
    return share if goal.pacing is None else goal.pacing.exact(share)


def _tidy(values: FloatColumn) -> FloatColumn:
    """Values without the last bits of their sums: nobody typed 0.30000000000000004."""
    return np.where(np.abs(values) < _FINE, snap(values), publish(values))


_FINE = 1_000_000.0


def _score(goal: Goal, progress: float | None) -> float | None:
    if progress is None:
        return None
    return progress if goal.curve is None else _published(goal.curve(progress))


def _known(value: float) -> float | None:
    return None if np.isnan(value) else float(value)


def _published(value: float) -> float:
    return float(publish(np.array([value]))[0])
