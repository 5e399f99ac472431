"""Signal or noise: a history on a chart of individual values and moving ranges."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from fractions import Fraction
from itertools import pairwise
from statistics import median
from typing import Any, Literal

from attrs import frozen

from perfkit._core.checks import one_of
from perfkit._core.layout import table
from perfkit._core.notebook import definition
from perfkit._core.numbers import Number, exact
from perfkit._reviews.phrases import ENGLISH, phrase, written
from perfkit._reviews.rules import DEFAULT_RULES, RunRule, false_alarm_rate, rules_of
from perfkit._reviews.views import chart_html
from perfkit.errors import DataError, DefinitionError, row_list
from perfkit.explain import Explanation

Constants = Literal["wheeler", "nist"]
# What a moving range of two values is multiplied by for the limits of values, and for the limit of ranges; by their
# mean and by their median. Wheeler's are rounded; NIST divides 3 by d2 = 1.128, and has D4 = 3.267.
CONSTANTS = {
    ("wheeler", "mean"): (Fraction(266, 100), Fraction(327, 100)),
    ("wheeler", "median"): (Fraction(3145, 1000), Fraction(3865, 1000)),
    ("nist", "mean"): (Fraction(3000, 1128), Fraction(3267, 1000)),
    ("nist", "median"): (Fraction(30000, 9539), Fraction(36867, 9539)),
}
_ENOUGH = 8
_LINES = ("center", "lower", "upper")


@frozen
class Signal:
    """Something in a history that is more than noise.

    Attributes:
        code: the rule that says so; ``moving_range`` for a leap from one value to the next.
        at: the position of the value that completes the pattern.
        start: the position at which the pattern begins.
        value: the value there.
        side: ``above`` or ``below`` the centre; ``up`` or ``down`` for a trend or a leap; empty for other patterns.
        day: the day of the value, where days were given.
    """

    _repr_html_ = definition

    code: str
    at: int
    start: int
    value: Fraction
    side: str = ""
    day: date | None = None

    def explain(self) -> Explanation:
        """The signal as a code with parameters."""
        params = {"at": self.at, "start": self.start, "side": self.side, "day": self.day}
        return Explanation(f"signal_{self.code}", self.value, label=self.code, params=params)


@frozen
class ChartLimits:
    """The limits over a stretch of a history.

    Attributes:
        start: the position of its first value.
        end: the position after its last value.
        center: the mean or the median of the values.
        lower: the lower natural process limit; None where there are too few values, or none of them differ.
        upper: the upper one, or None.
        sigma: a third of the way from the centre to a limit, or None.
        range_center: the mean or the median of the moving ranges.
        range_limit: the limit of a moving range, or None.
        count: how many values they rest on.
    """

    _repr_html_ = definition

    start: int
    end: int
    center: Fraction
    lower: Fraction | None
    upper: Fraction | None
    sigma: Fraction | None
    range_center: Fraction | None
    range_limit: Fraction | None
    count: int


@frozen(repr=False)
class ControlChart:
    """A history with its natural process limits and its signals.

    Attributes:
        values: the history, exact.
        days: the day of each value, or nothing.
        limits: of each stretch; one, where limits are not recalculated.
        signals: in the order of their last values.
        rules: the names of the rules.
        unit: of the values.
    """

    values: tuple[Fraction, ...]
    days: tuple[date, ...]
    limits: tuple[ChartLimits, ...]
    signals: tuple[Signal, ...]
    rules: tuple[str, ...]
    unit: str = ""

    @property
    def moving_ranges(self) -> tuple[Fraction, ...]:
        """The distance of each value from the one before it."""
        return tuple(abs(after - before) for before, after in pairwise(self.values))

    @property
    def false_alarm_rate(self) -> float | None:
        """How often these rules signal where nothing has changed; see :func:`perfkit.false_alarm_rate`.

        None for a set of rules that can only be simulated: ask the function, with a seed.
        """
        chosen = rules_of(self.rules)
        if len(chosen) > 1 and any(rule.kind in ("trend", "zigzag") for rule in chosen):
            return None
        return false_alarm_rate(self.rules)

    @property
    def is_noise(self) -> bool:
        """Whether nothing in it is more than noise, so that nobody need explain it."""
        return not self.signals and self.limits[-1].sigma is not None

    @property
    def verdict(self) -> str:
        """A code: ``signal``, ``noise``, ``too_few`` or ``no_variation``, by the last stretch."""
        last = self.limits[-1]
        if any(signal.at >= last.start for signal in self.signals):
            return "signal"
        if last.sigma is not None:
            return "noise"
        return "no_variation" if last.range_center == 0 else "too_few"

    def limits_at(self, position: int) -> ChartLimits:
        """The limits that hold for a value."""
        place = range(len(self.values))[position]
        return next(one for one in self.limits if one.start <= place < one.end)

    def text(self, catalogue: Mapping[str, str] = ENGLISH) -> str:
        """The chart as a table: each value with its limits, and its signals; why, where there are none.

        Args:
            catalogue: the language, or a phrase for each code.
        """
        lines = table(self._rows(catalogue), left=(0, 5))
        if self.verdict not in ("too_few", "no_variation"):
            return lines
        return f"{lines}\n{phrase(f'history_{self.verdict}', {}, catalogue)}"

    def _rows(self, catalogue: Mapping[str, str]) -> list[tuple[str, ...]]:
        heads = (phrase(f"chart_{name}", {}, catalogue) for name in ("value", "lower", "centre", "upper"))
        rows: list[tuple[str, ...]] = [("", *heads, "")]
        for place, value in enumerate(self.values):
            one = self.limits_at(place)
            codes = ", ".join(told_of(signal, catalogue) for signal in self.signals if signal.at == place)
            name = written(self.days[place], catalogue) if self.days else str(place)
            ends = [written(end, catalogue) for end in (one.lower, one.center, one.upper)]
            rows.append((name, written(value, catalogue), *ends, codes))
        return rows

    def __str__(self) -> str:
        return self.text()

    def explain(self) -> Explanation:
        """The verdict, with a part for each signal."""
        last = self.limits[-1]
        params = {
            "center": last.center,
            "lower": last.lower,
            "upper": last.upper,
            "rules": list(self.rules),
            "false_alarm_rate": self.false_alarm_rate,
        }
        parts = [signal.explain() for signal in self.signals]
        return Explanation(f"history_{self.verdict}", self.values[-1], unit=self.unit, params=params, parts=parts)

    def to_dict(self) -> dict[str, Any]:
        """The chart as plain data, ready for JSON."""
        return {
            **self.explain().to_dict(),
            "values": [str(value) for value in self.values],
            "days": [day.isoformat() for day in self.days],
        }

    def html(self, catalogue: Mapping[str, str] = ENGLISH) -> str:
        """The chart as HTML: the verdict, a picture, and the last values with their limits.

        Args:
            catalogue: the language, or a phrase for each code.
        """
        return chart_html(self, self._rows(catalogue), catalogue)

    def _repr_html_(self) -> str:
        return self.html()

    def __repr__(self) -> str:
        return f"<ControlChart of {len(self.values)} values: {self.verdict}, {len(self.signals)} signals>"


def told_of(signal: Signal, catalogue: Mapping[str, str]) -> str:
    """A signal in words: its rule, and on which side."""
    rule, side = (phrase(code, {}, catalogue) for code in (f"rule_{signal.code}", f"side_{signal.side or 'none'}"))
    return f"{rule} {side}".strip()


def xmr(
    values: Sequence[Number] | Mapping[date, Number],
    *,
    days: Sequence[date] = (),
    rules: str | Iterable[str] = DEFAULT_RULES,
    center: Literal["mean", "median"] | Number = "mean",
    sigma: Number | None = None,
    constants: Constants = "wheeler",
    recalculate: Iterable[date | int] = (),
    baseline: int | None = None,
    minimum: int = _ENOUGH,
    moving_range: bool = False,
    unit: str = "",
) -> ControlChart:
    """A history as a chart of individual values and moving ranges (XmR): what in it is signal, and what is noise.

    The limits are exact fractions; a value on a limit is inside it. They assume values that do not depend on the ones
    before: where there is a trend or a season, chart what is left without it.

    Args:
        values: the history, in the order of time; or a mapping from day to value, in any order. What was not observed
            is left out: None and NaN are refused, for nothing says what stood there.
        days: the day of each; a mapping has them.
        rules: names of rules, or of a set; see ``perfkit.reviews.RULES``. The default is the first two that are
            in common use: a value beyond the limits, and eight in a row on one side of the centre.
        center: ``mean`` for limits at the mean plus and minus 2.66 mean moving ranges; ``median`` for the median plus
            and minus 3.145 median moving ranges, which a few leaps do not widen; or a number that is known.
        sigma: the standard deviation, where it is known; then no moving range is needed.
        constants: ``wheeler`` for 2.66 and 3.27 as they are printed, ``nist`` for 3 / 1.128 and 3.267.
        recalculate: the days, or positions, from which limits are worked out anew: when the work itself changed.
        baseline: how many values of each stretch the limits rest on; all when not given.
        minimum: how many values it takes for limits; with fewer there are none, and no signals.
        moving_range: whether a moving range beyond its limit is a signal too.
        unit: of the values.

    Raises:
        DataError: for values that are no finite numbers, days out of order, or no value at all.
        DefinitionError: for unknown rules and options.

    Example:
        >>> from perfkit import xmr
        >>> chart = xmr([52, 47, 53, 49, 50, 47, 51, 50, 51, 68], baseline=9)
        >>> chart.verdict, [(signal.code, signal.at, signal.side) for signal in chart.signals]
        ('signal', [('beyond_limits', 9, 'above')])
        >>> round(1 / chart.false_alarm_rate)
        153
        >>> from datetime import date
        >>> xmr({date(2026, month, 1): 40 + month % 3 for month in range(1, 10)}).signals
        ()
    """
    told, when = read_history(values, days)
    chosen = rules_of(rules)
    one_of(constants, ("wheeler", "nist"), "constants")
    if isinstance(center, str):
        one_of(center, ("mean", "median"), "center")
    else:
        center = exact(center, what="center", path="center")
    known = None if sigma is None else positive(sigma, "sigma")
    for name, count, least in (("minimum", minimum, 2), ("baseline", baseline, 2)):
        if count is not None and (isinstance(count, bool) or not isinstance(count, int) or count < least):
            raise DefinitionError(f"{name} must be a whole number from {least} on (got {count!r})", path=name)
    starts = _starts(recalculate, when, len(told))
    stretches = [
        _limits(told, start, end, center, known, constants, baseline, minimum)
        for start, end in pairwise([*starts, len(told)])
    ]
    signals = [signal for one in stretches for signal in _signals(told, when, one, chosen, moving_range)]
    signals.sort(key=lambda signal: (signal.at, signal.start))
    names = tuple(rule.name for rule in chosen)
    return ControlChart(told, when, tuple(stretches), tuple(signals), names, unit)


def read_history(
    values: Sequence[Number] | Mapping[date, Number], days: Sequence[date]
) -> tuple[tuple[Fraction, ...], tuple[date, ...]]:
    """A history as exact numbers with its days.

    Raises:
        DataError: for what is none.
    """
    if isinstance(values, str) or not isinstance(values, Iterable):
        raise DataError(
            f"a history must be a list of numbers, or a mapping from day to number (got {values!r})", column="values"
        )
    if isinstance(values, Mapping):
        if len(days):
            raise DataError("a mapping from day to value has its days; leave out days=", column="days")
        _check_days(list(values))
        days = sorted(values)
        values = [values[day] for day in days]
    given = list(values)
    told: list[Fraction] = []
    bad = []
    for place, value in enumerate(given):
        try:
            told.append(exact(value))
        except DefinitionError:
            bad.append(place)
    if bad:
        raise DataError(
            f"a history must hold finite numbers (got {given[bad[0]]!r}"
            f"{f' on {days[bad[0]]}' if len(days) == len(given) else ''}): {row_list(bad, len(bad))}; "
            "leave out what was not observed",
            column="values",
            rows=bad,
        )
    if not told:
        raise DataError("a history needs at least one value (got none); wait for an observation", column="values")
    when = tuple(days)
    if when and len(when) != len(told):
        raise DataError(f"each value must have its day (got {len(told)} values and {len(when)} days)", column="days")
    _check_days(when)
    turned = [place + 1 for place, (sooner, later) in enumerate(pairwise(when)) if later < sooner]
    if turned:
        raise DataError(
            f"days must be in order (got {when[turned[0]]} after {when[turned[0] - 1]}); sort the history by day",
            column="days",
            rows=turned,
        )
    return tuple(told), when


def _check_days(days: Sequence[Any]) -> None:
    odd = [place for place, day in enumerate(days) if type(day) is not date]
    if odd:
        cure = "read a text with date.fromisoformat" if isinstance(days[odd[0]], str) else "take .date() of a time"
        raise DataError(f"days must be dates (got {days[odd[0]]!r}); {cure}", column="days", rows=odd)


def positive(value: Number, what: str) -> Fraction:
    """A positive number, exact.

    Raises:
        DefinitionError: for one that is not.
    """
    number = exact(value, what=what, path=what)
    if number <= 0:
        raise DefinitionError(f"{what} must be positive (got {value!r})", path=what)
    return number


def _starts(recalculate: Iterable[date | int], days: Sequence[date], n: int) -> list[int]:
    found = {0}
    for one in recalculate:
        if isinstance(one, date):
            if not days:
                raise DefinitionError(f"to recalculate from {one} takes the days of the values: give days=")
            place = next((place for place, day in enumerate(days) if day >= one), n)
        elif isinstance(one, bool) or not isinstance(one, int) or not 0 <= one < n:
            raise DefinitionError(
                f"limits are recalculated from a day, or a position from 0 to {n - 1} (got {one!r})", path="recalculate"
            )
        else:
            place = one
        if place < n:
            found.add(place)
    return sorted(found)


def _limits(
    values: Sequence[Fraction],
    start: int,
    end: int,
    center: str | Fraction,
    sigma: Fraction | None,
    constants: str,
    baseline: int | None,
    minimum: int,
) -> ChartLimits:
    some = values[start : end if baseline is None else min(start + baseline, end)]
    ranges = [abs(after - before) for before, after in pairwise(some)]
    by = "median" if center == "median" else "mean"
    middle = center if isinstance(center, Fraction) else _middle(some, by)
    width, range_width = CONSTANTS[(constants, by)]
    range_center = _middle(ranges, by) if ranges else None
    if sigma is None:
        if len(some) < minimum or not range_center:
            return ChartLimits(start, end, middle, None, None, None, range_center, None, len(some))
        reach = width * range_center
    else:
        reach = 3 * sigma
    limit = None if range_center is None else range_width * range_center
    return ChartLimits(start, end, middle, middle - reach, middle + reach, reach / 3, range_center, limit, len(some))


def _middle(values: Sequence[Fraction], by: str) -> Fraction:
    return Fraction(median(values)) if by == "median" else sum(values, Fraction(0)) / len(values)


def _signals(
    values: Sequence[Fraction],
    days: Sequence[date],
    limits: ChartLimits,
    rules: Sequence[RunRule],
    moving_range: bool,
) -> list[Signal]:
    if limits.sigma is None:
        return []
    far = [(value - limits.center) / limits.sigma for value in values[limits.start : limits.end]]
    found = []
    for rule in rules:
        was = False
        for place in range(len(far)):
            window = far[max(0, place + 1 - rule.of) : place + 1]
            is_one = rule.holds(window)
            # A pattern that goes on is one signal, told when it is complete; each value beyond a limit is its own.
            if is_one and (not was or rule.of == 1):
                at = limits.start + place
                first = max(limits.start, at - rule.of + 1)
                day = days[at] if days else None
                found.append(Signal(rule.name, at, first, values[at], _side(rule, window), day))
            was = is_one
    if moving_range and limits.range_limit is not None:
        for at in range(limits.start + 1, limits.end):
            step = values[at] - values[at - 1]
            if abs(step) > limits.range_limit:
                side, day = "up" if step > 0 else "down", days[at] if days else None
                found.append(Signal("moving_range", at, at - 1, values[at], side, day))
    return found


def _side(rule: RunRule, far: Sequence[Fraction]) -> str:
    if rule.kind == "beyond":
        return "above" if far[-1] > 0 else "below"
    if rule.kind == "trend":
        return "up" if far[-1] > far[-2] else "down"
    return ""
