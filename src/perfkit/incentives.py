"""Incentives: plans of pay that read named columns, exact to the minor unit."""

from perfkit._core.days import day_count
from perfkit._incentives import limits
from perfkit._incentives.components import Component, Components
from perfkit._incentives.credits import credits_so_far, group_credits, split_credits
from perfkit._incentives.deduction import Deduct
from perfkit._incentives.discipline import (
    DisciplinaryLadder,
    DisciplinaryRecord,
    DisciplinaryStep,
    Offence,
    Sanction,
)
from perfkit._incentives.ledger import Deferral, Draw, Ledger, RefundableCap
from perfkit._incentives.limit import Limit
from perfkit._incentives.lines import PaySection
from perfkit._incentives.outcomes import Outcome, Outcomes, Reason, Reasons
from perfkit._incentives.pays import Commission, FlatAmount, TargetBonus
from perfkit._incentives.peers import PeerPercentile
from perfkit._incentives.penalties import Forfeit, Malus
from perfkit._incentives.plan import IncentivePlan, Payout, Payouts, SegmentPayout, TimelinePayout
from perfkit._incentives.recovery import Recover
from perfkit._incentives.simulation import Estimate, Simulation, simulate
from perfkit._incentives.steps import Cap, Floor, Gate, Multiply, Prorate, Round
from perfkit._incentives.tables import PayoutMatrix, RateRules, RateTable
from perfkit._incentives.timeline import Segment, Timeline
from perfkit._incentives.variation import ChoiceVariation, HistoryVariation, NormalVariation, QuantileVariation

__all__ = [
    "Cap",
    "ChoiceVariation",
    "Commission",
    "Component",
    "Components",
    "Deduct",
    "Deferral",
    "DisciplinaryLadder",
    "DisciplinaryRecord",
    "DisciplinaryStep",
    "Draw",
    "Estimate",
    "FlatAmount",
    "Floor",
    "Forfeit",
    "Gate",
    "HistoryVariation",
    "IncentivePlan",
    "Ledger",
    "Limit",
    "Malus",
    "Multiply",
    "NormalVariation",
    "Offence",
    "Outcome",
    "Outcomes",
    "PaySection",
    "Payout",
    "PayoutMatrix",
    "Payouts",
    "PeerPercentile",
    "Prorate",
    "QuantileVariation",
    "RateRules",
    "RateTable",
    "Reason",
    "Reasons",
    "Recover",
    "RefundableCap",
    "Round",
    "Sanction",
    "Segment",
    "SegmentPayout",
    "Simulation",
    "TargetBonus",
    "Timeline",
    "TimelinePayout",
    "credits_so_far",
    "day_count",
    "group_credits",
    "limits",
    "simulate",
    "split_credits",
]
