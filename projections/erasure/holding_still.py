"""Whether what was read may still be written down: no words of it were erased meanwhile, nor are until it is.

Letters are written from read models. One written just after an erasure could hold what is erased, and nothing
would take it out any more. Must not know what is written.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, LiteralString

from psycopg import Connection

from domain.errors import Conflict
from projections.database import places
from projections.read_model import ReadModel

WITHOUT_WORDS = "log"
"""The read model that keeps hashes alone, the same before and after."""

WRITING: LiteralString = "SELECT pg_advisory_xact_lock_shared(hashtextextended('erasing', 0))"
FORGETTING: LiteralString = "SELECT pg_advisory_xact_lock(hashtextextended('erasing', 0))"


class WordsErased(Conflict):
    """Words were erased since something was read: read it again."""

    def __init__(self) -> None:
        super().__init__("Words were erased by law in this very moment. Try again in a minute.")


class HoldingStill:
    """Keeps erasures and letters apart."""

    def __init__(self, read_models: Sequence[ReadModel]) -> None:
        self._models = [model for model in read_models if model.name != WITHOUT_WORDS]

    def since(self, connection: Connection[Any], position: int) -> None:
        """Let nobody erase until the end of the transaction what was read up to a position.

        WordsErased if somebody has since, or if a read model may still hold what was erased before.
        """
        connection.execute(WRITING)
        if places.last_erasure(connection) > position or places.remembering(connection, self._models):
            raise WordsErased

    @staticmethod
    def for_forgetting(connection: Connection[Any]) -> None:
        """Wait for who writes: what they wrote is seen from here on, and they see what was erased."""
        connection.execute(FORGETTING)
