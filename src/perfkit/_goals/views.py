"""Goals as people see them: a text table, and a notebook view that folds."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction
from html import escape
from typing import TYPE_CHECKING

import numpy as np

from perfkit._core.layout import clipped, table
from perfkit._core.numbers import decimal_text, plain, round_decimal
from perfkit._goals.columns import GoalColumns
from perfkit._goals.definition import Goal

if TYPE_CHECKING:
    from perfkit._goals.report import GoalReport


def walk(columns: GoalColumns, depth: int | None) -> Iterator[tuple[int, int, str]]:
    """Every goal with its level and the branch that is drawn before it, each before its own parts."""
    waiting = [(place, 0, "", "") for place in reversed(columns.parts(-1))]
    while waiting:
        place, level, branch, stem = waiting.pop()
        yield place, level, branch
        if depth is not None and level + 1 >= depth:
            continue
        parts = columns.parts(place)
        for position in range(len(parts) - 1, -1, -1):
            last = position == len(parts) - 1
            lead, inner = ("└─ ", "   ") if last else ("├─ ", "│  ")
            waiting.append((parts[position], level + 1, stem + lead, stem + inner))


def report_text(report: GoalReport, depth: int | None, limit: int) -> str:
    """A report as a table."""
    columns = report.columns
    dated = report.as_of is not None
    header = ["goal", "owner", "baseline", "target", "value", "progress"]
    header += ["expected", "health", "coverage"] if dated else ["coverage"]
    rows, more = [header], 0
    for place, _, branch in walk(columns, depth):
        if len(rows) > limit:
            more += 1
            continue
        rows.append(_row(report, place, branch, dated))
    left = (0, 1, 7) if dated else (0, 1)
    return table(rows, left) + (f"\n... {more:,} more goals" if more else "")


def tree_text(columns: GoalColumns, depth: int | None, limit: int) -> str:
    """A tree as a table."""
    rows, more = [["goal", "owner", "baseline", "target", "weight", "roll-up"]], 0
    for place, _, branch in walk(columns, depth):
        if len(rows) > limit:
            more += 1
            continue
        goal = columns.goal(place)
        weight = "auto" if goal.weight is None else decimal_text(round_decimal(goal.weight, 2))
        by = goal.roll_up.replace("_", " ") if columns.parts(place) else ""
        rows.append([_name(columns, place, branch), clipped(goal.owner, _OWNER), *_points(columns, place), weight, by])
    return table(rows, (0, 1, 5)) + (f"\n... {more:,} more goals" if more else "")


# A title that is longer is cut in a table, which has to fit on a screen; it stands whole in a brief and a notebook.
_TITLE, _OWNER = 48, 20


def _name(columns: GoalColumns, place: int, branch: str) -> str:
    return branch + clipped(columns.text("title", place) or columns.ids[place], _TITLE)


def _row(report: GoalReport, place: int, branch: str, dated: bool) -> list[str]:
    columns = report.columns
    progress, value, expected = report.progress[place], report.value[place], report.expected[place]
    known = not np.isnan(value) and columns.kind[place] != 0
    cells = [
        _name(columns, place, branch),
        clipped(columns.text("owner", place), _OWNER),
        *_points(columns, place),
        amount(float(value), columns.text("unit", place)) if known else "",
        "-" if np.isnan(progress) else f"{progress:.1%}",
    ]
    if dated:
        health = report.health[place]
        cells += [
            "" if np.isnan(expected) else f"{expected:.1%}",
            "" if health is None else f"{shape_of(report, health)} {health.replace('_', ' ')}",
        ]
    return [*cells, f"{report.coverage[place]:.0%}"]


def _points(columns: GoalColumns, place: int) -> tuple[str, str]:
    return points_of(columns.goal(place), columns.text("unit", place))


def points_of(goal: Goal, unit: str) -> tuple[str, str]:
    """The baseline and the target of a goal, in words where they are no two numbers."""
    if goal.direction == "maintain":
        low, high = goal.band or (goal.target, goal.target)
        return "", f"{plain(low or Fraction(0))} to {plain(high or Fraction(0))} {unit}".strip()
    if goal.direction in ("binary", "milestones"):
        return "", "done" if goal.direction == "binary" else f"{len(goal.milestones)} milestones"
    if goal.target is None:
        return "", ""
    target = amount(goal.target, unit)
    if goal.is_held:
        return "", f"{'at least' if goal.direction == 'at_least' else 'at most'} {target}"
    return amount(goal.baseline, unit), target


def amount(value: Fraction | float, unit: str) -> str:
    """A value with its unit."""
    return f"{decimal_text(round_decimal(value, 2))} {unit}".strip()


# A shape for each half of the states, so that health is not told by colour alone.
_SHAPES = {"achieved": "★", "not_started": "○", "pending": "◌", "stale": "◔", "missed": "✕"}


def shape_of(report: GoalReport, state: str) -> str:
    """The shape that a state of health is drawn with: up for good, down for bad."""
    if state in _SHAPES:
        return _SHAPES[state]
    bands = [name for name, _ in reversed(report.rules.health.floors)] + [report.rules.health.lowest]
    place = bands.index(state)
    return "▼" if place == len(bands) - 1 else ("▲" if place == 0 else ("●" if 2 * place < len(bands) else "◆"))


# So many goals are shown in a notebook at most, and so many right below one goal; the others are counted.
_MOST_ROWS, _MOST_PARTS, _OPEN_LEVELS = 5_000, 200, 2
_STYLE = r"""<style>
.pk-goals{font:13px/1.5 system-ui,sans-serif;max-width:80em;overflow-x:auto}
.pk-goals summary{cursor:pointer}
.pk-goals summary::-webkit-details-marker{display:none}
.pk-goals summary{list-style:none}
.pk-goals .r{display:flex;gap:.8em;align-items:center;padding:2px 4px;min-width:70em;box-sizing:border-box;
border-bottom:1px solid rgba(128,128,128,.18)}
.pk-goals .r>span{white-space:nowrap;overflow:hidden;text-overflow:ellipsis}
.pk-goals .n{flex:1;min-width:11em;box-sizing:border-box}.pk-goals .o{width:6em;flex:none;opacity:.75}
.pk-goals .v{width:18em;text-align:right;opacity:.75}
.pk-goals .v,.pk-goals .w,.pk-goals .p,.pk-goals .h,.pk-goals .c{flex:none}
.pk-goals .w{width:4em;text-align:right;opacity:.75}.pk-goals .p{width:5.5em;text-align:right}.pk-goals .h{width:7em}
.pk-goals .c{width:4em;text-align:right;opacity:.75}.pk-goals .head{font-weight:600;border-bottom-width:2px}
.pk-goals .b{position:relative;width:8em;height:.75em;border-radius:.4em;background:rgba(128,128,128,.22);flex:none}
.pk-goals .b i{position:absolute;left:0;top:0;bottom:0;border-radius:.4em;background:currentColor;opacity:.75}
.pk-goals .b u{position:absolute;top:-.15em;bottom:-.15em;width:2px;background:currentColor}
.pk-goals .good{color:#1a7f4b}.pk-goals .fair{color:#b8860b}
.pk-goals .poor{color:#c0392b}.pk-goals .none{color:#7f7f7f}
.pk-goals .t::before{content:"\25b8";display:inline-block;width:1em;opacity:.6}
.pk-goals details[open]>summary .t::before{content:"\25be"}
.pk-goals .l::before{content:"";display:inline-block;width:1em}
@media (prefers-color-scheme:dark){
.pk-goals .good{color:#4cc38a}.pk-goals .fair{color:#e2b33c}.pk-goals .poor{color:#ff7b72}}
</style>"""


def report_html(report: GoalReport) -> str:
    """A report as HTML that folds, without a script: bars with what is expected, health by shape and colour."""
    header = "<span class='n'>goal</span><span class='o'>owner</span><span class='v'>value of target</span>"
    header += "<span class='w'>weight</span><span class='b' style='visibility:hidden'></span>"
    header += "<span class='p'>progress</span><span class='h'>health</span><span class='c'>seen</span>"
    return _html(report.columns, header, lambda place: _report_cells(report, place))


def tree_html(columns: GoalColumns) -> str:
    """A tree as HTML that folds, without a script."""
    header = "<span class='n'>goal</span><span class='o'>owner</span><span class='v'>from</span>"
    header += "<span class='v'>to</span><span class='w'>weight</span>"

    def cells(place: int) -> str:
        start, target = _points(columns, place)
        return (
            f"<span class='o'>{escape(columns.text('owner', place))}</span><span class='v'>{escape(start)}</span>"
            f"<span class='v'>{escape(target)}</span><span class='w'>{_weight(columns, place)}</span>"
        )

    return _html(columns, header, cells)


def _html(columns: GoalColumns, header: str, cells: Callable[[int], str]) -> str:
    """Rows that fold under each other, opened and closed as the walk goes down and up; deep trees need no recursion."""
    out = [_STYLE, f"<div class='pk-goals'><div class='r head'>{header}</div>"]
    shown, hidden = 0, 0
    waiting: list[tuple[int, int] | str] = [(place, 0) for place in reversed(columns.parts(-1)[:_MOST_ROWS])]
    while waiting:
        step = waiting.pop()
        if isinstance(step, str):
            out.append(step)
            continue
        place, level = step
        if shown >= _MOST_ROWS:
            hidden += 1
            continue
        shown += 1
        parts = columns.parts(place)
        title = escape(columns.text("title", place) or columns.ids[place])
        name = f"<span class='n' style='padding-left:{1.2 * level:.1f}em' title='{escape(columns.ids[place])}'>"
        name += f"<span class='{'t' if parts else 'l'}'></span>{title}</span>"
        row = f"<div class='r'>{name}{cells(place)}</div>"
        if not parts:
            out.append(row)
            continue
        out.append(f"<details{' open' if level < _OPEN_LEVELS else ''}><summary>{row}</summary>")
        waiting.append("</details>")
        if len(parts) > _MOST_PARTS:
            more = f"... {len(parts) - _MOST_PARTS:,} more"
            waiting.append(
                f"<div class='r'><span class='n' style='padding-left:{1.2 * level + 1.2:.1f}em'>{more}</span></div>"
            )
        waiting.extend((part, level + 1) for part in reversed(parts[:_MOST_PARTS]))
    if shown < len(columns):
        out.append(f"<div class='r'>{shown:,} of {len(columns):,} goals shown</div>")
    return "".join([*out, "</div>"])


def _weight(columns: GoalColumns, place: int) -> str:
    weight = columns.numbers["weight"][place]
    return "auto" if np.isnan(weight) else decimal_text(round_decimal(Fraction(str(float(weight))), 2))


def _report_cells(report: GoalReport, place: int) -> str:
    columns, progress, expected = report.columns, report.progress[place], report.expected[place]
    health, value = report.health[place], report.value[place]
    _, target = _points(columns, place)
    seen = amount(float(value), "") if not np.isnan(value) and columns.kind[place] else ""
    tone = _tone(report, health)
    bar = (
        f"<i class='{tone}' style='width:{100 * min(max(float(progress), 0.0), 1.0):.0f}%'></i>"
        if not np.isnan(progress)
        else ""
    )
    mark = f"<u style='left:{100 * min(float(expected), 1.0):.0f}%'></u>" if not np.isnan(expected) else ""
    state = "" if health is None else f"{shape_of(report, health)} {escape(health.replace('_', ' '))}"
    told = " of ".join(part for part in (seen, target) if part)
    return (
        f"<span class='o'>{escape(columns.text('owner', place))}</span><span class='v'>{escape(told)}</span>"
        f"<span class='w'>{_weight(columns, place)}</span><span class='b'>{bar}{mark}</span>"
        f"<span class='p'>{'' if np.isnan(progress) else f'{progress:.1%}'}</span>"
        f"<span class='h {tone}'>{state}</span><span class='c'>{report.coverage[place]:.0%}</span>"
    )


def _tone(report: GoalReport, state: str | None) -> str:
    """Whether a state is drawn as good, fair or poor."""
    if state is None or state in ("not_started", "pending"):
        return "none"
    shape = shape_of(report, state)
    return "good" if shape in "★▲●" else ("poor" if shape in "▼✕" else "fair")
