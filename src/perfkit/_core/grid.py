"""The published grid: computed off it, compared and paid on it."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import numpy.typing as npt

from perfkit.errors import DefinitionError

FloatColumn = npt.NDArray[np.float64]
GRID = Fraction(1, 10**6)
_FINE = 10**9
_SAFE = float(2**52)
_ORDINARY = 4.0e6


def checked_grid(grid: Fraction) -> Fraction:
    """A grid that numbers can be published on: a positive multiple of 1e-6."""
    if grid <= 0 or (grid / GRID).denominator != 1:
        raise DefinitionError(f"grid must be a positive multiple of 0.000001 (got {grid})")
    return grid


def snap(values: FloatColumn) -> FloatColumn:
    """The nearest multiples of 1e-9: what a curve that jumps is given, so that no last bit decides a threshold."""
    with np.errstate(over="ignore"):
        scaled = np.rint(values * _FINE)
    return np.where(np.abs(scaled) < _SAFE, scaled / _FINE, values)


def publish(values: FloatColumn, grid: Fraction = GRID) -> FloatColumn:
    """Each value rounded half up (ties away from zero) to the grid, as the float that prints it; NaN stays NaN.

    Values are first taken to the nearest 1e-9, so that a tie is a tie whatever the last bits of the sum behind it.

    Example:
        >>> publish(np.array([0.59628, 0.2975]), Fraction(1, 1000))
        array([0.596, 0.298])
    """
    ordinary = values.copy()
    if publish_ordinary(ordinary, grid):
        return ordinary
    step, size = float(grid * _FINE), np.abs(values)
    with np.errstate(over="ignore"):
        fine, coarse = np.rint(size * _FINE), size / float(grid)
        units = np.where(fine < _SAFE, np.floor((fine + step / 2) / step), np.floor(coarse + 0.5))
        published = units * grid.numerator / grid.denominator
    # Floats that large lie further apart than any grid; and no score is minus nothing.
    return np.copysign(np.where(coarse < _SAFE, published, size), values) + 0.0


def publish_ordinary(values: FloatColumn, grid: Fraction) -> bool:
    """What :func:`publish` does, in place, where no value is missing, infinite or large; else nothing, and False."""
    least, most = np.min(values, initial=0.0), np.max(values, initial=0.0)
    if not (least > -_ORDINARY and most < _ORDINARY):
        return False
    signs = values.copy() if least < 0 else None
    step = float(grid * _FINE)
    if signs is not None:
        np.abs(values, out=values)
    values *= _FINE
    np.rint(values, out=values)
    values += step / 2
    values /= step
    np.floor(values, out=values)
    if grid.numerator != 1:
        values *= grid.numerator
    values /= grid.denominator
    if signs is not None:
        np.copysign(values, signs, out=values)
        # No score is minus nothing.
        values += 0.0
    return True
