"""Scores as a result: the short way and the long way, ranks, ties, contributions, effective weights, staleness."""

from fractions import Fraction

import numpy as np
import pytest

from perfkit import (
    Curve,
    DataError,
    DefinitionError,
    Geometric,
    Metric,
    MinMax,
    Percentile,
    Scorecard,
    Section,
    StaleDataError,
    Weights,
)

NAN = float("nan")
CURVES = [
    None,
    Curve.through((10, 0), (40, 0.5), (70, 1), (90, 1.5)),
    Curve.through((10, 0), (40, 0.5), (70, 0.5), (90, 1.5)),
    Curve.through((10, 0), (40, 0.5), below="extend", above="extend"),
    Curve.through((10, 0), (40, 0.5), above="extend"),
    Curve.through((10, 2), (40, 0.5), below="extend"),
    Curve.through((1e9, 0), (1e9 + 50, 1)),
    Curve.through((1e9, 0), (1e9 + 50, 1), above="extend", below="extend"),
    Curve.through((1e9, 0), (1e9 + 50, 1), (1e9 + 80, 1.1), above="extend"),
    Curve.through(*((x, x * x) for x in range(30))),
    Curve.steps((30, 1), (60, 2)),
    Curve.constant(3),
]


@pytest.mark.parametrize("curve", CURVES)
@pytest.mark.parametrize(
    "options", [{}, {"target": 50}, {"target": 90, "baseline": 10}, {"target": 50, "lower_is_better": True}]
)
def test_the_short_way_is_the_curve_of_what_was_measured(curve, options):
    metric = Metric("x", curve=curve, **options)
    x = np.random.default_rng(1).uniform(-20, 120, 2_000)
    if curve is not None and curve.knots[0].x == 10**9 and not options:
        x += 1e9
    found = Scorecard("card", [metric, Metric("y", weight=None)]).score({"x": x, "y": np.zeros(len(x))}).values
    measured = {
        (): x,
        ("target",): x / 50,
        ("target", "baseline"): (x - 10) / 80,
        ("target", "lower_is_better"): 2 - x / 50,
    }[tuple(options)]
    expected = (measured if curve is None else curve(np.round(measured, 12))) / 2
    np.testing.assert_allclose(found, expected, atol=6e-7, rtol=1e-9)


@pytest.mark.parametrize("curve", CURVES)
def test_values_that_are_missing_or_infinite_never_pass(curve):
    card = Scorecard("card", [Metric("x", curve=curve), Metric("y", curve=curve)])
    x = np.full(70_000, 20.0)
    x[66_000] = NAN
    found = card.score({"x": x, "y": np.full(70_000, 20.0)})
    assert found.coverage[66_000] == 0.5
    assert found.coverage[:66_000].all()
    for bad in (np.inf, -np.inf):
        x[66_000] = bad
        with pytest.raises(DataError, match="'x' must be finite: row 66000"):
            card.score({"x": x, "y": np.full(70_000, 20.0)})


def test_columns_of_any_layout_and_kind_give_the_same_scores():
    card = Scorecard("card", [Metric(name, scale=MinMax(0, 100)) for name in "abc"])
    whole = np.random.default_rng(2).integers(-5, 110, (20_000, 3))
    expected = card.score(dict(zip("abc", whole.astype(float).T.copy(), strict=True))).values
    for table in (
        whole,
        whole.astype(float),
        np.asfortranarray(whole.astype(float)),
        whole.astype(object),
        whole.astype(np.int16),
    ):
        assert card.score(dict(zip("abc", table.T, strict=True))).values.tobytes() == expected.tobytes()
    backwards = {name: column[::-1] for name, column in zip("abc", whole.astype(float).T, strict=True)}
    assert card.score(backwards).values[::-1].tobytes() == expected.tobytes()


@pytest.mark.parametrize("curve", CURVES)
def test_a_change_that_leaves_the_score_is_found_out_wherever_it_is_made(curve):
    card = Scorecard("card", [Metric("x", curve=curve), Metric("y", weight=None)])
    x = np.array([300.0, 300.0, -50.0])
    scores = card.score({"x": x, "y": np.ones(3)})
    scores.explain(0).check()
    x[0] = 301.0
    with pytest.raises(StaleDataError):
        scores.explain(0)
    scores.explain(1).check()


def test_a_batch_without_gaps_takes_no_memory_for_its_coverage():
    scores = Scorecard("card", [Metric("x")]).score({"x": np.ones(1_000)})
    assert scores.coverage.strides == (0,)
    assert scores.coverage.tolist() == [1.0] * 1_000
    assert not scores.coverage.flags.writeable
    assert not scores.values.flags.writeable


@pytest.mark.parametrize("ties", ["competition", "dense", "average", "modified"])
@pytest.mark.parametrize(("spread", "grid"), [(1, 1e-6), (1_000, 1e-6), (1e9, 1e-6), (1e15, 1), (50, 0.25)])
def test_ranks_of_many_people(ties, spread, grid):
    stats = pytest.importorskip("scipy.stats")
    random = np.random.default_rng(3)
    x = random.uniform(-spread, spread, 5_000)
    x[::7] = x[3]
    x[::11] = NAN
    scores = Scorecard("card", [Metric("x")], grid=grid).score({"x": x})
    method = {"competition": "min", "modified": "max"}.get(ties, ties)
    there = ~np.isnan(x)
    expected = np.full(len(x), NAN)
    expected[there] = stats.rankdata(-scores.values[there], method)
    np.testing.assert_array_equal(scores.rank(ties=ties), expected)
    groups = random.integers(0, 40, len(x))
    within = scores.rank(ties=ties, within=groups)
    for group in (0, 17, 39):
        some = (groups == group) & there
        np.testing.assert_array_equal(within[some], stats.rankdata(-scores.values[some], method))
    assert np.isnan(within[~there]).all()


def test_ranks_of_nobody_and_of_people_without_a_group():
    card = Scorecard("card", [Metric("x")])
    assert card.score({"x": []}).rank().tolist() == []
    assert np.isnan(card.score({"x": [NAN]}).rank()).all()
    scores = card.score({"x": [3, 1, 2]})
    np.testing.assert_array_equal(scores.rank(within=["a", None, "a"]), [1, NAN, 2])
    with pytest.raises(DataError, match="one group for each of the 3 rows"):
        scores.rank(within=["a", "b"])
    with pytest.raises(DefinitionError, match="ties must be one of"):
        scores.rank(ties="random")


def test_float_noise_splits_no_tie():
    scores = Scorecard("card", [Metric("x")]).score({"x": [0.1 + 0.2, 0.3, 0.5]})
    assert scores.rank().tolist() == [2, 2, 1]
    assert [group.tolist() for group in scores.tie_groups()] == [[0, 1]]


def test_seven_people_who_are_alike_have_one_rank():
    # A product of a matrix and a vector gives the last of them other bits, and libraries rank them apart.
    row = np.random.default_rng(11).uniform(0, 1, 8)
    columns = {f"m{i}": np.full(7, value) for i, value in enumerate(row)}
    scores = Scorecard("card", [Metric(name, weight=i + 1) for i, name in enumerate(columns)]).score(columns)
    assert scores.rank(ties="dense").tolist() == [1] * 7
    assert len(set(scores.values.tolist())) == 1


def test_effective_weights_are_shares_of_the_spread():
    random = np.random.default_rng(4)
    data = {"a": random.normal(size=5_000), "b": 3 * random.normal(size=5_000), "c": np.ones(5_000)}
    card = Scorecard("card", [Section("s", weight=2, of=[Metric("a"), Metric("b")]), Metric("c", weight=1)])
    weights = card.score(data).effective_weights()
    assert list(weights.nominal.values()) == [Fraction(1, 3)] * 3
    assert sum(weights.effective.values()) == pytest.approx(1, abs=1e-5)
    assert weights.effective["c"] == pytest.approx(0, abs=1e-9)
    assert 0.85 < weights.effective["b"] < 0.95
    assert str(weights).splitlines()[0].split() == ["metric", "nominal", "effective"]
    same = card.score({"a": [1, 1], "b": [1, 1], "c": [1, 1]}).effective_weights()
    assert all(np.isnan(value) for value in same.effective.values())
    nobody = card.score({"a": [], "b": [], "c": []}).effective_weights()
    assert np.isnan(nobody.effective["a"])


def test_contributions_under_a_product_inside_a_sum():
    card = Scorecard(
        "card",
        [Section("s", weight=3, of=[Metric("a"), Metric("b")], aggregate=Geometric()), Metric("c", weight=1)],
    )
    scores = card.score({"a": [2, 0], "b": [8, 5], "c": [4, 4]})
    brought = scores.contributions()
    np.testing.assert_allclose(brought.total(), [4, 1])
    # Against nothing, no factor brings anything without the other: each brings half.
    np.testing.assert_allclose(brought["a"], [1.5, 0])
    np.testing.assert_allclose(brought["b"], [1.5, 0])


def test_a_score_beyond_what_floats_hold_is_refused():
    card = Scorecard("card", [Section("s", of=[Metric("a", curve=Curve.through((0, 0), (1, 10), above="extend"))])])
    with pytest.raises(DataError, match="infinite score of 'a'"):
        card.score({"a": [1e308]})


def test_a_percentile_is_explained_by_the_people_around():
    people = {"x": [1, 2, 2, 5], "g": ["n", "n", "n", "s"]}
    card = Scorecard("card", [Metric("x", scale=Percentile(within="g", unseen="whole"))]).fit(people)
    text = str(card.score(people).explain(1))
    assert "percentile in n (rank_share): 1 of 3 below, 2 alike" in text
    card.score({"x": [2], "g": ["w"]}).explain(0).check()


def test_weights_that_were_learned_are_marked_wherever_they_show():
    data = {"a": [1.0, 2, 3, 5], "b": [7.0, 1, 2, 1], "c": [1.0, 4, 2, 3]}
    parts = [Section("s", weight=1, of=[Metric("a", weight=1), Metric("b", weight=1)]), Metric("c", weight=1)]
    plain = Scorecard("card", parts)
    above = plain.weighted(Weights.critic({"s": data["a"], "c": data["c"]}, ["s", "c"], lower_is_better=()))
    below = plain.weighted(Weights.critic(data, ["a", "b"], lower_is_better=()))
    for card, names in ((above, ("a", "b", "c")), (below, ("a", "b")), (plain, ())):
        assert card.learned_weights() == names
        weights = card.score(data).effective_weights()
        assert weights.learned == names
        marked = f"weights learned from data: {', '.join(names)}"
        assert (str(weights).splitlines()[-1] == marked) is bool(names)
        for view in (weights._repr_html_(), card._repr_html_()):
            assert ("learned from data" in view) is bool(names)


def test_the_name_of_a_column_of_groups_is_none():
    scores = Scorecard("card", [Metric("x")]).score({"x": [1, 2, 3]})
    with pytest.raises(DataError, match=r"not its name \(got 'region'\); give data"):
        scores.rank(within="region")
