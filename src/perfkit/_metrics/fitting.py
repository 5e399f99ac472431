"""Fit: what a population has to tell a scorecard, asked once, exactly, in any parts, and frozen."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from fractions import Fraction
from functools import partial, reduce
from typing import TYPE_CHECKING, Any

import numpy as np
from attrs import evolve, frozen

from perfkit._core.blocks import blocks, shared_between
from perfkit._core.columns import Rows, read_rows
from perfkit._core.numbers import exact
from perfkit._core.statistics import Extremes, Moments, Statistic, Tally, tallied
from perfkit._metrics.fitted import FittedPercentile, FittedScale
from perfkit._metrics.groups import grouped
from perfkit._metrics.metric import Metric, MissingRule
from perfkit._metrics.scales import MinMax, Percentile, near
from perfkit._metrics.section import Section, weighed
from perfkit.curves import Curve
from perfkit.errors import DataError, DefinitionError
from perfkit.explain import SILENT
from perfkit.typing import FittedAggregate, Progress

if TYPE_CHECKING:
    from perfkit._metrics.scorecard import Scorecard

Part = Metric | Section
Map = Callable[[Callable[[Any], Any], Iterable[Any]], Iterable[Any]]


def unfitted(card: Scorecard) -> tuple[str, ...]:
    """What on a card has still to see a population, in words."""
    found: list[str] = []
    if _needs_references(card.sections, card.aggregate):
        found.append(f"{type(card.aggregate).__name__} of {card.name!r}")
    for part, _ in card.walk():
        if isinstance(part, Section):
            if _needs_references(part.of, part.aggregate):
                found.append(f"{type(part.aggregate).__name__} of {part.name!r}")
            continue
        if not part.is_fitted:
            found.append(f"{type(part.scale).__name__} of {part.name!r}{_half_declared(part.scale)}")
        rule = part.missing or card.missing
        if part.is_imputed(rule) and part.imputed is None:
            found.append(f"the {rule} of {part.name!r}, which missing values are taken to be")
    return tuple(found)


def _half_declared(scale: Any) -> str:
    """What would spare a scale the population, where one bound of two is declared."""
    if not isinstance(scale, MinMax) or (scale.lower is None) == (scale.upper is None):
        return ""
    given, wanting = ("upper", "lower") if scale.lower is None else ("lower", "upper")
    return f", which has {given}= declared and needs none with {wanting}= too"


def _needs_references(parts: tuple[Part, ...], aggregate: Any) -> bool:
    return isinstance(aggregate, FittedAggregate) and not aggregate.is_fitted(tuple(part.name for part in parts))


def fitted_parts(
    card: Scorecard, data: Any, map_: Map, columns: Mapping[str, Any], progress: Progress | None = None
) -> tuple[tuple[Part, ...], Any]:
    """The sections and the aggregate of a card with everything frozen as a population has it."""
    several = isinstance(data, (list, tuple)) or (isinstance(data, Iterator) and not hasattr(data, "columns"))
    if several and columns:
        raise DataError("columns by name go with a single table (got several tables); put them into each")
    tables = list(data) if several else [data]
    if not tables:
        raise DataError("a population must have at least one table (got none)")
    wanted = tuple(metric for metric in card.metrics() if _asks(metric, card.missing))
    given = dict(columns)
    if progress is not None and not several:
        # What a population says does not depend on its parts, so that it may as well be asked in parts that tell.
        readers: tuple[Any, ...] = (card,) if _waiting(card.sections, card.aggregate) else wanted
        rows = read_rows(data, dict.fromkeys(need.name for one in readers for need in one.needs()), given)
        tables, given = [rows[block] for block in blocks(rows.n)] or [rows], {}
    done = shared_between(progress, bool(wanted) + _waiting(card.sections, card.aggregate))
    if wanted:
        seen = _merged(map_(partial(_observed, wanted, card.missing, given), tables), done)
        sections = _with_scales(card.sections, {m.name: s for m, s in zip(wanted, seen, strict=True)})
    else:
        sections = card.sections
    aggregate = card.aggregate
    while True:
        target = _next(sections, aggregate)
        if target is None:
            return sections, aggregate
        parts, method, name = target
        found = _merged(map_(partial(_references, parts, method, card.missing, given), tables), done)
        references = {}
        for extremes in found:
            for column, ends in extremes.items():
                if not ends.count:
                    of = f" of {column!r}" if column.strip() else ""
                    raise DataError(f"no row has a score{of}, so {type(method).__name__} has no reference")
                references[column] = (exact(ends.least), exact(ends.most))
        fresh = method.fit(references)
        if name is None:
            aggregate = fresh
        else:
            sections = _with_aggregate(sections, name, fresh)


def _asks(metric: Metric, missing: MissingRule) -> bool:
    rule = metric.missing or missing
    return not metric.is_fitted or (metric.is_imputed(rule) and metric.imputed is None)


@frozen
class _Seen:
    """What a metric has seen of a population: of everybody, of each group, and what imputed values need."""

    overall: Any
    groups: Mapping[str, Any]
    imputing: Any

    def merged(self, other: _Seen) -> _Seen:
        groups = dict(self.groups)
        for name, statistic in other.groups.items():
            groups[name] = groups[name].merged(statistic) if name in groups else statistic
        return _Seen(_both(self.overall, other.overall), groups, _both(self.imputing, other.imputing))


def _both(one: Any, other: Any) -> Any:
    return None if one is None else one.merged(other)


def _merged(parts: Iterable[tuple[int, Any]], done: Callable[[int], object]) -> list[Any]:
    """The summaries of all parts put together, metric by metric, and told of with their numbers of rows."""

    def both(one: list[Any], other: list[Any]) -> list[Any]:
        return [_join(a, b) for a, b in zip(one, other, strict=True)]

    def told() -> Iterator[Any]:
        for rows, found in parts:
            yield found
            done(rows)

    return reduce(both, told())


def _join(one: Any, other: Any) -> Any:
    if isinstance(one, dict):
        return {name: one[name].merged(other[name]) for name in one}
    return one.merged(other)


def _observed(
    wanted: tuple[Metric, ...], missing: MissingRule, given: Mapping[str, Any], table: Any
) -> tuple[int, list[_Seen]]:
    """The number of rows of one table, and what each metric sees of it."""
    rows = read_rows(table, [need.name for metric in wanted for need in metric.needs()], given)
    return rows.n, [_seen(metric, missing, rows) for metric in wanted]


def _seen(metric: Metric, missing: MissingRule, rows: Rows) -> _Seen:
    quick = _quick_extremes(metric, missing, rows)
    if quick is not None:
        return _Seen(quick, {}, None)
    measured = metric.measured(rows)
    there = ~np.isnan(measured)
    everything = bool(there.all())
    values = measured if everything else measured[there]
    rule = metric.missing or missing
    imputing = None
    if metric.is_imputed(rule) and metric.imputed is None:
        imputing = Moments.of(values) if rule == "mean" else Tally.of(values)
    if metric.is_fitted:
        return _Seen(None, {}, imputing)
    scale = metric.scale
    within = scale.within
    if within is None:
        return _Seen(scale.summary(values), {}, imputing)
    names, codes = grouped(rows, within)
    if scale.unseen == "refuse" and (there & (codes < 0)).any():
        # Whoever has no group would be refused a score, so nobody is left out of the fit in silence either.
        expected = f"must name a group in every row that the scale of {metric.name!r} is fit to"
        cure = 'fill it, or leave such rows out of the fit with unseen="missing" or unseen="whole"'
        rows.require(~there | (codes >= 0), within, expected, cure)
    codes = codes if everything else codes[there]
    known = codes >= 0
    if not known.all():
        values, codes = values[known], codes[known]
    if isinstance(scale, Percentile):
        return _Seen(tallied(names, codes, values, None), {}, imputing)
    order = np.argsort(codes, kind="stable")
    values, ends = values[order], np.searchsorted(codes[order], np.arange(len(names) + 1))
    groups = {
        name: scale.summary(values[ends[i] : ends[i + 1]]) for i, name in enumerate(names) if ends[i] < ends[i + 1]
    }
    overall = scale.summary(values) if scale.unseen == "whole" else None
    return _Seen(overall, groups, imputing)


def _quick_extremes(metric: Metric, missing: MissingRule, rows: Rows) -> Extremes | None:
    """The extremes of a raw column that misses nothing, in one pass; nothing where more has to be asked."""
    scale = metric.scale
    if not isinstance(scale, MinMax) or scale.within is not None or scale.quantiles is not None:
        return None
    column = rows.raw(metric.column)
    if (
        metric.is_fitted
        or metric.kind != "raw"
        or metric.is_imputed(metric.missing or missing)
        or column.dtype != np.float64
    ):
        return None
    seen = Extremes.of(column)
    # A missing or an infinite value shows in one of the two.
    return seen if np.isfinite(seen.least) and np.isfinite(seen.most) else None


def _with_scales(parts: tuple[Part, ...], seen: Mapping[str, _Seen]) -> tuple[Part, ...]:
    return tuple(
        evolve(part, of=_with_scales(part.of, seen))
        if isinstance(part, Section)
        else _frozen(part, seen[part.name])
        if part.name in seen
        else part
        for part in parts
    )


def _frozen(metric: Metric, seen: _Seen) -> Metric:
    imputed = metric.imputed
    if seen.imputing is not None:
        if not seen.imputing.count:
            raise _nothing(metric)
        if isinstance(seen.imputing, Moments):
            imputed = near(seen.imputing.mean)
        else:
            imputed = near(seen.imputing.quantile(Fraction(1, 2)))
    scale = metric.scale if metric.is_fitted else _frozen_scale(metric, seen)
    return evolve(metric, scale=scale, imputed=imputed)


def _frozen_scale(metric: Metric, seen: _Seen) -> FittedScale | FittedPercentile:
    scale = metric.scale
    if isinstance(scale, Percentile):
        return _frozen_percentile(metric, seen.overall)
    if scale.within is None:
        return FittedScale(scale, _curve(metric, seen.overall, None))
    groups = {name: statistic for name, statistic in sorted(seen.groups.items()) if statistic.count >= scale.smallest}
    if not groups and seen.overall is None:
        raise _nothing(metric)
    curves = [_curve(metric, statistic, name) for name, statistic in groups.items()]
    overall = None if seen.overall is None else _curve(metric, seen.overall, None)
    return FittedScale(scale, overall, tuple(groups), curves)


def _curve(metric: Metric, seen: Statistic, group: str | None) -> Curve:
    if not seen.count:
        raise _nothing(metric)
    try:
        curve: Curve = metric.scale.curve(seen, metric.turns_scale)
        return curve
    except DefinitionError as error:
        of = "" if group is None else f" in group {group!r}"
        raise DataError(f"column {metric.column!r}{of} cannot be fit to: {error}", column=metric.column) from error


def _frozen_percentile(metric: Metric, tally: Tally) -> FittedPercentile:
    scale = metric.scale
    if not len(tally.values):
        raise _nothing(metric)
    filled = np.diff(tally.starts) > 0
    names, starts = tally.groups, tally.starts
    if not filled.all():
        names = tuple(name for name, is_filled in zip(names, filled.tolist(), strict=True) if is_filled)
        starts = np.concatenate([starts[:-1][filled], starts[-1:]])
    fitted = FittedPercentile(scale, metric.turns_scale, names, starts, tally.values, tally.counts)
    try:
        fitted.require_defined()
    except DefinitionError as error:
        raise DataError(f"column {metric.column!r} cannot be fit to: {error}", column=metric.column) from error
    return fitted


def _nothing(metric: Metric) -> DataError:
    within, least = getattr(metric.scale, "within", None), getattr(metric.scale, "smallest", 1)
    of = "" if within is None else f" in any group of {within!r}{f' with {least} people or more' if least > 1 else ''}"
    return DataError(
        f"column {metric.column!r} has no value in the population{of}, so the scale of {metric.name!r} has nothing to "
        "be fit to",
        column=metric.column,
    )


def _next(sections: tuple[Part, ...], aggregate: Any) -> tuple[tuple[Part, ...], Any, str | None] | None:
    """The first aggregate without references whose parts have theirs."""
    for part in sections:
        if isinstance(part, Section):
            inner = _next(part.of, part.aggregate)
            if inner is not None:
                parts, method, name = inner
                return parts, method, part.name if name is None else name
    return (sections, aggregate, None) if _needs_references(sections, aggregate) else None


def _waiting(sections: tuple[Part, ...], aggregate: Any) -> int:
    """How many aggregates have no references yet."""
    inner = sum(_waiting(part.of, part.aggregate) for part in sections if isinstance(part, Section))
    return inner + _needs_references(sections, aggregate)


def _with_aggregate(parts: tuple[Part, ...], name: str, aggregate: Any) -> tuple[Part, ...]:
    return tuple(
        part
        if not isinstance(part, Section)
        else evolve(part, aggregate=aggregate)
        if part.name == name
        else evolve(part, of=_with_aggregate(part.of, name, aggregate))
        for part in parts
    )


def _references(
    parts: tuple[Part, ...], method: Any, missing: MissingRule, given: Mapping[str, Any], table: Any
) -> tuple[int, list[dict[str, Extremes]]]:
    """The number of rows of one table, and the extremes in it of what a distance method asks for."""
    rows = read_rows(table, [need.name for part in parts for need in part.needs()], given)
    outcomes = [part.evaluate(rows, missing, SILENT) for part in parts]
    masses, present, _, _ = weighed(parts, outcomes)
    with np.errstate(invalid="ignore", divide="ignore"):
        shares = {
            part.name: np.where(present > 0, mass / present, 0.0) for part, mass in zip(parts, masses, strict=True)
        }
    values = {part.name: outcome.value for part, outcome in zip(parts, outcomes, strict=True)}
    return rows.n, [
        {
            name: Extremes.of(column[~np.isnan(column) & (present > 0)])
            for name, column in method.observe(values, shares).items()
        }
    ]
