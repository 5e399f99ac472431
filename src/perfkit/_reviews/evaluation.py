"""One person's row under the rules that judge it, scored again and again with something about it changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any, Literal, cast

import numpy as np
import numpy.typing as npt
from attrs import evolve, field, frozen

from perfkit._core.checks import instance, text
from perfkit._core.columns import Need, is_missing_value, read_rows
from perfkit._core.notebook import definition
from perfkit._core.numbers import exact
from perfkit.errors import DataError, DefinitionError
from perfkit.explain import Explanation
from perfkit.incentives import (
    FittedReview,
    IncentivePlan,
    MeritMatrix,
    Outcome,
    Outcomes,
    Payout,
    Payouts,
    SalaryReview,
)
from perfkit.metrics import Score, Scorecard
from perfkit.money import Money
from perfkit.ratings import Rating, RatingScale

Of = Literal["score", "rating", "amount"]
OUTCOMES: tuple[Of, ...] = ("score", "rating", "amount")
Numbers = npt.NDArray[Any]
PayRule = IncentivePlan | SalaryReview | FittedReview


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
        row: a mapping from column to value. For a plan that carries balances it holds these too, as they are before
            the period, each under the name of its account.
        card: what scores it.
        scale: what rates the score.
        plan: what pays: an incentive plan, or a salary review whose raises are then the amount. It may read the score
            as a column, and where the row has none, the level of the scale as another.
        score: the name of the column of the score.
        level: the name of the column of the level.

    Raises:
        DefinitionError: for neither a card nor a plan, a scale without a card, a plan that carries balances of which
            the row does not say all, or a row that already has the column of the score.

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
    plan: PayRule | None = field(
        default=None, validator=instance(IncentivePlan, SalaryReview, FittedReview, type(None)), kw_only=True
    )
    score: str = field(default="score", converter=text, kw_only=True)
    level: str = field(default="rating", converter=text, kw_only=True)

    def __attrs_post_init__(self) -> None:
        if self.card is None and self.plan is None:
            raise DefinitionError("an evaluation needs what judges the row: give card=, plan= or both", path="card")
        if self.scale is not None and self.card is None:
            raise DefinitionError("a scale rates the score of a card: give card= as well", path="scale")
        absent = [name for name in self._accounts if name not in self.row]
        if absent:
            raise DefinitionError(
                f"plan {self.pay_name!r} carries balances between periods, and the row does not say what they are: "
                f"give {', '.join(map(repr, absent))} in it, 0 for none; or a payout of pay_period, which knows them",
                path="row",
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
    def _accounts(self) -> tuple[str, ...]:
        """The balances that the plan carries."""
        carry = self.plan.carry if isinstance(self.plan, IncentivePlan) else ()
        return tuple(account for step in carry for account in step.accounts())

    @property
    def pay_name(self) -> str:
        """The name of what pays; empty for none."""
        rule = self.plan.review if isinstance(self.plan, FittedReview) else self.plan
        return "" if rule is None else rule.name

    @property
    def currency(self) -> str:
        """The currency of the pay; empty for none."""
        rule = self.plan.review if isinstance(self.plan, FittedReview) else self.plan
        return "" if rule is None else rule.currency

    @property
    def pays_by_level(self) -> bool:
        """Whether the level of the scale decides the pay."""
        return self.scale is not None and self.level not in self.row and self.level in self.pay_needs()

    def pay_needs(self) -> tuple[str, ...]:
        """The columns that the plan reads, with those of its balances; none without a plan."""
        return () if self.plan is None else (*dict.fromkeys(need.name for need in self.plan.needs()), *self._accounts)

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
        return Money.from_minor(int(self.measured("amount")[0]), self.currency)

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
        given = {self.score} if self.card is not None else set()
        given |= {self.level} if self.pays_by_level else set()
        names += [name for name in self.pay_needs() if name not in given]
        return tuple(dict.fromkeys(names))

    def kind_of(self, column: str) -> str:
        """What a column holds: ``money`` where the plan or the row says so, else what the rules say."""
        kinds = {need.name: need.kind for need in self._all_needs()}
        return "money" if isinstance(self.row.get(column), Money) else kinds.get(column, "number")

    def choices_of(self, column: str) -> tuple[str, ...]:
        """The names that a column may hold, where a rule knows them."""
        return next((need.choices for need in self._all_needs() if need.name == column and need.choices), ())

    def _all_needs(self) -> list[Need]:
        return [need for rule in (self.card, self.plan) if rule is not None for need in rule.needs()]

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
            return self._paid(table, n, mixed=bool(columns)).minor
        scores = self._scored(table, n)
        return cast(RatingScale, self.scale).rate(scores).levels if of == "rating" else scores

    def _paid(self, table: Mapping[str, Sequence[Any]], n: int, *, mixed: bool = False) -> Payouts | Outcomes:
        wanted = self.pay_needs()
        paid: dict[str, Any] = {name: column for name, column in table.items() if name in wanted}
        by_score = self.card is not None and self.score in wanted
        if by_score or self.pays_by_level:
            scores = self._scored(table, n)
            if by_score:
                paid[self.score] = scores
            if self.pays_by_level:
                paid[self.level] = cast(RatingScale, self.scale).rate(scores).labels
        given = paid or {"": [0] * n}
        if not isinstance(self.plan, IncentivePlan):
            return cast(SalaryReview, self.plan).raises(given)
        # A row that mixes two others is paid to nobody, so it may be below zero.
        plan = evolve(self.plan, below_zero="keep") if mixed else self.plan
        return plan._paid(read_rows(given, wanted)) if plan.carry else plan.pay(given)

    def explained(self, of: Of) -> tuple[Explanation, ...]:
        """Why the outcome is what it is: of the score, and of the pay where that was asked for."""
        table = {name: [self.row[name]] for name in self.needs() if name in self.row}
        found = [] if self.card is None else [self.card.score(self._read_by_card(table)).explain(0)]
        return (*found, self._paid(table, 1).explain(0)) if of == "amount" else tuple(found)

    def _scored(self, table: Mapping[str, Sequence[Any]], n: int) -> Numbers:
        return cast(Scorecard, self.card).score(self._read_by_card(table)).values

    def _read_by_card(self, table: Mapping[str, Sequence[Any]]) -> dict[str, list[Any]]:
        wanted = {need.name for need in cast(Scorecard, self.card).needs()}
        # Money in the row of a card is read in its major units, as somebody would type it.
        return {name: [_major(value) for value in column] for name, column in table.items() if name in wanted}

    def exactly(self, of: Of, measured: Any) -> Fraction:
        """A measured outcome as an exact number: a score, a count of levels, or minor units."""
        return exact(float(measured)) if of == "score" else Fraction(int(measured))

    def told(self, of: Of, measured: Any) -> Any:
        """A measured outcome as people know it: a number, the label of a level, or money."""
        if of == "amount":
            return Money.from_minor(int(measured), self.currency)
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
    plan: PayRule | None = None,
) -> Evaluation:
    """What a result was worked out from, or a rule and a row, as an evaluation.

    Raises:
        DefinitionError: for what no row can be read from.
    """
    for rule in (result, plan):
        if isinstance(rule, MeritMatrix):
            raise DefinitionError(
                "a matrix alone gives rates and no raises: put it into a review, "
                "SalaryReview(matrix, key=..., currency=...)",
                path="plan",
            )
    if isinstance(result, (Scorecard, IncentivePlan, SalaryReview, FittedReview)):
        if row is None:
            named = result.review.name if isinstance(result, FittedReview) else result.name
            raise DefinitionError(f"{named!r} needs a row to judge: give it as well", path="row")
        if not isinstance(result, Scorecard):
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
    elif isinstance(result, Outcome):
        raise DefinitionError(
            f"{result!r} does not know the row that it came of; for a raise give the review and the row, "
            "what_would_it_take(review, row, amount=...), or Evaluation(row, plan=review)"
        )
    else:
        raise DefinitionError(
            f"this must be a Score, a Payout, a GoalStatus, an Evaluation or a mapping of drivers (got {result!r}); "
            "for a rating give Evaluation(row, card=..., scale=...), for a raise Evaluation(row, plan=review), and for "
            "any other two results that explain "
            "themselves one.explain().difference(other.explain())"
        )
    return evolve(found, scale=scale or found.scale, plan=plan or found.plan)


def _row_of(rows: Any, place: int) -> dict[str, Any]:
    return {name: _single(name, column[place]) for name, column in rows.columns.items()}
