"""The handover page: all that an entity has on its hands, for who acts for it and the Secretariat alone."""

from __future__ import annotations

import re
from uuid import UUID

import pytest

from tests.web.browsing import Browser, at_desk
from tests.web.live import BY_LETTER, Register
from tests.web.pledges import TARGET, TERMS, TODAY, published, recorded, submitted
from web.desk import handover
from web.desk.handover import ROWS

NEXT = re.compile(r'rel="next" href="[^"?]*(\?[^"]+)"')


def handed(browser: Browser, entity: UUID, query: str = "") -> str:
    answer = browser.get(f"/desk/entities/{entity}/handover{query}")
    assert answer.status_code == 200, answer.text
    return " ".join(answer.text.split())


def test_whoever_takes_over_finds_all_of_it_on_one_page(live: Register) -> None:
    entity, partner = live.entity("Hands over"), live.entity("Joins in")
    owner, secretariat = live.as_("pledger", entity), live.as_("secretariat")
    pledge = published(
        live, entity, title="Lanterns on the pier", type="common", targets=[TARGET], partners=[str(partner)]
    )
    live.as_("pledger", partner).post(f"/pledges/{pledge}/partners/{partner}/acceptance", {})
    report = {
        "effective_on": TODAY,
        "narrative": "Half are lit.",
        "measures": [{"target": "t1", "value": "100"}],
    }
    owner.post(f"/pledges/{pledge}/progress-reports", report)
    history = owner.get(f"/pledges/{pledge}/history").json["items"]
    said_at = next(entry["position"] for entry in history if entry["name"] == "pledge.progress-reported")
    contest = {"report": said_at, "effective_on": TODAY, "reason": "It is dark."}
    secretariat.post(f"/pledges/{pledge}/contest", contest)
    asking = published(
        live, entity, title="Asks for others", type="matching", terms=TERMS, forms=["financial"]
    )
    back = submitted(live, entity, title="Came back once")
    reasons = {"reason": "Say where.", "fields": {"title": "Which pier?"}}
    secretariat.post(f"/pledges/{back}/return", reasons)
    late = recorded(live, entity, title="Long ago", made_on="2022-05-17", due_on="2023").json["id"]

    own = at_desk(live, "pledger", entity)
    found = handed(own, entity)
    for one in (pledge, asking, back, late):
        assert f'id="p-{one}"' in found
    for words in (
        "Joins in", "Half are lit.", "It is dark.", "waits for an answer", "Say where.", "(Title)",
        "It came back: change it", "Date passed, no report", "Financial", "position", "4 pledges",
        "no mailbox was given",
    ):  # fmt: skip
        assert words in found, words
    due = found[found.index("What is due") : found.index("4 pledges")]
    assert f"#p-{asking}" not in due
    assert all(f"#p-{one}" in due for one in (pledge, back, late))
    joined = handed(at_desk(live, "pledger", partner), partner)
    assert "Lanterns on the pier" in joined
    assert "led by" in joined
    assert "Came back once" not in joined


def test_it_is_for_the_entity_and_the_secretariat_alone(live: Register) -> None:
    entity = live.entity("Keeps to itself")
    secretariat = at_desk(live, "secretariat")
    assert "Nothing was submitted or recorded" in handed(secretariat, entity)
    assert (
        at_desk(live, "pledger", live.entity("Other")).get(f"/desk/entities/{entity}/handover").status_code
        == 404
    )
    assert at_desk(live, "auditor").get(f"/desk/entities/{entity}/handover").status_code == 403
    assert secretariat.get("/desk/entities/nowhere-at-all/handover").status_code == 404


def test_what_was_merged_is_handed_over_by_its_heir(live: Register) -> None:
    gone, heir = live.entity("Is merged"), live.entity("Inherits")
    pledge = published(live, gone, title="Left behind")
    merged = live.as_("secretariat").post(
        f"/entities/{gone}/merge", {"into": str(heir), "reason": "The same", **BY_LETTER}
    )
    assert merged.status == 200, merged.body
    for key in (gone, heir):
        assert f'id="p-{pledge}"' in handed(at_desk(live, "pledger", heir), key)


def test_what_is_due_is_told_on_the_first_page_wherever_its_pledge_stands(live: Register) -> None:
    entity = live.entity("Has very many")
    for number in range(ROWS):
        recorded(live, entity, title=f"Number {number}", made_on=TODAY, due_on="2090")
    back = submitted(live, entity, title="Came back from far", due_on="2091")
    live.as_("secretariat").post(f"/pledges/{back}/return", {"reason": "Say where."})
    own = at_desk(live, "pledger", entity)
    found = handed(own, entity)
    assert f"{ROWS + 1} pledges" in found
    assert f'id="p-{back}"' not in found
    assert "Came back from far" in found[: found.index(f"{ROWS + 1} pledges")]
    following = NEXT.search(found)
    assert following
    second = handed(own, entity, following[1].replace("&amp;", "&"))
    assert f'id="p-{back}"' in second
    assert len(second.encode()) < 100_000


def test_invitations_and_offers_that_wait_are_told_on_both_sides(
    live: Register, monkeypatch: pytest.MonkeyPatch
) -> None:
    entity, lead, other = live.entity("Is asked"), live.entity("Asks"), live.entity("Offers")
    submitted(live, lead, title="Together at sea", type="common", partners=[str(entity)])
    asking = published(live, entity, title="Needs help", type="matching", terms=TERMS, forms=["financial"])
    offered = published(live, other, title="Gives help", forms=["financial"], amount=TERMS["amount"])
    answer = live.as_("pledger", other).post(f"/pledges/{asking}/matches", {"pledge": offered})
    assert answer.status == 201, answer.body
    own = at_desk(live, "pledger", entity)
    found = handed(own, entity)
    due = found[found.index("What is due") : found.index("1 pledge<")]
    assert "Together at sea" in due
    assert "asks for an answer: to take part or not" in due
    assert "1 offer to match waits for an answer." in due
    assert f"/desk/pledges/{offered}" in found
    assert "Offered by:" in found
    from_the_other_side = handed(at_desk(live, "pledger", other), other)
    assert "Offered to:" in from_the_other_side
    assert f"/desk/pledges/{asking}" in from_the_other_side
    assert "Together at sea" not in from_the_other_side
    assert "Together at sea" in handed(at_desk(live, "secretariat"), entity)
    assert "asks for an answer" not in handed(at_desk(live, "secretariat"), lead), "it is asked of others"
    monkeypatch.setattr(handover, "MATCHES_SHOWN", 0)
    assert "1 more offer</a>" in handed(own, entity)
    monkeypatch.undo()
    match = answer.json["id"]
    live.as_("pledger", entity).post(f"/pledges/{asking}/matches/{match}/declination", {"reason": "Enough."})
    assert "Offered by:" not in handed(own, entity)
