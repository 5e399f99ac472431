"""Weights: shares that add up to one and remember where they came from."""

from perfkit._weights.ahp import PairwiseResults, ahp_many
from perfkit._weights.weights import Weights

__all__ = ["PairwiseResults", "Weights", "ahp_many"]
