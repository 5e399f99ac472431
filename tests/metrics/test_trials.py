"""What authors of scales and aggregates are told: ours keep the house rule, and each way to break it has its code."""

from fractions import Fraction

import numpy as np
import pytest

from perfkit import (
    Banded,
    Choquet,
    ChoquetCapacity,
    Curve,
    DataError,
    DistanceToReference,
    Geometric,
    Harmonic,
    MazziottaPareto,
    Minimum,
    MinMax,
    OptimalBand,
    OrderedMean,
    Percentile,
    PolicyViolation,
    PowerMean,
    RatioToReference,
    Topsis,
    Veto,
    Vikor,
    ZScore,
)
from perfkit.testing import check_aggregate, check_scale
from perfkit.typing import Extremes, Moments

SCALES = [
    MinMax(),
    MinMax(0, 100),
    MinMax(quantiles=(0.1, 0.9), within="team"),
    ZScore(within="team", unseen="whole"),
    DistanceToReference("median"),
    RatioToReference("greatest", within="team"),
    Percentile(),
    Percentile("mean_rank", between="line", within="team"),
]
AGGREGATES = [
    Geometric(),
    Harmonic(),
    Minimum(),
    PowerMean(2),
    OrderedMean([3, 2, 1]),
    Veto({"safety": 0.5}),
    Veto({"safety": 0.5}, of=Topsis()),
    Choquet({("a", "b"): 0.4}),
    ChoquetCapacity({"a": 0.2, "b": 0.3, ("a", "b"): 1}),
    Topsis(),
    Vikor(),
]


@pytest.mark.parametrize("lower_is_better", [False, True])
@pytest.mark.parametrize("scale", SCALES, ids=lambda scale: type(scale).__name__)
def test_our_scales_keep_the_house_rule(scale, lower_is_better):
    check_scale(scale, lower_is_better=lower_is_better)
    check_scale(scale, lower_is_better=lower_is_better, population=[3, 1, 1, 2, 5, 8, 1, 1], seed=3)


def test_our_scales_that_say_themselves_what_is_better_keep_the_house_rule():
    check_scale(Banded([(0.9, 0.5), (1.1, 1)], reference="mean"))
    check_scale(OptimalBand(40, 60, zero_below=0, zero_above=100), is_monotone=False)


@pytest.mark.parametrize("aggregate", AGGREGATES, ids=lambda aggregate: type(aggregate).__name__)
def test_our_aggregates_keep_the_house_rule(aggregate):
    check_aggregate(aggregate)
    check_aggregate(aggregate, scores=(0, 150), seed=5)


def test_a_penalty_for_imbalance_breaks_monotonicity_only_as_it_says():
    check_aggregate(MazziottaPareto(), is_monotone=False)
    check_aggregate(MazziottaPareto(), scores=(90, 110))
    assert broken(check_aggregate, MazziottaPareto()) == {"monotone"}


def broken(check, thing, **options):
    with pytest.raises(PolicyViolation, match="breaks the house rule") as found:
        check(thing, **options)
    return {code for code, _ in found.value.violations}


class Scale:
    """A lawful scale, to be broken."""

    within = None

    def declared(self, lower_is_better):
        return None

    def summary(self, values):
        return Extremes.of(values)

    def curve(self, seen, lower_is_better):
        ends = (1, 0) if lower_is_better else (0, 1)
        return Curve.through((seen.least, ends[0]), (seen.most + 1, ends[1]))


def scale(**members):
    return type("Broken", (Scale,), members)()


class Count:
    """How many people there are, which no part knows of the whole when it forgets to add."""

    def __init__(self, count, least):
        self.count, self.least = count, least

    def merged(self, other):
        return Count(max(self.count, other.count), min(self.least, other.least))


def remembers(self, values):
    self.seen = [*getattr(self, "seen", ()), len(values)]
    return Extremes.of(values)


def writes(_, values):
    values[0] = 0.0
    return Extremes.of(values)


def drifts(self, *_):
    self.slope = getattr(self, "slope", 0) + 1
    return Curve.through((0, 0), (1, self.slope))


@pytest.mark.parametrize(
    ("made", "codes"),
    [
        (scale(), set()),
        (object(), {"members"}),
        (MinMax, {"members"}),
        (scale(within="team"), {"members"}),
        (scale(curve=lambda *_: 3), {"members"}),
        (scale(summary=lambda *_: 1 / 0), {"raises"}),
        (scale(summary=writes), {"mutates_input"}),
        (scale(summary=remembers), {"keeps_state"}),
        (scale(curve=drifts), {"repeatable", "partition", "permutation", "keeps_state"}),
        (
            scale(
                summary=lambda _, values: Count(len(values), float(values.min())),
                curve=lambda _, seen, __: Curve.through((0, 0), (seen.count, 1)),
            ),
            {"partition"},
        ),
        (
            scale(
                summary=lambda _, values: Count(len(values), float(values[0])),
                curve=lambda _, seen, __: Curve.through((-1, 0), (Fraction(str(seen.least)) + 9, 1)),
            ),
            {"permutation"},
        ),
        (scale(curve=lambda *_: Curve.through((0, 1), (100, 0))), {"monotone"}),
        (
            scale(
                summary=lambda _, values: Moments.of(values),
                curve=lambda _, seen, __: Curve.through((0, 0), (100 + int(1 / seen.variance(0)), 1)),
            ),
            {"constant"},
        ),
    ],
)
def test_a_scale_that_breaks_a_law_is_told_which(made, codes):
    if codes:
        assert broken(check_scale, made) == codes
    else:
        check_scale(made)
        check_scale(made, lower_is_better=True)


def test_a_scale_that_does_not_hear_the_direction_is_not_monotone():
    deaf = scale(curve=lambda _, seen, __: Curve.through((seen.least, 0), (seen.most + 1, 1)))
    check_scale(deaf)
    assert broken(check_scale, deaf, lower_is_better=True) == {"monotone"}


class Mean:
    """A lawful aggregate, to be broken."""

    def names(self):
        return ()

    def combine(self, values, shares):
        total = np.zeros(len(next(iter(values.values()))))
        for name, value in values.items():
            total += np.where(shares[name] > 0, shares[name] * value, 0.0)
        return total


def mean(combine=None, **members):
    return type("Broken", (Mean,), {**({} if combine is None else {"combine": combine}), **members})()


def forgets_gaps(_, values, shares):
    return sum(values[name] * shares[name] for name in values)


def best_of_all(self, values, shares):
    whole = Mean.combine(self, values, shares)
    return whole / whole.max(initial=0.0)


def counts_calls(self, values, shares):
    self.calls = getattr(self, "calls", 0) + 1
    return Mean.combine(self, values, shares) + self.calls


def dots(_, values, shares):
    columns = np.column_stack([np.where(shares[name] > 0, values[name], 0.0) for name in values] * 7)
    return columns @ np.column_stack([shares[name] for name in values] * 7).mean(axis=0)


def fills(self, values, shares):
    for value in values.values():
        value[np.isnan(value)] = 0.0
    return Mean.combine(self, values, shares)


def tells_wrong(_, record, *__):
    record.leaf("closeness", 1.0)


@pytest.mark.parametrize(
    ("made", "codes"),
    [
        (mean(), set()),
        (mean(names=lambda _: ("a",)), set()),
        (object(), {"members"}),
        (Geometric, {"members"}),
        (mean(lambda *_: 1 / 0), {"raises"}),
        (mean(lambda *_: 0.5), {"shape"}),
        (mean(lambda self, values, shares: Mean.combine(self, values, shares)[:1]), {"shape"}),
        (mean(lambda self, values, shares: Mean.combine(self, values, shares).astype(np.float32)), {"shape"}),
        (mean(fills), {"mutates_input"}),
        (mean(forgets_gaps), {"missing"}),
        (mean(best_of_all), {"one_row", "partition", "monotone", "explanation"}),
        (mean(dots), {"one_row", "partition", "permutation", "explanation"}),
        (mean(lambda self, values, shares: -Mean.combine(self, values, shares)), {"monotone"}),
        (mean(counts_calls), {"repeatable", "one_row", "partition", "permutation", "keeps_state", "explanation"}),
        (mean(record=tells_wrong), {"explanation"}),
    ],
)
def test_an_aggregate_that_breaks_a_law_is_told_which(made, codes):
    if codes:
        assert broken(check_aggregate, made) == codes
    else:
        check_aggregate(made)


def test_what_cannot_be_pickled_is_watched_too():
    class Local(Mean):
        def combine(self, values, shares):
            self.calls = getattr(self, "calls", 0) + 1
            return super().combine(values, shares)

    assert broken(check_aggregate, Local()) == {"keeps_state"}


def test_a_population_that_is_none_is_no_fault_of_the_scale():
    check_scale(MinMax(), population=[1, None, 3, 2])
    with pytest.raises(DataError, match="must hold numbers"):
        check_scale(MinMax(), population=["x", "y"])
    with pytest.raises(DataError, match="no value"):
        check_scale(MinMax(), population=[])
