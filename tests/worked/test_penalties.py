"""Published cases of penalties, one test a case: what statutes and other systems' issues print."""

import json
from datetime import date
from fractions import Fraction
from functools import wraps
from pathlib import Path

from perfkit import Commission, Curve, Deduct, FlatAmount, IncentivePlan, Ledger, Money, Recover, limits

F = Fraction
CASES = {
    case["id"]: case for case in json.loads(Path(__file__).with_name("incentives_penalties.json").read_text("utf-8"))
}
COVERED = set()


def worked(name, source):
    """A test of one case, which is given what was published; the source is where the case says it is from."""
    COVERED.add(name)

    def wrap(test):
        @wraps(test)
        def run():
            case = CASES[name]
            assert source in case["source"]
            published = case["published"]
            test([F(text) for text in published] if isinstance(published, list) else F(published))

        # Pytest must not look for a fixture of the wrapped test's argument.
        del run.__wrapped__
        return run

    return wrap


@worked("L26", "guillermoscript/lms-front #511")
def test_l26_a_clawback_is_counted_once(published):
    """80 % of two sales of 1,000 and 100; the second was refunded after its 80 had been paid."""
    sales = {"award": ["b"], "who": ["ana"], "sold": [10_000], "refunded": [10_000], "paid": [8_000], "recovered": [0]}
    policy = Recover("refunds", basis="commission plan, section 4")
    claim = policy.reverse(sales, Ledger("USD"))
    plan = IncentivePlan(
        "commission", currency="USD", pays=[Commission("sold", Curve.marginal((0, 0.8)))], carry=[policy]
    )
    month = {"who": ["ana"], "sold": [100_000]}
    payouts, ledger = plan.pay_period(month, claim.state, key="who")
    assert [payouts[0].amount.exact] == published
    # The same refund, handed in again with what was claimed of it, and the next month: nothing is taken twice.
    again = policy.reverse(sales | {"recovered": claim.column("recovered")}, ledger)
    payouts, ledger = plan.pay_period(month, again.state, key="who")
    assert payouts[0].amount == Money(800, "USD")


@worked("N01", "1ashiya.com/que/medical/medica6-8-2.htm")
def test_n01_japan_half_a_day_an_incident_and_a_tenth_a_period(published):
    """Five incidents on an average daily wage of 600,000 / 60 = 10,000 yen, in a month of 200,000 yen."""
    fine = Deduct("fine", basis="work rules", limits=limits.japan_article_91)
    incidents = {
        "incident": list("abcde"),
        "who": ["ana"] * 5,
        "amount": [9_000] * 5,
        "average_daily_wage": [600_000 // 60] * 5,
        "in_work_rules": [True] * 5,
    }
    imposed = fine.impose(incidents, Ledger("JPY"))
    taken = fine.take(
        {"who": ["ana"], "pay": [200_000], "gross_wages": [200_000]}, imposed.state, key="who", period="1"
    )
    per_incident, per_period, carried = -imposed[0].amount.exact, -taken[0].amount.exact, taken.state.owed("ana").exact
    assert [per_incident, per_period, carried] == published
    assert str(taken[0].reasons[0]) == "clipped: by Labour Standards Act art. 91, at most 20,000 JPY in the period"


@worked("N03", "legislation.gov.uk/ukpga/1996/18/section/18")
def test_n03_united_kingdom_a_tenth_of_the_gross_wages_of_a_pay_day(published):
    policy = Deduct("shortage", basis="contract, clause 7", limits=[limits.uk_section_13, limits.uk_section_18])
    incident = {"incident": ["till 4"], "who": ["ana"], "amount": [25_000], "on": [date(2026, 1, 5)]}
    incident |= {"reason": ["cash shortage"], "authorised": [True]}
    imposed = policy.impose(incident, Ledger("GBP"), as_of=date(2026, 1, 31))
    pay_day = {"who": ["ana"], "pay": [180_000], "gross_wages": [180_000]}
    pay_day |= {"retail_payments_demanded": [0], "final_instalment": [False]}
    taken = policy.take(pay_day, imposed.state, key="who", period="1", on=date(2026, 3, 31))
    assert -taken[0].amount.exact == published
    # The final instalment is exempt (section 22), so the rest may be taken from it at once.
    final = pay_day | {"final_instalment": [True]}
    last = policy.take(final, imposed.state, key="who", period="1", on=date(2026, 3, 31))
    assert last[0].amount == Money(-250, "GBP")


@worked("N05", "taxtmi.com/acts?id=37240")
def test_n05_india_three_per_cent_of_the_wages_of_the_period(published):
    incident = {"incident": [1], "who": ["ana"], "amount": [100_000], "on": [date(2025, 3, 3)]}
    incident |= {"act_on_approved_notice": [True], "cause_heard": [True], "age": [30]}
    wages = {"who": ["ana"], "gross_wages": [2_000_000], "other_deductions": [0]}
    for fines, whole in (
        (limits.india_section_8, limits.india_section_7),
        (limits.india_section_19, limits.india_section_18),
    ):
        policy = Deduct("fine", basis="approved list of acts", limits=[fines, whole])
        imposed = policy.impose(incident, Ledger("INR"), as_of=date(2025, 3, 31))
        plan = IncentivePlan("wages", currency="INR", pays=[FlatAmount("gross_wages")], carry=[policy])
        payouts, ledger = plan.pay_period(wages, imposed.state, key="who", period="2025-03", on=date(2025, 3, 31))
        assert 20_000 - payouts[0].amount.exact == published
        # No instalments: what is above three per cent is not carried.
        assert ledger.owed("ana") == Money(0, "INR")


def test_every_case_has_a_test():
    assert set(CASES) == COVERED
    assert all(f"test_{name.lower()}_" in " ".join(globals()) for name in CASES)
