"""Evaluation: metrics, weighted sections and scorecards, for one person or for all."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction
from typing import Any, Literal, cast

import numpy as np
import numpy.typing as npt
from attrs import evolve, field, frozen

from perfkit._core.blocks import blocks
from perfkit._core.checks import instance, one_of, optional_text, several, text, truth
from perfkit._core.columns import FloatColumn, Need, Rows, read_row, read_rows
from perfkit._core.grid import GRID, checked_grid, publish, snap
from perfkit._core.numbers import Number, exact, exact_or_column, plain
from perfkit.curves import Curve
from perfkit.errors import DataError, DefinitionError, StaleDataError, did_you_mean
from perfkit.explain import SILENT, AnyRecorder, Explanation, Recorder

MissingRule = Literal["redistribute", "zero", "carry", "refuse"]
ZeroSpan = Literal["refuse", "missing", "reached"]
Inversion = Literal["mirror", "ratio"]
_MISSING_RULES = ("redistribute", "zero", "carry", "refuse")


def _weight(value: Number | None) -> Fraction | None:
    if value is None:
        return None
    weight = exact(value, what="weight", path="weight")
    if weight <= 0:
        raise DefinitionError(
            f"weight must be positive (got {plain(weight)}); leave out what does not count", path="weight"
        )
    return weight


def _source(value: Number | str | None) -> Fraction | str | None:
    return None if value is None else exact_or_column(value, what="target or baseline")


@frozen
class Metric:
    """One measure of performance: where its value is read, what it is measured against, and what it scores.

    It reads the raw value; *attainment* (actual / target) where it has a target; *progress*
    ((actual - baseline) / (target - baseline)) where it has a baseline too. Without a curve that number is the score.

    Args:
        name: unique on the scorecard.
        weight: how much it counts among its siblings; give one to all of them or to none (then they count alike).
        column: the column of the actual value; the name when not given.
        target: a number, or the name of the column with each row's own.
        baseline: where progress starts from; a number or a column.
        lower_is_better: whether less is better. With a baseline, the direction is that of baseline to target.
        inversion: how attainment is turned round where lower is better: ``mirror`` for 2 - actual / target (10 % below
            the target is 110 %), ``ratio`` for target / actual.
        curve: the value function from that number to the score.
        zero_span: what to do where the target is zero, or equals the baseline: ``refuse`` (a :class:`DataError`),
            ``missing`` (there is no number), or ``reached`` (1 where the actual value is at least as good as the
            target, else 0).
        missing: what a missing value does, if not what the scorecard says.
        last: the column of the last known value, for ``missing="carry"``.
        unit: of the raw value, for explanations.

    Raises:
        DefinitionError: for a weight that is not positive, a baseline without a target, a target that no attainment
            can be measured against, or an unknown option.

    Example:
        >>> Metric("churn", weight=20, target=0.05, lower_is_better=True).kind
        'attainment'
    """

    name: str = field(converter=text)
    weight: Fraction | None = field(default=None, converter=_weight, kw_only=True)
    column: str = field(converter=text, kw_only=True)
    target: Fraction | str | None = field(default=None, converter=_source, kw_only=True)
    baseline: Fraction | str | None = field(default=None, converter=_source, kw_only=True)
    lower_is_better: bool = field(default=False, converter=truth, kw_only=True)
    inversion: Inversion = field(default="mirror", kw_only=True)
    curve: Curve | None = field(default=None, validator=instance(Curve, type(None)), kw_only=True)
    zero_span: ZeroSpan = field(default="refuse", kw_only=True)
    missing: MissingRule | None = field(default=None, kw_only=True)
    last: str | None = field(default=None, converter=optional_text, kw_only=True)
    unit: str = field(default="", kw_only=True)

    @column.default
    def _same_as_name(self) -> str:
        return self.name

    def __attrs_post_init__(self) -> None:
        one_of(self.inversion, ("mirror", "ratio"), "inversion")
        one_of(self.zero_span, ("refuse", "missing", "reached"), "zero_span")
        if self.missing is not None:
            one_of(self.missing, _MISSING_RULES, "missing")
        if self.baseline is not None and self.target is None:
            raise DefinitionError(
                f"{self.name!r} has a baseline, so it needs a target to make progress to", path="target"
            )
        if self.lower_is_better and self.target is None and self.curve is None:
            raise DefinitionError(
                f"{self.name!r} is better when lower, so its raw value is no score: give a target or a falling curve",
                path="lower_is_better",
            )
        if self.missing == "carry" and self.last is None:
            raise DefinitionError(f"{self.name!r} carries its last value: name its column with last=", path="last")
        self._check_target()

    def _check_target(self) -> None:
        target, baseline = self.target, self.baseline
        if isinstance(target, Fraction) and baseline is None:
            if target < 0 or (target == 0 and self.zero_span == "refuse"):
                raise DefinitionError(
                    f"target of {self.name!r} must be positive for attainment (got {plain(target)}); "
                    "give a baseline for progress, or a curve of the raw value",
                    path="target",
                )
        elif isinstance(target, Fraction) and isinstance(baseline, Fraction):
            if target == baseline and self.zero_span == "refuse":
                raise DefinitionError(
                    f"target and baseline of {self.name!r} must differ (got {plain(target)} for both); "
                    "say what no distance means with zero_span=",
                    path="target",
                )
            if self.lower_is_better and target > baseline:
                raise DefinitionError(
                    f"{self.name!r} is better when lower, so its target must be below its baseline "
                    f"(got {plain(target)} above {plain(baseline)})",
                    path="target",
                )

    @property
    def kind(self) -> Literal["raw", "attainment", "progress"]:
        """What the metric reads: ``raw``, ``attainment`` or ``progress``."""
        if self.target is None:
            return "raw"
        return "attainment" if self.baseline is None else "progress"

    def needs(self) -> tuple[Need, ...]:
        """The columns that the metric reads."""
        names = [self.column, self.target, self.baseline, self.last]
        return tuple(Need(name) for name in names if isinstance(name, str))

    def evaluate(self, rows: Rows, missing: MissingRule, record: AnyRecorder) -> tuple[FloatColumn, FloatColumn]:
        """The score of each row, NaN where there is none, and its coverage: 1 where it was observed, else 0."""
        rule = self.missing or missing
        node = record.part("curve", label=self.name) if self.curve is not None else record
        measured = self._measured(rows, rule, node)
        score = measured if self.curve is None else self.curve.floats(measured)
        finite = np.isfinite(score) | np.isnan(score)
        if not finite.all():
            rows.require(finite, self.column, f"gives an infinite score of {self.name!r}", "check its values")
        if record and self.curve is not None and not np.isnan(score[0]):
            self.curve.record(node, float(measured[0]), float(score[0]))
        observed = ~np.isnan(rows.number(self.column)) & ~np.isnan(score)
        if rule == "refuse":
            for need in self.needs():
                there = ~np.isnan(rows.number(need.name)) | (need.name == self.last)
                rows.require(there, need.name, "must not be missing", "fill it, or choose another missing= rule")
        elif rule == "zero":
            if record and np.isnan(score[0]):
                record.drop_parts()
                record.leaf("filled", 0, label=self.name)
            score = np.where(np.isnan(score), 0.0, score)
        if record:
            record.says(rule=rule)
        return score, observed.astype(np.float64)

    def _measured(self, rows: Rows, rule: MissingRule, record: AnyRecorder) -> FloatColumn:
        actual = rows.number(self.column)
        if rule == "carry" and self.last is not None:
            known = ~np.isnan(actual)
            actual = np.where(known, actual, rows.number(self.last))
            code, params = ("actual", {}) if not record or known[0] else ("carried", {"column": self.last})
        else:
            code, params = "actual", {}
        if self.kind == "raw":
            if record and not np.isnan(actual[0]):
                record.leaf(code, float(actual[0]), label=self.column, unit=self.unit, **params)
            return actual
        target = _column(self.target, rows)
        baseline = None if self.baseline is None else _column(self.baseline, rows)
        measured = self._against(rows, actual, target, baseline)
        if np.isinf(measured).any():
            expected = f"must not be infinitely far from the target of {self.name!r}"
            rows.require(~np.isinf(measured), self.column, expected, "check the target")
        if self.curve is not None and not self.curve.is_continuous:
            # An attainment is computed, so its last bits are noise, and no noise may decide a threshold.
            measured = snap(measured)
        if record and not np.isnan(measured[0]):
            node = record.part(self._code())
            node.says(value=float(measured[0]))
            node.leaf(code, float(actual[0]), label=self.column, unit=self.unit, **params)
            node.leaf("target", float(target[0]), unit=self.unit)
            if baseline is not None:
                node.leaf("baseline", float(baseline[0]), unit=self.unit)
        return measured

    def _code(self) -> str:
        if self.kind == "progress" or not self.lower_is_better:
            return self.kind
        return "attainment_mirrored" if self.inversion == "mirror" else "attainment_inverse"

    def _against(
        self, rows: Rows, actual: FloatColumn, target: FloatColumn, baseline: FloatColumn | None
    ) -> FloatColumn:
        if baseline is None:
            span, gained = target, actual
            negative = target < 0
            if negative.any():
                cure = "give a baseline for progress, or a curve of the raw value"
                rows.require(~negative, str(self.target), "must not be a negative target", cure)
            if self.lower_is_better and self.inversion == "ratio":
                span, gained = actual, target
        else:
            span, gained = target - baseline, actual - baseline
            self._check_direction(rows, span)
        without = span == 0
        if without.any() and self.zero_span == "refuse":
            divisor = self.column if span is actual else self.target
            name = next((n for n in (divisor, self.baseline, self.column) if isinstance(n, str)), self.column)
            expected = f"must not leave {self.name!r} without a span: "
            expected += "the target equals the baseline" if baseline is not None else "it divides by zero"
            rows.require(~without, name, expected, "say what that means with zero_span=")
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            share = gained / span
        if self.lower_is_better and self.inversion == "mirror" and baseline is None:
            share = 2 - share
        if without.any():
            is_reached = actual <= target if self.lower_is_better else actual >= target
            unknown = np.isnan(actual) | np.isnan(target) | (False if baseline is None else np.isnan(baseline))
            reached = np.where(unknown, np.nan, is_reached.astype(np.float64))
            share = np.where(without, reached if self.zero_span == "reached" else np.nan, share)
        return share

    def _check_direction(self, rows: Rows, span: FloatColumn) -> None:
        if self.lower_is_better and (span > 0).any():
            name = self.target if isinstance(self.target, str) else str(self.baseline)
            rows.require(
                ~(span > 0), name, f"must put the target of {self.name!r} below its baseline", "lower is better here"
            )


def _column(source: Fraction | str | None, rows: Rows) -> FloatColumn:
    if isinstance(source, str):
        return rows.number(source)
    return np.full(rows.n, float(source or 0))


def _parts(parts: Iterable[Metric | Section]) -> tuple[Metric | Section, ...]:
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
    weight: Fraction | None = field(default=None, converter=_weight, kw_only=True)
    of: tuple[Metric | Section, ...] = field(converter=_parts, kw_only=True)

    def __attrs_post_init__(self) -> None:
        _check_siblings(self.name, self.of)

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


def shares_of(parts: Iterable[Metric | Section]) -> dict[str, Fraction]:
    """Each part's share among its siblings."""
    weights = {part.name: _weight_of(part) for part in parts}
    whole = sum(weights.values())
    return {name: weight / whole for name, weight in weights.items()}


def _weight_of(part: Metric | Section) -> Fraction:
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
        weight = float(_weight_of(part))
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
            contributions.append((node, _weight_of(part), bool(there[0])))
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


def _check_siblings(name: str, parts: tuple[Metric | Section, ...]) -> None:
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

    Raises:
        DefinitionError: for names used twice, weights that do not add up, or a grid that is too fine.

    Example:
        >>> card = Scorecard("account executive", [
        ...     Metric("revenue", weight=80, target="quota", curve=Curve.through((0.8, 0), (1, 1), (1.2, 2))),
        ...     Metric("churn", weight=20, target=0.05, lower_is_better=True),
        ... ])
        >>> ana = card.score_one({"revenue": 1_310_000, "quota": 1_200_000, "churn": 0.046})
        >>> ana.value, ana.coverage
        (1.382667, 1.0)
    """

    name: str = field(converter=text)
    sections: tuple[Metric | Section, ...] = field(converter=_parts)
    missing: MissingRule = field(default="redistribute", kw_only=True)
    grid: Fraction = field(default=GRID, converter=_grid, kw_only=True)
    weights_add_up_to: Fraction | None = field(default=None, converter=_weight, kw_only=True)

    def __attrs_post_init__(self) -> None:
        one_of(self.missing, _MISSING_RULES, "missing")
        _check_siblings(self.name, self.sections)
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
            whole = sum((_weight_of(part) for part in parts), Fraction(0))
            if whole != self.weights_add_up_to:
                names = ", ".join(f"{part.name} {plain(_weight_of(part))}" for part in parts)
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

        Raises:
            DefinitionError: for names that are not on the scorecard.
        """
        names = {part.name for part, _ in self.walk()}
        for name in weights:
            if name not in names:
                raise DefinitionError(f"no section or metric is called {name!r}{did_you_mean(name, names)}")
        return evolve(self, sections=tuple(_reweighted(part, weights) for part in self.sections))

    def score(self, data: Any, **columns: Any) -> Scores:
        """The score of each row.

        Args:
            data: a mapping of columns, a NumPy structured array, or a data frame.
            columns: further columns by name, such as another scorecard's scores; a single value stands for all rows.

        Raises:
            MissingColumnsError: with every missing column at once.
            DataError: for what cannot be scored, with the rows.
        """
        return self._scored(read_rows(data, [need.name for need in self.needs()], columns))

    def score_one(self, row: Any, **columns: Any) -> Score:
        """The score of one row, a mapping from column to value: bit for bit that of a batch of one."""
        return self._scored(read_row(row, [need.name for need in self.needs()], columns))[0]

    def _scored(self, rows: Rows) -> Scores:
        values, coverage = np.empty(rows.n), np.empty(rows.n)
        for block in blocks(rows.n):
            values[block], coverage[block] = self._block(rows[block], SILENT)
        values.flags.writeable = coverage.flags.writeable = False
        return Scores(self, values, coverage, rows)

    def _block(self, rows: Rows, record: AnyRecorder) -> tuple[FloatColumn, FloatColumn]:
        mean, coverage, recorded = weighted_mean(self.sections, rows, self.missing, record)
        published = publish(mean, self.grid)
        if record:
            record.says(coverage=float(coverage[0]))
            if recorded is not None:
                value = float(published[0])
                record.says(value=value)
                if exact(value) != recorded:
                    record.leaf("published", exact(value) - recorded, grid=self.grid)
        return published, coverage


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
