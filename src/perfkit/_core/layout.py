"""Text in columns on a terminal: how wide it is there, padded, clipped and wrapped by that."""

from __future__ import annotations

from collections.abc import Sequence
from unicodedata import category, east_asian_width


def width_of(text: str) -> int:
    """How many columns a text takes: two for a wide character, none for one that joins the character before.

    Example:
        >>> width_of("goal"), width_of("目標"), width_of("e\N{COMBINING ACUTE ACCENT}")
        (4, 4, 1)
    """
    return len(text) if text.isascii() else sum(map(_width, text))


def _width(character: str) -> int:
    if category(character) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if east_asian_width(character) in "WF" else 1


def padded(text: str, width: int, *, right: bool = False) -> str:
    """A text filled up to a width, to the left unless said."""
    gap = " " * (width - width_of(text))
    return gap + text if right else text + gap


def one_line(text: str) -> str:
    r"""A text on one line, each white space in it a single space.

    Example:
        >>> one_line("Double recurring\n\trevenue")
        'Double recurring revenue'

    What has no width and could turn the text around it, such as a control that writes from right to left, is left out.
    """
    line = " ".join(text.split())
    return line if line.isprintable() else "".join(one for one in line if not _is_control(one))


def _is_control(character: str) -> bool:
    return category(character) == "Cc" or character in _TURNS


# The controls that embed or override a direction. What only joins letters, as in some scripts and emoji, stays.
_TURNS = frozenset(map(chr, (*range(0x202A, 0x202F), *range(0x2066, 0x206A))))


def clipped(text: str, width: int) -> str:
    r"""A text on one line of at most so many columns, with a mark where something was left out.

    Example:
        >>> clipped("Double recurring\nrevenue", 20)
        'Double recurring re…'
    """
    line = one_line(text)
    if width_of(line) <= width:
        return line
    kept, room = "", width - 1
    for character in line:
        room -= _width(character)
        if room < 0:
            break
        kept += character
    return f"{kept.rstrip()}…"


def wrapped(words: Sequence[str], width: int) -> list[str]:
    """Words put on lines of at most so many columns; one that is wider has a line to itself.

    Example:
        >>> wrapped(["why it", "matters,", "up to", "the top"], 15)
        ['why it matters,', 'up to the top']
    """
    lines: list[str] = []
    for word in words:
        if lines and width_of(lines[-1]) + 1 + width_of(word) <= width:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines


def table(rows: Sequence[Sequence[str]], left: Sequence[int]) -> str:
    """Rows of text in columns, some of them to the left, the others to the right.

    Example:
        >>> print(table([["goal", "value"], ["目標", "1"]], left=[0]))
        goal  value
        目標      1
    """
    widths = [max(width_of(row[column]) for row in rows) for column in range(len(rows[0]))]
    return "\n".join(
        "  ".join(
            padded(cell, width, right=column not in left)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    )
