"""Lists, filters, cursors and moments: what is asked for by anybody."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from urllib.parse import quote

from tests.web.live import KENYA, Register
from tests.web.pledges import NEXT_YEAR, TARGET, TODAY, day, names, published, recorded, submitted


def test_a_list_is_read_page_by_page_without_shifting(live: Register) -> None:
    entity = live.entity("Pages")
    made = [recorded(live, entity, title=f"Number {n}").json["id"] for n in range(7)]
    client = live.anonymous
    page = client.get("/pledges", entity=str(entity), limit=3, sort="title").json
    assert page["total"] == 7
    recorded(live, entity, title="Number 0 again")
    found = [item["id"] for item in page["items"]]
    while page["next"]:
        assert quote(page["next"], safe="") == page["next"]
        page = client.get("/pledges", entity=str(entity), limit=3, sort="title", cursor=page["next"]).json
        found += [item["id"] for item in page["items"]]
    assert found == made


def test_a_cursor_that_was_edited_or_moved_is_refused(live: Register) -> None:
    entity = live.entity("Cursors")
    for n in range(3):
        recorded(live, entity, title=f"Number {n}")
    client = live.anonymous
    cursor = client.get("/pledges", entity=str(entity), limit=1).json["next"]
    edited = ("A" if cursor[0] != "A" else "B") + cursor[1:]
    for wrong in (edited, cursor[:-1], cursor + "A", cursor[::-1]):
        assert client.get("/pledges", entity=str(entity), limit=1, cursor=wrong).errors["cursor"]
    assert client.get("/pledges", limit=1, cursor=cursor).errors["cursor"]
    assert client.get("/entities", limit=1, cursor=cursor).errors["cursor"]


def test_filters_narrow_and_facets_count(live: Register) -> None:
    entity = live.entity("Filters")
    recorded(live, entity, objectives=[5], forms=["policy"], countries=["KEN"], type="individual")
    recorded(live, entity, objectives=[5, 6], forms=["financial"], countries=["MEX"])
    client = live.anonymous

    def total(**query: object) -> int:
        answer = client.get("/pledges", entity=str(entity), **query)
        assert answer.status == 200, answer.body
        number: int = answer.json["total"]
        return number

    assert total() == 2
    assert total(objective=5) == 2
    assert total(objective=6) == 1
    assert total(objective=[5, 6]) == 2
    assert total(form="policy", objective=6) == 0
    assert total(region="Africa") == 1
    assert total(country="MEX") == 1
    assert total(type="not_stated") == 1
    assert total(status=["made", "fulfilled"]) == 2
    assert total(status="withdrawn") == 0
    assert total(overdue="true") == 0
    assert total(updated_since=TODAY) == 2
    assert total(q="Recorded") == 2
    facets = client.get("/pledges", entity=str(entity)).json["facets"]
    counts = {found["value"]: found["count"] for found in facets["objective"]}
    assert (counts["5"], counts["6"]) == (2, 1)


def test_the_board_as_it_was(live: Register) -> None:
    entity = live.entity("As of")
    first = recorded(live, entity)
    before = int(first.headers["X-Position"])
    reference = first.json["reference"]
    owner = live.as_("pledger", entity)
    owner.patch(f"/pledges/{reference}", {"changes": {"title": "Named anew"}, "reason": "Clearer"})
    second = recorded(live, entity, title="Came later")
    client = live.anonymous

    then = client.get("/pledges", entity=str(entity), as_of=before).json
    assert [item["title"] for item in then["items"]] == ["Recorded for its owner"]
    assert then["position"] == before
    now = client.get("/pledges", entity=str(entity)).json
    assert now["total"] == 2
    assert client.get(f"/pledges/{reference}", as_of=before).json["title"] == "Recorded for its owner"
    assert client.get(f"/pledges/{second.json['id']}", as_of=before).status == 404
    assert len(client.get(f"/pledges/{reference}/history", as_of=before).json["items"]) == 1
    assert client.get("/entities/KEN", as_of=before).json["name"] == "Kenya"
    csv = client.send("GET", f"/exports/pledges.csv?entity={entity}&as_of={before}")
    assert (csv.body.count(b"Recorded for its owner"), csv.body.count(b"Came later")) == (1, 0)


def test_before_the_first_event_the_board_is_empty_and_says_when_recording_began(live: Register) -> None:
    recorded(live, live.entity("Began"))
    then = live.anonymous.get("/pledges", as_of="2020-01-01").json
    assert (then["items"], then["total"], then["position"]) == ([], 0, 0)
    assert then["recording_began"] <= datetime.now(UTC).isoformat()


def test_moments_may_be_times_and_dates(live: Register) -> None:
    recorded(live, live.entity("Moments"))
    now = (datetime.now(UTC) - timedelta(milliseconds=1)).isoformat().replace("+00:00", "Z")
    assert live.anonymous.get("/pledges", as_of=now).status == 200
    assert live.anonymous.get("/pledges", as_of=TODAY).status == 200
    assert live.anonymous.get("/pledges", as_of=NEXT_YEAR).errors["as_of"]


def test_numbers_and_their_difference(live: Register) -> None:
    before = live.anonymous.get("/progress", by="form").json["position"]
    recorded(live, live.entity("Numbers"), forms=["in_kind"], amount={"value": "5.00", "currency": "CHF"})
    for by in ("objective", "principle", "region", "category", "type", "form", "status", "cycle"):
        answer = live.anonymous.get("/progress", by=by, compare_to=before)
        assert answer.status == 200
    by_form = live.anonymous.get("/progress", by="form", compare_to=before).json
    in_kind = next(item for item in by_form["items"] if item["key"] == "in_kind")
    assert in_kind["difference"]["pledges"] == 1
    assert in_kind["difference"]["amounts"][0]["currency"] == "CHF"
    assert live.anonymous.get("/progress", by="form", as_of=before).json["position"] == before


def test_history_tells_who_did_what_by_which_right(live: Register) -> None:
    entity = live.entity("History")
    pledge = published(live, entity)
    owner = live.as_("pledger", entity)
    sent_on = day(0)
    owner.patch(
        f"/pledges/{pledge}", {"changes": {"due_on": None}, "reason": "Open again"}, X_Request_Id="trail-1"
    )
    entries = live.as_("secretariat").get(f"/pledges/{pledge}/history").json["items"]
    assert [entry["name"] for entry in entries] == ["pledge.submitted", "pledge.made", "pledge.amended"]
    last = entries[-1]
    assert (last["actor"]["role"], last["actor"]["entity"]["id"]) == ("pledger", str(entity))
    assert last["changes"] == [{"field": "due_on", "before": NEXT_YEAR, "after": None}]
    assert last["reason"] == "Open again"
    assert sent_on <= last["effective_on"] <= day(0)
    assert last["log"]["index"] == last["position"] - 1
    assert names(live, pledge) == [entry["name"] for entry in entries]
    public = live.anonymous.get(f"/pledges/{pledge}/history").json["items"]
    assert [entry["name"] for entry in public] == ["pledge.made", "pledge.amended"]


def test_submissions_are_for_those_concerned(live: Register) -> None:
    entity, partner = live.entity("Concerned"), live.entity("Invited")
    pledge = submitted(live, entity, type="common", partners=[str(partner)])
    for role, of, status in [
        ("pledger", entity, 200), ("pledger", partner, 200), ("secretariat", None, 200),
        ("auditor", None, 200), ("auditor", KENYA, 404), ("pledger", KENYA, 404),
    ]:  # fmt: skip
        assert live.as_(role, of).get(f"/pledges/{pledge}").status == status, (role, of)
    assert live.anonymous.get(f"/pledges/{pledge}").status == 404


def test_entities_are_found_in_any_language(live: Register) -> None:
    client = live.anonymous
    assert client.get("/entities", q="Alemania").json["items"][0]["name"] == "Germany"
    assert client.get("/entities", category="state", limit=200).json["total"] == 195
    page = client.get("/entities", category="state", limit=100).json
    more = client.get("/entities", category="state", limit=100, cursor=page["next"]).json
    assert len(page["items"]) + len(more["items"]) == 195
    by_slug = client.get("/entities/kenya").json
    assert by_slug["id"] == client.get("/entities/KEN").json["id"] == str(KENYA)
    assert client.get("/entities/nowhere-at-all").status == 404
    assert client.get("/entities/XYZ").status == 404


def test_exports_hold_all_that_is_asked_for(live: Register) -> None:
    entity = live.entity("Exported")
    for n in range(3):
        recorded(live, entity, title=f"Exported {n}")
    client = live.anonymous
    csv = client.get("/exports/pledges.csv", entity=str(entity))
    assert (csv.status, csv.headers["Content-Type"]) == (200, "text/csv; charset=utf-8")
    assert csv.body.startswith(b"ref,title,pledger,")
    assert csv.body.count(b"Exported ") >= 3
    lines = client.get("/exports/pledges.jsonl", entity=str(entity)).body.splitlines()
    assert len(lines) == 3
    assert client.get("/exports/pledges.xlsx", entity=str(entity)).body.startswith(b"PK")


def test_the_words_of_the_register(live: Register) -> None:
    words = live.anonymous.get("/reference").json
    assert len(words["objectives"]) == 23
    assert len(words["principles"]) == 10
    assert len(words["languages"]) == 6
    assert words["cycles"][0]["cycle"] == 2022
    assert words["objectives"][6]["titles"]["fr"]["basis"] in ("confirmed", "own")


def test_scripts_of_other_sites_may_read_and_not_write(live: Register) -> None:
    answer = live.anonymous.send("GET", "/pledges", headers={"Origin": "https://elsewhere.example"})
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    asked = {"Origin": "https://elsewhere.example", "Access-Control-Request-Method": "POST"}
    answer = live.anonymous.send("OPTIONS", "/pledges", headers=asked)
    assert answer.headers["Access-Control-Allow-Methods"] == "GET, HEAD"
    assert "Authorization" not in answer.headers["Access-Control-Allow-Headers"]


def test_a_command_answers_what_whoever_reads_next_is_shown(live: Register) -> None:
    lead, partner = live.entity("Lead"), live.entity("Partner")
    owner, joined = live.as_("pledger", lead), live.as_("pledger", partner)
    pledge = published(live, lead, targets=[TARGET], type="partnership")
    path = f"/pledges/{pledge}"
    report = {"effective_on": TODAY, "narrative": "Two schools opened."}
    sent = [
        (owner, owner.post(f"{path}/progress-reports", report)),
        (owner, owner.post(f"{path}/progress-reports", {**report, "percent": 30})),
        (owner, owner.post(f"{path}/partners", {"entity": str(partner)})),
        (joined, joined.post(f"{path}/partners/{partner}/acceptance", {"part": {"description": "Teachers"}})),
        (owner, owner.post(f"{path}/withdrawal", {"reason": "No longer needed."})),
    ]
    for _, answer in sent:
        assert answer.status == 200, answer.json
    for sender, answer in sent:
        assert answer.json == sender.get(path, as_of=answer.headers["X-Position"]).json


def test_what_was_true_on_a_day_is_told_beside_what_was_known(live: Register) -> None:
    entity = live.entity("Effective")
    pledge = recorded(live, entity, made_on="2022-05-17").json["id"]
    report = {"effective_on": "2024-06-30", "percent": 40, "authority": {"kind": "email", "reference": "1"}}
    answer = live.as_("secretariat").post(f"/pledges/{pledge}/progress-reports", report)
    assert answer.status == 200, answer.body
    client = live.anonymous

    def shown(**query: str) -> tuple[str, int | None]:
        found = client.get(f"/pledges/{pledge}", **query).json
        return found["status"], found["percent"]

    assert shown() == ("partially_fulfilled", 40)
    assert shown(effective_at="2024-06-29")[0] == "made"
    assert shown(effective_at="2024-06-30T12:00:00Z") == ("partially_fulfilled", 40)
    assert client.get(f"/pledges/{pledge}", effective_at="2022-05-16").status == 404
    listed = client.get("/pledges", entity=str(entity), effective_at="2023").json
    assert (listed["effective_at"], [item["status"] for item in listed["items"]]) == ("2023-12-31", ["made"])
    assert client.get("/pledges", entity=str(entity)).json["effective_at"] is None
    numbers = client.get("/progress", by="status", effective_at="2021").json
    assert sum(item["pledges"] for item in numbers["items"]) == 0
    assert client.get("/pledges", effective_at="2099").errors["effective_at"]
    assert client.get("/pledges", effective_at="soon").errors["effective_at"]
