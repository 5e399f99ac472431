"""Weights by principal components: how much of the common variation each column carries."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from math import fsum
from typing import Any

import numpy as np

from perfkit._weights.columns import Constant, MapLike, learner
from perfkit._weights.dispersion import correlations, moments_learned
from perfkit._weights.found import Found, figure, figures, shares_on_grid
from perfkit.errors import DefinitionError

_SLACK = 1e-9


def principal_components(
    data: Any,
    of: Iterable[str] | Mapping[str, str],
    *,
    least_eigenvalue: float = 1.0,
    constant: Constant = "refuse",
    map: MapLike = map,
) -> Found:
    """Weights by the squared loadings on the components of the correlation matrix that are kept.

    Those with an eigenvalue of at least ``least_eigenvalue`` are kept (Kaiser's rule), and the first in any case. The
    loadings are squared, so no weight is negative, and the sign of a component says nothing.
    """
    if isinstance(least_eigenvalue, bool) or not least_eigenvalue >= 0:
        raise DefinitionError(
            f"least_eigenvalue must be zero or more (got {least_eigenvalue!r})", path="least_eigenvalue"
        )
    learned = learner(data, of, constant=constant, map=map)
    together = correlations(moments_learned(learned), learned.lower)
    values, vectors = np.linalg.eigh(np.array(together))
    values, vectors = np.maximum(values[::-1], 0.0), vectors[:, ::-1]
    # The last bits of an eigenvalue do not decide whether its component is kept.
    kept = max(1, int((values >= least_eigenvalue - _SLACK).sum()))
    loadings = vectors[:, :kept] ** 2 * values[:kept]
    sizes = {name: fsum(loadings[i]) for i, name in enumerate(learned.names)}
    whole = len(learned.names)
    explained = tuple(figure(value / whole) for value in values.tolist())
    quality = (
        ("components_kept", kept),
        ("variance_explained", explained),
        ("variance_kept", figure(fsum(values[:kept].tolist()) / whole)),
        ("communalities", figures(sizes)),
    )
    return Found(shares_on_grid(sizes), "principal components", learned.inputs(), quality, learned=True)
