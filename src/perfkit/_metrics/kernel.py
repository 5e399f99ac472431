"""A scorecard as a short program on blocks of rows: what it means for rows that miss nothing, one pass over the data.

Sections that take the weighted mean are multiplied out, and metrics that are straight lines become one factor each. Every
step is a multiplication, an addition or a comparison of one column, so a row has the same bits alone and in any batch.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fractions import Fraction
from typing import Literal

import numpy as np
import numpy.typing as npt
from attrs import frozen

from perfkit._core.blocks import blocks
from perfkit._core.columns import FloatColumn, Rows
from perfkit._metrics.metric import Metric, MissingRule
from perfkit._metrics.section import Section, weight_of
from perfkit.curves import Curve
from perfkit.explain import SILENT

BLOCK = 16_384
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
    shows: Literal["everywhere", "inside", "nowhere"]
    low: float = -np.inf
    high: float = np.inf


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
        constant, steps = Fraction(0), []
        for share, part in _leaves(parts, Fraction(1)):
            curve = part.line() if isinstance(part, Metric) else None
            ramps = None if curve is None else _ramps(curve, share)
            if curve is None or ramps is None or not isinstance(part, Metric):
                steps.append(Detour(part, np.array(float(share))))
                continue
            added, found = ramps
            constant += added
            steps.append(_line(part.column, found, curve))
        return cls(float(constant), tuple(steps), missing)

    def run(self, rows: Rows, values: FloatColumn, seen: npt.NDArray[np.uint32]) -> Iterator[slice]:
        """Fill in the score of each row before rounding, not finite where something is missing, and its fingerprint.

        Gives each block when it is filled, so that it is rounded while it is in the cache.

        The fingerprint is one of everything that was read: where a column does not show in the score itself, because
        it lies beyond the ends of a curve, what lies beyond them is added up beside it.
        """
        buffers = np.empty((2, min(BLOCK, rows.n)))
        names = {name for step in self.steps if isinstance(step, Detour) for name in _columns(step.part)}
        aside = Rows({name: rows.raw(name) for name in names}, rows.n, rows.positions)
        with np.errstate(over="ignore", invalid="ignore"):
            for block in blocks(rows.n, BLOCK):
                total = values[block]
                total.fill(self.constant)
                hidden, spare = buffers[0, : len(total)], buffers[1, : len(total)]
                hidden.fill(0.0)
                some = aside[block] if names else None
                for step in self.steps:
                    if isinstance(step, Line):
                        _add_line(step, _column(rows, step.column, block), total, hidden, spare)
                    elif some is not None:
                        self._add_detour(step, some, total)
                # An infinite value shows in the one or in the other.
                total += np.multiply(hidden, 0.0, out=spare)
                prints = total.view(np.uint64) + hidden.view(np.uint64)
                if some is not None:
                    prints += some.checksum()
                seen[block] = prints ^ (prints >> np.uint64(32))
                yield block

    def _add_detour(self, step: Detour, some: Rows, total: FloatColumn) -> None:
        if isinstance(step.part, Metric):
            measured = step.part.measured(some)
            total += step.factor * step.part.scored(measured, some)
        else:
            value, coverage, _ = step.part.evaluate(some, self.missing, SILENT)
            total += step.factor * np.where(coverage == 1, value, np.nan)


def _column(rows: Rows, name: str, block: slice) -> FloatColumn:
    raw = rows.raw(name)
    if raw.dtype == np.float64:
        return raw[block]
    return Rows({name: raw[block]}, block.stop - block.start, rows.positions[block]).number(name)


def _add_line(step: Line, x: FloatColumn, total: FloatColumn, hidden: FloatColumn, spare: FloatColumn) -> None:
    beyond = False
    if step.shows == "inside":
        # Only a block that reaches beyond an end pays for it; one with a missing value may.
        beyond = not (x.min() >= step.low and x.max() <= step.high)
    for ramp in step.ramps:
        part = x
        if ramp.low is not None and (beyond or ramp.low > step.low):
            part = np.maximum(part, ramp.low, out=spare)
        if ramp.high is not None and (beyond or ramp.high < step.high):
            part = np.minimum(part, ramp.high, out=spare)
        if ramp.origin is not None:
            part = np.subtract(part, ramp.origin, out=spare)
        np.multiply(part, ramp.factor, out=spare)
        np.add(total, spare, out=total)
    if step.shows == "nowhere":
        np.add(hidden, x, out=hidden)
    elif beyond:
        np.maximum(x, step.low, out=spare)
        np.minimum(spare, step.high, out=spare)
        np.subtract(x, spare, out=spare)
        np.add(hidden, spare, out=hidden)


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


def _line(column: str, ramps: tuple[Ramp, ...], curve: Curve) -> Line:
    stretches = [piece for piece in curve.pieces if not piece.is_point]
    flat = [piece.slope == 0 for piece in stretches]
    if not any(flat):
        return Line(column, ramps, "everywhere")
    if any(flat[1:-1]) or all(flat):
        return Line(column, ramps, "nowhere")
    low = float(curve.knots[0].x) if flat[0] else -np.inf
    high = float(curve.knots[-1].x) if flat[-1] else np.inf
    return Line(column, ramps, "inside", low, high)


def _ramps(curve: Curve, share: Fraction) -> tuple[Fraction, tuple[Ramp, ...]] | None:
    """A curve without leaps as a constant and ramps; nothing where it has too many pieces."""
    pieces = [piece for piece in curve.pieces if not piece.is_point]
    sloped = [piece for piece in pieces if piece.slope]
    if len(sloped) > _FEW:
        return None
    if len({piece.slope for piece in pieces}) == 1:
        (slope,) = {piece.slope for piece in pieces}
        intercept = pieces[0].intercept
        if abs(intercept) <= _FAR or not slope:
            return share * intercept, (Ramp(None, None, None, _number(share * slope)),)
        anchor = curve.knots[0]
        return share * anchor.at, (Ramp(None, None, _number(anchor.x), _number(share * slope)),)
    constant = share * curve.knots[0].at
    ramps = []
    for piece in sloped:
        low, high = piece.start, piece.end
        # A ramp gives nothing at its start, or at its end where it has none.
        origin = high if low is None else low
        if origin is not None and abs(piece.slope * origin) <= _FAR:
            constant -= share * piece.slope * origin
            origin = None
        ramps.append(Ramp(*(None if end is None else _number(end) for end in (low, high, origin)), _number(share * piece.slope)))
    return constant, tuple(ramps) or (Ramp(None, None, None, _number(Fraction(0))),)


def _number(value: Fraction) -> npt.NDArray[np.float64]:
    return np.array(float(value))
