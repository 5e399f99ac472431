"""Weights from a ranking alone: centroid, sum, reciprocal and exponent of the ranks."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from itertools import accumulate
from typing import Literal

from perfkit._core.checks import one_of
from perfkit._core.numbers import Number, exact, plain
from perfkit._weights.found import Facts, Found, Pairs, distinct, figure, shares_of, shares_on_grid
from perfkit.errors import DefinitionError

RankRule = Literal["centroid", "sum", "reciprocal", "exponent"]
RULES = ("centroid", "sum", "reciprocal", "exponent")
_NAMES = {"centroid": "rank-order centroid", "sum": "rank sum", "reciprocal": "rank reciprocal"}
Ranking = Iterable[str | Iterable[str]]


def rank_order(ranking: Ranking, rule: RankRule = "centroid", exponent: Number | None = None) -> Found:
    """Weights of names from the most to the least important; names in an inner list are tied."""
    one_of(rule, RULES, "rule")
    power = _exponent(rule, exponent)
    groups = tied_groups(ranking)
    sizes = rank_sizes(sum(map(len, groups)), rule, power)
    shares = tied_shares(groups, sizes, is_exact=power is None or power.denominator == 1)
    source = _NAMES.get(rule) or f"rank exponent {power}"
    return Found(shares, source, (("ranking", _stored(groups)),), order_quality(groups, shares))


def smarter(ranking: Ranking, ranges: Facts) -> Found:
    """Rank-order centroid weights of a ranking of swings: SMARTER."""
    found = rank_order(ranking)
    return found._replace(source="SMARTER, rank-order centroid of swings", inputs=found.inputs + ranges)


def _stored(groups: list[tuple[str, ...]]) -> tuple[str | tuple[str, ...], ...]:
    return tuple(group[0] if len(group) == 1 else group for group in groups)


def _exponent(rule: RankRule, exponent: Number | None) -> Fraction | None:
    if (exponent is not None) != (rule == "exponent"):
        wanted = "must be given for rule='exponent'" if rule == "exponent" else "goes with rule='exponent' only"
        raise DefinitionError(f"exponent {wanted} (got {exponent!r})", path="exponent")
    if exponent is None:
        return None
    power = exact(exponent, what="exponent", path="exponent")
    if not 0 <= power <= 100:
        raise DefinitionError(f"exponent must be from 0 (equal weights) to 100 (got {plain(power)})", path="exponent")
    return power


def tied_groups(ranking: Ranking) -> list[tuple[str, ...]]:
    """A ranking as groups of names that share a rank."""
    if isinstance(ranking, (str, bytes)) or not isinstance(ranking, Iterable):
        raise DefinitionError(f"ranking must be a list of names, the most important first (got {ranking!r})")
    if isinstance(ranking, (set, frozenset, dict)):
        raise DefinitionError(f"ranking must be in an order, so a list of names (got a {type(ranking).__name__})")
    groups = [(place,) if isinstance(place, str) else distinct(place, "names of one rank") for place in ranking]
    distinct([name for group in groups for name in group], "ranking")
    return groups


def rank_sizes(n: int, rule: RankRule, power: Fraction | None = None) -> list[Fraction]:
    """The size of each rank; centroid: Barron & Barrett 1996; sum, reciprocal, exponent: Stillwell et al. 1981."""
    if rule == "centroid":
        tails = accumulate(Fraction(1, place) for place in range(n, 0, -1))
        return [tail / n for tail in tails][::-1]
    if rule == "reciprocal":
        return [Fraction(1, place) for place in range(1, n + 1)]
    power = Fraction(1) if power is None else power
    if power.denominator == 1:
        return [Fraction(n + 1 - place) ** power.numerator for place in range(1, n + 1)]
    return [Fraction(((n + 1 - place) / n) ** float(power)) for place in range(1, n + 1)]


def tied_shares(groups: list[tuple[str, ...]], sizes: list[Fraction], *, is_exact: bool) -> Pairs:
    """The share of each name; those that are tied have the mean of the ranks that they take up."""
    sized: dict[str, Fraction] = {}
    start = 0
    for group in groups:
        mean = sum(sizes[start : start + len(group)], Fraction(0)) / len(group)
        sized |= dict.fromkeys(group, mean)
        start += len(group)
    return shares_of(sized) if is_exact else shares_on_grid(sized)


def order_quality(groups: list[tuple[str, ...]], shares: Pairs) -> Facts:
    """What else the same order could mean: bounds of each weight, and the most that these are off.

    All weights of one order are mixtures of as many corners as there are ranks: corner k gives the first k ranks alike.
    """
    names = [name for group in groups for name in group]
    weights = [weight for _, weight in shares]
    ends = list(accumulate(len(group) for group in groups))
    off = max(
        sum((abs(w - (Fraction(1, end) if i < end else 0)) for i, w in enumerate(weights)), Fraction(0)) / 2
        for end in ends
    )
    end_of = {name: end for group, end in zip(groups, ends, strict=True) for name in group}
    lowest = {name: Fraction(1, len(names)) if name in groups[0] else Fraction(0) for name in names}
    bounds = tuple((name, (figure(lowest[name]), figure(Fraction(1, end_of[name])))) for name in names)
    return (("largest_shift", figure(off)), ("bounds", bounds))
