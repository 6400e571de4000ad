"""How entities are reached, apart from the events so that it can be deleted; and who changed that, when.

Must not know who may read or change it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, LiteralString
from uuid import UUID

from psycopg import Connection
from psycopg.rows import class_row

from projections.database.pool import Pool

FIELDS = ("mailbox", "alternate", "language")
Change = Literal["given", "changed", "deleted"]

OF_SEVERAL: LiteralString = """
SELECT entity, mailbox_id, mailbox, alternate_id, alternate, language, version FROM entity_contacts
WHERE entity = ANY(%s)
"""
# Whoever changes contacts of an entity waits for whoever does so already, also where there are none yet.
LOCK: LiteralString = "SELECT pg_advisory_xact_lock(hashtextextended('entity_contacts ' || %s::text, 0))"
KEEP: LiteralString = """
INSERT INTO entity_contacts (entity, mailbox_id, mailbox, alternate_id, alternate, language, version)
VALUES (%(entity)s, gen_random_uuid(), %(mailbox)s, gen_random_uuid(), %(alternate)s, %(language)s,
    %(version)s)
ON CONFLICT (entity) DO UPDATE SET mailbox = EXCLUDED.mailbox, alternate = EXCLUDED.alternate,
    language = EXCLUDED.language, version = EXCLUDED.version
"""
DELETE: LiteralString = "DELETE FROM entity_contacts WHERE entity = %s"
LAST: LiteralString = "SELECT coalesce(max(number), 0) FROM entity_contact_changes WHERE entity = %s"
CHANGED: LiteralString = """
INSERT INTO entity_contact_changes (entity, number, account, what, fields) VALUES (%s, %s, %s, %s, %s)
"""
CHANGES: LiteralString = """
SELECT number, changed_at, account, what, fields FROM entity_contact_changes WHERE entity = %s
ORDER BY number DESC LIMIT %s
"""


@dataclass(frozen=True, slots=True)
class Contact:
    """How an entity is reached. Letters are addressed to the ids, and go to the addresses of that day."""

    entity: UUID
    mailbox_id: UUID
    mailbox: str | None
    alternate_id: UUID
    alternate: str | None
    language: str | None
    version: int


@dataclass(frozen=True, slots=True)
class ContactChange:
    """That an account changed some fields of a contact: never what they said."""

    number: int
    changed_at: datetime
    account: UUID
    what: Change
    fields: list[str]


class ChangedMeanwhile(Exception):
    """Somebody else changed the contact since it was read."""


class Contacts:
    """Contacts of entities."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    def of(self, entity: UUID) -> Contact | None:
        """How an entity is reached, if anybody said."""
        return self.of_several([entity]).get(entity)

    def of_several(self, entities: Collection[UUID]) -> dict[UUID, Contact]:
        """The same for some entities."""
        with self._pool.connection() as connection:
            return _read(connection, entities)

    def version(self, entity: UUID) -> int:
        """How often the contact was changed, deletions among it: what a form is made from."""
        with self._pool.connection() as connection:
            return _last(connection, entity)

    def keep(self, entity: UUID, said: dict[str, str | None], *, by: UUID, version: int) -> bool:
        """Keep what is said of mailbox, alternate and language; whether that changed anything.

        ChangedMeanwhile if it was changed since that version.
        """

        def change(connection: Connection[Any], number: int) -> bool:
            found = _read(connection, [entity]).get(entity)
            changed = [name for name in FIELDS if (getattr(found, name) if found else None) != said.get(name)]
            if changed:
                values = {name: said.get(name) for name in FIELDS}
                connection.execute(KEEP, {**values, "entity": entity, "version": number})
                what: Change = "changed" if found else "given"
                connection.execute(CHANGED, [entity, number, by, what, changed])
            return bool(changed)

        return self._changing(entity, version, change)

    def delete(self, entity: UUID, *, by: UUID, version: int) -> bool:
        """Delete all that is known; whether there was anything."""

        def change(connection: Connection[Any], number: int) -> bool:
            gone = connection.execute(DELETE, [entity]).rowcount == 1
            if gone:
                connection.execute(CHANGED, [entity, number, by, "deleted", list(FIELDS)])
            return gone

        return self._changing(entity, version, change)

    def _changing(self, entity: UUID, version: int, change: Callable[[Connection[Any], int], bool]) -> bool:
        with self._pool.connection() as connection, connection.transaction():
            connection.execute(LOCK, [entity])
            last = _last(connection, entity)
            if last != version:
                raise ChangedMeanwhile
            return change(connection, last + 1)

    def changes(self, entity: UUID, limit: int = 20) -> list[ContactChange]:
        """Who changed the contact when, the latest first."""
        with (
            self._pool.connection() as connection,
            connection.cursor(row_factory=class_row(ContactChange)) as rows,
        ):
            return rows.execute(CHANGES, [entity, limit]).fetchall()


def _read(connection: Connection[Any], entities: Collection[UUID]) -> dict[UUID, Contact]:
    with connection.cursor(row_factory=class_row(Contact)) as rows:
        return {one.entity: one for one in rows.execute(OF_SEVERAL, [list(entities)]).fetchall()}


def _last(connection: Connection[Any], entity: UUID) -> int:
    row = connection.execute(LAST, [entity]).fetchone()
    return int(row[0]) if row else 0
