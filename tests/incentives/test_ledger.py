"""What is carried from period to period: draws, refundable caps, deferrals, and the ledger between them."""

import json
from fractions import Fraction

import numpy as np
import pytest

from perfkit import (
    Cap,
    DataError,
    Deferral,
    DefinitionError,
    Draw,
    FlatAmount,
    IncentivePlan,
    Ledger,
    Money,
    PerfkitError,
    Recover,
    RefundableCap,
    Rounding,
    digest,
    from_dict,
    to_dict,
)
from perfkit.typing import CarryStep


def plan_of(*carry, currency="EUR", **options):
    return IncentivePlan("plan", currency=currency, pays=[FlatAmount("earned")], carry=list(carry), **options)


def paid_over(plan, earned, *, who="ana", ledger=None, **columns):
    """What one person is paid period by period, in major units, and the ledger after it."""
    ledger = Ledger(plan.currency) if ledger is None else ledger
    paid = []
    for amount in earned:
        data = {"who": [who], "earned": [round(amount * 100)]} | {name: [value] for name, value in columns.items()}
        payouts, ledger = plan.pay_period(data, ledger, key="who")
        payouts.explain(0).check()
        paid.append(payouts.minor[0] / 100)
    return paid, ledger


# A draw.


def test_a_recoverable_draw_is_owed_and_recovered():
    """Source: the form of the Siebel example: net is what is above what is owed, and never less than the draw."""
    paid, ledger = paid_over(plan_of(Draw(2_000)), [500, 1_500, 3_000, 6_000, 1_000, 10_000])
    assert paid == [2_000, 2_000, 2_000, 5_000, 2_000, 9_000]
    assert ledger.owed("ana") == Money("0.00 EUR")


def test_recovery_waits_until_pay_is_above_the_draw():
    plan = plan_of(Draw(1_000))
    paid, ledger = paid_over(plan, [0, 0])
    assert (paid, ledger.owed("ana"), ledger.total_owed) == ([1_000, 1_000], Money("2,000 EUR"), Money("2,000 EUR"))
    paid, ledger = paid_over(plan, [1_000, 1_500, 5_000], ledger=ledger)
    assert (paid, ledger.owed("ana")) == ([1_000, 1_000, 3_500], Money("0 EUR"))


def test_a_draw_that_is_not_recoverable_is_a_guarantee():
    paid, ledger = paid_over(plan_of(Draw(1_000, recoverable=False)), [400, 1_000, 2_500, -100])
    assert paid == [1_000, 1_000, 2_500, 1_000]
    assert ledger.accounts == ()
    assert ledger.total_owed == Money("0 EUR")


def test_recovery_may_be_limited_to_a_share_of_the_earnings():
    paid, ledger = paid_over(plan_of(Draw(1_000, recover_at_most=0.25)), [0, 2_000, 2_000])
    assert paid == [1_000, 1_500, 1_500]
    assert ledger.owed("ana") == Money("0 EUR")
    none, ledger = paid_over(plan_of(Draw(1_000, recover_at_most=0)), [0, 9_000])
    assert (none, ledger.owed("ana")) == ([1_000, 9_000], Money("1,000 EUR"))


def test_a_draw_may_be_a_column():
    data = {"who": ["a", "b"], "earned": [10_000, 90_000], "draw": [50_000, 20_000]}
    payouts, ledger = plan_of(Draw("draw")).pay_period(data, Ledger("EUR"), key="who")
    assert payouts.minor.tolist() == [50_000, 90_000]
    assert (ledger.owed("a"), ledger.owed("b")) == (Money("400 EUR"), Money("0 EUR"))


def test_what_is_taken_back_is_drawn_against():
    paid, ledger = paid_over(plan_of(Draw(1_000)), [-500])
    assert (paid, ledger.owed("ana")) == ([1_000], Money("1,500 EUR"))


# A refundable cap.


def test_the_excess_over_a_refundable_cap_is_paid_later():
    paid, ledger = paid_over(plan_of(RefundableCap(5_000)), [8_000, 4_000, 1_000, 6_000])
    assert paid == [5_000, 5_000, 3_000, 5_000]
    assert ledger.held("ana") == ledger.total_held == Money("1,000 EUR")


def test_a_refundable_cap_may_be_a_share_of_a_column():
    data = {"who": ["a"], "earned": [90_000], "salary": [100_001]}
    payouts, ledger = plan_of(RefundableCap(0.5, of="salary")).pay_period(data, Ledger("EUR"), key="who")
    assert payouts.minor.tolist() == [50_001]
    assert ledger.held("a").minor == 39_999


def test_a_cap_below_nothing_pays_nothing_and_holds_all():
    data = {"who": ["a"], "earned": [900], "limit": [-500]}
    payouts, ledger = plan_of(RefundableCap("limit")).pay_period(data, Ledger("EUR"), key="who")
    assert (payouts.minor.tolist(), ledger.held("a").minor) == ([0], 900)


# A deferral.


def test_a_deferral_is_paid_in_parts_over_the_following_periods():
    plan = plan_of(Deferral(0.4, over=3))
    paid, ledger = paid_over(plan, [1_000, 0, 0, 0, 0])
    assert paid == [600, 133.34, 133.33, 133.33, 0]
    assert ledger.held("ana") == Money("0 EUR")


def test_deferrals_of_several_periods_overlap():
    plan = plan_of(Deferral(0.5, over=2))
    paid, ledger = paid_over(plan, [1_000, 2_000, 0, 0])
    assert paid == [500, 1_250, 750, 500]
    assert ledger.total_held == Money("0 EUR")


def test_nothing_is_deferred_of_what_is_taken_back():
    paid, ledger = paid_over(plan_of(Deferral(0.5, over=1), below_zero="keep"), [-100, 100, 0])
    assert paid == [-100, 50, 50]
    assert ledger.total_held == Money("0 EUR")


def test_a_share_of_everything_is_held_in_full():
    paid, ledger = paid_over(plan_of(Deferral(1, over=1)), [33.33])
    assert paid == [0]
    assert ledger.balance("ana", "deferral.held.1") == Money("33.33 EUR")


def test_no_more_is_deferred_than_was_awarded():
    plan = plan_of(Deferral(1, over=1, rounding=Rounding(to=100, mode="up")))
    paid, _ = paid_over(plan, [50])
    assert paid == [0]


# Several.


def test_steps_that_carry_take_their_turn():
    plan = plan_of(RefundableCap(3_000), Deferral(0.5, over=1), Draw(500))
    paid, ledger = paid_over(plan, [4_000, 0, 0])
    # 3,000 of 4,000 and half of it; then 1,000 held, half of it, and 1,500 due; then 500 due.
    assert paid == [1_500, 2_000, 500]
    assert (ledger.total_held, ledger.total_owed) == (Money("0 EUR"), Money("0 EUR"))


def test_steps_that_carry_are_lines_of_the_explanation():
    plan = plan_of(RefundableCap(3_000), Deferral(0.5, over=1), Draw(2_000), then=[Cap(5_000, name="hard")])
    data = {"who": ["ana", "ben"], "earned": [400_000, 900_000]}
    payouts, _ = plan.pay_period(data, Ledger("EUR"), key="who")
    explanation = payouts.explain(1)
    explanation.check()
    assert [(line.label, line.value.minor) for line in explanation.parts] == [
        ("flat amount", 900_000),
        ("hard", -400_000),
        ("cap", -200_000),
        ("deferral", -150_000),
        ("draw", 50_000),
    ]
    text = str(explanation)
    assert "cap: at most 3,000.00 EUR; held 0.00 EUR, then 2,000.00 EUR" in text
    assert "draw: of 2,000.00 EUR; owed 0.00 EUR, then 500.00 EUR" in text
    assert "deferral: 1,500.00 EUR put off, 0.00 EUR due, 1,500.00 EUR held" in text


def test_the_steps_have_the_members_of_the_protocol():
    for step in (Draw(1), RefundableCap(1), Deferral(0.5, over=2)):
        assert isinstance(step, CarryStep)


def test_a_plan_that_carries_nothing_pays_a_period_as_any():
    payouts, ledger = plan_of().pay_period({"who": ["a"], "earned": [5]}, Ledger("EUR"), key="who")
    assert payouts.minor.tolist() == [5]
    assert ledger.keys == ("a",)


def test_an_empty_period_changes_nothing():
    ledger = Ledger("EUR", ["a"], {"draw.owed": [7]})
    payouts, after = plan_of(Draw(1)).pay_period({"who": [], "earned": []}, ledger, key="who")
    assert (len(payouts), after) == (0, ledger)


def test_whoever_misses_a_value_keeps_what_is_carried():
    plan = plan_of(Draw(1_000), missing="unpaid")
    ledger = Ledger("EUR", ["a", "b"], {"draw.owed": [700, 800]})
    payouts, after = plan.pay_period({"who": ["a", "b"], "earned": [None, 500_000]}, ledger, key="who")
    assert payouts.minor.tolist() == [0, 499_200]
    assert (after.owed("a").minor, after.owed("b").minor) == (700, 0)
    payouts.explain(0).check()
    payouts.explain(1).check()


# The ledger itself.


def test_a_ledger_knows_its_balances():
    ledger = Ledger("JPY", ["a", "b"], {"cap.held": [5, 6], "later.held.1": [1, 2], "draw.owed": [0, 9]})
    assert ledger.balance("a", "cap.held") == Money("5 JPY")
    assert ledger.balance("z", "cap.held") == ledger.balance("a", "none") == Money("0 JPY")
    assert (ledger.held("b"), ledger.owed("b")) == (Money("8 JPY"), Money("9 JPY"))
    assert (ledger.total_held, ledger.total_owed) == (Money("14 JPY"), Money("9 JPY"))
    assert repr(ledger) == "<Ledger of 2 people: 14 JPY held, 9 JPY owed>"


def test_keys_of_any_type_are_the_text_of_them():
    plan = plan_of(Draw(10))
    _, ledger = plan.pay_period({"who": [7, 8], "earned": [0, 0]}, Ledger("EUR"), key="who")
    assert ledger.keys == ("7", "8")
    assert ledger.owed(7) == ledger.owed("7") == Money("10 EUR")
    _, ledger = plan.pay_period({"who": np.array(["8", "7"]), "earned": [0, 0]}, ledger, key="who")
    assert ledger.total_owed == Money("40 EUR")


def test_a_ledger_is_a_value():
    ledger = Ledger("EUR", ["a"], {"cap.held": [5]})
    assert ledger == Ledger("EUR", ("a",), (("cap.held", (5,)),))
    assert hash(ledger) == hash(Ledger("EUR", ["a"], {"cap.held": [5]}))
    assert from_dict(json.loads(json.dumps(to_dict(ledger)))) == ledger
    assert digest(ledger) == digest(from_dict(to_dict(ledger)))


def test_the_plan_and_the_ledger_round_trip_and_pay_the_same():
    plan = plan_of(RefundableCap(5), Deferral(Fraction(1, 3), over=2), Draw(4, recover_at_most=0.5))
    again = from_dict(json.loads(json.dumps(to_dict(plan))))
    assert again == plan
    data = {"who": ["a", "b"], "earned": [1_700, 100]}
    first, ledger = plan.pay_period(data, Ledger("EUR"), key="who")
    stored = from_dict(json.loads(json.dumps(to_dict(ledger))))
    assert stored == ledger
    for old, new in zip(
        plan.pay_period(data, ledger, key="who"), again.pay_period(data, stored, key="who"), strict=True
    ):
        assert np.array_equal(getattr(old, "minor", 0), getattr(new, "minor", 0))
    assert first.balances.keys() == {"cap.held", "deferral.held.1", "deferral.held.2", "draw.owed"}


def test_an_account_of_a_curious_name_counts_once():
    plan = plan_of(Draw(10, name="held"), RefundableCap(5, name="cap.owed"))
    _, ledger = plan.pay_period({"who": ["a"], "earned": [0]}, Ledger("EUR"), key="who")
    assert (ledger.total_owed, ledger.total_held) == (Money("10 EUR"), Money("5 EUR"))
    assert (ledger.owed("a"), ledger.held("a")) == (Money("10 EUR"), Money("5 EUR"))


def test_an_account_of_a_last_day_is_kept_only_while_there_is_something_in_it():
    ledger = Ledger("EUR", ["a", "b"], {"fine.imposed@until 2026-03-01.owed": [5, 0], "draw.owed": [1, 0]})
    after = ledger.updated(
        ["a", "c"], {"fine.imposed@until 2026-03-01.owed": np.array([0, 0]), "draw.owed": np.zeros(2, int)}
    )
    assert after == Ledger("EUR", ["a", "b", "c"], {"draw.owed": [0, 0, 0]})


def test_a_balance_of_any_size_is_kept_but_not_read_as_a_column():
    ledger = Ledger("EUR", ["a"], {"draw.owed": [10**30]})
    assert ledger.updated(["b"], {"cap.held": np.array([5])}).balance("a", "draw.owed").minor == 10**30
    with pytest.raises(DataError, match="does not fit int64"):
        ledger.columns(["a"], ["draw.owed"])


@pytest.mark.parametrize(
    ("entries", "message"),
    [
        ([("x", 1), ("x", 2)], r"entries of a ledger must differ, and none must be negative \(got 'x' twice\)"),
        ({"x": -1}, r"none must be negative \(got -1 for 'x'\)"),
        ({"x": 1.5}, "a balance must be a whole count of minor units"),
    ],
)
def test_entries_are_whole_and_differ(entries, message):
    with pytest.raises(DefinitionError, match=message) as caught:
        Ledger("EUR", entries=entries)
    assert caught.value.path == "entries"


def test_a_further_entry_takes_the_place_of_the_one_before():
    ledger = Ledger("EUR", entries={"x": 1, "y": 2})
    assert ledger.entered({"y": 3, "z": 4}).entries == (("x", 1), ("y", 3), ("z", 4))
    assert ledger.entered({}) is ledger


# What is refused.


def test_a_plan_that_carries_is_paid_by_the_period():
    plan = plan_of(Draw(1))
    for pay in (lambda: plan.pay({"earned": [1]}), lambda: plan.pay_one({"earned": 1})):
        with pytest.raises(DefinitionError, match="pay it with pay_period and a Ledger"):
            pay()


def test_a_person_has_one_row_in_a_period():
    with pytest.raises(DataError, match=r"one row in a period \(got 'b' again in row 2\)") as caught:
        plan_of(Draw(1)).pay_period({"who": ["a", "b", "b"], "earned": [1, 2, 3]}, Ledger("EUR"), key="who")
    assert caught.value.rows == (2,)
    with pytest.raises(DataError, match="one row in a period"):
        plan_of(Draw(1)).pay_period({"who": [1, 1], "earned": [1, 2]}, Ledger("EUR"), key="who")


def test_a_row_must_say_whose_it_is():
    with pytest.raises(DataError, match="who"):
        plan_of(Draw(1)).pay_period({"who": ["a", None], "earned": [1, 2]}, Ledger("EUR"), key="who")


def test_the_ledger_must_be_of_the_currency_of_the_plan():
    with pytest.raises(DataError, match=r"must be of EUR \(got USD\)"):
        plan_of(Draw(1)).pay_period({"who": ["a"], "earned": [1]}, Ledger("USD"), key="who")


def test_float_money_is_refused():
    with pytest.raises(DataError, match="minor_units"):
        plan_of(Draw(1)).pay_period({"who": ["a"], "earned": [1.5]}, Ledger("EUR"), key="who")
    with pytest.raises(DataError, match="minor_units"):
        plan_of(Draw("draw")).pay_period({"who": ["a"], "earned": [1], "draw": [1.5]}, Ledger("EUR"), key="who")


def test_a_column_that_is_not_there_is_missed():
    with pytest.raises(DataError, match="'who'"):
        plan_of(Draw(1)).pay_period({"earned": [1]}, Ledger("EUR"), key="who")


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Ledger("XXX"), "ISO 4217"),
        (lambda: Ledger("EUR", ["a", "a"]), "must differ"),
        (lambda: Ledger("EUR", ["a"], {"x.held": [1, 2]}), "a balance for each of 1 keys"),
        (lambda: Ledger("EUR", ["a"], {"x.held": [1.5]}), "whole count"),
        (lambda: Draw(1, recover_at_most=1.5), "between 0 and 1"),
        (lambda: Draw(1, recover_at_most=-0.1), "between 0 and 1"),
        (lambda: Deferral(1.1, over=1), "between 0 and 1"),
        (lambda: Deferral(-0.1, over=1), "between 0 and 1"),
        (lambda: Deferral(None, over=1), "share"),
        (lambda: Deferral(0.5, over=0), "from 1 on"),
        (lambda: Deferral(0.5, over=True), "from 1 on"),
        (lambda: Deferral(0.5, over=1.5), "from 1 on"),
        (lambda: plan_of(Draw(1), Draw(2)), "different names"),
        (lambda: plan_of(Draw(1, name="flat amount")), "different names"),
        (lambda: plan_of(Cap(1)), "members of CarryStep"),
    ],
)
def test_what_cannot_be_carried_is_refused(make, message):
    with pytest.raises(DefinitionError, match=message):
        make()


HUGE = 2**62


@pytest.mark.parametrize(
    ("step", "columns", "accounts"),
    [
        (RefundableCap(5), {"earned": [HUGE]}, {"cap.held": [HUGE]}),
        (Draw("draw"), {"earned": [-HUGE - 5], "draw": [HUGE]}, {}),
        (Draw("draw"), {"earned": [0], "draw": [HUGE]}, {"draw.owed": [HUGE]}),
        (Deferral(0.1, over=2), {"earned": [2 * HUGE - 1]}, {"deferral.held.1": [HUGE]}),
    ],
)
def test_balances_past_int64_are_refused_and_never_wrap(step, columns, accounts):
    ledger = Ledger("EUR", ["a"], accounts)
    with pytest.raises(PerfkitError, match="fit int64"):
        plan_of(step).pay_period({"who": ["a"], **columns}, ledger, key="who")


@pytest.mark.parametrize(
    "make", [lambda: Draw(100, name="fine.imposed"), lambda: Recover("fine.imposed", basis="policy")]
)
def test_nothing_else_keeps_the_account_of_a_deduction(make):
    with pytest.raises(DefinitionError, match="taken only within its limits"):
        make()


def test_a_column_that_is_named_like_an_account_is_refused():
    plan = IncentivePlan("plan", currency="EUR", pays=[FlatAmount("draw.owed")], carry=[Draw(100)])
    with pytest.raises(DataError, match=r"'draw.owed' is read from the data, and is an account"):
        plan.pay_period({"who": ["ana"], "draw.owed": [5]}, Ledger("EUR"), key="who")
