"""The page of a pledge tells whoever is signed in what they may see: who asks, by how it stands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

import pytest

from tests.web.browsing import Browser, signed_in, somebody
from tests.web.live import KENYA, Register
from tests.web.pledges import drafted, published, submitted

REASON = "Say by when the school stands"
CONCERNED = ("owner", "partner", "secretariat", "auditor")
OTHERS = ("anybody", "other", "auditor of another", "administrator")
MORE = "You see more than the public"
HIDDEN, IN_PART = f"{MORE}: this pledge", f"{MORE}: some of"
STATES = ("draft", "submitted", "returned", "rejected", "recalled", "made")


@dataclass(frozen=True)
class Asked:
    """Who asks, in a browser of their own; and the pledges, by how they stand."""

    live: Register
    browsers: Mapping[str, Browser]
    pledges: Mapping[str, str]


@pytest.fixture(scope="module")
def asked(live: Register) -> Asked:
    owner, partner, other = (live.entity(name) for name in ("Owner", "Partner", "Other"))
    people = {
        "owner": somebody(live, "pledger", owner),
        "partner": somebody(live, "pledger", partner),
        "secretariat": somebody(live),
        "auditor": somebody(live, "auditor"),
        "other": somebody(live, "pledger", other),
        "auditor of another": somebody(live, "auditor", KENYA),
        "administrator": somebody(live, "administrator"),
    }
    browsers = {name: signed_in(live, who) for name, who in people.items()}
    return Asked(live, {"anybody": Browser(live), **browsers}, _pledges(live, owner, partner))


def _pledges(live: Register, owner: UUID, partner: UUID) -> dict[str, str]:
    said = {"type": "common", "partners": [str(partner)]}
    made = {
        "draft": drafted(live, owner, **said),
        **{state: submitted(live, owner, **said) for state in STATES[1:5]},
        "made": published(live, owner, **said),
    }
    review, pledger = live.as_("secretariat"), live.as_("pledger", owner)
    for answer in (
        review.post(f"/pledges/{made['returned']}/return", {"reason": REASON}),
        review.post(f"/pledges/{made['rejected']}/rejection", {"reason": REASON, "code": "other"}),
        pledger.patch(f"/pledges/{made['returned']}", {"changes": {"title": "Being written anew"}}),
        pledger.post(f"/pledges/{made['recalled']}/recall"),
    ):
        assert answer.status == 200, answer.body
    return made


@pytest.mark.parametrize("state", ["submitted", "returned", "rejected"])
@pytest.mark.parametrize("who", [*CONCERNED, *OTHERS])
def test_before_it_is_public_it_is_shown_to_those_concerned(asked: Asked, who: str, state: str) -> None:
    browser, path = asked.browsers[who], f"/pledges/{asked.pledges[state]}"
    answers = [browser.get(path + form) for form in ("", ".json", ".csv", "/changes")]
    if who in OTHERS:
        assert {answer.status_code for answer in answers} == {404}
        return
    for answer in answers:
        assert answer.status_code == 200
        assert answer.headers["Cache-Control"] == "private, no-store"
    page, data, _, changes = answers
    assert page.text.count(HIDDEN) == changes.text.count(HIDDEN) == 1
    assert "To cite this page" not in page.text
    assert data.json()["pledge"]["status"] == state
    assert f'href="{path}/changes"' in page.text
    assert "Being written anew" not in page.text  # what was recorded, not what is being written
    assert (REASON in page.text) == (state != "submitted" and who != "partner")


@pytest.mark.parametrize("state", ["draft", "recalled"])
@pytest.mark.parametrize("who", [*CONCERNED, *OTHERS])
def test_a_working_paper_has_its_place_on_the_desk(asked: Asked, who: str, state: str) -> None:
    browser, pledge = asked.browsers[who], asked.pledges[state]
    answer = browser.get(f"/pledges/{pledge}")
    if who == "owner":
        assert answer.status_code == 302
        assert answer.headers["Location"] == f"/desk/pledges/{pledge}"
    else:
        assert answer.status_code == 404
    assert browser.get(f"/pledges/{pledge}.json").status_code == 404


@pytest.mark.parametrize("who", [*CONCERNED, *OTHERS])
def test_what_is_public_is_shown_to_all_and_who_sees_more_is_told(asked: Asked, who: str) -> None:
    browser = asked.browsers[who]
    path = browser.get(f"/pledges/{asked.pledges['made']}").headers["Location"]
    page = browser.get(path)
    assert page.status_code == 200
    assert page.text.count(IN_PART) == (who in CONCERNED)
    assert ("was submitted for review" in page.text) == (who in CONCERNED)
    assert page.headers["Cache-Control"] == ("no-cache" if who == "anybody" else "private, no-store")
    assert "To cite this page" in page.text


def test_its_data_are_what_the_interface_answers(asked: Asked) -> None:
    pledge, interface = asked.pledges["submitted"], asked.live.as_("secretariat")
    found = asked.browsers["secretariat"].get(f"/pledges/{pledge}.json").json()
    assert found["pledge"] == interface.get(f"/pledges/{pledge}").json
    assert found["history"] == interface.get(f"/pledges/{pledge}/history").json["items"]


def test_what_an_auditor_reads_there_is_recorded(live: Register, asked: Asked) -> None:
    auditor, pledge = somebody(live, "auditor"), asked.pledges["returned"]
    browser = signed_in(live, auditor)
    browser.get(f"/pledges/{pledge}")
    position = browser.get(f"/pledges/{pledge}.json").json()["position"]
    told = live.as_("secretariat").get("/log/readings", account=str(auditor.account)).json["items"]
    assert [one["operation"] for one in told] == ["pages.pledge_json", "pages.pledge"]
    assert {one["asked"]["pledge"] for one in told} == {pledge}
    assert told[0]["position"] == position
