"""The Choquet integral of a capacity: a worth for every coalition of parts, so that any interaction can be said."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction
from functools import cached_property
from itertools import combinations
from math import factorial
from typing import Any

import numpy as np
from attrs import field, frozen

from perfkit._core.checks import in_order, text
from perfkit._core.columns import FloatColumn
from perfkit._core.notebook import definition
from perfkit._core.numbers import exact, plain
from perfkit.errors import DefinitionError

# Of ten parts there are 1,023 coalitions: beyond, nobody has judged them all.
_MOST = 10
_SHOWN = 4


def _coalitions(worth: Any) -> tuple[tuple[tuple[str, ...], Fraction], ...]:
    try:
        pairs = [
            ((name,) if isinstance(name, str) else in_order(name), value)
            for name, value in (worth.items() if isinstance(worth, Mapping) else worth)
        ]
    except (TypeError, ValueError) as error:
        raise DefinitionError(
            f"a capacity must map each coalition to its worth, such as {{('a', 'b'): 1}} (got {worth!r})", path="worth"
        ) from error
    return tuple(
        (tuple(text(name) for name in names), exact(value, what=f"the worth of {_told(names)}", path="worth"))
        for names, value in pairs
    )


def _told(names: Iterable[str]) -> str:
    return "{" + ", ".join(names) + "}"


@frozen
class ChoquetCapacity:
    """The Choquet integral of scores by a capacity: what each coalition of parts is worth, in any way they interact.

    Going down from the best score, each part adds its score times what it adds to the worth of those before it. A
    worth that adds up gives the weighted mean; one of 0 for all but the whole gives the minimum (Grabisch 1997). The
    weights of the parts do not matter: :meth:`shapley_values` are the weights that the capacity implies. For
    interactions of pairs alone, :class:`Choquet` asks for fewer numbers.

    Where parts are missing, what is left is worth its share of what it is worth together; where that is nothing, the
    least of its scores counts.

    Args:
        worth: a mapping from coalition (a name, or a tuple of names) to its worth, for every coalition of the parts;
            1 for all of them together, and never less for more parts. Ten parts at most.

    Raises:
        DefinitionError: for coalitions that are not there, twice there, or worth less than a part of them: all at once.

    Example:
        >>> from perfkit import Metric, Scorecard
        >>> either = ChoquetCapacity({"sales": 0.9, "service": 0.9, ("sales", "service"): 1})
        >>> card = Scorecard("card", [Metric("sales"), Metric("service")], aggregate=either)
        >>> card.score({"sales": [1, 0.5], "service": [0, 0.5]}).values
        array([0.9, 0.5])
        >>> either.interaction_indices()
        {('sales', 'service'): Fraction(-4, 5)}
    """

    _repr_html_ = definition

    worth: tuple[tuple[tuple[str, ...], Fraction], ...] = field(converter=_coalitions)

    def __attrs_post_init__(self) -> None:
        names = self.names()
        if not names or len(names) > _MOST:
            raise DefinitionError(
                f"a capacity is of 1 to {_MOST} parts (got {len(names)}); put parts together in sections", path="worth"
            )
        problems = list(self._misnamed())
        if not problems:
            problems = [*self._absent(), *self._falling()]
        if problems:
            more = f"; and {len(problems) - _SHOWN} more" if len(problems) > _SHOWN else ""
            raise DefinitionError(
                f"a capacity does not hold together: {'; '.join(problems[:_SHOWN])}{more}",
                path="worth",
                problems=problems,
            )

    def _misnamed(self) -> Iterable[str]:
        seen: set[frozenset[str]] = set()
        for names, value in self.worth:
            coalition = frozenset(names)
            if len(coalition) < len(names):
                yield f"{_told(names)} names a part twice"
            if coalition in seen:
                yield f"{_told(names)} is there twice"
            if not names and value != 0:
                yield f"nothing must be worth 0 (got {plain(value)})"
            seen.add(coalition)

    def _absent(self) -> Iterable[str]:
        for coalition in self._subsets():
            if coalition and frozenset(coalition) not in self._worths:
                yield f"{_told(coalition)} has no worth"
        whole = self._worths.get(frozenset(self.names()))
        if whole is not None and whole != 1:
            yield f"all parts together must be worth 1 (got {plain(whole)})"

    def _falling(self) -> Iterable[str]:
        for coalition in self._subsets():
            worth = self._worths.get(frozenset(coalition))
            for name in coalition:
                fewer = tuple(other for other in coalition if other != name)
                less = self._worths.get(frozenset(fewer))
                if worth is not None and less is not None and worth < less:
                    yield (
                        f"{_told(coalition)} is worth {plain(worth)}, less than {_told(fewer)} with {plain(less)}: "
                        f"a better {name!r} would lower the whole"
                    )

    def names(self) -> tuple[str, ...]:
        """The parts, in the order of their first mention."""
        return tuple(dict.fromkeys(name for names, _ in self.worth for name in names))

    def check(self, shares: Mapping[str, Fraction]) -> None:
        """Refuse parts that no coalition names."""
        beyond = [name for name in shares if name not in self.names()]
        if beyond:
            raise DefinitionError(
                f"a capacity must know every part, and does not know {', '.join(map(repr, beyond))}", path="aggregate"
            )

    def shapley_values(self) -> dict[str, Fraction]:
        """The importance of each part: what it adds to a coalition on average, over every order; they add up to one.

        Source: Shapley (1953), "A value for n-person games".

        Example:
            >>> ChoquetCapacity({"a": 0.5, "b": 0, ("a", "b"): 1}).shapley_values()
            {'a': Fraction(3, 4), 'b': Fraction(1, 4)}
        """
        n = len(self.names())
        found = {}
        for name in self.names():
            total = Fraction(0)
            for others in self._subsets(without=(name,)):
                orders = Fraction(factorial(len(others)) * factorial(n - len(others) - 1), factorial(n))
                total += orders * (self._of(*others, name) - self._of(*others))
            found[name] = total
        return found

    def interaction_indices(self) -> dict[tuple[str, str], Fraction]:
        """The interaction of each pair, from -1 (either is enough) over 0 to 1 (both are needed).

        What two parts add together beyond what each adds alone, on average over the coalitions of the others.

        Source: Murofushi & Soneda (1993); Grabisch (1997), "k-order additive discrete fuzzy measures".
        """
        n = len(self.names())
        found = {}
        for one, other in combinations(self.names(), 2):
            total = Fraction(0)
            for others in self._subsets(without=(one, other)):
                orders = Fraction(factorial(len(others)) * factorial(n - len(others) - 2), factorial(n - 1))
                together = self._of(*others, one, other) - self._of(*others, one)
                total += orders * (together - self._of(*others, other) + self._of(*others))
            found[one, other] = total
        return found

    def combine(self, values: Mapping[str, FloatColumn], shares: Mapping[str, FloatColumn]) -> FloatColumn:
        """The integral of each row."""
        n = len(next(iter(values.values())))
        names, rows = self.names(), np.arange(n)
        # Parts without a score go last and add nothing.
        scores = np.array([np.where(shares[name] > 0, values[name], -np.inf) for name in names])
        order = np.argsort(-scores, axis=0, kind="stable")
        coalition, worth, total = np.zeros(n, dtype=np.int64), np.zeros(n), np.zeros(n)
        least = np.full(n, np.inf)
        for place in range(len(names)):
            which = order[place]
            score = scores[which, rows]
            there = score > -np.inf
            coalition = np.where(there, coalition | (1 << which), coalition)
            reached = self._table[coalition]
            total += np.where(there, (reached - worth) * np.where(there, score, 0.0), 0.0)
            least = np.where(there, score, least)
            worth = reached
        some = worth > 0
        return np.where(some, total / np.where(some, worth, 1.0), least)

    def _of(self, *names: str) -> Fraction:
        return self._worths[frozenset(names)]

    def _subsets(self, without: tuple[str, ...] = ()) -> Iterable[tuple[str, ...]]:
        names = [name for name in self.names() if name not in without]
        for size in range(len(names) + 1):
            yield from combinations(names, size)

    @cached_property
    def _worths(self) -> dict[frozenset[str], Fraction]:
        return {frozenset(): Fraction(0), **{frozenset(names): value for names, value in self.worth}}

    @cached_property
    def _table(self) -> FloatColumn:
        """The worth of each coalition, by a number that has a bit for each of its parts."""
        names = self.names()
        table = np.zeros(1 << len(names))
        for coalition in self._subsets():
            table[sum(1 << names.index(name) for name in coalition)] = float(self._of(*coalition))
        return table
