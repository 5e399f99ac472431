"""A history in SVG: points, the centre, the limits, and signals told by their shape, each in words as well."""

from __future__ import annotations

from collections.abc import Iterator, Sequence, Set
from html import escape
from typing import Any

from perfkit._core.layout import width_of
from perfkit._core.notebook import Markup

_WIDTH, _HEIGHT, _TOP, _BOTTOM, _EDGE, _LETTER, _LINE, _MARK, _MOST_PLACES = 640, 190, 16, 26, 10, 6.6, 13, 11, 8


def drawn(
    values: Sequence[Any],
    lines: Sequence[Sequence[Any]],
    signals: Set[int],
    *,
    names: Sequence[str],
    places: Sequence[str],
    told: Sequence[str],
    title: str = "",
) -> Markup:
    """A history as a picture.

    Args:
        values: each value.
        lines: the centre, the lower and the upper limit at each value; None where there is none.
        signals: the positions that are marked by a diamond.
        names: each line in words, with where it ends; written beside its end.
        places: what stands below each value, such as its day.
        told: each value in words: written beside a signal, and shown where one points at a value.
        title: the whole in words, for those who cannot see it.
    """
    seen = [float(one) for line in (values, *lines) for one in line if one is not None]
    low = min(seen)
    span = max(seen) - low or 1.0
    ends = [(line[-1], name) for name, line in zip(names, lines, strict=True) if line[-1] is not None]
    room = _LETTER * max([0, *(width_of(name) for _, name in ends)])
    right = _WIDTH - _EDGE - room - (8 if room else 0)

    def place(at: int, value: Any) -> tuple[float, float]:
        across = _EDGE + (at + 0.5) * (right - _EDGE) / len(values)
        return across, _HEIGHT - _BOTTOM - (float(value) - low) / span * (_HEIGHT - _BOTTOM - _TOP)

    parts = []
    for line, dashes in zip(lines, ("", "5 4", "5 4"), strict=True):
        path = _path([None if value is None else place(at, value) for at, value in enumerate(line)])
        parts.append(f'<path d="{path}" stroke-opacity=".6" stroke-dasharray="{dashes}"/>')
    parts.append(f'<path d="{_path([place(at, value) for at, value in enumerate(values)])}" stroke-opacity=".8"/>')
    for at, value in enumerate(values):
        x, y = place(at, value)
        said = f"<title>{escape(f'{places[at]}: {told[at]}')}</title>"
        if at in signals:
            parts.append(f'<path d="M{x:.1f} {y - 7:.1f}l7 7l-7 7l-7 -7z" fill="currentColor">{said}</path>')
        else:
            parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="2.5" fill="currentColor">{said}</circle>')
    parts += _signs([(at, *place(at, values[at])) for at in sorted(signals)], told, right)
    beside = _apart([(place(len(values) - 1, end)[1], name) for end, name in ends])
    parts += [_words(_WIDTH - _EDGE - room, y + 4, name, "start") for y, name in beside]
    parts += _places([place(at, low)[0] for at in range(len(values))], places)
    label = f' role="img" aria-label="{escape(title)}"' if title else ""
    return Markup(
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" width="{_WIDTH}"{label} fill="none" '
        f'stroke="currentColor" font-family="system-ui,sans-serif" font-size="11">{"".join(parts)}</svg>'
    )


def _apart(ends: Sequence[tuple[float, str]]) -> list[tuple[float, str]]:
    """Labels pushed apart, from the middle one out, where their lines are close."""
    ordered = sorted(ends)
    if len(ordered) < 2:
        return ordered
    middle = len(ordered) // 2
    found = [ordered[middle]]
    for y, name in ordered[middle + 1 :]:
        found.append((max(y, found[-1][0] + _LINE), name))
    for y, name in reversed(ordered[:middle]):
        found.insert(0, (min(y, found[0][0] - _LINE), name))
    return found


def _signs(marks: Sequence[tuple[int, float, float]], told: Sequence[str], right: float) -> Iterator[str]:
    """The values of signals beside their marks, where they do not run into each other."""
    end = 0.0
    for at, x, y in marks:
        length = _LETTER * width_of(told[at])
        # The line to the next value leads away to the right.
        before = x - _MARK - length > _EDGE
        start = x - _MARK - length if before else x + _MARK
        if start < end or start + length > right + _MARK:
            continue
        end = x + _MARK
        yield _words(start, y + 4, told[at], "start")


def _places(across: Sequence[float], places: Sequence[str]) -> Iterator[str]:
    """Places below the values: the first and the last, and some between them, evenly spaced."""
    widest = _LETTER * max(map(width_of, places)) + 10
    most = max(1, min(_MOST_PLACES, int((across[-1] - across[0]) // widest)))
    step = max(1, -(-(len(places) - 1) // most)) if len(places) > 1 else 1
    for at in range(0, len(places), step):
        yield _words(max(across[at], _LETTER * width_of(places[at]) / 2), _HEIGHT - 6, places[at], "middle")


def _words(x: float, y: float, text: str, anchor: str) -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="currentColor" stroke="none">{escape(text)}</text>'
    )


def _path(places: Sequence[tuple[float, float] | None]) -> str:
    drawing, steps = False, []
    for place in places:
        if place is not None:
            steps.append(f"{'L' if drawing else 'M'}{place[0]:.1f} {place[1]:.1f}")
        drawing = place is not None
    return "".join(steps)
