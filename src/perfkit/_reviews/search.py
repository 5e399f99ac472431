"""The least change that reaches an outcome, found on a grid by scoring the row again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import islice, pairwise, product
from typing import Any

import numpy as np
import numpy.typing as npt
from attrs import field, frozen

from perfkit._reviews.axis import Axis, plan_curve
from perfkit._reviews.evaluation import Evaluation, Of
from perfkit.errors import DataError
from perfkit.incentives import IncentivePlan

BoolColumn = npt.NDArray[np.bool_]
# How many places of a column that gains nothing by itself are tried with others, and how many of all such rows.
_SOME, _TOGETHER = 16, 4_096


@frozen(eq=False)
class Search:
    """A row, the outcome that is wanted, and the axes along which the row may move.

    Places are multiples of the axes' steps; an axis that is not in a row's places stands where it is.
    """

    evaluation: Evaluation
    of: Of
    wanted: float
    axes: Mapping[str, Axis]
    _bends: tuple[float, ...] = field(default=())
    _known: dict[tuple[str, int, bool], list[int]] = field(factory=dict, init=False)

    def outcomes(self, rows: Sequence[Mapping[str, int]]) -> npt.NDArray[Any]:
        """The outcome at each of several places; NaN where the rules refuse it."""
        if not rows:
            return np.zeros(0)
        columns = {
            name: [axis.typed(row[name]) if name in row else self.evaluation.row[name] for row in rows]
            for name, axis in self.axes.items()
        }
        return self._measured(columns, len(rows), self.of)

    def _measured(self, columns: Mapping[str, list[Any]], n: int, of: Of) -> npt.NDArray[Any]:
        try:
            return self.evaluation.measured(of, columns)
        except DataError:
            # Results that the rules refuse, such as 13 months of 12, reach nothing: find out which they are.
            if n == 1:
                return np.array([np.nan])
            half = n // 2
            parts = [
                self._measured({name: column[some] for name, column in columns.items()}, size, of)
                for some, size in ((slice(half), half), (slice(half, n), n - half))
            ]
            return np.concatenate([part.astype(np.float64) for part in parts])

    def reached(self, rows: Sequence[Mapping[str, int]]) -> BoolColumn:
        """Whether each of several places has the outcome."""
        return np.asarray(self.outcomes(rows) >= self.wanted)

    def least(self, column: str, rows: Sequence[Mapping[str, int]]) -> list[int | None]:
        """For each of several places, the nearest one along a column that reaches the outcome; None for none.

        Between two neighbouring places of an axis the outcome only rises or only falls, so that it is reached
        between them only where it is at one of them.
        """
        axis = self.axes[column]
        best: list[int | None] = [None] * len(rows)
        for sign in (1, -1):
            # For the many rows of a mix, which is not said to be least then, bends must do.
            places = self.places(column, sign, one_by_one=axis.is_shared and len(rows) == 1)
            for position, found in enumerate(self._first(column, rows, places, sign)):
                nearest = best[position]
                if found is not None and (nearest is None or self._far(axis, found) < self._far(axis, nearest)):
                    best[position] = found
        return best

    def places(self, column: str, sign: int, *, one_by_one: bool = False) -> list[int]:
        """The places along a column, outward, between which the outcome only rises or only falls."""
        key = column, sign, one_by_one
        if key not in self._known:
            places = self._allowed(column, self.axes[column].outward(sign, one_by_one=one_by_one))
            self._known[key] = self._finer(column, places, sign) if self._bends else places
        return self._known[key]

    def is_each_looked_at(self, column: str, place: int | None) -> bool:
        """Whether nothing was passed over on the way to a place, or for None anywhere along a column.

        Between the places of a column that one rule reads the outcome only rises or only falls, so that nothing is.
        """
        axis = self.axes[column]
        return not axis.is_shared or axis.is_listed(None if place is None else abs(place - axis.now / axis.step))

    def _allowed(self, column: str, places: list[int]) -> list[int]:
        """The places that the rules take, with the last one before each that they refuse."""
        taken = self.outcomes([{column: place} for place in places])
        kept: list[int] = []
        for position, (place, value) in enumerate(zip(places, taken, strict=True)):
            is_refused = value != value
            if not is_refused:
                kept.append(place)
            elif position and taken[position - 1] == taken[position - 1]:
                good, bad = places[position - 1], place
                while abs(bad - good) > 1:
                    middle = (good + bad) // 2
                    found = self.outcomes([{column: middle}])[0]
                    good, bad = (middle, bad) if found == found else (good, middle)
                kept.append(good)
        return list(dict.fromkeys(kept))

    def _far(self, axis: Axis, place: int) -> Any:
        return abs(place * axis.step - axis.now)

    def _first(
        self, column: str, rows: Sequence[Mapping[str, int]], places: Sequence[int], sign: int
    ) -> list[int | None]:
        if not places:
            return [None] * len(rows)
        table = self.reached([{**row, column: place} for row in rows for place in places]).reshape(len(rows), -1)
        # For each row that gets there, a place that does not reach and one after it that does.
        ends: dict[int, tuple[int, int]] = {}
        for position in np.flatnonzero(table.any(axis=1)).tolist():
            first = int(table[position].argmax())
            ends[position] = (places[first - 1] if first else places[0] - sign, places[first])
        while wide := [position for position, (near, far) in ends.items() if abs(far - near) > 1]:
            middles = [sum(ends[position]) // 2 for position in wide]
            hits = self.reached([{**rows[one], column: middle} for one, middle in zip(wide, middles, strict=True)])
            for position, middle, hit in zip(wide, middles, hits.tolist(), strict=True):
                near, far = ends[position]
                ends[position] = (near, middle) if hit else (middle, far)
        return [ends[position][1] if position in ends else None for position in range(len(rows))]

    def _finer(self, column: str, places: list[int], sign: int) -> list[int]:
        """Places with those added at which the score crosses a score where pay turns."""
        found = set(places)
        scores = self._scores(column, places)
        for (place, first), (following, last) in pairwise(zip(places, scores, strict=True)):
            for bend in self._bends:
                if min(first, last) < bend < max(first, last):
                    low, high = place, following
                    while abs(high - low) > 1:
                        middle = (low + high) // 2
                        value = self._scores(column, [middle])[0]
                        low, high = (middle, high) if (value < bend) == (first < bend) else (low, middle)
                    found |= {low, high}
        return sorted(found, key=lambda place: place * sign)

    def _scores(self, column: str, places: Sequence[int]) -> list[float]:
        axis = self.axes[column]
        measured = self._measured({column: [axis.typed(place) for place in places]}, len(places), "score")
        return [float(value) for value in measured]

    def best(self, column: str) -> int | None:
        """The place along a column at which the outcome is best; of several the nearest. None where it stands."""
        axis = self.axes[column]
        each = axis.is_shared
        places = [*self.places(column, 1, one_by_one=each), *self.places(column, -1, one_by_one=each)]
        own = self.alone(column, places)
        now = self.alone(column, [None])[0]
        if not places or not np.nanmax([*own, now]) > now:
            return None
        top = np.nanmax(own)
        return min(
            (place for place, value in zip(places, own, strict=True) if value == top),
            key=lambda place: self._far(axis, place),
        )

    def best_together(self) -> dict[str, int]:
        """The places at which the outcome is best with all columns together, as far as can be seen.

        Each column goes where its own metric is best. Where one gains nothing by itself, such as behind a gate that
        another must open, such columns are tried together, and then each once more with the others in their places.
        """
        best = {name: place for name in self.axes if (place := self.best(name)) is not None}
        stuck = {name: [None, *_spread(self._around(name))] for name in self.axes if name not in best}
        if len(stuck) > 1:
            best = self._better(best, [_moves(stuck, places) for places in islice(product(*stuck.values()), _TOGETHER)])
        for name in self.axes:
            best = self._better(best, [{name: place} for place in self._around(name)])
        return best

    def ends(self, sign: int) -> dict[str, int]:
        """The furthest places in one direction."""
        return {name: places[-1] for name in self.axes if (places := self.places(name, sign))}

    def _around(self, column: str) -> list[int]:
        return [*self.places(column, 1), *self.places(column, -1)]

    def _better(self, best: dict[str, int], moves: Sequence[Mapping[str, int]]) -> dict[str, int]:
        """The best of some places, or what there is."""
        rows = [best, *({**best, **some} for some in moves)]
        found = np.nan_to_num(self.outcomes(rows).astype(np.float64), nan=-np.inf)
        return dict(rows[int(found.argmax())])

    def alone(self, column: str, places: Sequence[int | None]) -> list[float]:
        """What a column is worth by itself: the score of its own metrics, or the pay that reads it."""
        evaluation, axis = self.evaluation, self.axes[column]
        own = own_part(evaluation, column)
        values = [evaluation.row[column] if place is None else axis.typed(place) for place in places]
        of: Of = self.of if own is None else "score"
        rules = evaluation if own is None else own
        measured = Search(rules, of, self.wanted, {})._measured({column: values}, len(values), of)
        return [float(value) for value in measured]


def _spread(places: Sequence[int]) -> list[int]:
    """Some of many places: the ends, and evenly some in between."""
    ordered = sorted(places)
    if len(ordered) <= _SOME:
        return ordered
    return [ordered[position * (len(ordered) - 1) // (_SOME - 1)] for position in range(_SOME)]


def _moves(names: Iterable[str], places: Sequence[int | None]) -> dict[str, int]:
    return {name: place for name, place in zip(names, places, strict=True) if place is not None}


def own_part(evaluation: Evaluation, column: str) -> Evaluation | None:
    """The metric that reads a column, as a scorecard of its own; None where several rules read it."""
    card = evaluation.card
    if card is None or column in evaluation.pay_needs():
        return None
    metrics = [metric for metric in card.metrics() if column in {need.name for need in metric.needs()}]
    if len(metrics) != 1:
        return None
    return Evaluation(evaluation.row, card=type(card)(card.name, [metrics[0]], missing=card.missing))


def bends_of(evaluation: Evaluation, of: Of) -> tuple[float, ...]:
    """The scores at which pay turns, for a plan whose pay does not only rise with the score."""
    plan, scale = evaluation.plan, evaluation.scale
    if of != "amount" or evaluation.card is None:
        return ()
    # What a higher level brings need not be more.
    levels = [float(floor) for _, floor in scale.floors] if scale is not None and evaluation.pays_by_level else []
    if not isinstance(plan, IncentivePlan) or evaluation.score not in evaluation.pay_needs():
        return tuple(levels)
    curve = plan_curve(evaluation, plan, evaluation.score)
    if curve is None or curve.is_monotone:
        return tuple(levels)
    return (*levels, *(float(knot.x) for knot in curve.knots))
