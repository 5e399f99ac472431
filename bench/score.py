"""Scores, ranks and percentiles beside the libraries one would use instead, on the same numbers in one run.

The job is min-max of every metric, some of them better when lower, a weighted sum, and a rank. perfkit's side has all
of its checks on: missing and infinite values, types, lengths, fingerprints for explanations, and rounding to the grid.
It reads the columns of a table; the others are given the matrix, or the frame, that they like best. The floor is one
pass over the same memory, `np.sum` of the same columns. Each number is the median of runs that take turns.

Memory is the most that a fresh process held beyond its data and imports (VmHWM, Linux only).
"""

import argparse
import ctypes
import importlib
import json
import statistics
import subprocess
import sys
import warnings
from functools import partial
from pathlib import Path
from time import perf_counter

import numpy as np

from perfkit import Curve, Geometric, Metric, MinMax, Percentile, Scorecard, Section

BUDGET = 3.0  # seconds; what has taken longer is not measured again
POINTS = ((10, 0), (40, 0.5), (70, 1), (90, 1.5))


def optional(name):
    """A module, or nothing where it is not installed."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return importlib.import_module(name)
    except ImportError:
        return None


def problem(n, m):
    """Columns from 0 to 100, weights, and which metrics are better when lower."""
    random = np.random.default_rng(2026)
    columns = {f"m{j}": random.random(n) * 100 for j in range(m)}
    weights = np.arange(1, m + 1) / (m * (m + 1) / 2)
    lower = np.arange(m) % 3 == 0
    return columns, weights, lower


def card_of(weights, falls, **bounds):
    """A metric for each column, min-max of all of them."""
    return Scorecard(
        "bench",
        [
            Metric(f"m{j}", weight=j + 1, lower_is_better=bool(falls[j]), scale=MinMax(**bounds))
            for j in range(len(weights))
        ],
    )


def numpy_score(matrix, weights, lower):
    """The expression that a good engineer would write."""
    least, most = matrix.min(axis=0), matrix.max(axis=0)
    scaled = (matrix - least) / (most - least)
    return np.where(lower, 1 - scaled, scaled) @ weights


def numpy_rank(scores):
    """The competition rank in plain NumPy."""
    ordered = np.sort(-scores)
    return np.searchsorted(ordered, -scores, side="left") + 1


def pandas_score(frame, weights, lower):
    """The same in pandas."""
    scaled = (frame - frame.min()) / (frame.max() - frame.min())
    scaled.loc[:, lower] = 1 - scaled.loc[:, lower]
    return (scaled * weights).sum(axis=1)


def polars_score(frame, weights, lower):
    """The same in polars."""
    pl = optional("polars")
    terms = []
    for name, weight, is_lower in zip(frame.columns, weights.tolist(), lower.tolist(), strict=True):
        column = pl.col(name)
        scaled = (column - column.min()) / (column.max() - column.min())
        terms.append((1 - scaled if is_lower else scaled) * weight)
    return frame.select(pl.sum_horizontal(terms).alias("score"))["score"]


def skcriteria_rank(matrix, weights, lower):
    """The pipeline of scikit-criteria; its weighted sum ranks as it scores."""
    skc = optional("skcriteria")
    scalers = optional("skcriteria.preprocessing.scalers")
    invert = optional("skcriteria.preprocessing.invert_objectives")
    pipeline = optional("skcriteria.pipeline")
    simple = optional("skcriteria.agg.simple")
    decision = skc.mkdm(matrix, [min if is_lower else max for is_lower in lower], weights=weights)
    steps = (invert.NegateMinimize(), scalers.MinMaxScaler("matrix"), simple.WeightedSumModel())
    return pipeline.mkpipe(*steps).evaluate(decision)


def pymcdm_model():
    """The weighted sum of pymcdm over min-max."""
    methods, normalizations = optional("pymcdm.methods"), optional("pymcdm.normalizations")
    return methods.WSM(normalizations.minmax_normalization)


def pydecision_score(matrix, weights, lower):
    """Additive utilities of pyDecision, linear in each criterion."""
    maut = optional("pyDecision.algorithm")
    kinds = ["min" if is_lower else "max" for is_lower in lower]
    return maut.maut_method(matrix, list(weights), kinds, ["lin"] * len(weights), 1, graph=False, verbose=False)


def main_jobs(n, m):
    """Every way to score and to rank, by name."""
    columns, weights, lower = problem(n, m)
    matrix = np.column_stack(list(columns.values()))
    declared = card_of(weights, lower, lower=0, upper=100, outside="extend")
    clipped = card_of(weights, lower, lower=0, upper=100)
    reaching = card_of(weights, lower, lower=5, upper=95)
    observed = card_of(weights, lower)
    found = {
        "memory pass (np.sum)": lambda: [np.sum(column) for column in columns.values()],
        "perfkit, declared bounds that extend": lambda: declared.score(columns).values,
        "perfkit, declared bounds that clip": lambda: clipped.score(columns).values,
        "perfkit, declared bounds that are passed": lambda: reaching.score(columns).values,
        "perfkit, fit and score": lambda: observed.fit(columns).score(columns).values,
        "perfkit, fit, score and rank": lambda: observed.fit(columns).score(columns).rank(),
        "numpy, score": lambda: numpy_score(matrix, weights, lower),
        "numpy, score and rank": lambda: numpy_rank(numpy_score(matrix, weights, lower)),
    }
    if pandas := optional("pandas"):
        frame = pandas.DataFrame(columns)
        found["pandas, score"] = lambda: pandas_score(frame, weights, lower).to_numpy()
        found["pandas, score and rank"] = lambda: (
            pandas_score(frame, weights, lower).rank(method="min", ascending=False).to_numpy()
        )
    if polars := optional("polars"):
        table = polars.DataFrame(columns)
        found["polars, score"] = lambda: polars_score(table, weights, lower).to_numpy()
        found["polars, score and rank"] = lambda: (
            polars_score(table, weights, lower).rank("min", descending=True).to_numpy()
        )
    if optional("skcriteria"):
        found["scikit-criteria, score and rank"] = lambda: skcriteria_rank(matrix, weights, lower)
    if optional("pymcdm"):
        model = pymcdm_model()
        kinds = np.where(lower, -1, 1)
        found["pymcdm, score"] = lambda: model(matrix, weights, kinds)
        found["pymcdm, score and rank"] = lambda: model.rank(model(matrix, weights, kinds))
    if optional("pyDecision"):
        found["pyDecision, score"] = lambda: pydecision_score(matrix, weights, lower)
    return found


def curve_jobs(n, m):
    """Piecewise-linear value functions on every metric."""
    columns, weights, _ = problem(n, m)
    curve = Curve.through(*POINTS)
    card = Scorecard("curves", [Metric(f"m{j}", weight=j + 1, curve=curve) for j in range(m)])
    places, levels = zip(*POINTS, strict=True)

    def interpolated():
        total = np.zeros(n)
        for weight, column in zip(weights, columns.values(), strict=True):
            total += weight * np.interp(column, places, levels)
        return total

    return {
        "memory pass (np.sum)": lambda: [np.sum(column) for column in columns.values()],
        "perfkit, curves": lambda: card.score(columns).values,
        "np.interp by column": interpolated,
    }


def percentile_jobs(n, groups):
    """Percentile ranks within groups."""
    random = np.random.default_rng(2026)
    data = {"x": random.random(n), "g": random.integers(0, groups, n)}
    card = Scorecard("percentile", [Metric("x", scale=Percentile(within="g"))])
    fitted = card.fit(data)
    found = {
        "memory pass (np.sum)": lambda: [np.sum(column) for column in data.values()],
        "perfkit, fit": partial(card.fit, data),
        "perfkit, score by a frozen scale": lambda: fitted.score(data).values,
        "perfkit, fit and score": lambda: card.fit(data).score(data).values,
    }
    if pandas := optional("pandas"):
        frame = pandas.DataFrame(data)
        found["pandas, groupby.rank(pct=True)"] = lambda: frame.groupby("g")["x"].rank(pct=True).to_numpy()
    if polars := optional("polars"):
        table = polars.DataFrame(data)
        share = polars.col("x").rank().over("g") / polars.len().over("g")

        def over_groups():
            return table.select(share.alias("p"))["p"].to_numpy()

        found["polars, rank().over()"] = over_groups
    return found


def tree_jobs(n):
    """A tree of depth four with 200 leaves: 2 x 4 x 5 x 5."""
    random = np.random.default_rng(2026)
    columns = {f"m{j}": random.random(n) for j in range(200)}

    def card(aggregate):
        names = iter(columns)
        return Scorecard(
            "tree",
            [
                Section(
                    f"a{a}",
                    of=[
                        Section(
                            f"b{a}{b}",
                            of=[
                                Section(f"c{a}{b}{c}", aggregate=aggregate, of=[Metric(next(names)) for _ in range(5)])
                                for c in range(5)
                            ],
                        )
                        for b in range(4)
                    ],
                )
                for a in range(2)
            ],
        )

    means, products = card(None), card(Geometric())
    gaps = {name: np.where(random.random(n) < 0.01, np.nan, column) for name, column in columns.items()}
    found = {
        "memory pass (np.sum)": lambda: [np.sum(column) for column in columns.values()],
        "perfkit, 200 leaves": lambda: means.score(columns).values,
        "perfkit, 200 leaves, 87 % of rows with gaps": lambda: means.score(gaps).values,
        "perfkit, 200 leaves, geometric below": lambda: products.score(columns).values,
    }
    if pandas := optional("pandas"):
        frame = pandas.DataFrame(columns)

        def by_node():
            level = frame
            for size in (5, 5, 4, 2):
                starts = range(0, level.shape[1], size)
                level = pandas.concat([level.iloc[:, s : s + size].mean(axis=1) for s in starts], axis=1)
            return level.to_numpy()

        found["pandas, mean node by node"] = by_node
    return found


def medians(jobs, rounds):
    """The median time of each job, taken in turns, so that a busy spell meets all of them."""
    times = {name: [] for name in jobs}
    failed = {}
    for turn in range(rounds + 1):
        for name, job in jobs.items():
            if name in failed or sum(times[name]) > BUDGET:
                continue
            start = perf_counter()
            try:
                job()
            except Exception as error:
                failed[name] = f"{type(error).__name__}: {error}"[:60]
                continue
            spent = perf_counter() - start
            # The first turn fills caches, but for what would take too long to repeat.
            if turn or spent > BUDGET:
                times[name].append(spent)
    return {name: statistics.median(spent) if spent else failed.get(name) for name, spent in times.items()}


def table(title, measured, base):
    """Print medians, times the floor, and times one of ours."""
    print(f"\n{title}")
    print(f"{'':<46}{'median':>13}{'x floor':>10}{'x ours':>10}")
    floor, ours = measured["memory pass (np.sum)"], measured[base]
    for name, seconds in measured.items():
        if isinstance(seconds, float):
            print(f"{name:<46}{seconds * 1e3:10.3f} ms{seconds / floor:10.2f}{seconds / ours:10.2f}")
        else:
            print(f"{name:<46}{'does not finish':>13}  {seconds}")


CHILD = """
import importlib.util, json, sys
spec = importlib.util.spec_from_file_location("score", sys.argv[1])
score = importlib.util.module_from_spec(spec)
spec.loader.exec_module(score)
print(json.dumps(score.held(getattr(score, sys.argv[2]), sys.argv[3], int(sys.argv[4]), int(sys.argv[5]))))
"""


def status(key):
    """A line of /proc/self/status in bytes."""
    for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
        if line.startswith(key):
            return int(line.split()[1]) * 1024
    return 0


def held(jobs, name, n, m):
    """The most memory that one job held beyond what was there before it, in this process."""
    job = jobs(n, m)[name]
    # Every library has been imported and warmed on something small.
    jobs(1_000, m)[name]()
    # What was freed before would be taken again without a trace.
    ctypes.CDLL(None).malloc_trim(0)
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    before = status("VmRSS")
    kept = job()
    return status("VmHWM") - before if kept is not None else 0


def memory(jobs, n, m):
    """Print the most that each job held, its result included, in a fresh process each."""
    what = f"{m} metrics" if jobs is main_jobs else f"percentiles within {m:,} groups"
    print(f"\npeak memory beyond the data, {n:,} rows, {what}; a column takes {n * 8 / 1e6:.0f} MB")
    for name in jobs(10, m):
        if name.startswith("memory"):
            continue
        command = [sys.executable, "-W", "ignore", "-c", CHILD, __file__, jobs.__name__, name, str(n), str(m)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            print(f"{name:<46}{'not measured':>13}")
            continue
        size = json.loads(done.stdout)
        of_input = f"{size / (n * m * 8):10.2f} of the input" if jobs is main_jobs else ""
        print(f"{name:<46}{size / 1e6:10.1f} MB{size / (n * 8):10.2f} columns{of_input}")


def growth(what, sizes, rounds):
    """Print how the time of a score grows with its rows or its metrics: as fast as they do where it is linear."""
    print(f"\nhow the cost grows with the {what}: declared bounds that clip")
    print(f"{'rows':>12}{'metrics':>9}{'median':>13}{'x data':>9}{'x time':>9}{'a number':>13}")
    jobs = {}
    for n, m in sizes:
        columns, weights, lower = problem(n, m)
        jobs[n, m] = partial(card_of(weights, lower, lower=0, upper=100).score, columns)
    measured = medians(jobs, rounds)
    smallest = sizes[0]
    for n, m in sizes:
        size, seconds = n * m / (smallest[0] * smallest[1]), measured[n, m]
        times = seconds / measured[smallest]
        print(f"{n:>12,}{m:>9}{seconds * 1e3:10.3f} ms{size:9.1f}{times:9.1f}{seconds / n / m * 1e9:10.2f} ns")


def main():
    """Measure everything in one run and print it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=9, help="measurements of each job")
    parser.add_argument("--rows", type=int, default=10**6, help="of the largest table")
    parser.add_argument("--memory", action="store_true", help="measure memory too, a process for each job")
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    absent = [name for name in ("pandas", "polars", "skcriteria", "pymcdm", "pyDecision") if optional(name) is None]
    base = "perfkit, fit, score and rank"
    for n in sorted({10**3, min(10**5, options.rows), options.rows}):
        for m in (8, 20):
            table(f"{n:,} rows x {m} metrics", medians(main_jobs(n, m), options.rounds), base)
    n = options.rows
    table(f"value functions of four points, {n:,} x 20", medians(curve_jobs(n, 20), options.rounds), "perfkit, curves")
    table(
        f"percentile within 10,000 groups, {n:,} rows",
        medians(percentile_jobs(n, 10_000), options.rounds),
        "perfkit, fit and score",
    )
    table(
        "a tree of depth four, 200 leaves, 100,000 rows",
        medians(tree_jobs(10**5), options.rounds),
        "perfkit, 200 leaves",
    )
    growth("rows", [(rows, 20) for rows in (10**4, 10**5, 10**6) if rows <= n], options.rounds)
    growth("metrics", [(min(10**5, n), count) for count in (5, 10, 20, 40, 80)], options.rounds)
    if options.memory:
        memory(main_jobs, n, 20)
        memory(percentile_jobs, n, 10_000)
    if absent:
        print(f"\nnot installed, so not measured: {', '.join(absent)}")


if __name__ == "__main__":
    main()
