"""A small exact simplex: linear programs of a few dozen rows, solved in fractions."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

Row = list[Fraction]


class Dictionary:
    """``basic = constant - coefficients * nonbasic`` with everything at least zero; pivoted by Bland's rule.

    Bland's rule never cycles, and fractions never round, so what it stops at is the optimum.
    """

    def __init__(self, rows: Sequence[Sequence[Fraction]], constants: Sequence[Fraction], n: int) -> None:
        self._rows: list[Row] = [list(row) for row in rows]
        self._constants: Row = list(constants)
        self._nonbasic = list(range(n))
        self._basic = list(range(n, n + len(rows)))
        self._n = n

    def make_feasible(self, column: int) -> None:
        """Bring in the variable of a column that lifts every row, by the row that is lowest."""
        lowest = min(range(len(self._constants)), key=lambda row: self._constants[row])
        if self._constants[lowest] < 0:
            self._pivot(lowest, self._nonbasic.index(column))

    def minimise(self, objective: dict[int, Fraction], frozen: set[int] = frozenset()) -> Fraction:  # type: ignore[assignment]
        """The least value of a sum of variables, at which the dictionary is left.

        Args:
            objective: the coefficient of each variable that counts.
            frozen: variables that stay out: zero at every optimum found before.
        """
        while True:
            costs = self.costs(objective)
            entering = min(
                (variable for variable, cost in costs.items() if cost < 0 and variable not in frozen), default=None
            )
            if entering is None:
                values = self.values()
                return sum((c * values.get(v, Fraction(0)) for v, c in objective.items()), Fraction(0))
            place = self._nonbasic.index(entering)
            rows = [row for row, line in enumerate(self._rows) if line[place] > 0]
            leaving = min(rows, key=lambda row: (self._constants[row] / self._rows[row][place], self._basic[row]))
            self._pivot(leaving, place)

    def costs(self, objective: dict[int, Fraction]) -> dict[int, Fraction]:
        """What each variable outside the basis adds to an objective when it rises by one."""
        found = {variable: objective.get(variable, Fraction(0)) for variable in self._nonbasic}
        for row, variable in enumerate(self._basic):
            weight = objective.get(variable)
            if weight:
                for place, other in enumerate(self._nonbasic):
                    found[other] -= weight * self._rows[row][place]
        return found

    def values(self) -> dict[int, Fraction]:
        """The value of each variable that is not zero."""
        return dict(zip(self._basic, self._constants, strict=True))

    def _pivot(self, row: int, place: int) -> None:
        line, constant = self._rows[row], self._constants[row]
        pivot = line[place]
        scaled = [value / pivot for value in line]
        scaled[place] = 1 / pivot
        constant /= pivot
        for other, values in enumerate(self._rows):
            factor = values[place]
            if other == row or not factor:
                continue
            self._rows[other] = [value - factor * new for value, new in zip(values, scaled, strict=True)]
            self._rows[other][place] = -factor / pivot
            self._constants[other] -= factor * constant
        self._rows[row], self._constants[row] = scaled, constant
        self._basic[row], self._nonbasic[place] = self._nonbasic[place], self._basic[row]
