"""Evaluation: metrics, weighted sections and scorecards, for one person or for all."""

from perfkit._metrics.metric import Metric
from perfkit._metrics.scorecard import Score, Scorecard, Scores
from perfkit._metrics.section import Section

__all__ = ["Metric", "Score", "Scorecard", "Scores", "Section"]
