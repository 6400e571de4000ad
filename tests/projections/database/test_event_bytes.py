"""docs/events-bytes.md, followed to the letter with nothing of the register's own code."""

from __future__ import annotations

import hashlib
import json
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest

from domain.actors import OPERATOR
from domain.pledges.commands import RecordPledge
from domain.pledges.content import Content, Source, Target
from domain.recording import log_entry
from projections.composition import Runtime
from tests.conftest import Database
from tests.projections.filled import AUTHORITY, bank

# No key of a real payload has a sign beyond U+FFFF, so sorting by code points is sorting by UTF-16 units.
CANONICAL: dict[str, Any] = {"sort_keys": True, "separators": (",", ":"), "ensure_ascii": False}
KEPT = {"Date.of~source": "ref 7", "الحالة": "جديد", "emoji 🌍": "ok"}


def canonical(value: Any) -> bytes:
    return json.dumps(value, **CANONICAL).encode()


def at(payload: Any, path: str, put: Any = ...) -> Any:
    """The value at a path; with `put`, another one in its place."""
    *steps, last = [step.replace("~1", ".").replace("~0", "~") for step in path.split(".")]
    for step in steps:
        payload = payload[int(step)] if isinstance(payload, list) else payload[step]
    key: Any = int(last) if isinstance(payload, list) else last
    if put is not ...:
        payload[key] = put
    return payload[key]


def check(row: dict[str, Any]) -> bytes:
    """The entry of an event, every digest on the way checked."""
    assert hashlib.sha256(row["header_salt"] + row["header"]).digest() == row["header_digest"]
    digests: dict[str, str] = json.loads(row["header"])["digests"]
    assert hashlib.sha256(canonical(digests)).digest() == row["payload_digest"]
    rest = json.loads(row["payload"])
    for path, digest in digests.items():
        if path in row["salts"]:
            content = at(rest, path) if path else _without(rest, digests)
            found = hashlib.sha256(bytes.fromhex(row["salts"][path]) + canonical(content)).hexdigest()
            assert found == digest, path
    return b"pledges event v1\n" + row["header_digest"] + row["payload_digest"]


def _without(payload: Any, digests: dict[str, str]) -> Any:
    copy = json.loads(json.dumps(payload))
    for path in digests:
        if path:
            at(copy, path, None)
    return copy


def rows(database: Database) -> list[dict[str, Any]]:
    with psycopg.connect(database.owner_url) as connection:
        cursor = connection.execute("SELECT * FROM pledges.events ORDER BY position")
        columns = [column.name for column in cursor.description or ()]
        return [dict(zip(columns, row, strict=True)) for row in cursor]


@pytest.fixture
def pledge(founded: Runtime) -> UUID:
    content = Content(
        title='Écoles pour tous \u2028 « 100 % » "\\\t'.strip(),
        entity=bank(founded.register),
        description="Line one\nline two 🌍",
        actions=("Build", "Teach"),
        targets=(Target(id="t1", description="Seats", unit="seats", target="240"),),
        source=Source(ref="GCMP-055", kept=KEPT),
    )
    command = RecordPledge(pledge_id=uuid4(), content=content, authority=AUTHORITY)
    return founded.register.handle(command, by=OPERATOR).stream


def test_every_event_can_be_checked_from_the_page_alone(pledge: UUID, database: Database) -> None:
    checked = rows(database)
    assert len(checked) == 198
    for row in checked:
        assert check(row) == log_entry(row["header_digest"], row["payload_digest"])
        assert len(check(row)) == 81


def test_stored_bytes_are_canonical_and_agree_with_the_columns(pledge: UUID, database: Database) -> None:
    for row in rows(database):
        header = json.loads(row["header"])
        assert canonical(header) == row["header"]
        assert canonical(json.loads(row["payload"])) == row["payload"]
        assert {key: header[key] for key in ("position", "name", "version", "stream_version")} == {
            key: row[key] for key in ("position", "name", "version", "stream_version")
        }
        assert header["stream"] == str(row["stream"])
        moment = row["recorded_at"].isoformat().replace("+00:00", "Z")
        assert header["recorded_at"] == moment


def test_words_are_parts_of_their_own(pledge: UUID, database: Database) -> None:
    header = json.loads(rows(database)[-1]["header"])
    assert set(header["digests"]) == {
        "",
        "content.title",
        "content.description",
        "content.actions.0",
        "content.actions.1",
        "content.targets.0.description",
        "content.targets.0.unit",
        "content.source.kept.Date~1of~0source",
        "content.source.kept.الحالة",
        "content.source.kept.emoji 🌍",
    }


def test_salts_differ_and_so_do_digests_of_the_same_words(pledge: UUID, database: Database) -> None:
    salts = [salt for row in rows(database) for salt in (*row["salts"].values(), row["header_salt"].hex())]
    assert len(set(salts)) == len(salts)
    assert all(len(salt) == 32 for salt in salts)


@pytest.mark.parametrize("column", ["header", "header_salt", "payload"])
def test_a_changed_byte_shows(pledge: UUID, database: Database, column: str) -> None:
    row = rows(database)[-1]
    changed = row[column].replace(b"made", b"mode") if column == "header" else row[column]
    changed = changed.replace(b"Build", b"Built") if column == "payload" else changed
    changed = bytes([changed[0] ^ 1]) + changed[1:] if column == "header_salt" else changed
    assert changed != row[column]
    with pytest.raises(AssertionError):
        check({**row, column: changed})


def test_erased_words_leave_an_event_that_checks(pledge: UUID, database: Database) -> None:
    row = rows(database)[-1]
    payload = json.loads(row["payload"])
    at(payload, "content.description", None)
    salts = {path: salt for path, salt in row["salts"].items() if path != "content.description"}
    assert check({**row, "payload": canonical(payload), "salts": salts}) == check(row)
