"""One pool shared among 10^3, 10^5 and 10^6 people by points: perfkit beside what one would use instead.

The job is a fund in whole cents and a column of points in, int64 cents out that add up to the fund, the cents left over
to the largest remainders and ties to the smallest employee number. "Lost" is the fund less the sum of the shares. The
floor is one pass over the memory of the column.
"""

import argparse
import importlib
import statistics
from decimal import ROUND_HALF_UP, Decimal
from time import perf_counter

import numpy as np

from perfkit import Pool, allocate

pandas = importlib.import_module("pandas")

ROWS = {10**3: 100, 10**5: 15, 10**6: 7}  # how often each is measured
BUDGET = 6.0  # seconds; what has taken longer is not measured again
FUND = 1_234_567_891  # cents


def exact_shares(points, who, fund):
    """The oracle: Python integers, the largest remainder, ties by key."""
    whole = sum(points)
    parts = [divmod(fund * weight, whole) for weight in points]
    shares = [quotient for quotient, _ in parts]
    ranked = sorted(range(len(points)), key=lambda row: (-parts[row][1], str(who[row])))
    for row in ranked[: fund - sum(shares)]:
        shares[row] += 1
    return np.array(shares)


def perfkit_fit(frame, fund):
    """The pool fitted and applied to everybody; fitting proves that it adds up."""
    fitted = Pool(fund / 100, by="points", key="who", currency="EUR").fit(frame)
    return fitted.share(frame).minor


def perfkit_row_rule(fitted, frame):
    """The fitted pool applied to everybody."""
    return fitted.share(frame).minor


def perfkit_allocate(frame, fund):
    """The scalar function, in fractions."""
    return np.array(allocate(fund, frame["points"].tolist(), keys=[str(who) for who in frame["who"].tolist()]))


def with_decimal(frame, fund):
    """One Decimal a row, each rounded half up."""
    points = frame["points"].tolist()
    value = Decimal(fund) / Decimal(100) / Decimal(sum(points))
    cent = Decimal("0.01")
    return np.array([int((value * weight).quantize(cent, ROUND_HALF_UP) * 100) for weight in points])


def with_pandas_rounding(frame, fund):
    """Each share rounded to two decimals, as a column of floats."""
    shares = (frame["points"] / frame["points"].sum() * (fund / 100)).round(2)
    return np.rint(shares.to_numpy() * 100).astype(np.int64)


def with_pandas_largest_remainder(frame, fund):
    """The largest remainder as it is commonly written: floors, and one more for the largest fractions."""
    quotas = frame["points"] / frame["points"].sum() * fund
    shares = np.floor(quotas).astype(np.int64)
    left = int(fund - shares.sum())
    best = (quotas - shares).sort_values(ascending=False).index[:left]
    shares.loc[best] += 1
    return shares.to_numpy()


def medians(found, rounds):
    """The median time of each job and what it gave; measured in turn, so that a busy spell meets all of them."""
    results = {name: job() for name, job in found.items()}
    times = {name: [] for name in found}
    for _ in range(rounds):
        for name, job in found.items():
            if sum(times[name]) > BUDGET:
                continue
            start = perf_counter()
            job()
            times[name].append(perf_counter() - start)
    return {name: (statistics.median(times[name]), results[name]) for name in found}


def jobs(frame, fund):
    """Each way by name."""
    points = frame["points"].to_numpy()
    fitted = Pool(fund / 100, by="points", key="who", currency="EUR").fit(frame)
    found = {
        "memory pass (np.sum)": lambda: np.sum(points),
        "perfkit Pool: fit, proof, shares": lambda: perfkit_fit(frame, fund),
        "perfkit FittedPool: shares": lambda: perfkit_row_rule(fitted, frame),
        "perfkit allocate, fractions": lambda: perfkit_allocate(frame, fund),
        "Decimal, row by row": lambda: with_decimal(frame, fund),
        "pandas, each rounded": lambda: with_pandas_rounding(frame, fund),
        "pandas largest remainder": lambda: with_pandas_largest_remainder(frame, fund),
    }
    if len(frame) > 10**5:
        del found["perfkit allocate, fractions"]
    return found


def main():
    """Measure every way on the same columns in one run, and print medians, ratios and errors."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeat", type=float, default=1, help="times as many measurements of each")
    repeat = parser.parse_args().repeat
    random = np.random.default_rng(2026)
    print(f"{'':<34}{'median':>12}{'ns a row':>10}{'to perfkit':>12}{'cents lost':>12}{'rows off':>10}{'shuffled':>10}")
    for n, often in ROWS.items():
        frame = pandas.DataFrame({"who": random.permutation(n) + 1, "points": random.integers(1, 1_000, n)})
        # Half of the people share their points with others, so that there are ties.
        expected = exact_shares(frame["points"].tolist(), frame["who"].tolist(), FUND)
        print(f"\n{n:,} people")
        measured = medians(jobs(frame, FUND), max(1, round(often * repeat)))
        ours, _ = measured["perfkit Pool: fit, proof, shares"]
        turned = frame.sample(frac=1, random_state=1)
        again = jobs(turned.reset_index(drop=True), FUND)
        for name, (seconds, result) in measured.items():
            lost = off = moved = ""
            if np.ndim(result):
                lost, off = f"{FUND - int(result.sum()):,}", f"{int(np.count_nonzero(result != expected)):,}"
                back = np.empty(n, dtype=np.int64)
                back[turned.index] = again[name]()
                moved = f"{int(np.count_nonzero(back != result)):,}"
            print(
                f"{name:<34}{seconds * 1e3:9.3f} ms{seconds / n * 1e9:10.1f}{seconds / ours:11.2f}x"
                f"{lost:>12}{off:>10}{moved:>10}".rstrip()
            )
    print("\nrows off: other than the exact largest remainder; shuffled: shares that change with the order of the rows")


if __name__ == "__main__":
    main()
