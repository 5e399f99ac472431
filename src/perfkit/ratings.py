"""Ratings: the levels of a scale, from scores."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from fractions import Fraction
from functools import partial
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt
from attrs import frozen

from perfkit._core.columns import FloatColumn, read_numbers
from perfkit._core.grid import publish
from perfkit._core.notebook import Markup, bar, count, failed, grid, heading, view
from perfkit._core.numbers import Number, decimal_text, exact, plain
from perfkit._core.tables import as_array
from perfkit.errors import DataError, DefinitionError, PerfkitError
from perfkit.explain import Explanation
from perfkit.metrics import Score, Scores

IntColumn = npt.NDArray[np.int64]


@frozen(init=False, repr=False)
class RatingScale:
    """A scale of levels with absolute floors: a level is reached at its floor.

    Args:
        lowest: the label of the level below every floor.
        floors: the label of each higher level and the least score that reaches it, by increasing floor.

    Raises:
        DefinitionError: for no levels, floors that do not increase, or labels used twice.

    Example:
        >>> scale = RatingScale("below", solid=0.8, strong=1.2, exceptional=1.6)
        >>> scale.rate([0.79, 0.8, 1.7]).labels.tolist()
        ['below', 'solid', 'exceptional']
    """

    lowest: str
    floors: tuple[tuple[str, Fraction], ...]

    def __init__(self, lowest: str, /, **floors: Number) -> None:
        self.__attrs_init__(lowest, _floors(lowest, floors))

    @classmethod
    def from_floors(cls, lowest: str, floors: Mapping[str, Number]) -> RatingScale:
        """A scale whose labels need not be Python names."""
        scale = cls.__new__(cls)
        scale.__attrs_init__(lowest, _floors(lowest, floors))
        return scale

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels, from the lowest level up."""
        return (self.lowest, *(label for label, _ in self.floors))

    def rate(self, scores: Any) -> Ratings:
        """The level of each score, compared on the published grid; none where the score is missing.

        Args:
            scores: ``Scores``, or a column of numbers.
        """
        if isinstance(scores, (Score, int, float)):
            raise DataError(f"scores must be a column (got {scores!r}); for a single score use rate_one")
        column = np.asarray(scores.values if isinstance(scores, Scores) else scores)
        if column.ndim != 1:
            raise DataError(f"scores must be one column (got shape {column.shape})", column="score")
        values = publish(read_numbers("score", as_array("score", column), range(len(column))))
        # Floors are taken to the grid as scores are, so that a score of 1/3 reaches a floor of 1/3.
        bounds = publish(np.array([float(floor) for _, floor in self.floors], dtype=np.float64))
        levels = np.searchsorted(bounds, values, side="right").astype(np.int64)
        levels[np.isnan(values)] = -1
        levels.flags.writeable = values.flags.writeable = False
        return Ratings(self, levels, values, scores if isinstance(scores, Scores) else None)

    def rate_one(self, score: Score | float) -> Rating:
        """The level of one score."""
        rated = self.rate(np.array([float(score)]))
        explain = score.explain if isinstance(score, Score) else None
        return Rating(self, int(rated.levels[0]), float(rated.values[0]), explain)

    def __repr__(self) -> str:
        floors = ", ".join(f"{label}={plain(floor)}" for label, floor in self.floors)
        return f"RatingScale({self.lowest!r}, {floors})"

    def _repr_html_(self) -> str:
        rows = [
            (label, "" if floor is None else decimal_text(floor))
            for label, floor in ((self.lowest, None), *self.floors)
        ]
        return view(heading("rating scale", count(len(rows), "level")), grid(("level", "from"), reversed(rows)))


def _floors(lowest: str, floors: Mapping[str, Number]) -> tuple[tuple[str, Fraction], ...]:
    if not isinstance(lowest, str) or not lowest.strip():
        raise DefinitionError(f"the lowest level must be a label (got {lowest!r})", path="lowest")
    if not floors:
        raise DefinitionError("a scale needs at least one level with a floor, such as solid=0.8", path="floors")
    if lowest in floors:
        raise DefinitionError(f"labels of a scale must differ (got {lowest!r} twice)", path="floors")
    pairs = tuple((label, exact(floor, what=f"the floor of {label!r}")) for label, floor in floors.items())
    for (label, floor), (following, higher) in pairwise(pairs):
        if higher <= floor:
            raise DefinitionError(
                f"floors must increase (got {following!r} at {plain(higher)} after {label!r} at {plain(floor)})",
                path="floors",
            )
    return pairs


@frozen(eq=False, repr=False)
class Ratings:
    """The ratings of n rows.

    Attributes:
        scale: the scale.
        levels: int64, 0 for the lowest level; -1 where there is no score.
        values: the scores that were compared, float64.
    """

    scale: RatingScale
    levels: IntColumn
    values: FloatColumn
    _scores: Scores | None

    @property
    def labels(self) -> npt.NDArray[np.object_]:
        """The label of each row; None where there is no score."""
        names = np.array([*self.scale.labels, None], dtype=object)
        return names[self.levels]

    def __len__(self) -> int:
        return len(self.levels)

    def __iter__(self) -> Iterator[Rating]:
        return (self[row] for row in range(len(self)))

    def __getitem__(self, row: int) -> Rating:
        position = range(len(self))[row]
        explain = None if self._scores is None else partial(self._scores.explain, position)
        return Rating(self.scale, int(self.levels[position]), float(self.values[position]), explain)

    def __array__(self, dtype: npt.DTypeLike | None = None, copy: bool | None = None) -> npt.NDArray[Any]:
        return np.array(self.labels, dtype=dtype)

    def __repr__(self) -> str:
        counts = ", ".join(f"{label} {count:,}" for label, count in self.distribution().items() if count)
        return f"<Ratings of {len(self):,} rows: {counts}>"

    def _repr_html_(self) -> str:
        counts, n = self.distribution(), max(len(self), 1)
        unrated = len(self) - sum(counts.values())
        told = [*reversed(counts.items()), *([("no score", unrated)] if unrated else [])]
        rows = [(label, f"{many:,}", Markup(f"{bar(many / n)} {100 * many / n:.1f} %")) for label, many in told]
        return view(heading("ratings", count(len(self), "row")), grid(("level", "rows", "share"), rows, left=(0, 2)))

    def distribution(self) -> dict[str, int]:
        """How many rows have each level, from the lowest up; rows without a score are in none."""
        counts = np.bincount(self.levels[self.levels >= 0], minlength=len(self.scale.labels))
        return dict(zip(self.scale.labels, counts.tolist(), strict=True))

    def explain(self, row: int) -> Explanation:
        """Why a row has its rating."""
        return self[row].explain()


@frozen(eq=False, repr=False)
class Rating:
    """The rating of one row.

    Attributes:
        scale: the scale.
        level: 0 for the lowest; -1 where there is no score.
        score: the score that was compared.
    """

    scale: RatingScale
    level: int
    score: float
    _explain: Callable[[], Explanation] | None

    @property
    def label(self) -> str | None:
        """The label of the level; None where there is no score."""
        return None if self.level < 0 else self.scale.labels[self.level]

    def explain(self) -> Explanation:
        """Why the rating is what it is: the band, and the score in it."""
        if self._explain is not None:
            score = self._explain()
        else:
            score = Explanation("actual", None if self.level < 0 else self.score, label="score")
        if self.level < 0:
            return Explanation("unrated", None, parts=(score,))
        floors = dict(self.scale.floors)
        following = self.scale.floors[self.level] if self.level < len(self.scale.floors) else None
        params = {
            "floor": floors.get(self.label or ""),
            "following": following[0] if following else None,
            "reached_at": following[1] if following else None,
        }
        code = "rating_lowest" if self.level == 0 else "rating_highest" if following is None else "rating"
        return Explanation(code, self.label, label=self.label or "", params=params, parts=(score,))

    def __repr__(self) -> str:
        return f"<Rating {self.label!r} of {self.score}>"

    def _repr_html_(self) -> str:
        title = self.label or "not rated"
        try:
            explained = self.explain()
        except PerfkitError as error:
            return failed(title, error)
        return view(heading(title), Markup(explained.html()))
