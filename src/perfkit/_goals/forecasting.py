"""Where a goal will end, and how sure that is: by its rate, along its trend, or at its level."""

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
from perfkit._goals.period import Period
from perfkit.errors import DataError, DefinitionError, row_list

ForecastMethod = Literal["run_rate", "trend", "level"]
FORECAST_METHODS: tuple[ForecastMethod, ...] = ("run_rate", "trend", "level")
Pacing = Callable[[Fraction], Number]
Limits = tuple[Fraction | None, Fraction | None]

# Floats that were computed on a line lie off it by their last bits: what is this small beside the spread of the
# readings is no noise, and no last bit decides whether a target is attained.
_LAST_BITS = Fraction(1, 10**12)
_LARGEST = Fraction(10**300)


@frozen(kw_only=True)
class Forecast:
    """Where a value will stand at the end, and how sure that is.

    Three models. Time is counted in days, or where a pacing says so in the share that is expected by then.

    ``run_rate``: the value moves on at its average rate since the start. What it gained from reading to reading is
    taken as independent, normal, of one mean rate, and of a variance in proportion to time: with T behind and r ahead,
    the variance of what is to come is s² r (1 + r / T), the last factor for the rate being an estimate itself; s² is
    that of the gains around the rate, with a degree of freedom less than there are gains.

    ``trend``: readings lie around a straight line by independent, normal errors of one variance. The line is that of
    least squares, and the interval is the prediction interval of a reading at the end, with two degrees of freedom
    less than there are readings.

    ``level``: the value moves neither up nor down, and readings lie around one level by independent, normal errors of
    one variance s². The value is the mean of the readings. Of a further reading the variance is s² (1 + 1 / n), with
    n - 1 degrees of freedom (Montgomery and Runger, Applied Statistics and Probability for Engineers, 8-6). What is
    itself the mean of all readings of the period is nearer to that of those seen, the more of the time is gone: where
    a share f is, the variance is s² / n (1 - f); and for a ratio of sums that of the ratio estimator, with readings'
    distances from the ratio, over the mean denominator (Cochran, Sampling Techniques, 1977, 2.6 and 6.4).

    None knows a season, a deadline's spurt or a bound of the value; a pacing is what knows a season.

    Attributes:
        value: what it will be at the end; once the end has come, the last reading.
        low: the lower end of the interval; None with too few readings to tell (a run rate and a level need 2, a trend
            3), or where no spread tells.
        high: the upper end of the interval, or None.
        level: how probable it is that the end lies within the interval, 0..1.
        probability: of the target being attained, 0..1; None with too few readings, or without a target.
        method: what the value was found by. A trend of readings at one time only is a run rate, and says so; what no
            rate or trend moves is a level, whatever was asked.
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
        method: ``run_rate``, ``trend`` or ``level``; see :class:`Forecast`.
        level: of the interval, between 0 and 1.
        pacing: for a share of the days, exactly, the share that is expected by then, such as a ``Curve``. Readings
            between which nothing is expected count as one for a run rate, the last of them.

    Returns:
        the forecast; None without readings, or where a run rate finds that nothing was expected yet by the last.

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
    sure = checked_level(level)
    origin = exact(baseline, what="baseline", path="baseline")
    aim = None if target is None else exact(target, what="target", path="target")
    lower = truth(lower_is_better)
    _check_period(start, end)
    days, values = tuple(days), tuple(values)
    standings = _standings(days, values, start, end, as_of)
    if not standings:
        return None
    found = projected(days, standings, Period(start, end), as_of, origin, method, pacing)
    if found is None:
        return None
    within = (None, aim) if lower else (aim, None)
    return told(*found, end, len(standings), sure, within)


def checked_level(level: Number) -> Fraction:
    """The level of an interval, exactly.

    Raises:
        DefinitionError: for one that is not between 0 and 1.
    """
    sure = exact(level, what="level", path="level")
    if not 0 < float(sure) < 1:
        raise DefinitionError(
            f"level must be between 0 and 1, such as 0.8 for an interval of 80% (got {level!r})", path="level"
        )
    return sure


def projected(
    days: Sequence[date],
    standings: Sequence[Fraction],
    period: Period,
    as_of: date,
    origin: Fraction,
    method: ForecastMethod,
    pacing: Pacing | None,
) -> tuple[Projection, ForecastMethod] | None:
    """Where readings that were looked at before lead, and by which model; None where nothing tells."""
    if as_of >= period.end:
        return Projection(standings[-1], Fraction(0), 1, abs(standings[-1] - origin)), method
    if method == "level":
        return _level(standings), method
    *times, last = _times([*days, period.end], period.start, period.end, pacing)
    line = _trend(times, standings, last) if method == "trend" else None
    if line is not None:
        return line, "trend"
    ahead = _run_rate(times, standings, last, origin)
    return None if ahead is None else (ahead, "run_rate")


def told(
    ahead: Projection,
    method: ForecastMethod,
    by: date,
    observations: int,
    level: Fraction,
    within: Limits,
    bounds: Limits = (None, None),
) -> Forecast:
    """A projection in numbers: attained within limits, and never told to lie beyond bounds."""
    low, high = ahead.interval(level, bounds)
    return Forecast(
        value=_as_float(_bounded(ahead.value, bounds)),
        low=low,
        high=high,
        level=float(level),
        probability=ahead.probability(within),
        method=method,
        observations=observations,
        by=by,
    )


def _bounded(value: Fraction, bounds: Limits) -> Fraction:
    least, most = bounds
    value = value if least is None else max(value, least)
    return value if most is None else min(value, most)


@frozen
class Projection:
    """A value at the end with its standard error, exact but for the square root; None where it cannot be told."""

    value: Fraction
    error: Fraction | None
    freedom: int
    spread: Fraction

    def interval(self, level: Fraction, bounds: Limits) -> tuple[float | None, float | None]:
        """Within which the end lies as probably as the level says."""
        if self.error is None:
            return None, None
        margin = self.error * Fraction(-student.quantile(float((1 - level) / 2), self.freedom)) if self.error else 0
        ends = _bounded(self.value - margin, bounds), _bounded(self.value + margin, bounds)
        return _as_float(ends[0]), _as_float(ends[1])

    def probability(self, within: Limits) -> float | None:
        """Of ending within limits; None without any, or where it cannot be told."""
        least, most = within
        if self.error is None or (least is None and most is None):
            return None
        # At or above the least, and at or below the most; what is not limited is far beyond.
        above = None if least is None else self.value - least
        below = None if most is None else most - self.value
        if not self.error:
            inside = all(room is None or room >= -_LAST_BITS * self.spread for room in (above, below))
            return 1.0 if inside else 0.0
        over, under = (None if room is None else self._share(room) for room in (above, below))
        if over is None or under is None:
            return over if under is None else under
        # What lies outside on either side is taken away, so that no small probability loses its digits.
        return max(over + under - 1, 0.0)

    def _share(self, room: Fraction) -> float:
        return student.cdf(float(min(max(room / (self.error or 1), -_LARGEST), _LARGEST)), self.freedom)


def settled(value: Fraction) -> Projection:
    """A value that is the end."""
    return Projection(value, Fraction(0), 1, abs(value))


def open_ended(value: Fraction) -> Projection:
    """A value that stays where it is for all that is known, without a spread that would tell how surely."""
    return Projection(value, None, 1, abs(value))


def mean_of_all(readings: Sequence[tuple[Fraction, Fraction]], gone: Fraction) -> Projection:
    """The mean of all readings of a period, or their ratio, from those of a share of it that is gone.

    Args:
        readings: numerators and denominators; values over 1 for a mean.
        gone: the share of the time that they speak for, above 0.
    """
    n = len(readings)
    whole = sum((below for _, below in readings), Fraction(0))
    value = sum((above for above, _ in readings), Fraction(0)) / whole
    spread = _spread([above / below for above, below in readings])
    if n < 2:
        return open_ended(value)
    # A distance from the ratio, over the mean denominator, is in the unit of the ratio.
    surprises = [((above - value * below) * n / whole, Fraction(1)) for above, below in readings]
    scale = math.sqrt((1 - gone) / (n * (n - 1)))
    return Projection(value, spread * Fraction(_size(surprises, spread) * scale), n - 1, spread)


def _level(standings: Sequence[Fraction]) -> Projection:
    """A further reading around the mean of those that were taken."""
    n = len(standings)
    value, spread = sum(standings, Fraction(0)) / n, _spread(standings)
    if n < 2:
        return open_ended(value)
    scale = math.sqrt((1 + Fraction(1, n)) / (n - 1))
    surprises = [(standing - value, Fraction(1)) for standing in standings]
    return Projection(value, spread * Fraction(_size(surprises, spread) * scale), n - 1, spread)


def _run_rate(
    times: Sequence[Fraction], standings: Sequence[Fraction], end: Fraction, baseline: Fraction
) -> Projection | None:
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
    return Projection(value + rate * left, error, len(steps) - 1, spread)


def _trend(times: Sequence[Fraction], standings: Sequence[Fraction], end: Fraction) -> Projection | None:
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
    return Projection(level + slope * (end - when), error, n - 2, spread)


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
    refuse_rows("days", days, [type(day) is not date for day in days], "must be dates", "take .date() of a time")
    order = "must be in order, each once"
    turned = [False, *(later < sooner for sooner, later in pairwise(days))]
    refuse_rows("days", days, turned, order, "sort the readings by day")
    twice = [False, *(later == sooner for sooner, later in pairwise(days))]
    refuse_rows("days", days, twice, order, "keep one reading of a day")
    cure = "leave these readings out"
    refuse_rows("days", days, [day < start for day in days], f"must not be before the start, {start}", cure)
    refuse_rows("days", days, [day > as_of for day in days], f"must not be after as_of, {as_of}", cure)
    refuse_rows("days", days, [day > end for day in days], f"must not be after the end, {end}", cure)
    read = [reading(value) for value in values]
    missing = [value is None for value in read]
    refuse_rows("values", values, missing, "must be finite numbers", "leave out the day of a reading that there is not")
    return tuple(value for value in read if value is not None)


def reading(value: Any) -> Fraction | None:
    try:
        return exact(value)
    except DefinitionError:
        return None


def refuse_rows(column: str, given: Sequence[Any], bad: Sequence[bool], expected: str, cure: str) -> None:
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
