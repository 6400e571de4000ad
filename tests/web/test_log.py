"""The log as other people's tools read it: with hashlib, base64 and an Ed25519 of a library alone."""

from __future__ import annotations

import base64
import hashlib
import io
import json
from typing import Any

import psycopg
import pytest
import requests
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from domain.reference.states import state_id
from tests.conftest import Database
from tests.web.live import Register
from tests.web.pledges import published, recorded, submitted
from workers.verifier import WHOLE, Pack, read_event, verify


@pytest.fixture
def signed(live: Register) -> dict[str, Any]:
    """The log once everything is under a checkpoint."""
    recorded(live, live.entity("Logged"))
    sign(live)
    found: dict[str, Any] = live.anonymous.get("/log").json
    return found


def sign(live: Register) -> None:
    live.runtime.notary.adopt_first_key()
    position = live.runtime.recorder.max_notification_id() or 0
    assert live.runtime.readers.wait_for(position, at_most=20)
    live.runtime.notary.sign()


def fetched(live: Register, path: str) -> requests.Response:
    return requests.get(f"{live.url}/api/v1/log{path}", timeout=90)


def sha256(*parts: bytes) -> bytes:
    return hashlib.sha256(b"".join(parts)).digest()


def mth(leaves: list[bytes]) -> bytes:
    """RFC 6962, section 2.1."""
    if len(leaves) == 1:
        return leaves[0]
    middle = 1 << (len(leaves) - 1).bit_length() - 1
    return sha256(b"\x01", mth(leaves[:middle]), mth(leaves[middle:]))


def paths(size: int) -> list[str]:
    whole, partial = divmod(size, 256)
    return [f"{n:03}" for n in range(whole)] + ([f"{whole:03}.p/{partial}"] if partial else [])


def test_whoever_reads_tiles_and_entries_comes_to_the_signed_root(
    live: Register, signed: dict[str, Any]
) -> None:
    answer = fetched(live, "/checkpoint")
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
    text, _, line = answer.content.decode().rpartition("\n\n")
    origin, size, root = text.split("\n")
    assert (origin, int(size)) == (signed["origin"], signed["size"])
    name, key_id, key = signed["key"].split("+", 2)
    public, signature = base64.b64decode(key)[1:], base64.b64decode(line.split(" ")[2])
    assert (name, sha256(f"{name}\n\x01".encode(), public)[:4].hex()) == (origin, key_id)
    assert signature[:4].hex() == key_id
    Ed25519PublicKey.from_public_bytes(public).verify(signature[4:], f"{text}\n".encode())
    assert signed["fingerprint"] == sha256(public).hex()
    tiles = b"".join(fetched(live, f"/tile/0/{path}").content for path in paths(int(size)))
    leaves = [tiles[at : at + 32] for at in range(0, len(tiles), 32)]
    assert base64.b64encode(mth(leaves)).decode() == root
    bundles = b"".join(fetched(live, f"/tile/entries/{path}").content for path in paths(int(size)))
    entries = [bundles[at + 2 : at + 83] for at in range(0, len(bundles), 83)]
    assert [sha256(b"\x00", entry) for entry in entries] == leaves


def test_what_never_changes_may_be_kept_for_ever(live: Register, signed: dict[str, Any]) -> None:
    tile = fetched(live, f"/tile/0/{paths(signed['size'])[0]}")
    assert tile.headers["Content-Type"] == "application/octet-stream"
    assert "immutable" in tile.headers["Cache-Control"]
    assert "immutable" not in fetched(live, "/checkpoint").headers["Cache-Control"]


def test_an_event_is_proven_and_named_in_its_history(live: Register) -> None:
    pledge = recorded(live, live.entity("Proven")).json
    sign(live)
    (entry,) = live.anonymous.get(f"/pledges/{pledge['id']}/history").json["items"]
    assert entry["log"]["index"] == entry["position"] - 1
    proof = live.anonymous.get(f"/log/proof/{entry['position']}").json
    assert proof["index"] == entry["log"]["index"]
    assert proof["checkpoint"] == fetched(live, "/checkpoint").content.decode()
    kept = fetched(live, f"/proof/{entry['position']}.tlog-proof").content.decode()
    assert kept.startswith(f"c2sp.org/tlog-proof@v1\nindex {proof['index']}\n")
    assert kept.endswith(proof["checkpoint"])
    assert kept.partition("\n\n")[0].split("\n")[2:] == proof["hashes"]
    assert rooted(entry, proof) == proof["checkpoint"].split("\n")[2]


def rooted(entry: dict[str, Any], proof: dict[str, Any]) -> str:
    """RFC 9162, section 2.1.3.2."""
    place, last = proof["index"], proof["size"] - 1
    found = bytes.fromhex(entry["log"]["leaf_hash"])
    for beside in map(base64.b64decode, proof["hashes"]):
        if place % 2 or place == last:
            found = sha256(b"\x01", beside, found)
            while not place % 2 and place:
                place, last = place >> 1, last >> 1
        else:
            found = sha256(b"\x01", found, beside)
        place, last = place >> 1, last >> 1
    assert last == 0
    return base64.b64encode(found).decode()


def test_one_size_follows_from_another(live: Register, signed: dict[str, Any]) -> None:
    size = signed["size"]
    assert live.anonymous.get("/log/consistency", **{"from": size, "to": size}).json["hashes"] == []
    found = live.anonymous.get("/log/consistency", **{"from": 3, "to": size}).json
    assert (found["from"], found["to"], len(found["hashes"]) > 1) == (3, size, True)


@pytest.mark.parametrize(
    ("first", "second", "field"),
    [
        ("5", "4", "from"),
        ("1", "999999999", "to"),
        ("x", "4", "from"),
        ("-1", "4", "from"),
        ("1", None, "to"),
    ],
)
def test_what_no_tree_can_show_is_refused(
    live: Register, signed: dict[str, Any], first: str, second: str | None, field: str
) -> None:
    query = {"from": first, **({"to": second} if second else {})}
    answer = live.anonymous.get("/log/consistency", **query)
    assert answer.status == 422
    assert list(answer.errors) == [field]


@pytest.mark.parametrize(
    "path",
    [
        "/proof/0", "/proof/999999999999", "/proof/-1", "/proof/9.tlog", "/tile/0/999", "/tile/64/000",
        "/tile/00/000", "/tile/0/0", "/tile/0/000.p/256", "/tile/0/x/000", "/tile/entries/999", "/tile/7/000",
        "/tile/0/" + "x999/" * 300 + "999", "/tile/entries/%00",
    ],
)  # fmt: skip
def test_what_is_not_there_is_not_found(live: Register, signed: dict[str, Any], path: str) -> None:
    answer = fetched(live, path)
    assert answer.status_code == 404
    assert answer.headers["Content-Type"] == "application/problem+json"


def test_a_checkpoint_is_a_moment(live: Register, signed: dict[str, Any]) -> None:
    size = signed["size"]
    by_checkpoint = live.anonymous.get("/pledges", as_of=f"checkpoint:{size}", limit=1)
    assert by_checkpoint.json["position"] == size
    recorded(live, live.entity("Later"))
    again = live.anonymous.get("/pledges", as_of=f"checkpoint:{size}", limit=1)
    assert again.body == by_checkpoint.body
    assert live.anonymous.get("/pledges", as_of=f"checkpoint:{size + 1}").errors["as_of"]


def test_everybody_may_take_the_bundle_with_what_they_may_read(live: Register) -> None:
    waiting = submitted(live, live.entity("Waiting"))
    sign(live)
    answer = live.anonymous.get("/exports/bundle.zip")
    assert answer.headers["Content-Type"] == "application/zip"
    pack = Pack(io.BytesIO(answer.body))
    assert json.loads(pack.text("manifest.json"))["sees"] == "public"
    assert str(verify(pack).checkpoint.size) == answer.headers["X-Position"]
    assert waiting.encode() not in b"".join(pack.lines("events.jsonl"))
    of_all = Pack(io.BytesIO(live.as_("auditor").get("/exports/bundle.zip").body))
    assert verify(of_all).withheld == 0
    assert waiting.encode() in b"".join(of_all.lines("events.jsonl"))


def test_an_auditor_of_one_exports_the_bytes_that_were_hashed_as_far_as_it_reaches(live: Register) -> None:
    ours, theirs = state_id("KEN"), live.entity("Not audited")
    pledges = submitted(live, ours), submitted(live, theirs)
    sign(live)
    answer = live.as_("auditor", ours).get("/exports/events.jsonl")
    read = [read_event(line, number) for number, line in enumerate(answer.body.splitlines(keepends=True), 1)]
    seen = {event.header["stream"] for event in read if event.header}
    assert [pledge in seen for pledge in pledges] == [True, False]
    size = live.anonymous.get("/log").json["size"]
    tiles = b"".join(fetched(live, f"/tile/0/{path}").content for path in paths(size))
    leaves = [tiles[at : at + 32] for at in range(0, len(tiles), 32)]
    assert [event.leaf for event in read[:size]] == leaves


def test_by_which_account_an_event_came_is_for_who_may_know_it(live: Register) -> None:
    owner = live.entity("Own")
    pledge = published(live, owner)
    sign(live)
    (entry,) = live.anonymous.get(f"/pledges/{pledge}/history").json["items"]
    path = f"/log/events/{entry['position']}"
    inside, outside = live.as_("secretariat").get(path).json, live.anonymous.get(path)
    known = json.loads(inside["header"])
    assert known["request_id"]
    for told in (known["actor"], known["request_id"]):
        assert told.encode() not in outside.body
    assert live.as_("pledger", owner).get(path).json["header"] == inside["header"]
    assert live.as_("pledger", live.entity("Foreign")).get(path).json["header"] == outside.json["header"]
    hidden = json.loads(outside.json["header"])
    assert {name for name in known if known[name] != hidden[name]} == {"actor", "request_id"}
    for found in (inside, outside.json):
        line = {name: found[name] for name in WHOLE if name in found}
        event = read_event(json.dumps(line).encode(), entry["position"])
        assert (event.leaf.hex(), list(event.erased)) == (entry["log"]["leaf_hash"], [])


def test_before_the_first_checkpoint(live_register: Register) -> None:
    log = live_register.anonymous.get("/log").json
    assert (log["origin"], log["size"], log["key"], log["checkpoint_at"]) == (None, 0, None, None)
    assert fetched(live_register, "/checkpoint").status_code == 404
    assert fetched(live_register, "/tile/0/000.p/1").status_code == 404
    assert fetched(live_register, "/proof/1").status_code == 404
    assert live_register.anonymous.get("/exports/bundle.zip").status == 404


def test_checkpoints_that_cannot_be_read_keep_nobody_from_the_rest(
    live_register: Register, database: Database
) -> None:
    sizes = []
    for name in ("First", "Second", "Third"):
        recorded(live_register, live_register.entity(name))
        sign(live_register)
        sizes.append(fetched(live_register, "").json()["size"])
    first, second, third = sizes
    with psycopg.connect(database.owner_url, autocommit=True) as owner:
        owner.execute("SET session_replication_role = replica")  # as a superuser can
        owner.execute("UPDATE pledges.checkpoints SET note = 'garbage' WHERE size = %s", [third])
        change = "overlay(note placing ' ' from position(chr(10) in note) for 1)"
        owner.execute(f"UPDATE pledges.checkpoints SET note = {change} WHERE size = %s", [second])
    live_register.runtime.log.check()
    for path in ("/", "/pledges", "/log", f"/log/{first}", f"/log/{third}", "/log.json", "/log.csv",
                 f"/log?as_of=checkpoint:{second}", f"/log/{first}?as_of=checkpoint:{second}",
                 f"/pledges?as_of=checkpoint:{third}", "/api/v1/pledges", "/api/v1/exports/bundle.zip",
                 f"/api/v1/log/events/{third}"):  # fmt: skip
        assert requests.get(live_register.url + path, timeout=90).status_code == 200, path
    said = f"The checkpoint of {second} events cannot be read"
    assert said in requests.get(f"{live_register.url}/log", timeout=90).text
    assert live_register.anonymous.get("/log").json["size"] == first
    assert fetched(live_register, "/checkpoint").text.split("\n")[1] == str(first)
    for path in ("/log", "/log/checkpoint", f"/log/proof/{first}", "/exports/bundle.zip"):
        answer = live_register.anonymous.get(path, as_of=f"checkpoint:{second}")
        assert (answer.status, said in answer.json["detail"]) == (404, True), path
