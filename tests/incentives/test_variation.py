"""How results may turn out: what each distribution gives for a deviate, and what is refused."""

import json
import math
from fractions import Fraction
from statistics import NormalDist

import numpy as np
import pytest

from perfkit import (
    ChoiceVariation,
    DataError,
    DefinitionError,
    HistoryVariation,
    LognormalVariation,
    MissingColumnsError,
    NormalVariation,
    QuantileVariation,
    from_dict,
    to_dict,
)
from perfkit._core import normal
from perfkit._core.columns import read_rows
from perfkit.typing import Variation

Z = np.array([-2.0, -1.0, 0.0, 1.0, 2.0])
PEOPLE = read_rows(
    {
        "forecast": [100.0, 200.0, 300.0, 400.0, 500.0],
        "quota": [1_000, 2_000, 3_000, 4_000, 5_000],
        "spread": [0.1, 0.2, 0.3, 0.4, 0.5],
    },
    ["forecast", "quota", "spread"],
)


def values(variation, kind="number", deviates=Z):
    return variation.values(deviates, PEOPLE, kind, "EUR").tolist()


def test_a_normal_column_is_mean_and_deviation():
    assert values(NormalVariation(1, 0.25)) == [0.5, 0.75, 1, 1.25, 1.5]
    assert values(NormalVariation(1, 0.25, low=0.6, high=1.2)) == [0.6, 0.75, 1, 1.2, 1.2]


def test_a_mean_may_be_each_persons_own():
    assert values(NormalVariation("forecast", 10)) == [80, 190, 300, 410, 520]
    assert values(NormalVariation("forecast", "spread")) == [99.8, 199.8, 300, 400.4, 501]
    relative = NormalVariation("forecast", "spread", relative=True, low=0.9)
    assert values(relative) == [90, 180, 300, 560, 1_000]
    assert [need.name for need in relative.needs("money")] == ["forecast", "spread"]
    assert [need.kind for need in relative.needs("money")] == ["money", "number"]
    assert [need.kind for need in NormalVariation(1, "quota").needs("money")] == ["money"]


def test_a_lognormal_column_has_the_mean_and_deviation_that_it_says():
    """Against the quadrature of the distribution: 200,000 deviates, each as likely."""
    chances = (np.arange(200_000) + 0.5) / 200_000
    z = normal.quantile(chances)
    rows = read_rows({"who": np.arange(200_000)}, ["who"])
    for mean, deviation in ((1, 0.25), (100, 80), (3, 0)):
        drawn = LognormalVariation(mean, deviation).values(z, rows, "number", "EUR")
        assert drawn.mean() == pytest.approx(mean, rel=1e-4)
        assert drawn.std() == pytest.approx(deviation, rel=2e-3, abs=1e-9)
        assert drawn.min() > 0


def test_a_lognormal_column_by_hand():
    variation = LognormalVariation("quota", 0.5, relative=True, low=0.5, high=2)
    spread = math.sqrt(math.log(1.25))
    means = [1_000, 2_000, 3_000, 4_000, 5_000]
    expected = [
        min(max(mean * math.exp(spread * z - spread**2 / 2), mean / 2), 2 * mean)
        for mean, z in zip(means, Z.tolist(), strict=True)
    ]
    assert values(variation, "money") == [round(value) for value in expected]
    assert [need.name for need in variation.needs("money")] == ["quota"]
    assert values(LognormalVariation(100, 0), "money") == [10_000] * 5


def test_a_mean_of_a_lognormal_column_is_positive():
    with pytest.raises(DefinitionError, match=r"mean must be positive \(got 0\); what may be negative varies by"):
        LognormalVariation(0, 1)
    rows = read_rows({"forecast": [1.0, 0.0]}, ["forecast"])
    with pytest.raises(DataError, match="'forecast' must be positive as a mean: row 1"):
        LognormalVariation("forecast", 0.5, relative=True).values(np.zeros(2), rows, "number", "EUR")


@pytest.mark.parametrize("kind", [NormalVariation, LognormalVariation])
def test_a_deviation_is_not_negative(kind):
    with pytest.raises(DefinitionError, match="deviation must not be negative"):
        kind(1, -1)
    rows = read_rows({"spread": [0.1, -0.1]}, ["spread"])
    with pytest.raises(DataError, match="'spread' must not be negative as a deviation: row 1"):
        kind(1, "spread").values(np.zeros(2), rows, "number", "EUR")


@pytest.mark.parametrize(
    "kind",
    [
        lambda **named: NormalVariation(1, 1, **named),
        lambda **named: LognormalVariation(1, 1, **named),
        lambda **named: QuantileVariation({0: 0.9, 1: 0.1}, **named),
        lambda **named: ChoiceVariation({"a": 0.5, "b": 0.5}, **named),
    ],
)
def test_factors_leave_room_for_the_persons_own(kind):
    assert kind(loading=0.6, groups={"team": 0.8}).groups == (("team", Fraction(4, 5)),)
    with pytest.raises(DefinitionError, match=r"squares of the loadings must add up to 1 at most \(got 1.0?1"):
        kind(loading=0.6, groups=[("team", 0.8), ("site", 0.1)])
    with pytest.raises(DefinitionError, match="groups must name each column once"):
        kind(groups=[("team", 0.1), ("team", 0.1)])
    with pytest.raises(DefinitionError, match="correlation with the common factor, -1 to 1"):
        kind(groups={"team": 1.5})
    for wrong in ("team", ["team"], [("team", 0.1, 0.2)]):
        with pytest.raises(DefinitionError, match=r"loading of each column, such as {'region': 0.4} \(got"):
            kind(groups=wrong)


def test_a_history_tells_period_and_group_apart():
    with pytest.raises(DefinitionError, match="by and within must be different columns"):
        HistoryVariation({"a": [1], "b": [1]}, by="a", within="a")
    with pytest.raises(DataError, match="a column that varies besides the period and the group"):
        HistoryVariation({"a": [1], "b": ["x"]}, by="a", within="b")


def test_money_is_typed_in_major_units_and_drawn_in_minor_ones():
    assert values(NormalVariation(10, 0.5), "money") == [900, 950, 1_000, 1_050, 1_100]
    drawn = NormalVariation("quota", 0.1, relative=True).values(Z, PEOPLE, "money", "EUR")
    assert drawn.dtype == np.int64
    assert drawn.tolist() == [800, 1_800, 3_000, 4_400, 6_000]


def test_numbers_are_published_on_the_grid_of_scores():
    got = values(NormalVariation(1, Fraction(1, 3)), deviates=np.array([1.0]))
    assert got == [1.333333]


def test_the_chances_of_reaching_values_are_kept():
    variation = QuantileVariation({0.8: 0.9, 1: 0.55, 1.2: 0.1})
    at = np.array([NormalDist().inv_cdf(p) for p in (0.1, 0.45, 0.9)])
    assert variation.values(at, PEOPLE, "number", "EUR").tolist() == [0.8, 1.0, 1.2]
    # Beyond the outermost it goes on, unless it is bounded.
    assert values(variation)[0] < 0.8
    assert values(variation)[-1] > 1.2
    bounded = QuantileVariation({0.8: 0.9, 1: 0.55, 1.2: 0.1}, low=0.75, high=1.25)
    assert (values(bounded)[0], values(bounded)[-1]) == (0.75, 1.25)


def test_the_chances_of_a_normal_distribution_give_it_back():
    law = NormalDist(1, 0.2)
    variation = QuantileVariation({x: 1 - law.cdf(x) for x in (0.7, 1.0, 1.1)})
    assert np.allclose(values(variation), 1 + 0.2 * Z, atol=1e-6)


def test_money_may_be_reached_too():
    at = np.array([NormalDist().inv_cdf(p) for p in (0.5, 0.75)])
    assert QuantileVariation({10: 0.5, 20: 0.25}).values(at, PEOPLE, "money", "EUR").tolist() == [1_000, 2_000]


def test_a_choice_goes_from_the_worst_to_the_best():
    variation = ChoiceVariation({"low": 0.1, "solid": 0.7, "never": 0, "high": 0.2})
    assert values(variation, "category") == ["low", "solid", "solid", "high", "high"]
    assert values(ChoiceVariation({False: 0.5, True: 0.5}), "flag") == [False, False, True, True, True]
    assert values(ChoiceVariation({"only": 1}), "category") == ["only"] * 5
    assert ChoiceVariation({True: 1}).values(Z, PEOPLE, "flag", "EUR").dtype == np.bool_


@pytest.mark.parametrize(
    "variation", [NormalVariation(1, 0.2), QuantileVariation({0: 0.9, 1: 0.1}), ChoiceVariation({"a": 0.5, "b": 0.5})]
)
def test_each_has_the_members_of_the_protocol_and_is_stored(variation):
    assert isinstance(variation, Variation)
    assert from_dict(json.loads(json.dumps(to_dict(variation)))) == variation


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: NormalVariation(1, -0.1), "deviation must not be negative"),
        (lambda: NormalVariation(1, 1, low=2, high=1), "low must not be above high"),
        (lambda: NormalVariation(1, 1, loading=1.5), "a correlation with the common factor"),
        (lambda: NormalVariation(float("nan"), 1), "must be a finite number"),
        (lambda: NormalVariation("", 1), "the name of a column"),
        (lambda: QuantileVariation({1: 0.5}), "two values at least"),
        (lambda: QuantileVariation({1: 0.5, 2: 0.6}), "must fall"),
        (lambda: QuantileVariation({1: 1, 2: 0.6}), "each between 1 and 0"),
        (lambda: QuantileVariation([(1, 0.7), (1, 0.6)]), "must fall"),
        (lambda: QuantileVariation({1: 0.5, 2: 0.1}, low=3, high=2), "low must not be above high"),
        (lambda: ChoiceVariation({"a": 0.5}), r"add up to 1 \(got 0.5\)"),
        (lambda: ChoiceVariation({"a": 1.5, "b": -0.5}), "must not be negative"),
        (lambda: ChoiceVariation({"a": 0.5, True: 0.5}), "names or truths alone"),
        (lambda: ChoiceVariation([("a", 0.5), ("a", 0.5)]), "must differ"),
        (lambda: ChoiceVariation({1: 1}), "a choice must be a name"),
    ],
)
def test_a_distribution_that_is_none_is_refused(make, message):
    with pytest.raises(DefinitionError, match=message):
        make()


def test_amounts_that_do_not_fit_are_refused():
    with pytest.raises(DataError, match="check the units"):
        values(NormalVariation(10**15, 1), "money")


def test_a_history_keeps_what_belongs_together():
    history = HistoryVariation({"year": [2024, 2025], "score": [0.9, 1.2], "sold": [1, 2]}, by="year")
    assert history.columns == ("score", "sold")
    assert [(name, rows.tolist()) for name, rows in history.periods()] == [("2024", [0]), ("2025", [1])]
    assert repr(history) == "<HistoryVariation: 2 rows of score, sold>"
    assert HistoryVariation(history.data).columns == ("year", "score", "sold")


@pytest.mark.parametrize(
    ("data", "by", "message"),
    [
        ({"score": []}, None, "must have rows"),
        ({}, None, "must have rows"),
        ({"year": [1]}, "year", "a column that varies besides the period"),
    ],
)
def test_a_history_without_rows_is_refused(data, by, message):
    with pytest.raises(DataError, match=message):
        HistoryVariation(data, by=by)


def test_a_period_that_is_not_there_is_refused():
    with pytest.raises(MissingColumnsError, match="'yeer'"):
        HistoryVariation({"year": [1], "score": [1.0]}, by="yeer")
