"""What goes on into the next period, and a tree as it is on a day."""

from datetime import date
from fractions import Fraction

import pytest

from perfkit import Change, CheckIn, Contribution, Goal, GoalTree, GoalTreeError, Period

YEAR, NEXT = Period.year(2026), Period.year(2027)
MARCH, MAY, SEPTEMBER = date(2026, 3, 1), date(2026, 5, 1), date(2026, 9, 1)


def later(tree, actuals, **options):
    return tree.carry_over(tree.roll_up(actuals, as_of=YEAR.end), NEXT, **options)


def numbers(tree):
    return {goal.id: (goal.baseline, goal.target) for goal in tree.walk()}


def test_a_sum_is_to_reach_what_goes_on():
    tree = GoalTree([Goal("p", period=YEAR, target=100, roll_up="sum", threshold=50, stretch=120,
                          children=[Goal("a", target=60), Goal("b", target=40)])])  # fmt: skip
    after = later(tree, {"a": 60, "b": 20})
    assert numbers(after) == {"p": (20, 40), "b": (20, 40)}
    assert (after["p"].threshold, after["p"].stretch) == (None, None)
    assert after.reconcile() == ()
    assert [after.roll_up({"b": value})["p"].progress for value in (20, 30, 40)] == [0, 0.5, 1]
    assert numbers(later(tree, {"a": 60, "b": 20}, start="baseline")) == {"p": (0, 40), "b": (0, 40)}


def test_sums_within_sums_and_shares_of_others_go_on_exactly():
    inner = Goal("m", target=100).decompose({"a": 3, "b": 1}, over_assignment=0.2)
    other = Goal("q", target=20, roll_up="sum", children=[Goal("c", target=10)])
    shared = Goal("s", target=20, contributes={"q": 0.5})
    tree = GoalTree([Goal("p", period=YEAR, target=130, roll_up="sum", children=[inner, shared]), other])
    after = later(tree, {"a": 90, "b": 10, "s": 4, "c": 10})
    assert after.reconcile() == ()
    assert numbers(after)["b"] == (10, 30)
    assert numbers(after)["q"] == (2, 10)
    assert numbers(after)["p"] == (12, numbers(after)["m"][1] + 10)
    assert later(tree, {"a": 90, "b": 10, "s": 30, "c": 10}).reconcile() == ()


def test_a_goal_goes_on_as_it_was_at_the_close():
    changing = Goal("a", target=60, owner="ana", changes=[
        Change(MAY, target=200, owner="ben", weight=3), Change(date(2027, 2, 1), owner="eve")])  # fmt: skip
    gone = Goal("b", target=40, left=MARCH, children=[Goal("c", target=10)])
    tree = GoalTree([Goal("p", period=YEAR, children=[changing, gone, Goal("d", target=5, joined=date(2027, 6, 1))])])
    after = later(tree, {"a": 100, "b": 10, "c": 1})
    carried = after["a"]
    assert (carried.owner, carried.baseline, carried.target, carried.weight) == ("ben", 100, 200, 3)
    assert carried.changes == (Change(date(2027, 2, 1), owner="eve"),)
    assert "b" not in after
    assert after["d"].joined == date(2027, 6, 1)
    assert [goal.id for goal in after.roots] == ["p", "c"]
    assert after["c"].period == NEXT
    with pytest.raises(GoalTreeError, match=r"'b' left before 2027-01-01 and cannot go on .1 such goals."):
        later(tree, {"a": 100}, keep=["b"])
    with pytest.raises(GoalTreeError, match="keep= names no goal"):
        later(tree, {"a": 100}, keep=[])


def test_a_change_to_come_that_no_longer_fits_is_refused_by_name():
    goal = Goal("a", period=YEAR, target=60, changes=Change(date(2027, 2, 1), target=50))
    with pytest.raises(GoalTreeError, match="'a' cannot go on as it is: from 2027-02-01 on, target and baseline"):
        later(GoalTree([goal]), {"a": 50})


def test_thresholds_that_are_passed_are_dropped():
    tree = GoalTree([Goal("a", period=YEAR, threshold=36, target=84, stretch=120),
                     Goal("c", period=YEAR, baseline=100, threshold=60, target=40),
                     Goal("u", period=YEAR, direction="at_least", threshold=1, target=2)])  # fmt: skip
    after = later(tree, {"a": 50, "c": 70, "u": 1})
    assert (after["a"].baseline, after["a"].threshold, after["a"].stretch) == (50, None, 120)
    assert (after["c"].baseline, after["c"].threshold) == (70, 60)
    assert (after["u"].threshold, after["u"].baseline) == (1, 0)


def test_weights_that_no_longer_add_up_are_left_as_they_are():
    parts = [Goal("a", target=60, weight=60), Goal("b", target=40, weight=40)]
    tree = GoalTree([Goal("p", period=YEAR, weights_add_up_to=100, children=parts)])
    after = later(tree, {"a": 60, "b": 20})
    assert (after["p"].weights_add_up_to, after["b"].weight) == (None, 40)
    assert later(tree, {"a": 1, "b": 1})["p"].weights_add_up_to == 100


def test_what_was_reached_and_goes_on_keeps_its_baseline():
    tree = GoalTree([Goal("a", period=YEAR, baseline=10, target=60), Goal("z", target=0, zero_span="reached")])
    assert numbers(later(tree, {"a": 100, "z": 1}, keep=["a", "z"])) == {"a": (10, 60), "z": (0, 0)}
    assert numbers(later(tree, {"a": 5})) == {"a": (5, 60), "z": (0, 0)}


def test_the_factors_of_a_product_go_on_together():
    parts = [Goal("a", baseline=10, target=20), Goal("b", baseline=10, target=50)]
    tree = GoalTree([Goal("p", period=YEAR, baseline=100, target=1_000, roll_up="product", children=parts)])
    after = later(tree, {"a": 25, "b": 20})
    assert numbers(after) == {"p": (500, 1250), "a": (25, 25), "b": (20, 50)}
    assert after.reconcile() == ()
    assert after.roll_up({"a": 25, "b": 50})["p"].progress == 1


def test_a_held_sum_goes_on_with_the_limits_of_its_parts():
    parts = [Goal("a", direction="at_most", target=6, threshold=8), Goal("b", direction="at_most", target=4)]
    tree = GoalTree([Goal("p", period=YEAR, direction="at_most", target=10, roll_up="sum", children=parts)])
    assert numbers(later(tree, {"a": 7, "b": 3})) == {"p": (0, 6), "a": (0, 6)}


def test_the_direction_of_a_sum_follows_its_parts():
    parts = [Goal("a", baseline=0, target=60), Goal("b", baseline=50, target=10), Goal("c", baseline=40, target=0)]
    tree = GoalTree(
        [Goal("p", period=YEAR, direction="decrease", baseline=90, target=70, roll_up="sum", children=parts)]
    )
    assert later(tree, {"a": 10, "b": 10, "c": 0})["p"].direction == "increase"
    even = GoalTree([Goal("p", period=YEAR, baseline=90, target=70, roll_up="sum", children=parts)])
    assert later(even, {"a": 20, "b": 50, "c": 0})["p"].zero_span == "reached"


def test_check_ins_say_where_goals_stand_at_the_close():
    tree = GoalTree([Goal("a", period=YEAR, target=60, changes=Change(MAY, target=200))])
    report = tree.roll_up([CheckIn("a", date(2026, 3, 1), 50), CheckIn("a", date(2026, 8, 1), 100)], as_of=YEAR.end)
    assert numbers(tree.carry_over(report, NEXT)) == {"a": (100, 200)}


# On a day.


def test_weights_that_add_up_once_all_are_there_are_lawful_before():
    parts = [Goal("a", target=1, weight=60), Goal("b", target=1, weight=40, joined=SEPTEMBER)]
    tree = GoalTree([Goal("p", period=YEAR, weights_add_up_to=100, children=parts)])
    assert tree.at(date(2026, 1, 5))["p"].weights_add_up_to is None
    assert tree.at(SEPTEMBER)["p"].weights_add_up_to == 100


def test_nobody_takes_the_share_of_a_goal_that_has_left():
    parts = [Goal("a", target=10, contributes={"q": 0.5}, supports=["q", "b"]), Goal("b", target=10)]
    tree = GoalTree([Goal("p", period=YEAR, children=parts), Goal("q", period=YEAR, target=1, left=MARCH)])
    then = tree.at(MAY)
    assert (then["a"].contributes, then["a"].share, then["a"].supports) == ((), Fraction(1, 2), ("b",))
    actuals = {"a": 10, "b": 0}
    (_, stretch) = tree.roll_up(actuals).slices[-1]
    assert then.roll_up(actuals)["p"].progress == stretch["p"].progress == 0.333333


def test_who_drove_only_what_has_left_drives_nothing():
    parts = [Goal("a", target=10, contributes={"q": 1}), Goal("b", target=10)]
    tree = GoalTree([Goal("p", period=YEAR, children=parts), Goal("q", period=YEAR, target=1, left=MARCH)])
    then = tree.at(MAY)
    assert [goal.id for goal in then.roots] == ["p", "a"]
    assert then["a"].period == YEAR
    assert then.roll_up({"a": 10, "b": 0})["p"].progress == 0


def test_who_is_under_nobody_drives_nothing_as_in_a_roll_up():
    team = Goal("t", left=MARCH, children=[Goal("a", target=10)])
    tree = GoalTree([Goal("p", period=YEAR, children=[team, Goal("b", target=10)])])
    then = tree.at(MAY)
    assert [(goal.id, goal.period) for goal in then.roots] == [("p", YEAR), ("a", YEAR)]
    assert then.roll_up({"a": 10, "b": 0})["p"].progress == 0


def test_a_goal_does_not_move_under_what_it_contributes_to():
    goal = Goal("a", target=1, contributes=Contribution("q", 0.5), changes=Change(MAY, under="q"))
    with pytest.raises(GoalTreeError, match="'a' moves under 'q', to which it contributes already; take that out"):
        GoalTree([goal, Goal("q", target=1)])
