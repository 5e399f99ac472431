"""The weights that are learned from data, as ``Weights`` offers them: one method each, with what they have in common.

These are class methods of ``Weights``, which stand here so that its face stays thin.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from perfkit._weights import cilos as _cilos
from perfkit._weights import dispersion as _dispersion
from perfkit._weights import entropy as _entropy
from perfkit._weights import gini as _gini
from perfkit._weights import merec as _merec
from perfkit._weights import principal_components as _principal_components
from perfkit._weights.columns import Constant, MapLike
from perfkit._weights.dispersion import Correlation, RangeScaling, Scaling

if TYPE_CHECKING:
    from perfkit._weights.weights import Weights


def entropy(
    _cls: type[Weights],
    data: Any,
    of: Iterable[str] | Mapping[str, str],
    *,
    constant: Constant = "refuse",
    map: MapLike = map,
) -> Weights:
    """Entropy weights, learned from data: the more unevenly a column is shared among the rows, the more it weighs.

    All methods that learn take the same first arguments, and the same bytes come of any order of rows and any
    partition into tables.

    Args:
        data: a table, or a list of tables that together hold the rows.
        of: the names to weigh, each the name of its column, or a mapping from name to column. No negative values;
            a zero has no share.
        constant: what a column with one value does: ``refuse`` (a :class:`~perfkit.errors.DataError`), or
            ``leave_out`` of the weights.
        map: what maps over the tables, such as the ``map`` of a pool of processes.

    Returns:
        weights whose quality is the ``entropies`` and their ``mean_divergence`` from the greatest: near zero, the
        data hardly tell rows apart, however decided the weights look.

    Example:
        >>> from perfkit import Weights
        >>> Weights.entropy({"a": [1, 2, 3], "b": [1, 1, 7]}, ["a", "b"])
        <Weights, entropy, learned from data: a 0.1737, b 0.8263>
    """
    return _cls._of(_entropy.entropy(data, of, constant=constant, map=map))


def critic(
    _cls: type[Weights],
    data: Any,
    of: Iterable[str] | Mapping[str, str],
    *,
    lower_is_better: Iterable[str],
    correlation: Correlation = "pearson",
    scaling: RangeScaling = "min_max",
    constant: Constant = "refuse",
    map: MapLike = map,
) -> Weights:
    """CRITIC weights, learned from data (Diakoulaki et al. 1995): spread, times what other columns do not say.

    Args:
        data: as in :meth:`entropy`.
        of: as in :meth:`entropy`; any values.
        lower_is_better: the names of which less is better; ``()`` for none. It turns correlations round, so it has
            to be said.
        correlation: ``pearson``, or ``spearman`` of the ranks, which needs all rows in one place.
        scaling: ``min_max``, or ``none`` for raw units.
        constant: as in :meth:`entropy`.
        map: as in :meth:`entropy`.

    Returns:
        weights whose quality is the ``standard_deviations``, the ``conflicts`` with other columns, and the
        ``correlations``.

    Example:
        >>> from perfkit import Weights
        >>> Weights.critic({"a": [1, 2, 3], "b": [3, 1, 2]}, ["a", "b"], lower_is_better=["b"])
        <Weights, CRITIC, learned from data: a 0.5, b 0.5>
    """
    return _cls._of(
        _dispersion.critic(
            data,
            of,
            lower_is_better=lower_is_better,
            correlation=correlation,
            scaling=scaling,
            constant=constant,
            map=map,
        )
    )


def standard_deviation(
    _cls: type[Weights],
    data: Any,
    of: Iterable[str] | Mapping[str, str],
    *,
    scaling: Scaling = "min_max",
    constant: Constant = "refuse",
    map: MapLike = map,
) -> Weights:
    """Weights by standard deviation, learned from data.

    Args:
        data: as in :meth:`entropy`.
        of: as in :meth:`entropy`; any values.
        scaling: ``min_max``, over each column's range; ``mean``, the coefficient of variation; or ``none``, raw
            units, so that whoever counts in cents weighs a hundred times as much.
        constant: as in :meth:`entropy`.
        map: as in :meth:`entropy`.

    Example:
        >>> from perfkit import Weights
        >>> Weights.standard_deviation({"a": [1, 2, 3], "b": [0, 0, 9]}, ["a", "b"])
        <Weights, standard deviation of min-max scores, learned from data: a 0.4641, b 0.5359>
    """
    return _cls._of(_dispersion.standard_deviation(data, of, scaling=scaling, constant=constant, map=map))


def merec(
    _cls: type[Weights],
    data: Any,
    of: Iterable[str] | Mapping[str, str],
    *,
    lower_is_better: Iterable[str],
    constant: Constant = "refuse",
    map: MapLike = map,
) -> Weights:
    """MEREC weights, learned from data (Keshavarz-Ghorabaee et al. 2021): what the rows lose without a column.

    The arguments are those of :meth:`critic`; values must be positive.

    Example:
        >>> from perfkit import Weights
        >>> Weights.merec({"a": [1, 2, 3], "b": [1, 1, 7]}, ["a", "b"], lower_is_better=())
        <Weights, MEREC, learned from data: a 0.5271, b 0.4729>
    """
    return _cls._of(_merec.merec(data, of, lower_is_better=lower_is_better, constant=constant, map=map))


def cilos(
    _cls: type[Weights],
    data: Any,
    of: Iterable[str] | Mapping[str, str],
    *,
    lower_is_better: Iterable[str],
    constant: Constant = "refuse",
    map: MapLike = map,
) -> Weights:
    """CILOS weights, learned from data (Zavadskas & Podvezko 2016): little is lost where others are at their best.

    The arguments are those of :meth:`critic`; values must be positive. The product with :meth:`entropy`, by
    ``Weights.combined(..., rule="product")``, is IDOCRIW.

    Example:
        >>> from perfkit import Weights
        >>> Weights.cilos({"a": [1, 2, 3], "b": [7, 1, 2]}, ["a", "b"], lower_is_better=())
        <Weights, CILOS, learned from data: a 0.5172, b 0.4828>
    """
    return _cls._of(_cilos.cilos(data, of, lower_is_better=lower_is_better, constant=constant, map=map))


def gini(
    _cls: type[Weights],
    data: Any,
    of: Iterable[str] | Mapping[str, str],
    *,
    constant: Constant = "refuse",
    map: MapLike = map,
) -> Weights:
    """Weights by the Gini coefficient of each column, learned from data; no negative values.

    The arguments are those of :meth:`entropy`; columns are sorted, so all rows come to one place.

    Example:
        >>> from perfkit import Weights
        >>> Weights.gini({"a": [1, 2, 3], "b": [1, 1, 7]}, ["a", "b"])
        <Weights, Gini coefficient, learned from data: a 0.3333, b 0.6667>
    """
    return _cls._of(_gini.gini(data, of, constant=constant, map=map))


def principal_components(
    _cls: type[Weights],
    data: Any,
    of: Iterable[str] | Mapping[str, str],
    *,
    least_eigenvalue: float = 1.0,
    constant: Constant = "refuse",
    map: MapLike = map,
) -> Weights:
    """Weights by the share of a column in the principal components of the correlations, learned from data.

    Args:
        data: as in :meth:`entropy`.
        of: as in :meth:`entropy`; any values.
        least_eigenvalue: components with less are left out (Kaiser's rule); the first never is.
        constant: as in :meth:`entropy`.
        map: as in :meth:`entropy`.

    Returns:
        weights whose quality is the ``variance_explained`` by each component, the ``variance_kept``, and the
        ``communalities``. Loadings are squared and not rotated.

    Example:
        >>> from perfkit import Weights
        >>> data = {"a": [1, 2, 3, 4], "b": [1, 2, 4, 3], "c": [2, 1, 1, 2]}
        >>> Weights.principal_components(data, ["a", "b", "c"]).quality["variance_kept"]
        0.972171713
    """
    return _cls._of(
        _principal_components.principal_components(
            data, of, least_eigenvalue=least_eigenvalue, constant=constant, map=map
        )
    )
