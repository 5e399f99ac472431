"""Comparisons of several people: their judgements put together, or the weights that each of them came to."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import Any, Literal

from perfkit._core.checks import one_of
from perfkit._core.numbers import Number, exact
from perfkit._weights.ahp import PairwiseMethod, ahp, judged
from perfkit._weights.combination import geometric_mean, portions_of, same_names, spread
from perfkit._weights.comparisons import Comparisons, read_comparisons, require_connected
from perfkit._weights.found import Facts, Found, shares_on_grid
from perfkit._weights.random_index import RandomIndex
from perfkit.errors import DefinitionError

Aggregate = Literal["judgements", "priorities"]


def ahp_group(
    judges: Mapping[str, Any],
    aggregate: Aggregate,
    portions: Mapping[str, Number] | None,
    names: Iterable[str] | None,
    method: PairwiseMethod,
    random_index: RandomIndex,
) -> Found:
    """Weights from the comparisons of several people; see ``Weights.ahp_group``."""
    one_of(aggregate, ("judgements", "priorities"), "aggregate")
    read = read_judges(judges, names)
    counts = portions_of(read, portions)
    own = {
        judge: ahp(comparisons.stored(), comparisons.names, method, random_index)
        for judge, comparisons in read.items()
        if aggregate == "priorities" or len(comparisons.groups()) == 1
    }
    theirs = {judge: dict(found.shares) for judge, found in own.items()}
    inputs: Facts = (("aggregate", aggregate), ("portions", tuple(counts.items())))
    quality: Facts = ()
    if aggregate == "priorities":
        shares = geometric_mean(theirs, counts, same_names(theirs))
    else:
        together = judgements_together(read, counts)
        weights, quality = judged(together, method, random_index)
        shares = shares_on_grid(dict(zip(together.names, weights.tolist(), strict=True)))
        inputs += (("comparisons", together.stored()),)
    source = f"AHP, {method.replace('_', ' ')}, {aggregate} of {len(read)} judges"
    return Found(shares, source, inputs, quality + spread(theirs, shares), parts=tuple(own.items()))


def read_judges(judges: Mapping[str, Any], names: Iterable[str] | None) -> dict[str, Comparisons]:
    """The comparisons of each judge, about the names given or else those of the first judge."""
    if not isinstance(judges, Mapping):
        raise DefinitionError(f"judges must be a mapping from who judged to comparisons (got {judges!r})")
    if not judges:
        raise DefinitionError("there must be at least one judge (got none)")
    order = None if names is None else tuple(names)
    read: dict[str, Comparisons] = {}
    problems = []
    for judge, comparisons in judges.items():
        try:
            read[judge] = read_comparisons(comparisons, order)
        except DefinitionError as error:
            problems += [f"{judge}: {problem}" for problem in error.problems]
            continue
        order = read[judge].names
    if problems:
        raise DefinitionError(f"judges' comparisons do not hold together: {'; '.join(problems)}", problems=problems)
    return read


def judgements_together(judges: Mapping[str, Comparisons], counts: Mapping[str, Fraction]) -> Comparisons:
    """One judgement for each pair that anyone judged: the geometric mean of theirs (Aczel & Saaty 1983).

    It is the only mean of which the reciprocal is the mean of the reciprocals. Those who did not judge a pair do not
    count in it.
    """
    names = next(iter(judges.values())).names
    ratios: dict[tuple[int, int], Fraction] = {}
    for pair in sorted({pair for judge in judges.values() for pair in judge.ratios}):
        told = [(counts[label], judge.ratios[pair]) for label, judge in judges.items() if pair in judge.ratios]
        if len({ratio for _, ratio in told}) == 1:
            ratios[pair] = told[0][1]
            continue
        whole = float(sum(count for count, _ in told))
        mean = math.exp(math.fsum(float(count) * math.log(ratio) for count, ratio in told) / whole)
        ratios[pair] = exact(mean)
    together = Comparisons(names, ratios)
    require_connected(together)
    return together
