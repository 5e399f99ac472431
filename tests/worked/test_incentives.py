"""Published numbers of pay, one test a case: what a proxy statement, a contract or another system's tests print."""

import json
from datetime import date
from fractions import Fraction
from functools import wraps
from pathlib import Path

import numpy as np
import pytest

from perfkit import (
    Cap,
    Commission,
    Component,
    Components,
    Curve,
    DefinitionError,
    Draw,
    FlatAmount,
    Floor,
    Gate,
    IncentivePlan,
    Knot,
    Ledger,
    Money,
    Multiply,
    PayoutMatrix,
    PeerPercentile,
    Prorate,
    Rounding,
    Segment,
    TargetBonus,
    Timeline,
    allocate,
    day_count,
    minor_units,
)

F = Fraction
CASES = {case["id"]: case for case in json.loads(Path(__file__).with_name("incentives.json").read_text("utf-8"))}
COVERED = set()

DOLLAR = Rounding(to=1)
TENTH_OF_A_PERCENT = Rounding(to=0.001)


def numbers(published):
    """The published texts as fractions, nested as they are."""
    return [numbers(text) for text in published] if isinstance(published, list) else F(published)


def worked(name, source):
    """A test of one case, which is given what was published; the source is where the case says it is from."""
    COVERED.add(name)

    def wrap(test):
        @wraps(test)
        def run():
            case = CASES[name]
            assert source in case["source"]
            test(numbers(case["published"]))

        # Pytest must not look for a fixture of the wrapped test's argument.
        del run.__wrapped__
        return run

    return wrap


def usd(amount):
    return Money(amount, "USD")


def paid(*pays, then=(), **row):
    """What a plan pays one row in dollars: alone, in a batch of three, and explained."""
    plan = IncentivePlan("plan", currency="USD", pays=list(pays), then=list(then))
    alone = plan.pay_one(row)
    batch = plan.pay({name: [value] * 3 for name, value in row.items()} or {"n": [0] * 3})
    assert batch.minor.tolist() == [alone.minor] * len(batch)
    alone.explain().check()
    return F(alone.amount.amount)


def points(multiplier, curve=None, rounding=Rounding(), then=(), **row):  # noqa: B008
    """A payout in percent of a target: what a target of 100 dollars pays."""
    return paid(TargetBonus(base=100, multiplier=multiplier, curve=curve, rounding=rounding), then=then, **row)
