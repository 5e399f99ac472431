"""Curve: constructors, owners of breakpoints, evaluation in floats and exactly, and what is refused."""

import pickle
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest

from perfkit import Curve, DefinitionError, Explanation, Knot, Money, Rounding
from perfkit._core.ratios import Ratios
from perfkit.explain import Recorder

F = Fraction

PAYOUT = Curve.through((0.8, 0.5), (1, 1), (1.2, 2), below=0)
LEVELS = ((10, 1), (20, 3))
TIERS = ((0, 0.05), (100_000, 0.08), (200_000, 0.10))


def column(*values):
    return Ratios.of_fractions([F(value) for value in values])


def fractions(ratios):
    return [ratios.fraction(row) for row in range(len(ratios))]


class TestThrough:
    @pytest.mark.parametrize(
        ("x", "y"),
        [("0.79", 0), ("0.8", "0.5"), ("0.9", "0.75"), (1, 1), ("1.1", "1.5"), ("1.2", 2), ("1.3", 2), (-5, 0)],
    )
    def test_is_straight_between_points_and_flat_beyond(self, x, y):
        assert PAYOUT(F(x)) == F(y)
        assert PAYOUT(float(F(x))) == pytest.approx(float(F(y)), rel=1e-15)

    def test_is_flat_on_both_sides_unless_told(self):
        curve = Curve.through((0, 1), (1, 2))
        assert [curve(F(x)) for x in (-1, 0, 1, 2)] == [1, 1, 2, 2]

    def test_extends_where_told(self):
        curve = Curve.through((0, 1), (1, 2), (2, 5), below="extend", above="extend")
        assert [curve(F(x)) for x in (-2, 0, 2, 4)] == [-1, 1, 5, 11]

    def test_jumps_where_told_and_the_ends_belong_to_the_line(self):
        curve = Curve.through((0, 1), (1, 2), below=-1, above=7)
        assert [curve(F(x)) for x in ("-0.001", 0, 1, "1.001")] == [-1, 1, 2, 7]

    def test_of_one_point_is_flat(self):
        assert [Curve.through((1, 5))(x) for x in (0, 1, 2)] == [5.0, 5.0, 5.0]
        assert [Curve.through((1, 5), below=0, above=9)(x) for x in (0, 1, 2)] == [0.0, 5.0, 9.0]

    @pytest.mark.parametrize("side", ["below", "above"])
    def test_of_one_point_cannot_extend(self, side):
        with pytest.raises(DefinitionError, match=r"'extend' needs at least two points to take a slope from \(got 1\)"):
            Curve.through((1, 5), **{side: "extend"})


class TestOwners:
    @pytest.mark.parametrize(
        ("owner", "at_ten", "at_twenty"), [("upper", 1, 3), ("lower", F(1, 2), 1)], ids=["upper", "lower"]
    )
    def test_of_steps(self, owner, at_ten, at_twenty):
        curve = Curve.steps(*LEVELS, below=0.5, owner=owner)
        assert [curve(F(x)) for x in ("9.99", 10, "10.01", 20, "20.01")] == [F(1, 2), at_ten, 1, at_twenty, 3]
        assert curve([9.99, 10, 10.01, 20, 20.01]).tolist() == [0.5, float(at_ten), 1.0, float(at_twenty), 3.0]

    @pytest.mark.parametrize(("owner", "rate"), [("upper", F("0.08")), ("lower", F("0.05"))])
    def test_of_whole(self, owner, rate):
        curve = Curve.whole((0, 0.05), (100_000, 0.08), owner=owner)
        assert curve(F(100_000)) == 100_000 * rate
        assert curve(F(100_001)) == 100_001 * F("0.08")
        assert curve(F(99_999)) == 99_999 * F("0.05")

    @pytest.mark.parametrize("make", [Curve.steps, Curve.whole])
    @pytest.mark.parametrize("owner", ["uper", "", None, 1])
    def test_that_are_unknown_are_refused(self, make, owner):
        with pytest.raises(DefinitionError, match=r"owner must be one of upper, lower \(got ") as caught:
            make((0, 1), owner=owner)
        assert ("did you mean 'upper'?" in str(caught.value)) == (owner == "uper")

    @pytest.mark.parametrize("x", [10, 20])
    def test_the_neighbours_of_a_breakpoint_are_on_their_own_side(self, x):
        curve = Curve.steps(*LEVELS)
        below, above = np.nextafter(x, -np.inf), np.nextafter(x, np.inf)
        held = dict(LEVELS)
        assert curve([below, x, above]).tolist() == [held.get(x - 10, 0.0), held[x], held[x]]


class TestMarginalAndWhole:
    @pytest.mark.parametrize(
        ("x", "y"), [(-5, 0), (0, 0), (100_000, 5_000), (150_000, 9_000), (200_000, 13_000), (300_000, 23_000)]
    )
    def test_each_slice_has_its_own_rate(self, x, y):
        assert Curve.marginal(*TIERS)(F(x)) == y
        assert Curve.marginal(*TIERS)(x) == float(y)

    def test_nothing_is_earned_before_the_first_tier(self):
        curve = Curve.marginal((50, 0.1))
        assert [curve(F(x)) for x in (0, 50, 60)] == [0, 0, 1]

    @pytest.mark.parametrize(("x", "y"), [(-5, 0), (99_999, F("4999.95")), (100_000, 8_000), (200_000, 20_000)])
    def test_the_reached_rate_is_on_everything(self, x, y):
        assert Curve.whole(*TIERS)(F(x)) == y

    def test_a_constant_is_the_same_everywhere(self):
        assert Curve.constant(0.3)([-1e9, 0, 1e9]).tolist() == [0.3, 0.3, 0.3]
        assert Curve.constant(F(1, 3))(F(5)) == F(1, 3)


class TestCalls:
    def test_a_float_or_an_int_gives_a_float(self):
        for x in (1, 1.0, np.float64(1), np.int64(1), np.array(1.0), True):
            assert type(PAYOUT(x)) is float
            assert PAYOUT(x) == 1.0

    def test_a_fraction_or_a_decimal_is_exact(self):
        third = Curve.through((0, 0), (3, 1))
        assert third(F(1)) == F(1, 3)
        assert third(Decimal("0.3")) == F(1, 10)
        assert type(third(Decimal(1))) is Fraction

    def test_money_is_in_major_units_and_rounded_once(self):
        assert Curve.marginal(*TIERS)(Money("150,000.00 EUR")) == Money("9,000.00 EUR")
        third = Curve.through((0, 0), (3, 1), above="extend")
        assert third(Money("1.00 EUR")) == Money("0.33 EUR")
        assert third(Money("1.00 EUR"), Rounding(mode="up")) == Money("0.34 EUR")
        assert third(Money("1.00 EUR"), Rounding(to=1, mode="up")) == Money("1.00 EUR")
        assert third(Money(100, "JPY")) == Money(33, "JPY")
        assert third(Money.from_minor(3 * 10**40, "EUR")) == Money.from_minor(10**40, "EUR")

    @pytest.mark.parametrize(
        "x", [[0.9, 1], (0.9, 1), np.array([0.9, 1]), pd.Series([0.9, 1]), np.array([0.9, 1], dtype=np.float64)[::1]]
    )
    def test_a_sequence_gives_an_array(self, x):
        y = PAYOUT(x)
        assert y.tolist() == [0.75, 1.0]
        assert y.dtype == np.float64

    def test_an_array_keeps_its_shape(self):
        assert PAYOUT(np.ones((2, 3))).shape == (2, 3)
        assert PAYOUT(np.ones((0, 3))).shape == (0, 3)
        assert PAYOUT([]).shape == (0,)

    def test_what_is_missing_stays_missing(self):
        assert np.isnan(PAYOUT([np.nan, 1.0])).tolist() == [True, False]
        assert np.isnan(PAYOUT(float("nan")))

    def test_what_is_endless_goes_where_the_curve_goes(self):
        assert PAYOUT([-np.inf, np.inf]).tolist() == [0.0, 2.0]
        rising = Curve.through((0, 0), (1, 2), below="extend", above="extend")
        assert rising([-np.inf, np.inf]).tolist() == [-np.inf, np.inf]
        assert np.isnan(rising([np.nan, np.inf])).tolist() == [True, False]

    def test_the_array_handed_in_is_not_changed(self):
        x = np.array([0.9, 1.0])
        x.flags.writeable = False
        PAYOUT(x)[0] = 99.0
        assert PAYOUT(x).tolist() == [0.75, 1.0]

    @pytest.mark.parametrize("odd", ["1", None, ["a"], object(), [None], np.array(["2026"], dtype="M8[Y]"), 1j])
    def test_what_is_no_number_is_refused(self, odd):
        with pytest.raises(DefinitionError, match="a curve takes numbers"):
            PAYOUT(odd)

    @pytest.mark.parametrize("odd", [Decimal("NaN"), Decimal("Infinity")])
    def test_a_decimal_that_is_not_finite_is_refused(self, odd):
        with pytest.raises(DefinitionError, match="finite"):
            PAYOUT(odd)

    def test_a_long_column_is_not_printed_in_full(self):
        with pytest.raises(DefinitionError, match="a curve takes numbers") as caught:
            PAYOUT(["x"] * 10_000)
        assert len(str(caught.value)) < 1_000

    def test_an_integer_past_int64_is_a_number(self):
        assert Curve.marginal((0, 0.5))(2**70) == 2.0**69

    def test_floats_too_far_apart_for_floats_still_have_a_value(self):
        assert Curve.through((1e308, 1), (1.1e308, 2))(-1.7e308) == 1.0


class TestExactColumns:
    def test_a_batch_gives_each_row_its_own_value(self):
        xs = ["0.79", "0.8", "0.9", 1, "1.1", "1.2", "1.3", "-3"]
        assert fractions(PAYOUT.ratios(column(*xs))) == [PAYOUT(F(x)) for x in xs]

    def test_each_row_may_have_its_own_denominator(self):
        rows = Ratios(np.array([4, 5, 6, 1]), np.array([5, 5, 5, 3]))
        assert fractions(PAYOUT.ratios(rows)) == [F(1, 2), 1, 2, 0]

    def test_an_empty_batch_is_empty(self):
        assert len(PAYOUT.ratios(column())) == 0
        assert len(PAYOUT.money(np.array([], dtype=np.int64), "EUR")) == 0
        assert len(PAYOUT.per_quota(column(), column())) == 0

    @pytest.mark.parametrize("huge", [2**62, -(2**62), 10**30])
    def test_nothing_wraps_past_int64(self, huge):
        curve = Curve.whole((0, F(7, 3)), (10**20, F(9, 7)))
        assert fractions(curve.ratios(column(huge, F(huge, 3)))) == [curve(F(huge)), curve(F(huge, 3))]

    def test_money_is_minor_units_rounded_once(self):
        minor = Curve.marginal(*TIERS).money(np.array([15_000_001, 15_000_007, -5]), "EUR")
        assert minor.tolist() == [900_000, 900_001, 0]
        assert Curve.marginal(*TIERS).money(np.array([150_000]), "JPY", Rounding(to=1000)).tolist() == [9000]

    def test_over_a_quota_the_curve_is_one_of_attainment(self):
        curve = Curve.marginal((0, 0.05), (1, 0.08))
        earned = curve.per_quota(column(150, 80, 0), column(100, 100, 7))
        assert fractions(earned) == [9, 4, 0]

    def test_over_a_quota_nothing_is_divided(self):
        curve = Curve.whole((0, F(1, 7)), (F(2, 3), F(1, 3)))
        assert fractions(curve.per_quota(column(2, F(199, 100)), column(3, 3))) == [F(2, 3), F(199, 700)]


class TestWhatIsRefused:
    @pytest.mark.parametrize("make", [Curve.through, Curve.steps, Curve.marginal, Curve.whole])
    def test_nothing(self, make):
        with pytest.raises(DefinitionError, match=r"at least one point, such as \(1, 1\) \(got none\)"):
            make()

    def test_no_knots(self):
        with pytest.raises(DefinitionError, match=r"a curve needs at least one knot \(got none\)"):
            Curve([])

    @pytest.mark.parametrize("make", [Curve.through, Curve.steps, Curve.marginal, Curve.whole])
    def test_knots_that_do_not_increase(self, make):
        with pytest.raises(DefinitionError, match=r"the knots of a curve must increase \(got 1 after 2\)"):
            make((0, 0), (2, 1), (1, 2))

    @pytest.mark.parametrize("make", [Curve.through, Curve.steps, Curve.marginal, Curve.whole])
    @pytest.mark.parametrize("again", [2, 2.0, Decimal("2.0"), F(4, 2)])
    def test_knots_in_one_place(self, make, again):
        with pytest.raises(DefinitionError, match=r"one knot in a place \(got 2 twice\); say a jump with steps"):
            make((2, 0), (again, 1))

    def test_knots_made_by_hand_must_increase_too(self):
        knots = [Knot(1, 0, 0, 0), Knot(0, 0, 0, 0)]
        with pytest.raises(DefinitionError, match="must increase"):
            Curve(knots)

    @pytest.mark.parametrize("make", [Curve.through, Curve.steps, Curve.marginal, Curve.whole])
    @pytest.mark.parametrize("odd", [5, "ab", (1,), (1, 2, 3), None, {1: 2}, np.array([1, 2])])
    def test_points_that_are_no_pairs(self, make, odd):
        with pytest.raises(DefinitionError, match="a point of a curve must be a pair of numbers"):
            make((0, 0), odd)

    @pytest.mark.parametrize("make", [Curve.through, Curve.steps, Curve.marginal, Curve.whole])
    @pytest.mark.parametrize("odd", [float("nan"), float("inf"), Decimal("NaN"), "1", None, True, [1]])
    @pytest.mark.parametrize("place", [0, 1])
    def test_points_that_are_no_finite_numbers(self, make, odd, place):
        point = (odd, 1) if place == 0 else (1, odd)
        with pytest.raises(DefinitionError, match="a number of a curve must be a "):
            make(point)

    @pytest.mark.parametrize(
        "make",
        [
            lambda odd: Curve.through((0, 0), (1, 1), below=odd),
            lambda odd: Curve.through((0, 0), (1, 1), above=odd),
            lambda odd: Curve.steps((0, 0), below=odd),
            Curve.constant,
            lambda odd: Knot(0, 0, odd, 0),
            lambda odd: Curve([Knot(0, 0, 0, 0)], odd),
        ],
    )
    @pytest.mark.parametrize("odd", ["extends", float("nan"), (1, 2)])
    def test_levels_that_are_no_finite_numbers(self, make, odd):
        with pytest.raises(DefinitionError, match="a number of a curve must be a "):
            make(odd)

    @pytest.mark.parametrize("odd", [5, [1], [(0, 0)], None])
    def test_knots_that_are_no_knots(self, odd):
        with pytest.raises(DefinitionError):
            Curve(odd)


class TestWhatACurveIs:
    def test_the_same_curve_is_equal_whatever_was_typed(self):
        assert Curve.through((0.8, 0), (1, 1)) == Curve.through((F(4, 5), 0.0), (Decimal("1.0"), 1))
        assert hash(PAYOUT) == hash(Curve.through((0.8, 0.5), (1, 1), (1.2, 2), below=0))
        assert Curve.through((0.8, 0.5), (1, 1), (1.2, 2)) != PAYOUT
        assert Curve.steps((0, 1)) != Curve.steps((0, 1), owner="lower")

    def test_a_curve_is_frozen_and_pickles(self):
        PAYOUT([1.0])
        assert pickle.loads(pickle.dumps(PAYOUT)) == PAYOUT
        with pytest.raises(AttributeError):
            PAYOUT.slope_above = F(1)

    def test_the_list_of_knots_stays_the_callers(self):
        knots = [Knot(0, 0, 0, 0)]
        curve = Curve(knots)
        knots.append(Knot(1, 1, 1, 1))
        assert len(curve.knots) == 1

    @pytest.mark.parametrize(
        ("curve", "rising", "falling", "continuous"),
        [
            (PAYOUT, True, False, False),
            (Curve.through((0, 0), (1, 1)), True, False, True),
            (Curve.through((61, 2), (66, 1), (73, 0.5), above=0), False, True, False),
            (Curve.constant(3), True, True, True),
            (Curve.through((0, 0), (1, 1), (2, 0)), False, False, True),
            (Curve.through((0, 0), (1, 1), above=0.5), False, False, False),
            (Curve.through((0, 1), (1, 1), below=2, above=2), False, False, False),
            (Curve.steps((0, 1), (1, 2)), True, False, False),
            (Curve.steps((0, 1), (1, 0.5)), False, False, False),
            (Curve.marginal(*TIERS), True, False, True),
            (Curve.whole(*TIERS), True, False, False),
            (Curve.marginal((0, -1)), False, True, True),
            (Curve([Knot(0, 0, 5, 0)]), False, False, False),
        ],
    )
    def test_its_shape(self, curve, rising, falling, continuous):
        assert curve.is_rising == rising
        assert curve.is_falling == falling
        assert curve.is_monotone == (rising or falling)
        assert curve.is_continuous == continuous

    def test_its_jumps_are_the_knots_at_which_it_leaps(self):
        (jump,) = PAYOUT.jumps()
        assert (jump.x, jump.below, jump.at, jump.above) == (F(4, 5), 0, F(1, 2), F(1, 2))
        assert jump.jump == F(1, 2)
        assert [knot.jump for knot in Curve.steps(*LEVELS).jumps()] == [1, 2]
        assert Curve.marginal(*TIERS).jumps() == ()

    def test_its_pieces_are_every_stretch_and_every_breakpoint(self):
        pieces = PAYOUT.pieces
        assert len(pieces) == 2 * len(PAYOUT.knots) + 1
        assert pieces[0].start is None
        assert pieces[-1].end is None
        assert [piece.start == piece.end for piece in pieces[1:-1]] == [True, False, True, False, True]
        for before, after in pairwise(pieces):
            assert before.end == after.start

    @pytest.mark.parametrize(
        ("x", "place"), [("0.7", 0), ("0.8", 1), ("0.9", 2), (1, 3), ("1.1", 4), ("1.2", 5), (2, 6)]
    )
    def test_a_number_lies_on_one_piece(self, x, place):
        piece = PAYOUT.piece_at(F(x))
        assert piece == PAYOUT.pieces[place]
        assert piece(F(x)) == PAYOUT(F(x))
        assert piece.intercept + piece.slope * F(x) == PAYOUT(F(x))

    @pytest.mark.parametrize(
        ("curve", "text"),
        [
            (PAYOUT, "Curve(x < 0.8: 0; 0.8 <= x < 1: 0.5 to 1; 1 <= x < 1.2: 1 to 2; 1.2 <= x: 2)"),
            (Curve.steps((6, 0.23), owner="lower"), "Curve(x <= 6: 0; 6 < x: 0.23)"),
        ],
    )
    def test_it_shows_itself_in_words(self, curve, text):
        assert repr(curve) == text

    def test_it_shows_the_slope_of_what_never_ends(self):
        assert repr(Curve.marginal((0, 0.05))).startswith("Curve(x < 0: 0; 0 <= x: 0 ")


class TestExplained:
    @pytest.mark.parametrize(
        ("x", "code"), [("0.5", "curve_below"), ("0.8", "curve_at"), ("0.9", "curve_between"), (2, "curve_above")]
    )
    def test_where_a_number_lies_is_recorded_and_composes(self, x, code):
        record = Recorder("curve", "payout")
        record.leaf("actual", F(x), label="revenue")
        PAYOUT.record(record, F(x), PAYOUT(F(x)))
        explained = record.explanation()
        assert explained.code.replace("_flat", "") == code
        assert explained.value == PAYOUT(F(x))
        explained.check()
        assert isinstance(explained, Explanation)
        assert "{" not in explained.text()
