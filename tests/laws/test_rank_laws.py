"""Ranks beside their definition, counted person by person."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from perfkit._metrics.ranking import RANK_TIES, ranked

GRID = Fraction(1, 10**6)
# Close together they are counted; far apart they are sorted; and beyond what floats hold on the grid too.
spreads = st.sampled_from([1e-6, 1.0, 1e3, 1e8, 1e12])


def rank(peers, value, ties):
    """The rank of a value among its peers, itself one of them; 1 for the highest."""
    above, alike = sum(peer > value for peer in peers), peers.count(value)
    return {
        "competition": above + 1,
        "modified": above + alike,
        "average": above + (alike + 1) / 2,
        "dense": len({peer for peer in peers if peer > value}) + 1,
    }[ties]


@settings(max_examples=200, deadline=None)
@given(
    units=st.lists(st.integers(-6, 6) | st.none(), max_size=40),
    spread=spreads,
    ties=st.sampled_from(RANK_TIES),
    data=st.data(),
)
def test_a_rank_is_what_its_definition_says(units, spread, ties, data):
    values = [float("nan") if unit is None else unit * spread for unit in units]
    of = st.sampled_from([0, 1, 2, 60_000, -1])
    groups = data.draw(st.none() | st.lists(of, min_size=len(values), max_size=len(values)))
    codes = None if groups is None else np.array(groups, dtype=np.int64)
    found = ranked(np.array(values), GRID, ties, codes).tolist()
    for row, value in enumerate(values):
        group = 0 if groups is None else groups[row]
        mine = [x for x, its in zip(values, groups or [0] * len(values), strict=True) if its == group and x == x]
        assert np.isnan(found[row]) if np.isnan(value) or group < 0 else found[row] == rank(mine, value, ties)


@pytest.mark.parametrize("ties", RANK_TIES)
@pytest.mark.parametrize("spread", [0.05, 1e3, 2e9])
@pytest.mark.parametrize("groups", [None, 5, 40_000])
def test_more_ranks_than_a_block_holds(ties, spread, groups):
    random = np.random.default_rng(11)
    n = 150_000
    values = np.round(random.random(n) * spread, 6 if spread < 1 else 2)
    codes = None if groups is None else random.integers(0, groups, n)
    found = ranked(values, GRID, ties, codes)
    for group in (0,) if groups is None else np.unique(codes)[-3:]:
        mine = slice(None) if codes is None else codes == group
        level, place, alike = np.unique(-values[mine], return_inverse=True, return_counts=True)
        reached = np.cumsum(alike)
        expected = {
            "competition": reached - alike + 1,
            "modified": reached,
            "average": reached - (alike - 1) / 2,
            "dense": np.arange(1, len(level) + 1),
        }[ties]
        np.testing.assert_array_equal(found[mine], expected[place])
