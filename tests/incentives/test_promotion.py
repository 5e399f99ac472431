"""Ladders, their requirements, seats and placement; and step progression."""

from datetime import date
from fractions import Fraction

import numpy as np
import pandas as pd
import polars as pl
import pytest
from attrs import frozen

from perfkit import (
    Condition,
    DataError,
    DefinitionError,
    FittedLadder,
    Ladder,
    Money,
    NoSanction,
    Placement,
    RatingHistory,
    Rounding,
    SalaryBand,
    SalaryStructure,
    StepProgression,
    TimeInLevel,
    TwoStepPlacement,
)
from perfkit._incentives.requirements import time_between
from perfkit.errors import UnfittedError
from perfkit.explain import ENGLISH, GERMAN

DAY = date(2026, 4, 1)
STRUCTURE = SalaryStructure(
    [SalaryBand("junior", 40_000, 60_000), SalaryBand("senior", 55_000, 85_000), SalaryBand("lead", 80_000, 120_000)],
    currency="EUR",
)
GRADES = SalaryStructure(
    [
        SalaryBand("9", steps=[52_727 + 1_758 * step for step in range(10)]),
        SalaryBand("11", steps=[63_795 + 2_127 * step for step in range(10)]),
    ],
    currency="USD",
)
ANA = {"who": "ana", "level": "junior", "salary": 5_000_000}


def ladder(*requirements, **options):
    return Ladder(STRUCTURE, requirements, **({"key": "who"} | options))


def judged(requirement, **row):
    """Whether one row meets a requirement, and the reason where it does not."""
    outcome = ladder(requirement).promote_one(ANA | row, as_of=DAY)
    return outcome.code == "promoted", [str(reason) for reason in outcome.reasons]


class TestRequirements:
    @pytest.mark.parametrize(
        ("since", "unit", "at_least", "met"),
        [
            ("2025-04-01", "months", 12, True),
            ("2025-04-02", "months", 12, False),
            (date(2025, 4, 1), "years", 1, True),
            (np.datetime64("2025-04-02T09:00"), "years", 1, False),
            (np.datetime64("2025-04-02"), "weeks", 52, True),
            ("2025-04-03", "weeks", 52, False),
            ("2026-03-31", "days", 1, True),
            ("2026-04-02", "days", 0, False),
        ],
    )
    def test_time_in_level(self, since, unit, at_least, met):
        got, reasons = judged(TimeInLevel("since", at_least, unit), since=since)
        assert got == met
        assert met or f"of {at_least} {unit}, since" in reasons[0]

    def test_a_month_that_starts_on_the_31st_is_whole_at_the_end_of_a_shorter_one(self):
        start = np.array(["2026-01-31", "2026-01-30", "2026-01-31"], dtype="datetime64[D]")
        assert time_between(start, date(2026, 2, 28), "months").tolist() == [1, 1, 1]
        assert time_between(start, date(2026, 2, 27), "months").tolist() == [0, 0, 0]
        assert time_between(start, date(2025, 12, 31), "months").tolist() == [-1, -1, -1]

    @pytest.mark.parametrize("frame", [pd.DataFrame, pl.DataFrame], ids=["pandas", "polars"])
    def test_dates_come_from_data_frames(self, frame):
        since = [pd.Timestamp(2025, 4, 1), pd.Timestamp(2025, 4, 2), None]
        people = frame({"who": [1, 2, 3], "level": ["junior"] * 3, "salary": [5_000_000] * 3, "since": since})
        outcomes = ladder(TimeInLevel("since", 12)).promote(people, as_of=DAY)
        assert [outcome.code for outcome in outcomes] == ["promoted", "not_eligible", "not_eligible"]
        assert [reason.code for outcome in outcomes for reason in outcome.reasons] == ["time_in_level", "not_known"]

    def test_unknown_time_is_told(self):
        assert judged(TimeInLevel("since", 1), since=None) == (False, ["blocked: time in level: not known"])
        with pytest.raises(DataError, match="'since' must hold dates"):
            judged(TimeInLevel("since", 1), since="long ago")

    @pytest.mark.parametrize(
        ("now", "before", "times", "met", "reason"),
        [
            ("solid", "low", 1, True, None),
            ("solid", "low", 2, False, "blocked: ratings: 1 of the last 2 at least solid, 2 needed"),
            ("high", "solid", 2, True, None),
            # A missing rating only matters where it could decide.
            ("solid", None, 1, True, None),
            ("low", None, 2, False, "blocked: ratings: 0 of the last 2 at least solid, 2 needed"),
            ("solid", None, 2, False, "blocked: ratings: not known"),
        ],
    )
    def test_rating_history(self, now, before, times, met, reason):
        rule = RatingHistory(["now", "before"], "solid", scale=["low", "solid", "high"], times=times)
        assert judged(rule, now=now, before=before) == (met, [reason] if reason else [])

    def test_unknown_ratings_are_refused(self):
        with pytest.raises(DataError, match=r"'now' must be one of low, solid \(got 'gold'\): row 0; mend the rating"):
            judged(RatingHistory("now", "solid", scale=["low", "solid"]), now="gold")

    @pytest.mark.parametrize(
        ("condition", "value", "met", "reason"),
        [
            (Condition("x"), True, True, None),
            (Condition("x", name="certificate"), 0, False, "blocked: certificate: x is no"),
            (Condition("x"), None, False, "blocked: x: not known"),
            (Condition("x", at_least=1), 1, True, None),
            (Condition("x", at_least=1), 0.99, False, "blocked: x: x is 0.99, at least 1 is needed"),
            (Condition("x", at_most=0.1), 0.2, False, "blocked: x: x is 0.2, at most 0.1 is needed"),
            (Condition("x", at_least=1, at_most=2), 3, False, "blocked: x: x is 3, 1 to 2 is needed"),
            (Condition("x", at_least=1), float("nan"), False, "blocked: x: not known"),
        ],
    )
    def test_conditions(self, condition, value, met, reason):
        assert judged(condition, x=value) == (met, [reason] if reason else [])

    @pytest.mark.parametrize(
        ("until", "met"), [(None, True), ("2026-03-31", True), ("2026-04-01", False), ("2027-01-01", False)]
    )
    def test_no_live_sanction(self, until, met):
        reason = f"blocked: no live sanction: a sanction until {until}"
        assert judged(NoSanction("until"), until=until) == (met, [] if met else [reason])

    def test_who_has_no_sanction_reads_so(self):
        def said(until, catalogue=ENGLISH):
            found = ladder(NoSanction("until"), TimeInLevel("since", 12)).promote_one(
                ANA | {"until": until, "since": "2024-03-01"}, as_of=DAY
            )
            return found.explain().text(catalogue)

        assert "no live sanction: no sanction " in said(None)
        assert "no live sanction: a sanction until 2026-03-31 " in said("2026-03-31")
        assert "keine laufende Sanktion: keine Sanktion " in said(None, GERMAN)
        assert "eine Sanktion bis 31.03.2026 " in said("2026-03-31", GERMAN)
        assert "von 12 Monaten, seit 01.03.2024" in said(None, GERMAN)

    def test_missing_evidence_may_be_refused(self):
        rule = ladder(TimeInLevel("since", 1), missing="refuse")
        with pytest.raises(DataError, match="'since' must be known for 'time in level': row 0"):
            rule.promote_one(ANA | {"since": None}, as_of=DAY)

    @pytest.mark.parametrize(
        ("make", "message"),
        [
            (lambda: TimeInLevel("since", -1), "whole number of months"),
            (lambda: TimeInLevel("since", 1.5), "whole number of months"),
            (lambda: TimeInLevel("since", 1, "moons"), "unit must be one of"),
            (lambda: RatingHistory(["a"], "x", scale=["y"]), "one of the ratings of the scale"),
            (lambda: RatingHistory(["a"], "y", scale=["y", "y"]), "one of the ratings of the scale"),
            (lambda: RatingHistory(["a"], "y", scale=["y"], times=2), "from 1 to the 1 cycles"),
            (lambda: RatingHistory([], "y", scale=["y"]), "from 1 to the 0 cycles"),
            (lambda: Condition("x", at_least=2, at_most=1), "can never hold"),
            (lambda: ladder("certified"), r"requirements\[0\] must have the members of Requirement"),
            (lambda: ladder(Condition("x"), Condition("x", at_least=1)), r"different names \(got 'x' twice\)"),
            (lambda: ladder(max_levels=0), "max_levels must be a whole number from 1 on"),
            (lambda: ladder(seats={"boss": 1}, order="x"), "level must be one of"),
            (lambda: ladder(seats={"lead": -1}, order="x"), "seats of 'lead' must be a whole number"),
            (lambda: ladder(seats=[("lead", 1), ("lead", 2)], order="x"), "name each level once"),
            (lambda: ladder(seats={"lead": 1}), "limited seats are decided by a stated order: say order="),
            (lambda: ladder(order=[("x", "best")]), "order must be one of high, low"),
            (lambda: ladder(ties="lots"), "ties must be one of hold, key"),
            (lambda: ladder(missing="zero"), "missing must be one of"),
            (lambda: ladder(placement=0.1), r"placement must have a method place\(\)"),
            (lambda: Ladder("levels", key="who"), "structure must be a SalaryStructure"),
            (lambda: FittedLadder(ladder(), "2026-04-01"), "as_of must be a date"),
        ],
    )
    def test_that_mean_nothing_are_refused(self, make, message):
        with pytest.raises(DefinitionError, match=message):
            make()


class TestLadder:
    def test_promotes_to_the_next_level(self):
        outcome = ladder(placement=Placement(0.08)).promote_one(ANA, as_of=DAY)
        assert (outcome.code, outcome.action, outcome.amount) == ("promoted", "promotion", Money(5_000, "EUR"))
        assert (outcome["level_before"], outcome["level_after"]) == ("junior", "senior")
        assert (outcome["compa_ratio_before"], outcome["compa_ratio_after"]) == (1.0, 0.785714)
        text = str(outcome.explain())
        assert text.splitlines()[0].startswith("promotion: from junior to senior")
        assert "up to the minimum of senior" in text

    def test_the_highest_level_is_told(self):
        outcome = ladder().promote_one(ANA | {"level": "lead"}, as_of=DAY)
        assert [str(reason) for reason in outcome.reasons] == ["blocked: lead is the highest level"]
        assert "lead is the highest level" in str(outcome.explain())

    def test_a_proposal_may_jump_so_many_levels(self):
        rule = ladder(to="to", max_levels=1)
        outcomes = [rule.promote_one(ANA | {"to": to}, as_of=DAY) for to in ("senior", "lead", "junior", None, "")]
        assert [outcome.code for outcome in outcomes] == ["promoted", "not_eligible", "not_eligible", "none", "none"]
        assert str(outcomes[1].reasons[0]) == "blocked: 2 levels up, at most 1"
        assert str(outcomes[2].reasons[0]) == "blocked: junior is not above junior"
        assert outcomes[3].explain().value == Money(0, "EUR")
        with pytest.raises(DataError, match="'to' must be one of junior, senior, lead"):
            rule.promote_one(ANA | {"to": "boss"}, as_of=DAY)

    def test_limited_seats_must_see_the_candidates(self):
        rule = ladder(seats={"senior": 1}, order="score")
        with pytest.raises(UnfittedError, match="has limited seats, so it must see the candidates first"):
            rule.promote_one(ANA | {"score": 1}, as_of=DAY)

    def test_seats_go_by_the_order_and_ties_are_visible(self):
        people = {
            "who": ["a", "b", "c", "d"],
            "level": ["junior"] * 4,
            "salary": [5_000_000] * 4,
            "score": [1.2, 1.1, 1.1, 0.9],
            "years": [1, 2, 2, 9],
        }
        order = ["score", ("years", "low")]
        held = ladder(seats={"senior": 2}, order=order).fit(people, as_of=DAY)
        assert [outcome.code for outcome in held.promote(people)] == ["promoted", "tied", "tied", "no_seat"]
        assert str(held.promote(people)[1].reasons[0]) == (
            "unfunded: tied: 2 are equal for the last 1 of 2 seats in senior"
        )
        assert held.bars[0].open_seats == 1
        by_key = ladder(seats={"senior": 2}, order=order, ties="key").fit(people, as_of=DAY).promote(people)
        assert [outcome.code for outcome in by_key] == ["promoted", "promoted", "no_seat", "no_seat"]
        assert by_key.facts["tied"].tolist() == [False, True, True, False]
        assert [reason.code for reason in by_key[2].reasons] == ["tied_by_key"]
        assert "keys up to b are in" in str(by_key[2].explain())
        none = ladder(seats={"senior": 0}, order=order).fit(people, as_of=DAY).promote(people)
        assert {outcome.code for outcome in none} == {"no_seat"}
        all_in = ladder(seats={"senior": 9}, order=order).fit(people, as_of=DAY)
        assert {outcome.code for outcome in all_in.promote(people)} == {"promoted"}
        assert all_in.bars[0].open_seats == 5
        assert "9 seats in senior for 4 candidates" in str(all_in.promote(people).explain(0))

    @pytest.mark.parametrize(
        ("change", "message"),
        [
            ({"salary": 0}, "'salary' must be positive"),
            ({"level": "boss"}, "'level' must be one of junior, senior, lead"),
            ({"level": None}, "'level' must not be missing"),
        ],
    )
    def test_bad_rows_are_refused(self, change, message):
        with pytest.raises(DataError, match=message):
            ladder().promote_one(ANA | change, as_of=DAY)

    def test_a_person_with_two_rows_is_refused(self):
        people = {name: [value] * 2 for name, value in (ANA | {"score": 1}).items()}
        with pytest.raises(DataError, match="one row"):
            ladder(seats={"senior": 1}, order="score").fit(people, as_of=DAY)

    def test_takes_rules_of_ones_own(self):
        @frozen
        class Sponsor:
            name: str = "sponsor"

            def needs(self):
                return Condition("sponsored").needs()

            def judge(self, rows, as_of):
                return Condition("sponsored").judge(rows, as_of)

        @frozen
        class Flat:
            def place(self, salary, old, new, levels, currency, record):
                after = Money.from_minor(salary + 100_000, currency)
                record.leaf("base", Money.from_minor(salary, currency), label="before")
                record.leaf("base", Money(1_000, currency), label="promotion")
                record.says(value=after, relation="sum")
                return salary + 100_000

        outcome = ladder(Sponsor(), placement=Flat()).promote_one(ANA | {"sponsored": True}, as_of=DAY)
        assert outcome.amount == Money(1_000, "EUR")
        outcome.explain().check()

    @pytest.mark.parametrize("ties", ["hold", "key"])
    @pytest.mark.parametrize("scores", [[3, 2, 1], [3, 3, 1], [1, 1, 1], [3, 2, 2]])
    @pytest.mark.parametrize("seats", [0, 1, 2, 3, 4])
    def test_fills_the_seats_it_was_fitted_to_and_proves_it(self, ties, scores, seats):
        people = {"who": ["a", "b", "c"], "level": ["junior"] * 3, "salary": [5_000_000] * 3, "score": scores}
        fitted = ladder(seats={"senior": seats}, order="score", ties=ties).fit(people, as_of=DAY)
        fitted.check(people)
        more = {name: [*column, column[0]] for name, column in people.items()} | {"who": ["a", "b", "c", "d"]}
        with pytest.raises(DataError, match=rf"3 candidates for {seats} seats in 'senior', who take .*fit it again"):
            fitted.check(more)

    def test_other_candidates_who_fill_more_seats_are_refused(self):
        people = {"who": [1, 2], "level": ["junior"] * 2, "salary": [5_000_000] * 2, "score": [2, 1]}
        fitted = ladder(seats={"senior": 1}, order="score").fit(people, as_of=DAY)
        with pytest.raises(DataError, match=r"who take 1 \(got 2 candidates who take 2\); fit it again to these"):
            fitted.check(people | {"who": [3, 4], "score": [5, 6]})
        with pytest.raises(DataError, match="one row"):
            fitted.check(people | {"who": [3, 3]})

    @pytest.mark.parametrize("missing", ["refuse", "blocked"])
    def test_a_missing_salary_is_refused_when_it_is_fitted(self, missing):
        people = {"who": [1, 2], "level": ["junior"] * 2, "salary": [5_000_000, None], "score": [2, 1]}
        rule = ladder(seats={"senior": 1}, order="score", missing=missing)
        with pytest.raises(DataError, match="'salary' must not be missing: row 1; fill it, or leave out who has no"):
            rule.fit(people, as_of=DAY)
        with pytest.raises(DataError, match="'salary' must be positive: row 1"):
            rule.fit(people | {"salary": [5_000_000, 0]}, as_of=DAY)

    def test_missing_evidence_that_is_refused_speaks_of_the_ladder(self):
        with pytest.raises(
            DataError, match=r"'certified' must be known for 'certified'.*missing='blocked' in the ladder"
        ):
            ladder(Condition("certified"), missing="refuse").promote_one(ANA | {"certified": None}, as_of=DAY)

    def test_two_currencies_are_refused(self):
        mixed = {"who": [1, 2], "level": ["junior"] * 2, "salary": [Money(50_000, "EUR"), Money(50_000, "USD")]}
        for promote in (ladder().promote, ladder().fit):
            with pytest.raises(DataError, match="'salary' must be money of one currency, EUR: row 1"):
                promote(mixed, as_of=DAY)
        with pytest.raises(DataError, match="'salary' must be money of one currency, EUR: row 0"):
            ladder().promote_one(ANA | {"salary": Money(50_000, "USD")}, as_of=DAY)


class TestPlacement:
    @pytest.mark.parametrize(
        ("rule", "salary", "old", "new", "after"),
        [
            (Placement(), 50_000, "junior", "senior", 55_000),
            (Placement(to_minimum=False), 50_000, "junior", "senior", 50_000),
            (Placement(0.1), 58_000, "junior", "senior", 63_800),
            (Placement({1: 0.05, 2: 0.5}), 58_000, "junior", "lead", 87_000),
            (Placement({1: 0.05}), 79_000, "junior", "lead", 82_950),
            (Placement({2: 0.5}), 58_000, "junior", "senior", 87_000 - 2_000),
            (Placement(0.5), 70_000, "junior", "senior", 85_000),
            (Placement(0.5, to_maximum=False), 70_000, "junior", "senior", 105_000),
            # Who has more already keeps it.
            (Placement(0.1), 90_000, "junior", "senior", 90_000),
            (Placement(0.033, rounding=Rounding(to=100)), 58_000, "junior", "senior", 59_900),
        ],
    )
    def test_by_percentage_within_the_band(self, rule, salary, old, new, after):
        assert rule.placed(STRUCTURE, Money(salary, "EUR"), old, new) == Money(after, "EUR")

    @pytest.mark.parametrize(
        ("salary", "after"),
        [
            (52_727, 63_795),
            (52_727 + 9 * 1_758, 63_795 + 4 * 2_127),
            # From the seventh step to the ninth, which lies between the second and the third of the new grade.
            (52_727 + 6 * 1_758, 63_795 + 2 * 2_127),
        ],
    )
    def test_by_two_steps(self, salary, after):
        assert TwoStepPlacement().placed(GRADES, Money(salary, "USD"), "9", "11") == Money(after, "USD")

    def test_by_two_steps_beyond_the_range(self):
        low = SalaryStructure(
            [SalaryBand("a", steps=[100, 200, 300, 400]), SalaryBand("b", steps=[280, 300, 390, 420])], currency="USD"
        )
        rule = Ladder(low, placement=TwoStepPlacement(), key="who")
        for salary, after, phrase in (
            (10_000, 300, "up to step 2 of b"),
            (30_000, 420, "down to the maximum of b"),
            (40_000, 420, "down to the maximum of b"),
        ):
            outcome = rule.promote_one({"who": 1, "level": "a", "salary": salary}, as_of=DAY)
            assert outcome["salary_after"] == Money(after, "USD")
            assert phrase in str(outcome.explain())
        lower = SalaryStructure(
            [SalaryBand("a", steps=[100, 500]), SalaryBand("b", 300, 400, steps=[300, 400])], currency="USD"
        )
        outcome = Ladder(lower, placement=TwoStepPlacement(), key="who").promote_one(
            {"who": 1, "level": "a", "salary": 50_000}, as_of=DAY
        )
        assert outcome["salary_after"] == Money(500, "USD")
        assert "the existing rate is retained, above step 2 of b" in str(outcome.explain())

    @pytest.mark.parametrize(
        ("salary", "after", "phrase"),
        [
            # Two steps from the last one, 400, are 600.
            (45_000, 630, "up to step 3 of b"),
            # A retained rate of 640 is above that: the lowest step that reaches it.
            (64_000, 660, "up to step 4 of b"),
            (66_000, 660, "up to step 4 of b"),
            # Above every step it is retained.
            (70_000, 700, "the existing rate is retained, above step 4 of b"),
        ],
    )
    def test_by_two_steps_from_a_retained_rate(self, salary, after, phrase):
        grades = SalaryStructure(
            [SalaryBand("a", steps=[200, 300, 400]), SalaryBand("b", steps=[500, 580, 630, 660])],
            currency="USD",
            gaps="allow",
        )
        ladder = Ladder(grades, placement=TwoStepPlacement(), key="who")
        outcome = ladder.promote_one({"who": 1, "level": "a", "salary": salary}, as_of=DAY)
        assert outcome["salary_after"] == Money(after, "USD")
        explanation = outcome.explain()
        explanation.check()
        assert phrase in str(explanation)
        assert "a retained rate is counted from the last step of a, 400.00 USD" in str(explanation)

    @pytest.mark.parametrize(
        ("structure", "salary", "message"),
        [
            (
                SalaryStructure([SalaryBand("9", 40, 60), SalaryBand("11", steps=[60, 70])], currency="USD"),
                50,
                r"level '9' must have at least two steps .* \(got 0\)",
            ),
            (
                SalaryStructure([SalaryBand("9", steps=[40, 60]), SalaryBand("11", 60, 70)], currency="USD"),
                50,
                "level '11' must have steps to be promoted to",
            ),
        ],
    )
    def test_by_steps_that_there_are_not_is_refused(self, structure, salary, message):
        with pytest.raises(DataError, match=message):
            TwoStepPlacement().placed(structure, Money(salary, "USD"), "9", "11")

    def test_of_another_currency_is_refused(self):
        with pytest.raises(DataError, match="salaries must be of USD"):
            Placement(0.1).placed(GRADES, Money(50_000, "EUR"), "9", "11")

    @pytest.mark.parametrize(
        ("make", "message"),
        [
            (lambda: Placement(-0.1), "percent must not be negative"),
            (lambda: Placement({0: 0.1}), "levels from 1 up"),
            (lambda: Placement({}), "at least one number of levels"),
            (lambda: Placement("ten"), "percent must be a number"),
            (lambda: Placement(0.1, to_minimum=1), "to_minimum must be a bool"),
            (lambda: TwoStepPlacement(0), "steps must be a whole number from 1 on"),
        ],
    )
    def test_that_means_nothing_is_refused(self, make, message):
        with pytest.raises(DefinitionError, match=message):
            make()


class TestSteps:
    RULE = StepProgression(GRADES, time="weeks", waits=[52, 52, 52, 104], eligible="ok")

    def test_move_up_when_the_wait_is_over(self):
        people = {
            "level": ["9", "9", "9", "9", "11"],
            "salary": [5_272_700, 5_272_700, 5_272_700 + 3 * 175_800, 5_300_000, 8_293_800],
            "weeks": [52, 51, 103, 60, 500],
            "ok": [1, 1, 1, 1, 1],
        }
        outcomes = self.RULE.raises(people)
        assert [outcome.code for outcome in outcomes] == ["raised", "none", "none", "raised", "none"]
        assert outcomes[0]["salary_after"] == Money(54_485, "USD")
        # Between two steps the next one is the later of them.
        assert outcomes[3]["salary_after"] == Money(54_485, "USD")
        assert [str(reason) for outcome in outcomes for reason in outcome.reasons] == [
            "blocked: 51 of 52 in the step",
            "blocked: 103 of 104 in the step",
            "blocked: step 10 is the last",
        ]
        assert outcomes.facts["step_before"].tolist() == [1, 1, 4, 1, 10]
        assert outcomes.facts["step_after"].tolist() == [2, 1, 4, 2, 10]
        assert all(outcomes.explain(row).value == outcomes[row].amount for row in range(5))
        held = self.RULE.raise_one({name: values[0] for name, values in people.items()} | {"ok": 0})
        assert [reason.code for reason in held.reasons] == ["not_eligible"]

    def test_may_move_several_and_stop_at_the_last(self):
        rule = StepProgression(GRADES, 3)
        moved = [rule.raise_one({"level": "9", "salary": 100 * (52_727 + 1_758 * step)}) for step in (0, 8)]
        assert [outcome["step_after"] for outcome in moved] == [4, 10]
        assert moved[1].amount == Money(1_758, "USD")
        below = rule.raise_one({"level": "9", "salary": 4_000_000})
        assert (below["step_before"], below["step_after"]) == (0, 3)

    @pytest.mark.parametrize(
        ("make", "message"),
        [
            (lambda: StepProgression(STRUCTURE), "band 'junior' must have steps"),
            (lambda: StepProgression(GRADES, 0), "steps must be a whole number from 1 on"),
            (lambda: StepProgression(GRADES, waits=52), "waits need the column of time"),
            (lambda: StepProgression(GRADES, time="weeks"), "waits need the column of time"),
            (lambda: StepProgression(GRADES, time="weeks", waits=-1), "waits must not be negative"),
        ],
    )
    def test_that_mean_nothing_are_refused(self, make, message):
        with pytest.raises(DefinitionError, match=message):
            make()

    def test_bad_rows_are_refused(self):
        with pytest.raises(DataError, match="'salary' must be positive"):
            self.RULE.raise_one({"level": "9", "salary": 0, "weeks": 1, "ok": 1})
        with pytest.raises(DataError, match="'weeks' must not be missing"):
            self.RULE.raise_one({"level": "9", "salary": 1, "weeks": None, "ok": 1})


def test_a_fraction_of_a_percent_is_exact():
    rule = Placement(Fraction(1, 3), rounding=Rounding(mode="down"))
    assert rule.placed(STRUCTURE, Money(50_000, "EUR"), "junior", "senior") == Money("66,666.66 EUR")
