"""A commission in five marginal tiers on 10^3, 10^5 and 10^6 rows: perfkit beside what one would use instead.

The job is int64 cents in and int64 cents out, rounded half up. openfisca-core is given more: its time is that of
`calc` alone, on a column that is float64 already. The floor is one pass over the memory of the column.
"""

import argparse
import statistics
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from time import perf_counter

import numpy as np

from perfkit import Commission, Curve, IncentivePlan

try:
    from openfisca_core.taxscales import MarginalRateTaxScale
except ImportError:
    MarginalRateTaxScale = None

TIERS = ((0, 0.0225), (50_000, 0.0335), (120_000, 0.0475), (400_000, 0.0625), (1_000_000, 0.0815))
ROWS = {10**3: 200, 10**5: 40, 10**6: 15}  # how often each is measured
BUDGET = 2.0  # seconds; what has taken longer is not measured again

CURVE = Curve.marginal(*TIERS)
PLAN = IncentivePlan("five tiers", currency="EUR", pays=[Commission("sold", CURVE)])

# What an engineer would write: the tiers as columns, and what is earned before each.
STARTS = np.array([start for start, _ in TIERS], dtype=np.float64)
RATES = np.array([rate for _, rate in TIERS])
EARNED = np.concatenate([[0.0], np.cumsum(np.diff(STARTS) * RATES[:-1])])


def decimal_tiers():
    """Where each tier starts, its rate, and what is earned before it."""
    tiers, earned = [], Decimal(0)
    for i, (start, rate) in enumerate(TIERS):
        if i:
            earned += (start - tiers[-1][0]) * tiers[-1][1]
        tiers.append((Decimal(start), Decimal(str(rate)), earned))
    return tiers


DECIMAL_TIERS = decimal_tiers()


def exact_cents(cents):
    """The oracle: whole numbers only, tier by tier, over 10,000 parts of a cent."""
    places = [round(start * 100) for start, _ in TIERS]
    rates = [int(Fraction(str(rate)) * 10_000) for _, rate in TIERS]
    parts = np.zeros(len(cents), dtype=np.int64)
    for i, rate in enumerate(rates):
        top = cents if i + 1 == len(places) else np.minimum(cents, places[i + 1])
        parts += np.maximum(top - places[i], 0) * rate
    return (parts + 5_000) // 10_000


def to_cents(amounts):
    """Float amounts as whole cents, half up."""
    return np.floor(amounts * 100 + 0.5).astype(np.int64)


def with_searchsorted(cents):
    """NumPy, one search for the tier and one multiplication."""
    x = cents / 100
    tier = np.searchsorted(STARTS, x, side="right") - 1
    return to_cents(EARNED[tier] + RATES[tier] * (x - STARTS[tier]))


def with_piecewise(cents):
    """NumPy, one condition and one function for each tier."""
    x = cents / 100
    ends = [*STARTS[1:], np.inf]
    conditions = [(start <= x) & (x < end) for start, end in zip(STARTS, ends, strict=True)]
    functions = [lambda part, i=i: EARNED[i] + RATES[i] * (part - STARTS[i]) for i in range(len(TIERS))]
    return to_cents(np.piecewise(x, conditions, functions))


def with_decimal(cents):
    """One Decimal a row."""
    paid = []
    for minor in cents.tolist():
        x = Decimal(minor) / 100
        start, rate, earned = next(tier for tier in reversed(DECIMAL_TIERS) if x >= tier[0])
        amount = earned + rate * (x - start)
        paid.append(int(amount.quantize(Decimal("0.01"), ROUND_HALF_UP) * 100))
    return np.array(paid)


def openfisca():
    """The same tiers in openfisca-core, or nothing where it is not installed."""
    if MarginalRateTaxScale is None:
        return None
    scale = MarginalRateTaxScale()
    for start, rate in TIERS:
        scale.add_bracket(start, rate)
    return scale


def medians(found, rounds):
    """The median time of each job and what it gave; measured in turn, so that a busy spell meets all of them."""
    results = {name: job() for name, (job, _) in found.items()}  # this fills caches and prepares tables
    times = {name: [] for name in found}
    for _ in range(rounds):
        for name, (job, _) in found.items():
            if sum(times[name]) > BUDGET:
                continue
            start = perf_counter()
            job()
            times[name].append(perf_counter() - start)
    return {name: (statistics.median(times[name]), results[name]) for name in found}


def jobs(cents, scale):
    """Each way by name: a function without arguments, and how its result becomes cents."""
    major = cents / 100
    columns = {"sold": cents}
    found = {
        "memory pass (np.sum)": (lambda: np.sum(cents), None),
        "perfkit Curve.money": (lambda: CURVE.money(cents, "EUR"), np.asarray),
        "perfkit IncentivePlan.pay": (lambda: PLAN.pay(columns).minor, np.asarray),
        "numpy searchsorted": (lambda: with_searchsorted(cents), np.asarray),
        "numpy piecewise": (lambda: with_piecewise(cents), np.asarray),
    }
    if scale is not None:
        found["openfisca-core calc"] = (lambda: scale.calc(major), to_cents)
    found["Decimal, row by row"] = (lambda: with_decimal(cents), np.asarray)
    return found


def main():
    """Measure every way on the same columns in one run, and print medians, ratios and errors."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeat", type=float, default=1, help="times as many measurements of each")
    repeat = parser.parse_args().repeat

    scale = openfisca()
    random = np.random.default_rng(2026)
    print(f"{'':<28}{'median':>12}{'ns a row':>10}{'to perfkit':>12}{'worst error':>13}{'rows off':>10}")
    for n, often in ROWS.items():
        cents = random.integers(0, 200_000_000, n)
        expected = exact_cents(cents)
        print(f"\n{n:,} rows")
        found = jobs(cents, scale)
        measured = medians(found, max(1, round(often * repeat)))
        ours, _ = measured["perfkit Curve.money"]
        for name, (seconds, result) in measured.items():
            error = rows_off = ""
            if (finish := found[name][1]) is not None:
                off = np.abs(finish(result) - expected)
                error, rows_off = f"{int(off.max())} cent", f"{int(np.count_nonzero(off)):,}"
            print(
                f"{name:<28}{seconds * 1e3:9.3f} ms{seconds / n * 1e9:10.1f}{seconds / ours:11.2f}x"
                f"{error:>13}{rows_off:>10}".rstrip()
            )
    if scale is None:
        print("\nopenfisca-core is NOT installed, so it was not measured: pip install OpenFisca-Core")


if __name__ == "__main__":
    main()
