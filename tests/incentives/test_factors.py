"""Factors and amounts: typed, from a column, from a table, or somebody else's."""

import pickle
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pandas as pd
import polars as pl
import pytest

from perfkit import (
    DataError,
    DefinitionError,
    FlatAmount,
    IncentivePlan,
    Metric,
    Money,
    Multiply,
    RateTable,
    RatingScale,
    Scorecard,
    TargetBonus,
)
from perfkit.testing import check_policy
from perfkit.typing import Need

NAN = float("nan")
TABLE = RateTable("rating", {"high": 0.035, "solid": Decimal("0.02"), "low": 0})


def plan_of(*pays, **options):
    return IncentivePlan("plan", currency="EUR", pays=list(pays), **options)


def bonus(rate, base=100, **options):
    return plan_of(TargetBonus(base=base, rate=rate), **options)


@pytest.mark.parametrize(
    ("typed", "minor"),
    [
        (1, 10_000),
        (0.15, 1_500),
        (Decimal("0.15"), 1_500),
        (Fraction(2, 37), 541),
        (np.float64(0.15), 1_500),
        (np.int32(2), 20_000),
        (0, 0),
    ],
)
def test_a_typed_number_is_the_number_that_was_typed(typed, minor):
    assert bonus(typed).pay_one({}).minor == minor


@pytest.mark.parametrize("typed", [None, True, NAN, float("inf"), [], {}, Decimal("NaN"), " ", object()])
def test_what_is_no_factor_is_refused(typed):
    with pytest.raises(DefinitionError, match="a factor must be"):
        TargetBonus(base=100, rate=typed)


@pytest.mark.parametrize("typed", [None, True, NAN, [], "", Money("5.00 EUR")])
def test_what_is_no_amount_is_refused(typed):
    with pytest.raises(DefinitionError, match="an amount must be"):
        TargetBonus(base=typed)


@pytest.mark.parametrize(
    ("column", "minor"),
    [
        ([0.1, 0.2], [1_000, 2_000]),
        (np.array([0.1, 0.2], dtype=np.float32), [1_000, 2_000]),
        ([Decimal("0.1"), Fraction(1, 3)], [1_000, 3_333]),
        ([1, 0], [10_000, 0]),
        ([True, False], [10_000, 0]),
        (np.array([3, 4], dtype=np.uint8), [30_000, 40_000]),
        (np.array([3, 4], dtype=np.uint64), [30_000, 40_000]),
        (pd.Series([0.1, 0.2], dtype="Float64"), [1_000, 2_000]),
        (pl.Series([0.1, 0.2]), [1_000, 2_000]),
        ([0.1, np.float32(0.2)], [1_000, 2_000]),
        ([0.1000000000000001, 1e-30], [1_000, 0]),
    ],
)
def test_a_column_of_numbers_is_read_as_the_decimals_that_print_it(column, minor):
    assert bonus("rate").pay({"rate": column}).minor.tolist() == minor


def test_a_factor_beyond_the_integers_of_a_float_is_read_exactly():
    exact = 2**53 + 1
    for column in ([exact], np.array([exact]), np.array([exact], dtype=np.uint64), [Decimal(exact)]):
        assert bonus("rate", base=0.01).pay({"rate": column}).minor.tolist() == [exact]


def test_a_column_that_mixes_whole_numbers_and_floats_loses_no_digit():
    exact = 2**53 + 1
    assert bonus("rate", base=0.01).pay({"rate": [exact, 0.5]}).minor.tolist() == [exact, 1]


@pytest.mark.parametrize(
    ("column", "message"),
    [
        ([0.1, NAN, None], "must not be missing: rows 1, 2; fill it.*missing='unpaid'"),
        ([0.1, float("inf"), 0.1], "must be finite: row 1"),
        (["0.1", "0.2", "0.3"], r"must hold numbers \(got '0.1'\)"),
        (np.array(["0.1", "0.2", "0.3"]), r"must hold numbers \(got .*'0.1'.*\)"),
        (np.array([0.1, NAN, 0.3], dtype=np.float32), "must not be missing: row 1"),
        (np.array(["2026-01-01"] * 3, dtype="datetime64[D]"), "must hold numbers"),
    ],
)
def test_a_column_that_holds_no_complete_numbers_is_refused(column, message):
    with pytest.raises(DataError, match=message) as caught:
        bonus("rate").pay({"rate": column})
    assert caught.value.column == "rate"


@pytest.mark.parametrize("value", [1e300, -1e300, 1e17])
def test_a_factor_that_takes_an_amount_past_int64_is_refused_and_nothing_warns(value):
    with pytest.raises(DataError, match="does not fit int64 minor units"):
        bonus("rate", base=1000).pay({"rate": [1.0, value]})


# Tables of rates.


def test_a_table_gives_the_rate_of_each_name():
    payouts = bonus(TABLE).pay({"rating": ["solid", "high", "low"]})
    assert payouts.minor.tolist() == [200, 350, 0]
    assert TABLE.needs()[0].choices == ("high", "solid", "low")


@pytest.mark.parametrize(
    "column",
    [
        np.array(["solid", "high"]),
        np.array(["solid", "high"], dtype=object),
        pd.Series(["solid", "high"]),
        pd.Series(["solid", "high"], dtype="category"),
        pl.Series(["solid", "high"]),
        pl.Series(["solid", "high"], dtype=pl.Categorical),
    ],
)
def test_a_table_reads_any_column_of_names(column):
    assert bonus(TABLE).pay({"rating": column}).minor.tolist() == [200, 350]


@pytest.mark.parametrize(
    "column",
    [
        [3, 4, None],
        [3.0, 4.0, None],
        np.array([3.0, 4.0, NAN]),
        pd.Series([3, 4, None]),
        pd.Series([3, 4, None], dtype="Int64"),
        pl.Series([3, 4, None]),
        np.array([3.0, 4.0, None], dtype=object),
    ],
)
def test_levels_given_as_numbers_have_the_same_names_in_every_kind_of_column(column):
    plan = bonus(RateTable("rating", {3: 0.03, 4: 0.04}), missing="unpaid")
    assert plan.pay({"rating": column}).minor.tolist() == [300, 400, 0]


def test_otherwise_is_the_rate_of_every_other_name():
    table = RateTable("rating", {"high": 0.1}, otherwise=0.01)
    assert bonus(table).pay({"rating": ["high", "odd"]}).minor.tolist() == [1_000, 100]
    assert bonus(RateTable("rating", {"high": 0.1}, otherwise=0)).pay({"rating": ["odd"]}).minor.tolist() == [0]


@pytest.mark.parametrize("gap", [None, NAN, pd.NA])
@pytest.mark.parametrize("otherwise", [None, 0.5])
def test_a_missing_name_is_no_other_name(gap, otherwise):
    table = RateTable("rating", {"high": 0.1}, otherwise=otherwise)
    data = {"rating": ["high", gap]}
    with pytest.raises(DataError, match="row 1") as caught:
        bonus(table).pay(data)
    assert caught.value.column == "rating"
    assert bonus(table, missing="unpaid").pay(data).minor.tolist() == [1_000, 0]


def test_an_unknown_name_is_refused_with_a_suggestion_and_the_cure():
    with pytest.raises(DataError) as caught:
        bonus(TABLE).pay({"rating": ["high", "solit", "high", "solit"]})
    message = str(caught.value)
    for text in ("must be one of high, solid, low (got 'solit')", "did you mean 'solid'", "rows 1, 3", "otherwise="):
        assert text in message
    assert caught.value.rows == (1, 3)
    assert pickle.loads(pickle.dumps(caught.value)).rows == (1, 3)


@pytest.mark.parametrize("missing", ["refuse", "unpaid"])
def test_an_unknown_name_is_refused_in_the_rows_of_the_caller(missing):
    n = 70_000
    names = np.full(n, "high", dtype=object)
    names[[0, 3]] = None if missing == "unpaid" else "high"
    names[65_540] = "odd"
    with pytest.raises(DataError, match=r"row 65540;") as caught:
        bonus(TABLE, missing=missing).pay({"rating": names})
    assert caught.value.rows == (65_540,)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: RateTable("rating", {}), "'rating' needs at least one rate"),
        (lambda: RateTable("rating", [("a", 1), ("a", 2)]), "each choice once"),
        (lambda: RateTable("rating", {"1": 1, 1: 2}), "each choice once"),
        (lambda: RateTable("rating", {"a": "b"}), "the rate of 'a' must be a number"),
        (lambda: RateTable("rating", {"a": NAN}), "the rate of 'a' must be a finite number"),
        (lambda: RateTable("rating", {"a": 1}, otherwise="b"), "otherwise must be a number"),
    ],
)
def test_a_table_that_means_nothing_is_refused(make, message):
    with pytest.raises(DefinitionError, match=message):
        make()


def test_a_table_changed_later_changes_no_definition():
    rates = {"high": 0.1}
    table = RateTable("rating", rates)
    rates["low"] = 0
    assert table.rates == (("high", Fraction(1, 10)),)


def test_a_table_is_explained_by_the_name_that_was_read():
    explanation = bonus(TABLE).pay({"rating": ["solid"]}).explain(0)
    part = explanation["table"]
    assert (part.label, part.params, part.value) == ("rating", {"choice": "solid"}, Fraction(1, 50))


def test_ratings_feed_a_table_for_all_and_for_one():
    scale = RatingScale("low", solid=0.8, high=1.2)
    scores = Scorecard("card", [Metric("a")]).score({"a": [0.5, 0.9, 1.3]})
    ratings = scale.rate(scores)
    plan = bonus(TABLE)
    assert plan.pay({}, rating=ratings).minor.tolist() == [0, 200, 350]
    assert plan.pay_one({}, rating=ratings.labels[1]).minor == 200
    otherwise = bonus(RateTable("rating", {"solid": 0.02}, otherwise=0))
    assert otherwise.pay_one({}, rating=ratings[1]).minor == 200


# Somebody else's factor.


class Tenure:
    """A tenth for each year: written without perfkit's classes."""

    def needs(self):
        return (Need("years"),)

    def exact(self, rows, record):
        values = rows.exact("years").times(Fraction(1, 10))
        if record:
            record.leaf("tenure", values.fraction(0), label="years of service")
        return values


@pytest.mark.parametrize("place", ["rate", "multiplier"])
def test_any_object_with_the_members_is_a_factor(place):
    policy = TargetBonus(base="salary", **{place: Tenure()})
    payouts = plan_of(policy).pay({"salary": [10_000, 20_001], "years": [3, 1]})
    assert payouts.minor.tolist() == [3_000, 2_000]
    explanation = payouts.explain(1)
    assert explanation["tenure"].value == Fraction(1, 10)
    assert explanation["rounding"].value == Fraction(-1, 1000)
    check_policy(policy)


def test_a_factor_of_somebody_else_multiplies_in_a_step():
    payouts = plan_of(FlatAmount(100), then=[Multiply(Tenure())]).pay({"years": [5]})
    assert payouts.minor.tolist() == [5_000]
    assert payouts.explain(0)["tenure"].value == Fraction(1, 2)
    check_policy(Multiply(Tenure()))
