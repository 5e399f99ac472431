"""How much a ranking depends on its choices: weights, metrics, measurement, and who else is there."""

from fractions import Fraction

import numpy as np
import pytest

from perfkit import (
    Choquet,
    DataError,
    DefinitionError,
    Geometric,
    Metric,
    MinMax,
    Scorecard,
    Section,
    Veto,
    leave_one_out,
    rank_ranges,
    rank_reversals,
    simulate_scores,
    weight_threshold,
)

NAN = float("nan")
PEOPLE = {"a": [3.0, 1.0, 2.0, 2.5], "b": [1.0, 3.0, 2.0, 2.5], "c": [1.0, 1.0, 4.0, 2.5]}


def tree(**options):
    """Two sections, one of them with two metrics."""
    return Scorecard("card", [Section("s", weight=2, of=[Metric("a"), Metric("b")]), Metric("c", weight=1)], **options)


def by_hand(card, people, draws, seed, spread):
    """The ranks of each draw, each from a card with those weights."""
    random = np.random.default_rng(seed)
    groups = [[("s", 2.0), ("c", 1.0)], [("a", 1.0), ("b", 1.0)]]
    drawn = []
    for group in groups:
        uniform = random.random((draws, len(group)))
        base = np.array([weight for _, weight in group])
        drawn.append(base * (1 + spread * (2 * uniform - 1)) if spread is not None else -np.log(1 - uniform))
    for draw in range(draws):
        weights = {
            name: float(column[draw, position])
            for group, column in zip(groups, drawn, strict=True)
            for position, (name, _) in enumerate(group)
        }
        yield card.weighted(weights).score(people).rank()


@pytest.mark.parametrize("spread", [None, 0.5])
@pytest.mark.parametrize("kind", ["plain", "gaps", "product"])
def test_rank_ranges_are_those_of_the_cards_with_the_drawn_weights(spread, kind):
    card = tree(aggregate=Geometric() if kind == "product" else None)
    people = {**PEOPLE, "b": [NAN, 3.0, 2.0, 2.5]} if kind == "gaps" else PEOPLE
    ranks = np.array(list(by_hand(card, people, 40, 9, spread)))
    found = rank_ranges(card, people, seed=9, draws=40, spread=spread)
    np.testing.assert_array_equal(found.best, ranks.min(axis=0))
    np.testing.assert_array_equal(found.worst, ranks.max(axis=0))
    np.testing.assert_allclose(found.mean, ranks.mean(axis=0))
    np.testing.assert_allclose(found.first, (ranks == 1).mean(axis=0))
    again = rank_ranges(card, people, seed=9, draws=40, spread=spread)
    assert again.mean.tobytes() == found.mean.tobytes()
    assert len(found) == 4
    assert "40 draws" in repr(found)


def test_rank_ranges_of_many_people_and_of_those_without_a_score():
    random = np.random.default_rng(1)
    people = {name: random.random(30) for name in "abc"}
    for name in "abc":
        people[name][4] = NAN
    found = rank_ranges(tree(), people, seed=1, draws=5, spread=0)
    ranks = tree().score(people).rank()
    np.testing.assert_array_equal(found.best, ranks)
    np.testing.assert_array_equal(found.worst, ranks)
    assert np.isnan(found.first[4])
    assert str(found).splitlines()[-1] == "and 10 rows more"
    # More people than are taken at a time.
    big = {name: np.tile(random.random(1_000), 1_100) for name in "abc"}
    assert rank_ranges(tree(), big, seed=1, draws=2).best[:1_000].tobytes() == (
        rank_ranges(tree(), big, seed=1, draws=2).best[1_000:2_000].tobytes()
    )


def test_without_each_metric_the_others_take_its_weight():
    found = leave_one_out(tree(), PEOPLE)
    assert list(found) == ["a", "b", "c"]
    alone = Scorecard("card", [Section("s", weight=2, of=[Metric("b")]), Metric("c", weight=1)]).score(PEOPLE)
    np.testing.assert_array_equal(found["a"].values, alone.values)
    np.testing.assert_array_equal(found["a"].ranks, alone.rank())
    np.testing.assert_array_equal(found["a"].shift, alone.rank() - tree().score(PEOPLE).rank())
    assert found["a"].largest_shift == np.abs(found["a"].shift).max()
    assert repr(found["c"]).startswith("<WithoutMetric 'c': at most")
    nobody = leave_one_out(tree(), {name: [NAN] for name in "abc"})["a"]
    assert (nobody.largest_shift, nobody.mean_shift) == (0, 0)
    with pytest.raises(DefinitionError, match="a single metric"):
        leave_one_out(Scorecard("card", [Metric("a")]), PEOPLE)


def test_a_simulation_draws_what_was_measured_again():
    card = Scorecard("card", [Metric("a", uncertainty=0.2), Metric("b", uncertainty="sd"), Metric("c")])
    people = {**PEOPLE, "sd": [0.1, 0, 0, 0.4]}
    found = simulate_scores(card, people, seed=3, draws=4_000)
    expected = np.sqrt(0.2**2 + np.nan_to_num(np.array(people["sd"], dtype=float)) ** 2) / 3
    np.testing.assert_allclose(found.deviation, expected, rtol=0.05)
    np.testing.assert_allclose(found.mean, card.score(people).values, atol=0.01)
    np.testing.assert_allclose(found.high - found.low, 2 * 1.96 * expected, rtol=0.08)
    assert found.ahead(2, 0) > 0.99
    assert found.ahead(2, 0) + found.ahead(0, 2) == pytest.approx(1)
    assert found.best.min() == 1
    assert len(found) == 4
    assert "4,000 draws" in repr(found)
    assert (
        simulate_scores(card, people, seed=3, draws=50).mean.tobytes()
        == simulate_scores(card, people, seed=3, draws=50).mean.tobytes()
    )
    one = simulate_scores(card, people, seed=3, draws=1)
    assert one.deviation.tolist() == [0] * 4
    gone = simulate_scores(card, {**people, "a": [NAN] * 4, "b": [NAN] * 4, "c": [NAN, 1, 1, 1]}, seed=1, draws=10)
    assert np.isnan(gone.best[0])


def test_frozen_scales_know_no_rank_reversal():
    card = Scorecard("card", [Metric("a", scale=MinMax()), Metric("b", scale=MinMax())])
    people = {"a": [10, 9, 0, 10], "b": [52, 55, 50, 100]}
    (found,) = rank_reversals(card, people, rows=[-1])
    assert (found.cause, found.ahead, found.behind) == (3, 0, 1)
    assert found in rank_reversals(card, people)
    assert rank_reversals(card.fit(people), people) == ()
    with pytest.raises(DataError, match="not both"):
        rank_reversals(card, people, added=people, rows=[0])


def test_thresholds_of_weights():
    card = tree()
    threshold = weight_threshold(card, PEOPLE, "c", rows=(0, 2))
    # a and b give 2 to both, so c decides at once.
    assert threshold == 0
    assert weight_threshold(card, {"a": [2, 1], "b": [2, 1], "c": [2, 1]}, "c") is None
    assert weight_threshold(card, {"a": [1, 1], "b": [1, 1], "c": [2, 2]}, "c") is None
    same = weight_threshold(card, {"a": [3, 1], "b": [3, 1], "c": [1, 2]}, "c")
    assert same == Fraction(2, 3)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: rank_ranges(tree(), PEOPLE, seed=1, draws=0), DefinitionError, "whole number from 1 on"),
        (lambda: rank_ranges(tree(), PEOPLE, seed=1, spread=1), DefinitionError, "from 0 up to 1"),
        (lambda: simulate_scores(tree(), PEOPLE, seed=1), DefinitionError, "no metric of 'card' has an uncertainty"),
        (
            lambda: simulate_scores(Scorecard("c", [Metric("a", uncertainty=1)]), PEOPLE, seed=1, interval=1),
            DefinitionError,
            "share between 0 and 1",
        ),
        (
            lambda: simulate_scores(Scorecard("c", [Metric("a", uncertainty="sd")]), {"a": [1], "sd": [-1]}, seed=1),
            DataError,
            "negative deviation",
        ),
        (lambda: weight_threshold(tree(), PEOPLE, "d"), DefinitionError, "no metric is called 'd'"),
        (
            lambda: weight_threshold(tree(aggregate=Geometric()), PEOPLE, "c"),
            DefinitionError,
            "weighted means throughout",
        ),
        (
            lambda: weight_threshold(tree(), {**PEOPLE, "a": [NAN, 1, 1, 1]}, "c"),
            DataError,
            "both rows must have a score",
        ),
    ],
)
def test_what_robustness_refuses(call, error, message):
    with pytest.raises(error, match=message):
        call()


def test_a_single_metric_has_no_weight_to_change():
    with pytest.raises(DefinitionError, match="'card' has a single metric"):
        weight_threshold(Scorecard("card", [Metric("a")]), {"a": [1, 2]}, "a")


@pytest.mark.parametrize("rows", [[7], [0, -5]])
def test_who_leaves_must_be_there(rows):
    card = Scorecard("card", [Metric("a", scale=MinMax()), Metric("b", scale=MinMax())])
    with pytest.raises(DataError, match="of the 4 that there are"):
        rank_reversals(card, PEOPLE, rows=rows)


def test_one_column_has_one_uncertainty():
    def card(first, second):
        return Scorecard("card", [Metric("a", column="x", uncertainty=first), Metric("b", column="x", **second)])

    with pytest.raises(DefinitionError, match="'a' and 'b' both read 'x'"):
        simulate_scores(card(0.1, {"uncertainty": 0.5}), {"x": [1.0]}, seed=1)
    alike = simulate_scores(card(0.1, {"uncertainty": 0.1}), {"x": [1.0]}, seed=1)
    # The value that is drawn is that of both, so that the one without an uncertainty moves too.
    assert simulate_scores(card(0.1, {}), {"x": [1.0]}, seed=1).mean == alike.mean


def test_what_is_left_out_is_not_missing():
    people = {"a": [1, 0.2, 0.9], "b": [2, 1, 3], "c": [1, 1, 0]}
    smaller = Scorecard("card", [Metric("b"), Metric("c")])
    floors = {"a": 0.5, "c": 0.5}
    for of in (None, Geometric()):
        card = Scorecard("card", [Metric(n) for n in "abc"], aggregate=Veto(floors, missing="vetoes", of=of))
        expected = Scorecard("card", smaller.sections, aggregate=Veto({"c": 0.5}, missing="vetoes", of=of))
        assert leave_one_out(card, people)["a"].values.tolist() == expected.score(people).values.tolist()
    only = Scorecard("card", [Metric(n) for n in "abc"], aggregate=Veto({"a": 0.5}, missing="vetoes"))
    assert leave_one_out(only, people)["a"].values.tolist() == smaller.score(people).values.tolist()
    gaps = {**people, "c": [1, None, 0]}
    parts = [Section("s", weight=2, of=[Metric("a")], min_coverage=1), Metric("b", weight=1), Metric("c", weight=1)]
    asking = Scorecard("card", parts, min_coverage=0.75)
    without = leave_one_out(asking, gaps)["a"].values
    np.testing.assert_array_equal(without, Scorecard("card", smaller.sections, min_coverage=0.75).score(gaps).values)
    assert np.isnan(without).tolist() == [False, True, False]


def test_drawn_weights_must_suit_the_interactions():
    """Interactions that outweigh a share would let somebody who is better in everything come last."""
    people = {"a": [1, 0.5], "b": [0, 0]}
    card = Scorecard("card", [Metric("a"), Metric("b")], aggregate=Choquet({("a", "b"): 0.6}))
    for aggregate in (card.aggregate, Veto({"b": 0}, of=card.aggregate)):
        some = Scorecard("card", card.sections, aggregate=aggregate)
        with pytest.raises(DefinitionError, match=r"outweigh its share.*smaller spread="):
            rank_ranges(some, people, seed=1, draws=200)
        assert rank_ranges(some, people, seed=1, draws=200, spread=0.2).best.tolist() == [1, 2]
