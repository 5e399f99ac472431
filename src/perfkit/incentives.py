"""Incentives: plans of pay that read named columns, exact to the minor unit."""

from perfkit._core.days import day_count
from perfkit._incentives import limits
from perfkit._incentives.balancing import BalancedFactor, ZeroSum
from perfkit._incentives.bands import Ranges, SalaryBand, SalaryRange, SalaryStructure
from perfkit._incentives.components import Component, Components
from perfkit._incentives.credits import credits_so_far, group_credits, split_credits
from perfkit._incentives.cuts import Cut
from perfkit._incentives.dates import ShareOfPeriod
from perfkit._incentives.deduction import Deduct
from perfkit._incentives.discipline import (
    DisciplinaryLadder,
    DisciplinaryRecord,
    DisciplinaryStep,
    Offence,
    Sanction,
)
from perfkit._incentives.funding import Funding
from perfkit._incentives.guidelines import Guide, Guideline
from perfkit._incentives.ledger import Deferral, Draw, Ledger, RefundableCap
from perfkit._incentives.limit import Limit
from perfkit._incentives.lines import PaySection
from perfkit._incentives.merit import MeritMatrix
from perfkit._incentives.outcomes import Outcome, Outcomes, Reason, Reasons
from perfkit._incentives.payouts import Payout, Payouts, SegmentPayout, TimelinePayout
from perfkit._incentives.pays import Commission, FlatAmount, TargetBonus
from perfkit._incentives.peers import PeerPercentile
from perfkit._incentives.penalties import Forfeit, Malus
from perfkit._incentives.placement import Placement, PlacementRule, TwoStepPlacement
from perfkit._incentives.plan import IncentivePlan
from perfkit._incentives.pools import FittedPool, GroupShare, Pool
from perfkit._incentives.promotion import FittedLadder, Ladder, SeatBar
from perfkit._incentives.recovery import Recover
from perfkit._incentives.requirements import Condition, Judgement, NoSanction, RatingHistory, Requirement, TimeInLevel
from perfkit._incentives.reviews import FittedReview, SalaryReview
from perfkit._incentives.simulation import Estimate, Simulation, simulate
from perfkit._incentives.slices import FundSlice, Remainder
from perfkit._incentives.step_progression import StepProgression
from perfkit._incentives.steps import Cap, Floor, Gate, Multiply, Prorate, Round
from perfkit._incentives.tables import PayoutMatrix, RateRules, RateTable
from perfkit._incentives.timeline import Segment, Timeline
from perfkit._incentives.variation import (
    ChoiceVariation,
    HistoryVariation,
    LognormalVariation,
    NormalVariation,
    QuantileVariation,
)

__all__ = [
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
    "Guide",
    "Guideline",
    "HistoryVariation",
    "IncentivePlan",
    "Judgement",
    "Ladder",
    "Ledger",
    "Limit",
    "LognormalVariation",
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
    "PlacementRule",
    "Pool",
    "Prorate",
    "QuantileVariation",
    "Ranges",
    "RateRules",
    "RateTable",
    "RatingHistory",
    "Reason",
    "Reasons",
    "Recover",
    "RefundableCap",
    "Remainder",
    "Requirement",
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
]
