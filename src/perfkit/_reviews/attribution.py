"""How a change is shared out among its factors: exactly, in a fixed way, whatever the function in between."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from itertools import pairwise
from math import factorial
from typing import Literal

from perfkit._core.checks import one_of
from perfkit.errors import DefinitionError

Method = Literal["auto", "shapley", "two_way", "sequential", "joint"]
METHODS: tuple[Method, ...] = ("auto", "shapley", "two_way", "sequential", "joint")
# Every subset of the factors is looked at: 4,096 of them for twelve, 65,536 for sixteen.
EXACT_FACTORS, MOST_FACTORS = 12, 16
# For each set of factors, as a mask of bits, the value with these as they are after and the others as before.
Values = Callable[[Sequence[int]], Sequence[Fraction]]


def chosen(method: Method, count: int, exact_up_to: int = EXACT_FACTORS) -> Method:
    """The method that is used for so many factors.

    Raises:
        DefinitionError: for an unknown method, or more factors than every subset can be looked at.
    """
    one_of(method, METHODS, "method")
    if method == "auto":
        return "shapley" if count <= exact_up_to else "two_way"
    if method == "shapley" and count > MOST_FACTORS:
        raise DefinitionError(
            f"method shapley looks at every subset of the factors, of which {count} changed; more than "
            f"{MOST_FACTORS} take too long: choose method='two_way', or bridge a part of it at a time",
            path="method",
        )
    return method


def attributed(method: Method, count: int, values: Values) -> tuple[list[Fraction], Fraction]:
    """What each factor brings to the change, and what none of them brings alone.

    Args:
        method: ``shapley`` averages what a factor adds over every order of the factors; ``two_way`` over the given
            order and its reverse, which is the same where no more than two factors meet in one term; ``sequential``
            takes the given order; ``joint`` changes each alone and leaves the rest as a joint effect.
        count: how many factors there are.
        values: of sets of them.

    Returns:
        an amount for each factor, and the joint effect. They add up to the change.
    """
    whole = (1 << count) - 1
    if method == "shapley":
        return _shapley(count, values(range(whole + 1))), Fraction(0)
    if method == "joint":
        start, end, *alone = values([0, whole, *(1 << place for place in range(count))])
        amounts = [value - start for value in alone]
        return amounts, end - start - sum(amounts, Fraction(0))
    forward = _path(range(count))
    if method == "sequential":
        return _steps(values(forward)), Fraction(0)
    found = values([*forward, *_path(range(count - 1, -1, -1))])
    first, last = _steps(found[: count + 1]), _steps(found[count + 1 :])[::-1]
    return [(one + other) / 2 for one, other in zip(first, last, strict=True)], Fraction(0)


def _path(order: Sequence[int]) -> list[int]:
    masks = [0]
    for place in order:
        masks.append(masks[-1] | 1 << place)
    return masks


def _steps(found: Sequence[Fraction]) -> list[Fraction]:
    return [after - before for before, after in pairwise(found)]


def _shapley(count: int, values: Sequence[Fraction]) -> list[Fraction]:
    """Shapley's value; for a product of factors it is the standardisation of Das Gupta (1993)."""
    amounts = []
    for place in range(count):
        bit = 1 << place
        by_size = [Fraction(0)] * count
        for mask in range(1 << count):
            if not mask & bit:
                by_size[mask.bit_count()] += values[mask | bit] - values[mask]
        orders = (factorial(size) * factorial(count - size - 1) for size in range(count))
        amounts.append(
            sum((many * gained for many, gained in zip(orders, by_size, strict=True)), Fraction(0)) / factorial(count)
        )
    return amounts
