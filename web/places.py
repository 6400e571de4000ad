"""Places for those who send slowly: so many at once, of strangers fewer, of each sender fewer still.

So who stalls on purpose takes no place from whoever is signed in, nor one address all those of strangers.
Must not know what is sent.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Condition


@dataclass(frozen=True, slots=True)
class Sender:
    """Who sends: an account, or an address that nobody is known behind."""

    name: str
    is_stranger: bool


class Places:
    """The places of one process for one kind of body."""

    def __init__(self, most: int, *, of_strangers: int, of_one: int) -> None:
        self.most, self._of_strangers, self._of_one = most, of_strangers, of_one
        self._taken: Counter[Sender] = Counter()
        self._changed = Condition()

    @contextmanager
    def one_for(self, sender: Sender, seconds_max: float) -> Iterator[bool]:
        """Whether there was a place within so many seconds; it is held for as long as the block lasts."""
        with self._changed:
            has_one = self._changed.wait_for(lambda: self._is_free_for(sender), seconds_max)
            if has_one:
                self._taken[sender] += 1
        try:
            yield has_one
        finally:
            if has_one:
                self._give_back(sender)

    def _is_free_for(self, sender: Sender) -> bool:
        strangers = sum(places for one, places in self._taken.items() if one.is_stranger)
        return (
            self._taken.total() < self.most
            and self._taken[sender] < self._of_one
            and not (sender.is_stranger and strangers >= self._of_strangers)
        )

    def _give_back(self, sender: Sender) -> None:
        with self._changed:
            self._taken[sender] -= 1
            self._taken += Counter()  # forgets whoever holds none
            self._changed.notify_all()
