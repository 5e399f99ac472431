"""The rooms behind :mod:`perfkit.reviews`: bridges, levers, charts of a history, and the brief of a conversation."""
