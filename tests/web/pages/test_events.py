"""The search over all events, by the interface and as a page: the same finds, each thing by each filter."""

from __future__ import annotations

import csv
import io
import re

import pytest

from tests.web.demonstration import HOSTILE, Demonstration
from tests.web.live import KENYA
from tests.web.pledges import published, submitted
from web.pages.events import COLUMNS

BYTES_MAX = 100_000


def test_the_page_shows_what_the_interface_answers(demonstration: Demonstration) -> None:
    query = f"pledge={demonstration.lapsed}&name=pledge.&sort=position"
    answer = demonstration.live.anonymous.get(f"/log/events?{query}")
    names = [item["name"] for item in answer.json["items"]]
    assert names[0] == "pledge.made"
    assert names[-1] == "pledge.lapsed"
    data = demonstration.get(f"/log/events.json?{query}").json()
    assert data["items"] == answer.json["items"]
    page = demonstration.get(f"/log/events?{query}")
    for item in data["items"]:
        assert f'href="/log/{item["position"]}"' in page.text
    assert page.text.count("The pledge lapsed.") == 2  # in the form and in the list
    rows = list(csv.reader(io.StringIO(demonstration.get(f"/log/events.csv?{query}").text)))
    assert rows[0] == list(COLUMNS)
    assert [row[1] for row in rows[1:]] == names
    assert answer.headers["X-Position"].isdecimal()


def test_everything_is_streamed_as_csv(demonstration: Demonstration) -> None:
    total = demonstration.get("/log/events.json").json()["total"]
    rows = list(csv.reader(io.StringIO(demonstration.get("/log/events.csv").text)))
    assert len(rows) == total + 1
    assert total > 200
    assert len({row[0] for row in rows}) == len(rows)


def test_a_period_is_of_recorded_times(demonstration: Demonstration) -> None:
    between = demonstration.samples_alone
    before = demonstration.live.anonymous.get("/log/events", to=between, limit=1).json
    after = demonstration.live.anonymous.get("/log/events", **{"from": between}, limit=1).json
    everything = demonstration.live.anonymous.get("/log/events", limit=1).json
    assert before["total"] + after["total"] == everything["total"]
    assert before["items"][0]["recorded_at"] < between
    first = demonstration.live.anonymous.get("/log/events", sort="position", limit=1).json
    days = {
        name: found["items"][0]["recorded_at"][:10] for name, found in (("from", first), ("to", everything))
    }
    assert demonstration.live.anonymous.get("/log/events", **days).json["total"] == everything["total"]
    assert demonstration.live.anonymous.get("/log/events", to="2020").json["total"] == 0
    assert demonstration.live.anonymous.get("/log/events", as_of=0).json["items"] == []


def test_pages_follow_each_other(demonstration: Demonstration) -> None:
    first = demonstration.get("/log/events")
    assert len(first.content) < BYTES_MAX
    following = re.search(r'rel="next" href="([^"]+)"', first.text)
    assert following
    second = demonstration.get(following[1].replace("&amp;", "&"))
    assert second.status_code == 200
    shown = [re.findall(r'class="what"><a href="/log/(\d+)', page.text) for page in (first, second)]
    assert len(shown[0]) == 50
    assert int(shown[0][-1]) > int(shown[1][0])
    assert demonstration.live.anonymous.get("/log/events", cursor="made-up").errors.keys() == {"cursor"}


def test_what_is_not_public_is_found_by_who_may_see_it(demonstration: Demonstration) -> None:
    live = demonstration.live
    owner = live.entity("Searching")
    pledge = published(live, owner)
    asked = {"name": "pledge.submitted", "pledge": pledge}
    assert live.anonymous.get("/log/events", **asked).json["total"] == 0
    assert live.as_("auditor", KENYA).get("/log/events", **asked).json["total"] == 0
    for client in (live.as_("pledger", owner), live.as_("secretariat"), live.as_("auditor")):
        assert client.get("/log/events", **asked).json["total"] == 1
    waiting = submitted(live, owner)
    assert live.anonymous.get("/log/events", pledge=waiting).errors["pledge"]
    assert live.as_("pledger", owner).get("/log/events", pledge=waiting).json["total"] == 1
    grants = {"name": "account.role-granted", "entity": str(owner)}
    assert live.anonymous.get("/log/events", **grants).json["total"] == 0
    assert live.as_("administrator").get("/log/events", **grants).json["total"] == 1


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("name=pledge.unmade", "name"),
        ("role=king", "role"),
        ("field=colour", "field"),
        ("pledge=42", "pledge"),
        ("pledge=2099-0001", "pledge"),
        ("from=yesterday", "from"),
        ("from=2026&to=2025", "from"),
        ("effective_to=2026-02-30", "effective_to"),
        ("sort=name", "sort"),
    ],
)
def test_what_cannot_be_asked_for_is_named(demonstration: Demonstration, query: str, field: str) -> None:
    answer = demonstration.live.anonymous.get(f"/log/events?{query}")
    assert (answer.status, set(answer.errors)) == (422, {field})
    assert demonstration.get(f"/log/events?{query}").status_code == 422
    assert set(demonstration.get(f"/log/events.json?{query}").json()["errors"]) == {field}


def test_a_form_sent_as_it_stands_finds_everything(demonstration: Demonstration) -> None:
    page = demonstration.get("/log/events").text
    assert HOSTILE not in page
    names = re.findall(r'<(?:select|input type="\w+") id="(\w+)"', page.split('class="choices"')[1])
    assert {"name", "role", "entity", "pledge", "field", "from", "to", "sort"} <= set(names)
    empty = "&".join(f"{name}=" for name in names if name != "as_of")
    total = demonstration.get("/log/events.json").json()["total"]
    assert demonstration.get(f"/log/events.json?{empty}").json()["total"] == total


def test_nothing_found_says_what_to_do(demonstration: Demonstration) -> None:
    page = demonstration.get(f"/log/events?pledge={demonstration.joint}&name=log.").text
    assert "Remove one of the filters above" in page
    assert "/log/events" in demonstration.get("/log").text
    assert (
        f"/log/events?pledge={demonstration.joint}"
        in demonstration.get(f"/pledges/{demonstration.joint}").text
    )
