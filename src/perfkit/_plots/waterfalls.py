"""A waterfall: how the parts of a sum lead to the whole."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from perfkit._core.layout import clipped
from perfkit._explain.catalogue import as_catalogue
from perfkit._explain.waterfall import bars
from perfkit._plots.axes import INK, LIGHT, RED, axes_or_new, numbers_along
from perfkit.errors import DataError
from perfkit.explain import ENGLISH, Explanation

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def _explained(value: Any) -> Explanation:
    """An explanation, or that of a single result, which explains itself without being told a row."""
    if isinstance(value, Explanation):
        return value
    explain = getattr(value, "explain", None)
    if not callable(explain) or hasattr(value, "__len__"):
        raise DataError(
            f"a waterfall needs an explanation, or one result that explains itself (got {type(value).__name__}); "
            "give the result of a single row, such as scores[0] or payouts[0]"
        )
    found: Explanation = explain()
    return found


def waterfall(explanation: Any, *, catalogue: Mapping[str, str] = ENGLISH, ax: Axes | None = None) -> Axes:
    """How the parts of a score, a payment or a change lead to the whole.

    Args:
        explanation: an explanation, or a result that has one, such as a score, an award or a bridge; the first of its
            steps, from the top, whose parts add up is drawn.
        catalogue: the language; see :meth:`perfkit.explain.Explanation.text`.
        ax: where to draw; a new figure when not given.

    Returns:
        the axes. A step up is filled, a step down is hatched, and totals are dark.

    Raises:
        DataError: if no parts of the explanation add up.

    Example:
        >>> from perfkit import Metric, Scorecard
        >>> card = Scorecard("c", [Metric("sales", weight=3), Metric("quality", weight=1)])
        >>> score = card.score_one({"sales": 1.2, "quality": 0.8})
        >>> from matplotlib.figure import Figure
        >>> ax = waterfall(score.explain(), ax=Figure().add_subplot())
        >>> [label.get_text() for label in ax.get_yticklabels()]
        ['sales', 'quality', 'score of c']
    """
    drawn = bars(_explained(explanation), as_catalogue(catalogue, ENGLISH))
    if drawn is None:
        raise DataError("a waterfall needs parts that add up (got an explanation whose parts do not); print it instead")
    names = [clipped(bar.name, 34) for bar in drawn]
    ax = axes_or_new(ax, 7, 1 + 0.34 * len(drawn))
    span = max(max(bar.start, bar.end) for bar in drawn) - min(min(bar.start, bar.end) for bar in drawn)
    edge = max(max(bar.start, bar.end) for bar in drawn)
    for place, bar in enumerate(drawn):
        low, width = float(min(bar.start, bar.end)), float(abs(bar.end - bar.start))
        if bar.is_total:
            ax.barh(place, width, left=low, height=0.62, color="#555555", edgecolor=INK)
        elif bar.end >= bar.start:
            ax.barh(place, width, left=low, height=0.62, color=LIGHT, edgecolor=INK)
        else:
            ax.barh(place, width, left=low, height=0.62, color="white", edgecolor=RED, hatch="////")
        if not width:
            # A step of nothing is a step too.
            ax.plot([low, low], [place - 0.31, place + 0.31], color=INK, linewidth=1.6)
        if place + 1 < len(drawn):
            ax.plot([float(bar.end)] * 2, [place, place + 1], color=INK, linewidth=0.8, linestyle=":", zorder=0)
        ax.annotate(
            bar.told,
            (float(edge) + 0.02 * float(span), place),
            verticalalignment="center",
            fontweight="bold" if bar.is_total else "normal",
            annotation_clip=False,
        )
    ax.set_yticks(range(len(drawn)), names)
    for label, bar in zip(ax.get_yticklabels(), drawn, strict=True):
        label.set_fontweight("bold" if bar.is_total else "normal")
    ax.invert_yaxis()
    ax.axvline(0, color=INK, linewidth=0.8)
    ax.set_xlim(float(edge - span) - 0.01 * float(span or 1), float(edge) + 0.01 * float(span or 1))
    ax.tick_params(axis="y", length=0)
    numbers_along(ax)
    ax.spines[["top", "right", "left"]].set_visible(False)
    return ax
