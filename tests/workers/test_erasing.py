"""`pledges erase`: what it says and refuses, what is served then, and what was cut short is finished."""

from __future__ import annotations

import io
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import msgspec
import psycopg
import pytest
import requests

from domain.actors import OPERATOR, Authority
from domain.pledges.commands import RecordPledge, ReportProgress
from domain.pledges.content import Content
from domain.pledges.events import Evidence, EvidenceFile
from domain.reference.states import state_id
from domain.values import ERASED
from projections.composition import Runtime
from projections.rebuild import REBUILD_LOCK
from tests.web.live import BY_LETTER
from tests.workers.conftest import Pledges
from tests.workers.served import Served, wait_for
from workers import calendar

WORDS = "Ein „Wort“ مرفأ 港 \\ {title}"
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


def test_a_file_that_the_event_names_is_told_to_be_removed_by_hand(
    pledges: Pledges, runtime: Runtime, made: tuple[UUID, int]
) -> None:
    sha256 = "ab" + "0" * 62
    one = EvidenceFile(sha256=sha256, bytes=9, media_type="application/pdf")
    report = ReportProgress(
        pledge_id=made[0], effective_on="2026-01-01", narrative="Done.",
        evidence=(Evidence(title="Minutes of a person", file=one),),
        authority=Authority(kind="email", reference="letter 9"),
    )  # fmt: skip
    position = runtime.register.handle(report, by=OPERATOR).position
    told = pledges("erase", position, "payload.evidence.0.title", *CITED, "--dry-run")
    assert f"removed by hand): ab/{sha256} in {runtime.settings.files_at}" in told.stdout, told.stderr
    assert "removed by hand" not in pledges("erase", made[1], PART, *CITED, "--dry-run").stdout
    again = runtime.register.handle(msgspec.structs.replace(report, narrative="More."), by=OPERATOR).position
    told = pledges("erase", position, "payload.evidence.0.title", *CITED, "--dry-run")
    assert f"(named by the events {again} too): ab/{sha256}" in told.stdout, (
        "it is evidence of another report"
    )


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


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    register = Served(tmp_path / "data")
    yield register
    register.end()


TITLE, SOUGHT = "Quuxotic harbour", "quuxotic"
FORMS = (
    "/pledges", "/pledges.csv", "/pledges.xlsx", "/pledges/{of}", "/pledges/{of}.json", "/pledges/{of}.csv",
    "/pledges/{of}/changes?from={at}", "/log/{at}", "/log/events.json", "/api/v1/pledges/{of}",
    "/api/v1/pledges/{of}/history", "/api/v1/exports/pledges.jsonl", "/api/v1/exports/events.jsonl",
    "/api/v1/exports/bundle.zip",
)  # fmt: skip
"""Where the words stand, whoever asks; most of them today and at any moment."""


def test_a_register_that_is_served_forgets_without_a_restart(served: Served) -> None:
    served.start()
    auditor = {"Authorization": f"Bearer {served.token('--role', 'secretariat')}"}
    assert served.run("accounts", "grant", "secretary@example.org", "--role", "auditor").returncode == 0
    body = {"title": TITLE, "entity": str(state_id("KEN")), "record": True, **BY_LETTER}
    made = requests.post(f"{served.url}/api/v1/pledges", json=body, headers=auditor, timeout=30)
    assert made.status_code == 201, made.text
    position, reference = int(made.headers["X-Position"]), made.json()["reference"]
    assert served.run("checkpoint").returncode == 0
    paths = [form.format(of=reference, at=position) for form in FORMS]
    paths += [f"{path}{'&' if '?' in path else '?'}as_of={position}" for path in paths[:-2]]
    before = {path: requests.get(served.url + path, headers=auditor, timeout=30) for path in paths}
    assert [path for path, answer in before.items() if TITLE.encode() not in unpacked(answer)] == []
    assert found_by_words(served) == 1

    done = served.run("erase", str(position), PART, *CITED)
    assert done.returncode == 0, done.stderr
    for _ in range(2):  # there are two processes that answer
        for path, answer in before.items():
            kept = {"If-None-Match": answer.headers.get("ETag", '"none"'), **auditor}
            again = requests.get(served.url + path, headers=kept, timeout=30)
            assert TITLE.encode() not in unpacked(again), path
        assert found_by_words(served) == 0
    (told,) = requests.get(f"{served.url}/api/v1/pledges/{reference}", timeout=30).json()["erased"]
    for moment in ("", f"?as_of={position}"):
        page = requests.get(f"{served.url}/pledges/{reference}{moment}", timeout=30).text
        for words in ("Title: erased by law on", CITED[1], CITED[3], f"/log/{told['erased_at']}"):
            assert words in page, (moment, words)


def found_by_words(served: Served) -> int:
    answer = requests.get(f"{served.url}/api/v1/pledges?q={SOUGHT}", timeout=30)
    return int(answer.json()["total"])


def unpacked(answer: requests.Response) -> bytes:
    """What an answer holds, out of an archive too."""
    assert answer.status_code == 200, (answer.url, answer.text[:300])
    if not answer.content.startswith(b"PK"):
        return answer.content
    with zipfile.ZipFile(io.BytesIO(answer.content)) as pack:
        return b"".join(map(pack.read, pack.namelist()))
