"""Laws of what is carried, over random plans, people and periods: paid + held - owed = earned, at any time."""

import json
from collections import defaultdict
from fractions import Fraction

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from perfkit import Deferral, Draw, FlatAmount, IncentivePlan, Ledger, RefundableCap, Rounding, from_dict, to_dict

PEOPLE = ["ana", "ben", "cleo", "dan", "eve"]
LAW = settings(max_examples=60, deadline=None)

cents = st.integers(-50_000, 400_000)
limits = st.integers(0, 200_000)
shares = st.one_of(st.just(Fraction(0)), st.just(Fraction(1)), st.fractions(0, 1, max_denominator=97))
draws = st.builds(
    lambda amount, most: Draw(Fraction(amount, 100), recover_at_most=most), limits, st.one_of(st.none(), shares)
)
caps = st.builds(lambda amount: RefundableCap(Fraction(amount, 100)), limits)
deferrals = st.builds(lambda share, over: Deferral(share, over=over), shares, st.integers(1, 4))


def plan_of(carry):
    return IncentivePlan("plan", currency="EUR", pays=[FlatAmount("earned")], carry=list(carry), below_zero="keep")


carries = st.lists(st.one_of(draws, caps, deferrals), min_size=1, max_size=3, unique_by=lambda step: step.name)
plans = carries.map(plan_of)
batches = st.dictionaries(st.sampled_from(PEOPLE), cents, max_size=len(PEOPLE))


def period(plan, earned, ledger):
    data = {"who": list(earned), "earned": np.array(list(earned.values()), dtype=np.int64)}
    return plan.pay_period(data, ledger, key="who")


class Books(RuleBasedStateMachine):
    """A company that pays one plan period by period and keeps its own books beside the ledger."""

    @initialize(plan=plans)
    def start(self, plan):
        self.plan = plan
        self.ledger = Ledger("EUR")
        self.earned = defaultdict(int)
        self.paid = defaultdict(int)

    @rule(earned=batches)
    def pay(self, earned):
        before = self.ledger
        payouts, self.ledger = period(self.plan, earned, before)
        again, ledger = period(self.plan, earned, before)
        assert np.array_equal(payouts.minor, again.minor)
        assert ledger == self.ledger
        for row, (who, amount) in enumerate(earned.items()):
            self.earned[who] += amount
            self.paid[who] += int(payouts.minor[row])
            explanation = payouts.explain(row)
            explanation.check()
            assert explanation.value.minor == payouts.minor[row]
        for who in before.keys:
            if who not in earned:
                for name, _ in before.accounts:
                    assert self.ledger.balance(who, name) == before.balance(who, name)
        assert set(self.ledger.keys) == {*before.keys, *earned}

    @rule(earned=batches, order=st.randoms(use_true_random=False))
    def pay_in_another_order(self, earned, order):
        shuffled = list(earned)
        order.shuffle(shuffled)
        payouts, ledger = period(self.plan, earned, self.ledger)
        others, other = period(self.plan, {who: earned[who] for who in shuffled}, self.ledger)
        by_name = dict(zip(earned, payouts.minor.tolist(), strict=True))
        assert by_name == dict(zip(shuffled, others.minor.tolist(), strict=True))
        self._assert_same(ledger, other)

    @rule(earned=batches, cut=st.integers(0, len(PEOPLE)))
    def pay_in_two_parts(self, earned, cut):
        names = list(earned)
        payouts, ledger = period(self.plan, earned, self.ledger)
        first, part = period(self.plan, {who: earned[who] for who in names[:cut]}, self.ledger)
        second, part = period(self.plan, {who: earned[who] for who in names[cut:]}, part)
        assert payouts.minor.tolist() == [*first.minor.tolist(), *second.minor.tolist()]
        self._assert_same(ledger, part)

    @rule()
    def store(self):
        self.ledger = from_dict(json.loads(json.dumps(to_dict(self.ledger))))

    @invariant()
    def books_balance(self):
        if not hasattr(self, "ledger"):
            return
        for who in PEOPLE:
            held, owed = self.ledger.held(who).minor, self.ledger.owed(who).minor
            assert self.paid[who] + held - owed == self.earned[who]
        total = self.ledger.total_held.minor - self.ledger.total_owed.minor
        assert sum(self.paid.values()) + total == sum(self.earned.values())

    @invariant()
    def nobody_owes_less_than_nothing(self):
        if hasattr(self, "ledger"):
            for name, balances in self.ledger.accounts:
                assert name.endswith(".owed") or ".held" in name
                if name.endswith(".owed") or name.startswith("deferral"):
                    assert min(balances, default=0) >= 0

    def _assert_same(self, left, right):
        assert set(left.keys) == set(right.keys)
        for who in left.keys:
            for step in self.plan.carry:
                for account in step.accounts():
                    assert left.balance(who, account) == right.balance(who, account)


TestBooks = Books.TestCase
TestBooks.settings = settings(max_examples=60, stateful_step_count=15, deadline=None)


def statement(step, amounts):
    """What one person is paid, and the balance after each period, as plain integers."""
    plan, ledger, paid, balances = plan_of([step]), Ledger("EUR"), [], []
    for amount in amounts:
        payouts, ledger = period(plan, {"ana": amount}, ledger)
        paid.append(int(payouts.minor[0]))
        balances.append(sum(ledger.balance("ana", name).minor for name in step.accounts()))
    return paid, balances


@LAW
@given(draw=limits, most=st.one_of(st.none(), shares), amounts=st.lists(st.integers(-400_000, 400_000), max_size=8))
def test_a_draw_pays_at_least_itself_and_recovers_at_most_its_share(draw, most, amounts):
    paid, owed = statement(Draw(Fraction(draw, 100), recover_at_most=most), amounts)
    before = 0
    for earned, got, after in zip(amounts, paid, owed, strict=True):
        assert got >= draw
        repaid = earned - got if earned > got else 0
        if most is not None:
            assert repaid <= most * max(earned, 0)
        # As much is recovered as is allowed.
        free = max(earned - draw, 0)
        allowed = free if most is None else min(free, int(most * max(earned, 0)))
        assert repaid == min(before, allowed)
        assert after == before + got - earned
        before = after


@LAW
@given(draw=limits, amounts=st.lists(cents, max_size=8))
def test_a_guarantee_is_the_greater_of_the_two_and_carries_nothing(draw, amounts):
    step = Draw(Fraction(draw, 100), recoverable=False)
    assert statement(step, amounts) == ([max(draw, amount) for amount in amounts], [0] * len(amounts))


@LAW
@given(limit=limits, amounts=st.lists(cents, max_size=8))
def test_a_refundable_cap_is_never_exceeded_and_never_holds_what_it_could_pay(limit, amounts):
    paid, held = statement(RefundableCap(Fraction(limit, 100)), amounts)
    before = 0
    for earned, got, after in zip(amounts, paid, held, strict=True):
        assert got <= limit
        assert got == min(earned + before, limit)
        assert (after > 0) <= (got == limit)
        assert after == before + earned - got >= 0
        before = after


@LAW
@given(
    share=shares,
    over=st.integers(1, 5),
    amounts=st.lists(cents, min_size=1, max_size=6),
    to=st.sampled_from([None, 1, 0.05]),
)
def test_a_deferral_is_paid_out_after_its_periods(share, over, amounts, to):
    step = Deferral(share, over=over, rounding=Rounding(to=to, mode="down"))
    paid, held = statement(step, [*amounts, *[0] * over])
    assert held[-1] == 0
    assert sum(paid) == sum(amounts)
    unit = 1 if to is None else int(Fraction(str(to)) * 100)
    tranches = defaultdict(int)
    for period_, earned in enumerate(amounts):
        put_off = int(share * max(earned, 0) // unit) * unit
        for i in range(over):
            tranches[period_ + 1 + i] += put_off // over + (i < put_off % over)
        tranches[period_] += earned - put_off
    assert paid == [tranches[i] for i in range(len(paid))]


@settings(max_examples=30, deadline=None)
@given(plan=plans, periods=st.lists(batches, min_size=1, max_size=4))
def test_paying_people_apart_is_paying_them_together(plan, periods):
    together = Ledger("EUR")
    apart = {who: Ledger("EUR") for who in PEOPLE}
    for earned in periods:
        payouts, together = period(plan, earned, together)
        for row, (who, amount) in enumerate(earned.items()):
            alone, apart[who] = period(plan, {who: amount}, apart[who])
            assert alone.minor[0] == payouts.minor[row]
    for who in PEOPLE:
        assert together.held(who) == apart[who].held(who)
        assert together.owed(who) == apart[who].owed(who)
