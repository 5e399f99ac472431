"""Capacities: every coalition has a worth, and the integral of scores by it."""

from fractions import Fraction
from itertools import combinations

import numpy as np
import pytest

from perfkit import Choquet, ChoquetCapacity, DefinitionError, Metric, Minimum, Scorecard, Veto

NAN = float("nan")


def whole(names, worth):
    """A capacity from a function of coalitions."""
    return ChoquetCapacity({c: worth(c) for size in range(1, len(names) + 1) for c in combinations(names, size)})


def scores(aggregate, weights=None, **data):
    parts = [Metric(name, weight=None if weights is None else weights[name]) for name in data]
    return Scorecard("card", parts, aggregate=aggregate).score(data).values.tolist()


def test_a_worth_that_adds_up_is_the_weighted_mean():
    weights = {"a": Fraction(1, 2), "b": Fraction(1, 3), "c": Fraction(1, 6)}
    adding = whole("abc", lambda coalition: sum(weights[name] for name in coalition))
    data = {"a": [1, 0.3, NAN, -2, NAN], "b": [0.2, 0.9, 0.4, 3, NAN], "c": [0.5, NAN, 1, 0.5, 7]}
    assert scores(adding, **data) == scores(None, weights, **data)
    assert adding.shapley_values() == weights
    assert set(adding.interaction_indices().values()) == {0}


def test_the_least_and_the_greatest_are_the_ends():
    least, greatest = whole("ab", lambda c: len(c) // 2), ChoquetCapacity({"a": 1, "b": 1, ("a", "b"): 1})
    data = {"a": [1, 0.3, NAN], "b": [0.2, 0.9, 0.4]}
    assert scores(least, **data) == scores(Minimum(), **data) == [0.2, 0.3, 0.4]
    assert scores(greatest, **data) == [1, 0.9, 0.4]
    assert least.interaction_indices() == {("a", "b"): 1}
    assert greatest.interaction_indices() == {("a", "b"): -1}


def test_what_is_left_is_worth_its_share_of_what_it_is_worth_together():
    # Without c, {a, b} is worth 0.5 together, of which a alone is worth 0.1: a fifth.
    some = ChoquetCapacity(
        {"a": 0.1, "b": 0.2, "c": 0.3, ("a", "b"): 0.5, ("a", "c"): 0.6, ("b", "c"): 0.7, ("a", "b", "c"): 1}
    )
    assert scores(some, a=[1], b=[0.5], c=[NAN]) == [0.6]


def test_a_capacity_of_pairs_is_the_two_additive_integral():
    weights = {"a": Fraction(4, 10), "b": Fraction(3, 10), "c": Fraction(3, 10)}
    pairs = {("a", "b"): Fraction(2, 10), ("b", "c"): Fraction(-3, 10)}
    own = {n: w - sum(size for pair, size in pairs.items() if n in pair) / 2 for n, w in weights.items()}
    both = whole("abc", lambda c: sum(own[n] for n in c) + sum(s for pair, s in pairs.items() if set(pair) <= set(c)))
    assert both.shapley_values() == weights
    assert both.interaction_indices() == {**pairs, ("a", "c"): 0}
    random = np.random.default_rng(3)
    data = {name: random.uniform(-1, 1, 50).tolist() for name in weights}
    np.testing.assert_allclose(scores(both, **data), scores(Choquet(pairs), weights, **data), atol=1.1e-6)


def test_one_row_scores_as_in_a_batch_and_its_parts_add_up():
    both = whole("abcd", lambda c: Fraction(len(c) ** 2, 16))
    random = np.random.default_rng(1)
    data = {name: np.where(random.random(200) < 0.2, np.nan, random.random(200).round(2)) for name in "abcd"}
    card = Scorecard("card", [Metric(name) for name in data], aggregate=both)
    batch = card.score(data)
    for row in range(200):
        alone = card.score_one({name: column[row] for name, column in data.items()})
        assert str(alone.value) == str(float(batch.values[row]))
        batch.explain(row).check()
    np.testing.assert_allclose(batch.contributions().total(), batch.values, atol=1e-12)


def test_a_capacity_inside_a_veto_is_checked_too():
    with pytest.raises(DefinitionError, match="does not know 'c'"):
        Scorecard("card", [*map(Metric, "abc")], aggregate=Veto({"a": 0.5}, of=whole("ab", lambda c: len(c) / 2)))


def test_one_part_is_itself():
    assert scores(ChoquetCapacity({"a": 1}), a=[3, NAN])[0] == 3


@pytest.mark.parametrize(
    ("worth", "message"),
    [
        ({}, "1 to 10 parts .got 0."),
        (dict.fromkeys("abcdefghijk", 1), "1 to 10 parts .got 11."),
        (7, "must map each coalition"),
        ([("a", 1, 2)], "must map each coalition"),
        ({"a": 0.5, ("a", "b"): 1}, "{b} has no worth"),
        ({"a": 0.5, "b": 0.5, ("a", "b"): 2}, "all parts together must be worth 1 .got 2."),
        ({"a": 0.5, "b": 0.5, ("a", "a", "b"): 1}, "{a, a, b} names a part twice"),
        ([("a", 0.5), ("b", 0.5), (("a", "b"), 1), (("b", "a"), 1)], "{b, a} is there twice"),
        ({(): 0.1, "a": 1}, "nothing must be worth 0"),
        ({"a": -0.5, "b": 0.5, ("a", "b"): 1}, "{a} is worth -0.5, less than {} with 0: a better 'a' would lower"),
        ({"a": 1.5, "b": 0.5, ("a", "b"): 1}, "{a, b} is worth 1, less than {a} with 1.5: a better 'b' would lower"),
        ({"a": "x", "b": 0.5, ("a", "b"): 1}, "the worth of {a}"),
    ],
)
def test_a_capacity_that_means_nothing_is_refused(worth, message):
    with pytest.raises(DefinitionError, match=message):
        ChoquetCapacity(worth)


def test_all_problems_are_told_at_once():
    with pytest.raises(DefinitionError, match="and 2 more") as found:
        ChoquetCapacity({("a", "b", "c"): 1})
    assert len(found.value.problems) == 6


def test_a_set_of_parts_has_one_order():
    """The order of a set differs from one process to the next, so that no digest may depend on it."""
    members = [f"part {i}" for i in range(8)]
    for one in members:
        for other in members:
            if one < other:
                both = {frozenset((other, one)): 1, one: 0.5, other: 0.5}
                assert ChoquetCapacity(both).worth[0][0] == (one, other)
                assert Choquet({frozenset((other, one)): 0.1}).interactions[0][:2] == (one, other)
    assert Choquet([("b", "a", 0.1)]).interactions[0][:2] == ("b", "a")
