"""Which pledges are likely to be the same one, told twice: by their words and by who takes part.

It advises whoever reviews and decides nothing. Must not know SQL.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from uuid import UUID

from domain.pledges.state import Pledge
from projections.board.words import words_of

TITLE_OF_THE_SAME, DESCRIPTION_OF_THE_SAME = 0.5, 0.6
"""From what share of words on two pledges of one party are likely to be one."""
TITLE_OF_OTHERS, DESCRIPTION_OF_OTHERS = 0.8, 0.5
"""The same for pledges that nobody has in common: both, as far as both are there."""
IN_THE_PLEDGE = frozenset({"named", "invited", "joined"})


@dataclass(frozen=True, slots=True)
class Likeness:
    """How alike two pledges are: shares of words in common, in 0..1, and whether a party is in both.

    `description` is None where one of them has none.
    """

    title: float
    description: float | None
    shares_party: bool

    @property
    def is_likely_one(self) -> bool:
        told = self.description
        if self.shares_party:
            return self.title >= TITLE_OF_THE_SAME or (told or 0) >= DESCRIPTION_OF_THE_SAME
        return self.title >= TITLE_OF_OTHERS and (told is None or told >= DESCRIPTION_OF_OTHERS)

    @property
    def weight(self) -> float:
        """What the likeliest come first by."""
        return self.title + (self.description or 0) + (0.5 if self.shares_party else 0)


def likeness(one: Pledge, other: Pledge, lasting: Callable[[UUID], UUID]) -> Likeness:
    """How alike two pledges are; `lasting` finds who stands for an entity after mergers."""
    ours, theirs = one.content, other.content
    told = _alike(ours.description, theirs.description) if ours.description and theirs.description else None
    shared = set(map(lasting, parties(one))) & set(map(lasting, parties(other)))
    return Likeness(_alike(ours.title, theirs.title), told, bool(shared))


def likeness_of_titles(ours: Collection[str], theirs: Collection[str]) -> Likeness:
    """How alike two pledges of one party are of which no more is known than the words of their titles."""
    return Likeness(_shared(ours, theirs), None, shares_party=True)


def parties(pledge: Pledge) -> Iterable[UUID]:
    """Who has the pledge, or is asked or named to take part in it."""
    yield pledge.owner
    yield from (partner.entity for partner in pledge.partners if partner.state in IN_THE_PLEDGE)


def _alike(one: str, other: str) -> float:
    return _shared(set(words_of(one)), set(words_of(other)))


def _shared(ours: Collection[str], theirs: Collection[str]) -> float:
    either = len({*ours, *theirs})
    return len(set(ours) & set(theirs)) / either if either else 0.0
