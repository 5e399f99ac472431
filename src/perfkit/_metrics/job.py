"""A job and its duties, and how well a scorecard measures them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction
from typing import Any

from attrs import field, frozen

from perfkit._core.checks import several, text
from perfkit._core.notebook import definition
from perfkit._core.numbers import Number, exact, plain
from perfkit._metrics.scorecard import Scorecard
from perfkit._metrics.views import duty_coverage_html, learned_line
from perfkit.errors import DefinitionError, did_you_mean


def _duties(given: Any) -> tuple[tuple[str, Fraction], ...]:
    try:
        pairs = tuple(
            (name, importance) for name, importance in (given.items() if isinstance(given, Mapping) else given)
        )
    except (TypeError, ValueError) as error:
        raise DefinitionError(
            f"duties must be a mapping from duty to importance (got {given!r})", path="duties"
        ) from error
    return tuple(
        (text(name), exact(importance, what=f"the importance of {name!r}", path="duties")) for name, importance in pairs
    )


@frozen
class Job:
    """What somebody is responsible for: duties, and how important each is.

    A metric names the duties that it measures with ``duties=``.

    Args:
        name: of the job.
        duties: each duty with its importance, relative to the others; positive.

    Raises:
        DefinitionError: for no duties, duties named twice, or an importance that is not positive.

    Example:
        >>> from perfkit import Metric, Scorecard
        >>> job = Job("account executive", {"win customers": 50, "keep customers": 30, "forecast": 20})
        >>> card = Scorecard("account executive", [
        ...     Metric("bookings", weight=70, duties=["win customers"]),
        ...     Metric("churn", weight=20, target=0.05, lower_is_better=True, duties=["keep customers"]),
        ...     Metric("calls", weight=10),
        ... ])
        >>> print(job.coverage(card))
        duty            importance  weight    gap  metrics
        win customers         50 %    70 %  +20 %  bookings
        keep customers        30 %    20 %  -10 %  churn
        forecast              20 %     0 %  -20 %  none
        (no duty)              0 %    10 %  +10 %  calls
    """

    _repr_html_ = definition

    name: str = field(converter=text)
    duties: tuple[tuple[str, Fraction], ...] = field(converter=_duties)

    def __attrs_post_init__(self) -> None:
        if not self.duties:
            raise DefinitionError(f"{self.name!r} must have at least one duty", path="duties")
        names = [name for name, _ in self.duties]
        twice = next((name for name in names if names.count(name) > 1), None)
        if twice is not None:
            raise DefinitionError(f"duties of a job must differ (got {twice!r} twice)", path="duties")
        bad = [f"{name!r} has {plain(importance)}" for name, importance in self.duties if importance <= 0]
        if bad:
            raise DefinitionError(
                f"the importance of a duty must be positive: {', '.join(bad)}", path="duties", problems=bad
            )

    def importance(self) -> dict[str, Fraction]:
        """The share of each duty in the job, adding up to one."""
        whole = sum((importance for _, importance in self.duties), Fraction(0))
        return {name: importance / whole for name, importance in self.duties}

    def coverage(self, card: Scorecard, *, shared_with: Iterable[Job] = ()) -> DutyCoverage:
        """How a scorecard measures the duties of the job: what no metric measures, what is nobody's duty, and the gaps.

        A metric's weight is its share of the whole card; one with several duties is split evenly among them.

        Args:
            card: the scorecard.
            shared_with: other jobs that the card measures too: their duties are known, and what measures them counts
                as theirs.

        Raises:
            DefinitionError: for a metric with a duty that is none of the job, nor of those that share the card.

        Example:
            >>> from perfkit import Metric, Scorecard
            >>> seller, buyer = Job("seller", {"sell": 1}), Job("buyer", {"buy": 1})
            >>> card = Scorecard("shop", [Metric("sales", weight=3, duties=["sell"]),
            ...                           Metric("cost", weight=1, target=5, lower_is_better=True, duties=["buy"])])
            >>> print(seller.coverage(card, shared_with=[buyer]))
            duty          importance  weight    gap  metrics
            sell               100 %    75 %  -25 %  sales
            (other jobs)         0 %    25 %  +25 %  cost
        """
        if not isinstance(card, Scorecard):
            raise DefinitionError(f"card must be a Scorecard (got {card!r})", path="card")
        importance = self.importance()
        others = several(shared_with)
        odd = [job for job in others if not isinstance(job, Job)]
        if odd:
            raise DefinitionError(f"shared_with must hold jobs (got {odd[0]!r})", path="shared_with")
        theirs = {duty for job in others for duty, _ in job.duties}
        weights = dict.fromkeys(importance, Fraction(0))
        metrics: dict[str, list[str]] = {name: [] for name in importance}
        loose: list[str] = []
        elsewhere: dict[str, Fraction] = {}
        nominal = card.weights()
        for metric in card.metrics():
            for duty in metric.duties:
                weight = nominal[metric.name] / len(metric.duties)
                if duty in importance:
                    weights[duty] += weight
                    metrics[duty].append(metric.name)
                elif duty in theirs:
                    elsewhere[metric.name] = elsewhere.get(metric.name, Fraction(0)) + weight
                else:
                    raise DefinitionError(
                        f"{metric.name!r} measures {duty!r}, which is no duty of {self.name!r}"
                        f"{did_you_mean(duty, [*importance, *theirs])}; name other jobs that share the card with "
                        "shared_with=",
                        path="duties",
                    )
            if not metric.duties:
                loose.append(metric.name)
        rows = tuple(
            MeasuredDuty(duty, share, weights[duty], tuple(metrics[duty])) for duty, share in importance.items()
        )
        return DutyCoverage(
            rows,
            tuple(loose),
            sum((nominal[name] for name in loose), Fraction(0)),
            tuple(elsewhere),
            sum(elsewhere.values(), Fraction(0)),
            card.learned_weights(),
        )


@frozen
class MeasuredDuty:
    """One duty as a scorecard measures it.

    Attributes:
        duty: its name.
        importance: its share of the job.
        weight: the share of the scorecard that measures it.
        metrics: those that measure it.
    """

    _repr_html_ = definition

    duty: str
    importance: Fraction
    weight: Fraction
    metrics: tuple[str, ...]

    @property
    def gap(self) -> Fraction:
        """The weight less the importance: what is measured too much, or where negative too little."""
        return self.weight - self.importance


@frozen(repr=False)
class DutyCoverage:
    """How a scorecard measures the duties of a job; prints as a table.

    Attributes:
        duties: each with its importance, its weight and its metrics, in the order of the job.
        without_duty: the metrics that measure no duty of the job.
        weight_without_duty: their share of the scorecard.
        of_other_jobs: the metrics that measure duties of the jobs which share the card.
        weight_of_other_jobs: what they count for those.
        learned: the metrics whose weight was learned from data, or that of a section above them.
    """

    duties: tuple[MeasuredDuty, ...]
    without_duty: tuple[str, ...]
    weight_without_duty: Fraction
    of_other_jobs: tuple[str, ...] = ()
    weight_of_other_jobs: Fraction = Fraction(0)
    learned: tuple[str, ...] = ()

    def __iter__(self) -> Iterator[MeasuredDuty]:
        return iter(self.duties)

    @property
    def unmeasured(self) -> tuple[str, ...]:
        """The duties that no metric measures."""
        return tuple(row.duty for row in self.duties if not row.metrics)

    @property
    def covered(self) -> Fraction:
        """The share of the job, by importance, that at least one metric measures."""
        return sum((row.importance for row in self.duties if row.metrics), Fraction(0))

    def misweighted(self, tolerance: Number = Fraction(1, 20)) -> tuple[MeasuredDuty, ...]:
        """The measured duties whose weight differs from their importance by more than a tolerance."""
        limit = exact(tolerance, what="tolerance")
        return tuple(row for row in self.duties if row.metrics and abs(row.gap) > limit)

    def __str__(self) -> str:
        lines = [("duty", "importance", "weight", "gap", "metrics")]
        for row in self.duties:
            listed = ", ".join(row.metrics) or "none"
            lines.append(
                (row.duty, f"{float(row.importance):.0%}", f"{float(row.weight):.0%}", f"{float(row.gap):+.0%}", listed)
            )
        beside = (
            ("(other jobs)", self.weight_of_other_jobs, self.of_other_jobs),
            ("(no duty)", self.weight_without_duty, self.without_duty),
        )
        for what, weight, listed_metrics in beside:
            if listed_metrics:
                share = float(weight)
                lines.append((what, "0%", f"{share:.0%}", f"{share:+.0%}", ", ".join(listed_metrics)))
        spaced = [
            tuple(cell.replace("%", " %") if 0 < i < 4 else cell for i, cell in enumerate(line)) for line in lines
        ]
        widths = [max(len(line[i]) for line in spaced) for i in range(5)]
        table = [
            "  ".join([line[0].ljust(widths[0]), *(line[i].rjust(widths[i]) for i in (1, 2, 3)), line[4]])
            for line in spaced
        ]
        return "\n".join([*table, *learned_line(self.learned)])

    __repr__ = __str__

    def _repr_html_(self) -> str:
        return duty_coverage_html(self)
