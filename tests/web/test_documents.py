"""Outside documents are deposited by digest, once, by who may, and shown to everybody."""

from __future__ import annotations

import hashlib
from typing import Any
from uuid import uuid4

import pytest

from domain.log.commands import EraseField
from domain.recording import Authority
from tests.web.live import KENYA, Register


def body(**changes: Any) -> dict[str, Any]:
    digest = hashlib.sha256(uuid4().bytes).hexdigest()
    return {"sha256": digest, "bytes": 4711, "media_type": "text/csv", "title": "The old export", **changes}


@pytest.mark.parametrize("role", ["secretariat", "auditor"])
def test_a_document_is_deposited_once_and_shown_to_everybody(live: Register, role: str) -> None:
    sent = body(title="<b>Old</b> export", provenance="The old site", as_of_day="2026-05")
    made = live.as_(role).post("/documents", sent)
    assert made.status == 201
    assert {name: made.json[name] for name in sent} == sent
    assert (made.json["role"], made.json["erased"]) == (role, [])
    assert made.headers["Location"] == f"/api/v1/documents/{made.json['id']}"
    again = live.as_("secretariat").post("/documents", {**sent, "title": "Another title"})
    assert (again.status, again.json) == (200, made.json)
    assert again.headers["X-Position"] == made.headers["X-Position"]
    for name in (made.json["id"], sent["sha256"]):
        assert live.anonymous.get(f"/documents/{name}").json == made.json
    before = made.json["position"] - 1
    assert live.anonymous.get(f"/documents/{sent['sha256']}", as_of=before).status == 404
    assert made.json["id"] not in str(live.anonymous.get("/documents", as_of=before).json)
    page = live.anonymous.get("//documents").body.decode()
    assert sent["sha256"] in page
    assert "&lt;b&gt;Old&lt;/b&gt; export" in page
    assert (
        live.anonymous.get("//documents.json").json["items"] == live.anonymous.get("/documents").json["items"]
    )
    event = live.anonymous.get(f"/log/events/{made.json['position']}").json
    assert (sent["sha256"] in event["payload"], event["event"]) == (True, None)
    assert "belongs to no single pledge" in live.anonymous.get(f"//log/{made.json['position']}").body.decode()
    rows = live.anonymous.get("//documents.csv").body.decode().split("\r\n")
    assert sum(sent["sha256"] in row for row in rows) == 1


def test_a_list_of_documents_has_pages(live: Register) -> None:
    client = live.as_("secretariat")
    made = [client.post("/documents", body()).json["id"] for _ in range(3)]
    first = live.anonymous.get("/documents", limit=2).json
    assert [item["id"] for item in first["items"]] == [made[2], made[1]]
    second = live.anonymous.get("/documents", limit=2, cursor=first["next"]).json
    assert second["items"][0]["id"] == made[0]
    assert first["total"] == second["total"] >= 3
    assert live.anonymous.get("/documents", cursor="made-up").status == 422
    assert live.anonymous.get("//documents?cursor=made-up").status == 422


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"sha256": "AB" * 32}, "sha256"),
        ({"bytes": 0}, "bytes"),
        ({"bytes": "12"}, "bytes"),
        ({"media_type": "csv"}, "media_type"),
        ({"title": "Ask ann@example.org"}, "title"),
        ({"as_of_day": "2199"}, "as_of_day"),
        ({"contents": "a,b"}, "contents"),
    ],
)
def test_what_is_wrong_is_said_by_field(live: Register, changes: dict[str, Any], field: str) -> None:
    answer = live.as_("auditor").post("/documents", body(**changes))
    assert (answer.status, set(answer.errors)) == (422, {field})


def test_others_deposit_nothing(live: Register) -> None:
    assert live.as_("pledger", KENYA).post("/documents", body()).status == 403
    assert live.anonymous.post("/documents", body()).status == 401
    assert live.anonymous.get("/documents/nothing").status == 404


def test_an_erased_title_is_told_with_its_ground(live_register: Register) -> None:
    live = live_register
    made = live.as_("secretariat").post("/documents", body(title="Named after somebody")).json
    command = EraseField(
        position=made["position"], part="payload.title", ground="Article 17",
        authority=Authority(kind="document", reference="Decision 3"),
    )  # fmt: skip
    position = live.runtime.eraser.erase(command)
    live.runtime.eraser.let_read_models_forget(lambda *_: None)
    assert live.runtime.readers.wait_for(position, 30)
    found = live.anonymous.get(f"/documents/{made['sha256']}").json
    assert (found["title"], found["erased"][0]["ground"]) == ("[erased]", "Article 17")
    assert "Named after" not in live.anonymous.get("//documents").body.decode()
