"""Points and tiers as they are typed: pairs, bands, and the owner of a breakpoint."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise
from typing import Literal

from perfkit._core.checks import one_of
from perfkit._core.numbers import Number
from perfkit._curves.pieces import Knot, Shape, as_number, require_increasing
from perfkit.errors import DefinitionError

Owner = Literal["upper", "lower"]


def as_pairs(points: Sequence[tuple[Number, Number]]) -> list[tuple[Fraction, Fraction]]:
    """Points as pairs of fractions, by increasing place."""
    if not points:
        raise DefinitionError("a curve needs at least one point, such as (1, 1) (got none)")
    pairs = []
    for point in points:
        if not isinstance(point, (tuple, list)) or len(point) != 2:
            raise DefinitionError(f"a point of a curve must be a pair of numbers (got {point!r})")
        pairs.append((as_number(point[0]), as_number(point[1])))
    require_increasing([x for x, _ in pairs])
    return pairs


def owned_knot(x: Fraction, below: Fraction, above: Fraction, owner: Owner) -> Knot:
    """A leap whose place belongs to the upper or to the lower side."""
    one_of(owner, ("upper", "lower"), "owner")
    return Knot(x, below, above if owner == "upper" else below, above)


def meeting_bands(
    bands: Sequence[tuple[Number, Number | None, Number]], close_gaps: bool
) -> list[tuple[Number, Number]]:
    """Where each band starts and what it gives, if each starts where the last one ends.

    Raises:
        DefinitionError: for no bands, and for every gap and overlap at once.
    """
    if not bands:
        raise DefinitionError("a curve needs at least one band (got none)")
    odd = [band for band in bands if not isinstance(band, (tuple, list)) or len(band) != 3]
    if odd:
        raise DefinitionError(f"a band must be from, to and a rate or amount (got {odd[0]!r})")
    problems, starts = [], []
    for (start, end, value), following in zip(bands, [*bands[1:], None], strict=True):
        starts.append((start, value))
        if following is None:
            if end is not None and as_number(end) <= as_number(start):
                problems.append(f"the band from {start} ends at {end}")
        elif end is None:
            problems.append(f"the band from {start} has no end, but another follows from {following[0]}")
        elif as_number(following[0]) < as_number(end):
            problems.append(f"overlap: a band ends at {end} and the next starts at {following[0]}")
        elif as_number(following[0]) > as_number(end) and not close_gaps:
            problems.append(f"gap: a band ends at {end} and the next starts at {following[0]}")
    if problems:
        raise DefinitionError(f"bands must meet: {'; '.join(problems)}", problems=problems)
    return starts


def line(
    points: Sequence[tuple[Number, Number]],
    below: Number | Literal["extend"] | None,
    above: Number | Literal["extend"] | None,
    ends: Literal["line", "beyond"],
) -> Shape:
    """Straight between points, with what lies beyond the ends; see ``Curve.through``."""
    one_of(ends, ("line", "beyond"), "ends")
    pairs = as_pairs(points)
    if len(pairs) < 2 and "extend" in (below, above):
        raise DefinitionError("'extend' needs at least two points to take a slope from (got 1)")
    slopes = [(y2 - y1) / (x2 - x1) for (x1, y1), (x2, y2) in pairwise(pairs)]
    first, last = pairs[0][1], pairs[-1][1]
    before = first if below is None or below == "extend" else as_number(below)
    after = last if above is None or above == "extend" else as_number(above)
    knots = [Knot(x, y, y, y) for x, y in pairs]
    knots[0] = Knot(pairs[0][0], before, first if ends == "line" else before, knots[0].above)
    top = knots[-1]
    knots[-1] = Knot(top.x, top.below, top.at if ends == "line" else after, after)
    none = Fraction(0)
    return Shape(tuple(knots), slopes[0] if below == "extend" else none, slopes[-1] if above == "extend" else none)


def slices(tiers: Sequence[tuple[Number, Number]]) -> Shape:
    """Each slice of the base at its own rate; see ``Curve.marginal``."""
    pairs = as_pairs(tiers)
    knots, earned = [], Fraction(0)
    for i, (x, _) in enumerate(pairs):
        if i:
            earned += pairs[i - 1][1] * (x - pairs[i - 1][0])
        knots.append(Knot(x, earned, earned, earned))
    return Shape(tuple(knots), Fraction(0), pairs[-1][1])


def overage(
    rate: Number, multipliers: Sequence[tuple[Number, Number]], quota: Number
) -> tuple[Fraction, Fraction, list[tuple[Fraction, Fraction]]]:
    """The rate, the quota, and the rates that hold on all that is above it; see ``Curve.hybrid``."""
    base, whole = as_number(rate), as_number(quota)
    if whole <= 0:
        raise DefinitionError(f"quota must be positive (got {quota})", path="quota")
    tiers = [((attainment - 1) * whole, factor * base) for attainment, factor in as_pairs(multipliers)]
    if tiers[0][0] < 0:
        raise DefinitionError(f"a multiplier holds from the quota on, so from 1 (got {multipliers[0][0]})")
    return base, whole, tiers if tiers[0][0] == 0 else [(Fraction(0), base), *tiers]
