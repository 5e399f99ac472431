"""Scales: what each of them gives, what fits them, and what they refuse."""

import json
import pickle
from concurrent.futures import ThreadPoolExecutor
from fractions import Fraction

import numpy as np
import pytest

from perfkit import (
    Banded,
    Curve,
    DataError,
    DefinitionError,
    DistanceToReference,
    FittedPercentile,
    FittedScale,
    Metric,
    MinMax,
    MissingColumnsError,
    OptimalBand,
    Percentile,
    RatioToReference,
    Scorecard,
    Section,
    UnfittedError,
    ZScore,
    digest,
    from_dict,
    to_dict,
)
from perfkit.typing import Moments, Tally

NAN = float("nan")


def card_of(scale, **options):
    return Scorecard("card", [Metric("x", scale=scale, **options)])


def fitted(scale, x, *, new=None, g=None, **options):
    """The scores of new values by a scale that is fit to others."""
    people = {"x": x} if g is None else {"x": x, "g": g}
    return card_of(scale, **options).fit(people).score({"x": x} if new is None else new).values.tolist()


@pytest.mark.parametrize(
    ("scale", "options", "scores"),
    [
        (MinMax(), {}, [0, 0.25, 1, -0.0, 1]),
        (MinMax(), {"lower_is_better": True}, [1, 0.75, 0, 1, 0]),
        (MinMax(outside="extend"), {}, [0, 0.25, 1, -0.25, 2]),
        (MinMax(0, 10, to=(1, 5)), {}, [1.8, 2.6, 5, 1, 5]),
        (MinMax(upper=4, outside="extend"), {}, [0, 1, 4, -1, 8]),
        # The mean is 16/3; the squares of the distances from it add up to 312/9.
        (ZScore(), {}, [(x - 16 / 3) / (52 / 3) ** 0.5 for x in (2, 4, 10, 0, 18)]),
        (ZScore(0), {"lower_is_better": True}, [(16 / 3 - x) / (104 / 9) ** 0.5 for x in (2, 4, 10, 0, 18)]),
        (ZScore(mean=50, deviation=10), {}, [50 + (x - 16 / 3) / (52 / 3) ** 0.5 * 10 for x in (2, 4, 10, 0, 18)]),
        (RatioToReference(4), {}, [0.5, 1, 2.5, 0, 4.5]),
        (RatioToReference(4), {"lower_is_better": True}, [1.5, 1, -0.5, 2, -2.5]),
        (RatioToReference(4, inversion="complement"), {"lower_is_better": True}, [0.5, 0, -1.5, 1, -3.5]),
        (DistanceToReference("greatest"), {}, [-0.8, -0.6, 0, -1, 0.8]),
        (DistanceToReference("least"), {"lower_is_better": True}, [0, -1, -4, 1, -8]),
        (DistanceToReference("median"), {}, [-0.5, 0, 1.5, -1, 3.5]),
        (OptimalBand(3, 5, zero_below=1, zero_above=11), {}, [0.5, 1, 1 / 6, 0, 0]),
        (OptimalBand(4, 4, zero_below=0, zero_above=8), {}, [0.5, 1, 0, 0, 0]),
        (Banded([(2, 1), (10, 2)], owner="lower"), {}, [0, 1, 1, 0, 2]),
        (Banded([(0.5, 1), (2, 3)], reference="median", below=-1), {}, [1, 1, 3, -1, 3]),
        (Banded([(0.5, 1), (2, 3)], reference=4), {}, [1, 1, 3, 0, 3]),
    ],
)
def test_what_a_scale_gives(scale, options, scores):
    found = fitted(scale, [2, 4, 10], new={"x": [2, 4, 10, 0, 18]}, **options)
    assert found == pytest.approx(scores, abs=6e-7)


@pytest.mark.parametrize(
    ("options", "scores"),
    [
        ({}, [0.25, 0.625, 0.625, 1, 0, 0.25, 1]),
        ({"ties": "lowest"}, [0.25, 0.5, 0.5, 1, 0, 0.25, 1]),
        ({"ties": "highest"}, [0.25, 0.75, 0.75, 1, 0, 0.25, 1]),
        ({"definition": "percent_rank", "ties": "lowest"}, [0, 1 / 3, 1 / 3, 1, 0, 0, 1]),
        ({"definition": "midpoint"}, [0.125, 0.5, 0.5, 0.875, 0, 0.125, 1]),
        ({"definition": "mean_rank"}, [0.2, 0.5, 0.5, 0.8, 0, 0.2, 1]),
        ({"between": "line"}, [0.25, 0.625, 0.625, 1, 0, 0.4375, 1]),
    ],
)
def test_the_definitions_of_a_percentile(options, scores):
    new = {"x": [10, 20, 20, 30, 5, 15, 31]}
    assert fitted(Percentile(**options), [10, 20, 20, 30], new=new) == pytest.approx(scores, abs=6e-7)


def test_a_percentile_where_less_is_better_counts_from_the_top():
    new = {"x": [10, 20, 30, 5, 15, 31]}
    assert fitted(Percentile(), [10, 20, 20, 30], new=new, lower_is_better=True) == [1, 0.625, 0.25, 1, 0.625, 0]
    line = fitted(Percentile(between="line"), [10, 20, 20, 30], new=new, lower_is_better=True)
    assert line == [1, 0.625, 0.25, 1, 0.8125, 0]


def test_a_scale_reads_the_attainment_where_there_is_a_target_and_a_curve_reads_the_scale():
    card = Scorecard("card", [Metric("x", target="t", scale=MinMax(), curve=Curve.through((0, 1), (1, 3)))])
    people = {"x": [5, 10, 20], "t": [10, 10, 10]}
    assert card.fit(people).score(people).values.tolist() == [1, 1.666667, 3]
    turned = Scorecard("card", [Metric("x", target=10, lower_is_better=True, scale=MinMax())]).fit({"x": [5, 20]})
    assert turned.score({"x": [5, 20]}).values.tolist() == [1, 0]


def test_scales_within_groups():
    people = {"x": [1, 3, 10, 30, 50], "g": ["a", "a", "b", "b", "b"]}
    assert fitted(MinMax(within="g"), people["x"], g=people["g"], new=people) == [0, 1, 0, 0.5, 1]
    ratio = RatioToReference("mean", within="g")
    assert fitted(ratio, people["x"], g=people["g"], new=people) == [0.5, 1.5, 0.333333, 1, 1.666667]


@pytest.mark.parametrize("scale", [MinMax, Percentile])
def test_what_becomes_of_a_group_that_was_not_there(scale):
    people = {"x": [1, 3, 10, 30], "g": ["a", "a", "b", "b"]}
    new = {"x": [3, 10, 30], "g": ["a", "c", None]}
    with pytest.raises(DataError, match=r"'g' must name a group that was there.*got 'c'.*rows 1, 2.*unseen="):
        fitted(scale(within="g"), people["x"], g=people["g"], new=new)
    with pytest.raises(DataError, match="got no group"):
        fitted(scale(within="g"), people["x"], g=people["g"], new={"x": [1], "g": [None]})
    missing = card_of(scale(within="g", unseen="missing")).fit(people).score(new)
    assert missing.values[0] == 1
    assert np.isnan(missing.values[1:]).all()
    assert missing.coverage.tolist() == [1, 0, 0]
    assert "missing, weight 1" in str(missing.explain(1))
    whole = card_of(scale(within="g", unseen="whole")).fit(people).score(new)
    alone = card_of(scale()).fit(people).score({"x": [10, 30]})
    assert whole.values[1:].tolist() == alone.values.tolist()
    whole.explain(1).check()
    small = card_of(scale(within="g", unseen="missing", smallest=3)).fit({**people, "g": ["a", "a", "a", "b"]})
    assert np.isnan(small.score({"x": [1, 30], "g": ["a", "b"]}).values).tolist() == [False, True]


def test_groups_may_be_numbers_text_or_anything_with_a_name():
    x = np.arange(12.0)
    numbers = np.array([3, -1, 700_000] * 4)
    expected = fitted(Percentile(within="g"), x, g=numbers, new={"x": x, "g": numbers})
    for groups in (
        numbers.astype(str),
        numbers.astype(object),
        numbers.astype(float),
        [str(n) for n in numbers],
        numbers.astype(np.int32),
    ):
        assert fitted(Percentile(within="g"), x, g=groups, new={"x": x, "g": groups}) == expected
    far = np.array([0, 2**40] * 6)
    card = card_of(Percentile(within="g", unseen="missing")).fit({"x": x, "g": far})
    assert card.score({"x": x, "g": far.astype(str)}).values.tolist() == card.score({"x": x, "g": far}).values.tolist()
    assert np.isnan(card.score({"x": [1.0], "g": [7]}).values).all()


def test_a_constant_column_is_refused_or_has_the_value_that_is_said():
    same = {"x": [4, 4, 4]}
    for scale in (MinMax(), ZScore(), MinMax(quantiles=(0.1, 0.9))):
        with pytest.raises(DataError, match=r"column 'x' cannot be fit to: .*constant=") as caught:
            card_of(scale).fit(same)
        assert caught.value.column == "x"
    assert fitted(MinMax(constant=0.5), same["x"]) == [0.5] * 3
    assert fitted(ZScore(constant=0), same["x"]) == [0] * 3
    with pytest.raises(DataError, match="in group 'b' cannot be fit to"):
        card_of(MinMax(within="g")).fit({"x": [1, 2, 3], "g": ["a", "a", "b"]})
    with pytest.raises(DataError, match=r"group 'b' has a single person.*constant=.*smallest="):
        card_of(Percentile("percent_rank", within="g")).fit({"x": [1, 2, 3], "g": ["a", "a", "b"]})
    with pytest.raises(DataError, match="there is a single person"):
        card_of(Percentile("percent_rank")).fit({"x": [1]})
    alone = Percentile("percent_rank", within="g", constant=0.5)
    people = {"x": [1, 2, 3], "g": ["a", "a", "b"]}
    assert fitted(alone, people["x"], g=people["g"], new=people) == [0, 1, 0.5]
    with pytest.raises(DataError, match="the reference is 0"):
        card_of(RatioToReference("mean")).fit({"x": [-1, 1]})
    with pytest.raises(DataError, match="positive reference"):
        card_of(Banded([(1, 1)], reference="mean")).fit({"x": [-1, -3]})


@pytest.mark.parametrize("scale", [MinMax(), ZScore(), Percentile(), RatioToReference("median"), MinMax(within="g")])
def test_a_population_without_a_value_is_refused(scale):
    with pytest.raises(DataError, match="column 'x' has no value in the population"):
        card_of(scale).fit({"x": [None, NAN], "g": ["a", "b"]})


def test_winsorised_bounds_are_quantiles():
    x = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 100]
    card = card_of(MinMax(quantiles=(0.1, 0.9))).fit({"x": x})
    low, high = np.quantile(x, [0.1, 0.9])
    expected = np.clip((np.array(x) - low) / (high - low), 0, 1)
    np.testing.assert_allclose(card.score({"x": x}).values, expected, atol=6e-7)
    assert [knot.x for knot in card.metrics()[0].scale.curve().knots] == [Fraction(2), Fraction(10)]


def test_an_unfitted_card_scores_nobody_and_says_what_it_lacks():
    card = Scorecard(
        "card",
        [
            Section("s", of=[Metric("x", scale=ZScore()), Metric("y", missing="median")]),
            Metric("z", scale=MinMax(0, 1)),
        ],
    )
    assert not card.is_fitted
    for score in (lambda: card.score({"x": [1], "y": [1], "z": [1]}), lambda: card.score_one({"x": 1, "y": 1, "z": 1})):
        with pytest.raises(UnfittedError, match=r"ZScore of 'x'; the median of 'y'.*card.fit\(everyone\)") as caught:
            score()
        assert len(caught.value.problems) == 2
    assert pickle.loads(pickle.dumps(caught.value)).problems == caught.value.problems
    done = card.fit({"x": [1, 2], "y": [1, 5], "z": [0, 1]})
    assert done.is_fitted
    assert done.fit({"x": [7, 9], "y": [0, 0], "z": [0, 0]}) == done


def test_any_partition_on_any_map_gives_the_same_bytes():
    random = np.random.default_rng(5)
    n = 3_000
    people = {name: np.round(random.normal(50, 20, n), 3) for name in "abcd"}
    people["a"][random.random(n) < 0.1] = np.nan
    people["g"] = random.choice(np.array(["north", "south", "east"]), n)
    card = Scorecard(
        "card",
        [
            Metric("a", scale=ZScore(), missing="mean"),
            Metric("b", scale=MinMax(quantiles=(0.05, 0.95), within="g")),
            Metric("c", scale=Percentile(within="g", unseen="whole")),
            Metric("d", scale=RatioToReference("norm")),
        ],
    )
    whole = card.fit(people)
    rows = random.permutation(n)
    for parts in (2, 7, 100):
        chunks = [{name: column[some] for name, column in people.items()} for some in np.array_split(rows, parts)]
        with ThreadPoolExecutor(2) as pool:
            assert digest(card.fit(chunks, map=pool.map)) == digest(whole)
    pickled = card.fit(chunks, map=lambda function, tables: map(pickle.loads(pickle.dumps(function)), tables))
    assert digest(pickled) == digest(whole)
    again = from_dict(json.loads(json.dumps(to_dict(whole))))
    assert again == whole
    assert hash(again) == hash(whole)
    assert again.score(people).values.tobytes() == whole.score(people).values.tobytes()


def test_what_a_population_may_not_be():
    card = card_of(MinMax())
    with pytest.raises(DataError, match="at least one table"):
        card.fit([])
    with pytest.raises(DataError, match="columns by name go with a single table"):
        card.fit([{"x": [1, 2]}], y=[1, 2])
    with pytest.raises(MissingColumnsError, match="'x'"):
        card.fit({"y": [1]})
    with pytest.raises(DataError, match=r"must be finite.*row 1"):
        card.fit({"x": np.array([1.0, np.inf, 3.0])})
    with pytest.raises(DataError, match="must hold numbers"):
        card.fit({"x": ["low", "high"]})
    with pytest.raises(DataError, match="one length"):
        card_of(MinMax(within="g")).fit({"x": [1, 2, 3], "g": ["a", "b"]})
    assert card.fit({}, x=[1, 3]).score_one({"x": 2}).value == 0.5


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: MinMax(1, 1), "lower must be below upper"),
        (lambda: MinMax(0, 1, within="g"), "both bounds are declared"),
        (lambda: MinMax(0, 1, quantiles=(0, 1)), "both bounds are declared"),
        (lambda: MinMax(quantiles=(0.9, 0.1)), "two shares from 0 to 1 that increase"),
        (lambda: MinMax(quantiles=(0.1, 0.9), outside="extend"), "clip what lies beyond"),
        (lambda: MinMax(quantiles=(0.1,)), "pairs of numbers"),
        (lambda: MinMax(to=(1, 1)), "must differ"),
        (lambda: MinMax(outside="ignore"), "outside must be one of"),
        (lambda: MinMax(unseen="whole"), "name their column with within="),
        (lambda: MinMax(within="g", smallest=0), "whole number from 1 on"),
        (lambda: MinMax(within="g", unseen="zero"), "unseen must be one of"),
        (lambda: MinMax(within=""), "must be a text"),
        (lambda: MinMax(constant=NAN), "finite number"),
        (lambda: ZScore(2), "ddof must be 1"),
        (lambda: ZScore(deviation=0), "must be positive"),
        (lambda: DistanceToReference(0), "reference is 0"),
        (lambda: DistanceToReference("average"), "reference must be one of"),
        (lambda: RatioToReference(3, within="g"), "leave within out"),
        (lambda: RatioToReference(3, inversion="flip"), "inversion must be one of"),
        (lambda: Percentile("quartile"), "definition must be one of"),
        (lambda: Percentile(ties="random"), "ties must be one of"),
        (lambda: Percentile(between="spline"), "between must be one of"),
        (lambda: Banded([(2, 1), (1, 2)]), "must increase"),
        (lambda: Banded([(1, 1)], within="g"), "know no groups"),
        (lambda: Banded([(1, 1)], reference=-4), "positive reference"),
        (lambda: OptimalBand(3, 2, zero_below=1, zero_above=5), "zero_below < low <= high"),
        (lambda: Metric("x", scale=Curve.identity()), "a curve goes to curve="),
        (lambda: Metric("x", scale="min-max"), r"must be a scale such as MinMax\(\)"),
        (lambda: Metric("x", scale=MinMax), r"must be a scale such as MinMax\(\)"),
        (lambda: Metric("x", scale=Banded([(1, 1)]), lower_is_better=True), "leave lower_is_better out"),
        (lambda: FittedScale(MinMax()), "a curve for each of its groups"),
        (lambda: FittedPercentile(Percentile(), False, ("",), [0, 2], [2, 1], [1, 1]), "increasing values"),
        (lambda: FittedPercentile(Percentile(), False, ("",), [0, 1], [1], [0]), "increasing values"),
        (lambda: FittedPercentile(Percentile(), False, ("a",), [0, 1, 2], [1, 2], [1, 1]), "increasing values"),
    ],
)
def test_a_scale_that_means_nothing_is_refused(make, message):
    with pytest.raises(DefinitionError, match=message):
        make()


def test_the_curve_of_a_group_and_of_one_that_is_not_there():
    people = {"x": [1, 3, 10], "g": ["a", "a", "b"]}
    for scale in (MinMax(within="g", constant=1), Percentile(within="g")):
        frozen = card_of(scale).fit(people).metrics()[0].scale
        assert frozen.curve("a")(3) == 1
        with pytest.raises(DataError, match="knows no group 'c'; it has a, b"):
            frozen.curve("c")
    alone = card_of(Percentile("percent_rank", constant=0.5)).fit({"x": [7]}).metrics()[0].scale
    assert alone.curve()(7) == 0.5
    everybody = card_of(Percentile(within="g", unseen="whole")).fit(people).metrics()[0].scale
    assert everybody.curve("c")(10) == 1


def test_groups_that_are_things_with_labels_or_lists_are_told_apart_by_their_text():
    card = card_of(Percentile(within="g", unseen="missing")).fit({"x": [1, 2], "g": ["[1]", "[2]"]})
    lists = np.empty(2, dtype=object)
    lists[:] = [[1], [3]]
    found = card.score({"x": [1, 1], "g": lists}).values
    assert found[0] == 1
    assert np.isnan(found[1])


def test_rows_without_a_group_take_no_part_in_the_fit():
    people = {"x": [1, 2, 9], "g": ["a", "a", None]}
    card = card_of(MinMax(within="g", unseen="whole")).fit(people)
    assert card.score(people).values.tolist() == [0, 1, 1]
    assert [knot.x for knot in card.metrics()[0].scale.curve("nobody").knots] == [1, 2]


@pytest.mark.parametrize(
    ("scale", "seen"),
    [(ZScore(), Tally.of(np.ones(2))), (MinMax(quantiles=(0, 1)), Moments.of(np.ones(2)))],
)
def test_a_scale_that_is_told_too_little_of_a_population_says_so(scale, seen):
    with pytest.raises(DefinitionError, match="needs"):
        scale.curve(seen, lower_is_better=False)


class Doubled:
    """A scale of somebody else: twice the mean is 1."""

    within = None

    def declared(self, lower_is_better):
        return None

    def summary(self, values):
        return Moments.of(values)

    def curve(self, seen, lower_is_better):
        return Curve.through((0, 0), (2 * seen.mean, 1), above="extend")


def test_a_scale_of_ones_own():
    card = card_of(Doubled())
    assert card.fit({"x": [1, 3]}).score({"x": [1, 4, 8]}).values.tolist() == [0.25, 1, 2]
    assert card.fit([{"x": [1]}, {"x": [3]}]).score_one({"x": 4}).value == 1


@pytest.mark.parametrize("scale", [MinMax(within="g"), Percentile(within="g"), ZScore(within="g")])
def test_who_has_no_value_needs_no_group(scale):
    """What can be fit to can be scored: a row without a value is missing, whatever its group."""
    people = {"x": [1, 2, NAN, 4, 6, NAN], "g": ["a", "a", None, "b", "b", "unheard of"]}
    card = card_of(scale).fit(people)
    found = card.score(people).values
    assert np.isnan(found[[2, 5]]).all()
    assert not np.isnan(found[[0, 1, 3, 4]]).any()
    assert np.isnan(card.score_one({"x": None, "g": None}).value)
    assert "missing" in str(card.score_one({"x": None, "g": "unheard of"}).explain())
    with pytest.raises(DataError, match=r"got 'unheard of'.*row 1"):
        card.score({"x": [NAN, 1], "g": [None, "unheard of"]})


@pytest.mark.parametrize(
    "call",
    [
        lambda: MinMax(quantiles=0.5),
        lambda: MinMax(0, 1, to=5),
        lambda: Banded(5),
        lambda: Banded([1, 2]),
        lambda: Banded(None),
    ],
)
def test_pairs_that_are_none_are_refused(call):
    with pytest.raises(DefinitionError, match="pairs of numbers"):
        call()


def test_a_stored_fit_that_does_not_hold_together_is_refused():
    people = {"x": [1, 2, 3, 5, 8], "g": ["a", "a", "b", "b", "b"]}
    for scale in (MinMax(within="g"), Percentile(within="g")):
        stored = to_dict(card_of(scale).fit(people))
        stored["sections"][0]["scale"]["groups"] = ["a", "a"]
        with pytest.raises(DefinitionError, match="'a' 2 times"):
            from_dict(stored)
    stored["sections"][0]["scale"] |= {"groups": ["a", "b"], "counts": [1.5, 1, 1, 1, 1]}
    with pytest.raises(DefinitionError, match="must be whole numbers"):
        from_dict(stored)


def test_who_is_measured_against_everybody_is_told_so():
    people = {"x": [1, 2, 3], "g": ["a", "a", "b"]}
    card = card_of(Percentile(within="g", smallest=2, unseen="whole")).fit(people)
    told = "percentile of everybody (rank_share): 2 of 3 below, 1 alike"
    for group in ("b", "unheard of", None):
        assert told in str(card.score_one({"x": 3, "g": group}).explain())
    assert "percentile in a (rank_share): 1 of 2 below, 1 alike" in str(card.score_one({"x": 2, "g": "a"}).explain())


def test_whose_curve_it_is_is_told():
    people = {"x": [1, 2, 3], "g": ["a", "a", "b"]}
    card = card_of(MinMax(within="g", smallest=2, unseen="whole")).fit(people)
    own, everybody = card.score_one({"x": 1.5, "g": "a"}).explain(), card.score_one({"x": 2, "g": "b"}).explain()
    assert "the curve of g a" in str(own)
    assert "the curve of everybody" in str(everybody)
    for found in (own, everybody):
        found.check()
    assert "the curve of" not in str(card_of(MinMax()).fit(people).score_one({"x": 2}).explain())


def test_whose_reference_it_is_is_told():
    scale = RatioToReference("least", within="g", smallest=2, unseen="whole")
    people = {"x": [2, 4, 3], "g": ["a", "a", "b"]}
    card = card_of(scale, lower_is_better=True, inversion="ratio").fit(people)
    for group, told in (("a", "the curve of g a"), ("b", "the curve of everybody")):
        found = card.score_one({"x": 4, "g": group}).explain()
        assert told in str(found)
        found.check()


def test_groups_that_are_all_too_small_are_named():
    people = {"x": [1, 2, 3], "g": ["a", "a", "b"]}
    with pytest.raises(DataError, match="in any group of 'g' with 3 people or more"):
        card_of(MinMax(within="g", smallest=3)).fit(people)
    with pytest.raises(DataError, match="in any group of 'g', so"):
        card_of(Percentile(within="g", unseen="missing")).fit({"x": [1, 2], "g": [None, None]})
