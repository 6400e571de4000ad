"""Whatever is sent: a clear error that names the field and the rule, never a 500, and nothing half done."""

from __future__ import annotations

import io
import json
import socket
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
import requests

from tests.web.live import AUTHORITY, KENYA, SECONDS_MAX, Answer, Register
from tests.web.pledges import TARGET, TERMS, TODAY, drafted, pledge_body, published, recorded, submitted
from web import bodies
from web.app import create_app


def send(live: Register, **said: Any) -> Answer:
    """A pledge for Kenya with something wrong in it."""
    return live.as_("pledger", KENYA).post("/pledges", {**pledge_body(KENYA), **said})


MONEY = {"value": "200000.00", "currency": "EUR"}

BROKEN: list[tuple[dict[str, Any], str]] = [
    ({"objectives": [24]}, "objectives.0"),
    ({"objectives": ["5"]}, "objectives.0"),
    ({"objectives": [5, 5]}, "objectives"),
    ({"objectives": [True]}, "objectives.0"),
    ({"objectives": 5}, "objectives"),
    ({"principles": ["kindness"]}, "principles.0"),
    ({"forms": ["money"]}, "forms.0"),
    ({"levels": ["galactic"]}, "levels.0"),
    ({"countries": ["XXX"]}, "countries.0"),
    ({"regions": ["Middle-earth"]}, "regions.0"),
    ({"type": "personal"}, "type"),
    ({"type": None}, "type"),
    ({"title": "x" * 10_000}, "title"),
    ({"title": "ab"}, "title"),
    ({"title": "   "}, "title"),
    ({"title": 7}, "title"),
    ({"title": None}, "title"),
    ({"title": "nul \x00 byte"}, "title"),
    ({"title": "bell \x07"}, "title"),
    ({"title": "turned \u202e round"}, "title"),
    ({"title": "half \ud800 a sign"}, "title"),
    ({"description": "isolate \u2066"}, "description"),
    ({"language": "English"}, "language"),
    ({"amount": {"value": "-5", "currency": "EUR"}}, "amount.value"),
    ({"amount": {"value": "0", "currency": "EUR"}}, "amount.value"),
    ({"amount": {"value": 5, "currency": "EUR"}}, "amount.value"),
    ({"amount": {"value": "1e9", "currency": "EUR"}}, "amount.value"),
    ({"amount": {"value": "5", "currency": "XYZ"}}, "amount.currency"),
    ({"amount": {"value": "5"}}, "amount.currency"),
    ({"amount": "5 EUR"}, "amount"),
    ({"amount": {**MONEY, "note": "about"}}, "amount.note"),
    ({"due_on": "2026-02-30"}, "due_on"),
    ({"due_on": "soon"}, "due_on"),
    ({"due_on": "2026-13"}, "due_on"),
    ({"due_on": 2026}, "due_on"),
    ({"due_on": "2022-01-01", "made_on": "2022-05-17"}, "due_on"),
    ({"made_on": "2150"}, "made_on"),
    ({"targets": [{**TARGET, "unit": None}]}, "targets.0.unit"),
    ({"targets": [{**TARGET, "target": "many"}]}, "targets.0.target"),
    ({"targets": [{**TARGET, "target": "0"}]}, "targets.0.target"),
    ({"targets": [{}]}, "targets.0.description"),
    ({"type": "matching", "terms": {**TERMS, "kind": "moral"}}, "terms.kind"),
    ({"type": "matching", "terms": {**TERMS, "deadline": "someday"}}, "terms.deadline"),
    ({"partners": [str(KENYA)], "type": "common"}, "partners.0"),
    ({"partners": [str(uuid4())], "type": "common"}, "partners.0"),
    ({"partners": ["Kenya"], "type": "common"}, "partners.0"),
    ({"entity": "Kenya"}, "entity"),
    ({"entity": "{" + str(KENYA) + "}"}, "entity"),
    ({"cycle": 2023}, "cycle"),
    ({"cycle": 10**30}, "cycle"),
    ({"colour": "blue"}, "colour"),
    ({"status": "made"}, "status"),
    ({"reference": "2022-0001"}, "reference"),
    ({"source": {"ref": "GCMP-001"}}, "source"),
    ({"champion": "yes"}, "champion"),
    ({"to_mptf": 1}, "to_mptf"),
]


@pytest.mark.parametrize(
    ("said", "field"), BROKEN, ids=[f"{next(iter(said))}-{n}" for n, (said, _) in enumerate(BROKEN)]
)
def test_a_broken_rule_names_its_field(live: Register, said: dict[str, Any], field: str) -> None:
    answer = send(live, **said)
    assert (answer.status, answer.code) == (422, "invalid"), answer.body
    assert field in answer.errors, answer.errors
    assert all(messages and all(messages) for messages in answer.errors.values())


def test_all_broken_rules_are_said_at_once(live: Register) -> None:
    answer = send(live, objectives=[24], amount={"value": "-5", "currency": "XYZ"}, colour="blue")
    assert {"objectives.0", "amount.value", "amount.currency", "colour"} <= set(answer.errors)


def test_all_that_a_working_paper_needs_is_said_at_once(live: Register) -> None:
    owner = live.as_("pledger", KENYA)
    assert set(owner.post("/pledges", {}).errors) == {"title", "entity", "type"}
    twice = owner.post("/pledges", {"title": "ab", "type": "personal"}).errors
    assert {field: len(said) for field, said in twice.items()} == {"title": 1, "entity": 1, "type": 1}
    assert set(live.as_("secretariat").post("/pledges", {"record": True}).errors) == {"title", "entity"}


def test_a_title_is_kept_in_clean_form(live: Register) -> None:
    answer = send(live, title="  Cafe\u0301\r\nand more  ")
    assert answer.json["title"] == "Caf\u00e9\nand more"


# -- what is no body at all

BODIES = [
    (b"", 422, "nothing"),
    (b"{", 400, "malformed"),
    (b"[]", 422, "list"),
    (b'"text"', 422, "string"),
    (b"null", 422, "null"),
    (b"NaN", 400, "NaN"),
    (b'{"title": Infinity}', 400, "infinity"),
    (b'{"title": "a", "title": "b"}', 400, "twice"),
    (b'{"title": "\xff\xfe"}', 400, "not-utf-8"),
    (b"[" * 50_000, 400, "deep"),
    (b'{"a":' * 25 + b"1" + b"}" * 25, 400, "deeper-than-20"),
    (b'{"cycle": ' + b"9" * 5_000 + b"}", 400, "long-number"),
    (b'{"cycle": 1e400}', 400, "large-number"),
    (b"\x1f\x8b\x08\x00", 400, "zipped"),
]


@pytest.mark.parametrize(("body", "status", "name"), BODIES, ids=[name for _, _, name in BODIES])
def test_what_is_no_body(live: Register, body: bytes, status: int, name: str) -> None:
    pledger = live.as_("pledger", KENYA)
    for method, path in (("POST", "/pledges"), ("PATCH", f"/pledges/{uuid4()}")):
        answer = pledger.send(method, path, data=body, headers={"Content-Type": "application/json"})
        assert answer.status == status, answer.body


def test_only_json_is_taken(live: Register) -> None:
    pledger = live.as_("pledger", KENYA)
    for media_type in (
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data",
        "nonsense",
        "",
    ):
        answer = pledger.send("POST", "/pledges", data=b"title=x", headers={"Content-Type": media_type})
        assert answer.status == 415, media_type
    body = json.dumps(pledge_body(KENYA)).encode()
    answer = pledger.send(
        "POST", "/pledges", data=body, headers={"Content-Type": "application/json; charset=utf-8"}
    )
    assert answer.status == 201


def test_a_body_of_30_mb_is_refused_and_nothing_is_kept(live: Register) -> None:
    body = b'{"title": "' + b"x" * 30_000_000 + b'"}'
    answer = live.as_("pledger", KENYA).send(
        "POST", "/pledges", data=body, headers={"Content-Type": "application/json"}
    )
    assert (answer.status, answer.code) == (413, "too-large")


def test_a_chunked_body_is_read_up_to_the_limit(live: Register) -> None:
    pieces = (b"x" * 100_000 for _ in range(50))
    answer = live.as_("pledger", KENYA).send(
        "POST", "/pledges", data=pieces, headers={"Content-Type": "application/json"}
    )
    assert answer.status == 413
    small = iter([json.dumps(pledge_body(KENYA)).encode()])
    answer = live.as_("pledger", KENYA).send(
        "POST", "/pledges", data=small, headers={"Content-Type": "application/json"}
    )
    assert answer.status == 201


def send_cut_short(live: Register, path: str, announced: str, sent: bytes) -> bytes:
    """The first line that is answered to a body that breaks off."""
    at = urlsplit(live.url)
    head = (
        f"POST /api/v1{path} HTTP/1.1\r\nHost: {at.netloc}\r\n"
        f"Authorization: Bearer {live.token('secretariat')}\r\nContent-Type: application/json\r\n"
        f"{announced}\r\n\r\n"
    )
    with socket.create_connection((at.hostname or "", at.port or 0), timeout=10) as sender:
        sender.sendall(head.encode() + sent)
        sender.shutdown(socket.SHUT_WR)
        return sender.makefile("rb").readline()


@pytest.mark.parametrize(
    ("announced", "sent"),
    [
        ("Content-Length: 30", b""),
        ("Content-Length: 30", b"{}"),
        ("Transfer-Encoding: chunked", b""),
        ("Transfer-Encoding: chunked", b"1e\r\n{}"),
        ("Transfer-Encoding: chunked", b"no size\r\n{}"),
    ],
)
def test_a_body_that_breaks_off_does_nothing(live: Register, announced: str, sent: bytes) -> None:
    pledge = submitted(live, KENYA)
    assert b" 400 " in send_cut_short(live, f"/pledges/{pledge}/publication", announced, sent)
    assert live.as_("secretariat").get(f"/pledges/{pledge}").json["status"] == "submitted"


@pytest.mark.parametrize(
    ("length", "sent"), [("30", b""), ("30", b"{}"), (None, b"")], ids=["nothing", "too little", "no chunk"]
)
def test_a_server_that_ends_a_broken_body_quietly_does_nothing(
    live: Register, length: str | None, sent: bytes
) -> None:
    """As the server in production does: it gives what has come, and then says that this was all."""
    pledge = submitted(live, KENYA)
    announced = {"CONTENT_LENGTH": length} if length else {"HTTP_TRANSFER_ENCODING": "chunked"}
    answer = create_app(live.runtime).test_client().post(
        f"/api/v1/pledges/{pledge}/publication",
        headers={"Authorization": f"Bearer {live.token('secretariat')}"},
        environ_overrides={
            "wsgi.input": io.BytesIO(sent), "wsgi.input_terminated": True,
            "CONTENT_TYPE": "application/json", "CONTENT_LENGTH": "", **announced,
        },
    )  # fmt: skip
    assert (answer.status_code, answer.get_json()["code"]) == (400, "malformed")
    assert live.as_("secretariat").get(f"/pledges/{pledge}").json["status"] == "submitted"


def test_who_stalls_is_given_up_and_holds_nobody(live: Register, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bodies, "SENDING_SECONDS_MAX", 0.3)
    at = urlsplit(live.url)
    token = live.token("pledger", KENYA)
    head = (
        f"POST /api/v1/pledges HTTP/1.1\r\nHost: {at.netloc}\r\nAuthorization: Bearer {token}\r\n"
        "Content-Type: application/json\r\nConnection: close\r\nContent-Length: 100\r\n\r\n{"
    )
    with socket.create_connection((at.hostname or "", at.port or 0), timeout=10) as stalling:
        stalling.sendall(head.encode())
        assert b" 408 " in stalling.recv(100)


# -- addresses


NOBODYS = "0190d5b6-5a2c-7a3e-8d3f-4f2b5c6d7e8f"


@pytest.mark.parametrize(
    "pledge",
    ["1", "2022-1", "2022-0000000000000", "not-a-uuid", NOBODYS, "2022-9999", "%00", "%ff%fe",
     "9" * 5000, "..%2f..", "null", "{}", "2022-0001%20", "٢٠٢٢-٠٠٠١"],
)  # fmt: skip
def test_an_unknown_pledge_is_not_found(live: Register, pledge: str) -> None:
    for client in (live.anonymous, live.as_("secretariat")):
        assert client.get(f"/pledges/{pledge}").status == 404
        assert client.get(f"/pledges/{pledge}/history").status == 404
    secretariat = live.as_("secretariat")
    assert secretariat.post(f"/pledges/{pledge}/lapse", {"reason": "No answer"}).status == 404
    answer = secretariat.post(f"/pledges/{pledge}/progress-reports/{'9' * 40}/correction", {})
    assert answer.status in (404, 422)


@pytest.mark.parametrize(
    "path", ["/nothing", "/pledges/", "//pledges", "/pledges//history", "/../pledges", ""]
)
def test_an_unknown_address_is_a_problem(live: Register, path: str) -> None:
    answer = live.anonymous.get(f"/api/v1{path}")
    assert (answer.status, answer.code) == (404, "not-found")


def test_a_method_that_is_not_taken_says_which_are(live: Register) -> None:
    answer = live.anonymous.send("PUT", "/pledges", json={})
    assert (answer.status, answer.code) == (405, "method-not-allowed")
    assert "POST" in answer.headers["Allow"]


QUERIES = [
    ("limit=-1", "limit"), ("limit=0", "limit"), ("limit=201", "limit"), ("limit=many", "limit"),
    ("limit=1_0", "limit"), ("limit=" + "9" * 5000, "limit"), ("limit=5&limit=6", "limit"),
    ("limit=", "limit"),
    ("sort=colour", "sort"), ("cursor=abc", "cursor"), ("cursor=%C3%A9", "cursor"),
    ("objective=24", "objective"), ("objective=x", "objective"), ("principle=kindness", "principle"),
    ("status=open", "status"), ("region=Middle-earth", "region"), ("country=XX", "country"),
    ("cycle=22", "cycle"), ("overdue=perhaps", "overdue"), ("stale=green-ish", "stale"),
    ("updated_since=yesterday", "updated_since"), ("q=%00", "q"), ("q=" + "x" * 300, "q"),
    ("q=a%0Db%07", "q"),
    ("as_of=tomorrow", "as_of"), ("as_of=2999-01-01", "as_of"), ("as_of=999999999", "as_of"),
    ("as_of=-1", "as_of"), ("as_of=checkpoint:1", "as_of"), ("as_of=2022-02-30T00:00:00Z", "as_of"),
    ("as_of=" + "9" * 50, "as_of"), ("as_of=1&as_of=2", "as_of"), ("colour=blue", "colour"),
]  # fmt: skip


@pytest.mark.parametrize(("query", "field"), QUERIES, ids=[query[:30] for query, _ in QUERIES])
def test_a_bad_query_names_its_field(live: Register, query: str, field: str) -> None:
    answer = live.anonymous.send("GET", f"/pledges?{query}")
    assert (answer.status, list(answer.errors)) == (422, [field]), answer.body


@pytest.mark.parametrize("query", ["q=%ff", "q=%ff%fe&limit=5", "%ff=1", "q=%C3%28"])
def test_a_query_that_is_not_utf_8_is_malformed(live: Register, query: str) -> None:
    answer = live.anonymous.send("GET", f"/pledges?{query}")
    assert (answer.status, answer.code) == (400, "malformed")


def test_many_filters_at_once_are_fine(live: Register) -> None:
    query = "&".join(f"objective={number}" for number in range(1, 24))
    assert (
        live.anonymous.send("GET", f"/pledges?{query}&status=made&status=fulfilled&region=Africa").status
        == 200
    )


def test_other_addresses_check_their_queries_too(live: Register) -> None:
    assert live.anonymous.get("/progress").errors["by"]
    assert live.anonymous.get("/progress", by="colour").errors["by"]
    assert live.anonymous.get("/progress", by="status", compare_to="soon").errors["compare_to"]
    assert live.anonymous.get("/entities", category="planet").errors["category"]
    assert live.anonymous.get("/entities", cursor="x").errors["cursor"]
    assert live.anonymous.get("/exports/pledges.csv", status="open").errors["status"]
    assert live.anonymous.get("/exports/pledges.pdf").status == 404
    assert live.anonymous.get("/intake", cursor="x").errors["cursor"]
    assert live.anonymous.get("/pledges", effective_at="2099").errors["effective_at"]


def test_a_period_that_ends_before_it_begins_is_refused_everywhere_alike(live: Register) -> None:
    last = live.anonymous.get("/progress", by="form").json["position"]
    pledge = recorded(live, live.entity("Backwards")).json["id"]
    secretariat = live.as_("secretariat")
    for path, first, second, query in (
        ("/log/readings", "from", "to", {"from": "2026-02", "to": "2026-01"}),
        ("/log/events", "from", "to", {"from": "2026-02", "to": "2026-01"}),
        ("/log/events", "effective_from", "effective_to", {"effective_from": "2026", "effective_to": "2025"}),
        ("/progress", "compare_to", "as_of", {"by": "form", "compare_to": last, "as_of": last - 1}),
        ("/compare.json", "compare_to", "as_of", {"compare_to": last, "as_of": last - 1}),
        (f"/pledges/{pledge}/changes", "from", "to", {"from": 2, "to": 1}),
    ):
        if path.endswith(".json"):
            errors = requests.get(live.url + path, params=query, timeout=SECONDS_MAX).json()["errors"]
        else:
            errors = secretariat.get(path, **query).errors
        assert errors == {first: [f"must not lie behind `{second}`."]}, path


# -- commands


def test_what_a_command_needs_is_named(live: Register) -> None:
    pledge = published(live, KENYA)
    owner, secretariat = live.as_("pledger", KENYA), live.as_("secretariat")
    for path in ("withdrawal", "reinstatement", "fulfilment-retraction"):
        assert owner.post(f"/pledges/{pledge}/{path}", {}).errors["reason"]
        assert owner.post(f"/pledges/{pledge}/{path}", {"reason": "  "}).errors["reason"]
    for path in ("return", "rejection", "lapse", "carry-over", "classification"):
        assert secretariat.post(f"/pledges/{pledge}/{path}", {}).errors["reason"]
    assert owner.patch(f"/pledges/{pledge}", {"changes": {"title": "Other words"}}).errors["reason"]
    assert owner.patch(f"/pledges/{pledge}", {"reason": "Why"}).errors["changes"]
    assert owner.patch(f"/pledges/{pledge}", {"changes": {"entity": str(KENYA)}, "reason": "Why"}).errors[
        "changes.entity"
    ]
    changes = {"amount": {"value": "5", "currency": "XYZ"}, "due_on": "2020"}
    answer = owner.patch(f"/pledges/{pledge}", {"changes": changes, "reason": "Why"})
    assert set(answer.errors) == {"changes.amount.currency"}
    answer = owner.patch(f"/pledges/{pledge}", {"changes": {"due_on": "2020"}, "reason": "Why"})
    assert set(answer.errors) == {"changes.due_on"}
    report = owner.post(f"/pledges/{pledge}/progress-reports", {"effective_on": TODAY})
    assert set(report.errors) == {"narrative", "percent", "measures"}
    report = owner.post(f"/pledges/{pledge}/progress-reports", {"effective_on": "2150-01-01", "percent": 101})
    assert report.errors["percent"]
    report = owner.post(f"/pledges/{pledge}/progress-reports", {"effective_on": "2150-01-01", "percent": 10})
    assert report.errors["effective_on"]
    answer = owner.post(f"/pledges/{pledge}/matches", {"pledge": "2022-9999"})
    assert answer.errors["pledge"]
    assert owner.post(f"/pledges/{pledge}/matches", {"pledge": "nonsense"}).errors["pledge"]
    bad = {"reason": "By letter", "authority": {"kind": "rumour", "reference": "x"}}
    assert secretariat.post(f"/pledges/{pledge}/withdrawal", bad).errors["authority.kind"]
    bad = {"reason": "By letter", "authority": {"kind": "email"}}
    assert secretariat.post(f"/pledges/{pledge}/withdrawal", bad).errors["authority.reference"]
    evidence = [{"title": "x", "url": "javascript:alert(1)"}]
    answer = owner.post(
        f"/pledges/{pledge}/progress-reports", {"effective_on": TODAY, "percent": 1, "evidence": evidence}
    )
    assert answer.errors["evidence.0.url"]


@pytest.mark.parametrize(
    ("said", "fields"),
    [
        ({"targets": [{"target": "5"}]}, {"changes.targets.0.unit"}),
        ({"partners": [str(KENYA)]}, {"changes.partners.0"}),
        ({"cycle": 2023}, {"changes.cycle"}),
        ({"matches": str(uuid4())}, {"changes.matches"}),
        ({"made_on": "2024", "due_on": "2023"}, {"changes.made_on", "changes.due_on"}),
    ],
)
def test_fields_of_a_working_paper_are_named_as_they_were_sent(
    live: Register, said: dict[str, Any], fields: set[str]
) -> None:
    owner, paper = live.as_("pledger", KENYA), drafted(live, KENYA)
    assert set(owner.patch(f"/pledges/{paper}", {"changes": said}).errors) == fields
    assert owner.get(f"/pledges/{paper}").json["version"] == 1


def test_a_partner_that_cannot_be_noted_is_named_as_it_was_sent(live: Register) -> None:
    owner, paper = live.as_("pledger", KENYA), drafted(live, KENYA, type="common")
    for nobody in (uuid4(), KENYA):
        answer = owner.post(f"/pledges/{paper}/partners", {"entity": str(nobody)})
        assert (answer.status, set(answer.errors)) == (422, {"entity"})


def test_what_refers_to_nothing_is_refused(live: Register) -> None:
    pledge = published(live, KENYA)
    owner, secretariat = live.as_("pledger", KENYA), live.as_("secretariat")
    assert owner.post(f"/pledges/{pledge}/matches/{uuid4()}/acceptance").status == 404
    assert owner.post(f"/pledges/{pledge}/partners/{uuid4()}/cancellation", {}).status == 404
    assert owner.post(f"/pledges/{pledge}/partners/NOWHERE/cancellation", {}).status == 404
    report = {"effective_on": TODAY, "percent": 5, "reason": "Wrong"}
    assert owner.post(f"/pledges/{pledge}/progress-reports/1/correction", report).status == 404
    verdict = {"effective_on": TODAY, "reason": "Seen", "report": 10**15}
    assert secretariat.post(f"/pledges/{pledge}/verification", verdict).status in (404, 422)
    assert secretariat.post(f"/entities/{uuid4()}/aliases", {"alias": "Nobody"}).status == 404
    assert owner.delete(f"/pledges/{pledge}").code == "not-a-draft"


def test_a_submission_says_what_the_form_still_needs(live: Register) -> None:
    pledge = drafted(live, KENYA, description=None, forms=[], objectives=[], due_on=None, terms=TERMS)
    answer = live.as_("pledger", KENYA).post(f"/pledges/{pledge}/submission")
    assert answer.status == 422
    assert {"description", "forms", "objectives", "principles", "due_on", "terms"} <= set(answer.errors)
    assert live.as_("pledger", KENYA).get(f"/pledges/{pledge}").json["status"] == "draft"


def test_a_source_reference_is_recorded_once(live: Register) -> None:
    ref = f"S-{uuid4()}"
    recorded(live, KENYA, source={"ref": ref})
    body = {
        "title": "Again",
        "entity": str(KENYA),
        "record": True,
        "authority": AUTHORITY,
        "source": {"ref": ref},
    }
    answer = live.as_("secretariat").post("/pledges", body)
    assert answer.status in (409, 422), answer.body


# -- headers


@pytest.mark.parametrize(
    ("header", "value", "statuses"),
    [
        ("Authorization", "Basic dXNlcjpwYXNz", (401,)),
        ("Authorization", "Bearer", (401,)),
        ("Authorization", "Bearer " + "x" * 5000, (401,)),
        ("Authorization", "Bearer \xe9\xff", (401,)),
        ("Authorization", "", (401,)),
        ("Accept", "text/html", (200,)),
        ("Accept", "\xff", (200,)),
        ("X-Request-Id", "\xff" * 20, (200,)),
        ("X-Request-Id", "x" * 5000, (200,)),
        ("If-None-Match", "*", (200,)),
        ("Range", "bytes=0-1", (200,)),
        ("X-Forwarded-For", "nonsense", (200,)),
        ("Host", "evil.example", (200,)),
    ],
)
def test_odd_headers_do_no_harm(live: Register, header: str, value: str, statuses: tuple[int, ...]) -> None:
    answer = live.anonymous.send("GET", "/pledges", headers={header: value.encode("latin-1")})
    assert answer.status in statuses


def test_what_is_no_http_does_not_stop_the_server(live: Register) -> None:
    address = urlsplit(live.url)
    with socket.create_connection((address.hostname, address.port), timeout=5) as connection:
        connection.sendall(b"POST /api/v1/pledges HTTP/1.1\r\nHost: x\r\nContent-Length: abc\r\n\r\n")
        connection.recv(1000)
    assert live.anonymous.get("/pledges").status == 200


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_a_file_of_a_page_is_refused_as_a_whole(live: Register, form: str) -> None:
    answer = requests.get(f"{live.url}/pledges.{form}?entity=nobody-known", timeout=10)
    assert answer.status_code == 422
    assert "entity" in answer.json()["errors"]
