"""What each metric brings to the scores of a population, and how much of their spread is its own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np
from attrs import frozen

from perfkit._core.blocks import blocks
from perfkit._core.columns import FloatColumn, Rows
from perfkit._core.notebook import definition
from perfkit._metrics.attribution import MANY, shapley
from perfkit._metrics.metric import Metric, MissingRule, Outcome
from perfkit._metrics.section import Section, apart, mean_of, too_little, weighed
from perfkit._metrics.views import effective_weights_html, learned_line
from perfkit.errors import DefinitionError
from perfkit.explain import SILENT

if TYPE_CHECKING:
    from perfkit._metrics.scores import Scores


@frozen(eq=False, repr=False)
class Contributions(Mapping[str, FloatColumn]):
    """What each metric brings to each score, as columns by name; with :attr:`rest` they add up to the score.

    Attributes:
        columns: of each metric; 0 where it is missing, NaN where there is no score.
        rest: what no metric brings: the reference, and the rounding to the grid.
    """

    _repr_html_ = definition

    columns: Mapping[str, FloatColumn]
    rest: FloatColumn

    def __getitem__(self, name: str) -> FloatColumn:
        return self.columns[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.columns)

    def __len__(self) -> int:
        return len(self.columns)

    def total(self) -> FloatColumn:
        """The sum of all columns and the rest: the scores, to the last bits of a float."""
        total = self.rest.copy()
        for column in self.columns.values():
            total += column
        return total

    def __repr__(self) -> str:
        return f"<Contributions of {', '.join(self.columns)}: {len(self.rest):,} rows>"


@frozen(eq=False, repr=False)
class EffectiveWeights:
    """The weights that the metrics were given, and those that they have in the scores of a population.

    Attributes:
        nominal: the product of the shares of each metric up the tree; they add up to one.
        effective: the share of the variance of the scores that each metric brings, the covariance of what it brings
            with the score over the variance of the score. They add up to one, but for the rest; all are NaN where all
            scores are alike. One is negative where a metric moves against the score.
        learned: the metrics whose nominal weight was learned from data, or that of a section above them.
    """

    nominal: Mapping[str, Fraction]
    effective: Mapping[str, float]
    learned: tuple[str, ...] = ()

    def __str__(self) -> str:
        width = max(len("metric"), *(len(name) for name in self.nominal))
        lines = [f"{'metric':<{width}}  nominal  effective"]
        for name, nominal in self.nominal.items():
            lines.append(f"{name:<{width}}  {float(nominal):7.3f}  {self.effective[name]:9.3f}")
        return "\n".join([*lines, *learned_line(self.learned)])

    __repr__ = __str__

    def _repr_html_(self) -> str:
        return effective_weights_html(self)


def contributions_of(scores: Scores, reference: Fraction) -> Contributions:
    """What each metric brings to each score; see :meth:`Scores.contributions`."""
    card, rows = scores.card, scores.rows
    columns = {metric.name: np.empty(len(scores)) for metric in card.metrics()}
    rest = np.empty(len(scores))
    for block in blocks(len(scores)):
        _, brought = _attributed(
            card.sections, card.aggregate, card.min_coverage, rows[block], card.missing, float(reference)
        )
        total = np.zeros(block.stop - block.start)
        without = np.isnan(scores.values[block])
        for name, column in brought.items():
            columns[name][block] = np.where(without, np.nan, column + 0.0)
            total += column
        rest[block] = scores.values[block] - total
    return Contributions(columns, rest)


def _attributed(
    parts: tuple[Metric | Section, ...],
    aggregate: Any,
    min_coverage: Fraction | None,
    rows: Rows,
    missing: MissingRule,
    reference: float,
) -> tuple[Outcome, dict[str, FloatColumn]]:
    """The outcome of siblings, and what each metric below them brings to it."""
    outcomes: list[Outcome] = []
    below: list[dict[str, FloatColumn]] = []
    for part in parts:
        if isinstance(part, Section):
            outcome, brought = _attributed(part.of, part.aggregate, part.min_coverage, rows, missing, reference)
        else:
            outcome = part.evaluate(rows, missing, SILENT)
            brought = {part.name: np.where(np.isnan(outcome.value), 0.0, outcome.value - reference)}
        outcomes.append(outcome)
        below.append(brought)
    masses, present, coverage, kept = weighed(parts, outcomes)
    values = [outcome.value for outcome in outcomes]
    contributions: dict[str, FloatColumn] = {}
    if aggregate is None:
        value = mean_of(values, masses, present)
        with np.errstate(invalid="ignore", divide="ignore"):
            factors = [np.where(present > 0, mass / present, 0.0) for mass in masses]
    else:
        names = [part.name for part in parts]
        value = apart(aggregate, names, values, masses, present)
        factors = _factors(aggregate, names, values, masses, present, reference)
    for factor, brought in zip(factors, below, strict=True):
        for name, column in brought.items():
            contributions[name] = factor * column
    if min_coverage is not None:
        low = too_little(coverage, min_coverage)
        value = np.where(low, np.nan, value)
        contributions = {name: np.where(low, 0.0, column) for name, column in contributions.items()}
    return Outcome(value, coverage, kept), contributions


def _factors(
    aggregate: Any,
    names: list[str],
    values: list[FloatColumn],
    masses: list[FloatColumn],
    present: FloatColumn,
    reference: float,
) -> list[FloatColumn]:
    """What a unit of each part's distance from the reference brings, under an aggregate that is no weighted mean."""
    if len(names) > MANY:
        raise DefinitionError(
            f"contributions under {type(aggregate).__name__} are exact for up to {MANY} parts (got {len(names)}); "
            "put parts together in sections"
        )

    def score(changed: list[FloatColumn]) -> FloatColumn:
        return apart(aggregate, names, changed, masses, present)

    start = [np.where(np.isnan(value), np.nan, reference) for value in values]
    factors = []
    for brought, value in zip(shapley(score, values, start), values, strict=True):
        distance = value - reference
        with np.errstate(invalid="ignore", divide="ignore"):
            factor = np.where((distance == 0) | np.isnan(distance), 0.0, brought / distance)
        factors.append(np.where(np.isnan(factor), 0.0, factor))
    return factors


def effective_weights_of(scores: Scores) -> EffectiveWeights:
    """Nominal and effective weights; see :meth:`Scores.effective_weights`."""
    nominal = scores.card.weights()
    there = ~np.isnan(scores.values)
    values = scores.values[there]
    centred = values - values.mean() if len(values) else values
    spread = float(np.sum(centred * centred))
    brought = scores.contributions()
    effective = {}
    for name, column in brought.items():
        with np.errstate(invalid="ignore", divide="ignore"):
            effective[name] = float(np.sum(centred * column[there]) / spread) if spread > 0 else float("nan")
    return EffectiveWeights(nominal, effective, scores.card.learned_weights())
