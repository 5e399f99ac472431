"""The protocols of perfkit: what an object of yours must have to take part, no base class needed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from fractions import Fraction
from typing import Any, Protocol, runtime_checkable

from perfkit._core.columns import FloatColumn, Kind, Need, Rows
from perfkit._core.integers import IntColumn
from perfkit._core.ratios import Ratios
from perfkit._core.statistics import Extremes, Moments, Statistic, Tally
from perfkit.curves import Curve
from perfkit.explain import AnyRecorder

__all__ = [
    "Aggregate",
    "AnyRecorder",
    "CarryStep",
    "ExplainedAggregate",
    "Extremes",
    "Factor",
    "Fits",
    "FittedAggregate",
    "FloatColumn",
    "IntColumn",
    "Moments",
    "Need",
    "PayPolicy",
    "PayStep",
    "PeriodStep",
    "Progress",
    "Ratios",
    "Rows",
    "Scale",
    "SourcedWeights",
    "Statistic",
    "Tally",
    "Variation",
]


@runtime_checkable
class Progress(Protocol):
    """What long work tells how far it is: called after each block with the number of rows that were done in it.

    It is called as the ``update`` of a tqdm bar is. What it raises ends the work, so that it can cancel it too.

    Example:
        >>> from perfkit import Metric, Scorecard
        >>> done = []
        >>> scores = Scorecard("card", [Metric("x")]).score({"x": range(100_000)}, progress=done.append)
        >>> sum(done), len(done) > 1
        (100000, True)
    """

    def __call__(self, done: int, /) -> object:
        """So many more rows are done."""
        ...


@runtime_checkable
class Factor(Protocol):
    """A number of each row: a rate, a multiplier. Typed numbers and names of columns serve as factors too."""

    def needs(self) -> tuple[Need, ...]:
        """The columns that it reads."""
        ...

    def exact(self, rows: Rows, record: AnyRecorder) -> Ratios:
        """The number of each row, exact, each row by itself; one part of the recorder says how."""
        ...


@runtime_checkable
class PayPolicy(Protocol):
    """A form of pay: an amount of money for each row."""

    @property
    def name(self) -> str:
        """Its name on the statement, unique in a plan."""
        ...

    def needs(self) -> tuple[Need, ...]:
        """The columns that it reads."""
        ...

    def award(self, rows: Rows, currency: str, record: AnyRecorder) -> IntColumn:
        """The amount of each row in minor units, each row by itself."""
        ...


@runtime_checkable
class Fits(Protocol):
    """A form of pay that must see everybody first, such as a pool."""

    def fit(
        self, data: Any, *, results: Mapping[str, Any] | None = None, currency: str | None = None, **columns: Any
    ) -> PayPolicy:
        """The form of pay that has seen everybody."""
        ...


@runtime_checkable
class PayStep(Protocol):
    """A step that changes the amount so far: a gate, a cap, proration."""

    @property
    def name(self) -> str:
        """Its name on the statement, unique in a plan."""
        ...

    def needs(self) -> tuple[Need, ...]:
        """The columns that it reads."""
        ...

    def adjust(self, amount: IntColumn, rows: Rows, currency: str, record: AnyRecorder) -> IntColumn:
        """The amount after the step in minor units, each row by itself."""
        ...


@runtime_checkable
class CarryStep(Protocol):
    """A step that carries balances from period to period: a draw, a refundable cap, a deferral."""

    @property
    def name(self) -> str:
        """Its name on the statement, unique in a plan."""
        ...

    def needs(self) -> tuple[Need, ...]:
        """The columns that it reads."""
        ...

    def accounts(self) -> tuple[str, ...]:
        """The accounts that it keeps, each with a name that ends in ``.held``, ``.owed`` or ``.taken``."""
        ...

    def carry(
        self, earned: IntColumn, balances: Mapping[str, IntColumn], rows: Rows, currency: str, record: AnyRecorder
    ) -> tuple[IntColumn, dict[str, IntColumn]]:
        """What is paid of what was earned, and the new balances, in minor units, each row by itself.

        What is not paid is held, and what is paid beyond what was earned is owed: paid + held - owed stays.
        """
        ...


@runtime_checkable
class PeriodStep(CarryStep, Protocol):
    """A carried step that must know which pay period it is in, because of what was taken in it before.

    A plan that carries one is paid with ``pay_period(..., period=...)``, and carries in its place what it gives.
    """

    def in_period(self, period: str, on: date | None, accounts: Sequence[str]) -> CarryStep:
        """The step in a period: its accounts may have the period in their names.

        Args:
            period: which pay period.
            on: its pay day, where one is given.
            accounts: those of the ledger.
        """
        ...


@runtime_checkable
class Scale(Protocol):
    """What makes the numbers of a metric comparable: a curve, declared or fit to a population.

    :func:`perfkit.testing.check_scale` tells whether one of yours keeps the house rule.
    """

    @property
    def within(self) -> str | None:
        """The column of groups within which it is fit, or None; with one, it has ``unseen`` and ``smallest`` too."""
        ...

    def declared(self, lower_is_better: bool) -> Curve | None:
        """The curve, where no population is needed; else None."""
        ...

    def summary(self, values: FloatColumn) -> Statistic:
        """What has to be known of values of which none is missing: ``Extremes``, ``Moments`` or ``Tally`` of them."""
        ...

    def curve(self, seen: Statistic, lower_is_better: bool) -> Curve:
        """The curve of a population of which that is known."""
        ...


@runtime_checkable
class Aggregate(Protocol):
    """How the scores of the parts of a section become one.

    :func:`perfkit.testing.check_aggregate` tells whether one of yours keeps the house rule.
    """

    def names(self) -> tuple[str, ...]:
        """The parts that it names; each must be one of the section."""
        ...

    def combine(self, values: Mapping[str, FloatColumn], shares: Mapping[str, FloatColumn]) -> FloatColumn:
        """The score of each row, each row by itself.

        Args:
            values: the scores of each part, NaN where missing.
            shares: the share of each part in each row, 0 where missing; in each row they add up to one.
        """
        ...


@runtime_checkable
class ExplainedAggregate(Aggregate, Protocol):
    """An aggregate that has more to say in an explanation than what each part brings."""

    def record(self, record: AnyRecorder, values: Mapping[str, FloatColumn], shares: Mapping[str, FloatColumn]) -> None:
        """State in an explanation what it did to the single row, as parts without a value."""
        ...


@runtime_checkable
class FittedAggregate(Aggregate, Protocol):
    """An aggregate that needs references from a population before it can combine anything."""

    def is_fitted(self, parts: tuple[str, ...]) -> bool:
        """Whether it has all the references that it needs for those parts."""
        ...

    def observe(
        self, values: Mapping[str, FloatColumn], shares: Mapping[str, FloatColumn]
    ) -> Mapping[str, FloatColumn]:
        """The columns whose least and greatest value it has to know next."""
        ...

    def fit(self, seen: Mapping[str, tuple[Fraction, Fraction]]) -> FittedAggregate:
        """The aggregate that knows them; asked again until it is fitted."""
        ...


@runtime_checkable
class SourcedWeights(Protocol):
    """Weights that know where they came from, such as :class:`perfkit.Weights`."""

    def levels(self) -> Mapping[str, Fraction]:
        """The share of each section and metric among its siblings."""
        ...

    def sources(self) -> Mapping[str, tuple[str, bool]]:
        """The method behind each of them, and whether it learned from data."""
        ...


@runtime_checkable
class Variation(Protocol):
    """How one column may turn out in a simulation: from a standard normal deviate of each row to its value.

    One that has ``groups`` too, pairs of a column of the population and a loading, follows a factor of each group.
    """

    @property
    def loading(self) -> Fraction:
        """The correlation of its deviates with the factor that everybody shares, -1 to 1."""
        ...

    def needs(self, kind: Kind) -> tuple[Need, ...]:
        """The columns of the population that it reads, for a column of a kind."""
        ...

    def values(self, deviates: FloatColumn, rows: Rows, kind: Kind, currency: str) -> Any:
        """The value of each row, as a column of a kind, each row by itself; money in int64 minor units."""
        ...
