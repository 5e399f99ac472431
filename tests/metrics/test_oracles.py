"""Agreement with other libraries on random problems, and where they differ, why ours does.

The libraries are oracles only where two of them, or the paper behind them, agree; see the notes at each difference.
"""

import numpy as np
import pytest

from perfkit import Geometric, Metric, MinMax, RatioToReference, Scorecard, Topsis, Vikor, ZScore

SEEDS = range(5)


def problem(seed, rows=12, criteria=5):
    random = np.random.default_rng(seed)
    matrix = np.round(random.uniform(1, 100, (rows, criteria)), 2)
    weights = random.uniform(0.5, 2, criteria)
    directions = random.choice([-1, 1], criteria)
    return matrix, weights / weights.sum(), directions


def ours(matrix, weights, directions, scale, aggregate=None):
    """The scores of a matrix under one scale for every criterion."""
    columns = {f"c{i}": column for i, column in enumerate(matrix.T)}
    parts = [
        Metric(name, weight=weight, scale=scale, lower_is_better=bool(direction < 0))
        for name, weight, direction in zip(columns, weights.tolist(), directions, strict=True)
    ]
    return Scorecard("card", parts, aggregate=aggregate).fit(columns).score(columns)


@pytest.mark.parametrize("seed", SEEDS)
def test_pymcdm_weighted_sum_of_min_max(seed):
    methods = pytest.importorskip("pymcdm.methods")
    normalizations = pytest.importorskip("pymcdm.normalizations")
    matrix, weights, directions = problem(seed)
    theirs = methods.WSM(normalizations.minmax_normalization)(matrix, weights, directions)
    np.testing.assert_allclose(ours(matrix, weights, directions, MinMax()).values, theirs, atol=6e-7)


@pytest.mark.parametrize("seed", SEEDS)
def test_pymcdm_weighted_product(seed):
    methods = pytest.importorskip("pymcdm.methods")
    normalizations = pytest.importorskip("pymcdm.normalizations")
    matrix, weights, _ = problem(seed)
    benefit = np.ones(len(weights), dtype=int)
    theirs = methods.WPM(normalizations.linear_normalization)(matrix, weights, benefit)
    found = ours(matrix, weights, benefit, RatioToReference("greatest"), Geometric())
    np.testing.assert_allclose(found.values, theirs, atol=6e-7)


@pytest.mark.parametrize("seed", SEEDS)
def test_pymcdm_topsis_with_vector_normalisation(seed):
    methods = pytest.importorskip("pymcdm.methods")
    normalizations = pytest.importorskip("pymcdm.normalizations")
    matrix, weights, directions = problem(seed)
    theirs = methods.TOPSIS(normalizations.vector_normalization)(matrix, weights, directions)
    found = ours(matrix, weights, directions, RatioToReference("norm", inversion="complement"), Topsis())
    np.testing.assert_allclose(found.values, theirs, atol=6e-7)


@pytest.mark.parametrize("seed", SEEDS)
def test_scikit_criteria_topsis(seed):
    similarity = pytest.importorskip("skcriteria.agg.topsis")
    matrix, weights, directions = problem(seed)
    # It turns no cost round: the ideal of a cost is its least value. Ours is told so by turning the ratio round.
    norm = matrix / np.sqrt((matrix**2).sum(axis=0))
    *_, theirs = similarity.topsis(norm, directions, weights, metric="euclidean")
    found = ours(matrix, weights, directions, RatioToReference("norm", inversion="complement"), Topsis())
    np.testing.assert_allclose(found.values, theirs, atol=6e-7)


@pytest.mark.parametrize("seed", SEEDS)
def test_pymcdm_vikor_is_ours_upside_down(seed):
    methods = pytest.importorskip("pymcdm.methods")
    matrix, weights, directions = problem(seed)
    theirs = methods.VIKOR()(matrix, weights, directions)
    # Q is better when lower; a score is better when higher.
    found = ours(matrix, weights, directions, MinMax(), Vikor())
    np.testing.assert_allclose(found.values, 1 - theirs, atol=6e-7)


@pytest.mark.parametrize("seed", SEEDS)
def test_scikit_criteria_scalers(seed):
    skcriteria = pytest.importorskip("skcriteria")
    scalers = pytest.importorskip("skcriteria.preprocessing.scalers")
    matrix, weights, _ = problem(seed)
    decision = skcriteria.mkdm(matrix, [max] * len(weights), weights=weights)
    benefit = np.ones(len(weights))
    for scaler, scale in (
        (scalers.MinMaxScaler("matrix"), MinMax()),
        # Its standard deviation is that of a population; ours is that of a sample unless ddof=0 is said.
        (scalers.StandarScaler("matrix"), ZScore(0)),
    ):
        theirs = scaler.transform(decision).matrix.to_numpy()
        for position in range(len(weights)):
            only = np.zeros(len(weights))
            only[position] = 1
            column = matrix[:, [position]]
            found = ours(column, np.ones(1), benefit[:1], scale).values
            np.testing.assert_allclose(found, theirs[:, position], atol=6e-7)


def test_scikit_criteria_ranks_people_who_are_alike_apart_and_ours_does_not():
    # Its weighted sum is a product of matrices, of which some processors give the last rows other bits, so that it
    # ranks seven who are alike 2, 2, 2, 2, 1, 1, 1. Its scores are ours; its ranks are not asserted.
    simple = pytest.importorskip("skcriteria.agg.simple")
    for seed in range(20):
        random = np.random.default_rng(seed)
        weights = random.random(8)
        weights /= weights.sum()
        matrix = np.tile(random.random(8), (7, 1))
        _, theirs = simple.wsm(matrix, weights)
        columns = {f"c{i}": column for i, column in enumerate(matrix.T)}
        card = Scorecard("card", [Metric(name, weight=w) for name, w in zip(columns, weights.tolist(), strict=True)])
        np.testing.assert_allclose(card.score(columns).values, theirs, atol=6e-7)
        assert card.score(columns).rank(ties="dense").tolist() == [1] * 7


def test_pymcdm_gives_a_constant_column_one_and_ours_asks():
    normalizations = pytest.importorskip("pymcdm.normalizations")
    assert normalizations.minmax_normalization(np.array([4.0, 4.0])).tolist() == [1, 1]
    card = Scorecard("card", [Metric("x", scale=MinMax(constant=1))]).fit({"x": [4, 4]})
    assert card.score({"x": [4, 4]}).values.tolist() == [1, 1]


def test_one_gap_is_one_persons_gap_and_not_everybodys():
    methods = pytest.importorskip("pymcdm.methods")
    normalizations = pytest.importorskip("pymcdm.normalizations")
    matrix = np.array([[1.0, 5.0], [2.0, np.nan], [3.0, 7.0]])
    half = np.array([0.5, 0.5])
    model = methods.WSM(normalizations.minmax_normalization)
    assert np.isnan(model(matrix, half, np.array([1, 1]), validation=False)).all()
    found = ours(matrix, half, np.array([1, 1]), MinMax())
    assert found.values.tolist() == [0, 0.5, 1]
    assert found.coverage.tolist() == [1, 0.5, 1]
