"""Columns of exact fractions: what money meets when it is multiplied by a rate, a score or a curve."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from math import gcd, lcm

import numpy as np
import numpy.typing as npt
from attrs import frozen

from perfkit._core import integers
from perfkit._core.integers import AnyIntColumn, Mode

# Decimals of at most 15 significant digits survive a float64 unharmed, so below this bound the shortest decimal
# that prints a float is the one found on the grid.
_SAFE = 10**15


@frozen(eq=False)
class Ratios:
    """n exact fractions: integer numerators over one positive denominator, or over one for each row."""

    numerator: AnyIntColumn
    denominator: int | AnyIntColumn

    @classmethod
    def constant(cls, value: Fraction, n: int) -> Ratios:
        """The same fraction in every row."""
        fits = abs(value.numerator) < integers.LIMIT
        numerator = np.full(n, value.numerator, dtype=np.int64 if fits else object)
        return cls(numerator, value.denominator)

    @classmethod
    def of_floats(cls, column: npt.NDArray[np.float64]) -> Ratios:
        """Finite floats as the numbers that were typed: each row as the shortest decimal that prints it.

        Columns on a grid of 1e-6 or 1e-9, as every published score is, are read without leaving int64.
        """
        with np.errstate(over="ignore"):
            for power in (1, 10**6, 10**9):
                scaled = np.rint(column * power)
                if bool(np.all((np.abs(scaled) < _SAFE) & (scaled / power == column))):
                    return cls(scaled.astype(np.int64), power)
        return cls.of_decimals([Decimal(repr(value)) for value in column.tolist()])

    @classmethod
    def of_decimals(cls, values: list[Decimal]) -> Ratios:
        """Finite decimals, exactly, over one power of ten."""
        fractions = [Fraction(value) for value in values]
        return cls.of_fractions(fractions)

    @classmethod
    def of_fractions(cls, values: list[Fraction]) -> Ratios:
        """Fractions, exactly, over their least common denominator."""
        denominator = lcm(*(value.denominator for value in values)) if values else 1
        numerators = np.empty(len(values), dtype=object)
        numerators[:] = [value.numerator * (denominator // value.denominator) for value in values]
        narrow = integers.narrow(numerators)
        return cls(numerators if narrow is None else narrow, denominator)

    def __len__(self) -> int:
        return len(self.numerator)

    def fraction(self, row: int) -> Fraction:
        """One row as a fraction."""
        denominator = self.denominator if isinstance(self.denominator, int) else self.denominator[row]
        return Fraction(int(self.numerator[row]), int(denominator))

    def times(self, other: Ratios | Fraction) -> Ratios:
        """The product, row by row."""
        if isinstance(other, Fraction):
            common = gcd(other.numerator, self.denominator) if isinstance(self.denominator, int) else 1
            return Ratios(
                integers.multiply(self.numerator, other.numerator // common),
                _product(self.denominator // common, other.denominator),
            )
        return Ratios(
            integers.multiply(self.numerator, other.numerator),
            _product(self.denominator, other.denominator),
        )

    def plus(self, other: Ratios) -> Ratios:
        """The sum, row by row."""
        left, right, denominator = self._aligned(other)
        return Ratios(integers.add(left, right), denominator)

    def where(self, condition: npt.NDArray[np.bool_], other: Ratios) -> Ratios:
        """This where a condition holds, else the other, row by row."""
        left, right, denominator = self._aligned(other)
        return Ratios(np.where(condition, left, right), denominator)

    def _aligned(self, other: Ratios) -> tuple[AnyIntColumn, AnyIntColumn, int | AnyIntColumn]:
        """The numerators of the two over one denominator, and that denominator."""
        if isinstance(self.denominator, int) and isinstance(other.denominator, int):
            common = lcm(self.denominator, other.denominator)
            left = integers.multiply(self.numerator, common // self.denominator)
            return left, integers.multiply(other.numerator, common // other.denominator), common
        left = integers.multiply(self.numerator, other.denominator)
        right = integers.multiply(other.numerator, self.denominator)
        return left, right, _product(self.denominator, other.denominator)

    def over(self, other: Ratios) -> Ratios:
        """The quotient, row by row; every row of ``other`` is positive."""
        both = isinstance(self.denominator, int) and isinstance(other.denominator, int)
        if both and self.denominator == other.denominator:
            return Ratios(self.numerator, other.numerator)
        numerator = integers.multiply(self.numerator, other.denominator)
        return Ratios(numerator, _product(other.numerator, self.denominator))

    def rounded(self, unit: Fraction, mode: Mode) -> AnyIntColumn:
        """How many whole units each row is, rounded once."""
        common = gcd(unit.denominator, self.denominator) if isinstance(self.denominator, int) else 1
        numerator = integers.multiply(self.numerator, unit.denominator // common)
        return integers.divide(numerator, _product(self.denominator // common, unit.numerator), mode)

    def at_least(self, value: Fraction) -> npt.NDArray[np.bool_]:
        """Where the row reaches a value."""
        left = integers.multiply(self.numerator, value.denominator)
        right = _product(self.denominator, value.numerator)
        return np.asarray(left >= right, dtype=np.bool_)


def _product(left: int | AnyIntColumn, right: int | AnyIntColumn) -> int | AnyIntColumn:
    if not isinstance(left, int):
        return integers.multiply(left, right)
    return left * right if isinstance(right, int) else integers.multiply(right, left)
