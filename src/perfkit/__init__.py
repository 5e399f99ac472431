"""Performance management: goals, evaluation, incentives and the words between, exact and explained."""

from perfkit.codec import digest, from_dict, to_dict
from perfkit.curves import Curve, Knot
from perfkit.errors import (
    DataError,
    DefinitionError,
    GoalTreeError,
    MissingColumnsError,
    PerfkitError,
    PolicyViolation,
    StaleDataError,
)
from perfkit.explain import Explanation
from perfkit.goals import Goal, GoalReport, GoalStatus, GoalTree, Period, Shortfall
from perfkit.incentives import (
    Cap,
    Commission,
    FlatAmount,
    Floor,
    Gate,
    IncentivePlan,
    Multiply,
    Payout,
    Payouts,
    Prorate,
    RateTable,
    TargetBonus,
)
from perfkit.metrics import Metric, Score, Scorecard, Scores, Section
from perfkit.money import Money, Rounding, allocate, minor_units
from perfkit.ratings import Rating, Ratings, RatingScale
from perfkit.weights import Weights

__all__ = [
    "Cap",
    "Commission",
    "Curve",
    "DataError",
    "DefinitionError",
    "Explanation",
    "FlatAmount",
    "Floor",
    "Gate",
    "Goal",
    "GoalReport",
    "GoalStatus",
    "GoalTree",
    "GoalTreeError",
    "IncentivePlan",
    "Knot",
    "Metric",
    "MissingColumnsError",
    "Money",
    "Multiply",
    "Payout",
    "Payouts",
    "PerfkitError",
    "Period",
    "PolicyViolation",
    "Prorate",
    "RateTable",
    "Rating",
    "RatingScale",
    "Ratings",
    "Rounding",
    "Score",
    "Scorecard",
    "Scores",
    "Section",
    "Shortfall",
    "StaleDataError",
    "TargetBonus",
    "Weights",
    "allocate",
    "digest",
    "from_dict",
    "minor_units",
    "to_dict",
]
