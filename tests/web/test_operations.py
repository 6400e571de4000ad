"""What operators rely on: health, readiness, numbers, logs, and a database that goes away and comes back."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest
import structlog
from psycopg import Connection, sql
from psycopg.conninfo import conninfo_to_dict
from structlog.testing import capture_logs

from projections.database import places
from tests.conftest import Database
from tests.web.live import KENYA, Register
from tests.web.pledges import pledge_body, recorded


def test_alive_and_ready(live: Register) -> None:
    assert live.anonymous.get("/healthz").json == {"status": "alive"}
    ready = live.anonymous.get("/readyz")
    assert (ready.status, ready.json["status"]) == (200, "ready")
    assert set(ready.json["checks"]) == {"database", "migrations", "read_models", "log"}
    assert "board" in ready.json["checks"]["read_models"]["models"]


def test_a_store_that_was_tampered_with_is_not_ready_and_still_read(
    live_register: Register, database: Database
) -> None:
    with psycopg.connect(database.owner_url, autocommit=True) as owner:
        owner.execute("SET session_replication_role = replica")  # as a superuser can
        owner.execute("UPDATE pledges.events SET name = 'entity.renamed' WHERE position = 7")
    live_register.runtime.log.check()
    ready = live_register.anonymous.get("/readyz")
    assert (ready.status, ready.json["checks"]["log"]["ok"]) == (503, False)
    assert "position 7, name" in ready.json["checks"]["log"]["problem"]
    assert live_register.anonymous.get("/pledges").status == 200


def test_a_read_model_that_failed_is_named(live_register: Register) -> None:
    model = next(model for model in live_register.runtime.read_models if model.name == "timeline")
    with live_register.runtime.pool.connection() as connection:
        places.fail(connection, model, 1, "poisoned", 2)
    ready = live_register.anonymous.get("/readyz")
    assert (ready.status, ready.json["status"]) == (503, "not ready")
    assert "timeline" in ready.json["checks"]["read_models"]["problem"]
    assert live_register.anonymous.get("/healthz").status == 200


def test_prometheus_reads_numbers(live: Register) -> None:
    live.anonymous.get("/pledges")
    answer = live.anonymous.get("/metrics")
    assert answer.headers["Content-Type"].startswith("text/plain")
    text = answer.body.decode()
    assert 'pledges_http_requests_total{endpoint="pledges.listed",method="GET",status="200"}' in text
    assert 'pledges_read_model_lag{model="board"}' in text
    assert "pledges_database_up 1.0" in text


def test_an_address_that_nobody_made_makes_no_series(live: Register) -> None:
    live.anonymous.get("/surprise-123")
    assert "surprise-123" not in live.anonymous.get("/metrics").body.decode()


def test_a_request_id_is_taken_if_sane_and_always_told(live: Register) -> None:
    sane = "trace-1.2:3_4"
    assert (
        live.anonymous.send("GET", "/pledges", headers={"X-Request-Id": sane}).headers["X-Request-Id"] == sane
    )
    for odd in ("x" * 200, "a b", "<script>", "\u00e9"):
        told = live.anonymous.send("GET", "/pledges", headers={"X-Request-Id": odd.encode("latin-1")})
        assert told.headers["X-Request-Id"] != odd
    assert live.anonymous.get("/nothing").headers["X-Request-Id"]


def test_logs_hold_neither_tokens_nor_bodies_nor_queries(live: Register) -> None:
    pledger = live.as_("pledger", KENYA)
    with capture_logs() as lines:
        pledger.post("/pledges", pledge_body(KENYA, title="A secret title"))
        pledger.get("/pledges", q="a secret search")
        pledger.post("/pledges", {"title": "A secret mistake"})
    told = json.dumps(lines)
    assert '"answered"' in told
    assert "secret" not in told
    assert str(pledger.token) not in told


def test_a_log_line_has_what_is_needed_to_find_it(live: Register) -> None:
    with capture_logs(processors=[structlog.contextvars.merge_contextvars]) as lines:
        live.anonymous.send("GET", "/pledges", headers={"X-Request-Id": "find-me"})
    line = next(line for line in lines if line["event"] == "answered" and line.get("request_id") == "find-me")
    assert {"method", "path", "status", "milliseconds"} <= set(line)


@contextmanager
def away(admin: Connection[Any], database: Database) -> Iterator[None]:
    """The database takes no connections and has none."""
    name = conninfo_to_dict(database.app_url)["dbname"]
    identifier = sql.Identifier(str(name))
    admin.execute(sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS false").format(identifier))
    admin.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name])
    try:
        yield
    finally:
        admin.execute(sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS true").format(identifier))


def test_without_a_database_everything_says_so(
    live_register: Register, admin: Connection[Any], database: Database
) -> None:
    live = live_register
    entity = live.entity("Outage")
    pledge = recorded(live, entity).json["id"]
    secretariat = live.as_("secretariat")
    with away(admin, database):
        for method, path, client in [
            ("GET", "/pledges", live.anonymous), ("GET", f"/pledges/{pledge}", secretariat),
            ("POST", f"/pledges/{pledge}/lapse", secretariat), ("GET", "/readyz", live.anonymous),
        ]:  # fmt: skip
            answer = client.send(method, path, json={"reason": "x"} if method == "POST" else None)
            assert answer.status == 503, path
            assert int(answer.headers["Retry-After"]) > 0
        assert live.anonymous.get("/healthz").status == 200
        assert "pledges_database_up 0.0" in live.anonymous.get("/metrics").body.decode()
    until = time.monotonic() + 60
    while live.anonymous.get("/readyz").status != 200 and time.monotonic() < until:
        time.sleep(0.2)
    assert live.anonymous.get(f"/pledges/{pledge}").status == 200
    assert secretariat.post(f"/pledges/{pledge}/lapse", {"reason": "No answer"}).status == 200


def test_readers_that_lag_delay_no_writer(live_register: Register, monkeypatch: pytest.MonkeyPatch) -> None:
    """A write is answered after two seconds at most, and says that readers have not come so far."""
    live = live_register
    entity = live.entity("Lag")
    monkeypatch.setattr(type(live.runtime.readers), "wait_for", lambda *_, **__: False)
    answer = recorded(live, entity, title="While readers lag")
    assert (answer.status, answer.json["title"]) == (201, "While readers lag")
    assert answer.headers["X-Lag"]
    pledge = answer.json["reference"]
    changed = live.as_("pledger", entity).patch(
        f"/pledges/{pledge}", {"changes": {"seeking": "A partner"}, "reason": "Late"}
    )
    assert (changed.json["seeking"], changed.json["version"]) == ("A partner", answer.json["version"] + 1)


def test_every_answer_carries_what_browsers_need(live: Register) -> None:
    for path in ("/pledges", "/nothing", "/healthz", "/docs"):
        headers = live.anonymous.get(path).headers
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert "default-src 'none'" in headers["Content-Security-Policy"]
        assert "unsafe" not in headers["Content-Security-Policy"]
        assert headers["Referrer-Policy"]


def test_the_specification_is_told_to_programs_and_people(live: Register) -> None:
    spec = live.anonymous.get("/openapi.json").json
    assert spec["openapi"].startswith("3.1")
    assert "/api/v1/pledges/{pledge}" in spec["paths"]
    page = live.anonymous.get("/docs")
    assert page.headers["Content-Type"].startswith("text/html")
    assert b"/api/v1/pledges/{pledge}/submission" in page.body
    assert b"<script" not in page.body
