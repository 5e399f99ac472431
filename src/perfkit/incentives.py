"""Incentives: plans of pay that read named columns, exact to the minor unit."""

from perfkit._core.days import day_count
from perfkit._core.findings import Findings
from perfkit._incentives.balancing import BalancedFactor, ZeroSum
from perfkit._incentives.bands import Ranges, SalaryBand, SalaryRange, SalaryStructure
from perfkit._incentives.components import Component, Components
from perfkit._incentives.credits import credits_so_far, group_credits, split_credits
from perfkit._incentives.cuts import Cut
from perfkit._incentives.dates import ShareOfPeriod
from perfkit._incentives.funding import Funding
from perfkit._incentives.guidelines import Guide, Guideline
from perfkit._incentives.ledger import Deferral, Draw, Ledger, RefundableCap
from perfkit._incentives.lines import PaySection
from perfkit._incentives.merit import MeritMatrix
from perfkit._incentives.outcomes import Outcome, Outcomes, Reason, Reasons
from perfkit._incentives.pays import Commission, FlatAmount, TargetBonus
from perfkit._incentives.peers import PeerPercentile
from perfkit._incentives.placement import Placement, PlacementRule, TwoStepPlacement
from perfkit._incentives.plan import IncentivePlan, Payout, Payouts, SegmentPayout, TimelinePayout
from perfkit._incentives.pools import FittedPool, GroupShare, Pool
from perfkit._incentives.promotion import FittedLadder, Ladder, SeatBar
from perfkit._incentives.requirements import Condition, Judgement, NoSanction, RatingHistory, Requirement, TimeInLevel
from perfkit._incentives.reviews import FittedReview, SalaryReview
from perfkit._incentives.slices import FundSlice, Remainder
from perfkit._incentives.step_progression import StepProgression
from perfkit._incentives.steps import Cap, Floor, Gate, Multiply, Prorate, Round
from perfkit._incentives.tables import PayoutMatrix, RateRules, RateTable
from perfkit._incentives.timeline import Segment, Timeline
from perfkit._incentives.verification import Finding

__all__ = [
    "BalancedFactor",
    "Cap",
    "Commission",
    "Component",
    "Components",
    "Condition",
    "Cut",
    "Deferral",
    "Draw",
    "Finding",
    "Findings",
    "FittedLadder",
    "FittedPool",
    "FittedReview",
    "FlatAmount",
    "Floor",
    "FundSlice",
    "Funding",
    "Gate",
    "GroupShare",
    "Guide",
    "Guideline",
    "IncentivePlan",
    "Judgement",
    "Ladder",
    "Ledger",
    "MeritMatrix",
    "Multiply",
    "NoSanction",
    "Outcome",
    "Outcomes",
    "PaySection",
    "Payout",
    "PayoutMatrix",
    "Payouts",
    "PeerPercentile",
    "Placement",
    "PlacementRule",
    "Pool",
    "Prorate",
    "Ranges",
    "RateRules",
    "RateTable",
    "RatingHistory",
    "Reason",
    "Reasons",
    "RefundableCap",
    "Remainder",
    "Requirement",
    "Round",
    "SalaryBand",
    "SalaryRange",
    "SalaryReview",
    "SalaryStructure",
    "SeatBar",
    "Segment",
    "SegmentPayout",
    "ShareOfPeriod",
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
    "split_credits",
]
