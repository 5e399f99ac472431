"""A curve for people: its tiers as a table, a drawing in text, a drawing in SVG."""

from __future__ import annotations

from fractions import Fraction
from html import escape

from perfkit._core import layout, notebook
from perfkit._core.numbers import decimal_text
from perfkit._curves.analysis import range_over
from perfkit._curves.pieces import Piece, Shape


def one_line(c: Shape) -> str:
    """Every stretch with what it gives, on one line."""
    return "; ".join(f"{stretch(c, piece)}: {_gives(piece)}" for piece in _told(c))


def _told(c: Shape) -> list[Piece]:
    """The stretches, and the points whose value is that of neither side."""
    return [
        piece
        for piece in c.pieces
        if not piece.is_point or piece.value not in (c.knot_at(piece.anchor).below, c.knot_at(piece.anchor).above)
    ]


def table(c: Shape) -> str:
    """The tiers, one a line: where each starts and ends, what it gives at its ends, and its rate."""
    return layout.table(_tiers(c), left=(0,))


def _tiers(c: Shape) -> list[tuple[str, str, str, str]]:
    rows = [("x", "from", "to", "rate")]
    for piece in _told(c):
        if piece.is_point:
            rows.append((stretch(c, piece), decimal_text(piece.value), decimal_text(piece.value), ""))
            continue
        first = "" if piece.start is None else decimal_text(piece(piece.start))
        last = "" if piece.end is None else decimal_text(piece(piece.end))
        if piece.start is None and piece.end is None:
            first = last = decimal_text(piece.value)
        rows.append((stretch(c, piece), first, last, decimal_text(piece.slope)))
    return rows


def html(c: Shape, picture: str) -> str:
    """The drawing, and the tiers as a table."""
    header, *rows = _tiers(c)
    tiers = notebook.grid(header, rows[:_TIERS], more=notebook.left_out(len(rows), _TIERS))
    return notebook.view(notebook.Markup(picture), tiers)


def stretch(c: Shape, piece: Piece) -> str:
    """Where a piece lies, with the owner of each end: ``0 <= x < 10``."""
    if piece.is_point:
        return f"x = {decimal_text(piece.anchor)}"
    low = high = ""
    if piece.start is not None:
        knot = c.knot_at(piece.start)
        low = f"{decimal_text(knot.x)} {'<=' if knot.at == knot.above else '<'} "
    if piece.end is not None:
        knot = c.knot_at(piece.end)
        high = f" {'<=' if knot.below == knot.at != knot.above else '<'} {decimal_text(knot.x)}"
    return f"{low}x{high}"


def _gives(piece: Piece) -> str:
    if piece.slope == 0:
        return decimal_text(piece.value)
    if piece.start is None or piece.end is None:
        beyond = "above" if piece.end is None else "below"
        return f"{decimal_text(piece.value)} and {decimal_text(piece.slope)} for each 1 {beyond}"
    return f"{decimal_text(piece(piece.start))} to {decimal_text(piece(piece.end))}"


def shown_range(c: Shape) -> tuple[Fraction, Fraction]:
    """From a little before the first knot to a little after the last."""
    first, last = c.knots[0].x, c.knots[-1].x
    margin = (last - first) / 4 or max(abs(first) / 4, Fraction(1))
    return first - margin if first != 0 else first, last + margin


def text_drawing(c: Shape, start: Fraction, end: Fraction, width: int, height: int) -> str:
    """A drawing in text: one mark in each column, dots where the curve leaps."""
    least, most = range_over(c, start, end)
    span = most - least or Fraction(1)

    def level(y: Fraction) -> int:
        return int((y - least) / span * (height - 1) + Fraction(1, 2))

    grid = [[" "] * width for _ in range(height)]
    step = (end - start) / (width - 1)
    before: int | None = None
    for column in range(width):
        x = start + column * step
        now = level(c.piece_at(x)(x))
        if before is not None:
            low, high = sorted((before, now))
            for row in range(low + 1, high):
                grid[row][column] = "·"
        grid[now][column] = "─" if before == now else "●"
        before = now
    labels = {height - 1: decimal_text(most), 0: decimal_text(least)} if most > least else {0: decimal_text(least)}
    left = max(map(len, labels.values()))
    lines = [f"{labels.get(row, ''):>{left}} ┤{''.join(grid[row])}".rstrip() for row in range(height - 1, -1, -1)]
    first, last = decimal_text(start), decimal_text(end)
    axis = first + " " * max(1, width - len(first) - len(last)) + last
    return "\n".join([*lines, f"{'':>{left}} └{'─' * width}", f"{'':>{left}}  {axis}"])


_TIERS = 40
_WIDTH, _HEIGHT, _LEFT, _TOP, _RIGHT, _BOTTOM = 480, 260, 72, 16, 24, 36


def svg_drawing(c: Shape, start: Fraction, end: Fraction) -> str:
    """A drawing in SVG, in the colour of the text around it: lines, dashed leaps, owners of breakpoints filled."""
    least, most = range_over(c, start, end)
    span = most - least or Fraction(1)
    levels = dict.fromkeys(value for knot in c.knots for value in (knot.below, knot.at, knot.above))
    inside = sorted(value for value in levels if least <= value <= most)
    left_margin = max(_LEFT, 16 + 7 * max((len(decimal_text(value)) for value in inside), default=0))

    def at(x: Fraction, y: Fraction) -> tuple[str, str]:
        across = left_margin + float((x - start) / (end - start)) * (_WIDTH - left_margin - _RIGHT)
        down = _HEIGHT - _BOTTOM - float((y - least) / span) * (_HEIGHT - _TOP - _BOTTOM)
        return f"{across:.1f}", f"{down:.1f}"

    parts = [_line(at(start, least), at(end, least), 'stroke-opacity=".5"')]
    for piece in c.pieces:
        low = start if piece.start is None else max(piece.start, start)
        high = end if piece.end is None else min(piece.end, end)
        if not piece.is_point and low < high:
            parts.append(_line(at(low, piece(low)), at(high, piece(high)), 'stroke-width="2.5"'))
    ticks: list[tuple[Fraction, Fraction]] = []
    for knot in c.knots:
        if not start <= knot.x <= end:
            continue
        ticks.append((knot.x, knot.at))
        if knot.is_continuous:
            continue
        # At an end of the drawing only what lies inside it is drawn.
        values = [knot.at]
        values += [knot.below] if knot.x > start else []
        values += [knot.above] if knot.x < end else []
        parts.append(_line(at(knot.x, min(values)), at(knot.x, max(values)), 'stroke-dasharray="3 3"'))
        for value in dict.fromkeys(values):
            x, y = at(knot.x, value)
            fill = "currentColor" if value == knot.at else "none"
            parts.append(f'<circle cx="{x}" cy="{y}" r="3.5" fill="{fill}" stroke="currentColor"/>')
    parts += _labels([(at(x, least)[0], decimal_text(x)) for x, _ in ticks], None)
    parts += _labels([(at(start, value)[1], decimal_text(value)) for value in inside], left_margin)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" width="{_WIDTH}" '
        f'style="max-width:100%" fill="none" stroke="currentColor" font-family="sans-serif" font-size="11">'
        f"<title>{escape(one_line(c))}</title>{''.join(parts)}</svg>"
    )


def _line(start: tuple[str, str], end: tuple[str, str], style: str) -> str:
    return f'<line x1="{start[0]}" y1="{start[1]}" x2="{end[0]}" y2="{end[1]}" {style}/>'


def _labels(places: list[tuple[str, str]], left_margin: int | None) -> list[str]:
    """Labels below the axis, or left of it by a margin; one that would run into the last is left out."""
    labels: list[str] = []
    free = -1.0
    for place, text in places:
        half = 3.5 * len(text) + 3 if left_margin is None else 6.5
        centre = float(place) if left_margin is None else _HEIGHT - float(place)
        if centre - half < free:
            continue
        free = centre + half
        if left_margin is None:
            x, y, anchor = place, str(_HEIGHT - _BOTTOM + 18), "middle"
        else:
            x, y, anchor = str(left_margin - 8), f"{float(place) + 4:.1f}", "end"
        labels.append(f'<text x="{x}" y="{y}" text-anchor="{anchor}" fill="currentColor" stroke="none">{text}</text>')
    return labels
