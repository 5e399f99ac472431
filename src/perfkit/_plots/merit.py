"""The cells of a merit matrix as a heat map."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from perfkit._core.numbers import decimal_text, round_decimal
from perfkit._plots.axes import INK, LETTER, axes_or_new, turned, width_in_points
from perfkit.curves import Curve
from perfkit.errors import DataError
from perfkit.incentives import MeritMatrix

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def merit_matrix(
    cells: Any,
    rows: Sequence[str] = (),
    columns: Sequence[str] = (),
    *,
    people: Any = None,
    row_title: str = "",
    column_title: str = "",
    ax: Axes | None = None,
) -> Axes:
    """The cells of a merit matrix as a heat map, each with its raise written in it.

    Args:
        cells: a ``MeritMatrix``, which has its own rows and columns (of a cell with limits its usual rate is shown), or
            the raise of each cell as a share, by row and column; NaN for none.
        rows: what a row stands for, such as a rating.
        columns: what a column stands for, such as a place in the pay range.
        people: how many people are in each cell, written below the raise.
        row_title: what the rows are, such as ``rating``.
        column_title: what the columns are, such as ``compa-ratio``.
        ax: where to draw; a new figure when not given.

    Raises:
        DataError: if the cells are not one for each row and column.

    Example:
        >>> from matplotlib.figure import Figure
        >>> ax = Figure().add_subplot()
        >>> ax = merit_matrix([[0.02, 0.01], [0.05, 0.03]], ["solid", "strong"], ["below", "above"], ax=ax)
        >>> [text.get_text() for text in ax.texts]
        ['2 %', '1 %', '5 %', '3 %']
    """
    if isinstance(cells, MeritMatrix):
        row_title, column_title = row_title or cells.on, column_title or cells.position.replace("_", " ")
        rows, columns = rows or cells.ratings, columns or _ranges(cells)
        cells = _rates(cells)
    table = _table(cells, rows, columns, "cells")
    counts = None if people is None else _table(people, rows, columns, "people")
    ax = axes_or_new(ax, 1.8 + 1.15 * len(columns), 1.2 + 0.62 * len(rows))
    # From white to mid grey-blue, so that black text can be read on every cell, in print too.
    from matplotlib.colors import LinearSegmentedColormap

    tones = LinearSegmentedColormap.from_list("raises", ["#ffffff", "#8db4d9"])
    low, high = (float(np.nanmin(table)), float(np.nanmax(table))) if np.isfinite(table).any() else (0.0, 1.0)
    ax.pcolormesh(
        table, cmap=tones, vmin=min(low, 0.0), vmax=high if high > low else low + 1, edgecolors="#777777", linewidth=0.8
    )
    cells_told: dict[tuple[int, int], str] = {}
    for row in range(len(rows)):
        for column in range(len(columns)):
            raised = table[row, column]
            told = "-" if np.isnan(raised) else f"{decimal_text(round_decimal(100 * raised, 2))} %"
            if counts is not None and not np.isnan(counts[row, column]):
                told += f"\n{counts[row, column]:,.0f}"
            cells_told[row, column] = told
    longest = max(len(line) for told in cells_told.values() for line in told.split("\n"))
    size = min(10.0, 10 * width_in_points(ax) / (LETTER * len(columns) * (longest + 1)))
    for (row, column), told in cells_told.items():
        ax.text(
            column + 0.5,
            row + 0.5,
            told,
            horizontalalignment="center",
            verticalalignment="center",
            color=INK,
            fontsize=max(5.0, size),
        )
    ax.set_xticks(np.arange(len(columns)) + 0.5, columns)
    turned(ax, columns)
    ax.set_yticks(np.arange(len(rows)) + 0.5, rows)
    ax.set_xlabel(column_title)
    ax.set_ylabel(row_title)
    ax.tick_params(length=0)
    ax.invert_yaxis()
    ax.spines[:].set_visible(False)
    return ax


def _rates(matrix: MeritMatrix) -> list[list[float]]:
    """The rates that cells stand for, where they are numbers."""
    target = matrix.target
    cells = [[cell[1] if isinstance(cell, tuple) else cell for cell in row] for _, row in matrix.cells]
    if not isinstance(target, Fraction) or any(isinstance(cell, Curve) for row in cells for cell in row):
        raise DataError(
            "a matrix with curves or a target of each row has no single rate in a cell; give the rates to draw, with "
            "rows and columns",
            column="cells",
        )
    return [[float(cell * target) for cell in row if isinstance(cell, Fraction)] for row in cells]


def _ranges(matrix: MeritMatrix) -> list[str]:
    ends = [decimal_text(end) for end in matrix.ranges]
    if not ends:
        return ["all"]
    return [f"below {ends[0]}", *(f"{low} to {high}" for low, high in pairwise(ends)), f"above {ends[-1]}"]


def _table(values: Any, rows: Sequence[str], columns: Sequence[str], name: str) -> npt.NDArray[np.float64]:
    try:
        table = np.array(values, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise DataError(f"{name} must be numbers by row and column (got {values!r})", column=name) from error
    if table.shape != (len(rows), len(columns)):
        raise DataError(
            f"{name} must be one for each of {len(rows)} rows and {len(columns)} columns (got shape {table.shape})",
            column=name,
        )
    return table
