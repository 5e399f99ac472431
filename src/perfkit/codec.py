"""A definition is data: to plain dictionaries and back, and a digest that is the same on every machine."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from fractions import Fraction
from functools import lru_cache
from operator import attrgetter
from typing import TYPE_CHECKING, Any

import attrs
import numpy as np

from perfkit._core.numbers import plain
from perfkit._kinds import KINDS
from perfkit.errors import DefinitionError, PerfkitError, did_you_mean
from perfkit.goals import (
    CheckIns,
    Goal,
    GoalTree,
)
from perfkit.money import Money
from perfkit.ratings import RatingScale

if TYPE_CHECKING:
    from cattrs import Converter

SCHEMA = 1

# What is stored with a kind and is no definition.
_VALUES = ("fraction", "date", "mapping")


def to_dict(definition: Any, *, kinds: Mapping[str, type] | None = None) -> dict[str, Any]:
    """A definition as plain data, ready for JSON: every field, each object with its ``kind``.

    Args:
        definition: any definition of perfkit.
        kinds: the attrs classes of your own that it holds, by the kind to store them under.

    Raises:
        DefinitionError: for an object that has no kind.

    Example:
        >>> to_dict(RatingScale("below", solid=0.8))
        {'schema': 1, 'kind': 'rating_scale', 'lowest': 'below', 'floors': [['solid', 0.8]]}
    """
    return {"schema": SCHEMA, **_stored(definition, kinds, short=False)}


def from_dict(data: Mapping[str, Any], *, kinds: Mapping[str, type] | None = None) -> Any:
    """The definition that plain data describe.

    Args:
        data: what :func:`to_dict` gave, possibly through JSON.
        kinds: the attrs classes of your own, by the kind they were stored under.

    Raises:
        DefinitionError: for unknown kinds and fields, missing fields and values that make no definition: all of them
            at once in ``problems``, each with its path.

    Example:
        >>> from_dict({"kind": "rating_scale", "lowest": "below", "floors": [["solid", 0.8]]})
        RatingScale('below', solid=0.8)
    """
    if isinstance(data, Mapping) and data.get("kind") in _VALUES:
        raise DefinitionError(f"a stored definition must be a definition (got a {data['kind']})", path="$.kind")
    if not isinstance(data, Mapping):
        raise DefinitionError(f"a stored definition must be a mapping (got {type(data).__name__})", path="$")
    fields = dict(data)
    schema = fields.pop("schema", SCHEMA)
    if schema != SCHEMA:
        raise DefinitionError(f"schema must be {SCHEMA} (got {schema!r}); it needs another perfkit", path="$.schema")
    known = _all_kinds(kinds)
    converter = _converter(tuple(known.items()), short=False)
    try:
        return _revive(fields, converter, known)
    except PerfkitError as error:
        raise DefinitionError(f"{error} @ $", path="$", problems=[f"{error} @ $"]) from error
    except Exception as error:
        problems = _problems(error)
        raise DefinitionError(
            f"the stored definition has {len(problems)} problem{'s' if len(problems) > 1 else ''}: "
            + "; ".join(problems),
            path=problems[0].rpartition(" @ ")[2],
            problems=problems,
        ) from error


def digest(definition: Any, *, kinds: Mapping[str, type] | None = None) -> str:
    """A fingerprint of a definition: SHA-256 of its canonical JSON, the same on every machine.

    Example:
        >>> digest(RatingScale("below", solid=0.8)) == digest(RatingScale("below", solid=0.80))
        True
    """
    # Fields at their defaults are left out, so that a later version with one more option gives the same digest.
    data = _stored(definition, kinds, short=True)
    text = _canonical({"schema": SCHEMA, **data})
    return hashlib.sha256(text.encode()).hexdigest()


def _canonical(data: Mapping[str, Any]) -> str:
    try:
        return json.dumps(data, sort_keys=True, separators=(",", ":"), allow_nan=False)
    except RecursionError:
        return "".join(_pieces(data))


def _pieces(data: Mapping[str, Any]) -> Iterator[str]:
    """The same text piece by piece, for goals that are nested deeper than an encoder goes."""
    # What is written as it is comes as a text, what is still to be encoded in a list of one.
    waiting: list[str | list[Any]] = [[data]]
    while waiting:
        piece = waiting.pop()
        if isinstance(piece, str):
            yield piece
            continue
        (value,) = piece
        if isinstance(value, Mapping):
            inner: list[str | list[Any]] = ["{"]
            for name, item in sorted(value.items()):
                inner += [f"{',' if len(inner) > 1 else ''}{json.dumps(name)}:", [item]]
            waiting.extend(reversed([*inner, "}"]))
        elif isinstance(value, list):
            inner = ["["]
            for item in value:
                inner += [",", [item]] if len(inner) > 1 else [[item]]
            waiting.extend(reversed([*inner, "]"]))
        else:
            yield json.dumps(value, allow_nan=False)


def _all_kinds(kinds: Mapping[str, type] | None) -> dict[str, type]:
    given = kinds or {}
    if len(set(map(id, given.values()))) < len(given):
        raise DefinitionError("a class must be stored under one kind; kinds= gives one under two")
    for kind, cls in given.items():
        if not isinstance(cls, type):
            raise DefinitionError(f"kind {kind!r} must be an attrs class (got {cls!r})")
        if cls in KINDS.values():
            raise DefinitionError(f"{cls.__name__} is stored by perfkit already; leave it out of kinds=")
        if kind in KINDS or kind in _VALUES:
            raise DefinitionError(f"kind {kind!r} is perfkit's own; store {cls.__name__} under another")
        if not attrs.has(cls):
            raise DefinitionError(f"{cls.__name__} must be an attrs class to be stored")
    return {**KINDS, **(kinds or {})}


def _no_kind(value: Any) -> DefinitionError:
    name = type(value).__name__
    return DefinitionError(f"{name} has no kind to be stored under; give it with kinds={{'a_kind': {name}}}")


def _stored(definition: Any, kinds: Mapping[str, type] | None, short: bool) -> dict[str, Any]:
    known = _all_kinds(kinds)
    if type(definition) not in known.values():
        raise _no_kind(definition)
    data: dict[str, Any] = _converter(tuple(known.items()), short).unstructure(definition)
    return data


@lru_cache(maxsize=32)
def _converter(known: tuple[tuple[str, type], ...], short: bool) -> Converter:
    from cattrs import Converter
    from cattrs.gen import make_dict_structure_fn, make_dict_unstructure_fn, override

    converter = Converter(forbid_extra_keys=True)
    kinds = dict(known)
    plain_types = (str, int, float, bool, type(None))

    def store(value: Any) -> Any:
        if isinstance(value, Fraction):
            number = plain(value)
            return {"kind": "fraction", "value": str(number)} if isinstance(number, Fraction) else number
        if isinstance(value, date):
            return {"kind": "date", "value": value.isoformat()}
        if isinstance(value, (list, tuple)):
            return [store(item) for item in value]
        if isinstance(value, dict):
            return {"kind": "mapping", "items": [[store(name), store(item)] for name, item in value.items()]}
        if isinstance(value, np.ndarray):
            # The frozen population of a scale: plain numbers, each the shortest that is read back as itself.
            return value.tolist()
        if isinstance(value, float) and not math.isfinite(value):
            raise DefinitionError(f"a stored number must be finite (got {value!r})")
        if type(value) in plain_types:
            return value
        if type(value) not in kinds.values():
            raise _no_kind(value)
        return converter.unstructure(value)

    def revive(value: Any, _: Any) -> Any:
        return _revive(value, converter, kinds)

    for kind, cls in known:
        fields: Any
        if cls in _STORED:

            def fields(value: Any, given: Mapping[str, Callable[[Any], Any]] = _STORED[cls]) -> dict[str, Any]:
                return {name: store(read(value)) for name, read in given.items()}

            own: dict[str, Any] = {}
        else:
            own = {a.name: override(unstruct_hook=store, struct_hook=revive) for a in attrs.fields(cls)}
            out = {**own, "children": override(omit=True)} if cls is Goal else own
            fields = make_dict_unstructure_fn(cls, converter, _cattrs_omit_if_default=short, **out)

        def unstructure(value: Any, kind: str = kind, fields: Any = fields) -> dict[str, Any]:
            return {"kind": kind, **fields(value)}

        def unstructure_goal(value: Goal, one: Any = unstructure) -> dict[str, Any]:
            # From the lowest up, for goals may be nested deeper than calls may.
            made: dict[int, dict[str, Any]] = {}
            for goal in reversed(list(value.walk())):
                parts = [made[id(part)] for part in goal.children]
                made[id(goal)] = {**one(goal), **({"children": parts} if parts or not short else {})}
            return made[id(value)]

        converter.register_unstructure_hook(cls, unstructure_goal if cls is Goal else unstructure)
        if cls not in _MAKERS:
            converter.register_structure_hook(
                cls, make_dict_structure_fn(cls, converter, _cattrs_forbid_extra_keys=True, **own)
            )
    return converter


def _rating_scale(lowest: str, floors: Any) -> RatingScale:
    labels = [label for label, _ in floors]
    twice = next((label for label in labels if labels.count(label) > 1), None)
    if twice is not None:
        raise DefinitionError(f"labels of a scale must differ (got {twice!r} twice)")
    return RatingScale.from_floors(lowest, dict(floors))


# Classes that are made otherwise than from their fields.
_MAKERS: Mapping[type, Callable[..., Any]] = {
    CheckIns: CheckIns,
    GoalTree: GoalTree,
    Money: Money.from_minor,
    RatingScale: _rating_scale,
}
# Those that are stored otherwise than by their fields: by what, and how it is read.
_STORED: Mapping[type, Mapping[str, Callable[[Any], Any]]] = {
    CheckIns: {"told": tuple},
    GoalTree: {"roots": attrgetter("roots")},
}


def _names(cls: type) -> tuple[str, ...]:
    return tuple(_STORED.get(cls) or (attribute.name for attribute in attrs.fields(cls)))


def _revive(value: Any, converter: Converter, kinds: Mapping[str, type]) -> Any:
    if isinstance(value, (list, tuple)):
        return _revive_items(value, converter, kinds)
    if not isinstance(value, Mapping):
        return value
    if "kind" not in value:
        raise DefinitionError("a stored definition must have a kind, such as 'scorecard' (got none)")
    kind = str(value["kind"])
    fields = {name: field for name, field in value.items() if name != "kind"}
    if kind == "fraction":
        return Fraction(fields["value"])
    if kind == "date":
        return date.fromisoformat(fields["value"])
    if kind == "mapping":
        return dict(_revive_items(fields["items"], converter, kinds))
    if kind not in kinds:
        raise DefinitionError(f"kind must be one that is known (got {kind!r}){did_you_mean(kind, kinds)}")
    cls = kinds[kind]
    if cls in _MAKERS:
        given = _revive_fields(fields, converter, kinds, cls)
        wanted = set(_names(cls))
        if set(given) != wanted:
            raise DefinitionError(f"{kind} has the fields {', '.join(sorted(wanted))} (got {', '.join(sorted(given))})")
        return _MAKERS[cls](**given)
    if cls is Goal:
        return _revive_goal(fields, converter, kinds)
    return converter.structure(fields, cls)


def _revive_goal(fields: Mapping[str, Any], converter: Converter, kinds: Mapping[str, type]) -> Goal:
    """A goal with all goals below it, from the lowest up, with the problems of all of them."""
    from cattrs import AttributeValidationNote, ClassValidationError, IterableValidationError, IterableValidationNote
    from cattrs.errors import ForbiddenExtraKeysError

    nodes, below = [fields], list[dict[int, int]]()
    for node in nodes:
        listed = node.get("children")
        parts = {}
        for position, part in enumerate(listed if isinstance(listed, (list, tuple)) else ()):
            if isinstance(part, Mapping) and part.get("kind") == "goal":
                parts[position] = len(nodes)
                nodes.append({name: value for name, value in part.items() if name != "kind"})
        below.append(parts)
    made: dict[int, Goal] = {}
    failed: dict[int, Exception] = {}
    for at in range(len(nodes) - 1, -1, -1):
        node, errors = dict(nodes[at]), []
        if isinstance(node.get("children"), (list, tuple)):
            revived = []
            for position, part in enumerate(node["children"]):
                lower = below[at].get(position)
                try:
                    if lower in failed:
                        raise failed.pop(lower)
                    revived.append(_revive(part, converter, kinds) if lower is None else made.pop(lower))
                except Exception as error:
                    error.add_note(IterableValidationNote(f"at index {position}", position, Any))
                    errors.append(error)
            node["children"] = () if errors else tuple(revived)
        try:
            made[at] = converter.structure(node, Goal)
        except ClassValidationError as error:
            failed[at] = error
        if errors:
            group = IterableValidationError(f"{len(errors)} items", errors, list)
            group.add_note(AttributeValidationNote("at field children", "children", Any))
            told = failed.get(at)
            # Without its parts nothing can be said of the goal as a whole, but of its other fields.
            noted, others = told.group_exceptions() if isinstance(told, ClassValidationError) else ([], [])
            own = [error for error, _ in noted] + [one for one in others if isinstance(one, ForbiddenExtraKeysError)]
            failed[at] = ClassValidationError(f"{len(own) + 1} fields", [*own, group], Goal)
    if failed:
        raise failed[0]
    return made[0]


def _revive_fields(
    fields: Mapping[str, Any], converter: Converter, kinds: Mapping[str, type], cls: type
) -> dict[str, Any]:
    from cattrs import AttributeValidationNote, ClassValidationError

    revived, errors = {}, []
    for name, item in fields.items():
        try:
            revived[name] = _revive(item, converter, kinds)
        except Exception as error:
            error.add_note(AttributeValidationNote(f"at field {name}", name, Any))
            errors.append(error)
    if errors:
        raise ClassValidationError(f"{len(errors)} fields", errors, cls)
    return revived


def _revive_items(values: Sequence[Any], converter: Converter, kinds: Mapping[str, type]) -> tuple[Any, ...]:
    from cattrs import IterableValidationError, IterableValidationNote

    revived, errors = [], []
    for position, item in enumerate(values):
        try:
            revived.append(_revive(item, converter, kinds))
        except Exception as error:
            error.add_note(IterableValidationNote(f"at index {position}", position, Any))
            errors.append(error)
    if errors:
        raise IterableValidationError(f"{len(errors)} items", errors, list)
    return tuple(revived)


def _problems(error: Exception) -> list[str]:
    from cattrs import ClassValidationError, IterableValidationError, IterableValidationNote
    from cattrs.v import format_exception

    problems = []
    waiting: list[tuple[BaseException, str, Any]] = [(error, "$", None)]
    while waiting:
        problem, path, type_ = waiting.pop()
        if isinstance(problem, (ClassValidationError, IterableValidationError)):
            noted, others = problem.group_exceptions()
            inner: list[tuple[BaseException, str, Any]] = []
            for one, note in noted:
                step = f"[{note.index!r}]" if isinstance(note, IterableValidationNote) else f".{note.name}"
                inner.append((one, path + step, note.type))
            waiting.extend(reversed([*inner, *((one, path, None) for one in others)]))
        elif isinstance(problem, (PerfkitError, ValueError, ZeroDivisionError)):
            problems.append(f"{problem} @ {path}")
        else:
            problems.append(f"{format_exception(problem, type_)} @ {path}")
    return problems
