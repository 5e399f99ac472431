"""What fills a pool: a curve of a company's result, on its own or times the targets of everybody."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from attrs import field, frozen

from perfkit._core.checks import instance, optional_text, text
from perfkit._core.columns import missing_columns
from perfkit._core.notebook import definition
from perfkit._core.numbers import Number, exact, plain
from perfkit.curves import Curve
from perfkit.errors import DataError, DefinitionError
from perfkit.explain import AnyRecorder
from perfkit.money import Money

Results = Mapping[str, Any]


def _optional(value: Number | None) -> Fraction | None:
    return None if value is None else exact(value, what="a limit of a fund")


@frozen
class Funding:
    """How a fund is filled: by a curve of a result, or by that share of the sum of targets.

    Thresholds, buckets and marginal shares of profit are shapes of the curve. A pool may be filled by several.

    Args:
        on: the name of the result, such as ``net_income``, in major units where it is money; without one the curve is
            not asked, and the fund is the sum of the targets.
        curve: from the result to the amount in major units; with ``of``, to the share of the sum of targets.
        of: the column of money with each person's target.
        cap: at most this, in major units.
        floor: at least this, in major units.
        name: in the explanation; the result, or the column of targets, when not given.

    Raises:
        DefinitionError: for neither a result nor targets, or a floor above the cap.

    Example:
        >>> profit = Funding("pretax", Curve.marginal((0, 1), (10_000_000, 0.5)))
        >>> profit.amount({"pretax": 60_000_000})
        Fraction(35000000, 1)
    """

    _repr_html_ = definition

    on: str | None = field(default=None, converter=optional_text)
    curve: Curve = field(factory=Curve.identity, validator=instance(Curve))
    of: str | None = field(default=None, converter=optional_text, kw_only=True)
    cap: Fraction | None = field(default=None, converter=_optional, kw_only=True)
    floor: Fraction | None = field(default=None, converter=_optional, kw_only=True)
    name: str = field(converter=text, kw_only=True)

    @name.default
    def _same_as_source(self) -> str:
        return self.on or self.of or "fund"

    def __attrs_post_init__(self) -> None:
        if self.on is None and self.of is None:
            raise DefinitionError("a fund is filled by a result or by targets: say on=, of= or both", path="on")
        if self.cap is not None and self.floor is not None and self.floor > self.cap:
            raise DefinitionError(
                f"floor of {self.name!r} must not be above its cap (got {plain(self.floor)} and {plain(self.cap)})",
                path="floor",
            )

    def amount(
        self, results: Results, targets: Fraction | None = None, record: AnyRecorder | None = None, currency: str = ""
    ) -> Fraction:
        """The amount in major units, not yet rounded.

        Args:
            results: the company's results by name.
            targets: the sum of the targets in major units, where ``of`` names them.
            record: what to explain it to.
            currency: of the explanation.

        Raises:
            DataError: for a result that is missing or no number, and for a fund below nothing.
        """
        share = None if self.on is None else self.curve.exact(_result(self.on, results))
        if self.of is None:
            filled = share if share is not None else Fraction(0)
        else:
            filled = (targets or Fraction(0)) * (Fraction(1) if share is None else share)
        limited = filled if self.cap is None else min(filled, self.cap)
        limited = limited if self.floor is None else max(limited, self.floor)
        if limited < 0:
            raise DataError(
                f"the fund of {self.name!r} must not be negative (got {plain(limited)}); floor its curve at 0",
                column=self.on,
            )
        if record:
            self._record(record.part("funding", label=self.name), results, targets, share, filled, limited, currency)
        return limited

    def _record(
        self,
        record: AnyRecorder,
        results: Results,
        targets: Fraction | None,
        share: Fraction | None,
        filled: Fraction,
        limited: Fraction,
        currency: str,
    ) -> None:
        record.says(relation="sum", value=limited, unit=currency)
        inner = record.part("funding", label=self.name)
        inner.says(value=filled, unit=currency, relation="product")
        if self.on is not None and share is not None:
            curve = inner.part("curve")
            x = _result(self.on, results)
            curve.leaf("actual", x, label=self.on)
            self.curve.record(curve, x, share)
        if self.of is not None:
            inner.leaf("targets", targets or Fraction(0), label=self.of, unit=currency)
        if limited < filled:
            record.leaf("capped", limited - filled, limit=self.cap)
        elif limited > filled:
            record.leaf("floored", limited - filled, limit=self.floor)


def _result(name: str, results: Results) -> Fraction:
    if name not in results:
        raise missing_columns([name], results)
    value = results[name]
    if isinstance(value, Money):
        return value.exact
    if hasattr(value, "__float__") and not isinstance(value, (int, float)) and not hasattr(value, "numerator"):
        value = float(value)
    try:
        return exact(value, what=f"the result {name!r}")
    except DefinitionError as error:
        raise DataError(str(error), column=name) from error
