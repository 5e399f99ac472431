"""Signal or noise: a history smoothed, each point a weighted mean of all values so far."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import date
from fractions import Fraction
from functools import lru_cache
from itertools import pairwise
from typing import Any

import numpy as np
from attrs import field, frozen

from perfkit._core.layout import table
from perfkit._core.numbers import Number, exact
from perfkit._reviews.chart import Signal, positive, read_history, told_of
from perfkit._reviews.phrases import ENGLISH, phrase, written
from perfkit._reviews.views import ewma_html
from perfkit.errors import DataError, DefinitionError
from perfkit.explain import Explanation


@frozen(repr=False)
class EwmaChart:
    """A history smoothed: each point a weighted mean of all values so far, the newest with the greatest weight.

    Attributes:
        values: the history.
        smoothed: the exponentially weighted moving average after each value.
        center: where it starts from.
        sigma: the standard deviation of single values.
        weight: of the newest value (lambda).
        width: of the limits in standard deviations of the average (L).
        lower: the lower limit after each value.
        upper: the upper limit after each value.
        signals: the positions at which the average is beyond a limit.
        days: the day of each value, or nothing.
    """

    values: tuple[float, ...]
    smoothed: tuple[float, ...]
    center: float
    sigma: float
    weight: float
    width: float
    lower: tuple[float, ...]
    upper: tuple[float, ...]
    signals: tuple[int, ...]
    days: tuple[date, ...] = field(default=())

    @property
    def false_alarm_rate(self) -> float:
        """How often it signals where nothing has changed: one over the mean count of values until it does.

        It assumes independent normal values, a known centre and sigma, and limits of their final width. Source: Crowder
        "A simple method for studying run-length distributions of EWMA charts", Technometrics 29 (1987).
        """
        return 1 / _ewma_run_length(self.weight, self.width)

    @property
    def verdict(self) -> str:
        """A code: ``signal`` or ``noise``."""
        return "signal" if self.signals else "noise"

    def text(self, catalogue: Mapping[str, str] = ENGLISH) -> str:
        """The chart as a table: each value, the average after it and its limits, and a mark where it is beyond them.

        Args:
            catalogue: the language, or a phrase for each code.
        """
        return table(self._rows(catalogue), left=(0, 6))

    def _rows(self, catalogue: Mapping[str, str]) -> list[tuple[str, ...]]:
        heads = ("value", "average", "lower", "centre", "upper")
        rows: list[tuple[str, ...]] = [("", *(phrase(f"chart_{name}", {}, catalogue) for name in heads), "")]
        for place, value in enumerate(self.values):
            name = written(self.days[place], catalogue) if self.days else str(place)
            told = (value, self.smoothed[place], self.lower[place], self.center, self.upper[place])
            mark = told_of(self._signal(place), catalogue) if place in self.signals else ""
            rows.append((name, *(written(float(f"{one:.6g}"), catalogue) for one in told), mark))
        return rows

    def __str__(self) -> str:
        return self.text()

    def _signal(self, place: int) -> Signal:
        side = "above" if self.smoothed[place] > self.center else "below"
        day = self.days[place] if self.days else None
        return Signal("beyond_limits", place, place, exact(self.smoothed[place]), side, day)

    def explain(self) -> Explanation:
        """The verdict by the last limits, with a part for each average that is beyond its own."""
        params = {
            "center": self.center,
            "lower": self.lower[-1],
            "upper": self.upper[-1],
            "weight": self.weight,
            "width": self.width,
            "false_alarm_rate": self.false_alarm_rate,
        }
        parts = [self._signal(place).explain() for place in self.signals]
        return Explanation(f"history_{self.verdict}", self.smoothed[-1], params=params, parts=parts)

    def to_dict(self) -> dict[str, Any]:
        """The chart as plain data, ready for JSON."""
        return {
            **self.explain().to_dict(),
            "values": list(self.values),
            "smoothed": list(self.smoothed),
            "days": [day.isoformat() for day in self.days],
        }

    def html(self, catalogue: Mapping[str, str] = ENGLISH) -> str:
        """The chart as HTML: the verdict, a picture, and the last values with their limits.

        Args:
            catalogue: the language, or a phrase for each code.
        """
        return ewma_html(self, self._rows(catalogue), catalogue)

    def _repr_html_(self) -> str:
        return self.html()

    def __repr__(self) -> str:
        return f"<EwmaChart of {len(self.values)} values: {len(self.signals)} signals>"


def ewma(
    values: Sequence[Number] | Mapping[date, Number],
    *,
    weight: Number = Fraction(2, 10),
    width: Number = 3,
    center: Number | None = None,
    sigma: Number | None = None,
    widening: bool = True,
    days: Sequence[date] = (),
) -> EwmaChart:
    """An exponentially weighted moving average of a history with its limits: it finds small shifts that last.

    Source of the formulas: NIST/SEMATECH e-Handbook of Statistical Methods, 6.3.2.4.

    Args:
        values: the history, in the order of time; or a mapping from day to value, in any order. What was not observed
            is left out: None and NaN are refused, for nothing says what stood there.
        weight: of the newest value, above 0 and at most 1.
        width: of the limits, in standard deviations of the average.
        center: what is expected; the mean of the values when not given.
        sigma: the standard deviation of single values; the mean moving range over 1.128 when not given.
        widening: whether the limits start narrow, as the average does, or hold their final width from the first
            value on.
        days: the day of each value; a mapping has them.

    Raises:
        DataError: for values that are no finite numbers, or of which none differ and no sigma is given.
        DefinitionError: for a weight that is none, or a width or sigma that is not positive.

    Example:
        >>> from perfkit import ewma
        >>> chart = ewma([52, 47, 53, 49.3], weight=0.3, center=50, sigma=2.0539, widening=False)
        >>> round(chart.upper[0], 4), [round(value, 2) for value in chart.smoothed]
        (52.5884, [50.6, 49.52, 50.56, 50.18])
    """
    told, when = read_history(values, days)
    part = exact(weight, what="weight", path="weight")
    if not 0 < part <= 1:
        raise DefinitionError(f"weight must be above 0 and at most 1, such as 0.2 (got {weight!r})", path="weight")
    reach, share = float(positive(width, "width")), float(part)
    middle = float(sum(told, Fraction(0)) / len(told) if center is None else exact(center, what="center"))
    spread = _spread(told) if sigma is None else float(positive(sigma, "sigma"))
    level, smoothed, ends = middle, [], []
    for count, value in enumerate(told, start=1):
        level = share * float(value) + (1 - share) * level
        smoothed.append(level)
        grown = 1 - (1 - share) ** (2 * count) if widening else 1.0
        ends.append(reach * spread * math.sqrt(share / (2 - share) * grown))
    return EwmaChart(
        tuple(map(float, told)),
        tuple(smoothed),
        middle,
        spread,
        share,
        reach,
        tuple(middle - end for end in ends),
        tuple(middle + end for end in ends),
        tuple(place for place, (at, end) in enumerate(zip(smoothed, ends, strict=True)) if abs(at - middle) > end),
        when,
    )


def _spread(values: Sequence[Fraction]) -> float:
    ranges = [abs(after - before) for before, after in pairwise(values)]
    if not any(ranges):
        raise DataError(
            "the values do not differ, so that nothing says how much they vary; give sigma=", column="values"
        )
    return float(sum(ranges, Fraction(0)) / len(ranges) / Fraction(1128, 1000))


@lru_cache(maxsize=64)
def _ewma_run_length(weight: float, width: float) -> float:
    """The mean count of values until the average is beyond its limits, by Crowder's integral equation."""
    reach = width * math.sqrt(weight / (2 - weight))
    nodes, weights = np.polynomial.legendre.leggauss(200)
    nodes, weights = reach * nodes, reach * weights

    def kernel(start: Any) -> Any:
        z = (nodes[None, :] - (1 - weight) * np.atleast_1d(start)[:, None]) / weight
        return weights[None, :] * np.exp(-z * z / 2) / math.sqrt(2 * math.pi) / weight

    ahead = np.linalg.solve(np.eye(len(nodes)) - kernel(nodes), np.ones(len(nodes)))
    return float(1 + (kernel(0.0) @ ahead)[0])
