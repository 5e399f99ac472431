"""Curves from curves: sums, bounds, compositions, shifts and mirrors are curves again, exactly."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from fractions import Fraction
from itertools import pairwise

from perfkit._curves.pieces import Knot, Shape


def scaled(c: Shape, x: Fraction, y: Fraction) -> Shape:
    """The curve with its axes multiplied: places by x, which is positive, values by y."""
    knots = (Knot(k.x * x, k.below * y, k.at * y, k.above * y) for k in c.knots)
    return Shape(tuple(knots), c.slope_below * y / x, c.slope_above * y / x)


def shifted(c: Shape, by: Fraction) -> Shape:
    """The curve of by + x."""
    return Shape(tuple(Knot(k.x - by, k.below, k.at, k.above) for k in c.knots), c.slope_below, c.slope_above)


def mirrored(c: Shape, around: Fraction) -> Shape:
    """The curve read from the other side of a place."""
    knots = (Knot(2 * around - k.x, k.above, k.at, k.below) for k in reversed(c.knots))
    return Shape(tuple(knots), -c.slope_above, -c.slope_below)


def added(c: Shape, d: Shape) -> Shape:
    """The sum of two curves."""
    below, above = c.slope_below + d.slope_below, c.slope_above + d.slope_above
    return _combined(c, d, _united(c, d), lambda y, z: y + z, below, above)


def lesser(c: Shape, d: Shape) -> Shape:
    """The lesser of two curves at each place."""
    return _bounded(c, d, min)


def greater(c: Shape, d: Shape) -> Shape:
    """The greater of two curves at each place."""
    return _bounded(c, d, max)


def composed(c: Shape, d: Shape) -> Shape:
    """The curve d of the curve c."""
    places = set(c.places)
    for piece in c.pieces:
        places.update(x for y in d.places if (x := piece.crosses(y)) is not None)
    knots = []
    for x in sorted(places):
        knot = c.knot_at(x)
        before, after = c.slope_before(x), c.slope_after(x)
        # The value of c nears knot.below from under it where c rises towards x, and from over it where c falls.
        knots.append(
            Knot(
                x,
                _approached(d, knot.below, before > 0, before < 0),
                d.knot_at(knot.at).at,
                _approached(d, knot.above, after < 0, after > 0),
            )
        )
    return Shape(tuple(knots), _end_slope(c.slope_below, d, False), _end_slope(c.slope_above, d, True))


def gated(c: Shape, is_open: Shape, closed: Shape) -> Shape:
    """The curve where another is positive; the lesser of it and a third elsewhere."""
    held = lesser(c, closed)
    places = _united(c, is_open) | set(held.places)
    places.update(x for piece in is_open.pieces if (x := piece.crosses(Fraction(0))) is not None)

    def chosen(x: Fraction, side: Callable[[Knot], Fraction], middle: Fraction) -> Fraction:
        return side(c.knot_at(x)) if is_open.piece_at(middle)(middle) > 0 else side(held.knot_at(x))

    ordered = sorted(places)
    middles = [ordered[0] - 1, *((a + b) / 2 for a, b in pairwise(ordered)), ordered[-1] + 1]
    knots = [
        Knot(
            x,
            chosen(x, lambda knot: knot.below, middles[i]),
            chosen(x, lambda knot: knot.at, x),
            chosen(x, lambda knot: knot.above, middles[i + 1]),
        )
        for i, x in enumerate(ordered)
    ]
    before = c if is_open.piece_at(middles[0])(middles[0]) > 0 else held
    after = c if is_open.piece_at(middles[-1])(middles[-1]) > 0 else held
    return Shape(tuple(knots), before.slope_below, after.slope_above)


def simplified(c: Shape) -> Shape:
    """The same function without knots at which nothing happens; one is kept where there is none that matters."""
    kept = [knot for knot in c.knots if not knot.is_continuous or c.slope_before(knot.x) != c.slope_after(knot.x)]
    if kept:
        return Shape(tuple(kept), c.slope_below, c.slope_above)
    value = c.piece_at(Fraction(0))(Fraction(0))
    return Shape((Knot(0, value, value, value),), c.slope_below, c.slope_above)


def _united(c: Shape, d: Shape) -> set[Fraction]:
    return {*c.places, *d.places}


def _combined(
    c: Shape,
    d: Shape,
    places: Iterable[Fraction],
    operation: Callable[[Fraction, Fraction], Fraction],
    slope_below: Fraction,
    slope_above: Fraction,
) -> Shape:
    knots = []
    for x in sorted(places):
        left, right = c.knot_at(x), d.knot_at(x)
        knots.append(
            Knot(
                x,
                operation(left.below, right.below),
                operation(left.at, right.at),
                operation(left.above, right.above),
            )
        )
    return Shape(tuple(knots), slope_below, slope_above)


def _bounded(c: Shape, d: Shape, choose: Callable[[Fraction, Fraction], Fraction]) -> Shape:
    apart = added(c, scaled(d, Fraction(1), Fraction(-1)))
    places = _united(c, d)
    places.update(x for piece in apart.pieces if (x := piece.crosses(Fraction(0))) is not None)
    first, last = min(places) - 1, max(places) + 1
    before = c if choose(_value(c, first), _value(d, first)) == _value(c, first) else d
    after = c if choose(_value(c, last), _value(d, last)) == _value(c, last) else d
    return _combined(c, d, places, choose, before.slope_below, after.slope_above)


def _value(c: Shape, x: Fraction) -> Fraction:
    return c.piece_at(x)(x)


def _approached(d: Shape, y: Fraction, from_below: bool, from_above: bool) -> Fraction:
    knot = d.knot_at(y)
    if from_below:
        return knot.below
    return knot.above if from_above else knot.at


def _end_slope(slope: Fraction, d: Shape, upwards: bool) -> Fraction:
    if slope == 0:
        return Fraction(0)
    return slope * (d.slope_above if (slope > 0) == upwards else d.slope_below)
