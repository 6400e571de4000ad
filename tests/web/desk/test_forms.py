"""What forms tell before they are sent: what is required."""

from __future__ import annotations

import pytest
from lxml import html

from tests.web.browsing import Browser, at_desk
from tests.web.desk.test_lives import begun
from tests.web.live import KENYA, Register
from tests.web.pledges import published, submitted


@pytest.fixture(scope="module")
def pledger(live: Register) -> Browser:
    return at_desk(live, "pledger", KENYA)


def form(browser: Browser, path: str) -> html.HtmlElement:
    """The form of a page."""
    answer = browser.get(path)
    assert answer.status_code == 200, answer.text
    return html.fromstring(answer.content).xpath("//main//form[@method='post']")[0]


def marked(found: html.HtmlElement) -> set[str]:
    """What is marked as required, by the ids of the fields."""
    labels = found.xpath(".//label[span[@class='required']]/@for")
    return {*labels, *found.xpath(".//fieldset[legend/span[@class='required']]/@id")}


def required(found: html.HtmlElement) -> set[str]:
    """What tools for people who do not see the page are told to be required, wherever one field is that."""
    return set(found.xpath(".//*[@required or @aria-required='true']/@id"))


def test_what_a_draft_marks_is_what_it_cannot_be_submitted_without(pledger: Browser) -> None:
    pledge = begun(pledger, "A beginning")
    found = form(pledger, f"{pledge}/edit")
    lacking = html.fromstring(pledger.get(f"{pledge}/submission").text).xpath(
        "//*[@class='problems']//a/@href"
    )
    missing = {one.partition("#")[2] for one in lacking}
    assert len(missing) > 3
    always = {one for one in marked(found) if one.startswith("changes-") and one.count("-") == 1}
    assert missing == always - {"changes-title", "changes-type"}, "these two were said at the beginning"
    assert "* required before the pledge is submitted" in found.text_content()
    assert not found.xpath(".//*[@required]"), "no browser may keep a draft from being saved"
    assert required(found) <= marked(found)


def test_a_part_that_may_be_left_out_asks_only_once_it_says_something(pledger: Browser) -> None:
    found = form(pledger, f"{begun(pledger, 'Money in parts')}/edit")
    assert "changes-amount-value" in marked(found)
    assert "changes-amount-value" not in required(found)
    told = found.xpath(".//fieldset[@id='changes-amount']/@aria-describedby")
    assert "This may be left out" in found.get_element_by_id(told[0]).text_content()


def test_forms_of_commands_mark_what_they_require(live: Register, pledger: Browser) -> None:
    secretariat, pledge = at_desk(live, "secretariat"), submitted(live, KENYA, title="Waits for a word")
    assert required(form(secretariat, f"/desk/pledges/{pledge}/return")) == {"reason"}
    assert required(form(secretariat, f"/desk/pledges/{pledge}/publication")) == set()
    public = published(live, KENYA, title="Waits for a report")
    report = form(pledger, f"/desk/pledges/{public}/report")
    assert required(report) == {"effective_on"}
    assert marked(report) > {"effective_on", "evidence-0-title"}
    in_their_place = form(secretariat, f"/desk/pledges/{public}/report")
    assert required(in_their_place) == {"effective_on", "authority-kind", "authority-reference"}


def test_an_invitation_marks_one_role_as_required(live: Register) -> None:
    found = form(at_desk(live, "administrator"), "/desk/accounts/invitation")
    assert required(found) == {"email", "mail_language", "nomination", "roles-0-role"}
    assert {"roles", "roles-1-role"} < marked(found)
