"""How the scores of siblings become one, other than by their weighted mean."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any, Literal

import numpy as np
from attrs import evolve, field, frozen

from perfkit._core.checks import in_order, one_of, several, text
from perfkit._core.columns import BoolColumn, FloatColumn
from perfkit._core.grid import publish
from perfkit._core.notebook import definition
from perfkit._core.numbers import Number, exact, plain
from perfkit._metrics import portable
from perfkit.errors import DataError, DefinitionError
from perfkit.explain import AnyRecorder
from perfkit.typing import Aggregate, FittedAggregate

Columns = Mapping[str, FloatColumn]


def _refuse_negative(values: Columns, shares: Columns, what: str) -> None:
    for name, value in values.items():
        negative = (value < 0) & (shares[name] > 0)
        if negative.any():
            rows = np.flatnonzero(negative)
            raise DataError(
                f"a {what} mean is of scores that are not negative, and that of {name!r} is {float(value[rows[0]])!r}; "
                "give it a curve or a scale from 0 on",
                column=name,
                rows=[int(row) for row in rows],
                count=len(rows),
            )


def _exponent(value: Number) -> Fraction:
    p = exact(value, what="p", path="p")
    if abs(p) > 100:
        raise DefinitionError(f"p must be from -100 to 100 (got {plain(p)}); take Minimum()", path="p")
    return p


def _cap(value: Number) -> Fraction:
    return exact(value, what="cap", path="cap")


def _weights(weights: Any) -> tuple[Fraction, ...]:
    found = tuple(exact(weight, what="a weight", path="weights") for weight in several(weights))
    if not found or min(found) < 0 or sum(found) == 0:
        raise DefinitionError("weights must not be negative, and not all of them 0", path="weights")
    return found


def _floors(floors: Any) -> tuple[tuple[str, Fraction], ...]:
    try:
        pairs = [(name, value) for name, value in (floors.items() if isinstance(floors, Mapping) else floors)]
    except (TypeError, ValueError) as error:
        raise DefinitionError(
            f"at_least must map each part to its floor, such as {{'safety': 0.5}} (got {floors!r})", path="at_least"
        ) from error
    found = tuple((text(name), exact(value, what="at_least", path="at_least")) for name, value in pairs)
    if not found:
        raise DefinitionError("a veto needs the floor of at least one part", path="at_least")
    return found


def _two(pair: Any) -> tuple[Any, ...]:
    if isinstance(pair, str):
        raise TypeError(pair)
    return in_order(pair)


def _pairs(given: Any) -> tuple[tuple[str, str, Fraction], ...]:
    try:
        found = [(*_two(pair), size) for pair, size in given.items()] if isinstance(given, Mapping) else given
        triples = [(one, other, size) for one, other, size in found]
    except (TypeError, ValueError) as error:
        raise DefinitionError(
            f"interactions are of two parts each, such as {{('a', 'b'): 0.5}} (got {given!r})", path="interactions"
        ) from error
    return tuple((text(one), text(other), exact(size, what="an interaction")) for one, other, size in triples)


@frozen
class PowerMean:
    """The power mean of scores that are not negative: (sum of share x score^p)^(1/p).

    The smaller p, the less a good score makes up for a bad one: 1 is the weighted mean, 0 the geometric mean, -1 the
    harmonic mean. Up to 0, a score of 0 makes the whole 0.

    Args:
        p: the exponent, from -100 to 100.

    Example:
        >>> from perfkit import Metric, Scorecard
        >>> Scorecard("card", [Metric("x"), Metric("y")], aggregate=PowerMean(2)).score_one({"x": 1, "y": 7}).value
        5.0
    """

    _repr_html_ = definition

    p: Fraction = field(converter=_exponent)

    def names(self) -> tuple[str, ...]:
        """None: all parts are alike to it."""
        return ()

    def combine(self, values: Columns, shares: Columns) -> FloatColumn:
        """The mean of each row."""
        _refuse_negative(values, shares, _mean_name(self.p))
        p = float(self.p)
        n = len(next(iter(values.values())))
        total, annihilated = np.zeros(n), np.zeros(n, dtype=np.bool_)
        largest, smallest = np.zeros(n), np.full(n, np.inf)
        for name, value in values.items():
            counts = shares[name] > 0
            largest = np.where(counts, np.maximum(largest, value), largest)
            smallest = np.where(counts & (value > 0), np.minimum(smallest, value), smallest)
        # The term that decides becomes 1, so that the others vanish beside it and no power leaves what floats hold.
        scale = np.where(largest > 0, smallest if p < 0 else largest, 1.0)
        for name, value in values.items():
            counts = shares[name] > 0
            zero = counts & (value == 0)
            part = np.where(counts & ~zero, value / scale, 1.0)
            if p <= 0:
                annihilated |= zero
            term = portable.log(part) if p == 0 else portable.power(part, p)
            total += np.where(counts & ~zero, shares[name] * term, 0.0)
        positive = total > 0
        if p == 0:
            mean = portable.exp(total)
        else:
            mean = portable.power(np.where(positive, total, 1.0), 1 / p)
            mean = np.where(positive, mean, 0.0)
        return np.where(annihilated | (largest == 0), 0.0, scale * mean)


def _mean_name(p: Fraction) -> str:
    return {0: "geometric", -1: "harmonic"}.get(int(p), "power") if p.denominator == 1 else "power"


@frozen
class Geometric:
    """The weighted geometric mean: half as good in one part is made up for by twice as good in another of its weight.

    Scores must not be negative, and one of 0 makes the whole 0.

    Example:
        >>> from perfkit import Metric, Scorecard
        >>> Scorecard("card", [Metric("x"), Metric("y")], aggregate=Geometric()).score_one({"x": 2, "y": 8}).value
        4.0
    """

    _repr_html_ = definition

    def names(self) -> tuple[str, ...]:
        """None: all parts are alike to it."""
        return ()

    def combine(self, values: Columns, shares: Columns) -> FloatColumn:
        """The mean of each row."""
        return PowerMean(0).combine(values, shares)


@frozen
class Harmonic:
    """The weighted harmonic mean: the mean of rates. Scores must not be negative, and one of 0 makes the whole 0.

    Example:
        >>> from perfkit import Metric, Scorecard
        >>> Scorecard("card", [Metric("x"), Metric("y")], aggregate=Harmonic()).score_one({"x": 2, "y": 6}).value
        3.0
    """

    _repr_html_ = definition

    def names(self) -> tuple[str, ...]:
        """None: all parts are alike to it."""
        return ()

    def combine(self, values: Columns, shares: Columns) -> FloatColumn:
        """The mean of each row."""
        return PowerMean(-1).combine(values, shares)


def _ddof(value: Any) -> int:
    if value not in (0, 1) or isinstance(value, bool):
        raise DefinitionError(f"ddof must be 0 (a population) or 1 (a sample) (got {value!r})", path="ddof")
    return int(value)


@frozen
class MazziottaPareto:
    """The mean less a penalty for imbalance: mean - deviation x coefficient of variation, of the scores of each row.

    Someone who is alike in everything keeps the mean; the more uneven, the less. It is the index of De Muro, Mazziotta
    & Pareto (2011), with the shares of the parts in the mean and in the deviation.

    Of three parts or more it is not monotone: a score that lies far above the others, beyond one and a half times the
    mean, costs more balance than it brings, so that a better part can lower the whole, even below the least of them. It
    is meant for scores that lie close together, as those from 70 to 130 in the source.

    Args:
        penalty: ``subtract``, or ``add`` it where a higher score is worse.
        ddof: 0 for the deviation of a population (the source), 1 for that of a sample, which needs two parts.

    Raises:
        DataError: when it scores, for scores that are negative.

    Example:
        >>> from perfkit import Metric, Scorecard
        >>> card = Scorecard("card", [Metric("x"), Metric("y")], aggregate=MazziottaPareto())
        >>> card.score({"x": [100, 80], "y": [100, 120]}).values
        array([100.,  96.])
    """

    _repr_html_ = definition

    penalty: Literal["subtract", "add"] = field(default="subtract")
    ddof: int = field(default=0, converter=_ddof, kw_only=True)

    def __attrs_post_init__(self) -> None:
        one_of(self.penalty, ("subtract", "add"), "penalty")

    def names(self) -> tuple[str, ...]:
        """None: all parts are alike to it."""
        return ()

    def combine(self, values: Columns, shares: Columns) -> FloatColumn:
        """The penalised mean of each row; that of a single part is its score."""
        _refuse_negative(values, shares, "Mazziotta-Pareto")
        n = len(next(iter(values.values())))
        mean, variance, count = np.zeros(n), np.zeros(n), np.zeros(n)
        for name, value in values.items():
            there = shares[name] > 0
            mean += np.where(there, shares[name] * value, 0.0)
            count += there
        for name, value in values.items():
            away = np.where(shares[name] > 0, value - mean, 0.0)
            variance += shares[name] * away * away
        if self.ddof:
            variance *= np.where(count > 1, count / np.maximum(count - 1, 1.0), 1.0)
        # The deviation times its coefficient of variation is the variance over the mean.
        penalty = np.where(mean > 0, variance / np.where(mean > 0, mean, 1.0), 0.0)
        return mean - penalty if self.penalty == "subtract" else mean + penalty


@frozen
class Minimum:
    """The least score: nothing makes up for anything. Weights do not matter.

    Example:
        >>> from perfkit import Metric, Scorecard
        >>> Scorecard("card", [Metric("x"), Metric("y")], aggregate=Minimum()).score_one({"x": 2, "y": 8}).value
        2.0
    """

    _repr_html_ = definition

    def names(self) -> tuple[str, ...]:
        """None: all parts are alike to it."""
        return ()

    def combine(self, values: Columns, shares: Columns) -> FloatColumn:
        """The least of each row."""
        least = np.full(len(next(iter(values.values()))), np.inf)
        for name, value in values.items():
            least = np.where(shares[name] > 0, np.minimum(least, value), least)
        return least


@frozen
class OrderedMean:
    """The ordered weighted average (OWA): weights go to the best score, the second best and so on, not to parts.

    With parts of unequal weight, or with some of them missing, each part takes as much of the run of weights as its
    share is, in the order of the scores (the weighted OWA, straight between the weights). With equal shares that is the
    ordinary OWA.

    Args:
        weights: for the best score first; none negative, relative to their sum.

    Example:
        >>> from perfkit import Metric, Scorecard
        >>> card = Scorecard("card", [Metric("x"), Metric("y"), Metric("z")], aggregate=OrderedMean([0.5, 0.3, 0.2]))
        >>> card.score_one({"x": 3, "y": 9, "z": 6}).value
        6.9
    """

    _repr_html_ = definition

    weights: tuple[Fraction, ...] = field(converter=_weights)

    def names(self) -> tuple[str, ...]:
        """None: all parts are alike to it."""
        return ()

    def combine(self, values: Columns, shares: Columns) -> FloatColumn:
        """The ordered mean of each row."""
        n = len(next(iter(values.values())))
        # Parts without a score count nothing and go last.
        scores = np.array([np.where(shares[name] > 0, value, -np.inf) for name, value in values.items()])
        order = np.argsort(-scores, axis=0, kind="stable")
        reached, taken, mean = np.zeros(n), np.zeros(n), np.zeros(n)
        share_columns = np.array([shares[name] for name in values])
        rows = np.arange(n)
        for place in range(len(scores)):
            which = order[place]
            share, score = share_columns[which, rows], scores[which, rows]
            reached = reached + share
            filled = self._filled(reached)
            mean += np.where(share > 0, (filled - taken) * np.where(share > 0, score, 0.0), 0.0)
            taken = filled
        return mean / taken

    def _filled(self, reached: FloatColumn) -> FloatColumn:
        """How much of the weights the first parts take: straight from 0 at 0 to 1 at 1."""
        whole, n = sum(self.weights), len(self.weights)
        total, so_far = np.zeros(len(reached)), np.minimum(reached, 1.0) * n
        # A sum of shares that lies within a rounding of a whole number is that number.
        near = np.rint(so_far)
        so_far = np.where(np.abs(so_far - near) < 1e-9, near, so_far)
        for position, weight in enumerate(self.weights):
            total += float(weight / whole) * np.clip(so_far - position, 0.0, 1.0)
        return total


@frozen
class Veto:
    """A floor that a good score elsewhere cannot buy back: below it the whole is held down.

    Args:
        at_least: the floor of each part that has one, by its name; scores and floors are compared on the grid of 1e-6.
        cap: the most that the whole can then be.
        of: how the parts become one otherwise; the weighted mean when not given.
        missing: whether a part with a floor but without a score ``passes`` (the default) or ``vetoes``.

    Example:
        >>> from perfkit import Metric, Scorecard
        >>> card = Scorecard("card", [Metric("sales"), Metric("safety")], aggregate=Veto({"safety": 0.5}))
        >>> card.score({"sales": [2, 2], "safety": [0.5, 0.4]}).values
        array([1.25, 0.  ])
    """

    _repr_html_ = definition

    at_least: tuple[tuple[str, Fraction], ...] = field(converter=_floors)
    cap: Fraction = field(default=Fraction(0), converter=_cap)
    of: Any = field(default=None, kw_only=True)
    missing: Literal["passes", "vetoes"] = field(default="passes", kw_only=True)

    def __attrs_post_init__(self) -> None:
        one_of(self.missing, ("passes", "vetoes"), "missing")
        if self.of is not None and not isinstance(self.of, Aggregate):
            raise DefinitionError(f"of must be an aggregate such as Geometric() (got {self.of!r})", path="of")

    def is_fitted(self, parts: tuple[str, ...]) -> bool:
        """Whether the aggregate inside has seen the population, if it needs one."""
        return not isinstance(self.of, FittedAggregate) or self.of.is_fitted(parts)

    def observe(self, values: Columns, shares: Columns) -> Mapping[str, FloatColumn]:
        """What the aggregate inside has to know next."""
        return dict(self.of.observe(values, shares))

    def fit(self, seen: Mapping[str, tuple[Fraction, Fraction]]) -> Veto:
        """The same floors around the aggregate that knows it."""
        return evolve(self, of=self.of.fit(seen))

    def names(self) -> tuple[str, ...]:
        """The parts that have a floor, and those that the aggregate inside names."""
        inner = () if self.of is None else self.of.names()
        return (*(name for name, _ in self.at_least), *inner)

    def combine(self, values: Columns, shares: Columns) -> FloatColumn:
        """The combined score of each row, held down where a floor is missed."""
        if self.of is None:
            whole = np.zeros(len(next(iter(values.values()))))
            for name, value in values.items():
                whole += np.where(shares[name] > 0, shares[name] * value, 0.0)
        else:
            whole = self.of.combine(values, shares)
        held = np.zeros(len(whole), dtype=np.bool_)
        for name, floor in self.at_least:
            held |= self._falls_short(values[name], floor)
        return np.where(held, np.minimum(whole, float(self.cap)), whole)

    def _falls_short(self, value: FloatColumn, floor: Fraction) -> BoolColumn:
        # The floor goes to the grid too: a score of a third reaches a floor of a third.
        return (publish(value) < publish(np.array([float(floor)]))) | (np.isnan(value) & (self.missing == "vetoes"))

    def record(self, record: AnyRecorder, values: Columns, whole: Fraction) -> Fraction:
        """Name each floor that the row misses, the first with what it takes off the whole; and what is left of it."""
        held = whole
        for name, floor in self.at_least:
            if self._falls_short(values[name], floor)[0]:
                seen = float(publish(values[name])[0])
                told = "missing" if np.isnan(seen) else seen
                least = min(held, self.cap)
                record.leaf("vetoed", least - held, label=name, seen=told, floor=floor, cap=self.cap)
                held = least
        return held


@frozen
class Choquet:
    """The two-additive Choquet integral: shares, and interactions of pairs.

    A positive interaction asks for both parts (the worse of them counts), a negative one for either (the better
    counts). The weights of the parts are their Shapley values, the importance of each over all coalitions: from the
    weighted mean, half of each interaction times the distance of its two scores is taken off (Grabisch 1997).
    Where parts are missing, the shares of the others grow and their interactions stay.

    Args:
        interactions: triples of two parts and their interaction from -1 to 1, or a mapping from pair to interaction.

    Raises:
        DefinitionError: for a pair that is named twice. When it meets the weights, for interactions that outweigh a
            part: half the sum of their sizes must not exceed its share, or a better score could lower the whole.

    Example:
        >>> from perfkit import Metric, Scorecard
        >>> both = Choquet({("sales", "quality"): 0.6})
        >>> card = Scorecard("card", [Metric("sales"), Metric("quality")], aggregate=both)
        >>> card.score({"sales": [1, 0.5], "quality": [0, 0.5]}).values
        array([0.2, 0.5])
    """

    _repr_html_ = definition

    interactions: tuple[tuple[str, str, Fraction], ...] = field(converter=_pairs)

    def __attrs_post_init__(self) -> None:
        seen: set[frozenset[str]] = set()
        for one, other, size in self.interactions:
            pair = frozenset((one, other))
            if len(pair) == 1 or pair in seen:
                raise DefinitionError(
                    f"each pair of two parts must be named once (got {one!r} and {other!r})", path="interactions"
                )
            if not -1 <= size <= 1:
                raise DefinitionError(f"an interaction must be from -1 to 1 (got {plain(size)})", path="interactions")
            seen.add(pair)

    def names(self) -> tuple[str, ...]:
        """The parts that interact."""
        return tuple(dict.fromkeys(name for one, other, _ in self.interactions for name in (one, other)))

    def check(self, shares: Mapping[str, Fraction]) -> None:
        """Refuse interactions that outweigh a part."""
        for name, share in shares.items():
            load = sum((abs(size) for one, other, size in self.interactions if name in (one, other)), Fraction(0)) / 2
            if load > share:
                raise DefinitionError(
                    f"the interactions of {name!r} outweigh its share: half their sizes add up to {plain(load)}, and "
                    f"its share is {plain(share)}; a better score could lower the whole",
                    path="interactions",
                )

    def combine(self, values: Columns, shares: Columns) -> FloatColumn:
        """The integral of each row."""
        total = np.zeros(len(next(iter(values.values()))))
        for name, value in values.items():
            total += np.where(shares[name] > 0, shares[name] * value, 0.0)
        for one, other, size in self.interactions:
            both = (shares[one] > 0) & (shares[other] > 0)
            total -= float(size) / 2 * np.where(both, np.abs(values[one] - values[other]), 0.0)
        return total
