"""Goals as people see them: a text table, and a notebook view that folds."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from fractions import Fraction
from html import escape
from typing import TYPE_CHECKING

import numpy as np
from attrs import frozen

from perfkit._core.layout import clipped, one_line, table
from perfkit._core.notebook import count
from perfkit._core.numbers import decimal_text, plain, round_decimal, round_short
from perfkit._goals.columns import GoalColumns
from perfkit._goals.definition import Goal

if TYPE_CHECKING:
    from perfkit._goals.report import GoalReport


@frozen
class Shown:
    """Which goals are shown: the first parts of each, spent level by level from the top.

    Attributes:
        parts: the parts that are shown of each goal, -1 for those at the top.
        hidden: how many parts of each goal are not, where some are not.
        count: how many goals are shown.
    """

    parts: Mapping[int, Sequence[int]]
    hidden: Mapping[int, int]
    count: int


def shown(columns: GoalColumns, depth: int | None, rows: int, most_parts: int | None = None) -> Shown:
    """The goals that are shown in so many rows: whole levels first, then as many of each goal's parts as there is room.

    Nothing is looked at that is not shown, so that a million goals cost no more than the rows.
    """
    order, starts = columns.below
    parts: dict[int, list[int]] = {}
    hidden: dict[int, int] = {}
    count, level, frontier = 0, 0, [-1]
    while frontier:
        spans = [(0, int(starts[0])) if one < 0 else (int(starts[one]), int(starts[one + 1])) for one in frontier]
        sizes = [end - start for start, end in spans]
        room = rows - count if depth is None or level < depth else 0
        takes = _spread([size if most_parts is None else min(size, most_parts) for size in sizes], room)
        below: list[int] = []
        for one, (start, _), size, take in zip(frontier, spans, sizes, takes, strict=True):
            if take:
                parts[one] = order[start : start + take].tolist()
                below += parts[one]
            if take < size:
                hidden[one] = size - take
        count, level, frontier = count + len(below), level + 1, below
    return Shown(parts, hidden, count)


def _spread(sizes: Sequence[int], room: int) -> list[int]:
    """How much of each is taken when there is room for so much: all alike, as far as they go, the first a bit more."""
    if sum(sizes) <= room:
        return list(sizes)
    low, high = 0, max(sizes)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if sum(min(size, middle) for size in sizes) <= room else (low, middle - 1)
    takes = [min(size, low) for size in sizes]
    left = room - sum(takes)
    for place, size in enumerate(sizes):
        if left and size > takes[place]:
            takes[place] += 1
            left -= 1
    return takes


def _walk(seen: Shown) -> Iterator[tuple[int | None, str, int]]:
    """Every goal that is shown with the branch drawn before it, each before its own parts; None for those folded."""
    waiting: list[tuple[int | None, str, str, int]] = []

    def put(place: int, stem: str) -> None:
        below, more = seen.parts.get(place, ()), seen.hidden.get(place, 0)
        rows: list[tuple[int | None, int]] = [(part, 0) for part in below]
        # Where nothing of a goal is shown, its own row says how much there is.
        rows += [(None, more)] if below and more else []
        for position in range(len(rows) - 1, -1, -1):
            lead, inner = ("└─ ", "   ") if position == len(rows) - 1 else ("├─ ", "│  ")
            if place < 0:
                lead = inner = ""
            waiting.append((rows[position][0], stem + lead, stem + inner, rows[position][1]))

    put(-1, "")
    while waiting:
        place, branch, stem, more = waiting.pop()
        if place is None:
            yield None, branch, more
            continue
        yield place, branch, 0 if place in seen.parts else seen.hidden.get(place, 0)
        put(place, stem)


def report_text(report: GoalReport, depth: int | None, limit: int) -> str:
    """A report as a table."""
    columns = report.columns
    dated, by_hand = report.as_of is not None, bool(report.by_hand)
    header = ["goal", "owner", "baseline", "target", "value", "progress", *(["by hand"] if by_hand else [])]
    header += ["expected", "health", "coverage"] if dated else ["coverage"]
    left = [place for place, name in enumerate(header) if name in ("goal", "owner", "by hand", "health")]
    return _text(columns, depth, limit, header, left, lambda place: _row(report, place, dated=dated, by_hand=by_hand))


def tree_text(columns: GoalColumns, depth: int | None, limit: int) -> str:
    """A tree as a table."""

    def row(place: int) -> list[str]:
        goal = columns.goal(place)
        weight = "auto" if goal.weight is None else decimal_text(round_decimal(goal.weight, 2))
        by = goal.roll_up.replace("_", " ") if len(columns.parts(place)) else ""
        return [clipped(goal.owner, _OWNER), *_points(columns, place), weight, by]

    return _text(columns, depth, limit, ["goal", "owner", "baseline", "target", "weight", "roll-up"], (0, 1, 5), row)


def _text(
    columns: GoalColumns,
    depth: int | None,
    limit: int,
    header: list[str],
    left: Sequence[int],
    row: Callable[[int], list[str]],
) -> str:
    seen = shown(columns, depth, limit)
    rows = [header]
    for place, branch, more in _walk(seen):
        if place is None:
            rows.append([f"{branch}... {more:,} more", *[""] * (len(header) - 1)])
            continue
        folded = f" ... {more:,} more" if more else ""
        rows.append([_name(columns, place, branch) + folded, *row(place)])
    rest = len(columns) - seen.count
    return table(rows, left) + (f"\n... {rest:,} more goals" if rest and depth is None else "")


# A title that is longer is cut in a table, which has to fit on a screen; it stands whole in a brief and a notebook.
_TITLE, _OWNER = 48, 20


def _name(columns: GoalColumns, place: int, branch: str) -> str:
    name = branch + clipped(columns.text("title", place) or columns.ids[place], _TITLE)
    also = [f"{clipped(to, _OWNER)} {share}" for to, share in drives_of(columns, place)]
    return f"{name} → {', '.join(also)}" if also else name


def drives_of(columns: GoalColumns, place: int) -> list[tuple[str, str]]:
    """The further goals that a goal drives, and which share of it counts there, in percent."""
    if place not in columns.rich:
        return []
    return [
        (part.to, f"{decimal_text(round_decimal(100 * part.share, 1))}%") for part in columns.rich[place].contributes
    ]


def _in_place_of(report: GoalReport, place: int) -> str:
    """What was worked out where something else was put in by hand."""
    computed = np.nan if report.computed is None else report.computed[place]
    return "nothing known" if np.isnan(computed) else f"{computed:.1%}"


def _row(report: GoalReport, place: int, *, dated: bool, by_hand: bool) -> list[str]:
    columns = report.columns
    progress, value, expected = report.progress[place], report.value[place], report.expected[place]
    known = not np.isnan(value) and columns.kind[place] != 0
    cells = [
        clipped(columns.text("owner", place), _OWNER),
        *_points(columns, place),
        amount(float(value), columns.text("unit", place)) if known else "",
        "-" if np.isnan(progress) else f"{progress:.1%}",
    ]
    if by_hand:
        cells.append(f"in place of {_in_place_of(report, place)}" if place in report.by_hand else "")
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
    return f"{decimal_text(round_short(value))} {unit}".strip()


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
.pk-goals{font:13px/1.5 system-ui,sans-serif;max-width:72em;overflow-x:auto;font-variant-numeric:tabular-nums}
.pk-goals p{margin:.1em 0 .3em;font-weight:600;font-size:14px}.pk-goals p span{font-weight:400;font-size:13px}
.pk-goals summary{cursor:pointer}
.pk-goals summary::-webkit-details-marker{display:none}
.pk-goals summary{list-style:none}
.pk-goals .r{display:flex;gap:.7em;align-items:center;padding:2px 4px;min-width:64em;box-sizing:border-box;
border-bottom:1px solid rgba(128,128,128,.18)}
.pk-goals .n,.pk-goals .v,.pk-goals .o{overflow-wrap:anywhere}
.pk-goals .n{flex:1;min-width:12em;box-sizing:border-box}.pk-goals .o{width:6em;flex:none;opacity:.75}
.pk-goals .v{width:17em;text-align:right;opacity:.75}
.pk-goals .v,.pk-goals .w,.pk-goals .p,.pk-goals .h,.pk-goals .c{flex:none}
.pk-goals .w{width:3.6em;text-align:right;opacity:.75}.pk-goals .p{width:4.6em;text-align:right}
.pk-goals .h{width:7em;padding-left:.5em}.pk-goals .c{width:3.2em;text-align:right;opacity:.75}
.pk-goals .head{font-weight:600;border-bottom-width:2px}
.pk-goals .b{position:relative;width:6em;height:.75em;border-radius:.4em;background:rgba(128,128,128,.22);flex:none}
.pk-goals .b i{position:absolute;left:0;top:0;bottom:0;border-radius:.4em;background:currentColor;opacity:.75}
.pk-goals .b u{position:absolute;top:-.15em;bottom:-.15em;width:2px;background:currentColor}
.pk-goals .good{color:#1a7f4b}.pk-goals .fair{color:#8a6100}
.pk-goals .poor{color:#c0392b}.pk-goals .none{color:#6b6b6b}
.pk-goals .t::before{content:"\25b8";display:inline-block;width:1em;opacity:.6}
.pk-goals details[open]>summary .t::before{content:"\25be"}
.pk-goals .l::before{content:"";display:inline-block;width:1em}
.pk-goals .m{padding:2px 4px;opacity:.75}.pk-goals .d{opacity:.75}
@media (prefers-color-scheme:dark){
.pk-goals .good{color:#4cc38a}.pk-goals .fair{color:#e2b33c}.pk-goals .poor{color:#ff7b72}
.pk-goals .none{color:#a0a0a0}}
</style>"""


def report_html(report: GoalReport) -> str:
    """A report as HTML that folds, without a script: bars with what is expected, health by shape and colour."""
    header = "<span class='n'>goal</span><span class='o'>owner</span><span class='v'>value of target</span>"
    header += "<span class='w'>weight</span><span class='b' style='visibility:hidden'></span>"
    header += "<span class='p'>progress</span><span class='h'>health</span><span class='c'>seen</span>"
    day = "" if report.as_of is None else f"{report.as_of}"
    return _html(report.columns, ("progress", day), header, lambda place: _report_cells(report, place))


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

    return _html(columns, ("goals", ""), header, cells)


def _html(columns: GoalColumns, title: tuple[str, str], header: str, cells: Callable[[int], str]) -> str:
    """Rows that fold under each other, opened and closed as the walk goes down and up; deep trees need no recursion."""
    notes = "".join(f"<span class='d'> · {note}</span>" for note in (title[1], count(len(columns), "goal")) if note)
    out = [_STYLE, f"<div class='pk-goals'><p>{title[0]}{notes}</p><div class='r head'>{header}</div>"]
    seen = shown(columns, None, _MOST_ROWS, _MOST_PARTS)
    waiting: list[tuple[int, int] | str] = []

    def put(place: int, level: int) -> None:
        below, more = seen.parts.get(place, ()), seen.hidden.get(place, 0)
        if below and more:
            waiting.append(f"<div class='m' style='padding-left:{1.2 * level + 1:.1f}em'>... {more:,} more</div>")
        waiting.extend((part, level) for part in reversed(below))

    put(-1, 0)
    while waiting:
        step = waiting.pop()
        if isinstance(step, str):
            out.append(step)
            continue
        place, level = step
        is_open = place in seen.parts
        row = f"<div class='r'>{_html_name(columns, place, level, seen)}{cells(place)}</div>"
        if not is_open:
            out.append(row)
            continue
        out.append(f"<details{' open' if level < _OPEN_LEVELS else ''}><summary>{row}</summary>")
        waiting.append("</details>")
        put(place, level + 1)
    if seen.count < len(columns):
        out.append(f"<div class='r'>{seen.count:,} of {len(columns):,} goals shown</div>")
    return "".join([*out, "</div>"])


def _html_name(columns: GoalColumns, place: int, level: int, seen: Shown) -> str:
    """The title of a goal, with what it drives besides the goal above it, and how many parts are folded into it."""
    is_open = place in seen.parts
    title = one_line(columns.text("title", place) or columns.ids[place])
    also = drives_of(columns, place)
    told = "".join(f"; also drives {to} ({share})" for to, share in also)
    mark = f" <span class='d'>→ {escape(', '.join(f'{to} {share}' for to, share in also))}</span>" if also else ""
    more = 0 if is_open else seen.hidden.get(place, 0)
    folded = f" <span class='d'>... {more:,} more</span>" if more else ""
    return (
        f"<span class='n' style='padding-left:{1.2 * level:.1f}em' title='{escape(columns.ids[place] + told)}'>"
        f"<span class='{'t' if is_open else 'l'}'></span>{escape(title)}{mark}{folded}</span>"
    )


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
        f"{_progress_cell(report, place)}"
        f"<span class='h {tone}'>{state}</span><span class='c'>{report.coverage[place]:.0%}</span>"
    )


def _progress_cell(report: GoalReport, place: int) -> str:
    """Progress in percent; with a mark, and what was worked out, where it was put in by hand."""
    progress = report.progress[place]
    told = "" if np.isnan(progress) else f"{progress:.1%}"
    if place not in report.by_hand:
        return f"<span class='p'>{told}</span>"
    override, computed = report.by_hand[place], _in_place_of(report, place)
    by = f" by {override.by}" if override.by else ""
    why = f": {one_line(override.reason)}" if override.reason else ""
    title = escape(f"put in{by or ' by hand'} in place of {computed}{why}")
    return f"<span class='p' title='{title}'>✎ {told}<br><span class='d'>{computed}</span></span>"


def _tone(report: GoalReport, state: str | None) -> str:
    """Whether a state is drawn as good, fair or poor."""
    if state is None or state in ("not_started", "pending"):
        return "none"
    shape = shape_of(report, state)
    return "good" if shape in "★▲●" else ("poor" if shape in "▼✕" else "fair")
