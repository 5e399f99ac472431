"""A column that can be moved: its grid, its limits, and the places at which something may happen along it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from itertools import pairwise
from math import ceil, floor
from typing import Any

from attrs import fields, frozen, has

from perfkit._core.numbers import Number, exact
from perfkit._reviews.evaluation import Evaluation, is_missing
from perfkit.curves import Curve
from perfkit.errors import DataError, DefinitionError, PerfkitError, did_you_mean
from perfkit.incentives import IncentivePlan
from perfkit.metrics import Metric
from perfkit.money import Money, minor_per_major

FINE = Fraction(1, 10**6)
_WHOLE = 100
# How far is looked without a limit: so many times as far as the row stands and its curves bend.
_FAR = 1_000
# Along a column that several rules read, so many multiples are looked at one by one on either side, or so many evenly
# spread ones where there are more: what one rule gains another may lose, so that the outcome may turn between bends.
_EACH, _NEAR, _SPREAD = 2_000, 500, 500


@frozen(eq=False)
class Axis:
    """A column along which somebody can move, on the multiples of a step.

    Attributes:
        column: its name.
        label: the metric that reads it, where there is one.
        kind: ``number``, ``money``, ``flag`` or ``category``, whose values are counted in the order of its choices.
        now: where they stand, in major units for money.
        step: the grid.
        low: the least multiple of the step to look at, or None.
        high: the greatest, or None.
        places: the multiples at which a curve may bend or leap, and their neighbours, in order.
        scale: minor units in a unit where the row has money as integers; 1 otherwise.
        currency: of a row that has ``Money``.
        is_whole: whether a row holds whole numbers there.
        is_shared: whether several rules read it, so that the outcome may turn between two bends.
        is_straight: whether no target and no baseline is read from it, which would divide by it.
        choices: the names that it may hold.
    """

    column: str
    label: str
    kind: str
    now: Fraction
    step: Fraction
    low: int | None
    high: int | None
    places: tuple[int, ...]
    scale: int
    currency: str
    is_whole: bool
    is_shared: bool = False
    is_straight: bool = True
    choices: tuple[str, ...] = ()

    def typed(self, units: int) -> Any:
        """A multiple of the step as a row holds it."""
        value = units * self.step
        if self.kind == "flag":
            return bool(units)
        if self.choices:
            return self.choices[units]
        if self.currency:
            return Money(value, self.currency)
        value *= self.scale
        return int(value) if self.is_whole and value.denominator == 1 else float(value)

    def told(self, value: Fraction) -> Any:
        """A place as people know it: a number, money, a name, or yes and no."""
        if self.kind == "flag":
            return bool(value)
        if self.choices:
            return self.choices[int(value)]
        return Money(value, self.currency) if self.currency else value

    def outward(self, sign: int, *, one_by_one: bool = False) -> list[int]:
        """The multiples to look at from where they stand, nearest first, up to a limit or far beyond the last bend.

        Args:
            sign: 1 for up, -1 for down.
            one_by_one: those between two bends as well.
        """
        if self.kind in ("flag", "category"):
            return sorted((units for units in self.places if (units - self.now) * sign > 0), key=lambda one: one * sign)
        at = self.now / self.step
        first = floor(at) + 1 if sign > 0 else ceil(at) - 1
        end = self.high if sign > 0 else self.low
        bends = max((abs(place) for place in self.places), default=0)
        far = _FAR * max(abs(at), Fraction(bends), 1 / self.step)
        doublings = range(ceil(far + abs(first) + 1).bit_length())
        found = {first + sign * (2**power - 1) for power in doublings}
        found |= {place for place in self.places if (place - first) * sign >= 0}
        if end is not None:
            found = {place for place in found if (end - place) * sign >= 0}
            if (end - first) * sign >= 0:
                found.add(end)
        if one_by_one and found:
            found |= _one_by_one(first, max(found, key=lambda place: place * sign), sign)
        return sorted(found, key=lambda place: place * sign)

    def is_listed(self, reach: Fraction | None) -> bool:
        """Whether every multiple within so many steps of where they stand is looked at; all of them for None."""
        at = self.now / self.step
        for sign in (1, -1):
            places = [
                place for place in self.outward(sign, one_by_one=True) if reach is None or abs(place - at) < reach
            ]
            if not _is_each(places) or (places and abs(places[0] - at) > 1):
                return False
        return True


def _is_each(places: Sequence[int]) -> bool:
    return all(abs(after - before) == 1 for before, after in pairwise(places))


def _one_by_one(first: int, end: int, sign: int) -> set[int]:
    """Every multiple up to an end where they are few, else the nearest ones and some evenly spread."""
    count = abs(end - first) + 1
    if count <= _EACH:
        return set(range(first, end + sign, sign))
    return {first + sign * step for step in (*range(_NEAR), *range(0, count, count // _SPREAD))}


def axis_of(
    evaluation: Evaluation,
    column: str,
    limits: Mapping[str, tuple[Number | Money | None, Number | Money | None]],
    steps: Mapping[str, Number],
) -> Axis:
    """The axis of a column of a row.

    Raises:
        DefinitionError: for a column that no rule reads, limits that do not enclose where the row stands, or a step
            that is not positive.
        DataError: for a column without a value in the row, or of names.
    """
    known = evaluation.needs()
    if column not in known:
        raise DefinitionError(
            f"no rule reads {column!r}, so that moving it changes nothing{did_you_mean(column, known)}", path=column
        )
    kind, value = evaluation.kind_of(column), evaluation.row.get(column)
    if is_missing(value):
        raise DataError(f"{column!r} has no value to start from; observe it first, or leave it out", column=column)
    choices = evaluation.choices_of(column) if kind == "category" else ()
    if choices:
        return _axis_of_choices(column, str(value), choices, [*limits, *steps])
    if kind == "category" or isinstance(value, str):
        raise DataError(f"{column!r} holds names, along which nothing can be moved; leave it out", column=column)
    metrics = [metric for metric in _metrics(evaluation) if metric.column == column]
    label = metrics[0].name if len(metrics) == 1 else column
    currency = value.currency if isinstance(value, Money) else ""
    scale = 1
    if kind == "money" and not currency and evaluation.plan is not None:
        scale = minor_per_major(evaluation.currency)
    now = value.exact if isinstance(value, Money) else exact(int(value) if isinstance(value, bool) else value) / scale
    if kind == "flag":
        return Axis(column, label, kind, now, Fraction(1), 0, 1, (0, 1), 1, "", is_whole=False)
    step = _step(column, steps.get(column), now, kind, currency or evaluation.currency)
    low, high = _limits(column, limits.get(column), now)
    readers = [metric for metric in _metrics(evaluation) if column in {need.name for need in metric.needs()}]
    measuring = [metric for metric in readers if column in (metric.target, metric.baseline)]
    knots = {knot for metric in metrics for knot in _knots_of(metric, evaluation.row)}
    knots |= {knot for metric in measuring for knot in _knots_of_marks(metric, column, evaluation.row)}
    knots |= _knots_of_plan(evaluation, column)
    is_paid = column in evaluation.pay_needs()
    places = {floor(knot / step) + near for knot in knots for near in (-1, 0, 1, 2)}
    return Axis(
        column,
        label,
        kind,
        now,
        step,
        None if low is None else ceil(low / step),
        None if high is None else floor(high / step),
        tuple(sorted(places)),
        scale,
        currency,
        is_whole=isinstance(value, int) or kind == "money",
        is_shared=len(readers) + is_paid > 1,
        is_straight=not measuring,
    )


def _axis_of_choices(column: str, value: str, choices: tuple[str, ...], named: list[str]) -> Axis:
    if value not in choices:
        raise DataError(
            f"{column!r} must be one of {', '.join(choices)} (got {value!r}){did_you_mean(value, choices)}",
            column=column,
        )
    if column in named:
        raise DefinitionError(
            f"{column!r} is one of {', '.join(choices)}, and has no limits and no step; leave them out", path=column
        )
    places = tuple(range(len(choices)))
    now = Fraction(choices.index(value))
    return Axis(
        column, column, "category", now, Fraction(1), 0, places[-1], places, 1, "", is_whole=False, choices=choices
    )


def _metrics(evaluation: Evaluation) -> tuple[Metric, ...]:
    return () if evaluation.card is None else evaluation.card.metrics()


def _step(column: str, given: Number | None, now: Fraction, kind: str, currency: str) -> Fraction:
    least = Fraction(1, minor_per_major(currency)) if kind == "money" and currency else FINE
    if given is None:
        if kind == "money":
            return least
        if now.denominator == 1 and abs(now) >= _WHOLE:
            return Fraction(1)
        decimals = next((places for places in range(5) if (now * 10**places).denominator == 1), 4)
        return Fraction(1, 10 ** min(decimals + 2, 6))
    step = exact(given, what=f"the step of {column!r}", path="steps")
    if step <= 0 or (step / least).denominator != 1:
        raise DefinitionError(
            f"the step of {column!r} must be a positive multiple of {float(least):g} (got {given!r})", path="steps"
        )
    return step


def _limits(column: str, given: Any, now: Fraction) -> tuple[Fraction | None, Fraction | None]:
    if given is None:
        # Results are seldom negative: who means one says so.
        return (Fraction(0) if now >= 0 else None), None
    if not isinstance(given, (tuple, list)) or len(given) != 2:
        raise DefinitionError(
            f"the limits of {column!r} must be its least and greatest value, None for none (got {given!r})",
            path="limits",
        )
    low, high = (None if end is None else _end(column, end) for end in given)
    if (low is not None and low > now) or (high is not None and high < now):
        raise DefinitionError(
            f"the limits of {column!r} must enclose where it stands, {float(now):g} (got {given!r})", path="limits"
        )
    return low, high


def _end(column: str, end: Any) -> Fraction:
    return end.exact if isinstance(end, Money) else exact(end, what=f"a limit of {column!r}", path="limits")


def curves_in(definition: Any) -> Iterator[Curve]:
    """Every curve in a definition, however deep."""
    if isinstance(definition, Curve):
        yield definition
    elif isinstance(definition, (tuple, list)):
        for item in definition:
            yield from curves_in(item)
    elif has(type(definition)):
        for attribute in fields(type(definition)):
            yield from curves_in(getattr(definition, attribute.name))


def _knots_of(metric: Metric, row: Mapping[str, Any]) -> set[Fraction]:
    """Where a metric may bend or leap, in the unit of its column; too many places do no harm."""
    target, baseline = (_read(source, row) for source in (metric.target, metric.baseline))
    marks = {knot.x for curve in curves_in(metric) for knot in curve.knots}
    found = set(marks)
    if target is not None:
        found.add(target)
        found |= {target * mark for mark in marks} | {target * (2 - mark) for mark in marks}
        found |= {target / mark for mark in marks if mark}
        if baseline is not None:
            found |= {baseline + mark * (target - baseline) for mark in marks}
    return found


def _knots_of_marks(metric: Metric, column: str, row: Mapping[str, Any]) -> set[Fraction]:
    """Where a metric may bend or leap along a column that is its target or its baseline."""
    actual, target, baseline = (_read(source, row) for source in (metric.column, metric.target, metric.baseline))
    marks = {knot.x for curve in curves_in(metric) for knot in curve.knots} | {Fraction(0), Fraction(1)}
    # Where it divides by zero.
    found = {Fraction(0)} | {mark for mark in (target, baseline) if mark is not None}
    if actual is None:
        return found
    found.add(actual)
    if baseline is None:
        found |= {actual / mark for mark in marks if mark} | {actual / (2 - mark) for mark in marks if mark != 2}
        found |= {actual * mark for mark in marks}
    elif column == metric.target:
        found |= {baseline + (actual - baseline) / mark for mark in marks if mark}
    elif target is not None:
        found |= {(actual - mark * target) / (1 - mark) for mark in marks if mark != 1}
    return found


def _read(source: Fraction | str | None, row: Mapping[str, Any]) -> Fraction | None:
    value = row.get(source) if isinstance(source, str) else source
    if value is None or is_missing(value):
        return None
    return value.exact if isinstance(value, Money) else exact(value)


def _knots_of_plan(evaluation: Evaluation, column: str) -> set[Fraction]:
    """Where pay may bend or leap along a column that it reads itself."""
    plan = evaluation.plan
    if not isinstance(plan, IncentivePlan) or column not in evaluation.pay_needs():
        return set()
    curve = plan_curve(evaluation, plan, column)
    return set() if curve is None else {knot.x for knot in curve.knots}


def plan_curve(evaluation: Evaluation, plan: IncentivePlan, column: str) -> Curve | None:
    """Pay along a column, where it is a curve of it."""
    row = dict(evaluation.row)
    if evaluation.card is not None:
        row[evaluation.score] = evaluation.value
    try:
        return plan.curve(column, row)
    except PerfkitError:
        return None
