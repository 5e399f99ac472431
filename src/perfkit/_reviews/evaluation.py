"""One person's row under the rules that judge it, scored again and again with something about it changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any, Literal, cast

import numpy as np
import numpy.typing as npt
from attrs import evolve, field, frozen

from perfkit._core.checks import instance, text
from perfkit._core.columns import is_missing_value
from perfkit._core.notebook import definition
from perfkit._core.numbers import exact
from perfkit.errors import DataError, DefinitionError
from perfkit.incentives import IncentivePlan, Payout
from perfkit.metrics import Score, Scorecard
from perfkit.money import Money
from perfkit.ratings import Rating, RatingScale

Of = Literal["score", "rating", "amount"]
OUTCOMES: tuple[Of, ...] = ("score", "rating", "amount")
Numbers = npt.NDArray[Any]


def _row(row: Any) -> dict[str, Any]:
    if not isinstance(row, Mapping):
        raise DataError(f"a row must be a mapping from column to value (got {type(row).__name__})")
    return {str(name): _single(str(name), value) for name, value in row.items()}


def _single(name: str, value: Any) -> Any:
    if isinstance(value, np.generic) or (isinstance(value, np.ndarray) and value.size == 1):
        return value.item()
    if isinstance(value, (np.ndarray, list, tuple, set, dict)):
        raise DataError(f"column {name!r} of a single row must hold one value (got {value!r})", column=name)
    return value


@frozen
class Evaluation:
    """One person's row under the rules that judge it: a card scores it, a scale rates the score, a plan pays by it.

    One column is one fact. Where a card and a plan read the same one, such as bookings that are scored and that earn a
    commission, give it as ``Money``: the plan reads the money, and the card its major units.

    Args:
        row: a mapping from column to value.
        card: what scores it.
        scale: what rates the score.
        plan: what pays; it may read the score as a column.
        score: the name of that column.

    Raises:
        DefinitionError: for neither a card nor a plan, a scale without a card, a plan that carries balances, or a row
            that already has the column of the score.

    Example:
        >>> from perfkit import Curve, Metric, TargetBonus
        >>> card = Scorecard("sales", [Metric("revenue", target=100, curve=Curve.through((0.8, 0), (1.2, 2)))])
        >>> plan = IncentivePlan("bonus", currency="EUR", pays=[TargetBonus("salary", 0.1, multiplier="score")])
        >>> ana = Evaluation({"revenue": 104, "salary": Money("50,000 EUR")}, card=card, plan=plan)
        >>> ana.value, ana.amount
        (1.2, Money('6,000.00 EUR'))
    """

    _repr_html_ = definition

    row: dict[str, Any] = field(converter=_row)
    card: Scorecard | None = field(default=None, validator=instance(Scorecard, type(None)), kw_only=True)
    scale: RatingScale | None = field(default=None, validator=instance(RatingScale, type(None)), kw_only=True)
    plan: IncentivePlan | None = field(default=None, validator=instance(IncentivePlan, type(None)), kw_only=True)
    score: str = field(default="score", converter=text, kw_only=True)

    def __attrs_post_init__(self) -> None:
        if self.card is None and self.plan is None:
            raise DefinitionError("an evaluation needs what judges the row: give card=, plan= or both", path="card")
        if self.scale is not None and self.card is None:
            raise DefinitionError("a scale rates the score of a card: give card= as well", path="scale")
        if self.plan is not None and self.plan.carry:
            raise DefinitionError(
                f"plan {self.plan.name!r} carries balances between periods, so that its pay is no matter of one row; "
                "give the plan without carry=",
                path="plan",
            )
        if self.card is not None and self.plan is not None and self.score in self.row:
            raise DefinitionError(
                f"column {self.score!r} is what the card gives, so the row must not have it; leave it out, "
                "or name another column with score=",
                path="row",
            )

    @property
    def outcomes(self) -> tuple[Of, ...]:
        """What there is to ask for: ``score``, ``rating``, ``amount``."""
        there = {"score": self.card, "rating": self.scale, "amount": self.plan}
        return tuple(name for name in OUTCOMES if there[name] is not None)

    @property
    def value(self) -> float:
        """The score; NaN where nothing was observed."""
        return float(self.measured("score")[0])

    @property
    def rating(self) -> Rating:
        """The rating."""
        self.require("rating")
        return cast(RatingScale, self.scale).rate_one(self.value)

    @property
    def amount(self) -> Money:
        """The pay."""
        return Money.from_minor(int(self.measured("amount")[0]), cast(IncentivePlan, self.plan).currency)

    def require(self, of: Of) -> None:
        """Refuse an outcome that these rules do not give.

        Raises:
            DefinitionError: saying what is missing for it.
        """
        if of not in self.outcomes:
            cure = {"score": "card=", "rating": "card= and scale=", "amount": "plan="}.get(of)
            told = f"give {cure}" if cure else f"it must be one of {', '.join(OUTCOMES)}"
            raise DefinitionError(f"this evaluation has no {of!r} to speak of; {told}", path="of")

    def needs(self) -> tuple[str, ...]:
        """The columns that the rules read from the row."""
        names = [] if self.card is None else [need.name for need in self.card.needs()]
        if self.plan is not None:
            names += [need.name for need in self.plan.needs() if self.card is None or need.name != self.score]
        return tuple(dict.fromkeys(names))

    def kind_of(self, column: str) -> str:
        """What a column holds: ``money`` where the plan or the row says so, else what the rules say."""
        kinds = {need.name: need.kind for rule in (self.card, self.plan) if rule is not None for need in rule.needs()}
        return "money" if isinstance(self.row.get(column), Money) else kinds.get(column, "number")

    def with_row(self, **changed: Any) -> Evaluation:
        """The same rules on a row with some columns changed."""
        return evolve(self, row={**self.row, **changed})

    def measured(self, of: Of, columns: Mapping[str, Sequence[Any]] | None = None) -> Numbers:
        """An outcome on the grid on which it is published, for this row or for many with some columns changed.

        Args:
            of: ``score`` (float64), ``rating`` (int64 levels, -1 for none) or ``amount`` (int64 minor units).
            columns: the changed columns, all of one length; the row itself when not given.
        """
        self.require(of)
        n = len(next(iter(columns.values()))) if columns else 1
        changed = columns or {}
        table = {name: list(changed.get(name, [self.row[name]] * n)) for name in self.needs() if name in self.row}
        table |= {name: list(changed[name]) for name in changed if name not in table}
        if of == "amount":
            plan = cast(IncentivePlan, self.plan)
            if columns:
                # A row that mixes two others is paid to nobody, so it may be below zero.
                plan = evolve(plan, below_zero="keep")
            wanted = {need.name for need in plan.needs()}
            paid = {name: column for name, column in table.items() if name in wanted}
            if self.card is not None and self.score in wanted:
                return plan.pay({**paid, self.score: self._scored(table, n)}).minor
            return plan.pay(paid if paid else {"": [0] * n}).minor
        scores = self._scored(table, n)
        return cast(RatingScale, self.scale).rate(scores).levels if of == "rating" else scores

    def _scored(self, table: Mapping[str, Sequence[Any]], n: int) -> Numbers:
        card = cast(Scorecard, self.card)
        wanted = {need.name for need in card.needs()}
        # Money in the row of a card is read in its major units, as somebody would type it.
        return card.score(
            {name: [_major(value) for value in column] for name, column in table.items() if name in wanted}
        ).values

    def exactly(self, of: Of, measured: Any) -> Fraction:
        """A measured outcome as an exact number: a score, a count of levels, or minor units."""
        return exact(float(measured)) if of == "score" else Fraction(int(measured))

    def told(self, of: Of, measured: Any) -> Any:
        """A measured outcome as people know it: a number, the label of a level, or money."""
        if of == "amount":
            return Money.from_minor(int(measured), cast(IncentivePlan, self.plan).currency)
        if of == "rating":
            return None if measured < 0 else cast(RatingScale, self.scale).labels[int(measured)]
        return float(measured)


def _major(value: Any) -> Any:
    return float(value.exact) if isinstance(value, Money) else value


def is_missing(value: Any) -> bool:
    """Whether a value of a row says that there is none."""
    return is_missing_value(value)


def evaluation_of(
    result: Any,
    *,
    row: Any = None,
    scale: RatingScale | None = None,
    plan: IncentivePlan | None = None,
) -> Evaluation:
    """What a result was worked out from, or a rule and a row, as an evaluation.

    Raises:
        DefinitionError: for what no row can be read from.
    """
    if isinstance(result, (Scorecard, IncentivePlan)):
        if row is None:
            raise DefinitionError(f"{result.name!r} needs a row to judge: give it as well", path="row")
        if isinstance(result, IncentivePlan):
            if plan is not None:
                raise DefinitionError("a plan is given twice; give the scorecard first, and the plan as plan=")
            return Evaluation(row, plan=result, scale=scale)
        return Evaluation(row, card=result, scale=scale, plan=plan)
    if row is not None:
        raise DefinitionError(f"a row goes with a scorecard or a plan (got {result!r}); leave it out", path="row")
    if isinstance(result, Score):
        found = Evaluation(_row_of(result._scores._rows, result._row), card=result._scores.card)
    elif isinstance(result, Payout):
        found = Evaluation(_row_of(result._payouts._rows, result._row), plan=result._payouts.plan)
    elif isinstance(result, Evaluation):
        found = result
    else:
        raise DefinitionError(
            f"this must be a Score, a Payout, a GoalStatus, an Evaluation or a mapping of drivers (got {result!r}); "
            "for a rating give Evaluation(row, card=..., scale=...), and for any other two results that explain "
            "themselves one.explain().difference(other.explain())"
        )
    return evolve(found, scale=scale or found.scale, plan=plan or found.plan)


def _row_of(rows: Any, place: int) -> dict[str, Any]:
    return {name: _single(name, column[place]) for name, column in rows.columns.items()}
