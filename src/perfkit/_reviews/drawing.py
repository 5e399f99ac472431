"""A history in SVG: points, the centre, the limits, and signals told by their shape."""

from __future__ import annotations

from collections.abc import Sequence, Set
from typing import Any

from perfkit._core.notebook import Markup

_WIDTH, _HEIGHT, _EDGE = 640, 180, 14


def drawn(values: Sequence[Any], lines: Sequence[Sequence[Any]], signals: Set[int]) -> Markup:
    """A history as a picture.

    Args:
        values: each value.
        lines: the centre, the lower and the upper limit at each value; None where there is none.
        signals: the positions that are marked by a diamond.
    """
    seen = [float(one) for line in (values, *lines) for one in line if one is not None]
    low = min(seen)
    span = max(seen) - low or 1.0

    def place(at: int, value: Any) -> tuple[float, float]:
        across = _EDGE + (at + 0.5) * (_WIDTH - 2 * _EDGE) / len(values)
        return across, _HEIGHT - _EDGE - (float(value) - low) / span * (_HEIGHT - 2 * _EDGE)

    parts = []
    for line, dashes in zip(lines, ("", "5 4", "5 4"), strict=True):
        path = _path([None if value is None else place(at, value) for at, value in enumerate(line)])
        parts.append(f'<path d="{path}" stroke-opacity=".6" stroke-dasharray="{dashes}"/>')
    parts.append(f'<path d="{_path([place(at, value) for at, value in enumerate(values)])}" stroke-opacity=".8"/>')
    for at, value in enumerate(values):
        x, y = place(at, value)
        if at in signals:
            parts.append(f'<path d="M{x:.1f} {y - 7:.1f}l7 7l-7 7l-7 -7z" fill="currentColor"/>')
        else:
            parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="2.5" fill="currentColor"/>')
    return Markup(
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" width="{_WIDTH}" fill="none" '
        f'stroke="currentColor">{"".join(parts)}</svg>'
    )


def _path(places: Sequence[tuple[float, float] | None]) -> str:
    drawing, steps = False, []
    for place in places:
        if place is not None:
            steps.append(f"{'L' if drawing else 'M'}{place[0]:.1f} {place[1]:.1f}")
        drawing = place is not None
    return "".join(steps)
