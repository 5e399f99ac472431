"""Laws of what is proved about a plan: its curves are what it pays, inverses are the least, findings are all there."""

from fractions import Fraction
from itertools import pairwise
from math import ceil, floor

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from perfkit import (
    Cap,
    Commission,
    Component,
    Components,
    Curve,
    FlatAmount,
    Floor,
    Gate,
    IncentivePlan,
    Money,
    Multiply,
    NotAffineError,
    PaySection,
    Prorate,
    TargetBonus,
)

UNIT = Fraction(1, 10**6)
KINDS = {
    "a": "number",
    "b": "number",
    "share": "number",
    "salary": "money",
    "sold": "money",
    "ok": "flag",
    "fine": "flag",
}


def hundredths(low, high):
    return st.integers(low * 100, high * 100).map(lambda n: Fraction(n, 100))


rates = st.one_of(hundredths(0, 2), st.sampled_from([Fraction(1, 3), Fraction(2, 37)]))
owners = st.sampled_from(["upper", "lower"])


@st.composite
def curves(draw, size=Fraction(1), *, rising=False):
    """Curves of numbers around 1, or of money around a size, some with leaps and some that fall."""
    places = [x * size for x in sorted(draw(st.sets(hundredths(0, 2), min_size=1, max_size=3)))]
    levels = [draw(rates) for _ in places]
    if rising:
        levels = sorted(levels)
    kind = draw(st.sampled_from(["through", "steps", "marginal", "whole", "cumulative"]))
    points = list(zip(places, levels, strict=True))
    if kind == "through":
        points = [(x, y * size) for x, y in points]
        return Curve.through(*points, below=0 if draw(st.booleans()) else None)
    if kind == "steps":
        return Curve.steps(*((x, y * size) for x, y in points), owner=draw(owners))
    if kind == "marginal":
        return Curve.marginal(*points)
    if kind == "whole":
        return Curve.whole(*points, owner=draw(owners))
    return Curve.cumulative(*((x, y * size) for x, y in points), owner=draw(owners))


@st.composite
def gates(draw, name, cap, *, rising=False):
    on = draw(st.sampled_from(["ok", "fine", "a", "b"]))
    options = {"cap": draw(cap), "name": name}
    if KINDS[on] == "number":
        low, high = sorted([draw(hundredths(0, 2)), draw(hundredths(0, 2))])
        options["at_least"] = low
        if not rising and draw(st.booleans()):
            options["at_most"] = high
    return Gate(on, **options)


@st.composite
def factors(draw, *, rising=False):
    def component(on, weight=None):
        return Component(
            on,
            draw(st.one_of(st.none(), curves(rising=rising))),
            weight=weight,
            gates=[draw(gates("own", hundredths(0, 1), rising=rising))] if draw(st.booleans()) else [],
            cap=draw(st.one_of(st.none(), hundredths(1, 2))),
            floor=draw(st.one_of(st.none(), hundredths(0, 1))),
        )

    combine = draw(st.sampled_from(["weighted", "sum", "product"]))
    weights = (draw(st.integers(1, 9)), draw(st.integers(1, 9))) if combine == "weighted" else (None, None)
    names = ("a", "b") if combine == "product" else draw(st.sampled_from([("a", "b"), ("a", "a"), ("b", "b")]))
    parts = [component(on, weight) for on, weight in zip(names, weights, strict=True)]
    return Components(parts, combine, cap=draw(st.one_of(st.none(), hundredths(1, 3))))


@st.composite
def pays(draw, name, depth=1, *, rising=False):
    kind = draw(st.sampled_from(["bonus", "commission", "flat"] + ["section"] * depth))
    if kind == "bonus":
        return TargetBonus(
            draw(st.sampled_from(["salary", Fraction(1_000)])), draw(rates), draw(factors(rising=rising)), name=name
        )
    if kind == "commission":
        quota = draw(st.sampled_from([None, Fraction(700), "salary"]))
        curve = draw(curves(Fraction(1_000) if quota is None else Fraction(1), rising=rising))
        return Commission(
            "sold", curve, quota=quota, rate=draw(st.sampled_from([1, Fraction(2, 3), "share"])), name=name
        )
    if kind == "flat":
        return FlatAmount(draw(hundredths(0, 500)), draw(st.sampled_from([None, "ok", "fine"])), name=name)
    return PaySection(
        name,
        pays=[draw(pays(f"{name}.{i}", 0, rising=rising)) for i in range(2)],
        then=[draw(steps(f"{name}.then", rising=rising))],
    )


@st.composite
def steps(draw, name, *, rising=False):
    kind = draw(st.sampled_from(["gate", "cap", "share cap", "floor", "prorate", "multiply"]))
    if kind == "gate":
        return draw(gates(name, hundredths(0, 300), rising=rising))
    if kind == "cap":
        return Cap(draw(hundredths(0, 2_000)), name=name)
    if kind == "share cap":
        return Cap(draw(hundredths(0, 1)), of="salary", name=name)
    if kind == "floor":
        return Floor(draw(hundredths(0, 300)), name=name)
    if kind == "prorate":
        return Prorate(draw(st.sampled_from(["share", Fraction(5)])), 12 if rising else Fraction(7), name=name)
    return Multiply(draw(st.one_of(hundredths(0, 1), st.sampled_from(["b", Fraction(3, 2)]))), name=name)


@st.composite
def plans(draw, *, rising=False):
    forms = [draw(pays(f"pay {i}", rising=rising)) for i in range(draw(st.integers(1, 2)))]
    then = [draw(steps(f"step {i}", rising=rising)) for i in range(draw(st.integers(0, 3)))]
    return IncentivePlan("plan", currency="EUR", pays=forms, then=then)


people = st.fixed_dictionaries(
    {
        "a": hundredths(0, 2),
        "b": hundredths(0, 2),
        "share": hundredths(0, 1),
        "salary": st.integers(1, 300_000),
        "sold": st.integers(0, 300_000),
        "ok": st.booleans(),
        "fine": st.booleans(),
    }
)


def columns_of(plan):
    return [need.name for need in plan.needs()]


def places_of(curve, kind, most):
    """Where to look: at, beside and between the knots, on the grid that a column of a kind lies on."""
    if kind == "flag":
        return [Fraction(0), Fraction(1)]
    unit = UNIT if kind == "number" else Fraction(1, 100)
    knots = [knot.x for knot in curve.knots]
    ends = sorted([Fraction(0), most, *knots])
    spots = {x + step for x in knots for step in (-unit, Fraction(0), unit)}
    spots |= {(x + y) / 2 for x, y in pairwise(ends)} | {Fraction(0), most}
    if kind == "money":
        spots = {Fraction(side(x * 100), 100) for x in spots for side in (floor, ceil)}
    return sorted(x for x in spots if 0 <= x <= most)


def held(column, x):
    """A place of a curve as a row holds it."""
    return {"flag": bool(x), "number": x}.get(KINDS[column], int(x * 100))


@settings(max_examples=150, deadline=None)
@given(plan=plans(), row=people, data=st.data())
def test_the_curve_of_a_plan_is_what_it_pays(plan, row, data):
    names = columns_of(plan)
    assume(names)
    column = data.draw(st.sampled_from(names))
    # The quota is no axis of a curve, and what is multiplied by itself is none either.
    try:
        curve = plan.curve(column, row)
    except NotAffineError:
        assume(False)
    most = {"share": Fraction(1), "salary": Fraction(3_000), "sold": Fraction(3_000)}.get(column, Fraction(2))
    # Each line rounds by half a cent at most, and no step makes more than twice of it.
    lines = 10 * 2**3
    for x in places_of(curve, KINDS[column], most):
        if column == "salary" and x == 0:
            continue
        paid = plan.pay_one({**row, column: held(column, x)}).minor
        assert abs(curve.exact(x) * 100 - paid) <= Fraction(lines, 2), (column, x)


@settings(max_examples=120, deadline=None)
@given(plan=plans(rising=True), row=people, wanted=st.integers(0, 400_000), data=st.data())
def test_an_inverse_is_the_least_that_pays_the_amount(plan, row, wanted, data):
    names = [name for name in columns_of(plan) if name not in ("salary", "share")]
    assume(names)
    column = data.draw(st.sampled_from(names))
    try:
        curve = plan.curve(column, row)
    except NotAffineError:
        assume(False)
    assume(curve.is_rising)
    kind = KINDS[column]
    amount = Money.from_minor(wanted, "EUR")
    found = plan.inverse(column, amount=amount, given=row)
    if found is None:
        assert all(
            plan.pay_one({**row, column: held(column, x)}).amount < amount
            for x in places_of(curve, kind, Fraction(10_000))
        )
        return
    place = found.minor if isinstance(found, Money) else found
    assert plan.pay_one({**row, column: place}).amount >= amount
    if kind == "flag":
        assert place in (0, 1)
    less = place - (1 if kind in ("money", "flag") else UNIT)
    if less >= 0:
        assert plan.pay_one({**row, column: less}).amount < amount


# What a lint finds along one curve, against a search by brute force.

TINY = Fraction(1, 10**9)


@st.composite
def payouts(draw):
    """Curves of any shape: knots with values of their own on every side."""
    places = sorted(draw(st.sets(st.integers(0, 40), min_size=1, max_size=4)))
    value = st.integers(0, 6)
    curve = None
    for x in places:
        part = Curve.steps((Fraction(x, 10), draw(value) - 3), owner=draw(owners))
        curve = part if curve is None else curve + part
    points = [(Fraction(x, 10), draw(value)) for x in places]
    return (curve if draw(st.booleans()) else Curve.constant(3)) + Curve.through(*points)


def spots_of(curve, low, high):
    knots = [knot.x for knot in curve.knots if low <= knot.x <= high]
    ends = sorted({low, high, *knots})
    spots = {x + step for x in ends for step in (-TINY, Fraction(0), TINY)}
    spots |= {(x + y) / 2 for x, y in pairwise(ends)}
    return sorted(x for x in spots if low <= x <= high)


@settings(max_examples=150, deadline=None)
@given(curve=payouts(), ends=st.tuples(st.integers(-5, 45), st.integers(1, 45)), x=st.integers(0, 100))
def test_a_lint_finds_what_a_search_finds(curve, ends, x):
    low = Fraction(ends[0], 10)
    high = low + Fraction(ends[1], 10)
    typical = low + (high - low) * Fraction(x, 101)
    plan = IncentivePlan("plan", currency="EUR", pays=[TargetBonus(1_000, multiplier="x", curve=curve)])
    findings = plan.lint({"x": (low, high)}, given={"x": typical}, people=9)
    paid = 1_000 * curve
    spots = spots_of(curve, low, high)
    values = [paid.exact(spot) for spot in spots]
    slack = Fraction(1, 100)

    # Falls: there is one exactly where some more gives less, and none is shorter than what lies within it.
    does_fall = any(after < before - slack for before, after in pairwise(values))
    falls = findings.of("falls")
    assert bool(falls) == does_fall
    for before, after, first, last in zip(spots[:-1], spots[1:], values[:-1], values[1:], strict=True):
        if last < first - slack:
            assert any(fall.at - TINY <= before and after <= fall.until + TINY for fall in falls)

    # Cliffs: everywhere that a step of nothing moves the pay, and nowhere else.
    leaps = {
        knot.x
        for knot in paid.jumps()
        if (low < knot.x and knot.below != knot.at) or (knot.x < high and knot.above != knot.at)
        if low <= knot.x <= high
    }
    assert {cliff.at for cliff in findings.of("cliff")} == leaps
    for cliff in findings.of("cliff"):
        knot = paid.knot_at(cliff.at)
        if low < cliff.at < high and knot.above != knot.below:
            assert abs(cliff.size.exact - knot.jump) <= slack

    # Dead zones: stretches in which every place pays the same.
    zones = findings.of("dead_zone")
    for zone in zones:
        inside = [zone.at + (zone.until - zone.at) * Fraction(i, 7) for i in range(1, 7)]
        assert {paid.exact(place) for place in inside} == {paid.exact(inside[0])}
        assert zone.size.exact == paid.exact(inside[0])
    for before, after in pairwise(spots):
        if after - before > TINY and paid.slope_at(before) == 0:
            assert any(zone.at <= before and after <= zone.until for zone in zones)

    # The gain across the edge of a period, to the nearest of what can be moved.
    most = min((high - low) / 10, typical - low, high - typical)
    moves = {abs(place - typical) + step for place in spots for step in (-TINY, Fraction(0), TINY)}
    moves |= {Fraction(0), most}
    gains = [
        paid.exact(typical + move) + paid.exact(typical - move) - 2 * paid.exact(typical)
        for move in moves
        if 0 <= move <= most
    ]
    best = max(gains)
    gain = findings.of("edge_gain")
    assert abs((gain[0].size.exact if gain else 0) - max(best, 0)) <= slack

    # The worst case: never less than the best of the search, never more than the curve can give.
    (worst,) = findings.of("worst_case")
    reached = max(values)
    assert worst.size.exact >= 9 * (reached - slack) - 9 * 100 * 1_000 * UNIT
    assert worst.size.exact <= 9 * (paid.range_over(low, high)[1] + slack)


@settings(max_examples=60, deadline=None)
@given(
    plan=plans(), row=people, others=st.lists(people, min_size=8, max_size=8), count=st.integers(1, 50), data=st.data()
)
def test_the_worst_case_along_a_column_is_at_least_what_anybody_is_paid(plan, row, others, count, data):
    names = [name for name in columns_of(plan) if KINDS[name] != "flag"]
    assume(names)
    column = data.draw(st.sampled_from(names))
    most = {"share": 1, "salary": 3_000, "sold": 3_000}.get(column, 2)
    known = {name: value for name, value in row.items() if name != column}
    findings = plan.lint({column: (1 if column == "salary" else 0, most)}, given=known, people=count)
    # Where pay is no curve of a column, nothing is promised between the ends of its range.
    assume(not findings.of("not_a_curve"))
    (worst,) = findings.of("worst_case")
    for other in others:
        if other["salary"] >= 100:
            # The roundings of lines that rise and of lines that fall may meet between two breakpoints.
            paid = plan.pay_one({**row, column: other[column]}).minor
            assert (paid - 10) * count <= worst.size.minor
