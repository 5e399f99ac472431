"""How known systems roll goals up, as rules: to reproduce their figures, and to see where they differ.

Example:
    >>> from perfkit import Goal, GoalTree
    >>> tree = GoalTree([Goal("all", children=[Goal("a", target=10), Goal("b", target=10)])])
    >>> tree.roll_up({"a": 10})["all"].progress, tree.roll_up({"a": 10}, rules=frappe)["all"].progress
    (1.0, 0.5)
"""

from __future__ import annotations

from fractions import Fraction

from perfkit._goals.rules import GoalRules, HealthBands

_ON_STRETCH = HealthBands({"commit": 0.3, "target": 0.7, "stretch": 1}, lowest="fail", on="stretch", precedence=())

#: Frappe HR 15 (hrms/hr/doctype/goal): equal mean of the parts, 3 decimals of a percent at every goal, nothing counts
#: as 0. It takes no progress above 100.
frappe = GoalRules(
    missing="zero",
    equal_weights=True,
    grid=Fraction(1, 100_000),
    round_each=True,
    health=HealthBands({"In Progress": 0.000001, "Completed": 1}, lowest="Pending", on="progress", precedence=()),
)

#: okr-tracker of Oslo (functions/progress): clipped to 0 to 100 %, weighted mean, nothing counts as 0. What it stores
#: where the target is the baseline, 0.5 whatever is observed, is not reproduced: such a goal is refused, ``reached`` or
#: ``unknown`` by its own ``zero_span``.
okr_tracker = GoalRules(missing="zero", below_baseline="zero", above_target="cap")

#: puzzle okr: floored at 0, what has no data is in no zone; zones from 30, 70 and 100 % of the way to the stretch.
puzzle = GoalRules(below_baseline="zero", health=_ON_STRETCH)

#: Microsoft Viva Goals: weighted mean, progress kept within 0 and 100 %, on track while at or above the expected line.
viva = GoalRules(
    missing="zero",
    below_baseline="zero",
    above_target="cap",
    health=HealthBands({"behind": -0.25, "on_track": 0}, lowest="at_risk", on="lead", precedence=("not_started",)),
)

#: SAP SuccessFactors (KBA 3218955): weighted average of what is rated; unrated items are left out of it.
successfactors = GoalRules(missing="redistribute")
