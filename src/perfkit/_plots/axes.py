"""What every picture is drawn with: axes that are made when none are given, colours that are told apart in grey."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from perfkit._core.columns import read_numbers
from perfkit._core.layout import width_of
from perfkit._core.numbers import decimal_text
from perfkit._core.tables import as_array

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# One hue in two strengths, and black: told apart in grey too, where hatches, markers and line styles do not already.
BLUE, LIGHT, RED, INK = "#2f6da8", "#9dbfdd", "#b5452f", "#222222"


def axes_or_new(ax: Axes | None, width: float, height: float) -> Axes:
    """The axes to draw on; those of a new figure of so many inches when none are given."""
    if ax is not None:
        return ax
    from matplotlib import pyplot as plt

    # A notebook shows what pyplot has made at the end of the cell.
    return plt.subplots(figsize=(width, height), layout="constrained")[1]


def without_frame(ax: Axes) -> None:
    """Leave out of a picture what says nothing."""
    ax.spines[["top", "right"]].set_visible(False)


def read_column(values: Any, name: str) -> npt.NDArray[np.float64]:
    """A column of numbers, NaN where one is missing."""
    column = as_array(name, values)
    return read_numbers(name, column, range(len(column)))


def plain_numbers() -> Any:
    """Numbers on an axis as perfkit writes them."""
    from matplotlib.ticker import FuncFormatter

    return FuncFormatter(lambda value, _: decimal_text(float(f"{value:.12g}")))


def whole_numbers() -> Any:
    """Places on an axis that are whole numbers."""
    from matplotlib.ticker import MaxNLocator

    return MaxNLocator(integer=True)


def short(value: float) -> str:
    """A number in at most six digits."""
    return decimal_text(float(f"{value:.6g}"))


# How wide a letter is, in points, at the size of the letters of an axis.
LETTER = 6.0


def points_of(ax: Axes) -> float:
    """How many points a pixel of the picture is."""
    figure = ax.get_figure()
    return 1.0 if figure is None else 72 / float(figure.dpi)


def width_in_points(ax: Axes) -> float:
    """How wide axes are, in points."""
    return float(ax.get_window_extent().width) * points_of(ax)


def numbers_along(ax: Axes) -> None:
    """Numbers below the axes as perfkit writes them, as many as stand side by side."""
    from matplotlib.ticker import MaxNLocator

    shown = plain_numbers()
    ax.xaxis.set_major_formatter(shown)
    longest = max(width_of(shown(end, None)) for end in (*ax.get_xlim(), *ax.get_xticks()))
    most = max(1, min(9, int(width_in_points(ax) / (LETTER * (longest + 2)))))
    ax.xaxis.set_major_locator(MaxNLocator(most, steps=[1, 2, 2.5, 5, 10]))


def turned(ax: Axes, names: Sequence[str]) -> None:
    """Turn the names below the axes where they are too long to stand side by side."""
    if LETTER * sum(width_of(name) + 2 for name in names) > width_in_points(ax):
        ax.tick_params(axis="x", rotation=45)
        for label in ax.get_xticklabels():
            label.set_horizontalalignment("right")
            label.set_rotation_mode("anchor")
