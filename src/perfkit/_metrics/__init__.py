"""The rooms behind :mod:`perfkit.metrics`: a metric, the sections that weigh them, the scorecard and its scores."""
