"""How much time `import perfkit` adds to importing NumPy and attrs, measured in fresh interpreters."""

import argparse
import statistics
import subprocess
import sys

BASE = "import numpy, attrs"
WITH_PERFKIT = "import numpy, attrs, perfkit"

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
    """Measure both statements in turn, so that a busy spell meets both, and print the medians."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=41, help="interpreters started for each statement")
    runs = parser.parse_args().runs

    milliseconds(WITH_PERFKIT)  # the first import writes the bytecode cache
    pairs = [(milliseconds(BASE), milliseconds(WITH_PERFKIT)) for _ in range(runs)]
    base, with_perfkit = (statistics.median(column) for column in zip(*pairs, strict=True))

    print(f"median of {runs} fresh interpreters each")
    print(f"{BASE:<30}{base:8.1f} ms")
    print(f"{WITH_PERFKIT:<30}{with_perfkit:8.1f} ms")
    print(f"{'difference':<30}{with_perfkit - base:8.1f} ms")


if __name__ == "__main__":
    main()
