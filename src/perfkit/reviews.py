"""Reviews: the numbers as material for a conversation, from the first check-in to the year-end review."""

from perfkit._reviews.bridge import Bridge, BridgeLine
from perfkit._reviews.bridging import bridge
from perfkit._reviews.drivers import price_volume
from perfkit._reviews.evaluation import Evaluation

__all__ = ["Bridge", "BridgeLine", "Evaluation", "bridge", "price_volume"]
