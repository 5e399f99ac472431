"""A number is the number that was typed."""

import decimal
from decimal import Decimal
from fractions import Fraction
from numbers import Rational

import numpy as np
import pytest

from perfkit._core.numbers import decimal_text, exact, exact_or_column, plain, round_decimal
from perfkit.errors import DefinitionError


class Half:
    """A rational that is no Fraction."""

    numerator, denominator = 1, 2


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        (0, Fraction(0)),
        (-7, Fraction(-7)),
        (0.15, Fraction(3, 20)),
        (0.1, Fraction(1, 10)),
        (-0.0, Fraction(0)),
        (1e-7, Fraction(1, 10**7)),
        (1e17, Fraction(10**17)),
        (1.5e300, Fraction(15 * 10**299)),
        (5e-324, Fraction(5, 10**324)),
        (Decimal("1.10"), Fraction(11, 10)),
        (Fraction(2, 37), Fraction(2, 37)),
        (10**40, Fraction(10**40)),
        (np.int64(-3), Fraction(-3)),
        (np.uint64(2**64 - 1), Fraction(2**64 - 1)),
        (np.float64(0.1), Fraction(1, 10)),
        (np.float32(0.1), Fraction(1, 10)),
        (np.float16(0.1), Fraction(1, 10)),
    ],
)
def test_a_typed_number_is_itself(typed, meant):
    value = exact(typed)
    assert value == meant
    assert type(value) is Fraction


def test_any_rational_is_taken():
    Rational.register(Half)
    assert exact(Half()) == Fraction(1, 2)


@pytest.mark.parametrize("odd", ["0.15", "", None, True, False, np.True_, [1], 1j, object()])
def test_what_is_no_number_is_refused(odd):
    with pytest.raises(DefinitionError, match=r"^weight must be a number \(got ") as caught:
        exact(odd, what="weight", path="$.weight")
    assert caught.value.path == "$.weight"


@pytest.mark.parametrize(
    "odd",
    [
        float("nan"),
        float("inf"),
        -float("inf"),
        np.float64("nan"),
        np.float32("inf"),
        Decimal("NaN"),
        Decimal("-Infinity"),
        Decimal("sNaN"),
    ],
)
def test_what_is_not_finite_is_refused(odd):
    with pytest.raises(DefinitionError, match="a number must be a finite number") as caught:
        exact(odd, path="p")
    assert caught.value.path == "p"


def test_a_string_names_a_column():
    assert exact_or_column("quota") == "quota"
    assert exact_or_column(0.5) == Fraction(1, 2)


@pytest.mark.parametrize("blank", ["", "   ", "\n"])
def test_a_blank_string_names_no_column(blank):
    with pytest.raises(DefinitionError, match="target must be a number or the name of a column"):
        exact_or_column(blank, what="target")


@pytest.mark.parametrize(
    ("value", "shortest"),
    [
        (Fraction(7), 7),
        (Fraction(3, 20), 0.15),
        (Fraction(-1, 10**7), -1e-7),
        (Fraction(1, 3), Fraction(1, 3)),
        (Fraction(10**40), 10**40),
        (Fraction(10**400 + 1, 2), Fraction(10**400 + 1, 2)),
        (Fraction(1, 10**400), Fraction(1, 10**400)),
        (Fraction(12345678901234567891, 10), Fraction(12345678901234567891, 10)),
    ],
)
def test_the_plain_number_reads_back_as_the_fraction(value, shortest):
    number = plain(value)
    assert number == shortest
    assert type(number) is type(shortest)
    assert exact(number) == value


@pytest.mark.parametrize(
    ("value", "places", "text"),
    [
        (Fraction(1320000), None, "1,320,000"),
        (0.596, None, "0.596"),
        (Fraction(1, 3), None, "0.333333"),
        (Fraction(-2, 3), None, "-0.666667"),
        (Fraction(1, 2_000_000), None, "0.000001"),
        (Fraction(-1, 10**9), None, "-1.0e-09"),
        (0, None, "0"),
        (-0.0, None, "0"),
        (100, None, "100"),
        (Decimal("1.50"), None, "1.5"),
        (0.125, 2, "0.13"),
        (-0.125, 2, "-0.13"),
        (-0.001, 2, "0.00"),
        (1234567, 0, "1,234,567"),
        (2.5, 0, "3"),
        (float("nan"), None, "nan"),
        (float("inf"), 2, "inf"),
        (10**20, None, "100,000,000,000,000,000,000"),
    ],
)
def test_a_number_for_people(value, places, text):
    assert decimal_text(value, places) == text


@pytest.mark.parametrize(
    ("value", "places", "rounded"),
    [
        (Fraction(5, 1000), 2, "0.01"),
        (Fraction(-5, 1000), 2, "-0.01"),
        (Fraction(4, 1000), 2, "0.00"),
        (0.285, 2, "0.29"),
        (Decimal("2.675"), 2, "2.68"),
        (7, 3, "7.000"),
    ],
)
def test_decimals_round_half_up(value, places, rounded):
    assert str(round_decimal(value, places)) == rounded


def test_a_long_number_keeps_all_of_its_digits():
    assert decimal_text(Fraction(10**30 + 1)) == "1,000,000,000,000,000,000,000,000,000,001"


def test_the_decimal_context_of_the_caller_changes_nothing():
    with decimal.localcontext(decimal.Context(prec=3)):
        shown = decimal_text(0.123456), str(round_decimal(Fraction(1173885, 100), 2))
    assert shown == ("0.123456", "11738.85")
