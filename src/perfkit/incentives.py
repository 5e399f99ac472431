"""Incentives: plans of pay that read named columns, exact to the minor unit."""

from perfkit._core.days import day_count
from perfkit._incentives.components import Component, Components
from perfkit._incentives.credits import credits_so_far, group_credits, split_credits
from perfkit._incentives.ledger import Deferral, Draw, Ledger, RefundableCap
from perfkit._incentives.lines import PaySection
from perfkit._incentives.pays import Commission, FlatAmount, TargetBonus
from perfkit._incentives.peers import PeerPercentile
from perfkit._incentives.plan import IncentivePlan, Payout, Payouts, SegmentPayout, TimelinePayout
from perfkit._incentives.steps import Cap, Floor, Gate, Multiply, Prorate, Round
from perfkit._incentives.tables import PayoutMatrix, RateRules, RateTable
from perfkit._incentives.timeline import Segment, Timeline

__all__ = [
    "Cap",
    "Commission",
    "Component",
    "Components",
    "Deferral",
    "Draw",
    "FlatAmount",
    "Floor",
    "Gate",
    "IncentivePlan",
    "Ledger",
    "Multiply",
    "PaySection",
    "Payout",
    "PayoutMatrix",
    "Payouts",
    "PeerPercentile",
    "Prorate",
    "RateRules",
    "RateTable",
    "RefundableCap",
    "Round",
    "Segment",
    "SegmentPayout",
    "TargetBonus",
    "Timeline",
    "TimelinePayout",
    "credits_so_far",
    "day_count",
    "group_credits",
    "split_credits",
]
