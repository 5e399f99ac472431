"""Trees that are edited, nested deeply, or wrong in many places."""

import pickle
from datetime import UTC, date, datetime
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from perfkit import Change, DataError, Goal, GoalTree, GoalTreeError, Period

YEAR = Period.year(2026)
DEEP = 3_000


def chain(length):
    ids = [f"g{place}" for place in range(length)]
    return GoalTree.from_columns(id=ids, parent=[None, *ids[:-1]], target=np.full(length, 10.0))


def nested(tree):
    """The same tree made of nested goals alone, with nothing kept from before."""
    return GoalTree(tree.roots)


edits = st.lists(
    st.tuples(st.sampled_from(["add", "replace", "decompose"]), st.integers(0, 30), st.sampled_from(["", "EUR"])),
    max_size=6,
)


@settings(deadline=None, max_examples=60)
@given(edits=edits, table=st.booleans())
def test_an_edited_tree_is_the_tree_of_its_goals(edits, table):
    if table:
        tree = GoalTree.from_columns(
            id=["c", "a", "b"], parent=["a", None, "a"], target=[3, 9, Fraction(1, 3)], owner=["ana", None, "eve"],
            period=[None, YEAR, YEAR], unit=["EUR", None, None],
        )  # fmt: skip
    else:
        tree = GoalTree([Goal("a", target=9, period=YEAR, children=[Goal("b", target=1), Goal("c", target=3)])])
    for number, (what, place, unit) in enumerate(edits):
        id = tree.ids[place % len(tree)]
        parts = [Goal(f"n{number}.{i}", target=5, owner="new", unit=unit, period=Period.year(2020 + i)) for i in (1, 2)]
        goal = Goal(id if what == "replace" else f"n{number}", title="T", unit=unit, target=7, children=parts)
        before = len(tree)
        line = tree.line_of_sight(id)[what == "replace" :]
        if what != "decompose" and line and line[0].roll_up == "sum" and line[0].unit != unit:
            continue
        if what == "add":
            tree = tree.add(goal, under=None if place > 25 else id)
            assert len(tree) == before + 3
        elif what == "replace":
            tree = tree.replace(goal)
            assert tree[id] == goal
        elif not tree[id].children:
            tree = tree.decompose(id, [f"n{number}.x", f"n{number}.y"])
            assert len(tree) == before + 2
    again = nested(tree)
    assert again == tree
    assert hash(again) == hash(tree)
    assert sorted(again.ids) == sorted(tree.ids)
    for place, id in enumerate(tree.ids):
        assert tree[id] == again[id]
        assert tree.period_of(id) == again.period_of(id)
        assert tree.columns.text("owner", place) == again[id].owner
        assert tree.columns.unit_names[tree.columns.units[place]] == again[id].unit
        assert [goal.id for goal in tree.line_of_sight(id)] == [goal.id for goal in again.line_of_sight(id)]
    leaves = {goal.id: 2 for goal in again.walk() if not goal.children}
    mine, theirs = tree.roll_up(leaves), again.roll_up(leaves)
    assert {id: mine[id].progress for id in mine} == {id: theirs[id].progress for id in theirs}
    assert set(tree.reconcile()) == set(again.reconcile())


def test_the_goal_above_is_asked_again():
    tree = GoalTree([Goal("a", target=9, unit="EUR", roll_up="sum", children=[Goal("b", target=9, unit="EUR")])])
    with pytest.raises(GoalTreeError, match="'a' sums up EUR, but 'c' is in a plain number"):
        tree.add(Goal("c", target=1), under="a")
    with pytest.raises(GoalTreeError, match="'a' sums up EUR, but 'b' is in USD"):
        tree.replace(Goal("b", target=1, unit="USD"))
    with pytest.raises(GoalTreeError, match="'b' twice"):
        tree.add(Goal("b", target=1, unit="EUR"), under="a")


def test_ties_across_the_tree_are_checked_again():
    parts = [Goal("b", target=1, contributes={"c": 0.5}), Goal("c", target=1), Goal("d", target=1, supports=["e"])]
    tree = GoalTree([Goal("a", children=parts), Goal("e", target=1)])
    with pytest.raises(GoalTreeError, match="'b' contributes to 'c', which is no goal"):
        tree.replace(Goal("a", children=parts[:1]))
    with pytest.raises(GoalTreeError, match="from 2026-07-01 on, goals must not form a cycle"):
        tree.replace(Goal("c", target=1, children=[Goal("f", changes=Change(date(2026, 7, 1), under="b"))])).replace(
            Goal("b", target=1, changes=Change(date(2026, 7, 1), under="f"), contributes=())
        )
    assert tree.add(Goal("f", target=1), under="d").roll_up({"f": 1})["d"].progress == 1


def test_depth_is_no_limit():
    tree = chain(DEEP)
    last = f"g{DEEP - 1}"
    other = tree.add(Goal("new", target=4), under=last).decompose("new", ["x", "y"])
    assert [goal.id for goal in other.line_of_sight("x")][:3] == ["x", "new", last]
    assert len(list(other["g0"].walk())) == DEEP + 3
    again = nested(other)
    assert again == other
    assert hash(again) == hash(other)
    assert other != tree
    assert again.add(Goal("z", target=1), under="x").replace(Goal("x", target=2)) == other
    assert nested(tree).at(date(2026, 1, 1)) == tree
    goal = Goal("leaf", target=1)
    for place in range(DEEP):
        goal = Goal(f"n{place}", children=[goal])
    assert len(GoalTree([goal])) == DEEP + 1
    assert goal != Goal("n", children=goal.children)
    assert goal != "n"


def test_an_id_that_is_a_number_is_found_by_it():
    tree = GoalTree.from_columns(id=[1, 2], parent=[None, 1], target=[5, 5])
    assert tree[2] == tree["2"] == tree[np.int64(2)]
    assert [goal.id for goal in tree.line_of_sight(2)] == ["2", "1"]
    assert 2 in tree
    assert 3 not in tree
    with pytest.raises(GoalTreeError, match="no goal is called 3"):
        tree[3]
    with pytest.raises(GoalTreeError, match="no goal is called True"):
        tree[True]


# Bad input, with the first places and how many.


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"id": list("abcd"), "parent": [None, "x", "a", "a"]}, "'b' is under 'x', .*; 1 of 4 goals, row 1$"),
        ({"id": list("abcd"), "parent": [None, "x", "y", "a"]}, "2 of 4 goals, rows 1, 2$"),
        ({"id": list("abacb"), "parent": [None] * 5}, "got 'a' twice, rows 0, 2; 'b' twice, rows 1, 4; 2 in all"),
        ({"id": ["a"], "parent": [None], "start": [YEAR.start]}, r"no 'start'; give period=, a Period\(start, end\)"),
        ({"id": list("abcdef"), "parent": [*list("bcaed"), None]}, "a under b under c under a; 5 goals are in cycles"),
        ({"id": list("abc"), "parent": ["b", "a", "b"]}, "got a under b under a.; put one of them elsewhere"),
    ],
)
def test_bad_columns_say_where_and_how_many(columns, message):
    with pytest.raises(GoalTreeError, match=message):
        GoalTree.from_columns(**columns)


def test_every_family_that_does_not_fit_is_counted():
    n = 20
    with pytest.raises(
        GoalTreeError, match=r"'g0' sums up EUR, .*; so do 19 more goals: 'g2', 'g4', 'g6', 'g8', \.\.\."
    ) as e:
        GoalTree.from_columns(
            id=[f"g{i}" for i in range(2 * n)],
            parent=[f"g{i - 1}" if i % 2 else None for i in range(2 * n)],
            target=[1.0] * 2 * n,
            unit=["USD" if i % 2 else "EUR" for i in range(2 * n)],
            roll_up=[None if i % 2 else "sum" for i in range(2 * n)],
        )
    assert len(e.value.problems) == n
    assert pickle.loads(pickle.dumps(e.value)).args == e.value.args


@pytest.mark.parametrize(
    "make",
    [
        lambda: Goal("a", target=1, unit="EUR", roll_up="sum", children=[Goal("b", target=1)]),
        lambda: Goal("a", weights_add_up_to=100, children=[Goal("b", weight=1)]),
        lambda: Period(date(2026, 2, 1), date(2026, 1, 1)),
    ],
)
def test_goals_that_do_not_fit_together_are_an_error_of_the_tree(make):
    with pytest.raises(GoalTreeError):
        make()


def test_a_long_cycle_is_found_and_shown_in_short():
    n = 20_000
    with pytest.raises(GoalTreeError, match=r"0 under 19999 under .* \.\.\. 19991 more \.\.\. .*; 20,000 goals in all"):
        GoalTree.from_columns(id=np.arange(n), parent=np.roll(np.arange(n), 1))
    below = [str(i - 1) for i in range(n)]
    with pytest.raises(GoalTreeError, match=r"got 0 under 1 under 0.; put"):
        GoalTree.from_columns(id=[str(i) for i in range(n)], parent=["1", *below[1:]])


def test_the_day_lies_within_the_periods_that_there_are():
    tree = GoalTree([Goal("p", target=1, period=YEAR), Goal("q", target=1, period=Period.year(2027))])
    report = tree.roll_up({"p": 1}, as_of=date(2026, 6, 1))
    assert (report["p"].health, report["q"].health) == ("achieved", "not_started")
    assert tree.roll_up({"p": 1}, as_of=date(2027, 6, 1))["q"].expected > 0
    with pytest.raises(DataError, match=r"within the 2 periods of the goals, 2026-01-01 to 2027-12-31 .got 2028"):
        tree.roll_up({"p": 1}, as_of=date(2028, 1, 1))
    below = GoalTree([Goal("p", children=[Goal("a", target=1, period=YEAR)])])
    with pytest.raises(DataError, match="within the period of 'a', 2026-01-01 to 2026-12-31"):
        below.roll_up({"a": 1}, as_of=date(2031, 1, 1))


def test_columns_of_moments_at_midnight_are_days():
    days = np.array(["2026-07-01", "NaT"], dtype="datetime64[ns]")
    tree = GoalTree.from_columns(id=["a", "b"], parent=[None, "a"], target=[1, 1], joined=days)
    assert (tree["a"].joined, tree["b"].joined) == (date(2026, 7, 1), None)
    with pytest.raises(GoalTreeError, match=r"without a time of day .*; give its \.date"):
        GoalTree.from_columns(id=["a"], parent=[None], joined=np.array(["2026-07-01T12:30"], dtype="datetime64[ns]"))
    with pytest.raises(Exception, match=r"start of a period must be a date .*; give its \.date"):
        Period(datetime(2026, 1, 1, tzinfo=UTC), date(2026, 1, 2))


def test_nobody_waits_for_a_hint_among_a_million_names():
    ids = [f"g{place}" for place in range(100_001)]
    with pytest.raises(GoalTreeError, match=r"'g1' is under 'g', which is no goal; 1 of 100,001 goals, row 1$"):
        GoalTree.from_columns(id=ids, parent=[None, "g", *ids[:-2]])
