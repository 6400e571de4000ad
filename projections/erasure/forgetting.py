"""Takes erased words out of what is kept beside the events: papers, import memory, answers, unsent letters.

Must not know why they are erased.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, LiteralString
from uuid import UUID

import msgspec
from psycopg import Connection

from domain.recording import canonical
from domain.values import ERASED
from projections.letters.speech import without_name

PAPERS: LiteralString = "SELECT id, content::text FROM working_papers WHERE id = %b FOR UPDATE"
CHANGE_PAPER: LiteralString = """
UPDATE working_papers SET content = %b::jsonb, version = version + 1, updated_at = clock_timestamp()
WHERE id = %b
"""
CELLS: LiteralString = "SELECT ref, cells::text FROM import_memory WHERE pledge = %b FOR UPDATE"
CHANGE_CELLS: LiteralString = "UPDATE import_memory SET ref = %b, cells = %b::jsonb WHERE ref = %b"
ANSWERS: LiteralString = """
SELECT account, method, path, key, headers::text, body FROM idempotent_requests
WHERE status IS NOT NULL AND (
    position(%b::bytea IN body) > 0 OR position(%b::bytea IN body) > 0 OR position(%b::bytea IN body) > 0
)
FOR UPDATE
"""
CHANGE_ANSWER: LiteralString = """
UPDATE idempotent_requests SET headers = %b::jsonb, body = %b
WHERE account = %b AND method = %b AND path = %b AND key = %b
"""
# What was sent is forgotten already. A letter may name more than the pledge that it is about.
LETTERS: LiteralString = "SELECT id, subject, body, html FROM outbox WHERE ended_at IS NULL FOR UPDATE"
CHANGE_LETTER: LiteralString = """
UPDATE outbox SET subject = %b, body = %b, html = %b WHERE id = %b AND ended_at IS NULL
"""


@dataclass(frozen=True, slots=True)
class Words:
    """Words that are erased, and what they were said of."""

    said: str
    stream: UUID

    def out_of(self, value: Any, *, within: bool) -> Any:
        """A value without these words: in the place of whole texts, and of parts of texts if `within`."""
        if isinstance(value, str):
            if value == self.said:
                return ERASED
            return value.replace(self.said, ERASED) if within else value
        if isinstance(value, dict):
            return {key: self.out_of(inner, within=within) for key, inner in value.items()}
        if isinstance(value, list):
            return [self.out_of(inner, within=within) for inner in value]
        return value


@dataclass(frozen=True, slots=True)
class _Change:
    """A row that holds the words: where it is, and the statement that takes them out."""

    where: str
    statement: LiteralString
    arguments: list[Any]


def kept_beside(connection: Connection[Any], words: Words) -> list[str]:
    """Where beside the events the words are kept, for people."""
    return [change.where for change in _changes(connection, words)]


def forget(connection: Connection[Any], words: Words) -> None:
    """Take the words out of all of it."""
    for change in list(_changes(connection, words)):
        connection.execute(change.statement, change.arguments)


def _changes(connection: Connection[Any], words: Words) -> Iterator[_Change]:
    yield from _papers(connection, words)
    yield from _cells(connection, words)
    yield from _answers(connection, words)
    yield from _letters(connection, words)


def _papers(connection: Connection[Any], words: Words) -> Iterator[_Change]:
    for paper, content in connection.execute(PAPERS, [words.stream]).fetchall():
        bare, was = _without(words, content)
        if bare != was:
            yield _Change(f"the working paper {paper}", CHANGE_PAPER, [_text(bare), paper])


def _cells(connection: Connection[Any], words: Words) -> Iterator[_Change]:
    for ref, cells in connection.execute(CELLS, [words.stream]).fetchall():
        bare, was = _without(words, cells)
        bare_ref = f"{ERASED} {words.stream}" if ref == words.said else ref
        if (bare, bare_ref) != (was, ref):
            where = f"what is remembered of the imported row of {words.stream}"
            yield _Change(where, CHANGE_CELLS, [bare_ref, _text(bare), ref])


def _answers(connection: Connection[Any], words: Words) -> Iterator[_Change]:
    """An answer about the thing loses the words wherever they stand; another one, where they stand alone."""
    about = str(words.stream).encode()
    sought = [about, json.dumps(words.said).encode(), canonical(words.said)]
    for *key, headers, body in connection.execute(ANSWERS, sought).fetchall():
        within = about in bytes(body)
        bare_headers = words.out_of(json.loads(headers), within=within)
        bare_body = words.out_of(msgspec.json.decode(body), within=within)
        if (bare_headers, bare_body) != (json.loads(headers), msgspec.json.decode(body)):
            kept = [_text(bare_headers), msgspec.json.encode(bare_body), *key]
            yield _Change("an answer kept for repeated requests", CHANGE_ANSWER, kept)


def _letters(connection: Connection[Any], words: Words) -> Iterator[_Change]:
    """A letter that is not sent yet loses the words where it names or quotes them."""
    for letter, *was in connection.execute(LETTERS, binary=True).fetchall():
        bare = [text and without_name(text, words.said) for text in was]
        if bare != was:
            yield _Change(f"the letter {letter}, which is not sent yet", CHANGE_LETTER, [*bare, letter])


def _without(words: Words, text: str) -> tuple[Any, Any]:
    was = json.loads(text)
    return words.out_of(was, within=True), was


def _text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
