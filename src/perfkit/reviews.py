"""Reviews: the numbers as material for a conversation, from the first check-in to the year-end review."""

from perfkit._reviews.bridge import Bridge, BridgeLine
from perfkit._reviews.bridging import bridge
from perfkit._reviews.drivers import price_volume
from perfkit._reviews.evaluation import Evaluation
from perfkit._reviews.levers import Lever, LeverShortfall, WhatItTakes, what_would_it_take
from perfkit._reviews.sensitivity import Sensitivity, sensitivities

__all__ = [
    "Bridge",
    "BridgeLine",
    "Evaluation",
    "Lever",
    "LeverShortfall",
    "Sensitivity",
    "WhatItTakes",
    "bridge",
    "price_volume",
    "sensitivities",
    "what_would_it_take",
]
