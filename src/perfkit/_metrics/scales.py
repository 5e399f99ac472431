"""Scales: from raw numbers, each in its own unit, to numbers that can be weighed against each other."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from typing import Literal

import numpy as np
import numpy.typing as npt
from attrs import field, frozen

from perfkit._core.checks import one_of, optional_text
from perfkit._core.notebook import definition
from perfkit._core.numbers import Number, exact, plain
from perfkit._core.statistics import Extremes, Moments, Statistic, Tally, square_root
from perfkit.curves import Curve, Knot
from perfkit.errors import DefinitionError

FloatColumn = npt.NDArray[np.float64]
Unseen = Literal["refuse", "missing", "whole"]
Reference = Literal["mean", "median", "least", "greatest", "sum", "norm"]
Definition = Literal["rank_share", "percent_rank", "midpoint", "mean_rank"]
Ties = Literal["lowest", "average", "highest"]
REFERENCES: tuple[Reference, ...] = ("mean", "median", "least", "greatest", "sum", "norm")
DEFINITIONS: tuple[Definition, ...] = ("rank_share", "percent_rank", "midpoint", "mean_rank")


def _number(value: Number | None) -> Fraction | None:
    return None if value is None else exact(value, what="a number of a scale")


def _given(value: Number) -> Fraction:
    return exact(value, what="a number of a scale")


def _pair(value: Iterable[Number] | None) -> tuple[Fraction, Fraction] | None:
    return None if value is None else _two(value)


def _levels(pairs: Iterable[Iterable[Number]]) -> tuple[tuple[Fraction, Fraction], ...]:
    try:
        return tuple(_two(pair) for pair in pairs)
    except TypeError as error:
        raise DefinitionError(f"a scale takes pairs of numbers (got {pairs!r})") from error


def _two(value: Iterable[Number]) -> tuple[Fraction, Fraction]:
    try:
        given = tuple(value)
    except TypeError as error:
        raise DefinitionError(f"a scale takes pairs of numbers (got {value!r})") from error
    numbers = tuple(exact(number, what="a number of a scale") for number in given)
    if len(numbers) != 2:
        raise DefinitionError(f"a scale takes pairs of numbers (got {len(numbers)} numbers)")
    return numbers[0], numbers[1]


def _constant(value: Number | Literal["refuse"]) -> Fraction | Literal["refuse"]:
    return "refuse" if value == "refuse" else exact(value, what="constant", path="constant")


def _reference(value: Number | Reference) -> Fraction | Reference:
    if isinstance(value, str):
        one_of(value, REFERENCES, "reference")
        return value
    return exact(value, what="reference", path="reference")


def _optional_reference(value: Number | Reference | None) -> Fraction | Reference | None:
    return None if value is None else _reference(value)


def near(value: Fraction) -> Fraction:
    """The shortest decimal of the float that is nearest: what a number of a population is taken as."""
    return exact(float(value))


def check_peers(within: str | None, unseen: str, smallest: int) -> None:
    """Refuse options of groups that mean nothing."""
    one_of(unseen, ("refuse", "missing", "whole"), "unseen")
    if isinstance(smallest, bool) or not isinstance(smallest, int) or smallest < 1:
        raise DefinitionError(f"smallest must be a whole number from 1 on (got {smallest!r})", path="smallest")
    if within is None and (unseen != "refuse" or smallest != 1):
        raise DefinitionError("unseen and smallest are about groups: name their column with within=", path="within")


@frozen
class MinMax:
    """From the worst to the best: 0 to 1 between two bounds, declared or observed.

    Args:
        lower: the lower bound; the least value of the population when not given.
        upper: the upper bound; the greatest value of the population when not given.
        quantiles: two shares such as (0.05, 0.95): observed bounds are these quantiles of the population instead of
            its ends, and what lies beyond them counts as the bound (winsorised).
        to: what the worse and the better bound score.
        outside: what lies beyond the bounds is ``clip`` (the bound itself) or ``extend`` (the line goes on).
        constant: what everybody scores where the bounds meet: a number, or ``refuse``.
        within: the column that names each row's group; observed bounds are then those of the group.
        unseen: ``refuse``, ``missing`` or ``whole``, for rows of a group that was not there, or of none. Rows without a
            group are refused in a fit too, or with the other two left out of it.
        smallest: groups of fewer people than this count as unseen.

    Raises:
        DefinitionError: for bounds that meet or cross, and options that mean nothing.

    Example:
        >>> MinMax(0, 10).declared(lower_is_better=False)([-1, 5, 11])
        array([0. , 0.5, 1. ])
    """

    _repr_html_ = definition

    lower: Fraction | None = field(default=None, converter=_number)
    upper: Fraction | None = field(default=None, converter=_number)
    quantiles: tuple[Fraction, Fraction] | None = field(default=None, converter=_pair, kw_only=True)
    to: tuple[Fraction, Fraction] = field(default=(Fraction(0), Fraction(1)), converter=_two, kw_only=True)
    outside: Literal["clip", "extend"] = field(default="clip", kw_only=True)
    constant: Fraction | Literal["refuse"] = field(default="refuse", converter=_constant, kw_only=True)
    within: str | None = field(default=None, converter=optional_text, kw_only=True)
    unseen: Unseen = field(default="refuse", kw_only=True)
    smallest: int = field(default=1, kw_only=True)

    def __attrs_post_init__(self) -> None:
        one_of(self.outside, ("clip", "extend"), "outside")
        check_peers(self.within, self.unseen, self.smallest)
        if self.lower is not None and self.upper is not None:
            if self.lower >= self.upper:
                raise DefinitionError(
                    f"lower must be below upper (got {plain(self.lower)} and {plain(self.upper)}); "
                    "say lower_is_better on the metric where less is better",
                    path="lower",
                )
            if self.quantiles is not None or self.within is not None:
                raise DefinitionError(
                    "both bounds are declared, so nothing is observed: leave quantiles and within out", path="quantiles"
                )
        if self.quantiles is not None:
            if not 0 <= self.quantiles[0] < self.quantiles[1] <= 1:
                raise DefinitionError("quantiles must be two shares from 0 to 1 that increase", path="quantiles")
            if self.outside == "extend":
                raise DefinitionError(
                    "bounds at quantiles clip what lies beyond them: leave outside= out", path="outside"
                )
        if self.to[0] == self.to[1]:
            raise DefinitionError("the two numbers of to must differ", path="to")

    def declared(self, lower_is_better: bool) -> Curve | None:
        """The curve, where both bounds are declared."""
        if self.lower is None or self.upper is None:
            return None
        return self._between(self.lower, self.upper, lower_is_better)

    def summary(self, values: FloatColumn) -> Statistic:
        """What has to be known of a population."""
        return Extremes.of(values) if self.quantiles is None else Tally.of(values)

    def curve(self, seen: Statistic, lower_is_better: bool) -> Curve:
        """The curve of a population."""
        if isinstance(seen, Extremes):
            ends = exact(seen.least), exact(seen.most)
        else:
            low, high = self.quantiles or (Fraction(0), Fraction(1))
            ends = _quantile(seen, low), _quantile(seen, high)
        low_end = ends[0] if self.lower is None else self.lower
        high_end = ends[1] if self.upper is None else self.upper
        if low_end >= high_end:
            return constant_curve(self.constant, *self._crossed(low_end, high_end))
        return self._between(low_end, high_end, lower_is_better)

    def _crossed(self, low: Fraction, high: Fraction) -> tuple[str, str]:
        """Why there is no way from one bound to the other, and the cure beside a constant."""
        if self.lower is not None:
            return f"lower={plain(low)} is declared, and the most that was seen is {plain(high)}", "declare upper= too"
        if self.upper is not None:
            return f"upper={plain(high)} is declared, and the least that was seen is {plain(low)}", "declare lower= too"
        return f"the lower bound {plain(low)} is not below {plain(high)}", ""

    def _between(self, lower: Fraction, upper: Fraction, lower_is_better: bool) -> Curve:
        worse, better = self.to
        first, last = (better, worse) if lower_is_better else (worse, better)
        beyond: Literal["extend"] | None = "extend" if self.outside == "extend" else None
        return Curve.through((lower, first), (upper, last), below=beyond, above=beyond)


@frozen
class ZScore:
    """How many standard deviations above the mean of a population.

    Args:
        ddof: what the count is lessened by in the divisor of the variance: 1 for the standard deviation of a sample
            (the default, as in the OECD handbook), 0 for that of a population.
        mean: what the mean scores.
        deviation: what one standard deviation above the mean adds.
        constant: what everybody scores where all values are alike: a number, or ``refuse``.
        within: the column that names each row's group; mean and deviation are then those of the group.
        unseen: ``refuse``, ``missing`` or ``whole``, for rows of a group that was not there, or of none. Rows without a
            group are refused in a fit too, or with the other two left out of it.
        smallest: groups of fewer people than this count as unseen.

    Example:
        >>> from perfkit import Metric, Scorecard
        >>> card = Scorecard("years", [Metric("years", scale=ZScore())]).fit({"years": [8, 10, 12]})
        >>> card.score({"years": [10, 13]}).values
        array([0. , 1.5])
    """

    _repr_html_ = definition

    ddof: int = 1
    mean: Fraction = field(default=Fraction(0), converter=_given, kw_only=True)
    deviation: Fraction = field(default=Fraction(1), converter=_given, kw_only=True)
    constant: Fraction | Literal["refuse"] = field(default="refuse", converter=_constant, kw_only=True)
    within: str | None = field(default=None, converter=optional_text, kw_only=True)
    unseen: Unseen = field(default="refuse", kw_only=True)
    smallest: int = field(default=1, kw_only=True)

    def __attrs_post_init__(self) -> None:
        if self.ddof not in (0, 1) or isinstance(self.ddof, bool):
            raise DefinitionError(f"ddof must be 1 (a sample) or 0 (a population) (got {self.ddof!r})", path="ddof")
        check_peers(self.within, self.unseen, self.smallest)
        if self.deviation <= 0:
            raise DefinitionError(f"deviation must be positive (got {plain(self.deviation)})", path="deviation")

    def declared(self, lower_is_better: bool) -> Curve | None:
        """Nothing: a z-score needs a population."""
        return None

    def summary(self, values: FloatColumn) -> Statistic:
        """What has to be known of a population."""
        return Moments.of(values)

    def curve(self, seen: Statistic, lower_is_better: bool) -> Curve:
        """The curve of a population."""
        moments = _as_moments(seen)
        variance = moments.variance(self.ddof) if moments.count > self.ddof else Fraction(0)
        deviation = near(square_root(variance))
        if deviation == 0:
            return constant_curve(self.constant, "the values do not differ, so their standard deviation is 0")
        centre = near(moments.mean)
        slope = self.deviation / deviation * (-1 if lower_is_better else 1)
        return Curve([Knot(centre, self.mean, self.mean, self.mean)], slope, slope)


@frozen
class DistanceToReference:
    """How far from a reference, as a share of it: (x - reference) / reference.

    Args:
        reference: a number (a target, a leader), or a number of the population: ``mean``, ``median``, ``least``,
            ``greatest``, ``sum`` or ``norm`` (the root of the sum of squares).
        within: the column that names each row's group; the reference is then that of the group.
        unseen: ``refuse``, ``missing`` or ``whole``, for rows of a group that was not there, or of none. Rows without a
            group are refused in a fit too, or with the other two left out of it.
        smallest: groups of fewer people than this count as unseen.

    Raises:
        DefinitionError: for a reference of zero; when it is fit, for a population whose reference is zero.

    Example:
        >>> DistanceToReference(200).declared(lower_is_better=True)([150, 200, 220])
        array([ 0.25,  0.  , -0.1 ])
    """

    _repr_html_ = definition

    reference: Fraction | Reference = field(converter=_reference)
    within: str | None = field(default=None, converter=optional_text, kw_only=True)
    unseen: Unseen = field(default="refuse", kw_only=True)
    smallest: int = field(default=1, kw_only=True)

    def __attrs_post_init__(self) -> None:
        check_reference(self.reference, self.within)
        check_peers(self.within, self.unseen, self.smallest)

    def declared(self, lower_is_better: bool) -> Curve | None:
        """The curve, where the reference is a number."""
        return None if isinstance(self.reference, str) else self._to(self.reference, lower_is_better)

    def summary(self, values: FloatColumn) -> Statistic:
        """What has to be known of a population."""
        return reference_summary(self.reference, values)

    def curve(self, seen: Statistic, lower_is_better: bool) -> Curve:
        """The curve of a population."""
        return self._to(reference_of(self.reference, seen), lower_is_better)

    @staticmethod
    def _to(reference: Fraction, lower_is_better: bool) -> Curve:
        slope = (-1 if lower_is_better else 1) / abs(nonzero(reference))
        return Curve([Knot(reference, 0, 0, 0)], slope, slope)


@frozen
class RatioToReference:
    """The share of a reference: x / reference.

    Args:
        reference: a number, or a number of the population: ``mean``, ``median``, ``least``, ``greatest``, ``sum`` or
            ``norm`` (the root of the sum of squares).
        inversion: how it is turned round where lower is better: ``mirror`` for 2 - x / reference, ``complement`` for
            1 - x / reference. For reference / x, which is no straight line, the metric says ``inversion="ratio"``.
        within: the column that names each row's group; the reference is then that of the group.
        unseen: ``refuse``, ``missing`` or ``whole``, for rows of a group that was not there, or of none. Rows without a
            group are refused in a fit too, or with the other two left out of it.
        smallest: groups of fewer people than this count as unseen.

    Raises:
        DefinitionError: for a reference of zero; when it is fit, for a population whose reference is zero.

    Example:
        >>> RatioToReference(50).declared(lower_is_better=False)([25, 60])
        array([0.5, 1.2])
    """

    _repr_html_ = definition

    reference: Fraction | Reference = field(converter=_reference)
    inversion: Literal["mirror", "complement"] = field(default="mirror", kw_only=True)
    within: str | None = field(default=None, converter=optional_text, kw_only=True)
    unseen: Unseen = field(default="refuse", kw_only=True)
    smallest: int = field(default=1, kw_only=True)

    def __attrs_post_init__(self) -> None:
        one_of(self.inversion, ("mirror", "complement"), "inversion")
        check_reference(self.reference, self.within)
        check_peers(self.within, self.unseen, self.smallest)
        if not isinstance(self.reference, str):
            self._to(self.reference, lower_is_better=False)

    def declared(self, lower_is_better: bool) -> Curve | None:
        """The curve, where the reference is a number."""
        return None if isinstance(self.reference, str) else self._to(self.reference, lower_is_better)

    def summary(self, values: FloatColumn) -> Statistic:
        """What has to be known of a population."""
        return reference_summary(self.reference, values)

    def curve(self, seen: Statistic, lower_is_better: bool) -> Curve:
        """The curve of a population."""
        return self._to(reference_of(self.reference, seen), lower_is_better)

    def _to(self, reference: Fraction, lower_is_better: bool) -> Curve:
        if reference < 0:
            raise DefinitionError(
                f"a ratio to a reference below 0 turns better into worse (got {plain(reference)}); "
                "take DistanceToReference, or shift the column",
                path="reference",
            )
        slope = 1 / nonzero(reference)
        if not lower_is_better:
            return Curve([Knot(0, 0, 0, 0)], slope, slope)
        top = 2 if self.inversion == "mirror" else 1
        return Curve([Knot(0, top, top, top)], -slope, -slope)


@frozen
class Percentile:
    """The share of a population that does no better, by a stated definition of the rank.

    With r the rank from the bottom among the n people of the population:

    Args:
        definition: ``rank_share``, r / n; ``percent_rank``, (r - 1) / (n - 1); ``midpoint``, (r - 1/2) / n;
            ``mean_rank``, r / (n + 1).
        ties: the rank of people who are alike: the ``lowest``, the ``average`` or the ``highest`` of theirs.
        between: what a value between two of the population scores: that of the next worse one is ``held``, or it lies
            on the straight ``line`` between both. Worse than everybody is 0, better than everybody is 1.
        constant: what everybody scores where the definition divides by zero, as for a single person: a number, or
            ``refuse``.
        within: the column that names each row's group; the population is then the group.
        unseen: ``refuse``, ``missing`` or ``whole``, for rows of a group that was not there, or of none. Rows without a
            group are refused in a fit too, or with the other two left out of it.
        smallest: groups of fewer people than this count as unseen.

    Example:
        >>> from perfkit import Metric, Scorecard
        >>> card = Scorecard("csat", [Metric("csat", scale=Percentile(within="region"))])
        >>> people = {"csat": [3, 1, 2, 5, 5], "region": ["a", "a", "a", "b", "b"]}
        >>> card.fit(people).score(people).values
        array([1.      , 0.333333, 0.666667, 0.75    , 0.75    ])
    """

    _repr_html_ = definition

    definition: Definition = "rank_share"
    ties: Ties = "average"
    between: Literal["held", "line"] = field(default="held", kw_only=True)
    constant: Fraction | Literal["refuse"] = field(default="refuse", converter=_constant, kw_only=True)
    within: str | None = field(default=None, converter=optional_text, kw_only=True)
    unseen: Unseen = field(default="refuse", kw_only=True)
    smallest: int = field(default=1, kw_only=True)

    def __attrs_post_init__(self) -> None:
        one_of(self.definition, DEFINITIONS, "definition")
        one_of(self.ties, ("lowest", "average", "highest"), "ties")
        one_of(self.between, ("held", "line"), "between")
        check_peers(self.within, self.unseen, self.smallest)

    def declared(self, lower_is_better: bool) -> Curve | None:
        """Nothing: a percentile needs a population."""
        return None

    def summary(self, values: FloatColumn) -> Statistic:
        """What has to be known of a population."""
        return Tally.of(values)


@frozen
class Banded:
    """A value held from each breakpoint on: bands, either of the raw value or of its ratio to a reference.

    Args:
        levels: pairs of breakpoint and the value from there on, by increasing breakpoint.
        below: the value before the first breakpoint.
        reference: what the breakpoints are shares of: a number, or ``mean``, ``median``, ``least``, ``greatest``,
            ``sum`` or ``norm`` of the population; nothing when not given, for breakpoints of the raw value.
        owner: who has a breakpoint: ``upper`` for [from, to), ``lower`` for (from, to].
        within: the column that names each row's group; the reference is then that of the group.
        unseen: ``refuse``, ``missing`` or ``whole``, for rows of a group that was not there, or of none. Rows without a
            group are refused in a fit too, or with the other two left out of it.
        smallest: groups of fewer people than this count as unseen.

    Example:
        >>> Banded([(60, 0.5), (90, 1)]).declared(lower_is_better=False)([59, 60, 95])
        array([0. , 0.5, 1. ])
    """

    _repr_html_ = definition

    levels: tuple[tuple[Fraction, Fraction], ...] = field(converter=_levels)
    below: Fraction = field(default=Fraction(0), converter=_given, kw_only=True)
    reference: Fraction | Reference | None = field(default=None, converter=_optional_reference, kw_only=True)
    owner: Literal["upper", "lower"] = field(default="upper", kw_only=True)
    within: str | None = field(default=None, converter=optional_text, kw_only=True)
    unseen: Unseen = field(default="refuse", kw_only=True)
    smallest: int = field(default=1, kw_only=True)

    def __attrs_post_init__(self) -> None:
        self._of(self.reference if isinstance(self.reference, Fraction) else Fraction(1))
        if self.reference is None and self.within is not None:
            raise DefinitionError(
                "bands of the raw value know no groups: leave within out, or give a reference", path="within"
            )
        if self.reference is not None:
            check_reference(self.reference, self.within)
        check_peers(self.within, self.unseen, self.smallest)

    def declared(self, lower_is_better: bool) -> Curve | None:
        """The curve, where no population is asked."""
        if isinstance(self.reference, str):
            return None
        return self._of(Fraction(1) if self.reference is None else self.reference)

    def summary(self, values: FloatColumn) -> Statistic:
        """What has to be known of a population."""
        return reference_summary(self.reference or Fraction(1), values)

    def curve(self, seen: Statistic, lower_is_better: bool) -> Curve:
        """The curve of a population."""
        return self._of(reference_of(self.reference or Fraction(1), seen))

    def _of(self, reference: Fraction) -> Curve:
        if nonzero(reference) < 0:
            raise DefinitionError(f"bands need a positive reference (got {plain(reference)})", path="reference")
        return Curve.steps(*((x * reference, y) for x, y in self.levels), below=self.below, owner=self.owner)


@frozen
class OptimalBand:
    """1 inside a band, falling straight to 0 on both sides: neither too little nor too much.

    Args:
        low: where the band begins.
        high: where the band ends.
        zero_below: where it has fallen to 0 below the band.
        zero_above: where it has fallen to 0 above the band.

    Raises:
        DefinitionError: unless zero_below < low <= high < zero_above.

    Example:
        >>> OptimalBand(90, 110, zero_below=50, zero_above=150).declared(lower_is_better=False)([70, 100, 160])
        array([0.5, 1. , 0. ])
    """

    _repr_html_ = definition

    low: Fraction = field(converter=_given)
    high: Fraction = field(converter=_given)
    zero_below: Fraction = field(converter=_given, kw_only=True)
    zero_above: Fraction = field(converter=_given, kw_only=True)
    within = None

    def __attrs_post_init__(self) -> None:
        if not self.zero_below < self.low <= self.high < self.zero_above:
            raise DefinitionError(
                "a band must have zero_below < low <= high < zero_above (got "
                f"{plain(self.zero_below)}, {plain(self.low)}, {plain(self.high)}, {plain(self.zero_above)})",
                path="low",
            )

    def declared(self, lower_is_better: bool) -> Curve | None:
        """The curve."""
        top = [(self.low, 1)] if self.low == self.high else [(self.low, 1), (self.high, 1)]
        return Curve.through((self.zero_below, 0), *top, (self.zero_above, 0))


def constant_curve(constant: Fraction | Literal["refuse"], why: str, cure: str = "") -> Curve:
    """What everybody scores where a scale has no spread."""
    if isinstance(constant, Fraction):
        return Curve.constant(constant)
    raise DefinitionError(f"{why}; {f'{cure}, or ' * bool(cure)}say what everybody then scores with constant=")


def nonzero(reference: Fraction) -> Fraction:
    """A reference that something can be a share of."""
    if reference == 0:
        raise DefinitionError("the reference is 0, and nothing is a share of it; choose another", path="reference")
    return reference


def check_reference(reference: Fraction | str, within: str | None) -> None:
    """Refuse a reference of zero, and a declared one within groups."""
    if isinstance(reference, str):
        return
    nonzero(reference)
    if within is not None:
        raise DefinitionError("the reference is a number, so nothing is observed: leave within out", path="within")


def reference_summary(reference: Fraction | str, values: FloatColumn) -> Statistic:
    """What a reference has to know of a population."""
    if reference in ("least", "greatest"):
        return Extremes.of(values)
    return Tally.of(values) if reference == "median" else Moments.of(values)


def reference_of(reference: Fraction | str, seen: Statistic) -> Fraction:
    """The number of a population that a reference names."""
    if isinstance(reference, Fraction):
        return reference
    if isinstance(seen, Extremes):
        return exact(seen.least if reference == "least" else seen.most)
    if isinstance(seen, Tally):
        return _quantile(seen, Fraction(1, 2))
    moments = _as_moments(seen)
    if reference == "mean":
        return near(moments.mean)
    return near(moments.total if reference == "sum" else square_root(moments.squares))


def _quantile(seen: Statistic, share: Fraction) -> Fraction:
    if not isinstance(seen, Tally):
        raise DefinitionError(f"a quantile needs a tally of the values (got {type(seen).__name__})")
    return near(seen.quantile(share))


def _as_moments(seen: Statistic) -> Moments:
    if not isinstance(seen, Moments):
        raise DefinitionError(f"a mean needs the moments of the values (got {type(seen).__name__})")
    return seen
