"""Bridges, charts, advice and briefs as a notebook shows them, in any language."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from perfkit._core.notebook import Markup, bar, grid, heading, indented, shown, topic, view
from perfkit._core.numbers import round_decimal
from perfkit._reviews.drawing import drawn
from perfkit._reviews.phrases import language_of, phrase, written
from perfkit.explain import Catalogue, Explanation
from perfkit.money import Money, minor_per_major

if TYPE_CHECKING:
    from perfkit._reviews.bridge import Bridge
    from perfkit._reviews.brief import ReviewBrief
    from perfkit._reviews.chart import ChartLimits, ControlChart
    from perfkit._reviews.levers import Lever, WhatItTakes
    from perfkit._reviews.smoothing import EwmaChart

_LINES = ("center", "lower", "upper")
_MOST_VALUES = 24


def bridge_html(bridge: Bridge, rows: Sequence[Sequence[str]], catalogue: Mapping[str, str]) -> str:
    """What led from before to after, as a waterfall and as a table."""
    language = language_of(catalogue)
    return view(
        heading(language.label(bridge.label or bridge.of), language.label(bridge.of) if bridge.label else ""),
        Markup(bridge.explain().waterfall(_with_ends(language, bridge.names))),
        grid(("", "", ""), rows, left=(0, 1), strong=(0, len(rows) - 1)),
        language=language.language,
    )


def _with_ends(language: Catalogue, names: tuple[str, str]) -> Catalogue:
    """A language in which the two sides of a change are called by their own names."""
    first, last = (language.label(name).replace("{", "{{").replace("}", "}}") for name in names)
    return language.adapted({"before": first, "after": last})


def chart_html(chart: ControlChart, rows: Sequence[Sequence[str]], catalogue: Mapping[str, str]) -> str:
    """The verdict, the picture, and the last values with their limits."""
    return _history_html(
        heading(_verdict(chart, catalogue), chart.unit), chart_picture(chart, catalogue), rows, catalogue
    )


def _history_html(head: Markup, picture: Markup, rows: Sequence[Sequence[str]], catalogue: Mapping[str, str]) -> str:
    language = language_of(catalogue)
    header, *values = rows
    more = len(values) - _MOST_VALUES
    rest = (language.says("folded", "", {"count": more}) or "") if more > 0 else ""
    return view(
        head,
        picture,
        Markup(f"<p class='d'>{rest}</p>") if rest else "",
        grid(header, values[-_MOST_VALUES:], left=(0, len(header) - 1)),
        language=language.language,
    )


def _verdict(chart: ControlChart, catalogue: Mapping[str, str]) -> str:
    last = chart.limits[-1]
    ends = {"lower": last.lower, "upper": last.upper}
    shown = {name: None if end is None else rounded(end, last) for name, end in ends.items()}
    return phrase(f"history_{chart.verdict}", shown, catalogue)


def rounded(end: Any, limits: ChartLimits) -> Decimal:
    """A limit to about a hundredth of a sigma: more digits tell nothing of what varies so much."""
    sigma = float(limits.sigma or 0)
    return round_decimal(end, max(0, 2 - math.floor(math.log10(sigma))) if sigma > 0 else 6)


def chart_picture(chart: ControlChart, catalogue: Mapping[str, str]) -> Markup:
    """A chart as a picture, its lines, signals and days in words."""
    at_each = [chart.limits_at(at) for at in range(len(chart.values))]
    lines = [[getattr(one, name) for one in at_each] for name in _LINES]
    return drawn(
        chart.values,
        lines,
        {signal.at for signal in chart.signals},
        names=[
            _named(name, None if line[-1] is None else rounded(line[-1], at_each[-1]), catalogue)
            for name, line in zip(_LINES, lines, strict=True)
        ],
        places=_places(chart.days, len(chart.values), catalogue),
        told=[written(value, catalogue) for value in chart.values],
        title=_verdict(chart, catalogue),
    )


def _named(line: str, value: Any, catalogue: Mapping[str, str]) -> str:
    name = phrase("chart_centre" if line == "center" else f"chart_{line}", {}, catalogue)
    return f"{name} {written(value, catalogue)}"


def _places(days: Sequence[Any], count: int, catalogue: Mapping[str, str]) -> list[str]:
    return [written(day, catalogue) for day in days] or [str(place) for place in range(count)]


def ewma_html(chart: EwmaChart, rows: Sequence[Sequence[str]], catalogue: Mapping[str, str]) -> str:
    """The verdict on a smoothed history, the picture, and the last values with their averages and limits."""
    lines: list[Sequence[Any]] = [[chart.center] * len(chart.values), chart.lower, chart.upper]
    ends = {name: _short(line[-1]) for name, line in zip(_LINES, lines, strict=True)}
    verdict = phrase(f"history_{chart.verdict}", {"lower": ends["lower"], "upper": ends["upper"]}, catalogue)
    picture = drawn(
        chart.smoothed,
        lines,
        set(chart.signals),
        names=[_named(name, ends[name], catalogue) for name in _LINES],
        places=_places(chart.days, len(chart.values), catalogue),
        told=[written(_short(value), catalogue) for value in chart.smoothed],
        title=verdict,
    )
    return _history_html(heading(verdict), picture, rows, catalogue)


def _short(value: float) -> float:
    return float(f"{value:.6g}")


Told = Callable[["Lever"], tuple[str, ...]]


def advice_html(blocks: Sequence[object], catalogue: Mapping[str, str]) -> str:
    """What it would take, the outcome as its heading."""
    return view(heading(blocks[0]), *blocks[1:], language=language_of(catalogue).language)


def advice_blocks(advice: WhatItTakes, told: Told, catalogue: Mapping[str, str]) -> list[object]:
    """What it would take, piece by piece: the outcome, each lever that suffices, those that do not, the cheapest mix.

    Args:
        advice: what it would take.
        told: the cells of a lever: its name, from where to where, and its rates.
        catalogue: the language.
    """

    def say(code: str, **params: Any) -> str:
        return phrase(code, params, catalogue)

    def moves(levers: Sequence[Lever]) -> Markup:
        rows = [told(one) for one in levers]
        # A column in which nobody has anything takes no room.
        kept = [place for place in range(len(rows[0])) if any(row[place] for row in rows)]
        return grid([""] * len(kept), [[row[place] for place in kept] for row in rows])

    known = {"of": advice.of, "wanted": advice.wanted, "now": advice.now}
    if advice.is_reached:
        return [say("lever_reached", **known)]
    blocks: list[object] = [say("lever_wanted", **known)]
    if advice.levers:
        blocks += [aside(say("lever_any")), moves(advice.levers)]
    if advice.short:
        language = language_of(catalogue)
        best = say("lever_best")
        rows = [
            (
                language.label(one.label),
                best,
                written(as_money(one.best, one.currency), catalogue),
                say("lever_gives", outcome=one.outcome),
                "" if one.is_best else say("lever_found_best"),
            )
            for one in advice.short
        ]
        blocks += [aside(say("lever_not_enough")), grid([""] * 5, rows, left=(0, 1, 3, 4))]
    if advice.mix:
        code = "lever_cheapest" if advice.is_least else "lever_cheapest_found"
        blocks += [aside(say(code, cost=advice.cost)), moves(advice.mix)]
    if not advice.is_reachable:
        tried = [one.label for one in advice.short]
        blocks.append(paragraph(say("lever_none", tried=tried, all_at_best=advice.all_at_best)))
        if advice.stops:
            stops = [(stop_text(one, catalogue),) for one in advice.stops]
            blocks += [aside(say("lever_stops")), grid(("",), stops, left=(0,), wide=(0,))]
    elif not advice.levers and not advice.mix:
        blocks.append(paragraph(say("lever_several", all_at_best=advice.all_at_best)))
    return blocks


Section = tuple[str, str, Sequence[tuple[str, str]]]


def brief_html(
    brief: ReviewBrief, title: str, sections: Iterable[Section], advice: Sequence[object], catalogue: Mapping[str, str]
) -> str:
    """A brief section by section: bars of progress, a waterfall of what moved, histories, and lines of text.

    Args:
        brief: the brief.
        title: its heading.
        sections: the name of each section that says something, its heading, and its lines of a label and what is said.
        advice: what it would take, as blocks; nothing where it does not say.
        catalogue: the language.
    """
    language = language_of(catalogue)
    blocks: list[object] = []
    for name, head, lines in sections:
        blocks.append(topic(head))
        if name == "goals":
            bars = [_progress(status.progress, status.expected) for status in brief.goals]
            rows = [(label, mark, said) for (label, said), mark in zip(lines, bars, strict=True)]
            blocks.append(grid(("", "", ""), rows, left=(0, 1, 2), wide=(0, 2)))
        elif name == "moved":
            heads = [line for line in lines if not line[0].startswith(" ")]
            for head_line, one in zip(heads, brief.moved, strict=True):
                picture = one.explain().waterfall(_with_ends(language, one.names))
                blocks += [_lines([head_line]), Markup(picture)] if picture else [_lines(lines)]
        elif name == "signals":
            pictures = [chart_picture(chart, catalogue) for _, chart in brief.histories]
            for line, picture in zip(lines, pictures, strict=True):
                blocks += [_lines([line]), picture]
        elif name == "levers":
            blocks += [paragraph(advice[0]), *advice[1:]] if advice else []
            # The lines of the advice stand in its tables; what a percent is worth follows them.
            told = 0 if brief.next_level is None else len(brief.next_level.text(catalogue).split("\n"))
            blocks += [paragraph(said) for _, said in lines[told:]]
        else:
            blocks.append(_lines(lines))
    return view(heading(title), *blocks, language=language.language)


def as_money(value: Any, currency: str) -> Any:
    """A place along a column of minor units as an amount; any other, or one that is finer than these, as it is."""
    if not currency or (Fraction(value) * minor_per_major(currency)).denominator > 1:
        return value
    return Money(value, currency)


def stop_text(one: Explanation, catalogue: Mapping[str, str]) -> str:
    """What stands in the way, with its name where what is said of it has none."""
    said, label = one.phrase(catalogue), language_of(catalogue).label(one.label)
    return said if label in said else f"{label}: {said}"


def aside(told: object) -> Markup:
    """A sentence that leads to what stands below it."""
    return Markup(f"<p class='d'>{shown(told)}</p>")


def paragraph(told: object) -> Markup:
    """A sentence by itself."""
    return Markup(f"<p>{shown(told)}</p>")


def _lines(lines: Sequence[tuple[str, str]]) -> Markup:
    """Labels and what is said of them; what stands below another is set in."""
    rows = [(indented(label.strip(), len(label) - len(label.lstrip())), said) for label, said in lines]
    return grid(("", ""), rows, left=(0, 1), wide=(0, 1))


def _progress(progress: float | None, expected: float | None) -> Markup:
    """How far a goal is as a bar, and what was expected as a mark on it."""
    return bar(progress or 0.0, mark=expected)
