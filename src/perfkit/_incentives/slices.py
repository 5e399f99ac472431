"""What the members of a group share of a fund or a budget, and what of it cannot be given."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction

from attrs import field, frozen

from perfkit._core.notebook import definition
from perfkit._incentives.cuts import Cut
from perfkit.money import Money

Path = tuple[str, ...]
NOTHING = Cut(Fraction(0))


def _path(path: Iterable[str]) -> Path:
    return tuple(str(group) for group in path)


def _left(pairs: Iterable[tuple[str, int]]) -> tuple[tuple[str, int], ...]:
    return tuple((str(reason), int(minor)) for reason, minor in pairs)


def as_slices(slices: Iterable[FundSlice]) -> tuple[FundSlice, ...]:
    """Slices as a definition holds them."""
    return tuple(slices)


@frozen
class FundSlice:
    """What the members of one group share: the whole pool where it has no groups.

    Attributes:
        group: the path of the group, from the outside in.
        minor: the fund of the group in minor units.
        cut: what a unit of weight is worth, in units of the pool, and where the last ones go.
        people: how many rows are in the group.
        sharing: how many of them have a weight.
        left: what could not be given, in minor units, with the reason: ``unit`` (less than a unit of the pool),
            ``caps`` (everybody is at the cap), ``nobody`` (nobody has any weight), ``reserve``.
    """

    _repr_html_ = definition

    group: Path = field(converter=_path)
    minor: int
    cut: Cut = NOTHING
    people: int = 0
    sharing: int = field(default=0, kw_only=True)
    left: tuple[tuple[str, int], ...] = field(default=(), converter=_left)


@frozen
class Remainder:
    """What a pool cannot give, and why.

    Attributes:
        group: the group whose fund it is; empty for the pool as a whole.
        amount: of money.
        reason: ``unit``, ``caps``, ``nobody`` or ``reserve``.
    """

    _repr_html_ = definition

    group: Path
    amount: Money
    reason: str
