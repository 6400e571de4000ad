"""What the desk asks of the read models beside what everybody asks: what waits for somebody, and for whom.

Must not know how anything is answered, nor HTTP.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any
from uuid import UUID

from psycopg import Connection

from domain.actors import Actor
from domain.pledges.sight import Eyes
from projections.board import due_answers, duplicates, to_ask
from projections.board.to_ask import Answered, Owing
from projections.moments import Moment

BOARD, BOARD_AND_EVENTS = ("board",), ("board", "timeline")


class OnTheDesk:
    """Questions of the desk; who asks them has the snapshots."""

    def eyes(self, viewer: Actor | None) -> Eyes:
        raise NotImplementedError

    def _snapshot(self, of: Sequence[str], position: int = 0) -> AbstractContextManager[Connection[Any]]:
        raise NotImplementedError

    def likely_duplicates(
        self, pledges: Collection[UUID], *, viewer: Actor | None, moment: Moment
    ) -> dict[UUID, list[dict[str, Any]]]:
        """For each of some pledges those that are likely the same one, the likeliest first."""
        eyes = self.eyes(viewer)
        with self._snapshot(BOARD, moment.position) as connection:
            return duplicates.likely_duplicates(connection, pledges, eyes=eyes, moment=moment)

    def contests(self, *, viewer: Actor | None, moment: Moment) -> list[dict[str, Any]]:
        """The pledges with a contest that nobody answered; `open` are the positions of those."""
        eyes = self.eyes(viewer)
        with self._snapshot(BOARD_AND_EVENTS, moment.position) as connection:
            return due_answers.contests(connection, eyes=eyes, moment=moment)

    def unconfirmed(
        self, institutions: Collection[UUID], *, viewer: Actor | None, moment: Moment
    ) -> list[dict[str, Any]]:
        """The pledges with reports of institutions that no validator has confirmed; `open` are those."""
        eyes = self.eyes(viewer)
        with self._snapshot(BOARD, moment.position) as connection:
            return due_answers.unconfirmed(connection, institutions, eyes=eyes, moment=moment)

    def owing(self, *, moment: Moment) -> list[Owing]:
        """Those who have something to answer for today, by name; `moment` is now."""
        with self._snapshot(BOARD, moment.position) as connection:
            return to_ask.owing(connection, moment=moment)

    def entities_named(self, entities: Collection[UUID], *, moment: Moment) -> dict[UUID, dict[str, Any]]:
        """Some entities in short, each under the id by which it was asked for."""
        with self._snapshot(BOARD, moment.position) as connection:
            return to_ask.named(connection, entities, moment=moment)

    def answered(self, since: Mapping[UUID, int], *, moment: Moment) -> dict[UUID, Answered]:
        """What each of some entities did first after its position, of those that did anything."""
        with self._snapshot(BOARD_AND_EVENTS, moment.position) as connection:
            return to_ask.answered(connection, since, moment=moment)
