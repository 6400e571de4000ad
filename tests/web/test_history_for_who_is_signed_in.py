"""Pages of what happened tell whoever is signed in what they may see; what auditors read is recorded."""

from __future__ import annotations

from uuid import UUID

from tests.conftest import Database
from tests.projections.database.test_altered_events import alter_header
from tests.web.browsing import Browser, signed_in, somebody
from tests.web.live import Register
from tests.web.pledges import recorded, submitted

WITHHELD = "are withheld: null stands in their place"
REASON = "Say by when the school stands"


def returned(live: Register, entity: UUID) -> str:
    pledge = submitted(live, entity)
    answer = live.as_("secretariat").post(f"/pledges/{pledge}/return", {"reason": REASON})
    assert answer.status == 200, answer.body
    return pledge


def test_a_returned_submission_is_told_to_its_entity_and_who_reviews(live: Register) -> None:
    entity, other = live.entity("Returned"), live.entity("Other")
    pledge = returned(live, entity)
    (position,) = (
        item["position"]
        for item in live.as_("secretariat")
        .get("/log/events", pledge=pledge, name="pledge.returned")
        .json["items"]
    )
    pages = (
        f"/pledges/{pledge}/changes",
        f"/pledges/{pledge}/changes.json",
        f"/pledges/{pledge}/changes.csv",
    )
    for who in (somebody(live), somebody(live, "pledger", entity), somebody(live, "auditor")):
        browser = signed_in(live, who)
        for path in pages:
            answer = browser.get(path)
            assert answer.status_code == 200, path
            assert answer.headers["Cache-Control"] == "private, no-store"
        assert REASON in browser.get(f"/log/{position}").text
        assert browser.get(f"/log/events?pledge={pledge}").status_code == 200
        assert f'"position":{position},' in browser.get(f"/log/events.json?pledge={pledge}").text.replace(
            " ", ""
        )
    for browser in (Browser(live), signed_in(live, somebody(live, "pledger", other))):
        assert {browser.get(path).status_code for path in pages} == {404}
        assert REASON not in browser.get(f"/log/{position}").text
        assert browser.get(f"/log/events.json?pledge={pledge}").status_code == 422


def test_the_proof_of_an_event_says_where_the_account_is_withheld(
    live_register: Register, database: Database
) -> None:
    live = live_register
    recorded(live, live.entity("Proven"))
    (position,) = (
        item["position"] for item in live.anonymous.get("/log/events", name="pledge.made").json["items"]
    )
    reviewer, anybody = signed_in(live, somebody(live)), Browser(live)
    assert WITHHELD in anybody.get(f"/log/{position}").text
    assert WITHHELD not in reviewer.get(f"/log/{position}").text
    alter_header(database, position, lambda header: header[:40])  # it still has a page, for whom it has one
    for browser, shows in ((reviewer, True), (anybody, False)):
        answer = browser.get(f"/log/{position}")
        assert answer.status_code == 200
        assert ("What was hashed" in answer.text) == shows
        assert WITHHELD not in answer.text


def test_what_an_auditor_reads_on_a_page_is_recorded(live: Register) -> None:
    pledge, auditor = returned(live, live.entity("Audited")), somebody(live, "auditor")
    signed_in(live, auditor).get(f"/pledges/{pledge}/changes")
    told = live.as_("secretariat").get("/log/readings", account=str(auditor.account)).json["items"]
    assert [(one["operation"], one["asked"]) for one in told] == [("pages.changes", {"pledge": pledge})]


def test_the_record_of_readings_has_a_page(live: Register) -> None:
    pledge, auditor = returned(live, live.entity("Page")), somebody(live, "auditor")
    browser = signed_in(live, auditor)
    browser.get(f"/pledges/{pledge}/changes")
    assert 'href="/desk/readings"' in browser.get("/desk").text
    another, secretariat = (signed_in(live, somebody(live, role)) for role in ("auditor", "secretariat"))
    for reader, sees in ((browser, True), (secretariat, True), (another, False)):
        page = reader.get("/desk/readings")
        assert page.status_code == 200
        assert (pledge in page.text) == sees
    pledger = signed_in(live, somebody(live, "pledger", live.entity("No auditor")))
    assert pledger.get("/desk/readings").status_code == 403
    assert Browser(live).get("/desk/readings").headers["Location"].startswith("/sign-in")
    assert browser.get("/desk/readings?cursor=nonsense").status_code == 422
