"""Following goals up: check-ins, health, forecasts, overrides, changes over time, and the next period."""

import pickle
from datetime import date
from fractions import Fraction

import numpy as np
import pytest

from perfkit import (
    Change,
    CheckIn,
    CheckIns,
    Contribution,
    DataError,
    DefinitionError,
    Goal,
    GoalRules,
    GoalTree,
    GoalTreeError,
    HealthBands,
    Override,
    Period,
    Ratio,
)

F = Fraction
YEAR = Period.year(2026)
MAY, JULY = date(2026, 5, 1), date(2026, 7, 1)


def seen(id, *readings, **options):
    return [CheckIn(id, date(2026, month, 15), value, **options) for month, value in readings]


# Check-ins.


@pytest.mark.parametrize(
    ("rule", "actual"), [("last", 4), ("sum", 10), ("mean", F(10, 3)), ("maximum", 5), ("minimum", 1)]
)
def test_observations_over_time_make_the_actual(rule, actual):
    tree = GoalTree([Goal("top", period=YEAR, children=[Goal("g", target=10, over_time=rule)])])
    report = tree.roll_up(seen("g", (1, 1), (2, 5), (3, 4)))
    assert report["g"].progress == round(float(F(actual) / 10), 6)
    assert report["g"].observed_on == date(2026, 3, 15)
    assert report["top"].observed_on == date(2026, 3, 15)


def test_a_ratio_over_time_sums_both_parts():
    tree = GoalTree([Goal("g", target=0.1, over_time="ratio")])
    told = [CheckIn("g", MAY, Ratio(5, 100)), CheckIn("g", JULY, Ratio(90, 500))]
    assert tree.roll_up(told)["g"].value == 0.158333333
    columns = CheckIns.from_columns(goal=["g", "g"], on=[MAY, JULY], value=[5.0, 90.0], denominator=[100, 500])
    assert tree.roll_up(columns)["g"].value == 0.158333333
    assert columns[1].value == Ratio(90, 500)
    with pytest.raises(DataError, match="'g' is a ratio over time, so each check-in needs both parts"):
        tree.roll_up([CheckIn("g", MAY, 0.05)])


def test_only_what_was_seen_by_the_day_counts():
    tree = GoalTree([Goal("g", period=YEAR, target=10)])
    report = tree.roll_up(seen("g", (1, 1), (2, 5), (6, 9)), as_of=date(2026, 3, 1))
    assert report["g"].value == 5
    assert report.history("g") == ((date(2026, 1, 15), 0.1), (date(2026, 2, 15), 0.5))


def test_a_check_in_may_be_no_more_than_a_word():
    tree = GoalTree([Goal("g", period=YEAR, target=10)])
    check_ins = CheckIns([*seen("g", (1, 1)), CheckIn("g", MAY, None, confidence=0.5, note="waiting")])
    assert len(check_ins) == 2
    assert tree.roll_up(check_ins)["g"].value == 1


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: seen("g", (3, 1), (2, 1)), "'g' on 2026-02-15 comes after 2026-03-15 .row 1.; sort them"),
        (lambda: seen("h", (3, 1)), "no goal is called 'h'"),
        (lambda: [CheckIn("g", date(2025, 12, 31), 1)], "before the start of its period .2026-01-01"),
        (lambda: [CheckIn("g", date(2027, 1, 1), 1)], "after the end of its period .2026-12-31"),
        (
            lambda: [*seen("g", (3, None)), CheckIn("g", date(2027, 1, 1), None, confidence=1)],
            "'g' is checked in on 2027-01-01, after the end of its period .2026-12-31.: row 1;",
        ),
        (lambda: seen("g", (3, "much")), "must hold numbers"),
        (lambda: seen("top", (3, 1)), "was observed but has no target"),
    ],
)
def test_check_ins_that_cannot_be_are_refused(make, message):
    tree = GoalTree([Goal("top", period=YEAR, children=[Goal("g", target=10)])])
    with pytest.raises(DataError, match=message):
        tree.roll_up(CheckIns(make()))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"on": [MAY, MAY]}, "must be of one length"),
        ({"on": ["soon"]}, "column 'on' of check-ins must hold dates"),
        ({"on": [None]}, "a check-in needs its day: row 0"),
        ({"confidence": [2]}, "column 'confidence' must be between 0 and 1: row 0"),
        ({"value": [float("inf")]}, "must be finite"),
        ({"denominator": [0]}, "column 'denominator' must be positive: row 0"),
    ],
)
def test_columns_of_check_ins_that_cannot_be_are_refused(options, message):
    with pytest.raises(DataError, match=message):
        GoalTree([Goal("g", target=1)]).roll_up(
            CheckIns.from_columns(**({"goal": ["g"], "on": [MAY], "value": [1.0]} | options))
        )


def test_one_bad_row_among_many_is_named():
    n = 200_000
    tree = GoalTree.from_columns(id=np.arange(n), parent=np.full(n, None), target=np.ones(n))
    columns = {"goal": np.arange(n), "on": np.full(n, np.datetime64("2026-05-01")), "value": np.ones(n)}
    assert tree.roll_up(CheckIns.from_columns(**columns)).progress.min() == 1
    columns["value"][123_456] = np.inf
    with pytest.raises(DataError, match="row 123456") as caught:
        tree.roll_up(CheckIns.from_columns(**columns))
    assert caught.value.rows == (123_456,)
    weight = np.ones(n)
    weight[77_777] = -1
    with pytest.raises(GoalTreeError, match="1 of 200,000 rows make no goal: row 77777: weight of '77777' must be"):
        GoalTree.from_columns(id=np.arange(n), parent=np.full(n, None), target=np.ones(n), weight=weight)


def test_confidence_is_judged_at_the_close():
    tree = GoalTree([Goal("a", period=YEAR, target=10), Goal("b", period=YEAR, target=10)])
    told = [*seen("a", (1, 5), confidence=0.8), *seen("b", (2, 5), confidence=0.6), *seen("a", (12, 10))]
    judged = tree.roll_up(sorted(told, key=lambda one: one.on)).judge_confidence()
    assert judged.brier == (F("0.2") ** 2 + F("0.6") ** 2) / 2
    for report in (tree.roll_up({"a": 5}), tree.roll_up(seen("a", (1, 5)))):
        with pytest.raises(DataError, match="no check-in states a confidence"):
            report.judge_confidence()
    with pytest.raises(DefinitionError, match="confidence must be between 0 and 1"):
        CheckIn("a", MAY, 1, confidence=1.1)


# Health.


def test_states_come_before_bands_in_their_order():
    goals = [
        Goal("behind", target=10),
        Goal("done", target=10),
        Goal("silent", target=10),
        Goal("later", period=Period(date(2026, 9, 1), YEAR.end), target=10),
        Goal("old", target=10),
        Goal("held", direction="at_most", target=0),
    ]
    tree = GoalTree([Goal("top", period=YEAR, children=goals)])
    told = [CheckIn("old", date(2026, 1, 2), 9), *(CheckIn(id, date(2026, 6, 30), value) for id, value in
            [("behind", 4), ("done", 11), ("held", 0)])]  # fmt: skip
    rules = GoalRules(health=HealthBands(stale_after=30))
    report = tree.roll_up(told, as_of=JULY, rules=rules)
    assert [report[goal.id].health for goal in goals] == [
        "at_risk",
        "achieved",
        "pending",
        "not_started",
        "stale",
        "on_track",
    ]
    assert report.stale(30) == ("silent", "old")
    closed = tree.roll_up(told, as_of=YEAR.end, rules=rules)
    assert [closed[id].health for id in ("behind", "done", "held")] == ["missed", "achieved", "achieved"]
    with pytest.raises(DataError, match="takes check-ins and as_of"):
        tree.roll_up({}).stale(30)


def test_the_worst_part_tells_the_health_of_all():
    parts = [Goal("a", target=10), Goal("b", target=10)]
    worst = GoalTree([Goal("top", period=YEAR, roll_up="worst_status", children=parts)])
    report = worst.roll_up({"a": 9, "b": 1}, as_of=JULY)
    assert (report["top"].progress, report["top"].health) == (0.5, "off_track")
    mean = GoalTree([Goal("top", period=YEAR, children=parts)])
    assert mean.roll_up({"a": 9, "b": 1}, as_of=JULY)["top"].health == "on_track"
    rules = GoalRules(health=HealthBands(roll_up="worst"))
    assert mean.roll_up({"a": 9, "b": 1}, as_of=JULY, rules=rules)["top"].health == "off_track"


def test_without_a_day_there_is_no_pace_to_judge():
    report = GoalTree([Goal("g", period=YEAR, target=10)]).roll_up({"g": 5})
    assert (report["g"].expected, report["g"].pace, report["g"].gap, report["g"].health) == (None, None, None, None)
    assert (report["g"].forecast, report["g"].run_rate, report["g"].required_rate) == (None, None, None)


def test_nobody_is_behind_where_nothing_was_due_yet():
    rules = GoalRules(day_count="exclusive")
    status = GoalTree([Goal("g", period=YEAR, target=10)]).roll_up({"g": 0}, as_of=YEAR.start, rules=rules)["g"]
    assert (status.expected, status.pace, status.health) == (0, None, "on_track")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"floors": {"a": 2, "b": 1}}, "floors of health must rise"),
        ({"floors": {"off_track": 1}}, "states of health must differ"),
        ({"floors": {"stale": 1}}, "states of health must differ"),
        ({"on": "speed"}, "on must be one of pace, lead, progress"),
        ({"precedence": ["late"]}, "precedence must be one of"),
        ({"stale_after": -1}, "stale_after must be a number of days"),
    ],
)
def test_bands_that_mean_nothing_are_refused(options, message):
    with pytest.raises(DefinitionError, match=message):
        HealthBands(**options)


# Forecasts in a tree.


def test_a_goal_is_forecast_in_its_unit_and_its_strategy_in_progress():
    tree = GoalTree([Goal("top", period=YEAR, children=[Goal("g", target=365, weight=2), Goal("h", target=365)])])
    told = [CheckIn(id, date(2026, month, 28), 0.5 * date(2026, month, 28).timetuple().tm_yday)
            for month in range(1, 7) for id in ("g", "h")]  # fmt: skip
    report = tree.roll_up(told, as_of=date(2026, 6, 30))
    assert report["g"].forecast.value == pytest.approx(182.5)
    assert report["g"].forecast.probability == 0
    assert report["top"].forecast.value == pytest.approx(0.5)
    assert report.forecast("g", method="trend").low == pytest.approx(182.5)
    assert report["g"].run_rate == pytest.approx(89.5 / 181)
    assert report["g"].required_rate == pytest.approx((365 - 89.5) / 184)


# Overrides.


def test_an_override_that_is_not_sticky_gives_way_to_a_later_check_in():
    tree = GoalTree([Goal("top", period=YEAR, children=[Goal("g", target=10)])])
    told = CheckIns(seen("g", (3, 5)))

    def progress(override):
        return tree.roll_up(told, overrides=override)["top"].progress

    assert progress(Override("top", progress=0.9)) == 0.9
    assert progress(Override("top", progress=0.9, sticky=False, on=date(2026, 3, 14))) == 0.5
    assert progress(Override("top", progress=0.9, sticky=False, on=date(2026, 3, 15))) == 0.9
    with pytest.raises(DataError, match="gives way to later check-ins, so it needs its day"):
        progress(Override("top", progress=0.9, sticky=False))
    # Without check-ins nothing is later than it.
    assert tree.roll_up({"g": 1}, overrides=Override("top", progress=0.9, sticky=False))["top"].progress == 0.9


def test_an_override_by_value_is_measured():
    tree = GoalTree([Goal("top", children=[Goal("g", target=10), Goal("h", target=10)])])
    report = tree.roll_up({"g": 1, "h": 1}, overrides=[Override("g", value=8, by="ana", reason="late invoice")])
    assert (report["g"].value, report["g"].progress, report["g"].computed) == (8, 0.8, 0.1)
    assert (report["top"].progress, report["top"].computed) == (0.45, 0.1)
    assert "put in by ana in place of 0.1, late invoice" in str(report.explain("top"))


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        ([Override("x", progress=1)], "no goal is called 'x'"),
        ([Override("g", progress=1), Override("g", progress=0)], "'g' is overridden twice"),
        ([Override("top", value=1)], "'top' has no measure to override by value"),
    ],
)
def test_overrides_that_cannot_be_are_refused(overrides, message):
    with pytest.raises(DataError, match=message):
        GoalTree([Goal("top", children=[Goal("g", target=10)])]).roll_up({"g": 1}, overrides=overrides)


def test_an_override_says_one_thing():
    for options in ({}, {"progress": 1, "value": 1}):
        with pytest.raises(DataError, match="needs either a progress or a value"):
            Override("g", **options)


# What is carried from the last report.


def test_what_is_missing_is_carried_from_the_last_report():
    tree = GoalTree([Goal("top", children=[Goal("g", target=10), Goal("h", target=10)])])
    last = tree.roll_up({"g": 4, "h": 2})
    report = tree.roll_up({"g": 6}, missing="carry", previous=last)
    assert (report["top"].progress, report["h"].progress, report["h"].coverage) == (0.4, 0.2, 0)
    assert report.explain("h").code == "goal_carried"
    with pytest.raises(DataError, match="give it as previous="):
        tree.roll_up({"g": 6}, missing="carry")


# Changes over time.


def test_a_transfer_counts_where_it_was_by_days():
    regions = [
        Goal("emea", target=100, roll_up="sum", children=[
            Goal("ana", owner="ana", target=60, changes=[Change(JULY, under="amer", owner="ben")]),
            Goal("eve", target=40)]),
        Goal("amer", target=50, roll_up="sum", children=[Goal("kim", target=50)]),
    ]  # fmt: skip
    tree = GoalTree([Goal("top", period=YEAR, roll_up="sum", target=150, children=regions)])
    report = tree.roll_up({"ana": 73, "eve": 20, "kim": 30})
    assert report["emea"].value == pytest.approx(20 + 73 * 181 / 365, abs=1e-6)
    assert report["amer"].value == pytest.approx(30 + 73 * 184 / 365, abs=1e-6)
    assert report["top"].value == 123
    assert tree.ownership("ana") == (("ana", F(181, 365)), ("ben", F(184, 365)))
    assert [goal.id for goal in tree.owned_by("ben", as_of=JULY)] == ["ana"]
    assert tree.owned_by("ben") == ()
    later = tree.at(JULY)
    assert [goal.id for goal in later.line_of_sight("ana")] == ["ana", "amer", "top"]
    assert later["ana"].owner == "ben"


def test_what_is_owned_is_there_on_the_day():
    gone = Goal("gone", owner="ana", target=1, left=date(2026, 3, 1))
    later = Goal(
        "later", owner="ana", target=1, joined=date(2026, 9, 1), changes=Change(date(2026, 12, 2), owner="ben")
    )
    tree = GoalTree([Goal("top", period=YEAR, children=[gone, later, Goal("kept", owner="ana", target=1)])])
    for day, ids in (
        (None, ["gone", "later", "kept"]),
        (date(2026, 3, 1), ["gone", "kept"]),
        (date(2026, 3, 2), ["kept"]),
        (date(2026, 12, 1), ["later", "kept"]),
        (date(2026, 12, 2), ["kept"]),
    ):
        assert [goal.id for goal in tree.owned_by("ana", as_of=day)] == ids
    assert tree.ownership("later") == (("ana", F(92, 122)), ("ben", F(30, 122)))
    assert tree.ownership("gone") == (("ana", 1),)
    assert tree.ownership("gone", over=Period(date(2026, 4, 1), YEAR.end)) == ()


def test_who_joins_and_who_leaves_counts_while_there():
    parts = [
        Goal("a", target=10),
        Goal("b", target=10, joined=date(2026, 9, 1)),
        Goal("c", target=10, left=date(2026, 3, 31)),
    ]
    tree = GoalTree([Goal("top", period=YEAR, children=parts)])
    report = tree.roll_up({"a": 10, "b": 0, "c": 0})
    stretches = [(stretch.days, part["top"].progress) for stretch, part in report.slices]
    assert stretches == [(90, 0.5), (153, 1.0), (122, 0.5)]
    assert report["top"].progress == round((90 * 0.5 + 153 + 122 * 0.5) / 365, 6)
    assert report["top"].coverage == 1
    spring = tree.roll_up({"a": 10}, as_of=date(2026, 2, 1))
    assert spring["b"].health == "not_started"
    assert [goal.id for goal in tree.at(date(2026, 5, 1)).walk()] == ["top", "a"]


def test_a_target_that_changes_is_measured_against_in_its_time():
    tree = GoalTree([Goal("g", period=YEAR, target=100, changes=Change(JULY, target=200))])
    report = tree.roll_up({"g": 100})
    assert report["g"].progress == round((181 + 184 * 0.5) / 365, 6)
    assert tree.at(JULY)["g"].target == 200


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: GoalTree([Goal("g", target=1, changes=Change(JULY, under="x"))]), None, "moves under 'x'"),
        (lambda: Change(JULY), DefinitionError, "must change something"),
        (lambda: Change(JULY, weight=0), DefinitionError, "must be positive"),
        (lambda: Change("July", weight=1), DefinitionError, "on must be a date"),
        (
            lambda: Goal("g", target=1, changes=[Change(JULY, weight=1), Change(MAY, weight=1)]),
            DefinitionError,
            "in the order of their dates",
        ),
        (
            lambda: Goal("g", target=1, changes=Change(JULY, target=0)),
            DefinitionError,
            "on, target and baseline of .g. must differ",
        ),
    ],
)
def test_changes_that_mean_nothing_are_refused(make, error, message):
    with pytest.raises(error or GoalTreeError, match=message):
        make()


def test_changes_need_a_period_to_be_weighed_by():
    tree = GoalTree([Goal("g", target=10, changes=Change(JULY, weight=2))])
    with pytest.raises(DataError, match="'g' changes over time, so the goals at the top need a period"):
        tree.roll_up({"g": 1})
    with pytest.raises(GoalTreeError, match="has no period to share among its owners"):
        tree.ownership("g")


# Contributions.


def test_a_goal_drives_a_second_one_by_its_share():
    tree = GoalTree(
        [
            Goal("a", target=100, roll_up="sum", children=[Goal("x", target=100, contributes={"b": 0.25})]),
            Goal("b", target=25, roll_up="sum"),
        ]
    )
    report = tree.roll_up({"x": 80})
    assert (report["a"].value, report["b"].value) == (60, 20)
    assert tree.reconcile()[0].parts == 75
    assert tree.reconcile()[0].id == "a"


def test_a_contribution_has_a_weight_of_its_own_if_it_says_so():
    parts = [Goal("y", target=10), Goal("x", target=10, contributes=[Contribution("b", 0.5, weight=6)])]
    tree = GoalTree([Goal("a", children=parts), Goal("b", children=[Goal("z", target=10)])])
    report = tree.roll_up({"x": 10, "y": 0, "z": 0})
    assert report["a"].progress == round(0.5 / 1.5, 6)
    assert report["b"].progress == 0.75


def test_support_drives_no_number():
    tree = GoalTree([Goal("a", target=10), Goal("b", target=10, supports="a")])
    assert tree.roll_up({"b": 5})["a"].progress is None


@pytest.mark.parametrize(
    ("goals", "message"),
    [
        ([Goal("a", target=1, contributes={"z": 0.5})], "'a' contributes to 'z', which is no goal"),
        ([Goal("a", target=1, contributes={"a": 0.5})], "'a' contributes to itself"),
        ([Goal("t", children=[Goal("a", target=1, contributes={"t": 0.5})])], "the goal above it, which it drives"),
        ([Goal("a", target=1, supports="z")], "'a' supports 'z', which is no goal"),
        (
            [Goal("a", target=1, contributes={"b": 0.5}), Goal("b", target=1, contributes={"a": 0.5})],
            "must not form a cycle .got a under b under a",
        ),
        (
            [Goal("a", target=1, contributes={"b": 1}), Goal("b", target=1, unit="EUR", roll_up="sum")],
            "'b' sums up EUR, but 'a', which contributes to it, is in a plain number",
        ),
        ([Goal("a", contributes={"b": 1}), Goal("b", target=1, roll_up="sum")], "so 'a' needs a target"),
    ],
)
def test_contributions_that_lead_nowhere_are_refused(goals, message):
    with pytest.raises(GoalTreeError, match=message):
        GoalTree(goals)


# The rest of a tree's life.


def test_what_was_not_reached_goes_on():
    tree = GoalTree([Goal("top", period=YEAR, children=[
        Goal("a", target=10), Goal("b", target=10, contributes={"c": 0.5}),
        Goal("c", target=10), Goal("d", direction="binary")])])  # fmt: skip
    report = tree.roll_up({"a": 4, "b": 12, "c": 10, "d": False}, as_of=YEAR.end)
    later = tree.carry_over(report, Period.year(2027))
    assert [(goal.id, goal.baseline) for goal in later.walk()] == [("top", 0), ("a", 4), ("d", 0)]
    assert later.period_of("a") == Period.year(2027)
    assert [goal.id for goal in tree.carry_over(report, Period.year(2027), keep=["b"]).walk()] == ["top", "b"]
    reached = tree.roll_up({"a": 10, "b": 10, "c": 10, "d": True})
    with pytest.raises(GoalTreeError, match="every goal was reached"):
        tree.carry_over(reached, Period.year(2027))
    with pytest.raises(GoalTreeError, match="start must be value or baseline"):
        tree.carry_over(report, Period.year(2027), start="zero")


def test_a_heading_counts_nowhere_and_its_parts_stand_by_themselves():
    heading = Goal("people", roll_up="none", children=[Goal("a", target=10)])
    tree = GoalTree([Goal("top", children=[heading, Goal("b", target=10)])])
    report = tree.roll_up({"a": 10, "b": 5}, missing="refuse")
    assert (report["top"].progress, report["people"].progress, report["a"].progress) == (0.5, None, 1)


def test_trees_and_reports_pickle():
    tree = GoalTree([Goal("top", period=YEAR, children=[Goal("a", target=10, changes=Change(MAY, weight=2))])])
    report = tree.roll_up({"a": 5}, as_of=JULY)
    assert pickle.loads(pickle.dumps(tree)) == tree
    again = pickle.loads(pickle.dumps(report))
    assert again["top"].progress == report["top"].progress
    assert str(again) == str(report)


def test_an_array_must_have_a_value_for_each_goal():
    tree = GoalTree([Goal("a", target=1), Goal("b", target=1)])
    with pytest.raises(DataError, match=r"one for each of the 2 goals, in the order of tree.ids \(got shape \(3,\)"):
        tree.roll_up([1.0, 2.0, 3.0])
    with pytest.raises(DataError, match=r"'a' was observed but has no target .* .1 such goals"):
        GoalTree([Goal("a")]).roll_up(np.array([1.0]))


def test_an_empty_tree_has_nothing_to_say():
    tree = GoalTree([])
    assert len(tree) == 0
    assert len(tree.roll_up({})) == 0
    assert tree.lint().found == ()
    assert "goal" in str(tree.roll_up({}))
    assert tree._repr_html_()


def test_a_tree_goes_by_integers_too():
    tree = GoalTree.from_columns(id=[1, 2, 3], parent=[None, 1, 1], target=[10, 10, 10], owner=[7, 8, 8])
    assert tree.roll_up({"2": 5, "3": 10})["1"].progress == 0.75
    assert [goal.id for goal in tree.owned_by("8")] == ["2", "3"]
