"""Where a goal will end, how sure that is, and whether those who said how sure they were had it right."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from datetime import date
from fractions import Fraction
from itertools import pairwise
from typing import Any, Literal

from attrs import frozen

from perfkit._core import student
from perfkit._core.checks import one_of, truth
from perfkit._core.notebook import definition
from perfkit._core.numbers import Number, decimal_text, exact, plain
from perfkit.errors import DataError, DefinitionError, row_list

ForecastMethod = Literal["run_rate", "trend"]
FORECAST_METHODS: tuple[ForecastMethod, ...] = ("run_rate", "trend")
Pacing = Callable[[Fraction], Number]

# Floats that were computed on a line lie off it by their last bits: what is this small beside the spread of the
# readings is no noise, and no last bit decides whether a target is attained.
_LAST_BITS = Fraction(1, 10**12)
_LARGEST = Fraction(10**300)


@frozen(kw_only=True)
class Forecast:
    """Where a value will stand at the end, and how sure that is.

    Two models. Time is counted in days, or where a pacing says so in the share that is expected by then.

    ``run_rate``: the value moves on at its average rate since the start. What it gained from reading to reading is
    taken as independent, normal, of one mean rate, and of a variance in proportion to time: with T behind and r ahead,
    the variance of what is to come is s² r (1 + r / T), the last factor for the rate being an estimate itself; s² is
    that of the gains around the rate, with a degree of freedom less than there are gains.

    ``trend``: readings lie around a straight line by independent, normal errors of one variance. The line is that of
    least squares, and the interval is the prediction interval of a reading at the end, with two degrees of freedom
    less than there are readings.

    Neither knows a season, a deadline's spurt or a bound of the value; a pacing is what knows a season.

    Attributes:
        value: what it will be at the end; once the end has come, the last reading.
        low: the lower end of the interval; None with too few readings to tell (a run rate needs 2, a trend 3).
        high: the upper end of the interval, or None.
        level: how probable it is that the end lies within the interval, 0..1.
        probability: of the target being attained, 0..1; None with too few readings, or without a target.
        method: what the value was found by. A trend of readings at one time only is a run rate, and says so.
        observations: how many readings it rests on.
        by: the day it speaks of.
    """

    _repr_html_ = definition

    value: float
    low: float | None
    high: float | None
    level: float
    probability: float | None
    method: ForecastMethod
    observations: int
    by: date


def forecast(
    days: Sequence[date],
    values: Sequence[Number],
    *,
    end: date,
    as_of: date,
    start: date,
    baseline: Number,
    target: Number | None,
    lower_is_better: bool = False,
    method: ForecastMethod = "run_rate",
    level: Number = Fraction(8, 10),
    pacing: Pacing | None = None,
) -> Forecast | None:
    """Where a value will stand at the end, from its readings so far.

    A reading speaks for the end of its day, and the baseline for the moment at which the first day starts. The
    forecast goes on from the last reading: days without one since then are part of what is ahead.

    Args:
        days: the days of the readings, in order, each once.
        values: what stood on each of these days: standings, not what each day added.
        end: the last day, for which the value is forecast.
        as_of: the day on which it is forecast; on the end or later, the last reading is the value.
        start: the first day.
        baseline: where the value started from.
        target: what is to be attained, or None.
        lower_is_better: whether it is attained at or below the target.
        method: ``run_rate`` or ``trend``; see :class:`Forecast`.
        level: of the interval, between 0 and 1.
        pacing: for a share of the days, exactly, the share that is expected by then, such as a ``Curve``. Readings
            between which nothing is expected count as one for a run rate, the last of them.

    Returns:
        the forecast; None without readings, or where nothing was expected yet by the last of them.

    Raises:
        DefinitionError: for an unknown method, a level or a number that cannot be one, an end before the start, or a
            pacing that falls.
        DataError: for readings that are out of order, outside of the period, in the future, or no finite numbers.

    Example:
        >>> days = [date(2026, 4, 10), date(2026, 4, 20)]
        >>> april = {"start": date(2026, 4, 1), "end": date(2026, 4, 30), "as_of": date(2026, 4, 20)}
        >>> ahead = forecast(days, [12, 20], baseline=0, target=33, **april)
        >>> ahead.value, round(ahead.low, 2), round(ahead.high, 2), round(ahead.probability, 3)
        (30.0, 19.34, 40.66, 0.273)
    """
    one_of(method, FORECAST_METHODS, "method")
    sure = exact(level, what="level", path="level")
    if not 0 < float(sure) < 1:
        raise DefinitionError(
            f"level must be between 0 and 1, such as 0.8 for an interval of 80% (got {level!r})", path="level"
        )
    origin = exact(baseline, what="baseline", path="baseline")
    aim = None if target is None else exact(target, what="target", path="target")
    lower = truth(lower_is_better)
    _check_period(start, end)
    days, values = tuple(days), tuple(values)
    standings = _standings(days, values, start, end, as_of)
    if not standings:
        return None
    ahead: _Projection | None
    if as_of >= end:
        ahead = _Projection(standings[-1], Fraction(0), 1, abs(standings[-1] - origin))
    else:
        *times, last = _times([*days, end], start, end, pacing)
        ahead = _trend(times, standings, last) if method == "trend" else None
        if ahead is None:
            method = "run_rate"
            ahead = _run_rate(times, standings, last, origin)
    if ahead is None:
        return None
    low, high = ahead.interval(sure)
    return Forecast(
        value=_as_float(ahead.value),
        low=low,
        high=high,
        level=float(sure),
        probability=None if aim is None else ahead.attains(aim, lower=lower),
        method=method,
        observations=len(standings),
        by=end,
    )


@frozen
class _Projection:
    """A value at the end with its standard error, exact but for the square root; None where it cannot be told."""

    value: Fraction
    error: Fraction | None
    freedom: int
    spread: Fraction

    def interval(self, level: Fraction) -> tuple[float | None, float | None]:
        if self.error is None:
            return None, None
        margin = self.error * Fraction(-student.quantile(float((1 - level) / 2), self.freedom)) if self.error else 0
        return _as_float(self.value - margin), _as_float(self.value + margin)

    def attains(self, target: Fraction, *, lower: bool) -> float | None:
        if self.error is None:
            return None
        beyond = target - self.value if lower else self.value - target
        if not self.error:
            return 1.0 if beyond >= -_LAST_BITS * self.spread else 0.0
        return student.cdf(float(min(max(beyond / self.error, -_LARGEST), _LARGEST)), self.freedom)


def _run_rate(
    times: Sequence[Fraction], standings: Sequence[Fraction], end: Fraction, baseline: Fraction
) -> _Projection | None:
    """On at the average rate since the start; None where no time has passed yet."""
    # The last standing at each time: a gain in no time has no rate.
    reached = {Fraction(0): baseline, **dict(zip(times, standings, strict=True))}
    gone, value = times[-1], standings[-1]
    if gone == 0:
        return None
    rate, left = (value - baseline) / gone, end - gone
    steps = [(later - sooner, reached[later] - reached[sooner]) for sooner, later in pairwise(reached)]
    spread = _spread(list(reached.values()))
    surprises = [(gain - rate * time, time) for time, gain in steps]
    error = None
    if len(steps) > 1:
        scale = math.sqrt(left * (1 + left / gone) / (len(steps) - 1))
        error = spread * Fraction(_size(surprises, spread) * scale)
    return _Projection(value + rate * left, error, len(steps) - 1, spread)


def _trend(times: Sequence[Fraction], standings: Sequence[Fraction], end: Fraction) -> _Projection | None:
    """On along the line of least squares; None where the readings are at one time only, so that there is no line."""
    n = len(times)
    when, level = sum(times, Fraction(0)) / n, sum(standings, Fraction(0)) / n
    width = sum(((time - when) ** 2 for time in times), Fraction(0))
    if width == 0:
        return None
    slope = sum(((time - when) * value for time, value in zip(times, standings, strict=True)), Fraction(0)) / width
    spread = _spread(standings)
    surprises = [
        (value - level - slope * (time - when), Fraction(1)) for time, value in zip(times, standings, strict=True)
    ]
    error = None
    if n > 2:
        scale = math.sqrt((1 + Fraction(1, n) + (end - when) ** 2 / width) / (n - 2))
        error = spread * Fraction(_size(surprises, spread) * scale)
    return _Projection(level + slope * (end - when), error, n - 2, spread)


def _spread(standings: Sequence[Fraction]) -> Fraction:
    return max(standings) - min(standings)


def _size(surprises: Sequence[tuple[Fraction, Fraction]], spread: Fraction) -> float:
    """The root of the sum of squared surprises, each over its time, in units of the spread.

    In these units the readings may be of any size and far from 0, and no square overflows.
    """
    told = [(surprise / spread, time) for surprise, time in surprises if abs(surprise) > _LAST_BITS * spread]
    return math.hypot(*(float(surprise) / math.sqrt(time) for surprise, time in told))


def _as_float(value: Fraction) -> float:
    try:
        return float(value)
    except OverflowError:
        raise DataError(
            "a forecast must fit a float, which ends at 1.8e308; measure the goal in larger units", column="values"
        ) from None


def _check_day(day: Any, what: str) -> None:
    if type(day) is not date:
        raise DefinitionError(f"{what} must be a date (got {day!r}); take .date() of a time", path=what)


def _check_period(start: date, end: date) -> None:
    _check_day(start, "start")
    _check_day(end, "end")
    if end < start:
        raise DefinitionError(f"a period must not end ({end}) before it starts ({start})", path="end")


def _standings(
    days: Sequence[date], values: Sequence[Number], start: date, end: date, as_of: date
) -> tuple[Fraction, ...]:
    """The readings as fractions, after a look at their days."""
    if type(as_of) is not date:
        raise DataError(f"as_of must be a date (got {as_of!r}); take .date() of a time", column="as_of")
    if len(days) != len(values):
        raise DataError(f"each day must have its value (got {len(days)} days and {len(values)} values)", column="days")
    _refuse("days", days, [type(day) is not date for day in days], "must be dates", "take .date() of a time")
    order = "must be in order, each once"
    turned = [False, *(later < sooner for sooner, later in pairwise(days))]
    _refuse("days", days, turned, order, "sort the readings by day")
    twice = [False, *(later == sooner for sooner, later in pairwise(days))]
    _refuse("days", days, twice, order, "keep one reading of a day")
    cure = "leave these readings out"
    _refuse("days", days, [day < start for day in days], f"must not be before the start, {start}", cure)
    _refuse("days", days, [day > as_of for day in days], f"must not be after as_of, {as_of}", cure)
    _refuse("days", days, [day > end for day in days], f"must not be after the end, {end}", cure)
    read = [_reading(value) for value in values]
    missing = [value is None for value in read]
    _refuse("values", values, missing, "must be finite numbers", "leave out the day of a reading that there is not")
    return tuple(value for value in read if value is not None)


def _reading(value: Any) -> Fraction | None:
    try:
        return exact(value)
    except DefinitionError:
        return None


def _refuse(column: str, given: Sequence[Any], bad: Sequence[bool], expected: str, cure: str) -> None:
    rows = [row for row, is_bad in enumerate(bad) if is_bad]
    if rows:
        got = given[rows[0]]
        shown = str(got) if type(got) is date else repr(got)
        message = f"{column} {expected} (got {shown}): {row_list(rows, len(rows))}; {cure}"
        raise DataError(message, column=column, rows=rows)


def _times(days: Sequence[date], start: date, end: date, pacing: Pacing | None) -> list[Fraction]:
    """The time at the end of each day: days since the start, or the share that is expected by then."""
    counts = [(day - start).days + 1 for day in days]
    if pacing is None:
        return [Fraction(count) for count in counts]
    if not callable(pacing):
        raise DefinitionError(
            f"pacing must be a function of the share of the days, such as a Curve (got {pacing!r})", path="pacing"
        )
    whole = (end - start).days + 1
    shares = [Fraction(count, whole) for count in counts]
    expected = [exact(pacing(share), what=f"pacing at {plain(share)}", path="pacing") for share in shares]
    path = [(Fraction(0), Fraction(0)), *zip(shares, expected, strict=True)]
    for (sooner, before), (later, after) in pairwise(path):
        if after < before:
            raise DefinitionError(
                f"pacing must rise from 0, or stand (got {decimal_text(after)} at {decimal_text(later)} after "
                f"{decimal_text(before)} at {decimal_text(sooner)}); give the share that is expected by each share of "
                "the days",
                path="pacing",
            )
    return expected


def run_rate(value: Number, baseline: Number, start: date, as_of: date) -> float | None:
    """What a value has gained a day since the start, that day and ``as_of`` included; None before the start.

    Example:
        >>> run_rate(260, 200, date(2026, 4, 1), date(2026, 4, 15))
        4.0
    """
    _check_day(start, "start")
    _check_day(as_of, "as_of")
    gained = exact(value, what="value") - exact(baseline, what="baseline", path="baseline")
    days = (as_of - start).days + 1
    return _as_float(gained / days) if days > 0 else None


def required_rate(value: Number, target: Number, as_of: date, end: date) -> float | None:
    """What a value has to gain a day after ``as_of`` to be at the target at the end; None when no day is left.

    Negative where it has to fall, or may.

    Example:
        >>> required_rate(260, 320, date(2026, 4, 15), date(2026, 4, 30))
        4.0
    """
    _check_day(as_of, "as_of")
    _check_day(end, "end")
    missing = exact(target, what="target", path="target") - exact(value, what="value")
    days = (end - as_of).days
    return _as_float(missing / days) if days > 0 else None


@frozen(kw_only=True)
class ConfidenceJudgement:
    """How well stated confidences met what came of them: the Brier score, and Murphy's partition of it.

    All are exact, and ``brier == reliability - resolution + uncertainty``. Goals are grouped by the confidence stated.

    Attributes:
        count: how many goals.
        brier: the mean squared distance of confidence and outcome: 0 is a perfect prophet, 0.25 one who always says
            one half, 1 one who is sure and always wrong.
        mean_confidence: what was stated on average; above ``attained_share`` it was too much.
        attained_share: what share was attained.
        reliability: how far each group's share attained is from the confidence stated; lower is better.
        resolution: how far the groups' shares attained differ from the share of all; higher is better.
        uncertainty: what one who always states the share of all would score; not the forecasters' doing.
    """

    _repr_html_ = definition

    count: int
    brier: Fraction
    mean_confidence: Fraction
    attained_share: Fraction
    reliability: Fraction
    resolution: Fraction
    uncertainty: Fraction

    def __str__(self) -> str:
        sure, attained = decimal_text(100 * self.mean_confidence, 1), decimal_text(100 * self.attained_share, 1)
        told = f"{self.count} statement{'s' if self.count > 1 else ''}"
        return (
            f"Brier score {decimal_text(self.brier)} of {told}, "
            f"{sure}% sure and {attained}% attained: reliability {decimal_text(self.reliability)} "
            f"- resolution {decimal_text(self.resolution)} + uncertainty {decimal_text(self.uncertainty)}"
        )


def brier_score(confidences: Sequence[Number], outcomes: Sequence[bool]) -> ConfidenceJudgement:
    """How well the confidences that were stated met what came of them.

    Args:
        confidences: how sure each goal's owner was of attaining it, 0..1, as typed.
        outcomes: whether each was attained.

    Raises:
        DataError: without a goal, or for confidences out of 0..1 and outcomes that are neither True nor False.

    Example:
        >>> print(brier_score([0.9, 0.9, 0.5, 0.2], [True, True, False, False]))
        Brier score 0.0775 of 4 statements, 62.5% sure and 50.0% attained: reliability 0.0775 - resolution 0.25 + ...
    """
    if len(confidences) != len(outcomes):
        raise DataError(
            f"each confidence must have its outcome (got {len(confidences)} confidences and {len(outcomes)} outcomes)",
            column="outcomes",
        )
    if not len(confidences):
        raise DataError(
            "a judgement needs at least one goal (got none); wait until one of a stated confidence has ended",
            column="confidences",
        )
    read = [_reading(confidence) for confidence in confidences]
    stated = [value for value in read if value is not None and 0 <= value <= 1]
    outside = [value is None or not 0 <= value <= 1 for value in read]
    _refuse("confidences", confidences, outside, "must be numbers from 0 to 1", "write 70% as 0.7")
    attained = [_outcome(outcome) for outcome in outcomes]
    unclear = [outcome is None for outcome in attained]
    _refuse("outcomes", outcomes, unclear, "must be True or False", "leave out goals that have not ended")
    return _judged(list(zip(stated, (bool(outcome) for outcome in attained), strict=True)))


def _outcome(value: Any) -> bool | None:
    try:
        return truth(value)
    except DefinitionError:
        return None


def _judged(pairs: Sequence[tuple[Fraction, bool]]) -> ConfidenceJudgement:
    n = len(pairs)
    groups: dict[Fraction, list[bool]] = {}
    for confidence, attained in pairs:
        groups.setdefault(confidence, []).append(attained)
    base = Fraction(sum(attained for _, attained in pairs), n)
    reliability = resolution = Fraction(0)
    for confidence, group in groups.items():
        share = Fraction(sum(group), len(group))
        reliability += len(group) * (confidence - share) ** 2 / n
        resolution += len(group) * (share - base) ** 2 / n
    return ConfidenceJudgement(
        count=n,
        brier=sum(((confidence - attained) ** 2 for confidence, attained in pairs), Fraction(0)) / n,
        mean_confidence=sum((confidence for confidence, _ in pairs), Fraction(0)) / n,
        attained_share=base,
        reliability=reliability,
        resolution=resolution,
        uncertainty=base * (1 - base),
    )
