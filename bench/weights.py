"""Weights: perfkit beside ahpy, pymcdm, scikit-criteria and pyDecision, and one pass over the same memory.

Weights learned from 10^6 rows of 20 columns, and AHP of 10,000 matrices of 10 x 10. All ways are measured in turn in
one run; a peer that takes long is measured on fewer rows or matrices, and the table says on how many. What perfkit
gives is checked against a peer before it is measured. Extra memory is the peak of what is allocated during one call.
"""

import argparse
import itertools
import statistics
import tracemalloc
import warnings
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from time import perf_counter

import numpy as np

from perfkit import Weights, ahp_many

BUDGET = 6.0  # seconds; what has taken longer is not measured again
NAMES = [f"c{j}" for j in range(20)]


def peer(name):
    """A module of a peer, or nothing where it is not installed."""
    try:
        return import_module(name)
    except ImportError:
        print(f"{name} is NOT installed, so it was not measured")
        return None


def medians(jobs, rounds):
    """The median seconds of each job, measured in turn, so that a busy spell meets all of them."""
    times = {name: [] for name in jobs}
    for _ in range(rounds):
        for name, (job, _) in jobs.items():
            if sum(times[name]) > BUDGET:
                continue
            start = perf_counter()
            job()
            times[name].append(perf_counter() - start)
    return {name: statistics.median(found) for name, found in times.items()}


def extra_memory(job):
    """The peak of what one call allocates, in MB."""
    tracemalloc.start()
    job()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak / 1e6


def table(title, jobs, whole, rounds):
    """Measure jobs and print them; each is a function and how many of the whole it works on."""
    for job, share in jobs.values():
        if share == whole:
            job()
    found = medians(jobs, rounds)
    print(f"\n{title:<34}{'median':>12}{'scaled':>12}{'to perfkit':>12}{'extra MB':>10}")
    first = next(name for name in jobs if name.startswith("perfkit"))
    ours = found[first]
    for name, seconds in found.items():
        job, share = jobs[name]
        scaled = seconds * whole / share
        note = "" if share == whole else f"   on {share:,}, scaled up"
        print(
            f"{name:<34}{seconds * 1e3:9.2f} ms{scaled * 1e3:9.1f} ms{scaled / ours:11.2f}x"
            f"{extra_memory(job):10.1f}{note}"
        )


def learned(rows, repeat):
    """The jobs of weights that are learned from data."""
    random = np.random.default_rng(2026)
    matrix = random.lognormal(size=(rows, len(NAMES)))
    columns = {name: np.ascontiguousarray(matrix[:, j]) for j, name in enumerate(NAMES)}
    views = {name: matrix[:, j] for j, name in enumerate(NAMES)}
    halves = [{name: column[part::2] for name, column in columns.items()} for part in range(2)]
    halves = [{name: np.ascontiguousarray(column) for name, column in half.items()} for half in halves]
    few, some = min(rows, 20_000), min(rows, 100_000)
    directions = np.ones(len(NAMES))
    criteria, mcdm, decision = (
        peer("skcriteria.preprocessing.weighters"),
        peer("pymcdm.weights"),
        peer("pyDecision.algorithm"),
    )
    pool = ThreadPoolExecutor(2)

    def whole_pass():
        for column in columns.values():
            column.sum()

    ways = {
        "entropy": (
            Weights.entropy,
            criteria and criteria.entropy_weights,
            mcdm and mcdm.entropy_weights,
            decision and (lambda m: decision.entropy_method(m, ["max"] * len(NAMES))),
            few,
        ),
        "CRITIC": (
            lambda data, of, **options: Weights.critic(data, of, lower_is_better=(), **options),
            criteria and (lambda m: criteria.critic_weights(m, directions)),
            mcdm and mcdm.critic_weights,
            decision and (lambda m: decision.critic_method(m.copy(), ["max"] * len(NAMES))),
            some,
        ),
        "standard deviation": (
            lambda data, of, **options: Weights.standard_deviation(data, of, scaling="none", **options),
            criteria and criteria.std_weights,
            None,
            None,
            some,
        ),
        "MEREC": (
            lambda data, of, **options: Weights.merec(data, of, lower_is_better=(), **options),
            criteria and (lambda m: criteria.merec_weights(m, directions)),
            mcdm and (lambda m: mcdm.merec_weights(m, directions)),
            decision and (lambda m: decision.merec_method(m.copy(), ["max"] * len(NAMES))),
            some,
        ),
    }
    for title, (ours, theirs, second, third, fewer) in ways.items():
        if theirs:
            found = [float(share) for share in ours(columns, NAMES).values()]
            worst = np.abs(np.array(found) - theirs(matrix)).max()
            if not worst < 1e-7:
                raise SystemExit(f"{title} is {worst} off scikit-criteria")
        jobs = {
            "memory pass (np.sum)": (whole_pass, rows),
            "perfkit, columns": (lambda ours=ours: ours(columns, NAMES), rows),
            "perfkit, a matrix of rows": (lambda ours=ours: ours(views, NAMES), rows),
            "perfkit, 2 tables, 2 threads": (lambda ours=ours: ours(halves, NAMES, map=pool.map), rows),
        }
        if theirs:
            jobs["scikit-criteria"] = (lambda theirs=theirs: theirs(matrix), rows)
        if second:
            jobs["pymcdm"] = (lambda second=second, fewer=some: second(matrix[:fewer]), some)
        if third:
            jobs["pyDecision"] = (lambda third=third, fewer=fewer: third(matrix[:fewer]), fewer)
        table(f"{title}, {rows:,} x {len(NAMES)}", jobs, rows, max(1, round(7 * repeat)))
    pool.shutdown()


def stack_of_judgements(count, n):
    """Reciprocal matrices, about as consistent as people are."""
    random = np.random.default_rng(2026)
    sizes = random.lognormal(size=(count, n))
    stack = sizes[:, :, None] / sizes[:, None, :] * np.exp(random.normal(0, 0.3, size=(count, n, n)))
    rows, columns = np.triu_indices(n, 1)
    stack[:, columns, rows] = 1 / stack[:, rows, columns]
    stack[:, range(n), range(n)] = 1.0
    return stack


def on_the_scale(stack):
    """The same judgements, rounded to the scale of 1 to 9, which is all that pymcdm takes."""
    scale = np.clip(np.rint(np.maximum(stack, 1 / stack)), 1, 9)
    return np.where(stack >= 1, scale, 1 / scale)


def comparisons(matrix):
    """A matrix as ahpy wants it."""
    return {(NAMES[i], NAMES[j]): float(matrix[i, j]) for i, j in itertools.combinations(range(len(matrix)), 2)}


def pairwise(count, repeat):
    """The jobs of comparison matrices."""
    stack = stack_of_judgements(count, 10)
    few = min(count, 100)
    pairs, scaled = [comparisons(matrix) for matrix in stack[:few]], list(on_the_scale(stack[:few]))
    ahpy, mcdm, decision = peer("ahpy"), peer("pymcdm.weights.subjective"), peer("pyDecision.algorithm")
    found = ahp_many(stack)
    if ahpy:
        compare = ahpy.Compare("x", pairs[0], precision=12)
        theirs = np.array([compare.local_weights[name] for name in NAMES[:10]])
        if not np.abs(found.weights[0] - theirs).max() < 1e-9:
            raise SystemExit("AHP is off ahpy")
    jobs = {
        "memory pass (np.sum)": (stack.sum, count),
        "perfkit ahp_many, eigenvector": (lambda: ahp_many(stack), count),
        "perfkit ahp_many, geometric mean": (lambda: ahp_many(stack, method="geometric_mean"), count),
        "numpy.linalg.eig": (lambda: np.linalg.eig(stack), count),
        "perfkit Weights.ahp, one by one": (lambda: [Weights.ahp(given) for given in pairs], few),
    }
    if ahpy:
        jobs["ahpy Compare"] = (lambda: [ahpy.Compare("x", given) for given in pairs], few)
    if mcdm:
        jobs["pymcdm AHP, weights and ratio"] = (
            lambda: [(a(), a.get_cr()) for a in (mcdm.AHP(matrix=m) for m in scaled)],
            few,
        )
    if decision:
        jobs["pyDecision ahp_method"] = (lambda: [decision.ahp_method(m, wd="me") for m in stack[:few]], few)
    table(f"AHP, {count:,} x 10 x 10", jobs, count, max(1, round(9 * repeat)))


def main():
    """Measure everything in one run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeat", type=float, default=1, help="times as many measurements of each")
    parser.add_argument("--rows", type=int, default=10**6, help="rows to learn weights from")
    parser.add_argument("--matrices", type=int, default=10_000, help="comparison matrices")
    options = parser.parse_args()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        pairwise(options.matrices, options.repeat)
        learned(options.rows, options.repeat)


if __name__ == "__main__":
    main()
