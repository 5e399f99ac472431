"""An explanation as text, as Markdown and as HTML, in any language."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from perfkit._core import notebook
from perfkit._core.layout import clipped, table
from perfkit._core.notebook import Markup
from perfkit._explain.catalogue import Catalogue
from perfkit._explain.lines import told_parts
from perfkit._explain.waterfall import waterfall

if TYPE_CHECKING:
    from perfkit.explain import Explanation


def phrase(node: Explanation, catalogue: Catalogue) -> str:
    """A step in words, by its code; its label or the code itself where the language has no phrase."""
    said = catalogue.says(node.code, node.label, node.params)
    return catalogue.label(node.label or node.code) if said is None else said


def shown(node: Explanation, catalogue: Catalogue) -> str:
    """The value of a step, with its unit."""
    unit = f" {node.unit}" if node.unit and node.value is not None else ""
    return ("" if node.value is None and node.code in _WITHOUT_VALUE else catalogue.value(node.value)) + unit


# Lines that say what is not there; a dash would say that a value is missing.
_WITHOUT_VALUE = ("folded", "redacted", "redacted_parts")


def text(node: Explanation, catalogue: Catalogue) -> str:
    """One line a part, the values in one column."""
    return table(list(_lines(node, catalogue, "", "")), left=(0,))


# A longer line would push every value out of sight; Markdown and HTML have all of it.
_LETTERS = 140


def _lines(node: Explanation, catalogue: Catalogue, lead: str, stem: str) -> Iterator[tuple[str, str]]:
    yield lead + clipped(phrase(node, catalogue), max(20, _LETTERS - len(lead))), shown(node, catalogue)
    parts = told_parts(node)
    for position, part in enumerate(parts):
        last = position == len(parts) - 1
        yield from _lines(part, catalogue, stem + ("└─ " if last else "├─ "), stem + ("   " if last else "│  "))


_MARKS = re.compile(r"([\\`*_{}\[\]<>&|~$#])")
# What would begin a list within the list.
_LISTS = re.compile(r"^(\d*)([-+.)])(?=\s|$)")


def markdown(node: Explanation, catalogue: Catalogue) -> str:
    """Nested bullets, the values in bold; every mark of Markdown in a label is taken as it is."""
    return "\n".join(_bullets(node, catalogue, 0))


def _bullets(node: Explanation, catalogue: Catalogue, level: int) -> Iterator[str]:
    value = shown(node, catalogue)
    yield f"{'  ' * level}- {_plainly(phrase(node, catalogue))}" + (f": **{_plainly(value)}**" if value else "")
    for part in told_parts(node):
        yield from _bullets(part, catalogue, level + 1)


def _plainly(told: str) -> str:
    return _LISTS.sub(r"\1\\\2", _MARKS.sub(r"\\\1", " ".join(told.split())))


def html(node: Explanation, catalogue: Catalogue) -> str:
    """A waterfall where parts add up, and the tree that folds, without a script."""
    return notebook.view(
        Markup(waterfall(node, catalogue)), Markup(_branch(node, catalogue, 0)), language=catalogue.language
    )


def _branch(node: Explanation, catalogue: Catalogue, level: int) -> str:
    row = notebook.row(phrase(node, catalogue), shown(node, catalogue), level=level, opens=bool(node.parts))
    parts = told_parts(node)
    if not parts:
        return row
    inner = "".join(_branch(part, catalogue, level + 1) for part in parts)
    return f"<details{' open' if level == 0 else ''}><summary>{row}</summary>{inner}</details>"
