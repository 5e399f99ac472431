"""Folding: a long explanation in few lines, with what is left out counted, and added up where parts add up."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from attrs import evolve

from perfkit._explain.lines import is_named_above, is_noise, lines_of, told_parts
from perfkit._explain.values import together
from perfkit.errors import DefinitionError

if TYPE_CHECKING:
    from perfkit.explain import Explanation


def folded(root: Explanation, depth: int | None, rows: int | None) -> Explanation:
    """A tree cut to so many levels below its root and so many lines; see :meth:`perfkit.Explanation.folded`."""
    if depth is not None and (isinstance(depth, bool) or not isinstance(depth, int) or depth < 0):
        raise DefinitionError(f"depth must be a number of levels, 0 or more (got {depth!r})", path="depth")
    if rows is not None and (isinstance(rows, bool) or not isinstance(rows, int) or rows < 2):
        raise DefinitionError(f"rows must be a number of lines, 2 or more (got {rows!r})", path="rows")
    return _cut(root, (), _shown_parts(root, depth, rows))


Path = tuple[int, ...]


def _shown_parts(root: Explanation, depth: int | None, rows: int | None) -> dict[Path, int]:
    """How many of its parts each node shows, level by level, while there are lines.

    A node whose parts are not shown takes a line more for what is left out, which is free again when they are.
    """
    shown: dict[Path, int] = {}
    left = None if rows is None else rows - _cost(root)
    waiting: deque[tuple[Explanation, Path, int]] = deque([(root, (), 0)])
    while waiting:
        node, path, level = waiting.popleft()
        if not node.parts or (depth is not None and level >= depth):
            continue
        count, named = len(node.parts), is_named_above(node)
        if left is not None:
            costs = [0 if is_noise(node, part) else _cost(part) - named for part in node.parts]
            if sum(costs) - 1 <= left:
                left -= sum(costs) - 1
            else:
                count = 0
                while count < len(costs) and costs[count] <= left:
                    left -= costs[count]
                    count += 1
        shown[path] = count
        inner = level if named else level + 1
        waiting.extend((part, (*path, place), inner) for place, part in enumerate(node.parts[:count]))
    return shown


def _cost(node: Explanation) -> int:
    return 2 if node.parts else 1


def _cut(node: Explanation, path: Path, shown: dict[Path, int]) -> Explanation:
    count = shown.get(path, 0)
    kept = [_cut(part, (*path, place), shown) for place, part in enumerate(node.parts[:count])]
    hidden = node.parts[count:]
    if not hidden:
        return evolve(node, parts=kept)
    lines = sum(lines_of(part) for part in (hidden if count else told_parts(node)) if not is_noise(node, part))
    left_out = type(node)("folded", params={"count": lines})
    if not any(part.value is not None for part in kept):
        # Nothing is left to add up: the value stands in the line above.
        return evolve(node, parts=[*kept, left_out], relation="from")
    if node.relation in ("sum", "product"):
        left_out = evolve(left_out, value=together(node.relation, [part.value for part in hidden]))
    return evolve(node, parts=[*kept, left_out])
