"""Which parts of a step have a line of their own, wherever it is shown."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from perfkit._explain.values import as_fraction, is_number
from perfkit.money import Money

if TYPE_CHECKING:
    from perfkit.explain import Explanation


def is_named_above(node: Explanation) -> bool:
    """Whether the line of a step names its only part too, with the value of that: a section by its contribution."""
    if len(node.parts) != 1 or node.parts[0].label != node.label:
        return False
    code = node.parts[0].code
    return code in ("section", "component") or (node.code == "changed_by" and code == "changed")


# Steps that say how a number was moved; where it was not, but for the last bits of a float, they say nothing.
_MOVES = ("published", "changed")
_LAST_BITS = Fraction(1, 10**12)


def is_noise(node: Explanation, part: Explanation) -> bool:
    """Whether a part of a sum is nothing but the last bits of a float, beside the parts that it is added to."""
    # A line that is new or gone in a difference is such a step, too.
    is_move = part.code in _MOVES or part.params.get("about_code") in _MOVES
    if not is_move or node.relation != "sum" or not is_number(part.value) or isinstance(part.value, Money):
        return False
    size = abs(as_fraction(part.value))
    sizes = (abs(as_fraction(one.value)) for one in node.parts if is_number(one.value))
    return 0 < size < _LAST_BITS * max(Fraction(1), *sizes)


def told_parts(node: Explanation) -> tuple[Explanation, ...]:
    """The parts that have a line of their own."""
    told = node.parts[0] if is_named_above(node) else node
    return tuple(part for part in told.parts if not is_noise(told, part))


def lines_of(node: Explanation) -> int:
    """How many lines a step takes with all of its parts."""
    return 1 + sum(lines_of(part) for part in told_parts(node))
