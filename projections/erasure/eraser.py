"""Erases words by law: shows where they are, lets the register record it, and has everything forget them.

Must not know who decided it, nor how read models are made.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, LiteralString
from uuid import UUID

from psycopg import Connection

from domain.actors import OPERATOR
from domain.errors import NotFound
from domain.log.commands import EraseField
from domain.log.decide import not_erasable
from domain.recording import Recorded, canonical, words_of
from domain.register import Register
from domain.reservations import Reservation, reservations_of
from projections.database import places
from projections.database.mapper import read_row
from projections.database.pool import Pool
from projections.erasure import forgetting
from projections.erasure.forgetting import Words
from projections.erasure.holding_still import WITHOUT_WORDS, HoldingStill
from projections.read_model import ReadModel, schema_of
from projections.rebuild import Progress, rebuild

ELSEWHERE_MAX = 10_000
"""Events that are looked through for the same words at once; whether there are more is said."""

EVENT: LiteralString = "SELECT stream, name, header, payload FROM events WHERE position = %b"
HOLDING: LiteralString = """
SELECT position, header, payload FROM events
WHERE position(%b::bytea IN payload) > 0 OR position(%b::bytea IN header) > 0 ORDER BY position LIMIT %b
"""
OF_STREAM: LiteralString = "SELECT position, header, payload, salts FROM events WHERE stream = %b"
ERASE: LiteralString = "SELECT erase_field(%b, %b::text[], %b::text[])"


@dataclass(frozen=True, slots=True)
class Found:
    """Words that may be erased; None if they are already.

    `elsewhere` are other parts of events that hold them too, by position; `beside` is what is kept beside the
    events. `has_more`: not all events that hold them were looked through. `files` are
    those that the event names, by digest, with the other events that do: their bytes stay where they are.
    """

    name: str
    stream: UUID
    words: str | None
    elsewhere: Sequence[tuple[int, str]] = ()
    beside: Sequence[str] = ()
    has_more: bool = False
    files: Mapping[str, Sequence[int]] = field(default_factory=dict)


class Eraser:
    """Erases words."""

    def __init__(
        self, pool: Pool, register: Register, read_models: Sequence[ReadModel], app_url: str
    ) -> None:
        self._pool, self._register, self._app_url = pool, register, app_url
        self._models = [model for model in read_models if model.name != WITHOUT_WORDS]

    def find(self, position: int, part: str) -> Found:
        """The words of a part, and where they are kept too. NotFound or InvalidInput if there is none."""
        with self._pool.connection() as connection:
            connection.execute("SET LOCAL statement_timeout = 0")
            row = connection.execute(EVENT, [position], binary=True).fetchone()
            if row is None:
                raise NotFound(f"There is no event at position {position}.")
            stream, name, header, payload = row
            parts = words_of(header, payload)
            if part not in parts:
                raise not_erasable(part, parts)
            said = parts[part]
            if said is None:
                return Found(name, stream, None)
            holding, has_more = _holding(connection, said)
            elsewhere = [other for other in holding if other != (position, part)]
            beside = forgetting.kept_beside(connection, Words(said, stream))
            files = _files(connection, position, payload)
        return Found(name, stream, said, elsewhere, beside, has_more, files)

    def erase(self, command: EraseField) -> int:
        """Erase words, once: they and the event that says so in one transaction. The position to wait for.

        Raises what the decision raises.
        """
        found: list[Words] = []

        def also(connection: Connection[Any], events: Sequence[Recorded]) -> None:
            found[:] = [words for event in events for words in _erase(connection, event)]

        outcome = self._register.handle(command, by=OPERATOR, also=[also])
        # Who answered a request that was decided before, or wrote a letter, may have kept the words.
        with self._pool.connection() as connection:
            HoldingStill.for_forgetting(connection)
            for words in found:
                forgetting.forget(connection, words)
        return outcome.position

    def let_read_models_forget(self, progress: Progress | None = None) -> list[str]:
        """Build those anew that may still hold erased words, beside the live ones; which they were.

        Whatever was cut short before is finished. RebuildProblem while somebody else builds.
        """
        with self._pool.connection() as connection:
            remembering = places.remembering(connection, self._models)
        rebuild(self._app_url, remembering, progress, compare=False)
        self._drop_what_was_exchanged()
        return [model.name for model in remembering]

    def _drop_what_was_exchanged(self) -> None:
        """What readers were still reading when it was exchanged holds the words until it is dropped."""
        with self._pool.connection() as connection:
            for model in self._models:
                places.drop(connection, f"{schema_of(model)}_dropped")


def _files(connection: Connection[Any], position: int, payload: bytes) -> dict[str, list[int]]:
    """The digests of the files that an event names as evidence, each with the other events that name it."""
    evidence = json.loads(payload).get("evidence") or ()
    found: dict[str, list[int]] = {}
    for sha256 in (one["file"]["sha256"] for one in evidence if one.get("file")):
        naming = connection.execute(HOLDING, [sha256, sha256, ELSEWHERE_MAX], binary=True)
        found[sha256] = [other for other, _, _ in naming if other != position]
    return found


def _holding(connection: Connection[Any], said: str) -> tuple[list[tuple[int, str]], bool]:
    """The parts of events that hold some words, by themselves or within others; whether there may be more."""
    escaped = canonical(said)[1:-1]
    rows = connection.execute(HOLDING, [escaped, escaped, ELSEWHERE_MAX], binary=True).fetchall()
    found = [
        (position, part)
        for position, header, payload in rows
        for part, words in words_of(header, payload).items()
        if words is not None and said in words
    ]
    return found, len(rows) == ELSEWHERE_MAX


def _erase(connection: Connection[Any], event: Recorded) -> list[Words]:
    """Do what an erasure says; the words that are gone."""
    fact = event.fact
    row = connection.execute(EVENT, [fact.position], binary=True).fetchone()
    said = words_of(row[2], row[3])[fact.part] if row else None
    if said is None:
        return []
    released = _released(connection, fact.stream, fact.position, fact.part)
    kinds, keys = [one.kind for one in released], [one.key for one in released]
    connection.execute(ERASE, [event.position, kinds, keys])
    words = Words(said, fact.stream)
    forgetting.forget(connection, words)
    return [words]


def _released(connection: Connection[Any], stream: UUID, position: int, part: str) -> list[Reservation]:
    """The reservations that only these words make."""
    rows = connection.execute(OF_STREAM, [stream], binary=True).fetchall()
    made = {row[0]: set(reservations_of(read_row(*row))) for row in rows}
    bare = {row[0]: _without(row, part) if row[0] == position else made[row[0]] for row in rows}
    return sorted(set().union(*made.values()) - set().union(*bare.values()), key=lambda one: one.key)


def _without(row: tuple[int, bytes, bytes, dict[str, str]], part: str) -> set[Reservation]:
    position, header, payload, salts = row
    whole, _, path = part.partition(".")
    if whole != "payload":
        return set(reservations_of(read_row(*row)))
    kept = {name: salt for name, salt in salts.items() if name != path}
    return set(reservations_of(read_row(position, header, payload, kept)))
