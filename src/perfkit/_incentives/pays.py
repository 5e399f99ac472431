"""Forms of pay: what makes an amount."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
from attrs import field, frozen

from perfkit._core import integers
from perfkit._core.checks import instance, optional_text, text
from perfkit._core.columns import BoolColumn, Need, Rows
from perfkit._core.integers import IntColumn
from perfkit._core.notebook import definition
from perfkit._core.numbers import plain
from perfkit._core.ratios import Ratios
from perfkit._incentives.factors import (
    AnyFactor,
    amount_along,
    amount_needs,
    as_amount,
    as_factor,
    as_optional_amount,
    as_optional_factor,
    factor_along,
    factor_needs,
    fitting,
    money_or_number,
    opaque,
    product_along,
    read_amount,
    read_factor,
    settle,
)
from perfkit.curves import Curve
from perfkit.errors import DefinitionError
from perfkit.explain import SILENT, AnyRecorder
from perfkit.money import CENT, Money, Rounding


def _refuse_taking(name: str, **typed: AnyFactor | None) -> None:
    """Nothing is taken by paying less than nothing."""
    for path, value in typed.items():
        if isinstance(value, Fraction) and value < 0:
            raise DefinitionError(
                f"{path} of {name!r} must not be negative (got {plain(value)}): pay that is not earned yet is lessened "
                "by Forfeit or Malus, pay that was paid is taken back by Recover, and earned wages are touched only by "
                "Deduct, with its legal basis and limits",
                path=path,
            )


@frozen
class TargetBonus:
    """A bonus as a share of a base, times how well the target was met: base x rate x multiplier.

    Args:
        base: the column of money that the bonus is a share of, or an amount.
        rate: the target rate, such as 0.15; a number, a column, or a table.
        multiplier: the score or factor that the target is multiplied by; a number, a column, or a table.
        curve: the payout curve from the multiplier's column to the factor that is paid.
        name: on the statement.
        rounding: of the line.

    Raises:
        DefinitionError: for a typed base, rate or multiplier below zero, or a curve without a multiplier.

    Example:
        >>> TargetBonus(base="salary", rate=0.15, multiplier="score").name
        'target bonus'
    """

    _repr_html_ = definition

    base: Fraction | str = field(converter=as_amount)
    rate: AnyFactor = field(default=Fraction(1), converter=as_factor)
    multiplier: AnyFactor | None = field(default=None, converter=as_optional_factor)
    curve: Curve | None = field(default=None, validator=instance(Curve, type(None)))
    name: str = field(default="target bonus", converter=text, kw_only=True)
    rounding: Rounding = field(default=CENT, validator=instance(Rounding), kw_only=True)

    def __attrs_post_init__(self) -> None:
        _refuse_taking(self.name, base=self.base, rate=self.rate, multiplier=self.multiplier)
        if self.curve is not None and self.multiplier is None:
            raise DefinitionError(f"{self.name!r} has a curve, so it needs a multiplier to read", path="multiplier")

    def needs(self) -> tuple[Need, ...]:
        """The columns that the bonus reads."""
        return amount_needs(self.base) + factor_needs(self.rate, self.multiplier)

    def award(self, rows: Rows, currency: str, record: AnyRecorder) -> IntColumn:
        """The bonus of each row."""
        record.says(relation="product")
        amount = read_amount(self.base, rows, currency, record, "base")
        if self.rate != 1:
            amount = amount.times(read_factor(self.rate, rows, record, "rate"))
        if self.multiplier is not None:
            amount = amount.times(self._multiplier(self.multiplier, rows, record))
        return settle(amount, self.rounding, currency, record)

    def along(self, column: str, rows: Rows, currency: str) -> Curve:
        """The bonus before rounding, in major units, as a function of one column."""
        paid = product_along(
            amount_along(self.base, column, rows, currency), factor_along(self.rate, column, rows), column
        )
        if self.multiplier is None:
            return paid
        multiplier = factor_along(self.multiplier, column, rows)
        return product_along(paid, multiplier if self.curve is None else multiplier.then(self.curve), column)

    def _multiplier(self, multiplier: AnyFactor, rows: Rows, record: AnyRecorder) -> Ratios:
        if self.curve is None:
            return read_factor(multiplier, rows, record, "multiplier")
        node = record.part("curve")
        x = read_factor(multiplier, rows, node, "multiplier")
        y = self.curve.ratios(x)
        if record:
            self.curve.record(node, x.fraction(0), y.fraction(0))
        return y


@frozen
class Commission:
    """A commission by a curve on what was sold, at a rate; over a quota, the curve is one of attainment.

    The scope is the row: a transaction by itself, a period's total (see :func:`perfkit.group_credits`), or, with
    ``so_far``, what each row adds to the year to date. The last pays the difference of two rounded totals, so the
    parts add up to the commission of the whole however transactions are batched.

    Args:
        on: the column of money that earns, or an amount.
        curve: from the amount, in major units, to the commission; with a quota, from attainment to multiples of the
            quota, so that ``Curve.marginal((0, 0.05), (1, 0.08))`` pays 5 % up to the quota and 8 % above it. All of
            the amount when not given.
        rate: what the curve is multiplied by; a number, a column, or a factor such as :class:`perfkit.RateRules`.
        quota: the column of money with each row's quota, or an amount; positive.
        ramp: the share of the quota that is asked for while someone starts; a number, a column, or a factor.
        so_far: the column of money with what was sold before this row in the same scope.
        name: on the statement.
        rounding: of the line.

    Example:
        >>> Commission(on="bookings", curve=Curve.marginal((0, 0.02), (500_000, 0.03))).name
        'commission'
    """

    _repr_html_ = definition

    on: Fraction | str = field(converter=as_amount)
    curve: Curve = field(factory=Curve.identity, validator=instance(Curve))
    rate: AnyFactor = field(default=Fraction(1), converter=as_factor, kw_only=True)
    quota: Fraction | str | None = field(default=None, converter=as_optional_amount, kw_only=True)
    ramp: AnyFactor | None = field(default=None, converter=as_optional_factor, kw_only=True)
    so_far: str | None = field(default=None, converter=optional_text, kw_only=True)
    name: str = field(default="commission", converter=text, kw_only=True)
    rounding: Rounding = field(default=CENT, validator=instance(Rounding), kw_only=True)

    def __attrs_post_init__(self) -> None:
        if isinstance(self.quota, Fraction) and self.quota <= 0:
            raise DefinitionError(f"quota of {self.name!r} must be positive (got {plain(self.quota)})", path="quota")
        if self.so_far is not None and self.so_far in (self.on, self.quota):
            raise DefinitionError(
                f"so_far of {self.name!r} must be another column (got {self.so_far!r})", path="so_far"
            )
        if self.ramp is not None and self.quota is None:
            raise DefinitionError(f"{self.name!r} ramps a quota, so it needs one", path="quota")

    def needs(self) -> tuple[Need, ...]:
        """The columns that the commission reads."""
        return amount_needs(self.on, self.quota, self.so_far) + factor_needs(self.rate, self.ramp)

    def award(self, rows: Rows, currency: str, record: AnyRecorder) -> IntColumn:
        """The commission of each row."""
        sold = read_amount(self.on, rows, currency, SILENT, "base")
        quota = self.quota_of(rows, currency)
        rate = read_factor(self.rate, rows, SILENT, "rate")
        if self.so_far is None:
            return settle(self._earned(sold, quota, rate, rows, currency, record), self.rounding, currency, record)
        before = read_amount(self.so_far, rows, currency, SILENT, "base")
        now = record.part("line", label=f"on {self.so_far} and {self.on}")
        then = record.part("line", label=f"on {self.so_far}")
        after = settle(self._earned(before.plus(sold), quota, rate, rows, currency, now), self.rounding, currency, now)
        paid = settle(self._earned(before, quota, rate, rows, currency, then), self.rounding, currency, then)
        if record:
            then.says("so_far", value=Money.from_minor(-int(paid[0]), currency), relation="from", so_far=self.so_far)
            record.says(relation="sum")
        return fitting(integers.add(after, integers.multiply(paid, -1)), currency)

    def along(self, column: str, rows: Rows, currency: str) -> Curve:
        """The commission before rounding, in major units, as a function of one column."""
        if column in (self.quota, self.so_far) or any(need.name == column for need in factor_needs(self.ramp)):
            raise opaque(self, column)
        quota = self.quota_of(rows, currency)
        curve = self.curve if quota is None else self.curve.stretch(quota.fraction(0), quota.fraction(0))
        if self.so_far is not None:
            curve = curve.after(read_amount(self.so_far, rows, currency, SILENT, "base").fraction(0))
        sold = amount_along(self.on, column, rows, currency)
        return product_along(sold.then(curve), factor_along(self.rate, column, rows), column)

    def takes(self, rows: Rows, currency: str) -> BoolColumn:
        """Where a commission below zero would be taken: on what was not returned, and mends no total that was paid."""
        sold = read_amount(self.on, rows, currency, SILENT, "base")
        kept = np.asarray(sold.numerator >= 0, dtype=np.bool_)
        if self.so_far is None:
            return kept
        in_all = read_amount(self.so_far, rows, currency, SILENT, "base").plus(sold)
        rate = read_factor(self.rate, rows, SILENT, "rate")
        total = self._earned(in_all, self.quota_of(rows, currency), rate, rows, currency, SILENT)
        return kept & np.asarray(total.numerator < 0, dtype=np.bool_)

    def quota_of(self, rows: Rows, currency: str) -> Ratios | None:
        """The quota that is asked of each row, ramped, in major units; None without one."""
        if self.quota is None:
            return None
        quota = read_amount(self.quota, rows, currency, SILENT, "quota")
        if self.ramp is not None:
            quota = quota.times(read_factor(self.ramp, rows, SILENT, "ramp"))
        name = next((source for source in (self.quota, self.ramp) if isinstance(source, str)), self.name)
        cure = "a row without a quota has no attainment"
        rows.require(np.asarray(quota.numerator > 0, dtype=np.bool_), name, "must give a positive quota", cure)
        return quota

    def _earned(
        self, sold: Ratios, quota: Ratios | None, rate: Ratios, rows: Rows, currency: str, record: AnyRecorder
    ) -> Ratios:
        earned = self.curve.ratios(sold) if quota is None else self.curve.per_quota(sold, quota)
        if record:
            asked = None if quota is None else quota.fraction(0)
            self._record(sold.fraction(0), asked, earned.fraction(0), currency, record)
        if self.rate == 1:
            return earned
        if record:
            record.says(relation="product")
            read_factor(self.rate, rows, record, "rate")
        return earned.times(rate)

    def _record(
        self, sold: Fraction, quota: Fraction | None, earned: Fraction, currency: str, record: AnyRecorder
    ) -> None:
        base = money_or_number(sold, currency)
        curve = record.part("curve")
        if quota is None:
            record.says(relation="sum")
            curve.leaf("base", base, label=str(self.on))
            self.curve.record(curve, sold, earned)
            return
        record.says(relation="product")
        attained = curve.part("attainment")
        attained.says(value=sold / quota)
        attained.leaf("base", base, label=str(self.on))
        attained.leaf("quota", money_or_number(quota, currency), label=str(self.quota))
        self.curve.record(curve, sold / quota, earned / quota)
        record.leaf("quota", money_or_number(quota, currency), label=str(self.quota))


@frozen
class FlatAmount:
    """A fixed amount for each row, or for each row that earns it: a spot award, a kicker, an allowance.

    Args:
        amount: as you would type it, 500 for 500 EUR, or a column of money.
        when: the column of true and false that says who gets it; everyone when not given.
        name: on the statement.
        rounding: of the line.

    Raises:
        DefinitionError: for a typed amount below zero; what is taken has types of its own.

    Example:
        >>> FlatAmount(500, when="reached_milestone").needs()
        (Need(name='reached_milestone', kind='flag', choices=()),)
    """

    _repr_html_ = definition

    amount: Fraction | str = field(converter=as_amount)
    when: str | None = field(default=None, converter=optional_text)
    name: str = field(default="flat amount", converter=text, kw_only=True)
    rounding: Rounding = field(default=CENT, validator=instance(Rounding), kw_only=True)

    def __attrs_post_init__(self) -> None:
        _refuse_taking(self.name, amount=self.amount)

    def needs(self) -> tuple[Need, ...]:
        """The columns that the amount reads."""
        when = () if self.when is None else (Need(self.when, "flag"),)
        return amount_needs(self.amount) + when

    def award(self, rows: Rows, currency: str, record: AnyRecorder) -> IntColumn:
        """The amount of each row."""
        record.says(relation="product")
        amount = read_amount(self.amount, rows, currency, record, "base")
        if self.when is not None:
            earned = rows.flag(self.when)
            amount = Ratios(amount.numerator * earned, amount.denominator)
            if record:
                record.leaf("when", int(earned[0]), label=self.when)
        return settle(amount, self.rounding, currency, record)

    def along(self, column: str, rows: Rows, currency: str) -> Curve:
        """The amount, in major units, as a function of one column."""
        amount = amount_along(self.amount, column, rows, currency)
        if self.when is None:
            return amount
        earned = Curve.steps((1, 1)) if self.when == column else Curve.constant(int(rows.flag(self.when)[0]))
        return product_along(amount, earned, column)
