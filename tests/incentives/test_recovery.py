"""Recovery of what was paid: the difference to what should have been, counted once, and taken within bounds."""

import json
import pickle
from datetime import date
from fractions import Fraction

import attrs
import numpy as np
import pytest

from perfkit import (
    Cap,
    Commission,
    Curve,
    DataError,
    Deduct,
    Deferral,
    DefinitionError,
    FlatAmount,
    IncentivePlan,
    Ledger,
    MissingColumnsError,
    Money,
    Recover,
    TargetBonus,
    from_dict,
    limits,
    to_dict,
)
from perfkit.typing import CarryStep

PLAN = IncentivePlan(
    "bonus",
    currency="USD",
    pays=[TargetBonus("salary", 0.5, "ebit", Curve.through((0.8, 0.5), (1, 1), (1.2, 2), below=0))],
)
POLICY = Recover("clawback", basis="17 CFR 240.10D-1")


def awards(**columns):
    """Two awards of one person and one of another, paid on an EBIT of 120 % of the target."""
    base = {
        "award": ["a25", "a24", "b25"],
        "who": ["ana", "ana", "ben"],
        "salary": [10_000_000, 9_000_000, 8_000_000],
        "ebit": [1.2, 1.2, 1.2],
        "recovered": [0, 0, 0],
    }
    base["paid"] = PLAN.pay(base).minor.copy()
    return base | columns


def test_what_was_paid_less_the_award_on_restated_facts():
    claim = POLICY.restate(PLAN, awards(), {"ebit": 1.0}, Ledger("USD"))
    assert claim.minor.tolist() == [-5_000_000, -4_500_000, -4_000_000]
    assert (claim.state.owed("ana"), claim.state.owed("ben")) == (Money(95_000, "USD"), Money(40_000, "USD"))
    assert claim.column("restated").tolist() == [5_000_000, 4_500_000, 4_000_000]
    text = str(claim.explain(0))
    assert text.splitlines()[0] == "clawback, on the basis of 17 CFR 240.10D-1   -50,000.00 USD"
    assert "paid, before tax" in text


def test_the_same_claim_again_comes_to_nothing():
    first = POLICY.restate(PLAN, awards(), {"ebit": 1.0}, Ledger("USD"))
    again = POLICY.restate(PLAN, awards(recovered=first.column("recovered")), {"ebit": 1.0}, first.state)
    assert again.total == Money(0, "USD")
    assert again.state == first.state
    assert again.codes.tolist() == ["none"] * 3


def test_a_worse_restatement_claims_only_the_difference():
    first = POLICY.restate(PLAN, awards(), {"ebit": 1.0}, Ledger("USD"))
    second = POLICY.restate(PLAN, awards(recovered=first.column("recovered")), {"ebit": 0.5}, first.state)
    assert second.minor.tolist() == [-5_000_000, -4_500_000, -4_000_000]
    assert second.column("recovered").tolist() == awards()["paid"].tolist()


def test_a_milder_restatement_gives_back():
    first = POLICY.restate(PLAN, awards(), {"ebit": 0.5}, Ledger("USD"))
    second = POLICY.restate(PLAN, awards(recovered=first.column("recovered")), {"ebit": 1.0}, first.state)
    assert second.codes.tolist() == ["given back"] * 3
    assert second.minor.tolist() == [5_000_000, 4_500_000, 4_000_000]
    assert second.state.owed("ben") == Money(40_000, "USD")
    # Whoever has paid it all back already is owed the difference, and gets it with the next pay.
    settled = POLICY.repay(first.state, {"ben": Money(80_000, "USD")})
    second = POLICY.restate(PLAN, awards(recovered=first.column("recovered")), {"ebit": 1.0}, settled)
    assert (second.state.owed("ben"), second.state.held("ben")) == (Money(0, "USD"), Money(40_000, "USD"))
    plan = IncentivePlan("next", currency="USD", pays=[FlatAmount("award")], carry=[POLICY])
    payouts, ledger = plan.pay_period({"who": ["ben"], "award": [100]}, second.state, key="who")
    assert payouts.total == Money(40_001, "USD")
    assert ledger.held("ben") == Money(0, "USD")
    second.explain(0)


def test_a_better_restatement_pays_nothing_more():
    claim = POLICY.restate(PLAN, awards(), {"ebit": 1.3}, Ledger("USD"))
    assert claim.minor.tolist() == [0, 0, 0]
    claim = POLICY.restate(PLAN, awards(paid=[1, 2, 3]), {"ebit": 1.2}, Ledger("USD"))
    assert claim.minor.tolist() == [0, 0, 0]
    claim.explain(0)


def test_each_award_may_have_facts_of_its_own():
    claim = POLICY.restate(PLAN, awards(), {"ebit": [1.2, 1.0, 0.5]}, Ledger("USD"))
    assert claim.minor.tolist() == [0, -4_500_000, -8_000_000]


def test_what_a_plan_carries_is_left_out():
    deferred = IncentivePlan("b", currency="USD", pays=PLAN.pays, carry=[Deferral(0.6, over=3)])
    assert POLICY.restate(deferred, awards(), {"ebit": 1.0}, Ledger("USD")).minor.tolist()[0] == -5_000_000


def test_a_missing_fact_is_no_award_of_nothing():
    lenient = IncentivePlan("b", currency="USD", pays=PLAN.pays, missing="unpaid")
    with pytest.raises(DataError, match="ebit"):
        POLICY.restate(lenient, awards(), {"ebit": [1.0, np.nan, 1.0]}, Ledger("USD"))


# The window.


@pytest.mark.parametrize(
    ("year_end", "required_on", "window"),
    [
        ((12, 31), date(2026, 3, 1), (date(2023, 1, 1), date(2025, 12, 31))),
        ((12, 31), date(2026, 12, 31), (date(2023, 1, 1), date(2025, 12, 31))),
        ((12, 31), date(2027, 1, 1), (date(2024, 1, 1), date(2026, 12, 31))),
        ((6, 30), date(2026, 6, 30), (date(2022, 7, 1), date(2025, 6, 30))),
        ((6, 30), date(2026, 7, 1), (date(2023, 7, 1), date(2026, 6, 30))),
        ((2, 29), date(2026, 5, 1), (date(2023, 3, 1), date(2026, 2, 28))),
        ((2, 29), date(2024, 5, 1), (date(2021, 3, 1), date(2024, 2, 29))),
    ],
)
def test_three_completed_fiscal_years(year_end, required_on, window):
    policy = Recover(basis="17 CFR 240.10D-1", completed_years=3, year_end=year_end)
    assert policy.window(required_on) == window
    assert POLICY.window(required_on) is None


def test_an_award_outside_the_window_is_blocked_and_keeps_what_was_claimed():
    policy = Recover("clawback", basis="17 CFR 240.10D-1", completed_years=3)
    data = awards(received=["2025-12-31", "2022-12-31", "2026-01-01"], recovered=[0, 100, 0])
    claim = policy.restate(PLAN, data, {"ebit": 1.0}, Ledger("USD"), required_on=date(2026, 2, 1))
    assert claim.codes.tolist() == ["claimed", "blocked", "blocked"]
    assert claim.column("recovered").tolist() == [5_000_000, 100, 0]
    assert str(claim[1].reasons[0]) == "blocked: received outside of 2023-01-01 to 2025-12-31"
    claim.explain(1)
    with pytest.raises(DefinitionError, match="say required_on="):
        policy.restate(PLAN, data, {"ebit": 1.0}, Ledger("USD"))
    with pytest.raises(MissingColumnsError, match="'received'"):
        policy.restate(PLAN, awards(), {"ebit": 1.0}, Ledger("USD"), required_on=date(2026, 2, 1))


# Refunds at the rate that was paid.

SALES = {
    "award": ["s1", "s2"],
    "who": ["ana", "ben"],
    "sold": [100_000, 300_000],
    "paid": [10_000, 37_500],
    "recovered": [0, 0],
}


def test_a_refund_is_reversed_at_its_own_rate_and_not_at_a_blended_one():
    """Two sales paid at 10 % and 12.5 %: half of the first is 50.00, whatever the average rate is."""
    claim = POLICY.reverse(SALES | {"refunded": [50_000, 0]}, Ledger("USD"))
    assert claim.minor.tolist() == [-5_000, 0]
    assert claim.column("restated").tolist() == [5_000, 37_500]
    assert "commission on what was not refunded, at the rate that was paid" in str(claim.explain(0))


def test_refunds_in_parts_add_up_to_the_whole():
    sale = {"award": ["s"], "who": ["ana"], "sold": [30_000], "paid": [1_000]}
    recovered, ledger, claimed = 0, Ledger("USD"), []
    for refunded in (10_000, 20_000, 30_000):
        claim = POLICY.reverse(sale | {"refunded": [refunded], "recovered": [recovered]}, ledger)
        recovered, ledger = int(claim.column("recovered")[0]), claim.state
        claimed.append(-claim[0].minor)
    assert claimed == [333, 334, 333]
    assert ledger.owed("ana").minor == 1_000


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"refunded": [100_001, 0]}, "column 'refunded' must be between 0 and 'sold': row 0"),
        ({"refunded": [-1, 0]}, "column 'refunded' must be between 0 and 'sold': row 0"),
        ({"refunded": [0, 0], "sold": [0, 1]}, "column 'sold' must be positive: row 0"),
        (
            {"refunded": [0, 0], "recovered": [10_001, 0]},
            "column 'recovered' must be between 0 and 'paid': row 0; no more",
        ),
        ({"refunded": [0, 0], "recovered": [-1, 0]}, "column 'recovered' must be between 0 and 'paid': row 0"),
        ({"refunded": [0, 0], "paid": [-1, 0]}, "column 'paid' must not be negative: row 0"),
        ({"refunded": [0, 0], "award": ["s", "s"]}, "must tell the rows apart"),
        ({"refunded": [Money(1, "EUR"), Money(1, "USD")]}, "column 'refunded' must be money of USD: row 0"),
        ({"refunded": [0, 0], "paid": [Money(1, "EUR"), Money(1, "USD")]}, "column 'paid' must be money of USD: row 0"),
    ],
)
def test_bad_sales_are_refused(change, message):
    with pytest.raises(DataError, match=message):
        POLICY.reverse(SALES | change, Ledger("USD"))


def test_what_was_recovered_before_must_be_said():
    data = awards()
    del data["recovered"]
    with pytest.raises(DataError, match=r"column 'recovered' is missing: .* counted twice"):
        POLICY.restate(PLAN, data, {"ebit": 1.0}, Ledger("USD"))
    with pytest.raises(MissingColumnsError, match="'paid'"):
        POLICY.restate(PLAN, {"award": [1], "who": ["ana"]}, {"ebit": 1.0}, Ledger("USD"))


def test_a_fact_that_the_plan_does_not_read_is_refused():
    with pytest.raises(DefinitionError, match=r"does not read 'ebitda' \(did you mean 'ebit'\?\)"):
        POLICY.restate(PLAN, awards(), {"ebitda": 1.0}, Ledger("USD"))


def test_two_currencies_do_not_meet():
    with pytest.raises(DataError, match="the ledger must be of USD"):
        POLICY.restate(PLAN, awards(), {"ebit": 1.0}, Ledger("EUR"))


# Collection.


def owing(cents):
    return Ledger("USD", ["ana"], {"clawback.owed": [cents]})


@pytest.mark.parametrize(
    ("at_most", "earned", "paid", "owed"),
    [
        (None, 10_000, 5_000, 0),
        (None, 3_000, 0, 2_000),
        (Fraction(1, 3), 10_000, 6_667, 1_667),
        (0.5, 0, 0, 5_000),
    ],
)
def test_it_is_taken_from_later_incentive_pay(at_most, earned, paid, owed):
    policy = Recover("clawback", basis="policy", at_most=at_most)
    plan = IncentivePlan("bonus", currency="USD", pays=[FlatAmount("earned")], then=[Cap(10**6)], carry=[policy])
    payouts, ledger = plan.pay_period({"who": ["ana"], "earned": [earned]}, owing(5_000), key="who")
    assert (payouts.minor.tolist(), ledger.owed("ana").minor) == ([paid], owed)
    assert "clawback, on the basis of policy: 50.00 USD owed, then" in str(payouts.explain(0))
    assert isinstance(policy, CarryStep)


def test_from_wages_a_claim_is_taken_only_once_it_is_imposed_as_a_deduction():
    claim = POLICY.reverse(SALES | {"refunded": [100_000, 0]}, Ledger("GBP"))
    tenth = limits.uk_section_18.reading(gross_wages="wages")
    policy = Deduct(POLICY.name, basis="contract, clause 9", limits=[limits.uk_section_13, tenth])
    plan = IncentivePlan("wages", currency="GBP", pays=[FlatAmount("wages")], carry=[policy])
    month = {"who": ["ana"], "wages": [60_000], "retail_payments_demanded": [0], "final_instalment": [False]}
    # A claim that was not imposed is no deduction, whatever the name.
    when = {"period": "2026-01", "on": date(2026, 1, 31)}
    paid, ledger = plan.pay_period(month, claim.state, key="who", **when)
    assert paid.total == Money(600, "GBP")
    assert ledger.owed("ana") == Money(100, "GBP")
    day = date(2026, 1, 5)
    incident = {"incident": ["s-1"], "who": ["ana"], "amount": [10_000], "on": [day], "reason": ["cash shortage"]}
    blocked = POLICY.transfer(policy, incident | {"authorised": [False]}, claim.state, as_of=date(2026, 1, 31))
    assert (blocked.total, blocked.state) == (Money(0, "GBP"), claim.state)
    moved = POLICY.transfer(policy, incident | {"authorised": [True]}, claim.state, as_of=date(2026, 1, 31))
    account = f"{policy.name}.imposed@begin by 2027-01-04.owed"
    assert moved.state.owed("ana") == moved.state.balance("ana", account) == Money(100, "GBP")
    paid, ledger = plan.pay_period(month, moved.state, key="who", **when)
    assert (paid.total, ledger.owed("ana")) == (Money(540, "GBP"), Money(40, "GBP"))
    more = incident | {"authorised": [True], "amount": [10_001]}
    with pytest.raises(DataError, match=r"'ana' owes 100.00 GBP .* all that can be transferred \(got 100.01 GBP\)"):
        POLICY.transfer(policy, more, claim.state, as_of=date(2026, 1, 31))


def test_what_a_person_pays_back_is_entered():
    ledger = POLICY.repay(owing(5_000), {"ana": Money(20, "USD")})
    assert ledger.owed("ana") == Money(30, "USD")
    assert POLICY.repay(ledger, {}) == ledger
    for payment, message in (
        (Money(31, "USD"), r"no more than is owed, 30.00 USD \(got 31.00 USD\)"),
        (Money(0, "USD"), "more than nothing"),
        (Money(3, "EUR"), "must pay in USD"),
    ):
        with pytest.raises(DataError, match=message):
            POLICY.repay(ledger, {"ana": payment})
    with pytest.raises(DataError, match="no more than is owed"):
        POLICY.repay(ledger, {"ben": Money(1, "USD")})


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"basis": ""}, "a name must be a text"),
        ({"completed_years": 0}, "completed_years"),
        ({"completed_years": True}, "completed_years"),
        ({"at_most": 0}, "at_most must be a share above 0"),
        ({"at_most": 1.5}, "at_most must be a share above 0"),
        ({"year_end": (2, 30)}, "year_end must be a month and a day"),
        ({"year_end": 12}, "year_end must be a month and a day"),
    ],
)
def test_a_policy_that_cannot_be_one_is_refused(options, message):
    with pytest.raises(DefinitionError, match=message):
        Recover(**{"basis": "policy"} | options)


def test_a_policy_is_stored():
    policy = Recover("c", basis="b", completed_years=3, year_end=(6, 30), at_most=0.25, paid="gross")
    plan = IncentivePlan("p", currency="USD", pays=[Commission("sold", Curve.marginal((0, 0.1)))], carry=[policy])
    assert from_dict(json.loads(json.dumps(to_dict(plan)))) == plan


def test_claims_that_do_not_fit_are_refused():
    with pytest.raises(DataError, match="does not fit int64"):
        POLICY.reverse(
            {"award": [1, 2, 3], "who": ["ana"] * 3, "sold": [1] * 3, "refunded": [1] * 3, "paid": [2**62] * 3}
            | {"recovered": [0] * 3},
            Ledger("USD"),
        )


def test_what_is_to_be_given_back_lessens_the_next_claim():
    """A person owes or is owed: a new claim first uses up what is held for them."""
    ledger = Ledger("USD", ["ana"], {"clawback.held": [300]})
    sale = {"award": ["s"], "who": ["ana"], "sold": [1_000], "paid": [1_000], "recovered": [0]}
    claim = POLICY.reverse(sale | {"refunded": [1_000]}, ledger)
    assert (claim.state.owed("ana").minor, claim.state.held("ana").minor) == (700, 0)
    claim = POLICY.reverse(sale | {"refunded": [200]}, ledger)
    assert (claim.state.owed("ana").minor, claim.state.held("ana").minor) == (0, 100)


def test_claims_travel_between_processes():
    claim = POLICY.restate(PLAN, awards(), {"ebit": 1.0}, Ledger("USD"))
    back = pickle.loads(pickle.dumps(claim))
    assert str(back.explain(1)) == str(claim.explain(1))


def test_what_is_no_ledger_is_refused_by_a_recovery():
    policy = Recover("r", basis="b")
    plan = IncentivePlan("bonus", currency="EUR", pays=[FlatAmount("award")])
    with pytest.raises(DataError, match=r"must be a Ledger \(got None\)"):
        policy.restate(plan, {}, {}, None)
    with pytest.raises(DataError, match=r"must be a Ledger \(got None\)"):
        policy.reverse({}, None)


def test_a_claim_that_the_ledger_has_is_not_made_again_on_old_rows():
    claim = POLICY.reverse(SALES | {"refunded": [100_000, 0]}, Ledger("GBP"))
    with pytest.raises(DataError, match="column 'recovered' must be what the ledger has as claimed of the award"):
        POLICY.reverse(SALES | {"refunded": [100_000, 0]}, claim.state)
    again = POLICY.reverse(SALES | {"refunded": [100_000, 0], "recovered": claim.column("recovered")}, claim.state)
    assert (again.total.minor, again.state) == (0, claim.state)


def test_a_payment_is_entered_into_a_ledger_only():
    with pytest.raises(DataError, match=r"must be a Ledger \(got None\)"):
        POLICY.repay(None, {"ana": Money(5, "GBP")})


def test_an_award_below_zero_on_the_restated_facts_is_none():
    plan = IncentivePlan("bonus", currency="EUR", pays=[TargetBonus("salary", 0.1, "score")])
    awards = {"award": ["a"], "who": ["ana"], "salary": [10_000], "score": [1], "paid": [1_000], "recovered": [0]}
    claim = Recover("c", basis="b").restate(plan, awards, {"score": -1}, Ledger("EUR"))
    assert claim.total.minor == -1_000


def test_an_award_id_is_one_persons():
    policy = Recover("refunds", basis="b")
    sale = {"award": ["2025"], "who": ["ana"], "sold": [100], "refunded": [50], "paid": [10], "recovered": [0]}
    claim = policy.reverse(sale, Ledger("EUR"))
    with pytest.raises(DataError, match="an award of somebody else needs an id of its own"):
        policy.reverse(sale | {"who": ["ben"]}, claim.state)
    # A claim that was given back in full is remembered too.
    back = policy.reverse(sale | {"refunded": [0], "recovered": [5]}, claim.state)
    assert (back.state.entries, back.state.owed("ana").minor) == ((("refunds.owed:2025", 0),), 0)
    stored = from_dict(json.loads(json.dumps(to_dict(back.state))))
    with pytest.raises(DataError, match="must be what the ledger has as claimed"):
        policy.reverse(sale | {"recovered": [5]}, stored)
    # A ledger from before there were entries believes the column.
    older = attrs.evolve(claim.state, entries=())
    assert policy.reverse(sale | {"recovered": [5]}, older).total.minor == 0


# A transfer that is withdrawn.

SAFETY = Deduct("wages", basis="agreement", limits=limits.us_safety_penalty)


def transferred(taken):
    """100.00 is claimed of a sale, 60.00 of it is transferred to wages, and some of that is taken."""
    sale = {"award": ["s"], "who": ["ana"], "sold": [100_000], "refunded": [100_000], "paid": [10_000]}
    refunds = Recover("refunds", basis="plan")
    claim = refunds.reverse(sale | {"recovered": [0]}, Ledger("USD"))
    free = limits.us_safety_penalty
    facts = {need.name: [True] for need in free.incident_needs() if need.kind == "flag"}
    facts |= {"reason": list(free.reasons[:1])}
    incident = {"incident": ["z"], "who": ["ana"], "amount": [6_000]}
    moved = refunds.transfer(SAFETY, incident | facts, claim.state)
    assert moved.total.minor == -6_000
    month = SAFETY.take({"who": ["ana"], "pay": [taken]}, moved.state, key="who", period="1")
    assert month.total.minor == -taken
    return refunds, sale | {"recovered": claim.column("recovered")}, incident, month.state


@pytest.mark.parametrize("taken", [0, 2_500, 6_000])
def test_a_withdrawn_transfer_is_owed_as_before(taken):
    refunds, _, incident, ledger = transferred(taken)
    undone = refunds.withdraw(SAFETY, incident, ledger)
    assert undone.total.minor == taken
    assert undone.state.balance("ana", "refunds.owed").minor == undone.state.owed("ana").minor == 10_000
    again = refunds.withdraw(SAFETY, incident, undone.state)
    assert (again.total.minor, again[0].code, again.state) == (0, "blocked", undone.state)


@pytest.mark.parametrize("taken", [0, 2_500, 6_000])
@pytest.mark.parametrize("withdrawn_first", [True, False])
def test_a_claim_that_has_fallen_is_paid_back_once(taken, withdrawn_first):
    refunds, sale, incident, ledger = transferred(taken)
    back = 0
    for step in ("withdraw", "reverse") if withdrawn_first else ("reverse", "withdraw"):
        if step == "withdraw":
            done = refunds.withdraw(SAFETY, incident, ledger)
            back += done.total.minor
        else:
            done = refunds.reverse(sale | {"refunded": [0]}, ledger)
        ledger = done.state
    assert (back, ledger.total_owed.minor, ledger.total_held.minor) == (taken, 0, 0)


def test_what_was_transferred_is_withdrawn_and_nothing_else():
    refunds, _, incident, ledger = transferred(2_500)
    with pytest.raises(DataError, match="must not be transferred from a claim, as from that of 'refunds': row 0"):
        SAFETY.cancel(incident, ledger)
    with pytest.raises(DataError, match="must be transferred from the claim of 'refunds': row 0"):
        refunds.withdraw(SAFETY, incident | {"incident": ["other"]}, ledger)
    with pytest.raises(DataError, match="must be transferred from the claim of 'clawback'"):
        POLICY.withdraw(SAFETY, incident, ledger)
