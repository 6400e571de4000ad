"""What forms tell before they are sent: what is required, and which names there are to choose from."""

from __future__ import annotations

import pytest
from lxml import html

from domain.reference.states import state_id
from tests.web.browsing import Browser, at_desk, sends
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


@pytest.mark.parametrize("said", ["Mexico", "MEXIQUE", "mexico", "المكسيك", "MEX", str(state_id("MEX"))])
def test_a_partner_is_named_in_any_language_or_by_code_or_id(pledger: Browser, said: str) -> None:
    pledge = begun(pledger, "Together")
    assert sends(pledger, f"{pledge}/edit", changes__partners=said, save="1").status_code == 303
    found = form(pledger, f"{pledge}/edit?lang=ar")
    assert found.get_element_by_id("changes-partners").value == "المكسيك"
    names = found.xpath("id(.//input[@id='changes-partners']/@list)/option/text()")
    assert {"المكسيك", "كينيا"} < set(names)
    pledger.get("/desk?lang=en")


def test_a_name_that_fits_nothing_is_told_the_near_ones(pledger: Browser) -> None:
    pledge = begun(pledger, "Together as well")
    answer = sends(pledger, f"{pledge}/edit", changes__partners="Mexiko", save="1")
    assert answer.status_code == 422
    beside = html.fromstring(answer.content).get_element_by_id("changes-partners-error").text_content()
    assert "Do you mean \u2068Mexico\u2069?" in beside
    answer = sends(pledger, f"{pledge}/edit", changes__countries="Kenia", save="1")
    beside = html.fromstring(answer.content).get_element_by_id("changes-countries-error").text_content()
    assert "“Kenia” is no State. Do you mean \u2068Kenya\u2069" in beside
    answer = sends(pledger, f"{pledge}/edit", changes__countries="Xqzwv", save="1")
    assert "write its name, or its code of three letters" in answer.text


def test_a_lead_and_an_invitation_offer_names(live: Register) -> None:
    secretariat, pledge = at_desk(live, "secretariat"), published(live, KENYA, title="Lead me", type="common")
    for path, field in (
        (f"/desk/pledges/{pledge}/lead", "entity"),
        (f"/desk/pledges/{pledge}/invitation", "entity"),
        ("/desk/new", "entity"),
    ):
        found = form(secretariat, path)
        assert found.xpath(f"id(.//input[@id='{field}']/@list)/option[text()='Kenya']"), path
    found = form(at_desk(live, "administrator"), "/desk/accounts/invitation")
    assert found.xpath("id(.//input[@id='roles-1-entities']/@list)/option[text()='Kenya']")


SHOWN: dict[str, set[str]] = {
    "individual": set(), "common": {"partners"}, "partnership": {"partners"},
    "matching": {"terms-kind", "matches", "matches_elsewhere"},
}  # fmt: skip


@pytest.mark.parametrize("kind", SHOWN)
def test_a_draft_shows_the_fields_of_its_type_alone(pledger: Browser, kind: str) -> None:
    pledge = begun(pledger, f"Of the type {kind}")
    assert sends(pledger, f"{pledge}/edit", changes__type=kind, save="1").status_code == 303
    found = form(pledger, f"{pledge}/edit")
    ids = {one.removeprefix("changes-") for one in found.xpath(".//@id")}
    assert ids & set().union(*SHOWN.values()) == SHOWN[kind]
    checked = found.xpath(".//*[@id='changes-type']//input[@checked]")
    assert [one.get("value") for one in checked] == [kind]
    assert found.get_element_by_id(checked[0].get("aria-describedby")).text_content()


def test_what_was_written_for_another_type_is_kept_and_can_be_cleared(pledger: Browser) -> None:
    pledge = begun(pledger, "Alone after all")
    said = {"changes__type": "common", "changes__partners": "Mexico", "save": "1"}
    assert sends(pledger, f"{pledge}/edit", **said).status_code == 303
    assert sends(pledger, f"{pledge}/edit", changes__type="individual", save="1").status_code == 303
    refused = sends(pledger, f"{pledge}/edit", changes__type="individual", changes__due_on="soon", save="1")
    for page in (html.fromstring(refused.content), form(pledger, f"{pledge}/edit")):
        other = page.xpath("//details[summary[contains(., 'Written for another type')]]//input/@value")
        assert other[:1] == ["Mexico"]
    assert (
        sends(pledger, f"{pledge}/edit", changes__title="Alone", changes__partners="", save="1").status_code
        == 303
    )
    assert "Written for another type" not in pledger.get(f"{pledge}/edit").text


def test_a_draft_lists_its_sections(pledger: Browser) -> None:
    page = html.fromstring(pledger.get(f"{begun(pledger, 'In sections')}/edit").content)
    led_to = [one.removeprefix("#") for one in page.xpath("//nav[@class='contents']//a/@href")]
    assert led_to == page.xpath("//form//section/h2/@id")
    assert len(led_to) > 4


def test_a_partner_that_cannot_be_one_is_told_beside_its_name(pledger: Browser) -> None:
    pledge = begun(pledger, "Together with ourselves")
    answer = sends(pledger, f"{pledge}/edit", changes__partners="Mexico\nKenya", save="1")
    assert answer.status_code == 422
    page = html.fromstring(answer.content)
    (link,) = page.xpath("//*[@class='problems']//li/a/@href")
    told = page.get_element_by_id(link.removeprefix("#"))
    assert "own entity" in told.text_content()
    (field,) = page.xpath("//input[@aria-describedby=$id]", id=told.get("id"))
    assert (field.value, field.get("aria-invalid")) == ("Kenya", "true")
