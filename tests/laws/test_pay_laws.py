"""Laws of pay, on random plans and random people, against exact fractions."""

from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
from attrs import evolve
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from perfkit import (
    Cap,
    Commission,
    Curve,
    DataError,
    FlatAmount,
    Floor,
    Gate,
    IncentivePlan,
    Money,
    Multiply,
    Prorate,
    RateTable,
    TargetBonus,
)

LAW = settings(max_examples=80, deadline=None)
INT64 = 2**63

cents = st.integers(-10_000, 20_000_000)
positive_cents = st.integers(1, 20_000_000)
huge_cents = st.one_of(
    st.integers(2**53 - 5, 2**53 + 5),
    st.integers(2**62 - 5, 2**62 + 5),
    st.integers(-(2**62) - 5, -(2**62) + 5),
    st.integers(INT64 - 5, INT64 - 1),
    cents,
)
rates = st.one_of(
    st.integers(0, 200).map(lambda n: Fraction(n, 100)),
    st.fractions(0, 3, max_denominator=997),
    st.just(Fraction(2, 37)),
)
grid_scores = st.integers(0, 3_000_000).map(lambda n: n / 1_000_000)
any_scores = st.one_of(grid_scores, st.floats(0, 3), st.floats(1e-12, 1e-6), st.sampled_from([0.1 + 0.2, 1 / 3, 1e-30]))
shares = st.integers(0, 12)


def half_up(amount):
    """The nearest integer, ties away from zero."""
    doubled = 2 * abs(amount.numerator) + amount.denominator
    return (-1 if amount < 0 else 1) * (doubled // (2 * amount.denominator))


def typed(number):
    """The fraction that a float column's value stands for."""
    return Fraction(repr(float(number)))


def marginal(tiers, x):
    """What tiers earn, slice by slice."""
    ends = [start for start, _ in tiers[1:]] + [None]
    earned = Fraction(0)
    for (start, rate), end in zip(tiers, ends, strict=True):
        upper = x if end is None else min(x, end)
        earned += rate * max(upper - start, 0)
    return earned


def whole(tiers, x):
    """What the tier that is reached earns on everything."""
    reached = [rate for start, rate in tiers if x >= start]
    return reached[-1] * x if reached else Fraction(0)


@st.composite
def tiers(draw, limit):
    starts = sorted(draw(st.sets(st.integers(0, limit), min_size=1, max_size=5)))
    return [(Fraction(start, 100), draw(rates)) for start in starts]


def line(policy, then=(), **columns):
    return IncentivePlan("plan", currency="EUR", pays=[policy], then=list(then), below_zero="keep").pay(columns)


def assert_pays(policy, expected, then=(), **columns):
    """Each row is paid the exact amount, or the batch is refused where one does not fit."""
    if any(not -INT64 < amount < INT64 for amount in expected):
        with pytest.raises(DataError, match="does not fit int64 minor units"):
            line(policy, then, **columns)
        return
    payouts = line(policy, then, **columns)
    assert payouts.minor.tolist() == expected
    assert payouts.minor.dtype == np.int64
    for row in range(len(expected)):
        payouts.explain(row).check()


def rows(*columns, min_size=1):
    return st.lists(st.tuples(*columns), min_size=min_size, max_size=8)


# Each line against exact fractions, rounded once.


@LAW
@given(people=rows(cents, grid_scores), rate=rates)
def test_a_bonus_on_the_grid_is_exact(people, rate):
    salary, score = zip(*people, strict=True)
    expected = [half_up(s * rate * typed(x)) for s, x in people]
    assert_pays(TargetBonus(base="salary", rate=rate, multiplier="score"), expected, salary=salary, score=score)


@LAW
@given(people=rows(cents, any_scores), rate=rates)
def test_a_bonus_off_the_grid_is_exact(people, rate):
    salary, score = zip(*people, strict=True)
    expected = [half_up(s * rate * typed(x)) for s, x in people]
    assert_pays(TargetBonus(base="salary", rate=rate, multiplier="score"), expected, salary=salary, score=score)


@LAW
@given(people=rows(huge_cents, any_scores), rate=rates)
def test_a_bonus_is_exact_or_refused_however_large_it_is(people, rate):
    salary, score = zip(*people, strict=True)
    expected = [half_up(s * rate * typed(x)) for s, x in people]
    columns = {"salary": np.array(salary, dtype=np.int64), "score": score}
    assert_pays(TargetBonus(base="salary", rate=rate, multiplier="score"), expected, **columns)


@LAW
@given(people=rows(cents, any_scores), levels=st.lists(st.integers(0, 300), min_size=2, max_size=5), data=st.data())
def test_a_bonus_on_a_payout_curve_is_exact(people, levels, data):
    places = sorted(data.draw(st.sets(st.integers(0, 300), min_size=len(levels), max_size=len(levels))))
    points = [(Fraction(x, 100), Fraction(y, 100)) for x, y in zip(places, levels, strict=True)]

    def payout(x):
        if x < points[0][0]:
            return Fraction(0)
        for (x1, y1), (x2, y2) in pairwise(points):
            if x1 <= x <= x2:
                return y1 + (y2 - y1) * (x - x1) / (x2 - x1)
        return points[-1][1]

    salary, score = zip(*people, strict=True)
    policy = TargetBonus(base="salary", multiplier="score", curve=Curve.through(*points, below=0))
    assert_pays(policy, [half_up(s * payout(typed(x))) for s, x in people], salary=salary, score=score)


@LAW
@given(sold=st.lists(cents, min_size=1, max_size=8), steps=tiers(20_000_000))
def test_a_marginal_commission_is_exact(sold, steps):
    expected = [half_up(marginal(steps, Fraction(s, 100)) * 100) for s in sold]
    assert_pays(Commission(on="sold", curve=Curve.marginal(*steps)), expected, sold=sold)


@LAW
@given(sold=st.lists(cents, min_size=1, max_size=8), steps=tiers(20_000_000))
def test_a_commission_on_the_whole_is_exact(sold, steps):
    assert_pays(
        Commission(on="sold", curve=Curve.whole(*steps)),
        [half_up(whole(steps, Fraction(s, 100)) * 100) for s in sold],
        sold=sold,
    )


@LAW
@given(people=rows(cents, positive_cents), steps=tiers(300), retroactive=st.booleans())
def test_a_commission_over_a_quota_is_exact(people, steps, retroactive):
    sold, quota = zip(*people, strict=True)
    make, earned = (Curve.whole, whole) if retroactive else (Curve.marginal, marginal)
    expected = [half_up(q * earned(steps, Fraction(s, q))) for s, q in people]
    assert_pays(Commission(on="sold", curve=make(*steps), quota="quota"), expected, sold=sold, quota=quota)


@LAW
@given(people=rows(huge_cents, st.integers(1, 2**62)), steps=tiers(300), retroactive=st.booleans())
def test_a_commission_is_exact_or_refused_however_large_it_is(people, steps, retroactive):
    sold, quota = (np.array(column, dtype=np.int64) for column in zip(*people, strict=True))
    make, earned = (Curve.whole, whole) if retroactive else (Curve.marginal, marginal)
    over = [half_up(q * earned(steps, Fraction(s, q))) for s, q in people]
    assert_pays(Commission(on="sold", curve=make(*steps), quota="quota"), over, sold=sold, quota=quota)
    plain = [half_up(earned(steps, Fraction(s, 100)) * 100) for s, _ in people]
    assert_pays(Commission(on="sold", curve=make(*steps)), plain, sold=sold)


@LAW
@given(people=rows(cents, shares), of=st.integers(12, 31))
def test_proration_is_exact(people, of):
    amount, months = zip(*people, strict=True)
    expected = [half_up(Fraction(a * m, of)) for a, m in people]
    assert_pays(FlatAmount("amount"), expected, [Prorate(by="months", of=of)], amount=amount, months=months)


@LAW
@given(people=rows(cents, st.fractions(0, 1, max_denominator=365)))
def test_proration_by_two_columns_is_exact(people):
    amount = [a for a, _ in people]
    expected = [half_up(a * share) for a, share in people]
    columns = {"days": [share.numerator for _, share in people], "whole": [share.denominator for _, share in people]}
    assert_pays(FlatAmount("amount"), expected, [Prorate(by="days", of="whole")], amount=amount, **columns)


@LAW
@given(people=rows(st.one_of(cents, huge_cents), st.one_of(any_scores, st.floats(-3, 0))))
def test_a_multiplied_amount_is_exact_or_refused(people):
    amount, factor = zip(*people, strict=True)
    expected = [half_up(a * typed(f)) for a, f in people]
    column = np.array(amount, dtype=np.int64)
    assert_pays(FlatAmount("amount"), expected, [Multiply("factor")], amount=column, factor=factor)


@LAW
@given(a=huge_cents, b=huge_cents)
def test_a_sum_of_lines_is_exact_or_refused(a, b):
    pays = [FlatAmount("a"), FlatAmount("b", name="second")]
    plan = IncentivePlan("plan", currency="EUR", pays=pays, below_zero="keep")
    columns = {"a": np.array([a], dtype=np.int64), "b": np.array([b], dtype=np.int64)}
    if -INT64 <= a + b < INT64:
        assert plan.pay(columns).minor.tolist() == [a + b]
    else:
        with pytest.raises(DataError, match="does not fit int64"):
            plan.pay(columns)


@LAW
@given(
    people=rows(positive_cents, grid_scores, cents, shares, st.booleans()),
    rate=rates,
    steps=tiers(20_000_000),
    cap=rates,
)
def test_a_whole_plan_is_its_lines_each_rounded_once(people, rate, steps, cap):
    salary, score, sold, months, ok = zip(*people, strict=True)
    expected = []
    for s, x, b, m, is_ok in people:
        amount = half_up(s * rate * typed(x)) + half_up(marginal(steps, Fraction(b, 100)) * 100)
        amount = half_up(Fraction(amount * m, 12))
        amount = amount if is_ok else min(amount, 0)
        amount = min(amount, half_up(s * cap))
        expected.append(half_up(amount * Fraction("0.596")))
    plan = IncentivePlan(
        "plan",
        currency="EUR",
        pays=[
            TargetBonus(base="salary", rate=rate, multiplier="score"),
            Commission(on="sold", curve=Curve.marginal(*steps)),
        ],
        then=[Prorate(by="months", of=12), Gate("ok"), Cap(cap, of="salary"), Multiply(0.596)],
        below_zero="keep",
    )
    columns = {"salary": salary, "score": score, "sold": sold, "months": months, "ok": ok}
    assert plan.pay(columns).minor.tolist() == expected


# Random plans: each row by itself, explained.


@st.composite
def plans(draw):
    curve = draw(
        st.sampled_from(
            [
                Curve.through((0.8, 0.5), (1, 1), (1.2, 2), below=0),
                Curve.steps((0.5, 0.3), (1, 1), owner="lower"),
                Curve.marginal((0, 0.5), (1, 3)),
            ]
        )
    )
    table = RateTable("rating", {"high": draw(rates), "low": draw(rates)}, otherwise=draw(st.none() | rates))
    pays = draw(
        st.lists(
            st.sampled_from(
                [
                    TargetBonus(base="salary", rate=draw(rates), multiplier="score"),
                    TargetBonus(base="salary", multiplier="score", curve=curve, name="on a curve"),
                    TargetBonus(base="salary", rate=table, name="by rating"),
                    Commission(on="sold", curve=Curve.whole((0, 0.01), (1_000, 0.02))),
                    Commission(on="sold", curve=curve, quota="salary", name="over quota"),
                    FlatAmount(draw(rates), when="ok"),
                ]
            ),
            min_size=1,
            max_size=4,
            unique_by=lambda policy: policy.name,
        )
    )
    then = draw(
        st.lists(
            st.sampled_from(
                [
                    Prorate(by="months", of=12),
                    Gate("ok", cap=draw(rates), of="salary"),
                    Gate("score", at_least=draw(rates), name="gate by score"),
                    Cap(draw(rates), of="salary"),
                    Floor("sold"),
                    Multiply("score"),
                    Multiply(table, name="times table"),
                ]
            ),
            max_size=4,
            unique_by=lambda step: step.name,
        )
    )
    missing = draw(st.sampled_from(["refuse", "unpaid"]))
    return IncentivePlan("plan", currency="EUR", pays=pays, then=then, missing=missing, below_zero="keep")


@st.composite
def people(draw, plan):
    n = draw(st.integers(1, 7))
    gap = st.none() if plan.missing == "unpaid" else st.nothing()
    kinds = {
        "salary": positive_cents,
        "sold": cents,
        "score": any_scores,
        "months": shares,
        "ok": st.booleans(),
        "rating": st.sampled_from(["high", "low"]),
    }
    columns = {}
    for name in dict.fromkeys(need.name for need in plan.needs()):
        values = draw(st.lists(kinds[name] | gap, min_size=n, max_size=n))
        columns[name] = np.array(values, dtype=object)
    return columns or {"person": np.arange(n)}


@st.composite
def cases(draw):
    plan = draw(plans())
    return plan, draw(people(plan))


def some(columns, which):
    return {name: column[which] for name, column in columns.items()}


@LAW
@given(case=cases())
def test_one_row_alone_is_that_row_in_a_batch(case):
    plan, columns = case
    payouts = plan.pay(columns)
    for row in range(len(payouts)):
        assert plan.pay(some(columns, slice(row, row + 1))).minor.tobytes() == payouts.minor[row : row + 1].tobytes()
        assert plan.pay_one({name: column[row] for name, column in columns.items()}).minor == payouts.minor[row]


@LAW
@given(case=cases(), data=st.data())
def test_any_partition_and_any_permutation_gives_the_same_bytes(case, data):
    plan, columns = case
    payouts = plan.pay(columns)
    cut = data.draw(st.integers(0, len(payouts)))
    parts = [plan.pay(some(columns, which)).minor for which in (slice(None, cut), slice(cut, None))]
    assert np.concatenate(parts).tobytes() == payouts.minor.tobytes()
    order = np.array(data.draw(st.permutations(range(len(payouts)))), dtype=np.int64)
    assert plan.pay(some(columns, order)).minor.tobytes() == payouts.minor[order].tobytes()


@LAW
@given(case=cases())
def test_every_explanation_composes_to_the_stored_amount(case):
    plan, columns = case
    payouts = plan.pay(columns)
    for row in range(len(payouts)):
        explanation = payouts.explain(row)
        explanation.check()
        assert explanation.value == payouts[row].amount
        if explanation.code == "pay":
            assert sum(part.value for part in explanation.parts) == payouts[row].amount
            for part in explanation.walk():
                if part.code == "rounding":
                    assert abs(part.value) <= Fraction(1, 200)
        else:
            assert payouts.minor[row] == 0


@LAW
@given(case=cases())
def test_the_total_is_the_sum_of_the_rows(case):
    plan, columns = case
    payouts = plan.pay(columns)
    assert payouts.total == Money.from_minor(sum(payouts.minor.tolist()), "EUR")


@LAW
@given(case=cases(), limit=rates)
def test_a_cap_is_never_exceeded_and_a_floor_always_reached(case, limit):
    plan, columns = case
    assume("salary" in columns)
    assume(all(value is not None for column in columns.values() for value in column))
    salaries = columns["salary"].tolist()
    capped = evolve(plan, then=[*plan.then, Cap(limit, of="salary", name="last")]).pay(columns).minor.tolist()
    floored = evolve(plan, then=[*plan.then, Floor(limit, of="salary", name="last")]).pay(columns).minor.tolist()
    plain = plan.pay(columns).minor.tolist()
    for salary, least, middle, most in zip(salaries, capped, plain, floored, strict=True):
        bound = half_up(salary * limit)
        assert least == min(middle, bound)
        assert most == max(middle, bound)


@LAW
@given(case=cases(), limit=rates, flags=st.lists(st.booleans(), min_size=7, max_size=7))
def test_a_closed_gate_lets_at_most_its_cap_through_and_an_open_one_everything(case, limit, flags):
    plan, columns = case
    n = len(next(iter(columns.values())))
    gated = evolve(plan, then=[*plan.then, Gate("behaved", cap=limit, name="last")])
    paid = gated.pay(columns, behaved=flags[:n]).minor.tolist()
    complete = [all(column[row] is not None for column in columns.values()) for row in range(n)]
    for is_open, is_complete, before, after in zip(
        flags, complete, plan.pay(columns).minor.tolist(), paid, strict=False
    ):
        if is_open or not is_complete:
            assert after == before
        else:
            assert after == min(before, half_up(limit * 100))


@LAW
@given(
    scores=st.lists(any_scores, min_size=2, max_size=20),
    salary=positive_cents,
    curve=st.sampled_from(
        [None, Curve.through((0.8, 0.5), (1, 1), (1.2, 2), below=0), Curve.steps((0.5, 0.3), (1, 1), owner="lower")]
    ),
    rate=rates,
)
def test_a_rising_curve_pays_more_for_more(scores, salary, curve, rate):
    policy = TargetBonus(base=Fraction(salary, 100), rate=rate, multiplier="score", curve=curve)
    then = [Prorate(by=7, of=12), Cap(Fraction(salary, 200)), Multiply(Fraction(1, 3)), Floor(1)]
    assert (np.diff(line(policy, then, score=sorted(scores)).minor) >= 0).all()


@LAW
@given(sold=st.lists(cents, min_size=2, max_size=20), steps=tiers(20_000_000), quota=positive_cents)
def test_a_marginal_commission_pays_more_for_more(sold, steps, quota):
    policies = [
        Commission(on="sold", curve=Curve.marginal(*steps)),
        Commission(on="sold", curve=Curve.marginal(*steps), quota=Fraction(quota, 100)),
    ]
    for policy in policies:
        assert (np.diff(line(policy, sold=sorted(sold)).minor) >= 0).all()


@pytest.mark.parametrize("n", [65_535, 65_536, 65_537, 131_073])
@pytest.mark.parametrize("missing", ["refuse", "unpaid"])
def test_the_edge_of_a_block_changes_no_cent(n, missing):
    which = np.arange(n)
    columns = {
        "salary": which * 7_919 % 20_000_003,
        "score": (which * 104_729 % 2_000_003) / 1_000_000,
        "sold": which * 15_485_863 % 100_000_007,
    }
    if missing == "unpaid":
        columns["score"][::11] = np.nan
    plan = IncentivePlan(
        "plan",
        currency="EUR",
        pays=[
            TargetBonus(base="salary", rate=Fraction(2, 37), multiplier="score"),
            Commission(on="sold", curve=Curve.whole((0, 0.05), (100_000, 0.08))),
        ],
        then=[Cap(0.3, of="salary")],
        missing=missing,
    )
    payouts = plan.pay(columns)
    assert plan.pay(some(columns, slice(None, None, -1))).minor[::-1].tobytes() == payouts.minor.tobytes()
    pieces = [plan.pay(some(columns, slice(start, start + 10_007))).minor for start in range(0, n, 10_007)]
    assert np.concatenate(pieces).tobytes() == payouts.minor.tobytes()
    for row in (0, 65_534, n - 1):
        assert payouts.explain(row).value == payouts[row].amount
