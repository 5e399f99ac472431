"""Steps: proration, gates, caps, floors and multipliers."""

from fractions import Fraction

import numpy as np
import pytest

from perfkit import (
    Cap,
    DataError,
    DefinitionError,
    FlatAmount,
    Floor,
    Gate,
    IncentivePlan,
    Money,
    Multiply,
    Prorate,
    RateTable,
    Rounding,
)


def plan_of(*steps, **options):
    # Steps are looked at on any amount, those below zero too.
    options = {"below_zero": "keep", **options}
    return IncentivePlan("plan", currency="EUR", pays=[FlatAmount("amount")], then=list(steps), **options)


def after(step, **columns):
    payouts = plan_of(step).pay(columns)
    for row in range(len(payouts)):
        explanation = payouts.explain(row)
        explanation.check()
        assert explanation.value == payouts[row].amount
    return payouts.minor.tolist()


# Prorate.


@pytest.mark.parametrize(
    ("step", "columns", "expected"),
    [
        (Prorate(by="months", of=12), {"months": [12, 6, 0, 1]}, [1_000, 500, 0, 83]),
        (Prorate(by="share"), {"share": [1.0, 0.5, 0.0, 0.0835]}, [1_000, 500, 0, 84]),
        (Prorate(by="days", of="whole"), {"days": [1, 2, 0, 7], "whole": [2, 3, 5, 7]}, [500, 667, 0, 1_000]),
        (Prorate(by=3, of=4), {}, [750] * 4),
        (Prorate(by=3, of="whole"), {"whole": [3, 4.5, 6, 30]}, [1_000, 667, 500, 100]),
        (Prorate(by="months", of=12, rounding=Rounding(to=1)), {"months": [12, 6, 0, 1]}, [1_000, 500, 0, 100]),
        (Prorate(by="months", of=12, rounding=Rounding(mode="up")), {"months": [12, 6, 0, 1]}, [1_000, 500, 0, 84]),
    ],
)
def test_proration_pays_the_share_that_was_worked(step, columns, expected):
    assert after(step, amount=[1_000] * 4, **columns) == expected


@pytest.mark.parametrize("share", [-0.01, 1.000001, 13])
def test_a_share_outside_of_0_to_1_is_refused_by_row(share):
    with pytest.raises(DataError, match="between 0 and 1: row 1; check by= and of=") as caught:
        plan_of(Prorate(by="share")).pay({"amount": [1, 1], "share": [0.5, share]})
    assert caught.value.rows == (1,)


def test_more_than_the_whole_is_refused_by_row():
    with pytest.raises(DataError, match="between 0 and 1: row 1"):
        plan_of(Prorate(by="days", of="whole")).pay({"amount": [1, 1], "days": [3, 3], "whole": [3, 2]})


@pytest.mark.parametrize("whole", [0, -3])
def test_a_whole_that_is_not_positive_is_refused(whole):
    with pytest.raises(DefinitionError, match="of must be positive"):
        Prorate(by="days", of=whole)
    with pytest.raises(DataError, match="must be positive to be a whole: row 1; check of=") as caught:
        plan_of(Prorate(by="days", of="whole")).pay({"amount": [1, 1], "days": [3, 3], "whole": [3, whole]})
    assert caught.value.column == "whole"


@pytest.mark.parametrize("missing", ["refuse", "unpaid"])
def test_a_share_past_a_block_is_named_in_the_rows_of_the_caller(missing):
    share = np.ones(70_000)
    share[65_537] = 2
    amount = np.ones(70_000, dtype=object)
    amount[[5, 65_536]] = None if missing == "unpaid" else 1
    with pytest.raises(DataError, match="row 65537;") as caught:
        plan_of(Prorate(by="share"), missing=missing).pay({"amount": amount, "share": share})
    assert caught.value.rows == (65_537,)


def test_proration_is_explained_by_what_was_worked():
    part = plan_of(Prorate(by="months", of=12)).pay({"amount": [1_000], "months": [6]}).explain(0)["prorate"]
    assert part.params == {"by": Fraction(6), "of": Fraction(12)}
    assert part.value == Money("-5.00 EUR")


# Gate.


@pytest.mark.parametrize(
    ("step", "columns", "expected"),
    [
        (Gate("open"), {"open": [True, False, False]}, [1_000, 0, -5]),
        (Gate("open", cap=2), {"open": [True, False, False]}, [1_000, 200, -5]),
        (Gate("open", cap="most"), {"open": [True, False, False], "most": [1, 3, 3]}, [1_000, 3, -5]),
        (Gate("open", cap=0.1, of="base"), {"open": [True, False, False], "base": [1, 25, 3]}, [1_000, 3, -5]),
        (
            Gate("open", cap=0.1, of="base", rounding=Rounding(mode="down")),
            {"open": [0] * 3, "base": [1, 25, 3]},
            [0, 2, -5],
        ),
        (Gate("score", at_least=0.8), {"score": [0.8, 0.799999, 0.9]}, [1_000, 0, -5]),
        (Gate("score", at_most=0.8), {"score": [0.8, 0.800001, 0.9]}, [1_000, 0, -5]),
        (Gate("score", at_least=0.5, at_most=0.8), {"score": [0.5, 0.9, 0.1]}, [1_000, 0, -5]),
        (Gate("score", at_least=Fraction(1, 3)), {"score": [0.333334, 0.333333, 0.9]}, [1_000, 0, -5]),
        (Gate("score", at_least=1, at_most=1), {"score": [1, 2, 0]}, [1_000, 0, -5]),
    ],
)
def test_a_closed_gate_lets_at_most_its_cap_through(step, columns, expected):
    assert after(step, amount=[1_000, 1_000, -5], **columns) == expected


def test_a_gate_that_can_never_open_is_refused():
    with pytest.raises(DefinitionError, match="gate 'gate' can never open: at_least is above at_most"):
        Gate("score", at_least=0.8, at_most=0.7)


@pytest.mark.parametrize("bound", ["0.8", float("nan"), True])
def test_a_bound_that_is_no_number_is_refused(bound):
    with pytest.raises(DefinitionError, match="a bound of a gate must be"):
        Gate("score", at_least=bound)


@pytest.mark.parametrize("on", ["", 5, None])
def test_a_gate_is_on_a_named_column(on):
    with pytest.raises(DefinitionError, match="must be a text that is not empty"):
        Gate(on)


@pytest.mark.parametrize(
    ("step", "columns", "code", "params"),
    [
        (Gate("ok"), {"ok": [True]}, "gate_open", {"on": "ok", "seen": True}),
        (Gate("ok"), {"ok": [False]}, "gate_closed", {"on": "ok", "seen": False}),
        (
            Gate("s", at_least=0.8),
            {"s": [0.7]},
            "gate_closed",
            {"on": "s", "seen": Fraction(7, 10), "at_least": Fraction(4, 5)},
        ),
    ],
)
def test_a_gate_says_whether_it_is_open_and_what_it_saw(step, columns, code, params):
    part = plan_of(step).pay({"amount": [100], **columns}).explain(0)["gate"]
    assert (part.code, part.params) == (code, params)


# Cap and floor.


@pytest.mark.parametrize(
    ("step", "columns", "expected"),
    [
        (Cap(5), {}, [500, 500, -5]),
        (Cap("most"), {"most": [700, 2_000, -7]}, [700, 1_000, -7]),
        (Cap(0.3, of="base"), {"base": [1_005, 10_000, 100]}, [302, 1_000, -5]),
        (Cap("share", of="base"), {"share": [0.5, 1, 0], "base": [100, 100, 1]}, [50, 100, -5]),
        (Cap(0.3, of="base", rounding=Rounding(mode="down")), {"base": [1_005, 10_000, 100]}, [301, 1_000, -5]),
        (Floor(5), {}, [1_000, 1_000, 500]),
        (Floor("least"), {"least": [700, 2_000, -7]}, [1_000, 2_000, -5]),
        (Floor(0.3, of="base"), {"base": [1_005, 10_000, 100]}, [1_000, 3_000, 30]),
    ],
)
def test_a_cap_is_never_exceeded_and_a_floor_always_reached(step, columns, expected):
    assert after(step, amount=[1_000, 1_000, -5], **columns) == expected


def test_a_cap_and_a_floor_say_their_limit():
    explanation = plan_of(Cap(5), Floor("least")).pay({"amount": [900], "least": [600]}).explain(0)
    assert explanation["cap"].params == {"limit": Money("5.00 EUR")}
    assert explanation["cap"].value == Money("-4.00 EUR")
    assert explanation["floor"].params == {"limit": Money("6.00 EUR")}
    assert explanation["floor"].value == Money("1.00 EUR")


@pytest.mark.parametrize("make", [Cap, Floor])
@pytest.mark.parametrize("limit", [None, True, float("inf"), " "])
def test_a_limit_that_is_no_amount_is_refused(make, limit):
    with pytest.raises(DefinitionError, match="an amount must be"):
        make(limit)


# Multiply.


@pytest.mark.parametrize(
    ("step", "columns", "expected"),
    [
        (Multiply(0.596), {}, [596, 596, -3]),
        (Multiply("factor"), {"factor": [1.5, 0, -1]}, [1_500, 0, 5]),
        (Multiply(RateTable("r", {"a": 2, "b": 0.5})), {"r": ["a", "b", "b"]}, [2_000, 500, -3]),
        (Multiply(0.5, rounding=Rounding(mode="half_even")), {}, [500, 500, -2]),
    ],
)
def test_a_factor_multiplies_the_amount_so_far(step, columns, expected):
    assert after(step, amount=[1_000, 1_000, -5], **columns) == expected


def test_a_factor_is_explained():
    part = plan_of(Multiply("factor")).pay({"amount": [1_000], "factor": [1.5]}).explain(0)["multiply"]
    assert part.params == {"factor": Fraction(3, 2)}
    assert part.value == Money("5.00 EUR")
    assert [inner.label for inner in part.parts] == ["factor"]


@pytest.mark.parametrize(
    ("step", "columns"),
    [
        (Multiply(3), {}),
        (Multiply("f"), {"f": [1.0, 2.5]}),
        (Cap("s", of="amount"), {"s": [1.0, 3.0]}),
        (Floor(3, of="amount"), {}),
    ],
)
def test_an_amount_past_int64_raises_and_never_wraps(step, columns):
    with pytest.raises(DataError, match="does not fit int64 minor units of EUR"):
        plan_of(step).pay({"amount": [1, 2**62], **columns})


def test_steps_are_taken_in_their_order():
    amount = {"amount": [1_000]}
    assert plan_of(Multiply(2), Cap(15)).pay(amount).minor.tolist() == [1_500]
    assert plan_of(Cap(15), Multiply(2)).pay(amount).minor.tolist() == [2_000]
