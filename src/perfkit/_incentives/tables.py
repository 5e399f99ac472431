"""Rates by name and by range: small tables, rules of which the most specific wins, and payout matrices."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from itertools import pairwise
from typing import Any, Literal

import numpy as np
from attrs import field, frozen

from perfkit._core.checks import several, text
from perfkit._core.columns import FILL, Need, Rows
from perfkit._core.notebook import definition
from perfkit._core.numbers import Number, exact, plain
from perfkit._core.ratios import Ratios
from perfkit.curves import Curve
from perfkit.errors import DefinitionError, did_you_mean
from perfkit.explain import SILENT, AnyRecorder


def _rates(rates: Mapping[str, Number]) -> tuple[tuple[str, Fraction], ...]:
    pairs = rates.items() if isinstance(rates, Mapping) else rates
    return tuple((str(choice), exact(rate, what=f"the rate of {choice!r}")) for choice, rate in pairs)


def _optional_rate(rate: Number | None) -> Fraction | None:
    return None if rate is None else exact(rate, what="otherwise")


@frozen
class RateTable:
    """A rate by name: a small table such as a raise by rating.

    Args:
        on: the column of names.
        rates: the rate for each name.
        otherwise: the rate for every other name; such names are refused when not given.

    Raises:
        DefinitionError: for an empty table.
        DataError: at pay time, for names that are not in the table.

    Example:
        >>> RateTable("rating", {"high": 0.035, "solid": 0.02}).rates
        (('high', Fraction(7, 200)), ('solid', Fraction(1, 50)))
    """

    _repr_html_ = definition

    on: str = field(converter=text)
    rates: tuple[tuple[str, Fraction], ...] = field(converter=_rates)
    otherwise: Fraction | None = field(default=None, converter=_optional_rate)

    def __attrs_post_init__(self) -> None:
        if not self.rates:
            raise DefinitionError(f"a table on {self.on!r} needs at least one rate (got none)", path="rates")
        choices = [choice for choice, _ in self.rates]
        if len(set(choices)) < len(choices):
            raise DefinitionError(f"a table on {self.on!r} must name each choice once (got {choices})", path="rates")

    def needs(self) -> tuple[Need, ...]:
        """The column of names."""
        return (Need(self.on, "category", tuple(choice for choice, _ in self.rates)),)

    def exact(self, rows: Rows, record: AnyRecorder) -> Ratios:
        """The rate of each row."""
        names = rows.category(self.on)
        codes = np.full(rows.n, -1)
        for position, (choice, _) in enumerate(self.rates):
            codes[names == choice] = position
        there = np.array([name is not None for name in names], dtype=np.bool_)
        rows.require(there, self.on, "must not be missing", FILL)
        if self.otherwise is None and (codes < 0).any():
            self._refuse(rows, names, codes)
        values = [rate for _, rate in self.rates] + [self.otherwise or Fraction(0)]
        table = Ratios.of_fractions(values)
        found = Ratios(table.numerator[codes], table.denominator)
        if record:
            record.leaf("table", found.fraction(0), label=self.on, choice=str(names[0]))
        return found

    def _refuse(self, rows: Rows, names: Any, codes: Any) -> None:
        odd = str(names[int(np.flatnonzero(codes < 0)[0])])
        choices = [choice for choice, _ in self.rates]
        rows.require(
            codes >= 0,
            self.on,
            f"must be one of {', '.join(choices)} (got {odd!r}){did_you_mean(odd, choices)}",
            "add it to the table, or say otherwise=",
        )


Rule = tuple[tuple[tuple[str, str], ...], Fraction]


def _names(names: str | Iterable[str]) -> tuple[str, ...]:
    return tuple(text(name) for name in several(names))


def _rules(rules: Iterable[tuple[Any, Number]]) -> tuple[Rule, ...]:
    read = []
    for conditions, rate in rules:
        pairs = conditions.items() if isinstance(conditions, Mapping) else conditions
        read.append((tuple((str(c), str(v)) for c, v in pairs), exact(rate, what=f"the rate of {dict(pairs)!r}")))
    return tuple(read)


@frozen
class RateRules:
    """Rates by rules of which the most specific wins: a product's own rate before its category's before the general.

    Args:
        on: the columns of names that rules may speak of, the most telling first: where two rules speak of as many
            columns, the one that speaks of an earlier column wins.
        rules: pairs of what must hold (a mapping from column to name; empty for everyone) and the rate.
        otherwise: the rate where no rule holds; such rows are refused when not given.

    Raises:
        DefinitionError: for no rules, a rule on another column, or the same rule twice.

    Example:
        >>> rates = RateRules(("product", "category"), [({}, 0.02), ({"category": "x"}, 0.05), ({"product": "p"}, 0.1)])
        >>> [need.name for need in rates.needs()]
        ['product', 'category']
    """

    _repr_html_ = definition

    on: tuple[str, ...] = field(converter=_names)
    rules: tuple[Rule, ...] = field(converter=_rules)
    otherwise: Fraction | None = field(default=None, converter=_optional_rate)

    def __attrs_post_init__(self) -> None:
        if not self.rules:
            raise DefinitionError("rate rules need at least one rule (got none)", path="rules")
        seen = set()
        for position, (conditions, _) in enumerate(self.rules):
            for column, _name in conditions:
                if column not in self.on:
                    raise DefinitionError(
                        f"a rule speaks of {column!r}, which is not in on={self.on}{did_you_mean(column, self.on)}",
                        path=f"$.rules[{position}]",
                    )
            if frozenset(conditions) in seen:
                raise DefinitionError(f"two rules speak of the same: {dict(conditions)}", path=f"$.rules[{position}]")
            seen.add(frozenset(conditions))

    def needs(self) -> tuple[Need, ...]:
        """The columns of names."""
        named: dict[str, list[str]] = {column: [] for column in self.on}
        for conditions, _ in self.rules:
            for column, name in conditions:
                named[column].append(name)
        return tuple(Need(column, "category", tuple(dict.fromkeys(names))) for column, names in named.items())

    def _by_rank(self) -> list[Rule]:
        """The rules from the least to the most specific."""

        def rank(rule: Rule) -> tuple[int, list[int]]:
            spoken = {column for column, _ in rule[0]}
            return len(spoken), [int(column in spoken) for column in self.on]

        return sorted(self.rules, key=rank)

    def exact(self, rows: Rows, record: AnyRecorder) -> Ratios:
        """The rate of each row."""
        names = {column: rows.category(column) for column in self.on}
        ranked = self._by_rank()
        chosen = np.full(rows.n, -1)
        for position, (conditions, _) in enumerate(ranked):
            holds = np.ones(rows.n, dtype=np.bool_)
            for column, name in conditions:
                holds &= names[column] == name
            chosen[holds] = position
        if self.otherwise is None:
            rows.require(chosen >= 0, self.on[0], "must match a rule", "add a rule for everyone, or say otherwise=")
        table = Ratios.of_fractions([*(rate for _, rate in ranked), self.otherwise or Fraction(0)])
        found = Ratios(table.numerator[chosen], table.denominator)
        if record:
            conditions = ranked[int(chosen[0])][0] if chosen[0] >= 0 else ()
            matched = ", ".join(f"{column} {name}" for column, name in conditions) or "everyone"
            record.leaf("table", found.fraction(0), label="rule", choice=matched)
        return found


def _places(values: Sequence[Number]) -> tuple[Fraction, ...]:
    return tuple(exact(value, what="a breakpoint of a matrix") for value in values)


def _cells(cells: Sequence[Sequence[Number]]) -> tuple[tuple[Fraction, ...], ...]:
    return tuple(tuple(exact(cell, what="a cell of a matrix") for cell in row) for row in cells)


@frozen
class PayoutMatrix:
    """A payout by two results: a table of rows and columns, each band from its breakpoint on.

    Args:
        rows: the column of numbers that picks the row.
        columns: the column of numbers that picks the column.
        row_from: where each row starts, increasing.
        column_from: where each column starts, increasing.
        cells: a number for each row and column.
        below: what a result before the first row or the first column pays.
        owner: who has a breakpoint: ``"upper"`` for [from, to), ``"lower"`` for (from, to].

    Raises:
        DefinitionError: for breakpoints that do not increase, or cells that do not fill the table.

    Example:
        >>> matrix = PayoutMatrix("revenue", "margin", [0.9, 1], [0.9, 1], [[0.5, 0.75], [0.75, 1]])
        >>> matrix.below
        Fraction(0, 1)
    """

    _repr_html_ = definition

    rows: str = field(converter=text)
    columns: str = field(converter=text)
    row_from: tuple[Fraction, ...] = field(converter=_places)
    column_from: tuple[Fraction, ...] = field(converter=_places)
    cells: tuple[tuple[Fraction, ...], ...] = field(converter=_cells)
    below: Fraction = field(default=Fraction(0), converter=exact)
    owner: Literal["upper", "lower"] = "upper"

    def __attrs_post_init__(self) -> None:
        if self.rows == self.columns:
            raise DefinitionError(
                f"a matrix needs two results (got {self.rows!r} twice); one is a curve", path="columns"
            )
        for what, places in (("row_from", self.row_from), ("column_from", self.column_from)):
            if not places or any(b <= a for a, b in pairwise(places)):
                raise DefinitionError(f"{what} must increase (got {[plain(p) for p in places]})", path=what)
        shape = [len(row) for row in self.cells]
        if len(shape) != len(self.row_from) or any(width != len(self.column_from) for width in shape):
            raise DefinitionError(
                f"cells must fill {len(self.row_from)} rows of {len(self.column_from)} (got rows of {shape})",
                path="cells",
            )
        if self.owner not in ("upper", "lower"):
            raise DefinitionError(f"owner must be 'upper' or 'lower' (got {self.owner!r})", path="owner")

    def needs(self) -> tuple[Need, ...]:
        """The two columns of results."""
        return (Need(self.rows), Need(self.columns))

    def exact(self, rows: Rows, record: AnyRecorder) -> Ratios:
        """The cell of each row."""
        down = self._band(rows.exact(self.rows), self.row_from)
        across = self._band(rows.exact(self.columns), self.column_from)
        flat = Ratios.of_fractions([*(cell for row in self.cells for cell in row), self.below])
        place = down * len(self.column_from) + across
        place[(down < 0) | (across < 0)] = len(flat) - 1
        found = Ratios(flat.numerator[place], flat.denominator)
        if record:
            seen = (rows.exact(self.rows).fraction(0), rows.exact(self.columns).fraction(0))
            record.leaf("cell", found.fraction(0), label="matrix", row=seen[0], column=seen[1])
        return found

    def _band(self, x: Ratios, places: tuple[Fraction, ...]) -> Any:
        """The number of the band, -1 before the first: a curve of steps in whole numbers."""
        steps = Curve.steps(*((place, i) for i, place in enumerate(places)), below=-1, owner=self.owner)
        return steps.ratios(x).rounded(Fraction(1), "floor").astype(np.int64)

    def along(self, column: str, rows: Rows) -> Curve:
        """The cells along one of the two columns, the other as it is in a single row."""
        if column == self.rows:
            fixed = self._at(rows.exact(self.columns).fraction(0), self.column_from)
            cells, places = [self.below if fixed < 0 else row[fixed] for row in self.cells], self.row_from
        elif column == self.columns:
            fixed = self._at(rows.exact(self.rows).fraction(0), self.row_from)
            cells = list(self.cells[fixed]) if fixed >= 0 else [self.below] * len(self.column_from)
            places = self.column_from
        else:
            return Curve.constant(self.exact(rows, SILENT).fraction(0))
        return Curve.steps(*zip(places, cells, strict=True), below=self.below, owner=self.owner)

    def _at(self, x: Fraction, places: tuple[Fraction, ...]) -> int:
        return (bisect_right(places, x) if self.owner == "upper" else bisect_left(places, x)) - 1
