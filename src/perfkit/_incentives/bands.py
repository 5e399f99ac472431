"""Salary bands and structures: the range of each level, its steps, and where a salary lies in it."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from itertools import pairwise
from typing import Literal, NamedTuple

import numpy as np
from attrs import field, frozen

from perfkit._core.checks import one_of, several, text
from perfkit._core.columns import FILL, Need, Rows
from perfkit._core.integers import IntColumn
from perfkit._core.notebook import definition
from perfkit._core.numbers import Number, exact, plain
from perfkit._core.ratios import Ratios
from perfkit.errors import DataError, DefinitionError, did_you_mean
from perfkit.money import minor_per_major

Position = Literal["compa_ratio", "range_penetration"]


def _rates(rates: Iterable[Number]) -> tuple[Fraction, ...]:
    return tuple(exact(rate, what="a step of a band", path="steps") for rate in several(rates))


def _salary(value: Number | None) -> Fraction | None:
    return None if value is None else exact(value, what="a salary of a band")


@frozen
class SalaryBand:
    """The range of salaries of a level, in major units, with its steps where it has any.

    Args:
        level: the grade or level.
        minimum: the least salary; the first step where there are steps.
        maximum: the greatest salary; the last step where there are steps.
        midpoint: what the compa-ratio is measured against; half way when not given.
        steps: the rates of the steps, increasing.

    Raises:
        DefinitionError: for a range that is not positive or not in order, or steps that do not increase.

    Example:
        >>> SalaryBand("senior", 60_000, 90_000).midpoint
        Fraction(75000, 1)
        >>> SalaryBand("GS-9", steps=[52_727, 54_485, 56_243]).maximum
        Fraction(56243, 1)
    """

    _repr_html_ = definition

    level: str = field(converter=text)
    minimum: Fraction = field(default=None, converter=_salary)
    maximum: Fraction = field(default=None, converter=_salary)
    midpoint: Fraction = field(default=None, converter=_salary)
    steps: tuple[Fraction, ...] = field(default=(), converter=_rates, kw_only=True)

    def __attrs_post_init__(self) -> None:
        if any(later <= step for step, later in pairwise(self.steps)):
            raise DefinitionError(
                f"steps of {self.level!r} must increase (got {[plain(step) for step in self.steps]})", path="steps"
            )
        ends = (self.steps[0], self.steps[-1]) if self.steps else (None, None)
        for name, end in zip(("minimum", "maximum"), ends, strict=True):
            given = getattr(self, name)
            if given is None and end is None:
                raise DefinitionError(f"band {self.level!r} must have a {name} (got none)", path=name)
            if given is not None and end is not None and given != end:
                raise DefinitionError(
                    f"{name} of {self.level!r} must be that of its steps, {plain(end)} (got {plain(given)})", path=name
                )
            if given is None:
                object.__setattr__(self, name, end)
        if self.midpoint is None:
            object.__setattr__(self, "midpoint", (self.minimum + self.maximum) / 2)
        if not 0 < self.minimum <= self.midpoint <= self.maximum:
            raise DefinitionError(
                f"band {self.level!r} must have 0 < minimum <= midpoint <= maximum (got {plain(self.minimum)}, "
                f"{plain(self.midpoint)} and {plain(self.maximum)})",
                path="minimum",
            )


def _bands(bands: Iterable[SalaryBand]) -> tuple[SalaryBand, ...]:
    listed = several(bands)
    odd = [band for band in listed if not isinstance(band, SalaryBand)]
    if odd:
        raise DefinitionError(f"bands must be salary bands (got {odd[0]!r})", path="bands")
    return listed


class Ranges(NamedTuple):
    """The range of each row in minor units."""

    minimum: IntColumn
    midpoint: Ratios
    maximum: IntColumn


@frozen
class SalaryStructure:
    """The bands of a pay scale in one currency, from the lowest level up.

    Args:
        bands: one for each level; midpoints increase.
        currency: a code of ISO 4217.
        on: the column of levels.
        gaps: whether a band may start above where the one below it ends (``allow``); ``refuse`` them when not given,
            for a salary in between would be in no band.
        overlaps: whether a band may start below where the one under it ends. ``allow`` when not given, for ranges of
            neighbouring grades usually overlap; ``refuse`` for scales that must not.

    Raises:
        DefinitionError: for no bands, a level twice, midpoints that do not increase, gaps and overlaps that are
            refused, and amounts that the currency does not have; all of them at once in ``problems``.

    Example:
        >>> scale = SalaryStructure([SalaryBand("junior", 40_000, 60_000), SalaryBand("senior", 55_000, 85_000)],
        ...                         currency="EUR")
        >>> scale.band("senior").midpoint
        Fraction(70000, 1)
    """

    _repr_html_ = definition

    bands: tuple[SalaryBand, ...] = field(converter=_bands)
    currency: str = field(kw_only=True)
    on: str = field(default="level", converter=text, kw_only=True)
    gaps: Literal["refuse", "allow"] = field(default="refuse", kw_only=True)
    overlaps: Literal["refuse", "allow"] = field(default="allow", kw_only=True)

    def __attrs_post_init__(self) -> None:
        one_of(self.gaps, ("refuse", "allow"), "gaps")
        one_of(self.overlaps, ("refuse", "allow"), "overlaps")
        if not self.bands:
            raise DefinitionError("a structure needs at least one band (got none)", path="bands")
        scale = minor_per_major(self.currency)
        problems = [
            f"an amount of {self.currency} has no part of a minor unit (got {plain(amount)} in {band.level!r})"
            for band in self.bands
            for amount in (band.minimum, band.maximum, *band.steps)
            if (amount * scale).denominator != 1
        ]
        problems += [
            f"an amount must fit int64 minor units of {self.currency} (got {plain(band.maximum):,} in {band.level!r})"
            for band in self.bands
            if band.maximum * scale >= 2**63
        ]
        levels = self.levels
        problems += [f"level {name!r} has two bands" for name in sorted({n for n in levels if levels.count(n) > 1})]
        for band, above in pairwise(self.bands):
            problems += self._between(band, above)
        if problems:
            raise DefinitionError(
                f"the bands have {len(problems)} problem{'s' if len(problems) > 1 else ''}: {'; '.join(problems)}",
                path="bands",
                problems=problems,
            )

    def _between(self, band: SalaryBand, above: SalaryBand) -> list[str]:
        pair = f"{band.level!r} and {above.level!r}"
        if above.midpoint <= band.midpoint:
            return [f"midpoints must increase from level to level ({pair}: {_two(band.midpoint, above.midpoint)})"]
        if above.minimum > band.maximum and self.gaps == "refuse":
            ends = _two(band.maximum, above.minimum)
            return [f"there is a gap between {pair} ({ends}); close it or say gaps='allow'"]
        if above.minimum < band.maximum and self.overlaps == "refuse":
            return [f"{pair} overlap ({_two(above.minimum, band.maximum)}); part them or say overlaps='allow'"]
        return []

    @property
    def levels(self) -> tuple[str, ...]:
        """The levels, from the lowest up."""
        return tuple(band.level for band in self.bands)

    def band(self, level: str) -> SalaryBand:
        """The band of a level.

        Raises:
            DefinitionError: for a level that has none.
        """
        if level not in self.levels:
            raise DefinitionError(
                f"level must be one of {', '.join(self.levels)} (got {level!r}){did_you_mean(str(level), self.levels)}",
                path="level",
            )
        return self.bands[self.levels.index(level)]

    def needs(self) -> tuple[Need, ...]:
        """The column of levels."""
        return (Need(self.on, "category", self.levels),)

    def places(self, rows: Rows, on: str | None = None) -> IntColumn:
        """The place of each row's level among the bands.

        Raises:
            DataError: for levels that have no band.
        """
        name = on or self.on
        names = rows.category(name)
        places = {level: place for place, level in enumerate(self.levels)}
        found = np.array([places.get(level, -1) for level in names.tolist()], dtype=np.int64)
        there = np.array([level is not None for level in names.tolist()], dtype=np.bool_)
        rows.require(there, name, "must not be missing", FILL)
        if (found < 0).any():
            odd = str(names[int(np.flatnonzero(found < 0)[0])])
            rows.require(
                found >= 0,
                name,
                f"must be one of {', '.join(self.levels)} (got {odd!r}){did_you_mean(odd, self.levels)}",
                "give it a band, or mend the level",
            )
        return found

    def ranges(self, rows: Rows, currency: str) -> Ranges:
        """The range of each row."""
        self.require_currency(currency)
        return self.ranges_at(self.places(rows))

    def ranges_at(self, places: IntColumn) -> Ranges:
        """The ranges of the bands at some places."""
        scale = minor_per_major(self.currency)
        low = np.array([int(band.minimum * scale) for band in self.bands], dtype=np.int64)
        high = np.array([int(band.maximum * scale) for band in self.bands], dtype=np.int64)
        middle = Ratios.of_fractions([band.midpoint * scale for band in self.bands])
        return Ranges(low[places], Ratios(middle.numerator[places], middle.denominator), high[places])

    def require_currency(self, currency: str) -> None:
        """Refuse another currency.

        Raises:
            DataError: for salaries of another currency than the bands.
        """
        if currency != self.currency:
            raise DataError(
                f"salaries must be of {self.currency}, like the bands (got {currency}); "
                "use the structure of that currency, or convert"
            )


def _two(one: Fraction, other: Fraction) -> str:
    return f"{_text(one)} and {_text(other)}"


def _text(amount: Fraction) -> str:
    return f"{plain(amount):,}"


@frozen
class SalaryRange:
    """The range of each row where the data have it: columns of money for its ends and its middle.

    Args:
        minimum: the column of the least salary.
        midpoint: the column of the middle.
        maximum: the column of the greatest salary.

    Example:
        >>> [need.name for need in SalaryRange("low", "middle", "high").needs()]
        ['low', 'middle', 'high']
    """

    _repr_html_ = definition

    minimum: str = field(default="range_minimum", converter=text)
    midpoint: str = field(default="range_midpoint", converter=text)
    maximum: str = field(default="range_maximum", converter=text)

    def needs(self) -> tuple[Need, ...]:
        """The three columns."""
        return tuple(Need(name, "money") for name in (self.minimum, self.midpoint, self.maximum))

    def ranges(self, rows: Rows, currency: str) -> Ranges:
        """The range of each row."""
        low, middle, high = rows.money(self.minimum), rows.money(self.midpoint), rows.money(self.maximum)
        good = (low > 0) & (low <= middle)
        rows.require(good, self.minimum, "must be positive and not above the midpoint", "mend the range")
        rows.require(middle <= high, self.maximum, "must not be below the midpoint", "mend the range")
        return Ranges(low, Ratios(middle, 1), high)


def position_of(salary: IntColumn, ranges: Ranges, by: Position) -> Ratios:
    """Where each salary lies: over the midpoint, or from the minimum (0) to the maximum (1)."""
    if by == "compa_ratio":
        return Ratios(salary, 1).over(ranges.midpoint)
    width = ranges.maximum - ranges.minimum
    # A range without width has nothing to be in the middle of: its one salary is its end.
    whole = np.where(width > 0, width, 1)
    return Ratios(np.where(width > 0, salary - ranges.minimum, np.sign(salary - ranges.minimum) + 1), whole)
