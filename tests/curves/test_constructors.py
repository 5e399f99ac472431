"""Curve constructors beyond points, steps and tiers: milestones, amounts that accrue, hybrids, printed bands."""

from fractions import Fraction

import numpy as np
import pytest

from perfkit import Commission, Curve, DataError, DefinitionError, IncentivePlan, Knot

F = Fraction
NAN = float("nan")


def values(curve, *xs):
    return [curve(F(str(x))) for x in xs]


class TestCumulative:
    def test_adds_an_amount_at_each_breakpoint(self):
        curve = Curve.cumulative((100, 500), (120, 1_000), (150, 0.5))
        assert values(curve, 0, 99.99, 100, 119, 120, 149, 150, 10**6) == [
            0,
            0,
            500,
            500,
            1_500,
            1_500,
            F("1500.5"),
            F("1500.5"),
        ]
        assert [knot.jump for knot in curve.jumps()] == [500, 1_000, F(1, 2)]

    def test_the_owner_of_a_breakpoint_has_it(self):
        upper = Curve.cumulative((100, 500), (120, 1_000))
        lower = Curve.cumulative((100, 500), (120, 1_000), owner="lower")
        assert values(upper, 100, 120) == [500, 1_500]
        assert values(lower, 100, 100.01, 120, 120.01) == [0, 500, 500, 1_500]

    def test_an_amount_may_be_taken_away(self):
        assert values(Curve.cumulative((1, 10), (2, -4)), 1, 2) == [10, 6]

    def test_is_the_sum_of_its_milestones(self):
        amounts = ((-3, 7), (0, 1), (5, F(1, 3)))
        parts = [Curve.cumulative(amount) for amount in amounts]
        assert parts[0] + parts[1] + parts[2] == Curve.cumulative(*amounts)

    def test_of_nothing_is_refused(self):
        with pytest.raises(DefinitionError, match="at least one point"):
            Curve.cumulative()

    @pytest.mark.parametrize("owner", ["uper", None])
    def test_an_unknown_owner_is_refused(self, owner):
        with pytest.raises(DefinitionError, match="owner must be"):
            Curve.cumulative((0, 1), owner=owner)


class TestAccrued:
    def test_earns_each_amount_evenly_over_its_tier(self):
        curve = Curve.accrued((0, 1_000), (50, 4_000), end=100)
        assert values(curve, -1, 0, 25, 50, 75, 100, 101) == [0, 0, 500, 1_000, 3_000, 5_000, 5_000]
        assert curve.is_continuous
        assert curve.is_rising
        assert [curve.slope_at(x) for x in (-1, 0, 50, 100)] == [0, 20, 80, 0]

    def test_is_marginal_at_the_rate_that_earns_the_amount(self):
        assert Curve.accrued((0, 1_000), (50, 4_000), end=100) == Curve.marginal((0, 20), (50, 80), (100, 0))

    def test_one_tier_earns_all_at_its_end(self):
        assert values(Curve.accrued((10, 7), end=17), 10, 11, 17) == [0, 1, 7]

    @pytest.mark.parametrize("end", [50, 49, -1])
    def test_an_end_that_is_none_is_refused(self, end):
        with pytest.raises(DefinitionError, match=r"a curve must have one knot|must increase"):
            Curve.accrued((0, 1_000), (50, 4_000), end=end)

    @pytest.mark.parametrize("end", [NAN, "100", None])
    def test_an_end_that_is_no_number_is_refused(self, end):
        with pytest.raises(DefinitionError, match="a number of a curve must be"):
            Curve.accrued((0, 1_000), end=end)


class TestHybrid:
    def test_pays_the_rate_to_the_quota_and_the_reached_multiple_on_all_above(self):
        curve = Curve.hybrid(0.5, (1, 1.5), (1.25, 2), quota=1_000)
        assert values(curve, -10, 0, 500, 1_000, 1_100, 1_249, 1_250, 2_000) == [
            0,
            0,
            250,
            500,
            575,
            F("686.75"),
            750,
            1_500,
        ]

    def test_over_attainment_it_is_the_same_in_quotas(self):
        share, amount = Curve.hybrid(0.5, (1, 1.5), (1.25, 2)), Curve.hybrid(0.5, (1, 1.5), (1.25, 2), quota=1_000)
        assert share.stretch(1_000, 1_000) == amount

    def test_before_the_first_multiplier_the_overage_earns_the_plain_rate(self):
        curve = Curve.hybrid(0.1, (1.5, 3), quota=100)
        assert values(curve, 100, 149, 150, 200) == [10, F("14.9"), 25, 40]

    def test_the_leap_at_a_breakpoint_is_the_whole_overage_at_the_change_of_rate(self):
        curve = Curve.hybrid(0.5, (1, 1.5), (1.25, 2), (1.5, 2.5), quota=100_000)
        assert [(knot.x, knot.jump) for knot in curve.jumps()] == [(125_000, 6_250), (150_000, 12_500)]
        assert curve.is_rising

    def test_the_owner_of_a_breakpoint_has_it(self):
        lower = Curve.hybrid(0.5, (1, 1.5), (1.25, 2), quota=1_000, owner="lower")
        assert values(lower, 1_250, 1_250.01) == [F("687.5"), F("750.01")]

    def test_a_lower_multiplier_falls_and_shows_it(self):
        (fall,) = Curve.hybrid(0.1, (1, 2), (2, 1), quota=100).falls()
        assert (fall.start, fall.end) == (200, 200)

    @pytest.mark.parametrize("quota", [0, -5])
    def test_a_quota_that_is_not_positive_is_refused(self, quota):
        with pytest.raises(DefinitionError, match=r"quota must be positive \(got "):
            Curve.hybrid(0.1, (1, 2), quota=quota)

    def test_a_multiplier_below_the_quota_is_refused(self):
        with pytest.raises(DefinitionError, match=r"holds from the quota on, so from 1 \(got 0.9\)"):
            Curve.hybrid(0.1, (0.9, 2))

    def test_a_charge_is_as_lawful_as_a_rate(self):
        """A negative rate charges every unit to the quota, not the whole quota at once."""
        charge, earned = Curve.hybrid(-0.1, (1, 1.5), quota=100), Curve.hybrid(0.1, (1, 1.5), quota=100)
        assert values(charge, 0, 50, 100, 150) == [0, -5, -10, F("-17.5")]
        assert charge == -earned


class TestBands:
    TABLE = ((0, 100, 0.05), (100, 200, 0.08), (200, None, 0.1))

    @pytest.mark.parametrize(
        ("kind", "same"), [("marginal", Curve.marginal), ("whole", Curve.whole), ("steps", Curve.steps)]
    )
    def test_that_meet_and_never_end_are_the_curve_by_their_starts(self, kind, same):
        assert Curve.bands(*self.TABLE, kind=kind) == same((0, 0.05), (100, 0.08), (200, 0.1))

    @pytest.mark.parametrize("kind", ["whole", "steps"])
    def test_the_owner_of_a_breakpoint_has_it(self, kind):
        lower = Curve.bands(*self.TABLE, kind=kind, owner="lower")
        upper = Curve.bands(*self.TABLE, kind=kind)
        times = 100 if kind == "whole" else 1
        assert (lower(F(100)), upper(F(100))) == (F("0.05") * times, F("0.08") * times)

    def test_beyond_the_last_end_a_step_and_a_rate_on_the_whole_give_nothing(self):
        table = ((0, 100, 5), (100, 200, 8))
        assert values(Curve.bands(*table, kind="steps"), 99, 100, 199.99, 200, 500) == [5, 8, 8, 0, 0]
        assert values(Curve.bands(*table, kind="steps", owner="lower"), 0, 100, 200, 200.01) == [0, 5, 8, 0]
        assert values(Curve.bands(*table, kind="whole"), 50, 150, 200) == [250, 1_200, 0]

    def test_beyond_the_last_end_marginal_bands_earn_no_more(self):
        curve = Curve.bands((0, 100, 0.05), (100, 200, 0.08), kind="marginal")
        assert values(curve, -5, 100, 150, 200, 1_000) == [0, 5, 9, 13, 13]

    def test_a_band_may_charge_what_another_earned(self):
        """The end of the last band bounds x; what an earlier band gives stays what it is."""
        curve = Curve.bands((0, 100, 0.1), (100, 200, -0.05), kind="marginal")
        assert values(curve, 50, 100, 150, 200, 300) == [5, 10, F("7.5"), 5, 5]

    def test_gaps_and_overlaps_are_named_all_at_once(self):
        with pytest.raises(DefinitionError, match="bands must meet") as caught:
            Curve.bands((0, 10, 1), (11, 20, 2), (15, 30, 3), (30, 40, 4), (50, 45, 5), kind="steps")
        assert list(caught.value.problems) == [
            "gap: a band ends at 10 and the next starts at 11",
            "overlap: a band ends at 20 and the next starts at 15",
            "gap: a band ends at 40 and the next starts at 50",
            "the band from 50 ends at 45",
        ]
        for problem in caught.value.problems:
            assert problem in str(caught.value)

    def test_a_band_without_an_end_must_be_the_last(self):
        with pytest.raises(DefinitionError, match="the band from 0 has no end, but another follows from 10"):
            Curve.bands((0, None, 1), (10, None, 2), kind="marginal")

    @pytest.mark.parametrize("kind", ["marginal", "whole", "steps"])
    def test_a_gap_is_closed_at_the_upper_place_where_told(self, kind):
        printed = ((0, 100, 0.05), (101, 200, 0.08), (201, None, 0.1))
        closed = Curve.bands(*printed, kind=kind, close_gaps=True)
        assert closed == Curve.bands((0, 101, 0.05), (101, 201, 0.08), (201, None, 0.1), kind=kind)
        assert closed(F("100.005")) == {"marginal": F("5.00025"), "whole": F("5.00025"), "steps": F("0.05")}[kind]

    def test_an_overlap_is_refused_even_where_gaps_are_closed(self):
        with pytest.raises(DefinitionError, match="overlap: a band ends at 100 and the next starts at 99"):
            Curve.bands((0, 100, 1), (99, None, 2), kind="steps", close_gaps=True)

    @pytest.mark.parametrize("kind", ["margnal", "", None])
    def test_an_unknown_kind_is_refused(self, kind):
        with pytest.raises(DefinitionError, match="kind must be one of marginal, whole, steps") as caught:
            Curve.bands((0, None, 1), kind=kind)
        assert caught.value.path == "kind"

    def test_no_bands_are_refused(self):
        with pytest.raises(DefinitionError, match="a curve needs at least one band"):
            Curve.bands(kind="steps")

    @pytest.mark.parametrize("odd", [(0, 1), (0, 1, 2, 3), 5, "ab", None])
    def test_bands_that_are_no_triples_are_refused(self, odd):
        with pytest.raises(DefinitionError, match="band"):
            Curve.bands(odd, kind="steps")

    @pytest.mark.parametrize("odd", [("a", None, 1), (0, NAN, 1), (0, None, float("inf")), (0, "b", 1), (None, 1, 1)])
    def test_bands_of_no_numbers_are_refused(self, odd):
        with pytest.raises(DefinitionError, match="a number of a curve must be"):
            Curve.bands(odd, kind="steps")


class TestConstantAndIdentity:
    def test_identity_gives_what_it_gets(self):
        curve = Curve.identity()
        assert values(curve, -7, 0, F(1, 3), 10**30) == [-7, 0, F(1, 3), 10**30]
        assert curve([-1.5, 0.0, 2.25]).tolist() == [-1.5, 0.0, 2.25]
        assert curve.then(curve) == curve

    def test_identity_is_neutral_before_and_after_another(self):
        curve = Curve.through((0.8, 0.5), (1, 1), (1.2, 2), below=0)
        assert curve.then(Curve.identity()).simplified() == curve
        assert Curve.identity().then(curve).simplified() == curve

    def test_a_line_is_made_of_both(self):
        assert values(3 * Curve.identity() + 2, -1, 0, 5) == [-1, 2, 17]


def test_a_million_rows_of_five_tiers_are_exact_to_the_cent():
    tiers = ((0, 0.0225), (50_000, 0.0335), (120_000, 0.0475), (400_000, 0.0625), (1_000_000, 0.0815))
    curve = Curve.marginal(*tiers)
    cents = np.random.default_rng(5).integers(-1_000, 200_000_000, 1_000_000)
    edges = np.array([start * 100 + near for start, _ in tiers for near in (-1, 0, 1)])
    cents[: len(edges)] = edges
    # The oracle: integers alone, tier by tier, in ten thousandths of a cent; rounded half up once, none is negative.
    parts = np.zeros(len(cents), dtype=np.int64)
    ends = [start * 100 for start, _ in tiers[1:]] + [2**40]
    for (start, rate), end in zip(tiers, ends, strict=True):
        parts += np.clip(cents - start * 100, 0, end - start * 100) * round(rate * 10_000)
    expected = (parts + 5_000) // 10_000
    assert np.count_nonzero(parts % 10_000 == 5_000) > 50
    assert np.array_equal(curve.money(cents, "EUR"), expected)
    plan = IncentivePlan("tiers", currency="EUR", pays=[Commission("sold", curve)])
    payouts = plan.pay({"sold": cents})
    assert np.array_equal(payouts.minor, expected)
    assert payouts.total.minor == int(expected.sum())


@pytest.mark.parametrize("column", [np.array([1.5]), [100.0], np.array([100.0, np.nan]), ["100"], [None]])
def test_a_column_of_money_that_is_no_integers_is_refused(column):
    with pytest.raises(DataError, match=r"minor units|must not be missing"):
        Curve.marginal((0, 0.05)).money(column, "EUR")


def test_knots_by_hand_may_stick_out():
    curve = Curve([Knot(5, 0, 3, 1)], 0, 2)
    assert values(curve, 4, 5, 6) == [0, 3, 3]
