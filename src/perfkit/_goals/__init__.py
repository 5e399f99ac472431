"""The rooms behind :mod:`perfkit.goals`: what a goal is, the tree they form, and where they stand."""
