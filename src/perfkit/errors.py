"""The errors of perfkit: a definition that is wrong, or data that is wrong.

Every message says what was expected, what was got and the cure. All errors pickle.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from difflib import get_close_matches

SHOWN = 5


class PerfkitError(Exception):
    """The root of every error that perfkit raises on purpose."""


class DefinitionError(PerfkitError, ValueError):
    """A definition (a curve, a scorecard, a plan, a goal tree) that cannot mean anything.

    Attributes:
        path: where in the definition, such as ``$.sections[0].weight``; empty when the message names it.
        problems: each problem by itself, when several were found at once.
    """

    def __init__(self, message: str, *, path: str = "", problems: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.path = path
        self.problems = tuple(problems) or (message,)


class GoalTreeError(DefinitionError):
    """Goals that do not form a tree: unknown parents, cycles, an id used twice, parts or periods that do not fit."""


class NotAffineError(DefinitionError):
    """Pay that is no piecewise-affine curve of a column, so that nothing can be proved about it as one."""


class UnfittedError(DefinitionError):
    """A rule that must see a population before it can score anyone, and has not seen one."""


class DataError(PerfkitError, ValueError):
    """Data that a correct definition cannot be applied to.

    Attributes:
        column: the column at fault, where there is one.
        rows: the first rows at fault.
        count: how many rows are at fault in all.
    """

    def __init__(
        self, message: str, *, column: str | None = None, rows: Sequence[int] = (), count: int | None = None
    ) -> None:
        super().__init__(message)
        self.column = column
        self.rows = tuple(int(row) for row in rows[:SHOWN])
        self.count = len(rows) if count is None else count


class MissingColumnsError(DataError):
    """Columns that a definition reads and the data do not have, all at once.

    Attributes:
        columns: the names of the missing columns.
    """

    def __init__(self, message: str, *, columns: Sequence[str] = ()) -> None:
        super().__init__(message, column=columns[0] if columns else None)
        self.columns = tuple(columns)


class StaleDataError(DataError):
    """A row that no longer gives the stored number, because its data were changed after they were used."""


class PolicyViolation(PerfkitError):
    """A policy, a scale or an aggregate that breaks the house rule, as found by the checks of :mod:`perfkit.testing`.

    Attributes:
        violations: each broken law as a pair of its code and what was seen.
    """

    def __init__(self, message: str, *, violations: Sequence[tuple[str, str]] = ()) -> None:
        super().__init__(message)
        self.violations = tuple(violations)


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """A suggestion to append to an error about an unknown name, or nothing.

    Example:
        >>> did_you_mean("revenu", ["revenue", "churn"])
        " (did you mean 'revenue'?)"
    """
    close = get_close_matches(name, [str(candidate) for candidate in known], n=1)
    return f" (did you mean {close[0]!r}?)" if close else ""


def row_list(rows: Sequence[int], count: int) -> str:
    """The first rows at fault and how many there are, for a message.

    Example:
        >>> row_list([3, 8], 2), row_list([0, 1, 2, 3, 4], 900)
        ('rows 3, 8', 'rows 0, 1, 2, 3, 4 and 895 more')
    """
    shown = [str(int(row)) for row in rows[:SHOWN]]
    more = f" and {count - len(shown)} more" if count > len(shown) else ""
    return f"{'row' if count == 1 else 'rows'} {', '.join(shown)}{more}"
