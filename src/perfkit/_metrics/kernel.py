"""A scorecard as a short program on blocks of rows: what it means for rows that miss nothing, one pass over the data.

Sections that take the weighted mean are multiplied out, and metrics that are straight lines become one factor each.
Every step is a multiplication, an addition or a comparison of one column, so a row has the same bits alone and in any
batch.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fractions import Fraction
from functools import cached_property
from typing import Literal

import numpy as np
import numpy.typing as npt
from attrs import frozen

from perfkit._core.blocks import blocks
from perfkit._core.columns import FloatColumn, Rows
from perfkit._metrics.metric import Metric, MissingRule
from perfkit._metrics.section import Section, weight_of
from perfkit.curves import Curve
from perfkit.errors import DefinitionError
from perfkit.explain import SILENT

BLOCK = 24_576
Shows = Literal["everywhere", "inside", "nowhere"]
# More pieces than this are searched, not added up one by one.
_FEW = 12
# A line whose value at 0 is larger than this is taken from a place of its own, or its digits would be lost.
_FAR = 1_000


@frozen(eq=False)
class Ramp:
    """What a column adds: ``factor`` for each unit between two places."""

    low: npt.NDArray[np.float64] | None
    high: npt.NDArray[np.float64] | None
    origin: npt.NDArray[np.float64] | None
    factor: npt.NDArray[np.float64]


@frozen(eq=False)
class Line:
    """A metric whose whole way to the score is one curve without a leap, as the ramps of its column.

    Attributes:
        column: where the raw value is read.
        ramps: what it adds.
        shows: where a change of the raw value changes the score: ``everywhere``, ``inside`` its ends, or ``nowhere``
            for certain.
        low: the lower end, up to which the curve is flat.
        high: the upper end, from which on the curve is flat.
    """

    column: str
    ramps: tuple[Ramp, ...]
    shows: Shows
    low: float = -np.inf
    high: float = np.inf

    @cached_property
    def high_bits(self) -> np.uint64:
        """The bits of the upper end as a whole number."""
        return np.float64(self.high).view(np.uint64)


@frozen(eq=False)
class Detour:
    """A part that is evaluated by its own rule, and what it counts."""

    part: Metric | Section
    factor: npt.NDArray[np.float64]


@frozen(eq=False)
class Kernel:
    """The program of a scorecard.

    Attributes:
        constant: what every row has.
        steps: what is added, in the order of the definition.
        missing: the rule of the scorecard, for parts that are evaluated by their own rule.
    """

    constant: float
    steps: tuple[Line | Detour, ...]
    missing: MissingRule

    @classmethod
    def of(cls, parts: tuple[Metric | Section, ...], missing: MissingRule) -> Kernel:
        """The program of siblings whose weighted mean is taken."""
        constant, steps = Fraction(0), list[Line | Detour]()
        for share, part in _leaves(parts, Fraction(1)):
            curve = part.line() if isinstance(part, Metric) else None
            try:
                line = None if curve is None or not isinstance(part, Metric) else _line(part.column, curve, share)
            except OverflowError as error:
                raise DefinitionError(
                    f"the way from {part.name!r} to its score has numbers beyond what floats hold; use other units"
                ) from error
            if line is None:
                steps.append(Detour(part, np.array(float(share))))
                continue
            constant += line[0]
            steps.append(line[1])
        return cls(float(constant), tuple(steps), missing)

    def run(self, rows: Rows, seen: npt.NDArray[np.uint32]) -> Iterator[tuple[slice, FloatColumn]]:
        """The score of each row before rounding, not finite where something is missing; fills in its fingerprint.

        Gives block by block, in a buffer that the next block takes over.

        The fingerprint is one of everything that was read: where a column does not show in the score itself, because
        it lies beyond the ends of a curve, what lies beyond them is added up beside it.
        """
        total_of, hidden_of, spare_of = (np.empty(min(BLOCK, rows.n)) for _ in range(3))
        names = {name for step in self.steps if isinstance(step, Detour) for name in _columns(step.part)}
        aside = Rows({name: rows.raw(name) for name in names}, rows.n, rows.positions)
        has_hidden = any(isinstance(step, Line) and step.shows != "everywhere" for step in self.steps)
        for block in blocks(rows.n, BLOCK):
            n = block.stop - block.start
            total, hidden, spare = total_of[:n], hidden_of[:n], spare_of[:n]
            total.fill(self.constant)
            if has_hidden:
                hidden.fill(0.0)
            some = aside[block] if names else None
            with np.errstate(over="ignore", invalid="ignore"):
                for step in self.steps:
                    if isinstance(step, Line):
                        _add_line(step, _column(rows, step.column, block), total, hidden, spare)
                    elif some is not None:
                        self._add_detour(step, some, total)
                prints = total.view(np.uint64)
                if has_hidden:
                    prints = np.add(prints, hidden.view(np.uint64), out=spare.view(np.uint64))
                if some is not None:
                    prints = prints + some.checksum()
                halves = prints.view(np.uint32).reshape(-1, 2)
                np.bitwise_xor(halves[:, 0], halves[:, 1], out=seen[block])
                if has_hidden:
                    # An infinite value shows in the one or in the other.
                    np.multiply(hidden, 0.0, out=hidden)
                    np.add(total, hidden, out=total)
            yield block, total

    def _add_detour(self, step: Detour, some: Rows, total: FloatColumn) -> None:
        if isinstance(step.part, Metric):
            measured = step.part.measured(some)
            total += step.factor * step.part.scored(measured, some)
        else:
            value, coverage, _ = step.part.evaluate(some, self.missing, SILENT)
            total += step.factor * (value if coverage is None else np.where(coverage == 1, value, np.nan))


def _column(rows: Rows, name: str, block: slice) -> FloatColumn:
    raw = rows.raw(name)
    if raw.dtype == np.float64:
        return raw[block]
    return Rows({name: raw[block]}, block.stop - block.start, rows.positions[block]).number(name)


def _add_line(step: Line, x: FloatColumn, total: FloatColumn, hidden: FloatColumn, spare: FloatColumn) -> None:
    if step.shows == "nowhere":
        np.add(hidden, x, out=hidden)
    elif step.shows == "inside" and not _is_inside(step, x):
        # Only a block that reaches beyond an end pays for it; one with a missing value may.
        part = x.clip(step.low, step.high)
        np.subtract(x, part, out=spare)
        np.add(hidden, spare, out=hidden)
        x = part
    for ramp in step.ramps:
        part = x
        if ramp.low is not None and ramp.high is not None:
            part = x.clip(ramp.low, ramp.high, out=spare)
        elif ramp.low is not None:
            part = np.maximum(x, ramp.low, out=spare)
        elif ramp.high is not None:
            part = np.minimum(x, ramp.high, out=spare)
        if ramp.origin is not None:
            part = np.subtract(part, ramp.origin, out=spare)
        np.multiply(part, ramp.factor, out=spare)
        np.add(total, spare, out=total)


def _is_inside(step: Line, x: FloatColumn) -> bool:
    """Whether every value lies between the ends; not where one is missing."""
    if step.low == 0 and step.high > 0 and x.strides == (8,):
        # As whole numbers, the bits of floats from 0 on are in their order, and all others lie above them.
        return bool(np.maximum.reduce(x.view(np.uint64)) <= step.high_bits)
    return bool(np.minimum.reduce(x) >= step.low and np.maximum.reduce(x) <= step.high)


def _columns(part: Metric | Section) -> Iterable[str]:
    return [need.name for need in part.needs()]


def _leaves(parts: tuple[Metric | Section, ...], factor: Fraction) -> Iterable[tuple[Fraction, Metric | Section]]:
    whole = sum((weight_of(part) for part in parts), Fraction(0))
    for part in parts:
        share = factor * weight_of(part) / whole
        if isinstance(part, Section) and part.aggregate is None:
            yield from _leaves(part.of, share)
        else:
            yield share, part


def _line(column: str, curve: Curve, share: Fraction) -> tuple[Fraction, Line] | None:
    """A curve without leaps as a constant and what is added to it; nothing where it has too many pieces."""
    stretches = [piece for piece in curve.pieces if not piece.is_point]
    slopes = [piece.slope for piece in stretches]
    if len(set(slopes)) == 1 and slopes[0]:
        # One line, whatever knots it has.
        stretches, slopes = stretches[-1:], slopes[-1:]
    sloped = [piece for piece in stretches if piece.slope]
    if len(sloped) > _FEW:
        return None
    low = float(curve.knots[0].x) if slopes[0] == 0 else -np.inf
    high = float(curve.knots[-1].x) if slopes[-1] == 0 else np.inf
    if len(sloped) == 1 and len(stretches) - (low > -np.inf) - (high < np.inf) == 1:
        (piece,) = sloped
        shows: Shows = "everywhere" if len(stretches) == 1 else "inside"
        if abs(piece.intercept) <= _FAR:
            return share * piece.intercept, Line(
                column, (_ramp(None, None, None, share * piece.slope),), shows, low, high
            )
        # The anchor is a number that was typed, so that nothing is lost where it is taken off.
        added = share * piece.value
        return added, Line(column, (_ramp(None, None, piece.anchor, share * piece.slope),), shows, low, high)
    constant, ramps = share * curve.knots[0].at, []
    for piece in sloped:
        # A ramp gives nothing at its start, or at its end where it has no start.
        origin = piece.end if piece.start is None else piece.start
        if origin is not None and abs(piece.slope * origin) <= _FAR:
            constant -= share * piece.slope * origin
            origin = None
        ramps.append(_ramp(piece.start, piece.end, origin, share * piece.slope))
    return constant, Line(column, tuple(ramps) or (_ramp(None, None, None, Fraction(0)),), "nowhere")


def _ramp(low: Fraction | None, high: Fraction | None, origin: Fraction | None, factor: Fraction) -> Ramp:
    first, last, start = (None if end is None else _number(end) for end in (low, high, origin))
    return Ramp(first, last, start, _number(factor))


def _number(value: Fraction) -> npt.NDArray[np.float64]:
    return np.array(float(value))
