"""Which parts of a step have a line of their own, wherever it is shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from perfkit.explain import Explanation


def is_named_above(node: Explanation) -> bool:
    """Whether the line of a step names its only part too, with the value of that: a section by its contribution."""
    if len(node.parts) != 1 or node.parts[0].label != node.label:
        return False
    code = node.parts[0].code
    return code in ("section", "component") or (node.code == "changed_by" and code == "changed")


def told_parts(node: Explanation) -> tuple[Explanation, ...]:
    """The parts that have a line of their own."""
    return node.parts[0].parts if is_named_above(node) else node.parts


def lines_of(node: Explanation) -> int:
    """How many lines a step takes with all of its parts."""
    return 1 + sum(lines_of(part) for part in told_parts(node))
