"""Commissions by scope: each transaction, a period's total, the year so far; quotas, ramps, accelerators, rates."""

from fractions import Fraction

import pytest

from perfkit import (
    Commission,
    Curve,
    DataError,
    DefinitionError,
    Floor,
    IncentivePlan,
    Money,
    NotAffineError,
    RateRules,
    RateTable,
    Rounding,
    credits_so_far,
    group_credits,
)
from perfkit.testing import check_policy

TIERS = Curve.marginal((0, 0.05), (1_000, 0.08), (2_000, 0.1))
SALES = {
    "rep": ["ana", "ben", "ana", "ana", "ben", "ana"],
    "day": [1, 1, 2, 3, 4, 5],
    "sold": [60_000, 250_000, 70_000, -20_000, 10_001, 99_999],
}


def plan_of(*pays, **options):
    return IncentivePlan("plan", currency="EUR", pays=list(pays), **{"below_zero": "keep", **options})


def test_three_scopes_of_one_table():
    alone = plan_of(Commission("sold", TIERS)).pay(SALES).minor
    assert alone.tolist() == [3_000, 18_000, 3_500, 0, 500, 5_000]

    grouped = group_credits(SALES, by=["rep"], amount="sold")
    whole = plan_of(Commission("sold", TIERS)).pay(grouped).minor
    assert grouped["sold"].tolist() == [209_999, 260_001]
    assert whole.tolist() == [5_000 + 8_000 + 1_000, 5_000 + 8_000 + 6_000]

    before = credits_so_far(SALES, by=["rep"], order="day", amount="sold")
    parts = plan_of(Commission("sold", TIERS, so_far="before")).pay(SALES, before=before)
    ana = [int(parts.minor[row]) for row in (0, 2, 3, 5)]
    assert ana == [3_000, 2_000 + 2_400, -1_600, 14_000 - 5_800]
    assert (sum(ana), int(parts.minor[[1, 4]].sum())) == tuple(whole.tolist())


def test_what_a_row_adds_to_the_year_is_explained_as_a_difference():
    payouts = plan_of(Commission("sold", TIERS, so_far="ytd")).pay({"sold": [40_001], "ytd": [90_000]})
    explanation = payouts.explain(0)
    explanation.check()
    line = explanation["commission"]
    assert [(part.label, part.value) for part in line.parts] == [
        ("on ytd and sold", Money("74.00 EUR")),
        ("on ytd", Money("-45.00 EUR")),
    ]
    assert payouts.minor.tolist() == [2_900]
    check_policy(Commission("sold", TIERS, so_far="ytd"))
    check_policy(Commission("sold", TIERS, so_far="ytd", quota="quota", ramp="ramp", rate="rate"))


def test_a_kicker_is_paid_once_by_the_row_that_passes_it():
    kicker = Commission("sold", Curve.cumulative((1_000, 500)), so_far="before")
    data = SALES | {"before": credits_so_far(SALES, by=["rep"], order="day", amount="sold")}
    # Ana passes 1,000 on the second day and stays above it.
    assert plan_of(kicker).pay(data).minor.tolist() == [0, 50_000, 50_000, 0, 0, 0]
    # Taken back below the milestone, the kicker is taken back too, and earned again.
    data = {"sold": [100_000, -1, 1], "before": [0, 100_000, 99_999]}
    assert plan_of(kicker).pay(data).minor.tolist() == [50_000, -50_000, 50_000]


@pytest.mark.parametrize(
    ("curve", "attained", "expected"),
    [
        # An accelerator, a decelerator with a threshold rate, a retroactive rate, a kicker, a hybrid accelerator.
        (Curve.marginal((0, 0.05), (1, 0.1), (1.5, 0.15)), 1.6, Fraction(5 + 5, 100) + Fraction(15, 1000)),
        (Curve.marginal((0, 0.08), (0.5, 0.04), (1, 0.1)), 0.75, Fraction(5, 100)),
        (Curve.marginal((0.5, 0.1)), 0.5, 0),
        (Curve.whole((0, 0.05), (1, 0.08)), 1, Fraction(8, 100)),
        (Curve.whole((0, 0.05), (1, 0.08), owner="lower"), 1, Fraction(5, 100)),
        (Curve.marginal((0, 0.05)) + Curve.cumulative((1, 0.01)), 1, Fraction(6, 100)),
        (Curve.hybrid(0.1, (1, 1.5), (1.25, 2)), 1.25, Fraction(10, 100) + Fraction(5, 100)),
        (Curve.marginal((0, 0.05)).cap(0.06), 2, Fraction(6, 100)),
    ],
)
@pytest.mark.parametrize("quota", [10_000_000, 33_300_000])
def test_a_curve_of_attainment_pays_multiples_of_each_quota(curve, attained, expected, quota):
    policy = Commission("sold", curve, quota="quota")
    sold = int(Fraction(str(attained)) * quota)
    payouts = plan_of(policy).pay({"sold": [sold], "quota": [quota]})
    assert payouts.minor.tolist() == [expected * quota]
    payouts.explain(0).check()


def test_every_row_has_its_own_quota():
    policy = Commission("sold", Curve.marginal((0, 0.05), (1, 0.1)), quota="quota")
    data = {"sold": [100_000, 100_000, 100_000], "quota": [100_000, 50_000, 300_001]}
    assert plan_of(policy).pay(data).minor.tolist() == [5_000, 2_500 + 5_000, 5_000]
    check_policy(policy)


def test_a_quota_may_be_typed_and_is_then_major_units():
    policy = Commission("sold", Curve.marginal((0, 0.05), (1, 0.1)), quota=500)
    assert plan_of(policy).pay({"sold": [100_000]}).minor.tolist() == [2_500 + 5_000]


def test_a_ramp_asks_for_a_share_of_the_quota():
    policy = Commission("sold", Curve.marginal((0, 0.05), (1, 0.1)), quota="quota", ramp="ramp")
    data = {"sold": [100_000] * 3, "quota": [100_000] * 3, "ramp": [1, 0.5, Fraction(1, 3)]}
    assert plan_of(policy).pay(data).minor.tolist() == [5_000, 7_500, 8_333]
    by_level = Commission("sold", Curve.marginal((0, 0.1)), quota=1, ramp=RateTable("month", {"1": 0.25, "2": 0.5}))
    check_policy(by_level)
    with pytest.raises(DataError, match="must give a positive quota: row 1"):
        plan_of(policy).pay(data | {"ramp": [1, 0, 1]})


def test_a_ramp_with_a_guarantee():
    policy = Commission("sold", Curve.marginal((0, 0.05), (1, 0.1)), quota="quota", ramp="ramp")
    plan = plan_of(policy, then=[Floor("guarantee")])
    data = {"sold": [1_000, 100_000], "quota": [100_000] * 2, "ramp": [0.5] * 2, "guarantee": [3_000, 3_000]}
    assert plan.pay(data).minor.tolist() == [3_000, 7_500]


@pytest.mark.parametrize("quota", [0, -5])
def test_a_row_without_a_quota_has_no_attainment(quota):
    policy = Commission("sold", Curve.marginal((0, 0.05)), quota="quota")
    with pytest.raises(DataError, match="'quota' must give a positive quota: row 1"):
        plan_of(policy).pay({"sold": [1, 1], "quota": [5, quota]})
    with pytest.raises(DefinitionError, match="must be positive"):
        Commission("sold", quota=quota)


def test_a_ramp_needs_a_quota():
    with pytest.raises(DefinitionError, match="ramps a quota, so it needs one"):
        Commission("sold", ramp=0.5)


def test_rates_by_rule_and_by_column():
    rules = RateRules(("product", "category"), [({}, 0.5), ({"category": "c"}, 1), ({"product": "p"}, 2)])
    plan = plan_of(Commission("sold", TIERS, rate=rules))
    data = {"sold": [100_000] * 3, "product": ["x", "x", "p"], "category": ["x", "c", "c"]}
    payouts = plan.pay(data)
    assert payouts.minor.tolist() == [2_500, 5_000, 10_000]
    assert payouts.explain(2)["rule"].params["choice"] == "product p"
    by_column = plan_of(Commission("sold", TIERS, rate="rate")).pay(
        {"sold": [100_000] * 2, "rate": [Fraction(1, 3), 0]}
    )
    assert by_column.minor.tolist() == [1_667, 0]
    by_column.explain(0).check()


def test_the_rounding_of_a_part_telescopes():
    policy = Commission("sold", Curve.marginal((0, 0.05)), so_far="before", rounding=Rounding(to=1, mode="up"))
    data = {"sold": [1] * 10, "before": list(range(10))}
    assert plan_of(policy).pay(data).minor.tolist() == [100] + [0] * 9


def test_along_the_sale_the_year_so_far_is_where_the_curve_starts():
    plan = plan_of(Commission("sold", TIERS, so_far="ytd"))
    curve = plan.curve("sold", {"ytd": 90_000})
    assert [curve(x) for x in (0, 100, 1_100, 2_000)] == [0.0, 5.0, 85.0, 175.0]
    for x in (0, 1, 10_000, 110_000, 110_001, 200_000):
        paid = plan.pay_one({"sold": x, "ytd": 90_000}).minor
        assert abs(curve.exact(Fraction(x, 100)) * 100 - paid) <= 1
    with pytest.raises(NotAffineError, match="'ytd'"):
        plan.curve("ytd", {"sold": 1})


def test_sums_past_int64_are_refused():
    policy = Commission("sold", so_far="before")
    with pytest.raises(DataError, match="fit int64"):
        plan_of(policy).pay({"sold": [2**62], "before": [2**62]})
    spread = Commission("sold", Curve.through((-1, -(2**56)), (0, 0), (1, 2**56)), so_far="before")
    with pytest.raises(DataError, match="fit int64"):
        plan_of(spread).pay({"sold": [200], "before": [-100]})
