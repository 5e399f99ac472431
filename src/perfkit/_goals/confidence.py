"""How well those who said how sure they were of a goal had it right."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from attrs import frozen

from perfkit._core.checks import truth
from perfkit._core.notebook import definition
from perfkit._core.numbers import Number, decimal_text
from perfkit._goals.forecasting import reading, refuse_rows
from perfkit.errors import DataError, DefinitionError


@frozen(kw_only=True)
class ConfidenceJudgement:
    """How well stated confidences met what came of them: the Brier score, and Murphy's partition of it.

    All are exact, and ``brier == reliability - resolution + uncertainty``. Goals are grouped by the confidence stated.

    Attributes:
        count: how many goals.
        brier: the mean squared distance of confidence and outcome: 0 is a perfect prophet, 0.25 one who always says
            one half, 1 one who is sure and always wrong.
        mean_confidence: what was stated on average; above ``attained_share`` it was too much.
        attained_share: what share was attained.
        reliability: how far each group's share attained is from the confidence stated; lower is better.
        resolution: how far the groups' shares attained differ from the share of all; higher is better.
        uncertainty: what one who always states the share of all would score; not the forecasters' doing.
        still_open: the goals of a stated confidence that are not judged, since their period is not over.
        not_observed: those whose period is over and of which nobody knows whether they were attained.
    """

    _repr_html_ = definition

    count: int
    brier: Fraction
    mean_confidence: Fraction
    attained_share: Fraction
    reliability: Fraction
    resolution: Fraction
    uncertainty: Fraction
    still_open: tuple[str, ...] = ()
    not_observed: tuple[str, ...] = ()

    def __str__(self) -> str:
        sure, attained = decimal_text(100 * self.mean_confidence, 1), decimal_text(100 * self.attained_share, 1)
        told = f"{self.count} statement{'s' if self.count > 1 else ''}"
        left_out = [
            f"; {len(ids)} goal{'s' if len(ids) > 1 else ''} {what}"
            for ids, what in ((self.still_open, "still open"), (self.not_observed, "never observed"))
            if ids
        ]
        return (
            f"Brier score {decimal_text(self.brier)} of {told}, "
            f"{sure}% sure and {attained}% attained: reliability {decimal_text(self.reliability)} "
            f"- resolution {decimal_text(self.resolution)} + uncertainty {decimal_text(self.uncertainty)}"
            + "".join(left_out)
        )


def brier_score(confidences: Sequence[Number], outcomes: Sequence[bool]) -> ConfidenceJudgement:
    """How well the confidences that were stated met what came of them.

    Args:
        confidences: how sure each goal's owner was of attaining it, 0..1, as typed.
        outcomes: whether each was attained.

    Raises:
        DataError: without a goal, or for confidences out of 0..1 and outcomes that are neither True nor False.

    Example:
        >>> print(brier_score([0.9, 0.9, 0.5, 0.2], [True, True, False, False]))
        Brier score 0.0775 of 4 statements, 62.5% sure and 50.0% attained: reliability 0.0775 - resolution 0.25 + ...
    """
    if len(confidences) != len(outcomes):
        raise DataError(
            f"each confidence must have its outcome (got {len(confidences)} confidences and {len(outcomes)} outcomes)",
            column="outcomes",
        )
    if not len(confidences):
        raise DataError(
            "a judgement needs at least one goal (got none); wait until one of a stated confidence has ended",
            column="confidences",
        )
    read = [reading(confidence) for confidence in confidences]
    stated = [value for value in read if value is not None and 0 <= value <= 1]
    outside = [value is None or not 0 <= value <= 1 for value in read]
    refuse_rows("confidences", confidences, outside, "must be numbers from 0 to 1", "write 70% as 0.7")
    attained = [_outcome(outcome) for outcome in outcomes]
    unclear = [outcome is None for outcome in attained]
    refuse_rows("outcomes", outcomes, unclear, "must be True or False", "leave out goals that have not ended")
    return _judged(list(zip(stated, (bool(outcome) for outcome in attained), strict=True)))


def _outcome(value: Any) -> bool | None:
    try:
        return truth(value)
    except DefinitionError:
        return None


def _judged(pairs: Sequence[tuple[Fraction, bool]]) -> ConfidenceJudgement:
    n = len(pairs)
    groups: dict[Fraction, list[bool]] = {}
    for confidence, attained in pairs:
        groups.setdefault(confidence, []).append(attained)
    base = Fraction(sum(attained for _, attained in pairs), n)
    reliability = resolution = Fraction(0)
    for confidence, group in groups.items():
        share = Fraction(sum(group), len(group))
        reliability += len(group) * (confidence - share) ** 2 / n
        resolution += len(group) * (share - base) ** 2 / n
    return ConfidenceJudgement(
        count=n,
        brier=sum(((confidence - attained) ** 2 for confidence, attained in pairs), Fraction(0)) / n,
        mean_confidence=sum((confidence for confidence, _ in pairs), Fraction(0)) / n,
        attained_share=base,
        reliability=reliability,
        resolution=resolution,
        uncertainty=base * (1 - base),
    )
