"""Evaluation: metrics, weighted sections and scorecards, for one person or for all."""

from perfkit._metrics.aggregates import (
    Choquet,
    Geometric,
    Harmonic,
    MazziottaPareto,
    Minimum,
    OrderedMean,
    PowerMean,
    Veto,
)
from perfkit._metrics.capacity import ChoquetCapacity
from perfkit._metrics.contributions import Contributions, EffectiveWeights
from perfkit._metrics.distance import Topsis, Vikor
from perfkit._metrics.fitted import FittedPercentile, FittedScale
from perfkit._metrics.job import DutyCoverage, Job, MeasuredDuty
from perfkit._metrics.majority import PairwiseMajority, borda_scores, pairwise_majority
from perfkit._metrics.metric import Metric
from perfkit._metrics.robustness import (
    RankRanges,
    Reversal,
    SimulatedScores,
    WithoutMetric,
    leave_one_out,
    rank_ranges,
    rank_reversals,
    simulate_scores,
    weight_threshold,
)
from perfkit._metrics.scales import (
    Banded,
    DistanceToReference,
    MinMax,
    OptimalBand,
    Percentile,
    RatioToReference,
    ZScore,
)
from perfkit._metrics.scorecard import Scorecard
from perfkit._metrics.scores import Score, Scores
from perfkit._metrics.section import Section

__all__ = [
    "Banded",
    "Choquet",
    "ChoquetCapacity",
    "Contributions",
    "DistanceToReference",
    "DutyCoverage",
    "EffectiveWeights",
    "FittedPercentile",
    "FittedScale",
    "Geometric",
    "Harmonic",
    "Job",
    "MazziottaPareto",
    "MeasuredDuty",
    "Metric",
    "MinMax",
    "Minimum",
    "OptimalBand",
    "OrderedMean",
    "PairwiseMajority",
    "Percentile",
    "PowerMean",
    "RankRanges",
    "RatioToReference",
    "Reversal",
    "Score",
    "Scorecard",
    "Scores",
    "Section",
    "SimulatedScores",
    "Topsis",
    "Veto",
    "Vikor",
    "WithoutMetric",
    "ZScore",
    "borda_scores",
    "leave_one_out",
    "pairwise_majority",
    "rank_ranges",
    "rank_reversals",
    "simulate_scores",
    "weight_threshold",
]
