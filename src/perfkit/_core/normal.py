"""Random numbers that are the same on every machine and in every partition, and what makes normal ones of them."""

from __future__ import annotations

from math import factorial

import numpy as np
import numpy.typing as npt

FloatColumn = npt.NDArray[np.float64]

# Rational approximations of the normal quantile, highest power first. Source: Wichura, "Algorithm AS 241: The
# percentage points of the normal distribution", Applied Statistics 37 (1988), routine PPND16.
_CENTRE = (
    (
        2509.0809287301226727,
        33430.575583588128105,
        67265.770927008700853,
        45921.953931549871457,
        13731.693765509461125,
        1971.5909503065514427,
        133.14166789178437745,
        3.387132872796366608,
    ),
    (
        5226.495278852854561,
        28729.085735721942674,
        39307.89580009271061,
        21213.794301586595867,
        5394.1960214247511077,
        687.1870074920579083,
        42.313330701600911252,
        1.0,
    ),
)
_TAIL = (
    (
        7.7454501427834140764e-4,
        0.0227238449892691845833,
        0.24178072517745061177,
        1.27045825245236838258,
        3.64784832476320460504,
        5.7694972214606914055,
        4.6303378461565452959,
        1.42343711074968357734,
    ),
    (
        1.05075007164441684324e-9,
        5.475938084995344946e-4,
        0.0151986665636164571966,
        0.14810397642748007459,
        0.68976733498510000455,
        1.6763848301838038494,
        2.05319162663775882187,
        1.0,
    ),
)
_FAR = (
    (
        2.01033439929228813265e-7,
        2.71155556874348757815e-5,
        0.0012426609473880784386,
        0.026532189526576123093,
        0.29656057182850489123,
        1.7848265399172913358,
        5.4637849111641143699,
        6.6579046435011037772,
    ),
    (
        2.04426310338993978564e-15,
        1.4215117583164458887e-7,
        1.8463183175100546818e-5,
        7.868691311456132591e-4,
        0.0148753612908506148525,
        0.13692988092273580531,
        0.59983220655588793769,
        1.0,
    ),
)
_LN2 = 0.6931471805599453
_LN2_HIGH = 0.693147180369123816490
_LN2_LOW = 1.90821492927058770002e-10


def quantile(p: FloatColumn) -> FloatColumn:
    """The standard normal deviates that are stayed below with given probabilities, each strictly between 0 and 1.

    Made of ``+ - * /`` and square roots alone, so that the bits do not depend on whose logarithm a machine has. Good to
    about 1 part in 10**15.

    Example:
        >>> quantile(np.array([0.5, 0.975])).round(6).tolist()
        [0.0, 1.959964]
    """
    q = p - 0.5
    r = 0.180625 - q * q
    z: FloatColumn = np.asarray(_ratio(_CENTRE, r) * q)
    out = np.flatnonzero(r < 0)
    if len(out):
        # Where q * q is above 0.425 squared: the smaller tail, on the scale on which it is nearly straight.
        tail = np.minimum(p[out], 1 - p[out])
        root = np.sqrt(-logarithm(tail))
        size = np.where(root <= 5, _ratio(_TAIL, root - 1.6), _ratio(_FAR, root - 5))
        z[out] = np.where(q[out] < 0, -size, size)
    return z


def _ratio(polynomials: tuple[tuple[float, ...], tuple[float, ...]], x: FloatColumn) -> FloatColumn:
    numerator, denominator = (_polynomial(coefficients, x) for coefficients in polynomials)
    return np.asarray(numerator / denominator)


def _polynomial(coefficients: tuple[float, ...], x: FloatColumn) -> FloatColumn:
    value = np.full_like(x, coefficients[0])
    for coefficient in coefficients[1:]:
        value *= x
        value += coefficient
    return value


def logarithm(x: FloatColumn) -> FloatColumn:
    """The natural logarithm of positive numbers, by the series of the inverse hyperbolic tangent."""
    mantissa, exponent = np.frexp(x)
    low = mantissa < 0.7071067811865476
    mantissa = np.where(low, 2 * mantissa, mantissa)
    exponent = exponent - low
    s = (mantissa - 1) / (mantissa + 1)
    series = _polynomial(tuple(1 / k for k in range(21, 0, -2)), s * s)
    return np.asarray(exponent * _LN2 + 2 * s * series)


def exponential(x: FloatColumn) -> FloatColumn:
    """The powers of e, of the same bits on every machine: a power of 2, and the series of what is left.

    Good to about 2 parts in 10**16; what is beyond the range of a float is held at 700 and -700.

    Example:
        >>> exponential(np.array([0.0, 1.0, -1.0])).round(6).tolist()
        [1.0, 2.718282, 0.367879]
    """
    held = np.minimum(np.maximum(x, -700.0), 700.0)
    halvings = np.rint(held / _LN2)
    # The logarithm of 2 in two parts, the first of few bits, so that its multiples are exact.
    rest = (held - halvings * _LN2_HIGH) - halvings * _LN2_LOW
    series = _polynomial(tuple(1 / factorial(power) for power in range(14, -1, -1)), rest)
    return np.asarray(np.ldexp(series, halvings.astype(np.int64)))


def uniform(key: tuple[int, int], streams: range, kind: int, start: int, count: int) -> FloatColumn:
    """Uniform numbers strictly between 0 and 1: a stretch of each of some streams, addressed and not run through.

    The generator is Philox 4x64-10 (Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC11)
    as its counter gives it, whose raw words are fixed by its definition and not by a version of NumPy.

    Args:
        key: two words that name the streams, such as a seed and what it is for.
        streams: which of them, one after the other, such as scenarios.
        kind: one word more of the address of each.
        start: the place of the first number in each stream; a multiple of 4.
        count: how many of each stream.

    Returns:
        one row a stream.

    Example:
        >>> whole = uniform((1, 2), range(3), 0, 0, 12)
        >>> bool((uniform((1, 2), range(1, 3), 0, 8, 4) == whole[1:, 8:]).all())
        True
    """
    words = np.empty((len(streams), count), dtype=np.uint64)
    counter = np.array([start // 4, streams.start, kind, 0], dtype=np.uint64)
    generator = np.random.Philox(key=np.array(key, dtype=np.uint64), counter=counter)
    # Each value of the counter gives four words; its second word is the stream.
    following = 2**64 - -(-count // 4)
    for row in range(len(streams)):
        words[row] = generator.random_raw(count)
        generator.advance(following)
    # 52 bits and a half: exact in a float, never 0 and never 1, and as close to the one as to the other.
    return np.asarray(((words >> np.uint64(12)).astype(np.float64) + 0.5) * 2.0**-52)
