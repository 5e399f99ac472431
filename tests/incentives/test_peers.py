"""Rank among peers: five definitions from contracts, each against an oracle that sorts by hand."""

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from perfkit import Component, Curve, DefinitionError, IncentivePlan, PeerPercentile, TargetBonus, from_dict, to_dict
from perfkit.testing import check_policy

DEFINITIONS = ["rank", "rank_among_peers", "position", "percentrank", "share_at_or_below"]
NEEDED = {"rank_among_peers": 2, "percentrank": 2}
STEP = Fraction(1, 10**9)


def oracle(definition, ties, peers, own):
    count = len(peers)
    if definition == "share_at_or_below":
        return Fraction(sum(peer <= own for peer in peers), count)
    if definition == "percentrank":
        if own < min(peers):
            return Fraction(0)
        if own > max(peers):
            return Fraction(1)
        if own in peers:
            return Fraction(sum(peer < own for peer in peers), count - 1)
        lower, upper = max(p for p in peers if p < own), min(p for p in peers if p > own)
        first, last = (Fraction(sum(p < place for p in peers), count - 1) for place in (lower, upper))
        return first + (last - first) * Fraction(own - lower) / Fraction(upper - lower)
    # From the top, the company itself last or first among those it ties with.
    everyone = sorted([*((peer, 1) for peer in peers), (own, 2 if ties == "favourable" else 0)], reverse=True)
    rank = [mark for _, mark in everyone].index(2 if ties == "favourable" else 0) + 1
    if definition == "rank":
        return Fraction(count + 1 - rank, count)
    if definition == "rank_among_peers":
        return max(1 - Fraction(rank - 1, count - 1), Fraction(0))
    from_the_bottom = count + 1 - rank + 1
    return Fraction(from_the_bottom, count + 1)


results = st.integers(-6, 6).map(lambda n: Fraction(n, 2))


@settings(max_examples=150, deadline=None)
@given(
    definition=st.sampled_from(DEFINITIONS),
    ties=st.sampled_from(["favourable", "unfavourable"]),
    peers=st.lists(results, min_size=2, max_size=9),
    data=st.data(),
)
def test_each_definition_agrees_with_the_oracle(definition, ties, peers, data):
    curve = PeerPercentile(definition, ties).fit(peers)
    own = data.draw(st.one_of(st.sampled_from(peers), results, st.fractions(-4, 4, max_denominator=9)))
    for x in (own, own - STEP, own + STEP, min(peers) - 1, max(peers) + 1):
        assert curve.exact(x) == oracle(definition, ties, peers, x)
    assert curve.is_rising
    assert 0 <= curve.range_over(-5, 5)[0] <= curve.range_over(-5, 5)[1] <= 1


@pytest.mark.parametrize(
    ("definition", "expected"),
    [
        # Below all; at the first; between; at the third; at the last; above all: of 10, 20, 30, 40.
        ("rank", [0, Fraction(1, 4), Fraction(1, 2), Fraction(3, 4), 1, 1]),
        ("rank_among_peers", [0, 0, Fraction(1, 3), Fraction(2, 3), 1, 1]),
        ("position", [Fraction(1, 5), Fraction(2, 5), Fraction(3, 5), Fraction(4, 5), 1, 1]),
        ("percentrank", [0, 0, Fraction(1, 2), Fraction(2, 3), 1, 1]),
        ("share_at_or_below", [0, Fraction(1, 4), Fraction(1, 2), Fraction(3, 4), 1, 1]),
    ],
)
def test_five_definitions_of_one_result_differ(definition, expected):
    curve = PeerPercentile(definition).fit([40, 10, 30, 20])
    assert [curve.exact(Fraction(x)) for x in (5, 10, 25, 30, 40, 45)] == expected


def test_a_tie_counts_as_the_contract_says():
    peers = [10, 20, 20, 30]
    favourable, unfavourable = (
        [PeerPercentile(definition, ties).fit(peers).exact(Fraction(20)) for definition in DEFINITIONS]
        for ties in ("favourable", "unfavourable")
    )
    assert favourable == [Fraction(3, 4), Fraction(2, 3), Fraction(4, 5), Fraction(1, 3), Fraction(3, 4)]
    assert unfavourable == [Fraction(1, 4), 0, Fraction(2, 5), Fraction(1, 3), Fraction(3, 4)]


def test_all_peers_alike():
    for definition in DEFINITIONS:
        for ties in ("favourable", "unfavourable"):
            curve = PeerPercentile(definition, ties).fit([7, 7, 7])
            for x in (6, 7, 8):
                assert curve.exact(Fraction(x)) == oracle(definition, ties, [7, 7, 7], x)


@pytest.mark.parametrize("definition", DEFINITIONS)
def test_too_few_peers_are_refused(definition):
    needed = NEEDED.get(definition, 1)
    with pytest.raises(DefinitionError, match=f"needs at least {needed} peers"):
        PeerPercentile(definition).fit([1.5] * (needed - 1))
    PeerPercentile(definition).fit([1.5] * needed)


def test_a_single_peer_is_above_or_below():
    assert [PeerPercentile("rank").fit([5]).exact(Fraction(x)) for x in (4, 5, 6)] == [0, 1, 1]
    assert [PeerPercentile("position", "unfavourable").fit([5]).exact(Fraction(x)) for x in (4, 5, 6)] == [
        Fraction(1, 2),
        Fraction(1, 2),
        1,
    ]


def test_what_is_no_definition_is_refused():
    with pytest.raises(DefinitionError, match=r"did you mean 'position'"):
        PeerPercentile("positon")
    with pytest.raises(DefinitionError, match="favourable or unfavourable"):
        PeerPercentile("rank", "shared")
    with pytest.raises(DefinitionError, match="a peer's result"):
        PeerPercentile("rank").fit([1, float("nan")])


def test_a_percentile_is_a_curve_that_pays():
    percentile = PeerPercentile("rank").fit([0.02, 0.05, 0.08, 0.11])
    payout = percentile.then(Curve.through((0.25, 0.5), (0.5, 1), (0.75, 2), below=0))
    bonus = TargetBonus(100_000, multiplier=Component("tsr", payout))
    plan = IncentivePlan("tsr", currency="USD", pays=[bonus])
    assert plan.pay({"tsr": [0.01, 0.02, 0.06, 0.2]}).minor.tolist() == [0, 5_000_000, 10_000_000, 20_000_000]
    check_policy(bonus)
    assert from_dict(to_dict(PeerPercentile("position", "unfavourable"))) == PeerPercentile("position", "unfavourable")
