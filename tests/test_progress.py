"""Long work tells how far it is, block by block, and can be ended by who is told."""

import numpy as np
import pytest

from perfkit import (
    Draw,
    FlatAmount,
    IncentivePlan,
    Ledger,
    Metric,
    Scorecard,
    leave_one_out,
    rank_ranges,
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
