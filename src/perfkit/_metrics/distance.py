"""Distance methods, fit to frozen references: so they score one row alone, and nobody's score moves with others'."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import numpy as np
from attrs import evolve, field, frozen

from perfkit._core.checks import text
from perfkit._core.columns import FloatColumn
from perfkit._core.notebook import definition
from perfkit._core.numbers import Number, exact, plain
from perfkit.errors import DataError, DefinitionError, UnfittedError
from perfkit.explain import AnyRecorder

Columns = Mapping[str, FloatColumn]
Range = tuple[Fraction, Fraction]
Ranges = tuple[tuple[str, Fraction, Fraction], ...]
# What both regrets are observed as: no part is called so, for a name is not blank.
_MEAN, _GREATEST = "", " "


def _ranges(given: Any) -> Ranges:
    try:
        found = [(name, *ends) for name, ends in given.items()] if isinstance(given, Mapping) else given
        triples = [(name, worst, best) for name, worst, best in found]
    except (TypeError, ValueError) as error:
        raise DefinitionError(
            f"references must map each part to its worst and its best score, such as {{'a': (0, 1)}} (got {given!r})",
            path="references",
        ) from error
    ranges = tuple(
        (text(name), exact(worst, what="worst", path="references"), exact(best, what="best", path="references"))
        for name, worst, best in triples
    )
    names = [name for name, _, _ in ranges]
    for position, (name, worst, best) in enumerate(ranges):
        if name in names[:position]:
            raise DefinitionError(f"references must name each part once (got {name!r} twice)", path="references")
        if worst > best:
            raise DefinitionError(
                f"the best score of {name!r} must not be below its worst (got {plain(worst)} and {plain(best)}); "
                "turn the metric round where lower is better",
                path="references",
            )
    return ranges


def _range(given: Any, path: str) -> Range | None:
    if given is None:
        return None
    try:
        low, high = given
    except (TypeError, ValueError) as error:
        raise DefinitionError(f"{path} must be the least and the greatest regret (got {given!r})", path=path) from error
    least, greatest = exact(low, what=path, path=path), exact(high, what=path, path=path)
    if least > greatest:
        raise DefinitionError(
            f"{path} must be the least and the greatest regret (got {plain(least)} and {plain(greatest)})", path=path
        )
    return least, greatest


def _mean_regret(given: Any) -> Range | None:
    return _range(given, "mean_regret")


def _greatest_regret(given: Any) -> Range | None:
    return _range(given, "greatest_regret")


def _majority(value: Number) -> Fraction:
    majority = exact(value, what="majority", path="majority")
    if not 0 <= majority <= 1:
        raise DefinitionError(f"majority must be from 0 to 1 (got {plain(majority)})", path="majority")
    return majority


def _require(name: str, ranges: Ranges, values: Columns) -> None:
    absent = [part for part in values if part not in {known for known, _, _ in ranges}]
    if absent:
        raise UnfittedError(
            f"{name} has no reference for {', '.join(map(repr, absent))}; fit the card to a population, or declare it"
        )


@frozen
class Topsis:
    """TOPSIS: how close a row is to the ideal, as a share of its way from the anti-ideal to it.

    Both distances are Euclidean, of scores times shares. The ideal and the anti-ideal of each part are declared, or fit
    once to a population by :meth:`Scorecard.fit`; then they are frozen (Hwang & Yoon 1981, but for the freezing). A
    score beyond a reference counts as the reference: nobody is further from the ideal for being better than it. What a
    part brings is told against a score of 0, which so counts as the worst reference where that is higher.

    Args:
        references: the worst and the best score of each part, by its name; those of the population when not given.

    Example:
        >>> from perfkit import Metric, Scorecard
        >>> card = Scorecard("card", [Metric("x"), Metric("y")], aggregate=Topsis({"x": (0, 1), "y": (0, 1)}))
        >>> card.score({"x": [1, 0.5], "y": [1, 0.5]}).values
        array([1. , 0.5])
    """

    _repr_html_ = definition

    references: Ranges = field(default=(), converter=_ranges)

    def names(self) -> tuple[str, ...]:
        """The parts that have references."""
        return tuple(name for name, _, _ in self.references)

    def is_fitted(self, parts: tuple[str, ...]) -> bool:
        """Whether each of the parts has its references."""
        return set(parts) <= set(self.names())

    def observe(self, values: Columns, shares: Columns) -> dict[str, FloatColumn]:
        """The columns whose extremes have to be known."""
        return {name: value for name, value in values.items() if name not in self.names()}

    def fit(self, seen: Mapping[str, Range]) -> Topsis:
        """The same method with the references that a population gave."""
        return evolve(self, references=(*self.references, *((name, low, high) for name, (low, high) in seen.items())))

    def combine(self, values: Columns, shares: Columns) -> FloatColumn:
        """The closeness of each row; 0.5 where the ideal and the anti-ideal are the same."""
        _require("Topsis", self.references, values)
        near, far = self._distances(values, shares)
        whole = near + far
        if np.isinf(whole).any():
            rows = np.flatnonzero(np.isinf(whole)).tolist()
            raise DataError(
                "Topsis squares scores beyond what floats hold; take smaller units", rows=rows, count=len(rows)
            )
        return np.where(whole > 0, far / np.where(whole > 0, whole, 1.0), 0.5)

    def record(self, record: AnyRecorder, values: Columns, shares: Columns) -> None:
        """State both distances of the row."""
        near, far = self._distances(values, shares)
        record.leaf("closeness", None, near=float(near[0]), far=float(far[0]))

    def _distances(self, values: Columns, shares: Columns) -> tuple[FloatColumn, FloatColumn]:
        n = len(next(iter(values.values())))
        to_best, to_worst = np.zeros(n), np.zeros(n)
        for name, worst, best in self.references:
            there = shares[name] > 0
            value = np.clip(np.where(there, values[name], 0.0), float(worst), float(best))
            for squares, end in ((to_best, best), (to_worst, worst)):
                distance = np.where(there, shares[name] * (value - float(end)), 0.0)
                np.add(squares, distance * distance, out=squares)
        return np.sqrt(to_best), np.sqrt(to_worst)


@frozen
class Vikor:
    """VIKOR as a score: 1 for the best compromise of the population that it was fit to, 0 for the worst.

    Each part's regret is how far it falls short of the best, as a share of the way from the worst to the best. The
    score is 1 - Q, and Q weighs the mean regret against the greatest weighted regret, each as a share of its range in
    the population (Opricovic & Tzeng 2004, but for the freezing and the direction).

    Args:
        majority: the weight of the mean regret ("the majority of criteria"); the rest goes to the greatest regret.
        references: the worst and the best score of each part, by its name; those of the population when not given.
        mean_regret: the least and the greatest mean regret; those of the population when not given.
        greatest_regret: the least and the greatest of the greatest regrets; those of the population when not given.

    Example:
        >>> from perfkit import Metric, Scorecard
        >>> card = Scorecard("card", [Metric("x"), Metric("y")], aggregate=Vikor())
        >>> people = {"x": [1, 0.5, 0], "y": [1, 0.5, 0.5]}
        >>> card.fit(people).score(people).values
        array([1.   , 0.125, 0.   ])
    """

    _repr_html_ = definition

    majority: Fraction = field(default=Fraction(1, 2), converter=_majority)
    references: Ranges = field(default=(), converter=_ranges)
    mean_regret: Range | None = field(default=None, converter=_mean_regret)
    greatest_regret: Range | None = field(default=None, converter=_greatest_regret)

    def names(self) -> tuple[str, ...]:
        """The parts that have references."""
        return tuple(name for name, _, _ in self.references)

    def is_fitted(self, parts: tuple[str, ...]) -> bool:
        """Whether each of the parts has its references, and so have both regrets."""
        return set(parts) <= set(self.names()) and None not in (self.mean_regret, self.greatest_regret)

    def observe(self, values: Columns, shares: Columns) -> dict[str, FloatColumn]:
        """The columns whose extremes have to be known: the parts first, then both regrets."""
        wanted = {name: value for name, value in values.items() if name not in self.names()}
        if wanted:
            return wanted
        mean, greatest = self._regrets(values, shares)
        return {_MEAN: mean, _GREATEST: greatest}

    def fit(self, seen: Mapping[str, Range]) -> Vikor:
        """The same method with the references that a population gave."""
        if set(seen) == {_MEAN, _GREATEST}:
            # What is declared stays.
            return evolve(
                self,
                mean_regret=self.mean_regret or seen[_MEAN],
                greatest_regret=self.greatest_regret or seen[_GREATEST],
            )
        return evolve(self, references=(*self.references, *((name, low, high) for name, (low, high) in seen.items())))

    def combine(self, values: Columns, shares: Columns) -> FloatColumn:
        """1 - Q of each row."""
        _require("Vikor", self.references, values)
        if self.mean_regret is None or self.greatest_regret is None:
            raise UnfittedError("Vikor has not seen the regrets of a population; fit the card to one, or declare them")
        mean, greatest = self._regrets(values, shares)
        majority = float(self.majority)
        return 1 - (majority * _part(mean, self.mean_regret) + (1 - majority) * _part(greatest, self.greatest_regret))

    def record(self, record: AnyRecorder, values: Columns, shares: Columns) -> None:
        """State both regrets of the row."""
        mean, greatest = self._regrets(values, shares)
        record.leaf("regret", None, mean=float(mean[0]), greatest=float(greatest[0]))

    def _regrets(self, values: Columns, shares: Columns) -> tuple[FloatColumn, FloatColumn]:
        n = len(next(iter(values.values())))
        total, greatest = np.zeros(n), np.full(n, -np.inf)
        for name, worst, best in self.references:
            there = shares[name] > 0
            span = float(best - worst)
            # A part in which the population did not differ leaves no one with a regret.
            regret = np.where(there & (span > 0), shares[name] * (float(best) - values[name]) / (span or 1.0), 0.0)
            total += regret
            greatest = np.where(there, np.maximum(greatest, regret), greatest)
        return total, greatest


def _part(value: FloatColumn, ends: Range) -> FloatColumn:
    """Where a value lies between two ends; 0 where they are the same."""
    span = float(ends[1] - ends[0])
    return (value - float(ends[0])) / span if span > 0 else np.zeros(len(value))
