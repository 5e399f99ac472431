"""Logarithms and powers of our own: close to the true ones, and the same bits alone and in any batch."""

import numpy as np
import pytest

from perfkit._metrics import portable


def test_logarithm_and_exponential_are_true_to_a_few_last_places():
    random = np.random.default_rng(1)
    x = np.exp(random.uniform(-700, 700, 20_000))
    assert np.max(np.abs(portable.log(x) / np.log(x) - 1)) < 1e-15
    near_one = random.uniform(0.9, 1.1, 20_000)
    assert np.max(np.abs(portable.log(near_one) - np.log(near_one))) < 1e-16 * 4
    y = random.uniform(-700, 700, 20_000)
    assert np.max(np.abs(portable.exp(y) / np.exp(y) - 1)) < 1e-15


def test_one_and_powers_of_two_are_exact():
    assert portable.log(np.array([1.0])).tolist() == [0.0]
    assert portable.exp(np.array([0.0])).tolist() == [1.0]
    assert portable.log(np.array([2.0**-300])).tolist() == [-300 * np.log(2)]


@pytest.mark.parametrize("exponent", [1, -1, 2, 0.5, 3, -2.5, 1 / 3])
def test_powers(exponent):
    x = np.array([0.01, 0.5, 1.0, 3.7, 120.0])
    np.testing.assert_allclose(portable.power(x, exponent), x**exponent, rtol=1e-14)


def test_a_number_has_the_same_bits_alone_and_in_any_batch():
    x = np.random.default_rng(2).uniform(0.001, 1000, 1_003)
    for function in (portable.log, lambda v: portable.exp(v / 10), lambda v: portable.power(v, 0.3)):
        whole = function(x)
        for row in (0, 1, 7, 1_002):
            assert function(x[row : row + 1]).tobytes() == whole[row : row + 1].tobytes()
        assert function(x[::3]).tobytes() == whole[::3].tobytes()
