"""Whether parts make the whole: of sums and products, day by day, as a roll-up has it."""

from datetime import date, timedelta
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from perfkit import Change, Contribution, Goal, GoalTree, GoalTreeError, Period, Shortfall

YEAR = Period.year(2026)
MAY, JULY = date(2026, 5, 1), date(2026, 7, 1)


def summed(*parts, **options):
    return GoalTree([Goal("p", period=YEAR, target=100, roll_up="sum", children=parts, **options)])


def test_a_joiner_leaves_a_sum_short_until_then():
    (short,) = summed(Goal("a", target=60), Goal("b", target=40, joined=JULY)).reconcile()
    assert short == Shortfall("p", Fraction(100), Fraction(60), until=date(2026, 6, 30))
    assert short.missing == 40


def test_a_target_that_changes_with_its_parts_is_never_short():
    parts = [Goal("a", target=60), Goal("b", target=40, joined=JULY)]
    goal = Goal("p", period=YEAR, target=60, roll_up="sum", children=parts, changes=Change(JULY, target=100))
    assert GoalTree([goal]).reconcile() == ()


def test_a_part_that_changes_is_told_with_the_day():
    tree = summed(Goal("a", target=60, changes=Change(MAY, target=10)), Goal("b", target=40, left=date(2026, 6, 30)))
    assert [(one.parts, one.since, one.until) for one in tree.reconcile()] == [
        (50, MAY, date(2026, 6, 30)),
        (10, JULY, None),
    ]
    assert [one.parts for one in tree.at(date(2026, 6, 1)).reconcile()] == [50]


def test_days_outside_the_period_do_not_matter():
    assert (
        summed(Goal("a", target=100, joined=date(2025, 5, 1), changes=Change(date(2027, 1, 1), target=5))).reconcile()
        == ()
    )


def test_a_shortfall_that_lasts_is_told_once():
    tree = summed(Goal("a", target=60, changes=[Change(MAY, owner="ben"), Change(JULY, owner="eve")]))
    (short,) = tree.reconcile()
    assert (short.parts, short.since, short.until) == (60, None, None)


def test_parts_that_start_elsewhere_are_told():
    (short,) = summed(Goal("a", target=60), Goal("b", target=40), baseline=10).reconcile()
    assert short == Shortfall("p", Fraction(10), Fraction(0), "baseline")
    assert short.missing == 10


def test_a_product_is_reconciled_too():
    parts = [Goal("a", baseline=10, target=20), Goal("b", baseline=10, target=20)]
    (short,) = GoalTree([Goal("p", baseline=100, target=1_000, roll_up="product", children=parts)]).reconcile()
    assert (short.parts, short.missing) == (400, 600)


def test_a_sum_whose_part_brings_everything_elsewhere_gets_nothing():
    tree = GoalTree([
        Goal("top", target=100, roll_up="sum", children=[Goal("a", target=100, contributes={"q": 1})]),
        Goal("q", target=100, roll_up="sum"),
    ])  # fmt: skip
    assert [(one.id, one.missing) for one in tree.reconcile()] == [("top", 100)]


def test_what_is_to_go_down_is_short_where_its_parts_stay_above():
    parts = [Goal("a", baseline=40, target=25), Goal("b", baseline=40, target=20)]
    (short,) = GoalTree([Goal("p", baseline=80, target=40, roll_up="sum", children=parts)]).reconcile()
    assert (short.missing, short.lower_is_better) == (5, True)
    held = [Goal("a", direction="at_most", target=6, threshold=7), Goal("b", direction="at_most", target=5)]
    tree = GoalTree([Goal("p", direction="at_most", target=10, threshold=12, roll_up="sum", children=held)])
    assert [(one.missing, one.measure) for one in tree.reconcile()] == [(1, "target")]


def test_who_moves_in_brings_their_target():
    mover = Goal("k", target=40, changes=Change(JULY, under="p"))
    other = Goal("o", period=YEAR, children=[mover, Goal("x", target=1)])
    tree = GoalTree([Goal("p", period=YEAR, target=100, roll_up="sum", children=[Goal("a", target=60)]), other])
    assert [(one.parts, one.until) for one in tree.reconcile()] == [(60, date(2026, 6, 30))]


def test_parts_of_a_table_are_read_exactly():
    tree = GoalTree.from_columns(
        id=["p", "a", "b", "c"], parent=[None, "p", "p", "p"], target=[0.3, 0.1, 0.1, 0.1], roll_up=["sum"] + [None] * 3
    )
    assert tree.reconcile() == ()
    tree = GoalTree.from_columns(
        id=["p", "a", "b"],
        parent=[None, "p", "p"],
        target=[1, Fraction(1, 3), Fraction(2, 3)],
        share=[None, 1, 1],
        roll_up=["sum", None, None],
    )
    assert tree.reconcile() == ()


@settings(deadline=None, max_examples=60)
@given(
    targets=st.lists(st.integers(1, 50), min_size=1, max_size=4),
    joins=st.lists(st.integers(0, 364), min_size=4, max_size=4),
    odd=st.integers(0, 1),
)
def test_nothing_is_short_exactly_if_reaching_every_part_reaches_the_whole(targets, joins, odd):
    days = [None if day < 180 else YEAR.start + timedelta(days=day) for day in joins]
    parts = [
        Goal(f"g{i}", target=target, joined=day) for i, (target, day) in enumerate(zip(targets, days, strict=False))
    ]
    goal = Goal("p", period=YEAR, target=sum(targets) + odd, roll_up="sum", children=parts)
    tree = GoalTree([goal])
    # Days on which no part is there are not held against the goal, as no roll-up counts them.
    reached = tree.roll_up({part.id: part.target for part in parts}, as_of=YEAR.end)["p"].progress
    assert (tree.reconcile() == ()) == (reached == 1)


# What a tree is refused for, over time.


@pytest.mark.parametrize(
    ("goals", "message"),
    [
        (
            [Goal("p", children=[Goal("a", weight=60, changes=Change(MAY, weight=150)), Goal("b", weight="auto")])],
            "from 2026-05-01 on, the fixed weights in 'p' leave nothing of 100 .* .got 150.*; lower them, or say",
        ),
        (
            [
                Goal("p", children=[Goal("a", weight=60), Goal("b", weight="auto")]),
                Goal("z", children=[Goal("c", weight=90, contributes={"p": 0.5})]),
            ],
            "^the fixed weights in 'p' leave nothing of 100 .* .got 150",
        ),
        (
            [
                Goal("p", children=[Goal("a", weight=60), Goal("b", weight="auto")]),
                Goal("z", children=[Goal("c", weight=40, changes=Change(JULY, under="p"))]),
            ],
            "from 2026-07-01 on, the fixed weights in 'p' leave nothing",
        ),
        (
            [
                Goal("e", target=10, unit="EUR", roll_up="sum", children=[Goal("x", target=10, unit="EUR")]),
                Goal("k", target=5, unit="USD", changes=Change(JULY, under="e")),
            ],
            "'e' sums up EUR, but 'k', which moves under it, is in USD",
        ),
        (
            [
                Goal("e", target=10, roll_up="product", children=[Goal("x", target=10)]),
                Goal("k", changes=Change(JULY, under="e")),
            ],
            "'e' multiplies what drives it, so 'k' needs a target",
        ),
        (
            [
                Goal("e", target=1, roll_up="ratio", children=[Goal("x", target=1, over_time="ratio")]),
                Goal("k", target=1, contributes=Contribution("e", 0.5)),
            ],
            "'e' is a ratio of sums, so 'k', which contributes to it, must be a ratio too",
        ),
        (
            [Goal("a", children=[Goal("b", target=1)], changes=Change(JULY, under="b"))],
            "from 2026-07-01 on, goals must not form a cycle .got a under b under a.; move 'a' elsewhere",
        ),
        (
            [
                Goal("a", target=1, changes=Change(MAY, under="b")),
                Goal("b", children=[Goal("c", target=1)], changes=Change(JULY, under="a")),
            ],
            "from 2026-07-01 on, goals must not form a cycle .got b under a under b",
        ),
        ([Goal("a", target=1, changes=Change(MAY, under="aa"))], "'a' moves under 'aa', which is no goal"),
    ],
)
def test_what_cannot_hold_on_a_day_is_refused_when_the_tree_is_made(goals, message):
    with pytest.raises(GoalTreeError, match=message):
        GoalTree(goals)


def test_goals_may_change_places_on_one_day():
    below = Goal("b", target=1, changes=Change(JULY, under="p"))
    tree = GoalTree([Goal("p", period=YEAR, children=[Goal("a", children=[below], changes=Change(JULY, under="b"))])])
    assert [goal.id for goal in tree.at(JULY).walk()] == ["p", "b", "a"]
    leaver = Goal("a", weight=60, left=date(2026, 4, 30), target=1)
    joiner = Goal("j", weight=39, joined=MAY, target=1)
    assert len(GoalTree([Goal("p", period=YEAR, children=[leaver, joiner, Goal("b", weight="auto", target=1)])])) == 4


def test_a_cycle_of_many_moves_is_named_in_short():
    goals = [Goal(f"g{i}", target=1, changes=Change(MAY, under=f"g{(i + 1) % 40}")) for i in range(40)]
    with pytest.raises(GoalTreeError, match=r"\.\.\. 31 more \.\.\."):
        GoalTree(goals)
