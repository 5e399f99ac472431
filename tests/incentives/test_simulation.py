"""What a plan may cost: the same numbers everywhere, exact totals, and statistics that mean what they say."""

import pickle
from fractions import Fraction
from hashlib import sha256

import numpy as np
import pytest

from perfkit import (
    ChoiceVariation,
    Commission,
    Curve,
    DataError,
    Deduct,
    DefinitionError,
    Draw,
    Estimate,
    FlatAmount,
    Gate,
    HistoryVariation,
    IncentivePlan,
    Ledger,
    MissingColumnsError,
    Money,
    Multiply,
    NormalVariation,
    Pool,
    Prorate,
    QuantileVariation,
    RateTable,
    RefundableCap,
    Simulation,
    TargetBonus,
    limits,
    simulate,
)
from perfkit._core.columns import read_rows
from perfkit._incentives.variation import Draws

PAYOUT = Curve.through((0.8, 0.5), (1, 1), (1.2, 2), below=0)
PLAN = IncentivePlan("bonus", currency="EUR", pays=[TargetBonus("salary", 0.1, "score", PAYOUT)])
SCORE = QuantileVariation({0.8: 0.9, 1: 0.55, 1.2: 0.1}, loading=0.5)
AT = {"threshold": {"score": 0.8}, "target": {"score": 1}, "maximum": {"score": 1.2}}
SALARY = np.random.default_rng(1).integers(3_000_000, 9_000_000, 300)


def cost(n=200, seed=7, plan=PLAN, outcomes=None, salary=SALARY, **options):
    return simulate(plan, {"salary": salary}, outcomes or {"score": SCORE}, n, seed, **options)


def made(totals, counts=None, people=10, budget=None):
    """A simulation of known costs, in cents."""
    return Simulation(
        "plan", "EUR", people, 0, totals, counts or {"zero": np.zeros(len(totals), dtype=np.int64)}, budget
    )


# The same numbers.


def test_the_numbers_are_pinned():
    """A golden digest: no version of NumPy, no machine and no block may change what a seed gives."""
    got = cost(n=64, at=AT)
    assert (
        sha256(got.totals.tobytes()).hexdigest() == "eecbb799429e54171ed5891a09445ce189bf51e0ac6f401b40364eb68f90f045"
    )


@pytest.mark.parametrize("block", [1, 3, 7, 64, 299, 300, 301, 2_000, 10**6])
def test_blocks_change_nothing(block):
    whole, parts = cost(n=10, at=AT), cost(n=10, at=AT, block=block)
    assert np.array_equal(parts.totals, whole.totals)
    for level, counts in whole.counts.items():
        assert np.array_equal(parts.counts[level], counts)


def test_more_scenarios_begin_with_the_same_ones():
    assert np.array_equal(cost(n=80).totals[:33], cost(n=33).totals)


def test_another_seed_gives_others():
    assert not np.isin(cost(seed=1).totals, cost(seed=2).totals).any()


def test_another_column_leaves_the_draws_of_the_first_alone():
    both = IncentivePlan("b", currency="EUR", pays=[*PLAN.pays], then=[Gate("compliant")])
    outcomes = {"compliant": ChoiceVariation({True: 1}), "score": SCORE}
    assert np.array_equal(cost(plan=both, outcomes=outcomes).totals, cost().totals)


def test_with_a_key_people_have_their_results_in_any_order():
    keys = np.array([f"p{i:03}" for i in range(300)])
    order = np.random.default_rng(2).permutation(300)
    data, shuffled = {"who": keys, "salary": SALARY}, {"who": keys[order], "salary": SALARY[order]}
    first = simulate(PLAN, data, {"score": SCORE}, 40, 7, key="who")
    second = simulate(PLAN, shuffled, {"score": SCORE}, 40, 7, key="who", block=100)
    assert np.array_equal(first.totals, second.totals)
    with pytest.raises(DataError, match="a person must have one row"):
        simulate(PLAN, {"who": ["a", "a"], "salary": [1, 2]}, {"score": SCORE}, 4, 7, key="who")


# What a scenario costs.


def test_a_scenario_costs_what_the_plan_pays():
    """With one person and one certain result, each scenario is one payment; with a history of one row too."""
    certain = NormalVariation(1.1, 0)
    expected = PLAN.pay_one({"salary": 5_000_000, "score": 1.1}).minor
    assert cost(n=5, salary=[5_000_000], outcomes={"score": certain}).totals.tolist() == [expected] * 5
    history = HistoryVariation({"score": [1.1]})
    assert cost(n=5, salary=[5_000_000] * 3, outcomes=history).totals.tolist() == [3 * expected] * 5


def test_every_kind_of_column_may_vary():
    plan = IncentivePlan(
        "mixed",
        currency="EUR",
        pays=[Commission("sold", Curve.marginal((0, 0.1)))],
        then=[Multiply(RateTable("rating", {"low": 0, "high": 1})), Gate("compliant")],
    )
    outcomes = {
        "sold": NormalVariation("quota", 0.2, relative=True, low=0, loading=0.3),
        "rating": ChoiceVariation({"low": 0.25, "high": 0.75}, loading=-0.2),
        "compliant": ChoiceVariation({False: 0.2, True: 0.8}),
    }
    got = simulate(plan, {"quota": [1_000_000] * 500}, outcomes, 300, 5)
    assert abs(got.share("zero").value - (1 - 0.75 * 0.8)) < 0.02
    assert abs(got.mean.exact / 500 - Fraction(1_000 * 6, 10)) < 12
    assert np.array_equal(simulate(plan, {"quota": [1_000_000] * 500}, outcomes, 300, 5, block=999).totals, got.totals)


def test_columns_that_do_not_vary_are_those_of_each_person():
    """Numbers, names and flags of few people, who are paid in many scenarios at once."""
    plan = IncentivePlan(
        "b",
        currency="EUR",
        pays=[TargetBonus("salary", RateTable("grade", {"a": 0.1, "b": 0.2}), "score")],
        then=[Prorate(by="months", of=12), Gate("compliant")],
    )
    data = {"salary": [6_000_000, 5_000_001, 4_000_000], "grade": ["a", "b", "a"], "months": [12, Fraction(7, 2), 3.25]}
    data["compliant"] = [True, True, False]
    expected = plan.pay(data, score=1.1).total.minor
    got = simulate(plan, data, {"score": NormalVariation(1.1, 0)}, 9, 1)
    assert got.totals.tolist() == [expected] * 9
    assert got.counts["zero"].tolist() == [1] * 9


def test_a_column_that_varies_may_be_in_the_population():
    data = {"salary": SALARY, "score": np.full(300, np.nan)}
    assert np.array_equal(simulate(PLAN, data, {"score": SCORE}, 20, 7).totals, cost(n=20).totals)


CARRIED = IncentivePlan("b", currency="EUR", pays=PLAN.pays, carry=[RefundableCap(8_000), Draw(1_000)])
WHO = [f"p{place:03}" for place in range(300)]


@pytest.mark.parametrize("block", [7, 300, 2_000])
def test_a_plan_that_carries_pays_one_period_from_a_ledger(block):
    before = Ledger("EUR", WHO[:200], {"draw.owed": [40_000] * 100 + [0] * 100, "cap.held": [0] * 150 + [70_000] * 50})
    order = np.random.default_rng(2).permutation(300)
    data = {"who": np.array(WHO)[order], "salary": SALARY[order]}
    got = simulate(CARRIED, data, {"score": SCORE}, 5, 7, ledger=before, key="who", block=block)
    rows = read_rows({"who": WHO, "salary": SALARY}, ["who", "salary"])
    for scenario in range(5):
        drawn = Draws({"score": SCORE}, 7, rows).columns(
            range(scenario, scenario + 1), slice(0, 300), rows, {"score": "number"}, "EUR"
        )
        payouts, after = CARRIED.pay_period({"who": WHO, "salary": SALARY}, before, key="who", **drawn)
        assert payouts.total.minor == got.totals[scenario]
        assert after.total_held.minor == got.balances["cap.held"][scenario] > 0
        assert after.total_owed.minor == got.balances["draw.owed"][scenario] > 0
    assert got.balance("cap.held") == Money.from_minor(round(sum(got.balances["cap.held"]) / 5), "EUR")
    assert "mean after the period" in str(got)
    got.explain().check()
    assert got.explain()["draw.owed"].value == got.balance("draw.owed")
    with pytest.raises(DefinitionError, match=r"'draw.own' is not carried .*did you mean 'draw.owed'"):
        got.balance("draw.own")
    with pytest.raises(DefinitionError, match="carried are: none"):
        cost(n=2).balance("x")


@pytest.mark.parametrize(
    ("plan", "options", "error", "message"),
    [
        (CARRIED, {}, DefinitionError, r"carries balances: give ledger= .* Ledger\('EUR'\) for the first, and key="),
        (CARRIED, {"ledger": Ledger("EUR")}, DefinitionError, "a ledger needs key="),
        (CARRIED, {"ledger": {}}, DefinitionError, r"such as Ledger\('EUR'\) for a first period \(got {}\)"),
        (CARRIED, {"ledger": Ledger("USD"), "key": "salary"}, DataError, r"must be of EUR \(got USD\)"),
        (PLAN, {"ledger": Ledger("EUR"), "key": "salary"}, DefinitionError, "carries no balances"),
    ],
)
def test_balances_are_where_they_belong(plan, options, error, message):
    with pytest.raises(error, match=message):
        cost(plan=plan, n=2, **options)


def test_a_pool_is_simulated_only_where_its_shares_stand():
    pool = Pool(1_000, by="score", key="who", name="profit share")
    plan = IncentivePlan("b", currency="EUR", pays=[*PLAN.pays, pool])
    data = {"who": ["a", "b"], "salary": SALARY[:2]}
    with pytest.raises(DefinitionError, match="pool 'profit share' costs its fund however it is shared"):
        simulate(plan, data, {"score": SCORE}, 2, 7)
    with pytest.raises(DefinitionError, match="was fitted to one 'score' of each person, so it cannot be paid at"):
        simulate(plan.fit(data, score=[1, 1]), data, {"score": SCORE}, 2, 7)
    fixed = IncentivePlan("b", currency="EUR", pays=[*PLAN.pays, Pool(1_000, of="salary", key="who")]).fit(data)
    got, without = (simulate(one, data, {"score": SCORE}, 9, 7) for one in (fixed, PLAN))
    assert (got.totals - without.totals).tolist() == [100_000] * 9


def test_a_gap_in_a_history_is_told_by_its_own_row():
    history = HistoryVariation({"score": [1.0, None, 1.2]})
    with pytest.raises(DataError, match=r"'score' must be known in a history: row 1; .* missing='unpaid' in the plan"):
        cost(n=2, outcomes=history)
    lenient = IncentivePlan("b", currency="EUR", pays=PLAN.pays, missing="unpaid")
    assert abs(cost(n=100, plan=lenient, outcomes=history).share("zero").value - 1 / 3) < 0.02


# What groups share.


def paid_by_score(outcomes, n=20_000, **data):
    plan = IncentivePlan("b", currency="EUR", pays=[TargetBonus(1_000, 1, "score")])
    return simulate(plan, {"who": list("abcd"), **data}, outcomes, n, 3, key="who")


def test_people_of_one_group_are_correlated_by_what_they_share():
    """Four people, two of each team: the variance of the sum is 4 + 2 r within + 2 r within + 8 r between."""
    outcomes = {"score": NormalVariation(10, 1, loading=0.5, groups={"team": 0.6, "site": -0.3})}
    got = paid_by_score(outcomes, team=["x", "x", "y", "y"], site=["s", "s", "t", "t"])
    within, between = 0.25 + 0.36 + 0.09, 0.25
    assert abs(float(got.deviation.exact / 1_000) ** 2 - (4 + 4 * within + 8 * between)) < 0.15


def test_a_group_is_the_same_in_every_block_and_order():
    outcomes = {"score": NormalVariation(1, 0.2, groups={"team": 0.9})}
    team = np.array([f"t{place % 7}" for place in range(300)])
    whole = simulate(PLAN, {"who": WHO, "salary": SALARY, "team": team}, outcomes, 20, 7, key="who")
    order = np.random.default_rng(5).permutation(300)
    data = {"who": np.array(WHO)[order], "salary": SALARY[order], "team": team[order]}
    for block in (1, 13, 100, 1_000):
        assert np.array_equal(simulate(PLAN, data, outcomes, 20, 7, key="who", block=block).totals, whole.totals)


def test_everybody_must_be_in_a_group():
    outcomes = {"score": NormalVariation(1, 0.2, groups={"team": 0.9})}
    with pytest.raises(MissingColumnsError, match="'team'"):
        cost(n=2, outcomes=outcomes)
    data = {"salary": SALARY[:2], "team": ["x", None]}
    with pytest.raises(DataError, match="'team' must say which group a row is in: row 1"):
        simulate(PLAN, data, outcomes, 2, 7)


def test_a_history_within_groups_gives_each_person_rows_of_their_own():
    history = HistoryVariation(
        {"year": [1, 1, 2, 2, 2], "grade": ["a", "b", "a", "b", "b"], "score": [0.8, 1, 1.2, 0.9, 1.1]},
        by="year",
        within="grade",
    )
    assert history.columns == ("score",)
    plan = IncentivePlan("b", currency="EUR", pays=[TargetBonus(100, 1, "score")])
    only_a = simulate(plan, {"grade": ["a", "a"]}, history, 200, 3)
    assert set(only_a.totals.tolist()) == {16_000, 24_000}
    only_b = simulate(plan, {"grade": ["b"]}, history, 200, 3)
    assert set(only_b.totals.tolist()) == {10_000, 9_000, 11_000}
    both = {"grade": ["a", "b"] * 30}
    got = simulate(plan, both, history, 20, 3)
    assert np.array_equal(simulate(plan, both, history, 20, 3, block=5).totals, got.totals)


@pytest.mark.parametrize(
    ("options", "data", "message"),
    [
        ({}, {"grade": ["c"]}, "must have rows of grade 'c', which people"),
        ({"by": "year"}, {"grade": ["b"]}, "must have rows of grade 'b' in year 1, which people"),
    ],
)
def test_a_history_must_know_every_group(options, data, message):
    rows = {"year": [1, 2, 2], "grade": ["a", "a", "b"], "score": [1, 1, 1]}
    if not options:
        del rows["year"]
    plan = IncentivePlan("b", currency="EUR", pays=[TargetBonus(100, 1, "score")])
    with pytest.raises(DataError, match=message):
        simulate(plan, data, HistoryVariation(rows, within="grade", **options), 2, 7)


def test_a_person_with_a_gap_is_not_paid_where_the_plan_says_so():
    lenient = IncentivePlan("b", currency="EUR", pays=PLAN.pays, missing="unpaid")
    salary = np.array([5_000_000, None, 5_000_000], dtype=object)
    got = cost(n=10, plan=lenient, salary=salary, outcomes={"score": NormalVariation(1, 0)})
    assert got.totals.tolist() == [1_000_000] * 10
    assert got.share("zero").value == pytest.approx(1 / 3)
    with pytest.raises(DataError, match="row 1"):
        cost(n=10, salary=salary)


def test_a_scenario_is_paid_as_the_plan_would_pay_it():
    results = {"score": NormalVariation(0.1, 1)}
    plan = IncentivePlan("b", currency="EUR", pays=[TargetBonus("salary", 0.1, "score")])
    message = r"plan 'b' pays less than nothing: -.* EUR in row \d+ in a scenario; low= of a variation"
    with pytest.raises(DataError, match=message):
        cost(plan=plan, outcomes=results)
    beside = IncentivePlan("b", currency="EUR", pays=[FlatAmount(10**6), *plan.pays])
    with pytest.raises(DataError, match="would be taken from the other pay of its row"):
        cost(plan=beside, outcomes=results)
    kept = cost(plan=IncentivePlan("b", currency="EUR", pays=plan.pays, below_zero="keep"), outcomes=results)
    assert kept.totals.min() < 0
    assert cost(plan=plan, outcomes={"score": NormalVariation(0.1, 1, low=0)}).totals.min() >= 0


def test_a_row_below_zero_is_named_as_the_caller_has_it():
    plan = IncentivePlan("b", currency="EUR", pays=[TargetBonus(100, 1, "score")])
    people = {"who": ["z", "y", "x"], "mean": [1, -1, 1]}
    with pytest.raises(DataError, match=r"-100.00 EUR in row 1 in a scenario") as caught:
        simulate(plan, people, {"score": NormalVariation("mean", 0)}, 3, 1, key="who")
    assert caught.value.rows == (1,)


def test_what_a_deduction_takes_is_not_simulated():
    fine = Deduct("fine", basis="work rules", limits=limits.japan_article_91)
    plan = IncentivePlan("wages", currency="JPY", pays=[FlatAmount("gross_wages")], carry=[fine])
    with pytest.raises(DefinitionError, match=r"carries 'fine', which takes .*; it changes .* without it"):
        simulate(plan, {"who": [1]}, {"gross_wages": NormalVariation(9, 1)}, 3, 1, ledger=Ledger("JPY"), key="who")


def test_an_error_names_the_row_of_the_caller():
    plan = IncentivePlan("b", currency="EUR", pays=[TargetBonus(100, RateTable("grade", {"a": 1}), "score")])
    with pytest.raises(DataError, match=r"column 'grade' must be one of a .*: row 2") as caught:
        simulate(plan, {"who": ["z", "y", "x"], "grade": ["a", "a", "b"]}, {"score": SCORE}, 5, 1, key="who")
    assert (caught.value.rows, caught.value.count) == ((2,), 1)


def test_a_history_by_period_moves_everybody_together():
    years = {"year": [1, 1, 2, 2], "score": [0.7, 0.75, 1.2, 1.25]}
    together = cost(n=400, outcomes=HistoryVariation(years, by="year"), at=AT)
    apart = cost(n=400, outcomes=HistoryVariation({"score": years["score"]}), at=AT)
    whole = PLAN.pay({"salary": SALARY}, score=1.2).total.minor
    assert set(np.unique(together.totals).tolist()) == {0, whole}
    assert apart.deviation < together.deviation
    assert abs(together.share("maximum").value - 0.5) < 0.1


def test_the_common_factor_is_the_correlation_of_two_people():
    plan = IncentivePlan("b", currency="EUR", pays=[TargetBonus(1_000, 1, "score")])
    for loading in (0, 0.6, -0.8):
        outcomes = {"score": NormalVariation(10, 1, loading=loading)}
        got = simulate(plan, {"who": ["a", "b"]}, outcomes, 20_000, 3, key="who")
        # Var(x + y) = 2 (1 + r) in thousands, and r is the square of the loading.
        variance = float(got.deviation.exact / 1_000) ** 2
        assert abs(variance / 2 - 1 - loading**2) < 0.03


def test_a_column_may_move_against_the_factor():
    plan = IncentivePlan(
        "b", currency="EUR", pays=[TargetBonus(1_000, 1, "up"), TargetBonus(1_000, 1, "down", name="d")]
    )
    outcomes = {"up": NormalVariation(10, 1, loading=0.8), "down": NormalVariation(10, 1, loading=-0.8)}
    got = simulate(plan, {"who": ["a"]}, outcomes, 20_000, 3, key="who")
    assert abs(float(got.deviation.exact / 1_000) ** 2 - 2 * (1 - 0.64)) < 0.03


# People at levels.


def test_people_are_counted_at_levels_by_what_they_are_paid():
    got = cost(n=400, at=AT)
    for level, chance in (("threshold", 0.9), ("target", 0.55), ("maximum", 0.1)):
        share = got.share(level)
        assert share.low <= share.value <= share.high
        assert abs(share.value - chance) < 0.03
    assert abs(got.share("zero").value - 0.1) < 0.03
    assert list(got.counts) == ["zero", "threshold", "target", "maximum"]


def test_whoever_could_not_be_paid_reaches_no_level():
    got = cost(n=20, salary=[0, 5_000_000], outcomes={"score": NormalVariation(2, 0)}, at=AT)
    assert got.share("maximum").value == 0.5


@pytest.mark.parametrize(
    ("at", "message"),
    [
        ({"target": {"scor": 1}}, r"speaks of 'scor', which does not vary \(did you mean 'score'\?\)"),
        ({"target": {}}, "must say what score would be"),
        ({"zero": {"score": 1}}, "counted anyway"),
        ({"target": {"score": [1, 2]}}, "one value of 'score' for everybody"),
    ],
)
def test_a_level_that_says_nothing_is_refused(at, message):
    with pytest.raises(DefinitionError, match=message):
        cost(n=2, at=at)


# Statistics.


def test_mean_deviation_and_error_are_exact():
    got = made([100, 200, 300, 400])
    assert got.mean == Money("2.50 EUR")
    assert got.deviation == Money("1.29 EUR")
    assert got.standard_error == Money("0.65 EUR")
    # Where a float would lose the difference.
    assert made([10**15, 10**15 + 3]).deviation == Money("0.02 EUR")
    assert made([5]).deviation == Money(0, "EUR")


@pytest.mark.parametrize(("percent", "cents"), [(1, 10), (20, 10), (20.1, 20), (50, 30), (80, 40), (100, 50)])
def test_a_percentile_is_a_cost_that_did_occur(percent, cents):
    assert made([50, 10, 40, 20, 30]).percentile(percent).minor == cents


@pytest.mark.parametrize("percent", [0, -1, 100.1])
def test_a_percentage_must_be_one(percent):
    with pytest.raises(DefinitionError, match="above 0 and up to 100"):
        made([1]).percentile(percent)


def test_the_budget_is_passed_only_above_it():
    got = made([99, 100, 101, 102], budget=Money(1, "EUR"))
    assert got.over_budget.value == 0.5
    # Wilson (1927) for 2 of 4: 0.15 to 0.85.
    assert (round(got.over_budget.low, 4), round(got.over_budget.high, 4)) == (0.15, 0.85)
    never = made([1] * 100, budget=Money(1, "EUR")).over_budget
    assert (never.value, never.low) == (0, 0)
    assert round(never.high, 4) == 0.037
    assert (got.over_budget.error, never.error) == (0.25, 0)
    assert made([101] * 100, budget=Money(1, "EUR")).over_budget.high == 1
    with pytest.raises(DefinitionError, match="no budget to pass"):
        made([1]).over_budget  # noqa: B018


def test_the_interval_of_a_share_is_that_of_its_mean():
    got = made([0] * 4, {"zero": np.array([2, 4, 6, 8])})
    share = got.share("zero")
    assert share.value == 0.5
    half = 1.959963984540054 * np.std([0.2, 0.4, 0.6, 0.8], ddof=1) / 2
    assert (share.low, share.high) == pytest.approx((0.5 - half, 0.5 + half))
    assert made([0], {"zero": np.array([3])}).share("zero") == Estimate(0.3, 0.3, 0.3, 0.0)
    with pytest.raises(DefinitionError, match=r"level 'zeroo' was not counted \(did you mean 'zero'\?\)"):
        got.share("zeroo")


def test_totals_beyond_int64_are_whole():
    plan = IncentivePlan("b", currency="EUR", pays=[FlatAmount("award")], then=[Multiply("score")])
    got = simulate(plan, {"award": [2**61] * 8}, {"score": NormalVariation(1, 0)}, 3, 1)
    assert got.totals.tolist() == [2**64] * 3
    assert got.mean == Money.from_minor(2**64, "EUR")
    assert got.deviation == Money(0, "EUR")


# What is shown.


def test_the_table_lines_up():
    lines = str(cost(n=100, budget=Money(300_000, "EUR"), at=AT)).splitlines()
    assert lines[0] == "cost of 'bonus': 100 scenarios of 300 people, seed 7; 95 % intervals"
    assert [line.split("  ")[0] for line in lines[1:]] == [
        *("mean", "5 %", "25 %", "50 %", "75 %", "95 %", "budget", "over budget"),
        *("paid nothing", "at threshold or above", "at target or above", "at maximum or above"),
    ]
    ends = {line.rindex(" EUR") for line in lines[2:8]}
    assert len(ends) == 1
    assert "standard error" in lines[1]


def test_it_explains_and_shows_itself():
    got = cost(n=100, budget=300_000, at=AT)
    explanation = got.explain()
    explanation.check()
    assert explanation.value == got.mean
    assert explanation.params["scenarios"] == 100
    assert explanation["target"].value == got.share("target").value
    assert "share of the people who are paid nothing" in str(explanation)
    assert repr(got) == f"<Simulation of 'bonus': 100 scenarios of 300 people, mean {got.mean}>"
    html = got._repr_html_()
    assert html.count("<tr>") == 12
    assert "over budget" in html
    assert str(got.over_budget).endswith(")")
    assert "budget" not in str(cost(n=3))


def test_progress_is_told_once_for_each_scenario():
    told = []
    cost(n=1_000, progress=told.append)
    assert sum(told) == 1_000
    assert len(told) > 1
    told.clear()
    cost(n=5, progress=told.append, block=16)
    assert told == [1] * 5


# What is refused.


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"n": 0}, DefinitionError, "n must be a whole number from 1 on"),
        ({"plan": PAYOUT}, DefinitionError, "plan must be an IncentivePlan"),
        ({"n": 2.5}, DefinitionError, "n must be a whole number"),
        ({"seed": -1}, DefinitionError, "seed must be a whole number from 0 on"),
        ({"seed": None}, DefinitionError, "seed must be a whole number"),
        ({"seed": 2**64}, DefinitionError, "seed must be below"),
        ({"seed": True}, DefinitionError, "seed must be a whole number"),
        ({"block": 0}, DefinitionError, "block must be a whole number from 1 on"),
        ({"budget": -1}, DefinitionError, "a budget must not be negative"),
        ({"budget": Money(1, "USD")}, DataError, r"must be of EUR \(got USD\)"),
        ({"outcomes": {"scor": SCORE}}, DefinitionError, r"does not read 'scor' \(did you mean 'score'\?\)"),
        ({"outcomes": HistoryVariation({"x": [1]})}, DefinitionError, "does not read 'x'"),
        ({"outcomes": {"score": 1.0}}, DefinitionError, "members of Variation"),
        ({"outcomes": [SCORE]}, DefinitionError, "must say how a column varies"),
        ({"outcomes": {"score": NormalVariation("forecast", 1)}}, MissingColumnsError, "'forecast'"),
        ({"salary": []}, DataError, "must have people"),
        ({"salary": [1.5]}, DataError, "salary"),
    ],
)
def test_bad_requests_are_refused(options, error, message):
    with pytest.raises(error, match=message):
        cost(**{"n": 2} | options)


def test_people_must_be_countable():
    plan = IncentivePlan("b", currency="EUR", pays=[TargetBonus(1_000, 1, "score")])
    with pytest.raises(DataError, match="so say key="):
        simulate(plan, {"who": ["a"]}, {"score": SCORE}, 2, 1)


def test_a_simulation_travels_between_processes():
    got = cost(n=20, at=AT)
    assert str(pickle.loads(pickle.dumps(got))) == str(got)
