"""The index system: sections of metrics on a published grid."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from fractions import Fraction
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
from attrs import evolve, field, frozen

from perfkit._core.blocks import blocks, told_apart
from perfkit._core.checks import one_of, text, truth
from perfkit._core.columns import FloatColumn, Need, Rows, read_row, read_rows
from perfkit._core.grid import GRID, checked_grid, publish, publish_ordinary
from perfkit._core.numbers import Number, exact, plain
from perfkit._metrics import views
from perfkit._metrics.fitting import fitted_parts, unfitted
from perfkit._metrics.kernel import BLOCK, Kernel
from perfkit._metrics.metric import MISSING_RULES, Metric, MissingRule, as_weight
from perfkit._metrics.scores import Score, Scores
from perfkit._metrics.section import Section, as_parts, as_share, check_aggregate, check_siblings, combined, weight_of
from perfkit.errors import DefinitionError, UnfittedError, did_you_mean
from perfkit.explain import SILENT, AnyRecorder, Explanation, Recorder
from perfkit.typing import Progress, SourcedWeights

WeightSource = tuple[str, str, bool]


def _sources(sources: Iterable[WeightSource]) -> tuple[WeightSource, ...]:
    return tuple((text(name), text(source), truth(learned)) for name, source, learned in sources)


Prints = npt.NDArray[np.uint32]


def _grid(value: Number) -> Fraction:
    return checked_grid(exact(value, what="grid", path="grid"))


@frozen
class Scorecard:
    """An index system: weighted sections of metrics, scored for one person or for all by the same rule.

    Args:
        name: of the job, team or company that is scored.
        sections: sections, or metrics themselves.
        missing: what a missing value does: ``redistribute`` its weight to what is there in the same section (the
            default; an empty section gives its weight to its siblings), ``redistribute_over_all`` to everything that
            is there on the card, count as ``zero`` or as the ``floor`` of the metric, ``carry`` the last known value,
            stand at the ``mean`` or the ``median`` of the population that the card was fit to, or ``refuse``.
        aggregate: how the sections become one; the weighted mean when not given. See :class:`Section`.
        min_coverage: the share of the weight that must be observed for there to be a score.
        grid: what scores are published on: a positive multiple of 1e-6, rounded half up.
        weights_add_up_to: what the weights among siblings must add up to, such as 100; anything when not given, for
            weights are relative.
        weight_sources: where weights came from: names of sections and metrics, each with the method and whether it
            learned from data; :meth:`weighted` fills it in.

    Raises:
        DefinitionError: for names used twice, weights that do not add up, or a grid that is too fine.

    Example:
        >>> from perfkit import Curve, Metric
        >>> card = Scorecard("account executive", [
        ...     Metric("revenue", weight=80, target="quota", curve=Curve.through((0.8, 0), (1, 1), (1.2, 2))),
        ...     Metric("churn", weight=20, target=0.05, lower_is_better=True),
        ... ])
        >>> ana = card.score_one({"revenue": 1_310_000, "quota": 1_200_000, "churn": 0.046})
        >>> ana.value, ana.coverage
        (1.382667, 1.0)
    """

    name: str = field(converter=text)
    sections: tuple[Metric | Section, ...] = field(converter=as_parts)
    missing: MissingRule = field(default="redistribute", kw_only=True)
    aggregate: Any = field(default=None, kw_only=True)
    min_coverage: Fraction | None = field(default=None, converter=as_share, kw_only=True)
    grid: Fraction = field(default=GRID, converter=_grid, kw_only=True)
    weights_add_up_to: Fraction | None = field(default=None, converter=as_weight, kw_only=True)
    weight_sources: tuple[WeightSource, ...] = field(default=(), converter=_sources, kw_only=True)

    def __attrs_post_init__(self) -> None:
        one_of(self.missing, MISSING_RULES, "missing")
        check_siblings(self.name, self.sections)
        check_aggregate(self.name, self.sections, self.aggregate)
        names: set[str] = set()
        for part, path in self.walk():
            if part.name in names:
                raise DefinitionError(f"names on a scorecard must differ (got {part.name!r} twice)", path=path)
            names.add(part.name)
            if isinstance(part, Metric):
                part.check_rule(part.missing or self.missing, path)
        self._check_sums()

    def _check_sums(self) -> None:
        if self.weights_add_up_to is None:
            return
        groups = [("$", self.sections)]
        groups += [(path, part.of) for part, path in self.walk() if isinstance(part, Section)]
        problems = []
        for path, parts in groups:
            whole = sum((weight_of(part) for part in parts), Fraction(0))
            if whole != self.weights_add_up_to:
                names = ", ".join(f"{part.name} {plain(weight_of(part))}" for part in parts)
                problems.append(f"{path}: {names} add up to {plain(whole)}")
        if problems:
            raise DefinitionError(
                f"weights must add up to {plain(self.weights_add_up_to)}: {'; '.join(problems)}", problems=problems
            )

    def walk(self) -> Iterator[tuple[Metric | Section, str]]:
        """Every section and metric with its path, each section before its parts."""
        yield from _walk(self.sections, "$.sections")

    def metrics(self) -> tuple[Metric, ...]:
        """The metrics, in the order of the definition."""
        return tuple(part for part, _ in self.walk() if isinstance(part, Metric))

    def needs(self) -> tuple[Need, ...]:
        """The columns that the scorecard reads."""
        return tuple(dict.fromkeys(need for part in self.sections for need in part.needs()))

    def weights(self) -> dict[str, Fraction]:
        """The nominal weight of each metric: the product of its shares up the tree, adding up to one.

        Example:
            >>> a = Section("a", weight=3, of=[Metric("x"), Metric("y")])
            >>> Scorecard("card", [a, Metric("z", weight=1)]).weights()
            {'x': Fraction(3, 8), 'y': Fraction(3, 8), 'z': Fraction(1, 4)}
        """
        return dict(_leaf_weights(self.sections, Fraction(1)))

    def learned_weights(self) -> tuple[str, ...]:
        """The metrics whose weight was learned from data, or that of a section above them."""
        marked = {name for name, _, learned in self.weight_sources if learned}
        return tuple(_leaves_below(self.sections, marked, under=False)) if marked else ()

    def weighted(self, weights: Mapping[str, Number]) -> Scorecard:
        """The same scorecard with other weights for the sections and metrics named.

        Args:
            weights: a mapping from name to weight among siblings; or :class:`~perfkit.Weights`, of which a hierarchy
                weighs every level, and which the scorecard then remembers as ``weight_sources``. Weights of all metrics
                of a card with sections are met: each section weighs what its metrics do together.

        Raises:
            DefinitionError: for names that are not on the scorecard.
        """
        sources = {source[0]: source for source in self.weight_sources}
        given: Mapping[str, Number] = weights
        if isinstance(weights, SourcedWeights):
            unit = self.weights_add_up_to or 1
            given = {name: unit * share for name, share in weights.levels().items()}
            if set(given) == {metric.name for metric in self.metrics()}:
                given = dict(_spread(self.sections, given, exact(unit)))
        names = {part.name for part, _ in self.walk()}
        for name in given:
            if name not in names:
                raise DefinitionError(f"no section or metric is called {name!r}{did_you_mean(name, names)}")
            sources.pop(name, None)
        if isinstance(weights, SourcedWeights):
            sources |= {name: (name, *source) for name, source in weights.sources().items()}
        sections = tuple(_reweighted(part, given) for part in self.sections)
        return evolve(self, sections=sections, weight_sources=tuple(sources.values()))

    def _repr_html_(self) -> str:
        return views.scorecard_html(self)

    @property
    def is_fitted(self) -> bool:
        """Whether it can score: nothing on it has still to see a population."""
        return not self._unfitted

    @cached_property
    def _unfitted(self) -> tuple[str, ...]:
        return unfitted(self)

    def fit(
        self,
        data: Any,
        *,
        map: Callable[[Callable[[Any], Any], Iterable[Any]], Iterable[Any]] = map,
        progress: Progress | Any = None,
        **columns: Any,
    ) -> Scorecard:
        """The same scorecard with everything that depends on a population frozen as that population has it.

        Scales become curves, distance methods get their references, and imputed values their numbers. What is frozen
        already stays. The result is the same to the last digit for any partition of the population.

        Args:
            data: a table as for :meth:`score`, or several of them (a list or an iterator) that make up the population.
            map: what applies a function to each table, such as ``pool.map``; the built-in ``map`` when not given.
            progress: as for :meth:`score`; of several tables, after each with the number of its rows.
            columns: further columns by name; only with a single table.

        Raises:
            MissingColumnsError: with every missing column at once.
            DataError: for a population without values, or alike where a scale needs a spread, by column and group.

        Example:
            >>> from perfkit import Metric, MinMax
            >>> card = Scorecard("speed", [Metric("speed", scale=MinMax())]).fit({"speed": [10, 30]})
            >>> card.score_one({"speed": 25}).value
            0.75
        """
        tell, further = told_apart(progress, columns)
        sections, aggregate = fitted_parts(self, data, map, further, tell)
        return evolve(self, sections=sections, aggregate=aggregate)

    def score(self, data: Any, *, progress: Progress | Any = None, **columns: Any) -> Scores:
        """The score of each row.

        Args:
            data: a mapping of columns, a NumPy structured array, or a data frame.
            progress: what is called after each block of rows with their number, such as the ``update`` of a tqdm bar; a
                column of that name may be given in its place.
            columns: further columns by name, such as another scorecard's scores; a single value stands for all rows.

        Raises:
            UnfittedError: for a scale that has not seen a population.
            MissingColumnsError: with every missing column at once.
            DataError: for what cannot be scored, with the rows.
        """
        self.require_fitted()
        tell, further = told_apart(progress, columns)
        return self._scored(read_rows(data, [need.name for need in self.needs()], further), tell)

    def score_one(self, row: Any, **columns: Any) -> Score:
        """The score of one row, a mapping from column to value: bit for bit that of a batch of one."""
        self.require_fitted()
        return self._scored(read_row(row, [need.name for need in self.needs()], columns))[0]

    def require_fitted(self) -> None:
        """Refuse to score before everything on the card has seen its population.

        Raises:
            UnfittedError: naming all that has not.
        """
        if self._unfitted:
            named = "; ".join(self._unfitted)
            raise UnfittedError(
                f"{self.name!r} must see a population before it can score anyone: {named}; "
                "score with card.fit(everyone), which gives the card with all of them frozen",
                path="sections",
                problems=self._unfitted,
            )

    @cached_property
    def _kernel(self) -> Kernel | None:
        return Kernel.of(self.sections, self.missing) if self.aggregate is None else None

    def _scored(self, rows: Rows, progress: Progress | None = None) -> Scores:
        values, prints, coverage = self._run(rows, progress)
        for column in (values, prints, coverage):
            if column is not None:
                column.flags.writeable = False
        return Scores(self, values, coverage, rows, prints)

    def _run(self, rows: Rows, progress: Progress | None = None) -> tuple[FloatColumn, Prints, FloatColumn | None]:
        """The published scores, fingerprints of what was read, and the coverage where it is not 1 throughout.

        Rows that miss nothing take the short way; what a row takes depends on nothing but the row.
        """
        values, prints = np.empty(rows.n), np.empty(rows.n, dtype=np.uint32)
        coverage: FloatColumn | None = None
        for block, total in self._short_way(rows, prints, progress):
            if publish_ordinary(total, self.grid):
                values[block] = total
                continue
            values[block] = publish(total, self.grid)
            which = np.flatnonzero(~np.isfinite(total))
            if not len(which):
                continue
            some = rows[block][which]
            outcome = combined(self.sections, self.aggregate, self.min_coverage, some, self.missing, SILENT)
            values[block][which] = publish(outcome.value, self.grid)
            sums = some.checksum()
            prints[block][which] = sums ^ (sums >> np.uint64(32))
            covered = np.asarray(outcome.coverage)
            if coverage is None and not (covered == 1).all():
                coverage = np.ones(rows.n)
            if coverage is not None:
                coverage[block][which] = covered
        return values, prints, coverage

    def _short_way(self, rows: Rows, prints: Prints, progress: Progress | None) -> Iterator[tuple[slice, FloatColumn]]:
        if self._kernel is not None:
            done = self._kernel.run(rows, prints)
        else:
            done = ((block, np.full(block.stop - block.start, np.nan)) for block in blocks(rows.n, BLOCK))
        for block, total in done:
            yield block, total
            # The consumer comes back for the next block when it is done with this one.
            if progress is not None:
                progress(block.stop - block.start)

    def _explained(self, row: Rows, value: float) -> Explanation:
        """Why a single row has its published score: the row run again with a recorder."""
        record = Recorder("score", self.name)
        outcome = self._recorded(row, record)
        record.says(coverage=outcome)
        _record_sources(self.weight_sources, record)
        if not np.isnan(value):
            parts = record.explanation().parts
            total = sum((exact_value(part.value) for part in parts), Fraction(0))
            record.says(value=value, relation="sum")
            if exact(value) != total:
                record.leaf("published", exact(value) - total, grid=self.grid)
        return record.explanation()

    def _recorded(self, row: Rows, record: AnyRecorder) -> float:
        outcome = combined(self.sections, self.aggregate, self.min_coverage, row, self.missing, record)
        return float(np.asarray(outcome.coverage)[0])


def exact_value(value: Any) -> Fraction:
    """The number of a part, 0 for one without."""
    return Fraction(0) if value is None else exact(value)


def _record_sources(sources: tuple[WeightSource, ...], record: AnyRecorder) -> None:
    """Say where the weights came from, one line a source."""
    for source, learned in dict.fromkeys((source, learned) for _, source, learned in sources if source != "given"):
        names = [name for name, *of in sources if of == [source, learned]]
        record.leaf("weights_learned_on" if learned else "weights_on", None, label=", ".join(names), source=source)


def _leaves_below(parts: tuple[Metric | Section, ...], marked: set[str], *, under: bool) -> Iterator[str]:
    """The metrics that are marked, or lie under a section that is."""
    for part in parts:
        is_marked = under or part.name in marked
        if isinstance(part, Section):
            yield from _leaves_below(part.of, marked, under=is_marked)
        elif is_marked:
            yield part.name


def _walk(parts: tuple[Metric | Section, ...], path: str) -> Iterator[tuple[Metric | Section, str]]:
    for position, part in enumerate(parts):
        yield part, f"{path}[{position}]"
        if isinstance(part, Section):
            yield from _walk(part.of, f"{path}[{position}].of")


def _leaf_weights(parts: tuple[Metric | Section, ...], factor: Fraction) -> Iterator[tuple[str, Fraction]]:
    whole = sum((weight_of(part) for part in parts), Fraction(0))
    for part in parts:
        share = factor * weight_of(part) / whole
        if isinstance(part, Section):
            yield from _leaf_weights(part.of, share)
        else:
            yield part.name, share


def _spread(
    parts: Iterable[Metric | Section], leaves: Mapping[str, Number], unit: Fraction
) -> Iterator[tuple[str, Fraction]]:
    """The weight of each part among its siblings under which the metrics have given shares of the whole."""
    masses = {part.name: _mass(part, leaves) for part in parts}
    whole = sum(masses.values(), Fraction(0))
    for part in parts:
        yield part.name, unit * masses[part.name] / whole
        if isinstance(part, Section):
            yield from _spread(part.of, leaves, unit)


def _mass(part: Metric | Section, leaves: Mapping[str, Number]) -> Fraction:
    if isinstance(part, Metric):
        return exact(leaves[part.name])
    return sum((_mass(inner, leaves) for inner in part.of), Fraction(0))


def _reweighted(part: Metric | Section, weights: Mapping[str, Number]) -> Metric | Section:
    weight = weights.get(part.name, part.weight)
    if isinstance(part, Section):
        return evolve(part, weight=weight, of=tuple(_reweighted(inner, weights) for inner in part.of))
    return evolve(part, weight=weight)
