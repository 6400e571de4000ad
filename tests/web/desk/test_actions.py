"""What a pledge's page at the desk offers: in groups, what is likely next first."""

from __future__ import annotations

from lxml import html

from tests.web.browsing import Browser, at_desk
from tests.web.live import KENYA, Register
from tests.web.pledges import TODAY, published, submitted

INSTEAD = "In the place of Kenya, by an authority"


def offered(browser: Browser, pledge: str) -> list[tuple[str, list[str]]]:
    """The groups of actions on a pledge's page: each heading, and the links below it."""
    page = html.fromstring(browser.get(f"/desk/pledges/{pledge}").content)
    return [
        (
            heading.text_content(),
            [link.text_content() for link in heading.xpath("following-sibling::ul[1]//a")],
        )
        for heading in page.xpath("//h3[following-sibling::ul[1][contains(@class, 'actions')]]")
    ]


def test_the_secretariat_reviews_first_and_acts_in_others_place_last(live: Register) -> None:
    secretariat = at_desk(live, "secretariat")
    groups = offered(secretariat, submitted(live, KENYA, title="To be looked at"))
    assert groups[0][0] == "Review"
    assert groups[0][1][:2] == ["Review it, beside what it was before", "Publish this pledge"]
    groups = offered(secretariat, published(live, KENYA, title="To be followed"))
    ends = ["Carry this pledge over to the next forum", "Record that this pledge lapsed"]
    assert dict(groups)["Its end"] == ends
    assert groups[-1][0] == INSTEAD
    assert {"Report progress", "Amend this pledge", "Withdraw this pledge"} <= set(groups[-1][1])


def test_who_made_a_pledge_reports_first_and_answers_a_contest_before(live: Register) -> None:
    pledger, pledge = at_desk(live, "pledger", KENYA), published(live, KENYA, title="To be reported on")
    groups = offered(pledger, pledge)
    assert groups[0][1][0] == "Report progress"
    assert ["Amend this pledge"] in [links for _heading, links in groups]
    assert INSTEAD not in dict(groups)
    done = {"effective_on": TODAY, "narrative": "All of it."}
    assert live.as_("pledger", KENYA).post(f"/pledges/{pledge}/fulfilment", done).status == 200
    doubt = {"effective_on": TODAY, "reason": "It is less."}
    assert live.as_("assessor", KENYA).post(f"/pledges/{pledge}/contest", doubt).status == 200
    assert offered(pledger, pledge)[0][1][0] == "Answer a contest"


def test_who_is_asked_to_take_part_answers_first(live: Register) -> None:
    partner = live.entity("Asked to take part")
    pledge = submitted(live, KENYA, title="With others", type="common", partners=[str(partner)])
    groups = offered(at_desk(live, "pledger", partner), pledge)
    assert groups[0] == ("Those who take part", ["Take part", "Decline the invitation"])
