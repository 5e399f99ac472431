"""Metrics, sections and scorecards: what they score, what they refuse, and what they say about it."""

import pickle
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from perfkit import (
    Curve,
    DataError,
    DefinitionError,
    Metric,
    MissingColumnsError,
    PerfkitError,
    Scorecard,
    Section,
    StaleDataError,
    Weights,
)

NAN = float("nan")


def scored(metric, **columns):
    return Scorecard("card", [metric]).score(columns)


def values(metric, **columns):
    return scored(metric, **columns).values.tolist()


def two(**options):
    return Scorecard("card", [Metric("a", weight=3), Metric("b", weight=1)], **options)


@pytest.fixture
def card():
    return Scorecard(
        "account executive",
        [
            Section(
                "results",
                weight=70,
                of=[
                    Metric(
                        "revenue",
                        weight=80,
                        target="quota",
                        curve=Curve.through((0.8, 0), (1, 1), (1.2, 2)),
                        unit="EUR",
                    ),
                    Metric("churn", weight=20, target=0.05, lower_is_better=True),
                ],
            ),
            Section("customers", weight=30, of=[Metric("csat", baseline=3, target=4.5)]),
        ],
    )


@pytest.fixture
def people():
    return {
        "revenue": [1_310_000, 900_000, 1_200_000, None],
        "quota": [1_200_000, 1_000_000, 1_500_000, 1_000_000],
        "churn": [0.046, 0.05, 0.06, 0.02],
        "csat": [4.4, 3.0, float("nan"), 4.5],
    }


# What a metric scores.


@pytest.mark.parametrize(
    ("metric", "kind"),
    [
        (Metric("a"), "raw"),
        (Metric("a", target=2), "attainment"),
        (Metric("a", target="t"), "attainment"),
        (Metric("a", target=2, baseline=1), "progress"),
        (Metric("a", target="t", baseline="b"), "progress"),
    ],
)
def test_a_metric_reads_raw_value_attainment_or_progress_by_what_it_has(metric, kind):
    assert metric.kind == kind


@pytest.mark.parametrize(
    ("options", "actual", "score"),
    [
        ({}, 0.7, 0.7),
        ({}, -3, -3.0),
        ({"target": 4}, 3, 0.75),
        ({"target": 4, "baseline": 2}, 3, 0.5),
        ({"target": 4, "baseline": 2}, 1, -0.5),
        ({"target": 2, "baseline": 4}, 3, 0.5),
        ({"target": -2, "baseline": -4}, -3, 0.5),
        ({"target": 4, "lower_is_better": True}, 3, 1.25),
        ({"target": 4, "lower_is_better": True}, 12, -1.0),
        ({"target": 4, "lower_is_better": True, "inversion": "ratio"}, 5, 0.8),
        ({"target": 2, "baseline": 4, "lower_is_better": True}, 1, 1.5),
        ({"curve": Curve.through((0, 1), (10, 0)), "lower_is_better": True}, 4, 0.6),
        ({"target": 4, "curve": Curve.through((0.5, 0), (1, 1))}, 3, 0.5),
        ({"target": Decimal("0.3")}, 0.1, 0.333333),
        ({"target": Fraction(1, 3)}, 1, 3.0),
        ({"curve": Curve.steps((0.5, 1))}, True, 1.0),
    ],
)
def test_a_metric_scores_the_documented_number(options, actual, score):
    metric = Metric("a", **options)
    assert values(metric, a=[actual]) == [score]
    assert Scorecard("card", [metric]).score_one({"a": actual}).value == score


def test_target_and_baseline_are_read_from_columns_row_by_row():
    metric = Metric("a", column="actual", target="t", baseline="b")
    assert metric.needs() == (*Metric("actual").needs(), *Metric("t").needs(), *Metric("b").needs())
    assert values(metric, actual=[5, 5], t=[10, 6], b=[0, 4]) == [0.5, 0.5]


def test_an_attainment_at_a_jump_is_not_decided_by_its_last_bit():
    metric = Metric("a", target="t", curve=Curve.steps((Fraction("1.1"), 1)))
    assert 0.22 / 0.2 < 1.1
    assert values(metric, a=[0.22, 0.2199], t=[0.2, 0.2]) == [1.0, 0.0]


@pytest.mark.parametrize(
    ("rule", "expected"),
    [("missing", [None, None, 2.0]), ("reached", [1.0, 0.0, 2.0])],
)
def test_a_zero_target_is_missing_or_reached_where_the_metric_says_so(rule, expected):
    metric = Metric("a", target="t", zero_span=rule)
    got = values(metric, a=[0, -1, 4], t=[0, 0, 2])
    assert [None if np.isnan(x) else x for x in got] == expected


@pytest.mark.parametrize(("lower", "expected"), [(False, [1.0, 1.0, 0.0]), (True, [0.0, 1.0, 1.0])])
def test_a_target_at_the_baseline_is_reached_from_the_better_side(lower, expected):
    metric = Metric("a", target="t", baseline=5, zero_span="reached", lower_is_better=lower)
    assert values(metric, a=[6, 5, 4], t=[5, 5, 5]) == expected


def test_a_missing_actual_reaches_nothing():
    scores = scored(Metric("a", target="t", zero_span="reached"), a=[NAN], t=[0])
    assert np.isnan(scores.values[0])
    assert scores.coverage[0] == 0


def test_a_typed_zero_target_is_allowed_with_a_rule_for_it():
    assert values(Metric("a", target=0, zero_span="reached", lower_is_better=True), a=[0, 1]) == [1.0, 0.0]
    assert values(Metric("a", target=3, baseline=3, zero_span="reached"), a=[3, 2]) == [1.0, 0.0]


def test_a_missing_target_is_neither_reached_nor_missed():
    metric = Metric("a", target="t", lower_is_better=True, inversion="ratio", zero_span="reached")
    scores = scored(metric, a=[0.0], t=[NAN])
    assert np.isnan(scores.values[0])
    assert scores.coverage[0] == 0


@pytest.mark.parametrize("rule", ["reached", "missing"])
@pytest.mark.parametrize("lower", [False, True])
@pytest.mark.parametrize(
    "columns",
    [
        {"a": [NAN], "t": [5.0], "b": [5.0]},
        {"a": [5.0], "t": [NAN], "b": [5.0]},
        {"a": [5.0], "t": [5.0], "b": [NAN]},
        {"a": [NAN], "t": [NAN], "b": [NAN]},
    ],
)
def test_without_a_span_nothing_is_reached_where_a_piece_is_missing(rule, lower, columns):
    card = Scorecard(
        "card", [Metric("a", target="t", baseline="b", zero_span=rule, lower_is_better=lower), Metric("o")]
    )
    scores = card.score({**columns, "o": [0.5]})
    assert scores.values.tolist() == [0.5]
    assert scores.coverage.tolist() == [0.5]
    scores.explain(0).check()


@pytest.mark.parametrize("inversion", ["mirror", "ratio"])
@pytest.mark.parametrize("columns", [{"a": [NAN], "t": [0.0]}, {"a": [0.0], "t": [NAN]}])
def test_an_attainment_without_a_span_is_not_reached_where_a_piece_is_missing(inversion, columns):
    metric = Metric("a", target="t", zero_span="reached", lower_is_better=True, inversion=inversion)
    scores = scored(metric, **columns)
    assert np.isnan(scores.values).all()
    assert scores.coverage.tolist() == [0.0]
    assert scores.explain(0).value is None


def test_a_gap_that_counts_as_nothing_is_explained_as_that():
    card = two(missing="zero")
    scores = card.score({"a": [NAN, 2.0], "b": [4.0, 4.0]})
    assert scores.values.tolist() == [1.0, 2.5]
    assert scores.coverage.tolist() == [0.25, 1.0]
    why = scores.explain(0)
    why.check()
    assert why["filled"].value == 0
    assert why["a"].value == 0
    assert "a: missing, counts as nothing" in str(why)
    assert "filled" not in [part.code for part in scores.explain(1).walk()]


@pytest.mark.parametrize(
    "options",
    [{}, {"target": 5}, {"target": 5, "baseline": 1}, {"target": "t", "zero_span": "missing"}],
    ids=["raw", "attainment", "progress", "no span"],
)
@pytest.mark.parametrize("curve", [None, Curve.through((0, 1), (1, 2))])
def test_a_gap_that_counts_as_nothing_scores_nothing_whatever_the_curve(options, curve):
    card = Scorecard("card", [Metric("a", missing="zero", curve=curve, **options), Metric("b")])
    actual = 3.0 if "t" in options.values() else NAN
    scores = card.score({"a": [actual], "b": [1.0], "t": [0.0]})
    assert scores.values.tolist() == [0.5]
    assert scores.coverage.tolist() == [0.5]
    why = scores.explain(0)
    why.check()
    assert [part.value for part in why.walk() if part.code == "filled"] == [0]


def test_a_card_that_refuses_refuses_a_row_without_a_span_that_counts_as_missing():
    card = Scorecard("card", [Metric("a", target="t", zero_span="missing"), Metric("b")], missing="refuse")
    with pytest.raises(DataError, match="row 1") as caught:
        card.score({"a": [1.0, 1.0], "t": [1.0, 0.0], "b": [1.0, 1.0]})
    assert caught.value.rows == (1,)


def test_an_inverse_attainment_of_nothing_follows_zero_span():
    metric = Metric("a", target=2, lower_is_better=True, inversion="ratio", zero_span="reached")
    assert values(metric, a=[0, 4]) == [1.0, 0.5]


# Sections, weights, coverage and missing values.


def test_the_worked_example_of_the_design(card, people):
    scores = card.score(people)
    assert scores[0].value == card.score_one({name: column[0] for name, column in people.items()}).value
    assert scores.values.tolist() == [1.247867, 0.42, 0.16, 1.42]
    assert scores.coverage.tolist() == pytest.approx([1, 1, 0.7, 0.44])


def test_shares_among_siblings_add_up_to_one():
    section = Section("s", of=[Metric("a", weight=1), Metric("b", weight=2)])
    assert section.shares() == {"a": Fraction(1, 3), "b": Fraction(2, 3)}
    assert Section("s", of=[Metric("a"), Metric("b")]).shares() == {"a": Fraction(1, 2), "b": Fraction(1, 2)}


@pytest.mark.parametrize(
    ("rule", "value", "coverage"),
    [("redistribute", 2.0, 0.25), ("zero", 0.5, 0.25)],
)
def test_a_missing_value_follows_the_rule_of_the_card(rule, value, coverage):
    scores = two(missing=rule).score({"a": [NAN], "b": [2]})
    assert (scores[0].value, scores[0].coverage) == (value, coverage)


def test_the_rule_of_a_metric_goes_before_that_of_the_card():
    card = Scorecard("card", [Metric("a", missing="zero"), Metric("b")])
    assert card.score({"a": [NAN], "b": [NAN]}).values.tolist() == [0.0]
    card = Scorecard("card", [Metric("a", missing="redistribute"), Metric("b")], missing="zero")
    assert card.score({"a": [NAN], "b": [NAN]}).values.tolist() == [0.0]
    assert np.isnan(Scorecard("card", [Metric("a", missing="redistribute")], missing="zero").score({"a": [NAN]}).values)


def test_carry_takes_the_last_known_value_and_says_so():
    card = Scorecard("card", [Metric("a", last="before", target=4), Metric("b")], missing="redistribute")
    carrying = Scorecard("card", [Metric("a", last="before", target=4, missing="carry"), Metric("b")])
    data = {"a": [NAN, 2, NAN], "before": [3, 9, NAN], "b": [1, 1, 1]}
    assert card.score(data).values.tolist() == [1.0, 0.75, 1.0]
    scores = carrying.score(data)
    assert scores.values.tolist() == [0.875, 0.75, 1.0]
    assert scores.coverage.tolist() == [0.5, 1.0, 0.5]
    assert scores.explain(0)["carried"].params == {"column": "before"}
    with pytest.raises(KeyError):
        scores.explain(1)["carried"]


def test_an_empty_section_gives_its_weight_to_its_siblings():
    card = Scorecard("card", [Section("s", weight=9, of=[Metric("a"), Metric("b")]), Metric("c", weight=1)])
    scores = card.score({"a": [NAN], "b": [NAN], "c": [0.4]})
    assert (scores.values[0], scores.coverage[0]) == (0.4, pytest.approx(0.1))
    scores.explain(0).check()


def test_a_row_without_any_value_has_no_score_and_says_so():
    scores = two().score({"a": [NAN], "b": [None]})
    assert np.isnan(scores.values[0])
    assert scores.coverage[0] == 0
    explanation = scores.explain(0)
    assert explanation.value is None
    assert [part.code for part in explanation.parts] == ["missing", "missing"]
    explanation.check()


def test_weights_must_add_up_only_where_the_card_says_so():
    parts = [Section("s", weight=60, of=[Metric("a", weight=50), Metric("b", weight=50)]), Metric("c", weight=40)]
    assert Scorecard("card", parts, weights_add_up_to=100).weights_add_up_to == 100
    with pytest.raises(DefinitionError, match="weights must add up to 90") as caught:
        Scorecard("card", parts, weights_add_up_to=90)
    assert caught.value.problems == ("$: s 60, c 40 add up to 100", "$.sections[0]: a 50, b 50 add up to 100")


def test_weighted_gives_the_card_other_weights(card):
    other = card.weighted({"results": 50, "customers": Decimal(50), "revenue": 1, "churn": 3})
    assert other.sections[0].shares() == {"revenue": Fraction(1, 4), "churn": Fraction(3, 4)}
    assert other.sections[0].weight == 50
    assert card.sections[0].weight == 70
    assert two().weighted(Weights({"a": 1, "b": 1})).score({"a": [1], "b": [2]}).values.tolist() == [1.5]


def test_weighted_refuses_a_name_that_is_not_on_the_card(card):
    with pytest.raises(DefinitionError, match=r"'revenu'.*did you mean 'revenue'"):
        card.weighted({"revenu": 1})


def test_walk_gives_each_part_with_its_path(card):
    assert [(part.name, path) for part, path in card.walk()] == [
        ("results", "$.sections[0]"),
        ("revenue", "$.sections[0].of[0]"),
        ("churn", "$.sections[0].of[1]"),
        ("customers", "$.sections[1]"),
        ("csat", "$.sections[1].of[0]"),
    ]
    assert [metric.name for metric in card.metrics()] == ["revenue", "churn", "csat"]
    assert [need.name for need in card.needs()] == ["revenue", "quota", "churn", "csat"]


def test_a_column_that_two_metrics_read_is_needed_once():
    card = Scorecard("card", [Metric("a", column="x"), Metric("b", column="x", target=2)])
    assert [need.name for need in card.needs()] == ["x"]
    assert card.score({"x": [2]}).values.tolist() == [1.5]


@pytest.mark.parametrize(
    ("grid", "value"), [(Fraction(1, 1000), 0.596), (0.01, 0.6), (1, 1.0), (5, 0.0), (0.000001, 0.59628)]
)
def test_a_score_is_published_on_the_grid_of_the_card(grid, value):
    scores = Scorecard("card", [Metric("a")], grid=grid).score({"a": [0.59628]})
    assert scores.values.tolist() == [value]
    scores.explain(0).check()


@pytest.mark.parametrize(("raw", "published"), [(0.0000005, 0.000001), (-0.0000005, -0.000001), (-0.0000001, 0.0)])
def test_ties_on_the_grid_go_away_from_zero_and_no_score_is_minus_nothing(raw, published):
    got = values(Metric("a"), a=[raw])[0]
    assert got == published
    assert str(got) == str(published)


# Definitions that mean nothing.


@pytest.mark.parametrize("weight", [0, -1, NAN, float("inf"), "much", True, Decimal("NaN")])
@pytest.mark.parametrize("make", [lambda w: Metric("a", weight=w), lambda w: Section("s", weight=w, of=[Metric("a")])])
def test_a_weight_that_is_not_a_positive_number_is_refused(make, weight):
    with pytest.raises(DefinitionError, match="weight must be") as caught:
        make(weight)
    assert caught.value.path == "weight"


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Metric(""), "name must be a text"),
        (lambda: Metric(7), "name must be a text"),
        (lambda: Section(" ", of=[Metric("a")]), "name must be a text"),
        (lambda: Scorecard("", [Metric("a")]), "name must be a text"),
        (lambda: Metric("a", target=NAN), "target or baseline must be a finite number"),
        (lambda: Metric("a", target=" "), "name of a column"),
        (lambda: Metric("a", target=-2), "must be positive for attainment.*baseline"),
        (lambda: Metric("a", target=0), "must be positive for attainment"),
        (lambda: Metric("a", target=-2, zero_span="reached"), "must be positive for attainment"),
        (lambda: Metric("a", target=2, baseline=2), "must differ.*zero_span="),
        (lambda: Metric("a", baseline=2), "needs a target"),
        (lambda: Metric("a", lower_is_better=True), "better when lower.*give a target or a falling curve"),
        (lambda: Metric("a", lower_is_better=True, target=3, baseline=1), "target must be below its baseline"),
        (lambda: Metric("a", missing="carry"), "name its column with last="),
        (lambda: Metric("a", missing="carri"), "missing must be one of.*did you mean 'carry'"),
        (lambda: Metric("a", zero_span="refused"), "zero_span must be one of.*did you mean 'refuse'"),
        (lambda: Metric("a", target=1, inversion="mirrored"), "inversion must be one of.*did you mean 'mirror'"),
        (lambda: Metric("a", curve=lambda x: x), "must be a Curve"),
        (lambda: Section("s", of=[]), "at least one metric or section"),
        (lambda: Section("s", of=["a"]), "must hold metrics and sections"),
        (lambda: Section("s", of=[Metric("a", weight=1), Metric("b")]), "all of its parts or to none.*missing for b"),
        (lambda: Scorecard("c", []), "at least one metric or section"),
        (lambda: Scorecard("c", [Metric("a")], missing="ignore"), "missing must be one of"),
        (lambda: Scorecard("c", [Metric("a"), Metric("b", weight=2)]), "all of its parts or to none.*missing for a"),
        (lambda: Scorecard("c", [Metric("a"), Metric("a", column="x")]), "must differ.*'a' twice"),
        (lambda: Scorecard("c", [Metric("a"), Section("s", of=[Metric("a", column="x")])]), "must differ.*'a' twice"),
        (lambda: Scorecard("c", [Section("a", of=[Metric("a")])]), "must differ.*'a' twice"),
        (lambda: Scorecard("c", [Metric("a")], missing="carry"), "name the column for 'a' with last="),
        (lambda: Scorecard("c", [Section("s", of=[Metric("a")])], missing="carry"), "name the column for 'a'"),
        (lambda: Scorecard("c", [Metric("a")], grid=0), "positive multiple of 0.000001"),
        (lambda: Scorecard("c", [Metric("a")], grid=-0.1), "positive multiple of 0.000001"),
        (lambda: Scorecard("c", [Metric("a")], grid=Fraction(1, 3)), "positive multiple of 0.000001"),
        (lambda: Scorecard("c", [Metric("a")], grid=NAN), "grid must be a finite number"),
    ],
)
def test_a_definition_that_means_nothing_is_refused_with_its_cure(make, message):
    with pytest.raises(DefinitionError, match=message) as caught:
        make()
    assert pickle.loads(pickle.dumps(caught.value)).args == caught.value.args


def test_a_name_used_twice_is_named_with_its_path():
    with pytest.raises(DefinitionError) as caught:
        Scorecard("c", [Metric("b"), Section("s", of=[Metric("a"), Metric("b")])])
    assert caught.value.path == "$.sections[1].of[1]"


def test_a_list_of_parts_that_changes_later_changes_no_definition():
    parts = [Metric("a")]
    card, section = Scorecard("c", parts), Section("s", of=parts)
    parts.append(Metric("b"))
    assert card.sections == section.of == (Metric("a"),)


# Data that cannot be scored.


def test_all_missing_columns_are_named_at_once_with_suggestions(card):
    with pytest.raises(MissingColumnsError) as caught:
        card.score({"revenu": [1], "qota": [1], "csat": [1]})
    assert caught.value.columns == ("revenue", "quota", "churn")
    assert caught.value.column == "revenue"
    for text in ("3 columns are missing", "did you mean 'revenu'", "did you mean 'qota'", "add or rename columns"):
        assert text in str(caught.value)
    assert pickle.loads(pickle.dumps(caught.value)).columns == caught.value.columns


def test_all_missing_columns_of_a_single_row_are_named_at_once(card):
    with pytest.raises(MissingColumnsError, match="'quota', 'churn'"):
        card.score_one({"revenue": 1, "csat": 1})


@pytest.mark.parametrize("data", [5, None, "revenue", [1, 2], object()])
def test_data_that_are_no_table_are_refused_with_what_is_expected(data):
    with pytest.raises(DataError, match=r"mapping of columns.*score_one"):
        two().score(data)


@pytest.mark.parametrize("row", [5, None, [1, 2], "ab"])
def test_a_single_row_that_is_no_mapping_is_refused(row):
    with pytest.raises(DataError, match="a row must be a mapping"):
        two().score_one(row)


def test_a_single_row_given_to_score_is_pointed_to_score_one():
    with pytest.raises(DataError, match=r"sequence of values.*score_one") as caught:
        two().score({"a": 1, "b": 2})
    assert caught.value.column == "a"


def test_a_batch_given_to_score_one_is_refused():
    with pytest.raises(DataError, match="must hold one value"):
        two().score_one({"a": [1, 2], "b": 1})


def test_columns_of_unequal_length_are_refused():
    with pytest.raises(DataError, match="'a' has 2 rows and 'b' has 3") as caught:
        two().score({"a": [1, 2], "b": [1, 2, 3]})
    assert caught.value.column == "b"


def test_a_column_by_name_of_another_length_than_the_data_is_refused():
    with pytest.raises(DataError, match="one length"):
        two().score({"a": [1, 2, 3]}, b=[1, 2])


def test_columns_by_name_of_another_length_than_data_that_are_not_read_are_refused():
    with pytest.raises(DataError, match="one length"):
        Scorecard("c", [Metric("a")]).score({"person": ["x", "y", "z"]}, a=[1, 2])


def test_a_single_value_by_name_stands_for_every_row():
    assert two().score({"a": [1, 2, 3]}, b=5).values.tolist() == [2.0, 2.75, 3.5]
    assert Scorecard("c", [Metric("a")]).score({"person": ["x", "y"]}, a=5).values.tolist() == [5.0, 5.0]


def test_a_column_given_twice_is_refused():
    with pytest.raises(DataError, match=r"'b' is given by name and is in the data as well; give it once"):
        two().score({"a": [1], "b": [1]}, b=[2])
    with pytest.raises(DataError, match=r"'b' is given by name and is in the row as well; give it once"):
        two().score_one({"a": 1, "b": 1}, b=2)


@pytest.mark.parametrize(
    ("column", "message"),
    [
        ([1.0, float("inf"), 2.0], "must be finite: row 1"),
        (np.array([1, -np.inf, 2], dtype=np.float32), "must be finite: row 1"),
        ([1, Decimal("Infinity"), None], "must be finite: row 1"),
        (["1", "2", "3"], r"must hold numbers \(got '1'\): rows 0, 1, 2; turn text into numbers"),
        (np.array(["1", "2", "3"]), r"must hold numbers \(got .*'1'.*\): rows 0, 1, 2; turn text into numbers"),
        (np.array([1, np.str_("2"), 3], dtype=object), r"must hold numbers \(got .*'2'.*\): row 1"),
        ([1, "n/a", None], r"must hold numbers \(got 'n/a'\): row 1"),
        (np.array(["2026-01-01"] * 3, dtype="datetime64[D]"), "must hold numbers"),
        ([1, 1j, 2], "must hold numbers"),
        (np.ones((3, 2)), r"one dimension \(got shape \(3, 2\)\)"),
    ],
)
def test_a_column_that_holds_no_finite_numbers_is_refused_by_row(column, message):
    with pytest.raises(DataError, match=message) as caught:
        two().score({"a": [1, 2, 3], "b": column})
    assert caught.value.column == "b"
    assert pickle.loads(pickle.dumps(caught.value)).rows == caught.value.rows


@pytest.mark.parametrize("gap", [None, NAN, np.float32("nan"), Decimal("NaN"), pd.NA, pd.NaT])
def test_every_kind_of_gap_is_a_missing_value(gap):
    scores = two().score({"a": [1, gap], "b": [2, 2]})
    assert scores.values.tolist() == [1.25, 2.0]


def test_masked_values_are_missing():
    scores = two().score({"a": np.ma.array([1.0, 5.0], mask=[False, True]), "b": [2.0, 2.0]})
    assert scores.values.tolist() == [1.25, 2.0]
    assert scores.coverage.tolist() == [1.0, 0.25]
    scores.explain(1).check()


def test_an_empty_batch_has_no_scores(card):
    scores = card.score({name: [] for name in ("revenue", "quota", "churn", "csat")})
    assert len(scores) == 0
    assert list(scores) == []
    assert scores.values.dtype == scores.coverage.dtype == np.float64


@pytest.mark.parametrize(
    ("metric", "columns", "message", "column"),
    [
        (Metric("a", target="t"), {"a": [1, 1], "t": [1, -1]}, "negative target: row 1; give a baseline", "t"),
        (Metric("a", target="t"), {"a": [1, 1], "t": [1, 0]}, r"divides by zero: row 1; .*zero_span=", "t"),
        (Metric("a", target="t", baseline=3), {"a": [1, 1], "t": [3, 4]}, "equals the baseline: row 0", "t"),
        (Metric("a", target=3, baseline="b"), {"a": [1, 1], "b": [3, 4]}, "equals the baseline: row 0", "b"),
        (Metric("a", target="t", baseline=1, lower_is_better=True), {"a": [1], "t": [2]}, "below its baseline", "t"),
        (Metric("a", target=2, baseline="b", lower_is_better=True), {"a": [1], "b": [1]}, "below its baseline", "b"),
        (
            Metric("a", target=2, lower_is_better=True, inversion="ratio"),
            {"a": [1, 0]},
            r"divides by zero: row 1; .*zero_span=",
            "a",
        ),
        (Metric("a", missing="refuse"), {"a": [1, NAN]}, "must not be missing: row 1; fill it", "a"),
        (
            Metric("a", target="t"),
            {"a": [1.0], "t": [5e-324]},
            "infinitely far .* of 'a': row 0; check the target",
            "a",
        ),
    ],
)
def test_a_row_that_cannot_be_measured_is_refused_by_column_and_row(metric, columns, message, column):
    with pytest.raises(DataError, match=message) as caught:
        scored(metric, **columns)
    assert caught.value.column == column


def test_the_actual_value_is_blamed_where_it_is_what_divides():
    metric = Metric("a", target="t", lower_is_better=True, inversion="ratio")
    with pytest.raises(DataError, match="divides by zero") as caught:
        scored(metric, a=[0.0], t=[1.0])
    assert caught.value.column == "a"


def test_the_target_is_blamed_where_the_target_is_missing():
    with pytest.raises(DataError, match="must not be missing") as caught:
        scored(Metric("a", target="t", missing="refuse"), a=[1.0], t=[NAN])
    assert caught.value.column == "t"


def test_the_card_refuses_missing_values_where_it_says_so():
    with pytest.raises(DataError, match="column 'b' must not be missing: rows 0, 2") as caught:
        two(missing="refuse").score({"a": [1, 1, 1], "b": [NAN, 1, None]})
    assert caught.value.rows == (0, 2)
    assert caught.value.count == 2


@pytest.mark.parametrize("row", [0, 65_535, 65_536, 70_001])
def test_row_numbers_in_errors_are_those_of_the_caller_past_a_block(row):
    t = np.ones(70_002)
    t[row] = -1
    with pytest.raises(DataError) as caught:
        scored(Metric("a", target="t"), a=np.ones(70_002), t=t)
    assert caught.value.rows == (row,)
    assert f"row {row};" in str(caught.value)


@pytest.mark.parametrize("value", [1e300, 1e308, -1e308])
@pytest.mark.parametrize("weight", [1, 80])
@pytest.mark.parametrize("options", [{}, {"target": 1e-5, "curve": Curve.through((0, 0), (1, 1), above=2)}])
def test_a_huge_value_gives_a_finite_score_or_an_error_and_never_a_warning(value, weight, options):
    card = Scorecard("card", [Metric("a", weight=weight, **options)])
    try:
        scores = card.score({"a": [value]})
    except DataError:
        return
    assert np.isfinite(scores.values).all()
    scores.explain(0).check()


def test_an_attainment_beyond_all_numbers_is_refused_or_explained():
    card = Scorecard("card", [Metric("a", target="t", curve=Curve.through((0, 0), (1, 1)))])
    try:
        scores = card.score({"a": [1.0], "t": [5e-324]})
    except DataError:
        return
    scores.explain(0).check()


def test_a_column_named_by_a_number_is_found_by_its_text():
    columns = {1: [1.0], 2: [2.0]}
    assert Scorecard("c", [Metric("1")]).score(columns).values.tolist() == [1.0]
    with pytest.raises(MissingColumnsError, match="the data have '1', '2'"):
        Scorecard("c", [Metric("a")]).score(columns)


# Every table gives the same scores.


def table_of(kind, columns):
    arrays = {name: np.asarray(column, dtype=np.float64) for name, column in columns.items()}
    if kind == "arrays":
        return arrays
    if kind == "pandas":
        return pd.DataFrame(columns)
    if kind == "pandas nullable":
        return pd.DataFrame(columns).convert_dtypes()
    if kind == "polars":
        return pl.DataFrame(columns, strict=False)
    if kind == "arrow":
        return pa.table(arrays)
    if kind == "decimals":
        return {name: [None if x is None else Decimal(str(x)) for x in column] for name, column in columns.items()}
    if kind == "big endian":
        return {name: array.astype(">f8") for name, array in arrays.items()}
    structured = np.zeros(4, dtype=[(name, np.float64) for name in arrays])
    for name, array in arrays.items():
        structured[name] = array
    return structured


@pytest.mark.parametrize(
    "kind",
    ["arrays", "pandas", "pandas nullable", "polars", "arrow", "structured", "decimals", "big endian"],
)
def test_every_kind_of_table_gives_the_same_scores(kind, card, people):
    expected = card.score(people)
    got = card.score(table_of(kind, people))
    assert got.values.tobytes() == expected.values.tobytes()
    assert got.coverage.tobytes() == expected.coverage.tobytes()
    assert got.explain(0) == expected.explain(0)


def test_every_kind_of_single_row_gives_the_same_score(card, people):
    expected = card.score(people)[0].value
    frame = pd.DataFrame(people)
    structured = table_of("structured", people)
    for row in (frame.iloc[0], structured[0], pl.DataFrame(people, strict=False).row(0, named=True)):
        assert card.score_one(row).value == expected


def test_a_column_that_is_not_read_may_hold_anything(card, people):
    assert len(card.score({**people, "photo": [object()]})) == 4


# Results: read-only, and stale when the data have changed.


def test_results_are_read_only(card, people):
    scores = card.score(people)
    for array in (scores.values, scores.coverage, np.asarray(scores)):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 0


def test_scoring_leaves_the_data_of_the_caller_writable():
    a = np.array([1.0])
    Scorecard("c", [Metric("a")]).score({"a": a})
    a[0] = 2.0


def test_changing_data_after_scoring_changes_no_result_and_makes_its_explanation_refuse():
    a = np.array([1.0, 2.0])
    scores = Scorecard("c", [Metric("a")]).score({"a": a})
    a[1] = 7.0
    assert scores.values.tolist() == [1.0, 2.0]
    scores.explain(0).check()
    with pytest.raises(StaleDataError, match=r"row 1 .* score 2\.0 .* now gives 7\.0 .*score again") as caught:
        scores[1].explain()
    assert caught.value.rows == (1,)


def test_a_change_that_shows_in_the_coverage_alone_is_stale_as_well():
    a = np.array([1.0])
    scores = two().score({"a": a, "b": np.array([1.0])})
    a[0] = NAN
    with pytest.raises(StaleDataError, match=r"score 1\.0 with coverage 1\.0: it now gives 1\.0 with coverage 0\.25;"):
        scores.explain(0)


def test_a_value_that_was_filled_in_after_scoring_is_stale_as_well():
    a = np.array([NAN, 1.0])
    scores = two().score({"a": a, "b": np.array([1.0, 1.0])})
    a[0] = 1.0
    with pytest.raises(
        StaleDataError, match=r"row 0 .* coverage 0\.25: it now gives 1\.0 with coverage 1\.0;"
    ) as caught:
        scores[0].explain()
    assert caught.value.rows == (0,)
    scores.explain(1).check()


def test_a_row_that_can_no_longer_be_scored_is_stale_and_says_why():
    a = np.array([1.0])
    scores = Scorecard("card", [Metric("a")]).score({"a": a})
    a[0] = np.inf
    with pytest.raises(StaleDataError, match=r"score 1\.0 .*column 'a' must be finite: row 0; .*score again"):
        scores.explain(0)


def test_a_row_without_a_score_is_not_stale_for_being_none():
    scores = two().score({"a": np.array([NAN]), "b": np.array([NAN])})
    assert scores.explain(0).value is None


def test_scores_are_a_sequence_of_scores(card, people):
    scores = card.score(people)
    assert len(scores) == 4
    assert [score.value for score in scores] == scores.values.tolist()
    assert scores[-1].value == scores[3].value
    assert float(scores[0]) == scores[0].value
    assert np.asarray(scores[0]).shape == ()
    assert np.asarray(scores, dtype=np.float32).dtype == np.float32
    assert np.array(scores, copy=True).flags.writeable
    assert repr(scores) == "<Scores of 'account executive': 4 rows>"
    assert repr(scores[0]) == f"<Score of 'account executive': {scores[0].value}, coverage 100%>"
    with pytest.raises(IndexError):
        scores[4]


# Explanations.


def test_an_explanation_names_every_step(card, people):
    explanation = card.score(people).explain(0)
    explanation.check()
    assert explanation.code == "score"
    assert explanation["attainment"].value == pytest.approx(1_310_000 / 1_200_000)
    assert explanation["attainment_mirrored"].value == pytest.approx(2 - 0.046 / 0.05)
    assert [part.code for part in explanation["progress"].parts] == ["actual", "target", "baseline"]
    assert explanation["revenue"].params["weight"] == 80
    assert explanation["published"].params == {"grid": Fraction(1, 10**6)}
    text = str(explanation)
    for line in ("score of account executive", "on the curve, 1 at 1 to 2 at 1.2", "rounding to the grid of 0.000001"):
        assert line in text


def test_an_inverse_attainment_is_explained_as_such():
    scores = scored(Metric("a", target=2, lower_is_better=True, inversion="ratio"), a=[4])
    assert scores.explain(0)["attainment_inverse"].value == 0.5


@pytest.mark.parametrize("options", [{}, {"curve": Curve.through((0, 0), (1, 1))}, {"target": 3}, {"target": "t"}])
@pytest.mark.parametrize("on_card", [False, True])
def test_a_metric_that_counts_as_zero_is_explained(options, on_card):
    metric = Metric("a", missing=None if on_card else "zero", **options)
    card = Scorecard("c", [metric, Metric("b")], missing="zero" if on_card else "redistribute")
    scores = card.score({"a": [NAN], "t": [1.0], "b": [1.0]})
    explanation = scores.explain(0)
    explanation.check()
    assert explanation.value == 0.5
    assert explanation["a"].value == 0
    assert "missing" in str(explanation["a"])


def test_a_missing_value_is_explained_with_the_rule_of_its_own_metric():
    card = Scorecard("c", [Metric("a", missing="redistribute"), Metric("b")], missing="refuse")
    part = card.score({"a": [NAN], "b": [1.0]}).explain(0)["a"]
    assert part.code == "missing"
    assert part.params["rule"] == "redistribute"


def test_an_attainment_just_off_the_decimals_composes_on_a_steep_curve_with_a_jump():
    scores = scored(Metric("a", target=3, curve=Curve.through((0.3, 0), (0.4, 10), below=-1)), a=[1.0])
    scores.explain(0).check()


def test_a_raw_value_at_a_jump_that_no_decimal_meets_is_explained():
    scores = scored(Metric("a", curve=Curve.steps((Fraction(1, 3), 1))), a=[1 / 3])
    scores.explain(0).check()


def test_the_explanation_of_a_score_differs_from_no_other_way_to_it(card, people):
    scores = card.score(people)
    alone = card.score_one({name: column[2] for name, column in people.items()})
    assert alone.explain() == scores.explain(2) == scores[2].explain()


def test_every_data_error_is_a_perfkit_error():
    assert issubclass(StaleDataError, DataError)
    assert issubclass(DataError, PerfkitError)


def test_a_change_that_gives_the_same_score_is_found_out_too():
    days = np.array([80.0, 60.0])
    scores = Scorecard("c", [Metric("a", curve=Curve.through((61, 2), (73, 0.5), above=0))]).score({"a": days})
    assert scores[0].explain()["actual"].value == 80
    days[0] = 95.0
    with pytest.raises(StaleDataError, match="not what they were"):
        scores.explain(0)
