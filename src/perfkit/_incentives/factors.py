"""Numbers and amounts that a policy reads: typed, from a column, or from a table of rates."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import numpy as np
from attrs import field, frozen

from perfkit._core.columns import Need, Rows
from perfkit._core.integers import IntColumn, narrow
from perfkit._core.numbers import Number, exact, exact_or_column
from perfkit._core.ratios import Ratios
from perfkit.errors import DataError, DefinitionError, did_you_mean
from perfkit.explain import AnyRecorder
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


def settle(amounts: Ratios, rounding: Rounding, currency: str, record: AnyRecorder) -> IntColumn:
    """Exact amounts in major units as minor units, rounded once, the rounding recorded as a part of its own.

    Raises:
        DataError: if an amount does not fit int64.
    """
    minor = narrow(rounding.column(amounts, currency))
    if minor is None:
        raise DataError(f"an amount does not fit int64 minor units of {currency}; check the units of the columns")
    if record:
        exact_amount = amounts.fraction(0)
        paid = Money.from_minor(int(minor[0]), currency)
        difference = Fraction(paid.amount) - exact_amount
        if difference:
            if record.relation == "product":
                record.wrap("unrounded", exact_amount, unit=currency)
                record.says(relation="sum")
            to = Money.from_minor(rounding.unit(currency), currency)
            record.leaf("rounding", difference, unit=currency, mode=rounding.mode, to=to)
        record.says(value=paid)
    return minor


def _rates(rates: Mapping[str, Number]) -> tuple[tuple[str, Fraction], ...]:
    pairs = rates.items() if isinstance(rates, Mapping) else rates
    return tuple((str(choice), exact(rate, what=f"the rate of {choice!r}")) for choice, rate in pairs)


def _optional_rate(rate: Number | None) -> Fraction | None:
    return None if rate is None else exact(rate, what="otherwise")


@frozen
class RateTable:
    """A rate by name: a small table such as a raise by rating.

    Args:
        on: the column of names.
        rates: the rate for each name.
        otherwise: the rate for every other name; such names are refused when not given.

    Raises:
        DefinitionError: for an empty table.
        DataError: at pay time, for names that are not in the table.

    Example:
        >>> RateTable("rating", {"high": 0.035, "solid": 0.02}).rates
        (('high', Fraction(7, 200)), ('solid', Fraction(1, 50)))
    """

    on: str
    rates: tuple[tuple[str, Fraction], ...] = field(converter=_rates)
    otherwise: Fraction | None = field(default=None, converter=_optional_rate)

    def __attrs_post_init__(self) -> None:
        if not self.rates:
            raise DefinitionError(f"a table on {self.on!r} needs at least one rate (got none)", path="rates")
        choices = [choice for choice, _ in self.rates]
        if len(set(choices)) < len(choices):
            raise DefinitionError(f"a table on {self.on!r} must name each choice once (got {choices})", path="rates")

    def needs(self) -> tuple[Need, ...]:
        """The column of names."""
        return (Need(self.on, "category", tuple(choice for choice, _ in self.rates)),)

    def exact(self, rows: Rows, record: AnyRecorder) -> Ratios:
        """The rate of each row."""
        names = rows.category(self.on)
        codes = np.full(rows.n, -1)
        for position, (choice, _) in enumerate(self.rates):
            codes[names == choice] = position
        if self.otherwise is None and (codes < 0).any():
            self._refuse(rows, names, codes)
        values = [rate for _, rate in self.rates] + [self.otherwise or Fraction(0)]
        table = Ratios.of_fractions(values)
        found = Ratios(table.numerator[codes], table.denominator)
        if record:
            record.leaf("table", found.fraction(0), label=self.on, choice=str(names[0]))
        return found

    def _refuse(self, rows: Rows, names: Any, codes: Any) -> None:
        odd = str(names[int(np.flatnonzero(codes < 0)[0])])
        choices = [choice for choice, _ in self.rates]
        rows.require(
            codes >= 0,
            self.on,
            f"must be one of {', '.join(choices)} (got {odd!r}){did_you_mean(odd, choices)}",
            "add it to the table, or say otherwise=",
        )
