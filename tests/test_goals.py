"""Goals: decomposition, trees, roll-up, and what they refuse."""

import pickle
from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest

from perfkit import DataError, DefinitionError, Goal, GoalTree, GoalTreeError, Period, Shortfall

NAN = float("nan")
YEAR = Period.year(2026)


@pytest.fixture
def tree():
    strategy = Goal(
        "arr",
        title="Double recurring revenue",
        owner="ceo",
        period=YEAR,
        unit="EUR",
        baseline=10_000_000,
        target=20_000_000,
        roll_up="sum",
    )
    strategy = strategy.decompose({"emea": 5, "amer": 3, "apac": 2}, step=1_000, owners={"emea": "ana"})
    tree = GoalTree([strategy])
    tree = tree.add(Goal("emea.logos", owner="ana", target=120, weight=60), under="emea")
    return tree.add(Goal("emea.churn", owner="ben", baseline=0.08, target=0.04, weight=40), under="emea")


def tree_of(*goals):
    return GoalTree(goals)


# Periods.


def test_a_period_has_both_of_its_ends():
    assert YEAR.days == 365
    assert Period(date(2024, 2, 29), date(2024, 2, 29)).days == 1
    assert date(2026, 1, 1) in YEAR
    assert date(2026, 12, 31) in YEAR
    assert date(2027, 1, 1) not in YEAR
    assert str(YEAR) == "2026-01-01 to 2026-12-31"
    assert Period.year(2025) < YEAR


@pytest.mark.parametrize(
    ("day", "share"),
    [
        (date(2025, 12, 31), 0),
        (date(2026, 1, 1), Fraction(1, 365)),
        (date(2026, 7, 1), Fraction(182, 365)),
        (date(2026, 12, 31), 1),
        (date(2030, 1, 1), 1),
    ],
)
def test_the_share_of_a_period_that_has_passed_counts_the_day_itself(day, share):
    assert YEAR.elapsed(day) == share


@pytest.mark.parametrize(
    ("start", "end", "message"),
    [
        (date(2026, 2, 1), date(2026, 1, 1), "must not end .2026-01-01. before it starts"),
        ("2026-01-01", date(2026, 1, 1), "start of a period must be a date"),
        (date(2026, 1, 1), None, "end of a period must be a date"),
        (date(2026, 1, 1), datetime(2026, 1, 2, tzinfo=UTC), "end of a period must be a date"),
    ],
)
def test_a_period_that_means_nothing_is_refused(start, end, message):
    with pytest.raises(DefinitionError, match=message):
        Period(start, end)


# Goals.


@pytest.mark.parametrize(
    ("goal", "actual", "progress", "attainment"),
    [
        (Goal("g", target=120), 64, Fraction(8, 15), Fraction(8, 15)),
        (Goal("g", target=20, baseline=10), 15, Fraction(1, 2), Fraction(3, 4)),
        (Goal("g", target=0.04, baseline=0.08), 0.05, Fraction(3, 4), Fraction(3, 4)),
        (Goal("g", target=0, baseline=10), 5, Fraction(1, 2), None),
        (Goal("g", target=10), -5, Fraction(-1, 2), Fraction(-1, 2)),
        (Goal("g", target=10), Decimal(15), Fraction(3, 2), Fraction(3, 2)),
        (Goal("g"), 5, None, None),
    ],
)
def test_progress_and_attainment_are_exact_and_not_clipped(goal, actual, progress, attainment):
    assert goal.progress_of(actual) == progress
    assert goal.attainment_of(actual) == attainment


def test_a_target_below_the_baseline_means_that_less_is_better():
    assert Goal("g", target=1, baseline=2).lower_is_better
    assert not Goal("g", target=2, baseline=1).lower_is_better
    assert not Goal("g").lower_is_better


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Goal(""), "id of a goal must be a text"),
        (lambda: Goal(7), "id of a goal must be a text"),
        (lambda: Goal("g", target=0), "must differ .got 0 for both.; give the baseline"),
        (lambda: Goal("g", target=5, baseline=5), "must differ"),
        (lambda: Goal("g", target=NAN), "must be a finite number"),
        (lambda: Goal("g", target="much"), "must be a number"),
        (lambda: Goal("g", weight=0), "weight of 'g' must be positive"),
        (lambda: Goal("g", weight=-1), "weight of 'g' must be positive"),
        (lambda: Goal("g", weight=NAN), "must be a finite number"),
        (lambda: Goal("g", roll_up="average"), "roll_up of 'g' must be one of weighted_mean, mean, sum"),
        (lambda: Goal("g", children=["a"]), "children of 'g' must be goals"),
        (lambda: Goal("g", roll_up="sum", children=[Goal("a", target=1)]), "needs a target of its own"),
        (lambda: Goal("g", target=1, roll_up="sum", children=[Goal("a")]), "so 'a' needs a target"),
        (
            lambda: Goal("g", target=1, unit="EUR", roll_up="sum", children=[Goal("a", target=1)]),
            "sums up EUR, but 'a' is in a plain number; roll it up by weighted mean",
        ),
    ],
)
def test_a_goal_that_means_nothing_is_refused_with_its_cure(make, message):
    with pytest.raises(DefinitionError, match=message) as caught:
        make()
    assert pickle.loads(pickle.dumps(caught.value)).args == caught.value.args


def test_the_kind_of_thing_that_a_goal_has_for_a_period_is_checked():
    with pytest.raises(DefinitionError, match="period"):
        Goal("g", target=1, period="2026")


# Decomposition.


def test_decomposition_adds_up_in_whole_steps(tree):
    parts = {part.id: part for part in tree["arr"].children}
    assert {name: int(part.target) for name, part in parts.items()} == {
        "emea": 10_000_000,
        "amer": 6_000_000,
        "apac": 4_000_000,
    }
    assert {name: int(part.baseline) for name, part in parts.items()} == {
        "emea": 5_000_000,
        "amer": 3_000_000,
        "apac": 2_000_000,
    }
    assert parts["emea"].owner == "ana"
    assert parts["amer"].owner == ""
    assert all(part.unit == "EUR" and part.period == YEAR for part in parts.values())
    assert tree.reconcile() == ()


@pytest.mark.parametrize(
    ("target", "shares", "step", "expected"),
    [
        (10, {"a": 1, "b": 1, "c": 1}, 1, [4, 3, 3]),
        (10, {"c": 1, "b": 1, "a": 1}, 1, [3, 3, 4]),
        (10, {"a": 1, "b": 1, "c": 1}, None, [Fraction(10, 3)] * 3),
        (1, {"a": 2, "b": 1}, 0.1, [Fraction(7, 10), Fraction(3, 10)]),
        (-9, {"a": 2, "b": 1}, 1, [-6, -3]),
        (20_000_000, {"emea": 2, "amer": 1}, 1_000, [13_333_000, 6_667_000]),
    ],
)
def test_what_is_left_over_goes_to_the_largest_remainders_ties_by_id(target, shares, step, expected):
    goal = Goal("g", target=target).decompose(shares, step=step)
    assert [part.target for part in goal.children] == expected
    assert sum(part.target for part in goal.children) == target
    assert goal.roll_up == "sum"


@pytest.mark.parametrize(
    ("goal", "shares", "step", "message"),
    [
        (Goal("g"), {"a": 1}, None, "has no target to break down"),
        (Goal("g", target=5).decompose({"a": 1}), {"b": 1}, None, "broken down already, into 1 goals"),
        (Goal("g", target=5), {}, None, "shares of 'g' must be positive"),
        (Goal("g", target=5), {"a": -1, "b": 2}, None, "shares of 'g' must be positive"),
        (Goal("g", target=5), {"a": NAN}, None, "the share of 'a' must be a finite number"),
        (Goal("g", target=5), {"a": 1}, 2, "whole number of steps .got 5 in steps of 2."),
        (Goal("g", target=5), {"a": 1}, 0, "whole number of steps"),
        (Goal("g", target=5), {"a": 1}, -1, "whole number of steps"),
        (Goal("g", target=5), {"a": 1}, NAN, "step must be a finite number"),
    ],
)
def test_a_goal_that_cannot_be_broken_down_is_refused(goal, shares, step, message):
    with pytest.raises(DefinitionError, match=message):
        goal.decompose(shares, step=step)


def test_a_step_too_large_for_a_small_share_is_refused_as_such():
    with pytest.raises(DefinitionError, match="step"):
        Goal("g", target=10).decompose({"a": 1_000, "b": 1}, step=5)


def test_a_step_so_large_that_it_turns_a_part_round_is_refused():
    goal = Goal("g", target=12, baseline=10)
    with pytest.raises(DefinitionError, match="step"):
        goal.decompose({"a": 1, "b": 1}, step=12)


def test_an_owner_for_no_part_is_refused():
    with pytest.raises(DefinitionError, match=r"'emeaa'.*did you mean 'emea'"):
        Goal("g", target=10).decompose({"emea": 1, "amer": 1}, owners={"emeaa": "ana"})


# Trees.


def test_a_tree_finds_its_goals(tree):
    assert [goal.id for goal in tree.walk()] == ["arr", "emea", "emea.logos", "emea.churn", "amer", "apac"]
    assert len(tree) == 6
    assert "emea" in tree
    assert "else" not in tree
    assert tree["amer"].target == 6_000_000
    assert [goal.id for goal in tree.owned_by("ana")] == ["emea", "emea.logos"]
    assert tree.owned_by("nobody") == ()
    assert [goal.id for goal in tree.line_of_sight("emea.logos")] == ["emea.logos", "emea", "arr"]
    assert tree.period_of("emea.logos") == YEAR
    assert tree_of(Goal("a", target=1)).period_of("a") is None
    assert repr(tree) == "<GoalTree of 6 goals: arr>"


@pytest.mark.parametrize(
    "look", [lambda t: t["emae"], lambda t: t.line_of_sight("emae"), lambda t: t.add(Goal("x"), under="emae")]
)
def test_an_unknown_goal_is_refused_with_a_suggestion(tree, look):
    with pytest.raises(GoalTreeError, match=r"no goal is called 'emae'.*did you mean 'emea'"):
        look(tree)


def test_adding_a_goal_makes_another_tree(tree):
    other = tree.add(Goal("people", target=1))
    assert [root.id for root in other.roots] == ["arr", "people"]
    assert len(tree) == 6


def test_an_id_used_twice_is_refused(tree):
    with pytest.raises(GoalTreeError, match="'emea' twice") as caught:
        tree.add(Goal("emea", target=1))
    assert caught.value.path == "emea"
    assert isinstance(caught.value, DefinitionError)


@pytest.mark.parametrize("goals", [["arr"], [None], [{"id": "a"}]])
def test_a_tree_holds_goals_only(goals):
    with pytest.raises(GoalTreeError, match="must hold goals"):
        GoalTree(goals)


def test_a_tree_from_columns_is_the_tree_of_its_rows(tree):
    goals = list(tree.walk())
    above = {child.id: goal.id for goal in goals for child in goal.children}
    order = [3, 0, 5, 2, 1, 4]
    rows = [goals[place] for place in order]
    other = GoalTree.from_columns(
        id=[goal.id for goal in rows],
        parent=[above.get(goal.id) for goal in rows],
        title=[goal.title or None for goal in rows],
        owner=[goal.owner for goal in rows],
        period=[goal.period for goal in rows],
        unit=[goal.unit for goal in rows],
        baseline=[goal.baseline for goal in rows],
        target=[goal.target for goal in rows],
        weight=[goal.weight for goal in rows],
        roll_up=[goal.roll_up for goal in rows],
    )
    assert {goal.id for goal in other.walk()} == {goal.id for goal in goals}
    assert other["emea.churn"] == tree["emea.churn"]
    assert [goal.id for goal in other["emea"].children] == ["emea.churn", "emea.logos"]


def test_numpy_columns_make_a_tree():
    tree = GoalTree.from_columns(
        id=np.array(["a", "b"]), parent=np.array(["", "a"]), target=np.array([5, 2]), weight=np.array([1.5, 2.5])
    )
    assert tree["b"].weight == Fraction(5, 2)


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"id": ["a"], "parent": [None, None]}, "one length"),
        ({"id": ["a"], "parent": [None], "target": [1, 2]}, "one length"),
        ({"id": ["a", "b", "a"], "parent": [None] * 3}, "'a' twice"),
        ({"id": ["alpha", "b"], "parent": [None, "alhpa"]}, "under 'alhpa', which is no goal.*did you mean 'alpha'"),
        ({"id": ["a", "b", "c"], "parent": ["b", "c", "a"]}, "cycle .got a under b under c under a"),
        ({"id": ["a", "b"], "parent": [None, "b"]}, "cycle .got b under b"),
        ({"id": ["a", "b"], "parent": [None, "a"], "wieght": [1, 2]}, "'wieght'.*did you mean 'weight'"),
        (
            {"id": ["a", "b"], "parent": [None, "a"], "target": [1, float("inf")]},
            "1 of 2 rows make no goal: row 1.*finite",
        ),
    ],
)
def test_columns_that_make_no_tree_are_refused(columns, message):
    with pytest.raises(DefinitionError, match=message):
        GoalTree.from_columns(**columns)


def test_reconcile_names_the_goals_that_their_parts_do_not_reach():
    goal = Goal("g", target=10, roll_up="sum", children=[Goal("a", target=4), Goal("b", target=5)])
    (shortfall,) = tree_of(goal, Goal("h", children=[Goal("c", target=1)])).reconcile()
    assert shortfall == Shortfall("g", Fraction(10), Fraction(9))
    assert shortfall.missing == 1


# Roll-up.


def test_a_tree_is_rolled_up_from_what_was_observed(tree):
    report = tree.roll_up(
        {"emea.logos": 64, "emea.churn": 0.05, "amer": 4_100_000, "apac": 3_000_000}, as_of=date(2026, 7, 1)
    )
    assert report["emea.logos"].progress == 0.533333
    assert report["emea.churn"].progress == 0.75
    assert report["emea.churn"].attainment == 0.75
    assert report["emea"].progress == 0.62
    assert report["emea"].value == pytest.approx(8_100_000)
    assert report["arr"].value == pytest.approx(15_200_000)
    assert report["arr"].progress == 0.52
    assert report["arr"].attainment == 0.76
    assert report["arr"].expected == 0.49863
    assert report["arr"].pace == 1.042857
    assert all(report[id].coverage == 1 for id in report)
    for id in report:
        report.explain(id).check()


def test_a_goal_that_was_observed_itself_stands_for_its_parts(tree):
    report = tree.roll_up({"emea.logos": 0, "emea": 10_000_000, "amer": 6_000_000, "apac": 4_000_000})
    assert report["emea"].progress == report["arr"].progress == 1.0
    assert report["arr"].coverage == 1
    assert report["emea.churn"].progress is None
    assert report.explain("emea").code == "goal_observed"


@pytest.mark.parametrize(("missing", "progress", "coverage"), [("redistribute", 0.5, 0.25), ("zero", 0.125, 0.25)])
def test_a_goal_that_was_not_observed_follows_the_rule(missing, progress, coverage):
    goal = Goal("g", children=[Goal("a", target=10, weight=1), Goal("b", target=10, weight=3)])
    report = tree_of(goal).roll_up({"a": 5, "b": None}, missing=missing)
    assert (report["g"].progress, report["g"].coverage) == (progress, coverage)
    assert report["b"].progress == (None if missing == "redistribute" else 0)
    for id in report:
        report.explain(id).check()
    assert report.explain("b").code == ("goal_unknown" if missing == "redistribute" else "goal_zero")


def test_a_sum_of_which_a_part_was_not_observed_keeps_its_pace():
    goal = Goal("g", target=20, baseline=10).decompose({"a": 3, "b": 1})
    report = tree_of(goal).roll_up({"a": 15 * 3 / 4})
    assert report["g"].progress == 0.5
    assert report["g"].coverage == 0.75
    report.explain("g").check()
    report = tree_of(goal).roll_up({"a": 15 * 3 / 4}, missing="zero")
    assert report["g"].progress == 0.375
    assert report["g"].value == 13.75


def test_a_part_at_its_own_baseline_makes_no_progress_for_its_sum_either():
    goal = Goal(
        "g",
        baseline=10,
        target=20,
        roll_up="sum",
        children=[Goal("a", baseline=10, target=12), Goal("b", baseline=0, target=8)],
    )
    assert tree_of(goal).roll_up({"a": 10})["g"].progress == 0


def test_a_sum_within_a_sum_passes_on_what_it_redistributed():
    inner = Goal("m", target=10).decompose({"a": 1, "b": 1})
    outer = Goal("g", target=20, roll_up="sum", children=[inner, Goal("c", target=10)])
    report = tree_of(outer).roll_up({"a": 5, "c": 10})
    assert report["m"].progress == 1
    assert report["g"].progress == 1
    rounding = [part.value for part in report.explain("g").parts if part.code == "published"]
    assert all(abs(residue) <= Fraction(1, 10**6) for residue in rounding)


def test_nothing_observed_is_nothing_known(tree):
    report = tree.roll_up({})
    for id in report:
        status = report[id]
        assert (status.value, status.progress, status.attainment, status.pace) == (None, None, None, None)
        assert status.coverage == 0
        assert report.explain(id).value is None


def test_before_the_first_day_of_a_part_there_is_no_pace():
    later = Period(date(2026, 7, 1), date(2026, 12, 31))
    goal = Goal("g", period=YEAR, children=[Goal("a", target=10, period=later)])
    report = tree_of(goal).roll_up({"a": 5}, as_of=date(2026, 3, 1))
    assert report["a"].expected == 0
    assert report["a"].pace is None
    assert report["g"].expected == 0.164384
    assert tree_of(Goal("a", target=1)).roll_up({"a": 1}, as_of=date(2026, 3, 1))["a"].expected is None
    assert tree_of(goal).roll_up({"a": 5})["g"].expected is None


@pytest.mark.parametrize(
    ("actuals", "options", "message"),
    [
        ({"emae": 1}, {}, "no goal is called 'emae'.*did you mean 'emea'"),
        ({"amer": "4 m"}, {}, "must hold numbers .got '4 m'"),
        ({"amer": float("inf")}, {}, "must be finite"),
        ({"amer": [1, 2]}, {}, "'amer' has no milestones"),
        ({}, {"missing": "skip"}, "missing must be redistribute, even, zero, carry or refuse"),
        (
            {"amer": 1},
            {"missing": "refuse"},
            "3 goals were not observed: 'emea.logos', 'emea.churn', 'apac'; observe what is missing, or",
        ),
        ({"amer": 1}, {"as_of": date(2027, 1, 1)}, "as_of must be within the period of 'arr'"),
        ({"amer": 1}, {"as_of": datetime(2026, 7, 1, tzinfo=UTC)}, "as_of must be a date"),
        ({"amer": 1}, {"as_of": "2026-07-01"}, "as_of must be a date"),
    ],
)
def test_observations_that_cannot_be_rolled_up_are_refused(tree, actuals, options, message):
    with pytest.raises(DataError, match=message) as caught:
        tree.roll_up(actuals, **options)
    assert pickle.loads(pickle.dumps(caught.value)).args == caught.value.args


def test_an_observed_goal_without_a_target_is_refused():
    with pytest.raises(DataError, match="'g' was observed but has no target") as caught:
        tree_of(Goal("g", children=[Goal("a", target=1)])).roll_up({"g": 1})
    assert caught.value.column == "g"


def test_every_goal_is_observed_where_a_missing_one_is_refused(tree):
    actuals = {"emea.logos": 1, "emea.churn": 1, "amer": 1, "apac": 1}
    assert tree.roll_up(actuals, missing="refuse")["arr"].coverage == 1
    assert tree.roll_up({"emea": 1, "amer": 1, "apac": 1}, missing="redistribute")["arr"].coverage == 1


@pytest.mark.parametrize("actual", [64, 64.0, np.int64(64), np.float32(64), Decimal(64), Fraction(64)])
def test_any_number_is_an_observation(actual):
    assert tree_of(Goal("g", target=120)).roll_up({"g": actual})["g"].progress == 0.533333


@pytest.mark.parametrize("gap", [None, NAN, Decimal("NaN")])
def test_a_gap_is_no_observation(gap):
    assert tree_of(Goal("g", target=120)).roll_up({"g": gap})["g"].progress is None


def test_a_report_is_a_mapping_of_every_goal(tree):
    report = tree.roll_up({"amer": 1})
    assert len(report) == 6
    assert list(report) == [goal.id for goal in tree.walk()]
    assert repr(report) == "<GoalReport of 6 goals>"
    assert "else" not in report
    with pytest.raises(KeyError):
        report["else"]
    with pytest.raises(KeyError):
        report.explain("else")


def test_actuals_changed_later_change_no_report():
    actuals = {"g": 60}
    report = tree_of(Goal("g", target=120)).roll_up(actuals)
    actuals["g"] = 120
    assert report["g"].progress == 0.5


# Explanations and text.


def test_an_explanation_goes_down_to_what_was_observed(tree):
    report = tree.roll_up({"emea.logos": 64, "amer": 4_100_000, "apac": 3_000_000})
    explanation = report.explain("arr")
    explanation.check()
    assert explanation.label == "Double recurring revenue"
    assert explanation.value == report["arr"].progress
    assert explanation["emea.logos"].value == Fraction(str(0.533333))
    codes = {part.code for part in explanation.walk()}
    assert {"goal", "goal_part", "goal_missing", "goal_observed", "contribution"} <= codes
    text = str(explanation)
    assert "Double recurring revenue, sum of its parts" in text
    assert "emea.churn: missing, weight 40 goes to the other parts" in text


def test_a_report_prints_as_a_table_of_the_tree(tree):
    lines = str(tree.roll_up({"emea.logos": 64, "amer": 4_100_000, "apac": 3_000_000})).splitlines()
    assert lines[0].split() == ["goal", "owner", "baseline", "target", "value", "progress", "coverage"]
    starts = [
        "Double recurring revenue ",
        "├─ emea ",
        "│  ├─ emea.logos ",
        "│  └─ emea.churn ",
        "├─ amer ",
        "└─ apac ",
    ]
    assert [line[: len(start)] for line, start in zip(lines[1:], starts, strict=True)] == starts
    assert "10,000,000 EUR" in lines[1]
    assert lines[4].split()[-2:] == ["-", "0%"]
    assert (
        len(str(tree_of(Goal("a", target=1), Goal("b", children=[Goal("c", target=1)])).roll_up({})).splitlines()) == 4
    )
