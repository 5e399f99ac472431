"""Rows in blocks that fit the cache."""

from __future__ import annotations

from collections.abc import Iterator

BLOCK = 65_536


def blocks(n: int, size: int = BLOCK) -> Iterator[slice]:
    """Slices of at most ``size`` rows that cover n rows in order; none for an empty batch.

    Example:
        >>> list(blocks(5, size=2))
        [slice(0, 2, None), slice(2, 4, None), slice(4, 5, None)]
    """
    for start in range(0, n, size):
        yield slice(start, min(start + size, n))
