"""Columns of exact fractions."""

from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest

from perfkit._core.ratios import Ratios

F = Fraction


def rowwise(*values):
    """Ratios with a denominator for each row."""
    values = [F(value) for value in values]
    return Ratios(
        np.array([value.numerator for value in values], dtype=np.int64),
        np.array([value.denominator for value in values], dtype=np.int64),
    )


def fractions(ratios):
    return [ratios.fraction(row) for row in range(len(ratios))]


def made_both_ways(*values):
    return [Ratios.of_fractions([F(value) for value in values]), rowwise(*values)]


LEFT = (F(1, 2), F(-3, 4), F(0), F(7))
RIGHT = (F(2, 3), F(5), F(9, 8), F(1, 7))


def test_a_constant_is_the_same_in_every_row():
    assert fractions(Ratios.constant(F(-2, 37), 3)) == [F(-2, 37)] * 3
    assert fractions(Ratios.constant(F(10**30, 7), 2)) == [F(10**30, 7)] * 2
    assert len(Ratios.constant(F(1), 0)) == 0


@pytest.mark.parametrize(
    "values",
    [
        [],
        [0.0, -0.0, 1.0, -3.0],
        [0.1, 0.596, 1e-6],
        [0.123456789],
        [1 / 3, 2 / 3],
        [1e-7],
        [1e17, 1.0],
        [123456789012345.6],
        [0.1 + 0.2],
        [5e-324],
        [4503599627370497.5],
    ],
)
def test_floats_are_the_decimals_that_print_them(values):
    ratios = Ratios.of_floats(np.array(values, dtype=np.float64))
    assert fractions(ratios) == [F(repr(value)) for value in values]


def test_published_scores_stay_int64():
    assert Ratios.of_floats(np.array([0.596, 1.25])).numerator.dtype == np.int64


@pytest.mark.parametrize("value", [1e300, -1e302, 1.7976931348623157e308])
def test_the_largest_floats_are_read_without_a_warning(value):
    assert fractions(Ratios.of_floats(np.array([value]))) == [F(repr(value))]


def test_decimals_and_fractions_share_one_denominator():
    assert fractions(Ratios.of_decimals([Decimal("1.10"), Decimal("-0.005")])) == [F(11, 10), F(-1, 200)]
    mixed = Ratios.of_fractions([F(1, 3), F(1, 4)])
    assert mixed.denominator == 12
    assert fractions(mixed) == [F(1, 3), F(1, 4)]
    assert fractions(Ratios.of_fractions([F(10**40), F(1, 3)])) == [F(10**40), F(1, 3)]
    assert len(Ratios.of_fractions([])) == 0


@pytest.mark.parametrize("left", made_both_ways(*LEFT))
@pytest.mark.parametrize("right", made_both_ways(*RIGHT))
class TestArithmetic:
    def test_times(self, left, right):
        assert fractions(left.times(right)) == [a * b for a, b in zip(LEFT, RIGHT, strict=True)]

    def test_plus(self, left, right):
        assert fractions(left.plus(right)) == [a + b for a, b in zip(LEFT, RIGHT, strict=True)]

    def test_over(self, left, right):
        assert fractions(left.over(right)) == [a / b for a, b in zip(LEFT, RIGHT, strict=True)]


@pytest.mark.parametrize("ratios", made_both_ways(*LEFT))
@pytest.mark.parametrize("factor", [F(0), F(2), F(-4, 3), F(1, 8), F(10**25, 3)])
def test_times_one_fraction(ratios, factor):
    assert fractions(ratios.times(factor)) == [value * factor for value in LEFT]


def test_the_quotient_of_one_denominator_needs_no_product():
    cents = Ratios(np.array([50, 75], dtype=np.int64), 100).over(Ratios(np.array([100, 50], dtype=np.int64), 100))
    assert fractions(cents) == [F(1, 2), F(3, 2)]


@pytest.mark.parametrize("ratios", made_both_ways(*LEFT))
def test_whole_units_are_counted_once_rounded(ratios):
    assert [int(n) for n in ratios.rounded(F(1, 4), "half_up")] == [2, -3, 0, 28]
    assert [int(n) for n in ratios.rounded(F(1), "half_up")] == [1, -1, 0, 7]
    assert [int(n) for n in ratios.rounded(F(5), "ceiling")] == [1, 0, 0, 2]


@pytest.mark.parametrize("ratios", made_both_ways(*LEFT))
@pytest.mark.parametrize("value", [F(1, 2), F(-3, 4), F(-1), F(0), F(7), F(15, 2)])
def test_where_a_row_reaches_a_value(ratios, value):
    assert ratios.at_least(value).tolist() == [row >= value for row in LEFT]


def test_nothing_wraps_past_int64():
    big = Ratios(np.array([2**62, -(2**62)], dtype=np.int64), 3)
    assert fractions(big.times(big)) == [F(2**124, 9), F(2**124, 9)]
    assert fractions(big.plus(big.times(F(1, 7)))) == [F(2**62, 3) * F(8, 7), -F(2**62, 3) * F(8, 7)]
    assert big.at_least(F(10**30)).tolist() == [False, False]
