"""What it would take: the least change, the cheapest mix, or that none suffices."""

import json
from datetime import date
from fractions import Fraction

import numpy as np
import pytest
from attrs import evolve, frozen

from perfkit import (
    Cap,
    Commission,
    Curve,
    DataError,
    DefinitionError,
    Draw,
    Evaluation,
    Gate,
    IncentivePlan,
    Ledger,
    MeritMatrix,
    Metric,
    Money,
    Prorate,
    RateTable,
    RatingScale,
    SalaryReview,
    Scorecard,
    Section,
    TargetBonus,
    Veto,
    bridge,
    sensitivities,
    what_would_it_take,
)
from perfkit._reviews.axis import curves_in
from perfkit._reviews.stops import stops_of
from perfkit._reviews.views import as_money
from perfkit.explain import ENGLISH, GERMAN
from perfkit.typing import Need

F = Fraction
CARD = Scorecard(
    "sales",
    [
        Metric("revenue", weight=60, target="quota", curve=Curve.through((0.8, 0), (1, 1), (1.2, 2))),
        Metric("churn", weight=20, target=0.05, lower_is_better=True),
        Metric("csat", weight=20, curve=Curve.through((3, 0), (4, 1), (5, 1.5))),
    ],
)
ROW = {"revenue": 1_000, "quota": 1_000, "churn": 0.05, "csat": 4.0}
SCALE = RatingScale("below", solid=0.8, strong=1.2, exceptional=1.6)
PLAN = IncentivePlan(
    "bonus",
    currency="EUR",
    pays=[TargetBonus("salary", 0.1, multiplier="score")],
    then=[Gate("compliant"), Cap(0.15, of="salary")],
)
NOTHING = CARD.score_one({**dict.fromkeys(ROW), "quota": 1_000})
ANA = Evaluation({**ROW, "salary": Money("60,000 EUR"), "compliant": True}, card=CARD, scale=SCALE, plan=PLAN)


@frozen
class Squared:
    """Pay of one's own that is no piecewise-affine curve: 100 EUR times the score, squared."""

    name: str = "squared"

    def needs(self):
        return (Need("score"),)

    def award(self, rows, currency, record):
        return np.floor(10_000 * rows.number("score") ** 2).astype(np.int64)


@frozen
class Whole:
    """Pay of one's own that takes whole numbers only."""

    name: str = "whole"

    def needs(self):
        return (Need("people"),)

    def award(self, rows, currency, record):
        people = rows.number("people")
        rows.require(people == np.floor(people), "people", "must be whole", "count them")
        return (people * 100).astype(np.int64)


class TestSingleLevers:
    def test_carried_out_it_reaches_and_a_step_less_does_not(self):
        advice = what_would_it_take(CARD, ROW, score=1.1)
        assert [lever.column for lever in advice.levers] == ["revenue", "churn", "csat"]
        steps = {"revenue": 1, "churn": F(1, 10**4), "csat": F(1, 100)}
        for lever in advice.levers:
            row = advice.row(lever)
            assert CARD.score_one(row).value >= 1.1
            nearer = -1 if lever.change > 0 else 1
            row[lever.column] = float(lever.needed + nearer * steps[lever.column])
            assert CARD.score_one(row).value < 1.1

    def test_down_where_lower_is_better(self):
        lever = what_would_it_take(CARD, ROW, score=1.1)["churn"]
        assert (lever.needed, lever.change) == (F(1, 40), F(-1, 40))

    def test_the_step_is_the_callers(self):
        lever = what_would_it_take(CARD, ROW, score=1.1, steps={"revenue": 50})["revenue"]
        assert lever.needed == 1_050

    def test_reached_already(self):
        advice = what_would_it_take(CARD, ROW, score=1)
        assert (advice.is_reached, advice.levers, str(advice)) == (True, (), "score of 1 is reached: it is 1")

    def test_into_a_rating(self):
        advice = what_would_it_take(ANA, rating="strong")
        assert advice["revenue"].outcome == "strong"
        assert ANA.with_row(revenue=int(advice["revenue"].needed)).rating.label == "strong"

    def test_into_money_through_a_gate_and_a_cap(self):
        closed = ANA.with_row(compliant=False)
        advice = what_would_it_take(closed, amount="6,000 EUR" and Money("6,000 EUR"), move=["revenue", "compliant"])
        assert [lever.column for lever in advice.levers] == ["compliant"]
        assert (advice["compliant"].needed, advice["compliant"].change) == (True, True)
        assert (advice.short[0].best, advice.short[0].outcome) == (1_200, Money("0 EUR"))
        assert "compliant  no  to  yes" in str(advice)
        beyond = what_would_it_take(ANA, amount=9_000.01)
        assert not beyond.is_reachable
        assert beyond.all_at_best == Money("9,000 EUR")
        assert "not within reach of revenue, churn, csat: at best it is 9,000.00 EUR" in str(beyond)

    def test_a_plan_alone(self):
        plan = IncentivePlan("c", currency="EUR", pays=[Commission("sold", Curve.marginal((0, 0.02), (100, 0.03)))])
        advice = what_would_it_take(plan, {"sold": 1_000}, amount=5, move=["sold"])
        # Half a cent rounds up: 199.84 EUR pay 4.9952.
        assert advice["sold"].needed == F("199.84")
        assert plan.pay_one(advice.row(advice["sold"])).amount == Money("5 EUR")
        typed = what_would_it_take(plan, {"sold": Money("10 EUR")}, amount=Money("5 EUR"), move=["sold"])
        assert typed["sold"].needed == Money("199.84 EUR")
        assert typed.row(typed["sold"]) == {"sold": Money("199.84 EUR")}

    def test_pay_that_falls_where_the_score_rises(self):
        # A bonus of 10 % between a score of 1.1 and 1.2 only.
        only = Curve.steps((0, 0), (1.1, 1), (1.2, 0))
        plan = IncentivePlan("odd", currency="EUR", pays=[TargetBonus("salary", 0.1, multiplier="score", curve=only)])
        person = Evaluation({**ROW, "salary": Money("60,000 EUR")}, card=CARD, plan=plan)
        lever = what_would_it_take(person, amount=6_000)["revenue"]
        assert lever.needed == 1_034
        assert person.with_row(revenue=1_034).amount == Money("6,000 EUR")
        assert person.with_row(revenue=1_033).amount == Money("0 EUR")

    def test_results_that_the_rules_refuse_reach_nothing(self):
        plan = IncentivePlan("p", currency="EUR", pays=[TargetBonus("salary", 0.1)], then=[Prorate(by="months", of=12)])
        row = {"salary": Money("12,000 EUR"), "months": 3}
        assert what_would_it_take(plan, row, amount=1_000, move=["months"])["months"].needed == 10
        assert not what_would_it_take(plan, row, amount=1_201, move=["months"]).is_reachable

    def test_a_leap(self):
        card = Scorecard("s", [Metric("sold", curve=Curve.steps((0, 0), (100, 0.5), (150, 2)))])
        assert what_would_it_take(card, {"sold": 20}, score=0.7, steps={"sold": 1})["sold"].needed == 150

    def test_progress_and_ratio(self):
        card = Scorecard(
            "s",
            [
                Metric("weight", target=70, baseline=90),
                Metric("days", target=10, lower_is_better=True, inversion="ratio"),
            ],
        )
        advice = what_would_it_take(card, {"weight": 85, "days": 12}, score=0.8)
        assert advice["weight"].needed == F("74.66")
        assert advice["days"].needed == F("7.4")

    def test_columns_that_a_rule_of_limits_keeps(self):
        advice = what_would_it_take(CARD, ROW, score=1.1, limits={"revenue": (900, 1_020), "csat": (1, 5)})
        assert [lever.column for lever in advice.levers] == ["churn", "csat"]
        assert advice.short[0].best == 1_020
        with_none = what_would_it_take(CARD, {**ROW, "csat": None}, score=1.1)
        assert [lever.column for lever in with_none.levers] == ["revenue", "churn"]

    def test_the_weakest_link_takes_several(self):
        # A gate by a curve: nothing counts unless both metrics are there.
        card = Scorecard("s", [Section("a", of=[Metric("x", curve=Curve.through((0, 0), (1, 1)))]), Metric("y", curve=
                         Curve.through((0, 0), (1, 1)))])  # fmt: skip
        advice = what_would_it_take(card, {"x": 0, "y": 0.0}, score=0.9)
        assert (advice.levers, advice.is_reachable) == ((), True)
        assert "it takes several together: with all of them at best it is 1" in str(advice)


def test_curves_are_found_however_deep():
    curve = Curve.constant(1)
    assert list(curves_in((Metric("x", curve=curve), [curve, "text"]))) == [curve, curve]


class TestRates:
    def test_of_what_counts_up(self):
        advice = what_would_it_take(
            CARD, ROW, score=1.1, as_of=date(2026, 10, 1), since=date(2026, 1, 1), by=date(2026, 11, 5)
        )
        lever = advice["revenue"]
        assert lever.rate == lever.change / 35
        assert lever.rate_so_far == F(1_000, 274)
        assert (advice["csat"].rate, advice.by) == (None, date(2026, 11, 5))
        assert "a day  3.65 so far" in str(advice)

    @pytest.mark.parametrize(
        ("days", "message"),
        [
            ({"by": date(2026, 5, 1)}, "give as_of="),
            ({"as_of": date(2026, 5, 1), "by": date(2026, 5, 1)}, "by must be later than as_of"),
            ({"as_of": date(2026, 5, 1), "since": date(2026, 6, 1)}, "since must not be later"),
            ({"as_of": "today"}, "as_of must be a date"),
        ],
    )
    def test_of_days_that_are_none(self, days, message):
        with pytest.raises(DefinitionError, match=message):
            what_would_it_take(CARD, ROW, score=1.1, **days)


class TestTheCheapestMix:
    def test_goes_by_what_a_unit_gains(self):
        # For a cost of 1, revenue gains 0.003, and csat 0.005 up to 4 and 0.0025 above.
        costs = {"revenue": 1, "csat": 40}
        advice = what_would_it_take(CARD, {**ROW, "csat": 3.5}, score=1.2, costs=costs, limits={"csat": (1, 5)})
        assert advice.is_least
        moved = {lever.column: lever.needed for lever in advice.mix}
        assert moved == {"csat": F("3.995"), "revenue": 1_067}
        assert advice.cost == 67 + F("19.8")
        assert "the cheapest together, at 86.8:" in str(advice)

    def test_no_pair_of_steps_is_cheaper(self):
        costs = {"revenue": 1, "csat": 25}
        advice = what_would_it_take(CARD, ROW, score=1.3, costs=costs, limits={"csat": (1, 5)})
        assert CARD.score_one(advice.row(*advice.mix)).value >= 1.3
        for csat in range(40, 51):
            for revenue in range(1_000, 1_210):
                if abs(revenue - 1_000) + 25 * (csat - 40) / 10 < advice.cost - F(1, 100):
                    assert CARD.score_one({**ROW, "revenue": revenue, "csat": csat / 10}).value < 1.3

    def test_through_pay(self):
        costs = {"revenue": 1, "churn": 10_000}
        advice = what_would_it_take(ANA, amount=7_500, costs=costs)
        assert Evaluation(advice.row(*advice.mix), card=CARD, plan=PLAN).amount >= Money("7,500 EUR")
        assert advice.is_least
        # A commission on the same revenue: what pay gains no longer adds up in the score alone.
        plan = IncentivePlan(
            "both", currency="EUR", pays=[*PLAN.pays, Commission("revenue", Curve.marginal((0, 0.5)))], then=PLAN.then
        )
        both = Evaluation({**ANA.row, "revenue": Money("1,000 EUR")}, card=CARD, plan=plan)
        advice = what_would_it_take(both, amount=7_500, costs=costs)
        assert Evaluation(advice.row(*advice.mix), card=CARD, plan=plan).amount >= Money("7,500 EUR")
        assert not advice.is_least
        assert "the cheapest found together" in str(advice)

    def test_through_a_rating(self):
        costs = {"revenue": 1, "csat": 25}
        advice = what_would_it_take(ANA, rating="strong", costs=costs, limits={"csat": (1, 5)})
        assert (
            advice.is_least,
            ANA.with_row(**{one.column: float(one.needed) for one in advice.mix}).rating.label,
        ) == (
            True,
            "strong",
        )

    def test_beyond_a_cap(self):
        advice = what_would_it_take(ANA, amount=9_000.01, costs={"revenue": 1})
        assert (advice.mix, advice.is_reachable) == ((), False)

    def test_of_pay_that_is_no_curve(self):
        plan = IncentivePlan("own", currency="EUR", pays=[Squared()])
        person = Evaluation(ROW, card=CARD, plan=plan)
        advice = what_would_it_take(person, amount=150, costs={"revenue": 1, "csat": 200}, limits={"csat": (1, 5)})
        paid = Evaluation(advice.row(*advice.mix), card=CARD, plan=plan).amount
        assert (advice.is_least, paid >= Money("150 EUR")) == (False, True)

    def test_when_there_are_too_many_corners_says_so(self, monkeypatch):
        monkeypatch.setattr("perfkit._reviews.mix._MOST_SCORED", 0)
        monkeypatch.setattr("perfkit._reviews.mix._CHUNK", 1)
        advice = what_would_it_take(CARD, ROW, score=1.3, costs={"revenue": 1, "csat": 25, "churn": 1_000})
        assert not advice.is_least
        assert CARD.score_one(advice.row(*advice.mix)).value >= 1.3

    def test_where_even_all_are_not_enough(self):
        advice = what_would_it_take(CARD, ROW, score=9, costs={"revenue": 1})
        assert (advice.mix, advice.cost, advice.is_reachable) == ((), None, False)

    def test_of_what_gains_nothing(self):
        best = {"revenue": 1_200, "quota": 1_000, "churn": 0.05, "csat": 4.0}
        assert what_would_it_take(CARD, best, score=2.5, costs={"revenue": 1}).mix == ()


class TestTheValue:
    ADVICE = what_would_it_take(CARD, ROW, score=1.25, costs={"revenue": 2}, limits={"csat": (1, 5)})

    def test_is_plain_data(self):
        data = json.loads(json.dumps(self.ADVICE.to_dict()))
        assert data["code"] == "reachable"
        assert {part["code"] for part in data["parts"]} == {"lever", "lever_short", "lever_mixed"}

    def test_levers_by_name(self):
        assert self.ADVICE["revenue"].cost == 2 * self.ADVICE["revenue"].change
        with pytest.raises(KeyError):
            self.ADVICE["csat"]

    def test_shows_itself(self):
        assert repr(self.ADVICE) == "<WhatItTakes for score 1.25: 1 levers>"
        assert "out of reach" in repr(what_would_it_take(CARD, ROW, score=9))
        assert "reached" in repr(what_would_it_take(CARD, ROW, score=0))

    def test_speaks_another_language(self):
        said = self.ADVICE.text({"lever_wanted": "{now}, gewollt {wanted}"})
        assert said.startswith("1, gewollt 1.25\nany one of these is enough, all else as it is:\n")


class TestWhatCannotBeAsked:
    @pytest.mark.parametrize("outcome", [{}, {"score": 1, "rating": "solid"}])
    def test_not_one_outcome(self, outcome):
        with pytest.raises(DefinitionError, match="say one outcome"):
            what_would_it_take(ANA, **outcome)

    @pytest.mark.parametrize(
        ("options", "message"),
        [
            ({"rating": "strnog"}, "did you mean 'strong'"),
            ({"amount": Money("5 USD")}, "amount must be of EUR"),
            ({"score": "much"}, "score must be a number"),
            ({"score": 2, "limits": {"csat": (4.5, 5)}}, "must enclose where it stands"),
            ({"score": 2, "limits": {"csat": 5}}, "its least and greatest value"),
            ({"score": 2, "limits": {"cast": (1, 5)}}, "did you mean 'csat'"),
            ({"score": 2, "steps": {"csat": 0}}, "must be a positive multiple of 1e-06"),
            ({"score": 2, "steps": {"csat": F(1, 3)}}, "must be a positive multiple of 1e-06"),
            ({"score": 2, "costs": {"csat": -1}}, "cost of 'csat' must be positive"),
            ({"score": 2, "move": ["revenu"]}, "did you mean 'revenue'"),
            ({"score": 2, "move": "revenue"}, "must be a list of columns"),
        ],
    )
    def test_of_an_evaluation(self, options, message):
        with pytest.raises(DefinitionError, match=message):
            what_would_it_take(ANA, **options)

    @pytest.mark.parametrize("ask", [lambda: what_would_it_take(NOTHING, score=1), lambda: sensitivities(NOTHING)])
    def test_of_a_row_without_a_score(self, ask):
        with pytest.raises(DataError, match="no score to start from"):
            ask()

    def test_of_a_rule_without_a_row_and_a_row_without_a_rule(self):
        with pytest.raises(DefinitionError, match="needs a row to judge"):
            what_would_it_take(CARD, score=1)
        with pytest.raises(DefinitionError, match="a row goes with a scorecard or a plan"):
            what_would_it_take(ANA, ROW, score=1)
        with pytest.raises(DefinitionError, match="a plan is given twice"):
            what_would_it_take(PLAN, ROW, plan=PLAN, amount=1)

    def test_of_a_plan_whose_results_nobody_named(self):
        with pytest.raises(DefinitionError, match="give move=, some of 'sold'"):
            what_would_it_take(
                IncentivePlan("c", currency="EUR", pays=[Commission("sold", Curve.marginal((0, 1)))]),
                {"sold": 5},
                amount=1,
            )

    def test_along_a_column_without_a_value(self):
        card = Scorecard("s", [Metric("x", target="t"), Metric("y")])
        with pytest.raises(DataError, match="no value to start from"):
            what_would_it_take(Evaluation({"x": 1, "t": None, "y": 0}, card=card), score=5, move=["t"])

    def test_along_a_column_of_names(self):
        with pytest.raises(DataError, match="holds names"):
            what_would_it_take(REVIEW, RAISED, amount=5_000, move=["who"])

    def test_names_that_are_not_known_and_steps_of_them(self):
        with pytest.raises(DataError, match=r"must be one of below, solid, strong, top .*did you mean 'solid'"):
            what_would_it_take(REVIEW, {**RAISED, "rating": "solit"}, amount=5_000)
        for options in ({"limits": {"rating": ("below", "top")}}, {"steps": {"rating": 2}}):
            with pytest.raises(DefinitionError, match="has no limits and no step"):
                what_would_it_take(REVIEW, RAISED, amount=5_000, **options)

    def test_a_raise_without_its_row_and_a_matrix_without_its_review(self):
        raised = REVIEW.raise_one(RAISED)
        with pytest.raises(DefinitionError, match="give the review and the row"):
            what_would_it_take(raised, amount=5_000)
        for given in (MATRIX, REVIEW, REVIEW.fit({**RAISED, "who": ["ana"], "salary": [1], "rating": ["top"]}, 0)):
            with pytest.raises(DefinitionError, match=r"put it into a review|'salary review' needs a row"):
                what_would_it_take(given, amount=5_000)
        with pytest.raises(DefinitionError, match="put it into a review"):
            what_would_it_take(CARD, ROW, plan=MATRIX, amount=5_000)

    def test_balances_that_nobody_says(self):
        with pytest.raises(DefinitionError, match=r"give 'draw\.owed' in it, 0 for none; or a?.*payout of pay_period"):
            what_would_it_take(DRAWS, {"sold": 5, "ok": True}, amount=5_000, move=["sold"])


MATRIX = MeritMatrix({"below": 0, "solid": 0.03, "strong": 0.05, "top": 0.07})
REVIEW = SalaryReview(MATRIX, key="who", currency="EUR", maximum_raise=3_500)
RAISED = {"who": "ana", "salary": 6_000_000, "rating": "solid"}
DRAWS = IncentivePlan(
    "draw",
    currency="USD",
    pays=[Commission("sold", Curve.marginal((0, 0.02), (100_000, 0.03)))],
    then=[Gate("ok")],
    carry=[Draw(1_000)],
)


class TestRaises:
    def test_the_rating_that_gives_at_least_a_raise(self):
        advice = what_would_it_take(REVIEW, RAISED, amount=Money("2,500 EUR"))
        assert str(advice) == (
            "amount is 1,800.00 EUR; for 2,500.00 EUR\n"
            "any one of these is enough, all else as it is:\n"
            "  rating  solid  to  strong"
        )
        (lever,) = advice.levers
        assert (lever.change, lever.outcome, lever.rate) == ("strong", Money("3,000 EUR"), None)
        assert REVIEW.raise_one(advice.row(lever)).amount == Money("3,000 EUR")
        json.dumps(advice.to_dict())

    def test_what_caps_a_raise_is_named(self):
        advice = what_would_it_take(REVIEW, RAISED, amount=5_000)
        assert not advice.is_reachable
        assert advice.short[0].best == "top"
        assert [(stop.code, stop.value) for stop in advice.stops] == [("maximum_raise", -700)]
        assert str(advice).endswith(
            "what stands in the way:\n  salary review: cut to the greatest raise of 3,500.00 EUR"
        )
        assert "was im Weg steht" in advice.text(GERMAN)

    def test_a_fitted_review_keeps_its_factor(self):
        people = {"who": ["ana", "ben"], "salary": [6_000_000, 4_000_000], "rating": ["solid", "strong"]}
        fitted = REVIEW.fit(people, share=0.03)
        advice = what_would_it_take(fitted, RAISED, amount=2_500)
        assert advice.now == fitted.raise_one(RAISED).amount
        assert advice["rating"].needed == "top"

    def test_through_score_and_rating_into_the_raise(self):
        scale = RatingScale("below", solid=0.8, strong=1.2, top=1.6)
        row = {**ROW, "who": "ana", "salary": 6_000_000}
        person = Evaluation(row, card=CARD, scale=scale, plan=REVIEW)
        assert (person.rating.label, person.amount) == ("solid", Money("1,800 EUR"))
        assert "rating" not in person.needs()
        assert person.pays_by_level
        advice = what_would_it_take(person, amount=3_000, costs={"revenue": 1})
        assert Evaluation(advice.row(advice["revenue"]), card=CARD, scale=scale, plan=REVIEW).amount == Money(
            "3,000 EUR"
        )
        assert advice.mix[0].needed == advice["revenue"].needed
        change = bridge(person, person.with_row(revenue=1_200, salary=6_200_000))
        assert change.change == sum((line.amount for line in change.lines), Money("0 EUR"))
        assert [line.label for line in change.lines if line.amount.minor] == ["revenue", "salary"]
        wider = bridge(person, evolve(person.with_row(revenue=1_200), scale=SCALE_OF_TOP))
        assert {line.label for line in wider.lines} >= {"scale", "revenue"}
        other = bridge(person, evolve(person, plan=evolve(REVIEW, maximum_raise=1_000)))
        assert [(line.kind, line.label, line.amount) for line in other.lines] == [
            ("plan", "salary review", Money("-800 EUR"))
        ]
        # A level that is in the row, such as a calibrated one, counts.
        assert evolve(person, row={**row, "rating": "top"}).amount == Money("3,500 EUR")

    def test_a_number_in_a_review_is_moved_when_it_is_asked_for(self):
        review = SalaryReview("rate", key="who", currency="EUR")
        row = {"who": "ana", "salary": 6_000_000, "rate": 0.02}
        assert what_would_it_take(review, row, amount=1_500, move=["rate"])["rate"].needed == F(25, 1000)
        with pytest.raises(DefinitionError, match="give move="):
            what_would_it_take(review, row, amount=1_500)
        assert sensitivities(REVIEW, RAISED) == ()

    def test_a_grade_that_sets_a_rate(self):
        plan = IncentivePlan(
            "p", currency="EUR", pays=[TargetBonus("salary", RateTable("grade", {"a": 0.1, "b": 0.2}))]
        )
        row = {"salary": 500, "grade": "a"}
        assert what_would_it_take(plan, row, amount=1, move=["grade"])["grade"].needed == "b"
        with pytest.raises(DefinitionError, match="does not say which of its columns are results"):
            what_would_it_take(plan, row, amount=1)
        others = IncentivePlan(
            "p", currency="EUR", pays=[TargetBonus("salary", RateTable("grade", {"a": 0.1}, otherwise=0.05))]
        )
        with pytest.raises(DataError, match=r"'grade' must be one of a .got 'c'."):
            what_would_it_take(others, {"salary": 500, "grade": "c"}, amount=1, move=["grade"])


SCALE_OF_TOP = RatingScale("below", solid=0.8, strong=1.2, top=1.3)


class TestCarriedPay:
    FIRST = DRAWS.pay_period({"who": ["ana"], "sold": [2_000_000], "ok": [True]}, Ledger("USD"), key="who")

    def paid(self, sold, ok=True):
        return DRAWS.pay_period({"who": ["ana"], "sold": [sold], "ok": [ok]}, self.FIRST[1], key="who")[0][0]

    def test_the_pay_of_a_period_with_what_is_owed_from_the_one_before(self):
        advice = what_would_it_take(self.paid(4_000_000), amount=1_500, move=["sold"])
        assert advice.now == Money("1,000 USD")
        needed = advice["sold"].needed * 100
        assert self.paid(int(needed)).amount == Money("1,500 USD")
        assert self.paid(int(needed) - 1).amount < Money("1,500 USD")
        by_hand = {"sold": 4_000_000, "ok": True, "draw.owed": 60_000}
        assert what_would_it_take(DRAWS, by_hand, amount=1_500, move=["sold"])["sold"].needed * 100 == needed

    def test_the_gate_that_is_closed_is_named(self):
        advice = what_would_it_take(self.paid(4_000_000, ok=False), amount=1_500, move=["sold"])
        assert not advice.is_reachable
        assert "what stands in the way:\n  gate: closed, ok is no" in str(advice)

    def test_two_that_gain_nothing_alone_are_tried_together(self):
        advice = what_would_it_take(self.paid(4_000_000, ok=False), amount=1_500, move=["sold", "ok"])
        assert not advice.levers
        assert advice.is_reachable
        assert advice.stops == ()
        assert "it takes several together" in str(advice)


class TestWhatStops:
    def test_a_floor_that_is_missed(self):
        card = Scorecard(
            "card",
            [Metric("sales", weight=3, curve=Curve.through((0, 0), (1, 1))), Metric("safety", weight=1)],
            aggregate=Veto({"safety": 0.5}, 0.5),
        )
        advice = what_would_it_take(card, {"sales": 0.5, "safety": 0.4}, score=0.8, move=["sales"])
        assert [stop.code for stop in advice.stops] == ["vetoed"]
        assert "  safety is 0.4, below its floor of 0.5: at most 0.5" in str(advice)

    def test_a_cap(self):
        rich = what_would_it_take(ANA, amount=50_000, limits={"csat": (3, 5)})
        assert "cap" in [stop.code for stop in rich.stops]
        assert "cap: at most 9,000.00 EUR" in str(rich)

    def test_a_row_that_cannot_be_explained_tells_nothing(self):
        assert stops_of(ANA, "amount", {"salary": "much"}) == ()


class TestColumnsOfSeveralRules:
    CARD = Scorecard("shared", [Metric("a", target="b"), Metric("c", target=5), Metric("b", target=7)])

    def test_what_was_passed_over_is_said(self):
        advice = what_would_it_take(self.CARD, {"a": 5.001, "b": 4000.001, "c": 3}, score=20_000, move=["b"])
        assert not advice["b"].is_least
        assert str(advice).endswith("the nearest that was found")
        short = what_would_it_take(self.CARD, {"a": 5.001, "b": 4000.001, "c": 3}, score=10**9, move=["b"])
        assert not short.short[0].is_best
        assert "the best that was found" in str(short)

    def test_what_was_looked_at_one_by_one_is_least(self):
        options = {"steps": {"b": 1}, "limits": {"b": (1, 500)}}
        advice = what_would_it_take(self.CARD, {"a": 5, "b": 100, "c": 3}, score=7, move=["b"], **options)
        assert advice["b"].is_least


class TestSensitivities:
    def test_what_one_percent_is_worth(self):
        told = {one.label: str(one) for one in sensitivities(ANA)}
        assert told == {
            "revenue": "1 percent more of revenue is worth 180.00 EUR",
            "churn": "1 percent less of churn is worth 12.00 EUR",
            "csat": "1 percent more of csat is worth 24.00 EUR",
        }

    def test_the_largest_first_and_of_any_size(self):
        found = sensitivities(CARD, ROW, percent=10)
        assert [one.column for one in found] == ["revenue", "csat", "churn"]
        assert found[0].effect == F(3, 10)
        assert str(found[0]) == "10 percent more of revenue is worth 0.3 of score"

    def test_of_levels(self):
        found = sensitivities(ANA, of="rating", percent=7)
        assert str(found[0]) == "7 percent more of revenue is worth 1 levels"

    def test_where_a_result_is_capped_it_is_worth_nothing(self):
        top = ANA.with_row(revenue=1_200, csat=5.0)
        assert {one.effect for one in sensitivities(top)} == {Money("0 EUR")}

    def test_zeros_flags_and_refusals_are_left_out(self):
        plan = IncentivePlan(
            "p", currency="EUR", pays=[TargetBonus("salary", 0.1)], then=[Prorate(by="months", of=12), Gate("ok")]
        )
        row = {"salary": Money("12,000 EUR"), "months": 0, "ok": True}
        assert sensitivities(plan, row, move=["months", "ok"]) == ()
        found = sensitivities(plan, {**row, "months": 12, "salary": Money("1 EUR")}, move=["months", "salary"])
        assert [one.percent for one in found] == [1, 1] or [one.percent for one in found] == [-1, 1] or found

    def test_a_column_of_which_no_percent_is_taken(self):
        plan = IncentivePlan("p", currency="EUR", pays=[Whole()])
        assert sensitivities(plan, {"people": 3}, move=["people"]) == ()

    def test_a_column_that_two_metrics_read(self):
        card = Scorecard("s", [Metric("x"), Metric("far", column="x", target=10)])
        assert sensitivities(card, {"x": 200})[0].effect == F("1.1")
        assert what_would_it_take(card, {"x": 200}, score=200, limits={"x": (0, 250)}).short[0].best == 250

    def test_explains_itself(self):
        one = sensitivities(CARD, ROW)[0]
        assert one.explain().params["column"] == "revenue"

    @pytest.mark.parametrize("percent", [0, -1])
    def test_no_percent(self, percent):
        with pytest.raises(DefinitionError, match="percent must be positive"):
            sensitivities(ANA, percent=percent)


class TestColumnsThatAreTargetsToo:
    """A column that other metrics are measured by bends where the quotient does."""

    RISING = Curve.through((0, 0), (1, 1))
    BENT = Curve.through((0.5, 0), (0.9, 0.2), (1.1, 1), (1.5, 1.2))

    @staticmethod
    def nearest(card, row, column, wanted, step, low, high):
        """The least change found by trying every place of the grid."""
        units = np.arange(round(low / step), round(high / step) + 1)
        places = np.array([float(F(int(unit)) * F(str(step))) for unit in units])
        others = {name: np.full(len(places), value) for name, value in row.items() if name != column}
        hits = places[card.score({**others, column: places}).values >= wanted]
        return None if not len(hits) else min(abs(hits - row[column]))

    def check(self, card, row, column, wanted, low, high, step=0.01):
        advice = what_would_it_take(
            card, row, score=wanted, move=[column], limits={column: (low, high)}, steps={column: step}
        )
        expected = self.nearest(card, row, column, wanted, step, low, high)
        if expected is None:
            assert advice.levers == ()
            return
        assert abs(float(advice[column].change)) == pytest.approx(expected, abs=1e-9)
        assert card.score_one(advice.row(advice[column])).value >= wanted

    def test_a_metric_that_is_another_ones_target(self):
        card = Scorecard("t", [Metric("x", weight=1, target=10), Metric("y", weight=1, target="x", curve=self.RISING)])
        advice = what_would_it_take(card, {"x": 5.0, "y": 4.0}, score=0.7, limits={"x": (0, 20)})
        assert advice["x"].needed == 4
        assert advice["x"].change == -1

    @pytest.mark.parametrize("wanted", [0.72, 0.8, 0.9, 1.0, 1.1, 1.3])
    @pytest.mark.parametrize("marks", [{"target": "x"}, {"target": "x", "lower_is_better": True}])
    @pytest.mark.parametrize("curve", [RISING, BENT])
    def test_advice_is_least_through_a_quotient(self, wanted, marks, curve):
        card = Scorecard("t", [Metric("x", weight=1, target=10), Metric("y", weight=3, curve=curve, **marks)])
        for y in (2.0, 4.0, 9.0):
            row = {"x": 5.0, "y": y}
            if card.score_one(row).value < wanted:
                self.check(card, row, "x", wanted, 0.5, 20)

    @pytest.mark.parametrize("wanted", [0.3, 0.5, 0.8, 1.0])
    @pytest.mark.parametrize(
        "metric",
        [
            Metric("y", target="x", curve=BENT),
            Metric("y", target="x", curve=BENT, lower_is_better=True),
            Metric("y", target="x", curve=BENT, lower_is_better=True, inversion="ratio"),
            Metric("y", target="x", baseline=1, curve=BENT),
            Metric("y", target=12, baseline="x", curve=BENT),
        ],
    )
    def test_advice_is_least_along_a_target_alone(self, wanted, metric):
        card = Scorecard("t", [metric])
        for y in (3.0, 6.0, 8.0):
            row = {"x": 5.0, "y": y}
            if card.score_one(row).value < wanted:
                self.check(card, row, "x", wanted, 1.5, 11.5)

    def test_an_outcome_that_turns_between_two_bends_is_found(self):
        # What x gains and y loses is most in between, at a bend of neither.
        card = Scorecard(
            "t",
            [
                Metric("x", weight=1, target=10, lower_is_better=True),
                Metric("y", weight=1, target="x", lower_is_better=True),
            ],
        )
        row = {"x": 2.0, "y": 4.0}
        assert card.score_one(row).value == 0.9
        self.check(card, row, "x", 1.3, 1, 40)
        self.check(card, row, "x", 1.36, 1, 40)
        self.check(card, row, "x", 1.36, 1, 4_000)

    def test_far_places_are_looked_at_here_and_there(self):
        card = Scorecard("t", [Metric("x", weight=1, target=10), Metric("y", weight=1, target="x", curve=self.RISING)])
        advice = what_would_it_take(card, {"x": 5.0, "y": 4.0}, score=100, limits={"x": (0, None)})
        assert advice["x"].needed == F("1999.98")

    def test_a_mix_along_a_target_is_not_said_to_be_least(self):
        card = Scorecard("t", [Metric("x", weight=1, target=10), Metric("y", weight=1, target="z", curve=self.RISING)])
        row = {"x": 5.0, "y": 4.0, "z": 5.0}
        advice = what_would_it_take(
            card, row, score=0.8, move=["x", "z"], costs={"x": 1, "z": 1}, limits={"x": (0, 20), "z": (1, 20)}
        )
        assert advice.mix
        assert not advice.is_least


class TestAdviceIsRead:
    def test_html_says_what_stands_in_the_way_as_the_text_does(self):
        advice = what_would_it_take(ANA, amount=9_000.01)
        assert advice.stops
        for catalogue in (ENGLISH, GERMAN):
            last = advice.text(catalogue).split("\n")[-1].strip()
            assert last in advice.html(catalogue)

    def test_what_gains_nothing_stays_where_it_is(self):
        card = Scorecard("card", [Metric("sales"), Metric("safety")], aggregate=Veto({"safety": 0.5}))
        advice = what_would_it_take(card, {"sales": 1.6, "safety": 0.4}, score=0.9, move=["sales"])
        assert advice.short[0].best == F(8, 5)
        assert "sales  at best  1.6  gives 0" in str(advice)
        assert "not within reach of sales: at best it is 0" in str(advice)

    def test_columns_of_minor_units_are_told_as_money(self):
        plan = IncentivePlan("c", currency="EUR", pays=[Commission("sold", Curve.marginal((0, 0.02)))])
        days = {"as_of": date(2026, 4, 10), "by": date(2026, 4, 20)}
        advice = what_would_it_take(plan, {"sold": 100_000}, amount=30, move=["sold"], **days)
        assert "sold  1,000.00 EUR  to  1,499.75 EUR  +499.75 EUR  49.98 EUR a day" in str(advice)
        assert "1.499,75 EUR" in advice.html(GERMAN)
        assert (advice["sold"].needed, advice["sold"].currency) == (F(5_999, 4), "EUR")
        short = what_would_it_take(plan, {"sold": 100_000}, amount=30, move=["sold"], limits={"sold": (0, 1_200)})
        assert "sold  at best  1,199.75 EUR  gives 24.00 EUR" in str(short)
        # What is finer than its minor units is no amount.
        fine = what_would_it_take(plan, {"sold": 100_000}, amount=30, move=["sold"], steps={"sold": 3})
        assert "1,500.00 EUR" in str(fine)
        assert as_money(F(1, 1_000), "EUR") == F(1, 1_000)
