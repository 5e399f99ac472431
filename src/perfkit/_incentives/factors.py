"""Numbers and amounts that a policy reads: typed, from a column, or from a factor of any kind."""

from __future__ import annotations

from fractions import Fraction
from typing import cast

from perfkit._core import integers
from perfkit._core.columns import Need, Rows
from perfkit._core.integers import AnyIntColumn, IntColumn
from perfkit._core.numbers import Number, exact_or_column, plain
from perfkit._core.ratios import Ratios
from perfkit.curves import Curve
from perfkit.errors import DataError, DefinitionError, NotAffineError
from perfkit.explain import SILENT, AnyRecorder
from perfkit.money import Money, Rounding, minor_per_major
from perfkit.typing import Factor

AnyFactor = Fraction | str | Factor


def as_factor(value: Number | str | Factor) -> AnyFactor:
    """A typed number, the name of a column, or an object that is a factor, as a policy holds it."""
    if isinstance(value, (str, int, float)) or not isinstance(value, Factor):
        return exact_or_column(value, what="a factor")
    return value


def as_optional_factor(value: Number | str | Factor | None) -> AnyFactor | None:
    """A factor, or none."""
    return None if value is None else as_factor(value)


def as_amount(value: Number | str) -> Fraction | str:
    """An amount of money as typed, in major units, or the name of a column of minor units."""
    if isinstance(value, Money):
        raise DefinitionError(
            f"an amount must be typed in major units, here {plain(value.exact)}; its currency is that of the whole "
            f"(got {value!r})"
        )
    return exact_or_column(value, what="an amount")


def as_optional_amount(value: Number | str | None) -> Fraction | str | None:
    """An amount, or none."""
    return None if value is None else as_amount(value)


def factor_needs(*factors: AnyFactor | None) -> tuple[Need, ...]:
    """The columns that factors read."""
    needs: list[Need] = []
    for factor in factors:
        if isinstance(factor, str):
            needs.append(Need(factor, "number"))
        elif isinstance(factor, Factor):
            needs.extend(factor.needs())
    return tuple(needs)


def amount_needs(*amounts: Fraction | str | None) -> tuple[Need, ...]:
    """The columns that amounts read."""
    return tuple(Need(amount, "money") for amount in amounts if isinstance(amount, str))


def read_factor(factor: AnyFactor, rows: Rows, record: AnyRecorder, code: str) -> Ratios:
    """A factor of each row, exact, recorded as one part."""
    if isinstance(factor, Fraction):
        values, label = Ratios.constant(factor, rows.n), "fixed"
    elif isinstance(factor, str):
        values, label = rows.exact(factor), factor
    else:
        return factor.exact(rows, record)
    if record:
        record.leaf(code, values.fraction(0), label=label)
    return values


def read_amount(amount: Fraction | str, rows: Rows, currency: str, record: AnyRecorder, code: str) -> Ratios:
    """An amount of each row in major units, exact, recorded as one part."""
    scale = minor_per_major(currency)
    if isinstance(amount, Fraction):
        values, label = Ratios.constant(amount, rows.n), "fixed amount"
    else:
        values, label = Ratios(rows.money(amount), scale), amount
    if record:
        record.leaf(code, money_or_number(values.fraction(0), currency), label=label)
    return values


def money_or_number(value: Fraction, currency: str) -> Money | Fraction:
    """Money where a number of major units is a whole number of minor units; else the number itself."""
    minor = value * minor_per_major(currency)
    return Money.from_minor(minor.numerator, currency) if minor.denominator == 1 else value


def fitting(minor: AnyIntColumn, currency: str) -> IntColumn:
    """Amounts as int64 minor units.

    Raises:
        DataError: if one of them does not fit.
    """
    narrow = integers.narrow(minor)
    if narrow is None:
        raise DataError(f"an amount does not fit int64 minor units of {currency}; check the units of the columns")
    return narrow


def settle(amounts: Ratios, rounding: Rounding, currency: str, record: AnyRecorder) -> IntColumn:
    """Exact amounts in major units as minor units, rounded once, the rounding recorded as a part of its own.

    Raises:
        DataError: if an amount does not fit int64.
    """
    minor = fitting(rounding.column(amounts, currency), currency)
    if record:
        exact_amount = amounts.fraction(0)
        paid = Money.from_minor(int(minor[0]), currency)
        difference = paid.exact - exact_amount
        if difference:
            if record.relation == "product":
                record.wrap("unrounded", exact_amount, unit=currency)
                record.says(relation="sum")
            to = Money.from_minor(rounding.unit(currency), currency)
            record.leaf("rounding", difference, unit=currency, mode=rounding.mode, to=to)
        record.says(value=paid)
    return minor


def factor_along(factor: AnyFactor, column: str, rows: Rows) -> Curve:
    """A factor as a function of one column, everything else as it is in a single row."""
    if factor == column:
        return Curve.identity()
    along = getattr(factor, "along", None)
    if along is not None:
        return cast(Curve, along(column, rows))
    if isinstance(factor, Factor) and any(need.name == column for need in factor.needs()):
        raise opaque(factor, column)
    return Curve.constant(read_factor(factor, rows, SILENT, "factor").fraction(0))


def amount_along(amount: Fraction | str, column: str, rows: Rows, currency: str) -> Curve:
    """An amount in major units as a function of one column, in major units where it is money."""
    if amount == column:
        return Curve.identity()
    return Curve.constant(read_amount(amount, rows, currency, SILENT, "amount").fraction(0))


def product_along(left: Curve, right: Curve, column: str) -> Curve:
    """The product of two functions of a column, one of which must not depend on it."""
    for constant, other in ((left, right), (right, left)):
        if is_constant(constant):
            return other * constant.exact(Fraction(0))
    raise NotAffineError(f"pay multiplies two things that both depend on {column!r}, so it is no curve of it")


def is_constant(curve: Curve) -> bool:
    """Whether a curve is the same everywhere."""
    return all(piece.slope == 0 and piece.value == curve.knots[0].at for piece in curve.pieces)


def opaque(thing: object, column: str) -> NotAffineError:
    """The error for a policy that does not say what curve of a column it is."""
    name = getattr(thing, "name", type(thing).__name__)
    return NotAffineError(f"{name!r} does not say what curve of {column!r} it is; give it a method along()")
