"""Calendars of due dates and feeds of changes, read as the programs read them that people use."""

from __future__ import annotations

from datetime import date
from uuid import UUID
from xml.etree.ElementTree import Element, fromstring

import pytest
from icalendar import Calendar

from tests.web.browsing import Browser
from tests.web.live import BY_LETTER, KENYA, MEXICO, Register
from tests.web.pledges import recorded, submitted

ATOM = "{http://www.w3.org/2005/Atom}"


def events(live: Register, path: str) -> dict[str, Calendar]:
    answer = Browser(live).get(path)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "text/calendar; charset=utf-8"
    assert all(len(line) <= 75 for line in answer.content.split(b"\r\n"))
    calendar = Calendar.from_ical(answer.content)
    return {str(one["uid"]).partition("@")[0]: one for one in calendar.walk("VEVENT")}


def entries(live: Register, path: str) -> tuple[Element, list[str]]:
    answer = Browser(live).get(path)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "application/atom+xml; charset=utf-8"
    root = fromstring(answer.content)
    for element in (root, *root.iter(f"{ATOM}entry")):
        assert all(element.findtext(f"{ATOM}{name}") for name in ("id", "title", "updated"))
    return root, [one.findtext(f"{ATOM}title") or "" for one in root.iter(f"{ATOM}entry")]


def test_due_dates_are_whole_days_at_their_last(live: Register) -> None:
    title = "Wells; with, signs \\ and “words” مرحبا" + " so long that its line has to be folded" * 2
    dated = recorded(live, KENYA, title=title, due_on="2031-02").json
    undated = recorded(live, KENYA, title="No date").json
    elsewhere = recorded(live, MEXICO, title="Elsewhere", due_on="2031").json
    closed = recorded(live, KENYA, title="Closed", due_on="2031").json
    live.as_("secretariat").post(f"/pledges/{closed['id']}/withdrawal", {"reason": "No.", **BY_LETTER})
    found = events(live, "/entities/kenya/calendar.ics")
    assert {undated["id"], elsewhere["id"], closed["id"]}.isdisjoint(found)
    event = found[dated["id"]]
    assert (event["dtstart"].dt, event["dtend"].dt) == (date(2031, 2, 28), date(2031, 3, 1))
    assert str(event["summary"]) == f"Due: {title} ({dated['reference']})"
    assert str(event["url"]).endswith(f"/pledges/{dated['reference']}")
    assert list(events(live, f"/pledges/{dated['reference']}/calendar.ics")) == [dated["id"]]
    assert events(live, f"/pledges/{undated['id']}/calendar.ics") == {}
    assert elsewhere["id"] in events(live, "/calendar.ics?entity=MEX&status=made")
    assert "Échéance" in str(
        events(live, f"/pledges/{dated['id']}/calendar.ics?lang=fr")[dated["id"]]["summary"]
    )


def test_a_feed_tells_what_changed_last(live: Register) -> None:
    pledge = recorded(live, KENYA, title="Wells <b> & more").json
    body = {"changes": {"title": "Wells & more"}, "reason": "Thus.", **BY_LETTER}
    live.as_("secretariat").patch(f"/pledges/{pledge['id']}", body)
    for path in (f"/pledges/{pledge['reference']}/feed.atom", "/entities/kenya/feed.atom", "/feed.atom"):
        root, titles = entries(live, path)
        assert titles[0] == "Wells & more: The pledge was amended."
        newest = root.find(f"{ATOM}entry")
        assert newest is not None
        assert root.findtext(f"{ATOM}updated") == newest.findtext(f"{ATOM}updated")
        link = newest.find(f"{ATOM}link")
        assert link is not None
        assert Browser(live).get(link.get("href", "").removeprefix(live.url)).status_code == 200
    again = Browser(live)
    first = again.get(f"/pledges/{pledge['id']}/feed.atom")
    again.session.headers["If-None-Match"] = first.headers["ETag"]
    assert again.get(f"/pledges/{pledge['id']}/feed.atom").status_code == 304


def test_pages_lead_to_them(live: Register) -> None:
    pledge = recorded(live, KENYA, title="Led to", due_on="2031").json
    browser = Browser(live)
    assert f"/pledges/{pledge['reference']}/feed.atom" in browser.get(f"/pledges/{pledge['reference']}").text
    assert "/entities/kenya/calendar.ics" in browser.get("/entities/kenya").text
    assert "/calendar.ics?objective=3&amp;entity=KEN" in browser.get("/pledges?objective=3&entity=KEN").text
    assert "/feed.atom" in browser.get("/").text


@pytest.mark.parametrize("form", ["calendar.ics", "feed.atom"])
def test_what_the_public_does_not_know_has_neither(live: Register, form: str) -> None:
    entity = live.entity("Hidden")
    hidden = submitted(live, UUID(str(entity)))
    browser = Browser(live)
    for path in (f"/pledges/{hidden}/{form}", f"/pledges/nothing/{form}", f"/entities/nobody/{form}"):
        answer = browser.get(path)
        assert (answer.status_code, answer.headers["Content-Type"]) == (404, "application/problem+json")
    assert browser.get("/calendar.ics?status=odd").status_code == 422
    assert hidden not in browser.get("/calendar.ics").text + browser.get("/feed.atom").text
