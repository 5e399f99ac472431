"""Everything that index systems are fed and must refuse: each kind of bad input, wherever it can enter, by name.

Every message says what was expected, what was got and the cure; every error names the column and the first rows.
"""

from fractions import Fraction

import numpy as np
import pytest

from perfkit import (
    ChoquetCapacity,
    DataError,
    DefinitionError,
    DistanceToReference,
    Geometric,
    Harmonic,
    MazziottaPareto,
    Metric,
    MinMax,
    OrderedMean,
    Percentile,
    PowerMean,
    RatioToReference,
    Scorecard,
    Section,
    Topsis,
    UnfittedError,
    Vikor,
    Weights,
    ZScore,
    ahp_many,
    borda_scores,
    leave_one_out,
    pairwise_majority,
    rank_ranges,
    simulate_scores,
    weight_threshold,
)

INF, NAN = float("inf"), float("nan")
SCALES = [MinMax(), ZScore(), DistanceToReference("mean"), RatioToReference("sum"), Percentile(), MinMax(within="g")]
LEARNED = {
    "entropy": lambda data: Weights.entropy(data, ["a", "b"]),
    "critic": lambda data: Weights.critic(data, ["a", "b"], lower_is_better=()),
    "standard_deviation": lambda data: Weights.standard_deviation(data, ["a", "b"]),
    "merec": lambda data: Weights.merec(data, ["a", "b"], lower_is_better=()),
    "cilos": lambda data: Weights.cilos(data, ["a", "b"], lower_is_better=()),
    "gini": lambda data: Weights.gini(data, ["a", "b"]),
    "principal_components": lambda data: Weights.principal_components(data, ["a", "b"]),
}


def card(*names, **options):
    return Scorecard("card", [Metric(name) for name in names], **options)


def scaled(scale, **options):
    return Scorecard("card", [Metric("x", scale=scale, **options)])


def refused(call, error, *words):
    """What a call raises, with all of the words in its message."""
    with pytest.raises(error) as found:
        call()
    message = str(found.value)
    for word in words:
        assert word in message, message
    return found.value


# Values that are not finite.


@pytest.mark.parametrize("bad", [INF, -INF, np.float32("inf")])
def test_infinite_values_are_refused_wherever_they_enter(bad):
    rows = {"a": [1.0, 2.0, bad, bad], "b": [1.0, 2.0, 3.0, 5.0]}
    error = refused(lambda: card("a", "b").score(rows), DataError, "'a' must be finite", "rows 2, 3")
    assert (error.column, error.rows, error.count) == ("a", (2, 3), 2)
    for ask in (
        lambda: card("a", "b").score_one({"a": bad, "b": 1}),
        lambda: leave_one_out(card("a", "b"), rows),
        lambda: rank_ranges(card("a", "b"), rows, seed=1, draws=2),
        lambda: weight_threshold(card("a", "b"), rows, "a"),
        lambda: borda_scores(rows),
        lambda: pairwise_majority(rows),
    ):
        refused(ask, DataError, "'a' must be finite")


@pytest.mark.parametrize("scale", SCALES, ids=lambda scale: type(scale).__name__)
def test_an_infinite_value_is_in_no_population(scale):
    people = {"x": [1.0, INF, 3.0], "g": ["n", "n", "n"]}
    assert refused(lambda: scaled(scale).fit(people), DataError, "'x' must be finite").rows == (1,)
    # Nor in a part of one; the row is that of the part.
    parts = [{"x": [1.0, 2.0], "g": ["n", "n"]}, people]
    assert refused(lambda: scaled(scale).fit(parts), DataError, "'x' must be finite").rows == (1,)


@pytest.mark.parametrize("method", LEARNED)
def test_weights_learn_from_no_infinite_or_missing_value(method):
    for bad in (INF, NAN, None):
        data = {"a": [1.0, 2.0, bad, 4.0], "b": [3.0, 1.0, 2.0, 2.5]}
        assert refused(lambda data=data: LEARNED[method](data), DataError, "'a'", "row 2").column == "a"


@pytest.mark.parametrize("bad", [INF, NAN])
def test_no_definition_takes_a_number_that_is_not_finite(bad):
    for make in (
        lambda: Weights({"a": bad, "b": 1}),
        lambda: Weights.ahp({("a", "b"): bad}),
        lambda: Metric("a", weight=bad),
        lambda: OrderedMean([1, bad]),
        lambda: ChoquetCapacity({"a": bad}),
        lambda: Topsis({"a": (0, bad)}),
        lambda: MinMax(0, bad),
        lambda: Metric("a", uncertainty=bad),
    ):
        refused(make, DefinitionError, "finite number")
    refused(lambda: ahp_many([[[1, bad], [0.5, 1]]]), DefinitionError, "none missing")


# Constant columns.


@pytest.mark.parametrize(
    ("scale", "message"),
    [
        (MinMax(), "the lower bound 7 is not below 7; say what everybody then scores with constant="),
        (ZScore(), "their standard deviation is 0; say what everybody then scores with constant="),
        (MinMax(quantiles=(0.1, 0.9)), "the lower bound 7 is not below 7"),
        (MinMax(within="g"), "in group 'n'"),
        (ZScore(within="g"), "in group 'n'"),
        (MinMax(lower=9), "lower=9 is declared, and the most that was seen is 7; declare upper= too, or say what"),
        (MinMax(upper=3), "upper=3 is declared, and the least that was seen is 7; declare lower= too, or say what"),
    ],
)
def test_people_who_are_alike_have_no_spread(scale, message):
    people = {"x": [7, 7, 7], "g": ["n", "n", "n"]}
    assert refused(lambda: scaled(scale).fit(people), DataError, "column 'x'", message).column == "x"


def test_a_constant_column_scores_what_is_said():
    people = {"x": [7, 7, 7]}
    for scale in (MinMax(constant=0.5), ZScore(constant=0.5), MinMax(lower=9, constant=0.5)):
        assert scaled(scale).fit(people).score(people).values.tolist() == [0.5] * 3


def test_a_reference_of_nothing_is_no_reference():
    for scale in (RatioToReference("sum"), DistanceToReference("mean")):
        refused(lambda scale=scale: scaled(scale).fit({"x": [0, 0]}), DataError, "'x'", "the reference is 0", "another")


def test_a_single_person_has_no_percent_rank():
    people = {"x": [1, 2, 9], "g": ["a", "a", "b"]}
    words = ("group 'b' has a single person", "constant=", "smallest=")
    refused(lambda: scaled(Percentile("percent_rank", within="g")).fit(people), DataError, *words)


@pytest.mark.parametrize("method", LEARNED)
def test_a_constant_column_has_no_weight_to_learn(method):
    data = {"a": [2.0, 2.0, 2.0], "b": [3.0, 1.0, 2.0]}
    error = refused(lambda: LEARNED[method](data), DataError, "'a'", "constant=")
    assert error.column == "a"


def test_a_distance_in_which_nobody_differs_is_half_way():
    fitted = card("a", "b", aggregate=Topsis()).fit({"a": [1, 1], "b": [2, 2]})
    assert fitted.score({"a": [1], "b": [2]}).values.tolist() == [0.5]


# Negative values.


@pytest.mark.parametrize(
    ("aggregate", "what"),
    [
        (Geometric(), "a geometric mean"),
        (Harmonic(), "a harmonic mean"),
        (PowerMean(2), "a power mean"),
        (MazziottaPareto(), "a Mazziotta-Pareto mean"),
    ],
)
def test_negative_scores_have_no_such_mean(aggregate, what):
    rows = {"a": [1, 2, -0.5, -1], "b": [1, 2, 3, 4]}
    words = (what, "not negative", "'a' is -0.5", "give it a curve or a scale from 0 on", "rows 2, 3")
    error = refused(lambda: card("a", "b", aggregate=aggregate).score(rows), DataError, *words)
    assert (error.column, error.rows, error.count) == ("a", (2, 3), 2)
    # Beyond the first block the rows are still those of the table.
    far = {name: np.concatenate([np.ones(70_000), column]) for name, column in rows.items()}
    assert refused(lambda: card("a", "b", aggregate=aggregate).score(far), DataError, "70002").rows == (70_002, 70_003)


@pytest.mark.parametrize("method", ["entropy", "gini", "merec", "cilos"])
def test_weights_that_take_logarithms_or_shares_refuse_negative_values(method):
    data = {"a": [1.0, 2.0, -3.0], "b": [3.0, 1.0, 2.0]}
    assert refused(lambda: LEARNED[method](data), DataError, "'a'", "row 2").rows == (2,)


# Comparisons.


def test_comparisons_that_contradict_each_other_say_how_to_mend_them():
    names = ["a", "b", "c"]
    words = ("'a' over 'b' is both 3 and 2", "the other way round is 0.333333")
    refused(lambda: Weights.ahp([[1, 3, 5], [0.5, 1, 2], [0.2, 0.5, 1]], names=names), DefinitionError, *words)
    refused(lambda: ahp_many([[[1, 3], [0.5, 1]]]), DefinitionError, "reciprocal", "give 1 / 3 and not 0.33", "so: 0")
    refused(lambda: Weights.ahp({("a", "b"): 0}), DefinitionError, "must be positive")
    refused(lambda: Weights.ahp([[2, 1], [1, 1]], names=["a", "b"]), DefinitionError, "'a' compared with itself")
    refused(lambda: Weights.ahp([[1, 2]], names=["a", "b"]), DefinitionError, "square matrix")


@pytest.mark.parametrize(
    ("matrix", "rounded", "cure"),
    [
        ([[1, 3], [0.33, 1]], "'b' over 'a' is 0.33, which is 1/3 rounded", "Fraction(1, 3)"),
        ([[1, 0.14], [7, 1]], "'a' over 'b' is 0.14, which is 1/7 rounded", "Fraction(1, 7)"),
        ([[1, 9], [0.1111, 1]], "'b' over 'a' is 0.1111, which is 1/9 rounded", "Fraction(1, 9)"),
        ([[1, 1.5], [0.67, 1]], "'b' over 'a' is 0.67, which is 1/1.5 rounded", "1 / 1.5"),
    ],
)
def test_a_rounded_reciprocal_is_called_one(matrix, rounded, cure):
    words = (rounded, "leave it out", "the other way round follows", cure)
    refused(lambda: Weights.ahp(matrix, names=["a", "b"]), DefinitionError, *words)
    pairs = {("a", "b"): matrix[0][1], ("b", "a"): matrix[1][0]}
    refused(lambda: Weights.ahp(pairs), DefinitionError, *words)
    refused(lambda: Weights.ahp(dict(reversed(pairs.items())), names=["a", "b"]), DefinitionError, *words)
    # The cures work.
    left_out = [[1, max(matrix[0][1], 0)], [None, 1]] if matrix[0][1] > 1 else [[1, None], [matrix[1][0], 1]]
    exactly = [[1, Fraction(str(matrix[0][1]))], [1 / Fraction(str(matrix[0][1])), 1]]
    if matrix[0][1] < 1:
        exactly = [[1, 1 / Fraction(matrix[1][0])], [matrix[1][0], 1]]
    names = ["a", "b"]
    assert Weights.ahp(left_out, names=names) == Weights.ahp(exactly, names=names)


def test_reciprocals_to_six_places_are_the_numbers_that_they_round():
    assert Weights.ahp([[1, 3], [0.333333, 1]], names=["a", "b"])["a"] == Fraction(3, 4)


def test_comparisons_may_be_left_out_while_all_names_are_linked():
    linked = Weights.ahp({("a", "b"): 2, ("b", "c"): 2})
    assert linked.quality["filled_in"] == (("a", "c", 4.0),)
    words = ("nothing compares {a, b} and {c, d}", "such as 'a' with 'c'")
    refused(lambda: Weights.ahp({("a", "b"): 2, ("c", "d"): 2}), DefinitionError, *words)


# Weights of nothing.


def test_weights_of_nothing_everywhere_weigh_nothing():
    refused(lambda: Weights({"a": 0, "b": 0}), DefinitionError, "'a' has 0, 'b' has 0", "zero weights everywhere")
    refused(lambda: Weights({}), DefinitionError, "at least one")
    refused(lambda: Metric("a", weight=0), DefinitionError, "must be positive", "leave out what does not count")
    refused(lambda: Section("s", weight=0, of=[Metric("a")]), DefinitionError, "must be positive")
    refused(lambda: card("a").weighted({"a": 0}), DefinitionError, "must be positive")
    refused(lambda: OrderedMean([0, 0]), DefinitionError, "not all of them 0")
    refused(lambda: Weights.points({"a": 0, "b": 0}), DefinitionError, "must be positive: 'a' has 0")
    refused(lambda: Weights.swing({"a": 0, "b": 0}), DefinitionError, "must be positive: 'a' has 0")
    refused(lambda: borda_scores({"a": [1, 2]}, {"a": 0}), DefinitionError, "'a' has 0, which is not positive")
    some = Weights({"a": 1, "b": 1})
    refused(lambda: Weights.panel({"x": some}, portions={"x": 0}), DefinitionError, "'x' has 0", "not positive")


# Groups.

GROUPED = [MinMax(within="g"), ZScore(within="g"), Percentile(within="g"), RatioToReference("mean", within="g")]


@pytest.mark.parametrize("scale", GROUPED, ids=lambda scale: type(scale).__name__)
def test_a_column_of_groups_must_be_as_long_as_the_others(scale):
    people = {"x": [1, 2, 3], "g": ["n", "n"]}
    refused(lambda: scaled(scale).fit(people), DataError, "one length", "'x' has 3 rows and 'g' has 2")
    fitted = scaled(scale).fit({**people, "g": ["n"] * 3})
    refused(lambda: fitted.score(people), DataError, "one length")
    scores = fitted.score({**people, "g": ["n"] * 3})
    words = ("within must have one group for each of the 3 rows (got 2)",)
    assert refused(lambda: scores.rank(within=["n", "n"]), DataError, *words).column == "within"


@pytest.mark.parametrize("scale", GROUPED, ids=lambda scale: type(scale).__name__)
def test_a_group_that_was_not_there_is_refused_unless_it_is_said_what_it_scores(scale):
    fitted = scaled(scale).fit({"x": [1, 2], "g": ["n", "n"]})
    rows = {"x": [1, 1, 1], "g": ["n", "s", None]}
    words = ("'g' must name a group that was there when the scale was fit", "got 's'", "rows 1, 2", "unseen=")
    error = refused(lambda: fitted.score(rows), DataError, *words)
    assert (error.column, error.rows, error.count) == ("g", (1, 2), 2)


@pytest.mark.parametrize("scale", GROUPED, ids=lambda scale: type(scale).__name__)
def test_a_row_without_a_group_is_not_left_out_of_a_fit_in_silence(scale):
    people = {"x": [1, 2, 9, 3, None], "g": ["n", "n", None, "n", None]}
    words = ("'g' must name a group in every row", "the scale of 'x'", "row 2", 'unseen="missing" or unseen="whole"')
    error = refused(lambda: scaled(scale).fit(people), DataError, *words)
    # The last row has no value, so a fit has nothing of it to lose.
    assert (error.column, error.rows, error.count) == ("g", (2,), 1)
    refused(lambda: scaled(scale).fit([{"x": [4], "g": ["n"]}, people]), DataError, "row 2")
    for unseen in ("missing", "whole"):
        lenient = type(scale)("mean", within="g", unseen=unseen) if isinstance(scale, RatioToReference) else None
        lenient = lenient or type(scale)(within="g", unseen=unseen)
        known = {name: [column[i] for i in (0, 1, 3)] for name, column in people.items()}
        assert scaled(lenient).fit(people) == scaled(lenient).fit(known)


@pytest.mark.parametrize("scale", [MinMax(within="g", unseen="missing"), Percentile(within="g", unseen="missing")])
@pytest.mark.parametrize(("rule", "after"), [("redistribute", "weight 1 (redistribute)"), ("zero", "weight 1 (zero)")])
def test_a_value_that_is_missing_for_its_group_says_so(scale, rule, after):
    parts = [Metric("x", scale=scale), Metric("y")]
    fitted = Scorecard("card", parts, missing=rule).fit({"x": [1, 2], "g": ["n", "n"], "y": [1, 1]})
    unknown, without, gap = (
        fitted.score_one({"x": x, "g": group, "y": 1}).explain() for x, group in ((1, "s"), (1, None), (None, "s"))
    )
    for explained in (unknown, without, gap):
        explained.check()
    assert f"x: missing, {after}: its scale does not know the g s" in str(unknown)
    assert f"x: missing, {after}: there is no g for its scale" in str(without)
    # Where there is no value to scale, its group is not what is missing.
    assert "its scale does not know" not in str(gap)


# Scales without a population.


@pytest.mark.parametrize("scale", SCALES, ids=lambda scale: type(scale).__name__)
def test_a_scale_without_a_population_scores_nobody(scale):
    rows = {"x": [1.0], "g": ["n"]}
    for ask in (
        lambda: scaled(scale).score(rows),
        lambda: scaled(scale).score_one({"x": 1, "g": "n"}),
        lambda: leave_one_out(scaled(scale), rows),
        lambda: rank_ranges(scaled(scale), rows, seed=1),
        lambda: simulate_scores(scaled(scale, uncertainty=1), rows, seed=1),
    ):
        error = refused(ask, UnfittedError, f"{type(scale).__name__} of 'x'", "card.fit(everyone)")
        assert error.path == "sections"


def test_everything_that_lacks_a_population_is_named_at_once():
    both = Scorecard(
        "card",
        [Section("s", of=[Metric("x", scale=ZScore(), missing="median")], aggregate=Topsis()), Metric("y")],
        aggregate=Vikor(),
    )
    error = refused(lambda: both.score({"x": [1], "y": [1]}), UnfittedError, "Vikor of 'card'", "Topsis of 's'")
    assert len(error.problems) == 4


@pytest.mark.parametrize(("given", "wanting"), [("lower", "upper"), ("upper", "lower")])
def test_a_scale_with_one_bound_declared_says_what_would_spare_it_the_population(given, wanting):
    words = (f"MinMax of 'x', which has {given}= declared and needs none with {wanting}= too", "card.fit(everyone)")
    half = scaled(MinMax(**{given: 3}))
    refused(lambda: half.score({"x": [1]}), UnfittedError, *words)
    ends = {"lower": 0, "upper": 10} | {given: 3}
    assert scaled(MinMax(**ends)).score({"x": [3]}).values[0] == (0 if given == "lower" else 1)


# Names.


def test_metrics_that_share_a_name_are_refused():
    for parts in (
        [Metric("a"), Metric("a", column="b")],
        [Metric("a"), Section("s", of=[Metric("b"), Metric("a", column="c")])],
        [Section("a", of=[Metric("a")])],
    ):
        error = refused(lambda parts=parts: Scorecard("card", parts), DefinitionError, "must differ", "'a' twice")
        assert error.path.startswith("$.sections")
    refused(lambda: Weights([("a", 1), ("a", 2)]), DefinitionError, "name each thing once")
    refused(lambda: Weights.equal(["a", "a"]), DefinitionError, "twice: a")
    refused(lambda: Weights.rank_order(["a", ["b", "a"]]), DefinitionError, "twice: a")
    refused(lambda: Weights.hierarchy({"s": 1, "t": 1}, {"s": {"a": 1}, "t": {"a": 1}}), DefinitionError, "twice: a")


# Text.


@pytest.mark.parametrize("column", [["1", "2", "3"], np.array(["1", "2", "3"]), [1, "2", 3]])
def test_columns_of_text_are_no_numbers(column):
    rows = {"x": column, "g": ["n"] * 3, "a": column, "b": [1, 2, 3]}
    first = 1 if column[0] == 1 else 0
    error = refused(
        lambda: card("a", "b").score(rows),
        DataError,
        "'a' must hold numbers",
        f"row{'' if first else 's'} {first}",
        "turn text into numbers first",
    )
    assert error.column == "a"
    assert error.rows[0] == first
    for scale in SCALES:
        refused(lambda scale=scale: scaled(scale).fit(rows), DataError, "'x' must hold numbers")
    for method in LEARNED.values():
        refused(lambda method=method: method(rows), DataError, "'a' must hold numbers")
    refused(lambda: borda_scores({"a": column}), DataError, "'a' must hold numbers")


def test_uncertainties_are_sizes_and_there_where_a_value_is():
    unsure = Scorecard("card", [Metric("x", uncertainty="sd")])
    gap = {"x": [1.0, 2.0, None], "sd": [0.1, None, None]}
    words = ("'sd' must be there wherever 'x' is", "row 1", "give 0 for what is exact")
    assert refused(lambda: simulate_scores(unsure, gap, seed=1), DataError, *words).rows == (1,)
    exact = simulate_scores(unsure, {**gap, "sd": [0.1, 0, None]}, seed=1, draws=20)
    assert exact.deviation[1] == 0
    assert np.isnan(exact.mean[2])
    negative = {**gap, "sd": [0.1, -1, 0]}
    refused(lambda: simulate_scores(unsure, negative, seed=1), DataError, "not be a negative deviation", "row 1")
    refused(
        lambda: simulate_scores(unsure, {**gap, "sd": ["x", "y", "z"]}, seed=1), DataError, "'sd' must hold numbers"
    )


def test_numbers_that_no_float_holds_have_their_own_error():
    tiny = {"x": [0.0, 5e-324], "g": ["n", "n"]}
    for scale in (MinMax(), MinMax(0, 10**400), MinMax(within="g"), DistanceToReference(Fraction(1, 10**320))):
        found = scaled(scale).fit(tiny)
        refused(lambda found=found: found.score(tiny), DefinitionError, "beyond what floats hold", "use other units")
