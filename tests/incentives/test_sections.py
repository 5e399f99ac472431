"""Sections of pay: several forms as one line, with steps of their own."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from perfkit import (
    Cap,
    Commission,
    Curve,
    DataError,
    DefinitionError,
    FlatAmount,
    Floor,
    Gate,
    IncentivePlan,
    Multiply,
    PaySection,
    Round,
    Rounding,
    TargetBonus,
)
from perfkit.testing import check_policy
from perfkit.typing import PayPolicy

TEAM = PaySection(
    "team",
    pays=[
        Commission("sold", Curve.marginal((0, 0.05), (1_000, 0.1))),
        TargetBonus("salary", 0.1, "score", name="team bonus"),
    ],
    then=[Gate("safe"), Cap(300)],
)


def plan_of(*pays, then=()):
    return IncentivePlan("plan", currency="EUR", pays=list(pays), then=list(then), below_zero="keep")


def test_a_section_is_a_form_of_pay():
    assert isinstance(TEAM, PayPolicy)
    assert [need.name for need in TEAM.needs()] == ["sold", "salary", "score", "safe"]
    check_policy(TEAM)
    check_policy(PaySection("nested", pays=[TEAM, FlatAmount(10)], then=Round(Rounding(to=5))))


def test_the_steps_of_a_section_change_only_the_section():
    plan = plan_of(TEAM, FlatAmount(1_000, name="own"), then=[Cap(1_200)])
    people = {
        "sold": [100_000, 200_000, 200_000, 0],
        "salary": [100_000, 100_000, 300_000, 0],
        "score": [1.0, 0.5, 1.0, 1.0],
        "safe": [True, True, True, False],
    }
    # 50 + 100; 150 + 50; 150 + 300 capped at 300, and the whole at 1,200; the gate of the section alone.
    assert plan.pay(people).minor.tolist() == [115_000, 120_000, 120_000, 100_000]


def test_the_explanation_of_a_section_is_a_line_with_lines_of_its_own():
    payouts = plan_of(TEAM).pay({"sold": [200_000], "salary": [300_000], "score": [1.0], "safe": [True]})
    explanation = payouts.explain(0)
    explanation.check()
    section = explanation["team"]
    assert section.relation == "sum"
    assert [(part.label, part.value.minor) for part in section.parts] == [
        ("commission", 15_000),
        ("team bonus", 30_000),
        ("gate", 0),
        ("cap", -15_000),
    ]


def test_names_are_unique_within_a_section_and_within_a_plan():
    with pytest.raises(DefinitionError, match="different names"):
        PaySection("team", pays=[FlatAmount(1), FlatAmount(2)])
    with pytest.raises(DefinitionError, match="different names"):
        plan_of(PaySection("a", pays=FlatAmount(1)), PaySection("a", pays=FlatAmount(2)))
    # What a section calls its lines is its own affair.
    first = PaySection("a", pays=FlatAmount(1), then=Cap(5))
    assert plan_of(first, PaySection("b", pays=FlatAmount(2), then=Cap(1)), FlatAmount(4)).pay_one({}).minor == 600


@pytest.mark.parametrize(
    ("pays", "then", "message"),
    [
        ([], [], "must pay something"),
        ([Cap(1)], [], "members of PayPolicy"),
        ([FlatAmount(1)], [FlatAmount(2, name="b")], "members of PayStep"),
    ],
)
def test_sections_that_cannot_mean_anything_are_refused(pays, then, message):
    with pytest.raises(DefinitionError, match=message):
        PaySection("team", pays=pays, then=then)


def test_a_sum_of_a_section_past_int64_is_refused():
    with pytest.raises(DataError, match="does not fit int64"):
        plan_of(PaySection("a", pays=[FlatAmount("x"), FlatAmount("y", name="b")])).pay({"x": [2**62], "y": [2**62]})


cents = st.integers(-1_000, 100_000)


@settings(max_examples=60, deadline=None)
@given(
    people=st.lists(st.tuples(cents, cents, st.booleans()), min_size=1, max_size=5),
    cap=st.integers(0, 1_500),
    floor=st.integers(-20, 500),
    factor=st.integers(0, 4),
)
def test_a_section_pays_what_a_plan_of_its_lines_pays(people, cap, floor, factor):
    pays = [FlatAmount("a"), FlatAmount("b", name="second")]
    then = [Multiply(factor), Gate("g", cap=7), Cap(cap), Floor(floor)]
    a, b, g = (list(column) for column in zip(*people, strict=True))
    data = {"a": a, "b": b, "g": g}
    inside = plan_of(PaySection("s", pays=pays, then=then)).pay(data)
    assert np.array_equal(inside.minor, plan_of(*pays, then=then).pay(data).minor)
    for row, (x, y, is_open) in enumerate(people):
        amount = (x + y) * factor
        amount = amount if is_open else min(amount, 700)
        assert inside.minor[row] == max(min(amount, cap * 100), floor * 100)
        inside.explain(row).check()


def test_a_section_is_the_curve_of_its_lines():
    given = {"salary": 100_000, "score": 1, "safe": True}
    curve = plan_of(TEAM).curve("sold", given)
    assert [curve(x) for x in (0, 1_000, 2_000, 3_000, 4_000)] == [100.0, 150.0, 250.0, 300.0, 300.0]
    assert plan_of(TEAM).curve("safe", {**given, "sold": 100_000})([0, 1]).tolist() == [0.0, 150.0]
