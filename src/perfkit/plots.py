"""Pictures with matplotlib: axes in, axes out, nothing shown, and legible in grey; needs the extra ``plot``."""

from perfkit._plots.charts import control_chart
from perfkit._plots.distributions import distribution
from perfkit._plots.merit import merit_matrix
from perfkit._plots.payouts import payout_curve
from perfkit._plots.progress import goal_progress
from perfkit._plots.waterfalls import waterfall

__all__ = ["control_chart", "distribution", "goal_progress", "merit_matrix", "payout_curve", "waterfall"]
