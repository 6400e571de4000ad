"""The register as of twenty past moments is, byte for byte, one that holds no later event.

That other register gets copies of the events alone, its projector has never seen more, and it is asked for
today by a clock that stands at the moment: another way through the code than the one that asks for the past.
"""

from __future__ import annotations

import csv
import io
import json
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest
from flask.testing import FlaskClient
from psycopg import Connection
from psycopg.conninfo import make_conninfo

from domain.log.commands import EraseField
from domain.recording import Authority
from projections.board.filters import PledgeFilters
from projections.composition import Runtime, build
from projections.database.roles import DatabaseUrls
from projections.exports import write_jsonl
from projections.read_models import READ_MODELS
from projections.settings import Settings
from tests.conftest import Database, new_database
from tests.projections.board.asking import SECRETARIAT
from tests.web.demonstration import Demonstration, demonstrating
from tests.web.live import BY_LETTER, KENYA, PORTUGAL, SECONDS_MAX, Register
from tests.web.pledges import NEXT_YEAR, TARGET, TODAY, drafted, published, recorded, submitted
from web.app import create_app

MOMENTS, TIMES, TOLD_WHOLE = 20, 5, 10
FOUNDED = 196
LOG_AND_WORDS = ("cycles", "reference", "intake", "log", "log/checkpoint", "log/events/100")
DIMENSIONS = ("objective", "principle", "region", "category", "type", "form", "status", "cycle")
DECISION = Authority(kind="document", reference="Decision 7/2026", date="2026-03-01")
CHECKPOINTS_UP_TO = "SELECT size, root, note, signed_at FROM checkpoints WHERE size <= %s AND signed_at <= %s"


# -- a register to which everything has happened


def everything_happens(shown: Demonstration) -> str:
    """What the demonstration leaves out; the reference of the pledge of which words were erased."""
    live = shown.live
    reference = str(
        recorded(live, KENYA, title="Words that the law forgets", made_on="2022").json["reference"]
    )
    live.as_("secretariat").patch(
        f"/pledges/{reference}", {"changes": {"levels": ["local"]}, "reason": "Where", **BY_LETTER}
    )
    _sign(live)
    _reviewed(live)
    _reported_in_another_order(live)
    _sign(live)
    _partners_come_and_go(live)
    _matches_come_and_go(live)
    _sign(live)
    _entities_change(live)
    _cycles_change(live)
    _erased(live, reference)
    _sign(live)
    return reference


def _sign(live: Register) -> None:
    live.runtime.notary.adopt_first_key()
    _caught_up(live)
    live.runtime.notary.sign()


def _caught_up(live: Register) -> None:
    assert live.runtime.readers.wait_for(last_position(live.runtime), SECONDS_MAX)


def last_position(runtime: Runtime) -> int:
    return runtime.recorder.max_notification_id() or 0


def _reviewed(live: Register) -> None:
    """One recalled and returned before it was made, one rejected, one that still waits."""
    owner, secretariat = live.as_("pledger", PORTUGAL), live.as_("secretariat")
    pledge = submitted(live, PORTUGAL)
    for client, action, body in (
        (owner, "recall", None), (owner, "submission", None),
        (secretariat, "return", {"reason": "Say where.", "fields": {"countries": "Which?"}}),
        (owner, "submission", None), (secretariat, "publication", None),
    ):  # fmt: skip
        assert client.post(f"/pledges/{pledge}/{action}", body).status == 200, action
    rejected = submitted(live, PORTUGAL)
    secretariat.post(f"/pledges/{rejected}/rejection", {"reason": "Elsewhere", "code": "refugee-compact"})
    submitted(live, PORTUGAL)


def _reported_in_another_order(live: Register) -> None:
    """Done in March, reported after June was, corrected in the end, and back to nothing."""
    entity = live.entity("Reporting")
    secretariat = live.as_("secretariat")
    pledge = recorded(live, entity, made_on="2022-05", due_on="2024", targets=[TARGET]).json["id"]
    for day, percent in (("2024-06", "120"), ("2024-03-01", "60"), ("2024-07-02", "20")):
        report = {"effective_on": day, "measures": [{"target": "t1", "value": percent}], **BY_LETTER}
        assert secretariat.post(f"/pledges/{pledge}/progress-reports", report).status == 200
    told = secretariat.get(f"/pledges/{pledge}/history").json["items"]
    latest = [entry["position"] for entry in told if entry["name"] == "pledge.progress-reported"][-1]
    nothing = {"effective_on": "2024-07-02", "measures": [{"target": "t1", "value": "0"}], **BY_LETTER}
    answer = secretariat.post(
        f"/pledges/{pledge}/progress-reports/{latest}/correction", {**nothing, "reason": "None of it stood"}
    )
    assert answer.status == 200, answer.body


def _partners_come_and_go(live: Register) -> None:
    lead, joins, declines, leaves = (live.entity(name) for name in ("Lead", "Joins", "Declines", "Leaves"))
    owner = live.as_("pledger", lead)
    pledge = published(live, lead, type="partnership", partners=[str(joins), str(declines), str(leaves)])
    at = f"/pledges/{pledge}/partners"
    answers = [
        live.as_("pledger", joins).post(f"{at}/{joins}/acceptance", {"part": {"description": "Wells"}}),
        live.as_("pledger", declines).post(f"{at}/{declines}/declination"),
        live.as_("pledger", leaves).post(f"{at}/{leaves}/acceptance", {}),
        live.as_("pledger", joins).post(
            f"/pledges/{pledge}/progress-reports", {"effective_on": TODAY, "percent": 30}
        ),
        live.as_("pledger", leaves).post(f"{at}/{leaves}/departure", {"reason": "Other plans"}),
        owner.post(at, {"entity": str(KENYA)}),
        owner.post(f"{at}/{KENYA}/cancellation", {}),
    ]
    assert {answer.status for answer in answers} == {200}


def _matches_come_and_go(live: Register) -> None:
    """A call that one answer meets, until that one is withdrawn; another was declined."""
    asking, giving = live.entity("Calls"), live.entity("Answers")
    terms = {"kind": "technical", "condition": "Somebody teaches", "count": 1, "deadline": NEXT_YEAR}
    call = published(live, asking, type="matching", terms=terms)
    owner, giver = live.as_("pledger", asking), live.as_("pledger", giving)
    for answer in ("declination", "acceptance"):
        given = published(live, giving)
        offered = giver.post(f"/pledges/{call}/matches", {"pledge": given}).json["id"]
        body = {"reason": "Not now"} if answer == "declination" else None
        assert owner.post(f"/pledges/{call}/matches/{offered}/{answer}", body).status == 200
    assert giver.post(f"/pledges/{call}/matches/{offered}/withdrawal", {"reason": "No means"}).status == 200


def _entities_change(live: Register) -> None:
    secretariat = live.as_("secretariat")
    old, new = live.entity("Ville"), live.entity("City")
    pledge = recorded(live, old, title="Lights of the city").json["id"]
    answers = [
        secretariat.post(f"/entities/{old}/aliases", {"alias": "Lugdunum of old"}),
        secretariat.post(f"/entities/{old}/rename", {"name": "Ville lumière", "effective_on": TODAY}),
        secretariat.post(f"/entities/{old}/merge", {"into": str(new), "reason": "The same city"}),
        secretariat.post(f"/entities/{new}/rename", {"name": "City of light", "effective_on": TODAY}),
        secretariat.post(f"/pledges/{pledge}/withdrawal", {"reason": "Dark times", **BY_LETTER}),
    ]
    assert {answer.status for answer in answers} == {200}, [answer.body for answer in answers]


def _cycles_change(live: Register) -> None:
    pledge = recorded(live, KENYA, title="Goes on and on", made_on="2022-05-17").json["id"]
    secretariat = live.as_("secretariat")
    opened = {
        "cycle": 2026, "opened_on": "2026-01-15", "basis": "GA decision", "authority": BY_LETTER["authority"]
    }  # fmt: skip
    assert secretariat.post("/cycles", opened).status == 201
    assert secretariat.post(f"/pledges/{pledge}/carry-over", {"reason": "Goes on"}).status == 200
    drafted(live, KENYA)


def _erased(live: Register, reference: str) -> None:
    position = live.anonymous.get(f"/pledges/{reference}/history").json["items"][0]["position"]
    _caught_up(live)
    live.runtime.eraser.erase(
        EraseField(position=position, part="payload.content.title", ground="Article 17", authority=DECISION)
    )
    live.runtime.eraser.let_read_models_forget()
    _caught_up(live)


# -- a register that holds the events up to a moment alone


class Copies:
    """Another database, to which a register's events are copied one stretch after the other."""

    def __init__(self, source: str, database: Database, folder: Path) -> None:
        self._source, self._database = source, database
        self.now = datetime.now(UTC)
        urls = DatabaseUrls(database.owner_url, database.app_url, database.app_url)
        settings = Settings(data_dir=folder, secret_key="x" * 40)
        self.runtime = build(settings, urls, clock=lambda: self.now, read_models=READ_MODELS)
        self.client = create_app(self.runtime).test_client()

    def up_to(self, position: int, at: datetime) -> None:
        """Hold everything up to a position, and have the time of a moment."""
        self.now = at
        with (
            psycopg.connect(self._source) as source,
            psycopg.connect(self._database.owner_url, options="-c search_path=pledges") as copy,
        ):
            source.execute("SET search_path TO pledges")
            held = last_position(self.runtime)
            rows = f"SELECT * FROM events WHERE position > {held} AND position <= {position}"
            with (
                source.cursor().copy(f"COPY ({rows}) TO STDOUT") as out,
                copy.cursor().copy("COPY events FROM STDIN") as into,
            ):
                for some in out:
                    into.write(some)
            for row in source.execute(CHECKPOINTS_UP_TO, [position, at]).fetchall():
                copy.execute("INSERT INTO checkpoints VALUES (%s, %s, %s, %s) ON CONFLICT DO NOTHING", row)
        self.runtime.projector().catch_up()


# -- what both are asked


def addresses(references: list[str]) -> Iterator[str]:
    """What anybody may ask of the API."""
    yield from (f"/api/v1/exports/pledges.{form}" for form in ("jsonl", "csv"))
    yield from (f"/api/v1/pledges?limit=200&{more}" for more in ("", "overdue=true", "stale=red", "q=city"))
    yield from (f"/api/v1/progress?by={dimension}" for dimension in DIMENSIONS)
    yield "/api/v1/entities?limit=200&category=stakeholder"
    yield from (f"/api/v1/{path}" for path in LOG_AND_WORDS)
    yield from (
        f"/api/v1/log/proof/{position}{form}" for position in (100, 230) for form in ("", ".tlog-proof")
    )
    yield from (f"/api/v1/pledges/{reference}{more}" for reference in references for more in ("", "/history"))


def answered(client: FlaskClient, address: str, as_of: str | None = None) -> tuple[int, bytes]:
    sign = "&" if "?" in address else "?"
    answer = client.get(f"{address}{sign}as_of={as_of}" if as_of else address)
    return answer.status_code, answer.data


def seen_by_the_secretariat(runtime: Runtime, as_of: str | None) -> bytes:
    """What is not public too."""
    moment = runtime.questions.moment(as_of)
    pledges = runtime.questions.every_pledge(PledgeFilters(), viewer=SECRETARIAT, moment=moment)
    totals = runtime.questions.totals(moment=moment)
    intake = runtime.questions.intake(viewer=SECRETARIAT, moment=moment, limit=200)
    intake["next"] = bool(intake["next"])  # cursors hold the time at which they were made
    latest = runtime.questions.latest_changes(moment=moment, limit=50)
    return b"".join([*write_jsonl(pledges), json.dumps([totals, latest, intake]).encode()])


def without_erasures(said: bytes) -> bytes:
    """An answer of JSON, of lines of it, or of CSV, without what it says was erased."""
    if said.startswith(b"ref,"):
        rows = csv.DictReader(io.StringIO(said.decode(), newline=""))
        return json.dumps([{**row, "erased": ""} for row in rows]).encode()
    return b"\n".join(json.dumps(_unerased(json.loads(line))).encode() for line in said.splitlines())


def _unerased(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _unerased(inner) for key, inner in value.items() if key != "erased"}
    return [_unerased(one) for one in value] if isinstance(value, list) else value


@dataclass(frozen=True)
class Chosen:
    """A moment: as it is asked for, and what it means."""

    as_of: str
    position: int
    at: datetime


def chosen_moments(runtime: Runtime) -> list[Chosen]:
    """Positions, times between two events, and every checkpoint; in their order."""
    chance, last = random.Random(4), last_position(runtime)
    sizes = [signed.checkpoint.size for signed in runtime.log.checkpoints()]
    asked = [f"checkpoint:{size}" for size in sizes]
    positions = [1, *chance.sample(range(FOUNDED, last), MOMENTS - TIMES - len(asked) - 1)]
    asked += map(str, positions)
    with runtime.pool.connection() as connection:
        for position in chance.sample(range(FOUNDED, last - 1), TIMES):
            between = connection.execute(
                "SELECT min(recorded_at) + (max(recorded_at) - min(recorded_at)) / 2 "
                "FROM events WHERE position IN (%s, %s)",
                [position, position + 1],
            ).fetchone()
            assert between is not None
            asked += [between[0].isoformat().replace("+00:00", "Z")]
    found = ((as_of, runtime.questions.moment(as_of)) for as_of in asked)
    chosen = [Chosen(as_of, moment.position, moment.at) for as_of, moment in found]
    return sorted(chosen, key=lambda one: (one.position, one.at))


@pytest.fixture
def then(
    admin: Connection, cluster_urls: DatabaseUrls, template_name: str, database: Database, tmp_path: Path
) -> Iterator[Copies]:
    with new_database(admin, template=template_name) as name:
        owner, app = (make_conninfo(url, dbname=name) for url in (cluster_urls.owner, cluster_urls.app))
        copies = Copies(database.owner_url, Database(owner, app), tmp_path)
        yield copies
        copies.runtime.close()


def test_the_register_as_of_twenty_moments_is_that_of_a_replay_up_to_each(
    database: Database, then: Copies, tmp_path: Path
) -> None:
    with demonstrating(database.owner_url, database.app_url, tmp_path) as shown:
        forgotten = everything_happens(shown)
        runtime, now = shown.live.runtime, create_app(shown.live.runtime).test_client()
        every = answered(now, "/api/v1/exports/pledges.jsonl")[1]
        asked = list(addresses([json.loads(line)["reference"] for line in every.splitlines()][-TOLD_WHOLE:]))
        moments, noted = chosen_moments(runtime), []
        assert len(moments) == MOMENTS
        for moment in moments:
            then.up_to(moment.position, moment.at)
            for address in asked:
                answers = answered(now, address, moment.as_of), answered(then.client, address)
                noted += [moment.as_of] if is_noted(*answers, forgotten) else []
            of_secretariat = (
                seen_by_the_secretariat(*one) for one in ((runtime, moment.as_of), (then.runtime, None))
            )
            is_noted(*((200, said) for said in of_secretariat), forgotten)
        assert noted, "words were erased of a pledge that some of the moments show"


def is_noted(now: tuple[int, bytes], then: tuple[int, bytes], forgotten: str) -> bool:
    """Whether an answer says beside what it said then that words were erased; nothing else may differ."""
    assert {now[0], then[0]} <= {200, 404}
    if now == then:
        return False
    assert b"Article 17" in now[1]
    assert forgotten.encode() in now[1]
    assert (now[0], without_erasures(now[1])) == (then[0], without_erasures(then[1]))
    return True
