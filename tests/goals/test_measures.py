"""How goals are measured: directions, limits, milestones, ratios, plans by date and zones."""

from datetime import date
from fractions import Fraction

import pytest

from perfkit import Curve, DataError, DefinitionError, Goal, GoalTree, Milestone, Period, PhasedPlan, Ratio, Zones

F = Fraction
YEAR = Period.year(2026)


def progress(goal, actual):
    exactly = goal.progress_of(actual)
    published = GoalTree([goal]).roll_up({"g": actual})["g"].progress
    assert published == (None if exactly is None else round(float(exactly), 6))
    return exactly


@pytest.mark.parametrize(
    ("options", "actual", "expected"),
    [
        ({"target": 10}, 12, F(6, 5)),
        ({"target": 10, "direction": "increase"}, -1, F(-1, 10)),
        ({"target": 2, "baseline": 10, "direction": "decrease"}, 4, F(3, 4)),
        ({"target": 10, "direction": "reach"}, 9.99, 0),
        ({"target": 10, "direction": "reach"}, 10, 1),
        ({"target": 2, "baseline": 10, "direction": "reach"}, 2, 1),
        ({"target": 99, "threshold": 95, "direction": "at_least"}, 98, F(3, 4)),
        ({"target": 99, "direction": "at_least"}, 98.9, 0),
        ({"target": 99, "direction": "at_least"}, 100, 1),
        ({"target": 0, "direction": "at_most"}, 0, 1),
        ({"target": 0, "direction": "at_most"}, 1, 0),
        ({"target": 0, "threshold": 4, "direction": "at_most"}, 1, F(3, 4)),
        ({"target": 0, "threshold": 4, "direction": "at_most"}, 9, 0),
        ({"band": (40, 60), "direction": "maintain"}, 60, 1),
        ({"band": (40, 60), "direction": "maintain"}, 61, 0),
        ({"band": (40, 60), "limits": (30, 80), "direction": "maintain"}, 75, F(1, 4)),
        ({"band": (40, 60), "limits": (30, 80), "direction": "maintain"}, 31, F(1, 10)),
        ({"target": 50, "direction": "maintain"}, 50, 1),
        ({"direction": "binary"}, True, 1),
        ({"direction": "binary"}, 0, 0),
        ({"direction": "milestones"}, 0.4, F(2, 5)),
        ({"target": 5, "baseline": 5, "zero_span": "reached"}, 5, 1),
        ({"target": 5, "baseline": 5, "zero_span": "reached"}, 4, 0),
        ({"target": 5, "baseline": 5, "zero_span": "reached", "direction": "decrease"}, 4, 1),
        ({"target": 5, "baseline": 5, "zero_span": "unknown"}, 4, None),
    ],
)
def test_progress_by_direction(options, actual, expected):
    if actual is True:
        assert GoalTree([Goal("g", **options)]).roll_up({"g": True})["g"].progress == 1
    else:
        assert progress(Goal("g", **options), actual) == expected


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"direction": "up", "target": 1}, "direction of 'g' must be one of increase"),
        ({"direction": "reach"}, "needs a target to reach"),
        ({"direction": "at_least"}, "needs a target to at least"),
        ({"direction": "increase", "target": -1}, "direction of 'g' is increase, but its target is below"),
        ({"direction": "decrease", "target": 1}, "direction of 'g' is decrease, but its target is above"),
        ({"direction": "maintain"}, "needs a band or a target to maintain"),
        ({"direction": "maintain", "band": (6, 4)}, "must go from low to high, within its limits .got 6, 6, 4, 4"),
        ({"direction": "maintain", "band": (4, 6), "limits": (5, 9)}, "must go from low to high"),
        ({"direction": "maintain", "band": 5}, "must be pairs of numbers"),
        ({"target": 5, "band": (4, 6)}, "say direction='maintain'"),
        ({"target": 5, "threshold": 6}, "must be in this order .got 0, 6, 5"),
        ({"target": 5, "stretch": 4}, "must be in this order .got 0, 5, 4"),
        ({"target": 2, "baseline": 5, "threshold": 6}, "must be in this order .got 5, 6, 2"),
        ({"target": 0, "direction": "at_most", "threshold": -1}, "must be in this order .got -1, 0"),
        ({"target": 5, "over_time": "median"}, "over_time of 'g' must be one of last"),
        ({"target": 5, "zero_span": "half"}, "zero_span of 'g' must be one of refuse"),
        ({"target": 5, "milestones": [3]}, "milestones of 'g' must be of Milestone"),
        ({"target": 5, "supports": [3]}, "supports of 'g' must be names"),
        ({"target": 5, "title": 3}, "title must be a str"),
        ({"target": 5, "joined": date(2026, 5, 1), "left": date(2026, 4, 1)}, "must not leave .2026-04-01. before"),
        ({"target": 5, "share": 1.5}, "share of 'g' must be above 0 and at most 1"),
        ({"target": 5, "share": 0.5, "contributes": {"h": 0.6}}, "shares out of 'g' must add up to at most 1 .got 1.1"),
        ({"target": 5, "over_assignment": -1}, "over_assignment of 'g' must not be negative"),
    ],
)
def test_a_measure_that_means_nothing_is_refused(options, message):
    with pytest.raises(DefinitionError, match=message):
        Goal("g", **options)


def test_every_problem_of_a_goal_is_told_at_once():
    with pytest.raises(DefinitionError, match=r"and 2 more") as caught:
        Goal("g", weight=-1, target=0, roll_up="median")
    assert len(caught.value.problems) == 3


def test_milestones_have_credit():
    launch = Goal("g", direction="milestones", milestones=[Milestone("design", 1), Milestone("ship", 3), "party"])
    assert launch.credit_of(["design", "ship"]) == F(4, 5)
    assert launch.credit_of({"ship": 0.5}) == F(3, 10)
    tree = GoalTree([launch])
    assert tree.roll_up({"g": {"ship": 0.5}})["g"].progress == 0.3
    assert tree.roll_up({"g": ["party"]})["g"].progress == 0.2
    with pytest.raises(DefinitionError, match=r"has no milestone 'shop' .did you mean 'ship'"):
        launch.credit_of(["shop"])
    with pytest.raises(DefinitionError, match="must be done to a share of 0 to 1"):
        launch.credit_of({"ship": 2})
    with pytest.raises(DataError, match="has no milestone"):
        tree.roll_up({"g": ["shop"]})
    with pytest.raises(DefinitionError, match="credit of milestone 'x' must be positive"):
        Milestone("x", 0)


@pytest.mark.parametrize(("direction", "actual"), [("binary", 0.5), ("milestones", 1.5), ("milestones", -0.1)])
def test_an_observation_that_is_none_is_refused(direction, actual):
    with pytest.raises(DataError, match="'g' must be observed as"):
        GoalTree([Goal("g", direction=direction)]).roll_up({"g": actual})


def test_a_ratio_is_rolled_up_from_its_parts():
    shops = [Goal("north", target=0.1, over_time="ratio"), Goal("south", target=0.1, over_time="ratio")]
    tree = GoalTree([Goal("all", target=0.1, roll_up="ratio", children=shops)])
    report = tree.roll_up({"north": Ratio(5, 100), "south": Ratio(90, 500)})
    # 95 of 600, not the mean of 5 % and 18 %.
    assert report["all"].value == 0.158333333
    assert report["south"].value == 0.18
    assert tree.roll_up({"north": Ratio(0, 100)})["all"].value == 0
    assert tree.roll_up({})["all"].value is None
    with pytest.raises(DefinitionError, match="denominator of a ratio must be positive"):
        Ratio(1, 0)
    with pytest.raises(DefinitionError, match="is a ratio of sums, so 'x' must be a ratio too"):
        Goal("all", target=0.1, roll_up="ratio", children=[Goal("x", target=1)])


def test_a_product_of_drivers_moves_with_each_of_them():
    shop = Goal("revenue", baseline=100_000, target=145_200).drive(
        [Goal("visits", baseline=100_000, target=110_000), Goal("conversion", baseline=0.02, target=0.024)],
        last="basket",
    )
    tree = GoalTree([shop])
    assert tree.roll_up({"visits": 110_000, "conversion": 0.024, "basket": 55})["revenue"].progress == 1
    # A driver that was not seen is taken to stand where it started.
    assert tree.roll_up({"visits": 110_000})["revenue"].value == 110_000
    assert tree.roll_up({"visits": 110_000})["revenue"].coverage == pytest.approx(1 / 3)
    with pytest.raises(DefinitionError, match="driver 'v' needs a target and a baseline other than 0"):
        Goal("r", target=10, baseline=1).drive([Goal("v", target=5)], last="x")


def test_a_score_is_a_curve_of_progress():
    goal = Goal("g", target=100, curve=Curve.through((0.5, 0), (1, 1), (1.2, 2)))
    tree = GoalTree([goal])
    assert [tree.roll_up({"g": actual})["g"].score for actual in (40, 75, 110)] == [0, 0.5, 1.5]
    assert tree.roll_up({})["g"].score is None


def test_zones_go_by_threshold_target_and_stretch():
    goal = Goal("g", threshold=30, target=70, stretch=100)
    assert [goal.zone_of(actual) for actual in (29, 30, 70, 100)] == ["fail", "commit", "target", "stretch"]
    fewer = Goal("g", baseline=10, threshold=8, target=5, stretch=2)
    assert [fewer.zone_of(actual) for actual in (9, 8, 5, 1)] == ["fail", "commit", "target", "stretch"]
    assert Goal("g", target=5).zone_of(4) == "fail"
    assert Goal("g").zone_of(4) is None


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Zones.derive(target=5), "two of baseline, commit, target and stretch are needed .got 1"),
        (lambda: Zones.derive(baseline=0, target=5, stretch=10), "contradict each other: at 0.7 of the way lies 7"),
        (lambda: Zones.derive(baseline=0, stretch=0), "must rise or fall in this order"),
        (lambda: Zones(baseline=0, commit=5, target=3, stretch=9), "must rise or fall in this order"),
        (lambda: Zones.derive(baseline=0, stretch=1, at=(0.7, 0.3)), "at must be two rising shares"),
    ],
)
def test_zones_that_mean_nothing_are_refused(make, message):
    with pytest.raises(DefinitionError, match=message):
        make()


QUARTERS = [quarter.end for quarter in YEAR.quarters()]


def test_a_cumulative_plan_is_expected_between_its_dates():
    plan = PhasedPlan(dict(zip(QUARTERS, [10, 20, 50, 100], strict=True)))
    start = date(2025, 12, 31)
    assert plan.expected(date(2025, 1, 1), start=start) == 0
    assert plan.expected(QUARTERS[0], start=start) == 10
    assert plan.expected(QUARTERS[3], start=start) == 100
    assert plan.expected(date(2026, 5, 15), start=start) == 10 + F(10 * 45, 91)
    held = PhasedPlan(plan.planned, between="last")
    assert held.expected(date(2026, 5, 15), start=start) == 10
    windowed = PhasedPlan(dict.fromkeys(QUARTERS, 25), windowed=True)
    assert windowed.expected(QUARTERS[1], start=start, baseline=5) == 55


def test_a_plan_says_what_is_expected_of_a_goal():
    plan = PhasedPlan(dict(zip(QUARTERS, [10, 20, 50, 100], strict=True)))
    tree = GoalTree([Goal("g", period=YEAR, target=100, plan=plan)])
    status = tree.roll_up({"g": 15}, as_of=QUARTERS[1])["g"]
    assert (status.expected, status.pace, status.gap, status.expected_value) == (0.2, 0.75, 0.05, 20)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: PhasedPlan({}), "needs at least one date"),
        (lambda: PhasedPlan([(QUARTERS[1], 1), (QUARTERS[0], 2)]), "dates of a plan must be in order"),
        (lambda: PhasedPlan([("Q1", 1)]), "a plan must name dates"),
        (lambda: PhasedPlan({QUARTERS[0]: 1}).attainment([1, 2]), "got 2 for 1 phases"),
    ],
)
def test_a_plan_that_means_nothing_is_refused(make, message):
    with pytest.raises(DefinitionError, match=message):
        make()


def test_attainment_so_far():
    plan = PhasedPlan(dict(zip(QUARTERS, [10, 20, 0, 100], strict=True)))
    assert plan.attainment([5, None, 3]) == (F(1, 2), None, None)
    assert plan.attainment_so_far([5, None]) == F(1, 2)
    assert plan.attainment_so_far([]) is None
    assert PhasedPlan({QUARTERS[0]: 0}, windowed=True).attainment_so_far([5]) is None


def test_a_pacing_curve_says_what_is_expected():
    late = Curve.through((0, 0), (0.5, 0.2), (1, 1))
    tree = GoalTree([Goal("g", period=Period(date(2026, 1, 1), date(2026, 1, 10)), target=10, pacing=late)])
    assert tree.roll_up({"g": 1}, as_of=date(2026, 1, 5))["g"].expected == 0.2
    assert tree.roll_up({"g": 1}, as_of=date(2026, 1, 5))["g"].pace == 0.5
