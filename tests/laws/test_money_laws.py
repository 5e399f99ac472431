"""Laws of money, rounding, exact columns and shares."""

import decimal
from decimal import Decimal
from fractions import Fraction
from math import floor

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from perfkit import Money, Rounding, allocate, minor_units
from perfkit._core import integers
from perfkit._core.columns import read_rows
from perfkit._core.integers import MODES
from perfkit._core.ratios import Ratios
from perfkit.money import DECIMALS

F = Fraction
INT64 = st.integers(-(2**63), 2**63 - 1)
ANY_INTEGER = st.one_of(st.integers(-1000, 1000), INT64, st.integers(-(10**40), 10**40))
ANY_DENOMINATOR = st.one_of(st.integers(1, 1000), st.integers(1, 2**63 - 1), st.integers(1, 10**40))
CURRENCIES = st.sampled_from(["EUR", "JPY", "KWD", "CLF"])
PYTHON_MODES = {
    "half_up": decimal.ROUND_HALF_UP,
    "half_even": decimal.ROUND_HALF_EVEN,
    "half_down": decimal.ROUND_HALF_DOWN,
    "up": decimal.ROUND_UP,
    "down": decimal.ROUND_DOWN,
    "ceiling": decimal.ROUND_CEILING,
    "floor": decimal.ROUND_FLOOR,
}
WEIGHTS = st.lists(st.one_of(st.integers(0, 50), st.fractions(0, 10, max_denominator=12)), min_size=1, max_size=9)


def column_of(values):
    fits = all(-(2**63) <= value < 2**63 for value in values)
    column = np.empty(len(values), dtype=np.int64 if fits else object)
    column[:] = values
    return column


def rounded(value, mode):
    """The oracle: a fraction rounded to an integer."""
    low = floor(value)
    part = value - low
    if part == 0 or mode == "floor":
        return low
    if mode in {"ceiling", "up", "down"}:
        return low + (mode == "ceiling" or (mode == "up") == (value > 0))
    if part != F(1, 2):
        return low + (part > F(1, 2))
    return low + {"half_up": value > 0, "half_down": value < 0, "half_even": low % 2 == 1}[mode]


@given(st.lists(ANY_INTEGER, min_size=1, max_size=8), ANY_DENOMINATOR, st.sampled_from(MODES))
def test_a_quotient_is_that_of_fractions(numerators, denominator, mode):
    quotients = integers.divide(column_of(numerators), denominator, mode)
    assert [int(q) for q in quotients] == [rounded(F(n, denominator), mode) for n in numerators]


@given(st.lists(st.tuples(ANY_INTEGER, ANY_DENOMINATOR), min_size=1, max_size=8), st.sampled_from(MODES))
def test_a_quotient_by_rows_is_that_of_fractions(rows, mode):
    numerators, denominators = (list(column) for column in zip(*rows, strict=True))
    quotients = integers.divide(column_of(numerators), column_of(denominators), mode)
    assert [int(q) for q in quotients] == [rounded(F(n, d), mode) for n, d in rows]


@given(st.lists(ANY_INTEGER, min_size=1, max_size=8), st.integers(0, 30), st.sampled_from(MODES))
def test_a_quotient_by_a_power_of_ten_is_that_of_decimal(numerators, power, mode):
    with decimal.localcontext(decimal.Context(prec=200)):
        expected = [int(Decimal(n).scaleb(-power).to_integral_value(PYTHON_MODES[mode])) for n in numerators]
    assert [int(q) for q in integers.divide(column_of(numerators), 10**power, mode)] == expected


@given(st.lists(INT64, min_size=1, max_size=8), st.one_of(INT64, st.integers(-(10**30), 10**30)))
def test_products_and_sums_never_wrap(values, factor):
    column = np.array(values, dtype=np.int64)
    assert [int(n) for n in integers.multiply(column, factor)] == [n * factor for n in values]
    assert [int(n) for n in integers.add(column, factor)] == [n + factor for n in values]
    assert integers.total(column) == sum(values)


@pytest.mark.parametrize("odd", [1 / 3, 1e-7, 1e17, 0.1 + 0.2, 123456.789, 2 / 3 * 1e5, 5e-324, 4503599627370496.5])
@pytest.mark.parametrize("beside", [[], [0.5], [1e-9, 1.0], [1e15]])
def test_a_float_beside_others_is_the_decimal_that_prints_it(odd, beside):
    values = [odd, *beside]
    ratios = Ratios.of_floats(np.array(values))
    assert [ratios.fraction(row) for row in range(len(values))] == [F(repr(value)) for value in values]


@given(
    st.lists(
        st.one_of(
            st.floats(-1e290, 1e290),
            st.floats(-100, 100),
            st.integers(-(10**9), 10**9).map(lambda n: n / 1e6),
            st.integers(-(10**15), 10**15).map(lambda n: n / 1e9),
        ),
        max_size=8,
    )
)
def test_floats_are_the_decimals_that_print_them(values):
    ratios = Ratios.of_floats(np.array(values, dtype=np.float64))
    assert [ratios.fraction(row) for row in range(len(values))] == [F(repr(value)) for value in values]


@given(st.lists(st.floats(-(2.0**100), 2.0**100, width=32), min_size=1, max_size=8))
def test_float32_are_the_decimals_that_print_them(values):
    column = np.array(values, dtype=np.float32)
    ratios = read_rows({"x": column}, ["x"]).exact("x")
    assert [ratios.fraction(row) for row in range(len(values))] == [F(str(value)) for value in column]


@given(st.lists(st.fractions(-(10**6), 10**6), min_size=1, max_size=6), st.sampled_from(MODES), st.integers(1, 500))
def test_rounding_is_once_to_the_unit(amounts, mode, cents):
    rounding = Rounding(to=F(cents, 100), mode=mode)
    expected = [cents * rounded(amount * 100 / cents, mode) for amount in amounts]
    assert [int(n) for n in rounding.column(Ratios.of_fractions(amounts), "EUR")] == expected
    assert [rounding.minor(amount, "EUR") for amount in amounts] == expected


@given(st.lists(st.integers(-(10**15), 10**15), max_size=10), CURRENCIES, st.sampled_from(["text", "decimal", "money"]))
def test_minor_units_come_back(minors, currency, how):
    money = [Money.from_minor(minor, currency) for minor in minors]
    typed = {
        "text": [str(amount).partition(" ")[0] for amount in money],
        "decimal": [amount.amount for amount in money],
        "money": money,
    }
    assert minor_units(typed[how], currency).tolist() == minors
    assert [Money(str(amount)) for amount in money] == money


@given(st.lists(st.integers(-(10**13), 10**13), min_size=1, max_size=10), CURRENCIES)
def test_minor_units_of_floats_come_back(minors, currency):
    scale = 10 ** DECIMALS[currency]
    assert minor_units([minor / scale for minor in minors], currency).tolist() == minors


@given(
    st.lists(st.floats(-1e9, 1e9), min_size=1, max_size=6),
    st.sampled_from(MODES),
    st.sampled_from([None, F(1, 20), 1, 100]),
)
def test_minor_units_are_rounded_as_told_whatever_the_numbers(values, mode, to):
    rounding = Rounding(to=to, mode=mode)
    values = [*values, round(values[0], 2)]
    expected = [rounding.minor(F(repr(value)), "EUR") for value in values]
    assert minor_units(values, "EUR", rounding=rounding).tolist() == expected
    assert minor_units(values[-1:], "EUR", rounding=rounding).tolist() == expected[-1:]


@given(st.integers(-(10**6), 10**6), WEIGHTS, st.integers(1, 7))
def test_shares_add_up_within_one_unit_of_their_quota(units, weights, unit):
    assume(sum(weights) > 0)
    total = units * unit
    shares = allocate(total, weights, unit=unit)
    assert sum(shares) == total
    for share, weight in zip(shares, weights, strict=True):
        assert share % unit == 0
        assert abs(share - F(total) * F(weight) / sum(map(F, weights))) < unit


@given(st.integers(-(10**6), 10**6), WEIGHTS, st.data())
def test_shares_follow_their_keys_through_any_permutation(total, weights, data):
    assume(sum(weights) > 0)
    keys = data.draw(st.permutations(range(len(weights))))
    order = data.draw(st.permutations(range(len(weights))))
    shares = allocate(total, weights, keys=keys)
    permuted = allocate(total, [weights[i] for i in order], keys=[keys[i] for i in order])
    assert permuted == [shares[i] for i in order]
    assert allocate(total, dict(zip(keys, weights, strict=True))) == dict(zip(keys, shares, strict=True))


@given(st.integers(0, 30), st.integers(1, 12), st.randoms(use_true_random=False))
def test_ties_go_to_the_smallest_keys(total, n, random):
    keys = random.sample(range(100), n)
    shares = dict(zip(keys, allocate(total, [1] * n, keys=keys), strict=True))
    least, extra = divmod(total, n)
    assert [shares[key] for key in sorted(keys)] == [least + 1] * extra + [least] * (n - extra)


@given(st.integers(-(10**9), 10**9), WEIGHTS, CURRENCIES)
def test_shares_of_money_are_those_of_its_minor_units(minor, weights, currency):
    assume(sum(weights) > 0)
    shares = allocate(Money.from_minor(minor, currency), weights)
    assert [share.minor for share in shares] == allocate(minor, weights)
    assert sum(shares) == Money.from_minor(minor, currency)


@given(INT64, INT64, CURRENCIES)
def test_money_adds_like_integers(left, right, currency):
    total = Money.from_minor(left, currency) + Money.from_minor(right, currency)
    assert total.minor == left + right
    assert total - Money.from_minor(right, currency) == Money.from_minor(left, currency)
    assert (Money.from_minor(left, currency) < Money.from_minor(right, currency)) == (left < right)
