"""For the authors of policies, scales and aggregates: does one of yours keep the house rule?"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np
from attrs import frozen

from perfkit._core.columns import Need, Rows, read_rows
from perfkit._core.integers import IntColumn
from perfkit._metrics.trials import aggregate_violations, scale_violations, state_of
from perfkit.errors import DataError, MissingColumnsError, PerfkitError, PolicyViolation
from perfkit.explain import SILENT, AnyRecorder, Recorder
from perfkit.money import Money
from perfkit.typing import PayPolicy, PayStep

_SAMPLE = 240


def check_policy(
    policy: Any,
    *,
    data: Mapping[str, Any] | None = None,
    choices: Mapping[str, Any] | None = None,
    currency: str = "EUR",
    seed: int = 0,
) -> None:
    """Make sure that a policy keeps the house rule: columns of n rows in, one column out, each row by itself.

    It is tried on rows made up from what it says it reads: alone and in a batch, in parts, in another order, twice,
    with a recorder, and on no rows at all. Rows that it refuses with a ``DataError`` are left out.

    Args:
        policy: an object with the members of :class:`perfkit.typing.PayPolicy` or :class:`perfkit.typing.PayStep`.
        data: columns to try it on instead of those made up.
        choices: values to make up a column from, by its name.
        currency: a code of ISO 4217.
        seed: of the made-up rows.

    Raises:
        PolicyViolation: with every broken law in ``violations``: ``members``, ``undeclared_column``, ``raises``,
            ``shape``, ``empty_batch``, ``repeatable``, ``one_row``, ``partition``, ``permutation``, ``mutates_input``,
            ``keeps_state``, ``explanation`` or ``refuses_all``.

    Example:
        >>> from perfkit import TargetBonus
        >>> check_policy(TargetBonus(base="salary", rate=0.15, multiplier="score"))
    """
    found = _violations(policy, data, choices or {}, currency, seed)
    if found:
        listed = "; ".join(f"{code}: {seen}" for code, seen in found)
        raise PolicyViolation(f"{_name(policy)} breaks the house rule: {listed}", violations=found)


def _name(policy: Any) -> str:
    return repr(getattr(policy, "name", type(policy).__name__))


def _violations(
    policy: Any, data: Mapping[str, Any] | None, choices: Mapping[str, Any], currency: str, seed: int
) -> list[tuple[str, str]]:
    if not isinstance(policy, (PayPolicy, PayStep)):
        return [("members", "it has neither the members of PayPolicy (name, needs, award) nor of PayStep (adjust)")]
    needs = policy.needs()
    if not isinstance(needs, tuple) or not all(isinstance(need, Need) for need in needs):
        return [("members", f"needs() must give a tuple of Need (got {needs!r})")]
    rng = np.random.default_rng(seed)
    columns = dict(data) if data is not None else _made_up(needs, choices, rng)
    n = len(next(iter(columns.values()))) if columns else _SAMPLE
    amounts = rng.integers(-100_000, 10_000_000, n)
    rows = Rows({need.name: read_rows(columns, [need.name]).raw(need.name) for need in needs}, n)
    trial = _Trial(policy, currency, amounts)
    state = state_of(policy)
    try:
        kept = trial.accepted(rows)
        if not len(kept):
            return [("refuses_all", "it refuses every row tried; give data= or choices= that it takes")]
        found = _laws(trial, rows, kept, rng)
        if state_of(policy) != state:
            found.append(("keeps_state", "it is not the same object after it was used"))
        return found
    except MissingColumnsError as error:
        return [("undeclared_column", f"it reads {', '.join(map(repr, error.columns))}, which needs() does not name")]
    except Exception as error:
        read_only = isinstance(error, ValueError) and "read-only" in str(error)
        return [("mutates_input" if read_only else "raises", f"{type(error).__name__}: {error}")]


def _made_up(needs: tuple[Need, ...], choices: Mapping[str, Any], rng: np.random.Generator) -> dict[str, Any]:
    columns: dict[str, Any] = {}
    for need in needs:
        if need.name in choices:
            columns[need.name] = rng.choice(np.asarray(choices[need.name]), _SAMPLE)
        elif need.kind == "money":
            columns[need.name] = rng.integers(0, 20_000_000, _SAMPLE)
        elif need.kind == "flag":
            columns[need.name] = rng.random(_SAMPLE) < 0.5
        elif need.kind == "category":
            columns[need.name] = rng.choice(np.array(need.choices or ("a", "b"), dtype=object), _SAMPLE)
        else:
            columns[need.name] = np.round(rng.random(_SAMPLE) * 2, 3)
    return columns


def _laws(trial: _Trial, rows: Rows, kept: IntColumn, rng: np.random.Generator) -> list[tuple[str, str]]:
    before = {name: column.tobytes() for name, column in rows.columns.items() if column.dtype != object}
    whole = trial.run(rows, kept)
    wrong = _shape(whole, len(kept))
    if wrong:
        return [("shape", wrong)]
    found: list[tuple[str, str]] = []

    def law(code: str, expected: IntColumn, result: Callable[[], Any]) -> None:
        try:
            got = result()
        except Exception as error:
            found.append((code, f"{type(error).__name__}: {error}"))
            return
        if _shape(got, len(expected)) or not np.array_equal(got, expected):
            found.append((code, _difference(expected, got)))

    law("empty_batch", whole[:0], lambda: trial.run(rows, kept[:0]))
    law("repeatable", whole, lambda: trial.run(rows, kept))
    law("one_row", whole, lambda: np.concatenate([trial.run(rows, kept[i : i + 1]) for i in range(len(kept))]))
    cut = len(kept) // 3
    law("partition", whole, lambda: np.concatenate([trial.run(rows, kept[:cut]), trial.run(rows, kept[cut:])]))
    order = rng.permutation(len(kept))
    law("permutation", whole[order], lambda: trial.run(rows, kept[order]))
    if any(rows.columns[name].tobytes() != seen for name, seen in before.items()):
        found.append(("mutates_input", "a column that it was given has changed"))
    found.extend(trial.unexplained(rows, kept, whole))
    return found


def _shape(amount: Any, n: int) -> str:
    if not isinstance(amount, np.ndarray) or amount.dtype != np.int64 or amount.shape != (n,):
        seen = f"{amount.dtype} of shape {amount.shape}" if isinstance(amount, np.ndarray) else repr(amount)
        return f"it must give an int64 array of {n} rows (got {seen})"
    return ""


def _difference(expected: IntColumn, got: Any) -> str:
    wrong = _shape(got, len(expected))
    if wrong:
        return wrong
    row = int(np.flatnonzero(got != expected)[0])
    return f"{got[row]} instead of {expected[row]} minor units in row {row}"


@frozen
class _Trial:
    """A policy or a step, to be run on some of the rows."""

    policy: Any
    currency: str
    amounts: IntColumn

    def run(self, rows: Rows, which: IntColumn, record: AnyRecorder = SILENT) -> Any:
        """What it gives for the rows."""
        some = rows[which]
        if isinstance(self.policy, PayPolicy):
            return self.policy.award(some, self.currency, record)
        amount = self.amounts[which]
        amount.flags.writeable = False
        return self.policy.adjust(amount, some, self.currency, record)

    def accepted(self, rows: Rows) -> IntColumn:
        """The rows that it does not refuse."""
        kept = []
        for row in range(rows.n):
            try:
                self.run(rows, np.array([row]))
            except MissingColumnsError:
                raise
            except DataError:
                continue
            kept.append(row)
        return np.array(kept, dtype=np.int64)

    def unexplained(self, rows: Rows, kept: IntColumn, whole: IntColumn) -> list[tuple[str, str]]:
        """Where a recorded row differs from the batch, or its parts do not give the amount."""
        for row, amount in zip(kept[:20], whole[:20], strict=True):
            record = Recorder("line", self.policy.name)
            try:
                recorded = self.run(rows, np.array([row]), record)
            except Exception as error:
                return [("explanation", f"recorded, row {row} raises {type(error).__name__}: {error}")]
            if _shape(recorded, 1) or recorded[0] != amount:
                return [("explanation", f"recorded, row {row} gives {recorded} and not {amount} minor units")]
            if isinstance(self.policy, PayPolicy):
                record.says(value=Money.from_minor(int(amount), self.currency))
                try:
                    record.explanation().check()
                except PerfkitError as error:
                    return [("explanation", str(error))]
        return []


def check_scale(
    scale: Any,
    *,
    population: Any = None,
    lower_is_better: bool = False,
    is_monotone: bool = True,
    seed: int = 0,
) -> None:
    """Make sure that a scale keeps the house rule: fit to everybody once, then a frozen curve, whoever is scored.

    It is fit to a population whole, in parts and in another order, twice, and to people who are all alike. That a row
    scores alone as in a batch, and a missing value not at all, is the curve's to keep, which is perfkit's own.

    Args:
        scale: an object with the members of :class:`perfkit.typing.Scale`.
        population: values to fit it to instead of those made up.
        lower_is_better: the direction to try it in.
        is_monotone: whether a better value may never score worse; False for a scale with an optimum.
        seed: of the made-up population.

    Raises:
        PolicyViolation: with every broken law in ``violations``: ``members``, ``raises``, ``mutates_input``,
            ``repeatable``, ``partition``, ``permutation``, ``monotone``, ``constant`` or ``keeps_state``.

    Example:
        >>> from perfkit import MinMax
        >>> check_scale(MinMax(), lower_is_better=True)
    """
    found = scale_violations(scale, population, lower_is_better, is_monotone, seed)
    if found:
        listed = "; ".join(f"{code}: {seen}" for code, seen in found)
        raise PolicyViolation(f"{type(scale).__name__} breaks the house rule: {listed}", violations=found)


def check_aggregate(
    aggregate: Any,
    *,
    parts: Iterable[str] = (),
    scores: tuple[float, float] = (0.0, 1.0),
    is_monotone: bool = True,
    seed: int = 0,
) -> None:
    """Make sure that an aggregate keeps the house rule: the scores of parts in, one score out, each row by itself.

    It is tried on made-up scores with gaps: alone and in a batch, in parts, in another order, twice, with a recorder,
    and with each part made better.

    Args:
        aggregate: an object with the members of :class:`perfkit.typing.Aggregate`; one that fits is fit first.
        parts: the names of the parts to try it on; those that it names, or three, when not given.
        scores: the least and the greatest score to make up.
        is_monotone: whether a better part may never lower the whole.
        seed: of the made-up scores.

    Raises:
        PolicyViolation: with every broken law in ``violations``: ``members``, ``raises``, ``mutates_input``, ``shape``,
            ``repeatable``, ``one_row``, ``partition``, ``permutation``, ``missing``, ``monotone``, ``explanation`` or
            ``keeps_state``.

    Example:
        >>> from perfkit import Geometric
        >>> check_aggregate(Geometric())
    """
    found = aggregate_violations(aggregate, tuple(parts), scores, is_monotone, seed)
    if found:
        listed = "; ".join(f"{code}: {seen}" for code, seen in found)
        raise PolicyViolation(f"{type(aggregate).__name__} breaks the house rule: {listed}", violations=found)
