"""A number is the number that was typed: the reading of every number in a definition."""

from __future__ import annotations

import math
from decimal import Decimal
from fractions import Fraction
from numbers import Rational

import numpy as np

from perfkit.errors import DefinitionError

Number = int | float | Decimal | Fraction


def exact(value: object, *, what: str = "a number", path: str = "") -> Fraction:
    """The fraction that a typed number stands for: ``0.15`` is 3/20, and ``Fraction(2, 37)`` stays 2/37.

    Args:
        value: an int, float, ``Decimal``, ``Fraction`` or NumPy scalar; finite.
        what: the name of the thing in the error.
        path: where in the definition, for the error.

    Raises:
        DefinitionError: if the value is no number, or not finite.

    Example:
        >>> exact(0.15), exact(Decimal("1.10"))
        (Fraction(3, 20), Fraction(11, 10))
    """
    if isinstance(value, (bool, np.bool_)):
        raise DefinitionError(f"{what} must be a number (got {value!r})", path=path)
    if isinstance(value, Fraction):
        return value
    if isinstance(value, (int, np.integer)):
        return Fraction(int(value))
    if isinstance(value, (float, np.floating)):
        if not math.isfinite(value):
            raise DefinitionError(f"{what} must be a finite number (got {float(value)!r})", path=path)
        return Fraction(str(value))
    if isinstance(value, Decimal):
        if not value.is_finite():
            raise DefinitionError(f"{what} must be a finite number (got {value!r})", path=path)
        return Fraction(value)
    if isinstance(value, Rational):
        return Fraction(int(value.numerator), int(value.denominator))
    raise DefinitionError(f"{what} must be a number (got {value!r})", path=path)


def exact_or_column(value: object, *, what: str = "a number", path: str = "") -> Fraction | str:
    """A typed number as its fraction, or a string as the name of the column that holds it."""
    if isinstance(value, str):
        if not value.strip():
            raise DefinitionError(f"{what} must be a number or the name of a column (got {value!r})", path=path)
        return value
    return exact(value, what=what, path=path)


def plain(value: Fraction) -> int | float | Fraction:
    """The shortest Python number that is read back as the same fraction.

    Example:
        >>> plain(Fraction(3, 20)), plain(Fraction(7)), plain(Fraction(2, 37))
        (0.15, 7, Fraction(2, 37))
    """
    if value.denominator == 1:
        return value.numerator
    try:
        near = float(value)
    except OverflowError:
        return value
    return near if math.isfinite(near) and Fraction(repr(near)) == value else value


def decimal_text(value: Fraction | Decimal | float, places: int | None = None) -> str:
    """A number for people: thousands separated, no needless zeros, a fraction only where decimals never end.

    Args:
        value: the number.
        places: how many decimals to show; all that are needed when not given, at the most 6.

    Example:
        >>> decimal_text(Fraction(1320000)), decimal_text(0.596), decimal_text(Fraction(1, 3))
        ('1,320,000', '0.596', '0.333333')
    """
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    if places is not None:
        return f"{round_decimal(value, places):,.{places}f}"
    text = f"{round_decimal(value, 6):,f}"
    if value and not float(text.replace(",", "")):
        return f"{float(value):.1e}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text in {"-0", ""} else text


def round_decimal(value: Fraction | Decimal | float, places: int) -> Decimal:
    """A number rounded half up to a count of decimals, as a ``Decimal`` that formats exactly."""
    fraction = value if isinstance(value, Fraction) else Fraction(str(value))
    scaled = fraction * 10**places
    doubled = 2 * abs(scaled.numerator) + scaled.denominator
    units = doubled // (2 * scaled.denominator)
    # Made from text, which no decimal context of the caller rounds.
    return Decimal(f"{'-' if scaled < 0 and units else ''}{units}e-{places}")


def round_short(value: Fraction | Decimal | float) -> Decimal:
    """A number rounded as people read it: to two decimals, or below 1 to three digits, at most nine decimals."""
    size = abs(float(value))
    return round_decimal(value, min(9, 2 - math.floor(math.log10(size))) if 0 < size < 1 else 2)
