"""Where an index system is easy to get wrong: extreme powers, thresholds, vetoes around other methods, seeds."""

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
    Percentile,
    PowerMean,
    RatioToReference,
    Scorecard,
    Section,
    Topsis,
    Veto,
    Vikor,
    Weights,
    rank_ranges,
    rank_reversals,
    simulate_scores,
    weight_threshold,
)


def of(*names, **options):
    return Scorecard("card", [Metric(name) for name in names], **options)


@pytest.mark.parametrize("p", [-100, -60, -7.5])
@pytest.mark.parametrize(("a", "b"), [(1e-5, 1.0), (0.1, 1000.0), (1e-9, 1000.0), (2.0, 3.0), (0.5, 0.5)])
def test_a_strongly_negative_power_comes_near_the_least(p, a, b):
    value = of("a", "b", aggregate=PowerMean(p), grid=Fraction(1, 10**6)).score_one({"a": a, "b": b}).value
    # Worked out in parts of the least, where nothing overflows.
    wanted = a * (0.5 * (1 + (b / a) ** p)) ** (1 / p)
    assert value == pytest.approx(wanted, abs=6e-7)


def test_coverage_exactly_at_the_least_is_enough():
    metrics = [Metric("x", weight=5), Metric("y", weight=10), Metric("z", weight=0.1), Metric("u", weight=30)]
    row = {"x": 1, "y": 1, "z": 1, "u": None}
    at = Scorecard("card", metrics, min_coverage=Fraction(151, 451))
    assert at.score_one(row).value == 1
    assert at.score({name: [value] for name, value in row.items()}).contributions() is not None
    assert np.isnan(Scorecard("card", metrics, min_coverage=Fraction(152, 451)).score_one(row).value)
    inner = Section("s", weight=0.7, of=[Metric("x", weight=1), Metric("y", weight=2)])
    nested = Scorecard("card", [inner, Metric("z", weight=0.3)], min_coverage=Fraction(7, 30))
    assert nested.score_one({"x": 1, "y": None, "z": None}).value == 1


def test_a_ratio_to_a_reference_below_nothing_is_refused():
    with pytest.raises(DefinitionError, match=r"below 0 turns better into worse.*DistanceToReference"):
        RatioToReference(-2)
    card = Scorecard("card", [Metric("x", scale=RatioToReference("mean"))])
    with pytest.raises((DefinitionError, DataError), match="below 0 turns better into worse"):
        card.fit({"x": [-1, -3]})


@pytest.mark.parametrize("method", [Vikor(), Topsis()])
def test_a_veto_fits_the_method_inside(method):
    people = {"a": [0.2, 0.9, 0.05], "b": [0.5, 0.1, 0.9]}
    card = of("a", "b", aggregate=Veto({"a": 0.1}, of=method))
    bare = of("a", "b", aggregate=method).fit(people)
    assert not card.is_fitted
    fitted = card.fit(people)
    assert fitted.is_fitted
    scores = fitted.score(people).values
    assert scores.tolist() == [*bare.score(people).values[:2], 0]
    assert fitted.score_one({"a": 0.9, "b": 0.1}).value == scores[1]
    assert of("a", "b", aggregate=Veto({"a": 0.1})).is_fitted


def test_a_veto_around_interactions_checks_them():
    metrics = [Metric("a", weight=1), Metric("b", weight=9)]
    for aggregate in (Choquet({("a", "b"): 1}), Veto({"a": 0.1}, of=Choquet({("a", "b"): 1}))):
        with pytest.raises(DefinitionError, match="interaction"):
            Scorecard("card", metrics, aggregate=aggregate)


def test_weights_of_all_metrics_are_met_by_a_card_with_sections():
    card = Scorecard("card", [Section("s", of=[Metric("a"), Metric("c")]), Metric("b")])
    weights = Weights.ahp({("a", "c"): 3, ("a", "b"): 2, ("c", "b"): 1})
    assert card.weighted(weights).weights() == pytest.approx(dict(weights))
    old = Scorecard("card", [Section("s", weight=9, of=[Metric("a"), Metric("c")]), Metric("b", weight=1)])
    exact = old.weighted(Weights({"a": 2, "c": 1, "b": 5})).weights()
    assert exact == {"a": Fraction(1, 4), "c": Fraction(1, 8), "b": Fraction(5, 8)}


def test_an_error_has_no_negative_deviation():
    with pytest.raises(DefinitionError, match="must not be negative"):
        Metric("a", uncertainty=-1)


@pytest.mark.parametrize("seed", [-1, "x", 0.5, True])
def test_a_seed_is_a_whole_number(seed):
    card = Scorecard("card", [Metric("a", uncertainty=1), Metric("b")])
    data = {"a": [1, 2], "b": [2, 1]}
    for work in (rank_ranges, simulate_scores):
        with pytest.raises(DefinitionError, match="seed must be a whole number from 0 on"):
            work(card, data, seed=seed)


def test_rows_that_there_are_not_are_refused():
    with pytest.raises(DataError, match=r"rows must be two of the 2 that there are.*got \(0, 9\)"):
        weight_threshold(of("a", "b"), {"a": [1, 2], "b": [2, 1]}, "a", rows=(0, 9))


def test_what_many_parts_bring_is_not_told_as_nothing():
    names = [f"m{n}" for n in range(11)]
    explanation = of(*names, aggregate=Geometric()).score_one(dict.fromkeys(names, 2)).explain()
    explanation.check()
    text = str(explanation)
    assert "of more than 10 parts none is told what it brings: put some in a section" in text
    assert "Shapley" not in text


def test_a_duty_is_named_once():
    with pytest.raises(DefinitionError, match="'win' twice"):
        Metric("a", duties=["win", "win"])


GROUPED = {"x": [1.0, 2, 3, 4, 9], "y": [3.0, 1, 2, 5, 9], "g": ["a", "a", "b", "b", "b"]}


def test_a_reversal_is_looked_for_within_groups_too():
    ranked = Scorecard("card", [Metric("x", scale=Percentile(within="g")), Metric("y", scale=MinMax())])
    assert [reversal.cause for reversal in rank_reversals(ranked, GROUPED)] == [1]
    assert rank_reversals(ranked.fit(GROUPED), GROUPED) == ()
    (joined,) = rank_reversals(ranked, GROUPED, added={"x": [0] * 3, "y": [5] * 3, "g": ["a"] * 3})
    assert (joined.cause, joined.ahead, joined.behind) == (None, 1, 0)


def test_whoever_leaves_a_group_without_a_spread_is_named():
    spread = Scorecard("card", [Metric("x", scale=MinMax(within="g"))])
    with pytest.raises(DataError, match=r"without row 0, column 'x' in group 'a' cannot be fit to.*rows= only those"):
        rank_reversals(spread, GROUPED)
    assert rank_reversals(spread, GROUPED, rows=[2, 3, 4]) == ()
    with pytest.raises(DataError, match=r"with those who join, column 'x' in group 'c' cannot be fit to"):
        rank_reversals(spread, GROUPED, added={"x": [1], "g": ["c"]})
    small = Scorecard("card", [Metric("x", scale=MinMax(within="g", smallest=2))])
    with pytest.raises(DataError, match=r"without row 0, column 'g' must name a group that was there.*row 1"):
        rank_reversals(small, GROUPED, rows=[0])


def test_the_weight_at_which_two_change_places_shows_no_float_noise():
    # Attainments of a third and two thirds are no decimals: the threshold is the simplest number near theirs.
    thirds = Scorecard("card", [Metric("a", target=3), Metric("b", target=7)])
    assert weight_threshold(thirds, {"a": [1, 2], "b": [3, 1]}, "a") == Fraction(6, 13)
    # A sum that misses 0.3 by its last bit is 0.3.
    noisy = {"a": [0.1 + 0.2, 0.1], "b": [0.1, 0.7 + 0.1]}
    assert weight_threshold(of("a", "b"), noisy, "a") == Fraction(7, 9)
    # Decimals of nine places are taken as they are, though there are simpler numbers near what they come to.
    fine = {"a": [0.123456789, 0.1], "b": [0.1, 0.987654321]}
    exactly = Fraction(887654321, 887654321 + 23456789)
    assert weight_threshold(of("a", "b"), fine, "a") == exactly


@pytest.mark.parametrize("target", [7, 11, 13, 17])
def test_a_rounded_threshold_is_near_the_one_of_fractions(target):
    threshold = weight_threshold(
        Scorecard("card", [Metric("a", target=target), Metric("b", target=19)]), {"a": [2, 5], "b": [4, 3]}, "a"
    )
    ahead, behind = Fraction(3, target), Fraction(1, 19)
    assert threshold == behind / (ahead + behind)


def test_a_cost_can_be_the_reference_over_it():
    cost = Metric("x", lower_is_better=True, inversion="ratio", scale=RatioToReference("least", within="g"))
    card = Scorecard("card", [cost]).fit({"x": [3.0, 6, 4], "g": ["a", "a", "b"]})
    scores = card.score({"x": [3, 6, 2, 4, 5, None], "g": ["a", "a", "a", "b", "b", "b"]})
    np.testing.assert_array_equal(scores.values, [1, 0.5, 1.5, 1, 0.8, np.nan])
    assert card.score_one({"x": 5, "g": "b"}).value == 0.8
    scores.explain(1).check()
    assert "the reference of 3 over the value" in str(scores.explain(1))
    assert "the reference of 4 over the value" in str(scores.explain(4))
    for x in (0, -1):
        with pytest.raises(DataError, match=r"'x' must be positive.*row 0; take inversion=\"mirror\""):
            card.score({"x": [x], "g": ["a"]})
    # A declared reference is what a target is.
    declared = Scorecard("card", [Metric("x", lower_is_better=True, inversion="ratio", scale=RatioToReference(4))])
    target = Scorecard("card", [Metric("x", lower_is_better=True, inversion="ratio", target=4)])
    rows = {"x": [0.1, 1 / 3, 4, 1e9]}
    assert declared.score(rows).values.tobytes() == target.score(rows).values.tobytes()
    assert "the reference of 4 over the value" in str(declared.score(rows).explain(2))
    # Where more is better there is nothing to turn round.
    more = Scorecard("card", [Metric("x", inversion="ratio", scale=RatioToReference(4))])
    assert more.score({"x": [2]}).values.tolist() == [0.5]
    with pytest.raises(DefinitionError, match=r"turned round by its own rule, MinMax.*inversion=\"ratio\" goes with"):
        Metric("x", lower_is_better=True, inversion="ratio", scale=MinMax())


def test_nobody_is_further_from_the_ideal_for_being_better_than_it():
    card = of("a", "b", aggregate=Topsis({"a": (0, 1), "b": (0, 1)}))
    # Without the bound, (2, 1) came to 0.69 and (-1, 0) to 0.31.
    assert card.score({"a": [1, 2, 0, -1, 2], "b": [1, 1, 0, 0, 0.5]}).values.tolist() == [
        1,
        1,
        0,
        0,
        card.score_one({"a": 1, "b": 0.5}).value,
    ]


def test_an_aggregate_of_others_that_gives_no_number_is_still_explained():
    class Picky:
        def names(self):
            return ()

        def combine(self, values, shares):
            return np.full(len(next(iter(values.values()))), np.nan)

    explained = of("a", "b", aggregate=Picky()).score_one({"a": 1, "b": 2}).explain()
    explained.check()
    assert explained.value is None


def test_topsis_is_told_from_scores_of_nothing_in_full():
    # A score of 0 counts as the worst reference where that is higher, so that nothing is left over.
    people = {"a": [1.0, 0.5, 0.2], "b": [0.3, 0.9, 0.4]}
    scores = of("a", "b", aggregate=Topsis()).fit(people).score(people)
    for row in range(3):
        explained = scores.explain(row)
        explained.check()
        assert "brought by no single part" not in str(explained)
    assert "each part with its Shapley value against scores of 0" in str(scores.explain(0))
    np.testing.assert_allclose(scores.contributions().rest, 0, atol=1e-6)


def test_a_draw_that_cannot_be_scored_names_the_row_that_it_was_drawn_for():
    cost = Metric("x", lower_is_better=True, inversion="ratio", scale=RatioToReference(2), uncertainty="sd")
    with pytest.raises(
        DataError, match=r"drawn again within its uncertainty, column 'x' must be positive.*row"
    ) as found:
        simulate_scores(Scorecard("card", [cost]), {"x": [5, 0.1, 7], "sd": [0, 3, 0]}, seed=1, draws=50)
    assert set(found.value.rows) == {1}
