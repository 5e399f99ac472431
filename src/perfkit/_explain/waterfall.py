"""A waterfall: how the parts of a sum lead to the whole, drawn in SVG without a script."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from html import escape
from typing import TYPE_CHECKING

from perfkit._core.layout import clipped, width_of
from perfkit._explain.catalogue import Catalogue
from perfkit._explain.values import as_fraction, is_number, together

if TYPE_CHECKING:
    from perfkit.explain import Explanation

_WIDTH, _LINE, _BAR, _MOST, _LETTERS = 640, 24, 14, 16, 34
_STYLE = (
    "<style>.pk-w .up{fill:#1a7f4b}.pk-w .down{stroke:#c0392b}"
    "@media (prefers-color-scheme:dark){.pk-w .up{fill:#4cc38a}.pk-w .down{stroke:#ff7b72}}</style>"
)

Step = tuple[str, str, Fraction]


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


def waterfall(root: Explanation, catalogue: Catalogue) -> str:
    """The parts of the first sum as bars that lead to the whole; nothing where no parts add up."""
    node = summed(root)
    if node is None:
        return ""
    steps = _steps(node, catalogue)
    start = node.params.get("before") if node.code == "changed" else None
    first = as_fraction(start) if is_number(start) else Fraction(0)
    opening = [(catalogue.says("before", "", {}) or "", _value(start, node, catalogue), first)] if first else []
    whole = first + as_fraction(node.value)
    closing = (catalogue.name(node.code, node.label, node.params), _value(node.value, node, catalogue), whole)
    if node.code == "changed":
        closing = (catalogue.says("after", "", {}) or "", _value(node.params.get("after"), node, catalogue), whole)
    return _drawn(opening, steps, closing, first, phrase=f"{closing[0]}: {closing[1]}")


def _value(value: object, node: Explanation, catalogue: Catalogue) -> str:
    return catalogue.value(value) + (f" {node.unit}" if node.unit else "")


def _steps(node: Explanation, catalogue: Catalogue) -> list[Step]:
    """A bar for each part, in their order; of very many the largest, and one for all the others."""
    parts = [part for part in node.parts if is_number(part.value)]
    if len(parts) > _MOST:
        by_size = sorted(range(len(parts)), key=lambda place: (-abs(as_fraction(parts[place].value)), place))
        kept = set(by_size[: _MOST - 1])
        rest = [part for place, part in enumerate(parts) if place not in kept]
        others = type(node)("folded", together("sum", [part.value for part in rest]), params={"count": len(rest)})
        parts = [*(part for place, part in enumerate(parts) if place in kept), others]
    return [
        (
            catalogue.name(part.code, part.label, part.params),
            catalogue.value(part.value) + (f" {part.unit}" if part.unit else ""),
            as_fraction(part.value),
        )
        for part in parts
    ]


def _drawn(opening: Sequence[Step], steps: Sequence[Step], closing: Step, first: Fraction, phrase: str) -> str:
    names = [clipped(name, _LETTERS) for name, _, _ in (*opening, *steps, closing)]
    left = 12 + 6.6 * max(map(width_of, names))
    right = 16 + 6.8 * max(width_of(told) for _, told, _ in (*opening, *steps, closing))
    levels = [Fraction(0), first]
    for _, _, size in steps:
        levels.append(levels[-1] + size)
    low, high = min(levels), max(levels)
    span = high - low or Fraction(1)

    def across(level: Fraction) -> float:
        return left + float((level - low) / span) * (_WIDTH - left - right)

    height = _LINE * len(names) + 6
    parts = [_line(across(Fraction(0)), 0, across(Fraction(0)), height, ".45")]
    level, line = first, 0
    for _ in opening:
        parts.append(_total(across(Fraction(0)), across(first), line))
        line += 1
    for _, _, size in steps:
        parts += _bar(across(level), across(level + size), line)
        level += size
        # What was reached leads on to the next bar.
        parts.append(_line(across(level), _LINE * line + 19, across(level), _LINE * (line + 1) + 5, ".6"))
        line += 1
    parts.append(_total(across(Fraction(0)), across(level), line))
    for place, (name, (whole_name, told, _)) in enumerate(zip(names, (*opening, *steps, closing), strict=True)):
        y = _LINE * place + 16
        weight = ' font-weight="600"' if place >= len(names) - 1 or place < len(opening) else ""
        parts.append(f'<text x="0" y="{y}"{weight}>{escape(name)}<title>{escape(whole_name)}</title></text>')
        parts.append(f'<text x="{_WIDTH}" y="{y}" text-anchor="end"{weight}>{escape(told)}</text>')
    return (
        f'<svg class="pk-w" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" width="{_WIDTH}" '
        f'role="img" aria-label="{escape(phrase)}" fill="currentColor" font-family="system-ui,sans-serif" '
        f'font-size="12">{_STYLE}{"".join(parts)}</svg>'
    )


def _bar(start: float, end: float, line: int) -> list[str]:
    """A step up is filled, a step down is hatched, and no step is a thin mark: told apart without colour too."""
    x, width, y = min(start, end), abs(end - start), _LINE * line + 5
    if width < 1:
        return [f'<rect x="{start - 1:.1f}" y="{y}" width="2" height="{_BAR}" fill-opacity=".7"/>']
    if end > start:
        return [f'<rect class="up" x="{x:.1f}" y="{y}" width="{width:.1f}" height="{_BAR}" fill-opacity=".85"/>']
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
    return f'<rect x="{x:.1f}" y="{_LINE * line + 5}" width="{width:.1f}" height="{_BAR}" fill-opacity=".6"/>'


def _line(x1: float, y1: float, x2: float, y2: float, opacity: str) -> str:
    places = f'x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"'
    return f'<line {places} stroke="currentColor" stroke-opacity="{opacity}"/>'
