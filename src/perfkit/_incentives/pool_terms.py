"""What a share of a pool is made of besides the fund, row by row: weight, floor, cap, and who takes part."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from perfkit._core.columns import BoolColumn, Rows
from perfkit._core.integers import IntColumn
from perfkit._core.ratios import Ratios
from perfkit._incentives.cohort import check_one_currency
from perfkit._incentives.cuts import UNLIMITED, one_denominator
from perfkit._incentives.factors import AnyFactor, fitting, money_or_number, read_factor
from perfkit._incentives.steps import read_limit
from perfkit.explain import SILENT, AnyRecorder

if TYPE_CHECKING:
    from perfkit._incentives.pools import Pool


def factor_name(factor: AnyFactor) -> str:
    """What a factor goes by in an error."""
    return factor if isinstance(factor, str) else str(getattr(factor, "name", "weight"))


# A currency to count in where a pool does not say its own; no amount is shown in it.
ANY_OF_HUNDREDTHS = "EUR"


class Terms(NamedTuple):
    """The weight, the floor and the cap of each row, the last two in units, and who takes part."""

    weights: Ratios
    floors: IntColumn
    caps: IntColumn
    taking: BoolColumn


def terms(pool: Pool, rows: Rows) -> Terms:
    """What a share is made of besides the fund."""
    check_one_currency(rows, [need for need in pool.needs() if need.kind == "money"], pool.currency)
    weights = one_denominator(weight_of(pool, rows, SILENT))
    good = np.asarray(weights.numerator >= 0, dtype=np.bool_)
    rows.require(good, factor_name(pool.by), "must give weights that are not negative", "floor them at 0")
    floor: IntColumn | None = None
    cap: IntColumn | None = None
    floors = np.zeros(rows.n, dtype=np.int64)
    caps = np.full(rows.n, UNLIMITED, dtype=np.int64)
    currency = pool.currency or ANY_OF_HUNDREDTHS
    if pool.floor is not None:
        floor = read_limit(pool.floor.limit, pool.floor.of, rows, currency, pool.floor.rounding)
        floors = -(-np.maximum(floor, 0) // pool.step)
    if pool.cap is not None:
        cap = read_limit(pool.cap.limit, pool.cap.of, rows, currency, pool.cap.rounding)
        rows.require(cap >= 0, str(pool.cap.of or pool.cap.limit), "must not be negative as a cap", "check the cap")
        caps = cap // pool.step
    if pool.value_cap is not None:
        most = weights.times(pool.value_cap).rounded(Fraction(pool.step, pool.scale), "floor")
        caps = np.minimum(caps, fitting(most, currency))
    taking = np.ones(rows.n, dtype=np.bool_) if pool.eligible is None else rows.flag(pool.eligible)
    limits = [limit.of or limit.limit for limit in (pool.floor, pool.cap) if limit is not None]
    name = next((limit for limit in limits if isinstance(limit, str)), factor_name(pool.by))
    if floor is not None and cap is not None:
        rows.require(
            ~taking | (floor <= cap), name, "must not give a floor above the cap", "lower the floor or raise the cap"
        )
    floors, caps = floors * taking, np.where(taking, caps, 0)
    weights = Ratios(weights.numerator * taking, weights.denominator)
    rows.require(
        floors <= caps, name, "must leave a whole number of units between floor and cap", "raise the cap or the unit"
    )
    return Terms(weights, floors, caps, taking)


def weight_of(pool: Pool, rows: Rows, record: AnyRecorder) -> Ratios:
    """The weight of each row."""
    weights = read_factor(pool.by, rows, record, "factor")
    if pool.of is not None:
        money = Ratios(rows.money(pool.of), pool.scale)
        if record:
            amount = money.fraction(0)
            record.leaf("base", money_or_number(amount, pool.currency) if pool.currency else amount, label=pool.of)
        weights = weights.times(money)
    return weights
