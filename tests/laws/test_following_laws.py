"""Laws of following goals up, for goals of every kind of measure and random check-ins."""

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from perfkit import Change, CheckIn, Goal, GoalTree, Override, Period, Ratio

LAW = settings(max_examples=100, deadline=None)
YEAR = Period.year(2026)
TIMES = ["last", "sum", "mean", "maximum", "minimum"]
WAYS = {
    "rise": {"target": 40},
    "fall": {"baseline": 60, "target": 20},
    "reach": {"direction": "reach", "target": 40},
    "at_least": {"direction": "at_least", "target": 40, "threshold": 20},
    "at_most": {"direction": "at_most", "target": 40, "threshold": 60},
    "maintain": {"direction": "maintain", "band": (20, 40), "limits": (10, 60)},
}
NUMBERS = ("target", "baseline", "threshold")


def day(count):
    return YEAR.start + timedelta(days=count)


days = st.lists(st.integers(0, 364), min_size=1, max_size=8, unique=True).map(sorted)
ways = st.sampled_from(sorted(WAYS))
times = st.sampled_from(TIMES)


@st.composite
def histories(draw):
    return [(count, draw(st.integers(0, 80))) for count in draw(days)]


def goal_of(way, over_time, unit=1, **options):
    scaled = {
        name: tuple(unit * point for point in value) if isinstance(value, tuple) else unit * value
        if name in NUMBERS else value
        for name, value in WAYS[way].items()
    }  # fmt: skip
    return Goal("g", over_time=over_time, **scaled, **options)


def report_on(goal, history, as_of, unit=1, **options):
    told = [CheckIn("g", day(count), unit * value) for count, value in history]
    return GoalTree([Goal("top", period=YEAR, children=[goal])]).roll_up(told, as_of=as_of, **options)


@LAW
@given(way=ways, over_time=times, history=histories())
def test_at_the_close_a_forecast_says_what_the_report_says(way, over_time, history):
    report = report_on(goal_of(way, over_time), history, YEAR.end)
    own, above = report["g"], report["top"]
    assert own.forecast.value == pytest.approx(own.value, abs=1e-6)
    assert own.forecast.probability == (own.progress >= 1)
    assert above.forecast.value == pytest.approx(above.progress, abs=1e-6)
    assert above.forecast.probability == (above.progress >= 1)


@LAW
@given(way=ways, over_time=times, history=histories(), unit=st.sampled_from([1000, 7, 10**9]))
def test_a_forecast_is_in_the_unit_of_the_goal(way, over_time, history, unit):
    as_of = day(history[-1][0])
    plain = report_on(goal_of(way, over_time), history, as_of)["g"].forecast
    scaled = report_on(goal_of(way, over_time, unit), history, as_of, unit)["g"].forecast
    for name in ("value", "low", "high"):
        ours, theirs = getattr(plain, name), getattr(scaled, name)
        assert (ours is None) == (theirs is None)
        assert ours is None or theirs == pytest.approx(unit * ours, rel=1e-9, abs=unit * 1e-9)
    assert (plain.probability is None) == (scaled.probability is None)
    assert plain.probability is None or scaled.probability == pytest.approx(plain.probability, rel=1e-9, abs=1e-12)


@LAW
@given(way=ways, over_time=times, history=histories(), by_hand=st.integers(0, 364), changed=st.integers(1, 364))
def test_each_day_of_a_history_is_the_report_of_that_day(way, over_time, history, by_hand, changed):
    goal = goal_of(way, over_time, changes=Change(day(changed), weight=3))
    put = Override("g", progress=0.25, on=day(by_hand))
    close = report_on(goal, history, YEAR.end, overrides=put)
    for on, progress in close.history("top"):
        then = report_on(goal, history, on, overrides=put if on >= day(by_hand) else ())
        assert then["top"].progress == progress


@LAW
@given(
    history=st.lists(st.tuples(st.integers(0, 364), st.integers(0, 50), st.integers(50, 90)), min_size=1, max_size=8,
                     unique_by=lambda one: one[0]).map(sorted)
)  # fmt: skip
def test_a_ratio_stays_within_its_readings(history):
    told = [CheckIn("g", day(count), Ratio(above, below)) for count, above, below in history]
    tree = GoalTree([Goal("g", period=YEAR, target=0.5, over_time="ratio")])
    ahead = tree.roll_up(told, as_of=told[-1].on)["g"].forecast
    shares = [above / below for _, above, below in history]
    assert min(shares) - 1e-12 <= ahead.value <= max(shares) + 1e-12
    assert ahead.value == pytest.approx(tree.roll_up(told)["g"].value, abs=1e-9)


@LAW
@given(counts=days, data=st.data())
def test_milestones_stay_between_what_is_done_and_all(counts, data):
    names = ["a", "b", "c", "d"]
    done = sorted(data.draw(st.lists(st.integers(0, 4), min_size=len(counts), max_size=len(counts))))
    told = [CheckIn("g", day(count), names[:many]) for count, many in zip(counts, done, strict=True)]
    tree = GoalTree([Goal("g", period=YEAR, direction="milestones", milestones=names)])
    report = tree.roll_up(told, as_of=told[-1].on)
    ahead = report["g"].forecast
    assert report["g"].value <= ahead.value <= 1
    assert ahead.low is None or report["g"].value <= ahead.low <= ahead.value <= ahead.high <= 1
