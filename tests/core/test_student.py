"""Student's t against printed tables, closed forms and 50-digit arithmetic."""

import math
from itertools import pairwise
from statistics import NormalDist

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from perfkit._core.student import cdf, quantile
from perfkit.errors import DefinitionError

LAW = settings(max_examples=150, deadline=None)
INFINITE = 10**12

# Percentiles of t as printed by Abramowitz and Stegun, table 26.10, and by Fisher and Yates, table III.
PROBABILITIES = (0.75, 0.9, 0.95, 0.975, 0.99, 0.995, 0.9995)
TABLE = {
    1: (1.000, 3.078, 6.314, 12.706, 31.821, 63.657, 636.619),
    2: (0.816, 1.886, 2.920, 4.303, 6.965, 9.925, 31.599),
    5: (0.727, 1.476, 2.015, 2.571, 3.365, 4.032, 6.869),
    10: (0.700, 1.372, 1.812, 2.228, 2.764, 3.169, 4.587),
    30: (0.683, 1.310, 1.697, 2.042, 2.457, 2.750, 3.646),
    120: (0.677, 1.289, 1.658, 1.980, 2.358, 2.617, 3.373),
    INFINITE: (0.674, 1.282, 1.645, 1.960, 2.326, 2.576, 3.291),
}


@pytest.mark.parametrize(
    ("df", "p", "t"),
    [(df, p, t) for df, row in TABLE.items() for p, t in zip(PROBABILITIES, row, strict=True)],
)
def test_the_printed_table(df, p, t):
    assert quantile(p, df) == pytest.approx(t, abs=0.0005001)
    assert quantile(1 - p, df) == pytest.approx(-t, abs=0.0005001)


def test_the_familiar_one():
    assert round(quantile(0.975, 10), 4) == 2.2281


# The probability above t, by the incomplete beta function in 50 digits (mpmath 1.4.1): odd and even degrees of
# freedom, both sides of where the rest of the series takes over, far tails, and the expansion.
PRECISE = [
    (1.3, 7, 0.11738391769618857),
    (1.3, 8, 0.11490181245926273),
    (2.4, 31, 0.011294670227231183),
    (2.5, 31, 0.00896011340669311),
    (7.0, 30, 4.4349793336103216e-08),
    (30.0, 12, 5.886590953509474e-13),
    (1e6, 4, 2.99999999998e-24),
    (1.96, 199, 0.025695916952080074),
    (1.96, 200, 0.025692420422906644),
    (4.0, 200, 4.456547609296719e-05),
    (3.0, 10_000, 0.0013532240949988331),
]


@pytest.mark.parametrize(("t", "df", "above"), PRECISE)
def test_tails_keep_their_digits(t, df, above):
    assert cdf(-t, df) == pytest.approx(above, rel=2e-13)
    assert cdf(t, df) == pytest.approx(1 - above, rel=2e-15)
    assert quantile(above, df) == pytest.approx(-t, rel=2e-13)


@pytest.mark.parametrize("t", [0.0, 1e-9, 0.2, 1.0, 2.44, 2.46, 9.0, 1e5])
def test_closed_forms(t):
    assert cdf(t, 1) == pytest.approx(0.5 + math.atan(t) / math.pi, rel=1e-15)
    assert cdf(t, 2) == pytest.approx(0.5 + t / (2 * math.sqrt(2 + t * t)), rel=1e-15)


@pytest.mark.parametrize("z", [-6.0, -2.5, -1.0, 0.0, 0.3, 1.96, 4.0])
def test_with_many_degrees_of_freedom_it_is_normal(z):
    assert cdf(z, INFINITE) == pytest.approx(NormalDist().cdf(z), rel=1e-9)
    # The first term by which they differ, A&S 26.7.5.
    further = cdf(z, 10**6) - NormalDist().cdf(z)
    assert further == pytest.approx(-NormalDist().pdf(z) * (z**3 + z) / (4 * 10**6), rel=2e-3, abs=1e-15)


@pytest.mark.parametrize("t", [0.1, 1.0, 2.0, 3.0, 6.0])
def test_series_and_expansion_meet(t):
    steps = [cdf(-t, df) for df in (197, 198, 199, 200, 201, 202)]
    falls = [sooner - later for sooner, later in pairwise(steps)]
    assert all(fall > 0 for fall in falls)
    assert max(falls) == pytest.approx(min(falls), rel=0.1)


def test_the_ends():
    assert (cdf(math.inf, 3), cdf(-math.inf, 3)) == (1, 0)
    assert (cdf(math.inf, 500), cdf(-math.inf, 500)) == (1, 0)
    assert (cdf(1e300, 199), cdf(-1e300, 199)) == (1, 0)
    assert (cdf(1e300, 500), cdf(-1e300, 500)) == (1, 0)
    assert cdf(-1e300, 1) == pytest.approx(1 / (math.pi * 1e300))
    assert quantile(1e-300, 1) == pytest.approx(-1e300 / math.pi)
    assert quantile(5e-324, 1) == -math.inf


@pytest.mark.parametrize("df", [1, 2, 3, 17, 198, 199, 200, 10_000, 10**9])
def test_half_is_at_zero(df):
    assert cdf(0.0, df) == 0.5
    assert quantile(0.5, df) == 0


degrees = st.one_of(st.integers(1, 30), st.integers(31, 400), st.sampled_from([10_000, 10**7]))
deviates = st.floats(-50, 50)


@LAW
@given(t=deviates, df=degrees)
def test_it_is_symmetric(t, df):
    assert cdf(t, df) + cdf(-t, df) == pytest.approx(1, abs=1e-15)


@LAW
@given(one=deviates, other=deviates, df=degrees)
def test_it_rises(one, other, df):
    assert cdf(min(one, other), df) <= cdf(max(one, other), df) * (1 + 1e-12)


@LAW
@given(p=st.floats(1e-12, 1 - 1e-12), df=degrees)
def test_a_quantile_has_its_probability(p, df):
    assert cdf(quantile(p, df), df) == pytest.approx(p, rel=1e-12)


@pytest.mark.parametrize("df", [0, -1, 2.0, None])
def test_degrees_of_freedom_are_counted(df):
    with pytest.raises(DefinitionError, match="whole number above 0"):
        cdf(1.0, df)
    with pytest.raises(DefinitionError, match="whole number above 0"):
        quantile(0.9, df)


@pytest.mark.parametrize("p", [0, 1, -0.1, 1.1, math.nan])
def test_a_probability_is_between_its_ends(p):
    with pytest.raises(DefinitionError, match="between 0 and 1"):
        quantile(p, 5)


def test_no_number_has_no_probability():
    with pytest.raises(DefinitionError, match="t must be a number"):
        cdf(math.nan, 5)
