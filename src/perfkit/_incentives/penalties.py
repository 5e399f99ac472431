"""Penalties on pay that nobody has yet: what is not earned (forfeit), and what is held and not vested (malus)."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
from attrs import field, frozen

from perfkit._core.checks import instance, optional_text, text
from perfkit._core.columns import BoolColumn, Need, Rows
from perfkit._core.integers import IntColumn
from perfkit._core.notebook import definition
from perfkit._core.numbers import plain
from perfkit._core.ratios import Ratios
from perfkit._incentives.factors import (
    AnyFactor,
    as_factor,
    factor_along,
    factor_needs,
    product_along,
    read_factor,
    settle,
)
from perfkit._incentives.ledger import Balances, Deferral
from perfkit.curves import Curve
from perfkit.errors import DefinitionError
from perfkit.explain import SILENT, AnyRecorder
from perfkit.money import CENT, Money, Rounding, minor_per_major


def _check_share(share: AnyFactor) -> None:
    if isinstance(share, Fraction) and not 0 <= share <= 1:
        raise DefinitionError(f"share must be between 0 and 1 (got {plain(share)})", path="share")


def _lost(
    amount: IntColumn, share: AnyFactor, on: str | None, rows: Rows, currency: str, rounding: Rounding, name: str
) -> IntColumn:
    """The part of each positive amount that a penalty takes, never more than there is."""
    parts = read_factor(share, rows, SILENT, "share")
    within = np.asarray(parts.numerator >= 0, dtype=np.bool_) & np.asarray(parts.numerator <= parts.denominator)
    column = share if isinstance(share, str) else name
    rows.require(np.asarray(within, dtype=np.bool_), column, "must be a share between 0 and 1", "0.2 is a fifth")
    there = np.maximum(amount, 0)
    lost = settle(Ratios(there, minor_per_major(currency)).times(parts), rounding, currency, SILENT)
    lost = np.minimum(lost, there)
    return lost if on is None else np.where(_where(on, rows), lost, 0)


def _where(on: str, rows: Rows) -> BoolColumn:
    return rows.flag(on)


@frozen
class Forfeit:
    """A share of an award that is not earned, because of what was done: it was never owed, and nothing is deducted.

    It is a step of a plan of incentive pay, on the award that is being computed. What is earned already, a wage above
    all, cannot be forfeited: that is a :class:`Deduct` with its legal basis.

    Args:
        share: of the award, 0 to 1; a number, a column, or a table such as a share by standing sanction.
        on: the column of true and false that says whether it applies; to everyone when not given.
        reason: for the statement.
        name: on the statement.
        rounding: of what is forfeited.

    Raises:
        DataError: at pay time, where a share is below 0 or above 1.

    Example:
        >>> from perfkit import FlatAmount, IncentivePlan, RateTable
        >>> by_sanction = RateTable("sanction", {"final warning": 0.5}, otherwise=0)
        >>> plan = IncentivePlan("bonus", currency="EUR", pays=[FlatAmount("award")], then=[Forfeit(by_sanction)])
        >>> plan.pay_one({"award": Money(5_000, "EUR"), "sanction": "final warning"}).amount
        Money('2,500.00 EUR')
    """

    _repr_html_ = definition

    share: AnyFactor = field(default=Fraction(1), converter=as_factor)
    on: str | None = field(default=None, converter=optional_text, kw_only=True)
    reason: str = field(default="", kw_only=True)
    name: str = field(default="forfeit", converter=text, kw_only=True)
    rounding: Rounding = field(default=CENT, validator=instance(Rounding), kw_only=True)

    def __attrs_post_init__(self) -> None:
        _check_share(self.share)

    def needs(self) -> tuple[Need, ...]:
        """The columns that the step reads."""
        return factor_needs(self.share) + ((Need(self.on, "flag"),) if self.on is not None else ())

    def adjust(self, amount: IntColumn, rows: Rows, currency: str, record: AnyRecorder) -> IntColumn:
        """What is left of each award."""
        lost = _lost(amount, self.share, self.on, rows, currency, self.rounding, self.name)
        if record:
            share = read_factor(self.share, rows, record, "forfeit_share").fraction(0)
            applies = self.on is None or bool(rows.flag(self.on)[0])
            record.says(
                "forfeit" if applies else "forfeit_none", share=share, reason=self.reason or self.on or self.name
            )
        return amount - lost

    def along(self, amount: Curve, column: str, rows: Rows, currency: str) -> Curve:
        """What is left before rounding as a function of one column."""
        lost = product_along(amount.floor(0), factor_along(self.share, column, rows), column)
        left = amount - lost
        if self.on == column:
            return amount.gate(Curve.steps((1, 0), below=1), closed=left)
        return left if self.on is None or rows.flag(self.on)[0] else amount


@frozen
class Malus:
    """A share of what a deferral holds that does not vest: the person loses it before it is paid.

    It stands before the deferral among the ``carry`` of a plan. What is to be paid in this very period has not vested
    either, so that it is reduced too. What was paid is beyond it: that is a :class:`Recover`. What does not vest
    leaves the books: paid + held - owed falls by it.

    Args:
        deferral: the deferral whose balances it reduces.
        share: of each balance, 0 to 1; a number, a column, or a table.
        on: the column of true and false that says whether it applies; to everyone when not given.
        reason: for the statement.
        name: on the statement.
        rounding: of what is lost of each balance.

    Raises:
        DataError: at pay time, where a share is below 0 or above 1.

    Example:
        >>> from perfkit import FlatAmount, IncentivePlan, Ledger
        >>> deferral = Deferral(0.6, over=3)
        >>> plan = IncentivePlan("bonus", currency="EUR", pays=[FlatAmount("award")],
        ...     carry=[Malus(deferral, 0.5, on="breach"), deferral])
        >>> first = {"who": ["ana"], "award": [100_000], "breach": [False]}
        >>> _, ledger = plan.pay_period(first, Ledger("EUR"), key="who")
        >>> paid, ledger = plan.pay_period({"who": ["ana"], "award": [0], "breach": [True]}, ledger, key="who")
        >>> paid.total, ledger.held("ana")
        (Money('100.00 EUR'), Money('200.00 EUR'))
    """

    _repr_html_ = definition

    deferral: Deferral = field(validator=instance(Deferral))
    share: AnyFactor = field(default=Fraction(1), converter=as_factor)
    on: str | None = field(default=None, converter=optional_text, kw_only=True)
    reason: str = field(default="", kw_only=True)
    name: str = field(default="malus", converter=text, kw_only=True)
    rounding: Rounding = field(default=CENT, validator=instance(Rounding), kw_only=True)

    def __attrs_post_init__(self) -> None:
        _check_share(self.share)

    def accounts(self) -> tuple[str, ...]:
        """The accounts of the deferral."""
        return self.deferral.accounts()

    def needs(self) -> tuple[Need, ...]:
        """The columns that it reads."""
        return factor_needs(self.share) + ((Need(self.on, "flag"),) if self.on is not None else ())

    def carry(
        self, earned: IntColumn, balances: Balances, rows: Rows, currency: str, record: AnyRecorder
    ) -> tuple[IntColumn, dict[str, IntColumn]]:
        """What was earned, unchanged, and what is left of the balances."""
        after, lost = {}, 0
        for account in self.accounts():
            held = balances[account]
            gone = _lost(held, self.share, self.on, rows, currency, self.rounding, self.name)
            after[account] = held - gone
            if record:
                lost += int(gone[0])
        if record:
            record.says(
                "malus",
                lost=Money.from_minor(lost, currency),
                held_after=Money.from_minor(sum(int(column[0]) for column in after.values()), currency),
                reason=self.reason or self.on or self.name,
            )
        return earned, after
