"""How words are found again: folded to plain letters, cut into words, written as PostgreSQL's vectors.

Done here, so that every PostgreSQL finds the same: accents, case and compatibility forms do not matter, and
scripts without spaces are found by pairs of signs. Must not know what the words are about.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from itertools import chain, repeat
from typing import Literal

Weight = Literal["A", "B", "C", "D"]

TERMS_MAX = 16
WORD_LENGTH_MAX = 60
PLACES_MAX = 16_383
NO_WORD = "!"  # nothing is found by it

# Letters that no decomposition turns into the one that they are looked for under.
_PLAIN = str.maketrans(
    {"ł": "l", "ø": "o", "đ": "d", "ð": "d", "ı": "i", "þ": "th", "æ": "ae", "œ": "oe"}
    | {"ـ": "", "ة": "ه", "ى": "ي"}
)
_UNSPACED = r"\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_WORD = re.compile(rf"[{_UNSPACED}]+|[^\W_{_UNSPACED}]+")
_PLAIN_WORD = re.compile(r"[a-z0-9]+")
_IS_UNSPACED = re.compile(rf"[{_UNSPACED}]")


def folded(text: str) -> str:
    """The text without case, accents, vowel signs and other ways to write the same letter."""
    if text.isascii():
        return text.lower()
    plain = unicodedata.normalize("NFKD", text.casefold()).translate(_PLAIN)
    return "".join(sign for sign in plain if not unicodedata.combining(sign))


def words_of(text: str) -> list[str]:
    """The words of a text in their order; a run of signs without spaces gives its pairs."""
    plain = folded(text)
    if plain.isascii():
        return [word[:WORD_LENGTH_MAX] for word in _PLAIN_WORD.findall(plain)]
    found: list[str] = []
    for word in _WORD.findall(plain):
        if _IS_UNSPACED.match(word):
            found.extend(word[n : n + 2] for n in range(max(1, len(word) - 1)))
        else:
            found.append(word[:WORD_LENGTH_MAX])
    return found


def vector(parts: Iterable[tuple[str, Weight]], marks: Iterable[tuple[str, Weight]] = ()) -> str:
    """What stands in a tsvector: each word once, at the weight and place of its first mention; and marks.

    A mark is a word that no text has, because it begins with a sign.
    """
    weight_of: dict[str, Weight] = {}
    for text, weight in parts:
        for word in dict.fromkeys(words_of(text)):
            weight_of.setdefault(word, weight)
    places = chain(range(1, PLACES_MAX), repeat(PLACES_MAX))
    lexemes = [f"'{word}':{place}{weight}" for (word, weight), place in zip(weight_of.items(), places)]  # noqa: B905
    lexemes += [f"'{mark}':1{weight}" for mark, weight in marks]
    return " ".join(lexemes)


def terms_of(text: str) -> list[str]:
    """The words that somebody looks for, each once; a pledge has to have them all."""
    return list(dict.fromkeys(words_of(text)))[:TERMS_MAX]


def term_query(term: str, marks: Iterable[str] = ()) -> str:
    """What stands in a tsquery for one term: words that begin so, or one of these marks."""
    spelled = f"'{term}'" if _IS_UNSPACED.match(term) and len(term) > 1 else f"'{term}':*"
    return "(" + " | ".join([spelled, *(f"'{mark}'" for mark in marks)]) + ")"


def marks_query(marks: Iterable[str]) -> str:
    """What stands in a tsquery for any of these marks."""
    return "(" + " | ".join(f"'{mark}'" for mark in marks) + ")"
