"""What every notebook view is made of: one style, tables, facts, bars and distributions; no script, light and dark."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from fractions import Fraction
from html import escape
from typing import Any

import attrs
import numpy as np
import numpy.typing as npt

from perfkit._core.layout import clipped
from perfkit._core.numbers import decimal_text

# Everything is drawn in the colour of the text around it, so that it fits a light and a dark page alike; the two tones
# differ in lightness too, and nothing is told by tone alone.
STYLE = r"""<style>
.pk{font:13px/1.5 system-ui,sans-serif;max-width:64em;color:inherit;overflow-x:auto;
font-variant-numeric:tabular-nums}
.pk .h{font-weight:600;font-size:14px}
.pk .k{font-weight:600;margin:.7em 0 .1em}
.pk .d{opacity:.72}
.pk p{margin:.1em 0 .5em}
.pk table{border-collapse:collapse;font:inherit;margin:.3em 0 .6em;border:0}
.pk table td,.pk table th{padding:2px 1.1em 2px 4px;text-align:right;vertical-align:top;background:none;border:0;
border-bottom:1px solid rgba(128,128,128,.22);white-space:nowrap;font-size:13px;color:inherit;max-width:none}
.pk table th{font-weight:600;border-bottom:2px solid rgba(128,128,128,.4)}
.pk table .l{text-align:left}
.pk table .w{white-space:normal;max-width:34em;overflow-wrap:anywhere}
.pk table.f td{border:0;padding:0 1.2em 0 0;text-align:left;white-space:normal}
.pk table tr.s td{font-weight:600}
.pk .b{display:inline-block;position:relative;width:7em;height:.7em;border-radius:.35em;
background:rgba(128,128,128,.22);vertical-align:middle}
.pk .b i{position:absolute;left:0;top:0;bottom:0;border-radius:.35em;background:currentColor;opacity:.7}
.pk .b u{position:absolute;top:-.15em;bottom:-.15em;width:2px;background:currentColor}
.pk summary{cursor:pointer;list-style:none}
.pk summary::-webkit-details-marker{display:none}
.pk .r{display:flex;gap:1.5em;max-width:640px;box-sizing:border-box;padding:1px 4px;
border-bottom:1px solid rgba(128,128,128,.18)}
.pk .r .n{flex:1;min-width:12em;overflow-wrap:anywhere}
.pk .r .v{white-space:nowrap;text-align:right}
.pk .t::before{content:"\25b8";display:inline-block;width:1em;opacity:.6}
.pk details[open]>summary .t::before{content:"\25be"}
.pk .e::before{content:"";display:inline-block;width:1em}
.pk svg{display:block;max-width:100%;height:auto;margin:.3em 0 .6em}
</style>"""


class Markup(str):
    """A text that is HTML already; every other text is escaped where it is shown."""

    __slots__ = ()


def shown(value: object) -> str:
    """A value as HTML: markup as it is, anything else as escaped text."""
    return value if isinstance(value, Markup) else escape(str(value))


def view(*blocks: object, language: str = "") -> str:
    """Blocks one below the other, with the style that they need."""
    mark = f" lang='{escape(language)}'" if language else ""
    return f"{STYLE}<div class='pk'{mark}>{''.join(shown(block) for block in blocks)}</div>"


def heading(title: object, *notes: object) -> Markup:
    """What is shown, and what is to be known of it first."""
    rest = "".join(f"<span class='d'> · {shown(note)}</span>" for note in notes if note)
    return Markup(f"<p><span class='h'>{shown(title)}</span>{rest}</p>")


def topic(title: object) -> Markup:
    """The heading of a part of a view."""
    return Markup(f"<p class='k'>{shown(title)}</p>")


def facts(pairs: Iterable[tuple[object, object]]) -> Markup:
    """Names with their values, one a line."""
    rows = "".join(f"<tr><td class='d'>{shown(name)}</td><td>{shown(value)}</td></tr>" for name, value in pairs)
    return Markup(f"<table class='f'>{rows}</table>" if rows else "")


def grid(
    header: Sequence[object],
    rows: Iterable[Sequence[object]],
    *,
    left: Sequence[int] = (0,),
    wide: Sequence[int] = (),
    strong: Sequence[int] = (),
    more: str = "",
) -> Markup:
    """A table.

    Args:
        header: the names of the columns.
        rows: the cells of each row.
        left: the columns of text.
        wide: those whose text may take several lines.
        strong: the rows that stand for those below them.
        more: what is left out, below the table.
    """
    kinds = [" ".join((["l"] if c in left else []) + (["w"] if c in wide else [])) for c in range(len(header))]
    head = "".join(f"<th class='{kind}'>{shown(name)}</th>" for kind, name in zip(kinds, header, strict=True))
    # Columns that speak for themselves need no line of nothing above them.
    head = f"<thead><tr>{head}</tr></thead>" if any(header) else ""
    body = "".join(
        f"<tr{' class=s' if place in strong else ''}>"
        + "".join(f"<td class='{kind}'>{shown(cell)}</td>" for kind, cell in zip(kinds, row, strict=True))
        + "</tr>"
        for place, row in enumerate(rows)
    )
    rest = f"<p class='d'>{shown(more)}</p>" if more else ""
    return Markup(f"<table>{head}<tbody>{body}</tbody></table>{rest}")


def row(name: object, value: object, *, level: int, opens: bool) -> str:
    """A line of a tree that folds: a name, and a value at the right."""
    mark = "t" if opens else "e"
    return (
        f"<div class='r'><span class='n' style='padding-left:{1.2 * level:.1f}em'><span class='{mark}'></span>"
        f"{shown(name)}</span><span class='v'>{shown(value)}</span></div>"
    )


def bar(share: float, start: float = 0.0, *, mark: float | None = None) -> Markup:
    """A share of a whole as a bar, from a place in it on; a mark stands where it should be."""
    left = min(max(start, 0.0), 1.0)
    # What is no number has no width.
    width = min(max(share, 0.0), 1.0 - left) if share == share else 0.0
    stroke = "" if mark is None else f"<u style='left:{100 * min(max(mark, 0.0), 1.0):.1f}%'></u>"
    return Markup(f"<span class='b'><i style='left:{100 * left:.1f}%;width:{100 * width:.1f}%'></i>{stroke}</span>")


def indented(name: object, level: int) -> Markup:
    """A name, set in by its level."""
    return Markup(f"<span style='padding-left:{1.2 * level:.1f}em'>{shown(name)}</span>")


_WIDTH, _HEIGHT, _TOP, _BOTTOM, _SIDE, _BINS = 480, 150, 18, 34, 8, 24


def distribution(values: npt.ArrayLike, label: Callable[[float], str]) -> Markup:
    """How many rows lie where, as bars over round numbers, with the median; nothing for fewer than two values.

    Args:
        values: numbers; NaN is left out.
        label: a place on the axis in words.
    """
    column = np.asarray(values, dtype=np.float64)
    column = column[np.isfinite(column)]
    if len(column) < 2:
        return Markup("")
    edges = _round_edges(float(column.min()), float(column.max()))
    counts, _ = np.histogram(column, edges)
    most, low, span = int(counts.max()), edges[0], edges[-1] - edges[0]

    def across(x: float) -> float:
        return _SIDE + (x - low) / span * (_WIDTH - 2 * _SIDE)

    floor, room = _HEIGHT - _BOTTOM, _HEIGHT - _TOP - _BOTTOM
    parts = []
    for count, start, end in zip(counts.tolist(), edges[:-1], edges[1:], strict=True):
        height = room * count / most if count else 0.0
        # What is there is seen, however few.
        height = max(height, 1.5) if count else 0.0
        told = escape(f"{label(start)} to {label(end)}: {count:,}")
        parts.append(
            f'<rect x="{across(start) + 0.5:.1f}" y="{floor - height:.1f}" '
            f'width="{max(across(end) - across(start) - 1, 0.5):.1f}" height="{height:.1f}" '
            f'fill="currentColor" fill-opacity=".45"><title>{told}</title></rect>'
        )
    parts.append(
        f'<line x1="{_SIDE}" y1="{floor}" x2="{_WIDTH - _SIDE}" y2="{floor}" stroke="currentColor" '
        'stroke-opacity=".5"/>'
    )
    middle = across(float(np.median(column)))
    parts.append(
        f'<line x1="{middle:.1f}" y1="{_TOP - 4}" x2="{middle:.1f}" y2="{floor}" stroke="currentColor" '
        'stroke-width="1.5" stroke-dasharray="4 3"/>'
    )
    anchor = "start" if middle < _WIDTH / 4 else "end" if middle > 3 * _WIDTH / 4 else "middle"
    parts.append(_words(middle, _TOP - 7, f"median {label(float(np.median(column)))}", anchor))
    for place, where in ((0, "start"), (len(edges) // 2, "middle"), (len(edges) - 1, "end")):
        parts.append(_words(across(edges[place]), floor + 16, label(edges[place]), where))
    return Markup(
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" width="{_WIDTH}" '
        f'font-family="system-ui,sans-serif" font-size="11">{"".join(parts)}</svg>'
    )


def _words(x: float, y: float, text: str, anchor: str) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="currentColor">{escape(text)}</text>'


def _round_edges(low: float, high: float) -> list[float]:
    """Edges of bars at round numbers: 1, 2 or 5 times a power of ten apart, the last beyond the highest value."""
    if high <= low:
        margin = abs(low) / 2 or 0.5
        return [low - margin, low + margin]
    rough = (high - low) / _BINS
    power = math.floor(math.log10(rough))
    factor = next(factor for factor in (1, 2, 5, 10) if factor * 10.0**power >= rough * (1 - 1e-9))

    def edge(place: int) -> float:
        # Divided by a power of ten, a decimal is the nearest float; multiplied by a tenth, it is not.
        return place * factor * 10.0**power if power >= 0 else place * factor / 10.0**-power

    first, last = (math.floor(end / (factor * 10.0**power)) for end in (low, high))
    first -= edge(first) > low
    last += 1 + (edge(last + 1) <= high)
    return [edge(place) for place in range(first, last + 1)]


_ITEMS, _LETTERS = 6, 160


def in_words(value: object, depth: int = 1) -> str:
    """A value of a definition for people, on one line: a number, a name, a choice, a definition within it.

    Args:
        value: anything that a definition may hold.
        depth: how many definitions deep to tell fields; below that, only what it is and its name.
    """
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, (int, float, Fraction)):
        return decimal_text(value if isinstance(value, float) else Fraction(value))
    if isinstance(value, np.ndarray) and value.ndim != 1:
        return f"{' by '.join(f'{size:,}' for size in value.shape)} values"
    if isinstance(value, Mapping):
        return in_words(tuple(value.items()), depth)
    if isinstance(value, (list, tuple, np.ndarray)):
        more = f" and {len(value) - _ITEMS:,} more" if len(value) > _ITEMS else ""
        nested = any(isinstance(item, (list, tuple)) and len(item) > 1 for item in value)
        return ("; " if nested else ", ").join(_item(item, depth) for item in value[:_ITEMS]) + more
    if attrs.has(type(value)) and not _sentence(value):
        name = getattr(value, "name", None) or getattr(value, "id", None)
        if name and (not depth or not is_plain_definition(value)):
            return kind_of(value) if name == kind_of(value) else f"{kind_of(value)} {name}"
        if is_plain_definition(value):
            fields = ", ".join(f"{name} {text}" for name, text in terms(value, depth=depth - 1)) if depth else ""
            return kind_of(value) + (f" ({fields})" if fields else "")
        return clipped(repr(value), _LETTERS)
    return clipped(str(value), _LETTERS)


def _item(item: object, depth: int) -> str:
    """One of several: what is a name with its value reads as that."""
    if isinstance(item, tuple) and len(item) == 2 and isinstance(item[0], (str, date, tuple)):
        # What belongs to no group in particular belongs to all.
        return f"{in_words(item[0], depth) or 'all'}: {in_words(item[1], depth)}"
    return in_words(item, depth)


def _sentence(value: object) -> str:
    """What a definition says of itself on one line; empty where it has no words of its own."""
    text = str(value) if type(value).__str__ is not object.__str__ else ""
    return "" if "\n" in text else text


def is_plain_definition(value: Any) -> bool:
    """Whether a definition has no shorter form of its own than its fields."""
    fields = attrs.fields(type(value))
    return not fields or repr(value).startswith(f"{type(value).__name__}({fields[0].name}=")


def terms(definition: Any, *leave_out: str, depth: int = 1) -> list[tuple[str, str]]:
    """What a definition says beyond its defaults: each field with its value."""
    said = []
    for attribute in attrs.fields(type(definition)):
        value = getattr(definition, attribute.name)
        default = attribute.default
        is_default = not isinstance(default, attrs.Factory) and type(value) is type(default) and value == default  # type: ignore[arg-type]
        if (
            attribute.name in leave_out
            or attribute.name.startswith("_")
            or is_default
            or value is None
            or (isinstance(value, tuple) and not value)
        ):
            continue
        text = in_words(value, depth)
        if not text:
            continue
        if text.lower().startswith(f"{attribute.name}(") and text.endswith(")"):
            # A curve that is told to be the curve need not say so again.
            text = text[len(attribute.name) + 1 : -1]
        said.append((attribute.name.replace("_", " "), text))
    return said


def kind_of(definition: object) -> str:
    """What a definition is, in words: ``target bonus`` of a ``TargetBonus``."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", type(definition).__name__).lower()


_FIRST = 10


def definition(value: Any) -> str:
    """A definition by its fields: what it is, its name, and what it says beyond its defaults; columns as a table."""
    kind, name = kind_of(value), getattr(value, "name", None) or getattr(value, "id", None)
    fields = {one.name: getattr(value, one.name) for one in attrs.fields(type(value)) if not one.name.startswith("_")}
    columns, listed = _columns_of(fields), _lists_of(fields)
    pairs = terms(value, "name", "id", *columns.pop("", ()), *listed)
    said: Markup = facts(pairs)
    if not (pairs or columns or listed):
        said = Markup("<p class='d'>everything at its default</p>")
    tables = [Markup(topic(name.replace("_", " ")) + _listed(rows)) for name, rows in listed.items()]
    return view(
        heading(name or kind, kind if name and name != kind else "", _sentence(value)),
        said,
        first_rows(columns) if columns else "",
        *tables,
    )


def _columns_of(fields: Mapping[str, Any]) -> dict[str, Any]:
    """The columns of one length that a value holds, by name; the fields that they are in by the empty name."""
    found: dict[str, Any] = {}
    for name, value in fields.items():
        if isinstance(value, np.ndarray) and value.ndim == 1:
            found[name] = value
        elif isinstance(value, Mapping) and value and all(isinstance(one, np.ndarray) for one in value.values()):
            found.update(value)
        else:
            continue
        found.setdefault("", []).append(name)
    lengths = {len(column) for name, column in found.items() if name}
    return found if len(lengths) == 1 and len(found) > 2 else {}


def first_rows(columns: Mapping[str, Any]) -> Markup:
    """The first rows of columns that stand side by side."""
    n = len(next(iter(columns.values())))
    texts = [place for place, column in enumerate(columns.values(), 1) if np.asarray(column).dtype.kind in "OUS"]
    # The last bits of a sum are nothing beside what was summed.
    floats = [column for column in columns.values() if np.asarray(column).dtype.kind == "f"]
    least = 1e-12 * max((float(np.nanmax(np.abs(one), initial=0.0)) for one in floats), default=0.0)

    def cell(value: Any) -> str:
        return in_words(0 if isinstance(value, float) and abs(value) < least else value)

    rows = [(f"{row:,}", *(cell(column[row]) for column in columns.values())) for row in range(min(n, _FIRST))]
    names = [name.replace("_", " ") for name in columns]
    return grid(("row", *names), rows, left=texts, more=left_out(n, _FIRST)) if n else Markup("")


def _lists_of(fields: Mapping[str, Any]) -> dict[str, tuple[Any, ...]]:
    """The fields that hold several definitions of one kind."""
    return {
        name: value
        for name, value in fields.items()
        if isinstance(value, tuple)
        and len(value) > 1
        and len({type(one) for one in value}) == 1
        and attrs.has(type(value[0]))
        and is_plain_definition(value[0])
        and not _sentence(value[0])
    }


def _listed(values: Sequence[Any]) -> Markup:
    """Definitions of one kind, one a line."""
    told = [dict(terms(one, depth=1)) for one in values[: 2 * _FIRST]]
    order = [one.name.replace("_", " ") for one in attrs.fields(type(values[0]))]
    names = [name for name in order if any(name in one for one in told)]
    rows = [[one.get(name, "") for name in names] for one in told]
    texts = [place for place in range(len(names)) if not all(_NUMBER.fullmatch(row[place] or "0") for row in rows)]
    return grid(names, rows, left=texts, wide=texts, more=left_out(len(values), 2 * _FIRST))


_NUMBER = re.compile(r"[+-]?[\d,.]+( [A-Z]{3})?")


def count(number: int, singular: str, plural: str = "") -> str:
    """A number of things: ``1 row``, ``1,200 rows``."""
    return f"{number:,} {singular if number == 1 else plural or singular + 's'}"


def left_out(n: int, shown_rows: int) -> str:
    """What is said below a table of the first rows; nothing where it holds all of them."""
    return f"... {n - shown_rows:,} more" if n > shown_rows else ""


def failed(title: object, error: Exception) -> str:
    """A view of what can no longer be explained, which says why."""
    return view(heading(title), Markup(f"<p class='d'>{shown(error)}</p>"))
