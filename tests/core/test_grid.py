"""The published grid."""

from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from perfkit._core.grid import GRID, checked_grid, publish, snap
from perfkit.errors import DefinitionError

F = Fraction


def published(value, grid=GRID):
    return float(publish(np.array([value]), grid)[0])


@pytest.mark.parametrize("grid", [F(1, 10**6), F(1, 1000), F(3, 1000), F(1, 4), F(1), F(5), F(7, 10**6)])
def test_multiples_of_a_millionth_are_grids(grid):
    assert checked_grid(grid) == grid


@pytest.mark.parametrize("grid", [F(0), F(-1, 1000), F(1, 10**7), F(1, 3), F(15, 10**7)])
def test_other_grids_are_refused(grid):
    with pytest.raises(DefinitionError, match=r"grid must be a positive multiple of 0\.000001 \(got "):
        checked_grid(grid)


@pytest.mark.parametrize(
    ("value", "grid", "expected"),
    [
        (0.59628, F(1, 1000), 0.596),
        (0.2975, F(1, 1000), 0.298),
        (-0.2975, F(1, 1000), -0.298),
        (0.0005, F(1, 1000), 0.001),
        (0.1 + 0.2, GRID, 0.3),
        (1.0000005, GRID, 1.000001),
        (0.125, F(1, 4), 0.25),
        (0.124, F(1, 4), 0.0),
        (0.0045, F(3, 1000), 0.006),
        (12.5, F(5), 15.0),
        (1e12, GRID, 1e12),
    ],
)
def test_a_value_is_published_half_up_on_its_grid(value, grid, expected):
    assert published(value, grid) == expected


@pytest.mark.parametrize("value", [5_000_000.5, 5_000_001.5, -5_000_000.5, 123_456_789.5])
def test_ties_of_large_values_go_half_up_too(value):
    expected = float(Decimal(repr(value)).quantize(Decimal(1), ROUND_HALF_UP))
    assert published(value, F(1)) == expected


def test_no_score_is_minus_nothing():
    assert np.signbit(publish(np.array([-0.0, -1e-9]))).tolist() == [False, False]


def test_what_is_missing_stays_missing():
    assert np.isnan(publish(np.array([np.nan, 1.0]))).tolist() == [True, False]
    assert np.isnan(snap(np.array([np.nan, 1.0]))).tolist() == [True, False]


def test_an_empty_column_is_published_empty():
    assert publish(np.array([])).shape == (0,)


@pytest.mark.parametrize("value", [1e300, -1e303])
def test_the_largest_floats_are_published_without_a_warning(value):
    assert published(value) == pytest.approx(value, rel=1e-12)
    assert snap(np.array([value]))[0] == value


@given(st.integers(-(10**12), 10**12), st.sampled_from([F(1, 10**6), F(1, 1000), F(1, 100), F(1, 4)]))
def test_what_is_on_the_grid_stays_there(units, grid):
    value = float(units * grid)
    assert published(value, grid) == value


@given(
    st.decimals(min_value=-1000, max_value=1000, places=9, allow_nan=False),
    st.sampled_from([Decimal("0.000001"), Decimal("0.001"), Decimal("0.01"), Decimal(1)]),
)
def test_publishing_agrees_with_decimal(value, grid):
    assert published(float(value), F(grid)) == float(value.quantize(grid, ROUND_HALF_UP)) + 0.0


@given(
    st.lists(st.floats(-1e10, 1e10), min_size=2, max_size=40),
    st.sampled_from([F(1, 10**6), F(1, 1000), F(3, 1000), F(1)]),
)
def test_publishing_keeps_the_order(values, grid):
    assert np.all(np.diff(publish(np.sort(np.array(values)), grid)) >= 0)


@given(st.lists(st.floats(-1e7, 1e7), max_size=20))
def test_snapping_twice_is_snapping_once(values):
    once = snap(np.array(values))
    assert snap(once).tobytes() == once.tobytes()


def test_snapping_takes_the_last_bits_away():
    assert snap(np.array([0.1 + 0.2, 1 - 1e-16, 1.05 / 1.0000000000001])).tolist() == [0.3, 1.0, 1.05]


def test_snapping_leaves_what_has_no_room_for_decimals():
    assert snap(np.array([1e12 + 0.25])).tolist() == [1e12 + 0.25]
