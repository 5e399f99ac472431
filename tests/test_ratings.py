"""Rating scales: which level a score reaches, and why."""

import pickle
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pandas as pd
import polars as pl
import pytest

from perfkit import DataError, DefinitionError, Metric, RatingScale, Scorecard, StaleDataError

NAN = float("nan")
SCALE = RatingScale("below", solid=0.8, strong=1.2, exceptional=1.6)


def scores_of(*actuals, **options):
    return Scorecard("card", [Metric("a")], **options).score({"a": list(actuals)})


@pytest.mark.parametrize(
    ("score", "label", "level"),
    [
        (-5, "below", 0),
        (0.799999, "below", 0),
        (0.7999994, "below", 0),
        (0.7999995, "solid", 1),
        (0.8, "solid", 1),
        (1.1999999, "strong", 2),
        (1.2, "strong", 2),
        (1.6, "exceptional", 3),
        (1e9, "exceptional", 3),
        (NAN, None, -1),
    ],
)
def test_a_level_is_reached_at_its_floor_on_the_published_grid(score, label, level):
    assert SCALE.rate([score]).labels.tolist() == [label]
    assert SCALE.rate([score]).levels.tolist() == [level]
    assert SCALE.rate_one(score).label == label
    assert SCALE.rate_one(score).level == level


def test_labels_go_from_the_lowest_up():
    assert SCALE.labels == ("below", "solid", "strong", "exceptional")
    assert repr(SCALE) == "RatingScale('below', solid=0.8, strong=1.2, exceptional=1.6)"


def test_labels_need_not_be_python_names():
    scale = RatingScale.from_floors("did not meet", {"met (all)": Fraction(4, 5), "5": Decimal("1.2")})
    assert scale.rate([0.1, 0.8, 3]).labels.tolist() == ["did not meet", "met (all)", "5"]
    assert scale == RatingScale.from_floors("did not meet", {"met (all)": 0.8, "5": 1.2})


def test_a_level_may_be_called_like_an_argument():
    assert RatingScale("a", lowest=0, floors=1, scores=2).rate([2]).labels.tolist() == ["scores"]


@pytest.mark.parametrize(
    "column",
    [
        [0.5, None, 1.3],
        (0.5, NAN, 1.3),
        np.array([0.5, NAN, 1.3]),
        pd.Series([0.5, None, 1.3]),
        pd.Series([0.5, None, 1.3], dtype="Float64"),
        pl.Series([0.5, None, 1.3]),
        [Decimal("0.5"), None, Fraction(13, 10)],
    ],
)
def test_any_column_of_numbers_is_rated(column):
    assert SCALE.rate(column).labels.tolist() == ["below", None, "strong"]


def test_scores_are_rated_on_the_grid_of_their_card():
    scores = scores_of(0.79, 0.8, grid=0.1)
    assert SCALE.rate(scores).labels.tolist() == ["solid", "solid"]
    assert SCALE.rate_one(scores[0]).label == "solid"


def test_the_distribution_counts_every_level_and_no_row_without_a_score():
    ratings = SCALE.rate([0.1, 0.9, 0.9, 2, NAN])
    assert ratings.distribution() == {"below": 1, "solid": 2, "strong": 0, "exceptional": 1}
    assert repr(ratings) == "<Ratings of 5 rows: below 1, solid 2, exceptional 1>"


def test_ratings_are_a_sequence_of_ratings():
    ratings = SCALE.rate([0.1, NAN, 2])
    assert len(ratings) == 3
    assert [rating.label for rating in ratings] == ["below", None, "exceptional"]
    assert ratings[-1].label == "exceptional"
    assert np.asarray(ratings).tolist() == ["below", None, "exceptional"]
    assert repr(ratings[0]) == "<Rating 'below' of 0.1>"
    with pytest.raises(IndexError):
        ratings[3]


def test_an_empty_column_has_no_ratings():
    ratings = SCALE.rate([])
    assert len(ratings) == 0
    assert ratings.labels.tolist() == []
    assert set(ratings.distribution().values()) == {0}


def test_the_levels_are_read_only():
    with pytest.raises(ValueError, match="read-only"):
        SCALE.rate([1]).levels[0] = 3


def test_the_compared_values_are_read_only():
    with pytest.raises(ValueError, match="read-only"):
        SCALE.rate([1]).values[0] = 3


@pytest.mark.parametrize("score", [0.7999999, 1.23456789, -0.0])
def test_one_rating_and_a_rating_of_a_batch_compared_the_same_number(score):
    one, batch = SCALE.rate_one(score), SCALE.rate([score])[0]
    assert (one.level, one.score) == (batch.level, batch.score)
    assert one.explain() == batch.explain()


@pytest.mark.parametrize(
    ("scores", "message"),
    [
        (0.5, "must be a column.*use rate_one"),
        (5, "must be a column.*use rate_one"),
        (["high"], r"must hold numbers \(got 'high'\): row 0"),
        ([0.5, float("inf")], "must be finite: row 1"),
        ([[0.5]], "must be one column"),
        ("high", "one column"),
    ],
)
def test_what_is_no_column_of_scores_is_refused(scores, message):
    with pytest.raises(DataError, match=message) as caught:
        SCALE.rate(scores)
    assert pickle.loads(pickle.dumps(caught.value)).args == caught.value.args


def test_a_single_score_given_to_rate_is_pointed_to_rate_one():
    with pytest.raises(DataError, match="use rate_one"):
        SCALE.rate(scores_of(1)[0])


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: RatingScale("below"), "at least one level with a floor"),
        (lambda: RatingScale("", solid=1), "lowest level must be a label"),
        (lambda: RatingScale(3, solid=1), "lowest level must be a label"),
        (lambda: RatingScale("solid", solid=1), "'solid' twice"),
        (lambda: RatingScale("a", b=1, c=1), "floors must increase.*'c' at 1 after 'b' at 1"),
        (lambda: RatingScale("a", b=1, c=0.5), "floors must increase"),
        (lambda: RatingScale("a", b=NAN), "the floor of 'b' must be a finite number"),
        (lambda: RatingScale("a", b="1"), "the floor of 'b' must be a number"),
    ],
)
def test_a_scale_that_means_nothing_is_refused(make, message):
    with pytest.raises(DefinitionError, match=message):
        make()


@pytest.mark.parametrize(
    ("actual", "code", "params"),
    [
        (0.5, "rating_lowest", {"floor": None, "following": "solid", "reached_at": Fraction(4, 5)}),
        (0.9, "rating", {"floor": Fraction(4, 5), "following": "strong", "reached_at": Fraction(6, 5)}),
        (2.0, "rating_highest", {"floor": Fraction(8, 5), "following": None, "reached_at": None}),
    ],
)
def test_a_rating_explains_its_band_and_the_score_in_it(actual, code, params):
    scores = scores_of(actual)
    for explanation in (
        SCALE.rate(scores).explain(0),
        SCALE.rate(scores)[0].explain(),
        SCALE.rate_one(scores[0]).explain(),
    ):
        explanation.check()
        assert explanation.code == code
        assert explanation.params == params
        assert explanation.parts == (scores.explain(0),)
    plain = SCALE.rate([actual]).explain(0)
    assert (plain.code, plain["score"].value) == (code, actual)


def test_a_row_without_a_score_is_explained_as_not_rated():
    scores = scores_of(None)
    for explanation in (SCALE.rate(scores).explain(0), SCALE.rate_one(NAN).explain()):
        assert explanation.code == "unrated"
        assert explanation.value is None
        assert "not rated: no score" in str(explanation)


def test_a_rating_refuses_to_explain_a_score_whose_data_have_changed():
    a = np.array([0.5])
    ratings = SCALE.rate(Scorecard("card", [Metric("a")]).score({"a": a}))
    a[0] = 1.0
    with pytest.raises(StaleDataError):
        ratings.explain(0)


def test_the_label_of_a_row_can_be_read_although_its_data_have_changed():
    a = np.array([0.5])
    ratings = SCALE.rate(Scorecard("card", [Metric("a")]).score({"a": a}))
    a[0] = 1.0
    assert ratings[0].label == "below"


def test_changing_a_rated_array_changes_no_rating():
    column = np.array([0.5, 1.3])
    ratings = SCALE.rate(column)
    column[:] = 9
    assert ratings.labels.tolist() == ["below", "strong"]
    assert ratings.values.tolist() == [0.5, 1.3]


def test_a_score_reaches_a_floor_off_the_grid_that_it_equals():
    thirds = RatingScale("below", solid=Fraction(1, 3), strong=Fraction(2, 3))
    assert thirds.rate(scores_of(Fraction(1, 3), Fraction(2, 3), 0.333332)).labels.tolist() == [
        "solid",
        "strong",
        "below",
    ]
    assert thirds.rate_one(1 / 3).label == "solid"
