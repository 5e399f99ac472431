"""Exact integer columns: int64 where numbers fit, Python integers where they do not."""

import numpy as np
import pytest

from perfkit._core import integers
from perfkit._core.integers import LIMIT, MODES

BIG = 2**62
HUGE = 10**30


def narrow_column(*values):
    return np.array(values, dtype=np.int64)


def wide_column(*values):
    column = np.empty(len(values), dtype=object)
    column[:] = values
    return column


@pytest.mark.parametrize(
    ("column", "size"),
    [
        (narrow_column(), 0),
        (narrow_column(3, -7, 2), 7),
        (narrow_column(-(2**63), 5), 2**63),
        (wide_column(HUGE, -1), HUGE),
        (-12, 12),
    ],
)
def test_the_bound_is_the_largest_absolute_value(column, size):
    assert integers.bound(column) == size


@pytest.mark.parametrize(
    ("left", "right"),
    [
        (narrow_column(1, -2, 3), 5),
        (narrow_column(1, -2, 3), narrow_column(4, 5, -6)),
        (narrow_column(BIG, -BIG, 1), 2),
        (narrow_column(BIG, -BIG, 1), narrow_column(BIG, BIG, BIG)),
        (narrow_column(-(2**63), 2**63 - 1), 1),
        (narrow_column(-(2**63), 2**63 - 1), -1),
        (narrow_column(0, 0), HUGE),
        (narrow_column(1, 2), HUGE),
        (wide_column(HUGE, 1), narrow_column(3, 4)),
        (narrow_column(3, 4), wide_column(HUGE, 1)),
        (narrow_column(), 7),
    ],
)
def test_products_and_sums_never_wrap(left, right):
    factors = [int(n) for n in np.broadcast_to(np.asarray(right, dtype=object), left.shape)]
    numbers = [int(n) for n in left]
    assert [int(n) for n in integers.multiply(left, right)] == [a * b for a, b in zip(numbers, factors, strict=True)]
    assert [int(n) for n in integers.add(left, right)] == [a + b for a, b in zip(numbers, factors, strict=True)]


def test_small_numbers_stay_int64():
    assert integers.multiply(narrow_column(2), 3).dtype == np.int64
    assert integers.add(narrow_column(2), narrow_column(3)).dtype == np.int64
    assert integers.divide(narrow_column(7), 2, "half_up").dtype == np.int64


HALVES = [-5, -3, -1, 1, 3, 5]


@pytest.mark.parametrize(
    ("mode", "expected"),
    [
        ("half_up", [-3, -2, -1, 1, 2, 3]),
        ("half_even", [-2, -2, 0, 0, 2, 2]),
        ("half_down", [-2, -1, 0, 0, 1, 2]),
        ("up", [-3, -2, -1, 1, 2, 3]),
        ("down", [-2, -1, 0, 0, 1, 2]),
        ("ceiling", [-2, -1, 0, 1, 2, 3]),
        ("floor", [-3, -2, -1, 0, 1, 2]),
    ],
)
@pytest.mark.parametrize("make", [narrow_column, wide_column])
def test_ties_go_where_the_mode_says(make, mode, expected):
    assert [int(n) for n in integers.divide(make(*HALVES), 2, mode)] == expected


@pytest.mark.parametrize("mode", MODES)
def test_whole_quotients_are_left_alone(mode):
    assert integers.divide(narrow_column(-6, 0, 6), 3, mode).tolist() == [-2, 0, 2]


@pytest.mark.parametrize("mode", MODES)
def test_each_row_may_have_its_own_denominator(mode):
    numerators, denominators = [7, -7, 7, -7], [2, 2, 3, 3]
    each = [int(integers.divide(narrow_column(n), d, mode)[0]) for n, d in zip(numerators, denominators, strict=True)]
    assert integers.divide(narrow_column(*numerators), narrow_column(*denominators), mode).tolist() == each


@pytest.mark.parametrize("mode", MODES)
def test_an_empty_column_divides_to_an_empty_column(mode):
    assert len(integers.divide(narrow_column(), 3, mode)) == 0


def test_a_denominator_past_int64_is_divided_by_exactly():
    assert integers.divide(narrow_column(5, -5), HUGE, "up").tolist() == [1, -1]
    assert integers.divide(narrow_column(2**62), 2**63 - 1, "half_up").tolist() == [1]
    assert integers.divide(narrow_column(2**62 - 1), 2**63 - 1, "half_up").tolist() == [0]


def test_the_least_int64_is_divided_without_a_wrap():
    assert integers.divide(narrow_column(-(2**63)), 3, "half_up").tolist() == [-3_074_457_345_618_258_603]


def test_a_column_is_narrowed_where_it_fits():
    assert integers.narrow(wide_column(1, -2)).dtype == np.int64
    assert integers.narrow(wide_column(LIMIT - 1)).tolist() == [LIMIT - 1]
    assert integers.narrow(narrow_column(4)).tolist() == [4]
    assert integers.narrow(wide_column(LIMIT)) is None
    assert integers.narrow(wide_column(-LIMIT - 1)) is None


def test_the_least_int64_fits_int64():
    narrow = integers.narrow(wide_column(-LIMIT))
    assert narrow is not None
    assert narrow.tolist() == [-LIMIT]


@pytest.mark.parametrize(
    "values", [(), (1, 2, 3), (2**62, 2**62, 2**62), (-(2**63), -1), (HUGE, -HUGE, 7), (2**63 - 1,) * 3]
)
def test_a_total_is_exact_whatever_its_size(values):
    fits = all(-LIMIT <= value < LIMIT for value in values)
    column = narrow_column(*values) if fits else wide_column(*values)
    assert integers.total(column) == sum(values)
