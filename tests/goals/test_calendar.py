"""Goals along the calendar: phased, followed up, forecast and carried over as their parts are due."""

from datetime import date, datetime
from fractions import Fraction

import pytest

from perfkit import (
    Change,
    CheckIn,
    Curve,
    DefinitionError,
    Goal,
    GoalTree,
    GoalTreeError,
    Period,
    PhasedPlan,
)

YEAR = Period.year(2026)
QUARTERS = YEAR.quarters()
LATE = Goal("arr", period=YEAR, target=1_000, over_time="sum").phase(QUARTERS, phasing=[1, 2, 3, 4])
SEEN = [
    CheckIn("arr.1", date(2026, 1, 31), 30),
    CheckIn("arr.1", date(2026, 3, 31), 70),
    CheckIn("arr.2", date(2026, 4, 30), 60),
]


def test_a_goal_is_due_as_its_phases_are():
    status = GoalTree([LATE]).roll_up([CheckIn("arr.1", date(2026, 3, 31), 100)], as_of=date(2026, 3, 31))["arr"]
    assert (status.progress, status.expected, status.pace, status.health) == (0.1, 0.1, 1, "on_track")


def test_a_plan_or_pacing_of_its_own_stays_and_phases_the_goal():
    curve = Curve.through((0, 0), (0.5, 0.2), (1, 1))
    paced = Goal("a", period=YEAR, target=100, pacing=curve).phase(QUARTERS)
    assert paced.plan is None
    assert float(paced.children[0].target) == pytest.approx(100 * float(curve(QUARTERS[0].days / 365)))
    plan = PhasedPlan({date(2026, 3, 31): 10, date(2026, 6, 30): 40, date(2026, 9, 30): 60, date(2026, 12, 31): 100})
    planned = Goal("a", period=YEAR, target=100, plan=plan).phase(QUARTERS)
    assert [part.target for part in planned.children] == [10, 30, 20, 40]
    assert sum(part.target for part in paced.children) == 100


@pytest.mark.parametrize("by", ["sum", "weighted_mean", "minimum", "maximum", "latest"])
def test_the_history_is_what_each_day_saw(by):
    parts = [Goal(f"q{n}", period=quarter, target=100, over_time="sum") for n, quarter in enumerate(QUARTERS)]
    tree = GoalTree([Goal("all", period=YEAR, target=400, roll_up=by, children=parts)])
    seen = [
        CheckIn("q0", date(2026, 1, 31), 30),
        CheckIn("q0", date(2026, 3, 31), 80),
        CheckIn("q1", date(2026, 4, 30), 60),
    ]
    report = tree.roll_up(seen, as_of=date(2026, 4, 30))
    history = dict(report.history("all"))
    for day, progress in history.items():
        assert progress == tree.roll_up(seen, as_of=day)["all"].progress
    assert len(history) == 3


def test_the_forecast_of_phases_goes_on_as_they_are_due():
    tree = GoalTree([LATE])
    report = tree.roll_up(SEEN, as_of=date(2026, 4, 30))
    assert dict(report.history("arr")) == {
        date(2026, 1, 31): 0.03,
        date(2026, 3, 31): 0.1,
        date(2026, 4, 30): 0.16,
    }
    # 160 where 100 + 200 * 30 / 91 were due.
    assert report["arr"].forecast.value == pytest.approx(1_000 * 160 / (100 + 200 * 30 / 91), rel=1e-6)


def test_a_dated_plan_paces_a_forecast():
    plan = PhasedPlan({date(2026, 3, 31): 10, date(2026, 6, 30): 40, date(2026, 12, 31): 100})
    tree = GoalTree([Goal("a", period=YEAR, target=100, plan=plan)])
    status = tree.roll_up([CheckIn("a", date(2026, 3, 31), 10)], as_of=date(2026, 3, 31))["a"]
    assert status.forecast.value == pytest.approx(100)
    falls = PhasedPlan({date(2026, 3, 31): 40, date(2026, 6, 30): 20, date(2026, 12, 31): 100})
    tree = GoalTree([Goal("a", period=YEAR, target=100, plan=falls)])
    assert tree.roll_up([CheckIn("a", date(2026, 3, 31), 10)], as_of=date(2026, 3, 31))["a"].forecast is not None


def test_what_goes_on_keeps_its_place_in_the_next_period():
    tree = GoalTree([Goal("p", period=YEAR, target=100).phase(QUARTERS)])
    report = tree.roll_up([CheckIn("p.1", date(2026, 3, 1), 20)], as_of=YEAR.end)
    nxt = tree.carry_over(report, Period.year(2027))
    assert [goal.period for goal in nxt.walk()] == [Period.year(2027), *Period.year(2027).quarters()]
    leap = tree.carry_over(report, Period.year(2028))
    assert leap["p.1"].period == Period(date(2028, 1, 1), date(2028, 3, 31))
    with pytest.raises(GoalTreeError, match=r"'p.\d' has the period .* which has no like within .*replace\(\)"):
        tree.carry_over(report, Period(date(2027, 1, 1), date(2027, 6, 30)))


def test_a_flow_starts_at_nothing_in_the_next_period_and_reaches_the_rest():
    tree = GoalTree([Goal("a", period=YEAR, target=10, over_time="sum")])
    report = tree.roll_up([CheckIn("a", date(2026, 3, 1), 4)], as_of=YEAR.end)
    nxt = tree.carry_over(report, Period.year(2027))
    assert (nxt["a"].baseline, nxt["a"].target) == (0, 6)
    sold = nxt.roll_up([CheckIn("a", date(2027, 3, 1), 4)], as_of=date(2027, 3, 1))
    assert sold["a"].progress == 0.666667


def test_what_is_to_be_held_has_no_start_to_stand_at():
    for held in ({"direction": "at_most", "target": 5, "threshold": 9}, {"direction": "at_least", "target": 5}):
        later = Goal("later", period=QUARTERS[1], **held)
        tree = GoalTree([Goal("p", period=YEAR, children=[later, Goal("b", target=10)])])
        status = tree.roll_up({"b": 5}, as_of=date(2026, 2, 1))["p"]
        assert (status.progress, status.coverage) == (0.5, 1)


def test_nothing_observed_of_what_is_to_be_stayed_under_is_its_worst():
    under = {"direction": "at_most", "target": 5, "threshold": 10}
    parts = [Goal("a", **under), Goal("b", **under)]
    whole = Goal("p", direction="at_most", target=10, threshold=20, roll_up="sum", children=parts)
    status = GoalTree([whole]).roll_up({"a": 5}, missing="zero")["p"]
    assert (status.value, status.progress) == (15, 0.5)


def test_an_unknown_factor_that_is_to_be_held_is_taken_to_be_held():
    factors = [Goal(name, direction="at_least", target=1) for name in "ab"]
    whole = Goal("p", direction="at_least", target=1, threshold=0.5, roll_up="product", children=factors)
    report = GoalTree([whole]).roll_up({"a": 0.9})
    assert report["p"].value == 0.9
    report.explain("p").check()


def test_a_part_to_bring_down_to_nothing_counts_in_coverage():
    parts = [Goal("a", target=10), Goal("b", baseline=5, target=0)]
    tree = GoalTree([Goal("p", target=10, roll_up="sum", children=parts)])
    assert tree.roll_up({"b": 1})["p"].coverage == pytest.approx(float(Fraction(1, 3)), abs=1e-6)
    assert tree.roll_up({"a": 1})["p"].coverage == pytest.approx(float(Fraction(2, 3)), abs=1e-6)


def test_a_check_in_is_on_a_day():
    with pytest.raises(DefinitionError, match=r"must be a date .*take \.date\(\)"):
        CheckIn("a", datetime(2026, 3, 1, 12), 1)  # noqa: DTZ001


def test_whose_goals_start_later_is_told_with_the_day():
    changes = Change(date(2026, 6, 1), owner="eve")
    tree = GoalTree([Goal("a", period=YEAR, target=1, owner="ana", changes=changes)])
    with pytest.raises(GoalTreeError, match=r"^'eve' owns no goal on 2026-02-01$"):
        tree.brief("eve", as_of=date(2026, 2, 1))
