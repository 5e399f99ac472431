"""Signal or noise: charts, their rules, and how often these cry out for nothing."""

import json
from datetime import date, timedelta
from fractions import Fraction

import numpy as np
import pytest

from perfkit import ControlChart, DataError, DefinitionError, ewma, false_alarm_rate, xmr
from perfkit._reviews import rules as rule_room
from perfkit.explain import GERMAN
from perfkit.reviews import RULE_SETS, RULES

F = Fraction
CALM = [52, 47, 53, 49, 50, 47, 51, 50, 51]
DAYS = [date(2026, 1, 31) + timedelta(days=30 * place) for place in range(12)]


class TestLimits:
    def test_are_exact(self):
        chart = xmr([1, 2, 1, 2, 1, 2, 1, 2])
        limits = chart.limits[0]
        assert (limits.center, limits.range_center) == (F(3, 2), 1)
        assert (limits.lower, limits.upper) == (F(3, 2) - F(266, 100), F(3, 2) + F(266, 100))
        assert (limits.range_limit, limits.sigma) == (F(327, 100), F(266, 300))
        assert chart.moving_ranges == (1,) * 7

    def test_a_value_on_a_limit_is_inside_it(self):
        inside = xmr([0] * 8 + [3], center=0, sigma=1, rules=["beyond_limits"])
        outside = xmr([0] * 8 + [F(3_000_001, 1_000_000)], center=0, sigma=1, rules=["beyond_limits"])
        assert (inside.verdict, outside.verdict) == ("noise", "signal")

    def test_by_medians_a_leap_does_not_widen_them(self):
        values = [10, 11, 10, 11, 10, 11, 10, 11, 60]
        by_mean, by_median = xmr(values), xmr(values, center="median")
        assert by_mean.limits[0].upper > 30 > by_median.limits[0].upper
        assert ("beyond_limits", 8) in [(signal.code, signal.at) for signal in by_median.signals]
        assert by_median.limits[0].upper == 11 + F(3145, 1000)

    def test_as_nist_has_them(self):
        assert xmr(CALM, constants="nist").limits[0].sigma == xmr(CALM).limits[0].range_center / F(1128, 1000)

    def test_rest_on_a_baseline(self):
        chart = xmr([*CALM, 68, 40], baseline=9)
        assert chart.limits[0].count == 9
        assert [(signal.at, signal.side) for signal in chart.signals] == [(9, "above"), (10, "below")]

    def test_are_recalculated_from_a_day_or_a_position(self):
        values = [10, 11, 10, 11, 10, 11, 10, 11, 20, 21, 20, 21]
        once = xmr(values, days=DAYS, minimum=4)
        assert once.verdict == "signal"
        by_day = xmr(values, days=DAYS, minimum=4, recalculate=[DAYS[8]])
        by_place = xmr(values, minimum=4, recalculate=[8])
        assert by_day.limits == by_place.limits
        assert (by_day.verdict, len(by_day.limits), by_day.limits_at(-1).center) == ("noise", 2, F(41, 2))
        assert xmr(values, days=DAYS, recalculate=[date(2030, 1, 1)]).limits == xmr(values).limits

    def test_too_few_values_and_none_that_differ(self):
        few, same = xmr([5, 6, 5]), xmr([5] * 10)
        assert (few.verdict, few.signals, few.is_noise) == ("too_few", (), False)
        assert (same.verdict, same.limits[0].upper) == ("no_variation", None)
        assert xmr([5]).verdict == "too_few"
        # The table says why it has no limits.
        assert few.text().endswith("\ntoo few values to tell")
        assert few.text(GERMAN).endswith("\nzu wenige Werte für ein Urteil")
        assert str(same).endswith("\nno variation")
        assert xmr([5, 6, 5], minimum=3).verdict == "noise"


class TestSignals:
    def test_a_run_is_one_signal(self):
        chart = xmr([1] * 12 + [-1], center=0, sigma=1)
        assert [(signal.code, signal.start, signal.at, signal.side) for signal in chart.signals] == [
            ("run_of_8", 0, 7, "above")
        ]

    @pytest.mark.parametrize(
        ("rule", "values", "at", "side"),
        [
            ("beyond_limits", [0, 3.1], 1, "above"),
            ("two_of_three", [2.1, 0, 2.1], 2, "above"),
            ("two_of_three", [-2.1, -2.5], 1, "below"),
            ("four_of_five", [1.1, 1.1, 0, 1.1, 1.1], 4, "above"),
            ("three_of_four", [1.6, 1.6, 0, 1.6], 3, "above"),
            ("trend_of_6", [3, 0, 0.1, 0.2, 0.3, 0.4, 0.5], 6, "up"),
            ("trend_of_6", [5, 4, 3, 2, 1, 0], 5, "down"),
            ("zigzag_of_14", [0, 1] * 7, 13, ""),
            ("fifteen_within", [0.9, -0.9, 0] * 5, 14, ""),
            ("eight_apart", [1.1, -1.1] * 4, 7, ""),
        ],
    )
    def test_of_each_rule(self, rule, values, at, side):
        chart = xmr(values, center=0, sigma=1, rules=[rule])
        assert [(signal.code, signal.at, signal.side) for signal in chart.signals] == [(rule, at, side)]
        # Without its last value nothing is complete.
        assert not xmr(values[:-1], center=0, sigma=1, rules=[rule]).signals

    @pytest.mark.parametrize(
        ("rule", "values"),
        [
            ("two_of_three", [2.1, 0, 0, 2.1]),
            ("two_of_three", [2.1, -2.1, 0]),
            ("trend_of_6", [0, 1, 2, 2, 3, 4]),
            ("zigzag_of_14", [*[0, 1] * 6, 1, 0]),
            ("fifteen_within", [*[0] * 14, 1]),
            ("eight_apart", [*[1.1] * 7, 1]),
            ("run_of_8", [*[1] * 7, 0]),
        ],
    )
    def test_what_is_none(self, rule, values):
        assert not xmr(values, center=0, sigma=1, rules=[rule]).signals

    def test_a_leap_of_the_moving_range(self):
        values = [*CALM, 62, 50]
        chart = xmr(values, baseline=9, moving_range=True, center="mean", rules="beyond_limits")
        assert ("moving_range", 9, "up") in [(signal.code, signal.at, signal.side) for signal in chart.signals]
        assert "moving_range" not in {signal.code for signal in xmr(values, baseline=9).signals}

    def test_sets_have_names(self):
        assert xmr(CALM, rules="western_electric").rules == RULE_SETS["western_electric"]
        assert set(RULE_SETS["nelson"]) <= set(RULES)


class TestTheValue:
    CHART = xmr([*CALM, 68], days=DAYS[:10], baseline=9, unit="%")

    def test_prints_as_a_table(self):
        last = str(self.CHART).splitlines()[-1].split()
        assert last == ["2026-10-28", "68", "41.6875", "50", "58.3125", "beyond", "the", "limits", "above"]
        assert " -  " in str(xmr([1, 2]))

    def test_explains_itself(self):
        explanation = self.CHART.explain()
        assert explanation.code == "history_signal"
        assert explanation.parts[0].params == {"at": 9, "start": 9, "side": "above", "day": DAYS[9]}

    def test_is_plain_data(self):
        data = json.loads(json.dumps(self.CHART.to_dict()))
        assert (data["values"][-1], data["days"][0]) == ("68", "2026-01-31")

    def test_shows_itself(self):
        html = self.CHART._repr_html_()
        for told in ("upper 58.31", "centre 50", "lower 41.69", "2026-01-31", "beyond the limits above"):
            assert told in html
        assert ">68</text>" in html
        assert repr(self.CHART) == "<ControlChart of 10 values: signal, 1 signals>"

    def test_knows_its_false_alarm_rate(self):
        assert self.CHART.false_alarm_rate == false_alarm_rate()
        assert xmr(CALM, rules="nelson").false_alarm_rate is None
        assert xmr(CALM, rules="trend_of_6").false_alarm_rate == false_alarm_rate("trend_of_6")

    def test_is_a_value(self):
        assert xmr([*CALM, 68], days=DAYS[:10], baseline=9, unit="%") == self.CHART
        assert isinstance(self.CHART, ControlChart)


class TestFalseAlarms:
    @pytest.mark.parametrize(
        ("rule", "mean"),
        # A run of k of one chance p takes (1 - p^k) / (p^k (1 - p)) values; of either side half as many of one less.
        [("run_of_8", 255), ("run_of_9", 511), ("fifteen_within", 963.27), ("eight_apart", 14251.4)],
    )
    def test_of_runs(self, rule, mean):
        assert 1 / false_alarm_rate(rule) == pytest.approx(mean, rel=1e-5)

    @pytest.mark.parametrize("rule", ["trend_of_6", "zigzag_of_14", "four_of_five", "three_of_four"])
    def test_agrees_with_drawn_values(self, rule):
        assert 1 / false_alarm_rate(rule) == pytest.approx(self.drawn([rule], 600), rel=0.15)

    @staticmethod
    def drawn(rules, runs):
        """The mean count of values until a signal, by the rules as charts apply them."""
        draw, counts = np.random.default_rng(7), 0
        for _ in range(runs // 30):
            # One long history, of which each signal ends a run.
            values, left = draw.standard_normal(20_000).tolist(), 30
            while left:
                window = []
                while not any(RULES[rule].holds(window) for rule in rules):
                    window = [*window[-14:], values.pop()]
                    counts += 1
                    if not values:
                        values = draw.standard_normal(20_000).tolist()
                left -= 1
        return counts / (runs // 30 * 30)

    def test_of_all_by_nelson_takes_a_seed(self):
        with pytest.raises(DefinitionError, match="can only be simulated: give seed="):
            false_alarm_rate("nelson")
        assert false_alarm_rate("nelson", seed=1) == false_alarm_rate("nelson", seed=1)
        assert 1 / false_alarm_rate("nelson", seed=1) == pytest.approx(1 / false_alarm_rate("nelson", seed=2), rel=0.03)
        assert 1 / false_alarm_rate("nelson", seed=1) == pytest.approx(self.drawn(RULE_SETS["nelson"], 600), rel=0.15)

    def test_of_many_states_is_the_same(self, monkeypatch):
        chosen = tuple(RULES[name] for name in ("beyond_limits", "run_of_8"))
        solved = rule_room._of_zones.__wrapped__(chosen)
        monkeypatch.setattr(rule_room, "_DENSE", 1)
        assert rule_room._of_zones.__wrapped__(chosen) == pytest.approx(solved, rel=1e-9)
        monkeypatch.setattr(rule_room, "_STATES", 1)
        with pytest.raises(DefinitionError, match="too many states to count"):
            rule_room._of_zones.__wrapped__(chosen)

    def test_more_rules_cry_out_more_often(self):
        rates = [false_alarm_rate(rules) for rules in ("beyond_limits", ["beyond_limits", "run_of_8"], "wheeler")]
        assert rates == sorted(rates)

    def test_an_unknown_rule(self):
        with pytest.raises(DefinitionError, match="did you mean 'run_of_8'"):
            false_alarm_rate(["run_of_88"])
        with pytest.raises(DefinitionError, match="at least one rule"):
            xmr(CALM, rules=[])


class TestEwma:
    def test_finds_a_small_shift_that_lasts(self):
        values = [0, 0.5, -0.5, 0.2, -0.2] + [1.2] * 10
        assert xmr(values, center=0, sigma=1, rules="beyond_limits").verdict == "noise"
        assert ewma(values, center=0, sigma=1, weight=0.2).signals

    def test_limits_widen_to_their_final_width(self):
        chart = ewma([1, 2, 1, 2] * 20, weight=0.3)
        fixed = ewma([1, 2, 1, 2] * 20, weight=0.3, widening=False)
        assert chart.upper[0] < fixed.upper[0] == pytest.approx(chart.upper[-1])
        assert chart.center == 1.5
        assert chart.sigma == pytest.approx(1 / 1.128)
        assert repr(chart) == "<EwmaChart of 80 values: 0 signals>"

    def test_the_newest_alone_is_the_chart_of_single_values(self):
        assert 1 / ewma([1, 2], weight=1).false_alarm_rate == pytest.approx(370.4, abs=0.01)

    @pytest.mark.parametrize(
        ("options", "message"),
        [({"weight": 0}, "weight must be above 0"), ({"weight": 1.1}, "weight must be above 0"),
         ({"width": 0}, "width must be positive"), ({"sigma": -1}, "sigma must be positive")],
    )  # fmt: skip
    def test_options_that_are_none(self, options, message):
        with pytest.raises(DefinitionError, match=message):
            ewma([1, 2, 3], **options)

    def test_values_that_do_not_differ(self):
        with pytest.raises(DataError, match="give sigma="):
            ewma([1, 1, 1])


@pytest.mark.parametrize("chart", [xmr, ewma])
@pytest.mark.parametrize(
    ("values", "days", "message"),
    [
        ([1, None, 2], (), "must hold finite numbers .got None.: row 1; leave out"),
        ([1, float("nan")], (), "must hold finite numbers"),
        (["a"], (), "must hold finite numbers"),
        ([], (), "at least one value"),
        ([1, 2], DAYS[:1], "each value must have its day"),
        ([1, 2], ["a", "b"], "days must be dates"),
        ([1, 2], [DAYS[1], DAYS[0]], "days must be in order"),
        ({DAYS[0]: 1, "b": 2}, (), r"days must be dates .got 'b'.; read a text with date\.fromisoformat"),
        ({DAYS[0]: 1, 3: 2}, (), r"days must be dates .got 3.; take \.date"),
        ({DAYS[0]: 1}, DAYS[:1], "leave out days="),
        ({DAYS[1]: None, DAYS[0]: 1}, (), f"got None on {DAYS[1]}"),
        ({}, (), "at least one value"),
        ("12", (), "a list of numbers, or a mapping from day to number"),
        (12, (), "a list of numbers, or a mapping from day to number"),
    ],
)
def test_histories_that_are_none(chart, values, days, message):
    with pytest.raises(DataError, match=message):
        chart(values, days=days)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"center": "mode"}, "center must be one of mean, median"),
        ({"center": True}, "center must be a number"),
        ({"constants": "own"}, "constants must be one of wheeler, nist"),
        ({"sigma": 0}, "sigma must be positive"),
        ({"minimum": 1}, "minimum must be a whole number from 2 on"),
        ({"baseline": 2.5}, "baseline must be a whole number"),
        ({"recalculate": [99]}, "a position from 0 to 8"),
        ({"recalculate": [date(2026, 1, 1)]}, "give days="),
    ],
)
def test_options_of_a_chart_that_are_none(options, message):
    with pytest.raises(DefinitionError, match=message):
        xmr(CALM, **options)


@pytest.mark.parametrize("chart", [xmr, ewma])
def test_a_mapping_from_day_to_value_in_any_order(chart):
    values = dict(zip(DAYS, CALM, strict=False))
    turned = dict(reversed(values.items()))
    assert chart(turned) == chart(list(values.values()), days=list(values))


def test_an_average_tells_what_it_shows():
    history = {day: 50 + (place % 2) + (5 if place > 6 else 0) for place, day in enumerate(DAYS[:9])}
    chart = ewma(history, weight=0.4, center=50, sigma=1, widening=False)
    assert chart.verdict == "signal"
    lines = chart.text().split("\n")
    assert lines[0].split() == ["value", "average", "lower", "centre", "upper"]
    assert lines[-1].endswith("beyond the limits above")
    assert len({len(line.rstrip()) for line in lines[1:6]}) == 1
    assert "Mittel" in chart.text(GERMAN)
    assert chart.explain().code == "history_signal"
    assert [part.params["side"] for part in chart.explain().parts] == ["above"] * len(chart.signals)
    assert json.loads(json.dumps(chart.to_dict()))["days"][0] == DAYS[0].isoformat()
    calm = ewma([50, 51, 50, 51])
    assert (calm.verdict, calm.explain().parts) == ("noise", ())
    assert str(calm) == calm.text()
