"""Best-worst method: the best thing compared with all others, and all others with the worst (Rezaei 2015, 2016)."""

from __future__ import annotations

import math
from collections.abc import Mapping
from fractions import Fraction
from typing import Literal, NamedTuple

from perfkit._core.checks import one_of, text
from perfkit._core.numbers import Number, exact, plain
from perfkit._weights.found import Facts, Found, figure, shares_of, shares_on_grid
from perfkit._weights.linear_program import Dictionary
from perfkit.errors import DefinitionError, did_you_mean

BestWorstModel = Literal["linear", "min_max"]
Vector = Mapping[str, Number]


class BestWorst(NamedTuple):
    """Judgements of a best and a worst thing.

    Attributes:
        best: the name of the best.
        worst: the name of the worst.
        over: how many times as important as each other name the best is.
        above: how many times as important as the worst each other name is.
        span: how many times as important as the worst the best is.
    """

    best: str
    worst: str
    over: dict[str, Fraction]
    above: dict[str, Fraction]
    span: Fraction

    @property
    def between(self) -> list[str]:
        """The names that are neither."""
        return list(self.over)


def best_worst(
    best: str, worst: str, best_to_others: Vector, others_to_worst: Vector, model: BestWorstModel = "linear"
) -> Found:
    """Weights from a best and a worst thing; see ``Weights.best_worst``."""
    one_of(model, ("linear", "min_max"), "model")
    read, order = _read(best, worst, best_to_others, others_to_worst)
    deviation, bounds, is_exact = _linear(read, order) if model == "linear" else _min_max(read, order)
    middles = {name: (Fraction(low) + Fraction(high)) / 2 for name, (low, high) in bounds.items()}
    shares = shares_of(middles) if is_exact else shares_on_grid(middles)
    inputs: Facts = (
        ("best", best),
        ("worst", worst),
        ("best_to_others", tuple({**read.over, worst: read.span}.items())),
        ("others_to_worst", tuple({best: read.span, **read.above}.items())),
    )
    source = "best-worst, linear" if model == "linear" else "best-worst, min-max ratio"
    return Found(shares, source, inputs, _quality(read, model, deviation, bounds))


def _quality(
    read: BestWorst, model: BestWorstModel, deviation: Fraction | float, bounds: Mapping[str, tuple[Number, Number]]
) -> Facts:
    facts: list[tuple[str, object]] = [("deviation", figure(Fraction(deviation)))]
    if model == "min_max":
        # Rezaei 2015: the largest deviation that a span allows solves x^2 - (1 + 2a)x + (a^2 - a) = 0.
        span = float(read.span)
        index = ((1 + 2 * span) - math.sqrt(1 + 8 * span)) / 2
        facts += [
            ("consistency_ratio", figure(float(deviation) / index) if index > 0 else 0.0),
            ("consistency_index", "rezaei_2015"),
        ]
    off = {name: abs(read.over[name] * read.above[name] - read.span) for name in read.between}
    allowed = read.span * read.span - read.span
    input_based = max(off.values(), default=Fraction(0)) / allowed if allowed else Fraction(0)
    facts.append(("input_consistency_ratio", figure(input_based)))
    if any(off.values()):
        furthest = min(off, key=lambda name: (-off[name], name))
        facts += [
            ("worst_judgement", furthest),
            ("worst_judgement_product", read.over[furthest] * read.above[furthest]),
            ("product_wanted", read.span),
        ]
    if any(high != low for low, high in bounds.values()):
        ends = tuple((name, (figure(Fraction(low)), figure(Fraction(high)))) for name, (low, high) in bounds.items())
        facts.append(("bounds", ends))
    return tuple(facts)


def _linear(read: BestWorst, order: list[str]) -> tuple[Fraction, dict[str, tuple[Fraction, Fraction]], bool]:
    """The weights with the least largest ``|w_best - a w_j|`` and ``|w_j - a w_worst|``, exactly.

    Where several weights are as good, each weight's least and greatest value among them is found.
    """
    n = len(order)
    place = {name: position for position, name in enumerate(order)}
    best, worst = place[read.best], place[read.worst]
    pairs = [(best, place[name], factor) for name, factor in {**read.over, read.worst: read.span}.items()]
    pairs += [(place[name], worst, factor) for name, factor in read.above.items()]
    zero, one = Fraction(0), Fraction(1)
    # Variables are the weights but that of the best, which is one minus the others, and last the deviation.
    others = [position for position in range(n) if position != best]
    variable = {position: index for index, position in enumerate(others)}
    rows, constants = [], []
    for left, right, factor in pairs:
        line, constant = [zero] * n, zero
        for position, weight in ((left, one), (right, -factor)):
            if position == best:
                constant -= weight
                line = [value - weight if index < n - 1 else value for index, value in enumerate(line)]
            else:
                line[variable[position]] += weight
        for sign in (1, -1):
            rows.append([sign * value for value in line[:-1]] + [-one])
            constants.append(sign * constant)
    rows.append([one] * (n - 1) + [zero])
    constants.append(one)
    program = Dictionary(rows, constants, n)
    program.make_feasible(n - 1)
    deviation = program.minimise({n - 1: one})
    frozen = {index for index, cost in program.costs({n - 1: one}).items() if cost > 0}
    bounds = {}
    for name in order:
        if place[name] == best:
            whole = dict.fromkeys(range(n - 1), one)
            high = 1 - program.minimise(whole, frozen)
            low = 1 + program.minimise(dict.fromkeys(whole, -one), frozen)
        else:
            index = variable[place[name]]
            low = program.minimise({index: one}, frozen)
            high = -program.minimise({index: -one}, frozen)
        bounds[name] = (low, high)
    return deviation, bounds, True


def _min_max(read: BestWorst, order: list[str]) -> tuple[float, dict[str, tuple[float, float]], bool]:
    """The weights with the least largest ``|w_best / w_j - a|`` and ``|w_j / w_worst - a|``.

    With t = w_best / w_worst, a name between them allows t from ``(a_jW - x)(a_Bj - x)`` to ``(a_jW + x)(a_Bj + x)``,
    and the span itself from ``a_BW - x`` to ``a_BW + x``; x is the least for which all of them have a t in common, in
    closed form for each two of them. The weights of the others are then free within bounds (Rezaei 2016).
    """
    between = [(float(read.over[name]), float(read.above[name])) for name in read.between]
    span = float(read.span)
    x = 0.0
    for p, s in ((over * above, over + above) for over, above in between):
        # The lower end of one name against the upper end of another, then against those of the span.
        x = max([x, *((p - over * above) / (s + over + above) for over, above in between)])
        if p > span:
            x = max(x, ((s + 1) - math.sqrt((s + 1) ** 2 - 4 * (p - span))) / 2)
        elif p < span:
            x = max(x, (math.sqrt((s + 1) ** 2 + 4 * (span - p)) - (s + 1)) / 2)
    low_t = max([span - x, *((above - x) * (over - x) for over, above in between if min(over, above) > x)])
    high_t = min([span + x, *((above + x) * (over + x) for over, above in between)])
    t = (low_t + high_t) / 2
    ratios = {read.worst: (1.0, 1.0), read.best: (t, t)}
    for name, (over, above) in zip(read.between, between, strict=True):
        low = max(above - x, t / (over + x))
        high = min(above + x, t / (over - x)) if over > x else above + x
        # Where they meet, only the last bits tell them apart.
        ratios[name] = (low, high) if high - low > 1e-12 * high else ((low + high) / 2,) * 2
    bounds = {}
    for name in order:
        low, high = ratios[name]
        lows = math.fsum(ratios[other][0] for other in order if other != name)
        highs = math.fsum(ratios[other][1] for other in order if other != name)
        bounds[name] = (low / (low + highs), high / (high + lows))
    return x, bounds, False


def _read(best: str, worst: str, best_to_others: Vector, others_to_worst: Vector) -> tuple[BestWorst, list[str]]:
    text(best)
    text(worst)
    if best == worst:
        raise DefinitionError(
            f"best and worst must differ (got {best!r} for both); with no difference use equal weights"
        )
    problems: list[str] = []
    over = _vector(best_to_others, "best_to_others", problems)
    above = _vector(others_to_worst, "others_to_worst", problems)
    for given, own, what in ((over, best, "best_to_others"), (above, worst, "others_to_worst")):
        if given.pop(own, 1) != 1:
            problems.append(f"{what} compares {own!r} with itself, which must be 1")
    spans = [value for value in (over.pop(worst, None), above.pop(best, None)) if value is not None]
    if not spans:
        problems.append(f"{best!r} is not compared with {worst!r}: give {worst!r} in best_to_others")
    elif len(set(spans)) > 1:
        told = " and ".join(str(plain(value)) for value in spans)
        problems.append(f"{best!r} over {worst!r} is both {told}; give it once")
    problems += [
        f"{name!r} is not compared with the worst{did_you_mean(name, above)}" for name in over if name not in above
    ]
    problems += [
        f"the best is not compared with {name!r}{did_you_mean(name, over)}" for name in above if name not in over
    ]
    if problems:
        raise DefinitionError(f"best-worst judgements do not hold together: {'; '.join(problems)}", problems=problems)
    order = list(dict.fromkeys([best, *best_to_others, *others_to_worst, worst]))
    return BestWorst(best, worst, over, {name: above[name] for name in over}, spans[0]), order


def _vector(given: Vector, what: str, problems: list[str]) -> dict[str, Fraction]:
    if not isinstance(given, Mapping):
        raise DefinitionError(f"{what} must be a mapping from name to how many times (got {given!r})", path=what)
    read = {}
    for name, value in given.items():
        read[text(name)] = exact(value, what=f"{what} of {name!r}", path=what)
        if not 1 <= read[name] <= 1000:
            problems.append(f"{what} of {name!r} must be from 1 (as important) to 1,000 (got {plain(read[name])})")
    return read
