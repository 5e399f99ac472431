"""Forms of pay: what makes an amount."""

from __future__ import annotations

from fractions import Fraction

from attrs import field, frozen

from perfkit._core.columns import Need, Rows
from perfkit._core.integers import IntColumn
from perfkit._core.ratios import Ratios
from perfkit._incentives.factors import (
    AnyFactor,
    amount_needs,
    as_amount,
    as_factor,
    as_optional_amount,
    as_optional_factor,
    factor_needs,
    money_or_number,
    read_amount,
    read_factor,
    settle,
)
from perfkit.curves import Curve
from perfkit.errors import DefinitionError
from perfkit.explain import SILENT, AnyRecorder
from perfkit.money import CENT, Rounding


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

    Example:
        >>> TargetBonus(base="salary", rate=0.15, multiplier="score").name
        'target bonus'
    """

    base: Fraction | str = field(converter=as_amount)
    rate: AnyFactor = field(default=Fraction(1), converter=as_factor)
    multiplier: AnyFactor | None = field(default=None, converter=as_optional_factor)
    curve: Curve | None = None
    name: str = field(default="target bonus", kw_only=True)
    rounding: Rounding = field(default=CENT, kw_only=True)

    def __attrs_post_init__(self) -> None:
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
    """A commission by a curve on what was sold; over a quota, the curve is one of attainment.

    Args:
        on: the column of money that earns.
        curve: from the amount, in major units, to the commission; with a quota, from attainment to multiples of the
            quota, so that ``Curve.marginal((0, 0.05), (1, 0.08))`` pays 5 % up to the quota and 8 % above it.
        quota: the column of money with each row's quota, or an amount; positive.
        name: on the statement.
        rounding: of the line.

    Example:
        >>> Commission(on="bookings", curve=Curve.marginal((0, 0.02), (500_000, 0.03))).name
        'commission'
    """

    on: Fraction | str = field(converter=as_amount)
    curve: Curve
    quota: Fraction | str | None = field(default=None, converter=as_optional_amount)
    name: str = field(default="commission", kw_only=True)
    rounding: Rounding = field(default=CENT, kw_only=True)

    def __attrs_post_init__(self) -> None:
        if isinstance(self.quota, Fraction) and self.quota <= 0:
            raise DefinitionError(f"quota of {self.name!r} must be positive (got {self.quota})", path="quota")

    def needs(self) -> tuple[Need, ...]:
        """The columns that the commission reads."""
        return amount_needs(self.on, self.quota)

    def award(self, rows: Rows, currency: str, record: AnyRecorder) -> IntColumn:
        """The commission of each row."""
        if self.quota is None:
            node = record.part("curve")
            sold = read_amount(self.on, rows, currency, node, "base")
            earned = self.curve.ratios(sold)
            if record:
                record.says(relation="sum")
                self.curve.record(node, sold.fraction(0), earned.fraction(0))
            return settle(earned, self.rounding, currency, record)
        return self._over_quota(self.quota, rows, currency, record)

    def _over_quota(self, quota: Fraction | str, rows: Rows, currency: str, record: AnyRecorder) -> IntColumn:
        reached = read_amount(self.on, rows, currency, SILENT, "base")
        target = read_amount(quota, rows, currency, SILENT, "quota")
        if isinstance(quota, str):
            rows.require(rows.money(quota) > 0, quota, "must be positive", "a row without a quota has no attainment")
        earned = self.curve.per_quota(reached, target)
        if record:
            self._record_quota(reached.fraction(0), target.fraction(0), earned.fraction(0), currency, record)
        return settle(earned, self.rounding, currency, record)

    def _record_quota(
        self, reached: Fraction, target: Fraction, earned: Fraction, currency: str, record: AnyRecorder
    ) -> None:
        record.says(relation="product")
        curve = record.part("curve")
        attained = curve.part("attainment")
        attained.says(value=reached / target)
        attained.leaf("base", money_or_number(reached, currency), label=str(self.on))
        attained.leaf("quota", money_or_number(target, currency), label=str(self.quota))
        self.curve.record(curve, reached / target, earned / target)
        record.leaf("quota", money_or_number(target, currency), label=str(self.quota))


@frozen
class FlatAmount:
    """A fixed amount for each row, or for each row that earns it: a spot award, a kicker, an allowance.

    Args:
        amount: as you would type it, 500 for 500 EUR, or a column of money.
        when: the column of true and false that says who gets it; everyone when not given.
        name: on the statement.
        rounding: of the line.

    Example:
        >>> FlatAmount(500, when="reached_milestone").needs()
        (Need(name='reached_milestone', kind='flag', choices=()),)
    """

    amount: Fraction | str = field(converter=as_amount)
    when: str | None = None
    name: str = field(default="flat amount", kw_only=True)
    rounding: Rounding = field(default=CENT, kw_only=True)

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
