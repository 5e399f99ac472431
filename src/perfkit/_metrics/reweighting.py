"""The scores of a card anew: by other weights, or with a metric left out, from what each metric gave once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Any

import numpy as np
from attrs import evolve

from perfkit._core.columns import FloatColumn, Rows, read_rows
from perfkit._core.grid import publish
from perfkit._core.numbers import exact
from perfkit._metrics import portable
from perfkit._metrics.aggregates import Veto
from perfkit._metrics.metric import Metric, Outcome
from perfkit._metrics.scorecard import Scorecard
from perfkit._metrics.section import Section, apart, check_aggregate, mean_of, too_little, weighed, weight_of
from perfkit.errors import DefinitionError
from perfkit.explain import SILENT

# About as many numbers at a time as fit the cache of a small machine several times over.
CHUNK = 2**21


def outcomes_of(card: Scorecard, data: Any) -> tuple[dict[str, Outcome], Rows]:
    """What each metric gives for each row, once."""
    card.require_fitted()
    rows = read_rows(data, [need.name for need in card.needs()])
    return {metric.name: metric.evaluate(rows, card.missing, SILENT) for metric in card.metrics()}, rows


def siblings_of(card: Scorecard) -> Iterator[tuple[Metric | Section, ...]]:
    """The parts that share their weights: those of the card, and those of each section."""
    yield card.sections
    for part, _ in card.walk():
        if isinstance(part, Section):
            yield part.of


def is_linear(card: Scorecard) -> bool:
    """Whether every score of the card is a weighted mean all the way down."""
    sections = [part for part, _ in card.walk() if isinstance(part, Section)]
    return card.aggregate is None and all(part.aggregate is None for part in sections)


def random_of(seed: int) -> np.random.Generator:
    """The generator of a seed."""
    if isinstance(seed, bool) or not isinstance(seed, (int, np.integer)) or seed < 0:
        raise DefinitionError(f"seed must be a whole number from 0 on (got {seed!r})", path="seed")
    return np.random.default_rng(int(seed))


def drawn_weights(
    random: np.random.Generator, weights: list[float], draws: int, spread: Fraction | None
) -> FloatColumn:
    """Weights of siblings, a row for each draw."""
    uniform = random.random((draws, len(weights)))
    if spread is not None:
        return np.array(weights) * (1 + float(spread) * (2 * uniform - 1))
    # Exponential numbers over their sum are uniform on the simplex.
    return -portable.log(1 - uniform) + 2.0**-60


def recombined_scores(
    card: Scorecard, leaves: Mapping[str, Outcome], weights: Mapping[str, float], left_out: str | None = None
) -> FloatColumn:
    """The published scores by other weights of some parts, or with one part left out."""
    outcome = _recombined(card.sections, card.aggregate, card.min_coverage, leaves, weights, left_out)
    return publish(outcome.value, card.grid)


def _recombined(
    parts: tuple[Metric | Section, ...],
    aggregate: Any,
    min_coverage: Fraction | None,
    leaves: Mapping[str, Outcome],
    weights: Mapping[str, float],
    left_out: str | None = None,
) -> Outcome:
    """The scores of siblings as one, from what their metrics gave, under other weights."""
    outcomes = [
        _recombined(part.of, part.aggregate, part.min_coverage, leaves, weights, left_out)
        if isinstance(part, Section)
        else leaves[part.name]
        for part in parts
    ]
    given = [evolve(part, weight=exact(weights[part.name])) for part in parts] if weights else parts
    if weights and aggregate is not None:
        _require_suited(aggregate, tuple(given))
    masses, present, coverage, kept = weighed(tuple(given), outcomes)
    gone = [part for part in parts if _is_gone(part, left_out)]
    if 0 < len(gone) < len(parts):
        whole = sum(map(weight_of, parts))
        coverage = coverage * float(whole / (whole - sum(map(weight_of, gone))))
        aggregate = _without_floors(aggregate, {part.name for part in gone})
    values = [outcome.value for outcome in outcomes]
    if aggregate is None:
        value = mean_of(values, masses, present)
    else:
        value = apart(aggregate, [part.name for part in parts], values, masses, present)
    if min_coverage is not None:
        value = np.where(too_little(coverage, min_coverage), np.nan, value)
    return Outcome(value, coverage, kept)


def _require_suited(aggregate: Any, parts: tuple[Metric | Section, ...]) -> None:
    """Refuse weights that an aggregate would not be defined with, such as shares that interactions outweigh."""
    try:
        check_aggregate("card", parts, aggregate)
    except DefinitionError as error:
        raise DefinitionError(
            f"some weights that were drawn do not suit {type(aggregate).__name__}: {error}; draw closer to those of "
            "the card with a smaller spread=",
            path="spread",
        ) from error


def _is_gone(part: Metric | Section, left_out: str | None) -> bool:
    if isinstance(part, Section):
        return all(_is_gone(inner, left_out) for inner in part.of)
    return part.name == left_out


def _without_floors(aggregate: Any, names: set[str]) -> Any:
    """An aggregate whose vetoes know no floor of the parts named."""
    if not isinstance(aggregate, Veto):
        return aggregate
    inner = _without_floors(aggregate.of, names)
    floors = tuple((name, floor) for name, floor in aggregate.at_least if name not in names)
    return evolve(aggregate, at_least=floors, of=inner) if floors else inner


def drawn_scores(
    card: Scorecard,
    leaves: Mapping[str, Outcome],
    groups: list[tuple[Metric | Section, ...]],
    drawn: list[FloatColumn],
    draws: int,
) -> Iterator[FloatColumn]:
    """The scores of each draw, several draws at a time where nothing is missing and every mean is weighted."""
    complete = all(not np.isnan(outcome.value).any() for outcome in leaves.values())
    if not (complete and is_linear(card)):
        for draw in range(draws):
            weights = {
                part.name: float(column[draw, position])
                for parts, column in zip(groups, drawn, strict=True)
                for position, part in enumerate(parts)
            }
            yield recombined_scores(card, leaves, weights)[np.newaxis]
        return
    factors = _leaf_factors(card.sections, dict(zip(map(id, groups), drawn, strict=True)), np.ones(draws))
    n = len(next(iter(leaves.values())).value)
    at_a_time = max(1, CHUNK // max(n, 1))
    for start in range(0, draws, at_a_time):
        some = slice(start, min(start + at_a_time, draws))
        total = np.zeros((some.stop - some.start, n))
        for name, factor in factors.items():
            total += np.multiply.outer(factor[some], leaves[name].value)
        yield publish(total, card.grid)


def _leaf_factors(
    parts: tuple[Metric | Section, ...], drawn: Mapping[int, FloatColumn], above: FloatColumn
) -> dict[str, FloatColumn]:
    """The weight of each metric in the whole, for each draw."""
    weights = drawn[id(parts)]
    whole = np.zeros(len(above))
    for column in weights.T:
        whole += column
    factors: dict[str, FloatColumn] = {}
    for part, column in zip(parts, weights.T, strict=True):
        share = above * column / whole
        if isinstance(part, Section):
            factors |= _leaf_factors(part.of, drawn, share)
        else:
            factors[part.name] = share
    return factors
