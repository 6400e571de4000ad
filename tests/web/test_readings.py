"""What auditors read is recorded before it is shown, and not shown if it cannot be."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import psycopg
import pytest

from tests.conftest import Database
from tests.web.live import API, KENYA, Client, Register
from tests.web.pledges import published
from web.app import create_app
from web.readings import SHOW_MORE

SAME_FOR_ALL = frozenset(
    {
        "documents.openapi", "documents.docs", "reference.show", "cycles.listed", "catalog.describe",
        "entities.listed", "entities.show", "pledges.progress", "deposits.listed", "deposits.show",
        "exports.iati", "log.show", "log.checkpoint", "log.entries", "log.tile",
        "log.proof", "log.proof_file", "log.consistency",
    }
)  # fmt: skip
OF_ONESELF = frozenset({"accounts.me", "readings.listed"})


def readings(client: Client, **query: Any) -> list[dict[str, Any]]:
    answer = client.get("/log/readings", **query)
    assert answer.status == 200, answer.body
    found: list[dict[str, Any]] = answer.json["items"]
    return found


def auditing(live: Register, entity: UUID | None = None) -> Client:
    """An auditor who has read nothing yet."""
    return Client(live, live.token("auditor", entity))


def test_every_question_is_recorded_or_the_same_for_all(live: Register) -> None:
    rules = create_app(live.runtime).url_map.iter_rules()
    questions = {r.endpoint for r in rules if r.rule.startswith(API) and "GET" in (r.methods or ())}
    decided = [SHOW_MORE, SAME_FOR_ALL, OF_ONESELF]
    assert questions == frozenset().union(*decided)
    assert len(questions) == sum(map(len, decided))


def test_what_an_auditor_reads_is_recorded(live: Register) -> None:
    auditor, owner = auditing(live), live.entity("Read")
    pledge = published(live, owner)
    position = int(auditor.get("/pledges", q="Ann Example", status="made", limit=3).headers["X-Position"])
    history = auditor.send("GET", f"/pledges/{pledge}/history", headers={"X-Request-Id": "asked-1"})
    auditor.get(f"/pledges/{pledge}")
    auditor.get("/reference")
    auditor.get("/pledges/2099-9999")
    shown, told, listed = readings(auditor)
    assert [one["operation"] for one in (listed, told, shown)] == [
        "pledges.listed", "pledges.history", "pledges.show",
    ]  # fmt: skip
    assert listed["asked"] == {"q": "…", "status": "made", "limit": "3"}
    assert listed["position"] == position
    assert told["asked"] == {"pledge": pledge}
    assert told["rows"] == len(history.json["items"])
    assert (told["request_id"], shown["rows"]) == ("asked-1", 1)
    assert len({one["account"] for one in (shown, told, listed)}) == 1


def test_an_export_is_one_reading_that_names_its_range(live: Register) -> None:
    auditor = auditing(live)
    lines = auditor.get("/exports/events.jsonl").body.splitlines()
    auditor.get("/exports/pledges.csv", status="made")
    pledges, events = readings(auditor)
    assert (events["operation"], events["rows"], events["position"]) == (
        "exports.events", len(lines), len(lines),
    )  # fmt: skip
    assert (pledges["operation"], pledges["rows"]) == ("exports.pledges", None)
    assert pledges["asked"] == {"form": "csv", "status": "made"}


def test_others_are_not_written_down(live: Register) -> None:
    before = live.as_("secretariat").get("/log/readings").json["total"]
    for client in (live.as_("secretariat"), live.as_("pledger", KENYA), live.anonymous):
        assert client.get("/pledges", limit=1).status == 200
    assert live.as_("secretariat").get("/log/readings").json["total"] == before


def test_each_auditor_sees_its_own_and_the_secretariat_all(live: Register) -> None:
    one, other = auditing(live), auditing(live, KENYA)
    for auditor in (one, other):
        auditor.get("/intake")
    (own,) = readings(one)
    assert readings(one, account=readings(other)[0]["account"]) == []
    secretariat = live.as_("secretariat")
    assert readings(secretariat, account=own["account"]) == [own]
    assert own in readings(secretariat, operation="pledges.intake", limit=200)
    assert live.as_("administrator").get("/log/readings").status == 403
    assert live.anonymous.get("/log/readings").status == 401


def test_readings_are_found(live: Register) -> None:
    auditor, owner = auditing(live), live.entity("Found")
    pledge = published(live, owner)
    reference = live.anonymous.get(f"/pledges/{pledge}").json["reference"]
    for name in (pledge, reference):
        auditor.get(f"/pledges/{name}")
    auditor.get("/log/events", pledge=[pledge, reference], limit=1)
    assert len(readings(auditor, pledge=reference)) == len(readings(auditor, pledge=pledge)) == 3
    assert len(readings(auditor, operation="events.found")) == 1
    middle = readings(auditor)[1]["read_at"]
    assert len(readings(auditor, **{"from": middle, "to": middle})) == 1
    assert readings(auditor, to="2020") == []
    first = auditor.get("/log/readings", limit=2).json
    second = auditor.get("/log/readings", limit=2, cursor=first["next"]).json
    assert (len(first["items"]), len(second["items"]), second["next"]) == (2, 1, None)
    assert first["total"] == second["total"] == 3


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"account": "me"}, "account"),
        ({"operation": "pledges.burn"}, "operation"),
        ({"pledge": "42"}, "pledge"),
        ({"from": "yesterday"}, "from"),
        ({"to": "soon"}, "to"),
        ({"cursor": "made-up"}, "cursor"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_what_cannot_be_asked_for_is_named(live: Register, query: dict[str, str], field: str) -> None:
    answer = live.as_("auditor").get("/log/readings", **query)
    assert (answer.status, set(answer.errors)) == (422, {field})


def test_nothing_is_shown_that_cannot_be_recorded(live_register: Register, database: Database) -> None:
    live = live_register
    auditor = live.as_("auditor")
    assert auditor.get("/pledges").status == 200
    with psycopg.connect(database.owner_url) as owner:
        owner.execute("REVOKE INSERT ON pledges.readings FROM pledges_app")
    for path in ("/pledges", "/exports/events.jsonl", "/exports/pledges.csv", "/intake"):
        refused = auditor.get(path)
        assert (refused.status, refused.code) == (503, "unavailable"), path
        assert "Retry-After" in refused.headers
    assert auditor.get("/reference").status == 200
    assert live.anonymous.get("/pledges").status == 200
    with psycopg.connect(database.owner_url) as owner:
        owner.execute("GRANT INSERT ON pledges.readings TO pledges_app")
    for _ in range(4):  # no refused download has kept its place
        assert auditor.get("/exports/pledges.csv").status == 200


@pytest.mark.parametrize(
    "statement",
    ["UPDATE readings SET rows = 0", "DELETE FROM readings", "TRUNCATE readings"],
)
def test_the_database_changes_no_reading(live: Register, statement: str) -> None:
    live.as_("auditor").get("/pledges", limit=1)
    with live.runtime.pool.statements() as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute(statement)
