"""What is odd about a tree of goals, found before the year begins."""

from datetime import date
from fractions import Fraction

import numpy as np
import pytest

from perfkit import Change, DataError, Finding, Goal, GoalTree, Period


def goal(id, **options):
    return Goal(id, target=10, owner="ana", **options)


def codes(tree, **options):
    return [finding.code for finding in tree.lint(**options)]


def test_a_sound_tree_has_no_findings():
    tree = GoalTree([Goal("top", owner="ceo", children=[goal("a"), goal("b"), goal("c")])])
    assert len(tree.lint(owners=["ana", "ceo"])) == 0
    assert str(tree.lint()) == ""
    assert "nothing was found" in tree.lint()._repr_html_()


def test_a_strategy_without_an_owner_is_found():
    tree = GoalTree([Goal("top", children=[goal("a")])])
    (finding,) = tree.lint()
    assert (finding.code, finding.goal) == ("strategy_without_owner", "top")
    assert str(finding) == "nobody owns 'top', which stands at the top: name an owner"


def test_a_strategy_that_nobody_carries_is_found():
    nobody = Goal("top", owner="ceo", children=[Goal("a", children=[Goal("b", target=1)])])
    assert codes(GoalTree([nobody])) == ["strategy_not_carried"]
    carried = Goal("top", owner="ceo", children=[Goal("a", children=[goal("b")])])
    assert codes(GoalTree([carried])) == []


def test_a_goal_that_serves_no_other_is_an_orphan():
    top = Goal("top", owner="ceo", children=[goal("a")])
    assert codes(GoalTree([top, goal("b")])) == ["orphan"]
    assert codes(GoalTree([goal("b")])) == []
    assert codes(GoalTree([top, goal("b", supports="a")])) == []
    assert codes(GoalTree([top, goal("b", contributes={"top": 1})])) == []


def test_a_goal_that_nobody_can_measure_is_found():
    unclear = [Goal("better", owner="ana"), Goal("heading", owner="ana", roll_up="none")]
    tree = GoalTree([Goal("top", owner="ceo", children=[*unclear, Goal("done", owner="ana", direction="binary")])])
    assert [finding.goal for finding in tree.lint().of("unmeasurable")] == ["better"]


def test_one_goal_that_decides_and_one_that_moves_nothing_are_found():
    parts = [goal("a", weight=90), goal("b", weight=8), goal("c", weight=2)]
    tree = GoalTree([Goal("top", owner="ceo", children=parts)])
    assert [(finding.code, finding.goal) for finding in tree.lint()] == [("concentration", "a"), ("tiny_weight", "c")]
    assert str(tree.lint()[0]) == "'a' alone stands for 90% of 'top', with 2 beside it: break it down"
    assert codes(tree, largest_weight=0.95, least_weight=0.01) == []
    # Equal weights are nobody's mistake.
    assert codes(GoalTree([Goal("top", owner="ceo", children=[goal(f"g{n}") for n in range(30)])])) == [
        "too_many_goals"
    ]


def test_of_two_goals_one_decides_alone_where_the_other_moves_nothing():
    def two(*weights, **options):
        parts = [goal(f"g{n}", weight=weight) for n, weight in enumerate(weights)]
        return codes(GoalTree([Goal("top", owner="ceo", children=parts)]), **options)

    # Of two goals one always has half or more.
    assert two(90, 10) == two(95, 5) == []
    assert two(99, 1) == ["concentration", "tiny_weight"]
    assert two(90, 10, least_weight=0.2) == ["concentration", "tiny_weight"]
    tree = GoalTree([Goal("top", owner="ceo", children=[goal("a", weight=99), goal("b", weight=1)])])
    assert str(tree.lint()[0]) == "'a' alone stands for 99% of 'top', with 1 beside it: break it down"


def test_half_of_the_weight_does_not_decide_alone():
    def three(*weights):
        parts = [goal(f"g{n}", weight=weight) for n, weight in enumerate(weights)]
        return codes(GoalTree([Goal("top", owner="ceo", children=parts)]))

    assert three(0.5, 0.3, 0.2) == three(50, 30, 20) == []
    assert three(50.1, 29.9, 20) == ["concentration"]
    # A share that is 0.05 but for the last bits of a sum is not below it.
    assert three(0.1 + 0.2 + 0.15, 0.5, 0.05) == []


def test_a_sum_stands_and_falls_with_its_largest_target():
    def total(*targets):
        parts = [Goal(f"g{n}", owner="ana", target=target) for n, target in enumerate(targets)]
        return GoalTree([Goal("top", owner="ceo", target=sum(targets), roll_up="sum", children=parts)])

    (finding,) = total(98, 1, 1).lint()
    assert (finding.code, dict(finding.params)["share"]) == ("concentration", Fraction("0.98"))
    assert codes(total(50, 30, 20)) == codes(total(90, 10)) == codes(total(1)) == []
    assert codes(total(99, 1)) == ["concentration"]
    # Not the weight that a sum does not read.
    parts = [Goal("a", owner="ana", target=98, contributes={"other": 0.99}), *total(1, 1).roots[0].children]
    other = Goal("other", owner="ceo", children=[Goal("z", owner="ana", target=1)])
    assert "concentration" not in codes(
        GoalTree([Goal("top", owner="ceo", target=100, roll_up="sum", children=parts), other])
    )


def test_weights_near_a_hundred_are_meant_to_be_percents():
    def top(*weights, **options):
        parts = [goal(f"g{n}", weight=weight) for n, weight in enumerate(weights)]
        return GoalTree([Goal("top", owner="ceo", children=parts, **options)])

    (finding,) = top(45, 30, 20).lint()
    assert str(finding) == "the weights in 'top' add up to 95, not 100: change one, or make one automatic"
    for weights in ((50, 30, 20), (3, 2, 1), (1, 1, 1), (33.3, 33.3, 33.4)):
        assert codes(top(*weights)) == []
    assert codes(top(*[1] * 90), most_goals=100) == []
    assert codes(top(45, 30, 20, weights_add_up_to=95)) == []


def test_fixed_weights_beside_automatic_ones_are_found_unless_their_total_is_said():
    parts = [goal("a", weight=60), goal("b", weight="auto"), goal("c", weight="auto")]
    (finding,) = GoalTree([Goal("top", owner="ceo", children=parts)]).lint().of("mixed_weights")
    assert dict(finding.params) == {"fixed": 60, "automatic": 2}
    assert codes(GoalTree([Goal("top", owner="ceo", children=parts, weights_add_up_to=100)])) == ["concentration"]
    assert codes(GoalTree([Goal("top", owner="ceo", children=parts[1:])])) == []


def test_a_change_that_breaks_a_total_is_found_with_its_day():
    may = Change(date(2026, 5, 1), weight=50)
    parts = [goal("a", weight=60, changes=may), goal("b", weight=40)]
    top = Goal("top", owner="ceo", children=parts, period=Period.year(2026))
    (finding,) = GoalTree([top]).lint()
    assert finding == Finding(
        "weights_off_later", goal="top", params={"on": date(2026, 5, 1), "total": Fraction(90), "whole": Fraction(100)}
    )
    assert str(finding).startswith("from 2026-05-01 on the weights in 'top' add up to 90, not 100")
    both = [parts[0], goal("b", weight=40, changes=Change(date(2026, 5, 1), weight=50))]
    assert codes(GoalTree([Goal("top", owner="ceo", children=both, period=Period.year(2026))])) == []


def test_a_share_that_counts_nowhere_is_found():
    tree = GoalTree([Goal("top", owner="ceo", children=[goal("a", share=0.5, contributes={"b": 0.25}), goal("b")])])
    (finding,) = tree.lint()
    assert str(finding) == "25% of 'a' counts nowhere: raise its share, or say what else it contributes to"


def test_a_measure_used_on_two_branches_is_found():
    def branch(id, measure):
        return Goal(id, owner="ana", children=[goal(f"{id}.x", measure=measure)])

    tree = GoalTree([Goal("top", owner="ceo", children=[branch("a", "csat"), branch("b", "csat"), branch("c", "nps")])])
    (finding,) = tree.lint()
    assert str(finding) == "'csat' measures 'a.x', 'b.x': let it count once, or break one goal down into the others"


def test_the_parts_of_a_sum_share_their_measure_on_purpose():
    year = Goal("arr", owner="ceo", measure="arr", target=10).decompose(["emea", "amer"], owners={"emea": "ana"})
    assert codes(GoalTree([year])) == []


def test_a_target_within_the_noise_of_its_history_is_found():
    tree = GoalTree([Goal("csat", owner="ana", target=82, baseline=80)])
    (finding,) = tree.lint(history={"csat": [78, 83, 79, 84, 77]})
    # Mean 80.2, mean moving range 5.25, limit 2.66 * 5.25.
    assert dict(finding.params) == {
        "target": 82,
        "count": 5,
        "low": Fraction("80.2") - Fraction("13.965"),
        "high": Fraction("80.2") + Fraction("13.965"),
    }
    assert codes(tree, history={"csat": [80, 80.1, 80]}) == []
    assert codes(tree, history={"csat": [80]}) == []
    with pytest.raises(DataError, match=r"no goal is called 'cast'.*did you mean 'csat'"):
        tree.lint(history={"cast": [1, 2]})


def test_goals_that_no_job_answers_for_are_found():
    tree = GoalTree([Goal("top", owner="ceo", children=[goal("a", measure="csat"), goal("b", measure="nps")])])
    jobs = {"account executive": ["csat"], "support": "uptime"}
    assert [str(finding) for finding in tree.lint(jobs=jobs)] == [
        "no job answers for 'nps', which measures 'b': give it to one, or drop the goal",
        "the job support answers for 'uptime', which measures no goal: set one, or drop the duty",
    ]
    assert codes(tree) == []


def test_a_goal_without_the_name_of_a_measure_is_in_no_job():
    parts = [
        goal("a", measure="csat"),
        goal("b"),
        Goal("done", owner="ana", direction="binary"),
        Goal("c", owner="ana"),
    ]
    tree = GoalTree([Goal("top", owner="ceo", target=9, children=parts)])
    (finding,) = tree.lint(jobs={"support": ["csat"]}).of("job_unknown")
    assert (finding.goal, dict(finding.params)["goals"]) == ("b", ("b", "done"))
    assert str(finding) == "no job can answer for 'b', 'done', measured without the name of a measure: name it"
    assert tree.lint().of("job_unknown") == ()


def test_people_with_too_many_goals_and_with_none_are_found():
    tree = GoalTree([Goal("top", owner="ceo", children=[goal(f"g{n}") for n in range(8)])])
    assert [str(finding) for finding in tree.lint(owners=["ana", "ben", "ben"])] == [
        "ana owns 8 goals, more than 7: share some, or put them together",
        "ben owns no goal: break one down to them",
    ]
    assert codes(tree, most_goals=8) == []


def test_findings_line_up_and_escape():
    tree = GoalTree([Goal("<top>", children=[goal("a")]), goal("b")])
    lines = str(tree.lint()).splitlines()
    assert len({line.index(word) for line, word in zip(lines, ("nobody", "'b' serves"), strict=True)}) == 1
    assert "&lt;top&gt;" in tree.lint()._repr_html_()


def test_a_large_tree_is_linted_by_columns():
    n = 50_000
    parent = np.maximum((np.arange(n) - 1) // 40, 0).astype(object)
    parent[0] = None
    tree = GoalTree.from_columns(id=np.arange(n), parent=parent, target=np.ones(n), owner=np.arange(n) % 9_000)
    assert {finding.code for finding in tree.lint()} == set()
