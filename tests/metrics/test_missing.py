"""Rules for missing values and for too little coverage: what each does to the score, and that the result says so."""

import numpy as np
import pytest

from perfkit import (
    Curve,
    DefinitionError,
    Geometric,
    Metric,
    MinMax,
    Percentile,
    Scorecard,
    Section,
    UnfittedError,
    Veto,
)
from perfkit.explain import SILENT

NAN = float("nan")
ROW = {"a": [NAN], "b": [4.0], "c": [2.0]}


def card(rule, **options):
    """Half the weight on a and b together, three quarters of it on a; half on c."""
    a = Metric("a", weight=3, missing=rule, **options)
    return Scorecard("card", [Section("s", of=[a, Metric("b", weight=1)]), Section("t", of=[Metric("c")])])


@pytest.mark.parametrize(
    ("rule", "options", "value", "said"),
    [
        ("redistribute", {}, 0.5 * 4 + 0.5 * 2, "a: missing, weight 3 (redistribute)"),
        # The eighth that b has and the half that c has are all that is there.
        ("redistribute_over_all", {}, (0.125 * 4 + 0.5 * 2) / 0.625, "a: missing, weight 3 (redistribute_over_all)"),
        ("zero", {}, 0.125 * 4 + 0.5 * 2, "a: missing, counts as nothing"),
        ("floor", {"floor": -1}, 0.375 * -1 + 0.125 * 4 + 0.5 * 2, "a: missing, counts as -1"),
        ("floor", {"curve": Curve.through((0, 0.5), (1, 2))}, 0.375 * 0.5 + 1.5, "a: missing, counts as 0.5"),
        ("floor", {"scale": MinMax(0, 1, to=(1, 5))}, 0.375 * 1 + 1.5, "a: missing, counts as 1"),
        ("mean", {}, 0.375 * 6 + 1.5, "a: missing, taken to be the mean of the population"),
        ("median", {}, 0.375 * 5 + 1.5, "a: missing, taken to be the median of the population"),
    ],
)
def test_what_a_missing_value_does(rule, options, value, said):
    fitted = card(rule, **options).fit({"a": [1, 4, 6, 13, NAN], "b": [0] * 5, "c": [0] * 5})
    scores = fitted.score(ROW)
    assert scores.values.tolist() == [pytest.approx(value, abs=1e-6)]
    assert scores.coverage.tolist() == [0.625]
    explanation = scores.explain(0)
    explanation.check()
    assert said in str(explanation)
    assert fitted.score_one({name: column[0] for name, column in ROW.items()}).value == scores.values[0]


def test_a_whole_section_that_is_missing_gives_its_weight_to_the_others_under_both_rules():
    for rule in ("redistribute", "redistribute_over_all"):
        parts = [Section("s", of=[Metric("a"), Metric("b")]), Metric("c")]
        scores = Scorecard("card", parts, missing=rule).score({"a": [NAN, 1], "b": [NAN, NAN], "c": [2, 3]})
        assert scores.values.tolist() == [2, {"redistribute": 2.0}.get(rule, 2.333333)]
        assert scores.coverage.tolist() == [0.5, 0.75]


def test_the_floor_of_a_fitted_scale_and_of_a_percentile():
    people = {"x": [2, 4, 6], "y": [1, 2, 3]}
    scaled = Scorecard("card", [Metric("x", scale=MinMax(to=(3, 5))), Metric("y")], missing="redistribute")
    floored = Scorecard("card", [Metric("x", scale=MinMax(to=(3, 5)), missing="floor"), Metric("y")]).fit(people)
    assert scaled.fit(people).score({"x": [NAN], "y": [1]}).values.tolist() == [1]
    assert floored.score({"x": [NAN], "y": [1]}).values.tolist() == [2]
    ranked = Scorecard("card", [Metric("x", scale=Percentile(), missing="floor"), Metric("y")]).fit(people)
    assert ranked.score({"x": [NAN], "y": [1]}).values.tolist() == [0.5]


def test_a_floor_that_nobody_can_know_is_refused():
    with pytest.raises(DefinitionError, match=r"'a' has no least score.*floor="):
        Metric("a", missing="floor")
    with pytest.raises(DefinitionError, match="no least score"):
        Scorecard("card", [Metric("a", curve=Curve.identity())], missing="floor")


def test_an_imputed_number_needs_a_population():
    lacking = Scorecard("card", [Metric("a")], missing="mean")
    with pytest.raises(UnfittedError, match="the mean of 'a'"):
        lacking.score({"a": [1]})
    stated = Scorecard("card", [Metric("a", imputed=7)], missing="mean")
    assert stated.score({"a": [NAN, 1]}).values.tolist() == [7, 1]
    with pytest.raises(UnfittedError, match="are filled by the mean of a population"):
        lacking.metrics()[0].evaluate(stated.score({"a": [1]}).rows, "mean", SILENT)


def test_an_imputed_attainment_is_the_mean_attainment():
    scorecard = Scorecard("card", [Metric("a", target="t")], missing="mean")
    fitted = scorecard.fit({"a": [5, 30, NAN], "t": [10, 20, 5]})
    assert fitted.score({"a": [NAN, 4], "t": [8, 8]}).values.tolist() == [1, 0.5]
    assert fitted.score({"a": [NAN], "t": [8]}).explain(0)["imputed"].value == 1


def test_too_little_coverage_is_no_score():
    parts = [Section("s", of=[Metric("a"), Metric("b")], min_coverage=0.6), Metric("c", weight=None)]
    scorecard = Scorecard("card", parts, min_coverage=0.5)
    scores = scorecard.score({"a": [1, NAN, NAN], "b": [1, 4, NAN], "c": [3, 3, NAN]})
    assert scores.values[:2].tolist() == [2, 3]
    assert np.isnan(scores.values[2])
    assert scores.coverage.tolist() == [1, 0.75, 0]
    for row in range(3):
        scores.explain(row).check()
    assert "s: missing, weight 1" in str(scores.explain(1))
    assert "only 0 of the weight was observed, 0.5 is needed" in str(scores.explain(2))
    strict = Scorecard("card", [Metric("a"), Metric("b")], min_coverage=1, aggregate=Geometric())
    found = strict.score({"a": [2, 2], "b": [8, NAN]})
    assert found.values[0] == 4
    assert np.isnan(found.values[1])
    assert found.explain(1)["too_little"].params["coverage"] == 0.5


def test_contributions_under_too_little_coverage_and_with_gaps():
    parts = [Section("s", of=[Metric("a"), Metric("b")], min_coverage=0.6), Metric("c")]
    scores = Scorecard("card", parts).score({"a": [1, NAN, NAN], "b": [1, 4, NAN], "c": [3, 3, NAN]})
    brought = scores.contributions()
    assert {name: column[:2].tolist() for name, column in brought.items()} == {
        "a": [0.25, 0],
        "b": [0.25, 0],
        "c": [1.5, 3],
    }
    assert all(np.isnan(column[2]) for column in brought.values())
    assert repr(brought) == "<Contributions of a, b, c: 3 rows>"
    assert len(brought) == 3


def test_a_veto_says_so_where_the_part_is_missing():
    parts = [Metric("a"), Metric("b")]
    vetoed = Scorecard("card", parts, aggregate=Veto({"b": 1}, missing="vetoes")).score({"a": [2], "b": [NAN]})
    assert vetoed.values.tolist() == [0]
    vetoed.explain(0).check()
