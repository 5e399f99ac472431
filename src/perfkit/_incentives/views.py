"""Plans, payouts, timelines and ledgers as a notebook shows them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np

from perfkit._core.notebook import (
    Markup,
    bar,
    count,
    distribution,
    facts,
    failed,
    grid,
    heading,
    in_words,
    indented,
    kind_of,
    left_out,
    shown,
    terms,
    view,
)
from perfkit._core.numbers import decimal_text, round_decimal
from perfkit.errors import PerfkitError
from perfkit.money import DECIMALS, Money, minor_per_major

if TYPE_CHECKING:
    from perfkit._incentives.ledger import Ledger
    from perfkit._incentives.outcomes import Outcome, Outcomes
    from perfkit._incentives.payouts import Payout, Payouts, SegmentPayout, TimelinePayout
    from perfkit._incentives.plan import IncentivePlan
    from perfkit._incentives.simulation import Simulation
    from perfkit._incentives.timeline import Timeline

_ROWS, _LINES = 10, 200


def plan_html(plan: IncentivePlan) -> str:
    """The lines of a plan, in the order in which they pay."""
    rows = [
        *_lines("pays", plan.pays, 0),
        *_lines("then", plan.then, 0),
        *_lines("carry", plan.carry, 0),
    ]
    more = left_out(len(rows), _LINES)
    notes = [plan.currency, *(" ".join(pair) for pair in terms(plan, "name", "currency", "pays", "then", "carry"))]
    reads = ", ".join(dict.fromkeys(need.name for need in plan.needs()))
    return view(
        heading(plan.name, *notes),
        grid(("", "line", "kind", "terms"), rows[:_LINES], left=(0, 1, 2, 3), wide=(3,), more=more),
        facts([("reads", reads)] if reads else []),
    )


def _lines(part: str, members: Iterable[Any], level: int) -> list[tuple[object, ...]]:
    rows: list[tuple[object, ...]] = []
    for place, member in enumerate(members):
        has_terms = hasattr(type(member), "__attrs_attrs__")
        said = ", ".join(" ".join(pair) for pair in terms(member, "name", "pays", "then")) if has_terms else ""
        rows.append((part if place == 0 and not level else "", indented(member.name, level), kind_of(member), said))
        rows += _lines("", getattr(member, "pays", ()), level + 1)
        rows += _lines("", getattr(member, "then", ()), level + 1)
    return rows


def payouts_html(payouts: Payouts) -> str:
    """What is paid in all, how it is distributed, and the first of them."""
    minor, n, currency = payouts.minor, len(payouts), payouts.plan.currency
    scale = minor_per_major(currency)

    def whole(value: float) -> str:
        return f"{decimal_text(round_decimal(value, 0))} {currency}"

    def typical(value: float) -> str:
        return f"{decimal_text(round_decimal(value / scale, DECIMALS[currency]), DECIMALS[currency])} {currency}"

    told_of: list[tuple[str, object]] = [("total", Markup(f"<b>{payouts.total}</b>"))]
    if n:
        told_of.append(
            ("lowest, median, highest", ", ".join(typical(float(f(minor))) for f in (np.min, np.median, np.max)))
        )
        unpaid = int(np.count_nonzero(minor == 0))
        told_of += [("paid nothing", count(unpaid, "row"))] if unpaid else []
    accounts = list(payouts.balances)
    rows = [
        (
            f"{row:,}",
            Money.from_minor(int(minor[row]), currency),
            *(Money.from_minor(int(payouts.balances[name][row]), currency) for name in accounts),
        )
        for row in range(min(n, _ROWS))
    ]
    return view(
        heading(payouts.plan.name, f"payouts of {count(n, 'row')}"),
        facts(told_of),
        distribution(minor / scale, whole),
        grid(("row", "paid", *accounts), rows, left=(), more=left_out(n, _ROWS)) if n else "",
    )


def payout_html(payout: Payout | TimelinePayout, name: str) -> str:
    """What is paid, and why it is what it is."""
    title = f"{name}: {payout.amount}"
    try:
        explained = payout.explain()
    except PerfkitError as error:
        return failed(title, error)
    return view(heading(title), Markup(explained.html()))


def segment_payout_html(part: SegmentPayout) -> str:
    """What one segment adds, and of what it is a share."""
    segment, payout = part.segment, part.payout
    amount = Money.from_minor(part.minor, payout.amount.currency)
    whole = f"{decimal_text(part.by)} of {decimal_text(part.of)}"
    return view(
        heading(f"{segment.start} to {segment.end}: {amount}"),
        facts([("for the whole period", payout.amount), ("share", whole), *segment.facts]),
    )


def outcomes_html(outcomes: Outcomes) -> str:
    """What happened to how many, why some were held back, and the first of them."""
    n, currency = len(outcomes), outcomes.currency
    codes = outcomes.codes.tolist()
    counts = []
    for code in dict.fromkeys(codes):
        minor = outcomes.minor[outcomes.codes == code]
        paid = "" if currency is None else Money.from_minor(sum(minor.tolist()), currency)
        counts.append((code, f"{len(minor):,}", paid))
    held = [(str(reason), f"{reason.count:,}", "") for reason in outcomes.reasons]
    amounts, known = list(outcomes.amounts), list(outcomes.facts)
    has_amount = currency is not None and bool(outcomes.minor.any())
    names = ["row", "", *(["amount"] if has_amount else []), *(["action"] if outcomes.actions is not None else [])]
    rows: list[list[object]] = []
    for row in range(min(n, _ROWS)):
        one = outcomes[row]
        cells: list[object] = [f"{row:,}", one.code]
        cells += ([one.amount] if has_amount else []) + ([one.action or ""] if outcomes.actions is not None else [])
        cells += [one[name] for name in amounts] + [in_words(one[name]) for name in known]
        rows.append([*cells, "; ".join(str(reason) for reason in one.reasons)])
    header = [*names, *(name.replace("_", " ") for name in (*amounts, *known)), "held back"]
    texts = [1, *([names.index("action")] if "action" in names else []), len(header) - 1]
    total = [] if outcomes.total is None else [("total", Markup(f"<b>{outcomes.total}</b>"))]
    return view(
        heading(outcomes.name, count(n, "row")),
        facts(total),
        grid(("", "rows", ""), [*counts, *held]) if n else "",
        grid(header, rows, left=texts, wide=(len(header) - 1,), more=left_out(n, _ROWS)) if n else "",
    )


def outcome_html(outcome: Outcome, name: str) -> str:
    """What happened to one person, and why."""
    told = [str(part) for part in (outcome.amount, outcome.action) if part is not None]
    title = f"{name}: {', '.join([outcome.code, *told])}"
    try:
        explained = outcome.explain()
    except PerfkitError as error:
        return failed(title, error)
    held = [Markup(f"<p class='d'>{shown(reason)}</p>") for reason in outcome.reasons]
    return view(heading(title), *held, Markup(explained.html()))


def simulation_html(simulation: Simulation, lines: Iterable[tuple[str, str, str]]) -> str:
    """What a plan may cost: the distribution of its total, percentiles, the budget and the people at each level."""
    currency = simulation.currency
    scale = minor_per_major(currency)

    def whole(value: float) -> str:
        return f"{decimal_text(round_decimal(value, 0))} {currency}"

    totals = np.array([float(total) for total in simulation.totals.tolist()])
    people = count(simulation.people, "person", "people")
    return view(
        heading(simulation.name, f"cost in {count(simulation.n, 'scenario')} of {people}", f"seed {simulation.seed}"),
        distribution(totals / scale, whole),
        grid(("", "", ""), list(lines), left=(0, 2)),
    )


def timeline_html(timeline: Timeline) -> str:
    """The segments of a timeline, each where it lies in time, and what holds in it."""
    first, last = timeline.segments[0].start, timeline.segments[-1].end
    days = (last - first).days + 1
    rows = []
    for segment in timeline.segments[:_LINES]:
        plan = [] if segment.plan is None else [f"plan {getattr(segment.plan, 'name', 'another')}"]
        worked = f"{100 * float(segment.working_time):.4g} %"
        said = ", ".join([*(f"{name} {in_words(value)}" for name, value in segment.facts), *plan])
        place = Markup(f"{bar(segment.days / days, (segment.start - first).days / days)}&nbsp;")
        rows.append((segment.start, segment.end, f"{segment.days:,}", place, worked, said))
    gaps = sum((end - start).days + 1 for start, end in timeline.gaps(first, last))
    notes = [count(len(timeline.segments), "segment"), f"{gaps:,} days in no segment" if gaps else ""]
    return view(
        heading(f"{first} to {last}", *notes),
        grid(
            ("from", "to", "days", "", "working time", "facts"),
            rows,
            left=(0, 1, 3, 5),
            wide=(5,),
            more=left_out(len(timeline.segments), _LINES),
        ),
    )


def ledger_html(ledger: Ledger) -> str:
    """What everybody owes and has held, and the first of them by account."""
    # Whom a plan has paid for a period is no amount.
    shown = [(name, balances) for name, balances in ledger.accounts if not name.endswith(".paid")]
    names, currency, n = [name for name, _ in shown], ledger.currency, len(ledger.keys)
    rows = [
        (key, *(Money.from_minor(balances[row], currency) for _, balances in shown))
        for row, key in enumerate(ledger.keys[:_ROWS])
    ]
    return view(
        heading(f"ledger in {currency}", count(n, "person", "people")),
        facts([("owed in all", ledger.total_owed), ("held in all", ledger.total_held)]),
        grid(("", *names), rows, more=left_out(n, _ROWS)) if n and names else "",
    )
