"""Weighted groups of metrics, and how the scores of siblings become one."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from typing import Any, NamedTuple, cast

import numpy as np
from attrs import field, frozen

from perfkit._core.checks import several, text
from perfkit._core.columns import BoolColumn, FloatColumn, Need, Rows
from perfkit._core.grid import snap
from perfkit._core.numbers import Number, exact, plain
from perfkit._metrics import views
from perfkit._metrics.aggregates import Choquet, Veto
from perfkit._metrics.attribution import MANY, shapley
from perfkit._metrics.capacity import ChoquetCapacity
from perfkit._metrics.metric import Metric, MissingRule, Outcome, as_weight
from perfkit.errors import DataError, DefinitionError, did_you_mean, row_list
from perfkit.explain import AnyRecorder, Recorder
from perfkit.typing import Aggregate, ExplainedAggregate


def as_parts(parts: Iterable[Metric | Section]) -> tuple[Metric | Section, ...]:
    """One part or several, as a tuple."""
    return several(parts)


def as_share(value: Number | None) -> Fraction | None:
    """A share from 0 to 1, or none."""
    if value is None:
        return None
    share = exact(value, what="min_coverage", path="min_coverage")
    if not 0 <= share <= 1:
        raise DefinitionError(f"min_coverage must be a share from 0 to 1 (got {plain(share)})", path="min_coverage")
    return share


class Weighed(NamedTuple):
    """What siblings weigh in each row.

    Attributes:
        masses: of each part, 0 where it is missing.
        present: their sum.
        coverage: the share of the weight that was observed.
        kept: the share of the weight that stays with them; all of it where not given.
    """

    masses: list[FloatColumn]
    present: FloatColumn
    coverage: FloatColumn
    kept: FloatColumn | None


@frozen
class Section:
    """A weighted group of metrics, or of further sections.

    Args:
        name: unique on the scorecard.
        weight: how much it counts among its siblings.
        of: its metrics and sections.
        aggregate: how the scores of its parts become one: the weighted mean when not given, else one of
            :class:`Geometric`, :class:`Harmonic`, :class:`PowerMean`, :class:`Minimum`, :class:`OrderedMean`,
            :class:`Choquet`, :class:`ChoquetCapacity`, :class:`MazziottaPareto`, :class:`Veto`, :class:`Topsis`,
            :class:`Vikor`, or an object of yours with the members of :class:`perfkit.typing.Aggregate`.
        min_coverage: the share of its weight that must be observed for it to have a score.

    Raises:
        DefinitionError: for nothing in it, or weights given to some and not to others.

    Example:
        >>> Section("results", weight=70, of=[Metric("revenue", weight=80), Metric("churn", weight=20)]).shares()
        {'revenue': Fraction(4, 5), 'churn': Fraction(1, 5)}
    """

    name: str = field(converter=text)
    weight: Fraction | None = field(default=None, converter=as_weight, kw_only=True)
    of: tuple[Metric | Section, ...] = field(converter=as_parts, kw_only=True)
    aggregate: Any = field(default=None, kw_only=True)
    min_coverage: Fraction | None = field(default=None, converter=as_share, kw_only=True)

    def __attrs_post_init__(self) -> None:
        check_siblings(self.name, self.of)
        check_aggregate(self.name, self.of, self.aggregate)

    def shares(self) -> dict[str, Fraction]:
        """The share of each part in this section, adding up to one."""
        return shares_of(self.of)

    def needs(self) -> tuple[Need, ...]:
        """The columns that the section reads."""
        return tuple(need for part in self.of for need in part.needs())

    def evaluate(self, rows: Rows, missing: MissingRule, record: AnyRecorder) -> Outcome:
        """The score of each row over what is there, NaN where nothing is, and its coverage."""
        node = record.part("section", label=self.name)
        return combined(self.of, self.aggregate, self.min_coverage, rows, missing, node)

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


def combined(
    parts: tuple[Metric | Section, ...],
    aggregate: Any,
    min_coverage: Fraction | None,
    rows: Rows,
    missing: MissingRule,
    record: AnyRecorder,
) -> Outcome:
    """The scores of siblings as one, over those that have a value; recorded with parts that add up to it."""
    outcomes: dict[str, Outcome] = {}
    nodes: list[AnyRecorder] = []
    for part in parts:
        node = record.part("contribution", label=part.name)
        node.says(rule=missing)
        outcomes[part.name] = part.evaluate(rows, missing, node)
        nodes.append(node)
    masses, present, coverage, kept = weighed(parts, list(outcomes.values()))
    values = [outcome.value for outcome in outcomes.values()]
    if aggregate is None:
        value = mean_of(values, masses, present)
    else:
        try:
            value = apart(aggregate, list(outcomes), values, masses, present)
        except DataError as error:
            raise _placed(error, rows) from error
    if np.isinf(value).any():
        expected = "and its siblings must not add up beyond what floats hold"
        rows.require(~np.isinf(value), columns_of(parts[0]), expected, "use larger units")
    low = too_little(coverage, min_coverage)
    if record and low[0]:
        record.drop_parts()
        record.leaf("too_little", None, coverage=float(coverage[0]), least=min_coverage)
    elif record:
        _record(record, nodes, parts, aggregate, outcomes, masses, present, value)
    if low.any():
        value = np.where(low, np.nan, value)
    return Outcome(value, coverage, kept)


def too_little(coverage: FloatColumn, least: Fraction | None) -> BoolColumn:
    """Where less was observed than there must be; to the billionth, for no last bit of a sum decides it."""
    if least is None:
        return np.zeros(len(coverage), dtype=np.bool_)
    return np.asarray(snap(coverage) < snap(np.array([float(least)])))


def _placed(error: DataError, rows: Rows) -> DataError:
    """The error of an aggregate, which knows rows by their place in a block, with the rows of the caller."""
    if not error.rows:
        return error
    there = [int(rows.positions[row]) for row in error.rows]
    return DataError(f"{error}: {row_list(there, error.count)}", column=error.column, rows=there, count=error.count)


def weighed(parts: tuple[Metric | Section, ...], outcomes: list[Outcome]) -> Weighed:
    """What each of some siblings weighs in each row, 0 where it is missing, and what that comes to."""
    weights, shares = [float(weight_of(part)) for part in parts], [float(share) for share in shares_of(parts).values()]
    n = len(outcomes[0].value)
    present, covered = np.zeros(n), np.zeros(n)
    kept = np.zeros(n) if any(outcome.kept is not None for outcome in outcomes) else None
    masses = []
    for weight, share, outcome in zip(weights, shares, outcomes, strict=True):
        there = ~np.isnan(outcome.value)
        mass = there * share if outcome.kept is None else np.where(there, share * outcome.kept, 0.0)
        masses.append(mass)
        present += mass
        covered += there * weight if outcome.coverage is None else weight * outcome.coverage
        if kept is not None:
            kept += weight if outcome.kept is None else weight * outcome.kept
    whole = sum(weights)
    return Weighed(masses, present, covered / whole, None if kept is None else kept / whole)


def mean_of(values: list[FloatColumn], masses: list[FloatColumn], present: FloatColumn) -> FloatColumn:
    """The mean by masses that are 0 where a value is missing; NaN where all are."""
    gained, part = np.zeros(len(present)), np.empty(len(present))
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        for value, mass in zip(values, masses, strict=True):
            np.multiply(mass, value, out=part)
            np.copyto(part, 0.0, where=mass == 0)
            gained += part
        return np.where(present > 0, gained / present, np.nan)


def apart(
    aggregate: Any, names: list[str], values: list[FloatColumn], masses: list[FloatColumn], present: FloatColumn
) -> FloatColumn:
    """What an aggregate makes of the scores of siblings; NaN where none has one."""
    # Rows in which nothing is there are no number of anything, and are put aside below.
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        shares = {name: np.where(present > 0, mass / present, 0.0) for name, mass in zip(names, masses, strict=True)}
        value = aggregate.combine(dict(zip(names, values, strict=True)), shares)
    return np.where(present > 0, value, np.nan)


def columns_of(part: Metric | Section) -> str:
    """The first column that a part reads."""
    return part.needs()[0].name


def _record(
    record: AnyRecorder,
    nodes: list[AnyRecorder],
    parts: tuple[Metric | Section, ...],
    aggregate: Any,
    outcomes: dict[str, Outcome],
    masses: list[FloatColumn],
    present: FloatColumn,
    value: FloatColumn,
) -> None:
    there = [mass[0] > 0 for mass in masses]
    exact_masses = [
        weight_of(part) * (1 if outcome.kept is None else exact(float(outcome.kept[0]))) if is_there else Fraction(0)
        for part, outcome, is_there in zip(parts, outcomes.values(), there, strict=True)
    ]
    weights = sum(exact_masses, Fraction(0))
    total = Fraction(0)
    aggregate, vetoes = _without_vetoes(aggregate)
    values = {name: outcome.value for name, outcome in outcomes.items()}
    if vetoes and aggregate is not None:
        value = apart(aggregate, list(values), list(values.values()), masses, present)
    contributions = _contributions(aggregate, outcomes, masses, present, value)
    for position, (node, part) in enumerate(zip(nodes, parts, strict=True)):
        weight = weight_of(part)
        if not there[position]:
            node.drop_parts()
            stated = cast(Recorder, node).code in ("missing_group", "missing_ungrouped")
            node.says(None if stated else "missing", value=Fraction(0), relation="from", weight=weight)
            continue
        seen = cast(Recorder, node).exact_part()
        mass = exact_masses[position]
        if contributions is None:
            share = mass / weights
            total += share * seen
            node.says(
                value=share * seen,
                relation="affine",
                score=seen,
                weight=mass,
                weights=weights,
                slope=share,
                intercept=0,
            )
        else:
            total += contributions[position]
            code = "beside" if len(parts) > MANY else "brought"
            node.says(code, value=contributions[position], relation="from", score=seen, weight=mass, weights=weights)
    if not weights or np.isnan(value[0]):
        return
    if contributions is not None:
        many = len(outcomes) > MANY
        record.leaf("combined_whole" if many else "combined", None, aggregate=type(aggregate).__name__, most=MANY)
        if isinstance(aggregate, ExplainedAggregate):
            with np.errstate(invalid="ignore", divide="ignore"):
                shares = {name: mass / present for name, mass in zip(outcomes, masses, strict=True)}
            aggregate.record(record, values, shares)
        left = _to_the_billionth(value) - total
        if left:
            record.leaf("not_attributed", left)
            total += left
    for veto in reversed(vetoes):
        # A line of its own: what the parts bring stays what they bring, and the floor takes off the rest.
        total = veto.record(record, values, total)
    record.says(value=total, relation="sum")


def _without_vetoes(aggregate: Any) -> tuple[Any, list[Veto]]:
    """What combines parts inside of vetoes, and these, from the outside in."""
    vetoes = []
    while isinstance(aggregate, Veto):
        vetoes.append(aggregate)
        aggregate = aggregate.of
    return aggregate, vetoes


def _to_the_billionth(value: FloatColumn) -> Fraction:
    """A score of one row without the last bits of its float, which print as noise."""
    return exact(round(float(value[0]), 9))


def _contributions(
    aggregate: Any,
    outcomes: dict[str, Outcome],
    masses: list[FloatColumn],
    present: FloatColumn,
    value: FloatColumn,
) -> list[Fraction] | None:
    """What each part brings under an aggregate that is no weighted mean: its Shapley value against scores of 0."""
    if aggregate is None:
        return None
    names = list(outcomes)
    if len(names) > MANY or np.isnan(value[0]):
        return [Fraction(0)] * len(names)
    columns = [outcome.value for outcome in outcomes.values()]

    def score(changed: list[FloatColumn]) -> FloatColumn:
        return apart(aggregate, names, changed, masses, present)

    brought = shapley(score, columns, [np.where(np.isnan(column), np.nan, 0.0) for column in columns])
    # To the billionth, as scores are taken, so that parts print as people read them; the largest takes what is left.
    parts = [exact(round(float(column[0]), 9)) for column in brought]
    worth = _to_the_billionth(value) - sum(parts, Fraction(0))
    if abs(worth) < Fraction(len(parts), 10**9):
        largest = max(range(len(parts)), key=lambda i: abs(parts[i]))
        parts[largest] += worth
    return parts


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


def check_aggregate(name: str, parts: tuple[Metric | Section, ...], aggregate: Any) -> None:
    """Refuse an aggregate that is none, or that names parts which are not there."""
    if aggregate is None:
        return
    if isinstance(aggregate, type) or not isinstance(aggregate, Aggregate):
        raise DefinitionError(
            f"aggregate of {name!r} must have combine and names, such as Geometric() (got {aggregate!r})",
            path="aggregate",
        )
    known = [part.name for part in parts]
    for named in aggregate.names():
        if named not in known:
            raise DefinitionError(
                f"the aggregate of {name!r} names {named!r}, which is none of its parts{did_you_mean(named, known)}",
                path="aggregate",
            )
    aggregate, _ = _without_vetoes(aggregate)
    if isinstance(aggregate, (Choquet, ChoquetCapacity)):
        aggregate.check(shares_of(parts))
