"""Trials of scales and aggregates that others wrote: does one of them keep the house rule?"""

from __future__ import annotations

import pickle
from collections.abc import Callable
from typing import Any

import numpy as np

from perfkit._core.columns import FloatColumn, read_rows
from perfkit._metrics.metric import Metric
from perfkit._metrics.scales import OptimalBand, Percentile
from perfkit._metrics.scorecard import Scorecard
from perfkit._metrics.scores import Scores
from perfkit.curves import Curve
from perfkit.errors import DataError, DefinitionError, PerfkitError
from perfkit.typing import Aggregate, FittedAggregate, Scale

Violations = list[tuple[str, str]]
_PEOPLE, _ROWS = 240, 120
# What the last bits of a sum may make of a score that should have stayed.
_SLACK = 1e-9


def scale_violations(scale: Any, population: Any, lower_is_better: bool, is_monotone: bool, seed: int) -> Violations:
    """Every law that a scale breaks; see ``perfkit.testing.check_scale``."""
    if isinstance(scale, type) or not isinstance(scale, (Scale, OptimalBand, Percentile)):
        return [("members", "it has not the members of Scale (within, declared, summary, curve)")]
    within = scale.within
    if within is not None and not all(hasattr(scale, option) for option in ("unseen", "smallest")):
        return [("members", "a scale within groups has unseen and smallest too")]
    random = np.random.default_rng(seed)
    given = np.round(random.uniform(1, 100, _PEOPLE), 1) if population is None else population
    values = np.array(read_rows({"value": given}, ["value"]).number("value"))
    if np.isnan(values).all():
        raise DataError("the population has no value, so that nothing can be fit to it", column="value")
    data = {"value": values}
    n = len(values)
    if within is not None:
        data[within] = np.array(["a", "b"])[np.arange(n) % 2]
    card = Scorecard("trial", [Metric("value", scale=scale, lower_is_better=lower_is_better)])
    state = state_of(scale)
    try:
        found = _scale_laws(card, data, is_monotone, lower_is_better, random)
    except Exception as error:
        return [_raised(error)]
    if state_of(scale) != state:
        found.append(("keeps_state", "it is not the same object after it was used"))
    return found


def _scale_laws(
    card: Scorecard, data: dict[str, Any], is_monotone: bool, lower_is_better: bool, random: np.random.Generator
) -> Violations:
    found: Violations = []
    n = len(data["value"])
    scale, order, cut = card.metrics()[0].scale, random.permutation(n), n // 3
    seen = np.sort(data["value"][~np.isnan(data["value"])])
    seen.flags.writeable = False
    if isinstance(scale, Scale) and scale.declared(lower_is_better) is None:
        # What is handed to a scale may be shared, so one that writes to it raises here.
        curve = scale.curve(scale.summary(seen), lower_is_better)
        if not isinstance(curve, Curve):
            return [("members", f"curve() must give a Curve (got {curve!r})")]
    fitted = card.fit(data)

    def law(code: str, again: Callable[[], Scorecard], what: str) -> None:
        if again().metrics()[0].scale != fitted.metrics()[0].scale:
            found.append((code, f"{what} gives another curve"))

    law("repeatable", lambda: card.fit(data), "the same population")
    parts = [_some(data, slice(None, cut)), _some(data, slice(cut, None))]
    law("partition", lambda: card.fit(parts), "the population in two parts")
    law("permutation", lambda: card.fit(_some(data, order)), "the population in another order")
    if is_monotone:
        whole = fitted.score(data).values
        up = np.argsort(data["value"] * (-1 if lower_is_better else 1), kind="stable")
        groups = set(np.asarray(data[scale.within]).tolist()) if scale.within is not None else {None}
        for group in groups:
            some = up if group is None else up[np.asarray(data[scale.within])[up] == group]
            falls = np.flatnonzero(np.diff(whole[some]) < -_SLACK)
            if len(falls):
                worse, better = (float(data["value"][some[falls[0] + step]]) for step in (0, 1))
                found.append(("monotone", f"{better:g} is better than {worse:g} and scores less"))
                break
    try:
        card.fit({**data, "value": np.full(n, 7.0)})
    except (DataError, DefinitionError):
        pass
    except Exception as error:
        found.append(("constant", f"of people who are alike it raises {type(error).__name__}, no DefinitionError"))
    return found


def aggregate_violations(
    aggregate: Any, parts: tuple[str, ...], scores: tuple[float, float], is_monotone: bool, seed: int
) -> Violations:
    """Every law that an aggregate breaks; see ``perfkit.testing.check_aggregate``."""
    if isinstance(aggregate, type) or not isinstance(aggregate, Aggregate):
        return [("members", "it has not the members of Aggregate (names, combine)")]
    random = np.random.default_rng(seed)
    state = state_of(aggregate)
    try:
        names = parts or tuple(aggregate.names()) or ("a", "b", "c")
        names = tuple(dict.fromkeys(names)) if len(set(names)) > 1 else (*names, "beside")
        found = _aggregate_laws(aggregate, names, scores, is_monotone, random)
    except Exception as error:
        return [_raised(error)]
    if state_of(aggregate) != state:
        found.append(("keeps_state", "it is not the same object after it was used"))
    return found


def _aggregate_laws(
    aggregate: Any, names: tuple[str, ...], ends: tuple[float, float], is_monotone: bool, random: np.random.Generator
) -> Violations:
    data = {name: np.round(random.uniform(*ends, _ROWS), 3) for name in names}
    card = Scorecard("trial", [Metric(name) for name in names], aggregate=aggregate)
    if isinstance(aggregate, FittedAggregate):
        card = card.fit(data)
        aggregate = card.aggregate
    gaps = {name: random.random(_ROWS) < 0.2 for name in names}
    # Every row has something.
    gaps[names[0]] &= ~np.logical_and.reduce(list(gaps.values()))
    values = {name: np.where(gaps[name], np.nan, column) for name, column in data.items()}
    masses = {name: np.where(gaps[name], 0.0, random.integers(1, 5, _ROWS) / 4) for name in names}
    present = sum(masses.values())
    shares = {name: mass / present for name, mass in masses.items()}
    for column in (*values.values(), *shares.values()):
        column.flags.writeable = False
    found: Violations = []

    def run(which: Any, given: dict[str, FloatColumn] = values) -> Any:
        return aggregate.combine(_some(given, which), _some(shares, which))

    everything = np.arange(_ROWS)
    whole = run(slice(None))
    if not isinstance(whole, np.ndarray) or whole.dtype != np.float64 or whole.shape != (_ROWS,):
        seen = f"{whole.dtype} of shape {whole.shape}" if isinstance(whole, np.ndarray) else repr(whole)
        return [("shape", f"it must give a float64 array of {_ROWS} rows (got {seen})")]

    def law(code: str, expected: FloatColumn, got: FloatColumn) -> None:
        if got.tobytes() != expected.tobytes():
            found.append((code, _difference(expected, got)))

    law("repeatable", whole, run(slice(None)))
    law("one_row", whole, np.concatenate([run(slice(row, row + 1)) for row in everything]))
    law("partition", whole, np.concatenate([run(slice(None, 40)), run(slice(40, None))]))
    order = random.permutation(_ROWS)
    law("permutation", whole[order], run(order))
    lost = np.flatnonzero(~np.isfinite(whole))
    if len(lost):
        there = [name for name in names if not gaps[name][lost[0]]]
        return [*found, ("missing", f"with only {', '.join(there)} it gives {float(whole[lost[0]])!r}")]
    for name in names if is_monotone else ():
        better = {**values, name: np.minimum(values[name] + (ends[1] - ends[0]) / 8, ends[1])}
        falls = np.flatnonzero(run(slice(None), better) < whole - _SLACK)
        if len(falls):
            found.append(("monotone", f"row {int(falls[0])} is lowered by a better {name!r}"))
            break
    scored = card.score({name: np.where(gaps[name], np.nan, column) for name, column in data.items()})
    for row in range(20):
        wrong = _unexplained(scored, row)
        if wrong:
            found.append(("explanation", f"row {row}: {wrong}"))
            break
    return found


def _unexplained(scores: Scores, row: int) -> str:
    """What is wrong with the explanation of a row, in words; nothing where it composes."""
    try:
        explained = scores.explain(row)
        explained.check()
    except PerfkitError as error:
        return str(error)
    rounding = sum(abs(part.value) for part in explained.parts if part.code == "published")
    told = f"it records values that come to {float(rounding):g}, and may state none beside what each part brings"
    return told if rounding > scores.card.grid else ""


def _some(data: dict[str, Any], which: Any) -> dict[str, Any]:
    return {name: column[which] for name, column in data.items()}


def _difference(expected: FloatColumn, got: FloatColumn) -> str:
    rows = np.flatnonzero(expected.view(np.int64) != got.view(np.int64)) if expected.shape == got.shape else [0]
    row = int(rows[0])
    return f"row {row} gives {float(got[row])!r} and not {float(expected[row])!r}"


def _raised(error: Exception) -> tuple[str, str]:
    read_only = isinstance(error, ValueError) and "read-only" in str(error)
    return "mutates_input" if read_only else "raises", f"{type(error).__name__}: {error}"


def state_of(thing: Any) -> Any:
    """What tells whether an object was changed by its use."""
    try:
        return pickle.dumps(thing)
    except Exception:
        return repr(vars(thing)) if hasattr(thing, "__dict__") else repr(thing)
