"""The rooms behind :mod:`perfkit.explain`: languages, renderers, folding, redaction, differences, storage."""
