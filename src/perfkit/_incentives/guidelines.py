"""What a salary review goes by: a guideline for each row, and what makes one."""

from __future__ import annotations

from fractions import Fraction
from typing import NamedTuple, Protocol, runtime_checkable

import numpy as np

from perfkit._core.columns import BoolColumn, Need, Rows
from perfkit._core.ratios import Ratios
from perfkit._incentives.bands import Position
from perfkit.explain import AnyRecorder


class Guide(NamedTuple):
    """The guideline of each row: the usual rate; the least and the greatest, in the rows where it has limits."""

    rate: Ratios
    low: Ratios
    high: Ratios
    limited: BoolColumn


@runtime_checkable
class Guideline(Protocol):
    """A guideline that may ask for the place of a salary in its range, such as a merit matrix."""

    @property
    def on(self) -> str:
        """The column that it cannot do without."""
        ...

    @property
    def position(self) -> Position:
        """How the place in the range is measured."""
        ...

    @property
    def reads_position(self) -> bool:
        """Whether it asks for the place in the range."""
        ...

    def needs(self) -> tuple[Need, ...]:
        """The columns that it reads."""
        ...

    def guide(self, rows: Rows, position: Ratios | None, record: AnyRecorder) -> Guide:
        """The guideline of each row, each by itself; one part of the recorder says how."""
        ...


def unlimited(rate: Ratios) -> Guide:
    """A guideline without limits of its own."""
    nothing = Ratios.constant(Fraction(0), len(rate))
    return Guide(rate, nothing, nothing, np.zeros(len(rate), dtype=np.bool_))
