"""A tree of goals in ten levels, rolled up from its leaves: perfkit beside what one would use instead.

The job: the progress of every goal, as the weighted mean of the goals below it. anytree and networkx walk in post-order
as their users write it, pandas groups by parent level by level. Each is given its tree ready-made; the time to make it
is measured beside, for perfkit and pandas from ids in text, for anytree and networkx from places, which spares them a
look-up; only perfkit checks every goal and finds cycles. The floor is one pass of `np.add.at` over the same edges. Rows
come in random order. Memory is counted beyond the peak of making the input.
"""

import argparse
import resource
import statistics
import subprocess
import sys
from time import perf_counter

import numpy as np

from perfkit import CheckIns, GoalTree

try:
    import anytree
except ImportError:
    anytree = None
try:
    import networkx as nx
except ImportError:
    nx = None
try:
    import pandas as pd
except ImportError:
    pd = None

LEVELS = 10
BUDGET = 20.0  # seconds; what has taken longer is not measured again


def made(n, seed=1):
    """Columns of n goals in ten levels, each a few times as large as the one above, in random order."""
    chance = np.random.default_rng(seed)
    growth = n ** (1 / (LEVELS - 1))
    ends = np.unique(np.minimum(np.round(growth ** np.arange(LEVELS)).astype(int).cumsum(), n))
    ends[-1] = n
    above = np.full(n, -1)
    for first, start, end in zip([0, *ends[:-2]], ends[:-1], ends[1:], strict=True):
        above[start:end] = chance.integers(first, start, end - start)
    order = chance.permutation(n)
    place = np.empty(n, dtype=np.int64)
    place[order] = np.arange(n)
    above = np.where(above[order] >= 0, place[above[order]], -1)
    ids = [f"goal {number}" for number in order.tolist()]
    target = chance.integers(10, 1_000, n).astype(np.float64)
    weight = chance.integers(1, 9, n).astype(np.float64)
    leaf = np.ones(n, dtype=bool)
    leaf[above[above >= 0]] = False
    actual = np.where(leaf, np.round(chance.random(n) * target * 1.2, 1), np.nan)
    parent = [None if up < 0 else ids[up] for up in above.tolist()]
    return {"ids": ids, "parent": parent, "above": above, "target": target, "weight": weight, "actual": actual}


def median(run, times):
    """The median time of a call, in milliseconds, and what it gave; fewer calls where one takes long."""
    took, given = [], None
    for _ in range(times):
        start = perf_counter()
        given = run()
        took.append(perf_counter() - start)
        if sum(took) > BUDGET:
            break
    return 1_000 * statistics.median(took), given


def tree_of(columns, **more):
    return GoalTree.from_columns(
        id=columns["ids"], parent=columns["parent"], target=columns["target"], weight=columns["weight"], **more
    )


def everything(tree, actual):
    """All that a report has, of every goal."""
    report = tree.roll_up(actual)
    return report.progress, report.value, report.coverage


def with_anytree(columns):
    nodes = [
        anytree.Node(name, weight=weight, progress=actual / target)
        for name, weight, target, actual in zip(
            columns["ids"],
            columns["weight"].tolist(),
            columns["target"].tolist(),
            columns["actual"].tolist(),
            strict=True,
        )
    ]
    root = None
    for node, up in zip(nodes, columns["above"].tolist(), strict=True):
        if up < 0:
            root = node
        else:
            node.parent = nodes[up]
    return nodes, root


def roll_anytree(made_tree):
    nodes, root = made_tree
    for node in anytree.PostOrderIter(root):
        if node.children:
            weights = sum(child.weight for child in node.children)
            node.progress = sum(child.weight * child.progress for child in node.children) / weights
    return np.array([node.progress for node in nodes])


def with_networkx(columns):
    graph = nx.DiGraph()
    for place, (weight, target, actual) in enumerate(
        zip(columns["weight"].tolist(), columns["target"].tolist(), columns["actual"].tolist(), strict=True)
    ):
        graph.add_node(place, weight=weight, progress=actual / target)
    graph.add_edges_from((up, place) for place, up in enumerate(columns["above"].tolist()) if up >= 0)
    return graph, int(np.flatnonzero(columns["above"] < 0)[0])


def roll_networkx(made_graph):
    graph, root = made_graph
    for place in nx.dfs_postorder_nodes(graph, root):
        children = list(graph.successors(place))
        if children:
            weights = sum(graph.nodes[child]["weight"] for child in children)
            gained = sum(graph.nodes[child]["weight"] * graph.nodes[child]["progress"] for child in children)
            graph.nodes[place]["progress"] = gained / weights
    return np.array([graph.nodes[place]["progress"] for place in range(graph.number_of_nodes())])


def with_pandas(columns):
    frame = pd.DataFrame({name: columns[name] for name in ("weight", "target", "actual")})
    above = pd.Index(columns["ids"]).get_indexer(columns["parent"])
    depth = np.zeros(len(frame), dtype=np.int64)
    up = above.copy()
    while (up >= 0).any():
        depth += up >= 0
        up = np.where(up >= 0, above[up], -1)
    frame["above"], frame["depth"] = above, depth
    return frame


def roll_pandas(frame):
    progress = (frame["actual"] / frame["target"]).to_numpy(copy=True)
    for level in range(int(frame["depth"].max()), 0, -1):
        part = frame[frame["depth"] == level]
        gained = pd.DataFrame(
            {"above": part["above"], "gained": part["weight"] * progress[part.index], "weight": part["weight"]}
        )
        sums = gained.groupby("above").sum()
        progress[sums.index] = sums["gained"] / sums["weight"]
    return progress


def add_at(columns):
    child = np.flatnonzero(columns["above"] >= 0)
    parent, values = columns["above"][child], columns["weight"][child]

    def run():
        total = np.zeros(len(columns["above"]))
        np.add.at(total, parent, values)
        return total

    return run


def peak(what, n):
    """The memory that a step adds at its peak, in a process of its own, in megabytes."""
    command = [sys.executable, __file__, "--step", what, "--rows", str(n)]
    told = subprocess.run(command, capture_output=True, text=True, check=False)
    return float(told.stdout) if told.returncode == 0 and told.stdout.strip() else float("nan")


def step(what, n):
    """One step for the measurement of memory: what it adds to the peak of the steps before it."""
    columns = made(n)
    ready = {
        "perfkit build": lambda: None,
        "perfkit roll-up": lambda: tree_of(columns),
        "anytree build": lambda: None,
        "networkx build": lambda: None,
        "pandas roll-up": lambda: with_pandas(columns),
    }[what]()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    _ = {
        "perfkit build": lambda: tree_of(columns),
        "perfkit roll-up": lambda: everything(ready, columns["actual"]),
        "anytree build": lambda: with_anytree(columns),
        "networkx build": lambda: with_networkx(columns),
        "pandas roll-up": lambda: roll_pandas(ready),
    }[what]()
    print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024)


def same(found, progress, name):
    """Refuse to compare what does not come to the same: ours is published on a grid of 1e-6."""
    if not np.allclose(found, progress, rtol=0, atol=1e-6):
        sys.exit(f"{name} rolls up to other numbers")


def compare(n, times):
    columns = made(n)
    floor, _ = median(add_at(columns), 9)
    build, tree = median(lambda: tree_of(columns), min(times, 5))
    roll, _ = median(lambda: tree.roll_up(columns["actual"]), max(times, 9))
    full, (progress, _, _) = median(lambda: everything(tree, columns["actual"]), max(times, 9))
    half = columns["actual"].copy()
    half[np.random.default_rng(2).random(n) < 0.5] = np.nan
    gaps, _ = median(lambda: everything(tree, half), times)
    kinds = np.random.default_rng(3).choice(["weighted_mean", "sum", "minimum", "all"], n).astype(object)
    mixed_tree = tree_of(columns, roll_up=kinds)
    mixed, _ = median(lambda: everything(mixed_tree, columns["actual"]), times)
    seen = np.flatnonzero(~np.isnan(columns["actual"]))
    days = np.repeat(np.array(["2026-03-31", "2026-06-30", "2026-09-30"], dtype="datetime64[D]"), len(seen))
    names = [columns["ids"][place] for place in seen.tolist()] * 3
    check_ins = CheckIns.from_columns(goal=names, on=days, value=np.tile(columns["actual"][seen], 3))
    noted, last = median(lambda: tree.roll_up(check_ins).progress, min(times, 3))
    same(last, progress, "check-ins")
    print(f"\n{n:,} goals" + " " * 24 + f"{'build ms':>12} {'roll-up ms':>12} {'x ours':>10} {'x add.at':>10}")

    def line(name, made_in, took):
        build_text = "" if made_in is None else f"{made_in:,.1f}"
        print(f"{name:<32} {build_text:>12} {took:>12,.2f} {took / roll:>10,.2f} {took / floor:>10,.2f}")

    line("np.add.at, one pass", None, floor)
    line("perfkit, progress", build, roll)
    line("perfkit, published, all columns", None, full)
    line("perfkit, half of it missing", None, gaps)
    line("perfkit, four kinds of roll-up", None, mixed)
    line("perfkit, three check-ins a leaf", None, noted)
    for name, module, make, run in (
        ("pandas, groupby per level", pd, with_pandas, roll_pandas),
        ("networkx, post-order", nx, with_networkx, roll_networkx),
        ("anytree, post-order", anytree, with_anytree, roll_anytree),
    ):
        if module is None:
            print(f"{name:<32} not installed")
            continue
        made_in, ready = median(lambda make=make: make(columns), 1)
        took, found = median(lambda run=run, ready=ready: run(ready), 3 if n > 10**5 else times)
        same(found, progress, name)
        line(name, made_in, took)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, nargs="*", default=[10**3, 10**5, 10**6])
    parser.add_argument("--step", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.step:
        step(options.step, options.rows[0])
        return
    n = options.rows[-1]
    # First of all, for a process starts with the peak of the one that started it.
    print(f"peak memory that a step adds at {n:,} goals, MB")
    for what in ("perfkit build", "perfkit roll-up", "pandas roll-up", "networkx build", "anytree build"):
        print(f"{what:<32} {peak(what, n):>12,.0f}")
    for n in options.rows:
        compare(n, 20 if n <= 10**3 else 7)


if __name__ == "__main__":
    main()
