"""How results may turn out: distributions of a column that move together, or rows of a history that are drawn again."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping, Sequence
from fractions import Fraction
from itertools import pairwise
from typing import Any

import numpy as np
from attrs import field, frozen

from perfkit._core import normal
from perfkit._core.checks import optional_text, truth
from perfkit._core.columns import FloatColumn, Kind, Need, Rows, read_rows
from perfkit._core.grid import GRID
from perfkit._core.notebook import count, definition, first_rows, heading, view
from perfkit._core.numbers import Number, exact, exact_or_column, plain
from perfkit._core.tables import column_names
from perfkit.errors import DataError, DefinitionError
from perfkit.money import minor_per_major
from perfkit.typing import Variation

# What a float64 of minor units can still tell apart.
_LARGEST = float(2**53)
# The streams of one key: what is each person's own, and what everybody shares.
_OWN, _COMMON = 0, 1


def _loading(value: Number) -> Fraction:
    loading = exact(value, what="a loading")
    if not -1 <= loading <= 1:
        raise DefinitionError(
            f"a loading is a correlation with the common factor, -1 to 1 (got {value!r})", path="loading"
        )
    return loading


def _bound(value: Number | None) -> Fraction | None:
    return None if value is None else exact(value, what="a bound")


def _number(value: Number | str) -> Fraction | str:
    return exact_or_column(value, what="a mean or a deviation")


def _check_bounds(low: Fraction | None, high: Fraction | None) -> None:
    if low is not None and high is not None and low > high:
        raise DefinitionError(f"low must not be above high (got {plain(low)} and {plain(high)})", path="low")


@frozen
class NormalVariation:
    """A column that varies normally around a mean.

    Args:
        mean: a number, or the column of the population that holds each person's own; money as typed, in major units.
        deviation: the standard deviation, likewise; with ``relative``, a share of the mean.
        low: what no value is below; with ``relative``, a share of the mean. Values are clipped, not drawn again.
        high: what no value is above, likewise.
        loading: the correlation with the factor that everybody shares, -1 to 1: the results of two people are
            correlated by its square.
        relative: whether deviation and bounds are shares of the mean.

    Example:
        >>> NormalVariation("forecast", 0.25, relative=True, low=0, loading=0.5).loading
        Fraction(1, 2)
    """

    _repr_html_ = definition

    mean: Fraction | str = field(converter=_number)
    deviation: Fraction | str = field(converter=_number)
    low: Fraction | None = field(default=None, converter=_bound, kw_only=True)
    high: Fraction | None = field(default=None, converter=_bound, kw_only=True)
    loading: Fraction = field(default=Fraction(0), converter=_loading, kw_only=True)
    relative: bool = field(default=False, converter=truth, kw_only=True)

    def __attrs_post_init__(self) -> None:
        _check_bounds(self.low, self.high)
        if isinstance(self.deviation, Fraction) and self.deviation < 0:
            raise DefinitionError(f"deviation must not be negative (got {plain(self.deviation)})", path="deviation")

    def needs(self, kind: Kind) -> tuple[Need, ...]:
        """The columns of the mean and the deviation."""
        needs = [Need(self.mean, kind)] if isinstance(self.mean, str) else []
        if isinstance(self.deviation, str):
            needs.append(Need(self.deviation, "number" if self.relative else kind))
        return tuple(needs)

    def values(self, deviates: FloatColumn, rows: Rows, kind: Kind, currency: str) -> Any:
        """The value of each row."""
        mean = _read(self.mean, rows, kind, currency)
        if self.relative:
            deviation = mean * _read(self.deviation, rows, "number", currency)
            low, high = (None if bound is None else mean * float(bound) for bound in (self.low, self.high))
        else:
            deviation = _read(self.deviation, rows, kind, currency)
            low, high = (None if bound is None else _scaled(bound, kind, currency) for bound in (self.low, self.high))
        return _published(_clipped(mean + deviation * deviates, low, high), kind)


def _chances(
    values: Mapping[Number, Number] | Sequence[tuple[Number, Number]],
) -> tuple[tuple[Fraction, Fraction], ...]:
    pairs = values.items() if isinstance(values, Mapping) else values
    return tuple(sorted((exact(value, what="a value"), exact(chance, what="a chance")) for value, chance in pairs))


@frozen
class QuantileVariation:
    """A column by the chances of reaching some values, as plans are calibrated: 90 % reach threshold, 55 % target.

    Between two values it is straight on the scale of normal deviates, and beyond the outermost it goes on as there, so
    that the chances of a normal distribution give that distribution back.

    Args:
        reached: for each value the chance of reaching it, falling as values rise; money as typed, in major units.
        low: what no value is below.
        high: what no value is above.
        loading: the correlation with the factor that everybody shares.

    Raises:
        DefinitionError: for fewer than two values, or chances that do not fall strictly between 1 and 0.

    Example:
        >>> QuantileVariation({0.8: 0.9, 1: 0.55, 1.2: 0.1}, low=0).reached[1]
        (Fraction(1, 1), Fraction(11, 20))
    """

    _repr_html_ = definition

    reached: tuple[tuple[Fraction, Fraction], ...] = field(converter=_chances)
    low: Fraction | None = field(default=None, converter=_bound, kw_only=True)
    high: Fraction | None = field(default=None, converter=_bound, kw_only=True)
    loading: Fraction = field(default=Fraction(0), converter=_loading, kw_only=True)

    def __attrs_post_init__(self) -> None:
        _check_bounds(self.low, self.high)
        shown = [(plain(value), plain(chance)) for value, chance in self.reached]
        if len(self.reached) < 2:
            raise DefinitionError(f"reached needs two values at least (got {shown})", path="reached")
        falling = all(a[0] < b[0] and a[1] > b[1] for a, b in pairwise(self.reached))
        if not falling or not all(0 < chance < 1 for _, chance in self.reached):
            raise DefinitionError(
                f"chances of reaching higher values must fall, each between 1 and 0 (got {shown})", path="reached"
            )

    def needs(self, kind: Kind) -> tuple[Need, ...]:
        """Nothing."""
        return ()

    def values(self, deviates: FloatColumn, rows: Rows, kind: Kind, currency: str) -> Any:
        """The value of each row."""
        places = normal.quantile(np.array([float(1 - chance) for _, chance in self.reached]))
        heights = np.array([_scaled(value, kind, currency) for value, _ in self.reached])
        slopes = (heights[1:] - heights[:-1]) / (places[1:] - places[:-1])
        piece = np.clip(np.searchsorted(places, deviates) - 1, 0, len(slopes) - 1)
        drawn = heights[piece] + slopes[piece] * (deviates - places[piece])
        low, high = (None if bound is None else _scaled(bound, kind, currency) for bound in (self.low, self.high))
        return _published(_clipped(drawn, low, high), kind)


Choice = bool | str


def _choices(choices: Any) -> tuple[tuple[Choice, Fraction], ...]:
    pairs = choices.items() if isinstance(choices, Mapping) else choices
    read = []
    for choice, chance in pairs:
        if not isinstance(choice, (bool, str)):
            raise DefinitionError(f"a choice must be a name, or True or False (got {choice!r})", path="choices")
        read.append((choice, exact(chance, what=f"the chance of {choice!r}")))
    return tuple(read)


@frozen
class ChoiceVariation:
    """A column of names, or of true and false, each with its chance.

    Args:
        choices: the chance of each name, from the worst to the best where there is a loading; they add up to 1. Of true
            and false: ``{False: 0.1, True: 0.9}``.
        loading: the correlation of what lies behind it with the factor that everybody shares.

    Raises:
        DefinitionError: for chances that are negative or do not add up to 1, or names among true and false.

    Example:
        >>> ChoiceVariation({"below": 0.1, "solid": 0.7, "strong": 0.2}).choices[0]
        ('below', Fraction(1, 10))
    """

    _repr_html_ = definition

    choices: tuple[tuple[Choice, Fraction], ...] = field(converter=_choices)
    loading: Fraction = field(default=Fraction(0), converter=_loading, kw_only=True)

    def __attrs_post_init__(self) -> None:
        names = [name for name, _ in self.choices]
        whole = sum((chance for _, chance in self.choices), Fraction(0))
        if whole != 1 or any(chance < 0 for _, chance in self.choices):
            raise DefinitionError(f"chances must not be negative and add up to 1 (got {plain(whole)})", path="choices")
        if len({isinstance(name, bool) for name in names}) > 1 or len(set(names)) < len(names):
            raise DefinitionError(f"choices must differ, and be names or truths alone (got {names})", path="choices")

    def needs(self, kind: Kind) -> tuple[Need, ...]:
        """Nothing."""
        return ()

    def values(self, deviates: FloatColumn, rows: Rows, kind: Kind, currency: str) -> Any:
        """The choice of each row."""
        edges, names, sum_ = [], [], Fraction(0)
        for name, chance in self.choices:
            if chance:
                names.append(name)
                sum_ += chance
                edges.append(float(sum_))
        places = normal.quantile(np.array(edges[:-1]))
        named = np.array(names, dtype=np.bool_ if isinstance(names[0], bool) else object)
        return named[np.searchsorted(places, deviates, side="right")]


def _read(source: Fraction | str, rows: Rows, kind: Kind, currency: str) -> Any:
    if isinstance(source, Fraction):
        return _scaled(source, kind, currency)
    return rows.money(source).astype(np.float64) if kind == "money" else rows.complete(source)


def _scaled(value: Fraction, kind: Kind, currency: str) -> float:
    return float(value * minor_per_major(currency)) if kind == "money" else float(value)


def _clipped(values: Any, low: Any, high: Any) -> Any:
    if low is not None:
        values = np.maximum(values, low)
    return values if high is None else np.minimum(values, high)


def _published(values: FloatColumn, kind: Kind) -> Any:
    """Drawn numbers on the grid of scores, drawn money in whole minor units."""
    if kind == "money":
        if values.size and not np.abs(values).max() < _LARGEST:
            raise DataError("drawn amounts must fit 2**53 minor units; check the units of mean and deviation")
        return np.rint(values).astype(np.int64)
    return np.rint(values * GRID.denominator) / GRID.denominator


def _history(data: Any) -> Any:
    if isinstance(data, Rows):
        return data
    names = column_names(data)
    rows = read_rows(data, names)
    if not names or not rows.n:
        raise DataError("a history must have rows to draw from (got none)")
    return rows


@frozen(eq=False, repr=False)
class HistoryVariation:
    """Results drawn from rows of a history: all its columns from one row, so that they stay together as they were.

    Args:
        data: a mapping of columns or a data frame, with the columns that vary and nothing else but ``by``.
        by: the column of the period that a row is of. A scenario then draws one period, each as likely as any other,
            and everybody's row from it: in a bad year everybody has a bad year.

    Raises:
        DataError: for a history without rows.

    Example:
        >>> HistoryVariation({"year": [2024, 2024, 2025], "score": [0.9, 1.0, 1.2]}, by="year").columns
        ('score',)
    """

    data: Rows = field(converter=_history)
    by: str | None = field(default=None, converter=optional_text)

    def __attrs_post_init__(self) -> None:
        if self.by is not None:
            self.data.raw(self.by)
        if not self.columns:
            raise DataError("a history must have a column that varies besides the period")

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that it gives."""
        return tuple(name for name in self.data.columns if name != self.by)

    def periods(self) -> list[Any]:
        """The rows of each period; all of them where there are no periods."""
        if self.by is None:
            return [np.arange(self.data.n)]
        names = [str(name) for name in self.data.category(self.by)]
        return [np.array([row for row, name in enumerate(names) if name == one]) for one in sorted(set(names))]

    def __repr__(self) -> str:
        return f"<HistoryVariation: {self.data.n:,} rows of {', '.join(self.columns)}>"

    def _repr_html_(self) -> str:
        drawn = f"by {self.by}" if self.by else ""
        return view(
            heading("history variation", count(self.data.n, "row"), drawn),
            first_rows(
                {
                    # A period is a name, also where it is a number such as a year.
                    name: self.data.category(name) if name == self.by else self.data.raw(name)
                    for name in self.data.columns
                }
            ),
        )


def word(text: str) -> int:
    """A name as a word of a key: adding a column gives the others no other numbers."""
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big")


class Draws:
    """The draws of a simulation: any scenario of any person, by address.

    Args:
        outcomes: what varies and how.
        seed: of the simulation.
    """

    def __init__(self, outcomes: Mapping[str, Variation] | HistoryVariation, seed: int) -> None:
        self.outcomes, self.seed = outcomes, seed

    def columns(
        self, scenarios: range, people: slice, rows: Rows, kinds: Mapping[str, Kind], currency: str
    ) -> dict[str, Any]:
        """The columns that vary, for some people in some scenarios, one scenario after the other."""
        if isinstance(self.outcomes, HistoryVariation):
            return self._again(self.outcomes, scenarios, people)
        drawn = {}
        for name, variation in self.outcomes.items():
            deviates = normal.quantile(self._uniform(name, scenarios, people).ravel())
            if variation.loading:
                shared = normal.quantile(self._shared(scenarios))
                own = math.sqrt(1 - variation.loading**2)
                size = people.stop - people.start
                deviates = float(variation.loading) * np.repeat(shared, size) + own * deviates
            drawn[name] = variation.values(deviates, rows, kinds[name], currency)
        return drawn

    def _uniform(self, name: str, scenarios: range, people: slice) -> FloatColumn:
        key = (self.seed, word(name))
        return normal.uniform(key, scenarios, _OWN, people.start, people.stop - people.start)

    def _shared(self, scenarios: range) -> FloatColumn:
        key, start = (self.seed, word("common factor")), scenarios.start // 4 * 4
        return normal.uniform(key, range(1), _COMMON, start, scenarios.stop - start)[0, scenarios.start - start :]

    def _again(self, history: HistoryVariation, scenarios: range, people: slice) -> dict[str, Any]:
        periods = history.periods()
        chosen = (self._shared(scenarios) * len(periods)).astype(np.int64)
        picked = self._uniform("history", scenarios, people)
        rows = np.concatenate(
            [periods[c][(own * len(periods[c])).astype(np.int64)] for c, own in zip(chosen, picked, strict=True)]
        )
        return {name: history.data.raw(name)[rows] for name in history.columns}
