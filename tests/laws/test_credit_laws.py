"""Laws of credits and scopes: parts add up, and pay never depends on how transactions are batched."""

from collections import defaultdict
from fractions import Fraction
from itertools import pairwise
from math import floor

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from perfkit import (
    Commission,
    Curve,
    IncentivePlan,
    RateRules,
    Rounding,
    credits_so_far,
    group_credits,
    split_credits,
)

LAW = settings(max_examples=80, deadline=None)
cents = st.integers(-500_000, 5_000_000)
HALF = Fraction(1, 2)


# Splits.


@st.composite
def whole_shares(draw):
    parts = draw(st.lists(st.integers(0, 12), min_size=1, max_size=5).filter(any))
    return {f"p{i}": Fraction(part, sum(parts)) for i, part in enumerate(parts)}


def largest_remainder(amount, shares):
    """Of a positive amount, by sorting the remainders; ties to the earlier name."""
    quotas = {name: amount * share for name, share in shares.items()}
    given_out = {name: floor(quota) for name, quota in quotas.items()}
    left = floor(sum(quotas.values()) + HALF) - sum(given_out.values())
    by_remainder = sorted(quotas, key=lambda name: given_out[name] - quotas[name])
    for name in by_remainder[:left]:
        given_out[name] += 1
    return given_out


@LAW
@given(amounts=st.lists(st.one_of(cents, st.integers(-(2**62), 2**62)), min_size=1, max_size=6), shares=whole_shares())
def test_credits_add_up_row_by_row_and_agree_with_the_oracle(amounts, shares):
    found = split_credits(np.array(amounts), shares)
    for row, amount in enumerate(amounts):
        sign = -1 if amount < 0 else 1
        expected = largest_remainder(abs(amount), shares)
        assert {name: int(column[row]) for name, column in found.items()} == {
            name: sign * minor for name, minor in expected.items()
        }
    assert sum(column.astype(object) for column in found.values()).tolist() == amounts
    back = split_credits(-np.array(amounts), shares)
    alone = [split_credits(np.array([amount]), shares) for amount in amounts]
    for name, column in found.items():
        assert np.array_equal(back[name], -column)
        assert [int(one[name][0]) for one in alone] == column.tolist()


@LAW
@given(amounts=st.lists(cents, min_size=1, max_size=5), rates=st.lists(st.integers(0, 150), min_size=1, max_size=4))
def test_an_overlay_adds_up_to_its_share_of_the_whole(amounts, rates):
    shares = {f"p{i}": Fraction(rate, 100) for i, rate in enumerate(rates)}
    found = split_credits(np.array(amounts), shares, overlay=True)
    for row, amount in enumerate(amounts):
        sign = -1 if amount < 0 else 1
        expected = largest_remainder(abs(amount), shares)
        assert {name: int(column[row]) for name, column in found.items()} == {
            name: sign * minor for name, minor in expected.items()
        }


# Scopes.

people = st.sampled_from(["ana", "ben", "cleo"])
books = st.lists(st.tuples(people, cents), min_size=1, max_size=14)


@LAW
@given(sales=books, order=st.randoms(use_true_random=False))
def test_groups_do_not_depend_on_the_order_of_the_rows(sales, order):
    shuffled = list(sales)
    order.shuffle(shuffled)
    found, again = (
        group_credits(
            {"rep": [who for who, _ in rows], "sold": [minor for _, minor in rows]}, by=["rep"], amount="sold"
        )
        for rows in (sales, shuffled)
    )
    expected = defaultdict(int)
    for who, minor in sales:
        expected[who] += minor
    assert dict(zip(found["rep"], found["sold"].tolist(), strict=True)) == expected
    assert found["rep"].tolist() == sorted(expected)
    for name in found:
        assert found[name].tolist() == again[name].tolist()


@LAW
@given(sales=books, order=st.randoms(use_true_random=False))
def test_so_far_agrees_with_a_running_sum_in_any_order_of_the_rows(sales, order):
    running, before = defaultdict(int), []
    for who, minor in sales:
        before.append(running[who])
        running[who] += minor
    rows = list(range(len(sales)))
    order.shuffle(rows)
    data = {"rep": [sales[i][0] for i in rows], "n": rows, "sold": [sales[i][1] for i in rows]}
    assert credits_so_far(data, by=["rep"], order="n", amount="sold").tolist() == [before[i] for i in rows]


rates = st.integers(0, 300).map(lambda n: Fraction(n, 1000))
places = st.sets(st.integers(1, 400), max_size=4).map(lambda found: [0, *sorted(found)])


@st.composite
def tables(draw):
    """Curves of which nothing pays nothing: accelerators, decelerators, retroactive rates, kickers, hybrids."""
    starts = draw(places)
    tiers = [(Fraction(start, 100), draw(rates)) for start in starts]
    kind = draw(st.sampled_from(["marginal", "whole", "kicker", "hybrid", "capped"]))
    if kind == "whole":
        return Curve.whole(*tiers, owner=draw(st.sampled_from(["upper", "lower"])))
    if kind == "hybrid":
        return Curve.hybrid(draw(rates), (1, 1.5), (1.25, 2), (1.5, 2.5))
    curve = Curve.marginal(*tiers)
    if kind == "kicker":
        return curve + Curve.cumulative((1, 0.01), (1.5, 0.05))
    return curve.cap(draw(rates)) if kind == "capped" else curve


QUOTAS = {"ana": 1_000_000, "ben": 2_500_001, "cleo": 333_333}
STARTING = {"ana": 1.0, "ben": 0.5, "cleo": Fraction(1, 3)}
RATES = RateRules(["rep"], [({"rep": "ana"}, 1), ({"rep": "ben"}, 0.9)], otherwise=Fraction(2, 3))


@settings(max_examples=60, deadline=None)
@given(
    curve=tables(),
    sales=books,
    cuts=st.sets(st.integers(0, 14)),
    order=st.randoms(use_true_random=False),
    rounding=st.sampled_from([Rounding(), Rounding(mode="half_even"), Rounding(to=1, mode="down"), Rounding(to=100)]),
)
def test_the_parts_of_a_year_add_up_to_the_commission_of_the_whole(curve, sales, cuts, order, rounding):
    options = {"quota": "quota", "ramp": "ramp", "rate": RATES, "rounding": rounding}
    # Returns pay less than nothing by themselves; they are added up before anything is paid.
    kept = {"currency": "EUR", "below_zero": "keep"}
    year = IncentivePlan("year", pays=[Commission("sold", curve, **options)], **kept)
    parts = IncentivePlan("parts", pays=[Commission("sold", curve, so_far="before", **options)], **kept)

    def columns(rows):
        reps = [who for who, _ in rows]
        return {
            "rep": reps,
            "sold": [minor for _, minor in rows],
            "quota": [QUOTAS[who] for who in reps],
            "ramp": [STARTING[who] for who in reps],
        }

    totals = defaultdict(int)
    for who, minor in sales:
        totals[who] += minor
    whole = dict(zip(totals, year.pay(columns(list(totals.items()))).minor.tolist(), strict=True))

    # Any order of the transactions, then any partition of that order in batches, each batch in any order.
    shuffled = list(sales)
    order.shuffle(shuffled)
    everything = {**columns(shuffled), "n": list(range(len(shuffled)))}
    before = credits_so_far(everything, by=["rep"], order="n", amount="sold").tolist()
    edges = sorted({0, len(shuffled), *(cut for cut in cuts if cut < len(shuffled))})
    batches = [list(range(a, b)) for a, b in pairwise(edges)]
    order.shuffle(batches)
    paid = defaultdict(int)
    for batch in batches:
        order.shuffle(batch)
        data = columns([shuffled[i] for i in batch])
        payouts = parts.pay(data, before=[before[i] for i in batch])
        for row, who in enumerate(data["rep"]):
            paid[who] += int(payouts.minor[row])
        payouts.explain(0).check()
    assert paid == whole

    # Batches that are added up first.
    running, grouped = defaultdict(int), defaultdict(int)
    for a, b in pairwise(edges):
        rows = shuffled[a:b]
        sums = group_credits(columns(rows), by=["rep"], amount="sold")
        pairs = list(zip(sums["rep"].tolist(), sums["sold"].tolist(), strict=True))
        payouts = parts.pay(columns(pairs), before=[running[who] for who, _ in pairs])
        for row, (who, minor) in enumerate(pairs):
            running[who] += minor
            grouped[who] += int(payouts.minor[row])
    assert grouped == whole
