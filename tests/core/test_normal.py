"""Normal quantiles of arithmetic alone, and uniform numbers that are addressed."""

import math
from hashlib import sha256
from statistics import NormalDist

import numpy as np
import pytest

from perfkit._core import normal

P = np.concatenate([10.0 ** -np.arange(0.31, 15, 0.17), np.linspace(0.001, 0.999, 997)])


@pytest.mark.parametrize("tail", [P, 1 - P[P > 1e-15]])
def test_quantiles_are_those_of_the_standard_library(tail):
    expected = np.array([NormalDist().inv_cdf(p) for p in tail])
    assert np.allclose(normal.quantile(tail), expected, rtol=4e-15, atol=1e-15)


def test_quantiles_mirror_each_other_to_the_bit():
    u = normal.uniform((5, 6), range(1), 0, 0, 10_000)[0]
    assert np.array_equal(normal.quantile(u), -normal.quantile(1 - u))
    assert normal.quantile(np.array([0.5])).tolist() == [0.0]
    assert normal.quantile(np.zeros(0)).shape == (0,)


def test_uniform_numbers_are_strictly_inside():
    u = normal.uniform((1, 2**64 - 1), range(2**63, 2**63 + 2), 1, 0, 100_000)
    assert u.min() > 0
    assert u.max() < 1
    assert abs(u.mean() - 0.5) < 0.005
    # The least and the greatest that 52 bits give are inside too, and their quantiles are finite.
    assert np.isfinite(normal.quantile(np.array([2.0**-53, 1 - 2.0**-53]))).all()


@pytest.mark.parametrize("start", [0, 4, 96])
@pytest.mark.parametrize("count", [1, 4, 5, 200])
def test_a_stretch_of_streams_is_that_stretch(start, count):
    whole = normal.uniform((1, 2), range(2, 9), 0, 0, 400)
    part = normal.uniform((1, 2), range(4, 7), 0, start, count)
    assert np.array_equal(part, whole[2:5, start : start + count])


def test_streams_differ_by_every_word_of_their_address():
    first = normal.uniform((1, 2), range(3, 4), 0, 0, 50)
    for key, stream, kind in (((0, 2), 3, 0), ((1, 1), 3, 0), ((1, 2), 4, 0), ((1, 2), 3, 1)):
        assert not np.isin(normal.uniform(key, range(stream, stream + 1), kind, 0, 50), first).any()


def test_the_words_are_those_of_the_generator():
    counter = np.array([5, 11, 7, 0], dtype=np.uint64)
    words = np.random.Philox(key=np.array([1, 2], dtype=np.uint64), counter=counter).random_raw(9)
    assert normal.uniform((1, 2), range(11, 12), 7, 20, 9)[0].tolist() == [
        ((int(w) >> 12) + 0.5) / 2**52 for w in words
    ]


def test_the_bits_are_pinned():
    """They come from the definition of Philox and from + - * / sqrt: no version of NumPy may change them."""
    u = normal.uniform((2026, 7), range(11, 12), 0, 0, 4_096)[0]
    assert sha256(u.tobytes()).hexdigest() == "7226d23a04db1b759d331b66baa011327be7cec54ea00648e5b26aa7fe417e91"
    assert (
        sha256(normal.quantile(u).tobytes()).hexdigest()
        == "bc4d95363331a33b533d67c6484aa4fbb1657890a890d40fbc2fb7b34e1b8cd9"
    )


def test_powers_of_e_are_those_of_the_standard_library():
    x = np.concatenate([np.linspace(-690, 690, 20_001), np.linspace(-1, 1, 2_001)])
    expected = np.array([math.exp(value) for value in x.tolist()])
    assert np.abs(normal.exponential(x) / expected - 1).max() < 5e-16
    assert normal.exponential(np.array([-1e9, 1e9])).tolist() == normal.exponential(np.array([-700.0, 700.0])).tolist()


def test_logarithms_are_those_of_the_standard_library():
    x = np.concatenate([np.linspace(1, 50, 5_001), np.linspace(1e-9, 2, 2_001)])
    expected = np.array([math.log(value) for value in x.tolist()])
    assert np.abs(normal.logarithm(x) - expected).max() < 1e-14
