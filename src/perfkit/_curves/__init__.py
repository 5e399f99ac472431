"""The rooms behind :mod:`perfkit.curves`: pieces, evaluation, algebra, analysis and drawings."""
