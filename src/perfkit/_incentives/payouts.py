"""What a plan pays: rows of a batch, one row, and a person over a timeline."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
from attrs import frozen

from perfkit._core import integers
from perfkit._core.columns import Rows
from perfkit._core.integers import IntColumn
from perfkit._incentives import views
from perfkit._incentives.lines import (
    carried_reasons,
    limits_hit,
)
from perfkit._incentives.outcomes import Outcomes, Reasons, Status, named
from perfkit._incentives.steps import Gate
from perfkit._incentives.timeline import Segment
from perfkit.errors import DataError, StaleDataError
from perfkit.explain import Explanation, Recorder
from perfkit.money import Money
from perfkit.typing import CarryStep

if TYPE_CHECKING:
    from perfkit._incentives.plan import IncentivePlan


@frozen(eq=False, repr=False)
class Payouts:
    """What n rows are paid: read-only minor units, the total, and an explanation of any row on demand.

    Attributes:
        plan: the plan.
        minor: int64 minor units.
        balances: the minor units of each account of the ledger after the period, for a plan that carries.
    """

    plan: IncentivePlan
    minor: IntColumn
    balances: dict[str, IntColumn]
    _rows: Rows
    _checksums: npt.NDArray[np.uint64]
    _carry: tuple[CarryStep, ...]

    @property
    def total(self) -> Money:
        """The sum, exact whatever its size."""
        return Money.from_minor(integers.total(self.minor), self.plan.currency)

    def __len__(self) -> int:
        return len(self.minor)

    def __iter__(self) -> Iterator[Payout]:
        return (self[row] for row in range(len(self)))

    def __getitem__(self, row: int) -> Payout:
        return Payout(self, range(len(self))[row])

    def __array__(self, dtype: npt.DTypeLike | None = None, copy: bool | None = None) -> npt.NDArray[Any]:
        return np.array(self.minor, dtype=dtype) if copy or dtype else self.minor

    def __repr__(self) -> str:
        return f"<Payouts of {self.plan.name!r}: {len(self):,} rows, {self.total}>"

    def _repr_html_(self) -> str:
        return views.payouts_html(self)

    def outcomes(self) -> Outcomes:
        """The same as :class:`perfkit.Outcomes`, with a reason wherever a row was held back.

        It was not paid, gated, capped or raised, or what was to be deducted from it was clipped or has lapsed.

        Example:
            >>> from perfkit.incentives import Cap, FlatAmount, IncentivePlan
            >>> plan = IncentivePlan("bonus", currency="EUR", pays=[FlatAmount("earned")], then=[Cap(1_000)])
            >>> [str(reason) for reason in plan.pay({"earned": [90_000, 130_000]}).outcomes()[1].reasons]
            ['clipped: cap: 300.00 EUR less']
        """
        plan, rows = self.plan, self._rows
        gaps = [need.name for need in plan.needs() if rows.is_missing(need.name).any()]
        unpaid = np.any([rows.is_missing(name) for name in gaps], axis=0) if gaps else np.zeros(rows.n, dtype=np.bool_)
        reasons = [Reasons("blocked", "unpaid", unpaid, {"columns": ", ".join(gaps)})]
        complete = np.flatnonzero(~unpaid)
        moves, total = limits_hit(plan.pays, plan.then, rows[complete], plan.currency)
        for step, moved in moves:
            by = np.zeros(rows.n, dtype=np.int64)
            by[complete] = moved
            status: Status = "blocked" if isinstance(step, Gate) else "clipped"
            reasons.append(Reasons(status, "step_less", by < 0, {"name": step.name}, {"by": -by}))
            reasons.append(Reasons(status, "step_more", by > 0, {"name": step.name}, {"by": by}))
        reasons += [
            reason.spread(complete, rows.n)
            for reason in carried_reasons(self._carry, total, rows[complete], plan.currency)
        ]
        codes = named(["none", "paid", "owed"], np.sign(self.minor))
        return Outcomes(
            plan.name,
            codes,
            currency=plan.currency,
            minor=self.minor,
            reasons=reasons,
            state=self.balances,
            explain=self.explain,
        )

    def explain(self, row: int) -> Explanation:
        """Why a row is paid what it is.

        Raises:
            StaleDataError: if the row no longer gives the stored amount, because its data were changed since.
            PerfkitError: if a policy records parts that do not give its amount.
        """
        position = range(len(self))[row]
        record = Recorder("pay", self.plan.name)
        stored = self[position].amount
        try:
            minor, _ = self.plan._block(self._rows[position : position + 1], record, self._carry)
        except DataError as error:
            raise _stale(position, stored, str(error)) from error
        now = Money.from_minor(int(minor[0]), self.plan.currency)
        if now != stored:
            raise _stale(position, stored, f"it now gives {now}")
        if self._rows[position : position + 1].checksum()[0] != self._checksums[position]:
            raise _stale(position, stored, "it would, but columns that it was paid from are not what they were")
        explanation = record.explanation()
        explanation.check()
        return explanation


def _stale(row: int, stored: Money, now: str) -> StaleDataError:
    return StaleDataError(
        f"row {row} no longer gives the stored amount {stored}: {now}; "
        "its data were changed after it was paid, so pay again",
        rows=[row],
    )


@frozen(eq=False, repr=False)
class Payout:
    """What one row is paid."""

    _payouts: Payouts
    _row: int

    @property
    def minor(self) -> int:
        """The amount in minor units."""
        return int(self._payouts.minor[self._row])

    @property
    def amount(self) -> Money:
        """The amount."""
        return Money.from_minor(self.minor, self._payouts.plan.currency)

    def explain(self) -> Explanation:
        """Why the amount is what it is."""
        return self._payouts.explain(self._row)

    def __repr__(self) -> str:
        return f"<Payout of {self._payouts.plan.name!r}: {self.amount}>"

    def _repr_html_(self) -> str:
        return views.payout_html(self, self._payouts.plan.name)


@frozen(eq=False, repr=False)
class SegmentPayout:
    """What one segment of a timeline pays.

    Attributes:
        segment: the segment, cut to the period.
        payout: what it would pay for the whole period.
        by: its time, by working time.
        of: the time of the whole.
        minor: its share of the payout, in minor units.
    """

    segment: Segment
    payout: Payout
    by: Fraction
    of: Fraction
    minor: int

    def _repr_html_(self) -> str:
        return views.segment_payout_html(self)


@frozen(eq=False, repr=False)
class TimelinePayout:
    """What a person is paid over a timeline: the sum of its segments.

    Attributes:
        name: of the plan.
        currency: of the amounts.
        segments: what each pays.
    """

    name: str
    currency: str
    segments: tuple[SegmentPayout, ...]

    @property
    def minor(self) -> int:
        """The amount in minor units."""
        return sum(part.minor for part in self.segments)

    @property
    def amount(self) -> Money:
        """The amount."""
        return Money.from_minor(self.minor, self.currency)

    def explain(self) -> Explanation:
        """Why: each segment with what it would pay for the whole period, and its share of the time."""
        parts = []
        for part in self.segments:
            paid = Money.from_minor(part.minor, self.currency)
            shown = {"start": part.segment.start, "end": part.segment.end, "by": part.by, "of": part.of}
            step = Explanation("prorate", paid - part.payout.amount, label="time", params=shown)
            parts.append(
                Explanation("segment", paid, params=shown, relation="sum", parts=(part.payout.explain(), step))
            )
        return Explanation("pay", self.amount, label=self.name, relation="sum", parts=tuple(parts))

    def __repr__(self) -> str:
        return f"<TimelinePayout of {self.name!r}: {self.amount} in {len(self.segments)} segments>"

    def _repr_html_(self) -> str:
        return views.payout_html(self, self.name)
