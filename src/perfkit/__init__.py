"""Performance management: goals, evaluation, incentives and the words between, exact and explained."""

from importlib import import_module
from typing import Any

# Where each public name lives. A room is opened when one of its names is first asked for, so that `import perfkit` is
# fast however many rooms there are; __init__.pyi tells type checkers the same.
_ROOMS = {
    "perfkit.codec": ("digest", "from_dict", "to_dict"),
    "perfkit.curves": ("Curve", "Knot", "Stretch"),
    "perfkit.errors": (
        "DataError",
        "DefinitionError",
        "GoalTreeError",
        "MissingColumnsError",
        "NotAffineError",
        "PerfkitError",
        "PolicyViolation",
        "StaleDataError",
    ),
    "perfkit.explain": ("Explanation",),
    "perfkit.findings": ("Finding", "Findings"),
    "perfkit.goals": (
        "BriefLine",
        "Change",
        "CheckIn",
        "CheckIns",
        "ConfidenceJudgement",
        "Contribution",
        "Forecast",
        "Goal",
        "GoalBrief",
        "GoalReport",
        "GoalRules",
        "GoalStatus",
        "GoalTree",
        "HealthBands",
        "Milestone",
        "Override",
        "Period",
        "PhasedPlan",
        "Ratio",
        "Shortfall",
        "Zones",
        "brier_score",
        "forecast",
        "presets",
    ),
    "perfkit.incentives": (
        "BalancedFactor",
        "Cap",
        "ChoiceVariation",
        "Commission",
        "Component",
        "Components",
        "Condition",
        "Cut",
        "Deduct",
        "Deferral",
        "DisciplinaryLadder",
        "DisciplinaryRecord",
        "DisciplinaryStep",
        "Draw",
        "Estimate",
        "FittedLadder",
        "FittedPool",
        "FittedReview",
        "FlatAmount",
        "Floor",
        "Forfeit",
        "FundSlice",
        "Funding",
        "Gate",
        "GroupShare",
        "HistoryVariation",
        "IncentivePlan",
        "Ladder",
        "Ledger",
        "Limit",
        "Malus",
        "MeritMatrix",
        "Multiply",
        "NoSanction",
        "NormalVariation",
        "Offence",
        "Outcome",
        "Outcomes",
        "PaySection",
        "Payout",
        "PayoutMatrix",
        "Payouts",
        "PeerPercentile",
        "Placement",
        "Pool",
        "Prorate",
        "QuantileVariation",
        "RateRules",
        "RateTable",
        "RatingHistory",
        "Reason",
        "Reasons",
        "Recover",
        "RefundableCap",
        "Remainder",
        "Round",
        "SalaryBand",
        "SalaryRange",
        "SalaryReview",
        "SalaryStructure",
        "Sanction",
        "SeatBar",
        "Segment",
        "SegmentPayout",
        "ShareOfPeriod",
        "Simulation",
        "StepProgression",
        "TargetBonus",
        "TimeInLevel",
        "Timeline",
        "TimelinePayout",
        "TwoStepPlacement",
        "ZeroSum",
        "credits_so_far",
        "day_count",
        "group_credits",
        "limits",
        "simulate",
        "split_credits",
    ),
    "perfkit.metrics": ("Metric", "Score", "Scorecard", "Scores", "Section"),
    "perfkit.money": ("Money", "Rounding", "allocate", "minor_units"),
    "perfkit.ratings": ("Rating", "RatingScale", "Ratings"),
    "perfkit.weights": ("PairwiseResults", "Weights", "ahp_many"),
}
_HOMES = {name: room for room, names in _ROOMS.items() for name in names}

__all__ = sorted(_HOMES)  # noqa: PLE0605


def __getattr__(name: str) -> Any:
    """A public name, or a room by its own name."""
    if name in _HOMES:
        found = getattr(import_module(_HOMES[name]), name)
    elif f"perfkit.{name}" in _ROOMS:
        found = import_module(f"perfkit.{name}")
    else:
        raise AttributeError(f"module 'perfkit' has no attribute {name!r}")
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    """What can be asked for."""
    return sorted({*globals(), *__all__})
