"""Goals: a strategy broken down into goals that people own, followed up, and rolled up again."""

from perfkit._goals import presets
from perfkit._goals.brief import BriefLine, GoalBrief
from perfkit._goals.check_ins import CheckIn, CheckIns
from perfkit._goals.confidence import ConfidenceJudgement, brier_score
from perfkit._goals.definition import Goal
from perfkit._goals.forecasting import Forecast, forecast
from perfkit._goals.measures import Milestone, PhasedPlan, Ratio, Zones
from perfkit._goals.period import Period
from perfkit._goals.reconcile import Shortfall
from perfkit._goals.relations import Change, Contribution
from perfkit._goals.report import GoalReport, GoalStatus, Override
from perfkit._goals.rules import GoalRules, HealthBands
from perfkit._goals.tree import GoalTree

__all__ = [
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
]
