"""What a plan may cost: 100,000 people in many scenarios, beside the loop that one would write, and its memory.

The job is a bonus by a payout curve with a cap, of people whose scores share a factor. Every way draws new results in
each scenario, pays everybody and keeps the total. The loops draw from NumPy's generator and pay in float64; perfkit
draws results that any machine draws again, and pays exact cents. The floor is one pass over the memory of the column.
"""

import argparse
import statistics
import tracemalloc
from time import perf_counter

import numpy as np

from perfkit import Cap, Curve, IncentivePlan, NormalVariation, TargetBonus, simulate

try:
    import pandas as pd
except ImportError:
    pd = None

PAYOUT = Curve.through((0.8, 0.5), (1, 1), (1.2, 2), below=0)
PLAN = IncentivePlan(
    "bonus",
    currency="EUR",
    pays=[TargetBonus("salary", 0.15, "score", PAYOUT)],
    then=[Cap(0.25, of="salary")],
)
SCORE = NormalVariation(1, 0.15, low=0, loading=0.5)
OWN = (1 - 0.5**2) ** 0.5


def drawn(random, n):
    """Scores that share a factor, by NumPy's generator."""
    return np.maximum(1 + 0.15 * (0.5 * random.standard_normal() + OWN * random.standard_normal(n)), 0)


def paid(salary, score):
    """The plan in float64, rounded to cents at the end."""
    factor = np.interp(score, [0.8, 1, 1.2], [0.5, 1, 2])
    factor[score < 0.8] = 0
    return np.round(np.minimum(salary * 0.15 * factor, salary * 0.25), 2)


def with_numpy(salary, n):
    """A NumPy loop, one scenario at a time."""
    random = np.random.default_rng(1)
    return [paid(salary, drawn(random, len(salary))).sum() for _ in range(n)]


def with_pandas(salary, n):
    """A pandas loop, one scenario at a time: a frame with a column for each step, as analysts write it."""
    random = np.random.default_rng(1)
    people = pd.DataFrame({"salary": salary})
    totals = []
    for _ in range(n):
        frame = people.copy()
        frame["score"] = drawn(random, len(frame))
        frame["factor"] = 0.0
        low = (frame["score"] >= 0.8) & (frame["score"] < 1)
        high = frame["score"] >= 1
        frame.loc[low, "factor"] = 0.5 + (frame.loc[low, "score"] - 0.8) / 0.2 * 0.5
        frame.loc[high, "factor"] = (1 + (frame.loc[high, "score"] - 1) / 0.2).clip(upper=2)
        frame["bonus"] = (frame["salary"] * 0.15 * frame["factor"]).clip(upper=frame["salary"] * 0.25).round(2)
        totals.append(frame["bonus"].sum())
    return totals


def with_one_array(salary, n):
    """NumPy with every scenario in one array: the fastest to write, and as large as the product."""
    random = np.random.default_rng(1)
    common = random.standard_normal((n, 1))
    scores = np.maximum(1 + 0.15 * (0.5 * common + OWN * random.standard_normal((n, len(salary)))), 0)
    return paid(salary, scores).sum(axis=1)


def peak(job):
    """The most memory that a job holds at once, in megabytes; measured apart from its time."""
    tracemalloc.start()
    job()
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return most / 1e6


def main():
    """Measure every way on the same people in one run, and print medians, ratios, memory and what came out."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=100_000)
    parser.add_argument("--scenarios", type=int, default=50)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()

    people, n = options.people, options.scenarios
    cents = np.random.default_rng(2026).integers(3_000_000, 9_000_000, people)
    salary = cents / 100
    jobs = {
        "memory pass (np.sum)": lambda: [float(cents.sum()) for _ in range(n)],
        "perfkit simulate": lambda: simulate(PLAN, {"salary": cents}, {"score": SCORE}, n, 1).totals / 100,
        "numpy, loop of scenarios": lambda: with_numpy(salary, n),
        "numpy, one array of all": lambda: with_one_array(salary, n),
    }
    if pd is not None:
        jobs["pandas, loop of scenarios"] = lambda: with_pandas(salary, n)
    times = {name: [] for name in jobs}
    results = {}
    for _ in range(options.rounds):
        for name, job in jobs.items():
            start = perf_counter()
            results[name] = job()
            times[name].append(perf_counter() - start)
    ours = statistics.median(times["perfkit simulate"])
    print(f"{n:,} scenarios of {people:,} people")
    print(f"{'':<27}{'median':>10}{'ns a payment':>14}{'to perfkit':>12}{'peak memory':>13}{'mean cost':>18}")
    for name, job in jobs.items():
        seconds = statistics.median(times[name])
        mean = "" if name.startswith("memory") else f"{np.mean(results[name]):,.0f} EUR"
        print(
            f"{name:<27}{seconds:8.2f} s{seconds / n / people * 1e9:14.1f}{seconds / ours:11.2f}x"
            f"{peak(job):10.1f} MB{mean:>18}"
        )
    few, many = (peak(lambda n=n: simulate(PLAN, {"salary": cents}, {"score": SCORE}, n, 1)) for n in (5, n))
    print(f"perfkit's memory does not grow with the scenarios: {few:.1f} MB for 5, {many:.1f} MB for {n}")
    if pd is None:
        print("pandas is NOT installed, so it was not measured: pip install pandas")


if __name__ == "__main__":
    main()
