"""The one result of money and actions; and factors that balance."""

import pickle
from datetime import date
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest

from perfkit import (
    Cap,
    Commission,
    DataError,
    DefinitionError,
    Explanation,
    Floor,
    Gate,
    IncentivePlan,
    Ladder,
    Money,
    Multiply,
    Outcomes,
    Pool,
    Reason,
    Reasons,
    SalaryBand,
    SalaryReview,
    SalaryStructure,
    StaleDataError,
    StepProgression,
    TargetBonus,
    ZeroSum,
)
from perfkit._incentives.cuts import Cut
from perfkit.errors import UnfittedError

F = Fraction


def explain(row):
    return Explanation("pay", Money(5 * row, "EUR"), label="award")


def outcomes(**options):
    given = {
        "currency": "EUR",
        "minor": np.array([0, 500, 1_000]),
        "reasons": [
            Reasons("blocked", "not_eligible", np.array([True, False, False]), {"on": "ok"}),
            Reasons("clipped", "capped", np.array([False, False, True]), amounts={"limit": np.array([0, 0, 1_000])}),
            Reasons("unfunded", "no_seat", np.zeros(3, dtype=np.bool_)),
        ],
        "amounts": {"salary": np.array([1, 2, 3])},
        "facts": {"level": np.array(["a", "b", "c"], dtype=object), "ratio": np.array([0.5, 1.0, 1.5])},
        "explain": explain,
    }
    return Outcomes("award", ["none", "paid", "paid"], **(given | options))


class TestOutcomes:
    def test_are_rows_and_columns(self):
        given = outcomes()
        assert [outcome.code for outcome in given] == ["none", "paid", "paid"]
        assert (given.total, len(given)) == (Money(15, "EUR"), 3)
        assert given[-1].amount == Money(10, "EUR")
        assert (given[1]["salary"], given[1]["level"], given[1]["ratio"]) == (Money("0.02 EUR"), "b", 1.0)
        assert [[str(reason) for reason in outcome.reasons] for outcome in given] == [
            ["blocked: not eligible: ok is no"],
            [],
            ["clipped: capped at 10.00 EUR"],
        ]
        assert given[2].reasons[0].params == {"limit": Money(10, "EUR")}
        frame = pd.DataFrame(given.columns())
        assert list(frame) == ["code", "minor", "reasons", "salary", "level", "ratio"]
        assert frame["reasons"].tolist() == [("not_eligible",), (), ("capped",)]

    def test_are_asked_by_reason(self):
        given = outcomes()
        assert given.where("blocked").tolist() == [True, False, False]
        assert given.where(code="capped").tolist() == [False, False, True]
        assert given.where().tolist() == [True, False, True]
        # What nobody has is not kept.
        assert [reason.code for reason in given.reasons] == ["not_eligible", "capped"]
        with pytest.raises(DefinitionError, match="status must be one of"):
            given.where("lost")

    def test_print_who_got_what_and_why(self):
        assert str(outcomes()) == (
            "                       people     amount\n"
            "none                        1   0.00 EUR\n"
            "paid                        2  15.00 EUR\n"
            "total                       3  15.00 EUR\n"
            "blocked: not_eligible       1\n"
            "clipped: capped             1"
        )
        assert repr(outcomes()) == "<Outcomes of 'award': 3 rows, 15.00 EUR>"
        assert repr(outcomes()[2]) == "<Outcome of 'award': paid, 10.00 EUR, clipped: capped at 10.00 EUR>"
        assert repr(outcomes().reasons[0]) == "<Reasons: 1 blocked: not_eligible>"

    def test_may_be_actions_alone(self):
        given = Outcomes(
            "discipline",
            ["step"],
            actions=["written warning"],
            state={"steps": 1},
            explain=lambda _: Explanation("step"),
        )
        assert (given.total, given[0].amount, given[0].action, given[0].minor) == (None, None, "written warning", 0)
        assert given.state == {"steps": 1}
        assert repr(given[0]) == "<Outcome of 'discipline': step, written warning>"
        assert given[0].explain().code == "step"
        assert list(given.columns()) == ["code", "action", "reasons"]
        assert str(given) == "      people\nstep       1"

    def test_cannot_be_written_to(self):
        given = outcomes()
        for column in (given.minor, given.codes, given.amounts["salary"], given.reasons[0].where):
            with pytest.raises(ValueError, match="read-only"):
                column[0] = 1

    def test_refuse_an_explanation_of_another_amount(self):
        assert outcomes().explain(1).value == Money(5, "EUR")
        with pytest.raises(StaleDataError, match=r"row 1 of 'award' gives 5.00 EUR and not 6.00 EUR"):
            outcomes(minor=np.array([0, 600, 1_000])).explain(1)

    @pytest.mark.parametrize(
        ("options", "message"),
        [
            ({"currency": None}, "amounts of 'award' must have a currency"),
            ({"currency": "EURO"}, "ISO 4217"),
            ({"minor": np.array([1])}, r"must have 3 rows \(got 1 in 'minor'\)"),
            ({"facts": {"x": [1, 2]}}, r"\(got 2 in 'x'\)"),
            ({"actions": ["a"]}, r"\(got 1 in 'actions'\)"),
            ({"reasons": [Reasons("blocked", "gate", np.array([True]))]}, r"\(got 1 in 'gate'\)"),
        ],
    )
    def test_refuse_columns_that_do_not_fit(self, options, message):
        with pytest.raises(DefinitionError, match=message):
            outcomes(**options)

    def test_refuse_what_they_do_not_have(self):
        with pytest.raises(DefinitionError, match=r"has no column 'levle' \(did you mean 'level'\?\)"):
            outcomes().column("levle")
        with pytest.raises(IndexError):
            outcomes()[3]
        with pytest.raises(DefinitionError, match="status must be one of"):
            Reason("lost", "x")
        with pytest.raises(DefinitionError, match="status must be one of"):
            Reasons("lost", "x", np.array([True]))


class TestZeroSum:
    PEOPLE = {"who": ["ana", "ben", "cleo"], "factor": [1.5, 1.2, 0.9], "team": ["x", "x", "y"]}  # noqa: RUF012

    def test_brings_factors_to_their_average(self):
        fitted = ZeroSum("factor", key="who", step=0.05, high=1.3).fit(self.PEOPLE)
        assert fitted.values(self.PEOPLE) == [F(5, 4), F(1), F(3, 4)]
        teams = ZeroSum("factor", key="who", within="team").fit(self.PEOPLE)
        assert teams.values(self.PEOPLE) == [F("1.11"), F("0.89"), F(1)]

    def test_is_a_factor_of_a_plan(self):
        fitted = ZeroSum("factor", key="who", step=0.05, high=1.3).fit(self.PEOPLE)
        plan = IncentivePlan("bonus", currency="EUR", pays=[TargetBonus(base=1_000, multiplier=fitted)])
        payouts = plan.pay(self.PEOPLE)
        assert payouts.minor.tolist() == [125_000, 100_000, 75_000]
        assert "factor (factor): 1.5 times 0.833333, so that all average 1" in str(payouts.explain(0))

    def test_must_see_everybody(self):
        plan = IncentivePlan("b", currency="EUR", pays=[TargetBonus(base=1, multiplier=ZeroSum("factor", key="who"))])
        with pytest.raises(UnfittedError, match="must see everybody first"):
            plan.pay(self.PEOPLE)

    @pytest.mark.parametrize(
        ("options", "change", "message"),
        [
            ({}, {"factor": [1, -1, 0]}, "'factor' must not be negative: row 1"),
            ({}, {"who": ["a", "a", "b"]}, "one row"),
            ({"high": 1.5}, {"factor": [1, 0, 0]}, r"cannot average 1: at their limits the 3 of them are 1.5 short"),
            ({"within": "team", "high": 1.5}, {"factor": [1, 0, 1]}, "factors of group 'x' cannot average 1"),
            ({"within": "team"}, {"team": ["x", None, "y"]}, "'team' must say which group a row is in"),
        ],
    )
    def test_refuses_bad_data(self, options, change, message):
        with pytest.raises(DataError, match=message):
            ZeroSum("factor", key="who", **options).fit(self.PEOPLE | change)

    def test_refuses_groups_that_it_was_not_fitted_to(self):
        fitted = ZeroSum("factor", key="who", within="team").fit(self.PEOPLE)
        with pytest.raises(DataError, match="'team' must be a group that was fitted: row 2"):
            fitted.values(self.PEOPLE | {"team": ["x", "x", "z"]})

    @pytest.mark.parametrize(
        ("options", "message"),
        [
            ({"step": 0}, "step must be positive"),
            ({"average": 0.333}, "average must be a multiple of 0.01"),
            ({"low": 0.005}, "low must be a multiple of 0.01"),
            ({"low": 1.1}, "must lie between low and high"),
            ({"high": 0.9}, r"must lie between low and high \(got 1 between 0 and 0.9\)"),
            ({"low": -0.01}, "not negative"),
        ],
    )
    def test_refuses_what_means_nothing(self, options, message):
        with pytest.raises(DefinitionError, match=message):
            ZeroSum("factor", key="who", **options)

    @pytest.mark.parametrize("values", [{"value": -1}, {"value": 1, "remainder": 2}])
    def test_cuts_are_checked(self, values):
        with pytest.raises(DefinitionError):
            Cut(**values)


def test_results_travel_between_processes():
    people = {"who": ["ana", "ben", "cleo"], "points": [1, 1, 1], "salary": [5_000_000, 4_000_000, 9_000_000]}
    structure = SalaryStructure([SalaryBand("a", 40_000, 60_000)], currency="EUR")
    levels = people | {"level": ["a"] * 3}
    steps = SalaryStructure([SalaryBand("a", steps=[40_000, 60_000])], currency="EUR")
    for given in (
        Pool(1_000, by="points", key="who", currency="EUR").fit(people).share(people),
        SalaryReview(0.03, key="who", structure=structure).fit(levels, 5_000).raises(levels),
        Ladder(structure, key="who").promote(levels, as_of=date(2026, 4, 1)),
        StepProgression(steps).raises(levels),
    ):
        back = pickle.loads(pickle.dumps(given))
        assert back.minor.tolist() == given.minor.tolist()
        assert [outcome.reasons for outcome in back] == [outcome.reasons for outcome in given]
        assert [back.explain(row) for row in range(3)] == [given.explain(row) for row in range(3)]


def test_data_that_changed_since_are_found_out():
    points = np.array([1, 1, 2])
    people = {"who": ["ana", "ben", "cleo"], "points": points}
    shared = Pool(1_000, by="points", key="who", currency="EUR").fit(people).share(people)
    points[0] = 2
    with pytest.raises(StaleDataError, match=r"row 0 of 'pool' gives 500.00 EUR and not 250.00 EUR"):
        shared.explain(0)


def test_a_salary_outside_its_range_is_told():
    structure = SalaryStructure([SalaryBand("a", 40_000, 60_000)], currency="EUR")
    people = {"who": [1, 2, 3], "level": ["a"] * 3, "salary": [3_950_000, 5_000_000, 6_100_000]}
    raised = SalaryReview(0.02, key="who", structure=structure).raises(people)
    assert raised.facts["range_before"].tolist() == ["below", "within", "above"]
    assert raised.facts["range_after"].tolist() == ["within", "within", "above"]


def test_payouts_are_outcomes_too():
    plan = IncentivePlan(
        "bonus",
        currency="EUR",
        pays=[TargetBonus(base="earned")],
        then=[Gate("ok"), Cap(1_000), Floor(100, name="guarantee"), Multiply(0.5)],
        missing="unpaid",
    )
    payouts = plan.pay({"earned": [90_000, 130_000, 50_000, 5_000, 1], "ok": [True, True, False, True, None]})
    given = payouts.outcomes()
    assert given.minor.tolist() == payouts.minor.tolist() == [45_000, 50_000, 5_000, 5_000, 0]
    assert [[str(reason) for reason in outcome.reasons] for outcome in given] == [
        [],
        ["clipped: cap: 300.00 EUR less"],
        ["blocked: gate: 500.00 EUR less", "clipped: guarantee: 100.00 EUR more"],
        ["clipped: guarantee: 50.00 EUR more"],
        ["blocked: not paid: ok missing"],
    ]
    assert [outcome.code for outcome in given] == ["paid"] * 4 + ["none"]
    assert given.explain(1) == payouts.explain(1)
    back = IncentivePlan("back", currency="EUR", pays=[Commission("n")], below_zero="keep")
    taken = back.pay({"n": [-500]}).outcomes()
    assert taken[0].code == "owed"
