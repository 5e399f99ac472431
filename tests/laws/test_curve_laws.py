"""Laws of curves, against slow oracles in fractions."""

from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from perfkit import Curve, Knot, Rounding
from perfkit._core.ratios import Ratios

F = Fraction
OWNERS = st.sampled_from(["upper", "lower"])
DECIMALS = st.integers(-(10**6), 10**6).map(lambda n: F(n, 1000))
FRACTIONS = st.one_of(DECIMALS, st.fractions(-1000, 1000, max_denominator=97))
ROUNDINGS = st.builds(
    Rounding,
    st.sampled_from([None, 1, 0.05]),
    st.sampled_from(["half_up", "half_even", "half_down", "up", "down", "ceiling", "floor"]),
)


@st.composite
def pairs(draw, places=DECIMALS, values=FRACTIONS, least=1):
    xs = sorted(draw(st.lists(places, min_size=least, max_size=6, unique=True)))
    return [(x, draw(values)) for x in xs]


def around(points, more=()):
    """Every breakpoint, just below and above it, between it and the next, beyond the ends, and more."""
    xs = [x for x, _ in points]
    between = [(a + b) / 2 for a, b in pairwise(xs)]
    near = [x + d for x in xs for d in (F(-1, 10**6), 0, F(1, 10**6))]
    return [*near, *between, xs[0] - 77, xs[-1] + 77, F(0), *more]


# The oracles: what each constructor means, one number at a time.


def through_oracle(points, below, above, x):
    (x0, y0), (xn, yn) = points[0], points[-1]
    if x < x0:
        if below != "extend":
            return y0 if below is None else below
        (xa, ya), (xb, yb) = points[:2]
    elif x > xn:
        if above != "extend":
            return yn if above is None else above
        (xa, ya), (xb, yb) = points[-2:]
    elif len(points) == 1:
        return y0
    else:
        (xa, ya), (xb, yb) = next((a, b) for a, b in pairwise(points) if a[0] <= x <= b[0])
    return ya + (yb - ya) * (x - xa) / (xb - xa)


def steps_oracle(levels, below, owner, x):
    value = below
    for start, level in levels:
        if x > start or (x == start and owner == "upper"):
            value = level
    return value


def marginal_oracle(tiers, x):
    earned = F(0)
    for position, (start, rate) in enumerate(tiers):
        end = tiers[position + 1][0] if position + 1 < len(tiers) else None
        top = x if end is None else min(x, end)
        if top > start:
            earned += rate * (top - start)
    return earned


def whole_oracle(tiers, owner, x):
    return steps_oracle(tiers, F(0), owner, x) * x


@st.composite
def made(draw):
    """A curve, its oracle, and the points it was made from."""
    how = draw(st.sampled_from(["through", "steps", "marginal", "whole"]))
    points = draw(pairs())
    if how == "through":
        ends = [None, draw(FRACTIONS), *(["extend"] if len(points) > 1 else [])]
        below, above = draw(st.sampled_from(ends)), draw(st.sampled_from(ends))
        return (
            Curve.through(*points, below=below, above=above),
            lambda x: through_oracle(points, below, above, x),
            points,
        )
    if how == "steps":
        below, owner = draw(FRACTIONS), draw(OWNERS)
        return (
            Curve.steps(*points, below=below, owner=owner),
            lambda x: steps_oracle(points, below, owner, x),
            points,
        )
    if how == "marginal":
        return Curve.marginal(*points), lambda x: marginal_oracle(points, x), points
    owner = draw(OWNERS)
    return Curve.whole(*points, owner=owner), lambda x: whole_oracle(points, owner, x), points


def tolerance(curve, x, y):
    steepest = max(abs(piece.slope) for piece in curve.pieces)
    widest = max(abs(x), *(abs(knot.x) for knot in curve.knots))
    highest = max(abs(y), *(max(abs(knot.below), abs(knot.above)) for knot in curve.knots))
    return F(1, 10**14) * (1 + highest + steepest * widest)


@given(made(), st.lists(FRACTIONS, max_size=4))
def test_exact_values_are_those_of_the_oracle(case, more):
    curve, oracle, points = case
    xs = around(points, more)
    assert [curve(x) for x in xs] == [oracle(x) for x in xs]


@given(made(), st.lists(FRACTIONS, max_size=4))
def test_exact_columns_are_those_of_the_oracle(case, more):
    curve, oracle, points = case
    xs = around(points, more)
    ratios = curve.ratios(Ratios.of_fractions(xs))
    assert [ratios.fraction(row) for row in range(len(xs))] == [oracle(x) for x in xs]
    each = curve.ratios(Ratios(np.array([x.numerator for x in xs]), np.array([x.denominator for x in xs])))
    assert [each.fraction(row) for row in range(len(xs))] == [oracle(x) for x in xs]


@given(made(), st.lists(DECIMALS, max_size=4))
def test_floats_are_those_of_the_oracle(case, more):
    curve, oracle, points = case
    xs = [x for x in around(points, more) if F(repr(float(x))) == x]
    for x, y in zip(xs, curve([float(x) for x in xs]).tolist(), strict=True):
        assert abs(F(y) - oracle(x)) <= tolerance(curve, x, oracle(x))


@given(made(), st.lists(st.floats(-2000, 2000), min_size=1, max_size=20))
def test_exact_and_float_evaluation_agree(case, values):
    curve, _, _ = case
    exact = curve.ratios(Ratios.of_floats(np.array(values)))
    for row, y in enumerate(curve(values).tolist()):
        x = F(repr(values[row]))
        assert exact.fraction(row) == curve(x)
        assert abs(F(y) - exact.fraction(row)) <= tolerance(curve, x, exact.fraction(row))


@given(made(), st.lists(st.integers(-(10**12), 10**12), min_size=1, max_size=10), ROUNDINGS)
def test_money_is_the_oracle_rounded_once(case, minors, rounding):
    curve, oracle, _ = case
    expected = [rounding.minor(oracle(F(minor, 100)), "EUR") for minor in minors]
    assert [int(minor) for minor in curve.money(np.array(minors), "EUR", rounding)] == expected


@given(made(), st.lists(st.integers(-(2**63), 2**63 - 1), min_size=1, max_size=6))
def test_money_of_any_size_never_wraps(case, minors):
    curve, oracle, _ = case
    ratios = curve.ratios(Ratios(np.array(minors, dtype=np.int64), 100))
    assert [ratios.fraction(row) for row in range(len(minors))] == [oracle(F(minor, 100)) for minor in minors]


@given(made(), st.lists(st.floats(allow_nan=True, allow_infinity=True), min_size=1, max_size=30), st.data())
def test_each_row_stands_by_itself(case, values, data):
    curve, _, _ = case
    x = np.array(values)
    whole = curve.floats(x)
    alone = np.array([curve.floats(x[row : row + 1])[0] for row in range(len(x))])
    assert alone.tobytes() == whole.tobytes()
    cut = data.draw(st.integers(0, len(x)))
    parts = np.concatenate([curve.floats(x[:cut]), curve.floats(x[cut:])])
    assert parts.tobytes() == whole.tobytes()
    order = np.array(data.draw(st.permutations(range(len(x)))))
    assert curve.floats(x[order]).tobytes() == whole[order].tobytes()


@given(made(), st.lists(FRACTIONS, min_size=1, max_size=10), st.data())
def test_each_exact_row_stands_by_itself(case, xs, data):
    curve, _, _ = case
    order = data.draw(st.permutations(range(len(xs))))
    whole = curve.ratios(Ratios.of_fractions(xs))
    permuted = curve.ratios(Ratios.of_fractions([xs[row] for row in order]))
    for place, row in enumerate(order):
        alone = curve.ratios(Ratios.of_fractions([xs[row]]))
        assert whole.fraction(row) == permuted.fraction(place) == alone.fraction(0)


@given(
    made(),
    st.lists(st.tuples(FRACTIONS, st.fractions(F(1, 97), 1000, max_denominator=97)), min_size=1, max_size=8),
    st.booleans(),
)
def test_per_quota_is_quota_times_the_curve_of_attainment(case, rows, in_cents):
    curve, oracle, points = case
    if in_cents:
        rows = [(F(round(x * 100), 100), F(max(round(q * 100), 1), 100)) for x, q in rows]
    # Every breakpoint is hit exactly, too.
    rows = [*rows, *((k * q, q) for (k, _), (_, q) in zip(points, rows, strict=False))]
    earned = curve.per_quota(Ratios.of_fractions([x for x, _ in rows]), Ratios.of_fractions([q for _, q in rows]))
    assert [earned.fraction(row) for row in range(len(rows))] == [q * oracle(x / q) for x, q in rows]


@st.composite
def rising(draw):
    """A rising curve, with thirds and steep jumps, and places that may be close together."""
    places = draw(st.lists(st.one_of(FRACTIONS, st.floats(-10, 10).map(F)), min_size=2, max_size=6, unique=True))
    levels = sorted(draw(st.lists(st.one_of(FRACTIONS, st.floats(-1, 1).map(F)), min_size=8, max_size=8)))
    points = list(zip(sorted(places), levels[1:], strict=False))
    how = draw(st.sampled_from(["through", "extended", "steps", "marginal", "whole"]))
    if how == "through":
        return Curve.through(*points, below=levels[0], above=levels[-1])
    if how == "extended":
        return Curve.through(*points, below="extend", above="extend")
    if how == "steps":
        return Curve.steps(*points, below=levels[0], owner=draw(OWNERS))
    rates = [(x, abs(y)) for (x, _), y in zip(points, sorted(abs(y) for _, y in points), strict=True)]
    if how == "marginal":
        return Curve.marginal(*rates)
    return Curve.whole(*[(x - points[0][0], rate) for x, rate in rates], owner=draw(OWNERS))


def negated(knot):
    return Knot(knot.x, -knot.below, -knot.at, -knot.above)


def neighbours(curve):
    """The floats at every knot and the next few on either side, in order."""
    found = []
    for knot in curve.knots:
        below = above = at = np.float64(float(knot.x))
        found.append(at)
        for _ in range(4):
            below, above = np.nextafter(below, -np.inf), np.nextafter(above, np.inf)
            found += [below, above]
    return found


@given(rising(), st.lists(st.floats(-2000, 2000), max_size=20), st.booleans())
def test_a_monotone_curve_gives_monotone_floats(curve, more, falling):
    x = np.sort(np.array([*neighbours(curve), *more, -np.inf, np.inf]))
    if falling:
        curve = Curve([negated(knot) for knot in curve.knots], -curve.slope_below, -curve.slope_above)
    assert curve.is_monotone
    y = curve.floats(x)
    assert not np.isnan(y).any()
    steps = y[1:] < y[:-1] if not falling else y[1:] > y[:-1]
    assert not steps.any()


@given(rising())
def test_the_value_at_a_float_knot_is_the_stated_one(curve):
    for knot in curve.knots:
        if F(float(knot.x)) == knot.x:
            assert curve(float(knot.x)) == float(knot.at)


@pytest.mark.parametrize("gap", [F(1, 10**20), F(1, 10**40)])
def test_knots_that_no_float_tells_apart_keep_a_curve_monotone(gap):
    curve = Curve.through((1, 0), (1 + gap, 1), (2, 3), below=-1)
    x = np.array([np.nextafter(1, 0), 1.0, np.nextafter(1, 2), 1.5, 2.0])
    assert np.all(np.diff(curve(x)) >= 0)
