"""Goals as people see them: tables that line up, and a notebook view that folds."""

from datetime import date
from html.parser import HTMLParser

import numpy as np
import pytest

from perfkit import (
    Change,
    Goal,
    GoalRules,
    GoalTree,
    GoalTreeError,
    HealthBands,
    Milestone,
    Override,
    Period,
    PhasedPlan,
)

YEAR = Period.year(2026)


class Balanced(HTMLParser):
    """Counts that every tag is closed in its turn."""

    def __init__(self):
        super().__init__()
        self.open, self.seen = [], []

    def handle_starttag(self, tag, attrs):
        self.seen.append(tag)
        if tag != "br":
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def parsed(html):
    parser = Balanced()
    parser.feed(html)
    parser.close()
    assert parser.open == []
    return parser.seen


@pytest.fixture
def tree():
    return GoalTree(
        [
            Goal(
                "top",
                title="Win <b>&</b> keep customers",
                owner="ceo",
                period=YEAR,
                children=[
                    Goal("logos", owner="ana", target=120, weight=60, contributors=["eve"]),
                    Goal("safety", owner="ben", direction="at_most", target=0, threshold=2, weight="auto"),
                    Goal("stock", direction="maintain", band=(40, 60), limits=(30, 70), weight="auto"),
                    Goal("audit", direction="binary", weight="auto"),
                    Goal("launch", direction="milestones", milestones=["a", "b"], weight="auto"),
                ],
            )
        ]
    )


def test_a_tree_prints_what_is_to_be_reached(tree):
    assert str(tree).splitlines() == [
        "goal                         owner  baseline        target  weight  roll-up",
        "Win <b>&</b> keep customers  ceo                                 1  weighted mean",
        "├─ logos                     ana           0           120      60",
        "├─ safety                    ben                 at most 0    auto",
        "├─ stock                                          40 to 60    auto",
        "├─ audit                                              done    auto",
        "└─ launch                                     2 milestones    auto",
    ]


def test_a_report_on_a_day_prints_what_was_expected_and_health(tree):
    report = tree.roll_up({"logos": 40, "safety": 3}, as_of=date(2026, 7, 1))
    lines = str(report).splitlines()
    assert lines[0].split() == [
        "goal",
        "owner",
        "baseline",
        "target",
        "value",
        "progress",
        "expected",
        "health",
        "coverage",
    ]
    assert "▼ off track" in lines[2]
    assert "◌ pending" in lines[4]
    assert len({len(line.rstrip()) for line in lines}) == 1


def test_a_table_stops_at_a_depth_and_at_a_number_of_rows(tree):
    assert [line.split("  ")[0] for line in tree.text(depth=1).splitlines()] == [
        "goal",
        "Win <b>&</b> keep customers ... 5 more",
    ]
    assert tree.text(rows=3).splitlines()[-1] == "... 3 more goals"
    assert tree.roll_up({}).text(rows=2).splitlines()[-1] == "... 4 more goals"


def test_a_notebook_view_is_well_formed_and_escaped(tree):
    for view in (tree, tree.roll_up({"logos": 40}, as_of=date(2026, 7, 1)), tree.brief("ana")):
        html = view._repr_html_()
        assert "script" not in parsed(html)
        assert "<b>&</b>" not in html
    html = tree.roll_up({"logos": 40}, as_of=date(2026, 7, 1))._repr_html_()
    assert "Win &lt;b&gt;&amp;&lt;/b&gt; keep customers" in html
    assert "width:33%" in html
    assert "▼ off track" in html


def test_deep_branches_are_folded_and_wide_ones_counted():
    deep = Goal("leaf", target=1)
    for level in range(6):
        deep = Goal(f"level {level}", children=[deep])
    html = GoalTree([deep])._repr_html_()
    assert html.count("<details open>") == 2
    assert html.count("<details>") == 4
    wide = GoalTree([Goal("top", children=[Goal(f"g{n}", target=1) for n in range(300)])])._repr_html_()
    assert "... 100 more" in wide
    assert "201 of 301 goals shown" in wide
    parsed(wide)


@pytest.mark.parametrize("n", [5_000, 100_000])
def test_a_view_of_many_goals_stays_of_a_size(n):
    parent = np.maximum((np.arange(n) - 1) // 10, 0).astype(object)
    parent[0] = None
    tree = GoalTree.from_columns(id=np.arange(n), parent=parent, target=np.ones(n))
    html = tree.roll_up(np.full(n, 0.5))._repr_html_()
    assert len(html) < 4_000_000
    assert html.count("class='r'") <= 5_002
    parsed(html)


def by_eight(n, **options):
    parent = [None, *((place - 1) // 8 for place in range(1, n))]
    return GoalTree.from_columns(id=np.arange(n), parent=parent, target=np.full(n, 10.0), **options)


def test_rows_are_spent_level_by_level_and_each_branch_counts_the_rest():
    tree = by_eight(5_000)
    for view in (str(tree), str(tree.roll_up({}))):
        lines = view.splitlines()
        assert sum(line.startswith(("├─ ", "└─ ")) for line in lines) == 8
        assert lines[-1] == "... 4,500 more goals"
        assert sum(" ... 8 more" in line for line in lines) == 427
        # 64 goals of the third level share what is left, 6 or 7 of 8 each.
        assert sum(line.split(" ")[-1] == "more" and "─ ... " in line for line in lines) == 64
    small = tree.text(rows=4).splitlines()
    assert [line.split("  ")[0] for line in small[1:]] == [
        "0", "├─ 1 ... 8 more", "├─ 2 ... 8 more", "├─ 3 ... 8 more", "└─ ... 5 more", "... 4,996 more goals"
    ]  # fmt: skip


def test_every_top_branch_of_many_goals_is_in_the_notebook():
    html = by_eight(40_000)._repr_html_()
    assert all(f"title='{place}'" in html for place in range(585))
    assert "5,000 of 40,000 goals shown" in html
    parsed(html)


def test_what_is_not_shown_is_not_looked_at(monkeypatch):
    tree = by_eight(200_000)
    looked = []
    goal = type(tree.columns).goal
    monkeypatch.setattr(type(tree.columns), "goal", lambda self, place: looked.append(place) or goal(self, place))
    assert str(tree)
    assert len(set(looked)) == 500


def test_a_title_stays_on_its_line_wherever_it_is_shown():
    part = Goal("a", title="Win\n\tback", owner="ana", target=10)
    tree = GoalTree([Goal("top", title="All\nof it", period=YEAR, children=[part])])
    report = tree.roll_up({"a": 5}, as_of=date(2026, 7, 1))
    brief = tree.brief("ana", report).text()
    for text in (str(tree), str(report), str(report.explain("top")), brief):
        assert "Win back" in text
        assert "\t" not in text
    assert "  why         All of it (100.0% of it)" in brief.splitlines()
    assert ">Win back</p>" in tree.brief("ana")._repr_html_()
    assert "Win back" in tree._repr_html_()


def test_what_was_put_in_by_hand_is_marked_with_what_was_computed():
    tree = GoalTree([Goal("top", period=YEAR, children=[Goal("a", target=10), Goal("b", target=10)])])
    put = [Override("a", progress=0.9, by="ana", reason="late\ninvoice"), Override("b", progress=0.2)]
    report = tree.roll_up({"a": 5}, overrides=put)
    lines = str(report).splitlines()
    assert lines[0].split() == ["goal", "owner", "baseline", "target", "value", "progress", "by", "hand", "coverage"]
    assert "90.0%  in place of 50.0%" in lines[2]
    assert "20.0%  in place of nothing known" in lines[3]
    assert "in place of" not in lines[1]
    assert "by hand" not in str(tree.roll_up({"a": 5}))
    html = report._repr_html_()
    assert "title='put in by ana in place of 50.0%: late invoice'>✎ 90.0%<br><span class='d'>50.0%</span>" in html
    assert "title='put in by hand in place of nothing known'>✎ 20.0%" in html
    assert "✎" not in tree.roll_up({"a": 5})._repr_html_()


def test_contributions_are_in_sight():
    part = Goal("a", owner="ana", target=10, contributes={"other": 0.3})
    other = Goal("other", title="Other things", children=[Goal("z", target=1)])
    tree = GoalTree([Goal("top", period=YEAR, children=[part, Goal("b", target=1)]), other])
    for view in (tree, tree.roll_up({})):
        assert any(line.startswith("├─ a → other 30%") for line in str(view).splitlines())
        html = view._repr_html_()
        assert "title='a; also drives other (30%)'" in html
        assert "→ other 30%" in html
    assert "  also drives Other things (30%)" in tree.brief("ana").text().splitlines()


def test_a_chain_of_thousands_is_shown_without_recursion():
    n = 3_000
    tree = GoalTree.from_columns(id=range(n), parent=[None, *range(n - 1)], target=[1.0] * n)
    assert len(tree.text(rows=50).splitlines()) == 52
    parsed(tree._repr_html_())
    assert tree.roll_up({str(n - 1): 0.5})["0"].progress == 0.5
    assert len(tree.line_of_sight(str(n - 1))) == n


def test_health_is_told_by_shape_too(tree):
    bands = HealthBands({"fair": 0.2, "good": 0.5, "great": 0.9}, lowest="poor", on="progress", precedence=())
    shapes = []
    for actual in (0, 30, 70, 120):
        report = tree.roll_up({"logos": actual}, as_of=date(2026, 7, 1), rules=GoalRules(health=bands))
        shapes.append(str(report).splitlines()[2].split("%")[2].split()[0])
    assert shapes == ["▼", "◆", "●", "▲"]


# Briefs.


def test_a_brief_says_what_why_by_when_and_where_it_stands(tree):
    report = tree.roll_up({"logos": 40}, as_of=date(2026, 7, 1))
    assert tree.brief("ana", report).text().splitlines() == [
        "ana: 1 goal",
        "",
        "logos",
        "  what        from 0 to 120",
        "  when        2026-01-01 to 2026-12-31",
        "  why         Win <b>&</b> keep customers (60.0% of it)",
        "  2026-03-31  29.59",
        "  2026-06-30  59.51",
        "  2026-09-30  89.75",
        "  2026-12-31  120",
        "  now         40, 33.3% of the way, 49.9% expected, off track, 0.437 a day needed",
        "  with        eve",
    ]


def test_a_brief_names_planned_dates_and_milestones():
    goals = [
        Goal("plan", owner="ana", target=9, plan=PhasedPlan({date(2026, 3, 31): 4, date(2026, 6, 30): 9})),
        Goal("launch", owner="ana", direction="milestones", milestones=[Milestone("beta", due=date(2026, 5, 1))]),
        Goal("vague", owner="ana"),
    ]
    text = GoalTree(goals).brief("ana").text()
    for line in ("  2026-03-31  4", "  2026-06-30  9", "  2026-05-01  beta", "  what        what its parts come to"):
        assert line in text.splitlines()


def test_a_brief_carries_by_targets_in_a_sum_and_says_nothing_where_nothing_decides():
    year = Goal("arr", owner="ceo", period=YEAR, target=100).decompose({"emea": 3, "amer": 1}, owners={"emea": "ana"})
    assert GoalTree([year]).brief("ana").lines[0].carries == 0.75
    least = Goal("top", roll_up="minimum", children=[Goal("a", owner="ana", target=1), Goal("b", target=1)])
    assert GoalTree([least]).brief("ana").lines[0].carries is None


def test_a_brief_carries_by_heads_and_says_what_was_not_seen():
    parts = [Goal("a", owner="ana", target=1, weight=9), Goal("b", target=1)]
    tree = GoalTree([Goal("top", period=YEAR, roll_up="mean", children=parts)])
    lines = tree.brief("ana", tree.roll_up({})).text().splitlines()
    assert "  why         top (50.0% of it)" in lines
    assert "  now         not observed yet" in lines


def test_a_brief_of_nobody_is_refused(tree):
    with pytest.raises(GoalTreeError, match=r"'anna' owns no goal.*did you mean 'ana'"):
        tree.brief("anna")


def test_a_brief_follows_owners_over_time():
    goal = Goal("a", owner="ana", period=YEAR, target=1, changes=Change(date(2026, 7, 1), owner="ben"))
    tree = GoalTree([goal])
    assert tree.brief("ana", as_of=date(2026, 6, 30)).owner == "ana"
    assert tree.brief("ben", as_of=date(2026, 7, 1)).lines[0].goal.id == "a"
    report = tree.roll_up({"a": 1}, as_of=date(2026, 7, 1))
    assert tree.brief("ben", report).lines[0].goal.id == "a"


def test_a_brief_tells_the_targets_and_the_goal_above_of_the_day():
    july = date(2026, 7, 1)
    moves = Change(july, under="amer", target=200)
    regions = [
        Goal("emea", title="Europe", children=[Goal("a", owner="ana", target=100, changes=moves), Goal("e", target=1)]),
        Goal("amer", title="America", roll_up="sum", target=800,
             children=[Goal("m", owner="mia", target=600, changes=Change(july, owner="max"))]),
    ]  # fmt: skip
    tree = GoalTree([Goal("top", title="Revenue", period=YEAR, children=regions)])
    before, after = (tree.brief("ana", as_of=day).text() for day in (date(2026, 6, 30), july))
    assert "  why         Europe > Revenue (25.0% of it)" in before.splitlines()
    assert "  what        from 0 to 100" in before.splitlines()
    # 200 of 800 in America, which is half of the revenue.
    assert "  why         America > Revenue (12.5% of it)" in after.splitlines()
    assert "  what        from 0 to 200" in after.splitlines()
    assert "  2026-12-31  200" in after.splitlines()
    assert [goal.id for goal in tree.line_of_sight("a")] == ["a", "emea", "top"]
    assert [goal.id for goal in tree.line_of_sight("a", as_of=july)] == ["a", "amer", "top"]
    assert tree.line_of_sight("a", as_of=july)[0].target == 200
    tops = GoalTree([Goal("x", owner="ana", period=YEAR, target=1, children=[
        Goal("y", owner="ben", target=1, changes=Change(july, owner="eve"))])])  # fmt: skip
    assert "  with        eve" in tops.brief("ana", as_of=july).text().splitlines()


def test_a_goal_that_counts_elsewhere_serves_what_it_drives():
    away = Goal("a", owner="ana", target=1, contributes={"b": 0.4, "c": 0.6})
    tops = [Goal("top", period=YEAR, children=[away, Goal("z", target=1)])]
    tops += [Goal(id, title=id.upper(), period=YEAR, children=[Goal(f"{id}1", target=1)]) for id in "bc"]
    tree = GoalTree(tops)
    assert [goal.id for goal in tree.line_of_sight("a")] == ["a", "c"]
    lines = tree.brief("ana").text().splitlines()
    assert "  why         C (37.5% of it)" in lines
    assert "  also drives B (40%)" in lines
    kept = Goal("a", owner="ana", target=1, contributes={"b": 0.9})
    stays = GoalTree([Goal("top", children=[kept]), Goal("b", children=[Goal("b1", target=1)])])
    assert [goal.id for goal in stays.line_of_sight("a")] == ["a", "top"]
    alone = GoalTree([kept, Goal("b", children=[Goal("b1", target=1)])])
    assert [goal.id for goal in alone.line_of_sight("a")] == ["a", "b"]


def test_a_level_is_due_from_the_first_day_and_not_by_quarters():
    tree = GoalTree([Goal("csat", owner="ana", period=YEAR, target=50, over_time="mean")])
    assert tree.brief("ana").lines[0].expected == ()


def test_small_targets_are_shown_as_they_are():
    part = Goal("churn", owner="ana", baseline=0.085, target=0.045)
    tree = GoalTree([Goal("top", period=YEAR, children=[part])])
    report = tree.roll_up({"churn": 0.0715}, as_of=date(2026, 7, 1))
    assert str(report).splitlines()[2].split()[2:6] == ["ana", "0.085", "0.045", "0.0715"]
    told = tree.brief("ana", report).text()
    assert "from 0.085 to 0.045" in told
    assert "0.0715, 33.8% of the way" in told
    assert "-0.000145 a day needed" in told
