"""How much a ranking depends on the choices behind it: weights, metrics, measurement, and who else was there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt
from attrs import frozen

from perfkit._core.columns import FloatColumn, Rows, read_rows
from perfkit._core.grid import snap
from perfkit._core.notebook import definition
from perfkit._core.numbers import Number, exact, plain
from perfkit._metrics.metric import Metric, Outcome
from perfkit._metrics.ranking import ranked
from perfkit._metrics.reweighting import (
    CHUNK,
    drawn_scores,
    drawn_weights,
    is_linear,
    outcomes_of,
    random_of,
    recombined_scores,
    siblings_of,
)
from perfkit._metrics.scorecard import Scorecard
from perfkit.errors import DataError, DefinitionError, did_you_mean
from perfkit.typing import Progress

IntColumn = npt.NDArray[np.int64]
# A score this close to a decimal of nine places is that decimal, but for the last bits of a float.
_NOISE = 1e-14
_BILLIONTH = Fraction(1, 10**9)


@frozen(eq=False, repr=False)
class RankRanges:
    """The ranks of each row over many drawn weights.

    Attributes:
        best: the least rank that a row had.
        worst: the greatest.
        mean: the mean.
        first: the share of the draws in which it was first, alone or with others.
        draws: how many weights were drawn.
    """

    _repr_html_ = definition

    best: FloatColumn
    worst: FloatColumn
    mean: FloatColumn
    first: FloatColumn
    draws: int

    def __len__(self) -> int:
        return len(self.best)

    def __str__(self) -> str:
        lines = [f"{'row':>5}  {'best':>7}  {'worst':>7}  {'mean':>8}  {'first':>6}"]
        shown = zip(self.best, self.worst, self.mean, self.first, range(20), strict=False)
        lines += [
            f"{row:>5}  {best:>7.1f}  {worst:>7.1f}  {mean:>8.2f}  {first:>6.1%}"
            for best, worst, mean, first, row in shown
        ]
        if len(self) > 20:
            lines.append(f"and {len(self) - 20:,} rows more")
        return "\n".join(lines)

    def __repr__(self) -> str:
        return f"<RankRanges of {len(self):,} rows over {self.draws:,} draws>"


@frozen(eq=False, repr=False)
class WithoutMetric:
    """The scores and ranks when one metric is left out.

    Attributes:
        name: of the metric.
        values: the scores without it, on the grid.
        ranks: their ranks.
        shift: the rank without it less the rank with it: positive where a row loses places.
    """

    _repr_html_ = definition

    name: str
    values: FloatColumn
    ranks: FloatColumn
    shift: FloatColumn

    @property
    def largest_shift(self) -> float:
        """The most places that anyone gains or loses; 0 where nobody has a rank."""
        return float(np.nanmax(np.abs(self.shift))) if np.isfinite(self.shift).any() else 0.0

    @property
    def mean_shift(self) -> float:
        """The mean of the places gained or lost; 0 where nobody has a rank."""
        return float(np.nanmean(np.abs(self.shift))) if np.isfinite(self.shift).any() else 0.0

    def __repr__(self) -> str:
        return f"<WithoutMetric {self.name!r}: at most {self.largest_shift:g} places, {self.mean_shift:.2f} on average>"


@frozen(eq=False, repr=False)
class SimulatedScores:
    """The scores of each row when what was measured is drawn again within its uncertainty.

    Attributes:
        mean: of the scores.
        deviation: their standard deviation (``ddof=1``).
        low: the quantile that leaves half of what the interval leaves out below it.
        high: the same above.
        best: the least rank.
        worst: the greatest rank.
        draws: how many draws were taken.
    """

    _repr_html_ = definition

    mean: FloatColumn
    deviation: FloatColumn
    low: FloatColumn
    high: FloatColumn
    best: FloatColumn
    worst: FloatColumn
    draws: int
    _values: FloatColumn

    def __len__(self) -> int:
        return len(self.mean)

    def ahead(self, row: int, other: int) -> float:
        """The share of the draws in which a row scores higher than another; ties count half."""
        one, two = self._values[:, row], self._values[:, other]
        return float(np.mean(np.where(one == two, 0.5, one > two)))

    def __repr__(self) -> str:
        return f"<SimulatedScores of {len(self):,} rows over {self.draws:,} draws>"


@frozen
class Reversal:
    """Two rows whose order changes because of somebody else.

    Attributes:
        cause: the row that was left out, or None for rows that were added.
        ahead: the row that was ahead.
        behind: the row that then is.
    """

    _repr_html_ = definition

    cause: int | None
    ahead: int
    behind: int


def rank_ranges(
    card: Scorecard,
    data: Any,
    *,
    seed: int,
    draws: int = 1_000,
    spread: Number | None = None,
    progress: Progress | None = None,
) -> RankRanges:
    """The ranks of each row under weights drawn at random.

    Aggregates to which weights do not matter, such as :class:`Minimum` and :class:`ChoquetCapacity`, stay as they are:
    that nothing moves under them says nothing of the choice of the aggregate.

    Args:
        card: fitted, where it has to be.
        data: a table of the people who are ranked.
        seed: of the draws: those of ``numpy.random.default_rng(seed)``. The same seed gives the same draws with one
            version of NumPy; another version may draw others, so keep results, not seeds.
        draws: how many.
        spread: how far each weight strays: 0.2 multiplies each by a number between 0.8 and 1.2, each as likely. When
            not given, any weights among siblings are as likely as any others (uniform on the simplex).
        progress: what is called with the number of draws that were done, some at a time.

    Raises:
        DefinitionError: for drawn weights that an aggregate is not defined with, as those of :class:`Choquet` that its
            interactions outweigh.

    Example:
        >>> from perfkit import Metric, Scorecard
        >>> card = Scorecard("card", [Metric("x"), Metric("y")])
        >>> print(rank_ranges(card, {"x": [1, 0, 0], "y": [1, 1, 0]}, seed=1))
          row     best    worst      mean   first
            0      1.0      1.0      1.00  100.0%
            1      2.0      2.0      2.00    0.0%
            2      3.0      3.0      3.00    0.0%
    """
    _require_count(draws, "draws")
    limit = None if spread is None else exact(spread, what="spread", path="spread")
    if limit is not None and not 0 <= limit < 1:
        raise DefinitionError(f"spread must be from 0 up to 1 (got {plain(limit)})", path="spread")
    leaves, rows = outcomes_of(card, data)
    groups = list(siblings_of(card))
    random = random_of(seed)
    drawn = [drawn_weights(random, [float(part.weight or 1) for part in parts], draws, limit) for parts in groups]
    best, worst = np.full(rows.n, np.inf), np.full(rows.n, -np.inf)
    total, first = np.zeros(rows.n), np.zeros(rows.n)
    for values in drawn_scores(card, leaves, groups, drawn, draws):
        for one in values:
            ranks = ranked(one, card.grid, "competition", None)
            np.fmin(best, ranks, out=best)
            np.fmax(worst, ranks, out=worst)
            total += ranks
            first += ranks == 1
        if progress is not None:
            progress(len(values))
    without = np.isnan(total)
    for column in (best, worst, first):
        column[without] = np.nan
    return RankRanges(best, worst, total / draws, first / draws, draws)


def leave_one_out(card: Scorecard, data: Any, *, progress: Progress | None = None) -> dict[str, WithoutMetric]:
    """The scores and ranks without each metric in turn; its weight goes to its siblings.

    What is left out is not missing: it has no floor under a :class:`Veto`, and is not asked for by ``min_coverage``.

    Args:
        card: fitted, where it has to be.
        data: a table of the people who are ranked.
        progress: what is called with 1 after each metric.

    Example:
        >>> from perfkit import Metric, Scorecard
        >>> card = Scorecard("card", [Metric("x", weight=3), Metric("y", weight=1)])
        >>> leave_one_out(card, {"x": [1, 2], "y": [2, 0]})["x"]
        <WithoutMetric 'x': at most 1 places, 1.00 on average>
    """
    leaves, rows = outcomes_of(card, data)
    if len(leaves) < 2:
        raise DefinitionError(f"{card.name!r} has a single metric, and nothing is left without it", path="sections")
    ranks = ranked(recombined_scores(card, leaves, {}), card.grid, "competition", None)
    found = {}
    nothing = Outcome(np.full(rows.n, np.nan), np.zeros(rows.n), np.ones(rows.n))
    for name in leaves:
        values = recombined_scores(card, {**leaves, name: nothing}, {}, name)
        without = ranked(values, card.grid, "competition", None)
        found[name] = WithoutMetric(name, values, without, without - ranks)
        if progress is not None:
            progress(1)
    return found


def simulate_scores(
    card: Scorecard,
    data: Any,
    *,
    seed: int,
    draws: int = 1_000,
    interval: Number = Fraction(19, 20),
    progress: Progress | None = None,
) -> SimulatedScores:
    """The scores when each raw value is drawn again from a normal distribution around what was measured.

    The standard deviation of each metric is its ``uncertainty``; metrics without one are taken as exact. Of a row
    without a value nothing is drawn: it stays missing. A row with a value and no deviation is refused, for silence
    about an error is no certainty; give 0 for what is exact.

    Args:
        card: fitted, where it has to be.
        data: a table of the people who are scored.
        seed: of the draws: those of ``numpy.random.default_rng(seed)``. The same seed gives the same draws with one
            version of NumPy; another version may draw others, so keep results, not seeds.
        draws: how many.
        interval: the share of the draws that lies between ``low`` and ``high``.
        progress: what is called with the number of draws that were done, some at a time.

    Raises:
        DefinitionError: for a card on which no metric has an uncertainty.
        DataError: for a deviation that is negative, or missing beside a value.

    Example:
        >>> from perfkit import Metric, Scorecard
        >>> card = Scorecard("card", [Metric("x", uncertainty=0.1)])
        >>> simulation = simulate_scores(card, {"x": [1.0, 0.7]}, seed=1)
        >>> bool(simulation.ahead(0, 1) > 0.95)
        True
    """
    _require_count(draws, "draws")
    share = exact(interval, what="interval", path="interval")
    if not 0 < share < 1:
        raise DefinitionError(f"interval must be a share between 0 and 1 (got {plain(share)})", path="interval")
    uncertain = [metric for metric in card.metrics() if metric.uncertainty is not None]
    if not uncertain:
        raise DefinitionError(
            f"no metric of {card.name!r} has an uncertainty; declare the standard deviation of its error with "
            "uncertainty=",
            path="sections",
        )
    uncertain = _of_each_column(uncertain)
    names = [need.name for need in card.needs()]
    names += [metric.uncertainty for metric in uncertain if isinstance(metric.uncertainty, str)]
    rows = read_rows(data, dict.fromkeys(names))
    random = random_of(seed)
    values = np.empty((draws, rows.n))
    at_a_time = max(1, CHUNK // max(rows.n, 1))
    for start in range(0, draws, at_a_time):
        several = min(at_a_time, draws - start)
        columns: dict[str, FloatColumn] = {}
        for metric in uncertain:
            actual = np.tile(rows.number(metric.column), several)
            deviation = _deviation(metric, rows)
            columns[metric.column] = actual + np.tile(deviation, several) * random.standard_normal(len(actual))
        drawn = rows.repeated(several).replacing(columns)
        values[start : start + several] = _drawn_values(card, drawn).reshape(several, rows.n)
        if progress is not None:
            progress(several)
    best, worst = np.full(rows.n, np.inf), np.full(rows.n, -np.inf)
    for one in values:
        ranks = ranked(one, card.grid, "competition", None)
        np.fmin(best, ranks, out=best)
        np.fmax(worst, ranks, out=worst)
    tail = float((1 - share) / 2)
    low, high = np.quantile(values, [tail, 1 - tail], axis=0)
    deviation = values.std(axis=0, ddof=1) if draws > 1 else np.zeros(rows.n)
    without = np.isnan(values).any(axis=0)
    for column in (best, worst):
        column[without] = np.nan
    return SimulatedScores(values.mean(axis=0), deviation, low, high, best, worst, draws, values)


def rank_reversals(
    card: Scorecard, data: Any, *, added: Any = None, rows: Sequence[int] | None = None
) -> tuple[Reversal, ...]:
    """The pairs of rows whose order changes when others join or leave, with the card fit anew each time.

    A card that is fitted has none: its scales are frozen. That is the reason to freeze them.

    Args:
        card: as it was before it was fit.
        data: a table of the people who are ranked.
        added: a table of people who join; when not given, each of ``rows`` leaves in turn.
        rows: the row numbers of those who leave, one at a time; all when not given.

    Raises:
        DataError: where the card cannot be fit to those who are left, as when the last but one of a group leaves,
            naming who left.

    Example:
        >>> from perfkit import Metric, MinMax, Scorecard
        >>> card = Scorecard("card", [Metric("x", scale=MinMax()), Metric("y", scale=MinMax())])
        >>> rank_reversals(card, {"x": [10, 9, 0], "y": [52, 55, 50]}, added={"x": [10], "y": [100]})
        (Reversal(cause=None, ahead=1, behind=0),)
    """
    names = [need.name for need in card.needs()]
    here = read_rows(data, names)
    before = card.fit(here).score(here).values
    if added is not None:
        if rows is not None:
            raise DataError("give added or rows, not both: people join, or they leave")
        joined = read_rows(added, names)
        both = {name: np.concatenate([here.raw(name), joined.raw(name)]) for name in names}
        after = _scored_anew(card, read_rows(both, names), "with those who join")[: here.n]
        return tuple(_reversed(None, before, after, np.arange(here.n)))
    found: list[Reversal] = []
    if any(not -here.n <= leaving < here.n for leaving in rows or ()):
        raise DataError(f"rows must be some of the {here.n:,} that there are, from 0 on (got {list(rows or ())!r})")
    for leaving in range(here.n) if rows is None else rows:
        stay = np.delete(np.arange(here.n), range(here.n)[leaving])
        some = here[stay]
        gone = range(here.n)[leaving]
        after = _scored_anew(card, some, f"without row {gone}", "; or name in rows= only those who can be spared")
        found += _reversed(gone, before[stay], after, stay)
    return tuple(found)


def weight_threshold(card: Scorecard, data: Any, metric: str, *, rows: tuple[int, int] = (0, 1)) -> Fraction | None:
    """The weight of a metric at which two rows change places, the other weights keeping their proportions.

    Args:
        card: of weighted means throughout.
        data: a table with the two rows.
        metric: whose weight is changed.
        rows: the two rows.

    Returns:
        the share of the whole card, between 0 and 1, or None where no weight makes the two equal. It is exact where the
        scores of metrics are decimals of up to nine places; else it is the simplest fraction within a billionth, for
        more digits would be those of floats.

    Example:
        >>> from perfkit import Metric, Scorecard
        >>> card = Scorecard("card", [Metric("x", weight=2), Metric("y", weight=5), Metric("z", weight=3)])
        >>> weight_threshold(card, {"x": [90, 60], "y": [60, 80], "z": [70, 85]}, "x")
        Fraction(29, 77)
    """
    weights = card.weights()
    if metric not in weights:
        raise DefinitionError(f"no metric is called {metric!r}{did_you_mean(metric, weights)}")
    if len(weights) == 1:
        raise DefinitionError(f"{card.name!r} has a single metric, and no other that its weight could be taken from")
    if not is_linear(card):
        raise DefinitionError("a threshold is found for weighted means throughout; the card has another aggregate")
    leaves, _ = outcomes_of(card, data)
    n = len(next(iter(leaves.values())).value)
    if any(not 0 <= row < n for row in rows):
        raise DataError(f"rows must be two of the {n:,} that there are, from 0 on (got {tuple(rows)!r})")
    ahead: dict[str, Fraction] = {}
    is_exact = True
    for name, outcome in leaves.items():
        pair = [float(outcome.value[row]) for row in rows]
        if np.isnan(pair).any():
            raise DataError(f"both rows must have a score of {name!r}", column=name)
        near = snap(np.array(pair))
        is_exact = is_exact and bool((np.abs(near - pair) <= _NOISE * np.maximum(1.0, np.abs(near))).all())
        ahead[name] = exact(near[0]) - exact(near[1])
    others = sum((weights[name] * ahead[name] for name in weights if name != metric), Fraction(0)) / (
        1 - weights[metric]
    )
    if ahead[metric] == others:
        return None
    threshold = others / (others - ahead[metric])
    if not 0 <= threshold <= 1:
        return None
    return threshold if is_exact else _simplest(threshold - _BILLIONTH, threshold + _BILLIONTH)


def _simplest(low: Fraction, high: Fraction) -> Fraction:
    """The fraction with the least denominator between two bounds."""
    whole = -(-low.numerator // low.denominator)
    if whole <= high:
        return Fraction(whole)
    below = whole - 1
    return below + 1 / _simplest(1 / (high - below), 1 / (low - below))


def _require_count(count: int, what: str) -> None:
    if isinstance(count, bool) or not isinstance(count, int) or count < 1:
        raise DefinitionError(f"{what} must be a whole number from 1 on (got {count!r})", path=what)


def _of_each_column(metrics: Sequence[Metric]) -> list[Metric]:
    """A metric for each column, which is drawn once; those that say different things of its error are refused."""
    said: dict[str, Metric] = {}
    for metric in metrics:
        first = said.setdefault(metric.column, metric)
        if first.uncertainty != metric.uncertainty:
            raise DefinitionError(
                f"{first.name!r} and {metric.name!r} both read {metric.column!r}, whose error has one deviation; give "
                "both the same uncertainty, or only one of them",
                path="uncertainty",
            )
    return list(said.values())


def _deviation(metric: Metric, rows: Rows) -> FloatColumn:
    if isinstance(metric.uncertainty, str):
        deviation = rows.number(metric.uncertainty)
        rows.require(~(deviation < 0), metric.uncertainty, "must not be a negative deviation", "give its size")
        told = ~np.isnan(deviation) | np.isnan(rows.number(metric.column))
        expected = f"must be there wherever {metric.column!r} is"
        rows.require(told, metric.uncertainty, expected, "give 0 for what is exact")
        return np.where(np.isnan(deviation), 0.0, deviation)
    return np.full(rows.n, float(metric.uncertainty or 0))


def _scored_anew(card: Scorecard, rows: Rows, who: str, cure: str = "") -> FloatColumn:
    """The scores of some by the card that is fit to them; who they are is said where that fails."""
    try:
        return card.fit(rows).score(rows).values
    except DataError as error:
        raise DataError(f"{who}, {error}{cure}", column=error.column, rows=error.rows, count=error.count) from error


def _drawn_values(card: Scorecard, drawn: Rows) -> FloatColumn:
    """The scores of what was drawn; an error names the people and says that it was."""
    try:
        return card.score(drawn).values
    except DataError as error:
        told = f"drawn again within its uncertainty, {error}"
        raise DataError(told, column=error.column, rows=error.rows, count=error.count) from error


def _reversed(cause: int | None, before: FloatColumn, after: FloatColumn, rows: IntColumn) -> Iterator[Reversal]:
    order = np.argsort(-before, kind="stable")
    for position, one in enumerate(order[:-1]):
        later = order[position + 1 :]
        for other in later[(before[one] > before[later]) & (after[one] < after[later])]:
            yield Reversal(cause, int(rows[one]), int(rows[other]))
