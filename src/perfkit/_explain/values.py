"""The values of an explanation as exact numbers, and what several of them come to."""

from __future__ import annotations

import math
from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from math import prod
from typing import Any

import numpy as np

from perfkit.money import Money


def is_number(value: Any) -> bool:
    """Whether a value counts where parts add up: a finite number, or an amount of money."""
    if isinstance(value, (float, np.floating, Decimal)):
        return math.isfinite(value)
    return isinstance(value, (int, Fraction, Money, np.integer))


def as_fraction(value: Any) -> Fraction:
    """A value of an explanation as the exact number it stands for; money in major units."""
    if isinstance(value, Money):
        return value.exact
    if isinstance(value, (float, np.floating)):
        return Fraction(str(float(value)))
    return Fraction(int(value) if isinstance(value, np.integer) else value)


def together(relation: str, values: Sequence[Any]) -> Any:
    """The sum or the product of values, as money where all of a sum is money; None where there are none."""
    numbers = [value for value in values if value is not None]
    if not numbers:
        return None
    if relation == "sum" and all(isinstance(value, Money) for value in numbers):
        return sum(numbers[1:], numbers[0])
    exact = [as_fraction(value) for value in numbers]
    return sum(exact, Fraction(0)) if relation == "sum" else prod(exact, start=Fraction(1))
