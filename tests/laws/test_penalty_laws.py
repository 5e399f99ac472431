"""Laws of penalties: no limit is passed, nothing is lost or taken twice, and the books balance over any history."""

import json
from collections import defaultdict
from datetime import date
from fractions import Fraction
from math import lcm

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from perfkit import (
    Curve,
    DataError,
    Deduct,
    Deferral,
    DisciplinaryLadder,
    DisciplinaryRecord,
    DisciplinaryStep,
    FlatAmount,
    Forfeit,
    IncentivePlan,
    Ledger,
    Limit,
    Malus,
    Money,
    Recover,
    TargetBonus,
    from_dict,
    to_dict,
)

READ = date(2026, 1, 31)
PEOPLE = ["ana", "ben", "cleo"]
LAW = settings(max_examples=80, deadline=None)

cents = st.integers(0, 300_000)
shares = st.one_of(st.sampled_from([Fraction(0), Fraction(1)]), st.fractions(0, 1, max_denominator=37))


@st.composite
def limit_rules(draw):
    """A limit on the columns ``day``, ``wages``, ``other`` and ``least``."""
    rules = {"excess": draw(st.sampled_from(["carry", "lapse"]))}
    if draw(st.booleans()):
        rules["per_incident"] = (draw(shares), "day")
    if draw(st.booleans()):
        rules["per_period"] = (draw(shares), "wages")
        rules["counting"] = draw(st.sampled_from([(), ("other",)]))
    if draw(st.booleans()) or len(rules) == 1:
        rules["leaves"] = "least"
    name = draw(st.sampled_from(["law", "contract", "policy"]))
    return Limit(name=name, source="drawn", read_on=READ, **rules)


periods = st.lists(
    st.tuples(st.lists(st.tuples(cents, cents), max_size=4), cents, cents, cents), min_size=1, max_size=6
)


@LAW
@given(limits=st.lists(limit_rules(), min_size=1, max_size=3), periods=periods)
def test_no_sequence_of_incidents_passes_a_limit_and_the_rest_is_carried(limits, periods):
    policy = Deduct("fine", basis="drawn", limits=limits)
    ledger, imposed_in_all, taken_in_all, lapsed_in_all, number = Ledger("EUR"), 0, 0, 0, 0
    for month, (incidents, wages, other, least) in enumerate(periods):
        data = {
            "incident": [number + place for place in range(len(incidents))],
            "who": ["ana"] * len(incidents),
            "amount": [amount for amount, _ in incidents],
            "day": [day for _, day in incidents],
        }
        number += len(incidents)
        imposed = policy.impose(data, ledger)
        for (amount, day), outcome in zip(incidents, imposed, strict=True):
            bounds = [limit.per_incident[0] * day for limit in limits if limit.per_incident]
            assert -outcome.minor == min([amount, *(int(bound) for bound in bounds)])
            outcome.explain()
        imposed_in_all -= imposed.total.minor
        pay = {"who": ["ana"], "pay": [wages], "wages": [wages], "other": [other], "least": [least]}
        due = imposed.state.owed("ana").minor
        taken = policy.take(pay, imposed.state, key="who", period=f"month {month}")
        taken[0].explain()
        bounds = [due, wages]
        for limit in limits:
            if limit.per_period:
                ceiling = int(limit.per_period[0] * wages)
                bounds.append(max(ceiling - (other if limit.counting else 0), 0))
            if limit.leaves:
                bounds.append(max(wages - least, 0))
        # No more than the least of all bounds, and as much as that.
        assert -taken[0].minor == min(bounds)
        taken_in_all -= taken[0].minor
        lapsed_in_all += taken[0]["lapsed"].minor
        ledger = taken.state
        assert imposed_in_all == taken_in_all + lapsed_in_all + ledger.owed("ana").minor
        if policy.carries:
            assert lapsed_in_all == 0


@LAW
@given(
    limits=st.lists(limit_rules(), min_size=1, max_size=2),
    people=st.lists(st.tuples(cents, cents, cents, cents), min_size=1, max_size=8),
    order=st.randoms(use_true_random=False),
)
def test_a_person_is_treated_alone_as_among_others(limits, people, order):
    policy = Deduct("fine", basis="drawn", limits=limits)
    who = [f"p{place}" for place in range(len(people))]
    ledger = Ledger("EUR", who, {"fine.imposed.owed": [row[0] for row in people]})

    def taken(places):
        wages = [people[place][1] for place in places]
        data = {"who": [who[place] for place in places], "pay": wages, "wages": wages}
        data |= {"other": [people[place][2] for place in places], "least": [people[place][3] for place in places]}
        return dict(zip(places, policy.take(data, ledger, key="who", period="1").minor.tolist(), strict=True))

    whole = taken(range(len(people)))
    shuffled = list(whole)
    order.shuffle(shuffled)
    assert taken(shuffled) == whole
    for place in whole:
        assert taken([place]) == {place: whole[place]}


# Recovery.

PLAN = IncentivePlan(
    "bonus",
    currency="EUR",
    pays=[TargetBonus("salary", 0.3, "score", Curve.through((0.8, 0.5), (1, 1), (1.2, 2), below=0))],
)
scores = st.integers(0, 2_000).map(lambda score: score / 1_000)


@LAW
@given(salary=cents, first=scores, restatements=st.lists(scores, min_size=1, max_size=5))
def test_recompute_and_recover_counts_everything_once(salary, first, restatements):
    policy = Recover("clawback", basis="drawn")
    paid = PLAN.pay_one({"salary": salary, "score": first}).minor
    data = {"award": ["a"], "who": ["ana"], "salary": [salary], "score": [first], "paid": [paid]}
    recovered, ledger, claimed = np.array([0]), Ledger("EUR"), 0
    for score in restatements:
        claim = policy.restate(PLAN, data | {"recovered": recovered}, {"score": score}, ledger)
        claim[0].explain()
        claimed -= claim[0].minor
        recovered, ledger = claim.column("recovered"), claim.state
        should = min(PLAN.pay_one({"salary": salary, "score": score}).minor, paid)
        assert claimed == recovered[0] == paid - should
        assert ledger.owed("ana").minor == claimed
        again = policy.restate(PLAN, data | {"recovered": recovered}, {"score": score}, ledger)
        assert (again.total.minor, again.state) == (0, ledger)


@LAW
@given(sold=st.integers(1, 10**6), paid=cents, cuts=st.lists(st.fractions(0, 1), max_size=5))
def test_refunds_in_parts_are_the_refund_of_the_whole(sold, paid, cuts):
    policy = Recover("refunds", basis="drawn")
    sale = {"award": ["s"], "who": ["ana"], "sold": [sold], "paid": [paid]}
    recovered, ledger = np.array([0]), Ledger("EUR")
    for refunded in [*sorted(int(cut * sold) for cut in cuts), sold]:
        claim = policy.reverse(sale | {"refunded": [refunded], "recovered": recovered}, ledger)
        recovered, ledger = claim.column("recovered"), claim.state
        exact = Fraction(paid * refunded, sold)
        assert abs(recovered[0] - exact) <= Fraction(1, 2)
    assert recovered[0] == paid == ledger.owed("ana").minor


# Forfeit.


@LAW
@given(awards=st.lists(st.tuples(st.integers(-(10**6), 10**6), shares, st.booleans()), min_size=1, max_size=8))
def test_a_forfeit_takes_its_share_and_no_more(awards):
    then = [Forfeit("share", on="breach")]
    plan = IncentivePlan("p", currency="EUR", pays=[FlatAmount("award")], then=then, below_zero="keep")
    data = {"award": [a for a, _, _ in awards], "share": [s for _, s, _ in awards], "breach": [b for _, _, b in awards]}
    paid = plan.pay(data)
    for row, (award, share, breach) in enumerate(awards):
        left = award if award <= 0 or not breach else award - share * award
        assert abs(paid.minor[row] - left) <= Fraction(1, 2)
        assert min(award, 0) <= paid.minor[row] <= max(award, 0)
        paid.explain(row)


# What is past its last day.


@LAW
@given(
    incidents=st.lists(st.tuples(st.integers(0, 60), st.integers(1, 40_000)), min_size=1, max_size=5),
    days=st.lists(st.tuples(st.integers(60, 200), st.integers(0, 200_000)), max_size=5, unique_by=lambda one: one[0]),
    within=st.integers(1, 120),
)
def test_nothing_is_taken_after_its_last_day_and_what_ends_first_is_taken_first(incidents, days, within):
    def day(offset):
        return date.fromordinal(READ.toordinal() + offset)

    limit = Limit(name="timed", source="drawn", read_on=READ, per_period=(Fraction(1, 10), "wages"), within_days=within)
    policy = Deduct("fine", basis="drawn", limits=limit)
    data = {"incident": range(len(incidents)), "who": ["ana"] * len(incidents)}
    data |= {"amount": [amount for _, amount in incidents], "on": [day(on) for on, _ in incidents]}
    ledger = policy.impose(data, Ledger("EUR"), as_of=day(60)).state
    due = sorted([on + within, amount] for on, amount in incidents if on + within >= 60)
    assert ledger.owed("ana").minor == sum(left for _, left in due)
    for offset, wages in sorted(days):
        lapsed = sum(left for last, left in due if last < offset)
        due = [[last, left] for last, left in due if last >= offset]
        taken = rest = min(wages // 10, sum(left for _, left in due))
        for one in due:
            part = min(rest, one[1])
            one[1], rest = one[1] - part, rest - part
        pay = {"who": ["ana"], "pay": [wages], "wages": [wages]}
        got = policy.take(pay, ledger, key="who", period=f"day {offset}", on=day(offset))
        got.explain(0)
        assert (-got[0].minor, got[0]["lapsed"].minor) == (taken, lapsed)
        ledger = got.state
        assert ledger.owed("ana").minor == sum(left for _, left in due)


@LAW
@given(amount=cents, units=st.lists(st.integers(1, 400), min_size=1, max_size=3))
def test_whole_ones_of_several_units_are_the_most_that_is_whole_of_each(amount, units):
    names = [f"unit {place}" for place in range(len(units))]
    rules = [Limit(name=name, source="drawn", read_on=READ, whole=name) for name in names]
    policy = Deduct("fine", basis="drawn", limits=rules)
    data = {"incident": [1], "who": ["ana"], "amount": [amount]} | {
        name: [unit] for name, unit in zip(names, units, strict=True)
    }
    imposed = policy.impose(data, Ledger("EUR"))
    whole = lcm(*units)
    assert -imposed.total.minor == amount // whole * whole
    imposed.explain(0)


# Everything together, over any history.

DEFERRAL = Deferral(Fraction(1, 3), over=3)
TENTH = Limit(name="a tenth", source="drawn", read_on=READ, per_period=(Fraction(1, 10), "wages"))
FINE = Deduct(
    "fine",
    basis="drawn",
    limits=[TENTH, Limit(name="half a day", source="drawn", read_on=READ, per_incident=(Fraction(1, 2), "day"))],
)
LOSS = Deduct(
    "loss",
    basis="drawn",
    limits=[TENTH, Limit(name="thirty days", source="drawn", read_on=READ, leaves="least", within_days=30)],
)
CLAWBACK = Recover("clawback", basis="drawn", at_most=Fraction(1, 2))
REWARD = IncentivePlan(
    "reward",
    currency="EUR",
    pays=[FlatAmount("wages")],
    carry=[Malus(DEFERRAL, "malus"), DEFERRAL, CLAWBACK, FINE],
)
BONUS = IncentivePlan("bonus", currency="EUR", pays=[FlatAmount("extra")], carry=[LOSS, FINE])
EXTRA = IncentivePlan("extra", currency="EUR", pays=[FlatAmount("extra")], carry=[FINE, CLAWBACK, LOSS])
PERIODS = ["p1", "p2"]
COMPANY = PEOPLE[:2]
batches = st.dictionaries(st.sampled_from(COMPANY), shares, min_size=1, max_size=2)
pay_days = st.integers(0, 90).map(lambda offset: date.fromordinal(READ.toordinal() + offset))


def half_up(amount):
    return int(amount + Fraction(1, 2))


class Company(RuleBasedStateMachine):
    """A company that pays, fines, restates and forgives, and keeps its own books beside the ledger."""

    @initialize(facts=st.lists(st.tuples(st.integers(0, 200_000), st.integers(0, 60_000)), min_size=4, max_size=4))
    def start(self, facts):
        people = [(who, period) for who in COMPANY for period in PERIODS]
        self.facts = dict(zip(people, facts, strict=True))
        self.ledger = Ledger("EUR")
        self.cash = defaultdict(int)
        self.entitled = defaultdict(int)
        self.imposed = set()
        self.fines = {}
        self.taken = defaultdict(int)
        self.paid_for = set()
        self.awards = {}

    def of_period(self, who, period):
        """The wages of a person in a period, and what must remain of them: the same however often they are said."""
        return self.facts[who, period]

    def end(self, who, on):
        """What lapses of the losses of a person by a pay day: they have the account of their last day."""
        gone = [name for name, _ in self.ledger.accounts if "@until " in name and name[-15:-5] < on.isoformat()]
        lapsed = sum(self.ledger.balance(who, name).minor for name in gone)
        self.entitled[who] += lapsed
        return lapsed

    @rule(
        plan=st.sampled_from([REWARD, BONUS, EXTRA]),
        period=st.sampled_from(PERIODS),
        batch=batches,
        extra=cents,
        on=pay_days,
    )
    def pay(self, plan, period, batch, extra, on):
        facts = {who: self.of_period(who, period) for who in batch}
        data = {
            "who": list(batch),
            "wages": np.array([wages for wages, _ in facts.values()], dtype=np.int64),
            "least": np.array([least for _, least in facts.values()], dtype=np.int64),
            "extra": np.full(len(batch), extra),
            "malus": list(batch.values()),
        }
        before, again = self.ledger, {who for who in batch if (plan.name, period, who) in self.paid_for}
        if again:
            with pytest.raises(DataError, match="nothing is paid twice"):
                plan.pay_period(data, before, key="who", period=period, on=on)
            return
        if plan is not REWARD:
            for who in batch:
                self.end(who, on)
        payouts, after = plan.pay_period(data, before, key="who", period=period, on=on)
        same, ledger = plan.pay_period(data, before, key="who", period=period, on=on)
        assert ledger == after
        assert np.array_equal(same.minor, payouts.minor)
        for row, (who, share) in enumerate(batch.items()):
            payouts.explain(row)
            earned = int(data["wages"][row]) if plan is REWARD else extra
            lost = 0
            if plan is REWARD:
                lost = sum(half_up(before.balance(who, name).minor * share) for name in DEFERRAL.accounts())
            self.entitled[who] += earned - lost
            self.cash[who] += int(payouts.minor[row])
            taken = [ledger.balance(who, f"a tenth@{period}.taken").minor for ledger in (before, after)]
            self.taken[who, period] += taken[1] - taken[0]
            assert payouts.minor[row] >= 0
            self.paid_for.add((plan.name, period, who))
        for who in set(before.keys) - set(batch):
            assert after.owed(who) == before.owed(who)
            assert after.held(who) == before.held(who)
        self.ledger = after

    @rule(who=st.sampled_from(COMPANY), incident=st.integers(0, 12), amount=cents, day=cents)
    def fine(self, who, incident, amount, day):
        data = {"incident": [incident], "who": [who], "amount": [amount], "day": [day]}
        outcome = FINE.impose(data, self.ledger)
        expected = 0 if incident in self.imposed else min(amount, day // 2)
        assert -outcome[0].minor == expected
        self.ledger = outcome.state
        self.entitled[who] -= expected
        if expected:
            self.imposed.add(incident)
            self.fines[incident] = who, expected

    @rule(wanted=st.lists(st.integers(0, 12), max_size=3, unique=True))
    def uphold_appeals(self, wanted):
        data = {"incident": wanted, "who": [self.fines.get(incident, ("ana", 0))[0] for incident in wanted]}
        outcome = FINE.cancel(data, self.ledger)
        assert FINE.cancel(data, outcome.state).state == outcome.state
        for row, incident in enumerate(wanted):
            who, imposed = self.fines.pop(incident, ("ana", 0))
            outcome.explain(row).check()
            assert outcome[row]["released"].minor + outcome[row].minor == imposed
            self.entitled[who] += imposed
            self.cash[who] += outcome[row].minor
        self.ledger = outcome.state

    @rule(who=st.sampled_from(COMPANY), incident=st.integers(0, 12), amount=cents, on=pay_days)
    def lose(self, who, incident, amount, on):
        data = {"incident": [incident], "who": [who], "amount": [amount], "on": [on]}
        outcome = LOSS.impose(data, self.ledger, as_of=on)
        expected = 0 if ("loss", incident) in self.imposed else amount
        assert -outcome[0].minor == expected
        self.ledger = outcome.state
        self.entitled[who] -= expected
        if expected:
            self.imposed.add(("loss", incident))

    @rule(
        policy=st.sampled_from([FINE, LOSS]), who=st.sampled_from(COMPANY), period=st.sampled_from(PERIODS), on=pay_days
    )
    def take(self, policy, who, period, on):
        wages, least = self.of_period(who, period)
        lapsed = self.end(who, on) if policy is LOSS else 0
        data = {"who": [who], "pay": [wages], "wages": [wages], "least": [least]}
        outcome = policy.take(data, self.ledger, key="who", period=period, on=on)
        outcome.explain(0)
        assert outcome[0]["lapsed"].minor == lapsed
        self.ledger = outcome.state
        self.taken[who, period] -= outcome[0].minor
        self.cash[who] += outcome[0].minor

    @rule(who=st.sampled_from(COMPANY), award=st.integers(0, 3), salary=cents, score=scores)
    def award(self, who, award, salary, score):
        if (who, award) not in self.awards:
            paid = PLAN.pay_one({"salary": salary, "score": score}).minor
            self.awards[who, award] = {"salary": salary, "score": score, "paid": paid, "recovered": 0}
            self.entitled[who] += paid
            self.cash[who] += paid

    @rule(score=scores)
    def restate(self, score):
        if not self.awards:
            return
        keys = list(self.awards)
        data = {name: [self.awards[key][name] for key in keys] for name in ("salary", "score", "paid", "recovered")}
        data |= {"award": [f"{who} {award}" for who, award in keys], "who": [who for who, _ in keys]}
        claim = CLAWBACK.restate(PLAN, data, {"score": score}, self.ledger)
        self.ledger = claim.state
        for row, key in enumerate(keys):
            self.awards[key]["recovered"] = int(claim.column("recovered")[row])
            self.entitled[key[0]] += claim[row].minor
            assert 0 <= self.awards[key]["recovered"] <= self.awards[key]["paid"]

    @rule(who=st.sampled_from(COMPANY), share=shares)
    def repay(self, who, share):
        payment = half_up(self.ledger.balance(who, "clawback.owed").minor * share)
        if payment:
            self.ledger = CLAWBACK.repay(self.ledger, {who: Money.from_minor(payment, "EUR")})
            self.cash[who] -= payment

    @rule()
    def store(self):
        self.ledger = from_dict(json.loads(json.dumps(to_dict(self.ledger))))

    @invariant()
    def books_balance(self):
        if hasattr(self, "ledger"):
            for who in COMPANY:
                held, owed = self.ledger.held(who).minor, self.ledger.owed(who).minor
                assert self.cash[who] + held - owed == self.entitled[who]

    @invariant()
    def no_limit_of_a_period_is_passed(self):
        if hasattr(self, "ledger"):
            for (who, period), taken in self.taken.items():
                assert 0 <= taken <= self.of_period(who, period)[0] // 10
                assert taken == self.ledger.balance(who, f"pay@{period}.taken").minor

    @invariant()
    def a_fine_is_owed_or_was_taken(self):
        if hasattr(self, "ledger"):
            for who in COMPANY:
                seen = [self.ledger.balance(who, f"fine.imposed.{kind}").minor for kind in ("owed", "taken")]
                assert sum(seen) == sum(minor for one, minor in self.fines.values() if one == who)

    @invariant()
    def nobody_owes_and_is_owed_by_one_claim(self):
        if hasattr(self, "ledger"):
            for who in COMPANY:
                owed, held = (self.ledger.balance(who, name).minor for name in CLAWBACK.accounts())
                assert min(owed, held) == 0


TestCompany = Company.TestCase
TestCompany.settings = settings(max_examples=60, stateful_step_count=25, deadline=None)


# Discipline.

LADDER = DisciplinaryLadder(
    [DisciplinaryStep("verbal", live_days=40), DisciplinaryStep("written", live_months=3, hearing=True), "dismissal"],
    {"lateness": ["verbal", "written", "dismissal"], "theft": ["dismissal"]},
    decay_days=60,
)
incident_rows = st.lists(
    st.tuples(
        st.sampled_from(PEOPLE),
        st.sampled_from(["lateness", "theft"]),
        st.integers(0, 200),
        st.integers(0, 20),
        st.one_of(st.none(), st.integers(0, 20)),
    ),
    max_size=10,
)


@LAW
@given(rows=incident_rows, order=st.randoms(use_true_random=False))
def test_people_and_the_order_of_rows_do_not_touch_each_other(rows, order):
    start = date(2026, 1, 1).toordinal()

    def day(offset):
        return None if offset is None else date.fromordinal(start + offset)

    def columns(places):
        names = ("who", "offence", "on", "effective", "heard")
        cells = [
            (who, offence, day(on), day(on + late), None if wait is None else day(on + wait))
            for who, offence, on, late, wait in (rows[place] for place in places)
        ]
        found = {name: [cell[i] for cell in cells] for i, name in enumerate(names)}
        return found | {"incident": [f"{place:02}" for place in places]}

    def decided(places):
        got = LADDER.decide(columns(places), DisciplinaryRecord())
        for row in range(len(got)):
            got.explain(row)
        return {place: (one.code, one.action) for place, one in zip(places, got, strict=True)}, got.state

    whole, record = decided(range(len(rows)))
    shuffled = list(whole)
    order.shuffle(shuffled)
    assert decided(shuffled) == (whole, record)
    for who in PEOPLE:
        own = [place for place in whole if rows[place][0] == who]
        alone, part = decided(own)
        assert alone == {place: whole[place] for place in own}
        assert part.sanctions == record.of(who)
    # What was decided stays decided, and what takes no effect is in no record.
    again = LADDER.decide(columns(range(len(rows))), record)
    assert again.state == record
    assert len(record.sanctions) == sum(code == "sanctioned" for code, _ in whole.values())
