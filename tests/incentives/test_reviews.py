"""Salary bands, merit matrices and salary reviews."""

from datetime import date
from fractions import Fraction

import numpy as np
import pytest

from perfkit import (
    Cap,
    Curve,
    DataError,
    DefinitionError,
    FittedReview,
    Floor,
    MeritMatrix,
    MissingColumnsError,
    Money,
    RateTable,
    SalaryBand,
    SalaryRange,
    SalaryReview,
    SalaryStructure,
    ShareOfPeriod,
)
from perfkit.explain import GERMAN

F = Fraction
BANDS = [SalaryBand("junior", 40_000, 60_000), SalaryBand("senior", 55_000, 85_000)]
STRUCTURE = SalaryStructure(BANDS, currency="EUR")
MATRIX = MeritMatrix(
    {"high": [0.06, 0.045, 0.03], "solid": [0.04, 0.03, 0.02], "low": [0, 0, 0]},
    ranges=[(None, 0.9), (0.9, 1.1), (1.1, None)],
)
PEOPLE = {
    "who": ["ana", "ben", "cleo", "dan"],
    "salary": [4_400_000, 5_950_000, 7_000_000, 8_400_000],
    "level": ["junior", "junior", "senior", "senior"],
    "rating": ["high", "high", "solid", "low"],
}


def review(guide=MATRIX, **options):
    return SalaryReview(guide, **({"key": "who", "structure": STRUCTURE} | options))


def raises(rule, people=PEOPLE):
    return rule.raises(people).minor.tolist()


class TestBands:
    def test_have_a_midpoint_half_way_and_steps_for_ends(self):
        assert BANDS[0].midpoint == 50_000
        assert SalaryBand("a", 40_000, 60_000, 48_000).midpoint == 48_000
        band = SalaryBand("9", steps=[10, 20, 40])
        assert (band.minimum, band.midpoint, band.maximum) == (10, 25, 40)

    @pytest.mark.parametrize(
        ("make", "message"),
        [
            (lambda: SalaryBand("a", 40), "band 'a' must have a maximum"),
            (lambda: SalaryBand("a"), "band 'a' must have a minimum"),
            (lambda: SalaryBand("a", 0, 40), "0 < minimum <= midpoint <= maximum"),
            (lambda: SalaryBand("a", 40, 30), "0 < minimum <= midpoint <= maximum"),
            (lambda: SalaryBand("a", 30, 40, 50), "0 < minimum <= midpoint <= maximum"),
            (lambda: SalaryBand("a", steps=[2, 1]), "steps of 'a' must increase"),
            (lambda: SalaryBand("a", 1, 3, steps=[1, 2]), "maximum of 'a' must be that of its steps, 2"),
            (lambda: SalaryStructure([], currency="EUR"), "at least one band"),
            (lambda: SalaryStructure(["a"], currency="EUR"), "bands must be salary bands"),
            (lambda: SalaryStructure(BANDS, currency="EURO"), "ISO 4217"),
            (lambda: SalaryStructure(BANDS, currency="EUR", gaps="mind"), "gaps must be one of"),
            (lambda: SalaryStructure(BANDS, currency="EUR", overlaps="mind"), "overlaps must be one of"),
            (lambda: SalaryStructure([SalaryBand("a", 0.5, 1)], currency="JPY"), "no part of a minor unit"),
            (lambda: SalaryStructure([BANDS[0], BANDS[0]], currency="EUR"), "level 'junior' has two bands"),
            (lambda: SalaryStructure(BANDS[::-1], currency="EUR"), "midpoints must increase from level to level"),
            (
                lambda: SalaryStructure([BANDS[0], SalaryBand("senior", 65_000, 85_000)], currency="EUR"),
                r"a gap between 'junior' and 'senior' \(60,000 and 65,000\); close it or say gaps='allow'",
            ),
            (
                lambda: SalaryStructure(BANDS, currency="EUR", overlaps="refuse"),
                r"'junior' and 'senior' overlap \(55,000 and 60,000\); part them or say overlaps='allow'",
            ),
        ],
    )
    def test_that_mean_nothing_are_refused(self, make, message):
        with pytest.raises(DefinitionError, match=message):
            make()

    def test_all_problems_at_once(self):
        with pytest.raises(DefinitionError) as caught:
            SalaryStructure([BANDS[0], BANDS[0], SalaryBand("lead", 70_000, 90_000)], currency="EUR")
        assert len(caught.value.problems) == 3

    def test_may_have_gaps_where_that_is_said(self):
        bands = [BANDS[0], SalaryBand("senior", 65_000, 85_000)]
        assert SalaryStructure(bands, currency="EUR", gaps="allow").levels == ("junior", "senior")

    def test_unknown_levels_are_refused(self):
        with pytest.raises(DefinitionError, match="did you mean 'senior'"):
            STRUCTURE.band("seniro")
        with pytest.raises(
            DataError, match=r"one of junior, senior \(got 'seniro'\) \(did you mean 'senior'\?\): row 1"
        ):
            review().raises(PEOPLE | {"level": ["junior", "seniro", "senior", "senior"]})
        with pytest.raises(DataError, match="'level' must not be missing: row 0"):
            review().raises(PEOPLE | {"level": [None, "junior", "senior", "senior"]})


class TestMatrix:
    def test_reads_rating_and_compa_ratio(self):
        assert raises(review()) == [264_000, 178_500, 210_000, 0]

    def test_reads_range_penetration(self):
        matrix = MeritMatrix({"high": [0.05, 0.03], "solid": [0.03, 0.01], "low": [0, 0]}, [0.5],
                             position="range_penetration")  # fmt: skip
        # 0.2, 0.975, 0.5 and 0.967 of the range.
        assert raises(review(matrix)) == [220_000, 178_500, 70_000, 0]

    @pytest.mark.parametrize(("owner", "expected"), [("upper", 0.02), ("lower", 0.03)])
    def test_says_who_has_a_breakpoint(self, owner, expected):
        matrix = MeritMatrix({"a": [0.03, 0.02]}, [1], owner=owner)
        assert matrix.rate("a", 1) == F(str(expected))
        one = {"who": "x", "salary": 5_000_000, "level": "junior", "rating": "a"}
        assert review(matrix).raise_one(one)["rate"] == expected

    def test_cells_may_be_curves(self):
        falling = Curve.through((0.8, 0.06), (1.2, 0.02))
        matrix = MeritMatrix({"high": falling, "solid": 0.02, "low": 0})
        assert matrix.rate("high", 0.9) == F("0.05")
        # Compa-ratios of 0.88 and 1.19.
        assert raises(review(matrix)) == [228_800, 124_950, 140_000, 0]

    def test_cells_may_be_ranges_that_a_budget_may_not_leave(self):
        matrix = MeritMatrix({"high": (0.02, 0.05, 0.06), "solid": 0.03, "low": 0})
        rule = review(matrix)
        assert raises(rule) == [220_000, 297_500, 210_000, 0]
        # Both of the high ones would need less than their least.
        fitted = rule.fit(PEOPLE, 2_070 + 500)
        assert raises(fitted) == [88_000, 119_000, 50_000, 0]
        codes = [[reason.code for reason in outcome.reasons] for outcome in fitted.raises(PEOPLE)]
        assert codes == [["cell_minimum"], ["cell_minimum", "red_circle"], ["scaled_to_budget"], []]
        most = rule.fit(PEOPLE, 20_000).raises(PEOPLE)
        assert most[0].minor == 264_000
        assert most[0].reasons[0].code == "cell_maximum"
        assert str(most[0].reasons[0]) == "clipped: cut to the greatest of the guideline, 2,640.00 EUR"

    def test_cells_may_be_shares_of_a_target(self):
        matrix = MeritMatrix({"high": 1.5, "solid": (0.5, 1, 1.25), "low": 0}, target="target")
        assert raises(review(matrix), PEOPLE | {"target": [0.02, 0.03, 0.02, 0.02]}) == [132_000, 267_750, 140_000, 0]

    def test_is_made_of_factors(self):
        matrix = MeritMatrix.of_factors(0.03, {"high": 1.5, "solid": 1}, {(None, 1): 1.2, (1, None): 0.8})
        assert matrix.rate("high", 0.9) == F("0.054")
        assert matrix.rate("solid", 1) == F("0.024")

    @pytest.mark.parametrize(
        ("make", "message"),
        [
            (lambda: MeritMatrix({}), "at least one rating"),
            (lambda: MeritMatrix([("a", [0]), ("a", [0])]), "name each rating once"),
            (lambda: MeritMatrix({"a": [0.1]}, [1]), r"a cell for each of 2 ranges \(got 1 for 'a'\)"),
            (lambda: MeritMatrix({"a": [0, 0, 0]}, [1, 1]), "ranges must increase"),
            (lambda: MeritMatrix({"a": -0.1}), "must not be negative"),
            (lambda: MeritMatrix({"a": (0.1, 0.2)}), "the least, the usual and the greatest rate"),
            (lambda: MeritMatrix({"a": (0.3, 0.2, 0.4)}), "0 <= least <= usual <= greatest"),
            (lambda: MeritMatrix({"a": 0}, position="midpoint"), "position must be one of"),
            (lambda: MeritMatrix({"a": 0}, owner="both"), "owner must be one of"),
            (lambda: MeritMatrix({"a": [0, 0]}, [(None, 0.9), (1, None)]), "there is a gap between 0.9 and 1"),
            (lambda: MeritMatrix({"a": [0, 0]}, [(None, 1), (0.9, None)]), "there is an overlap between 1 and 0.9"),
            (lambda: MeritMatrix({"a": [0, 0]}, [(0.8, 1), (1, None)]), "first range must have no start"),
            (
                lambda: MeritMatrix({"a": [0, 0, 0]}, [(None, 1), (None, 2), (2, None)]),
                "only the first range may have no start",
            ),
            (lambda: MATRIX.rate("hgih", 1), "did you mean 'high'"),
            (lambda: MATRIX.rate("high"), "the matrix asks for the place in the range; give position="),
        ],
    )
    def test_that_means_nothing_is_refused(self, make, message):
        with pytest.raises(DefinitionError, match=message):
            make()

    def test_unknown_ratings_are_refused(self):
        with pytest.raises(DataError, match=r"'rating' must be one of high, solid, low \(got 'hgih'\)"):
            review().raises(PEOPLE | {"rating": ["hgih", "high", "solid", "low"]})
        with pytest.raises(DataError, match=r"'rating' must not be missing: row 0; .*missing='blocked'"):
            review().raises(PEOPLE | {"rating": [None, "high", "solid", "low"]})

    def test_fits_a_budget_in_short(self):
        fitted = MATRIX.fit(PEOPLE, share=0.02, key="who", structure=STRUCTURE, unit=1)
        assert fitted.budget == Money(5_150, "EUR")
        assert fitted.raises(PEOPLE).total == fitted.cost == Money(5_150, "EUR")


class TestReview:
    def test_gives_salaries_and_compa_ratios_before_and_after(self):
        ana = review().raises(PEOPLE)[0]
        assert (ana["salary_before"], ana["salary_after"]) == (Money(44_000, "EUR"), Money(46_640, "EUR"))
        assert (ana["compa_ratio_before"], ana["compa_ratio_after"], ana["rate"]) == (0.88, 0.9328, 0.06)
        assert ana["range_penetration_before"] == 0.2

    @pytest.mark.parametrize(
        ("above", "expected"),
        [("lump_sum", (50_000, 128_500)), ("hold", (50_000, 0)), ("exceed", (178_500, 0))],
    )
    def test_says_what_becomes_of_a_raise_above_the_range(self, above, expected):
        ben = review(above_range=above).raises(PEOPLE)[1]
        assert (ben["raise"].minor, ben["lump_sum"].minor) == expected
        reasons = {"lump_sum": ["red_circle"], "hold": ["range_maximum"], "exceed": []}
        assert [reason.code for reason in ben.reasons] == reasons[above]
        ben.explain().check()

    def test_a_salary_above_its_range_is_a_red_circle(self):
        one = {"who": "x", "salary": 6_500_000, "level": "junior", "rating": "high"}
        outcome = review().raise_one(one)
        assert (outcome.code, outcome["raise"].minor, outcome["lump_sum"].minor) == ("lump_sum", 0, 195_000)
        assert str(outcome.explain()).startswith("salary review: 65,000.00 EUR to 65,000.00 EUR, and 1,950.00 EUR once")
        assert review(above_range="hold").raise_one(one).code == "none"

    def test_what_is_held_goes_to_the_others(self):
        lump, held = (review(above_range=above).fit(PEOPLE, 5_000).raises(PEOPLE) for above in ("lump_sum", "hold"))
        assert lump.total == held.total
        assert held[0].minor > lump[0].minor

    def test_floors_caps_and_the_minimum_of_the_range(self):
        people = PEOPLE | {"salary": [3_900_000, 5_000_000, 7_000_000, 8_400_000]}
        rule = review(to_minimum=True, minimum_raise=2_500, maximum_raise=Cap(0.04, of="salary"))
        outcomes = rule.raises(people)
        assert outcomes.minor.tolist() == [156_000, 200_000, 250_000, 0]
        codes = [[reason.code for reason in outcome.reasons] for outcome in outcomes]
        assert codes == [["maximum_raise", "below_range"], ["maximum_raise"], ["minimum_raise"], []]
        low = review(0, to_minimum=True).raise_one({name: values[0] for name, values in people.items()})
        assert (low.minor, low.reasons[0].code) == (100_000, "range_minimum")

    def test_a_cap_is_stronger_than_the_minimum_of_the_range_and_says_so(self):
        one = {"who": "x", "salary": 3_000_000, "level": "junior", "rating": "high", "share": 0}
        outcome = review(0.03, to_minimum=True, maximum_raise=4_000, prorate="share").raise_one(one)
        assert (outcome.minor, [reason.code for reason in outcome.reasons]) == (
            0,
            ["no_time", "maximum_raise", "below_range"],
        )
        assert "cut to the greatest raise of 0.00 EUR" in str(outcome.explain())

    def test_a_general_increase_of_a_rate_and_an_amount(self):
        rule = SalaryReview(0.02, amount=300, key="who", currency="EUR", minimum_raise=Floor(1_200))
        outcomes = rule.raises(PEOPLE)
        assert outcomes.minor.tolist() == [120_000, 149_000, 170_000, 198_000]
        assert "compa_ratio_before" not in outcomes.facts
        text = str(outcomes.explain(1))
        assert "rate and amount" in text
        assert "fixed amount" in text

    def test_amounts_of_a_column_and_rates_of_a_table(self):
        rule = SalaryReview(RateTable("rating", {"high": 0.02}, 0), amount="extra", key="who", currency="EUR")
        assert raises(rule, PEOPLE | {"extra": [100, 0, 0, 50]}) == [88_100, 119_000, 0, 50]
        with pytest.raises(DataError, match="'extra' must not be negative"):
            raises(rule, PEOPLE | {"extra": [-100, 0, 0, 50]})

    def test_prorated_by_date(self):
        year = ShareOfPeriod("hired", first=date(2025, 1, 1), last=date(2025, 12, 31))
        rule = SalaryReview(0.0365, key="who", currency="EUR", prorate=year, minimum_raise=10)
        people = PEOPLE | {"hired": ["2025-12-31", None, date(2024, 5, 1), np.datetime64("2026-02-01")]}
        assert raises(rule, people) == [440, 217_175, 255_500, 0]
        assert "share of the time" not in str(rule.raises(people).explain(0))
        assert "hired: 1 of 365" in str(rule.raises(people).explain(0))

    def test_who_is_not_eligible_or_not_rated_is_told(self):
        rule = review(eligible="ok", missing="blocked")
        people = PEOPLE | {"ok": [0, 1, 1, 1], "rating": ["high", None, "solid", "low"]}
        outcomes = rule.raises(people)
        assert [str(reason) for outcome in outcomes for reason in outcome.reasons] == [
            "blocked: not eligible: ok is no",
            "blocked: not rated: rating is missing",
        ]
        assert outcomes.minor.tolist() == [0, 0, 210_000, 0]
        assert all(outcomes.explain(row).value == outcomes[row].amount for row in range(4))
        numbers = SalaryReview("rate", key="who", currency="EUR", missing="blocked")
        assert raises(numbers, PEOPLE | {"rate": [0.01, np.nan, 0.02, 0]}) == [44_000, 0, 140_000, 0]

    def test_ranges_in_columns(self):
        people = PEOPLE | {"low": [4_000_000] * 4, "mid": [5_000_000] * 4, "high": [5_000_000, 6_000_000] * 2}
        rule = review(structure=SalaryRange("low", "mid", "high"), currency="EUR")
        assert rule.raises(people)[0]["compa_ratio_before"] == 0.88
        with pytest.raises(DataError, match="'low' must be positive and not above the midpoint: row 0"):
            rule.raises(people | {"low": [5_100_000] + [4_000_000] * 3})
        with pytest.raises(DataError, match="'high' must not be below the midpoint: row 3"):
            rule.raises(people | {"high": [5_000_000] * 3 + [4_999_999]})

    def test_a_range_without_width_is_one_place(self):
        people = PEOPLE | {name: [7_000_000] * 4 for name in ("low", "mid", "high")}
        rule = review(0.01, structure=SalaryRange("low", "mid", "high"), currency="EUR", above_range="exceed")
        assert rule.raises(people).facts["range_penetration_before"].tolist() == [0, 0, 1, 2]

    def test_a_salary_below_its_range_is_said_and_the_raise_is_paid(self):
        low = PEOPLE | {"salary": [3_900_000, 4_000_000, 7_000_000, 5_000_000]}
        for options, paid in (({}, 234_000), ({"to_minimum": True, "guide": 0}, 100_000)):
            raised = review(**options).raises(low)
            codes = [[reason.code for reason in outcome.reasons] for outcome in raised]
            assert ["below_range" in listed for listed in codes] == [True, False, False, True]
            assert raised[0].amount == Money.from_minor(paid, "EUR")
        reason = review().raises(low)[0].reasons[0]
        assert str(reason) == "noted: the salary was below its range, which starts at 40,000.00 EUR"
        assert reason.phrase(GERMAN) == "das Gehalt lag unter seinem Band, das bei 40.000,00 EUR beginnt"


class TestBudget:
    def test_is_met_to_the_cent_and_proved(self):
        fitted = review().fit(PEOPLE, Money("5,000.01 EUR"))
        assert fitted.raises(PEOPLE).total == Money("5,000.01 EUR")
        proof = fitted.explain_budget(PEOPLE)
        proof.check()
        assert [part.code for part in proof["budget_cost"].parts] == ["guidelines", "budget_factor"]
        assert proof.value == Money("5,000.01 EUR")

    def test_what_cannot_be_given_is_said(self):
        capped = review(maximum_raise=1_000).fit(PEOPLE, 5_000)
        assert [(rest.amount, rest.reason) for rest in capped.left] == [(Money(2_000, "EUR"), "caps")]
        unit = review(unit=100).fit(PEOPLE, 5_050)
        assert [(rest.amount, rest.reason) for rest in unit.left] == [(Money(50, "EUR"), "unit")]
        down = review(scale="down", unit=1).fit(PEOPLE, 10_000)
        assert raises(down) == raises(review(unit=1))
        assert [(rest.amount, rest.reason) for rest in down.left] == [(Money(3_475, "EUR"), "guidelines")]
        assert down.factor() == 1
        assert raises(review(scale="down").fit(PEOPLE, 3_000)) == raises(review().fit(PEOPLE, 3_000))

    def test_of_groups_are_met_each(self):
        people = PEOPLE | {"team": ["x", "y", "x", "y"]}
        fitted = review(within="team").fit(people, {"x": 4_000, "y": Money(1_000, "EUR")})
        assert raises(fitted, people) == [222_785, 100_000, 177_215, 0]
        assert fitted.factor("y") == F(1_000) / F("1785")
        assert "budget of y" in str(fitted.explain_budget(people))
        with pytest.raises(DefinitionError, match="group must be one with a budget"):
            fitted.factor("z")
        with pytest.raises(DataError, match="must be a group with a budget: rows 0, 1"):
            fitted.raises(people | {"team": ["z"] * 4})
        shares = review(within="team").fit(people, share=0.01)
        assert [part.minor for part in shares.slices] == [114_000, 143_500]

    def test_as_a_share_of_payroll_is_left_where_nobody_can_take_it(self):
        people = PEOPLE | {"rating": ["high", "high", "low", "low"], "team": ["x", "x", "y", "y"]}
        fitted = review(within="team").fit(people, share=0.02)
        payroll = sum(people["salary"][2:])
        assert [(rest.group, rest.amount.minor, rest.reason) for rest in fitted.left] == [
            (("y",), payroll * 2 // 100, "nobody")
        ]
        assert fitted.raises(people).minor[2:].tolist() == [0, 0]
        fitted.explain_budget(people).check()
        with pytest.raises(DataError, match="nobody in 'y' has a guideline above nothing"):
            review(within="team").fit(people, {"x": 100, "y": 100})

    def test_of_other_people_is_not_proved(self):
        fitted = review().fit(PEOPLE, 5_000)
        with pytest.raises(DataError, match=r"was fitted to 4 people and 5,000.00 EUR"):
            fitted.explain_budget(PEOPLE | {"salary": [4_500_000, 5_950_000, 7_000_000, 8_400_000]})

    def test_without_a_budget_there_is_none(self):
        rule = review().fit(PEOPLE, 5_000)
        assert (rule.budget, rule.cost) == (Money(5_000, "EUR"), Money(5_000, "EUR"))
        from_guide = type(rule)(review())
        assert (from_guide.budget, from_guide.cost, from_guide.left, from_guide.factor()) == (None, None, (), 1)

    @pytest.mark.parametrize(
        ("budget", "options", "message"),
        [
            (None, {}, "to a budget or to a share of payroll"),
            (100, {"share": 0.1}, "to a budget or to a share of payroll"),
            (-1, {}, "a budget must not be negative"),
            (None, {"share": -0.1}, "share must not be negative"),
            (0.001, {}, "a budget must be whole minor units"),
            ("much", {}, "a budget must be a number"),
            (Money(1, "USD"), {}, r"budget must be of EUR \(got USD\)"),
            ({"x": 100}, {}, "budgets by group come with within="),
        ],
    )
    def test_that_means_nothing_is_refused(self, budget, options, message):
        with pytest.raises(DefinitionError, match=message):
            review().fit(PEOPLE, budget, **options)

    def test_below_the_floors_is_refused(self):
        with pytest.raises(DataError, match=r"least raises add up to 3,000.00 EUR and the budget is 2,999.99 EUR"):
            review(minimum_raise=1_000).fit(PEOPLE, Money("2,999.99 EUR"))
        people = PEOPLE | {"team": ["x", "y", "x", "y"]}
        with pytest.raises(DataError, match=r"least raises of 'y' add up to 1,000.00 EUR"):
            review(minimum_raise=1_000, within="team").fit(people, {"x": 5_000, "y": 10})
        with pytest.raises(DefinitionError, match="budgets by group come with within="):
            review(within="team").fit(people, 10)
        with pytest.raises(DataError, match=r"group 'y' must have a budget \(got x\)"):
            review(within="team").fit(people, {"x": 10})
        with pytest.raises(DataError, match="'team' must say which group a row is in: row 0"):
            review(within="team").fit(people | {"team": [None, "x", "x", "y"]}, {"x": 10, "y": 10})

    def test_for_nobody_is_refused(self):
        with pytest.raises(
            DataError, match=r"nobody has a guideline above nothing, so nothing says who gets 100.00 EUR"
        ):
            review().fit(PEOPLE | {"rating": ["low"] * 4}, 100)
        with pytest.raises(DataError, match="nobody in 'x' has a guideline"):
            review(within="team").fit(PEOPLE | {"rating": ["low"] * 4, "team": ["x"] * 4}, {"x": 100})
        assert review().fit(PEOPLE | {"rating": ["low"] * 4}, 0).left == ()


class TestBadReviews:
    @pytest.mark.parametrize(
        ("options", "message"),
        [
            ({"structure": None, "currency": "EUR"}, "a matrix with ranges needs the range of each salary"),
            ({"guide": 0.02, "structure": None, "currency": "EUR", "to_minimum": True}, "to_minimum needs the range"),
            ({"guide": 0.02, "structure": None}, "must have a currency"),
            ({"currency": "USD"}, r"one currency \(got USD and bands of EUR\)"),
            ({"above_range": "lose"}, "above_range must be one of"),
            ({"scale": "up"}, "scale must be one of"),
            ({"missing": "zero"}, "missing must be one of"),
            ({"unit": -1}, "unit must be positive"),
            ({"unit": 0.001}, "whole number of minor units"),
            ({"structure": "bands"}, "structure must be a SalaryStructure"),
            ({"to_minimum": 1}, "to_minimum must be a bool"),
            ({"maximum_raise": -5}, "a cap must not be negative"),
        ],
    )
    def test_are_refused(self, options, message):
        with pytest.raises(DefinitionError, match=message):
            review(**options)

    @pytest.mark.parametrize(
        ("options", "change", "message"),
        [
            ({}, {"salary": [0, 1, 1, 1]}, "'salary' must be positive: row 0; leave out who has no salary"),
            ({}, {"salary": [1.5, 1.0, 1.0, 1.0]}, "must be int64 minor units"),
            ({}, {"salary": [Money(1, "USD")] * 4}, "'salary' must be money of one currency, EUR: rows 0, 1, 2, 3"),
            ({"guide": "rate"}, {"rate": [-0.01, 0, 0, 0]}, "'rate' must give a rate that is not negative: row 0"),
            ({"prorate": "share"}, {"share": [1.5, 1, 1, 1]}, "'share' must give a share between 0 and 1: row 0"),
            ({"minimum_raise": "least"}, {"least": [-1, 0, 0, 0]}, "'least' must give a limit that is not negative"),
            (
                {},
                {"rating": ["high", None, "low", "low"]},
                "'rating' must not be missing: row 1; fill it.*'blocked' in the",
            ),
            (
                {"guide": RateTable("rating", {"high": 0.05}, 0)},
                {"rating": ["high", None, "low", "low"]},
                "'rating' must not be missing: row 1; fill it, leave these rows out, or say missing='blocked'",
            ),
            (
                {"guide": "rate"},
                {"rate": [0.1, None, 0.1, 0.1]},
                "'rate' must not be missing: row 1; fill it, .*missing='blocked'",
            ),
            ({}, {"level": ["junior", None, None, "senior"]}, "'level' must not be missing: rows 1, 2; .*rows out$"),
            ({}, {"salary": [None, 1, 1, 1]}, "'salary' must not be missing: row 0; fill it or leave these rows out$"),
            (
                {"minimum_raise": "least"},
                {"least": [None, 0, 0, 0]},
                "'least' must not be missing: row 0; fill it or leave these rows out$",
            ),
            ({"amount": "more"}, {"more": [None, 0, 0, 0]}, "'more' must not be missing: row 0; .*rows out$"),
            ({}, {"who": ["a", "a", "b", "c"]}, r"one row \(got 'a' again\)"),
        ],
    )
    def test_data_are_refused(self, options, change, message):
        with pytest.raises(DataError, match=message):
            review(**options).fit(PEOPLE | change, 1_000)

    @pytest.mark.parametrize("within", [None, "level"])
    @pytest.mark.parametrize("budget", [{"budget": 0}, {"budget": 1_000}, {"share": 0.02}])
    def test_nobody_at_all_is_refused(self, within, budget):
        if within and "budget" in budget:
            budget = {"budget": {"junior": budget["budget"]}}
        nobody = {name: [] for name in PEOPLE}
        with pytest.raises(DataError, match=r"must see somebody to be fitted \(got no rows\)"):
            review(within=within).fit(nobody, **budget)

    def test_a_review_without_a_budget_has_nothing_to_prove(self):
        FittedReview(review()).check(PEOPLE)

    @pytest.mark.parametrize("fit", [False, True])
    def test_two_currencies_are_refused_of_a_fitted_review_too(self, fit):
        rule = review().fit(PEOPLE, 1_000) if fit else review()
        mixed = PEOPLE | {"salary": [Money(44_000, "EUR"), Money(1, "USD"), Money(1, "EUR"), Money(1, "EUR")]}
        message = "'salary' must be money of one currency, EUR: row "
        with pytest.raises(DataError, match=message + "1"):
            rule.raises(mixed)
        with pytest.raises(DataError, match=message + "0"):
            rule.raise_one({name: column[1] for name, column in mixed.items()})
        if fit:
            with pytest.raises(DataError, match=message + "1"):
                rule.check(mixed)

    def test_all_missing_columns_at_once(self):
        with pytest.raises(MissingColumnsError) as caught:
            review().raises({"who": ["a"]})
        assert set(caught.value.columns) == {"salary", "rating", "level"}

    def test_a_structure_of_another_currency_is_refused(self):
        with pytest.raises(DataError, match=r"salaries must be of EUR, like the bands \(got USD\)"):
            STRUCTURE.require_currency("USD")


class TestShareOfPeriod:
    def shares(self, people, **options):
        rule = ShareOfPeriod("hired", first=date(2026, 1, 1), last=date(2026, 12, 31), **options)
        review_of = SalaryReview(1, key="who", currency="EUR", prorate=rule)
        n = len(people["hired"])
        raised = review_of.raises(people | {"who": list(range(n)), "salary": [36_500] * n})
        return [minor / 36_500 for minor in raised.minor.tolist()]

    def test_counts_from_the_first_day_to_the_last(self):
        people = {"hired": ["2025-07-01", "2026-10-20", "2027-01-01"]}
        assert self.shares(people) == [1, 73 / 365, 0]
        assert self.shares(people, convention="actual/365") == [1, 73 / 365, 0]
        assert self.shares({"hired": ["2026-07-01"]}, convention="whole_months") == [0.5]

    def test_ends_where_somebody_leaves(self):
        people = {"hired": [None, None, "2026-06-01"], "left": [date(2026, 3, 14), None, date(2026, 5, 1)]}
        assert self.shares(people, end="left") == [73 / 365, 1, 0]

    def test_refuses_what_is_no_date(self):
        with pytest.raises(DataError, match="'hired' must hold dates, such as 2026-03-31: row 1"):
            self.shares({"hired": ["2026-01-01", "soon"]})

    @pytest.mark.parametrize(
        ("options", "message"),
        [
            ({"last": date(2025, 1, 1)}, "must not end"),
            ({"first": "2026-01-01"}, "first must be a date"),
            ({"convention": "moons"}, "convention must be one of"),
            ({"last": date(2026, 1, 15), "convention": "whole_months"}, "has no time by 'whole_months'"),
        ],
    )
    def test_that_means_nothing_is_refused(self, options, message):
        with pytest.raises(DefinitionError, match=message):
            ShareOfPeriod("hired", **({"first": date(2026, 1, 1), "last": date(2026, 12, 31)} | options))
