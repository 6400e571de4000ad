"""What is answered while a read model has stopped, or is built anew: nothing that is not so."""

from __future__ import annotations

from pathlib import Path

import pytest

from domain.actors import OPERATOR
from domain.entities.commands import RegisterEntity
from projections.database import places
from tests.conftest import Database
from tests.projections.moody import Moody
from tests.web.live import SECONDS_MAX, serving
from tests.web.pledges import recorded
from web.api import commanding


def test_a_part_that_has_stopped_says_so_and_the_others_go_on(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    moody = Moody("timeline")
    # Whoever waited for the one that stopped would wait longer than the client of these tests.
    monkeypatch.setattr(commanding, "CATCH_UP_SECONDS_MAX", 10 * SECONDS_MAX)
    with serving(database.owner_url, database.app_url, tmp_path, read_models=moody.among_all) as live:
        entity = live.entity("Stands still")
        first = recorded(live, entity)
        assert not {"X-Lag", "X-Stands-Still"} & set(first.headers)
        stood_at = live.runtime.questions.moment().position
        moody.is_well = False
        second = recorded(live, entity)
        position, still = int(second.headers["X-Position"]), f"timeline since {stood_at}"
        assert (second.headers["X-Lag"], second.headers["X-Stands-Still"]) == ("true", still)
        read = live.anonymous.get("/pledges")
        assert (read.json["position"], read.json["total"]) == (position, 2)
        assert "X-Stands-Still" not in read.headers
        history = f"/pledges/{first.json['id']}/history"
        told = live.anonymous.get(history)
        assert (int(told.headers["X-Position"]), told.headers["X-Stands-Still"]) == (stood_at, still)
        ahead = live.anonymous.get(history, as_of=str(position))
        assert (ahead.status, ahead.code) == (503, "not-read-yet")
        assert f"timeline stands still since position {stood_at}" in ahead.json["detail"]
        assert int(ahead.headers["Retry-After"]) > 0
        page = live.anonymous.get("//")
        assert page.headers["X-Stands-Still"] == still
        assert f"up to position {stood_at}" in page.body.decode()
        assert "stands still" not in live.anonymous.get("//pledges").body.decode()


def test_a_write_shows_what_the_board_has_not_seen(database: Database, tmp_path: Path) -> None:
    moody = Moody("board")
    with serving(database.owner_url, database.app_url, tmp_path, read_models=moody.among_all) as live:
        moody.is_well = False
        command = RegisterEntity(name="New here", category="stakeholder", kind="civil_society")
        entity = live.runtime.register.handle(command, by=OPERATOR).stream
        written = recorded(live, entity)
        assert (written.status, written.json["entity"]["name"]) == (201, "New here")
        assert written.headers["X-Stands-Still"].startswith("board since ")
        assert live.anonymous.get("/pledges").json["total"] == 0


def test_an_entity_that_is_not_read_yet_is_told_to_whoever_registered_it(
    database: Database, tmp_path: Path
) -> None:
    moody = Moody("entities")
    with serving(database.owner_url, database.app_url, tmp_path, read_models=moody.among_all) as live:
        moody.is_well = False
        body = {"name": "New here", "category": "stakeholder", "kind": "civil_society"}
        written = live.as_("secretariat").post("/entities", body)
        assert (written.status, written.json["name"]) == (201, "New here")
        assert written.headers["X-Stands-Still"].startswith("entities since ")
        assert live.anonymous.get("/entities", q="New here").json["total"] == 0


def test_what_was_never_whole_is_not_served(database: Database, tmp_path: Path) -> None:
    with serving(database.owner_url, database.app_url, tmp_path) as live:
        board = next(model for model in live.runtime.read_models if model.name == "board")
        with live.runtime.pool.connection() as connection:
            connection.execute(
                "UPDATE read_models SET been_live = false, state = 'building' WHERE name = 'board'"
            )
        ready = live.anonymous.get("/readyz")
        assert (ready.status, ready.json["checks"]["read_models"]["problem"]) == (503, "board is being built")
        refused = live.anonymous.get("/pledges")
        assert (refused.status, refused.code) == (503, "not-read-yet")
        assert "board is being built" in refused.json["detail"]
        assert int(refused.headers["Retry-After"]) > 0
        assert live.anonymous.get("/progress", by="status").status == 200
        with live.runtime.pool.connection() as connection:
            places.move(connection, [board], places.head(connection), live=True)
        assert live.anonymous.get("/readyz").status == live.anonymous.get("/pledges").status == 200
