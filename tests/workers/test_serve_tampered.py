"""A store that was tampered with is served, says what is wrong, and lets whoever looks into it read."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from threading import Event

import psycopg
import pytest
import requests
from psycopg.conninfo import make_conninfo
from structlog.testing import capture_logs

from projections.composition import Runtime
from projections.database.embedded import running_cluster
from tests.conftest import Database
from tests.workers.conftest import Pledges
from tests.workers.served import Served, wait_for
from workers import calendar

UNREADABLE = "UPDATE pledges.events SET payload = set_byte(payload, 2, 255) WHERE {}"


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    served = Served(tmp_path / "data")
    yield served
    served.end()


def tamper(data_dir: Path, statement: str) -> None:
    with (
        running_cluster(data_dir) as urls,
        psycopg.connect(make_conninfo(urls.owner), autocommit=True) as owner,
    ):
        owner.execute("SET session_replication_role = replica")  # as a superuser can
        assert owner.execute(statement).rowcount == 1


@pytest.mark.parametrize(("which", "position"), [("position = 100", 100), ("name = 'log.key-adopted'", None)])
def test_an_event_that_no_longer_reads_is_named_and_the_rest_can_be_read(
    served: Served, which: str, position: int | None
) -> None:
    served.start()
    size = served.status()["position"]
    served.run("checkpoint")
    served.stop()
    tamper(served.data_dir, UNREADABLE.format(which))
    served.start()
    answer = wait_for(lambda: unhealthy(served))
    said = f"The event at position {position or size} cannot be read"
    assert said in answer["checks"]["log"]["problem"]
    for path in ("/", "/pledges", "/log", f"/log/{position or size}", "/log/events", "/log.json"):
        assert requests.get(served.url + path, timeout=30).status_code == 200, path
    assert said in requests.get(f"{served.url}/log", timeout=30).text
    assert "What is stored does not fit what was signed." in requests.get(served.url, timeout=30).text
    told = served.run("status")
    assert (told.returncode, said in told.stdout) == (1, True)
    if position:  # a bundle needs the key
        assert f"event {position}, payload" in bundle_and_verify(served, served.data_dir.parent / "pack.zip")
        a_note_that_is_garbage_keeps_nobody_from_the_rest(served)


def a_note_that_is_garbage_keeps_nobody_from_the_rest(served: Served) -> None:
    before = requests.get(f"{served.url}/api/v1/log", timeout=30).json()["size"]
    tamper(served.data_dir, f"UPDATE pledges.checkpoints SET note = 'garbage' WHERE size = {before}")
    for path in ("/", "/log", "/log/100", "/api/v1/log", "/api/v1/pledges", "/log.json"):
        assert requests.get(served.url + path, timeout=30).status_code == 200, path
    assert requests.get(f"{served.url}/api/v1/log", timeout=30).json()["size"] < before


CHECKPOINT = (
    "UPDATE pledges.checkpoints SET note = {} WHERE size = (SELECT {}(size) FROM pledges.checkpoints)"
)
ONE_BYTE = "overlay(note placing ' ' from position(chr(10) in note) for 1)"
SIGNATURE = "overlay(note placing 'AAAA' from length(note) - 40 for 4)"


NOTES = (
    (ONE_BYTE, "max", "cannot be read"),
    (SIGNATURE, "max", "no key of this log has signed it"),
    ("'garbage'", "min", "cannot be read"),
)


def test_commands_say_what_does_not_fit_and_write_what_is_there(
    pledges: Pledges, runtime: Runtime, database: Database, tmp_path: Path
) -> None:
    assert pledges("checkpoint").exit_code == 0
    assert pledges("accounts", "add", "someone@example.org", "--role", "secretariat").exit_code == 0
    good = tmp_path / "register.backup"
    done = pledges("backup", "-o", good)
    assert (done.exit_code, done.stderr) == (0, "")
    before = good.read_bytes()
    for note, which, said in NOTES:
        with psycopg.connect(database.owner_url, autocommit=True) as owner:
            owner.execute("SET session_replication_role = replica")
            kept = owner.execute("SELECT note, size FROM pledges.checkpoints").fetchall()
            assert owner.execute(CHECKPOINT.format(note, which)).rowcount == 1
            done = pledges("backup", "-o", good)
            assert (done.exit_code, "this is no good backup" in done.stderr) == (1, True)
            problem = problem_of(runtime)
            assert problem in done.stderr
            assert good.read_bytes() == before
            assert pledges("restore", tmp_path / "register.backup.doubtful").exit_code == 1
            assert said in problem
            all_say_so(pledges, problem, tmp_path / "pack.zip")
            assert pledges("verify", tmp_path / "pack.zip").exit_code == int(note == SIGNATURE)
            assert lines_of_the_worker(runtime) == ["calendar.put-off"]
            owner.cursor().executemany("UPDATE pledges.checkpoints SET note = %s WHERE size = %s", kept)
    assert pledges("backup", "-o", good).exit_code == 0


def problem_of(runtime: Runtime) -> str:
    found = runtime.log.last_check()
    assert found is not None
    assert found.problem is not None
    return found.problem


def all_say_so(pledges: Pledges, problem: str, pack: Path) -> None:
    signed, bundled, told = pledges("checkpoint"), pledges("bundle", "-o", pack), pledges("status")
    assert [done.exit_code for done in (signed, bundled, told)] == [1, 0, 1]
    assert problem in told.stdout
    for done in (signed, bundled):
        assert problem in done.stderr


def lines_of_the_worker(runtime: Runtime) -> list[str]:
    leads = Event()
    leads.set()
    with capture_logs() as told:
        calendar._if_leading(calendar.sign_checkpoint, runtime, leads)
    return [line["event"] for line in told]


def unhealthy(served: Served) -> dict[str, dict[str, dict[str, str]]] | None:
    answer = requests.get(f"{served.url}/readyz", timeout=30)
    return (
        answer.json() if answer.status_code == 503 and answer.json()["checks"]["log"].get("problem") else None
    )


def bundle_and_verify(served: Served, pack: Path) -> str:
    made = served.run("bundle", "-o", str(pack))
    assert made.returncode == 0, made.stderr
    said = served.run("verify", str(pack))
    assert said.returncode == 1
    return said.stderr
