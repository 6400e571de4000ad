"""The 23 objectives and ten guiding principles of the Global Compact for Migration, in six languages.

A title says whether its wording was read in an official source (`confirmed`) or is a working translation
(`own`), which must never be shown as the official title. Knows no pledges.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Literal, get_args

import msgspec

from domain.reference.tables import rows
from domain.reference.vocabularies import Language
from domain.reservations import name_key

TitleBasis = Literal["confirmed", "own"]
LANGUAGES: tuple[Language, ...] = get_args(Language)


class Title(msgspec.Struct, frozen=True):
    """A title in one language, and how sure its wording is."""

    text: str
    basis: TitleBasis


class Objective(msgspec.Struct, frozen=True, kw_only=True):
    """An objective of the Compact (A/RES/73/195, annex, paragraph 16). `short` is its label in English."""

    number: int
    slug: str
    short: str
    titles: Mapping[str, Title]

    def title(self, language: str = "en") -> Title:
        return self.titles.get(language, self.titles["en"])


class Principle(msgspec.Struct, frozen=True, kw_only=True):
    """A guiding principle of the Compact (paragraph 15), lettered a to j."""

    letter: str
    slug: str
    short: str
    titles: Mapping[str, Title]

    def title(self, language: str = "en") -> Title:
        return self.titles.get(language, self.titles["en"])


def _titles(row: Mapping[str, str]) -> Mapping[str, Title]:
    # The English titles are those of the resolution itself and have no column of their own for their basis.
    bases = {"basis_en": "confirmed", **row}
    return MappingProxyType(
        {
            language: Title(row[f"title_{language}"], msgspec.convert(bases[f"basis_{language}"], TitleBasis))
            for language in LANGUAGES
        }
    )


def _objective(row: Mapping[str, str]) -> Objective:
    return Objective(number=int(row["number"]), slug=row["slug"], short=row["short_en"], titles=_titles(row))


def _principle(row: Mapping[str, str]) -> Principle:
    return Principle(letter=row["number"], slug=row["slug"], short=row["short_en"], titles=_titles(row))


_ROWS = tuple(rows("gcm-reference.csv"))

OBJECTIVES: Mapping[int, Objective] = MappingProxyType(
    {int(row["number"]): _objective(row) for row in _ROWS if row["kind"] == "objective"}
)
PRINCIPLES: Mapping[str, Principle] = MappingProxyType(
    {row["slug"]: _principle(row) for row in _ROWS if row["kind"] == "principle"}
)


# -- found by what people write

_OTHER_WORDS = {
    "people-centred": ("people-centered", "people centric"),
    "rule-of-law": ("due process", "rule of law & due process"),
    "gender-responsive": ("gender-responsiveness", "gender responsive approach"),
    "child-sensitive": ("child sensitivity", "child-sensitive approach"),
    "whole-of-government": ("whole-of-government approaches",),
    "whole-of-society": ("whole-of-society approaches",),
}
"""How principles are also written where pledges are collected, beside their titles and labels."""

_HYPHENS = str.maketrans(dict.fromkeys("-\u2010\u2011\u2012\u2013", " "))


def _loose(text: str) -> str:
    return " ".join(name_key(text).translate(_HYPHENS).rstrip(".").split())


def _spoken(thing: Objective | Principle) -> Iterable[str]:
    return (thing.slug, thing.short, *(title.text for title in thing.titles.values()))


_NUMBERED = re.compile(r"(?:objective )?0?([0-9]{1,2})")
_OBJECTIVE_BY_WORDS = {_loose(words): thing for thing in OBJECTIVES.values() for words in _spoken(thing)}
_PRINCIPLE_BY_WORDS = {
    _loose(words): thing
    for thing in PRINCIPLES.values()
    for words in (*_spoken(thing), thing.letter, f"({thing.letter})", *_OTHER_WORDS.get(thing.slug, ()))
}


def find_objective(text: str) -> Objective | None:
    """The objective that a number (`7`, `Objective 7`), slug, label or title in any language names."""
    number = _NUMBERED.fullmatch(name_key(text))
    return OBJECTIVES.get(int(number[1])) if number else _OBJECTIVE_BY_WORDS.get(_loose(text))


def find_principle(text: str) -> Principle | None:
    """The principle that a slug, letter, label or title in any language names."""
    return _PRINCIPLE_BY_WORDS.get(_loose(text))
