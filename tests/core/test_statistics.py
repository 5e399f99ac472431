"""Exact summaries of a population: the same whatever the parts and their order."""

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from perfkit._core.statistics import Extremes, Moments, Tally, exact_sum, square_root, tallied

finite = st.floats(allow_nan=False, allow_infinity=False)
LAW = settings(max_examples=100, deadline=None)


@LAW
@given(st.lists(finite, max_size=40))
def test_a_sum_is_that_of_the_fractions(values):
    assert exact_sum(np.array(values, dtype=np.float64)) == sum(map(Fraction, values), Fraction(0))


@LAW
@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=40))
def test_moments_are_those_of_the_fractions(values):
    moments = Moments.of(np.array(values))
    fractions = [Fraction(value) for value in values]
    assert moments.total == sum(fractions)
    assert moments.squares == sum(value**2 for value in fractions)
    mean = sum(fractions) / len(fractions)
    assert moments.mean == mean
    assert moments.variance(0) == sum((value - mean) ** 2 for value in fractions) / len(fractions)


@pytest.mark.parametrize("values", [[1e200, -3e180], [1e-200, 2.0], [5e-324, 1.0], [1e308, 1e308], [-0.0], []])
def test_moments_at_the_ends_of_what_floats_hold(values):
    moments = Moments.of(np.array(values, dtype=np.float64))
    assert moments == Moments(len(values), sum(map(Fraction, values)), sum(Fraction(value) ** 2 for value in values))


def test_a_long_column_is_added_up_exactly():
    values = np.random.default_rng(7).normal(size=200_001) * 1e3
    moments = Moments.of(values)
    assert float(moments.total) == math.fsum(values)
    backwards = Moments.of(values[:77_777][::-1]).merged(Moments.of(values[77_777:]))
    assert backwards == moments


@LAW
@given(st.lists(st.integers(0, 5).map(float), min_size=1, max_size=30), st.data())
def test_a_tally_counts_and_merges(values, data):
    cut = data.draw(st.integers(0, len(values)))
    whole = Tally.of(np.array(values))
    merged = Tally.of(np.array(values[:cut])).merged(Tally.of(np.array(values[cut:])))
    for tally in (whole, merged):
        assert dict(zip(tally.values.tolist(), tally.counts.tolist(), strict=True)) == {
            value: values.count(value) for value in sorted(set(values))
        }
        assert tally.count == len(values)
    share = data.draw(st.fractions(0, 1, max_denominator=20))
    assert float(whole.quantile(share)) == pytest.approx(np.quantile(values, float(share)), abs=1e-12)


@pytest.mark.parametrize("per_group", [2, 40])
def test_a_tally_of_groups_is_that_of_each_group(per_group):
    random = np.random.default_rng(3)
    codes = random.integers(0, 5, 5 * per_group)
    values = np.round(random.normal(size=len(codes)), 1)
    tally = tallied(tuple("abcde"), codes.copy(), values, None)
    for position in range(5):
        expected = np.unique(values[codes == position], return_counts=True)
        for found, wanted in zip(tally.group(position), expected, strict=True):
            np.testing.assert_array_equal(found, wanted)
    whole = np.unique(values, return_counts=True)
    np.testing.assert_array_equal(tally.whole().values, whole[0])
    np.testing.assert_array_equal(tally.whole().counts, whole[1])


def test_extremes_keep_a_missing_value_and_forget_minus_nothing():
    assert Extremes.of(np.array([2.0, -0.0, 1.0])) == Extremes(3, 0.0, 2.0)
    assert math.isnan(Extremes.of(np.array([2.0, np.nan])).least)
    assert Extremes.of(np.array([])).merged(Extremes(1, 3.0, 3.0)) == Extremes(1, 3.0, 3.0)


@pytest.mark.parametrize("value", [Fraction(0), Fraction(2), Fraction(1, 3), Fraction(10**40, 7), Fraction(1, 10**60)])
def test_a_square_root_is_the_nearest_float(value):
    assert float(square_root(value)) == pytest.approx(math.sqrt(value), rel=1e-15)
