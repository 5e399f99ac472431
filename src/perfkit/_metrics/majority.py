"""Ranking a cohort by votes, one of each column: Borda's points, and the majority of every pair.

Both see everybody, so they are no rule that scores a row by itself, and no aggregate: they rank those who are there.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from math import lcm
from typing import Any

import numpy as np
import numpy.typing as npt
from attrs import frozen

from perfkit._core.columns import FloatColumn, read_rows
from perfkit._core.grid import GRID, publish
from perfkit._core.notebook import count, grid, heading, view
from perfkit._core.numbers import Number, exact, plain
from perfkit._metrics.ranking import RankTies, ranked
from perfkit.errors import DataError, DefinitionError, did_you_mean

# A number for every pair: more rows than this take more memory than anyone means to.
_MOST = 10_000
_SHOWN = 20
# Up to here floats hold every whole number.
_WHOLE = 2**53
_HEADS = ("row", "rank", "wins less losses")


def borda_scores(votes: Mapping[str, Any], weights: Mapping[str, Number] | None = None) -> FloatColumn:
    """Borda's points of each row (Borda 1784): from each vote one for every row that it puts behind, half for a tie.

    The mean over the votes, by their weights. It depends on who else is ranked, so it ranks a cohort and is no score
    to pay by. A row that a vote leaves out (missing) has no points of it, neither good nor bad: the other votes count.

    Args:
        votes: for each voter (a judge, a metric) the scores of the same rows, more being better; ``Scores`` will do.
            They are compared on the grid of 1e-6.
        weights: how much each vote counts, by its name; alike when not given.

    Returns:
        points from 0 to one less than the number of rows; NaN for a row that no vote compares with another.

    Example:
        >>> borda_scores({"ana": [3, 2, 1], "ben": [3, 1, 2], "eve": [1, 2, 3]}, {"ana": 2, "ben": 1, "eve": 1})
        array([1.5 , 0.75, 0.75])
    """
    columns, shares = _votes(votes, weights)
    n = len(next(iter(columns.values())))
    points, present = np.zeros(n), np.zeros(n)
    for name, column in columns.items():
        there = ~np.isnan(column)
        others = int(there.sum()) - 1
        if others < 1:
            continue
        behind = others + 1 - ranked(column, GRID, "average", None)
        share = float(shares[name])
        points += np.where(there, share * (np.where(there, behind, 0.0) / others), 0.0)
        present += there * share
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(present > 0, (n - 1) * points / present, np.nan)


@frozen(eq=False, repr=False)
class PairwiseMajority:
    """For every pair of rows, how much of the votes puts the one ahead of the other.

    Attributes:
        shares: the share of the votes by which each row (down) is ahead of each other (across), a tie counting half;
            0 on the diagonal, NaN where no vote compares the two.
    """

    shares: FloatColumn

    def __len__(self) -> int:
        return len(self.shares)

    @property
    def copeland(self) -> npt.NDArray[np.int64]:
        """How many others a majority puts behind each row, less those that one puts ahead (Copeland 1951)."""
        ahead, behind = self.shares > 0.5, self.shares < 0.5
        np.fill_diagonal(behind, val=False)
        return np.asarray(ahead.sum(axis=1) - behind.sum(axis=1), dtype=np.int64)

    @property
    def winner(self) -> int | None:
        """The row that a majority puts ahead of every other (Condorcet 1785), or None: majorities can go in circles."""
        wins = (self.shares > 0.5).sum(axis=1) == len(self) - 1
        return int(np.flatnonzero(wins)[0]) if wins.any() else None

    def rank(self, *, ties: RankTies = "competition") -> FloatColumn:
        """The rank of each row by its Copeland score, NaN where no vote compares it; ties as in :meth:`Scores.rank`."""
        scores = self.copeland.astype(np.float64)
        if len(self) > 1:
            # On the diagonal stands no vote.
            scores[np.isnan(self.shares).sum(axis=1) == len(self) - 1] = np.nan
        return ranked(scores, GRID, ties, None)

    def _rows(self) -> list[tuple[str, str, str]]:
        shown = zip(self.rank(), self.copeland, range(_SHOWN), strict=False)
        return [
            (str(row), "-" if np.isnan(rank) else f"{rank:.0f}", f"{wins:+d}" if wins else "0")
            for rank, wins, row in shown
        ]

    def _more(self) -> str:
        return f"and {len(self) - _SHOWN:,} rows more" if len(self) > _SHOWN else ""

    def __str__(self) -> str:
        lines = [f"{row:>5}  {rank:>5}  {wins:>16}" for row, rank, wins in (_HEADS, *self._rows())]
        return "\n".join([*lines, *([self._more()] if self._more() else [])])

    def _repr_html_(self) -> str:
        ahead = "nobody" if self.winner is None else f"row {self.winner}"
        head = heading("pairwise majority", count(len(self), "row"), f"{ahead} is ahead of every other")
        return view(head, grid(_HEADS, self._rows()), self._more())

    def __repr__(self) -> str:
        return f"<PairwiseMajority of {len(self):,} rows>"


def pairwise_majority(votes: Mapping[str, Any], weights: Mapping[str, Number] | None = None) -> PairwiseMajority:
    """The majority of every pair of rows: no vote is lost in a mean, and how far ahead someone is does not matter.

    It depends on who else is ranked, so it ranks a cohort and is no score to pay by. A vote that leaves one of the two
    out (missing) does not count for the pair.

    Args:
        votes: as for :func:`borda_scores`.
        weights: as for :func:`borda_scores`.

    Raises:
        DataError: for more than 10,000 rows, whose pairs would not fit; Borda's points rank any number.

    Example:
        >>> majority = pairwise_majority({"ana": [3, 2, 1], "ben": [3, 1, 2], "eve": [1, 3, 2]})
        >>> majority.shares.round(3).tolist()
        [[0.0, 0.667, 0.667], [0.333, 0.0, 0.667], [0.333, 0.333, 0.0]]
        >>> majority.copeland, majority.winner
        (array([ 2,  0, -2]), 0)
    """
    columns, shares = _votes(votes, weights)
    n = len(next(iter(columns.values())))
    if n > _MOST:
        raise DataError(
            f"majorities are counted for each pair of up to {_MOST:,} rows (got {n:,}); rank more with borda_scores"
        )
    # Whole units of weight, so that a half is a half, as long as floats hold them.
    unit = lcm(*(share.denominator for share in shares.values()))
    unit = unit if unit <= _WHOLE else 1
    ahead, compared = np.zeros((n, n)), np.zeros((n, n))
    for name, column in columns.items():
        units = float(shares[name] * unit)
        mine, theirs = column[:, np.newaxis], column[np.newaxis, :]
        ahead += units * (mine > theirs)
        ahead += units / 2 * (mine == theirs)
        there = ~np.isnan(column)
        compared += units * np.logical_and.outer(there, there)
    with np.errstate(invalid="ignore", divide="ignore"):
        found = np.where(compared > 0, ahead / compared, np.nan)
    np.fill_diagonal(found, 0.0)
    found.flags.writeable = False
    return PairwiseMajority(found)


def _votes(
    votes: Mapping[str, Any], weights: Mapping[str, Number] | None
) -> tuple[dict[str, FloatColumn], dict[str, Fraction]]:
    if not isinstance(votes, Mapping) or not votes:
        raise DefinitionError(f"votes must be a mapping from who votes to a column of scores (got {votes!r})")
    rows = read_rows({name: np.asarray(column) for name, column in votes.items()}, list(votes))
    columns = {name: publish(rows.number(name)) for name in votes}
    if weights is None:
        return columns, dict.fromkeys(columns, Fraction(1, len(columns)))
    if not isinstance(weights, Mapping):
        raise DefinitionError(f"weights must be a mapping from vote to weight (got {weights!r})", path="weights")
    given = {name: exact(weight, what=f"the weight of {name!r}", path=name) for name, weight in weights.items()}
    problems = [f"{name!r} has none" for name in columns if name not in given]
    problems += [f"{name!r} does not vote{did_you_mean(name, columns)}" for name in given if name not in columns]
    problems += [
        f"{name!r} has {plain(weight)}, which is not positive" for name, weight in given.items() if weight <= 0
    ]
    if problems:
        raise DefinitionError(f"weights must be positive, one for each vote: {'; '.join(problems)}", problems=problems)
    whole = sum(given.values(), Fraction(0))
    return columns, {name: given[name] / whole for name in columns}
