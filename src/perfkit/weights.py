"""Weights: shares that add up to one and remember where they came from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction

from attrs import field, frozen

from perfkit._core.notebook import Markup, bar, grid, heading, left_out, view
from perfkit._core.numbers import Number, decimal_text, exact, plain
from perfkit.errors import DefinitionError

_ROWS = 100


def _pairs(weights: Mapping[str, Number] | Iterable[tuple[str, Number]]) -> tuple[tuple[str, Fraction], ...]:
    try:
        pairs = [(str(name), weight) for name, weight in (weights.items() if isinstance(weights, Mapping) else weights)]
    except (TypeError, ValueError) as error:
        raise DefinitionError(f"weights must be a mapping from name to weight (got {weights!r})") from error
    return tuple((name, exact(weight, what=f"the weight of {name!r}", path=name)) for name, weight in pairs)


@frozen(repr=False, eq=False)
class Weights(Mapping[str, Fraction]):
    """A mapping from name to share: positive, adding up to one exactly, with its source.

    Args:
        given: each name with its weight, in any unit; positive.
        source: how the weights came about, such as ``given`` or ``equal``.

    Raises:
        DefinitionError: for no weights, names used twice, or weights that are not positive.

    Example:
        >>> weights = Weights({"revenue": 80, "churn": 20})
        >>> weights["revenue"], weights.source
        (Fraction(4, 5), 'given')
    """

    given: tuple[tuple[str, Fraction], ...] = field(converter=_pairs)
    source: str = "given"

    def __attrs_post_init__(self) -> None:
        if not self.given:
            raise DefinitionError("weights must name at least one thing (got none)")
        names = [name for name, _ in self.given]
        if len(set(names)) < len(names):
            raise DefinitionError(f"weights must name each thing once (got {', '.join(names)})")
        bad = [f"{name!r} has {plain(weight)}" for name, weight in self.given if weight <= 0]
        if bad:
            raise DefinitionError(f"weights must be positive: {', '.join(bad)}", problems=bad)

    @classmethod
    def equal(cls, names: Iterable[str]) -> Weights:
        """The same weight for each name.

        Example:
            >>> dict(Weights.equal(["revenue", "churn"]))
            {'revenue': Fraction(1, 2), 'churn': Fraction(1, 2)}
        """
        return cls([(name, 1) for name in names], "equal")

    def __getitem__(self, name: str) -> Fraction:
        for known, weight in self.given:
            if known == name:
                return weight / sum(weight for _, weight in self.given)
        raise KeyError(name)

    def __iter__(self) -> Iterator[str]:
        return (name for name, _ in self.given)

    def __len__(self) -> int:
        return len(self.given)

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Weights):
            return (self.given, self.source) == (other.given, other.source)
        return isinstance(other, Mapping) and dict(self) == dict(other)

    def __hash__(self) -> int:
        return hash(frozenset(self.items()))

    def __repr__(self) -> str:
        shares = ", ".join(f"{name} {float(self[name]):.4g}" for name in self)
        return f"<Weights, {self.source}: {shares}>"

    def _repr_html_(self) -> str:
        rows = [
            (name, decimal_text(weight), Markup(f"{bar(float(self[name]))} {100 * float(self[name]):.1f} %"))
            for name, weight in self.given[:_ROWS]
        ]
        return view(
            heading("weights", self.source),
            grid(("", "given", "share"), rows, left=(0, 2), more=left_out(len(self), _ROWS)),
        )
