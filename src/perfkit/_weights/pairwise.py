"""The weights that comparisons of pairs stand for: pure functions of matrices, many at a time.

A stack of matrices is worked with the stack as the last axis and sums are taken term by term, so one matrix gives the
same bits alone as among ten thousand.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
_STACK = 512  # matrices worked at a time: what fits the cache
_SQUARINGS = 3
_CLOSE = 1e-14
_STEPS = 500
_SWEEPS = 10_000


def principal_weights(matrices: Floats) -> tuple[Floats, Floats]:
    """The principal right eigenvector of each matrix, adding up to one, and its eigenvalue.

    Args:
        matrices: positive, of shape (N, n, n).
    """
    count, n, _ = matrices.shape
    weights, eigenvalues = np.empty((count, n)), np.empty(count)
    for start in range(0, count, _STACK):
        some = slice(start, start + _STACK)
        stack = np.ascontiguousarray(matrices[some].transpose(1, 2, 0))
        weights[some], eigenvalues[some] = _principal(stack)
    return weights, eigenvalues


def geometric_weights(matrices: Floats) -> Floats:
    """The geometric mean of each row of each complete matrix, adding up to one (Crawford & Williams 1985)."""
    count, n, _ = matrices.shape
    weights = np.empty((count, n))
    for start in range(0, count, _STACK):
        some = slice(start, start + _STACK)
        logs = np.log(np.ascontiguousarray(matrices[some].transpose(1, 2, 0)))
        means = np.exp(_added(logs.transpose(1, 0, 2)) / n)
        weights[some] = (means / _added(means)).T
    return weights


def eigenvalues_at(matrices: Floats, weights: Floats) -> Floats:
    """The sum of each matrix times its weights, which is the principal eigenvalue where they are its eigenvector."""
    stack, columns = matrices.transpose(1, 2, 0), weights.T
    return _added(_times(stack, columns))


def _added(stack: Floats) -> Floats:
    """The sum over the first axis, term by term."""
    total: Floats = stack[0].copy()
    for term in stack[1:]:
        total += term
    return total


def _times(stack: Floats, columns: Floats) -> Floats:
    """Each matrix times its column."""
    total: Floats = stack[:, 0] * columns[0]
    for k in range(1, len(columns)):
        total += stack[:, k] * columns[k]
    return total


def _squared(stack: Floats) -> Floats:
    square = stack[:, 0, None] * stack[None, 0, :]
    term = np.empty_like(square)
    for k in range(1, len(stack)):
        np.multiply(stack[:, k, None], stack[None, k, :], out=term)
        square += term
    return square


def _principal(stack: Floats) -> tuple[Floats, Floats]:
    power = stack
    for _ in range(_SQUARINGS):
        power = _squared(power)
    weights = _added(power.transpose(1, 0, 2))
    weights /= _added(weights)
    going = np.arange(stack.shape[2])
    # A matrix stops at its own step, so that the others decide nothing about its last bits.
    for _ in range(_STEPS):
        seen = weights[:, going]
        better = _times(power[:, :, going] if len(going) < power.shape[2] else power, seen)
        better /= _added(better)
        weights[:, going] = better
        going = going[np.abs(better - seen).max(axis=0) > _CLOSE]
        if not going.size:
            break
    return weights.T, _added(_times(stack, weights))


def least_squares_weights(matrix: Floats) -> Floats:
    """The weights whose ratios lie closest to the judgements in logarithms, for pairs of which some are missing.

    One linear system of the graph of comparisons (Bozoki, Fulop & Ronyai 2010); for a complete matrix it gives the
    geometric means of the rows.

    Args:
        matrix: reciprocal, of shape (n, n); NaN where a pair was not compared; connected.
    """
    judged = ~np.isnan(matrix)
    logs = np.where(judged, np.log(np.where(judged, matrix, 1.0)), 0.0)
    laplacian = np.diag(judged.sum(axis=1).astype(np.float64)) - judged
    # The first weight is held, since the judgements speak of ratios only.
    heights = np.zeros(len(matrix))
    heights[1:] = np.linalg.solve(laplacian[1:, 1:], logs.sum(axis=1)[1:])
    weights = np.exp(heights - heights.max())
    return np.asarray(weights / weights.sum(), dtype=np.float64)


def leverages(matrix: Floats) -> Floats:
    """How much each judgement decides the ratio that it is about, 0..1; 1 where nothing else says anything about it."""
    judged = ~np.isnan(matrix)
    laplacian = np.diag(judged.sum(axis=1).astype(np.float64)) - judged
    inverse = np.linalg.pinv(laplacian, hermitian=True)
    size = np.diag(inverse)
    return np.asarray(size[:, None] + size[None, :] - 2 * inverse, dtype=np.float64)


def completed(matrix: Floats) -> Floats:
    """The matrix with each missing entry such that the principal eigenvalue is least (Bozoki, Fulop & Ronyai 2010).

    The eigenvalue is convex in the logarithms of the missing entries. At its least each of them is the square root of
    ``(w_i / w_j) * (v_j / v_i)``, where w is the right and v the left principal eigenvector; this is iterated.
    """
    missing = np.isnan(matrix)
    if not missing.any():
        return matrix
    weights = least_squares_weights(matrix)
    full = np.where(missing, weights[:, None] / weights[None, :], matrix)
    for _ in range(_SWEEPS):
        (right, left), _ = principal_weights(np.stack([full, full.T]))
        ratio = np.sqrt((right[:, None] / right[None, :]) * (left[None, :] / left[:, None]))
        better = np.where(missing, ratio, full)
        moved = np.abs(better / full - 1).max()
        full = better
        if moved <= 4 * _CLOSE:
            break
    return full
