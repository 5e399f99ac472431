"""Percentiles within groups beside their definition, counted person by person in fractions."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from perfkit import Metric, Percentile, Scorecard
from perfkit._core.stretches import Stretches

LAW = settings(max_examples=150, deadline=None)
NAN = float("nan")
# Few values, so that many are alike; many, so that none are; and the numbers on which comparisons go wrong.
few = st.integers(-3, 3).map(lambda n: n / 2)
many = st.floats(-1e3, 1e3)
odd = st.sampled_from([0.0, -0.0, 5e-324, -5e-324, 0.1 + 0.2, 0.3, 1e300, -1e300])


@st.composite
def populations(draw):
    values = draw(st.sampled_from([few, many, odd]))
    n = draw(st.integers(1, 70))
    # A group of one, and one that is many times as large as the others, are among them.
    group = draw(st.sampled_from([st.just(0), st.integers(0, 3), st.integers(0, 40).map(lambda g: max(g - 30, 0))]))
    x = draw(st.lists(values, min_size=n, max_size=n))
    g = draw(st.lists(group, min_size=n, max_size=n))
    asked = draw(st.lists(st.one_of(values, st.sampled_from(x), st.just(NAN)), min_size=1, max_size=20))
    of = draw(st.lists(st.one_of(group, st.just(99)), min_size=len(asked), max_size=len(asked)))
    return x, g, asked, of


def rank(scale, lower_is_better, peers, value):
    """What a value among its peers gets: a share, or the constant where the definition divides by zero."""
    n = len(peers)
    divisor = n + {"rank_share": 0, "percent_rank": -1, "midpoint": 0, "mean_rank": 1}[scale.definition]
    if divisor == 0:
        return scale.constant
    below = sum(peer > value if lower_is_better else peer < value for peer in peers)
    alike = peers.count(value)
    place = {"lowest": below + 1, "average": below + Fraction(alike + 1, 2), "highest": below + alike}[scale.ties]
    taken_off = {"percent_rank": 1, "midpoint": Fraction(1, 2)}.get(scale.definition, 0)
    return Fraction(place - taken_off) / divisor


def percentile(scale, lower_is_better, peers, value):
    """The definition, word for word."""
    if np.isnan(value):
        return None
    worse = [peer for peer in peers if (peer > value if lower_is_better else peer < value)]
    better = [peer for peer in peers if (peer < value if lower_is_better else peer > value)]
    if value in peers:
        return rank(scale, lower_is_better, peers, value)
    if not worse or not better:
        return Fraction(int(bool(worse)))
    low, high = (min(worse), max(better)) if lower_is_better else (max(worse), min(better))
    held = rank(scale, lower_is_better, peers, low)
    if scale.between == "held":
        return held
    part = (Fraction(value) - Fraction(low)) / (Fraction(high) - Fraction(low))
    return held + part * (rank(scale, lower_is_better, peers, high) - held)


@LAW
@given(
    people=populations(),
    definition=st.sampled_from(["rank_share", "percent_rank", "midpoint", "mean_rank"]),
    ties=st.sampled_from(["lowest", "average", "highest"]),
    between=st.sampled_from(["held", "line"]),
    unseen=st.sampled_from(["missing", "whole"]),
    smallest=st.integers(1, 2),
    lower_is_better=st.booleans(),
    within=st.booleans(),
    text=st.booleans(),
)
def test_a_percentile_is_what_its_definition_says(
    people, definition, ties, between, unseen, smallest, lower_is_better, within, text
):
    x, g, asked, of = people
    peers_options = {"within": "g", "unseen": unseen, "smallest": smallest} if within else {}
    scale = Percentile(definition, ties, between=between, constant=Fraction(1, 2), **peers_options)
    card = Scorecard("card", [Metric("x", scale=scale, lower_is_better=lower_is_better)])
    named = (lambda groups: [f"group {g}" for g in groups]) if text else np.array
    scores = card.fit({"x": x, "g": named(g)}).score({"x": asked, "g": named(of)}).values
    for value, group, score in zip(asked, of, scores.tolist(), strict=True):
        peers = [peer for peer, its in zip(x, g, strict=True) if its == group or not within]
        if (within and len(peers) < smallest) or not peers:
            if unseen == "missing":
                assert np.isnan(score)
                continue
            peers = x
        expected = percentile(scale, lower_is_better, peers, value)
        assert np.isnan(score) if expected is None else score == pytest.approx(float(expected), abs=6e-7)


@LAW
@given(lengths=st.lists(st.integers(1, 40), min_size=1, max_size=12), at=st.booleans(), data=st.data())
def test_what_a_row_passes_in_its_stretch(lengths, at, data):
    starts = np.append(0, np.cumsum(lengths)).astype(np.int64)
    values = np.concatenate(
        [sorted(data.draw(st.sets(st.integers(0, 99), min_size=n, max_size=n))) for n in lengths]
    ).astype(np.float64)
    n = data.draw(st.integers(0, 30))
    which = np.array(data.draw(st.lists(st.integers(0, len(lengths) - 1), min_size=n, max_size=n)), dtype=np.int64)
    x = np.array(data.draw(st.lists(st.integers(-1, 200).map(lambda k: k / 2) | st.just(NAN), min_size=n, max_size=n)))
    passed = Stretches(values, starts).passed(which, x.astype(np.float64), at=at)
    for row, (stretch, value) in enumerate(zip(which.tolist(), x.tolist(), strict=True)):
        mine = values[starts[stretch] : starts[stretch + 1]].tolist()
        count = sum(one <= value if at else one < value for one in mine)
        assert passed.number[row] == count
        assert passed.last[row] == starts[stretch] + count - 1
        assert (row in passed.ends) == (count in (0, len(mine)))


@pytest.mark.parametrize("lower_is_better", [False, True])
@pytest.mark.parametrize("alike", [False, True])
@pytest.mark.parametrize("groups", [1, 7, 3_000, 20_000])
def test_a_large_population_is_ranked_as_each_of_its_groups_alone(groups, alike, lower_is_better):
    random = np.random.default_rng(7)
    x = random.integers(0, 9, 40_000).astype(np.float64) if alike else random.random(40_000)
    # The first of them is half of everybody.
    g = np.where(random.random(40_000) < 0.5, 0, random.integers(0, groups, 40_000))
    card = Scorecard("card", [Metric("x", scale=Percentile(within="g"), lower_is_better=lower_is_better)])
    scores = card.fit({"x": x, "g": g}).score({"x": x, "g": g}).values
    alone = Scorecard("card", [Metric("x", scale=Percentile(), lower_is_better=lower_is_better)])
    for group in (0, *np.unique(g)[-5:].tolist()):
        mine = x[g == group]
        np.testing.assert_array_equal(scores[g == group], alone.fit({"x": mine}).score({"x": mine}).values)
        below = np.searchsorted(np.sort(mine), mine, side="left")
        reached = np.searchsorted(np.sort(mine), mine, side="right")
        rank_from_bottom = (below + reached + 1) / 2
        if lower_is_better:
            rank_from_bottom = len(mine) + 1 - rank_from_bottom
        np.testing.assert_allclose(scores[g == group], rank_from_bottom / len(mine), atol=6e-7)
