"""The Secretariat's page of a submission: side by side with the last one, with its likely duplicates."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from threading import Barrier
from typing import Any

import pytest

from projections.database.recorder import StoreSession
from tests.web.browsing import HIDDEN, Browser, at_desk, sends, signed_in, somebody
from tests.web.live import Register
from tests.web.pledges import DESCRIPTION, names, published, submitted

SUBMISSION = re.compile(r'name="submission" value="(\d+)"')


@pytest.fixture(scope="module")
def secretariat(live: Register) -> Browser:
    return signed_in(live, somebody(live))


def page(browser: Browser, pledge: str) -> str:
    answer = browser.get(f"/desk/pledges/{pledge}/review")
    assert answer.status_code == 200, answer.text
    return " ".join(answer.text.split())


def hidden(browser: Browser, pledge: str) -> dict[str, str]:
    found = page(browser, pledge)
    submission = SUBMISSION.search(found)
    assert submission
    return {**dict(HIDDEN.findall(found)), "submission": submission[1]}


def test_what_was_submitted_again_stands_beside_what_came_back_and_why(
    live: Register, secretariat: Browser
) -> None:
    entity = live.entity("Submits twice")
    pledge = submitted(live, entity, title="Schools along the old route", actions=["An action"])
    address = f"/desk/pledges/{pledge}/review"
    said = {"fields.title": "Which route?", "fields.targets": "How many?", "reason": "Nearly there."}
    assert (
        secretariat.send(address, decision="return", **said, **hidden(secretariat, pledge)).status_code == 303
    )
    owner = live.as_("pledger", entity)
    changes = {"title": "Schools along the new route", "actions": [], "principles": ["human-rights"]}
    assert owner.patch(f"/pledges/{pledge}", {"changes": changes}).status == 200
    assert owner.post(f"/pledges/{pledge}/submission").status == 200

    found = page(secretariat, pledge)
    rows = {
        row.split("<br>")[0].rsplit(">", 1)[-1]: row for row in re.findall(r'<th scope="row">.*?</tr>', found)
    }
    assert "<del>old</del>" in rows["Title"]
    assert "<ins>new</ins>" in rows["Title"]
    assert "Which route?" in rows["Title"]
    assert "Changed" in rows["Title"]
    assert "How many?" in rows["Targets"]
    assert "Taken out" in rows["Actions"]
    assert "New" in rows["Guiding principles"]
    assert "As it was" in rows["Description"]
    assert "Nearly there." in found
    assert "submission number 2" in found
    assert "Missing or short: Targets" in found
    assert "waits for 0 days" in found


def test_the_second_of_two_reviewers_is_told_what_was_decided_and_when(
    live: Register, secretariat: Browser
) -> None:
    pledge = submitted(live, live.entity("Reviewed by two"))
    address = f"/desk/pledges/{pledge}/review"
    other = signed_in(live, somebody(live))
    theirs = hidden(other, pledge)
    mine = hidden(secretariat, pledge)
    assert secretariat.send(address, decision="publication", **mine).status_code == 303
    before = names(live, pledge)
    for decision, said in (("return", {"fields.title": "Say more"}), ("rejection", {"code": "other"})):
        answer = other.post(
            address, csrf_token=other_token(other), decision=decision, reason="Too short", **said, **theirs
        )
        assert answer.status_code == 412
        assert "Somebody else decided first" in answer.text
        assert "The pledge was made." in answer.text
        assert "by Secretariat" in answer.text
        assert "Too short" in answer.text
    assert names(live, pledge) == before
    assert "What was decided" in page(secretariat, pledge)


def test_of_two_who_decide_at_the_same_moment_one_decides_and_the_other_is_told(
    live: Register, secretariat: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    pledge = submitted(live, live.entity("Reviewed at once"))
    other = signed_in(live, somebody(live))
    decisions = ({"decision": "publication"}, {"decision": "return", "reason": "Too short, and too vague"})
    forms = [
        {"csrf_token": other_token(browser), **hidden(browser, pledge), **said}
        for browser, said in zip((secretariat, other), decisions, strict=True)
    ]
    both, append, stored = Barrier(2, timeout=60), StoreSession.append, count()

    def append_together(session: StoreSession, *said: Any) -> Any:
        if next(stored) < len(forms):
            both.wait()
        return append(session, *said)

    monkeypatch.setattr(StoreSession, "append", append_together)
    with ThreadPoolExecutor() as people:
        sent = [
            people.submit(browser.post, f"/desk/pledges/{pledge}/review", **form)
            for browser, form in zip((secretariat, other), forms, strict=True)
        ]
    published, returned = (one.result() for one in sent)
    won = "pledge.made" if published.status_code == 303 else "pledge.returned"
    assert {published.status_code, returned.status_code} == {303, 412}
    assert names(live, pledge) == ["pledge.submitted", won]
    lost = returned if won == "pledge.made" else published
    assert "Somebody else decided first" in lost.text
    assert "by Secretariat" in lost.text
    assert lost is published or "Too short, and too vague" in lost.text


def other_token(browser: Browser) -> str:
    found = re.search(r'name="csrf_token" value="([^"]+)"', browser.get("/desk").text)
    assert found
    return found[1]


def test_a_submission_that_was_taken_back_and_sent_again_is_looked_at_again(
    live: Register, secretariat: Browser
) -> None:
    entity = live.entity("Changes its mind")
    pledge = submitted(live, entity)
    form = hidden(secretariat, pledge)
    owner = live.as_("pledger", entity)
    owner.post(f"/pledges/{pledge}/recall")
    owner.post(f"/pledges/{pledge}/submission")
    answer = secretariat.send(f"/desk/pledges/{pledge}/review", decision="return", reason="As it was", **form)
    assert answer.status_code == 412
    assert "The pledge was submitted for review." in answer.text
    assert "As it was</textarea>" in answer.text
    assert names(live, pledge)[-1] == "pledge.submitted"


def test_what_is_missing_is_told_and_what_was_typed_stays(live: Register, secretariat: Browser) -> None:
    pledge = submitted(live, live.entity("Reviewed badly"))
    address = f"/desk/pledges/{pledge}/review"
    nothing = sends(secretariat, address, decision="return", fields__description="More, please")
    assert nothing.status_code == 422
    assert 'id="reason-error"' in nothing.text
    assert "More, please</textarea>" in nothing.text
    both = sends(secretariat, address, decision="publication", fields__description="More, please")
    assert both.status_code == 422
    assert "return it, or clear that" in both.text
    assert sends(secretariat, address, decision="burning").status_code == 400
    assert sends(secretariat, address).status_code == 400
    long = sends(secretariat, address, decision="return", reason="x" * 5000, fields__title="\x00")
    assert long.status_code == 422
    assert names(live, pledge) == ["pledge.submitted"]


def test_likely_duplicates_stand_beside_it_and_others_do_not(live: Register, secretariat: Browser) -> None:
    entity, stranger = live.entity("Says it twice"), live.entity("Says the same")
    first = published(live, entity, title="Twenty lighthouses for seafaring migrants")
    same = published(live, stranger, title="Twenty lighthouses for seafaring migrants")
    other = published(live, entity, title="Bridges", description="Bridges are built over rivers. " * 12)
    pledge = submitted(live, entity, title="Thirty lighthouses for seafaring migrants")
    found = page(secretariat, pledge)
    likely = found[found.index("Likely duplicates") : found.index('id="fields"')]
    assert first in likely
    assert other not in likely
    assert same not in likely, "its title is not quite the same, and nobody is in both"
    again = submitted(live, live.entity("A third"), title="Twenty lighthouses for seafaring migrants")
    assert same in page(secretariat, again)


def test_what_was_never_handed_in_has_no_review(live: Register, secretariat: Browser) -> None:
    entity = live.entity("Writes still")
    body = {"title": "A paper", "entity": str(entity), "type": "individual", "description": DESCRIPTION}
    paper = live.as_("pledger", entity).post("/pledges", body).json["id"]
    assert secretariat.get(f"/desk/pledges/{paper}/review").status_code == 404
    pledger = signed_in(live, somebody(live, "pledger", entity))
    assert pledger.get(f"/desk/pledges/{submitted(live, entity)}/review").status_code == 403


def test_words_that_reach_somebody_are_told_before_they_are_published(
    live: Register, secretariat: Browser
) -> None:
    said = f"{DESCRIPTION} Ask focal.point@ministry.example.org in the year 2030."
    found = page(secretariat, submitted(live, live.entity("Says an address"), description=said))
    assert "will be public and for ever: \u2068focal.point@ministry.example.org\u2069." in found
    assert "will be public and for ever" not in page(secretariat, submitted(live, live.entity("Says none")))


def test_the_review_is_found_from_the_pledge_and_from_its_forms(live: Register) -> None:
    pledge = submitted(live, live.entity("Is reviewed"))
    secretariat, link = at_desk(live, "secretariat"), f'href="/desk/pledges/{pledge}/review"'
    for page in ("", "/return", "/publication", "/rejection"):
        assert link in secretariat.get(f"/desk/pledges/{pledge}{page}").text
    assert "Reasons by field" not in secretariat.get(f"/desk/pledges/{pledge}/return").text
    live.as_("secretariat").post(f"/pledges/{pledge}/publication", {})
    assert link not in secretariat.get(f"/desk/pledges/{pledge}").text
