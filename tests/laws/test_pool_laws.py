"""Laws of pools: the fund is conserved, shares rise with weight, and nothing depends on who else is in the batch."""

import json
from fractions import Fraction
from math import floor

import numpy as np
from attrs import evolve
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from perfkit import Cap, Floor, GroupShare, IncentivePlan, Pool, ZeroSum, allocate, from_dict, to_dict
from perfkit._core import integers
from perfkit.testing import check_policy

F = Fraction
LAW = settings(max_examples=80, deadline=None)
WIDE = st.one_of(st.integers(-5, 5), st.integers(-(2**63), 2**63 - 1), st.integers(-(10**30), 10**30))
NATURAL = st.one_of(st.integers(0, 9), st.integers(0, 2**63 - 1), st.integers(0, 10**30))
WEIGHTS = st.one_of(
    st.integers(0, 5),
    st.sampled_from([0.1, 0.25, 1.5, 1e-6, 3_333_333.0, 10**12]),
    st.integers(0, 10**9),
)


def column(values):
    array = np.empty(len(values), dtype=object)
    array[:] = values
    narrow = integers.narrow(array)
    return array if narrow is None else narrow


TYPED = GroupShare("division", weights={"x": 2, "y": 1})
LEVELS = [["division"], ["division", "team"], [TYPED], [TYPED, "team"], [GroupShare("division", by=1)]]


@st.composite
def cohorts(draw, groups=False):
    """People with weights, floors and caps, in minor units of EUR, and a pool that can be shared among them."""
    n = draw(st.integers(1, 9))
    weights = draw(st.lists(WEIGHTS, min_size=n, max_size=n))
    floors = draw(st.lists(st.sampled_from([0, 0, 5, 100, 333]), min_size=n, max_size=n))
    caps = [
        low + more
        for low, more in zip(floors, draw(st.lists(st.integers(0, 900), min_size=n, max_size=n)), strict=True)
    ]
    keys = draw(st.permutations([f"p{i}" for i in range(n)]))
    people = {"who": list(keys), "points": weights, "low": floors, "high": caps}
    people["ok"] = draw(st.lists(st.sampled_from([True, True, True, False]), min_size=n, max_size=n))
    if groups:
        people["division"] = draw(st.lists(st.sampled_from("xy"), min_size=n, max_size=n))
        people["team"] = draw(st.lists(st.sampled_from("abc"), min_size=n, max_size=n))
    limited = draw(st.sampled_from([(), ("low",), ("high",), ("low", "high")]))
    unit = draw(st.sampled_from([1, 1, 7, 100]))
    floor_units = sum(-(-low // unit) * unit for low in floors) if "low" in limited else 0
    fund = floor_units + draw(st.integers(0, 5_000))
    pool = Pool(
        F(fund, 100),
        by="points",
        key="who",
        floor="low" if "low" in limited else None,
        cap="high" if "high" in limited else None,
        unit=F(unit, 100),
        nobody="keep",
        currency="EUR",
        within=draw(st.sampled_from(LEVELS)) if groups else [],
        eligible=draw(st.sampled_from([None, "ok"])) if groups else None,
    )
    if limited == ("low", "high"):
        assume(all(-(-low // unit) <= high // unit for low, high in zip(floors, caps, strict=True)))
    return pool, people, fund, unit, limited


def shared(pool, people):
    fitted = pool.fit(people)
    return fitted, fitted.share(people).minor.tolist()


@LAW
@given(cohorts(groups=True))
def test_the_fund_is_conserved_under_any_floors_and_caps(case):
    pool, people, fund, unit, limited = case
    fitted, shares = shared(pool, people)
    left = sum(rest.amount.minor for rest in fitted.left)
    assert sum(shares) + left == fund == fitted.fund.minor
    assert fitted.given.minor == sum(shares)
    assert all(share % unit == 0 for share in shares)
    for row, share in enumerate(shares):
        takes = pool.eligible is None or people["ok"][row]
        assert share >= (people["low"][row] if takes and "low" in limited else 0)
        assert takes or share == 0
        if "high" in limited:
            assert share <= people["high"][row]
    reasons = {rest.reason for rest in fitted.left}
    assert reasons <= {"unit", "caps", "nobody"}
    assert sum(rest.amount.minor for rest in fitted.left if rest.reason == "unit") < unit
    if not limited and "nobody" not in reasons:
        assert left < unit


@LAW
@given(cohorts(groups=True))
def test_groups_of_nobody_leave_their_share_to_the_others_where_that_is_said(case):
    pool, people, fund, unit, limited = case
    ok = people["ok"] if pool.eligible else [True] * len(people["who"])
    assume(any(points and takes for points, takes in zip(people["points"], ok, strict=True)))
    fitted, shares = shared(evolve(pool, nobody="share"), people)
    left = {rest.reason: rest.amount.minor for rest in fitted.left}
    assert sum(shares) + sum(rest.amount.minor for rest in fitted.left) == fund
    assert "nobody" not in left
    assert limited or sum(shares) > fund - unit
    kept = shared(pool, people)[0]
    assert fitted.given >= kept.given


@LAW
@given(cohorts(), st.data())
def test_shares_rise_with_points(case, data):
    pool, people, *_ = case
    pool = evolve(pool, floor=None, cap=None)
    _, shares = shared(pool, people)
    ranked = sorted(zip(people["points"], shares, strict=True))
    assert [share for _, share in ranked] == sorted(share for _, share in ranked)
    # More points for one person never give that person less.
    row = data.draw(st.integers(0, len(shares) - 1))
    more = list(people["points"])
    more[row] = more[row] + data.draw(st.sampled_from([1, 0.5, 1_000]))
    assert shared(pool, people | {"points": more})[1][row] >= shares[row]


@LAW
@given(cohorts(groups=True), st.data())
def test_shuffling_and_partition_change_nobodys_cent(case, data):
    pool, people, *_ = case
    fitted, shares = shared(pool, people)
    order = data.draw(st.permutations(range(len(shares))))
    shuffled = {name: [values[i] for i in order] for name, values in people.items()}
    again, other = shared(pool, shuffled)
    assert again == fitted
    assert other == [shares[i] for i in order]
    for row, share in enumerate(shares):
        alone = {name: values[row] for name, values in people.items()}
        one = fitted.share_one(alone)
        assert one.minor == share
        one.explain().check()
    cut = data.draw(st.integers(0, len(shares)))
    parts = [{name: values[:cut] for name, values in people.items()}, {name: v[cut:] for name, v in people.items()}]
    assert [share for part in parts for share in fitted.share(part).minor.tolist()] == shares


@LAW
@given(cohorts(groups=True))
def test_a_stored_pool_shares_the_same(case):
    pool, people, *_ = case
    fitted, shares = shared(pool, people)
    back = from_dict(json.loads(json.dumps(to_dict(fitted))))
    assert back == fitted
    assert back.share(people).minor.tolist() == shares


@LAW
@given(cohorts())
def test_without_limits_it_is_the_largest_remainder(case):
    pool, people, fund, unit, _ = case
    assume(any(people["points"]))
    plain = evolve(pool, floor=None, cap=None)
    _, shares = shared(plain, people)
    parts = allocate(fund // unit, people["points"], keys=people["who"])
    assert shares == [part * unit for part in parts]


@LAW
@given(cohorts())
def test_shares_are_those_of_water_filling(case):
    """The oracle: the level by brute force over every breakpoint, in fractions."""
    pool, people, fund, unit, limited = case
    assume(any(people["points"]))
    _, shares = shared(pool, people)
    weights = [F(str(weight)) for weight in people["points"]]
    low = [-(-value // unit) if "low" in limited else 0 for value in people["low"]]
    high = [value // unit if "high" in limited else 10**9 for value in people["high"]]
    total = fund // unit

    def level(value):
        return [min(max(value * w, a), b) for w, a, b in zip(weights, low, high, strict=True)]

    breaks = sorted({F(limit) / w for w, *limits in zip(weights, low, high, strict=True) if w for limit in limits})
    top = sum(level(breaks[-1])) if breaks else sum(low)
    wanted = min(F(total), top)
    before = F(0)
    for place in breaks:
        if sum(level(place)) >= wanted:
            rise = sum(level(place)) - sum(level(before))
            value = place if rise == 0 else before + (wanted - sum(level(before))) / rise * (place - before)
            break
        before = place
    quotas = level(value if wanted > sum(low) else F(0))
    units = [floor(quota) for quota in quotas]
    ranked = sorted(range(len(units)), key=lambda i: (units[i] - quotas[i], people["who"][i]))
    for i in ranked[: int(wanted) - sum(units)]:
        units[i] += 1
    assert shares == [count * unit for count in units]


@settings(max_examples=15, deadline=None)
@given(cohorts())
def test_a_fitted_pool_keeps_the_house_rule(case):
    pool, people, *_ = case
    data = {name: np.array(values, dtype=object if name == "who" else None) for name, values in people.items()}
    check_policy(pool.fit(people), data=data)


def test_a_plan_with_a_pool_pays_what_the_pool_shares():
    people = {"who": list("abc"), "points": [1, 2, 4], "target": [10_000, 20_000, 30_000]}
    pool = Pool(1_000, by="points", of="target", key="who", floor=Floor(0.5, of="target"), cap=Cap(2, of="target"))
    plan = IncentivePlan("share", currency="EUR", pays=[pool]).fit(people)
    payouts = plan.pay(people)
    assert payouts.minor.tolist() == plan.pays[0].share(people).minor.tolist()
    assert from_dict(json.loads(json.dumps(to_dict(plan)))) == plan
    for row in range(3):
        payouts.explain(row).check()


@LAW
@given(
    st.lists(st.sampled_from([0, 0.5, 0.8, 0.95, 1, 1.2, 1.5, 2]), min_size=1, max_size=9),
    st.sampled_from([(0, None), (0.5, 1.5), (0.8, 1.2)]),
    st.randoms(use_true_random=False),
)
def test_zero_sum_factors_average_what_they_must(factors, limits, random):
    assume(all(factors))
    people = {"who": [f"p{i}" for i in range(len(factors))], "factor": factors}
    rule = ZeroSum("factor", key="who", step=0.05, low=limits[0], high=limits[1])
    fitted = rule.fit(people)
    values = fitted.values(people)
    assert sum(values) == len(values)
    assert all((value / rule.step).denominator == 1 for value in values)
    assert all(value >= rule.low and (rule.high is None or value <= rule.high) for value in values)
    ranked = sorted(zip(factors, values, strict=True))
    assert [value for _, value in ranked] == sorted(values)
    order = list(range(len(factors)))
    random.shuffle(order)
    again = {name: [column[i] for i in order] for name, column in people.items()}
    assert rule.fit(again) == fitted
    assert fitted.values(again) == [values[i] for i in order]


@LAW
@given(st.lists(NATURAL, min_size=1, max_size=6), NATURAL, st.one_of(st.integers(1, 10**6), st.integers(1, 10**30)))
def test_a_product_is_divided_exactly_whatever_its_size(values, factor, divisor):
    whole, rest = integers.multiply_divide(column(values), factor, divisor)
    assert [divmod(value * factor, divisor) for value in values] == list(
        zip(whole.tolist(), rest.tolist(), strict=True)
    )


@LAW
@given(st.lists(st.tuples(WIDE, WIDE, WIDE, WIDE), min_size=1, max_size=6), st.booleans())
def test_products_are_compared_exactly_whatever_their_size(rows, same):
    a, x, b, y = (list(values) for values in zip(*rows, strict=True))
    if same:
        b, y = x, a
    signs = integers.compare_products(column(a), column(x), column(b), column(y)).tolist()
    expected = [(p * q > r * s) - (p * q < r * s) for p, q, r, s in zip(a, x, b, y, strict=True)]
    assert signs == expected


def test_a_group_may_be_given_by_a_weight_of_its_own():
    people = {"who": list("abcd"), "team": list("xxyy"), "points": [1, 1, 1, 1], "heads": [1, 1, 1, 3]}
    pool = Pool(600, by="points", key="who", within=GroupShare("team", by="heads"), currency="EUR")
    assert pool.fit(people).share(people).minor.tolist() == [10_000, 10_000, 20_000, 20_000]
