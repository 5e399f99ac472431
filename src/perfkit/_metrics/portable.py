"""Logarithm, exponential and powers from ``+ - * /`` alone: the same bits on every machine and NumPy version.

The libraries of mathematics that NumPy calls differ in the last bit from processor to processor, and between a vector
and its tail. A score must not, so these few series are ours.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

FloatColumn = npt.NDArray[np.float64]

# The natural logarithm of two in two parts, the first of 33 bits so that a multiple of it is exact.
_LN2_HIGH = 0.693147180369123816490
_LN2_LOW = 1.90821492927058770002e-10
_SQRT_HALF = 0.7071067811865476
_LOG_TERMS = tuple(2.0 / (2 * k + 1) for k in range(11, -1, -1))


def _factorials() -> tuple[float, ...]:
    terms, term = [1.0], 1.0
    for k in range(1, 15):
        term /= k
        terms.append(term)
    return tuple(reversed(terms))


_EXP_TERMS = _factorials()


def log(x: FloatColumn) -> FloatColumn:
    """The natural logarithm of positive finite numbers, to a few units in the last place.

    With x = m 2^k and m near one, log m is twice the inverse hyperbolic tangent of (m - 1) / (m + 1).

    Example:
        >>> log(np.array([1.0, 2.0])).round(12)
        array([0.        , 0.69314718])
    """
    mantissa, power = np.frexp(x)
    low = mantissa < _SQRT_HALF
    mantissa = np.where(low, mantissa * 2, mantissa)
    k = power - low
    s = (mantissa - 1) / (mantissa + 1)
    square = s * s
    series = np.full_like(s, _LOG_TERMS[0])
    for term in _LOG_TERMS[1:]:
        series *= square
        series += term
    return np.asarray(k * _LN2_HIGH + (k * _LN2_LOW + s * series), dtype=np.float64)


def exp(x: FloatColumn) -> FloatColumn:
    """The exponential of numbers between -700 and 700, to a few units in the last place.

    Example:
        >>> exp(np.array([0.0, 1.0])).round(9)
        array([1.        , 2.71828183])
    """
    k = np.rint(x / (_LN2_HIGH + _LN2_LOW))
    r = (x - k * _LN2_HIGH) - k * _LN2_LOW
    series = np.full_like(r, _EXP_TERMS[0])
    for term in _EXP_TERMS[1:]:
        series *= r
        series += term
    return np.ldexp(series, k.astype(np.int64))


def power(x: FloatColumn, exponent: float) -> FloatColumn:
    """Positive finite numbers to a power.

    Example:
        >>> power(np.array([4.0, 9.0]), 0.5)
        array([2., 3.])
    """
    if exponent == 1:
        return x
    if exponent == -1:
        return 1 / x
    if exponent == 2:
        return x * x
    if exponent == 0.5:
        return np.sqrt(x)
    return exp(np.clip(exponent * log(x), -700, 700))
