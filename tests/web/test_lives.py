"""A pledge through its whole life by the API alone, in each of the four types."""

from __future__ import annotations

from tests.web.live import BY_LETTER, Register
from tests.web.pledges import (
    NEXT_YEAR,
    TARGET,
    TERMS,
    TODAY,
    day,
    drafted,
    names,
    pledge_body,
    published,
    submitted,
)


def test_an_individual_pledge_from_draft_to_fulfilment(live: Register) -> None:  # noqa: PLR0915 - a whole life
    entity = live.entity("Individual")
    owner, secretariat = live.as_("pledger", entity), live.as_("secretariat")

    begun_on = day(0)
    made = owner.post("/pledges", pledge_body(entity, targets=[TARGET]))
    assert (made.status, made.json["status"], made.json["reference"]) == (201, "draft", None)
    pledge = made.json["id"]
    assert made.headers["Location"] == f"/api/v1/pledges/{pledge}"
    assert made.headers["ETag"] == f'"{made.json["version"]}"'
    assert live.anonymous.get(f"/pledges/{pledge}").status == 404
    assert secretariat.get(f"/pledges/{pledge}").status == 404

    changed = owner.patch(
        f"/pledges/{pledge}", {"changes": {"title": "Schools for all", "through": "Education"}}
    )
    assert (changed.json["title"], changed.json["version"]) == ("Schools for all", made.json["version"] + 1)

    answer = owner.post(f"/pledges/{pledge}/submission")
    assert (answer.status, answer.json["status"]) == (200, "submitted")
    assert int(answer.headers["X-Position"]) > 0
    assert secretariat.get("/pledges", status="submitted", entity=str(entity)).json["total"] == 1
    assert live.anonymous.get("/pledges", entity=str(entity)).json["total"] == 0

    recalled = owner.post(f"/pledges/{pledge}/recall")
    assert (recalled.status, recalled.json["status"], recalled.json["title"]) == (
        200,
        "draft",
        "Schools for all",
    )
    assert owner.post(f"/pledges/{pledge}/submission").json["status"] == "submitted"

    returned = secretariat.post(
        f"/pledges/{pledge}/return",
        {"reason": "Say where.", "code": "other", "fields": {"countries": "Which country?"}},
    )
    assert (returned.json["status"], returned.json["returned"]["fields"]) == (
        "returned",
        {"countries": "Which country?"},
    )
    reworked = owner.patch(f"/pledges/{pledge}", {"changes": {"countries": ["KEN"]}})
    assert (reworked.status, reworked.json["countries"], reworked.json["status"]) == (
        200,
        ["KEN"],
        "returned",
    )
    assert owner.post(f"/pledges/{pledge}/submission").json["countries"] == ["KEN"]

    public = secretariat.post(f"/pledges/{pledge}/publication", {"reason": "Complete"}).json
    assert (public["status"], public["percent"]) == ("made", 0)
    today = public["made_on"]
    assert begun_on <= today <= day(0)
    reference = public["reference"]
    assert live.anonymous.get(f"/pledges/{reference}").json["id"] == pledge

    amended = owner.patch(
        f"/pledges/{reference}",
        {"changes": {"due_on": None, "levels": ["national"]}, "reason": "Still to be agreed"},
    )
    assert (amended.json["due_on"], amended.json["levels"]) == (None, ["national"])
    classified = secretariat.post(
        f"/pledges/{reference}/classification",
        {"changes": {"principles": ["human-rights"]}, "reason": "From the text"},
    )
    assert classified.json["principles"] == ["human-rights"]

    report = {"effective_on": today, "narrative": "Half way", "measures": [{"target": "t1", "value": "100"}]}
    reported = owner.post(f"/pledges/{reference}/progress-reports", report)
    assert (reported.json["status"], reported.json["percent"]) == ("partially_fulfilled", 50)
    position = reported.headers["X-Position"]
    history = owner.get(f"/pledges/{reference}/history").json["items"]
    said_at = next(entry["position"] for entry in history if entry["name"] == "pledge.progress-reported")
    assert said_at <= int(position)

    report = {**report, "measures": [{"target": "t1", "value": "150"}], "reason": "Miscounted"}
    corrected = owner.post(f"/pledges/{reference}/progress-reports/{said_at}/correction", report)
    assert corrected.json["percent"] == 75
    verdict = {"report": said_at, "effective_on": today, "reason": "We saw the registers."}
    assert live.as_("validator", entity).post(f"/pledges/{reference}/verification", verdict).status == 200
    assert secretariat.post(f"/pledges/{reference}/verification", verdict).status == 200
    body = live.entity("Assessors")
    contested = live.as_("assessor", body).post(f"/pledges/{reference}/contest", verdict)
    assert [said["kind"] for said in contested.json["verdicts"]] == [
        "confirmed",
        "evidence_seen",
        "contested",
    ]
    assert owner.post(f"/pledges/{reference}/reply", {**verdict, "reason": "See the annex."}).status == 200

    fulfilled = owner.post(
        f"/pledges/{reference}/fulfilment", {"effective_on": today, "narrative": "Done another way"}
    )
    assert (fulfilled.json["status"], fulfilled.json["percent"], fulfilled.json["measured_percent"]) == (
        "fulfilled",
        100,
        75,
    )
    refused = owner.patch(f"/pledges/{reference}", {"changes": {"title": "Other words"}, "reason": "Why not"})
    assert (refused.status, refused.code) == (409, "pledge-fulfilled")
    retracted = owner.post(f"/pledges/{reference}/fulfilment-retraction", {"reason": "Not all done"})
    assert retracted.json["status"] == "partially_fulfilled"

    assert (
        owner.post(f"/pledges/{reference}/withdrawal", {"reason": "No money"}).json["status"] == "withdrawn"
    )
    refused = owner.post(f"/pledges/{reference}/progress-reports", {"effective_on": today, "percent": 80})
    assert (refused.status, refused.code) == (409, "pledge-closed")
    assert owner.post(f"/pledges/{reference}/reinstatement", {"reason": "Money again"}).json["percent"] == 75
    assert secretariat.post(f"/pledges/{reference}/lapse", {"reason": "No answer"}).json["status"] == "lapsed"
    assert secretariat.post(f"/pledges/{reference}/reinstatement", {"reason": "It came"}).status == 200
    carried = secretariat.post(f"/pledges/{reference}/carry-over", {"reason": "Goes on", "to_cycle": 2026})
    assert carried.status in (200, 422)  # another test may have opened 2026 already

    told = names(live, pledge)
    assert told[:2] == ["pledge.submitted", "pledge.recalled"]
    assert {
        "pledge.returned",
        "pledge.made",
        "pledge.amended",
        "pledge.classified",
        "pledge.fulfilled",
    } <= set(told)
    public_history = live.anonymous.get(f"/pledges/{reference}/history").json["items"]
    assert (public_history[0]["name"], public_history[0]["reason"]) == ("pledge.made", "Complete")
    assert all(change["before"] is None for change in public_history[0]["changes"])


def test_a_rejected_pledge_stays_with_its_owner(live: Register) -> None:
    entity = live.entity("Rejected")
    pledge = submitted(live, entity)
    answer = live.as_("secretariat").post(
        f"/pledges/{pledge}/rejection",
        {"reason": "Belongs elsewhere", "code": "refugee-compact", "fields": {"objectives": "None fits"}},
    )
    assert answer.json["status"] == "rejected"
    seen = live.as_("pledger", entity).get(f"/pledges/{pledge}").json
    assert (seen["status"], seen["returned"]["code"]) == ("rejected", "refugee-compact")
    assert seen["returned"]["fields"] == {"objectives": "None fits"}
    assert live.anonymous.get(f"/pledges/{pledge}").status == 404
    assert live.anonymous.get(f"/pledges/{pledge}/history").status == 404


def test_a_common_pledge_has_parts_that_speak_for_themselves(live: Register) -> None:
    lead, joins, declines, leaves = (live.entity(name) for name in ("Lead", "Joins", "Declines", "Leaves"))
    owner = live.as_("pledger", lead)
    pledge = drafted(live, lead, type="common", targets=[TARGET])
    noted = owner.post(f"/pledges/{pledge}/partners", {"entity": str(joins)})
    assert (noted.status, noted.json["status"]) == (200, "draft")
    for partner in (declines, leaves):
        assert owner.post(f"/pledges/{pledge}/partners", {"entity": str(partner)}).status == 200
    answer = owner.post(f"/pledges/{pledge}/submission").json
    assert [partner["state"] for partner in answer["partners"]] == ["invited"] * 3

    part = {"description": "Our own schools", "targets": [{**TARGET, "target": "10"}]}
    accepted = live.as_("pledger", joins).post(
        f"/pledges/{pledge}/partners/{joins}/acceptance", {"part": part}
    )
    assert accepted.status == 200, accepted.body
    assert (
        live.as_("pledger", declines).post(f"/pledges/{pledge}/partners/{declines}/declination").status == 200
    )
    assert (
        live.as_("pledger", leaves).post(f"/pledges/{pledge}/partners/{leaves}/acceptance", {}).status == 200
    )
    public = live.as_("secretariat").post(f"/pledges/{pledge}/publication").json
    reference = public["reference"]
    seen = live.anonymous.get(f"/pledges/{reference}").json["partners"]
    assert {partner["entity"]["id"] for partner in seen} == {str(joins), str(leaves)}

    report = {"effective_on": TODAY, "measures": [{"target": "t1", "value": "5"}]}
    reported = live.as_("pledger", joins).post(f"/pledges/{reference}/progress-reports", report)
    assert reported.status == 200, reported.body
    refused = live.as_("pledger", joins).post(f"/pledges/{reference}/progress-reports", {**report, "part": 0})
    assert refused.status == 403
    assert (
        live.as_("pledger", leaves)
        .post(f"/pledges/{reference}/partners/{leaves}/departure", {"reason": "Other plans"})
        .status
        == 200
    )
    late = live.entity("Late")
    assert owner.post(f"/pledges/{reference}/partners", {"entity": str(late)}).status == 200
    assert owner.post(f"/pledges/{reference}/partners/{late}/cancellation", {}).status == 200
    lead_now = owner.post(f"/pledges/{reference}/lead", {"entity": str(joins), "reason": "They are nearer"})
    assert lead_now.json["entity"]["id"] == str(joins)
    refused = owner.patch(
        f"/pledges/{reference}", {"changes": {"title": "Ours again"}, "reason": "We led it"}
    )
    assert refused.status == 403


def test_a_partnership_is_led_and_reported_by_letter(live: Register) -> None:
    lead, partner = live.entity("Partnership"), live.entity("Partner")
    secretariat = live.as_("secretariat")
    pledge = published(live, lead, type="partnership", partners=[str(partner)])
    assert secretariat.post(f"/pledges/{pledge}/partners/{partner}/acceptance", {}).status == 403
    accepted = secretariat.post(f"/pledges/{pledge}/partners/{partner}/acceptance", BY_LETTER)
    assert accepted.status == 200, accepted.body
    report = {"effective_on": TODAY, "percent": 40, "part": 1}
    reported = secretariat.post(f"/pledges/{pledge}/progress-reports", {**report, **BY_LETTER})
    assert (reported.json["percent"], reported.json["own_percent"]) == (20, 0)
    last = secretariat.get(f"/pledges/{pledge}/history").json["items"][-2:]
    told = next(entry for entry in last if entry["name"] == "pledge.progress-reported")
    assert (told["actor"]["role"], told["on_behalf_of"]["id"]) == ("secretariat", str(partner))
    assert told["authority"]["reference"] == BY_LETTER["authority"]["reference"]


def test_a_matching_pledge_is_matched_when_its_terms_are_met(live: Register) -> None:
    asking, giving, other = (live.entity(name) for name in ("Asking", "Giving", "Other"))
    owner = live.as_("pledger", asking)
    pledge = published(live, asking, type="matching", terms=TERMS, forms=["financial"])
    amount = {"value": "600.00", "currency": "EUR"}
    first = published(live, giving, amount=amount, forms=["financial"])
    second = published(live, other, amount=amount, forms=["financial"])

    offered = live.as_("pledger", giving).post(f"/pledges/{pledge}/matches", {"pledge": first})
    assert offered.status == 201, offered.body
    assert (offered.json["state"], offered.json["amount"], offered.json["pledge"]) == (
        "offered",
        amount,
        first,
    )
    again = live.as_("pledger", giving).post(f"/pledges/{pledge}/matches", {"pledge": first})
    assert again.json["id"] == offered.json["id"]
    accepted = owner.post(f"/pledges/{pledge}/matches/{offered.json['id']}/acceptance")
    assert accepted.json["status"] == "made"

    more = live.as_("pledger", other).post(f"/pledges/{pledge}/matches", {"pledge": second}).json
    declined = owner.post(f"/pledges/{pledge}/matches/{more['id']}/declination", {"reason": "Not now"})
    assert declined.status == 200
    more = live.as_("pledger", other).post(f"/pledges/{pledge}/matches", {"pledge": second}).json
    assert owner.post(f"/pledges/{pledge}/matches/{more['id']}/acceptance").json["status"] == "matched"
    withdrawn = live.as_("pledger", other).post(
        f"/pledges/{pledge}/matches/{more['id']}/withdrawal", {"reason": "No money after all"}
    )
    assert withdrawn.json["status"] == "made"

    answering = published(live, giving, type="matching", matches=pledge, amount=amount, forms=["financial"])
    listed = live.anonymous.get(f"/pledges/{pledge}/matches").json
    assert [match["state"] for match in listed["items"]].count("offered") == 1
    assert live.anonymous.get(f"/pledges/{answering}").json["matches"]["id"] == pledge


def test_the_secretariat_records_in_the_owners_place_by_an_authority(live: Register) -> None:
    entity = live.entity("Recorded")
    body = {"title": "Given in a statement", "entity": str(entity), "record": True, "made_on": "2022-05-17"}
    refused = live.as_("secretariat").post("/pledges", body)
    assert (refused.status, refused.code) == (403, "authority-required")
    answer = live.as_("secretariat").post("/pledges", {**body, **BY_LETTER})
    assert (answer.status, answer.json["status"], answer.json["cycle"]) == (201, "made", 2022)
    assert answer.json["reference"].startswith("2022-")
    assert answer.json["type"] is None
    assert live.as_("pledger", entity).post("/pledges", {**body, **BY_LETTER}).status == 403
    amended = live.as_("secretariat").patch(
        f"/pledges/{answer.json['reference']}",
        {"changes": {"due_on": NEXT_YEAR}, "reason": "They wrote", **BY_LETTER},
    )
    assert amended.json["due_on"] == NEXT_YEAR


def test_the_secretariat_writes_a_paper_in_an_owners_place_by_an_authority_each_time(live: Register) -> None:
    entity, partner = live.entity("Written for"), live.entity("Noted")
    secretariat = live.as_("secretariat")
    paper = secretariat.post("/pledges", pledge_body(entity, type="common", **BY_LETTER)).json["id"]
    for send, path, body in (
        (secretariat.patch, "", {"changes": {"title": "As they wrote"}}),
        (secretariat.post, "/partners", {"entity": str(partner)}),
        (secretariat.post, f"/partners/{partner}/cancellation", {}),
        (secretariat.post, "/submission", {}),
    ):
        refused = send(f"/pledges/{paper}{path}", body)
        assert (refused.status, refused.code) == (403, "authority-required")
        assert send(f"/pledges/{paper}{path}", {**body, **BY_LETTER}).status == 200
    submitted = live.as_("pledger", entity).get(f"/pledges/{paper}").json
    assert (submitted["title"], submitted["status"], submitted["partners"]) == (
        "As they wrote",
        "submitted",
        [],
    )
