"""Where each row belongs in a stretch of its own: many sorted stretches of one column, searched side by side."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

FloatColumn = npt.NDArray[np.float64]
IntColumn = npt.NDArray[np.int64]


class Passed(NamedTuple):
    """What each row passes in its stretch.

    Attributes:
        last: the place of the last value that is passed; the one before the stretch where none is.
        number: how many values are passed.
        ends: the numbers of the rows that pass none or all of them.
    """

    last: IntColumn
    number: IntColumn
    ends: IntColumn


class Stretches:
    """Sorted stretches that lie one after another in a column.

    A search halves what is left of each row's stretch, for all rows at once and without a branch. For that what is left
    must always be one less than a power of two: the first step tells which end of the stretch to go on with, for at
    most one value lies between what is left at the one end and at the other.

    Args:
        values: increasing within each stretch.
        starts: where each stretch starts, and the end of the last; none is empty.
    """

    def __init__(self, values: FloatColumn, starts: IntColumn) -> None:
        lengths = np.diff(starts)
        # The largest power of two that is no more than the length.
        self._power = np.left_shift(1, np.frexp(lengths.astype(np.float64))[1] - 1, dtype=np.int64)
        self._before = starts[:-1] - 1
        self._inner = lengths - 1
        self._values = values

    def passed(self, stretches: IntColumn, x: FloatColumn, *, at: bool) -> Passed:
        """Which values of its stretch each row passes.

        Args:
            stretches: the number of each row's stretch.
            x: what is looked for: it passes what lies below it; a missing value passes nothing.
            at: whether a value that is x is passed too.
        """
        passes = np.less_equal if at else np.less
        step: Any = self._power.take(stretches)
        before, inner = self._before.take(stretches), self._inner.take(stretches)
        seen, goes, probe = np.empty(len(x)), np.empty(len(x), dtype=np.bool_), before + step
        # The far end begins where as much is left behind it as at the near one.
        last = inner - step
        last += 2
        last *= passes(self._values.take(probe, out=seen, mode="clip"), x, out=goes)
        last += before
        left = int(step.max(initial=0))
        if left == step.min(initial=left):
            # One number will do for all rows.
            step = left
        while left > 1:
            left >>= 1
            step >>= 1
            np.add(last, step, out=probe)
            # A step of nothing looks at the place itself, and does nothing.
            passes(self._values.take(probe, out=seen, mode="clip"), x, out=goes)
            # Truths become numbers as they are copied, which is cheaper than having them compared into numbers.
            np.copyto(probe, goes)
            probe *= step
            last += probe
        count = np.subtract(last, before, out=before)
        # As unsigned numbers, both ends are at least one less than the length: none becomes the largest of all.
        np.subtract(count, 1, out=probe)
        return Passed(last, count, np.flatnonzero(probe.view(np.uint64) >= inner.view(np.uint64)))
