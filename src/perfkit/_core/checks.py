"""What the fields of definitions are checked by: each says what was expected and what was got."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date, datetime
from typing import Any

import attrs
import numpy as np

from perfkit.errors import DefinitionError, did_you_mean


def text(value: Any) -> str:
    """A name: a text that is not empty."""
    if not isinstance(value, str) or not value.strip():
        raise DefinitionError(f"a name must be a text that is not empty (got {value!r})", path="name")
    return str(value)


def optional_text(value: Any) -> str | None:
    """A name, or None."""
    return None if value is None else text(value)


def truth(value: Any) -> bool:
    """True or False, and nothing that only counts as one of them."""
    if not isinstance(value, (bool, np.bool_)):
        raise DefinitionError(f"a choice of yes or no must be True or False (got {value!r})")
    return bool(value)


def one_of(value: object, allowed: Iterable[str], what: str) -> None:
    """Refuse a value that is not among those allowed."""
    allowed = tuple(allowed)
    if value not in allowed:
        raise DefinitionError(
            f"{what} must be one of {', '.join(allowed)} (got {value!r}){did_you_mean(str(value), allowed)}", path=what
        )


def instance(*classes: type) -> Callable[[Any, Any, Any], None]:
    """A validator that takes only instances of classes; of ``NoneType`` too, where it is among them."""
    names = " or ".join("None" if cls is type(None) else cls.__name__ for cls in classes)

    def validate(_: Any, attribute: attrs.Attribute[Any], value: Any) -> None:
        if not isinstance(value, classes):
            raise DefinitionError(f"{attribute.name} must be a {names} (got {value!r})", path=attribute.name)

    return validate


def day(_: Any, attribute: attrs.Attribute[Any], value: Any) -> None:
    """A validator that takes a date or None; a time of day would be neither before nor after a date."""
    if isinstance(value, datetime):
        raise DefinitionError(
            f"{attribute.name} must be a date, without a time of day (got {value!r}); give its .date()",
            path=attribute.name,
        )
    if not isinstance(value, date) and not (value is None and attribute.default is None):
        none = " or None" if attribute.default is None else ""
        raise DefinitionError(f"{attribute.name} must be a date{none} (got {value!r})", path=attribute.name)


def several(value: Any) -> tuple[Any, ...]:
    """One thing or several, as a tuple."""
    is_several = isinstance(value, (list, tuple, set, frozenset)) or hasattr(value, "__next__")
    return in_order(value) if is_several else (value,)


def in_order(things: Iterable[Any]) -> tuple[Any, ...]:
    """Things as a tuple: those of a set by name, for its own order is another in another process."""
    return tuple(sorted(things, key=str) if isinstance(things, (set, frozenset)) else things)
