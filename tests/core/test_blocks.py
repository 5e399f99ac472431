"""Rows in blocks."""

import pytest

from perfkit._core.blocks import BLOCK, blocks


@pytest.mark.parametrize("n", [0, 1, 2, 7, 8, 9, 16, 17])
def test_blocks_cover_every_row_once_in_order(n):
    covered = [row for block in blocks(n, size=8) for row in range(n)[block]]
    assert covered == list(range(n))


@pytest.mark.parametrize(("n", "count"), [(0, 0), (1, 1), (BLOCK, 1), (BLOCK + 1, 2), (3 * BLOCK, 3)])
def test_blocks_are_as_few_as_their_size_allows(n, count):
    sizes = [block.stop - block.start for block in blocks(n)]
    assert len(sizes) == count
    assert all(0 < size <= BLOCK for size in sizes)
