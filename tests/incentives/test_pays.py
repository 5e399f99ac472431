"""Forms of pay: target bonus, commission and flat amount, to the minor unit."""

from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest

from perfkit import (
    Commission,
    Curve,
    DataError,
    DefinitionError,
    FlatAmount,
    IncentivePlan,
    Money,
    RateTable,
    Rounding,
    TargetBonus,
)


def plan_of(*pays, currency="EUR", **options):
    return IncentivePlan("plan", currency=currency, pays=list(pays), **options)


def pay(policy, currency="EUR", **columns):
    return plan_of(policy, currency=currency).pay(columns)


# Target bonus.


@pytest.mark.parametrize(
    ("policy", "columns", "minor"),
    [
        (TargetBonus(base="salary"), {"salary": [100]}, 100),
        (TargetBonus(base="salary", rate=0.15), {"salary": [6_000_000]}, 900_000),
        (
            TargetBonus(base="salary", rate=0.15, multiplier="score"),
            {"salary": [6_000_000], "score": [1.1823]},
            1_064_070,
        ),
        (TargetBonus(base="salary", rate="rate"), {"salary": [10_000], "rate": [0.075]}, 750),
        (TargetBonus(base="salary", multiplier=1.5), {"salary": [333]}, 500),
        (TargetBonus(base="salary", rate=0.005), {"salary": [100]}, 1),
        (TargetBonus(base="salary", rate=0.005), {"salary": [-100]}, -1),
        (TargetBonus(base="salary", rate=0.0049), {"salary": [100]}, 0),
        (TargetBonus(base=1_000, rate=0.1), {}, 10_000),
        (TargetBonus(base=Fraction(1, 3)), {}, 33),
        (TargetBonus(base="salary", rate=0.5, rounding=Rounding(mode="half_even")), {"salary": [5]}, 2),
        (TargetBonus(base="salary", rate=0.5, rounding=Rounding(to=1)), {"salary": [10_100]}, 5_100),
        (
            TargetBonus(base="salary", multiplier="score", curve=Curve.through((0.8, 0.5), (1, 1), (1.2, 2), below=0)),
            {"salary": [10_000], "score": [0.9]},
            7_500,
        ),
        (TargetBonus(base="salary", rate=RateTable("r", {"a": 0.1})), {"salary": [1_000], "r": ["a"]}, 100),
    ],
)
def test_a_target_bonus_is_base_times_rate_times_multiplier(policy, columns, minor):
    plan = plan_of(policy, below_zero="keep")
    one = {name: column[0] for name, column in columns.items()}
    assert plan.pay_one(one).minor == minor
    if columns:
        payouts = plan.pay(columns)
        assert payouts.minor.tolist() == [minor]
        payouts.explain(0).check()


def test_a_curve_without_a_multiplier_is_refused():
    with pytest.raises(DefinitionError, match="needs a multiplier to read") as caught:
        TargetBonus(base="salary", curve=Curve.constant(1))
    assert caught.value.path == "multiplier"


def test_a_multiplier_at_a_jump_of_the_payout_curve_is_compared_exactly():
    curve = Curve.steps((0.8, 1), (Fraction(1, 3) + 1, 2))
    policy = TargetBonus(base=1, multiplier="score", curve=curve)
    assert pay(policy, score=[0.799999, 0.8, 1.333333, 1.333334]).minor.tolist() == [0, 100, 100, 200]


def test_a_target_bonus_explains_its_product_and_its_rounding():
    explanation = pay(TargetBonus(base="salary", rate=0.15, multiplier="score"), salary=[333], score=[1.1]).explain(0)
    explanation.check()
    line = explanation["target bonus"]
    assert line.value == Money("0.55 EUR")
    assert [part.code for part in line.parts] == ["unrounded", "rounding"]
    assert [part.code for part in line["unrounded"].parts] == ["base", "rate", "multiplier"]
    assert line["rounding"].value == Fraction(55, 100) - Fraction(333, 100) * Fraction(15, 100) * Fraction(11, 10)
    assert line["rounding"].params == {"mode": "half_up", "to": Money("0.01 EUR")}


def test_a_bonus_that_needs_no_rounding_has_none_in_its_explanation():
    line = pay(TargetBonus(base="salary", rate=0.5), salary=[100]).explain(0)["target bonus"]
    assert line.relation == "product"
    assert [part.code for part in line.parts] == ["base", "rate"]


# Commission.

MARGINAL = Curve.marginal((0, 0.05), (100_000, 0.08))
WHOLE = Curve.whole((0, 0.05), (100_000, 0.08))


@pytest.mark.parametrize(
    ("curve", "sold", "minor"),
    [
        (MARGINAL, "99999.99", 500_000),
        (MARGINAL, "100000.00", 500_000),
        (MARGINAL, "150000.00", 900_000),
        (MARGINAL, "-5.00", 0),
        (WHOLE, "99999.99", 500_000),
        (WHOLE, "100000.00", 800_000),
        (WHOLE, "150000.01", 1_200_000),
        (Curve.steps((1_000, 50)), "999.99", 0),
        (Curve.steps((1_000, 50)), "1000.00", 5_000),
    ],
)
def test_a_commission_is_the_curve_of_what_was_sold(curve, sold, minor):
    payouts = pay(Commission(on="sold", curve=curve), sold=[int(Decimal(sold) * 100)])
    assert payouts.minor.tolist() == [minor]
    payouts.explain(0).check()


@pytest.mark.parametrize(
    ("sold", "quota", "minor"),
    [(5_000, 10_000, 250), (10_000, 10_000, 500), (15_000, 10_000, 900), (1, 3, 0), (30, 3, 2)],
)
def test_a_commission_over_a_quota_reads_attainment(sold, quota, minor):
    policy = Commission(on="sold", curve=Curve.marginal((0, 0.05), (1, 0.08)), quota="quota")
    payouts = pay(policy, sold=[sold], quota=[quota])
    assert payouts.minor.tolist() == [minor]
    explanation = payouts.explain(0)
    explanation.check()
    assert explanation["attainment"].value == Fraction(sold, quota)
    typed = Commission(on="sold", curve=policy.curve, quota=Fraction(quota, 100))
    assert pay(typed, sold=[sold]).minor.tolist() == [minor]


def test_an_amount_typed_for_what_was_sold_is_in_major_units():
    assert plan_of(Commission(on=200_000, curve=MARGINAL)).pay_one({}).minor == 1_300_000


@pytest.mark.parametrize("quota", [0, -1])
def test_a_typed_quota_must_be_positive(quota):
    with pytest.raises(DefinitionError, match="quota of 'commission' must be positive"):
        Commission(on="sold", curve=MARGINAL, quota=quota)


@pytest.mark.parametrize("quota", [0, -1])
def test_a_quota_in_a_column_must_be_positive(quota):
    with pytest.raises(DataError, match=r"'quota' must .*positive.*: row 1; a row without a quota") as caught:
        pay(Commission(on="sold", curve=MARGINAL, quota="quota"), sold=[1, 1], quota=[1, quota])
    assert caught.value.rows == (1,)


def test_a_commission_takes_a_curve_only():
    with pytest.raises(DefinitionError, match="Curve"):
        Commission(on="sold", curve=0.05)


def test_a_bonus_takes_a_curve_only():
    with pytest.raises(DefinitionError, match="Curve"):
        TargetBonus(base="salary", multiplier="score", curve=2)


# Flat amounts.


@pytest.mark.parametrize(
    "flags",
    [
        [True, False, True],
        np.array([1, 0, 1]),
        np.array([1.0, 0.0, 1.0]),
        np.array([True, False, True], dtype=object),
        [1, False, 1.0],
    ],
)
def test_a_flat_amount_is_for_those_who_earn_it(flags):
    payouts = pay(FlatAmount(500, when="earned"), earned=flags)
    assert payouts.minor.tolist() == [50_000, 0, 50_000]
    for row in range(3):
        payouts.explain(row).check()
    assert payouts.explain(1)["when"].value == 0


@pytest.mark.parametrize(
    ("flags", "rows"), [(["yes", True], (0,)), ([2, 1], (0,)), ([True, None], (1,)), ([1.0, float("nan")], (1,))]
)
def test_a_flag_that_is_neither_true_nor_false_is_refused(flags, rows):
    with pytest.raises(DataError, match=r"'earned' must be true or false.*fill it or leave the row out") as caught:
        pay(FlatAmount(500, when="earned"), earned=flags)
    assert caught.value.rows == rows


def test_a_flat_amount_without_a_condition_is_for_everyone():
    assert plan_of(FlatAmount(500)).pay({"person": ["a", "b"]}).minor.tolist() == [50_000, 50_000]
    assert plan_of(FlatAmount("allowance")).pay({"allowance": [7, 8]}).minor.tolist() == [7, 8]


@pytest.mark.parametrize(("currency", "minor"), [("EUR", 50_050), ("JPY", 501), ("KWD", 500_500), ("CLF", 5_005_000)])
def test_a_typed_amount_is_in_major_units_of_the_currency(currency, minor):
    assert plan_of(FlatAmount(500.5), currency=currency).pay_one({}).minor == minor


# Money in columns.


@pytest.mark.parametrize(
    "column",
    [
        [1050, 2000],
        np.array([1050, 2000], dtype=np.int32),
        np.array([1050, 2000], dtype=np.uint64),
        np.array([1050, 2000], dtype=">i8"),
        [Money("10.50 EUR"), Money("20.00 EUR")],
        [Money("10.50 EUR"), 2000],
        [np.int64(1050), 2000],
    ],
)
def test_money_is_read_from_minor_units_or_money(column):
    assert pay(FlatAmount("amount"), amount=column).minor.tolist() == [1050, 2000]


@pytest.mark.parametrize(
    ("column", "message"),
    [
        ([10.5, 20.0], r"must be int64 minor units \(got float64\); make minor units of it once, with minor_units"),
        (np.array([10.5, 20.0], dtype=np.float32), r"got float32\); make minor units"),
        ([10, 20.5], r"got float64\); make minor units"),
        (["10.50", "20"], r"got '10.50' in row 0\); make minor units"),
        (np.array(["10.50", "20"]), r"got .*'10.50'.* in row 0\); make minor units"),
        ([10, Decimal("20.5")], r"got Decimal\('20.5'\) in row 1\); make minor units"),
        ([10, Fraction(41, 2)], r"in row 1\); make minor units"),
        (np.array([1, True], dtype=object), r"got True in row 1\); make minor units"),
        ([10, None], "must not be missing: row 1; fill it.*missing='unpaid'"),
        ([10, 2**63], "must fit int64 minor units: row 1"),
        ([2**200, 10], "must fit int64 minor units: row 0"),
        (np.array([1, 2**63], dtype=np.uint64), "must fit int64 minor units: row 1"),
        ([Money("1.00 EUR"), Money("1.00 USD")], "must be money of EUR: row 1; convert it first"),
        ([True, False], "int64 minor units"),
        (np.array(["2026-01-01"] * 2, dtype="datetime64[D]"), "must hold int64 minor units"),
    ],
)
def test_a_column_of_money_that_is_no_whole_number_of_minor_units_is_refused(column, message):
    with pytest.raises(DataError, match=message) as caught:
        pay(FlatAmount("amount"), amount=column)
    assert caught.value.column == "amount"


def test_money_of_another_currency_is_refused_for_one_as_for_all():
    with pytest.raises(DataError, match="must be money of EUR: row 0; convert it first"):
        plan_of(FlatAmount("amount")).pay_one({"amount": Money("1.00 USD")})


@pytest.mark.parametrize("row", [3, 65_536, 69_999])
@pytest.mark.parametrize("missing", ["refuse", "unpaid"])
def test_money_refused_past_a_block_is_named_in_the_rows_of_the_caller(row, missing):
    column = np.ones(70_000, dtype=object)
    column[row] = "text"
    flags = np.ones(70_000, dtype=object)
    flags[[0, 1]] = None if missing == "unpaid" else True
    with pytest.raises(DataError) as caught:
        plan_of(FlatAmount("amount", when="flag"), missing=missing).pay({"amount": column, "flag": flags})
    assert caught.value.rows == (row,)
    assert f"row {row}" in str(caught.value)


@pytest.mark.parametrize(
    ("policy", "columns"),
    [
        (TargetBonus(base="amount", rate=2), {"amount": [1, 2**62]}),
        (TargetBonus(base="amount", rate="rate"), {"amount": [1, 2**62], "rate": [1.0, -3.5]}),
        (Commission(on="amount", curve=Curve.marginal((0, 3))), {"amount": [1, 2**62]}),
        (Commission(on="amount", curve=Curve.marginal((0, 3)), quota="quota"), {"amount": [1, 2**62], "quota": [1, 1]}),
        (FlatAmount(10**20), {"x": [1, 1]}),
    ],
)
def test_an_amount_past_int64_raises_and_never_wraps(policy, columns):
    with pytest.raises(DataError, match=r"does not fit int64 minor units of EUR; check the units"):
        pay(policy, **columns)
