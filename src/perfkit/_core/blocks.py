"""Rows in blocks that fit the cache."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

BLOCK = 65_536


def blocks(n: int, size: int = BLOCK, progress: Callable[[int], object] | None = None) -> Iterator[slice]:
    """Slices of at most ``size`` rows that cover n rows in order; none for an empty batch.

    Args:
        n: how many rows.
        size: how many of them in a block.
        progress: what is called after each block with the number of its rows; see :class:`perfkit.typing.Progress`.

    Example:
        >>> list(blocks(5, size=2))
        [slice(0, 2, None), slice(2, 4, None), slice(4, 5, None)]
    """
    for start in range(0, n, size):
        end = min(start + size, n)
        yield slice(start, end)
        # The consumer comes back for the next block when it is done with this one.
        if progress is not None:
            progress(end - start)


def shared_between(progress: Callable[[int], object] | None, rounds: int) -> Callable[[int], None]:
    """What is told of rows that are gone through several times, so that each row is told of once.

    Args:
        progress: what is called with a number of rows; or None.
        rounds: how often each row is gone through.

    Returns:
        a function of the number of rows that were done in any round.

    Example:
        >>> told = []
        >>> done = shared_between(told.append, 2)
        >>> done(5), done(5), told
        (None, None, [2, 3])
    """
    seen = 0

    def done(rows: int) -> None:
        nonlocal seen
        before, seen = seen, seen + rows
        share = seen // rounds - before // rounds
        if progress is not None and share:
            progress(share)

    return done


def told_apart(progress: Any, columns: Mapping[str, Any]) -> tuple[Callable[[int], object] | None, dict[str, Any]]:
    """What is told how far the work is, and the further columns: a column may be called ``progress`` too.

    Example:
        >>> told_apart([0.5], {"quota": 1})
        (None, {'quota': 1, 'progress': [0.5]})
    """
    if progress is None or callable(progress):
        return progress, dict(columns)
    return None, {**columns, "progress": progress}
