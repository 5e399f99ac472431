"""What changes from a day on is checked as it holds from then on."""

from datetime import UTC, date, datetime

import pytest

from perfkit import Change, DataError, DefinitionError, Goal, GoalTree, Period
from perfkit.explain import GERMAN

YEAR = Period.year(2026)
APRIL, MAY = date(2026, 4, 1), date(2026, 5, 1)


@pytest.mark.parametrize(
    ("options", "changes", "message"),
    [
        ({}, [Change(MAY, baseline=100)], "from 2026-05-01 on, target and baseline of 'g' must differ .got 100"),
        ({}, [Change(APRIL, target=50), Change(MAY, baseline=50)], "from 2026-05-01 on, target and baseline"),
        ({"threshold": 50}, [Change(MAY, target=40)], "must be in this order .got 0, 50, 40"),
        ({"stretch": 120}, [Change(APRIL, weight=2), Change(MAY, target=150)], "must be in this order"),
        ({"direction": "increase"}, [Change(MAY, baseline=150)], "is increase, but its target is below"),
    ],
)
def test_numbers_are_in_order_after_each_change(options, changes, message):
    with pytest.raises(DefinitionError, match=message):
        Goal("g", period=YEAR, target=100, changes=changes, **options)


def test_a_change_back_and_forth_is_lawful():
    goal = Goal("g", target=100, changes=[Change(APRIL, baseline=50, target=200), Change(MAY, target=100)])
    assert len(goal.changes) == 2
    spent = Goal("g", target=100, zero_span="reached", changes=Change(MAY, baseline=100))
    assert spent.target == 100


@pytest.mark.parametrize(
    "make",
    [
        lambda day: Change(day, weight=2),
        lambda day: Goal("g", joined=day),
        lambda day: Goal("g", left=day),
    ],
)
def test_a_time_of_day_is_refused_where_a_date_is_meant(make):
    with pytest.raises(DefinitionError, match=r"must be a date, without a time of day .*; give its \.date\(\)"):
        make(datetime(2026, 5, 1, tzinfo=UTC))
    with pytest.raises(DefinitionError, match=r"must be a date.* .got '2026-05-01'"):
        make("2026-05-01")
    make(MAY)


class TestTheirOwnTime:
    TREE = GoalTree(
        Goal(
            "team",
            period=Period.year(2026),
            children=[
                Goal("a", owner="ana", target=100, joined=date(2026, 7, 1)),
                Goal("b", owner="ben", target=100),
            ],
        )
    )

    def test_who_joins_later_is_expected_by_their_own_time(self):
        report = self.TREE.roll_up({"a": 20, "b": 50}, as_of=date(2026, 8, 1))
        mine = report["a"]
        assert mine.expected == pytest.approx(32 / 184, abs=1e-6)
        assert mine.expected_value == pytest.approx(100 * 32 / 184, abs=1e-4)
        assert mine.run_rate == pytest.approx(20 / 32)
        assert mine.forecast.value == pytest.approx(20 / 32 * 184)
        assert (mine.health, mine.required_rate) == ("ahead", 80 / 152)
        assert report["b"].expected == report["team"].expected == pytest.approx(213 / 365, abs=1e-6)

    def test_before_they_join_nothing_is_due(self):
        report = self.TREE.roll_up({"b": 50}, as_of=date(2026, 5, 1))
        assert (report["a"].expected, report["a"].health, report["a"].forecast) == (0, "not_started", None)
        assert report["a"].run_rate is None

    def test_a_brief_speaks_of_their_time(self):
        line = self.TREE.brief("ana", as_of=date(2026, 8, 1)).lines[0]
        assert line.period == Period(date(2026, 7, 1), date(2026, 12, 31))
        assert line.expected == ((date(2026, 9, 30), "50"), (date(2026, 12, 31), "100"))

    def test_a_brief_after_a_change_has_no_checkpoint_of_another_target(self):
        changes = [Change(date(2026, 7, 1), target=200), Change(date(2026, 10, 1), owner="ben")]
        tree = GoalTree(Goal("rev", owner="ana", target=100, period=Period.year(2026), changes=changes))
        early = tree.brief("ana", as_of=date(2026, 6, 30)).lines[0].expected
        assert [told for _, told in early] == ["24.66", "49.59", "74.79", "100"]
        late = tree.brief("ana", as_of=date(2026, 8, 1)).lines[0].expected
        assert late == ((date(2026, 9, 30), "149.59"), (date(2026, 12, 31), "200"))
        # A new owner is no new target.
        assert tree.brief("ben", as_of=date(2026, 11, 1)).lines[0].expected == late


def test_a_state_to_be_held_from_later_on_is_not_called_missing():
    autumn = Period(date(2026, 10, 1), date(2026, 12, 31))
    held = Goal("a", direction="maintain", band=(4, 6), target=5, period=autumn)
    tree = GoalTree(Goal("team", period=Period.year(2026), children=[held, Goal("b", target=100)]))
    explained = tree.roll_up({"b": 50}, as_of=date(2026, 8, 1)).explain("team")
    explained.check()
    assert "a: starts on 2026-10-01, till then its weight 1 goes to the other parts" in str(explained)
    assert "missing" not in str(explained)
    assert "beginnt am 01.10.2026" in explained.text(GERMAN)
    assert str(tree.roll_up({"b": 50}, as_of=date(2026, 8, 1)).explain("a")).startswith("a: starts on 2026-10-01")


def test_what_parts_are_rounded_by_is_not_called_the_rounding_of_the_whole():
    parts = [Goal("big", target=2_999_999_999), Goal("small", target=1)]
    tree = GoalTree(Goal("top", roll_up="sum", target=3, children=parts))
    explained = tree.roll_up({"big": 1_234_567_890.123, "small": 0.5}).explain("top")
    explained.check()
    assert explained.parts[-1].code == "published_parts"
    assert "rounding of the parts to the grid of 0.000001, as much as they count" in str(explained)


def test_ids_are_text():
    tree = GoalTree(Goal("top", children=[Goal("2", target=3)]))
    with pytest.raises(DataError, match=r"no goal is called 2 .ids are text: give '2'."):
        tree.roll_up({2: 3})
    with pytest.raises(KeyError, match=r"no goal is called 2 .ids are text: give '2'."):
        tree.roll_up({"2": 3})[2]
    with pytest.raises(KeyError, match=r"no goal is called 7 .ids are text."):
        tree.roll_up({"2": 3})[7]
