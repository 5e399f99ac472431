"""Weighted groups of metrics, and the mean over what is there."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from typing import cast

import numpy as np
from attrs import field, frozen

from perfkit._core.checks import several, text
from perfkit._core.columns import FloatColumn, Need, Rows
from perfkit._metrics import views
from perfkit._metrics.metric import Metric, MissingRule, as_weight
from perfkit.errors import DefinitionError
from perfkit.explain import AnyRecorder, Recorder


def as_parts(parts: Iterable[Metric | Section]) -> tuple[Metric | Section, ...]:
    """One part or several, as a tuple."""
    return several(parts)


@frozen
class Section:
    """A weighted group of metrics, or of further sections.

    Args:
        name: unique on the scorecard.
        weight: how much it counts among its siblings.
        of: its metrics and sections.

    Raises:
        DefinitionError: for nothing in it, or weights given to some and not to others.

    Example:
        >>> Section("results", weight=70, of=[Metric("revenue", weight=80), Metric("churn", weight=20)]).shares()
        {'revenue': Fraction(4, 5), 'churn': Fraction(1, 5)}
    """

    name: str = field(converter=text)
    weight: Fraction | None = field(default=None, converter=as_weight, kw_only=True)
    of: tuple[Metric | Section, ...] = field(converter=as_parts, kw_only=True)

    def __attrs_post_init__(self) -> None:
        check_siblings(self.name, self.of)

    def shares(self) -> dict[str, Fraction]:
        """The share of each part in this section, adding up to one."""
        return shares_of(self.of)

    def needs(self) -> tuple[Need, ...]:
        """The columns that the section reads."""
        return tuple(need for part in self.of for need in part.needs())

    def evaluate(self, rows: Rows, missing: MissingRule, record: AnyRecorder) -> tuple[FloatColumn, FloatColumn]:
        """The weighted mean of each row over what is there, NaN where nothing is, and its coverage."""
        node = record.part("section", label=self.name)
        value, coverage, _ = weighted_mean(self.of, rows, missing, node)
        return value, coverage

    def _repr_html_(self) -> str:
        return views.section_html(self)


def shares_of(parts: Iterable[Metric | Section]) -> dict[str, Fraction]:
    """Each part's share among its siblings."""
    weights = {part.name: weight_of(part) for part in parts}
    whole = sum(weights.values())
    return {name: weight / whole for name, weight in weights.items()}


def weight_of(part: Metric | Section) -> Fraction:
    """The weight of a part among its siblings; 1 where none of them has one."""
    return Fraction(1) if part.weight is None else part.weight


def weighted_mean(
    parts: tuple[Metric | Section, ...], rows: Rows, missing: MissingRule, record: AnyRecorder
) -> tuple[FloatColumn, FloatColumn, Fraction | None]:
    """The weighted mean of parts over those that have a value.

    Returns:
        the mean, the coverage, and where one row is recorded the exact mean of its parts.
    """
    gained, present, covered = np.zeros(rows.n), np.zeros(rows.n), np.zeros(rows.n)
    whole = 0.0
    contributions: list[tuple[AnyRecorder, Fraction, bool]] = []
    for part in parts:
        weight = float(weight_of(part))
        node = record.part("contribution", label=part.name)
        node.says(rule=missing)
        value, coverage = part.evaluate(rows, missing, node)
        there = ~np.isnan(value)
        with np.errstate(over="ignore"):
            if there.all():
                gained += weight * value
                present += weight
            else:
                gained += np.where(there, weight * value, 0.0)
                present += np.where(there, weight, 0.0)
        covered += weight * coverage
        whole += weight
        if record:
            node.says(score=float(value[0]) if there[0] else None)
            contributions.append((node, weight_of(part), bool(there[0])))
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.where(present > 0, gained / present, np.nan)
    if np.isinf(mean).any():
        expected = "and its siblings must not add up beyond what floats hold"
        rows.require(~np.isinf(mean), parts[0].name, expected, "use larger units")
    return mean, covered / whole, _record_mean(record, contributions) if record else None


def _record_mean(record: AnyRecorder, contributions: list[tuple[AnyRecorder, Fraction, bool]]) -> Fraction | None:
    weights = sum((weight for _, weight, there in contributions if there), Fraction(0))
    mean = Fraction(0)
    for node, weight, there in contributions:
        if not there:
            node.drop_parts()
            node.says("missing", value=Fraction(0), relation="from", weight=weight)
            continue
        seen = cast(Recorder, node).exact_part()
        share = weight / weights
        mean += share * seen
        node.says(
            value=share * seen, relation="affine", score=seen, weight=weight, weights=weights, slope=share, intercept=0
        )
    if not weights:
        return None
    record.says(value=mean, relation="sum")
    return mean


def check_siblings(name: str, parts: tuple[Metric | Section, ...]) -> None:
    """Refuse parts that no mean can be taken of."""
    if not parts:
        raise DefinitionError(f"{name!r} must have at least one metric or section (got none)", path="of")
    odd = [part for part in parts if not isinstance(part, (Metric, Section))]
    if odd:
        raise DefinitionError(f"{name!r} must hold metrics and sections (got {odd[0]!r})", path="of")
    without = [part.name for part in parts if part.weight is None]
    if without and len(without) < len(parts):
        raise DefinitionError(
            f"weights in {name!r} must be given to all of its parts or to none; missing for {', '.join(without)}",
            path="of",
        )
