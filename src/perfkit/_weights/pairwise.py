"""The weights that comparisons of pairs stand for: pure functions of matrices, many at a time.

A stack of matrices is worked with the stack as the last axis, which every sum runs along side by side, so one matrix
gives the same bits alone as among ten thousand.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
_STACK = 512  # matrices worked at a time: what fits the cache
_CLOSE = 1e-14
_TURNS = 6
_SQUARINGS = 24
_SWEEPS = 10_000


def principal_weights(matrices: Floats) -> tuple[Floats, Floats]:
    """The principal right eigenvector of each matrix, adding up to one, and its eigenvalue.

    Args:
        matrices: positive, of shape (N, n, n).
    """
    count, n, _ = matrices.shape
    weights, eigenvalues = np.empty((count, n)), np.empty(count)
    for some, stack in _stacks(matrices):
        found, sums = _principal(stack)
        weights[some], eigenvalues[some] = found.T[: len(weights[some])], sums[: len(weights[some])]
    return weights, eigenvalues


def geometric_weights(matrices: Floats) -> tuple[Floats, Floats]:
    """The geometric mean of each row of each complete matrix, adding up to one (Crawford & Williams 1985).

    Returns:
        the weights, and the sum of each matrix times its weights, which is at least its principal eigenvalue.
    """
    count, n, _ = matrices.shape
    weights, sums = np.empty((count, n)), np.empty(count)
    for some, stack in _stacks(matrices):
        means = np.exp(np.log(stack).sum(axis=1) / n)
        means /= means.sum(axis=0)
        weights[some] = means.T[: len(weights[some])]
        sums[some] = _times(stack, means).sum(axis=0)[: len(weights[some])]
    return weights, sums


def _stacks(matrices: Floats) -> Iterator[tuple[slice, Floats]]:
    """Some of the matrices at a time, as (n, n, b) with b of at least 2, for a last axis of 1 would be summed along."""
    for start in range(0, len(matrices), _STACK):
        some = slice(start, start + _STACK)
        stack = matrices[some].transpose(1, 2, 0)
        yield some, np.ascontiguousarray(np.repeat(stack, 2, axis=2) if stack.shape[2] == 1 else stack)


def _times(stack: Floats, columns: Floats) -> Floats:
    """Each matrix times its column."""
    product: Floats = np.einsum("ijb,jb->ib", stack, columns)
    return product


def _principal(stack: Floats) -> tuple[Floats, Floats]:
    """Power iteration; where it is slow, with the squares of the matrices."""
    power = stack
    weights: Floats = stack.sum(axis=1)
    weights /= weights.sum(axis=0)
    going = np.ones(stack.shape[2], dtype=np.bool_)
    for turn in range(1, _TURNS * _SQUARINGS):
        # Several steps go between two looks, for a look costs as much as a step.
        near = _times(power, _times(power, _times(power, weights)))
        near /= near.sum(axis=0)
        nearer = _times(power, near)
        nearer /= nearer.sum(axis=0)
        # A matrix stops at its own turn, so that the others decide nothing about its last bits.
        weights = np.where(going, nearer, weights)
        going &= np.abs(nearer - near).max(axis=0) > _CLOSE
        if not going.any():
            break
        if turn % _TURNS == 0:
            power = np.einsum("ijb,jkb->ikb", power, power)
            power = power / power.max(axis=(0, 1))
    return weights, _times(stack, weights).sum(axis=0)


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
