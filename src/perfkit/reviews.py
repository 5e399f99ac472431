"""Reviews: the numbers as material for a conversation, from the first check-in to the year-end review."""

from perfkit._reviews.bridge import Bridge, BridgeLine
from perfkit._reviews.bridging import bridge
from perfkit._reviews.brief import Question, ReviewBrief, Surprise
from perfkit._reviews.briefing import brief
from perfkit._reviews.chart import ChartLimits, ControlChart, Signal, xmr
from perfkit._reviews.drivers import price_volume
from perfkit._reviews.evaluation import Evaluation
from perfkit._reviews.levers import Lever, LeverShortfall, WhatItTakes, what_would_it_take
from perfkit._reviews.rules import RULE_SETS, RULES, RunRule, false_alarm_rate
from perfkit._reviews.sensitivity import Sensitivity, sensitivities
from perfkit._reviews.smoothing import EwmaChart, ewma
from perfkit._reviews.voices import REASON_CODES, Commitment, StatedReason, Statement

__all__ = [
    "REASON_CODES",
    "RULES",
    "RULE_SETS",
    "Bridge",
    "BridgeLine",
    "ChartLimits",
    "Commitment",
    "ControlChart",
    "Evaluation",
    "EwmaChart",
    "Lever",
    "LeverShortfall",
    "Question",
    "ReviewBrief",
    "RunRule",
    "Sensitivity",
    "Signal",
    "StatedReason",
    "Statement",
    "Surprise",
    "WhatItTakes",
    "bridge",
    "brief",
    "ewma",
    "false_alarm_rate",
    "price_volume",
    "sensitivities",
    "what_would_it_take",
    "xmr",
]
