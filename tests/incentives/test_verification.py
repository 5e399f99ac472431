"""A plan proved before it is used: what it does along a column, what reaches an amount, what is odd about it."""

import pickle
from fractions import Fraction
from itertools import product

import pytest

from perfkit import (
    Cap,
    Commission,
    Component,
    Components,
    Curve,
    DefinitionError,
    Finding,
    Findings,
    FlatAmount,
    Floor,
    Gate,
    IncentivePlan,
    Knot,
    MissingColumnsError,
    Money,
    Multiply,
    NotAffineError,
    PayoutMatrix,
    PaySection,
    PerfkitError,
    Prorate,
    RateTable,
    RefundableCap,
    Round,
    Rounding,
    TargetBonus,
)
from perfkit.typing import Need

CLASSIC = Curve.through((0.8, 0.5), (1, 1), (1.2, 2), below=0)
TIERS = Curve.marginal((0, 0.02), (500_000, 0.03))


def plan_of(*pays, then=(), currency="EUR", **options):
    return IncentivePlan("plan", currency=currency, pays=list(pays), then=list(then), **options)


def along(curve):
    """A plan that pays a curve of x, in major units."""
    return plan_of(TargetBonus(1, multiplier="x", curve=curve))


def codes(findings):
    return [finding.code for finding in findings]


class Opaque:
    """A third party's form of pay, which says nothing of curves."""

    name = "opaque"

    def needs(self):
        return (Need("sold", "money"), Need("ok", "flag"))

    def award(self, rows, currency, record):
        if record:
            record.leaf("base", Money.from_minor(int(rows.money("sold")[0]), currency))
            record.says(relation="sum")
        return rows.money("sold") * rows.flag("ok")


# The curve of a plan.


def test_the_curve_of_each_kind_of_column():
    plan = plan_of(
        TargetBonus("salary", 0.1, "score", CLASSIC),
        Commission("sold", TIERS),
        FlatAmount(500, when="reached"),
        then=[Gate("safe"), Prorate(by="months", of=12), Cap(0.5, of="salary")],
    )
    row = {"salary": 5_000_000, "score": 1, "sold": 60_000_000, "reached": True, "safe": True, "months": 6}
    paid = plan.pay_one(row).amount.amount
    assert paid == (5_000 + 13_000 + 500) / 2
    for column, x in (("score", 1), ("sold", 600_000), ("reached", 1), ("safe", 1), ("months", 6), ("salary", 50_000)):
        assert plan.curve(column, row).exact(Fraction(x)) == Fraction(paid), column
    assert plan.curve("safe", row)([0, 1]).tolist() == [0.0, 9_250.0]
    assert plan.curve("reached", row)([0, 1]).tolist() == [9_000.0, 9_250.0]
    # The other columns need not be there twice, and money may be money.
    assert plan.curve("sold", {**row, "salary": Money("50,000 EUR")})(0) == 2_750.0


def test_a_curve_goes_through_sections_components_matrices_and_tables():
    matrix = PayoutMatrix("x", "y", [0, 1], [0, 1], [[1, 2], [3, 4]])
    plan = plan_of(
        PaySection("team", pays=[TargetBonus("salary", RateTable("grade", {"a": 0.1}), matrix)], then=[Cap(300)]),
        TargetBonus(100, multiplier=Components([Component("x", cap=0.5), Component("y")], "sum")),
    )
    given = {"salary": 100_000, "grade": "a", "y": 1}
    assert [plan.curve("x", given)(x) for x in (-1, 0, 0.75, 1, 2)] == [0.0, 300.0, 350.0, 450.0, 450.0]


def test_what_multiplies_itself_is_no_curve():
    plan = plan_of(TargetBonus(100, "x", Component("x")))
    with pytest.raises(NotAffineError, match="both depend on 'x'"):
        plan.curve("x", {})
    for policy, column in (
        (TargetBonus(1, RateTable("grade", {"a": 1})), "grade"),
        (Commission("sold", quota="quota"), "quota"),
        (Opaque(), "sold"),
    ):
        with pytest.raises(NotAffineError, match=r"does not say what curve|give it a method along"):
            plan_of(policy).curve(column, {"sold": 1, "ok": True})


def test_a_curve_needs_the_other_columns_and_a_column_that_is_read():
    plan = plan_of(TargetBonus("salary", 0.1, "score"))
    with pytest.raises(DefinitionError, match=r"does not read 'scoer'; it reads 'salary', 'score'"):
        plan.curve("scoer", {"salary": 1})
    with pytest.raises(MissingColumnsError, match="'salary'"):
        plan.curve("score", {})
    with pytest.raises(DefinitionError, match="does not read"):
        plan.inverse("scoer", amount=1, given={"salary": 1})
    with pytest.raises(MissingColumnsError, match="'salary'"):
        plan.inverse("score", amount=1, given={})


# What reaches an amount.


def reaches(plan, column, amount, given=None):
    """The inverse, after a look at whether it pays the amount and a unit less does not."""
    given = given or {}
    found = plan.inverse(column, amount=amount, given=given)
    if found is not None:
        is_money = isinstance(found, Money)
        unit = Money.from_minor(1, found.currency) if is_money else Fraction(1, 10**6)
        wanted = amount if isinstance(amount, Money) else Money(amount, plan.currency)
        assert plan.pay_one({**given, column: found}).amount >= wanted
        if found != unit - unit:
            assert plan.pay_one({**given, column: found - unit}).amount < wanted
    return found


def test_the_least_sale_that_pays_an_amount():
    plan = plan_of(Commission("sold", TIERS))
    assert reaches(plan, "sold", 10_000) == Money("499,999.75 EUR")
    assert reaches(plan, "sold", Money("13,000.00 EUR")) == Money("599,999.84 EUR")
    assert reaches(plan, "sold", 0) == Money("0 EUR")
    assert reaches(plan_of(Commission("sold", TIERS), then=[Cap(500)]), "sold", 500.01) is None


def test_the_least_score_that_pays_an_amount():
    plan = plan_of(TargetBonus("salary", 0.2, "score", CLASSIC))
    given = {"salary": 5_000_000}
    assert reaches(plan, "score", 10_000, given) == 1
    assert reaches(plan, "score", 5_000, given) == Fraction(8, 10)
    # Inside the leap at the threshold; and above what is paid at the most.
    assert reaches(plan, "score", 1, given) == Fraction(8, 10)
    assert reaches(plan, "score", 20_000, given) == Fraction(1_200_000, 10**6)
    assert reaches(plan, "score", 20_000.01, given) is None


def test_a_leap_owned_by_the_lower_side_is_passed():
    plan = plan_of(Commission("sold", Curve.whole((0, 0.05), (100, 0.1), owner="lower")))
    assert reaches(plan, "sold", 8) == Money("100.01 EUR")
    plan = along(Curve.steps((1, 10), owner="lower"))
    assert reaches(plan, "x", 10) == 1 + Fraction(1, 10**6)


def test_the_inverse_of_a_flag():
    plan = plan_of(FlatAmount(100, when="reached"))
    assert plan.inverse("reached", amount=100, given={}) == 1
    assert plan.inverse("reached", amount=0, given={}) == 0
    assert plan.inverse("reached", amount=101, given={}) is None
    # A flag within a cent of not mattering is still a flag.
    plan = plan_of(FlatAmount(100), FlatAmount(0.01, when="reached", name="kicker"))
    assert plan.inverse("reached", amount=100.01, given={}) == 1


def test_roundings_count_in_the_inverse():
    plan = plan_of(Commission("sold", Curve.marginal((0, 0.1)), rounding=Rounding(to=100)))
    assert reaches(plan, "sold", 100) == Money("500.00 EUR")
    assert reaches(plan, "sold", 101) == Money("1,500.00 EUR")
    plan = plan_of(Commission("sold", Curve.marginal((0, 0.1))), then=[Round(Rounding(to=100, mode="down"))])
    assert reaches(plan, "sold", 101) == Money("1,999.95 EUR")
    plan = plan_of(Commission("sold", Curve.marginal((0, 0.1))), then=[Cap(150), Round(Rounding(to=100, mode="down"))])
    assert reaches(plan, "sold", 120) is None


def test_a_rounding_that_is_multiplied_counts_in_the_inverse():
    plan = plan_of(Commission("sold", rounding=Rounding(to=100)), then=[Multiply(3)])
    assert reaches(plan, "sold", 3_000) == Money("950.00 EUR")


def test_a_rounding_of_a_factor_counts_in_the_inverse():
    plan = plan_of(TargetBonus(1_320_000, multiplier=Component("x", rounding=Rounding(to=0.001))))
    assert reaches(plan, "x", 1_000_000) == Fraction(7575, 10_000)


def test_what_lies_beyond_what_a_column_can_be_is_never_reached():
    plan = plan_of(FlatAmount(1_200), then=[Prorate(by="months", of=12)])
    # 599.995 is rounded up.
    assert reaches(plan, "months", 600) == Fraction(599_995, 100_000)
    assert plan.inverse("months", amount=2_400, given={}) is None


def test_the_amount_must_be_of_the_currency_of_the_plan():
    with pytest.raises(PerfkitError, match="USD"):
        plan_of(Commission("sold")).inverse("sold", amount=Money("5 USD"), given={})


# Published traps.


def test_the_hybrid_accelerator_is_flagged():
    """A published engine: quota 100,000, rate 0.5, and 1.5, 2 and 2.5 times the rate on all of the overage."""
    curve = Curve.hybrid(0.5, (1, 1.5), (1.25, 2), (1.5, 2.5), quota=100_000)
    plan = plan_of(Commission("revenue", curve), currency="USD")
    more, less = plan.pay_one({"revenue": 12_500_000}).amount, plan.pay_one({"revenue": 12_499_900}).amount
    assert more - less == Money("6,250.75 USD")
    findings = plan.lint({"revenue": (0, 200_000)}, people=40)
    assert [(cliff.at, cliff.size) for cliff in findings.of("cliff")] == [
        (125_000, Money("6,250.00 USD")),
        (150_000, Money("12,500.00 USD")),
    ]
    assert findings.of("falls") == ()
    assert findings.of("edge_gain")
    (worst,) = findings.of("worst_case")
    assert worst.size == Money("7,000,000.00 USD")


def test_the_gratuity_that_pays_more_for_less_is_flagged():
    """A published rule of gratuity: at exactly five years the next rate counts for every year, and for no day after."""
    rule = Curve([Knot(0, 0, 0, 0), Knot(5, 150_000, 200_000, 150_000), Knot(6, 190_000, 190_000, 190_000)], 0, 40_000)
    plan = along(rule)
    assert [plan.pay_one({"x": x}).minor for x in (5, 6)] == [20_000_000, 19_000_000]
    findings = plan.lint({"x": (0, 20)})
    (fall,) = findings.of("falls")
    assert (fall.at, fall.until, fall.size) == (5, 5, Money("50,000 EUR"))
    (cliff,) = findings.of("cliff")
    assert (cliff.at, cliff.size) == (5, Money("50,000 EUR"))
    assert "more result, less pay" in str(fall)


def test_a_retroactive_table_with_falling_rates_is_flagged():
    plan = plan_of(Commission("sold", Curve.whole((0, 0.05), (100_000, 0.04), (150_000, 0.045))))
    findings = plan.lint({"sold": (0, 200_000)})
    (fall,) = findings.of("falls")
    assert (fall.column, fall.at, fall.until, fall.size) == ("sold", 100_000, 100_000, Money("1,000.00 EUR"))
    assert [cliff.size for cliff in findings.of("cliff")] == [Money("-1,000.00 EUR"), Money("750.00 EUR")]


def test_a_plan_that_is_fine_has_only_a_worst_case():
    findings = plan_of(Commission("sold", Curve.marginal((0, 0.05)))).lint({"sold": (0, 100)}, people=3)
    assert codes(findings) == ["worst_case"]
    assert str(findings) == "worst_case  the most for 3 people is 15.00 EUR (proved: yes)"


# Each finding.


def test_cliffs_have_a_place_and_a_size_within_the_range():
    plan = along(Curve.steps((1, 10), (2, 15), (3, 11)))
    assert [(f.at, f.size.minor) for f in plan.lint({"x": (0, 4)}).of("cliff")] == [(1, 1_000), (2, 500), (3, -400)]
    assert [f.at for f in plan.lint({"x": (1.5, 2.5)}).of("cliff")] == [2]
    # At the ends only what lies within the range counts.
    assert [f.at for f in plan.lint({"x": (1, 2)}).of("cliff")] == [2]
    lower = along(Curve.steps((1, 10), (2, 15), owner="lower"))
    assert [f.at for f in lower.lint({"x": (1, 2)}).of("cliff")] == [1]


def test_stretches_that_fall_are_found_with_their_size():
    plan = along(Curve.through((0, 0), (1, 10), (2, 4), (3, 4), (4, 1)))
    falls = [(f.at, f.until, f.size.minor) for f in plan.lint({"x": (0, 5)}).of("falls")]
    assert falls == [(1, 2, 600), (3, 4, 300)]
    assert [(f.at, f.until, f.size.minor) for f in plan.lint({"x": (1.5, 2)}).of("falls")] == [(Fraction(3, 2), 2, 300)]
    assert plan.lint({"x": (0, 1)}).of("falls") == ()


def test_a_fall_is_found_on_either_side_of_a_leap():
    plan = along(Curve([Knot(0, 10, 10, 10), Knot(1, 8, 5, 20), Knot(2, 12, 12, 12)]))
    assert [plan.pay_one({"x": x}).minor for x in (0, 1, 1.5, 2)] == [1_000, 500, 1_600, 1_200]
    assert plan.lint({"x": (0, 2)}).of("falls")


def test_dead_zones_are_found():
    plan = along(Curve.through((61, 2), (66, 1), (68, 1), (73, 0.5), above=0))
    found = [(f.at, f.until, f.size.minor) for f in plan.lint({"x": (50, 90)}).of("dead_zone")]
    assert found == [(50, 61, 200), (66, 68, 100), (73, 90, 0)]


def test_a_flag_has_no_stretch_between_false_and_true():
    plan = plan_of(FlatAmount(500, when="reached"))
    findings = plan.lint({"reached": (0, 1)}, people=2)
    assert findings.of("dead_zone") == ()
    assert findings.of("edge_gain") == ()
    assert findings.of("worst_case")[0].size == Money("1,000.00 EUR")


def test_tiers_out_of_reach_are_named():
    plan = plan_of(Commission("sold", Curve.marginal((0, 0.05), (100, 0.08), (500, 0.1))))
    (tier,) = plan.lint({"sold": (0, 200)}).of("unreachable_tier")
    assert (tier.column, tier.at, dict(tier.params)) == ("sold", 500, {"name": "commission"})


def test_tiers_out_of_reach_of_a_quota_are_named_in_money():
    curve = Curve.marginal((0, 0.05), (1, 0.08), (2, 0.1))
    plan = plan_of(Commission("sold", curve, quota="quota", ramp=0.5))
    findings = plan.lint({"sold": (0, 150_000)}, given={"quota": 20_000_000})
    assert [tier.at for tier in findings.of("unreachable_tier")] == [200_000]


@pytest.mark.parametrize(
    ("pays", "then"),
    [
        (TargetBonus(1, multiplier=Component("x", CLASSIC, name="eps")), []),
        (TargetBonus(1, 0.1, Components([Components([Component("x", CLASSIC, name="eps")])], "product")), []),
        (TargetBonus(1, Component("x", CLASSIC, name="eps"), 2), []),
        (PaySection("s", pays=TargetBonus(1, multiplier=Component("x", CLASSIC, name="eps"))), []),
        (FlatAmount(1), [Multiply(Component("x", CLASSIC, name="eps"))]),
        (Commission(100, rate=Component("x", CLASSIC, name="eps")), []),
    ],
)
def test_tiers_out_of_reach_are_found_wherever_the_curve_is(pays, then):
    found = plan_of(pays, then=then).lint({"x": (0.5, 1.1)}).of("unreachable_tier")
    assert [(tier.at, dict(tier.params)["name"]) for tier in found] == [(Fraction(6, 5), "eps")]
    found = along(CLASSIC).lint({"x": (0.5, 1.1)}).of("unreachable_tier")
    assert [tier.at for tier in found] == [Fraction(6, 5)]


def test_a_tier_that_the_year_so_far_brings_within_reach_is_reachable():
    plan = plan_of(Commission("sold", TIERS, so_far="ytd"))
    near = plan.lint({"sold": (0, 100_000)}, given={"ytd": Money("480,000 EUR")})
    assert 500_000 not in [tier.at for tier in near.of("unreachable_tier")]
    far = plan.lint({"sold": (0, 100_000)}, given={"ytd": Money("100,000 EUR")})
    assert 400_000 in [tier.at for tier in far.of("unreachable_tier")]


def test_caps_that_never_bind_and_caps_that_do():
    pay = Commission("sold", Curve.marginal((0, 0.1)))
    assert codes(plan_of(pay, then=[Cap(100)]).lint({"sold": (0, 999)})).count("cap_never_binds") == 1
    assert codes(plan_of(pay, then=[Cap(100)]).lint({"sold": (0, 1_000)})).count("cap_never_binds") == 1
    assert codes(plan_of(pay, then=[Cap(100)]).lint({"sold": (0, 1_001)})).count("cap_never_binds") == 0
    two = plan_of(pay, then=[Cap(50, name="low"), Cap(60, name="high")]).lint({"sold": (0, 1_000)})
    assert [dict(f.params)["name"] for f in two.of("cap_never_binds")] == ["high"]
    shared = plan_of(pay, then=[Cap(0.1, of="salary")])
    assert codes(shared.lint({"sold": (0, 1_000)}, given={"salary": 50_000})).count("cap_never_binds") == 0


def test_nothing_is_said_of_a_cap_where_nothing_can_be_proved():
    plan = plan_of(Opaque(), then=[Cap(10)])
    findings = plan.lint({"sold": (0, 100)}, given={"ok": True})
    assert findings.of("not_a_curve")
    assert findings.of("cap_never_binds") == ()


def test_a_cap_that_binds_behind_another_column_binds():
    plan = plan_of(Commission("sold"), then=[Gate("risk", at_most=5), Cap(50)])
    assert plan.pay_one({"sold": 10_000, "risk": 0}).minor == 5_000
    assert plan.lint({"sold": (0, 100), "risk": (0, 10)}).of("cap_never_binds") == ()


def test_gates_on_columns_that_nothing_else_needs():
    plan = plan_of(
        TargetBonus(1, multiplier=Component("x", gates=Gate("audit", at_least=3, name="audited"))),
        then=[Gate("x", at_least=0.5, name="own"), Gate("safe", name="safety")],
    )
    found = plan.lint({"x": (0, 1), "audit": (0, 5)}, given={"safe": True}).of("gate_alone")
    assert {(f.column, dict(f.params)["name"]) for f in found} == {("audit", "audited"), ("safe", "safety")}


def test_a_gate_is_not_alone_where_a_third_party_reads_its_column():
    plan = plan_of(Opaque(), then=[Gate("ok")])
    assert plan.lint({"sold": (0, 100)}, given={"ok": True}).of("gate_alone") == ()


def test_what_is_gained_by_moving_a_sale_across_the_end_of_a_period():
    plan = plan_of(Commission("sold", Curve.marginal((0, 0.05), (1_000, 0.1))))
    (gain,) = plan.lint({"sold": (0, 2_000)}, given={"sold": 95_000}).of("edge_gain")
    # From 950 in each: 200 more in one adds 2.50 + 15, in the other takes 10.
    assert (gain.size, gain.at, dict(gain.params)["typical"]) == (Money("7.50 EUR"), 200, 950)
    assert "moving 200 of sold" in str(gain)
    straight = plan_of(Commission("sold", Curve.marginal((0, 0.05))))
    assert straight.lint({"sold": (0, 2_000)}, given={"sold": 95_000}).of("edge_gain") == ()


def test_a_gain_at_a_cliff_is_for_the_least_that_leaps():
    plan = along(Curve.steps((5.1, 100)))
    (gain,) = plan.lint({"x": (0, 10)}, given={"x": 5}).of("edge_gain")
    assert (gain.size, gain.at) == (Money("100 EUR"), Fraction(1, 10))


# Roundings.

EBIT = Curve.through((505, 0.5), (631, 1), (694, 2), below=0)
DAYS = Curve.through((61, 2), (66, 1), (68, 1), (73, 0.5), above=0)
CASH = Curve.through((273, 0.5), (363, 0.95), (403, 1.05), (493, 2), below=0)


def test_roundings_of_the_cabot_plan_move_264_dollars():
    """Source: Cabot Corporation, DEF 14A of January 2024: a factor of 59.6 %, and 1,045,704 for the first officer."""
    corporate = Components(
        [Component("ebit", EBIT, weight=60), Component("days", DAYS, weight=20), Component("cash", CASH, weight=20)],
        weight=70,
        rounding=Rounding(to=0.001),
        name="corporate",
    )
    factor = Components([corporate, Component("individual", weight=30)])
    plan = plan_of(TargetBonus("target", multiplier=factor), then=[Round(Rounding(to=1))], currency="USD")
    facts = {"ebit": 553, "days": 80, "cash": 355, "individual": 1.25, "target": Money("1,320,000 USD")}
    assert plan.pay_one(facts).amount == Money("1,045,704.00 USD")
    findings = plan.lint({"ebit": (400, 800)}, given=facts)
    (moved,) = findings.of("rounding_moves")
    assert moved.size == Money("-264.00 USD")
    assert dict(moved.params) == {"name": "corporate", "to": Fraction(1, 1_000)}
    assert "rounding of corporate to 0.001 moves -264.00 USD" in str(moved)


def test_every_coarse_rounding_is_moved_by_itself():
    plan = plan_of(
        PaySection("team", pays=[FlatAmount(149.5, rounding=Rounding(to=100))], then=[Multiply(2)]),
        Commission("sold", rounding=Rounding(to=5), name="own"),
        then=[Round(Rounding(to=50, mode="up"))],
    )
    assert plan.pay_one({"sold": 700}).minor == 25_000
    found = plan.lint({"sold": (0, 10)}, given={"sold": 700}).of("rounding_moves")
    assert [(dict(f.params)["name"], f.size.minor) for f in found] == [("flat amount", -10_000), ("round", 4_500)]


# The worst case.


def brute(plan, ranges, given=None, steps=40):
    axes = []
    for column, (low, high) in ranges.items():
        is_money = {need.name: need.kind for need in plan.needs()}[column] == "money"
        places = [Fraction(str(low)) + (Fraction(str(high)) - Fraction(str(low))) * i / steps for i in range(steps + 1)]
        axes.append([int(x * 100) if is_money else float(x) for x in places])
    rows = list(product(*axes))
    data = {column: [row[i] for row in rows] for i, column in enumerate(ranges)}
    return int(plan.pay(data, **(given or {})).minor.max())


@pytest.mark.parametrize(
    ("plan", "ranges"),
    [
        (plan_of(Commission("sold", TIERS), then=[Cap(2_000)]), {"sold": (0, 1_000_000)}),
        (plan_of(Commission("sold", Curve.whole((0, 0.05), (100, 0.02)))), {"sold": (0, 150)}),
        (along(Curve.through((0, 0), (1, 10), (3, 2))), {"x": (0, 2)}),
        (along(Curve.through((0, 5), (1, 1))), {"x": (0, 2)}),
        (
            plan_of(TargetBonus(1_000, multiplier=Components([Component("x", CLASSIC), Component("y")], "product"))),
            {"x": (0, 2), "y": (0.5, 1.5)},
        ),
        (
            plan_of(Commission("sold", Curve.whole((0, 0.05), (100, 0.02))), then=[Gate("audit", at_least=3)]),
            {"sold": (0, 150), "audit": (0, 5)},
        ),
        (
            plan_of(Commission("sold", Curve.whole((0, 0.05), (100, 0.02))), then=[Gate("risk", at_most=5)]),
            {"sold": (0, 150), "risk": (0, 10)},
        ),
    ],
    ids=["capped", "retroactive", "hill", "falling", "product", "gate", "gate that the greatest closes"],
)
def test_the_worst_case_is_at_least_what_a_fine_grid_finds(plan, ranges):
    (worst,) = plan.lint(ranges, people=7).of("worst_case")
    most = brute(plan, ranges)
    assert worst.size.minor >= 7 * most
    row = {
        column: Money(Fraction(int(x * 100), 100), "EUR") if column == "sold" else float(x)
        for column, x in dict(worst.params)["row"]
    }
    assert plan.pay_one(row).minor * 7 == worst.size.minor


def test_the_worst_case_is_one_even_where_there_are_many_corners():
    hills = Curve.through(*((i, i % 2) for i in range(13)))
    parts = [TargetBonus(100, multiplier=column, curve=hills, name=column) for column in "abc"]
    plan = plan_of(*parts)
    (worst,) = plan.lint(dict.fromkeys("abc", (0, 12))).of("worst_case")
    assert worst.size == Money("300 EUR")


def test_at_most_is_not_said_where_it_is_not_proved():
    """Along a quota pay is no curve, so what lies between the ends of its range is unknown."""
    curve = Curve.whole((0, 0.01), (1, 0.1), (1.2, 0.01))
    plan = plan_of(Commission("sold", curve, quota="quota"))
    ranges = {"sold": (0, 130), "quota": (100, 200)}
    assert brute(plan, ranges) == 1_300
    for worst in plan.lint(ranges).of("worst_case"):
        assert worst.size.minor >= 1_300 or "at most" not in str(worst)


def test_people_multiply_the_worst_case():
    plan = plan_of(FlatAmount(10))
    (worst,) = plan.lint({}, people=10**6).of("worst_case")
    assert worst.size == Money("10,000,000 EUR")
    assert dict(worst.params) == {"people": 10**6, "proved": True, "row": ()}


# What cannot be proved.


def test_what_is_opaque_is_said_to_be_no_curve_and_the_rest_is_still_looked_at():
    plan = plan_of(Opaque(), Commission("own", Curve.whole((0, 0.05), (100, 0.04))))
    findings = plan.lint({"sold": (0, 100), "own": (0, 200)}, given={"ok": True})
    opaque = findings.of("not_a_curve")[0]
    assert opaque.column == "sold"
    assert "give it a method along()" in str(opaque)
    assert {finding.column for finding in findings.of("falls")} <= {"own"}
    assert findings.of("worst_case")[0].size.minor >= 10_800


def test_a_step_of_a_third_party_is_said_to_be_no_curve():
    class Halve:
        name = "halve"

        def needs(self):
            return ()

        def adjust(self, amount, rows, currency, record):
            return amount // 2

    findings = plan_of(Commission("sold"), then=[Halve()]).lint({"sold": (0, 100)})
    assert codes(findings) == ["not_a_curve", "worst_case"]
    assert findings[-1].size == Money("50 EUR")


def test_a_third_partys_curve_is_taken():
    class Tenth(Opaque):
        def along(self, column, rows, currency):
            return Curve.identity() if column == "sold" else Curve.constant(0)

    plan = plan_of(Tenth(), then=[Floor(1)])
    assert plan.curve("sold", {"ok": True})(5) == 5.0
    assert plan.lint({"sold": (0, 10)}, given={"ok": True}).of("not_a_curve") == ()


def test_a_plan_that_carries_is_proved_as_what_it_earns():
    plan = plan_of(Commission("sold", Curve.whole((0, 0.05), (100, 0.04))), carry=[RefundableCap(5)])
    assert plan.curve("sold", {})(50) == 2.5
    assert "falls" in codes(plan.lint({"sold": (0, 200)}))


@pytest.mark.parametrize(
    ("ranges", "given", "error", "message"),
    [
        ({"sodl": (0, 1)}, {"salary": 1}, DefinitionError, r"does not read 'sodl'; it reads 'sold', 'salary'"),
        ({"sold": (5, 5)}, {"salary": 1}, DefinitionError, r"must end after it starts \(got 5 to 5\)"),
        ({"sold": (5, 1)}, {"salary": 1}, DefinitionError, "must end after it starts"),
        ({"sold": (0, float("inf"))}, {"salary": 1}, DefinitionError, "finite"),
        ({"sold": ("a", 1)}, {"salary": 1}, DefinitionError, "the range of 'sold' must be a number"),
        ({"sold": 5}, {"salary": 1}, DefinitionError, "range of 'sold'"),
        ({"sold": (0, 1, 2)}, {"salary": 1}, DefinitionError, "range of 'sold'"),
        ({"sold": (0, 1)}, {}, MissingColumnsError, "say what 'salary' are: a range in ranges=, or a value in given="),
    ],
)
def test_a_lint_without_its_facts_is_refused(ranges, given, error, message):
    plan = plan_of(Commission("sold"), then=[Cap(0.3, of="salary")])
    with pytest.raises(error, match=message):
        plan.lint(ranges, given=given)


# Findings are values.


def test_findings_are_values():
    plan = plan_of(Commission("sold", Curve.whole((0, 0.05), (100, 0.04))), then=[Cap(1_000), Gate("ok")])
    once, twice = (plan.lint({"sold": (0, 200)}, given={"ok": True}, people=3) for _ in range(2))
    assert once == twice
    assert hash(once) == hash(twice)
    assert set(once) == set(twice)
    assert len({*once, *twice}) == len(once)
    assert pickle.loads(pickle.dumps(once)) == once
    assert once != plan.lint({"sold": (0, 201)}, given={"ok": True}, people=3)
    assert isinstance(once, Findings)
    assert all(isinstance(finding, Finding) for finding in once)
    assert once[0] in once
    assert once[-1] == list(once)[-1]
    assert list(once[:2]) == list(once)[:2]
    assert once.of("none") == ()


def test_findings_print_one_a_line_with_the_text_in_one_column():
    plan = plan_of(Commission("sold", Curve.whole((0, 0.05), (100, 0.04))), then=[Cap(1_000), Gate("ok")])
    findings = plan.lint({"sold": (0, 200)}, given={"ok": True})
    lines = str(findings).splitlines()
    assert len(lines) == len(findings)
    width = max(len(finding.code) for finding in findings)
    for line, finding in zip(lines, findings, strict=True):
        assert line == f"{finding.code:<{width}}  {finding}"
        assert "{" not in line
    assert repr(findings) == f"<Findings: {', '.join(codes(findings))}>"
    assert repr(Findings(())) == "<Findings: none>"
    assert str(Findings(())) == ""


def test_a_cap_that_is_alone_to_read_a_column_may_be_found_idle():
    plan = plan_of(FlatAmount(10), then=[Cap(0.3, of="salary")])
    assert [finding.code for finding in plan.lint({"salary": (100, 200)})] == [
        "dead_zone",
        "cap_never_binds",
        "worst_case",
    ]
