"""Which titles of one pledger are so much alike that the same pledge may be meant twice.

It advises and never decides: who reads both knows. Must not know where the titles come from.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from projections.board.likeness import likeness_of_titles
from projections.board.words import words_of

SHOWN_MAX = 3
COMMON = 300
"""A word that stands in so many titles of one pledger tells nothing, unless all words do."""

Named = TypeVar("Named")


@dataclass
class Titles(Generic[Named]):
    """The titles of one pledger's pledges, by whatever names each of them."""

    _known: list[tuple[Named, frozenset[str]]] = field(default_factory=list)
    _with_word: dict[str, list[int]] = field(default_factory=dict)

    def add(self, name: Named, title: str) -> None:
        """A title, and what its pledge is called."""
        words = frozenset(words_of(title))
        for word in words:
            self._with_word.setdefault(word, []).append(len(self._known))
        self._known.append((name, words))

    def like(self, title: str) -> list[Named]:
        """The names of those whose titles are like this one, the most alike first."""
        words = frozenset(words_of(title))
        found = [
            (likeness_of_titles(self._known[number][1], words), number) for number in self._sharing(words)
        ]
        alike = sorted((-like.weight, number) for like, number in found if like.is_likely_one)
        return [self._known[number][0] for _, number in alike[:SHOWN_MAX]]

    def _sharing(self, words: frozenset[str]) -> Sequence[int]:
        """Those that share a word, but for words that stand everywhere."""
        lists = [self._with_word[word] for word in words if word in self._with_word]
        rare = [numbers for numbers in lists if len(numbers) <= COMMON] or lists[:1]
        shared = Counter(number for numbers in rare for number in numbers[:COMMON])
        return [number for number, _ in shared.most_common(COMMON)]
