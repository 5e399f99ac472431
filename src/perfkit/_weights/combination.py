"""Weights made of weights: linear blends, products, panels of judges with their spread, and levels of a hierarchy."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from typing import Any, Literal

from perfkit._core.checks import one_of, text
from perfkit._core.numbers import Number, exact, plain
from perfkit._weights.found import UNITS, Facts, Pairs, distinct, figure, figures, shares_of, shares_on_grid
from perfkit.errors import DefinitionError, did_you_mean

Shares = Mapping[str, Fraction]
CombinationRule = Literal["linear", "product", "geometric"]
Mean = Literal["arithmetic", "geometric"]


def combination(
    parts: Mapping[str, Shares], portions: Mapping[str, Number] | None, rule: CombinationRule
) -> tuple[Pairs, Facts, Facts]:
    """Several weights of the same names in one.

    Args:
        parts: the weights, by what they are called.
        portions: how much each of them counts; alike when not given. A product knows no portions.
        rule: ``linear``, the weighted mean; ``product``, as they stand; ``geometric``, the weighted geometric mean.
    """
    one_of(rule, ("linear", "product", "geometric"), "rule")
    if rule == "product" and portions is not None:
        raise DefinitionError("a product takes all weights as they stand; for portions use rule='geometric'")
    names = same_names(parts)
    counts = portions_of(parts, portions)
    if rule == "geometric":
        shares = geometric_mean(parts, counts, names)
    elif rule == "product":
        shares = shares_of(
            {name: math.prod((part[name] for part in parts.values()), start=Fraction(1)) for name in names}
        )
    else:
        shares = arithmetic_mean(parts, counts, names)
    inputs: Facts = (("rule", rule),) if rule == "product" else (("rule", rule), ("portions", tuple(counts.items())))
    return shares, inputs, spread(parts, shares)


def same_names(parts: Mapping[str, Shares]) -> tuple[str, ...]:
    """The names that all of several weights are about."""
    if not parts:
        raise DefinitionError("there must be at least one set of weights (got none)")
    first = next(iter(parts))
    names = tuple(parts[first])
    problems = []
    for label, part in parts.items():
        without = [name for name in names if name not in part]
        beyond = [name for name in part if name not in names]
        if without or beyond:
            told = [f"lacks {', '.join(without)}"] * bool(without) + [f"has {', '.join(beyond)}"] * bool(beyond)
            problems.append(f"{label!r} {' and '.join(told)}")
    if problems:
        raise DefinitionError(
            f"weights must be of the same names to be put together: against {first!r}, {'; '.join(problems)}",
            problems=problems,
        )
    return names


def portions_of(parts: Mapping[str, Any], portions: Mapping[str, Number] | None) -> dict[str, Fraction]:
    """How much each part counts, adding up to one."""
    if portions is None:
        return dict.fromkeys(parts, Fraction(1, len(parts)))
    if not isinstance(portions, Mapping):
        raise DefinitionError(
            f"portions must be a mapping from each of {', '.join(parts)} to a number (got {portions!r})"
        )
    problems = [f"{label!r} has none" for label in parts if label not in portions]
    problems += [f"{label!r} is not there{did_you_mean(str(label), parts)}" for label in portions if label not in parts]
    given = {
        label: exact(value, what=f"the portion of {label!r}", path=str(label)) for label, value in portions.items()
    }
    problems += [f"{label!r} has {plain(value)}, which is not positive" for label, value in given.items() if value <= 0]
    if problems:
        raise DefinitionError(f"portions must be positive, one for each part: {'; '.join(problems)}", problems=problems)
    whole = sum(given.values())
    return {label: given[label] / whole for label in parts}


def arithmetic_mean(parts: Mapping[str, Shares], counts: Mapping[str, Fraction], names: Iterable[str]) -> Pairs:
    """The weighted mean, exact."""
    return tuple(
        (name, sum((counts[label] * part[name] for label, part in parts.items()), Fraction(0))) for name in names
    )


def geometric_mean(parts: Mapping[str, Shares], counts: Mapping[str, Fraction], names: Iterable[str]) -> Pairs:
    """The weighted geometric mean, made to add up to one."""
    means = {
        name: math.exp(math.fsum(float(counts[label]) * math.log(part[name]) for label, part in parts.items()))
        for name in names
    }
    return shares_on_grid(means)


def spread(parts: Mapping[str, Shares], shares: Pairs) -> Facts:
    """How far several weights lie apart: per name, in their order, and who is furthest from what they come to."""
    if len(parts) < 2:
        return ()
    middle = dict(shares)
    ranges = tuple(
        (name, (figure(min(part[name] for part in parts.values())), figure(max(part[name] for part in parts.values()))))
        for name in middle
    )
    deviations = {
        name: math.sqrt(
            float(sum((part[name] - _mean(parts, name)) ** 2 for part in parts.values()) / (len(parts) - 1))
        )
        for name in middle
    }
    away = {
        label: sum((abs(part[name] - middle[name]) for name in middle), Fraction(0)) / 2
        for label, part in parts.items()
    }
    furthest = min(away, key=lambda label: (-away[label], label))
    facts: Facts = (("ranges", ranges), ("standard_deviations", figures(deviations)))
    agreement = concordance([_levels([part[name] for name in middle]) for part in parts.values()])
    if agreement is not None:
        facts += (("concordance", figure(agreement)),)
    return (*facts, ("furthest", furthest), ("furthest_shift", figure(away[furthest])))


def _mean(parts: Mapping[str, Shares], name: str) -> Fraction:
    return sum((part[name] for part in parts.values()), Fraction(0)) / len(parts)


def _levels(values: list[Fraction]) -> list[int]:
    """The place of each value in their order, alike where they differ by what publishing on a grid may have made."""
    places, place = {}, 0
    ordered = sorted(set(values))
    for before, value in zip([*ordered[:1], *ordered], ordered, strict=False):
        place += value - before > 2 * Fraction(1, UNITS)
        places[value] = place
    return [places[value] for value in values]


def concordance(judges: Sequence[Sequence[Fraction | int]]) -> Fraction | None:
    """Kendall's coefficient of concordance W of several rankings, corrected for ties, 0..1; exact.

    None where there is nothing to agree on: one name, or every judge holds all names alike.

    Example:
        >>> concordance([[Fraction(3), Fraction(2), Fraction(1)]] * 2)
        Fraction(1, 1)
    """
    m, n = len(judges), len(judges[0])
    ranks, ties = [Fraction(0)] * n, 0
    for values in judges:
        for place, value in enumerate(values):
            ranks[place] += Fraction(sum(2 * (other > value) + (other == value) for other in values) + 1, 2)
        ties += sum(count**3 - count for count in (values.count(value) for value in set(values)))
    mean = Fraction(m * (n + 1), 2)
    spread_of_ranks = sum(((rank - mean) ** 2 for rank in ranks), Fraction(0))
    possible = m * m * (n**3 - n) - m * ties
    return 12 * spread_of_ranks / possible if possible else None


def hierarchy(top: Shares, within: Mapping[str, Any]) -> Pairs:
    """The effective weight of each leaf: the product of its shares from the top down."""
    unknown = [name for name in within if name not in top]
    if unknown:
        raise DefinitionError(
            "within= must go by names of the level above: "
            + "; ".join(f"{name!r} is not there{did_you_mean(str(name), top)}" for name in unknown)
        )
    leaves: list[tuple[str, Fraction]] = []
    for name, share in top.items():
        below = within.get(name)
        leaves += [(name, share)] if below is None else [(leaf, share * part) for leaf, part in below.items()]
    distinct([name for name, _ in leaves], "leaves of a hierarchy")
    return tuple(leaves)


def labelled(parts: Any, what: str) -> dict[str, Any]:
    """Several things by their labels; those of a list are called by their place."""
    if isinstance(parts, Mapping):
        return {text(label): part for label, part in parts.items()}
    if isinstance(parts, (list, tuple)):
        return {str(place + 1): part for place, part in enumerate(parts)}
    raise DefinitionError(f"{what} must be a mapping from who or what to weights, or a list of weights (got {parts!r})")
