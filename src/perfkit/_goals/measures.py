"""How a goal is measured: directions, milestones, ratios, plans by date, and the zones of an actual."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from fractions import Fraction
from itertools import pairwise
from typing import Any, Literal

from attrs import field, frozen

from perfkit._core.checks import one_of, text, truth
from perfkit._core.notebook import definition
from perfkit._core.numbers import Number, exact, plain
from perfkit.errors import DefinitionError

Direction = Literal["increase", "decrease", "reach", "at_least", "at_most", "maintain", "binary", "milestones"]
DIRECTIONS: tuple[Direction, ...] = (
    "increase",
    "decrease",
    "reach",
    "at_least",
    "at_most",
    "maintain",
    "binary",
    "milestones",
)
OverTime = Literal["last", "sum", "mean", "maximum", "minimum", "ratio"]
OVER_TIME: tuple[OverTime, ...] = ("last", "sum", "mean", "maximum", "minimum", "ratio")
Zone = Literal["fail", "commit", "target", "stretch"]


def number(value: Number) -> Fraction:
    """A number of a goal, exactly as typed."""
    return exact(value, what="a number of a goal")


def optional_number(value: Number | None) -> Fraction | None:
    """A number of a goal, or None."""
    return None if value is None else number(value)


@frozen
class Milestone:
    """A step on the way to a goal, and how much of the goal it stands for.

    Args:
        name: what is done then.
        credit: how much it counts among its siblings, in any unit.
        due: the day by which it should be done.
    """

    _repr_html_ = definition

    name: str = field(converter=text)
    credit: Fraction = field(default=Fraction(1), converter=number)
    due: date | None = None

    def __attrs_post_init__(self) -> None:
        if self.credit <= 0:
            raise DefinitionError(
                f"credit of milestone {self.name!r} must be positive (got {plain(self.credit)})", path="credit"
            )


@frozen
class Ratio:
    """An observed ratio, kept as its two parts so that it can be rolled up without averaging averages.

    Args:
        numerator: what is counted.
        denominator: out of how many; positive.

    Example:
        >>> Ratio(30, 400).value
        Fraction(3, 40)
    """

    _repr_html_ = definition

    numerator: Fraction = field(converter=number)
    denominator: Fraction = field(converter=number)

    def __attrs_post_init__(self) -> None:
        if self.denominator <= 0:
            raise DefinitionError(
                f"denominator of a ratio must be positive (got {plain(self.denominator)})", path="denominator"
            )

    @property
    def value(self) -> Fraction:
        """The numerator over the denominator."""
        return self.numerator / self.denominator


def _planned(values: Mapping[date, Number] | Iterable[tuple[date, Number]]) -> tuple[tuple[date, Fraction], ...]:
    pairs = values.items() if isinstance(values, Mapping) else values
    return tuple((day, number(value)) for day, value in pairs)


@frozen
class PhasedPlan:
    """What should be reached by when: dated targets on the way to the target of a goal.

    Args:
        planned: for each date, by which a phase ends, what is planned.
        windowed: whether each number is what its phase alone should bring, rather than what should stand by then.
        between: what is expected between two dates: a ``line``, or what was planned ``last``.

    Raises:
        DefinitionError: for no dates, or dates out of order.

    Example:
        >>> plan = PhasedPlan({date(2026, 3, 31): 250, date(2026, 6, 30): 500})
        >>> [round(float(share), 2) for share in plan.attainment([220, 480])]
        [0.88, 0.96]
    """

    _repr_html_ = definition

    planned: tuple[tuple[date, Fraction], ...] = field(converter=_planned)
    windowed: bool = field(default=False, converter=truth, kw_only=True)
    between: Literal["line", "last"] = field(default="line", kw_only=True)

    def __attrs_post_init__(self) -> None:
        one_of(self.between, ("line", "last"), "between")
        if not self.planned:
            raise DefinitionError("a plan by date needs at least one date (got none)", path="planned")
        odd = [day for day, _ in self.planned if type(day) is not date]
        if odd:
            raise DefinitionError(f"a plan must name dates (got {odd[0]!r})", path="planned")
        for (before, _), (after, _) in pairwise(self.planned):
            if after <= before:
                raise DefinitionError(
                    f"dates of a plan must be in order, each once (got {after} after {before})", path="planned"
                )

    def cumulative(self) -> tuple[tuple[date, Fraction], ...]:
        """What should stand by each date."""
        if not self.windowed:
            return self.planned
        total, reached = Fraction(0), []
        for day, value in self.planned:
            total += value
            reached.append((day, total))
        return tuple(reached)

    def expected(self, as_of: date, *, start: date, baseline: Number = 0) -> Fraction:
        """What should stand on a day, from a baseline at the start.

        Example:
            >>> plan = PhasedPlan({date(2026, 1, 10): 10, date(2026, 1, 20): 30})
            >>> plan.expected(date(2026, 1, 15), start=date(2026, 1, 1))
            Fraction(20, 1)
        """
        base = number(baseline)
        # A window adds to the baseline; a cumulative plan states where things stand.
        lift = base if self.windowed else Fraction(0)
        before, stands = start, base
        for day, value in self.cumulative():
            if as_of < day:
                if self.between == "last" or as_of <= before:
                    return stands
                return stands + (value + lift - stands) * Fraction((as_of - before).days, (day - before).days)
            before, stands = day, value + lift
        return stands

    def attainment(self, actuals: Sequence[Number | None]) -> tuple[Fraction | None, ...]:
        """Actual over planned, phase by phase, for the phases reported so far; None where nothing is planned."""
        if len(actuals) > len(self.planned):
            raise DefinitionError(
                f"actuals must be one for each phase so far (got {len(actuals)} for {len(self.planned)} phases)"
            )
        pairs = zip(actuals, self.planned, strict=False)
        return tuple(
            None if actual is None or not planned else number(actual) / planned for actual, (_, planned) in pairs
        )

    def attainment_so_far(self, actuals: Sequence[Number | None]) -> Fraction | None:
        """How the reported phases stand together: the latest of a cumulative plan, all of them of a windowed one."""
        each = self.attainment(actuals)
        if not self.windowed:
            return next((share for share in reversed(each) if share is not None), None)
        seen = [
            (number(actual), planned)
            for actual, (_, planned) in zip(actuals, self.planned, strict=False)
            if actual is not None
        ]
        whole = sum((planned for _, planned in seen), Fraction(0))
        return sum((actual for actual, _ in seen), Fraction(0)) / whole if whole else None


@frozen(kw_only=True)
class Zones:
    """Where an actual falls between a baseline and a stretch: fail, commit, target or stretch.

    Any two of the four points derive the others (:meth:`derive`). Each zone has its lower bound; where the baseline is
    above the stretch, less is better.

    Args:
        baseline: where progress starts.
        commit: what is promised.
        target: what is aimed at.
        stretch: what would be outstanding.

    Example:
        >>> zones = Zones.derive(baseline=0, stretch=10)
        >>> zones.of(1), zones.of(3), zones.of(7), zones.of(10)
        ('fail', 'commit', 'target', 'stretch')
    """

    _repr_html_ = definition

    baseline: Fraction = field(converter=number)
    commit: Fraction = field(converter=number)
    target: Fraction = field(converter=number)
    stretch: Fraction = field(converter=number)

    def __attrs_post_init__(self) -> None:
        points = [self.baseline, self.commit, self.target, self.stretch]
        rising = all(low < high for low, high in pairwise(points))
        if not rising and not all(low > high for low, high in pairwise(points)):
            shown = ", ".join(str(plain(point)) for point in points)
            raise DefinitionError(f"baseline, commit, target and stretch must rise or fall in this order (got {shown})")

    @classmethod
    def derive(
        cls,
        *,
        baseline: Number | None = None,
        commit: Number | None = None,
        target: Number | None = None,
        stretch: Number | None = None,
        at: tuple[Number, Number] = (0.3, 0.7),
    ) -> Zones:
        """The four points from any two of them.

        Args:
            baseline: where progress starts, if known.
            commit: what is promised, if known.
            target: what is aimed at, if known.
            stretch: what would be outstanding, if known.
            at: which shares of the way from the baseline to the stretch the commit and the target are.

        Raises:
            DefinitionError: for fewer than two points, points that are equal, or more than two that contradict.

        Example:
            >>> zones = Zones.derive(target=8.5, stretch=10)
            >>> float(zones.baseline), float(zones.commit)
            (5.0, 6.5)
        """
        shares = (Fraction(0), number(at[0]), number(at[1]), Fraction(1))
        if not 0 < shares[1] < shares[2] < 1:
            raise DefinitionError(f"at must be two rising shares between 0 and 1 (got {at!r})", path="at")
        given = [
            (share, number(point))
            for share, point in zip(shares, (baseline, commit, target, stretch), strict=True)
            if point is not None
        ]
        if len(given) < 2:
            raise DefinitionError(f"two of baseline, commit, target and stretch are needed (got {len(given)})")
        (low, first), (high, last) = given[0], given[-1]
        span = (last - first) / (high - low)
        start = first - low * span
        points = [start + share * span for share in shares]
        for share, point in given:
            if points[shares.index(share)] != point:
                raise DefinitionError(
                    f"the points given contradict each other: at {plain(share)} of the way lies "
                    f"{plain(points[shares.index(share)])} (got {plain(point)}); give two, or all four to Zones"
                )
        return cls(baseline=points[0], commit=points[1], target=points[2], stretch=points[3])

    def of(self, actual: Number) -> Zone:
        """The zone that an actual falls into."""
        value, sign = number(actual), 1 if self.stretch > self.baseline else -1
        if sign * value >= sign * self.stretch:
            return "stretch"
        if sign * value >= sign * self.target:
            return "target"
        return "commit" if sign * value >= sign * self.commit else "fail"


def limits_of(direction: str, numbers: Mapping[str, Any]) -> tuple[Fraction | None, ...]:
    """Where progress of a goal that is to be held is 0, 1, 1 and 0 again, from low to high; None for nowhere."""
    target, threshold = numbers["target"], numbers["threshold"]
    if direction == "at_least":
        return (target if threshold is None else threshold, target, None, None)
    if direction == "at_most":
        return (None, None, target, target if threshold is None else threshold)
    low, high = numbers["band"] or (target, target)
    zero_low, zero_high = numbers["limits"] or (low, high)
    return (zero_low, low, high, zero_high)


def held(value: Any, limits: Sequence[Any]) -> Fraction:
    """Progress of a goal that is to be held: 1 within its limits, falling to 0 outside."""
    zero_low, low, high, zero_high = limits
    if low is not None and value < low:
        return Fraction(0) if value <= zero_low else (value - zero_low) / (low - zero_low)
    if high is not None and value > high:
        return Fraction(0) if value >= zero_high else (zero_high - value) / (zero_high - high)
    return Fraction(1)
