"""Where a promotion places a salary in the new band."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any, Protocol, runtime_checkable

import numpy as np
from attrs import field, frozen

from perfkit._core.checks import instance
from perfkit._core.integers import IntColumn
from perfkit._core.notebook import definition
from perfkit._core.numbers import exact
from perfkit._core.ratios import Ratios
from perfkit._incentives.bands import SalaryBand, SalaryStructure
from perfkit._incentives.factors import fitting, money_or_number
from perfkit.errors import DataError, DefinitionError
from perfkit.explain import SILENT, AnyRecorder
from perfkit.money import CENT, Money, Rounding, minor_per_major


@runtime_checkable
class PlacementRule(Protocol):
    """A rule that says the salary after a promotion."""

    def place(
        self, salary: int, old: SalaryBand, new: SalaryBand, levels: int, currency: str, record: AnyRecorder
    ) -> int:
        """The salary after, in minor units, for one person; the parts of the recorder add up to it."""
        ...


def _percents(percent: Any) -> tuple[tuple[int, Fraction], ...]:
    pairs = list(percent.items()) if isinstance(percent, Mapping) else percent
    pairs = pairs if isinstance(pairs, (list, tuple)) else [(1, percent)]
    found = sorted((_levels(levels), exact(rate, what="percent", path="percent")) for levels, rate in pairs)
    if not found:
        raise DefinitionError("percent must name at least one number of levels (got none)", path="percent")
    if any(rate < 0 for _, rate in found):
        raise DefinitionError("percent must not be negative; a promotion lowers no salary", path="percent")
    return tuple(found)


def _levels(levels: Any) -> int:
    if isinstance(levels, bool) or not isinstance(levels, int) or levels < 1:
        raise DefinitionError(f"percent by levels must name levels from 1 up (got {levels!r})", path="percent")
    return levels


@frozen
class Placement:
    """A salary raised by a percentage by levels jumped, to the minimum of the new band, and held within it.

    Args:
        percent: of the old salary, such as 0.1, or by how many levels are jumped: ``{1: 0.08, 2: 0.1, 3: 0.12}``; more
            levels than named count as the most named.
        to_minimum: whether the new salary is at least the minimum of the new band.
        to_maximum: whether it is at most the maximum of it; who has more already keeps it.
        rounding: of the new salary.

    Raises:
        DefinitionError: for a negative percentage, or levels below 1.

    Example:
        >>> structure = SalaryStructure([SalaryBand("a", 60_000, 80_000), SalaryBand("b", 78_000, 100_000)],
        ...                             currency="USD")
        >>> Placement(0.122).placed(structure, Money(72_000, "USD"), "a", "b")
        Money('80,784.00 USD')
    """

    _repr_html_ = definition

    percent: tuple[tuple[int, Fraction], ...] = field(default=((1, Fraction(0)),), converter=_percents)
    to_minimum: bool = field(default=True, validator=instance(bool), kw_only=True)
    to_maximum: bool = field(default=True, validator=instance(bool), kw_only=True)
    rounding: Rounding = field(default=CENT, validator=instance(Rounding), kw_only=True)

    def percent_for(self, levels: int) -> Fraction:
        """The percentage for so many levels."""
        return max((named, rate) for named, rate in self.percent if named <= max(levels, self.percent[0][0]))[1]

    def place(
        self, salary: int, old: SalaryBand, new: SalaryBand, levels: int, currency: str, record: AnyRecorder
    ) -> int:
        """The salary after the promotion, in minor units."""
        scale = minor_per_major(currency)
        percent = self.percent_for(levels)
        raised = self.rounding.column(Ratios.of_fractions([Fraction(salary, scale) * (1 + percent)]), currency)
        wanted = int(raised[0])
        held = max(wanted, int(new.minimum * scale)) if self.to_minimum else wanted
        if self.to_maximum:
            held = max(min(held, int(new.maximum * scale)), salary)
        if record:
            record.says(relation="sum", value=Money.from_minor(held, currency))
            record.leaf("base", Money.from_minor(salary, currency), label="salary before")
            step = Money.from_minor(wanted - salary, currency)
            record.leaf("promotion_percent", step, percent=percent, levels=levels)
            if held != wanted:
                kept = held > new.maximum * scale
                code = "range_floor" if held > wanted else "kept_above" if kept else "range_ceiling"
                limit = Money.from_minor(held, currency)
                record.leaf(code, Money.from_minor(held - wanted, currency), level=new.level, limit=limit)
        return held

    def placed(self, structure: SalaryStructure, salary: Money, old: str, new: str) -> Money:
        """The salary of one person after a promotion from one level to another."""
        return placed(self, structure, salary, old, new)


def placed(rule: PlacementRule, structure: SalaryStructure, salary: Money, old: str, new: str) -> Money:
    """The salary of one person after a promotion, by a rule."""
    structure.require_currency(salary.currency)
    before, after = structure.band(old), structure.band(new)
    levels = structure.levels.index(new) - structure.levels.index(old)
    minor = rule.place(salary.minor, before, after, levels, salary.currency, SILENT)
    return Money.from_minor(minor, salary.currency)


@frozen
class TwoStepPlacement:
    """The two-step promotion rule of United States federal pay: two within-grade steps more, then up to the next step.

    The existing rate is increased by two within-grade increases of the grade before; the new rate is the lowest step of
    the new grade that equals or exceeds that. Where that is more than its last step, it is the last step, or the
    existing rate where that is higher. A retained rate, above the last step of the grade before, is increased from that
    last step, and the new rate is the lowest step that equals or exceeds the retained rate too. Source: 5 CFR
    531.214(d)(3), the standard method, and (d)(5) for retained rates. Not covered: the alternate method of (d)(4), and
    the conversions where the worksite or the pay schedule changes; where pay has a locality rate, give the bands the
    steps with it.

    Args:
        steps: how many within-grade increases.

    Example:
        >>> structure = SalaryStructure([SalaryBand("9", steps=[52_727, 54_485, 56_243]),
        ...                              SalaryBand("11", steps=[63_795, 65_922])], currency="USD", gaps="allow")
        >>> TwoStepPlacement().increased(Money(52_727, "USD"), structure.band("9"))
        Money('56,243.00 USD')
        >>> TwoStepPlacement().placed(structure, Money(52_727, "USD"), "9", "11")
        Money('63,795.00 USD')
    """

    _repr_html_ = definition

    steps: int = 2

    def __attrs_post_init__(self) -> None:
        if isinstance(self.steps, bool) or not isinstance(self.steps, int) or self.steps < 1:
            raise DefinitionError(f"steps must be a whole number from 1 on (got {self.steps!r})", path="steps")

    def increased(self, salary: Money, old: SalaryBand) -> Money:
        """The existing rate with the within-grade increases of the old grade (step B of the rule)."""
        increase = self._increase(salary.exact, old)
        return Money(min(salary.exact, old.steps[-1]) + increase, salary.currency)

    def _increase(self, salary: Fraction, old: SalaryBand) -> Fraction:
        if len(old.steps) < 2:
            raise DataError(
                f"level {old.level!r} must have at least two steps to be promoted from by steps "
                f"(got {len(old.steps)}); give its band steps=",
                column="level",
            )
        widths = [later - step for step, later in zip(old.steps, old.steps[1:], strict=False)]
        at = max((place for place, step in enumerate(old.steps) if step <= salary), default=0)
        # Beyond the last step the increases go on as the last one.
        return sum((widths[min(at + more, len(widths) - 1)] for more in range(self.steps)), Fraction(0))

    def place(
        self, salary: int, old: SalaryBand, new: SalaryBand, levels: int, currency: str, record: AnyRecorder
    ) -> int:
        """The salary after the promotion, in minor units."""
        scale = minor_per_major(currency)
        existing = Fraction(salary, scale)
        increase = self._increase(existing, old)
        if not new.steps:
            raise DataError(
                f"level {new.level!r} must have steps to be promoted to by steps (got none); give its band steps=",
                column="level",
            )
        last = old.steps[-1]
        wanted = min(existing, last) + increase
        step = next((place for place, rate in enumerate(new.steps) if rate >= max(wanted, existing)), None)
        rate = max(new.steps[-1], existing) if step is None else new.steps[step]
        if record:
            record.says(relation="sum", value=money_or_number(rate, currency))
            record.leaf("base", Money.from_minor(salary, currency), label="salary before")
            if existing > last:
                counted = money_or_number(last - existing, currency)
                record.leaf("retained_from", counted, level=old.level, limit=money_or_number(last, currency))
            record.leaf("within_grade", money_or_number(increase, currency), steps=self.steps, level=old.level)
            code = "step_of" if step is not None else "retained" if rate == existing else "range_ceiling"
            number = len(new.steps) if step is None else step + 1
            difference = money_or_number(rate - wanted, currency)
            limit = money_or_number(rate, currency)
            record.leaf(code, difference, step=number, level=new.level, limit=limit)
        return int(rate * scale)

    def placed(self, structure: SalaryStructure, salary: Money, old: str, new: str) -> Money:
        """The salary of one person after a promotion from one level to another."""
        return placed(self, structure, salary, old, new)


def place_all(
    rule: PlacementRule,
    structure: SalaryStructure,
    salary: IntColumn,
    old: IntColumn,
    new: IntColumn,
    record: AnyRecorder,
) -> IntColumn:
    """The salaries after promotions of some rows, each by itself; places are those of bands."""
    bands, currency = structure.bands, structure.currency
    after = np.empty(len(salary), dtype=object)
    after[:] = [
        rule.place(pay, bands[before], bands[later], later - before, currency, record)
        for pay, before, later in zip(salary.tolist(), old.tolist(), new.tolist(), strict=True)
    ]
    return fitting(after, currency)
