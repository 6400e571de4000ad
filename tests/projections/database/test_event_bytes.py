"""docs/events-bytes.md, followed to the letter: by the checker on the page, not by the register's code."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
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

PAGE = Path(__file__).parents[3].joinpath("docs", "events-bytes.md").read_text(encoding="utf-8")
(CHECKER,) = re.findall(r"^```python\n(.*?)^```$", PAGE, flags=re.DOTALL | re.MULTILINE)
HEADERS = Path(__file__).parents[2] / "domain" / "samples" / "headers"

# No key of a real payload has a sign beyond U+FFFF, so sorting by code points is sorting by UTF-16 units.
CANONICAL: dict[str, Any] = {"sort_keys": True, "separators": (",", ":"), "ensure_ascii": False}
KEPT = {"Date.of~source": "ref 7", "الحالة": "جديد", "emoji 🌍": "ok"}
OFFICE = "Office « des écoles » 🌍"


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


def check(*rows: dict[str, Any]) -> list[bytes]:
    """The entries of events, every digest on the way checked by the page's own checker, in a bare Python."""
    said = [{column: _as_json(value) for column, value in row.items()} for row in rows]
    done = subprocess.run(
        [sys.executable, "-I", "-c", CHECKER],
        input="".join(json.dumps(row) + "\n" for row in said),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise AssertionError(done.stderr.strip().splitlines()[-1])
    return [bytes.fromhex(line) for line in done.stdout.split()]


def _as_json(value: Any) -> Any:
    """A column's value as `to_jsonb` gives it."""
    if isinstance(value, bytes):
        return f"\\x{value.hex()}"
    return value if isinstance(value, dict) else str(value)


def without(row: dict[str, Any], path: str, *, of: str = "payload") -> dict[str, Any]:
    """A row with one part erased, as the page says it."""
    content, salts = json.loads(row[of]), "salts" if of == "payload" else "header_salts"
    at(content, path, None)
    return {**row, of: canonical(content), salts: {k: v for k, v in row[salts].items() if k != path}}


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
    command = RecordPledge(pledge_id=uuid4(), content=content, authority=AUTHORITY, office=OFFICE)
    return founded.register.handle(command, by=OPERATOR).stream


def test_every_event_can_be_checked_from_the_page_alone(pledge: UUID, database: Database) -> None:
    stored = rows(database)
    assert len(stored) == 198
    entries = check(*stored)
    assert entries == [log_entry(row["header_digest"], row["payload_digest"]) for row in stored]
    assert {len(entry) for entry in entries} == {81}


def test_the_query_of_the_page_gives_what_its_checker_reads(pledge: UUID, database: Database) -> None:
    (question,) = re.findall(r"`(SELECT to_jsonb[^`]+)`", PAGE)
    with psycopg.connect(database.owner_url) as connection:
        told = [row for (row,) in connection.execute(question)]
    assert check(*told) == check(*rows(database))


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
        "content.source.ref",
        "content.source.kept.Date~1of~0source",
        "content.source.kept.الحالة",
        "content.source.kept.emoji 🌍",
    }


def test_words_of_the_header_are_parts_of_their_own(pledge: UUID, database: Database) -> None:
    row = rows(database)[-1]
    header = json.loads(row["header"])
    assert (header["format"], header["office"]) == (3, OFFICE)
    parts = {"actor", "office", "authority.reference"}
    assert set(header["word_digests"]) == parts == set(row["header_salts"])


def test_the_header_has_the_fields_of_the_page_in_their_types(pledge: UUID, database: Database) -> None:
    table = re.findall(r"^\| `(\w+)` \| ([^|]+) \| ([^|]+) \| [^|]+ \|$", PAGE, re.MULTILINE)
    told = {name: (kind, there == "always") for name, kind, there in table}
    headers = [json.loads(row["header"]) for row in rows(database)]
    headers += [json.loads(path.read_text(encoding="utf-8"))["header"] for path in HEADERS.glob("*.json")]
    always = {name for name, (_, is_always) in told.items() if is_always}
    assert {name for header in headers for name in header} == set(told)
    for header in headers:
        assert always <= set(header)
        for name, value in header.items():
            assert IS[told[name][0]](value), name
        authority = header.get("authority", {"kind": "none"})
        assert {"kind"} <= set(authority) <= {"kind", "reference", "date"}
        assert re.fullmatch(r"[a-z_]+", authority["kind"])
        assert re.fullmatch(r"[A-Za-z0-9._:-]{1,100}", header.get("request_id", "none"))


def _is_number(value: Any) -> bool:
    return type(value) is int and value >= 1


def _is_text(pattern: str) -> Any:
    return lambda value: isinstance(value, str) and re.fullmatch(pattern, value)


IS: dict[str, Any] = {
    "string": _is_text(".+"),
    "string or null": lambda value: value is None or isinstance(value, str),
    "whole number": _is_number,
    "whole number from 1": _is_number,
    "id": _is_text(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"),
    "date": _is_text(r"\d{4}(-\d{2}(-\d{2})?)?"),
    "object": lambda value: isinstance(value, dict),
    "object of strings": lambda value: all(re.fullmatch("[0-9a-f]{64}", text) for text in value.values()),
}


def test_salts_differ_and_so_do_digests_of_the_same_words(pledge: UUID, database: Database) -> None:
    salts = [
        salt
        for row in rows(database)
        for salt in (*row["salts"].values(), *row["header_salts"].values(), row["header_salt"].hex())
    ]
    assert len(set(salts)) == len(salts)
    assert all(len(salt) == 32 for salt in salts)


FORGED = {
    "role": ("header", b"secretariat", b"pledger", "'' does not match"),
    "actor": ("header", str(OPERATOR.account).encode(), str(UUID(int=9)).encode(), "'actor' does not match"),
    "office": ("header", OFFICE.encode(), b"Another", "'office' does not match"),
    "authority": ("header", b'"reference":"', b'"reference":"Not ', "'authority.reference' does not match"),
    "action": ("payload", b"Build", b"Built", "'content.actions.0' does not match"),
    "target": ("payload", b'"240"', b'"241"', "'' does not match"),
}


@pytest.mark.parametrize("what", FORGED)
def test_whatever_is_forged_is_named(pledge: UUID, database: Database, what: str) -> None:
    column, was, is_now, named = FORGED[what]
    row = rows(database)[-1]
    assert was in row[column]
    with pytest.raises(AssertionError, match=named):
        check({**row, column: row[column].replace(was, is_now)})


@pytest.mark.parametrize("column", ["header_salt", "header_digest", "payload_digest"])
def test_a_changed_salt_or_digest_shows(pledge: UUID, database: Database, column: str) -> None:
    row = rows(database)[-1]
    with pytest.raises(AssertionError, match="does not match"):
        check({**row, column: bytes([row[column][0] ^ 1]) + row[column][1:]})


ERASABLE = [("payload", "content.description"), ("header", "office"), ("header", "authority.reference")]
WITHHELD = ("header", "actor")


@pytest.mark.parametrize(("of", "path"), [*ERASABLE, WITHHELD])
def test_erased_words_leave_an_event_that_checks(
    pledge: UUID, database: Database, of: str, path: str
) -> None:
    row = rows(database)[-1]
    assert check(without(row, path, of=of)) == check(row)


@pytest.mark.parametrize(("of", "path"), [*ERASABLE, WITHHELD])
def test_words_without_a_salt_prove_nothing(pledge: UUID, database: Database, of: str, path: str) -> None:
    row = rows(database)[-1]
    with pytest.raises(AssertionError, match=f"'{path}' has no salt"):
        check({**without(row, path, of=of), of: row[of]})


@pytest.mark.parametrize("sample", sorted(HEADERS.glob("*.json")), ids=lambda path: path.stem)
def test_kept_samples_of_every_format_check(sample: Path) -> None:
    told = json.loads(sample.read_text(encoding="utf-8"))
    row = {
        **told,
        "header": canonical(told["header"]),
        "payload": canonical(told["payload"]),
    }
    assert check(row) == [bytes.fromhex(told["entry"])]
