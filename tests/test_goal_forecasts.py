"""Forecasts: the three models, when there is too little to tell, what they refuse, and stated confidence judged."""

import math
import pickle
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from attrs import evolve

from perfkit import Curve
from perfkit._goals.confidence import ConfidenceJudgement, brier_score
from perfkit._goals.forecasting import Forecast, forecast, mean_of_all, required_rate, run_rate
from perfkit.errors import DataError, DefinitionError

START, END = date(2026, 4, 1), date(2026, 4, 30)
NAN = float("nan")


def april(day):
    return date(2026, 4, day)


def ahead(readings, **options):
    """The forecast for April of readings by day of the month."""
    days = [april(day) for day in readings]
    options = {"start": START, "end": END, "as_of": max(days, default=START), "baseline": 0, "target": 33} | options
    return forecast(days, list(readings.values()), **options)


# Run rate.


def test_a_run_rate_goes_on_as_it_went():
    """By hand: gains of 12 and 8 in 10 days each, so a rate of 1, and s2 = 2 * 2**2 / 10 / (2 - 1) = 0.8.

    With 20 days behind and 10 ahead the variance is 0.8 * 10 * (1 + 10 / 20) = 12. With one degree of freedom t is
    tan, so that the upper tenth starts at tan(0.4 pi), and the probability of 3 more is 1/2 - atan(3 / sqrt(12)) / pi.
    """
    got = ahead({10: 12, 20: 20})
    margin = math.tan(0.4 * math.pi) * math.sqrt(12)
    assert got == Forecast(
        value=30.0,
        low=pytest.approx(30 - margin, rel=1e-14),
        high=pytest.approx(30 + margin, rel=1e-14),
        level=0.8,
        probability=pytest.approx(0.5 - math.atan(3 / math.sqrt(12)) / math.pi, rel=1e-14),
        method="run_rate",
        observations=2,
        by=END,
    )


def test_unequal_gaps_weigh_by_their_time():
    """By hand: gains of 2, 8, 5 in 1, 4, 5 days; rate 1.5; surprises 1/2, 2, -5/2; s2 = (1/4 + 1 + 5/4) / 2 = 5/4.

    With 10 days behind and 20 ahead the variance is 5/4 * 20 * 3 = 75; t with 2 degrees at 0.9 is 1.8856 (A&S 26.10).
    """
    got = ahead({1: 2, 5: 10, 10: 15})
    assert got.value == 45
    assert got.high - got.value == pytest.approx(4 * math.sqrt(2) / 3 * math.sqrt(75), rel=1e-14)
    assert (got.high - 45) / math.sqrt(75) == pytest.approx(1.886, abs=5e-4)


def test_the_first_day_counts():
    assert ahead({1: 2}).value == 60
    assert forecast([START], [2], start=START, end=START, as_of=START, baseline=0, target=1).value == 2


def test_a_forecast_goes_on_from_the_last_reading():
    now = ahead({10: 12, 20: 20})
    assert ahead({10: 12, 20: 20}, as_of=april(29)) == now


def test_the_rate_is_that_since_the_baseline():
    assert ahead({10: 110, 15: 120}, baseline=100).value == 140
    assert ahead({10: 90, 15: 70}, baseline=100, target=50, lower_is_better=True).value == 40


def test_lower_is_better_mirrors_the_probability():
    higher = ahead({10: 12, 20: 20}, target=25)
    lower = ahead({10: 12, 20: 20}, target=25, lower_is_better=True)
    assert higher.probability > 0.5 > lower.probability
    assert higher.probability + lower.probability == pytest.approx(1, abs=1e-15)
    assert (higher.low, higher.high) == (lower.low, lower.high)


def test_without_a_target_there_is_no_probability():
    got = ahead({10: 12, 20: 20}, target=None)
    assert got.probability is None
    assert got.low < got.value < got.high


def test_numbers_are_those_that_were_typed():
    typed = ahead({10: 0.1, 20: 0.2, 25: 0.3}, level=0.8, target=0.3)
    assert (
        ahead(
            {10: "0.1", 20: "0.2", 25: "0.3"} | {10: Decimal("0.1"), 20: Fraction(1, 5), 25: np.float64(0.3)},
            target=Decimal("0.3"),
        )
        == typed
    )
    arrays = forecast(
        np.array([april(10), april(20)], dtype=object),
        np.array([12, 20]),
        start=START,
        end=END,
        as_of=april(20),
        baseline=np.int64(0),
        target=np.float32(33),
    )
    assert arrays == ahead({10: 12, 20: 20})


# Pacing.


def test_a_pacing_projects_in_proportion():
    half = Curve.through((0, 0), (0.5, 0.25), (1, 1))
    assert ahead({15: 10}).value == 20
    assert ahead({15: 10}, pacing=half).value == 40
    assert ahead({15: 110}, baseline=100, pacing=half).value == 140
    assert ahead({15: 10}, pacing=lambda share: share**2).value == 40
    assert ahead({15: 10}, pacing=math.sqrt).value == pytest.approx(10 * math.sqrt(2), rel=1e-15)


def test_a_pacing_is_asked_for_exact_shares():
    asked = []
    ahead({10: 1, 20: 2}, pacing=lambda share: asked.append(share) or share)
    assert asked == [Fraction(1, 3), Fraction(2, 3), 1]


def test_noise_counts_by_paced_time():
    """By hand: two gains of 6 and 2, of which 1/4 each is expected, so s2 = 2 * 2**2 / (1/4) = 32; 1/2 is ahead."""
    got = ahead({15: 6, 20: 8}, pacing=Curve.through((0, 0), (0.5, 0.25), (Fraction(2, 3), 0.5), (1, 1)))
    assert got.value == 16
    assert got.high - got.value == pytest.approx(math.tan(0.4 * math.pi) * math.sqrt(32 * 0.5 * 2), rel=1e-14)


def test_readings_while_nothing_is_expected_count_as_one():
    holiday = Curve.through((0, 0), (Fraction(1, 3), Fraction(1, 2)), (Fraction(2, 3), Fraction(1, 2)), (1, 1))
    got = ahead({5: 3, 10: 4, 15: 5, 20: 6}, pacing=holiday)
    assert got == evolve(ahead({5: 3, 20: 6}, pacing=holiday), observations=4)
    assert got.value == 12


def test_where_nothing_was_expected_yet_there_is_no_rate():
    late = Curve.through((0, 0), (0.5, 0), (1, 1))
    assert ahead({10: 0}, pacing=late) is None
    assert ahead({10: 3, 12: 4}, pacing=late) is None
    assert ahead({10: 3, 12: 4}, pacing=late, method="trend") is None
    assert ahead({10: 3, 30: 4}, pacing=late).value == 4


def test_where_nothing_more_is_expected_it_is_reached():
    early = Curve.through((0, 0), (0.5, 1))
    got = ahead({10: 20, 20: 33}, pacing=early)
    assert (got.value, got.low, got.high, got.probability) == (33, 33, 33, 1)


# Trend.

# NIST Statistical Reference Datasets, linear regression, Norris: its 36 observations as (x, y) and certified values.
NORRIS = [
    (0.2, 0.1), (337.4, 338.8), (118.2, 118.1), (884.6, 888.0), (10.1, 9.2), (226.5, 228.1), (666.3, 668.5),
    (996.3, 998.5), (448.6, 449.1), (777.0, 778.9), (558.2, 559.2), (0.4, 0.3), (0.6, 0.1), (775.5, 778.1),
    (666.9, 668.8), (338.0, 339.3), (447.5, 448.9), (11.6, 10.8), (556.0, 557.7), (228.1, 228.3), (995.8, 998.0),
    (887.6, 888.8), (120.2, 119.6), (0.3, 0.3), (0.3, 0.6), (556.8, 557.6), (339.1, 339.3), (887.2, 888.0),
    (999.0, 998.5), (779.0, 778.9), (11.1, 10.2), (118.3, 117.6), (229.2, 228.9), (669.1, 668.4), (448.9, 449.2),
    (0.5, 0.2),
]  # fmt: skip
INTERCEPT, SLOPE = -0.262323073774029, 1.00211681802045
RESIDUAL = 0.884796396144373
SLOPE_ERROR = 0.429796848199937e-03


def norris(at, **options):
    """The trend through Norris' readings, one a day, at the time ``at``, which a pacing makes of the days."""
    readings = sorted(NORRIS)
    last = START + timedelta(days=len(readings))
    places = [*(x for x, _ in readings), at]
    return forecast(
        [START + timedelta(days=day) for day in range(len(readings))],
        [y for _, y in readings],
        start=START,
        end=last,
        as_of=last - timedelta(days=1),
        baseline=0,
        target=1000,
        method="trend",
        pacing=lambda share: places[int(share * len(places)) - 1],
        **options,
    )


@pytest.mark.parametrize("at", [999, 1000, 1500, 10_000])
def test_a_trend_of_certified_readings(at):
    got = norris(at, level=0.95)
    assert got.value == pytest.approx(INTERCEPT + SLOPE * at, rel=1e-14)
    mean = sum(x for x, _ in NORRIS) / 36
    # The error of the slope is s / sqrt(Sxx), so that certified values alone make the error of the prediction.
    error = math.sqrt(RESIDUAL**2 * (1 + 1 / 36) + SLOPE_ERROR**2 * (at - mean) ** 2)
    # t with 34 degrees of freedom at 0.975, from the table in the NIST/SEMATECH e-Handbook, 1.3.6.7.2.
    assert (got.high - got.value) / error == pytest.approx(2.032, abs=5e-4)
    assert got.value - got.low == pytest.approx(got.high - got.value, rel=1e-12)
    assert got.observations == 36


def test_a_trend_is_not_tied_to_the_baseline():
    assert ahead({10: 12, 20: 20}, method="trend").value == 28
    assert ahead({10: 12, 20: 20}, method="trend", baseline=-500).value == 28


def test_a_trend_on_a_line_is_sure():
    got = ahead({5: 0.1, 10: 0.2, 15: 0.1 + 0.2}, method="trend", target=0.6)
    assert got.value == got.low == got.high == pytest.approx(0.6, rel=1e-15)
    assert got.probability == 1
    assert ahead({5: 1, 10: 2, 15: 3}, method="trend", target=6.000001).probability == 0
    assert ahead({5: 1, 10: 2, 15: 3}, method="trend", target=6, lower_is_better=True).probability == 1
    assert ahead({5: 1, 10: 2, 15: 3}, method="trend", target=5.9, lower_is_better=True).probability == 0


def test_a_line_that_floats_only_nearly_meet_is_a_line():
    paced = ahead(
        {9: 0.7 * 0.3**1.5, 18: 0.7 * 0.6**1.5, 27: 0.7 * 0.9**1.5}, pacing=lambda s: float(s) ** 1.5, target=0.7
    )
    assert paced.low == paced.value == paced.high == pytest.approx(0.7, rel=1e-15)
    assert paced.probability == 1


# Levels.


def test_a_further_reading_lies_around_the_level():
    """Montgomery and Runger, Applied Statistics and Probability for Engineers, 8-6: the adhesion of U-700 alloy.

    22 readings of mean 13.71 and standard deviation 3.55 predict 6.16 to 21.26 with 95%.
    """
    shape = np.arange(22) - 10.5
    readings = 13.71 + 3.55 * shape / shape.std(ddof=1)
    got = ahead({day + 1: value for day, value in enumerate(readings)}, method="level", level=0.95, target=13.71)
    assert (round(got.value, 2), round(got.low, 2), round(got.high, 2)) == (13.71, 6.16, 21.26)
    assert (got.method, got.observations) == ("level", 22)
    assert got.probability == pytest.approx(0.5, abs=1e-6)


def test_a_level_knows_no_baseline_and_needs_two_readings():
    assert ahead({10: 12, 20: 20}, method="level").value == 16
    assert ahead({10: 12, 20: 20}, method="level", baseline=-500) == ahead({10: 12, 20: 20}, method="level")
    got = ahead({10: 12}, method="level")
    assert (got.value, got.low, got.high, got.probability) == (12, None, None, None)


def test_the_mean_of_a_period_is_nearer_the_more_of_it_is_gone():
    """NIST StRD NumAcc1: 10000001, 10000003, 10000002 have the mean 10000002 and the standard deviation 1, certified.

    t with 2 degrees of freedom at 0.975 is 4.303, from the table in the NIST/SEMATECH e-Handbook, 1.3.6.7.2.
    """
    readings = [(Fraction(value), Fraction(1)) for value in (10000001, 10000003, 10000002)]
    for gone in (Fraction(1, 10), Fraction(1, 2), Fraction(99, 100)):
        got = mean_of_all(readings, gone)
        assert got.value == 10000002
        assert float(got.error) == pytest.approx(math.sqrt((1 - gone) / 3), rel=1e-14)
        low, high = got.interval(Fraction(95, 100), (None, None))
        assert (high - low) / 2 / float(got.error) == pytest.approx(4.303, abs=5e-4)
    assert mean_of_all(readings, Fraction(1)).error == 0
    assert mean_of_all(readings[:1], Fraction(1, 2)).error is None


def test_a_ratio_of_sums_is_told_by_distances_from_it():
    """By hand: 18 of 200, so that 10 and 8 of 100 are 1 and -1 away from 9 of 100, and s2 = 2 over 100 squared."""
    got = mean_of_all([(Fraction(10), Fraction(100)), (Fraction(8), Fraction(100))], Fraction(1, 2))
    assert got.value == Fraction(9, 100)
    assert float(got.error) == pytest.approx(math.sqrt(2 / 100**2 / 2 * (1 - 1 / 2)), rel=1e-14)


@pytest.mark.parametrize("weighted", [False, True])
def test_the_interval_of_a_mean_holds_as_often_as_it_says(weighted):
    """1,500 drawn periods of 40 readings, of which 12 are seen."""
    random = np.random.default_rng(20260402)
    inside = 0
    for _ in range(1500):
        below = random.uniform(80, 120, 40).round(3) if weighted else np.ones(40)
        above = (below * random.normal(0.3, 0.05, 40)).round(6)
        pairs = [(Fraction(str(a)), Fraction(str(b))) for a, b in zip(above[:12], below[:12], strict=True)]
        low, high = mean_of_all(pairs, Fraction(12, 40)).interval(Fraction(8, 10), (None, None))
        inside += low <= above.sum() / below.sum() <= high
    assert inside / 1500 == pytest.approx(0.8, abs=4 * math.sqrt(0.8 * 0.2 / 1500))


# Too little to tell, and nothing left to tell.


@pytest.mark.parametrize("method", ["run_rate", "trend"])
@pytest.mark.parametrize("as_of", [date(2026, 3, 1), april(15), END, date(2027, 1, 1)])
def test_no_reading_is_no_forecast(method, as_of):
    assert ahead({}, method=method, as_of=as_of) is None


def test_one_reading_is_a_run_rate_whatever_was_asked():
    for method in ("run_rate", "trend"):
        got = ahead({10: 12}, method=method)
        assert (got.value, got.low, got.high, got.probability) == (36, None, None, None)
        assert (got.method, got.observations) == ("run_rate", 1)


def test_two_readings_are_a_line_without_an_interval():
    got = ahead({10: 12, 20: 20}, method="trend")
    assert (got.value, got.low, got.high, got.probability) == (28, None, None, None)
    assert got.method == "trend"


def test_readings_at_one_time_only_are_no_line():
    holiday = Curve.through((0, 0), (Fraction(1, 3), Fraction(1, 2)), (Fraction(2, 3), Fraction(1, 2)), (1, 1))
    got = ahead({12: 10, 15: 11, 20: 12}, method="trend", pacing=holiday)
    assert (got.value, got.low, got.method, got.observations) == (24, None, "run_rate", 3)


@pytest.mark.parametrize("method", ["run_rate", "trend"])
@pytest.mark.parametrize("as_of", [END, date(2026, 6, 1)])
def test_at_the_end_the_last_reading_is_the_value(method, as_of):
    got = ahead({10: 12, 20: 20, 28: 33}, method=method, as_of=as_of)
    assert (got.value, got.low, got.high, got.probability) == (33, 33, 33, 1)
    assert got.method == method
    assert ahead({30: 32.9}, as_of=as_of).probability == 0
    assert ahead({30: 33}, as_of=as_of, lower_is_better=True).probability == 1
    assert ahead({30: 33.1}, as_of=as_of, lower_is_better=True).probability == 0
    assert ahead({30: 33}, as_of=as_of, target=None).probability is None


def test_nothing_moving_is_sure_to_stay():
    for method in ("run_rate", "trend"):
        got = ahead({10: 7, 20: 7, 25: 7}, baseline=7, method=method, target=8)
        assert (got.value, got.low, got.high, got.probability) == (7, 7, 7, 0)


# What floats hold.


def test_far_from_zero_no_digit_is_lost():
    near = ahead({5: 0.25, 12: 0.5, 20: 1.75, 25: 1.5}, target=2)
    far = ahead({5: 1e12 + 0.25, 12: 1e12 + 0.5, 20: 1e12 + 1.75, 25: 1e12 + 1.5}, baseline=1e12, target=1e12 + 2)
    assert far.value - 1e12 == pytest.approx(near.value, abs=1e-4)
    assert far.probability == pytest.approx(near.probability, rel=1e-14)


@pytest.mark.parametrize("method", ["run_rate", "trend"])
@pytest.mark.parametrize("unit", [1e-300, 1e300])
def test_units_may_be_of_any_size(method, unit):
    readings = {5: 1, 12: 2, 20: 7, 25: 6}
    plain = ahead(readings, target=8, method=method)
    scaled = ahead({day: value * unit for day, value in readings.items()}, target=8 * unit, method=method)
    assert scaled.low / unit == pytest.approx(plain.low, rel=1e-14)
    assert scaled.probability == pytest.approx(plain.probability, rel=1e-14)


def test_targets_out_of_this_world_are_never_attained_nor_missed():
    assert ahead({10: 12, 20: 20}, target=Fraction(10) ** 400).probability < 1e-300
    assert ahead({10: 12, 20: 20}, target=Fraction(-(10**400))).probability == 1


def test_a_forecast_that_no_float_holds_is_refused():
    with pytest.raises(DataError, match="must fit a float") as caught:
        ahead({1: 1e308})
    assert caught.value.column == "values"
    with pytest.raises(DataError, match="larger units"):
        ahead({5: 1.7e308, 25: -1.7e308})


# What is refused.


@pytest.mark.parametrize(
    ("days", "message", "rows"),
    [
        ([april(10), april(8), april(12)], r"in order, each once \(got 2026-04-08\): row 1; sort", (1,)),
        ([april(10), april(10), april(12)], r"in order, each once \(got 2026-04-10\): row 1; keep one", (1,)),
        ([april(10), "2026-04-11", april(12)], r"must be dates \(got '2026-04-11'\): row 1", (1,)),
        ([april(10), datetime(2026, 4, 11, tzinfo=UTC), april(12)], r"must be dates .*take \.date\(\)", (1,)),
        ([april(10), np.datetime64("2026-04-11"), None], "must be dates .*: rows 1, 2", (1, 2)),
        ([date(2026, 3, 30), date(2026, 3, 31), april(12)], "before the start, 2026-04-01 .*: rows 0, 1", (0, 1)),
        ([april(10), april(12), april(26)], r"after as_of, 2026-04-25 \(got 2026-04-26\): row 2; leave", (2,)),
    ],
)
def test_days_that_cannot_be(days, message, rows):
    with pytest.raises(DataError, match=message) as caught:
        forecast(days, [1, 2, 3], start=START, end=END, as_of=april(25), baseline=0, target=1)
    assert caught.value.column == "days"
    assert caught.value.rows == rows


def test_readings_after_the_end_are_none_of_it():
    with pytest.raises(DataError, match="after the end, 2026-04-30") as caught:
        forecast([END, date(2026, 5, 1)], [1, 2], start=START, end=END, as_of=date(2026, 6, 1), baseline=0, target=1)
    assert caught.value.rows == (1,)


@pytest.mark.parametrize("value", [NAN, math.inf, -math.inf, None, "12", True, 1j, Decimal("NaN")])
def test_values_that_are_no_numbers(value):
    with pytest.raises(DataError, match=r"values must be finite numbers \(got .*\): row 1; leave out") as caught:
        ahead({10: 1, 15: value, 20: 3})
    assert (caught.value.column, caught.value.rows) == ("values", (1,))


def test_each_day_has_a_value():
    with pytest.raises(DataError, match=r"got 1 days and 2 values"):
        forecast([april(3)], [1, 2], start=START, end=END, as_of=END, baseline=0, target=1)


@pytest.mark.parametrize(
    ("options", "message", "path"),
    [
        ({"method": "trnd"}, "method must be one of run_rate, trend, level .*did you mean 'trend'", "method"),
        ({"level": 0}, "level must be between 0 and 1, such as 0.8", "level"),
        ({"level": 1}, "level must be between 0 and 1", "level"),
        ({"level": 80}, r"level must be between 0 and 1.*\(got 80\)", "level"),
        ({"level": 1 - Fraction(1, 10**30)}, "level must be between 0 and 1", "level"),
        ({"level": "0.8"}, "level must be a number", "level"),
        ({"baseline": NAN}, "baseline must be a finite number", "baseline"),
        ({"baseline": None}, "baseline must be a number", "baseline"),
        ({"target": math.inf}, "target must be a finite number", "target"),
        ({"lower_is_better": 1}, "must be True or False", ""),
        ({"start": datetime(2026, 4, 1, tzinfo=UTC)}, r"start must be a date .*take \.date\(\)", "start"),
        ({"end": "2026-04-30"}, "end must be a date", "end"),
        ({"end": date(2026, 3, 31)}, "must not end .* before it starts", "end"),
        ({"pacing": 0.5}, "pacing must be a function .*such as a Curve", "pacing"),
        ({"pacing": lambda share: 1 - share}, "pacing must rise from 0, or stand .*got 0.333333 at 0.666667", "pacing"),
        ({"pacing": lambda share: -share}, "pacing must rise from 0", "pacing"),
        ({"pacing": lambda share: share if share < 1 else 0.5}, "got 0.5 at 1 after 0.666667 at 0.66", "pacing"),
        ({"pacing": lambda _: NAN}, "pacing at .* must be a finite number", "pacing"),
        ({"pacing": lambda _: None}, "pacing at .* must be a number", "pacing"),
    ],
)
def test_definitions_that_cannot_be(options, message, path):
    with pytest.raises(DefinitionError, match=message) as caught:
        ahead({10: 12, 20: 20}, **options)
    assert caught.value.path == path


def test_as_of_is_a_date():
    with pytest.raises(DataError, match="as_of must be a date") as caught:
        ahead({10: 12}, as_of=datetime(2026, 4, 10, tzinfo=UTC))
    assert caught.value.column == "as_of"


def test_a_forecast_is_a_value():
    got = ahead({10: 12, 20: 20})
    assert pickle.loads(pickle.dumps(got)) == got
    assert hash(got) == hash(ahead({10: 12, 20: 20}))
    with pytest.raises(AttributeError):
        got.value = 1


# Whether it holds what it says.


@pytest.mark.parametrize(("level", "share"), [(0.5, 0.5), (0.8, 0.8), (0.95, 0.95)])
def test_an_interval_holds_as_often_as_it_says(level, share):
    """1,500 drawn months, whose gains are what the model takes them for; seen on uneven days."""
    draws = np.random.default_rng(20260401).normal(3.0, 5.0, size=(1500, 30)).cumsum(axis=1)
    seen = [2, 3, 9, 14, 20]
    inside = 0
    for path in np.round(draws, 6):
        got = ahead({day: path[day - 1] for day in seen}, level=level, target=None)
        inside += got.low <= path[-1] <= got.high
    assert inside / 1500 == pytest.approx(share, abs=4 * math.sqrt(share * (1 - share) / 1500))


# Rates.


def test_rates_count_their_days():
    assert run_rate(15, 0, START, april(15)) == 1
    assert run_rate(7, 0, START, START) == 7
    assert run_rate(80, 100, START, april(10)) == -2
    assert run_rate(1, 0, april(2), START) is None
    assert required_rate(15, 30, april(15), END) == 1
    assert required_rate(80, 50, april(20), END) == -3
    assert required_rate(40, 30, april(20), END) == -1
    assert required_rate(10, 30, april(29), END) == 20
    assert required_rate(10, 30, END, END) is None
    assert required_rate(10, 30, date(2026, 5, 2), END) is None
    assert required_rate(0.1, 0.4, april(29), END) == 0.3


@pytest.mark.parametrize("rate", [run_rate, required_rate])
def test_rates_refuse_what_they_cannot_read(rate):
    with pytest.raises(DefinitionError, match="must be a finite number"):
        rate(NAN, 1, START, END)
    with pytest.raises(DefinitionError, match="must be a number"):
        rate(1, "1", START, END)
    with pytest.raises(DefinitionError, match="must be a date"):
        rate(1, 1, "2026-04-01", END)
    with pytest.raises(DefinitionError, match="must be a date"):
        rate(1, 1, START, datetime(2026, 4, 30, tzinfo=UTC))
    with pytest.raises(DataError, match="must fit a float"):
        rate(-(Fraction(10) ** 400), 0, START, END)


# Confidence.


@pytest.mark.parametrize(
    ("confidence", "attained", "score"),
    # The examples of https://en.wikipedia.org/wiki/Brier_score for a forecast of rain.
    [(1, True, 0), (1, False, 1), (0.7, True, 0.09), (0.3, True, 0.49), (0.5, True, 0.25), (0.5, False, 0.25)],
)
def test_one_stated_confidence(confidence, attained, score):
    assert brier_score([confidence], [attained]).brier == Fraction(str(score))


def test_confidence_is_judged_exactly():
    got = brier_score([0.9, 0.5, 0.9, 0.2, Fraction(1, 3), 0.9], [True, False, True, False, True, False])
    assert got == ConfidenceJudgement(
        count=6,
        brier=Fraction(1, 6)
        * (2 * Fraction(1, 100) + Fraction(1, 4) + Fraction(4, 100) + Fraction(4, 9) + Fraction(81, 100)),
        mean_confidence=(Fraction(34, 10) + Fraction(1, 3)) / 6,
        attained_share=Fraction(1, 2),
        reliability=(3 * (Fraction(9, 10) - Fraction(2, 3)) ** 2 + Fraction(1, 4) + Fraction(4, 100) + Fraction(4, 9))
        / 6,
        resolution=(3 * Fraction(1, 36) + Fraction(3, 4)) / 6,
        uncertainty=Fraction(1, 4),
    )
    assert got.brier == got.reliability - got.resolution + got.uncertainty


def test_confidences_are_grouped_as_typed():
    mixed = brier_score([0.7, Decimal("0.7"), Fraction(7, 10), np.float64(0.7)], [True, True, False, np.True_])
    assert mixed == brier_score([0.7] * 4, [True, True, False, True])
    assert mixed.reliability == Fraction(1, 400)
    assert mixed.resolution == 0


def test_a_judgement_prints_in_one_line():
    assert str(brier_score([0.9, 0.5], [True, False])) == (
        "Brier score 0.13 of 2 statements, 70.0% sure and 50.0% attained: "
        "reliability 0.13 - resolution 0.25 + uncertainty 0.25"
    )
    assert str(brier_score([Fraction(1, 3)], [True])).startswith("Brier score 0.444444 of 1 statement, 33.3% sure")


@pytest.mark.parametrize("confidence", [-0.1, 1.1, 70, NAN, None, "0.7", True])
def test_confidences_that_cannot_be(confidence):
    with pytest.raises(
        DataError, match=r"confidences must be numbers from 0 to 1 .*: row 1; write 70% as 0.7"
    ) as caught:
        brier_score([0.5, confidence], [True, False])
    assert (caught.value.column, caught.value.rows) == ("confidences", (1,))


@pytest.mark.parametrize("outcome", [None, 1, 0.0, "yes"])
def test_outcomes_that_cannot_be(outcome):
    with pytest.raises(DataError, match=r"outcomes must be True or False .*: row 1; leave out") as caught:
        brier_score([0.5, 0.6], [True, outcome])
    assert (caught.value.column, caught.value.rows) == ("outcomes", (1,))


def test_confidences_and_outcomes_go_together():
    with pytest.raises(DataError, match="got 2 confidences and 1 outcomes"):
        brier_score([0.5, 0.6], [True])
    with pytest.raises(DataError, match="at least one goal"):
        brier_score([], [])
