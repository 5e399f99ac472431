"""How results may turn out: distributions of a column that move together, or rows of a history that are drawn again."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping, Sequence
from fractions import Fraction
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from attrs import field, frozen

from perfkit._core import normal
from perfkit._core.checks import optional_text, text, truth
from perfkit._core.columns import FloatColumn, Kind, Need, Rows, read_rows
from perfkit._core.grid import GRID
from perfkit._core.notebook import count, definition, first_rows, heading, view
from perfkit._core.numbers import Number, decimal_text, exact, exact_or_column, plain
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


def _groups(groups: Mapping[str, Number] | Sequence[tuple[str, Number]]) -> tuple[tuple[str, Fraction], ...]:
    pairs = list(groups.items() if isinstance(groups, Mapping) else groups)
    if not all(isinstance(pair, (list, tuple)) and len(pair) == 2 for pair in pairs):
        raise DefinitionError(
            f"groups must say the loading of each column, such as {{'region': 0.4}} (got {groups!r})", path="groups"
        )
    return tuple((text(column), _loading(loading)) for column, loading in pairs)


def _check_loadings(loading: Fraction, groups: tuple[tuple[str, Fraction], ...]) -> None:
    """What the factors explain together must leave room for the person's own."""
    columns = [column for column, _ in groups]
    if len(set(columns)) < len(columns):
        raise DefinitionError(f"groups must name each column once (got {columns})", path="groups")
    squares = loading**2 + sum((of_group**2 for _, of_group in groups), Fraction(0))
    if squares > 1:
        raise DefinitionError(
            f"the squares of the loadings must add up to 1 at most (got {decimal_text(squares)}); lower one of them",
            path="groups" if groups else "loading",
        )


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
        groups: further factors, each shared by a group: the column of the population that says which group a person is
            in, and the correlation with its factor, such as ``{"region": 0.4}``. The squares of all loadings add up to
            1 at most; two people of one group are correlated by the squares of what they share.
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
    groups: tuple[tuple[str, Fraction], ...] = field(default=(), converter=_groups, kw_only=True)
    relative: bool = field(default=False, converter=truth, kw_only=True)

    def __attrs_post_init__(self) -> None:
        _check_spread(self)

    def needs(self, kind: Kind) -> tuple[Need, ...]:
        """The columns of the mean and the deviation."""
        return _spread_needs(self, kind)

    def values(self, deviates: FloatColumn, rows: Rows, kind: Kind, currency: str) -> Any:
        """The value of each row."""
        mean, deviation, low, high = _spread(self, rows, kind, currency)
        return _published(_clipped(mean + deviation * deviates, low, high), kind)


@frozen
class LognormalVariation:
    """A column whose logarithm varies normally: never negative, with a long tail above, as bookings and revenue have.

    Args:
        mean: of the column itself and not of its logarithm: a positive number, or the column of the population that
            holds each person's own; money as typed, in major units.
        deviation: the standard deviation of the column itself, likewise; with ``relative``, a share of the mean.
        low: what no value is below; with ``relative``, a share of the mean.
        high: what no value is above, likewise.
        loading: the correlation of the logarithm with the factor that everybody shares.
        groups: as for :class:`NormalVariation`.
        relative: whether deviation and bounds are shares of the mean.

    Raises:
        DefinitionError: for a mean that is not positive, or a negative deviation.

    Example:
        >>> LognormalVariation("pipeline", 0.6, relative=True, loading=0.4).relative
        True
    """

    _repr_html_ = definition

    mean: Fraction | str = field(converter=_number)
    deviation: Fraction | str = field(converter=_number)
    low: Fraction | None = field(default=None, converter=_bound, kw_only=True)
    high: Fraction | None = field(default=None, converter=_bound, kw_only=True)
    loading: Fraction = field(default=Fraction(0), converter=_loading, kw_only=True)
    groups: tuple[tuple[str, Fraction], ...] = field(default=(), converter=_groups, kw_only=True)
    relative: bool = field(default=False, converter=truth, kw_only=True)

    def __attrs_post_init__(self) -> None:
        _check_spread(self)
        if isinstance(self.mean, Fraction) and self.mean <= 0:
            raise DefinitionError(
                f"mean must be positive (got {plain(self.mean)}); what may be negative varies by NormalVariation",
                path="mean",
            )

    def needs(self, kind: Kind) -> tuple[Need, ...]:
        """The columns of the mean and the deviation."""
        return _spread_needs(self, kind)

    def values(self, deviates: FloatColumn, rows: Rows, kind: Kind, currency: str) -> Any:
        """The value of each row."""
        mean, deviation, low, high = _spread(self, rows, kind, currency)
        if isinstance(self.mean, str):
            rows.require(
                mean > 0, self.mean, "must be positive as a mean", "leave these rows out, or vary them normally"
            )
        # Where a column has the mean m and the deviation s, its logarithm varies by log(1 + (s / m)**2).
        share = np.asarray(deviation / mean, dtype=np.float64)
        variance = normal.logarithm(np.atleast_1d(1 + share * share))
        drawn = mean * normal.exponential(np.sqrt(variance) * deviates - variance / 2)
        return _published(_clipped(drawn, low, high), kind)


def _check_spread(variation: NormalVariation | LognormalVariation) -> None:
    _check_bounds(variation.low, variation.high)
    _check_loadings(variation.loading, variation.groups)
    if isinstance(variation.deviation, Fraction) and variation.deviation < 0:
        raise DefinitionError(f"deviation must not be negative (got {plain(variation.deviation)})", path="deviation")


def _spread_needs(variation: NormalVariation | LognormalVariation, kind: Kind) -> tuple[Need, ...]:
    needs = [Need(variation.mean, kind)] if isinstance(variation.mean, str) else []
    if isinstance(variation.deviation, str):
        needs.append(Need(variation.deviation, "number" if variation.relative else kind))
    return tuple(needs)


def _spread(
    variation: NormalVariation | LognormalVariation, rows: Rows, kind: Kind, currency: str
) -> tuple[Any, Any, Any, Any]:
    """The mean, the deviation and the bounds of each row, or one of each for all, in the unit of what is drawn."""
    mean = _read(variation.mean, rows, kind, currency)
    bounds = (variation.low, variation.high)
    deviation = _read(variation.deviation, rows, "number" if variation.relative else kind, currency)
    if isinstance(variation.deviation, str):
        rows.require(deviation >= 0, variation.deviation, "must not be negative as a deviation", "check it")
    if variation.relative:
        low, high = (None if bound is None else mean * float(bound) for bound in bounds)
        return mean, mean * deviation, low, high
    low, high = (None if bound is None else _scaled(bound, kind, currency) for bound in bounds)
    return mean, deviation, low, high


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
        groups: as for :class:`NormalVariation`.

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
    groups: tuple[tuple[str, Fraction], ...] = field(default=(), converter=_groups, kw_only=True)

    def __attrs_post_init__(self) -> None:
        _check_bounds(self.low, self.high)
        _check_loadings(self.loading, self.groups)
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
        groups: as for :class:`NormalVariation`.

    Raises:
        DefinitionError: for chances that are negative or do not add up to 1, or names among true and false.

    Example:
        >>> ChoiceVariation({"below": 0.1, "solid": 0.7, "strong": 0.2}).choices[0]
        ('below', Fraction(1, 10))
    """

    _repr_html_ = definition

    choices: tuple[tuple[Choice, Fraction], ...] = field(converter=_choices)
    loading: Fraction = field(default=Fraction(0), converter=_loading, kw_only=True)
    groups: tuple[tuple[str, Fraction], ...] = field(default=(), converter=_groups, kw_only=True)

    def __attrs_post_init__(self) -> None:
        _check_loadings(self.loading, self.groups)
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
        data: a mapping of columns or a data frame, with the columns that vary and nothing else but ``by`` and
            ``within``.
        by: the column of the period that a row is of. A scenario then draws one period, each as likely as any other,
            and everybody's row from it: in a bad year everybody has a bad year.
        within: the column of the group that a row is of, such as the grade; the population has it too, and each person
            draws rows of their own group.

    Raises:
        DataError: for a history without rows, or with rows of no group.

    Example:
        >>> HistoryVariation({"year": [2024, 2024, 2025], "score": [0.9, 1.0, 1.2]}, by="year").columns
        ('score',)
    """

    data: Rows = field(converter=_history)
    by: str | None = field(default=None, converter=optional_text)
    within: str | None = field(default=None, converter=optional_text)

    def __attrs_post_init__(self) -> None:
        if self.by is not None and self.by == self.within:
            raise DefinitionError(f"by and within must be different columns (got {self.by!r} twice)", path="within")
        for name in (self.by, self.within):
            if name is not None:
                self.data.raw(name)
        if not self.columns:
            raise DataError("a history must have a column that varies besides the period and the group")

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that it gives."""
        return tuple(name for name in self.data.columns if name not in (self.by, self.within))

    def needs(self) -> tuple[Need, ...]:
        """The column of the population that says which rows a person may draw."""
        return () if self.within is None else (Need(self.within, "category"),)

    def periods(self) -> list[tuple[str, npt.NDArray[np.int64]]]:
        """The name and the rows of each period; all of them, without a name, where there are no periods."""
        if self.by is None:
            return [("", np.arange(self.data.n))]
        names = _names(self.data, self.by)
        return [(name, np.array([row for row, one in enumerate(names) if one == name])) for name in sorted(set(names))]

    def __repr__(self) -> str:
        return f"<HistoryVariation: {self.data.n:,} rows of {', '.join(self.columns)}>"

    def _repr_html_(self) -> str:
        by = f"by {self.by}" if self.by else ""
        within = f"within {self.within}" if self.within else ""
        names = (self.by, self.within)
        return view(
            heading("history variation", count(self.data.n, "row"), by, within),
            first_rows(
                {
                    # A period is a name, also where it is a number such as a year.
                    name: self.data.category(name) if name in names else self.data.raw(name)
                    for name in self.data.columns
                }
            ),
        )


def _names(rows: Rows, column: str) -> list[str]:
    """The group of each row, as text."""
    names = rows.category(column)
    there = np.array([name is not None for name in names], dtype=np.bool_)
    rows.require(there, column, "must say which group a row is in", "fill it or leave these rows out")
    return [str(name) for name in names]


class _Lots(NamedTuple):
    """The rows of a history in one period, group after group: where each group starts, and how many rows it has."""

    rows: npt.NDArray[np.int64]
    starts: npt.NDArray[np.int64]
    counts: npt.NDArray[np.int64]


def _lots(history: HistoryVariation, groups: Sequence[str]) -> list[_Lots]:
    """What the people of each group may draw in each period."""
    lots = []
    of_row = [""] * history.data.n if history.within is None else _names(history.data, history.within)
    for period, rows in history.periods():
        mine = [rows[[of_row[row] == group for row in rows.tolist()]] for group in groups]
        counts = np.array([len(some) for some in mine], dtype=np.int64)
        if (counts == 0).any():
            group = groups[int(np.flatnonzero(counts == 0)[0])]
            where = f" in {history.by} {period}" if history.by is not None else ""
            raise DataError(
                f"the history must have rows of {history.within} {group!r}{where}, which people of the population are "
                "in (got none); add them, or draw with a coarser group",
                column=history.within,
            )
        lots.append(_Lots(np.concatenate(mine), np.cumsum(counts) - counts, counts))
    return lots


def word(name: str) -> int:
    """A name as a word of a key: adding a column gives the others no other numbers."""
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big")


def shared_columns(outcomes: Mapping[str, Variation] | HistoryVariation) -> tuple[str, ...]:
    """The columns of the population that say which group a person is in."""
    if isinstance(outcomes, HistoryVariation):
        return () if outcomes.within is None else (outcomes.within,)
    named = (column for variation in outcomes.values() for column, _ in getattr(variation, "groups", ()))
    return tuple(dict.fromkeys(named))


class Draws:
    """The draws of a simulation: any scenario of any person, by address.

    Args:
        outcomes: what varies and how.
        seed: of the simulation.
        population: everybody, for what groups of them share.
    """

    def __init__(self, outcomes: Mapping[str, Variation] | HistoryVariation, seed: int, population: Rows) -> None:
        self.outcomes, self.seed = outcomes, seed
        self._groups: dict[str, tuple[list[str], npt.NDArray[np.int64]]] = {}
        for column in shared_columns(outcomes):
            names = _names(population, column)
            known = sorted(set(names))
            places = {name: place for place, name in enumerate(known)}
            self._groups[column] = known, np.array([places[name] for name in names], dtype=np.int64)
        if isinstance(outcomes, HistoryVariation):
            self._drawn_from = _lots(outcomes, self._groups[outcomes.within][0] if outcomes.within else [""])

    def columns(
        self, scenarios: range, people: slice, rows: Rows, kinds: Mapping[str, Kind], currency: str
    ) -> dict[str, Any]:
        """The columns that vary, for some people in some scenarios, one scenario after the other."""
        if isinstance(self.outcomes, HistoryVariation):
            return self._again(self.outcomes, scenarios, people)
        drawn = {}
        for name, variation in self.outcomes.items():
            deviates = normal.quantile(self._uniform(name, scenarios, people).ravel())
            groups: tuple[tuple[str, Fraction], ...] = getattr(variation, "groups", ())
            if variation.loading or groups:
                squares = variation.loading**2 + sum((loading**2 for _, loading in groups), Fraction(0))
                deviates = math.sqrt(1 - squares) * deviates
            if variation.loading:
                shared = normal.quantile(self._shared(scenarios))
                deviates += float(variation.loading) * np.repeat(shared, people.stop - people.start)
            for column, loading in groups:
                deviates += float(loading) * self._of_groups(column, scenarios, people)
            drawn[name] = variation.values(deviates, rows, kinds[name], currency)
        return drawn

    def _uniform(self, name: str, scenarios: range, people: slice) -> FloatColumn:
        key = (self.seed, word(name))
        return normal.uniform(key, scenarios, _OWN, people.start, people.stop - people.start)

    def _shared(self, scenarios: range) -> FloatColumn:
        key, start = (self.seed, word("common factor")), scenarios.start // 4 * 4
        return normal.uniform(key, range(1), _COMMON, start, scenarios.stop - start)[0, scenarios.start - start :]

    def _of_groups(self, column: str, scenarios: range, people: slice) -> FloatColumn:
        """The factor of each person's group; groups are told apart by the order of their names."""
        names, codes = self._groups[column]
        key = (self.seed, word(f"factor of {column}"))
        shared = normal.uniform(key, scenarios, _COMMON, 0, len(names))
        return normal.quantile(shared.ravel()).reshape(shared.shape)[:, codes[people]].ravel()

    def _again(self, history: HistoryVariation, scenarios: range, people: slice) -> dict[str, Any]:
        lots = self._drawn_from
        chosen = (self._shared(scenarios) * len(lots)).astype(np.int64)
        picked = self._uniform("history", scenarios, people)
        groups = np.int64(0) if history.within is None else self._groups[history.within][1][people]
        rows = np.concatenate(
            [
                lots[c].rows[lots[c].starts[groups] + (own * lots[c].counts[groups]).astype(np.int64)]
                for c, own in zip(chosen, picked, strict=True)
            ]
        )
        return {name: history.data.raw(name)[rows] for name in history.columns}
