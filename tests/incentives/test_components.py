"""Components: curves, gates as conditional caps, limits and roundings at each level, against exact fractions."""

from fractions import Fraction
from math import floor

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from perfkit import (
    Component,
    Components,
    Curve,
    DataError,
    DefinitionError,
    Gate,
    IncentivePlan,
    Rounding,
    TargetBonus,
)
from perfkit.explain import SILENT, Recorder
from perfkit.testing import check_policy
from perfkit.typing import Factor, Rows

HALF = Fraction(1, 2)
CLASSIC = Curve.through((0.8, 0.5), (1, 1), (1.2, 2), below=0)


def rows_of(**columns):
    arrays = {name: np.asarray(column) for name, column in columns.items()}
    return Rows(arrays, len(next(iter(arrays.values()))))


def values(factor, **columns):
    """The number of each row, in a batch; each row alone and explained gives the same."""
    rows = rows_of(**columns)
    found = factor.exact(rows, SILENT)
    numbers = [found.fraction(row) for row in range(rows.n)]
    for row, number in enumerate(numbers):
        assert factor.exact(rows[row : row + 1], SILENT).fraction(0) == number
        assert explained(factor, rows[row : row + 1]).value == number
    return numbers


def explained(factor, rows):
    record = Recorder("line", "factor")
    factor.exact(rows, record)
    (part,) = record.explanation().parts
    part.check()
    return part


def codes(factor, **columns):
    """The codes of the first row's parts at every depth."""
    return [part.code for part in explained(factor, rows_of(**{name: [x] for name, x in columns.items()})).walk()]


def one(factor, **columns):
    (number,) = values(factor, **{name: [x] for name, x in columns.items()})
    return number


# Forms.


def test_components_are_factors():
    assert isinstance(Component("a"), Factor)
    assert isinstance(Components([Component("a")]), Factor)


def test_a_component_without_a_curve_is_its_column():
    assert values(Component("a"), a=[0.1, 1.25, -3]) == [Fraction(1, 10), Fraction(5, 4), -3]


def test_a_component_pays_by_its_own_curve():
    paid = values(Component("a", CLASSIC), a=[0.79, 0.8, 0.9, 1, 1.1, 1.2, 1.5])
    assert paid == [0, HALF, Fraction(3, 4), 1, Fraction(3, 2), 2, 2]


def test_a_component_may_read_a_number_or_another_factor():
    assert one(Component(0.75), a=1) == Fraction(3, 4)
    inner = Components([Component("a"), Component("b")])
    assert one(Component(inner, Curve.marginal((0, 2))), a=1, b=2) == 3
    assert Component(inner).name == "components"
    assert Component(Component("a")).name == "a"
    assert Component(0.75).name == "component"


def test_weights_are_shares_of_their_sum_and_equal_when_not_given():
    assert Components([Component("a", weight=65), Component("b", weight=0.35 * 100)]).shares() == (
        Fraction(65, 100),
        Fraction(35, 100),
    )
    thirds = Components([Component("a"), Component("b"), Component("c")])
    assert thirds.shares() == (Fraction(1, 3),) * 3
    assert one(thirds, a=1, b=1, c=0.5) == Fraction(5, 6)


def test_sums_and_products_count_each_part_once():
    parts = [Component("a"), Component("b"), Component("c")]
    assert one(Components(parts, "sum"), a=0.5, b=0.25, c=-1) == Fraction(-1, 4)
    assert one(Components(parts, "product"), a=0.5, b=0.25, c=-1) == Fraction(-1, 8)
    assert Components(parts, "sum").shares() == Components(parts, "product").shares() == (1, 1, 1)


def test_a_weighted_plan_of_two_groups_like_the_cabot_plan():
    corporate = Components(
        [
            Component("ebit", Curve.through((505, 0.5), (631, 1), (694, 2), below=0), weight=60),
            Component("days", Curve.through((61, 2), (66, 1), (68, 1), (73, 0.5), above=0), weight=20),
            Component("cash", Curve.through((273, 0.5), (363, 0.95), (403, 1.05), (493, 2), below=0), weight=20),
        ],
        weight=70,
        rounding=Rounding(to=0.001),
        name="corporate",
    )
    whole = Components([corporate, Component("individual", weight=30)])
    ebit = HALF + HALF * (553 - 505) / (631 - 505)
    cash = HALF + Fraction(45, 100) * (355 - 273) / (363 - 273)
    raw = Fraction(60, 100) * ebit + Fraction(20, 100) * cash
    assert abs(raw - Fraction(596, 1000)) < Fraction(1, 2000)
    facts = {"ebit": 553, "days": 80, "cash": 355, "individual": 1.25}
    assert one(whole, **facts) == Fraction(7, 10) * Fraction(596, 1000) + Fraction(3, 10) * Fraction(125, 100)
    assert codes(whole, **facts).count("rounding") == 1


# Limits of one component, of a group, and of the whole.


@pytest.mark.parametrize(
    ("options", "x", "expected", "recorded"),
    [
        ({"cap": 1.5}, 1.7, Fraction(3, 2), ["capped"]),
        ({"cap": 1.5}, 1.5, Fraction(3, 2), []),
        ({"cap": 1.5}, 1.2, Fraction(6, 5), []),
        ({"floor": 0.25}, 0.1, Fraction(1, 4), ["floored"]),
        ({"floor": 0.25}, 0.25, Fraction(1, 4), []),
        ({"floor": 0}, -0.5, 0, ["floored"]),
        ({"rounding": Rounding(to=0.001)}, 0.59649, Fraction(596, 1000), ["rounding"]),
        ({"rounding": Rounding(to=0.001)}, 0.5965, Fraction(597, 1000), ["rounding"]),
        ({"rounding": Rounding(to=0.001, mode="half_even")}, 0.5965, Fraction(596, 1000), ["rounding"]),
        ({"rounding": Rounding(to=0.1, mode="up")}, 0.51, Fraction(6, 10), ["rounding"]),
        ({"rounding": Rounding(to=0.1, mode="down")}, 0.59, HALF, ["rounding"]),
        ({"rounding": Rounding(to=0.05)}, 0.55, Fraction(55, 100), []),
        ({"gates": Gate("g")}, 0.9, Fraction(0), ["gated"]),
        ({"gates": Gate("g", cap=0.5)}, 0.9, HALF, ["gated"]),
        ({"gates": Gate("g", cap=1)}, 0.9, Fraction(9, 10), []),
        ({"gates": Gate("g"), "floor": 0.2}, 0.9, Fraction(1, 5), ["gated", "floored"]),
        ({"cap": 0.333, "rounding": Rounding(to=0.01, mode="up")}, 0.9, Fraction(34, 100), ["capped", "rounding"]),
    ],
)
@pytest.mark.parametrize("level", ["component", "weighted", "sum", "product", "above"])
def test_each_limit_counts_at_each_level_and_is_a_part_of_its_own(level, options, x, expected, recorded):
    factor = {
        "component": lambda: Component("x", **options),
        "weighted": lambda: Components([Component("x"), Component("x")], **options),
        "sum": lambda: Components([Component("x"), Component(0)], "sum", **options),
        "product": lambda: Components([Component("x"), Component(1)], "product", **options),
        "above": lambda: Component(Components([Component("x")]), Curve.identity(), **options),
    }[level]()
    facts = {"x": x, "g": False}
    assert one(factor, **facts) == expected
    assert [code for code in codes(factor, **facts) if code in LIMITS] == recorded
    check_policy(TargetBonus("base", multiplier=factor))


LIMITS = ("gated", "capped", "floored", "rounding")


def test_the_order_is_gates_cap_floor_rounding():
    part = Component(
        "x", gates=Gate("g", cap=1.2345), cap=1.1234, floor=-1, rounding=Rounding(to=0.01), name="everything"
    )
    found = explained(part, rows_of(x=[2.0], g=[False]))
    assert [p.code for p in found.parts] == ["actual", "gated", "capped", "rounding"]
    assert [p.value for p in found.parts] == [
        2,
        Fraction(-7655, 10_000),
        Fraction(-1111, 10_000),
        Fraction(-34, 10_000),
    ]
    assert found.value == Fraction(112, 100)
    assert "closed, g is no: at most 1.2345" in str(found)


def test_a_limit_on_a_product_keeps_the_product_as_one_part():
    whole = Components([Component("a"), Component("b")], "product", cap=1)
    found = explained(whole, rows_of(a=[1.5], b=[2.0]))
    assert found.relation == "sum"
    assert [(part.code, part.value) for part in found.parts] == [("component", 3), ("capped", -2)]
    assert found.parts[0].relation == "product"


# Gates as conditional caps.


def test_mutual_caps():
    """Source: U.S. SEC, CIK 1046327, 2015 plan: each of two results pays at most 100 % while the other is below it."""
    plan = Components(
        [
            Component("revenue", CLASSIC, gates=Gate("ebitda", at_least=1, cap=1), weight=50),
            Component("ebitda", CLASSIC, gates=Gate("revenue", at_least=1, cap=1), weight=50),
        ]
    )
    levels = [0.7, 0.8, 0.9, 0.999999, 1.0, 1.000001, 1.1, 1.2, 1.3]
    revenue, ebitda = (list(side) for side in zip(*[(r, e) for r in levels for e in levels], strict=True))

    def expected(r, e):
        paid = [CLASSIC.exact(Fraction(str(x))) for x in (r, e)]
        if e < 1:
            paid[0] = min(paid[0], 1)
        if r < 1:
            paid[1] = min(paid[1], 1)
        return sum(paid) / 2

    assert values(plan, revenue=revenue, ebitda=ebitda) == [
        expected(r, e) for r, e in zip(revenue, ebitda, strict=True)
    ]
    assert codes(plan, revenue=1.2, ebitda=0.9).count("gated") == 1
    assert codes(plan, revenue=1.2, ebitda=1.0).count("gated") == 0
    check_policy(TargetBonus("base", multiplier=plan))


def test_a_gate_that_kills_two_components_of_three():
    """Source: the ALLETE plan: net income below its threshold pays neither itself nor strategy, but cash still pays."""
    threshold = Gate("income", at_least=0.85, name="threshold")
    plan = Components(
        [
            Component("income", CLASSIC, gates=threshold, weight=50),
            Component("strategic", gates=threshold, weight=20),
            Component("cash", weight=30),
        ]
    )
    assert one(plan, income=0.84, strategic=2, cash=1) == Fraction(3, 10)
    paid = CLASSIC.exact(Fraction(85, 100)) / 2 + Fraction(4, 10) + Fraction(3, 10)
    assert one(plan, income=0.85, strategic=2, cash=1) == paid


@pytest.mark.parametrize(
    ("percentile", "own_return", "expected", "gated"),
    [(0.9, -0.01, 1, True), (0.9, 0.0, 2, False), (0.5, -0.2, 1, False), (0.3, -0.2, HALF, False)],
)
def test_a_negative_return_caps_the_award_at_target(percentile, own_return, expected, gated):
    curve = Curve.through((0.25, 0.4), (0.5, 1), (0.75, 2), below=0)
    award = Component("percentile", curve, gates=Gate("return", at_least=0, cap=1))
    if percentile == 0.3:
        expected = curve.exact(Fraction(3, 10))
    facts = {"percentile": percentile, "return": own_return}
    assert one(award, **facts) == expected
    assert ("gated" in codes(award, **facts)) is gated


def test_all_or_nothing_by_two_gates():
    """Source: U.S. SEC, CIK 1066134: operating profit of 90 % and a compliance audit of 3."""
    bonus = Components(
        [Component("profit", CLASSIC)], gates=[Gate("profit", at_least=0.9), Gate("audit", at_least=3, name="audit")]
    )
    assert values(bonus, profit=[0.89, 0.9, 0.9, 1.1, 0.5], audit=[3, 2.9, 3, 4, 2]) == [
        0,
        0,
        Fraction(3, 4),
        Fraction(3, 2),
        0,
    ]


def test_a_gate_lets_a_negative_number_through():
    assert one(Component("a", gates=Gate("g")), a=-0.5, g=False) == -HALF


def test_gates_open_at_their_bounds():
    band = Component("a", gates=Gate("b", at_least=1, at_most=2))
    assert values(band, a=[1.0] * 5, b=[0.999999, 1, 1.5, 2, 2.000001]) == [0, 1, 1, 1, 0]


# Modifiers.


@pytest.mark.parametrize(
    ("eps", "tsr", "expected"),
    [(1, 0.9, Fraction(3, 2)), (1, 0.5, 1), (1, 0.1, HALF), (0.7, 0.1, 0), (0.8, 0.1, 0), (1.2, 0.95, Fraction(5, 2))],
)
def test_a_modifier_of_fifty_points_either_way_adds_and_never_pays_below_nothing(eps, tsr, expected):
    points = Curve.through((0.25, -0.5), (0.5, 0), (0.75, 0.5))
    award = Components([Component("eps", CLASSIC), Component("tsr", points)], "sum", floor=0)
    assert one(award, eps=eps, tsr=tsr) == expected
    assert ("floored" in codes(award, eps=eps, tsr=tsr)) is (eps == 0.7)
    check_policy(TargetBonus("base", multiplier=award))


def test_modifiers_that_multiply_with_a_cap_of_the_whole():
    award = Components(
        [Component("company", CLASSIC), Component("personal", cap=1.2, floor=0), Component("esg", floor=0.9, cap=1.1)],
        "product",
        cap=2,
    )
    assert one(award, company=1, personal=1.3, esg=0.8) == Fraction(12, 10) * Fraction(9, 10)
    assert one(award, company=1.2, personal=1.2, esg=1.1) == 2
    assert one(award, company=0.5, personal=1.2, esg=1.1) == 0
    check_policy(TargetBonus("base", multiplier=award))


def test_a_sum_of_products_of_groups():
    """Source: the form of the Met-Pro plan, level x (financial + personal) x corporate."""
    both = Components([Component("financial"), Component("personal")], "sum", name="both")
    award = Components([Component("level"), both, Component("corporate")], "product")
    facts = {"level": 0.3, "financial": 0.6, "personal": 0.25, "corporate": 1.1}
    assert one(award, **facts) == Fraction(3, 10) * Fraction(85, 100) * Fraction(11, 10)


# Random trees against an oracle that knows nothing of columns.


def grid(low, high):
    return st.integers(low * 100, high * 100).map(lambda n: Fraction(n, 100))


@st.composite
def limits(draw):
    options = {}
    if draw(st.booleans()):
        options["gates"] = draw(
            st.lists(
                st.builds(
                    lambda on, least, cap: Gate(on, at_least=least, cap=cap),
                    st.sampled_from(["a", "b", "c"]),
                    grid(0, 2),
                    grid(0, 2),
                ),
                max_size=2,
            )
        )
    low, high = sorted([draw(grid(-1, 2)), draw(grid(-1, 2))])
    if draw(st.booleans()):
        options["floor"] = low
    if draw(st.booleans()):
        options["cap"] = high
    if draw(st.booleans()):
        modes = st.sampled_from(["half_up", "half_even", "up", "down", "floor", "ceiling", "half_down"])
        options["rounding"] = Rounding(to=draw(st.sampled_from([0.001, 0.05, 1, Fraction(1, 3)])), mode=draw(modes))
    return options


@st.composite
def payout_curves(draw):
    if draw(st.booleans()):
        return None
    places = sorted(draw(st.sets(grid(0, 2), min_size=1, max_size=3)))
    points = [(x, draw(grid(0, 2))) for x in places]
    return Curve.through(*points, below=draw(st.one_of(st.none(), grid(0, 1))))


@st.composite
def trees(draw, depth=2, weighted=False):
    weight = draw(grid(1, 50)) if weighted else None
    options = draw(limits())
    if depth == 0 or draw(st.booleans()):
        return Component(draw(st.sampled_from(["a", "b", "c"])), draw(payout_curves()), weight=weight, **options)
    combine = draw(st.sampled_from(["weighted", "sum", "product"]))
    by_weight = combine == "weighted" and draw(st.booleans())
    parts = draw(st.lists(trees(depth=depth - 1, weighted=by_weight), min_size=1, max_size=3))
    return Components(parts, combine, weight=weight, **options)


def rounded(x, rounding):
    scaled = x / rounding.to
    low = floor(scaled)
    rest = scaled - low
    away = scaled > 0
    up = {
        "floor": False,
        "ceiling": rest > 0,
        "up": rest > 0 and away,
        "down": rest > 0 and not away,
        "half_up": rest > HALF or (rest == HALF and away),
        "half_down": rest > HALF or (rest == HALF and not away),
        "half_even": rest > HALF or (rest == HALF and low % 2 == 1),
    }[rounding.mode]
    return (low + up) * rounding.to


def oracle(tree, facts):
    if isinstance(tree, Component):
        x = facts[tree.on]
        number = x if tree.curve is None else tree.curve.exact(x)
    else:
        parts = [oracle(part, facts) for part in tree.of]
        if tree.combine == "product":
            number = Fraction(1)
            for part in parts:
                number *= part
        elif tree.combine == "sum":
            number = sum(parts)
        else:
            weights = [1 if part.weight is None else part.weight for part in tree.of]
            number = Fraction(sum(w * x for w, x in zip(weights, parts, strict=True))) / sum(weights)
    for gate in tree.gates:
        if facts[gate.on] < gate.at_least:
            number = min(number, gate.cap)
    if tree.cap is not None:
        number = min(number, tree.cap)
    if tree.floor is not None:
        number = max(number, tree.floor)
    return number if tree.rounding is None else rounded(number, tree.rounding)


@settings(max_examples=100, deadline=None)
@given(tree=trees(), people=st.lists(st.tuples(grid(0, 2), grid(0, 2), grid(0, 2)), min_size=1, max_size=4))
def test_random_trees_give_exactly_what_the_oracle_gives(tree, people):
    columns = {name: [float(person[i]) for person in people] for i, name in enumerate("abc")}
    expected = [oracle(tree, dict(zip("abc", person, strict=True))) for person in people]
    assert values(tree, **columns) == expected
    plan = IncentivePlan("plan", currency="EUR", pays=[TargetBonus(10_000, multiplier=tree)], below_zero="keep")
    payouts = plan.pay(columns)
    assert payouts.minor.tolist() == [rounded(Fraction(1_000_000) * x, Rounding(to=1)) for x in expected]
    for row in range(len(people)):
        payouts.explain(row).check()


@settings(max_examples=25, deadline=None)
@given(tree=trees())
def test_random_trees_keep_the_house_rule(tree):
    check_policy(TargetBonus(10_000, multiplier=tree))


# What is refused.


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Components([]), "at least one component"),
        (lambda: Components(["a"]), "must hold components"),
        (lambda: Components([Component("a")], "mean"), "combine must be weighted, sum or product"),
        (lambda: Components([Component("a", weight=1), Component("b")]), "to all of its parts or to none"),
        (lambda: Components([Component("a", weight=1)], "sum"), "do not count where parts are combined by sum"),
        (lambda: Components([Component("a", weight=1)], "product"), "do not count"),
        (lambda: Component("a", weight=0), "weight must be positive"),
        (lambda: Component("a", weight=-1), "weight must be positive"),
        (lambda: Component("a", cap=1, floor=2), "must not be above its cap"),
        (lambda: Components([Component("a")], cap=1, floor=2), "must not be above its cap"),
        (lambda: Component("a", gates=Gate("g", cap=0.1, of="salary")), "caps a number, not money"),
        (lambda: Component("a", gates=Gate("g", cap="limit")), "caps a number, not money"),
        (lambda: Component("a", gates=["g"]), "must be gates"),
        (lambda: Component("a", cap=float("nan")), "finite"),
        (lambda: Component("a", rounding=Rounding(to=0)), "positive unit"),
        (lambda: Component(""), "name of a column"),
    ],
)
def test_components_that_cannot_mean_anything_are_refused(make, message):
    with pytest.raises(DefinitionError, match=message):
        make()


def test_every_column_is_needed_once_named_and_gates_too():
    plan = IncentivePlan(
        "plan",
        currency="EUR",
        pays=TargetBonus(1, multiplier=Components([Component("a", gates=Gate("g")), Component("b")])),
    )
    assert [(need.name, need.kind) for need in plan.needs()] == [("a", "number"), ("g", "flag"), ("b", "number")]
    with pytest.raises(DataError, match="'b'"):
        plan.pay({"a": [1], "g": [True]})
    with pytest.raises(DataError, match="must not be missing"):
        plan.pay({"a": [1, 2], "b": [1, None], "g": [True, True]})
