"""Golden digests: the bytes of a large score and of a large payout, the same on every machine and version."""

import hashlib
from fractions import Fraction

import numpy as np
import pytest

from perfkit import (
    Cap,
    Commission,
    Curve,
    FlatAmount,
    Gate,
    Geometric,
    IncentivePlan,
    Metric,
    MinMax,
    Multiply,
    Percentile,
    PowerMean,
    Prorate,
    RateTable,
    RatingScale,
    RatioToReference,
    Scorecard,
    Section,
    TargetBonus,
    Topsis,
    ZScore,
    digest,
)

N = 200_000
SCORE = "5f5fb74d823e8955654ddc72805ab5ad3216376d9d2cc9c7377d00dc5627c320"
PAYOUT = "837255d80b860fcd35699d792f3d6f24feefac3bbe7ef27de09c51e0d0fc97a3"
INDEX_CARD = "8a0940097b461c5ff885c84d4e69b86a2ce28fab350e8d7fbecdbe9e89e62b0b"
INDEX = "6b644eb0c2d64595494917183b05a91079e5b917581ad5036eb9bdc66ba742e4"
INDEX_RANKS = "0e7766ad7ead99cbe38e50a5f192f1b235af673bbd5e7d265878a9553a8c23ad"
RATING = "30235088e7ce1f8d26e24a2c8834c25303af8aa4df3f29c5c2a1c218837dfb2a"


def hashed(column, below):
    """Integers from 0 up to a limit, by integer arithmetic alone."""
    start = column * 0xBF58476D1CE4E5B9 % 2**64
    x = np.arange(N, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15) + np.uint64(start)
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
        x = (x ^ (x >> np.uint64(shift))) * np.uint64(factor)
    return ((x ^ (x >> np.uint64(31))) >> np.uint64(11)) % np.uint64(below)


def numbers(column, below, over, gap_every=0):
    """Decimals, some of them missing."""
    values = hashed(column, below).astype(np.float64) / over
    if gap_every:
        values[hashed(column + 1_000, gap_every) == 0] = np.nan
    return values


def digest_of(*arrays):
    sha = hashlib.sha256()
    for array in arrays:
        sha.update(array.astype(array.dtype.newbyteorder("<")).tobytes())
    return sha.hexdigest()


@pytest.fixture(scope="module")
def people():
    data = {f"m{i}": numbers(i, 2_000_003, 1_000, gap_every=13 if i % 3 == 0 else 0) for i in range(12)}
    data["quota"] = numbers(50, 1_500, 1) + 200
    data["m5.base"] = numbers(51, 700, 1)
    data["m9.last"] = numbers(52, 2_000, 1, gap_every=5)
    return data


@pytest.fixture(scope="module")
def card():
    payout = Curve.through((0.8, 0.5), (1, 1), (1.2, 2), below=0)
    return Scorecard(
        "golden",
        [
            Section(
                "results",
                weight=70,
                of=[
                    Metric("m0", weight=40, target="quota", curve=payout),
                    Metric("m1", weight=25, target=900, lower_is_better=True),
                    Section(
                        "growth",
                        weight=35,
                        of=[
                            Metric("m2", curve=Curve.through((100, 0), (Fraction(1900, 3), 1), (1_900, 1.6))),
                            Metric("m3", target="quota", curve=Curve.steps((0.5, 0.3), (1, 1), owner="lower")),
                            Metric("m4", target=Fraction(1, 3) + 800),
                        ],
                    ),
                ],
            ),
            Section(
                "customers",
                weight=20,
                of=[
                    Metric("m5", target="quota", baseline="m5.base", zero_span="reached"),
                    Metric("m6", missing="zero", target=1_000),
                    Metric("m7", target=700, lower_is_better=True, inversion="ratio", zero_span="missing"),
                ],
            ),
            Section(
                "people",
                weight=10,
                of=[
                    Metric("m8", weight=0.3, curve=Curve.marginal((0, 0.001), (1_000, 0.0005))),
                    Metric("m9", weight=0.3, missing="carry", last="m9.last", target=1_100),
                    Metric("m10", weight=0.2, curve=Curve.whole((0, 0.001), (1_500, 0.002))),
                    Metric("m11", weight=0.2, baseline=10, target=1_990),
                ],
            ),
        ],
    )


@pytest.fixture(scope="module")
def scores(card, people):
    return card.score(people)


def test_the_bytes_of_a_large_score(card, scores):
    assert len(card.metrics()) == 12
    assert np.isfinite(scores.values).all()
    assert 0 < np.mean(scores.coverage < 1) < 1
    assert digest_of(scores.values, scores.coverage) == SCORE


def test_the_bytes_of_a_large_index_that_is_fit_to_a_population():
    data = {f"m{i}": numbers(i + 70, 1_000_003, 1_000, gap_every=17 if i % 4 == 0 else 0) for i in range(10)}
    data["team"] = hashed(90, 300).astype(np.int64)
    card = Scorecard(
        "golden",
        [
            Section(
                "means",
                weight=3,
                of=[
                    Metric("m0", weight=2, scale=MinMax()),
                    Metric("m1", weight=1, scale=ZScore(mean=5, deviation=2), missing="mean"),
                    Metric("m2", weight=1, scale=Percentile("midpoint", within="team")),
                    Metric("m3", weight=1, scale=MinMax(quantiles=(0.05, 0.95), to=(0, 10)), lower_is_better=True),
                ],
            ),
            Section(
                "products",
                weight=2,
                aggregate=Geometric(),
                of=[Metric("m4", scale=RatioToReference("mean")), Metric("m5", target=450)],
            ),
            Section(
                "distances", weight=1, aggregate=Topsis(), of=[Metric("m6", scale=MinMax()), Metric("m7", target=9)]
            ),
            Section(
                "powers", weight=1, aggregate=PowerMean(Fraction(1, 3)), of=[Metric("m8"), Metric("m9", weight=None)]
            ),
        ],
        missing="redistribute_over_all",
    ).fit(data)
    assert digest(card) == INDEX_CARD
    scores = card.score(data)
    assert np.isfinite(scores.values).all()
    assert digest_of(scores.values, scores.coverage) == INDEX
    assert digest_of(scores.rank(ties="average", within=data["team"])) == INDEX_RANKS


def test_the_bytes_of_a_large_rating(scores):
    ratings = RatingScale("below", solid=0.8, strong=1.2, exceptional=1.6).rate(scores)
    assert all(ratings.distribution().values())
    assert digest_of(ratings.levels) == RATING


def test_the_bytes_of_a_large_payout(scores):
    plan = IncentivePlan(
        "golden",
        currency="EUR",
        pays=[
            TargetBonus(
                base="salary", rate=RateTable("grade", {"1": 0.1, "2": 0.15, "3": Fraction(2, 37)}), multiplier="score"
            ),
            Commission(on="bookings", curve=Curve.marginal((0, 0.02), (50_000, 0.03))),
            Commission(on="bookings", curve=Curve.whole((0, 0.01), (1, 0.02)), quota="target", name="over quota"),
            FlatAmount(500, when="milestone"),
        ],
        then=[
            Prorate(by="months", of=12),
            Gate("score", at_least=0.5, cap=0.01, of="salary"),
            Multiply("factor"),
            Cap(0.3, of="salary"),
        ],
        missing="unpaid",
        below_zero="keep",
    )
    data = {
        "salary": hashed(60, 9_000_000).astype(np.int64) + 1_000_000,
        "bookings": hashed(61, 12_000_000).astype(np.int64),
        "target": hashed(62, 12_000_000).astype(np.int64) + 1,
        "grade": np.array(["1", "2", "3"])[hashed(63, 3).astype(np.int64)],
        "months": hashed(64, 13).astype(np.int64),
        "milestone": hashed(65, 4) == 0,
        "factor": numbers(66, 1_300_000, 1_000_000, gap_every=29),
    }
    payouts = plan.pay(data, score=scores)
    assert len(payouts) == N
    assert 0 < np.mean(payouts.minor == 0) < 0.2
    assert digest_of(payouts.minor) == PAYOUT
    for row in (0, 65_536, N - 1):
        payouts.explain(row).check()
