"""The merit matrix: how much of a raise a rating gives at each place in the range."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from itertools import pairwise
from typing import Any, Literal

import numpy as np
from attrs import field, frozen

from perfkit._core.checks import one_of, several, text
from perfkit._core.columns import BoolColumn, Need, Rows
from perfkit._core.integers import IntColumn
from perfkit._core.notebook import definition
from perfkit._core.numbers import Number, decimal_text, exact, plain
from perfkit._core.ratios import Ratios
from perfkit._incentives.bands import Position
from perfkit._incentives.factors import AnyFactor, as_factor, factor_needs, read_factor
from perfkit._incentives.guidelines import Guide
from perfkit._incentives.reviews import FittedReview, SalaryReview
from perfkit.curves import Curve
from perfkit.errors import DefinitionError, did_you_mean
from perfkit.explain import AnyRecorder
from perfkit.money import Money

# A number, the least, usual and greatest number, or a curve of the place in the range.
Cell = Fraction | tuple[Fraction, Fraction, Fraction] | Curve


def _cell(cell: Any) -> Cell:
    if isinstance(cell, Curve):
        return cell
    if isinstance(cell, (list, tuple)):
        if len(cell) != 3:
            raise DefinitionError(
                f"a cell with limits must have the least, the usual and the greatest rate (got {len(cell)} numbers)",
                path="cells",
            )
        low, usual, high = (exact(rate, what="a cell of a matrix") for rate in cell)
        if not 0 <= low <= usual <= high:
            raise DefinitionError(
                f"a cell with limits must have 0 <= least <= usual <= greatest (got {plain(low)}, {plain(usual)} and "
                f"{plain(high)})",
                path="cells",
            )
        return low, usual, high
    rate = exact(cell, what="a cell of a matrix")
    if rate < 0:
        raise DefinitionError(f"a cell of a matrix must not be negative (got {plain(rate)})", path="cells")
    return rate


def _row(cells: Any) -> tuple[Cell, ...]:
    # A range is one cell, and so is anything that is no list.
    return tuple(_cell(cell) for cell in cells) if isinstance(cells, list) else (_cell(cells),)


def _rows(rows: Any) -> tuple[tuple[str, tuple[Cell, ...]], ...]:
    if isinstance(rows, Mapping):
        return tuple((str(rating), _row(cells)) for rating, cells in rows.items())
    return tuple((str(rating), tuple(_cell(cell) for cell in cells)) for rating, cells in rows)


def _bounds(bounds: Iterable[Any]) -> tuple[Fraction, ...]:
    """Breakpoints, from numbers or from a printed table of from and to."""
    listed = several(bounds)
    if not any(isinstance(bound, (list, tuple)) for bound in listed):
        return tuple(exact(bound, what="a breakpoint of a matrix") for bound in listed)
    problems = []
    ends = [tuple(None if end is None else exact(end, what="an end of a range") for end in pair) for pair in listed]
    for (_, end), (start, _) in pairwise(ends):
        if end is None or start is None:
            problems.append("only the first range may have no start, and only the last no end")
        elif end != start:
            what = "a gap" if end < start else "an overlap"
            problems.append(f"there is {what} between {decimal_text(end)} and {decimal_text(start)}")
    if ends[0][0] is not None or ends[-1][1] is not None:
        problems.append("the first range must have no start and the last no end, so that each salary is in one")
    if problems:
        raise DefinitionError(f"ranges of a matrix must meet ({'; '.join(problems)})", path="ranges", problems=problems)
    return tuple(end for _, end in ends[:-1] if end is not None)


@frozen
class MeritMatrix:
    """A raise by rating and place in the range: the lower somebody is paid for the level, the more.

    Args:
        cells: for each rating a cell, or a list of one for each range. A cell is a rate such as 0.03; the least, the
            usual and the greatest rate, in a tuple; or a ``Curve`` from the place in the range to the rate.
        ranges: the breakpoints between the ranges, such as ``[0.9, 1.1]`` for three of them; or pairs of from and to,
            which must meet.
        position: what the place in the range is: ``compa_ratio`` (salary over midpoint) or ``range_penetration`` (0 at
            the minimum of the range, 1 at its maximum).
        on: the column of ratings.
        target: what every cell is multiplied by: 1, or the merit target where cells are shares of it; a number, a
            column such as each country's own target, or a factor.
        owner: who has a breakpoint: ``upper`` for [from, to), ``lower`` for (from, to].

    Raises:
        DefinitionError: for rows of unequal length, ranges with gaps or overlaps, negative cells, and limits that are
            not in order.

    Example:
        >>> matrix = MeritMatrix({"exceeds": [0.06, 0.045, 0.03], "meets": [0.04, 0.03, 0.02], "below": [0, 0, 0]},
        ...                      ranges=[0.9, 1.1])
        >>> matrix.rate("exceeds", 0.85), matrix.rate("meets", 1.1)
        (Fraction(3, 50), Fraction(1, 50))
    """

    _repr_html_ = definition

    cells: tuple[tuple[str, tuple[Cell, ...]], ...] = field(converter=_rows)
    ranges: tuple[Fraction, ...] = field(default=(), converter=_bounds)
    position: Position = field(default="compa_ratio", kw_only=True)
    on: str = field(default="rating", converter=text, kw_only=True)
    target: AnyFactor = field(default=Fraction(1), converter=as_factor, kw_only=True)
    owner: Literal["upper", "lower"] = field(default="upper", kw_only=True)

    @classmethod
    def of_factors(
        cls,
        target: Number | str,
        ratings: Mapping[str, Number],
        ranges: Mapping[Any, Number] | None = None,
        **named: Any,
    ) -> MeritMatrix:
        """The matrix of target x rating factor x range factor.

        Args:
            target: the merit target, such as 0.03.
            ratings: the factor of each rating.
            ranges: the factor of each range, by pairs of from and to; one range when not given.
            named: further options of the matrix.

        Example:
            >>> matrix = MeritMatrix.of_factors(0.025, {"high": 1.5, "solid": 1, "low": 0.8})
            >>> [float(matrix.rate(rating)) for rating in ("high", "solid", "low")]
            [0.0375, 0.025, 0.02]
        """
        across = ranges or {(None, None): 1}
        cells = {
            rating: [exact(factor, what="a factor") * exact(other, what="a factor") for other in across.values()]
            for rating, factor in ratings.items()
        }
        return cls(cells, list(across) if ranges else [], target=target, **named)

    def __attrs_post_init__(self) -> None:
        one_of(self.position, ("compa_ratio", "range_penetration"), "position")
        one_of(self.owner, ("upper", "lower"), "owner")
        if not self.cells:
            raise DefinitionError("a matrix needs at least one rating (got none)", path="cells")
        names = self.ratings
        if len(set(names)) < len(names):
            raise DefinitionError(f"a matrix must name each rating once (got {list(names)})", path="cells")
        if any(b <= a for a, b in pairwise(self.ranges)):
            raise DefinitionError(
                f"ranges must increase (got {[plain(bound) for bound in self.ranges]})", path="ranges"
            )
        wrong = [(name, len(row)) for name, row in self.cells if len(row) != len(self.ranges) + 1]
        if wrong:
            raise DefinitionError(
                f"each rating must have a cell for each of {len(self.ranges) + 1} ranges "
                f"(got {wrong[0][1]} for {wrong[0][0]!r})",
                path="cells",
            )

    @property
    def ratings(self) -> tuple[str, ...]:
        """The ratings, in the order of the definition."""
        return tuple(rating for rating, _ in self.cells)

    def fit(self, population: Any, budget: Money | Number | None = None, **options: Any) -> FittedReview:
        """A budget-exact merit round with this matrix: short for a :class:`SalaryReview` of it, fitted.

        Args:
            population: one row a person.
            budget: ``Money``, or an amount in major units.
            options: those of :class:`SalaryReview`, such as ``key=`` and ``currency=``; and ``share=`` of payroll.

        Example:
            >>> people = {"who": ["ana", "ben"], "salary": [6_000_000, 4_000_000], "rating": ["high", "solid"]}
            >>> matrix = MeritMatrix({"high": 0.05, "solid": 0.03})
            >>> matrix.fit(people, 3_000, key="who", currency="EUR").raises(people).minor
            array([214286,  85714])
        """
        share = options.pop("share", None)
        return SalaryReview(self, **options).fit(population, budget, share=share)

    @property
    def reads_position(self) -> bool:
        """Whether the place in the range matters."""
        return bool(self.ranges) or any(isinstance(cell, Curve) for _, row in self.cells for cell in row)

    def needs(self) -> tuple[Need, ...]:
        """The columns of ratings, and of the target where it is one."""
        return (Need(self.on, "category", self.ratings), *factor_needs(self.target))

    def rate(self, rating: str, position: Number | None = None) -> Fraction:
        """The usual rate of one rating at one place in the range, with a target that is a number."""
        if rating not in self.ratings:
            raise DefinitionError(
                f"rating must be one of {', '.join(self.ratings)} (got {rating!r}){did_you_mean(rating, self.ratings)}",
                path="rating",
            )
        if position is None and self.reads_position:
            raise DefinitionError("the matrix asks for the place in the range; give position=", path="position")
        place = Fraction(0) if position is None else exact(position, what="position")
        cell = dict(self.cells)[rating][self._range(place)]
        usual = cell.exact(place) if isinstance(cell, Curve) else cell[1] if isinstance(cell, tuple) else cell
        return usual * (self.target if isinstance(self.target, Fraction) else 1)

    def _range(self, position: Fraction) -> int:
        return (bisect_right if self.owner == "upper" else bisect_left)(self.ranges, position)

    def guide(self, rows: Rows, position: Ratios | None, record: AnyRecorder) -> Guide:
        """The guideline of each row.

        Raises:
            DataError: for ratings that are not in the matrix.
        """
        rating, across = self._rating(rows), self._ranges(position, rows.n)
        cell_of = rating * (len(self.ranges) + 1) + across
        cells = [cell for _, row in self.cells for cell in row]
        usual = _values([cell[1] if isinstance(cell, tuple) else cell for cell in cells], cell_of, position)
        target = read_factor(self.target, rows, record, "rate") if self.target != 1 else None
        if record:
            seen: dict[str, Any] = {} if position is None else {self.position: position.fraction(0)}
            code = "merit_cell" if position is None else f"merit_{self.position}"
            record.leaf(code, usual.fraction(0), label=self.on, rating=self.ratings[int(rating[0])], **seen)
        limited = np.array([isinstance(cell, tuple) for cell in cells], dtype=np.bool_)[cell_of]
        found = [usual]
        for end in (0, 2):
            ends = [cell[end] if isinstance(cell, tuple) else Fraction(0) for cell in cells]
            found.append(_values(ends, cell_of, None))
        if target is not None:
            found = [rates.times(target) for rates in found]
        rate, low, high = found
        return Guide(rate, low, high, limited)

    def _rating(self, rows: Rows) -> IntColumn:
        names = rows.category(self.on).tolist()
        places = {name: place for place, name in enumerate(self.ratings)}
        found = np.array([places.get(name, -1) for name in names], dtype=np.int64)
        there = np.array([name is not None for name in names], dtype=np.bool_)
        cure = "fill it, leave these rows out, or say missing='blocked' in the review"
        rows.require(there, self.on, "must not be missing", cure)
        if (found < 0).any():
            odd = str(names[int(np.flatnonzero(found < 0)[0])])
            rows.require(
                found >= 0,
                self.on,
                f"must be one of {', '.join(self.ratings)} (got {odd!r}){did_you_mean(odd, self.ratings)}",
                "mend the rating, or add it to the matrix",
            )
        return found

    def _ranges(self, position: Ratios | None, n: int) -> IntColumn:
        if not self.ranges or position is None:
            return np.zeros(n, dtype=np.int64)
        steps = Curve.steps(*((bound, place + 1) for place, bound in enumerate(self.ranges)), owner=self.owner)
        return np.asarray(steps.ratios(position).rounded(Fraction(1), "floor"), dtype=np.int64)


def _values(cells: Sequence[Fraction | Curve], which: IntColumn, position: Ratios | None) -> Ratios:
    """The value of each row's cell."""
    numbers = Ratios.of_fractions([Fraction(0) if isinstance(cell, Curve) else cell for cell in cells])
    values = Ratios(numbers.numerator[which], numbers.denominator)
    for place, cell in enumerate(cells):
        if isinstance(cell, Curve) and position is not None:
            mine: BoolColumn = which == place
            values = cell.ratios(position).where(mine, values)
    return values
