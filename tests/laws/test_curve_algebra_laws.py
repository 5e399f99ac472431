"""Laws of curves made from curves, and of what is proved about them, against slow oracles that know only knots."""

from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from perfkit import Curve, DefinitionError, Knot, Rounding
from perfkit._core.ratios import Ratios

F = Fraction
LAW = settings(max_examples=60, deadline=None)
NEAR = F(1, 10**9)

# Few different numbers, so that knots coincide, curves touch and values repeat.
PLACES = st.one_of(st.integers(-4, 4).map(F), st.sampled_from([F(1, 3), F(-7, 2), F(5, 4), F(22, 7)]))
VALUES = st.one_of(st.integers(-4, 4).map(F), st.fractions(-5, 5, max_denominator=6))
SLOPES = st.one_of(st.just(F(0)), st.integers(-2, 2).map(F), st.fractions(-2, 2, max_denominator=3))
OWNERS = st.sampled_from(["upper", "lower"])


@st.composite
def pairs(draw, values=VALUES, least=1, most=4):
    places = sorted(draw(st.lists(PLACES, min_size=least, max_size=most, unique=True)))
    return [(x, draw(values)) for x in places]


@st.composite
def by_hand(draw):
    """Any knots at all: three values that need not agree, and any slopes at the ends."""
    knots = []
    for x in sorted(draw(st.lists(PLACES, min_size=1, max_size=4, unique=True))):
        below, at, above = draw(VALUES), draw(VALUES), draw(VALUES)
        shape = draw(st.sampled_from(["any", "continuous", "upper", "lower", "point"]))
        if shape == "continuous":
            at = above = below
        elif shape == "upper":
            at = above
        elif shape == "lower":
            at = below
        elif shape == "point":
            above = below
        knots.append(Knot(x, below, at, above))
    return Curve(knots, draw(SLOPES), draw(SLOPES))


@st.composite
def constructed(draw):
    """A curve by one of the constructors."""
    how = draw(
        st.sampled_from(
            [
                "through",
                "steps",
                "marginal",
                "whole",
                "cumulative",
                "accrued",
                "hybrid",
                "bands",
                "constant",
                "identity",
            ]
        )
    )
    points, owner = draw(pairs()), draw(OWNERS)
    if how == "through":
        ends = [None, draw(VALUES), *(["extend"] if len(points) > 1 else [])]
        return Curve.through(*points, below=draw(st.sampled_from(ends)), above=draw(st.sampled_from(ends)))
    if how == "steps":
        return Curve.steps(*points, below=draw(VALUES), owner=owner)
    if how == "marginal":
        return Curve.marginal(*points)
    if how == "whole":
        return Curve.whole(*points, owner=owner)
    if how == "cumulative":
        return Curve.cumulative(*points, owner=owner)
    if how == "accrued":
        return Curve.accrued(*points, end=points[-1][0] + draw(st.integers(1, 3)))
    if how == "hybrid":
        multipliers = [(abs(x) + 1 + i * 9, y) for i, (x, y) in enumerate(points)]
        return Curve.hybrid(abs(draw(VALUES)), *multipliers, quota=draw(st.integers(1, 3)), owner=owner)
    if how == "bands":
        ends = [*(x for x, _ in points[1:]), draw(st.sampled_from([None, points[-1][0] + 1]))]
        bands = [(x, end, abs(y)) for (x, y), end in zip(points, ends, strict=True)]
        return Curve.bands(*bands, kind=draw(st.sampled_from(["marginal", "whole", "steps"])), owner=owner)
    return Curve.constant(draw(VALUES)) if how == "constant" else Curve.identity()


CURVES = st.one_of(by_hand(), constructed())


# The oracles read the knots and the slopes at the ends, one number at a time, and nothing else.


def sides(c, x):
    """The values just below, at and just above a place."""
    for knot in c.knots:
        if knot.x == x:
            return knot.below, knot.at, knot.above
    before = [knot for knot in c.knots if knot.x < x]
    after = [knot for knot in c.knots if knot.x > x]
    if not before:
        y = after[0].below + c.slope_below * (x - after[0].x)
    elif not after:
        y = before[-1].above + c.slope_above * (x - before[-1].x)
    else:
        (low, y_low), (high, y_high) = (before[-1].x, before[-1].above), (after[0].x, after[0].below)
        y = ((high - x) * y_low + (x - low) * y_high) / (high - low)
    return y, y, y


def value(c, x):
    return sides(c, x)[1]


def between(places):
    """The places, points between them, and points beyond the first and the last."""
    xs = sorted(places)
    return [xs[0] - 100, xs[0] - 1, *((a + b) / 2 for a, b in pairwise(xs)), xs[-1] + 1, xs[-1] + 100]


def where(c, y, more=()):
    """Where the straight lines of a curve come to a value, besides at its knots."""
    edges = sorted({*(knot.x for knot in c.knots), *more})
    stretches = [(edges[0] - 2, edges[0] - 1), *(((2 * a + b) / 3, (a + 2 * b) / 3) for a, b in pairwise(edges))]
    stretches.append((edges[-1] + 1, edges[-1] + 2))
    ends = [(None, edges[0]), *pairwise(edges), (edges[-1], None)]
    found = []
    for (a, b), (low, high) in zip(stretches, ends, strict=True):
        slope = (value(c, b) - value(c, a)) / (b - a)
        if slope:
            x = a + (y - value(c, a)) / slope
            if (low is None or x > low) and (high is None or x < high):
                found.append(x)
    return found


def meetings(c, d):
    """Where the straight lines of two curves cross between their knots."""
    edges = sorted({knot.x for knot in (*c.knots, *d.knots)})
    inner = [(edges[0] - 2, edges[0] - 1), *(((2 * a + b) / 3, (a + 2 * b) / 3) for a, b in pairwise(edges))]
    inner.append((edges[-1] + 1, edges[-1] + 2))
    ends = [(None, edges[0]), *pairwise(edges), (edges[-1], None)]
    found = []
    for (a, b), (low, high) in zip(inner, ends, strict=True):
        at_a, at_b = value(c, a) - value(d, a), value(c, b) - value(d, b)
        if at_a != at_b:
            x = a - at_a * (b - a) / (at_b - at_a)
            if (low is None or x > low) and (high is None or x < high):
                found.append(x)
    return found


def near(places):
    """Every place, just beside it, between it and the next, and beyond the ends."""
    xs = sorted(set(places))
    return sorted({*(x + d for x in xs for d in (-NEAR, 0, NEAR)), *between(xs)})


def knots_of(*curves):
    return [knot.x for c in curves for knot in c.knots]


def assert_same(result, oracle, places):
    """The result is the oracle at every place, between, beyond and just beside them, and at its own knots."""
    for x in near([*places, *knots_of(result)]):
        assert value(result, x) == oracle(x), x
        assert result.exact(x) == oracle(x), x


# Closure: what is done to a curve is done to its values.


@LAW
@given(CURVES)
def test_the_value_of_a_curve_is_that_of_its_knots(c):
    assert_same(c, lambda x: value(c, x), knots_of(c))


@LAW
@given(CURVES, CURVES)
def test_a_sum_is_the_sum_of_the_values(c, d):
    assert_same(c + d, lambda x: value(c, x) + value(d, x), knots_of(c, d))
    assert c + d == d + c


@LAW
@given(CURVES, CURVES, VALUES)
def test_a_difference_is_the_difference_of_the_values(c, d, y):
    assert_same(c - d, lambda x: value(c, x) - value(d, x), knots_of(c, d))
    assert_same(c - y, lambda x: value(c, x) - y, knots_of(c))
    assert_same(y - c, lambda x: y - value(c, x), knots_of(c))
    assert_same(y + c, lambda x: y + value(c, x), knots_of(c))


@LAW
@given(CURVES, VALUES)
def test_a_multiple_is_the_multiple_of_the_values(c, k):
    assert_same(k * c, lambda x: k * value(c, x), knots_of(c))
    assert k * c == c * k
    assert_same(-c, lambda x: -value(c, x), knots_of(c))


@LAW
@given(CURVES, CURVES)
def test_a_cap_is_the_lesser_value_and_a_floor_the_greater(c, d):
    places = [*knots_of(c, d), *meetings(c, d)]
    assert_same(c.cap(d), lambda x: min(value(c, x), value(d, x)), places)
    assert_same(c.floor(d), lambda x: max(value(c, x), value(d, x)), places)


@LAW
@given(CURVES, VALUES)
def test_a_limit_may_be_a_number(c, y):
    places = [*knots_of(c), *where(c, y)]
    assert_same(c.cap(y), lambda x: min(value(c, x), y), places)
    assert_same(c.floor(y), lambda x: max(value(c, x), y), places)


@LAW
@given(CURVES, CURVES)
def test_one_curve_after_another_is_the_second_of_the_first(c, d):
    places = [*knots_of(c), *(x for knot in d.knots for x in where(c, knot.x))]
    assert_same(c.then(d), lambda x: value(d, value(c, x)), places)


@LAW
@given(CURVES, CURVES, CURVES)
def test_curves_after_each_other_associate(c, d, e):
    left, right = c.then(d).then(e), c.then(d.then(e))
    assert_same(left, lambda x: value(right, x), knots_of(right))


@LAW
@given(CURVES, VALUES)
def test_a_shift_reads_further_on(c, s):
    assert_same(c.shift(s), lambda x: value(c, s + x), [x - s for x in knots_of(c)])
    assert_same(c.after(s), lambda x: value(c, s + x) - value(c, s), [*(x - s for x in knots_of(c)), 0])


@LAW
@given(CURVES, VALUES)
def test_a_mirror_reads_from_the_other_side(c, around):
    assert_same(c.mirror(around), lambda x: value(c, 2 * around - x), [2 * around - x for x in knots_of(c)])
    assert c.mirror(around).mirror(around) == c


@LAW
@given(CURVES, st.fractions(F(1, 5), 5, max_denominator=7), VALUES)
def test_a_stretch_reads_other_axes(c, wide, high):
    assert_same(c.stretch(wide, high), lambda x: high * value(c, x / wide), [wide * x for x in knots_of(c)])


@LAW
@given(CURVES, CURVES, st.one_of(CURVES, VALUES))
def test_a_gate_lets_through_what_is_open_and_the_lesser_elsewhere(c, is_open, closed):
    let = closed if isinstance(closed, Curve) else Curve.constant(closed)

    def oracle(x):
        return value(c, x) if value(is_open, x) > 0 else min(value(c, x), value(let, x))

    places = [*knots_of(c, is_open, let), *where(is_open, 0), *meetings(c, let)]
    assert_same(c.gate(is_open, closed=closed), oracle, places)


@LAW
@given(CURVES, CURVES)
def test_simplified_is_the_same_function_and_no_knot_of_it_is_idle(c, d):
    # Adding and taking away leaves knots at which nothing happens any more.
    for many in (c, c + d - d):
        few = many.simplified()
        assert_same(few, lambda x: value(c, x), knots_of(c, d))
        assert few == few.simplified() == c.simplified()
        if len(few.knots) > 1:
            for knot in few.knots:
                around = [value(few, knot.x + d) for d in (-NEAR, F(0), NEAR)]
                assert around[1] - around[0] != around[2] - around[1] or not knot.is_continuous


# What is proved about a curve.


def candidates(c, y, start):
    """Where anything can begin: the start, the knots, where a line comes to the value."""
    places = {*knots_of(c), *where(c, y)} | ({start} if start is not None else set())
    return sorted(x for x in places if start is None or x >= start)


def inverse_oracle(c, y, start):
    """The first candidate whose filled-in graph has the value; an error text where no x is the least."""
    if start is None and c.slope_below == 0 and c.knots[0].below == y:
        return "all the way down"
    for x in candidates(c, y, start):
        below, at, above = sides(c, x)
        filled = (at, above) if x == start else (below, at, above)
        if min(filled) <= y <= max(filled):
            return x
    return None


def reaches_oracle(c, y, start):
    """The infimum of where the curve gives at least a value: between two candidates it does or does not."""
    places = candidates(c, y, start)
    if start is None and value(c, places[0] - 1) >= y:
        return "all the way down"
    for x, following in zip(places, [*places[1:], places[-1] + 2], strict=True):
        if value(c, x) >= y or value(c, (x + following) / 2) >= y:
            return x
    return None


STARTS = st.one_of(st.none(), PLACES, VALUES)


@settings(max_examples=150, deadline=None)
@given(CURVES, VALUES, STARTS)
def test_inverse_is_the_least_place_with_the_value_also_inside_a_leap(c, y, start):
    expected = inverse_oracle(c, y, start)
    if expected == "all the way down":
        with pytest.raises(DefinitionError, match="all the way down, so no x is the least; say start="):
            c.inverse(y, start=start)
        return
    assert c.inverse(y, start=start) == expected
    # Nothing before it has the value, or lies on both sides of it.
    before = [x for x in near(candidates(c, y, start)) if start is None or x >= start]
    seen = [value(c, x) > y for x in before if expected is None or x < expected]
    assert len(set(seen)) <= 1
    assert all(value(c, x) != y for x in before if expected is None or x < expected)


@settings(max_examples=150, deadline=None)
@given(CURVES, st.data())
def test_inverse_finds_the_values_at_knots(c, data):
    knot = data.draw(st.sampled_from(c.knots))
    y = data.draw(st.sampled_from([knot.below, knot.at, knot.above, (knot.below + knot.above) / 2]))
    start = data.draw(st.one_of(st.none(), st.just(knot.x), st.just(knot.x - 1)))
    for find, oracle in ((c.inverse, inverse_oracle), (c.reaches, reaches_oracle)):
        expected = oracle(c, y, start)
        if expected == "all the way down":
            with pytest.raises(DefinitionError, match="all the way down"):
                find(y, start=start)
        else:
            assert find(y, start=start) == expected


@settings(max_examples=150, deadline=None)
@given(CURVES, VALUES, STARTS)
def test_reaches_is_the_infimum_of_where_it_gives_as_much(c, y, start):
    expected = reaches_oracle(c, y, start)
    if expected == "all the way down":
        with pytest.raises(DefinitionError, match="all the way down, so no x is the least; say start="):
            c.reaches(y, start=start)
        return
    found = c.reaches(y, start=start)
    assert found == expected
    sample = [x for x in near(candidates(c, y, start)) if start is None or x >= start]
    if found is None:
        assert all(value(c, x) < y for x in sample)
        return
    assert all(value(c, x) < y for x in sample if x < found)
    # At the place, or as close above it as one likes.
    closer = F(1, 10**15)
    assert value(c, found) >= y or value(c, found + closer) >= y


@LAW
@given(CURVES)
def test_it_falls_exactly_where_more_gives_less(c):
    sample = near(knots_of(c))
    dropping = [(a, b) for a, b in pairwise(sample) if value(c, b) < value(c, a)]
    falls = c.falls()
    assert bool(falls) == bool(dropping)
    assert c.is_rising == (not dropping)
    assert c.is_falling == all(value(c, b) <= value(c, a) for a, b in pairwise(sample))
    assert c.is_monotone == (c.is_rising or c.is_falling)

    def touches(stretch, a, b):
        return (stretch.start is None or stretch.start <= b) and (stretch.end is None or stretch.end >= a)

    for a, b in dropping:
        assert any(touches(stretch, a, b) for stretch in falls)
    for stretch in falls:
        assert any(touches(stretch, a, b) for a, b in dropping)
    for one, following in pairwise(falls):
        # Two falls may meet at a leap upwards.
        assert one.end <= following.start


@LAW
@given(CURVES)
def test_its_jumps_are_where_the_neighbours_are_not_near(c):
    steepest = max(abs(c.slope_below), abs(c.slope_above), *(abs(piece.slope) for piece in c.pieces))
    for x in knots_of(c):
        here = [value(c, x + d) for d in (-NEAR, F(0), NEAR)]
        leaps = any(abs(a - b) > steepest * NEAR for a, b in pairwise(here))
        assert leaps == (x in [knot.x for knot in c.jumps()])
    assert c.is_continuous == (not c.jumps())


@LAW
@given(CURVES, VALUES, VALUES)
def test_a_range_encloses_what_the_curve_gives_and_is_had_or_neared(c, one, other):
    start, end = min(one, other), max(one, other)
    inside = [start, end, *(x for x in knots_of(c) if start < x < end)]
    sample = [x for x in near(inside) if start <= x <= end]
    values = [value(c, x) for x in sample]
    least, most = c.range_over(start, end)
    assert least <= min(values)
    assert most >= max(values)
    near_enough = NEAR * max(abs(c.slope_below), abs(c.slope_above), *(abs(piece.slope) for piece in c.pieces))
    assert min(values) - least <= near_enough
    assert most - max(values) <= near_enough


@LAW
@given(CURVES, st.one_of(CURVES, VALUES))
def test_two_curves_break_even_where_they_meet_or_leap_across(c, other):
    d = other if isinstance(other, Curve) else Curve.constant(other)
    expected = []
    for x in sorted({*knots_of(c, d), *meetings(c, d)}):
        apart = [mine - theirs for mine, theirs in zip(sides(c, x), sides(d, x), strict=True)]
        shared = all(value(c, x + s) == value(d, x + s) for s in (-NEAR, 0, NEAR))
        if min(apart) <= 0 <= max(apart) and not shared:
            expected.append(x)
    # Curves that are the same everywhere have no end of what they share.
    assume(any(value(c, x) != value(d, x) for x in near(knots_of(c, d))))
    assert list(c.breakeven(other)) == expected


@LAW
@given(CURVES, VALUES)
def test_the_slope_and_the_average_rate_are_those_of_the_values(c, x):
    for place in [x, *knots_of(c)]:
        assert c.slope_at(place) == (value(c, place + 2 * NEAR) - value(c, place + NEAR)) / NEAR
        if place:
            assert c.average_rate(place) * place == value(c, place)


# Columns.

NUMERATORS = st.one_of(st.integers(-100, 100), st.integers(-(2**62), 2**62))


@LAW
@given(CURVES, st.lists(NUMERATORS, min_size=1, max_size=8), st.integers(1, 84))
def test_exact_columns_over_one_denominator_are_the_exact_values(c, numerators, denominator):
    # The knots that are on the grid of the column, too.
    on_grid = [x * denominator for x in knots_of(c) if (x * denominator).denominator == 1]
    column = np.array([*numerators, *(int(x) for x in on_grid)], dtype=np.int64)
    found = c.ratios(Ratios(column, denominator))
    assert [found.fraction(row) for row in range(len(column))] == [value(c, F(n, denominator)) for n in column.tolist()]


@LAW
@given(CURVES, st.lists(st.tuples(NUMERATORS, st.integers(1, 10**9)), min_size=1, max_size=8))
def test_exact_columns_with_a_denominator_a_row_are_the_exact_values(c, rows):
    rows = [*rows, *((x.numerator * 5, x.denominator * 5) for x in knots_of(c))]
    column = Ratios(np.array([n for n, _ in rows], dtype=np.int64), np.array([d for _, d in rows], dtype=np.int64))
    found = c.ratios(column)
    assert [found.fraction(row) for row in range(len(rows))] == [value(c, F(n, d)) for n, d in rows]
    assert [c.exact(F(n, d)) for n, d in rows] == [value(c, F(n, d)) for n, d in rows]


@LAW
@given(CURVES, st.lists(st.tuples(st.integers(-(10**6), 10**6), st.integers(1, 10**6)), min_size=1, max_size=8))
def test_per_quota_is_quota_times_the_curve_of_attainment(c, rows):
    hits = [(x * 700 * x.denominator, 700 * x.denominator) for x in knots_of(c)]
    rows = [*rows, *((int(n), q) for n, q in hits)]
    sold, quota = (np.array(column, dtype=np.int64) for column in zip(*rows, strict=True))
    expected = [F(q, 100) * value(c, F(n, q)) for n, q in rows]
    cents = c.per_quota(Ratios(sold, 100), Ratios(quota, 100))
    assert [cents.fraction(row) for row in range(len(rows))] == expected
    # A ramped quota has another denominator than what was sold, or one of its own in each row.
    ramped = c.per_quota(Ratios(sold, 100), Ratios(quota * 3, 300))
    assert [ramped.fraction(row) for row in range(len(rows))] == expected
    own = c.per_quota(Ratios(sold, 100), Ratios(quota * np.arange(1, len(rows) + 1), 100 * np.arange(1, len(rows) + 1)))
    assert [own.fraction(row) for row in range(len(rows))] == expected


def half_up(amount):
    doubled = 2 * abs(amount.numerator) + amount.denominator
    return (-1 if amount < 0 else 1) * (doubled // (2 * amount.denominator))


@LAW
@given(CURVES, st.lists(st.integers(-(10**12), 10**12), max_size=6), st.sampled_from([("EUR", 100), ("JPY", 1)]))
def test_money_is_the_value_in_major_units_rounded_once(c, minors, currency):
    code, scale = currency
    places = [*knots_of(c), *(x + F(1, scale) for x in knots_of(c))]
    minors = [*minors, *(int(x * scale) for x in places if (x * scale).denominator == 1)]
    column = np.array(minors, dtype=np.int64)
    assert c.money(column, code).tolist() == [half_up(value(c, F(minor, scale)) * scale) for minor in minors]
    whole = c.money(column, code, Rounding(to=10, mode="floor")).tolist()
    assert whole == [value(c, F(minor, scale)) // 10 * 10 * scale for minor in minors]


@LAW
@given(CURVES, st.lists(st.integers(-(2**20), 2**20).map(lambda n: n / 1024), min_size=1, max_size=10))
def test_floats_are_near_the_exact_values(c, xs):
    for x, y in zip(xs, c(xs).tolist(), strict=True):
        assert y == pytest.approx(float(value(c, F(x))), rel=1e-9, abs=1e-9)
