"""Pay by rank among peers: the five definitions of a percentile that contracts use, each fit to a frozen curve."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from fractions import Fraction
from typing import Literal

from attrs import frozen

from perfkit._core.notebook import definition
from perfkit._core.numbers import Number, exact
from perfkit.curves import Curve, Knot
from perfkit.errors import DefinitionError, did_you_mean

Definition = Literal["rank", "rank_among_peers", "position", "percentrank", "share_at_or_below"]
DEFINITIONS: tuple[Definition, ...] = ("rank", "rank_among_peers", "position", "percentrank", "share_at_or_below")


@frozen
class PeerPercentile:
    """Where a result stands among peers, by a stated definition.

    Args:
        definition: with P peers, and n the rank of the result from the top among the peers and itself:
            ``rank``, (N - n) / (N - 1) with N = P + 1;
            ``rank_among_peers``, 1 - (n - 1) / (P - 1), at least 0: the result is not counted in N;
            ``position``, the rank from the bottom over N = P + 1;
            ``percentrank``, the share of the other peers below it, straight between peers, 0 below and 1 above them;
            ``share_at_or_below``, the share of the peers that are not above the result.
        ties: whether a result that ties with peers ranks above them (``favourable``) or below (``unfavourable``).

    Raises:
        DefinitionError: for an unknown definition, or ties of which it knows nothing.

    Example:
        >>> curve = PeerPercentile("rank").fit([10, 20, 30, 40])
        >>> curve(25), curve(40), curve(5)
        (0.5, 1.0, 0.0)
    """

    _repr_html_ = definition

    definition: Definition = "rank"
    ties: Literal["favourable", "unfavourable"] = "favourable"

    def __attrs_post_init__(self) -> None:
        if self.definition not in DEFINITIONS:
            raise DefinitionError(
                f"definition must be one of {', '.join(DEFINITIONS)} (got {self.definition!r})"
                f"{did_you_mean(str(self.definition), DEFINITIONS)}",
                path="definition",
            )
        if self.ties not in ("favourable", "unfavourable"):
            raise DefinitionError(f"ties must be favourable or unfavourable (got {self.ties!r})", path="ties")

    def fit(self, peers: Iterable[Number]) -> Curve:
        """The curve from a result to its percentile, 0 to 1, among given peers.

        Raises:
            DefinitionError: for too few peers: one, or two where the definition divides by their number less one.
        """
        values = sorted(exact(peer, what="a peer's result") for peer in peers)
        needed = 2 if self.definition in ("rank_among_peers", "percentrank") else 1
        if len(values) < needed:
            raise DefinitionError(
                f"{self.definition!r} needs at least {needed} peers (got {len(values)})", path="peers"
            )
        places = sorted(set(values))
        if self.definition == "percentrank":
            points = [(place, Fraction(bisect_left(values, place), len(values) - 1)) for place in places]
            return Curve.through(*points, below=0, above=1)
        count = len(values)
        knots = []
        for place in places:
            above = count - bisect_right(values, place)
            tied = count - bisect_left(values, place) - above
            ranked = above if self.ties == "favourable" or self.definition == "share_at_or_below" else above + tied
            knots.append(Knot(place, self._of(above + tied, count), self._of(ranked, count), self._of(above, count)))
        return Curve(knots)

    def _of(self, above: int, peers: int) -> Fraction:
        """The percentile of a result with so many peers above it."""
        if self.definition == "rank_among_peers":
            return max(1 - Fraction(above, peers - 1), Fraction(0))
        if self.definition == "position":
            return Fraction(peers - above + 1, peers + 1)
        return Fraction(peers - above, peers)
