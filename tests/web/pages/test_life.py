"""A pledge with many long reports: its page stays small, and every entry has an address."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape
from uuid import UUID

import pytest
import requests

from domain.actors import Actor, Grant
from domain.pledges.commands import ReportProgress
from domain.pledges.events import Evidence
from tests.web.live import SECONDS_MAX, Register
from tests.web.pledges import TARGET, TODAY, recorded

OWNER = UUID("01900000-0000-7000-8000-00000000acc7")
REPORTS = 120
WORDS = ("Permits were given. ", "تيسير الهجرة النظامية. ", "移民登记。", "<&\"'> ")
BYTES_MAX = 100_000
MANY_LINKS = tuple(Evidence(title=WORDS[3] * 30, url=f"https://example.org/{n}") for n in range(50))


@dataclass(frozen=True)
class Told:
    live: Register
    path: str
    positions: list[int]
    narratives: dict[int, str]

    def page(self, query: str = "") -> str:
        answer = requests.get(self.live.url + self.path + query, timeout=SECONDS_MAX)
        assert answer.status_code == 200
        assert len(answer.content) < BYTES_MAX, (query, len(answer.content))
        return answer.text


@pytest.fixture(scope="module")
def told(live: Register) -> Told:
    """A pledge with the longest texts, and more reports than a page has room for."""
    entity = live.entity("Told at length")
    said = {"description": (WORDS[3] * 700)[:3000].strip(), "targets": [TARGET], "made_on": "2022-05-17"}
    pledge = recorded(live, entity, **said).json
    pledger = Actor(account=OWNER, grants=(Grant(role="pledger", entity=entity),))
    narratives: dict[int, str] = {}
    for number in range(REPORTS):
        narrative = (f"{number} " + WORDS[number % 4] * 1000)[:3000].strip()
        links = MANY_LINKS if number % 50 == 0 else ()
        order = ReportProgress(
            pledge_id=UUID(pledge["id"]), effective_on=TODAY, narrative=narrative, evidence=links
        )
        narratives[live.runtime.register.handle(order, by=pledger).position] = narrative
    assert live.runtime.readers.wait_for(max(narratives), 10 * SECONDS_MAX)
    history = live.anonymous.get(f"/pledges/{pledge['id']}/history").json["items"]
    positions = [entry["position"] for entry in history]
    return Told(live, f"/pledges/{pledge['reference']}", positions, narratives)


def positions_on(page: str) -> list[int]:
    return [int(found) for found in re.findall(r'<li id="(\d+)">', page)]


def way(page: str, words: str) -> str | None:
    found = re.search(rf'<a [^>]*?href="[^"]*?(\?[^"#]*)?(?:#\d+|#history)"[^>]*>{words}</a>', page)
    return unescape(found[1] or "") if found else None


def pages_by(told: Told, start: str, words: str) -> Iterator[str]:
    query: str | None = start
    while query is not None:
        page = told.page(query)
        yield page
        query = way(page, words)


def test_the_page_opens_with_the_latest_entries(told: Told) -> None:
    page = told.page()
    shown = positions_on(page)
    assert shown == told.positions[-len(shown) :]
    assert way(page, "Later entries") is None
    assert f"of {len(told.positions)}, the oldest first" in page


@pytest.mark.parametrize(("words", "start"), [("Later entries", "?history=0"), ("Earlier entries", "")])
def test_its_ways_lead_through_all_entries_on_small_pages(told: Told, words: str, start: str) -> None:
    seen = [positions_on(page) for page in pages_by(told, start, words)]
    assert len(seen) > 5
    assert sorted({position for page in seen for position in page}) == told.positions
    assert all(page == sorted(page) for page in seen)


def test_every_entry_has_an_address_where_it_is_told_whole(told: Told) -> None:
    for position in told.positions[1::37]:
        page = told.page(f"?history={position}")
        assert positions_on(page)[0] == position
        assert told.narratives[position] in unescape(page)


def test_what_is_cut_short_links_to_the_whole(told: Told) -> None:
    page = told.page()
    last = told.positions[-1]
    assert told.narratives[last] not in unescape(page)
    assert f'href="{told.path}?history={last}#{last}">The whole of this entry</a>' in page


def test_an_entry_looked_for_behind_the_last_leads_to_the_latest(told: Told) -> None:
    assert positions_on(told.page("?history=999999999")) == positions_on(told.page())


@pytest.mark.parametrize("nonsense", ["x", "-1", "1.5", "٣", "9" * 30])
def test_what_is_no_position_is_refused_by_name(told: Told, nonsense: str) -> None:
    answer = requests.get(f"{told.live.url}{told.path}?history={nonsense}", timeout=SECONDS_MAX)
    assert answer.status_code == 422
    assert "The place in the history" in answer.text
    assert "must be the position of an entry" in answer.text


def test_the_data_beside_the_page_stay_whole(told: Told) -> None:
    data = requests.get(f"{told.live.url}{told.path}.json?history=5", timeout=SECONDS_MAX).json()
    assert [entry["position"] for entry in data["history"]] == told.positions
    assert data["history"][-1]["said"]["narrative"] == told.narratives[told.positions[-1]]
