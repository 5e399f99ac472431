"""What a scorecard gives: the scores of n rows, their ranks, what brought them about, and why."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
from attrs import frozen

from perfkit._core.columns import FloatColumn, Rows
from perfkit._core.numbers import Number, exact
from perfkit._core.tables import as_array
from perfkit._metrics import views
from perfkit._metrics.contributions import Contributions, EffectiveWeights, contributions_of, effective_weights_of
from perfkit._metrics.groups import grouped
from perfkit._metrics.ranking import RankTies, ranked
from perfkit.errors import DataError, StaleDataError
from perfkit.explain import Explanation

if TYPE_CHECKING:
    from perfkit._metrics.scorecard import Scorecard


@frozen(eq=False, repr=False)
class Scores:
    """The scores of n rows: read-only arrays, and an explanation of any row on demand.

    Attributes:
        card: the scorecard.
        values: float64, on the scorecard's grid; NaN where nothing was observed.
    """

    card: Scorecard
    values: FloatColumn
    _covered: FloatColumn | None
    _rows: Rows
    _prints: npt.NDArray[np.uint32]

    @property
    def coverage(self) -> FloatColumn:
        """Float64 in 0..1, the share of the weight that was observed."""
        # No memory is taken for a column of ones.
        return np.broadcast_to(1.0, len(self.values)) if self._covered is None else self._covered

    def __len__(self) -> int:
        return len(self.values)

    def __iter__(self) -> Iterator[Score]:
        return (self[row] for row in range(len(self)))

    def __getitem__(self, row: int) -> Score:
        position = range(len(self))[row]
        return Score(float(self.values[position]), float(self.coverage[position]), self, position)

    def __array__(self, dtype: npt.DTypeLike | None = None, copy: bool | None = None) -> npt.NDArray[Any]:
        return np.array(self.values, dtype=dtype) if copy or dtype else self.values

    def __repr__(self) -> str:
        return f"<Scores of {self.card.name!r}: {len(self):,} rows>"

    def _repr_html_(self) -> str:
        return views.scores_html(self)

    def rank(self, *, ties: RankTies = "competition", within: Any = None) -> FloatColumn:
        """The rank of each row, 1 for the highest score; NaN where there is no score.

        Scores are compared as they are published, so that no last bit parts people who are alike.

        Args:
            ties: what people with one score get: ``competition`` (1, 2, 2, 4), ``dense`` (1, 2, 2, 3), ``average``
                (1, 2.5, 2.5, 4) or ``modified`` (1, 3, 3, 4).
            within: a column of groups, to rank each group by itself; a row without a group has no rank.

        Example:
            >>> from perfkit import Metric, Scorecard
            >>> scores = Scorecard("card", [Metric("x")]).score({"x": [0.5, 0.9, None, 0.9]})
            >>> scores.rank()
            array([ 3.,  1., nan,  1.])
        """
        if within is None:
            return ranked(self.values, self.card.grid, ties, None)
        if isinstance(within, str):
            raise DataError(
                f"within must be a column of groups, not its name (got {within!r}); give data[{within!r}]",
                column="within",
            )
        column = as_array("within", within)
        if column.shape != self.values.shape:
            raise DataError(
                f"within must have one group for each of the {len(self):,} rows (got {column.size:,})", column="within"
            )
        _, codes = grouped(Rows({"within": column}, len(self)), "within")
        return ranked(self.values, self.card.grid, ties, codes)

    def tie_groups(self) -> tuple[npt.NDArray[np.int64], ...]:
        """The row numbers of those who share a published score, from the highest score down.

        Example:
            >>> from perfkit import Metric, Scorecard
            >>> Scorecard("card", [Metric("x")]).score({"x": [0.3, 0.5, 0.1 + 0.2]}).tie_groups()
            (array([0, 2]),)
        """
        there = np.flatnonzero(~np.isnan(self.values))
        order = there[np.argsort(-self.values[there], kind="stable")]
        starts = np.flatnonzero(np.diff(self.values[order]) != 0) + 1
        return tuple(group for group in np.split(order, starts) if len(group) > 1)

    def contributions(self, *, reference: Number = 0) -> Contributions:
        """What each metric brings to each score, as columns: they add up to the score, with a rest.

        Under a weighted mean that is its share times its score; under any other aggregate the Shapley value of the
        part, exact, handed down to its metrics in proportion.

        Args:
            reference: the score of each part that contributions are counted from.

        Example:
            >>> from perfkit import Metric, Scorecard
            >>> scores = Scorecard("card", [Metric("x", weight=3), Metric("y", weight=1)]).score({"x": [1], "y": [2]})
            >>> {name: column.tolist() for name, column in scores.contributions().items()}
            {'x': [0.75], 'y': [0.5]}
        """
        return contributions_of(self, exact(reference, what="reference"))

    def effective_weights(self) -> EffectiveWeights:
        """The weight that each metric was given, and the one that it has: its share of the spread of the scores.

        Example:
            >>> from perfkit import Metric, Scorecard
            >>> card = Scorecard("card", [Metric("x"), Metric("y")])
            >>> print(card.score({"x": [0, 1, 2], "y": [5, 5, 5]}).effective_weights())
            metric  nominal  effective
            x         0.500      1.000
            y         0.500      0.000
        """
        return effective_weights_of(self)

    @property
    def rows(self) -> Rows:
        """The columns that were scored."""
        return self._rows

    def explain(self, row: int) -> Explanation:
        """Why a row has its score.

        Raises:
            StaleDataError: if the row no longer gives the stored score, because its data were changed since.
        """
        position = range(len(self))[row]
        stored = float(self.values[position]), float(self.coverage[position])
        one = self._rows[position : position + 1]
        try:
            values, prints, covered = self.card._run(one)
        except DataError as error:
            raise _stale(position, stored, str(error)) from error
        now = float(values[0]), 1.0 if covered is None else float(covered[0])
        if str(now) != str(stored):
            raise _stale(position, stored, f"it now gives {now[0]!r} with coverage {now[1]!r}")
        if prints[0] != self._prints[position]:
            raise _stale(position, stored, "it would, but columns that it was scored from are not what they were")
        return self.card._explained(one, now[0])


def _stale(row: int, stored: tuple[float, float], now: str) -> StaleDataError:
    return StaleDataError(
        f"row {row} no longer gives the stored score {stored[0]!r} with coverage {stored[1]!r}: {now}; "
        "its data were changed after it was scored, so score again",
        rows=[row],
    )


@frozen(eq=False, repr=False)
class Score:
    """The score of one row.

    Attributes:
        value: on the scorecard's grid; NaN where nothing was observed.
        coverage: the share of the weight that was observed, 0..1.
    """

    value: float
    coverage: float
    _scores: Scores
    _row: int

    def __float__(self) -> float:
        return self.value

    def __array__(self, dtype: npt.DTypeLike | None = None, copy: bool | None = None) -> npt.NDArray[Any]:
        return np.array(self.value, dtype=dtype)

    def explain(self) -> Explanation:
        """Why the score is what it is."""
        return self._scores.explain(self._row)

    def __repr__(self) -> str:
        return f"<Score of {self._scores.card.name!r}: {self.value}, coverage {self.coverage:.0%}>"

    def _repr_html_(self) -> str:
        return views.score_html(self, self._scores.card.name)
