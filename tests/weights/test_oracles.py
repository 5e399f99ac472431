"""Agreement with other libraries on random problems; and where they differ from ours, why ours does."""

import itertools
import math
import warnings

import numpy as np
import pytest

from perfkit import DefinitionError, Weights, ahp_many

SEEDS = range(12)


def close(value, tolerance=2e-9):
    return pytest.approx(value, abs=tolerance)


def floats(weights):
    return [float(share) for share in weights.values()]


def problem(seed, rows=None, columns=None):
    """A random decision matrix, its columns by name, and directions of which some are costs."""
    random = np.random.default_rng(seed)
    rows, columns = rows or int(random.integers(3, 30)), columns or int(random.integers(2, 8))
    matrix = random.lognormal(size=(rows, columns)) * 10.0 ** random.integers(-3, 4, size=columns)
    directions = random.choice([-1, 1], size=columns)
    return matrix, {f"c{j}": matrix[:, j] for j in range(columns)}, directions


def costs(directions):
    return [f"c{j}" for j, direction in enumerate(directions) if direction < 0]


def has_its_own_best_rows(matrix, directions):
    best = {int(np.argmax(direction * matrix[:, j])) for j, direction in enumerate(directions)}
    return len(best) == len(directions)


def judgements(seed, n=None, noise=0.4):
    """A random reciprocal matrix that is roughly consistent."""
    random = np.random.default_rng(seed)
    n = n or int(random.integers(3, 9))
    sizes = random.lognormal(sigma=0.8, size=n)
    matrix = sizes[:, None] / sizes[None, :] * np.exp(random.normal(0, noise, size=(n, n)))
    upper = np.triu(matrix, 1)
    return np.eye(n) + upper + np.where(upper.T > 0, 1 / np.where(upper.T > 0, upper.T, 1), 0)


@pytest.fixture
def weighters():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield pytest.importorskip("skcriteria.preprocessing.weighters")


@pytest.fixture
def pymcdm():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield pytest.importorskip("pymcdm.weights")


@pytest.fixture
def ahpy():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return pytest.importorskip("ahpy")


class TestScikitCriteria:
    @pytest.mark.parametrize("seed", SEEDS)
    def test_entropy(self, weighters, seed):
        matrix, data, _ = problem(seed)
        assert floats(Weights.entropy(data, list(data))) == close(weighters.entropy_weights(matrix))

    @pytest.mark.parametrize("seed", SEEDS)
    def test_critic_with_directions(self, weighters, seed):
        matrix, data, directions = problem(seed)
        theirs = weighters.critic_weights(matrix, directions)
        assert floats(Weights.critic(data, list(data), lower_is_better=costs(directions))) == close(theirs)

    @pytest.mark.parametrize("seed", SEEDS)
    def test_critic_with_the_correlation_of_ranks(self, weighters, seed):
        matrix, data, directions = problem(seed)
        matrix[:, 0] = np.round(matrix[:, 0] / matrix[:, 0].max(), 1)  # ties
        data["c0"] = matrix[:, 0]
        theirs = weighters.critic_weights(matrix, directions, correlation="spearman")
        ours = Weights.critic(data, list(data), lower_is_better=costs(directions), correlation="spearman")
        assert floats(ours) == close(theirs)

    @pytest.mark.parametrize("seed", SEEDS)
    def test_merec(self, weighters, seed):
        matrix, data, directions = problem(seed)
        theirs = weighters.merec_weights(matrix, directions)
        assert floats(Weights.merec(data, list(data), lower_is_better=costs(directions))) == close(theirs)

    @pytest.mark.parametrize("seed", SEEDS)
    def test_gini(self, weighters, seed):
        matrix, data, _ = problem(seed)
        assert floats(Weights.gini(data, list(data))) == close(weighters.gini_weights(matrix))

    @pytest.mark.parametrize("seed", SEEDS)
    def test_standard_deviation_in_raw_units(self, weighters, seed):
        matrix, data, _ = problem(seed)
        assert floats(Weights.standard_deviation(data, list(data), scaling="none")) == close(
            weighters.std_weights(matrix)
        )

    def test_standard_deviation_differs_by_default_since_theirs_depends_on_the_unit(self, weighters):
        euros = np.array([[1.0, 0.3], [2.0, 0.1], [4.0, 0.2]])
        cents = euros * [100, 1]
        assert weighters.std_weights(cents) != close(weighters.std_weights(euros), 0.01)
        ours = [
            Weights.standard_deviation({"a": m[:, 0], "b": m[:, 1]}, ["a", "b"], scaling="min_max")
            for m in (euros, cents)
        ]
        assert floats(ours[0]) == close(floats(ours[1]))

    def test_critic_in_raw_units_differs_where_less_is_better_since_theirs_does_not_turn_correlations(self, weighters):
        matrix, data, _ = problem(3, columns=3)
        directions = [-1, 1, 1]
        theirs = weighters.critic_weights(matrix, directions, scale=False)
        assert floats(Weights.critic(data, list(data), lower_is_better=(), scaling="none")) == close(theirs)
        ours = floats(Weights.critic(data, list(data), lower_is_better=["c0"], scaling="none"))
        assert ours != close(theirs, 1e-4)

    def test_weights_of_identical_columns_are_identical_to_the_bit(self, weighters):
        matrix, _, _ = problem(5, rows=1000, columns=3)
        data = {"a": matrix[:, 0], "b": matrix[:, 0].copy(), "c": matrix[:, 1]}
        ours = Weights.critic(data, ["a", "b", "c"], lower_is_better=())
        assert abs(ours["a"] - ours["b"]) <= 1e-9


class TestPymcdm:
    @pytest.mark.parametrize("seed", SEEDS)
    def test_entropy(self, pymcdm, seed):
        matrix, data, _ = problem(seed)
        assert floats(Weights.entropy(data, list(data))) == close(pymcdm.entropy_weights(matrix))

    def test_entropy_takes_a_zero_which_pymcdm_refuses(self, pymcdm):
        data = {"a": [0.0, 1, 3], "b": [1.0, 2, 3]}
        with pytest.raises(ValueError, match="positive"):
            pymcdm.entropy_weights(np.array([data["a"], data["b"]]).T)
        # A share of nothing adds nothing: 0 ln 0 = 0. pyDecision adds 1e-9 to it.
        shares = np.array([[0, 0.25, 0.75], [1 / 6, 1 / 3, 1 / 2]])
        entropies = [-math.fsum(p * math.log(p) for p in line if p) / math.log(3) for line in shares]
        theirs = [(1 - e) / (2 - sum(entropies)) for e in entropies]
        assert floats(Weights.entropy(data, ["a", "b"])) == close(theirs)

    @pytest.mark.parametrize("seed", SEEDS)
    def test_critic_of_benefits(self, pymcdm, seed):
        matrix, data, _ = problem(seed)
        assert floats(Weights.critic(data, list(data), lower_is_better=())) == close(pymcdm.critic_weights(matrix))

    def test_critic_of_costs_differs_since_theirs_knows_no_direction(self, pymcdm):
        matrix, data, directions = problem(2, columns=4)
        directions[:] = [-1, 1, 1, 1]
        theirs = pymcdm.critic_weights(matrix)
        ours = floats(Weights.critic(data, list(data), lower_is_better=["c0"]))
        assert ours != close(theirs, 1e-3)

    @pytest.mark.parametrize("seed", SEEDS)
    def test_merec(self, pymcdm, seed):
        matrix, data, directions = problem(seed)
        theirs = pymcdm.merec_weights(matrix, directions)
        assert floats(Weights.merec(data, list(data), lower_is_better=costs(directions))) == close(theirs)

    @pytest.mark.parametrize("seed", SEEDS)
    def test_cilos_and_idocriw(self, pymcdm, seed):
        # Where one row is the best in two columns, ours refuses if that leaves no positive weights.
        drawn = (problem(1000 * seed + attempt) for attempt in itertools.count())
        matrix, data, directions = next(one for one in drawn if has_its_own_best_rows(one[0], one[2]))
        cilos = Weights.cilos(data, list(data), lower_is_better=costs(directions))
        assert floats(cilos) == close(pymcdm.cilos_weights(matrix, directions), 1e-8)
        entropy = Weights.entropy(data, list(data))
        product = Weights.combined([entropy, cilos], rule="product")
        assert floats(product) == close(pymcdm.idocriw_weights(matrix, directions), 1e-7)

    @pytest.mark.parametrize("seed", SEEDS)
    def test_gini(self, pymcdm, seed):
        matrix, data, _ = problem(seed)
        assert floats(Weights.gini(data, list(data))) == close(pymcdm.gini_weights(matrix))

    @pytest.mark.parametrize("seed", SEEDS)
    def test_ahp_and_its_consistency(self, seed):
        subjective = pytest.importorskip("pymcdm.weights.subjective")
        # It takes nothing but the fundamental scale of 1 to 9.
        matrix = judgements(seed)
        scale = np.clip(np.rint(np.maximum(matrix, 1 / matrix)), 1, 9)
        matrix = np.where(matrix >= 1, scale, 1 / scale)
        theirs = subjective.AHP(matrix=matrix)
        names = [f"c{j}" for j in range(len(matrix))]
        ours = Weights.ahp(matrix, names=names, random_index="tummala_ling")
        assert floats(ours) == close(theirs())
        assert ours.quality["consistency_ratio"] == close(theirs.get_cr(), 1e-8)


class TestAhpy:
    @staticmethod
    def comparisons(matrix, without=()):
        pairs = itertools.combinations(range(len(matrix)), 2)
        return {(f"c{i}", f"c{j}"): float(matrix[i, j]) for i, j in pairs if (i, j) not in without}

    @pytest.mark.parametrize("seed", SEEDS)
    @pytest.mark.parametrize(("theirs", "ours"), [("dd", "donegan_dodd"), ("saaty", "saaty_2005")])
    def test_weights_and_consistency(self, ahpy, seed, theirs, ours):
        given = self.comparisons(judgements(seed))
        compare = ahpy.Compare("criteria", given, precision=12, random_index=theirs)
        weights = Weights.ahp(given, random_index=ours)
        assert dict(weights) == close(compare.local_weights)
        assert weights.quality["consistency_ratio"] == close(compare.consistency_ratio, 1e-8)

    @pytest.mark.parametrize("seed", SEEDS)
    def test_missing_pairs_are_filled_in_alike(self, ahpy, seed):
        matrix = judgements(seed, n=5)
        given = self.comparisons(matrix, without=[(0, 1), (2, 4)])
        compare = ahpy.Compare("criteria", given, precision=12)
        # Theirs stops at a tolerance of its cyclic coordinates, and with a finer one it may never stop.
        assert dict(Weights.ahp(given)) == close(compare.local_weights, 2e-3)

    def test_what_nothing_links_is_refused_where_theirs_is_confident(self, ahpy):
        given = {("x", "y"): 3, ("u", "v"): 2}
        assert sum(ahpy.Compare("criteria", given).local_weights.values()) == pytest.approx(1, abs=1e-3)
        with pytest.raises(DefinitionError, match=r"nothing compares \{x, y\} and \{u, v\}"):
            Weights.ahp(given)

    def test_contradictions_are_refused_where_theirs_takes_the_last(self, ahpy):
        given = {("x", "y"): 3, ("y", "x"): 3}
        assert ahpy.Compare("criteria", given).local_weights["y"] > 0.5
        with pytest.raises(DefinitionError, match="'x' over 'y' is both 3 and"):
            Weights.ahp(given)

    def test_seven_equal_things_add_up_to_one_where_theirs_are_rounded(self, ahpy):
        given = {(f"c{i}", f"c{j}"): 1 for i, j in itertools.combinations(range(7), 2)}
        assert sum(ahpy.Compare("criteria", given).local_weights.values()) == pytest.approx(1.0003)
        assert sum(Weights.ahp(given).values()) == 1

    @pytest.mark.parametrize("seed", range(3))
    def test_many_at_once(self, ahpy, seed):
        stack = np.array([judgements(100 * seed + k, n=6) for k in range(20)])
        found = ahp_many(stack, random_index="donegan_dodd")
        for k, matrix in enumerate(stack):
            compare = ahpy.Compare("criteria", self.comparisons(matrix), precision=12)
            assert found.weights[k] == close([compare.local_weights[f"c{j}"] for j in range(6)])
            assert found.consistency_ratios[k] == close(compare.consistency_ratio, 1e-8)


class TestScipy:
    """The linear programs of the best-worst method, by another solver."""

    @pytest.mark.parametrize("seed", range(30))
    def test_the_linear_model(self, seed):
        optimize = pytest.importorskip("scipy.optimize")
        random = np.random.default_rng(seed)
        n = int(random.integers(2, 8))
        span = int(random.integers(2, 10))
        over = {f"c{j}": int(random.integers(1, span + 1)) for j in range(1, n - 1)}
        above = {f"c{j}": int(random.integers(1, span + 1)) for j in range(1, n - 1)}
        last = f"c{n - 1}"
        ours = Weights.best_worst("c0", last, {**over, last: span}, {"c0": span, **above})
        rows = []
        for left, right, factor in [
            *((0, int(name[1:]), value) for name, value in {**over, last: span}.items()),
            *((int(name[1:]), n - 1, value) for name, value in above.items()),
        ]:
            line = np.zeros(n + 1)
            line[left] += 1
            line[right] -= factor
            for sign in (1, -1):
                signed = sign * line
                signed[n] = -1
                rows.append(signed)
        solved = optimize.linprog(
            np.eye(n + 1)[n], A_ub=rows, b_ub=np.zeros(len(rows)), A_eq=[[1] * n + [0]], b_eq=[1], bounds=(0, None)
        )
        assert ours.quality["deviation"] == close(solved.fun, 1e-8)
        if "bounds" not in ours.quality:
            assert [float(ours[f"c{j}"]) for j in range(n)] == close(solved.x[:n], 1e-7)

    @pytest.mark.parametrize("seed", range(30))
    def test_the_min_max_model(self, seed):
        optimize = pytest.importorskip("scipy.optimize")
        random = np.random.default_rng(seed)
        n, span = int(random.integers(3, 7)), int(random.integers(2, 10))
        over = {f"c{j}": int(random.integers(1, span + 1)) for j in range(1, n - 1)}
        above = {f"c{j}": int(random.integers(1, span + 1)) for j in range(1, n - 1)}
        last = f"c{n - 1}"
        ours = Weights.best_worst("c0", last, {**over, last: span}, {"c0": span, **above}, model="min_max")

        def is_feasible(x):
            # For a given deviation the constraints on the weights are linear.
            rows = []
            pairs = [(0, int(name[1:]), value) for name, value in {**over, last: span}.items()]
            pairs += [(int(name[1:]), n - 1, value) for name, value in above.items()]
            for left, right, factor in pairs:
                for sign in (1, -1):
                    line = np.zeros(n)
                    line[left] += sign
                    line[right] -= sign * factor + x
                    rows.append(line)
            # Weights below a hair are none: the ratio to nothing is no ratio.
            found = optimize.linprog(
                np.zeros(n), A_ub=rows, b_ub=np.full(len(rows), 1e-10), A_eq=[[1] * n], b_eq=[1], bounds=(1e-6, None)
            )
            return found.status == 0

        deviation = ours.quality["deviation"]
        assert is_feasible(deviation + 1e-5)
        assert deviation < 1e-5 or not is_feasible(deviation - 1e-5)
        shares = {name: float(share) for name, share in ours.items()}
        if "bounds" not in ours.quality:
            ratios = [abs(shares["c0"] / shares[name] - value) for name, value in {**over, last: span}.items()]
            ratios += [abs(shares[name] / shares[last] - value) for name, value in above.items()]
            assert max(ratios) == close(deviation, 1e-5)
