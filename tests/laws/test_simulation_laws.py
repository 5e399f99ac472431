"""Laws of simulations: each scenario is paid by the plan, in any block, and a dearer plan costs more in each."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from perfkit import (
    Cap,
    ChoiceVariation,
    Curve,
    Gate,
    HistoryVariation,
    IncentivePlan,
    LognormalVariation,
    NormalVariation,
    QuantileVariation,
    TargetBonus,
    simulate,
)
from perfkit._core.columns import read_rows
from perfkit._incentives.variation import Draws

LAW = settings(max_examples=40, deadline=None)
PAYOUT = Curve.through((0.8, 0.5), (1, 1), (1.2, 2), below=0)
shares = st.integers(-5, 5).map(lambda share: share / 10)
loadings = st.integers(-10, 10).map(lambda loading: loading / 10)


def plan_of(rate=0.1, cap=10**6):
    bonus = TargetBonus("salary", rate, "score", PAYOUT)
    return IncentivePlan("bonus", currency="EUR", pays=[bonus], then=[Gate("compliant"), Cap(cap)])


@st.composite
def results(draw):
    score = draw(
        st.sampled_from(
            [
                NormalVariation(1, 0.2, loading=draw(loadings)),
                LognormalVariation("forecast", 0.3, relative=True, high=3, loading=0.5, groups={"site": draw(shares)}),
                NormalVariation(1, 0.2, groups={"site": 0.6, "team": -0.5}),
                NormalVariation("forecast", 0.2, relative=True, low=0, loading=draw(loadings)),
                QuantileVariation({0.8: 0.9, 1: 0.55, 1.2: 0.1}, loading=draw(loadings)),
            ]
        )
    )
    return {"score": score, "compliant": ChoiceVariation({False: 0.1, True: 0.9}, loading=draw(loadings))}


HISTORY = HistoryVariation(
    {"year": [1, 1, 2, 2, 2], "score": [0.7, 0.9, 1.0, 1.1, 1.3], "compliant": [True, False, True, True, True]},
    by="year",
)
OF_SITES = HistoryVariation(
    {"site": ["n", "n", "s"], "score": [0.7, 1.1, 1.2], "compliant": [True, True, False]}, within="site"
)
outcomes = st.one_of(results(), st.just(HISTORY), st.just(OF_SITES))
seeds = st.integers(0, 2**64 - 1)
people = st.lists(st.integers(0, 9_000_000), min_size=1, max_size=30)


def population(salaries):
    places = np.arange(len(salaries))
    groups = {"site": np.where(places % 3, "n", "s"), "team": [f"t{place % 4}" for place in places.tolist()]}
    return {"salary": np.array(salaries), "forecast": 0.5 + places % 10 / 10, **groups}


@LAW
@given(salaries=people, outcomes=outcomes, n=st.integers(1, 12), seed=seeds, block=st.integers(1, 400))
def test_each_scenario_is_what_the_plan_pays_on_its_draws(salaries, outcomes, n, seed, block):
    data = population(salaries)
    got = simulate(plan_of(), data, outcomes, n, seed, block=block)
    rows, everybody = read_rows(data, list(data)), slice(0, len(salaries))
    kinds = {"score": "number", "compliant": "flag"}
    for scenario in range(n):
        drawn = Draws(outcomes, seed, rows).columns(range(scenario, scenario + 1), everybody, rows, kinds, "EUR")
        paid = plan_of().pay(data, **drawn)
        assert paid.total.minor == got.totals[scenario]
        assert np.count_nonzero(paid.minor == 0) == got.counts["zero"][scenario]


@LAW
@given(salaries=people, outcomes=outcomes, n=st.integers(1, 12), seed=seeds)
def test_a_dearer_plan_costs_as_much_or_more_in_every_scenario(salaries, outcomes, n, seed):
    less, more = (
        simulate(plan_of(rate, cap), population(salaries), outcomes, n, seed) for rate, cap in ((0.1, 9), (0.2, 99))
    )
    assert (more.totals >= less.totals).all()
    assert more.percentile(50).minor >= less.percentile(50).minor


@LAW
@given(salaries=people, outcomes=outcomes, seed=seeds, order=st.randoms(use_true_random=False))
def test_with_a_key_the_order_of_people_changes_nothing(salaries, outcomes, seed, order):
    data = population(salaries) | {"who": [f"p{place:02}" for place in range(len(salaries))]}
    places = list(range(len(salaries)))
    order.shuffle(places)
    shuffled = {name: [column[place] for place in places] for name, column in data.items()}
    whole, other = (simulate(plan_of(), one, outcomes, 5, seed, key="who") for one in (data, shuffled))
    assert np.array_equal(whole.totals, other.totals)


@LAW
@given(salaries=people, outcomes=outcomes, n=st.integers(2, 12), seed=seeds)
def test_statistics_are_in_order(salaries, outcomes, n, seed):
    got = simulate(plan_of(), population(salaries), outcomes, n, seed, budget=5)
    values = [got.percentile(percent).minor for percent in (1, 25, 50, 75, 100)]
    assert values == sorted(values)
    assert values[-1] == max(got.totals)
    assert min(got.totals) <= got.mean.minor <= max(got.totals)
    over = got.over_budget
    assert 0 <= over.low <= over.value <= over.high <= 1
    got.explain().check()
