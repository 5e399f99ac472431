"""The words of briefs and levers in any language: a code with its parameters, by a catalogue."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from perfkit._explain.catalogue import as_catalogue
from perfkit.explain import ENGLISH, Catalogue

__all__ = ["ENGLISH", "language_of", "phrase", "written"]
_NUMBER = re.compile(r"([+-]?\d[\d,]*(?:\.\d+)?)(%| [A-Z]{3})?")


def language_of(catalogue: Mapping[str, str]) -> Catalogue:
    """A catalogue; a mapping of phrases says the rest in English."""
    return as_catalogue(catalogue, ENGLISH)


def written(value: Any, catalogue: Mapping[str, str]) -> str:
    """A value in a language; a number that is text already, with a sign or a percent sign, with its marks."""
    language = language_of(catalogue)
    number = _NUMBER.fullmatch(value) if isinstance(value, str) else None
    return language.value(value) if number is None else language.number(number[1]) + (number[2] or "")


def phrase(code: str, params: Mapping[str, Any], catalogue: Mapping[str, str] = ENGLISH) -> str:
    """A code in words; the code itself where the catalogue has none."""
    language = language_of(catalogue)
    told = {name: written(value, language) for name, value in params.items() if name != "label"}
    said = language.says(code, str(params.get("label", "")), told)
    return code if said is None else said
