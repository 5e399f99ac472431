"""Goals broken down: stretched, in steps, by whatever gives items, and what is not shared out."""

from datetime import date
from fractions import Fraction

import numpy as np
import pytest

from perfkit import Contribution, Curve, DefinitionError, Goal, GoalTree, Period, PhasedPlan

YEAR = Period.year(2026)


class Items:
    """What gives items by name without being a mapping, as a pandas Series does."""

    def __init__(self, **items):
        self._items = items

    def items(self):
        return self._items.items()

    def __len__(self):
        return len(self._items)


def targets(goal):
    return [part.target for part in goal.children]


@pytest.mark.parametrize(
    ("baseline", "target", "extra", "step", "expected"),
    [
        (80, 40, 0.1, None, [18, 18]),
        (10, 20, 0.1, None, [Fraction(21, 2)] * 2),
        (0, 1_000, 0.05, 100, [600, 500]),
        (0, 1_050, 0.05, 100, [600, 600]),
        (100, 40, 0.1, 10, [20, 10]),
        (0, -100, 0.1, 20, [-60, -60]),
    ],
)
def test_over_assignment_goes_further_from_the_baseline_in_whole_steps(baseline, target, extra, step, expected):
    goal = Goal("g", baseline=baseline, target=target).decompose(["a", "b"], over_assignment=extra, step=step)
    assert targets(goal) == expected
    assert sum(expected) == target + goal.over_assignment * (target - baseline)
    assert GoalTree([goal]).reconcile() == ()


@pytest.mark.parametrize(
    ("goal", "options", "message"),
    [
        (Goal("g", target=10), {"over_assignment": -0.1}, "over_assignment must not be negative .got -0.1"),
        (
            Goal("g", target=0, zero_span="reached"),
            {"over_assignment": 0.1},
            "equals the baseline .0. cannot be over-assigned; leave over_assignment out",
        ),
        (Goal("g", target=10), {"over_assignment": 0.1, "step": 0}, "whole number of steps"),
    ],
)
def test_an_over_assignment_that_means_nothing_is_refused(goal, options, message):
    with pytest.raises(DefinitionError, match=message):
        goal.decompose(["a", "b"], **options)


def test_who_has_no_capacity_has_nothing_to_reach():
    goal = Goal("g", target=100).decompose({"a": 3, "b": 0, "c": 1})
    assert targets(goal) == [75, 0, 25]
    assert goal.children[1].zero_span == "reached"
    assert GoalTree([goal]).roll_up({"a": 75, "c": 25})["g"].progress == 1
    assert GoalTree([goal]).roll_up({"b": 0})["b"].progress == 1
    assert targets(Goal("g", target=100).decompose({"a": 3, "b": 0, "c": 1}, minimum=10)) == [67.5, 10, 22.5]
    assert targets(Goal("g", target=0, zero_span="reached").decompose({"a": 3, "b": 1})) == [0, 0]


@pytest.mark.parametrize("shares", [{"a": 0, "b": 0}, {"a": -1, "b": 2}, {}, []])
def test_shares_of_nothing_at_all_are_refused(shares):
    with pytest.raises(DefinitionError, match="shares of 'g' must be positive, or 0 for some"):
        Goal("g", target=5).decompose(shares)


@pytest.mark.parametrize(
    "parts",
    [Items(a=3, b=1), {"a": np.int64(3), "b": np.float64(1)}],
)
def test_whatever_gives_items_is_a_mapping(parts):
    goal = Goal("g", target=100).decompose(
        parts, owners=Items(a="ana"), minimum=Items(b=30), maximum=Items(a=70), drivers={"days": Items(a=1, b=1)}
    )
    assert targets(goal) == [70, 30]
    assert goal.children[0].owner == "ana"


@pytest.mark.parametrize("parts", [["a", "b"], ("a", "b"), np.array(["a", "b"]), iter(["a", "b"])])
def test_any_list_of_names_makes_equal_parts(parts):
    goal = Goal("g", target=100).decompose(parts)
    assert targets(goal) == [50, 50]
    assert [type(part.id) for part in goal.children] == [str, str]


@pytest.mark.parametrize("parts", [3, "ab", b"ab", [1, 2], None])
def test_parts_that_are_no_names_are_refused_with_an_example(parts):
    with pytest.raises(DefinitionError, match=r"a mapping from name to share, or a list of names, such as \{'north'"):
        Goal("g", target=100).decompose(parts)


def test_names_that_read_alike_are_one_name():
    with pytest.raises(DefinitionError, match="named once each"):
        Goal("g", target=100).decompose({1: 2, "1": 3})


@pytest.mark.parametrize("direction", ["reach", "at_least", "at_most", "maintain", "binary"])
def test_what_parts_do_not_add_up_to_says_how_to_break_it_down(direction):
    with pytest.raises(DefinitionError, match=r"has a target to .*; give it children= instead"):
        Goal("g", target=10, direction=direction).decompose(["a", "b"])


def test_the_parts_of_a_ratio_are_to_reach_the_same():
    goal = Goal("g", baseline=0.05, target=0.1, over_time="ratio").decompose(["a", "b"], owners={"a": "ana"})
    assert goal.roll_up == "ratio"
    assert [(part.target, part.baseline, part.over_time) for part in goal.children] == [
        (Fraction(1, 10), Fraction(1, 20), "ratio")
    ] * 2
    quarters = Goal("g", period=YEAR, target=0.1, over_time="ratio").phase(YEAR.quarters())
    assert targets(quarters) == [Fraction(1, 10)] * 4


@pytest.mark.parametrize(
    ("parts", "options", "culprit"),
    [({"a": 1, "b": 2}, {}, "shares"), (["a"], {"step": 1}, "step="), (["a"], {"over_assignment": 1}, "over_a")],
)
def test_a_ratio_is_not_shared_out(parts, options, culprit):
    with pytest.raises(DefinitionError, match=f"each of its parts is to reach the same.*without {culprit}"):
        Goal("g", target=0.1, over_time="ratio").decompose(parts, **options)


def test_parts_are_due_when_the_goal_is():
    late = Curve.through((0, 0), (0.5, 0.2), (1, 1))
    tree = GoalTree([Goal("g", period=YEAR, target=100, pacing=late).decompose({"a": 3, "b": 1})])
    report = tree.roll_up({"a": 1, "b": 1}, as_of=date(2026, 7, 1))
    assert report["a"].expected == report["b"].expected == report["g"].expected != 0.49863
    assert all(part.pacing is None for part in Goal("g", target=4, pacing=late).phase(YEAR.quarters()).children)


@pytest.mark.parametrize("windowed", [False, True])
def test_parts_have_their_part_of_a_plan(windowed):
    half = date(2026, 6, 30)
    plan = PhasedPlan({half: 10 if windowed else 30, YEAR.end: 80}, windowed=windowed)
    goal = Goal("g", period=YEAR, baseline=20, target=100 if not windowed else 110, plan=plan)
    broken = goal.decompose({"a": 3, "b": 1})
    for part in broken.children:
        mine = part.plan.expected(half, start=YEAR.start, baseline=part.baseline)
        theirs = goal.plan.expected(half, start=YEAR.start, baseline=goal.baseline)
        assert part.progress_of(mine) == goal.progress_of(theirs)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Goal("g", target=4).phase([]), "must be in order and not overlap"),
        (lambda: Goal("g", target=4).phase(YEAR.quarters(), names=["a"]), "names must be one for each of the 4"),
        (lambda: Goal("g", target=4).phase(YEAR.quarters(), phasing=[1]), "one share for each period .got 1 for 4"),
        (
            lambda: Goal("g", target=4).phase(YEAR.quarters(), phasing=Curve.through((0, 0), (0.9, 0), (1, 1))),
            "phasing must rise in every period",
        ),
        (lambda: Goal("g", target=4).decompose(["a"], minimum={"b": 1}), "minimum names 'b', which is no part"),
        (lambda: Goal("g", target=4).decompose(["a"], drivers={"d": {"b": 1}}), "driver 'd' must have a number for"),
        (lambda: Contribution("g", 0), "must be above 0 and at most 1 .got 0"),
        (lambda: Contribution("g", 1, weight=0), "weight in 'g' must be positive"),
        (
            lambda: Goal("g", children=[Goal("a", weight=100), Goal("b", weight="auto")]),
            "the fixed weights in 'g' leave nothing of 100",
        ),
    ],
)
def test_what_makes_no_parts_says_what_would(make, message):
    with pytest.raises(DefinitionError, match=message):
        make()


def test_a_goal_says_what_it_is_but_not_all_below_it():
    goal = Goal("g", target=Fraction(1, 2), children=[Goal("a", owner="ana")])
    assert repr(goal) == "Goal('g', target=0.5, children=1 goals)"
