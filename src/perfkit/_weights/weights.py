"""A mapping from name to share, and the methods that give one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction
from functools import cached_property
from typing import Any

from attrs import field, frozen

from perfkit._core.checks import one_of, truth
from perfkit._core.notebook import Markup, bar, grid, heading, left_out, view
from perfkit._core.numbers import Number, decimal_text, exact, plain
from perfkit._weights import ahp as _ahp
from perfkit._weights import best_worst as _best_worst
from perfkit._weights import combination as _combination
from perfkit._weights import group as _group
from perfkit._weights import learned as _learned
from perfkit._weights import points as _points
from perfkit._weights import rank_order as _rank_order
from perfkit._weights.ahp import PairwiseMethod
from perfkit._weights.best_worst import BestWorstModel
from perfkit._weights.combination import CombinationRule, Mean
from perfkit._weights.explanation import by_name, explanation, frozen_facts, part_of
from perfkit._weights.found import Facts, Found, Pairs, distinct, shares_of
from perfkit._weights.group import Aggregate
from perfkit._weights.points import Ranges
from perfkit._weights.random_index import RandomIndex
from perfkit._weights.rank_order import RankRule
from perfkit.errors import DefinitionError
from perfkit.explain import Explanation

AnyWeights = Mapping[str, Number]
# What the level above the others is kept under, where no name can be.
_TOP = ""

_ROWS = 100


def _pairs(weights: Mapping[str, Number] | Iterable[tuple[str, Number]]) -> tuple[tuple[str, Fraction], ...]:
    try:
        pairs = [(str(name), weight) for name, weight in (weights.items() if isinstance(weights, Mapping) else weights)]
    except (TypeError, ValueError) as error:
        raise DefinitionError(f"weights must be a mapping from name to weight (got {weights!r})") from error
    return tuple((name, exact(weight, what=f"the weight of {name!r}", path=name)) for name, weight in pairs)


def _parts(parts: Any) -> tuple[tuple[str, Weights], ...]:
    return tuple((str(label), part) for label, part in parts)


@frozen(repr=False, eq=False)
class Weights(Mapping[str, Fraction]):
    """A mapping from name to share: positive, adding up to one exactly, with its source.

    Weights that people were asked for are the default; those learned from data say so wherever they are shown.

    Args:
        given: each name with its weight, in any unit; positive.
        source: how the weights came about, such as ``given`` or ``equal``.
        learned: whether they were learned from data rather than asked for.
        evidence: what they came from, by name; :attr:`inputs` reads it.
        figures: how good they are, by name; :attr:`quality` reads them.
        parts: weights that these are made of, by what they are called.

    Raises:
        DefinitionError: for no weights, names used twice, or weights that are not positive.

    Example:
        >>> weights = Weights({"revenue": 80, "churn": 20})
        >>> weights["revenue"], weights.source
        (Fraction(4, 5), 'given')
    """

    given: tuple[tuple[str, Fraction], ...] = field(converter=_pairs)
    source: str = "given"
    learned: bool = field(default=False, converter=truth, kw_only=True)
    evidence: Facts = field(default=(), converter=frozen_facts, kw_only=True)
    figures: Facts = field(default=(), converter=frozen_facts, kw_only=True)
    parts: tuple[tuple[str, Weights], ...] = field(default=(), converter=_parts, kw_only=True)

    def __attrs_post_init__(self) -> None:
        if not self.given:
            raise DefinitionError("weights must name at least one thing (got none)")
        names = [name for name, _ in self.given]
        if len(set(names)) < len(names):
            raise DefinitionError(f"weights must name each thing once (got {', '.join(names)})")
        bad = [f"{name!r} has {plain(weight)}" for name, weight in self.given if weight <= 0]
        if bad:
            everywhere = "; there are zero weights everywhere" if not any(w for _, w in self.given) else ""
            raise DefinitionError(f"weights must be positive: {', '.join(bad)}{everywhere}", problems=bad)

    @classmethod
    def _of(cls, found: Found) -> Weights:
        return cls(
            found.shares,
            found.source,
            learned=found.learned,
            evidence=found.inputs,
            figures=found.quality,
            parts=[(label, cls._of(part)) for label, part in found.parts],
        )

    @classmethod
    def equal(cls, names: Iterable[str]) -> Weights:
        """The same weight for each name: what to start from where nobody can say more.

        Example:
            >>> dict(Weights.equal(["revenue", "churn"]))
            {'revenue': Fraction(1, 2), 'churn': Fraction(1, 2)}
        """
        return cls([(name, 1) for name in distinct(names)], "equal")

    @classmethod
    def rank_order(
        cls, ranking: Iterable[str | Iterable[str]], rule: RankRule = "centroid", *, exponent: Number | None = None
    ) -> Weights:
        """Weights from a ranking alone, the most important first; exact.

        Args:
            ranking: names; those in an inner list are tied, and share what their ranks come to.
            rule: ``centroid``, the middle of all weights of that order (Barron & Barrett 1996); ``sum``,
                ``reciprocal`` or ``exponent`` of the ranks (Stillwell, Seaver & Edwards 1981).
            exponent: of the rank for ``rule="exponent"``: 0 is equal weights, 1 the rank sum.

        Returns:
            weights whose quality is ``largest_shift``, the most weight that would lie elsewhere in any other weights
            of the same order, and the ``bounds`` of each weight among them.

        Example:
            >>> weights = Weights.rank_order(["revenue", "churn", "csat"])
            >>> weights
            <Weights, rank-order centroid: revenue 0.6111, churn 0.2778, csat 0.1111>
            >>> weights.quality["largest_shift"]
            0.388888889
        """
        return cls._of(_rank_order.rank_order(ranking, rule, exponent))

    @classmethod
    def smarter(cls, ranking: Iterable[str | Iterable[str]], *, ranges: Ranges | None = None) -> Weights:
        """SMARTER (Edwards & Barron 1994): rank what each swing from worst to best is worth, and take the centroid.

        Args:
            ranking: names, that with the most valuable swing first.
            ranges: the worst and the best level of each, as they were put to whoever judged; kept.

        Example:
            >>> Weights.smarter(["revenue", "churn"], ranges={"revenue": (0.8, 1.2), "churn": (0.08, 0.03)})
            <Weights, SMARTER, rank-order centroid of swings: revenue 0.75, churn 0.25>
        """
        groups = _rank_order.tied_groups(ranking)
        stored = _points.stored_ranges(ranges, [name for group in groups for name in group])
        return cls._of(_rank_order.smarter(groups, stored))

    @classmethod
    def swing(cls, points: AnyWeights, *, ranges: Ranges | None = None, most: Number = 100) -> Weights:
        """Swing weights (von Winterfeldt & Edwards 1986): points for going from the worst to the best level of each.

        Args:
            points: of each name; the most valuable swing has ``most``, the others their part of that.
            ranges: the worst and the best level of each, as they were put to whoever judged; kept.
            most: the points of the most valuable swing.

        Returns:
            weights whose quality is the ``step`` in which points were given, and the most that any weight changes when
            one judgement is ``half_a_step_off``.

        Example:
            >>> Weights.swing({"revenue": 100, "churn": 60, "csat": 40}).quality
            {'step': 20, 'half_a_step_off': 0.042105263}
        """
        return cls._of(_points.swing(points, ranges, most))

    @classmethod
    def points(cls, points: AnyWeights, *, total: Number = 100) -> Weights:
        """Point allocation: a budget of points, shared out; one that is not spent exactly is refused.

        Returns:
            weights with the quality of :meth:`swing`.

        Example:
            >>> Weights.points({"revenue": 60, "churn": 30, "csat": 10})["churn"]
            Fraction(3, 10)
        """
        return cls._of(_points.point_allocation(points, total))

    @classmethod
    def ahp(
        cls,
        comparisons: Any,
        *,
        names: Iterable[str] | None = None,
        method: PairwiseMethod = "eigenvector",
        random_index: RandomIndex = "saaty_1980",
        limit: Number | None = None,
    ) -> Weights:
        """Weights from comparisons of pairs (Saaty 1980): how many times as important one is as the other.

        Args:
            comparisons: ``{("revenue", "churn"): 3}``, triples, or a square matrix with ``names``. A pair is given
                once; the other way round is its reciprocal. Pairs may be left out (NaN or None in a matrix) as long as
                all names are linked: then the weights are those of the completion with the least eigenvalue, or of the
                least squares of the logarithms with ``geometric_mean`` (Bozoki, Fulop & Ronyai 2010).
            names: their order; that of the first mention when not given.
            method: ``eigenvector`` or ``geometric_mean`` of the rows (Crawford & Williams 1985).
            random_index: the table of the consistency ratio: ``saaty_1980``, ``saaty_2005``, ``donegan_dodd`` or
                ``tummala_ling``. They differ, so the name stands beside the ratio.
            limit: the largest consistency ratio to accept, such as 0.1; any when not given.

        Returns:
            weights whose quality is the ``consistency_ratio`` with its ``random_index``; the ``worst_judgement``, what
            was ``judged``, what the ``others_say`` and the ``consistency_ratio_if_mended``; and the ``worst_triad``.

        Raises:
            DefinitionError: for comparisons that are not positive, not reciprocal, contradict each other or leave
                groups unlinked, all at once; for a ratio above the limit, with the judgement to ask about again.

        Example:
            >>> weights = Weights.ahp({("revenue", "churn"): 3, ("churn", "csat"): 2, ("revenue", "csat"): 5})
            >>> weights
            <Weights, AHP, eigenvector: revenue 0.6483, churn 0.2297, csat 0.122>
            >>> weights.quality["consistency_ratio"], weights.quality["random_index"]
            (0.003184998, 'saaty_1980')
        """
        return cls._of(_ahp.ahp(comparisons, names, method, random_index, limit))

    @classmethod
    def ahp_group(
        cls,
        judges: Mapping[str, Any],
        *,
        aggregate: Aggregate = "judgements",
        portions: AnyWeights | None = None,
        names: Iterable[str] | None = None,
        method: PairwiseMethod = "eigenvector",
        random_index: RandomIndex = "saaty_1980",
    ) -> Weights:
        """Weights from the comparisons of several people, their judgements or their weights put together.

        Args:
            judges: the comparisons of each, as in :meth:`ahp`, by who made them.
            aggregate: ``judgements``, one matrix of geometric means (Aczel & Saaty 1983), where a judge may leave out
                pairs that others judge; or ``priorities``, the geometric mean of everybody's own weights (Forman &
                Peniwati 1998).
            portions: how much each judge counts; alike when not given.
            names: the order of the names; that of the first judge when not given.
            method: as in :meth:`ahp`.
            random_index: as in :meth:`ahp`.

        Returns:
            weights whose ``parts`` are each judge's own, where these link all names, and whose quality is how far they
            lie apart, as in :meth:`panel`; with ``judgements`` also the consistency of what they came to.

        Example:
            >>> group = Weights.ahp_group({"ana": {("revenue", "churn"): 4}, "ben": {("revenue", "churn"): 1}})
            >>> group["revenue"], group.quality["ranges"]["revenue"]
            (Fraction(666666667, 1000000000), (0.5, 0.8))
        """
        return cls._of(_group.ahp_group(judges, aggregate, portions, names, method, random_index))

    @classmethod
    def best_worst(
        cls,
        best: str,
        worst: str,
        best_to_others: AnyWeights,
        others_to_worst: AnyWeights,
        *,
        model: BestWorstModel = "linear",
    ) -> Weights:
        """Best-worst weights: the best compared with all others, and all others with the worst.

        Args:
            best: the most important name.
            worst: the least important name.
            best_to_others: how many times as important as each other name the best is, 1 or more.
            others_to_worst: how many times as important as the worst each other name is, 1 or more.
            model: ``linear`` (Rezaei 2016), solved as a linear program in fractions; or ``min_max`` (Rezaei 2015), the
                least largest deviation of the ratios, in closed form. Where many weights are as good, the middle of
                each one's bounds is taken.

        Returns:
            weights whose quality is the ``deviation`` that is left; the ``input_consistency_ratio`` of the judgements
            (Liang, Brunelli & Rezaei 2020) and the judgement that spoils it; with ``min_max`` the
            ``consistency_ratio`` by the index of Rezaei 2015; and the ``bounds`` of weights that are as good.

        Example:
            >>> weights = Weights.best_worst("csat", "price", {"price": 8, "speed": 2}, {"csat": 8, "speed": 5})
            >>> weights["csat"], weights.quality["deviation"]
            (Fraction(17, 28), 0.035714286)
        """
        return cls._of(_best_worst.best_worst(best, worst, best_to_others, others_to_worst, model))

    # What is learned from data has much in common, and stands in a module of its own.
    entropy = classmethod(_learned.entropy)
    critic = classmethod(_learned.critic)
    standard_deviation = classmethod(_learned.standard_deviation)
    merec = classmethod(_learned.merec)
    cilos = classmethod(_learned.cilos)
    gini = classmethod(_learned.gini)
    principal_components = classmethod(_learned.principal_components)

    @classmethod
    def combined(
        cls,
        parts: Mapping[str, AnyWeights] | list[AnyWeights],
        *,
        portions: AnyWeights | None = None,
        rule: CombinationRule = "linear",
    ) -> Weights:
        """Several weights of the same names in one; learned from data if any of them is.

        Args:
            parts: weights by what to call them, or a list.
            portions: how much each counts; alike when not given.
            rule: ``linear``, the weighted mean, exact; ``product``, exact, which favours what all of them favour; or
                ``geometric``, the weighted geometric mean.

        Returns:
            weights with the ``parts``, whose quality is how far these lie apart, as in :meth:`panel`.

        Example:
            >>> asked, seen = Weights({"a": 3, "b": 1}), Weights.entropy({"a": [1, 2, 3], "b": [1, 1, 7]}, ["a", "b"])
            >>> Weights.combined({"asked": asked, "seen": seen}, portions={"asked": 3, "seen": 1})
            <Weights, linear combination of 2, learned from data: a 0.6059, b 0.3941>
        """
        made = cls._made(_combination.labelled(parts, "parts"))
        shares, inputs, quality = _combination.combination(made, portions, rule)
        return cls._made_of(made, shares, f"{rule} combination of {len(made)}", inputs, quality)

    @classmethod
    def panel(
        cls,
        judges: Mapping[str, AnyWeights] | list[AnyWeights],
        *,
        portions: AnyWeights | None = None,
        mean: Mean = "arithmetic",
    ) -> Weights:
        """The weights of a panel: the mean of its judges' weights, and how far they lie apart.

        Args:
            judges: the weights of each, by who gave them.
            portions: how much each judge counts; alike when not given.
            mean: ``arithmetic``, exact, or ``geometric``.

        Returns:
            weights with the judges' own as ``parts``, whose quality is the ``ranges`` and ``standard_deviations`` of
            each weight, Kendall's ``concordance`` W of their orders (1: all agree), and the judge who is ``furthest``
            with the ``furthest_shift``: how much weight that judge would move.

        Example:
            >>> panel = Weights.panel({"ana": {"a": 3, "b": 1}, "ben": {"a": 1, "b": 1}})
            >>> panel["a"], panel.quality["ranges"]["a"]
            (Fraction(5, 8), (0.5, 0.75))
        """
        one_of(mean, ("arithmetic", "geometric"), "mean")
        made = cls._made(_combination.labelled(judges, "judges"))
        shares, inputs, quality = _combination.combination(
            made, portions, "linear" if mean == "arithmetic" else "geometric"
        )
        told = (("mean", mean), *inputs[1:])
        return cls._made_of(made, shares, f"{mean} mean of {len(made)} judges", told, quality)

    @classmethod
    def hierarchy(cls, top: AnyWeights, within: Mapping[str, AnyWeights]) -> Weights:
        """The weights of the leaves of a hierarchy: the products of shares from the top down, exact.

        Args:
            top: the weights of the sections.
            within: for each section that has parts, their weights; a hierarchy itself where they have parts in turn.

        Returns:
            the weights of the leaves, with those of each level as ``parts``; :meth:`levels` gives every section's and
            leaf's weight among its siblings, which is what a scorecard takes.

        Example:
            >>> tree = Weights.hierarchy({"results": 7, "csat": 3}, {"results": {"revenue": 4, "churn": 1}})
            >>> tree
            <Weights, hierarchy of 2 levels: revenue 0.56, churn 0.14, csat 0.3>
            >>> tree.levels()["revenue"]
            Fraction(4, 5)
        """
        if not isinstance(within, Mapping) or not within:
            raise DefinitionError(f"within must give the weights inside a name of the top (got {within!r})")
        made = cls._made({_TOP: top}) | cls._made(within)
        leaves = _combination.hierarchy(made[_TOP], {name: made[name] for name in within})
        distinct([name for part in made.values() for name in part.levels()], "sections and leaves of a hierarchy")
        depth = 1 + max(part._depth() for name, part in made.items() if name != _TOP)
        return cls._made_of(made, leaves, f"hierarchy of {depth} levels", (), ())

    @classmethod
    def _made(cls, parts: Mapping[str, AnyWeights]) -> dict[str, Weights]:
        return {label: part if isinstance(part, Weights) else cls(part) for label, part in parts.items()}

    @classmethod
    def _made_of(
        cls, parts: Mapping[str, Weights], shares: Pairs, source: str, inputs: Facts, quality: Facts
    ) -> Weights:
        learned = any(part.learned for part in parts.values())
        return cls(shares, source, learned=learned, evidence=inputs, figures=quality, parts=tuple(parts.items()))

    def _is_hierarchy(self) -> bool:
        return bool(self.parts) and self.parts[0][0] == _TOP

    def _depth(self) -> int:
        return 1 + max(part._depth() for _, part in self.parts[1:]) if self._is_hierarchy() else 1

    @property
    def inputs(self) -> dict[str, Any]:
        """What the weights came from, by name: judgements, rows, ranges, directions."""
        return by_name(self.evidence)

    @property
    def quality(self) -> dict[str, Any]:
        """How good the weights are, by name; which figures there are depends on the method."""
        return by_name(self.figures)

    @property
    def effective_number(self) -> Fraction:
        """How many equal weights would be as concentrated: one over the sum of the squares; from 1 to ``len``.

        Example:
            >>> float(Weights({"revenue": 80, "churn": 10, "csat": 10}).effective_number)
            1.5151515151515151
        """
        return 1 / sum((share * share for share in self.values()), Fraction(0))

    def levels(self) -> dict[str, Fraction]:
        """The weight of each section and leaf among its siblings; without a hierarchy, the shares themselves.

        ``card.weighted(weights)`` takes these, so every level of the scorecard is weighted.
        """
        if not self._is_hierarchy():
            return dict(self)
        return {name: share for _, part in self.parts for name, share in part.levels().items()}

    def sources(self) -> dict[str, tuple[str, bool]]:
        """The method behind the weight of each section and leaf, and whether it learned from data."""
        if not self._is_hierarchy():
            return dict.fromkeys(self, (self.source, self.learned))
        return {name: source for _, part in self.parts for name, source in part.sources().items()}

    def explain(self) -> Explanation:
        """Why the weights are what they are: shares, quality, inputs, and the weights that they are made of."""
        parts = [part_of(label, part.explain()) for label, part in self.parts]
        shares = tuple(self.items())
        return explanation(shares, self.source, self.evidence, self.figures, parts, learned=self.learned)

    @cached_property
    def _shares(self) -> dict[str, Fraction]:
        return dict(shares_of(dict(self.given)))

    def __getitem__(self, name: str) -> Fraction:
        return self._shares[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._shares)

    def __len__(self) -> int:
        return len(self.given)

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Weights):
            return self._all() == other._all()
        return isinstance(other, Mapping) and dict(self) == dict(other)

    def _all(self) -> tuple[Any, ...]:
        return self.given, self.source, self.learned, self.evidence, self.figures, self.parts

    def __hash__(self) -> int:
        return hash(frozenset(self.items()))

    def __repr__(self) -> str:
        shares = ", ".join(f"{name} {float(self[name]):.4g}" for name in self)
        learned = ", learned from data" if self.learned else ""
        return f"<Weights, {self.source}{learned}: {shares}>"

    def _repr_html_(self) -> str:
        rows = [
            (name, decimal_text(weight), Markup(f"{bar(float(self[name]))} {100 * float(self[name]):.1f} %"))
            for name, weight in self.given[:_ROWS]
        ]
        return view(
            heading("weights", self.source, "learned from data" if self.learned else ""),
            grid(("", "given", "share"), rows, left=(0, 2), more=left_out(len(self), _ROWS)),
        )
