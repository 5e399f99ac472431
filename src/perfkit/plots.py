"""Pictures with matplotlib: axes in, axes out, nothing shown, and legible in grey; needs the extra ``plot``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from perfkit._core.columns import read_numbers
from perfkit._core.layout import clipped
from perfkit._core.numbers import decimal_text
from perfkit._core.tables import as_array
from perfkit._explain.catalogue import as_catalogue
from perfkit._explain.waterfall import bars
from perfkit.curves import Curve
from perfkit.errors import DataError, DefinitionError
from perfkit.explain import ENGLISH, Explanation
from perfkit.goals import GoalReport
from perfkit.incentives import IncentivePlan, MeritMatrix, Outcomes, Payouts
from perfkit.metrics import Scores
from perfkit.money import minor_per_major
from perfkit.reviews import ControlChart

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["control_chart", "distribution", "goal_progress", "merit_matrix", "payout_curve", "waterfall"]

# One hue in two strengths, and black: told apart in grey too, where hatches, markers and line styles do not already.
_BLUE, _LIGHT, _RED, _INK = "#2f6da8", "#9dbfdd", "#b5452f", "#222222"


def _axes(ax: Axes | None, width: float, height: float) -> Axes:
    if ax is not None:
        return ax
    from matplotlib import pyplot as plt

    # A notebook shows what pyplot has made at the end of the cell.
    return plt.subplots(figsize=(width, height), layout="constrained")[1]


def _plain(ax: Axes) -> None:
    """Leave out of a picture what says nothing."""
    ax.spines[["top", "right"]].set_visible(False)


def _numbers(values: Any, name: str) -> npt.NDArray[np.float64]:
    column = as_array(name, values)
    return read_numbers(name, column, range(len(column)))


def _formatter() -> Any:
    from matplotlib.ticker import FuncFormatter

    return FuncFormatter(lambda value, _: decimal_text(float(f"{value:.12g}")))


def _whole_numbers() -> Any:
    from matplotlib.ticker import MaxNLocator

    return MaxNLocator(integer=True)


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
    ax = _axes(ax, 7, 1 + 0.34 * len(drawn))
    span = max(max(bar.start, bar.end) for bar in drawn) - min(min(bar.start, bar.end) for bar in drawn)
    edge = max(max(bar.start, bar.end) for bar in drawn)
    for place, bar in enumerate(drawn):
        low, width = float(min(bar.start, bar.end)), float(abs(bar.end - bar.start))
        if bar.is_total:
            ax.barh(place, width, left=low, height=0.62, color="#555555", edgecolor=_INK)
        elif bar.end >= bar.start:
            ax.barh(place, width, left=low, height=0.62, color=_LIGHT, edgecolor=_INK)
        else:
            ax.barh(place, width, left=low, height=0.62, color="white", edgecolor=_RED, hatch="////")
        if not width:
            # A step of nothing is a step too.
            ax.plot([low, low], [place - 0.31, place + 0.31], color=_INK, linewidth=1.6)
        if place + 1 < len(drawn):
            ax.plot([float(bar.end)] * 2, [place, place + 1], color=_INK, linewidth=0.8, linestyle=":", zorder=0)
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
    ax.axvline(0, color=_INK, linewidth=0.8)
    ax.set_xlim(float(edge - span) - 0.01 * float(span or 1), float(edge) + 0.01 * float(span or 1))
    ax.tick_params(axis="y", length=0)
    ax.xaxis.set_major_formatter(_formatter())
    ax.spines[["top", "right", "left"]].set_visible(False)
    return ax


def payout_curve(
    curve: Any,
    people: Any = None,
    *,
    column: str | None = None,
    given: Mapping[str, Any] | None = None,
    labels: Sequence[str] = (),
    start: float | None = None,
    end: float | None = None,
    ax: Axes | None = None,
) -> Axes:
    """A payout curve with people on it: where everybody stands, and what that gives.

    Args:
        curve: the curve, or an ``IncentivePlan``, whose pay is drawn along a column.
        column: for a plan, the column that it is drawn along.
        given: for a plan, a row with every other column that it reads.
        people: the place of each person on the x axis; NaN is left out.
        labels: a name for each of them, for a few; written beside their marks.
        start: where the picture starts; a little before the first breakpoint and person when not given.
        end: where it ends.
        ax: where to draw; a new figure when not given.

    Returns:
        the axes. A leap is dotted, the value at its breakpoint is a filled circle, the other end an open one, and a
        person a cross; many people are faint strokes.

    Raises:
        DataError: for labels that are not one for each person.
        DefinitionError: for what is no curve, or a plan without a column.

    Example:
        >>> from matplotlib.figure import Figure
        >>> curve = Curve.through((0.8, 0.5), (1, 1), (1.2, 2), below=0)
        >>> ax = payout_curve(curve, [0.7, 1.1], labels=["ana", "ben"], ax=Figure().add_subplot())
        >>> ax.get_xlabel(), ax.get_ylabel()
        ('result', 'payout')
    """
    curve = _curve(curve, column, given)
    places = np.zeros(0) if people is None else _numbers(people, "people")
    if len(labels) and len(labels) != len(places):
        raise DataError(f"labels must be one for each of {len(places)} people (got {len(labels)})", column="labels")
    ax = _axes(ax, 6.5, 4)
    known = places[np.isfinite(places)]
    low, high = _range(curve, known, start, end)
    knots = [float(knot.x) for knot in curve.knots]
    edges = [low, *(x for x in knots if low < x < high), high]
    for left, right in pairwise(edges):
        # Just inside the ends, where the value of a leap does not reach.
        inset = (right - left) * 1e-9
        ends = curve(np.array([left + inset, right - inset]))
        ax.plot([left, right], ends, color=_INK, linewidth=2, solid_capstyle="round")
    for knot in curve.knots:
        x = float(knot.x)
        if not low <= x <= high or knot.is_continuous:
            continue
        values = [float(value) for value in dict.fromkeys((knot.below, knot.at, knot.above))]
        ax.plot([x, x], [min(values), max(values)], color=_INK, linewidth=1, linestyle=":")
        for value in values:
            face = _INK if value == float(knot.at) else "white"
            ax.plot([x], [value], "o", color=_INK, markerfacecolor=face, markersize=6, zorder=3)
    if len(known):
        many = len(known) > _FEW
        style: dict[str, Any] = {"color": _BLUE, "linestyle": "none", "zorder": 4}
        if many:
            ax.plot(known, curve(known), "|", **style, markersize=9, alpha=max(0.05, min(1.0, 60 / len(known))))
        else:
            ax.plot(known, curve(known), "X", **style, markersize=9, markeredgecolor="white")
    _name(ax, [(name, x, float(curve(float(x)))) for name, x in zip(labels, places, strict=False) if np.isfinite(x)])
    ax.set_xlabel(column or "result")
    ax.set_ylabel("payout")
    ax.xaxis.set_major_formatter(_formatter())
    ax.yaxis.set_major_formatter(_formatter())
    ax.margins(y=0.12)
    _plain(ax)
    return ax


_FEW = 40


def _curve(rule: Any, column: str | None, given: Mapping[str, Any] | None) -> Curve:
    if isinstance(rule, Curve):
        return rule
    if not isinstance(rule, IncentivePlan):
        raise DefinitionError(
            f"a payout curve needs a Curve or an IncentivePlan (got {type(rule).__name__}); give the curve itself"
        )
    if column is None:
        names = ", ".join(need.name for need in rule.needs())
        raise DefinitionError(
            f"plan {rule.name!r} pays along several columns; say which with column= (it reads {names}), and the "
            "others with given=",
            path="column",
        )
    return rule.curve(column, given or {})


def _range(curve: Curve, known: npt.NDArray[np.float64], start: float | None, end: float | None) -> tuple[float, float]:
    shown = [float(knot.x) for knot in curve.knots] + ([float(known.min()), float(known.max())] if len(known) else [])
    low, high = min(shown), max(shown)
    margin = (high - low) / 8 or abs(high) / 4 or 1.0
    low = low - margin if start is None else float(start)
    high = high + margin if end is None else float(end)
    if not high > low:
        raise DefinitionError(f"a picture must end after it starts (got {low:g} to {high:g})", path="end")
    return low, high


def _name(ax: Axes, people: Iterable[tuple[str, float, float]]) -> None:
    """Names beside marks, above and below in turn, so that neighbours do not cover each other."""
    for place, (name, x, y) in enumerate(sorted(people, key=lambda person: person[1:])):
        below = place % 2 == 1
        ax.annotate(
            name,
            (x, y),
            xytext=(8, -12) if below else (-8, 8),
            textcoords="offset points",
            horizontalalignment="left" if below else "right",
            verticalalignment="center",
            zorder=5,
        )


def distribution(
    values: Any, *, floors: Mapping[str, float] | None = None, label: str = "", ax: Axes | None = None
) -> Axes:
    """How many people lie where: scores, payouts or any column of numbers.

    Args:
        values: ``Scores``, ``Payouts`` or ``Outcomes`` such as raises (drawn in major units), or a column of
            numbers; NaN is left out.
        floors: places to mark with their names, such as the floors of a rating scale.
        label: what the numbers are; told by the values when not given.
        ax: where to draw; a new figure when not given.

    Returns:
        the axes. The median is a dashed line; marked places are dotted ones.

    Raises:
        DataError: where there is no number at all.

    Example:
        >>> from matplotlib.figure import Figure
        >>> ax = distribution([0.7, 0.9, 1.3], floors={"solid": 0.8}, label="score", ax=Figure().add_subplot())
        >>> ax.get_xlabel(), ax.get_ylabel()
        ('score', 'people')
    """
    if isinstance(values, Payouts):
        currency = values.plan.currency
        column, told = values.minor / minor_per_major(currency), f"{values.plan.name} in {currency}"
    elif isinstance(values, Outcomes):
        if values.currency is None:
            raise DataError(f"{values.name!r} has actions and no amounts; give a column of numbers", column="values")
        column = values.minor / minor_per_major(values.currency)
        told = f"{values.name} in {values.currency}"
    elif isinstance(values, Scores):
        column, told = values.values, f"score of {values.card.name}"
    else:
        column, told = _numbers(values, "values"), ""
    known = column[np.isfinite(column)]
    if not len(known):
        raise DataError("a distribution needs at least one number (got none)", column="values")
    ax = _axes(ax, 6.5, 3.6)
    # A count of bars by the number of people, as many as can be told apart.
    bins = int(min(40, max(5, np.ceil(np.sqrt(len(known))))))
    counts, edges = np.histogram(known, bins)
    ax.bar(edges[:-1], counts, width=np.diff(edges), align="edge", color=_LIGHT, edgecolor=_INK, linewidth=0.6)
    middle = float(np.median(known))
    ax.axvline(
        middle, color=_INK, linestyle="--", linewidth=1.6, label=f"median {decimal_text(float(f'{middle:.6g}'))}"
    )
    if floors:
        # Room for the names above the bars.
        ax.set_ylim(top=1.4 * float(counts.max()))
    for name, place in (floors or {}).items():
        ax.axvline(float(place), color=_RED, linestyle=":", linewidth=1.6)
        ax.annotate(
            name,
            (float(place), 1),
            xycoords=("data", "axes fraction"),
            xytext=(3, -2),
            textcoords="offset points",
            rotation=90,
            verticalalignment="top",
            annotation_clip=True,
        )
    ax.set_xlabel(label or told)
    ax.set_ylabel("people")
    ax.xaxis.set_major_formatter(_formatter())
    ax.yaxis.set_major_formatter(_formatter())
    ax.yaxis.set_major_locator(_whole_numbers())
    ax.legend(frameon=False, loc="lower right", bbox_to_anchor=(1, 1), borderaxespad=0)
    _plain(ax)
    return ax


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
    ax = _axes(ax, 1.8 + 1.15 * len(columns), 1.2 + 0.62 * len(rows))
    # From white to mid grey-blue, so that black text can be read on every cell, in print too.
    from matplotlib.colors import LinearSegmentedColormap

    tones = LinearSegmentedColormap.from_list("raises", ["#ffffff", "#8db4d9"])
    low, high = (float(np.nanmin(table)), float(np.nanmax(table))) if np.isfinite(table).any() else (0.0, 1.0)
    ax.pcolormesh(
        table, cmap=tones, vmin=min(low, 0.0), vmax=high if high > low else low + 1, edgecolors="#777777", linewidth=0.8
    )
    for row in range(len(rows)):
        for column in range(len(columns)):
            raised = table[row, column]
            told = "-" if np.isnan(raised) else f"{decimal_text(float(f'{100 * raised:.6g}'))} %"
            if counts is not None and not np.isnan(counts[row, column]):
                told += f"\n{counts[row, column]:,.0f}"
            ax.text(column + 0.5, row + 0.5, told, horizontalalignment="center", verticalalignment="center", color=_INK)
    ax.set_xticks(np.arange(len(columns)) + 0.5, columns)
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


def control_chart(
    points: Any,
    *,
    centre: Any = None,
    lower: Any = None,
    upper: Any = None,
    signals: Any = (),
    labels: Sequence[Any] = (),
    title: str = "",
    ax: Axes | None = None,
) -> Axes:
    """A control chart: points in their order, the centre and limits that they are held against, and signals.

    Args:
        points: a chart of :func:`perfkit.xmr`, which has its own lines, signals and days; or the values; NaN leaves a
            gap.
        centre: the centre line; a number, or one for each point. Values must have one.
        lower: the lower limit; a number, one for each point, or None for none.
        upper: the upper limit; likewise.
        signals: which points are signals: truths, one for each point, or the positions of those that are.
        labels: what stands below each point, such as months or dates.
        title: above the chart.
        ax: where to draw; a new figure when not given.

    Returns:
        the axes. The centre is a line, limits are dashed, and a signal is a large open square.

    Raises:
        DataError: for no points, or lines, signals or labels that are not one for each point.

    Example:
        >>> from matplotlib.figure import Figure
        >>> ax = control_chart([5, 6, 5, 12], centre=5.5, lower=2, upper=9, signals=[3], ax=Figure().add_subplot())
        >>> [line.get_label() for line in ax.get_lines()][1:]
        ['centre 5.5', 'limits 2 and 9', '_child3', 'signal']
    """
    if isinstance(points, ControlChart):
        if centre is not None or lower is not None or upper is not None:
            raise DataError("a chart has its own centre and limits; leave them out", column="centre")
        centre, lower, upper = (_ends(points, name) for name in ("center", "lower", "upper"))
        signals, labels = [signal.at for signal in points.signals], labels or points.days
        points = [float(value) for value in points.values]
    elif centre is None:
        raise DataError(
            f"a control chart needs a chart of xmr(), or values with centre=, lower= and upper= "
            f"(got {type(points).__name__} without a centre)",
            column="centre",
        )
    values = _numbers(points, "points")
    if not len(values):
        raise DataError("a control chart needs at least one point (got none)", column="points")
    ax = _axes(ax, 7, 3.4)
    x = np.arange(len(values))
    ax.plot(x, values, "-o", color=_INK, linewidth=1.2, markersize=4.5, markerfacecolor=_INK)
    ax.plot(x, _line_of(centre, len(values), "centre"), "-", color=_BLUE, linewidth=1.4, label=_told("centre", centre))
    limits = [(which, limit) for which, limit in (("lower", lower), ("upper", upper)) if limit is not None]
    for place, (which, limit) in enumerate(limits):
        told = _told("limits", *(one for _, one in limits)) if place == 0 else None
        ax.plot(x, _line_of(limit, len(values), which), "--", color=_RED, linewidth=1.4, label=told)
    marked = _marked(signals, len(values))
    if marked.any():
        ax.plot(
            x[marked],
            values[marked],
            "s",
            color=_RED,
            markerfacecolor="none",
            markersize=12,
            markeredgewidth=1.8,
            label="signal",
        )
    if len(labels):
        if len(labels) != len(values):
            raise DataError(f"labels must be one for each of {len(values)} points (got {len(labels)})", column="labels")
        step = max(1, -(-len(labels) // 12))
        ax.set_xticks(x[::step], [str(label) for label in labels[::step]])
        if max(len(str(label)) for label in labels) * len(x[::step]) > _ROOM:
            ax.tick_params(axis="x", rotation=45)
            for label in ax.get_xticklabels():
                label.set_horizontalalignment("right")
    else:
        ax.xaxis.set_major_locator(_whole_numbers())
    # Above the legend, which may be as wide as the picture.
    ax.set_title(title, loc="left", pad=26)
    ax.yaxis.set_major_formatter(_formatter())
    ax.legend(frameon=False, loc="lower left", bbox_to_anchor=(0, 1), ncols=3, borderaxespad=0, columnspacing=1.2)
    _plain(ax)
    return ax


_ROOM = 70


def _ends(chart: ControlChart, name: str) -> Any:
    """A line of a chart: one number, one for each point where limits were worked out anew, or None for none."""
    found = [getattr(one, name) for one in chart.limits]
    if len(found) == 1:
        return None if found[0] is None else float(found[0])
    ends = [getattr(chart.limits_at(place), name) for place in range(len(chart.values))]
    return None if not any(end is not None for end in ends) else [np.nan if e is None else float(e) for e in ends]


def _told(name: str, *lines: Any) -> str:
    """A line with its value where it has a single one."""
    if any(np.ndim(line) for line in lines):
        return name
    return f"{name} {' and '.join(decimal_text(float(f'{float(line):.6g}')) for line in lines)}"


def _line_of(line: Any, n: int, name: str) -> npt.NDArray[np.float64]:
    values = np.full(n, float(line)) if np.ndim(line) == 0 else _numbers(line, name)
    if len(values) != n:
        raise DataError(f"{name} must be a number or one for each of {n} points (got {len(values)})", column=name)
    return values


def _marked(signals: Any, n: int) -> npt.NDArray[np.bool_]:
    given = np.asarray(signals)
    if given.dtype == bool:
        if given.shape != (n,):
            raise DataError(f"signals must be one for each of {n} points (got {given.size})", column="signals")
        return given
    marked = np.zeros(n, dtype=bool)
    places = given.astype(np.int64) if given.size else np.zeros(0, dtype=np.int64)
    if ((places < 0) | (places >= n)).any():
        raise DataError(f"signals must be positions of the {n} points (got {places.tolist()})", column="signals")
    marked[places] = True
    return marked


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
    ax = _axes(ax, 7, 0.9 + 0.36 * len(listed))
    for place, status in enumerate(statuses):
        if status.progress is None:
            ax.text(0.01, place, "not observed", verticalalignment="center", fontstyle="italic", color=_INK)
        else:
            width = float(status.progress)
            ax.barh(
                place, width, height=0.6, color=_LIGHT, edgecolor=_INK, linewidth=0.8, hatch="////" if width < 0 else ""
            )
            # In a column of their own, which no bar and no mark runs into.
            ax.annotate(f"{width:.0%}", (1.02, place), xycoords=("axes fraction", "data"), verticalalignment="center")
        if status.expected is not None:
            marked = ax.plot(
                [float(status.expected)] * 2, [place - 0.42, place + 0.42], color=_INK, linewidth=3, zorder=4
            )
            marked[0].set_label("expected" if not ax.get_legend_handles_labels()[0] else "_")
    ax.axvline(1, color=_INK, linestyle="--", linewidth=1.2, label="target")
    ax.axvline(0, color=_INK, linewidth=0.8)
    ax.set_yticks(range(len(listed)), [clipped(_title(report, id), 36) for id, _ in listed])
    for name, (_, level) in zip(ax.get_yticklabels(), listed, strict=True):
        name.set_fontweight("bold" if level == 0 and not goals else "normal")
    ax.invert_yaxis()
    ax.xaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
    ax.tick_params(axis="y", length=0)
    ax.legend(frameon=False, loc="lower right", bbox_to_anchor=(1, 1), ncols=2, borderaxespad=0)
    ax.spines[["top", "right", "left"]].set_visible(False)
    return ax
