"""Ranks of a cohort by votes: Borda's points, and the majority of every pair."""

from fractions import Fraction

import numpy as np
import pytest

from perfkit import (
    DataError,
    DefinitionError,
    Metric,
    Scorecard,
    Weights,
    borda_scores,
    pairwise_majority,
)
from perfkit._metrics import majority as module

NAN = float("nan")


def test_borda_is_the_sum_of_the_majorities_where_nothing_is_missing():
    random = np.random.default_rng(5)
    votes = {name: random.integers(0, 6, 30) for name in "abcd"}
    weights = {"a": 4, "b": 3, "c": 2, "d": 1}
    shares = pairwise_majority(votes, weights).shares
    np.testing.assert_allclose(borda_scores(votes, weights), shares.sum(axis=1), atol=1e-12)
    np.testing.assert_array_equal(shares + shares.T + np.eye(30), np.ones((30, 30)))


def test_the_order_of_rows_does_not_matter():
    random = np.random.default_rng(6)
    votes = {name: random.integers(0, 9, 40).astype(float) for name in "abc"}
    order = random.permutation(40)
    turned = {name: column[order] for name, column in votes.items()}
    assert borda_scores(votes)[order].tobytes() == borda_scores(turned).tobytes()
    assert pairwise_majority(votes).shares[np.ix_(order, order)].tobytes() == pairwise_majority(turned).shares.tobytes()


def test_scores_of_cards_and_weights_with_a_source_are_votes():
    scores = Scorecard("card", [Metric("x")]).score({"x": [0.1 + 0.2, 0.3, 0.1]})
    weights = Weights({"card": 1, "boss": 1})
    # What is published alike is a tie, whatever the last bits.
    assert borda_scores({"card": scores, "boss": [1, 2, 3]}, weights).tolist() == [0.75, 1.25, 1.0]
    assert pairwise_majority({"card": scores}).shares[0, 1] == 0.5


def test_a_row_that_a_vote_leaves_out_has_the_points_of_the_others():
    # The one whom only ana ranks is judged by ana alone: ahead of everybody she compares.
    votes = {"ana": [3, 2, 1], "ben": [NAN, 1, 2]}
    assert borda_scores(votes).tolist() == [2.0, 0.5, 1.0]
    shares = pairwise_majority(votes).shares
    assert shares[0].tolist() == [0, 1, 1]
    assert shares[1, 2] == 0.5


def test_who_is_compared_with_nobody_has_neither_points_nor_wins():
    votes = {"ana": [3, 2, None], "ben": [1, None, None], "eve": [None, None, 5]}
    points = borda_scores(votes)
    assert points[:2].tolist() == [2, 0]
    assert np.isnan(points[2])
    majority = pairwise_majority(votes)
    assert np.isnan(majority.shares[2, :2]).all()
    assert majority.copeland.tolist() == [1, -1, 0]
    assert majority.winner is None
    assert repr(majority) == "<PairwiseMajority of 3 rows>"


def test_someone_who_joins_can_turn_two_others_round_so_it_is_no_score():
    # Why these are functions over a cohort and no aggregate: a score is of a row by itself.
    votes = {"ana": [3, 2], "ben": [3, 2], "eve": [2, 3]}
    joined = {"ana": [3, 2, 1], "ben": [3, 2, 1], "eve": [0, 3, 2]}
    more = {"ana": [3, 2, 1, 0.5], "ben": [3, 2, 1, 0.5], "eve": [0, 3, 2, 1]}
    one, other = borda_scores(votes)
    assert one > other
    one, other, _ = borda_scores(joined)
    assert one == other
    one, other, *_ = borda_scores(more)
    assert one < other
    # The majority between the two stays, but not how many others they beat.
    for some in (votes, joined, more):
        assert pairwise_majority(some).shares[0, 1] == 2 / 3


def test_ties_of_wins_share_a_rank():
    majority = pairwise_majority({"ana": [2, 2, 1]})
    assert majority.rank().tolist() == [1, 1, 3]
    assert majority.rank(ties="dense").tolist() == [1, 1, 2]


def test_it_prints_as_a_table_that_lines_up():
    told = str(pairwise_majority({"ana": range(25)}))
    lines = told.splitlines()
    assert lines[0].split() == ["row", "rank", "wins", "less", "losses"]
    assert len({len(line) for line in lines[:-1]}) == 1
    assert lines[1].split() == ["0", "25", "-24"]
    assert lines[-1] == "and 5 rows more"
    assert len(str(pairwise_majority({"ana": [1, 2]})).splitlines()) == 3


def test_too_many_rows_for_pairs_are_ranked_by_borda(monkeypatch):
    monkeypatch.setattr(module, "_MOST", 3)
    votes = {"ana": [4, 3, 2, 1]}
    with pytest.raises(DataError, match=r"up to 3 rows .*; rank more with borda_scores"):
        pairwise_majority(votes)
    assert borda_scores(votes).tolist() == [3, 2, 1, 0]


@pytest.mark.parametrize("rank", [borda_scores, pairwise_majority])
@pytest.mark.parametrize(
    ("votes", "weights", "error", "message"),
    [
        ({}, None, DefinitionError, "mapping from who votes"),
        ([1, 2], None, DefinitionError, "mapping from who votes"),
        ({"a": [1, 2]}, {"a": 0}, DefinitionError, "'a' has 0, which is not positive"),
        ({"ana": [1, 2], "ben": [2, 1]}, {"anna": 1, "ben": 1}, DefinitionError, "'ana' has none; 'anna' does not"),
        ({"a": [1, 2], "b": [1]}, None, DataError, "length|rows"),
        ({"a": ["x", 2]}, None, DataError, "number"),
        ({"a": [float("inf"), 2]}, None, DataError, "finite"),
    ],
)
def test_votes_that_mean_nothing_are_refused(rank, votes, weights, error, message):
    with pytest.raises(error, match=message):
        rank(votes, weights)


def test_whom_no_vote_compares_has_no_rank():
    majority = pairwise_majority({"a": [None, 1, 2], "b": [None, 1, None]})
    np.testing.assert_array_equal(majority.rank(), [NAN, 2, 1])
    assert str(majority).splitlines()[1].split() == ["0", "-", "0"]
    assert pairwise_majority({"a": [3]}).rank().tolist() == [1]


@pytest.mark.parametrize("rank", [borda_scores, pairwise_majority])
@pytest.mark.parametrize("weights", ["ab", [1, 2], 5])
def test_weights_go_by_name(rank, weights):
    with pytest.raises(DefinitionError, match="a mapping from vote to weight"):
        rank({"a": [1, 2], "b": [2, 1]}, weights)


def test_weights_of_any_denominators_are_weighed():
    odd = {"a": Fraction(1, 10**200), "b": Fraction(1, 3**300), "c": Fraction(1, 7)}
    shares = pairwise_majority({"a": [1, 2], "b": [1, 2], "c": [2, 1]}, odd).shares
    np.testing.assert_allclose(shares, [[0, 1], [0, 0]], atol=1e-12)
