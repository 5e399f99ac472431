"""Aggregates: what each makes of the scores of siblings, with gaps too, and what it refuses."""

from fractions import Fraction

import numpy as np
import pytest

from perfkit import (
    Choquet,
    DataError,
    DefinitionError,
    Geometric,
    Harmonic,
    MazziottaPareto,
    Metric,
    Minimum,
    OrderedMean,
    PowerMean,
    Scorecard,
    Section,
    Topsis,
    UnfittedError,
    Veto,
    Vikor,
)
from perfkit.metrics import Scores

NAN = float("nan")


def scores(aggregate, weights=(1, 1, 1), **rows):
    """The scores of rows of metrics a, b, c."""
    names = list(rows)
    card = Scorecard(
        "card", [Metric(name, weight=w) for name, w in zip(names, weights, strict=False)], aggregate=aggregate
    )
    return card.score(rows)


def values(aggregate, weights=(1, 1, 1), **rows):
    return scores(aggregate, weights, **rows).values.tolist()


@pytest.mark.parametrize(
    ("aggregate", "expected"),
    [
        (Geometric(), [4, 0, 2.828427]),
        (Harmonic(), [3.2, 0, 2.666667]),
        (PowerMean(2), [5.830952, 5.656854, 3.162278]),
        (PowerMean(0.5), [4.5, 2, 2.914214]),
        (PowerMean(-100), [2.013911, 0, 2.013911]),
        (PowerMean(100), [7.94474, 7.94474, 3.97237]),
        (Minimum(), [2, 0, 2]),
        (OrderedMean([1, 0]), [8, 8, 4]),
        (OrderedMean([1, 3]), [3.5, 2, 2.5]),
    ],
)
def test_what_an_aggregate_makes_of_two_scores(aggregate, expected):
    assert values(aggregate, a=[2, 0, 2], b=[8, 8, 4]) == pytest.approx(expected, abs=6e-7)


def test_weights_count_in_means():
    assert values(Geometric(), (3, 1), a=[2], b=[32]) == [4]
    assert values(Harmonic(), (1, 2), a=[1], b=[4]) == [2]
    # A part of three quarters of the weight takes three quarters of the run of weights.
    assert values(OrderedMean([1, 0]), (1, 3), a=[8], b=[2]) == [5]


def test_gaps_leave_the_others_their_proportions():
    for aggregate in (Geometric(), Harmonic(), PowerMean(2), Minimum(), OrderedMean([5, 2, 1])):
        found = scores(aggregate, (1, 1, 2), a=[3, NAN, NAN], b=[3, 3, NAN], c=[NAN, 3, NAN])
        assert found.values[:2].tolist() == [3, 3]
        assert np.isnan(found.values[2])
        assert found.coverage.tolist() == [0.5, 0.75, 0]
        for row in range(3):
            found.explain(row).check()


def test_a_negative_score_has_no_geometric_mean():
    for aggregate, named in ((Geometric(), "geometric"), (Harmonic(), "harmonic"), (PowerMean(3), "power")):
        with pytest.raises(DataError, match=f"a {named} mean is of scores that are not negative.*'b'") as caught:
            scores(aggregate, a=[1, 1], b=[1, -2])
        assert caught.value.column == "b"
        assert caught.value.rows == (1,)
        assert str(caught.value).endswith(": row 1")
    assert values(Geometric(), a=[1], b=[-0.0]) == [0]


def test_a_veto_holds_the_whole_down():
    veto = Veto({"b": 0.5}, 0.2)
    assert values(veto, a=[2, 2, 0.1, 2], b=[0.5, 0.4999999, 0.1, NAN]) == [1.25, 1.25, 0.1, 2]
    assert values(veto, a=[2], b=[0.499999]) == [0.2]
    assert values(Veto({"b": 0.5}, missing="vetoes"), a=[2, 2], b=[1, NAN]) == [1.5, 0]
    assert values(Veto({"b": 0.5}, of=Geometric()), a=[2, 4], b=[2, 0.25]) == [2, 0]
    held = scores(Veto({"b": 0.5}, 0.2, missing="vetoes"), a=[2, 2, 2], b=[0.25, NAN, 1])
    assert "b is 0.25, below its floor of 0.5: at most 0.2" in str(held.explain(0))
    assert "b is missing, below its floor of 0.5: at most 0.2" in str(held.explain(1))
    assert "floor" not in str(held.explain(2))


def test_two_additive_choquet_by_its_definition():
    both = Choquet({("a", "b"): 0.4, ("b", "c"): -0.2})
    found = values(both, (4, 4, 2), a=[1, 0.2], b=[0.5, 0.9], c=[0, 0.4])
    # The worse of both counts for a positive interaction, the better of both for a negative one.
    for row, (a, b, c) in enumerate([(1, 0.5, 0), (0.2, 0.9, 0.4)]):
        expected = 0.4 * min(a, b) + 0.2 * max(b, c) + 0.2 * a + 0.1 * b + 0.1 * c
        assert found[row] == pytest.approx(expected, abs=6e-7)
    assert values(both, (4, 4, 2), a=[0.7, NAN], b=[0.7, 0.6], c=[0.7, 0.6]) == [0.7, 0.6]


def test_interactions_that_outweigh_a_part_are_refused():
    with pytest.raises(DefinitionError, match="outweigh its share"):
        scores(Choquet({("a", "b"): 0.9}), (1, 4), a=[1], b=[1])


def test_topsis_and_vikor_with_declared_references_need_no_population():
    topsis = Topsis({"a": (0, 10), "b": (0, 10)})
    assert values(topsis, a=[10, 0, 5, 5], b=[10, 0, 5, 5]) == [1, 0, 0.5, 0.5]
    assert values(Topsis({"a": (3, 3)}), a=[3]) == [0.5]
    vikor = Vikor(references={"a": (0, 1), "b": (0, 1)}, mean_regret=(0, 1), greatest_regret=(0, 0.5))
    assert values(vikor, a=[1, 0, 1], b=[1, 0, 0]) == [1, 0, 0.25]


def test_distance_methods_are_fit_once_and_score_one_row_alone():
    people = {"a": [1, 2, 3, NAN], "b": [5, 1, 2, 4]}
    for aggregate in (Topsis(), Vikor()):
        inner = Section("s", of=[Metric("a"), Metric("b")], aggregate=aggregate)
        card = Scorecard("card", [inner, Metric("c", column="b", weight=None)])
        with pytest.raises(UnfittedError, match=f"{type(aggregate).__name__} of 's'"):
            card.score(people)
        done = card.fit(people)
        assert done == card.fit([{k: v[:1] for k, v in people.items()}, {k: v[1:] for k, v in people.items()}])
        whole = done.score(people)
        for row in range(4):
            assert done.score_one({k: v[row] for k, v in people.items()}).value == whole.values[row]
            whole.explain(row).check()
    top = Scorecard("card", [Metric("a"), Metric("b")], aggregate=Vikor())
    with pytest.raises(UnfittedError, match="Vikor of 'card'"):
        top.score(people)
    assert top.fit(people).is_fitted
    with pytest.raises(DataError, match="no row has a score of 'a'"):
        top.fit({"a": [NAN], "b": [1]})


def test_a_part_in_which_a_population_does_not_differ_leaves_vikor_as_it_is():
    people = {"a": [1, 2, 3], "b": [4, 4, 4]}
    card = Scorecard("card", [Metric("a"), Metric("b")], aggregate=Vikor()).fit(people)
    assert card.score(people).values.tolist() == [0, 0.5, 1]
    same = Scorecard("card", [Metric("a")], aggregate=Vikor()).fit({"a": [2, 2]})
    assert same.score({"a": [2]}).values.tolist() == [1]


def test_methods_called_before_they_are_fit_say_so():
    row = {"a": np.array([1.0])}
    with pytest.raises(UnfittedError, match="Topsis has no reference for 'a'"):
        Topsis().combine(row, row)
    with pytest.raises(UnfittedError, match="has not seen the regrets"):
        Vikor(references={"a": (0, 1)}).combine(row, row)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: PowerMean(101), "from -100 to 100"),
        (lambda: OrderedMean([]), "not all of them 0"),
        (lambda: OrderedMean([1, -1]), "must not be negative"),
        (lambda: OrderedMean([0, 0]), "not all of them 0"),
        (lambda: Veto({}), "at least one part"),
        (lambda: Veto({"a": 1}, of=max), "of must be an aggregate"),
        (lambda: Veto({"a": 1}, missing="ignore"), "missing must be one of"),
        (lambda: Choquet({("a", "a"): 0.1}), "named once"),
        (lambda: Choquet([("a", "b", 0.1), ("b", "a", 0.2)]), "named once"),
        (lambda: Choquet({("a", "b"): 2}), "from -1 to 1"),
        (lambda: Topsis({"a": (2, 1)}), "must not be below its worst"),
        (lambda: Vikor(2), "from 0 to 1"),
        (lambda: Section("s", of=[Metric("a")], aggregate="mean"), "combine and names, such as Geometric"),
        (lambda: Section("s", of=[Metric("a")], aggregate=Geometric), "combine and names, such as Geometric"),
        (lambda: Scorecard("s", [Metric("safety")], aggregate=Veto({"safty": 1})), "did you mean 'safety'"),
        (lambda: Section("s", of=[Metric("a")], min_coverage=2), "share from 0 to 1"),
    ],
)
def test_an_aggregate_that_means_nothing_is_refused(make, message):
    with pytest.raises(DefinitionError, match=message):
        make()


class Loudest:
    """An aggregate of somebody else: the greatest score."""

    def names(self):
        return ()

    def combine(self, values, shares):
        return np.fmax.reduce(list(values.values()))


def test_an_aggregate_of_ones_own_is_scored_and_explained():
    found = scores(Loudest(), a=[1, NAN], b=[3, 2])
    assert isinstance(found, Scores)
    assert found.values.tolist() == [3, 2]
    explanation = found.explain(0)
    explanation.check()
    assert [part.value for part in explanation.parts] == [0.5, 2.5, None]
    assert explanation["combined"].params["aggregate"] == "Loudest"


def test_more_parts_than_can_be_attributed_are_named_and_not_guessed():
    names = [f"m{i}" for i in range(11)]
    card = Scorecard("card", [Metric(name) for name in names], aggregate=Minimum())
    found = card.score({name: [i + 1] for i, name in enumerate(names)})
    explanation = found.explain(0)
    explanation.check()
    assert explanation["not_attributed"].value == 1
    with pytest.raises(DefinitionError, match="exact for up to 10 parts"):
        found.contributions()


def penalised(penalty="subtract", ddof=0, weights=(1, 1), **data):
    parts = [Metric(name, weight=weight) for name, weight in zip(data, weights, strict=True)]
    card = Scorecard("card", parts, aggregate=MazziottaPareto(penalty, ddof=ddof))
    return card.score(data).values.tolist()


def test_imbalance_costs_its_variance_over_the_mean():
    assert penalised(a=[80, 100, 0], b=[120, 100, 0]) == [96, 100, 0]
    assert penalised("add", a=[80], b=[120]) == [104]
    assert penalised(ddof=1, a=[80], b=[120]) == [92]
    # Weighted: a mean of 90 and a variance of 300.
    assert penalised(weights=(3, 1), a=[80], b=[120]) == [pytest.approx(90 - 300 / 90, abs=1e-6)]


def test_a_single_part_that_is_there_is_not_penalised():
    for ddof in (0, 1):
        assert penalised(ddof=ddof, a=[80], b=[None]) == [80]


def test_a_penalised_mean_is_not_monotone_where_one_part_lies_far_above_the_others():
    # Stated in its documentation, and the reason to take another aggregate where scores lie far apart.
    alike = {"weights": (1, 1, 1), "a": [100, 100], "b": [100, 100]}
    close, closer = penalised(**alike, c=[100, 120])
    assert close < closer
    far, farther = penalised(**alike, c=[300, 500])
    assert far > 100 > farther


@pytest.mark.parametrize(
    ("wrong", "error", "message"),
    [
        (lambda: MazziottaPareto("minus"), DefinitionError, "penalty"),
        (lambda: MazziottaPareto(ddof=2), DefinitionError, "ddof"),
        (lambda: MazziottaPareto(ddof=True), DefinitionError, "ddof"),
        (lambda: penalised(a=[-1], b=[1]), DataError, "not negative, and that of 'a' is -1.0"),
    ],
)
def test_a_penalty_that_means_nothing_is_refused(wrong, error, message):
    with pytest.raises(error, match=message):
        wrong()


def test_a_veto_is_a_line_of_its_own_beside_what_the_parts_bring():
    veto = Veto({"b": 0.5}, 0.5)
    above, below = (scores(veto, (3, 1), a=[1.2], b=[value]).explain(0) for value in (0.7, 0.4))
    assert [(part.label, part.value) for part in above.parts] == [("a", Fraction(9, 10)), ("b", Fraction(175, 1000))]
    assert [(part.code, part.value) for part in below.parts] == [
        ("contribution", Fraction(9, 10)),
        ("contribution", Fraction(1, 10)),
        ("vetoed", Fraction(-1, 2)),
    ]
    below.check()
    # What changed says the same as the bridge does: it was b.
    change = above.difference(below)
    assert change.value == Fraction(-575, 1000)
    assert change.parts[-1].value == Fraction(-1, 2)


def test_a_veto_around_another_aggregate_and_another_veto():
    outer = Veto({"a": 2}, 0.1, of=Veto({"b": 1}, 0.3, of=Minimum()))
    explained = scores(outer, a=[1], b=[0.5]).explain(0)
    explained.check()
    assert explained.value == 0.1
    assert [(part.code, part.label, part.value) for part in explained.parts][-2:] == [
        ("vetoed", "b", Fraction(-1, 5)),
        ("vetoed", "a", Fraction(-1, 5)),
    ]
    # A floor that is missed where the whole is below its cap anyway takes nothing.
    low = scores(Veto({"b": 1}, 0.3), a=[0.1], b=[0.1]).explain(0)
    assert low["vetoed"].value == 0
    low.check()


def test_the_last_bits_of_a_float_are_no_line():
    explained = scores(Choquet({("a", "b"): 0.2}), a=[0.1], b=[0.2]).explain(0)
    assert "published" not in [part.code for part in explained.parts]
    assert all(part.value is None or (10**9 * Fraction(part.value)).denominator == 1 for part in explained.parts)


def test_a_floor_lies_on_the_grid_as_scores_do():
    """A floor of a third is reached by a score of a third, which is published as 0.333333."""
    third = Veto({"a": Fraction(1, 3)})
    assert values(third, a=[1 / 3, 0.333332], b=[1, 1]) == [0.666667, 0]


@pytest.mark.parametrize("method", [Topsis, lambda given: Vikor(references=given)])
@pytest.mark.parametrize("given", [5, {"a": 1}, {"a": (0, 1, 2)}, "ab", [("a", 0)]])
def test_references_that_are_no_ranges_are_refused(method, given):
    with pytest.raises(DefinitionError, match="each part to its worst and its best score"):
        method(given)


@pytest.mark.parametrize("method", [Topsis, lambda given: Vikor(references=given)])
def test_references_name_each_part_once(method):
    with pytest.raises(DefinitionError, match="'a' twice"):
        method([("a", 0, 1), ("b", 0, 1), ("a", 0, 2)])


@pytest.mark.parametrize("ends", [3, (1,), (3, 1), (1, 2, 3)])
@pytest.mark.parametrize("which", ["mean_regret", "greatest_regret"])
def test_regrets_are_a_least_and_a_greatest(which, ends):
    with pytest.raises(DefinitionError, match="the least and the greatest regret") as found:
        Vikor(**{which: ends})
    assert found.value.path == which


def test_a_regret_that_is_declared_stays_when_the_other_is_fit():
    people = {"a": [1, 2, 3], "b": [30, 10, 20]}
    card = Scorecard("card", [Metric("a"), Metric("b")], aggregate=Vikor(mean_regret=(0, 1))).fit(people)
    assert card.aggregate.mean_regret == (0, 1)
    assert card.aggregate.greatest_regret == (Fraction(1, 4), Fraction(1, 2))


def test_what_an_aggregate_loses_is_refused():
    """Squares of scores that large are no floats: such a row is no row without a score."""
    card = Scorecard("card", [Metric("a"), Metric("b")], aggregate=Topsis({"a": (0, 1e200), "b": (0, 1)}))
    with pytest.raises(DataError, match="Topsis squares scores beyond what floats hold; take smaller units: rows 0, 1"):
        card.score({"a": [0, 1e199], "b": [1, 1]})
    assert np.isnan(card.score({"a": [None], "b": [None]}).values).all()


@pytest.mark.parametrize("floors", [5, None, "a", [1, 2], {"a": "x"}])
def test_floors_that_are_none_are_refused(floors):
    with pytest.raises(DefinitionError, match="at_least"):
        Veto(floors)


@pytest.mark.parametrize("given", [5, "ab", [("a", "b")], {"ab": 0.1}])
def test_interactions_that_are_of_no_pairs_are_refused(given):
    with pytest.raises(DefinitionError, match="two parts"):
        Choquet(given)


def test_parts_may_be_called_what_regrets_are():
    people = {"x": [0, 1, 0.5], "mean": [1, 2, 3], "greatest": [5, 1, 2]}
    renamed = {"x": people["x"], "b": people["mean"], "c": people["greatest"]}
    fitted = [
        Scorecard("card", [Metric(name) for name in data], aggregate=Vikor(references={"x": (0, 1)})).fit(data)
        for data in (people, renamed)
    ]
    assert fitted[0].score(people).values.tolist() == fitted[1].score(renamed).values.tolist()


def test_a_population_without_scores_has_no_regrets():
    card = Scorecard("card", [Metric("a")], aggregate=Vikor(references={"a": (0, 1)}))
    with pytest.raises(DataError, match="no row has a score, so Vikor has no reference"):
        card.fit({"a": []})
