"""Curves from curves, on small numbers that one can check by hand; the laws are in tests/laws."""

from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest

from perfkit import Curve, DefinitionError, Knot, Money

F = Fraction
TIERS = Curve.marginal((0, 0.05), (100, 0.1))
PAYOUT = Curve.through((0.8, 0.5), (1, 1), (1.2, 2), below=0)


def values(curve, *xs):
    return [curve(F(str(x))) for x in xs]


class TestSums:
    def test_add_up_value_by_value(self):
        assert values(TIERS + Curve.steps((50, 3)), 0, 49, 50, 100, 200) == [0, F("2.45"), F("5.5"), 8, 18]

    def test_take_numbers_on_both_sides(self):
        assert values(TIERS + 1, 0, 100) == values(1 + TIERS, 0, 100) == [1, 6]
        assert values(TIERS - 1, 0, 100) == [-1, 4]
        assert values(1 - TIERS, 0, 100) == [1, -4]
        assert values(TIERS + Decimal("0.1"), 0) == [F(1, 10)]

    def test_of_several_curves_may_start_from_nothing(self):
        assert sum([TIERS, TIERS, TIERS]).simplified() == 3 * TIERS

    def test_keep_who_owns_each_breakpoint(self):
        both = Curve.steps((10, 1)) + Curve.steps((10, 2), owner="lower")
        assert both.knot_at(10) == Knot(10, 0, 1, 3)
        assert values(both, 9.99, 10, 10.01) == [0, 1, 3]

    def test_that_cancel_leave_nothing(self):
        assert (PAYOUT - PAYOUT).simplified() == Curve.constant(0)


class TestMultiples:
    def test_scale_the_values(self):
        assert values(2 * PAYOUT, 0.79, 0.8, 1.1, 2) == [0, 1, 3, 4]
        assert values(PAYOUT * F(1, 3), 1) == [F(1, 3)]
        assert values(-PAYOUT, 1.2) == [-2]

    def test_by_nothing_are_nothing(self):
        assert (0 * PAYOUT).simplified() == Curve.constant(0)

    def test_of_a_curve_by_a_curve_are_refused_since_they_are_no_lines(self):
        with pytest.raises(DefinitionError, match="a number of a curve must be a number"):
            TIERS * TIERS


class TestBounds:
    def test_a_cap_cuts_where_the_line_meets_it(self):
        capped = TIERS.cap(10)
        assert values(capped, 100, 150, 151, 10**9) == [5, 10, 10, 10]
        assert capped == Curve.through((0, 0), (100, 5), (150, 10))

    def test_a_floor_holds_where_the_line_is_below_it(self):
        assert values(TIERS.floor(2), -5, 0, 40, 100) == [2, 2, 2, 5]

    def test_a_limit_may_itself_depend_on_the_result(self):
        mutual = Curve.whole((0, 1)).cap(Curve.steps((100, 150), below=80))
        assert values(mutual, 50, 90, 99, 100, 200) == [50, 80, 80, 100, 150]

    def test_a_limit_within_a_leap_cuts_the_leap(self):
        assert Curve.steps((10, 8)).cap(3).simplified() == Curve.steps((10, 3))

    def test_curves_that_only_touch_keep_their_own_value(self):
        tent = Curve.through((0, 0), (1, 1), (2, 0))
        assert tent.cap(1).simplified() == tent
        assert tent.floor(1).simplified() == Curve.constant(1)

    def test_the_ends_go_on_with_the_lesser_slope(self):
        assert (Curve.identity().cap(2 * Curve.identity())).knots == (Knot(0, 0, 0, 0),)
        assert values(Curve.identity().cap(2 * Curve.identity()), -3, 3) == [-6, 3]


class TestThen:
    def test_steps_of_a_payout(self):
        paid = PAYOUT.then(Curve.steps((0.75, 100), (1, 500)))
        assert values(paid, 0.8, 0.89, 0.9, 0.99, 1) == [0, 0, 100, 100, 500]

    def test_a_falling_curve_takes_a_step_from_the_other_side(self):
        fewer_is_better = Curve.through((0, 2), (10, 0), below="extend", above="extend")
        paid = fewer_is_better.then(Curve.steps((1, 100)))
        assert values(paid, 4.99, 5, 5.01) == [100, 100, 0]
        assert paid.knot_at(5) == Knot(5, 100, 100, 0)

    def test_a_flat_stretch_at_a_breakpoint_has_the_value_of_the_breakpoint(self):
        flat = Curve.through((0, 0), (1, 1), (2, 1), (3, 2))
        assert values(flat.then(Curve.steps((1, 7), owner="lower")), 1, 1.5, 2, 2.01) == [0, 0, 0, 7]
        assert values(flat.then(Curve.steps((1, 7))), 0.99, 1, 1.5, 2) == [0, 7, 7, 7]

    def test_a_point_that_sticks_out_is_seen(self):
        assert values(Curve.identity().then(Curve([Knot(5, 0, 3, 0)])), 4, 5, 6) == [0, 3, 0]

    def test_a_rate_may_follow_an_amount(self):
        gross = Curve.marginal((0, 0.1))
        assert values(gross.then(Curve.marginal((0, 1), (100, 0.5))), 1_000, 2_000) == [100, 150]

    @pytest.mark.parametrize("odd", [3, "curve", None])
    def test_what_is_no_curve_is_refused(self, odd):
        with pytest.raises(DefinitionError, match=r"must be a ([Cc]urve|number)"):
            TIERS.then(odd)


class TestMoved:
    def test_a_shift_reads_further_on(self):
        assert TIERS.shift(100) == Curve.marginal((-100, 0.05), (0, 0.1))

    def test_after_pays_what_the_rest_of_the_year_adds(self):
        rest = TIERS.after(90)
        assert values(rest, 0, 10, 20) == [0, F(1, 2), F(3, 2)]
        assert values(rest, -90) == [F("-4.5")]

    def test_a_mirror_turns_it_round_and_the_owners_with_it(self):
        assert Curve.steps((10, 1)).mirror(10).knot_at(10) == Knot(10, 1, 1, 0)
        assert values(PAYOUT.mirror(around=1), 0.8, 0.9, 1, 1.2, 1.21) == [2, F("1.5"), 1, F("0.5"), 0]
        assert values(TIERS.mirror(), -100, 0, 100) == [5, 0, 0]

    def test_a_stretch_reads_shares_as_money(self):
        money = PAYOUT.stretch(x=500_000, y=20_000)
        assert money(Money("450,000.00 EUR")) == Money("15,000.00 EUR")
        assert values(money, 399_999, 400_000, 600_000) == [0, 10_000, 40_000]

    def test_a_stretch_keeps_the_slopes_beyond_the_ends(self):
        line = Curve.through((0, 0), (1, 2), below="extend", above="extend").stretch(x=4, y=10)
        assert values(line, -4, 8) == [-20, 40]

    @pytest.mark.parametrize("x", [0, -1, F(-1, 2)])
    def test_a_stretch_by_nothing_or_less_is_refused(self, x):
        with pytest.raises(DefinitionError, match=r"x must be positive \(got .*mirror\(\) turns a curve round"):
            TIERS.stretch(x=x)


class TestGate:
    def test_pays_nothing_until_it_opens(self):
        assert values(Curve.marginal((0, 0.1)).gate(Curve.steps((80, 1))), 40, 79, 80, 100) == [0, 0, 8, 10]

    def test_lets_through_a_limit_while_it_is_closed(self):
        held = Curve.marginal((0, 0.1)).gate(Curve.steps((80, 1)), closed=5)
        assert values(held, 40, 60, 79, 80) == [4, 5, 5, 8]

    def test_is_open_only_where_its_curve_is_positive(self):
        rising = Curve.identity() - 3
        assert values(Curve.constant(7).gate(rising), 2, 3, 3.01) == [0, 0, 7]

    def test_never_raises_what_is_below_its_limit(self):
        loss = Curve.constant(-4).gate(Curve.constant(0))
        assert values(loss, 0, 5) == [-4, -4]

    @pytest.mark.parametrize("odd", [1, "open", None])
    def test_what_is_no_curve_is_refused(self, odd):
        with pytest.raises(DefinitionError, match=r"must be a ([Cc]urve|number)"):
            TIERS.gate(odd)


class TestSimplified:
    def test_drops_knots_at_which_nothing_happens(self):
        idle = Curve.marginal((0, 0.05), (50, 0.05), (100, 0.05))
        assert idle.simplified() == Curve.marginal((0, 0.05))

    def test_keeps_leaps_bends_and_points_that_stick_out(self):
        for curve in (PAYOUT, TIERS, Curve([Knot(5, 0, 3, 0)]), Curve.steps((1, 2), owner="lower")):
            assert curve.simplified() == curve

    def test_of_a_line_is_one_knot(self):
        line = Curve.through((1, 1), (2, 2), below="extend", above="extend")
        assert line.simplified() == Curve.identity()


class TestNumbers:
    @pytest.mark.parametrize("odd", ["x", None, float("nan"), float("inf"), True, [1], Money("1.00 EUR")])
    @pytest.mark.parametrize(
        "do",
        [
            lambda odd: TIERS + odd,
            lambda odd: TIERS - odd,
            lambda odd: TIERS * odd,
            TIERS.cap,
            TIERS.floor,
            TIERS.shift,
            TIERS.after,
            TIERS.mirror,
            lambda odd: TIERS.stretch(x=odd),
            lambda odd: TIERS.stretch(y=odd),
            lambda odd: TIERS.gate(TIERS, closed=odd),
            TIERS.inverse,
            TIERS.breakeven,
            TIERS.slope_at,
            TIERS.average_rate,
            lambda odd: TIERS.range_over(odd, 1),
        ],
    )
    def test_that_are_none_are_refused(self, do, odd):
        with pytest.raises(DefinitionError, match="a number of a curve must be"):
            do(odd)

    def test_of_any_kind_are_taken_as_typed(self):
        for half in (0.5, F(1, 2), Decimal("0.5"), np.float64(0.5)):
            assert TIERS.cap(half) == TIERS.cap(F(1, 2))
            assert TIERS * half == TIERS * F(1, 2)
