"""A waterfall: how the parts of a sum lead to the whole, drawn in SVG without a script."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from html import escape
from typing import TYPE_CHECKING, NamedTuple

from perfkit._core.layout import clipped, width_of
from perfkit._explain.catalogue import Catalogue
from perfkit._explain.lines import is_noise
from perfkit._explain.values import as_fraction, is_number, together

if TYPE_CHECKING:
    from perfkit.explain import Explanation

_WIDTH, _LINE, _BAR, _MOST, _LETTERS = 640, 24, 14, 16, 40
_STYLE = (
    "<style>.pk-w .up{fill:#1a7f4b}.pk-w .down{stroke:#c0392b}"
    "@media (prefers-color-scheme:dark){.pk-w .up{fill:#4cc38a}.pk-w .down{stroke:#ff7b72}}</style>"
)


# Steps that lead from one number to another, which stands before them.
_CHANGES = ("changed", "bridge")


def summed(root: Explanation) -> Explanation | None:
    """The first step from the top whose parts add up, and are at least two; None where there is none."""
    node = root
    while True:
        counted = [part for part in node.parts if is_number(part.value)]
        if node.relation == "sum" and is_number(node.value) and len(counted) > 1:
            return node
        if len(node.parts) != 1:
            return None
        node = node.parts[0]


class Bar(NamedTuple):
    """One bar: what it is called, its amount in words, and from where to where it goes."""

    name: str
    told: str
    start: Fraction
    end: Fraction
    is_total: bool


def bars(root: Explanation, catalogue: Catalogue) -> list[Bar] | None:
    """The bars of the first sum, the whole at the end, and at the start for a change; None where no parts add up."""
    node = summed(root)
    if node is None:
        return None
    drawn, level = [], Fraction(0)
    changed = node.code in _CHANGES
    if changed and is_number(node.params.get("before")):
        level = as_fraction(node.params["before"])
        told = _value(node.params["before"], node, catalogue)
        drawn.append(Bar(catalogue.says("before", "", {}) or "", told, Fraction(0), level, True))
    for part in _parts(node):
        size = as_fraction(part.value)
        drawn.append(Bar(_name(part, catalogue), _signed(part, node, catalogue), level, level + size, False))
        level += size
    name = catalogue.says("after", "", {}) if changed else catalogue.name(node.code, node.label, node.params)
    whole = node.params.get("after") if changed else node.value
    drawn.append(Bar(name or "", _value(whole, node, catalogue), Fraction(0), level, True))
    return drawn


def waterfall(root: Explanation, catalogue: Catalogue) -> str:
    """The parts of the first sum as bars that lead to the whole, in SVG; nothing where no parts add up."""
    drawn = bars(root, catalogue)
    return "" if drawn is None else _drawn(drawn)


def _value(value: object, node: Explanation, catalogue: Catalogue) -> str:
    return catalogue.value(value) + (f" {node.unit}" if node.unit else "")


def _parts(node: Explanation) -> list[Explanation]:
    """The parts that count, in their order; of very many the largest, and one that stands for all the others."""
    parts = [part for part in node.parts if is_number(part.value) and not is_noise(node, part)]
    if len(parts) <= _MOST:
        return parts
    by_size = sorted(range(len(parts)), key=lambda place: (-abs(as_fraction(parts[place].value)), place))
    kept = set(by_size[: _MOST - 1])
    rest = [part for place, part in enumerate(parts) if place not in kept]
    others = type(node)("folded", together("sum", [part.value for part in rest]), params={"count": len(rest)})
    return [*(part for place, part in enumerate(parts) if place in kept), others]


def _name(part: Explanation, catalogue: Catalogue) -> str:
    """What a bar is called; one of a change is called as what changed."""
    if part.code == "changed":
        own = {name: value for name, value in part.params.items() if name != "about_code"}
        return catalogue.name(str(part.params.get("about_code", part.code)), part.label, own)
    return catalogue.name(part.code, part.label, part.params)


def _signed(part: Explanation, node: Explanation, catalogue: Catalogue) -> str:
    plus = "+" if node.code in _CHANGES and as_fraction(part.value) > 0 else ""
    return plus + _value(part.value, part, catalogue)


def _drawn(drawn: Sequence[Bar]) -> str:
    names = [clipped(bar.name, _LETTERS) for bar in drawn]
    left = 12 + 7.3 * max(map(width_of, names))
    right = 16 + 6.8 * max(width_of(bar.told) for bar in drawn)
    low = min(min(bar.start, bar.end) for bar in drawn)
    span = max(max(bar.start, bar.end) for bar in drawn) - low or Fraction(1)

    def across(level: Fraction) -> float:
        return left + float((level - low) / span) * (_WIDTH - left - right)

    height = _LINE * len(drawn) + 6
    parts = [_line(across(Fraction(0)), 0, across(Fraction(0)), height, ".45")]
    for place, (name, bar) in enumerate(zip(names, drawn, strict=True)):
        start, end, y = across(bar.start), across(bar.end), _LINE * place + 16
        parts += [_total(start, end, place)] if bar.is_total else _bar(start, end, place)
        if place + 1 < len(drawn):
            # What was reached leads on to the next bar.
            parts.append(_line(end, y + 3, end, y + 13, ".6"))
        weight = ' font-weight="600"' if bar.is_total else ""
        parts.append(f'<text x="0" y="{y}"{weight}>{escape(name)}<title>{escape(bar.name)}</title></text>')
        parts.append(f'<text x="{_WIDTH}" y="{y}" text-anchor="end"{weight}>{escape(bar.told)}</text>')
    said = escape(f"{drawn[-1].name}: {drawn[-1].told}")
    return (
        f'<svg class="pk-w" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" width="{_WIDTH}" '
        f'role="img" aria-label="{said}" fill="currentColor" font-family="system-ui,sans-serif" '
        f'font-size="12">{_STYLE}{"".join(parts)}</svg>'
    )


def _bar(start: float, end: float, line: int) -> list[str]:
    """A step up is filled, a step down is hatched, and no step is a thin mark: told apart without colour too."""
    x, width, y = min(start, end), abs(end - start), _LINE * line + 5
    if width < 1:
        return [f'<rect x="{start - 1:.1f}" y="{y}" width="2" height="{_BAR}" fill-opacity=".7"/>']
    if end > start:
        return [f'<rect class="up" x="{x:.1f}" y="{y}" width="{width:.1f}" height="{_BAR}" fill-opacity=".7"/>']
    strokes = []
    for offset in range(-_BAR, int(width) + 1, 5):
        low, high = max(0.0, -float(offset)), min(float(_BAR), width - offset)
        if high > low:
            strokes.append(
                f"M{x + offset + low:.1f} {y + _BAR - low:.1f}L{x + offset + high:.1f} {y + _BAR - high:.1f}"
            )
    hatch = f'<path class="down" d="{"".join(strokes)}" fill="none" stroke-width="1.3"/>' if strokes else ""
    outline = (
        f'<rect class="down" x="{x:.1f}" y="{y}" width="{width:.1f}" height="{_BAR}" fill="none" stroke-width="1.3"/>'
    )
    return [hatch, outline]


def _total(start: float, end: float, line: int) -> str:
    x, width = min(start, end), max(abs(end - start), 2.0)
    return f'<rect x="{x:.1f}" y="{_LINE * line + 5}" width="{width:.1f}" height="{_BAR}" fill-opacity=".85"/>'


def _line(x1: float, y1: float, x2: float, y2: float, opacity: str) -> str:
    places = f'x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"'
    return f'<line {places} stroke="currentColor" stroke-opacity="{opacity}"/>'
