"""Whom the Secretariat asked, by when, with which letters, and how those stand. It decides nothing.

Must not know what letters say, nor who answered.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, LiteralString
from uuid import UUID

from psycopg.rows import class_row

from projections.database.pool import Pool
from projections.erasure.holding_still import HoldingStill
from projections.outbox import Outbox
from projections.reminders import Addressed

ABOUT = "asking"

ASK: LiteralString = """
INSERT INTO askings (id, account, reply_by, words, position) VALUES (%s, %s, %s, %s, %s)
ON CONFLICT (id) DO NOTHING RETURNING id
"""
ASKED: LiteralString = "INSERT INTO asked_entities (asking, entity) VALUES (%s, %s)"
BY_LETTER: LiteralString = "INSERT INTO asking_letters (letter, asking, entity) VALUES (%s, %s, %s)"
ASKINGS: LiteralString = """
SELECT id, asked_at, account, reply_by, words, position,
    ARRAY(SELECT entity FROM asked_entities WHERE asking = id ORDER BY entity) AS entities
FROM askings
"""
LATEST: LiteralString = f"{ASKINGS} ORDER BY asked_at DESC, id LIMIT %s"
BY_ID: LiteralString = f"{ASKINGS} WHERE id = %s"
OF_ENTITIES: LiteralString = f"""
{ASKINGS} WHERE id IN (SELECT asking FROM asked_entities WHERE entity = ANY(%s)) ORDER BY asked_at DESC, id
"""  # noqa: S608 - our own texts
LETTERS: LiteralString = """
SELECT asking_letters.entity, asking_letters.letter,
    CASE WHEN outbox.id IS NULL THEN 'forgotten' WHEN ended_at IS NULL AND held THEN 'held'
        WHEN ended_at IS NULL THEN 'waiting' WHEN outcome IN ('sent', 'dropped', 'bounced') THEN outcome
        ELSE 'failed' END AS standing,
    ended_at, problem
FROM asking_letters LEFT JOIN outbox ON outbox.id = asking_letters.letter
WHERE asking_letters.asking = %s ORDER BY asking_letters.entity, asking_letters.letter
"""

IN_VAIN: LiteralString = """
SELECT asking, entity FROM asking_letters JOIN outbox ON outbox.id = asking_letters.letter
WHERE asking = ANY(%s)
GROUP BY asking, entity HAVING bool_and(coalesce(outcome IN ('bounced', 'refused'), false))
"""


@dataclass(frozen=True, slots=True)
class Asking:
    """One question to several entities: when, by whom, by when to answer, and where the register stood."""

    id: UUID
    asked_at: datetime
    account: UUID
    reply_by: date
    words: str
    position: int
    entities: list[UUID]


@dataclass(frozen=True, slots=True)
class AskingLetter:
    """A letter by which an entity was asked, and what became of it."""

    entity: UUID
    letter: UUID
    standing: str
    ended_at: datetime | None
    problem: str | None


class Askings:
    """Whom the Secretariat asked."""

    def __init__(self, pool: Pool, holding_still: HoldingStill) -> None:
        self._pool, self._holding_still = pool, holding_still

    def ask(self, asking: Asking, letters: Mapping[UUID, Sequence[Addressed]]) -> bool:
        """Note who is asked, and write the letters, held; whether this call did, and not one before it.

        WordsErased if words were since the position at which the asking was made.
        """
        with self._pool.connection() as connection, connection.transaction():
            self._holding_still.since(connection, asking.position)
            said = (asking.id, asking.account, asking.reply_by, asking.words, asking.position)
            if connection.execute(ASK, said).fetchone() is None:
                return False
            for entity in asking.entities:
                connection.execute(ASKED, [asking.id, entity])
                for letter in letters.get(entity, ()):
                    written = letter.written
                    Outbox.add_in(
                        connection, letter.id, letter.account, about=ABOUT, subject=written.subject,
                        body=written.body, html=written.html, is_held=True,
                    )  # fmt: skip
                    connection.execute(BY_LETTER, [letter.id, asking.id, entity])
        return True

    def latest(self, limit: int) -> list[Asking]:
        """The latest askings."""
        return self._read(LATEST, [limit])

    def of(self, asking: UUID) -> Asking | None:
        """One asking."""
        return next(iter(self._read(BY_ID, [asking])), None)

    def last_of(self, entities: Collection[UUID]) -> dict[UUID, Asking]:
        """The last asking of each of some entities."""
        found: dict[UUID, Asking] = {}
        for one in self._read(OF_ENTITIES, [list(entities)]):
            for entity in one.entities:
                found.setdefault(entity, one)
        return {entity: found[entity] for entity in entities if entity in found}

    def letters(self, asking: UUID) -> list[AskingLetter]:
        """The letters of an asking."""
        with (
            self._pool.connection() as connection,
            connection.cursor(row_factory=class_row(AskingLetter)) as c,
        ):
            return c.execute(LETTERS, [asking]).fetchall()

    def in_vain(self, askings: Collection[UUID]) -> set[tuple[UUID, UUID]]:
        """Of some askings, those with the entities that no letter reached: all came back or were refused."""
        with self._pool.connection() as connection:
            return set(connection.execute(IN_VAIN, [list(askings)]).fetchall())

    def _read(self, statement: LiteralString, values: Sequence[Any]) -> list[Asking]:
        with self._pool.connection() as connection, connection.cursor(row_factory=class_row(Asking)) as c:
            return c.execute(statement, values).fetchall()
