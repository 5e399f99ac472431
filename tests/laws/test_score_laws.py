"""Laws of scoring, on random scorecards and random people."""

from fractions import Fraction

import numpy as np
import pytest
from attrs import evolve
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from perfkit import Curve, DataError, Metric, Scorecard, Section

LAW = settings(max_examples=80, deadline=None)
GRID = Fraction(1, 10**6)
# Scores are taken to 1e-9 before they are rounded to the grid, so a score lies this close to what it rounds.
CLOSE = GRID / 2 + Fraction(1, 10**9)

hundredths = st.integers(-500, 500).map(lambda n: n / 100)
numbers = st.one_of(
    hundredths,
    st.integers(-20, 20).map(float),
    # Closer to zero than this, quotients leave what any score is.
    st.floats(-1e4, 1e4).map(lambda x: x if abs(x) > 1e-3 else 0.0),
    st.sampled_from([0.0, 1.0, 0.1 + 0.2, 1 / 3, 0.7999999999, 1.0999999999999999]),
)
gaps = st.one_of(numbers, numbers, numbers, st.just(float("nan")))
positive = st.one_of(st.integers(1, 300).map(lambda n: n / 100), st.floats(0.01, 1e4))


@st.composite
def curves(draw, monotone=False):
    places = sorted(draw(st.sets(st.integers(-300, 300), min_size=1, max_size=5)))
    levels = [draw(st.integers(-300, 300)) for _ in places]
    if monotone:
        levels.sort()
    points = [(Fraction(x, 100), Fraction(y, 100)) for x, y in zip(places, levels, strict=True)]
    kind = draw(st.sampled_from(["through", "steps", "marginal"]))
    if kind == "steps":
        lowest = min(levels) if monotone else draw(st.integers(-300, 300))
        return Curve.steps(*points, below=Fraction(lowest, 100), owner=draw(st.sampled_from(["upper", "lower"])))
    if kind == "marginal":
        return Curve.marginal(*((x, abs(y)) for x, y in points))
    ends = {}
    for end, limit in (("below", points[0][1]), ("above", points[-1][1])):
        choice = draw(st.sampled_from(["flat", "jump", "extend"]))
        leap = Fraction(draw(st.integers(0, 200)), 100)
        if choice == "jump":
            ends[end] = limit - leap if end == "below" else limit + leap
        elif choice == "extend" and len(points) > 1:
            ends[end] = "extend"
    return Curve.through(*points, **ends)


@st.composite
def metrics(draw, name):
    kind = draw(st.sampled_from(["raw", "attainment", "progress"]))
    options = {"curve": draw(st.none() | curves()), "last": f"{name}.last"}
    options["missing"] = draw(st.sampled_from([None, "redistribute", "zero", "carry"]))
    if kind == "attainment":
        options["target"] = f"{name}.target" if draw(st.booleans()) else draw(positive)
        options["lower_is_better"] = draw(st.booleans())
        options["inversion"] = draw(st.sampled_from(["mirror", "ratio"]))
        options["zero_span"] = draw(st.sampled_from(["missing", "reached"]))
    elif kind == "progress":
        options["target"] = f"{name}.target"
        options["baseline"] = f"{name}.baseline" if draw(st.booleans()) else draw(numbers)
        options["zero_span"] = draw(st.sampled_from(["missing", "reached"]))
    return Metric(name, **options)


@st.composite
def cards(draw):
    rule = draw(st.sampled_from(["redistribute", "zero", "carry"]))
    names = iter(f"m{i}" for i in range(100))
    sections = iter(f"s{i}" for i in range(100))

    def siblings(depth):
        parts = []
        for _ in range(draw(st.integers(1, 3))):
            if depth and draw(st.booleans()):
                parts.append(Section(next(sections), of=siblings(depth - 1)))
            else:
                parts.append(draw(metrics(next(names))))
        if draw(st.booleans()):
            parts = [evolve(part, weight=draw(positive)) for part in parts]
        return parts

    grid = draw(st.sampled_from([GRID, GRID, Fraction(1, 1000), Fraction(1, 4)]))
    return Scorecard("card", siblings(draw(st.integers(0, 3))), missing=rule, grid=grid)


@st.composite
def people(draw, card, n=None):
    size = draw(st.integers(1, 7)) if n is None else n
    columns = {}
    for need in card.needs():
        values = positive if need.name.endswith(".target") and draw(st.booleans()) else gaps
        if need.name.endswith(".target"):
            values = values.map(abs)
        columns[need.name] = np.array(draw(st.lists(values, min_size=size, max_size=size)), dtype=np.float64)
    return columns


@st.composite
def cases(draw):
    card = draw(cards())
    return card, draw(people(card))


def some(columns, rows):
    return {name: column[rows] for name, column in columns.items()}


def scored(card, columns):
    """The scores, leaving out what overflows to an infinite score."""
    try:
        return card.score(columns)
    except DataError as error:
        assume("infinite" not in str(error))
        raise


@LAW
@given(case=cases())
def test_one_row_alone_is_that_row_in_a_batch_bit_for_bit(case):
    card, columns = case
    scores = scored(card, columns)
    for row in range(len(scores)):
        alone = card.score(some(columns, slice(row, row + 1)))
        assert alone.values.tobytes() == scores.values[row : row + 1].tobytes()
        assert alone.coverage.tobytes() == scores.coverage[row : row + 1].tobytes()
        one = card.score_one({name: column[row] for name, column in columns.items()})
        assert np.float64(one.value).tobytes() == scores.values[row].tobytes()
        assert one.coverage == scores.coverage[row]


@LAW
@given(case=cases(), data=st.data())
def test_any_partition_and_any_permutation_gives_the_same_bytes(case, data):
    card, columns = case
    scores = scored(card, columns)
    cut = data.draw(st.integers(0, len(scores)))
    parts = [card.score(some(columns, rows)) for rows in (slice(None, cut), slice(cut, None))]
    assert b"".join(part.values.tobytes() for part in parts) == scores.values.tobytes()
    assert b"".join(part.coverage.tobytes() for part in parts) == scores.coverage.tobytes()
    order = np.array(data.draw(st.permutations(range(len(scores)))), dtype=np.int64)
    other = card.score(some(columns, order))
    assert other.values.tobytes() == scores.values[order].tobytes()
    assert other.coverage.tobytes() == scores.coverage[order].tobytes()


@LAW
@given(case=cases())
def test_every_explanation_composes_to_the_stored_score(case):
    card, columns = case
    scores = scored(card, columns)
    for row in range(len(scores)):
        explanation = scores.explain(row)
        explanation.check()
        assert explanation.params["coverage"] == scores.coverage[row]
        if np.isnan(scores.values[row]):
            assert explanation.value is None
            continue
        assert explanation.value == scores.values[row]
        rounding = [part.value for part in explanation.parts if part.code == "published"]
        slack = Fraction(1, 10**9) * max(abs(Fraction(str(explanation.value))), 1)
        assert sum(map(abs, rounding)) <= card.grid / 2 + slack


@LAW
@given(case=cases())
def test_scores_are_on_the_grid_and_never_minus_nothing(case):
    card, columns = case
    values = scored(card, columns).values
    for value in values[~np.isnan(values)].tolist():
        assert (Fraction(str(value)) / card.grid).denominator == 1
        assert str(value) != "-0.0"


def is_observed(metric, columns, row):
    read = [source for source in (metric.column, metric.target, metric.baseline) if isinstance(source, str)]
    return not any(np.isnan(columns[name][row]) for name in read)


@LAW
@given(case=cases())
def test_coverage_is_one_exactly_where_nothing_is_missing(case):
    card, columns = case
    assume(all(metric.zero_span == "reached" or metric.target is None for metric in card.metrics()))
    assume(not any(metric.missing == "carry" or card.missing == "carry" for metric in card.metrics()))
    scores = scored(card, columns)
    for row, coverage in enumerate(scores.coverage.tolist()):
        everything = all(is_observed(metric, columns, row) for metric in card.metrics())
        nothing = not any(is_observed(metric, columns, row) for metric in card.metrics())
        assert (coverage == 1) == everything
        assert (coverage == 0) == nothing
        assert 0 <= coverage <= 1 + 1e-12


@LAW
@given(case=cases())
def test_a_score_lies_within_the_scores_of_its_metrics(case):
    card, columns = case
    fine = evolve(card, grid=GRID)
    scores = scored(fine, columns)
    single = {
        metric.name: Scorecard("one", [evolve(metric, weight=None)], missing=fine.missing).score(columns).values
        for metric in fine.metrics()
    }
    for row, value in enumerate(scores.values.tolist()):
        parts = [column[row] for column in single.values() if not np.isnan(column[row])]
        assert np.isnan(value) == (not parts)
        if parts:
            slack = float(2 * CLOSE) + 1e-12 * max(map(abs, parts))
            assert min(parts) - slack <= value <= max(parts) + slack


@LAW
@given(case=cases(), factor=st.integers(1, 10_000).map(lambda n: Fraction(n, 97)))
def test_weights_are_relative(case, factor):
    card, columns = case

    def scaled(part):
        if isinstance(part, Section):
            part = evolve(part, of=[scaled(inner) for inner in part.of])
        return evolve(part, weight=(1 if part.weight is None else part.weight) * factor)

    scores = scored(card, columns)
    other = scored(evolve(card, sections=[scaled(part) for part in card.sections]), columns)
    size = np.fmax(np.abs(scores.values), 1)
    assert np.array_equal(np.isnan(scores.values), np.isnan(other.values))
    apart = np.abs(scores.values - other.values) <= float(card.grid) * (1 + 1e-9) + 1e-9 * size
    assert (apart | np.isnan(scores.values)).all()
    assert np.allclose(scores.coverage, other.coverage, rtol=0, atol=1e-12)


@LAW
@given(
    curve=curves(monotone=True),
    options=st.sampled_from([{}, {"target": 3}, {"target": 0.7}, {"target": 4, "baseline": 1}, {"target": "t"}]),
    actuals=st.lists(numbers, min_size=2, max_size=20),
    weight=positive,
)
def test_a_rising_curve_gives_rising_scores(curve, options, actuals, weight):
    assert curve.is_rising
    card = Scorecard("card", [Metric("a", curve=curve, weight=weight, **options), Metric("b", weight=1)])
    rising = sorted(actuals)
    scores = card.score({"a": rising, "b": [0.5] * len(rising), "t": [1.7] * len(rising)})
    assert (np.diff(scores.values) >= 0).all()


@LAW
@given(
    curve=curves(monotone=True),
    inversion=st.sampled_from(["mirror", "ratio"]),
    actuals=st.lists(positive, min_size=2, max_size=20),
)
def test_where_lower_is_better_a_rising_curve_gives_falling_scores(curve, inversion, actuals):
    card = Scorecard("card", [Metric("a", curve=curve, target=1.3, lower_is_better=True, inversion=inversion)])
    assert (np.diff(card.score({"a": sorted(actuals)}).values) <= 0).all()


@LAW
@given(case=cases(), data=st.data())
def test_a_card_that_refuses_refuses_exactly_the_rows_that_miss_something(case, data):
    card, columns = case

    def refusing(part):
        if isinstance(part, Section):
            return evolve(part, of=[refusing(inner) for inner in part.of])
        return evolve(part, missing=None)

    strict = evolve(card, sections=[refusing(part) for part in card.sections], missing="refuse")
    row = data.draw(st.integers(0, len(next(iter(columns.values()))) - 1))
    one = some(columns, slice(row, row + 1))
    full = scored(card, one)
    if full.coverage[0] < 1:
        with pytest.raises(DataError) as caught:
            strict.score(one)
        assert caught.value.rows == (0,)
    else:
        assert strict.score(one).values.tobytes() == full.values.tobytes()


@pytest.mark.parametrize("n", [65_535, 65_536, 65_537, 131_073])
def test_the_edge_of_a_block_changes_no_bit(n):
    card = Scorecard(
        "card",
        [
            Section("s", weight=2, of=[Metric("a", target="t", curve=Curve.through((0, 0), (1, 1), above=2))]),
            Metric("b", weight=0.3),
        ],
    )
    rows = np.arange(n)
    columns = {
        "a": (rows * 2_654_435_761 % 1_000_003) / 1_000,
        "t": (rows * 40_503 % 997 + 1).astype(np.float64),
        "b": np.where(rows % 7 == 0, np.nan, (rows * 69_069 % 1_009) / 7),
    }
    scores = card.score(columns)
    backwards = card.score(some(columns, slice(None, None, -1)))
    assert backwards.values[::-1].tobytes() == scores.values.tobytes()
    pieces = [card.score(some(columns, slice(start, start + 10_007))).values for start in range(0, n, 10_007)]
    assert np.concatenate(pieces).tobytes() == scores.values.tobytes()
    for row in (0, 65_534, n - 1):
        assert scores.explain(row).value == scores.values[row]
