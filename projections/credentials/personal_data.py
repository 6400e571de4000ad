"""What the register keeps of a person beside the events: told to them, and erased when they ask for it.

The events stay. They name an account by its number, which leads to nobody any more. Must not know HTTP.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from psycopg import Connection, sql
from psycopg.rows import dict_row

from domain.recording import Recorded
from domain.register import AlsoWrite
from projections.database.pool import Pool

TOLD: Mapping[str, tuple[str, ...]] = {
    "people": ("account", "email", "language", "created_at"),
    "passwords": ("changed_at",),
    "web_sessions": ("device", "began_at", "last_used_at", "ended_at"),
    "mailed_links": ("purpose", "made_at", "expires_at", "used_at"),
    "second_factors": ("made_at", "confirmed_at"),
    "recovery_codes": ("used_at",),
    "kept_forms": ("path", "kept_at"),
    "passkeys": ("label", "made_at", "last_used_at"),
    "tokens": ("label", "created_at", "expires_at", "revoked_at", "last_used_at", "roles", "reads_only"),
    "followers": ("rhythm", "told_at"),
    "followings": ("kind", "followed", "rhythm", "asked_at", "confirmed_at"),
    "outbox": ("about", "subject", "body", "made_at", "ended_at", "outcome"),
    "readings": ("read_at", "operation", "asked", "position", "rows"),
    "working_papers": ("id", "entity", "created_at", "updated_at"),
    "sent_sheets": ("filename", "sha256", "sent_at", "stage"),
    "import_files": ("filename", "started_at", "finished_at"),
    "idempotent_requests": ("method", "path", "created_at"),
    "entity_contact_changes": ("entity", "changed_at"),
    "askings": ("asked_at", "reply_by", "words"),
    "uploads": ("sha256", "bytes", "media_type", "uploaded_at", "is_named"),
}
"""What a person is told, by the tables where it stands. Digests of secrets say nothing and are not told."""
ERASED = (
    "people", "passwords", "web_sessions", "mailed_links", "second_factors", "recovery_codes", "passkeys",
    "kept_forms", "tokens", "followers", "followings", "outbox", "idempotent_requests",
)  # fmt: skip
STAYS: Mapping[str, str] = {
    "working_papers": "they are their entity's, and name the account by its number",
    "uploads": "they are evidence of their pledges, or go after a while",
    "sent_sheets": "they are the Secretariat's, and go some days after they were dealt with",
    "import_files": "they say what came in, and name the account by its number",
    "readings": "they are the record of what auditors read, and name the account by its number",
    "entity_contact_changes": "they say that an entity's contacts were changed, not what they were",
    "askings": "they say what the Secretariat asked whom, and name the account by its number",
    "command_log": "it says which commands were carried out, and is never changed",
}
"""What is not erased with a person, and why."""


class PersonalData:
    """Everything beside the events that is kept of somebody."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    def of(self, account: UUID) -> dict[str, list[dict[str, Any]]]:
        """All of it, by table."""
        with self._pool.connection() as connection, connection.cursor(row_factory=dict_row) as cursor:
            return {
                table: cursor.execute(_told(table, columns), [account]).fetchall()
                for table, columns in TOLD.items()
            }

    @staticmethod
    def erasing(account: UUID) -> AlsoWrite:
        """What erases it in the transaction of a command."""

        def write(connection: Connection[Any], _: Sequence[Recorded]) -> None:
            for table in ERASED:
                connection.execute(
                    sql.SQL("DELETE FROM {} WHERE account = %s").format(sql.Identifier(table)), [account]
                )

        return write


def _told(table: str, columns: Sequence[str]) -> sql.Composed:
    return sql.SQL("SELECT {} FROM {} WHERE account = %s").format(
        sql.SQL(", ").join(map(sql.Identifier, columns)), sql.Identifier(table)
    )
