"""The index system: sections of metrics on a published grid, and the scores that it gives."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt
from attrs import evolve, field, frozen

from perfkit._core.blocks import blocks, told_apart
from perfkit._core.checks import one_of, text, truth
from perfkit._core.columns import FloatColumn, Need, Rows, read_row, read_rows
from perfkit._core.grid import GRID, checked_grid, publish
from perfkit._core.numbers import Number, exact, plain
from perfkit._metrics import views
from perfkit._metrics.metric import MISSING_RULES, Metric, MissingRule, as_weight
from perfkit._metrics.section import Section, as_parts, check_siblings, weight_of, weighted_mean
from perfkit.errors import DataError, DefinitionError, StaleDataError, did_you_mean
from perfkit.explain import SILENT, AnyRecorder, Explanation, Recorder
from perfkit.typing import Progress, SourcedWeights

WeightSource = tuple[str, str, bool]


def _sources(sources: Iterable[WeightSource]) -> tuple[WeightSource, ...]:
    return tuple((text(name), text(source), truth(learned)) for name, source, learned in sources)


def _grid(value: Number) -> Fraction:
    return checked_grid(exact(value, what="grid", path="grid"))


@frozen
class Scorecard:
    """An index system: weighted sections of metrics, scored for one person or for all by the same rule.

    Args:
        name: of the job, team or company that is scored.
        sections: sections, or metrics themselves.
        missing: what a missing value does: ``redistribute`` its weight to what is there in the same section (the
            default; an empty section gives its weight to its siblings), count as ``zero``, ``carry`` the last known
            value, or ``refuse``.
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
    grid: Fraction = field(default=GRID, converter=_grid, kw_only=True)
    weights_add_up_to: Fraction | None = field(default=None, converter=as_weight, kw_only=True)
    weight_sources: tuple[WeightSource, ...] = field(default=(), converter=_sources, kw_only=True)

    def __attrs_post_init__(self) -> None:
        one_of(self.missing, MISSING_RULES, "missing")
        check_siblings(self.name, self.sections)
        names: set[str] = set()
        for part, path in self.walk():
            if part.name in names:
                raise DefinitionError(f"names on a scorecard must differ (got {part.name!r} twice)", path=path)
            names.add(part.name)
            if self.missing == "carry" and isinstance(part, Metric) and part.missing is None and part.last is None:
                raise DefinitionError(
                    f"{self.name!r} carries last values: name the column for {part.name!r} with last=", path=path
                )
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

    def weighted(self, weights: Mapping[str, Number]) -> Scorecard:
        """The same scorecard with other weights for the sections and metrics named.

        Args:
            weights: a mapping from name to weight among siblings; or :class:`~perfkit.Weights`, of which a hierarchy
                weighs every level, and which the scorecard then remembers as ``weight_sources``.

        Raises:
            DefinitionError: for names that are not on the scorecard.
        """
        sources = {source[0]: source for source in self.weight_sources}
        given: Mapping[str, Number] = weights
        if isinstance(weights, SourcedWeights):
            unit = self.weights_add_up_to or 1
            given = {name: unit * share for name, share in weights.levels().items()}
        names = {part.name for part, _ in self.walk()}
        for name in given:
            if name not in names:
                raise DefinitionError(f"no section or metric is called {name!r}{did_you_mean(name, names)}")
            sources.pop(name, None)
        if isinstance(weights, SourcedWeights):
            sources |= {name: (name, *source) for name, source in weights.sources().items()}
        sections = tuple(_reweighted(part, given) for part in self.sections)
        return evolve(self, sections=sections, weight_sources=tuple(sources.values()))

    def score(self, data: Any, *, progress: Progress | Any = None, **columns: Any) -> Scores:
        """The score of each row.

        Args:
            data: a mapping of columns, a NumPy structured array, or a data frame.
            progress: what is called after each block of rows with their number, such as the ``update`` of a tqdm bar; a
                column of that name may be given in its place.
            columns: further columns by name, such as another scorecard's scores; a single value stands for all rows.

        Raises:
            MissingColumnsError: with every missing column at once.
            DataError: for what cannot be scored, with the rows.
        """
        tell, further = told_apart(progress, columns)
        return self._scored(read_rows(data, [need.name for need in self.needs()], further), tell)

    def score_one(self, row: Any, **columns: Any) -> Score:
        """The score of one row, a mapping from column to value: bit for bit that of a batch of one."""
        return self._scored(read_row(row, [need.name for need in self.needs()], columns))[0]

    def _scored(self, rows: Rows, progress: Progress | None = None) -> Scores:
        values, coverage = np.empty(rows.n), np.empty(rows.n)
        checksums = np.empty(rows.n, dtype=np.uint64)
        for block in blocks(rows.n, progress=progress):
            some = rows[block]
            values[block], coverage[block] = self._block(some, SILENT)
            checksums[block] = some.checksum()
        values.flags.writeable = coverage.flags.writeable = False
        return Scores(self, values, coverage, rows, checksums)

    def _block(self, rows: Rows, record: AnyRecorder) -> tuple[FloatColumn, FloatColumn]:
        mean, coverage, recorded = weighted_mean(self.sections, rows, self.missing, record)
        published = publish(mean, self.grid)
        if record:
            record.says(coverage=float(coverage[0]))
            _record_sources(self.weight_sources, record)
            if recorded is not None:
                value = float(published[0])
                record.says(value=value)
                if exact(value) != recorded:
                    record.leaf("published", exact(value) - recorded, grid=self.grid)
        return published, coverage

    def _repr_html_(self) -> str:
        return views.scorecard_html(self)


def _record_sources(sources: tuple[WeightSource, ...], record: AnyRecorder) -> None:
    """Say where the weights came from, one line a source."""
    for source, learned in dict.fromkeys((source, learned) for _, source, learned in sources if source != "given"):
        names = [name for name, *of in sources if of == [source, learned]]
        record.leaf("weights_learned_on" if learned else "weights_on", None, label=", ".join(names), source=source)


def _walk(parts: tuple[Metric | Section, ...], path: str) -> Iterator[tuple[Metric | Section, str]]:
    for position, part in enumerate(parts):
        yield part, f"{path}[{position}]"
        if isinstance(part, Section):
            yield from _walk(part.of, f"{path}[{position}].of")


def _reweighted(part: Metric | Section, weights: Mapping[str, Number]) -> Metric | Section:
    weight = weights.get(part.name, part.weight)
    if isinstance(part, Section):
        return evolve(part, weight=weight, of=tuple(_reweighted(inner, weights) for inner in part.of))
    return evolve(part, weight=weight)


@frozen(eq=False, repr=False)
class Scores:
    """The scores of n rows: read-only arrays, and an explanation of any row on demand.

    Attributes:
        card: the scorecard.
        values: float64, on the scorecard's grid; NaN where nothing was observed.
        coverage: float64 in 0..1, the share of the weight that was observed.
    """

    card: Scorecard
    values: FloatColumn
    coverage: FloatColumn
    _rows: Rows
    _checksums: npt.NDArray[np.uint64]

    def __len__(self) -> int:
        return len(self.values)

    def __iter__(self) -> Iterator[Score]:
        return (self[row] for row in range(len(self)))

    def __getitem__(self, row: int) -> Score:
        position = range(len(self))[row]
        return Score(float(self.values[position]), float(self.coverage[position]), self, position)

    def __array__(self, dtype: npt.DTypeLike | None = None, copy: bool | None = None) -> npt.NDArray[Any]:
        return np.array(self.values, dtype=dtype) if copy or dtype else self.values

    def __repr__(self) -> str:
        return f"<Scores of {self.card.name!r}: {len(self):,} rows>"

    def _repr_html_(self) -> str:
        return views.scores_html(self)

    def explain(self, row: int) -> Explanation:
        """Why a row has its score.

        Raises:
            StaleDataError: if the row no longer gives the stored score, because its data were changed since.
        """
        position = range(len(self))[row]
        record = Recorder("score", self.card.name)
        stored = float(self.values[position]), float(self.coverage[position])
        try:
            values, coverage = self.card._block(self._rows[position : position + 1], record)
        except DataError as error:
            raise _stale(position, stored, str(error)) from error
        now = float(values[0]), float(coverage[0])
        if str(now) != str(stored):
            raise _stale(position, stored, f"it now gives {now[0]!r} with coverage {now[1]!r}")
        if self._rows[position : position + 1].checksum()[0] != self._checksums[position]:
            raise _stale(position, stored, "it would, but columns that it was scored from are not what they were")
        return record.explanation()


def _stale(row: int, stored: tuple[float, float], now: str) -> StaleDataError:
    return StaleDataError(
        f"row {row} no longer gives the stored score {stored[0]!r} with coverage {stored[1]!r}: {now}; "
        "its data were changed after it was scored, so score again",
        rows=[row],
    )


@frozen(eq=False, repr=False)
class Score:
    """The score of one row.

    Attributes:
        value: on the scorecard's grid; NaN where nothing was observed.
        coverage: the share of the weight that was observed, 0..1.
    """

    value: float
    coverage: float
    _scores: Scores
    _row: int

    def __float__(self) -> float:
        return self.value

    def __array__(self, dtype: npt.DTypeLike | None = None, copy: bool | None = None) -> npt.NDArray[Any]:
        return np.array(self.value, dtype=dtype)

    def explain(self) -> Explanation:
        """Why the score is what it is."""
        return self._scores.explain(self._row)

    def __repr__(self) -> str:
        return f"<Score of {self._scores.card.name!r}: {self.value}, coverage {self.coverage:.0%}>"

    def _repr_html_(self) -> str:
        return views.score_html(self, self._scores.card.name)
