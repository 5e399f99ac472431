"""How much time `import perfkit` adds to importing NumPy and attrs, measured in fresh interpreters.

A room is opened when one of its names is first asked for, so the one room that a program uses is measured too, and all.
"""

import argparse
import statistics
import subprocess
import sys

BASE = "import numpy, attrs"
ADDED = {
    "import perfkit": "import numpy, attrs, perfkit",
    "from perfkit import Scorecard": "import numpy, attrs; from perfkit import Scorecard",
    "from perfkit import IncentivePlan": "import numpy, attrs; from perfkit import IncentivePlan",
    "from perfkit import GoalTree": "import numpy, attrs; from perfkit import GoalTree",
    "from perfkit import *": "import numpy, attrs; from perfkit import *",
}

MEASURE = """
from time import perf_counter
start = perf_counter()
{statement}
print(perf_counter() - start)
"""


def milliseconds(statement):
    """The time that a statement takes in a new interpreter."""
    command = [sys.executable, "-I", "-c", MEASURE.format(statement=statement)]
    return float(subprocess.run(command, check=True, capture_output=True, text=True).stdout) * 1000


def main():
    """Measure the statements in turn, so that a busy spell meets them all, and print the medians."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=15, help="interpreters started for each statement")
    runs = parser.parse_args().runs

    milliseconds(ADDED["from perfkit import *"])  # the first import writes the bytecode cache
    rounds = [[milliseconds(statement) for statement in (BASE, *ADDED.values())] for _ in range(runs)]
    base, *added = (statistics.median(column) for column in zip(*rounds, strict=True))

    print(f"median of {runs} fresh interpreters each")
    print(f"{BASE:<36}{base:8.1f} ms")
    for name, took in zip(ADDED, added, strict=True):
        print(f"{'  and ' + name:<36}{took - base:8.1f} ms more")


if __name__ == "__main__":
    main()
