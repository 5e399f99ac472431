"""Goals: a strategy broken down into goals that people own, and rolled up again."""

from perfkit._goals.definition import Goal, Period
from perfkit._goals.report import GoalReport, GoalStatus
from perfkit._goals.tree import GoalTree, Shortfall

__all__ = ["Goal", "GoalReport", "GoalStatus", "GoalTree", "Period", "Shortfall"]
