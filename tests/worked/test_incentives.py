"""Published numbers of pay, one test a case: what a proxy statement, a contract or another system's tests print."""

import json
from datetime import date
from fractions import Fraction
from functools import wraps
from pathlib import Path

import numpy as np
import pytest

from perfkit import (
    Cap,
    Commission,
    Component,
    Components,
    Curve,
    DefinitionError,
    Draw,
    FlatAmount,
    Floor,
    Gate,
    IncentivePlan,
    Knot,
    Ledger,
    Money,
    Multiply,
    PayoutMatrix,
    PeerPercentile,
    Prorate,
    Rounding,
    Segment,
    TargetBonus,
    Timeline,
    allocate,
    day_count,
    minor_units,
)

F = Fraction
CASES = {case["id"]: case for case in json.loads(Path(__file__).with_name("incentives.json").read_text("utf-8"))}
COVERED = set()

CENT = Rounding()
DOLLAR = Rounding(to=1)
TENTH_OF_A_PERCENT = Rounding(to=0.001)


def numbers(published):
    """The published texts as fractions, nested as they are."""
    return [numbers(text) for text in published] if isinstance(published, list) else F(published)


def worked(name, source):
    """A test of one case, which is given what was published; the source is where the case says it is from."""
    COVERED.add(name)

    def wrap(test):
        @wraps(test)
        def run():
            case = CASES[name]
            assert source in case["source"]
            test(numbers(case["published"]))

        # Pytest must not look for a fixture of the wrapped test's argument.
        del run.__wrapped__
        return run

    return wrap


def usd(amount):
    return Money(amount, "USD")


def paid(*pays, then=(), **row):
    """What a plan pays one row in dollars: alone, in a batch of three, and explained."""
    plan = IncentivePlan("plan", currency="USD", pays=list(pays), then=list(then))
    alone = plan.pay_one(row)
    batch = plan.pay({name: [value] * 3 for name, value in row.items()} or {"n": [0] * 3})
    assert batch.minor.tolist() == [alone.minor] * len(batch)
    alone.explain().check()
    return F(alone.amount.amount)


def points(multiplier, curve=None, rounding=CENT, then=(), **row):
    """A payout in percent of a target: what a target of 100 dollars pays."""
    return paid(TargetBonus(base=100, multiplier=multiplier, curve=curve, rounding=rounding), then=then, **row)


# Cabot: three curves, weighted and rounded to a tenth of a percent, are 70 % of a bonus.

CABOT = "Cabot Corp DEF 14A (2024 proxy, FY2023)"
EBIT = Curve.through((505, 0.5), (631, 1), (694, 2), below=0)
NWC_DAYS = Curve.through((61, 2), (66, 1), (68, 1), (73, 0.5), above=0)
CASH_FLOW = Curve.through((273, 0.5), (363, 0.95), (403, 1.05), (493, 2), below=0)
RESULTS = {"ebit": 553, "nwc_days": 80, "cash_flow": 355}


def corporate(rounding, **options):
    return Components(
        [
            Component("ebit", EBIT, weight=60),
            Component("nwc_days", NWC_DAYS, weight=20),
            Component("cash_flow", CASH_FLOW, weight=20),
        ],
        name="corporate",
        rounding=rounding,
        **options,
    )


def cabot_plan(rounding=TENTH_OF_A_PERCENT):
    factor = Components([corporate(rounding, weight=70), Component("individual", weight=30)])
    return IncentivePlan(
        "Cabot 2023", currency="USD", pays=[TargetBonus(base="target", multiplier=factor, rounding=DOLLAR)]
    )


def cabot_award(target, individual, rounding=TENTH_OF_A_PERCENT):
    payout = cabot_plan(rounding).pay_one({**RESULTS, "target": usd(target), "individual": individual})
    payout.explain().check()
    return F(payout.amount.amount)


@worked("C01", CABOT)
def test_c01_between_threshold_and_target(published):
    assert points("ebit", EBIT, Rounding(to=0.1), ebit=553) == published


@worked("C02", CABOT)
def test_c02_fewer_days_are_better_and_too_many_pay_nothing(published):
    assert points("nwc_days", NWC_DAYS, Rounding(to=0.1), nwc_days=80) == published
    assert [NWC_DAYS(days) for days in (60, 61, 66, 67, 68, 73, 73.01)] == [2, 2, 1, 1, 1, 0.5, 0]
    # The same curve written upwards and mirrored: a day fewer than planned is a day more.
    assert Curve.through((61, 0.5), (66, 1), (68, 1), (73, 2), below=0).mirror(67) == NWC_DAYS


@worked("C03", CABOT)
def test_c03_a_target_range_that_slopes(published):
    assert points("cash_flow", CASH_FLOW, Rounding(to=0.1), cash_flow=355) == published
    # A range that is flat at 100 % would pay 95.6: the note to the table in the proxy statement matters.
    flat = Curve.through((273, 0.5), (363, 1), (403, 1), (493, 2), below=0)
    assert points("cash_flow", flat, Rounding(to=0.1), cash_flow=355) == F("95.6")


@worked("C04", CABOT)
def test_c04_the_weighted_corporate_factor(published):
    assert points(corporate(TENTH_OF_A_PERCENT), **RESULTS) == published
    assert points(corporate(None), rounding=Rounding(to=0.01), **RESULTS) == F("59.63")


@worked("C05", CABOT)
def test_c05_the_award_of_officer_1(published):
    award, percent_of_target = published
    assert cabot_award(1_320_000, 1.25) == award
    assert Money(award, "USD").times(F(100, 1_320_000), DOLLAR) == Money(percent_of_target, "USD")
    # Without the rounding of the factor in between the award would be another.
    assert cabot_award(1_320_000, 1.25, rounding=None) == 1_045_968


@worked("C06", CABOT)
def test_c06_the_award_of_officer_2(published):
    award, percent_of_target = published
    assert cabot_award(462_888, 1.6) == award
    assert Money(award, "USD").times(F(100, 462_888), DOLLAR) == Money(percent_of_target, "USD")
    assert cabot_award(462_888, 1.6, rounding=None) == 415_396


@worked("C09", CABOT)
def test_c09_the_award_of_officer_5(published):
    award, percent_of_target = published
    assert cabot_award(388_571, 0.9) == award
    assert Money(award, "USD").times(F(100, 388_571), DOLLAR) == Money(percent_of_target, "USD")
    assert cabot_award(388_571, 0.9, rounding=None) == 267_104


def test_cabot_end_to_end_pays_the_five_published_awards():
    people = {
        "target": minor_units([1_320_000, 462_888, 355_749, 388_704, 388_571], "USD"),
        "individual": [1.25, 1.6, 1.3, 1.8, 0.9],
    }
    payouts = cabot_plan().pay(people, **RESULTS)
    assert (payouts.minor // 100).tolist() == [1_045_704, 415_303, 287_161, 372_067, 267_026]
    assert (payouts.minor % 100).tolist() == [0] * 5
    assert payouts.total == usd(2_387_261)
    explanation = payouts.explain(0)
    explanation.check()
    assert explanation["rounding"].value == F("0.596") - (F(60, 100) * EBIT(F(553)) + F(20, 100) * CASH_FLOW(F(355)))
    unrounded = cabot_plan(rounding=None).pay(people, **RESULTS)
    assert (unrounded.minor[0] - payouts.minor[0]) // 100 == 264


@worked("C12", CABOT)
def test_c12_a_threshold_missed_and_a_target_nearly_met(published):
    eps, rona, both = published
    shares = Components(
        [
            Component("eps", Curve.through((5.64, 0.5), (6.63, 1), (7.62, 2), below=0), weight=65),
            Component("rona", Curve.through((13, 0.5), (18, 1), (21, 2), below=0), weight=35),
        ],
        rounding=TENTH_OF_A_PERCENT,
    )
    assert points(shares.of[0], eps=5.38, rona=16.5) == eps
    assert points(shares.of[1], eps=5.38, rona=16.5) == rona
    assert points(shares, eps=5.38, rona=16.5) == both


def opportunity(salary, rate):
    """The award at threshold, target and maximum; at threshold only the 70 % of the corporate factor pay."""
    factor = Components([Component("corporate", weight=70), Component("individual", weight=30)])
    bonus = TargetBonus(base="salary", rate=rate, multiplier=factor, rounding=DOLLAR)
    levels = [(0.5, 0), (1, 1), (2, 2)]
    return [paid(bonus, salary=usd(salary), corporate=both[0], individual=both[1]) for both in levels]


@worked("C13", CABOT)
def test_c13_the_opportunity_of_officer_1(published):
    assert opportunity(1_100_000, 1.2) == published


@worked("C14", CABOT)
def test_c14_the_opportunity_of_officer_2(published):
    assert opportunity(578_610, 0.8) == published


@worked("C16", CABOT)
def test_c16_the_opportunity_of_officer_4(published):
    # The maximum is twice the target before it is rounded: twice 388,704 would be 777,408.
    assert opportunity(555_291, 0.7) == published


@worked("C17", CABOT)
def test_c17_the_opportunity_of_officer_5(published):
    assert opportunity(555_101, 0.7) == published


# Curves of other companies.


@worked("C20", "contracts.justia.com/companies/agiliti-health-inc-7569/contract/672667")
def test_c20_bookends_at_93_and_110_percent_and_five_times_leverage(published):
    curve = Curve.through((0.93, 0.65), (1.1, 1.5), below=0)
    seen = ["0.9299", "0.93", "0.94", "0.95", "0.96", "0.97", "0.98", "0.99", "1", "1.05", "1.1"]
    assert [points("attained", curve, attained=F(x)) for x in seen] == published
    assert curve.slope_at(1) == 5
    assert points("attained", curve, attained=1.2) == 150


@worked("C23", "sec.gov/Archives/edgar/data/931058/000116678910000006/exhibit1034.htm")
def test_c23_fifteen_rungs_are_four_points(published):
    curve = Curve.through((86, 10), (90, 50), (100, 100), (105, 150), below=0)
    rungs = [86, 87, 88, 89, 90, 92, 94, 96, 98, 100, 101, 102, 103, 104, 105]
    assert [points("revenue", curve * F(1, 100), revenue=x) for x in rungs] == published
    assert Curve.through(*zip(rungs, published, strict=True), below=0).simplified() == curve


@worked("C25", "sec.gov/Archives/edgar/data/862831/000095015206002115/l17984aexv10w20.htm")
def test_c25_a_curve_and_then_a_modifier(published):
    # The case says nothing of 80 % itself: the line through 100 % and 120 % gives 16 there.
    curve = Curve.through((80, 0.16), (120, 0.64), below=0)
    *plain, modified = published
    assert [points("result", curve, result=x) for x in (79.9, 100, 120)] == plain
    assert points("result", curve, then=[Multiply("modifier")], result=120, modifier=1.25) == modified


ALLETE = "sec.gov/Archives/edgar/data/66756/000006675609000015/exhibit_10h7.htm"


def allete(level, net_income):
    """Net income 50, cash flow 25 and strategic goals 25; the last pay nothing at threshold."""
    met = Gate("net_income", at_least=1, name="net income")
    financial = Curve.steps((1, 0.5), (2, 1), (3, 2))
    factor = Components(
        [
            Component("net_income", financial, weight=50, gates=met),
            Component("cash_flow", financial, weight=25),
            Component("strategic", Curve.steps((2, 1), (3, 2)), weight=25, gates=met),
        ]
    )
    return points(factor, net_income=net_income, cash_flow=level, strategic=level)


@worked("C28", ALLETE)
def test_c28_weighted_goals_at_below_threshold_target_superior(published):
    assert [allete(level, net_income=level) for level in range(4)] == published


@worked("C29", ALLETE)
def test_c29_a_gate_that_kills_two_components_and_not_the_third(published):
    assert [allete(level, net_income=0) for level in range(4)] == published


@worked("C30", "contracts.justia.com/companies/progress-energy-inc-2052/contract/682874")
def test_c30_a_percentile_curve_with_a_cap_where_the_return_is_negative(published):
    curve = Curve.through((40, 0.5), (50, 1), (80, 2), below=0)
    factor = Component("percentile", curve, gates=Gate("tsr", at_least=0, cap=0.5))
    seen = [(39, 1), (40, 1), (50, 1), (80, 1), (95, 1), (95, -0.01)]
    assert [points(factor, percentile=p, tsr=tsr) for p, tsr in seen] == published
    # The same as a step on the amount: at most half of a target of 100.
    step = Gate("tsr", at_least=0, cap=0.5, of="target")
    bonus = TargetBonus(base="target", multiplier="percentile", curve=curve)
    assert paid(bonus, then=[step], target=usd(100), percentile=95, tsr=-0.01) == published[-1]


@worked("C31", "dictionary.contracts.justia.com/tsr-percentile-rank/")
def test_c31_the_percentile_of_rank_5_of_16(published):
    percentile, payout = published
    peers = [*range(10, 50, 10), *range(-100, 10, 10)]
    assert len(peers) == 15
    rank = PeerPercentile("rank").fit(peers)
    curve = Curve.through((0.5, 1), (0.75, 2))
    assert rank(F(5)) == F(11, 15)
    # The percentile is shown to a tenth and not rounded: from 73.3 the payout would be 193.2.
    assert points("tsr", rank, Rounding(to=0.1), tsr=5) == percentile
    assert points("tsr", rank.then(curve), Rounding(to=0.1), tsr=5) == payout
    rounded = Component(Component("tsr", rank, rounding=TENTH_OF_A_PERCENT), curve)
    assert points(rounded, rounding=Rounding(to=0.1), tsr=5) == F("193.2")


@pytest.mark.parametrize(
    ("definition", "ranked", "payout"),
    [
        ("rank", F(11, 15), F("193.33")),
        ("rank_among_peers", F(5, 7), F("185.71")),
        ("position", F(3, 4), F(200)),
        ("percentrank", F("0.75"), F(200)),
        ("share_at_or_below", F(11, 15), F("193.33")),
    ],
)
def test_the_definition_of_a_percentile_is_worth_money(definition, ranked, payout):
    """The peers of C31 by five definitions: the same rank pays up to 14 points more or less."""
    peers = [*range(10, 50, 10), *range(-100, 10, 10)]
    rank = PeerPercentile(definition).fit(peers)
    assert rank(F(5)) == ranked
    assert points("tsr", rank.then(Curve.through((0.5, 1), (0.75, 2))), tsr=5) == payout


@worked("C33", "lawinsider.com/dictionary/relative-tsr-percentage")
def test_c33_a_return_against_an_index_of_either_sign(published):
    seen = [(1, -1), (-1, 1), (-8, -7), (8, 10), (8, 9), (-8, -6)]
    # Half from the index on, all from a quarter of its size above it: the size makes the sign of the index harmless.
    relative = Curve.steps((0, 0.5), (0.25, 1))
    assert [points("relative", relative, relative=F(own - index, abs(index))) for index, own in seen] == published
    for (index, own), payout in zip(seen, published, strict=True):
        assert 100 * Curve.steps((index, 0.5), (index + F(abs(index), 4), 1))(F(own)) == payout


SPLIT = "sec.gov/Archives/edgar/data/1207074/000095013507005575/b66768vuexv10w1.htm"


def split(eligible):
    """The two components, their sum and the total compensation, in thousands."""
    row = {"target": usd(175), "salary": usd(300), "eligible": eligible}
    corporate_part = TargetBonus(base="target", rate=0.4, multiplier="eligible", name="corporate")
    individual_part = TargetBonus(base="target", rate=0.6, multiplier="eligible", name="individual")
    both = [corporate_part, individual_part]
    return [
        paid(corporate_part, **row),
        paid(individual_part, **row),
        paid(*both, **row),
        paid(*both, FlatAmount("salary"), **row),
    ]


@worked("C38", SPLIT)
def test_c38_a_bonus_in_two_parts_and_the_total(published):
    assert split(1) == published


@worked("C40", SPLIT)
def test_c40_a_bonus_in_two_parts_at_one_and_a_half_times_target(published):
    assert split(1.5) == published


ACTUALS = "sec.gov/Archives/edgar/data/1381325/000095012309024472/f53060exv10w25.htm"


def achieved(earned, weights):
    """The weighted achievement of goals of which so many points were earned."""
    names = [f"goal {position}" for position in range(len(weights))]
    share = Curve.identity()
    factor = Components(
        [Component(name, share.stretch(x=weight), weight=weight) for name, weight in zip(names, weights, strict=True)]
    )
    return [points(factor, **dict(zip(names, earned, strict=True))), sum(weights)]


@worked("C41", ACTUALS)
def test_c41_the_actual_goals_of_officer_1(published):
    earned, weights = [21, 15, 12, 4, 2, 9, 0, 7, 2, 6], [22, 15, 20, 4, 4, 14, 4, 7, 3, 7]
    assert achieved(earned, weights) == published


@worked("C42", ACTUALS)
def test_c42_a_goal_that_earned_more_than_its_weight(published):
    earned, weights = [7, 10, 15, 10, 5, 15, 10, 12, 8], [5, 10, 15, 10, 15, 15, 10, 12, 8]
    assert achieved(earned, weights) == published
    # With a cap on each goal the first would earn 5 of 5, and the whole two points less.
    name, rest = "earnings", Component(1, Curve.constant(F(85, 95)), weight=95, name="rest")
    capped = Components([Component(name, Curve.identity().stretch(x=5), weight=5, cap=1), rest])
    assert points(capped, **{name: 7}) == published[0] - 2


@worked("C44", "contracts.justia.com/companies/bottomline-technologies-de-inc-200/contract/1208907")
def test_c44_a_matrix_whose_rows_and_columns_add_up(published):
    base, more = [10, 16, 22, 34, 40, 52, 64], [0, 4, 8, 12, 16, 20, 28, 36]
    cells = [[F(column + row, 100) for column in base] for row in more]
    # The case prints where the sixth and the last row, the fourth and the last column start; the others are ours.
    row_from = [0.75, 0.8, 0.85, 0.9, 0.95, 1, 1.1, 1.25]
    # Its last column is "above 120 %", the others "from": the next step of the grid of 0.000001 says so.
    column_from = [0.85, 0.9, 0.95, 1, 1.05, 1.1, F("1.200001")]
    matrix = PayoutMatrix("revenue", "earnings", row_from, column_from, cells)
    assert [points(matrix, revenue=1, earnings=1), points(matrix, revenue=1.25, earnings=1.25)] == published
    assert points(matrix, revenue=1.25, earnings=1.2) == 88
    added = Components(
        [
            Component("revenue", Curve.steps(*zip(row_from, (F(m, 100) for m in more), strict=True))),
            Component("earnings", Curve.steps(*zip(column_from, (F(b, 100) for b in base), strict=True))),
        ],
        combine="sum",
    )
    facts = {
        "revenue": np.repeat(np.array([F(str(x)) for x in row_from], dtype=object), len(base)),
        "earnings": np.tile(np.array([F(str(x)) for x in column_from], dtype=object), len(more)),
    }
    by_matrix, by_sum = (
        IncentivePlan("p", currency="USD", pays=[TargetBonus(base=100, multiplier=factor)]).pay(facts)
        for factor in (matrix, added)
    )
    assert by_matrix.minor.tolist() == by_sum.minor.tolist()
    assert by_matrix.minor.tolist() == [100 * (column + row) for row in more for column in base]


# Tiers.

OPENFISCA = "openfisca/openfisca-core@e70f346 tests/core/tax_scales"


@worked("T01", f"{OPENFISCA}/test_marginal_rate_tax_scale.py::test_calc")
def test_t01_each_slice_at_its_own_rate(published):
    curve = Curve.marginal((0, 0), (1, 0.1), (2, 0.2), (3, 0))
    bases = ["1", "1.5", "2", "2.5", "3", "4"]
    assert [paid(Commission("base", curve), base=Money(base, "USD")) for base in bases] == published
    assert curve([float(base) for base in bases]) == pytest.approx([float(y) for y in published])


@worked("T03", OPENFISCA)
def test_t03_a_base_rounded_half_to_even_before_the_tax_is(published):
    # "The same bases" are those of the test before it in that file.
    bases = [200, 200.2, 200.002, 200.6, 200.006, 200.5, 200.005]
    curve = Curve.marginal((0, 0), (100, 0.1))
    even = Rounding(mode="half_even")
    # Their first rounding is ours at the edge, where what was typed becomes cents; the second is that of the line.
    base = minor_units(bases, "USD", rounding=even)
    assert [F(minor, 100) for minor in curve.money(base, "USD", even).tolist()] == published
    commission = Commission("base", curve, rounding=even)
    assert [paid(commission, base=Money.from_minor(minor, "USD")) for minor in base.tolist()] == published
    # Rounded once, half up, from the exact base, the amounts are the same here.
    assert [F(Rounding().minor(curve(F(str(base))), "USD"), 100) for base in bases] == published


@worked("T05", f"{OPENFISCA}/test_marginal_amount_tax_scale.py::test_calc")
def test_t05_an_amount_added_at_each_breakpoint(published):
    curve = Curve.cumulative((6, 0.23), (9, 0.29))
    assert [paid(Commission("base", curve), base=usd(base)) for base in (1, 8, 10)] == published
    # Their breakpoint belongs to the bracket below it, ours to the one above unless told.
    assert (curve(F(6)), Curve.cumulative((6, 0.23), (9, 0.29), owner="lower")(F(6))) == (F("0.23"), 0)


@worked("T06", f"{OPENFISCA}/test_single_amount_tax_scale.py::test_calc")
def test_t06_the_amount_of_the_bracket(published):
    curve = Curve.steps((6, 0.23), (9, 0.29))
    assert [paid(Commission("base", curve), base=usd(base)) for base in (1, 8, 10)] == published


@worked("T09", f"{OPENFISCA}/test_tax_scales_commons.py::test_combine_tax_scales")
def test_t09_the_sum_of_two_scales_is_a_scale(published):
    both = Curve.marginal((0, 0.05), (2_000, 0.10)) + Curve.marginal((0, 0.02), (3_000, 0.04))
    assert [both.slope_at(x) for x in (0, 2_000, 3_000)] == published
    assert both == Curve.marginal(*zip((0, 2_000, 3_000), published, strict=True))
    assert [both.slope_at(x) for x in (-1, 1_999, 2_999, 10**9)] == [0, *published]


@worked("T19", "kyrazolabs/CommissionKit artifacts/api/src/workers/engines/standard.engine.test.ts")
def test_t19_a_tier_without_end_and_a_flat_rate(published):
    tiers, flat = Curve.marginal((0, 0.05), (100_000, 0.10)), Curve.marginal((0, 0.05))
    assert paid(Commission("sold", tiers), sold=usd(1_000_000)) == published[0]
    assert paid(Commission("sold", flat), sold=usd(999_999)) == published[1]
    assert tiers(usd(1_000_000)) == usd(published[0])
    assert flat(usd(999_999)) == usd(published[1])


HYBRID = "theodortrampe/commission-calculator@6487f39 src/lib/utils/__tests__/calculateCommissions.test.ts"
ACCELERATORS = ((1, 1.5), (1.25, 2), (1.5, 2.5))


@worked("T21", HYBRID)
def test_t21_the_reached_multiplier_on_all_of_the_overage(published):
    commission = Commission("sold", Curve.hybrid(1, *ACCELERATORS), rate="rate", quota="quota")
    seen = [(80_000, 0.6), (100_000, 0.5), (110_000, 0.6), (140_000, 0.5), (175_000, 0.6)]
    assert [paid(commission, sold=usd(x), rate=r, quota=usd(100_000)) for x, r in seen] == published
    in_dollars = [Curve.hybrid(rate, *ACCELERATORS, quota=100_000) for _, rate in seen]
    assert [curve(F(x)) for curve, (x, _) in zip(in_dollars, seen, strict=True)] == published


@worked("T22", HYBRID)
def test_t22_the_commission_on_the_overage_alone(published):
    overage = Curve.hybrid(1, *ACCELERATORS) - Curve.marginal((0, 1)).cap(1)
    commission = Commission("sold", overage, rate=0.5, quota=100_000)
    assert [paid(commission, sold=usd(x)) for x in (250_000, 100_010)] == published
    # At 125 % one more dollar pays 6,250.75: a leap that shows in the curve before anyone is paid.
    in_dollars = Curve.hybrid(0.5, *ACCELERATORS, quota=100_000)
    assert in_dollars(F(125_000)) - in_dollars(F(124_999)) == F("6250.75")
    assert [(knot.x, knot.jump) for knot in in_dollars.jumps()] == [(125_000, 6_250), (150_000, 12_500)]


@worked("T25", "same page")
def test_t25_a_decelerator_below_half_of_the_quota(published):
    curve = Curve.whole((0, 0.5), (0.5, 1))
    bonus = TargetBonus(base=100_000, multiplier="attained", curve=curve)
    assert paid(bonus, attained=0.4) == published
    assert paid(bonus, attained=0.5) == 50_000


@worked("T29", "frappe/hrms@80f17c9 payroll/doctype/salary_slip/test_salary_slip.py")
def test_t29_inclusive_slabs_tax_one_more_in_each(published):
    printed = [(250_000, 500_000, 0.05), (500_001, 1_000_000, 0.2), (1_000_001, None, 0.3)]
    with pytest.raises(DefinitionError, match=r"gap: a band ends at 500000 and the next starts at 500001") as caught:
        Curve.bands(*printed, kind="marginal")
    assert len(caught.value.problems) == 2
    cess, income = Multiply(1.04), Money("1063600.00", "INR")

    def tax(curve, rounding=CENT):
        plan = IncentivePlan("tax", currency="INR", pays=[Commission("income", curve, rounding=rounding)], then=[cess])
        return F(plan.pay_one({"income": income}).amount.amount)

    # Read as "from", the slabs tax each rupee once; their code taxes both ends of each slab, as if it began one lower.
    exactly = Curve.bands((250_000, 500_000, 0.05), (500_000, 1_000_000, 0.2), (1_000_000, None, 0.3), kind="marginal")
    assert tax(exactly) == F("136843.20")
    inclusive = Curve.marginal(*((start - (start == 250_000 or 1), rate) for start, _, rate in printed))
    assert tax(inclusive) == published
    assert published - tax(exactly) == F("0.05")
    # Closing the gaps puts the breakpoints where the next slab starts, and the two rupees in them to the slab below.
    assert tax(Curve.bands(*printed, kind="marginal", close_gaps=True)) == F("136842.94")


@worked("T31", "frappe/hrms PR #2471")
def test_t31_at_exactly_five_years(published):
    slabs = [(0, 5, 0.7), (5, None, 1)]
    service = Curve.bands(*slabs, kind="marginal")
    assert points("years", service, years=5) == 100 * published
    # Their code takes the upper slab for all of exactly five years, and falls back behind it: a point that sticks out.
    defect = service + Curve([Knot(5, 0, F("1.5"), 0)])
    assert [defect(F(years)) for years in (5, 6)] == [5, F("4.5")]
    assert [(fall.start, fall.end) for fall in defect.falls()] == [(5, 5)]
    assert service.falls() == ()
    # As one rate on the whole, which it is not, the owner of the breakpoint decides.
    assert Curve.bands(*slabs, kind="whole")(F(5)) == 5
    assert Curve.bands(*slabs, kind="whole", owner="lower")(F(5)) == published


@worked("T32", "sec.gov/Archives/edgar/data/1432504/000120919123020422/attachment1.htm")
def test_t32_a_table_of_growth_by_steps(published):
    growth = [2.4, 2.5, 5, 7.5, 10, 12.5, 15, 17.5, 20]
    levels = [(x, y / 100) for x, y in zip(growth[1:-1], published[1:-1], strict=True)]
    assert [points("cagr", Curve.steps(*levels), cagr=x) for x in growth] == published
    # Interpolated it gives the same at every printed place, from three points and a threshold.
    line = Curve.through((2.5, 0.5), (7.5, 1), (17.5, 1.5), below=0)
    assert [points("cagr", line, cagr=x) for x in growth] == published


# Draws, guarantees and ramps.


def periods(carry, earned):
    """What one person is paid in each of several periods, and the ledger after each."""
    plan = IncentivePlan("draw", currency="USD", pays=[FlatAmount("earned")], carry=[carry])
    ledger, amounts, ledgers = Ledger("USD"), [], []
    for amount in earned:
        payouts, ledger = plan.pay_period({"who": ["rep"], "earned": minor_units([amount], "USD")}, ledger, key="who")
        payouts.explain(0).check()
        amounts.append(F(payouts[0].amount.amount))
        ledgers.append(ledger)
    return amounts, ledgers


@worked("D03", "same page")
def test_d03_a_draw_that_is_not_recovered(published):
    # The case prints what is paid; a draw of 1,500, less earned at first and then 3,000, is what gives it.
    amounts, ledgers = periods(Draw(1_500, recoverable=False), [1_000, 3_000])
    assert amounts == published
    assert ledgers[-1].total_owed == usd(0)


@worked("D04", "studypool.com/discuss/183314")
def test_d04_a_draw_recovered_over_five_weeks(published):
    earned = [400, 600, 1_200, 1_500, 1_400]
    amounts, ledgers = periods(Draw(1_000), earned)
    assert amounts == published
    # The page prints 300 as the balance of the third week: it is that of the fourth, after 500 more are recovered.
    assert [ledger.owed("rep") for ledger in ledgers] == [usd(owed) for owed in (600, 1_000, 800, 300, 0)]
    for week in range(5):
        assert usd(sum(amounts[: week + 1])) - ledgers[week].owed("rep") == usd(sum(earned[: week + 1]))


RAMP = "theodortrampe/commission-calculator@6487f39 src/lib/utils/calculateCommissions.test.ts"


@worked("D05", RAMP)
def test_d05_a_guarantee_tops_a_ramped_commission_up(published):
    commission = Commission("sold", rate=0.1, quota=10_000, ramp="ramp")
    facts = {"sold": usd(1_000), "ramp": 0.5, "variable": usd(10_000 - 5_000)}
    plan = IncentivePlan("ramp", currency="USD", pays=[commission], then=[Floor(0.8, of="variable", name="guarantee")])
    payout = plan.pay_one(facts)
    explanation = payout.explain()
    assert [
        F(explanation["quota"].value.amount),
        F(payout.amount.amount),
        F(explanation["guarantee"].value.amount),
    ] == published
    assert explanation["guarantee"].params == {"limit": usd(4_000)}
    # As a draw that is not recovered it is the same.
    draw = IncentivePlan("draw", currency="USD", pays=[commission], carry=[Draw(4_000, recoverable=False)])
    row = {"who": ["rep"], "sold": [100_000], "ramp": [0.5]}
    assert draw.pay_period(row, Ledger("USD"), key="who")[0].total == payout.amount


@worked("D06", RAMP)
def test_d06_an_accelerator_over_a_ramped_quota(published):
    commission = Commission("sold", Curve.marginal((0, 1), (1, 2)), rate=0.1, quota=10_000, ramp=0.5)
    assert paid(commission, sold=usd(8_000)) == published


@worked("D07", RAMP)
def test_d07_a_guarantee_for_17_of_31_days(published):
    draw = TargetBonus(base=5_000, rate=0.8)
    assert paid(draw, then=[Prorate(17, 31)]) == published
    start, end = date(2025, 1, 15), date(2025, 1, 31)
    days = day_count([start], [end])
    assert days.tolist() == [17]
    assert paid(draw, then=[Prorate(by="days", of=31)], days=int(days[0])) == published
    plan = IncentivePlan("draw", currency="USD", pays=[draw])
    over_time = plan.pay_timeline(Timeline([Segment(start, end)]), date(2025, 1, 1), end)
    over_time.explain().check()
    assert F(over_time.amount.amount) == published


# Largest remainders.


@worked("L10", "martinlackner/apportionment@25f7a87 tests/test_methods.py")
def test_l10_a_hundred_seats(published):
    assert allocate(100, [5117, 4400, 162, 161, 160]) == published


@worked("L12", "same, test_tiebreaking")
def test_l12_ties_go_to_the_first(published):
    assert allocate(2, [2, 1, 1, 2, 2]) == published
    # Or to the smallest key, whatever the order of the rows.
    assert allocate(2, [2, 1, 1, 2, 2], keys=[9, 2, 3, 1, 4]) == [0, 0, 0, 1, 1]


@worked("L20", "Shopify/money@ac0610b spec/allocator_spec.rb")
def test_l20_a_currency_without_decimals(published):
    halves, parts = allocate(Money(31, "JPY"), [0.5, 0.5]), allocate(Money(5, "JPY"), [0.3, 0.7])
    assert [[share.minor for share in halves], [share.minor for share in parts]] == published


@worked("L21", "github.com/moneyphp/money doc/features/allocation.rst")
def test_l21_cents_that_do_not_divide(published):
    shares = allocate(Money("0.05 EUR"), [70, 30]), allocate(Money("8.00 EUR"), [1, 1, 1])
    assert [[share.minor for share in part] for part in shares] == published


@worked("L22", "antiwork/gumroad PR #5468")
def test_l22_no_cent_is_lost(published):
    weights = [(100, [3333, 3333, 3334]), (12_501, [3334, 3334, 3333])]
    shares = [allocate(Money.from_minor(cents, "USD"), parts) for cents, parts in weights]
    assert [sum(share.minor for share in part) for part in shares] == published
    # Each rounded down by itself, a cent of each would be lost.
    floors = [sum(cents * part // sum(parts) for part in parts) for cents, parts in weights]
    assert floors == [99, 12_500]


def test_a_cap_on_the_whole_is_a_step():
    """The total of C40 with the cap of a plan: at most 140 % of the target."""
    bonus = TargetBonus(base="target", multiplier="eligible")
    assert paid(bonus, then=[Cap(1.4, of="target")], target=usd(175), eligible=1.5) == 245


def test_every_case_has_a_test():
    assert set(CASES) == COVERED
    assert all(f"test_{name.lower()}_" in " ".join(globals()) for name in CASES)
