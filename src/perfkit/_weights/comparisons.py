"""Judgements of pairs, read from pairs or from a matrix: each pair once, positive, and no two that contradict."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from perfkit._core.columns import is_missing_value
from perfkit._core.numbers import Number, exact, plain
from perfkit._weights.found import distinct
from perfkit.errors import DefinitionError, did_you_mean

# What was typed as 0.333333 is the reciprocal of 3; what was typed as 0.3 is not.
_RECIPROCAL = Fraction(2, 10**6)
_WIDEST = 10**6


class Comparisons(NamedTuple):
    """How many times as important the first of two names is as the second, for the pairs that were judged.

    Attributes:
        names: the names, in order.
        ratios: the judgements by the positions of a pair, the lower first.
    """

    names: tuple[str, ...]
    ratios: dict[tuple[int, int], Fraction]

    @property
    def missing(self) -> list[tuple[int, int]]:
        """The pairs that were not judged."""
        n = len(self.names)
        return [(i, j) for i in range(n) for j in range(i + 1, n) if (i, j) not in self.ratios]

    def groups(self) -> list[list[str]]:
        """The names in groups that judgements link."""
        group = list(range(len(self.names)))
        for i, j in self.ratios:
            old, new = group[j], group[i]
            group = [new if one == old else one for one in group]
        return [
            [name for name, one in zip(self.names, group, strict=True) if one == which]
            for which in dict.fromkeys(group)
        ]

    def matrix(self) -> npt.NDArray[np.float64]:
        """The judgements and their reciprocals; NaN where there is none."""
        n = len(self.names)
        matrix = np.full((n, n), np.nan)
        np.fill_diagonal(matrix, 1.0)
        for (i, j), ratio in self.ratios.items():
            matrix[i, j] = ratio.numerator / ratio.denominator
            matrix[j, i] = ratio.denominator / ratio.numerator
        return matrix

    def stored(self) -> tuple[tuple[str, str, Fraction], ...]:
        """The judgements as names and number."""
        return tuple((self.names[i], self.names[j], ratio) for (i, j), ratio in sorted(self.ratios.items()))


def read_comparisons(comparisons: Any, names: Iterable[str] | None = None) -> Comparisons:
    """Judgements from a mapping ``{(a, b): 3}``, from triples ``(a, b, 3)``, or from a square matrix and its names."""
    if isinstance(comparisons, Mapping):
        return _from_pairs([(pair, value) for pair, value in comparisons.items()], names)
    if hasattr(comparisons, "to_numpy") and hasattr(comparisons, "columns"):
        labels = [str(label) for label in comparisons.columns]
        return _from_matrix(comparisons.to_numpy(), labels if names is None else names)
    rows = list(comparisons) if isinstance(comparisons, Iterable) and not isinstance(comparisons, str) else None
    if rows is None:
        raise DefinitionError(
            "comparisons must be a mapping such as {('revenue', 'churn'): 3}, or a square matrix with names= "
            f"(got {comparisons!r})"
        )
    if rows and all(isinstance(row, tuple) and len(row) == 3 and isinstance(row[0], str) for row in rows):
        return _from_pairs([((a, b), value) for a, b, value in rows], names)
    if names is None:
        raise DefinitionError("a matrix of comparisons must come with names=, in the order of its rows")
    return _from_matrix(rows, names)


def require_connected(comparisons: Comparisons) -> None:
    """Refuse groups of names that no judgement links: nothing says how they weigh against each other."""
    groups = comparisons.groups()
    if len(groups) > 1:
        told = " and ".join("{" + ", ".join(names) + "}" for names in groups)
        raise DefinitionError(
            f"comparisons must link all names, but nothing compares {told}; "
            f"compare one of each, such as {groups[0][0]!r} with {groups[1][0]!r}",
            problems=[f"nothing compares {told}"],
        )


def _from_pairs(pairs: list[tuple[Any, Number]], names: Iterable[str] | None) -> Comparisons:
    problems: list[str] = []
    seen: dict[str, None] = {}
    good: list[tuple[str, str, Fraction]] = []
    for pair, value in pairs:
        if not isinstance(pair, tuple) or len(pair) != 2 or not all(isinstance(name, str) and name for name in pair):
            problems.append(f"a comparison is of a pair of names, such as ('revenue', 'churn') (got {pair!r})")
            continue
        a, b = pair
        seen |= dict.fromkeys(pair)
        if (ratio := _ratio(value, a, b, problems)) is None:
            continue
        if a != b:
            good.append((a, b, ratio))
        elif ratio != 1:
            problems.append(f"{a!r} compared with itself must be 1 (got {plain(ratio)})")
    if problems and names is None and not seen:
        raise DefinitionError(f"comparisons do not hold together: {'; '.join(problems)}", problems=problems)
    order = distinct(seen if names is None else names, "comparisons")
    unknown = [name for name in seen if name not in order]
    problems += [f"{name!r} is compared, but is none of the names{did_you_mean(name, order)}" for name in unknown]
    place = {name: position for position, name in enumerate(order)}
    ratios: dict[tuple[int, int], Fraction] = {}
    for a, b, ratio in good:
        if a in place and b in place:
            _add(ratios, place[a], place[b], ratio, order, problems)
    return _checked(Comparisons(order, ratios), problems)


def _from_matrix(rows: Any, names: Iterable[str]) -> Comparisons:
    order = distinct(names, "names of comparisons")
    lines = [list(row) if isinstance(row, Iterable) and not isinstance(row, str) else [row] for row in rows]
    if len(lines) != len(order) or any(len(line) != len(order) for line in lines):
        shape = f"{len(lines)} rows of {', '.join(sorted({str(len(line)) for line in lines})) or 'no'} numbers"
        raise DefinitionError(f"comparisons of {len(order)} names must be a square matrix of that size (got {shape})")
    problems: list[str] = []
    ratios: dict[tuple[int, int], Fraction] = {}
    for i, line in enumerate(lines):
        for j, value in enumerate(line):
            if is_missing_value(value) or (ratio := _ratio(value, order[i], order[j], problems)) is None:
                continue
            if i != j:
                _add(ratios, i, j, ratio, order, problems)
            elif ratio != 1:
                problems.append(f"{order[i]!r} compared with itself must be 1 (got {plain(ratio)})")
    return _checked(Comparisons(order, ratios), problems)


def _ratio(value: Any, a: str, b: str, problems: list[str]) -> Fraction | None:
    try:
        ratio = exact(value, what=f"the comparison of {a!r} with {b!r}")
    except DefinitionError as error:
        problems.append(str(error))
        return None
    if not Fraction(1, _WIDEST) <= ratio <= _WIDEST:
        what = "must be positive" if ratio <= 0 else f"must be from 1/{_WIDEST:,} to {_WIDEST:,}"
        problems.append(f"the comparison of {a!r} with {b!r} {what} (got {plain(ratio)})")
        return None
    return ratio


def _add(
    ratios: dict[tuple[int, int], Fraction],
    i: int,
    j: int,
    ratio: Fraction,
    names: tuple[str, ...],
    problems: list[str],
) -> None:
    """Add a judgement, or its reciprocal; of the two the one above 1 is what was judged, the other is rounded."""
    pair = (min(i, j), max(i, j))
    forward = ratio if i < j else 1 / ratio
    known = ratios.get(pair)
    if known is None:
        ratios[pair] = forward
    elif abs(known / forward - 1) > _RECIPROCAL:
        a, b = names[pair[0]], names[pair[1]]
        (small, big), (over, under) = sorted((ratio, 1 / known if i < j else known)), (names[i], names[j])
        if small != ratio:
            over, under = under, over
        if _is_rounded(small, 1 / big):
            whole = plain(big)
            exactly = f"Fraction(1, {whole})" if isinstance(whole, int) else f"1 / {whole}"
            problems.append(
                f"{over!r} over {under!r} is {plain(small)}, which is 1/{whole} rounded and contradicts it; "
                f"leave it out, for the other way round follows, or give {exactly}"
            )
        else:
            problems.append(
                f"{a!r} over {b!r} is both {plain(known)} and {plain(forward)}; "
                f"if one is {plain(known)}, the other way round is {float(1 / known):.6g}"
            )
    elif ratio > 1:
        ratios[pair] = forward


def _is_rounded(value: Fraction, precisely: Fraction) -> bool:
    """Whether a number is another to fewer places than count as the same."""
    return any(value == exact(round(float(precisely), places)) for places in range(1, 6))


def _checked(read: Comparisons, problems: list[str]) -> Comparisons:
    if problems:
        raise DefinitionError(f"comparisons do not hold together: {'; '.join(problems)}", problems=problems)
    return read
