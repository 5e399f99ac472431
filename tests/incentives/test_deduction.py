"""Deductions from earned wages: a basis, a limit, two stages, and nothing lost between them."""

import json
import pickle
from datetime import UTC, date, datetime

import numpy as np
import pytest

from perfkit import (
    DataError,
    Deduct,
    DefinitionError,
    Draw,
    FlatAmount,
    IncentivePlan,
    Ledger,
    Limit,
    MissingColumnsError,
    Money,
    Outcomes,
    from_dict,
    limits,
    to_dict,
)
from perfkit.typing import CarryStep

TENTH = Limit(name="a tenth", source="contract", read_on=date(2026, 1, 31), per_period=(0.1, "wages"))
FINE = Deduct("fine", basis="contract 7", limits=TENTH)


def incidents(*rows):
    """Incidents as columns from (incident, who, cents)."""
    names = ("incident", "who", "amount")
    return {name: [row[place] for row in rows] for place, name in enumerate(names)}


def month(**wages):
    return {"who": list(wages), "wages": list(wages.values()), "pay": list(wages.values())}


# Without a basis or a limit there is no deduction.


@pytest.mark.parametrize("basis", ["", "  ", None, 7])
def test_a_deduction_needs_a_legal_basis(basis):
    with pytest.raises(DefinitionError, match=r"needs a legal basis .*: name the statute") as caught:
        Deduct("fine", basis=basis, limits=TENTH)
    assert caught.value.path == "basis"
    with pytest.raises(DefinitionError, match="needs a legal basis"):
        Deduct("fine", limits=TENTH)


def test_a_deduction_needs_a_limit():
    with pytest.raises(DefinitionError, match=r"needs a limit \(got none for 'fine'\)") as caught:
        Deduct("fine", basis="contract 7")
    assert caught.value.path == "limits"
    with pytest.raises(DefinitionError, match=r"limits\[1\] must be a Limit \(got 0.1\)"):
        Deduct("fine", basis="contract 7", limits=[TENTH, 0.1])


# First stage.


def test_what_is_imposed_is_owed():
    imposed = FINE.impose(incidents((1, "ana", 500), (2, "ben", 300), (3, "ana", 250)), Ledger("EUR"))
    assert isinstance(imposed, Outcomes)
    assert imposed.minor.tolist() == [-500, -300, -250]
    assert imposed.codes.tolist() == ["imposed"] * 3
    assert (imposed.state.owed("ana").minor, imposed.state.owed("ben").minor) == (750, 300)
    assert imposed.column("who").tolist() == ["ana", "ben", "ana"]
    assert str(imposed.explain(0)).splitlines()[0].startswith("fine, on the basis of contract 7")


def test_what_is_imposed_adds_to_what_was_owed():
    ledger = Ledger("EUR", ["ana", "cleo"], {"fine.imposed.owed": [100, 40], "draw.owed": [7, 8]})
    after = FINE.impose(incidents((1, "ana", 500)), ledger).state
    assert (after.balance("ana", "fine.imposed.owed").minor, after.balance("cleo", "fine.imposed.owed").minor) == (
        600,
        40,
    )
    assert after.balance("ana", "draw.owed").minor == 7
    assert ledger.owed("ana").minor == 107


def test_an_incident_that_was_imposed_before_costs_nothing_again():
    first = FINE.impose(incidents((1, "ana", 500)), Ledger("EUR"))
    again = FINE.impose(incidents((1, "ana", 500), (2, "ana", 20)), first.state, already=first.column("incident"))
    assert again.minor.tolist() == [0, -20]
    assert str(again[0].reasons[0]) == "blocked: imposed before"
    assert again.state.owed("ana").minor == 520
    again.explain(0)


def test_an_incident_must_be_there_once():
    with pytest.raises(
        DataError, match=r"column 'incident' must tell the rows apart \(got '1' twice\): row 2"
    ) as caught:
        FINE.impose(incidents((1, "ana", 5), (2, "ana", 5), (1, "ana", 5)), Ledger("EUR"))
    assert caught.value.rows == (2,)


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ((1, "ana", -5), "column 'amount' must not be negative: row 0"),
        ((1, "ana", 5.5), "column 'amount'"),
        ((1, None, 5), "column 'who' must not be missing: row 0"),
        ((None, "ana", 5), "column 'incident' must not be missing: row 0"),
    ],
)
def test_bad_incidents_are_refused(row, message):
    with pytest.raises(DataError, match=message):
        FINE.impose(incidents(row), Ledger("EUR"))


def test_all_missing_columns_are_named_at_once():
    policy = Deduct("fine", basis="b", limits=[limits.uk_section_13, limits.uk_section_18])
    with pytest.raises(MissingColumnsError) as caught:
        policy.impose({"who": ["ana"]}, Ledger("GBP"), as_of=date(2026, 1, 1))
    assert set(caught.value.columns) == {"incident", "amount", "authorised", "on", "reason"}


def test_a_limit_that_counts_time_needs_the_pay_day():
    policy = Deduct("fine", basis="b", limits=limits.uk_section_18)
    with pytest.raises(DefinitionError, match="say as_of="):
        policy.impose({}, Ledger("GBP"))


def test_two_currencies_do_not_meet():
    with pytest.raises(DataError, match="column 'amount' must be money of EUR: row 1; convert it first"):
        FINE.impose(incidents((1, "ana", Money(5, "EUR")), (2, "ana", Money(5, "USD"))), Ledger("EUR"))
    with pytest.raises(DataError, match="column 'wages' must be money of EUR"):
        FINE.take({"who": ["ana"], "wages": [Money(5, "USD")], "pay": [5]}, Ledger("EUR"), key="who", period="1")
    plan = IncentivePlan("wages", currency="USD", pays=[FlatAmount("wages")], carry=[FINE])
    with pytest.raises(DataError, match="the ledger must be of USD"):
        plan.pay_period(month(ana=5), Ledger("EUR"), key="who")


def test_no_incidents_are_no_outcomes():
    got = FINE.impose(incidents(), Ledger("EUR"))
    assert (len(got), got.state) == (0, Ledger("EUR"))


def test_columns_may_have_other_names():
    policy = Deduct("f", basis="b", limits=TENTH, amount="loss", who="employee", incident="case")
    got = policy.impose({"case": [1], "employee": ["ana"], "loss": [500]}, Ledger("EUR"))
    assert got.state.balance("ana", "f.imposed.owed").minor == 500


def test_every_reason_is_told_and_the_first_explains():
    policy = Deduct("fine", basis="b", limits=limits.india_section_19)
    facts = {"act_on_approved_notice": [False], "cause_heard": [False], "age": [12], "on": [date(2026, 1, 1)]}
    got = policy.impose(incidents((1, "ana", 500)) | facts, Ledger("INR"), as_of=date(2026, 12, 1))
    codes = [reason.code for reason in got[0].reasons]
    assert codes == ["limit_requires", "limit_requires", "limit_least", "limit_late"]
    assert got[0].reasons[3].params["last"] == date(2026, 4, 1)
    assert got.state.owed("ana").minor == 0
    assert [part.value.minor for part in got.explain(0).parts] == [-500, 500]


# Second stage.


def owing(**cents):
    return Ledger("EUR", list(cents), {"fine.imposed.owed": list(cents.values())})


def test_a_period_takes_what_its_limit_allows_and_carries_the_rest():
    taken = FINE.take(month(ana=100_000, ben=100_000, cleo=50_000), owing(ana=15_000, ben=4_000), key="who", period="1")
    assert taken.minor.tolist() == [-10_000, -4_000, 0]
    assert taken.codes.tolist() == ["taken", "taken", "none"]
    assert taken.state.owed("ana").minor == 5_000
    assert taken[0].reasons[0].params == {"name": "a tenth", "ceiling": Money(100, "EUR")}
    assert not taken[1].reasons
    for row in range(3):
        taken.explain(row)
    assert str(taken.explain(0)).splitlines()[0].startswith("fine, on the basis of contract 7; 50.00 EUR still owed")


def test_whoever_is_not_paid_still_owes():
    taken = FINE.take(month(ben=100_000), owing(ana=15_000), key="who", period="1")
    assert taken.state.owed("ana").minor == 15_000


def test_no_more_is_taken_than_there_is():
    taken = FINE.take({"who": ["ana"], "pay": [300], "wages": [100_000]}, owing(ana=5_000), key="who", period="1")
    assert taken.minor.tolist() == [-300]
    assert str(taken[0].reasons[0]) == "clipped: by the pay, 3.00 EUR is all there is"
    taken = FINE.take({"who": ["ana"], "pay": [-300], "wages": [100_000]}, owing(ana=5_000), key="who", period="1")
    assert (taken.minor.tolist(), taken[0].code, taken.state.owed("ana").minor) == ([0], "deferred", 5_000)
    taken.explain(0)


def test_a_person_must_have_one_row_in_a_period():
    data = {"who": ["ana", "ana"], "pay": [1, 1], "wages": [1, 1]}
    with pytest.raises(DataError, match="a person must have one row"):
        FINE.take(data, owing(ana=5_000), key="who", period="1")


def test_a_limit_that_lets_nothing_be_carried_lets_the_rest_lapse():
    once = Limit(name="once", source="contract", read_on=date(2026, 1, 31), per_period=(0.03, "wages"), excess="lapse")
    policy = Deduct("fine", basis="b", limits=[once, TENTH])
    assert not policy.carries
    taken = policy.take(month(ana=100_000, ben=0), owing(ana=5_000, ben=700), key="who", period="1")
    assert taken.minor.tolist() == [-3_000, 0]
    assert taken.codes.tolist() == ["taken", "lapsed"]
    assert taken.column("lapsed").tolist() == [2_000, 700]
    assert taken.state.total_owed.minor == 0


def test_it_is_a_step_that_a_plan_carries():
    assert isinstance(FINE, CarryStep)
    plan = IncentivePlan("wages", currency="EUR", pays=[FlatAmount("wages")], carry=[FINE])
    ledger = owing(ana=15_000, ben=4_000)
    payouts, ledger = plan.pay_period(month(ana=100_000, ben=100_000), ledger, key="who", period="1")
    assert payouts.minor.tolist() == [90_000, 96_000]
    assert (ledger.owed("ana").minor, ledger.owed("ben").minor) == (5_000, 0)
    text = str(payouts.explain(0))
    assert "fine, on the basis of contract 7: 150.00 EUR due, clipped by a tenth, 50.00 EUR still owed" in text
    assert "fine, on the basis of contract 7: 40.00 EUR due, 0.00 EUR still owed" in str(payouts.explain(1))
    same = FINE.take(month(ana=100_000, ben=100_000), owing(ana=15_000, ben=4_000), key="who", period="1")
    assert [same.state.owed(who) for who in ("ana", "ben")] == [ledger.owed(who) for who in ("ana", "ben")]


def test_a_statement_names_the_pay_where_that_is_what_clips():
    plan = IncentivePlan("wages", currency="EUR", pays=[FlatAmount("net")], carry=[FINE])
    pay = {"who": ["ana"], "net": [300], "wages": [90_000]}
    payouts, _ = plan.pay_period(pay, owing(ana=5_000), key="who", period="1")
    assert payouts.total == Money(0, "EUR")
    assert "clipped by limit_pay" in str(payouts.explain(0))


def test_amounts_at_the_ends_of_int64_do_not_wrap():
    big = 2**62
    taken = FINE.take(month(ana=big), owing(ana=big), key="who", period="1")
    assert taken.minor.tolist() == [-(big // 10)]
    assert (
        not Deduct("fine", basis="b", limits=limits.us_safety_penalty)
        .take({"who": ["ana"], "pay": [2**63 - 1]}, owing(ana=2**63 - 1), key="who", period="1")[0]
        .reasons
    )
    with pytest.raises(DataError, match="does not fit int64"):
        FINE.impose(incidents((1, "ana", big), (2, "ana", big)), Ledger("EUR"))


def test_shuffled_people_are_treated_alike():
    who = [f"p{i}" for i in range(50)]
    wages = np.arange(50) * 1_000
    ledger = Ledger("EUR", who, {"fine.imposed.owed": [3_000] * 50})
    order = np.random.default_rng(1).permutation(50)
    taken = FINE.take({"who": who, "pay": wages, "wages": wages}, ledger, key="who", period="1")
    others = {"who": [who[i] for i in order], "pay": wages[order], "wages": wages[order]}
    assert FINE.take(others, ledger, key="who", period="1").minor.tolist() == taken.minor[order].tolist()


def test_outcomes_travel_between_processes():
    imposed = FINE.impose(incidents((1, "ana", 500), (2, "ben", 300)), Ledger("EUR"))
    taken = FINE.take(month(ana=1_000), imposed.state, key="who", period="1")
    for outcomes in (imposed, taken):
        back = pickle.loads(pickle.dumps(outcomes))
        assert back.minor.tolist() == outcomes.minor.tolist()
        assert str(back.explain(0)) == str(outcomes.explain(0))
        assert back.state == outcomes.state


def test_the_incidents_imposed_before_may_be_one_text():
    got = FINE.impose(incidents(("ab", "ana", 500), ("a", "ana", 20)), Ledger("EUR"), already="ab")
    assert got.minor.tolist() == [0, -20]


def test_nothing_is_deducted_before_it_happened():
    policy = Deduct("fine", basis="b", limits=limits.uk_section_18)
    facts = {"on": [date(2026, 1, 2)], "reason": ["cash shortage"], "authorised": [True]}
    with pytest.raises(DataError, match="column 'on' must not be after the pay day 2026-01-01: row 0"):
        policy.impose(incidents((1, "ana", 500)) | facts, Ledger("GBP"), as_of=date(2026, 1, 1))
    assert policy.impose(incidents((1, "ana", 500)) | facts, Ledger("GBP"), as_of=date(2026, 1, 2)).total.minor == -500
    with pytest.raises(DataError, match="must not be after the pay day"):
        FINE.impose(incidents((1, "ana", 500)) | {"on": [date(2026, 1, 2)]}, Ledger("EUR"), as_of=date(2026, 1, 1))


def test_what_is_no_ledger_is_refused():
    with pytest.raises(DataError, match=r"must be a Ledger \(got None\)"):
        FINE.impose(incidents((1, "ana", 500)), None)
    with pytest.raises(DataError, match=r"must be a Ledger \(got None\)"):
        FINE.take(month(ana=5), None, key="who", period="1")


def test_two_deductions_of_one_plan_share_what_a_limit_allows():
    other = Deduct("other", basis="b", limits=TENTH)
    ledger = other.impose(incidents((1, "ana", 8_000), (2, "ben", 20_000)), owing(ana=4_000, ben=15_000)).state
    plan = IncentivePlan("wages", currency="EUR", pays=[FlatAmount("wages")], carry=[FINE, other])
    payouts, after = plan.pay_period(month(ana=100_000, ben=100_000), ledger, key="who", period="march")
    assert payouts.minor.tolist() == [90_000, 90_000]
    assert (after.owed("ana").minor, after.owed("ben").minor) == (2_000, 25_000)
    for row in range(2):
        payouts.explain(row)


def test_what_one_deduction_of_a_plan_took_leaves_the_rest_of_the_pay_to_the_next():
    policies = [Deduct(name, basis="b", limits=limits.us_safety_penalty) for name in ("first", "second")]
    ledger = Ledger("EUR", ["ana"], {"first.imposed.owed": [200], "second.imposed.owed": [150]})
    plan = IncentivePlan("wages", currency="EUR", pays=[FlatAmount("wages")], carry=policies)
    payouts, after = plan.pay_period(month(ana=300), ledger, key="who", period="march")
    assert (payouts.total.minor, after.owed("ana").minor) == (0, 50)


def test_a_period_is_taken_from_once_under_each_limit():
    other = Deduct("other", basis="b", limits=TENTH)
    ledger = other.impose(incidents((1, "ana", 3_000)), owing(ana=15_000)).state
    march = month(ana=100_000)
    first = FINE.take(march, ledger, key="who", period="march")
    again = FINE.take(march, first.state, key="who", period="march")
    third = other.take(march, again.state, key="who", period="march")
    april = FINE.take(march, third.state, key="who", period="april")
    assert [got.total.minor for got in (first, again, third, april)] == [-10_000, 0, 0, -5_000]
    assert third.state.owed("ana").minor == 8_000
    with pytest.raises(DefinitionError, match=r"say period=, .*got ' '"):
        FINE.take(march, ledger, key="who", period=" ")


def test_no_more_than_the_pay_is_taken_in_a_period():
    policy = Deduct("fine", basis="b", limits=limits.us_safety_penalty)
    first = policy.take({"who": ["ana"], "pay": [4_000]}, owing(ana=15_000), key="who", period="march")
    again = policy.take({"who": ["ana"], "pay": [4_500]}, first.state, key="who", period="march")
    assert (first.total.minor, again.total.minor) == (-4_000, -500)


def test_no_part_of_a_day_is_taken():
    policy = Deduct("fine", basis="b", limits=limits.us_suspension)
    data = {"who": ["ana"], "pay": [25_000], "daily_pay": [10_000]}
    taken = policy.take(data, owing(ana=30_000), key="who", period="march")
    assert (taken.total.minor, taken.state.owed("ana").minor) == (-20_000, 10_000)
    assert [reason.code for reason in taken[0].reasons] == ["limit_pay", "limit_whole"]
    taken.explain(0)


def test_an_incident_that_the_ledger_has_costs_nothing_again():
    first = FINE.impose(incidents((1, "ana", 500)), Ledger("EUR"))
    again = FINE.impose(incidents((1, "ana", 500), (2, "ana", 20)), first.state)
    assert again.minor.tolist() == [0, -20]
    assert again.state.owed("ana").minor == 520
    taken = FINE.take(month(ana=100_000), again.state, key="who", period="march")
    assert FINE.impose(incidents((1, "ana", 500)), taken.state).total.minor == 0


# A pay period, whoever takes from it.


def wages_plan(name="wages", *carry, pays="wages"):
    return IncentivePlan(name, currency="EUR", pays=[FlatAmount(pays)], carry=list(carry or [FINE]))


def test_a_plan_that_takes_must_be_told_the_period():
    with pytest.raises(
        DefinitionError, match=r"plan 'wages' carries 'fine', .*pay_period\(\.\.\., period='2026-03'\)"
    ) as e:
        wages_plan().pay_period(month(ana=100_000), owing(ana=15_000), key="who")
    assert e.value.path == "period"
    for odd in (" ", 3, "2026@03", "2026-03 ", "\n2026-03"):
        with pytest.raises(DefinitionError, match=r"say period=.*without an @"):
            wages_plan().pay_period(month(ana=100_000), owing(ana=15_000), key="who", period=odd)
        with pytest.raises(DefinitionError, match=r"say period=.*without an @"):
            FINE.take(month(ana=100_000), owing(ana=15_000), key="who", period=odd)
    with pytest.raises(DefinitionError, match="'fine' takes from a pay period"):
        FINE.carry(np.array([5]), {}, None, "EUR", None)
    with pytest.raises(DefinitionError, match="on must be the pay day"):
        wages_plan().pay_period(month(ana=100_000), owing(ana=15_000), key="who", period="1", on="2026-03-31")


def test_what_a_deduction_takes_does_not_become_a_draw():
    with pytest.raises(DefinitionError, match="draw 'draw' must stand before 'fine' in plan 'wages'") as caught:
        wages_plan("wages", FINE, Draw(1_000))
    assert caught.value.path == "$.carry[1]"
    paid, after = wages_plan("wages", Draw(1_000), FINE).pay_period(
        month(ana=50_000), owing(ana=15_000), key="who", period="1"
    )
    assert (paid.total.minor, after.balance("ana", "draw.owed").minor) == (95_000, 50_000)
    # A guarantee is not owed back.
    wages_plan("wages", FINE, Draw(1_000, recoverable=False))


def test_several_plans_and_take_share_a_limit_in_a_period():
    march = month(ana=100_000)
    ledger = owing(ana=25_000)
    ledger = FINE.take(march | {"wages": [60_000]}, ledger, key="who", period="march").state
    assert ledger.owed("ana").minor == 19_000
    paid, ledger = wages_plan().pay_period(march, ledger, key="who", period="march")
    assert (paid.total.minor, ledger.owed("ana").minor) == (96_000, 15_000)
    text = str(paid.explain(0))
    assert "clipped by a tenth" in text
    assert "60.00 EUR was taken in march before" in text
    paid, ledger = wages_plan("supplement").pay_period(march, ledger, key="who", period="march")
    assert (paid.total.minor, ledger.owed("ana").minor) == (100_000, 15_000)
    again = FINE.take(march, ledger, key="who", period="march")
    assert again.total.minor == 0
    assert str(again[0].reasons[0]) == "clipped: by a tenth, 0.00 EUR is left of 100.00 EUR in the period"
    assert "0.00 EUR is left of 100.00 EUR" in str(again.explain(0))
    paid, ledger = wages_plan().pay_period(march, ledger, key="who", period="april")
    assert (paid.total.minor, ledger.owed("ana").minor) == (90_000, 5_000)


def test_a_plan_pays_nobody_twice_for_a_period():
    plan = wages_plan()
    start = owing(ana=15_000)
    paid, ledger = plan.pay_period(month(ana=100_000, cleo=50_000), start, key="who", period="march")
    with pytest.raises(
        DataError, match=r"plan 'wages' has paid 'ana' for march already: row 1; nothing is paid twice"
    ) as e:
        plan.pay_period(month(ben=70_000, ana=100_000), ledger, key="who", period="march")
    assert e.value.rows == (1,)
    # Others, another period, and the ledger before it are no second payment.
    plan.pay_period(month(ben=70_000), ledger, key="who", period="march")
    plan.pay_period(month(ana=70_000), ledger, key="who", period="april")
    again, same = plan.pay_period(month(ana=100_000, cleo=50_000), start, key="who", period="march")
    assert (again.minor.tolist(), same) == (paid.minor.tolist(), ledger)
    # It holds for a plan without deductions too, once it is told the period.
    other = IncentivePlan("bonus", currency="EUR", pays=[FlatAmount("wages")])
    _, ledger = other.pay_period(month(ana=1), ledger, key="who", period="march")
    with pytest.raises(DataError, match="plan 'bonus' has paid 'ana'"):
        other.pay_period(month(ana=1), ledger, key="who", period="march")
    other.pay_period(month(ana=1), ledger, key="who")


def test_whoever_was_not_paid_for_want_of_data_may_be_paid_later_in_the_period():
    plan = IncentivePlan("wages", currency="EUR", pays=[FlatAmount("wages")], carry=[FINE], missing="unpaid")
    first = {"who": ["ana", "ben"], "wages": [None, 100_000]}
    paid, ledger = plan.pay_period(first, owing(ana=15_000, ben=15_000), key="who", period="march")
    assert paid.minor.tolist() == [0, 90_000]
    paid, ledger = plan.pay_period(month(ana=100_000), ledger, key="who", period="march")
    assert (paid.total.minor, ledger.owed("ana").minor) == (90_000, 5_000)


def test_a_limit_that_is_called_pay_is_not_the_pay_itself():
    policy = Deduct(
        "fine", basis="b", limits=Limit(name="pay", source="s", read_on=TENTH.read_on, per_period=(1, "wages"))
    )
    data = {"who": ["ana"], "pay": [4_000], "wages": [100_000]}
    first = policy.take(data, owing(ana=9_000), key="who", period="march")
    assert (first.total.minor, policy.take(data, first.state, key="who", period="march").total.minor) == (-4_000, 0)


def test_what_was_taken_in_a_period_does_not_wrap():
    big = 2**63 - 1
    policy = Deduct("fine", basis="b", limits=limits.us_safety_penalty)
    ledger = Ledger("EUR", ["ana"], {"fine.imposed.owed": [big], "pay@march.taken": [5]})
    taken = policy.take({"who": ["ana"], "pay": [big]}, ledger, key="who", period="march")
    assert (taken.total.minor, taken.state.owed("ana").minor) == (-(big - 5), 5)
    ledger = Ledger("EUR", ["ana"], {"fine.imposed.owed": [9], "pay@march.taken": [10**30]})
    with pytest.raises(DataError, match="does not fit int64"):
        policy.take({"who": ["ana"], "pay": [big]}, ledger, key="who", period="march")
    both = Ledger("INR", ["ana"], {"fine.imposed.owed": [big], "fine.imposed@until 2026-02-01.owed": [1]})
    with pytest.raises(DataError, match="does not fit int64"):
        policy.take({"who": ["ana"], "pay": [big]}, both, key="who", period="march", on=date(2026, 1, 1))
    leaves = Deduct("fine", basis="b", limits=Limit(name="l", source="s", read_on=TENTH.read_on, leaves="least"))
    owed = Ledger("EUR", ["ana"], {"fine.imposed.owed": [9], "pay@march.taken": [big]})
    got = leaves.take({"who": ["ana"], "pay": [-big], "least": [0]}, owed, key="who", period="march")
    assert got.total.minor == 0


# The last day.

SIXTY = Limit(name="sixty days", source="act", read_on=date(2026, 1, 31), per_period=(0.1, "wages"), within_days=60)
TIMED = Deduct("fine", basis="act", limits=SIXTY)


def dated(*rows):
    """Incidents as columns from (incident, who, cents, day)."""
    return incidents(*rows) | {"on": [row[3] for row in rows]}


def test_what_is_past_its_last_day_lapses_at_the_pay_day():
    rows = dated((1, "ana", 15_000, date(2026, 1, 5)), (2, "ana", 8_000, date(2026, 2, 5)))
    imposed = TIMED.impose(rows, Ledger("EUR"), as_of=date(2026, 2, 28))
    assert imposed.column("last_day").tolist() == [date(2026, 3, 6), date(2026, 4, 6)]
    first = TIMED.take(month(ana=100_000), imposed.state, key="who", period="february", on=date(2026, 2, 28))
    assert (first.total.minor, first.state.owed("ana").minor) == (-10_000, 13_000)
    # What ends first was taken first, so that 50 of the first are left, and may not be taken at the end of March.
    second = TIMED.take(month(ana=100_000), first.state, key="who", period="march", on=date(2026, 3, 31))
    assert (second.total.minor, second[0]["lapsed"].minor, second.state.owed("ana").minor) == (-8_000, 5_000, 0)
    assert (
        str(second[0].reasons[0]) == "clipped: 50.00 EUR has lapsed: by sixty days, it could be taken until 2026-03-06"
    )
    assert "50.00 EUR has lapsed" in str(second.explain(0))
    assert (
        str(second.explain(0))
        .splitlines()[0]
        .startswith("fine, on the basis of act; 0.00 EUR still owed, 50.00 EUR lapsed")
    )
    plan, at_noon = wages_plan("wages", TIMED), datetime(2026, 3, 31, 12, tzinfo=UTC)
    paid, ledger = plan.pay_period(month(ana=100_000), first.state, key="who", period="march", on=at_noon)
    assert (paid.total.minor, ledger.owed("ana").minor) == (92_000, 0)
    assert "50.00 EUR has lapsed: by sixty days, it could be taken until 2026-03-06" in str(paid.explain(0))
    on_the_day = TIMED.take(month(ana=100_000), first.state, key="who", period="march", on=date(2026, 3, 6))
    assert (on_the_day.total.minor, on_the_day.state.owed("ana").minor) == (-10_000, 3_000)
    all_gone = TIMED.take(month(ana=100_000), imposed.state, key="who", period="may", on=date(2026, 5, 31))
    assert (all_gone[0].code, all_gone[0]["lapsed"].minor, len(all_gone[0].reasons)) == ("lapsed", 23_000, 2)


def test_a_limit_that_counts_time_needs_the_day_on_which_is_taken():
    imposed = TIMED.impose(dated((1, "ana", 15_000, date(2026, 1, 5))), Ledger("EUR"), as_of=date(2026, 1, 31))
    with pytest.raises(DefinitionError, match="'fine' takes only until a last day: say on=") as caught:
        TIMED.take(month(ana=100_000), imposed.state, key="who", period="march")
    assert caught.value.path == "on"
    # What was imposed with a last day keeps it, whatever the limits are now.
    with pytest.raises(DefinitionError, match="say on="):
        FINE.take(month(ana=100_000), imposed.state, key="who", period="march")
    late = FINE.take(month(ana=100_000), imposed.state, key="who", period="march", on=date(2026, 4, 1))
    assert str(late[0].reasons[0]) == "clipped: 150.00 EUR has lapsed: by fine, it could be taken until 2026-03-06"
    with pytest.raises(DataError, match="names no day; write it as 2026-01-31"):
        FINE.take(
            month(ana=5), Ledger("EUR", ["ana"], {"fine.imposed@until 2026-02-31.owed": [1]}), key="who", period="1"
        )


def test_a_series_that_was_begun_in_time_goes_on():
    series = Limit(name="a year", source="act", read_on=date(2026, 1, 31), per_period=(0.1, "wages"), within_months=12)
    policy = Deduct("fine", basis="act", limits=series)
    imposed = policy.impose(dated((1, "ana", 15_000, date(2026, 1, 5))), Ledger("EUR"), as_of=date(2026, 1, 31)).state
    assert [name for name, _ in imposed.accounts] == ["fine.imposed@begin by 2027-01-04.owed"]
    begun = policy.take(month(ana=100_000), imposed, key="who", period="december", on=date(2026, 12, 31)).state
    assert begun.balance("ana", "fine.imposed.owed").minor == 5_000
    rest = policy.take(month(ana=100_000), begun, key="who", period="january", on=date(2027, 1, 31))
    assert (rest.total.minor, rest.state.owed("ana").minor) == (-5_000, 0)
    never = policy.take(month(ana=0), imposed, key="who", period="december", on=date(2026, 12, 31)).state
    late = policy.take(month(ana=100_000), never, key="who", period="january", on=date(2027, 1, 31))
    assert (late[0].code, late.state.owed("ana").minor) == ("lapsed", 0)
    assert str(late[0].reasons[0]) == "clipped: 150.00 EUR has lapsed: by a year, it had to be begun by 2027-01-04"


def test_a_series_may_have_both_a_first_and_a_last_day():
    both = Limit(
        name="both", source="act", read_on=date(2026, 1, 31), per_period=(0.1, "wages"), within_months=1, within_days=60
    )
    policy = Deduct("fine", basis="act", limits=both)
    imposed = policy.impose(dated((1, "ana", 25_000, date(2026, 1, 5))), Ledger("EUR"), as_of=date(2026, 1, 31)).state
    assert [name for name, _ in imposed.accounts] == ["fine.imposed@begin by 2026-02-04, until 2026-03-06.owed"]
    begun = policy.take(month(ana=100_000), imposed, key="who", period="january", on=date(2026, 1, 31)).state
    assert begun.balance("ana", "fine.imposed@until 2026-03-06.owed").minor == 15_000
    late = policy.take(month(ana=100_000), begun, key="who", period="march", on=date(2026, 3, 31))
    assert (late.total.minor, late[0]["lapsed"].minor) == (0, 15_000)


def test_a_plan_says_what_lapses_where_nothing_is_carried():
    once = Limit(name="once", source="contract", read_on=date(2026, 1, 31), per_period=(0.03, "wages"), excess="lapse")
    plan = wages_plan("wages", Deduct("fine", basis="b", limits=once))
    paid, ledger = plan.pay_period(month(ana=100_000), owing(ana=5_000), key="who", period="1")
    assert (paid.total.minor, ledger.owed("ana").minor) == (97_000, 0)
    assert "20.00 EUR lapses, as the limits let nothing be carried" in str(paid.explain(0))


def test_the_outcomes_of_a_plan_say_what_was_clipped_and_what_has_lapsed():
    rows = dated((1, "ana", 15_000, date(2026, 1, 5)), (2, "ana", 18_000, date(2026, 3, 5)))
    ledger = TIMED.impose(rows, Ledger("EUR"), as_of=date(2026, 3, 6)).state
    plan = IncentivePlan("wages", currency="EUR", pays=[FlatAmount("wages")], carry=[TIMED], missing="unpaid")
    data = {"who": ["ben", "ana"], "wages": [None, 100_000]}
    paid, _ = plan.pay_period(data, ledger, key="who", period="march", on=date(2026, 3, 31))
    given = paid.outcomes()
    assert [str(reason) for reason in given[0].reasons] == ["blocked: not paid: wages missing"]
    assert [str(reason) for reason in given[1].reasons] == [
        "clipped: 150.00 EUR has lapsed: by sixty days, it could be taken until 2026-03-06",
        "clipped: by sixty days, at most 100.00 EUR in the period",
    ]
    view = paid.plan.pay_period(data, ledger, key="who", period="march", on=date(2026, 3, 31))[1]._repr_html_()
    assert "sixty days@march.taken" in view
    assert ".paid" not in view


# Whole days.


def test_a_plan_takes_whole_days_only():
    policy = Deduct("fine", basis="b", limits=limits.us_suspension)
    data = {"who": ["ana"], "wages": [25_000], "daily_pay": [10_000]}
    paid, ledger = wages_plan("wages", policy).pay_period(data, owing(ana=30_000), key="who", period="march")
    assert (paid.total.minor, ledger.owed("ana").minor) == (5_000, 10_000)
    assert "clipped by limit_pay, 29 CFR 541.602(b)(5)" in str(paid.explain(0))


def test_two_limits_of_whole_ones_both_hold():
    def whole(name, column):
        return Limit(name=name, source="s", read_on=date(2026, 1, 31), whole=column)

    policy = Deduct("fine", basis="b", limits=[whole("days", "day"), whole("shifts", "shift")])
    units = {"day": [100], "shift": [150]}
    imposed = policy.impose(incidents((1, "ana", 799)) | units, Ledger("EUR"))
    assert (imposed.total.minor, len(imposed[0].reasons)) == (-600, 2)
    imposed.explain(0)
    taken = policy.take({"who": ["ana"], "pay": [599]} | units, imposed.state, key="who", period="1")
    assert (taken.total.minor, taken.state.owed("ana").minor) == (-300, 300)
    taken.explain(0)
    # A multiple that does not fit int64 is one that nobody can pay.
    far = {"day": [2**62 - 1], "shift": [2**61 - 1]}
    assert policy.impose(incidents((1, "ana", 2**63 - 1)) | far, Ledger("EUR")).total.minor == 0
    # A ceiling of one limit leaves whole days of the other.
    half = Limit(name="half", source="s", read_on=date(2026, 1, 31), per_incident=(0.5, "wages"))
    policy = Deduct("fine", basis="b", limits=[whole("days", "day"), half])
    data = incidents((1, "ana", 799)) | {"day": [100], "wages": [1_100]}
    assert policy.impose(data, Ledger("EUR")).total.minor == -500


# What the ledger remembers of incidents.


def test_an_incident_is_one_whoever_it_is_said_to_be_of():
    first = FINE.impose(incidents((1, "ana", 500)), Ledger("EUR")).state
    other = FINE.impose(incidents((1, "ben", 500)), first)
    assert (other[0].code, str(other[0].reasons[0]), other.state) == ("blocked", "blocked: imposed before", first)


def test_two_deductions_may_each_impose_the_same_incident():
    damages = Deduct("damages", basis="contract 8", limits=TENTH)
    ledger = FINE.impose(incidents((1, "ana", 500)), Ledger("EUR")).state
    assert damages.impose(incidents((1, "ana", 300)), ledger).state.owed("ana").minor == 800


def test_what_was_blocked_may_be_imposed_once_its_conditions_are_met():
    policy = Deduct("fine", basis="b", limits=[TENTH, limits.uk_section_13])
    blocked = policy.impose(incidents((1, "ana", 500)) | {"authorised": [False]}, Ledger("EUR"))
    assert blocked.state == Ledger("EUR")
    imposed = policy.impose(incidents((1, "ana", 500)) | {"authorised": [True]}, blocked.state)
    assert imposed.state.owed("ana").minor == 500


def test_a_ledger_that_was_stored_remembers_incidents():
    imposed = FINE.impose(incidents((1, "ana", 500)), Ledger("EUR")).state
    stored = from_dict(json.loads(json.dumps(to_dict(imposed))))
    assert stored == imposed
    assert FINE.impose(incidents((1, "ana", 500)), stored).total.minor == 0
    # One that was stored before there were entries is read without any, and then remembers.
    older = to_dict(imposed)
    del older["entries"]
    assert from_dict(older).entries == ()
    again = FINE.impose(incidents((1, "ana", 500)), from_dict(older), already=["1"])
    assert again.total.minor == 0


# An appeal that was upheld.


def cancelled(policy, ledger, *rows, **more):
    return policy.cancel({"incident": [one for one, _ in rows], "who": [who for _, who in rows]} | more, ledger)


def test_what_is_cancelled_is_owed_no_longer_and_what_was_taken_is_paid_back():
    ledger = FINE.impose(incidents((1, "ana", 8_000), (2, "ana", 5_000), (3, "ben", 900)), Ledger("EUR")).state
    ledger = FINE.take(month(ana=100_000), ledger, key="who", period="1").state
    # 10,000 was taken of 13,000: 5,000 of it is for the other incident.
    upheld = cancelled(FINE, ledger, (1, "ana"))
    assert (upheld[0].code, upheld[0].amount.minor, upheld[0]["released"].minor) == ("cancelled", 5_000, 3_000)
    assert [upheld.state.owed(who).minor for who in ("ana", "ben")] == [0, 900]
    text = str(upheld.explain(0))
    assert "to be paid back of fine" in text
    assert "owed no longer" in text
    upheld.explain(0).check()
    rest = cancelled(FINE, upheld.state, (2, "ana"), (3, "ben"))
    assert rest.minor.tolist() == [5_000, 0]
    assert rest.state.total_owed.minor == 0
    assert rest.state.balance("ana", "fine.imposed.taken").minor == 0


def test_several_incidents_of_a_person_are_cancelled_like_one_after_the_other():
    ledger = FINE.impose(incidents((1, "ana", 8_000), (2, "ana", 5_000)), Ledger("EUR")).state
    ledger = FINE.take(month(ana=100_000), ledger, key="who", period="1").state
    both = cancelled(FINE, ledger, (1, "ana"), (2, "ana"))
    assert both.minor.tolist() == [5_000, 5_000]
    first = cancelled(FINE, ledger, (1, "ana"))
    assert cancelled(FINE, first.state, (2, "ana")).state == both.state


def test_nothing_is_cancelled_twice_nor_imposed_again():
    ledger = FINE.impose(incidents((1, "ana", 8_000)), Ledger("EUR")).state
    once = cancelled(FINE, ledger, (1, "ana"))
    twice = cancelled(FINE, once.state, (1, "ana"), (9, "ben"))
    assert [(one.code, str(one.reasons[0])) for one in twice] == [
        ("blocked", "blocked: cancelled before"),
        ("blocked", "blocked: never imposed"),
    ]
    assert (twice.total.minor, twice.state) == (0, once.state)
    assert "never imposed" in str(twice.explain(1))
    again = FINE.impose(incidents((1, "ana", 8_000)), once.state)
    assert (again.total.minor, again[0].reasons[0].code) == (0, "imposed_before")
    assert from_dict(json.loads(json.dumps(to_dict(once.state)))) == once.state


def test_an_incident_is_cancelled_for_whom_it_was_imposed_on():
    ledger = FINE.impose(incidents((1, "ana", 8_000)), Ledger("EUR")).state
    with pytest.raises(DataError, match="column 'who' must be who the incident was imposed on: row 0") as caught:
        cancelled(FINE, ledger, (1, "ben"))
    assert caught.value.column == "who"
    with pytest.raises(DataError, match="must tell the rows apart"):
        cancelled(FINE, ledger, (1, "ana"), (1, "ana"))
    with pytest.raises(DataError, match=r"must be a Ledger \(got None\)"):
        cancelled(FINE, None, (1, "ana"))


def test_what_has_lapsed_was_never_taken_and_is_not_paid_back():
    within = Limit(name="w", source="s", read_on=date(2026, 1, 31), per_period=(0.1, "wages"), within_days=60)
    policy = Deduct("loss", basis="b", limits=within)
    days = {"on": [date(2026, 3, 2), date(2026, 4, 1)]}
    rows = incidents((1, "ana", 15_000), (2, "ana", 4_000)) | days
    ledger = policy.impose(rows, Ledger("EUR"), as_of=date(2026, 4, 1)).state
    ledger = policy.take(month(ana=100_000), ledger, key="who", period="april", on=date(2026, 4, 30)).state
    ledger = policy.take(month(ana=0), ledger, key="who", period="may", on=date(2026, 5, 15)).state
    upheld = cancelled(policy, ledger, (1, "ana"), (2, "ana"), **days)
    # Of the first 10,000 was taken and 5,000 lapsed; the second is still owed.
    assert upheld.minor.tolist() == [10_000, 0]
    assert upheld.column("released").tolist() == [0, 4_000]
    assert upheld.state.owed("ana").minor == 0
    assert "lapsed, and never taken" in str(upheld.explain(0))
    upheld.explain(0).check()
