"""The lists of the desk: what is in each, for whom, narrowed and a page at a time."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from uuid import UUID

import pytest

from tests.web.browsing import Browser, at_desk
from tests.web.live import Register
from tests.web.pledges import TODAY, published, recorded, submitted
from web.desk.lists import LISTS, OF_PLEDGERS, OF_SECRETARIAT


@pytest.fixture(scope="module")
def secretariat(live: Register) -> Browser:
    return at_desk(live, "secretariat")


def listed(browser: Browser, name: str, query: str = "") -> str:
    answer = browser.get(f"/desk/lists/{name}{query}")
    assert answer.status_code == 200, (name, answer.status_code)
    return " ".join(answer.text.split())


def reported(live: Register, entity: UUID, pledge: str) -> int:
    owner = live.as_("pledger", entity)
    answer = owner.post(f"/pledges/{pledge}/progress-reports", {"effective_on": TODAY, "percent": 40})
    assert answer.status == 200, answer.body
    history = owner.get(f"/pledges/{pledge}/history").json["items"]
    return next(int(one["position"]) for one in history if one["name"] == "pledge.progress-reported")


def test_each_role_has_its_lists_and_no_others(live: Register) -> None:
    entity = live.entity("Has lists")
    had = {
        "secretariat": (None, OF_SECRETARIAT),
        "pledger": (entity, OF_PLEDGERS),
        "validator": (entity, ("to-confirm",)),
        "assessor": (entity, ("to-assess",)),
    }
    for role, (of, names) in had.items():
        browser = at_desk(live, role, of)
        found = {name for name in LISTS if browser.get(f"/desk/lists/{name}").status_code == 200}
        assert found == set(names), role
        assert browser.get("/desk/lists/nothing").status_code == 404
    assert at_desk(live, "administrator").get("/desk/lists/open").status_code == 403
    assert at_desk(live, "auditor").get("/desk/lists/open").status_code == 403


def test_the_desk_counts_the_lists_of_the_secretariat(secretariat: Browser) -> None:
    desk = secretariat.get("/desk").text
    for name in OF_SECRETARIAT:
        assert f'href="/desk/lists/{name}"' in desk
    assert 'href="/desk/forums"' in desk


def test_submissions_tell_their_age_and_what_is_missing(live: Register, secretariat: Browser) -> None:
    entity = live.entity("Waits")
    pledge = submitted(live, entity, title="Kettles for wayfarers")
    found = listed(secretariat, "submissions", "?q=kettles+wayfarers")
    assert f"/desk/pledges/{pledge}/review" in found
    assert "1 pledge" in found
    assert "waits for 0 days" in found
    assert "Missing or short: Targets" in found
    assert "No pledge answers" in listed(secretariat, "submissions", "?q=kettles+wayfarers&region=Oceania")


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("overdue", {"made_on": "2022-05-17", "due_on": "2023"}),
        ("stale", {"made_on": "2022-05-17", "due_on": "2090"}),
        ("open", {"made_on": TODAY}),
    ],
)
def test_a_pledger_finds_its_own_alone(live: Register, name: str, said: dict[str, str]) -> None:
    entity, other = live.entity("Own"), live.entity("Another")
    own, others = (recorded(live, one, **said).json["id"] for one in (entity, other))
    browser = at_desk(live, "pledger", entity)
    assert own in listed(browser, name)
    assert own in browser.get("/desk").text
    for query in ("", f"?entity={other}"):
        assert others not in listed(browser, name, query)


def test_staleness_is_amber_or_red(live: Register) -> None:
    entity = live.entity("Long silent")
    red = recorded(live, entity, made_on="2022-05-17", due_on="2090").json["id"]
    browser = at_desk(live, "pledger", entity)
    assert red in listed(browser, "stale", "?stale=red")
    assert red not in listed(browser, "stale", "?stale=amber")
    assert red in listed(browser, "stale", "?stale=false"), "it stays a list of what is stale"
    assert browser.get("/desk/lists/stale?stale=purple").status_code == 422
    assert browser.get("/desk/lists/stale?colour=red").status_code in (400, 422)


def test_a_contest_is_listed_until_it_is_answered(live: Register, secretariat: Browser) -> None:
    entity = live.entity("Is contested")
    pledge = published(live, entity, title="Zeppelins for seafarers")
    position = reported(live, entity, pledge)
    verdict = {"report": position, "effective_on": TODAY, "reason": "Nobody saw a zeppelin."}
    live.as_("secretariat").post(f"/pledges/{pledge}/contest", verdict)
    own = at_desk(live, "pledger", entity)
    for browser in (own, secretariat):
        assert "Nobody saw a zeppelin." in listed(browser, "contests", "?q=zeppelins")
    assert "Nobody saw a zeppelin." not in listed(at_desk(live, "pledger", live.entity("Other")), "contests")
    live.as_("pledger", entity).post(f"/pledges/{pledge}/reply", {**verdict, "reason": "They fly by night."})
    for browser in (own, secretariat):
        assert pledge not in listed(browser, "contests", "?q=zeppelins")


def corrected(live: Register, entity: UUID, pledge: str, position: int) -> None:
    body = {"effective_on": TODAY, "percent": 30, "reason": "Miscounted"}
    answer = live.as_("pledger", entity).post(
        f"/pledges/{pledge}/progress-reports/{position}/correction", body
    )
    assert answer.status == 200, answer.body


def test_a_validator_finds_what_nobody_has_confirmed(live: Register) -> None:
    entity = live.entity("Is checked")
    pledge = published(live, entity)
    validator = at_desk(live, "validator", entity)
    find: Callable[[], str] = lambda: listed(validator, "to-confirm")  # noqa: E731
    assert pledge not in find()
    position = reported(live, entity, pledge)
    assert "1 report waits" in find()
    said = {"report": position, "effective_on": TODAY, "reason": "We keep the books."}
    assert live.as_("validator", entity).post(f"/pledges/{pledge}/verification", said).status == 200
    assert pledge not in find()
    corrected(live, entity, pledge, position)
    assert pledge in find(), "its wording is another now"
    assert pledge not in listed(at_desk(live, "validator", live.entity("Elsewhere")), "to-confirm")


def test_likely_duplicates_are_a_list(live: Register, secretariat: Browser) -> None:
    entity = live.entity("Twice over")
    first = published(live, entity, title="Submarines for wandering poets")
    again = submitted(live, entity, title="Submarines for the wandering poets")
    found = listed(secretariat, "duplicates", "?q=submarines")
    assert f"/desk/pledges/{again}/review" in found
    assert first in found
    assert listed(secretariat, "duplicates", "?page=999999999")
    assert listed(secretariat, "duplicates", "?page=-1")


def test_every_submission_is_compared_some_on_each_page(
    live: Register, secretariat: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    entity = live.entity("Hands in much")
    published(live, entity, title="Balloons for travelling bakers")
    handed_in = [
        submitted(live, entity, title=title)
        for title in ("Quays", "Balloons for the travelling bakers", "Lanterns", "Travelling bakers balloons")
    ]
    monkeypatch.setattr("web.desk.lists.ROWS", 1)
    pages, query = [listed(secretariat, "duplicates", "?q=hands+in+much")], ""
    while following := re.search(r'rel="next" href="/desk/lists/duplicates([^"]+)"', pages[-1]):
        query = html.unescape(following[1])
        pages.append(listed(secretariat, "duplicates", query))
    assert len(pages) == len(handed_in)
    assert all("All submissions: 4." in page for page in pages)
    found = [[pledge for pledge in handed_in if f"/desk/pledges/{pledge}/review" in page] for page in pages]
    assert found == [[], [handed_in[1]], [], [handed_in[3]]]
    assert "Page 3 of 4" in pages[2], "a page without any leads on to the next"
