"""A goal broken down along a path of levels in one call."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from perfkit import Goal, GoalTree, GoalTreeError

TABLE = {"region": ["x", "x", "y"], "person": ["a", "b", "c"], "cap": [1, 0, 2], "o": ["z", None, float("nan")]}
PATH = ["region", "person"]


def along(goal=None, table=TABLE, path=PATH, **options):
    return GoalTree([goal or Goal("arr", target=1_000)]).decompose_along("arr", path, table, **options)


def targets(tree):
    return {goal.id.removeprefix("arr/"): goal.target for goal in tree.walk()}


def test_bounds_of_the_last_level_are_met_at_every_level():
    tree = along(Goal("arr", target=800), TABLE | {"cap": [8, 1, 1]}, by="cap", minimum=200, maximum=300)
    assert targets(tree) == {"arr": 800, "x": 600, "x/a": 300, "x/b": 300, "y": 200, "y/c": 200}
    assert all(200 <= goal.target <= 300 for goal in tree.walk() if not goal.children)
    assert tree.reconcile() == ()


def test_bounds_may_be_of_single_goals_of_any_level():
    tree = along(minimum={"arr/y": 500}, maximum={"arr/x/a": 100})
    assert targets(tree) == {"arr": 1_000, "x": 500, "x/a": 100, "x/b": 400, "y": 500, "y/c": 500}
    low = along(goal=Goal("arr", baseline=-100, target=-1_000), minimum={"arr/x/a": -200, "arr/x/b": -300})
    assert targets(low)["x"] == -500
    assert low.reconcile() == ()
    high = along(goal=Goal("arr", target=-1_000), maximum={"arr/y/c": -600})
    assert targets(high)["y"] == -600


@settings(deadline=None, max_examples=80)
@given(
    rows=st.sets(st.tuples(st.sampled_from("ab"), st.sampled_from("xyz"), st.integers(0, 3)), min_size=1, max_size=9),
    data=st.data(),
    step=st.sampled_from([None, 1, 5]),
    over=st.sampled_from([0, Fraction(1, 20), Fraction(1, 4)]),
    baseline=st.sampled_from([0, 100, 20_000]),
)
def test_bounds_that_can_be_met_are_met_and_every_level_adds_up(rows, data, step, over, baseline):
    rows = sorted(rows)
    table = {name: [row[place] for row in rows] for place, name in enumerate(("region", "team", "person"))}
    table["size"] = [data.draw(st.integers(1, 9)) for _ in rows]
    least = data.draw(st.integers(0, 8_000 // len(rows)))
    goal = Goal("arr", target=10_000)
    tree = along(goal, table, ["region", "team", "person"], by="size", step=step, minimum=least, over_assignment=over)
    people = [goal for goal in tree.walk() if not goal.children]
    assert all(goal.target >= least for goal in people)
    assert tree.reconcile() == ()
    if step:
        assert all(goal.target % step == 0 for goal in people)
    turned = along(Goal("arr", baseline=baseline, target=10_000), table, ["region", "team", "person"], by="size")
    assert turned.reconcile() == ()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            {"table": TABLE | {"region": ["x", None, float("nan")]}},
            "'region' of the path .* .got nothing in rows 1, 2.; fill",
        ),
        ({"table": TABLE | {"person": np.array(["a", " ", "b"])}}, "'person' of the path .* .got nothing in row 1."),
        ({"table": TABLE | {"region": ["x"] * 3, "person": ["a", "b", "a"]}}, "got x/a twice, rows 0, 2"),
        ({"path": "region"}, "path must be the columns of the levels"),
        ({"path": ["regoin"]}, "no column 'regoin'.*did you mean 'region'"),
        ({"table": TABLE | {"person": ["a"]}}, "must be of one length"),
        ({"maximum": 300}, "maximums of 'arr' add up to 900, less than there is to share out"),
        (
            {"minimum": {"arr/z": 3}},
            "minimum names 'arr/z', which is no goal of the path.*; give ids such as 'arr/y/c'",
        ),
        (
            {"minimum": {"arr/x/a": 300, "arr/x/b": 300}, "maximum": {"arr/x": 500}},
            "minimum of 'arr/x' must not be above",
        ),
        ({"by": "cap", "table": TABLE | {"cap": [0, 0, 0]}}, "the shares of 'arr' must be positive"),
    ],
)
def test_what_cannot_be_broken_down_says_why(options, message):
    with pytest.raises(GoalTreeError, match=message):
        along(**options)


def test_who_has_no_capacity_has_nothing_to_reach_at_any_level():
    tree = along(by="cap", owner="o", over_assignment=0.1, table=TABLE | {"cap": [0, 0, 2]})
    assert targets(tree) == {"arr": 1_000, "x": 0, "x/a": 0, "x/b": 0, "y": 1_100, "y/c": 1_210}
    assert [goal.owner for goal in tree.walk() if not goal.children] == ["z", "", ""]
    assert tree.reconcile() == ()


def test_whole_numbers_name_goals_as_they_do_elsewhere():
    tree = along(table={"region": np.array([1.0, 1.0, 2.0]), "person": [7, 8, 9]})
    assert list(targets(tree)) == ["arr", "1", "1/7", "1/8", "2", "2/9"]


def test_a_ratio_goes_to_everybody_as_it_is():
    tree = along(Goal("arr", target=0.1, over_time="ratio"))
    assert set(targets(tree).values()) == {Fraction(1, 10)}
    assert tree["arr/x"].roll_up == "ratio"
    with pytest.raises(GoalTreeError, match="each of its parts is to reach the same"):
        along(Goal("arr", target=0.1, over_time="ratio"), by="cap")
