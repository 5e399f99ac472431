"""How far goals are, and what was expected."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from perfkit._core.layout import clipped
from perfkit._plots.axes import INK, LIGHT, axes_or_new
from perfkit.errors import DataError
from perfkit.goals import GoalReport

if TYPE_CHECKING:
    from matplotlib.axes import Axes


_MOST_GOALS = 60


def _top(report: GoalReport) -> list[tuple[str, int]]:
    """The goals at the top, each with those right below it."""
    columns, listed = report.columns, []
    for top in columns.parts(-1):
        listed.append((columns.ids[top], 0))
        listed += [(columns.ids[part], 1) for part in columns.parts(top)]
    return listed


def _title(report: GoalReport, id: str) -> str:
    return report.columns.text("title", report.columns.place(id)) or id


def goal_progress(report: GoalReport, goals: Sequence[str] = (), *, ax: Axes | None = None) -> Axes:
    """How far goals are, and what was expected by the day of the report.

    Args:
        report: a roll-up of a goal tree.
        goals: the ids of the goals to draw, in their order; those at the top and right below when not given.
        ax: where to draw; a new figure when not given.

    Returns:
        the axes. Progress is a bar, what was expected a black mark, the target a dashed line, and a goal that was not
        observed says so in place of a bar.

    Raises:
        DataError: for no goals, or more than can be told apart.

    Example:
        >>> from perfkit import Goal, GoalTree
        >>> tree = GoalTree([Goal("sales", children=[Goal("ana", target=10), Goal("ben", target=10)])])
        >>> from matplotlib.figure import Figure
        >>> ax = goal_progress(tree.roll_up({"ana": 7, "ben": 4}), ax=Figure().add_subplot())
        >>> [label.get_text() for label in ax.get_yticklabels()]
        ['sales', 'ana', 'ben']
    """
    from matplotlib.ticker import PercentFormatter

    if not isinstance(report, GoalReport):
        raise DataError(
            f"a picture of goals needs the report of a roll-up (got {type(report).__name__}); give tree.roll_up(...)"
        )
    listed = [(id, 0) for id in goals] if len(goals) else _top(report)
    if not 0 < len(listed) <= _MOST_GOALS:
        raise DataError(f"a picture holds 1 to {_MOST_GOALS} goals (got {len(listed)}); name them with goals=")
    statuses = [report[id] for id, _ in listed]
    ax = axes_or_new(ax, 7, 0.9 + 0.36 * len(listed))
    for place, status in enumerate(statuses):
        if status.progress is None:
            _at_right(ax, place, "not observed", fontstyle="italic")
        else:
            width = float(status.progress)
            ax.barh(
                place, width, height=0.6, color=LIGHT, edgecolor=INK, linewidth=0.8, hatch="////" if width < 0 else ""
            )
            _at_right(ax, place, f"{width:.0%}")
        if status.expected is not None:
            marked = ax.plot(
                [float(status.expected)] * 2, [place - 0.42, place + 0.42], color=INK, linewidth=3, zorder=4
            )
            marked[0].set_label("expected" if not ax.get_legend_handles_labels()[0] else "_")
    ax.axvline(1, color=INK, linestyle="--", linewidth=1.2, label="target")
    ax.axvline(0, color=INK, linewidth=0.8)
    ax.set_yticks(range(len(listed)), [clipped(_title(report, id), 36) for id, _ in listed])
    for name, (_, level) in zip(ax.get_yticklabels(), listed, strict=True):
        name.set_fontweight("bold" if level == 0 and not goals else "normal")
    ax.set_ylim(len(listed) - 0.4, -0.6)
    ax.xaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
    ax.tick_params(axis="y", length=0)
    ax.legend(frameon=False, loc="lower right", bbox_to_anchor=(1, 1), ncols=2, borderaxespad=0)
    ax.spines[["top", "right", "left"]].set_visible(False)
    return ax


def _at_right(ax: Axes, place: int, told: str, **style: Any) -> None:
    """A text in a column of its own, which no bar and no mark runs into."""
    ax.annotate(told, (1.02, place), xycoords=("axes fraction", "data"), verticalalignment="center", **style)
