"""Discipline by rule: which step an offence leads to, by how often, how grave and how long ago, and after a hearing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from fractions import Fraction
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt
from attrs import field, frozen

from perfkit._core import integers
from perfkit._core.checks import optional_text, several, text, truth
from perfkit._core.columns import Rows, read_rows
from perfkit._core.notebook import definition
from perfkit._core.numbers import Number, exact
from perfkit._core.ratios import Ratios
from perfkit._incentives.cohort import checked_ids, checked_names
from perfkit._incentives.deduction import check_currency
from perfkit._incentives.factors import fitting
from perfkit._incentives.limit import Days, months_after, read_days
from perfkit._incentives.outcomes import Outcomes, Reasons
from perfkit.errors import DataError, DefinitionError, did_you_mean, row_list
from perfkit.explain import Explanation
from perfkit.money import minor_per_major
from perfkit.typing import Need


def _time(value: int | None) -> int | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise DefinitionError(f"a stretch of time must be a whole number from 1 on (got {value!r})")
    return value


def _fine(value: Number) -> Fraction:
    fine = exact(value, what="a fine")
    if not 0 <= fine <= 1:
        raise DefinitionError(f"a fine must be a share of a day's pay, between 0 and 1 (got {value!r})", path="fine")
    return fine


@frozen
class DisciplinaryStep:
    """One rung of a :class:`DisciplinaryLadder`.

    Args:
        name: such as ``written warning``.
        live_days: for how many days it counts, beginning with the day of its effect; for ever when not given.
        live_months: for how many months it counts.
        hearing: whether it needs a hearing, on a day before it takes effect.
        fine: the share of a day's pay that it may cost; taken only by a :class:`Deduct`, within its limits.

    Raises:
        DefinitionError: for days and months at once, or a fine that is no share.

    Example:
        >>> DisciplinaryStep("written warning", live_months=12, hearing=True).fine
        Fraction(0, 1)
    """

    _repr_html_ = definition

    name: str = field(converter=text)
    live_days: int | None = field(default=None, converter=_time, kw_only=True)
    live_months: int | None = field(default=None, converter=_time, kw_only=True)
    hearing: bool = field(default=False, converter=truth, kw_only=True)
    fine: Fraction = field(default=Fraction(0), converter=_fine, kw_only=True)

    def __attrs_post_init__(self) -> None:
        if self.live_days is not None and self.live_months is not None:
            raise DefinitionError(f"step {self.name!r} must be live for days or for months, not both", path="live_days")

    def last_day(self, effective: date) -> date | None:
        """The last day on which it counts; None for ever."""
        if self.live_days is None and self.live_months is None:
            return None
        start: Days = np.array([effective], dtype="datetime64[D]")
        days = start + np.timedelta64(self.live_days or 0, "D")
        end = days if self.live_months is None else months_after(start, self.live_months)
        last: date = (end - np.timedelta64(1, "D")).astype(object)[0]
        return last


def _step_names(steps: str | Iterable[str]) -> tuple[str, ...]:
    return tuple(text(step) for step in several(steps))


@frozen
class Offence:
    """What an offence leads to, the first time, the second, and so on.

    Args:
        name: as incidents name it.
        steps: the step of each occurrence; the last one stands for every further occurrence.
        counted_with: offences of one group count together; by itself when not given.

    Example:
        >>> Offence("lateness", ["verbal warning", "written warning"]).group
        'lateness'
    """

    _repr_html_ = definition

    name: str = field(converter=text)
    steps: tuple[str, ...] = field(converter=_step_names)
    counted_with: str | None = field(default=None, converter=optional_text, kw_only=True)

    def __attrs_post_init__(self) -> None:
        if not self.steps:
            raise DefinitionError(f"offence {self.name!r} must lead to something (got no steps)", path="steps")

    @property
    def group(self) -> str:
        """What it is counted with."""
        return self.counted_with or self.name


@frozen
class Sanction:
    """A step that took effect.

    Args:
        incident: which incident it is for.
        who: whose it is.
        offence: of which kind.
        group: what it is counted with.
        step: which step.
        on: the day of the incident.
        effective: the day from which it counts.
        last: the last day on which it counts; None for ever.
    """

    _repr_html_ = definition

    incident: str
    who: str
    offence: str
    group: str
    step: str
    on: date
    effective: date
    last: date | None = None

    def is_live(self, day: date) -> bool:
        """Whether it counts on a day."""
        return self.effective <= day and (self.last is None or day <= self.last)


def _sanctions(sanctions: Iterable[Sanction]) -> tuple[Sanction, ...]:
    return tuple(sanctions)


@frozen(repr=False)
class DisciplinaryRecord:
    """The sanctions so far, those that have expired included: what a ladder takes, and gives the next of.

    Example:
        >>> DisciplinaryRecord().of("ana")
        ()
    """

    _repr_html_ = definition

    sanctions: tuple[Sanction, ...] = field(default=(), converter=_sanctions)

    def __attrs_post_init__(self) -> None:
        seen: set[str] = set()
        for position, sanction in enumerate(self.sanctions):
            if not isinstance(sanction, Sanction):
                raise DefinitionError(f"a record holds sanctions (got {sanction!r})", path=f"$.sanctions[{position}]")
            if sanction.incident in seen:
                raise DefinitionError(
                    f"an incident must be sanctioned once (got {sanction.incident!r} twice)",
                    path=f"$.sanctions[{position}]",
                )
            seen.add(sanction.incident)

    def of(self, who: str, *, live_on: date | None = None) -> tuple[Sanction, ...]:
        """The sanctions of one person; only those that count on a day where one is given."""
        return tuple(s for s in self.sanctions if s.who == str(who) and (live_on is None or s.is_live(live_on)))

    def without(self, *incidents: Any) -> DisciplinaryRecord:
        """The record without the sanctions of some incidents, where an appeal was upheld.

        Sanctions that counted them keep their steps: decide those incidents again, from the record without them too.

        Raises:
            DataError: for an incident that the record does not have.

        Example:
            >>> warning = Sanction("1", "ana", "x", "x", "note", date(2026, 1, 1), date(2026, 1, 5), date(2026, 4, 4))
            >>> DisciplinaryRecord([warning]).without(1).of("ana")
            ()
        """
        names = {str(incident) for incident in incidents}
        unknown = sorted(names - {sanction.incident for sanction in self.sanctions})
        if unknown:
            raise DataError(f"the record must have every incident that is left out (it has no {', '.join(unknown)})")
        return DisciplinaryRecord([sanction for sanction in self.sanctions if sanction.incident not in names])

    def until(self, keys: Sequence[Any], as_of: date) -> npt.NDArray[np.object_]:
        """The last day of what is live on a day for each person, None for who has nothing: a column to promote by.

        A sanction that counts for ever runs until the last day that there is, 9999-12-31.

        Example:
            >>> warning = Sanction("1", "ana", "x", "x", "note", date(2026, 1, 1), date(2026, 1, 5), date(2026, 4, 4))
            >>> DisciplinaryRecord([warning]).until(["ana", "ben"], date(2026, 2, 1)).tolist()
            [datetime.date(2026, 4, 4), None]
        """
        latest: dict[str, date] = {}
        for sanction in self.sanctions:
            if sanction.is_live(as_of):
                last = sanction.last or date.max
                latest[sanction.who] = max(last, latest.get(sanction.who, last))
        column = np.empty(len(keys), dtype=object)
        column[:] = [latest.get(str(key)) for key in keys]
        return column

    def __repr__(self) -> str:
        people = len({sanction.who for sanction in self.sanctions})
        return f"<DisciplinaryRecord: {len(self.sanctions):,} sanctions of {people:,} people>"


def _steps(steps: Iterable[DisciplinaryStep | str]) -> tuple[DisciplinaryStep, ...]:
    return tuple(DisciplinaryStep(step) if isinstance(step, str) else step for step in several(steps))


def _offences(offences: Any) -> tuple[Offence, ...]:
    if isinstance(offences, Mapping):
        return tuple(Offence(name, steps) for name, steps in offences.items())
    return several(offences)


@frozen
class DisciplinaryLadder:
    """Which step an incident leads to, by rule: by offence and occurrence, severity, expiry, decay and hearing.

    The occurrence is one more than the sanctions of the offence's group that counted on the day of the incident: those
    that had taken effect by then and had not expired. Two incidents before the first warning are two first ones.

    It decides on actions, never on pay. What a step may cost goes through a :class:`Deduct`; what it does to a bonus, a
    :class:`Forfeit` reads from :meth:`standing`. This is no legal advice.

    Args:
        steps: the rungs from the mildest to the gravest; a name stands for a step that counts for ever.
        offences: for each offence its steps by occurrence; a mapping or :class:`Offence` objects.
        decay_days: so many days without a further incident of the group make one occurrence less.
        name: of the ladder.
        who: the column that says who did it.
        incident: the column that tells incidents apart.
        offence: the column of the offence.
        on: the column of the day on which it was done.
        effective: the column of the day from which the step is to count.
        heard: the column of the day of the hearing, None where there was none; read where a step needs one.
        severity: the column of how many occurrences it counts for on top, for grave cases; none when not given.

    Raises:
        DefinitionError: for no steps, or an offence that leads to a step that is none.

    Example:
        >>> ladder = DisciplinaryLadder(
        ...     [DisciplinaryStep("verbal warning", live_days=90), DisciplinaryStep("written warning", hearing=True)],
        ...     {"lateness": ["verbal warning", "written warning"]})
        >>> first = {"incident": [1], "who": ["ana"], "offence": ["lateness"], "on": [date(2026, 3, 2)],
        ...          "effective": [date(2026, 3, 4)], "heard": [None]}
        >>> decided = ladder.decide(first, DisciplinaryRecord())
        >>> decided[0].action, ladder.standing(decided.state, ["ana"], date(2026, 6, 1))
        ('verbal warning', array(['verbal warning'], dtype=object))
        >>> second = {**first, "incident": [2], "on": [date(2026, 4, 1)], "effective": [date(2026, 4, 2)]}
        >>> ladder.decide(second, decided.state)[0]
        <Outcome of 'discipline': blocked, blocked: written warning needs a hearing before 2026-04-02>
    """

    _repr_html_ = definition

    steps: tuple[DisciplinaryStep, ...] = field(converter=_steps)
    offences: tuple[Offence, ...] = field(converter=_offences)
    decay_days: int | None = field(default=None, converter=_time, kw_only=True)
    name: str = field(default="discipline", converter=text, kw_only=True)
    who: str = field(default="who", converter=text, kw_only=True)
    incident: str = field(default="incident", converter=text, kw_only=True)
    offence: str = field(default="offence", converter=text, kw_only=True)
    on: str = field(default="on", converter=text, kw_only=True)
    effective: str = field(default="effective", converter=text, kw_only=True)
    heard: str = field(default="heard", converter=text, kw_only=True)
    severity: str | None = field(default=None, converter=optional_text, kw_only=True)

    def __attrs_post_init__(self) -> None:
        problems = [
            f"{path}[{place}] must be {what} (got {member!r})"
            for path, members, cls, what in (
                ("steps", self.steps, DisciplinaryStep, "a step or its name"),
                ("offences", self.offences, Offence, "an Offence"),
            )
            for place, member in enumerate(members)
            if not isinstance(member, cls)
        ]
        if not problems:
            problems = self._problems()
        if problems:
            raise DefinitionError(f"ladder {self.name!r}: " + "; ".join(problems), problems=problems)

    def _problems(self) -> list[str]:
        names = [step.name for step in self.steps]
        kinds = [offence.name for offence in self.offences]
        problems = []
        for what, listed in (("steps", names), ("offences", kinds)):
            if not listed:
                problems.append(f"{what} must not be empty")
            twice = sorted({one for one in listed if listed.count(one) > 1})
            problems += [f"{what} must differ (got {one!r} twice)" for one in twice]
        for offence in self.offences:
            problems += [
                f"offence {offence.name!r} leads to {step!r}, which is no step{did_you_mean(step, names)}"
                for step in offence.steps
                if step not in names
            ]
        return problems

    def standing(self, record: DisciplinaryRecord, keys: Sequence[Any], as_of: date) -> Any:
        """The gravest live step of each person on a day, ``none`` where there is none: a column to pay by."""
        rank = {step.name: place for place, step in enumerate(self.steps)}
        gravest: dict[str, str] = {}
        for sanction in record.sanctions:
            if sanction.is_live(as_of) and sanction.step in rank:
                now = gravest.get(sanction.who)
                if now is None or rank[sanction.step] > rank[now]:
                    gravest[sanction.who] = sanction.step
        return np.array([gravest.get(str(key), "none") for key in keys], dtype=object)

    def decide(
        self, incidents: Any, record: DisciplinaryRecord, *, daily_pay: str | None = None, currency: str | None = None
    ) -> Outcomes:
        """The step of each incident, and the record with those that take effect.

        Incidents are decided in the order of their days, whatever the order of the rows; an incident that is in the
        record already gives the step that it has, and is not counted again.

        Args:
            incidents: one row an incident.
            record: the sanctions so far; an empty one for the first.
            daily_pay: the column of a day's pay, to give what a step may cost as a column ``fine`` in minor units.
            currency: of that column.

        Returns:
            outcomes with the step as their ``action``, a reason where a hearing is missing or late or where the
            record has a later incident of the same person and group (decide all of them together, oldest first, from
            the record before them), and the new record as their ``state``. ``facts`` has ``occurrence``, ``last_day``
            and ``who``.

        Raises:
            DataError: for an unknown offence, an incident that is there twice, days that do not follow one another.
        """
        if not isinstance(record, DisciplinaryRecord):
            raise DataError(
                f"the history must be a DisciplinaryRecord (got {record!r}); without it a second offence would count "
                "as a first. Where there is none so far, give DisciplinaryRecord()"
            )
        if (daily_pay is None) != (currency is None):
            raise DefinitionError("daily_pay and currency go together: give both or neither", path="daily_pay")
        cases = self._read(incidents, daily_pay, currency)
        self._refuse_other_incidents(cases, record)
        decided: list[dict[str, Any]] = [{}] * len(cases)
        sanctions = list(record.sanctions)
        known = {sanction.incident: sanction for sanction in sanctions}
        history: dict[tuple[str, str], list[Sanction]] = {}
        for sanction in sanctions:
            history.setdefault((sanction.who, sanction.group), []).append(sanction)
        for row in sorted(range(len(cases)), key=lambda row: (cases[row]["on"], cases[row]["incident"])):
            case = cases[row]
            before = history.setdefault((case["who"], case["group"]), [])
            decided[row] = self._decide(case, before, known.get(case["incident"]))
            sanction = decided[row]["sanction"]
            if sanction is not None and case["incident"] not in known:
                before.append(sanction)
                sanctions.append(sanction)
        return self._outcomes(cases, decided, DisciplinaryRecord(sanctions), currency)

    def _refuse_other_incidents(self, cases: list[dict[str, Any]], record: DisciplinaryRecord) -> None:
        known = {sanction.incident: sanction for sanction in record.sanctions}
        rows = []
        for row, case in enumerate(cases):
            before = known.get(case["incident"])
            if before is not None and (before.who, before.offence) != (case["who"], case["offence"]):
                rows.append(row)
        if rows:
            raise DataError(
                f"column {self.incident!r} must not name an incident that the record has for somebody or something else"
                f": {row_list(rows, len(rows))}; give it an id of its own",
                column=self.incident,
                rows=rows,
            )

    def _read(self, incidents: Any, daily_pay: str | None, currency: str | None) -> list[dict[str, Any]]:
        hearings = any(step.hearing for step in self.steps)
        wanted = [self.who, self.incident, self.offence, self.on, self.effective]
        wanted += [name for name in (self.severity, daily_pay, self.heard if hearings else None) if name is not None]
        rows = read_rows(incidents, wanted)
        kinds = {offence.name: offence for offence in self.offences}
        offences = checked_names(rows, self.offence)
        odd = next((name for name in offences if name not in kinds), "")
        known = np.array([name in kinds for name in offences], dtype=np.bool_)
        listed = ", ".join(kinds)
        rows.require(
            known,
            self.offence,
            f"must be one of {listed} (got {odd!r}){did_you_mean(odd, kinds)}",
            "add it to the ladder; nothing is punished that the rules do not name",
        )
        on, effective = read_days(rows, self.on), read_days(rows, self.effective)
        rows.require(effective >= on, self.effective, f"must not be before {self.on!r}", "check the days")
        heard = self._heard(rows, on) if hearings else np.full(rows.n, None)
        columns = {
            "incident": checked_ids(rows, self.incident),
            "who": checked_names(rows, self.who),
            "offence": offences,
            "group": [kinds[name].group for name in offences],
            "steps": [kinds[name].steps for name in offences],
            "on": on.astype(object).tolist(),
            "effective": effective.astype(object).tolist(),
            "heard": heard.tolist(),
            "skipped": self._skipped(rows),
            "daily_pay": self._daily_pay(rows, daily_pay, currency),
        }
        return [dict(zip(columns, cells, strict=True)) for cells in zip(*columns.values(), strict=True)]

    def _heard(self, rows: Rows, on: Days) -> Any:
        there = ~rows.is_missing(self.heard)
        heard = np.full(rows.n, None)
        if there.any():
            which = np.flatnonzero(there)
            days = read_days(rows[which], self.heard)
            rows[which].require(days >= on[which], self.heard, f"must not be before {self.on!r}", "check the days")
            heard[which] = days.astype(object)
        return heard

    def _skipped(self, rows: Rows) -> list[int]:
        if self.severity is None:
            return [0] * rows.n
        seen = rows.complete(self.severity)
        whole = (seen >= 0) & (seen == np.floor(seen))
        rows.require(whole, self.severity, "must be a whole number from 0 on", "0 for a usual case")
        return [int(value) for value in seen.tolist()]

    def _daily_pay(self, rows: Rows, daily_pay: str | None, currency: str | None) -> list[int]:
        if daily_pay is None or currency is None:
            return [0] * rows.n
        minor_per_major(currency)
        check_currency(rows, [Need(daily_pay, "money")], currency)
        pay = rows.money(daily_pay)
        rows.require(pay >= 0, daily_pay, "must not be negative", "check the day's pay")
        return [int(value) for value in pay.tolist()]

    def _decide(self, case: dict[str, Any], before: list[Sanction], known: Sanction | None) -> dict[str, Any]:
        earlier = [s for s in before if s.is_live(case["on"]) and s.incident != case["incident"] and s.on <= case["on"]]
        forgotten = 0
        if self.decay_days is not None and earlier:
            forgotten = min((case["on"] - max(s.on for s in earlier)).days // self.decay_days, len(earlier))
        occurrence = 1 + len(earlier) - forgotten
        place = min(occurrence - 1 + case["skipped"], len(case["steps"]) - 1)
        step = next(step for step in self.steps if step.name == case["steps"][place])
        found = {"earlier": earlier, "forgotten": forgotten, "occurrence": occurrence, "step": step}
        if known is not None:
            step = next((one for one in self.steps if one.name == known.step), step)
            return found | {"code": "decided before", "step": step, "sanction": known}
        # Rows are decided oldest first, so that a later one can only be of the record; it was taken for an earlier one.
        later = [s.on for s in before if s.on > case["on"]]
        if later:
            return found | {"code": "blocked", "sanction": None, "later": max(later)}
        if step.hearing and (case["heard"] is None or case["heard"] >= case["effective"]):
            return found | {"code": "blocked", "sanction": None}
        sanction = Sanction(
            incident=case["incident"],
            who=case["who"],
            offence=case["offence"],
            group=case["group"],
            step=step.name,
            on=case["on"],
            effective=case["effective"],
            last=step.last_day(case["effective"]),
        )
        return found | {"code": "sanctioned", "sanction": sanction}

    def _outcomes(
        self,
        cases: list[dict[str, Any]],
        decided: list[dict[str, Any]],
        record: DisciplinaryRecord,
        currency: str | None,
    ) -> Outcomes:
        def column(values: Iterable[Any]) -> Any:
            listed = list(values)
            made = np.empty(len(listed), dtype=object)
            made[:] = listed
            return made

        late = column(found.get("later") for found in decided)
        out_of_order = np.array([one is not None for one in late], dtype=np.bool_)
        blocked = np.array([found["code"] == "blocked" for found in decided], dtype=np.bool_) & ~out_of_order
        needed = column(found["step"].name for found in decided)
        effective = column(case["effective"] for case in cases)
        sanctions = [found["sanction"] for found in decided]
        fines = Ratios.of_fractions(
            [
                case["daily_pay"] * found["step"].fine if found["sanction"] is not None else Fraction(0)
                for case, found in zip(cases, decided, strict=True)
            ]
        )
        fine = fitting(integers.divide(fines.numerator, fines.denominator, "floor"), currency or "")
        return Outcomes(
            self.name,
            [found["code"] for found in decided],
            actions=[None if one is None else one.step for one in sanctions],
            reasons=[
                Reasons("blocked", "hearing_needed", blocked, {"step": needed, "effective": effective}),
                Reasons("blocked", "out_of_order", out_of_order, {"later": late}),
            ],
            facts={
                "incident": column(case["incident"] for case in cases),
                "who": column(case["who"] for case in cases),
                "occurrence": np.array([found["occurrence"] for found in decided], dtype=np.int64),
                "last_day": column(None if one is None else one.last for one in sanctions),
                **({} if currency is None else {"fine": fine}),
            },
            state=record,
            explain=partial(self._explain, cases, decided),
        )

    def _explain(self, cases: list[dict[str, Any]], decided: list[dict[str, Any]], row: int) -> Explanation:
        case, found = cases[row], decided[row]
        step, effective = found["step"], case["effective"]
        parts = []
        for sanction in found["earlier"]:
            shown = {"offence": sanction.offence, "on": sanction.on, "last": sanction.last or "for ever"}
            parts.append(Explanation("discipline_earlier", sanction.step, params=shown))
        if found["forgotten"]:
            parts.append(Explanation("discipline_decay", -found["forgotten"], params={"days": self.decay_days}))
        if case["skipped"]:
            parts.append(Explanation("discipline_severity", case["skipped"], label=str(self.severity)))
        if "later" in found:
            parts.append(Explanation("out_of_order", None, params={"later": found["later"]}))
        elif step.hearing:
            missing = found["code"] == "blocked"
            code = "hearing_needed" if missing else "hearing_held"
            shown = {"step": step.name, "effective": effective, "heard": case["heard"]}
            parts.append(Explanation(code, None, params=shown))
        shown = {"occurrence": found["occurrence"], "on": case["on"], "who": case["who"]}
        decision = None if found["code"] == "blocked" else step.name
        return Explanation("discipline", decision, label=case["offence"], params=shown, parts=parts)
