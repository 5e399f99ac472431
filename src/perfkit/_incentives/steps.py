"""Steps that change the amount so far: proration, gates, caps, floors and multipliers."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
from attrs import field, frozen

from perfkit._core.checks import instance, optional_text, text
from perfkit._core.columns import BoolColumn, Need, Rows
from perfkit._core.integers import IntColumn
from perfkit._core.notebook import definition
from perfkit._core.numbers import Number, exact, plain
from perfkit._core.ratios import Ratios
from perfkit._incentives.factors import (
    AnyFactor,
    amount_along,
    amount_needs,
    as_amount,
    as_factor,
    factor_along,
    factor_needs,
    opaque,
    product_along,
    read_amount,
    read_factor,
    settle,
)
from perfkit.curves import Curve
from perfkit.errors import DefinitionError
from perfkit.explain import SILENT, AnyRecorder
from perfkit.money import CENT, Money, Rounding, minor_per_major


@frozen
class Prorate:
    """The share of the period that was worked: amount x by / of.

    Args:
        by: the column of months, days or shares that were worked, or a number.
        of: the whole, a number or a column; 1 where ``by`` is a share already.
        name: on the statement.
        rounding: of the step.

    Raises:
        DataError: at pay time, where the share is below 0 or above 1.

    Example:
        >>> Prorate(by="months", of=12).name
        'prorate'
    """

    _repr_html_ = definition

    by: AnyFactor = field(converter=as_factor)
    of: AnyFactor = field(default=Fraction(1), converter=as_factor)
    name: str = field(default="prorate", converter=text, kw_only=True)
    rounding: Rounding = field(default=CENT, validator=instance(Rounding), kw_only=True)

    def __attrs_post_init__(self) -> None:
        if isinstance(self.of, Fraction) and self.of <= 0:
            raise DefinitionError(f"of must be positive (got {self.of})", path="of")
        if isinstance(self.by, Fraction) and isinstance(self.of, Fraction) and not 0 <= self.by <= self.of:
            raise DefinitionError(f"by must be between 0 and of (got {plain(self.by)} of {plain(self.of)})", path="by")

    def needs(self) -> tuple[Need, ...]:
        """The columns that the step reads."""
        return factor_needs(self.by, self.of)

    def adjust(self, amount: IntColumn, rows: Rows, currency: str, record: AnyRecorder) -> IntColumn:
        """The amount of each row for the time that was worked."""
        worked = read_factor(self.by, rows, SILENT, "by")
        whole = read_factor(self.of, rows, SILENT, "of")
        name = next((source for source in (self.by, self.of) if isinstance(source, str)), self.name)
        whole_name = self.of if isinstance(self.of, str) else name
        rows.require(np.asarray(whole.numerator > 0), whole_name, "must be positive to be a whole", "check of=")
        share = worked.over(whole)
        good = np.asarray(worked.numerator >= 0) & ~_above_one(share)
        rows.require(good, name, "must give a share between 0 and 1", "check by= and of=")
        if record:
            record.says("prorate", by=worked.fraction(0), of=whole.fraction(0))
        return settle(_money(amount, currency).times(share), self.rounding, currency, SILENT)

    def along(self, amount: Curve, column: str, rows: Rows, currency: str) -> Curve:
        """The amount before rounding as a function of one column."""
        if self.of == column:
            raise opaque(self, column)
        whole = read_factor(self.of, rows, SILENT, "of").fraction(0)
        return product_along(amount, factor_along(self.by, column, rows) * (1 / whole), column)


def _above_one(share: Ratios) -> BoolColumn:
    return np.asarray(share.numerator > share.denominator, dtype=np.bool_)


def _bound(value: Number | None) -> Fraction | None:
    return None if value is None else exact(value, what="a bound of a gate")


@frozen
class Gate:
    """A condition on the amount: where it is not met, at most a limit is paid, which is nothing unless said.

    Args:
        on: the column of true and false; with ``at_least`` or ``at_most``, a column of numbers.
        at_least: the least number that opens the gate.
        at_most: the greatest number that opens the gate.
        cap: what a closed gate still lets through: an amount, or with ``of`` a share of it.
        of: the column of money that ``cap`` is a share of.
        name: on the statement.

    Example:
        >>> Gate("compliant").cap
        Fraction(0, 1)
    """

    _repr_html_ = definition

    on: str = field(converter=text)
    at_least: Fraction | None = field(default=None, converter=_bound, kw_only=True)
    at_most: Fraction | None = field(default=None, converter=_bound, kw_only=True)
    cap: Fraction | str = field(default=Fraction(0), converter=as_amount, kw_only=True)
    of: str | None = field(default=None, converter=optional_text, kw_only=True)
    name: str = field(default="gate", converter=text, kw_only=True)
    rounding: Rounding = field(default=CENT, validator=instance(Rounding), kw_only=True)

    def __attrs_post_init__(self) -> None:
        if self.at_least is not None and self.at_most is not None and self.at_least > self.at_most:
            raise DefinitionError(f"gate {self.name!r} can never open: at_least is above at_most", path="at_least")

    @property
    def is_flag(self) -> bool:
        """Whether the gate asks for true or false."""
        return self.at_least is None and self.at_most is None

    def needs(self) -> tuple[Need, ...]:
        """The columns that the gate reads."""
        return (Need(self.on, "flag" if self.is_flag else "number"), *limit_needs(self.cap, self.of))

    def adjust(self, amount: IntColumn, rows: Rows, currency: str, record: AnyRecorder) -> IntColumn:
        """The amount of each row behind the gate."""
        is_open = self.opens(rows)
        limit = read_limit(self.cap, self.of, rows, currency, self.rounding)
        if record:
            seen = bool(is_open[0]) if self.is_flag else rows.exact(self.on).fraction(0)
            needed = {"at_least": self.at_least, "at_most": self.at_most}
            shown: dict[str, Any] = {name: bound for name, bound in needed.items() if bound is not None}
            record.says("gate_open" if is_open[0] else "gate_closed", on=self.on, seen=seen, **shown)
        return np.where(is_open, amount, np.minimum(amount, limit))

    def along(self, amount: Curve, column: str, rows: Rows, currency: str) -> Curve:
        """The amount behind the gate as a function of one column."""
        closed = _limit_along(self.cap, self.of, column, rows, currency)
        return self.gate_along(amount, closed, column, rows)

    def gate_along(self, curve: Curve, closed: Curve, column: str, rows: Rows) -> Curve:
        """A curve of a column behind the gate, with what it lets through when it is closed."""
        if self.on != column:
            return curve if self.opens(rows)[0] else curve.cap(closed)
        is_open = Curve.steps((1, 1)) if self.is_flag else Curve.constant(1)
        if self.at_least is not None:
            is_open = is_open.cap(Curve.steps((self.at_least, 1)))
        if self.at_most is not None:
            is_open = is_open.cap(1 - Curve.steps((self.at_most, 1), owner="lower"))
        return curve.gate(is_open, closed=closed)

    def opens(self, rows: Rows) -> BoolColumn:
        """Where the gate is open."""
        if self.is_flag:
            return rows.flag(self.on)
        seen = rows.exact(self.on)
        is_open = np.ones(rows.n, dtype=np.bool_)
        if self.at_least is not None:
            is_open &= seen.at_least(self.at_least)
        if self.at_most is not None:
            is_open &= seen.times(Fraction(-1)).at_least(-self.at_most)
        return is_open


@frozen
class Cap:
    """At most so much: an amount, a column, or a share of a column.

    Args:
        limit: an amount as typed or a column of money; with ``of``, a share.
        of: the column of money that the limit is a share of.
        name: on the statement.
        rounding: of the limit.

    Example:
        >>> Cap(0.30, of="salary").needs()
        (Need(name='salary', kind='money', choices=()),)
    """

    _repr_html_ = definition

    limit: Fraction | str = field(converter=as_amount)
    of: str | None = field(default=None, converter=optional_text)
    name: str = field(default="cap", converter=text, kw_only=True)
    rounding: Rounding = field(default=CENT, validator=instance(Rounding), kw_only=True)

    def __attrs_post_init__(self) -> None:
        if isinstance(self.limit, Fraction) and self.limit < 0:
            raise DefinitionError(f"a cap must not be negative (got {plain(self.limit)})", path="limit")

    def needs(self) -> tuple[Need, ...]:
        """The columns that the cap reads."""
        return limit_needs(self.limit, self.of)

    def adjust(self, amount: IntColumn, rows: Rows, currency: str, record: AnyRecorder) -> IntColumn:
        """The lesser of the amount and the limit."""
        limit = read_limit(self.limit, self.of, rows, currency, self.rounding)
        if record:
            record.says("cap", limit=Money.from_minor(int(limit[0]), currency))
        return np.minimum(amount, limit)

    def along(self, amount: Curve, column: str, rows: Rows, currency: str) -> Curve:
        """The capped amount as a function of one column."""
        return amount.cap(_limit_along(self.limit, self.of, column, rows, currency))


@frozen
class Floor:
    """At least so much: an amount, a column, or a share of a column.

    Args:
        limit: an amount as typed or a column of money; with ``of``, a share.
        of: the column of money that the limit is a share of.
        name: on the statement.
        rounding: of the limit.

    Example:
        >>> Floor("guarantee").name
        'floor'
    """

    _repr_html_ = definition

    limit: Fraction | str = field(converter=as_amount)
    of: str | None = field(default=None, converter=optional_text)
    name: str = field(default="floor", converter=text, kw_only=True)
    rounding: Rounding = field(default=CENT, validator=instance(Rounding), kw_only=True)

    def needs(self) -> tuple[Need, ...]:
        """The columns that the floor reads."""
        return limit_needs(self.limit, self.of)

    def adjust(self, amount: IntColumn, rows: Rows, currency: str, record: AnyRecorder) -> IntColumn:
        """The greater of the amount and the limit."""
        limit = read_limit(self.limit, self.of, rows, currency, self.rounding)
        if record:
            record.says("floor", limit=Money.from_minor(int(limit[0]), currency))
        return np.maximum(amount, limit)

    def along(self, amount: Curve, column: str, rows: Rows, currency: str) -> Curve:
        """The raised amount as a function of one column."""
        return amount.floor(_limit_along(self.limit, self.of, column, rows, currency))


@frozen
class Multiply:
    """The amount times a factor: a company modifier, an individual one.

    Args:
        by: a number, a column, or a table.
        name: on the statement.
        rounding: of the step.

    Example:
        >>> Multiply("company_factor").name
        'multiply'
    """

    _repr_html_ = definition

    by: AnyFactor = field(converter=as_factor)
    name: str = field(default="multiply", converter=text, kw_only=True)
    rounding: Rounding = field(default=CENT, validator=instance(Rounding), kw_only=True)

    def needs(self) -> tuple[Need, ...]:
        """The columns that the step reads."""
        return factor_needs(self.by)

    def adjust(self, amount: IntColumn, rows: Rows, currency: str, record: AnyRecorder) -> IntColumn:
        """The amount of each row times its factor."""
        factor = read_factor(self.by, rows, record, "factor")
        if record:
            record.says("multiply", factor=factor.fraction(0))
        return settle(_money(amount, currency).times(factor), self.rounding, currency, SILENT)

    def along(self, amount: Curve, column: str, rows: Rows, currency: str) -> Curve:
        """The multiplied amount before rounding as a function of one column."""
        return product_along(amount, factor_along(self.by, column, rows), column)


@frozen
class Round:
    """A rounding that the plan itself states: to the dollar, to 100, up or down.

    Args:
        rounding: to what, and how.
        name: on the statement.

    Example:
        >>> Round(Rounding(to=100, mode="up")).name
        'round'
    """

    _repr_html_ = definition

    rounding: Rounding = field(validator=instance(Rounding))
    name: str = field(default="round", converter=text, kw_only=True)

    def needs(self) -> tuple[Need, ...]:
        """Nothing."""
        return ()

    def adjust(self, amount: IntColumn, rows: Rows, currency: str, record: AnyRecorder) -> IntColumn:
        """The rounded amount of each row."""
        if record:
            to = Money.from_minor(self.rounding.unit(currency), currency)
            record.says("rounding", mode=self.rounding.mode, to=to)
        return settle(_money(amount, currency), self.rounding, currency, SILENT)

    def along(self, amount: Curve, column: str, rows: Rows, currency: str) -> Curve:
        """The amount itself: what a curve shows is before rounding."""
        return amount


def _money(amount: IntColumn, currency: str) -> Ratios:
    return Ratios(amount, minor_per_major(currency))


def limit_needs(limit: Fraction | str, of: str | None) -> tuple[Need, ...]:
    """The columns that a limit reads: an amount, or a share of another."""
    if of is None:
        return amount_needs(limit)
    return factor_needs(limit) + amount_needs(of)


def read_limit(limit: Fraction | str, of: str | None, rows: Rows, currency: str, rounding: Rounding) -> IntColumn:
    """A limit of each row in minor units: an amount, or a share of another."""
    if of is None:
        exact_limit = read_amount(limit, rows, currency, SILENT, "limit")
    else:
        share = read_factor(limit, rows, SILENT, "limit")
        exact_limit = read_amount(of, rows, currency, SILENT, "of").times(share)
    return settle(exact_limit, rounding, currency, SILENT)


def _limit_along(limit: Fraction | str, of: str | None, column: str, rows: Rows, currency: str) -> Curve:
    if of is None:
        return amount_along(limit, column, rows, currency)
    return product_along(amount_along(of, column, rows, currency), factor_along(limit, column, rows), column)
