"""`pledges backup` and `restore`: the same register comes back, and of what is not right nothing does."""

from __future__ import annotations

import hashlib
import json
import random
import resource
import signal
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import msgspec
import psycopg
import pytest
import requests
import structlog
from psycopg import Connection
from psycopg.conninfo import make_conninfo

from domain.log.checkpoints import hash_words
from domain.log.notes import parse_note, parse_signer
from projections.backup.archive import (
    MANIFEST,
    TABLES,
    BackupProblem,
    KeptTable,
    Manifest,
    new_archive,
    opened,
)
from projections.backup.tables import tables as kept_tables
from projections.backup.tables import write_out
from projections.composition import Runtime, build
from projections.database.roles import DatabaseUrls, urls_of
from projections.read_model import schema_of
from projections.rebuild import fingerprint
from projections.settings import read_settings
from tests.conftest import Database, new_database
from tests.workers.conftest import Pledges, run
from tests.workers.served import PROGRAM, Served, wait_for
from tests.workers.writers import Writers
from workers.sample import FILE as SAMPLE

EVERYTHING = """
SELECT count(*) FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace
WHERE nspname NOT LIKE 'pg\\_%' AND nspname <> 'information_schema'
"""


@dataclass(frozen=True)
class Filled:
    """A register with something of everything in it, and a backup of it."""

    backup: Path
    token: str


@pytest.fixture
def filled(pledges: Pledges, tmp_path: Path) -> Filled:
    assert pledges("import", SAMPLE).exit_code == 0
    added = pledges("accounts", "add", "someone@example.org", "--role", "secretariat", "--token")
    return Filled(
        back_up(pledges, tmp_path / "register.backup"), added.stdout.splitlines()[-1][len("token: ") :]
    )


@dataclass(frozen=True)
class Kept:
    """Two backups of one register with the States and an account in it, and its log's key."""

    without_keys: bytes
    with_keys: bytes
    log_key: str


@pytest.fixture(scope="module")
def kept(
    admin: Connection,
    cluster_urls: DatabaseUrls,
    template_name: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> Kept:
    """Made once: most tests want a backup that they can spoil."""
    folder = tmp_path_factory.mktemp("kept")
    with new_database(admin, template=template_name) as name, pytest.MonkeyPatch.context() as environment:
        environment.setenv("DATABASE_URL", make_conninfo(cluster_urls.owner, dbname=name))
        environment.setenv("PLEDGES_SECRET_KEY", "x" * 40)
        environment.setenv("PLEDGES_DATA", str(folder / "data"))
        assert run("migrate").exit_code == 0
        assert run("accounts", "add", "someone@example.org", "--role", "secretariat").exit_code == 0
        without_keys = back_up(run, folder / "without").read_bytes()
        with_keys = back_up(run, folder / "with", "--with-keys").read_bytes()
    structlog.reset_defaults()
    return Kept(without_keys, with_keys, (folder / "data" / "log-key").read_text())


@pytest.fixture
def small(kept: Kept, tmp_path: Path) -> Path:
    """A backup of a small register, without keys."""
    path = tmp_path / "small.backup"
    path.write_bytes(kept.without_keys)
    return path


def back_up(pledges: Pledges, path: Path, *options: str) -> Path:
    done = pledges("backup", "-o", path, *options)
    assert done.exit_code == 0, done.stderr
    return path


@pytest.fixture
def elsewhere(bare_database: Database, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Database]:
    """From here on commands find an empty database: fixtures are made in the order they are named in."""
    monkeypatch.setenv("DATABASE_URL", bare_database.owner_url)
    monkeypatch.setenv("PLEDGES_SECRET_KEY", "y" * 40)
    monkeypatch.setenv("PLEDGES_DATA", str(tmp_path / "elsewhere"))
    yield bare_database
    structlog.reset_defaults()


@pytest.fixture
def restored(pledges: Pledges, filled: Filled, elsewhere: Database) -> Iterator[Runtime]:
    done = pledges("restore", filled.backup)
    assert done.exit_code == 0, done.stderr
    settings = read_settings()
    assert settings.database_url is not None
    runtime = build(settings, urls_of(settings.database_url))
    yield runtime
    runtime.close()


def texts(owner_url: str) -> dict[str, KeptTable]:
    """Every table that is kept, as its text."""
    with psycopg.connect(owner_url) as connection:
        found = kept_tables(connection)
        return {table.name: write_out(connection, table, len, len_of) for table in found}


def len_of(rows: int) -> None:
    """Nobody looks on."""


def read_model_rows(owner_url: str, runtime: Runtime) -> dict[str, dict[str, tuple[int, int]]]:
    with psycopg.connect(owner_url) as connection:
        return {model.name: fingerprint(connection, schema_of(model)) for model in runtime.read_models}


def is_empty(database: Database) -> bool:
    with psycopg.connect(database.owner_url) as connection:
        return connection.execute(EVERYTHING).fetchone() == (0,)


def resealed(path: Path, change: Callable[[Manifest, dict[str, bytes]], Manifest | bytes]) -> Path:
    """The same backup but for a change, by somebody who knows how backups are sealed."""
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    changed = change(msgspec.json.decode(members.pop(MANIFEST), type=Manifest), members)
    made = path.with_name("changed.backup")
    with new_archive(made) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
        archive.writestr(MANIFEST, changed if isinstance(changed, bytes) else msgspec.json.encode(changed))
    return made


# -- the same register


def test_a_restored_register_is_the_same(
    filled: Filled, database: Database, runtime: Runtime, elsewhere: Database, restored: Runtime
) -> None:
    with opened(filled.backup) as backup:
        kept = {table.name: table for table in backup.manifest.tables}
    now = texts(elsewhere.owner_url)
    assert now.keys() == kept.keys()
    # That it was looked at is remembered, and nothing else has changed.
    assert {name for name in now if now[name] != kept[name]} == {"log_checks"}
    assert read_model_rows(database.owner_url, runtime) == read_model_rows(elsewhere.owner_url, restored)
    assert all(rows for rows in read_model_rows(elsewhere.owner_url, restored).values())
    before, after = runtime.log.latest(), restored.log.latest()
    assert before is not None
    assert before == after


def test_what_was_restored_is_said_in_one_line(small: Path, elsewhere: Database) -> None:
    done = run("restore", small)
    with opened(small) as backup:
        said = backup.manifest
    assert said.checkpoint is not None
    size = said.checkpoint.splitlines()[1]
    (line,) = done.stdout.splitlines()
    assert line.startswith(f"restored {said.position:,} events and all else, ")
    assert said.made_at in line
    assert f"that was signed at {size} events" in line


def test_a_restored_register_goes_on(pledges: Pledges, filled: Filled, restored: Runtime) -> None:
    assert restored.signing_in.actor_of_token(filled.token) is not None
    again = pledges("import", SAMPLE)
    assert again.stdout.splitlines()[-1] == "0 made, 0 amended, 38 unchanged, 0 refused, 0 conflicts"
    assert pledges("cycles", "open", "2030", "--on", "2026-06-01").exit_code == 0
    assert restored.log.check() is None
    assert restored.log.check() is None  # which numbers what it found


def test_a_log_without_its_key_is_told_how_to_sign_on(
    kept: Kept, small: Path, elsewhere: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = run("restore", small)
    assert done.exit_code == 0
    assert "PLEDGES_LOG_KEY" in done.stderr
    refused = run("checkpoint", "--new-key", "--reason", "lost")
    assert refused.exit_code == 1
    assert "PLEDGES_LOG_KEY" in refused.stderr
    monkeypatch.setenv("PLEDGES_LOG_KEY", kept.log_key)
    assert run("checkpoint", "--new-key", "--reason", "the machine changed").exit_code == 1  # needs both
    assert run("checkpoint").exit_code == 0


def test_a_log_whose_key_is_lost_goes_on_under_another_and_says_so(
    kept: Kept, small: Path, elsewhere: Database, tmp_path: Path
) -> None:
    lost = ("checkpoint", "--new-key", "--reason", "The machine burnt", "--lost")
    assert run("restore", small).exit_code == 0
    assert run("checkpoint", "--lost", "Decision 9/2026").exit_code == 2
    assert run(*lost, " ").exit_code == 1
    signed = run(*lost, "Decision 9/2026")
    assert signed.exit_code == 0, signed.stderr
    old = parse_signer(kept.log_key.strip()).verifier
    assert [old.is_by(one) for one in parse_note(signed.stdout.encode()).signatures] == [False]
    again = run(*lost, "Decision 9/2026")
    assert again.exit_code == 1
    assert "is at hand" in again.stderr
    pack, keys = tmp_path / "pack.zip", tmp_path / "keys"
    assert run("bundle", "-o", pack).exit_code == 0
    with zipfile.ZipFile(pack) as archive:
        today = archive.read("keys").decode().splitlines()[-1]
    keys.write_text(str(old))
    refused = run("verify", pack, "--key", keys)
    assert refused.exit_code == 1
    assert f"the key {today} was adopted there" in refused.stdout + refused.stderr
    for trusted in ([today], [str(old), today], None):
        keys.write_text("\n".join(trusted or ()))
        verified = run("verify", pack, *(("--key", keys) if trusted else ()))
        assert verified.exit_code == 0, verified.stderr
        assert "THE CHAIN OF KEYS IS BROKEN at event " in verified.stdout


def test_keys_travel_when_asked_and_never_otherwise(kept: Kept, small: Path, tmp_path: Path) -> None:
    key = kept.log_key
    with zipfile.ZipFile(small) as archive:
        assert not [
            name
            for name in archive.namelist()
            if key.encode() in archive.read(name) or name.startswith("keys")
        ]
    with_keys = tmp_path / "with-keys"
    with_keys.write_bytes(kept.with_keys)
    with opened(with_keys) as backup:
        assert backup.keys("keys/log-key") == key
        assert backup.keys("keys/secret-key") == "x" * 40 + "\n"


# -- what is not right


def test_one_flipped_bit_anywhere_is_noticed(small: Path, tmp_path: Path) -> None:
    whole = small.read_bytes()
    altered = tmp_path / "altered"
    places = {0, 1, len(whole) - 1, len(whole) - 64, len(whole) - 65, len(whole) - 90}
    places |= set(random.Random(4).sample(range(len(whole)), 30))
    for place in places:
        flipped = bytearray(whole)
        flipped[place] ^= 1 << place % 8
        altered.write_bytes(flipped)
        with (
            pytest.raises(BackupProblem, match=r"was altered after it was made|does not end as a backup"),
            opened(altered),
        ):
            pass


@pytest.mark.parametrize("left", [0, 1, 63, 71, 100_000, -1, -64])
def test_a_backup_that_is_cut_off_is_refused(
    small: Path, elsewhere: Database, tmp_path: Path, left: int
) -> None:
    cut = tmp_path / "cut"
    cut.write_bytes(small.read_bytes()[:left])
    done = run("restore", cut)
    assert done.exit_code == 1
    assert done.stderr.startswith(f"pledges: {cut} does not end as a backup ends: it is cut off")
    assert is_empty(elsewhere)


def newer_format(manifest: Manifest, members: dict[str, bytes]) -> bytes:
    return b'{"format": "pledges backup 2", "version": "9.1", "parts": []}'


def newer_migration(manifest: Manifest, members: dict[str, bytes]) -> Manifest:
    last = manifest.migrations[-1]
    newer = msgspec.structs.replace(last, name="0999_something_new")
    many = (*manifest.migrations, *[newer] * 20)
    return msgspec.structs.replace(manifest, version="9.1", migrations=many)


def newer_version(manifest: Manifest, members: dict[str, bytes]) -> Manifest:
    return msgspec.structs.replace(manifest, version="9.1")


def other_migration(manifest: Manifest, members: dict[str, bytes]) -> Manifest:
    other = msgspec.structs.replace(manifest.migrations[1], digest="0" * 64)
    changed = (manifest.migrations[0], other, *manifest.migrations[2:])
    return msgspec.structs.replace(manifest, migrations=changed)


def another_row(manifest: Manifest, members: dict[str, bytes]) -> Manifest:
    members[f"{TABLES}/people"] = members[f"{TABLES}/people"].replace(b"someone@", b"anybody@")
    return manifest


def no_table(manifest: Manifest, members: dict[str, bytes]) -> Manifest:
    del members[f"{TABLES}/people"]
    return manifest


def another_column(manifest: Manifest, members: dict[str, bytes]) -> Manifest:
    tables = [
        msgspec.structs.replace(table, columns=table.columns[1:]) if table.name == "people" else table
        for table in manifest.tables
    ]
    return msgspec.structs.replace(manifest, tables=tuple(tables))


def rewritten(
    name: str, rewrite: Callable[[bytes], bytes]
) -> Callable[[Manifest, dict[str, bytes]], Manifest]:
    """A table changed by somebody who knows how digests of tables are made."""

    def change(manifest: Manifest, members: dict[str, bytes]) -> Manifest:
        content = members[f"{TABLES}/{name}"] = rewrite(members[f"{TABLES}/{name}"])
        said = {"sha256": hashlib.sha256(content).hexdigest(), "rows": content.count(b"\n")}
        tables = [
            msgspec.structs.replace(table, **said) if table.name == name else table
            for table in manifest.tables
        ]
        return msgspec.structs.replace(manifest, tables=tuple(tables))

    return change


def another_title(events: bytes) -> bytes:
    rows = events.splitlines(keepends=True)
    rows[70] = rows[70].replace(b"6e616d65", b"6e616d66", 1)  # "name" in hex, wherever it stands first
    return b"".join(rows)


def without_the_last(events: bytes) -> bytes:
    return b"".join(events.splitlines(keepends=True)[:-1])


def swapped(events: bytes) -> bytes:
    rows = events.splitlines(keepends=True)
    one, other = rows[70].split(b"\t", 1), rows[71].split(b"\t", 1)
    rows[70], rows[71] = one[0] + b"\t" + other[1], other[0] + b"\t" + one[1]
    return b"".join(rows)


def another_root(checkpoints: bytes) -> bytes:
    size, root, rest = checkpoints.split(b"\t", 2)
    return b"\t".join([size, root[:-1] + (b"0" if root[-1:] != b"0" else b"1"), rest])


def unsigned(manifest: Manifest, members: dict[str, bytes]) -> Manifest:
    assert manifest.checkpoint is not None
    origin, size, _, rest = manifest.checkpoint.split("\n", 3)
    return msgspec.structs.replace(
        manifest, checkpoint="\n".join([origin, size, hash_words(b"0" * 32), rest])
    )


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (newer_format, "is of the format 'pledges backup 2', made by pledges 9.1, and this version reads"),
        (
            newer_migration,
            "was made by pledges 9.1 at migration 0999_something_new, and this version knows up to",
        ),
        (newer_version, "was made by pledges 9.1, which is newer than this version ("),
        (other_migration, "with the migration 0002_events_are_kept_for_ever, and this version has another"),
        (another_row, "the table people is not the one that its manifest describes: 1 rows with the SHA-256"),
        (no_table, "is no backup: tables/people"),
        (another_column, "does not hold the columns of the table people as it should"),
        (rewritten("people", lambda rows: rows + rows), "the table people is refused: duplicate key"),
        (rewritten("people", lambda _: b"half a row"), "the table people is not the one that"),
        (rewritten("people", lambda _: b"no person\n"), "the table people is refused: "),
        (rewritten("events", another_title), "position 71"),
        (rewritten("events", without_the_last), "it says that it goes up to position"),
        (rewritten("events", swapped), "the table events is refused: events must follow the last one"),
        (
            rewritten("checkpoints", another_root),
            "holds what was tampered with before it was made. The checkpoint of",
        ),
        (unsigned, "does not hold"),
    ],
)
def test_what_is_not_right_is_named_and_not_restored(
    small: Path,
    elsewhere: Database,
    change: Callable[[Manifest, dict[str, bytes]], Manifest | bytes],
    said: str,
) -> None:
    done = run("restore", resealed(small, change))
    assert done.exit_code == 1
    assert said in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert is_empty(elsewhere)


@pytest.mark.parametrize("content", [b"", b"ref,title\n", b"PK\x05\x06" + b"\0" * 18, None])
def test_what_is_no_backup_is_refused(elsewhere: Database, tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "something"
    if content is not None:
        path.write_bytes(content)
    done = run("restore", path)
    assert done.exit_code == 1
    assert str(path) in done.stderr
    assert is_empty(elsewhere)


def test_a_database_that_is_not_empty_is_left_as_it_is(
    pledges: Pledges, small: Path, database: Database
) -> None:
    before = texts(database.owner_url)
    done = pledges("restore", small)
    assert done.exit_code == 1
    assert "is not empty, it has the table pledges." in done.stderr
    assert texts(database.owner_url) == before


def test_somebody_elses_table_is_seen(small: Path, elsewhere: Database) -> None:
    with psycopg.connect(elsewhere.owner_url) as connection:
        connection.execute("CREATE TABLE notes (words text)")
    done = run("restore", small)
    assert done.exit_code == 1
    assert "is not empty, it has the table public.notes" in done.stderr


def test_every_table_has_a_key_to_order_it_by(database: Database) -> None:
    with psycopg.connect(database.owner_url) as connection:
        found = kept_tables(connection)
    assert [table.name for table in found if not table.order] == []
    assert [table.name for table in found].index("cosignatures") > [table.name for table in found].index(
        "checkpoints"
    )


# -- a register that runs from a data directory


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    register = Served(tmp_path / "data")
    yield register
    register.end()


@pytest.fixture
def second(tmp_path: Path) -> Iterator[Served]:
    register = Served(tmp_path / "second" / "data")
    register.data_dir.parent.mkdir()
    yield register
    register.end()


def board(register: Served, as_of: str) -> list[dict[str, object]]:
    answer = requests.get(f"{register.url}/api/v1/exports/pledges.jsonl?as_of={as_of}", timeout=30)
    assert answer.status_code == 200, answer.text
    return [json.loads(line) for line in answer.text.splitlines()]


def test_the_drill(served: Served, second: Served, tmp_path: Path) -> None:
    backup = tmp_path / "register.backup"
    served.start()
    token = served.token("--role", "secretariat")
    assert served.run("import", str(SAMPLE)).returncode == 0
    with Writers(served.url, token) as writers:
        writers.go_on()
        acknowledged = dict(writers.acknowledged)
        made = served.run("backup", "-o", str(backup), "--with-keys")
        writers.go_on()
    assert made.returncode == 0, made.stderr
    assert "whoever reads it can sign" in made.stderr
    done = second.run("restore", str(backup))
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    assert second.run("restore", str(backup)).returncode == 1
    second.start()
    with opened(backup) as kept:
        position, checkpoint = str(kept.manifest.position), kept.manifest.checkpoint
    assert checkpoint is not None
    size = checkpoint.splitlines()[1]
    assert board(second, position) == board(served, position)
    assert board(second, f"checkpoint:{size}") == board(served, f"checkpoint:{size}")
    assert {pledge["id"] for pledge in board(second, position)} >= set(acknowledged.values())
    again = second.run("import", str(SAMPLE))
    assert again.stdout.splitlines()[-1] == "0 made, 0 amended, 38 unchanged, 0 refused, 0 conflicts"
    with Writers(second.url, token) as writers:
        writers.go_on()
    signed = second.run("checkpoint")
    assert signed.returncode == 0, signed.stderr
    assert int(signed.stdout.splitlines()[1]) > int(position)
    wait_for(second.is_ready)
    assert second.run("rebuild").returncode == 0  # each equal to what was built from the backup


def test_a_data_directory_that_is_not_empty_is_left_as_it_is(second: Served, tmp_path: Path) -> None:
    second.data_dir.mkdir()
    (second.data_dir / "letter.txt").write_text("kept")
    backup = tmp_path / "register.backup"
    with new_archive(backup) as archive:
        archive.writestr(MANIFEST, '{"format": "pledges backup 1"}')
    done = second.run("restore", str(backup))
    assert done.returncode == 1
    assert [path.name for path in second.data_dir.iterdir()] == ["letter.txt"]


def test_a_restore_that_was_killed_is_no_hindrance(small: Path, second: Served) -> None:
    process = subprocess.Popen(
        [*PROGRAM, "restore", str(small)], env=second.environment, stderr=subprocess.DEVNULL
    )
    aside = second.data_dir / ".restoring"
    wait_for((aside / "postgresql" / "postmaster.pid").exists)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert not (second.data_dir / "postgresql").exists()
    done = second.run("restore", str(small))
    assert done.returncode == 0, done.stderr
    assert not aside.exists()
    assert second.status()["position"] > 0


def test_what_fails_on_the_way_leaves_no_data_directory(small: Path, second: Served) -> None:
    done = second.run("restore", str(resealed(small, rewritten("events", swapped))))
    assert done.returncode == 1
    assert "the table events is refused" in done.stderr
    assert not second.data_dir.exists()


def test_a_key_that_is_there_already_is_never_written_over(
    kept: Kept, small: Path, second: Served, tmp_path: Path
) -> None:
    second.data_dir.mkdir()
    key = second.data_dir / "log-key"
    key.write_text("another\n")
    with_keys = tmp_path / "with-keys"
    with_keys.write_bytes(kept.with_keys)
    done = second.run("restore", str(with_keys))
    assert done.returncode == 1
    assert f"{key} is another key than the backup's" in done.stderr
    assert key.read_text() == "another\n"
    key.write_text(kept.log_key)
    assert second.run("restore", str(small)).stderr == ""  # nothing is missing to sign with
    assert second.run("checkpoint").returncode == 0


def test_where_there_is_no_register_none_is_made_to_be_backed_up(second: Served, tmp_path: Path) -> None:
    done = second.run("backup", "-o", str(tmp_path / "register.backup"))
    assert done.returncode == 1
    assert (
        done.stderr == f"pledges: there is no register in {second.data_dir}: PLEDGES_DATA says where it is\n"
    )
    assert not second.data_dir.exists()


def test_a_disk_that_is_full_leaves_no_half_a_backup(pledges: Pledges, small: Path, tmp_path: Path) -> None:
    back_up(pledges, small)
    assert small.stat().st_mode & 0o777 == 0o600
    before = small.read_bytes()
    done = subprocess.run(
        [*PROGRAM, "backup", "-o", str(small)],
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, 50_000)),
    )
    assert done.returncode == 1
    assert done.stderr == f"pledges: {small} cannot be written: File too large\n"
    assert small.read_bytes() == before
    assert [path.name for path in tmp_path.iterdir() if "unfinished" in path.name] == []


def test_help_says_what_keys_in_a_backup_mean() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "workers", "backup", "--help"], capture_output=True, check=True
    )
    assert b"sign" in done.stdout
