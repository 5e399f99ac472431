"""Long work tells how far it is, block by block, and can be ended by who is told."""

import numpy as np
import pytest
from attrs import evolve

from perfkit import (
    Curve,
    DataError,
    Draw,
    FlatAmount,
    GroupShare,
    IncentivePlan,
    Ledger,
    Metric,
    MinMax,
    Percentile,
    Pool,
    SalaryReview,
    Scorecard,
    Section,
    Topsis,
    false_alarm_rate,
    leave_one_out,
    rank_ranges,
    sensitivities,
    simulate_scores,
)
from perfkit._core.blocks import BLOCK
from perfkit.typing import Progress

CARD = Scorecard("card", [Metric("x")])
PLAN = IncentivePlan("plan", currency="EUR", pays=[FlatAmount("x")])
CARRIES = IncentivePlan("plan", currency="EUR", pays=[FlatAmount("x")], carry=[Draw(1)])
WORK = {
    "score": lambda x, progress: CARD.score({"x": x}, progress=progress),
    "pay": lambda x, progress: PLAN.pay({"x": x}, progress=progress),
    "pay_period": lambda x, progress: CARRIES.pay_period(
        {"x": x, "who": np.arange(len(x)).astype(str)}, Ledger("EUR"), key="who", progress=progress
    ),
}


@pytest.mark.parametrize("work", WORK)
@pytest.mark.parametrize("n", [0, 1, BLOCK, BLOCK + 1])
def test_every_row_is_told_once_and_the_result_is_the_same(work, n):
    told = []
    result = WORK[work](np.arange(n), told.append)
    assert sum(told) == n
    assert len(told) >= -(-n // BLOCK)
    assert all(0 < done <= BLOCK for done in told)
    if work != "pay_period":
        np.testing.assert_array_equal(result, WORK[work](np.arange(n), None))


@pytest.mark.parametrize("work", WORK)
def test_what_is_raised_ends_the_work(work):
    told = []

    def stop(done):
        told.append(done)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        WORK[work](np.arange(3 * BLOCK), stop)
    assert len(told) == 1
    assert 0 < told[0] <= BLOCK


def test_a_column_may_be_called_progress_too():
    card = Scorecard("card", [Metric("progress")])
    assert card.score({"x": [1, 2]}, progress=[0.25, 0.5]).values.tolist() == [0.25, 0.5]
    assert card.score({"progress": [0.25]}, progress=[].append).values.tolist() == [0.25]
    plan = IncentivePlan("plan", currency="EUR", pays=[FlatAmount("progress")])
    assert plan.pay({"x": [0, 0]}, progress=np.array([5, 7])).minor.tolist() == [5, 7]


def test_a_bar_with_an_update_serves():
    class Bar:
        n = 0

        def update(self, n=1):
            self.n += n

    bar = Bar()
    CARD.score({"x": np.arange(10)}, progress=bar.update)
    assert bar.n == 10
    assert isinstance(bar.update, Progress)


def test_draws_and_metrics_are_told():
    card = Scorecard("card", [Metric("x", uncertainty=0.1), Metric("y")])
    people = {"x": np.arange(50_000.0), "y": np.ones(50_000)}
    for work in (rank_ranges, simulate_scores):
        told = []
        result = work(card, people, seed=1, draws=60, progress=told.append)
        assert sum(told) == 60
        assert len(told) > 1
        np.testing.assert_array_equal(result.best, work(card, people, seed=1, draws=60).best)
    told = []
    assert set(leave_one_out(card, people, progress=told.append)) == {"x", "y"}
    assert told == [1, 1]


def fitted_card(x, progress):
    card = Scorecard(
        "card",
        [Section("near", aggregate=Topsis(), of=[Metric("x", scale=MinMax()), Metric("y", scale=Percentile())])],
        aggregate=Topsis(),
    )
    return card.fit({"x": x, "y": -x}, progress=progress)


def shared_out(x, progress):
    plan = IncentivePlan(
        "plan",
        currency="EUR",
        pays=[
            Pool(100, by="x", key="who", within=[GroupShare("team")], name="teams"),
            FlatAmount(3),
            Pool(50, by="x", key="who", name="all"),
            OwnPool(),
        ],
    )
    return plan.fit({"x": x, "who": x.astype(str), "team": (x % 3).astype(str)}, progress=progress)


class OwnPool:
    """Somebody's own form of pay that must see everybody, and tells nothing."""

    name = "own"

    def needs(self):
        return ()

    def award(self, rows, currency, record):
        return np.zeros(rows.n, dtype=np.int64)

    def fit(self, data, *, results=None, currency=None, **columns):
        assert not columns
        return self

    def __eq__(self, other):
        return isinstance(other, OwnPool)

    __hash__ = None


REVIEW = SalaryReview(0.03, key="who", currency="EUR", within="team")


def paid_people(x):
    return {"who": x.astype(str), "salary": 100_000 + x, "team": (x % 3).astype(str)}


FITS = {
    "card": fitted_card,
    "plan": shared_out,
    "pool": lambda x, progress: Pool(100, by="x", key="who", currency="EUR").fit(
        {"x": x, "who": x.astype(str)}, progress=progress
    ),
    "review": lambda x, progress: REVIEW.fit(paid_people(x), share=0.02, progress=progress),
    "raises": lambda x, progress: (
        REVIEW.fit(paid_people(x), share=0.02).raises(paid_people(x), progress=progress).minor.tolist()
    ),
}


@pytest.mark.parametrize("work", FITS)
@pytest.mark.parametrize("n", [7, BLOCK + 1])
def test_a_fit_tells_of_every_row_once_and_finds_the_same(work, n):
    told = []
    found = FITS[work](np.arange(1, n + 1), told.append)
    assert sum(told) == n
    assert all(done > 0 for done in told)
    assert found == FITS[work](np.arange(1, n + 1), None)
    if work in ("card", "plan", "review"):
        assert len(told) > 1


def test_a_fit_to_several_tables_tells_after_each():
    card = Scorecard("card", [Metric("x", scale=MinMax()), Metric("idle", curve=Curve.constant(1))])
    tables = [{"x": [1.0, 2.0]}, {"x": [5.0]}, {"x": []}]
    told = []
    assert card.fit(tables, progress=told.append) == card.fit(tables)
    assert told == [2, 1]
    assert card.fit({"x": [1, 5]}, progress=told.append) == card.fit({"x": [1, 5]})
    # What is frozen already looks at nobody.
    assert card.fit({"x": [1, 5]}).fit({"x": [1]}, progress=told.append).is_fitted
    assert told == [2, 1, 2]


def test_nobody_at_all_is_refused_with_progress_too():
    card = Scorecard("card", [Metric("x", scale=MinMax())])
    with pytest.raises(DataError, match="no value in the population"):
        card.fit({"x": []}, progress=[].append)


def test_a_column_may_be_called_progress_in_a_fit_too():
    card = Scorecard("card", [Metric("progress", scale=MinMax())])
    assert card.fit({"x": [0, 0]}, progress=[2.0, 4.0]).score_one({"progress": 3}).value == 0.5
    pool = Pool(100, by="progress", key="who", currency="EUR")
    shares = pool.fit({"who": ["a", "b"]}, progress=[1, 3]).share({"who": ["a"], "progress": [1]})
    assert shares.minor.tolist() == [2500]
    review = SalaryReview("progress", key="who", currency="EUR")
    people = {"who": ["a"], "salary": [10_000]}
    assert review.raises(people, progress=[0.05]).minor.tolist() == [500]
    assert review.fit(people, 3, progress=[0.05]).raises(people, progress=[0.05]).minor.tolist() == [300]
    plan = IncentivePlan("plan", currency="EUR", pays=[evolve(pool, currency=None)])
    fitted = plan.fit({"who": ["a", "b"]}, progress=[1, 3])
    assert fitted.pay({"who": ["b"], "progress": [3]}).minor.tolist() == [7500]


def test_simulated_runs_and_moved_columns_are_told():
    told = []
    rules = ("beyond_limits", "trend_of_6")
    assert false_alarm_rate(rules, seed=1, progress=told.append) == false_alarm_rate(rules, seed=1)
    assert sum(told) == 20_000
    assert len(told) > 1
    told = []
    card = Scorecard("card", [Metric("x"), Metric("y"), Metric("z")])
    row = {"x": 1, "y": 2, "z": 0}
    assert sensitivities(card, row, progress=told.append) == sensitivities(card, row)
    assert told == [1, 1, 1]
