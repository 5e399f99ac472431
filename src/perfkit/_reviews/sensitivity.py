"""What one more percent of a result is worth."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import Any

from attrs import frozen

from perfkit._core.notebook import definition
from perfkit._core.numbers import Number, exact
from perfkit._reviews.axis import axis_of
from perfkit._reviews.evaluation import Evaluation, Of, evaluation_of
from perfkit._reviews.levers import movable, scored
from perfkit._reviews.phrases import ENGLISH, phrase
from perfkit._reviews.search import Search
from perfkit.errors import DefinitionError
from perfkit.explain import Explanation
from perfkit.money import Money
from perfkit.ratings import RatingScale
from perfkit.typing import Progress


@frozen(kw_only=True)
class Sensitivity:
    """What moving a column by some percent changes, everything else as it is.

    Attributes:
        column: what was moved.
        label: the metric that reads it.
        percent: by how much of where it stands; negative for less.
        change: the same in its own unit.
        of: ``score``, ``rating`` or ``amount``.
        effect: what that changes: a ``Fraction`` of a score, levels of a rating, or ``Money``.
    """

    _repr_html_ = definition

    column: str
    label: str
    percent: Fraction
    change: Any
    of: Of
    effect: Any

    def text(self, catalogue: Mapping[str, str] = ENGLISH) -> str:
        """The same in words.

        Args:
            catalogue: a phrase for each code, with parameters in braces.
        """
        more = "more" if self.percent > 0 else "less"
        params = {"percent": abs(self.percent), "label": self.label, "effect": self.effect}
        return phrase(f"sensitivity_{more}_{self.of}", params, catalogue)

    __str__ = text

    def explain(self) -> Explanation:
        """The same as a code with parameters."""
        params = {"percent": self.percent, "change": self.change, "of": self.of, "column": self.column}
        return Explanation("sensitivity", self.effect, label=self.label, params=params)


def sensitivities(
    result: Any,
    row: Any = None,
    *,
    of: Of | None = None,
    percent: Number = 1,
    scale: RatingScale | None = None,
    plan: Any = None,
    move: Iterable[str] | None = None,
    progress: Progress | None = None,
) -> tuple[Sensitivity, ...]:
    """What one more percent of each result is worth, the row scored and paid again; the largest gain first.

    Each column is moved up, or down where that is what gains. Through caps, gates and steps one percent may be worth
    nothing.

    Args:
        result: a ``Score``, a ``Payout``, an :class:`Evaluation`, or a scorecard or plan with a row.
        row: the row, for a scorecard or a plan.
        of: the outcome; the last of the chain when not given.
        percent: how far each column is moved, in percent of where it stands.
        scale: rates the score.
        plan: pays by the score.
        move: the columns; those of the metrics when not given.
        progress: what is called with 1 after each column.

    Raises:
        DefinitionError: for percent that are not positive, or a plan alone without ``move``.
        DataError: for a row without an outcome.

    Example:
        >>> from perfkit import Evaluation, IncentivePlan, Metric, Scorecard, TargetBonus, sensitivities
        >>> churn = Metric("churn", target=5, lower_is_better=True)
        >>> card = Scorecard("sales", [Metric("revenue", target=1_000), churn])
        >>> plan = IncentivePlan("bonus", currency="EUR", pays=[TargetBonus("salary", 0.2, multiplier="score")])
        >>> ana = Evaluation({"revenue": 900, "churn": 4, "salary": Money("50,000 EUR")}, card=card, plan=plan)
        >>> for one in sensitivities(ana):
        ...     print(one)
        1 percent more of revenue is worth 45.00 EUR
        1 percent less of churn is worth 40.00 EUR
    """
    share = exact(percent, what="percent", path="percent")
    if share <= 0:
        raise DefinitionError(f"percent must be positive, such as 1 (got {percent!r})", path="percent")
    evaluation = evaluation_of(result, row=row, scale=scale, plan=plan)
    outcome = of or evaluation.outcomes[-1]
    evaluation.require(outcome)
    now = evaluation.exactly(outcome, scored(evaluation, outcome))
    found = []
    for name in movable(evaluation, move, None, ()):
        one = _moved(evaluation, outcome, now, name, share)
        found += [] if one is None else [one]
        if progress is not None:
            progress(1)
    return tuple(sorted(found, key=lambda one: -_size(one.effect)))


def _moved(evaluation: Evaluation, outcome: Of, now: Fraction, name: str, share: Fraction) -> Sensitivity | None:
    """What moving one column is worth; None for what no percentage can move."""
    axis = axis_of(evaluation, name, {}, {})
    if axis.kind in ("flag", "category") or axis.now == 0:
        return None
    search = Search(evaluation, outcome, 0.0, {name: axis})
    tried = []
    for sign in (1, -1):
        # The nearest step of the grid to the percentage.
        place = round(axis.now * (1 + sign * share / 100) / axis.step)
        value = search.outcomes([{name: place}])[0]
        if value == value:
            # Where neither way is worth anything, the better one is that of the column's own metric.
            own = search.alone(name, [place])[0]
            tried.append((evaluation.exactly(outcome, value) - now, own, sign, place))
    if not tried:
        return None
    gain, _, sign, place = max(tried, key=lambda one: one[:2])
    moved = place * axis.step - axis.now
    change = Money(moved, axis.currency) if axis.currency else moved
    effect = evaluation.told("amount", gain) if outcome == "amount" else gain
    return Sensitivity(column=name, label=axis.label, percent=sign * share, change=change, of=outcome, effect=effect)


def _size(effect: Any) -> Fraction:
    return effect.exact if isinstance(effect, Money) else Fraction(effect)
