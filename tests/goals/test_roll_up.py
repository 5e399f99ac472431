"""Rolling up where it is easy to go wrong: directions of sums, parts that are not due, what nobody knows, and rules."""

from datetime import date
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest

from perfkit import (
    Change,
    CheckIn,
    CheckIns,
    DataError,
    Goal,
    GoalRules,
    GoalTree,
    HealthBands,
    Override,
    Period,
    Ratio,
    presets,
)

YEAR = Period.year(2026)


def of(*parts, **options):
    return GoalTree([Goal("all", children=parts, **{"period": YEAR, **options})])


# Parts that are not due yet.


def test_quarters_that_have_not_started_stand_at_their_start():
    year = Goal("arr", period=YEAR, target=1000, over_time="sum").phase(YEAR.quarters(), phasing=[1, 2, 3, 4])
    first = year.children[0].id
    status = GoalTree([year]).roll_up([CheckIn(first, date(2026, 3, 31), 100)], as_of=date(2026, 3, 31))["arr"]
    assert (status.value, status.progress, status.coverage) == (100, 0.1, 1)
    assert status.health == "on_track"


def test_a_mean_over_parts_that_have_not_started_counts_them_as_nothing_yet():
    later = Goal("b", target=10, period=Period(date(2026, 7, 1), date(2026, 12, 31)))
    report = of(Goal("a", target=10), later).roll_up({"a": 10}, as_of=date(2026, 3, 31))
    assert (report["all"].progress, report["all"].coverage) == (0.5, 1)
    assert report["b"].health == "not_started"
    assert "b: starts on 2026-07-01" in str(report.explain("all"))
    # Once it has started, it is missing.
    assert of(Goal("a", target=10), later).roll_up({"a": 10}, as_of=date(2026, 7, 1))["all"].coverage == 0.5


def test_what_was_observed_ahead_of_its_period_counts():
    later = Goal("b", target=10, period=Period(date(2026, 7, 1), date(2026, 12, 31)))
    report = of(Goal("a", target=10), later).roll_up({"a": 10, "b": 5}, as_of=date(2026, 3, 31))
    assert report["all"].progress == 0.75


def test_nothing_is_refused_before_it_can_be_observed():
    later = Goal("b", target=10, period=Period(date(2026, 7, 1), date(2026, 12, 31)))
    tree = of(Goal("a", target=10), later)
    assert tree.roll_up({"a": 10}, as_of=date(2026, 3, 31), missing="refuse")["all"].progress == 0.5
    with pytest.raises(DataError, match="1 goal was not observed: 'b'"):
        tree.roll_up({"a": 10}, as_of=date(2026, 8, 1), missing="refuse")


# Values go by the measure of the goal that they make.


def test_a_sum_is_measured_in_the_direction_of_its_goal():
    parts = [Goal("a", direction="at_most", target=6), Goal("b", direction="at_most", target=4)]
    tree = of(*parts, direction="at_most", target=10, threshold=12, roll_up="sum")
    for seen, progress in (((2, 1), 1), ((6, 5), 0.5), ((9, 3), 0)):
        report = tree.roll_up(dict(zip("ab", seen, strict=True)))
        assert report["all"].progress == progress == tree.roll_up({"all": sum(seen)})["all"].progress
        report.explain("all").check()
    assert "rounding" not in str(tree.roll_up({"a": 2, "b": 1}).explain("all"))


def test_no_accident_on_two_sites_is_no_accident():
    sites = [Goal(name, direction="at_most", target=0, threshold=2) for name in ("north", "south")]
    tree = of(*sites, direction="at_most", target=0, threshold=4, roll_up="sum")
    assert tree.roll_up({"north": 0, "south": 0})["all"].progress == 1
    one = tree.roll_up({"north": 1, "south": 0})
    assert one["all"].progress == 0.75
    one.explain("all").check()
    # A site that nobody saw is taken to be like the other.
    assert tree.roll_up({"north": 1})["all"].value == 2


def test_a_ratio_is_measured_by_its_own_goal():
    rates = [Goal(name, target=0.1, over_time="ratio") for name in "ab"]
    tree = of(*rates, direction="at_least", target=0.1, threshold=0.05, roll_up="ratio")
    report = tree.roll_up({"a": Ratio(10, 200), "b": Ratio(20, 200)})
    assert report["all"].progress == 0.5 == tree.roll_up({"all": 0.075})["all"].progress
    text = str(report.explain("all"))
    assert "numerator of all" in text
    assert "denominator of b" in text
    report.explain("all").check()


def test_a_part_that_is_all_or_nothing_brings_its_value_to_a_sum():
    tree = of(Goal("a", direction="reach", target=100), Goal("b", target=100), target=200, roll_up="sum")
    report = tree.roll_up({"a": 50, "b": 100})
    assert (report["a"].progress, report["all"].progress) == (0, 0.75)
    report.explain("all").check()


# Definitions that change.


def test_a_target_of_any_direction_is_that_of_the_day():
    change = Change(date(2026, 7, 1), target=1)
    tree = of(Goal("acc", direction="at_most", target=4, threshold=6, changes=change))
    report = tree.roll_up({"acc": 3}, as_of=date(2026, 12, 31))
    first, second = Fraction(181, 365), Fraction(184, 365)
    assert report["acc"].progress == pytest.approx(float(first + second * Fraction(3, 5)), abs=1e-6)
    assert "at most 1" in str(report.explain("acc"))
    assert tree.roll_up({"acc": 3}, as_of=date(2026, 6, 30))["acc"].progress == 1


def test_after_a_change_everything_goes_by_the_new_target():
    tree = of(Goal("a", target=100, changes=Change(date(2026, 5, 1), target=200)))
    status = tree.roll_up({"a": 150}, as_of=date(2026, 12, 30))["a"]
    assert (status.attainment, status.zone) == (0.75, "fail")
    # Left to go is to where progress over time comes to 1: 120 days by the old target, 244 so far by the new one.
    there = 364 / (120 / 100 + 244 / 200)
    assert status.required_rate == pytest.approx(there - 150, abs=0.2)
    assert status.expected_value == pytest.approx(200 * 364 / 365, abs=1e-4)
    before = tree.roll_up({"a": 150}, as_of=date(2026, 4, 30))["a"]
    assert (before.attainment, before.zone) == (1.5, "target")
    # Without a day, what holds at last.
    assert tree.roll_up({"a": 150})["a"].attainment == 0.75


# What nobody knows.


def test_all_and_any_are_decided_by_one_part_or_unknown():
    def rolled(by, a, b):
        return of(Goal("a", target=1), Goal("b", target=1), roll_up=by).roll_up({"a": a, "b": b})["all"].progress

    assert [rolled("all", *seen) for seen in ((1, 1), (1, None), (0, None), (None, None))] == [1, None, 0, None]
    assert [rolled("any", *seen) for seen in ((0, 0), (0, None), (1, None), (None, None))] == [0, None, 1, None]


def test_what_is_partly_unknown_is_not_achieved():
    tree = of(Goal("a", target=10), Goal("b", target=10))
    assert tree.roll_up({"a": 10}, as_of=date(2026, 6, 30))["all"].health == "ahead"
    assert tree.roll_up({"a": 10, "b": 10}, as_of=date(2026, 6, 30))["all"].health == "achieved"
    # Where what is missing counts as nothing, nothing is left to fail.
    assert tree.roll_up({"a": 20}, as_of=date(2026, 6, 30), missing="zero")["all"].health == "achieved"


def test_a_ratio_takes_both_parts_of_what_it_sums_up_from_whatever_is_given():
    tree = of(*(Goal(name, target=0.1, over_time="ratio") for name in "ab"), target=0.1, roll_up="ratio")
    message = r"sums up both parts of 'b' \(1 in all\).*give Ratio\(numerator, denominator\)"
    with pytest.raises(DataError, match=message):
        tree.roll_up({"a": Ratio(30, 200), "b": 0.05})
    with pytest.raises(DataError, match="both parts of 'a', 'b'"):
        tree.roll_up(np.array([np.nan, 0.1, 0.2]))
    with pytest.raises(DataError, match="'b' cannot be overridden: a ratio above sums up"):
        tree.roll_up({"a": Ratio(30, 200)}, overrides=Override("b", value=0.2))
    status = tree.roll_up({"a": Ratio(30, 200)})["all"]
    assert (status.value, status.coverage) == (0.15, 0.5)


def test_both_parts_of_a_ratio_are_carried():
    tree = of(*(Goal(name, target=0.1, over_time="ratio") for name in "ab"), target=0.1, roll_up="ratio")
    before = tree.roll_up({"a": Ratio(10, 100), "b": Ratio(2, 100)})
    after = tree.roll_up({"a": Ratio(30, 200)}, missing="carry", previous=before)
    assert after["all"].value == pytest.approx(32 / 300, abs=1e-9)


def test_the_latest_of_one_day_is_their_mean_whatever_the_order():
    a, b = Goal("a", target=10, weight=3), Goal("b", target=10)
    seen = [CheckIn("a", date(2026, 3, 1), 9), CheckIn("b", date(2026, 3, 1), 1)]
    for parts in ((a, b), (b, a)):
        assert of(*parts, roll_up="latest").roll_up(seen)["all"].progress == 0.7
        assert of(*parts, roll_up="latest").roll_up({"a": 9, "b": 1})["all"].progress == 0.7
    later = [*seen, CheckIn("b", date(2026, 4, 1), 2)]
    assert of(a, b, roll_up="latest").roll_up(later)["all"].progress == 0.2


def test_coverage_is_published_and_never_all_or_nothing_by_rounding():
    tree = of(Goal("a", target=1, weight=1e-9), Goal("b", target=1), Goal("c", target=1))
    assert tree.roll_up({"a": 1, "b": 1, "c": 1})["all"].coverage == 1
    assert tree.roll_up({"b": 1, "c": 1})["all"].coverage == 1 - 1e-6
    assert tree.roll_up({"a": 1})["all"].coverage == 1e-6
    assert tree.roll_up({})["all"].coverage == 0


# Numbers off the grid.


def test_pace_is_a_quotient_of_what_was_worked_out_and_not_of_what_was_published():
    tree = GoalTree([Goal("a", target=36_500, period=YEAR)])
    for day in range(364):
        as_of = date.fromordinal(YEAR.start.toordinal() + day)
        status = tree.roll_up({"a": 90 * (day + 1)}, as_of=as_of)["a"]
        assert (status.pace, status.health) == (0.9, "on_track")
    coarse = tree.roll_up({"a": 36_500 / 3}, as_of=date(2026, 6, 1), rules=GoalRules(grid=0.01))["a"]
    assert coarse.progress == 0.33
    assert coarse.pace == pytest.approx((1 / 3) / (152 / 365), abs=1e-6)


def test_a_mean_and_a_ratio_are_expected_in_full_from_the_first_day():
    tree = of(Goal("csat", target=4, over_time="mean"), Goal("rate", target=0.1, over_time="ratio"))
    report = tree.roll_up({"csat": 4, "rate": Ratio(8, 100)}, as_of=date(2026, 2, 1))
    assert [report[name].expected for name in ("csat", "rate")] == [1, 1]
    assert (report["rate"].pace, report["rate"].health) == (0.8, "at_risk")
    assert report["rate"].expected_value == 0.1


# Reports are values.


def test_no_array_of_the_caller_is_kept():
    target, seen = np.array([10.0, 10.0]), np.array([5.0, 5.0])
    tree = GoalTree.from_columns(id=["a", "b"], parent=[None, None], target=target)
    report = tree.roll_up(seen)
    target[:], seen[:] = 77, np.inf
    assert tree["a"].target == 10
    assert (report["a"].value, report["a"].progress) == (5, 0.5)


def test_a_series_is_read_by_its_labels():
    tree = GoalTree([Goal("a", target=10), Goal("b", target=10)])
    report = tree.roll_up(pd.Series({"b": 5.0, "a": 10.0}))
    assert (report["a"].value, report["b"].value) == (10, 5)
    # A series that only counts its rows has no labels to be read by.
    assert tree.roll_up(pd.Series([1.0, 2.0]))["b"].value == 2
    numbered = GoalTree.from_columns(id=[1, 0], parent=[None, None], target=[10, 10])
    assert numbered.roll_up(pd.Series([3.0, 4.0]))["0"].value == 3
    with pytest.raises(DataError, match=r"no goal is called 'c' \(1 in all\)"):
        tree.roll_up(pd.Series({"c": 5.0}))
    with pytest.raises(DataError, match="'a' twice"):
        tree.roll_up(pd.Series([1.0, 2.0], index=["a", "a"]))


def test_every_unknown_goal_is_counted():
    tree = GoalTree([Goal("alpha", target=10)])
    with pytest.raises(DataError, match=r"'x', 'y', 'alpa'.*did you mean 'alpha'.*.*3 in all") as caught:
        tree.roll_up({"x": 1, "y": 2, "alpa": 3})
    assert (caught.value.column, caught.value.count) == ("x", 3)
    with pytest.raises(DataError, match=r"'z' \(1 in all\)"):
        tree.roll_up({}, overrides=Override("z", progress=1))
    with pytest.raises(KeyError, match="no goal is called 'alfa'"):
        tree.roll_up({})["alfa"]


def test_every_bad_value_is_counted():
    tree = GoalTree([Goal("a", target=10), Goal("b", target=10)])
    with pytest.raises(DataError, match=r"and 1 more goals"):
        tree.roll_up({"a": "much", "b": "little"})


# Zones, attainment and presets.


@pytest.mark.parametrize(
    ("actual", "zone"), [(50, "target"), (40, "target"), (35, "commit"), (70, "fail"), (100, "fail")]
)
def test_a_goal_to_maintain_has_zones_by_its_band(actual, zone):
    stock = Goal("stock", direction="maintain", band=(40, 60), limits=(30, 70), target=50)
    assert stock.zone_of(actual) == zone
    assert stock.attainment_of(actual) is None


def test_attainment_takes_a_target_above_nothing():
    assert Goal("loss", baseline=-50, target=-10).attainment_of(-20) is None
    assert Goal("level", baseline=-50, target=0, direction="increase").attainment_of(-20) is None


@pytest.mark.parametrize(("actual", "state"), [(2, "fail"), (3, "commit"), (7, "target"), (10, "stretch")])
def test_puzzle_zones_go_by_the_way_to_the_stretch(actual, state):
    for goal in (Goal("kr", threshold=3, target=7, stretch=10), Goal("kr", target=10)):
        report = GoalTree([goal]).roll_up({"kr": actual}, rules=presets.puzzle)
        assert report["kr"].health == state
    assert Goal("kr", threshold=3, target=7, stretch=10).zone_of(actual) == state


# Explanations.


def test_what_a_rule_holds_back_is_no_rounding():
    tree = of(Goal("a", target=100), Goal("b", target=100), target=200, roll_up="sum")
    text = str(tree.roll_up({"a": 300, "b": 10}, rules=presets.viva).explain("all"))
    assert "held at 1" in text
    assert "rounding" not in text
    leaf = tree.roll_up({"a": 300, "b": 10}, rules=presets.viva).explain("a")
    leaf.check()
    assert [part.code for part in leaf.parts] == ["goal_way", "goal_capped"]
    low = tree.roll_up({"a": -50, "b": 10}, rules=presets.viva).explain("a")
    assert [part.code for part in low.parts] == ["goal_way", "goal_floored"]


def test_rounding_names_the_grid_of_the_rules():
    tree = of(Goal("a", target=3), Goal("b", target=3))
    text = str(tree.roll_up({"a": 1, "b": 2}, rules=GoalRules(grid=Fraction(1, 100))).explain("a"))
    assert "rounding to the grid of 0.01" in text


def test_a_product_tells_what_an_unknown_driver_is_taken_to_be():
    drivers = [Goal("visits", baseline=100, target=200), Goal("rate", baseline=0.1, target=0.2)]
    tree = of(*drivers, baseline=10, target=40, roll_up="product")
    report = tree.roll_up({"visits": 150})
    explanation = report.explain("all")
    explanation.check()
    assert report["all"].value == 15
    assert "rate: not observed, taken to be this" in str(explanation)


def test_a_deep_tree_is_explained_as_far_down_as_anybody_reads():
    n = 2_000
    tree = GoalTree.from_columns(id=list(range(n)), parent=[None, *range(n - 1)], target=[10] * n)
    explanation = tree.roll_up({str(n - 1): 5}).explain("0")
    explanation.check()
    assert str(explanation).count("\n") < 150
    assert "with more below" in str(explanation)


# Overrides.


def test_an_override_holds_from_its_day_on():
    tree = of(Goal("a", target=10))
    late = Override("a", progress=0.5, on=date(2026, 9, 1))
    assert tree.roll_up({"a": 2}, as_of=date(2026, 3, 1), overrides=late)["a"].progress == 0.2
    assert tree.roll_up({"a": 2}, as_of=date(2026, 9, 1), overrides=late)["a"].progress == 0.5


def test_progress_put_in_by_hand_leaves_the_value_that_was_observed():
    tree = of(Goal("a", direction="reach", target=100), Goal("b", target=100), target=200, roll_up="sum")
    report = tree.roll_up({"a": 70, "b": 50}, overrides=Override("a", progress=1))
    assert (report["a"].progress, report["all"].value) == (1, 120)


def test_check_ins_and_bands_of_slices_go_by_their_day():
    tree = of(Goal("a", target=100, changes=Change(date(2026, 5, 1), target=200)))
    seen = CheckIns([CheckIn("a", date(2026, 3, 1), 30), CheckIn("a", date(2026, 6, 1), 90)])
    report = tree.roll_up(seen, as_of=date(2026, 6, 30), rules=GoalRules(health=HealthBands(stale_after=10)))
    assert report["a"].health == "stale"
    for id in report:
        report.explain(id).check()
