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
    terms,
    view,
)
from perfkit._core.numbers import decimal_text, round_decimal
from perfkit.errors import PerfkitError
from perfkit.money import DECIMALS, Money, minor_per_major

if TYPE_CHECKING:
    from perfkit._incentives.ledger import Ledger
    from perfkit._incentives.plan import IncentivePlan, Payout, Payouts, TimelinePayout
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
