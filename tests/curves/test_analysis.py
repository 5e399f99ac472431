"""What is proved about a curve, on small numbers that one can check by hand; the laws are in tests/laws."""

from decimal import Decimal
from fractions import Fraction

import pytest

from perfkit import Curve, DefinitionError, Knot, Stretch

F = Fraction
PAYOUT = Curve.through((0.8, 0.5), (1, 1), (1.2, 2), below=0)
TIERS = Curve.marginal((0, 0.05), (100, 0.1))
FALLING_RATES = Curve.whole((0, 0.05), (100, 0.04), (200, 0.06))
TENT = Curve.through((0, 0), (1, 1), (2, 0), below="extend", above="extend")


class TestInverse:
    @pytest.mark.parametrize(
        ("y", "x"),
        [
            ("0.25", F("0.8")),
            ("0.5", F("0.8")),
            ("0.75", F("0.9")),
            (1, 1),
            ("1.5", F("1.1")),
            (2, F("1.2")),
            (3, None),
        ],
    )
    def test_is_the_place_also_inside_a_leap_and_none_for_never(self, y, x):
        assert PAYOUT.inverse(F(y)) == x

    def test_is_the_least_of_several_places(self):
        assert FALLING_RATES.inverse(4, start=0) == 80
        assert FALLING_RATES.inverse(4.5, start=0) == 90
        assert TENT.inverse(F(1, 2)) == F(1, 2)
        assert TENT.inverse(F(1, 2), start=1) == F(3, 2)
        assert TENT.inverse(1) == 1

    def test_of_a_flat_stretch_is_its_lower_end(self):
        days = Curve.through((61, 2), (66, 1), (68, 1), (73, 0.5), above=0)
        assert days.inverse(1) == 66
        assert days.inverse(1, start=67) == 67
        assert days.inverse(0.25) == 73
        assert days.inverse(0, start=70) == 73

    def test_of_what_is_given_all_the_way_down_needs_a_start(self):
        for curve, y in ((PAYOUT, 0), (TIERS, 0), (Curve.constant(3), 3)):
            with pytest.raises(DefinitionError, match=f"the curve gives {y} all the way down.*say start=, such as 0"):
                curve.inverse(y)
            assert curve.inverse(y, start=-5) == -5

    def test_at_a_start_inside_a_leap_only_what_is_at_and_above_counts(self):
        step = Curve.steps((10, 8))
        assert step.inverse(4) == step.inverse(4, start=9) == 10
        assert step.inverse(4, start=10) is None
        assert step.inverse(8, start=10) == 10
        lower = Curve.steps((10, 8), owner="lower")
        assert lower.inverse(4, start=10) == 10

    def test_beyond_the_ends_follows_the_slope(self):
        assert TIERS.inverse(1_005) == 10_100
        assert TENT.inverse(-3) == -3
        assert TENT.inverse(-3, start=0) == 5
        assert TENT.inverse(2) is None

    def test_of_a_point_that_sticks_out_is_the_point(self):
        spike = Curve([Knot(5, 0, 3, 0)])
        assert spike.inverse(3) == spike.inverse(1) == 5
        assert spike.inverse(4) is None

    def test_takes_any_number_as_typed(self):
        assert PAYOUT.inverse(Decimal("0.75"), start=0.8) == F("0.9")


class TestReaches:
    def test_is_where_at_least_as_much_is_given_first(self):
        assert FALLING_RATES.reaches(4, start=0) == 80
        assert FALLING_RATES.reaches(5, start=0) == 125
        assert FALLING_RATES.reaches(8, start=0) == 200
        assert FALLING_RATES.reaches(12, start=0) == 200
        assert PAYOUT.reaches(0.25) == F("0.8")
        assert PAYOUT.reaches(3) is None

    def test_of_a_leap_of_the_lower_side_is_the_place_beyond_which_it_is_given(self):
        assert Curve.steps((10, 8), owner="lower").reaches(4) == 10
        assert Curve.steps((10, 8), owner="lower").reaches(8, start=10) == 10

    def test_of_a_value_that_is_only_neared_is_never(self):
        below = Curve.through((0, 0), (10, 5), above=0) + Curve([Knot(10, 0, -5, 0)])
        assert below.reaches(5) is None
        assert below.inverse(5) == 10

    def test_of_what_is_given_at_the_start_is_the_start(self):
        assert PAYOUT.reaches(0.5, start=0.9) == F("0.9")
        assert TENT.reaches(-3, start=-1) == -1

    def test_of_what_is_given_all_the_way_down_needs_a_start(self):
        for curve in (PAYOUT, Curve.constant(1), TENT.mirror(1) * -1):
            with pytest.raises(DefinitionError, match="at least 0 all the way down"):
                curve.reaches(0)
        assert PAYOUT.reaches(0, start=-5) == -5


class TestFalls:
    def test_of_a_rising_curve_are_none(self):
        for curve in (PAYOUT, TIERS, Curve.constant(1), Curve.identity()):
            assert curve.falls() == ()

    def test_are_the_places_where_a_rate_on_the_whole_falls(self):
        assert FALLING_RATES.falls() == (Stretch(F(100), F(100)),)

    def test_are_stretches_with_the_places_that_touch_them(self):
        assert TENT.falls() == (Stretch(F(1), None),)
        assert (-TIERS).falls() == (Stretch(F(0), None),)
        assert Curve.through((0, 2), (1, 1), below="extend", above=0).falls() == (Stretch(None, F(1)),)

    def test_of_a_point_that_sticks_out_are_the_point(self):
        assert Curve([Knot(5, 0, 3, 0)]).falls() == (Stretch(F(5), F(5)),)
        assert Curve([Knot(5, 0, -3, 0)]).falls() == (Stretch(F(5), F(5)),)
        assert Curve([Knot(5, 0, 1, 2)]).falls() == ()

    def test_lie_apart(self):
        saw = Curve.through((0, 0), (1, 2), (2, 1), (3, 3), (4, 0))
        assert saw.falls() == (Stretch(F(1), F(2)), Stretch(F(3), F(4)))


class TestRange:
    def test_holds_what_the_curve_has_or_nears(self):
        assert PAYOUT.range_over(0, 2) == (0, 2)
        assert PAYOUT.range_over(0.8, 0.9) == (F(1, 2), F(3, 4))
        assert PAYOUT.range_over(0.9, 0.9) == (F(3, 4), F(3, 4))
        assert Curve.through((0, 0), (10, 5), above=0).range_over(0, 20) == (0, 5)
        assert FALLING_RATES.range_over(0, 100) == (0, 5)
        assert FALLING_RATES.range_over(100, 200) == (4, 12)

    def test_has_the_point_that_sticks_out(self):
        assert Curve([Knot(5, 0, 3, 0)]).range_over(0, 10) == (0, 3)
        assert Curve([Knot(5, 0, 3, 0)]).range_over(5, 5) == (3, 3)

    def test_a_leap_at_an_end_counts_from_the_inside(self):
        step = Curve.steps((10, 8))
        assert step.range_over(10, 20) == (8, 8)
        assert step.range_over(0, 10) == (0, 8)
        assert Curve.steps((10, 8), owner="lower").range_over(0, 10) == (0, 0)
        assert Curve.steps((10, 8), owner="lower").range_over(10, 20) == (0, 8)

    def test_that_ends_before_it_starts_is_refused(self):
        with pytest.raises(DefinitionError, match=r"a range must not end \(1\) before it starts \(2\)") as caught:
            PAYOUT.range_over(2, 1)
        assert caught.value.path == "end"


class TestBreakeven:
    def test_of_two_plans_is_where_they_pay_the_same(self):
        old, new = Curve.marginal((0, 0.05)), Curve.marginal((1_000, 0.1))
        assert old.breakeven(new) == new.breakeven(old) == (0, 2_000)

    def test_with_a_number_is_where_the_curve_pays_it(self):
        assert TIERS.breakeven(15) == (200,)
        assert TENT.breakeven(F(1, 2)) == (F(1, 2), F(3, 2))
        assert PAYOUT.breakeven(3) == ()

    def test_sees_a_leap_across(self):
        assert Curve.steps((10, 8)).breakeven(5) == (10,)
        assert Curve.whole((0, 0.05), (100, 0.08)).breakeven(Curve.constant(6)) == (100,)

    def test_has_both_ends_of_what_they_share(self):
        capped = Curve.marginal((0, 0.1)).cap(5)
        assert capped.breakeven(Curve.marginal((0, 0.1))) == (50,)
        held = Curve.through((0, 0), (10, 5), (20, 5), (30, 8))
        assert held.breakeven(5) == (10, 20)

    def test_sees_a_touch(self):
        assert TENT.breakeven(1) == (1,)


class TestRates:
    @pytest.mark.parametrize(("x", "slope"), [(-1, 0), (0, "0.05"), (99, "0.05"), (100, "0.1"), (10**9, "0.1")])
    def test_a_slope_is_what_the_next_unit_earns(self, x, slope):
        assert TIERS.slope_at(x) == F(slope)

    def test_a_slope_at_a_leap_is_that_above_it(self):
        assert PAYOUT.slope_at(0.8) == F("2.5")
        assert PAYOUT.slope_at(1.2) == 0
        assert Curve.steps((1, 5)).slope_at(1) == 0

    def test_the_average_rate_blends_the_tiers(self):
        assert TIERS.average_rate(200) == F("0.075")
        assert TIERS.average_rate(F(1, 3)) == F("0.05")
        assert TIERS.average_rate(-5) == 0

    def test_the_average_rate_of_nothing_is_refused(self):
        with pytest.raises(DefinitionError, match="an average rate needs something to be a rate of") as caught:
            TIERS.average_rate(0)
        assert caught.value.path == "x"


class TestKnotAt:
    def test_gives_both_sides_at_a_breakpoint_and_one_value_elsewhere(self):
        assert PAYOUT.knot_at(0.8) == Knot(F("0.8"), 0, F("0.5"), F("0.5"))
        assert PAYOUT.knot_at(0.9) == Knot(F("0.9"), F("0.75"), F("0.75"), F("0.75"))
        assert PAYOUT.knot_at(9).is_continuous
