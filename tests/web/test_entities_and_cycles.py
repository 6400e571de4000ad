"""What the Secretariat enters beside pledges: those who pledge, and cycles."""

from __future__ import annotations

from uuid import uuid4

from tests.web.live import AUTHORITY, BY_LETTER, KENYA, Register
from tests.web.pledges import recorded


def name(words: str) -> str:
    return f"{words} {uuid4().hex[:8]}"


def test_an_entity_from_registration_to_merger(live: Register) -> None:
    secretariat = live.as_("secretariat")
    called = name("Migrant Hub")
    body = {
        "name": called,
        "category": "stakeholder",
        "kind": "civil_society",
        "names": {"fr": name("Foyer")},
    }
    made = secretariat.post("/entities", body)
    assert (made.status, made.json["name"], made.json["kind"]) == (201, called, "civil_society")
    entity = made.json["id"]
    assert made.headers["Location"] == f"/api/v1/entities/{entity}"
    assert secretariat.post("/entities", body).code == "name-taken"
    assert live.anonymous.get("/entities", q=called).json["total"] == 1

    alias = name("MH")
    assert alias in secretariat.post(f"/entities/{entity}/aliases", {"alias": alias}).json["aliases"]
    renamed = secretariat.post(f"/entities/{made.json['slug']}/rename", {"name": name("Hub for Migrants")})
    assert renamed.json["renames"][0]["old_name"] == called
    other = secretariat.post("/entities", {"name": name("Twin"), "category": "stakeholder"}).json["id"]
    merged = secretariat.post(f"/entities/{other}/merge", {"into": entity, "reason": "The same body"})
    assert merged.json["merged_into"]["id"] == entity
    assert live.anonymous.get(f"/entities/{entity}").json["merged"][0]["id"] == other
    answer = secretariat.post(f"/entities/{other}/rename", {"name": name("Too late")})
    assert (answer.status, answer.code) == (409, "entity-merged")


def test_states_are_there_and_stay(live: Register) -> None:
    secretariat = live.as_("secretariat")
    answer = secretariat.post("/entities", {"name": "Atlantis", "category": "state"})
    assert (answer.status, answer.code) == (409, "category-closed")
    answer = secretariat.post("/entities/KEN/merge", {"into": str(live.entity("Other")), "reason": "No"})
    assert (answer.status, answer.code) == (409, "category-closed")


def test_who_is_not_the_secretariat_enters_nothing(live: Register) -> None:
    pledger = live.as_("pledger", KENYA)
    assert pledger.post("/entities", {"name": name("Mine"), "category": "stakeholder"}).status == 403
    assert live.anonymous.post("/entities", {"name": name("Mine"), "category": "stakeholder"}).status == 401


def test_what_an_entity_cannot_be_called(live: Register) -> None:
    secretariat = live.as_("secretariat")
    for body, field in [
        ({"name": "", "category": "stakeholder"}, "name"),
        ({"name": "two\nlines", "category": "stakeholder"}, "name"),
        ({"name": "x" * 301, "category": "stakeholder"}, "name"),
        ({"name": name("A"), "category": "planet"}, "category"),
        ({"name": name("A"), "category": "un_entity", "kind": "diaspora"}, "kind"),
        ({"name": name("A"), "category": "stakeholder", "country": "XXX"}, "country"),
        ({"name": name("A"), "category": "stakeholder", "names": {"de": "Verein"}}, "names.de"),
    ]:
        answer = secretariat.post("/entities", body)
        assert answer.status == 422, body
        assert field in answer.errors, answer.errors


def test_a_cycle_is_opened_and_pledges_go_on_in_it(live_register: Register) -> None:
    live = live_register
    secretariat = live.as_("secretariat")
    entity = live.entity("Cycles")
    pledge = recorded(live, entity).json["reference"]
    assert pledge.startswith("2022-")
    body = {"cycle": 2026, "opened_on": "2026-01-15", "forum_from": "2026-05-05", "forum_to": "2026-05-08"}
    opened = secretariat.post("/cycles", {**body, "basis": "GA decision", "authority": AUTHORITY})
    assert (opened.status, opened.json["cycle"]) == (201, 2026)
    assert secretariat.post("/cycles", {**body, "opened_on": "2026-02-01"}).code == "cycle-exists"
    assert [cycle["cycle"] for cycle in live.anonymous.get("/cycles").json["items"]] == [2022, 2026]
    assert [cycle["cycle"] for cycle in live.anonymous.get("/reference").json["cycles"]] == [2022, 2026]
    carried = secretariat.post(f"/pledges/{pledge}/carry-over", {"reason": "Goes on"})
    assert (carried.json["cycle"], carried.json["reference"]) == (2026, pledge)
    later = recorded(live, entity, made_on="2026-03-01").json
    assert (later["cycle"], later["reference"]) == (2026, "2026-0001")
    assert recorded(live, entity, cycle=2022, **BY_LETTER).json["reference"].startswith("2022-")
    assert live.as_("pledger", entity).post("/cycles", body).status == 403
