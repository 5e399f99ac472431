"""One measure of performance: what it reads, what it is measured against, what it scores."""

from __future__ import annotations

from fractions import Fraction
from typing import Literal

import numpy as np
from attrs import field, frozen

from perfkit._core.checks import instance, one_of, optional_text, text, truth
from perfkit._core.columns import FloatColumn, Need, Rows
from perfkit._core.grid import snap
from perfkit._core.notebook import definition
from perfkit._core.numbers import Number, exact, exact_or_column, plain
from perfkit.curves import Curve
from perfkit.errors import DefinitionError
from perfkit.explain import AnyRecorder

MissingRule = Literal["redistribute", "zero", "carry", "refuse"]
ZeroSpan = Literal["refuse", "missing", "reached"]
Inversion = Literal["mirror", "ratio"]
MISSING_RULES = ("redistribute", "zero", "carry", "refuse")


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
    weight: Fraction | None = field(default=None, converter=as_weight, kw_only=True)
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
            one_of(self.missing, MISSING_RULES, "missing")
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
            rows.require(observed, self.column, "must give a score", "choose another missing= or zero_span= rule")
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
