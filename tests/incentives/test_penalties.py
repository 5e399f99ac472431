"""Penalties on pay that nobody has yet: forfeit and malus."""

from fractions import Fraction

import pytest

from perfkit import (
    Cap,
    DataError,
    Deferral,
    DefinitionError,
    FlatAmount,
    Forfeit,
    IncentivePlan,
    Ledger,
    Malus,
    Money,
    NotAffineError,
    RateTable,
    Rounding,
    TargetBonus,
    from_dict,
    to_dict,
)
from perfkit.testing import check_policy
from perfkit.typing import CarryStep, PayStep


def plan_of(*then, carry=(), **options):
    pays = [FlatAmount("award")]
    return IncentivePlan("bonus", currency="EUR", pays=pays, then=list(then), carry=list(carry), **options)


def left(step, award, **row):
    payout = plan_of(step).pay_one({"award": Money(award, "EUR"), **row})
    payout.explain().check()
    return payout.amount


def test_the_whole_award_is_forfeited_where_it_applies():
    assert left(Forfeit(on="fraud"), 5_000, fraud=True) == Money(0, "EUR")
    assert left(Forfeit(on="fraud"), 5_000, fraud=False) == Money(5_000, "EUR")
    assert left(Forfeit(), 5_000) == Money(0, "EUR")


def test_a_share_is_a_number_a_column_or_a_table():
    assert left(Forfeit(0.2), 5_000) == Money(4_000, "EUR")
    assert left(Forfeit("share"), 5_000, share=0.5) == Money(2_500, "EUR")
    table = RateTable("sanction", {"none": 0, "final warning": 0.75})
    assert left(Forfeit(table), 1_000, sanction="final warning") == Money(250, "EUR")


def test_what_is_forfeited_is_rounded_once_and_is_never_more_than_there_is():
    assert left(Forfeit(Fraction(1, 3)), Fraction(1, 100) * 50) == Money("0.33 EUR")
    assert left(Forfeit(0.9, rounding=Rounding(to=1, mode="up")), Fraction(1, 2)) == Money(0, "EUR")


def test_what_is_owed_by_the_person_is_not_forfeited():
    plan = plan_of(Forfeit(0.5), below_zero="keep")
    assert plan.pay_one({"award": Money(-100, "EUR")}).amount == Money(-100, "EUR")


def test_the_statement_says_why():
    step = Forfeit(0.2, on="breach", reason="code of conduct 3.1")
    text = str(plan_of(step).pay_one({"award": Money(100, "EUR"), "breach": True}).explain())
    assert "forfeit: 0.2 not earned (code of conduct 3.1)" in text
    assert "-20.00 EUR" in text
    text = str(plan_of(step).pay_one({"award": Money(100, "EUR"), "breach": False}).explain())
    assert "forfeit: nothing, code of conduct 3.1 is not so" in text


def test_forfeit_keeps_the_house_rule():
    check_policy(Forfeit(0.3, on="breach"))
    check_policy(Forfeit("share"), choices={"share": [0, 0.25, 1]})
    assert isinstance(Forfeit(), PayStep)


@pytest.mark.parametrize("share", [1.1, -0.1])
def test_a_share_must_be_one(share):
    with pytest.raises(DefinitionError, match="share must be between 0 and 1"):
        Forfeit(share)
    with pytest.raises(DefinitionError, match="share must be between 0 and 1"):
        Malus(Deferral(0.5, over=2), share)
    with pytest.raises(DataError, match="column 's' must be a share between 0 and 1: row 0") as caught:
        left(Forfeit("s"), 10, s=share)
    assert caught.value.column == "s"


def test_a_forfeit_is_a_curve_of_what_drives_pay():
    bonus = TargetBonus(1_000, multiplier="score")
    plan = IncentivePlan("bonus", currency="EUR", pays=[bonus], then=[Forfeit(0.5, on="breach"), Cap(800)])
    assert plan.curve("score", {"breach": True}).exact(Fraction(6, 5)) == 600
    assert plan.curve("score", {"breach": False}).exact(Fraction(1, 2)) == 500
    breach = plan.curve("breach", {"score": 0.6})
    assert (breach.exact(Fraction(0)), breach.exact(Fraction(1))) == (600, 300)
    by_share = IncentivePlan("bonus", currency="EUR", pays=[FlatAmount(100)], then=[Forfeit("share")])
    assert by_share.curve("share", {}).exact(Fraction(1, 4)) == 75
    with pytest.raises(NotAffineError):
        IncentivePlan("bonus", currency="EUR", pays=[bonus], then=[Forfeit("score")]).curve("score", {})


# Malus.

DEFERRAL = Deferral(0.6, over=3)


def periods(plan, *rows):
    ledger, paid = Ledger("EUR"), []
    for row in rows:
        payouts, ledger = plan.pay_period({"who": ["ana"], **{k: [v] for k, v in row.items()}}, ledger, key="who")
        payouts.explain(0).check()
        paid.append(payouts.total)
    return paid, ledger, payouts


def test_a_malus_reduces_what_is_held_before_it_vests():
    plan = plan_of(carry=[Malus(DEFERRAL, 0.5, on="breach"), DEFERRAL])
    calm, breach = {"award": 0, "breach": False}, {"award": 0, "breach": True}
    paid, ledger, _ = periods(plan, {"award": 100_000, "breach": False}, breach, calm, calm)
    assert paid == [Money(400, "EUR"), Money(100, "EUR"), Money(100, "EUR"), Money(100, "EUR")]
    assert ledger.total_held == Money(0, "EUR")


def test_a_malus_does_not_reach_what_is_earned_now():
    plan = plan_of(carry=[Malus(DEFERRAL), DEFERRAL])
    paid, ledger, payouts = periods(plan, {"award": 100_000}, {"award": 100_000})
    assert paid == [Money(400, "EUR"), Money(400, "EUR")]
    # What the second award defers is new, and is held.
    assert ledger.total_held == Money(600, "EUR")
    assert "malus: 600.00 EUR does not vest (malus), 0.00 EUR held" in str(payouts.explain(0))


def test_two_steps_keep_one_account_in_turn():
    """Before, the second read what there was before the first, and undid it."""
    plan = plan_of(carry=[Malus(DEFERRAL, 0.5, name="first"), Malus(DEFERRAL, 0.5, name="second"), DEFERRAL])
    paid, ledger, _ = periods(plan, {"award": 100_000}, {"award": 0})
    assert paid[1] == Money(50, "EUR")
    assert ledger.total_held == Money(100, "EUR")


def test_a_malus_needs_a_deferral():
    with pytest.raises(DefinitionError, match="deferral must be a Deferral"):
        Malus("deferral")
    assert isinstance(Malus(DEFERRAL), CarryStep)


def test_they_are_stored_with_their_plan():
    plan = plan_of(Forfeit("share", on="breach", reason="x"), carry=[Malus(DEFERRAL, 0.5, on="breach"), DEFERRAL])
    assert from_dict(to_dict(plan)) == plan
    assert {need.name for need in plan.needs()} == {"award", "share", "breach"}
