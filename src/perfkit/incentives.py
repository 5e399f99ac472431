"""Incentives: plans of pay that read named columns, exact to the minor unit."""

from perfkit._incentives.factors import RateTable
from perfkit._incentives.pays import Commission, FlatAmount, TargetBonus
from perfkit._incentives.plan import IncentivePlan, Payout, Payouts
from perfkit._incentives.steps import Cap, Floor, Gate, Multiply, Prorate

__all__ = [
    "Cap",
    "Commission",
    "FlatAmount",
    "Floor",
    "Gate",
    "IncentivePlan",
    "Multiply",
    "Payout",
    "Payouts",
    "Prorate",
    "RateTable",
    "TargetBonus",
]
