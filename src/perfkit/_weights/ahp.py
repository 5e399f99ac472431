"""Analytic hierarchy process: weights from comparisons of pairs, with the consistency that they have."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
from attrs import frozen

from perfkit._core.checks import one_of
from perfkit._core.notebook import definition
from perfkit._core.numbers import Number, exact, plain
from perfkit._weights.comparisons import Comparisons, read_comparisons, require_connected
from perfkit._weights.found import Facts, Found, figure, shares_on_grid
from perfkit._weights.pairwise import (
    completed,
    geometric_weights,
    least_squares_weights,
    principal_weights,
)
from perfkit._weights.random_index import RandomIndex, random_index_of
from perfkit._weights.suspects import mended, triad_facts, worst_judgement
from perfkit.errors import SHOWN, DefinitionError

Floats = npt.NDArray[np.float64]
PairwiseMethod = Literal["eigenvector", "geometric_mean"]
METHODS = ("eigenvector", "geometric_mean")
_BLOCK = 512  # matrices checked at a time
_NEAR = 2e-6


def ahp(
    comparisons: Any,
    names: Iterable[str] | None = None,
    method: PairwiseMethod = "eigenvector",
    random_index: RandomIndex = "saaty_1980",
    limit: Number | None = None,
) -> Found:
    """Weights from comparisons, complete or not; see ``Weights.ahp``."""
    one_of(method, METHODS, "method")
    read = read_comparisons(comparisons, names)
    require_connected(read)
    weights, quality = judged(read, method, random_index)
    _keep_limit(dict(quality), limit)
    source = f"AHP, {method.replace('_', ' ')}"
    inputs: Facts = (("comparisons", read.stored()), ("method", method))
    if read.missing:
        source += f", {len(read.missing)} of {_pairs(len(read.names))} pairs not compared"
    return Found(shares_on_grid(dict(zip(read.names, weights.tolist(), strict=True))), source, inputs, quality)


def judged(comparisons: Comparisons, method: PairwiseMethod, random_index: RandomIndex) -> tuple[Floats, Facts]:
    """The weights of connected comparisons as floats, and how consistent the comparisons are."""
    n, matrix = len(comparisons.names), comparisons.matrix()
    index = random_index_of(n, random_index, len(comparisons.missing))
    filled = completed(matrix)
    principal, eigenvalue = _principal(filled)
    weights = principal if method == "eigenvector" else least_squares_weights(matrix)
    consistency = max(0.0, (eigenvalue - n) / (n - 1)) if n > 1 else 0.0
    facts: list[tuple[str, Any]] = [
        ("consistency_ratio", figure(consistency / index) if index else 0.0),
        ("consistency_index", figure(consistency)),
        ("random_index", random_index),
    ]
    if method == "geometric_mean":
        facts.append(("geometric_consistency_index", figure(_geometric_index(matrix, weights))))
    if comparisons.missing:
        names = comparisons.names
        filled_in = tuple((names[i], names[j], figure(filled[i, j])) for i, j in comparisons.missing)
        facts.append(("filled_in", filled_in))
    return weights, (*facts, *_suspects(comparisons, index))


@frozen(eq=False)
class PairwiseResults:
    """What many comparison matrices stand for.

    Attributes:
        weights: of shape (N, n), each row adding up to one.
        eigenvalues: the principal eigenvalue of each matrix; n where it is consistent.
        consistency_ratios: by the random index named.
        random_index: its name.
    """

    _repr_html_ = definition

    weights: npt.NDArray[np.float64]
    eigenvalues: npt.NDArray[np.float64]
    consistency_ratios: npt.NDArray[np.float64]
    random_index: RandomIndex


def ahp_many(
    matrices: Any, *, method: PairwiseMethod = "eigenvector", random_index: RandomIndex = "saaty_1980"
) -> PairwiseResults:
    """The weights of many complete comparison matrices of one size at once, such as those of a survey.

    A matrix gives the same bits alone as among ten thousand; ``Weights.ahp`` gives these to the billionth.

    Args:
        matrices: numbers of shape (N, n, n), each matrix positive and reciprocal.
        method: ``eigenvector``, or ``geometric_mean`` of the rows; then the eigenvalue is the sum of the matrix times
            its weights, which is a little more where the matrix is inconsistent.
        random_index: the table of the consistency ratios, as in ``Weights.ahp``.

    Raises:
        DefinitionError: for matrices that are not square, positive and reciprocal, with their places.

    Example:
        >>> found = ahp_many([[[1, 3], [1 / 3, 1]], [[1, 1], [1, 1]]])
        >>> found.weights.tolist(), found.consistency_ratios.tolist()
        ([[0.75, 0.25], [0.5, 0.5]], [0.0, 0.0])
    """
    one_of(method, METHODS, "method")
    stack = _stack_of(matrices)
    n = stack.shape[1]
    index = random_index_of(n, random_index)
    if method == "eigenvector":
        weights, eigenvalues = principal_weights(stack)
    else:
        weights, eigenvalues = geometric_weights(stack)
    consistency = np.maximum(eigenvalues - n, 0.0) / max(n - 1, 1)
    ratios = consistency / index if index else np.zeros(len(stack))
    return PairwiseResults(weights, eigenvalues, ratios, random_index)


def _stack_of(matrices: Any) -> Floats:
    try:
        stack = np.asarray(matrices, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise DefinitionError(f"matrices must be numbers in an array of shape (N, n, n): {error}") from error
    if stack.ndim != 3 or stack.shape[1] != stack.shape[2] or not stack.shape[1]:
        raise DefinitionError(f"matrices must be an array of shape (N, n, n) (got {stack.shape})")
    bad_size, bad_diagonal, bad_pair = ([np.zeros(0, dtype=np.bool_)] for _ in range(3))
    for start in range(0, len(stack), _BLOCK):
        some = stack[start : start + _BLOCK]
        with np.errstate(invalid="ignore", over="ignore"):
            products = some * some.transpose(0, 2, 1)
        diagonal = np.diagonal(some, axis1=1, axis2=2)
        # A missing value is neither within bounds nor outside of them, so it is asked whether they hold.
        bad_size.append(_outside(some, 1e-6, 1e6))
        bad_diagonal.append(_outside(diagonal, 1 - _NEAR, 1 + _NEAR))
        bad_pair.append(_outside(products, 1 - _NEAR, 1 + _NEAR))
    _refuse(bad_size, "must be from 1/1,000,000 to 1,000,000, with none missing")
    _refuse(bad_diagonal, "must have 1 on the diagonal")
    _refuse(bad_pair, "must be reciprocal: a_ij times a_ji is 1 to within 0.000002, so give 1 / 3 and not 0.33")
    return stack


def _outside(stack: Any, low: float, high: float) -> npt.NDArray[np.bool_]:
    """Which of the first axis have a value that is not within bounds."""
    if stack.min() >= low and stack.max() <= high:
        return np.zeros(len(stack), dtype=np.bool_)
    flat = stack.reshape(len(stack), -1)
    return np.asarray(~((flat >= low) & (flat <= high)).all(axis=1))


def _refuse(found: list[npt.NDArray[np.bool_]], expected: str) -> None:
    bad = np.flatnonzero(np.concatenate(found))
    if len(bad):
        shown = ", ".join(str(int(place)) for place in bad[:SHOWN])
        more = f" and {len(bad) - SHOWN} more" if len(bad) > SHOWN else ""
        raise DefinitionError(f"each matrix {expected}; not so: {shown}{more}", path=f"[{int(bad[0])}]")


def _principal(matrix: Floats) -> tuple[Floats, float]:
    weights, eigenvalues = principal_weights(matrix[None])
    return weights[0], float(eigenvalues[0])


def _geometric_index(matrix: Floats, weights: Floats) -> float:
    """The geometric consistency index (Crawford & Williams 1985; Aguaron & Moreno-Jimenez 2003).

    Where pairs are missing its divisor counts only the pairs that could have contradicted others.
    """
    n = len(matrix)
    upper = np.triu_indices(n, 1)
    logs = np.log(matrix * weights[None, :] / weights[:, None])[upper]
    logs = logs[~np.isnan(logs)]
    free = len(logs) - (n - 1)
    return float((logs**2).sum() / free) if free > 0 else 0.0


def _suspects(comparisons: Comparisons, index: float) -> Facts:
    worst = worst_judgement(comparisons)
    if worst is None:
        return triad_facts(comparisons)
    (i, j), value = worst
    n = len(comparisons.names)
    mended_to = completed(mended(comparisons, (i, j), value))
    consistency = max(0.0, (_principal(mended_to)[1] - n) / (n - 1))
    a, b = comparisons.names[i], comparisons.names[j]
    return (
        ("worst_judgement", (a, b)),
        ("judged", comparisons.ratios[i, j]),
        ("others_say", figure(value)),
        ("consistency_ratio_if_mended", figure(consistency / index) if index else 0.0),
        *triad_facts(comparisons),
    )


def _keep_limit(quality: Mapping[str, Any], limit: Number | None) -> None:
    if limit is None:
        return
    bound = exact(limit, what="limit", path="limit")
    ratio = quality["consistency_ratio"]
    if Fraction(str(ratio)) <= bound:
        return
    cure = "ask again"
    if "worst_judgement" in quality:
        a, b = quality["worst_judgement"]
        cure = (
            f"ask again about {a!r} over {b!r}: it was judged {float(quality['judged']):.4g}, and the others say "
            f"{quality['others_say']:.4g} (then the ratio is {quality['consistency_ratio_if_mended']:.4g})"
        )
    elif "worst_triad" in quality:
        cure = f"ask again about {', '.join(quality['worst_triad'])}, which contradict each other"
    raise DefinitionError(
        f"the consistency ratio must be at most {plain(bound)} (got {ratio:.4g} by {quality['random_index']}); {cure}",
        path="limit",
    )


def _pairs(n: int) -> int:
    return n * (n - 1) // 2
