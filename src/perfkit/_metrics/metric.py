"""One measure of performance: what it reads, what it is measured against, what it scores."""

from __future__ import annotations

from fractions import Fraction
from functools import cached_property, reduce
from typing import Any, Literal, NamedTuple

import numpy as np
from attrs import field, frozen

from perfkit._core.checks import instance, one_of, optional_text, several, text, truth
from perfkit._core.columns import FloatColumn, Need, Rows
from perfkit._core.grid import snap
from perfkit._core.notebook import definition
from perfkit._core.numbers import Number, exact, exact_or_column, plain
from perfkit._metrics.fitted import FittedPercentile, FittedScale
from perfkit._metrics.scales import Banded, OptimalBand, Percentile, RatioToReference
from perfkit.curves import Curve, Knot
from perfkit.errors import DefinitionError, UnfittedError
from perfkit.explain import SILENT, AnyRecorder
from perfkit.typing import Scale

MissingRule = Literal["redistribute", "redistribute_over_all", "zero", "floor", "carry", "mean", "median", "refuse"]
ZeroSpan = Literal["refuse", "missing", "reached"]
Inversion = Literal["mirror", "ratio"]
MISSING_RULES: tuple[MissingRule, ...] = (
    "redistribute",
    "redistribute_over_all",
    "zero",
    "floor",
    "carry",
    "mean",
    "median",
    "refuse",
)


class Outcome(NamedTuple):
    """What a part of a scorecard gives for each row.

    Attributes:
        value: NaN where there is none.
        coverage: the share of its weight that was observed; where not given, 1 where there is a value, else 0.
        kept: the share of its weight that stays with its section; all of it where not given. What is missing may give
            it to the whole instead.
    """

    value: FloatColumn
    coverage: FloatColumn | None = None
    kept: FloatColumn | None = None


def as_weight(value: Number | None) -> Fraction | None:
    """A positive weight, or none."""
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


def _optional_number(value: Number | None) -> Fraction | None:
    return None if value is None else exact(value, what="a number of a metric")


def _duties(names: Any) -> tuple[str, ...]:
    found = tuple(text(name) for name in several(names))
    twice = [name for row, name in enumerate(found) if name in found[:row]]
    if twice:
        raise DefinitionError(f"duties must be named once each (got {twice[0]!r} twice)", path="duties")
    return found


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
            the target is 110 %), ``ratio`` for target / actual. With :class:`RatioToReference` and no target, ``ratio``
            takes reference / actual instead of the inversion of the scale; values must then be positive.
        scale: what makes that number comparable: :class:`MinMax`, :class:`ZScore`, :class:`Percentile` and others; one
            that needs a population scores nobody before :meth:`Scorecard.fit`. With a curve as well, the curve is of
            the scaled number.
        curve: the value function from that number to the score.
        zero_span: what to do where the target is zero, or equals the baseline: ``refuse`` (a :class:`DataError`),
            ``missing`` (there is no number), or ``reached`` (1 where the actual value is at least as good as the
            target, else 0).
        missing: what a missing value does, if not what the scorecard says.
        last: the column of the last known value, for ``missing="carry"``.
        floor: what a missing value scores under ``missing="floor"``; the least that the curve or scale gives when not
            given.
        imputed: the number that a missing value is taken to be under ``missing="mean"`` or ``"median"``; fit to a
            population, of the number that the metric reads.
        uncertainty: the standard deviation of the error of the raw value, a number or a column, for
            :func:`perfkit.metrics.simulate_scores`.
        duties: the names of the duties that it measures; see :class:`Job`.
        unit: of the raw value, for explanations.

    Raises:
        DefinitionError: for a weight that is not positive, a baseline without a target, a target that no attainment
            can be measured against, or an unknown option.

    Example:
        >>> Metric("churn", weight=20, target=0.05, lower_is_better=True).kind
        'attainment'
    """

    name: str = field(converter=text)
    weight: Fraction | None = field(default=None, converter=as_weight, kw_only=True)
    column: str = field(converter=text, kw_only=True)
    target: Fraction | str | None = field(default=None, converter=_source, kw_only=True)
    baseline: Fraction | str | None = field(default=None, converter=_source, kw_only=True)
    lower_is_better: bool = field(default=False, converter=truth, kw_only=True)
    inversion: Inversion = field(default="mirror", kw_only=True)
    scale: Any = field(default=None, kw_only=True)
    curve: Curve | None = field(default=None, validator=instance(Curve, type(None)), kw_only=True)
    zero_span: ZeroSpan = field(default="refuse", kw_only=True)
    missing: MissingRule | None = field(default=None, kw_only=True)
    last: str | None = field(default=None, converter=optional_text, kw_only=True)
    floor: Fraction | None = field(default=None, converter=_optional_number, kw_only=True)
    imputed: Fraction | None = field(default=None, converter=_optional_number, kw_only=True)
    uncertainty: Fraction | str | None = field(default=None, converter=_source, kw_only=True)
    duties: tuple[str, ...] = field(default=(), converter=_duties, kw_only=True)
    unit: str = field(default="", kw_only=True)

    @column.default
    def _same_as_name(self) -> str:
        return self.name

    def __attrs_post_init__(self) -> None:
        one_of(self.inversion, ("mirror", "ratio"), "inversion")
        one_of(self.zero_span, ("refuse", "missing", "reached"), "zero_span")
        if self.missing is not None:
            one_of(self.missing, MISSING_RULES, "missing")
        if self.baseline is not None and self.target is None:
            raise DefinitionError(
                f"{self.name!r} has a baseline, so it needs a target to make progress to", path="target"
            )
        if isinstance(self.uncertainty, Fraction) and self.uncertainty < 0:
            raise DefinitionError(
                f"uncertainty of {self.name!r} is a standard deviation and must not be negative "
                f"(got {plain(self.uncertainty)})",
                path="uncertainty",
            )
        self._check_scale()
        if self.lower_is_better and self.target is None and self.curve is None and self.scale is None:
            raise DefinitionError(
                f"{self.name!r} is better when lower, so its raw value is no score: give a target or a falling curve, "
                "or a scale",
                path="lower_is_better",
            )
        if self.missing is not None:
            self.check_rule(self.missing, "")
        self._check_target()

    def check_rule(self, rule: MissingRule, path: str) -> None:
        """Refuse a rule for missing values that the metric cannot follow."""
        if rule == "carry" and self.last is None:
            carries = f"a card that carries last values: name the column for {self.name!r}" if path else ""
            carries = carries or f"{self.name!r} carries its last value: name its column"
            raise DefinitionError(f"{carries} with last=", path=path or "last")
        if rule == "floor" and self.is_fitted:
            self._floor()

    def _check_scale(self) -> None:
        if self.scale is None or isinstance(self.scale, (FittedScale, FittedPercentile)):
            return
        is_scale = isinstance(self.scale, (Scale, OptimalBand, Percentile))
        if isinstance(self.scale, type) or not is_scale:
            raise DefinitionError(
                f"scale of {self.name!r} must be a scale such as MinMax() or Percentile() (got {self.scale!r}); "
                "a curve goes to curve=",
                path="scale",
            )
        if self.inversion == "ratio" and self.turns_scale:
            raise DefinitionError(
                f"the scale of {self.name!r} is turned round by its own rule, {type(self.scale).__name__}; "
                'inversion="ratio" goes with a target, or with RatioToReference',
                path="inversion",
            )
        if self.turns_scale and isinstance(self.scale, (Banded, OptimalBand)):
            raise DefinitionError(
                f"the scale of {self.name!r} says itself which side is better: leave lower_is_better out",
                path="lower_is_better",
            )

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

    @cached_property
    def _has_steps(self) -> bool:
        is_step = isinstance(self.scale, (Percentile, FittedPercentile))
        is_step = is_step or (isinstance(self._fitted, FittedScale) and self._fitted.is_step)
        return is_step or (self.curve is not None and not self.curve.is_continuous)

    @property
    def kind(self) -> Literal["raw", "attainment", "progress"]:
        """What the metric reads: ``raw``, ``attainment`` or ``progress``."""
        if self.target is None:
            return "raw"
        return "attainment" if self.baseline is None else "progress"

    def needs(self) -> tuple[Need, ...]:
        """The columns that the metric reads."""
        names = [self.column, self.target, self.baseline, self.last]
        needs = [Need(name) for name in names if isinstance(name, str)]
        within = getattr(self.scale, "within", None)
        return tuple(needs if within is None else [*needs, Need(within, "category")])

    @property
    def is_fitted(self) -> bool:
        """Whether the metric has seen all the population that it needs, or needs none."""
        return self._fitted is not None or self.scale is None

    def is_imputed(self, rule: MissingRule) -> bool:
        """Whether a missing value is filled by a number of the population."""
        return rule in ("mean", "median")

    def evaluate(self, rows: Rows, missing: MissingRule, record: AnyRecorder) -> Outcome:
        """The score of each row, NaN where there is none, and its coverage: 1 where it was observed, else 0."""
        rule = self.missing or missing
        if rule == "redistribute" and not record:
            return Outcome(self.scored(self._measured(rows, rule, record), rows))
        node = record.part("curve", label=self.name) if self.curve is not None else record
        inner = node.part("scaled", label=self.name) if self.scale is not None else node
        measured = self._measured(rows, rule, inner)
        scaled = self._scaled(measured, rows, inner)
        score = self._curved(scaled, rows)
        if record and self.curve is not None and not np.isnan(score[0]):
            self.curve.record(node, float(scaled[0]), float(score[0]))
        why, group = None, {}
        if record and (why := self._without_group(measured, scaled, rows)) is not None:
            within = str(self.scale.within)
            group = {"within": within, "group": rows.category(within)[0], "weight": self.weight or Fraction(1)}
        observed = ~np.isnan(rows.number(self.column)) & ~np.isnan(score)
        kept = None
        if rule == "refuse":
            for need in self.needs():
                if need.kind == "number":
                    there = ~np.isnan(rows.number(need.name)) | (need.name == self.last)
                    rows.require(there, need.name, "must not be missing", "fill it, or choose another missing= rule")
            rows.require(observed, self.column, "must give a score", "choose another missing= or zero_span= rule")
        elif rule in ("zero", "floor"):
            filled = Fraction(0) if rule == "zero" else self._floor()
            if record and np.isnan(score[0]):
                record.drop_parts()
                if why is not None:
                    record.leaf(why, None, label=self.name, rule=rule, **group)
                code = "filled" if rule == "zero" else "filled_with"
                record.leaf(code, filled, label=self.name, counts=filled)
            score = np.where(np.isnan(score), float(filled), score)
        elif rule == "redistribute_over_all":
            kept = np.where(np.isnan(score), 0.0, 1.0)
        if record:
            record.says(why if np.isnan(score[0]) else None, rule=rule, **group)
        return Outcome(score, observed.astype(np.float64), kept)

    def scored(self, measured: FloatColumn, rows: Rows) -> FloatColumn:
        """The score of numbers that were measured: through the scale, then through the curve."""
        return self._curved(self._scaled(measured, rows, SILENT), rows)

    def _curved(self, scaled: FloatColumn, rows: Rows) -> FloatColumn:
        score = scaled if self.curve is None else self.curve.floats(scaled)
        if np.isinf(score).any():
            rows.require(~np.isinf(score), self.column, f"gives an infinite score of {self.name!r}", "check its values")
        return score

    def _scaled(self, measured: FloatColumn, rows: Rows, record: AnyRecorder) -> FloatColumn:
        if self.scale is None:
            return measured
        if self._fitted is None:
            raise UnfittedError(
                f"the scale of {self.name!r}, {type(self.scale).__name__}, has not seen a population; "
                "score with card.fit(everyone), which gives the card with frozen scales",
                path="scale",
            )
        scaled = self._fitted.measure(measured, rows)
        if self._takes_reciprocal and isinstance(self._fitted, FittedScale):
            return self._reciprocal(self._fitted, scaled, rows, record)
        if record and not np.isnan(scaled[0]):
            self._fitted.record(record, rows, float(measured[0]), float(scaled[0]))
        return scaled

    def _reciprocal(self, fitted: FittedScale, scaled: FloatColumn, rows: Rows, record: AnyRecorder) -> FloatColumn:
        """The reference over the value, from the value over the reference."""
        if (scaled <= 0).any():
            expected = f"must be positive, for the reference of {self.name!r} is divided by it"
            rows.require(~(scaled <= 0), self.column, expected, 'take inversion="mirror"')
        turned = 1 / scaled
        if record and not np.isnan(turned[0]):
            group = None if fitted.within is None else rows.category(fitted.within)[0]
            curve = fitted.curve(group if group in fitted.groups else None)
            record.says(
                "reference_over", value=float(turned[0]), relation="from", reference=1 / Fraction(curve.slope_above)
            )
            fitted.tell_whose(record, group)
        return turned

    @property
    def _takes_reciprocal(self) -> bool:
        """Whether the scale is turned round as reference / actual, which is for the metric to do."""
        scale = self.scale.scale if isinstance(self.scale, FittedScale) else self.scale
        turns = self.lower_is_better and self.kind == "raw" and self.inversion == "ratio"
        return turns and isinstance(scale, RatioToReference)

    def _without_group(self, measured: FloatColumn, scaled: FloatColumn, rows: Rows) -> str | None:
        """The code for a single row that was measured and has no score for want of a group."""
        within = getattr(self.scale, "within", None)
        if within is None or np.isnan(measured[0]) or not np.isnan(scaled[0]):
            return None
        return "missing_ungrouped" if rows.category(within)[0] is None else "missing_group"

    @cached_property
    def _fitted(self) -> FittedScale | FittedPercentile | None:
        """The scale where it is frozen: it was fit, or needs no population."""
        if self.scale is None or isinstance(self.scale, (FittedScale, FittedPercentile)):
            return self.scale
        curve = self.scale.declared(self.turns_scale)
        return None if curve is None else FittedScale(self.scale, curve)

    @property
    def turns_scale(self) -> bool:
        """Whether the scale itself is turned round: an attainment or a progress is turned round already."""
        return self.lower_is_better and self.kind == "raw" and not self._takes_reciprocal

    def _floor(self) -> Fraction:
        if self.floor is not None:
            return self.floor
        curve = self.curve or (self._fitted.curve() if isinstance(self._fitted, FittedScale) else None)
        if isinstance(self._fitted, FittedPercentile) and self.curve is None:
            return Fraction(0)
        if curve is not None and curve.slope_below == 0 == curve.slope_above:
            return min(value for knot in curve.knots for value in (knot.below, knot.at, knot.above))
        raise DefinitionError(
            f"{self.name!r} has no least score, so say what a missing value counts as with floor=", path="floor"
        )

    def line(self) -> Curve | None:
        """The way from the raw value to the score as one curve, where every row shares it and no leap is in it."""
        if isinstance(self.target, str) or isinstance(self.baseline, str):
            return None
        if self.lower_is_better and self.inversion == "ratio" and self.kind == "attainment":
            return None
        steps: list[Curve] = []
        if self.target is not None:
            start = self.baseline or Fraction(0)
            if self.target == start:
                return None
            slope, top = 1 / (self.target - start), Fraction(0)
            if self.lower_is_better and self.baseline is None:
                slope, top = -slope, Fraction(2)
            steps.append(Curve([Knot(start, top, top, top)], slope, slope))
        if self.scale is not None:
            if not isinstance(self._fitted, FittedScale) or self._fitted.within is not None or self._takes_reciprocal:
                return None
            steps.append(self._fitted.curve())
        if self.curve is not None:
            steps.append(self.curve)
        way = reduce(Curve.then, steps) if steps else Curve.identity()
        return way if way.is_continuous else None

    def _measured(self, rows: Rows, rule: MissingRule, record: AnyRecorder) -> FloatColumn:
        actual = rows.number(self.column)
        if rule == "carry" and self.last is not None:
            known = ~np.isnan(actual)
            actual = np.where(known, actual, rows.number(self.last))
            code, params = ("actual", {}) if not record or known[0] else ("carried", {"column": self.last})
        else:
            code, params = "actual", {}
        if self.is_imputed(rule):
            return self._imputed(rows, rule, record)
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
        if self._has_steps:
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

    def _imputed(self, rows: Rows, rule: MissingRule, record: AnyRecorder) -> FloatColumn:
        """What was measured, and where there is nothing the number of the population."""
        if self.imputed is None:
            raise UnfittedError(
                f"missing values of {self.name!r} are filled by the {rule} of a population that it has not seen; "
                "score with card.fit(everyone)",
                path="imputed",
            )
        measured = self._measured(rows, "redistribute", record)
        gaps = np.isnan(measured)
        if record and gaps[0]:
            record.leaf("imputed", self.imputed, label=self.column, rule=rule)
        return np.where(gaps, float(self.imputed), measured)

    def measured(self, rows: Rows) -> FloatColumn:
        """What each row reads: raw value, attainment or progress; NaN where it is missing."""
        return self._measured(rows, "redistribute", SILENT)

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

    def _repr_html_(self) -> str:
        return definition(self)

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
