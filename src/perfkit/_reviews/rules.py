"""The rules by which a history shows a signal, and how often each cries out where there is none."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from functools import lru_cache
from itertools import pairwise
from statistics import NormalDist
from types import MappingProxyType
from typing import Any

import numpy as np
import numpy.typing as npt
from attrs import frozen

from perfkit._core.notebook import definition
from perfkit.errors import DefinitionError, did_you_mean
from perfkit.typing import Progress

Floats = npt.NDArray[np.float64]
_NODES, _DENSE, _STATES = 24, 2_000, 60_000


@frozen
class RunRule:
    """One rule: how many of how many points must lie where, or move how.

    Attributes:
        name: of the rule.
        kind: ``beyond`` (on one side, further from the centre than so many sigma), ``within`` (nearer to it), ``apart``
            (further from it, on whichever side), ``trend`` (each above the one before, or each below) or ``zigzag``
            (up and down in turn).
        count: how many points must.
        of: out of how many in a row.
        sigma: how far from the centre, in standard deviations.
    """

    _repr_html_ = definition

    name: str
    kind: str
    count: int
    of: int
    sigma: Fraction = Fraction(0)

    def holds(self, window: Sequence[Fraction]) -> bool:
        """Whether the last point of a window completes the pattern, given distances from the centre in sigma."""
        if len(window) < self.count:
            return False
        last = window[-self.of :]
        if self.kind == "within":
            return all(abs(x) < self.sigma for x in last)
        if self.kind == "apart":
            return all(abs(x) > self.sigma for x in last)
        if self.kind == "beyond":
            return self._beyond(last) or self._beyond([-x for x in last])
        steps = [(b > a) - (b < a) for a, b in pairwise(last)]
        if self.kind == "trend":
            return abs(sum(steps)) == len(steps)
        return 0 not in steps and all(a != b for a, b in pairwise(steps))

    def _beyond(self, window: Sequence[Fraction]) -> bool:
        # The last point is one of them: otherwise the pattern was complete before.
        return window[-1] > self.sigma and sum(x > self.sigma for x in window) >= self.count


_ALL = (
    RunRule("beyond_limits", "beyond", 1, 1, Fraction(3)),
    RunRule("run_of_8", "beyond", 8, 8),
    RunRule("run_of_9", "beyond", 9, 9),
    RunRule("trend_of_6", "trend", 6, 6),
    RunRule("zigzag_of_14", "zigzag", 14, 14),
    RunRule("two_of_three", "beyond", 2, 3, Fraction(2)),
    RunRule("four_of_five", "beyond", 4, 5, Fraction(1)),
    RunRule("three_of_four", "beyond", 3, 4, Fraction(3, 2)),
    RunRule("fifteen_within", "within", 15, 15, Fraction(1)),
    RunRule("eight_apart", "apart", 8, 8, Fraction(1)),
)
RULES: Mapping[str, RunRule] = MappingProxyType({rule.name: rule for rule in _ALL})
DEFAULT_RULES = ("beyond_limits", "run_of_8")
# Sets by the names of those who put them together.
RULE_SETS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "wheeler": ("beyond_limits", "three_of_four", "run_of_8"),
        "western_electric": ("beyond_limits", "two_of_three", "four_of_five", "run_of_8"),
        "nelson": (
            "beyond_limits",
            "run_of_9",
            "trend_of_6",
            "zigzag_of_14",
            "two_of_three",
            "four_of_five",
            "fifteen_within",
            "eight_apart",
        ),
    }
)


def rules_of(names: str | Iterable[str]) -> tuple[RunRule, ...]:
    """Rules by their names, or by the name of a set.

    Raises:
        DefinitionError: for a name that no rule has.
    """
    if isinstance(names, str):
        names = RULE_SETS.get(names, (names,))
    chosen = tuple(dict.fromkeys(names))
    for name in chosen:
        if name not in RULES:
            known = [*RULES, *RULE_SETS]
            raise DefinitionError(
                f"a rule must be one of {', '.join(RULES)}, or a set of {', '.join(RULE_SETS)} "
                f"(got {name!r}){did_you_mean(str(name), known)}",
                path="rules",
            )
    if not chosen:
        raise DefinitionError("rules must name at least one rule (got none)", path="rules")
    return tuple(RULES[name] for name in chosen)


def false_alarm_rate(
    rules: str | Iterable[str] = DEFAULT_RULES, *, seed: int | None = None, progress: Progress | None = None
) -> float:
    """How often rules signal where nothing has changed: one alarm in so many points, as one over that number.

    It assumes independent values of one normal distribution whose mean and standard deviation are known; limits from a
    short history, or values that depend on the ones before, give more alarms. The number is one over the mean count
    of points until the first signal (the average run length). Rules about where points lie are counted exactly, as a
    Markov chain over the zones (Champ and Woodall, 1987); a trend or a zigzag by itself by an integral equation. Where
    both kinds meet there is no such chain, and 20,000 runs are drawn from a seed that you give; the standard error of
    the result is below 1 %.

    Args:
        rules: names of rules, or of a set: ``wheeler``, ``western_electric``, ``nelson``.
        seed: for sets that can only be simulated.
        progress: what is called with the number of simulated runs that came to their signal, some at a time.

    Raises:
        DefinitionError: for an unknown rule, or a set that needs a seed and has none.

    Example:
        >>> round(1 / false_alarm_rate("beyond_limits"), 1), round(1 / false_alarm_rate(), 1)
        (370.4, 152.7)
    """
    chosen = rules_of(rules)
    moving = [rule for rule in chosen if rule.kind in ("trend", "zigzag")]
    if not moving:
        return 1 / _of_zones(chosen)
    if len(chosen) == 1:
        return 1 / _of_steps(chosen[0])
    if seed is None:
        raise DefinitionError(
            f"{moving[0].name} together with other rules can only be simulated: give seed=, a whole number", path="seed"
        )
    return 1 / _simulated(chosen, seed, progress)


@lru_cache(maxsize=64)
def _of_zones(rules: tuple[RunRule, ...]) -> float:
    """The mean count of points until a signal, by a Markov chain over what the rules remember."""
    marks = sorted({sign * rule.sigma for rule in rules for sign in (-1, 1)})
    cumulated = [0.0, *(NormalDist().cdf(float(mark)) for mark in marks), 1.0]
    # A value inside each zone stands for it.
    ends = [marks[0] - 1, *marks, marks[-1] + 1]
    middles = [(low + high) / 2 for low, high in pairwise(ends)]
    zones = [(middle, after - before) for middle, (before, after) in zip(middles, pairwise(cumulated), strict=True)]
    start: tuple[tuple[Fraction, ...], ...] = tuple(() for _ in rules)
    states = {start: 0}
    queue, moves = [start], []
    for state in queue:
        for x, chance in zones:
            if any(rule.holds([*kept, x]) for rule, kept in zip(rules, state, strict=True)):
                continue
            # A rule remembers only what of the past can still count for it.
            following = tuple(_kept(rule, (*kept, x)) for rule, kept in zip(rules, state, strict=True))
            if following not in states:
                states[following] = len(states)
                queue.append(following)
            moves.append((states[state], states[following], chance))
    sources, targets, chances = (np.array(column) for column in zip(*moves, strict=True))
    return _mean_count(len(states), sources.astype(np.int64), targets.astype(np.int64), chances)


def _kept(rule: RunRule, window: tuple[Fraction, ...]) -> tuple[Fraction, ...]:
    """The past of a rule, as coarse as it looks at it: each point as 1 or -1 on a side that counts, else 0."""
    if rule.of == 1:
        return ()
    marked = [Fraction((x > rule.sigma) - (x < -rule.sigma)) * (rule.sigma + 1) for x in window[-(rule.of - 1) :]]
    if rule.kind == "within":
        outside = [place for place, x in enumerate(marked) if x]
        return tuple(marked[outside[-1] + 1 :] if outside else marked)
    if rule.kind == "apart":
        inside = [place for place, x in enumerate(marked) if not x]
        return tuple(abs(x) for x in marked[inside[-1] + 1 :]) if inside else tuple(abs(x) for x in marked)
    if rule.count == rule.of:
        # Of a run only what has been on this side since the last point on another.
        run = [place for place, x in enumerate(marked) if x != marked[-1]]
        kept = marked[run[-1] + 1 :] if run else marked
        return tuple(kept) if marked[-1] else ()
    first = next((place for place, x in enumerate(marked) if x), len(marked))
    return tuple(marked[first:])


def _mean_count(n: int, sources: Any, targets: Any, chances: Any) -> float:
    """The expected count of steps until absorption from the first state."""
    if n <= _DENSE:
        matrix = np.eye(n)
        np.subtract.at(matrix, (sources, targets), chances)
        return float(np.linalg.solve(matrix, np.ones(n))[0])
    if n > _STATES:
        raise DefinitionError(f"these rules together have too many states to count ({n:,}); ask for fewer at a time")
    mass: Any = np.zeros(n)
    mass[0], total = 1.0, 0.0
    while (left := float(mass.sum())) > 1e-13:
        total += left
        mass = np.bincount(targets, weights=mass[sources] * chances, minlength=n)
    return total


@lru_cache(maxsize=8)
def _of_steps(rule: RunRule) -> float:
    """The mean count of points until a trend or a zigzag, for independent values of any one continuous distribution.

    By the probability integral transform the values are uniform. What is still to come from a value u in a state k of
    m satisfies an integral equation over [0, 1] with smooth solutions, solved on Gauss-Legendre nodes.
    """
    nodes, weights = np.polynomial.legendre.leggauss(_NODES)
    up_to = _integrals(nodes)
    nodes, weights = (nodes + 1) / 2, weights / 2
    n, m = _NODES, rule.of
    # A state is a direction of the last step, and how many points the pattern has so far: 2 to m - 1.
    index = {(up, size): place for place, (up, size) in enumerate((up, k) for up in (0, 1) for k in range(2, m))}
    matrix = np.eye(n * len(index))
    for (up, size), place in index.items():
        rows = slice(place * n, (place + 1) * n)
        for step in (0, 1):
            goes_on = (step == up) == (rule.kind == "trend")
            grown = size + 1 if goes_on else 2
            if grown == m:
                continue
            other = index[(step, grown)]
            below = up_to if step == 0 else weights[None, :] - up_to
            matrix[rows, other * n : (other + 1) * n] -= below
    ahead = np.linalg.solve(matrix, np.ones(len(matrix)))
    # The first point, and then one that makes a pattern of two.
    fallen, risen = (ahead[index[(step, 2)] * n : (index[(step, 2)] + 1) * n] for step in (0, 1))
    start = 1 + up_to @ fallen + (weights[None, :] - up_to) @ risen
    return float(1 + (weights * start).sum())


def _integrals(nodes: Floats) -> Floats:
    """The integrals over [0, u] of the polynomials through the nodes, for each node u of [0, 1]."""
    basis = np.linalg.inv(np.polynomial.legendre.legvander(nodes, len(nodes) - 1))
    found = np.empty((len(nodes), len(nodes)))
    for place in range(len(nodes)):
        primitive = np.polynomial.legendre.legint(basis[:, place], lbnd=-1)
        found[:, place] = np.polynomial.legendre.legval(nodes, primitive) / 2
    return found


def _simulated(rules: tuple[RunRule, ...], seed: int, progress: Progress | None) -> float:
    draw = np.random.default_rng(seed)
    runs, counts = 20_000, 0
    longest = max(rule.of for rule in rules)
    window = np.full((longest, runs), np.nan)
    alive = runs
    while alive:
        window = np.vstack([window[1:, :alive], draw.standard_normal(alive)[None, :]])
        counts += alive
        signals = np.zeros(alive, dtype=np.bool_)
        for rule in rules:
            signals |= _hold(rule, window[-rule.of :])
        window = window[:, ~signals]
        ended, alive = alive - window.shape[1], window.shape[1]
        if progress is not None and ended:
            progress(ended)
    return counts / runs


def _hold(rule: RunRule, last: Floats) -> npt.NDArray[np.bool_]:
    """The rule in columns; points before the first are NaN and count for nothing."""
    sigma = float(rule.sigma)
    with np.errstate(invalid="ignore"):
        if rule.kind == "within":
            return np.asarray((np.abs(last) < sigma).all(axis=0))
        if rule.kind == "apart":
            return np.asarray((np.abs(last) > sigma).all(axis=0))
        if rule.kind == "beyond":
            above, below = last > sigma, last < -sigma
            hits = [side[-1] & (side.sum(axis=0) >= rule.count) for side in (above, below)]
            return np.asarray(hits[0] | hits[1])
        steps = np.diff(last, axis=0)
        if rule.kind == "trend":
            return np.asarray((steps > 0).all(axis=0) | (steps < 0).all(axis=0))
        return np.asarray((steps[1:] * steps[:-1] < 0).all(axis=0))
