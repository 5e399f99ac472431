"""What a method finds: shares that add up to one, and what they came from."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import Any, NamedTuple

from perfkit.errors import DefinitionError

Pairs = tuple[tuple[str, Fraction], ...]
Facts = tuple[tuple[str, Any], ...]
# Shares that were computed in floats are published as whole billionths, so that no last bit of a logarithm shows.
UNITS = 10**9


class Found(NamedTuple):
    """Shares by name, the method, what it was given, how good they are, and what they are made of."""

    shares: Pairs
    source: str
    inputs: Facts = ()
    quality: Facts = ()
    learned: bool = False
    parts: tuple[tuple[str, Any], ...] = ()


def distinct(names: Iterable[str], what: str = "weights") -> tuple[str, ...]:
    """Names, each of them once."""
    if isinstance(names, (str, bytes)) or not isinstance(names, Iterable):
        raise DefinitionError(f"{what} must be a list of names (got {names!r})")
    listed = list(names)
    odd = [name for name in listed if not isinstance(name, str) or not name.strip()]
    if odd:
        raise DefinitionError(f"{what} must be a list of names, each a text that is not empty (got {odd[0]!r})")
    if not listed:
        raise DefinitionError(f"{what} must name at least one thing (got none)")
    twice = sorted({name for name in listed if listed.count(name) > 1})
    if twice:
        raise DefinitionError(f"{what} must name each thing once (got {', '.join(listed)}); twice: {', '.join(twice)}")
    return tuple(str(name) for name in listed)


def shares_on_grid(sizes: Mapping[str, float | Fraction]) -> Pairs:
    """Positive sizes as shares in whole billionths that add up to one: largest remainders, at least one unit each.

    Example:
        >>> shares_on_grid({"a": 1.0, "b": 2.0})
        (('a', Fraction(333333333, 1000000000)), ('b', Fraction(666666667, 1000000000)))
    """
    exact = {name: Fraction(size) for name, size in sizes.items()}
    whole = sum(exact.values())
    due = {name: size * UNITS / whole for name, size in exact.items()}
    units = {name: max(1, math.floor(size)) for name, size in due.items()}
    left = UNITS - sum(units.values())
    # Ties go by name, so that the order of the names decides nothing.
    for name in sorted(due, key=lambda name: (units[name] - due[name], name))[: max(left, 0)]:
        units[name] += 1
    for _ in range(-left):
        units[max(units, key=lambda name: (units[name], name))] -= 1
    return tuple((name, Fraction(unit, UNITS)) for name, unit in units.items())


def shares_of(sizes: Mapping[str, Fraction]) -> Pairs:
    """Exact positive sizes as exact shares."""
    whole = sum(sizes.values())
    return tuple((name, size / whole) for name, size in sizes.items())


def figure(value: float | Fraction) -> float:
    """A figure of quality, in whole billionths: the same on every machine."""
    return round(float(value), 9) + 0.0


def figures(values: Mapping[str, float | Fraction]) -> Facts:
    """A figure for each name."""
    return tuple((name, figure(value)) for name, value in values.items())
