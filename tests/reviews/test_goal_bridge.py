"""The bridge of a goal's progress, by the levels of its tree."""

from datetime import date
from fractions import Fraction

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
    Milestone,
    Override,
    Period,
    Ratio,
    bridge,
)

F = Fraction
YEAR = Period.year(2026)


def tree(*, emea=50, amer_weight=3, apac=True, **options):
    """A goal of three parts, the first of them with parts of its own."""
    new, old = Goal("emea.new", target=30, weight=2), Goal("emea.old", target=20, weight=1)
    parts = [
        Goal("emea", target=emea, weight=5, children=[new, old]),
        Goal("amer", target=30, weight=amer_weight),
    ]
    if apac:
        parts.append(Goal("apac", target=20, weight=2))
    return GoalTree([Goal("arr", title="Revenue", period=YEAR, children=parts, **options)])


SEEN = {"emea.new": 10, "emea.old": 10, "amer": 12, "apac": 3}


def lines(change):
    """Kind and label of the lines that bring something, after a look at their sum."""
    assert sum(line.amount for line in change.lines) == change.change
    return [(line.kind, line.label) for line in change.lines if line.amount]


@pytest.mark.parametrize(
    ("level", "labels"),
    [(0, ["arr"]), (1, ["emea", "amer"]), (2, ["emea.new", "emea.old", "amer"])],
)
def test_what_was_seen_by_level(level, labels):
    before = tree().roll_up(SEEN)
    after = tree().roll_up({**SEEN, "emea.new": 20, "emea.old": 5, "amer": 20})
    change = bridge(before["arr"], after["arr"], level=level)
    assert lines(change) == [("value", label) for label in labels]
    assert (change.of, change.label) == ("progress", "Revenue")


def test_a_branch_by_itself():
    before, after = tree().roll_up(SEEN), tree().roll_up({**SEEN, "emea.new": 20, "amer": 1})
    assert lines(bridge(before["emea"], after["emea"])) == [("value", "emea.new")]


@pytest.mark.parametrize(
    ("after", "seen", "expected"),
    [
        (tree(amer_weight=9), SEEN, [("weight", "arr")]),
        (tree(apac=False), SEEN | {"apac": None}, [("membership", "apac")]),
        (tree(), {**SEEN, "apac": None}, [("missing", "apac")]),
        (tree(roll_up="minimum"), SEEN, [("plan", "arr")]),
    ],
)
def test_definitions(after, seen, expected):
    known = {id: value for id, value in seen.items() if id in after}
    change = bridge(tree().roll_up(SEEN)["arr"], after.roll_up(known)["arr"])
    assert lines(change) == expected


def test_a_target():
    seen = {"emea": 25, "amer": 12, "apac": 3}
    change = bridge(tree().roll_up(seen)["arr"], tree(emea=100).roll_up(seen)["arr"])
    assert lines(change) == [("target", "emea")]


def test_a_goal_that_moved_is_another_structure():
    moved = tree(apac=False).add(Goal("apac", target=20, weight=2), under="emea")
    change = bridge(tree().roll_up(SEEN)["arr"], moved.roll_up({**SEEN, "amer": 24})["arr"])
    assert lines(change) == [("value", "amer"), ("plan", "definition")]


def test_the_rules():
    missing = {**SEEN, "apac": None}
    before = tree().roll_up(missing)
    after = tree().roll_up(missing, rules=GoalRules(missing="zero"))
    assert lines(bridge(before["arr"], after["arr"])) == [("plan", "rules")]


def test_what_was_put_in_by_hand():
    before = tree().roll_up(SEEN)
    by_hand = Override("amer", progress=0.9, reason="late invoices", by="mira")
    after = tree().roll_up({**SEEN, "emea.new": 20}, overrides=by_hand)
    assert lines(bridge(before["arr"], after["arr"])) == [("value", "emea"), ("value", "amer")]


def test_parts_that_came_and_went_while_others_moved():
    before = tree().roll_up(SEEN)
    wider = tree(apac=False).add(Goal("mea", target=10, weight=1), under="arr")
    after = wider.roll_up({"emea.new": 20, "emea.old": 10, "amer": 12, "mea": 5})
    change = bridge(before["arr"], after["arr"])
    assert lines(change) == [("value", "emea"), ("membership", "mea"), ("membership", "apac")]


def test_what_was_seen_of_other_parts_is_told_as_a_whole():
    old = GoalTree([Goal("all", children=[Goal("a", target=10), Goal("c", target=10)])])
    new = GoalTree([Goal("all", children=[Goal("b", target=10), Goal("c", target=10)])])
    change = bridge(old.roll_up({"c": 5})["all"], new.roll_up({"b": 1})["all"])
    assert [(line.kind, line.label, line.amount) for line in change.lines] == [("plan", "everything", F(-2, 5))]


def test_ratios_and_milestones():
    parts = [
        Goal("share", target=0.5),
        Goal("launch", direction="milestones", milestones=[Milestone("built"), Milestone("sold")]),
    ]
    some = GoalTree([Goal("all", children=parts)])
    before = some.roll_up({"share": Ratio(1, 10), "launch": []})
    after = some.roll_up({"share": Ratio(3, 10), "launch": ["built"]})
    change = bridge(before["all"], after["all"])
    assert lines(change) == [("value", "share"), ("value", "launch")]
    assert [line.amount for line in change.lines] == [F(1, 5), F(1, 4)]


def test_check_ins_over_time():
    seen = CheckIns([CheckIn("amer", date(2026, 3, 1), 6), CheckIn("amer", date(2026, 6, 1), 15)])
    before, after = (tree().roll_up(seen, as_of=day) for day in (date(2026, 4, 1), date(2026, 7, 1)))
    change = bridge(before["arr"], after["arr"], names=("spring", "summer"))
    assert (change.before, change.after, lines(change)) == (F(1, 5), F(1, 2), [("value", "amer")])


def test_changes_over_time():
    changing = [
        Goal("a", target=10, changes=[Change(date(2026, 7, 1), weight=3)]),
        Goal("b", target=10),
    ]
    some = GoalTree([Goal("all", period=YEAR, children=changing)])
    before, after = (some.roll_up({"a": 10, "b": 0}, as_of=day) for day in (date(2026, 6, 30), date(2026, 12, 31)))
    assert lines(bridge(before["all"], after["all"])) == [("plan", "time")]


def test_many_factors_take_two_ways():
    parts = [Goal(f"g{place}", target=10) for place in range(12)]
    some = GoalTree([Goal("all", children=parts)])
    before, after = (some.roll_up({f"g{place}": seen for place in range(12)}) for seen in (2, 4))
    change = bridge(before["all"], after["all"])
    assert (change.method, len(change.lines)) == ("two_way", 12)
    assert bridge(before["all"], after["all"], method="joint").lines[-1].kind == "joint"


def test_mixtures_without_progress_are_put_together():
    some = GoalTree([Goal("all", children=[Goal("a", target=10), Goal("b", target=10)])])
    # Without either, as in half of the mixtures, there is no progress.
    change = bridge(some.roll_up({"a": 5})["all"], some.roll_up({"b": 10})["all"])
    assert lines(change) == [("value", "all")]


def test_a_branch_that_stands_on_goals_elsewhere():
    helper = Goal("help", target=10, contributes=[Contribution("emea", 0.5)])
    parts = [Goal("emea", children=[Goal("own", target=10)]), Goal("other", children=[helper])]
    report = GoalTree([Goal("all", children=parts)]).roll_up({"own": 2, "help": 9})
    with pytest.raises(DataError, match="stands on more than its own branch"):
        bridge(report["emea"], report["emea"])


def test_what_was_carried_from_an_earlier_report():
    first = tree().roll_up(SEEN)
    carried = tree().roll_up({**SEEN, "amer": None}, missing="carry", previous=first)
    with pytest.raises(DataError, match="a value carried from an earlier report"):
        bridge(first["arr"], carried["arr"])


def test_what_no_bridge_of_goals_is_made_of():
    report = tree().roll_up(SEEN)
    with pytest.raises(DefinitionError, match="both sides must be statuses of a goal"):
        bridge(report["arr"], 5)
    with pytest.raises(DefinitionError, match="must be the same goal"):
        bridge(report["arr"], report["emea"])
    with pytest.raises(DefinitionError, match="level must be 0 for the goal itself"):
        bridge(report["arr"], report["arr"], level=-1)
    with pytest.raises(DataError, match="has no progress; observe something first"):
        bridge(tree().roll_up({})["arr"], report["arr"])
