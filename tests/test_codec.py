"""A definition is data: kinds, paths, problems and digests."""

import hashlib
import json
from datetime import date
from decimal import Decimal
from fractions import Fraction

import attrs
import numpy as np
import pytest

from perfkit import (
    BalancedFactor,
    Banded,
    Cap,
    Change,
    CheckIn,
    CheckIns,
    ChoiceVariation,
    Choquet,
    ChoquetCapacity,
    Commission,
    Commitment,
    Component,
    Components,
    Condition,
    Contribution,
    Curve,
    Cut,
    Deduct,
    Deferral,
    DefinitionError,
    DisciplinaryLadder,
    DisciplinaryRecord,
    DisciplinaryStep,
    DistanceToReference,
    Draw,
    FittedLadder,
    FittedPercentile,
    FittedPool,
    FittedReview,
    FittedScale,
    FlatAmount,
    Floor,
    Forfeit,
    Funding,
    FundSlice,
    Gate,
    Geometric,
    Goal,
    GoalRules,
    GoalTree,
    GroupShare,
    Harmonic,
    HealthBands,
    IncentivePlan,
    Job,
    Knot,
    Ladder,
    Ledger,
    Limit,
    LognormalVariation,
    Malus,
    MazziottaPareto,
    MeritMatrix,
    Metric,
    Milestone,
    Minimum,
    MinMax,
    Money,
    Multiply,
    NormalVariation,
    NoSanction,
    Offence,
    OptimalBand,
    OrderedMean,
    Override,
    PayoutMatrix,
    PaySection,
    PeerPercentile,
    Percentile,
    Period,
    PhasedPlan,
    Placement,
    Pool,
    PowerMean,
    Prorate,
    QuantileVariation,
    RateRules,
    RateTable,
    RatingHistory,
    RatingScale,
    Ratio,
    RatioToReference,
    Recover,
    RefundableCap,
    Round,
    Rounding,
    SalaryBand,
    SalaryRange,
    SalaryReview,
    SalaryStructure,
    Sanction,
    Scorecard,
    SeatBar,
    Section,
    Segment,
    ShareOfPeriod,
    StatedReason,
    Statement,
    StepProgression,
    TargetBonus,
    TimeInLevel,
    Timeline,
    Topsis,
    TwoStepPlacement,
    Veto,
    Vikor,
    Weights,
    ZeroSum,
    Zones,
    ZScore,
    codec,
    digest,
    from_dict,
    to_dict,
)
from perfkit.codec import KINDS, SCHEMA

F = Fraction
CURVE = Curve.through((0.8, 0), (1, 1), (1.2, 2), below=0)
OTHER_CURVE = Curve.steps((1, 1))
YEAR = Period(date(2026, 1, 1), date(2026, 12, 31))
NICKEL = Rounding(to=0.05)

CARD = Scorecard(
    "account executive",
    [
        Section("results", weight=70, of=[
            Metric("revenue", weight=80, target="quota", curve=CURVE),
            Metric("churn", weight=20, target=0.05, lower_is_better=True),
        ]),
        Metric("csat", weight=30),
    ],
)  # fmt: skip
PLAN = IncentivePlan(
    "AE bonus 2026",
    currency="EUR",
    pays=[
        TargetBonus(base="salary", rate=0.15, multiplier="score"),
        Commission(on="bookings", curve=Curve.marginal((0, 0.02), (500_000, 0.03))),
    ],
    then=[Prorate(by="months", of=12), Gate("compliant"), Cap(0.30, of="salary")],
)
SPRING = Segment(date(2026, 1, 1), date(2026, 6, 30), {"salary": 6_000_000, "team": "north"})
BONUS = IncentivePlan("b", currency="EUR", pays=PLAN.pays[:1], then=PLAN.then)

LIMIT = Limit(name="law", source="statute", read_on=date(2026, 1, 31), per_period=(0.1, "wages"))
HOUSE = Limit(name="house", source="agreement", read_on=date(2026, 1, 31), requires=["heard"])
SANCTION = Sanction("1", "ana", "lateness", "lateness", "note", date(2026, 1, 1), date(2026, 2, 2))

# Of each kind a definition, and for each of its fields the same definition with another value in that field alone.
BASES = {
    "cap": Cap(5),
    "change": Change(date(2026, 5, 1), weight=2),
    "check_in": CheckIn("a", date(2026, 5, 1), 5),
    "choice_variation": ChoiceVariation({"low": 0.25, "high": 0.75}),
    "check_ins": CheckIns([CheckIn("a", date(2026, 5, 1), 5)]),
    "commission": Commission(on="bookings", curve=CURVE, quota=6),
    "commitment": Commitment("call them", "ana", date(2026, 5, 1)),
    "component": Component("eps"),
    "components": Components([Component("eps"), Component("margin")]),
    "contribution": Contribution("b", 0.5),
    "curve": Curve([Knot(0, 0, 1, 2)]),
    "deduct": Deduct("fine", basis="contract", limits=LIMIT),
    "deferral": Deferral(0.4, over=3),
    "disciplinary_ladder": DisciplinaryLadder(["note", "dismissal"], {"lateness": ["note", "dismissal"]}),
    "disciplinary_record": DisciplinaryRecord([SANCTION]),
    "disciplinary_step": DisciplinaryStep("note"),
    "draw": Draw(1_000),
    "flat_amount": FlatAmount(500),
    "floor": Floor(5),
    "forfeit": Forfeit(0.5),
    "gate": Gate("x", at_least=1),
    "goal": Goal("a", target=10),
    "goal_rules": GoalRules(),
    "goal_tree": GoalTree([Goal("a", target=10)]),
    "health_bands": HealthBands(),
    "incentive_plan": PLAN,
    "knot": Knot(0, 0, 0, 0),
    "ledger": Ledger("EUR", ["ana", "ben"], {"draw.owed": [100, 0]}),
    "limit": LIMIT,
    "lognormal_variation": LognormalVariation("forecast", 0.6, relative=True),
    "malus": Malus(Deferral(0.4, over=3)),
    "metric": Metric("a", target=10, baseline=20),
    "milestone": Milestone("built"),
    "money": Money("1.00 EUR"),
    "multiply": Multiply("factor"),
    "normal_variation": NormalVariation(1, 0.2, groups={"region": 0.4}),
    "offence": Offence("lateness", ["note"]),
    "override": Override("a", progress=0.5),
    "pay_section": PaySection("team", pays=[FlatAmount(500)]),
    "payout_matrix": PayoutMatrix("revenue", "margin", [0.9, 1], [0.9, 1], [[0.5, 0.75], [0.75, 1]]),
    "peer_percentile": PeerPercentile(),
    "period": YEAR,
    "phased_plan": PhasedPlan({date(2026, 3, 31): 5, date(2026, 6, 30): 9}),
    "prorate": Prorate(by="months", of=12),
    "quantile_variation": QuantileVariation({0.8: 0.9, 1: 0.5}),
    "rate_rules": RateRules(("product", "category"), [({}, 0.02), ({"product": "p"}, 0.1)]),
    "rate_table": RateTable("rating", {"high": 0.03}),
    "rating_scale": RatingScale("below", solid=0.8),
    "ratio": Ratio(1, 3),
    "recover": Recover("clawback", basis="policy"),
    "stated_reason": StatedReason("churn", "skill", "manager"),
    "refundable_cap": RefundableCap(5_000),
    "round": Round(NICKEL),
    "rounding": Rounding(),
    "sanction": SANCTION,
    "scorecard": CARD,
    "section": Section("s", of=[Metric("a")]),
    "segment": SPRING,
    "statement": Statement("not so", "ana", date(2026, 5, 1)),
    "target_bonus": TargetBonus(base="salary", multiplier="score"),
    "timeline": Timeline([SPRING]),
    "weights": Weights({"a": 1, "b": 2}),
    "zones": Zones(baseline=0, commit=3, target=7, stretch=10),
}
OTHERS = {
    "cap": {"limit": 6, "of": "salary", "name": "n", "rounding": NICKEL},
    "change": {
        "on": date(2026, 6, 1),
        "weight": F(1, 3),
        "target": 11,
        "baseline": 1,
        "owner": "ana",
        "under": "emea",
    },
    "check_in": {
        "goal": "b",
        "on": date(2026, 6, 1),
        "value": 6,
        "confidence": 0.5,
        "note": "late",
        "by": "ana",
    },
    "choice_variation": {"choices": {False: F(1, 3), True: F(2, 3)}, "loading": 0.5, "groups": {"team": 0.1}},
    "commitment": {
        "what": "visit them",
        "owner": "ben",
        "due": date(2026, 6, 1),
        "fulfilled_on": date(2026, 5, 20),
        "about": "churn",
    },
    "commission": {
        "on": "sales",
        "curve": OTHER_CURVE,
        "rate": 0.5,
        "quota": 5,
        "ramp": 0.5,
        "so_far": "ytd",
        "name": "n",
        "rounding": NICKEL,
    },
    "component": {
        "on": Components([Component("eps")]),
        "curve": CURVE,
        "weight": 2,
        "gates": Gate("ok"),
        "cap": 2,
        "floor": F(1, 3),
        "rounding": NICKEL,
        "name": "n",
    },
    "components": {
        "of": [Component("eps")],
        "combine": "product",
        "weights_add_up_to": 2,
        "weight": 2,
        "gates": [Gate("ok"), Gate("score", at_least=1)],
        "cap": 2,
        "floor": F(1, 3),
        "rounding": NICKEL,
        "name": "n",
    },
    "contribution": {"to": "c", "share": F(1, 3), "weight": 2},
    "curve": {"knots": [Knot(0, 0, 0, 2)], "slope_below": 1, "slope_above": F(1, 3)},
    "deduct": {
        "name": "n",
        "basis": "b",
        "limits": [LIMIT, HOUSE],
        "amount": "a",
        "who": "w",
        "incident": "i",
        "on": "o",
        "reason": "r",
    },
    "deferral": {"share": F(1, 3), "over": 4, "name": "n", "rounding": NICKEL},
    "disciplinary_ladder": {
        "steps": [DisciplinaryStep("note", live_days=9), "dismissal"],
        "offences": [Offence("x", ["note"])],
        "decay_days": 9,
        "name": "n",
        "who": "w",
        "incident": "i",
        "offence": "of",
        "on": "o",
        "effective": "e",
        "heard": "h",
        "severity": "s",
    },
    "disciplinary_record": {"sanctions": []},
    "disciplinary_step": {"name": "n", "live_days": 9, "live_months": 3, "hearing": True, "fine": F(1, 3)},
    "draw": {"amount": "guarantee", "recoverable": False, "recover_at_most": 0.5, "name": "n"},
    "flat_amount": {"amount": 501, "when": "won", "name": "n", "rounding": NICKEL},
    "floor": {"limit": 6, "of": "salary", "name": "n", "rounding": NICKEL},
    "forfeit": {"share": RateTable("r", {"high": 0.5}), "on": "breach", "reason": "r", "name": "n", "rounding": NICKEL},
    "gate": {"on": "y", "at_least": 2, "at_most": 9, "cap": 5, "of": "salary", "name": "n", "rounding": NICKEL},
    "goal": {
        "id": "b",
        "title": "t",
        "owner": "ana",
        "contributors": ["ben"],
        "level": "objective",
        "perspective": "customer",
        "period": YEAR,
        "measure": "revenue",
        "unit": "EUR",
        "direction": "at_least",
        "baseline": 1,
        "target": 11,
        "threshold": 5,
        "stretch": 12,
        "zero_span": "reached",
        "over_time": "sum",
        "pacing": CURVE,
        "plan": PhasedPlan({date(2026, 3, 31): 5}),
        "curve": CURVE,
        "weight": None,
        "weights_add_up_to": 100,
        "roll_up": "sum",
        "over_assignment": 0.05,
        "share": 0.5,
        "contributes": {"z": 0.5},
        "supports": ["z"],
        "joined": date(2026, 2, 1),
        "left": date(2026, 3, 1),
        "changes": [Change(date(2026, 5, 1), weight=2)],
        "children": [Goal("c", target=10)],
        "milestones": ["built"],
    },
    "goal_rules": {
        "missing": "zero",
        "below_baseline": "zero",
        "above_target": "cap",
        "equal_weights": True,
        "grid": 0.001,
        "round_each": True,
        "day_count": "exclusive",
        "holidays": [date(2026, 1, 1)],
        "health": HealthBands(on="lead"),
    },
    "health_bands": {
        "floors": {"good": 0.5},
        "lowest": "bad",
        "on": "lead",
        "precedence": ["stale"],
        "stale_after": 30,
        "roll_up": "worst",
    },
    "incentive_plan": {
        "name": "n",
        "currency": "USD",
        "pays": [FlatAmount(1)],
        "then": [],
        "carry": [Draw(1_000), RefundableCap(5_000, name="held"), Deferral(0.4, over=3)],
        "missing": "unpaid",
        "below_zero": "keep",
    },
    "knot": {"x": 1, "below": 1, "at": 1, "above": 1},
    "ledger": {
        "currency": "USD",
        "keys": ["ana", "cleo"],
        "accounts": {"draw.owed": [100, 10**30]},
        "entries": {"fine.owed:1": 5},
    },
    "limit": {
        "name": "n",
        "source": "t",
        "read_on": date(2026, 2, 1),
        "per_incident": (F(1, 3), "day"),
        "per_period": (0.2, "wages"),
        "counting": ["other"],
        "leaves": "least",
        "whole": "day",
        "within_days": 9,
        "within_months": 3,
        "reasons": ["loss"],
        "requires": ["heard"],
        "at_least": {"age": 15},
        "lifted_by": "final",
        "excess": "lapse",
        "note": "x",
    },
    "malus": {
        "deferral": Deferral(0.5, over=2),
        "share": 0.5,
        "on": "breach",
        "reason": "r",
        "name": "n",
        "rounding": NICKEL,
    },
    "metric": {
        "name": "b",
        "weight": 3,
        "column": "c",
        "target": 11,
        "baseline": "start",
        "lower_is_better": True,
        "inversion": "ratio",
        "curve": CURVE,
        "zero_span": "missing",
        "missing": "zero",
        "last": "l",
        "unit": "EUR",
    },
    "milestone": {"name": "shipped", "credit": F(1, 3), "due": date(2026, 6, 1)},
    "multiply": {"by": 2, "name": "n", "rounding": NICKEL},
    "lognormal_variation": {
        "mean": 3,
        "deviation": "spread",
        "low": 0,
        "high": 2,
        "loading": F(1, 2),
        "groups": {"team": 0.1},
        "relative": False,
    },
    "normal_variation": {
        "groups": {"team": 0.1},
        "mean": "forecast",
        "deviation": F(1, 3),
        "low": 0,
        "high": 2,
        "loading": -0.5,
        "relative": True,
    },
    "offence": {"name": "n", "steps": ["note", "final"], "counted_with": "time"},
    "override": {
        "goal": "b",
        "progress": 0.6,
        "sticky": False,
        "on": date(2026, 6, 1),
        "reason": "audit",
        "by": "ana",
    },
    "pay_section": {"name": "n", "pays": [FlatAmount(1), FlatAmount(2, name="m")], "then": [Cap(2_000), Round(NICKEL)]},
    "payout_matrix": {
        "rows": "bookings",
        "columns": "churn",
        "row_from": [0.8, F(29, 30)],
        "column_from": [0.8, 1],
        "cells": [[0.5, 0.75], [0.75, F(4, 3)]],
        "below": 0.25,
        "owner": "lower",
    },
    "peer_percentile": {"definition": "percentrank", "ties": "unfavourable"},
    "period": {"start": date(2026, 1, 2), "end": date(2027, 1, 1)},
    "phased_plan": {"planned": {date(2026, 3, 31): 5}, "windowed": True, "between": "last"},
    "prorate": {"by": "days", "of": 365, "name": "n", "rounding": NICKEL},
    "quantile_variation": {
        "reached": {0.8: 0.9, 1: F(1, 3)},
        "low": 0,
        "high": 2,
        "loading": 1,
        "groups": {"team": 0.1},
    },
    "rate_rules": {
        "on": ("category", "product"),
        "rules": [({}, 0.02), ({"product": "p", "category": "x"}, F(1, 7))],
        "otherwise": 0,
    },
    "rate_table": {"on": "r", "rates": {"high": 0.04}, "otherwise": 0},
    "ratio": {"numerator": 2, "denominator": 4},
    "recover": {
        "name": "n",
        "basis": "b",
        "completed_years": 3,
        "year_end": (6, 30),
        "at_most": 0.5,
        "who": "w",
        "award": "a",
        "paid": "p",
        "recovered": "r",
        "received": "on",
    },
    "stated_reason": {"about": "csat", "code": "effort", "by": "employee", "note": "so it seems", "is_private": True},
    "refundable_cap": {"limit": 6, "of": "salary", "name": "n", "rounding": NICKEL},
    "round": {"rounding": Rounding(to=1), "name": "n"},
    "rounding": {"to": 1, "mode": "up"},
    "sanction": {
        "incident": "2",
        "who": "ben",
        "offence": "theft",
        "group": "g",
        "step": "final",
        "on": date(2026, 1, 2),
        "effective": date(2026, 2, 3),
        "last": date(2026, 3, 4),
    },
    "scorecard": {
        "name": "n",
        "sections": [Metric("a")],
        "missing": "zero",
        "grid": 0.001,
        "weights_add_up_to": 100,
        "weight_sources": [("a", "entropy", True)],
    },
    "section": {"name": "t", "weight": 2, "of": [Metric("b")]},
    "statement": {
        "words": "not at all",
        "by": "ben",
        "on": date(2026, 5, 2),
        "disputes": ("churn",),
        "answered_on": date(2026, 6, 1),
    },
    "segment": {
        "start": date(2026, 1, 2),
        "end": date(2026, 6, 29),
        "facts": {"salary": Money("60,000.00 EUR"), "hired": date(2025, 7, 1), "manager": None},
        "working_time": F(2, 3),
        "plan": BONUS,
    },
    "target_bonus": {
        "base": 100,
        "rate": 0.1,
        "multiplier": 2,
        "curve": CURVE,
        "name": "n",
        "rounding": NICKEL,
    },
    "timeline": {"segments": [SPRING, Segment(date(2026, 7, 1), date(2026, 12, 31), working_time=0.5)]},
    "weights": {
        "given": {"a": 1, "b": 3},
        "source": "a panel",
        "learned": True,
        "evidence": [("rows", 3)],
        "figures": [("consistency_ratio", 0.1)],
        "parts": [("ana", Weights({"a": 1, "b": 2}))],
    },
    "zones": {"baseline": 1, "commit": 4, "target": 8, "stretch": 11},
}
# These are made otherwise than from their fields.
MADE = {
    "check_ins": {"told": CheckIns([CheckIn("a", date(2026, 5, 1), 6)])},
    "goal_tree": {"roots": GoalTree([Goal("b", target=10)])},
    "money": {"minor": Money("1.01 EUR"), "currency": Money("1.00 USD")},
    "rating_scale": {"lowest": RatingScale("low", solid=0.8), "floors": RatingScale("below", solid=0.9)},
}


# Fields that another one comes with.
TOGETHER = {
    "goal": {
        "band": Goal("a", target=10, direction="maintain", band=(5, 12)),
        "limits": Goal("a", target=10, direction="maintain", limits=(1, 20)),
    },
    "override": {"value": Override("a", value=3)},
}

STRUCTURE = SalaryStructure([SalaryBand("a", 40, 60), SalaryBand("b", 55, 85)], currency="EUR")
POOL = Pool(1_000, by="points", key="who")
BALANCE = ZeroSum("factor", key="who", high=2)
REVIEW = SalaryReview(0.02, key="who", currency="EUR", structure=STRUCTURE)
LADDER = Ladder(STRUCTURE, key="who", order="score")
SHARED = FundSlice(["emea"], 100)

BASES |= {
    "balanced_factor": BalancedFactor(BALANCE, [("", Cut(1))]),
    "condition": Condition("score"),
    "cut": Cut(1),
    "fitted_ladder": FittedLadder(LADDER, date(2026, 4, 1)),
    "fitted_pool": FittedPool(POOL, [SHARED]),
    "fitted_review": FittedReview(REVIEW),
    "fund_slice": SHARED,
    "funding": Funding("profit", of="target", cap=10),
    "group_share": GroupShare("division"),
    "ladder": LADDER,
    "merit_matrix": MeritMatrix({"high": [0.05, 0.04], "low": [0, 0]}, [1]),
    "no_sanction": NoSanction("until"),
    "placement": Placement(0.1),
    "pool": POOL,
    "rating_history": RatingHistory(["now", "before"], "solid", scale=["low", "solid"]),
    "salary_band": SalaryBand("a", 40, 60),
    "salary_range": SalaryRange(),
    "salary_review": REVIEW,
    "salary_structure": STRUCTURE,
    "seat_bar": SeatBar("b", 2, 3),
    "share_of_period": ShareOfPeriod("hired", first=date(2026, 1, 1), last=date(2026, 12, 31)),
    "step_progression": StepProgression(SalaryStructure([SalaryBand("a", steps=[1, 2])], currency="EUR")),
    "time_in_level": TimeInLevel("since", 12),
    "two_step_placement": TwoStepPlacement(),
    "zero_sum": BALANCE,
}
OTHERS |= {
    "balanced_factor": {"rule": ZeroSum("factor", key="id"), "cuts": [("", Cut(F(1, 3), 0.5, "ana"))]},
    "condition": {"on": "points", "at_least": 1, "at_most": F(1, 3), "name": "n"},
    "cut": {"value": F(1, 3), "remainder": F(2, 3), "key": "ana"},
    "fitted_ladder": {"ladder": Ladder(STRUCTURE, key="id"), "as_of": date(2026, 5, 1), "bars": [SeatBar("b", 2, 3)]},
    "fitted_pool": {"pool": Pool(1_000, key="who"), "slices": [SHARED, FundSlice(["amer"], 2)]},
    "fitted_review": {
        "review": SalaryReview(0.03, key="who", currency="EUR"),
        "slices": [FundSlice([], 100, Cut(1), 2)],
    },
    "fund_slice": {
        "group": ["amer", "team"],
        "minor": 2,
        "cut": Cut(1),
        "people": 3,
        "sharing": 2,
        "left": [("unit", 3)],
    },
    "funding": {"on": "ebit", "curve": CURVE, "of": "base", "cap": 11, "floor": F(1, 3), "name": "n"},
    "group_share": {"on": "team", "by": "heads", "weights": {"a": 1, "b": F(1, 3)}},
    "ladder": {
        "structure": SalaryStructure([SalaryBand("a", 40, 60), SalaryBand("c", 55, 85)], currency="EUR"),
        "requirements": [TimeInLevel("since", 12), Condition("ok"), NoSanction("until")],
        "placement": TwoStepPlacement(),
        "key": "id",
        "to": "to",
        "max_levels": 2,
        "seats": {"b": 2},
        "order": ["score", ("age", "low")],
        "ties": "key",
        "missing": "refuse",
        "salary": "pay",
        "name": "n",
    },
    "merit_matrix": {
        "cells": {"high": [(0.01, 0.05, 0.06), CURVE], "low": [F(1, 3), 0]},
        "ranges": [(None, 0.9), (0.9, None)],
        "position": "range_penetration",
        "on": "grade",
        "target": "target",
        "owner": "lower",
    },
    "no_sanction": {"until": "to", "name": "n"},
    "placement": {"percent": {1: 0.1, 2: F(1, 3)}, "to_minimum": False, "to_maximum": False, "rounding": NICKEL},
    "pool": {
        "fund": [Funding("profit"), Funding(of="target")],
        "by": "shares",
        "of": "salary",
        "key": "id",
        "within": ["division", GroupShare("team")],
        "floor": 5,
        "cap": Cap(2, of="target"),
        "value_cap": 3,
        "unit": 10,
        "reserve": 50,
        "eligible": "ok",
        "nobody": "keep",
        "currency": "EUR",
        "name": "n",
    },
    "rating_history": {
        "columns": ["now", "before", "once"],
        "at_least": "low",
        "scale": ["low", "solid", "strong"],
        "times": 1,
        "name": "n",
    },
    "salary_band": {"level": "b", "minimum": 41, "maximum": 61, "midpoint": 51, "steps": [40, F(41), 60]},
    "salary_range": {"minimum": "low", "midpoint": "middle", "maximum": "high"},
    "salary_review": {
        "guide": MeritMatrix({"high": 0.05}),
        "amount": 100,
        "key": "id",
        "salary": "pay",
        "structure": SalaryRange(),
        "prorate": ShareOfPeriod("hired", first=date(2026, 1, 1), last=date(2026, 12, 31)),
        "minimum_raise": 5,
        "maximum_raise": Cap(0.1, of="salary"),
        "to_minimum": True,
        "above_range": "hold",
        "unit": 10,
        "scale": "down",
        "within": "division",
        "eligible": "ok",
        "missing": "blocked",
        "name": "n",
    },
    "salary_structure": {
        "bands": [SalaryBand("a", 40, 60), SalaryBand("b", 60, 85)],
        "currency": "USD",
        "on": "grade",
        "gaps": "allow",
    },
    "seat_bar": {
        "level": "c",
        "seats": 3,
        "candidates": 4,
        "values": [1, F(1, 3)],
        "tied": 2,
        "last": "ana",
        "open_seats": 1,
    },
    "share_of_period": {
        "start": "joined",
        "first": date(2026, 2, 1),
        "last": date(2026, 11, 30),
        "end": "left",
        "convention": "30/360",
    },
    "step_progression": {
        "structure": SalaryStructure([SalaryBand("a", steps=[1, 3])], currency="EUR"),
        "steps": 2,
        "eligible": "ok",
        "salary": "pay",
        "name": "n",
    },
    "time_in_level": {"since": "hired", "at_least": 13, "unit": "weeks", "name": "n"},
    "two_step_placement": {"steps": 3},
    "zero_sum": {
        "on": "score",
        "key": "id",
        "average": F(11, 10),
        "step": 0.02,
        "low": 0.5,
        "high": 3,
        "within": "team",
    },
}
TOGETHER |= {
    "salary_review": {"currency": SalaryReview(0.02, key="who", currency="USD")},
    "salary_structure": {
        "overlaps": SalaryStructure(
            [SalaryBand("a", 40, 60), SalaryBand("b", 60, 85)], currency="EUR", overlaps="refuse"
        )
    },
    "step_progression": {
        "time": StepProgression(BASES["step_progression"].structure, time="weeks", waits=52),
        "waits": StepProgression(BASES["step_progression"].structure, time="weeks", waits=[52, 104]),
    },
}


# Index systems: scales, aggregates, jobs.
PEERS = {"within": "h", "unseen": "whole", "smallest": 2}
RANKED = FittedPercentile(Percentile(), False, ("",), [0, 2], [1, 2], [1, 3])
BASES |= {
    "banded": Banded([(1, 1)], reference="mean", within="g"),
    "choquet": Choquet({("a", "b"): 0.1}),
    "choquet_capacity": ChoquetCapacity({"a": 0.2, "b": 0.4, ("a", "b"): 1}),
    "distance_to_reference": DistanceToReference("mean", within="g"),
    "fitted_percentile": RANKED,
    "fitted_scale": FittedScale(MinMax(within="g"), CURVE, ("a",), (CURVE,)),
    "geometric": Geometric(),
    "harmonic": Harmonic(),
    "job": Job("j", {"a": 1, "b": 2}),
    "mazziotta_pareto": MazziottaPareto(),
    "min_max": MinMax(within="g"),
    "minimum": Minimum(),
    "optimal_band": OptimalBand(3, 4, zero_below=1, zero_above=9),
    "ordered_mean": OrderedMean([3, 1]),
    "percentile": Percentile(within="g"),
    "power_mean": PowerMean(2),
    "ratio_to_reference": RatioToReference("mean", within="g"),
    "topsis": Topsis(),
    "veto": Veto({"a": 0.5}),
    "vikor": Vikor(),
    "z_score": ZScore(within="g"),
}
OTHERS |= {
    "banded": {"levels": [(1, 2)], "below": 0.5, "reference": "median", "owner": "lower", **PEERS},
    "choquet": {"interactions": {("a", "b"): F(1, 3)}},
    "choquet_capacity": {"worth": {"a": F(1, 3), "b": 0, ("a", "b"): 1}},
    "distance_to_reference": {"reference": "median", **PEERS},
    "fitted_percentile": {
        "scale": Percentile("midpoint"),
        "lower_is_better": True,
        "groups": ("a",),
        "values": [1, 5],
        "counts": [1, 4],
    },
    "fitted_scale": {"scale": MinMax(within="h"), "overall": None, "groups": ("b",), "curves": (OTHER_CURVE,)},
    "geometric": {},
    "harmonic": {},
    "job": {"name": "k", "duties": {"a": F(1, 3)}},
    "mazziotta_pareto": {"penalty": "add", "ddof": 1},
    "min_max": {
        "lower": F(1, 3),
        "upper": 5,
        "quantiles": (0.1, 0.9),
        "to": (0, 10),
        "outside": "extend",
        "constant": 0.5,
        **PEERS,
    },
    "minimum": {},
    "optimal_band": {"low": 2, "high": 5, "zero_below": 0, "zero_above": 8},
    "ordered_mean": {"weights": [F(1, 3), 1]},
    "percentile": {"definition": "midpoint", "ties": "lowest", "between": "line", "constant": 1, **PEERS},
    "power_mean": {"p": F(1, 3)},
    "ratio_to_reference": {"reference": "norm", "inversion": "complement", **PEERS},
    "topsis": {"references": {"a": (0, 1)}},
    "veto": {"at_least": {"a": 0.6}, "cap": 0.1, "of": Geometric(), "missing": "vetoes"},
    "vikor": {
        "majority": 0.6,
        "references": {"a": (0, 1)},
        "mean_regret": (0, 1),
        "greatest_regret": (0, F(1, 3)),
    },
    "z_score": {"ddof": 0, "mean": 50, "deviation": 10, "constant": 0, **PEERS},
}
OTHERS["metric"] |= {
    "scale": MinMax(0, 1),
    "floor": F(1, 3),
    "imputed": 5,
    "uncertainty": "sd",
    "duties": ["sell"],
}
OTHERS["section"] |= {"aggregate": Geometric(), "min_coverage": 0.5}
OTHERS["scorecard"] |= {"aggregate": Veto({"b": 0.5}), "min_coverage": 0.5}
TOGETHER["fitted_percentile"] = {"starts": FittedPercentile(Percentile(), False, ("",), [0, 3], [1, 2, 3], [1, 3, 1])}


def fields_of(kind):
    return set(MADE[kind]) if kind in MADE else {field.name for field in attrs.fields(KINDS[kind])}


def variants(kind):
    if kind in MADE:
        return MADE[kind]
    base = BASES[kind]
    if kind == "scorecard":
        base = Scorecard("c", [Metric("b", weight=100)])
    fields = fields_of(kind)
    alone = {name: attrs.evolve(base, **{name: value}) for name, value in OTHERS[kind].items() if name in fields}
    return alone | TOGETHER.get(kind, {})


def copies_of(cls, added):
    """A class with the same fields and defaults, stored as an author's own; and perhaps one more."""
    fields = {field.alias: attrs.field(default=field.default, kw_only=True) for field in attrs.fields(cls)}
    if added is not None:
        fields["added"] = added
    return attrs.make_class(cls.__name__, fields, frozen=True)


def problems_of(data, **options):
    with pytest.raises(DefinitionError) as caught:
        from_dict(data, **options)
    return caught.value.problems


@attrs.frozen
class Spot:
    """A form of pay of one's own."""

    amount: Fraction = attrs.field(converter=F)
    since: date = date(2026, 1, 1)
    name: str = "spot"

    def needs(self):
        return ()

    def award(self, rows, currency, record):
        minor = np.full(rows.n, int(self.amount * 100))
        record.leaf("base", Money(self.amount, currency))
        record.says(relation="sum")
        return minor


class Plain:
    """No attrs class."""


@pytest.mark.parametrize("kind", sorted(KINDS))
class TestEveryKind:
    def test_comes_back_from_json(self, kind):
        text = json.dumps(to_dict(BASES[kind]), allow_nan=False)
        back = from_dict(json.loads(text))
        assert back == BASES[kind]
        assert type(back) is KINDS[kind]
        assert json.dumps(to_dict(back)) == text

    def test_says_its_kind_and_its_schema(self, kind):
        data = to_dict(BASES[kind])
        assert data["kind"] == kind
        assert data["schema"] == SCHEMA == 1
        assert set(data) - {"kind", "schema"} == fields_of(kind)

    def test_is_read_without_its_schema(self, kind):
        data = to_dict(BASES[kind])
        del data["schema"]
        assert from_dict(data) == BASES[kind]

    def test_has_another_digest_when_any_field_changes(self, kind):
        changed = variants(kind)
        assert set(changed) == fields_of(kind)
        base = Scorecard("c", [Metric("b", weight=100)]) if kind == "scorecard" else BASES[kind]
        digests = {digest(base), *(digest(variant) for variant in changed.values())}
        assert len(digests) == len(changed) + 1

    def test_with_any_field_changed_comes_back_from_json(self, kind):
        for variant in variants(kind).values():
            assert from_dict(json.loads(json.dumps(to_dict(variant)))) == variant

    def test_with_an_unknown_field_is_refused(self, kind):
        (problem, *_) = problems_of(to_dict(BASES[kind]) | {"wieght": 1})
        assert "wieght" in problem
        assert problem.endswith("@ $")

    def test_of_the_future_is_refused(self, kind):
        with pytest.raises(DefinitionError, match=r"schema must be 1 \(got 2\); it needs another perfkit") as caught:
            from_dict(to_dict(BASES[kind]) | {"schema": 2})
        assert caught.value.path == "$.schema"

    def test_does_not_change_what_it_is_read_from(self, kind):
        data = json.loads(json.dumps(to_dict(BASES[kind])))
        before = json.dumps(data)
        from_dict(data)
        assert json.dumps(data) == before


class TestDigest:
    @pytest.mark.parametrize(
        ("definition", "expected"),
        [
            (CARD, "439588afcb649333d0b220db27292af08a2071467e67a52b198927875b60f188"),
            (BONUS, "14733bea29f7403469054ee539c1149b9df872e8bc49efec44f63d4e1b85026e"),
        ],
        ids=["scorecard", "plan"],
    )
    def test_is_the_same_on_every_machine(self, definition, expected):
        assert digest(definition) == expected

    def test_knows_no_difference_in_how_a_number_was_typed(self):
        assert digest(Cap(F(1, 2))) == digest(Cap(0.5)) == digest(Cap(np.float64(0.5)))
        assert digest(Cap(1)) == digest(Cap(1.0))

    def test_does_not_depend_on_the_order_of_keys(self):
        data = to_dict(PLAN)
        assert digest(from_dict(dict(reversed(data.items())))) == digest(PLAN)

    def test_is_sensitive_to_the_order_of_parts(self):
        one, other = Metric("a"), Metric("b")
        assert digest(Section("s", of=[one, other])) != digest(Section("s", of=[other, one]))

    def test_is_equal_where_definitions_are(self):
        assert digest(Metric("a", target=1, lower_is_better=np.True_)) == digest(
            Metric("a", target=1.0, lower_is_better=True)
        )
        assert digest(Metric("a", column="a")) == digest(Metric("a"))

    def test_leaves_out_what_is_as_it_is_when_nobody_says(self):
        assert digest(Cap(5)) == hashlib.sha256(b'{"kind":"cap","limit":5,"schema":1}').hexdigest()

    @pytest.mark.parametrize("kind", sorted(set(KINDS) - set(MADE)))
    def test_of_a_later_version_with_one_more_option_is_the_same(self, kind):
        base = BASES[kind]
        past, future = (
            copies_of(type(base), added=None),
            copies_of(type(base), added=attrs.field(default=0, kw_only=True)),
        )
        values = {field.alias: getattr(base, field.name) for field in attrs.fields(type(base))}
        assert digest(future(**values), kinds={"x": future}) == digest(past(**values), kinds={"x": past})
        assert digest(future(**values, added=1), kinds={"x": future}) != digest(past(**values), kinds={"x": past})

    def test_of_a_plan_does_not_change_with_an_option_added_to_a_part_of_it(self):
        later = attrs.make_class(
            "Spot", {"per_head": attrs.field(default=False, kw_only=True)}, bases=(Spot,), frozen=True
        )
        now, then = (IncentivePlan("p", currency="EUR", pays=[cls(5)]) for cls in (Spot, later))
        changed = IncentivePlan("p", currency="EUR", pays=[later(5, per_head=True)])
        assert digest(then, kinds={"spot": later}) == digest(now, kinds={"spot": Spot})
        assert digest(changed, kinds={"spot": later}) != digest(now, kinds={"spot": Spot})
        assert to_dict(now, kinds={"spot": Spot})["pays"][0]["name"] == "spot"


class TestValues:
    @pytest.mark.parametrize(
        ("number", "stored"),
        [
            (7, 7),
            (0.15, 0.15),
            (F(1, 3), {"kind": "fraction", "value": "1/3"}),
            (10**30, 10**30),
            (F(10**400 + 1, 2), {"kind": "fraction", "value": f"{10**400 + 1}/2"}),
        ],
    )
    def test_a_number_is_stored_as_short_as_it_is_exact(self, number, stored):
        assert to_dict(Cap(number))["limit"] == stored
        assert from_dict(json.loads(json.dumps(to_dict(Cap(number))))) == Cap(number)

    def test_a_date_says_that_it_is_one(self):
        assert to_dict(YEAR)["start"] == {"kind": "date", "value": "2026-01-01"}

    @pytest.mark.parametrize(
        "fact",
        [
            5,
            0.1,
            "north",
            True,
            None,
            Money("1.00 EUR"),
            date(2026, 1, 1),
            F(3, 20),
            F(1, 3),
            Decimal("1.10"),
            np.int64(5),
            np.float64(0.5),
            np.str_("north"),
        ],
        ids=lambda fact: f"{type(fact).__name__} {fact}",
    )
    def test_a_fact_of_a_segment_may_be_whatever_a_row_holds(self, fact):
        segment = Segment(date(2026, 1, 1), date(2026, 6, 30), {"x": fact})
        assert from_dict(json.loads(json.dumps(to_dict(segment)))) == segment
        assert len(digest(segment)) == 64

    def test_equal_facts_of_segments_have_equal_digests(self):
        whole, floating = (Segment(date(2026, 1, 1), date(2026, 6, 30), {"x": fact}) for fact in (1, 1.0))
        assert (digest(whole) == digest(floating)) == (whole == floating)

    def test_a_fact_that_json_cannot_hold_is_refused_as_such(self):
        with pytest.raises(DefinitionError):
            digest(Segment(date(2026, 1, 1), date(2026, 6, 30), {"score": float("nan")}))

    def test_a_name_from_numpy_is_a_name(self):
        assert to_dict(Metric(np.str_("a"))) == to_dict(Metric("a"))


class TestWhatIsRefused:
    @pytest.mark.parametrize("odd", [None, 5, "text", [], [("kind", "cap")]])
    def test_what_is_no_mapping(self, odd):
        with pytest.raises(DefinitionError, match=r"a stored definition must be a mapping \(got ") as caught:
            from_dict(odd)
        assert caught.value.path == "$"

    @pytest.mark.parametrize("schema", [0, 2, "1", None, 1.5])
    def test_another_schema(self, schema):
        with pytest.raises(DefinitionError, match="schema must be 1"):
            from_dict({"schema": schema, "kind": "cap", "limit": 5})

    @pytest.mark.parametrize(
        ("data", "message"),
        [
            ({}, "a stored definition must have a kind, such as 'scorecard' (got none) @ $"),
            ({"kind": None}, "kind must be one that is known (got "),
            ({"kind": "scorcard"}, "kind must be one that is known (got 'scorcard') (did you mean 'scorecard'?) @ $"),
            ({"kind": 5}, "kind must be one that is known"),
            ({"kind": ["cap"]}, "kind must be one that is known"),
        ],
    )
    def test_unknown_kinds(self, data, message):
        (problem,) = problems_of(data)
        assert problem.startswith(message)

    def test_all_problems_at_once_each_with_its_path(self):
        data = {
            "kind": "scorecard",
            "name": "x",
            "missing": "zero",
            "sections": [
                {"kind": "metric", "name": "a", "weight": -1},
                {"kind": "metrik"},
                {"kind": "section", "name": "s", "of": [{"kind": "metric", "nme": "q"}, {"kind": "cap", "limt": 1}]},
                {"kind": "metric", "name": "b", "curve": {"kind": "curve", "knots": [{"kind": "knot", "x": "one"}]}},
            ],
        }
        with pytest.raises(DefinitionError, match="the stored definition has ") as caught:
            from_dict(data)
        paths = [problem.rpartition(" @ ")[2] for problem in caught.value.problems]
        for path in (
            "$.sections[0]",
            "$.sections[1]",
            "$.sections[2].of[0]",
            "$.sections[2].of[0].name",
            "$.sections[2].of[1]",
            "$.sections[2].of[1].limit",
            "$.sections[3].curve.knots[0].below",
        ):
            assert path in paths
        assert caught.value.path in paths
        assert str(caught.value).startswith(f"the stored definition has {len(paths)} problems: ")

    @pytest.mark.parametrize(
        ("data", "path"),
        [
            ({"kind": "cap"}, "$.limit"),
            ({"kind": "cap", "limit": True}, "$"),
            ({"kind": "cap", "limit": float("nan")}, "$"),
            ({"kind": "cap", "limit": {"kind": "fraction"}}, "$.limit"),
            ({"kind": "cap", "limit": {"kind": "fraction", "value": "1/0"}}, "$.limit"),
            ({"kind": "cap", "limit": {"kind": "fraction", "value": "one"}}, "$.limit"),
            ({"kind": "cap", "limit": {"kind": "fraction", "value": None}}, "$.limit"),
            ({"kind": "period", "start": {"kind": "date", "value": "2026-13-01"}, "end": None}, "$.start"),
            ({"kind": "period", "start": "2026-01-01", "end": "2026-12-31"}, "$"),
            ({"kind": "rounding", "mode": "halfup"}, "$"),
            ({"kind": "curve", "knots": []}, "$"),
            ({"kind": "money", "minor": 5, "currency": "EURO"}, "$"),
            ({"kind": "money", "minor": 5}, "$"),
            ({"kind": "rating_scale", "lowest": "b", "floors": []}, "$"),
            ({"kind": "rating_scale", "lowest": "b", "floors": [["a", 2], ["c", 1]]}, "$"),
            ({"kind": "rating_scale", "lowest": "b", "flors": [["a", 2]]}, "$"),
            ({"kind": "weights", "given": [["a", 0]]}, "$"),
            ({"kind": "goal", "id": "a", "target": 5, "children": [{"kind": "goal", "id": "b", "weight": 0}]},
             "$.children[0]"),
            ({"kind": "incentive_plan", "name": "p", "currency": "EUR", "pays": []}, "$"),
        ],
    )  # fmt: skip
    def test_values_that_make_no_definition(self, data, path):
        with pytest.raises(DefinitionError) as caught:
            from_dict(data)
        assert path in [problem.rpartition(" @ ")[2] for problem in caught.value.problems]
        assert caught.value.path

    @pytest.mark.parametrize(
        "data",
        [
            {"kind": "cap", "limit": {"kind": "fraction", "value": "1/0"}},
            {"kind": "curve", "knots": [1]},
            {"kind": "curve", "knots": 5},
            {"kind": "rating_scale", "lowest": "b", "floors": 5},
            {"kind": "rating_scale", "lowest": "b", "floors": [["a"]]},
            {"kind": "weights", "given": [["a", 1, 2]]},
            {"kind": "weights", "given": 5},
            {"kind": "goal_tree", "roots": [5]},
        ],
    )
    def test_a_wrong_shape_is_told_in_words_and_not_as_an_unknown_error(self, data):
        for problem in problems_of(data):
            assert "unknown error" not in problem
            assert "has no attribute" not in problem

    @pytest.mark.parametrize(
        "data",
        [
            {"kind": "commission", "on": "bookings", "curve": 5},
            {"kind": "target_bonus", "base": "salary", "multiplier": "score", "curve": "steep"},
            {"kind": "cap", "limit": 5, "rounding": "up"},
            {"kind": "gate", "on": 5},
            {"kind": "money", "minor": 1.5, "currency": "EUR"},
            {"kind": "incentive_plan", "name": 5, "currency": "EUR", "pays": [{"kind": "flat_amount", "amount": 5}]},
            {"kind": "component", "on": "x", "curve": 5},
            {"kind": "components", "of": 5},
            {"kind": "components", "of": ["x"]},
            {"kind": "deferral", "share": 0.4, "over": 1.5},
            {"kind": "deferral", "share": None, "over": 1},
            {"kind": "draw", "amount": 5, "recoverable": "no"},
            {"kind": "ledger", "currency": "EUR", "keys": ["a"], "accounts": [["x.held", [1.5]]]},
            {"kind": "pay_section", "name": "s", "pays": ["bonus"]},
            {"kind": "payout_matrix", "rows": 5, "columns": "y", "row_from": [1], "column_from": [1], "cells": [[1]]},
            {"kind": "peer_percentile", "definition": 5},
            {"kind": "rate_rules", "on": [5], "rules": [[[], 0.1]]},
            {"kind": "round", "rounding": None},
            {"kind": "timeline", "segments": [5]},
            {
                "kind": "segment",
                "start": {"kind": "date", "value": "2026-01-01"},
                "end": {"kind": "date", "value": "2026-01-02"},
                "plan": 5,
            },
        ],
        ids=lambda data: " ".join(map(str, data.values()))[:70],
    )
    def test_a_field_of_another_type(self, data):
        with pytest.raises(DefinitionError):
            from_dict(data)

    def test_a_level_stored_twice(self):
        with pytest.raises(DefinitionError, match="'a' twice"):
            from_dict({"kind": "rating_scale", "lowest": "b", "floors": [["a", 1], ["a", 2]]})

    @pytest.mark.parametrize(("kind", "value"), [("fraction", "1/3"), ("date", "2026-01-01")])
    def test_a_value_that_is_no_definition(self, kind, value):
        with pytest.raises(DefinitionError, match=rf"must be a definition \(got a {kind}\)") as caught:
            from_dict({"kind": kind, "value": value})
        assert caught.value.path == "$.kind"

    def test_a_part_without_a_kind(self):
        (problem,) = problems_of({"kind": "goal_tree", "roots": [{"id": "a", "target": 5}]})
        assert problem == "a stored definition must have a kind, such as 'scorecard' (got none) @ $.roots[0]"

    @pytest.mark.parametrize("odd", [5, "text", {"kind": "cap"}, F(1, 2), Plain(), Cap])
    def test_an_object_without_a_kind(self, odd):
        with pytest.raises(DefinitionError, match=r"has no kind to be stored under; give it with kinds="):
            to_dict(odd)
        with pytest.raises(DefinitionError, match="has no kind"):
            digest(odd)


class TestKindsOfOnesOwn:
    PLAN = IncentivePlan("spots", currency="EUR", pays=[Spot(500)], then=[Cap(400)])

    def test_are_stored_under_the_name_given(self):
        data = json.loads(json.dumps(to_dict(self.PLAN, kinds={"spot": Spot})))
        assert data["pays"][0]["kind"] == "spot"
        assert data["pays"][0]["since"] == {"kind": "date", "value": "2026-01-01"}
        assert from_dict(data, kinds={"spot": Spot}) == self.PLAN
        assert from_dict(data, kinds={"spot": Spot}).pay_one({}).amount == Money(400, "EUR")
        assert digest(self.PLAN, kinds={"spot": Spot}) == digest(self.PLAN, kinds={"spot": Spot})

    def test_without_their_name_are_refused(self):
        with pytest.raises(DefinitionError, match="Spot has no kind to be stored under; give it with kinds="):
            to_dict(self.PLAN)
        (problem,) = problems_of(to_dict(self.PLAN, kinds={"spot": Spot}))
        assert problem == "kind must be one that is known (got 'spot') @ $.pays[0]"

    @pytest.mark.parametrize("taken", ["cap", "scorecard", "fraction", "date"])
    def test_may_not_take_a_name_of_perfkits(self, taken):
        for act in (lambda kinds: to_dict(Cap(5), kinds=kinds), lambda kinds: from_dict({"kind": "cap"}, kinds=kinds)):
            with pytest.raises(DefinitionError, match=f"kind '{taken}' is perfkit's own; store Spot under another"):
                act({taken: Spot})

    def test_are_attrs_classes(self):
        with pytest.raises(DefinitionError, match="Plain must be an attrs class to be stored"):
            to_dict(Cap(5), kinds={"plain": Plain})

    @pytest.mark.parametrize("odd", [5, "Spot", None])
    def test_are_classes(self, odd):
        with pytest.raises(DefinitionError, match="must be an attrs class"):
            to_dict(Cap(5), kinds={"odd": odd})

    def test_of_perfkits_are_left_out(self):
        with pytest.raises(DefinitionError, match="Cap is stored by perfkit already; leave it out of kinds="):
            to_dict(Cap(5), kinds={"my_cap": Cap})

    def test_a_class_has_one_kind_or_its_digest_would_depend_on_the_order_of_kinds(self):
        with pytest.raises(DefinitionError):
            digest(Spot(5), kinds={"one": Spot, "two": Spot})


@pytest.mark.parametrize(
    "value",
    [
        {"design": 0.5, "build": F(1, 3)},
        ["design", "build"],
        ("design",),
        Ratio(1, 3),
        True,
        F(1, 3),
        None,
        float("nan"),
        np.float64(0.1),
    ],
)
def test_whatever_was_observed_comes_back(value):
    seen = CheckIn("a", date(2026, 5, 1), value, confidence=0.3)
    assert from_dict(json.loads(json.dumps(to_dict(seen)))) == seen
    assert digest(from_dict(json.loads(json.dumps(to_dict(seen))))) == digest(seen)


def test_check_ins_from_columns_come_back():
    days = np.array(["2026-01-31", "2026-02-28"], dtype="datetime64[D]")
    seen = CheckIns.from_columns(
        goal=["a", "b"], on=days, value=[0.1, np.nan], denominator=[3, np.nan], confidence=[0.2, None]
    )
    assert from_dict(json.loads(json.dumps(to_dict(seen)))) == seen
    assert hash(from_dict(json.loads(json.dumps(to_dict(seen))))) == hash(seen)
    assert seen != CheckIns([seen[0]])
    assert [one.value for one in from_dict(json.loads(json.dumps(to_dict(seen))))] == [Ratio(0.1, 3), None]


class TestDepth:
    """Goals nested deeper than calls go."""

    @staticmethod
    def chain(length, **lowest):
        goal = Goal(f"g{length}", target=1, **lowest)
        for place in reversed(range(length)):
            goal = Goal(f"g{place}", children=[goal])
        return goal

    @pytest.mark.parametrize("wrap", [lambda goal: goal, lambda goal: GoalTree([goal])])
    def test_is_no_limit(self, wrap):
        deep = wrap(self.chain(2_000))
        assert from_dict(to_dict(deep)) == deep
        assert digest(from_dict(to_dict(deep))) == digest(deep) != digest(wrap(self.chain(2_001)))

    def test_makes_no_other_digest(self):
        data = {"schema": 1, "b": [1, [], {}, "ä", None, True, 0.1], "a": {"d": {}, "c": [{"e": [2]}]}}
        assert "".join(codec._pieces(data)) == json.dumps(data, sort_keys=True, separators=(",", ":"))

    def test_tells_every_problem_with_its_path(self):
        data = to_dict(self.chain(1_500))
        lowest, path = data, "$"
        while lowest["children"]:
            lowest, path = lowest["children"][0], path + ".children[0]"
        lowest["tittle"] = "x"
        data["owner"] = {"kind": "nobody"}
        problems = problems_of(data)
        assert sorted(problem.rpartition(" @ ")[2] for problem in problems) == [path, "$.owner"]

    def test_tells_the_problems_of_goals_beside_each_other(self):
        good, bad = {"kind": "goal", "id": "a"}, {"kind": "goal", "id": "b", "weight": 0}
        data = {
            "kind": "goal",
            "id": "top",
            "extra": 1,
            "children": [good, bad, 5, {"kind": "nobody"}, dict(bad, id="c")],
        }
        problems = problems_of(data)
        assert sorted(problem.rpartition(" @ ")[2] for problem in problems) == [
            "$",
            "$.children[1]",
            "$.children[3]",
            "$.children[4]",
        ]
