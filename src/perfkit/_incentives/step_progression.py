"""Step progression: so many steps up in the band, once the waiting time is over."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from functools import partial
from typing import Any

import numpy as np
from attrs import field, frozen

from perfkit._core.checks import instance, optional_text, several, text
from perfkit._core.columns import Need, Rows, read_row, read_rows
from perfkit._core.grid import publish
from perfkit._core.notebook import definition
from perfkit._core.numbers import Number, exact
from perfkit._incentives.bands import SalaryStructure, position_of
from perfkit._incentives.outcomes import Outcome, Outcomes, Reasons, named
from perfkit.errors import DefinitionError
from perfkit.explain import Explanation
from perfkit.money import minor_per_major


def _waits(waits: Number | Iterable[Number]) -> tuple[Fraction, ...]:
    found = tuple(exact(wait, what="waits", path="waits") for wait in several(waits))
    if any(wait < 0 for wait in found):
        raise DefinitionError("waits must not be negative", path="waits")
    return found


@frozen
class StepProgression:
    """A raise to a later step of the band: whoever has waited long enough moves up, whoever is at the top stays.

    Args:
        structure: bands with steps.
        steps: how many steps up.
        time: the column of time in the present step, in any unit.
        waits: how long somebody waits in each step before the next, in the unit of ``time``; the last one holds for all
            later steps.
        eligible: the column of true and false that says who takes part.
        salary: the column of salaries, money. One between two steps moves to the next.
        name: on the statement.

    Raises:
        DefinitionError: for bands without steps, or waits without the column of time.

    Example:
        >>> from perfkit.incentives import SalaryBand
        >>> structure = SalaryStructure([SalaryBand("9", steps=[52_727, 54_485, 56_243])], currency="USD")
        >>> StepProgression(structure).raise_one({"level": "9", "salary": 5_272_700})["salary_after"]
        Money('54,485.00 USD')
    """

    _repr_html_ = definition

    structure: SalaryStructure = field(validator=instance(SalaryStructure))
    steps: int = 1
    time: str | None = field(default=None, converter=optional_text, kw_only=True)
    waits: tuple[Fraction, ...] = field(default=(), converter=_waits, kw_only=True)
    eligible: str | None = field(default=None, converter=optional_text, kw_only=True)
    salary: str = field(default="salary", converter=text, kw_only=True)
    name: str = field(default="step progression", converter=text, kw_only=True)

    def __attrs_post_init__(self) -> None:
        bare = [band.level for band in self.structure.bands if not band.steps]
        if bare:
            raise DefinitionError(f"band {bare[0]!r} must have steps (got none)", path="structure")
        if isinstance(self.steps, bool) or not isinstance(self.steps, int) or self.steps < 1:
            raise DefinitionError(f"steps must be a whole number from 1 on (got {self.steps!r})", path="steps")
        if bool(self.waits) != (self.time is not None):
            raise DefinitionError("waits need the column of time in the step, and the other way round", path="waits")

    def needs(self) -> tuple[Need, ...]:
        """The columns that a raise is made of."""
        needs = [*self.structure.needs(), Need(self.salary, "money")]
        needs += [] if self.time is None else [Need(self.time)]
        needs += [] if self.eligible is None else [Need(self.eligible, "flag")]
        return tuple(needs)

    def raises(self, data: Any, **columns: Any) -> Outcomes:
        """The raise of each row to its later step.

        Args:
            data: one row a person; money in int64 minor units.
            columns: further columns by name.
        """
        return self._raises(read_rows(data, [need.name for need in self.needs()], columns))

    def raise_one(self, row: Any, **columns: Any) -> Outcome:
        """The raise of one row, a mapping from column to value."""
        return self._raises(read_row(row, [need.name for need in self.needs()], columns))[0]

    def _raises(self, rows: Rows) -> Outcomes:
        structure, currency = self.structure, self.structure.currency
        salary = rows.money(self.salary)
        rows.require(salary > 0, self.salary, "must be positive", "leave out who has no salary")
        places = structure.places(rows)
        scale = minor_per_major(currency)
        tables = [np.array([int(step * scale) for step in band.steps], dtype=np.int64) for band in structure.bands]
        step, top, target = (np.zeros(rows.n, dtype=np.int64) for _ in range(3))
        for place, table in enumerate(tables):
            mine = np.flatnonzero(places == place)
            step[mine] = np.searchsorted(table, salary[mine], side="right") - 1
            top[mine] = len(table) - 1
            target[mine] = table[np.minimum(step[mine] + self.steps, len(table) - 1)]
        eligible = np.ones(rows.n, dtype=np.bool_) if self.eligible is None else rows.flag(self.eligible)
        waited = np.ones(rows.n, dtype=np.bool_)
        need = np.zeros(rows.n, dtype=object)
        time: Any = need
        if self.time is not None:
            waits = np.array([float(wait) for wait in self.waits])[np.clip(step, 0, len(self.waits) - 1)]
            time = rows.complete(self.time)
            waited, need = time >= waits, waits
        at_top = step >= top
        moves = eligible & waited & ~at_top
        after = np.where(moves, np.maximum(target, salary), salary)
        reasons = [
            Reasons("blocked", "not_eligible", ~eligible, {"on": self.eligible}),
            Reasons("blocked", "top_step", eligible & at_top, {"step": top + 1}),
            Reasons("blocked", "too_soon", eligible & ~at_top & ~waited, {"time": time, "wait": need}),
        ]
        ranges = structure.ranges_at(places)
        later = np.where(moves, np.minimum(step + self.steps, top), step)
        facts: dict[str, Any] = {"step_before": step + 1, "step_after": later + 1}
        for name, column in (("before", salary), ("after", after)):
            ratio = position_of(column, ranges, "compa_ratio")
            below = np.asarray(ratio.denominator).astype(np.float64)
            facts[f"compa_ratio_{name}"] = publish(ratio.numerator.astype(np.float64) / below)

        return Outcomes(
            self.name,
            named(["none", "raised"], (after > salary).astype(np.int64)),
            currency=currency,
            minor=after - salary,
            reasons=reasons,
            amounts={"salary_before": salary, "salary_after": after, "raise": after - salary},
            facts=facts,
            explain=partial(self._explain_row, rows),
        )

    def _explain_row(self, rows: Rows, row: int) -> Explanation:
        outcome = self._raises(rows[row : row + 1])[0]
        parts = [Explanation(reason.code, params=reason.params) for reason in outcome.reasons]
        shown = {"before": outcome["step_before"], "after": outcome["step_after"]}
        return Explanation("step_raise", outcome.amount, label=self.name, params=shown, parts=parts)
