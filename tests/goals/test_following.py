"""Where goals of every kind of measure will end, what is required of them, and how well people knew."""

from datetime import date
from fractions import Fraction

import numpy as np
import pytest

from perfkit import (
    Change,
    CheckIn,
    CheckIns,
    DataError,
    Goal,
    GoalRules,
    GoalTree,
    Override,
    Period,
    Ratio,
)

F = Fraction
YEAR = Period.year(2026)
CLOSE = YEAR.end


def day(month, of_month=28):
    return date(2026, month, of_month)


def seen(id, *readings, **options):
    return [CheckIn(id, day(month), value, **options) for month, value in readings]


def report_on(goal, *readings, as_of=None, **options):
    tree = GoalTree([Goal("top", period=YEAR, children=[goal])])
    return tree.roll_up(seen(goal.id, *readings), as_of=as_of or day(readings[-1][0]), **options)


def status_on(goal, *readings, **options):
    return report_on(goal, *readings, **options)[goal.id]


# A forecast knows the measure.


def test_what_is_to_be_held_goes_on_at_its_level():
    goal = Goal("uptime", direction="at_least", target=0.999, threshold=0.99)
    status = status_on(goal, (3, 0.999), (4, 0.9992))
    assert status.forecast.method == "level"
    assert status.forecast.value == 0.9991
    # Two readings 0.0002 apart: t with one degree of freedom is tan, the error 0.0001 sqrt(2) sqrt(1 + 1 / 2).
    assert status.forecast.probability == pytest.approx(0.5 + np.arctan(1 / np.sqrt(3)) / np.pi)
    assert (status.run_rate, status.required_rate) == (None, None)
    assert status_on(goal, (4, 0.9992)).forecast.low is None


def test_what_is_held_is_attained_within_its_limits():
    most = status_on(Goal("churn", direction="at_most", target=5, threshold=8), (1, 4), (2, 6), (3, 5)).forecast
    assert (most.value, most.probability) == (5, 0.5)
    band = Goal("stock", direction="maintain", band=(40, 60), limits=(30, 70))
    within = status_on(band, (1, 45), (2, 55), (3, 50)).forecast
    assert within.value == 50
    over = status_on(Goal("low", direction="at_least", target=40), (1, 45), (2, 55), (3, 50)).forecast.probability
    under = status_on(Goal("high", direction="at_most", target=60), (1, 45), (2, 55), (3, 50)).forecast.probability
    assert within.probability == pytest.approx(over + under - 1)
    assert 0.5 < within.probability < over
    point = Goal("exact", direction="maintain", target=7)
    assert status_on(point, (1, 7), (2, 7)).forecast.probability == 1
    assert status_on(point, (1, 7), (2, 8)).forecast.probability == pytest.approx(0, abs=1e-12)


def test_a_trend_of_what_is_held_follows_its_readings():
    report = report_on(Goal("g", direction="at_most", target=5), (1, 1), (2, 2), (3, 3))
    assert report["g"].forecast.value == 2
    assert report.forecast("g", method="trend").value > 10
    assert report.forecast("g", method="level") == report["g"].forecast


def test_a_ratio_stays_at_what_it_is_so_far():
    goal = Goal("conversion", target=0.1, over_time="ratio")
    status = status_on(goal, (2, Ratio(10, 100)), (3, Ratio(8, 100)))
    assert status.forecast.value == 0.09
    assert status.forecast.low < 0.09 < status.forecast.high < 0.2
    assert status.forecast.probability < 0.5
    assert status.expected_value == 0.1
    assert (status.run_rate, status.required_rate) == (None, None)
    weighted = status_on(goal, (2, Ratio(10, 100)), (3, Ratio(90, 300)))
    assert weighted.forecast.value == 0.25


def test_a_mean_stays_at_what_it_is_so_far():
    goal = Goal("csat", target=50, over_time="mean")
    steady = status_on(goal, (3, 50), (6, 50)).forecast
    assert (steady.value, steady.low, steady.high, steady.probability) == (50, 50, 50, 1)
    spread = status_on(goal, (3, 40), (6, 60)).forecast
    later = status_on(goal, (3, 40), (11, 60)).forecast
    assert spread.value == later.value == 50
    assert later.high - later.low < spread.high - spread.low
    assert report_on(goal, (3, 40), (6, 60)).forecast("csat", method="trend") == spread
    assert status_on(goal, (3, 40)).forecast.probability is None


def test_an_extreme_stays_until_it_is_decided():
    most = Goal("peak", direction="at_most", target=10, over_time="maximum")
    assert status_on(most, (2, 7), (3, 4)).forecast.value == 7
    assert status_on(most, (2, 7), (3, 4)).forecast.probability is None
    assert status_on(most, (2, 11), (3, 4)).forecast.probability == 0
    assert status_on(Goal("best", target=10, over_time="maximum"), (2, 10), (3, 4)).forecast.probability == 1
    least = Goal("least", baseline=20, target=10, over_time="minimum")
    assert status_on(least, (2, 9), (3, 15)).forecast.probability == 1
    assert status_on(least, (2, 11), (3, 15)).forecast.probability is None
    floor = Goal("floor", direction="at_least", target=10, over_time="minimum")
    assert status_on(floor, (2, 9), (3, 15)).forecast.probability == 0
    assert status_on(floor, (2, 12), (3, 15)).forecast.probability is None


def test_what_is_done_or_not_is_bounded_by_it():
    audit = Goal("audit", direction="binary")
    tree = GoalTree([Goal("top", period=YEAR, children=[audit])])
    done = tree.roll_up({"audit": True}, as_of=day(4))["audit"].forecast
    assert (done.value, done.low, done.high, done.probability) == (1, 1, 1, 1)
    open_ = status_on(audit, (2, False), (4, False)).forecast
    assert (open_.value, open_.low, open_.probability) == (0, None, None)
    assert status_on(audit, (2, False), as_of=CLOSE).forecast.probability == 0


def test_milestones_go_on_at_their_rate_up_to_all_of_them():
    goal = Goal("launch", direction="milestones", milestones=["a", "b", "c"])
    ahead = status_on(goal, (2, ["a"]), (3, ["a", "b"])).forecast
    assert (ahead.value, ahead.high, ahead.method) == (1, 1, "run_rate")
    # What is done stays done.
    assert ahead.low == pytest.approx(2 / 3)
    slow = status_on(Goal("g", direction="milestones", milestones=["a", "b", "c", "d"]), (6, ["a"]), (9, ["a", "b"]))
    assert slow.forecast.value == pytest.approx(0.5 * 365 / 271)
    assert slow.run_rate == pytest.approx(0.5 / 271)
    assert slow.required_rate == pytest.approx(0.5 / 94)
    assert status_on(goal, (2, ["a", "b", "c"])).forecast.probability == 1


def test_a_sum_starts_at_nothing_whatever_the_baseline():
    last_year = Goal("cost", baseline=365, target=292, over_time="sum")
    status = status_on(last_year, *((month, 22) for month in range(1, 7)))
    gone = (day(6) - YEAR.start).days + 1
    assert status.forecast.value == pytest.approx(132 * 365 / gone)
    assert status.run_rate == pytest.approx(132 / gone)
    accidents = status_on(Goal("accidents", direction="at_most", target=2, over_time="sum"), (3, 1), (6, 1))
    assert accidents.forecast.value == pytest.approx(2 * 365 / gone)
    assert accidents.run_rate == pytest.approx(2 / gone)


def test_a_goal_to_reach_is_forecast_in_its_value():
    ahead = status_on(Goal("g", direction="reach", target=365), (3, 87), (6, 179)).forecast
    assert ahead.value == pytest.approx(365)
    assert status_on(Goal("g", direction="reach", target=100), (3, 87)).forecast.value == pytest.approx(365)


def test_levels_bring_no_rate_to_the_goal_above():
    parts = [Goal("uptime", direction="at_least", target=0.9), Goal("logos", target=365)]
    tree = GoalTree([Goal("top", period=YEAR, children=parts)])
    told = sorted([*seen("uptime", (3, 0.95), (6, 0.95)), *seen("logos", (3, 87), (6, 179))], key=lambda one: one.on)
    ahead = tree.roll_up(told, as_of=day(6))["top"].forecast
    assert ahead.value == pytest.approx(1)
    held = GoalTree([Goal("top", period=YEAR, children=parts[:1])]).roll_up(
        seen("uptime", (3, 0.95), (6, 0.95)), as_of=day(6)
    )
    assert (held["top"].forecast.value, held["top"].forecast.probability) == (1, 1)


def test_progress_is_bounded_where_its_parts_or_the_rules_bound_it():
    steps = [Goal(id, direction="milestones", milestones=["a", "b"]) for id in "xy"]
    tree = GoalTree([Goal("top", period=YEAR, children=steps)])
    told = [*seen("x", (1, ["a"])), *seen("y", (1, ["a"]))]
    assert tree.roll_up(told, as_of=day(1))["top"].forecast.value == 1
    line = GoalTree([Goal("top", period=YEAR, children=[Goal("g", target=10)])])
    free, capped = (line.roll_up(seen("g", (1, 5)), as_of=day(1), rules=rules)["top"].forecast.value
                    for rules in (GoalRules(), GoalRules(above_target="cap")))  # fmt: skip
    assert free > 6
    assert capped == 1
    done = GoalTree([Goal("top", period=YEAR, roll_up="all", children=steps)])
    assert done.roll_up(told, as_of=day(1))["top"].forecast.value == 0


# What was observed, exactly.


def test_a_forecast_takes_what_was_observed_off_the_grid():
    tree = GoalTree([Goal("arr", period=YEAR, target=1_000_000_000, unit="EUR")])
    at_close = tree.roll_up({"arr": 123_456_789}, as_of=CLOSE)["arr"].forecast
    assert (at_close.value, at_close.probability) == (123_456_789, 0)
    coarse = tree.roll_up({"arr": 123_456_789}, as_of=CLOSE, rules=GoalRules(grid=F(1, 100)))
    assert coarse["arr"].forecast.value == 123_456_789
    june = date(2026, 6, 30)
    from_mapping = tree.roll_up({"arr": 123_456_789}, as_of=june)["arr"].forecast
    from_check_in = tree.roll_up([CheckIn("arr", june, 123_456_789)], as_of=june)["arr"].forecast
    assert from_mapping == from_check_in
    assert from_mapping.value == pytest.approx(123_456_789 * 365 / 181, rel=1e-14)


def test_what_should_stand_is_worked_out_from_the_exact_share():
    tree = GoalTree([Goal("arr", period=YEAR, target=1_000_000_000)])
    assert tree.roll_up({"arr": 0}, as_of=date(2026, 6, 30))["arr"].expected_value == 495_890_410.958904
    moved = GoalTree([Goal("arr", period=YEAR, target=365, changes=Change(date(2026, 3, 1), target=730))])
    assert moved.roll_up({"arr": 0}, as_of=date(2026, 1, 31))["arr"].expected_value == 31
    assert moved.roll_up({"arr": 0}, as_of=date(2026, 6, 30))["arr"].expected_value == 362
    assert GoalTree([Goal("g", period=YEAR, direction="binary")]).roll_up({}, as_of=day(3))["g"].expected_value is None


# Changes over time, overrides, and what is missing.


@pytest.fixture
def reweighted():
    parts = [Goal("a", target=100, changes=Change(date(2026, 5, 1), weight=3)), Goal("b", target=100)]
    return GoalTree([Goal("top", period=YEAR, children=parts)])


def test_each_day_of_a_history_is_what_a_report_of_that_day_says(reweighted):
    told = [CheckIn("a", date(2026, 3, 1), 100), CheckIn("b", date(2026, 6, 1), 0), CheckIn("b", day(9), 30)]
    close = reweighted.roll_up(told, as_of=CLOSE)
    for on, progress in close.history("top"):
        assert progress == reweighted.roll_up(told, as_of=on)["top"].progress
    assert len(close.history("top")) == 3


def test_at_the_close_a_forecast_is_what_the_report_says(reweighted):
    told = [CheckIn("a", date(2026, 3, 1), 100), CheckIn("b", date(2026, 6, 1), 0)]
    close = reweighted.roll_up(told, as_of=CLOSE)
    assert close["top"].progress == 0.667808
    assert close["top"].forecast.value == pytest.approx(0.667808, abs=1e-6)
    by_hand = reweighted.roll_up(told, as_of=CLOSE, overrides=Override("a", progress=0.5))
    assert by_hand["top"].forecast.value == pytest.approx(by_hand["top"].progress, abs=1e-6)
    assert by_hand["a"].forecast.value == 50


def test_a_target_that_changes_is_attained_where_the_report_says_so():
    tree = GoalTree([Goal("g", period=YEAR, target=100, changes=Change(date(2026, 5, 1), target=200))])
    # 120 days against 100 and 245 against 200: progress comes to 1 at 365 / (120 / 100 + 245 / 200).
    aim = 365 / (1.2 + 1.225)
    for value, attained in ((aim - 0.01, 0), (aim + 0.01, 1)):
        status = tree.roll_up([CheckIn("g", day(9), value)], as_of=CLOSE)["g"]
        assert (status.progress >= 1, status.forecast.probability) == (bool(attained), attained)
    status = tree.roll_up([CheckIn("g", day(9), 100)], as_of=day(9))["g"]
    assert status.required_rate == pytest.approx((aim - 100) / 94)


def test_an_override_counts_in_a_history_from_its_day_on():
    tree = GoalTree([Goal("top", period=YEAR, children=[Goal("a", target=100), Goal("b", target=100)])])
    told = [*seen("a", (1, 10)), *seen("b", (3, 20))]
    put = Override("a", progress=0.5, on=day(2))
    report = tree.roll_up(told, as_of=day(3), overrides=put)
    assert report.history("top") == ((day(1), 0.1), (day(2), 0.5), (day(3), 0.35))
    undated = tree.roll_up(told, as_of=day(4), overrides=Override("a", progress=0.5))
    assert undated.history("top") == ((day(1), 0.1), (day(3), 0.15))
    assert undated["top"].forecast.value == pytest.approx(0.35 * 365 / 118)
    assert undated["a"].forecast.value == pytest.approx(50 * 365 / 118)


def test_a_report_that_refuses_what_is_missing_is_forecast_from_complete_days():
    tree = GoalTree([Goal("top", period=YEAR, children=[Goal("a", target=100), Goal("b", target=100)])])
    told = [*seen("a", (1, 10)), *seen("b", (2, 20))]
    report = tree.roll_up(told, as_of=day(2), missing="refuse")
    assert report.history("top") == ((day(2), 0.15),)
    assert report.history("a") == ((day(1), 0.1),)
    assert report["top"].forecast.value == pytest.approx(0.15 * 365 / 59)


def test_a_refused_day_asks_only_for_who_is_there_and_not_put_in_by_hand():
    parts = [Goal("a", target=100), Goal("b", target=100), Goal("c", target=100, joined=day(4))]
    tree = GoalTree([Goal("top", period=YEAR, children=parts)])
    told = [*seen("a", (1, 10)), *seen("b", (2, 20)), *seen("c", (5, 30))]
    report = tree.roll_up(told, as_of=day(5), missing="refuse")
    # The third is missed from its first day on, which a report of any day up to its check-in would say.
    assert [on for on, _ in report.history("top")] == [day(2), day(5)]
    assert report.history("c") == ((day(5), 0.3),)
    pair = GoalTree([Goal("top", period=YEAR, children=parts[:2])])
    put = Override("b", progress=0.4, on=day(1))
    by_hand = pair.roll_up(told[:2], as_of=day(2), missing="refuse", overrides=put)
    assert by_hand.history("top") == ((day(1), 0.25), (day(2), 0.25))


def test_a_sum_of_parts_goes_on_from_where_they_start():
    parts = [Goal("emea", baseline=100, target=200), Goal("amer", target=100, over_time="sum")]
    tree = GoalTree([Goal("top", period=YEAR, baseline=100, target=300, roll_up="sum", children=parts)])
    told = [CheckIn("emea", day(3), 130), CheckIn("amer", day(3), 20)]
    ahead = tree.roll_up(told, as_of=day(3))["top"].forecast
    assert ahead.value == pytest.approx(100 + 50 * 365 / 87)
    assert ahead.probability is None
    at_close = tree.roll_up(told, as_of=CLOSE)["top"].forecast
    assert (at_close.value, at_close.probability) == (150, 0)
    levels = [Goal(id, direction="at_most", target=9) for id in "xy"]
    held = GoalTree([Goal("top", period=YEAR, baseline=20, target=10, roll_up="sum", children=levels)])
    told = sorted([*seen("x", (3, 5), (5, 6)), *seen("y", (3, 5), (5, 6))], key=lambda one: one.on)
    assert held.roll_up(told, as_of=day(5))["top"].forecast.value == 12


def test_a_target_that_turns_is_that_of_the_last_day():
    turn = Change(date(2026, 7, 1), target=-100)
    status = report_on(Goal("g", target=100, changes=turn), (3, 50), (9, -100), as_of=CLOSE)["g"]
    assert status.forecast.probability == 1


def test_what_was_seen_in_no_day_of_its_period_has_no_forecast():
    tree = GoalTree([Goal("a", target=10), Goal("b", target=10, period=YEAR)])
    assert tree.roll_up(seen("a", (3, 1)), as_of=day(4))["a"].forecast is None
    assert tree.roll_up(seen("a", (3, 1)), as_of=day(4)).stale(10) == ("a", "b")
    assert GoalTree([Goal("a", target=10)]).roll_up(seen("a", (3, 1)), as_of=day(3)).stale(10) == ()


def test_days_before_what_is_carried_are_rolled_up_without_it():
    tree = GoalTree([Goal("top", period=YEAR, children=[Goal("a", target=100), Goal("b", target=100)])])
    last = tree.roll_up({"a": 50, "b": 50})
    report = tree.roll_up(seen("a", (1, 60)), as_of=day(2), missing="carry", previous=last)
    assert report.history("top") == ((day(1), 0.6),)


def test_who_has_no_day_or_nothing_observed_has_no_forecast():
    tree = GoalTree([Goal("top", period=YEAR, children=[Goal("a", target=1), Goal("b", target=1)])])
    assert tree.roll_up(seen("a", (3, 1)))["a"].forecast is None
    report = tree.roll_up(seen("a", (3, 1)), as_of=day(4))
    assert report["b"].forecast is None
    assert report["top"].forecast is not None
    later = Goal("q", target=1, period=Period(day(9), CLOSE))
    early = GoalTree([Goal("top", period=YEAR, children=[later])]).roll_up({"q": 1}, as_of=day(4))
    assert (early["q"].forecast, early["q"].run_rate) == (None, None)


# Confidence.


def test_only_goals_that_are_over_are_judged_and_the_others_named():
    quarter = Period(YEAR.start, date(2026, 3, 31))
    goals = [Goal("a", target=10, period=quarter), Goal("b", target=10), Goal("c", target=10, period=quarter)]
    tree = GoalTree([Goal("top", period=YEAR, children=goals)])
    told = [CheckIn(id, day(2), None if id == "c" else 10, confidence=0.8) for id in "abc"]
    judged = tree.roll_up(told, as_of=date(2026, 3, 31)).judge_confidence()
    assert (judged.count, judged.brier) == (1, F("0.04"))
    assert (judged.still_open, judged.not_observed) == (("b",), ("c",))
    assert str(judged).endswith("; 1 goal still open; 1 goal never observed")
    with pytest.raises(DataError, match=r"3 still open, such as 'a'.*judge confidence once their period is over"):
        tree.roll_up(told, as_of=day(3)).judge_confidence()


def test_a_confidence_without_a_value_counts():
    tree = GoalTree([Goal("a", period=YEAR, target=100)])
    told = [CheckIn("a", day(1), 10, confidence=0.9), CheckIn("a", day(2), None, confidence=0.2)]
    judged = tree.roll_up(told, as_of=CLOSE).judge_confidence()
    assert (judged.count, judged.brier) == (2, (F("0.81") + F("0.04")) / 2)
    columns = CheckIns.from_columns(goal=["a", "a"], on=[day(1), day(2)], value=[10, np.nan], confidence=[0.9, 0.2])
    assert tree.roll_up(columns, as_of=CLOSE).judge_confidence() == judged
    # What is stated after the day of a report is not known by then.
    shorter = GoalTree([Goal("top", period=YEAR, children=[Goal("a", target=100, period=Period(YEAR.start, day(1)))])])
    assert shorter.roll_up(told[:1], as_of=day(1)).judge_confidence().count == 1


# Who has not looked lately.


def test_a_goal_that_nobody_has_looked_at_is_stale():
    quarter = Period(YEAR.start, date(2026, 3, 31))
    goals = [
        Goal("seen", target=1),
        Goal("unseen", target=1),
        Goal("branch", children=[Goal("leaf", target=1)]),
        Goal("later", target=1, joined=date(2026, 5, 20)),
        Goal("over", target=1, period=quarter),
        Goal("gone", target=1, left=date(2026, 3, 31)),
        Goal("vague"),
        Goal("heading", roll_up="none"),
    ]
    tree = GoalTree([Goal("top", period=YEAR, children=goals)])
    report = tree.roll_up([CheckIn("seen", date(2026, 5, 31), 1)], as_of=date(2026, 6, 1))
    assert report.stale(30) == ("unseen", "branch", "leaf")
    assert tree.roll_up([], as_of=date(2026, 1, 30)).stale(30) == ()
    assert "unseen" in tree.roll_up([], as_of=date(2026, 1, 31)).stale(30)


def test_before_the_first_check_in_nothing_is_known():
    tree = GoalTree([Goal("a", period=YEAR, target=1)])
    report = tree.roll_up([], as_of=day(3))
    assert (report["a"].progress, report["a"].health, report.history("a")) == (None, "pending", ())


# Messages.


def test_unknown_goals_of_check_ins_are_told_with_how_many():
    tree = GoalTree([Goal("logos", period=YEAR, target=1)])
    told = [CheckIn(id, day(3), 1) for id in ("logo", "logos", "x", "x")]
    with pytest.raises(
        DataError, match=r"'logo' \(did you mean 'logos'\?\), 'x': rows 0, 2, 3 of the check-ins"
    ) as caught:
        tree.roll_up(told)
    assert caught.value.rows == (0, 2, 3)


def test_bad_values_of_check_ins_are_told_together():
    tree = GoalTree([Goal("a", period=YEAR, target=1), Goal("b", period=YEAR, direction="binary")])
    with pytest.raises(DataError, match=r"2 values are no actuals: .*'a'.*; .*'b' must be observed as yes") as caught:
        tree.roll_up([CheckIn("a", day(3), "ten"), CheckIn("a", day(4), 1), CheckIn("b", day(4), 3)])
    assert caught.value.rows == (0, 2)
