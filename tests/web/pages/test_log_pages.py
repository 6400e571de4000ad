"""The log as people read it, and one event with all that proves it."""

from __future__ import annotations

import csv
import io
import json

import pytest

from domain.log.merkle import leaf_hash
from domain.recording import broken_header_parts, broken_parts, payload_digest, read_header
from tests.web.demonstration import Demonstration
from tests.web.live import KENYA, Register
from tests.web.pledges import published, recorded
from tests.web.test_log import sign


@pytest.fixture
def signed(demonstration: Demonstration) -> Demonstration:
    sign(demonstration.live)
    return demonstration


def position_of(live: Register, reference: str, name: str = "pledge.made") -> int:
    items = live.anonymous.get(f"/pledges/{reference}/history").json["items"]
    return int(next(entry["position"] for entry in items if entry["name"] == name))


def test_the_log_shows_its_checkpoint_and_key(signed: Demonstration) -> None:
    shown, page = signed.live.anonymous.get("/log").json, signed.get("/log").text
    assert shown["fingerprint"] in page
    assert signed.get("/api/v1/log/checkpoint").text.split("\n")[2] in page
    data = signed.get("/log.json").json()
    assert data["checkpoints"][0]["size"] == shown["size"]
    assert signed.get("/log.csv").text.split("\r\n")[1].startswith(f"{shown['size']},")


def test_a_problem_that_was_found_stands_at_the_top(live_register: Register) -> None:
    with live_register.runtime.pool.connection() as connection:
        connection.execute(
            "INSERT INTO pledges.log_checks (size, problem) VALUES (7, 'The event at position 3 is missing.')"
        )
    page = live_register.anonymous.get("//log").body.decode()
    assert page.index("The event at position 3 is missing.") < page.index("Everything that happens")


def test_a_position_is_asked_for_in_a_form(signed: Demonstration) -> None:
    answer = signed.get("/log?position=%2012%20")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/log/12")
    assert signed.get("/log?position=twelve").status_code == 422
    assert signed.get("/log?before=-1").status_code == 422
    assert signed.get("/log/0").status_code == 404
    assert signed.get(f"/log/{10**30}").status_code == 404


def test_a_public_event_can_be_checked_by_hand(signed: Demonstration) -> None:
    position = position_of(signed.live, signed.arabic)
    found = signed.get(f"/log/{position}.json").json()
    header = read_header(found["header"].encode())
    salt, digest = bytes.fromhex(found["header_salt"]), bytes.fromhex(found["header_digest"])
    assert not broken_header_parts(found["header"].encode(), salt, digest, found["header_salts"])
    assert not broken_parts(found["payload"].encode(), found["salts"], header.digests)
    assert payload_digest(header.digests).hex() == found["payload_digest"]
    entry = b"pledges event v1\n" + digest + bytes.fromhex(found["payload_digest"])
    assert found["entry"] == entry.hex()
    assert found["leaf_hash"] == leaf_hash(entry).hex()
    assert found["proof"] == signed.live.anonymous.get(f"/log/proof/{position}").json
    rows = dict(csv.reader(io.StringIO(signed.get(f"/log/{position}.csv").text)))
    assert (rows["leaf_hash"], rows["payload"]) == (found["leaf_hash"], found["payload"])
    assert rows["proof.hashes.0"] == found["proof"]["hashes"][0]
    page = signed.get(f"/log/{position}").text
    assert found["leaf_hash"] in page
    assert json.loads(found["payload"])["content"]["title"] in page


def test_what_is_not_public_shows_its_entry_alone(signed: Demonstration) -> None:
    live = signed.live
    owner = live.entity("Reserved")
    client = live.as_("pledger", owner)
    pledge = published(live, owner)
    submitted = client.get(f"/pledges/{pledge}/history").json["items"][0]
    assert submitted["name"] == "pledge.submitted"
    path = f"/log/events/{submitted['position']}"
    outside, inside = live.anonymous.get(path).json, client.get(path).json
    assert (outside["header"], outside["payload"], outside["event"]) == (None, None, None)
    assert outside["leaf_hash"] == inside["leaf_hash"] == submitted["log"]["leaf_hash"]
    assert inside["event"]["name"] == "pledge.submitted"
    assert live.as_("auditor").get(path).json["payload"] == inside["payload"]
    assert live.as_("auditor", KENYA).get(path).json["payload"] is None


def test_a_partner_that_has_not_agreed_is_in_no_bytes_for_the_public(signed: Demonstration) -> None:
    live = signed.live
    lead, invited = live.entity("Leading"), live.entity("Silent")
    pledge = recorded(live, lead, type="common", partners=[str(invited)]).json
    made = position_of(live, pledge["reference"])
    owner = live.as_("pledger", lead)
    for position, holds in ((made, False), (made + 1, True)):  # it was made, and who is asked was invited
        path = f"/log/events/{position}"
        outside = live.anonymous.get(path)
        assert str(invited) not in outside.body.decode()
        assert (outside.json["payload"] is None) == holds
        assert (str(invited) in owner.get(path).json["payload"]) == holds


def test_every_page_names_the_checkpoint_under_which_its_moment_is(live_register: Register) -> None:
    def named(path: str) -> str:
        footer = live_register.anonymous.get("//" + path).body.decode().split("<footer>")[1]
        return footer.split("<p>")[3]

    recorded(live_register, KENYA)
    assert "No checkpoint had been signed by then." in named("")
    sign(live_register)
    size = live_register.anonymous.get("/log").json["size"]
    recorded(live_register, KENYA)
    for path in ("", "pledges", "progress", "entities/kenya", "compare?compare_to=200", "log"):
        assert f"holds {size} events" in named(path)
        assert f'href="/log?as_of=checkpoint:{size}"' in named(path)
    client = live_register.anonymous
    for path, query in (("/pledges", ""), ("/progress", "?by=status")):
        said = client.get(path + query).json["checkpoint"]
        assert said["size"] == size
        assert said == client.get(f"/{path}.json{query}").json["checkpoint"]
    latest = client.get("//log.json").json["checkpoints"][0]
    assert said == {"size": latest["size"], "root": latest["root"]}
    assert client.get("/pledges", as_of="200").json["checkpoint"] is None
    before = named("pledges?as_of=200")
    assert "No checkpoint had been signed by then." in before
    assert f"holds {size} events" in named(f"pledges?as_of=checkpoint:{size}")
