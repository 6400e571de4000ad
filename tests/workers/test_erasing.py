"""`pledges erase`: what it says and refuses, and that an erasure that was cut short is finished by itself."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from uuid import UUID

import psycopg
import pytest

from domain.actors import OPERATOR, Authority
from domain.pledges.commands import RecordPledge
from domain.pledges.content import Content
from domain.reference.states import state_id
from domain.values import ERASED
from projections.composition import Runtime
from projections.rebuild import REBUILD_LOCK
from tests.workers.conftest import Pledges
from tests.workers.served import wait_for
from workers import calendar

WORDS = "Ein „Wort“\nمرفأ 港 \\ {title}"
PART = "payload.content.title"
LETTER = Authority(kind="email", reference="letter 7")
CITED = ("--ground", "Article 17 – التشريع", "--decision", "Décision 7/2026", "--date", "2026-03-01")
SAID = "SELECT position FROM pledges.events WHERE name = 'log.field-erased'"


@pytest.fixture
def made(runtime: Runtime) -> tuple[UUID, int]:
    """A pledge, and the position at which its title was said."""
    pledge_id = runtime.new_id()
    command = RecordPledge(
        pledge_id=pledge_id, content=Content(title=WORDS, entity=state_id("KEN")), authority=LETTER
    )
    position = runtime.register.handle(command, by=OPERATOR).position
    runtime.projector().catch_up()
    return pledge_id, position


def erasures(runtime: Runtime) -> list[int]:
    with runtime.pool.connection() as connection:
        return [position for (position,) in connection.execute(SAID)]


def title(runtime: Runtime, pledge_id: UUID, position: int | None = None) -> str:
    moment = runtime.questions.moment(str(position) if position else None)
    found = runtime.questions.pledge(str(pledge_id), viewer=None, moment=moment)
    assert found is not None
    return str(found["title"])


def test_what_is_wrong_is_said_and_nothing_is_erased(
    pledges: Pledges, runtime: Runtime, made: tuple[UUID, int]
) -> None:
    position, decision = made[1], ("--decision", "Decision 7/2026")
    table: list[tuple[tuple[object, ...], int, str]] = [
        ((position, "payload.reference", *CITED), 1, PART),
        ((position, "payload", *CITED), 1, PART),
        ((position, "payload.content.titel", *CITED), 1, PART),
        ((999_999, PART, *CITED), 1, "There is no event at position 999999."),
        ((0, PART, *CITED), 2, "POSITION"),
        (("x", PART, *CITED), 2, "POSITION"),
        ((position, PART, *decision), 2, "--ground"),
        ((position, PART, "--ground", " ", *decision), 1, "legal reason"),
        ((position, PART, "--ground", "A law"), 2, "--decision"),
        ((position, PART, "--ground", "A law", "--decision", " "), 1, "Secretariat's decision"),
        ((position, PART, "--ground", "A law", *decision, "--date", "soon"), 1, "date"),
        ((position, PART, "--ground", "A law", *decision, "--date", "2999-01-01"), 1, "date"),
        ((position, PART, "--ground", "A\x07law", *decision), 1, "control characters"),
    ]  # fmt: skip
    for arguments, code, said in table:
        result = pledges("erase", *arguments)
        assert (result.exit_code, said in result.stderr) == (code, True), (arguments, result.stderr)
    dry = pledges("erase", position, PART, *CITED, "--dry-run")
    assert dry.exit_code == 0
    assert dry.stdout.splitlines()[-1] == "nothing was erased"
    assert repr(WORDS) in dry.stdout
    assert erasures(runtime) == []
    assert title(runtime, made[0]) == WORDS


def test_words_are_erased_once(
    pledges: Pledges, runtime: Runtime, made: tuple[UUID, int], tmp_path: Path
) -> None:
    pledge_id, position = made
    first = pledges("erase", position, PART, *CITED)
    (erased_at,) = erasures(runtime)
    assert first.exit_code == 0, first.stderr
    assert f"erased; position {erased_at} says so" in first.stdout
    assert "built anew without it: " in first.stdout
    again = pledges("erase", position, PART, *CITED)
    assert (again.exit_code, erasures(runtime)) == (0, [erased_at])
    assert "is erased already" in again.stdout
    assert {title(runtime, pledge_id), title(runtime, pledge_id, position)} == {ERASED}
    (told,) = runtime.questions.pledge(  # type: ignore[index]
        str(pledge_id), viewer=None, moment=runtime.questions.moment()
    )["erased"]
    assert told["ground"] == CITED[1]
    assert told["decision"] == {"reference": CITED[3], "date": CITED[5]}
    pledges("export", "pledges", "--format", "csv", "-o", tmp_path / "export.csv")
    compared = pledges("reconcile", tmp_path / "export.csv")
    assert (compared.exit_code, compared.stdout.splitlines()[1][:7]) == (0, "2,same,"), compared.stdout


def test_an_erasure_that_was_killed_on_its_way_is_finished_by_the_calendar(
    runtime: Runtime, made: tuple[UUID, int], environment: dict[str, str]
) -> None:
    """Killed behind its transaction: somebody else's rebuild keeps it from beginning its own."""
    pledge_id, position = made
    with psycopg.connect(environment["DATABASE_URL"], autocommit=True) as other:
        other.execute("SELECT pg_advisory_lock(%s)", [REBUILD_LOCK])
        command = [sys.executable, "-m", "workers", "erase", str(position), PART, *CITED]
        with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as process:
            assert process.stderr is not None
            assert b"another rebuild is under way" in process.stderr.readline()
            process.kill()
    wait_for(lambda: len(erasures(runtime)) == 1)
    runtime.projector().catch_up()
    assert title(runtime, pledge_id, position) == WORDS
    assert calendar.finish_erasures(runtime) > 0
    assert {title(runtime, pledge_id), title(runtime, pledge_id, position)} == {ERASED}
    assert calendar.finish_erasures(runtime) == 0
